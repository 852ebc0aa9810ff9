"""One project as it stands, and projects on the pages of leads, firms and people."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads.models import Lead
from wutong.web.lib import access, hooks, htmx
from wutong.web.lib.access import require_permission
from wutong.web.projects.models import Project
from wutong.web.projects.queries import dossier, register


def project_of(request: HttpRequest, pk: object) -> Project:
    """A project that the person may see; whoever opens a confidential one is written down, once a day."""
    found: Project = get_object_or_404(dossier.whole(Project.objects.visible_to(request.user)), public_id=pk)
    if found.is_confidential:
        audit.record_look(action="projects.look", record_=found, by=request.user, at=timezone.now())
    return found


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def project(request: HttpRequest, pk: object) -> HttpResponse:
    """How a project stands: its way, what the next stage asks for and who owes it, nodes, proofs, people, history."""
    found = project_of(request, pk)
    panels = [panel for panel in hooks.collect("PANELS") if panel.on == "projects.Project" and request.user.may(panel.permission)]
    page = dossier.dossier(found, request.user, on=access.today())
    return render(request, "projects/project.html", {"project": found, "page": page, "panels": panels})


def _drawn(request: HttpRequest, found: Any, title: str, empty: str) -> HttpResponse:
    rows = register.shown(found, request.user, on=access.today())
    return htmx.render(request, "projects/of.html", "projects/_of.html", {"projects": rows, "title": title, "empty": empty})


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def of_lead(request: HttpRequest, pk: object) -> HttpResponse:
    """The project that a lead became, with its phases: a panel of the lead's page."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=pk)
    return _drawn(request, register.of_lead(request.user, lead), _("Project of this lead"), _("No project yet that you may see."))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The projects of a firm, as investor or as project company: a panel of the firm's page."""
    if "\x00" in firm_id:
        raise Http404
    found = register.of_firm(request.user, firm_id)
    return _drawn(request, found, _("Projects of this firm"), _("No project of this firm that you may see."))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def of_person(request: HttpRequest, pk: object) -> HttpResponse:
    """The projects that a person answers for, or of which he owes a sub-node."""
    person = get_object_or_404(User.objects.get_queryset().visible_to(request.user), public_id=pk)
    title = _("Projects of %(person)s") % {"person": person}
    return _drawn(request, register.of_person(request.user, person), title, _("No project that you may see."))
