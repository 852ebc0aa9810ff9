"""`wutong score` and `wutong reward`: facts that cannot be taken are told with file, row, field, value and what was expected, in either language."""

# ruff: noqa: E501 - a message stands on one line, as people read it
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from wutong.cli.main import main
from wutong.engine import fact_files
from wutong.rulebook.scoring import reading

RULE = """rule: tried
source: {title: 例, date: 2020-01-01}
valid: {from: 2020-01-01}
facts:
  funds: {zh: 到位资金, unit: 万元}
  started: {zh: 开工率, unit: percent}
  port: {zh: 有无口岸, kind: yes_no}
  on: {zh: 签约日期, kind: date}
records:
  projects: {zh: 项目, fields: {name: {zh: 名称, kind: text}, amount: {zh: 总投资, unit: 亿元}}}
groups:
  counties:
    title: 县区
    items: [{id: funds, unit: 万元, formula: {sum: [funds, {records: {of: projects, gives: amount}}]}}]
  parks:
    title: 园区
    items: [{id: funds, unit: 万元, formula: funds}]
"""
SHAPE = re.compile(r"^\S+( 第 \d+ 行)?(，[^：]+)?：“.*” → 应为.+$")
Sheets = dict[str, list[list[Any]]]


def told(tmp_path: Path, capsys: Any, given: Any, lang: str = "zh") -> list[str]:
    """What the command says of facts in JSON, in CSV (text) or in a workbook (sheets)."""
    (tmp_path / "rule.yaml").write_text(RULE, "utf-8")
    if isinstance(given, dict) and all(isinstance(rows, list) and rows and isinstance(rows[0], list) for rows in given.values()):
        path = tmp_path / "facts.xlsx"
        book = xlsxwriter.Workbook(str(path))
        for name, rows in given.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
        book.close()
    elif isinstance(given, str):
        path = tmp_path / ("facts.csv" if not given.startswith(("{", "[")) else "facts.json")
        path.write_text(given, "utf-8")
    else:
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(given, ensure_ascii=False), "utf-8")
    status = main(["score", str(tmp_path / "rule.yaml"), str(path), "--lang", lang])
    printed = capsys.readouterr()
    assert status == 2, printed.out
    return printed.err.removeprefix("wutong: ").strip().splitlines()


