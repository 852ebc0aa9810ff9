"""The firms of a search, and the rows of a list, as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.web.firms.models import FirmList, MergerQuerySet, TagDoubt
from wutong.web.firms.queries import comparison, search, standing, tags
from wutong.web.firms.queries.duplicates import Suspect
from wutong.web.firms.queries.profile import Fact
from wutong.web.lib.spreadsheets import Column, in_pieces

WAN = 10_000

COLUMNS = (
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Capital (10,000 yuan)"), 16, 2),
    Column(gettext_lazy("Place"), 28),
    Column(gettext_lazy("Distance (km)"), 12, 0),
    Column(gettext_lazy("Registered on"), 14),
    Column(gettext_lazy("Phrase"), 20),
    Column(gettext_lazy("Evidence"), 60),
)


def rows(found: search.FirmsFound) -> Iterator[tuple[Any, ...]]:
    """One row a firm, in the order of the search."""
    for row in found.rows:
        capital_wan = None if row.capital_yuan is None else row.capital_yuan / WAN
        yield (row.name, row.uscc, capital_wan, row.place, row.distance_km, row.registered_on, row.phrase, row.clause)


def notes(found: search.FirmsFound) -> tuple[str, ...]:
    """What was asked, what is left out, and what the figures stand on."""
    build_id, rulebook_hash = standing.versions()
    lines = [found.sentence]
    if found.total > len(found.rows):
        lines.append(_("The first %(shown)s of %(total)s") % {"shown": f"{len(found.rows):,}", "total": f"{found.total:,}"})
    lines.append(_("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash})
    return tuple(lines)


LIST_COLUMNS = (
    Column(gettext_lazy("Place on the list"), 10, 0),
    Column(gettext_lazy("As the list writes it"), 36),
    Column(gettext_lazy("Outcome"), 12),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Recognised by"), 18),
    Column(gettext_lazy("Confidence (%)"), 12, 1),
)


def list_rows(tagged: Any, doubts: Any) -> Iterator[tuple[Any, ...]]:
    """Every row of a list: the firms that bear the tag, then the rows that wait or were not found."""
    for tag in tagged:
        yield (
            tag.rank,
            tag.given,
            _("tagged"),
            tag.firm.name,
            tag.firm.uscc,
            str(tags.WAYS.get(tag.by, tag.by)),
            tag.confidence_share * 100,
        )
    words = {"open": _("waiting"), "none": _("none is meant"), "absent": _("not found")}
    for doubt in doubts:
        if doubt.outcome in words:
            yield (doubt.rank, doubt.text, words[doubt.outcome], None, doubt.uscc or None, None, doubt.best_share * 100)


TAGS = (
    Column(gettext_lazy("Tag"), 24),
    Column(gettext_lazy("Counts for"), 14),
    Column(gettext_lazy("Firms today"), 12, 0),
    Column(gettext_lazy("Lists"), 10, 0),
    Column(gettext_lazy("Waiting for review"), 12, 0),
    Column(gettext_lazy("Published by"), 36),
)


def tag_rows(found: Iterable[tags.TagRow]) -> Iterator[tuple[Any, ...]]:
    """One row a tag."""
    for row in found:
        kind = _("big names") if row.is_big_name else _("golden sesame")
        yield row.name, kind, row.firms, row.lists, row.waiting, row.publisher


LISTS = (
    Column(gettext_lazy("List"), 36),
    Column(gettext_lazy("Tag"), 24),
    Column(gettext_lazy("Day of the list"), 12),
    Column(gettext_lazy("In force until"), 12),
    Column(gettext_lazy("Rows"), 8, 0),
    Column(gettext_lazy("Firms tagged"), 10, 0),
    Column(gettext_lazy("Waiting for review"), 12, 0),
    Column(gettext_lazy("Rows not found"), 10, 0),
    Column(gettext_lazy("Origin of the list"), 30),
    Column(gettext_lazy("Imported"), 18),
    Column(gettext_lazy("Imported by"), 14),
    Column(gettext_lazy("Taken back"), 18),
)


def imported_rows(found: Iterable[FirmList]) -> Iterator[tuple[Any, ...]]:
    """One row an imported list, those taken back included."""
    for row in found:
        yield (
            row.name, tags.tag_name(row.tag), row.as_of, row.ends_on, row.rows, row.tagged, row.waiting, row.absent, row.source,  # type: ignore[attr-defined]
            row.imported_at, str(row.imported_by or ""), row.revoked_at,
        )  # fmt: skip


DOUBTS = (
    Column(gettext_lazy("As the list writes it"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("List"), 30),
    Column(gettext_lazy("Row"), 8, 0),
    Column(gettext_lazy("Place on the list"), 10, 0),
    Column(gettext_lazy("Outcome"), 12),
    Column(gettext_lazy("Confidence (%)"), 12, 1),
    Column(gettext_lazy("Candidates (confidence)"), 60),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Decided by"), 14),
    Column(gettext_lazy("Decided at"), 18),
)


def doubt_rows(found: Iterable[TagDoubt]) -> Iterator[tuple[Any, ...]]:
    """One row a doubtful row of a list, with the firms that it may mean."""
    words = {"open": _("waiting"), "none": _("none is meant"), "absent": _("not found"), "firm": _("tagged")}
    for row in found:
        candidates = "\n".join(f"{one['name']} ({one['confidence_share']:.0%})" for one in row.candidates)
        yield (
            row.text, row.uscc or None, str(row.edition), row.row, row.rank, words.get(row.outcome, row.outcome), row.best_share * 100,
            candidates, row.tag.firm.name if row.tag else None, str(row.decided_by or ""), row.decided_at,
        )  # fmt: skip


SUSPECTS = (
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("May be one with"), 36),
    Column(gettext_lazy("Its credit code"), 22),
    Column(gettext_lazy("Confidence (%)"), 12, 1),
    Column(gettext_lazy("Why"), 60),
    Column(gettext_lazy("Codes differ and are valid"), 14),
)


def suspect_rows(found: Iterable[Suspect]) -> Iterator[tuple[Any, ...]]:
    """One row a pair, the surest first."""
    for pair in found:
        why = "\n".join(reason.words for reason in pair.reasons)
        yield (
            pair.kept.name, pair.kept.uscc or None, pair.gone.name, pair.gone.uscc or None, pair.confidence_share * 100, why,
            _("yes") if pair.are_codes_other else _("no"),
        )  # fmt: skip


MERGERS = (
    Column(gettext_lazy("Firm merged"), 36),
    Column(gettext_lazy("Firm kept"), 36),
    Column(gettext_lazy("State"), 12),
    Column(gettext_lazy("How it is known"), 40),
    Column(gettext_lazy("Asked by"), 14),
    Column(gettext_lazy("Asked at"), 18),
    Column(gettext_lazy("Decided by"), 14),
    Column(gettext_lazy("Decided at"), 18),
    Column(pgettext_lazy("merger", "Reason of the decision"), 40),
    Column(gettext_lazy("Undone by"), 14),
    Column(gettext_lazy("Undone at"), 18),
)


def merger_rows(found: MergerQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a request, those undone or sent back included."""
    for row in in_pieces(found.select_related("kept", "gone", "asked_by", "decided_by", "undone_by"), 500):
        yield (
            row.gone.name, row.kept.name, row.get_state_display(), row.reason, str(row.asked_by), row.asked_at, str(row.decided_by or ""),
            row.decided_at, row.decision, str(row.undone_by or ""), row.undone_at,
        )  # fmt: skip


