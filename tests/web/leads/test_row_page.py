"""The page of a firm on a list: nothing is decided by a careless click, and what is preset is what stands."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.models import Knock, ListedFirm


@pytest.fixture
def row(cast: Cast) -> ListedFirm:
    """A firm on a list of the officer, assigned to the officer."""
    me = cast.bureau_officer
    (made,) = factories.listed(factories.target_list(me), assignee=me)
    return made


def told(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_no_outcome_is_chosen_before_somebody_chooses_it(row: ListedFirm, officer: Client) -> None:
    page = officer.get(f"/leads/rows/{row.public_id}/")
    assert page.context["settle"]["state"].value() is None and '<option value="" selected>' in str(page.context["settle"]["state"])
    answer = officer.post(f"/leads/rows/{row.public_id}/settle/", {"state": ""}, follow=True)
    row.refresh_from_db()
    assert row.state == "to_knock" and "请选择结果" in told(answer)


def test_a_lead_without_knock_and_reason_is_refused_in_words(row: ListedFirm, officer: Client) -> None:
    before = Entry.objects.filter(action="leads.settle").count()
    answer = officer.post(f"/leads/rows/{row.public_id}/settle/", {"state": "lead"}, follow=True)
    row.refresh_from_db()
    assert row.state == "to_knock" and "请先登记对接" in told(answer)
    assert Entry.objects.filter(action="leads.settle").count() == before

    officer.post(f"/leads/rows/{row.public_id}/settle/", {"state": "lead", "reason": "经商会引荐，已来访"})
    row.refresh_from_db()
    assert row.state == "lead"


def test_a_lead_after_a_knock_needs_no_reason(row: ListedFirm, officer: Client, cast: Cast) -> None:
    factories.knock(row, cast.bureau_officer)
    officer.post(f"/leads/rows/{row.public_id}/settle/", {"state": "lead"})
    row.refresh_from_db()
    assert row.state == "lead"


@pytest.mark.parametrize(("is_knocked", "step"), [(False, "首次对接"), (True, "再次对接")])
def test_what_is_taken_back_is_knocked_at_again_only_if_somebody_did(
    row: ListedFirm, officer: Client, cast: Cast, is_knocked: bool, step: str
) -> None:
    if is_knocked:
        factories.knock(row, cast.bureau_officer)
    officer.post(f"/leads/rows/{row.public_id}/settle/", {"state": "no_interest", "reason": "已在外地签约"})
    officer.post(f"/leads/rows/{row.public_id}/reopen/")
    row.refresh_from_db()
    assert (row.next_step, row.settled_on) == (step, None)


def test_assigning_starts_from_whoever_has_it(row: ListedFirm, officer: Client, cast: Cast) -> None:
    chosen = f'<option value="{cast.bureau_officer.public_id}" selected>'
    assert chosen in str(officer.get(f"/leads/rows/{row.public_id}/").context["assign"]["to"])
    ListedFirm.objects.filter(pk=row.pk).update(assignee=None)
    assert chosen not in str(officer.get(f"/leads/rows/{row.public_id}/").context["assign"]["to"])


@pytest.mark.parametrize("text", ["总经理 139-0000-0000", "总经理 １３９００００００００", "ceo@example.cn", "99010019900101000X"])
def test_how_to_reach_a_person_is_refused_at_the_field(row: ListedFirm, officer: Client, text: str) -> None:
    given = {"how": "call", "result": "contacted", "made_at": "2026-03-05T10:00", "next_step": "再访", "next_on": "2027-01-01"}
    answer = officer.post(f"/leads/rows/{row.public_id}/knock/", {**given, "with_whom": text})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["with_whom"] and not Knock.objects.exists()
    assert "此栏只填职务" in answer.content.decode()
    assert officer.post(f"/leads/rows/{row.public_id}/knock/", {**given, "with_whom": "总经理"}).status_code == 302
