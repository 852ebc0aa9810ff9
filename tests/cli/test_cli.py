"""The command line on a tiny warehouse: JSON as declared, tables that line up, errors in words with exit code 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.warehouses import CHAIN, Firm, rulebook, write
from wutong.cli import main as cli
from wutong.engine import plain_text
from wutong.rulebook import load

ROWS = [
    Firm("wood1", "990102", ("wood",)),
    Firm("part1", "990102", ("parts",)),
    Firm("shop1", "990102", ("shops",)),
    *(Firm(f"idle{n}", "990102") for n in range(9)),
    Firm("toy1", "990202", ("toys",)),
    Firm("toy2", "980102", ("toys",), capital_yuan=None),
]
PLACE = """places:
- {id: east-park, name: 东园, kind: park, county: '990102', words: [人民路], lon: 110.0, lat: 30.0, radius_km: 3, datum: gcj02}
"""


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "warehouse", ROWS)
    monkeypatch.setenv("WUTONG_DATA", str(tmp_path))
    monkeypatch.setenv("WUTONG_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.delenv("WUTONG_LANG", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    tiny = rulebook()
    monkeypatch.setattr(load, "rulebook", lambda: tiny)
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert cli.main([*words, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(words) == 2
    return capsys.readouterr().err


ABOUT = ("--region", "990100", "--chain", CHAIN)


def test_every_answer_names_build_rulebook_day_and_registry(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("gaps", *ABOUT), ("targets", *ABOUT), ("explain", *ABOUT, "--segment", "toys", "toy1"), ("firm", "toy1")):
        answer = asked(capsys, *words)
        assert {"build", "rulebook", "as_of", "registry", "results"} <= answer.keys()
        assert answer["registry"]["firms"] == len(ROWS)


def test_gaps_give_a_verdict_and_its_rule_for_every_segment(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["segment"]: row for row in asked(capsys, "gaps", *ABOUT)["results"]}
    assert list(rows) == ["wood", "parts", "toys", "shops"]
    assert (rows["toys"]["verdict"], rows["toys"]["neighbours_present"]) == ("fill", 2)
    assert rows["toys"]["rule"]["tests"][0]["leaf"] == "gaps.expected_makers"


def test_targets_rank_firms_with_reasons_and_evidence_and_explain_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = asked(capsys, "targets", *ABOUT, "--segment", "toys")["results"]
    assert (first["rank"], first["firm_id"], first["segment"], first["evidence"]) == (1, "toy1", "toys", "木制玩具制造")
    assert {"factor", "input", "unit", "points", "source"} <= first["reasons"][0].keys()
    assert next(reason for reason in second["reasons"] if reason["factor"] == "capital")["points"] is None
    (told,) = asked(capsys, "explain", *ABOUT, "--segment", "toys", "toy2")["results"]
    assert (told["rank"], told["score"], told["reasons"]) == (2, second["score"], second["reasons"])


def test_top_cuts_and_zero_gives_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(asked(capsys, "targets", *ABOUT, "--segment", "toys", "--top", "1")["results"]) == 1
    assert len(asked(capsys, "targets", *ABOUT, "--segment", "toys", "--top", "0")["results"]) == 2


def test_chains_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert [chain["id"] for chain in asked(capsys, "chains", "list")["chains"]] == [CHAIN]
    shown = asked(capsys, "chains", "show", CHAIN)
    assert (shown["id"], len(shown["segments"]), shown["links"][0]) == (CHAIN, 4, {"source": "wood", "target": "parts"})


def test_a_place_file_is_kept_and_its_place_is_a_region(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "park.yaml").write_text(PLACE, "utf-8")
    assert cli.main(["places", "add", str(office / "park.yaml")]) == 0
    capsys.readouterr()
    assert asked(capsys, "gaps", "--region", "east-park", "--chain", CHAIN)["registry"]["firms_here"] == 12


def test_tables_are_read_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("gaps", *ABOUT),
        ("targets", *ABOUT),
        ("firm", "toy1"),
        ("chains", "list"),
        ("explain", *ABOUT, "--segment", "toys", "part1"),
    ):
        assert cli.main(list(words)) == 0
    text = capsys.readouterr().out
    assert "补链" in text
    assert "企业库" in text


def test_tables_speak_english_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["gaps", *ABOUT, "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert "1 up, 1 down" in text
    assert "Registry: 12 firms" in text
    assert cli.main(["find", "toys", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.count("14 firms") == 1 and "in all" not in said  # the nation is the whole registry: said once


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gaps", "--region", "990100", "--chain", "cars"), "toys"),
        (("gaps", "--region", "999999", "--chain", CHAIN), "999999"),
        (("targets", *ABOUT, "--segment", "glass"), "shops"),
        (("firm", "nobody"), "nobody"),
        (("places", "add", "absent.yaml"), "absent.yaml"),
    ],
)
def test_wrong_input_is_refused_in_words(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    assert said in refused(capsys, *words)


def test_without_a_warehouse_the_build_command_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUTONG_WAREHOUSE", "nowhere")
    assert "wutong build --firms" in refused(capsys, "gaps", *ABOUT)


def test_a_registry_without_one_usable_row_is_refused_in_words(
    office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = load.rulebook_from(load.package_folder())
    monkeypatch.setattr(load, "rulebook", lambda: shipped)
    (office / "firms.csv").write_text("name,scope\n,制造\n", "utf-8")
    said = refused(capsys, "build", "--firms", str(office / "firms.csv"))
    assert "none of the 1 rows read can be kept (1 no_name)" in said


@pytest.mark.parametrize("words", [("--as-of", "2004"), ("--top", "-1"), ("--within-km", "0"), ("--within-km", "x")])
def test_bad_option_values_are_refused(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["targets", *ABOUT, *words])
    assert stopped.value.code == 2
    assert words[1] in capsys.readouterr().err


def test_check_needs_no_warehouse_and_counts_terms_where_there_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(capsys, "check")["is_counted"] is True
    monkeypatch.setenv("WUTONG_WAREHOUSE", "nowhere")
    assert asked(capsys, "check")["is_counted"] is False


@pytest.mark.parametrize("site", ["110.0,30.0", "990100", "east-park"])
def test_supply_is_asked_round_a_point_or_a_region_of_any_kind(office: Path, capsys: pytest.CaptureFixture[str], site: str) -> None:
    (office / "places").mkdir()
    (office / "places" / "park.yaml").write_text(PLACE, "utf-8")
    answer = asked(capsys, "supply", "--site", site, "--chain", CHAIN, "--radius-km", "50")
    assert [(row["segment"], row["presence"]) for row in answer["results"]] == [
        ("wood", "present"), ("parts", "present"), ("toys", "missing"), ("shops", "present"),
    ]  # fmt: skip
    assert (answer["segments_present"], answer["segments"], answer["results"][2]["nearest"]["firm_id"]) == (3, 4, "toy1")


def test_supply_of_a_segment_states_what_part_of_its_needs_is_covered(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "supply", "--site", "990100", "--chain", CHAIN, "--segment", "toys", "--radius-km", "50")
    assert [row["side"] for row in answer["results"]] == ["supplies", "same", "buys"]
    assert (answer["needs_present"], answer["needs"], answer["needs_share"]) == (1, 1, 1.0)


@pytest.mark.parametrize(("site", "said"), [("30.0,110.0", "longitude comes first"), ("100000", "no one place"), ("nowhere", "nowhere")])
def test_a_site_that_is_none_is_refused_in_words(capsys: pytest.CaptureFixture[str], site: str, said: str) -> None:
    assert said in refused(capsys, "supply", "--site", site, "--chain", CHAIN)


def test_sources_rank_places_and_a_place_opens_into_its_firms(capsys: pytest.CaptureFixture[str]) -> None:
    asked_for = ("--chain", CHAIN, "--segment", "toys")
    answer = asked(capsys, "sources", *asked_for, "--region", "990100")
    assert [(row["id"], row["makers"]) for row in answer["results"]] == [("990200", 1), ("980100", 1)]
    assert [row["factor"] for row in answer["results"][0]["reasons"]] == ["makers", "concentration", "large", "trend", "distance"]
    (firm,) = asked(capsys, "sources", *asked_for, "--place", "990200")["results"]
    assert firm["firm"]["firm_id"] == "toy1" and firm["segments"] == ["toys"]
    assert asked(capsys, "sources", *asked_for, "--kind", "coastal")["total"] == 0


def test_two_regions_are_compared_differences_first(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "compare", "--region", "990100", "--other", "990200", "--chain", CHAIN)
    assert answer["differing"] >= 1 and answer["results"][0]["is_other"] is True
    assert {row["segment"]: row["makers_ahead"] for row in answer["results"]} == {"wood": 1, "parts": 1, "toys": -1, "shops": 1}


def test_coverage_states_terms_phrases_roles_and_chains(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "check", "--coverage")
    assert answer["roles"][0]["mentions"] == len(ROWS) and answer["chains"][0]["segments"] == 4
    assert answer["is_of_build"] is False and answer["never_met"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_new_tables_are_read_in_both_languages(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    for words in (
        ("supply", "--site", "990100", "--chain", CHAIN),
        ("supply", "--site", "990100", "--chain", CHAIN, "--segment", "toys"),
        ("sources", "--chain", CHAIN, "--segment", "toys"),
        ("sources", "--chain", CHAIN, "--segment", "toys", "--place", "990200"),
        ("compare", "--region", "990100", "--other", "990200", "--chain", CHAIN),
        ("check", "--coverage"),
    ):
        assert cli.main([*words, "--lang", lang]) == 0
    text = capsys.readouterr().out
    assert ("直线" if lang == "zh" else "straight line") in text and "100.0 % (4/4)" in text


IMPORT = ("--kind", "transfer", "--title", "虚构样例", "--document", "样例1号", "--fictional", "--in-force-from", "2003-01-01")


def test_a_catalogue_is_brought_in_listed_checked_and_confirmed(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "t.csv").write_text("序号,条目\n1,铅酸蓄电池制造\n2,全新业态\n", "utf-8")
    made = asked(
        capsys, "catalogues", "import", str(office / "t.csv"), "--id", "t1", "--level", "provincial", "--region", "990000", *IMPORT
    )
    assert (made["entries"], made["proposed"], made["unmatched"]) == (2, 1, ["2"])
    listed = next(row for row in asked(capsys, "catalogues", "list")["catalogues"] if row["id"] == "t1")
    assert listed["fictional"] is True and listed["adcode"] == "990000"

    def state(*words: str) -> dict[str, str]:
        rows = asked(capsys, "catalogues", "check", *words)["results"]
        return {f"{row['kind']} {row['level']}": row["state"] for row in rows}

    about = ("--chain", CHAIN, "--segment", "toys", "--region", "990102", "--on")
    assert state(*about, "2004-01-01")["transfer provincial"] == "proposed"
    assert state(*about, "2002-12-31")["transfer provincial"] == "no_edition"
    asked(capsys, "catalogues", "confirm", "t1", "1", "--product", "铅酸蓄电池")
    assert state("--product", "铅酸蓄电池", "--region", "990000", "--on", "2004-01-01")["transfer provincial"] == "covered"
    assert "transfer provincial" not in state("--product", "铅酸蓄电池", "--on", "2004-01-01")
    for words in (("list",), ("check", "--product", "铅酸蓄电池", "--on", "2004-01-01", "--lang", "en")):
        assert cli.main(["catalogues", *words]) == 0
    assert "no edition in force" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "t.csv", "--id", "t1", "--level", "provincial", *IMPORT), "--region"),
        (("import", "t.csv", "--id", "t1", "--level", "provincial", "--region", "990100", *IMPORT), "no province"),
        (("import", "t.csv", "--id", "t1", "--level", "national", "--region", "990000", *IMPORT), "national"),
        (("import", "none.csv", "--id", "t1", "--level", "national", *IMPORT), "no such file"),
        (("check",), "--product"),
        (("check", "--product", "没有的东西"), "没有的东西"),
        (("check", "--chain", CHAIN, "--segment", "none"), "none"),
        (("confirm", "t9", "1", "--product", "铅酸蓄电池"), "t9"),
    ],
)
def test_a_wrong_question_to_catalogues_is_refused_in_words(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    assert said in refused(capsys, "catalogues", *words)


def test_chinese_columns_line_up() -> None:
    lines = plain_text.table(("名称", "n"), [("甲", "1"), ("abc", "22")]).splitlines()
    assert lines == ["名称   n", "甲     1", "abc   22"]
    assert plain_text.short("马铃薯淀粉", 7) == "马铃薯…"


def test_paths_are_told_step_by_step_and_as_json(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "links.csv").write_text("统一社会信用代码,关系,对方企业\nwood1,供货给,toy2\n", "utf-8")
    words = ("paths", "--region", "990100", "--to", "toy2", "--k", "5", "--relations", str(office / "links.csv"))
    answer = asked(capsys, *words)
    assert [[step["asker_id"] for step in path["steps"]] for path in answer["results"]] == [["wood1"]]
    assert (answer["links"], answer["target"]["firm_id"], answer["registry"]["firms"]) == (1, "toy2", len(ROWS))
    assert cli.main(words) == 0
    assert "links.csv:2" in capsys.readouterr().out
    assert cli.main(("paths", "--region", "990100", "--to", "toy1", "--lang", "en")) == 0
    assert "nobody leads to" in capsys.readouterr().out
    assert "no firm" in refused(capsys, "paths", "--region", "990100", "--to", "nobody")
