"""`wutong rules`: what is in force, files checked, taken in and given out; other commands answer by the office's own rules."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

import fictional
from wutong.cli.main import main

if TYPE_CHECKING:
    from cast import Cast

TEXT = "leads.stale_days:\n  source: {title: 办法, date: 2026-11-20}\n  values: {%s: 21}\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run a command over the fictional registry: its exit code and what it printed."""
    monkeypatch.setenv("WUTONG_WAREHOUSE", str(fictional.made()))

    def started(*words: str) -> tuple[int, str]:
        code = main(words)
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return started


@pytest.fixture
def own_data(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, where the mark of the rules in force stands."""
    settings.DATA = tmp_path
    monkeypatch.setenv("WUTONG_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.django_db
def test_a_file_is_checked_taken_in_approved_and_answers_by_command(
    run: Any, cast: Cast, own_data: Path, django_capture_on_commit_callbacks: Any
) -> None:
    from wutong.cli.session import with_documents
    from wutong.rulebook import load
    from wutong.web.rulebooks.actions import documents as actions
    from wutong.web.rulebooks.models import RuleVersion
    from wutong.web.rulebooks.rules import Step

    today = timezone.localdate()
    file = own_data / "own.yaml"
    file.write_text(TEXT % today + "  unit: weeks\n", "utf-8")
    code, told = run("rules", "check", str(file), "--json")
    assert code == 1 and [(one["line"], one["code"], one["expected"]) for one in json.loads(told)["results"]] == [(4, "other_unit", "days")]
    assert "应为程序所用的“days”" in run("rules", "check", str(file))[1]
    file.write_text(TEXT % today, "utf-8")
    assert run("rules", "check", str(file))[0] == 0
    words = ("rules", "import", str(file), "--begins", today.isoformat(), "--by")
    assert run(*words, "park_officer")[0] == 2
    assert run(*words, "bureau_officer")[0] == 0 and run(*words, "bureau_officer")[0] == 2
    assert run("rules", "export")[0] == 2 and with_documents(load.rulebook()) is load.rulebook()
    version = actions.submit(version=RuleVersion.objects.get(), note="意见", by=cast.bureau_officer, at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        actions.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=timezone.now())
    shown = json.loads(run("rules", "show", "leads.stale_days", "--json")[1])
    assert (shown["value"], shown["shipped"], shown["is_own"]) == (21, 14, True)
    yesterday = today - dt.timedelta(days=1)
    assert json.loads(run("rules", "show", "leads.stale_days", "--json", "--on", yesterday.isoformat())[1])["value"] == 14
    assert [one["name"] for one in json.loads(run("rules", "list", "--own", "--json")[1])["results"]] == ["leads.stale_days"]
    assert run("rules", "show", "leads.stale")[0] == 2
    code, text = run("rules", "export")
    assert code == 0 and text.startswith("# ") and version.text in text
    assert with_documents(load.rulebook()).number("leads.stale_days", dt.date(2004, 1, 1)) == 21
    assert with_documents(load.rulebook(), dt.date(2004, 1, 1)).number("leads.stale_days", dt.date(2004, 1, 1)) == 14
