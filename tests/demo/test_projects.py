"""The projects of the demo, made once: every stage, kind and trouble is there, nothing lies in the future, and the sums are plausible."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from wutong.demo import stage
from wutong.rulebook import load

MAKE = """
import datetime as dt, json, sys, django
django.setup()
from pathlib import Path
from django.core.management import call_command
from django.db.models import Count, Max, Sum
from wutong.demo import brief, papers, people, projects
from wutong.web.projects.models import *
from wutong.web.accounts.models import User
from wutong.web.projects.queries import commitments as promises, paper_pages
from wutong.web.projects.rules.commitments import CommitmentState
call_command("migrate", verbosity=0)
at = dt.datetime.now(dt.UTC).astimezone()
root = Path(sys.argv[1])
with brief.opened(root / "warehouse") as warehouse:
    home = brief.home(warehouse, root)
people.make_once(home, at=at - dt.timedelta(days=1_150))
projects.tell(at=at, new=14, taken_over=26, from_talks=0)
papers.look_after(at=at)
today = at.date()
people_of = {one.username: one for one in User.objects.get_queryset()}
def counts(rows, name):
    return {row[name]: row["n"] for row in rows.order_by().values(name).annotate(n=Count("pk"))}
story = Project.objects.get(firm__name=projects.story.CYLINDER_MAKER.name, phase_of=None)
print(json.dumps({
    "stages": counts(Project.objects.get_queryset(), "stage"), "status": counts(Project.objects.get_queryset(), "status"),
    "kinds": counts(Project.objects.get_queryset(), "kind"), "changes": counts(StageChange.objects.get_queryset(), "kind"),
    "gates": counts(Gate.objects.get_queryset(), "decision"), "steps": counts(FundsReview.objects.get_queryset(), "step"),
    "money": list(
        Project.objects.filter(funds__currency="CNY", funds__reviews__step="accepted").annotate(n=Sum("funds__amount"))
        .values_list("n", "total_yuan")
    ),
    "figures": list(
        Project.objects.filter(kind="industry")
        .values_list("total_yuan", "land_mu", "jobs", "tax_yuan_a_year", "output_yuan_a_year")
    ),
    "future": [
        StageChange.objects.filter(occurred_on__gt=today).count() + StageChange.objects.filter(at__gt=at).count(),
        Node.objects.filter(done_on__gt=today).count(), Evidence.objects.filter(at__gt=at).count(),
        FundsEntry.objects.filter(at__gt=at).count(), FundsReview.objects.filter(at__gt=at).count(),
        Gate.objects.filter(asked_at__gt=at).count(),
    ],
    "hours": sorted({django.utils.timezone.localtime(one).hour for one in StageChange.objects.values_list("at", flat=True)}),
    "late": Node.objects.due().filter(due_on__lt=today).count(), "hidden": Project.objects.exclude(not_provided=[]).count(),
    "foreign": Project.objects.filter(origin_kind="foreign").count(),
    "rates": sorted(set(ExchangeRate.objects.values_list("source", flat=True))),
    "months": FundsMonth.objects.count(), "departments": sorted(set(Node.objects.values_list("owner__username", flat=True)) - {None}),
    "agreements": counts(Agreement.objects.get_queryset(), "state"), "offers": counts(Offer.objects.get_queryset(), "level"),
    "versions": AgreementVersion.objects.filter(number__gt=1).count(), "opinions": counts(Opinion.objects.get_queryset(), "result"),
    "promises": {state.value: len([1 for line in promises.lines(Commitment.objects.get_queryset(), today) if line.state is state])
        for state in CommitmentState},
    "contracts_missing": Project.objects.filter(changes__to_stage="signed").exclude(agreements__signed_on__isnull=False).count(),
    "broken": [(one.theirs, one.ours) for one in paper_pages.broken(people_of["head"], today, 50)[0]],
    "story": list(story.changes.order_by("pk").values_list("to_stage", flat=True)), "phases": story.phases.count(),
}, default=str))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a small office of the demo holds once its projects are told."""
    there = stage.Stage(tmp_path_factory.mktemp("projects"))
    stage.prepare(there, rulebook=load.rulebook(), today=dt.datetime.now().astimezone().date(), say=lambda _: None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WUTONG_", "DJANGO_"))}
    environment |= {
        "WUTONG_DATA": str(there.root), "WUTONG_WAREHOUSE": str(there.warehouse), "WUTONG_DEMO": "1", "PYTHONPATH": "src",
        "DJANGO_SETTINGS_MODULE": "wutong.demo.settings",
    }  # fmt: skip
    command = [sys.executable, "-c", MAKE, str(there.root)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_projects_stand_at_every_stage_and_of_every_kind(told: dict[str, Any]) -> None:
    assert sum(told["stages"].values()) == 14 + 26 + 1
    assert len(told["stages"]) >= 8 and max(told["stages"].values()) <= 22
    assert len(told["kinds"]) == 8 and told["kinds"]["industry"] > 18


def test_there_is_believable_trouble(told: dict[str, Any]) -> None:
    assert told["status"]["lost"] >= 2 and told["status"]["paused"] >= 1
    assert told["gates"]["agreed"] >= 3 and told["gates"]["declined"] >= 1
    assert told["late"] >= 10 and told["hidden"] >= 8 and told["foreign"] >= 3


def test_nothing_lies_in_the_future_and_changes_are_made_in_working_hours(told: dict[str, Any]) -> None:
    assert told["future"] == [0] * 6
    assert min(told["hours"]) > 8 and max(told["hours"]) <= 17


def test_money_is_reviewed_and_no_project_has_more_than_its_total(told: dict[str, Any]) -> None:
    assert told["steps"]["accepted"] >= 10 and told["steps"]["handed_in"] >= told["steps"]["accepted"] // 2
    assert told["months"] >= 1 and all("虚构" in source for source in told["rates"])
    assert told["money"] and all(float(arrived) <= float(total) for arrived, total in told["money"])


def test_figures_are_in_proportion(told: dict[str, Any]) -> None:
    for total, mu, jobs, tax, output in told["figures"]:
        assert 150 <= float(total) / 10_000 / float(mu) <= 600
        assert jobs is None or 40 <= float(total) / 10_000 / jobs <= 200
        assert tax is None or output is None or 0.02 <= float(tax) / float(output) <= 0.12


def test_one_firm_is_followed_from_the_gap_to_full_capacity(told: dict[str, Any]) -> None:
    assert told["story"] == [
        "talks", "appraisal", "signed", "registered", "land_granted", "started", "completed", "production", "full_capacity",
    ]  # fmt: skip
    assert told["phases"] == 1


def test_departments_own_nodes(told: dict[str, Any]) -> None:
    assert {"land", "ndrc"} <= set(told["departments"])


def test_signed_projects_have_contracts_with_their_papers(told: dict[str, Any]) -> None:
    assert told["agreements"]["signed"] >= 20
    assert told["contracts_missing"] == 0  # so that the rate of funds can be told
    assert told["versions"] and {"favourable", "with_changes"} <= set(told["opinions"])
    assert told["offers"] == {"meeting": 1}


def test_promises_are_kept_late_and_broken(told: dict[str, Any]) -> None:
    found = told["promises"]
    assert all(found[state] for state in ("open", "kept", "kept_late", "broken")), found
    assert found["kept"] > found["broken"]
    assert any(theirs > 1 for theirs, _ours in told["broken"])
