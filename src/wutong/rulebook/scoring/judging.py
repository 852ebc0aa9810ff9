"""Which records an indicator counts, which not and why: told beside the points, and by it what the points rest on is known."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas.base import Named, Node
from wutong.rulebook.formulas.groupwise import GROUPWISE
from wutong.rulebook.formulas.records import Rating, Records, Verdict
from wutong.rulebook.formulas.values import Context, Group, NotApplicable
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.shape import Item, RankOf, RuleGroup, ScoringRule, remembered_item

Judged = Mapping[tuple[str, int], Mapping[str, tuple[Verdict, ...]]]
"""Code and line of an indicator → name of records → the verdict on each, in their order."""
OF_GROUP: tuple[type[Node], ...] = (*GROUPWISE, RankOf)


def judged(rule: ScoringRule, units: Sequence[UnitFacts], unit: str, *, on: dt.date) -> Judged:
    """Of every indicator of a unit that looks at records, what it makes of each."""
    with limits.told_of(rule.file):
        return {
            (item.code, item.line): found
            for at, item, lists in _looked_at(rule, units, on)
            if at.unit == unit and (found := _of_item(item, lists, at))
        }


def counted(
    rule: ScoringRule, units: Sequence[UnitFacts], names: Collection[str], *, on: dt.date, seen: Mapping[str, Group] | None = None
) -> Mapping[tuple[str, str], set[int]]:
    """Unit and name of records → the places of those that an indicator counts, or a condition on ranks, vetoes, grades or lists.

    `seen`: the groups as the run left them, so that what it chose is not chosen anew.
    """
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    with limits.told_of(rule.file):
        for at, item, lists in _looked_at(rule, units, on, seen):
            _add(found, at, _of_item(item, [node for node in lists if node.of[0] in names], at, has_words=False))
        for told, members in _groups(rule, units, on, seen):
            beside = [node for node in _over_records(_beside(told)) if node.of[0] in names]
            for at in members if beside else ():
                _add(found, at, _of_lists(beside, at, has_words=False))
    return found


def _add(found: dict[tuple[str, str], set[int]], at: Context, judged_ones: Mapping[str, tuple[Verdict, ...]]) -> None:
    for name, verdicts in judged_ones.items():
        found[at.unit, name] |= {place for place, one in enumerate(verdicts) if one.is_counted}


def _beside(told: RuleGroup) -> Iterator[Node]:
    """What befalls a unit beside its points: whether it is ranked, vetoes, grades and how they shift, lists."""
    if told.ranking is not None and told.ranking.when is not None:
        yield told.ranking.when
    yield from (veto.when for veto in told.vetoes)
    if told.grades is not None:
        yield told.grades.of
        yield from (shift.when for shift in told.grades.shifts)
    yield from (one.when for one in told.lists if one.when is not None)


def asks_the_group(rule: ScoringRule) -> bool:
    """Whether it depends on other units which records of one count."""
    parts = (
        part
        for group in rule.groups.values()
        for item in group.all_items()
        if (lists := _lists(item))
        for part in (*lists, *((item.applies,) if item.applies is not None else ()))
    )
    return any(isinstance(one, OF_GROUP) for part in parts for one in below(part.all()))


def _looked_at(
    rule: ScoringRule, units: Sequence[UnitFacts], on: dt.date, seen: Mapping[str, Group] | None = None
) -> Iterator[tuple[Context, Item, list[Records | Rating]]]:
    """Every unit in each of its groups with every indicator that looks at records, and its formulas over them."""
    for told, members in _groups(rule, units, on, seen):
        items = [(item, lists) for item in told.all_items() if (lists := _lists(item))]
        yield from ((at, item, lists) for at in members for item, lists in items)


def work_of(rule: ScoringRule, units: Sequence[UnitFacts]) -> limits.Work:
    """How much work may be done of these units: by how many records their indicators read."""
    read = 0
    for code, told in rule.groups.items():
        names = [name for item in told.all_items() for name in {node.of[0] for node in _lists(item)}]
        rows = [one.records for one in units if any(name == code for name, _share in one.groups)] if names else []
        read += sum(len(records.get(name, ())) for records in rows for name in names)
    return limits.Work(limits.MOST_STEPS + limits.STEPS_A_RECORD * read)


def _groups(
    rule: ScoringRule, units: Sequence[UnitFacts], on: dt.date, seen: Mapping[str, Group] | None = None
) -> Iterator[tuple[RuleGroup, list[Context]]]:
    """The groups with their units."""
    work = work_of(rule, units)
    for code, told in rule.groups.items():
        chosen = {one.unit: one.kept for one in seen[code].units} if seen is not None else {}
        group = Group(work=work)
        group.units += [
            Context(one.unit, on, one.facts, one.records, group, kept=chosen.get(one.unit, {}))
            for one in units
            if any(name == code for name, _share in one.groups)
        ]
        group.memory[id(told.rank)] = {}  # ranks decide of no record
        yield told, group.units


def _of_item(item: Item, lists: Iterable[Records | Rating], at: Context, *, has_words: bool = True) -> dict[str, tuple[Verdict, ...]]:
    """What an indicator makes of the records that it looks at; nothing where it does not apply."""
    return {} if isinstance(remembered_item(item, at)[1], NotApplicable) else _of_lists(lists, at, has_words=has_words)


def _of_lists(lists: Iterable[Records | Rating], at: Context, *, has_words: bool) -> dict[str, tuple[Verdict, ...]]:
    found: dict[str, tuple[Verdict, ...]] = {}
    for node in lists:
        name = node.of[0]
        if name in at.records:
            said = node.judged(at, has_words=has_words) if isinstance(node, Records) else _rated(node, at)
            found[name] = tuple(map(_either, found[name], said)) if name in found else said
    return found


def _rated(node: Rating, at: Context) -> tuple[Verdict, ...]:
    return tuple(Verdict(True) for _row in at.records[node.of[0]])


def _either(one: Verdict, other: Verdict) -> Verdict:
    """Of two formulas of an indicator that look at the same record: counted by one is counted."""
    if one == other or not (one.is_counted or other.is_counted):
        return one
    return Verdict(True)


def _lists(item: Item) -> list[Records | Rating]:
    """The formulas over records of an indicator, also those behind a name; not those of the indicators inside it."""
    return _over_records(part for name, part in item.parts() if name in {"applies", "formula", "cap", "floor"})


def _over_records(parts: Iterable[Node]) -> list[Records | Rating]:
    return [node for node in below(node for part in parts for node in part.all()) if isinstance(node, Records | Rating)]


def below(nodes: Iterable[Node], seen: set[int] | None = None) -> Iterator[Node]:
    """Nodes, and what stands behind names; another indicator's points are its own."""
    known = set[int]() if seen is None else seen
    for node in nodes:
        if id(node) in known:
            continue
        known.add(id(node))
        yield node
        if isinstance(node, Named) and node.meant is not None and not isinstance(node.meant, Item):
            yield from below(node.meant.all(), known)
