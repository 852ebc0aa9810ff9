"""What was absent when projects were taken over and nobody has handed in since: by unit and by project, until it is mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.projects.models import Evidence, Project
from wutong.web.projects.queries import lifecycles, register
from wutong.web.projects.rules import stages as rules

SHOWN_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Lack:
    """A kind of evidence that lacks: its code and its name."""

    kind: str
    name: str


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
    """A host unit: how many of its projects lack something, and how many proofs in all."""

    unit: Unit
    projects: int
    proofs: int


def _lacking() -> Any:
    handed_in = Evidence.objects.standing().filter(project=OuterRef("project"), kind=OuterRef("kind"), is_absent=False)
    return Evidence.objects.standing().filter(~Exists(handed_in), is_absent=True)


def found(projects: Any) -> Any:
    """Those of some projects that lack a proof since they were taken over, with how many (`lacks`)."""
    counted = _lacking().filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    return projects.filter(register.absent()).annotate(lacks=Subquery(counted))


def by_unit(projects: Any) -> tuple[OfUnit, ...]:
    """Host units with what their projects lack, the most first: two questions."""
    rows = _lacking().filter(project__in=projects.order_by().values("pk")).order_by().values("project__unit")
    counted = list(rows.annotate(projects=Count("project", distinct=True), proofs=Count("pk")))
    units = Unit.objects.in_bulk([row["project__unit"] for row in counted])
    told = (OfUnit(units[row["project__unit"]], row["projects"], row["proofs"]) for row in counted)
    return tuple(sorted(told, key=lambda one: (-one.proofs, one.unit.path)))


def shown(keys: Iterable[int], user: Any) -> Sequence[AbsentRow]:
    """Projects of these keys in their order, each with what it lacks: two questions however many there are."""
    wanted, life = list(keys), lifecycles.in_force()
    there = Project.objects.filter(pk__in=wanted).select_related("unit", "finder_unit", "owner", "firm", "lead", "phase_of").in_bulk()
    kinds: dict[int, list[str]] = defaultdict(list)
    for project, kind in _lacking().filter(project__in=wanted).order_by("pk").values_list("project", "kind"):
        kinds[project].append(kind)
    rows = []
    for one in (there[key] for key in wanted if key in there):
        passed = rules.passed(one.stage, life)
        lacks = set(kinds[one.pk])
        unproved = [code for code in passed if lacks & set(life.required_for(code, one.kind).evidence)]
        may = user.pk == one.owner_id or user.may(Permission.PROJECTS_EDIT, one.target())
        named = tuple(Lack(kind, lifecycles.evidence_name(kind)) for kind in kinds[one.pk])
        stage, stages = lifecycles.stage_name(one.stage), tuple(map(lifecycles.stage_name, unproved))
        rows.append(AbsentRow(one, one.outside_name, stage, named, stages, may))
    return rows
