"""A firm that stands on a list already is shown with its list, owner and result before it is put on another, closed lists too."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from fictional import FORMULA
from wutong.web.firms.models import FirmList, FirmTag
from wutong.web.leads.actions import making, working
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.leads.queries import rows
from wutong.web.leads.rules.lists import RowState

AT = factories.AT
CHOSEN = {"firm": [fictional.firm_id(fictional.TARGET)], "found_at": "/firms/"}


@pytest.fixture
def refused(cast: Cast) -> ListedFirm:
    """A firm that refused, on a list of last year that is closed."""
    firm = factories.firm(name=fictional.TARGET, firm_id=fictional.firm_id(fictional.TARGET))
    (row,) = factories.listed(factories.target_list(cast.bureau_officer, title="上年清单"), firm, assignee=cast.bureau_officer)
    working.settle(row=row, state=RowState.NO_INTEREST, reason="已在外地签约", by=None, at=AT)
    making.close(target_list=row.list, reason="年度结束", by=None, at=AT)
    return row


def test_the_put_page_tells_it_before_anything_is_written(refused: ListedFirm, officer: Client, cast: Cast) -> None:
    text = officer.post("/leads/lists/put/", CHOSEN).content.decode()
    for told in ("已在目标清单中", "上年清单", "已关闭", str(cast.bureau_officer), "无意向", "已在外地签约", str(refused.public_id)):
        assert told in text, told


RANKING = f"/chains/{fictional.CHAIN}/targets/?segment={fictional.GAP}"
SEGMENT = f"/chains/{fictional.CHAIN}/segments/{fictional.GAP}/"
LISTED = (
    RANKING, f"{RANKING}&board=big_names", f"/chains/{fictional.CHAIN}/targets/portfolio/?segment={fictional.GAP}", SEGMENT,
    f"{SEGMENT}makers/?where=nation", f"{SEGMENT}explain/{CHOSEN['firm'][0]}/",
)  # fmt: skip


@pytest.fixture
def big(refused: ListedFirm) -> ListedFirm:
    """The same firm, on a list of large firms, so that it stands on that board too."""
    values = {"tag": "listed", "name": "名单", "as_of": dt.date(2000, 1, 1), "source": "公布", "file_name": "a.csv", "rows": 1}
    edition = FirmList.objects.create(**values, file_sha256="0", build_id="b", imported_at=AT)
    FirmTag.objects.create(edition=edition, firm=refused.firm, row=1, given=refused.firm.name, by="code", confidence_share=1.0)
    return refused


@pytest.mark.parametrize("page", LISTED)
def test_rankings_and_makers_tell_it_beside_the_name(big: ListedFirm, officer: Client, cast: Cast, page: str) -> None:
    text = officer.get(page).content.decode()
    for told in ("已在目标清单中", "上年清单", "已关闭", str(cast.bureau_officer), "无意向：已在外地签约", f"/leads/rows/{big.public_id}/"):
        assert told in text, told


@pytest.mark.parametrize("page", LISTED)
def test_of_lists_of_others_a_ranking_tells_only_that_there_is_one(client_of: Any, big: ListedFirm, cast: Cast, page: str) -> None:
    making.reopen(target_list=big.list, by=None, at=AT)
    other = client_of("other_officer").get(page + ("&" if "?" in page else "?") + "region=990100").content.decode()
    assert "已在其他单位清单中" in other and "上年清单" not in other and "已在外地签约" not in other
    viewer = client_of("adviser").get(page)
    assert viewer.status_code == 403 or "清单中" not in viewer.content.decode()


@pytest.mark.parametrize("page", LISTED)
def test_a_page_asks_as_much_for_many_marked_firms_as_for_one(
    refused: ListedFirm, officer: Client, cast: Cast, django_assert_num_queries: Any, page: str
) -> None:
    officer.get(page)
    with CaptureQueriesContext(connection) as asked:
        officer.get(page)
    names = [FORMULA, "白榆华强油缸有限公司", "白榆瑞丰油缸有限公司", "白榆长顺油缸有限公司"]
    firms = [factories.firm(name=name, firm_id=fictional.firm_id(name)) for name in names]
    for _ in range(2):
        factories.listed(factories.target_list(cast.bureau_officer), *firms)
    with django_assert_num_queries(len(asked)):
        officer.get(page)


@pytest.mark.parametrize("address", [RANKING.replace("/?", "/export/?"), f"{SEGMENT}makers/export/?where=nation"])
def test_the_spreadsheet_tells_it_too_but_nothing_of_others(
    refused: ListedFirm, officer: Client, client_of: Any, cast: Cast, address: str
) -> None:
    making.reopen(target_list=refused.list, by=None, at=AT)
    told = {}
    for name, client in (("own", officer), ("other", client_of("other_officer"))):
        content = b"".join(client.get(address + "&region=990100").streaming_content)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python()
        told[name] = next(row[rows[0].index("已在目标清单")] for row in rows if refused.firm.name in row)
        assert "本文件不含其他单位的目标清单" in str(book.get_sheet_by_index(1).to_python())
    assert told == {"own": f"上年清单 · 无意向：已在外地签约 · {cast.bureau_officer}", "other": ""}


def test_one_question_finds_it_for_all_firms(refused: ListedFirm, django_assert_num_queries: Any, cast: Cast) -> None:
    me = cast.bureau_officer
    others = [row.firm.firm_id for row in factories.listed(factories.target_list(me), factories.firm(), factories.firm())]
    rows.seen_on_lists(me, others)  # roles are read once
    with django_assert_num_queries(1):
        found = rows.seen_on_lists(me, [refused.firm.firm_id, *others])
    assert set(found) == {refused.firm.firm_id, *others}


def test_the_page_after_it_and_the_page_of_the_row_tell_it(refused: ListedFirm, officer: Client, cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer, title="今年清单")
    done = officer.post("/leads/lists/put/known/", {**CHOSEN, "target_list": str(target.public_id)}, follow=True)
    (said,) = [str(message) for message in done.context["messages"] if message.level_tag == "warning"]
    assert fictional.TARGET in said and "上年清单" in said and "无意向" in said
    page = officer.get(f"/leads/rows/{target.rows.get().public_id}/").content.decode()
    assert "上年清单" in page and "已在外地签约" in page
    assert "今年清单" not in page.split("已在目标清单中")[1].split("</div>")[0]


def test_a_firm_on_no_other_list_bears_no_mark(officer: Client, cast: Cast) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer))
    assert "已在目标清单中" not in officer.get(f"/leads/rows/{row.public_id}/").content.decode()
    assert "已在目标清单中" not in officer.post("/leads/lists/put/", CHOSEN).content.decode()


def test_nobody_is_told_of_lists_that_he_may_not_see(officer: Client, cast: Cast) -> None:
    firm = factories.firm(name=fictional.TARGET, firm_id=fictional.firm_id(fictional.TARGET))
    factories.listed(factories.target_list(cast.other_officer, title="邻市清单"), firm)
    text = officer.post("/leads/lists/put/", CHOSEN).content.decode()
    assert "邻市清单" not in text and "已在目标清单中" not in text and TargetList.objects.count() == 1


def test_a_step_that_the_house_proposed_is_in_the_language_of_the_page(officer: Client, cast: Cast) -> None:
    me = cast.bureau_officer
    target = factories.target_list(me)
    row, own = factories.listed(target, factories.firm(), factories.firm(), assignee=me)
    ListedFirm.objects.filter(pk=own.pk).update(next_step="送样品")
    me.language = "en"
    me.save(update_fields=["language"])
    for address in (f"/leads/lists/{target.public_id}/", "/leads/mine/"):
        text = officer.get(address).content.decode()
        assert "First knock" in text and "首次对接" not in text and "送样品" in text, address
    assert "首次对接" not in officer.get(f"/leads/rows/{row.public_id}/").content.decode()
