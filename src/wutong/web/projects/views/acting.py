"""Forms of the verbs on a project, its sub-nodes and its evidence; each a page of its own, made for a phone too."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead
from wutong.web.lib import access
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import evidence, evidence_attached, opening
from wutong.web.projects.forms import verbs as forms
from wutong.web.projects.models import Evidence, Node, Project
from wutong.web.projects.queries import lifecycles, may
from wutong.web.projects.views.answers import answered, attempt, get_or_post, project_of
from wutong.web.projects.views.verbs import NODE_VERBS, VERBS


def _bound(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _to_project(request: HttpRequest, project: Project, form: Any = None, *, is_new: bool = True) -> HttpResponse:
    """Back to the project; the draft that the browser kept is over. Sent twice, it was done once."""
    key = form.cleaned_data.get("key") if form is not None else request.POST.get("key", "")[:36]
    said = _("Saved.") if is_new else _("This was done already.")
    messages.success(request, said, extra_tags=f"draft-{key}" if key else "")
    return redirect("projects:project", project.public_id)


def _draw(request: HttpRequest, project: Project, form: Any, one: Any, code: str, **more: Any) -> HttpResponse:
    context = {"project": project, "form": form, "verb": one, "code": code, "user_key": request.user.public_id, **more}  # type: ignore[union-attr]
    return render(request, one.template, context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def verb(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on a project: its form, and what it does; a gate that refuses says what is missing and who owes it."""
    found, one, on = project_of(request, pk), VERBS[code], access.today()
    is_sent = request.method == "POST"
    if is_sent and request.user.may(Permission.PROJECTS_EDIT) and one.is_done(found, request.POST, request.user):
        return _to_project(request, found, is_new=False)
    offered = may.verbs(found, request.user, on=on).get(code)
    if offered is None:
        raise PermissionDenied
    form = one.form(*_bound(request), project=found, user=request.user, on=on)
    if is_sent and form.is_valid():
        made = attempt(request, form, one.action, **one.of(found), **form.values())
        if made is not None:
            return _to_project(request, made if code == "add-phase" else found, form)
    return _draw(request, found, form, one, code, why_not=() if is_sent else offered.why_not)


# --- sub-nodes --------------------------------------------------------------------------------------------------------------------------
def _node_of(request: HttpRequest, pk: object) -> tuple[Project, Node]:
    found = Node.objects.visible_to(request.user).select_related("unit", "owner", "project")
    node = get_object_or_404(found, public_id=pk)
    return project_of(request, node.project.public_id), node


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def node_verb(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on a sub-node."""
    (project, node), one, on = _node_of(request, pk), NODE_VERBS[code], access.today()
    offered = may.node_verbs(node, project.facts(), request.user)
    is_sent = request.method == "POST"
    if is_sent and offered and one.is_done(node):
        return _to_project(request, project, is_new=False)
    if code not in offered:
        raise PermissionDenied
    form = one.form(*_bound(request), project=project, user=request.user, on=on, node=node)
    if is_sent and form.is_valid() and attempt(request, form, one.action, node=node, **form.values()) is not None:
        return _to_project(request, project, form)
    name, wants = lifecycles.node_name(node.key), may.lacking(project, node) if code == "finish" else ()
    return _draw(request, project, form, one, f"node-{code}-{node.key}", node=node, node_name=name, wants=wants)


# --- evidence ---------------------------------------------------------------------------------------------------------------------------
class HandIn:
    """What the page says of handing evidence in."""

    title = forms.HAND_IN
    button = forms.HAND_IN
    template = "projects/verb.html"
    hint = forms.NO_SECRETS
    has_file = True


class TakeBack:
    """What the page says of withdrawing evidence."""

    title = forms.WITHDRAW_EVIDENCE
    button = forms.WITHDRAW_EVIDENCE
    template = "projects/verb.html"
    warning = forms.EVIDENCE_STAYS


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def hand_in(request: HttpRequest, pk: object) -> HttpResponse:
    """Evidence for the project, or for one of its sub-nodes."""
    project, on = project_of(request, pk), access.today()
    node = Node.objects.filter(project=project, key=request.GET.get("node", "")[:40]).select_related("unit", "owner").first()
    if not (may.node_verbs(node, project.facts(), request.user) if node else may.may_work(project, request.user)):
        raise PermissionDenied
    begun = {"kind": request.GET.get("kind", "")}
    form = forms.HandInForm(
        *_bound(request), project=project, user=request.user, on=on, wanted=may.wanted(project, node), initial=begun
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, evidence_attached.hand_in, project=project, node=node, **form.values())
        if made is not None:
            return _to_project(request, project, form)
    name = lifecycles.node_name(node.key) if node else ""
    return _draw(request, project, form, HandIn, f"hand-in-{node.key if node else ''}", node=node, node_name=name)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def withdraw_evidence(request: HttpRequest, pk: object) -> HttpResponse:
    """Withdraw a proof with its reason."""
    found = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("project__unit"), public_id=pk)
    project = project_of(request, found.project.public_id)
    if not may.may_withdraw(project, found, request.user):
        raise PermissionDenied
    if request.method == "POST" and found.withdrawn_at is not None:
        return _to_project(request, project, is_new=False)
    form = forms.ReasonForm(*_bound(request), project=project, user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, evidence.withdraw, evidence=found, reason=form.cleaned_data["reason"])
        if made is not None:
            return _to_project(request, project, form)
    return _draw(request, project, form, TakeBack, f"withdraw-{found.public_id}", node_name=lifecycles.evidence_name(found.kind))


# --- beginning --------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def open_project(request: HttpRequest, pk: object) -> HttpResponse:
    """A lead at formal talks becomes a project."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related("unit", "owner", "firm"), public_id=pk)
    why_not = may.why_not_begin(lead, request.user)
    if why_not is None:
        raise PermissionDenied
    there = Project.objects.visible_to(request.user).filter(lead=lead).first()
    if there is not None:
        return _to_project(request, there, is_new=False)
    form = forms.OpenForm(_bound(request)[0], lead=lead, user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, opening.open_from, lead=lead, **form.values())
        if made is not None:
            return _to_project(request, made, form)
    context = {"lead": lead, "form": form, "why_not": () if form.is_bound else why_not, "user_key": request.user.public_id}  # type: ignore[union-attr]
    return render(request, "projects/open.html", context, status=422 if form.is_bound else 200)
