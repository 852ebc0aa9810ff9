"""Task forces: of a project, formed, joined, left, dissolved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, htmx
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import forces as actions
from wutong.web.projects.forms import dispatch as forms
from wutong.web.projects.models import ForceMember, Project, TaskForce
from wutong.web.projects.queries import forces
from wutong.web.projects.views.answers import answered, get_or_post, project_of
from wutong.web.projects.views.dispatch import Verb, attempt, draw

FORM = Verb(
    gettext_lazy("Form a task force"), pgettext_lazy("task force", "Form"),
    hint=gettext_lazy("Its leader is a person; deputies, units and members join on its panel. They see the project from then on."),
)  # fmt: skip
JOIN = Verb(
    gettext_lazy("Somebody joins the task force"), pgettext_lazy("task force", "Join"),
    hint=gettext_lazy("A new leader takes the place of the old one, who stays on record."),
)  # fmt: skip
LEAVE = Verb(gettext_lazy("Somebody leaves the task force"), pgettext_lazy("task force", "Leave"))
DISSOLVE = Verb(
    gettext_lazy("Dissolve the task force"), pgettext_lazy("task force", "Dissolve"),
    warning=gettext_lazy("It stays on record with all who were in it. Who saw the project by it alone sees it no longer."),
)  # fmt: skip


def _directed(request: HttpRequest, project: Project) -> None:
    if not forces.may_direct(request.user, project):
        raise PermissionDenied


def _back(project: Project) -> str:
    return redirect("projects:project", project.public_id).url


def _done(request: HttpRequest, project: Project) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(_back(project))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def forces_of(request: HttpRequest, pk: object) -> HttpResponse:
    """The task force of a project and those before it; a panel of its page and a page of its own."""
    project = project_of(request, pk)
    on = access.today()
    found = forces.of_project(request.user, project)
    context = {
        "project": project, "found": found, "may_direct": forces.may_direct(request.user, project),
        "has_force": any(one.force.until_on is None for one in found), "is_wanted": forces.is_wanted(project, on),
        "from_yuan": forces.from_yuan(on),
    }  # fmt: skip
    return htmx.render(request, "projects/forces_of.html", "projects/_forces_of.html", context)


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def form_force(request: HttpRequest, pk: object) -> HttpResponse:
    """Form the task force of a project."""
    project = project_of(request, pk)
    _directed(request, project)
    form = forms.FormForceForm(request.POST if request.method == "POST" else None, on=access.today())
    if request.method == "POST" and form.is_valid() and attempt(request, form, actions.form, project=project, **form.values()) is not None:
        return _done(request, project)
    return draw(request, form, FORM, _back(project), about=project.outside_name)


def _force_of(request: HttpRequest, pk: object) -> tuple[Project, TaskForce]:
    found = get_object_or_404(TaskForce.objects.visible_to(request.user).select_related("project"), public_id=pk)
    project = project_of(request, found.project.public_id)
    _directed(request, project)
    return project, found


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def join(request: HttpRequest, pk: object) -> HttpResponse:
    """Let a unit or a person join."""
    project, force = _force_of(request, pk)
    form = forms.JoinForm(request.POST if request.method == "POST" else None, on=access.today())
    if request.method == "POST" and form.is_valid() and attempt(request, form, actions.join, force=force, **form.values()) is not None:
        return _done(request, project)
    return draw(request, form, JOIN, _back(project), about=project.outside_name)


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def dissolve(request: HttpRequest, pk: object) -> HttpResponse:
    """Dissolve a task force with its reason."""
    project, force = _force_of(request, pk)
    return _with_reason(request, project, DISSOLVE, actions.dissolve, project.outside_name, force=force)


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def leave(request: HttpRequest, pk: object) -> HttpResponse:
    """Let a member leave with a reason."""
    rows = ForceMember.objects.visible_to(request.user).select_related("force", "unit", "person")
    member = get_object_or_404(rows, public_id=pk)
    project, _force = _force_of(request, member.force.public_id)
    return _with_reason(request, project, LEAVE, actions.leave, str(member.person or member.unit.name), member=member)


def _with_reason(request: HttpRequest, project: Project, verb: Verb, action: Any, about: str, **values: Any) -> HttpResponse:
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and attempt(request, form, action, **values, **form.values()) is not None:
        return _done(request, project)
    return draw(request, form, verb, _back(project), about=about)
