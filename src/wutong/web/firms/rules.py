"""How a business scope is cut into pieces for reading; and what the office may note of a firm, its people and its yearly figures."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from wutong.rulebook import load
from wutong.rulebook.load import Measure, Rulebook

# Least telling last: where one phrase stands in several roles, it takes the colour of the first of these.
ROLES = (
    "makes",
    "processes",
    "grows",
    "provides",
    "researches",
    "designs",
    "installs",
    "repairs",
    "sells",
    "stores",
    "transports",
    "unstated",
)
# Marks of both widths: full stop, semicolons, line ends; then brackets.
_STOP = re.compile("[\u3002;\uff1b\n]")
_BRACKET = re.compile("[(\uff08\u3010\\[][^()\uff08\uff09\u3010\u3011\\[\\]]*[)\uff09\u3011\\]]")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Span:
    """One mention of a product in a scope: characters [start, end) and the role, as a word."""

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the scope's text. `roles` is empty outside a mention; `is_dropped`: nothing of this clause was read as a product."""

    text: str
    roles: tuple[str, ...] = ()
    is_dropped: bool = False


def pieces(scope: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Cut a scope into runs that, put together, are the scope again.

    Why: a clause without any mention is licence wording, an exclusion or a cut-off; it is greyed so that the eye passes over it.
    """
    mentions = _merged(spans, len(scope))
    found: list[Piece] = []
    at = 0
    for start, end, roles in mentions:
        found.extend(_plain(scope, at, start, mentions))
        found.append(Piece(scope[start:end], roles))
        at = end
    found.extend(_plain(scope, at, len(scope), mentions))
    return tuple(found)


def _merged(spans: Iterable[Span], length: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """Spans in order, none overlapping; the roles of one and the same span together, most telling first."""
    roles: dict[tuple[int, int], set[str]] = {}
    for span in spans:
        if 0 <= span.start < span.end <= length:
            roles.setdefault((span.start, span.end), set()).add(span.role)
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for (start, end), names in sorted(roles.items(), key=lambda item: (item[0][0], -item[0][1])):
        if not found or start >= found[-1][1]:
            found.append((start, end, tuple(sorted(names, key=_order))))
    return found


def _order(role: str) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)


def _plain(scope: str, start: int, end: int, mentions: list[tuple[int, int, tuple[str, ...]]]) -> Iterable[Piece]:
    """The text between two mentions, cut at clauses and brackets, each knowing whether it holds any mention."""
    edges = {at for mark in _STOP.finditer(scope, start, end) for at in mark.span()}
    edges |= {at for mark in _BRACKET.finditer(scope) for at in mark.span() if start < at < end}
    cuts = sorted({start, end, *edges})
    for left, right in pairwise(cuts):
        low, high = _clause(scope, left)
        holds_any = any(low <= at < high for at, _, _ in mentions)
        text = scope[left:right]
        yield Piece(text, (), is_dropped=not holds_any and bool(_WORD.search(text)))


def _clause(scope: str, at: int) -> tuple[int, int]:
    """The clause that a character stands in: its bracket, else what lies between two stops."""
    for mark in _BRACKET.finditer(scope):
        if mark.start() <= at < mark.end():
            return mark.span()
    before = [mark.end() for mark in _STOP.finditer(scope, 0, at)]
    after = _STOP.search(scope, at)
    return (before[-1] if before else 0), (after.start() if after else len(scope))


# --- what the office may note ---------------------------------------------------------------------------------------------------------
FIRST_YEAR = 1949
HIDDEN_DIGITS = 4


class NameKind(StrEnum):
    """What a further name of a firm is."""

    FORMER = "former"
    SHORT = "short"
    BRAND = "brand"
    FOREIGN = "foreign"


class RelationKind(StrEnum):
    """How a firm belongs to another, read from the one to the other."""

    SUPPLIES = "supplies"
    SHAREHOLDER_OF = "shareholder_of"
    CONTROLS = "controls"
    INVESTED_WITH = "invested_with"
    PARTNER_OF = "partner_of"
    COMPETES_WITH = "competes_with"


BOTH_WAYS = frozenset({RelationKind.INVESTED_WITH, RelationKind.PARTNER_OF, RelationKind.COMPETES_WITH})


class Purpose(StrEnum):
    """What personal data is kept for."""

    PROMOTION = "promotion"
    SERVICE = "service"
    INTRODUCTION = "introduction"


class Basis(StrEnum):
    """Why personal data may be kept. Source: 《个人信息保护法》 第十三条, 2021-11-01."""

    CONSENT = "consent"
    PUBLIC = "public"
    DUTY = "duty"


class Refusal(StrEnum):
    """Why something is not noted; the web puts it into words."""

    NO_SOURCE = "no_source"
    CONSENT_IN_FUTURE = "consent_in_future"
    RETENTION_PAST = "retention_past"
    RETENTION_TOO_LONG = "retention_too_long"
    UNKNOWN_MEASURE = "unknown_measure"
    YEAR_OUT_OF_RANGE = "year_out_of_range"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"
    NOT_WHOLE = "not_whole"
    SAME_FIRM = "same_firm"
    ENDS_BEFORE_START = "ends_before_start"


@dataclass(frozen=True, slots=True)
class Consent:
    """Why and until when personal data may be kept; the period is half-open."""

    source: str
    since_on: dt.date
    retain_until: dt.date


def refusals_to_keep(consent: Consent, *, on: dt.date, rulebook: Rulebook) -> tuple[Refusal, ...]:
    """Why a person may not be noted so; empty if he may. Raises: NoValueError where the rulebook has no retention on that day."""
    found: list[Refusal] = []
    if not consent.source.strip():
        found.append(Refusal.NO_SOURCE)
    if consent.since_on > on:
        found.append(Refusal.CONSENT_IN_FUTURE)
    if consent.retain_until <= on:
        found.append(Refusal.RETENTION_PAST)
    if consent.retain_until > years_later(on, rulebook.number("personal.longest_retention_years", on)):
        found.append(Refusal.RETENTION_TOO_LONG)
    return tuple(found)


def refusals_to_relate(*, is_same: bool, source: str, known_on: dt.date, ended_on: dt.date | None) -> tuple[Refusal, ...]:
    """Why a relation between two firms is not noted; empty if it is."""
    found: list[Refusal] = []
    if is_same:
        found.append(Refusal.SAME_FIRM)
    if not source.strip():
        found.append(Refusal.NO_SOURCE)
    if ended_on is not None and ended_on <= known_on:
        found.append(Refusal.ENDS_BEFORE_START)
    return tuple(found)


def years_later(day: dt.date, years: float) -> dt.date:
    """The same day so many whole years on; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + int(years))
    except ValueError:
        return dt.date(day.year + int(years), 3, 1)


