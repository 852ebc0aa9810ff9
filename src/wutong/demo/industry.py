"""Makers of every segment of the chains, spread over the cities, and firms that only look like makers.

Shape: how many makers a segment has nation-wide and where they cluster is drawn from the seed; `story.py` overrides what it plants. The
words come from the thesaurus of the rulebook, so that a chain which grows is populated without a change here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from wutong.demo import drafts, geography, scopes, story
from wutong.demo.drafts import Draft, Workshop
from wutong.rulebook.shapes import Chain, Product, Rulebook, Segment

STORY_CHAINS = ("power-battery", "advanced-equipment", "potato-food")
"""The chains that the fictional province lives on; firms of the others come from its ordinary trades."""
FEWEST, MOST = 22, 50
SECOND_SEGMENT_SHARE = 0.12
STOCK_FROM_WAN = 6000
# Lines of business for names, by the first industry class of a segment; the first that fits. They must prove no segment.
_NAME_WORDS = (
    (("A03",), ("牧业", "畜牧", "农牧")),
    (("A05",), ("农业科技", "农业服务")),
    (("A",), ("农业", "农业开发", "生态农业")),
    (("B",), ("矿产资源", "资源开发", "矿产")),
    (("C13", "C14", "C15"), ("食品", "食品科技", "绿色食品", "农产品加工", "实业")),
    (("C22", "C29", "C30"), ("新材料", "材料科技", "实业", "制品")),
    (("C25", "C26", "C28"), ("新材料", "材料科技", "精细材料", "科技")),
    (("C31", "C32"), ("金属", "金属材料", "新材料", "实业")),
    (("C33", "C34", "C35", "C36", "C37"), ("机械", "机械制造", "重工", "精密机械", "装备", "装备制造", "精工", "实业")),
    (("C38", "C39", "C40"), ("新能源", "新能源科技", "电气", "智能科技", "科技")),
    (("C42", "C43"), ("资源循环", "环保科技", "机电")),
    (("",), ("科技", "技术服务", "实业", "服务")),
)
_MEDIAN_WAN = {"power-battery": 2600.0, "advanced-equipment": 900.0, "potato-food": 500.0}
_FARM_MEDIAN_WAN = 150.0
_TRADE_NAMES = ("商贸", "贸易", "物资", "机电设备", "工贸", "经贸")
_REPAIR_NAMES = ("维修服务", "机电维修", "设备安装", "技术服务")
_LOOKALIKES = (("seller", 5.0), ("repairer", 1.5), ("parts", 1.0), ("machines", 0.8), ("waste", 0.4), ("researcher", 1.3))
# What a firm does to its product, by the section or division of its industry; the first that fits.
_VERBS = (("B", "开采"), ("C13", "加工"), ("A05", "加工"))
# Work done on other firms' parts (heat and surface treatment): nobody sells or mends it.
_PROCESSES = ("C336",)
_GROWN = ("A01", "A0511")
_BRED = ("A03",)
# Synonyms that end so are trades, not things: nobody "makes" a 开采.
_TRADE_ENDINGS = (
    "开采",
    "采选",
    "选矿",
    "加工",
    "制造",
    "生产",
    "种植",
    "养殖",
    "处理",
    "回收",
    "销售",
    "制作",
    "改装",
    "服务",
    "繁育",
    "铸造",
    "锻造",
    "印刷",
    "冶炼",
)
_JOINING = frozenset("与和及")


def makers(shop: Workshop, rulebook: Rulebook) -> Iterator[Draft]:
    """The makers (or providers) of every segment of the story's chains."""
    proofs = frozenset(proof for chain in rulebook.chains.values() for segment in chain.segments for proof in segment.name_proofs)
    for chain in (rulebook.chains[name] for name in STORY_CHAINS):
        for segment in chain.segments:
            shop.begin(f"makers/{chain.id}/{segment.id}")
            for county in _counties_of(shop.rnd, chain, segment):
                yield _maker(shop, rulebook, chain, segment, county=county, proofs=proofs)


