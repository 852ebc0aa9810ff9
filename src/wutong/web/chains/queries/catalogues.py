"""Catalogues of industries for pages: editions and entries, and what those in force say of products, segments, targets and firms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from wutong.engine import catalogue_files
from wutong.engine import firms as registry
from wutong.rulebook import catalogues
from wutong.rulebook.catalogues import KINDS, LEVELS, Finding, State
from wutong.rulebook.shapes import Chain, Edition, Entry, Product, Segment
from wutong.web.chains.queries.maps import NotThere, chain_of
from wutong.web.chains.queries.targets import TargetRow, per_language
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import access, warehouse

PAGE_SIZE = 50
WARNING_KINDS = ("restricted", "eliminated")


def folder() -> Path:
    """Where the office's own editions are kept."""
    return Path(settings.DATA) / "catalogues"


def editions() -> dict[str, Edition]:
    """Every edition: those shipped, and the office's own over them."""
    return catalogue_files.in_use(firms.rulebook(), folder())


@dataclass(frozen=True, slots=True)
class Mark:
    """What a catalogue says, in words. `tone`: a class of the style sheet; `entry` and `edition` for the link."""

    kind: str
    label: str
    state: State
    state_label: str
    tone: str
    edition: Edition | None
    entry: Entry | None
    products: tuple[Product, ...]
    is_whole: bool
    confidence_share: float | None

    @property
    def is_warning(self) -> bool:
        """Whether it speaks against bringing this in: restricted, or to be eliminated."""
        return self.kind in WARNING_KINDS

    @property
    def line(self) -> str:
        """It in one line, as a cell of a sheet holds it."""
        entry = f"{self.entry.number} {self.entry.text_zh}" if self.entry else ""
        waits = _("to be confirmed") if self.state is State.PROPOSED else ""
        fictional = _("fictional sample") if self.edition and self.edition.fictional else ""
        return " · ".join(filter(None, (self.label, waits, entry, fictional)))


@dataclass(frozen=True, slots=True)
class Said:
    """What all catalogues say of one thing on a day: entries that speak of it, and those that do not, in one line."""

    on: dt.date
    marks: tuple[Mark, ...]
    not_listed: tuple[Mark, ...]
    no_edition: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition in the list, with how far its entries are matched."""

    edition: Edition
    kind: str
    level: str
    place: str
    is_in_force: bool
    is_own: bool
    entries: int
    matched_entries: int
    waiting_entries: int
    unmatched_entries: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry with the products it covers, those that wait, and the segments it speaks of."""

    entry: Entry
    products: tuple[Product, ...]
    waiting: tuple[tuple[Product, float], ...]
    refused: tuple[Product, ...]
    segments: tuple[tuple[Chain, Segment], ...]


# --- verdicts -------------------------------------------------------------------------------------------------------------------------
def day_of(standing: Standing) -> dt.date:
    """The day on which catalogues are asked: the one asked for, else today, since the registry may end long before an edition begins."""
    return standing.as_of_asked or access.today()


def day_words(standing: Standing) -> str:
    """That day in a line, for sheets: their other notes speak of the last day of the registry."""
    return _("Catalogues: as in force on %(day)s") % {"day": day_of(standing)}


def adcode_of(standing: Standing) -> str:
    """The division whose province's catalogues hold, "" for the nation."""
    return f"{standing.region.prefix:0<6}" if standing.region.prefix else ""


def judged(adcode: str, on: dt.date, *, products: Collection[str], segment: str = "") -> tuple[Finding, ...]:
    """What the catalogues in force say, as codes."""
    return catalogues.judge(tuple(editions().values()), firms.rulebook(), products=products, segment=segment, adcode=adcode, on=on)


def findings(standing: Standing, *, product: str = "", chain_id: str = "", segment_id: str = "") -> tuple[dt.date, tuple[Finding, ...]]:
    """The day, and what the catalogues say of a product, or of a segment, as codes. Raises: NotThere."""
    on = day_of(standing)
    if product:
        if product not in firms.rulebook().products:
            raise NotThere(product)
        return on, judged(adcode_of(standing), on, products=(product,))
    segment = next((item for item in chain_of(chain_id).segments if item.id == segment_id), None)
    if segment is None:
        raise NotThere(segment_id)
    return on, judged(adcode_of(standing), on, products=segment.products, segment=f"{chain_id}/{segment_id}")


