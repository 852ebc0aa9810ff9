"""Pages of inspections: plans, whether their lists are what the seed draws, visits with reported and verified figures, findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wutong.rulebook import inspections as rulebook
from wutong.rulebook.inspections import Check
from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules import access
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Finding, Inspection, InspectionAnswer, InspectionPlan
from wutong.web.assessment.queries import reported as records
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules.inspections import FindingState, PlanKind, PlanState, Refusal, VisitState
from wutong.web.projects.models import Project
from wutong.web.projects.rules.stages import Status

WORDS = {
    Refusal.WRONG_STATE: _("It does not stand so that this could be done: load the page again."),
    Refusal.TITLE_MISSING: _("The title is missing."),
    Refusal.TEXT_MISSING: _("The words are missing: write what it is about."),
    Refusal.REASON_MISSING: _("A reason is missing: write why, so that nobody asks again."),
    Refusal.PERIOD: _("The last day lies before the first: look at the days."),
    Refusal.COUNT_MISSING: _("It is not said how many projects are drawn."),
    Refusal.NOTHING_IN_SCOPE: _("No project lies in this scope: widen it."),
    Refusal.DAY_TO_COME: _("The day is in the future: enter it when it has come."),
    Refusal.NOT_ALL_ANSWERED: _(
        "Before it is handed in, the day and every matter are needed: a figure, yes or no, or why it could not be seen."
    ),
    Refusal.UNKNOWN_MATTER: _("There is no such matter on the list of this project."),
    Refusal.BELOW_ZERO: _("A figure cannot be below zero."),
    Refusal.FALSE_NEEDS_FIGURES: _("A false report needs the matter, and for it both what was reported and what was verified."),
    Refusal.DUE_BEFORE_TODAY: _("The day by which to rectify has passed already."),
    Refusal.SAME_PERSON: _("Another person must verify it: whoever called it rectified does not close it."),
    Refusal.FOUND_HIMSELF: _("Another person must withdraw it: whoever recorded a finding does not."),
    Refusal.WHOSE_IT_IS: _("Another person must decide: whoever answers for what was found does not close it."),
    Refusal.VISITS_WAIT: _("Projects of the list wait to be visited: visit them, or say why not."),
    Refusal.LEFT_OUT_HIMSELF: _("Another person must close it: you left a project of the list out, and do not accept your own reason."),
    Refusal.PLAN_OPEN: _(
        "A surprise inspection of the same projects in the same days is open: close it, or give it up with a reason, before the next."
    ),
    Refusal.COMMITTED_HIMSELF: _("Another person must draw: whoever planned a surprise inspection does not."),
    Refusal.NOT_ABLE: _("Nobody of this unit can be given the duty: no leader of it has an account."),
}


def in_words(refusals: Iterable[Refusal]) -> list[str]:
    """Each in a sentence."""
    return [str(WORDS[one]) for one in refusals]


def title_of(matter: str) -> str:
    """What a matter is called; one that is on no list any more by its code."""
    found = rulebook.checks().get(matter)
    return matter if found is None else said(found)


def said(check: Check) -> str:
    """A matter in the language of the page."""
    return check.en if (get_language() or "").startswith("en") else check.zh


# --- plans ------------------------------------------------------------------------------------------------------------------------------
def like(plan: InspectionPlan, *states: PlanState) -> list[InspectionPlan]:
    """Other surprise plans of the same unit, in these states, of which scope and days overlap those of a plan."""
    there = InspectionPlan.objects.filter(unit=plan.unit, kind=PlanKind.SURPRISE, state__in=states).exclude(pk=plan.pk)
    near = there.filter(begins_on__lte=plan.ends_on, ends_on__gte=plan.begins_on).select_related("scope_unit", "closed_by")
    return [one for one in near.order_by("committed_at", "pk") if one.reach().overlaps(plan.reach())]


def given_up(plan: InspectionPlan) -> list[InspectionPlan]:
    """What is told beside a surprise plan: those of the same that were given up."""
    return like(plan, PlanState.DROPPED) if plan.kind == PlanKind.SURPRISE else []


def pool_of(plan: InspectionPlan) -> list[Project]:
    """The projects of a scope: those worked on in the region of the plan's unit, or below it; confidential ones are inspected apart.

    Why not those that whoever draws may see: choosing who draws would choose the pool.
    """
    found = Project.objects.filter(status=Status.ACTIVE, is_confidential=False)
    reached = Q(unit__path__startswith=plan.unit.path)
    if plan.unit.adcode:
        reached |= Q(unit__adcode__startswith=access.region_prefix(plan.unit.adcode))
    found = found.filter(reached)
    if plan.scope_unit is not None:
        found = found.filter(unit__path__startswith=plan.scope_unit.path)
    if plan.scope_stages:
        found = found.filter(stage__in=plan.scope_stages)
    if plan.least_yuan is not None:
        found = found.filter(total_yuan__gte=plan.least_yuan)
    return list(found.select_related("unit").order_by("public_id"))


def drawn_of(plan: InspectionPlan, pool: Sequence[str]) -> tuple[str, ...]:
    """What is inspected of a pool: of a surprise plan what its seed draws, of a regular one everything, in the order of the pool."""
    wanted = plan.wanted_count if plan.wanted_count is not None else len(pool)
    if PlanKind(plan.kind) is PlanKind.SURPRISE:
        return rulebook.drawn(plan.seed, pool, wanted_count=wanted)
    return tuple(sorted(pool))[:wanted]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a fixed list is what seed and pool give, and both are what was committed."""

    is_seed_as_committed: bool
    is_pool_as_kept: bool
    is_list_as_drawn: bool

    @property
    def is_sound(self) -> bool:
        """All of it."""
        return self.is_seed_as_committed and self.is_pool_as_kept and self.is_list_as_drawn


