"""What `make run` tells before it serves: the registry, the worst gap of the demo's prefecture and its ten best targets, with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wutong.demo import geography
from wutong.demo.people import Area, Home
from wutong.engine import chains, targets, wording
from wutong.engine.answers import Reason
from wutong.engine.chains import Gaps, GapVerdict, SegmentGap
from wutong.engine.places import Places, Region
from wutong.engine.plain_text import figure
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

TOP = 10
REASONS_SHOWN = 6
YI, WAN = 1e8, 1e4
_ORDER = (GapVerdict.FILL, GapVerdict.EXTEND, GapVerdict.BUILD, GapVerdict.STRENGTHEN)
_VERDICTS = {
    GapVerdict.FILL: "补链 fill",
    GapVerdict.EXTEND: "延链 extend",
    GapVerdict.BUILD: "建链 build",
    GapVerdict.STRENGTHEN: "强链 strengthen",
}
_CITIES = """
select d.adcode, count(*) as firms from firms f join divisions d on d.level = 'city' and d.adcode = left(f.adcode, 4) || '00'
group by d.adcode order by firms desc, d.adcode
"""
_UNITS = {
    "firms": "家",
    "makers": "家",
    "cities": "个",
    "segments": "个环节",
    "products": "种",
    "scope_items": " 项",
    "years": "年",
    "km": " km",
}
_WORDS = {
    "fill": "补链", "extend": "延链", "build": "建链", "strengthen": "强链", "strong": "强", "unknown": "不明",
    "scope": "经营范围", "name": "企业名称", "inferred": "推断", "head": "总部", "branch": "分支机构",
}  # fmt: skip
_NAMED = ("kin_here", "namesakes")


@contextmanager
def opened(folder: Path) -> Iterator[Warehouse]:
    """The warehouse, closed again before the server begins."""
    warehouse = Warehouse.open(folder)
    try:
        yield warehouse
    finally:
        warehouse.close()


def home(warehouse: Warehouse, data: Path, region: str | None = None) -> Home:
    """The prefecture to speak for: the one asked for, the demo's own, else the city with the most firms.

    Raises: engine.places.UnknownRegion.
    """
    places = Places(warehouse, data / "places")
    by_firms = [row["adcode"] for row in warehouse.ask(_CITIES, step="cities by firms").to_pylist()]
    wanted = region or (geography.HOME_CITY if geography.HOME_CITY in by_firms else by_firms[0] if by_firms else "")
    found = places.region(wanted)
    counties = tuple(Area(row.adcode, row.name) for row in places.children(found.id) if row.level == "county")
    inside = {county.adcode for county in counties}
    zones, townships = (
        tuple(Area(place.county, place.name, place.id) for place in places.listed() if place.kind == kind and place.county in inside)
        for kind in ("zone", "township")
    )
    away = next((places.region(adcode).name.removesuffix("市") for adcode in by_firms if adcode != found.id), "")
    return Home(found.id, found.name, counties, zones, away, townships)


def worst_gap(warehouse: Warehouse, rulebook: Rulebook, region: Region) -> tuple[Gaps, SegmentGap] | None:
    """The worst gap over all chains: fill, extend, build, strengthen; then by makers missing against what is expected."""
    found = [
        (gaps, gaps.worst()[0]) for gaps in (chains.gaps(warehouse, rulebook, region, chain) for chain in rulebook.chains) if gaps.worst()
    ]
    if not found:
        return None
    return min(found, key=lambda pair: (_ORDER.index(pair[1].verdict), pair[1].local_makers - pair[1].expected_makers, pair[1].segment))


def lines(warehouse: Warehouse, rulebook: Rulebook, data: Path, home: Home) -> Iterator[str]:
    """The registry, the worst gap, and its best targets with the reasons that gave most."""
    region = Places(warehouse, data / "places").region(home.adcode)
    worst = worst_gap(warehouse, rulebook, region)
    if worst is None:
        yield f"{home.name}: 没有可证实的缺口 no proved gap among {len(rulebook.chains)} chains"
        return
    gaps, gap = worst
    here = gaps.registry
    yield (
        f"{region.full_name or region.name} {home.adcode}: 企业库 registry {here.first_year}-{here.last_year}, "
        f"本地 here {here.firms_here:,} / {here.firms:,} 户 firms"
    )
    yield f"最大缺口 worst gap: {rulebook.chains[gaps.chain_id].name_zh} › {gap.name_zh} ({gap.name_en}) · {_VERDICTS[gap.verdict]}"
    for sentence in wording.of_rule(gap.rule):
        yield f"  {sentence}"
    ranking = targets.rank(warehouse, rulebook, region, gaps.chain_id, segment=gap.segment, top=TOP)
    yield f"最佳目标企业 best targets: {len(ranking.rows)} / {ranking.total}"
    for row in ranking.rows:
        distance = "距离不详" if row.distance_km is None else f"{row.distance_km:,.0f} km"
        yield f"{row.rank:>3}. {figure(row.score, 1):>5}  {row.name} · {row.place} · {distance} · {_money(row.capital_yuan)}"
        best = sorted((reason for reason in row.reasons if reason.points), key=lambda reason: -(reason.points or 0.0))
        shown = best[:REASONS_SHOWN] + [reason for reason in best[REASONS_SHOWN:] if reason.factor in _NAMED]
        yield "            " + "；".join(_reason(rulebook, reason) for reason in shown)
        yield f"            “{row.evidence}”"


def _reason(rulebook: Rulebook, reason: Reason) -> str:
    label = rulebook.leaf(reason.leaf).description_zh or reason.factor
    return f"{label} {_input(reason)} +{figure(reason.points, 1)}"


def _input(reason: Reason) -> str:
    value = reason.input
    if isinstance(value, str):
        return _WORDS.get(value, value)
    if reason.unit == "yuan":
        return _money(value)
    named = f"（{wording.of_params(reason)[0]}）" if reason.factor in _NAMED else ""
    return f"{value:,g}{_UNITS.get(reason.unit, ' ' + reason.unit)}{named}" if value is not None else "不详"


def _money(yuan: float | None) -> str:
    if yuan is None:
        return "资本不详"
    return f"{yuan / YI:,.2f} 亿元" if yuan >= YI else f"{yuan / WAN:,.0f} 万元"
