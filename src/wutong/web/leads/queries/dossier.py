"""The page of one lead: how it stands, what is due, what was done and told, who is known there, and what may be done now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.calendar import Due
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.queries import notes
from wutong.web.leads.models import Claim, ClaimShare, Dispute, Filing, FilingMatch, Lead, ListedFirm, Progress, Transfer
from wutong.web.leads.queries import clocks, filed, overview, refusals, stages
from wutong.web.leads.queries.overview import Days
from wutong.web.leads.rules import claims
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import Attention, ClaimFacts, ClaimState, TransferState
from wutong.web.leads.rules.leads import LeadFacts, LeadState, Refusal, SourceKind, Stage
from wutong.web.partners.models import Partner

MOST_EVENTS = 200
MOST_TO_MERGE = 100
MOST_OF_A_FIRM = 20
GIVEN = "…"  # what a person still has to write; the page asks what would be refused once he has


@dataclass(frozen=True, slots=True)
class Step:
    """What may be done with a lead now, or why not. `code`: the verb of its address; `first`: what clears the way, by its own code."""

    code: str
    label: str
    address: str
    why_not: tuple[str, ...] = ()
    first: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """What is due about a lead: by when, and whether that day is past."""

    label: str
    due: Due
    is_late: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the timeline. `told`: what is said of other units, as allowed; `fix`: where an entry is corrected."""

    at: dt.datetime
    label: str
    text: str = ""
    who: str = ""
    on: dt.date | None = None
    address: str = ""
    is_corrected: bool = False
    is_correction: bool = False
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a claim in one period."""

    from_on: dt.date
    until_on: dt.date | None
    rows: tuple[ClaimShare, ...]
    is_now: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the page of a lead shows."""

    lead: Lead
    way: tuple[tuple[Any, str], ...]
    claim: Claim | None
    taken: Filing | None
    sharing: tuple[ClaimShare, ...]
    shared_lead: Lead | None
    attention: Attention
    shares: tuple[Shares, ...]
    protection_days: int | None
    owed: tuple[Owed, ...]
    steps: tuple[Step, ...]
    not_now: tuple[Step, ...]
    events: tuple[Event, ...]
    contacts: tuple[Any, ...]
    met: tuple[FilingMatch, ...]
    digests_count: int
    disputes: tuple[Dispute, ...]
    transfers: tuple[Transfer, ...]
    merged: tuple[Lead, ...]
    partner: Partner | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether its filing waits and met nothing that the reader may see: by lot or for another check, which read alike."""
        is_waiting = self.claim is not None and self.claim.state == ClaimState.WAITING
        return is_waiting and all(match.verdict == claims.Verdict.RELATED for match in self.met)

    @property
    def light(self) -> str:
        """Red where something is late or over, amber where it ends soon or is stale, green while it is worked on."""
        if self.lead.state != LeadState.OPEN:
            return "grey"
        if self.attention is Attention.OVER or any(one.is_late for one in self.owed):
            return "red"
        return "green" if self.attention is Attention.CALM else "amber"


def whole(found: Any) -> Any:
    """Leads with all that their page names. Why so few tables are joined: PostgreSQL plans thirteen for 0.14 s; most of them are empty."""
    return found.select_related("unit", "owner", "firm", "logged_by").prefetch_related(
        "source_unit", "source_person__unit", "from_row__firm", "from_row__list", "triaged_by", "answered_by", "merged_into",
        "claims__unit", "claims__filed_by", "claims__ended_by", "claims__decided_by", "names", "contacts",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class May:
    """What a person may do with a lead, whatever the rules refuse: work, enter progress, decide over its unit, say who knows of it."""

    work: bool
    progress: bool
    direct: bool
    own: bool


def may(user: Any, lead: Lead) -> May:
    """By the rules that the actions obey."""
    facts, grants = lead.facts(), user.grants()
    work = rules.may_work(grants, facts, person_id=user.pk)
    return May(
        work, work or rules.may_progress(grants, facts, person_id=user.pk),
        rules.may_direct(grants, (facts.target,), person_id=user.pk), user.pk == lead.owner_id,
    )  # fmt: skip


def dossier(lead: Lead, user: Any, *, at: dt.datetime, on: dt.date) -> Dossier:
    """All of it, as far as the person may see it."""
    facts, claim = lead.facts(), lead.standing_claim
    every = list(lead.claims.all())  # type: ignore[attr-defined]
    disputes = list(
        Dispute.objects.visible_to(user).filter(Q(lead=lead) | Q(claim__in=every)).select_related("unit", "opened_by", "claim__unit")
    )
    transfers = list(
        Transfer.objects.visible_to(user).filter(claim__in=every).select_related("from_unit", "to_unit", "asked_by", "answered_by")
    )
    is_waiting = any(one.state == TransferState.ASKED for one in transfers)
    can = may(user, lead)
    sharing = filed.shared([lead.pk]).get(lead.pk, ()) if claim is None else ()
    theirs = sharing[0].claim.lead if sharing and _seen(user, [sharing[0].claim.lead_id]) else None
    steps = _steps(lead, facts, claim, user, can, at=at, is_offered=is_waiting, disputes=disputes, is_shared=bool(sharing))
    known = overview.days(on)
    merged = list(Lead.objects.filter(merged_into=lead)[:MOST_OF_A_FIRM])
    seen = _seen(user, [one.pk for one in merged])
    filings = list(Filing.objects.filter(lead=lead).select_related("by", "unit")[:MOST_EVENTS])
    taken = filings[0] if claim is None and filings and filings[0].outcome == claims.Outcome.TAKEN else None
    return Dossier(
        lead, stages.way(lead), claim, taken, sharing, theirs,
        overview.attention_of(lead, claim, known), _shares(claim, on), known.protection_days,
        _owed(lead, claim, known), tuple(sorted((one for one in steps if not one.why_not), key=_turn)),
        tuple(step for step in steps if step.why_not), _events(lead, every, filings, disputes, transfers, may_progress=can.progress),
        _contacts(lead, user, on=on), _met(filings[0] if filings else None, user),
        len(lead.contacts.all()), tuple(disputes), tuple(transfers),  # type: ignore[attr-defined]
        tuple(one for one in merged if one.pk in seen),
        Partner.objects.visible_to(user).filter(pk=lead.source_partner_id).first() if lead.source_partner_id else None,
    )  # fmt: skip


def _shares(claim: Claim | None, on: dt.date) -> tuple[Shares, ...]:
    """Shares by period, the first period first."""
    if claim is None:
        return ()
    periods: dict[tuple[dt.date, dt.date | None], list[ClaimShare]] = {}
    for share in claim.shares.select_related("unit"):  # type: ignore[attr-defined]
        periods.setdefault((share.from_on, share.until_on), []).append(share)
    return tuple(
        Shares(from_on, until_on, tuple(rows), from_on <= on and (until_on is None or on < until_on))
        for (from_on, until_on), rows in periods.items()
    )


def _owed(lead: Lead, claim: Claim | None, known: Days) -> tuple[Owed, ...]:
    """What is due, the earliest first, as lists say it; of days that the calendar reckoned also of which years it knew no notice."""
    clock = clocks.clock(lead, received_on=lead.received_on, logged_on=clocks.day_of(lead.logged_at))
    reckoned = {"triage": clock.triaged, "answer": clock.answered}
    labels = {
        "triage": _("Triage"), "answer": _("Answer to whoever gave it"), "progress": _("Progress"), "protection": _("End of protection"),
    }  # fmt: skip
    owed = sorted(overview.owed_of(lead, claim, known))
    return tuple(Owed(labels[what], reckoned.get(what) or Due(day), day < known.on) for day, what in owed)


FIRST = ("triage", "admit", "take-back", "file", "progress", "resume")


def _turn(step: Step) -> int:
    """What comes first among the buttons: what waits for somebody."""
    return FIRST.index(step.code) if step.code in FIRST else len(FIRST)


# --- what may be done -------------------------------------------------------------------------------------------------------------------
def _steps(
    lead: Lead, facts: LeadFacts, claim: Claim | None, user: Any, can: May, *, at: dt.datetime, is_offered: bool,
    disputes: Sequence[Dispute], is_shared: bool,
) -> list[Step]:  # fmt: skip
    """The verbs that the person's roles allow, in the order in which a lead lives, each with what the rules refuse now."""
    claim_facts = claim.facts() if claim else None
    is_open = facts.state is LeadState.OPEN
    found: list[tuple[str, str, Iterable[Refusal]]] = []
    if can.progress:
        refused = claims.refusals_to_progress(facts, text=GIVEN, done_on=dt.date.min, on=dt.date.max)
        found.append(("progress", _("Enter progress"), refused))
    if can.work:
        found += _of_work(lead, facts, claim_facts, is_offered=is_offered, is_shared=is_shared)
        found += _of_undoing(lead, facts, user, at=at)
        if is_open and (told := filed.told_of(lead)) is not None:
            is_one_open = any(one.lead_id == lead.pk and one.is_open for one in disputes)
            is_ruled = filed.is_ruled(lead, told)
            refused = claims.refusals_to_dispute(facts, text=GIVEN, is_told=True, is_one_open=is_one_open, is_ruled=is_ruled)
            found.append(("dispute", _("Dispute the other unit’s claim"), refused))
    if claim_facts is not None and claim_facts.state is ClaimState.WAITING and claim is not None:
        if can.work:
            found += [("explain", _("Say why it is another project"), ()), ("withdraw", _("Withdraw the filing"), ())]
        if can.direct:
            is_own = user.pk in {claim.filed_by_id, lead.owner_id}
            refused = claims.refusals_to_decide_filing(claim_facts, reason=GIVEN, is_own=is_own)
            found += [("admit", _("Admit the filing"), refused), ("decline", _("Decline the filing"), refused)]
    if can.own and user.may(Permission.LEADS_EDIT):
        found.append(("confidential", _("Confidential …"), ()))
    there = [(code, label, tuple(why)) for code, label, why in found]
    frees = "withdraw" if claim_facts is not None and claim_facts.state is ClaimState.WAITING else "release"
    open_codes = {code for code, _label, why in there if not why}
    return [
        Step(
            code, label, reverse(f"leads:lead-{code}", args=[lead.public_id]), refusals.words(why),
            frees if Refusal.IDENTITY_STANDS in why and frees in open_codes else "",
        )
        for code, label, why in there
    ]  # fmt: skip


