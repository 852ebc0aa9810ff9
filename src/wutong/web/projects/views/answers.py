"""What the pages of projects share: refusals in words, projects that a person may see, exports that are written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wutong.web.audit import actions as audit
from wutong.web.journal.actions import duties as journal
from wutong.web.leads.actions import guarding as leads
from wutong.web.leads.queries import refusals as lead_refusals
from wutong.web.projects.actions import agreements, commitments, guarding, telling
from wutong.web.projects.models import Project
from wutong.web.projects.queries import agreements as papers
from wutong.web.projects.queries import commitments as promises
from wutong.web.projects.queries import dossier, gates, refusals

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def project_of(request: HttpRequest, pk: object) -> Project:
    """A project that the person may see; whoever opens a confidential one is written down, once a day."""
    found: Project = get_object_or_404(dossier.whole(Project.objects.visible_to(request.user)), public_id=pk)
    if found.is_confidential:
        audit.record_look(action="projects.look", record_=found, by=request.user, at=timezone.now())
    return found


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a person sees but may not do is 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (guarding.NotAllowed, leads.NotAllowed, journal.NotAllowed) as refused:
            raise PermissionDenied from refused

    return guarded


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except guarding.Refused as refused:
        said = _said(refused, values)
    except agreements.Refused as refused:
        said = tuple(papers.refusal_words(refused.refusals))
    except commitments.Refused as refused:
        said = tuple(promises.refusal_words(refused.refusals))
    except journal.Refused:
        said = (_("The file could not be kept: its kind, size or name is not allowed."),)
    except leads.Refused as refused:
        said = lead_refusals.words(refused.refusals)
    for text in said:
        form.add_error(None, text)
    return None


def _said(refused: guarding.Refused, values: Mapping[str, Any]) -> tuple[str, ...]:
    """A refusal in words; of a gate with its stage, the rule and who owes what is missing."""
    gate = values.get("gate")
    project, to = (gate.project, gate.to) if gate is not None else (values.get("project"), values.get("to"))
    return gates.words(project, to, refused.refusals) if project is not None and to else refusals.words(refused.refusals)


def noted(request: HttpRequest, what: str, response: Any) -> HttpResponse:
    """The file, and that it left the house."""
    telling.note_export(
        what=what, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count
    )  # fmt: skip
    found: HttpResponse = response
    return found