def unit(**facts: Any) -> list[dict[str, Any]]:
    return [{"unit": "甲县", "group": "counties", "facts": facts}]


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (unit(funds="许多"), "facts.json，甲县, funds：“许多” → 应为以万元计的数，如 12.5",
         "facts.json, 甲县, funds: '许多'; expected a number in 万元 (10,000 yuan), such as 12.5"),
        (unit(funds="5公里"), "facts.json，甲县, funds：“5公里” → 应为以万元计的数，如 12.5",
         "facts.json, 甲县, funds: '5公里'; expected a number in 万元 (10,000 yuan), such as 12.5"),
        (unit(started="3天"), "facts.json，甲县, started：“3天” → 应为以%计的数，如 12.5",
         "facts.json, 甲县, started: '3天'; expected a number in %, such as 12.5"),
        (unit(port="也许"), "facts.json，甲县, port：“也许” → 应为是或者否",
         "facts.json, 甲县, port: '也许'; expected yes or no (是、否)"),
        (unit(on="去年"), "facts.json，甲县, on：“去年” → 应为日期，如 2026-03-31",
         "facts.json, 甲县, on: '去年'; expected a day such as 2026-03-31"),
        (unit(fund=1), "facts.json，甲县, fund：“1” → 应为规则声明的数据项：funds",
         "facts.json, 甲县, fund: '1'; expected a fact that the rule declares: funds"),
        ([{"unit": "甲县", "group": "towns"}], "facts.json，甲县, group：“towns” → 应为规则的一个分组：counties、parks",
         "facts.json, 甲县, group: 'towns'; expected a group of the rule: counties, parks"),
        ([{"unit": "甲县"}], "facts.json，甲县, group：“” → 应为规则的一个分组：counties、parks",
         "facts.json, 甲县, group: ''; expected a group of the rule: counties, parks"),
        ([{"unit": "甲县", "groups": {"counties": "4/12", "parks": "9/12"}}], "facts.json，甲县, groups：“1/3 + 3/4” → 应为各组所占时间，合计为 1",
         "facts.json, 甲县, groups: '1/3 + 3/4'; expected shares of the year that add up to 1"),
        ([{"unit": "甲县", "groups": {"counties": "一半"}}], "facts.json，甲县, groups：“{'counties': '一半'}” → 应为分组代码和所占时间，合计为 1，",
         "facts.json, 甲县, groups: \"{'counties': '一半'}\"; expected group codes with shares that add up to 1, such as"),
        ([{"group": "counties"}], "facts.json，units[1].unit：“{'group': 'counties'}” → 应为写有 \"unit\" 的对象",
         "facts.json, units[1].unit: \"{'group': 'counties'}\"; expected an object with \"unit\""),
        ([{"unit": "甲县", "group": "parks", "fact": {}}], "facts.json，甲县, fact：“{}” → 应为unit、group 或 groups、facts、records",
         "facts.json, 甲县, fact: '{}'; expected unit, group or groups, facts, records"),
        ([{"unit": "甲县", "group": "parks", "facts": [1]}], "facts.json，甲县, facts：“[1]” → 应为对象",
         "facts.json, 甲县, facts: '[1]'; expected an object"),
        ([{"unit": "甲县", "group": "parks", "records": {"projects": 3}}], "facts.json，甲县, records.projects：“3” → 应为对象的列表",
         "facts.json, 甲县, records.projects: '3'; expected a list of objects"),
        ([{"unit": "甲县", "group": "parks", "records": {"projects": [{"amount": "大"}]}}],
         "facts.json，甲县, projects[1].amount：“大” → 应为以亿元计的数，如 12.5",
         "facts.json, 甲县, projects[1].amount: '大'; expected a number in 亿元 (100 million yuan), such as 12.5"),
        ([{"unit": "甲县", "group": "parks", "records": {"project": []}}], "facts.json，甲县, project：“0 rows” → 应为规则声明的记录：projects",
         "facts.json, 甲县, project: '0 rows'; expected records that the rule declares: projects"),
        ({"units": "all"}, "facts.json，units：“all” → 应为单位的列表", "facts.json, units: 'all'; expected a list of units"),
        ({"on": "明天", "units": unit(funds=1)}, "facts.json，on：“明天” → 应为日期，如 2026-03-31", "facts.json, on: '明天'; expected a day such as"),
        ([], "facts.json：“facts.json” → 应为至少一个单位", "facts.json: 'facts.json'; expected at least one unit"),
        ('[{"unit": "甲县"\n', "facts.json 第 2 行：“facts.json” → 应为 JSON：第 1 列写得不对", "facts.json, row 2: 'facts.json'; expected JSON; column 1 is not"),
        ("单位,分组,到位资金\n甲县,县区,许多\n", "facts.csv 第 2 行，甲县, 到位资金：“许多” → 应为以万元计的数，如 12.5",
         "facts.csv, row 2, 甲县, 到位资金: '许多'; expected a number in 万元 (10,000 yuan), such as 12.5"),
        ("单位,分组,到位资金\n甲县,县区\n", "facts.csv 第 2 行：“甲县,县区” → 应为 3 列，以 ',' 分隔", "facts.csv, row 2: '甲县,县区'; expected 3 fields separated by ','"),
        ("单位,分组,到位钱款\n甲县,县区,1\n", "facts.csv 第 1 行：“到位钱款” → 应为规则声明的数据项；用不着的列请删去：",
         "facts.csv, row 1: '到位钱款'; expected a fact that the rule declares; delete a column that is none: "),
        ("县名,分组,到位资金\n甲县,县区,1\n", "facts.csv 第 1 行：“县名、分组、到位资金” → 应为一行表头，其中有“单位”一列",
         "facts.csv, row 1: '县名、分组、到位资金'; expected a header row with the column 单位 (unit)"),
        ("单位,分组,到位资金\n,县区,1\n", "facts.csv 第 2 行，unit：“” → 应为单位名称", "facts.csv, row 2, unit: ''; expected the name of the unit"),
        ("单位,到位资金\n甲县,1\n", "facts.csv 第 2 行，group：“” → 应为规则的一个分组", "facts.csv, row 2, group: ''; expected a group of the rule"),
        ({"表": [["单位", "分组"], ["甲县", "县区"]], "项目": [["名称", "总投资"], ["一", 5]]},
         "facts.xlsx 第 1 行，项目：“名称、总投资” → 应为一行表头，其中有“单位”一列", "facts.xlsx, row 1, 项目: '名称、总投资'; expected a header row with"),
        ({"表": [["单位", "分组"], ["甲县", "县区"]], "项目": [["单位", "总投资"], ["乙县", 5]]},
         "facts.xlsx 第 2 行，项目：“乙县” → 应为第一张表中的单位", "facts.xlsx, row 2, 项目: '乙县'; expected a unit of the first sheet"),
        ({"表": [["单位", "分组"], ["甲县", "县区"]], "项目": [["单位", "总投资"], ["", 5]]},
         "facts.xlsx 第 2 行，项目.unit：“” → 应为单位名称", "facts.xlsx, row 2, 项目.unit: ''; expected the name of the unit"),
        ({"表": [["单位", "分组"], ["甲县", "县区"], ["乙县", "园区"]], "项目": [["单位", "总投资"], ["甲县", 5], ["乙县", "大"]]},
         "facts.xlsx 第 3 行，乙县, 项目.总投资：“大” → 应为以亿元计的数", "facts.xlsx, row 3, 乙县, 项目.总投资: '大'; expected a number"),
        ({"表": [["单位", "分组"], ["甲县", "县区"]], "重点项目": [["单位", "总投资"], ["甲县", 5]]},
         "facts.xlsx：“重点项目” → 应为规则声明的记录（工作表的名称），不读的请删去：项目", "facts.xlsx: '重点项目'; expected records that the rule"),
        ("单位,分组,到位资金,到位资金(亿元)\n甲县,县区,1,2\n", "facts.csv 第 1 行：“到位资金(亿元)” → 应为每项数据只占一列，“到位资金”已是这一项",
         "facts.csv, row 1: '到位资金(亿元)'; expected each in one column; '到位资金' is the same already"),
        ("单位,分组,到位资金\n甲县,县区,1\n甲 县,县区,1\n", "facts.csv 第 3 行，甲 县, unit：“甲 县” → 应为每个单位只写一次，第 2 行已有",
         "facts.csv, row 3, 甲 县, unit: '甲 县'; expected each unit once; row 2 names it too"),
        ("单位,分组,到位资金\n合计,县区,1\n", "facts.csv 第 2 行，合计, unit：“合计” → 应为一个单位；合计、平均不是单位，请删去这一行",
         "facts.csv, row 2, 合计, unit: '合计'; expected a unit; a total or mean is none: delete the row"),
        ("单位,分组,到位资金\n甲县,县区,/\n", "facts.csv 第 2 行，甲县, 到位资金：“/” → 应为以万元计的数，如 12.5；没有数据就空着，不适用写“不适用”",
         "facts.csv, row 2, 甲县, 到位资金: '/'; expected a number in 万元 (10,000 yuan), such as 12.5; leave it empty"),
        ("单位,分组,开工率\n甲县,县区,90%\n乙县,县区,0.95\n", "facts.csv 第 3 行，乙县, 开工率：“0.95” → 应为带“%”的数，这项数据别处写了“%”",
         "facts.csv, row 3, 乙县, 开工率: '0.95'; expected a number with %, as others of this fact have it"),
        ('[{"unit": "甲县", "group": "counties", "facts": {"funds": 1, "funds": 2}}]', "facts.json，funds：“funds” → 应为每个名称在一个对象里只写一次",
         "facts.json, funds: 'funds'; expected each name once in an object"),
        ([{"unit": "甲县", "group": "counties", "facts": {"funds": 1, "到位资金": 2}}], "facts.json，甲县, 到位资金：“2” → 应为每项数据只写一次，“funds”已是这一项",
         "facts.json, 甲县, 到位资金: '2'; expected each fact once; 'funds' is the same"),
    ],
)  # fmt: skip
def test_a_fault_of_a_file_of_facts_is_told_in_both_languages(tmp_path: Path, capsys: Any, given: Any, zh: str, en: str) -> None:
    said = told(tmp_path, capsys, given)
    assert any(line.startswith(zh) for line in said), said
    assert all(SHAPE.match(line) for line in said), said
    english = told(tmp_path, capsys, given, "en")
    assert any(line.startswith(en) for line in english), english
    assert len(english) == len(said)


