"""`wutong lists`: a file becomes a list whole or not at all; what is wrong is named with its row; what goes out comes in again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import factories
import fictional
from cast import Cast
from wutong.cli import main as cli
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import remarks
from wutong.web.leads.models import ListedFirm, TargetList

UNIT = "青桐市招商局"
HEAD = "企业名称,统一社会信用代码,环节,负责人,备注\n"


def run(*arguments: str) -> int:
    return cli.main(["lists", *arguments])


def written(folder: Path, *lines: str) -> str:
    path = folder / "年度清单.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    return str(path)


def test_a_file_becomes_a_list_of_the_unit(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, f"{fictional.TARGET},,液压缸与千斤顶,bureau_officer,展会认识", "白榆瑞丰油缸有限公司,,,,")
    assert run("import", file, "--unit", UNIT, "--owner", "bureau_officer") == 0, capsys.readouterr().err

    target = TargetList.objects.get()
    assert (target.title, target.origin, target.owner, target.file_name) == ("年度清单", "file", cast.bureau_officer, "年度清单.csv")
    first, second = ListedFirm.objects.order_by("position")
    assert (first.segment, first.assignee, first.note, first.city) == ("cylinders", cast.bureau_officer, "展会认识", "白榆市")
    assert second.firm.name == "白榆瑞丰油缸有限公司"
    assert Entry.objects.get(action="leads.import_list").changes["sha256"] == target.file_hash


def test_a_firm_is_found_by_a_former_name_that_a_bureau_noted(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = {"kind": "former", "name": "飞燕动力总厂", "source": "变更登记", "by": cast.bureau_officer, "at": factories.AT}
    remarks.note_name(firm_id=fictional.firm_id(fictional.TARGET), **note)

    assert run("import", written(tmp_path, "飞燕动力总厂,,,,"), "--unit", UNIT, "--owner", "bureau_officer") == 0, capsys.readouterr().err

    assert ListedFirm.objects.get().firm.name == fictional.TARGET


@pytest.mark.parametrize(
    "line, told",
    [
        ("没有这家有限公司,,,,", "row 3, 企业名称: '没有这家有限公司'"),
        (f"{fictional.TARGET},,,,", "row 3, 企业名称"),
        ("白榆瑞丰油缸有限公司,,没有的环节,,", "row 3, 环节: '没有的环节'"),
        ("白榆瑞丰油缸有限公司,,,other_officer,", "row 3, 负责人: 'other_officer'"),
        (",,,,只有备注", "row 3"),
    ],
)
def test_one_wrong_row_and_nothing_is_written(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str) -> None:
    file = written(tmp_path, f"{fictional.TARGET},,,,", line)
    assert run("import", file, "--unit", UNIT, "--owner", "bureau_officer") == 2
    assert told in capsys.readouterr().err
    assert not TargetList.objects.exists() and not Entry.objects.filter(action__startswith="leads.").exists()


@pytest.mark.parametrize("more", [["--unit", "没有的单位"], ["--unit", UNIT], ["--unit", UNIT, "--owner", "other_officer"]])
def test_a_unit_or_owner_that_nobody_knows_is_told(cast: Cast, tmp_path: Path, more: list[str]) -> None:
    assert run("import", written(tmp_path, f"{fictional.TARGET},,,,"), *more) == 2
    assert not TargetList.objects.exists()


def test_what_goes_out_comes_in_again(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = ("--unit", UNIT, "--owner", "bureau_officer")
    run("import", written(tmp_path, f"{fictional.TARGET},,液压缸与千斤顶,bureau_officer,备注"), *into)
    out = tmp_path / "out.xlsx"
    assert run("export", "年度清单", "--out", str(out)) == 0
    assert run("import", str(out), *into, "--title", "再次导入") == 0, capsys.readouterr().err
    again = ListedFirm.objects.get(list__title="再次导入")
    assert (again.firm.name, again.segment, again.assignee, again.note) == (fictional.TARGET, "cylinders", cast.bureau_officer, "备注")

    capsys.readouterr()
    assert run("list", "--json", "--unit", UNIT) == 0
    assert [one["firms"] for one in json.loads(capsys.readouterr().out)["lists"]] == [1, 1]
