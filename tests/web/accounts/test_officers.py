"""Promotion officers (招商专员): skills of the rulebook's list, trainings, parks of their postings, and what they carry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.rulebook import load, skills
from wutong.rulebook.load import RulebookError
from wutong.web.accounts.actions import officers, people
from wutong.web.accounts.models import PromotionOfficer, Training, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit import queries as chain
from wutong.web.audit.models import Entry
from wutong.web.lib import hooks
from wutong.web.lib.hooks import Workload

Browser = Callable[..., Client]
PAGE = "/accounts/officers/"
ON = dt.date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _in_chinese() -> None:
    from django.utils import translation

    translation.activate("zh-hans")


def officer(user: User, *codes: str, **more: Any) -> PromotionOfficer:
    return officers.list_officer(user=user, since_on=ON, skills=codes or ("policy-land",), by=None, at=factories.AT, **more)


def names(client: Client, **query: str) -> list[str]:
    return [row.officer.user.username for row in client.get(PAGE, query).context["list"].rows]


# --- the list of the rulebook and the rules -------------------------------------------------------------------------------------------
def test_every_chain_is_knowledge_of_an_industry_and_every_kind_has_skills() -> None:
    known = skills.skills()
    assert {f"chain-{chain}" for chain in load.rulebook().chains} <= known.keys()
    assert {skill.kind for skill in known.values()} == set(skills.KINDS)
    assert all(skill.zh and skill.en for skill in known.values())


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: {zh: 甲, en: A, kind: magic}", 1, "kind"),
        ("a: {zh: 甲, en: A, kind: work}\nb: {zh: 乙, kind: work}", 2, "en"),
        ("- a", 1, "no mapping"),
        ("a: [", 1, "not readable"),
    ],
)
def test_a_faulty_list_is_told_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(RulebookError, match=what) as told:
        skills.skills_from(text)
    assert told.value.problems[0].line == line


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ()),
        ({"ended_on": ON}, ()),
        ({"ended_on": ON - dt.timedelta(days=1)}, (Refusal.ENDS_BEFORE_START,)),
        ({"are_skills_known": False}, (Refusal.UNKNOWN_SKILL,)),
        ({"is_active": False}, (Refusal.PERSON_INACTIVE,)),
    ],
)
def test_who_stands_on_the_roster(facts: dict[str, Any], expected: tuple[Refusal, ...]) -> None:
    values = {"is_active": True, "are_skills_known": True, "since_on": ON, "ended_on": None} | facts
    assert people_rules.refusals_to_list_officer(**values) == expected


@pytest.mark.parametrize(("load_count", "free"), [(9, True), (10, True), (11, False)])
def test_who_is_free(load_count: int, free: bool) -> None:
    assert people_rules.is_free(load_count, free_at_most=10) is free


# --- the roster -----------------------------------------------------------------------------------------------------------------------
def test_a_leader_enters_skills_and_the_page_of_the_person_shows_them(client_of: Browser, cast: Cast) -> None:
    client, address = client_of("bureau_leader"), f"/accounts/people/{cast.park_officer.public_id}/"
    form = {"since_on": "2026-03-05", "skills": ["language-japanese", "chain-power-battery"], "note": "驻园"}
    assert client.post(address + "officer/", form).status_code == 302
    page = client.get(address).content.decode()
    assert "日语" in page and "动力电池" in page and "驻园" in page
    assert client.post(address + "officer/", form | {"skills": ["language-japanese"]}).status_code == 302
    entry = Entry.objects.latest("sequence")
    assert entry.changes == {} and chain.personal_changes([entry])[entry.sequence] == {
        "skills": {"old": ["chain-power-battery", "language-japanese"], "new": ["language-japanese"]}
    }  # fmt: skip
    assert PromotionOfficer.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"skills": ["magic"]}, {"since_on": ""}, {"ended_on": "2026-01-01"}])
def test_wrong_input_is_told(client_of: Browser, cast: Cast, wrong: dict[str, Any]) -> None:
    address = f"/accounts/people/{cast.park_officer.public_id}/officer/"
    assert client_of("bureau_leader").post(address, {"since_on": "2026-03-05", "skills": []} | wrong).status_code == 422
    assert not PromotionOfficer.objects.exists()


def test_found_by_name_skill_park_unit_and_time(client_of: Browser, cast: Cast) -> None:
    officer(cast.park_officer, "language-japanese"), officer(cast.county_officer, "policy-land"), officer(cast.bureau_officer)
    target = factories.target_list(cast.bureau_officer)
    factories.listed(target, *(factories.firm() for _ in range(11)), assignee=cast.bureau_officer)
    client, zone = client_of("bureau_leader"), str(cast.units["zone"].public_id)
    assert names(client) == ["bureau_officer", "county_officer", "park_officer"]
    assert names(client, text="county") == ["county_officer"]
    assert names(client, skill="language-japanese") == ["park_officer"]
    assert names(client, park=zone) == ["park_officer"]
    assert names(client, unit=str(cast.units["bureau"].public_id)) == ["bureau_officer"]


def test_what_they_carry_is_counted_by_the_rooms_as_far_as_the_asker_sees_it(
    client_of: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer(cast.park_officer), officer(cast.county_officer)
    asked = []

    def count(user: User, people: list[User], on: dt.date) -> dict[int, int]:
        asked.append((user.username, on))
        return {cast.park_officer.pk: 11}

    real = hooks.collect
    monkeypatch.setattr(hooks, "collect", lambda name: (Workload("事项", count, lambda person: "/"),) if name == "WORKLOAD" else real(name))
    client = client_of("bureau_leader")
    assert names(client, free="free") == ["county_officer"]
    assert names(client, free="full") == ["park_officer"]
    assert names(client, sort="-load") == ["park_officer", "county_officer"]
    assert {name for name, _ in asked} == {"bureau_leader"}


def test_a_training_is_noted_once_counted_and_taken_back(client_of: Browser, cast: Cast) -> None:
    found, client = officer(cast.park_officer), client_of("bureau_leader")
    form = {"title": "产业链招商实务", "provider": "市委党校", "held_on": "2026-03-02", "length_days": "2.5"}
    address = f"/accounts/officers/{found.public_id}/trainings/new/"
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 422]
    assert client.get(PAGE).context["list"].rows[0].training_days == Decimal("2.5")
    assert client.post(address, form | {"held_on": "2099-01-01"}).status_code == 422
    training = Training.objects.get()
    assert client.post(f"/accounts/trainings/{training.public_id}/drop/").status_code == 302
    assert not Training.objects.exists()
    assert Entry.objects.latest("sequence").action == "accounts.drop_training"


def test_who_left_the_roster_or_the_office_is_not_on_it(client_of: Browser, cast: Cast) -> None:
    officer(cast.park_officer, ended_on=ON), officer(cast.county_officer)
    client = client_of("bureau_leader")
    assert names(client) == ["county_officer"]
    people.deactivate(user=cast.county_officer, by=None, at=factories.AT, on=ON)
    assert names(client) == []


def test_the_export_holds_what_the_filter_left_and_leaves_an_entry(client_of: Browser, cast: Cast) -> None:
    officer(cast.park_officer, "language-japanese"), officer(cast.county_officer)
    response = client_of("bureau_leader").get(PAGE + "export/", {"skill": "language-japanese"})
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == ["用户名", "park_officer"]
    assert Entry.objects.latest("sequence").changes == {"filter": "skill=language-japanese", "rows": 1}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("vice_mayor", {"park_officer", "bureau_officer"}),
        ("bureau_officer", {"bureau_officer"}),
        ("park_officer", {"park_officer"}),
        ("other_leader", {"other_officer"}),
    ],
)
def test_the_roster_reaches_as_far_as_the_role(client_of: Browser, cast: Cast, name: str, seen: set[str]) -> None:
    for one in (cast.park_officer, cast.bureau_officer, cast.other_officer):
        officer(one)
    assert set(names(client_of(name))) == seen


@pytest.mark.parametrize("name", ["system_admin", "security_admin", "audit_admin", "department_officer", "adviser", "no_role"])
def test_others_have_no_business_here(client_of: Browser, name: str) -> None:
    assert client_of(name).get(PAGE).status_code == 403


def test_only_whose_role_reaches_the_person_changes_the_roster(client_of: Browser, cast: Cast) -> None:
    address = f"/accounts/people/{cast.park_officer.public_id}/officer/"
    statuses = {name: client_of(name).post(address, {}).status_code for name in ("county_officer", "bureau_officer", "other_leader")}
    assert statuses == {"county_officer": 404, "bureau_officer": 403, "other_leader": 404}


@pytest.mark.parametrize("more", [0, 30])
def test_the_roster_costs_the_same_number_of_queries_however_long(client_of: Browser, cast: Cast, more: int) -> None:
    officer(cast.park_officer, "language-japanese")
    for _ in range(more):
        person = factories.person(at_unit=cast.units["zone"])
        factories.posting(person, "park_officer")
        officer(person)
    client = client_of("bureau_leader")
    client.get(PAGE)
    with CaptureQueriesContext(connection) as found:
        client.get(PAGE)
    assert len(found) == QUERIES


# Log-in 3, parks and units of the filter, officers, skills, postings, firms, leads, duties, projects, their sub-nodes, saved views,
# messages not read.
QUERIES = 15


def test_the_words_of_a_skill_that_the_rulebook_knows_no_more_is_its_code(cast: Cast) -> None:
    found = officer(cast.park_officer)
    found.skills.update(code="gone")
    assert queries.officer_of(cast.park_officer, cast.bureau_leader).skills.all()[0].name == "gone"


def test_the_figure_of_what_an_officer_carries_opens_exactly_these_records(client_of: Browser, cast: Cast) -> None:
    me = cast.bureau_officer
    officer(me)
    rows = factories.listed(factories.target_list(me), *(factories.firm() for _ in range(3)), assignee=me)
    from wutong.web.leads.actions import working
    from wutong.web.leads.rules.lists import RowState

    working.settle(row=rows[0], state=RowState.NO_INTEREST, reason="已落户外地", by=me, at=factories.AT)
    client = client_of("bureau_leader")
    (row,) = [row for row in client.get(PAGE).context["list"].rows if row.officer.user == me]
    (carried,) = row.loads
    assert carried.count == 2 and f'href="{carried.address.replace("&", "&amp;")}"' in client.get(PAGE).content.decode()
    assert client.get(carried.address).context["list"].total == carried.count


def test_former_officers_are_listed_where_they_are_asked_for(client_of: Browser, cast: Cast) -> None:
    found = factories.officer(cast.bureau_officer)
    PromotionOfficer.objects.filter(pk=found.pk).update(ended_on=dt.date(2026, 2, 1))
    client = client_of("bureau_leader")
    there = {state: [row.officer.pk for row in client.get(PAGE, {"state": state}).context["list"].rows] for state in ("", "former")}
    assert there == {"": [], "former": [found.pk]}