def _of_work(
    lead: Lead, facts: LeadFacts, claim: ClaimFacts | None, *, is_offered: bool, is_shared: bool
) -> list[tuple[str, str, tuple[Refusal, ...]]]:  # fmt: skip
    """What whoever works on a lead does with it."""
    has_source = lead.source_kind != SourceKind.OWN
    is_logged = facts.stage is Stage.LOGGED
    found: list[tuple[str, str, tuple[Refusal, ...]]] = []
    if is_logged and facts.state is LeadState.OPEN:
        found.append(("triage", _("Triage"), rules.refusals_to_triage(facts, is_taken=True, reason=GIVEN)))
    if has_source and not facts.is_answered:
        source = SourceKind(lead.source_kind)
        found.append(("answer", _("Answer whoever gave it"), rules.refusals_to_answer(facts, source=source, text=GIVEN)))
    if claim is None and facts.state is LeadState.OPEN:
        named = claims.refusals_to_file(facts, name=lead.name, filings_today=0, most_filings=1, is_shared=is_shared)
        found.append(("file", _("File it"), named))
    if facts.state in {LeadState.DORMANT, LeadState.LOST}:
        found.append(("resume", _("Take it up again"), rules.refusals_to_resume(facts)))
    later = stages.later(lead)
    if later:
        found.append(("advance", _("Next stage"), rules.refusals_to_advance(facts, later[-1][0])))
    found += [
        ("identify", _("Say which firm"), rules.refusals_to_identify(facts)),
        ("describe", _("Change what it says"), rules.refusals_to_touch(facts)),
        ("assign", _("Give it to a colleague"), rules.refusals_to_touch(facts)),
    ]
    if claim is not None and claim.state is ClaimState.OPEN:
        offered = claims.refusals_to_transfer(
            facts, claim, is_to_itself=False, is_to_open=True, is_one_open=is_offered, is_shared_with_others=False, reason=GIVEN
        )
        found += [
            ("share", _("Share the claim"), claims.refusals_to_release(claim, reason=GIVEN)),
            ("offer", _("Offer it to another unit"), offered),
            (
                "release",
                _("Release the claim"),
                claims.refusals_to_release(claim, reason=GIVEN, is_project=facts.state is LeadState.PROJECT),
            ),
        ]
    found += [
        ("put-away", _("Put it away"), rules.refusals_to_put_away(facts, reason=GIVEN)),
        ("merge", _("It is one with another lead"), rules.refusals_to_touch(facts)),
    ]
    return found


