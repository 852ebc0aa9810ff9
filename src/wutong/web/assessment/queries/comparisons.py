"""Two runs, or two versions of a rule on the same facts, unit by unit: who moved, by which indicators, and why."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring import comparing
from wutong.rulebook.scoring.comparing import ItemMoved, UnitMoved
from wutong.rulebook.scoring.facts import FactsError
from wutong.rulebook.scoring.running import NotInForce
from wutong.rulebook.scoring.shape import ScoringRule
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

    @property
    def places(self) -> int | None:
        """Places up (+) or down (−); None where there is no rank in one of the two."""
        return None if self.rank_before is None or self.rank_after is None else self.rank_before - self.rank_after

    @property
    def is_moved(self) -> bool:
        """Whether total or rank is another."""
        return (self.total_before, self.rank_before) != (self.total_after, self.rank_after)


@dataclass(frozen=True, slots=True)
class Compared:
    """What moved between two; `with_words` says with what. `trial`: what is to be said of a rule that is only tried; none of a run."""

    with_words: str
    moved: tuple[MovedUnit, ...]
    stayed: tuple[MovedUnit, ...] = ()
    trial: tuple[str, ...] = ()

    @property
    def same(self) -> int:
        """How many units do not move."""
        return len(self.stayed)


def others(user: Any, run: Run) -> tuple[tuple[str, str, str], ...]:
    """What a run may be compared with, as (parameter, key, words): the newest runs of its scheme, and the versions of its rule."""
    runs = Run.objects.visible_to(user).filter(scheme=run.scheme).exclude(pk=run.pk).exclude(digest="")[:12]
    found = [("run", str(one.public_id), f"{one.title} · {one.on}") for one in runs]
    kept = _versions(user, run).select_related("scheme").order_by("-created_at", "-pk")[:12]
    found += [("version", str(one.public_id), _version_words(run, one)) for one in kept]
    return tuple(found)


def _versions(user: Any, run: Run) -> Any:
    """The rules that may be tried on a run: other versions of its own, and those of schemes of the same unit that measure alike.

    Why: the rule of a new year is often a scheme of its own, and is tried on the year before.
    """
    alike = Q(scheme__unit=run.scheme.unit_id, scheme__kind=run.scheme.kind, scheme__measures=run.scheme.measures)
    return SchemeVersion.objects.visible_to(user).filter(Q(scheme=run.scheme_id) | alike).exclude(pk=run.version_id)


def _version_words(run: Run, version: SchemeVersion) -> str:
    if version.scheme_id == run.scheme_id:
        return _("version %(number)s of the rule on the same facts") % {"number": version.number}
    return _("%(scheme)s, version %(number)s, on the same facts") % {"scheme": version.scheme.title, "number": version.number}


def compared(user: Any, run: Run, *, run_id: uuid.UUID | None = None, version_id: uuid.UUID | None = None) -> Compared:
    """A run against another, or as another version of the rule would have it. Raises: NotComparable."""
    before = _scored(lambda: results.scored(run))
    trial: tuple[str, ...] = ()
    if version_id is not None:
        version = _versions(user, run).select_related("scheme").filter(public_id=version_id).first()
        if version is None:
            raise NotComparable(_("There is no such version."))
        tried = _scored(lambda: results.tried(run, versions.rule_of(version)))
        after, words, trial = tried.scored, _version_words(run, version), tuple(_trial(run, tried))
    else:
        other = Run.objects.visible_to(user).filter(public_id=run_id, scheme=run.scheme).select_related("version").first()
        if other is None:
            raise NotComparable(_("There is no such run."))
        after, words = _scored(lambda: results.scored(other)), f"{other.title} · {other.on}"
    return _compared(words, before, after, trial)


def by_text(run: Run, rule: ScoringRule, words: str) -> Compared:
    """A run against a rule that somebody is writing, on the facts kept with the run, whenever the rule holds. Raises: NotComparable."""
    before = _scored(lambda: results.scored(run))
    tried = _scored(lambda: results.tried(run, rule))
    return _compared(words, before, tried.scored, tuple(_trial(run, tried)))


def _compared(words: str, before: Any, after: Any, trial: tuple[str, ...]) -> Compared:
    moved = comparing.compare(before, after)
    return Compared(words, tuple(_unit(one) for one in moved if not one.is_same), tuple(_unit(one) for one in moved if one.is_same), trial)


def _trial(run: Run, tried: results.Tried) -> Iterator[str]:
    """What is to be said of a trial: when the rule holds, that it is no result, what the run has not, who is left out."""
    rule = tried.rule
    if tried.scored.is_trial:
        yield _("The rule holds from %(begins)s to %(ends)s, not on %(day)s, the day of this run: when it holds is passed over here.") % {
            "begins": rule.begins_on, "ends": rule.ends_on or "…", "day": run.on
        }  # fmt: skip
    yield _("A trial is kept nowhere: it can be neither frozen nor published.")
    for is_otherwise, words in (
        (False, _("This run has not, so that it is missing: %(names)s")),
        (True, _("This run counts otherwise, so that it is missing: %(names)s")),
    ):
        names = [one.zh if is_chinese() else one.en for one in tried.lacking if one.is_otherwise is is_otherwise]
        if names:
            yield words % {"names": pgettext("between entries", "; ").join(names)}
    if tried.left_out:
        yield _("The rule has no group for: %(names)s") % {"names": pgettext("between entries", "; ").join(tried.left_out)}


def _scored(score: Callable[[], Any]) -> Any:
    try:
        return score()
    except versions.Unreadable as error:
        raise NotComparable(str(error)) from error
    except RuleError as error:
        why = error.say("zh" if is_chinese() else "en")[:300]
        raise NotComparable(f"{_('The rule has faults: mend them first.')} {why}") from error
    except NotInForce as error:
        raise NotComparable(_("That rule does not hold on the day of this run: %(why)s") % {"why": error}) from error
    except FactsError as error:
        why = error.say("zh" if is_chinese() else "en")[:300]
        raise NotComparable(_("That rule cannot take the facts of this run: %(why)s") % {"why": why}) from error


def _said(value: Fraction | None) -> str:
    return results.number(value) or ""


def _unit(one: UnitMoved) -> MovedUnit:
    items = tuple(_item(item) for item in one.items)
    missing = pgettext("figure", "missing")
    before, after = (
        missing if group and total is None else _said(total)
        for group, total in ((one.group_before, one.total_before), (one.group_after, one.total_after))
    )
    return MovedUnit(
        one.unit, before, after, _signed(one.moved), one.rank_before, one.rank_after, items
    )  # fmt: skip


def _signed(value: Fraction | None) -> str:
    text = _said(value)
    return f"+{text}" if value is not None and value > 0 else text


def _item(one: ItemMoved) -> MovedItem:
    zh = is_chinese()
    words = {
        "facts": "", "missing": "",
        "formula": _("the formula: %(before)s → %(after)s") % {"before": one.formula_before, "after": one.formula_after},
        "new": _("a new indicator"), "gone": _("the indicator is gone"), "others": _("the other units, or another indicator"),
        "counted": _("the rule counts it now"), "not_counted": _("the rule no longer counts it"),
        "shown": pgettext("indicator", "shown, not counted"),
    }  # fmt: skip
    why = [words[code] for code in one.why if words[code]]
    missing = pgettext("figure", "missing")
    told = {fact.zh for fact in one.facts}
    lacks = [title if zh else title_en for title, title_en in one.missing if title not in told]
    if lacks:
        why.append(_("missing: %(names)s") % {"names": pgettext("between entries", "; ").join(lacks)})
    for fact in one.facts:
        after = f"{fact.after} {fact.unit}".rstrip() if fact.after else missing
        why.append(f"{fact.zh if zh else fact.en}: {fact.before or missing} → {after}")
    return MovedItem(one.zh if zh else one.en, _signed(one.moved), tuple(why))
