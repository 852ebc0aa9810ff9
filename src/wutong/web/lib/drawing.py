"""Parts of pages that are drawn so often that a template takes too long: icons, the side bar, the options of a select, static files.

Why: every page draws some forty of them, which was half of a plain page's time. What is kept is kept by all that it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from django import template
from django.db.models.fields import BLANK_CHOICE_DASH
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from whitenoise.storage import CompressedManifestStaticFilesStorage

from wutong.web.lib import hooks

register = template.Library()
BARS_KEPT = 1024
ON_A_PHONE = 5
NOTHING = BLANK_CHOICE_DASH[0][1]


class Assets(CompressedManifestStaticFilesStorage):
    """The files that browsers load, by names that hold their hash; while a process runs none of them changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of a file; worked out once."""
        if name is None or force:
            return super().url(name, force)
        found = self._addresses.get(name)
        if found is None:
            found = self._addresses[name] = super().url(name)
        return found


@cache
def _icon(address: str, name: str, css: str) -> SafeString:
    text = '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return format_html(text, css, address, name)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, as `components/icon.html` draws it."""
    return _icon(static("vendor/icons.svg"), name, css)


@register.simple_tag
def bar(navigation: Iterable[hooks.NavItem], file: str, *, is_oneself: bool = False, is_outside: bool = False) -> SafeString:
    """The side bar, or the bar at the foot of a phone: entries that the person may open, as `access.navigation` chose them.

    Somebody outside the office has no page about himself there.
    """
    shown = tuple((item.url_name, item.is_here) for item in navigation)
    return _bar(file, get_language() or "", get_script_prefix(), shown, is_oneself, is_outside)


@lru_cache(maxsize=BARS_KEPT)
def _bar(file: str, _language: str, _prefix: str, shown: tuple[tuple[str, bool], ...], is_oneself: bool, is_outside: bool) -> SafeString:
    known = {item.url_name: item for item in hooks.navigation()}
    items = tuple(replace(known[name], is_here=is_here) for name, is_here in shown)
    by_phone = sorted(items, key=lambda item: (item.phone or len(known) + 100, item.order))
    first = by_phone if len(items) < ON_A_PHONE else by_phone[: ON_A_PHONE - 1]
    rest = [item for item in items if item not in first]
    is_inside = is_oneself or any(item.is_here for item in rest)
    context = {"navigation": items, "is_oneself": is_oneself, "first": first, "rest": rest, "is_inside": is_inside}
    context["is_outside"] = is_outside
    return SafeString(render_to_string(file, context))


@register.simple_tag
def space() -> str:
    """What stands between two sentences, or after a colon: nothing in Chinese, whose marks are wide already."""
    return "" if (get_language() or "").startswith("zh") else " "


@register.simple_tag
def options(groups: Iterable[tuple[Any, Iterable[Mapping[str, Any]], int]], attrs: Mapping[str, Any] | None = None) -> SafeString:
    """The options of a select. Why: of four hundred people to choose from, a template needs longer to draw them than the rest of a page.

    Django's row of hyphens for "nothing chosen" is put in words, by whether something must be chosen.
    """
    lines: list[str] = []
    nothing = _("Choose") if (attrs or {}).get("required") else _("None chosen")
    for name, choices, _index in groups:
        lines += [format_html('<optgroup label="{}">', name)] if name else []
        lines += [_option(str(one["value"]), nothing if one["label"] == NOTHING else one["label"], one["attrs"]) for one in choices]
        lines += ["</optgroup>"] if name else []
    return SafeString("".join(lines))


def _option(value: str, label: Any, attributes: Mapping[str, Any]) -> str:
    given = ((name, value) for name, value in attributes.items() if value is not False)
    told = "".join(f" {conditional_escape(name)}" if said is True else format_html(' {}="{}"', name, said) for name, said in given)
    return f'<option value="{conditional_escape(value)}"{told}>{conditional_escape(label)}</option>'