def _of_undoing(lead: Lead, facts: LeadFacts, user: Any, *, at: dt.datetime) -> list[tuple[str, str, tuple[Refusal, ...]]]:
    """A release by one's own hand, while it can still be taken back."""
    last = next(iter(lead.claims.all()), None)  # type: ignore[attr-defined]
    if last is None or last.state != ClaimState.RELEASED or last.ended_by_id != user.pk:
        return []
    why = claims.refusals_to_take_back(
        facts, is_last_released=True, is_own=True, released_at=last.ended_at, at=at,
        undo_hours=clocks.number(rules.UNDO_LEAF, clocks.day_of(at)), is_taken=False,
    )  # fmt: skip
    return [] if why else [("take-back", _("Take the release back"), why)]


# --- what was done ----------------------------------------------------------------------------------------------------------------------
def _events(
    lead: Lead, every: Sequence[Claim], filings: Sequence[Filing], disputes: Sequence[Dispute], transfers: Sequence[Transfer], *,
    may_progress: bool,
) -> tuple[Event, ...]:  # fmt: skip
    """Everything that happened, the newest first."""
    found = [Event(lead.logged_at, _("Logged"), source_words(lead), _who(lead.logged_by), lead.received_on)]
    if lead.triaged_at:
        taken = _("not taken up") if lead.state == LeadState.LOST and lead.stage == Stage.TRIAGED else _("taken up")
        found.append(Event(lead.triaged_at, _("Triaged"), taken, _who(lead.triaged_by)))
    if lead.answered_at:
        found.append(Event(lead.answered_at, _("Whoever gave it was answered"), lead.answer, _who(lead.answered_by)))
    progress = list(Progress.objects.filter(lead=lead).select_related("by")[:MOST_EVENTS])
    corrected = {one.corrects_id for one in progress}
    for one in progress:
        fix = reverse("leads:lead-correct", args=[lead.public_id, one.public_id]) if may_progress and one.pk not in corrected else ""
        found.append(
            Event(one.at, _("Progress"), one.text, _who(one.by), one.done_on, "", one.pk in corrected, one.corrects_id is not None, fix)
        )
    for filing in filings:
        said = f"{filing.get_outcome_display()} · {told_words(filing)}" if filing.told else str(filing.get_outcome_display())
        address = reverse("leads:filing", args=[lead.public_id, filing.public_id])
        found.append(Event(filing.at, _("Filed, no. %(number)s") % {"number": filing.number}, said, _who(filing.by), address=address))
    found += [
        Event(claim.ended_at, _("The claim ended"), f"{claim.get_state_display()} · {claim.reason}", _who(claim.ended_by))
        for claim in every
        if claim.ended_at
    ]
    found += [event for dispute in disputes for event in _of_dispute(dispute)]
    found += [event for transfer in transfers for event in _of_transfer(transfer)]
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _who(person: Any) -> str:
    return str(person) if person else ""