def refusals_to_note_figure(measure: Measure | None, *, year: int, value: Decimal, on: dt.date) -> tuple[Refusal, ...]:
    """Why a yearly figure cannot be true; empty if it can. `value`: in the unit that is kept."""
    found: list[Refusal] = []
    if measure is None:
        found.append(Refusal.UNKNOWN_MEASURE)
    if not FIRST_YEAR <= year <= on.year:
        found.append(Refusal.YEAR_OUT_OF_RANGE)
    if value < 0 and not (measure and measure.negative):
        found.append(Refusal.NEGATIVE)
    if measure is not None and measure.largest is not None and value > Decimal(str(measure.largest)):
        found.append(Refusal.TOO_LARGE)
    if measure is not None and measure.id.endswith("_count") and value != value.to_integral_value():
        found.append(Refusal.NOT_WHOLE)
    return tuple(found)


def open_measures() -> tuple[str, ...]:
    """Ids of the measures that every unit may see."""
    return tuple(measure.id for measure in load.rulebook().measures.values() if not measure.confidential)


def masked(text: str) -> str:
    """Contact data as everybody sees it who need not call: 138****5678, c***@example.com."""
    local, at, domain = text.partition("@")
    if at:
        return f"{local[:1]}***@{domain}"
    if len(text) <= HIDDEN_DIGITS:
        return "*" * len(text)
    head = max(0, min(3, len(text) - 2 * HIDDEN_DIGITS))
    tail = min(HIDDEN_DIGITS, len(text) - head - HIDDEN_DIGITS)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


