"""The three rates: by definition, period, day and unit; the projects behind each number; the funnel of a cohort."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, exchange, htmx, lists
from wutong.web.lib.access import require_permission
from wutong.web.projects.forms.rates import RatesForm
from wutong.web.projects.queries import rate_pages
from wutong.web.projects.queries.lifecycles import rates_known as definitions
from wutong.web.projects.views.answers import noted


def _query(form: RatesForm, **more: str) -> str:
    """The query string that asks the same of another page."""
    asked = form.asked()
    unit = {"unit": asked["unit"].public_id} if asked["unit"] else {}
    unit |= {"alone": 1} if asked["is_alone"] else {}
    return urlencode({"cohort": asked["cohort"].label, "as_of": asked["as_of"].isoformat(), **unit, **asked["switches"], **more})


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def three_rates(request: HttpRequest) -> HttpResponse:
    """The rates of the projects that one may see, in all and by host unit, and the funnel of the cohort."""
    form = RatesForm(request.GET or None, user=request.user, on=access.today())
    page = rate_pages.page(request.user, form.chosen(), **form.asked())
    context = {
        "form": form, "page": page, "query": _query(form), "chosen": _query(form, **form.chosen()),
        "may_export": request.user.may(Permission.PROJECTS_EXPORT),
    }  # fmt: skip
    return htmx.render(request, "projects/rates.html", "projects/_rates.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def behind(request: HttpRequest) -> HttpResponse:
    """The projects behind a number of a rate, or why others are left out."""
    form = RatesForm(request.GET, user=request.user, on=access.today())
    side, context = request.GET.get("side", ""), _behind(request.user, request.GET, form)
    page = lists.Page.of(request.GET, len(context["rows"]))
    rows = context["rows"][page.offset : page.last_row]
    context |= {"form": form, "side": side, "rows": rows, "page": page, "may_export": request.user.may(Permission.PROJECTS_EXPORT)}
    return render(request, "projects/rates_behind.html", context)


def _behind(user: Any, query: Any, form: RatesForm) -> dict[str, Any]:
    asked, side = form.asked(), query.get("side", "")
    definition = definitions().definitions.get(query.get("definition", ""))
    if step := query.get("step", ""):
        return {"rows": rate_pages.behind_step(user, step, **asked), "step": rate_pages.step_words(step), "query": _query(form)}
    if definition is None or rate_pages.asks_more(definition) or side not in rate_pages.SIDES:
        raise Http404
    shown, rows = rate_pages.behind(user, definition, side, **asked)
    return {"rows": rows, "shown": shown, "query": _query(form, definition=definition.code)}


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def rates_export(request: HttpRequest) -> HttpResponse:
    """The rates by unit as a spreadsheet."""
    return noted(request, "rates", exchange.at_once(request, "projects.rates"))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def behind_export(request: HttpRequest) -> HttpResponse:
    """The projects behind a number as a spreadsheet."""
    return noted(request, "rates_behind", exchange.at_once(request, "projects.rates_behind"))


def behind_of(user: Any, query: Any) -> Any:
    """The projects behind a number that a query string asks for, in words."""
    return _behind(user, query, RatesForm(query, user=user, on=access.today()))["rows"]


def asked_of(user: Any, query: Any) -> rate_pages.Page:
    """The rates that a query string asks for, as a person may see them."""
    form = RatesForm(query, user=user, on=access.today())
    return rate_pages.page(user, form.chosen(), **form.asked())