def _counties_of(rnd: random.Random, chain: Chain, segment: Segment) -> list[str]:
    national = story.NATIONAL.get((chain.id, segment.id), FEWEST + int(rnd.random() * (MOST - FEWEST)))
    cities = [city.adcode for city in geography.cities()]
    leaning = story.LEANING.get(chain.id, {})
    weights = [geography.CITY_WEIGHTS[city] * leaning.get(city, 1.0) * (0.35 + 1.6 * rnd.random() ** 2) for city in cities]
    home = story.HOME.get((chain.id, segment.id))
    if home is not None:
        weights[cities.index(geography.HOME_CITY)] = 0.0
    drawn = rnd.choices(cities, weights, k=national - (home or 0))
    drawn += [geography.HOME_CITY] * (home or 0)
    return [_county(rnd, chain, segment, city) for city in drawn]


def _county(rnd: random.Random, chain: Chain, segment: Segment, city: str) -> str:
    counties = geography.counties(city)
    weights: Sequence[float] = geography.county_weights(city)
    if city == geography.HOME_CITY:
        leaning = story.HOME_COUNTIES.get(chain.id, {})
        weights = [weight * leaning.get(county.adcode, 1.0) for weight, county in zip(weights, counties, strict=True)]
    return rnd.choices(counties, weights)[0].adcode


def _words(rnd: random.Random, rulebook: Rulebook, segment: Segment, most: int) -> list[str]:
    """What a firm of this segment says it makes (or provides): a product or several, each by its name or a synonym."""
    products = [rulebook.products[p] for p in segment.products if not rulebook.products[p].generic] or [
        rulebook.products[p] for p in segment.products
    ]
    chosen = rnd.sample(products, min(len(products), 1 + int(rnd.random() * most)))
    return [_term(rnd, p) for p in chosen]


def _term(rnd: random.Random, product: Product) -> str:
    if rnd.random() < 0.6 and not _JOINING & set(product.zh):
        return product.zh
    endings = () if product.kind == "service" else _TRADE_ENDINGS
    return rnd.choice([term for term in product.terms if not term.endswith(endings) and not _JOINING & set(term)] or [product.zh])


def _is_farm(segment: Segment) -> bool:
    return segment.role != "provides" and any(c.startswith((*_GROWN, *_BRED)) for c in segment.gbt4754)


def _is_service(rulebook: Rulebook, segment: Segment) -> bool:
    is_process = any(c.startswith(_PROCESSES) for c in segment.gbt4754)
    return segment.role == "provides" or is_process or all(rulebook.products[p].kind == "service" for p in segment.products)


def _scope(rnd: random.Random, rulebook: Rulebook, segment: Segment, goods: list[str], *, year: int, is_cooperative: bool) -> str:
    if _is_service(rulebook, segment):
        return scopes.provider(rnd, goods, year=year)
    if any(c.startswith(_BRED) for c in segment.gbt4754):
        return scopes.breeder(rnd, goods, year=year, is_cooperative=is_cooperative)
    if _is_farm(segment):
        return scopes.grower(rnd, goods, year=year, is_cooperative=is_cooperative)
    verb = next((verb for start, verb in _VERBS if segment.gbt4754 and segment.gbt4754[0].startswith(start)), "制造")
    return scopes.maker(rnd, goods, year=year, verb=verb)


def _maker(shop: Workshop, rulebook: Rulebook, chain: Chain, segment: Segment, *, county: str, proofs: frozenset[str]) -> Draft:
    rnd = shop.rnd
    goods = _words(rnd, rulebook, segment, 3)
    founded = drafts.day_before(rnd, shop.today, years_high=12 if chain.id == "power-battery" else 25)
    grown = _is_farm(segment)
    if county[:4] != geography.HOME_CITY[:4] and rnd.random() < SECOND_SEGMENT_SHARE and _mixes(rulebook, segment):
        beside = [s for s in (*chain.upstream(segment.id), *chain.downstream(segment.id)) if _mixes(rulebook, chain.segment(s))]
        if beside:
            goods += _words(rnd, rulebook, chain.segment(rnd.choice(beside)), 1)
    goods = list(dict.fromkeys(goods))
    capital = drafts.capital_around(rnd, _FARM_MEDIAN_WAN if grown else _MEDIAN_WAN.get(chain.id, 800.0))
    form, type_ = _form(rnd, capital, is_grown=grown)
    return Draft(
        name=shop.namer.firm(county, _name_word(rnd, proofs, segment), form),
        county=county,
        address=drafts.address(rnd, county, rural=grown, industrial=not grown),
        registered_on=founded,
        type=type_,
        capital_wan=capital if rnd.random() < 0.96 else None,
        scope=_scope(rnd, rulebook, segment, goods, year=founded.year, is_cooperative=type_ == drafts.COOPERATIVE_TYPE),
        kind="3" if type_ == drafts.COOPERATIVE_TYPE else "1",
        segment=(chain.id, segment.id),
    )


