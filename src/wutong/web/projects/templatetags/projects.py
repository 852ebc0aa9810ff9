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
from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import overview
from wutong.web.projects.rules.stages import Light

register = template.Library()


@register.filter
def project_light(light: Light) -> str:
    """A light with its word; nothing where nothing is due."""
    word = overview.LIGHTS.get(light)
    return format_html('<span class="light light-{} nowrap">{}</span>', light, word) if word else ""


@register.simple_tag
def total_missing(project: Project) -> str:
    """Why no total investment stands: the investor gives none, or nobody knows it yet."""
    return missing(_("not provided by the investor") if "total_yuan" in project.not_provided else _("not known yet"))


register.simple_tag(missing, name="missing_because")

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
