"""`wutong rates`: a rate of plain facts without a database; what is wrong is told with file, row, field, value and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from wutong.cli.main import main

Run = Callable[..., tuple[int, str]]
PROJECTS = [
    {"id": "P1", "name": "甲", "unit": "东区", "contract_on": "2024-03-01", "started_on": "2024-06-01", "contract_yuan": 100,
     "arrived": [["2024-05-01", 30]]},
    {"id": "P2", "name": "乙", "unit": "西区", "intent_on": "2024-04-01", "arrived": [{"on": "2024-05-01", "yuan": 10}]},
    {"id": "P3", "name": "丙", "unit": "西区", "contract_on": "2023-04-01", "started_on": "2024-01-02", "unproved": ["started"]},
]  # fmt: skip
HEADS = [
    "项目编号",
    "项目名称",
    "责任单位",
    "合同签订日期",
    "开工日期",
    "合同金额(万元)",
    "到位资金（万元）",
    "到位日期",
    "是否流失",
    "无佐证阶段",
    "子节点",
]
ROWS = [
    ["P1", "甲", "东区", "2024年3月1日", "2024/6/1", "1,000", "30", "2024.5.1", "否", "", "foundation_done=2024-08-01"],
    ["P1", "", "", "", "", "", "20", "2024-06-01", "", "", ""],
    ["P2", "乙", "西区", "20240401", "", "500", "", "", "", "", ""],
]
ASKED = ("--as-of", "2024-12-31", "--cohort", "2024")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: its exit code and what it printed."""

    def started(*words: object) -> tuple[int, str]:
        code = main(["rates", *map(str, words)])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return started


@pytest.fixture
def facts(tmp_path: Path) -> Callable[..., Path]:
    """A file of facts in JSON, CSV or XLSX."""

    def made(content: Any, name: str = "facts.json") -> Path:
        path = tmp_path / name
        if path.suffix == ".xlsx":
            with xlsxwriter.Workbook(str(path)) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate(content):
                    sheet.write_row(number, 0, row)
        elif path.suffix == ".csv":
            path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in content), "utf-8")
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")
        return path

    return made


