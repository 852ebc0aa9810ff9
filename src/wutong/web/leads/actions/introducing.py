"""Introductions asked for, answered, given, corrected, credited, handed over (引荐)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm, Person
from wutong.web.firms.rules import Basis, Purpose
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import guarding, standing
from wutong.web.leads.actions.guarding import NotAllowed, day_of
from wutong.web.leads.models import Introduction, IntroductionStep, Lead, Merit, Party, TargetList
from wutong.web.leads.queries import clocks, introductions, people
from wutong.web.leads.rules import introductions as rules
from wutong.web.leads.rules.introductions import BY_THE_FIRM, OPEN, TAKEN_BACK, WHOLE, Ask, Part, PartyKind, Refusal, State, Step
from wutong.web.leads.rules.leads import LeadState

FOR_INTRODUCTIONS = (Purpose.INTRODUCTION, Purpose.PROMOTION)
PARTY_FIELDS = ("party_kind", "party_firm", "party_person", "party_user", "party_unit", "party_name")


class NotIntroduced(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules of introductions refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Introducer:
    """Who is asked, or whose merit it is: one of the five, as `kind` says."""

    kind: PartyKind
    firm: Firm | None = None
    person: Person | None = None
    user: User | None = None
    unit: Unit | None = None
    name: str = ""

    @classmethod
    def of(cls, party: Party) -> Introducer:
        """That of a row."""
        return cls(
            PartyKind(party.party_kind), party.party_firm, party.party_person, party.party_user, party.party_unit, party.party_name
        )  # fmt: skip

    @property
    def fields(self) -> dict[str, Any]:
        """The columns that hold it: those that its kind does not need stay empty, but for the firm of a person."""
        by_kind: dict[PartyKind, dict[str, Any]] = {
            PartyKind.FIRM: {"party_firm": self.firm}, PartyKind.PERSON: {"party_person": self.person, "party_firm": self.firm},
            PartyKind.STAFF: {"party_user": self.user}, PartyKind.UNIT: {"party_unit": self.unit},
            PartyKind.OUTSIDE: {"party_name": self.name.strip()[:100]},
        }  # fmt: skip
        return {"party_kind": self.kind, **by_kind[self.kind]}

    @property
    def is_named(self) -> bool:
        """Whether there is one."""
        return any(value for name, value in self.fields.items() if name not in {"party_kind", "party_firm"} or self.kind is PartyKind.FIRM)

    def has_consent(self, on: dt.date) -> bool:
        """Whether a person agreed to be kept for such a purpose, and still does on a day; nobody else is asked that."""
        if self.kind is not PartyKind.PERSON or self.person is None:
            return True
        is_kept = self.person.erased_at is None and self.person.retain_until > on
        return is_kept and self.person.basis == Basis.CONSENT and self.person.purpose in FOR_INTRODUCTIONS


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise NotIntroduced(refusals)


def require_work(by: Any, found: Introduction) -> None:
    """Stop unless `by` may work on the introduction; None is the system itself. Raises: NotAllowed."""
    if by is not None and not by.permits(lambda grants: rules.may_work(grants, found.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_EDIT)


def _require_step(by: Any, found: Introduction, kind: State) -> bool:
    """Stop unless `by` may enter the step: whoever works on it, or the local firm that was asked; whether it is the firm.

    Raises: NotAllowed.
    """
    if by is None or not by.may(Permission.PARTNERS_OWN_FIRM):
        require_work(by, found)
        return False
    if kind not in BY_THE_FIRM or not Introduction.objects.visible_to(by).filter(pk=found.pk).exists():
        raise NotAllowed(Permission.PARTNERS_OWN_FIRM)
    return True


def _require_target(by: Any, unit: Unit, lead: Lead | None, target_list: TargetList | None) -> None:
    """Stop unless `by` may work for the unit, and on the lead or list that it is for."""
    if lead is not None:
        standing.require_progress(by, lead)
    elif target_list is not None:
        guarding.require_work(by, target_list)
    else:
        refusing.require(by, Permission.LEADS_EDIT, unit.target())


def _knows(person: User, lead: Lead | None, target_list: TargetList | None) -> bool:
    """Whether whoever is to be in charge sees what it is for."""
    if target_list is not None and not TargetList.objects.visible_to(person).filter(pk=target_list.pk).exists():
        return False
    return lead is None or standing.may_know(person, lead)


@transaction.atomic
def ask(
    *, introducer: Introducer, text: str, unit: Unit, owner: User, by: Any, at: dt.datetime, firm: Firm | None = None,
    lead: Lead | None = None, target_list: TargetList | None = None, asked_on: dt.date | None = None, due_on: dt.date | None = None,
    path: Mapping[str, Any] | None = None,
) -> Introduction:  # fmt: skip
    """Ask somebody for an introduction (请托引荐) to a firm, for a lead, a row of a list or the firm alone; due to be answered.

    `path`: the steps as `queries.paths.kept` gives them. Raises: NotAllowed, NotIntroduced.
    """
    firm = firm or (lead.firm if lead is not None else None)
    _require_target(by, unit, lead, target_list)
    on = asked_on or day_of(at)
    due = due_on or on + dt.timedelta(days=clocks.number(rules.ANSWER_LEAF, day_of(at)))
    is_target = introducer.kind is PartyKind.FIRM and firm is not None and introducer.firm == firm
    asked = Ask(
        firm is not None or lead is not None, introducer.is_named, is_target,
        introducer.name if introducer.kind is PartyKind.OUTSIDE else "", text, on, due,
    )  # fmt: skip
    held = Q(lead=lead) if lead is not None else Q(lead=None, firm=firm)
    is_asked_already = introducer.is_named and Introduction.objects.open().filter(held, **introducer.fields).exists()
    _refuse(
        rules.refusals_to_ask(
            asked, on=day_of(at), is_unit_open=unit.closed_on is None, is_active=owner.is_active,
            is_of_unit=people.is_of_unit(owner, unit) and _knows(owner, lead, target_list), is_asked_already=is_asked_already,
            has_consent=introducer.has_consent(day_of(at)),
        )
    )  # fmt: skip
    if lead is not None and lead.state != LeadState.OPEN:
        raise NotIntroduced((Refusal.NOT_OPEN,))
    kept = dict(path or {})
    made = Introduction.objects.create(
        firm=firm, lead=lead, target_list=target_list, unit=unit, owner=owner, text=text.strip()[:1000], asked_on=on, last_on=on,
        due_on=due, path=kept, warmth_share=kept.get("warmth_share"), made_at=at, made_by=by, **introducer.fields,
    )  # fmt: skip
    _enter(made, State.ASKED, on, text, by=by, at=at)
    told = {"owner": str(owner), "party_kind": introducer.kind, "due_on": due}
    audit.record(action="leads.ask_introduction", by=by, at=at, obj=made, changes=_told(made, told))
    return made


def _told(found: Introduction, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit is told of an introduction, and of a confidential one not (保密)."""
    return {} if found.is_confidential else dict(changes)


