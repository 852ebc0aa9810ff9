"""What every spreadsheet about chains says of its foundations, and names in the language of the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import is_chinese

WAN = 10_000


def name_of(thing: Any) -> str:
    """The name of a chain or segment in the language of the page."""
    return str(thing.name_zh if is_chinese() else thing.name_en)


def verdict_word(code: str) -> str:
    """A verdict in words."""
    return str(firms.VERDICTS.get(code, firms.VERDICTS["unknown"]))


def capital_cell(gap: Any) -> float | str | None:
    """Known capital of the makers here, in 10,000 yuan; where there is no maker the words of the page, and not zero."""
    if not gap.local_makers:
        return str(_("not applicable: no maker here"))
    return None if gap.capital_yuan is None else float(gap.capital_yuan / WAN)


def notes(
    standing: firms.Standing, registry: Any, *, region: firms.Region | None = None, shown: int = 0, total: int = 0
) -> tuple[str, ...]:
    """What is left out, and what the figures stand on: region, day, the registry's years and size, build and rulebook.

    `region`: whose firms `registry` counts, where that is not the region one stands in.
    """
    build_id, rulebook_hash = firms.versions()
    here = region or standing.region
    values = {"shown": f"{shown:,}", "total": f"{total:,}"}
    return (
        *([_("The first %(shown)s of %(total)s") % values] if shown < total else ()),
        _("Region: %(name)s (%(id)s); radius %(km)s km; as of %(day)s")
        % {"name": here.full_name, "id": here.id, "km": standing.radius_km, "day": standing.as_of or "—"},
        _("Registry %(first)s–%(last)s: %(here)s firms here, %(all)s in all. What it does not hold, it cannot show.")
        % {"first": registry.first_year or "—", "last": registry.last_year or "—", "here": registry.firms_here, "all": registry.firms},
        _("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash},
    )


def evidence_cell(row: Any) -> str:
    """What proves a maker: the clause of its scope, or where none does that somebody checked it, or its name."""
    if row.proof == "hand":
        return _("checked by hand")
    return row.clause if row.clause and row.proof != "name" else _("its name")
