"""First claims once they stand: renewed by progress, shared, released by hand or because they are over, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import Unit
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import Claim, Lead, Progress
from wutong.web.leads.queries import clocks, duplicates
from wutong.web.leads.rules import claims
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import ClaimState, Period, Verdict

AT_ONCE = 200
NEVER_IN_FORCE = (ClaimState.WITHDRAWN, ClaimState.DECLINED)


@transaction.atomic
def progress(
    *, lead: Lead, text: str, done_on: dt.date, by: Any, at: dt.datetime, corrects: Progress | None = None, key: str = ""
) -> Progress:  # fmt: skip
    """Write down what was done about a lead; the protection of its claim runs from the latest of these days. Raises: NotAllowed, Refused.

    `corrects`: an entry that this one takes the place of: none is ever changed. `key`: of the form or request; sent twice, it is one entry.
    """
    found = standing.locked(lead)
    standing.require_progress(by, found)
    if corrects is not None and corrects.lead_id != found.pk:
        raise ValueError("a correction stands at the lead of what it corrects")
    known: Progress | None = Progress.objects.filter(lead=found, by=by, form_key=key).first() if key else None
    if known is not None:
        return known
    is_corrected = corrects is not None and Progress.objects.filter(corrects=corrects).exists()
    refuse(claims.refusals_to_progress(found.facts(), text=text, done_on=done_on, on=day_of(at), is_corrected=is_corrected))
    made = Progress.objects.create(lead=found, text=text.strip()[:2000], done_on=done_on, corrects=corrects, by=by, at=at, form_key=key)
    claim = standing.open_claim(found)
    if claim is not None:
        _renew(claim)
    standing.note_progress(lead=found, on=_last_day(found), by=by, at=at)
    action = "leads.correct_progress" if corrects else "leads.progress"
    audit.record(action=action, by=by, at=at, obj=found, changes={"done_on": done_on})
    return made


def _last_day(lead: Lead) -> dt.date | None:
    """The latest day of a filing that came into force, or of an entry that stands."""
    entries = Progress.objects.filter(lead=lead, correction=None).aggregate(day=Max("done_on"))["day"]
    filed = Claim.objects.filter(lead=lead).exclude(state__in=NEVER_IN_FORCE).aggregate(at=Max("filed_at"))["at"]
    return max((day for day in (entries, day_of(filed) if filed else None) if day), default=None)


def _renew(claim: Claim) -> None:
    """Last progress and protection of a claim, from its filing and the entries that stand since then."""
    begun = day_of(claim.filed_at)
    days = Progress.objects.filter(lead=claim.lead, correction=None, done_on__gte=begun).values_list("done_on", flat=True)
    last = max([begun, *days])
    if last != claim.last_progress_on:
        claim.last_progress_on = last
        claim.protected_until = claims.protected_until(last, clocks.protection_days(last))
        claim.save(update_fields=["last_progress_on", "protected_until"])


@transaction.atomic
def share(*, lead: Lead, periods: Sequence[Period], reason: str, by: Any, at: dt.datetime) -> Claim:
    """Share a claim with units that work on it together (联合首报), by period. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    claim = standing.open_claim(found)
    refuse(claims.refusals_to_release(claim.facts() if claim else None, reason=reason))
    assert claim is not None  # the rules refuse it
    standing.share(claim=claim, periods=periods, by=by, at=at)
    units = Unit.objects.in_bulk({part.unit_id for period in periods for part in period.parts})
    told = {"parts": [_words(period, units) for period in periods], "reason": reason}
    audit.record(action="leads.share_claim", by=by, at=at, obj=found, changes=standing.told(found, **told))
    return claim


def _words(period: Period, units: dict[int, Unit]) -> str:
    return f"{period.from_on} " + " ".join(f"{units[part.unit_id]} {part.share_basis_points / 100:g} %" for part in period.parts)


