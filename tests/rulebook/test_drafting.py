"""A chain as a document: one verb a change, one fixed form, and what differs between two versions."""

from __future__ import annotations

import pytest

from rulebook.test_over import CHAIN
from wutong.rulebook import differences, drafting, load
from wutong.rulebook.drafting import EditError
from wutong.rulebook.load import RulebookError

ODD = ("null", "7", "on", "是:否", "a: b", "- x", "“引号”", 'quote "x"', " 前空格", "#井号", "{a}", "2026-11", "1e3")


def after(verb: str, text: str = CHAIN, **values: str) -> drafting.Document:
    return drafting.document(drafting.changed(text, verb, values))


def segments(chain: drafting.Document) -> list[tuple[str, str]]:
    return [(item["id"], item["layer"]) for item in chain["segments"]]


@pytest.mark.parametrize("chain_id", sorted(load.rulebook().chains))
def test_the_fixed_form_of_a_shipped_chain_says_the_same_and_is_fixed(chain_id: str) -> None:
    text = drafting.shipped_text(chain_id)
    assert drafting.text_of(drafting.document(text)) == text
    assert load.over(load.rulebook(), {chain_id: text}).chains[chain_id] == load.rulebook().chains[chain_id]


@pytest.mark.parametrize("text", ODD)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    chain = drafting.document(CHAIN) | {"description_zh": text}
    assert drafting.document(drafting.text_of(chain))["description_zh"] == text


def test_a_segment_moves_within_a_layer_to_another_and_to_the_end() -> None:
    two = drafting.changed(CHAIN, "add_layer", {"name_zh": "下游"})
    assert segments(after("move_segment", two, segment="kites", layer="all", before="frames")) == [("kites", "all"), ("frames", "all")]
    assert segments(after("move_segment", two, segment="frames", layer="xia-you")) == [("kites", "all"), ("frames", "xia-you")]
    assert segments(after("move_segment", two, segment="kites", layer="all", before="kites")) == segments(drafting.document(two))


def test_a_new_segment_gets_an_id_of_its_sounds_that_is_free() -> None:
    once = drafting.changed(CHAIN, "add_segment", {"layer": "all", "name_zh": "线轴"})
    twice = drafting.document(drafting.changed(once, "add_segment", {"layer": "all", "name_zh": "线轴"}))
    assert [item["id"] for item in twice["segments"]][2:] == ["xian-zhou", "xian-zhou-2"]
    assert twice["segments"][2]["name_en"] == "Xian zhou"


def test_a_removed_segment_takes_its_links_along_and_a_removed_layer_leaves_its_segments() -> None:
    assert after("remove_segment", segment="frames")["links"] == []
    two = drafting.changed(
        drafting.changed(CHAIN, "add_layer", {"name_zh": "下游"}), "move_segment", {"segment": "kites", "layer": "xia-you"}
    )
    assert segments(after("remove_layer", two, layer="xia-you")) == [("frames", "all"), ("kites", "all")]
    assert segments(after("remove_layer", two, layer="all")) == [("frames", "xia-you"), ("kites", "xia-you")]


def test_layers_move_and_stop_at_the_ends() -> None:
    two = drafting.changed(CHAIN, "add_layer", {"name_zh": "下游"})
    assert [item["id"] for item in after("move_layer", two, layer="xia-you", by="up")["layers"]] == ["xia-you", "all"]
    assert [item["id"] for item in after("move_layer", two, layer="xia-you", by="down")["layers"]] == ["all", "xia-you"]


def test_a_word_becomes_a_product_and_goes_with_the_last_segment_that_has_it() -> None:
    text = drafting.changed(CHAIN, "add_term", {"segment": "kites", "zh": "纸鸢", "synonyms": "鹞子、风鸢", "broader": "kite-frame"})
    own = drafting.document(text)["products"][1]
    assert own == {"id": "kites-zhi-yuan", "zh": "纸鸢", "synonyms": ["鹞子", "风鸢"], "broader": ["kite-frame"]}
    assert drafting.faults("kites", text, {}) == ()
    gone = after("remove_product", text, segment="kites", product="kites-zhi-yuan")
    assert [item["id"] for item in gone["products"]] == ["kite-frame"]


