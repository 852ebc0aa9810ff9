"""Exchange rates as they were entered, and what the form of an entry says of each currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.lib.money import currency_name
from wutong.web.projects.models import ExchangeRate
from wutong.web.projects.queries import recognition
from wutong.web.projects.rules.funds import YUAN


def choices(on: dt.date) -> list[tuple[str, str]]:
    """The currencies with the last rate entered of each, or that it lacks: one question."""
    last: dict[str, ExchangeRate] = {}
    for one in ExchangeRate.objects.filter(on__lte=on, on__gte=on - dt.timedelta(days=400)).order_by("on"):
        last[one.currency] = one
    others = sorted(recognition.currencies() - {YUAN})
    return [(YUAN, currency_name(YUAN)), *((code, _said(code, last.get(code))) for code in others)]


def _said(code: str, last: ExchangeRate | None) -> str:
    if last is None:
        return _("%(currency)s: rate missing") % {"currency": currency_name(code)}
    rate = f"{last.yuan_per_unit.normalize():f}"
    return _("%(currency)s, last rate %(rate)s yuan (%(day)s)") % {
        "currency": currency_name(code),
        "rate": rate,
        "day": last.on.isoformat(),
    }


def found(user: Any, currency: str = "") -> Any:
    """The rates that were entered, the newest first; of one currency where it is named."""
    rows = ExchangeRate.objects.visible_to(user).order_by("-on", "currency")
    return rows.filter(currency=currency) if currency else rows


def in_order(keys: Sequence[int]) -> list[ExchangeRate]:
    """The rates of a page, in the order of their keys."""
    there = ExchangeRate.objects.select_related("by").in_bulk(keys)
    return [there[key] for key in keys]
