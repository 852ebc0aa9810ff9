"""Packaged projects: what must be said before a review, who may answer it, when they are aged; and the facts of each kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from wutong.rulebook import opportunities as kinds
from wutong.rulebook.lifecycle import KINDS
from wutong.web.projects.rules import opportunities as rules
from wutong.web.projects.rules.opportunities import Age, Facts, Refusal, Release, Retirement, Said, State, VersionState

DAY = dt.date(2026, 6, 1)
NONE = frozenset(rules.FIGURES) - {"total_yuan"}
SAID = Said("隔膜项目", "Separator", "建线", "A line", "隔膜企业", "storage", "separator", {"total_yuan": "可研"}, NONE, False, None)
DRAFT = Facts(State.DRAFT, Release.NONE, VersionState.DRAFT, frozenset({1}))
REVIEWED = Facts(State.DRAFT, Release.NONE, VersionState.IN_REVIEW, frozenset({1}))
RELEASED = Facts(State.RELEASED, Release.INTERNAL, None, frozenset())
RETIRED = Facts(State.RETIRED, Release.NONE, None, frozenset())


def test_what_lacks_nothing_may_go_to_review() -> None:
    assert rules.refusals_to_submit(DRAFT, SAID, on=DAY) == ()


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (replace(SAID, title_zh=" "), Refusal.TITLE_MISSING),
        (replace(SAID, what_zh=""), Refusal.WHAT_MISSING),
        (replace(SAID, partner_zh=""), Refusal.PARTNER_MISSING),
        (replace(SAID, not_provided=NONE - {"jobs"}), Refusal.FIGURE_OPEN),
        (replace(SAID, figures={"total_yuan": " "}), Refusal.FIGURE_WITHOUT_SOURCE),
        (replace(SAID, not_provided=NONE | {"total_yuan"}), Refusal.FIGURE_TWICE),
        (replace(SAID, has_negative=True), Refusal.FIGURE_NEGATIVE),
        (replace(SAID, chain=""), Refusal.SEGMENT_WITHOUT_CHAIN),
        (replace(SAID, valid_until=DAY), Refusal.VALIDITY_OVER),
    ],
)
def test_each_thing_that_lacks_is_named(said: Said, refusal: Refusal) -> None:
    assert rules.refusals_to_submit(DRAFT, said, on=DAY) == (refusal,)


def test_a_validity_that_ends_the_day_after_still_holds() -> None:
    assert rules.refusals_of_content(replace(SAID, valid_until=DAY + dt.timedelta(days=1)), on=DAY) == ()


def test_open_figures_are_named() -> None:
    assert rules.open_figures(replace(SAID, not_provided=NONE - {"jobs", "land_mu"})) == ("jobs", "land_mu")


def test_whoever_wrote_does_not_review() -> None:
    ask = {"is_agreed": True, "words": "", "on": DAY}
    assert rules.refusals_to_decide(REVIEWED, SAID, person=1, **ask) == (Refusal.SAME_PERSON,)
    assert rules.refusals_to_decide(REVIEWED, SAID, person=2, **ask) == ()
    assert rules.refusals_to_decide(DRAFT, SAID, person=2, **ask) == (Refusal.NOT_IN_REVIEW,)


def test_a_no_says_why_and_a_yes_is_to_what_is_whole() -> None:
    ask = {"person": 2, "on": DAY}
    assert rules.refusals_to_decide(REVIEWED, SAID, is_agreed=False, words=" ", **ask) == (Refusal.REASON_MISSING,)
    thin = replace(SAID, what_zh="")
    assert rules.refusals_to_decide(REVIEWED, thin, is_agreed=False, words="补充", **ask) == ()
    assert rules.refusals_to_decide(REVIEWED, thin, is_agreed=True, words="", **ask) == (Refusal.WHAT_MISSING,)


def test_nothing_is_written_while_it_is_reviewed_or_retired() -> None:
    assert rules.refusals_to_change(REVIEWED) == (Refusal.IN_REVIEW,)
    assert rules.refusals_to_change(RETIRED) == (Refusal.RETIRED,)
    assert rules.refusals_to_change(RELEASED) == ()


def test_the_public_reads_english_too() -> None:
    assert rules.refusals_to_publish(RELEASED, SAID, on=DAY) == ()
    assert rules.refusals_to_publish(RELEASED, replace(SAID, what_en=""), on=DAY) == (Refusal.ENGLISH_MISSING,)
    assert rules.refusals_to_publish(DRAFT, SAID, on=DAY) == (Refusal.NOT_RELEASED,)


def test_a_showing_names_one_and_lies_not_ahead() -> None:
    ask = {"shown_on": DAY, "on": DAY}
    assert rules.refusals_to_promote(RELEASED, named=1, **ask) == ()
    assert rules.refusals_to_promote(RELEASED, named=0, **ask) == (Refusal.NOBODY_NAMED,)
    assert rules.refusals_to_promote(RELEASED, named=2, **ask) == (Refusal.TWO_NAMED,)
    assert rules.refusals_to_promote(RELEASED, named=1, shown_on=DAY + dt.timedelta(days=1), on=DAY) == (Refusal.DAY_TO_COME,)
    assert rules.refusals_to_promote(DRAFT, named=1, **ask) == (Refusal.NOT_RELEASED,)


def test_what_landed_names_its_project_and_everything_else_a_reason() -> None:
    assert rules.refusals_to_retire(RELEASED, why=Retirement.LANDED, has_project=False, words="") == (Refusal.PROJECT_MISSING,)
    assert rules.refusals_to_retire(RELEASED, why=Retirement.LANDED, has_project=True, words="") == ()
    assert rules.refusals_to_retire(RELEASED, why=Retirement.WITHDRAWN, has_project=False, words="") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_retire(RELEASED, why=Retirement.OUT_OF_DATE, has_project=True, words="过时") == (Refusal.PROJECT_NOT_ASKED,)
    assert rules.refusals_to_retire(RETIRED, why=Retirement.WITHDRAWN, has_project=False, words="撤回") == (Refusal.RETIRED,)


def test_only_what_is_retired_is_taken_up_again() -> None:
    assert rules.refusals_to_revive(RETIRED, reason="再议") == ()
    assert rules.refusals_to_revive(RELEASED, reason="再议") == (Refusal.NOT_RETIRED,)
    assert rules.refusals_to_revive(RETIRED, reason=" ") == (Refusal.REASON_MISSING,)


@pytest.mark.parametrize(
    ("days", "age"), [(165, Age.FRESH), (166, Age.SOON), (179, Age.SOON), (180, Age.AGED), (181, Age.AGED)]
)  # fmt: skip
def test_age_counts_from_the_last_touch(days: int, age: Age) -> None:
    on = DAY + dt.timedelta(days=days)
    assert rules.age(DAY, None, on=on, ageing_days=180, reminded_days=14) is age


@pytest.mark.parametrize(("days", "age"), [(15, Age.FRESH), (14, Age.SOON), (1, Age.SOON), (0, Age.EXPIRED)])
def test_a_validity_that_ends_counts_before_age(days: int, age: Age) -> None:
    assert rules.age(DAY, DAY + dt.timedelta(days=days), on=DAY, ageing_days=180, reminded_days=14) is age


def test_every_kind_has_facts_of_its_own() -> None:
    assert set(kinds.kind_facts()) == set(KINDS)
    assert all(kinds.kind_facts().values())


def test_a_misspelt_kind_and_a_fact_named_twice_fail_at_load() -> None:
    with pytest.raises(ValueError, match="industri"):
        kinds.parsed("facts: {industri: []}")
    twice = "facts: {" + ", ".join(f"{kind}: [{{key: a, zh: 甲, en: A}}, {{key: a, zh: 乙, en: B}}]" for kind in KINDS) + "}"
    with pytest.raises(ValueError, match="twice"):
        kinds.parsed(twice)
