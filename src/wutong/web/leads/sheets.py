"""Target lists, their rows and their results as spreadsheets; the columns of a file that `wutong lists import` reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.web.leads.models import TOLD, HandInQuerySet, IntroductionQuerySet, KnockQuerySet, LeadQuerySet, ListedFirmQuerySet, TargetList
from wutong.web.leads.queries import decisions, handed_in, introductions, overview
from wutong.web.leads.queries import pairs as pair_queries
from wutong.web.leads.queries import rows as row_queries
from wutong.web.leads.queries.inbox import Digest
from wutong.web.leads.queries.results import Hits
from wutong.web.lib.spreadsheets import Column, in_pieces

LISTS = (
    Column(gettext_lazy("Target list"), 36),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Owner"), 14),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Made from"), 40),
    Column(gettext_lazy("State"), 10),
    Column(gettext_lazy("Firms"), 8, 0),
    Column(gettext_lazy("Worked on (firms)"), 10, 0),
    Column(gettext_lazy("Overdue (firms)"), 10, 0),
    Column(gettext_lazy("Stale (firms)"), 10, 0),
    Column(gettext_lazy("Knocked at (firms)"), 10, 0),
    Column(gettext_lazy("Reached (firms)"), 10, 0),
    Column(gettext_lazy("Leads (firms)"), 10, 0),
    Column(gettext_lazy("Made on"), 12),
)
ROWS = (
    Column(gettext_lazy("Order"), 6, 0),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Place"), 28),
    Column(gettext_lazy("Segment"), 20),
    Column(gettext_lazy("Score (of 100)"), 10, 1),
    Column(gettext_lazy("Target list"), 28),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Assigned to"), 14),
    Column(gettext_lazy("State"), 12),
    Column(gettext_lazy("Reason of the outcome"), 30),
    Column(gettext_lazy("Knocks (times)"), 8, 0),
    Column(gettext_lazy("Last knock"), 12),
    Column(gettext_lazy("Next step"), 30),
    Column(gettext_lazy("By"), 12),
    Column(gettext_lazy("Note"), 30),
)
HANDED_IN = (
    Column(pgettext_lazy("column", "Information"), 40),
    Column(gettext_lazy("Firm or body"), 36),
    Column(pgettext_lazy("lead", "Kind"), 10),
    Column(pgettext_lazy("lead", "Amount (10,000 yuan)"), 14, 2),
    Column(pgettext_lazy("handed in", "What is known"), 50),
    Column(pgettext_lazy("handed in", "Handed in"), 12),
    Column(pgettext_lazy("handed in", "Where it stands"), 18),
    Column(gettext_lazy("Reason"), 30),
    Column(gettext_lazy("Answer of the bureau"), 50),
    Column(gettext_lazy("Answered on"), 12),
)
PAIRS = (
    Column(gettext_lazy("First filed"), 36),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Claim since"), 12),
    Column(gettext_lazy("May be the same lead as"), 36),
    Column(gettext_lazy("Firm of the other"), 36),
    Column(gettext_lazy("Unit of the other"), 24),
    Column(gettext_lazy("Claim of the other since"), 12),
    Column(gettext_lazy("How sure (%)"), 10, 0),
    Column(gettext_lazy("Why"), 50),
    Column(gettext_lazy("State"), 14),
    Column(gettext_lazy("Reason"), 40),
)
KNOCKS = (
    Column(gettext_lazy("When"), 18),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Knocked by"), 14),
    Column(gettext_lazy("How"), 12),
    Column(gettext_lazy("Through whom"), 24),
    Column(gettext_lazy("Result"), 12),
    Column(gettext_lazy("What was said"), 60),
    Column(gettext_lazy("Next step"), 30),
    Column(gettext_lazy("By"), 12),
    Column(gettext_lazy("Target list"), 28),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Unit"), 24),
)
HITS = (
    Column(gettext_lazy("What"), 40),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Firms"), 8, 0),
    Column(gettext_lazy("Knocked at (firms)"), 10, 0),
    Column(gettext_lazy("Reached (firms)"), 10, 0),
    Column(gettext_lazy("Leads (firms)"), 10, 0),
    Column(gettext_lazy("Leads (share, %)"), 10, 1),
    Column(gettext_lazy("No interest (firms)"), 10, 0),
    Column(gettext_lazy("Worked on (firms)"), 10, 0),
    Column(gettext_lazy("Left without outcome (firms)"), 10, 0),
    Column(gettext_lazy("Overdue (firms)"), 10, 0),
    Column(gettext_lazy("Stale (firms)"), 10, 0),
    Column(gettext_lazy("Knocks (times)"), 10, 0),
)
LEADS = (
    Column(pgettext_lazy("column", "Lead"), 36),
    Column(gettext_lazy("Firm as filed"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Where the firm is"), 24),
    Column(pgettext_lazy("lead", "Kind"), 10),
    Column(gettext_lazy("Stage"), 10),
    Column(pgettext_lazy("leads", "State"), 14),
    Column(gettext_lazy("Unit"), 24),
    Column(pgettext_lazy("lead", "Owner"), 14),
    Column(gettext_lazy("First claim"), 16),
    Column(gettext_lazy("Protected until"), 12),
    Column(gettext_lazy("Last progress"), 12),
    Column(gettext_lazy("Next due"), 12),
    Column(gettext_lazy("What is due"), 18),
    Column(gettext_lazy("Segment"), 20),
    Column(pgettext_lazy("lead", "Amount (10,000 yuan)"), 14, 2),
    Column(pgettext_lazy("lead", "Source"), 24),
    Column(gettext_lazy("Received on"), 12),
    Column(gettext_lazy("Logged on"), 12),
)
CAME = (
    Column(gettext_lazy("Who gave it"), 24),
    Column(gettext_lazy("Received (leads)"), 10, 0),
    Column(pgettext_lazy("lead", "Triaged"), 10, 0),
    Column(gettext_lazy("To answer (leads)"), 10, 0),
    Column(pgettext_lazy("lead", "Source answered"), 10, 0),
    Column(pgettext_lazy("lead", "Taken up"), 10, 0),
    Column(pgettext_lazy("lead", "Claimed"), 10, 0),
    Column(gettext_lazy("Became projects"), 10, 0),
)
WAITING = (
    Column(gettext_lazy("Filed on"), 12),
    Column(gettext_lazy("Number in the register"), 10, 0),
    Column(pgettext_lazy("column", "Lead"), 36),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Filed by"), 14),
    Column(gettext_lazy("What it meets, and why"), 60),
    Column(gettext_lazy("What the unit says"), 40),
    Column(gettext_lazy("Waits (days)"), 10, 0),
    Column(gettext_lazy("To be decided by"), 12),
)
DISPUTES = (
    Column(gettext_lazy("Opened on"), 12),
    Column(pgettext_lazy("column", "Lead"), 36),
    Column(gettext_lazy("Disputed by"), 24),
    Column(gettext_lazy("Claim of"), 24),
    Column(gettext_lazy("Investor's certificate"), 12),
    Column(pgettext_lazy("dispute", "State"), 20),
    Column(gettext_lazy("Who is to act"), 24),
    Column(gettext_lazy("Age (days)"), 10, 0),
    Column(gettext_lazy("Reasons of the decision"), 50),
)
OFFERS = (
    Column(gettext_lazy("Offered on"), 12),
    Column(pgettext_lazy("column", "Lead"), 36),
    Column(gettext_lazy("Offered by"), 24),
    Column(gettext_lazy("Offered to"), 24),
    Column(gettext_lazy("Finder's share, from"), 30),
    Column(gettext_lazy("Reason"), 40),
    Column(pgettext_lazy("transfer", "State"), 14),
    Column(gettext_lazy("Who is to act"), 24),
    Column(gettext_lazy("Age (days)"), 10, 0),
)
AT_ONCE = 500
INTRODUCTIONS = (
    Column(pgettext_lazy("introduction", "To be met"), 36),
    Column(gettext_lazy("State"), 14),
    Column(gettext_lazy("Kind of introducer"), 14),
    Column(gettext_lazy("Introducer"), 36),
    Column(gettext_lazy("What is asked for"), 50),
    Column(gettext_lazy("Asked on"), 12),
    Column(gettext_lazy("Next step due on"), 12),
    Column(gettext_lazy("Last step on"), 12),
    Column(gettext_lazy("Warmth of the path (%)"), 10, 0),
    Column(pgettext_lazy("introduction", "In charge"), 14),
    Column(gettext_lazy("Unit"), 24),
)
INTRODUCERS = (
    Column(gettext_lazy("Introducer"), 36),
    Column(gettext_lazy("Kind of introducer"), 14),
    Column(gettext_lazy("Asked (times)"), 10, 0),
    Column(gettext_lazy("Open (times)"), 10, 0),
    Column(gettext_lazy("Agreed or met (times)"), 10, 0),
    Column(gettext_lazy("Met (times)"), 10, 0),
    Column(gettext_lazy("Leads"), 10, 0),
    Column(gettext_lazy("Projects"), 10, 0),
    Column(gettext_lazy("Refused or failed (times)"), 10, 0),
    Column(gettext_lazy("Merit (results)"), 10, 2),
    Column(gettext_lazy("Last asked on"), 12),
)


def list_rows(found: Iterable[TargetList]) -> Iterator[tuple[Any, ...]]:
    """One row a list."""
    for one in found:
        yield (
            one.title, one.unit.name, str(one.owner), str(one.get_line_display()), row_queries.source_of(one), str(one.get_state_display()),
            one.firms, one.open_firms, one.overdue_firms, one.stale_firms, one.knocked_firms, one.contacted_firms, one.lead_firms,
            timezone.localdate(one.created_at),
        )  # type: ignore[attr-defined]  # fmt: skip


def firm_rows(found: ListedFirmQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a firm on a list."""
    for row in in_pieces(found.select_related("firm", "assignee", "list__unit")):
        yield (
            row.position, row.firm.name, row.firm.uscc, row.place, row_queries.segment_name(row.chain, row.segment) if row.segment else "",
            row.score, row.list.title, str(row.list.get_line_display()), row.list.unit.name, str(row.assignee or ""),
            str(row.get_state_display()), row.reason, row.knock_count, row.last_knocked_on, row_queries.step_words(row.next_step),
            row.next_on, row.note,
        )  # fmt: skip


