"""One invented firm before it becomes a row, and the small tools that give it a name, an address, capital and a date."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass

from wutong.demo import codes, geography, words

COLUMNS = ("uscc", "name", "registered_on", "type", "capital", "scope", "province", "city", "address")

COMPANY_TYPES = (
    "有限责任公司(自然人投资或控股)",
    "有限责任公司(自然人独资)",
    "其他有限责任公司",
    "有限责任公司(法人独资)",
    "有限责任公司(自然人投资或控股的法人独资)",
    "有限责任公司",
)
STOCK_TYPE = "股份有限公司(非上市、自然人投资或控股)"
BRANCH_TYPE = "有限责任公司分公司(自然人投资或控股)"
SOLE_TYPE = "个人独资企业"
COOPERATIVE_TYPE = "农民专业合作社"
FOREIGN_TYPE = "有限责任公司(外商投资企业法人独资)"


@dataclass(slots=True)
class Draft:
    """One invented firm. `county` is the adcode it registered in; `capital_wan` None where a firm has none (branches).

    `segment`: chain and segment that it was invented for, where it was.
    """

    name: str
    county: str
    address: str
    registered_on: dt.date
    type: str
    capital_wan: float | None
    scope: str
    kind: str = "1"
    segment: tuple[str, str] | None = None


def day_before(rnd: random.Random, today: dt.date, *, years_low: float = 0.1, years_high: float = 25.0, bend: float = 1.5) -> dt.date:
    """A day between the two ages; `bend` above 1 makes young firms commoner, as registries are."""
    years = years_low + (years_high - years_low) * rnd.random() ** bend
    return today - dt.timedelta(days=int(years * 365.25))


def capital_around(rnd: random.Random, median_wan: float, *, spread: float = 1.1) -> float:
    """A log-normal capital in 万元, rounded as founders round."""
    raw = median_wan * math.exp(spread * (rnd.random() + rnd.random() + rnd.random() - 1.5) * 1.6)
    step = 10.0 ** max(0, int(math.log10(max(raw, 1.0))))
    nice = round(raw / step * 2) / 2 * step
    return max(nice, 1.0)


# Share of offices that write the capital so, and how; {n} the plain number, {c} with thousands separators, both in 万元.
_CAPITAL_STYLES = (
    (45, "{c}(万元人民币)"),
    (17, "{n}万人民币"),
    (16, "{n}万元"),
    (8, "{n}(万元)"),
    (6, "{n}万元人民币"),
    (3, "{yi:g}亿元"),
    (3, "{yuan}元"),
    (2, "{n}万元整"),
)


def capital_text(rnd: random.Random, wan: float, *, foreign: bool = False) -> str:
    """A capital as registries write it: units and brackets differ from office to office."""
    if foreign:
        dollars = max(1, round(wan / 7))
        return rnd.choice((f"{dollars:,}(万美元)", f"{dollars}万美元", f"{dollars * 7.8:.0f}(万港元)"))
    style = rnd.choices([text for _, text in _CAPITAL_STYLES], [share for share, _ in _CAPITAL_STYLES])[0]
    if "yi" in style and wan < 10_000:
        style = "{n}万元"
    plain = f"{wan:.0f}" if wan == int(wan) else f"{wan:.2f}"
    return style.format(n=plain, c=f"{wan:,.0f}" if wan == int(wan) else plain, yi=wan / 10_000, yuan=f"{wan * 10_000:,.0f}")


class Namer:
    """Gives out names that no other firm of the registry has."""

    def __init__(self, rnd: random.Random) -> None:
        self._rnd = rnd
        self._taken: set[str] = set()

    def take(self, name: str) -> None:
        """Keep a planted name from being given again. Raises: ValueError where it is taken."""
        if name in self._taken:
            raise ValueError(f"{name} is planted twice")
        self._taken.add(name)

    def is_free(self, name: str) -> bool:
        """Whether no firm has the name yet."""
        return name not in self._taken

    def trade_name(self) -> str:
        """A 字号."""
        rnd = self._rnd
        if rnd.random() < 0.04:
            return rnd.choice(words.TRIPLES)
        return rnd.choice(words.FIRST) + rnd.choice(words.SECOND)

    def firm(self, county: str, word: str, form: str) -> str:
        """Place, trade name, line of business and legal form."""
        for _ in range(200):
            name = f"{self._place(county)}{self.trade_name()}{word}{form}"
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise RuntimeError(f"no free name left for {word}{form} in {county}")

    def _place(self, county: str) -> str:
        rnd, found = self._rnd, geography.divisions()
        division = found[county]
        city = found[division.parent]
        dice = rnd.random()
        if dice < 0.46:
            return city.short
        if dice < 0.62:
            return city.name
        if dice < 0.76:
            return division.short
        if dice < 0.88:
            return division.name
        return found[city.parent].short if dice < 0.97 else found[city.parent].name


@dataclass(frozen=True, slots=True)
class Workshop:
    """What everybody who invents firms needs: the dice, the names given so far, and the day it is told from."""

    rnd: random.Random
    namer: Namer
    today: dt.date
    seed: int

    def begin(self, part: str) -> None:
        """Begin a part with dice of its own, so that a change in one part of the rulebook leaves the other parts as they were."""
        self.rnd.seed(f"{self.seed}/{part}")


def address(rnd: random.Random, county: str, *, rural: bool = False, industrial: bool = False) -> str:
    """An address in a county: a street, a zone or park, or a village."""
    found = geography.divisions()
    division = found[county]
    city = found[division.parent]
    province = found[city.parent].name if rnd.random() < 0.75 else ""
    head = f"{province}{city.name}{division.name}"
    if county == geography.TOWNSHIP[0] and rural and rnd.random() < 0.25:
        return f"{head}{geography.TOWNSHIP[1]}{rnd.choice(words.VILLAGES)}"
    if rural:
        return f"{head}{rnd.choice(words.TOWNS)}{rnd.choice(words.VILLAGES)}{_group(rnd)}"
    number = 1 + int(rnd.random() * 260)
    zone = next((word for code, word in geography.ZONES.values() if code == county), "")
    if zone and (rnd.random() < (0.6 if industrial else 0.12)):
        middle = f"{city.name}{zone}" if rnd.random() < 0.25 else f"{city.name}{division.name}{zone}"
        return f"{province}{middle}{rnd.choice(words.PARK_STREETS)}{number}号"
    if industrial and rnd.random() < 0.55:
        return f"{head}{_park(rnd, county, division.short)}{rnd.choice(words.PARK_STREETS)}{number}号"
    street = rnd.choice(words.STREETS)
    room = f"{rnd.choice(words.BUILDINGS)}{1 + int(rnd.random() * 24)}{1 + int(rnd.random() * 18):02d}室" if rnd.random() < 0.3 else ""
    if division.name.endswith("县") and rnd.random() < 0.5:
        return f"{head}城关镇{street}{number}号{room}"
    return f"{head}{street}{number}号{room}"


def _park(rnd: random.Random, county: str, short: str) -> str:
    own = next((word for code, word in geography.PARKS.values() if code == county), "")
    if own and rnd.random() < 0.5:
        return own
    return rnd.choice(("工业园区", f"{short}工业集中区", "产业集聚区", "循环经济产业园", "中小企业创业园"))


def _group(rnd: random.Random) -> str:
    return rnd.choice(("", "一组", "二组", "三组", "五组", f"{1 + int(rnd.random() * 90)}号"))


def row(rnd: random.Random, draft: Draft) -> dict[str, str]:
    """The clean row of a firm; `dirt.py` spoils some of them afterwards."""
    found = geography.divisions()
    city = found[found[draft.county].parent]
    division = draft.county if rnd.random() > 0.05 else city.adcode
    year = draft.registered_on.year
    foreign = draft.type == FOREIGN_TYPE
    return {
        "uscc": codes.credit_code(rnd, division=division, year=year, kind=draft.kind),
        "name": draft.name,
        "registered_on": draft.registered_on.isoformat(),
        "type": draft.type,
        "capital": "" if draft.capital_wan is None else capital_text(rnd, draft.capital_wan, foreign=foreign),
        "scope": draft.scope,
        "province": found[city.parent].short if rnd.random() < 0.8 else found[city.parent].name,
        "city": city.short if rnd.random() < 0.7 else city.name,
        "address": draft.address,
    }