def _enter(
    found: Introduction,
    kind: State | str,
    done_on: dt.date,
    text: str,
    *,
    by: Any,
    at: dt.datetime,
    corrects: IntroductionStep | None = None,
) -> IntroductionStep:
    return IntroductionStep.objects.create(
        introduction=found, kind=str(kind), done_on=done_on, text=text.strip()[:1000], corrects=corrects, by=by, at=at
    )


def _locked(found: Introduction) -> Introduction:
    related = ("unit", "owner", "firm", "lead__unit", "target_list")
    return Introduction.objects.select_for_update(of=("self",)).select_related(*related).get(pk=found.pk)


def _due(state: State, on: dt.date, due_on: dt.date | None, day: dt.date) -> dt.date | None:
    leaf = rules.due_leaf(state)
    return None if leaf is None else due_on or on + dt.timedelta(days=clocks.number(leaf, day))


@transaction.atomic
def enter(
    *, introduction: Introduction, kind: State, done_on: dt.date, text: str, by: Any, at: dt.datetime, due_on: dt.date | None = None,
    lead: Lead | None = None,
) -> Introduction:  # fmt: skip
    """Enter what became of an introduction: agreed, refused, brought together, failed, withdrawn, a lead, a project, nothing.

    A local firm of which it is asked enters that it agrees, refuses or has brought us together. `lead`: the lead that came of it. The
    merit of a meeting is at first shared alike by whoever was asked and whoever else stands on the path that it went.
    Raises: NotAllowed, NotIntroduced.
    """
    found = _locked(introduction)
    is_by_firm = _require_step(by, found, kind)
    came_of_it = lead or found.result_lead or found.lead
    _refuse(
        rules.refusals_to_step(found.facts(), to=kind, done_on=done_on, on=day_of(at), text=text, has_lead=came_of_it is not None)
    )  # fmt: skip
    if lead is not None and not standing.may_know(by, lead):
        raise NotAllowed(Permission.LEADS_VIEW)
    _enter(found, kind, done_on, text, by=by, at=at)
    _stand(found, kind, done_on, due_on, at)
    if kind is State.LEAD:
        found.result_lead = came_of_it
        found.save(update_fields=["result_lead"])
    if kind in rules.MET and not found.merits.exists():
        _share_alike(found, by=by, at=at)
    audit.record(action="leads.step_introduction", by=by, at=at, obj=found, changes=_told(found, {"step": kind, "done_on": done_on}))
    if is_by_firm:
        _tell_owner(found, kind, text, by=by, at=at)
    return found