def _of_dispute(dispute: Dispute) -> list[Event]:
    address = reverse("leads:dispute", args=[dispute.public_id])
    said = _("by %(unit)s") % {"unit": dispute.unit}
    found = [Event(dispute.opened_at, _("Disputed"), said, _who(dispute.opened_by), address=address)]
    if dispute.decided_at:
        found.append(Event(dispute.decided_at, _("The dispute was decided"), str(dispute.get_decision_display()), address=address))
    if dispute.withdrawn_at:
        found.append(Event(dispute.withdrawn_at, _("The dispute was withdrawn"), said, address=address))
    return found


def _of_transfer(transfer: Transfer) -> list[Event]:
    address = reverse("leads:offer", args=[transfer.public_id])
    said = f"{transfer.from_unit} → {transfer.to_unit}"
    found = [Event(transfer.asked_at, _("Offered to another unit"), said, _who(transfer.asked_by), address=address)]
    if transfer.answered_at:
        answer = " · ".join(filter(None, (str(transfer.get_state_display()), transfer.answer)))
        found.append(Event(transfer.answered_at, _("The offer was answered"), answer, _who(transfer.answered_by), address=address))
    return found


def source_words(lead: Lead) -> str:
    """Who gave a lead, in one line."""
    row: ListedFirm | None = lead.from_row
    named = {
        SourceKind.UNIT: str(lead.source_unit or ""), SourceKind.PERSON: overview.giver_words(lead),
        SourceKind.PARTNER: lead.source_text, SourceKind.ROW: row.list.outside_name if row else "",
    }.get(SourceKind(lead.source_kind), "")  # fmt: skip
    return " · ".join(filter(None, (str(lead.get_source_kind_display()), named)))


