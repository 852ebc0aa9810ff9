"""A rule tried on the facts of another (试算): what another rule declares is the same fact only where it is counted in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared, Origin
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.scoring.facts import Given, Raw
from wutong.rulebook.scoring.shape import ScoringRule

_SHARES = frozenset({"share", "percent", "permille"})
_COUNTS = frozenset({"count", "projects", "firms"})


@dataclass(frozen=True, slots=True)
class Lacking:
    """A fact or a field of records that the other rule's facts do not have: it is missing in a trial.

    `is_otherwise`: one of this name is there, and it is counted otherwise, in something else, or entered by hand and not computed.
    """

    name: str
    zh: str
    en: str
    is_otherwise: bool


def lacking(old: ScoringRule, new: ScoringRule) -> tuple[Lacking, ...]:
    """What a new rule asks for and the facts of an old one do not have, in the order of the rule."""
    found = [Lacking(name, told.zh, told.en, name in old.facts) for name, told in new.facts.items() if _source(told, old.facts) is None]
    for name, records in new.records.items():
        there = _records(records, old)
        if there is None:
            found.append(Lacking(name, records.zh, records.en, name in old.records))
            continue
        fields = {one.name: one for one in there.fields}
        found += [
            Lacking(f"{name}.{one.name}", f"{records.zh}·{one.zh}", f"{records.en}: {one.en}", one.name in fields)
            for one in records.fields
            if _field(one, fields) is None
        ]
    return tuple(found)


def fitted(old: ScoringRule, new: ScoringRule, given: Given) -> Given:
    """The facts of a unit that were taken by an old rule, as a new one takes them: what it lacks is left out, units of measure are told."""
    facts = {
        name: _told(given.facts[source.name], source, told)
        for name, told in new.facts.items()
        if (source := _source(told, old.facts)) is not None and source.name in given.facts
    }
    records = {
        name: [_row(row, there, told) for row in given.records[there.name]]
        for name, told in new.records.items()
        if (there := _records(told, old)) is not None and there.name in given.records
    }
    return replace(given, facts=facts, records=records)


def is_measured(new: ScoringRule, given: Given) -> bool:
    """Whether a rule has every group that a unit was in."""
    return all(code in new.groups for code, _share in given.groups)


def _source(told: Declared, there: Mapping[str, Declared]) -> Declared | None:
    """The fact of another rule that is the same: counted alike by the same parameters whatever its name, or entered under the same name."""
    if told.origin is None:
        found = there.get(told.name)
        return found if found is not None and found.origin is None and _is_alike(told, found) else None
    named = there.get(told.name)
    order = ([named] if named is not None else []) + list(there.values())
    return next((one for one in order if one.origin is not None and _way(one.origin) == _way(told.origin) and _is_alike(told, one)), None)


def _way(origin: Origin) -> tuple[str, tuple[tuple[str, str], ...]]:
    return origin.code, tuple(sorted(origin.params))


def _is_alike(one: Declared, other: Declared) -> bool:
    """Whether both are measured in the same: of bare numbers shares are no points, and persons no projects."""
    if one.kind != other.kind or (one.unit is None) != (other.unit is None):
        return False
    if one.unit is None or other.unit is None:
        return True
    if one.unit.dimensions != money.BARE or other.unit.dimensions != money.BARE:
        return one.unit.dimensions == other.unit.dimensions
    codes = {one.unit.code, other.unit.code}
    return len(codes) == 1 or codes <= _SHARES or codes <= _COUNTS


def _records(told: DeclaredRecords, old: ScoringRule) -> DeclaredRecords | None:
    found = old.records.get(told.name)
    if found is None:
        return None
    ways = [None if one.origin is None else _way(one.origin) for one in (told, found)]
    return found if ways[0] == ways[1] else None


def _field(told: Declared, fields: Mapping[str, Declared]) -> Declared | None:
    found = fields.get(told.name)
    return found if found is not None and _is_alike(told, found) else None


def _row(row: Mapping[str, Raw], old: DeclaredRecords, new: DeclaredRecords) -> dict[str, Raw]:
    fields = {one.name: one for one in old.fields}
    found: dict[str, Raw] = {}
    for told in new.fields:
        source = _field(told, fields)
        raw = None if source is None else row.get(source.name, row.get(source.zh))
        if source is not None and raw is not None:
            found[told.name] = _told(raw, source, told)
    return found


def _told(raw: Raw, source: Declared, told: Declared) -> Raw:
    """A value with the unit of measure that it was told in, where the new rule declares another."""
    if source.unit is None or told.unit is None or source.unit.scale == told.unit.scale:
        return raw
    found: Any = money.quantity(raw) if isinstance(raw, str) else None
    return f"{raw}{source.unit.zh}" if found is not None and found[1].code == "number" else raw
