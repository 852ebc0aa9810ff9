"""Dispatch meetings: one to be run, lists, decisions and how they stand; who may prepare, chair and sign."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import Posting, Unit, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import leaders_of
from wutong.web.journal.rules import DutyState
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn
from wutong.web.projects.models import FOLLOW_STATES, AgendaItem, DispatchDecision, DispatchMeeting, FollowUp, Invitee, Project
from wutong.web.projects.queries import agenda
from wutong.web.projects.rules import dispatch as rules
from wutong.web.projects.rules.dispatch import OVER, FollowState, MeetingState, Series

MEETING = "projects.meeting"
WORST_FIRST = (
    FollowState.LATE, FollowState.NOT_GIVEN, FollowState.OPEN, FollowState.DONE_LATE, FollowState.DONE, FollowState.CALLED_OFF
)  # fmt: skip


# --- who may ----------------------------------------------------------------------------------------------------------------------------
def may_prepare(user: Any, meeting: DispatchMeeting) -> bool:
    """Whether somebody prepares and keeps the meeting."""
    is_chair = meeting.chair_id == user.pk
    return bool(user.permits(lambda grants: rules.may_prepare(grants, meeting.unit.target(), is_chair=is_chair, person_id=user.pk)))


def may_sign(user: Any, meeting: DispatchMeeting) -> bool:
    """Whether somebody hands decisions out and signs the minutes."""
    is_chair = meeting.chair_id == user.pk
    return bool(user.permits(lambda grants: rules.may_sign(grants, meeting.unit.target(), is_chair=is_chair, person_id=user.pk)))


def may_chair(person: User, unit: Unit) -> bool:
    """Whether somebody may chair a meeting of a unit: who directs its projects, or decides over them."""
    return any(person.may(one, unit.target()) for one in (Permission.PROJECTS_ASSIGN, Permission.PROJECTS_DECIDE))


def chairs_of(units: Any) -> Any:
    """Everybody who may chair a meeting of one of these units."""
    there = list(units)
    able = [person.pk for person in chairs() if any(may_chair(person, unit) for unit in there)]
    return User.objects.get_queryset().filter(pk__in=able).order_by("unit__path", "display_name")


def chairs() -> Any:
    """Everybody who may chair a meeting of some unit."""
    able = {Permission.PROJECTS_ASSIGN, Permission.PROJECTS_DECIDE}
    roles = [role.code for role in access_rules.roles().values() if able & role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=roles).values("user")
    return User.objects.get_queryset().filter(pk__in=posted, is_active=True).order_by("unit__path", "display_name")


def units_to_convene(user: Any) -> Any:
    """The open units of which somebody may convene a meeting."""
    return Unit.objects.filter(within(user, Permission.PROJECTS_EDIT, unit=""), closed_on=None).order_by("path")


def may_carry_out(person: User, item: AgendaItem) -> bool:
    """Whether somebody may be asked to carry out a decision about an item: who has duties at all, and may see its project."""
    if not person.may(Permission.JOURNAL_VIEW):
        return False
    return item.project is None or Project.objects.visible_to(person).filter(pk=item.project_id).exists()


def to_carry_out(user: Any) -> Any:
    """Who may be named to carry something out: people with a role that has duties."""
    able = [role.code for role in access_rules.roles().values() if Permission.JOURNAL_EDIT in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able).values("user")
    return User.objects.get_queryset().filter(pk__in=posted, is_active=True).order_by("unit__path", "display_name")


# --- one after another ------------------------------------------------------------------------------------------------------------------
def last_of(unit: Unit, series: Series) -> DispatchMeeting | None:
    """The last meeting of a series whose minutes are signed and after which none was convened."""
    found = DispatchMeeting.objects.filter(unit=unit, series=series, state=MeetingState.SIGNED, next=None)
    return found.order_by("-held_on", "-pk").first()


def to_follow(previous: DispatchMeeting | None) -> tuple[DispatchDecision, ...]:
    """The decisions with which the next meeting begins: those of the last one, and those carried over there, the oldest first."""
    if previous is None:
        return ()
    carried = FollowUp.objects.filter(meeting=previous).exclude(state__in=list(OVER)).values("decision")
    found = DispatchDecision.objects.filter(Q(item__meeting=previous, item__drop_reason="") | Q(pk__in=carried))
    return tuple(found.order_by("pk"))


def owing_units(meeting: DispatchMeeting) -> tuple[Unit, ...]:
    """The units that owe something of what stands on the agenda: the hosts of its projects and those that its reasons name."""
    keys: set[int] = set()
    for item in meeting.items.on().select_related("project"):
        keys |= {reason["unit_id"] for reason in item.why if reason.get("unit_id")}
        if item.project is not None and not item.project.is_confidential:
            keys.add(item.project.unit_id)
    return tuple(Unit.objects.filter(pk__in=keys).order_by("path"))


def standing(decision: DispatchDecision, on: dt.date) -> FollowState:
    """How a decision stands on a day, by its duty."""
    duty = decision.duty
    if duty is None:
        return rules.follow(None, due_on=decision.due_on, ended_on=None, on=on)
    return rules.follow(DutyState(duty.state), due_on=duty.due_on, ended_on=duty.ended_on, on=on)


# --- one meeting ------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision and how it stands. `words`: what the meeting that follows it up said of it; `follow_up`: its row there."""

    decision: DispatchDecision
    state: FollowState
    follow_up: FollowUp | None = None

    @property
    def state_name(self) -> str:
        """How it stands, in words."""
        return str(FOLLOW_STATES[self.state])

    @property
    def due_on(self) -> dt.date:
        """The day by which it is due: that of its duty, which may have been prolonged."""
        return self.decision.duty.due_on if self.decision.duty else self.decision.due_on


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of the agenda: its place among those shown, why it stands there in words, what was decided."""

    item: AgendaItem
    number: int
    why: tuple[tuple[str, str], ...]
    decisions: tuple[DecisionLine, ...]


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """A meeting as one person may see it. `hidden`: items, or decisions, of projects that he may not see."""

    meeting: DispatchMeeting
    followed: tuple[DecisionLine, ...]
    items: tuple[ItemLine, ...]
    dropped: tuple[ItemLine, ...]
    invitees: tuple[Invitee, ...]
    waiting: int
    may_prepare: bool
    may_sign: bool
    is_held: bool

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.meeting.state == MeetingState.PLANNED

    def around(self, item: AgendaItem) -> tuple[ItemLine | None, ItemLine | None, ItemLine | None]:
        """An item on the agenda with the one before and the one after it; three times None where it was taken off."""
        at = next((number for number, one in enumerate(self.items) if one.item.pk == item.pk), None)
        if at is None:
            return None, None, None
        return self.items[at], self.items[at - 1] if at else None, self.items[at + 1] if at + 1 < len(self.items) else None

    @property
    def done_count(self) -> int:
        """How many of the decisions that are followed up are done."""
        return sum(1 for one in self.followed if one.state in {FollowState.DONE, FollowState.DONE_LATE})


def whole(found: Any) -> Any:
    """Meetings with what their pages show."""
    return found.select_related("unit", "chair__unit", "previous", "convened_by", "signed_by")


def _decisions(items: list[int], on: dt.date) -> dict[int, list[DecisionLine]]:
    found: dict[int, list[DecisionLine]] = {}
    rows = DispatchDecision.objects.filter(item__in=items).select_related("owner", "unit", "duty").order_by("pk")
    for one in rows:
        found.setdefault(one.item_id, []).append(DecisionLine(one, standing(one, on)))
    return found


def page(meeting: DispatchMeeting, user: Any, on: dt.date) -> MeetingPage:
    """A meeting as a person may see it: seven questions, however long its agenda."""
    rows = list(AgendaItem.objects.visible_to(user).filter(meeting=meeting).select_related("project__unit", "project__owner"))
    decided = _decisions([one.pk for one in rows], on)
    lines = [_line(one, decided.get(one.pk, [])) for one in rows]
    on_it = [one for one in lines if not one.item.drop_reason]
    follow_ups = (
        FollowUp.objects.visible_to(user)
        .filter(meeting=meeting)
        .select_related("decision__owner", "decision__unit", "decision__duty", "decision__item__project", "decision__item__meeting")
    )
    followed = tuple(
        DecisionLine(one.decision, FollowState(one.state) if one.state else standing(one.decision, on), one) for one in follow_ups
    )
    ordered = tuple(sorted(followed, key=lambda one: WORST_FIRST.index(one.state)))
    numbered = tuple(ItemLine(one.item, number, one.why, one.decisions) for number, one in enumerate(on_it, 1))
    return MeetingPage(
        meeting, ordered, numbered, tuple(one for one in lines if one.item.drop_reason),
        tuple(meeting.invitees.select_related("unit", "person__unit")),
        sum(1 for one in on_it for line in one.decisions if line.decision.duty_id is None), may_prepare(user, meeting),
        may_sign(user, meeting), meeting.held_on <= on,
    )  # fmt: skip


def _line(item: AgendaItem, decisions: list[DecisionLine]) -> ItemLine:
    return ItemLine(item, 0, tuple((agenda.words(one), one.get("owed_by", "")) for one in item.why), tuple(decisions))


def to_add(user: Any, meeting: DispatchMeeting) -> Any:
    """The projects worked on that a person may put on the agenda."""
    there = meeting.items.filter(project__isnull=False).values("project")
    return Project.objects.visible_to(user).filter(status="active").exclude(pk__in=there).order_by("name_zh", "pk")


# --- lists ------------------------------------------------------------------------------------------------------------------------------
def matching(found: Any, *, text: str = "", state: str = "", series: str = "", unit: Unit | None = None) -> Any:
    """Meetings by words of their title, state, series and unit with those below it."""
    if text:
        found = found.filter(title__icontains=text)
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    asked = {"state": state, "series": series}
    return found.filter(**{name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting in a list: how many items and decisions a person may see of it, how many of these are done or late."""

    meeting: DispatchMeeting
    items: int
    decisions: int
    done: int
    late: int


