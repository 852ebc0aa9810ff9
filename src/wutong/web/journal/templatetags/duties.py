"""A duty's light in words, with its shape: never a colour alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wutong.web.journal.rules import DutyState, Light

register = template.Library()
CLASSES = {Light.RED: "light-red", Light.YELLOW: "light-amber", Light.GREEN: "light-green"}


@register.simple_tag
def light(found: Light, due_on: dt.date, today: dt.date, duty: Any = None) -> SafeString | str:
    """The light with how far away the due day is, or how the duty ended."""
    state = DutyState(duty.state) if duty else DutyState.OPEN
    if state is DutyState.DROPPED:
        return _("called off")
    ended = _("done late") if found is Light.YELLOW else _("done in time")
    words = ended if state is DutyState.DONE else _until((due_on - today).days)
    return format_html('<span class="light {}">{}</span>', CLASSES[found], words)


def _until(days: int) -> str:
    if days < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}
    if days == 0:
        return _("due today")
    return _("due tomorrow") if days == 1 else _("in %(n)s days") % {"n": days}
