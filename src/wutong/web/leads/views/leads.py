"""One lead: logged, shown, and every verb on it; each a form with a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import NeedToKnow
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal as Unable
from wutong.web.leads.actions import filing, informing
from wutong.web.leads.forms import leads as forms
from wutong.web.leads.models import Lead, Progress
from wutong.web.leads.queries import dossier, intake
from wutong.web.leads.views.answers import answered, attempt, get_or_post, lead_of
from wutong.web.leads.views.verbs import VERBS, Verb
from wutong.web.lib import access, hooks, htmx
from wutong.web.lib.access import require_permission

DONE = gettext_lazy("Saved.")


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def lead_new(request: HttpRequest) -> HttpResponse:
    """New information, on a phone as at a desk; from the page of a firm or of a row it begins with that."""
    row = intake.row_of(request.user, request.GET.get("row", ""))
    begun = intake.begun(request.user, row, request.GET.get("firm", ""))
    form = forms.LeadForm(request.POST or None, user=request.user, row=row, initial=begun)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, filing.hand_in, is_filed="file" in request.POST, **form.values())
        if made:
            return _handed_in(request, made)
    status = 422 if form.is_bound else 200
    return render(request, "leads/lead_new.html", {"form": form, "row": row, "user_key": request.user.public_id}, status=status)


def _handed_in(request: HttpRequest, made: filing.HandedIn) -> HttpResponse:
    """To the lead, or to what its filing came to; the draft that the browser kept is over."""
    said = _("The lead is logged.") if made.is_new else _("The form had come already: here is the lead that it made.")
    messages.success(request, said, extra_tags=f"draft-{made.lead.form_key}")
    if made.filing is not None:
        return redirect("leads:filing", made.lead.public_id, made.filing.public_id)
    return redirect("leads:lead", made.lead.public_id)


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def lead(request: HttpRequest, pk: object) -> HttpResponse:
    """How a lead stands, what is due, what was done, and what may be done now."""
    found = lead_of(request, pk)
    mine = (panel for panel in hooks.collect("PANELS") if panel.on == "leads.Lead" and request.user.may(panel.permission))
    panels = sorted(mine, key=lambda panel: panel.order)
    page = dossier.dossier(found, request.user, at=timezone.now(), on=access.today())
    return render(request, "leads/lead.html", {"lead": found, "page": page, "panels": panels})


@require_GET
@require_permission(Permission.LEADS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The leads about a firm that the person may see: a panel of the firm's page."""
    if "\x00" in firm_id:
        raise Http404
    context = {"leads": dossier.of_firm(request.user, firm_id), "firm_id": firm_id, "may_edit": request.user.may(Permission.LEADS_EDIT)}
    return htmx.render(request, "leads/leads_of_firm.html", "leads/_leads_of_firm.html", context)


# --- verbs ------------------------------------------------------------------------------------------------------------------------------
def _require(request: HttpRequest, found: Lead, verb: Verb) -> None:
    if not getattr(dossier.may(request.user, found), verb.needs):
        raise PermissionDenied


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def verb(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on a lead: its form, and what it does."""
    found, one = lead_of(request, pk), VERBS[code]
    _require(request, found, one)
    is_sent = request.method == "POST"
    form = one.form(request.POST if is_sent else None, request.FILES if is_sent else None, lead=found, **one.more(found, request.user))
    if is_sent and form.is_valid():
        made = attempt(request, form, one.action, **one.of(found), **form.values())
        if made is not None:
            return one.after(request, found, made, form)
    context = {"lead": found, "verb": one, "code": code, "form": form, "user_key": request.user.public_id}
    return render(request, one.template, context, status=422 if is_sent else 200)


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def correct(request: HttpRequest, pk: object, entry: object) -> HttpResponse:
    """Correct an entry of progress by a later one."""
    found, one = lead_of(request, pk), VERBS["progress"]
    _require(request, found, one)
    old = get_object_or_404(Progress.objects.visible_to(request.user).filter(lead=found), public_id=entry)
    is_sent = request.method == "POST"
    begun = {"text": old.text, "done_on": old.done_on, "key": one.more(found, request.user)["initial"]["key"]}
    form = forms.ProgressForm(request.POST if is_sent else None, lead=found, initial=begun)
    if is_sent and form.is_valid():
        made = attempt(request, form, one.action, lead=found, corrects=old, **form.values())
        if made is not None:
            return one.after(request, found, made, form)
    context = {"lead": found, "verb": one, "code": "correct", "form": form, "corrects": old, "user_key": request.user.public_id}
    return render(request, one.template, context, status=422 if is_sent else 200)


# --- who may know -----------------------------------------------------------------------------------------------------------------------
def _own(request: HttpRequest, pk: object) -> Lead:
    found = lead_of(request, pk)
    if found.owner_id != request.user.pk:
        raise PermissionDenied
    return found


def _draw(request: HttpRequest, found: Lead, form: Any, naming: Any) -> HttpResponse:
    named = NeedToKnow.objects.of(found).select_related("user__unit", "named_by")
    context = {"lead": found, "form": form, "naming": naming, "named": named}
    return render(request, "leads/lead_confidential.html", context, status=422 if form.is_bound or naming.is_bound else 200)


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def confidential(request: HttpRequest, pk: object) -> HttpResponse:
    """The code name of a lead, and who is named."""
    found, is_sent = _own(request, pk), request.method == "POST"
    form = forms.ConfidentialForm(request.POST if is_sent else None, initial={"code_name": found.code_name})
    if is_sent and form.is_valid():
        informing.keep_lead_confidential(lead=found, by=request.user, at=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, DONE)
        return redirect("leads:lead-confidential", pk)
    return _draw(request, found, form, forms.LetKnowForm(lead=found))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def let_know(request: HttpRequest, pk: object) -> HttpResponse:
    """Name somebody who needs to know."""
    found = _own(request, pk)
    naming = forms.LetKnowForm(request.POST, lead=found)
    if naming.is_valid():
        try:
            informing.let_know_lead(lead=found, **naming.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except refusing.Refused as refused:
            knows = Unable.KNOWS_ALREADY in refused.refusals
            naming.add_error(None, _("The person may open the lead already.") if knows else _("Give the lead a code name first."))
        else:
            messages.success(request, DONE)
            return redirect("leads:lead-confidential", pk)
    return _draw(request, found, forms.ConfidentialForm(initial={"code_name": found.code_name}), naming)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def let_forget(request: HttpRequest, pk: object, named: object) -> HttpResponse:
    """Take somebody off the list of those who need to know."""
    found = _own(request, pk)
    row = get_object_or_404(NeedToKnow.objects.of(found).select_related("user"), public_id=named)
    informing.let_forget_lead(lead=found, named=row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, DONE)
    return redirect("leads:lead-confidential", pk)