@transaction.atomic(savepoint=False)
def _share_alike(found: Introduction, *, by: Any, at: dt.datetime) -> None:
    """The first merit: equal shares of whoever was asked and of the others on the kept path; what is left over goes to whoever was asked.

    Why not the whole to whoever reports the meeting: he would take what others did before him. `credit` gives other shares.
    """
    chain = [Introducer.of(found), *_between(found, at)]
    rows = [Merit(introduction=found, given_by=by, given_at=at, **one.fields) for one in chain]
    rows = list({row.party_key: row for row in reversed(rows)}.values())[::-1]
    for place, row in enumerate(rows):
        row.share_basis_points = WHOLE // len(rows) + (WHOLE % len(rows) if place == 0 else 0)
    Merit.objects.bulk_create(rows)


def _between(found: Introduction, at: dt.datetime) -> list[Introducer]:
    """Who else stands on the kept path before the target: firms, colleagues, units, people who still agree to be kept."""
    steps = found.path.get("steps", []) if isinstance(found.path, Mapping) else []
    told = []
    for key in dict.fromkeys(key for step in steps for key in (step["asker"]["key"], step["asked"]["key"])):
        kind, _colon, name = key.partition(":")
        match kind:
            case "firm":
                firm = Firm.objects.filter(firm_id=name).first()  # one that nobody took on has no log-in and no row; `credit` takes it on
                told.append(Introducer(PartyKind.FIRM, firm=firm.standing if firm else None))
            case "user":
                told.append(Introducer(PartyKind.STAFF, user=User.objects.get_queryset().filter(public_id=name).first()))
            case "unit":
                told.append(Introducer(PartyKind.UNIT, unit=Unit.objects.filter(public_id=name).first()))
            case "person":
                told.append(Introducer(PartyKind.PERSON, person=Person.objects.filter(public_id=name).first()))
    is_target = {found.firm_id, found.lead.firm_id if found.lead else None} - {None}
    return [one for one in told if one.is_named and one.has_consent(day_of(at)) and not (one.firm and one.firm.pk in is_target)]


def _tell_owner(found: Introduction, kind: State, text: str, *, by: Any, at: dt.datetime) -> None:
    """Whoever asked learns what the firm answered."""
    if found.owner.is_active:
        said, name = found.get_state_display(), found.target_name
        jobs.tell(
            to=found.owner, key=f"leads:introduction:{found.public_id}:{kind}:{at:%Y%m%d%H%M%S}",
            words=lambda: (_("A local firm answered: introduction to %(name)s") % {"name": name}, f"{said} · {text.strip()}".rstrip(" ·")),
            address=reverse("leads:introduction", args=[found.public_id]), by=by, at=at,
        )  # fmt: skip


def _stand(found: Introduction, state: State, last_on: dt.date, due_on: dt.date | None, at: dt.datetime) -> None:
    found.state, found.last_on, found.due_on = state, last_on, _due(state, last_on, due_on, day_of(at))
    found.save(update_fields=["state", "last_on", "due_on"])


