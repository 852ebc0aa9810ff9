"""Weights that the office sets itself: tried before they are approved, and in force on the pages of an older registry afterwards."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.test import Client

import fictional
from wutong.rulebook import documents
from wutong.rulebook.documents import Version
from wutong.web.chains.queries import trials
from wutong.web.firms.queries import standing
from wutong.web.firms.queries import trials as firm_trials
from wutong.web.lib import access
from wutong.web.rulebooks.actions import documents as actions
from wutong.web.rulebooks.rules import Step

if TYPE_CHECKING:
    from cast import Cast

DAY = dt.date(2026, 12, 1)
AT = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
LEAF = "targets.weight_capital"
TEXT = f"{LEAF}:\n  source: {{title: 办法, date: 2026-11-20}}\n  values: {{{DAY}: 0}}\n"


def test_a_trial_says_which_target_firms_move_and_by_which_factor(cast: Cast) -> None:
    after = partial(documents.over, versions=(Version("parameters", 1, DAY, TEXT),), asked_on=DAY)
    targets, verdicts = trials.tried(lambda base: base, after, cast.bureau_officer, DAY, fictional.CHAIN)

    assert (fictional.CHAIN in dict(firm_trials.choices(cast.bureau_officer))) and verdicts.rows == ()
    (row,) = [row for row in targets.rows if row[0] == fictional.TARGET]
    assert row[3] != row[4] and "注册资本 -" in row[5]
    same, _ = trials.tried(lambda base: base, lambda base: base, cast.bureau_officer, DAY, fictional.CHAIN)
    assert {row[1] == row[2] and row[3] == row[4] for row in same.rows} == {True}


def test_what_was_approved_ranks_an_older_registry_from_its_day_on_and_a_past_day_by_the_rules_of_that_day(
    cast: Cast, officer: Client, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.DATA = tmp_path
    last = standing.last_day()
    assert last is not None and last < DAY
    version = actions.begin(kind="parameters", text=TEXT, begins_on=DAY, by=cast.bureau_officer, at=AT)
    actions.submit(version=version, note="意见", by=cast.bureau_officer, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        actions.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    with access.on_day(DAY - dt.timedelta(days=1)):
        assert standing.rulebook().number(LEAF, last) == 20
    with access.on_day(DAY):
        assert (standing.rulebook().number(LEAF, last), standing.rulebook(last).number(LEAF, last)) == (0, 20)
        rows = officer.get(f"/chains/{fictional.CHAIN}/targets/", {"segment": fictional.GAP}).context["targets"].rows
        assert {reason.points for row in rows for reason in row.reasons if reason.factor == "capital"} <= {0, None}
        past = officer.get(f"/chains/{fictional.CHAIN}/targets/", {"segment": fictional.GAP, "as_of": last.isoformat()}).context["targets"]
        assert any(reason.points for row in past.rows for reason in row.reasons if reason.factor == "capital")
