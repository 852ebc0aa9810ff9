"""Projects that were taken over and of which facts or proofs lack since, by unit and by project."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.projects.forms.overview import AbsentFilter
from wutong.web.projects.models import Project
from wutong.web.projects.queries import absences
from wutong.web.projects.views.answers import noted

COLUMNS = (
    lists.Column("name", pgettext_lazy("column", "Project"), ("name_zh",)),
    lists.Column("lacks", gettext_lazy("Lacking (number)"), ("lacks",), "number"),
    lists.Column("what", gettext_lazy("What lacks")),
    lists.Column("stage", pgettext_lazy("project", "Stage")),
    lists.Column("unit", gettext_lazy("Host unit"), ("unit__path",)),
    lists.Column("owner", pgettext_lazy("project", "Owner"), ("owner__display_name",)),
    lists.Column("opened", gettext_lazy("Taken over on"), ("opened_at",), "date"),
)


def found_of(user: Any, query: Any) -> Any:
    """The projects that a query string asks for, as a person may see them, those that lack most first."""
    form = AbsentFilter(query, user=user)
    return absences.found(form.filtered(Project.objects.visible_to(user), on=access.today())).order_by("-lacks", "pk")


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def absent(request: HttpRequest) -> HttpResponse:
    """What was absent when projects were taken over and is still."""
    form = AbsentFilter(request.GET, user=request.user)
    seen = form.filtered(Project.objects.visible_to(request.user), on=access.today())
    listing = lists.of_queryset(
        request.GET, absences.found(seen), columns=COLUMNS, default="-lacks", form=form,
        read=lambda keys: absences.shown(keys, request.user),
    )  # fmt: skip
    context = {
        "form": form, "list": listing, "units": absences.by_unit(seen), "may_export": request.user.may(Permission.PROJECTS_EXPORT),
        "may_import": request.user.may(Permission.PROJECTS_ASSIGN),
    }  # fmt: skip
    return htmx.render(request, "projects/absent.html", "projects/_absent.html", context)


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def absent_export(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    later = spreadsheets.later(request, "projects.absent", found_of(request.user, request.GET).count())
    return later or noted(request, "absent", exchange.at_once(request, "projects.absent"))
