"""Dispatch meetings: convened, agenda made of what is stuck, kept on the day, decisions handed out as duties, minutes signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.journal.actions import duties
from wutong.web.journal.queries.duties import leaders_of
from wutong.web.journal.rules import DutyKind
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import AgendaItem, DispatchDecision, DispatchMeeting, FollowUp, Invitee, Project
from wutong.web.projects.queries import agenda, meetings
from wutong.web.projects.rules import dispatch as rules
from wutong.web.projects.rules.dispatch import Attendance, MeetingState, Refusal, Series

NotAllowed = refusing.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why; `about`: of whom or of what, where there are several."""

    def __init__(self, refusals: tuple[Refusal, ...], about: str = "") -> None:
        super().__init__(", ".join(refusals))
        self.refusals, self.about = refusals, about


def refuse(refusals: tuple[Refusal, ...], about: str = "") -> None:
    """Stop where the rules refuse. Raises: Refused."""
    if refusals:
        raise Refused(refusals, about)


def _locked(meeting: DispatchMeeting) -> DispatchMeeting:
    found: DispatchMeeting = (
        DispatchMeeting.objects.select_for_update(of=("self",)).select_related("unit", "chair", "previous").get(pk=meeting.pk)
    )
    return found


def _require_preparing(by: Any, meeting: DispatchMeeting) -> None:
    if by is not None and not meetings.may_prepare(by, meeting):
        raise NotAllowed(Permission.PROJECTS_EDIT)


def _require_signing(by: Any, meeting: DispatchMeeting) -> None:
    if by is not None and not meetings.may_sign(by, meeting):
        raise NotAllowed(Permission.PROJECTS_DECIDE)


def _touched(meeting: DispatchMeeting, by: Any) -> DispatchMeeting:
    """The meeting, locked, of somebody who prepares it, while it may be changed. Raises: NotAllowed, Refused."""
    found = _locked(meeting)
    _require_preparing(by, found)
    refuse(rules.refusals_to_touch(MeetingState(found.state)))
    return found


def _item_of(item: AgendaItem) -> AgendaItem:
    return AgendaItem.objects.select_related("project").get(pk=item.pk)


def _require_item(by: Any, item: AgendaItem) -> None:
    """Stop unless `by` may see the project of the item. Raises: NotAllowed."""
    if by is not None and not AgendaItem.objects.visible_to(by).filter(pk=item.pk).exists():
        raise NotAllowed(Permission.PROJECTS_VIEW)


def _tell(action: str, meeting: DispatchMeeting, *, by: Any, at: dt.datetime, **changes: Any) -> None:
    audit.record(action=f"projects.{action}", by=by, at=at, obj=meeting, changes=changes)


