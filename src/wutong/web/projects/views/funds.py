"""Money in place: of a project, entered and taken back, the ledger, what waits for review, months."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import duties as journal
from wutong.web.lib import access, exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import funds, funds_attached, funds_several
from wutong.web.projects.forms import funds as forms
from wutong.web.projects.models import FundsEntry, Project
from wutong.web.projects.queries import ledgers, recognition
from wutong.web.projects.rules.funds import State
from wutong.web.projects.views.answers import answered, get_or_post, noted, project_of

COLUMNS = (
    lists.Column("project", pgettext_lazy("column", "Project"), ("project__name_zh",)),
    lists.Column("recognised", gettext_lazy("Recognised (10,000 yuan)"), (), "number"),
    lists.Column("amount", gettext_lazy("Amount"), ("amount",), "number"),
    lists.Column("arrived", gettext_lazy("Arrived on"), ("arrived_on",), "date"),
    lists.Column("kind", gettext_lazy("Kind of money"), ("kind",)),
    lists.Column("state", pgettext_lazy("funds entry", "State")),
    lists.Column("counted", gettext_lazy("Counts on"), (), "date"),
    lists.Column("unit", gettext_lazy("Host unit"), ("project__unit__path",)),
)


class Asked:
    """What the page of a verb says."""

    def __init__(self, title: Any, button: Any, *, hint: Any = "", warning: Any = "", has_file: bool = False) -> None:
        self.title, self.button, self.hint, self.warning, self.has_file = title, button, hint, warning, has_file


ENTER = Asked(
    gettext_lazy("Enter money in place"), pgettext_lazy("funds", "Enter"), has_file=True,
    hint=gettext_lazy("It counts once another person accepted it. An entry is never changed: what was wrong is taken back by a reversal."),
)  # fmt: skip
ATTACH = Asked(
    gettext_lazy("Attach a file to an entry"), pgettext_lazy("funds", "Attach"), has_file=True,
    hint=gettext_lazy("A scan or photograph of the papers. Whoever reviews opens it; without it the money is not accepted."),
)  # fmt: skip
REVERSE = Asked(
    gettext_lazy("Take an entry back"), pgettext_lazy("funds", "Take back"),
    warning=gettext_lazy("An entry of the opposite sum is made; what counted is taken off in the present open month. Both stay readable."),
)  # fmt: skip
STANDING = Asked(
    gettext_lazy("What recognition asks of the project"), gettext_lazy("Save"),
    hint=gettext_lazy("As long as one of these is not said, no money of the project is accepted. What was accepted before stays."),
)  # fmt: skip


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action of the ledger; a refusal becomes words of the form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except funds.Refused as refused:
        said = recognition.refusal_words(refused.refusals, **refused.params)
    except journal.Refused:
        said = [_("The file could not be kept: its kind, size or name is not allowed.")]
    for text in said:
        form.add_error(None, text)
    return None


def _draw(request: HttpRequest, project: Project, form: Any, verb: Asked, code: str) -> HttpResponse:
    context = {"project": project, "form": form, "verb": verb, "code": code, "user_key": request.user.public_id}  # type: ignore[union-attr]
    return render(request, "projects/funds_verb.html", context, status=422 if form.is_bound else 200)


def _to_funds(request: HttpRequest, project: Project, said: str, key: str = "") -> HttpResponse:
    messages.success(request, said, extra_tags=f"draft-{key}" if key else "")
    return redirect("projects:funds-of", project.public_id)


def _frame(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What every page of money shows beside its rows."""
    may = request.user.may
    if "to_review" not in more and may(Permission.FUNDS_REVIEW):
        more["to_review"] = ledgers.reviewable(request.user).count()
    return {"may_export": may(Permission.PROJECTS_EXPORT), "to_review": None, **more}


