"""Divisions old and new, where a firm is, and regions: divisions, zones with codes, and places of a bureau's own."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from wutong.engine import divisions, gcj02, locating, place_files, places
from wutong.engine.divisions import DivisionError
from wutong.engine.place_files import PlaceError, PlaceFiles, read_file
from wutong.engine.places import Places, UnknownRegion

ATLAS = divisions.atlas()


def firm(**given: object) -> dict[str, object]:
    return {"province": "河南", "city": "新乡", "district": "", "address": "", "registered_on": None, "lon": None, "lat": None} | given


def located(*firms: dict[str, object]) -> list[tuple[str, str]]:
    schema = {
        "province": pl.String, "city": pl.String, "district": pl.String, "address": pl.String,
        "registered_on": pl.Date, "lon": pl.Float64, "lat": pl.Float64,
    }  # fmt: skip
    return locating.locate(pl.DataFrame(list(firms), schema=schema), ATLAS).select("adcode", "located_by").rows()


def test_every_division_has_a_parent_and_a_place() -> None:
    assert len(ATLAS.divisions) > 3_200
    assert [
        row.adcode for row in ATLAS.divisions.values() if row.level == "county" and row.lon is None and row.adcode[:2] not in ("81", "82")
    ] == []
    assert {row.level for row in ATLAS.divisions.values() if not row.parent} == {"province"}


def test_every_old_code_and_every_zone_leads_to_a_present_division() -> None:
    assert [change.old_adcode for change in ATLAS.changes.values() if change.new_adcode not in ATLAS.divisions] == []
    assert [zone.code for zone in ATLAS.zones.values() if zone.inside_adcode not in ATLAS.divisions] == []


@pytest.mark.parametrize(
    ("old", "present"),
    [("120222", "武清区"), ("371202", "莱芜区"), ("341402", "巢湖市"), ("310108", "静安区"), ("440101", "广州市"), ("410724", "获嘉县")],
)
def test_an_old_code_means_a_present_division(old: str, present: str) -> None:
    division = ATLAS.present(old)
    assert division is not None
    assert division.name == present


@pytest.mark.parametrize(("on", "present"), [("2021-03-17", "洛龙区"), ("2021-03-18", "偃师区"), ("2021-03-19", "偃师区")])
def test_a_code_used_again_means_what_it_meant_on_the_day(on: str, present: str) -> None:
    division = ATLAS.present("410307", dt.date.fromisoformat(on))
    assert division is not None
    assert division.name == present


@pytest.mark.parametrize(
    ("given", "adcode", "located_by"),
    [
        (firm(address="河南省新乡市获嘉县太山乡"), "410724", "county"),
        (firm(address="获嘉县城关"), "410724", "county"),
        (firm(address="获嘉城关东街"), "410724", "county"),
        (firm(address="获嘉东街1号"), "410700", "city"),  # a street may bear a county's name
        (firm(address="新乡市红旗区", district="410724"), "410702", "county"),  # the firm has moved: its address comes first
        (firm(address="平原路1号", district="410724"), "410724", "code"),
        (firm(address="平原路1号", district="410101"), "410700", "city"),  # a code of another city is noise
        (firm(address="平原路1号"), "410700", "city"),
        (firm(city="N/A", address="河南省新乡市平原路1号"), "410700", "city"),
        (firm(city="N/A", address="平原路1号", district="410724"), "410724", "code"),
        (firm(city="N/A", address="N/A"), "410000", "none"),
        (firm(province="", city="", address="", district=""), "", "none"),
        (firm(province="", city="", address="", district="410724"), "410724", "code"),
        (firm(province="上海", city="嘉定", address="谢春路1888号"), "310114", "county"),
        (firm(province="上海", city="浦东", address="浦东杨高南路1998号"), "310115", "county"),
        (firm(province="上海", city="自贸区", address="中国（上海）自由贸易试验区浦电路335号"), "310115", "county"),
        (firm(province="上海", city="N/A", address="淮海中路517号"), "310000", "city"),
        (firm(province="北京", city="朝阳", address="北京市朝阳区汤立路201号"), "110105", "county"),
        (firm(province="辽宁", city="朝阳", address="朝阳县柳城镇"), "211321", "county"),
        (firm(province="江苏", city="南京", address="鼓楼区中山路1号"), "320106", "county"),
        (firm(province="江苏", city="徐州", address="鼓楼区中山北路1号"), "320302", "county"),
        (firm(province="江苏", city="N/A", address="鼓楼区中山路1号"), "320000", "none"),  # 南京 and 徐州 both have one
        (firm(province="湖北", city="襄樊", address="襄樊市人民路"), "420600", "city"),
        (firm(province="山东", city="莱芜", address="钢城大街", district="371202"), "370116", "code"),
        (firm(province="天津", city="武清", address="汊沽港镇", district="120222"), "120114", "county"),
        (firm(province="浙江", city="杭州", address="杭州市下城区朝晖路182号"), "330105", "county"),
        (firm(province="贵州", city="毕节", address="贵州省毕节市黔西县黔金路166号"), "520581", "county"),
        (firm(province="陕西", city="西安", address="唐延路3号", district="610131"), "610100", "zone"),
        (firm(province="四川", city="资阳", address="环城东路", district="512081"), "510185", "code"),  # 简阳 went from 资阳 to 成都
        (firm(province="河南", city="济源", address="沁园路"), "419001", "county"),
        (firm(province="湖北", city="仙桃", address="沔阳大道"), "429004", "county"),
    ],
)
def test_a_firm_is_placed_by_the_best_proof(given: dict[str, object], adcode: str, located_by: str) -> None:
    assert located(given) == [(adcode, located_by)]


def test_a_point_given_with_the_firm_is_kept() -> None:
    frame = locating.locate(pl.DataFrame([firm(address="获嘉县", lon=113.6, lat=35.3)], schema_overrides={"registered_on": pl.Date}), ATLAS)
    assert frame.row(0) == ("410724", "point", 113.6, 35.3)


def test_divisions_of_an_extra_file_join_those_of_the_rulebook(tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("adcode,name,level,parent,lon,lat\n990000,青梧省,province,,110,30\n990100,梧州市,city,990000,110,30\n", "utf-8")
    assert divisions.atlas(path).path("990100") == "青梧省梧州市"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("99,青梧省,province,,110,30", "row 1: adcode '99'; expected six digits"),
        ("990000,青梧省,land,,110,30", "row 1: level 'land'; expected one of province"),
        ("990000,,province,,110,30", "row 1: name is empty"),
        ("990000,青梧省,province,,east,30", "row 1: lon 'east'; expected degrees"),
        ("990100,梧城,city,990000,110,30", "parent '990000' is no division"),
    ],
)
def test_a_wrong_division_file_says_what_is_wrong(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "more.csv"
    path.write_text(f"adcode,name,level,parent,lon,lat\n{row}\n", "utf-8")
    with pytest.raises(DivisionError, match=said):
        divisions.atlas(path)


PLACE = {
    "id": "taihang-zone", "name": "太行高新区", "kind": "zone", "county": "410702", "words": ["太行高新区", "高新技术开发区"],
    "lon": 113.9, "lat": 35.29, "radius_km": 5,
}  # fmt: skip
SQUARE = {"type": "Polygon", "coordinates": [[[113.8, 35.2], [114.0, 35.2], [114.0, 35.4], [113.8, 35.4], [113.8, 35.2]]]}


def place_file(folder: Path, *rows: dict[str, Any], name: str = "zones.yaml") -> Path:
    path = folder / name
    path.write_text(json.dumps({"places": rows}, ensure_ascii=False), "utf-8")  # JSON is YAML
    return path


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": "410700"}, "row 1: id '410700'; expected small letters"),
        ({"id": "A b"}, "row 1: id 'A b'"),
        ({"kind": "harbour"}, "row 1: kind 'harbour'; expected one of zone, park, township"),
        ({"county": "999999"}, "row 1: county '999999'; expected the six-digit code"),
        ({"county": "410000"}, "row 1: county '410000'"),
        ({"name": ""}, "row 1: name ''"),
        ({"words": ["区"]}, "row 1: words '区'; expected words of at least two"),
        ({"lon": "east"}, "row 1: lon 'east'; expected a number from 73 to 136"),
        ({"lat": None}, "row 1: lon, lat"),
        ({"radius_km": -1}, "row 1: radius_km -1; expected a number"),
        ({"radius_km": 101}, "row 1: radius_km 101"),
        ({"polygon": {"type": "Point", "coordinates": [1, 2]}}, "row 1: polygon"),
        (
            {"polygon": {"type": "Polygon", "coordinates": [[[113.8, 35.2], [114.0, 35.2], [114.0, 35.4], [113.8, 35.4]]]}},
            "each ring closed",
        ),
        ({"codes": ["6101"]}, "row 1: codes '6101'; expected six digits"),
        ({"datum": "mars"}, "row 1: datum 'mars'; expected one of gcj02, wgs84"),
        ({"colour": "red"}, "row 1: field 'colour'; expected one of id"),
    ],
)
def test_a_wrong_place_names_row_field_value_and_what_was_expected(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PlaceError, match=said):
        place_files.read_file(place_file(tmp_path, PLACE | wrong), ATLAS)


def test_a_place_file_may_be_csv(tmp_path: Path) -> None:
    path = tmp_path / "zones.csv"
    path.write_text(
        "id,name,kind,county,words,lon,lat,radius_km\ntaihang-zone,太行高新区,zone,410702,太行高新区|高新技术开发区,113.9,35.29,5\n",
        "utf-8",
    )
    assert place_files.read_file(path, ATLAS) == place_files.read_file(place_file(tmp_path, PLACE), ATLAS)


def test_a_place_file_may_have_chinese_headers_and_kinds(tmp_path: Path) -> None:
    path = tmp_path / "zones.csv"
    path.write_text(
        "编号,名称,类别,所在县代码,地址用词,经度,纬度,半径（公里）\n"
        "taihang-zone,太行高新区,开发区,410702,太行高新区、高新技术开发区,113.9,35.29,5\n",
        "utf-8",
    )
    assert place_files.read_file(path, ATLAS) == place_files.read_file(place_file(tmp_path, PLACE), ATLAS)


def test_two_keys_that_mean_one_field_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="row 1: name stands twice, once as '名称'"):
        place_files.read_file(place_file(tmp_path, PLACE | {"名称": "太行"}), ATLAS)


def test_an_added_file_is_kept_and_an_id_stands_once_only(tmp_path: Path) -> None:
    kept = tmp_path / "places"
    place_files.add_file(place_file(tmp_path, PLACE | {"polygon": SQUARE}), kept, ATLAS)
    place_files.add_file(place_file(tmp_path, PLACE | {"polygon": SQUARE}), kept, ATLAS)  # again: replaced
    assert [place.id for place in PlaceFiles.read(kept, ATLAS).places] == ["taihang-zone"]
    with pytest.raises(PlaceError, match=r"other\.yaml: id 'taihang-zone' stands in zones\.yaml already"):
        place_files.add_file(place_file(tmp_path, PLACE, name="other.yaml"), kept, ATLAS)


def test_a_point_of_a_gps_receiver_is_shifted_to_the_chinese_datum() -> None:
    lon, lat = gcj02.from_wgs84(116.391349, 39.907375)  # the square's flagstaff; known shift about 550 m
    assert (lon, lat) == (pytest.approx(116.39759, abs=2e-4), pytest.approx(39.90878, abs=2e-4))


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("41", "河南省", "province"), ("4107", "新乡市", "city"), ("410700", "新乡市", "city"), ("410724", "获嘉县", "county"),
        ("410724000000", "获嘉县", "county"), ("120222", "武清区", "county"),
        ("110000", "北京市", "province"), ("419001", "济源市", "county"),
        ("610131", "西安高新技术产业开发区", "zone"), ("获嘉县", "获嘉县", "county"), ("100000", "全国", "nation"),
    ],
)  # fmt: skip
def test_a_region_is_known_by_every_form_of_its_code(text: str, name: str, kind: str) -> None:
    region = Places(ATLAS).region(text)
    assert (region.name, region.kind) == (name, kind)


@pytest.mark.parametrize(("text", "near"), [("410799", "新乡市"), ("获嘉", "获嘉县"), ("nowhere", "place file|division code")])
def test_an_unknown_region_is_refused_with_what_comes_close(text: str, near: str) -> None:
    with pytest.raises(UnknownRegion, match=near):
        Places(ATLAS).region(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 20_000, "not readable YAML"),
        ("a: &a [x, x]\nplaces: [*a, *a]\n", "an anchor"),
        ("- {id: a, name: 高新区, kind: zone, county: '410724', polygon: '" + "[" * 100_000 + "'}", "a GeoJSON polygon"),
    ],
)
def test_a_place_file_nested_without_end_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(PlaceError, match=said):
        read_file(path, ATLAS)


FIRMS = [
    # name, adcode, located_by, lon, lat, address, uscc
    ("in by address", "410702", "county", 113.92, 35.30, "红旗区太行高新区1号", "91410702000000000X"),
    ("in by address, county unknown", "410700", "city", 113.92, 35.30, "高新技术开发区2号", None),
    ("in by point", "410702", "point", 113.91, 35.28, "平原路", None),
    ("out: point too far", "410702", "point", 114.30, 35.28, "平原路", None),
    ("out: seat of the county lies inside", "410702", "county", 113.90, 35.29, "平原路", None),
    ("out: same words in another city", "410102", "county", 113.60, 34.70, "郑州太行高新区", None),
    ("in by code", "410702", "code", 113.92, 35.30, "平原路", "914107710000000000"),
]


def members(region: places.Region) -> list[str]:
    table = pl.DataFrame(FIRMS, schema=["name", "adcode", "located_by", "lon", "lat", "address", "uscc"], orient="row")
    condition, values = Places(ATLAS).members(region)
    with duckdb.connect() as connection:
        connection.register("firms", table.to_arrow())
        return [row[0] for row in connection.execute(f"select name from firms f where {condition}", values or None).fetchall()]


@pytest.mark.parametrize("shape", [{"radius_km": 5}, {"polygon": SQUARE, "radius_km": None}])
def test_members_of_a_zone_are_told_by_address_code_or_point_never_by_a_countys_seat(tmp_path: Path, shape: dict[str, Any]) -> None:
    row = {key: value for key, value in (PLACE | {"codes": ["410771"]} | shape).items() if value is not None}
    directory = tmp_path / "places"
    directory.mkdir()
    place_file(directory, row)
    zone = Places(ATLAS, directory).region("taihang-zone")
    assert members(zone) == ["in by address", "in by address, county unknown", "in by point", "in by code"]


def test_members_of_a_division_are_told_by_code() -> None:
    assert len(members(Places(ATLAS).region("410700"))) == 6
    assert len(members(Places(ATLAS).region("410702"))) == 5
    assert len(members(Places(ATLAS).region("100000"))) == 7


@pytest.mark.parametrize(("radius_km", "count"), [(11.0, 0), (11.2, 1)])
def test_near_measures_along_the_great_circle(radius_km: float, count: int) -> None:
    condition, values = places.near(113.9, 35.0, radius_km)
    with duckdb.connect() as connection:
        text = f"select count(*) from (select 113.9 as lon, 35.1 as lat) f where {condition}"
        assert connection.execute(text, values).fetchall() == [(count,)]  # 0.1 degree of latitude is 11.12 km


def test_a_firm_whose_address_names_a_zone_stands_at_the_zones_centre(tmp_path: Path) -> None:
    files = PlaceFiles(place_files.read_file(place_file(tmp_path, PLACE), ATLAS))
    frame = pl.DataFrame({"adcode": ["410702", "410102"], "located_by": ["county", "county"], "lon": [1.0, 2.0], "lat": [1.0, 2.0]})
    moved = files.locate(frame, pl.Series(["太行高新区1号", "太行高新区1号"]), ATLAS)
    assert moved.rows() == [("410702", "zone", 113.9, 35.29), ("410102", "county", 2.0, 2.0)]
