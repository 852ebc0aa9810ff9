"""Schemes of persons: facts by who owns, found or did it; points as counted by hand; who sees whose result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

import factories
import fictional
from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, ON, STARTS_ON
from wutong.rulebook.formulas.base import Origin
from wutong.web.assessment.actions import bulletins, figures, objections, runs, schemes
from wutong.web.assessment.actions.figures import Said
from wutong.web.assessment.models import Bulletin, FactEntry, Member, Run, RunUnit, Scheme
from wutong.web.assessment.queries import versions
from wutong.web.assessment.queries.person_records import PersonBooks
from wutong.web.assessment.rules.bulletins import BulletinRefusal, BulletinState
from wutong.web.assessment.rules.runs import Measures, ObjectionState, Refusal, Standing, ValueState

ClientOf = Callable[[str], Client]
TEXT = """rule: officers_2026
title: 2026 年招商干部考核
source: {title: 招商干部考核办法, document: 青招发〔2026〕5 号, date: 2026-01-20}
valid: {from: 2026-01-01, to: 2027-01-01}
facts:
  signed: {zh: 签约项目, en: projects signed, unit: 个, from: projects.signed}
  leads: {zh: 线索, en: leads, unit: 个, from: leads.logged}
  conduct: {zh: 群众评议, en: conduct, unit: percent}
groups:
  officers:
    title: {zh: 招商干部, en: officers}
    total: {round: 2}
    items:
      - {id: signed, title: {zh: 项目签约, en: signing}, points: 0, formula: {product: [{ratio: {of: signed, to: 1个}}, 10]}}
      - {id: leads, title: {zh: 线索, en: leads}, points: 0, formula: {product: [{ratio: {of: leads, to: 1个}}, 3]}}
      - {id: conduct, title: {zh: 群众评议, en: conduct}, points: 20, formula: {product: [conduct, 20]}}
  leaders:
    title: {zh: 领导, en: leaders}
    total: {round: 2}
    items:
      - {id: conduct, title: {zh: 群众评议, en: conduct}, points: 20, formula: {product: [conduct, 20]}}