@transaction.atomic
def correct(
    *, step: IntroductionStep, kind: State | None, done_on: dt.date, text: str, by: Any, at: dt.datetime, lead: Lead | None = None
) -> Introduction:
    """Correct the last step by a later entry, or (None) take it back; the introduction stands as the steps that are left say.

    Why: an entry is never changed, so that who reads sees what was known when. Raises: NotAllowed, NotIntroduced.
    """
    found = _locked(step.introduction)
    require_work(by, found)
    left = introductions.left_standing(list(found.steps.all()))
    place = next((at_ for at_, one in enumerate(left) if one.pk == step.pk), -1)
    came_of_it = lead or found.lead
    steps = [Step(State(one.kind), one.done_on) for one in left]
    _refuse(
        rules.refusals_to_correct(
            steps, at=place, to=kind, done_on=done_on, on=day_of(at), text=text, has_lead=came_of_it is not None
        )
    )  # fmt: skip
    if lead is not None and not standing.may_know(by, lead):
        raise NotAllowed(Permission.LEADS_VIEW)
    made = _enter(found, kind or TAKEN_BACK, done_on, text, by=by, at=at, corrects=step)
    last = made if kind is not None else left[place - 1]
    _stand(found, State(last.kind), last.done_on, None, at)
    found.result_lead = came_of_it if kind is State.LEAD else (found.result_lead if State(last.kind) is State.PROJECT else None)
    if place == 0:
        found.asked_on = done_on
    found.save(update_fields=["result_lead", "asked_on"])
    if found.state not in rules.MET:
        found.merits.all().delete()
    changes = {"step": {"old": step.kind, "new": made.kind}, "done_on": {"old": step.done_on, "new": done_on}}
    audit.record(action="leads.correct_introduction", by=by, at=at, obj=found, changes=_told(found, changes))
    return found


@transaction.atomic
def change(*, introduction: Introduction, owner: User, due_on: dt.date | None, by: Any, at: dt.datetime) -> Introduction:
    """Give an introduction to another person, or its next step another day. Raises: NotAllowed, NotIntroduced."""
    found = _locked(introduction)
    require_work(by, found)
    is_of_unit = people.is_of_unit(owner, found.unit) and _knows(owner, found.lead, found.target_list)
    _refuse(
        rules.those(
            (Refusal.NOT_OPEN, found.state not in OPEN), (Refusal.DUE_PAST, due_on is not None and due_on < found.last_on),
            (Refusal.PERSON_INACTIVE, not owner.is_active), (Refusal.PERSON_NOT_OF_UNIT, owner.pk != found.owner_id and not is_of_unit),
        )
    )  # fmt: skip
    changes = {
        name: {"old": str(old), "new": str(new)}
        for name, old, new in (("owner", found.owner, owner), ("due_on", found.due_on, due_on or found.due_on)) if old != new
    }  # fmt: skip
    found.owner, found.due_on = owner, due_on or found.due_on
    found.save(update_fields=["owner", "due_on"])
    if changes:
        audit.record(action="leads.change_introduction", by=by, at=at, obj=found, changes=_told(found, changes))
    return found


@transaction.atomic
def credit(*, introduction: Introduction, parts: Sequence[tuple[Introducer, int]], by: Any, at: dt.datetime) -> list[Merit]:
    """Share the merit (引荐功劳) of a meeting among those who introduced, in basis points; it takes the place of what stood.

    Raises: NotAllowed, NotIntroduced.
    """
    found = _locked(introduction)
    require_work(by, found)
    rows = [
        Merit(introduction=found, share_basis_points=share, given_by=by, given_at=at, **introducer.fields) for introducer, share in parts
    ]  # fmt: skip
    named = [Part(row.party_key, row.share_basis_points) for row in rows]
    _refuse(rules.refusals_to_credit(State(found.state), named))
    _refuse(rules.those((Refusal.PARTY_MISSING, not all(introducer.is_named for introducer, _share in parts))))
    found.merits.all().delete()
    made = Merit.objects.bulk_create(rows)
    told = {"shares": [row.share_basis_points for row in rows]}
    audit.record(action="leads.credit_introduction", by=by, at=at, obj=found, changes=_told(found, told))
    return made


