"""Yearly figures of firms (年度数据) as facts: of project companies for host or owner, of any other for the unit where it is registered.

Why by its place (属地统计原则): whoever notes a figure of a firm does not own its output. Where the registry tells no place, or no unit
has it, the unit that first noted a figure of the firm does, and goes on doing so, whoever notes another later.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.utils import timezone

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import region_prefix
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.chains.models import HandPlacement
from wutong.web.firms.models import Firm, YearlyFigure
from wutong.web.firms.queries import briefs
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.projects.models import Project
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import histories
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.stages import Stage

FIGURE, PROJECT = "firms.YearlyFigure", "projects.Project"
MEASURES: Mapping[str, str] = {
    "output": "output_yuan", "revenue": "revenue_yuan", "tax": "tax_yuan", "profit": "profit_yuan", "research": "research_yuan",
    "exports": "imports_exports_usd", "employees": "employees_count",
}  # fmt: skip
"""Name of a fact → measure of the yearly figures (rulebook, measures.yaml)."""
NO_FIGURES = "no_figures"
SEATED = (UnitKind.PROVINCE, UnitKind.CITY, UnitKind.COUNTY, UnitKind.ZONE, UnitKind.PARK, UnitKind.TOWNSHIP)
"""Kinds of units that have a place of their own; of two with one code the first kind has it."""
Row = tuple[int, Fraction | None, tuple[str, str]]
Counts = Callable[[int | None, int | None], int | None]


def is_producing(facts: RatedProject, on: dt.date) -> bool:
    """Whether a project was in production on a day, as its stages stood then; one that was taken over so, on a day nobody knows, is."""
    found = histories.of_fact(facts, "production", on, may_imply=True)
    if found is not None:
        return found.on <= on
    return Stage.PRODUCTION in facts.unproved


@dataclass(frozen=True, slots=True)
class _Landed:
    """A project whose company is a firm: host, owner, chain, and whether it produces, so that a figure of it is to be expected."""

    unit: int
    owner: int | None
    chain: str
    record: tuple[str, str]
    is_producing: bool


class FirmFigures:
    """The figures of a year that were noted up to a day; one noted after the year counts at its end. Not kept longer than a run needs."""

    def __init__(self, year: int, *, on: dt.date) -> None:
        self.year, self.until = year, on
        self.into = dict(Firm.objects.filter(merged_into__isnull=False).order_by().values_list("pk", "merged_into"))
        self.landed: Mapping[int, tuple[_Landed, ...]] = self._landed()
        self.chains = self._chains()

    def firm(self, key: int) -> int:
        """The firm as which one stands."""
        while key in self.into:
            key = self.into[key]
        return key

    def _landed(self) -> dict[int, tuple[_Landed, ...]]:
        """Firm → its projects that were not lost on the day, the first first."""
        held.read()
        found: dict[int, list[_Landed]] = defaultdict(list)
        rows = Project.objects.filter(landed_firm__isnull=False).order_by("pk")
        for pk, firm, unit, owner, chain, key in rows.values_list("pk", "landed_firm", "unit", "owner", "chain", "public_id"):
            facts = held.facts(pk)
            if facts is not None and not histories.is_lost(facts, self.until):
                found[self.firm(firm)].append(_Landed(unit, owner, chain, (PROJECT, str(key)), is_producing(facts, self.until)))
        return {firm: tuple(those) for firm, those in found.items()}

    @cached_property
    def seats(self) -> Mapping[int, int]:
        """Firm → the unit for which its figures count where it has no project: that of its place, else that which first noted one."""
        first: dict[int, int] = {}
        for firm, unit in YearlyFigure.objects.order_by("noted_at", "pk").values_list("firm", "unit"):
            first.setdefault(self.firm(firm), unit)
        ids = Firm.objects.filter(merged_into=None).order_by().values_list("pk", "firm_id")
        return {**first, **self._places({firm: key for firm, key in ids if firm in first and firm not in self.landed})}

    def _places(self, ids: Mapping[int, str]) -> dict[int, int]:
        """Firm → the unit of the smallest division that it is registered in, of those open on the day; a firm without one is left out."""
        try:
            told = briefs.briefs(ids.values())
        except WarehouseMissing:
            return {}
        units: dict[str, int] = {}
        rows = Unit.objects.exclude(adcode="").exclude(closed_on__lte=self.until).filter(kind__in=SEATED)
        for unit, _kind, adcode, _path in sorted(
            rows.order_by().values_list("pk", "kind", "adcode", "path"), key=lambda row: (SEATED.index(row[1]), row[3])
        ):
            units.setdefault(region_prefix(adcode), unit)
        found = {}
        for firm, key in ids.items():
            adcode = told[key].adcode or "" if key in told else ""
            seat = next((units[prefix] for prefix in (adcode, adcode[:4], adcode[:2]) if prefix in units), None)
            if seat is not None:
                found[firm] = seat
        return found

    def _chains(self) -> Mapping[int, frozenset[str]]:
        """Firm → the chains in which it stands: of its projects, and as somebody checked by hand."""
        found: dict[int, set[str]] = defaultdict(set)
        for firm, those in self.landed.items():
            found[firm] |= {one.chain for one in those if one.chain}
        for firm, chain in HandPlacement.objects.in_force().filter(is_maker=True).order_by().values_list("firm", "chain_id"):
            found[self.firm(firm)].add(chain)
        return {firm: frozenset(those) for firm, those in found.items()}

    def _figures(self, measure: str) -> dict[int, tuple[Fraction | None, str]]:
        """Firm → value and record: measured before estimated, then the newest; value None of a year before."""
        found: dict[int, tuple[Fraction | None, str]] = {}
        rows = YearlyFigure.objects.filter(measure=measure, year__lte=self.year).order_by("-year", "is_estimated", "-noted_at", "-pk")
        for firm, year, value, noted_at, key in rows.values_list("firm", "year", "value", "noted_at", "public_id"):
            if min(timezone.localdate(noted_at), dt.date(year, 12, 31)) <= self.until:
                found.setdefault(self.firm(firm), (Fraction(value) if year == self.year else None, str(key)))
        return found

    def rows(self, name: str, params: Mapping[str, str], who: Counts) -> Iterator[Row]:
        """For whom a figure counts, the figure, and its record; None of a firm that has one of a year before, or produces, and none now."""
        figures, chain = self._figures(MEASURES[name]), params.get("of_chain")
        for firm in dict.fromkeys((*figures, *self.landed)):
            projects, told = self._of_chain(firm, chain), figures.get(firm)
            if (chain and chain not in self.chains.get(firm, ())) or (params.get("which") == "landed" and not projects):
                continue
            hosts = [(one.unit, one.owner) for one in projects] or ([(self.seats[firm], None)] if told is not None else [])
            mine = next((found for unit, owner in hosts if (found := who(unit, owner)) is not None), None)
            if mine is None:
                continue
            producing = next((one.record for one in projects if one.is_producing), None)
            if told is not None:
                yield mine, told[0], (FIGURE, told[1])
            elif producing is not None:
                yield mine, None, producing

    def _of_chain(self, firm: int, chain: str | None) -> tuple[_Landed, ...]:
        """The projects of a firm; of a chain those in it where there are any: a figure counts once, for the first host that is measured."""
        those = self.landed.get(firm, ())
        return tuple(one for one in those if one.chain == chain) or those if chain else those
