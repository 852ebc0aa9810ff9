"""The duplicate check over the leads of all units: what a lead is compared by, and which leads with a standing claim it meets.

This is the one place that asks. What it finds is no answer for a person: `actions.filing` decides what comes of it, and `actions.telling`
what may be said across units. For now leads are compared by credit code, registry firm, normalised name and digest of a contact, exactly.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Q

from wutong.engine import names
from wutong.web.leads.models import Claim, Lead
from wutong.web.leads.rules.claims import STANDING, Verdict

_ORDER = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Met:
    """A lead that another one meets, its standing claim, and why: codes, strongest first."""

    lead: Lead
    claim: Claim
    verdict: Verdict
    reasons: tuple[str, ...]


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


def met_by(lead: Lead) -> tuple[Met, ...]:
    """The other leads with a standing claim that a lead meets, surest first. Over all units, confidential ones too: for actions only."""
    keys = {lead.name_key, *lead.names.values_list("name_key", flat=True)} - {""}  # type: ignore[attr-defined]
    digests = set(lead.contacts.values_list("digest", flat=True))  # type: ignore[attr-defined]
    wanted = Q(name_key__in=keys) | Q(names__name_key__in=keys) | Q(contacts__digest__in=digests)
    if lead.uscc:
        wanted |= Q(uscc=lead.uscc)
    if lead.firm_id:
        wanted |= Q(firm=lead.firm_id)
    near = Lead.objects.filter(wanted).exclude(pk=lead.pk).order_by().values("pk")
    claims = Claim.objects.filter(lead__in=near, state__in=STANDING).select_related("lead__unit", "lead__owner", "unit")
    found = [
        _judged(lead, claim, keys, digests) for claim in claims.prefetch_related("lead__names", "lead__contacts").order_by("filed_at", "pk")
    ]
    return tuple(sorted(found, key=lambda met: _ORDER.index(met.verdict)))


def _judged(lead: Lead, claim: Claim, keys: set[str], digests: set[str]) -> Met:
    """The same firm by code, registry or full name; perhaps the same where codes differ, or only a further name or a contact agrees."""
    other = claim.lead
    further = {name.name_key for name in other.names.all()}  # type: ignore[attr-defined]
    told = [
        ("uscc", bool(lead.uscc) and lead.uscc == other.uscc),
        ("firm", lead.firm_id is not None and lead.firm_id == other.firm_id),
        ("name", bool(lead.name_key) and lead.name_key == other.name_key),
        ("further_name", bool((keys & (further | {other.name_key})) - {""})),
        ("contact", bool(digests & {contact.digest for contact in other.contacts.all()})),  # type: ignore[attr-defined]
    ]
    reasons = tuple(code for code, holds in told if holds)
    is_apart = bool(lead.uscc and other.uscc and lead.uscc != other.uscc)
    is_sure = "uscc" in reasons or "firm" in reasons or ("name" in reasons and not is_apart)
    return Met(other, claim, Verdict.SAME if is_sure else Verdict.SUSPECTED, reasons)


def is_claimed(found: Iterable[Met]) -> bool:
    """Whether somebody's claim on the same firm is in force."""
    return any(met.verdict is Verdict.SAME and met.claim.state == "open" for met in found)