def said_of_segment(standing: Standing, chain_id: str, segment_id: str) -> Said:
    """What they say of a segment where somebody stands, on his day. Raises: NotThere."""
    on, found = findings(standing, chain_id=chain_id, segment_id=segment_id)
    return _said(found, on)


def said_of(standing: Standing, product: str, chain_id: str = "", segment_id: str = "") -> Said:
    """What they say of one product, and of the segment for which it is wanted, where one is given."""
    return _said(_findings_of(standing, product, chain_id, segment_id), day_of(standing))


def _findings_of(standing: Standing, product: str, chain_id: str, segment_id: str) -> tuple[Finding, ...]:
    segment = f"{chain_id}/{segment_id}" if segment_id else ""
    return judged(adcode_of(standing), day_of(standing), products=(product,) if product else (), segment=segment)


Made = tuple[str, str]
"""A segment and the product of it that a target makes."""


def marks_of(standing: Standing, chain_id: str, made: Iterable[Made]) -> dict[Made, tuple[Mark, ...]]:
    """What speaks of the products of targets; each is judged once, however many make it."""
    return {one: said_of(standing, one[1], chain_id, one[0]).marks for one in dict.fromkeys(made)}


def with_findings(standing: Standing, chain_id: str, rows: Sequence[TargetRow]) -> tuple[TargetRow, ...]:
    """Targets, each with the entries that speak of its product, as codes."""
    speaking = (State.COVERED, State.PROPOSED)
    said = {one: _findings_of(standing, one[1], chain_id, one[0]) for one in dict.fromkeys(row.made for row in rows)}
    return tuple(replace(row, findings=tuple(found for found in said[row.made] if found.state in speaking)) for row in rows)


# Grain: one row per firm, segment and product of those asked for. Reads: firms, placements.
WARNED_SQL = """
select f.firm_id, p.chain, p.segment, p.product
from firms f join placements p on p.firm_no = f.firm_no
where f.firm_id in (select unnest($firm_ids)) and p.product in (select unnest($products))
order by f.firm_id, p.chain, p.segment, p.product
"""
Wanted = tuple[str, str, str]
"""A firm by its id, and the chain and segment for which it is wanted, "" where for none."""


def warnings_of(standing: Standing, wanted: Collection[Wanted]) -> dict[str, tuple[Mark, ...]]:
    """What restricts or eliminates what firms make, by firm: of the segment for which it is wanted, else of all; others are left out."""
    in_force = catalogues.in_force(editions().values(), adcode_of(standing), day_of(standing))
    entries = [entry for edition in in_force if edition.kind in WARNING_KINDS for entry in edition.entries]
    if not entries or not wanted:
        return {}
    products = sorted(set().union(*(catalogues.products_of(firms.rulebook(), entry) for entry in entries)))
    asked = {"firm_ids": sorted({firm_id for firm_id, _chain, _segment in wanted}), "products": products}
    rows = warehouse.served().ask(WARNED_SQL, asked, step="products that catalogues warn of").to_pylist() if products else []
    found: dict[str, tuple[Mark, ...]] = {}
    for firm_id, chain_id, segment_id in wanted:
        made = {row["product"] for row in rows if row["firm_id"] == firm_id and (not segment_id or row["segment"] == segment_id)}
        said = [said_of(standing, product, chain_id, segment_id) for product in sorted(made) or [""]]
        marks = {mark.line: mark for one in said for mark in one.marks if mark.is_warning}
        if marks:
            found[firm_id] = tuple(marks.values())
    return found


@dataclass(frozen=True, slots=True)
class OfFirm:
    """What the catalogues say of the products that place a firm on chains."""

    firm_id: str
    name: str
    region: str
    on: dt.date
    rows: tuple[tuple[Product, Said], ...]


def of_firm(user: Any, firm_id: str) -> OfFirm:
    """What the catalogues of one's own region say of a firm's products today. Raises: NotThere."""
    found = registry.placed(warehouse.served(), firm_id)
    if found is None:
        raise NotThere(firm_id)
    standing, known = firms.standing(user), firms.rulebook().products
    products = [known[product] for product in sorted({place.product for place in found.placements}) if product in known]
    said = tuple((product, said_of(standing, product.id)) for product in products)
    return OfFirm(firm_id, found.name, standing.region.name, day_of(standing), said)


