"""Firms on lists as the pages show them: tables, groups, a board, the page of one row, and what a firm's profile tells."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, override, pgettext
from django.utils.translation import gettext as _

from wutong.rulebook import load
from wutong.web.accounts.models import Unit, User
from wutong.web.chains.queries import targets
from wutong.web.firms.models import Firm
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.models import ROW_STATES, Knock, Lead, ListedFirm, ListedFirmQuerySet, RowChange, TargetList
from wutong.web.leads.queries import people
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import Attention, ListState, RowState
from wutong.web.lib import access, rulebook, warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.lib.marks import Mark

PROPOSED = (gettext_lazy("First knock"), gettext_lazy("Knock again"))  # the next steps that the house proposes
NOBODY = uuid.UUID(int=0)
MOST_ON_BOARD = 20
MOST_IN_PANEL = 20


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board: a state, how many rows it has, the first of them."""

    state: RowState
    label: Any
    rows: tuple[ListedFirm, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A factor of the score as it was when the firm was put on, in the language of the page."""

    factor: str
    label: str
    input: str | None
    unit: str
    points: float | None
    most: float
    source: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a row's history: a knock or another change."""

    at: dt.datetime
    knock: Knock | None = None
    change: RowChange | None = None
    is_corrected: bool = False

    @property
    def entered_at(self) -> dt.datetime:
        """When it was entered; of two in one minute the later one tells which was first."""
        return self.knock.recorded_at if self.knock else self.at


@dataclass(frozen=True, slots=True)
class RowPage:
    """What the page of a row shows."""

    row: ListedFirm
    reasons: tuple[Reason, ...]
    events: tuple[Event, ...]
    attention: Attention
    stale_days: int


def rows(user: Any, *, on: dt.date) -> ListedFirmQuerySet:
    """Every row that a person may see and that was not taken off, those that wait too long first."""
    found = ListedFirm.objects.visible_to(user).on_list().risen(on, people.stale_days(on))
    return found.select_related("firm", "assignee", "list").defer("found")


def matching(
    found: ListedFirmQuerySet, user: Any, *, on: dt.date, text: str = "", state: str = "", assignee: User | str | None = None,
    segment: str = "", city: str = "", which: str = "", line: str = "", unit: Unit | None = None,
) -> ListedFirmQuerySet:  # fmt: skip
    """Rows by name or code, state, person ("-": nobody), segment, city, line, unit (and those below it).

    `which`: mine, stale, due, overdue, unassigned, knocked or contacted.
    """
    if text:
        found = found.filter(Q(firm__name__icontains=text) | Q(firm__uscc__istartswith=text))
    if state:
        found = _in_state(found, state)
    if assignee:
        found = found.filter(assignee=None if assignee == "-" else assignee)
    if segment:
        found = in_segment(found, segment)
    if city:
        found = found.filter(city=city)
    lists = Q(**({"unit__path__startswith": unit.path} if unit else {}), **({"line": line} if line else {}))
    if lists:
        found = found.filter(list__in=TargetList.objects.filter(lists).order_by().values("pk"))
    return _which(found, user, on=on, which=which)


def _which(found: ListedFirmQuerySet, user: Any, *, on: dt.date, which: str) -> ListedFirmQuerySet:
    match which:
        case "mine":
            found = found.filter(assignee=user)
        case "stale":
            found = found.stale(on, people.stale_days(on))
        case "due":
            found = found.due(on)
        case "overdue":
            found = found.overdue(on)
        case "unassigned":
            found = found.open().filter(assignee=None)
        case "knocked":
            found = found.filter(knock_count__gt=0)
        case "contacted":
            found = found.filter(contacted_on__isnull=False)
    return found


def in_segment(found: ListedFirmQuerySet, segment: str) -> ListedFirmQuerySet:
    """Rows of a segment, named by itself or as chain/segment; "-": of none."""
    chain, _slash, name = segment.rpartition("/")
    if segment == "-":
        return found.filter(segment="")
    return found.filter(chain=chain, segment=name) if chain else found.filter(segment=name)


def _in_state(found: ListedFirmQuerySet, state: str) -> ListedFirmQuerySet:
    """Rows of one state; `open`: worked on; `left`: without an outcome, on lists that are closed."""
    match state:
        case "open":
            return found.open()
        case "left":
            return found.filter(state__in=rules.OPEN_STATES, list__state=ListState.CLOSED)
    return found.filter(state=state)


def shown(found: ListedFirmQuerySet, pks: Sequence[int]) -> list[ListedFirm]:
    """The rows of a page whose keys were sorted and cut before: only these are read whole."""
    known = found.order_by().in_bulk(pks)
    return [known[pk] for pk in pks if pk in known]


def marked(found: Iterable[ListedFirm], *, on: dt.date) -> list[ListedFirm]:
    """The rows, each told how it stands today (`attention`), how many days it has been quiet, its segment in words, two pages.

    Why: segments and addresses are looked up once a page here; asked for row by row in a template they are a third of its time.
    """
    days = people.stale_days(on)
    known = list(found)
    row_page, list_page = (reverse(name, args=[NOBODY]) for name in ("leads:row", "leads:detail"))
    segments = {pair: segment_name(*pair) if pair[1] else "" for pair in {(row.chain, row.segment) for row in known}}
    for row in known:
        row.attention = rules.attention(row.facts(), on=on, stale_days=days).value  # type: ignore[attr-defined]
        row.quiet_days = max(0, (on - row.quiet_since).days)  # type: ignore[attr-defined]
        row.segment_words = segments[row.chain, row.segment]  # type: ignore[attr-defined]
        row.address = row_page.replace(str(NOBODY), str(row.public_id))  # type: ignore[attr-defined]
        row.list_address = list_page.replace(str(NOBODY), str(row.list.public_id))  # type: ignore[attr-defined]
    return known


def board(found: ListedFirmQuerySet, *, on: dt.date) -> tuple[Column, ...]:
    """The rows by state, in the order in which they rise."""
    keys: dict[str, list[int]] = {state: [] for state in ROW_STATES}
    for pk, state in found.order_by("turn", "position", "pk").values_list("pk", "state"):
        keys[state].append(pk)
    shown_keys = [pk for of_state in keys.values() for pk in of_state[:MOST_ON_BOARD]]
    known: dict[str, list[ListedFirm]] = {state: [] for state in ROW_STATES}
    for row in marked(shown(found, shown_keys), on=on):
        known[row.state].append(row)
    return tuple(Column(state, label, tuple(known[state]), len(keys[state])) for state, label in ROW_STATES.items())


def _rulebook() -> load.Rulebook:
    """The rules that the served build was placed by; those that ship, where none serves: lists are worked on all the same."""
    book: load.Rulebook = access.once("leads.rulebook", _read_rulebook)
    return book


def _read_rulebook() -> load.Rulebook:
    try:
        return firms.rulebook()
    except warehouse.WarehouseMissing:
        return rulebook.in_force()


def chains() -> dict[str, Any]:
    """The chains in force, by id."""
    return dict(_rulebook().chains)


def segment_name(chain_id: str, segment_id: str) -> str:
    """A segment in the language of the page; its id where the chain has changed since; "" where there is none."""
    chain = _rulebook().chains.get(chain_id)
    segment = next((item for item in chain.segments if item.id == segment_id), None) if chain else None
    if segment is None:
        return segment_id
    return str(segment.name_zh if is_chinese() else segment.name_en)


def chain_name(chain_id: str) -> str:
    """A chain in the language of the page."""
    chain = _rulebook().chains.get(chain_id)
    return chain_id if chain is None else str(chain.name_zh if is_chinese() else chain.name_en)


def segments_in(chain_id: str) -> tuple[tuple[str, str], ...]:
    """The segments of a chain by id and name; none where there is no such chain."""
    chain = chains().get(chain_id)
    return tuple((one.id, str(one.name_zh if is_chinese() else one.name_en)) for one in chain.segments) if chain else ()


def board_name(board: str) -> str:
    """A board of the ranking in the language of the page."""
    return targets.board_words().get(board, board)


def segments_on(found: TargetList) -> tuple[tuple[str, str], ...]:
    """The segments that the rows of a list stand for, with their names."""
    pairs = found.rows.filter(removed_at=None).exclude(segment="").order_by("chain", "segment").values_list("chain", "segment").distinct()
    return tuple((segment, segment_name(chain, segment)) for chain, segment in pairs)


def cities_on(found: TargetList) -> tuple[str, ...]:
    """The cities in which the firms of a list lie."""
    return tuple(found.rows.filter(removed_at=None).exclude(city="").order_by("city").values_list("city", flat=True).distinct())


def segments_of(user: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The segments that rows of all lists stand for, chain by chain, each as chain/segment with its name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for chain, segment in sorted({(chain, segment) for chain, segment, _city in _places_in_chains(user) if segment}):
        found.setdefault(chain, []).append((f"{chain}/{segment}", segment_name(chain, segment)))
    return [(chain_name(chain), segments) for chain, segments in found.items()]


def cities_of(user: Any) -> tuple[str, ...]:
    """The cities in which the firms of all lists lie."""
    return tuple(sorted({city for _chain, _segment, city in _places_in_chains(user) if city}))


def _places_in_chains(user: Any) -> list[tuple[str, str, str]]:
    """Chain, segment and city of the rows of all lists, each once: both filters of a page read the rows in one go."""
    seen = ListedFirm.objects.visible_to(user).on_list().order_by().values_list("chain", "segment", "city").distinct()
    found: list[tuple[str, str, str]] = access.once(("leads.places_in_chains", user.pk, user.grants()), lambda: list(seen))
    return found


def page_of(row: ListedFirm, user: Any, *, on: dt.date) -> RowPage:
    """A row with its reasons and its history, newest first."""
    (marked_row,) = marked([row], on=on)
    knocks = list(Knock.objects.visible_to(user).filter(row=row).select_related("by", "recorded_by", "corrects"))
    corrected = {knock.corrects_id for knock in knocks}
    changes = RowChange.objects.visible_to(user).filter(row=row).select_related("by")
    events = [Event(knock.made_at, knock=knock, is_corrected=knock.pk in corrected) for knock in knocks]
    events += [Event(change.at, change=change) for change in changes]
    events.sort(key=lambda event: (event.at.replace(second=0, microsecond=0), event.entered_at), reverse=True)  # a form knows minutes
    days = people.stale_days(on)
    return RowPage(marked_row, reasons_of(row), tuple(events), rules.attention(row.facts(), on=on, stale_days=days), days)


def reasons_of(row: ListedFirm) -> tuple[Reason, ...]:
    """Why the firm scored as it did when it was put on, in the language of the page."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return tuple(
        Reason(
            kept["factor"], kept["label"].get(language) or targets.label_of(kept["factor"]), kept["input"].get(language),
            kept["unit"].get(language) or "", kept["points"], kept["most"] or 0.0, kept["source"].get(language) or "",
        )
        for kept in row.found.get("reasons", ())
    )  # fmt: skip


def of_firm(user: Any, firm_id: str, *, on: dt.date) -> list[ListedFirm]:
    """The lists on which a firm stands, as far as the person may see them."""
    return marked(rows(user, on=on).filter(firm__firm_id=firm_id).order_by("turn", "-put_on_at")[:MOST_IN_PANEL], on=on)


def seen_on_lists(user: Any, firm_ids: Iterable[str], *, but: TargetList | None = None) -> dict[str, list[ListedFirm]]:
    """By firm, where it stands on lists that the person may see, closed ones too, the newest first; `but`: a list that is left out.

    Why: a firm that refused last year is not called again without knowing it.
    """
    of_firms = ListedFirm.objects.filter(firm__firm_id__in=list(firm_ids)).order_by().values("pk")
    found = ListedFirm.objects.visible_to(user).on_list().filter(pk__in=of_firms).order_by()
    if but is not None:
        found = found.exclude(list=but)
    known: dict[str, list[ListedFirm]] = {}
    # The few rows of these firms first, sorted here: asked in one go SQLite walks all rows of all lists that the person may see.
    there = found.select_related("firm", "assignee", "list__owner").defer("found")
    for row in sorted(there, key=lambda row: (row.put_on_at, row.pk), reverse=True):
        known.setdefault(row.firm.firm_id, []).append(row)
    return known


def firm_ids_on_lists(user: Any, is_own: bool) -> frozenset[str]:
    """The ids of all firms on lists that the person may see, closed ones too; `is_own`: on those of his own unit alone."""
    found = ListedFirm.objects.visible_to(user).on_list()
    if is_own:
        found = found.filter(list__unit=user.unit)
    return frozenset(found.order_by().values_list("firm__firm_id", flat=True))


def marks_of(user: Any, firm_ids: Iterable[str], *, but: TargetList | None = None) -> dict[str, tuple[Mark, ...]]:
    """The same in words: by firm the lists, what came of it there, whether the list is closed, who holds it, when somebody knocked last."""
    seen = seen_on_lists(user, firm_ids, but=but)
    page = reverse("leads:row", args=[NOBODY])
    return {firm_id: tuple(_mark(row, page.replace(str(NOBODY), str(row.public_id))) for row in there) for firm_id, there in seen.items()}


def _mark(row: ListedFirm, address: str) -> Mark:
    state = str(row.get_state_display())
    said = pgettext("between label and value", ": ").join((state, row.reason)) if row.reason else state
    closed = str(row.list.get_state_display()) if row.list.state == ListState.CLOSED else ""
    knocked = f"{_('Last knock')} {row.last_knocked_on}" if row.last_knocked_on else ""
    told = tuple(filter(None, (closed, str(row.assignee or row.list.owner), knocked)))
    return Mark(_("on a list already"), row.list.title, address, said, told)


def step_words(text: str) -> str:
    """A next step in the language of the page, where it is one that the house proposes; else as somebody wrote it."""
    return next((str(step) for step in PROPOSED if text in _in_every_language(step)), text)


@cache
def _in_every_language(step: Any) -> frozenset[str]:
    said = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            said.add(str(step))
    return frozenset(said)


def with_last_knock(user: Any, found: Sequence[ListedFirm]) -> Sequence[ListedFirm]:
    """The same rows, each with its newest standing knock as `last_knock`, None where nobody knocked."""
    newest: dict[int, Knock] = {}
    standing = Knock.objects.visible_to(user).standing().filter(row__in=[row.pk for row in found]).select_related("by")
    for knock in standing.order_by("made_at", "pk"):
        newest[knock.row_id] = knock
    for row in found:
        row.last_knock = newest.get(row.pk)  # type: ignore[attr-defined]
    return found


def source_of(found: TargetList) -> str:
    """Where a list comes from, in one line."""
    if found.segment:
        said = f"{chain_name(found.chain)} › {segment_name(found.chain, found.segment)}"
    else:
        said = chain_name(found.chain) if found.chain else ""
    place = _region_name(found.place)
    region = _("for %(region)s") % {"region": _region_name(found.region)} if found.region else ""
    board = board_name(found.board) if found.board else ""
    return " · ".join(part for part in (str(found.get_origin_display()), said, board, place, region) if part)


def _region_name(text: str) -> str:
    if not text:
        return ""
    try:
        return firms.region_of(text).name
    except (firms.UnknownRegion, warehouse.WarehouseMissing):
        return text


# --- two firms that are one -----------------------------------------------------------------------------------------------------------
def of_merger(gone: Firm, kept: Firm) -> tuple[tuple[Any, tuple[str, ...]], ...]:
    """What else changes when the rows of a firm become another's: knocks and changes of its rows, and places on lists where both stand."""
    both = ListedFirm.objects.filter(firm=gone, list__rows__firm=kept).order_by().values("list")
    mine = ListedFirm.objects.filter(firm=gone)
    return (
        (Knock.objects.filter(row__in=mine), ("row_id",)),
        (RowChange.objects.filter(row__in=mine), ("row_id",)),
        (Lead.objects.filter(from_row__in=mine), ("from_row_id",)),
        (ListedFirm.objects.filter(list__in=both).exclude(firm__in=(gone, kept)).defer("found"), ("position",)),
    )


def address_of(row: ListedFirm) -> str:
    """The page of a row."""
    return reverse("leads:row", args=[row.public_id])
