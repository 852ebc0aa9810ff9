"""What `make test` and `make mutate` make of reports."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import longest_first
import mutation
import suite


def test_reasons_to_skip_are_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase name="a"><skipped message="needs Chromium"/></testcase>'
        '<testcase name="b"><skipped message="needs Chromium"/></testcase><testcase name="c"/></testsuite></testsuites>',
        "utf-8",
    )
    assert suite.skips(report) == Counter({"needs Chromium": 2})


def test_a_run_that_left_no_report_skipped_nothing(tmp_path: Path) -> None:
    assert suite.skips(tmp_path / "absent.xml") == Counter()


def test_in_ci_a_tool_may_not_be_missing_but_data_may() -> None:
    reasons = ["needs Chromium", "needs ../shared/data (WUTONG_SHARED_DATA)", "needs PostgreSQL: the second round"]
    assert suite.refused_in_ci(reasons) == ["needs Chromium", "needs PostgreSQL: the second round"]


def test_only_the_folder_of_data_excuses_a_skip() -> None:
    reasons = ["needs ../shared/data: firms.parquet", "a shared browser is missing", "needs the library of shared objects"]
    assert suite.refused_in_ci(reasons) == reasons[1:]


@pytest.mark.parametrize(
    ("arguments", "are_paths"),
    [
        ([], False),
        (["-x"], False),
        (["-k", "suite"], False),
        (["tests/architecture"], True),
        (["tests/architecture/test_suite.py::test_x", "-x"], True),
        (["tests/no_such.py"], False),
    ],
)
def test_an_empty_round_on_postgresql_is_fine_only_for_tests_asked_for_by_path(arguments: list[str], *, are_paths: bool) -> None:
    assert suite.names_paths(arguments) is are_paths


def test_a_mutant_that_no_test_touches_counts_as_a_survivor() -> None:
    assert mutation.killed_share(Counter(killed=8, survived=1, untouched=1)) == pytest.approx(0.8)
    assert mutation.killed_share(Counter()) == 0.0


def test_mutants_are_counted_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = tmp_path / "mutants/src/a.py.meta"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"exit_code_by_key": {"a": 1, "b": 0, "c": 33, "d": 36, "e": None}}), "utf-8")
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    assert mutation.results() == {"src/a.py": Counter(killed=2, survived=1, untouched=1) + Counter({"not run": 1})}


def test_files_that_take_long_are_there_and_begin_and_after_them_those_of_most_tests() -> None:
    assert [name for name in longest_first.LONGEST if not (longest_first.TESTS / name).exists()] == []
    first, second = longest_first.LONGEST[:2]
    keys = longest_first.order(["web/few.py", "web/many.py", second, "web/many.py", first])
    assert sorted(keys, key=keys.__getitem__) == [first, second, "web/many.py", "web/few.py"]