# --- who leaves, what becomes one -------------------------------------------------------------------------------------------------------
@transaction.atomic
def hand_over_introductions(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's introductions to a colleague; those for a secret that he is not named for to the secret's owner or the unit's head.

    Returns how many moved. Raises: NotAllowed unless `by` may change both people.
    """
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    held = list(Introduction.objects.filter(owner=from_user).select_related("unit", "lead__owner", "target_list__owner").order_by("pk"))
    moved = Introduction.objects.filter(pk__in=[one.pk for one in held if not one.is_confidential]).update(owner=to_user)
    for one in held:
        if one.is_confidential:
            _hand_over_secret(one, from_user, to_user, by=by, at=at)
    if moved:
        audit.record(action="leads.hand_over_introductions", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return len(held)


def _hand_over_secret(found: Introduction, from_user: User, to_user: User, *, by: Any, at: dt.datetime) -> None:
    """Before the head of the unit, who is not named for it either, comes whoever has the confidential lead or list now."""
    heir, how = people.heir(found.unit, from_user, to_user, is_named=_knows(to_user, found.lead, found.target_list))
    if how != "named":
        owners = [one.owner for one in (found.lead, found.target_list) if one is not None and one.is_confidential]
        knowing = [one for one in owners if one.pk != from_user.pk and one.is_active and _knows(one, found.lead, found.target_list)]
        heir, how = (knowing[0], "owner") if knowing else (heir, how)
    found.owner = heir
    found.save(update_fields=["owner"])
    changes = {"from": str(from_user), "to": str(heir), "as": how}
    audit.record(action="leads.hand_over_introductions", by=by, at=at, obj=found, changes=changes)


@transaction.atomic
def repoint_introductions(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let introductions to a firm be those to another with which it became one. Raises: NotAllowed."""
    return _repoint(Introduction.objects.filter(firm=from_firm), "firm", from_firm, to_firm, by=by, at=at)


@transaction.atomic
def repoint_introducers(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let introductions that were asked of a firm be asked of another with which it became one. Raises: NotAllowed."""
    return _repoint(Introduction.objects.filter(party_firm=from_firm), "party_firm", from_firm, to_firm, by=by, at=at)


@transaction.atomic
def repoint_merits(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the merit of a firm be that of another with which it became one. Raises: NotAllowed."""
    return _repoint(Merit.objects.filter(party_firm=from_firm), "party_firm", from_firm, to_firm, by=by, at=at)


def _repoint(rows: Any, field: str, from_firm: Firm, to_firm: Firm, *, by: Any, at: dt.datetime) -> int:
    refusing.require(by, Permission.FIRMS_EDIT)
    moved: int = rows.update(**{field: to_firm})
    if moved:
        audit.record(action="leads.repoint_introductions", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved


# --- from a form, from a path ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def of_key(*, key: str, by: Any, at: dt.datetime) -> Introducer:
    """The introducer at the beginning of a path, by the key of its node; a firm is taken on. Raises: UnknownFirm, NotAllowed."""
    kind, _colon, name = key.partition(":")
    match kind:
        case "firm":
            return Introducer(PartyKind.FIRM, firm=adoption.take_on(firm_id=name, by=by, at=at))
        case "user":
            return Introducer(PartyKind.STAFF, user=User.objects.get_queryset().get(public_id=name))
        case "unit":
            return Introducer(PartyKind.UNIT, unit=Unit.objects.get(public_id=name))
    person = Person.objects.visible_to(by).get(public_id=name)
    position = person.positions.select_related("firm").first()
    return Introducer(PartyKind.PERSON, person=person, firm=position.firm if position else None)


@transaction.atomic
def ask_by_hand(*, introducer: Introducer, introducer_id: str, firm_id: str, by: Any, at: dt.datetime, **values: Any) -> Introduction:
    """Ask somebody; firms are named by their ids and taken on. Raises: UnknownFirm, and as `ask`."""
    if introducer.kind is PartyKind.FIRM:
        introducer = replace(introducer, firm=adoption.take_on(firm_id=introducer_id, by=by, at=at))
    elif introducer.kind is PartyKind.PERSON and introducer.person is not None:
        introducer = of_key(key=f"person:{introducer.person.public_id}", by=by, at=at)
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at) if firm_id else None
    return ask(introducer=introducer, firm=firm, by=by, at=at, **values)


@transaction.atomic
def credit_among(
    *, introduction: Introduction, parts: Sequence[tuple[introductions.Candidate, int]], by: Any, at: dt.datetime
) -> list[Merit]:
    """Share the merit among candidates: whoever a row names, or stands at a node of the path. Raises: as `credit`."""
    named = [(Introducer.of(one.row) if one.row is not None else of_key(key=one.key, by=by, at=at), share) for one, share in parts]
    return credit(introduction=introduction, parts=named, by=by, at=at)


@transaction.atomic
def ask_on_path(*, key: str, path: Mapping[str, Any], firm_id: str, by: Any, at: dt.datetime, **values: Any) -> Introduction:
    """Ask whoever stands at the beginning of a path for the introduction that it leads to. Raises: as `of_key` and `ask`."""
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
    return ask(introducer=of_key(key=key, by=by, at=at), firm=firm, path=path, by=by, at=at, **values)
