"""Whatever people do to projects, the rates of the pages are what a count by hand over the rows of the database comes to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

import factories
import projects_walk
from cast import Cast
from wutong.rulebook.lifecycle import Lifecycle
from wutong.rulebook.rates import rates
from wutong.web.projects.actions import funds, guarding
from wutong.web.projects.models import Agreement, Evidence, FundsEntry, FundsReview, Node, Project, StageChange, UndoneNode
from wutong.web.projects.queries import lifecycles, rate_pages, rated, recognition
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules.rates import Cohort, cohort_from
from wutong.web.projects.rules.stages import Stage

SEQUENCES, STEPS, LOOK_EVERY = 5, 32, 4
ANSWERS = dict.fromkeys(recognition.ANSWERS, False) | {"pays_local_tax": True}
COUNTS = {"start_signed": "started", "production_signed": "production", "completion_signed": "completed", "start_contract_only": "started"}
LATER = {
    "started": ("completed", "production", "full_capacity"),
    "completed": ("production", "full_capacity"),
    "production": ("full_capacity",),
}
FAR = (Stage.STARTED, Stage.PRODUCTION, Stage.COMPLETED)
Days = dict[str, dt.date]


class Notes:
    """What a clerk writes down after every step: how much each project is to cost, when it is to start. Read from the project alone."""

    def __init__(self) -> None:
        self.kept: dict[int, list[tuple[dt.date, Decimal | None, dt.date | None]]] = {}

    def take(self, on: dt.date) -> None:
        """What all projects say at the end of a step, where it is new."""
        for key, *said in Project.objects.values_list("pk", "total_yuan", "planned_start_on"):
            notes = self.kept.setdefault(key, [])
            if not notes or notes[-1][1:] != (*said,):
                notes.append((on, *said))

    def of(self, project: Project, as_of: dt.date) -> tuple[Decimal | None, dt.date | None]:
        """Total and planned start as they stood at the end of a day; before it was there, as they stood first."""
        notes = self.kept[project.pk]
        _day, total, start = ([one for one in notes if one[0] <= as_of] or notes[:1])[-1]
        return total, start


def stage_days(project: Project, as_of: dt.date) -> Days:
    """When it came to each stage where it was on a day or which it had passed, read change by change; a contract by its signing.

    Of a project whose ledger alone speaks of a contract, the day of the ledger.
    """
    days: Days = {}
    order = [*lifecycles.in_force().order]
    for one in StageChange.objects.filter(project=project, occurred_on__lte=as_of).order_by("pk"):
        if one.kind == "taken_over" or (one.kind in {"opened", "advanced"} and one.to_stage != "signed"):
            days[one.to_stage] = one.occurred_on
        if one.kind == "went_back":
            days = {stage: day for stage, day in days.items() if order.index(stage) <= order.index(one.to_stage)}
    contracts = Agreement.objects.filter(project=project, kind="contract", signed_on__isnull=False).order_by("signed_on")
    if (first := contracts.first()) is not None:
        days["signed"] = first.signed_on
    return days


def unproved(project: Project, life: Lifecycle, as_of: dt.date) -> set[str]:
    """Stages passed of which a proof was absent at the take-over, and still is."""
    standing = list(Evidence.objects.filter(project=project, withdrawn_at=None).values_list("kind", "is_absent"))
    absent = {kind for kind, is_absent in standing if is_absent} - {kind for kind, is_absent in standing if not is_absent}
    order = life.order
    there = StageChange.objects.filter(project=project, occurred_on__lte=as_of).order_by("pk").last()
    furthest = max(order.index(stage) for stage in (project.stage, there.to_stage if there else project.stage))
    passed = order[1 : furthest + 1]
    return {stage for stage in passed if absent & set(life.required_for(stage, project.kind).evidence)}


def intent_day(project: Project, as_of: dt.date) -> dt.date | None:
    """When the letter of intent was signed, as it was known on a day: a sub-node opened again later was done then."""
    now = Node.objects.filter(project=project, key="intent_signed", state="done").values_list("done_on", flat=True).first()
    if now is not None and now <= as_of:
        return now
    was = UndoneNode.objects.filter(project=project, key="intent_signed", on__lte=as_of, until__gt=as_of)
    return was.order_by("pk").values_list("on", flat=True).first() or now


def by_hand(code: str, user: Any, as_of: dt.date, cohort: Cohort) -> tuple[int, int]:
    """Above and below the line, project by project."""
    above, below, life = 0, 0, lifecycles.in_force()
    for project in Project.objects.visible_to(user):
        days, lacking = stage_days(project, as_of), unproved(project, life, as_of)
        intent = intent_day(project, as_of)
        signings = [days.get("signed")] if code == "start_contract_only" else [days.get("signed"), intent]
        begun = min((day for day in signings if day is not None), default=None)
        if begun is None or not cohort.holds(begun) or begun > as_of or "signed" in lacking:
            continue
        stage = COUNTS[code]
        if (day := days.get(stage)) is not None:
            hits = [(stage, day)] if day <= as_of else []
        else:
            hits = [(later, days[later]) for later in LATER[stage] if later in days and days[later] <= as_of]
        if hits and all(one in lacking for one, _day in hits):
            continue  # there without proof: in neither side
        below += 1
        above += bool(hits)
    return above, below


def planned_by_hand(user: Any, as_of: dt.date, cohort: Cohort, notes: Notes) -> tuple[int, int]:
    """What started of what was to start by a day as planned on that day; early starts stand above the line alone."""
    above, below, life = 0, 0, lifecycles.in_force()
    for project in Project.objects.visible_to(user):
        _total, start = notes.of(project, as_of)
        days, lacking = stage_days(project, as_of), unproved(project, life, as_of)
        is_due = start is not None and cohort.holds(start) and start <= as_of
        own = days.get("started")
        later = [(one, days[one]) for one in LATER["started"] if days.get(one) is not None and days[one] <= as_of]
        hits = ([("started", own)] if own <= as_of else []) if own is not None else later
        is_proved = any(one not in lacking for one, _day in hits)
        if hits and not is_proved:
            if is_due:
                continue  # there without proof: in neither side
            hits = []
        is_late = start is None or start >= cohort.ends_on
        is_early = bool(hits) and not is_due and is_late and own is not None and cohort.holds(own)
        below += is_due
        above += (is_due and bool(hits)) or is_early
    return above, below


def money_by_hand(user: Any, as_of: dt.date, cohort: Cohort, notes: Notes) -> tuple[Decimal, Decimal]:
    """What arrived of what was signed in the period, by the total investment of its projects."""
    above, below, life = Decimal(0), Decimal(0), lifecycles.in_force()
    for project in Project.objects.visible_to(user):
        intent = intent_day(project, as_of)
        begun = min((day for day in (stage_days(project, as_of).get("signed"), intent) if day is not None), default=None)
        if (
            begun is None
            or not cohort.holds(begun)
            or begun > as_of
            or "signed" in unproved(project, life, as_of)
            or not (total := notes.of(project, as_of)[0])
        ):
            continue
        steps = FundsReview.objects.filter(entry__project=project, step="accepted", counted_on__lte=as_of)
        above += sum((one.recognised_yuan or Decimal(0) for one in steps), Decimal(0))
        below += total
    return above, below


def pay(walk: projects_walk.Walk, number: str) -> None:
    """Money that counts, or some of it taken back."""
    project = walk.dice.choice([one for one in walk.projects if hasattr(one, "funds_standing")])
    entry = FundsEntry.objects.filter(project=project, reversal=None, reverses=None, reviews__step="accepted").first()
    if entry is not None and walk.dice.random() < 0.3:
        funds.reverse(entry=entry, reason="退回", by=None, at=walk.at)
    else:
        factories.counted_funds(project, walk.cast.bureau_leader, number)


def told_of(user: Any, as_of: dt.date) -> Any:
    """All that a page tells of rates as of a day."""
    seen = rate_pages.seen(user, as_of=as_of, cohort=cohort_from("2026"))
    return [one.rate for one in seen.totals({code: code for code in rates().definitions if "target" not in code})], seen.funnel()


def replan(walk: projects_walk.Walk) -> None:
    """Somebody plans anew; whatever a page told of a day before stays what it was."""
    user, days = walk.cast.bureau_leader, [walk.at.date() - dt.timedelta(days=days) for days in (1, 40)]
    before = [told_of(user, day) for day in days]
    try:
        with transaction.atomic():
            projects_walk.replan(walk, Project.objects.get(pk=walk.dice.choice(walk.projects).pk), None)
    except guarding.Refused:
        return
    assert [told_of(user, day) for day in days] == before


def test_a_rate_is_a_count_by_hand_whatever_was_done(cast: Cast) -> None:
    definitions, seen, told, notes = rates().definitions, set[Any](), 0, Notes()
    for seed in range(SEQUENCES):
        walk = projects_walk.Walk(seed, cast, factories.AT + seed * projects_walk.DAY)
        walk.projects.append(factories.funded_project(cast.park_officer))
        far = factories.bring_on(factories.whole_project(cast.park_officer), FAR[seed % len(FAR)], by=None)
        funds.describe(project=far, answers=ANSWERS, by=None, at=factories.AT)
        walk.projects.append(far)
        notes.take(walk.at.date())
        for number in range(STEPS):
            walk.step()
            notes.take(walk.at.date())
            if number % LOOK_EVERY:
                continue
            pay(walk, f"{seed}-{number}")
            replan(walk)
            notes.take(walk.at.date())
            for who in ("bureau_leader", "county_officer"):
                user, day = cast.people[who], walk.at.date()
                as_of, cohort = walk.dice.choice((day, day - dt.timedelta(days=40))), cohort_from(walk.dice.choice(("2026", "2026-2027")))
                codes = {code: code for code in (*COUNTS, "start_planned", "funds_signed")}
                *counted, money = rate_pages.seen(user, as_of=as_of, cohort=cohort).totals(codes)
                found = {one.definition.code: (one.rate.numerator, one.rate.denominator) for one in counted}
                wanted = {code: by_hand(code, user, as_of, cohort) for code in COUNTS}
                wanted["start_planned"] = planned_by_hand(user, as_of, cohort, notes)
                assert found == wanted, f"seed {seed}, step {number}, {who}, {as_of}, {dict(walk.done)}"
                assert (money.rate.numerator, money.rate.denominator) == money_by_hand(user, as_of, cohort, notes), (
                    f"seed {seed}, step {number}"
                )
                seen |= set(wanted.values())
                told += money.rate.numerator > 0
            anew = rated.by_key(Project.objects.all())
            known = held.judged(definitions["start_signed"], anew, as_of=walk.at.date(), cohort=cohort_from("2026"))
            assert known.keys() == anew.keys() and {key: held.facts(key) for key in anew} == anew
    assert len(seen) > 6 and told, f"the histories differ: {seen}"
