"""Numbers as people read them: thousands, 万元 and 亿元, shares with their fraction. Loaded into every template."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from wutong.web.lib.access import is_chinese

register = template.Library()

WAN = Decimal(10_000)
YI = Decimal(100_000_000)
CURRENCIES = {
    "CNY": pgettext_lazy("currency", "yuan"),
    "USD": pgettext_lazy("currency", "US dollar"),
    "EUR": pgettext_lazy("currency", "euro"),
    "HKD": pgettext_lazy("currency", "Hong Kong dollar"),
    "JPY": pgettext_lazy("currency", "Japanese yen"),
    "GBP": pgettext_lazy("currency", "pound sterling"),
    "KRW": pgettext_lazy("currency", "South Korean won"),
    "TWD": pgettext_lazy("currency", "New Taiwan dollar"),
    "SGD": pgettext_lazy("currency", "Singapore dollar"),
    "CHF": pgettext_lazy("currency", "Swiss franc"),
    "CAD": pgettext_lazy("currency", "Canadian dollar"),
    "AUD": pgettext_lazy("currency", "Australian dollar"),
    "NZD": pgettext_lazy("currency", "New Zealand dollar"),
    "MOP": pgettext_lazy("currency", "Macao pataca"),
    "THB": pgettext_lazy("currency", "Thai baht"),
    "MYR": pgettext_lazy("currency", "Malaysian ringgit"),
    "RUB": pgettext_lazy("currency", "Russian rouble"),
    "SEK": pgettext_lazy("currency", "Swedish krona"),
    "DKK": pgettext_lazy("currency", "Danish krone"),
    "NOK": pgettext_lazy("currency", "Norwegian krone"),
}


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return number if number.is_finite() else None


def _shown(number: Decimal, digits: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,f}"


def missing(why: str = "") -> SafeString:
    """A dash with a hover, and a text for screen readers, that says why nothing stands here."""
    said = why or _("unknown")
    return format_html(
        '<span class="missing" title="{}"><span aria-hidden="true">—</span><span class="visually-hidden">{}</span></span>', said, said
    )


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """12345.6 → 12,346; a missing value is a dash."""
    found = _decimal(value)
    return missing() if found is None else _shown(found, int(digits))


@register.filter
def wan(yuan: Any, digits: int = 0) -> str:
    """Yuan as a figure in 万元; the unit stands in the header."""
    found = _decimal(yuan)
    return missing() if found is None else _shown(found / WAN, int(digits))


@register.filter
def yi(yuan: Any, digits: int = 2) -> str:
    """Yuan as a figure in 亿元; the unit stands in the header."""
    found = _decimal(yuan)
    return missing() if found is None else _shown(found / YI, int(digits))


@register.filter
def money(yuan: Any) -> str:
    """Yuan with its unit, for running text: 万元 below 1 亿, 亿元 from there up; in English CNY 4.5 million."""
    found = _decimal(yuan)
    if found is None:
        return missing()
    if not is_chinese():
        return _cny(found)
    if abs(found) >= YI:
        return _("%(figure)s hundred million yuan") % {"figure": _shown(found / YI, 2)}
    return _("%(figure)s ten thousand yuan") % {"figure": _shown(found / WAN, 0 if abs(found) >= 100 * WAN else 2)}


@register.filter
def money_exact(yuan: Any, digits: int = 2) -> str:
    """Yuan with its unit where a figure must not be rounded, as in a contract: 6,800.00 万元; in English CNY 68,000,000."""
    found = _decimal(yuan)
    if found is None:
        return missing()
    return _("%(figure)s ten thousand yuan") % {"figure": _shown(found / WAN, int(digits))} if is_chinese() else f"CNY {_shown(found, 0)}"


def _cny(found: Decimal) -> str:
    """CNY 450,000, CNY 4.5 million, CNY 1.25 billion."""
    for unit, word in ((Decimal(10**9), "billion"), (Decimal(10**6), "million")):
        if abs(found) >= unit:
            figure = _shown(found / unit, 2)
            return f"CNY {figure.rstrip('0').rstrip('.')} {word}"
    return f"CNY {_shown(found, 0)}"


@register.filter
def currency_name(code: Any) -> str:
    """USD → 美元; a code that nobody named stays a code."""
    return str(CURRENCIES.get(str(code), code))


@register.filter
def percent(share: Any, digits: int = 1) -> str:
    """0.712 → 71.2 %."""
    found = _decimal(share)
    return missing() if found is None else f"{_shown(found * 100, int(digits))} %"


@register.simple_tag
def share(part: Any, whole: Any, digits: int = 1) -> str:
    """A share with its fraction: 71.2 % (89/125); unknown where there is nothing to divide by."""
    top, bottom = _decimal(part), _decimal(whole)
    if top is None or not bottom:
        return missing(_("not applicable"))
    return f"{_shown(top / bottom * 100, digits)} % ({top:,f}/{bottom:,f})"


@register.filter
def dash(value: Any) -> Any:
    """The value, or a dash where it is missing."""
    return missing() if value is None or value == "" else value


@register.filter
def bar_width(value: Any, whole: Any = 100) -> str:
    """Width of a bar in percent, 0 to 100, with a point whatever the language."""
    top, bottom = _decimal(value), _decimal(whole)
    if top is None or not bottom:
        return "0"
    return f"{min(max(abs(top) / abs(bottom) * 100, Decimal(0)), Decimal(100)):.1f}"


_REASON = """
  <li class="reason">
    <span class="reason-name">{}</span>
    <span class="reason-bar" aria-hidden="true">%(bar)s</span>
    <span class="reason-points">{}</span>
    <span class="reason-input">{}{}</span>
    <span class="reason-source">{}</span>
  </li>"""
_BARLESS = _REASON % {"bar": ""}
_BARRED = _REASON % {"bar": '<i style="width:{}%"></i>'}


def _safe(value: Any) -> str:
    """What may stand in HTML. `format_html` asks of every piece anew what it is, and escapes the same words in every line."""
    return value if isinstance(value, SafeString) else _escaped(str(value))


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return str(escape(text))


@register.simple_tag
def reason_lines(reasons: Iterable[Any]) -> SafeString:
    """Reasons of a score as lines: factor, bar, points of how many, input with unit, source; see `components/reasons.html`.

    A full bar is a factor that gives all the points it can, whatever its weight; how many that are stands beside it.

    Why: a page has three hundred such lines, which took a template three quarters of the whole page's time.
    """
    unknown, of_most, lines = _("unknown"), _("%(points)s of %(most)s"), []
    for reason in reasons:
        points, most = _decimal(reason.points), _decimal(reason.most)
        label = _safe(reason.label or reason.factor)
        said = (_safe(dash(reason.input)), _safe(f" {reason.unit}" if reason.unit else ""), _safe(reason.source))
        if points is None:
            lines.append(_BARLESS.format(label, _safe(unknown), *said))
        elif not most:
            lines.append(_BARLESS.format(label, _shown(points, 1), *said))
        else:
            got = of_most % {"points": _shown(points, 1), "most": _shown(most, 1).removesuffix(".0")}
            lines.append(_BARRED.format(label, bar_width(points, most), _safe(got), *said))
    return SafeString("".join(lines))


@register.filter
def seconds(value: Any) -> str:
    """95 → 2 minutes: how long something takes, roughly, for running text."""
    found = _decimal(value)
    if found is None:
        return missing()
    if found < 60:
        return _("%(count)s seconds") % {"count": _shown(max(found, Decimal(1)), 0)}
    if found < 5400:
        return _("%(count)s minutes") % {"count": _shown(found / 60, 0)}
    return _("%(count)s hours") % {"count": _shown(found / 3600, 1)}
