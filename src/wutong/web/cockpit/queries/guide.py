"""The guides inside the product: which is a person's own, and a guide as a page.

A guide is the Markdown of docs/guide, which is shipped with the package, so that it is read without any other host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from markdown_it import MarkdownIt
from markdown_it.token import Token

from wutong.web import cockpit
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.lib import access, rulebook
from wutong.web.lib.access import is_chinese
from wutong.web.rulebooks.queries import leaves

FOLDER = Path(cockpit.__file__).parent / "guide"
USER = "user"
OF_ROLE = {
    "government_leader": "leader", "bureau_leader": "leader", "bureau_officer": "officer", "county_officer": "officer",
    "park_officer": "officer", "away_officer": "officer", "department_officer": "department", "adviser": "adviser",
    "local_firm": "local-firm", "system_admin": "administrator", "security_admin": "administrator", "audit_admin": "auditor",
    "assessor": "assessor",
}  # fmt: skip
NAMES = {
    "user": pgettext_lazy("guide", "Everybody"), "officer": pgettext_lazy("guide", "Promotion officers"),
    "township": pgettext_lazy("guide", "Townships"), "department": pgettext_lazy("guide", "Departments"),
    "adviser": pgettext_lazy("guide", "Advisers"), "local-firm": pgettext_lazy("guide", "Local firms"),
    "leader": pgettext_lazy("guide", "Leaders"), "assessor": pgettext_lazy("guide", "Assessors"),
    "figures": pgettext_lazy("guide", "How the figures are made"),
    "files": pgettext_lazy("guide", "Files that come in"), "administrator": pgettext_lazy("guide", "Administrators"),
    "auditor": pgettext_lazy("guide", "Auditors"), "api": pgettext_lazy("guide", "API"), "cli": pgettext_lazy("guide", "Command line"),
}  # fmt: skip
OUTSIDE = ("local-firm", USER)
_RULE = re.compile(r"<code>([a-z][a-z0-9_]*\.[a-z0-9_.-]+)</code>")
_GUIDE = re.compile(r"^([\w-]+)\.md(#.*)?$")


@dataclass(frozen=True, slots=True)
class Page:
    """A guide as somebody reads it. `others`: the guides open to him, by name, label and whether it is this one."""

    name: str
    title: Any
    text: SafeString
    others: tuple[tuple[str, Any, bool], ...]


class NoGuide(LookupError):  # noqa: N818
    """There is no such guide, or it is not for this person."""


def own_name(user: Any) -> str:
    """The guide of the first role that a person holds at home; in a township that of townships."""
    held = [OF_ROLE.get(grant.role.code) for grant in user.grants()]
    name = next(filter(None, held), USER)
    return "township" if name == "officer" and user.unit.kind == UnitKind.TOWNSHIP else name


def page(user: Any, name: str = "") -> Page:
    """A guide, one's own where none is named. Raises: NoGuide."""
    open_to = OUTSIDE if user.is_outside else tuple(NAMES)
    wanted = name or own_name(user)
    if wanted not in open_to:
        raise NoGuide(wanted)
    drawn = _with_rules(_drawn(wanted, "zh" if is_chinese() else "en", open_to), may_read=user.may(Permission.RULES_VIEW))
    return Page(wanted, NAMES[wanted], drawn, tuple((key, NAMES[key], key == wanted) for key in open_to))


def _with_rules(text: SafeString, *, may_read: bool) -> SafeString:
    """The text with the value of today behind every rule that it names, and the link to the rule for whoever may read rules.

    Why: a guide names the rule and not its number, which the office may change; its reader wants the number.
    """
    book, on = rulebook.in_force(), access.today()

    def told(found: re.Match[str]) -> str:
        if found[1] not in book.leaves:
            return found[0]
        row = leaves.row_of(found[1], book, on)
        said = escape(_("%(value)s %(unit)s") % {"value": row.value, "unit": row.unit})
        address = reverse("rulebooks:leaf", args=[found[1]])
        name = f'<a href="{address}">{found[0]}</a>' if may_read else found[0]
        return _("%(rule)s (now %(value)s)") % {"rule": name, "value": said}

    return mark_safe(_RULE.sub(told, text))  # noqa: S308  what is put in is escaped


@lru_cache(maxsize=64)
def _drawn(name: str, language: str, open_to: tuple[str, ...]) -> SafeString:
    """A guide as HTML for whoever may open these guides."""
    return _html((FOLDER / language / f"{name}.md").read_text("utf-8"), open_to)


def _html(markdown: str, open_to: tuple[str, ...]) -> SafeString:
    """Markdown as HTML: its headings can be linked, its links lead to pages of the product that are open or are plain words."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[number + 1].content))
        if token.type == "inline" and token.children:
            token.children = _led(token.children, open_to)
    body = tokens[3:] if tokens and tokens[0].tag == "h1" else tokens  # the title stands in the head of the page
    return mark_safe(parser.renderer.render(body, parser.options, {}))  # noqa: S308  HTML of others is escaped: html is False


def _anchor(text: str) -> str:
    """As the places that show Markdown name a heading."""
    return re.sub(r"[^\w -]", "", text.lower()).strip().replace(" ", "-")


def _led(children: list[Token], open_to: tuple[str, ...]) -> list[Token]:
    """Links between guides lead to their pages; those to files not shipped or guides not open lose their link and keep their words."""
    kept: list[Token] = []
    dropped = False
    for token in children:
        if token.type == "link_open":
            where = str(token.attrGet("href") or "")
            found = _GUIDE.match(where)
            dropped = not where.startswith("#") and (found is None or found[1] not in open_to)
            if found and not dropped:
                token.attrSet("href", reverse("cockpit:guide-of", args=[found[1]]) + (found[2] or ""))
        if not (dropped and token.type in {"link_open", "link_close"}):
            kept.append(token)
        if token.type == "link_close":
            dropped = False
    return kept
