"""What the loader makes of good files."""

from datetime import date

import pytest
from pydantic import ValidationError

from rulebook.conftest import Write
from wutong.rulebook import load


def test_a_folder_becomes_products_chains_and_leaves(write: Write) -> None:
    rules = load.rulebook_from(write())
    assert set(rules.products) == {"machine-part", "hydraulic-cylinder", "hydraulic-pump"}
    assert rules.products["hydraulic-cylinder"].terms == ("液压缸", "油缸", "液压油缸")
    assert rules.chains["hydraulics"].segment("pumps").products == ("hydraulic-pump",)
    assert rules.leaf("sizes.share").description_en == "share"


@pytest.mark.parametrize("synonyms", ["[油泵, 叶片泵]", "油泵、叶片泵", "油泵、\n      叶片泵"])
def test_words_may_be_written_as_a_list_or_as_one_text(write: Write, synonyms: str) -> None:
    more = f"products:\n  - id: pump\n    zh: 泵\n    en: pump\n    synonyms: {synonyms}\n"
    assert load.rulebook_from(write(products__more=more)).products["pump"].synonyms == ("油泵", "叶片泵")


def test_narrower_holds_the_product_itself_and_all_below_it(write: Write) -> None:
    more = "products:\n  - {id: telescopic-cylinder, zh: 伸缩油缸, en: telescopic cylinder, broader: [hydraulic-cylinder]}\n"
    rules = load.rulebook_from(write(products__more=more))
    assert rules.narrower("machine-part") == {"machine-part", "hydraulic-cylinder", "telescopic-cylinder"}
    assert rules.narrower("telescopic-cylinder") == {"telescopic-cylinder"}


def test_neighbours_of_a_segment_follow_the_links(write: Write) -> None:
    chain = load.rulebook_from(write()).chains["hydraulics"]
    assert chain.upstream("pumps") == ("cylinders",)
    assert chain.downstream("cylinders") == ("pumps",)
    assert chain.upstream("cylinders") == chain.downstream("pumps") == ()


def test_an_unknown_segment_is_a_key_error(write: Write) -> None:
    with pytest.raises(KeyError, match="gearbox"):
        load.rulebook_from(write()).chains["hydraulics"].segment("gearbox")


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(2023, 12, 31), None),  # before it began
        (date(2024, 1, 1), 0.3),  # on the day
        (date(2025, 12, 31), 0.3),  # the day before repeal
        (date(2026, 1, 1), None),  # repealed
    ],
)
def test_a_value_holds_from_its_start_until_the_next(write: Write, on: date, value: float | None) -> None:
    assert load.rulebook_from(write()).value("sizes.share", on) == value


@pytest.mark.parametrize(("on", "why"), [(date(2023, 12, 31), "the first begins on 2024-01-01"), (date(2026, 1, 1), "it is repealed")])
def test_asking_for_a_number_out_of_force_says_why(write: Write, on: date, why: str) -> None:
    with pytest.raises(load.NoValueError, match=why):
        load.rulebook_from(write()).number("sizes.share", on)


def test_the_order_of_dates_in_the_file_does_not_matter(write: Write) -> None:
    leaves = """\
        rate:
          description: {zh: 率, en: rate}
          unit: share
          source: {title: Wutong default}
          values: {2026-01-01: 3, 2024-01-01: 1, 2025-01-01: 2}
        """
    rules = load.rulebook_from(write(parameters__sizes=leaves))
    assert [rules.number("sizes.rate", date(year, 6, 1)) for year in (2024, 2025, 2026)] == [1.0, 2.0, 3.0]


def test_an_unknown_leaf_names_its_neighbours(write: Write) -> None:
    with pytest.raises(load.NoValueError, match=r"no leaf 'sizes\.shore'; leaves of that file: sizes\.share"):
        load.rulebook_from(write()).number("sizes.shore", date(2024, 1, 1))


def test_a_text_is_a_value_but_no_number(write: Write) -> None:
    leaves = LEAF.format(values="{2024-01-01: half-up}")
    rules = load.rulebook_from(write(parameters__sizes=leaves))
    assert rules.value("sizes.rounding", date(2024, 1, 1)) == "half-up"
    with pytest.raises(load.NoValueError, match="no number"):
        rules.number("sizes.rounding", date(2024, 1, 1))


def test_a_list_is_a_value_and_frozen(write: Write) -> None:
    rules = load.rulebook_from(write(parameters__sizes=LEAF.format(values="{2024-01-01: [1, 2.5]}")))
    assert rules.value("sizes.rounding", date(2024, 1, 1)) == (1, 2.5)


LEAF = """\
rounding:
  description: {{zh: 取整, en: rounding}}
  unit: rule
  source: {{title: Wutong default}}
  values: {values}
"""


def test_nothing_in_a_rulebook_can_be_changed(write: Write) -> None:
    rules = load.rulebook_from(write(scope_words="verbs: {makes: [生产, 制造]}\n"))
    with pytest.raises(TypeError):
        rules.products["x"] = rules.products["hydraulic-pump"]  # type: ignore[index]
    with pytest.raises(ValidationError):
        rules.products["hydraulic-pump"].zh = "泵"  # type: ignore[misc]
    with pytest.raises(TypeError):
        rules.leaf("sizes.share").values[date(2024, 1, 1)] = 1.0  # type: ignore[index]
    with pytest.raises(TypeError):
        rules.scope_words["verbs"]["makes"] = ()  # type: ignore[index]


def test_scope_words_come_as_written_with_lists_as_tuples(write: Write) -> None:
    rules = load.rulebook_from(write(scope_words="verbs: {makes: [生产, 制造]}\n"))
    assert rules.scope_words["verbs"]["makes"] == ("生产", "制造")  # type: ignore[index]


def test_the_hash_changes_with_any_file_and_only_then(write: Write) -> None:
    first = load.rulebook_from(write("first"))
    same = load.rulebook_from(write("second"))
    folder = write("third")
    (folder / "divisions.csv").write_text("adcode,name\n410000,河南省\n", encoding="utf-8")
    assert first.hash == same.hash
    assert len(first.hash) == 12
    assert load.rulebook_from(folder).hash != first.hash


def test_the_rulebook_that_ships_is_read_once() -> None:
    assert load.rulebook() is load.rulebook()


def test_an_override_replaces_the_leaf_it_names_and_keeps_the_rest(write: Write) -> None:
    two = LEAF.format(values="{2024-01-01: half-up}") + LEAF.format(values="{2024-01-01: 7}").replace("rounding:", "cap:", 1)
    base = write(parameters__sizes=two)
    region = write("region", only=True, parameters__sizes=LEAF.format(values="{2024-01-01: truncate}"))
    rules = load.rulebook_from(region, base=base)
    assert rules.value("sizes.rounding", date(2024, 1, 1)) == "truncate"
    assert rules.number("sizes.cap", date(2024, 1, 1)) == 7
    assert rules.hash != load.rulebook_from(base).hash


def test_an_override_may_replace_a_product(write: Write) -> None:
    own = "products:\n  - {id: hydraulic-pump, zh: 液压泵, en: hydraulic pump, synonyms: [油泵]}\n"
    rules = load.rulebook_from(write("region", only=True, products__own=own), base=write())
    assert rules.products["hydraulic-pump"].synonyms == ("油泵",)
    assert "hydraulic-cylinder" in rules.products
