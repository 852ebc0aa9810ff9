"""How rows of target lists are written: their segment, how they stand today, the words of an entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wutong.web.leads.models import ROW_STATES
from wutong.web.leads.queries import rows
from wutong.web.leads.rules.lists import Attention, ChangeKind, RowState

register = template.Library()

ATTENTION = {
    Attention.OVERDUE: (_("overdue"), "light light-red"),
    Attention.STALE: (_("stale"), "light light-amber"),
    Attention.DUE: (_("due this week"), "light"),
}


@register.filter
def segment_of(row: Any) -> str:
    """The segment for which a firm stands on a list, in the language of the page."""
    return rows.segment_name(row.chain, row.segment) if row.segment else ""


@register.filter
def iso(day: dt.date) -> str:
    """A day as 2026-03-05."""
    return day.isoformat()


@register.filter
def source_of(target_list: Any) -> str:
    """Where a list comes from, in one line."""
    return rows.source_of(target_list)


@register.simple_tag
def attention(row: Any) -> str:
    """How a row stands today: a shape, a colour and a word; nothing where all is well."""
    word, css = ATTENTION.get(row.attention, ("", ""))
    if not word:
        return ""
    if row.attention == Attention.STALE:
        days = ngettext("%(n)s day", "%(n)s days", row.quiet_days) % {"n": row.quiet_days}
        word = f"{word} {days}"
    return format_html('<span class="{} nowrap">{}</span>', css, word)


@register.filter
def step(text: str) -> str:
    """A next step, those that the house proposes in the language of the page."""
    return rows.step_words(text)


@register.filter
def of_id(found: dict[str, Any], key: str) -> Any:
    """What is known under a key; nothing where it is not."""
    return found.get(key, ())


@register.filter
def choose_words(name: str) -> str:
    """What a box says that chooses a firm."""
    return gettext("Choose %(name)s") % {"name": name}


@register.filter
def state_word(code: str) -> str:
    """A state of a row in words."""
    return str(ROW_STATES[RowState(code)]) if code in set(RowState) else code


@register.filter
def is_of_states(change: Any) -> bool:
    """Whether before and after of a change are states of a row."""
    return change.kind in {ChangeKind.SETTLED, ChangeKind.REOPENED}
