"""What is done with a kept run no more than is needed: its hash computed when asked for, its rule read once, others looked up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT
from wutong.rulebook.formulas.conditions import Not
from wutong.rulebook.formulas.faults import Fault, RuleError
from wutong.rulebook.scoring.shape import Ranking, Veto
from wutong.web.assessment.actions import ranking, runs
from wutong.web.assessment.models import Run, RunUnit
from wutong.web.assessment.queries import pages, places, soundness, versions
from wutong.web.assessment.rules.runs import Refusal
from wutong.web.lib.health import State

ClientOf = Callable[[str], Client]


def test_the_hash_of_a_kept_run_is_computed_by_whoever_asks_and_by_the_doctor_alone(
    run: Run, cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("bureau_leader")
    address, told = reverse("assessment:run", args=[run.public_id]), list[int]()
    monkeypatch.setattr(pages, "is_sound", lambda run: told.append(run.pk) or len(told) == 1)
    assert "?verify=1" in client.get(address).content.decode() and told == []
    assert "刚才重新计算，哈希值一致" in client.get(address + "?verify=1").content.decode()
    assert "存档与冻结时不一致" in client.get(address + "?verify=1").content.decode()
    assert [one.state for one in soundness.findings(AT) if one.code == "assessment.runs"] == [State.FAULT]
    monkeypatch.undo()
    assert [one.state for one in soundness.findings(AT) if one.code == "assessment.runs"] == [State.WELL]


def test_a_text_is_read_once_however_often_its_rule_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reads(text: str, *, file: str) -> Any:
        read.append(text)
        if text == "odd":
            raise RuleError([Fault(file, 1, "no_yaml")])
        return text

    monkeypatch.setattr(versions.reading, "rule_from", reads)
    kept = versions._Kept(10)
    assert [kept.rule("first"), kept.rule("first")] == ["first", "first"]
    for _each in range(2):
        with pytest.raises(RuleError, match=r"rule\.yaml:1"):
            kept.rule("odd")
    assert read == ["first", "odd"]
    kept.rule("second")  # fourteen characters: what was asked for the longest time ago goes
    kept.rule("second")
    kept.rule("first")
    assert read == ["first", "odd", "second", "first"]


def test_what_moves_a_unit_up_reads_no_other_unit_but_its_rank_and_total(published: Run, cast: Cast) -> None:
    found = RunUnit.objects.get(run=published, unit=cast.units["zone"])
    with CaptureQueriesContext(connection) as asked:
        places.lifts(found)
    assert not any('"result"' in one["sql"] or '"facts"' in one["sql"] for one in asked.captured_queries)


def test_a_rule_that_is_no_longer_read_as_it_was_is_told_and_no_fault_of_the_page(
    published: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(row: RunUnit) -> Any:
        raise RuleError([Fault("rule.yaml", 3, "long_chain", expected="80")])

    monkeypatch.setattr(places, "lifts", refuses)
    found = RunUnit.objects.get(run=published, unit=cast.units["zone"])
    with pytest.raises(ranking.NotWorkedOut, match=r"^rule\.yaml:3: "):
        ranking.next_place(row=found, by=cast.park_officer, at=AT)


def test_who_is_vetoed_to_the_end_and_what_decides_between_equals_are_read_from_what_was_kept(published: Run, cast: Cast) -> None:
    rule = versions.rule_of(published.version)
    told = rule.groups[next(iter(rule.groups))]
    item = next(one for one in told.all_items() if one.code == "satisfied")
    veto = Veto("否决", "veto", Not(1, {"of": None}), "last")
    told = replace(told, vetoes=(veto,), ranking=replace(told.ranking or Ranking(), then=(item,)))
    (other,) = places._stand(RunUnit.objects.get(run=published, unit=cast.units["zone"]), told).others
    county = RunUnit.objects.get(run=published, unit=cast.units["county"])
    kept = next(one["points"] for one in county.result["items"] if one["id"] == "satisfied")
    assert (other.unit, other.total, other.rank, other.is_last) == (county.name, county.total_points, 1, False)
    assert other.then() == (Fraction(kept),) == other.then()


# --- approved rules in which this release finds faults ------------------------------------------------------------------------------------
def test_an_approved_rule_with_faults_is_told_and_no_older_one_takes_its_place(
    run: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = assessed.approved(run.scheme, cast, assessed.TEXT.replace("cap: 100%", "cap: 110%"))
    read_of = versions.read_of
    monkeypatch.setattr(versions, "read_of", lambda scheme, text: (None, ()) if text == newer.text else read_of(scheme, text))
    with pytest.raises(runs.Refused) as refused:
        assessed.drafted(run.scheme, cast)
    assert (refused.value.refusals, refused.value.about) == ((Refusal.RULE_UNREADABLE,), newer)
    assert versions.unreadable(run.scheme, dt.date(2027, 1, 1)) is None, "on that day it would not hold anyway"


def test_an_approved_rule_with_faults_is_named_with_line_and_remedy_by_page_refusal_and_doctor(
    run: Run, cast: Cast, client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = assessed.approved(run.scheme, cast, assessed.TEXT.replace("cap: 100%", "cap: 110%"))
    fault, read_of = Fault("rule.yaml", 7, "too_fine"), versions.read_of
    monkeypatch.setattr(versions, "read_of", lambda scheme, text: (None, (fault,)) if text == newer.text else read_of(scheme, text))
    (found,) = [one for one in soundness.findings(AT) if one.code == "assessment.rules"]
    assert found.state == State.FAULT and "第 7 行" in found.remedy
    client = client_of("assessor")
    monkeypatch.setattr(pages.access, "today", lambda: assessed.ON)
    assert "第 7 行" in client.get(f"/assessment/schemes/{run.scheme.public_id}/").content.decode()
    given = {"title": "x", "starts_on": "2026-01-01", "on": str(assessed.ON)}
    assert "第 7 行" in client.post(f"/assessment/schemes/{run.scheme.public_id}/runs/new/", given).content.decode()


@pytest.mark.parametrize(
    "valid, may",
    [
        ("{from: 2026-01-01, to: 2027-01-01}", True),
        ("{from: 2026-11-20}", True),
        ("{from: 2026-11-21}", False),
        ("{from: 2026-01-01, to: 2026-11-20}", False),
        ("\n  from: 2026-01-01\n  to: 2026-11-20", False),
        ("soon", True),
    ],
)
def test_a_text_that_cannot_be_read_holds_by_the_days_that_it_names(valid: str, may: bool) -> None:
    assert versions._may_hold(f"rule: x\nvalid: {valid}\nfacts:\n  a: {{from: 2030-01-01}}\n", dt.date(2026, 11, 20)) is may
