"""Which firm of the registry a lead is about, where its code or one of its names says so beyond doubt: for the duplicate check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wutong.engine import columns, filed_firms, name_index
from wutong.engine.same_leads import Filed
from wutong.web.firms.queries import names
from wutong.web.lib import access, rulebook, warehouse

DECIDED_LEAF = "names.decided_from_share"


@dataclass(frozen=True, slots=True)
class Registered:
    """A firm of the registry: its id, its name there, and the id of the head of its group; empty where none was recognised."""

    registry_id: str = ""
    registry_name: str = ""
    registry_group: str = ""


def recognised(*, called: Sequence[str], uscc: str = "", firm_id: str = "") -> Registered:
    """The firm meant, by what a person chose, else by code, else by a name that one firm alone bears. Nobody where no build serves."""
    try:
        build = warehouse.served()
    except warehouse.WarehouseMissing:
        return Registered()
    rules, on = rulebook.in_force(), access.today()
    filed = Filed("", tuple(text for text in called if text.strip()), uscc, firm_id=firm_id or None)
    index = name_index.Numbers.on(rules, on)
    found = filed_firms.of(build, filed, index, rules.number(DECIDED_LEAF, on), noted=names.further()).firm_id
    if not found:
        return Registered()
    held, frame = columns.with_ids(build, (found,)), columns.of(build).frame
    if not len(held):
        return Registered()
    row = frame.row(int(held[0]), named=True)
    return Registered(found[:40], row["name"][:300], str(frame["firm_id"][row["group_no"]])[:40])