"""


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()


def made(cast: Cast, text: str = TEXT) -> Scheme:
    from web.assessment.assessed import approved

    scheme = schemes.make(
        code="officers_2026", title="招商干部考核", unit=cast.units["bureau"], by=cast.assessor, at=AT, measures=Measures.PERSONS
    )
    approved(scheme, cast, text)
    return scheme


def said_of(scheme: Scheme, cast: Cast, name: str, value: str, **more: Any) -> FactEntry:
    person = cast.people[name]
    values = {"on": ON, "standing": Standing.VERIFIED, "said": Said(ValueState.VALUE, value, "测评汇总表"), "by": cast.assessor, **more}
    return figures.enter(scheme=scheme, fact="conduct", unit=person.unit, person=person, at=AT, **values)


@pytest.fixture
def scheme(cast: Cast) -> Scheme:
    """Two officers and a leader are measured; figures of all are there."""
    found = made(cast)
    people = [(cast.bureau_officer, "officers", 12), (cast.away_officer, "officers", 12), (cast.bureau_leader, "leaders", 12)]
    schemes.set_members(scheme=found, members=people, by=cast.assessor, at=AT)
    for name, value in (("bureau_officer", "90"), ("away_officer", "80"), ("bureau_leader", "95")):
        said_of(found, cast, name, value)
    return found


def published(scheme: Scheme, cast: Cast) -> Run:
    from web.assessment.assessed import drafted

    run = runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=AT)
    return assessed.published(run, cast, by=cast.vice_mayor)


def counted(cast: Cast, code: str, name: str, **params: str) -> Fraction:
    books = PersonBooks([cast.bureau_officer, cast.bureau_leader, cast.away_officer], starts_on=STARTS_ON, on=dt.date(2026, 12, 31))
    there = books.fact(Origin(code, tuple(params.items()), 1)).get(cast.people[name].pk)
    return there.amount if there else Fraction(0)


# --- facts ------------------------------------------------------------------------------------------------------------------------------
def test_projects_and_their_money_count_for_the_owner_and_for_who_filed_the_first_claim(cast: Cast) -> None:
    project = factories.funded_project(cast.bureau_officer)
    factories.counted_funds(project, cast.bureau_leader)
    factories.bring_on(factories.whole_project(cast.away_officer), "signed")
    assert counted(cast, "projects.signed", "away_officer") == 1
    assert counted(cast, "projects.signed", "bureau_officer") == 0
    assert counted(cast, "funds.recognised", "bureau_officer") == 1_000_000
    from wutong.web.leads.models import Claim
    from wutong.web.projects.models import Project

    claim = Claim.objects.filter(lead=Project.objects.get(owner=cast.away_officer).lead).first()
    assert claim is not None
    Claim.objects.filter(pk=claim.pk).update(filed_by=cast.bureau_officer)
    assert counted(cast, "projects.signed", "bureau_officer", side="finder") == 1
    Claim.objects.filter(pk=claim.pk).update(filed_by=None)
    assert counted(cast, "projects.signed", "bureau_officer", side="finder") == 0, "nobody filed it, so nobody found it"


def test_a_trip_counts_for_everybody_who_was_on_it(cast: Cast) -> None:
    from wutong.web.outreach import actions
    from wutong.web.outreach.rules import Span

    said = actions.Said(Span(dt.date(2026, 3, 5), dt.date(2026, 3, 6)), "拜访", (cast.bureau_officer, cast.bureau_leader), ("DE",))
    actions.enter(unit=cast.units["county"], said=said, by=None, at=factories.AT)  # of whatever unit
    assert [counted(cast, "trips.days", name) for name in ("bureau_officer", "bureau_leader", "away_officer")] == [2, 2, 0]
    assert counted(cast, "trips.days", "bureau_officer", who="leaders") == 0
    assert counted(cast, "trips.working_days", "away_officer") > 200


def test_duties_leads_and_knocks_count_for_whoever_owes_owns_and_knocked(cast: Cast) -> None:
    from wutong.web.journal.actions import duties

    done = factories.duty(cast.bureau_officer)
    factories.duty(cast.bureau_officer)
    duties.finish(duty=done, result="办结", by=cast.bureau_officer, at=factories.AT)
    assert [counted(cast, f"duties.{name}", "bureau_officer") for name in ("due", "on_time", "late")] == [2, 1, 1]
    factories.lead(cast.away_officer)
    assert (counted(cast, "leads.logged", "away_officer"), counted(cast, "leads.logged", "bureau_officer")) == (1, 0)
    (row,) = factories.listed(factories.target_list(cast.bureau_officer), factories.firm())
    factories.knock(row, cast.bureau_leader)
    assert (counted(cast, "knocks.made", "bureau_leader"), counted(cast, "knocks.made", "bureau_officer")) == (1, 0)


def test_a_rule_of_persons_with_a_fact_of_units_has_a_fault_on_its_line(cast: Cast) -> None:
    scheme = schemes.make(code="x", title="x", unit=cast.units["bureau"], by=cast.assessor, at=AT, measures=Measures.PERSONS)
    text = TEXT.replace("from: leads.logged", "from: inspection.false_reports")
    (fault,) = versions.read_of(scheme, text)[1]
    assert (fault.code, fault.line) == ("not_of_persons", 7)
    assert versions.read(text)[1] == (), "units may be measured by it"


# --- who is measured --------------------------------------------------------------------------------------------------------------------
def test_only_persons_in_office_are_chosen_and_no_units(cast: Cast) -> None:
    scheme = made(cast)
    for wrong, code in (
        (cast.units["county"], Refusal.MEASURES_OTHERS),
        (cast.no_role, Refusal.NO_POSTING),
        (cast.audit_admin, Refusal.NO_POSTING),
    ):
        with pytest.raises(schemes.Refused) as refused:
            schemes.set_members(scheme=scheme, members=[(wrong, "officers", 12)], by=cast.assessor, at=AT)
        assert refused.value.refusals == (code,)


def test_the_database_lets_a_person_stand_in_a_group_once_and_a_unit_beside_him(scheme: Scheme, cast: Cast) -> None:
    one = scheme.members.get(person=cast.bureau_officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(scheme=scheme, unit=cast.units["county"], person=cast.bureau_officer, group="officers")
    assert scheme.members.filter(unit=one.unit).count() == 2, "of the same unit another person"


# --- points -----------------------------------------------------------------------------------------------------------------------------
def test_a_scheme_of_persons_goes_over_the_pages_and_gives_what_a_hand_counts(client_of: ClientOf, cast: Cast) -> None:
    factories.bring_on(factories.whole_project(cast.bureau_officer), "signed")
    factories.lead(cast.away_officer)
    factories.lead(cast.away_officer)
    client, leader = client_of("assessor"), client_of("bureau_leader")
    bureau, officer, away = (str(one.public_id) for one in (cast.units["bureau"], cast.bureau_officer, cast.away_officer))
    form = {"title": "招商干部考核", "code": "officers_2026", "unit": bureau, "measures": "persons"}
    address = client.post("/assessment/new/", form).headers["Location"]
    draft = client.post(f"{address}begin/").headers["Location"]
    assert "officers" in client.get(draft).content.decode()
    client.post(f"{draft}rewrite/", {"text": TEXT})
    client.post(f"{draft}submit/", {"reason": "按办法"})
    leader.post(f"{draft}approve/")
    assert client.post(f"{address}units/", {officer: "officers", away: "officers"}).status_code == 302
    for key, value in ((officer, "90"), (away, "80")):
        values = {
            "fact": "conduct",
            "unit": key,
            "on": "2026-10-31",
            "standing": "verified",
            "state": "value",
            "value": value,
            "source": "汇总",
        }
        assert client.post(f"{address}figures/new/", values).status_code == 302
    run_address = client.post(f"{address}runs/new/", {"title": "1—10 月", "starts_on": "2026-01-01", "on": "2026-10-31"}).headers[
        "Location"
    ]
    runs.compute(run=Run.objects.get(), by=cast.assessor, at=AT)
    page = client.get(run_address).content.decode()
    assert str(cast.bureau_officer) in page and str(cast.away_officer) in page
    found = {one.person: one.total_points for one in RunUnit.objects.all()}
    own_leads = 1  # the project of the officer stands on a lead of his own
    assert found == {cast.bureau_officer: Decimal(10 + 3 * own_leads + 18), cast.away_officer: Decimal(3 * 2 + 16)}
    unit_page = client.get(f"{run_address}units/{officer}/").content.decode()
    assert "签约项目" in unit_page and "/projects/" in unit_page


def test_figures_of_persons_come_and_go_as_a_sheet_by_name(
    client_of: ClientOf, scheme: Scheme, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    from web.assessment.test_filled_sheets import send, sheet, start
    from wutong.web.assessment.queries import members

    settings.BATCHES = tmp_path
    address = f"/assessment/schemes/{scheme.public_id}/figures/sheet/"
    rows = sheet(client_of("assessor"), f"{address}?on=2026-10-31&standing=verified")
    assert rows[0][0] == "姓名" and len(rows) == 4
    assert len(sheet(client_of("bureau_officer"), f"{address}?standing=own")) == 2, "of himself alone"
    name = str(cast.away_officer)
    given = {"scheme": str(scheme.public_id), "on": "2026-10-30", "standing": "verified", "source": "测评汇总表"}
    batch = send(client_of("assessor"), "assessment.figures", [rows[0], [name, 77, "", ""]], **given)
    start(client_of("assessor"), batch)
    taken = FactEntry.objects.get(on=dt.date(2026, 10, 30))
    assert (taken.person, taken.unit, taken.value) == (cast.away_officer, cast.units["away"], "77")
    assert [one.person for one in members.to_fill(cast.bureau_officer, scheme)] == [cast.bureau_officer]


def test_a_person_speaks_for_himself_and_for_no_colleague(scheme: Scheme, cast: Cast) -> None:
    own = {"standing": Standing.OWN, "by": cast.bureau_officer}
    assert said_of(scheme, cast, "bureau_officer", "100", **own).value == "100"
    with pytest.raises(figures.NotAllowed):
        said_of(scheme, cast, "away_officer", "100", **own)
    with pytest.raises(figures.NotAllowed):
        said_of(scheme, cast, "bureau_officer", "100", by=cast.bureau_officer)


# --- who sees it ------------------------------------------------------------------------------------------------------------------------
def test_a_result_is_seen_by_the_person_his_leaders_and_the_assessor_alone(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    run = published(scheme, cast)
    address = f"/assessment/runs/{run.public_id}/"
    mine, others = (f"{address}units/{cast.people[name].public_id}/" for name in ("bureau_officer", "away_officer"))
    for name, codes in (
        ("bureau_officer", (200, 200, 404)), ("away_officer", (200, 404, 200)), ("assessor", (200, 200, 200)),
        ("bureau_leader", (200, 200, 200)), ("vice_mayor", (200, 200, 200)), ("park_officer", (404, 404, 404)),
        ("county_officer", (404, 404, 404)), ("other_leader", (404, 404, 404)), ("other_officer", (404, 404, 404)),
    ):  # fmt: skip
        client = client_of(name)
        assert tuple(client.get(one).status_code for one in (address, mine, others)) == codes, name
    assert client_of("no_role").get(address).status_code == 403


def test_the_ranking_of_persons_is_told_within_their_group_only(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    run = published(scheme, cast)
    page = client_of("bureau_officer").get(f"/assessment/runs/{run.public_id}/").content.decode()
    assert str(cast.away_officer) in page, "who is ranked with him"
    assert str(cast.bureau_leader) not in page.split("<main")[1], "leaders are another group"
    scheme_page = client_of("bureau_officer").get(f"/assessment/schemes/{scheme.public_id}/").content.decode()
    assert str(cast.away_officer) not in scheme_page
    told = client_of("bureau_officer").get(reverse("api-1:assessment_run", args=[run.public_id])).json()
    assert [one["person"] for one in told["units"]] == [str(cast.bureau_officer.public_id)]


def test_the_head_of_a_county_sees_its_officers_and_colleagues_do_not(scheme: Scheme, cast: Cast) -> None:
    people = [(cast.department_officer, "officers", 12)]
    schemes.set_members(scheme=scheme, members=people, by=cast.assessor, at=AT)
    said_of(scheme, cast, "department_officer", "70")
    run = published(scheme, cast)
    colleague = factories.person("colleague", at_unit=cast.units["county_bureau"])
    factories.posting(colleague, "department_officer")
    seen = {name: RunUnit.objects.visible_to(user).filter(run=run).count() for name, user in (
        ("head", cast.county_officer), ("himself", cast.department_officer), ("colleague", colleague), ("park", cast.park_officer),
    )}  # fmt: skip
    assert seen == {"head": 1, "himself": 1, "colleague": 0, "park": 0}


def test_a_person_objects_to_his_points_and_nobody_decides_on_his_own(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    schemes.set_members(
        scheme=scheme, members=[(cast.bureau_officer, "officers", 12), (cast.assessor, "officers", 12)], by=cast.assessor, at=AT
    )
    said_of(scheme, cast, "assessor", "60")
    from web.assessment.assessed import drafted

    run = runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=AT)
    address = f"/assessment/runs/{run.public_id}/units/"
    form = {"item": "conduct", "text": "测评漏计两票", "evidence": ""}
    client = client_of("bureau_officer")
    assert client.post(f"{address}{cast.bureau_officer.public_id}/object/", form).status_code == 302
    assert client.post(f"{address}{cast.assessor.public_id}/object/", form).status_code == 404
    filed = run.objections.get()
    assert (filed.person, filed.unit) == (cast.bureau_officer, cast.units["bureau"])
    assert str(cast.bureau_officer) in client.get("/assessment/objections/").content.decode()
    own = objections.file(row=run.units.get(person=cast.assessor), item="conduct", text="有误", evidence="", by=cast.assessor, at=AT)
    with pytest.raises(objections.Refused):
        objections.decide(objection=own, state=ObjectionState.DISMISSED, reason="不成立", correction="", by=cast.assessor, at=AT)


# --- bulletins --------------------------------------------------------------------------------------------------------------------------
def test_no_bulletin_is_made_or_offered_of_persons(scheme: Scheme, cast: Cast, client_of: ClientOf) -> None:
    run = published(scheme, cast)
    with pytest.raises(bulletins.Refused) as refused:
        bulletins.draft(run=run, by=cast.assessor, at=AT)
    assert refused.value.refusals == (BulletinRefusal.OF_PERSONS,) and not Bulletin.objects.exists()
    client, address = client_of("assessor"), reverse("assessment:bulletin-make", args=[run.public_id])
    assert address not in client.get(reverse("assessment:run", args=[run.public_id])).content.decode()
    assert "对个人的核算不制发通报" in client.post(address, follow=True).content.decode()


def test_a_bulletin_of_persons_that_is_there_is_seen_by_those_only_who_keep_the_scheme(scheme: Scheme, cast: Cast) -> None:
    run = published(scheme, cast)
    Bulletin.objects.create(
        run=run, unit=scheme.unit, title="通报", state=BulletinState.SIGNED, facts={}, generated="x", text="x", digest="0" * 64, year=2026,
        number=1, drafted_by=cast.assessor, drafted_at=AT, signed_by=cast.vice_mayor, signed_at=AT,
    )  # fmt: skip
    assert Run.objects.visible_to(cast.away_officer).filter(pk=run.pk).exists(), "he is measured"
    assert not Bulletin.objects.visible_to(cast.away_officer).exists()
    assert Bulletin.objects.visible_to(cast.assessor).count() == 1
