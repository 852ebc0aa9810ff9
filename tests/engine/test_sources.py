"""Where to go: places counted by hand, each factor below, at and above what gives it full points, and a whole cluster."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest

from engine.warehouses import CHAIN, Firm, made, rulebook
from wutong.engine import chains, coasts, divisions, members, sources, zones
from wutong.engine.places import Places
from wutong.engine.sources import Kind, Tally
from wutong.engine.warehouse import Warehouse

OLD, NEW = dt.date(1995, 1, 1), dt.date(2003, 1, 1)
FIRMS = [
    Firm("big", "990202", ("toys", "parts"), capital_yuan=80_000_000.0, registered_on=OLD),
    Firm("mid", "990202", ("toys",), capital_yuan=2_000_000.0, registered_on=NEW),
    Firm("midb", "990202", ("toys",), parent="mid", capital_yuan=None, registered_on=NEW),
    Firm("north", "980102", ("toys",), registered_on=dt.date(2004, 12, 31)),
    Firm("home", "990102", ("toys",)),
    Firm("lost", "", ("toys",)),
    *(Firm(f"idle{n}", "990102") for n in range(6)),
    *(Firm(f"far{n}", "980102") for n in range(8)),
]
PARK = "places:\n- {id: west-park, name: 西园, kind: park, county: '990202', words: [人民路], lon: 111.1, lat: 30.1}\n"
NUMBERS = {
    "weight_makers": 30.0, "weight_concentration": 20.0, "weight_large": 20.0, "weight_trend": 15.0, "weight_distance": 15.0,
    "makers_full": 50.0, "quotient_full": 4.0, "cluster_from_makers": 5.0, "large_from_wan": 5000.0, "large_full": 5.0,
    "trend_years": 3.0, "trend_full_share": 0.4, "distance_full_km": 1500.0,
}  # fmt: skip
BEST = Tally(
    makers=50, firms=60, large_makers=5, makers_with_capital=50, capital_yuan=1e9, dated_makers=50, new_makers=20, new_makers_before=5
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path, FIRMS)


@pytest.fixture
def places(warehouse: Warehouse, tmp_path: Path) -> Places:
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "a.yaml").write_text(PARK, "utf-8")
    return Places(warehouse, tmp_path / "places")


def points(tally: Tally = BEST, quotient: float | None = 4.0, distance_km: float | None = 0.0, **changed: Any) -> dict[str, float | None]:
    changed_tally = Tally(**{**{name: getattr(tally, name) for name in Tally.__slots__}, **changed})
    return {reason.factor: reason.points for reason in sources.score(changed_tally, quotient, distance_km, NUMBERS)}


def test_makers_are_counted_by_city_and_the_own_region_is_left_out(warehouse: Warehouse, places: Places) -> None:
    found = sources.rank(warehouse, rulebook(), CHAIN, "toys", region=places.region("990100"), kinds=[Kind.CITY])

    assert [(row.id, row.makers, row.firms, row.large_makers) for row in found.rows] == [("990200", 2, 3, 1), ("980100", 1, 1, 0)]
    assert (found.national_makers, found.makers_here, found.unplaced_makers, found.total) == (5, 1, 1, 2)
    west = found.rows[0]
    assert west.location_quotient == pytest.approx(2 / 5 / (3 / 20))
    assert west.distance_km == pytest.approx(96.3, abs=0.1) and west.new_makers == 1 and west.new_makers_before == 0


def test_the_points_of_a_place_add_up_to_its_score(warehouse: Warehouse) -> None:
    for row in sources.rank(warehouse, rulebook(), CHAIN, "toys").rows:
        assert row.score == pytest.approx(sum(reason.points or 0 for reason in row.reasons)) and 0 <= row.score <= 100


def test_the_best_firms_of_a_place_stand_with_it_one_a_group(warehouse: Warehouse) -> None:
    found = sources.rank(warehouse, rulebook(), CHAIN, "toys", kinds=[Kind.CITY])
    (west,) = [row for row in found.rows if row.id == "990200"]
    assert [firm.firm_id for firm in west.best] == ["big", "mid"] and west.best[0].clause == "木制玩具制造"


def test_parks_of_place_files_are_places_to_go_to(warehouse: Warehouse, places: Places) -> None:
    found = sources.rank(warehouse, rulebook(), CHAIN, "toys", kinds=[Kind.PARK], all_places=places)
    assert [(row.kind, row.id, row.makers, row.firms_of_registry) for row in found.rows] == [(Kind.PARK, "west-park", 2, 3)]


def test_all_zones_at_once_hold_the_same_firms_as_each_asked_alone(warehouse: Warehouse, places: Places) -> None:
    known = zones.of(warehouse, places)
    for number, region in enumerate(known.regions):
        assert set(known.firm_no[known.zone == number].tolist()) == set(members.of(warehouse, region).tolist()), region.id


def test_without_a_region_the_trip_is_unknown_and_the_rest_makes_up_the_hundred() -> None:
    found = points(distance_km=None)
    assert found["distance"] is None and sum(value or 0 for value in found.values()) == pytest.approx(100)


@pytest.mark.parametrize(
    ("factor", "changed", "share"),
    [
        ("makers", {"makers": 49}, math.log1p(49) / math.log1p(50)),
        ("makers", {"makers": 50}, 1.0),
        ("makers", {"makers": 51}, 1.0),
        ("concentration", {"quotient": 3.0}, 0.75),
        ("concentration", {"quotient": 4.0}, 1.0),
        ("concentration", {"quotient": 4.1}, 1.0),
        ("concentration", {"makers": 4}, 0.8),
        ("concentration", {"makers": 5}, 1.0),
        ("concentration", {"makers": 6}, 1.0),
        ("large", {"large_makers": 4}, 0.8),
        ("large", {"large_makers": 5}, 1.0),
        ("large", {"large_makers": 6}, 1.0),
        ("trend", {"new_makers": 19}, 0.95),
        ("trend", {"new_makers": 20}, 1.0),
        ("trend", {"new_makers": 21}, 1.0),
        ("trend", {"makers": 4}, 0.8),
        ("distance", {"distance_km": 1499.0}, 1 / 1500),
        ("distance", {"distance_km": 1500.0}, 0.0),
        ("distance", {"distance_km": 1501.0}, 0.0),
    ],
)
def test_a_factor_grows_to_its_full_points_and_no_further(factor: str, changed: dict[str, Any], share: float) -> None:
    assert points(**changed)[factor] == pytest.approx(NUMBERS[f"weight_{factor}"] * share)


@pytest.mark.parametrize(
    ("changed", "factor"),
    [
        ({"makers_with_capital": 0, "large_makers": 0}, "large"),
        ({"dated_makers": 0, "new_makers": 0}, "trend"),
        ({"quotient": None}, "concentration"),
    ],
)
def test_what_is_not_known_gives_and_takes_nothing(changed: dict[str, Any], factor: str) -> None:
    found = points(**changed)
    assert found[factor] is None and sum(value or 0 for value in found.values()) == pytest.approx(100)


@pytest.mark.parametrize(("capital", "large"), [(49_999_999.0, 0), (50_000_000.0, 1), (50_000_001.0, 1)])
def test_a_maker_is_large_from_the_threshold_on(tmp_path: Path, capital: float, large: int) -> None:
    found = sources.rank(
        made(tmp_path, [Firm("a", "990202", ("toys",), capital_yuan=capital)]), rulebook(), CHAIN, "toys", kinds=[Kind.CITY]
    )
    assert found.rows[0].large_makers == large


@pytest.mark.parametrize(
    ("day", "new", "before"), [(dt.date(2002, 1, 1), 1, 0), (dt.date(2001, 12, 31), 0, 1), (dt.date(1998, 12, 1), 0, 0)]
)
def test_a_maker_is_new_for_three_years(tmp_path: Path, day: dt.date, new: int, before: int) -> None:
    """Three years back from 2004-12-31 are 1,095 days: 2002-01-01 is 1,095 days before, and just too old."""
    firms = [
        Firm("a", "990202", ("toys",), registered_on=day + dt.timedelta(days=1)),
        Firm("b", "980102", registered_on=dt.date(2004, 12, 31)),
    ]
    found = sources.rank(made(tmp_path, firms), rulebook(), CHAIN, "toys", kinds=[Kind.CITY]).rows[0]
    assert (found.new_makers, found.new_makers_before) == (new, before)


def test_only_the_coast_can_be_asked_for(warehouse: Warehouse) -> None:
    assert sources.rank(warehouse, rulebook(), CHAIN, "toys", coastal_only=True).rows == ()


@pytest.mark.parametrize(
    ("adcode", "is_coastal"), [("330200", True), ("330203", True), ("310115", True), ("410700", False), ("330700", False)]
)
def test_the_coast_is_told_by_prefecture(adcode: str, is_coastal: bool) -> None:
    assert coasts.is_coastal(adcode) is is_coastal


def test_every_coastal_prefecture_is_a_division_without_counties_counted_twice() -> None:
    known = divisions.atlas()
    for adcode in coasts.seas():
        city = known.city_of(adcode)
        assert known.divisions[adcode].level in ("city", "province") or city is None, adcode


def test_a_cluster_is_one_target_by_its_heads_with_the_segments_each_makes(warehouse: Warehouse, places: Places) -> None:
    found = sources.cluster(warehouse, rulebook(), CHAIN, ["toys", "parts"], places.region("990200"), region=places.region("990100"))

    assert found.firm_ids == ("big", "mid")
    assert [row.segments for row in found.rows] == [("toys", "parts"), ("toys",)]


def test_a_cluster_holds_nobody_of_the_own_region(warehouse: Warehouse, places: Places) -> None:
    assert sources.cluster(warehouse, rulebook(), CHAIN, ["toys"], places.region("990000"), region=places.region("990200")).firm_ids == (
        "home",
    )


def test_a_cluster_may_be_a_park(warehouse: Warehouse, places: Places) -> None:
    assert sources.cluster(warehouse, rulebook(), CHAIN, ["toys"], places.region("west-park")).firm_ids == ("big", "mid")


def test_unknown_segments_are_named(warehouse: Warehouse, places: Places) -> None:
    with pytest.raises(chains.UnknownSegment):
        sources.rank(warehouse, rulebook(), CHAIN, "games")
    with pytest.raises(chains.UnknownSegment):
        sources.cluster(warehouse, rulebook(), CHAIN, ["games"], places.region("990200"))
