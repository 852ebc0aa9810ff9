"""Task forces: of a project, of a person, of all projects one may see; major projects that lack one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import rulebook
from wutong.web.projects.models import ForceMember, Project, TaskForce
from wutong.web.projects.rules import dispatch as rules
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.dispatch import ForceRole, Refusal
from wutong.web.projects.rules.stages import Status

WORDS = {
    Refusal.NOT_PLANNED: gettext_lazy("The minutes are signed, or the meeting was called off: nothing of it changes any more."),
    Refusal.DAY_PAST: gettext_lazy("The day is over: choose one to come."),
    Refusal.NOT_HELD_YET: gettext_lazy("The day is still to come: enter it when it has happened."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed: choose another."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account of the person is closed: choose somebody else."),
    Refusal.PERSON_MAY_NOT_SEE: gettext_lazy("The person may not see the project: choose somebody else, or let him know of it first."),
    Refusal.CHAIR_REACHES_NOT: gettext_lazy("The chair must direct projects of this unit, or decide over them: choose somebody else."),
    Refusal.SERIES_WAITS: gettext_lazy("The last meeting of this series waits for its minutes: sign them, or call it off."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.TEXT_MISSING: gettext_lazy("It is not said what it is about."),
    Refusal.PROJECT_THERE: gettext_lazy("The project stands on the agenda already, or was taken off it: put it back there."),
    Refusal.PROJECT_UNSEEN: gettext_lazy("Choose a project of the list."),
    Refusal.ITEM_DROPPED: gettext_lazy("The item was taken off the agenda: put it back first."),
    Refusal.ITEM_ON: gettext_lazy("The item stands on the agenda."),
    Refusal.ITEM_DECIDED: gettext_lazy("Something was decided about it: it stays on the agenda."),
    Refusal.INVITED_ALREADY: gettext_lazy("They are invited already."),
    Refusal.DUE_BEFORE_MEETING: gettext_lazy("The due day lies before the meeting."),
    Refusal.DUE_PAST: gettext_lazy("The due day is over: choose one to come."),
    Refusal.OUT_OF_REACH: gettext_lazy(
        "Whoever hands it out may not ask this person for something: let the chair do it, or name somebody else."
    ),
    Refusal.DECISION_GIVEN: gettext_lazy("Decisions were handed out as duties already: call the duty off instead."),
    Refusal.ITEM_SILENT: gettext_lazy("Of an item neither words nor a decision are kept: keep them, or take it off the agenda."),
    Refusal.NOBODY_THERE: gettext_lazy("It is not noted who was there."),
    Refusal.FORCE_THERE: gettext_lazy("The project has a task force: change that one."),
    Refusal.FORCE_ENDED: gettext_lazy("The task force was dissolved."),
    Refusal.MEMBER_THERE: gettext_lazy("They belong to the task force in this role already."),
    Refusal.MEMBER_GONE: gettext_lazy("They left the task force already."),
    Refusal.LEADER_STAYS: gettext_lazy("A task force is never without a leader: name another one first."),
    Refusal.NOT_ACTIVE: gettext_lazy("The project is put aside or lost: take it up again first."),
}


def refusal_words(refusals: Iterable[Refusal], about: str = "") -> list[str]:
    """Why something about meetings and task forces is refused, in words; of whom or what, where that is known."""
    return [f"{about}: {WORDS[one]}" if about else str(WORDS[one]) for one in refusals]


@dataclass(frozen=True, slots=True)
class Force:
    """A task force with those who are in it, the leader first, and those who left."""

    force: TaskForce
    standing: tuple[ForceMember, ...]
    gone: tuple[ForceMember, ...]

    @property
    def leader(self) -> ForceMember | None:
        """Who leads it."""
        return next((one for one in self.standing if one.role == ForceRole.LEADER), None)


ORDER = [ForceRole.LEADER, ForceRole.DEPUTY, ForceRole.MEMBER]


def shown(found: Any) -> tuple[Force, ...]:
    """Task forces of a query with their members: two questions, however many."""
    rows = found.select_related("project__unit", "project__owner").prefetch_related("members__unit", "members__person")
    return tuple(map(_force, rows))


def _force(force: TaskForce) -> Force:
    there = sorted(force.members.all(), key=lambda one: (ORDER.index(ForceRole(one.role)), one.pk))
    is_over = force.until_on is not None
    return Force(
        force, tuple(one for one in there if is_over or one.until_on is None),
        tuple(one for one in there if not is_over and one.until_on is not None),
    )  # fmt: skip


def of_project(user: Any, project: Project) -> tuple[Force, ...]:
    """The task force of a project and those before it, the last first."""
    return shown(TaskForce.objects.visible_to(user).filter(project=project).order_by("-since_on", "-pk"))


def of_person(user: Any) -> tuple[Force, ...]:
    """The task forces that stand and of which a person is one."""
    his = ForceMember.objects.standing().filter(person=user.pk).values("force")
    return shown(TaskForce.objects.visible_to(user).filter(pk__in=his).order_by("-since_on", "-pk"))


def may_direct(user: Any, project: Project) -> bool:
    """Whether somebody forms and changes the task force of a project: who directs it, or decides over its host, and knows of it."""
    if not Project.objects.visible_to(user).filter(pk=project.pk).exists():
        return False
    directs = user.permits(lambda grants: stages.may_direct(grants, project.facts(), person_id=user.pk))
    return bool(directs or user.may(Permission.PROJECTS_DECIDE, project.target()))


def may_belong(person: User, project: Project) -> bool:
    """Whether somebody may belong to a task force: who may see projects at all; of a confidential one who knows of it."""
    if not person.may(Permission.PROJECTS_VIEW):
        return False
    return not project.is_confidential or Project.objects.visible_to(person).filter(pk=project.pk).exists()


def to_belong() -> Any:
    """Who may be named for a task force."""
    return User.objects.get_queryset().filter(is_active=True, postings__isnull=False).distinct().order_by("unit__path", "display_name")


def from_yuan(on: dt.date) -> Decimal:
    """From which investment on a project needs a task force. Units: yuan."""
    return rules.force_from_yuan(rulebook.in_force(), on)


def lacking(user: Any, *, on: dt.date) -> Any:
    """The major projects worked on that a person may see and that have no task force, the largest first."""
    standing = TaskForce.objects.standing().filter(project=OuterRef("pk"))
    found = Project.objects.visible_to(user).filter(~Q(Exists(standing)), status=Status.ACTIVE, total_yuan__gte=from_yuan(on))
    return found.select_related("unit", "owner").order_by("-total_yuan", "pk")


def matching(found: Any, user: Any, *, which: str = "", text: str = "", unit: Any = None) -> Any:
    """Task forces by words of the project's name and host unit; those that stand, unless all are asked for, or those of a person."""
    if which != "all":
        found = found.filter(until_on=None)
    if which == "mine":
        found = found.filter(pk__in=ForceMember.objects.standing().filter(person=user.pk).values("force"))
    if text:
        is_open = Q(project__is_confidential=False, project__name_zh__icontains=text)
        found = found.filter(is_open | Q(project__is_confidential=True, project__code_name__icontains=text))
    return found.filter(project__unit__path__startswith=unit.path) if unit else found


def is_wanted(project: Project, on: dt.date) -> bool:
    """Whether a project is so large that it needs a task force."""
    return rules.needs_force(project.total_yuan, from_yuan=from_yuan(on))