def test_a_rate_of_json_facts_names_every_project_behind_it(run: Run, facts: Any) -> None:
    code, shown = run(*ASKED, "--definition", "start_signed", "--facts", facts(PROJECTS), "--json")
    told = json.loads(shown)
    (rate,) = told["results"]
    assert (code, told["as_of"], told["cohort"]["starts_on"]) == (0, "2024-12-31", "2024-01-01")
    assert (rate["numerator"], rate["denominator"], rate["share"], rate["percent"]) == (1, 2, 0.5, "50.0")
    assert [(row["id"], row["why"]) for row in (*rate["counted"], *rate["left_out"])] == [
        ("P1", "reached"), ("P2", "waits"), ("P3", "outside"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["facts.csv", "facts.xlsx"])
def test_csv_and_workbooks_give_the_same_with_units_in_the_header_and_money_over_several_rows(run: Run, facts: Any, name: str) -> None:
    path = facts([HEADS, *ROWS], name)
    code, shown = run(*ASKED, "--definition", "funds_contract", "--facts", path, "--json")
    (rate,) = json.loads(shown)["results"]
    assert (code, rate["numerator"], rate["denominator"], rate["unit"]) == (0, 500_000, 15_000_000, "yuan")
    _, strict = run(*ASKED, "--definition", "start_strict", "--facts", path, "--json")
    assert json.loads(strict)["results"][0]["numerator"] == 1


def test_what_is_missing_is_said(run: Run, facts: Any) -> None:
    _, shown = run(*ASKED, "--definition", "funds_signed", "--facts", facts(PROJECTS), "--json")
    assert json.loads(shown)["results"][0]["missing"] == [
        {"id": "P1", "name": "甲", "fact": "total_yuan", "text": "missing: total_yuan"},
        {"id": "P2", "name": "乙", "fact": "total_yuan", "text": "missing: total_yuan"},
    ]


def test_without_a_definition_those_in_use_are_told(run: Run, facts: Any) -> None:
    _, shown = run(*ASKED, "--facts", facts(PROJECTS), "--json")
    told = json.loads(shown)["results"]
    assert [one["definition"] for one in told] == [
        "fulfilment_contract", "start_signed", "funds_contract", "completion_signed", "production_signed",
    ]  # fmt: skip
    assert told[1]["share"] == 0.5


def test_switches_change_what_counts(run: Run, facts: Any) -> None:
    asked = ("--as-of", "2024-12-31", "--cohort", "2023", "--definition", "start_signed", "--facts", facts(PROJECTS), "--json")
    assert json.loads(run(*asked)[1])["results"][0]["denominator"] == 0
    assert json.loads(run(*asked, "--unproved", "counted")[1])["results"][0]["share"] == 1


def test_the_file_of_a_bureau_is_known_to_the_command(run: Run, facts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "definitions:\n  of_ours:\n    rate: start\n    title: {zh: 本地, en: ours}\n    source: {title: 某市办法}\n"
        "    cohort: contract\n    denominator: contract\n    numerator: started\n",
        "utf-8",
    )
    monkeypatch.setenv("WUTONG_RATES", str(path))
    _, shown = run(*ASKED, "--definition", "of_ours", "--facts", facts(PROJECTS), "--json")
    assert [(one["denominator"], one["source"]) for one in json.loads(shown)["results"]] == [(1, "某市办法")]


def test_a_rate_of_key_projects_counts_these_alone_and_names_who_lacks_the_answer(run: Run, facts: Any) -> None:
    told = [{**PROJECTS[0], "key": True}, {**PROJECTS[0], "id": "P4", "key": False}]
    _, shown = run(*ASKED, "--definition", "start_key", "--facts", facts(told), "--json")
    (rate,) = json.loads(shown)["results"]
    assert (rate["denominator"], [(row["id"], row["why"]) for row in rate["left_out"]]) == (1, [("P4", "not_key")])


def test_targets_and_shares_are_asked_with_what_they_need(run: Run, facts: Any) -> None:
    path = facts(PROJECTS)
    target = run(*ASKED, "--definition", "funds_target", "--facts", path, "--target", "80", "--json")
    part = run(*ASKED, "--definition", "funds_part", "--facts", path, "--part", "unit=西区", "--json")
    assert [json.loads(shown)["results"][0]["share"] for _, shown in (target, part)] == [0.5, 0.25]
    code, shown = run(*ASKED, "--definition", "funds_target", "--facts", path)
    assert (code, shown) == (2, "wutong: --target is missing; funds_target divides by a number of yuan\n")


def test_one_unit_alone_can_be_asked_for(run: Run, facts: Any) -> None:
    _, shown = run(*ASKED, "--definition", "start_signed", "--facts", facts(PROJECTS), "--unit", "西区", "--json")
    assert json.loads(shown)["results"][0]["denominator"] == 1
    code, shown = run(*ASKED, "--definition", "start_signed", "--facts", facts(PROJECTS), "--unit", "南区")
    assert (code, shown) == (2, "wutong: --unit: no project has '南区'; expected one of: 东区, 西区\n")


def test_a_funnel_and_a_table_are_printed(run: Run, facts: Any) -> None:
    code, shown = run(*ASKED, "--funnel", "signed", "--facts", facts(PROJECTS), "--json")
    assert [(step["stage"], step["ids"]) for step in json.loads(shown)["results"][:1]] == [("signed", ["P1", "P2"])]
    assert run(*ASKED, "--funnel", "signed", "--facts", facts(PROJECTS), "--lang", "en")[1].startswith("stage")
    code, shown = run(*ASKED, "--definition", "start_signed", "--facts", facts(PROJECTS), "--lang", "zh")
    assert (code, "50.0 % (1/2 个项目)" in shown, "尚未达到，仅计入分母" in shown) == (0, True, True)


def test_all_definitions_are_listed_and_ones_own_are_read(run: Run, facts: Any, tmp_path: Path) -> None:
    listed = json.loads(run("--list", "--json")[1])["results"]
    assert {"start_signed", "fulfilment_contract", "funds_contract", "production_signed"} <= {one["definition"] for one in listed}
    own = tmp_path / "own.yaml"
    own.write_text(
        "events:\n  signed: {zh: 签约, en: signed, first_of: [contract]}\n  started: {zh: 开工, en: started, first_of: [started]}\n"
        "definitions:\n  ours: {rate: start, title: {zh: 率, en: rate}, source: {title: 办法}, cohort: signed, denominator: signed, "
        "numerator: started}\n", "utf-8",
    )  # fmt: skip
    _, shown = run(*ASKED, "--definition", "ours", "--definitions", own, "--facts", facts(PROJECTS), "--json")
    assert json.loads(shown)["results"][0]["denominator"] == 1
    code, shown = run(*ASKED, "--definitions", own, "--facts", facts(PROJECTS))
    assert (code, "--definition is missing; expected one of ours" in shown) == (2, True)
    own.write_text(own.read_text("utf-8").replace("numerator: started", "numerator: begun"), "utf-8")
    code, shown = run(*ASKED, "--definition", "ours", "--definitions", own, "--facts", facts(PROJECTS))
    assert (code, "own.yaml:5: ours: numerator: unknown event 'begun'" in shown) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--definition", "start_sined"), "'start_sined' is no definition; expected one of fulfilment_signed"),
        (("--funnel", "sign"), "'sign' is no event; expected one of signed"),
        (("--definition", "funds_part", "--part", "town=x"), "--part: 'town=x'; expected unit=U or kind=K"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(run: Run, facts: Any, words: tuple[str, ...], told: str) -> None:
    code, shown = run(*ASKED, "--facts", facts(PROJECTS), *words)
    assert (code, told in shown) == (2, True)


@pytest.mark.parametrize("words", [("--cohort", "24"), ("--as-of", "soon", "--cohort", "2024"), ("--cohort", "2024", "--target", "0")])
def test_an_option_that_is_no_period_day_or_number_is_refused(run: Run, words: tuple[str, ...], capsys: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*words)
    assert (stopped.value.code, "expected" in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"id": "P1", "contract_on": "2024-02-30"}], "facts.json, row 1, contract_on: '2024-02-30'; expected a day such as 2024-03-31"),
        ([{"id": "P1"}, {"id": "P2", "total_yuan": "很多"}], "facts.json, row 2, total_yuan: '很多'; expected an amount in digits"),
        ([{"id": "P1", "total_yuan": -1}], "facts.json, row 1, total_yuan: '-1'; expected an amount in digits"),
        ([{"name": "甲"}], "facts.json, row 1, id: ''; expected an id of the project"),
        ([{"id": "P1"}, {"id": "P1"}], "facts.json, row 2, id: 'P1'; expected each project once; row 1 names it too"),
        ([{"id": "P1", "start_on": "2024-01-01"}], "facts.json, row 1, start_on: '2024-01-01'; expected a known field: started_on"),
        ([{"id": "P1", "is_lost": "是"}], "facts.json, row 1, is_lost: '是'; expected true or false"),
        ([{"id": "P1", "unproved": ["begun"]}], "facts.json, row 1, unproved: \"['begun']\"; expected a list of codes of stages"),
        ([{"id": "P1", "arrived": [["2024-01-01"]]}], "facts.json, row 1, arrived: \"[['2024-01-01']]\"; expected a list such as"),
        ([{"id": "P1", "nodes": ["slab"]}], "facts.json, row 1, nodes: \"['slab']\"; expected an object such as"),
        (["P1"], "facts.json, row 1: 'P1'; expected an object with the facts of a project"),
        ({"rows": []}, "facts.json, projects: 'None'; expected a list of projects"),
        ("{", "facts.json: 'facts.json'; expected JSON in UTF-8"),
    ],
)
def test_a_faulty_json_file_is_told_by_row_and_field(run: Run, facts: Any, rows: Any, told: str) -> None:
    code, shown = run(*ASKED, "--definition", "start_signed", "--facts", facts(rows))
    assert (code, told in shown) == (2, True), shown


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({3: "2024-13-01"}, "facts.csv, row 4, 合同签订日期: '2024-13-01'; expected a day such as 2024-03-31"),
        ({5: "1千万"}, "facts.csv, row 4, 合同金额(万元): '1千万'; expected an amount in digits"),
        ({0: "", 1: "丁"}, "facts.csv, row 4, 项目编号: ''; expected an id of the project"),
        ({6: "5", 7: ""}, "facts.csv, row 4, 到位日期: ''; expected a day such as 2024-03-31, on which the money arrived"),
        ({3: "2024-03-02"}, "facts.csv, row 4, 合同签订日期: '2024-03-02'; expected the same as in row 2, which names the same project"),
        ({8: "maybe"}, "facts.csv, row 4, 是否流失: 'maybe'; expected yes or no"),
    ],
)
def test_a_faulty_table_is_told_by_row_and_header(run: Run, facts: Any, row: dict[int, str], told: str) -> None:
    last = [row.get(at, "P1" if at == 0 else "") for at in range(len(HEADS))]
    code, shown = run(*ASKED, "--definition", "start_signed", "--facts", facts([HEADS, ROWS[0], ROWS[2], last], "facts.csv"))
    assert (code, told in shown) == (2, True), shown


def test_a_file_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    for name in ("none.json", "none.csv"):
        code, shown = run(*ASKED, "--definition", "start_signed", "--facts", tmp_path / name)
        assert (code, "no such file" in shown) == (2, True)


def test_what_a_project_lacks_is_said_in_words(run: Run, facts: Any) -> None:
    given = facts([{"id": "P1", "name": "甲", "contract_on": "2024-03-01"}, {"id": "P2", "name": "乙"}])
    asked = (*ASKED, "--definition", "start_signed", "--facts", given)

    zh, en = run(*asked)[1], run(*asked, "--lang", "en")[1]

    assert "没有形成批次的事项：签" in zh and "lacks what makes the cohort: " in en
    assert "contract_on" not in zh and not re.search(r"事项：[a-z]", zh)
