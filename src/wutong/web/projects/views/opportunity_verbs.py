"""The verbs on a packaged project, each a form of its own made for a phone too; a new one; a gap that becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import adoption
from wutong.web.leads.actions import guarding as leads
from wutong.web.leads.queries import refusals as lead_refusals
from wutong.web.lib import access
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import opportunities as actions
from wutong.web.projects.actions import showing
from wutong.web.projects.forms import opportunities as forms
from wutong.web.projects.models import Opportunity, OpportunityPromotion
from wutong.web.projects.queries import opportunities, opportunity_gaps
from wutong.web.projects.rules.opportunities import Origin
from wutong.web.projects.views.answers import get_or_post


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what the page says, its form, its action."""

    title: Any
    button: Any
    form: Callable[..., Any]
    action: Callable[..., Any]
    hint: Any = ""
    permission: Permission = Permission.PROJECTS_EDIT


def _change(**values: Any) -> Any:  # pragma: no cover - has a page of its own
    raise Http404


def _show(*, firm_id: str, by: Any, at: Any, **values: Any) -> Any:
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at) if firm_id else None
    return showing.show(firm=firm, by=by, at=at, **values)


VERBS = {
    "review": Verb(
        pgettext_lazy("opportunity", "Review it"), pgettext_lazy("opportunity", "Answer the review"), forms.ReviewForm, actions.decide,
        gettext_lazy("Read the version below first. What is released is what the office offers."), Permission.PROJECTS_DECIDE,
    ),
    "submit": Verb(
        pgettext_lazy("opportunity", "Hand it to review"), pgettext_lazy("opportunity", "Hand to review"), forms.PlainForm, actions.submit,
        gettext_lazy("A second person who wrote nothing of it reads and releases it."),
    ),
    "change": Verb(pgettext_lazy("opportunity", "Write at it"), gettext_lazy("Save"), forms.PlainForm, _change),
    "lead": Verb(
        pgettext_lazy("opportunity", "Make a lead of it"), pgettext_lazy("opportunity", "Make the lead"), forms.LeadForm, showing.to_lead,
        gettext_lazy("Chain, segment and amount go along; the lead stands in the promotion record."), Permission.LEADS_EDIT,
    ),
    "show": Verb(pgettext_lazy("opportunity", "Note a showing"), gettext_lazy("Save"), forms.ShowForm, _show),
    "take-back": Verb(
        pgettext_lazy("opportunity", "Call the review off"), pgettext_lazy("opportunity", "Call off"), forms.PlainForm, actions.take_back
    ),
    "publish": Verb(
        pgettext_lazy("opportunity", "Release it to the public"), pgettext_lazy("opportunity", "Release to the public"), forms.PlainForm,
        actions.publish, gettext_lazy("Whoever visits the public pages reads it then, in Chinese and English."), Permission.PROJECTS_DECIDE,
    ),
    "unpublish": Verb(
        pgettext_lazy("opportunity", "Take it back from the public"), pgettext_lazy("opportunity", "Take back"), forms.ReasonForm,
        actions.unpublish, gettext_lazy("For the office it stays released."), Permission.PROJECTS_DECIDE,
    ),
    "assign": Verb(
        pgettext_lazy("opportunity", "Give it to another contact person"), gettext_lazy("Save"), forms.AssignForm, actions.assign
    ),
    "retire": Verb(
        pgettext_lazy("opportunity", "Retire it"), pgettext_lazy("opportunity", "Retire"), forms.RetireForm, actions.retire,
        gettext_lazy("It is offered no longer; versions and promotion record stay."),
    ),
    "revive": Verb(
        pgettext_lazy("opportunity", "Take it up again"), pgettext_lazy("opportunity", "Take up"), forms.ReasonForm, actions.revive,
        gettext_lazy("It is a draft again and is offered once it was reviewed anew."),
    ),
}  # fmt: skip


def _attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form, what the person may not do a 403."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except (actions.NotAllowed, leads.NotAllowed) as refused:
        raise PermissionDenied from refused
    except actions.Refused as refused:
        said = opportunities.refusal_words(refused.refusals, refused.figures)
    except leads.Refused as refused:
        said = list(lead_refusals.words(refused.refusals))
    for text in said:
        form.add_error(None, text)
    return None


def _one(request: HttpRequest, pk: object) -> Opportunity:
    found: Opportunity = get_object_or_404(Opportunity.objects.visible_to(request.user).select_related("unit", "owner"), public_id=pk)
    return found


