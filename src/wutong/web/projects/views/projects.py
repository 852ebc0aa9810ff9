"""One project as it stands, and projects on the pages of leads, firms and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead
from wutong.web.lib import access, hooks, htmx
from wutong.web.lib.access import require_permission
from wutong.web.projects.models import Agreement, Project
from wutong.web.projects.queries import agreements as papers
from wutong.web.projects.queries import dossier, figures, gates, key_projects, may, planned, register
from wutong.web.projects.rules.stages import Light
from wutong.web.projects.views.answers import project_of
from wutong.web.projects.views.verbs import VERBS


@dataclass(frozen=True, slots=True)
class Button:
    """A verb that the page offers, or of which it says why not. `is_first`: what brings the project on."""

    label: Any
    address: str
    why_not: tuple[str, ...] = ()
    is_first: bool = False


ONWARDS = ("decide", "advance", "ask", "resume", "revive")
"""What brings a project on: one of them is the primary button."""
BESIDE = ("pause", "change")
OF_CONTRACT = frozenset({"signed_contract", "contract", "legal_opinion", "fiscal_opinion", "fair_competition_opinion"})
"""What a contract brings along, once it is signed and looked at here."""


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def project(request: HttpRequest, pk: object) -> HttpResponse:
    """How a project stands: its way, what the next stage asks for and who owes it, nodes, figures, people, proofs, history."""
    found, on, user = project_of(request, pk), access.today(), request.user
    panels = [panel for panel in hooks.collect("PANELS") if panel.on == "projects.Project" and user.may(panel.permission)]
    page = dossier.dossier(found, user, on=on)
    buttons, workable = _buttons(page), may.workable(user, page.nodes, page.facts)
    works, refused = may.may_work(found, user, page.facts), may.gate_refusals(found, on=on, facts=page.facts)
    contract = papers.on_its_way(found) if any(line.key in OF_CONTRACT for line in page.missing) else None
    context = {
        "project": found, "page": page, "panels": panels, "today": on, "figures": figures.figures(found), "facts": figures.facts(found),
        "plan": figures.plan(found), "plan_changes": planned.changes(found), "here": [one for one in workable if one.line.is_here],
        "limits": page.limits, "keys": key_projects.told(found, on=on),
        "elsewhere": [one for one in workable if not one.line.is_here], "may_hand_in": works,
        "lacking": [(line, _where(found, line, workable, works=works, contract=contract)) for line in page.missing],
        "met": [line for line in page.checklist if line.is_met],
        "late": [one for one in page.nodes if one.light == Light.RED and one.late_days],
        "proofs": [(one, may.may_withdraw_seen(one.evidence, user, works=works)) for one in page.proofs if not one.evidence.is_absent],
        "absences": [one for one in page.proofs if one.evidence.is_absent],
        "refused": gates.words(found, page.next_stage, refused) if page.next_stage else (), **buttons,
    }  # fmt: skip
    return render(request, "projects/project.html", context)


def _buttons(page: dossier.Dossier) -> dict[str, Any]:
    """What may be done now: the step onwards first; the rest folded; and what cannot be done, with the reason."""
    made: dict[str, Button] = {}
    for verb in page.verbs:
        is_listed = verb.code in VERBS
        label = VERBS[verb.code].offered if is_listed else _("Who needs to know")
        name = f"projects:do-{verb.code}" if is_listed else "projects:confidential"
        made[verb.code] = Button(label, reverse(name, args=[page.project.public_id]), verb.why_not, verb.code in ONWARDS)
    now = {code: one for code, one in made.items() if not one.why_not}
    first = [now[code] for code in ONWARDS if code in now][:1]
    return {
        "steps": [*first, *(now[code] for code in BESIDE if code in now)], "may_do": set(now),
        "further": [one for code, one in now.items() if one not in first and code not in BESIDE],
        "not_now": [one for code, one in made.items() if one.why_not and code not in {"advance", "ask"}],
    }  # fmt: skip


def _where(found: Project, line: dossier.Line, workable: Sequence[may.Workable], *, works: bool, contract: Agreement | None) -> str:
    """Where what is missing can be brought in, for whoever may; "" else. `contract`: that is on its way, and brings its papers."""
    if line.is_met:
        return ""
    if line.sort == "node":
        able = next((one for one in workable if one.line.node.key == line.key and "finish" in one.verbs), None)
        return reverse("projects:node-finish", args=[able.line.node.public_id]) if able else ""
    return _where_told(found, line, contract) if works else ""


def _where_told(found: Project, line: dossier.Line, contract: Agreement | None) -> str:
    """Where whoever works on the project brings in a fact or a proof."""
    if line.key in OF_CONTRACT and contract is not None:
        return reverse("projects:agreement", args=[contract.public_id])
    if line.key == "signed_contract":
        return reverse("projects:new-agreements", args=[found.public_id])
    if line.sort == "evidence":
        return f"{reverse('projects:hand-in', args=[found.public_id])}?{urlencode({'kind': line.key})}"
    return reverse("projects:do-change", args=[found.public_id])


def _drawn(request: HttpRequest, found: Any, title: str, empty: str, **more: Any) -> HttpResponse:
    rows = register.shown(found, request.user, on=access.today())
    return htmx.render(request, "projects/of.html", "projects/_of.html", {"projects": rows, "title": title, "empty": empty, **more})


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def of_lead(request: HttpRequest, pk: object) -> HttpResponse:
    """The project that a lead became, with its phases: a panel of the lead's page."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=pk)
    begins = may.why_not_begin(lead, request.user)
    found = register.of_lead(request.user, lead)
    more = {"lead": lead, "may_begin": begins == (), "why_not": begins or ()}
    return _drawn(request, found, _("Project of this lead"), _("No project yet that you may see."), **more)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The projects of a firm, as investor or as project company: a panel of the firm's page."""
    if "\x00" in firm_id:
        raise Http404
    found = register.of_firm(request.user, firm_id)
    return _drawn(request, found, _("Projects of this firm"), _("No project of this firm that you may see."))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def of_person(request: HttpRequest, pk: object) -> HttpResponse:
    """The projects that a person answers for, or of which he owes a sub-node."""
    person = get_object_or_404(User.objects.get_queryset().visible_to(request.user), public_id=pk)
    title = _("Projects of %(person)s") % {"person": person}
    return _drawn(request, register.of_person(request.user, person), title, _("No project that you may see."))
