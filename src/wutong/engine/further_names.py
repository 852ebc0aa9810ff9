"""Former and short names (曾用名、简称) that an office noted of firms: who is called so, beside the names of the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from wutong.engine import columns, names
from wutong.engine.own import Own
from wutong.engine.warehouse import Warehouse

NO_NAME_OF_A_FIRM = frozenset({"brand"})
"""Kinds that the search finds but by which no list is matched: several firms may sell under one brand."""


@dataclass(frozen=True)
class FurtherNames:
    """Shape: name key → firm_no of the firms called so, ascending; `proving`: those by which a list may be matched."""

    called: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    proving: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def holding(self, key: str) -> list[int]:
        """The firms one of whose further names holds a text, as a key."""
        return sorted({number for name, numbers in self.called.items() if key and key in name for number in numbers})


NONE = FurtherNames()


def of(warehouse: Warehouse, own: Own) -> FurtherNames:
    """The further names of firms that the build holds."""
    rows = own.names.to_pylist()
    if not rows:
        return NONE
    numbers = columns.with_ids(warehouse, {row["firm_id"] for row in rows})
    ids = columns.of(warehouse).frame["firm_id"].gather(numbers).to_list()
    number_of = dict(zip(ids, numbers.tolist(), strict=True))
    called: dict[str, set[int]] = defaultdict(set)
    proving: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        key, number = names.key(row["name"]), number_of.get(row["firm_id"])
        if key and number is not None:
            called[key].add(number)
            if row["kind"] not in NO_NAME_OF_A_FIRM:
                proving[key].add(number)
    return FurtherNames(*({key: tuple(sorted(found)) for key, found in mapping.items()} for mapping in (called, proving)))
