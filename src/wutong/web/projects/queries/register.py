"""Projects as lists, boards and exports show them: which match, in what order, how each stands today; nothing is asked row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, Exists, IntegerField, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from wutong.rulebook.lifecycle import OF_PAPERS, Lifecycle
from wutong.web.accounts.models import EVERYTHING, Unit, User
from wutong.web.accounts.models.units import named
from wutong.web.leads.models import Lead
from wutong.web.projects.models import Evidence, Gate, Node, Project, ProjectQuerySet
from wutong.web.projects.models.projects import is_not_said
from wutong.web.projects.queries import key_projects, lifecycles, limits, paper_may
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import Kind, Light, NodeState, Stage, Status

NEVER = dt.date(9999, 12, 31)
"""Stands behind every day where nothing is due: both databases sort it last."""
LATE_NODES = "late_nodes"
MOST_ON_BOARD = 30
MOST_OF_A_RECORD = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A project as a list shows it. `late_nodes`: open sub-nodes past their day; `next_due_on`: the first day of one that is open.

    `is_asked`: a second person is to decide; `has_absent`: a proof or a fact lacks since it was taken over; `is_key`: of a key industry,
    None: not known; `is_past_limit`: a limit after signing is past.
    """

    project: Project
    name: str
    stage_name: str
    light: Light
    days_in_stage: int
    open_nodes: int
    late_nodes: int
    next_due_on: dt.date | None
    tier_name: str
    is_asked: bool
    has_absent: bool
    is_key: bool | None = False
    is_past_limit: bool = False

    @property
    def is_late(self) -> bool:
        """Whether something of it is late."""
        return self.light is Light.RED


# --- what matches -----------------------------------------------------------------------------------------------------------------------
def matching(
    found: ProjectQuerySet, user: Any, *, on: dt.date, text: str = "", which: str = "", status: str = "", stage: str = "", kind: str = "",
    mode: str = "", tier: str = "", unit: Unit | None = None, owner: User | None = None, chain: str = "", segment: str = "",
    origin: str = "", place: str = "", since_from: dt.date | None = None, since_to: dt.date | None = None,
    total_from_yuan: Decimal | None = None, total_to_yuan: Decimal | None = None, is_chain_project: bool | None = None,
    key: str = "", host: Unit | None = None,
) -> ProjectQuerySet:  # fmt: skip
    """Projects by words, attention (`which`), status ("": worked on, "all"), stage, kind, mode, size tier, key industry, unit (host or
    finder, and those below it; of late sub-nodes the unit that owes one), host alone, owner, chain and segment, origin of capital, place
    of the site ("-": none yet), days of the stage (both included) and investment.

    A confidential project is found by its code name alone.
    """
    if text:
        found = found.filter(_called(text))
    if status != "all":
        found = found.filter(status=status or Status.ACTIVE)
    if unit and which == LATE_NODES:
        found = found.filter(_with_node(due_on__lt=on, unit=unit))
    elif unit:
        found = found.filter(Q(unit__path__startswith=unit.path) | Q(finder_unit__path__startswith=unit.path))
    if tier:
        found = found.filter(_of_tier(tier))
    if key:
        found = found.filter(key_projects.asked(key, on))
    if place:
        found = found.filter(site_adcode="") if place == "-" else found.filter(site_adcode__startswith=prefix_of(place))
    asked = {
        "unit": host, "stage": stage, "kind": kind, "mode": mode, "owner": owner, "chain": chain, "segment": segment, "origin_kind": origin,
        "stage_since__gte": since_from, "stage_since__lte": since_to, "total_yuan__gte": total_from_yuan,
        "total_yuan__lte": total_to_yuan, "is_chain_project": is_chain_project,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in asked.items() if value not in {None, ""}})
    condition = CONDITIONS.get(which)
    return found if condition is None else found.filter(condition(user, on))


def _called(text: str) -> Q:
    is_open = Q()
    for name in ("name_zh", "name_en", "landed_name", "firm__name", "lead__name", "phase_of__lead__name"):
        is_open |= Q(**{f"{name}__icontains": text})
    is_open |= Q(project_code__istartswith=text) | Q(landed_uscc__istartswith=text)
    return Q(is_confidential=False) & is_open | Q(is_confidential=True, code_name__icontains=text)


def prefix_of(adcode: str) -> str:
    """What the codes of a division and of all inside it begin with."""
    code = adcode[:6]
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def _of_tier(code: str) -> Q:
    """Projects of a size tier: its bound included, the next one's not; "-": the investment is not known."""
    if code == "-":
        return Q(total_yuan=None)
    tiers = lifecycles.in_force().tiers
    at = next((number for number, tier in enumerate(tiers) if tier.code == code), None)
    if at is None:
        return Q(pk__in=())
    above = Q(total_yuan__lt=tiers[at + 1].from_yuan) if at + 1 < len(tiers) else Q()
    return Q(total_yuan__gte=tiers[at].from_yuan) & above


