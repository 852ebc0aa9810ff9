"""The invented registry: about 30,000 firms from one seed, the same bytes for the same day, seed and rulebook.

Shape: planted firms of the story, makers of every segment by city, firms that only look like makers, the rest of the economy, branches,
dirt.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import random
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

from wutong.demo import dirt, drafts, geography, industry, scopes, story
from wutong.demo.drafts import Draft, Namer, Workshop
from wutong.demo.sectors import SECTORS, Sector
from wutong.rulebook.shapes import Rulebook

SEED = 20260
FIRMS = 30_000
BRANCH_SHARE = 0.045
WORKS_SHARE = 0.5
VERSION = "1"

_SHOP_ENDINGS = ("店", "行", "房", "超市", "馆", "百货", "广场", "学校")
_AWAY_SUFFIXES = ("分公司", "分公司", "分公司", "分公司", "办事处", "销售分公司")
_STYLES: dict[str, Callable[..., str]] = {
    "make": scopes.maker,
    "mine": partial(scopes.maker, verb="开采、加工"),
    "works": scopes.worker,
    "trade": scopes.trader,
    "retail": scopes.trader,
    "cars": scopes.trader,
    "mend": scopes.repairer,
    "service": scopes.provider,
    "tech": scopes.provider,
}
_FARM_STYLES: dict[str, Callable[..., str]] = {"grow": scopes.grower, "breed": scopes.breeder}


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: rows in the file, their hash, and the day they are told from."""

    path: Path
    rows: int
    sha256: str
    today: dt.date


def write(path: Path, *, rulebook: Rulebook, today: dt.date, seed: int = SEED, firms: int = FIRMS) -> Generated:
    """Write the registry as CSV (UTF-8, header, LF)."""
    rows = generate(rulebook=rulebook, today=today, seed=seed, firms=firms)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, drafts.COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    temporary.replace(path)
    return Generated(path, len(rows), digest, today)


def generate(*, rulebook: Rulebook, today: dt.date, seed: int = SEED, firms: int = FIRMS) -> list[dict[str, str]]:
    """The rows of the registry in the order of the file."""
    rnd = random.Random(seed)  # noqa: S311 - invented firms, no secrets
    shop = Workshop(rnd, Namer(rnd), today, seed)
    planted = story.drafts_of(shop)
    made = [*industry.makers(shop, rulebook), *industry.lookalikes(shop, rulebook)]
    branch_count = int(firms * BRANCH_SHARE)
    rest = max(0, firms - len(planted) - len(made) - branch_count)
    shop.begin("others")
    others = _others(shop, rest)
    parents = [*made, *others]
    shop.begin("branches")
    away = _branches(shop, parents, branch_count)
    everyone = [*planted, *parents, *away]
    rnd.shuffle(everyone)
    keep = {draft.name for draft in planted}
    return dirt.spoil(rnd, [drafts.row(rnd, draft) for draft in everyone], keep=keep)