def _mixes(rulebook: Rulebook, segment: Segment) -> bool:
    return not _is_service(rulebook, segment) and not _is_farm(segment)


def _form(rnd: random.Random, capital_wan: float, *, is_grown: bool) -> tuple[str, str]:
    dice = rnd.random()
    if is_grown and dice < 0.55:
        return "农民专业合作社", drafts.COOPERATIVE_TYPE
    if capital_wan >= STOCK_FROM_WAN and dice < 0.3:
        return "股份有限公司", drafts.STOCK_TYPE
    if capital_wan >= STOCK_FROM_WAN and dice < 0.42:
        return "有限公司", drafts.FOREIGN_TYPE
    if capital_wan < 100 and dice < 0.12:
        return "厂", drafts.SOLE_TYPE
    return ("有限公司" if rnd.random() < 0.8 else "有限责任公司"), rnd.choice(drafts.COMPANY_TYPES)


def _name_word(rnd: random.Random, proofs: frozenset[str], segment: Segment) -> str:
    """A line of business for the name: now and then one that proves the segment, else a general one that proves nothing."""
    if segment.name_proofs and rnd.random() < 0.3:
        return rnd.choice(segment.name_proofs)
    first = segment.gbt4754[0] if segment.gbt4754 else ""
    words = next(words for starts, words in _NAME_WORDS if first.startswith(starts))
    return rnd.choice([word for word in words if not any(proof in word for proof in proofs)] or ["实业"])


def lookalikes(shop: Workshop, rulebook: Rulebook) -> Iterator[Draft]:
    """Firms that sell, mend, study or collect what a segment makes, or make parts or machines for it; makers of it they are not."""
    rnd = shop.rnd
    cities = [city.adcode for city in geography.cities()]
    weights = [geography.CITY_WEIGHTS[city] for city in cities]
    for chain in (rulebook.chains[name] for name in STORY_CHAINS):
        for segment in chain.segments:
            if _is_service(rulebook, segment) or _is_farm(segment):
                continue
            shop.begin(f"lookalikes/{chain.id}/{segment.id}")
            for kind, count in _LOOKALIKES:
                for _ in range(int(count + rnd.random())):
                    city = rnd.choices(cities, weights)[0]
                    county = rnd.choices(geography.counties(city), geography.county_weights(city))[0].adcode
                    yield _lookalike(shop, kind, _words(rnd, rulebook, segment, 3), county)


def _lookalike(shop: Workshop, kind: str, goods: list[str], county: str) -> Draft:
    rnd = shop.rnd
    founded = drafts.day_before(rnd, shop.today)
    year = founded.year
    goods = list(dict.fromkeys(goods))
    match kind:
        case "seller":
            word, scope = rnd.choice(_TRADE_NAMES), scopes.trader(rnd, [*goods, *rnd.sample(story.SIDE_GOODS, 3)], year=year)
        case "repairer":
            word, scope = rnd.choice(_REPAIR_NAMES), scopes.repairer(rnd, goods, year=year)
        case "parts":
            word, scope = "配件", scopes.maker(rnd, [f"{good}配件" for good in goods], year=year, verb="加工")
        case "machines":
            word, scope = "机械设备", scopes.maker(rnd, [f"{good}生产设备" for good in goods], year=year)
        case "waste":
            word, scope = "废旧物资", scopes.trader(rnd, [f"废旧{goods[0]}", "废旧金属", "废塑料"], year=2015)
        case _:
            word, scope = "技术开发", scopes.researcher(rnd, goods, year=year)
    return Draft(
        name=shop.namer.firm(county, word, "有限公司"),
        county=county,
        address=drafts.address(rnd, county),
        registered_on=founded,
        type=rnd.choice(drafts.COMPANY_TYPES),
        capital_wan=drafts.capital_around(rnd, 150),
        scope=scope,
    )
