"""What other numbers of the rulebook would change about the search for makers: who would stand first, product by product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wutong.engine import find as finder
from wutong.engine.find import FoundFirm
from wutong.rulebook.load import Rulebook
from wutong.web.firms.queries import standing
from wutong.web.lib import warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.lib.hooks import TriedPart

MOST_PRODUCTS = 12
MOST_SHOWN = 3
MOST_ROWS = 20
Lay = Callable[[Rulebook], Rulebook]
Ranked = tuple[tuple[FoundFirm, ...], tuple[FoundFirm, ...]]


def choices(user: Any) -> tuple[tuple[str, str], ...]:
    """The chains on which a document can be tried."""
    try:
        known = standing.rulebook().chains.values()
    except warehouse.WarehouseMissing:
        return ()
    return tuple((chain.id, chain.name_zh if is_chinese() else chain.name_en) for chain in known)


def tried(before: Lay, after: Lay, user: Any, on: dt.date, choice: str) -> tuple[TriedPart, ...]:
    """The first makers of the products of a chain, one of each segment, in the whole registry, before and after."""
    build = warehouse.served()
    old, new = before(build.rulebook), after(build.rulebook)
    found: dict[str, Ranked] = {}
    for segment in new.chains[choice].segments:
        product = new.products.get(next(iter(segment.products), ""))
        if product is not None and len(found) < MOST_PRODUCTS:
            first, then = (finder.find(build, book, product.zh, top=MOST_ROWS).rows for book in (old, new))
            if first or then:
                found[product.zh if is_chinese() else product.en] = (first, then)
    moved = sorted((name for name in found if _stayed(found[name]) < len(found[name][1])), key=lambda name: _stayed(found[name]))
    return (_in_all(found, len(moved)), *(_of_product(name, *found[name]) for name in moved[:MOST_SHOWN]))


def _stayed(ranked: Ranked) -> int:
    return sum(one.firm_id == two.firm_id for one, two in zip(*ranked, strict=False))


def _in_all(found: dict[str, Ranked], moved: int) -> TriedPart:
    """Every product that was tried: how many of the first makers keep their place, and how many are new there."""
    rows = tuple(
        (name, str(len(new)), str(_stayed((old, new))), str(len({row.firm_id for row in new} - {row.firm_id for row in old})))
        for name, (old, new) in found.items()
    )
    said = ngettext(
        "The order of the makers changes for %(count)s of %(all)s product.",
        "The order of the makers changes for %(count)s of %(all)s products.", len(found),
    ) % {"count": moved, "all": len(found)}  # fmt: skip
    columns = (_("Product"), _("First makers"), _("of them in the same place"), _("of them new there"))
    return TriedPart(_("Makers of the products of the chain"), columns, rows, (said, _("One product a segment, over the whole registry.")))


def _of_product(name: str, old: tuple[FoundFirm, ...], new: tuple[FoundFirm, ...]) -> TriedPart:
    """Where the first makers of one product stood before."""
    was = {row.firm_id: (place, row) for place, row in enumerate(old, 1)}
    rows = []
    for place, row in enumerate(new, 1):
        before = was.get(row.firm_id)
        score = f"{before[1].score:.1f}" if before else "—"
        rows.append((row.name, str(before[0]) if before else _("further back"), str(place), score, f"{row.score:.1f}"))
    columns = (_("Firm"), _("Place before"), _("Place after"), _("Score before"), _("Score after"))
    return TriedPart(_("Makers: %(product)s") % {"product": name}, columns, tuple(rows))
