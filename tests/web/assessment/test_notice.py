"""The public notice of a frozen run: how long it runs, that nobody approves before it is over, and that everybody is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.utils import timezone

from cast import Cast
from web.assessment.assessed import AT, after_notice, drafted, figure, published
from wutong.rulebook import calendar as rulebook_calendar
from wutong.rulebook.calendar import Calendar, Year
from wutong.web.assessment.actions import objections, runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries import first_page, run_duties
from wutong.web.assessment.queries.notices import DAYS_LEAF
from wutong.web.assessment.rules.runs import Notice, ObjectionState, Refusal, RunFacts, RunState, RunStep, notice_until, refusals_to_step
from wutong.web.audit.models import Entry
from wutong.web.journal.actions.calendar import enter_year
from wutong.web.rulebooks.actions import documents
from wutong.web.rulebooks.rules import Step

ClientOf = Callable[[str], Client]
FROZEN, LAST, FREE = dt.date(2026, 11, 20), dt.date(2026, 11, 27), dt.date(2026, 11, 28)


# --- without a database -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("on, refused", [(FROZEN, True), (LAST, True), (FREE, False), (dt.date(2026, 12, 9), False)])
def test_nobody_approves_before_the_last_day_of_the_notice_has_passed(on: dt.date, refused: bool) -> None:
    facts = RunFacts(RunState.FROZEN, frozenset(), notice=Notice(FROZEN, LAST))
    assert refusals_to_step(facts, RunStep.APPROVE, actor_id=1, on=on) == ((Refusal.NOTICE_RUNS,) if refused else ())
    assert refusals_to_step(facts, RunStep.SEND_BACK, actor_id=1, on=on, reason="口径有误") == (), "it is sent back at any time"


def test_without_a_notice_a_run_is_approved_on_the_day_of_freezing() -> None:
    assert refusals_to_step(RunFacts(RunState.FROZEN, frozenset()), RunStep.APPROVE, actor_id=1, on=FROZEN) == ()


@pytest.mark.parametrize(
    "frozen_on, days, last",
    [
        (FROZEN, 0, None),
        (FROZEN, 1, dt.date(2026, 11, 23)),  # the Monday after
        (FROZEN, 5, LAST),
        (dt.date(2026, 9, 30), 5, dt.date(2026, 10, 13)),  # the days off at the head of October do not count, the Saturday worked does
    ],
)
def test_the_notice_counts_working_days_after_the_day_of_freezing(frozen_on: dt.date, days: int, last: dt.date | None) -> None:
    off = frozenset(dt.date(2026, 10, day) for day in range(1, 8))
    calendar = Calendar({2026: Year(off, frozenset({dt.date(2026, 10, 10)}))})
    assert notice_until(frozen_on, days, calendar) == last


# --- as a run goes on its way -----------------------------------------------------------------------------------------------------------
def test_a_frozen_run_keeps_its_notice_and_is_approved_from_the_day_after(run: Run, cast: Cast) -> None:
    assert run.notice == Notice(FROZEN, LAST)
    with pytest.raises(runs.Refused) as refused:
        runs.approve(run=run, by=cast.bureau_leader, at=after_notice(run) - dt.timedelta(days=1))
    assert refused.value.refusals == (Refusal.NOTICE_RUNS,)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(notice_until=FROZEN)
    assert runs.approve(run=run, by=cast.bureau_leader, at=after_notice(run)).state == "approved"


def test_days_off_entered_after_the_freezing_move_the_last_day(
    scheme: Scheme, cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulebook_calendar, "KNOWN_YEARS", frozenset({2026}))
    at, kept, moved = dt.datetime(2026, 12, 28, 1, tzinfo=dt.UTC), dt.date(2027, 1, 4), dt.date(2027, 1, 5)
    monkeypatch.setattr(timezone, "now", lambda: at)
    run = runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=at)
    assert run.notice_until == kept, "1 January counts as worked, for nobody knows better"
    address = f"/assessment/runs/{run.public_id}/"
    assert "截止日自动顺延" in client_of("park_officer").get(address).content.decode()
    off = [dt.date(2027, 1, day) for day in (1, 2, 3)]
    enter_year(year=2027, days_off=off, work_days=[], document="虚构通知", by=cast.system_admin, at=at)
    page = client_of("park_officer").get(address).content.decode()
    assert "2026-12-28 – 2027-01-05" in page and "冻结时的截止日为 2027-01-04" in page
    assert client_of("park_officer").get(f"/api/assessment/runs/{run.public_id}").json()["approvable_on"] == "2027-01-06"
    after = [dt.datetime.combine(day, dt.time(9), dt.UTC) for day in (moved, moved + dt.timedelta(days=1))]
    with pytest.raises(runs.Refused, match="notice_runs"):
        runs.approve(run=run, by=cast.bureau_leader, at=after[0])
    (row,) = run_duties.approval_rows(cast.bureau_leader, moved)
    assert str(row["d_due"]) == "2027-01-08", "the duty goes by the day that was kept; its page says from when it may be taken"
    assert moved in [one.on for one in first_page.first_page(cast.park_officer, moved).days]
    assert runs.approve(run=run, by=cast.bureau_leader, at=after[1]).state == "approved"
    assert Entry.objects.get(action="assessment.approve").changes["notice_until"] == "2027-01-05"


def test_the_run_that_takes_the_place_of_another_has_a_notice_of_its_own(run: Run, scheme: Scheme, cast: Cast) -> None:
    filed = objections.file(
        row=run.units.get(unit=cast.units["zone"]), item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT
    )
    objections.decide(objection=filed, state=ObjectionState.UPHELD, reason="属实", correction="改 95", by=cast.assessor, at=AT)
    figure(scheme, cast, "satisfied", "zone", "95", reason="申诉成立")
    anew = runs.freeze(run=drafted(scheme, cast, supersedes=run), by=cast.assessor, at=after_notice(run))
    assert anew.notice == Notice(FREE, dt.date(2026, 12, 4))
    with pytest.raises(runs.Refused, match="notice_runs"):
        runs.approve(run=anew, by=cast.bureau_leader, at=after_notice(run))
    assert published(anew, cast).state == "published"


def test_an_office_whose_rule_document_says_none_approves_at_once(
    scheme: Scheme, cast: Cast, tmp_path: Path, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.DATA = tmp_path  # where the mark of the rules in force stands
    version = documents.begin(kind="parameters", begins_on=FROZEN, by=cast.bureau_officer, at=AT)
    version = documents.set_value(
        version=version, leaf=DAYS_LEAF, value=0, starts_on=FROZEN, title="考核办法", document="虚构发〔2026〕9 号", dated=FROZEN, url="",
        by=cast.bureau_officer, at=AT,
    )  # fmt: skip
    version = documents.submit(version=version, note="当日批准", by=cast.bureau_officer, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        documents.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    run = runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=AT)
    assert run.notice is None
    assert [row["d_due"] for row in run_duties.approval_rows(cast.bureau_leader, FROZEN)], "it waits from the day of freezing"
    assert runs.approve(run=run, by=cast.bureau_leader, at=AT).state == "approved"


@pytest.mark.parametrize("on, waits", [(LAST, False), (FREE, True)])
def test_approval_is_a_duty_from_the_end_of_the_notice(run: Run, cast: Cast, on: dt.date, waits: bool) -> None:
    rows = list(run_duties.approval_rows(cast.bureau_leader, on))
    assert [row["d_key"] for row in rows] == ([run.public_id] if waits else [])
    assert [str(row["d_due"]) for row in rows] == ([str(FREE + dt.timedelta(days=3))] if waits else []), "days of the rule from then on"
    days = [one.words for one in first_page.first_page(cast.park_officer, on).days]
    assert any(run.title in words and "公示" in words for words in days) is not waits, "and the first page names the last day"


def test_the_pages_say_until_when_and_offer_the_button_afterwards(
    client_of: ClientOf, run: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, leader = f"/assessment/runs/{run.public_id}/", client_of("bureau_leader")
    own = f"{address}units/{cast.units['zone'].public_id}/"
    monkeypatch.setattr(timezone, "now", lambda: AT)
    page = leader.get(address).content.decode()
    assert "2026-11-20 – 2026-11-27" in page and "2026-11-28 起" in page and f"{address}approve/" not in page
    assert "2026-11-28 起" in client_of("park_officer").get(own).content.decode()
    told = client_of("park_officer").get(f"/api/assessment/runs/{run.public_id}").json()
    assert (told["notice_until"], told["approvable_on"]) == ("2026-11-27", "2026-11-28")
    monkeypatch.setattr(timezone, "now", lambda: after_notice(run))
    page = client_of("bureau_leader").get(address).content.decode()  # logged in anew, eight days later
    assert "公示期满" in page and f"{address}approve/" in page