def verified(plan: InspectionPlan) -> Verdict:
    """The draw made again."""
    there = [str(key) for key in plan.inspections.order_by("position_no").values_list("project__public_id", flat=True)]
    return Verdict(
        rulebook.committed(plan.seed) == plan.seed_hash, rulebook.hash_of(plan.pool) == plan.pool_hash,
        tuple(there) == drawn_of(plan, plan.pool) and rulebook.hash_of(there) == plan.list_hash,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list."""

    plan: InspectionPlan
    projects_count: int
    visited_count: int
    findings_count: int
    false_count: int


def plan_rows(keys: Sequence[int]) -> list[PlanRow]:
    """The plans of these keys in their order."""
    visits = dict(_counted(Inspection.objects.filter(plan__in=keys), "plan"))
    visited = dict(_counted(Inspection.objects.filter(plan__in=keys).exclude(state=VisitState.WAITING), "plan"))
    findings = Finding.objects.filter(inspection__plan__in=keys).exclude(state=FindingState.WITHDRAWN)
    found, false = dict(_counted(findings, "inspection__plan")), dict(_counted(findings.false_reports(), "inspection__plan"))
    plans = {one.pk: one for one in InspectionPlan.objects.filter(pk__in=keys).select_related("unit", "scope_unit")}
    return [PlanRow(plans[key], visits.get(key, 0), visited.get(key, 0), found.get(key, 0), false.get(key, 0)) for key in keys]


def _counted(rows: Any, name: str) -> Any:
    return rows.order_by().values_list(name).annotate(count=Count("pk"))


def visit_rows(plan: InspectionPlan, user: Any) -> list[Inspection]:
    """The list of a plan as it was fixed, of what the person may see, with the number of findings."""
    seen = Inspection.objects.visible_to(user).filter(plan=plan).select_related("project", "unit", "handed_in_by")
    stands = Q(findings__isnull=False) & ~Q(findings__state=FindingState.WITHDRAWN)
    return list(
        seen.annotate(
            found_count=Count("findings", filter=stands), false_count=Count("findings", filter=stands & Q(findings__is_false_report=True))
        ).order_by("position_no")
    )  # fmt: skip


# --- a visit ----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class MatterLine:
    """A matter of a visit: reported beside verified. Units: of `check.kind`; `short_share` of the reported figure is not there."""

    check: Check
    title: str
    reported_value: Decimal | None
    verified_value: Decimal | None
    words: str
    short_share: Fraction | None

    @property
    def is_answered(self) -> bool:
        """A figure, or why there is none."""
        return self.verified_value is not None or bool(self.words.strip())

    @property
    def short_percent(self) -> float | None:
        """The same in percent."""
        return None if self.short_share is None else float(self.short_share * 100)

    @property
    def differs(self) -> bool:
        """Whether something else is there than was reported."""
        return None not in (self.reported_value, self.verified_value) and self.reported_value != self.verified_value


def matters(inspection: Inspection) -> tuple[MatterLine, ...]:
    """What is looked at: of a visit handed in as it was kept, before that with the records as they stand now."""
    kept = {one.matter: one for one in inspection.answers.all()}
    if inspection.state != VisitState.WAITING:
        known = rulebook.checks()
        return tuple(_line(known[code], one.reported_value, one) for code, one in kept.items() if code in known)
    now = records.reported([inspection.project])[inspection.project.pk]
    return tuple(_line(one, now.get(one.reported), kept.get(one.code)) for one in asked_of(inspection.project))


def asked_of(project: Project) -> tuple[Check, ...]:
    """The matters of a project in its stage."""
    return rulebook.asked(project.stage, records.STAGES)


def _line(check: Check, reported: Decimal | None, kept: InspectionAnswer | None) -> MatterLine:
    value = kept.verified_value if kept else None
    both = [None if one is None or check.kind == "yes_no" else Fraction(one) for one in (reported, value)]
    short = rulebook.short_share(*both)
    return MatterLine(check, said(check), reported, value, kept.words if kept else "", short)


def whole(inspections: Any) -> Any:
    """With what a page of one needs."""
    return inspections.select_related("plan__unit", "project__unit", "project__owner", "unit", "handed_in_by")


@dataclass(frozen=True, slots=True)
class VisitPage:
    """A visit with its matters and findings, and what the person may do."""

    lines: tuple[MatterLine, ...]
    findings: tuple[Finding, ...]
    may_inspect: bool
    is_waiting: bool
    unanswered_count: int


def visit_page(inspection: Inspection, user: Any) -> VisitPage:
    """Four questions."""
    lines = matters(inspection)
    findings = Finding.objects.filter(inspection=inspection).select_related("duty", "by", "rectified_by", "closed_by")
    return VisitPage(
        lines, tuple(findings), may_inspect(user, inspection.plan), inspection.state == VisitState.WAITING,
        sum(not one.is_answered for one in lines),
    )  # fmt: skip


# --- who may ----------------------------------------------------------------------------------------------------------------------------
def may_inspect(user: Any, plan: InspectionPlan) -> bool:
    """Whoever inspects for the unit of the plan."""
    return bool(user.may(Permission.ASSESSMENT_EDIT, plan.unit.target()))


def may_draw(user: Any, plan: InspectionPlan) -> bool:
    """Whoever inspects for the unit of the plan; of a surprise one not who planned it."""
    is_planner = plan.kind == PlanKind.SURPRISE and plan.committed_by_id == user.pk
    return plan.state == PlanState.COMMITTED and may_inspect(user, plan) and not is_planner


def may_answer(user: Any, finding: Finding) -> bool:
    """The owner of the project, and who answers for the unit inspected; of a result whoever speaks for who is measured."""
    if finding.result is not None:
        return One(finding.unit, finding.result.person).may_be_answered(user)
    return bool(user.pk == finding.inspection.project.owner_id or user.may(Permission.ASSESSMENT_ANSWER, finding.unit.target()))


def may_verify(user: Any, finding: Finding) -> bool:
    """Whoever inspects or assesses for the unit that found it, and does not answer for it himself."""
    return bool(user.may(Permission.ASSESSMENT_EDIT, finding.asking_unit.target())) and not is_whose(user, finding)


def may_withdraw(user: Any, finding: Finding) -> bool:
    """Whoever approves for the unit that found it, but for who found it and whom it is about."""
    may = user.may(Permission.ASSESSMENT_APPROVE, finding.asking_unit.target()) and user.pk != finding.by_id
    return bool(may) and finding.state != FindingState.WITHDRAWN and not is_whose(user, finding)


def is_whose(user: Any, finding: Finding) -> bool:
    """Whether it is his own: his project, his duty, or his result."""
    owner = finding.inspection.project.owner_id if finding.inspection is not None else finding.result.person_id
    return user is not None and user.pk in {owner, finding.duty.owner_id if finding.duty is not None else None}


# --- findings ---------------------------------------------------------------------------------------------------------------------------
def findings_of(
    user: Any, *, state: str = "", severity: str = "", unit: Unit | None = None, is_false: bool | None = None,
    late_on: dt.date | None = None,
) -> Any:  # fmt: skip
    """The findings that a person may see, by what is asked."""
    found = Finding.objects.visible_to(user)
    if state:
        found = found.filter(state=state)
    if severity:
        found = found.filter(severity=severity)
    if unit is not None:
        found = found.filter(unit__path__startswith=unit.path)
    if is_false is not None:
        found = found.filter(is_false_report=is_false)
    if late_on is not None:
        found = found.filter(state=FindingState.OPEN, due_on__lt=late_on)
    return found


def seen_units(user: Any) -> Any:
    """The units by which a person may look for findings."""
    return within(user, Permission.ASSESSMENT_VIEW, unit="")


def finding_rows(keys: Sequence[int]) -> list[Finding]:
    """The findings of these keys in their order."""
    rows = Finding.objects.filter(pk__in=keys).select_related(
        "inspection__project", "inspection__plan", "unit", "result__run", "by", "duty"
    )
    found = {one.pk: one for one in rows}
    return [found[key] for key in keys]


# --- for runs ---------------------------------------------------------------------------------------------------------------------------
MONEY = "arrived"
"""The matter by which money in place is discounted (抽查折算)."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """What a visit found, as a run counts it. `name`: false_reports, reported_yuan or verified_yuan; Units: pieces, yuan."""

    unit: int
    name: str
    amount: Decimal
    record: tuple[str, str]


def found_rows(*, since: dt.date, until: dt.date) -> Iterator[FoundRow]:
    """False reports, and money both reported and verified, of visits from one day to another, both included. Two questions.

    Why not the money that a withdrawn finding was about: what was verified was found to be wrong. Where another finding of the matter
    stands it counts.
    """
    is_meant = {"inspection__state": VisitState.HANDED_IN, "inspection__visited_on__range": (since, until)}
    for unit, key in Finding.objects.false_reports().filter(**is_meant).order_by("pk").values_list("inspection__unit", "public_id"):
        yield FoundRow(unit, "false_reports", Decimal(1), (Finding._meta.label, str(key)))
    both = InspectionAnswer.objects.filter(**is_meant, matter=MONEY, reported_value__isnull=False, verified_value__isnull=False)
    said = Finding.objects.filter(inspection=OuterRef("inspection"), matter=OuterRef("matter"))
    right = both.filter(Exists(said.exclude(state=FindingState.WITHDRAWN)) | ~Exists(said))
    rows = right.order_by("pk").values_list("inspection__unit", "inspection__public_id", "reported_value", "verified_value")
    for unit, key, reported, verified_ in rows:
        for name, amount in (("reported_yuan", reported), ("verified_yuan", verified_)):
            yield FoundRow(unit, name, amount, (Inspection._meta.label, str(key)))


def is_open(plan: InspectionPlan) -> bool:
    """Whether its list is fixed and it is not closed."""
    return PlanState(plan.state) is PlanState.DRAWN


def check_of(matter: str) -> Check | None:
    """A matter of the list; None where there is none such any more."""
    return rulebook.checks().get(matter)
