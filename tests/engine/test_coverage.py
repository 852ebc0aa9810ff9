"""Coverage of the thesaurus: what is met, what is not known, per role and per chain, on a registry of four scopes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import registry
from wutong.engine import build, coverage
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

SCOPES = ("液压缸的制造。", "液压缸、怪石阵的制造。", "怪石阵的销售。", "怪石阵、奇玄符的制造；液压缸的销售。")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("coverage")
    rows = [registry.row(f"某{n}厂", uscc=registry.code("410724", n), scope=scope) for n, scope in enumerate(SCOPES, 1)]
    build.run([registry.write(folder / "r.csv", *rows)], out=folder / "w", rulebook=load.rulebook(), processes=1)
    return Warehouse.open(folder / "w", threads=1)


def test_unknown_phrases_are_counted_with_the_words_around(warehouse: Warehouse) -> None:
    found = coverage.of(warehouse, load.rulebook())
    assert [(u.phrase, u.mentions, u.made_mentions, u.before, u.after) for u in found.unknown] == [
        ("怪石阵", 3, 2, "液压缸、", "的制造。"), ("奇玄符", 1, 1, "怪石阵、", "的制造；液压缸的销售。"),
    ]  # fmt: skip


def test_so_many_are_listed_as_are_asked_for(warehouse: Warehouse) -> None:
    assert len(coverage.of(warehouse, load.rulebook(), top=1).unknown) == 1
    assert [u.phrase for u in coverage.of(warehouse, load.rulebook(), top=0, only_made=True).unknown] == ["怪石阵", "奇玄符"]


def test_each_role_states_its_share_of_mentions_that_name_a_product(warehouse: Warehouse) -> None:
    roles = {row.role: row for row in coverage.of(warehouse, load.rulebook()).roles}
    assert (roles["makes"].mentions, roles["makes"].named_mentions, roles["makes"].special_mentions) == (5, 2, 2)
    assert (roles["sells"].mentions, roles["sells"].named_mentions) == (2, 1) and roles["makes"].named_share == 0.4


def test_terms_never_met_are_those_that_no_phrase_holds(warehouse: Warehouse) -> None:
    found = coverage.of(warehouse, load.rulebook())
    never = [row.term for row in found.never_met]
    assert "液压缸" not in never and len(never) + sum(1 for row in found.terms if row.phrases) == len(found.terms)


def test_each_chain_states_its_firms_and_its_empty_segments(warehouse: Warehouse) -> None:
    chains = {row.chain: row for row in coverage.of(warehouse, load.rulebook()).chains}
    equipment = chains["advanced-equipment"]
    assert equipment.firms == 2 and "cylinders" not in equipment.empty and len(equipment.empty) == equipment.segments - 1
    assert chains["power-battery"].firms == 0 and len(chains["power-battery"].empty) == chains["power-battery"].segments


def test_a_changed_rulebook_is_matched_anew_and_said_so(warehouse: Warehouse) -> None:
    book = load.rulebook()
    product = book.products["hydraulic-cylinder"].model_copy(update={"synonyms": (*book.products["hydraulic-cylinder"].synonyms, "怪石阵")})
    grown = replace(book, hash="changed", products={**book.products, product.id: product})
    found = coverage.of(warehouse, grown)
    assert found.is_of_build is False and [u.phrase for u in found.unknown] == ["奇玄符"]
    assert coverage.of(warehouse, book).is_of_build is True


def test_a_registry_without_makers_divides_by_nothing() -> None:
    assert coverage.RoleCoverage("makes", 0, 0, 0).named_share is None


def test_it_can_be_measured_in_a_folder_without_scopes(tmp_path: Path) -> None:
    build.run(
        [registry.write(tmp_path / "r.csv", registry.row("空厂", scope=""))], out=tmp_path / "w", rulebook=load.rulebook(), processes=1
    )
    found = coverage.of(Warehouse.open(tmp_path / "w", threads=1), load.rulebook())
    assert found.unknown == () and found.roles == ()
