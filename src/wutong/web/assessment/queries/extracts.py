"""An extract of results for appointments (选人用人参考): what all published runs of some years found of a unit or person, on one page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.models import within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import FINDING_STATES, Finding, Objection, RunUnit
from wutong.web.assessment.queries import results, versions
from wutong.web.assessment.rules.inspections import FindingState
from wutong.web.assessment.rules.runs import ObjectionState, RunState
from wutong.web.lib import papers
from wutong.web.lib.access import is_chinese


@dataclass(frozen=True, slots=True)
class Line:
    """What a published run found. `of_count`: how many are ranked in the group; `rank` None: the total is missing."""

    row: RunUnit
    group: str
    total_points: Decimal | None
    rank: int | None
    of_count: int
    objections: str
    remedies: str


@dataclass(frozen=True, slots=True)
class Extract:
    """Of whom, for which years, line by line."""

    key: UUID
    name: str
    since_year: int
    until_year: int
    lines: tuple[Line, ...]


def rows_for(user: Any) -> Any:
    """The results that a person may make extracts of: of published runs that stand, of schemes that he edits."""
    kept = within(user, Permission.ASSESSMENT_EDIT, unit="run__scheme__unit")
    found = RunUnit.objects.visible_to(user).filter(kept, run__state=RunState.PUBLISHED)
    return found.exclude(run__superseded_by__state=RunState.PUBLISHED)


def subjects(user: Any) -> list[tuple[str, str]]:
    """Key and name of whom an extract can be made: persons first, each with where he stood last."""
    rows = rows_for(user).select_related("unit", "person").order_by("run__on", "pk")
    found = {str(one.measured_key): (one.person_id is None, one.unit.path, one.measured_name) for one in rows}
    return [(key, name) for key, (_is_unit, _path, name) in sorted(found.items(), key=lambda pair: pair[1])]


def extract(user: Any, key: UUID, *, since_year: int, until_year: int) -> Extract | None:
    """The extract of a unit or person; None where there is nothing of it that one may see."""
    mine = rows_for(user).filter(Q(unit__public_id=key, person=None) | Q(person__public_id=key))
    last = mine.select_related("unit", "person").order_by("-run__on", "-pk").first()
    if last is None:
        return None
    period = (dt.date(since_year, 1, 1), dt.date(until_year, 12, 31))
    rows = mine.filter(run__on__range=period).select_related("run__scheme", "run__version", "unit", "person").order_by("run__on", "pk")
    titles = {one.pk: versions.group_titles(one) for one in {row.run.version for row in rows}}
    ranked = results.ranked_counts([row.run for row in rows])
    lines = tuple(_line(row, titles[row.run.version_id].get(row.group, row.group), ranked.get((row.run_id, row.group), 0)) for row in rows)
    return Extract(key, last.measured_name, since_year, until_year, lines)


def _line(row: RunUnit, group: str, ranked: int) -> Line:
    of_it = {"person": row.person} if row.person_id else {"unit": row.unit, "person": None}
    filed = Counter(Objection.objects.filter(run=row.run, **of_it).values_list("state", flat=True))
    asked = Counter(Finding.objects.filter(result=row).exclude(state=FindingState.WITHDRAWN).values_list("state", flat=True))
    return Line(row, group, row.total_points, row.rank, ranked, _objections(filed), _remedies(asked))


def _objections(filed: Counter[str]) -> str:
    if not filed:
        return _("none")
    told = {"all": sum(filed.values()), "upheld": filed[ObjectionState.UPHELD]}
    return _("%(all)s, upheld %(upheld)s") % told


def _remedies(asked: Counter[str]) -> str:
    said = [f"{FINDING_STATES[FindingState(state)]} {count}" for state, count in sorted(asked.items())]
    return pgettext("between entries", "; ").join(said) or _("none")


def points(value: Decimal | None) -> str:
    """A total as it was published."""
    return _("missing") if value is None else f"{value.normalize():f}"


def paper(found: Extract, *, by: Any, on: dt.date) -> papers.Paper:
    """The extract with its signature block, as a file."""
    tables = [
        block for scheme, lines in _by_scheme(found) for block in (papers.heading(scheme), papers.table(_heads(), _rows(lines), (1,)))
    ]
    blocks = (
        papers.facts(
            [
                (pgettext("extract", "Of whom"), found.name),
                (pgettext("extract", "Years"), f"{found.since_year} – {found.until_year}"),
                (pgettext("extract", "Published runs"), str(len(found.lines))),
            ]
        ),
        *(tables or [papers.text(_("No published run lies in these years."))]),
        papers.text(_("Taken from published runs that stand; who reads it as a reference decides nothing by it alone.")),
        papers.facts([(title, "") for title in signatures()]),
        papers.small(_("Made by %(person)s on %(day)s") % {"person": by, "day": on}),
    )
    return papers.Paper(_("Extract of assessment results"), blocks, found.name, is_chinese=is_chinese())


def _by_scheme(found: Extract) -> list[tuple[str, list[Line]]]:
    """Scheme and group → the lines, in the order in which they begin: a line then stays one line on paper."""
    by_scheme: dict[str, list[Line]] = {}
    for one in found.lines:
        by_scheme.setdefault(f"{one.row.run.scheme.title} · {one.group}", []).append(one)
    return list(by_scheme.items())


def _heads() -> tuple[str, ...]:
    return (
        pgettext("run", "Up to and with"), pgettext("run", "Total (points)"), pgettext("run", "Rank"), pgettext("run", "Grade"),
        pgettext("extract", "Objections"), pgettext("extract", "Remedies"),
    )  # fmt: skip


def _rows(lines: list[Line]) -> list[tuple[str, ...]]:
    return [
        (str(one.row.run.on), points(one.total_points), place(one), one.row.grade or "—", one.objections, one.remedies) for one in lines
    ]


def place(one: Line) -> str:
    """Rank among how many."""
    return "—" if one.rank is None else f"{one.rank}/{one.of_count}"


def signatures() -> tuple[str, ...]:
    """Who signs, in the order of signing."""
    return (pgettext("extract", "Made out by"), pgettext("extract", "Checked by"), pgettext("extract", "Unit (seal) and day"))
