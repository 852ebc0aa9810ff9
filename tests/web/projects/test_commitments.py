"""Promises of both sides are entered, done with a proof, waived by two, replaced and never overwritten; ours are duties."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.projects.actions import commitments, evidence, stages
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.models import Commitment, CommitmentMark, Project
from wutong.web.projects.queries import commitments as promises
from wutong.web.projects.rules.commitments import CommitmentKind, CommitmentState, Measure, Refusal, Side

AT = factories.AT
DAY = AT.date()
DUE = DAY + dt.timedelta(days=60)


def said(project: Project, side: Side = Side.OURS, **more: Any) -> Promise:
    given = {"kind": CommitmentKind.SUPPORT, "text": "年内通双回路供电", "due_on": DUE, "unit": project.unit if side == Side.OURS else None}
    return Promise(side, **{**given, **more})


def promised(project: Project, side: Side = Side.OURS, **more: Any) -> Commitment:
    return commitments.promise(project=project, said=said(project, side, **more), by=project.owner, at=AT)


def jobs(project: Project) -> Commitment:
    more = {"kind": CommitmentKind.JOBS, "text": "带动就业", "amount": Decimal(200), "measure": Measure.PERSONS}
    return promised(project, Side.THEIRS, **more)


def state(project: Project, user: Any, on: dt.date) -> list[CommitmentState]:
    found = promises.of_project(user, project, on)
    return [one.state for one in (*found.ours, *found.theirs, *found.replaced)]


def test_a_promise_is_kept_by_its_proof(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project)
    with pytest.raises(commitments.Refused) as caught:
        commitments.mark_done(commitment=made, done_on=DAY, by=cast.park_officer, at=AT)
    assert caught.value.refusals == (Refusal.PROOF_MISSING,)
    foreign = factories.attachment(factories.project(cast.park_officer), cast.park_officer)
    with pytest.raises(commitments.Refused) as caught:
        commitments.mark_done(commitment=made, done_on=DAY, attachment=foreign, by=cast.park_officer, at=AT)
    assert caught.value.refusals == (Refusal.FILE_ELSEWHERE,)
    commitments.mark_done(
        commitment=made, done_on=DAY, attachment=factories.attachment(project, cast.park_officer), by=cast.park_officer, at=AT
    )
    assert state(project, cast.park_officer, DUE) == [CommitmentState.KEPT]
    told = set(Entry.objects.filter(object_id=str(project.public_id)).values_list("action", flat=True))
    assert {"projects.promise", "projects.mark_promise"} <= told


def test_evidence_of_the_project_proves_too_until_it_is_withdrawn(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = jobs(project)
    paper = factories.proof(project, "contract", number="1", by=cast.park_officer)
    commitments.mark_done(commitment=made, done_on=DAY, amount=Decimal(120), evidence=paper, by=cast.park_officer, at=AT)
    (line,) = promises.of_project(cast.park_officer, project, DUE + dt.timedelta(days=1)).theirs
    assert (line.state, line.reached_amount, line.kept_on) == (CommitmentState.BROKEN, Decimal(120), None)
    evidence.withdraw(evidence=paper, reason="x", by=cast.park_officer, at=AT)
    (line,) = promises.of_project(cast.park_officer, project, DUE).theirs
    assert (line.reached_amount, [one.is_unproved for one in line.marks]) == (None, [True])
    with pytest.raises(commitments.Refused) as caught:
        commitments.mark_done(commitment=made, done_on=DAY, amount=Decimal(200), evidence=paper, by=cast.park_officer, at=AT)
    assert caught.value.refusals == (Refusal.FILE_ELSEWHERE,)


def test_a_promise_is_open_again_once_its_proof_is_withdrawn_and_the_audit_says_so(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project)
    paper = factories.proof(project, "contract", number="1", by=cast.park_officer)
    commitments.mark_done(commitment=made, done_on=DAY, evidence=paper, by=cast.park_officer, at=AT)
    assert not Commitment.objects.open().exists()
    evidence.withdraw(evidence=paper, reason="x", by=cast.park_officer, at=AT)
    assert state(project, cast.park_officer, DAY) == [CommitmentState.OPEN]
    assert Commitment.objects.open().get() == made
    entry = Entry.objects.filter(action="projects.withdraw_evidence").last()
    assert entry is not None and entry.changes["promises_reopened"] == 1
    again = factories.proof(project, "contract", number="2", by=cast.park_officer)
    commitments.mark_done(commitment=made, done_on=DAY, evidence=again, by=cast.park_officer, at=AT)
    assert state(project, cast.park_officer, DAY) == [CommitmentState.KEPT]


def test_a_waiver_takes_two_persons(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = jobs(project)
    commitments.ask_waiver(commitment=made, reason="市场下行", by=cast.park_officer, at=AT)
    with pytest.raises(commitments.NotAllowed):
        commitments.answer_waiver(commitment=made, is_granted=True, by=cast.park_officer, at=AT)
    mark = commitments.answer_waiver(commitment=made, is_granted=True, by=cast.bureau_leader, at=AT)
    assert (mark.asked_by, mark.by) == (cast.park_officer, cast.bureau_leader)
    assert state(project, cast.park_officer, DAY) == [CommitmentState.WAIVED]
    other = jobs(project)
    commitments.ask_waiver(commitment=other, reason="x", by=cast.bureau_leader, at=AT)
    with pytest.raises(commitments.Refused) as caught:
        commitments.answer_waiver(commitment=other, is_granted=True, by=cast.bureau_leader, at=AT)
    assert caught.value.refusals == (Refusal.SAME_PERSON,)


def test_another_promise_takes_its_place_and_the_old_one_stays(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project)
    sooner = said(project, due_on=DUE - dt.timedelta(days=1))
    other = commitments.replace(commitment=made, said=sooner, reason="补充协议", by=cast.park_officer, at=AT)
    made.refresh_from_db()
    assert (made.due_on, other.due_on, other.replaces, other.reason) == (DUE, DUE - dt.timedelta(days=1), made, "补充协议")
    found = promises.of_project(cast.park_officer, project, DAY)
    assert ([one.commitment for one in found.ours], [one.commitment for one in found.replaced]) == ([other], [made])
    with pytest.raises(commitments.Refused) as caught:
        commitments.replace(commitment=made, said=sooner, reason="x", by=cast.park_officer, at=AT)
    assert caught.value.refusals == (Refusal.REPLACED_ALREADY,)


def test_a_mark_that_was_wrong_is_taken_back(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project)
    proof = factories.attachment(project, cast.park_officer)
    mark = commitments.mark_done(commitment=made, done_on=DAY, attachment=proof, by=cast.park_officer, at=AT)
    assert not Commitment.objects.open().exists()
    commitments.take_mark_back(mark=mark, reason="误录", by=cast.park_officer, at=AT)
    assert state(project, cast.park_officer, DAY) == [CommitmentState.OPEN]
    assert (Commitment.objects.open().count(), CommitmentMark.objects.count()) == (1, 2)


def test_our_open_promises_with_a_day_are_duties_of_the_unit_in_charge(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project, owner=cast.park_officer)
    promised(project, due_on=None)
    jobs(project)
    rows = list(promises.rows(cast.park_officer, DAY))
    assert [(row["d_key"], row["d_due"], row["d_owner"], row["d_unit"]) for row in rows] == [
        (made.public_id, DUE, cast.park_officer.pk, project.unit_id)
    ]  # fmt: skip
    assert list(promises.rows(cast.other_officer, DAY)) == []
    drawn = promises.drawn(cast.park_officer, [made.public_id])[made.public_id]
    assert (drawn.name, drawn.title, drawn.is_kept) == (project.name_zh, "年内通双回路供电", False)
    assert promises.people([made.public_id]) == {made.public_id: (cast.park_officer,)}
    stages.pause(project=project, reason="x", by=None, at=AT)
    assert list(promises.rows(cast.park_officer, DAY)) == []


def test_nobody_from_elsewhere_promises_or_sees(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project)
    with pytest.raises(commitments.NotAllowed):
        commitments.promise(project=project, said=said(project), by=cast.other_officer, at=AT)
    with pytest.raises(commitments.NotAllowed):
        commitments.ask_waiver(commitment=made, reason="x", by=cast.other_officer, at=AT)
    assert state(project, cast.other_officer, DAY) == []


def test_promises_of_a_leaver_go_to_whoever_takes_over(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = promised(project, owner=cast.park_officer)
    assert commitments.hand_over(from_user=cast.park_officer, to_user=cast.bureau_officer, by=None, at=AT) == 1
    made.refresh_from_db()
    assert made.owner == cast.bureau_officer
    for change in ({"text": "x"}, {"due_on": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Commitment.objects.filter(pk=made.pk).update(**change)
    proof = factories.attachment(project, cast.park_officer)
    commitments.mark_done(commitment=made, done_on=DAY, attachment=proof, by=None, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        Commitment.objects.filter(pk=made.pk)._raw_delete("default")  # past Django's own protection: the database itself
    promised(project).delete()  # nothing was entered about it: an import that is undone takes it back


@pytest.mark.parametrize("after", [0, 60, 61], ids=["months before its day", "on its day", "once it is broken"])
@pytest.mark.parametrize(
    "eased",
    [{"due_on": DUE + dt.timedelta(days=1)}, {"due_on": None}, {"amount": Decimal("199.99")}, {"amount": None, "measure": None},
     {"measure": Measure.MU}, {"kind": CommitmentKind.OTHER}],
    ids=["later", "no day", "less", "not counted", "in another measure", "another thing"],
)  # fmt: skip
def test_nobody_eases_a_promise_alone_whenever_he_does_it(cast: Cast, after: int, eased: dict[str, Any]) -> None:
    project = factories.project(cast.park_officer)
    made, at = jobs(project), AT + dt.timedelta(days=after)
    counted = {"kind": CommitmentKind.JOBS, "amount": Decimal(200), "measure": Measure.PERSONS}
    instead = said(project, Side.THEIRS, **{**counted, **eased})
    with pytest.raises(commitments.Refused) as caught:
        commitments.replace(commitment=made, said=instead, reason="补充协议", by=cast.park_officer, at=at)
    assert caught.value.refusals == (Refusal.EASED_ALONE,)
    assert commitments.replace(commitment=made, said=instead, reason="补充协议", by=cast.bureau_leader, at=at).replaces == made


def test_what_asks_as_much_or_more_is_entered_by_whoever_works_on_it(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made, after = promised(project, due_on=None), AT + dt.timedelta(days=61)
    for changed in ({"text": "双回路", "due_on": None}, {"due_on": DUE}, {"due_on": DUE - dt.timedelta(days=1)}):
        made = commitments.replace(commitment=made, said=said(project, **changed), reason="笔误", by=cast.park_officer, at=after)
    assert state(project, cast.park_officer, after.date())[0] is CommitmentState.BROKEN


def test_a_promise_kept_late_is_not_made_one_kept_in_time(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made, after = promised(project), AT + dt.timedelta(days=61)
    paper = factories.attachment(project, cast.park_officer)
    commitments.mark_done(commitment=made, done_on=after.date(), attachment=paper, by=cast.park_officer, at=after)
    with pytest.raises(commitments.Refused) as caught:
        commitments.replace(commitment=made, said=said(project, due_on=None), reason="x", by=cast.park_officer, at=after)
    assert caught.value.refusals == (Refusal.EASED_ALONE,)


def test_what_was_reached_is_told_by_its_latest_day(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = jobs(project)
    for day, amount in ((DAY, 80), (DAY - dt.timedelta(days=30), 40)):
        paper = factories.attachment(project, cast.park_officer)
        commitments.mark_done(commitment=made, done_on=day, amount=Decimal(amount), attachment=paper, by=cast.park_officer, at=AT)
    (line,) = promises.of_project(cast.park_officer, project, DAY).theirs
    assert line.reached_amount == 80
    (line,) = promises.of_project(cast.park_officer, project, DAY - dt.timedelta(days=1)).theirs
    assert line.reached_amount == 40
