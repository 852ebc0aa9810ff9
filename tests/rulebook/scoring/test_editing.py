"""A rule's text as fields: one changed field changes one word, comments and order stay; rows come and go; what is gone is told."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from wutong import demo
from wutong.rulebook import texts
from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring import editing, fields, reading
from wutong.rulebook.scoring.editing import EditError

TEXT = """\
# 说明
rule: areas
title: 考核
source: {title: 办法, date: 2026-01-05}
valid: {from: 2026-01-01}
facts:
  done: {zh: 实绩, unit: 个}   # 人工填报
  goal: {zh: 目标, unit: 个}
groups:
  counties:
    title: {zh: 县区, en: Counties}
    full_points: 40
    items:
      - {id: first, title: 签约, points: 30, formula: {completion: {actual: done, target: goal, points: 30, cap: 120%}}}  # 第一项
      - id: second
        title: {zh: "开工, 按计划"}
        # 分值另议
        points: 10   # 十分
        formula:
          bands:
            of: done
            bands:
              - to: 5
                gives: 0
              - {from: 5, gives: 10}   # 五个以上
"""
FIRST, SECOND = "groups/counties/items/0", "groups/counties/items/1"


def shown(text: str) -> dict[str, str]:
    return {slot.key: slot.value for card in fields.cards(text) for slot in card.slots}


def changed(key: str, value: str, text: str = TEXT) -> str:
    return editing.changed(text, {key: value}, shown(text))


def test_groups_and_indicators_are_cards_with_their_fields_in_the_order_of_the_text() -> None:
    _rule, _done, _goal, group, first, second = fields.cards(TEXT)
    assert [(one.kind, one.title[0], one.line) for one in (group, first, second)] == [("group", "县区", 11), ("item", "签约", 14),
                                                                                    ("item", "开工, 按计划", 15)]  # fmt: skip
    told = {slot.words[0]: slot.value for slot in first.slots if slot.value}
    assert told == {
        "名称": "签约", "满分": "30", "实绩": "done", "目标": "goal",
        "满分值；不写则得完成率": "30", "完成率封顶，如 120%；不封顶写 none": "120%",
    }  # fmt: skip
    (bands,) = [one for one in second.fields if isinstance(one, fields.Table)]
    assert [[slot.value for cell in row.cells for slot in cell] for row in bands.rows] == [["", "5", "0"], ["5", "", "10"]]
    assert (first.form, second.form, second.last_line) == (("完成率", "completion"), ("分段", "bands"), 25)


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        (f"{FIRST}/points", "25", "points: 30, formula", "points: 25, formula"),
        (f"{FIRST}/formula/completion/cap", "none", "cap: 120%", "cap: none"),
        (f"{FIRST}/title", "签约: 新", "title: 签约", 'title: "签约: 新"'),
        (f"{FIRST}/title/en", "Signed", "title: 签约", "title: {zh: 签约, en: Signed}"),
        (f"{FIRST}/floor", "1", "points: 30, formula", "points: 30, floor: 1, formula"),
        (f"{SECOND}/points", "12", "points: 10   # 十分", "points: 12   # 十分"),
        (f"{SECOND}/title/zh", '开工"率"', '"开工, 按计划"', '"开工\\"率\\""'),
        (f"{SECOND}/cap", "8", "points: 10   # 十分", "points: 10   # 十分\n        cap: 8"),
        (f"{SECOND}/formula/bands/bands/1/gives", "9.5", "gives: 10}   # 五", "gives: 9.5}   # 五"),
        (f"{FIRST}/formula/completion/points", "", "target: goal, points: 30, cap", "target: goal, cap"),
        (f"{SECOND}/points", "", "        points: 10   # 十分\n", ""),
        (f"{SECOND}/formula/bands/bands/0/to", "", "- to: 5\n                gives: 0", "- gives: 0"),
    ],
)  # fmt: skip
def test_one_field_rewrites_its_word_and_nothing_else(key: str, value: str, before: str, after: str) -> None:
    assert TEXT.count(before) == 1
    made = changed(key, value)
    assert made == TEXT.replace(before, after)
    assert shown(made).get(key, "") == value


def test_what_was_not_changed_is_not_written_though_it_is_sent() -> None:
    told = shown(TEXT)
    assert editing.changed(TEXT, told, told) == TEXT


def test_a_field_that_says_something_else_by_now_is_not_overwritten() -> None:
    newer = TEXT.replace("cap: 120%", "cap: 110%")
    with pytest.raises(EditError) as refused:
        editing.changed(newer, {f"{FIRST}/formula/completion/cap": "150%"}, shown(TEXT))
    assert refused.value.code == "changed"
    with pytest.raises(EditError) as gone:
        editing.changed(TEXT, {f"{FIRST}/id": "other"}, {})
    assert gone.value.code == "gone"


@pytest.mark.parametrize("value", ["a\nb", "{x", "- x", "#", "yes", "2026-13-45", "‘’", "\\", "'", "x: y", "a #b", " 头尾 "])
def test_whatever_is_typed_comes_back_as_it_was_typed(value: str) -> None:
    for key in (f"{FIRST}/title", f"{SECOND}/title/zh", f"{SECOND}/formula/bands/of"):
        assert shown(changed(key, value))[key] == " ".join(value.split())


def test_a_row_is_copied_behind_its_own_and_taken_out_but_the_last_stays() -> None:
    rows = f"{SECOND}/formula/bands/bands"
    more = editing.with_row(TEXT, f"{rows}/0")
    assert more.count("- to: 5\n                gives: 0\n") == 2
    assert editing.without_row(more, f"{rows}/1") == TEXT
    longer = editing.with_row(TEXT, f"{rows}/1")
    assert longer.count("- {from: 5, gives: 10}") == 2 and longer.count("# 五个以上") == 1
    only = editing.without_row(TEXT, f"{rows}/1")
    assert "五个以上" not in only
    with pytest.raises(EditError):
        editing.without_row(only, f"{rows}/0")
    with pytest.raises(EditError):
        editing.with_row(TEXT, f"{SECOND}/formula/bands/of")


def test_rows_within_brackets_come_and_go_too() -> None:
    rows = TEXT.replace("cap: 120%}}", "cap: 120%}}, take: sum").replace(
        "            bands:\n              - to: 5\n                gives: 0\n              - {from: 5, gives: 10}   # 五个以上\n",
        "            bands: [{to: 5, gives: 0}, {from: 5, gives: 10}]\n",
    )
    key = f"{SECOND}/formula/bands/bands/0"
    more = editing.with_row(rows, key)
    assert "[{to: 5, gives: 0}, {to: 5, gives: 0}, {from: 5, gives: 10}]" in more and editing.without_row(more, key) == rows


def test_a_rule_written_by_fields_is_read_as_the_rule_that_it_says() -> None:
    fewer = changed("groups/counties/full_points", "35", changed(f"{FIRST}/points", "25"))
    made = changed(f"{FIRST}/formula/completion/cap", "110%", fewer)
    group = reading.rule_from(made).groups["counties"]
    assert [one.points for one in group.items] == [25, 10] and "110%" in group.items[0].words()
    with pytest.raises(RuleError):
        reading.rule_from(changed(f"{FIRST}/points", "25"))  # the sum is off: the checker says so


LINES = TEXT.replace("   # 十分\n", "   # 十分\n        evidence: |\n          统计局月报\n          盖章\n\n")


@pytest.mark.parametrize("style", ["|", ">", "|-", "|+"])
@pytest.mark.parametrize("is_last", [True, False])
def test_a_key_comes_behind_a_word_of_several_lines(style: str, is_last: bool) -> None:
    text = LINES.replace("evidence: |", f"evidence: {style}")
    text = text[: text.index("        formula:\n          bands")] + "      - {id: third, points: 0}\n" if is_last else text
    made = changed(f"{SECOND}/cap", "8", text)
    assert shown(made) == {**shown(text), f"{SECOND}/cap": "8"}
    assert changed(f"{SECOND}/cap", "", made) == made.replace("        cap: 8\n", "")
    before, after = (reading.texts.data_of(one)["groups"]["counties"]["items"] for one in (text, made))
    assert after == [before[0], {**before[1], "cap": 8}, *before[2:]]


def test_an_indicator_that_ends_with_a_word_of_several_lines_ends_on_its_line() -> None:
    text = TEXT[: TEXT.index("        formula:\n          bands")] + "        evidence: |\n          月报\n      - {id: third, points: 0}\n"
    second, third = fields.cards(text)[-2:]
    assert second.last_line < third.line


def test_a_value_that_cannot_be_written_in_its_place_is_a_fault_of_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "_put", lambda *_given: (0, 0, "a: ["))
    with pytest.raises(EditError):
        changed(f"{FIRST}/points", "25")


@pytest.mark.parametrize("title", ["签约　项目", "签约\u00a0项目", "签约  项目"])
def test_blanks_that_nobody_touched_stay_as_they_are(title: str) -> None:
    text = TEXT.replace("title: 签约", f"title: {title}")
    assert editing.changed(text, shown(text), shown(text)) == text


@pytest.mark.parametrize("blank", ["　", "\u00a0"])
def test_blanks_of_chinese_and_of_print_stay_in_what_is_changed(blank: str) -> None:
    assert shown(changed(f"{FIRST}/title", f" 签约{blank}项目\n"))[f"{FIRST}/title"] == f"签约{blank}项目"


IN_BRACKETS = """{id: first, # 代号
                           title: 签约, # 名称, 中文
                           points: 30, formula: {completion: {actual: done, target: goal, points: 30, # 满分, 同上
                           cap: 120%}}}"""
SPREAD = TEXT.replace(TEXT[TEXT.index("{id: first") : TEXT.index("  # 第一项")], IN_BRACKETS).replace(
    "- to: 5\n", "- to: 5\n                # 五个以下, 不得分\n"
)


@pytest.mark.parametrize("path", [f"{FIRST}/title", f"{FIRST}/points", f"{FIRST}/formula/completion/points",
                                  f"{FIRST}/formula/completion/cap", f"{SECOND}/formula/bands/bands/0/to"])  # fmt: skip
def test_comments_beside_what_is_taken_out_stay(path: str) -> None:
    told = shown(SPREAD)
    made = changed(path, "", SPREAD)
    told.pop(f"{FIRST}/title/en")  # a second language of a title that is there
    made_told = shown(made)
    made_told.pop(f"{FIRST}/title/en", None)
    assert made_told == {**told, path: ""}
    assert [one for one in ("# 代号", "# 名称, 中文", "# 满分, 同上", "# 五个以下, 不得分", "# 第一项") if one not in made] == []


# --- whole parts ------------------------------------------------------------------------------------------------------------------------
PARTS = (
    TEXT
    + """\
    # 一票否决
    vetoes:
      - {title: 事故, when: {of: done, below: 1}, effect: last}   # 安委会认定
