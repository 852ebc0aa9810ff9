"""A character that no text holds (NUL) is refused at its field or left out, in every form and filter; nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast
from wutong.web.leads.models import Knock, ListedFirm, RowChange, TargetList

NUL = "中\x00文"
KNOCK = {
    "how": "through",
    "through": "商会",
    "result": "interested",
    "made_at": "2026-03-05T10:00",
    "next_step": "再访",
    "next_on": "2027-01-01",
}


@pytest.fixture
def row(cast: Cast) -> Any:
    """A firm on a list of the officer."""
    me = cast.bureau_officer
    (made,) = factories.listed(factories.target_list(me), assignee=me)
    return made


def written() -> tuple[Any, ...]:
    """What a form could have changed."""
    return (
        list(TargetList.objects.order_by("pk").values()), list(ListedFirm.objects.order_by("pk").values()), Knock.objects.count(),
        RowChange.objects.count(),
    )  # fmt: skip


@pytest.mark.parametrize("field", ["through", "with_whom", "said", "next_step", "how", "result", "person", "made_at", "next_on"])
def test_a_knock_is_refused_at_its_field(row: ListedFirm, officer: Client, field: str) -> None:
    before = written()
    answer = officer.post(f"/leads/rows/{row.public_id}/knock/", {**KNOCK, field: NUL})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field] and written() == before


@pytest.mark.parametrize("field", ["title", "note", "line", "unit", "owner", "members"])
def test_a_list_is_refused_at_its_field(cast: Cast, officer: Client, field: str) -> None:
    me = cast.bureau_officer
    given = {"title": "清单", "unit": str(me.unit.public_id), "owner": str(me.public_id), "line": "counted"}
    answer = officer.post("/leads/lists/new/", {**given, field: NUL})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field] and not TargetList.objects.exists()


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("rows/{row}/plan/", {"next_step": NUL, "next_on": "2027-01-01"}),
        ("rows/{row}/settle/", {"state": "no_interest", "reason": NUL}),
        ("rows/{row}/settle/", {"state": NUL, "reason": "x"}),
        ("rows/{row}/remove/", {"reason": NUL}),
        ("rows/{row}/move/", {"position": NUL}),
        ("lists/{list}/assign/", {"row": "{row}", "to": NUL}),
        ("lists/{list}/assign/", {"row": "{row}", "to": "", "note": NUL}),
        ("lists/{list}/assign/", {"row": NUL, "to": ""}),
        ("lists/{list}/close/", {"reason": NUL}),
    ],
)
def test_what_is_done_to_a_row_or_list_is_refused_in_words(row: ListedFirm, officer: Client, address: str, given: dict[str, str]) -> None:
    before = written()
    names = {"row": row.public_id, "list": row.list.public_id}
    said = {key: value.format(**names) for key, value in given.items()}
    answer = officer.post("/leads/" + address.format(**names), said, follow=True)
    assert answer.status_code == 200 and list(answer.context["messages"]) and written() == before


@pytest.mark.parametrize("address", ["/leads/lists/put/", "/leads/lists/put/new/", "/leads/lists/put/known/"])
@pytest.mark.parametrize("field", ["found_at", "first", "firm", "target_list", "title"])
def test_putting_on_is_refused_or_leaves_it_out(cast: Cast, officer: Client, address: str, field: str) -> None:
    factories.target_list(cast.bureau_officer)
    given = {"found_at": f"/chains/{fictional.CHAIN}/targets/?segment=cylinders", "first": "2", field: NUL}
    assert officer.post(address, given).status_code in {200, 422}
    assert not ListedFirm.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "/leads/lists/?text={0}&which={0}&unit={0}&line={0}&state={0}&sort={0}&page={0}",
        "/leads/lists/export/?text={0}",
        "/leads/lists/{list}/?text={0}&which={0}&state={0}&assignee={0}&segment={0}&city={0}&group={0}&as={0}",
        "/leads/lists/rows/?text={0}&list={0}&segment={0}&chain={0}&board={0}&origin={0}&assignee={0}&since={0}",
        "/leads/lists/rows/export/?text={0}&board={0}",
        "/leads/mine/?which={0}&sort={0}",
        "/leads/results/?period={0}",
        "/leads/results/export/?period={0}&table={0}",
        "/leads/of-firm/{0}/",
        "/leads/rows/{row}/knock/?next={0}",
        "/api/v1/leads/lists?text={0}",
    ],
)
def test_a_filter_leaves_it_out(row: ListedFirm, officer: Client, address: str) -> None:
    answer = officer.get(address.format("%E4%B8%AD%00", list=row.list.public_id, row=row.public_id))
    _read = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code in {200, 404, 422}
