"""Places of trips: divisions of China by name or code, countries by name or two letters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from babel import Locale
from django.db.models import Q

from wutong.web.lib.access import is_chinese
from wutong.web.partners.queries import places

OF_CHINA = frozenset({"CN", "HK", "MO", "TW"})
"""What is no country of its own here: regions of China are named as divisions."""


@cache
def _territories(language: str) -> Mapping[str, str]:
    known = Locale(language).territories
    return {code: name for code, name in known.items() if len(code) == 2 and code.isalpha() and code not in OF_CHINA}


@cache
def _codes() -> Mapping[str, str]:
    return {name.casefold(): code for language in ("en", "zh") for code, name in _territories(language).items()}


def country_of(text: str) -> str:
    """The two letters of a country that a name or code means; "" where it means none."""
    wanted = text.strip()
    if len(wanted) == 2 and wanted.isascii() and wanted.upper() in _territories("en"):
        return wanted.upper()
    return _codes().get(wanted.casefold(), "")


def code_of(text: str) -> str:
    """The division code, or the letters of the country, that a text means; "" where it means nothing known."""
    return country_of(text) or places.code_of(text)


def name_of(code: str) -> str:
    """The name of a place by its code."""
    if code.isalpha():
        return _territories("zh" if is_chinese() else "en").get(code, code)
    return places.name_of(code)


def inside(code: str) -> Q:
    """Places that are, or lie inside, a division or country."""
    return Q(country=code) if code.isalpha() else ~Q(adcode="") & places.inside("adcode", code)


def split(text: str) -> tuple[str, ...]:
    """The parts of a list that somebody typed, between commas, enumeration commas, semicolons or line ends."""
    for sign in "，,；;\n/":
        text = text.replace(sign, "、")
    return tuple(part.strip() for part in text.split("、") if part.strip())


def codes_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes of all places that a text names, and the parts of it that name none."""
    found: dict[str, Any] = {part: code_of(part) for part in split(text)}
    return tuple(dict.fromkeys(code for code in found.values() if code)), tuple(part for part, code in found.items() if not code)
