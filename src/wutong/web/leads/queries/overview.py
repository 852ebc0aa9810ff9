"""Leads as lists, boards and maps show them: which match, in what order, how each stands today; nothing is asked row by row."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from wutong.engine.places import NATION
from wutong.web.accounts.models import Unit, User
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.models import STAGES, TO_ANSWER, TO_TRIAGE, UNANSWERED, Claim, ClaimShare, Dispute, Lead, LeadName, LeadQuerySet
from wutong.web.leads.queries import clocks, filed, rows, stages
from wutong.web.leads.rules import claims, leads
from wutong.web.leads.rules.claims import STANDING, Attention, ClaimState
from wutong.web.leads.rules.leads import LeadState, SourceKind, Stage
from wutong.web.lib import access
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.partners.models import Partner

MOST_ON_BOARD = 30
CLOSED = (LeadState.DORMANT, LeadState.LOST, LeadState.PROJECT, LeadState.MERGED, LeadState.WITHDRAWN)
TALKED_TO = (Stage.CONTACT, Stage.TALKS)
DUE_WORDS = {
    "triage": pgettext_lazy("due of a lead", "triage"),
    "answer": pgettext_lazy("due of a lead", "answer to the source"),
    "progress": pgettext_lazy("due of a lead", "progress"),
    "protection": pgettext_lazy("due of a lead", "end of protection"),
}


@dataclass(frozen=True, slots=True)
class Days:
    """What the rulebook says on a day: after how many days a lead is stale, how long before its end a claim warns, how long it protects."""

    on: dt.date
    progress_days: int
    warning_days: int
    protection_days: int | None

    @property
    def stale_since(self) -> dt.date:
        """The latest last progress of what counts as stale."""
        return self.on - dt.timedelta(days=self.progress_days)

    @property
    def soon(self) -> dt.date:
        """The last day of protection that is warned of."""
        return self.on + dt.timedelta(days=self.warning_days)


def days(on: dt.date) -> Days:
    """By the rules in force on a day."""
    return Days(on, clocks.number(leads.PROGRESS_LEAF, on), clocks.number(claims.WARNING_LEAF, on), clocks.protection_days(on))


# --- what matches -----------------------------------------------------------------------------------------------------------------------
WAITING = Q(clock_on__isnull=False)
TAKEN_UP = ~Q(stage=Stage.LOGGED) & ~Q(state=LeadState.LOST, stage=Stage.TRIAGED)


def overdue(on: dt.date) -> Q:
    """Information that should have been triaged or answered before a day."""
    return Q(WAITING, clock_on__lt=on)


def quiet_since(day: dt.date) -> Q:
    """Leads that are worked on and of which nothing was entered after a day."""
    nothing = Q(last_progress_on=None, logged_at__lt=access.begins(day + dt.timedelta(days=1)))
    return Q(state=LeadState.OPEN) & ~Q(stage=Stage.LOGGED) & (Q(last_progress_on__lte=day) | nothing)


def matching(
    found: LeadQuerySet, user: Any, *, on: dt.date, text: str = "", which: str = "", state: str = "", stage: str = "", kind: str = "",
    unit: Unit | None = None, owner: User | None = None, segment: str = "", place: str = "", source: str = "", claim: str = "",
    logged_from: dt.date | None = None, logged_to: dt.date | None = None, amount_from: Decimal | None = None,
    amount_to: Decimal | None = None, partner: Partner | None = None,
) -> LeadQuerySet:  # fmt: skip
    """Leads by words, attention (`which`), state ("": worked on), stage, kind, unit (and those below it), owner, segment, place, source,
    partner, claim, days of logging (both included), amount in 10,000 yuan. A confidential lead is found by its code name alone.
    """
    if text:
        found = found.filter(_called(text))
    if state != "all":
        found = found.filter(state=state or LeadState.OPEN)
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if segment:
        chain, _slash, name = segment.partition("/")
        found = found.filter(chain="" if chain == "-" else chain, **({"segment": name} if name else {}))
    if place:
        found = found.filter(origin_adcode="") if place == "-" else found.filter(origin_adcode__startswith=prefix_of(place))
    if logged_from:
        found = found.filter(logged_at__gte=access.begins(logged_from))
    if logged_to and logged_to < dt.date.max:
        found = found.filter(logged_at__lt=access.begins(logged_to + dt.timedelta(days=1)))
    asked = {
        "stage": stage, "kind": kind, "owner": owner, "source_kind": source, "source_partner": partner, "amount_10k_yuan__gte": amount_from,
        "amount_10k_yuan__lte": amount_to,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in asked.items() if value not in {None, ""}})
    return _which(_claimed(found, claim), user, on=on, which=which)


def _called(text: str) -> Q:
    named = LeadName.objects.filter(name__icontains=text).order_by().values("lead")
    is_open = Q(title__icontains=text) | Q(name__icontains=text) | Q(uscc__istartswith=text) | Q(pk__in=named)
    return Q(is_confidential=False) & is_open | Q(is_confidential=True, code_name__icontains=text)


def prefix_of(adcode: str) -> str:
    """What the codes of a division and of all inside it begin with."""
    code = adcode[:6]
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def _claimed(found: LeadQuerySet, claim: str) -> LeadQuerySet:
    """Leads with a claim in force (`open`) or that waits (`waiting`), with one that ended (`ended`), with any ever (`any`), with none."""
    every = Claim.objects.order_by().values("lead")
    standing = every.filter(state__in=STANDING)
    match claim:
        case "open" | "waiting":
            return found.filter(pk__in=every.filter(state=claim))
        case "ended":
            return found.filter(pk__in=every.exclude(state__in=STANDING)).exclude(pk__in=standing)
        case "any":
            return found.filter(pk__in=every.exclude(state__in=(ClaimState.WITHDRAWN, ClaimState.DECLINED)))
        case "none":
            return found.exclude(pk__in=standing)
    return found


def _which(found: LeadQuerySet, user: Any, *, on: dt.date, which: str) -> LeadQuerySet:
    condition = CONDITIONS.get(which)
    return found if condition is None else found.filter(condition(user, days(on)))


def _claims(**more: Any) -> Q:
    """Leads with a claim of some kind."""
    return Q(pk__in=Claim.objects.filter(**more).order_by().values("lead"))


CONDITIONS: dict[str, Callable[[Any, Days], Q]] = {
    "mine": lambda user, known: Q(owner=user),
    "triage": lambda user, known: WAITING & TO_TRIAGE,
    "answer": lambda user, known: WAITING & TO_ANSWER,
    "overdue": lambda user, known: overdue(known.on),
    "stale": lambda user, known: quiet_since(known.stale_since) & ~_claims(state=ClaimState.OPEN, protected_until__lte=known.soon),
    "ends_soon": lambda user, known: _claims(state=ClaimState.OPEN, protected_until__gte=known.on, protected_until__lte=known.soon),
    "over": lambda user, known: _claims(state=ClaimState.OPEN, protected_until__lt=known.on),
    "waits": lambda user, known: _claims(state=ClaimState.WAITING),
    "disputed": lambda user, known: _disputed(),
    "triaged": lambda user, known: Q(triaged_at__isnull=False),
    "answered": lambda user, known: Q(answered_at__isnull=False),
    "taken_up": lambda user, known: TAKEN_UP,
}


def open_disputes() -> Any:
    """Disputes that wait for a decision. Whoever may see a lead may know that it is disputed: ask about leads that he sees."""
    return Dispute.objects.filter(decided_at=None, withdrawn_at=None).order_by()


def _disputed() -> Q:
    there = open_disputes()
    return Q(pk__in=there.values("lead")) | Q(pk__in=there.values("claim__lead"))


# --- how each stands --------------------------------------------------------------------------------------------------------------------
WHOLE = ("unit", "owner", "source_unit", "source_person", "merged_into")


def shown(pks: Sequence[int]) -> list[Lead]:
    """The leads of a page whose keys were sorted and cut before: only these are read whole."""
    known = Lead.objects.order_by().select_related(*WHOLE).defer("note", "answer").in_bulk(pks)
    return [known[pk] for pk in pks if pk in known]


@dataclass(frozen=True, slots=True)
class DueOf:
    """What is due of a lead next, in words, and whether that day is past."""

    day: dt.date
    what: str
    is_past: bool


def marked(found: Iterable[Lead], user: Any, *, on: dt.date) -> list[Lead]:
    """The leads, each told how it stands today: `claim`, `attention`, `due`, `quiet_days`, `is_disputed`, its words and its page.

    Why: few questions for a page, however many rows it has.
    """
    known, there = days(on), list(found)
    pks = [one.pk for one in there]
    latest: dict[int, Claim] = {}
    for claim in Claim.objects.filter(lead__in=pks).select_related("unit").order_by("filed_at", "pk"):
        if claim.lead_id not in latest or claim.is_standing or not latest[claim.lead_id].is_standing:
            latest[claim.lead_id] = claim
    both = {
        pk for pair in open_disputes().filter(Q(lead__in=pks) | Q(claim__lead__in=pks)).values_list("lead", "claim__lead") for pk in pair
    }
    page = reverse("leads:lead", args=[rows.NOBODY])
    segments = {
        pair: rows.segment_name(*pair) if pair[1] else rows.chain_name(pair[0]) for pair in {(one.chain, one.segment) for one in there}
    }
    shares = _shared(there, latest, on)
    for one in there:
        one.sharing = shares.get(one.pk)  # type: ignore[attr-defined]
        one.claim = latest.get(one.pk)  # type: ignore[attr-defined]
        one.attention = attention_of(one, one.claim, known)  # type: ignore[attr-defined]
        one.due = due_of(one, one.claim, known)  # type: ignore[attr-defined]
        one.clock = clock_of(one, known)  # type: ignore[attr-defined]
        one.quiet_days = max(0, (on - since(one)).days)  # type: ignore[attr-defined]
        one.is_disputed = one.pk in both  # type: ignore[attr-defined]
        one.segment_words = segments[one.chain, one.segment] if one.chain else ""  # type: ignore[attr-defined]
        one.place_words = place_words(one.origin_adcode)  # type: ignore[attr-defined]
        one.stage_words = stages.word(one.kind, one.stage)  # type: ignore[attr-defined]
        one.source_words = source_words(one)  # type: ignore[attr-defined]
        one.address = page.replace(str(rows.NOBODY), str(one.public_id))  # type: ignore[attr-defined]
    return there


def _shared(there: Iterable[Lead], latest: dict[int, Claim], on: dt.date) -> dict[int, ClaimShare]:
    """What the unit of a lead without a claim has today, or is to have next, of the claim that its filing was told of."""
    alone = [one.pk for one in there if one.state == LeadState.OPEN and not (one.pk in latest and latest[one.pk].is_standing)]
    found = filed.shared(alone) if alone else {}
    return {key: next((one for one in reversed(shares) if one.from_on <= on), shares[0]) for key, shares in found.items()}


def since(lead: Lead) -> dt.date:
    """The day since which nothing was entered: of the last entry or filing, else of logging."""
    return lead.last_progress_on or timezone.localdate(lead.logged_at)


def attention_of(lead: Lead, claim: Claim | None, known: Days) -> Attention:
    """How a lead that is worked on stands: by its claim where one is in force, else by its last progress."""
    if claim is not None and claim.state == ClaimState.OPEN:
        facts = claim.facts()
    elif lead.state == LeadState.OPEN and lead.stage != Stage.LOGGED:
        facts = claims.ClaimFacts(ClaimState.OPEN, since(lead), since(lead))
    else:
        return Attention.CALM
    return claims.attention(facts, on=known.on, progress_days=known.progress_days, warning_days=known.warning_days)


def owed_of(lead: Lead, claim: Claim | None, known: Days) -> list[tuple[dt.date, str]]:
    """All that is due of a lead: triage, the answer to who gave it, progress, the end of protection; each by its day."""
    due, is_held = _by_the_clock(lead), claim is not None and claim.state == ClaimState.OPEN
    if lead.state == LeadState.OPEN and (lead.stage != Stage.LOGGED or is_held):
        last = claim.last_progress_on if is_held and claim is not None else since(lead)
        due.append((last + dt.timedelta(days=known.progress_days), "progress"))
    if is_held and claim is not None and claim.protected_until:
        due.append((claim.protected_until, "protection"))
    return due


def due_of(lead: Lead, claim: Claim | None, known: Days) -> DueOf | None:
    """What is due of a lead first."""
    return _first(owed_of(lead, claim, known), known)


def clock_of(lead: Lead, known: Days) -> DueOf | None:
    """By when information is to be triaged or answered, whichever is first."""
    return _first(_by_the_clock(lead), known)


def _by_the_clock(lead: Lead) -> list[tuple[dt.date, str]]:
    """Days that were told when the lead was logged."""
    due = []
    if lead.state == LeadState.OPEN and lead.stage == Stage.LOGGED and lead.triage_due_on:
        due.append((lead.triage_due_on, "triage"))
    if lead.state not in UNANSWERED and lead.answer_due_on:
        due.append((lead.answer_due_on, "answer"))
    return due


def _first(due: list[tuple[dt.date, str]], known: Days) -> DueOf | None:
    if not due:
        return None
    day, what = min(due)
    return DueOf(day, str(DUE_WORDS[what]), day < known.on)


def by_due(found: LeadQuerySet, *, on: dt.date) -> list[int]:
    """The keys of leads, what is due first at the top. For one person's leads: every one of them is looked at."""
    known = days(on)
    columns = (
        "pk", "state", "stage", "triage_due_on", "answer_due_on", "last_progress_on", "logged_at",
    )  # fmt: skip
    there = list(found.order_by().only(*columns))
    in_force = Claim.objects.filter(state=ClaimState.OPEN, lead__in=found.order_by().values("pk"))
    until = {claim.lead_id: claim for claim in in_force}
    due = {one.pk: due_of(one, until.get(one.pk), known) for one in there}
    return sorted(due, key=lambda pk: (due[pk].day if due[pk] else dt.date.max, -pk))  # type: ignore[union-attr]


