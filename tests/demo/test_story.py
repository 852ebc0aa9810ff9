"""What is planted in the demo registry is found: verdicts, and the firms that would fill the gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wutong.demo import brief, doubles, industry, stage, story
from wutong.engine import chains, targets
from wutong.engine.places import Places
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

GAPS = [pytest.param(gap, id=f"{gap.region}-{gap.segment}-{gap.verdict}") for gap in story.GAPS]
WITH_TARGET = [pytest.param(gap, id=f"{gap.region}-{gap.segment}") for gap in story.GAPS if gap.best]


@dataclass(frozen=True)
class Demo:
    """The built demo."""

    root: Path
    warehouse: Warehouse
    places: Places


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    there = stage.Stage(tmp_path_factory.mktemp("demo"))
    stage.prepare(there, rulebook=load.rulebook(), today=dt.date(2026, 11, 22), say=lambda _: None)
    with brief.opened(there.warehouse) as warehouse:
        yield Demo(there.root, warehouse, Places(warehouse, there.root / "places"))


def gap_of(demo: Demo, planted: story.PlantedGap) -> chains.SegmentGap:
    found = chains.gaps(demo.warehouse, load.rulebook(), demo.places.region(planted.region), planted.chain)
    return next(row for row in found.rows if row.segment == planted.segment)


def firms_named(demo: Demo, name: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = demo.warehouse.ask(
        "select firm_no, firm_id, adcode, parent_no from firms where name = $name", {"name": name}
    ).to_pylist()
    return rows


@pytest.mark.parametrize("planted", GAPS)
def test_a_planted_gap_has_its_verdict(demo: Demo, planted: story.PlantedGap) -> None:
    row = gap_of(demo, planted)
    assert row.verdict == planted.verdict, row.rule.tests


@pytest.mark.parametrize("planted", WITH_TARGET)
def test_the_planted_firm_stands_among_the_first_targets(demo: Demo, planted: story.PlantedGap) -> None:
    region = demo.places.region(planted.region)
    ranking = targets.rank(demo.warehouse, load.rulebook(), region, planted.chain, segment=planted.segment, top=10)
    assert planted.best in [row.name for row in ranking.rows[: planted.within]]


@pytest.mark.parametrize("planted", WITH_TARGET)
def test_the_reasons_of_the_planted_firm_name_its_office_here_and_its_branches_elsewhere(demo: Demo, planted: story.PlantedGap) -> None:
    region = demo.places.region(planted.region)
    ranking = targets.rank(demo.warehouse, load.rulebook(), region, planted.chain, segment=planted.segment, top=planted.within)
    reasons = {reason.factor: reason for row in ranking.rows if row.name == planted.best for reason in row.reasons}
    assert reasons["kin_here"].input
    assert isinstance(reasons["expansion"].input, int)
    assert reasons["expansion"].input >= 2


def test_the_works_of_a_group_from_here_stand_among_the_first_ten_targets_for_separators(demo: Demo) -> None:
    region = demo.places.region("910200")
    ranking = targets.rank(demo.warehouse, load.rulebook(), region, story.BATTERY, segment="separators", top=10)
    assert any(row.name.startswith(story.RETURNING_GROUP.name) for row in ranking.rows)


def test_the_worst_gap_of_the_prefecture_is_the_one_planted_to_be_filled(demo: Demo) -> None:
    worst = brief.worst_gap(demo.warehouse, load.rulebook(), demo.places.region("910200"))
    assert worst is not None
    assert (worst[0].chain_id, worst[1].segment) == (story.BATTERY, "electrolytes")


def test_the_prefecture_shows_every_verdict_but_build(demo: Demo) -> None:
    region = demo.places.region("910200")
    found = {
        row.verdict.value for chain in industry.STORY_CHAINS for row in chains.gaps(demo.warehouse, load.rulebook(), region, chain).rows
    }
    assert found == {"strong", "strengthen", "unknown", "fill", "extend"}


@pytest.mark.parametrize("firm", story.PLANTED, ids=lambda firm: firm.name)
def test_a_planted_firm_is_accepted_and_its_branches_know_their_parent(demo: Demo, firm: story.PlantedFirm) -> None:
    found = firms_named(demo, firm.name)
    assert len(found) == 1
    branches = demo.warehouse.ask("select name from firms where parent_no = $parent", {"parent": found[0]["firm_no"]}).to_pylist()
    assert len(branches) == len(firm.branches)


def test_a_firm_that_only_sells_makes_nothing(demo: Demo) -> None:
    rows = demo.warehouse.ask("""
        select f.name, f.scope, p.segment from placements p join firms f using (firm_no)
        where regexp_matches(f.name, '(商贸|经贸|工贸)有限公司$') and p.proof = 'scope' and p.role in (1, 2, 3)
    """).to_pylist()
    assert rows == []


def test_nearly_every_firm_is_located_to_its_county(demo: Demo) -> None:
    rows = demo.warehouse.ask("select located_by, count(*) as firms from firms group by located_by").to_pylist()
    counts = {row["located_by"]: row["firms"] for row in rows}
    assert counts.get("none", 0) == 0
    assert counts["county"] + counts["zone"] > 0.99 * sum(counts.values())


def test_no_firm_is_located_in_a_real_division(demo: Demo) -> None:
    rows = demo.warehouse.ask("select distinct left(adcode, 2) as province from firms order by province").to_pylist()
    assert [row["province"] for row in rows] == ["91", "92", "93", "94", "95"]


@pytest.mark.parametrize(
    "place, at_least", [("fengqi-hitech", 60), ("fengqi-etdz", 60), ("luming-township", 5), ("shijian-hydraulics-park", 5)]
)
def test_zones_parks_and_the_township_hold_firms(demo: Demo, place: str, at_least: int) -> None:
    found = chains.gaps(demo.warehouse, load.rulebook(), demo.places.region(place), story.EQUIPMENT)
    assert found.registry.firms_here >= at_least


def test_the_dirt_shows_among_the_rejects(demo: Demo) -> None:
    reasons = {row["reason"] for row in demo.warehouse.ask("select distinct reason from rejects").to_pylist()}
    assert {"duplicate", "bad_check", "bad_date", "bad_capital"} <= reasons


def test_home_is_the_prefecture_of_the_story_with_its_counties_and_zones(demo: Demo) -> None:
    home = brief.home(demo.warehouse, demo.root)
    assert (home.adcode, home.name) == ("910200", "凤栖市")
    assert len(home.counties) == 6
    assert [zone.place for zone in home.zones] == ["fengqi-hitech", "fengqi-etdz"]


def test_another_prefecture_can_be_asked_for(demo: Demo) -> None:
    assert brief.home(demo.warehouse, demo.root, "920200").name == "锻原市"


def test_the_first_screen_tells_ten_targets_with_their_reasons(demo: Demo) -> None:
    text = "\n".join(brief.lines(demo.warehouse, load.rulebook(), demo.root, brief.home(demo.warehouse, demo.root)))
    assert "补链 fill" in text
    assert "规模：注册资本" in text
    assert "  1. " in text
    assert " 10. " in text
    assert story.ELECTROLYTE_MAKER.name + "凤栖办事处" in text


def test_two_firms_of_the_prefecture_may_be_one(demo: Demo) -> None:
    found = doubles.pair(demo.warehouse)
    assert found is not None and doubles.pair(demo.warehouse) == found
    (old,), (new,) = firms_named(demo, found.old_name), firms_named(demo, found.new_name)
    assert old["adcode"] == new["adcode"] == found.county and found.county in {
        area.adcode for area in brief.home(demo.warehouse, demo.root).counties
    }
    assert (str(old["firm_id"])[:2], found.old_name[-4:]) == ("x-", found.new_name[-4:])
