"""Yearly figures of firms (年度数据) as facts: of project companies for the host or owner, of any other for the unit that noted it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils import timezone

from wutong.web.chains.models import HandPlacement
from wutong.web.firms.models import Firm, YearlyFigure
from wutong.web.projects.models import Project
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import histories
from wutong.web.projects.rules.stages import Stage

FIGURE, PROJECT = "firms.YearlyFigure", "projects.Project"
MEASURES: Mapping[str, str] = {
    "output": "output_yuan", "revenue": "revenue_yuan", "tax": "tax_yuan", "profit": "profit_yuan", "research": "research_yuan",
    "exports": "imports_exports_usd", "employees": "employees_count",
}  # fmt: skip
"""Name of a fact → measure of the yearly figures (rulebook, measures.yaml)."""
NO_FIGURES = "no_figures"
PRODUCING = (Stage.PRODUCTION, Stage.FULL_CAPACITY)
Row = tuple[int, Fraction | None, tuple[str, str]]
Counts = Callable[[int | None, int | None], int | None]


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
        for pk, firm, unit, owner, chain, key, stage in rows.values_list(
            "pk", "landed_firm", "unit", "owner", "chain", "public_id", "stage"
        ):
            facts = held.facts(pk)
            if facts is not None and not histories.is_lost(facts, self.until):
                found[self.firm(firm)].append(_Landed(unit, owner, chain, (PROJECT, str(key)), stage in PRODUCING))
        return {firm: tuple(those) for firm, those in found.items()}

    def _chains(self) -> Mapping[int, frozenset[str]]:
        """Firm → the chains in which it stands: of its projects, and as somebody checked by hand."""
        found: dict[int, set[str]] = defaultdict(set)
        for firm, those in self.landed.items():
            found[firm] |= {one.chain for one in those if one.chain}
        for firm, chain in HandPlacement.objects.in_force().filter(is_maker=True).order_by().values_list("firm", "chain_id"):
            found[self.firm(firm)].add(chain)
        return {firm: frozenset(those) for firm, those in found.items()}

    def _figures(self, measure: str) -> dict[int, tuple[int, int, Fraction | None, str]]:
        """Firm → year, unit that noted it, value and record: measured before estimated, then the newest; value None of a year before."""
        found: dict[int, tuple[int, int, Fraction | None, str]] = {}
        rows = YearlyFigure.objects.filter(measure=measure, year__lte=self.year).order_by("-year", "is_estimated", "-noted_at", "-pk")
        for firm, year, unit, value, noted_at, key in rows.values_list("firm", "year", "unit", "value", "noted_at", "public_id"):
            if min(timezone.localdate(noted_at), dt.date(year, 12, 31)) <= self.until:
                found.setdefault(self.firm(firm), (year, unit, Fraction(value) if year == self.year else None, str(key)))
        return found

    def rows(self, name: str, params: Mapping[str, str], who: Counts) -> Iterator[Row]:
        """For whom a figure counts, the figure, and its record; None of a firm that has one of a year before, or produces, and none now."""
        figures, chain = self._figures(MEASURES[name]), params.get("of_chain")
        for firm in dict.fromkeys((*figures, *self.landed)):
            projects, told = self._of_chain(firm, chain), figures.get(firm)
            if (chain and chain not in self.chains.get(firm, ())) or (params.get("which") == "landed" and not projects):
                continue
            hosts = [(one.unit, one.owner) for one in projects] or ([(told[1], None)] if told is not None else [])
            mine = next((found for unit, owner in hosts if (found := who(unit, owner)) is not None), None)
            if mine is None:
                continue
            producing = next((one.record for one in projects if one.is_producing), None)
            if told is not None:
                yield mine, told[2], (FIGURE, told[3])
            elif producing is not None:
                yield mine, None, producing

    def _of_chain(self, firm: int, chain: str | None) -> tuple[_Landed, ...]:
        """The projects of a firm; of a chain those in it where there are any: a figure counts once, for the first host that is measured."""
        those = self.landed.get(firm, ())
        return tuple(one for one in those if one.chain == chain) or those if chain else those
