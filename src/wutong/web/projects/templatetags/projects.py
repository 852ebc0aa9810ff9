"""How a project stands, in lists and on its page: a shape, a colour and a word."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.translation import pgettext_lazy

from wutong.web.projects.rules.stages import Light

register = template.Library()

WORDS = {
    Light.GREEN: pgettext_lazy("light of a project", "on time"),
    Light.AMBER: pgettext_lazy("light of a project", "due soon or caught up late"),
    Light.RED: pgettext_lazy("light of a project", "late"),
}


@register.filter
def project_light(light: Light) -> str:
    """A light with its word; nothing where nothing is due."""
    word = WORDS.get(light)
    return format_html('<span class="light light-{} nowrap">{}</span>', light, word) if word else ""