def test_a_segment_s_lists_are_written_as_words() -> None:
    item = after("change_segment", segment="kites", name_zh="风筝", role="provides", gbt4754="C2451，C2452", name_proofs="风筝、纸鸢")[
        "segments"
    ][1]
    assert (item["gbt4754"], item["name_proofs"], item["role"]) == (["C2451", "C2452"], ["风筝", "纸鸢"], "provides")


@pytest.mark.parametrize(
    "verb, values",
    [
        ("move_segment", {"segment": "gone", "layer": "all"}),
        ("move_segment", {"segment": "kites", "layer": "gone"}),
        ("add_product", {"segment": "frames", "product": "kite-frame"}),
        ("remove_product", {"segment": "frames", "product": "battery-separator"}),
        ("add_link", {"source": "frames", "target": "kites"}),
        ("remove_link", {"source": "kites", "target": "frames"}),
        ("remove_layer", {"layer": "all"}),
        ("rename_layer", {"layer": "all"}),
        ("no_such_verb", {}),
    ],
)
def test_what_cannot_be_done_is_refused(verb: str, values: dict[str, str]) -> None:
    with pytest.raises(EditError):
        drafting.changed(CHAIN, verb, values)


@pytest.mark.parametrize("text", ["a: [", "- x", "7", "a: 1\na: 2", "x: " + "字" * 200_000])
def test_a_text_that_is_no_chain_is_refused(text: str) -> None:
    with pytest.raises(RulebookError):
        drafting.document(text)


def test_every_kind_of_difference_is_told() -> None:
    text = CHAIN
    for verb, values in (
        ("add_layer", {"name_zh": "下游"}),
        ("move_layer", {"layer": "xia-you", "by": "up"}),
        ("rename_layer", {"layer": "all", "name_zh": "上游", "name_en": "All"}),
        ("add_segment", {"layer": "all", "name_zh": "线轴"}),
        ("add_product", {"segment": "xian-zhou", "product": "bearing"}),
        ("move_segment", {"segment": "kites", "layer": "xia-you"}),
        ("change_segment", {"segment": "frames", "name_zh": "支架", "role": "processes", "gbt4754": "C2451", "name_proofs": "支架"}),
        ("add_product", {"segment": "frames", "product": "bearing"}),
        ("remove_product", {"segment": "kites", "product": "battery-separator"}),
        ("add_link", {"source": "xian-zhou", "target": "kites"}),
        ("remove_link", {"source": "frames", "target": "kites"}),
        ("change_term", {"product": "kite-frame", "zh": "风筝骨架"}),
        ("add_term", {"segment": "kites", "zh": "鹞子"}),
    ):
        text = drafting.changed(text, verb, values)
    old, new = drafting.document(CHAIN), drafting.document(text)
    there = {difference.kind for difference in differences.between(old, new)}
    back = {difference.kind for difference in differences.between(new, old)}
    assert there == {
        "layer_added", "layer_renamed", "segment_added", "segment_moved", "segment_renamed", "role_changed", "classes_changed",
        "name_words_changed", "product_added", "product_removed", "link_added", "link_removed", "term_added", "term_changed",
    }  # fmt: skip
    assert {"layer_removed", "segment_removed", "term_removed"} <= back
    assert differences.between(new, new) == ()


def test_orders_and_fields_of_the_chain_are_told_too() -> None:
    swapped = drafting.document(drafting.changed(CHAIN, "move_segment", {"segment": "kites", "layer": "all", "before": "frames"}))
    (ordered,) = differences.between(drafting.document(CHAIN), swapped)
    assert (ordered.kind, ordered.after) == ("segments_ordered", "风筝 → 骨架")
    (named,) = differences.between(
        drafting.document(CHAIN), drafting.document(CHAIN.replace("description_zh: 风筝。", "description_zh: 纸鸢。"))
    )
    assert (named.kind, named.subject, named.before, named.after) == ("field_changed", "description_zh", "风筝。", "纸鸢。")