# --- before ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def convene(
    *, unit: Unit, series: Series, title: str, held_on: dt.date, chair: User, by: Any, at: dt.datetime, place: str = ""
) -> DispatchMeeting:
    """Convene a meeting; it begins with the decisions of the last one of its series. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.PROJECTS_EDIT, unit.target())
    waiting = DispatchMeeting.objects.filter(unit=unit, series=series, state=MeetingState.PLANNED)
    refuse(
        rules.refusals_to_convene(
            title=title, held_on=held_on, on=day_of(at), is_unit_open=unit.closed_on is None, is_chair_active=chair.is_active,
            is_chair_able=meetings.may_chair(chair, unit), has_waiting=series is not Series.NEEDED and waiting.exists(),
        )
    )  # fmt: skip
    made = DispatchMeeting.objects.create(
        unit=unit, series=series, title=title.strip()[:120], held_on=held_on, place=place.strip()[:120], chair=chair, convened_by=by,
        convened_at=at, previous=meetings.last_of(unit, series),
    )  # fmt: skip
    for decision in meetings.to_follow(made.previous):
        FollowUp.objects.create(meeting=made, decision=decision)
    _tell("convene", made, unit=unit.name_zh, held_on=held_on, by=by, at=at)
    _invite(made, chair.unit, chair, by=by, at=at)
    return made


@transaction.atomic
def change(*, meeting: DispatchMeeting, title: str, held_on: dt.date, place: str, chair: User, by: Any, at: dt.datetime) -> DispatchMeeting:
    """Change title, day, place or chair of a meeting; those invited are told of another day or place. Raises: NotAllowed, Refused."""
    found = _touched(meeting, by)
    refuse(
        rules.refusals_to_convene(
            title=title, held_on=held_on, on=min(day_of(at), found.held_on), is_unit_open=True, is_chair_active=chair.is_active,
            is_chair_able=meetings.may_chair(chair, found.unit), has_waiting=False,
        )
    )  # fmt: skip
    is_elsewhere = (held_on, place.strip()) != (found.held_on, found.place)
    changes = refusing.changed(found, {"title": title.strip()[:120], "held_on": held_on, "place": place.strip()[:120], "chair": chair})
    if not changes:
        return found
    found.save()
    _tell("change_meeting", found, by=by, at=at, **changes)
    if "chair" in changes and not found.invitees.filter(person=chair).exists():
        _invite(found, chair.unit, chair, by=by, at=at)
    if is_elsewhere:
        for one in found.invitees.select_related("unit", "person"):
            _tell_invited(found, one, key=f"moved:{at.timestamp():.0f}", by=by, at=at)
    return found


@transaction.atomic
def call_off(*, meeting: DispatchMeeting, reason: str, by: Any, at: dt.datetime) -> DispatchMeeting:
    """Call a meeting off; the next one begins with the decisions that it would have begun with. Raises: NotAllowed, Refused."""
    found = _locked(meeting)
    _require_preparing(by, found)
    has_given = DispatchDecision.objects.filter(item__meeting=found, duty__isnull=False).exists()
    refuse(rules.refusals_to_call_off(MeetingState(found.state), reason=reason, has_given=has_given))
    found.state, found.reason, found.previous = MeetingState.CALLED_OFF, reason.strip()[:300], None
    found.save(update_fields=["state", "reason", "previous"])
    _tell("call_meeting_off", found, reason=reason, by=by, at=at)
    for one in found.invitees.select_related("unit", "person"):
        _tell_invited(found, one, key="called-off", by=by, at=at)
    return found


def _next_position(meeting: DispatchMeeting) -> int:
    return int(meeting.items.aggregate(last=Max("position_no"))["last"] or 0) + 1


@transaction.atomic
def make_agenda(*, meeting: DispatchMeeting, by: Any, at: dt.datetime) -> int:
    """Put on the agenda what is stuck by the records that the person sees; what stands there is looked at anew. Returns how many are new.

    Raises: NotAllowed, Refused.
    """
    found = _touched(meeting, by)
    stuck = agenda.stuck(by or found.chair, on=day_of(at))
    there = {item.project_id: item for item in found.items.filter(project__isnull=False)}
    position, new = _next_position(found), 0
    for one in stuck:
        why, item = [reason.kept() for reason in one.reasons], there.get(one.project.pk)
        if item is not None:
            item.why = why
            item.save(update_fields=["why"])
        elif new < agenda.MOST:
            AgendaItem.objects.create(meeting=found, project=one.project, position_no=position + new, why=why)
            new += 1
    _tell("make_agenda", found, items=new, by=by, at=at)
    return new


@transaction.atomic
def add_item(*, meeting: DispatchMeeting, by: Any, at: dt.datetime, project: Project | None = None, title: str = "") -> AgendaItem:
    """Put a project, or another matter, on the agenda by hand. Raises: NotAllowed, Refused."""
    found = _locked(meeting)
    _require_preparing(by, found)
    is_seen = project is not None and (by is None or Project.objects.visible_to(by).filter(pk=project.pk).exists())
    is_there = project is not None and found.items.filter(project=project).exists()
    refuse(
        rules.refusals_to_add(MeetingState(found.state), title=title, has_project=project is not None, is_seen=is_seen, is_there=is_there)
    )
    made: AgendaItem = AgendaItem.objects.create(
        meeting=found, project=project, title="" if project else title.strip()[:120], position_no=_next_position(found), is_by_hand=True
    )
    _tell("add_agenda_item", found, item=made.position_no, by=by, at=at)
    return made


@transaction.atomic
def drop_item(*, item: AgendaItem, reason: str, by: Any, at: dt.datetime) -> AgendaItem:
    """Take an item off the agenda with a reason. Raises: NotAllowed, Refused."""
    meeting, found = _locked(item.meeting), _item_of(item)
    _require_preparing(by, meeting)
    _require_item(by, found)
    refuse(
        rules.refusals_to_drop(
            MeetingState(meeting.state), is_dropped=bool(found.drop_reason), has_decisions=found.decisions.exists(), reason=reason
        )
    )
    found.drop_reason = reason.strip()[:300]
    found.save(update_fields=["drop_reason"])
    _tell("drop_agenda_item", meeting, item=found.position_no, by=by, at=at)
    return found


@transaction.atomic
def put_back(*, item: AgendaItem, by: Any, at: dt.datetime) -> AgendaItem:
    """Put an item that was taken off on the agenda again. Raises: NotAllowed, Refused."""
    meeting, found = _touched(item.meeting, by), _item_of(item)
    _require_item(by, found)
    refuse(rules.those((Refusal.ITEM_ON, not found.drop_reason)))
    found.drop_reason = ""
    found.save(update_fields=["drop_reason"])
    _tell("put_agenda_item_back", meeting, item=found.position_no, by=by, at=at)
    return found


@transaction.atomic
def move_item(*, item: AgendaItem, is_up: bool, by: Any, at: dt.datetime) -> None:
    """Move an item one place up or down, among those that the person sees. Raises: NotAllowed, Refused."""
    meeting = _touched(item.meeting, by)
    _require_item(by, item)
    seen = AgendaItem.objects.filter(meeting=meeting) if by is None else AgendaItem.objects.visible_to(by).filter(meeting=meeting)
    order = list(seen.on().order_by("position_no", "pk"))
    at_place = next((n for n, one in enumerate(order) if one.pk == item.pk), None)
    other = None if at_place is None else at_place + (-1 if is_up else 1)
    if at_place is None or other is None or not 0 <= other < len(order):
        return
    one, two = order[at_place], order[other]
    one.position_no, two.position_no = two.position_no, one.position_no
    for moved in (one, two):
        moved.save(update_fields=["position_no"])
    _tell("move_agenda_item", meeting, item=one.position_no, by=by, at=at)


# --- who comes --------------------------------------------------------------------------------------------------------------------------
def _tell_invited(meeting: DispatchMeeting, invitee: Invitee, *, key: str, by: Any, at: dt.datetime) -> None:
    """Tell the person, of a unit those who direct its work."""
    people = [invitee.person] if invitee.person else leaders_of(invitee.unit, day_of(at))

    def words() -> tuple[str, str]:
        said = {"meeting": meeting.title, "day": meeting.held_on, "place": meeting.place}
        subject = {
            "called-off": pgettext("message", "Called off: %(meeting)s"), "invited": pgettext("message", "Invited: %(meeting)s")
        }.get(key.partition(":")[0], pgettext("message", "Moved: %(meeting)s"))  # fmt: skip
        return subject % said, _("It is held on %(day)s. %(place)s") % said

    for person in people:
        if person is not None and person.is_active and person != by:
            jobs.tell(
                to=person, key=f"projects:meeting:{key}:{invitee.public_id}:{person.pk}", words=words, by=by, at=at,
                address=reverse("projects:meeting", args=[meeting.public_id]),
            )  # fmt: skip


def _invite(meeting: DispatchMeeting, unit: Unit, person: User | None, *, by: Any, at: dt.datetime) -> Invitee:
    made: Invitee = Invitee.objects.create(meeting=meeting, unit=unit, person=person)
    _tell_invited(meeting, made, key="invited", by=by, at=at)
    return made


@transaction.atomic
def invite(*, meeting: DispatchMeeting, unit: Unit, by: Any, at: dt.datetime, person: User | None = None) -> Invitee:
    """Invite a unit, or a person of it; they are told and see the meeting. Raises: NotAllowed, Refused."""
    found = _touched(meeting, by)
    is_there = found.invitees.filter(person=person, **({} if person else {"unit": unit})).exists()
    refuse(
        rules.those(
            (Refusal.INVITED_ALREADY, is_there),
            (Refusal.UNIT_CLOSED, unit.closed_on is not None),
            (Refusal.PERSON_INACTIVE, person is not None and not person.is_active),
        )
    )
    made = _invite(found, unit, person, by=by, at=at)
    _tell("invite", found, unit=unit.name_zh, by=by, at=at)
    return made


@transaction.atomic
def invite_owing(*, meeting: DispatchMeeting, by: Any, at: dt.datetime) -> int:
    """Invite every unit that owes something of what stands on the agenda. Returns how many are new. Raises: NotAllowed, Refused."""
    found, count = _touched(meeting, by), 0
    invited = set(found.invitees.values_list("unit", flat=True))
    for unit in meetings.owing_units(found):
        if unit.pk not in invited and unit.closed_on is None:
            _invite(found, unit, None, by=by, at=at)
            count += 1
    if count:
        _tell("invite", found, rows=count, by=by, at=at)
    return count


@transaction.atomic
def uninvite(*, invitee: Invitee, by: Any, at: dt.datetime) -> None:
    """Take an invitation back. Raises: NotAllowed, Refused."""
    meeting = _touched(invitee.meeting, by)
    unit = invitee.unit.name_zh
    invitee.delete()
    _tell("uninvite", meeting, unit=unit, by=by, at=at)


# --- on the day -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def note_attendance(*, meeting: DispatchMeeting, attendance: Mapping[Any, tuple[str, str]], by: Any, at: dt.datetime) -> int:
    """Note who was there: id of an invitation → attendance and deputy. Returns how many changed. Raises: NotAllowed, Refused."""
    found = _touched(meeting, by)
    refuse(rules.those((Refusal.NOT_HELD_YET, found.held_on > day_of(at))))
    changed = 0
    for one in found.invitees.filter(public_id__in=list(attendance)):
        came, deputy = attendance[one.public_id]
        deputy = deputy.strip()[:60] if came == Attendance.DEPUTY else ""
        if (one.attendance, one.deputy) != (came, deputy):
            one.attendance, one.deputy = came, deputy
            one.save(update_fields=["attendance", "deputy"])
            changed += 1
    if changed:
        _tell("note_attendance", found, rows=changed, by=by, at=at)
    return changed


@transaction.atomic
def keep_words(*, item: AgendaItem, words: str, by: Any, at: dt.datetime) -> AgendaItem:
    """Keep what was said of an item. Raises: NotAllowed, Refused."""
    meeting, found = _touched(item.meeting, by), _item_of(item)
    _require_item(by, found)
    refuse(rules.those((Refusal.ITEM_DROPPED, bool(found.drop_reason))))
    if found.words != words.strip():
        found.words = words.strip()[:4000]
        found.save(update_fields=["words"])
        _tell("keep_words", meeting, item=found.position_no, by=by, at=at)
    return found


@transaction.atomic
def keep_follow_up(*, follow_up: FollowUp, words: str, by: Any, at: dt.datetime) -> FollowUp:
    """Keep what was said of a decision of an earlier meeting. Raises: NotAllowed, Refused."""
    meeting = _touched(follow_up.meeting, by)
    if by is not None and not FollowUp.objects.visible_to(by).filter(pk=follow_up.pk).exists():
        raise NotAllowed(Permission.PROJECTS_VIEW)
    follow_up.words = words.strip()[:500]
    follow_up.save(update_fields=["words"])
    _tell("keep_words", meeting, by=by, at=at)
    return follow_up


@transaction.atomic
def summarise(*, meeting: DispatchMeeting, summary: str, by: Any, at: dt.datetime) -> DispatchMeeting:
    """Keep the summary of a meeting. Raises: NotAllowed, Refused."""
    found = _touched(meeting, by)
    if found.summary != summary.strip():
        found.summary = summary.strip()[:4000]
        found.save(update_fields=["summary"])
        _tell("keep_words", found, by=by, at=at)
    return found


@transaction.atomic
def decide(*, item: AgendaItem, text: str, owner: User, due_on: dt.date, by: Any, at: dt.datetime) -> DispatchDecision:
    """Enter what was decided of an item: who does what by when; handed out, it becomes a duty. Raises: NotAllowed, Refused."""
    meeting, found = _locked(item.meeting), _item_of(item)
    _require_preparing(by, meeting)
    _require_item(by, found)
    refuse(
        rules.refusals_to_decide(
            MeetingState(meeting.state), text=text, due_on=due_on, held_on=meeting.held_on, on=day_of(at),
            is_dropped=bool(found.drop_reason), is_active=owner.is_active, may_see=meetings.may_carry_out(owner, found),
        )
    )  # fmt: skip
    made: DispatchDecision = DispatchDecision.objects.create(
        item=found, text=text.strip()[:200], owner=owner, unit=owner.unit, due_on=due_on, by=by, at=at
    )
    _tell("decide_at_meeting", meeting, item=found.position_no, due_on=due_on, by=by, at=at)
    return made


@transaction.atomic
def take_decision_back(*, decision: DispatchDecision, by: Any, at: dt.datetime) -> None:
    """Take a decision out that was entered wrongly, before it is handed out. Raises: NotAllowed, Refused."""
    meeting = _touched(decision.item.meeting, by)
    _require_item(by, decision.item)
    refuse(rules.those((Refusal.DECISION_GIVEN, decision.duty_id is not None)))
    decision.delete()
    _tell("take_decision_back", meeting, item=decision.item.position_no, by=by, at=at)


@transaction.atomic
def hand_out(*, meeting: DispatchMeeting, by: Any, at: dt.datetime) -> int:
    """Make every decision a duty of whoever carries it out, all in one: nothing is handed out where one cannot be. Returns how many.

    Raises: NotAllowed, Refused.
    """
    found = _locked(meeting)
    _require_signing(by, found)
    refuse(rules.refusals_to_touch(MeetingState(found.state)))
    return _hand_out(found, by=by, at=at)


def _hand_out(meeting: DispatchMeeting, *, by: Any, at: dt.datetime) -> int:
    waiting = DispatchDecision.objects.filter(item__meeting=meeting, duty=None, item__drop_reason="")
    count = 0
    for decision in waiting.select_related("item__project", "owner__unit").order_by("item__position_no", "pk"):
        about = f"{decision.owner} · {decision.text}"
        refuse(rules.those((Refusal.DUE_PAST, decision.due_on < day_of(at))), about)
        try:
            decision.duty = duties.create(
                owner=decision.owner, title=decision.text, by=by, at=at, record=decision.item.project, due_on=decision.due_on,
                kind=DutyKind.MEETING, text=f"{meeting.title} · {meeting.held_on}",
            )  # fmt: skip
        except duties.NotAllowed as refused:
            raise Refused((Refusal.OUT_OF_REACH,), about) from refused
        except duties.Refused as refused:
            raise Refused((Refusal.PERSON_MAY_NOT_SEE,), about) from refused
        decision.save(update_fields=["duty"])
        count += 1
    if count:
        _tell("hand_out_decisions", meeting, rows=count, by=by, at=at)
    return count


@transaction.atomic
def sign(*, meeting: DispatchMeeting, by: Any, at: dt.datetime) -> DispatchMeeting:
    """Sign the minutes: decisions that wait are handed out, the minutes get their number, and nothing changes any more.

    Raises: NotAllowed, Refused.
    """
    found, on = _locked(meeting), day_of(at)
    _require_signing(by, found)
    there = found.invitees.filter(attendance__in=list(rules.THERE)).count()
    silent = found.items.on().filter(words="", decisions=None).count()
    refuse(rules.refusals_to_sign(MeetingState(found.state), held_on=found.held_on, on=on, silent=silent, there=there))
    _hand_out(found, by=by, at=at)
    for item in found.items.filter(project__isnull=False).select_related("project"):
        item.name = item.shown_name[:120]
        item.save(update_fields=["name"])
    for one in found.follow_ups.select_related("decision__duty"):
        one.state = meetings.standing(one.decision, on)
        one.save(update_fields=["state"])
    numbered = DispatchMeeting.objects.filter(unit=found.unit, year=found.held_on.year)
    found.state, found.signed_by, found.signed_at, found.year = MeetingState.SIGNED, by, at, found.held_on.year
    found.number_no = int(numbered.aggregate(last=Max("number_no"))["last"] or 0) + 1
    found.save(update_fields=["state", "signed_by", "signed_at", "year", "number_no"])
    _tell("sign_minutes", found, number=found.number_no, by=by, at=at)
    return found


# --- who leaves -------------------------------------------------------------------------------------------------------------------------
def _moved(action: str, rows: int, from_user: User, to_user: User, *, by: Any, at: dt.datetime) -> int:
    if rows:
        audit.record(action=f"projects.{action}", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": rows})
    return rows


@transaction.atomic
def hand_over_chairs(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give the meetings to come that a leaver chairs to a colleague. Returns how many moved. Raises: NotAllowed."""
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    moved = DispatchMeeting.objects.filter(chair=from_user, state=MeetingState.PLANNED).update(chair=to_user)
    return _moved("hand_over_chairs", moved, from_user, to_user, by=by, at=at)


@transaction.atomic
def hand_over_decisions(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give decisions that were not handed out yet to a colleague. Returns how many moved. Raises: NotAllowed."""
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    waiting = DispatchDecision.objects.filter(owner=from_user, duty=None, item__meeting__state=MeetingState.PLANNED)
    moved = DispatchDecision.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(owner=to_user)
    return _moved("hand_over_decisions", moved, from_user, to_user, by=by, at=at)


@transaction.atomic
def hand_over_invitations(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give invitations to meetings to come to a colleague who is not invited himself. Returns how many moved. Raises: NotAllowed."""
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    there = Invitee.objects.filter(person=to_user).values("meeting")
    coming = Invitee.objects.filter(person=from_user, meeting__state=MeetingState.PLANNED).exclude(meeting__in=there)
    moved = Invitee.objects.filter(pk__in=list(coming.values_list("pk", flat=True))).update(person=to_user, unit=to_user.unit)
    return _moved("hand_over_invitations", moved, from_user, to_user, by=by, at=at)
