"""A rule run over facts: points of every unit with what they rest on, totals, ranks, vetoes, grades and lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas.base import Fact, Named, Node
from wutong.rulebook.formulas.faults import Fault, RuleError
from wutong.rulebook.formulas.groupwise import ranks
from wutong.rulebook.formulas.records import Rating, Records
from wutong.rulebook.formulas.values import Anything, Context, Group, Missing, NotApplicable, fraction
from wutong.rulebook.scoring import judging, noting
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.shape import Item, RuleGroup, ScoringRule, Shift, remembered_item

_OPEN = frozenset({"rank_open", "grade_open"})
"""Flags of a unit whose grade and lists wait for what is missing; with the first of them its rank too."""
_UNRANKED = frozenset({"not_ranked", "rank_open"})


class NotInForce(Exception):  # noqa: N818 - what it is, not what went wrong
    """The rule does not hold on the day asked for."""


@dataclass(frozen=True, slots=True)
class Input:
    """A fact that an indicator rests on. `number`: in `unit`, None where it is missing, does not apply or is a text; `said` tells which."""

    name: str
    zh: str
    en: str
    said: str
    number: Fraction | None
    unit: str
    state: str = "known"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """An indicator of a unit. `points` None: `state` says whether it is missing or does not apply, `missing` names what lacks.

    What does not apply has points all the same where the rule gives its full points for it. `is_counted`: False stands beside the others
    and is never added.
    """

    id: str
    zh: str
    en: str
    depth: int
    points: Fraction | None
    state: str
    missing: tuple[str, ...]
    why: str
    before_rounding: Fraction | None
    full_points: Fraction | None
    inputs: tuple[Input, ...]
    formula_zh: str
    formula_en: str
    rounding_zh: str
    rounding_en: str
    unit: str
    line: int
    evidence: str = ""
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A unit in its group. `total` None: missing (`flags` say of what); `rank` None: not ranked. `then`: what decides between equals."""

    unit: str
    group: str
    total: Fraction | None
    rank: int | None
    items: tuple[ItemResult, ...]
    flags: tuple[str, ...] = ()
    grade: str = ""
    lists: tuple[str, ...] = ()
    share: Fraction = Fraction(1)
    then: tuple[Fraction, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """All results of a rule on a day. `is_trial`: the rule does not hold on it, so that they are good for a comparison only."""

    rule: str
    hash: str
    on: dt.date
    results: tuple[UnitResult, ...]
    is_trial: bool = False


def kept(rule: ScoringRule, found: Run) -> Run:
    """A run that can be kept. Raises: RuleError where a total has more digits than a table holds."""
    too_many = [one for one in found.results if one.total is not None and abs(one.total) >= limits.MOST_POINTS]
    if too_many:
        raise RuleError([Fault(rule.file, rule.groups[one.group].line, "too_many_points", value=one.unit) for one in too_many[:20]])
    return found


def is_in_force(rule: ScoringRule, on: dt.date) -> bool:
    """Whether a rule holds on a day."""
    return rule.begins_on <= on and (rule.ends_on is None or on < rule.ends_on)


def run(
    rule: ScoringRule,
    units: Sequence[UnitFacts],
    *,
    on: dt.date,
    group: str | None = None,
    ignores_validity: bool = False,
    seen: dict[str, Group] | None = None,
) -> Run:
    """Score the units of all groups, or of one. Raises: RuleError, NotInForce; a trial passes over when the rule holds, and is told by it.

    Raises RuleError where a number grows beyond all bounds or the work does: whatever a rule says, a run ends. `seen` takes the groups
    with what was computed of them.
    """
    is_held = is_in_force(rule, on)
    if not is_held and not ignores_validity:
        raise NotInForce(f"{rule.code}: {rule.begins_on} – {rule.ends_on or '…'}, not {on}")
    with limits.told_of(rule.file):
        chosen = [one for one in _run(rule, units, on, {} if seen is None else seen) if group is None or one.group == group]
    order = {code: place for place, code in enumerate(rule.groups)}
    chosen.sort(key=lambda one: (order[one.group], one.rank is None, one.rank or 0))
    return Run(rule.code, rule.hash, on, tuple(chosen), not is_held)


def _run(rule: ScoringRule, units: Sequence[UnitFacts], on: dt.date, seen: dict[str, Group]) -> list[UnitResult]:
    parts: dict[str, list[UnitResult]] = {}
    work = judging.work_of(rule, units)
    for code, told in rule.groups.items():
        members = [(one, share) for one in units for name, share in one.groups if name == code]
        seen[code] = Group(work=work)
        for result in _of_group(told, members, on, seen[code], period=(rule.begins_on, rule.ends_on)):
            parts.setdefault(result.unit, []).append(result)
    joined = [joined_parts(found, units, rule) for found in parts.values()]
    last = {one.unit: one.groups[-1][0] for one in units}
    settled: list[UnitResult] = []
    for code, told in rule.groups.items():
        settled += _settled(told, ranked(told, [one for one in joined if last[one.unit] == code]), seen[code])
    return settled


def standings(rule: ScoringRule, units: Sequence[UnitFacts], *, on: dt.date, group: str) -> dict[str, UnitResult]:
    """Totals and ranks of those that end in a group as `run` gives them, without what they rest on, grades and lists. Raises: RuleError."""
    with limits.told_of(rule.file):
        return _standings(rule, units, on, group)


def _standings(rule: ScoringRule, units: Sequence[UnitFacts], on: dt.date, group: str) -> dict[str, UnitResult]:
    last = {one.unit: one.groups[-1][0] for one in units}
    wanted = {code for one in units if last[one.unit] == group for code, _share in one.groups}
    parts: dict[str, list[UnitResult]] = {}
    work = judging.work_of(rule, units)
    for code in (code for code in rule.groups if code in wanted):
        members = [(one, share) for one in units for name, share in one.groups if name == code]
        for result in _of_group(rule.groups[code], members, on, Group(work=work), has_items=False):
            if last[result.unit] == group:
                parts.setdefault(result.unit, []).append(result)
    joined = [joined_parts(found, units, rule) for found in parts.values()]
    return {one.unit: one for one in ranked(rule.groups[group], joined)}


# --- one group --------------------------------------------------------------------------------------------------------------------------
def _of_group(
    told: RuleGroup,
    members: list[tuple[UnitFacts, Fraction]],
    on: dt.date,
    group: Group,
    *,
    has_items: bool = True,
    period: noting.Period | None = None,
) -> Iterator[UnitResult]:
    """The units of a group, before they are ranked among the units that ended the year in it.

    `has_items`: with every indicator and what it rests on; `period`: when the rule holds, to note records of other years.
    """
    group.work.spend(len(members) * (told.size + 1), told.line)
    for one, _share in members:
        group.units.append(Context(one.unit, on, one.facts, one.records, group))
    totals = {at.unit: told.total.value(at) for at in group.units}
    group.memory[id(told.rank)] = _first_ranks(told, totals, group)
    for at, (_one, share) in zip(group.units, members, strict=True):
        made = of_unit(told, at, totals[at.unit], share, has_items=has_items)
        yield replace(made, flags=(*made.flags, *noting.flags(told, at, period))) if has_items else made


def _first_ranks(told: RuleGroup, totals: dict[str, Anything], group: Group) -> dict[str, int]:
    """Ranks by the totals alone, for vetoes that ask for a rank; grades and lists look at the ranks after vetoes."""
    if told.ranking is None:
        return {}
    contexts = {at.unit: at for at in group.units}
    known = {unit: fraction(value) for unit, value in totals.items() if not isinstance(value, Missing | NotApplicable)}
    ranked = {unit: value for unit, value in known.items() if _is_ranked(told, contexts[unit])}
    found = ranks(list(ranked.values()), is_high_first=told.ranking.order == "high_first", is_dense=told.ranking.ties == "dense")
    return {unit: found[value] for unit, value in ranked.items()}


def _is_ranked(told: RuleGroup, at: Context) -> bool:
    ranking = told.ranking
    return ranking is not None and at.unit not in ranking.unranked and (ranking.when is None or ranking.when.holds(at) is True)


def of_unit(told: RuleGroup, at: Context, total: Anything, share: Fraction, *, has_items: bool) -> UnitResult:
    """A unit with its total in a group, before it is ranked: vetoes, and what decides between equals."""
    flags: list[str] = []
    then = told.ranking.then if told.ranking is not None else ()
    items = tuple(_items(told.items, at)) if has_items else ()
    if isinstance(total, Missing):
        flags.append("missing:" + ",".join(sorted(total.names)))
    made = None if isinstance(total, Missing | NotApplicable) else fraction(total) / told.total.unit.scale
    for veto in told.vetoes:
        holds = veto.when.holds(at)
        if isinstance(holds, Missing):
            flags += [f"veto_unknown:{veto.zh}:{','.join(sorted(holds.names))}", "grade_open" if veto.effect == "grade" else "rank_open"]
            made = None if veto.effect == "zero" else made
        elif holds is True:
            flags.append(f"veto:{veto.zh}:{veto.effect}")
            made = Fraction(0) if veto.effect == "zero" and made is not None else made
    when = told.ranking.when.holds(at) if told.ranking is not None and told.ranking.when is not None else True
    if isinstance(when, Missing) and told.ranking is not None and at.unit not in told.ranking.unranked:
        flags += [f"rank_unknown:{','.join(sorted(when.names))}", "rank_open"]
    elif not _is_ranked(told, at):
        flags.append("not_ranked")
    return UnitResult(
        at.unit, told.code, made, None, items, tuple(dict.fromkeys(flags)), share=share, then=tuple(_deciding(one, at) for one in then)
    )


def _deciding(item: Item, at: Context) -> Fraction:
    """The points of an indicator that decides between equals; what is missing or does not apply counts as nothing, unless it is full."""
    _item_of, value = remembered_item(item, at)
    if isinstance(value, NotApplicable):
        return (item.points or Fraction(0)) if item.not_applicable == "full" else Fraction(0)
    return Fraction(0) if isinstance(value, Missing) else _scaled(value, item.unit.scale)


# --- ranks ------------------------------------------------------------------------------------------------------------------------------
def joined_parts(parts: list[UnitResult], units: Sequence[UnitFacts], rule: ScoringRule) -> UnitResult:
    """A unit that changed its group: its totals by the share of the time, standing where it ended the year (form 18).

    Whether and where it is ranked, and by what between equals, is for the group alone in which it ended the year.
    """
    if len(parts) == 1:
        return parts[0]
    shares = dict(next(one.groups for one in units if one.unit == parts[0].unit))
    last = next(one for one in parts if one.group == list(shares)[-1])
    known = [(shares[one.group], one.total) for one in parts if one.total is not None]
    rounding = rule.groups[last.group].total.rounding
    total = sum((share * value for share, value in known), Fraction(0)) if len(known) == len(parts) else None
    total = money.rounded(total, rounding.digits, rounding.how) if total is not None and rounding is not None else total
    flags = tuple(dict.fromkeys(told for one in parts for flag in one.flags if (told := flag if one is last else _left(flag, last))))
    told = ",".join(f"{one.group}={money.written(shares[one.group], 4)}" for one in parts)
    items = tuple(item for one in parts for item in one.items)
    return replace(last, total=total, flags=(*flags, f"changed_group:{told}"), items=items)


def ranked(told: RuleGroup, results: list[UnitResult]) -> list[UnitResult]:
    """With their ranks: by total, then what decides between equals; who is vetoed to the end stands there."""
    ranking = told.ranking
    if ranking is None:
        return results
    can = [one for one in results if one.total is not None and takes_rank(one)]
    last = [one for one in can if has_effect(one, "last")]
    first = [one for one in can if not has_effect(one, "last")]
    keys = {one.unit: _key(one, told) for one in can}
    places = _places([keys[one.unit] for one in first], is_dense=ranking.ties == "dense")
    found = {one.unit: places[keys[one.unit]] for one in first}
    behind = len(first) if ranking.ties == "skip" else max(places.values(), default=0)
    later = _places([keys[one.unit] for one in last], is_dense=ranking.ties == "dense")
    found |= {one.unit: behind + later[keys[one.unit]] for one in last}
    return [replace(one, rank=found.get(one.unit)) for one in results]


def _left(flag: str, last: UnitResult) -> str:
    """What a flag of a group that the unit left still says: that it was not ranked there, nothing; a veto, that it was one there."""
    is_of_place = flag.startswith("veto:") and not flag.endswith(":zero")
    if flag in _OPEN or flag.startswith("rank_unknown:") or flag == "not_ranked" or (is_of_place and flag in last.flags):
        return ""
    return flag.replace("veto:", "veto_before:", 1) if is_of_place else flag


def takes_rank(result: UnitResult) -> bool:
    """Whether a unit that has a total has a rank too: the rule ranks it, no veto takes the rank from it, and none is open that might."""
    return not _UNRANKED & set(result.flags) and not has_effect(result, "unranked")


def has_effect(result: UnitResult, effect: str) -> bool:
    """Whether a veto with this effect befell the unit."""
    return is_vetoed(result.flags, effect)


def is_vetoed(flags: Iterable[str], effect: str) -> bool:
    """The same told by flags that were kept."""
    return any(flag.startswith("veto:") and flag.endswith(f":{effect}") for flag in flags)


def _key(result: UnitResult, told: RuleGroup) -> tuple[Fraction, ...]:
    """What a unit is ranked by: its total, and between equals the indicators that the rule names, in that order."""
    assert told.ranking is not None
    sign = -1 if told.ranking.order == "high_first" else 1
    assert result.total is not None
    return (sign * result.total, *(-points for points in result.then))


def _places(keys: list[tuple[Fraction, ...]], *, is_dense: bool) -> dict[tuple[Fraction, ...], int]:
    found: dict[tuple[Fraction, ...], int] = {}
    for place, key in enumerate(sorted(keys), 1):
        if key not in found:
            found[key] = len(found) + 1 if is_dense else place
    return found


# --- grades and lists -------------------------------------------------------------------------------------------------------------------
def _settled(told: RuleGroup, results: list[UnitResult], group: Group) -> Iterator[UnitResult]:
    """Grades and lists, by the totals and ranks that are published: after vetoes, and after the parts of a year in two groups are one."""
    contexts = {at.unit: at for at in group.units}
    group.memory[id(told.rank)] = {one.unit: one.rank for one in results if one.rank is not None}
    for one in results:
        at = contexts[one.unit]
        at.memory.pop(id(told.rank), None)
        if one.total is not None:
            at.memory[id(told.total)] = one.total * told.total.unit.scale
        elif not isinstance(told.total.value(at), Missing | NotApplicable):
            at.memory[id(told.total)] = Missing.of("total")
        if _OPEN & set(one.flags):  # a veto or a rank that cannot be told: neither grade nor list before it can
            yield one
            continue
        flags: list[str] = []
        grade = _grade(told, at, flags)
        for veto in told.vetoes:
            if veto.effect == "grade" and f"veto:{veto.zh}:grade" in one.flags:
                grade = veto.grade or grade
        lists = tuple(_listed(told, at, flags))
        yield replace(one, grade=grade, lists=lists, flags=(*one.flags, *(flags if one.total is not None else ())))


def _grade(told: RuleGroup, at: Context, flags: list[str]) -> str:
    grades = told.grades
    if grades is None:
        return ""
    found = grades.of.value(at)
    if isinstance(found, Missing | NotApplicable):
        return ""
    value = fraction(found)
    place = next(
        (
            grades.order.index(name)
            for (low, high), name in zip(grades.bounds, grades.names, strict=True)
            if (low is None or value >= low) and (high is None or value < high)
        ),
        None,
    )
    if place is None:
        return ""
    moving: list[Shift] = []
    for shift in grades.shifts:
        holds = shift.when.holds(at)
        if isinstance(holds, Missing):
            flags.append(f"grade_unknown:{shift.zh}:{','.join(sorted(holds.names))}")
        elif holds is True:
            moving.append(shift)
    made = min(max(place + sum(shift.by for shift in moving), 0), len(grades.order) - 1)
    flags += [f"{'grade_kept' if made == place and len(moving) == 1 else 'grade_moved'}:{one.zh}:{one.by:+d}" for one in moving]
    return "" if any(flag.startswith("grade_unknown:") for flag in flags) else grades.order[made]


def _listed(told: RuleGroup, at: Context, flags: list[str]) -> Iterator[str]:
    """The red and black lists that the unit stands on: a condition and a rank, counted from the best or from the worst."""
    known: dict[str, int] = at.group.memory[id(told.rank)]  # type: ignore[assignment]
    rank = known.get(at.unit)
    # Equals share the place from the worst as they share the one from the best.
    behind = sum(other > rank for other in known.values()) + 1 if rank is not None else None
    for one in told.lists:
        holds = one.when.holds(at) if one.when is not None else True
        if holds is False or isinstance(holds, NotApplicable):
            continue
        if one.best is not None and (rank is None or rank > one.places(one.best, len(known))):
            continue
        if one.worst is not None and (behind is None or behind > one.places(one.worst, len(known))):
            continue
        if isinstance(holds, Missing):
            flags.append(f"list_unknown:{one.zh}:{','.join(sorted(holds.names))}")
        else:
            yield one.zh


# --- what it rests on -------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Told:
    """What is the same of an indicator for every unit."""

    formula_zh: str
    formula_en: str
    rounding_zh: str
    rounding_en: str
    rests_on: tuple[Fact | Named | Records | Rating, ...]


def _told_of(item: Item, group: Group) -> _Told:
    key = id(item)
    found = group.memory.get(key)
    if not isinstance(found, _Told):
        rounding = item.rounding
        said = [rounding.words(lang) if rounding else "" for lang in ("zh", "en")]
        found = group.memory[key] = _Told(item.formula_words("zh"), item.formula_words("en"), said[0], said[1], tuple(_rests_on(item)))
    return found


def _items(items: Iterable[Item], at: Context, depth: int = 0) -> Iterator[ItemResult]:
    for item in items:
        yield _item(item, at, depth)
        yield from _items(item.items, at, depth + 1)


def _item(item: Item, at: Context, depth: int) -> ItemResult:
    raw, (_same, value), told = item.raw(at), remembered_item(item, at), _told_of(item, at.group)
    state = "missing" if isinstance(value, Missing) else "not_applicable" if isinstance(value, NotApplicable) else "known"
    scale = item.unit.scale
    points = _scaled(value, scale) if state == "known" else None
    if state == "not_applicable" and item.not_applicable == "full":
        points = item.points
    before = _scaled(raw, scale) if state == "known" else None
    missing = tuple(sorted(value.names)) if isinstance(value, Missing) else ()
    why = value.why if isinstance(value, NotApplicable) else ""
    return ItemResult(
        item.code, item.zh, item.en, depth, points, state, missing, why, before, item.points,
        tuple(_input(node, at) for node in told.rests_on), told.formula_zh, told.formula_en, told.rounding_zh, told.rounding_en,
        item.unit.zh, item.line, item.evidence, item.is_counted,
    )  # fmt: skip


def _scaled(value: Anything, scale: Fraction) -> Fraction:
    return fraction(value) if scale == 1 else fraction(value) / scale


def _rests_on(item: Item) -> Iterator[Fact | Named | Records | Rating]:
    """The facts, records and named values that an indicator looks at, each once; without those of the indicators inside it."""
    seen: set[tuple[type[Node], str]] = set()
    for name, part in item.parts():
        for node in part.all() if name in {"applies", "formula", "cap", "floor"} else ():
            if isinstance(node, Fact | Named | Records | Rating) and (key := _key_of(node)) not in seen:
                seen.add(key)
                yield node


def _input(node: Fact | Named | Records | Rating, at: Context) -> Input:
    """What a unit has of a fact, told once however many indicators rest on it."""
    key = _key_of(node)
    found = at.said.get(key)
    if not isinstance(found, Input):
        found = at.said[key] = _input_of(node, at)
    return found


def _key_of(node: Fact | Named | Records | Rating) -> tuple[type[Node], str]:
    return type(node), node.of[0] if isinstance(node, Records | Rating) else node.name


def _input_of(node: Fact | Named | Records | Rating, at: Context) -> Input:
    if isinstance(node, Records | Rating):
        name, zh, en = node.of
        rows = at.records.get(name)
        return _said(name, (zh, en), Missing.of(name) if rows is None else len(rows), money.UNITS["count"])
    return _said(node.name, (node.zh, node.en), node.value(at), node.unit if isinstance(node, Fact) else _unit_of(node))


def _unit_of(node: Named) -> money.Unit | None:
    """In what something computed elsewhere is told: an indicator in its unit, money in yuan."""
    if isinstance(node.meant, Item):
        return node.meant.unit
    return money.UNITS["yuan"] if node.dimensions == money.UNITS["yuan"].dimensions else None


def _said(name: str, titles: tuple[str, str], value: Anything, unit: money.Unit | None) -> Input:
    zh, en = titles
    said_unit = unit.zh if unit else ""
    if isinstance(value, Missing):
        return Input(name, zh, en, "", None, said_unit, "missing")
    if isinstance(value, NotApplicable):
        return Input(name, zh, en, value.why, None, said_unit, "not_applicable")
    if isinstance(value, bool):
        return Input(name, zh, en, "是" if value else "否", None, "")
    if isinstance(value, str | dt.date):
        return Input(name, zh, en, str(value), None, "")
    number = _scaled(value, unit.scale if unit is not None else Fraction(1))
    return Input(name, zh, en, money.written(number), number, said_unit)