BOMB = "a: &a [高, 高, 高, 高, 高, 高, 高, 高, 高]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in ("ab", "bc", "cd", "de", "ef", "fg")
)


@pytest.mark.parametrize(
    "text, line, says",
    [
        (BOMB, 1, "an anchor (&a)"),
        ("id: kites\nlayers: &l [*l]\n", 2, "an anchor (&l)"),
        ("id: kites\nlayers: [*l]\n", 2, "an alias (*l)"),
        ("id: kites\nname_zh: !!binary aGk=\n", 2, "a tag (tag:yaml.org,2002:binary)"),
        ("id: kites\nlayers: " + "[" * 200_000, 2, "lists and mappings stand more than 12 deep in one another"),
        ("layers: " + "{a: " * 50_000, 1, "lists and mappings stand more than 12 deep in one another"),
        ("layers: [" + "a, " * 20_000 + "]\n", 1, "the text has more than 20,000 values"),
        ("id: kites\n? {a: [b]}\n: c\n", 2, "a list or a mapping stands where a key belongs"),
        ("id: kites\nversion: 2026-13-45\n", 2, "no number and no date: month must be in 1..12"),
        ("id: kites\nversion: 0o" + "7" * 5_000 + "\n", 2, f"no number and no date: 0o{'7' * 18}…"),
        ("id: kites\nname_zh: \ud800\n", 2, "no valid YAML: half a character"),
        ("#" * 500_001, 1, "the text is longer than 500,000 bytes"),
    ],
)
def test_a_text_that_could_stop_the_server_is_refused_before_anything_is_made_of_it(text: str, line: int, says: str) -> None:
    with pytest.raises(RulebookError) as error:
        drafting.document(text)
    (problem,) = error.value.problems
    assert (problem.line, problem.what) == (line, says)
    (fault,) = drafting.faults("kites", text, {})
    assert (fault.line, fault.what) == (line, says)


@pytest.mark.parametrize("depth, is_read", [(12, True), (13, False)])
def test_twelve_lists_in_one_another_are_read_and_thirteen_are_not(depth: int, is_read: bool) -> None:
    text = "a: " + "[" * (depth - 1) + "]" * (depth - 1)  # the mapping itself is the first
    if is_read:
        assert drafting.document(text)
    else:
        with pytest.raises(RulebookError):
            drafting.document(text)


def test_a_chain_of_a_thousand_segments_is_read_and_one_more_is_not() -> None:
    links = "links: [" + "{source: a, target: b}, " * 1_000
    assert "links" not in str(drafting.faults("kites", f"id: kites\n{links}]\n", {})[0].what)
    (fault,) = drafting.faults("kites", f"id: kites\n{links}{{source: a, target: b}}]\n", {})
    assert fault.what == "`links` has more than 1,000 items"


def test_faults_beyond_what_anybody_reads_wait_until_the_first_are_mended() -> None:
    assert len(drafting.faults("kites", "id: kites\n" + "".join(f"x{number}: 1\n" for number in range(9_000)), {})) == 500


@pytest.mark.parametrize(
    "old, new",
    [
        ("products: [kite-frame]", "products: 3"),
        ("products:\n", "products: 3\ny:\n"),
        ("links:", "links: [3, a, null, {source: [a]}]\nx:"),
        ("links:", "links: {a: b}\nx:"),
        ("segments:", "segments: 3\nx:"),
    ],
)
def test_versions_with_other_things_than_lists_are_compared_all_the_same(old: str, new: str) -> None:
    faulty = drafting.document(CHAIN.replace(old, new, 1))
    assert differences.between(faulty, drafting.document(CHAIN)) and differences.between(drafting.document(CHAIN), faulty)