"""
)
VETO = "groups/counties/vetoes/0"


def test_an_indicator_goes_up_and_down_with_its_comments() -> None:
    text = PARTS.replace("      - id: second", "      # 开工另行统计\n      - id: second")
    made = editing.moved(text, SECOND, -1)
    assert made.index("# 开工另行统计\n      - id: second") < made.index("- {id: first") < made.index("# 第一项") < made.index("# 一票否决")
    assert sorted(made.splitlines()) == sorted(text.splitlines())
    assert editing.moved(made, FIRST, 1) == text
    with pytest.raises(EditError):
        editing.moved(text, FIRST, -1)


def test_an_indicator_a_veto_and_a_fact_are_taken_out_and_nothing_else() -> None:
    assert editing.without_part(PARTS, FIRST) == PARTS.replace(next(one for one in PARTS.splitlines(True) if "id: first" in one), "")
    assert editing.without_part(PARTS, VETO).replace("    # 一票否决\n", "") == TEXT
    assert editing.without_part(PARTS, "facts/done") == PARTS.replace("  done: {zh: 实绩, unit: 个}   # 人工填报\n", "")
    only = editing.without_part(PARTS, FIRST)
    with pytest.raises(EditError) as refused:
        editing.without_part(only, FIRST)
    assert refused.value.code == "last"


def test_a_part_is_added_as_the_last_and_makes_its_list_where_there_is_none() -> None:
    item = {"id": "third", "title": "投产: 新", "points": "5", "formula": {"sum": ["done", "1"]}}
    lines = '      - id: third\n        title: "投产: 新"\n        points: 5\n        formula: {sum: [done, 1]}\n'
    assert editing.with_part(TEXT, ("groups", "counties", "items"), item) == TEXT + lines
    veto = {"title": "事故", "when": {"of": "done", "below": "1"}, "effect": "last"}
    made = editing.with_part(TEXT, ("groups", "counties", "vetoes"), veto)
    assert made == TEXT + "    vetoes:\n      - title: 事故\n        when: {of: done, below: 1}\n        effect: last\n"
    assert editing.without_part(made, VETO) == TEXT
    assert [one.kind for one in fields.cards(made)] == ["rule", "fact", "fact", "group", "item", "item", "veto"]


def test_a_fact_is_declared_behind_the_others_and_only_once() -> None:
    made = editing.with_fact(TEXT, "land", {"zh": "供地", "unit": "亩"})
    assert made == TEXT.replace("  goal: {zh: 目标, unit: 个}\n", "  goal: {zh: 目标, unit: 个}\n  land: {zh: 供地, unit: 亩}\n")
    with pytest.raises(EditError):
        editing.with_fact(made, "land", {"unit": "亩"})


def test_head_total_ranking_vetoes_and_facts_are_fields_too() -> None:
    for key, value, line in (
        ("source/title", "新办法", "source: {title: 新办法, date: 2026-01-05}"),
        ("valid/to", "2027-01-01", "valid: {from: 2026-01-01, to: 2027-01-01}"),
        ("facts/done/unit", "家", "  done: {zh: 实绩, unit: 家}   # 人工填报"),
        ("facts/goal/from", "projects.started", "  goal: {zh: 目标, unit: 个, from: projects.started}"),
        ("groups/counties/total/round", "2", "    total: {round: 2}"), ("groups/counties/rank/ties", "dense", "    rank: {ties: dense}"),
        (f"{VETO}/effect", "zero", "      - {title: 事故, when: {of: done, below: 1}, effect: zero}   # 安委会认定"),
        (f"{VETO}/when/below", "2", "      - {title: 事故, when: {of: done, below: 2}, effect: last}   # 安委会认定"),
    ):  # fmt: skip
        made = changed(key, value, PARTS)
        assert line in made.splitlines() and shown(made) == {**shown(PARTS), key: value}, key
        assert len(set(made.splitlines()) - set(PARTS.splitlines())) == 1


def test_a_field_is_not_written_into_another_indicator_that_stands_in_its_place_by_now() -> None:
    told = {FIRST: "first", f"{FIRST}/points": "30"}
    newer = TEXT.replace("{id: first", "{id: new, title: 新, points: 30, formula: 1}\n      - {id: first")
    with pytest.raises(EditError) as refused:
        editing.changed(newer, {f"{FIRST}/points": "25"}, told)
    assert refused.value.code == "changed"


def test_many_fields_changed_at_once_are_what_they_are_one_after_the_other() -> None:
    """Emptied, filled, added and taken out beside each other, in the same mapping and in those within it."""
    chance, told = random.Random("many"), shown(PARTS)
    for _try in range(25):
        keys = chance.sample(sorted(key for key in told if not key.endswith(("/id", "title/en"))), 9)
        wanted = {key: chance.choice(["", "7", "新词"]) for key in keys}
        one_by_one = PARTS
        try:
            for key, value in wanted.items():
                one_by_one = editing.changed(one_by_one, {key: value}, shown(one_by_one))
        except EditError:
            continue
        made = editing.changed(PARTS, wanted, told)
        assert texts.data_of(made) == texts.data_of(one_by_one), wanted
    both = editing.changed(PARTS, {f"{FIRST}/title/en": "new", f"{FIRST}/title": "新"}, told)
    assert texts.data_of(both)["groups"]["counties"]["items"][0]["title"] == {"zh": "新", "en": "new"}


def test_many_fields_are_written_with_few_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {key: value for key, value in shown(PARTS).items() if value.isdecimal()}
    read, tree = list[int](), texts.tree
    monkeypatch.setattr(texts, "tree", lambda text: read.append(1) or tree(text))
    assert len(told) > 5
    editing.changed(PARTS, {key: value + "1" for key, value in told.items()}, told)
    assert len(read) == 3  # to see what stands there, to write, to prove


DOCUMENTS = sorted((*Path(__file__).parent.glob("**/*.yaml"), *(Path(demo.__file__).parent.glob("rule_*.yaml"))))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_of_every_rule_a_field_changed_and_changed_back_is_the_rule_as_it_was(document: Path) -> None:
    """Three fields of each, by chance that repeats itself, and of three parts a move and its contrary."""
    text = document.read_text(encoding="utf-8")
    chance, cards = random.Random(document.name), fields.cards(text)
    slots = [slot for card in cards for slot in card.slots if slot.value]
    for slot in chance.sample(slots, min(3, len(slots))):
        newer = "2031-12-31" if re.fullmatch(r"\d{4}-\d\d-\d\d", slot.value) else slot.value + "9"
        made = editing.changed(text, {slot.key: newer}, {slot.key: slot.value})
        assert len(made.splitlines()) == len(text.splitlines()) and made != text, slot.key
        assert editing.changed(made, {slot.key: slot.value}, {slot.key: newer}) == text, slot.key
    firsts = [card for card in cards if card.path[-1] == 0 and any(one.path == (*card.path[:-1], 1) for one in cards)]
    for card in chance.sample(firsts, min(3, len(firsts))):
        following = "/".join(map(str, (*card.path[:-1], 1)))
        assert editing.moved(editing.moved(text, card.key, 1), following, -1) == text, card.key