def knock_rows(found: KnockQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a knock."""
    for one in in_pieces(found.select_related("row__firm", "row__list__unit", "by").defer("row__found")):
        row = one.row
        yield (
            one.made_at, row.firm.name, row.firm.uscc, str(one.by), str(one.get_how_display()), one.through,
            str(one.get_result_display()), one.said, row_queries.step_words(one.next_step), one.next_on, row.list.title,
            str(row.list.get_line_display()), row.list.unit.name,
        )  # fmt: skip


def hit_rows(found: Iterable[Hits]) -> Iterator[tuple[Any, ...]]:
    """One row a list, source or person."""
    for one in found:
        yield (
            one.label, one.line, one.firms, one.knocked_firms, one.contacted_firms, one.lead_firms, one.lead_share * 100, one.refused_firms,
            one.open_firms, one.left_firms, one.overdue_firms, one.stale_firms, one.knock_times,
        )  # fmt: skip


def note_of(found: TargetList) -> tuple[str, ...]:
    """What a list stands on."""
    stands = _("Build %(build)s, rulebook %(rulebook)s") % {"build": found.build_id, "rulebook": found.rulebook_hash}
    return (row_queries.source_of(found), *((stands,) if found.build_id else ()))


# --- leads ------------------------------------------------------------------------------------------------------------------------------
def _pieces(found: Any) -> Iterator[list[int]]:
    """The keys of rows in their order, some hundreds at a time."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        yield keys[begin : begin + AT_ONCE]


def _claim_words(one: Any) -> str:
    """How the claim of a lead stands; of one that shares another's, with how much."""
    if one.sharing:
        return _("shared, %(share)s %%") % {"share": f"{one.sharing.share_basis_points / 100:g}"}
    return str(one.claim.get_state_display()) if one.claim else ""


def lead_rows(found: LeadQuerySet, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a lead; a confidential one by its code name, without its firm."""
    for keys in _pieces(found):
        for one in overview.marked(overview.shown(keys), user, on=on):
            kept, claim, due = one.is_confidential, one.claim, one.due  # type: ignore[attr-defined]
            yield (
                one.outside_name, "" if kept else one.name, "" if kept else one.uscc, one.place_words,  # type: ignore[attr-defined]
                str(one.get_kind_display()), str(one.get_stage_display()), str(one.get_state_display()), one.unit.name, str(one.owner),
                _claim_words(one), claim.protected_until if claim else None, one.last_progress_on,
                due.day if due else None, due.what if due else "", one.segment_words, one.amount_10k_yuan,  # type: ignore[attr-defined]
                one.source_words, one.received_on, timezone.localdate(one.logged_at),  # type: ignore[attr-defined]
            )  # fmt: skip


def came_rows(found: Digest) -> Iterator[tuple[Any, ...]]:
    """One row a source, and their sum."""
    for one in (*found.sources, found.overall):
        yield (str(one.label), one.received, one.triaged, one.to_answer, one.answered, one.taken_up, one.claimed, one.projects)


def waiting_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a filing that waits."""
    for keys in _pieces(found):
        for one in decisions.shown_waiting(keys, user, on=on):
            yield (
                timezone.localdate(one.filed_at), one.number, one.lead.outside_name, one.unit.name, str(one.filed_by or ""),  # type: ignore[attr-defined]
                decisions.met_words(one), one.another_project, one.waits_days, one.due_on,  # type: ignore[attr-defined]
            )  # fmt: skip


def dispute_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a dispute."""
    for keys in _pieces(found):
        for one in decisions.shown_disputes(keys, user, on=on):
            yield (
                timezone.localdate(one.opened_at), one.called, one.unit.name, one.claim.unit.name,  # type: ignore[attr-defined]
                str(pgettext("certificate", "handed in")) if one.has_certificate else "", one.state_words, one.acts, one.age_days,  # type: ignore[attr-defined]
                one.reasons,
            )  # fmt: skip


def offer_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row an offer."""
    for keys in _pieces(found):
        for one in decisions.shown_offers(keys, user, on=on):
            terms = "; ".join(f"{share} {day}" for day, share in one.terms)  # type: ignore[attr-defined]
            yield (
                timezone.localdate(one.asked_at), one.called, one.from_unit.name, one.to_unit.name, terms, one.reason,  # type: ignore[attr-defined]
                str(one.get_state_display()), one.acts, one.age_days,  # type: ignore[attr-defined]
            )  # fmt: skip


# --- introductions ----------------------------------------------------------------------------------------------------------------------
def handed_in_rows(found: HandInQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a piece of information, as its giver sees it."""
    for one in map(handed_in.marked, found.select_related("lead__unit")):
        yield (
            one.title, one.name, str(one.get_kind_display()), one.amount_10k_yuan, one.text, timezone.localdate(one.handed_in_at),
            str(TOLD[one.told]), one.why, one.answer, timezone.localdate(one.answered_at) if one.answered_at else None,
        )  # fmt: skip


def introduction_rows(user: Any, found: IntroductionQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row an introduction; its introducer as the reader may see him."""
    for piece in batched(in_pieces(found.select_related(*introductions.WHOLE_ROWS).defer("path"))):
        introductions.with_parties(user, piece)
        for one in piece:
            yield (
                one.target_name, str(one.get_state_display()), str(one.get_party_kind_display()), one.party.name, one.text, one.asked_on,
                one.due_on, one.last_on, None if one.warmth_share is None else one.warmth_share * 100, str(one.owner), one.unit.name,
            )  # fmt: skip


def batched(rows: Iterator[Any], size: int = 500) -> Iterator[list[Any]]:
    """Rows in pieces."""
    while piece := list(islice(rows, size)):
        yield piece


def introducer_rows(found: Iterable[introductions.Figures]) -> Iterator[tuple[Any, ...]]:
    """One row an introducer."""
    for one in found:
        yield (
            one.party.name, one.kind, one.asked, one.open_asks, one.agreed, one.met, one.leads, one.projects, one.refused, one.merit,
            one.last_on,
        )  # fmt: skip


def pair_rows(pairs: Any) -> Iterator[tuple[Any, ...]]:
    """Pairs of leads that may be one, as the page shows them."""
    found = in_pieces(pairs.order_by("-firm_share", "pk"))
    while piece := list(islice(found, 500)):
        for row in pair_queries.drawn(piece, None):
            sides = [(side.lead.title, side.lead.name, str(side.lead.unit), side.filed_on) for side in row.sides]
            why = "；".join(str(reason.words) for reason in row.reasons)
            share = round(row.pair.firm_share * 100)
            yield (*sides[0], *sides[1], share, why, row.pair.get_state_display(), row.pair.reason)
