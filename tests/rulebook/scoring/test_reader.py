"""Rules written by a reader who had docs/rulebook/scoring.md alone; every figure was worked out by hand before the program was asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wutong.cli.main import main
from wutong.rulebook.scoring import remarks

HERE = Path(__file__).parent / "reader"
Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """`wutong score` of a rule: unit → its result; facts of units may be changed before."""

    def run(name: str, changes: dict[str, dict[str, Any]] | None = None, *, rule: str = "") -> dict[str, Any]:
        given = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        for one in given["units"]:
            for key, value in (changes or {}).get(one["unit"], {}).items():
                one[key] = one[key] | value if isinstance(value, dict) else value
        facts, text = tmp_path / "facts.json", rule or (HERE / f"{name}.yaml").read_text("utf-8")
        facts.write_text(json.dumps(given, ensure_ascii=False), "utf-8")
        (tmp_path / "rule.yaml").write_text(text, "utf-8")
        assert main(["score", str(tmp_path / "rule.yaml"), str(facts), "--json"]) == 0
        return {one["unit"]: one for one in json.loads(capsys.readouterr().out)["results"]}

    return run


@pytest.mark.parametrize(
    ("unit", "items", "told_of"),
    [
        # 30 − 1×5 | 115.2 %: 40 + 15.2×0.2 = 43.04, cut to 43.0 | 3 (一, first) + 1.5 + 2.5; 二 falls to one a quarter | −2
        ("东河县", [25, 43, 7, -2], (73, 2, "一般", ["红榜"])),
        # all tiers | 145.5 %: 45.5×0.2 = 9.1, 8 at most | 6 + 5 = 11, 8 at most; a grade up from the highest stays
        ("西岭县", [30, 48, 8, 0], (86, 1, "优秀", ["红榜"])),
        # 30 − 2×2 | 91.7 %: 8.3 short, one whole 5 % | none | −7, no lower than −5; before 中湖区 by its funds
        ("南塘区", [26, 38, 0, -5], (59, 4, "较差", ["黑榜"])),
        # a target met exactly is neither above nor below; 71 is 一般, one grade up
        ("北坪县", [30, 40, 2, -1], (71, 3, "良好", [])),
        # 69.8 %: 30.2 short, six whole 5 % | the veto sets the grade
        ("中湖区", [30, 28, 1, 0], (59, 5, "较差", ["黑榜"])),
    ],
)
def test_a_county_rule_of_tiers_slopes_bonuses_and_grades_gives_what_was_worked_out_by_hand(
    told: Told, unit: str, items: list[float], told_of: tuple[float, int, str, list[str]]
) -> None:
    found = told("quota")[unit]
    assert [one["points"] for one in found["items"]] == items
    assert (found["total"], found["rank"], found["grade"], found["lists"]) == told_of


LAND = {"四镇": {"records": {"ratings": [{"by": "企业", "score": 75}, {"by": "部门", "score": 60}]}}}
NOT_SAMPLED = {"三镇": {"facts": {"reported": 100, "verified": 100}}}


@pytest.mark.parametrize(
    ("unit", "items", "total", "rank"),
    [
        # 100 and 100 | (85×0.6 + 95×0.4)×20 % | 27 + 2 (44 % growth) | 80 % less 75 % | (5 + 0.5 + 4×0.6)×0.9
        ("一园", [30, 17.8, 29, 10, 7.11], 93.91, 2),
        # 60 and 60 | 76×20 % | 15, no growth | 50 % less 75 %: 12.5, 10 at most | 4×0.4, and 4999 is no 5000
        ("二园", [18, 15.2, 15, 0, 1.6], 49.8, 3),
        # (100×0.6 + 50×0.4)×20 % | 37.5 − 2 | nothing | 8
        ("三镇", [16, 35.5, 0, 8], 59.5, 1),
        # 69×20 % | 50 + 2 (30 % exactly) | 3÷10×20 | spread: 71.8×100÷90
        ("四镇", [13.8, 52, 6, None], 79.78, None),
    ],
)
def test_a_rule_of_parks_and_townships_gives_what_was_worked_out_by_hand(
    told: Told, unit: str, items: list[float | None], total: float, rank: int | None
) -> None:
    found = told("parks", LAND | NOT_SAMPLED)[unit]
    assert [one["points"] for one in found["items"]] == items
    assert (found["total"], found["rank"]) == (total, rank)


def test_a_unit_that_changed_its_group_is_compared_in_both_and_has_both_totals_by_share(told: Told) -> None:
    found = told("parks", LAND | NOT_SAMPLED)["五园"]
    # townships 16.64 + 52 + 19.2 = 87.84, ×100÷90 = 97.6; parks 25.68 + 16.64 + 32 + 10 + 9.6 = 93.92; 97.6×3/9 + 93.92×6/9
    assert (found["total"], found["rank"]) == (95.15, 1)
    assert [one["points"] for one in found["items"]] == [16.64, 52, 19.2, None, 25.68, 16.64, 32, 10, 9.6]
    assert "changed_group:towns=0.3333,parks=0.6667" in found["flags"]


def test_a_class_that_rated_not_is_missing_and_may_give_its_weight_to_the_rest(told: Told) -> None:
    text = (HERE / "parks.yaml").read_text("utf-8").replace("部门: 40%}", "部门: 40%}, empty: spread")
    assert told("parks")["四镇"]["items"][0]["points"] is None
    assert told("parks", rule=text)["四镇"]["items"][0]["points"] == 15  # 75×20 %


def test_a_sample_of_nothing_is_missing_unless_the_rule_says_what_then(told: Told) -> None:
    sampled = "verified: {if: {when: {of: reported, above: 0}, then: verified, else: 1万元}}"
    other = "reported: {if: {when: {of: reported, above: 0}, then: reported, else: 1万元}}"
    text = (HERE / "parks.yaml").read_text("utf-8").replace("{verified: verified, reported: reported}", f"{{{sampled}, {other}}}")
    assert told("parks")["三镇"]["items"][2]["points"] is None
    assert told("parks", rule=text)["三镇"]["items"][2]["points"] == 0


def test_the_table_shows_grades_lists_and_remarks_in_words_also_for_a_unit_that_changed_its_group(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["score", str(HERE / "quota.yaml"), str(HERE / "quota.json")]) == 0
    shown = capsys.readouterr().out
    assert "等次" in shown and "红榜" in shown and "中湖区: 一票否决：发生重大事故，定等次" in shown
    assert main(["score", str(HERE / "parks.yaml"), str(HERE / "parks.json")]) == 0
    shown = capsys.readouterr().out
    assert "五园  95.15" in shown and "三镇: 缺数据：抽查上报数为 0" in shown and "missing" not in shown


@pytest.mark.parametrize(
    ("flag", "zh", "en"),
    [
        ("missing:funds,goal", "缺数据：funds；goal", "missing: funds; goal"),
        ("missing:x=0", "缺数据：x为 0，不能做除数（规则里用 if_zero 或 if 写明怎样算）", "missing: x is 0 (say by if_zero or if)"),
        ("missing:类别=三类", "缺数据：类别为“三类”，规则的表里没有", "missing: 类别 is '三类', not in the rule's table"),
        ("missing:ratings:部门", "缺数据：ratings 里没有“部门”的评分", "missing: no rating by '部门' in ratings"),
        ("veto_unknown:安全:accidents", "能否否决定不了（安全）：缺 accidents", "veto cannot be told (安全): missing accidents"),
        ("veto:安全:last", "一票否决：安全，排最后", "veto: 安全, ranked last"),
        ("grade_moved:大项目:-1", "等次降 1 等：大项目", "grade moved -1: 大项目"),
        ("not_ranked", "只列不排", "listed, not ranked"),
        ("rank_unknown:a", "能否排名定不了：缺 a", "whether it is ranked cannot be told: missing a"),
        ("grade_unknown:大项目:a", "等次定不了（大项目）：缺 a", "grade cannot be told (大项目): missing a"),
        ("list_unknown:红榜:a", "能否上榜定不了（红榜）：缺 a", "list cannot be told (红榜): missing a"),
        ("rank_open", "名次、等次、榜单待定", "rank, grade and lists are open"),
        ("grade_open", "等次、榜单待定", "grade and lists are open"),
        ("grade_kept:大项目:+1", "等次已到最高，不再升：大项目", "grade at the highest already: 大项目"),
        ("grade_kept:迟报:-1", "等次已到最低，不再降：迟报", "grade at the lowest already: 迟报"),
        (
            "rows_passed:项目:2,5",
            "项目第 2、5 条没有计：条件要看的一栏填了“不适用”",
            "项目, rows 2, 5: not counted, as what the condition asks for does not apply",
        ),
        (
            "rows_outside:荣誉:1,+3",
            "荣誉第 1 条等 4 条也计了，日期不在规则有效的年度；不该计的，在 where 里写明起止日期",
            "荣誉, rows 1 and 3 more: counted though its day is of no year in which the rule holds; a where with days leaves it out",
        ),
        ("changed_group:a=0.5,b=0.5", "年中换组，各占 a=0.5,b=0.5", "changed its group, shares a=0.5,b=0.5"),
        ("something", "something", "something"),
    ],
)
def test_a_remark_is_told_in_words(flag: str, zh: str, en: str) -> None:
    assert (remarks.said(flag, "zh"), remarks.said(flag, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("effect: grade, grade: 较差", "effect: grade", "缺少“grade” → 补上：grade: 较差"),
        ("count: whole", "count: whole 5%", "“count”不能是“whole 5%” → 可选：whole、linear"),
        ("by: -1", "by: down", "“by”写成了down → 应写成：30、0.5、80%"),
    ],
)
def test_a_fault_is_told_once_without_what_only_follows_from_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    text = (HERE / "quota.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "rule.yaml").write_text(text.replace(old, new), "utf-8")
    assert main(["score", str(tmp_path / "rule.yaml")]) == 2
    told = [line.split(": ", 1)[1] for line in capsys.readouterr().out.splitlines()]
    assert said in told
    assert not any("各项满分之和" in line for line in told)


def test_a_reward_document_written_from_its_page_alone_gives_what_was_worked_out_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reward", str(HERE / "reward.yaml"), str(HERE / "reward.json")]) == 0
    rows = {line.split()[0]: line.split()[2:] for line in capsys.readouterr().out.splitlines()[1:]}
    assert rows["甲某"] == ["44.4万元"], "12345×3‰ = 37.035, ×1.2 = 44.442, cut; on the ninetieth day"
    assert rows["乙某"][:2] == ["不予奖励", "过期未申报：申报日"], "the ninety-first day"
    assert rows["丙某"][:2] == ["不予奖励", "不重复享受，取高"], "90, 60 at most, and the city gives as much"
    assert rows["丁某"][:2] == ["不予奖励", "不符合条件"], "4999.99"
    assert rows["戊某"] == ["60万元"], "the city gives less"
