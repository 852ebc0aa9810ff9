"""A firm that stands on a list already is shown with its list, owner and result before it is put on another, closed lists too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast
from wutong.web.leads import actions
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.leads.queries import rows
from wutong.web.leads.rules import RowState

AT = factories.AT
CHOSEN = {"firm": [fictional.firm_id(fictional.TARGET)], "found_at": "/firms/"}


@pytest.fixture
def refused(cast: Cast) -> ListedFirm:
    """A firm that refused, on a list of last year that is closed."""
    firm = factories.firm(name=fictional.TARGET, firm_id=fictional.firm_id(fictional.TARGET))
    (row,) = factories.listed(factories.target_list(cast.bureau_officer, title="上年清单"), firm, assignee=cast.bureau_officer)
    actions.settle(row=row, state=RowState.NO_INTEREST, reason="已在外地签约", by=None, at=AT)
    actions.close(target_list=row.list, reason="年度结束", by=None, at=AT)
    return row


def test_the_put_page_tells_it_before_anything_is_written(refused: ListedFirm, officer: Client, cast: Cast) -> None:
    text = officer.post("/leads/lists/put/", CHOSEN).content.decode()
    for told in ("已在目标清单中", "上年清单", "已关闭", str(cast.bureau_officer), "无意向", "已在外地签约", str(refused.public_id)):
        assert told in text, told


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
