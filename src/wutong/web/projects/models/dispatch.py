"""Task forces (专班) of major projects; dispatch meetings (调度会) with agenda, people, decisions and how those of the last one stand."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.models import Duty
from wutong.web.lib import asking
from wutong.web.projects.models.projects import OfProjectQuerySet, Project, choices, of_seen_projects, person
from wutong.web.projects.rules.dispatch import Attendance, FollowState, ForceRole, MeetingState, Series

SERIES = {
    Series.WEEKLY: pgettext_lazy("dispatch meeting", "weekly"),
    Series.MONTHLY: pgettext_lazy("dispatch meeting", "monthly"),
    Series.NEEDED: pgettext_lazy("dispatch meeting", "by need"),
}
MEETING_STATES = {
    MeetingState.PLANNED: pgettext_lazy("dispatch meeting", "in preparation"),
    MeetingState.SIGNED: pgettext_lazy("dispatch meeting", "minutes signed"),
    MeetingState.CALLED_OFF: pgettext_lazy("dispatch meeting", "called off"),
}
ATTENDANCES = {
    Attendance.PRESENT: pgettext_lazy("attendance", "present"),
    Attendance.DEPUTY: pgettext_lazy("attendance", "sent a deputy"),
    Attendance.EXCUSED: pgettext_lazy("attendance", "excused"),
    Attendance.ABSENT: pgettext_lazy("attendance", "absent"),
}
FOLLOW_STATES = {
    FollowState.DONE: pgettext_lazy("decision of a meeting", "done"),
    FollowState.DONE_LATE: pgettext_lazy("decision of a meeting", "done late"),
    FollowState.OPEN: pgettext_lazy("decision of a meeting", "open"),
    FollowState.LATE: pgettext_lazy("decision of a meeting", "late"),
    FollowState.CALLED_OFF: pgettext_lazy("decision of a meeting", "called off"),
    FollowState.NOT_GIVEN: pgettext_lazy("decision of a meeting", "not handed out"),
}
FORCE_ROLES = {
    ForceRole.LEADER: pgettext_lazy("task force", "leader"),
    ForceRole.DEPUTY: pgettext_lazy("task force", "deputy leader"),
    ForceRole.MEMBER: pgettext_lazy("task force", "member"),
}


# --- task forces ------------------------------------------------------------------------------------------------------------------------
class TaskForceQuerySet(OfProjectQuerySet):
    """Task forces; row access as everywhere."""

    def standing(self) -> Self:
        """Those that were not dissolved."""
        return self.filter(until_on=None)


class TaskForce(models.Model):
    """The task force (专班) of a project. Grain: one row a forming; one stands at most; dissolved, it stays. `task`: what it is to do."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="forces", verbose_name=_("project"))
    task = models.CharField(pgettext_lazy("task force", "task"), max_length=500, blank=True)
    since_on = models.DateField(pgettext_lazy("task force", "formed on"))
    until_on = models.DateField(pgettext_lazy("task force", "dissolved on"), null=True, blank=True)
    end_reason = models.CharField(pgettext_lazy("task force", "why dissolved"), max_length=300, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))
    ended_by = person(pgettext_lazy("task force", "dissolved by"), null=True)

    objects = TaskForceQuerySet.as_manager()

    class Meta:
        verbose_name = _("task force")
        verbose_name_plural = _("task forces")
        ordering = ("-since_on", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("project",), condition=Q(until_on=None), name="projects_one_force_stands"),
            models.CheckConstraint(
                condition=Q(until_on=None, end_reason="") | Q(until_on__isnull=False) & ~Q(end_reason=""),
                name="projects_force_dissolved_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.since_on}"


class OfForceQuerySet(models.QuerySet[Any]):
    """What stands on a task force; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the project of the task force."""
        return self.filter(of_seen_projects(user, "force__project"))

    def standing(self) -> Self:
        """Those who did not leave, of task forces that stand."""
        return self.filter(until_on=None, force__until_on=None)


class ForceMember(models.Model):
    """Who works in a task force. Grain: one row a unit or person and stay; who left stays on record. `task`: what he is asked to do."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    force = models.ForeignKey(TaskForce, models.PROTECT, related_name="members", verbose_name=_("task force"))
    role = models.CharField(pgettext_lazy("task force", "role"), max_length=8, choices=choices(FORCE_ROLES))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    by = person(_("entered by"), null=True)
    person = person(pgettext_lazy("task force", "person"), null=True, related_name="forces")
    task = models.CharField(pgettext_lazy("task force", "is asked to"), max_length=300, blank=True)
    since_on = models.DateField(pgettext_lazy("task force", "joined on"))
    until_on = models.DateField(pgettext_lazy("task force", "left on"), null=True, blank=True)
    reason = models.CharField(pgettext_lazy("task force", "why left"), max_length=300, blank=True)

    objects = OfForceQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a task force")
        verbose_name_plural = _("members of task forces")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("force",), condition=Q(until_on=None, role="leader"), name="projects_force_one_leader"),
            models.CheckConstraint(condition=~Q(role="leader") | Q(person__isnull=False), name="projects_force_leader_is_a_person"),
        )
        indexes = (models.Index(fields=("person", "until_on"), name="projects_force_person"),)

    def __str__(self) -> str:
        return f"{self.force} · {self.get_role_display()}"


# --- meetings ---------------------------------------------------------------------------------------------------------------------------
def reach_of_meetings(user: Any) -> Q:
    """What meetings a person may see: of units that a role reaches, those he chairs, those to which he or his unit is invited."""
    if not (user.is_authenticated and user.may(Permission.PROJECTS_VIEW)):
        return NOTHING
    by_role = within(user, Permission.PROJECTS_VIEW)
    if by_role == EVERYTHING:
        return EVERYTHING
    asked = Invitee.objects.filter(within(user, Permission.PROJECTS_VIEW) | Q(person=user.pk)).order_by().values("meeting")
    return by_role | Q(chair=user.pk) | Q(pk__in=asked)


def _of_seen_meetings(user: Any, way: str = "meeting") -> Q:
    seen = reach_of_meetings(user)
    if seen in (NOTHING, EVERYTHING):
        return seen
    found = asking.judged("projects.meetings", user, lambda one: DispatchMeeting.objects.visible_to(one).order_by().values("pk"))
    return Q(**{f"{way}__in": found})


class MeetingQuerySet(models.QuerySet["DispatchMeeting"]):
    """Meetings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Meetings of units that a role reaches, and those to which one is invited."""
        return self.filter(reach_of_meetings(user))


class DispatchMeeting(models.Model):
    """A dispatch meeting (调度会、推进例会). Grain: one row a meeting; signed, nothing of it changes any more.

    `previous`: the last one of the same series and unit, whose decisions it begins with. `number_no`: of its minutes within unit and year.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="dispatch_meetings", verbose_name=pgettext_lazy("dispatch meeting", "unit"))
    series = models.CharField(pgettext_lazy("dispatch meeting", "series"), max_length=8, choices=choices(SERIES))
    title = models.CharField(pgettext_lazy("dispatch meeting", "title"), max_length=120)
    held_on = models.DateField(pgettext_lazy("dispatch meeting", "held on"))
    place = models.CharField(pgettext_lazy("dispatch meeting", "place"), max_length=120, blank=True)
    chair = person(pgettext_lazy("dispatch meeting", "chair"))
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="next", verbose_name=pgettext_lazy("dispatch meeting", "the one before")
    )
    state = models.CharField(
        pgettext_lazy("dispatch meeting", "state"), max_length=10, choices=choices(MEETING_STATES), default=MeetingState.PLANNED
    )
    summary = models.TextField(pgettext_lazy("dispatch meeting", "summary"), max_length=4000, blank=True)
    reason = models.CharField(pgettext_lazy("dispatch meeting", "why called off"), max_length=300, blank=True)
    convened_by = person(pgettext_lazy("dispatch meeting", "convened by"), null=True)
    convened_at = models.DateTimeField(pgettext_lazy("dispatch meeting", "convened at"))
    signed_by = person(pgettext_lazy("dispatch meeting", "signed by"), null=True)
    signed_at = models.DateTimeField(pgettext_lazy("dispatch meeting", "signed at"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(pgettext_lazy("dispatch meeting", "year of the minutes"), null=True, blank=True)
    number_no = models.PositiveSmallIntegerField(pgettext_lazy("dispatch meeting", "number of the minutes"), null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispatch meeting")
        verbose_name_plural = _("dispatch meetings")
        ordering = ("-held_on", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("unit", "year", "number_no"), name="projects_minutes_number_once"),
            models.UniqueConstraint(
                fields=("unit", "series"), condition=Q(state="planned") & ~Q(series="needed"), name="projects_one_meeting_of_a_series_waits"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") & Q(signed_at=None, number_no=None)
                | Q(state="signed", signed_at__isnull=False, year__isnull=False, number_no__isnull=False),
                name="projects_minutes_signed_with_a_number",
            ),
            models.CheckConstraint(condition=~Q(state="called_off") | ~Q(reason=""), name="projects_meeting_called_off_for_a_reason"),
        )
        indexes = (models.Index(fields=("unit", "held_on"), name="projects_meeting_unit"),)

    def __str__(self) -> str:
        return f"{self.title} · {self.held_on}"


class OfMeetingQuerySet(models.QuerySet[Any]):
    """What stands on a meeting; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the meeting."""
        return self.filter(_of_seen_meetings(user))


class Invitee(models.Model):
    """A unit, or a person of it, invited to a meeting, and whether it came. Grain: one row an invitation. `deputy`: who came instead."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(DispatchMeeting, models.CASCADE, related_name="invitees", verbose_name=_("dispatch meeting"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    person = person(pgettext_lazy("dispatch meeting", "person"), null=True, related_name="invitations")
    attendance = models.CharField(_("attendance"), max_length=8, choices=choices(ATTENDANCES), blank=True)
    deputy = models.CharField(_("who came instead"), max_length=60, blank=True)

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a meeting")
        verbose_name_plural = _("invitations to meetings")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("meeting", "unit"), condition=Q(person=None), name="projects_unit_invited_once"),
            models.UniqueConstraint(fields=("meeting", "person"), condition=Q(person__isnull=False), name="projects_person_invited_once"),
        )

    def __str__(self) -> str:
        return f"{self.meeting} · {self.unit}"


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    """Items of agendas; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Items of meetings that one may see; of a project only where one may see the project."""
        seen = of_seen_projects(user)
        return self.filter(_of_seen_meetings(user)).filter(seen if seen == NOTHING else Q(project=None) | seen)

    def on(self) -> Self:
        """Those that were not taken off."""
        return self.filter(drop_reason="")


class AgendaItem(models.Model):
    """A matter on the agenda: a project, or something else with a title. Grain: one row a matter and meeting.

    `why`: what was stuck of the project when the agenda was made, as codes (`rules.dispatch.Why`) with what they are about. `name`: how it
    was called when the minutes were signed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(DispatchMeeting, models.CASCADE, related_name="items", verbose_name=_("dispatch meeting"))
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="agenda_items", verbose_name=_("project"))
    title = models.CharField(pgettext_lazy("agenda", "title"), max_length=120, blank=True)
    name = models.CharField(pgettext_lazy("agenda", "name in the minutes"), max_length=120, blank=True)
    position_no = models.PositiveSmallIntegerField(pgettext_lazy("agenda", "place on the agenda"))
    why = models.JSONField(pgettext_lazy("agenda", "what is stuck"), default=list, blank=True)
    is_by_hand = models.BooleanField(pgettext_lazy("agenda", "added by hand"), default=False)
    drop_reason = models.CharField(pgettext_lazy("agenda", "why taken off"), max_length=300, blank=True)
    words = models.TextField(pgettext_lazy("agenda", "discussion"), max_length=4000, blank=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of an agenda")
        verbose_name_plural = _("items of agendas")
        ordering = ("position_no", "pk")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "project"), condition=Q(project__isnull=False), name="projects_on_an_agenda_once"),
            models.CheckConstraint(condition=Q(project__isnull=False) | ~Q(title=""), name="projects_agenda_item_is_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.meeting} · {self.position_no}"

    @property
    def shown_name(self) -> str:
        """How it is called: as the minutes say, else as the project is called outside, else by its title."""
        return self.name or (self.project.outside_name if self.project else self.title)


class DecisionQuerySet(models.QuerySet["DispatchDecision"]):
    """Decisions of meetings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Decisions about items that one may see, and those that one has to carry out."""
        items = AgendaItem.objects.visible_to(user).order_by().values("pk")
        return self.filter(Q(item__in=items) | Q(owner=user.pk))


class DispatchDecision(models.Model):
    """A decision of a meeting (议定事项): who does what by when. Grain: one row a decision. `duty`: what it became once handed out."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="decisions", verbose_name=_("item of an agenda"))
    text = models.CharField(pgettext_lazy("dispatch meeting", "decision"), max_length=200)
    owner = person(pgettext_lazy("dispatch meeting", "who carries it out"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    due_on = models.DateField(pgettext_lazy("dispatch meeting", "due on"))
    duty = models.OneToOneField(Duty, models.PROTECT, null=True, blank=True, related_name="decision", verbose_name=_("duty"))
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision of a meeting")
        verbose_name_plural = _("decisions of meetings")
        ordering = ("pk",)
        indexes = (models.Index(fields=("owner", "due_on"), name="projects_decision_owner"),)

    def __str__(self) -> str:
        return f"{self.item} · {self.due_on}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Follow-ups; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those of decisions that one may see."""
        return self.filter(decision__in=DispatchDecision.objects.visible_to(user).order_by().values("pk"))


class FollowUp(models.Model):
    """How a decision of an earlier meeting stood at this one. Grain: one row a meeting and decision. `state`: as the signed minutes say."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(DispatchMeeting, models.CASCADE, related_name="follow_ups", verbose_name=_("dispatch meeting"))
    decision = models.ForeignKey(DispatchDecision, models.PROTECT, related_name="follow_ups", verbose_name=_("decision of a meeting"))
    state = models.CharField(pgettext_lazy("dispatch meeting", "state"), max_length=10, choices=choices(FOLLOW_STATES), blank=True)
    words = models.CharField(pgettext_lazy("dispatch meeting", "what was said of it"), max_length=500, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up of a decision")
        verbose_name_plural = _("follow-ups of decisions")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("meeting", "decision"), name="projects_followed_up_once"),)

    def __str__(self) -> str:
        return f"{self.meeting} · {self.decision}"