def _said(found: Sequence[Finding], on: dt.date) -> Said:
    marks = [_mark(finding) for finding in found]
    speaking = tuple(mark for mark in marks if mark.state in (State.COVERED, State.PROPOSED))
    by_state = {state: tuple(mark for mark in marks if mark.state is state) for state in (State.NOT_LISTED, State.NO_EDITION)}
    return Said(on, speaking, by_state[State.NOT_LISTED], by_state[State.NO_EDITION])


def _mark(finding: Finding) -> Mark:
    label = _("%(kind)s, %(level)s") % {"kind": kind_labels()[finding.kind], "level": level_labels()[finding.level]}
    known = firms.rulebook().products
    tone = finding.kind if finding.state is State.COVERED else finding.state.value
    products = tuple(known[product] for product in finding.products if product in known)
    return Mark(
        finding.kind, label, finding.state, state_labels()[finding.state], tone, finding.edition, finding.entry, products,
        finding.is_whole, finding.confidence_share,
    )  # fmt: skip


# --- lists ----------------------------------------------------------------------------------------------------------------------------
def edition_rows(standing: Standing) -> tuple[EditionRow, ...]:
    """Every edition, by kind, level and place, the newest first; marked where it holds in one's region on one's day."""
    holding = {edition.id for edition in catalogues.in_force(editions().values(), adcode_of(standing), day_of(standing))}
    own = set(catalogue_files.editions(folder()))
    found = sorted(
        editions().values(),
        key=lambda e: (KINDS.index(e.kind), LEVELS.index(e.level), e.adcode, -e.in_force_from.toordinal()),
    )
    return tuple(_edition_row(edition, edition.id in holding, edition.id in own) for edition in found)


def _edition_row(edition: Edition, is_in_force: bool, is_own: bool) -> EditionRow:
    entries = edition.entries
    place = firms.places().path(edition.adcode) or edition.adcode or _("the nation")
    return EditionRow(
        edition, kind_labels()[edition.kind], level_labels()[edition.level], place, is_in_force, is_own, len(entries),
        sum(bool(entry.products or entry.segments) for entry in entries), sum(bool(entry.open_proposals) for entry in entries),
        sum(entry.is_unmatched for entry in entries),
    )  # fmt: skip


def edition_of(standing: Standing, edition_id: str) -> EditionRow:
    """One edition. Raises: NotThere."""
    found = next((row for row in edition_rows(standing) if row.edition.id == edition_id), None)
    if found is None:
        raise NotThere(edition_id)
    return found


def entry_rows(edition: Edition, which: str = "") -> tuple[EntryRow, ...]:
    """The entries of an edition; `which`: waiting, unmatched, matched or all."""
    tests = {
        "waiting": lambda e: bool(e.open_proposals),
        "unmatched": lambda e: e.is_unmatched,
        "matched": lambda e: bool(e.products or e.segments),
    }
    test = tests.get(which)
    return tuple(_entry_row(entry) for entry in edition.entries if test is None or test(entry))


def _entry_row(entry: Entry) -> EntryRow:
    book = firms.rulebook()
    known = book.products
    segments = tuple((book.chains[chain], book.chains[chain].segment(segment)) for chain, segment in catalogues.segments_of(book, entry))
    return EntryRow(
        entry, tuple(known[p] for p in entry.products if p in known),
        tuple((known[p.product], p.confidence_share) for p in entry.open_proposals if p.product in known),
        tuple(known[p] for p in entry.refused if p in known), segments,
    )  # fmt: skip


# --- words ----------------------------------------------------------------------------------------------------------------------------
@per_language
def kind_labels() -> dict[str, str]:
    """The kinds of catalogues, in words."""
    return {
        "encouraged": _("Encouraged"),
        "restricted": _("Restricted"),
        "eliminated": _("To be eliminated"),
        "transfer": _("Industrial transfer"),
    }


@per_language
def level_labels() -> dict[str, str]:
    """Whose catalogue it is, in words."""
    return {"national": _("national"), "provincial": _("provincial")}


@per_language
def state_labels() -> dict[str, str]:
    """What a catalogue says, in words."""
    return {
        State.COVERED: _("listed"),
        State.PROPOSED: _("to be confirmed"),
        State.NOT_LISTED: _("not listed"),
        State.NO_EDITION: _("no edition in force"),
    }
