"""How leads are written in lists: how each stands today, its claim, what is due."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.leads.models import TOLD
from wutong.web.leads.rules.claims import Attention
from wutong.web.leads.rules.handed_in import Told

register = template.Library()

ATTENTION = {
    Attention.OVER: (_("protection is over"), "light light-red"),
    Attention.ENDS_SOON: (_("protection ends soon"), "light light-amber"),
    Attention.STALE: (pgettext_lazy("lead", "stale"), "light light-amber"),
}


TOLD_BADGES = {Told.TALKS: "bg-success-lt", Told.PROJECT: "bg-success-lt", Told.CONTACT: "bg-success-lt", Told.TAKEN_UP: "bg-azure-lt"}


@register.simple_tag
def told_badge(handed: Any) -> str:
    """How far information has come, as its giver is told."""
    return format_html('<span class="badge {}">{}</span>', TOLD_BADGES.get(handed.told, "bg-secondary-lt"), TOLD[handed.told])


@register.simple_tag
def stands(lead: Any) -> str:
    """How a lead stands today: a shape, a colour and a word; nothing where all is well."""
    word, css = ATTENTION.get(lead.attention, ("", ""))
    if not word:
        return ""
    if lead.attention == Attention.STALE:
        word = f"{word} {days(lead.quiet_days)}"
    return format_html('<span class="{} nowrap">{}</span>', css, word)


@register.filter
def days(number: int) -> str:
    """A number of days in words."""
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}


@register.filter
def firm_of(lead: Any) -> str:
    """The firm of a lead as filed; of a confidential one only that it is kept."""
    return gettext("kept confidential") if lead.is_confidential else lead.name
