"""Where facts come from, in words: the codes of the catalogue and what may be said with them, for whoever never saw a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import pgettext_lazy

SOURCES_TOLD: Mapping[str, Any] = {
    "projects.signed": pgettext_lazy("source of a fact", "projects signed"),
    "projects.registered": pgettext_lazy("source of a fact", "projects registered"),
    "projects.land_granted": pgettext_lazy("source of a fact", "projects with land"),
    "projects.started": pgettext_lazy("source of a fact", "projects started"),
    "projects.completed": pgettext_lazy("source of a fact", "projects completed"),
    "projects.produced": pgettext_lazy("source of a fact", "projects producing"),
    "projects.full_capacity": pgettext_lazy("source of a fact", "projects at full capacity"),
    "projects.investment_signed": pgettext_lazy("source of a fact", "investment of projects signed"),
    "rates.numerator": pgettext_lazy("source of a fact", "numerator of a rate"),
    "rates.denominator": pgettext_lazy("source of a fact", "denominator of a rate"),
    "funds.recognised": pgettext_lazy("source of a fact", "recognised funds in place"),
    "funds.foreign_yuan": pgettext_lazy("source of a fact", "foreign capital used, in yuan"),
    "funds.foreign_usd": pgettext_lazy("source of a fact", "foreign capital used, in US dollars"),
    "trips.count": pgettext_lazy("source of a fact", "trips"),
    "trips.days": pgettext_lazy("source of a fact", "days away"),
    "trips.people": pgettext_lazy("source of a fact", "people away"),
    "trips.working_days": pgettext_lazy("source of a fact", "working days of the period"),
    "commitments.kept": pgettext_lazy("source of a fact", "promises kept in time"),
    "commitments.kept_late": pgettext_lazy("source of a fact", "promises kept late"),
    "commitments.broken": pgettext_lazy("source of a fact", "promises not kept"),
    "duties.due": pgettext_lazy("source of a fact", "duties due"),
    "duties.on_time": pgettext_lazy("source of a fact", "duties done in time"),
    "duties.late": pgettext_lazy("source of a fact", "duties done late"),
    "leads.logged": pgettext_lazy("source of a fact", "leads logged"),
    "knocks.made": pgettext_lazy("source of a fact", "visits to firms"),
    "firms.output": pgettext_lazy("source of a fact", "output of firms"),
    "firms.revenue": pgettext_lazy("source of a fact", "revenue of firms"),
    "firms.tax": pgettext_lazy("source of a fact", "tax paid by firms"),
    "firms.profit": pgettext_lazy("source of a fact", "profit of firms"),
    "firms.research": pgettext_lazy("source of a fact", "research spending of firms"),
    "firms.exports": pgettext_lazy("source of a fact", "trade of firms"),
    "firms.employees": pgettext_lazy("source of a fact", "employees of firms"),
    "inspection.false_reports": pgettext_lazy("source of a fact", "false reports found"),
    "inspection.reported_yuan": pgettext_lazy("source of a fact", "funds reported of inspected projects"),
    "inspection.verified_yuan": pgettext_lazy("source of a fact", "funds verified of inspected projects"),
    "goal.target": pgettext_lazy("source of a fact", "target of the year"),
    "goal.month_target": pgettext_lazy("source of a fact", "target up to the day"),
    "goal.actual": pgettext_lazy("source of a fact", "actual of the year"),
    "ratings.mean": pgettext_lazy("source of a fact", "mean of ratings"),
}
"""Code of a computed fact → what it counts; a test sees that none is left out."""
PARAMS_TOLD: Mapping[str, Any] = {
    "measure": pgettext_lazy("source of a fact", "measure of the goal"),
    "set": pgettext_lazy("source of a fact", "whose goals"),
    "tier": pgettext_lazy("source of a fact", "size tier"),
    "of_chain": pgettext_lazy("source of a fact", "chain only"),
    "definition": pgettext_lazy("source of a fact", "definition of the rate"),
    "kind": pgettext_lazy("source of a fact", "kind of project"),
    "least": pgettext_lazy("source of a fact", "investment of at least"),
    "below": pgettext_lazy("source of a fact", "investment below"),
    "chain": pgettext_lazy("source of a fact", "chain projects only"),
    "side": pgettext_lazy("source of a fact", "counted for"),
    "lost": pgettext_lazy("source of a fact", "lost projects"),
    "places": pgettext_lazy("source of a fact", "hosted by"),
    "capital": pgettext_lazy("source of a fact", "origin of capital"),
    "origin": pgettext_lazy("source of a fact", "origin of capital"),
    "who": pgettext_lazy("source of a fact", "who travelled"),
    "which": pgettext_lazy("source of a fact", "which firms"),
    "year": pgettext_lazy("source of a fact", "which year"),
    "sheet": pgettext_lazy("source of a fact", "rating sheet"),
    "question": pgettext_lazy("source of a fact", "question"),
    "by": pgettext_lazy("source of a fact", "class of raters"),
}
"""Parameter of a computed fact → what it asks."""