def place_words(adcode: str) -> str:
    """A division from the province down; its code where no build serves; "" where none is known."""
    if not adcode:
        return ""
    try:
        return firms.places().path(adcode) or adcode
    except WarehouseMissing:
        return adcode


def source_words(lead: Lead) -> str:
    """Who gave a lead, in words."""
    named = {
        SourceKind.UNIT: lead.source_unit.name if lead.source_unit else "",
        SourceKind.PERSON: giver_words(lead),
        SourceKind.PARTNER: lead.source_text,
    }
    return named.get(SourceKind(lead.source_kind)) or str(lead.get_source_kind_display())


def giver_words(lead: Lead) -> str:
    """The colleague who gave a lead, with the unit for which he gave it where that is on record."""
    unit = lead.source_unit.name if lead.source_unit else ""
    return " · ".join(filter(None, (str(lead.source_person or ""), unit)))


# --- the board --------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Column:
    """The leads of one stage: those shown, and how many there are."""

    stage: str
    label: Any
    leads: tuple[Lead, ...]
    total: int
    later: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Leads that are worked on, by stage; and how many ended how."""

    columns: tuple[Column, ...]
    closed: tuple[tuple[str, int], ...]


def _counted(found: LeadQuerySet) -> tuple[dict[tuple[str, str], int], dict[str, list[int]]]:
    """How many leads there are by state and stage, and the first of each stage that is worked on: each question answered by an index."""
    counts = {(state, stage): n for state, stage, n in found.order_by().values_list("state", "stage").annotate(n=Count("pk"))}
    worked = found.filter(state=LeadState.OPEN).order_by("last_progress_on", "pk")
    return counts, {stage: list(worked.filter(stage=stage).values_list("pk", flat=True)[:MOST_ON_BOARD]) for stage in Stage}


def _counted_at_once(found: LeadQuerySet) -> tuple[dict[tuple[str, str], int], dict[str, list[int]]]:
    """The same in one pass over the leads, for what no index answers: words would be looked for in all names once a question."""
    rows = list(found.order_by().values_list("state", "stage", "last_progress_on", "pk"))
    day = (lambda one: (one[2] is not None, one[2] or dt.date.min, one[3])) if connection.vendor == "sqlite" else (
        lambda one: (one[2] is None, one[2] or dt.date.max, one[3])
    )  # fmt: skip
    worked = {stage: [one for one in rows if one[0] == LeadState.OPEN and one[1] == stage] for stage in Stage}
    keys = {stage: [one[3] for one in heapq.nsmallest(MOST_ON_BOARD, of_stage, key=day)] for stage, of_stage in worked.items()}
    return dict(Counter((one[0], one[1]) for one in rows)), {str(stage): found for stage, found in keys.items()}


def board(found: LeadQuerySet, user: Any, *, on: dt.date, by_words: bool = False) -> Board:
    """Leads of every state as a board: those worked on by stage, what is due first at the top; the others counted."""
    counts, keys = _counted_at_once(found) if by_words else _counted(found)
    known: dict[str, list[Lead]] = {stage: [] for stage in Stage}
    for one in marked(shown([pk for of_stage in keys.values() for pk in of_stage]), user, on=on):
        known[one.stage].append(one)
    for of_stage in known.values():
        of_stage.sort(key=lambda one: one.due.day if one.due else dt.date.max)  # type: ignore[attr-defined]
    order = list(Stage)
    columns = tuple(
        Column(
            stage, STAGES[stage], tuple(known[stage]), counts.get((LeadState.OPEN, stage), 0),
            tuple((other.value, STAGES[other]) for other in order[order.index(stage) + 1 :]) if stage is not Stage.LOGGED else (),
        )
        for stage in order
    )  # fmt: skip
    return Board(columns, tuple((state, sum(n for (of, _stage), n in counts.items() if of == state)) for state in CLOSED))


# --- the map ----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Firms of leads by where they are: a city with how many leads, how many of them are talked to. `adcode` "-": nobody knows where."""

    adcode: str
    name: str
    short: str
    leads: int
    talked_to: int
    lon: float | None = None
    lat: float | None = None