def told_words(filing: Filing) -> str:
    """What a filer was told of other units, in words: unit, since when, whom to ask."""
    return _("; ").join(
        _("%(unit)s has it since %(day)s; call %(whom)s") % {"unit": one["unit"], "day": one["since_on"], "whom": _to_call(one)}
        for one in filing.told
    )


def _to_call(told: dict[str, str]) -> str:
    """The promotion officer of the unit that is first, where its roster names one; and who brings both units together."""
    unit, officer, coordinator = told["unit"], told.get("officer", ""), told["coordinator"]
    asked = [_("promotion officer %(name)s of %(unit)s") % {"name": officer, "unit": unit} if officer else ""]
    asked.append(_("or %(unit)s, which brings both together") % {"unit": coordinator} if coordinator and officer else coordinator)
    return pgettext("whom to call", ", ").join(filter(None, asked)) or unit


# --- who is known, what was met ---------------------------------------------------------------------------------------------------------
def _contacts(lead: Lead, user: Any, *, on: dt.date) -> tuple[Any, ...]:
    """The people of the firm as its own page shows them: telephone and e-mail masked, each with its basis."""
    if lead.firm is None or not user.may(Permission.FIRMS_EDIT):
        return ()
    return notes.contacts_of(lead.firm.firm_id, user, on=on)


def _met(newest: Filing | None, user: Any) -> tuple[FilingMatch, ...]:
    """What the newest filing met, for who decides and may see both leads, as `FilingMatch.visible_to` says.

    Why not asked that way: the few leads it met are looked up by key; asked in one go SQLite walks over all leads that the person may see.
    """
    if newest is None or not user.may(Permission.LEADS_ASSIGN):
        return ()
    met = list(FilingMatch.objects.filter(filing=newest).select_related("other__unit", "claim__unit"))
    seen = _seen(user, [match.other_id for match in met])
    return tuple(match for match in met if match.other_id in seen)


def _seen(user: Any, keys: list[int]) -> set[int]:
    """Which of a few leads the person may see."""
    return set(Lead.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def known_leads(filing: Filing, user: Any) -> tuple[Lead, ...]:
    """The leads on the same firm that a filing met and the person may see himself."""
    if filing.outcome != claims.Outcome.KNOWN:
        return ()
    same = filing.matches.filter(verdict=claims.Verdict.SAME).order_by().values("other")  # type: ignore[attr-defined]
    return tuple(Lead.objects.visible_to(user).filter(pk__in=same).select_related("unit", "owner"))


def merge_candidates(lead: Lead, user: Any) -> Any:
    """Open leads that may be one with another: of the same firm, name or code, and the newest of the same unit."""
    alike = Q(name_key=lead.name_key) if lead.name_key else Q(pk__in=())
    if lead.firm_id:
        alike |= Q(firm=lead.firm_id)
    if lead.uscc:
        alike |= Q(uscc=lead.uscc)
    seen = Lead.objects.visible_to(user).filter(state=LeadState.OPEN).exclude(pk=lead.pk)
    if not user.may(Permission.LEADS_ASSIGN):
        seen = seen.filter(unit=lead.unit_id)
    newest = list(seen.filter(unit=lead.unit_id).order_by("-logged_at").values_list("pk", flat=True)[:MOST_TO_MERGE])
    return seen.filter(alike | Q(pk__in=newest)).select_related("unit").order_by("-logged_at", "-pk")


def of_firm(user: Any, firm_id: str) -> tuple[Lead, ...]:
    """The leads about a firm of the registry that a person may see, the newest first."""
    found = Lead.objects.visible_to(user).filter(firm__firm_id=firm_id).select_related("unit", "owner").prefetch_related("claims")
    return tuple(found.order_by("-logged_at", "-pk")[:MOST_OF_A_FIRM])


def of_row(user: Any, row: ListedFirm) -> tuple[Lead, ...]:
    """The leads that were made of a row, as far as the person may see them."""
    return tuple(Lead.objects.visible_to(user).filter(from_row=row).order_by("-logged_at")[:MOST_OF_A_FIRM])
