"""Remedies: a line is drawn below which a duty is given; the unit answers, another verifies and closes; the next run tells of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.test import Client

from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, drafted
from wutong.web.accounts.models import User
from wutong.web.assessment.actions import inspections, remedies, runs
from wutong.web.assessment.models import Finding, Run, Scheme
from wutong.web.assessment.queries import remedies as queries
from wutong.web.assessment.rules.inspections import Refusal as OfFindings
from wutong.web.assessment.rules.remedies import Placed, Refusal, laggards
from wutong.web.audit.models import Entry
from wutong.web.journal.models import Duty

ClientOf = Callable[[str], Client]
DUE = dt.date(2026, 12, 20)


def placed(*totals: str | None, group: str = "a") -> list[Placed]:
    return [Placed(number, group, None if total is None else Decimal(total)) for number, total in enumerate(totals)]


# --- the line ---------------------------------------------------------------------------------------------------------------------------
def test_the_last_of_a_group_are_below_and_equal_totals_stay_together() -> None:
    rows = placed("90", "70", "60", "60", None)
    assert laggards(rows, last_count=1) == {2, 3}
    assert laggards(rows, last_count=2) == {2, 3}
    assert laggards(rows, last_count=3) == {1, 2, 3}
    assert laggards(rows, last_count=9) == {0, 1, 2, 3}, "a missing total is no low one"
    assert laggards(placed("52", "52", "52"), last_count=2) == frozenset(), "where all are equal nobody is the last"
    assert laggards(placed("52", "52"), last_count=2) == {0, 1}, "all were asked for"
    assert laggards([*placed("90", "80"), *(Placed(9, "b", Decimal(99)),)], last_count=1) == {1, 9}, "of each group"


def test_who_has_fewer_points_than_the_line_is_below_and_who_has_just_as_many_is_not() -> None:
    rows = placed("59.99", "60", "60.01", None)
    assert laggards(rows, under_points=Decimal(60)) == {0}
    assert laggards(rows, under_points=Decimal(60), last_count=2) == {0, 1}
    assert laggards(rows) == frozenset()


# --- asking -----------------------------------------------------------------------------------------------------------------------------
def asked(run: Run, cast: Cast, unit: str = "zone", **more: object) -> Finding:
    values = {"text": "对照差距限期整改", "due_on": DUE, "by": cast.assessor, "at": AT, **more}
    (made,) = remedies.demand(run=run, rows=[run.units.get(unit=cast.units[unit])], **values)  # type: ignore[arg-type]
    return made


def test_a_remedy_gives_whoever_answers_for_the_unit_a_duty(published: Run, cast: Cast) -> None:
    made = asked(published, cast)
    duty = Duty.objects.get(origin=f"finding:{made.public_id}")
    assert (duty.owner, duty.unit, duty.due_on, duty.asked_by) == (cast.park_officer, cast.units["zone"], DUE, cast.assessor)
    assert Finding.objects.visible_to(cast.park_officer).count() == 1
    assert not Finding.objects.visible_to(cast.county_officer).exists()


def test_what_does_not_stand_is_not_asked(run: Run, cast: Cast) -> None:
    with pytest.raises(remedies.Refused) as refused:
        asked(run, cast)
    assert refused.value.refusals == (Refusal.NOT_PUBLISHED,)


def test_text_day_and_who_are_needed_and_each_is_asked_once_at_a_time(published: Run, cast: Cast) -> None:
    for wrong, code in (
        ({"text": " "}, Refusal.TEXT_MISSING), ({"due_on": dt.date(2026, 11, 19)}, Refusal.DUE_BEFORE_TODAY),
    ):  # fmt: skip
        with pytest.raises(remedies.Refused) as refused:
            asked(published, cast, **wrong)
        assert refused.value.refusals == (code,)
    with pytest.raises(remedies.Refused) as refused:
        remedies.demand(run=published, rows=[], text="x", due_on=DUE, by=cast.assessor, at=AT)
    assert refused.value.refusals == (Refusal.NOBODY_CHOSEN,)
    asked(published, cast, due_on=dt.date(2026, 11, 20))
    with pytest.raises(remedies.Refused) as refused:
        asked(published, cast)
    assert refused.value.refusals == (Refusal.ASKED_ALREADY,)
    with pytest.raises(remedies.NotAllowed):
        asked(published, cast, "county", by=cast.park_officer)


def test_the_database_wants_a_visit_or_a_result_and_lets_a_remedy_be_open_once(published: Run, cast: Cast) -> None:
    made = asked(published, cast)
    for change in (
        lambda: Finding.objects.filter(pk=made.pk).update(result=None),
        lambda: Finding.objects.filter(pk=made.pk).update(is_false_report=True),
        lambda: Finding.objects.filter(pk=made.pk).update(text="别的"),
        lambda: Finding.objects.filter(pk=made.pk).update(result=published.units.get(unit=cast.units["county"])),
        lambda: Finding.objects.create(result=made.result, unit=made.unit, severity="minor", text="x", due_on=DUE, by=cast.assessor, at=AT),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()


# --- the way of it ----------------------------------------------------------------------------------------------------------------------
def test_it_is_asked_answered_verified_and_closed_over_the_pages(client_of: ClientOf, published: Run, cast: Cast) -> None:
    assessor, officer = client_of("assessor"), client_of("park_officer")
    address = f"/assessment/runs/{published.public_id}/"
    assert "remedy/" in assessor.get(address).content.decode()
    page = assessor.get(f"{address}remedy/", {"last": "1"}).content.decode()
    assert "青桐高新区" in page and "临溪县" not in page.split("<main")[1]
    zone = str(cast.units["zone"].public_id)
    bad = assessor.post(f"{address}remedy/?last=1", {"rows": [zone], "text": "", "due_on": "2026-12-20"})
    assert bad.status_code == 422
    form = {"rows": [zone], "text": "对照差距限期整改", "due_on": "2999-12-20"}
    assert assessor.post(f"{address}remedy/?last=1", form).status_code == 302
    made = Finding.objects.get()
    assert "对照差距限期整改" in officer.get(f"{address}units/{zone}/").content.decode()
    assert "对照差距限期整改" in officer.get("/assessment/findings/").content.decode()
    own = f"/assessment/findings/{made.public_id}/"
    assert officer.get(own).status_code == 200
    assert officer.post(f"{own}rectify/", {"words": "已制定措施并落实"}).status_code == 302
    assert officer.post(f"{own}decide/", {"words": "x", "is_closed": "1"}).status_code == 403
    assert assessor.post(f"{own}decide/", {"words": "核查属实", "is_closed": "1"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.closed_by) == ("closed", cast.assessor)
    assert Duty.objects.get(pk=made.duty_id).state == "done"


def test_only_whoever_keeps_the_scheme_asks(client_of: ClientOf, published: Run) -> None:
    address = f"/assessment/runs/{published.public_id}/remedy/"
    assert client_of("park_officer").get(address).status_code == 403
    assert client_of("vice_mayor").get(address).status_code == 403
    assert client_of("other_leader").get(address).status_code == 404


def test_the_page_of_the_next_run_tells_what_is_still_open(client_of: ClientOf, published: Run, scheme: Scheme, cast: Cast) -> None:
    made = asked(published, cast)
    later = runs.freeze(run=drafted(scheme, cast, title="1—11 月考核", on=dt.date(2026, 11, 15)), by=cast.assessor, at=AT)
    assert queries.standing(cast.assessor, later) == [made]
    assert "对照差距限期整改" in client_of("park_officer").get(f"/assessment/runs/{later.public_id}/").content.decode()
    assert queries.standing(cast.county_officer, later) == [], "what was asked of another unit"
    inspections.rectify(finding=made, words="已整改", by=cast.park_officer, at=AT)
    inspections.decide(finding=made, is_closed=True, words="属实", by=cast.assessor, at=dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC))
    assessed.published(later, cast)
    next_year = Run(scheme=scheme, starts_on=dt.date(2027, 1, 1), on=dt.date(2027, 1, 31))
    assert queries.standing(cast.assessor, next_year) == [], "closed, and asked after a run before the last"


def test_the_line_is_that_of_the_rulebook_where_nobody_draws_another(published: Run, client_of: ClientOf) -> None:
    page = client_of("assessor").get(f"/assessment/runs/{published.public_id}/remedy/").content.decode()
    assert "各组末 1 位" in page and "低于 60 分" in page and 'value="60"' in page
    told = client_of("assessor").get(f"/api/assessment/runs/{published.public_id}/below").json()
    assert {one["name"] for one in told} == {"临溪县", "青桐高新区"}, "both lie below sixty points"


def test_a_remedy_is_asked_for_and_an_extract_is_read_by_api(published: Run, cast: Cast, client_of: ClientOf) -> None:
    assessor, key = client_of("assessor"), str(cast.units["zone"].public_id)
    address = f"/api/assessment/runs/{published.public_id}"
    (low,) = assessor.get(f"{address}/below", {"last": "1"}).json()
    assert low["key"] == key
    given = {"keys": [key], "text": "提高满意度"}
    made = assessor.post(f"{address}/remedies", given, content_type="application/json")
    assert made.status_code == 201 and made.json()[0]["is_remedy"]
    assert assessor.post(f"{address}/remedies", given, content_type="application/json").status_code == 409
    assert client_of("park_officer").post(f"{address}/remedies", given, content_type="application/json").status_code == 403
    told = assessor.get(f"/api/assessment/extract/{key}", {"since": "2026", "until": "2026"}).json()
    assert [(one["rank"], one["of_count"]) for one in told["lines"]] == [(2, 2)]
    assert Entry.objects.filter(action="assessment.extract.export").count() == 1
    assert assessor.get(f"/api/assessment/extract/{uuid.uuid4()}").status_code == 404


def test_a_remedy_that_nobody_can_be_given_is_told_by_api(published: Run, cast: Cast, client_of: ClientOf) -> None:
    User.objects.filter(unit=cast.units["zone"]).update(is_active=False)
    given = {"keys": [str(cast.units["zone"].public_id)], "text": "提高满意度"}
    answer = client_of("assessor").post(f"/api/assessment/runs/{published.public_id}/remedies", given, content_type="application/json")
    assert answer.status_code == 409 and OfFindings.NOT_ABLE in answer.content.decode()
    assert not Finding.objects.exists()
