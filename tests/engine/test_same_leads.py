"""The duplicate check of first claim: what is the same, suspected or related, and why; how the index is kept. All firms invented."""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wutong.engine import codes, filed_firms, filed_names, name_index, traditional
from wutong.engine.filed_likeness import Kind
from wutong.engine.name_index import NameIndex
from wutong.engine.same_leads import Candidate, Filed, FiledLeads, Numbers, Verdict
from wutong.rulebook import load

NUMBERS = Numbers.on(load.rulebook(), dt.date(2026, 11, 26))
LISTED = Path(__file__).resolve().parents[3] / "shared/data/listed/companies.csv"
SOUZHOU, HANGZHOU = "320500", "330100"
OTHERS = [
    Filed(f"o{at}", (f"{place}{one}{two}{trade}有限公司",))
    for at, (place, one, two, trade) in enumerate(
        (place, one, two, trade)
        for place in ("苏州", "杭州", "新乡", "长沙")
        for one in "华金海东"
        for two in "盛达源泰"
        for trade in ("机械", "贸易", "电子科技")
    )
]
BATTERY = Filed("battery", ("苏州棠岩星垣电池科技有限公司",), place_code=SOUZHOU, products=("锂电池",), amount_wan=50_000)


def found(held: Filed, asked: Filed, *more: Filed) -> Candidate | None:
    """What an index that holds a lead, and others, says of it to one that asks."""
    index = FiledLeads([*OTHERS, held, *more])
    return next((row for row in index.candidates(asked, NUMBERS) if row.key == held.key), None)


def verdict(held: Filed, *called: str, **more: object) -> Verdict | None:
    row = found(held, Filed("asked", called, **more))  # type: ignore[arg-type]
    return row.verdict if row else None


def kinds(row: Candidate | None) -> set[Kind]:
    return {reason.kind for reason in row.reasons} if row else set()


@pytest.mark.parametrize(
    "called",
    [
        "苏州棠岩星垣电池科技有限公司",
        "苏州棠岩星垣电池科技有限责任公司",
        "苏州棠岩星垣电池科技股份有限公司",
        "  苏州 棠岩星垣电池科技有限公司。",
        "蘇州棠岩星垣電池科技有限公司",
        "苏州市棠岩星垣电池科技有限公司",
        "江苏省苏州市棠岩星垣电池科技有限公司",
        "棠岩星垣电池科技（苏州）有限公司",
    ],
)
def test_one_firm_however_its_full_name_is_written(called: str) -> None:
    assert verdict(BATTERY, called) in (Verdict.SAME, Verdict.SUSPECTED)
    assert verdict(BATTERY, called, place_code=SOUZHOU, products=("锂电池",)) is Verdict.SAME


@pytest.mark.parametrize("called", ["棠岩星垣", "棠岩星垣电池", "苏州棠岩星垣", "棠岩星垣电池科技"])
def test_a_short_name_or_brand_is_at_least_suspected(called: str) -> None:
    assert verdict(BATTERY, called, place_code=SOUZHOU, products=("锂电池",)) in (Verdict.SAME, Verdict.SUSPECTED)


@pytest.mark.parametrize(
    ("called", "kind"),
    [
        ("苏州棠岩星元电池科技有限公司", Kind.SLIP_SOUND),
        ("苏州棠星岩垣电池科技有限公司", Kind.SLIP_SWAP),
        ("苏州棠岩垣电池科技有限公司", Kind.SLIP_MISSING),
        ("苏州唐颜星元电池科技有限公司", Kind.SOUND),
        ("棠岩星元电池", Kind.SHORT_SLIP),
    ],
)
def test_slips_of_typing_are_found_and_named(called: str, kind: Kind) -> None:
    row = found(BATTERY, Filed("asked", (called,), place_code=SOUZHOU, products=("锂电池",)))
    assert row is not None and row.verdict in (Verdict.SAME, Verdict.SUSPECTED)
    assert kind in kinds(row)


def test_a_number_that_differs_is_another_works() -> None:
    assert verdict(Filed("first", ("白榆第一液压机械厂",)), "白榆第二液压机械厂") is None


def test_a_former_name_finds_the_firm() -> None:
    renamed = Filed("renamed", ("苏州双穗智能装备有限公司", "苏州青岭液压机械有限公司"))
    assert verdict(renamed, "苏州青岭液压机械有限公司") is Verdict.SAME


