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


def notes(standing: firms.Standing, registry: Any, *, shown: int = 0, total: int = 0) -> tuple[str, ...]:
    """What is left out, and what the figures stand on: region, day, the registry's years and size, build and rulebook."""
    build_id, rulebook_hash = firms.versions()
    values = {"shown": f"{shown:,}", "total": f"{total:,}"}
    return (
        *([_("The first %(shown)s of %(total)s") % values] if shown < total else ()),
        _("Region: %(name)s (%(id)s); radius %(km)s km; as of %(day)s")
        % {"name": standing.region.full_name, "id": standing.region.id, "km": standing.radius_km, "day": standing.as_of or "—"},
        _("Registry %(first)s–%(last)s: %(here)s firms here, %(all)s in all. What it does not hold, it cannot show.")
        % {"first": registry.first_year or "—", "last": registry.last_year or "—", "here": registry.firms_here, "all": registry.firms},
        _("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash},
    )
