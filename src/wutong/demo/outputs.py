"""Output of firms in the counties of the demo, as statistics tell it: quarter by quarter, and of a whole year once it is over.

Through the actions of `firms`, from a fixed seed and dated relative to today; the yearly goals for output have their actual from here.
Only firms of the fictional registry are named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from wutong.demo.goals import OUTPUT_SHARES, OWN

SEED = 20261129
FIRMS_EACH = 4
YI = 100_000_000
WEIGHTS = (4, 3, 2, 1)
QUARTERS = ((3, Decimal("0.22")), (6, Decimal("0.47")), (9, Decimal("0.73")))
"""Last month → what of the year's output is reached by then."""
TOLD_AFTER_DAYS = 20
"""So long after a quarter or a year statistics tell it."""


def tell(*, at: dt.datetime) -> None:
    """Every county's largest makers, with the output of last year and of the quarters of this one."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.accounts.rules.units import UnitKind  # noqa: PLC0415

    at = timezone.localtime(at)
    people = User.objects.get_queryset().filter(unit__kind=UnitKind.COUNTY).select_related("unit").order_by("unit__path", "pk")
    owners = list({one.unit_id: one for one in people}.values())
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    whole = next(Decimal(shown) for *line, shown in OWN if line == ["output", "", ""])
    taken: set[str] = set()
    with transaction.atomic():
        for owner, share in zip(owners, OUTPUT_SHARES, strict=False):
            firms = [one for one in _makers(owner) if one not in taken][:FIRMS_EACH]
            taken |= set(firms)
            goal = whole * share / sum(OUTPUT_SHARES)
            for year in (at.year - 1, at.year):
                made = goal * Decimal(rnd.randrange(88, 112)) / 100
                for firm, weight in zip(firms, WEIGHTS, strict=False):
                    _note(firm, year, made * weight / sum(WEIGHTS), owner, at)


def _makers(owner: Any) -> list[str]:
    """The ids of the larger makers where a unit stands."""
    from wutong.demo import introducing  # noqa: PLC0415

    return introducing.local_firms(owner)


def _note(firm: str, year: int, yi: Decimal, by: Any, at: dt.datetime) -> None:
    """The figures of a year that are out by now: estimates of the quarters so far, and of the year once it is over."""
    from wutong.web.firms.actions import remarks  # noqa: PLC0415

    for when, part, source, is_estimated in _reports(year, at):
        value = (yi * part * YI).quantize(Decimal(10_000))
        remarks.note_figure(
            firm_id=firm, year=year, measure="output_yuan", value=value, source=source, is_estimated=is_estimated, by=by, at=when,
            on=when.date(),
        )  # fmt: skip


def _reports(year: int, at: dt.datetime) -> Iterator[tuple[dt.datetime, Decimal, str, bool]]:
    """When statistics tell of a year, how much of it, from where, and whether that is an estimate."""
    for month, part in QUARTERS:
        when = at.replace(year=year, month=month + 1, day=TOLD_AFTER_DAYS, hour=10, minute=15)
        if when < at:
            yield when, part, f"{year}年1—{month}月工业统计快报", True
    when = at.replace(year=year + 1, month=1, day=TOLD_AFTER_DAYS, hour=10, minute=40)
    if when < at:
        yield when, Decimal(1), f"{year}年工业统计年报", False
