"""The build: what goes in comes out or is rejected with its reason, ids stay, and a new build serves only when it is whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine import registry
from wutong.engine import build, mapping, publishing
from wutong.engine.build import BuildError, BuildReport
from wutong.engine.readers import ReadError
from wutong.engine.warehouse import Warehouse, WarehouseMissing
from wutong.rulebook.load import rulebook


def made(tmp_path: Path, *rows: dict[str, str], out: str = "warehouse") -> BuildReport:
    return build.run([registry.write(tmp_path / "firms.csv", *rows)], out=tmp_path / out, rulebook=rulebook())


def table(report: BuildReport, name: str) -> pl.DataFrame:
    return pl.read_parquet(report.folder / f"{name}.parquet")


def test_three_firms_become_a_warehouse(tmp_path: Path) -> None:
    report = made(tmp_path, *registry.THREE)
    assert (report.rows, report.accepted, report.left_out, report.rejected_values) == (3, 3, 0, 0)
    with_name = {row["name"]: row for row in table(report, "firms").iter_rows(named=True)}
    works = with_name["太行液压机械厂"]
    assert (works["adcode"], works["located_by"], works["uscc_status"]) == ("410724", "county", "valid")
    assert (works["capital_yuan"], works["is_manufacturer"], works["is_branch"]) == (1_000_000, True, False)
    branch, parent = with_name["星城食品有限公司新乡分公司"], with_name["星城食品有限公司"]
    assert (branch["is_branch"], branch["parent_no"], branch["group_no"]) == (True, parent["firm_no"], parent["firm_no"])
    phrases = dict(table(report, "phrases").select("phrase_no", "phrase").rows())
    said = {(row["firm_no"], phrases[row["phrase_no"]]) for row in table(report, "mentions").iter_rows(named=True)}
    assert (works["firm_no"], "液压泵") in said


def test_spans_of_mentions_point_into_the_scope(tmp_path: Path) -> None:
    report = made(tmp_path, *registry.THREE)
    scopes = dict(table(report, "firms").select("firm_no", "scope").rows())
    phrases = dict(table(report, "phrases").select("phrase_no", "phrase").rows())
    for row in table(report, "mentions").iter_rows(named=True):
        assert scopes[row["firm_no"]][row["start"] : row["end"]] == phrases[row["phrase_no"]]


def test_rows_in_are_firms_and_rows_left_out(tmp_path: Path) -> None:
    twice = registry.code("410724", 9)
    report = made(
        tmp_path,
        *registry.THREE,
        registry.row("第一家", uscc=twice),
        registry.row("第二家", uscc=twice.lower()),
        registry.row("", uscc=registry.code("410724", 10)),
        registry.row("无码厂"),
        registry.row("无码厂"),
    )
    assert (report.rows, report.accepted, report.left_out) == (8, 5, 3)
    rejects = table(report, "rejects").filter("is_row_left_out").select("source_row", "reason").rows()
    assert rejects == [(5, "duplicate"), (6, "no_name"), (8, "duplicate")]


def test_a_dirty_value_is_a_reject_with_row_column_value_and_what_was_expected(tmp_path: Path) -> None:
    report = made(
        tmp_path,
        registry.row("甲厂", uscc="914107240000000019", registered_on="2001-13-01", capital="五百万元"),
        registry.row("乙厂", uscc="编号7", registered_on="3001-01-01", capital="10万贝壳"),
    )
    assert (report.accepted, report.left_out, report.rejected_values) == (2, 0, 6)
    found = {(row["source_row"], row["column"], row["reason"]): row["value"] for row in table(report, "rejects").iter_rows(named=True)}
    assert found == {
        (1, "uscc", "bad_check"): "914107240000000019",
        (1, "registered_on", "bad_date"): "2001-13-01",
        (1, "capital_yuan", "bad_capital"): "五百万元",
        (2, "uscc", "bad_code"): "编号7",
        (2, "registered_on", "date_out_of_range"): "3001-01-01",
        (2, "capital_yuan", "bad_currency"): "10万贝壳",
    }
    firms = table(report, "firms").sort("source_row")
    assert firms["uscc"].to_list() == ["914107240000000019", None]
    assert firms["registered_on"].to_list() == [None, None]
    assert firms["capital_yuan"].to_list() == [None, None]


def test_unreadable_values_of_rows_left_out_are_not_counted_as_those_of_accepted_rows(tmp_path: Path) -> None:
    twice = registry.code("410724", 9)
    first, second = (registry.row("甲厂", uscc=twice, registered_on=day) for day in ("2001-13-01", "2001-14-01"))
    report = made(tmp_path, first, second)
    assert (report.rows, report.accepted, report.left_out, report.rejected_values) == (2, 1, 1, 1)
    reasons = table(report, "rejects").select("source_row", "reason").rows()
    assert reasons == [(1, "bad_date"), (2, "duplicate"), (2, "bad_date")]


def test_an_absent_value_is_unknown_and_no_reject(tmp_path: Path) -> None:
    report = made(tmp_path, registry.row("甲厂", registered_on="", capital="", scope="", province="", city="", address=""))
    assert (report.accepted, report.rejected_values) == (1, 0)
    row = table(report, "firms").row(0, named=True)
    assert (row["registered_on"], row["capital_yuan"], row["scope"], row["adcode"], row["located_by"]) == (None, None, None, "", "none")


def test_ids_and_tables_are_the_same_in_every_build(tmp_path: Path) -> None:
    rows = [*registry.THREE, registry.row("无码厂"), registry.row("短码厂", uscc="410724000022709")]
    first, second = made(tmp_path, *rows), made(tmp_path, *reversed(rows))
    assert first.build_id != second.build_id
    left, right = (table(report, "firms").drop("source_row", "source_line") for report in (first, second))
    assert left.equals(right)
    assert table(first, "mentions").equals(table(second, "mentions"))
    assert sorted(table(first, "firms")["firm_id"].str.slice(0, 2)) == ["91", "91", "91", "x-", "x-"]


def test_steps_say_rows_in_and_out(tmp_path: Path) -> None:
    report = made(tmp_path, *registry.THREE, registry.THREE[0])
    steps = {str(row["step"]): (row["rows_in"], row["rows_out"]) for row in report.steps}
    assert steps["read"] == (4, 4)
    assert steps["ids"] == (4, 3)
    assert list(steps)[:3] == ["read", "bytes", "codes"]
    assert table(report, "steps")["step"].to_list() == list(steps)


def test_progress_tells_every_step_to_its_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = registry.write(tmp_path / "firms.csv", *registry.THREE)
    build.run([path], out=tmp_path / "warehouse", rulebook=rulebook(), progress=lambda *word: told.append(word))
    assert {step for step, done, total in told if done == total} >= {"read", "codes", "places", "scopes", "placing"}


def test_several_files_are_one_registry_and_each_row_knows_its_file(tmp_path: Path) -> None:
    one = registry.write(tmp_path / "one.csv", registry.THREE[0])
    two = registry.write(tmp_path / "two.csv", *registry.THREE)
    report = build.run([one, two], out=tmp_path / "warehouse", rulebook=rulebook())
    assert (report.rows, report.accepted, report.left_out) == (4, 3, 1)
    assert table(report, "rejects").select("source_file", "source_row").row(0) == ("two.csv", 1)
    assert (report.folder / "mapping.yaml").exists()


def test_the_mapping_in_force_is_kept_and_can_be_used_again(tmp_path: Path) -> None:
    report = made(tmp_path, *registry.THREE)
    again = build.run([tmp_path / "firms.csv"], out=tmp_path / "other", rulebook=rulebook(), mapping=report.folder / "mapping.yaml")
    assert again.accepted == 3
    assert mapping.read_file(report.folder / "mapping.yaml")["name"] == "name"


def test_divisions_of_an_extra_file_place_firms(tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(
        "adcode,name,level,parent,lon,lat\n990000,青梧省,province,,110,30\n990100,梧城市,city,990000,110,30\n990101,碧溪县,county,990100,110.1,30\n",
        "utf-8",
    )
    path = registry.write(tmp_path / "firms.csv", registry.row("碧溪机械厂", province="青梧省", city="梧城市", address="碧溪县1号"))
    report = build.run([path], out=tmp_path / "warehouse", rulebook=rulebook(), divisions=more)
    assert table(report, "firms").select("adcode", "lon").row(0) == ("990101", 110.1)
    assert "990101" in table(report, "divisions")["adcode"].to_list()


def test_placing_anew_keeps_firms_and_moves_the_pointer(tmp_path: Path) -> None:
    first = made(tmp_path, *registry.THREE)
    second = build.run([], out=tmp_path / "warehouse", rulebook=rulebook(), only="placing")
    assert second.build_id != first.build_id
    assert (second.rows, second.accepted) == (3, 3)
    for name in ("firms", "mentions", "placements", "phrase_products"):
        assert table(first, name).equals(table(second, name))
    assert Warehouse.open(tmp_path / "warehouse").info.build_id == second.build_id


def test_placing_anew_is_refused_where_the_registry_would_be_read_otherwise(tmp_path: Path) -> None:
    first = made(tmp_path, *registry.THREE)
    book = rulebook()
    with_words = replace(book, scope_words={**book.scope_words, "more": ("生产",)})
    dearer = book.leaf("currency.usd").model_copy(update={"values": {dt.date(2000, 1, 1): 7.0}})
    with_rate = replace(book, leaves={**book.leaves, "currency.usd": dearer})
    with_points = replace(book, leaves={name: leaf for name, leaf in book.leaves.items() if not name.startswith("find.")})
    for changed in (with_words, with_rate):
        with pytest.raises(BuildError, match="run the whole build"):
            build.run([], out=tmp_path / "warehouse", rulebook=changed, only="placing")
    assert Warehouse.open(tmp_path / "warehouse").info.build_id == first.build_id
    assert build.run([], out=tmp_path / "warehouse", rulebook=with_points, only="placing").accepted == 3


def test_placing_anew_without_a_build_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match="wutong build --firms"):
        build.run([], out=tmp_path / "warehouse", rulebook=rulebook(), only="placing")


def test_only_the_newest_three_builds_are_kept(tmp_path: Path) -> None:
    reports = [made(tmp_path, *registry.THREE) for _ in range(5)]
    kept = {path.name for path in (tmp_path / "warehouse" / "builds").iterdir()}
    assert len(kept) == publishing.KEPT_BUILDS
    assert reports[-1].build_id in kept


@pytest.mark.parametrize("files", [[], ["none.csv"]])
def test_without_a_file_nothing_is_built(tmp_path: Path, files: list[str]) -> None:
    with pytest.raises((BuildError, ReadError)):
        build.run(files, out=tmp_path / "warehouse", rulebook=rulebook())


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="a header but no rows"):
        made(tmp_path)


def test_a_build_that_keeps_no_row_is_refused_and_the_one_before_serves_on(tmp_path: Path) -> None:
    first = made(tmp_path, *registry.THREE)
    with pytest.raises(BuildError, match=r"none of the 2 rows .*2 no_name.*what serves goes on"):
        made(tmp_path, registry.row(""), registry.row(" "))
    assert Warehouse.open(tmp_path / "warehouse").info.build_id == first.build_id


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    path = registry.write(tmp_path / "firms.csv", *registry.THREE)
    with pytest.raises(BuildError, match="given twice"):
        build.run([path, path], out=tmp_path / "warehouse", rulebook=rulebook())
