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
    """A branch of a planted firm: in which city or county, how old, and what it calls itself."""

    adcode: str
    years_ago: float
    suffix: str = "分公司"
    scope: str = "销售隶属公司产品,为隶属公司联系业务。"


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
    """A verdict that `gaps` must give, and the firm that `targets` must put among its first `within`."""

    region: str
    chain: str
    segment: str
    verdict: str
    why_zh: str
    why_en: str
    best: str = ""
    within: int = 3


ELECTROLYTE_MAKER = PlantedFirm(
    name="澜海砚川新材料股份有限公司",
    county="940102",
    years_ago=14,
    capital_wan=30_000,
    scope="锂离子电池电解液的研发、生产和销售;货物及技术进出口(依法须经批准的项目,经相关部门批准后方可开展经营活动)",
    branches=(Away("910200", 2.5, "办事处"), Away("910100", 3), Away("930100", 5), Away("950100", 1.5)),
)
SEPARATOR_MAKER = PlantedFirm(
    name="潮汀渚元膜材料股份有限公司",
    county="940302",
    years_ago=11,
    capital_wan=26_000,
    scope="一般项目:电池隔膜制造;电池隔膜销售;新材料技术研发;技术进出口(除依法须经批准的项目外,凭营业执照依法自主开展经营活动)",
    branches=(Away("910200", 1.2, "销售分公司"), Away("910300", 2), Away("930200", 4)),
)
CYLINDER_MAKER = PlantedFirm(
    name="锻原砺达液压股份有限公司",
    county="920203",
    years_ago=19,
    capital_wan=20_000,
    scope="液压缸、液压油缸、千斤顶的研发、制造、销售及技术服务;自营和代理各类商品及技术的进出口业务",
    branches=(Away("910200", 4, "办事处"), Away("910100", 3), Away("920100", 8), Away("930200", 6)),
)
CELL_MAKER = PlantedFirm(
    name="梧阳棠岩新能源有限公司",
    county="910103",
    years_ago=9,
    capital_wan=45_000,
    scope="生产、销售:锂离子电池、动力电池;货物及技术进出口。",
    branches=(Away("910224", 2, "办事处"), Away("910300", 3), Away("930200", 5)),
    type=drafts.COMPANY_TYPES[0],
)
# A group of the prefecture whose works on the coast make what is missing at home: a firm that could come back (客商回归).
RETURNING_GROUP = PlantedFirm(
    name="凤栖金穗桥实业集团有限公司",
    county="910203",
    years_ago=21,
    capital_wan=12_000,
    scope="实业投资;企业管理服务;房屋租赁",
    branches=tuple(Away(city, years_ago, "分厂", "电池隔膜制造。") for city, years_ago in (("940200", 3), ("930100", 4), ("940300", 2))),
    type=drafts.COMPANY_TYPES[0],
)

PLANTED: tuple[PlantedFirm, ...] = (ELECTROLYTE_MAKER, SEPARATOR_MAKER, CYLINDER_MAKER, CELL_MAKER, RETURNING_GROUP)
GAPS: tuple[PlantedGap, ...] = (
    PlantedGap(
        "910200", BATTERY, "electrolytes", "fill",
        "锂盐与电芯都在本市，中间缺电解液",
        "Lithium salts and cells are made here; the electrolyte between them is not",
        ELECTROLYTE_MAKER.name,
    ),
    PlantedGap(
        "910200", BATTERY, "separators", "extend",
        "下游电芯在本市，隔膜没有上游环节，也没有一家企业",
        "Cells are made here; the separator, which has no segment upstream, is not",
        SEPARATOR_MAKER.name,
    ),
    PlantedGap(
        "910200", EQUIPMENT, "cylinders", "strengthen",
        "有液压缸企业三家，不到“强”的界线",
        "Three makers of hydraulic cylinders: fewer than the threshold of strong",
        CYLINDER_MAKER.name,
    ),
    PlantedGap(
        "910200", POTATO, "starch-making", "strong",
        "马铃薯淀粉企业多而集中",
        "Makers of potato starch are many and clustered",
    ),
    PlantedGap(
        "910224", BATTERY, "li-ion-cells", "build",
        "青椴县没有电池企业，而锂离子电池企业全国很多",
        "The county of woods has no battery works at all, while cells are made everywhere",
        CELL_MAKER.name,
    ),
    PlantedGap(
        "luming-township", BATTERY, "electrolytes", "unknown",
        "一个小乡，本不该指望有电解液企业",
        "A small township, where nobody would expect a maker of electrolyte",
    ),
    PlantedGap(
        "910200", BATTERY, "nickel-cobalt-mining", "unknown",
        "全国只有几家，没有不足为凭",
        "A handful of makers in the nation: absence proves nothing",
    ),
)  # fmt: skip

