"""The assessments of the demo: rules whose points add up, a run of each scheme a month, bulletins numbered without gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from django.test import override_settings

from wutong.demo import assessing, assessing_officers, goals, outputs, people, rewarding
from wutong.rulebook.scoring import reading
from wutong.web.assessment.models import Bulletin, BulletinEdit, FactEntry, Finding, Objection, ObjectionFile, RewardClaim, Run
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import JobState

pytestmark = pytest.mark.django_db  # so that the database is there for what the module tells once
COUNTIES = tuple(people.Area(f"91022{number}", f"甲{number}县") for number in range(1, 5))
ZONES = (people.Area("910202", "凤栖高新区", "fengqi-hitech"), people.Area("910203", "凤栖经开区", "fengqi-etdz"))
TOWNSHIPS = (people.Area("910221", "栖桥镇", "xiqiao-town"), people.Area("910222", "鹿鸣乡", "luming-township"))
HOME = people.Home("910200", "凤栖市", COUNTIES, ZONES, "澜海", TOWNSHIPS)


def _told(at: dt.datetime) -> dict[str, Any]:
    runs = list(Run.objects.order_by("pk").select_related("scheme"))
    rows = [(one.pk, row.group, row.rank, row.total_points) for one in runs for row in one.units.all()]
    ranked: dict[tuple[int, str], list[tuple[int, Any]]] = {}
    for run, group, rank, total in rows:
        if rank is not None:
            ranked.setdefault((run, group), []).append((rank, total))
    return {
        "ends": list(assessing.month_ends(at.date())),
        "runs": [(one.scheme.code, one.on, one.state, one.supersedes_id is not None) for one in runs],
        "ranked": [sorted(found, key=lambda row: row[0]) for found in ranked.values()],
        "missing": sum(total is None for *_, total in rows),
        "by_hand": set(FactEntry.objects.filter(scheme__code=assessing.AREAS).values_list("fact", flat=True)),
        "behind": {
            kind
            for one in Run.objects.filter(scheme__code=assessing.AREAS)
            for row in one.units.all()
            for kind, _key in row.evidence["funds_target"]["behind"]
        },
        "away": {
            (row.unit.kind, row.facts["facts"]["away_target"])
            for one in runs if one.scheme.code == assessing.OFFICES for row in one.units.select_related("unit")
        },
        "proofs": ObjectionFile.objects.count(),
        "future": Run.objects.filter(Q(frozen_at__gt=at + dt.timedelta(minutes=30)) | Q(published_at__gt=at)).count(),
        "bulletins": [
            (one.year, one.number, one.state, sorted(one.files.values_list("form", flat=True))) for one in Bulletin.objects.order_by("pk")
        ],
        "edits": BulletinEdit.objects.count(), "objections": sorted(Objection.objects.values_list("state", flat=True)),
        "jobs": set(Job.objects.filter(kind__startswith="assessment.").values_list("state", flat=True)),
    }  # fmt: skip


def _of_officers(at: dt.datetime) -> dict[str, Any]:
    runs = Run.objects.filter(scheme__code=assessing_officers.CODE)
    return {
        "officers": [
            (one.state, [(row.person is not None, row.total_points is not None, row.group) for row in one.units.all()]) for one in runs
        ],
        "remedies": sorted(Finding.objects.filter(result__isnull=False).values_list("state", flat=True)),
        "late": Finding.objects.filter(Q(at__gt=at) | Q(rectified_at__gt=at) | Q(closed_at__gt=at)).count(),
    }  # fmt: skip


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """What an office of the demo without projects holds once its assessments are told; made once, and taken back."""
    at = dt.datetime.now(dt.UTC).astimezone()
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        people.make_once(HOME, at=at - dt.timedelta(days=1_150))
        goals.tell(at=at)
        assessing.tell(at=at)
        found = _told(at)
        assessing_officers.tell(at=at)
        found |= _of_officers(at)
        rewarding.tell(at=at)
        found["places"] = [
            (one.state, one.run.on, one.claimed_at >= one.run.published_at, [str(sheet.amount_yuan) for sheet in one.sheets.all()])
            for one in RewardClaim.objects.order_by("pk").select_related("run")
        ]
        transaction.set_rollback(True)
    yield found


@pytest.mark.parametrize("plan", assessing.PLANS, ids=lambda plan: plan.code)
def test_a_rule_is_fictional_and_its_points_add_up_to_a_hundred_in_every_group(plan: assessing.Plan) -> None:
    text = (resources.files("wutong.demo") / plan.file).read_text("utf-8").replace("FIRST", "2025")
    rule = reading.rule_from(text, file=plan.file)
    assert "虚构" in rule.source.title and set(rule.groups) == {group for _kind, group in plan.groups}
    assert text.count("full_points: 100") == len(rule.groups)  # which reading compares with the sum


@pytest.mark.parametrize(
    "today, last", [(dt.date(2026, 11, 11), "2026-09-30"), (dt.date(2026, 11, 12), "2026-10-31"), (dt.date(2026, 1, 20), "2025-12-31")]
)
def test_the_last_month_told_of_is_one_whose_publication_is_over(today: dt.date, last: str) -> None:
    ends = list(assessing.month_ends(today))
    assert str(ends[-1]) == last and len(ends) == assessing.MONTHS and ends == sorted(set(ends))


def test_each_scheme_has_a_published_run_for_every_month_and_one_that_waits_for_approval(told: dict[str, Any]) -> None:
    for code in (assessing.AREAS, assessing.OFFICES):
        mine = [one for one in told["runs"] if one[0] == code]
        replaced = {one[1] for one in mine if one[3]}
        first = [one for one in mine if not one[3]]
        assert [one[1] for one in first[:-1]] == told["ends"] and first[-1][2] == "frozen"
        assert [one[1] for one in mine if one[2] == "published"] == told["ends"], "of a month with an upheld objection the corrected run"
        assert {one[1] for one in first[:-1] if one[2] == "frozen"} == replaced


def test_an_objection_was_upheld_and_its_run_replaced_one_was_dismissed_one_is_open(told: dict[str, Any]) -> None:
    assert told["objections"] == ["dismissed", "open", "upheld"]
    assert [one[2] for one in told["runs"] if one[3]] == ["published"]
    assert told["proofs"] == len(told["objections"]), "each with its evidence"


def test_targets_of_counties_and_zones_are_their_goals_and_nothing_typed(told: dict[str, Any]) -> None:
    assert not {one for one in told["by_hand"] if one.endswith("_target")}
    assert told["behind"] == {"assessment.Goal"}


def test_days_away_of_departments_and_townships_are_asked_by_a_set_of_goals(told: dict[str, Any]) -> None:
    assert told["away"] == {(kind, str(days)) for kind, days in goals.AWAY_DAYS.items()}


def test_the_first_of_each_group_of_the_last_whole_year_is_rewarded_for_the_place(told: dict[str, Any]) -> None:
    assert [one[0] for one in told["places"]] == ["approved", "computed"] and {one[3][-1] for one in told["places"]} == {"100000.00"}
    assert {(on.month, on.day, is_after) for _state, on, is_after, _sheets in told["places"]} == {(12, 31, True)}


@pytest.mark.parametrize(
    "now, told_of",
    [
        ((2026, 4, 20, 10, 15), []), ((2026, 4, 20, 10, 16), ["2026年1—3月工业统计快报"]),
        ((2026, 11, 27, 9, 0), ["2026年1—3月工业统计快报", "2026年1—6月工业统计快报", "2026年1—9月工业统计快报"]),
    ],
)  # fmt: skip
def test_output_is_told_of_the_quarters_that_statistics_are_out_for(now: tuple[int, ...], told_of: list[str]) -> None:
    found = list(outputs._reports(2026, dt.datetime(*now, tzinfo=dt.UTC)))  # type: ignore[arg-type]
    assert [source for _when, _part, source, _is_estimated in found] == told_of and all(one[3] for one in found)
    assert [one[3] for one in outputs._reports(2025, dt.datetime(*now, tzinfo=dt.UTC))] == [True, True, True, False]  # type: ignore[arg-type]


def test_ranks_begin_with_one_and_go_by_the_total(told: dict[str, Any]) -> None:
    for rows in told["ranked"]:
        ranks, totals = [rank for rank, _ in rows], [total for _, total in rows]
        assert ranks[0] == 1 and totals == sorted(totals, reverse=True)
        assert all(rank <= place for place, rank in enumerate(ranks, 1))
    assert told["missing"] == 2


def test_bulletins_are_numbered_without_gaps_and_the_last_waits_for_its_signature(told: dict[str, Any]) -> None:
    *out, last = told["bulletins"]
    years = sorted({year for year, *_ in out})
    for year in years:
        numbers = [number for one, number, *_ in out if one == year]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len(told["bulletins"]) >= assessing.MONTHS + 2 and last[1:3] == (None, "draft")
    assert {state for _, _, state, _ in out} == {"archived", "signed"} and all({"docx", "xlsx"} <= set(forms) for *_, forms in out)
    assert told["edits"] == len(assessing.EDITED)


def test_nothing_lies_in_the_future_and_no_job_is_left_over(told: dict[str, Any]) -> None:
    assert told["future"] == 0
    assert told["jobs"] == {JobState.DONE}


def test_officers_are_measured_as_persons_in_published_runs_with_nothing_missing(told: dict[str, Any]) -> None:
    assert [state for state, _rows in told["officers"]] == ["published"] * assessing_officers.MONTHS
    for _state, rows in told["officers"]:
        assert len(rows) >= 8 and {row[:2] for row in rows} == {(True, True)} and {row[2] for row in rows} == {"bureau", "areas"}


def test_the_last_of_the_areas_are_asked_for_a_remedy_and_none_is_told_of_the_future(told: dict[str, Any]) -> None:
    assert {"closed", "open"} <= set(told["remedies"]) and told["late"] == 0
