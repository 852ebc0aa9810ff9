"""Two runs, or two versions of a rule on the same facts, unit by unit: who moved, by which indicators, and why."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring import comparing
from wutong.rulebook.scoring.comparing import ItemMoved, UnitMoved
from wutong.rulebook.scoring.facts import FactsError
from wutong.rulebook.scoring.running import NotInForce
from wutong.web.assessment.models import Run, SchemeVersion
from wutong.web.assessment.queries import results, versions
from wutong.web.lib.access import is_chinese


class NotComparable(LookupError):  # noqa: N818 - what it is, in words
    """Why two cannot be compared."""


@dataclass(frozen=True, slots=True)
class MovedItem:
    """An indicator that gives something else, and why in words."""

    title: str
    moved: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """A unit in both."""

    unit: str
    total_before: str
    total_after: str
    moved: str
    rank_before: int | None
    rank_after: int | None
    items: tuple[MovedItem, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What moved between two; `with_words` says with what."""

    with_words: str
    moved: tuple[MovedUnit, ...]
    same: int


def others(user: Any, run: Run) -> tuple[tuple[str, str, str], ...]:
    """What a run may be compared with, as (parameter, key, words): the newest runs of its scheme, and the versions of its rule."""
    runs = Run.objects.visible_to(user).filter(scheme=run.scheme).exclude(pk=run.pk).exclude(digest="")[:12]
    found = [("run", str(one.public_id), f"{one.title} · {one.on}") for one in runs]
    kept = SchemeVersion.objects.visible_to(user).filter(scheme=run.scheme).exclude(pk=run.version_id)[:12]
    found += [
        ("version", str(one.public_id), _("version %(number)s of the rule on the same facts") % {"number": one.number}) for one in kept
    ]
    return tuple(found)


def compared(user: Any, run: Run, *, run_id: uuid.UUID | None = None, version_id: uuid.UUID | None = None) -> Compared:
    """A run against another, or as another version of the rule would have it. Raises: NotComparable."""
    before = _scored(lambda: results.scored(run))
    if version_id is not None:
        version = SchemeVersion.objects.visible_to(user).filter(public_id=version_id, scheme=run.scheme).first()
        if version is None:
            raise NotComparable(_("There is no such version."))
        after = _scored(lambda: results.scored(run, versions.rule_of(version)))
        words = _("version %(number)s of the rule on the same facts") % {"number": version.number}
    else:
        other = Run.objects.visible_to(user).filter(public_id=run_id, scheme=run.scheme).select_related("version").first()
        if other is None:
            raise NotComparable(_("There is no such run."))
        after, words = _scored(lambda: results.scored(other)), f"{other.title} · {other.on}"
    moved = comparing.compare(before, after)
    return Compared(words, tuple(_unit(one) for one in moved if not one.is_same), sum(one.is_same for one in moved))


def _scored(score: Callable[[], Any]) -> Any:
    try:
        return score()
    except RuleError as error:
        raise NotComparable(_("The rule has faults: mend them first.")) from error
    except NotInForce as error:
        raise NotComparable(_("That rule does not hold on the day of this run: %(why)s") % {"why": error}) from error
    except FactsError as error:
        why = error.say("zh" if is_chinese() else "en")[:300]
        raise NotComparable(_("That rule cannot take the facts of this run: %(why)s") % {"why": why}) from error


def _said(value: Fraction | None) -> str:
    return results.number(value) or ""


def _unit(one: UnitMoved) -> MovedUnit:
    items = tuple(_item(item) for item in one.items)
    return MovedUnit(
        one.unit, _said(one.total_before), _said(one.total_after), _signed(one.moved), one.rank_before, one.rank_after, items
    )  # fmt: skip


def _signed(value: Fraction | None) -> str:
    text = _said(value)
    return f"+{text}" if value is not None and value > 0 else text


def _item(one: ItemMoved) -> MovedItem:
    zh = is_chinese()
    words = {
        "facts": "", "formula": _("the formula: %(before)s → %(after)s") % {"before": one.formula_before, "after": one.formula_after},
        "new": _("a new indicator"), "gone": _("the indicator is gone"), "others": _("the other units, or another indicator"),
    }  # fmt: skip
    why = [words[code] for code in one.why if words[code]]
    missing = _("missing")
    why += [f"{fact.zh if zh else fact.en}: {fact.before or missing} → {fact.after or missing} {fact.unit}" for fact in one.facts]
    return MovedItem(one.zh if zh else one.en, _signed(one.moved), tuple(why))