def _back(request: HttpRequest, one: Opportunity, said: str, form: Any = None) -> HttpResponse:
    key = form.cleaned_data.get("key") if form is not None else None
    messages.success(request, said, extra_tags=f"draft-{key}" if key else "")
    return redirect("projects:opportunity", one.public_id)


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
def verb(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """A verb on a packaged project: its form, or what is sent."""
    one, told = _one(request, pk), VERBS[code]
    if not request.user.may(told.permission):
        raise PermissionDenied(told.permission)
    form = told.form(request.POST if request.method == "POST" else None, one=one, user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid():
        made = _attempt(request, form, told.action, opportunity=one, **form.values())
        if made is not None and code == "lead":
            messages.success(request, _("The lead is made; say which firm it is about and file it."))
            return redirect("leads:lead", made.public_id)
        if made is not None:
            return _back(request, one, _("Saved."), form)
    return _draw(request, one, told, code, form)


def _draw(request: HttpRequest, one: Opportunity, told: Verb, code: str, form: Any) -> HttpResponse:
    draft = actions.open_version(one) if code in {"review", "submit"} else None
    version = opportunities.page_of_version(draft) if draft is not None else None
    context = {"one": one, "verb": told, "code": code, "form": form, "version": version, "user_key": request.user.public_id}  # type: ignore[union-attr]
    return render(request, "projects/opportunity_verb.html", context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """A new packaged project by hand: a few words, then its page."""
    form = forms.NewForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = _attempt(request, form, actions.make, owner=request.user, **form.values())
        if made is not None:
            messages.success(request, _("The draft is made; write the rest here."))
            return redirect("projects:opportunity-change", made.public_id)
    return render(request, "projects/opportunity_new.html", {"form": form}, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
def change(request: HttpRequest, pk: object) -> HttpResponse:
    """All that it says; after a release this begins a new version."""
    one = _one(request, pk)
    if not opportunities.may_work(one, request.user):
        raise PermissionDenied
    version = actions.open_version(one) or one.versions.get(number=one.current_number)
    form = forms.ChangeForm(request.POST if request.method == "POST" else None, version=version, user=request.user)
    if request.method == "POST" and form.is_valid() and _attempt(request, form, actions.change, opportunity=one, **form.values()):
        return _back(request, one, _("Saved."), form)
    context = {"one": one, "version": version, "form": form, "user_key": request.user.public_id}  # type: ignore[union-attr]
    return render(request, "projects/opportunity_change.html", context, status=422 if form.is_bound else 200)


@require_POST
@require_permission(Permission.PROJECTS_EDIT)
@require_permission(Permission.CHAINS_VIEW)
def from_gap(request: HttpRequest, chain: str, segment: str) -> HttpResponse:
    """Package a gap of a chain in one click: the draft with what the registry says; a second click opens the first's."""
    values = _gap(request, chain, segment)
    unit = request.user.unit  # type: ignore[union-attr]
    there = opportunity_gaps.packaged(request.user, unit, values)
    if there is not None:
        messages.info(request, _("This gap is packaged already: here it is."))
        return redirect("projects:opportunity", there.public_id)
    try:
        made = actions.make(unit=unit, owner=request.user, values=values, origin=Origin.GAP, by=request.user, at=timezone.now())
    except actions.NotAllowed as refused:
        raise PermissionDenied from refused
    except actions.Refused as refused:
        messages.error(request, " ".join(opportunities.refusal_words(refused.refusals)))
        return redirect("chains:segment", chain, segment)
    messages.success(request, _("The gap is packaged as a draft; write the rest here."))
    return redirect("projects:opportunity-change", made.public_id)


def _gap(request: HttpRequest, chain: str, segment: str) -> dict[str, Any]:
    """What a packaged project of the gap says at first, seen from where the page stood."""
    radius = request.POST.get("radius", "")
    radius_km = int(radius) if radius.isascii() and radius.isdigit() and len(radius) < 5 else None
    try:
        where = opportunity_gaps.standing(request.user, region=request.POST.get("region", "")[:60], radius_km=radius_km)
        return opportunity_gaps.draft(where, chain, segment)
    except opportunity_gaps.CANNOT as unknown:
        raise Http404 from unknown


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
def answer(request: HttpRequest, pk: object) -> HttpResponse:
    """How whoever was shown it answered."""
    found = OpportunityPromotion.objects.visible_to(request.user).select_related("opportunity__unit", "opportunity__owner")
    promotion = get_object_or_404(found, public_id=pk)
    one, told = promotion.opportunity, Verb(_("Answer to a showing"), _("Save"), forms.AnswerForm, showing.answer)
    given = {"response": promotion.response, "words": promotion.words}
    form = forms.AnswerForm(
        request.POST if request.method == "POST" else None, one=one, user=request.user, on=access.today(), initial=given
    )
    if request.method == "POST" and form.is_valid():
        made = _attempt(request, form, showing.answer, promotion=promotion, **form.values())
        if made is not None:
            return _back(request, one, _("Saved."), form)
    return _draw(request, one, told, "answer", form)
