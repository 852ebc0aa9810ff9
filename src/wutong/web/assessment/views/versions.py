"""The rule of a scheme in its editor: text and outline side by side, checked while it is written; undo, approval by a second person."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.rulebook.scoring.editing import EditError
from wutong.rulebook.texts import TextError
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import schemes as actions
from wutong.web.assessment.forms import schemes as forms
from wutong.web.assessment.models import SchemeVersion
from wutong.web.assessment.queries import outlines, refusals, rule_adders, rule_forms, trials, versions
from wutong.web.assessment.views.answering import reason_of, scheme_of
from wutong.web.lib import htmx
from wutong.web.lib.access import require_permission
from wutong.web.rulebooks.rules import Step


def version_of(request: HttpRequest, pk: UUID) -> SchemeVersion:
    """The version of an address, if the person may see it."""
    found = SchemeVersion.objects.visible_to(request.user).select_related(
        "scheme__unit", "unit", "created_by", "submitted_by", "decided_by"
    )
    return get_object_or_404(found, public_id=pk)


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the rules refuse becomes words on the page of the version; what a person may not do is 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except actions.NotAllowed as error:
            raise PermissionDenied from error
        except actions.VersionRefused as refused:
            fault = " ".join(refusals.in_words(refused.refusals))
        except (EditError, TextError) as error:
            fault = rule_forms.edit_words(error)
        found = version_of(request, kwargs["pk"])
        return board(request, found, fault=fault, status=409, text=_text_of(request, found))

    return guarded


def board(
    request: HttpRequest, found: SchemeVersion, *, fault: str = "", status: int = 200, text: str | None = None, **more: Any
) -> HttpResponse:
    """The editor, or for htmx its board. `text`: one that somebody is writing, where it is not the one that is kept."""
    text = found.text if text is None else text
    context = {
        "version": found, "scheme": found.scheme, "fault": fault, "steps": tuple(found.steps.select_related("by")),
        "reason": forms.ReasonForm(), "text": text, "opened": request.GET.get("open", ""), **versions.may(request.user, found),
    }  # fmt: skip
    form = rule_forms.of_text(found, text) if context["may_edit"] else None
    context["adder"] = rule_adders.adder(text, rule_adders.given_of(request.POST)) if form else None
    may_try = trials.may_try(request.user, found)
    context |= {
        "form": form, "outline": form.outline if form else outlines.outline(found.scheme, text),
        "may_try": may_try, "runs": trials.runs_to_try(request.user, found.scheme) if may_try else (), **more,
    }  # fmt: skip
    return htmx.render(request, "assessment/version.html", "assessment/_version.html", context, status=status)


def _after(request: HttpRequest, found: SchemeVersion, opened: str = "") -> HttpResponse:
    if htmx.wants_part(request):
        return board(request, version_of(request, found.public_id))
    opened = opened or next((request.POST[name] for name in ("card", "add", "drop") if request.POST.get(name)), "")
    query = f"?{urlencode({'open': opened})}#card-{opened}" if opened else ""
    return redirect(versions.address_of(found) + query)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version: to be written while it is a draft, to be read and decided on afterwards."""
    return board(request, version_of(request, pk))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new draft of the rule."""
    found = scheme_of(request, pk)
    try:
        made = actions.begin(scheme=found, by=request.user, at=timezone.now())
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    except actions.VersionRefused as refused:
        messages.error(request, " ".join(refusals.in_words(refused.refusals)))
        return redirect("assessment:scheme", pk)
    return redirect("assessment:version", made.public_id)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def rewrite(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The whole text, as somebody wrote it."""
    found, form = version_of(request, pk), forms.TextForm(request.POST)
    if not form.is_valid():
        return board(request, found, fault=_("The text is too long."), status=400)
    return _after(request, actions.rewrite(version=found, text=form.cleaned_data["text"], by=request.user, at=timezone.now()))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def check(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Faults and outline of a text that somebody is writing; nothing is kept."""
    found = version_of(request, pk)
    form = forms.TextForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return beside(request, found, text.replace("\r\n", "\n"))


def beside(request: HttpRequest, found: SchemeVersion, text: str, **more: Any) -> HttpResponse:
    """What stands beside a text: its form, or its outline where it has none."""
    form = rule_forms.of_text(found, text)
    if form is None:
        return render(request, "assessment/_outline.html", {"outline": outlines.outline(found.scheme, text)})
    return render(request, "assessment/_rule_form.html", {"version": found, "form": form, "outline": form.outline, "text": text, **more})


def _text_of(request: HttpRequest, found: SchemeVersion) -> str:
    """The text that somebody is writing, where the page sent it; else the one that is kept."""
    form = forms.TextForm(request.POST)
    return form.cleaned_data["text"].replace("\r\n", "\n") if "text" in request.POST and form.is_valid() else found.text


def _filled(request: HttpRequest, found: SchemeVersion) -> str:
    """The text as it stands, with what the fields beside it say. Raises: NotAllowed, EditError, TextError."""
    if not request.user.may(Permission.ASSESSMENT_EDIT, found.unit.target()):  # asked before the work, which is not little
        raise actions.NotAllowed(str(found.pk))
    if not found.is_draft:
        return str(found.text)  # what writes it refuses it
    return rule_forms.rewritten(_text_of(request, found), request.POST.dict(), request.POST.getlist("shown"))


def _kept(request: HttpRequest, found: SchemeVersion) -> SchemeVersion:
    """The draft once it holds what somebody wrote: whatever button is pressed, nothing typed is lost. Raises: EditError, TextError."""
    return actions.rewrite(version=found, text=_filled(request, found), by=request.user, at=timezone.now())


def _adding(request: HttpRequest, found: SchemeVersion) -> HttpResponse:
    """The form of a new part; the part itself, kept in the text, once nothing is wrong with it. Raises: EditError, TextError."""
    given, text = rule_adders.given_of(request.POST), _filled(request, found)
    if htmx.wants_part(request):
        return render(request, "assessment/_rule_adder.html", {"version": found, "adder": rule_adders.adder(text, given)})
    if request.POST["op"] != "new":
        return board(request, found, text=text)
    made, key, faults = rule_adders.added(found, text, given)
    if faults:
        return board(request, found, text=text, status=400, adder=rule_adders.adder(text, given, faults))
    kept = actions.rewrite(version=found, text=text, by=request.user, at=timezone.now())
    return _after(request, actions.rewrite(version=kept, text=made, by=request.user, at=timezone.now()), key)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def fill(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Fields of the form written into the text: beside it as somebody writes; without script, or at a button, into the draft."""
    found = version_of(request, pk)
    text = _text_of(request, found)
    if request.POST.get("op"):
        return _adding(request, found)
    if not htmx.wants_part(request):
        kept = _kept(request, found)
        made = rule_forms.arranged(kept.text, request.POST.dict())
        return _after(request, actions.rewrite(version=kept, text=made, by=request.user, at=timezone.now()))
    try:
        made = _filled(request, found)
    except (EditError, TextError) as error:
        return beside(request, found, text, fault=rule_forms.edit_words(error))
    return beside(request, found, made, is_written=made != text)


@require_POST
@require_permission(Permission.ASSESSMENT_VIEW)
@answered
def try_out(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The text tried on the facts that runs kept: ranks and points before and after; it counts for nothing and nothing is kept."""
    found = version_of(request, pk)
    if not trials.may_try(request.user, found):
        raise PermissionDenied
    runs, text = trials.runs_to_try(request.user, found.scheme), _text_of(request, found)
    rights = versions.may(request.user, found)
    if rights["may_edit"] and not htmx.wants_part(request):
        text = _filled(request, found)
    form = forms.TrialForm(request.POST, runs=runs)
    chosen = form.cleaned_data["run"] if form.is_valid() else ()
    tried = trials.tried(found, chosen, text) if chosen else trials.Tried(fault=form.fault())
    context = {"version": found, "scheme": found.scheme, "runs": runs, "chosen": request.POST.getlist("run"), "tried": tried}
    context |= rights
    if htmx.wants_part(request):
        return render(request, "assessment/_trial.html", context)
    return board(request, found, text=text, **context)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def undo(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Take the last step back."""
    kept = _kept(request, version_of(request, pk))  # what was not kept yet is what is taken back first
    return _after(request, actions.undo(version=kept, by=request.user, at=timezone.now()))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def redo(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Do again what was taken back."""
    return _after(request, actions.redo(version=version_of(request, pk), by=request.user, at=timezone.now()))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def submit(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Hand it to a second person."""
    kept = _kept(request, version_of(request, pk))
    actions.submit(version=kept, note=reason_of(request), by=request.user, at=timezone.now())
    messages.success(request, _("Submitted. Somebody else who may approve now reads it."))
    return redirect("assessment:version", pk=pk)


def _decided(request: HttpRequest, pk: UUID, step: Step, said: str) -> HttpResponse:
    actions.decide(version=version_of(request, pk), step=step, reason=reason_of(request), by=request.user, at=timezone.now())
    messages.success(request, said)
    return redirect("assessment:version", pk=pk)


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
@answered
def approve(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Approve; runs of days for which it is valid go by it."""
    return _decided(request, pk, Step.APPROVE, _("Approved. Runs of the days for which the rule is valid go by it."))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
@answered
def send_back(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Refuse, with a reason."""
    return _decided(request, pk, Step.SEND_BACK, _("Sent back. A new draft may be begun."))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def withdraw(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Give it up."""
    return _decided(request, pk, Step.WITHDRAW, _("Withdrawn. A new draft may be begun."))


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The text of a version that stands on its page too, for `wutong score`: no record of anybody."""
    found = version_of(request, pk)
    response = HttpResponse(found.text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.scheme.code}-v{found.number}.yaml"'
    return response
