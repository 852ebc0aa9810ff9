"""What was absent when projects were taken over, proofs and facts, and nobody has brought since: by unit and by project, until mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.projects.models import Evidence, Project
from wutong.web.projects.queries import lifecycles, refusals, register
from wutong.web.projects.rules import stages as rules

SHOWN_AT_ONCE = 5
WHOLE = ("unit", "finder_unit", "owner", "firm", "landed_firm", "lead", "phase_of__lead")


@dataclass(frozen=True, slots=True)
class Lack:
    """A kind of evidence, or a fact, that lacks: its code and its name."""

    kind: str
    name: str
    is_fact: bool = False


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """A project with what it lacks. `unproved`: the stages that no rate counts as proved for want of it; `may_mend`: the reader may."""

    project: Project
    name: str
    stage_name: str
    lacks: tuple[Lack, ...]
    unproved: tuple[str, ...]
    may_mend: bool

    @property
    def more(self) -> int:
        """How many it lacks beside those that are shown at once."""
        return max(0, len(self.lacks) - SHOWN_AT_ONCE)


@dataclass(frozen=True, slots=True)
class OfUnit:
    """A host unit: how many of its projects lack something, how many proofs in all, and how many facts."""

    unit: Unit
    projects: int
    proofs: int
    facts: int


def _lacking() -> Any:
    handed_in = Evidence.objects.standing().filter(project=OuterRef("project"), kind=OuterRef("kind"), is_absent=False)
    return Evidence.objects.standing().filter(~Exists(handed_in), is_absent=True)


def found(projects: Any) -> Any:
    """Those of some projects that lack a proof or a fact since they were taken over, with how many (`lacks`)."""
    return projects.filter(register.absent()).annotate(lacks=_proofs() + _facts())


def _proofs() -> Any:
    counted = _lacking().filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _facts() -> Any:
    """How many facts a project lacks since it was taken over."""
    found: Any = Value(0)
    for lacks in register.absent_facts().values():
        found = found + Case(When(lacks, then=Value(1)), default=Value(0), output_field=IntegerField())
    return found


def by_unit(projects: Any) -> tuple[OfUnit, ...]:
    """Host units with what their projects lack, the most first: two questions."""
    lacking = projects.filter(register.absent()).order_by().annotate(proofs_there=_proofs(), facts_there=_facts())
    counted = list(lacking.values("unit").annotate(n=Count("pk"), proofs=Sum("proofs_there"), facts=Sum("facts_there")))
    units = Unit.objects.in_bulk([row["unit"] for row in counted])
    told = (OfUnit(units[row["unit"]], row["n"], row["proofs"], row["facts"]) for row in counted)
    return tuple(sorted(told, key=lambda one: (-one.proofs - one.facts, one.unit.path)))


def shown(keys: Iterable[int], user: Any) -> Sequence[AbsentRow]:
    """Projects of these keys in their order, each with what it lacks: two questions however many there are."""
    wanted, life = list(keys), lifecycles.in_force()
    there = Project.objects.filter(pk__in=wanted).select_related(*WHOLE).in_bulk()
    kinds: dict[int, list[str]] = defaultdict(list)
    for project, kind in _lacking().filter(project__in=wanted).order_by("pk").values_list("project", "kind"):
        kinds[project].append(kind)
    rows = []
    for one in (there[key] for key in wanted if key in there):
        passed = rules.passed(one.stage, life)
        lacks = set(kinds[one.pk])
        unproved = [code for code in passed if lacks & set(life.required_for(code, one.kind).evidence)]
        may = user.pk == one.owner_id or user.may(Permission.PROJECTS_EDIT, one.target())
        told = (Lack(name, refusals.fact_name(name), is_fact=True) for name in register.facts_absent(one, life))
        named = (*told, *(Lack(kind, lifecycles.evidence_name(kind)) for kind in kinds[one.pk]))
        stage, stages = lifecycles.stage_name(one.stage), tuple(map(lifecycles.stage_name, unproved))
        rows.append(AbsentRow(one, one.outside_name, stage, named, stages, may))
    return rows
