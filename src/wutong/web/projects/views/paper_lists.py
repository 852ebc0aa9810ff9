"""Registers over all projects that one may see: agreements, offers, promises, and the opinions that one's unit was asked for."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.projects.forms import papers as forms
from wutong.web.projects.models import OpinionAsk
from wutong.web.projects.queries import paper_may, paper_pages
from wutong.web.projects.views.answers import noted

PROJECT = pgettext_lazy("column", "Project")
AGREEMENTS = (
    lists.Column("title", pgettext_lazy("papers", "Agreement"), ("title",)),
    lists.Column("amount", gettext_lazy("Investment agreed (10,000 yuan)"), ("amount_yuan",), "number"),
    lists.Column("state", pgettext_lazy("agreement", "State"), ("state",)),
    lists.Column("next", pgettext_lazy("agreement", "What comes next")),
    lists.Column("signed", gettext_lazy("Signed on"), ("signed_on",), "date"),
    lists.Column("counterpart", gettext_lazy("Counterpart")),
    lists.Column("unit", gettext_lazy("Host unit"), ("project__unit__path",)),
    lists.Column("at", gettext_lazy("Drafted on"), ("at",), "date"),
)
OFFERS = (
    lists.Column("what", gettext_lazy("What is offered"), ("what",)),
    lists.Column("amount", gettext_lazy("Amount (10,000 yuan)"), ("amount_yuan",), "number"),
    lists.Column("state", pgettext_lazy("offer", "State"), ("state",)),
    lists.Column("level", gettext_lazy("Authority"), ("level",)),
    lists.Column("clause", gettext_lazy("Clause of policy it rests on")),
    lists.Column("by", pgettext_lazy("papers", "Asked by")),
    lists.Column("unit", gettext_lazy("Host unit"), ("project__unit__path",)),
    lists.Column("at", pgettext_lazy("papers", "Asked on"), ("at",), "date"),
)
PROMISES = (
    lists.Column("text", gettext_lazy("What was promised"), ("text",)),
    lists.Column("amount", gettext_lazy("Promised"), (), "number"),
    lists.Column("reached", pgettext_lazy("papers", "Reached"), (), "number"),
    lists.Column("state", pgettext_lazy("commitment", "State")),
    lists.Column("due", gettext_lazy("To be kept by"), ("due_on",), "date"),
    lists.Column("side", gettext_lazy("Who promised"), ("side",)),
    lists.Column("unit", gettext_lazy("Answers for it"), ("unit__path",)),
    lists.Column("kind", gettext_lazy("Kind of promise"), ("kind",)),
)
OPINIONS = (
    lists.Column("agreement", pgettext_lazy("papers", "Agreement"), ("agreement__title",)),
    lists.Column("kind", gettext_lazy("Kind of opinion"), ("kind",)),
    lists.Column("due", pgettext_lazy("opinion", "Wanted by"), ("due_on",), "date"),
    lists.Column("state", pgettext_lazy("opinion", "State")),
    lists.Column("unit", pgettext_lazy("opinion", "Unit asked"), ("unit__path",)),
    lists.Column("by", pgettext_lazy("papers", "Asked by")),
    lists.Column("at", pgettext_lazy("papers", "Asked on"), ("at",), "date"),
)


def _frame(request: HttpRequest, here: str, form: Any, listing: lists.Listing) -> dict[str, Any]:
    may = request.user.may
    return {
        "form": form, "list": listing, "here": here, "may_export": may(Permission.PROJECTS_EXPORT),
        "may_edit": may(Permission.PROJECTS_EDIT), "today": access.today(),
    }  # fmt: skip


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def agreements(request: HttpRequest) -> HttpResponse:
    """Every agreement that one may see, the newest first."""
    form, on = forms.AgreementFilter(request.GET, user=request.user), access.today()
    found = paper_pages.agreements_found(request.user, form.given())
    listing = lists.of_queryset(
        request.GET, found, columns=AGREEMENTS, default="-at", form=form, read=lambda keys: paper_pages.agreement_rows(keys, on)
    )
    return htmx.render(request, "projects/agreements.html", "projects/_agreements.html", _frame(request, "agreements", form, listing))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def offers(request: HttpRequest) -> HttpResponse:
    """Every offer that one may see, the newest first."""
    form = forms.OfferFilter(request.GET, user=request.user)
    found = paper_pages.offers_found(request.user, form.given())
    listing = lists.of_queryset(
        request.GET, found, columns=OFFERS, default="-at", form=form, read=lambda keys: paper_pages.offer_rows(keys, request.user)
    )
    context = {**_frame(request, "offers", form, listing), "waiting": paper_may.offers_for(request.user).count()}
    return htmx.render(request, "projects/offers.html", "projects/_offers.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def promises(request: HttpRequest) -> HttpResponse:
    """Every promise that one may see, what is due first at the top."""
    form, on = forms.PromiseFilter(request.GET, user=request.user), access.today()
    found = paper_pages.promises_found(request.user, form.given(), on)
    listing = lists.of_queryset(
        request.GET, found, columns=PROMISES, default="due", form=form,
        read=lambda keys: paper_pages.promise_rows(keys, request.user, on),
    )  # fmt: skip
    return htmx.render(request, "projects/promises.html", "projects/_promises.html", _frame(request, "promises", form, listing))


@require_GET
@require_permission(Permission.PROJECTS_EDIT)
def opinions(request: HttpRequest) -> HttpResponse:
    """The opinions that were asked for, of one's own unit or of projects that one may see; what is wanted first at the top."""
    found = OpinionAsk.objects.visible_to(request.user).select_related("unit", "by", "agreement__project", "opinion")
    is_all = request.GET.get("all") == "1"
    listing = lists.of_queryset(request.GET, found if is_all else found.waiting(), columns=OPINIONS, default="due")
    mine = set(paper_may.asked_of(request.user).values_list("pk", flat=True))
    context = {**_frame(request, "opinions", None, listing), "mine": mine, "is_all": is_all}
    return htmx.render(request, "projects/opinions.html", "projects/_opinions.html", context)


