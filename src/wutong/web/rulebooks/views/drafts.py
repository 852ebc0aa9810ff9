"""The page of a version: to be changed while it is a draft, to be read, tried and decided on afterwards."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, htmx, rulebook
from wutong.web.lib.access import require_permission
from wutong.web.rulebooks import forms
from wutong.web.rulebooks.actions import documents as actions
from wutong.web.rulebooks.actions import versions as steps
from wutong.web.rulebooks.models import RuleVersion
from wutong.web.rulebooks.queries import documents, faults, leaves, trials
from wutong.web.rulebooks.rules import Refusal, Step

REFUSALS: dict[StrEnum, Any] = {
    Refusal.WRONG_STATE: gettext_lazy("This version is no longer in the state for that; load the page again."),
    Refusal.NOTHING_CHANGED: gettext_lazy("Nothing was changed yet, so there is nothing to submit."),
    Refusal.HAS_FAULTS: gettext_lazy("The text still has faults; mend those that are listed first."),
    Refusal.NO_REASON: gettext_lazy("Give a reason: whoever reads the history must understand it."),
    Refusal.OWN_VERSION: gettext_lazy("Whoever wrote or submitted a version does not approve it; a second person must."),
    Refusal.BASE_OUTDATED: gettext_lazy("Another version was approved meanwhile; withdraw this one and begin from the newest."),
    Refusal.OPEN_ALREADY: gettext_lazy("There is a draft already; go on with that one, or withdraw it first."),
    Refusal.NO_DAY: gettext_lazy("Give the day from which the version is to be in force."),
    Refusal.DAY_PASSED: gettext_lazy("The day from which it is to be in force is past; give today or a later day."),
    Refusal.IN_FORCE_ALREADY: gettext_lazy("It is in force already and stays on record; change the rules by a new version."),
    Refusal.BUILT_ON_ALREADY: gettext_lazy("A later version was approved that was made from it; take that one back first."),
}


def version_of(request: HttpRequest, pk: UUID) -> RuleVersion:
    """The version of an address, if the person may see it."""
    found = RuleVersion.objects.visible_to(request.user).select_related("unit", "created_by", "submitted_by", "decided_by", "revoked_by")
    return get_object_or_404(found, public_id=pk)


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the rules refuse becomes words on the page of the version; what nobody knows 404, what one may not do 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except steps.Refused as refused:
            fault = " ".join(str(REFUSALS[refusal]) for refusal in refused.refusals)
        except actions.Faulty as faulty:
            fault = " ".join(faults.told(one) for one in faulty.faults[:5])
        except steps.NotAllowed as error:
            raise PermissionDenied from error
        except documents.NotThere as unknown:
            raise Http404 from unknown
        if "pk" in kwargs:
            return page(request, version_of(request, kwargs["pk"]), fault=fault, status=409)
        messages.error(request, fault)
        return redirect("rulebooks:versions", kind=kwargs["kind"])

    return guarded


def page(request: HttpRequest, version: RuleVersion, *, fault: str = "", status: int = 200, typed: Any = None) -> HttpResponse:
    """The page of a version, or for htmx its board."""
    on, text, group = access.today(), (typed or {}).get("leaf", request.GET.get("q", ""))[:60], request.GET.get("group", "")[:40]
    found, may = documents.editor(version, on), documents.may(request.user, version)
    can_add = may["may_edit"] and found.is_readable
    context = {
        "version": version, "editor": found, "fault": fault, "typed": typed, "today": on, "q": text, "group": group, **may,
        "offered": documents.offered(version, on, text=text, group=group) if can_add and (text or group) else (),
        "groups": leaves.groups(row.name for row in leaves.rows(on, which="open")) if can_add else (),
        "trials": trials.of_version(version), "offers": trials.offers(version, request.user),
        "day_form": forms.DayForm(initial={"begins_on": version.begins_on or on}),
    }  # fmt: skip
    return htmx.render(request, "rulebooks/edit.html", "rulebooks/_board.html", context, status=status)


def _after(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """The board as it is now for htmx, else back to the page."""
    return (
        page(request, version_of(request, version.public_id))
        if htmx.wants_part(request)
        else redirect("rulebooks:draft", version.public_id)
    )


@require_GET
@require_permission(Permission.RULES_VIEW)
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version: its changes in words, the form, the text, trials, and the decision."""
    return page(request, version_of(request, pk))


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def begin(request: HttpRequest, *, kind: str) -> HttpResponse:
    """A new draft, from the newest version or the one named."""
    number = request.POST.get("from", "")
    start = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None
    if start and not RuleVersion.objects.visible_to(request.user).filter(kind=kind, number=start).exists():
        raise Http404(kind)
    note = _("Restores version %(number)s") % {"number": start} if start else ""
    version = actions.begin(
        kind=kind,
        from_number=start,
        note=note,
        begins_on=access.today(),
        by=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
    )
    leaf = request.POST.get("leaf", "")[:80]
    address = reverse("rulebooks:draft", args=[version.public_id])
    return redirect(f"{address}?{urlencode({'q': leaf})}#leaf-{leaf}" if leaf in rulebook.in_force().leaves else address)


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def set_value(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """A value of a rule, from a day on, by a document."""
    version, form = version_of(request, pk), forms.ValueForm(request.POST)
    if not form.is_valid():
        return page(request, version, fault=forms.words_of(form), status=400, typed=request.POST)
    return _after(request, actions.set_value(version=version, by=request.user, at=timezone.now(), **form.values))  # type: ignore[arg-type]


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def drop_leaf(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Take a rule back to what it was before, or out of the document."""
    name = request.POST.get("leaf", "")[:80]
    return _after(request, actions.drop_leaf(version=version_of(request, pk), leaf=name, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def set_day(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The day from which the version is to be in force."""
    version, form = version_of(request, pk), forms.DayForm(request.POST)
    if not form.is_valid():
        return page(request, version, fault=forms.words_of(form), status=400)
    day = form.cleaned_data["begins_on"]
    return _after(request, actions.set_day(version=version, begins_on=day, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def rewrite(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The whole text, as somebody wrote it."""
    version, form = version_of(request, pk), forms.TextForm(request.POST)
    if not form.is_valid():
        return page(request, version, fault=_("The text is too long."), status=400)
    text = form.cleaned_data["text"]
    return _after(request, actions.rewrite(version=version, text=text, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@require_POST
@require_permission(Permission.RULES_EDIT)
def check(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The faults of a text that somebody is writing; nothing is kept."""
    version, form = version_of(request, pk), forms.TextForm(request.POST)
    kind, text = documents.kind_of(version.kind), form.cleaned_data["text"] if form.is_valid() else ""
    read = documents.checked(kind, text, base_number=version.base_number, begins_on=version.begins_on)
    return render(request, "rulebooks/_faults.html", {"faults": read.faults, "is_checked": form.is_valid()})


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def undo(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Take the last step back."""
    version = version_of(request, pk)
    steps.undo(procedure=actions.procedure(version), version=version, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return _after(request, version)


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def redo(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Do again what was taken back."""
    version = version_of(request, pk)
    steps.redo(procedure=actions.procedure(version), version=version, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return _after(request, version)


def _reason(request: HttpRequest) -> str:
    form = forms.ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def submit(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Hand it to a second person."""
    actions.submit(version=version_of(request, pk), note=_reason(request), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Submitted. Somebody else who may approve now reads it."))
    return redirect("rulebooks:draft", pk=pk)


@require_POST
@require_permission(Permission.RULES_APPROVE)
@answered
def approve(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Approve; it is in force from its day on."""
    version = version_of(request, pk)
    version = actions.decide(version=version, step=Step.APPROVE, reason=_reason(request), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Approved. It is in force from %(day)s.") % {"day": f"{version.begins_on:%Y-%m-%d}"})
    return redirect("rulebooks:draft", pk=pk)


@require_POST
@require_permission(Permission.RULES_APPROVE)
@answered
def send_back(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Refuse, with a reason."""
    version = version_of(request, pk)
    actions.decide(version=version, step=Step.SEND_BACK, reason=_reason(request), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Sent back. A new draft may begin from it."))
    return redirect("rulebooks:draft", pk=pk)


@require_POST
@require_permission(Permission.RULES_EDIT)
@answered
def withdraw(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Give it up."""
    version = version_of(request, pk)
    actions.decide(version=version, step=Step.WITHDRAW, reason=_reason(request), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Withdrawn. A new draft may begin from it."))
    return redirect("rulebooks:versions", kind=version.kind)


@require_POST
@require_permission(Permission.RULES_APPROVE)
@answered
def revoke(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Take an approved version back before its day comes."""
    actions.revoke(version=version_of(request, pk), reason=_reason(request), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Taken back. It does not come into force."))
    return redirect("rulebooks:draft", pk=pk)