def _with_node(**more: Any) -> Any:
    return Exists(Node.objects.filter(project=OuterRef("pk"), state=NodeState.OPEN, **more))


def late(on: dt.date) -> Q:
    """Projects whose light is red: by the stage, an open sub-node, or a limit after signing."""
    is_over = Q(stage_due_on__lt=on) | Q(_with_node(due_on__lt=on)) | Q(pk__in=limits.of_light(Light.RED, on))
    return Q(status=Status.ACTIVE) & is_over


def soon(on: dt.date) -> Q:
    """Projects of which the stage, an open sub-node or a limit after signing is near its day."""
    until_on = on + dt.timedelta(days=lifecycles.yellow_days(on))
    is_near = Q(stage_due_on__gte=on, stage_due_on__lte=until_on) | Q(_with_node(due_on__gte=on, due_on__lte=until_on))
    return Q(status=Status.ACTIVE) & (is_near | Q(pk__in=limits.of_light(Light.AMBER, on)))


def absent() -> Q:
    """Projects of which a proof or a fact lacks since they were taken over."""
    return _proof_absent() | _any_of(absent_facts().values())


def _proof_absent() -> Q:
    handed_in = Evidence.objects.standing().filter(project=OuterRef("project"), kind=OuterRef("kind"), is_absent=False)
    lacking = Evidence.objects.standing().filter(~Exists(handed_in), project=OuterRef("pk"), is_absent=True)
    return Q(Exists(lacking))


def facts_absent(project: Project, lifecycle: Lifecycle) -> tuple[str, ...]:
    """What `rules.absent_facts` says of a project that was read, and no question is asked."""
    if not project.is_taken_over:
        return ()
    told = replace(
        paper_may.facts_of(project), given=project.given(), not_provided=frozenset(project.not_provided), is_taken_over=True
    )  # fmt: skip
    return rules.absent_facts(told, lifecycle)


def _any_of(conditions: Iterable[Q]) -> Q:
    found = Q(pk__in=())
    for one in conditions:
        found |= one
    return found


def absent_facts() -> dict[str, Q]:
    """Fact → which projects that were taken over lack it though a gate behind them asks for it: what `rules.absent_facts` says of one."""
    life = lifecycles.in_force()
    asked: dict[tuple[str, bool], dict[tuple[str, ...], list[str]]] = {}
    for kind in Kind:
        since: dict[tuple[str, bool], int] = {}
        for number, stage in enumerate(life.order[1:], 1):
            needed = life.required_for(stage, kind)
            for name, is_said in (*((one, False) for one in needed.facts), *((one, True) for one in needed.said)):
                if name not in OF_PAPERS:
                    since.setdefault((name, is_said), number)
        for fact, number in since.items():
            asked.setdefault(fact, {}).setdefault(life.order[number:], []).append(kind)
    found: dict[str, Q] = {}
    for (name, is_said), places in asked.items():
        where = _any_of(Q(stage__in=stages, kind__in=kinds) for stages, kinds in places.items())
        lacks = Project.lacks(name) & (is_not_said(name) if is_said else EVERYTHING)
        found[name] = found.get(name, Q(pk__in=())) | Q(is_taken_over=True) & where & lacks
    return found


CONDITIONS: dict[str, Callable[[Any, dt.date], Q]] = {
    "mine": lambda user, on: Q(owner=user) | Q(_with_node(owner=user)),
    "late": lambda user, on: late(on),
    LATE_NODES: lambda user, on: Q(_with_node(due_on__lt=on), status=Status.ACTIVE),
    "over_limit": lambda user, on: Q(pk__in=limits.of_light(Light.RED, on)),
    "soon": lambda user, on: soon(on),
    "asked": lambda user, on: Q(Exists(Gate.objects.filter(project=OuterRef("pk"), decision=""))),
    "absent": lambda user, on: absent(),
    "no_figure": lambda user, on: Q(total_yuan=None),
    "phases": lambda user, on: Q(phase_of__isnull=False),
    "taken_over": lambda user, on: Q(is_taken_over=True),
}


def in_order(found: ProjectQuerySet) -> ProjectQuerySet:
    """With a number that sorts by the way of the stages (`stage_no`) and the first day of an open node (`next_due_on`)."""
    order = [*lifecycles.in_force().order, *Stage]
    cases = [When(stage=code, then=Value(number)) for number, code in enumerate(dict.fromkeys(order))]
    due = Node.objects.filter(project=OuterRef("pk"), state=NodeState.OPEN, due_on__isnull=False).order_by("due_on").values("due_on")[:1]
    first = Coalesce(Subquery(due), Value(NEVER), output_field=DateField())
    return found.annotate(stage_no=Case(*cases, output_field=IntegerField()), next_due_on=first)