# --- as spreadsheets --------------------------------------------------------------------------------------------------------------------
def agreements_asked(user: Any, query: Any) -> Any:
    """The agreements that a query string asks for, the newest first."""
    return paper_pages.agreements_found(user, forms.AgreementFilter(query, user=user).given()).order_by("-at", "-pk")


def offers_asked(user: Any, query: Any) -> Any:
    """The offers that a query string asks for, the newest first."""
    return paper_pages.offers_found(user, forms.OfferFilter(query, user=user).given()).order_by("-at", "-pk")


def promises_asked(user: Any, query: Any) -> Any:
    """The promises that a query string asks for, what is due first at the top."""
    found = paper_pages.promises_found(user, forms.PromiseFilter(query, user=user).given(), access.today())
    return found.order_by(F("due_on").asc(nulls_last=True), "pk")


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def agreements_export(request: HttpRequest) -> HttpResponse:
    """The filtered agreements as a spreadsheet."""
    later = spreadsheets.later(request, "projects.agreements", agreements_asked(request.user, request.GET).count())
    return later or noted(request, "agreements", exchange.at_once(request, "projects.agreements"))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def offers_export(request: HttpRequest) -> HttpResponse:
    """The filtered offers as a spreadsheet."""
    later = spreadsheets.later(request, "projects.offers", offers_asked(request.user, request.GET).count())
    return later or noted(request, "offers", exchange.at_once(request, "projects.offers"))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def promises_export(request: HttpRequest) -> HttpResponse:
    """The filtered promises as a spreadsheet."""
    later = spreadsheets.later(request, "projects.promises", promises_asked(request.user, request.GET).count())
    return later or noted(request, "promises", exchange.at_once(request, "projects.promises"))
