"""The warmest paths to a firm: a panel of its page, of a lead's and of a row's, and a page of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.queries import standing as registry
from wutong.web.leads.forms import introductions as forms
from wutong.web.leads.models import Lead, ListedFirm, TargetList
from wutong.web.leads.queries import introductions, paths, pictures
from wutong.web.leads.queries.paths import SOURCES, Found, Way
from wutong.web.leads.views.answers import answered, lead_of, row_of
from wutong.web.lib import htmx
from wutong.web.lib.access import require_permission
from wutong.web.lib.warehouse import WarehouseMissing


@dataclass(frozen=True, slots=True)
class Aim:
    """What an introduction is for, with its name and pages; `way`: the path that was chosen."""

    firm_id: str
    name: str
    paths: str
    back: str
    lead: Lead | None = None
    target_list: TargetList | None = None
    way: str = ""

    def values(self, user: User) -> dict[str, Any]:
        """As the actions take it; whoever asks asks for his own unit."""
        return {"firm_id": self.firm_id, "lead": self.lead, "target_list": self.target_list, "unit": user.unit}

    @property
    def row_id(self) -> str:
        """The key of the row that it is for."""
        return self.back.rstrip("/").rpartition("/")[2]

    @property
    def question(self) -> str:
        """The query string that names it."""
        if self.lead is not None:
            return urlencode({"lead": self.lead.public_id})
        return urlencode({"row": self.row_id} if self.target_list is not None else {"firm": self.firm_id})


def lead_page(lead: Lead | None) -> str:
    """The page of a lead, "" where there is none."""
    return paths.page("leads:lead", lead.public_id) if lead is not None else ""


def of_lead(lead: Lead, way: str = "") -> Aim:
    """For a lead."""
    here = reverse("leads:paths-of-lead", args=[lead.public_id])
    firm_id = lead.firm.firm_id if lead.firm is not None else ""
    return Aim(firm_id, lead.firm.name if lead.firm is not None else str(lead), here, lead_page(lead) or here, lead, None, way)


def of_row(row: ListedFirm, way: str = "") -> Aim:
    """For a row of a list."""
    here, back = (reverse(name, args=[row.public_id]) for name in ("leads:paths-of-row", "leads:row"))
    return Aim(row.firm.firm_id, row.firm.name, here, back, None, row.list, way)


def of_firm(firm_id: str, way: str = "") -> Aim:
    """For a firm alone. Raises: UnknownFirm."""
    here, back = (reverse(name, args=[firm_id]) for name in ("leads:paths-of-firm", "firms:detail"))
    return Aim(firm_id, paths.name_of(firm_id), here, back, None, None, way)


def aim_of(request: HttpRequest, given: Any) -> Aim:
    """What a form or query string names, as the person may see it."""
    form = forms.AimForm(given)
    if not form.is_valid():
        raise Http404
    asked = form.cleaned_data
    if asked["lead"]:
        return of_lead(lead_of(request, asked["lead"]), asked["way"])
    if asked["row"]:
        return of_row(row_of(request, asked["row"]), asked["way"])
    if not asked["firm"]:
        raise Http404
    return of_firm(asked["firm"], asked["way"])


def found_for(request: HttpRequest, aim: Aim, given: Any) -> Found | None:
    """The paths to an aim from where the form says; None without a firm or a registry."""
    form = forms.PathsForm(given)
    form.is_valid()
    asked = form.cleaned_data
    if not aim.firm_id:
        return None
    try:
        return paths.to_firm(request.user, aim.firm_id, region=asked.get("region", ""), sources=asked.get("sources", ()))
    except registry.UnknownRegion:
        return paths.to_firm(request.user, aim.firm_id, sources=asked.get("sources", ()))
    except WarehouseMissing:
        return None


def picture_of(way: Way | None) -> pictures.Pictures | None:
    """The picture of one path."""
    return pictures.picture([way]) if way is not None else None


def default_text(aim: Aim, way: Way) -> str:
    """What is asked for where nobody wrote it."""
    return _("Please introduce us to the person in charge of %(firm)s, through: %(path)s") % {
        "firm": aim.name, "path": " → ".join(node.name for node in way.nodes if not node.key.startswith(("person:", "user:"))),
    }  # fmt: skip


def _drawn(request: HttpRequest, aim: Aim, made: Any) -> HttpResponse:
    """Panel or page."""
    found = found_for(request, aim, request.GET)
    loads = introductions.loads_of_ways(request.user, found.ways) if found else {}
    context = {
        "aim": aim, "found": found, "picture": pictures.picture(found.ways) if found else None, "introductions": made,
        "ways": [(way, loads[way.introducer.key]) for way in found.ways] if found else [], "is_panel": bool(request.htmx),
        "sources": [(code, label, found is None or code in found.sources) for code, label in SOURCES.items()],
        "may_edit": request.user.may(Permission.LEADS_EDIT),
    }  # fmt: skip
    return htmx.render(request, "leads/paths.html", "leads/_paths.html", context)


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def paths_of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The warmest paths to a firm."""
    if "\x00" in firm_id:
        raise Http404
    return _drawn(request, of_firm(firm_id), introductions.of_firm(request.user, firm_id))


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def paths_of_lead(request: HttpRequest, pk: object) -> HttpResponse:
    """The warmest paths to the firm of a lead."""
    lead = lead_of(request, pk)
    return _drawn(request, of_lead(lead), introductions.of_lead(request.user, lead))


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def paths_of_row(request: HttpRequest, pk: object) -> HttpResponse:
    """The warmest paths to a firm on a list."""
    row = row_of(request, pk)
    return _drawn(request, of_row(row), introductions.of_firm(request.user, row.firm.firm_id))