def rows(keys: Iterable[int], user: Any, on: dt.date) -> tuple[MeetingRow, ...]:
    """Meetings of these keys in their order: three questions, however many."""
    wanted = list(keys)
    there = whole(DispatchMeeting.objects.filter(pk__in=wanted)).in_bulk()
    items: dict[int, int] = {}
    for meeting in AgendaItem.objects.visible_to(user).on().filter(meeting__in=wanted).order_by().values_list("meeting", flat=True):
        items[meeting] = items.get(meeting, 0) + 1
    states: dict[int, list[FollowState]] = {}
    decided = DispatchDecision.objects.visible_to(user).filter(item__meeting__in=wanted).select_related("duty", "item")
    for one in decided:
        states.setdefault(one.item.meeting_id, []).append(standing(one, on))
    return tuple(_row(there[key], items.get(key, 0), states.get(key, [])) for key in wanted if key in there)


def _row(meeting: DispatchMeeting, items: int, states: list[FollowState]) -> MeetingRow:
    done = sum(1 for one in states if one in {FollowState.DONE, FollowState.DONE_LATE})
    return MeetingRow(meeting, items, len(states), done, sum(1 for one in states if one is FollowState.LATE))


def decisions(user: Any, *, is_own: bool, which: str = "", on: dt.date, text: str = "", unit: Unit | None = None) -> Any:
    """Decisions of meetings that a person may see, or that he carries out himself; `which`: open, late, done."""
    found = DispatchDecision.objects.visible_to(user).select_related("item__project", "item__meeting", "owner", "unit", "duty")
    if is_own:
        found = found.filter(Q(duty__owner=user.pk) | Q(duty=None, owner=user.pk))
    if text:
        found = found.filter(Q(text__icontains=text) | Q(item__meeting__title__icontains=text))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    condition = {
        "open": Q(duty=None) | Q(duty__state=DutyState.OPEN), "late": Q(duty__state=DutyState.OPEN, duty__due_on__lt=on),
        "done": Q(duty__state=DutyState.DONE),
    }.get(which)  # fmt: skip
    return found if condition is None else found.filter(condition)