def test_the_same_brand_at_another_place_is_not_the_same() -> None:
    assert verdict(BATTERY, "杭州棠岩星垣电池科技有限公司", place_code=HANGZHOU, products=("锂电池",)) is None


def test_a_branch_and_its_sister_are_of_the_group_and_not_the_same() -> None:
    branch = "苏州棠岩星垣电池科技有限公司长沙分公司"
    row = found(BATTERY, Filed("asked", (branch,)))
    assert row is not None and (row.verdict, Kind.BRANCH in kinds(row)) == (Verdict.RELATED, True)
    sister = found(Filed("sister", (branch,)), Filed("asked", ("苏州棠岩星垣电池科技有限公司新乡分公司",)))
    assert sister is not None and (sister.verdict, Kind.SIBLING in kinds(sister)) == (Verdict.RELATED, True)


@pytest.mark.parametrize("called", ["苏州棠岩星垣新能源有限公司", "棠岩星垣电池科技（长沙）有限公司"])
def test_another_legal_person_of_a_rare_brand_is_related(called: str) -> None:
    row = found(Filed("held", ("苏州棠岩星垣电池科技有限公司",)), Filed("asked", (called,)))
    assert row is not None and (row.verdict, Kind.BRAND in kinds(row)) == (Verdict.RELATED, True)


def test_a_brand_that_many_bear_relates_nobody() -> None:
    held = Filed("held", ("苏州棠岩贸易有限公司",))
    others = [
        Filed(f"b{at}", (f"{place}棠岩贸易有限公司",)) for at, place in enumerate(("北京", "天津", "上海", "重庆", "成都", "南京", "武汉"))
    ]
    asked = Filed("asked", ("苏州棠岩机械有限公司",))
    assert found(held, asked) is not None
    assert found(held, asked, *others) is None


def test_the_same_firm_with_another_product_or_place_is_for_a_person_to_decide() -> None:
    name = BATTERY.names[0]
    assert verdict(BATTERY, name, products=("锂电池",), place_code=SOUZHOU) is Verdict.SAME
    other = found(BATTERY, Filed("asked", (name,), products=("储能柜",)))
    away = found(BATTERY, Filed("asked", (name,), place_code=HANGZHOU))
    assert other is not None and (other.verdict, Kind.OTHER_PRODUCT in kinds(other)) == (Verdict.SUSPECTED, True)
    assert away is not None and (away.verdict, Kind.OTHER_PLACE in kinds(away)) == (Verdict.SUSPECTED, True)


def sound_code(first17: str) -> str:
    """A code whose check character is right."""
    return first17 + codes.check_character(first17)


def test_codes_prove_and_disprove() -> None:
    one, two = sound_code("91320500MA1ABCDE1"), sound_code("91330100MA2ABCDE0")
    held = replace(BATTERY, uscc=one)
    assert verdict(held, "苏州棠岩星垣电池科技有限公司", uscc=one.lower()) is Verdict.SAME
    assert verdict(held, "青岭双穗食品有限公司", uscc=one) is Verdict.SUSPECTED, "one code and two names: one of them is wrong"
    assert verdict(held, "苏州棠岩星垣电池科技股份有限公司", uscc=two) is Verdict.RELATED
    assert verdict(held, "苏州棠岩星元电池科技有限公司", uscc=two) is None


def test_firms_that_the_registry_recognised_are_told_apart_by_it() -> None:
    held = replace(BATTERY, firm_id="firm-1")
    assert verdict(held, "青岭食品", firm_id="firm-1") is Verdict.SUSPECTED, "recognised, and yet the names are nothing alike"
    assert verdict(held, "青岭液压", "苏州棠岩星垣电池科技有限公司", firm_id="firm-1") is Verdict.SAME
    assert verdict(held, "苏州棠岩星元电池科技有限公司", firm_id="firm-2") is None


