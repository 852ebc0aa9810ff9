"""The duplicate check over the leads of all units: what a lead is compared by, and which leads with a standing claim it meets.

This is the one place that asks. What it finds is no answer for a person: `actions.filing` decides what comes of it, and `actions.telling`
what may be said across units. Which leads are looked at, memory says (`queries.comparing`, by names however written) and the database
(code, firm, names, contacts, group); what they are to each other `engine.same_leads` judges, by what the database holds now.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Q

from wutong.engine import codes, filed_names, names
from wutong.engine.filed_likeness import Kind
from wutong.engine.same_leads import Candidate, Filed, Numbers
from wutong.web.leads.models import Claim, Filing, Lead, LeadContact, LeadName, LeadPair
from wutong.web.leads.queries import clocks, comparing
from wutong.web.leads.rules.claims import STANDING, ClaimState, Outcome, PairState, Verdict
from wutong.web.leads.rules.leads import UNDO_LEAF, LeadState

GROUP = "registry_group"
"""The registry holds both in one group; the engine, which sees names alone, does not say this."""
MOST_OF_MANY = 100
_ORDER = tuple(Verdict)
_SAME_FIRM = frozenset({Kind.CODE, Kind.FIRM, Kind.NAME})
_OTHER_FIRM = frozenset({Kind.OTHER_CODE, Kind.OTHER_FIRM})
_PROOFS = frozenset({Kind.CODE, Kind.FIRM})
_DOUBTS = frozenset({*_OTHER_FIRM, Kind.OTHER_PRODUCT, Kind.OTHER_PLACE})


@dataclass(frozen=True, slots=True)
class Met:
    """A lead that another one meets, its standing claim, and why: codes, strongest first."""

    lead: Lead
    claim: Claim
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def is_of_the_firm(self) -> bool:
        """Whether it is about the same firm, be it perhaps about another project of it."""
        found = set(self.reasons)
        return self.verdict is Verdict.SAME or (bool(found & _SAME_FIRM) and not found & _OTHER_FIRM)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two leads are to each other. `reasons`: (code, ours, theirs), strongest first; `firm_share` 0-1: how sure it is."""

    key: int
    verdict: Verdict
    firm_share: float
    reasons: tuple[tuple[str, str, str], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The reasons without what stands in either."""
        return tuple(code for code, _ours, _theirs in self.reasons)


def _keyed(purpose: bytes, text: str) -> bytes:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"wutong.leads." + purpose).derive(settings.SECRET_KEY.encode())
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def contact_digest(contact: str) -> str:
    """The keyed digest of a telephone number or e-mail address, the same for every way of writing it; "" where it is neither."""
    plain = unicodedata.normalize("NFKC", contact).strip().lower()
    if "@" in plain:
        return _keyed(b"contacts", plain).hex()
    digits = re.sub(r"\D", "", plain).removeprefix("0086")
    digits = digits.removeprefix("86") if len(digits) == 13 else digits
    return _keyed(b"contacts", digits).hex() if len(digits) >= 7 else ""


def lot(lead: Lead) -> int:
    """The number from 0 to 9,999 that the identity of a lead draws: always the same, so that asking again tells nothing more."""
    return int.from_bytes(_keyed(b"lots", lead.name_key or lead.uscc)[:8]) % 10_000


def name_key(name: str) -> str:
    """What a name is compared by."""
    return names.key(name)[:300] if name.strip() else ""


def met_by(lead: Lead, *, at: dt.datetime | None = None) -> tuple[Met, ...]:
    """The other leads with a standing claim that a lead meets, surest first. Over all units, confidential ones too: for actions only.

    A claim that was released so short a while before `at` that it may be taken back is met too.
    Under the lock of the register it is never stale: what another process filed a millisecond before is met.
    """
    near = _near(lead)
    goes_on = going_on(near.keys)
    found = _judged(near, standing_of(near.keys, goes_on, at=at))
    claims = Claim.objects.filter(_holds(at), lead__in=[goes_on.get(one.key, one.key) for one in found])
    related = claims.select_related("lead__unit", "lead__owner", "unit").order_by("filed_at", "pk")
    rows = sorted(related, key=lambda claim: claim.state in STANDING) if found else []
    by_lead = {claim.lead_id: claim for claim in rows}  # of a lead that was filed again the claim that stands
    apart = {lead.pk} | (_apart(lead) if goes_on else set())
    met: dict[int, Met] = {}
    for one in found:  # the surest of the names under which one lead goes on comes first
        claim = by_lead[goes_on.get(one.key, one.key)]
        if claim.lead_id not in apart:
            met.setdefault(claim.lead_id, Met(claim.lead, claim, one.verdict, one.codes))
    return tuple(sorted(met.values(), key=lambda one: (_ORDER.index(one.verdict), one.claim.filed_at, one.claim.pk)))


def going_on(keys: Collection[int]) -> dict[int, int]:
    """Of leads that are one with another, the lead that goes on, however many steps away: whoever names them means that one."""
    step: dict[int, int] = {}
    left = set(keys)
    while left:
        merged = Lead.objects.filter(pk__in=left, merged_into__isnull=False).order_by()
        new = {key: into for key, into in merged.values_list("pk", "merged_into_id") if into is not None}
        step |= new
        left = set(new.values()) - step.keys()
    found = {key: step[key] for key in step if key in keys}
    while further := {key: step[into] for key, into in found.items() if into in step}:
        found |= further
    return found


def _holds(at: dt.datetime | None) -> Q:
    """Claims that keep others off: those that stand, and those that a person released and may still take back."""
    if at is None:
        return Q(state__in=STANDING)
    since = at - dt.timedelta(hours=clocks.number(UNDO_LEAF, clocks.day_of(at)))
    released = Q(state=ClaimState.RELEASED, ended_by__isnull=False, ended_at__gte=since, lead__state=LeadState.OPEN)
    return Q(state__in=STANDING) | released


def standing_of(keys: Collection[int], goes_on: Mapping[int, int], *, at: dt.datetime | None = None) -> set[int]:
    """Which of these leads hold a claim that keeps others off, by themselves or as what they go on as."""
    asked = set(keys) | set(goes_on.values())
    held = set(Claim.objects.filter(_holds(at), lead__in=asked).order_by().values_list("lead_id", flat=True))
    return {key for key in keys if goes_on.get(key, key) in held}


def is_filed_again(lead: Lead, by: Any) -> bool:
    """Whether the lead's unit, or whoever files, filed this firm before, or one that may be it, and was not told of another unit.

    Why: what had no hindrance then and waits now would tell that somebody keeps something since. So all of it waits.
    """
    near = _near(lead)
    own = Q(unit=lead.unit_id) if by is None else Q(unit=lead.unit_id) | Q(by=by)
    earlier = Filing.objects.filter(own, lead__in=near.keys | {lead.pk}, outcome__in=(Outcome.FILED, Outcome.WAITS))
    keys = set(earlier.order_by().values_list("lead_id", flat=True))
    return lead.pk in keys or (bool(keys) and any(one.verdict is not Verdict.RELATED for one in _judged(near, keys)))


def alike(lead: Lead) -> list[Likeness]:
    """The other leads that may be the same, surest first, whatever became of them; without those that a person found to be others."""
    near = _near(lead)
    return _judged(near, near.keys)


def alike_of(leads: Sequence[Lead]) -> dict[int, list[Likeness]]:
    """The same for many leads that were just written, under the lock: memory alone is asked which are near, for it holds them all."""
    numbers, index = comparing.numbers(), comparing.held.catch_up()
    asked = {int(filed.key): filed for filed in comparing.facts([lead.pk for lead in leads])}
    weighed = {key: {int(row.key): row for row in index.candidates(ours, numbers, top=MOST_OF_MANY)} for key, ours in asked.items()}
    theirs = {int(filed.key): filed for filed in comparing.facts({key for rows in weighed.values() for key in rows})}
    found: dict[int, list[Likeness]] = {}
    for key, rows in weighed.items():
        told = (_likeness(other, asked[key], theirs[other], row, numbers) for other, row in rows.items() if other in theirs)
        found[key] = sorted((one for one in told if one), key=lambda one: (_ORDER.index(one.verdict), -one.firm_share, one.key))
    return found


def between(lead: Lead, other: Lead) -> Likeness | None:
    """What one other lead is to a lead, though a person may have found it to be another; None where nothing ties them."""
    (ours,) = tuple(comparing.facts([lead.pk])) or (Filed(str(lead.pk)),)
    found = _judged(_Near(lead, ours, frozenset(), frozenset({other.pk})), {other.pk}, is_decided_too=True)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Near:
    """Leads worth comparing with one: alike by name, and equal in what the database finds by itself."""

    lead: Lead
    ours: Filed
    by_name: frozenset[int]
    equal: frozenset[int]

    @property
    def keys(self) -> frozenset[int]:
        return (self.by_name | self.equal) - {self.lead.pk}


def _near(lead: Lead) -> _Near:
    (ours,) = tuple(comparing.facts([lead.pk])) or (Filed(str(lead.pk)),)
    numbers, index = comparing.numbers(), comparing.held.catch_up()
    few = [contact for contact in ours.contacts if index.contact_bearers(contact) <= numbers.contact_bearers_at_most]
    keys = {name_key(text) for text in ours.names if not filed_names.read(text).is_nobody} - {""}
    equal = Q(name_key__in=keys)
    if code := codes.normalise(lead.uscc):
        equal |= Q(uscc=code)
    if ours.firm_id:
        equal |= Q(firm__firm_id=ours.firm_id) | Q(registry_id=ours.firm_id)
    if lead.registry_group:
        equal |= Q(registry_group=lead.registry_group)
    found = set(Lead.objects.filter(equal).order_by().values_list("pk", flat=True))
    found |= set(LeadName.objects.filter(name_key__in=keys).order_by().values_list("lead_id", flat=True))
    if few:
        found |= set(LeadContact.objects.filter(digest__in=few).order_by().values_list("lead_id", flat=True))
    return _Near(lead, ours, frozenset(int(key) for key in index.near(ours, numbers)), frozenset(found))


def _judged(near: _Near, among: Collection[int], *, is_decided_too: bool = False) -> list[Likeness]:
    """What leads are to one, surest first.

    Those alike by name are weighed as memory holds them first: what comes to nothing there, and is equal in nothing, needs no reading.
    """
    lead, numbers, index = near.lead, comparing.numbers(), comparing.held.catch_up()
    by_name = [str(key) for key in near.by_name if key in among]
    keys = {int(row.key) for row in index.weighed(near.ours, by_name, numbers)} | (near.equal & set(among))
    keys -= {lead.pk} if is_decided_too else {lead.pk} | _apart(lead)
    if not keys:
        return []
    facts = {int(filed.key): filed for filed in comparing.facts(keys)}
    judged = {int(row.key): row for row in index.compared(near.ours, facts.values(), numbers)}
    groups = dict(Lead.objects.filter(pk__in=keys).order_by().values_list("pk", "registry_group")) if lead.registry_group else {}
    found = [_likeness(key, near.ours, theirs, judged.get(key), numbers) for key, theirs in facts.items()]
    told = {one.key: one for one in found if one is not None}
    for key in facts:
        if key not in told and lead.registry_group and groups.get(key) == lead.registry_group:
            told[key] = Likeness(key, Verdict.RELATED, 1.0, ((GROUP, "", ""),))
    return sorted(told.values(), key=lambda one: (_ORDER.index(one.verdict), -one.firm_share, one.key))


def _likeness(key: int, ours: Filed, theirs: Filed, judged: Candidate | None, numbers: Numbers) -> Likeness | None:
    """What the engine says, and never less than the facts: what is equal goes before a person at least.

    Why one code or firm is the same firm whatever its names are: by law a code is one legal person's; the engine, which has seen codes
    mistyped, would ask a person.
    """
    facts = tuple(_facts(ours, theirs, numbers))
    told = [(row.kind.value, row.ours, row.theirs) for row in sorted(judged.reasons, key=lambda row: -row.points)] if judged else []
    verdict = Verdict(judged.verdict) if judged else None
    share = judged.firm_share if judged else 0.0
    said = {code for code, _ours, _theirs in told}
    told = [*(fact for fact in facts if fact[0] not in said), *told]
    is_apart = _are_codes_other(ours, theirs)
    if facts and verdict in {None, Verdict.RELATED}:
        verdict, share = Verdict.SUSPECTED, max(share, numbers.suspected_from_share)
    is_proved = not _PROOFS.isdisjoint(code for code, _mine, _yours in facts)
    if verdict is Verdict.SUSPECTED and is_proved and said.isdisjoint(_DOUBTS):
        verdict, share = Verdict.SAME, max(share, numbers.same_from_share)
    if verdict is Verdict.SAME and is_apart:
        verdict = Verdict.SUSPECTED
    return None if verdict is None else Likeness(key, verdict, share, tuple(told))


def _facts(ours: Filed, theirs: Filed, numbers: Numbers) -> Iterable[tuple[str, str, str]]:
    """What is equal of two leads: their code, firm, a name, a contact that few give."""
    mine, yours = codes.normalise(ours.uscc), codes.normalise(theirs.uscc)
    if mine and mine == yours:
        yield Kind.CODE.value, mine, yours
    if ours.firm_id and ours.firm_id == theirs.firm_id:
        yield Kind.FIRM.value, ours.firm_id, ours.firm_id
    yours_by_key = {name_key(name): name for name in theirs.names}
    for name in ours.names:
        read = filed_names.read(name)
        if name_key(name) in yours_by_key and not read.is_nobody:
            yield (Kind.NAME if read.is_full else Kind.SHORT_NAME_SAME).value, name, yours_by_key[name_key(name)]
            break
    shared = set(ours.contacts) & set(theirs.contacts)
    if any(comparing.held.leads.contact_bearers(contact) <= numbers.contact_bearers_at_most for contact in shared):
        yield Kind.CONTACT.value, "", ""


def _are_codes_other(ours: Filed, theirs: Filed) -> bool:
    mine, yours = codes.normalise(ours.uscc), codes.normalise(theirs.uscc)
    return bool(mine and yours and mine != yours)


def _apart(lead: Lead) -> set[int]:
    """Leads that a person found not to be this one."""
    pairs = LeadPair.objects.filter(Q(lead=lead) | Q(other=lead), state=PairState.APART).values_list("lead_id", "other_id")
    return {key for pair in pairs for key in pair} - {lead.pk}


def is_claimed(found: Iterable[Met]) -> bool:
    """Whether somebody's claim on the same firm is in force: what is perhaps another project of it, its filer has to say."""
    return any(met.is_of_the_firm and met.claim.state == ClaimState.OPEN for met in found)
