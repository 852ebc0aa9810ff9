"""How a project stands, in lists and on its page: a shape, a colour and a word."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from wutong.web.lib.money import missing
from wutong.web.projects.models import OPINION_KINDS, Commitment, Evidence, Node, Offer, Project
from wutong.web.projects.queries import commitments, lifecycles, opportunities, overview, paper_pages, recognition, reports
from wutong.web.projects.rules.agreements import OpinionKind
from wutong.web.projects.rules.commitments import CommitmentState
from wutong.web.projects.rules.opportunities import Age
from wutong.web.projects.rules.stages import Light

register = template.Library()


@register.filter
def project_light(light: Light) -> str:
    """A light with its word; nothing where nothing is due."""
    word = overview.LIGHTS.get(light)
    return format_html('<span class="light light-{} nowrap">{}</span>', light, word) if word else ""


@register.filter
def opportunity_age(age: Age) -> str:
    """How old what is offered is, as a light with its word."""
    colour = {Age.FRESH: "green", Age.SOON: "amber"}.get(age, "red")
    return format_html('<span class="light light-{} nowrap">{}</span>', colour, opportunities.AGES[age])


@register.simple_tag
def total_missing(project: Project) -> str:
    """Why no total investment stands: the investor gives none, or nobody knows it yet."""
    return missing(_("not provided by the investor") if "total_yuan" in project.not_provided else _("not known yet"))


register.simple_tag(missing, name="missing_because")
register.filter(recognition.source_title)

BUTTONS = {
    "finish": pgettext_lazy("node", "Done"),
    "not-needed": pgettext_lazy("node", "Not needed"),
    "assign": pgettext_lazy("node", "Give"),
    "reopen": pgettext_lazy("node", "Open again"),
}


@register.simple_tag
def node_button(node: Node, verb: str, name: str) -> str:
    """The link to what may be done with a sub-node; whoever hears the page is told with which."""
    return format_html(
        '<a class="btn btn-sm" href="{}" aria-label="{}: {}">{}</a>', reverse(f"projects:node-{verb}", args=[node.public_id]),
        BUTTONS[verb], name, BUTTONS[verb],
    )  # fmt: skip


@register.simple_tag
def late_by(due_on: dt.date | None, on: dt.date) -> str:
    """How many days something is late."""
    days = (on - due_on).days if due_on else 0
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days > 0 else ""


@register.filter
def plain_number(value: Decimal | int) -> str:
    """A number with its thousands, without zeros that say nothing."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


# --- papers -----------------------------------------------------------------------------------------------------------------------------
PAPER_BUTTONS = {
    "Offer": ("offer", {"answer": pgettext_lazy("offer", "Answer"), "withdraw": pgettext_lazy("offer", "Take back")}),
    "Commitment": (
        "promise",
        {
            "done": pgettext_lazy("commitment", "Done"), "ask-waiver": pgettext_lazy("commitment", "Ask for a waiver"),
            "answer-waiver": pgettext_lazy("commitment", "Answer the waiver"), "replace": pgettext_lazy("commitment", "Replace"),
        },
    ),
}  # fmt: skip
PROMISE_LIGHTS = {
    CommitmentState.BROKEN: Light.RED, CommitmentState.DUE_SOON: Light.AMBER, CommitmentState.KEPT_LATE: Light.AMBER,
    CommitmentState.KEPT: Light.GREEN,
}  # fmt: skip


@register.simple_tag
def paper_button(record: Offer | Commitment, verb: str, name: str) -> str:
    """The link to what may be done with an offer or a promise; whoever hears the page is told with which."""
    prefix, words = PAPER_BUTTONS[type(record).__name__]
    address = reverse(f"projects:{prefix}-{verb}", args=[record.public_id])
    return format_html('<a class="btn btn-sm" href="{}" aria-label="{}: {}">{}</a>', address, words[verb], name, words[verb])


@register.filter
def promise_state(state: CommitmentState) -> str:
    """How a promise stands, with a shape and colour where it matters."""
    word, light = commitments.state_words(state), PROMISE_LIGHTS.get(state)
    return format_html('<span class="light light-{} nowrap">{}</span>', light, word) if light else word


@register.simple_tag
def promise_amount(amount: Decimal | None, measure: str) -> str:
    """An amount of a promise with its measure."""
    return paper_pages.amount_words(amount, measure)


@register.simple_tag
def evidence_words(proof: Evidence) -> str:
    """A piece of evidence by its kind and number."""
    return " · ".join(filter(None, (lifecycles.evidence_name(proof.kind), proof.title, proof.number)))


@register.simple_tag
def opinion_kind(kind: str) -> str:
    """A kind of opinion in words."""
    return str(OPINION_KINDS[OpinionKind(kind)])


@register.filter
def report_state(row: reports.Due) -> str:
    """How the report of a month stands."""
    return str(reports.state_words(row))
