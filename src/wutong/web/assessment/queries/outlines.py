"""A rule beside its text, in the order in which it is read: facts and where they come from, groups, indicators, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from wutong.rulebook import money
from wutong.rulebook.rewards.shape import Award, Keep, RewardRule
from wutong.rulebook.scoring.shape import Item, RuleGroup, ScoringRule
from wutong.web.assessment.models import Scheme
from wutong.web.assessment.queries import reward_words, versions
from wutong.web.lib.access import is_chinese


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """An indicator: how deep it stands, its full points, and its formula in words."""

    title: str
    depth: int
    full_points: str
    formula: str
    line: int


@dataclass(frozen=True, slots=True)
class OutlineGroup:
    """A group with its indicators."""

    title: str
    full_points: str
    items: tuple[OutlineItem, ...]
    has_points: bool = True


@dataclass(frozen=True, slots=True)
class OutlineFact:
    """A fact: its title and unit, and the code of what computes it; "" where it is entered by hand."""

    title: str
    unit: str
    origin: str
    line: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A rule at a glance; faults as line, what is wrong, what to do; `remarks`: what is no fault but perhaps not meant, as faults are."""

    title: str
    facts: tuple[OutlineFact, ...]
    groups: tuple[OutlineGroup, ...]
    faults: tuple[tuple[int, str, str], ...]
    unused: tuple[str, ...]
    begins_on: Any = None
    ends_on: Any = None
    remarks: tuple[tuple[int, str, str], ...] = ()


def outline(scheme: Scheme, text: str) -> Outline:
    """The outline of a text; of one that cannot be read the faults alone."""
    rule, faults = versions.read_of(scheme, text)
    said = tuple(versions.said(one) for one in faults)
    if rule is None:
        return Outline("", (), (), said, ())
    zh = is_chinese()
    facts = tuple(
        OutlineFact(
            one.zh if zh else one.en,
            (one.unit.zh if zh else one.unit.en) if one.unit else "",
            one.origin.code if one.origin else "",
            one.line,
        )
        for one in rule.facts.values()
    )
    groups = (
        tuple(_award(one) for one in rule.awards.values()) if isinstance(rule, RewardRule) else tuple(map(_group, rule.groups.values()))
    )
    remarks = tuple(versions.said(one) for one in rule.remarks)
    return Outline(rule.zh if zh else rule.en, facts, groups, said, _unused(rule), rule.begins_on, rule.ends_on, remarks)


def _award(award: Award) -> OutlineGroup:
    """An award as it is read: when, the formula, raises, the cap."""
    lang = "zh" if is_chinese() else "en"
    lines = [(pgettext("award", "Condition"), award.when), (pgettext("award", "Formula"), award.formula)]
    items = [OutlineItem(title, 0, "", _words(one, lang), award.line) for title, one in lines if one is not None]
    items += [
        OutlineItem(one.zh if lang == "zh" else one.en, 1, "", f"+{money.written(one.by_share * 100)} %", award.line)
        for one in award.raises
    ]
    if award.at_most is not None:
        items.append(OutlineItem(pgettext("award", "At most"), 0, "", _words(award.at_most, lang), award.line))
    items += [OutlineItem(title, 0, "", str(words), award.line) for title, words in _limits(award)]
    return OutlineGroup(f"{award.zh if lang == 'zh' else award.en} · {reward_words.TO[award.to]}", "", tuple(items), has_points=False)


def _words(part: Any, lang: str) -> str:
    """A formula or condition; in English the amounts written into it too."""
    return str(part.words(lang) if lang == "zh" else money.in_english(part.words(lang)))


def _limits(award: Award) -> Iterator[tuple[Any, Any]]:
    """What else decides whether an award is given: rounding, last day, what it is not given beside, staff, tax."""
    if award.rounding is not None:
        yield pgettext("award", "Rounding"), award.rounding.words("zh" if is_chinese() else "en")
    if award.term is not None:
        count = award.term.count
        within = ngettext("%(n)s year", "%(n)s years", count) if award.term.is_years else ngettext("%(n)s day", "%(n)s days", count)
        yield pgettext("award", "To be claimed within"), within % {"n": count}
    if award.one_of:
        title = pgettext("award", "Only the highest of") if award.keep is Keep.HIGHEST else pgettext("award", "Only the first claimed of")
        yield title, _("%(word)s, other documents too") % {"word": award.one_of} if award.is_across else award.one_of
    if award.is_own:
        yield pgettext("award", "Whose"), _("own projects only: the unit hosts or found them, an officer is posted there")
    if award.is_of_run:
        yield pgettext("award", "Rests on"), _("a published run of an assessment, not a project")
    for other in award.others:
        yield pgettext("award", "Not beside"), other.zh if is_chinese() else other.en
    if award.eligible_by is not None:
        yield pgettext("award", "Staff by"), f"{award.eligible_by.title} {award.eligible_by.document}"
    if award.each_by is not None:
        yield pgettext("award", "Each in full by"), f"{award.each_by.title} {award.each_by.document}"
    if award.is_tied_to_tax:
        yield pgettext("award", "Tied to tax"), reward_words.BLOCKED["tax_review"]


def _unused(rule: ScoringRule | RewardRule) -> tuple[str, ...]:
    titles = {**{name: one.zh for name, one in rule.facts.items()}, **{name: one.zh for name, one in rule.records.items()}}
    return tuple(titles[name] if is_chinese() else name for name in rule.unused)


def _group(group: RuleGroup) -> OutlineGroup:
    items = tuple(_items(group.items, 0))
    full = sum((one.points for one in group.items if one.points and one.is_counted), start=Fraction(0))
    return OutlineGroup(group.zh if is_chinese() else group.en, money.written(full) if full else "", items)


def _items(items: tuple[Item, ...], depth: int) -> list[OutlineItem]:
    found: list[OutlineItem] = []
    for one in items:
        zh = is_chinese()
        full = "" if one.points is None else money.written(one.points)
        found.append(OutlineItem(one.zh if zh else one.en, depth, full, one.words("zh" if zh else "en"), one.line))
        found += _items(one.items, depth + 1)
    return found