def test_a_column_called_name_of_a_sheet_of_records_is_the_name_of_the_record(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(RULE, "utf-8")
    book = xlsxwriter.Workbook(str(tmp_path / "facts.xlsx"))
    for name, rows in {"表": [["名称", "分组"], ["甲县", "县区"]], "项目": [["名称", "单位", "总投资"], ["一期", "甲县", 5]]}.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    (found,) = fact_files.read(tmp_path / "facts.xlsx", reading.rule_from(RULE)).units
    assert (found.unit, found.records) == ("甲县", {"projects": [{"名称": "一期", "总投资": "5"}]})


def test_more_faults_than_are_shown_are_counted(tmp_path: Path, capsys: Any) -> None:
    given = [{"unit": f"甲{place}", "group": "parks", "facts": {"funds": "多"}} for place in range(53)]
    assert told(tmp_path, capsys, given)[-1] == "……还有 3 处"
    assert told(tmp_path, capsys, given, "en")[-1] == "… and 3 more"


def test_a_file_that_is_not_there_or_no_table_is_told(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "rule.yaml").write_text(RULE, "utf-8")
    (tmp_path / "facts.xlsx").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "facts.json").write_bytes(b'{"units": "\xff"}')
    for name, zh in (
        ("nothing.json", "nothing.json：“nothing.json” → 应为存在的文件；没有找到"),
        ("facts.xlsx", "facts.xlsx：“facts.xlsx” → 应为能读的 CSV 文件或 XLSX 工作簿"),
        ("facts.json", "facts.json：“facts.json” → 应为 UTF-8 编码的 JSON"),
    ):
        assert main(["score", str(tmp_path / "rule.yaml"), str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.startswith(f"wutong: {zh}")


REWARD = """reward: tried
source: {title: 例, date: 2020-01-01}
valid: {from: 2020-01-01}
facts: {funds: {zh: 到位资金, unit: 万元}}
awards:
  firm: {to: units, basis: result, unit: 万元, formula: {product: [funds, 1%]}}
"""


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ([{"award": "firms", "recipient": "甲"}], "facts.json 第 1 行，甲, award：“firms” → 应为本办法的奖励：firm",
         "facts.json, row 1, 甲, award: 'firms'; expected an award of the document: firm"),
        ([{"award": "firm", "recipient": "甲", "facts": {"funds": "多"}}], "facts.json 第 1 行，甲, funds：“多” → 应为以万元计的数，如 12.5",
         "facts.json, row 1, 甲, funds: '多'; expected a number in 万元 (10,000 yuan), such as 12.5"),
        ([{"award": "firm", "recipient": "甲", "signed_on": "去年"}], "facts.json 第 1 行，signed_on：“去年” → 应为日期，如 2026-03-31",
         "facts.json, row 1, signed_on: '去年'; expected a day such as 2026-03-31"),
        ([{"award": "firm", "recipient": "甲", "is_staff": "也许"}], "facts.json 第 1 行，is_staff：“也许” → 应为是或者否",
         "facts.json, row 1, is_staff: '也许'; expected yes or no (是、否)"),
        ([{"award": "firm", "recipient": "甲", "fact": {}}], "facts.json 第 1 行，fact：“{}” → 应为其中一个：award、recipient",
         "facts.json, row 1, fact: '{}'; expected one of: award, recipient"),
        ({"cases": [{"award": "firm", "recipient": "甲"}], "registrations": [{"recipient": "甲", "matter": "一", "share": "120%"}]},
         "facts.json 第 1 行，registrations.share：“120%” → 应为大于 0、不超过 100% 的份额",
         "facts.json, row 1, registrations.share: '120%'; expected a share above 0 and at most 100 %"),
        ({"cases": [{"award": "firm", "recipient": "甲"}], "granted": [{"recipient": "甲", "document": "市办法", "word": "招引", "amount": 20}]},
         "facts.json 第 1 行，granted.amount：“20” → 应为金额", "facts.json, row 1, granted.amount: '20'; expected an amount of money"),
        ({"cases": [{"award": "firm", "recipient": "甲"}], "granted": [{"recipient": "甲", "document": "市办法"}]},
         "facts.json 第 1 行，granted.word：“” → 应为文字", "facts.json, row 1, granted.word: ''; expected a text"),
        ({"cases": [{"award": "firm", "recipient": "甲"}], "grants": []}, "facts.json，grants：“[]” → 应为其中一个：on、cases",
         "facts.json, grants: '[]'; expected one of: on, cases"),
        ({"cases": []}, "facts.json，cases：“[]” → 应为奖励事项的列表", "facts.json, cases: '[]'; expected a list of cases"),
    ],
)  # fmt: skip
def test_a_fault_of_a_file_of_cases_is_told_in_both_languages(tmp_path: Path, capsys: Any, given: Any, zh: str, en: str) -> None:
    (tmp_path / "rule.yaml").write_text(REWARD, "utf-8")
    (tmp_path / "facts.json").write_text(json.dumps(given, ensure_ascii=False), "utf-8")
    for lang, begin in (("zh", zh), ("en", en)):
        assert main(["reward", str(tmp_path / "rule.yaml"), str(tmp_path / "facts.json"), "--lang", lang]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"wutong: {begin}"), said