@transaction.atomic
def release(*, lead: Lead, reason: str, by: Any, at: dt.datetime) -> Claim:
    """Release a claim by hand, so that others may file the firm; `take_back` undoes it for some hours. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    claim = standing.open_claim(found)
    is_project = found.state == rules.LeadState.PROJECT
    refuse(claims.refusals_to_release(claim.facts() if claim else None, reason=reason, is_project=is_project))
    assert claim is not None  # the rules refuse it
    standing.end(claim=claim, state=ClaimState.RELEASED, reason=reason, by=by, at=at)
    audit.record(action="leads.release_claim", by=by, at=at, obj=found, changes=standing.told(found, reason=reason))
    return claim


@transaction.atomic
def take_back(*, lead: Lead, by: Any, at: dt.datetime) -> Claim:
    """Take a release back that was a mistake: within some hours, while nobody else claims the firm. Raises: NotAllowed, Refused."""
    standing.lock_register()
    found = standing.locked(lead)
    standing.require_work(by, found)
    last: Claim | None = Claim.objects.select_for_update(of=("self",)).filter(lead=found).order_by("-filed_at", "-pk").first()
    is_released = last is not None and last.state == ClaimState.RELEASED
    is_own = last is not None and last.ended_by_id is not None and (by is None or by.pk == last.ended_by_id)
    met = duplicates.met_by(found, at=at)  # what waits came later, and another firm of the group has its own claim
    is_taken = any(one.verdict is not Verdict.RELATED and one.claim.state == ClaimState.OPEN for one in met)
    refuse(
        claims.refusals_to_take_back(
            found.facts(), is_last_released=is_released, is_own=is_own, released_at=last.ended_at if last else None, at=at,
            undo_hours=clocks.number(rules.UNDO_LEAF, day_of(at)), is_taken=is_taken,
        )
    )  # fmt: skip
    assert last is not None  # the rules refuse it
    standing.open_waiting(claim=last, by=by, at=at)
    _renew(last)
    standing.note_progress(lead=found, on=_last_day(found), by=by, at=at)
    audit.record(action="leads.take_release_back", by=by, at=at, obj=found)
    return last


# --- by the clock -----------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def protect(*, on: dt.date, by: None, at: dt.datetime) -> int:
    """Give claims that had no end, because the region had set none, a whole period from today on; a batch, returns how many."""
    days = clocks.protection_days(on)
    if days is None:
        return 0
    waiting = Claim.objects.select_for_update(of=("self",)).filter(state=ClaimState.OPEN, protected_until=None)
    waiting = waiting.exclude(lead__state=rules.LeadState.PROJECT).order_by("pk")
    found = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    if found:
        until = claims.protected_until(on, days)
        Claim.objects.filter(pk__in=found).update(protected_until=until)
        audit.record(action="leads.protect_claims", by=by, at=at, object_type="leads.Claim", changes={"claims": len(found), "until": until})
    return len(found)


@transaction.atomic
def warn(*, on: dt.date, by: None, at: dt.datetime) -> int:
    """Tell owners of leads that the protection of a claim ends soon, once for each end; a batch, returns how many were told."""
    soon = on + dt.timedelta(days=clocks.number(claims.WARNING_LEAF, on))
    ending = Claim.objects.select_for_update(of=("self",)).filter(state=ClaimState.OPEN, protected_until__lte=soon)
    ending = ending.filter(Q(warned_for=None) | ~Q(warned_for=F("protected_until"))).select_related("lead__owner").order_by("pk")
    found = list(ending[:AT_ONCE])
    for claim in found:
        claim.warned_for = claim.protected_until
        claim.save(update_fields=["warned_for"])
        _tell_owner(claim, "ends", lambda: _("A first claim ends soon: enter what was done"), at=at)
    return len(found)


@transaction.atomic
def release_stale(*, on: dt.date, by: None, at: dt.datetime) -> int:
    """Release claims whose protection is over, of whose end the owner was warned before; a batch, returns how many."""
    over = Claim.objects.select_for_update(of=("self",)).filter(
        state=ClaimState.OPEN, protected_until__lt=on, warned_for=F("protected_until")
    )
    found = list(over.select_related("lead__owner").order_by("pk")[:AT_ONCE])
    for claim in found:
        standing.end(claim=claim, state=ClaimState.RELEASED, reason=_("no progress until the end of protection"), by=by, at=at)
        audit.record(action="leads.release_stale_claim", by=by, at=at, obj=claim.lead, changes={"protected_until": claim.protected_until})
        _tell_owner(claim, "over", lambda: _("A first claim is over and was released"), at=at)
    return len(found)


def _tell_owner(claim: Claim, what: str, said: Any, *, at: dt.datetime) -> None:
    owner, name, until = claim.lead.owner, claim.lead.outside_name, claim.protected_until
    if owner.is_active:
        jobs.tell(
            to=owner, key=f"leads:claim:{what}:{claim.public_id}:{until}",
            words=lambda: (said(), _("%(lead)s: protected until %(day)s") % {"lead": name, "day": until}),
            address=reverse("leads:lead", args=[claim.lead.public_id]), by=None, at=at,
        )  # fmt: skip


# --- two leads that are one -------------------------------------------------------------------------------------------------------------
@transaction.atomic
def merge(*, one: Lead, two: Lead, reason: str, by: Any, at: dt.datetime, is_earliest_kept: bool = False) -> Lead:
    """Two leads turn out to be one, by a person's word: that of the earlier claim goes on, the other's claim ends. Returns what goes on.

    `is_earliest_kept`: of claims that stand that filed first, though it waits and the other is in force, as in a ledger taken over.
    Why no share by itself: who came second found nothing that was not found; both may share by `share`. Raises: NotAllowed, Refused.
    """
    standing.lock_register()
    first, second = standing.lock_both(one, two)
    standing.require_both(by, first, second)
    refuse(rules.refusals_to_merge(first.facts(), second.facts(), is_same=first.pk == second.pk, reason=reason))
    kept, other = sorted((first, second), key=_by_filing if is_earliest_kept else _by_claim)
    ended = standing.end_standing(lead=other, reason=reason, by=by, at=at)
    other.state, other.state_reason, other.state_since = rules.LeadState.MERGED, reason.strip()[:300], day_of(at)
    other.merged_into = kept
    other.save(update_fields=["state", "state_reason", "state_since", "merged_into"])
    tell_merged(lead=other, has_claim=ended is not None, reason=reason, by=by, at=at)
    changes = standing.told(other, other=str(other), reason=reason, claims=1 if ended else 0)
    audit.record(action="leads.merge_leads", by=by, at=at, obj=kept, changes=standing.told(kept, **changes))
    audit.record(action="leads.merge_leads", by=by, at=at, obj=other, changes=standing.told(other, reason=reason))
    return kept


def tell_merged(*, lead: Lead, has_claim: bool, reason: str, by: Any, at: dt.datetime) -> None:
    """Tell the owner of a lead that it ended, being one with another, and why; his page says which one as far as he may see it."""
    owner, name = lead.owner, lead.outside_name
    if not owner.is_active or owner == by:
        return

    def words() -> tuple[str, str]:
        said = (
            _("Your lead was merged into another: its first claim ended without a share")
            if has_claim
            else _("Your lead was merged into another")
        )
        return said, _("%(lead)s; reason: %(reason)s") % {"lead": name, "reason": reason.strip()}

    key = f"leads:merged:{lead.public_id}:{at.isoformat()}"  # merged, taken back and merged again is told each time
    jobs.tell(to=owner, key=key, words=words, address=reverse("leads:lead", args=[lead.public_id]), by=by, at=at)


def _by_claim(lead: Lead) -> tuple[bool, bool, dt.datetime, int]:
    claim = lead.standing_claim
    is_open = claim is not None and claim.state == ClaimState.OPEN
    return (not is_open, claim is None, claim.filed_at if claim else lead.logged_at, lead.pk)


def _by_filing(lead: Lead) -> tuple[bool, dt.datetime, int]:
    claim = lead.standing_claim
    return (claim is None, claim.filed_at if claim else lead.logged_at, lead.pk)
