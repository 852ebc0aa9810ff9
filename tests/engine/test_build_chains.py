"""A build carries the chains of a bureau's own that it was placed by, and says the rulebook in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import registry
from rulebook.test_over import CHAIN
from wutong.engine import build, warehouse
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load
from wutong.rulebook.load import RulebookError

FRAMES = ("风筝厂", "风筝骨架的生产、销售。")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A warehouse of three firms and one that makes frames of kites, placed by the rulebook shipped."""
    rows = [*registry.THREE, registry.row(name=FRAMES[0], scope=FRAMES[1])]
    build.run([registry.write(tmp_path / "firms.csv", *rows)], out=tmp_path / "out", rulebook=load.rulebook(), processes=1)
    return tmp_path / "out"


def served(out: Path) -> Warehouse:
    return Warehouse.open(out)


def firms_on(found: Warehouse, chain: str) -> list[str]:
    text = "select f.name from placements p join firms f using (firm_no) where p.chain = $chain"
    return [row["name"] for row in found.ask(text, {"chain": chain}).to_pylist()]


def place(out: Path, **more: object) -> build.BuildReport:
    return build.run([], out=out, rulebook=load.rulebook(), only="placing", **more)  # type: ignore[arg-type]


def test_without_chains_of_its_own_the_rulebook_shipped_is_in_force(out: Path) -> None:
    assert served(out).rulebook is load.rulebook()
    assert served(out).chains == {}


def test_placing_with_a_chain_places_firms_on_it_and_keeps_its_text(out: Path) -> None:
    report = place(out, chains={"kites": CHAIN})

    found = served(out)
    assert found.chains == {"kites": CHAIN}
    assert firms_on(found, "kites") == [FRAMES[0]]
    assert found.rulebook.hash == found.info.rulebook_hash == report.rulebook_hash != load.rulebook().hash


def test_command_line_and_an_opened_build_say_the_same_rulebook(out: Path) -> None:
    place(out, chains={"kites": CHAIN})
    assert warehouse.in_force(out) is served(out).rulebook


def test_placing_again_keeps_the_chains_until_others_are_given(out: Path) -> None:
    place(out, chains={"kites": CHAIN})
    place(out)
    assert served(out).chains == {"kites": CHAIN}
    place(out, chains={})
    assert served(out).chains == {} and firms_on(served(out), "kites") == []


def test_a_whole_build_carries_them_over(out: Path, tmp_path: Path) -> None:
    place(out, chains={"kites": CHAIN})
    build.run([tmp_path / "firms.csv"], out=out, rulebook=load.rulebook(), processes=1)
    assert served(out).chains == {"kites": CHAIN} and firms_on(served(out), "kites") == [FRAMES[0]]


def test_a_chain_with_a_fault_changes_nothing(out: Path) -> None:
    old = served(out).info.build_id
    with pytest.raises(RulebookError, match="no-such"):
        place(out, chains={"kites": CHAIN.replace("[battery-separator]", "[no-such]")})
    assert served(out).info.build_id == old


def test_a_chain_that_no_longer_fits_is_left_out_and_the_rest_stands(out: Path) -> None:
    place(out, chains={"kites": CHAIN})
    outdated = CHAIN.replace("id: kites\n", "id: wings\n", 1).replace("kite-frame", "wing-frame").replace("风筝骨架", "翼骨架")
    outdated = outdated.replace("纸鸢骨架", "翼架").replace("[battery-separator]", "[gone]")
    (served(out).folder / warehouse.CHAINS / "wings.yaml").write_text(outdated, "utf-8")

    found = served(out)
    assert "kites" in found.rulebook.chains and "wings" not in found.rulebook.chains
    assert [problem.file for problem in found.chain_faults] == ["chains/wings.yaml"]


def test_an_empty_folder_has_the_rulebook_shipped_in_force(tmp_path: Path) -> None:
    assert warehouse.in_force(tmp_path) is load.rulebook()