class Lottery:
    """Draws an index by weight, with one random number a draw."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._edges = list(accumulate(weights))

    def draw(self, rnd: random.Random) -> int:
        """An index of the weights."""
        return min(bisect(self._edges, rnd.random() * self._edges[-1]), len(self._edges) - 1)


def _others(shop: Workshop, count: int) -> list[Draft]:
    sectors = Lottery([sector.weight for sector in SECTORS])
    cities = geography.cities()
    where = Lottery([geography.CITY_WEIGHTS[city.adcode] for city in cities])
    counties = {city.adcode: Lottery(geography.county_weights(city.adcode)) for city in cities}
    found, rnd = [], shop.rnd
    for _ in range(count):
        city = cities[where.draw(rnd)].adcode
        county = geography.counties(city)[counties[city].draw(rnd)].adcode
        found.append(_other(shop, SECTORS[sectors.draw(rnd)], county))
    return found


def _other(shop: Workshop, sector: Sector, county: str) -> Draft:
    rnd = shop.rnd
    founded = drafts.day_before(rnd, shop.today)
    word = rnd.choice(sector.names)
    form, type_ = _form(rnd, sector, word)
    is_cooperative = type_ == drafts.COOPERATIVE_TYPE
    word = sector.names[0] if is_cooperative else word
    name = shop.namer.firm(county, word, form)
    goods = rnd.sample(sector.goods, min(len(sector.goods), 1 + int(rnd.random() * 6)))
    rural = sector.rural or (sector.style == "make" and rnd.random() < 0.3)
    return Draft(
        name=name,
        county=county,
        address=drafts.address(rnd, county, rural=rural, industrial=sector.style == "make" or sector.id == "machinery-trade"),
        registered_on=founded,
        type=type_,
        capital_wan=drafts.capital_around(rnd, sector.median_wan) if rnd.random() < 0.97 else None,
        scope=_scope(rnd, sector, goods, founded.year, is_cooperative),
        kind="3" if is_cooperative else "1",
    )


def _form(rnd: random.Random, sector: Sector, word: str) -> tuple[str, str]:
    dice = rnd.random()
    if sector.forms == "coop" and dice < 0.6:
        return rnd.choice(("专业合作社", "农民专业合作社")), drafts.COOPERATIVE_TYPE
    if sector.forms == "shop" and dice < 0.35:
        return ("" if word.endswith(_SHOP_ENDINGS) else rnd.choice(("店", "经营部", "服务部"))), drafts.SOLE_TYPE
    if dice > 0.985:
        return "股份有限公司", drafts.STOCK_TYPE
    return ("有限公司" if rnd.random() < 0.78 else "有限责任公司"), rnd.choice(drafts.COMPANY_TYPES)


def _scope(rnd: random.Random, sector: Sector, goods: Sequence[str], year: int, is_cooperative: bool) -> str:
    if sector.style == "tech" and rnd.random() < 0.3:
        return scopes.researcher(rnd, goods, year=year)
    if sector.style in _FARM_STYLES:
        return _FARM_STYLES[sector.style](rnd, goods, year=year, is_cooperative=is_cooperative)
    return _STYLES[sector.style](rnd, goods, year=year)


def _branches(shop: Workshop, parents: Sequence[Draft], count: int) -> list[Draft]:
    """Branches of ordinary firms; some of those away belong to firms of the prefecture, some there to firms from away."""
    large = [
        p
        for p in parents
        if p.capital_wan and p.capital_wan >= 800 and p.name.endswith("公司") and (shop.today - p.registered_on).days > 900
    ]
    works = [parent for parent in large if parent.segment and (parent.capital_wan or 0) >= 3000]
    cities = geography.cities()
    where = Lottery([geography.CITY_WEIGHTS[city.adcode] for city in cities])
    found: list[Draft] = []
    rnd = shop.rnd
    while len(found) < count and large:
        parent = rnd.choice(works if works and rnd.random() < WORKS_SHARE else large)
        for _ in range(1 + int(rnd.random() * rnd.random() * 5)):
            city = cities[where.draw(rnd)]
            if parent.segment and city.adcode == geography.HOME_CITY and story.HOME.get(parent.segment) == 0:
                continue
            name = f"{parent.name}{city.short if rnd.random() < 0.8 else city.name}{rnd.choice(_AWAY_SUFFIXES)}"
            if shop.namer.is_free(name):
                found.append(_branch(shop, parent, city.adcode, name))
    return found[:count]


def _branch(shop: Workshop, parent: Draft, city: str, name: str) -> Draft:
    rnd = shop.rnd
    shop.namer.take(name)
    county = geography.counties(city)[Lottery(geography.county_weights(city)).draw(rnd)].adcode
    span = (shop.today - parent.registered_on).days
    return Draft(
        name=name,
        county=county,
        address=drafts.address(rnd, county),
        registered_on=parent.registered_on + dt.timedelta(days=int(span * (0.2 + 0.75 * rnd.random()))),
        type=drafts.BRANCH_TYPE,
        capital_wan=None,
        scope="销售隶属公司产品,为隶属公司联系业务。" if parent.segment or rnd.random() < 0.6 else parent.scope,
    )
