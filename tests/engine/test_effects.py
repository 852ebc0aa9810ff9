"""The effect of a chain edit is what a whole placing would say, firm by firm, and nothing serves differently for having been asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import registry
from rulebook.test_over import CHAIN
from wutong.engine import build, effects
from wutong.engine.places import Places
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load
from wutong.rulebook.load import Rulebook

ROWS = (
    registry.row(name="甲隔膜有限公司", scope="电池隔膜的生产、销售。"),
    registry.row(name="乙薄膜厂", scope="隔离膜生产；塑料制品销售。", capital="900万元"),
    registry.row(name="丙商贸有限公司", scope="电池隔膜、隔离膜销售。"),
    registry.row(name="丁风筝骨架厂", scope="工艺品的生产。"),
    registry.row(name="戊工艺厂", scope="风筝骨架、纸鸢骨架的生产。", province="湖南", city="长沙", address="长沙市岳麓区1号"),
    registry.row(name="壬玩具厂", scope="玩具风筝骨架的生产。"),
    registry.row(name="癸纸鸢厂", scope="纸鸢骨架的生产。"),
    registry.row(name="己液压油缸厂", scope="机械配件。"),
    registry.row(name="庚锂电池隔膜材料有限公司", scope="锂电池隔膜的生产。"),
    registry.row(name="辛风筝有限公司", scope="风筝骨架加工；液压油缸的制造。"),
)
OWN = "  - {id: own-film, zh: 隔离膜, broader: [battery-separator]}\n"
Edit = Callable[[str], str]
EDITS: dict[str, Edit] = {
    "a product goes": lambda text: text.replace("products: [battery-separator]", "products: [hydraulic-cylinder]"),
    "a product comes": lambda text: text.replace("products: [battery-separator]", "products: [battery-separator, hydraulic-cylinder]"),
    "a word becomes a product": lambda text: text + OWN,
    "a word loses its synonym": lambda text: text.replace(", synonyms: 纸鸢骨架", ""),
    "a word is excluded": lambda text: text.replace("synonyms: 纸鸢骨架", "synonyms: 纸鸢骨架, excludes: 玩具"),
    "another role": lambda text: text.replace("products: [kite-frame]", "products: [kite-frame], role: grows"),
    "words in names": lambda text: text.replace("products: [battery-separator]", "products: [battery-separator], name_proofs: 薄膜"),
    "a longer word hides a shorter one": lambda text: text + "  - {id: own-cell-film, zh: 锂电池隔膜}\n",
    "a longer word of the chain hides a shorter one in names": lambda text: (
        text + "  - {id: own-cell-film, zh: 锂电池隔膜材料}\n"
    ).replace("[kite-frame]", "[kite-frame, own-cell-film]"),
    "another name and order only": lambda text: text.replace("name_zh: 骨架", "name_zh: 支架"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A build placed by the rulebook shipped and one chain of a bureau's own."""
    folder = tmp_path_factory.mktemp("effects")
    build.run(
        [registry.write(folder / "firms.csv", *ROWS)], out=folder / "out", rulebook=load.rulebook(), chains={"kites": CHAIN}, processes=1
    )
    return Warehouse.open(folder / "out")


def with_text(text: str) -> Rulebook:
    return load.over(load.rulebook(), {"kites": text})


def standing(warehouse: Warehouse) -> set[tuple[str, str, str]]:
    text = "select p.chain, p.segment, f.name from placements p join firms f using (firm_no)"
    return {(row["chain"], row["segment"], row["name"]) for row in warehouse.ask(text).to_pylist()}


def moves(found: effects.Effects) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    came = {(row.chain, row.segment, firm.name) for row in found.segments for firm in row.first_came}
    return came, {(row.chain, row.segment, firm.name) for row in found.segments for firm in row.first_went}


@pytest.mark.parametrize("name", EDITS)
def test_it_is_what_a_whole_placing_would_say(served: Warehouse, tmp_path: Path, name: str) -> None:
    text = EDITS[name](CHAIN)
    assert text != CHAIN
    came, went = moves(effects.of(served, served.rulebook, with_text(text), top=100))

    build.run(
        [registry.write(tmp_path / "f.csv", *ROWS)], out=tmp_path / "out", rulebook=load.rulebook(), chains={"kites": text}, processes=1
    )
    before, after = standing(served), standing(Warehouse.open(tmp_path / "out"))
    assert (came, went) == (after - before, before - after)


def test_something_moves_in_the_edits_that_are_compared(served: Warehouse) -> None:
    still = [name for name, edit in EDITS.items() if moves(effects.of(served, served.rulebook, with_text(edit(CHAIN)))) == (set(), set())]
    assert still == ["another name and order only"]


def test_firms_of_the_region_are_counted_apart_and_named_first_with_what_proves_them(served: Warehouse) -> None:
    text = CHAIN.replace("products: [kite-frame]", "products: [hydraulic-cylinder]").replace("[battery-separator]", "[kite-frame]")
    here = Places(served).region("430000")
    found = {row.segment: row for row in effects.of(served, served.rulebook, with_text(text), region=here).segments}

    kites = found["kites"]
    assert (kites.firms_before, kites.firms_after) == (2, 5)
    assert (kites.firms_came, kites.firms_came_here, kites.firms_went, kites.firms_went_here) == (5, 1, 2, 0)
    assert kites.first_came[0].name == "戊工艺厂" and kites.first_came[0].is_local
    assert kites.first_came[0].clause == "风筝骨架、纸鸢骨架的生产" and kites.first_came[0].proof == "scope"


def test_a_chain_that_goes_takes_its_firms_along(served: Warehouse) -> None:
    found = effects.of(served, served.rulebook, load.rulebook())
    assert {(row.segment, row.firms_after) for row in found.segments} == {("frames", 0), ("kites", 0)}
    assert found.placements_came == 0 and found.placements_went == sum(row.firms_before for row in found.segments) > 0


def test_the_same_rulebook_moves_nobody(served: Warehouse) -> None:
    assert effects.of(served, served.rulebook, served.rulebook) == effects.Effects((), 0, 0, 0)