# --- of a project -----------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def funds_of(request: HttpRequest, pk: object) -> HttpResponse:
    """The money of a project: its ledger, sums by year, what is left out and why; a panel of its page and a page of its own."""
    project = project_of(request, pk)
    context = {"project": project, "page": ledgers.of_project(request.user, project)}
    return htmx.render(request, "projects/funds_of.html", "projects/_funds_of.html", context)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def enter(request: HttpRequest, pk: object) -> HttpResponse:
    """Money that arrived, with its proof."""
    project = project_of(request, pk)
    if not ledgers.works_on(project, request.user):
        raise PermissionDenied
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.EnterFundsForm(*given, project=project, user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, funds_attached.enter, project=project, **form.values())
        if made is not None:
            return _to_funds(request, project, _("Saved."), form.values()["key"])
    return _draw(request, project, form, ENTER, "funds-enter")


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def standing(request: HttpRequest, pk: object) -> HttpResponse:
    """What recognition asks of a project."""
    project = project_of(request, pk)
    if not ledgers.works_on(project, request.user):
        raise PermissionDenied
    form = forms.StandingForm(request.POST if request.method == "POST" else None, project=project, user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid():
        funds.describe(project=project, by=request.user, at=timezone.now(), **form.values())
        return _to_funds(request, project, _("Saved."), str(form.cleaned_data["key"] or ""))
    return _draw(request, project, form, STANDING, "funds-standing")


def _entry_of(request: HttpRequest, pk: object) -> FundsEntry:
    found = FundsEntry.objects.visible_to(request.user).select_related("project__unit", "reversal").prefetch_related("reviews", "files")
    entry: FundsEntry = get_object_or_404(found, public_id=pk)
    project_of(request, entry.project.public_id)
    return entry


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def attach(request: HttpRequest, pk: object) -> HttpResponse:
    """A file that shows papers of an entry, hung on it as long as nobody decided."""
    entry = _entry_of(request, pk)
    if not ledgers.works_on(entry.project, request.user):
        raise PermissionDenied
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.AttachForm(*given, entry=entry, project=entry.project, user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid() and attempt(request, form, funds_attached.attach, entry=entry, **form.values()):
        return _to_funds(request, entry.project, _("Saved."), str(form.cleaned_data["key"] or ""))
    return _draw(request, entry.project, form, ATTACH, "funds-attach")


@require_POST
@require_permission(Permission.PROJECTS_EDIT)
@answered
def hand_in(request: HttpRequest, pk: object) -> HttpResponse:
    """Hand an entry in; sent twice, it is handed in once."""
    entry = _entry_of(request, pk)
    if entry.state() is State.ENTERED:
        funds.hand_in_review(entry=entry, by=request.user, at=timezone.now())
        return _to_funds(request, entry.project, _("Handed in: another person decides."))
    return _to_funds(request, entry.project, _("This was done already."))


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def reverse(request: HttpRequest, pk: object) -> HttpResponse:
    """Take an entry back with its reason."""
    entry = _entry_of(request, pk)
    if request.method == "POST" and entry.state() is State.REVERSED:
        return _to_funds(request, entry.project, _("This was done already."))
    if "reverse" not in ledgers.rows([entry.pk], request.user)[0].verbs:
        raise PermissionDenied
    form = forms.ReverseForm(
        request.POST if request.method == "POST" else None, project=entry.project, user=request.user, on=access.today()
    )  # fmt: skip
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(request, form, funds.reverse, entry=entry, reason=form.cleaned_data["reason"])
    ):
        return _to_funds(request, entry.project, _("Taken back."), str(form.cleaned_data["key"] or ""))
    return _draw(request, entry.project, form, REVERSE, "funds-reverse")


# --- the ledger -------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def ledger(request: HttpRequest) -> HttpResponse:
    """Every entry that one may see, and what those found come to: the records behind each figure of money."""
    form = forms.LedgerFilter(request.GET, user=request.user)
    found, counted = (ledgers.found(request.user, form.given(), is_whole=is_whole) for is_whole in (False, True))
    listing = lists.of_queryset(
        request.GET, found, columns=COLUMNS, default="-arrived", form=form, read=lambda keys: ledgers.rows(keys, request.user),
        counted=counted,
    )  # fmt: skip
    may_import = request.user.may(Permission.PROJECTS_EDIT)
    context = _frame(request, form=form, list=listing, sum_yuan=ledgers.sum_yuan(request.user, form.given()), may_import=may_import)
    return htmx.render(request, "projects/funds_ledger.html", "projects/_funds_ledger.html", context)


def all_found(user: Any, query: Any) -> Any:
    """The entries that a query string asks for, as a person may see them, by the day of their arrival."""
    return ledgers.found(user, forms.LedgerFilter(query, user=user).given()).order_by("arrived_on", "pk")


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def ledger_export(request: HttpRequest) -> HttpResponse:
    """The ledger by day of arrival as a spreadsheet."""
    later = spreadsheets.later(request, "projects.funds", all_found(request.user, request.GET).count())
    return later or noted(request, "funds", exchange.at_once(request, "projects.funds"))


# --- review -----------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.FUNDS_REVIEW)
def review(request: HttpRequest) -> HttpResponse:
    """What waits for a decision in the units over which one decides; several are decided at once."""
    waiting = ledgers.reviewable(request.user)
    form, several = None, None
    if request.method == "POST":
        handled = FundsEntry.objects.filter(ledgers.reach_of_reviews(request.user)).visible_to(request.user)
        handled = handled.select_related("project__unit", "reversal").prefetch_related("reviews", "files")
        form = forms.ReviewForm(request.POST, waiting=handled)
        several = _decide(request, form) if form.is_valid() else None
        if several is not None and not several.refused:
            return redirect("projects:funds-review")
    page = lists.Page.of(request.GET, waiting.count())
    keys = list(waiting.values_list("pk", flat=True)[page.offset : page.last_row])
    refused = [(one.entry, _said(one)) for one in several.refused] if several else []
    context = _frame(
        request, rows=ledgers.rows(keys, request.user, request.POST), page=page, form=form, refused=refused, to_review=page.total,
        ticked=request.POST.getlist("entries"),
    )  # fmt: skip
    return render(request, "projects/funds_review.html", context, status=422 if form is not None else 200)


def _decide(request: HttpRequest, form: Any) -> Any:
    given = form.cleaned_data
    several = funds_several.review_several(
        entries=given["entries"], is_accepted=given["decision"] == "accept", seen_yuan=given["seen_yuan"], words=given["words"],
        apart=given["apart"],
        by=request.user, at=timezone.now(),
    )  # fmt: skip
    n = len(several.done)
    if n:
        messages.success(request, ngettext("%(n)s entry decided.", "%(n)s entries decided.", n) % {"n": n})
    if several.before and not n:
        messages.success(request, _("This was done already."))
    return several


def _said(one: funds_several.NotDone) -> list[str]:
    return recognition.refusal_words(one.refusals, **one.params) or [_("Another person decides about money of this unit.")]


# --- months -----------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def months(request: HttpRequest) -> HttpResponse:
    """What counts by unit and month, what is not decided yet, and closing."""
    on, form = access.today(), forms.YearForm(request.GET)
    closing = forms.CloseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and closing.is_valid():
        made = attempt(request, closing, funds.close_month, month=closing.cleaned_data["month"])
        if made is not None:
            messages.success(request, _("Closed: %(month)s. What counts in it never changes again.") % {"month": made})
            return redirect("projects:funds-months")
    page = ledgers.of_year(request.user, form.chosen(), on=on)
    context = _frame(request, form=form, closing=closing, page=page, may_close=request.user.may(Permission.FUNDS_CLOSE))
    return render(request, "projects/funds_months.html", context, status=422 if closing.is_bound else 200)


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def months_export(request: HttpRequest) -> HttpResponse:
    """What counts by unit and month as a spreadsheet."""
    return noted(request, "funds_months", exchange.at_once(request, "projects.funds_months"))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def foreign(request: HttpRequest) -> HttpResponse:
    """Foreign capital used, in dollars and yuan, by unit and month."""
    form = forms.YearForm(request.GET)
    page = ledgers.foreign_of_year(request.user, form.chosen())
    return render(request, "projects/funds_foreign.html", _frame(request, form=form, page=page))


# --- exchange rates ---------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def exchange_rates(request: HttpRequest) -> HttpResponse:
    """The official rates that were entered, each with its source."""
    is_sent = request.method == "POST"
    form = forms.ExchangeRateForm(request.POST if is_sent else None, initial={"on": access.today(), "currency": "USD"})
    if is_sent:
        if not request.user.may(Permission.FUNDS_REVIEW):
            raise PermissionDenied
        if form.is_valid() and attempt(request, form, funds.enter_rate, **form.cleaned_data) is not None:
            messages.success(request, _("Saved."))
            return redirect("projects:exchange-rates")
    listing = ledgers.rates_page(request.user, request.GET)
    context = _frame(request, form=form, **listing, may_enter=request.user.may(Permission.FUNDS_REVIEW))
    return render(request, "projects/funds_exchange_rates.html", context, status=422 if is_sent else 200)
