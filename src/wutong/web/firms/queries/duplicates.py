"""Firms taken on that may be one and the same: by code, by former name, by names that are nearly alike in one city."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _
from rapidfuzz import process
from rapidfuzz.distance import Indel

from wutong.engine import codes
from wutong.engine import names as spelling
from wutong.web.firms.models import Firm, FirmName, Merger
from wutong.web.firms.queries import briefs, mergers, standing
from wutong.web.firms.rules import MergerState, NameKind
from wutong.web.lib import access

LARGEST_CITY = 3000
LEAST_TRADE_NAME_SHARE = 0.5
_NUMERAL = re.compile("[0-9一二三四五六七八九十百]+")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two firms may be one: a code (`code`, `former` or `likeness`), what it rests on, and how sure it makes it."""

    code: str
    told: str
    confidence_share: float

    @property
    def words(self) -> str:
        """In words."""
        texts = {
            "code": _("same credit code: %(told)s"),
            "former": _("the former name of one is the name of the other: %(told)s"),
            "likeness": _("names nearly alike, in one city: %(told)s"),
        }
        return texts[self.code] % {"told": self.told}


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two firms that may be one, the one taken on first as the one to keep."""

    kept: Firm
    gone: Firm
    reasons: tuple[Reason, ...]

    @property
    def confidence_share(self) -> float:
        """That of the surest reason."""
        return max(reason.confidence_share for reason in self.reasons)

    @property
    def are_codes_other(self) -> bool:
        """Whether their credit codes differ, though both are valid: by law two entities."""
        return mergers.are_codes_other(self.kept, self.gone)


def suspects(user: Any) -> list[Suspect]:
    """Pairs that may be one, the surest first; without those that somebody merged, asked to merge or found to be different."""
    settled = {frozenset(pair) for pair in Merger.objects.exclude(state__in=_OPEN_AGAIN).values_list("kept_id", "gone_id")}
    found = {pair: reasons for pair, reasons in _pairs(_stamp()).items() if frozenset(pair) not in settled}
    known = Firm.objects.visible_to(user).in_bulk({pk for pair in found for pk in pair})
    rows = [Suspect(known[a], known[b], reasons) for (a, b), reasons in found.items() if a in known and b in known]
    return sorted(rows, key=lambda row: (-row.confidence_share, row.kept.name))


_OPEN_AGAIN = (MergerState.SENT_BACK, MergerState.UNDONE)


def _stamp() -> tuple[Any, ...]:
    """What changes whenever a firm, a name, a merger, the build or the rules do."""
    firms = Firm.objects.aggregate(rows=Count("pk"), newest=Max("pk"), merged=Sum("merged_into_id"), gone=Count("merged_into"))
    noted = FirmName.objects.aggregate(rows=Count("pk"), newest=Max("pk"), last=Max("noted_at"), firms=Sum("firm_id"))
    return (*firms.values(), *noted.values(), *standing.versions(), access.today())


@lru_cache(maxsize=2)
def _pairs(stamp: tuple[Any, ...]) -> dict[tuple[int, int], tuple[Reason, ...]]:
    firms = list(Firm.objects.filter(merged_into=None).order_by("pk"))
    found: dict[tuple[int, int], list[Reason]] = defaultdict(list)
    for one, other, reason in (*_by_code(firms), *_by_former_name(firms), *_by_likeness(firms)):
        found[min(one, other), max(one, other)].append(reason)
    return {pair: tuple(reasons) for pair, reasons in found.items()}


def _number(leaf: str) -> float:
    return standing.rulebook().number(f"names.{leaf}", access.today())


def _by_code(firms: list[Firm]) -> Iterator[tuple[int, int, Reason]]:
    held = defaultdict(list)
    for firm in firms:
        if code := codes.normalise(firm.uscc):
            held[code].append(firm.pk)
    for code, keys in held.items():
        for one, other in combinations(keys, 2):
            yield one, other, Reason("code", code, _number("duplicate_same_code_share"))


def _by_former_name(firms: list[Firm]) -> Iterator[tuple[int, int, Reason]]:
    by_key = defaultdict(list)
    for firm in firms:
        by_key[spelling.key(firm.name)].append(firm.pk)
    for pk, name in FirmName.objects.filter(kind=NameKind.FORMER, firm__merged_into=None).values_list("firm_id", "name"):
        for other in by_key.get(spelling.key(name), ()):
            if other != pk:
                yield pk, other, Reason("former", name, _number("duplicate_former_name_share"))


def _by_likeness(firms: list[Firm]) -> Iterator[tuple[int, int, Reason]]:
    """Names compared within a city; branches, and names that differ by a number, are different firms."""
    least = _number("duplicate_least_likeness_share")
    places = briefs.briefs(firm.firm_id for firm in firms)
    by_city = defaultdict(list)
    for firm in firms:
        brief = places.get(firm.firm_id)
        if brief and brief.adcode and not spelling.is_branch_name(spelling.normalise(firm.name)):
            by_city[brief.adcode[:4]].append(firm)
    for rows in by_city.values():
        here = rows[:LARGEST_CITY]
        keys = [spelling.key(firm.name) for firm in here]
        likeness = process.cdist(keys, keys, scorer=Indel.normalized_similarity, score_cutoff=least)
        for one, other in np.argwhere(np.triu(likeness >= least, 1)).tolist():
            a, b = here[one], here[other]
            if _may_be_one(keys[one], keys[other], a.name, b.name):
                yield a.pk, b.pk, Reason("likeness", f"{a.name} / {b.name}", round(float(likeness[one, other]), 2))


def _may_be_one(key: str, other_key: str, name: str, other: str) -> bool:
    trades = spelling.core(name), spelling.core(other)
    is_alike = not all(trades) or Indel.normalized_similarity(*trades) >= LEAST_TRADE_NAME_SHARE
    return is_alike and _NUMERAL.findall(key) == _NUMERAL.findall(other_key)
