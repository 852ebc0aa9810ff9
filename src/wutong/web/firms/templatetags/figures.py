"""How names, verdicts, roles and missing values are written on the pages of firms and chains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from wutong.web.firms.queries import tags
from wutong.web.firms.queries.standing import VERDICTS
from wutong.web.lib import hooks
from wutong.web.lib.access import is_chinese
from wutong.web.lib.money import missing

register = template.Library()
register.simple_tag(missing)

ROLES = {
    "makes": _("makes"),
    "processes": _("processes"),
    "grows": _("grows"),
    "sells": _("sells"),
    "installs": _("installs"),
    "repairs": _("repairs"),
    "researches": _("researches"),
    "designs": _("designs"),
    "stores": _("stores"),
    "transports": _("transports"),
    "provides": _("provides"),
    "unstated": _("no verb given"),
}


@register.filter
def named(thing: Any) -> str:
    """The name of a chain, layer, segment or product in the language of the page."""
    first, second = ("name_zh", "name_en") if is_chinese() else ("name_en", "name_zh")
    for field in (first, second, "zh" if is_chinese() else "en", "name"):
        text = getattr(thing, field, "")
        if text:
            return str(text)
    return str(thing)


@register.filter
def described(thing: Any) -> str:
    """The description of a chain in the language of the page."""
    return str(thing.description_zh if is_chinese() else thing.description_en)


@register.filter
def verdict_word(code: Any) -> str:
    """A verdict in words."""
    return str(VERDICTS.get(str(getattr(code, "value", code)), code))


def role_code(role: Any) -> str:
    """A role of the parser as a small word: `Role.MAKES` → makes."""
    return str(getattr(role, "name", role)).lower()


@register.filter
def role_word(role: Any) -> str:
    """A role in words."""
    return str(ROLES.get(role_code(role), role))


@register.filter
def role_class(role: Any) -> str:
    """The CSS class of a role."""
    return f"r-{role_code(role)}"


@register.inclusion_tag("firms/_evidence.html")
def evidence(clause: str, phrase: str) -> dict[str, Any]:
    """A clause of a scope with the phrase that proves something marked."""
    before, found, after = clause.partition(phrase) if phrase else (clause, "", "")
    return {"before": before, "found": found, "after": after}


@register.simple_tag
def list_actions(user: Any) -> tuple[hooks.ListAction, ...]:
    """What rooms above offer this person to do with firms of a list."""
    return tuple(action for action in hooks.list_actions() if user.may(action.permission))


@register.inclusion_tag("firms/_choice.html")
def choice(firm_id: str, name: str) -> dict[str, str]:
    """The box that marks a firm of a list for what `_list_actions.html` offers."""
    return {"firm_id": firm_id, "name": name}


@register.filter
def tag_named(code: str) -> str:
    """A tag in the language of the page."""
    return tags.tag_name(code)


@register.filter
def way_named(code: str) -> str:
    """How a row of a list was recognised, in words."""
    return str(tags.WAYS.get(code, code))


@register.filter
def percent(share: float) -> str:
    """A share 0-1 as a number of hundredths with one digit."""
    return f"{share * 100:.1f}"


@register.filter
def of_firm(known: Mapping[str, Any] | None, firm_id: str) -> Any:
    """What a table says of a firm of the registry; nothing where it says nothing."""
    return (known or {}).get(firm_id, ())