def test_the_registry_recognises_a_firm_by_code_or_name_and_guesses_none() -> None:
    rulebook, day = load.rulebook(), dt.date(2026, 11, 26)
    keys = pl.Series(["苏州棠岩星垣电池科技有限公司", "苏州青岭液压机械有限公司"])
    code = sound_code("91320500MA1ABCDE1")
    regions = filed_names.place_names().regions
    index = NameIndex.over(keys, pl.Series([None, code], dtype=pl.String), np.arange(2, dtype=np.int32), regions)
    ids, numbers = pl.Series(["f0", "f1"]), name_index.Numbers.on(rulebook, day)

    def firm(filed: Filed) -> str | None:
        return filed_firms.recognised(filed, index, ids, numbers, rulebook.number("names.decided_from_share", day)).firm_id

    assert firm(Filed("a", ("苏州棠岩星垣电池科技有限责任公司",))) == "f0"
    assert firm(Filed("a", uscc=code)) == "f1"
    assert firm(Filed("a", ("苏州棠岩星元电池科技有限公司",))) is None
    assert firm(Filed("a")) is None
    assert firm(Filed("a", ("苏州棠岩星垣电池科技有限公司",), firm_id="given")) == "given"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"contacts": ("h1",)}, Verdict.SUSPECTED),
        ({"place_code": SOUZHOU, "products": ("锂电池",), "amount_wan": 52_000}, Verdict.SUSPECTED),
        ({"place_code": SOUZHOU, "products": ("锂电池",)}, None),
        ({"place_code": HANGZHOU, "products": ("锂电池",), "amount_wan": 52_000}, None),
    ],
)
def test_an_investor_who_is_not_named_is_compared_by_the_rest(more: dict[str, object], expected: Verdict | None) -> None:
    held = replace(BATTERY, place_code="320507", contacts=("h1",))
    more = {**more, "place_code": "320507"} if more.get("place_code") == SOUZHOU else more
    assert verdict(held, "某德国电池企业", **more) is expected
    assert found(Filed("nobody", ("某德国电池企业",), **more), replace(held, key="asked")) is None or expected is Verdict.SUSPECTED  # type: ignore[arg-type]


def test_a_contact_that_many_leads_give_says_nothing() -> None:
    held = replace(BATTERY, contacts=("agent",))
    asked = Filed("asked", ("一家食品企业",), contacts=("agent",))
    assert found(held, asked) is not None
    assert found(held, asked, *(Filed(f"m{at}", (f"无关{at}",), contacts=("agent",)) for at in range(25))) is None


def test_two_strangers_of_one_adviser_are_suspected_only_with_more_in_common() -> None:
    held = replace(BATTERY, contacts=("h1",))
    assert verdict(held, "青岭双穗食品有限公司", contacts=("h1",)) is None
    assert (
        verdict(held, "青岭双穗食品有限公司", contacts=("h1",), place_code=SOUZHOU, products=("锂电池",), amount_wan=50_000)
        is Verdict.SUSPECTED
    )


def test_every_reason_says_what_stands_in_ours_and_in_theirs() -> None:
    row = found(BATTERY, Filed("asked", ("苏州棠岩星元电池科技有限公司",), place_code=SOUZHOU, products=("锂电池",), amount_wan=51_000))
    assert row is not None
    told = {reason.kind: (reason.ours, reason.theirs) for reason in row.reasons}
    assert told[Kind.SLIP] == ("元", "垣")
    assert told[Kind.PRODUCT] == ("锂电池", "锂电池")
    assert told[Kind.AMOUNT] == ("51000", "50000")
    assert row.firm_share == pytest.approx(1 / (1 + 2.718281828 ** -sum(reason.points for reason in row.reasons)), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "whole", "core", "places"),
    [
        ("重庆长安汽车股份有限公司", "重庆长安汽车", "长安", ("50",)),
        ("北京汽车集团有限公司", "北京汽车", "北京", ()),
        ("江苏省苏州市棠岩机械有限公司", "江苏省苏州市棠岩机械", "棠岩", ("3205",)),
        ("棠岩（集团）股份有限公司", "棠岩", "棠岩", ()),
        ("棠岩(中国)有限公司", "棠岩", "棠岩", ()),
    ],
)
def test_a_name_is_read_into_region_trade_name_and_form(text: str, whole: str, core: str, places: tuple[str, ...]) -> None:
    read = filed_names.read(text)
    assert (read.whole, read.core, read.places) == (whole, core, places)


def test_traditional_characters_have_one_simplified_each_of_one_sound() -> None:
    pairs = traditional.PAIRS.split()
    assert len({pair[0] for pair in pairs}) == len(pairs)
    assert traditional.simplified("寧德電機（東莞）") == "宁德电机（东莞）"
    assert traditional.simplified("齊魯響水駐馬店") == "齐鲁响水驻马店"
    assert not {pair[0] for pair in pairs} & {pair[1] for pair in pairs}


