"""Supply round a site: who stands inside the circle, what that covers, and what is missing with its nearest maker."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.warehouses import CHAIN, Firm, made, rulebook
from wutong.engine import chains, makers, supply
from wutong.engine.places import Places
from wutong.engine.supply import NoSite, Presence, Side, Site
from wutong.engine.warehouse import Warehouse

EAST = Site("110,30", "110,30", 110.0, 30.0)  # 甲区; 乙区 lies 96 km away, 丙区 some 1,440
FIRMS = [
    Firm("wood1", "990102", ("wood",)),
    Firm("toy1", "990202", ("toys",), capital_yuan=5_000_000.0),
    Firm("toy2", "990202", ("toys",), capital_yuan=9_000_000.0),
    Firm("toy2b", "990202", ("toys",), parent="toy2", capital_yuan=None),
    Firm("part1", "980102", ("parts",)),
    Firm("part2", "980102", ("parts",)),
    Firm("part3", "", ("parts",)),
    Firm("shop1", "980102", ("shops",)),
    Firm("late", "990102", ("shops",), registered_on=dt.date(2004, 6, 1)),
    *(Firm(f"idle{n}", "990102") for n in range(9)),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path, FIRMS)


def test_each_segment_counts_groups_and_firms_inside_the_circle(warehouse: Warehouse) -> None:
    found = supply.round_site(warehouse, rulebook(), EAST, CHAIN, radius_km=100)

    assert [(row.segment, row.makers, row.firms, row.presence.value) for row in found.rows] == [
        ("wood", 1, 1, "present"), ("parts", 0, 0, "missing"), ("toys", 2, 3, "present"), ("shops", 1, 1, "present"),
    ]  # fmt: skip
    assert (found.segments_present, found.segments, found.coverage_share) == (3, 4, 0.75)
    assert found.registry.firms_here == 14 and found.registry.firms == 18 and found.unplaced_firms == 1


@pytest.mark.parametrize(("radius_km", "makers_inside"), [(96.2, 0), (96.4, 2), (100, 2)])
def test_the_edge_of_the_circle_is_true_to_scale(warehouse: Warehouse, radius_km: float, makers_inside: int) -> None:
    """Along the 30th parallel one degree is 111.195 km × cos 30° = 96.30 km."""
    found = supply.round_site(warehouse, rulebook(), EAST, CHAIN, radius_km=radius_km)
    assert next(row for row in found.rows if row.segment == "toys").makers == makers_inside


def test_what_is_missing_names_its_nearest_maker_outside(warehouse: Warehouse) -> None:
    (parts,) = supply.round_site(warehouse, rulebook(), EAST, CHAIN, radius_km=100).missing

    assert parts.segment == "parts" and parts.presence is Presence.MISSING and parts.unplaced_makers == 1
    assert parts.nearest is not None and parts.nearest.firm_id == "part1"
    assert parts.nearest.distance_km == pytest.approx(1438, abs=10)


def test_absence_proves_nothing_where_few_makers_are_expected(tmp_path: Path) -> None:
    few = made(tmp_path, [Firm("part1", "980102", ("parts",)), *(Firm(f"idle{n}", "980102") for n in range(9)), Firm("a", "990102")])
    found = supply.round_site(few, rulebook(), EAST, CHAIN, radius_km=100)
    assert {row.presence for row in found.rows} == {Presence.UNKNOWN}
    assert found.rows[1].expected_makers == pytest.approx(1 / 11)


def test_a_segment_is_shown_with_its_suppliers_and_its_buyers(warehouse: Warehouse) -> None:
    found = supply.round_site(warehouse, rulebook(), EAST, CHAIN, segment="toys", radius_km=100)

    assert [(row.segment, row.side) for row in found.rows] == [("parts", Side.SUPPLIES), ("toys", Side.SAME), ("shops", Side.BUYS)]
    assert (found.needs_present, found.needs, found.needs_share) == (0, 1, 0.0)
    toys = found.rows[1]
    assert toys.buyers == 1 and toys.buyers_present == ("shops",) and toys.suppliers_absent == ("parts",)


def test_nothing_supplies_the_first_segment(warehouse: Warehouse) -> None:
    found = supply.round_site(warehouse, rulebook(), EAST, CHAIN, segment="wood", radius_km=100)
    assert found.needs == 0 and found.needs_share is None


def test_the_best_are_the_largest_one_a_group_with_distance_and_evidence(warehouse: Warehouse) -> None:
    toys = supply.round_site(warehouse, rulebook(), EAST, CHAIN, radius_km=100).rows[2]

    assert [firm.firm_id for firm in toys.best] == ["toy2", "toy1"]
    assert toys.best[0].distance_km == pytest.approx(96.3, abs=0.1) and toys.best[0].clause == "木制玩具制造"
    assert toys.best[0].phrase == "木制玩具" and toys.best[0].place == "青梧省西市乙区"


def test_who_came_later_is_not_seen(warehouse: Warehouse) -> None:
    found = supply.round_site(warehouse, rulebook(), EAST, CHAIN, radius_km=100, as_of=dt.date(2004, 5, 31))
    assert found.rows[3].makers == 0 and found.registry.firms == 17


def test_the_radius_of_the_rulebook_holds_where_none_is_given(warehouse: Warehouse) -> None:
    assert supply.round_site(warehouse, rulebook(), EAST, CHAIN).radius_km == 150


def test_unknown_chains_and_segments_are_named(warehouse: Warehouse) -> None:
    with pytest.raises(chains.UnknownChain):
        supply.round_site(warehouse, rulebook(), EAST, "games")
    with pytest.raises(chains.UnknownSegment):
        supply.round_site(warehouse, rulebook(), EAST, CHAIN, segment="games")


@pytest.mark.parametrize("text", ["113.9,35.3", " 113.9 , 35.3 ", "113.9，35.3", "113.9 35.3"])
def test_a_point_is_longitude_then_latitude(text: str) -> None:
    site = supply.at_point(text)
    assert site is not None and (site.lon, site.lat, site.id) == (113.9, 35.3, "113.9,35.3")


@pytest.mark.parametrize("text", ["410700", "东市", "", "113.9", "113.9,35.3,1"])
def test_other_text_is_no_point(text: str) -> None:
    assert supply.at_point(text) is None


@pytest.mark.parametrize(
    ("text", "said"), [("35.3,113.9", "longitude comes first"), ("-0.1,51.5", "outside China"), ("72,30", "outside China")]
)
def test_a_point_that_cannot_be_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(NoSite, match=said):
        supply.at_point(text)


def test_every_kind_of_region_with_a_place_is_a_site_and_the_nation_is_none(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "a.yaml").write_text(
        "places:\n- {id: east-park, name: 东园, kind: park, county: '990102', words: [东园], lon: 110.2, lat: 30.1}\n"
        "- {id: west-town, name: 西镇, kind: township, county: '990202', words: [西镇]}\n", "utf-8"
    )  # fmt: skip
    known = Places(warehouse, tmp_path / "places")
    found = {text: supply.at_region(known.region(text)) for text in ("990000", "990100", "990102", "east-park", "west-town")}
    assert (found["east-park"].lon, found["west-town"].lon, found["990100"].lon) == (110.2, 111.0, 110.0)
    with pytest.raises(NoSite, match="no one place"):
        supply.at_region(known.region("100000"))


@given(
    st.lists(st.tuples(st.floats(74, 135), st.floats(4, 53)), min_size=1, max_size=40),
    st.tuples(st.floats(74, 135), st.floats(4, 53)),
    st.floats(1, 3000),
)
def test_the_nearest_beyond_a_radius_is_that_of_measuring_all(
    points: list[tuple[float, float]], at: tuple[float, float], beyond: float
) -> None:
    lon, lat = np.array([p[0] for p in points]), np.array([p[1] for p in points])

    class Some:
        firm_no = np.arange(len(points))

    Some.lon, Some.lat = lon, lat  # type: ignore[attr-defined]
    distance = makers.distance_km(lon, lat, *at)
    outside = np.flatnonzero(distance > beyond)
    found = supply.nearest(Some, np.arange(len(points)), Site("", "", *at), beyond)  # type: ignore[arg-type]
    assert (found is None) == (not len(outside))
    if found is not None:
        assert distance[found] == distance[outside].min()
