"""What is planted in the invented registry, and so what the product must find: gaps, verdicts, and the firms that would fill them.

The prefecture 凤栖市 stands on advanced equipment (石涧县, 鸣桐区) and potatoes (双鹭县, 云坪县);
a power-battery chain is growing in its two zones.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from wutong.demo import drafts, geography
from wutong.demo.drafts import Draft, Workshop

BATTERY, EQUIPMENT, POTATO = "power-battery", "advanced-equipment", "potato-food"


@dataclass(frozen=True, slots=True)
class Away:
    """A branch of a planted firm: in which city, how old, and what it calls itself."""

    city: str
    years_ago: float
    suffix: str = "分公司"


@dataclass(frozen=True, slots=True)
class PlantedFirm:
    """A firm whose place in a ranking is known, because everything that the score asks for was given to it."""

    name: str
    county: str
    years_ago: float
    capital_wan: float
    scope: str
    branches: tuple[Away, ...] = ()
    type: str = drafts.STOCK_TYPE


@dataclass(frozen=True, slots=True)
class PlantedGap:
    """A verdict that `gaps` must give, and the firms that `targets` must put among its first `within`."""

    region: str
    chain: str
    segment: str
    verdict: str
    why_zh: str
    why_en: str
    best: tuple[str, ...] = ()
    within: int = 5


SEPARATOR_MAKER = PlantedFirm(
    name="澜海砚川膜材料股份有限公司",
    county="940102",
    years_ago=12,
    capital_wan=30_000,
    scope="锂离子电池隔膜、涂覆隔膜的研发、生产和销售;货物及技术进出口(依法须经批准的项目,经相关部门批准后方可开展经营活动)",
    branches=(Away("910200", 2.5, "办事处"), Away("930100", 4), Away("910100", 3), Away("950100", 1.5)),
)

PLANTED: tuple[PlantedFirm, ...] = (SEPARATOR_MAKER,)
GAPS: tuple[PlantedGap, ...] = ()

# How many makers a segment has in the whole registry, where the story needs a number of its own.
NATIONAL: dict[tuple[str, str], int] = {}
# How many makers the prefecture has: 0 is a gap; a segment that is not named here is drawn like everywhere.
HOME: dict[tuple[str, str], int] = {}

# Where a chain clusters: a factor on a city's share.
LEANING: dict[str, dict[str, float]] = {
    BATTERY: {"940100": 2.0, "940200": 1.8, "940300": 1.5, "930100": 1.4, "950100": 1.5, "910200": 0.7, "920300": 0.3, "950300": 0.4},
    EQUIPMENT: {"920200": 3.0, "910200": 1.7, "940400": 1.6, "930200": 1.5, "920100": 1.3, "950300": 0.3, "950400": 0.4},
    POTATO: {"910200": 2.2, "920400": 2.6, "920300": 1.8, "910400": 2.0, "930300": 1.5, "940100": 0.3, "940200": 0.3, "950400": 0.3},
}
# Where in the prefecture; 青椴县 is a county of woods without any equipment works.
HOME_COUNTIES: dict[str, dict[str, float]] = {
    BATTERY: {"910202": 1.6, "910203": 3.0, "910221": 0.2, "910222": 0.1, "910223": 0.4, "910224": 0.1},
    EQUIPMENT: {"910202": 1.0, "910203": 2.0, "910221": 0.3, "910222": 0.2, "910223": 4.0, "910224": 0.0},
    POTATO: {"910202": 0.5, "910203": 0.5, "910221": 4.0, "910222": 3.0, "910223": 0.4, "910224": 0.6},
}
# What a firm that only sells also sells.
SIDE_GOODS = ("五金交电", "日用百货", "劳保用品", "建筑材料", "办公用品", "化工产品(不含危险化学品)", "金属材料", "包装材料", "电线电缆")


def drafts_of(shop: Workshop) -> list[Draft]:
    """The planted firms and their branches."""
    found: list[Draft] = []
    for firm in PLANTED:
        shop.namer.take(firm.name)
        found.append(
            Draft(
                name=firm.name,
                county=firm.county,
                address=drafts.address(shop.rnd, firm.county, industrial=True),
                registered_on=_ago(shop.today, firm.years_ago),
                type=firm.type,
                capital_wan=firm.capital_wan,
                scope=firm.scope,
            )
        )
        found.extend(_branch(shop, firm, away) for away in firm.branches)
    return found


def _branch(shop: Workshop, firm: PlantedFirm, away: Away) -> Draft:
    name = f"{firm.name}{geography.divisions()[away.city].short}{away.suffix}"
    shop.namer.take(name)
    county = geography.counties(away.city)[0].adcode
    return Draft(
        name=name,
        county=county,
        address=drafts.address(shop.rnd, county),
        registered_on=_ago(shop.today, away.years_ago),
        type=drafts.BRANCH_TYPE,
        capital_wan=None,
        scope="销售隶属公司产品,为隶属公司联系业务。",
    )


def _ago(today: dt.date, years: float) -> dt.date:
    return today - dt.timedelta(days=int(years * 365.25))
