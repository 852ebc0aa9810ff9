"""Chains out and in by the command line: the version in force, faults with rows, drafts, and placing by what was approved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fictional
from cast import Cast
from web.chains.editing import CHAIN_ID, NEW_CHAIN, approved, warehouse_of_my_own
from wutong.cli.main import main
from wutong.rulebook import drafting
from wutong.web.chains.models import ChainVersion
from wutong.web.firms.models import FirmList


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run a command over the fictional registry: its exit code and what it printed."""
    monkeypatch.setenv("WUTONG_WAREHOUSE", str(fictional.made()))

    def started(*words: str) -> tuple[int, str]:
        code = main(words)
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return started


@pytest.mark.parametrize("kind", ["yaml", "xlsx"])
def test_a_chain_goes_out_and_is_found_sound_when_it_comes_back(run: Any, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"chain.{kind}"
    assert run("chains", "export", CHAIN_ID, "--out", str(file))[0] == 0
    code, told = run("chains", "import", str(file), "--check", "--json")
    assert code == 0 and json.loads(told) == {"chain": CHAIN_ID, "version": None, "is_sound": True, "results": []}


def test_without_a_name_the_text_goes_to_standard_output(run: Any) -> None:
    assert run("chains", "export", CHAIN_ID) == (0, drafting.shipped_text(CHAIN_ID))


def test_faults_are_named_with_their_row(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "kites.yaml"
    file.write_text(NEW_CHAIN.replace("[seal]", "[no-such]"), "utf-8")
    code, told = run("chains", "import", str(file), "--check", "--json")
    (fault,) = json.loads(told)["results"]
    assert code == 1 and fault["line"] == 16 and "no-such" in fault["what"]


@pytest.mark.parametrize(
    "words, says", [(("export", "no-such"), "no chain"), (("export", CHAIN_ID, "--out", "x.doc"), "neither YAML nor XLSX")]
)
def test_what_cannot_be_given_out_is_said(run: Any, words: tuple[str, ...], says: str) -> None:
    code, told = run("chains", *words)
    assert code == 2 and says in told


@pytest.mark.django_db
def test_a_file_becomes_a_draft_of_the_person_named(run: Any, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "kites.yaml"
    file.write_text(NEW_CHAIN, "utf-8")
    assert run("chains", "import", str(file))[0] == 2
    assert run("chains", "import", str(file), "--by", "adviser")[0] == 2
    code, _ = run("chains", "import", str(file), "--by", "bureau_officer", "--note", "新链")
    version = ChainVersion.objects.get()
    assert code == 0 and (version.chain_id, version.created_by, version.note) == ("kites", cast.bureau_officer, "新链")
    assert run("chains", "import", str(file), "--by", "bureau_officer")[0] == 2


@pytest.mark.django_db
def test_a_list_comes_in_under_the_name_that_the_page_shows_and_another_tag_is_refused_with_those_there_are(
    run: Any, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.WAREHOUSE = fictional.made()
    file = tmp_path / "leaders.csv"
    file.write_text(f"企业名称\n{fictional.TARGET}\n", "utf-8")
    words = ("tags", "import", str(file), "--as-of", "2026-01-01", "--source", "公告", "--by", "bureau_leader", "--tag")
    code, said = run(*words, "链主")
    assert code == 2 and "chain-leader (链主企业)" in said and "fortune-500" in said
    code, said = run(*words, "链主企业")
    assert code == 0 and FirmList.objects.get().tag == "chain-leader", said


@pytest.mark.django_db
def test_apply_places_by_what_was_approved_and_both_sides_say_the_same_rules(
    run: Any, cast: Cast, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WAREHOUSE = warehouse_of_my_own(tmp_path)
    monkeypatch.setenv("WUTONG_WAREHOUSE", str(settings.WAREHOUSE))
    approved(cast)
    code, told = run("chains", "apply", "--json")
    assert code == 0 and json.loads(told)["state"] == "done"
    assert "kites" in run("chains", "list")[1]
    assert run("chains", "export", "kites") == (0, NEW_CHAIN)
    assert json.loads(run("chains", "apply", "--json")[1])["state"] == "none"
    from wutong.web.firms.queries import standing

    assert json.loads(run("chains", "list", "--json")[1])["rulebook"] == standing.rulebook().hash
