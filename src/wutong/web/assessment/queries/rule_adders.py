"""New parts of a rule by form: the ways to choose from, what is filled in, and what is wrong with a part before it stands in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook import money, texts
from wutong.rulebook.scoring import fields as parts
from wutong.rulebook.scoring import recipes
from wutong.web.assessment.models import SchemeVersion
from wutong.web.assessment.queries import sources, versions
from wutong.web.assessment.queries.rule_forms import CHOICES, Said
from wutong.web.assessment.queries.source_words import SOURCES_TOLD
from wutong.web.lib.access import is_chinese

PREFIX = "new:"


@dataclass(frozen=True, slots=True)
class BlankShown:
    """A blank. `unit`: of a fact that is new, None where no number stands there; `offered`: the list of what may stand there."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...]
    unit: str | None
    offered: str


@dataclass(frozen=True, slots=True)
class Adder:
    """The form of a new part. `ways`: heading → code, number and words; `faults`: why it is not in the text yet."""

    ways: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    chosen: str
    told: str
    kind: str
    groups: tuple[tuple[str, str], ...]
    given: Mapping[str, str]
    blanks: tuple[BlankShown, ...]
    rows: tuple[tuple[BlankShown, ...], ...]
    units: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    faults: tuple[Said, ...] = ()


def given_of(post: Mapping[str, str]) -> dict[str, str]:
    """What was filled in of a new part."""
    return {name.removeprefix(PREFIX): value for name, value in post.items() if name.startswith(PREFIX)}


def adder(text: str, given: Mapping[str, str], faults: tuple[Said, ...] = ()) -> Adder | None:
    """The form of a new part; None where the text cannot be read."""
    try:
        groups = tuple((str(one.path[1]), _words(one.title)) for one in parts.cards(text) if one.kind == "group")
    except texts.TextError:
        return None
    recipe = recipes.BY_CODE.get(given.get("recipe", ""))
    blanks = tuple(_blank(one, one.name, given) for one in recipe.blanks) if recipe else ()
    rows = range(recipes.ROWS if recipe and recipe.columns else 0)
    shown = tuple(tuple(_blank(one, f"rows.{row}.{one.name}", given) for one in recipe.columns) for row in rows) if recipe else ()
    units = tuple(dict.fromkeys(one.zh for one in money.UNITS.values() if one.zh))
    told = _words(recipe.told) if recipe else ""
    return Adder(
        tuple(_ways()), recipe.code if recipe else "", told, recipe.kind if recipe else "", groups, given, blanks, shown, units,
        tuple((code, str(SOURCES_TOLD[code])) for code in sources.SOURCES), faults,
    )  # fmt: skip


def _words(words: parts.Words) -> str:
    return words[0] if is_chinese() else words[1]


def _ways() -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    headings = {
        pgettext("assessment", "Indicator"): ("item",), pgettext("part of a rule", "Vetoes and lists"): ("veto", "list"),
        pgettext("assessment", "Facts"): ("fact",),
    }  # fmt: skip
    for heading, kinds in headings.items():
        yield heading, tuple((one.code, f"{_words(one.words)} — {_words(one.told)}") for one in recipes.RECIPES if one.kind in kinds)


def _blank(blank: recipes.Blank, name: str, given: Mapping[str, str]) -> BlankShown:
    is_row = name != blank.name
    value = given.get(name, "" if is_row else blank.fallback)
    options = tuple((word, str(CHOICES.get(word, word))) for word in blank.choices)
    unit = given.get(f"{name}.unit", "") if blank.kind == "number" else None
    offered = {"unit": "rule-units", "source": "rule-sources"}.get(name, "rule-names" if blank.kind in recipes.FACTS else "")
    return BlankShown(name, _words(blank.words), value, options, unit, offered)


def added(version: SchemeVersion, text: str, given: Mapping[str, str]) -> tuple[str, str, tuple[Said, ...]]:
    """The text with a new part, its key, and what is wrong with it; with a fault the text is as it was.

    Raises: editing.EditError, texts.TextError.
    """
    recipe = recipes.BY_CODE.get(given.get("recipe", ""))
    if recipe is None or not given.get("title", "").strip():
        return text, "", ((0, _("Nothing is chosen, or the title is missing."), _("Choose what is added and fill in its title.")),)
    before = {one.key for one in parts.cards(text)}
    made, path = recipes.added(text, recipe, given.get("group", ""), given)
    key = "/".join(map(str, path))
    new = [one for one in parts.cards(made) if one.key == key or (one.kind == "fact" and one.key not in before)]
    _rule, faults = versions.read_of(version.scheme, made)
    own = tuple(versions.said(fault) for fault in faults if any(one.line <= fault.line <= one.last_line for one in new))
    return (text, "", own) if own else (made, key, ())
