"""Months are reported once and corrected by a later row; photographs keep their place inside; the plan is set as a whole."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from PIL import Image

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.projects.actions import commitments, progress
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.actions.progress import Said
from wutong.web.projects.models import ProgressPhoto, ProgressReport, Project
from wutong.web.projects.queries import agenda, alarms
from wutong.web.projects.queries import progress as told
from wutong.web.projects.rules.commitments import CommitmentKind, Measure, Side
from wutong.web.projects.rules.dispatch import Why
from wutong.web.projects.rules.progress import Alarm, Refusal
from wutong.web.projects.rules.stages import Stage

AT = factories.AT
DAY = AT.date()
MONTH = DAY.replace(day=1)
BEFORE = (MONTH - dt.timedelta(days=1)).replace(day=1)


def reported(project: Project, yuan: int | None = 100, *, month: dt.date = MONTH, **more: Any) -> ProgressReport:
    given = {"by": project.owner, "at": AT, **more}
    said = Said(None if yuan is None else Decimal(yuan), visible="基础施工")
    return progress.report(project=project, month=month, said=said, **given)


def image(project: Project) -> Any:
    file = BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "PNG")
    return factories.attachment(project, project.owner, name="现场.png", content=file.getvalue())


def refused(caught: pytest.ExceptionInfo[progress.Refused]) -> tuple[Refusal, ...]:
    return caught.value.refusals


def test_a_month_is_reported_once_and_corrected_by_a_later_row(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    first = reported(project, month=DAY)
    with pytest.raises(progress.Refused) as caught:
        reported(project)
    assert refused(caught) == (Refusal.MONTH_REPORTED,)
    second = progress.correct(report=first, said=Said(Decimal(90)), reason="多报", by=cast.park_officer, at=AT)
    with pytest.raises(progress.Refused) as caught:
        progress.correct(report=first, said=Said(Decimal(80)), reason="x", by=cast.park_officer, at=AT)
    assert refused(caught) == (Refusal.REPLACED_ALREADY,)
    first.refresh_from_db()
    assert (first.month, first.invested_yuan, second.invested_yuan) == (MONTH, Decimal(100), Decimal(90))
    (line,) = told.of_project(cast.park_officer, project, DAY).reports
    assert (line.report, line.earlier) == (second, (first,))
    actions = set(Entry.objects.filter(object_id=str(project.public_id)).values_list("action", flat=True))
    assert {"projects.report_progress", "projects.correct_progress"} <= actions
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.create(project=project, month=MONTH, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProgressReport.objects.filter(pk=first.pk).update(invested_yuan=1)


def test_less_than_before_needs_a_reason(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    reported(project, 100, month=BEFORE)
    with pytest.raises(progress.Refused) as caught:
        reported(project, 99)
    assert refused(caught) == (Refusal.INVESTED_LESS,)
    assert reported(project, 99, reason="退货").reason == "退货"


def test_a_photograph_hangs_on_the_project_and_its_place_is_not_released(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    report = reported(project)
    with pytest.raises(progress.Refused) as caught:
        progress.add_photo(
            report=report, attachment=factories.attachment(project, cast.park_officer), taken_on=DAY, by=cast.park_officer, at=AT
        )
    assert refused(caught) == (Refusal.NO_IMAGE,)
    elsewhere = image(factories.project(cast.park_officer))
    with pytest.raises(progress.Refused) as caught:
        progress.add_photo(report=report, attachment=elsewhere, taken_on=DAY, by=cast.park_officer, at=AT)
    assert refused(caught) == (Refusal.FILE_ELSEWHERE,)
    place = (Decimal("31.250000"), Decimal("120.500000"))
    given = {"report": report, "attachment": image(project), "taken_on": DAY, "by": cast.park_officer, "at": AT}
    photo = progress.add_photo(**given, lat=place[0], lon=place[1])
    with pytest.raises(progress.Refused) as caught:
        progress.add_photo(**given)
    assert refused(caught) == (Refusal.PHOTO_TWICE,)
    photo = ProgressPhoto.objects.get(pk=photo.pk)
    assert told.released(photo).place is None
    (line,) = told.of_project(cast.park_officer, project, DAY).reports
    assert [one.place for one in line.photos] == [place]


def test_the_plan_is_set_as_a_whole_and_compared(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    progress.set_plan(project=project, points={BEFORE: Decimal(50), MONTH: Decimal(100)}, by=cast.park_officer, at=AT)
    reported(project, 60)
    found = told.of_project(cast.park_officer, project, DAY)
    assert [(one.month, one.planned_yuan, one.invested_yuan) for one in found.curve] == [(BEFORE, 50, None), (MONTH, 100, 60)]
    with pytest.raises(progress.Refused) as caught:
        progress.set_plan(project=project, points={MONTH: Decimal(60)}, by=cast.park_officer, at=AT)
    assert refused(caught) == (Refusal.REASON_MISSING,)
    progress.set_plan(project=project, points={MONTH: Decimal(60)}, reason="调整", by=cast.park_officer, at=AT)
    found = told.of_project(cast.park_officer, project, DAY)
    assert (found.plan_edition_no, found.plan_reason, [one.share for one in found.curve]) == (2, "调整", [1])


def test_a_started_project_behind_its_plan_and_one_that_never_started_are_told_of(cast: Cast) -> None:
    started = factories.bring_on(factories.whole_project(cast.park_officer), Stage.STARTED, by=None)
    progress.set_plan(project=started, points={MONTH: Decimal(100)}, by=cast.park_officer, at=AT)
    reported(started, 60)
    assert [one.alarm for one in told.of_project(cast.park_officer, started, DAY).warned] == [Alarm.STARTED_BUT_SLOW]
    signed = factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED, by=None)
    late = told.of_project(cast.park_officer, signed, DAY + dt.timedelta(days=181)).warned
    assert [(one.alarm, one.days) for one in late] == [(Alarm.SIGNED_NOT_STARTED, 181)]


def test_the_list_of_alarms_and_the_agenda_tell_what_the_page_of_each_project_tells(cast: Cast) -> None:
    slow, silent, below = (factories.bring_on(factories.whole_project(cast.park_officer), Stage.STARTED, by=None) for _ in range(3))
    progress.set_plan(project=slow, points={MONTH: Decimal(100)}, by=cast.park_officer, at=AT)
    reported(slow, 60)
    factories.bring_on(below, Stage.PRODUCTION, by=None)
    said = Said(None, Decimal(1), visible="投产")
    progress.report(project=below, month=MONTH, said=said, by=cast.park_officer, at=AT)
    factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED, by=None)
    on = (MONTH + dt.timedelta(days=62)).replace(day=20)
    for day in (on, on + dt.timedelta(days=500)):  # the second: the output was reported before the months that are compared
        there = list(Project.objects.all())
        own = {one.pk: told.of_project(cast.park_officer, one, day).warned for one in there}
        listed = alarms.warned_of([one.pk for one in there], day)
        assert listed == {key: warned for key, warned in own.items() if warned}
        stuck = {
            one.project.pk: {(why.key, why.elapsed_days, why.share) for why in one.reasons if why.why is Why.ALARM}
            for one in agenda.stuck(cast.park_officer, on=day)
        }
        assert {key: said for key, said in stuck.items() if said} == {
            key: {(one.alarm.value, one.days or 0, "" if one.share is None else str(one.share)) for one in warned}
            for key, warned in listed.items()
        }
        assert Alarm.BELOW_PROMISE in {one.alarm for one in own[below.pk]} or day == on
    assert [one.alarm for one in alarms.warned_of([silent.pk], on)[silent.pk]] == [Alarm.NOT_REPORTED]


def test_the_output_promised_is_what_the_investor_committed_himself_to(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    assert told.facts_of(project, DAY).promised_output_yuan_a_year == Decimal(500_000_000)
    said = Promise(Side.THEIRS, CommitmentKind.OUTPUT, "年产值", Decimal(600_000_000), Measure.YUAN_A_YEAR)
    commitments.promise(project=project, said=said, by=cast.park_officer, at=AT)
    assert told.facts_of(project, DAY).promised_output_yuan_a_year == Decimal(600_000_000)


def test_what_is_promised_for_later_accuses_nobody_before_its_day(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    first, second = DAY + dt.timedelta(days=400), DAY + dt.timedelta(days=800)
    for text, day, million in (("第二年产值", second, 600), ("第一年产值", first, 300)):
        said = Promise(Side.THEIRS, CommitmentKind.OUTPUT, text, Decimal(million * 1_000_000), Measure.YUAN_A_YEAR, due_on=day)
        commitments.promise(project=project, said=said, by=cast.park_officer, at=AT)
    day_before = first - dt.timedelta(days=1)
    found = [told.facts_of(project, day).promised_output_yuan_a_year for day in (day_before, first, second)]
    assert found == [None, Decimal(300_000_000), Decimal(600_000_000)]


def test_an_output_that_was_waived_accuses_nobody(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    said = Promise(Side.THEIRS, CommitmentKind.OUTPUT, "年产值", Decimal(600_000_000), Measure.YUAN_A_YEAR)
    made = commitments.promise(project=project, said=said, by=cast.park_officer, at=AT)
    commitments.ask_waiver(commitment=made, reason="市场变化", by=cast.park_officer, at=AT)
    commitments.answer_waiver(commitment=made, is_granted=True, words="同意", by=cast.bureau_leader, at=AT)
    assert told.facts_of(project, DAY).promised_output_yuan_a_year is None


def test_nobody_from_elsewhere_reports_or_sees(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    reported(project)
    with pytest.raises(progress.NotAllowed):
        reported(project, month=BEFORE, by=cast.other_officer)
    with pytest.raises(progress.NotAllowed):
        progress.set_plan(project=project, points={MONTH: Decimal(1)}, by=cast.other_officer, at=AT)
    assert told.of_project(cast.other_officer, project, DAY).reports == ()
