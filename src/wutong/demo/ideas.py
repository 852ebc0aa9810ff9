"""What the projects of the demo are: trades of every kind, whose capital it is, and figures in proportion to each other.

Everything is invented; money in 10,000 yuan (万元) a mu follows what approval offices of inland prefectures commonly ask for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from wutong.demo import chasing, words

WAN = 10_000
SQM_OF_A_MU = 667


@dataclass(frozen=True, slots=True)
class Scale:
    """How the figures of a kind hang together. Units: `mu_wan` 10,000 yuan of total a mu (0: no land); `job_wan` 10,000 yuan a job.

    `fixed`, `equipment`, `output`, `tax`: shares in hundredths, of total, of fixed, of total, of output.
    """

    mu_wan: int
    fixed: int
    equipment: int
    output: int
    tax: int
    job_wan: int


SCALES = {
    "industry": Scale(340, 80, 55, 150, 5, 95),
    "farming": Scale(60, 72, 35, 80, 1, 70),
    "services": Scale(0, 45, 60, 110, 6, 40),
    "tourism": Scale(150, 82, 12, 30, 6, 90),
    "health": Scale(210, 78, 30, 45, 4, 60),
    "commerce": Scale(230, 75, 25, 160, 3, 75),
    "headquarters": Scale(0, 40, 30, 240, 7, 55),
    "infrastructure": Scale(190, 90, 30, 22, 5, 260),
}
TITLES: dict[str, tuple[str, ...]] = {
    "farming": ("马铃薯良种繁育基地", "肉羊标准化养殖", "设施蔬菜示范园", "燕麦种植加工一体化"),
    "services": ("工业互联网服务中心", "检验检测平台", "新能源运维服务基地", "呼叫与数据标注中心"),
    "tourism": ("桦林康养度假区", "石涧峡谷景区提升", "梧桐里文旅街区", "房车露营地"),
    "health": ("医养结合康复院", "中药材饮片加工", "医疗器械消毒供应中心"),
    "commerce": ("农产品冷链物流园", "区域分拨中心", "跨境电商产业园", "装备配件仓储中心"),
    "headquarters": ("区域总部", "结算与研发总部", "西部运营总部"),
    "infrastructure": ("标准化厂房", "污水处理及中水回用", "园区集中供热", "储能电站"),
}
KINDS = ("industry",) * 11 + (
    "farming",
    "services",
    "commerce",
    "tourism",
    "industry",
    "headquarters",
    "health",
    "infrastructure",
    "commerce",
)
"""By turns: more than half make something, as a bureau of such a prefecture would have it."""
MODES: dict[str, tuple[str, ...]] = {
    "infrastructure": ("bot", "bt", "cooperation"), "headquarters": ("direct", "fund"), "tourism": ("cooperation", "direct"),
}  # fmt: skip
OTHER_MODES = ("direct",) * 7 + ("joint_venture", "joint_venture", "merger", "cooperation", "fund")
PROVINCES = ("940000", "940000", "930000", "920000", "950000", "910000")
COUNTRIES = ("DE", "JP", "SG", "HK", "KR")
TOTALS_WAN = (
    2_600, 4_200, 5_500, 6_800, 8_000, 9_200, 10_500, 12_000, 12_000, 15_000, 18_000, 20_000, 22_000, 26_000, 30_000, 36_000, 42_000,
    52_000, 68_000, 85_000,
)  # fmt: skip
LARGE_WAN = {9: 110_000, 23: 135_000, 41: 160_000, 58: 220_000, 77: 260_000, 96: 320_000, 118: 450_000, 131: 580_000, 147: 1_050_000}
"""By number of the project: those of a thousand million yuan and more, of every tier one at least."""
SITES = ("创新一路以东、科创大道以南地块", "装备大道 18 号标准厂房", "纬五路与经七路交叉口地块", "智造路 6 号院", "腾飞路北侧预留用地")
SUPPLIED = ("output_yuan_a_year", "tax_yuan_a_year", "jobs", "equipment_yuan", "energy_tce_a_year", "building_sqm")
ENDINGS = {
    "farming": "农业科技", "services": "信息服务", "tourism": "文旅发展", "health": "健康产业", "commerce": "供应链管理",
    "headquarters": "控股集团", "infrastructure": "城市投资",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Idea:
    """One project as it is thought of: name, place in a chain, and what is said of it at once."""

    investor: str
    title: str
    firm: Any
    trade: chasing.Trade | None
    total_wan: int
    values: dict[str, Any]


def idea(
    number: int, rnd: Random, firm: Any = None, trade: chasing.Trade | None = None, *, investor: str = "", title: str = "", total: int = 0
) -> Idea:  # fmt: skip
    """The project of a number; with a `trade` it is industrial. What is known already is named, such as `firm` or `investor`."""
    kind = "industry" if trade is not None else KINDS[number % len(KINDS)]
    if kind == "industry" and trade is None:
        trade = chasing.TRADES[number % len(chasing.TRADES)]
    investor = firm.name if firm is not None else investor or _investor(kind, rnd)
    what = rnd.choice(trade.projects) if trade is not None else rnd.choice(TITLES[kind])
    total = total or LARGE_WAN.get(number) or rnd.choice(TOTALS_WAN)
    values = {"kind": kind, "mode": rnd.choice(MODES.get(kind, OTHER_MODES)), **origin(number, kind, rnd), **figures(kind, total, rnd)}
    values["kind_facts"] = of_kind(kind, values)
    return Idea(investor, title or f"{brand(investor)}{what}项目", firm, trade, total, _silent(number, values, rnd))


def _investor(kind: str, rnd: Random) -> str:
    name = "".join((rnd.choice(words.SECOND), rnd.choice(words.FIRST), rnd.choice(words.SECOND)))
    return f"{name}{ENDINGS.get(kind) or rnd.choice(('新材料', '智能装备', '食品科技', '能源科技', '精密制造'))}有限公司"


def brand(name: str) -> str:
    """A name without the legal form."""
    for ending in ("股份有限公司", "有限责任公司", "有限公司"):
        name = name.removesuffix(ending)
    return name


def origin(number: int, kind: str, rnd: Random) -> dict[str, Any]:
    """Whose capital it is: one in ten foreign, infrastructure mostly the state's."""
    if number % 10 == 7:
        return {"origin_kind": "foreign", "origin_country": COUNTRIES[number // 10 % len(COUNTRIES)], "origin_adcode": ""}
    is_state = kind == "infrastructure" or number % 9 == 4
    return {"origin_kind": "state" if is_state else "private", "origin_country": "", "origin_adcode": rnd.choice(PROVINCES)}


def figures(kind: str, total_wan: int, rnd: Random) -> dict[str, Any]:
    """The figures of a project of a kind and size, each in proportion to the others. Units: yuan, mu, m², tce."""
    scale = SCALES[kind]

    def about(number: float) -> int:
        return max(1, round(number * (0.8 + rnd.random() * 0.4)))

    fixed = total_wan * scale.fixed // 100
    output = about(total_wan * scale.output / 100)
    mu = about(total_wan / scale.mu_wan) if scale.mu_wan else 0
    found: dict[str, Any] = {
        "total_yuan": Decimal(total_wan * WAN), "fixed_yuan": Decimal(fixed * WAN),
        "equipment_yuan": Decimal(fixed * scale.equipment // 100 * WAN), "output_yuan_a_year": Decimal(output * WAN),
        "tax_yuan_a_year": Decimal(about(output * scale.tax / 100) * WAN), "jobs": about(total_wan / scale.job_wan),
        "energy_tce_a_year": Decimal(about(output * (0.08 if kind == "industry" else 0.02))),
    }  # fmt: skip
    if mu:
        found |= {"land_mu": Decimal(mu), "building_sqm": Decimal(round(mu * SQM_OF_A_MU * 0.85))}
    return found


def of_kind(kind: str, values: dict[str, Any]) -> dict[str, str]:
    """What a project of a kind says of itself, in proportion to its figures."""
    jobs, wan = int(values["jobs"]), int(values["total_yuan"] / WAN)
    return {
        "farming": {"produce": "马铃薯、燕麦", "base_mu": str(wan // 10 * 10 or 10), "farm_ties": "订单种植，保底收购"},
        "services": {"service": "工业软件、检验检测和供应链服务", "clients": "园区制造业企业"},
        "tourism": {"resource": "草原、湿地和非遗工坊", "visitors_a_year": str(wan * 10), "beds": str(max(40, wan // 40))},
        "health": {"service": "康复护理、老年病专科", "beds": str(max(60, wan // 60))},
        "commerce": {"trades": "冷链仓储、批发和电商直播", "catchment": "本市及周边三市"},
        "headquarters": {"functions": "区域结算、采购和研发", "staff_persons": str(jobs)},
        "infrastructure": {"scope": "标准厂房、道路和污水处理", "payment": "使用者付费"},
    }.get(kind, {})


def _silent(number: int, values: dict[str, Any], rnd: Random) -> dict[str, Any]:
    """Of every fourth project the investor gives no more than some of the figures: said so, not guessed."""
    if number % 4 != 2:
        return values
    hidden = sorted({name for name in rnd.sample(SUPPLIED, 2) if name in values})
    return {**{name: value for name, value in values.items() if name not in hidden}, "not_provided": hidden}


def plan(on: dt.date, number: int) -> dict[str, dt.date]:
    """When a project signed on a day means to start, complete, produce and reach capacity."""
    start = on + dt.timedelta(days=130 + number % 5 * 15)
    completion = start + dt.timedelta(days=270 + number % 3 * 60)
    production = completion + dt.timedelta(days=80)
    full = production + dt.timedelta(days=300)
    return dict(zip(("planned_start_on", "planned_completion_on", "planned_production_on", "planned_full_on"),
                    (start, completion, production, full), strict=True))  # fmt: skip


def code(on: dt.date, adcode: str, number: int) -> str:
    """A project code of the national shape; the division is an invented one, so nobody has it."""
    return f"{on:%y%m}-{adcode}-04-01-{100_000 + number * 37:06d}"