def decision_lines(found: Iterable[DispatchDecision], on: dt.date) -> tuple[DecisionLine, ...]:
    """Decisions with how each stands."""
    return tuple(DecisionLine(one, standing(one, on)) for one in found)


# --- as duties --------------------------------------------------------------------------------------------------------------------------
def _invited(found: Any, on: dt.date) -> Any:
    shown = found.filter(meeting__state=MeetingState.PLANNED, meeting__held_on__gte=on)
    return columns.of(
        shown, source=columns.is_named(MEETING), title=columns.is_named(""), due_on="meeting__held_on", owner="person", unit="unit"
    )  # fmt: skip


def invited_rows(user: Any, on: dt.date) -> Any:
    """The meetings to come to which a person, or a unit that his role reaches, is invited."""
    return _invited(Invitee.objects.visible_to(user).filter(within(user, Permission.PROJECTS_VIEW) | Q(person=user.pk)), on)


def all_invited_rows(on: dt.date) -> Any:
    """The same, whoever sees the meeting."""
    return _invited(Invitee.objects.all(), on)


def invited_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who is to come: the person, of a unit those who direct its work."""
    found = Invitee.objects.filter(public_id__in=list(keys)).select_related("person", "unit")
    return {one.public_id: (one.person,) if one.person else leaders_of(one.unit, access.today()) for one in found}


def invited_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The meeting of each."""
    found = Invitee.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("meeting")
    return {
        one.public_id: Drawn(one.meeting.title, reverse("projects:meeting", args=[one.meeting.public_id]), _("Attend the meeting"))
        for one in found
    }  # fmt: skip