# How many makers a segment has in the whole registry, where the story needs a number of its own.
NATIONAL: dict[tuple[str, str], int] = {
    (BATTERY, "electrolytes"): 66,
    (BATTERY, "separators"): 60,
    (EQUIPMENT, "cylinders"): 62,
    (BATTERY, "li-ion-cells"): 130,
    (POTATO, "starch-making"): 48,
    (POTATO, "potato-growing"): 220,
    (POTATO, "vegetables-fruit"): 90,
    (POTATO, "livestock-farming"): 40,
    (BATTERY, "lithium-mining"): 5,
    (BATTERY, "nickel-cobalt-mining"): 5,
    (BATTERY, "manganese-mining"): 5,
    (BATTERY, "hydrogen-alloys"): 5,
    (EQUIPMENT, "motion-parts"): 5,
    (POTATO, "bio-materials"): 5,
}
# How many makers the prefecture has: 0 is a gap; a segment that is not named here is drawn like everywhere.
HOME: dict[tuple[str, str], int] = {
    (BATTERY, "electrolytes"): 0,
    (BATTERY, "separators"): 0,
    (BATTERY, "lithium-mining"): 0,
    (BATTERY, "nickel-cobalt-mining"): 0,
    (BATTERY, "manganese-mining"): 0,
    (BATTERY, "hydrogen-alloys"): 0,
    (BATTERY, "electrolyte-salts"): 3,
    (BATTERY, "lithium-salts"): 4,
    (BATTERY, "cathodes"): 3,
    (BATTERY, "anodes"): 2,
    (BATTERY, "cases-tabs"): 4,
    (BATTERY, "battery-equipment"): 3,
    (BATTERY, "li-ion-cells"): 8,
    (BATTERY, "packs"): 6,
    (BATTERY, "electric-vehicles"): 1,
    (EQUIPMENT, "cylinders"): 3,
    (EQUIPMENT, "motion-parts"): 0,
    (EQUIPMENT, "iron-castings"): 9,
    (EQUIPMENT, "tubes-rods"): 5,
    (EQUIPMENT, "seals"): 4,
    (EQUIPMENT, "hydraulic-systems"): 8,
    (EQUIPMENT, "earthmoving"): 6,
    (POTATO, "starch-making"): 15,
    (POTATO, "potato-growing"): 46,
    (POTATO, "seed-potatoes"): 7,
    (POTATO, "noodle-making"): 12,
    (POTATO, "modified-starches"): 0,
    (POTATO, "bio-materials"): 0,
}

# Where a chain clusters: a factor on a city's share.
LEANING: dict[str, dict[str, float]] = {
    BATTERY: {"940100": 2.0, "940200": 1.8, "940300": 1.5, "930100": 1.4, "950100": 1.5, "910200": 0.7, "920300": 0.3, "950300": 0.4},
    EQUIPMENT: {"920200": 3.0, "910200": 1.7, "940400": 1.6, "930200": 1.5, "920100": 1.3, "950300": 0.3, "950400": 0.4},
    POTATO: {"910200": 2.2, "920400": 2.6, "920300": 1.8, "910400": 2.0, "930300": 1.5, "940100": 0.3, "940200": 0.3, "950400": 0.3},
}
# Where in the prefecture; 青椴县 is a county of woods without any battery works.
HOME_COUNTIES: dict[str, dict[str, float]] = {
    BATTERY: {"910202": 1.6, "910203": 3.0, "910221": 0.2, "910222": 0.1, "910223": 0.4, "910224": 0.0},
    EQUIPMENT: {"910202": 1.0, "910203": 2.0, "910221": 0.3, "910222": 0.2, "910223": 4.0, "910224": 0.2},
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
    division = geography.divisions()[away.adcode]
    name = f"{firm.name}{division.short}{away.suffix}"
    shop.namer.take(name)
    county = geography.counties(away.adcode)[0].adcode if division.level == "city" else away.adcode
    return Draft(
        name=name,
        county=county,
        address=drafts.address(shop.rnd, county),
        registered_on=_ago(shop.today, away.years_ago),
        type=drafts.BRANCH_TYPE,
        capital_wan=None,
        scope=away.scope,
    )


def _ago(today: dt.date, years: float) -> dt.date:
    return today - dt.timedelta(days=int(years * 365.25))
