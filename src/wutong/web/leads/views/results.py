"""What came of the lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads import sheets
from wutong.web.leads.models import LINES
from wutong.web.leads.queries import people
from wutong.web.leads.queries import results as found_results
from wutong.web.leads.views.answers import noted
from wutong.web.lib import access, spreadsheets
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.LEADS_VIEW)
def results(request: HttpRequest) -> HttpResponse:
    """What came of the lists, by line, unit, list, source and person."""
    on = access.today()
    since, line = found_results.since(request.GET, on=on), found_results.line_of(request.GET)
    context = {
        "tables": found_results.tables(request.user, since, on=on, line=line), "since_query": _opens(since, line), "line": line,
        "lines": [("", _("Both lines")), *LINES.items()],
        "period": request.GET.get("period", ""), "periods": found_results.PERIODS, "days": people.stale_days(on),
        "may_export": request.user.may(Permission.LEADS_EXPORT),
    }  # fmt: skip
    return render(request, "leads/results.html", context)


def _opens(since: dt.date | None, line: str) -> str:
    """What every figure of the page is cut to, for the addresses that it opens."""
    return "".join(f"&{name}={value}" for name, value in (("since", since), ("line", line)) if value)


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def results_export(request: HttpRequest) -> HttpResponse:
    """One of the tables of results as a spreadsheet."""
    on = access.today()
    line = found_results.line_of(request.GET)
    found = found_results.tables(request.user, found_results.since(request.GET, on=on), on=on, line=line)
    table = next((one for one in found.tables if one.code == request.GET.get("table", "list")), found.tables[0])
    response: Any = spreadsheets.download(f"{_('Results of the lists')} {table.title}", sheets.HITS, sheets.hit_rows(table.rows))
    return noted(request, "results", response)