class ListRefusal(StrEnum):
    """Why a list of firms, or a decision about one of its rows, is not taken."""

    UNKNOWN_TAG = "unknown_tag"
    SAME_FILE = "same_file"
    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"
    TAKEN_BACK = "taken_back"
    DECIDED_ALREADY = "decided_already"
    ON_THE_LIST_ALREADY = "on_the_list_already"


_BETWEEN_NAMES = re.compile("[\u3001;\uff1b/\n]")


def names_of(values: Mapping[str, object]) -> tuple[str, ...]:
    """Every way a row of a list calls its firm, the full name first; former names may stand several in one cell."""
    former = [part.strip() for part in _BETWEEN_NAMES.split(str(values.get("former_name", "")))]
    found = [str(values.get("name", "")), str(values.get("short_name", "")), *former]
    return tuple(dict.fromkeys(name for name in found if name))


def ends_of(editions: Sequence[tuple[dt.date, dt.date | None]]) -> list[dt.date | None]:
    """When each edition of a list ends: where the next later one begins, or on the day that it gives itself, whichever comes first.

    `editions`: (as of, valid until) in order of their day. Two of one day stand beside each other.
    """
    ends = []
    for at, (as_of, valid_until) in enumerate(editions):
        later = next((other for other, _ in editions[at + 1 :] if other > as_of), None)
        days = [day for day in (later, valid_until) if day is not None]
        ends.append(min(days) if days else None)
    return ends


ALIKE = {
    ("FirmName", "firm"): ("kind", "name"), ("Relation", "firm"): ("other_id", "kind", "unit_id"),
    ("Relation", "other"): ("firm_id", "kind", "unit_id"), ("YearlyFigure", "firm"): ("year", "measure", "source"),
    ("Position", "firm"): ("person_id", "title"), ("Follow", "firm"): ("user_id",), ("FirmTag", "firm"): ("edition_id",),
}  # fmt: skip
"""What no two rows of one firm may share: of two such the newer note stays, and where no day of a note stands that of the firm kept."""


class MergerState(StrEnum):
    """How a merger stands. `APART`: a person found that the two are different firms."""

    WAITING = "waiting"
    DONE = "done"
    SENT_BACK = "sent_back"
    UNDONE = "undone"
    APART = "apart"


class MergeRefusal(StrEnum):
    """Why two firms do not become one, or do not become two again."""

    SAME_FIRM = "same_firm"
    GONE_ALREADY = "gone_already"
    UNLISTED = "unlisted"
    ASKED_ALREADY = "asked_already"
    NO_REASON = "no_reason"
    NOT_WAITING = "not_waiting"
    NOT_DONE = "not_done"
    OWN_REQUEST = "own_request"
    LATER = "later"


def refusals_to_merge(*, is_same: bool, is_gone: bool, unlisted: Sequence[str], is_asked: bool, reason: str) -> tuple[MergeRefusal, ...]:
    """Why two firms do not become one; empty if they may. `unlisted`: relations that no room said how to carry over."""
    checks = (
        (is_same, MergeRefusal.SAME_FIRM), (is_gone, MergeRefusal.GONE_ALREADY), (bool(unlisted), MergeRefusal.UNLISTED),
        (is_asked, MergeRefusal.ASKED_ALREADY), (not reason.strip(), MergeRefusal.NO_REASON),
    )  # fmt: skip
    return tuple(refusal for applies, refusal in checks if applies)