def by_place(found: LeadQuerySet) -> tuple[PlaceLine, ...]:
    """Leads by the city where the firm is, the most first; those of which nobody knows where, last."""
    cut = found.order_by().annotate(city=Substr("origin_adcode", 1, 4)).values("city")
    counted = cut.annotate(n=Count("pk"), talked=Count("pk", filter=Q(stage__in=TALKED_TO)))
    lines = [_line(one["city"], one["n"], one["talked"]) for one in counted]
    return tuple(sorted(lines, key=lambda line: (line.adcode == "-", -line.leads, line.adcode)))


def _line(city: str, n: int, talked: int) -> PlaceLine:
    if not city:
        return PlaceLine("-", _("place unknown"), "", n, talked)
    code = city.ljust(6, "0")
    try:
        region = firms.region_of(code)
    except (firms.UnknownRegion, WarehouseMissing):
        return PlaceLine(code, code, code, n, talked)
    return PlaceLine(code, region.full_name or region.name, region.name, n, talked, region.lon, region.lat)


# --- where a filter leads ---------------------------------------------------------------------------------------------------------------
def provinces() -> tuple[tuple[str, str], ...]:
    """Provinces by code and name; none where no build serves."""
    try:
        return tuple((one.adcode, one.name) for one in firms.places().children(NATION))
    except WarehouseMissing:
        return ()
