"""Introductions: all of them, one with its steps, asked for by hand or from a path, answered, corrected, credited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import introducing, telling
from wutong.web.leads.actions.introducing import Introducer, NotIntroduced
from wutong.web.leads.forms import introductions as forms
from wutong.web.leads.models import Introduction
from wutong.web.leads.queries import introductions
from wutong.web.leads.rules.introductions import FOLLOWS, PartyKind, Refusal, State
from wutong.web.leads.views import paths
from wutong.web.leads.views.answers import answered, draw_form, get_or_post
from wutong.web.lib import exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

COLUMNS = (
    listings.Column("target", pgettext_lazy("introduction", "To be met"), ("firm__name",)),
    listings.Column("state", gettext_lazy("State"), ("state",)),
    listings.Column("introducer", gettext_lazy("Introducer"), ("party_kind", "party_firm__name", "party_name")),
    listings.Column("due", gettext_lazy("Next step due on"), ("due_on",), "date"),
    listings.Column("asked", gettext_lazy("Asked on"), ("asked_on",), "date"),
    listings.Column("owner", pgettext_lazy("introduction", "In charge"), ("owner__display_name",)),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
)
FIGURES = (
    listings.Column("name", gettext_lazy("Introducer"), ("party.name",)),
    listings.Column("asked", gettext_lazy("Asked (times)"), ("asked",), "number"),
    listings.Column("open", gettext_lazy("Open (times)"), ("open_asks",), "number"),
    listings.Column("agreed", gettext_lazy("Agreed or met (times)"), ("agreed",), "number"),
    listings.Column("met", gettext_lazy("Met (times)"), ("met",), "number"),
    listings.Column("leads", gettext_lazy("Leads"), ("leads",), "number"),
    listings.Column("projects", gettext_lazy("Projects"), ("projects",), "number"),
    listings.Column("refused", gettext_lazy("Refused or failed (times)"), ("refused",), "number"),
    listings.Column("merit", gettext_lazy("Merit (results)"), ("merit_points",), "number"),
)
REFUSALS = {
    Refusal.TARGET_MISSING: gettext_lazy("Say which firm is to be met."),
    Refusal.PARTY_MISSING: gettext_lazy("Say who is asked: a firm, a contact, a colleague, a unit, or somebody outside by function."),
    Refusal.PARTY_IS_TARGET: gettext_lazy("The firm that is to be met cannot introduce itself."),
    Refusal.CONTACT_IN_NAME: gettext_lazy("Only a function or organisation goes here: take the number or address out."),
    Refusal.TEXT_MISSING: gettext_lazy("Write what is asked for."),
    Refusal.ASKED_LATER_THAN_NOW: gettext_lazy("The day of the ask cannot be later than today."),
    Refusal.DUE_PAST: gettext_lazy("The day by which it is due lies before what it follows."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account of the person is closed."),
    Refusal.PERSON_NOT_OF_UNIT: gettext_lazy("The person may not work for this unit, or may not see what the introduction is for."),
    Refusal.ASKED_ALREADY: gettext_lazy("He is asked for just this already, and the answer is open."),
    Refusal.DOES_NOT_FOLLOW: gettext_lazy("This step does not follow from where the introduction stands."),
    Refusal.BEFORE_LAST_STEP: gettext_lazy("The day lies before the last step."),
    Refusal.LATER_THAN_NOW: gettext_lazy("The day cannot be later than today."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.LEAD_MISSING: gettext_lazy("Choose the lead that came of it; log it first where there is none."),
    Refusal.NOT_THE_LAST_STEP: gettext_lazy("Only the last step can be corrected: correct the later one first."),
    Refusal.FIRST_STEP_STANDS: gettext_lazy("The ask itself is withdrawn, not taken back."),
    Refusal.NO_CONSENT: gettext_lazy("The contact has not agreed to be asked for introductions, or the consent is over. Ask for it first."),
    Refusal.NOTHING_TO_CREDIT: gettext_lazy("There is no merit before a meeting."),
    Refusal.SHARES_NOT_ONE: gettext_lazy("The shares sum to 100 %."),
    Refusal.SHARE_NOT_POSITIVE: gettext_lazy("A share is more than nothing."),
    Refusal.PARTY_TWICE: gettext_lazy("Somebody stands there twice."),
    Refusal.NOT_OPEN: gettext_lazy("It is settled already: nothing is due."),
}


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form, or of the next page where there is no form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except NotIntroduced as refused:
        for refusal in refused.refusals:
            text = str(REFUSALS[refusal])
            form.add_error(None, text) if form is not None else messages.error(request, text)
        return None


def introduction_of(request: HttpRequest, pk: object) -> Introduction:
    """The introduction of a key, as the person may see it."""
    found = Introduction.objects.visible_to(request.user).select_related(*introductions.WHOLE_ROWS)
    return get_object_or_404(found, public_id=pk)


# --- lists ------------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_VIEW)
def introduction_list(request: HttpRequest) -> HttpResponse:
    """The introductions that a person may see; what is due first."""
    form = forms.IntroductionFilter(request.GET, user=request.user)
    found = form.filtered(introductions.introductions(request.user))
    listing = listings.of_queryset(
        request.GET, found, columns=COLUMNS, default="-asked", form=form, read=lambda pks: introductions.shown(request.user, pks)
    )
    context = {"form": form, "list": listing, "may_export": request.user.may(Permission.LEADS_EXPORT), "may_edit": _may_edit(request)}
    return htmx.render(request, "leads/introductions.html", "leads/_introductions.html", context)


def _may_edit(request: HttpRequest) -> bool:
    return bool(request.user.may(Permission.LEADS_EDIT))


def all_found(user: Any, query: Any) -> Any:
    """The introductions that a query string asks for, as a person may see them."""
    return forms.IntroductionFilter(query, user=user).filtered(introductions.introductions(user)).order_by("-asked_on", "-pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def introduction_export(request: HttpRequest) -> HttpResponse:
    """The filtered introductions as a spreadsheet."""
    later = spreadsheets.later(request, "leads.introductions", all_found(request.user, request.GET).count())
    return later or _downloaded(request, "introductions")


def _downloaded(request: HttpRequest, what: str) -> HttpResponse:
    response = exchange.at_once(request, f"leads.{what}")
    telling.note_export(what=what, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)
    return response  # type: ignore[no-any-return]


@require_GET
@require_permission(Permission.LEADS_VIEW)
def introducer_list(request: HttpRequest) -> HttpResponse:
    """What came of whom: figures by introducer, each open to its introductions."""
    form = forms.IntroductionFilter(request.GET, user=request.user)
    found = introductions.by_introducer(request.user, form.filtered(introductions.introductions(request.user)))
    listing = listings.of_sequence(request.GET, found, columns=FIGURES, default="-merit", form=form)
    context = {"form": form, "list": listing, "may_export": request.user.may(Permission.LEADS_EXPORT)}
    return htmx.render(request, "leads/introducers.html", "leads/_introducers.html", context)


def figures_found(user: Any, query: Any) -> Any:
    """The figures by introducer that a query string asks for."""
    found = forms.IntroductionFilter(query, user=user).filtered(introductions.introductions(user))
    return introductions.by_introducer(user, found)


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def introducer_export(request: HttpRequest) -> HttpResponse:
    """The figures by introducer as a spreadsheet."""
    return _downloaded(request, "introducers")


# --- one --------------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_VIEW)
def introduction_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """One introduction: what was asked, its path, its steps, whose merit it was."""
    found = introduction_of(request, pk)
    page = introductions.page_of(found, request.user)
    context = {"page": page, "introduction": found, "picture": paths.picture_of(page.way), "lead_page": paths.lead_page(found.lead)}
    result = introductions.result_of(found, request.user)
    return render(request, "leads/introduction.html", context | {"result": result, "result_page": paths.lead_page(result)})


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def introduction_new(request: HttpRequest) -> HttpResponse:
    """Ask somebody by hand."""
    aim = paths.aim_of(request, request.GET)
    form = forms.AskForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, introducing.ask_by_hand, **_asked(form.cleaned_data), **aim.values(request.user))
        if made:
            messages.success(request, _("The ask is entered; an answer is due by %(day)s.") % {"day": made.due_on})
            return redirect("leads:introduction", made.public_id)
    title = _("Ask for an introduction to %(firm)s") % {"firm": aim.name}
    return draw_form(request, form, title, aim.back)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the form as the action takes them."""
    party = Introducer(
        PartyKind(given["party_kind"]), person=given["person"], user=given["colleague"], unit=given["unit_asked"], name=given["name"]
    )
    names = ("text", "asked_on", "due_on", "owner")
    return {"introducer": party, "introducer_id": given["firm_id"], **{name: given[name] for name in names}}


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def introduction_ask(request: HttpRequest) -> HttpResponse:
    """Ask whoever stands at the beginning of a path: the form is filled in from it, and the path is kept as it is now."""
    given = request.POST if request.method == "POST" else request.GET
    aim = paths.aim_of(request, given)
    found = paths.found_for(request, aim, given)
    way = found.way(aim.way) if found else None
    if found is None or way is None:
        messages.error(request, _("The path is not there any more: what it rested on has changed. Choose another."))
        return redirect(aim.paths)
    form = forms.AskOnPathForm(request.POST or None, user=request.user, initial={"text": paths.default_text(aim, way)})
    if request.method == "POST" and form.is_valid():
        values = {"key": way.introducer.key, "path": introductions.kept(way, found), **form.cleaned_data}
        made = attempt(request, form, introducing.ask_on_path, **values, **aim.values(request.user))
        if made:
            messages.success(request, _("The ask is entered; an answer is due by %(day)s.") % {"day": made.due_on})
            return redirect("leads:introduction", made.public_id)
    context = {"form": form, "aim": aim, "way": way, "found": found, "is_firm": way.introducer.key.startswith("firm:")}
    return render(request, "leads/introduction_ask.html", context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def introduction_step(request: HttpRequest, pk: object) -> HttpResponse:
    """Enter what became of it."""
    found = _workable(request, pk)
    form = forms.StepForm(request.POST or None, introduction=found, nexts=FOLLOWS[State(found.state)], user=request.user)
    if request.method == "POST" and form.is_valid() and attempt(request, form, introducing.enter, introduction=found, **form.cleaned_data):
        messages.success(request, _("The step is entered; “Correct” undoes it."))
        return redirect("leads:introduction", pk)
    title = _("What became of the introduction to %(firm)s") % {"firm": found.target_name}
    return draw_form(request, form, title, reverse("leads:introduction", args=[pk]))


def _workable(request: HttpRequest, pk: object) -> Introduction:
    found = introduction_of(request, pk)
    if not introductions.may_work(request.user, found):
        raise PermissionDenied
    return found


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def introduction_correct(request: HttpRequest, pk: object) -> HttpResponse:
    """Correct the last step by a later entry."""
    found = _workable(request, pk)
    last, before = introductions.last_two(found)
    nexts = FOLLOWS[State(before.kind)] if before else (State.ASKED,)
    initial = {"kind": last.kind, "done_on": last.done_on, "text": last.text}
    form = forms.CorrectForm(request.POST or None, introduction=found, nexts=nexts, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid() and attempt(request, form, introducing.correct, step=last, **form.cleaned_data):
        messages.success(request, _("Corrected. The earlier entry stays readable, marked as corrected."))
        return redirect("leads:introduction", pk)
    title = _("Correct the last step: %(step)s") % {"step": last.get_kind_display()}  # type: ignore[attr-defined]
    return draw_form(request, form, title, reverse("leads:introduction", args=[pk]))


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def introduction_change(request: HttpRequest, pk: object) -> HttpResponse:
    """Who is in charge, and by when."""
    found = _workable(request, pk)
    form = forms.ChangeForm(request.POST or None, introduction=found)
    if request.method == "POST" and form.is_valid() and attempt(request, form, introducing.change, introduction=found, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("leads:introduction", pk)
    return draw_form(request, form, _("Person in charge and day"), reverse("leads:introduction", args=[pk]))


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def introduction_credit(request: HttpRequest, pk: object) -> HttpResponse:
    """Whose merit it was."""
    found = _workable(request, pk)
    form = forms.CreditForm(request.POST or None, candidates=introductions.candidates(request.user, found))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(request, form, introducing.credit_among, introduction=found, parts=form.parts) is not None
    ):
        messages.success(request, _("The merit is shared."))
        return redirect("leads:introduction", pk)
    return draw_form(request, form, _("Whose merit it was (shares sum to 100 %)"), reverse("leads:introduction", args=[pk]))