def compare_columns(found: comparison.Comparison) -> tuple[Column, ...]:
    """What is compared, and a column a firm."""
    return Column(_("Part"), 16), Column(_("Fact"), 32), Column(found.a.firm.name, 40), Column(found.b.firm.name, 40)


def compare_rows(found: comparison.Comparison) -> Iterator[tuple[Any, ...]]:
    """Facts, yearly figures and places on the chains, as the page shows them; what is missing says why."""
    for pair in found.facts:
        yield _("Facts"), pair.label, _fact(pair.a), _fact(pair.b)
    for figure in found.figures:
        values = (None if value is None else round(value, figure.digits) for value in (figure.a, figure.b))
        shown = (
            None if value is None else f"{value:,} ({year}{' · ' + _('estimated') if is_estimated else ''})"
            for value, year, is_estimated in zip(values, figure.years, figure.estimated, strict=True)
        )  # fmt: skip
        yield _("Yearly figures"), f"{figure.name} ({figure.unit})", *shown
    for place in found.places:
        yield _("Places on the chains"), f"{place.chain} · {place.segment}", place.a or None, place.b or None


def _fact(fact: Fact) -> str | None:
    return fact.value or (f"— ({fact.why_missing})" if fact.why_missing else None)


def compare_notes(found: comparison.Comparison) -> tuple[str, ...]:
    """How the two belong together, how far apart they are, and what the figures stand on."""
    build_id, rulebook_hash = standing.versions()
    km = found.distance_km
    apart = () if km is None else (_("%(km)s km apart, straight line") % {"km": f"{km:,.0f}"},)
    stands = _("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash}
    return (*(found.ties or (_("No relation known."),)), *apart, stands)