def test_a_rule_is_tried_on_a_day_outside_its_years_only_where_that_is_asked_for(tmp_path: Path, capsys: Any) -> None:
    rule, given = tmp_path / "rule.yaml", tmp_path / "facts.json"
    rule.write_text(RULE, "utf-8")
    given.write_text(json.dumps([{"unit": "甲县", "group": "parks", "facts": {"funds": 5}}]), "utf-8")
    asked = ["score", str(rule), str(given), "--on", "2019-12-31"]
    assert main(asked) == 2 and "--ignore-validity" in capsys.readouterr().err
    assert main([*asked, "--ignore-validity"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "试算：规则有效期 2020-01-01 至 …，不含 2019-12-31；结果只供比较，不能作为考核结果。"
    assert main([*asked, "--ignore-validity", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_trial"] is True


@pytest.mark.parametrize(("lang", "expected"), [("zh", "规则无误：tried，有效期 2020-01-01 至 …（不含当天）；2 个分组，2 项指标\n未用到的数据：开工率、有无口岸、签约日期\n"),
                                                ("en", "no fault: tried, valid from 2020-01-01 to … (that day is out); groups: 2, indicators: 2\ndeclared and not used: started, port, on\n")])  # fmt: skip
def test_a_rule_without_a_fault_is_told_in_words(tmp_path: Path, capsys: Any, lang: str, expected: str) -> None:
    (tmp_path / "rule.yaml").write_text(RULE, "utf-8")
    assert main(["score", str(tmp_path / "rule.yaml"), "--lang", lang]) == 0
    assert capsys.readouterr().out == expected


def test_what_may_not_be_meant_is_remarked_when_checked_and_below_the_points(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "rule.yaml").write_text(
        RULE.replace("formula: funds}]", "formula: {completion: {actual: funds, target: funds, points: 5万元, cap: 3}}}]"), "utf-8"
    )
    (tmp_path / "facts.csv").write_text("单位,分组,到位资金\n甲县,园区,1\n", "utf-8")
    told = "提醒：rule.yaml:17: 3 没有写 %，按 300% 算（cap） → 是百分之几就写 3%；是倍数就写 300%\n"
    for more in ([], [str(tmp_path / "facts.csv")]):
        assert main(["score", str(tmp_path / "rule.yaml"), *more]) == 0
        assert capsys.readouterr().out.endswith(told)


def test_a_group_is_asked_for_by_its_title_too(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "rule.yaml").write_text(RULE, "utf-8")
    (tmp_path / "facts.csv").write_text("单位,分组,到位资金\n甲县,园区,1\n", "utf-8")
    command = ["score", str(tmp_path / "rule.yaml"), str(tmp_path / "facts.csv"), "--group"]
    assert main([*command, "园区"]) == 0
    assert "甲县" in capsys.readouterr().out
    assert main([*command, "乡镇"]) == 2
    assert capsys.readouterr().err == "wutong: --group 乡镇：规则里没有这个分组 → 可用：counties（县区）、parks（园区）\n"


@pytest.mark.parametrize("command", ["score", "reward"])
def test_a_file_that_cannot_be_read_is_told_in_chinese(tmp_path: Path, capsys: Any, command: str) -> None:
    rule = tmp_path / "rule.yaml"
    assert main([command, str(rule)]) == 2
    assert "没有这个文件" in capsys.readouterr().err
    rule.write_bytes("rule: tried\ntitle: 考核办法\n".encode("gb18030"))
    assert main([command, str(rule)]) == 2
    assert capsys.readouterr().err == "wutong: rule.yaml 第 2 行：不是 UTF-8 编码 → 用记事本打开，另存为，编码选 UTF-8\n"


@pytest.mark.parametrize("day", ["2019-11-30", "2019/11/30", "2019年11月30日"])
def test_a_day_on_which_the_rule_does_not_hold_is_told_however_it_is_written(tmp_path: Path, capsys: Any, day: str) -> None:
    (tmp_path / "rule.yaml").write_text(RULE, "utf-8")
    (tmp_path / "facts.csv").write_text("单位,分组,到位资金\n甲县,园区,1\n", "utf-8")
    assert main(["score", str(tmp_path / "rule.yaml"), str(tmp_path / "facts.csv"), "--on", day]) == 2
    assert capsys.readouterr().err.startswith("wutong: 规则有效期 2020-01-01 至 …（不含当天），2019-11-30 不在其中 → ")