# Properties.

PARTS = st.tuples(
    st.sampled_from(["", "苏州", "苏州市", "江苏", "杭州"]),
    st.sampled_from(["棠岩", "棠颜", "星垣", "双穗", "华盛", "棠岩星"]),
    st.sampled_from(["", "机械", "液压机械", "食品"]),
    st.sampled_from(["", "有限公司", "股份有限公司", "集团", "(杭州)有限公司", "有限公司新乡分公司"]),
)
FILED = st.builds(
    lambda names, place, products, amount, contacts: Filed("", names, "", place, products, amount, contacts),
    st.lists(PARTS.map("".join) | st.just("某食品企业"), min_size=1, max_size=2).map(tuple),
    st.sampled_from(["", SOUZHOU, "320507", HANGZHOU, "320000"]),
    st.sampled_from([(), ("锂电池",), ("食品", "锂电池隔膜")]),
    st.sampled_from([None, 100.0, 110.0, 5000.0]),
    st.sampled_from([(), ("h1",), ("h2", "h1")]),
)


def keyed(rows: list[Filed]) -> list[Filed]:
    return [replace(row, key=f"k{at}") for at, row in enumerate(rows)]


def told(index: FiledLeads, rows: list[Filed]) -> list[list[Candidate]]:
    return [index.candidates(row, NUMBERS, top=1000) for row in rows]


@settings(max_examples=12)
@given(st.lists(FILED, min_size=2, max_size=7))
def test_what_two_leads_are_to_each_other_does_not_depend_on_who_asks(rows: list[Filed]) -> None:
    leads = keyed(rows)
    index = FiledLeads(leads)
    judged = {
        (lead.key, row.key): (row.verdict, round(row.firm_share, 9)) for lead in leads for row in index.candidates(lead, NUMBERS, top=1000)
    }
    assert all(judged.get((theirs, ours)) == said for (ours, theirs), said in judged.items())


@settings(max_examples=12)
@given(st.lists(FILED, min_size=1, max_size=7), st.lists(FILED, max_size=4), st.randoms(use_true_random=False))
def test_an_index_that_was_changed_answers_as_one_built_anew(rows: list[Filed], passing: list[Filed], chance: random.Random) -> None:
    leads = keyed(rows)
    changed = FiledLeads(replace(row, key=f"p{at}") for at, row in enumerate(passing))
    for lead in leads:
        changed.put(replace(lead, names=("苏州棠岩机械有限公司",)))
    shuffled = leads[:]
    chance.shuffle(shuffled)
    for lead in shuffled:
        changed.candidates(lead, NUMBERS)
        changed.put(lead)
    for at in range(len(passing)):
        changed.remove(f"p{at}")
    changed.remove("never there")
    assert told(changed, leads) == told(FiledLeads(leads), leads)
    assert len(changed) == len(leads) and all(lead.key in changed for lead in leads)


def test_a_lead_never_finds_itself_and_an_empty_index_finds_nothing() -> None:
    assert FiledLeads([BATTERY]).candidates(BATTERY, NUMBERS) == []
    assert FiledLeads().candidates(BATTERY, NUMBERS) == []
    assert FiledLeads([BATTERY]).candidates(Filed("nothing"), NUMBERS) == []


def test_short_names_of_listed_companies_find_their_leads_and_no_others() -> None:
    """The figures over 100,000 leads stand in benchmarks/README.md; here 800 leads and 40 questions, with a margin."""
    if not LISTED.exists():
        pytest.skip("needs ../shared/data: listed/companies.csv")
    with LISTED.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["short_name"], row["name"]) for row in csv.DictReader(file)][:2400:3]
    index = FiledLeads(Filed(full, (full,)) for _, full in rows)
    right = wrong = 0
    for short, full in rows[::20]:
        keys = [row.key for row in index.candidates(Filed("asked", (short,)), NUMBERS) if row.verdict is not Verdict.RELATED]
        right += full in keys
        wrong += len(keys) - (full in keys)
    assert right >= 28, "31 when measured on 2026-11-26"
    assert wrong <= 3, "1 when measured"
