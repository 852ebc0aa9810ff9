"""Places of partners and people, by division code: read from what somebody types, and put into words."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from wutong.engine.places import NATION, UnknownRegion
from wutong.engine.warehouse import WarehouseMissing
from wutong.web.accounts.rules.access import region_prefix
from wutong.web.firms.queries import standing as firms

DIGITS = 6


def code_of(text: str) -> str:
    """The division code of a name or code; "" where it names no division. Where no build serves, a code is taken as it is."""
    wanted = text.strip()
    try:
        region = firms.region_of(wanted)
    except UnknownRegion:
        return ""
    except WarehouseMissing:
        return wanted if wanted.isascii() and wanted.isdigit() and len(wanted) == DIGITS else ""
    return region.id if region.is_division and region.id != NATION else ""


def name_of(adcode: str) -> str:
    """The full name of a division; its code where the served build has none of that code."""
    try:
        return (firms.places().path(adcode) or adcode) if adcode else ""
    except (WarehouseMissing, KeyError):
        return adcode


def inside(field: str, adcode: str) -> Q:
    """Rows whose place lies inside a division."""
    return Q(**{f"{field}__startswith": region_prefix(adcode)})


def with_places(rows: Any, **fields: str) -> Any:
    """Give rows of a page the names of their places: attribute → field that holds the code."""
    for row in rows:
        for name, field in fields.items():
            setattr(row, name, name_of(getattr(row, field)))
    return rows
