"""Firms of the registry in brief, many at once: what a list of firms needs to know of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.queries.standing import places
from wutong.web.lib import warehouse

# Grain: one row per firm asked for. Reads: firms.
BRIEFS_SQL = "select firm_id, uscc, name, adcode from firms where firm_id in (select unnest($firm_ids))"


@dataclass(frozen=True, slots=True)
class Brief:
    """A firm's name, code and place. `city`: the name of the city it lies in; "" where no place is known."""

    firm_id: str
    uscc: str | None
    name: str
    adcode: str
    place: str
    city: str


def briefs(firm_ids: Iterable[str]) -> dict[str, Brief]:
    """The firms of these ids, by id; an id that the served build does not hold is left out."""
    wanted = sorted(set(firm_ids))
    if not wanted:
        return {}
    rows = warehouse.served().ask(BRIEFS_SQL, {"firm_ids": wanted}, step="firms in brief").to_pylist()
    return {row["firm_id"]: Brief(**row, place=places().path(row["adcode"] or ""), city=city_of(row["adcode"] or "")) for row in rows}


def city_of(adcode: str) -> str:
    """The name of the city that a division lies in; of its province, where no city stands between."""
    atlas = places().atlas
    division = atlas.divisions.get(adcode)
    while division is not None and division.level == "county" and division.parent in atlas.divisions:
        division = atlas.divisions[division.parent]
    return division.name if division else ""


def name_of(user: Any, firm_id: str) -> str:
    """The name of a firm for somebody who reads the registry, whether it was taken on or not; "" where the build holds none."""
    found = briefs([firm_id]).get(firm_id) if user.may(Permission.FIRMS_VIEW) else None
    return found.name if found else ""