# --- how each stands --------------------------------------------------------------------------------------------------------------------
def shown(found: Any, user: Any, *, on: dt.date) -> tuple[Row, ...]:
    """Projects in their order, each with how it stands: six questions however many there are."""
    there = list(found.select_related("unit", "finder_unit", "owner", "firm", "landed_firm", "lead", "phase_of__lead"))
    keys, life, yellow = [one.pk for one in there], lifecycles.in_force(), lifecycles.yellow_days(on)
    is_open = Q(state=NodeState.OPEN)
    nodes = {
        row["project"]: row
        for row in Node.objects.filter(project__in=keys).order_by().values("project").annotate(
            open=Count("pk", filter=is_open), late=Count("pk", filter=is_open & Q(due_on__lt=on)), first=Min("due_on", filter=is_open)
        )
    }  # fmt: skip
    asked = set(Gate.objects.filter(project__in=keys, decision="").order_by().values_list("project", flat=True))
    lacking = set(Project.objects.filter(_proof_absent(), pk__in=keys).order_by().values_list("pk", flat=True))
    lacking |= {one.pk for one in there if facts_absent(one, life)}
    running = limits.lights(keys, on)
    return tuple(
        _row(
            one, nodes.get(one.pk, {}), life, one.pk in asked, one.pk in lacking, on=on, yellow_days=yellow, of_limits=running[one.pk]
        )
        for one in there
    )  # fmt: skip


def _row(
    one: Project, nodes: dict[str, Any], life: Lifecycle, is_asked: bool, has_absent: bool, *, on: dt.date, yellow_days: int,
    of_limits: Light = Light.GREY,
) -> Row:  # fmt: skip
    first = nodes.get("first")
    lights = [*(rules.until(day, on=on, yellow_days=yellow_days) for day in (one.stage_due_on, first)), of_limits]
    light = min(lights, key=rules.WORST_FIRST.index) if one.status == Status.ACTIVE else Light.GREY
    tier = rules.tier(one.total_yuan, life)
    return Row(
        one, one.outside_name, lifecycles.stage_name(one.stage), light, max(0, (on - one.stage_since).days), nodes.get("open", 0),
        nodes.get("late", 0), first, named(tier.zh, tier.en) if tier else "", is_asked, has_absent, key_projects.is_key(one, on=on),
        one.status == Status.ACTIVE and of_limits is Light.RED,
    )  # fmt: skip


def counts(found: Any) -> dict[str, int]:
    """How many projects stand in each stage, in the order of the stages; none is 0."""
    counted = dict(found.order_by().values("stage").annotate(count=Count("pk")).values_list("stage", "count"))
    life = lifecycles.in_force()
    return {code: counted.get(code, 0) for code in dict.fromkeys((*life.order, *counted))}


def board(found: Any, user: Any, *, on: dt.date) -> tuple[tuple[str, int, Sequence[Row]], ...]:
    """By stage: its code, how many projects stand there, and the first of them, those that are due earliest first."""
    counted = counts(found)
    in_turn = in_order(found).order_by("next_due_on", "-opened_at", "-pk")
    keys = [pk for code in counted for pk in in_turn.filter(stage=code).values_list("pk", flat=True)[:MOST_ON_BOARD]]
    rows = {row.project.pk: row for row in shown(Project.objects.filter(pk__in=keys), user, on=on)}
    by_stage: dict[str, list[Row]] = {code: [] for code in counted}
    for pk in keys:
        by_stage[rows[pk].project.stage].append(rows[pk])
    return tuple((code, count, by_stage[code]) for code, count in counted.items())


# --- of a record ------------------------------------------------------------------------------------------------------------------------
def of_lead(user: Any, lead: Lead) -> Any:
    """The project of a lead and its phases, as far as the person may see them."""
    return Project.objects.visible_to(user).filter(Q(lead=lead) | Q(phase_of__lead=lead)).order_by("phase_number")


def of_firm(user: Any, firm_id: str) -> Any:
    """The projects in which a firm invests, or whose company it is."""
    of_it = Q(firm__firm_id=firm_id) | Q(landed_firm__firm_id=firm_id)
    return Project.objects.visible_to(user).filter(of_it).order_by("-opened_at", "-pk")[:MOST_OF_A_RECORD]


def of_person(user: Any, person: User) -> Any:
    """The projects worked on that a person answers for, or of which he owes a node; as many as a panel shows."""
    return all_of_person(user, person)[:MOST_OF_A_RECORD]


def all_of_person(user: Any, person: User) -> Any:
    """All of them, what is due first at the top."""
    owed = Node.objects.filter(state=NodeState.OPEN, owner=person).order_by().values("project")
    found = Project.objects.visible_to(user).filter(Q(owner=person) | Q(pk__in=owed), status=Status.ACTIVE)
    return found.order_by("stage_due_on", "-opened_at", "-pk")
