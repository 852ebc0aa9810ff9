"""What is said of a project, with units, as its page shows it: figures and those not provided, facts, planned days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.rulebook.lifecycle import FIGURES
from wutong.rulebook.opportunities import kind_facts
from wutong.web.accounts.models.units import named
from wutong.web.leads.queries import places, rows
from wutong.web.projects.models import PLAN, Project
from wutong.web.projects.queries import refusals

PLANNED = {
    "planned_start_on": gettext_lazy("Start planned on"),
    "planned_completion_on": gettext_lazy("Completion planned on"),
    "planned_production_on": gettext_lazy("Production planned on"),
    "planned_full_on": gettext_lazy("Full capacity planned on"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a project with its unit in the label. `is_yuan`: shown in 10,000 yuan; `is_not_provided`: the investor gives none."""

    name: str
    label: Any
    number: Decimal | int | None
    is_yuan: bool
    is_not_provided: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said of a project, "" or None where it is missing."""

    label: str
    text: Any = ""


def figures(project: Project) -> Sequence[Figure]:
    """The nine figures, in their order."""
    return [
        Figure(name, refusals.FIGURE_LABELS[name], getattr(project, name), "_yuan" in name, name in project.not_provided)
        for name in FIGURES
    ]  # fmt: skip


def facts(project: Project) -> Sequence[Fact]:
    """Capital, site, chain, company and code of a project, and what its kind says of itself."""
    origin = project.origin_country or places.name_of(project.origin_adcode)
    chain = rows.segment_name(project.chain, project.segment) if project.segment else ""
    return [
        Fact(_("Investor"), project.investor_name),
        Fact(_("Capital"), " · ".join(filter(None, (str(project.get_origin_kind_display() or ""), origin)))),
        Fact(refusals.fact_name("site"), " · ".join(filter(None, (project.site_text, places.name_of(project.site_adcode))))),
        Fact(_("Kind of site"), str(project.get_site_kind_display() or "")),
        Fact(refusals.fact_name("segment"), chain),
        Fact(refusals.fact_name("landed"), " · ".join(filter(None, (project.landed, project.landed_uscc)))),
        Fact(refusals.fact_name("project_code"), project.project_code),
        *of_kind(project),
    ]


def of_kind(project: Project) -> Sequence[Fact]:
    """What projects of its kind say of themselves, "" where it is missing."""
    return [
        Fact(named(one.zh, one.en), _plain(project.kind_facts.get(one.key, ""), is_number=one.is_number))
        for one in kind_facts()[project.kind]
    ]


def _plain(text: str, *, is_number: bool) -> str:
    return f"{Decimal(text):,f}" if text and is_number else text


def plan(project: Project) -> Sequence[Fact]:
    """The days planned."""
    return [Fact(str(PLANNED[name]), getattr(project, name)) for name in PLAN]
