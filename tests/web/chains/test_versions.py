"""Drafts, their steps, approval by a second person, and what the database itself refuses."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from cast import Cast
from web.chains.editing import AT, CHAIN_ID, NEW_CHAIN, NOTE, approved, draft, submitted
from wutong.rulebook import drafting
from wutong.web.audit.models import Entry
from wutong.web.chains import actions
from wutong.web.chains.models import ChainVersion, Placing
from wutong.web.chains.queries import versions
from wutong.web.chains.rules import Refusal, State
from wutong.web.jobs.models import Job

pytestmark = pytest.mark.django_db


def refusals(error: pytest.ExceptionInfo[actions.Refused]) -> tuple[Refusal, ...]:
    return error.value.refusals


def change(version: ChainVersion, cast: Cast, verb: str, by: str = "bureau_officer", **values: str) -> ChainVersion:
    return actions.change(version=version, verb=verb, values=values, by=cast.people[by], at=AT)


def test_a_draft_of_a_shipped_chain_begins_with_the_text_shipped(cast: Cast) -> None:
    version = draft(cast, chain_id=CHAIN_ID, text="")
    assert (version.number, version.base_number, version.state) == (1, 0, State.DRAFT)
    assert version.text == drafting.shipped_text(CHAIN_ID) and version.text_hash == version.base_hash


def test_a_change_is_a_step_that_can_be_undone_and_done_again(cast: Cast) -> None:
    version = change(draft(cast), cast, "add_layer", name_zh="下游")
    version = change(version, cast, "move_segment", segment="machines", layer="xia-you")
    moved = version.text
    version = actions.undo(version=version, by=cast.bureau_officer, at=AT)
    assert "layer: xia-you" not in version.text and "下游" in version.text
    version = actions.undo(version=version, by=cast.bureau_officer, at=AT)
    assert version.text == NEW_CHAIN
    assert actions.undo(version=version, by=cast.bureau_officer, at=AT).text == NEW_CHAIN
    version = actions.redo(version=version, by=cast.bureau_officer, at=AT)
    version = actions.redo(version=version, by=cast.bureau_officer, at=AT)
    assert version.text == moved
    assert actions.redo(version=version, by=cast.bureau_officer, at=AT).text == moved


def test_a_change_after_an_undo_forgets_what_was_undone(cast: Cast) -> None:
    version = change(draft(cast), cast, "add_layer", name_zh="下游")
    version = actions.undo(version=version, by=cast.bureau_officer, at=AT)
    version = change(version, cast, "add_layer", name_zh="中游")
    assert [step.verb for step in version.steps.all()] == ["begin", "add_layer"]
    assert actions.redo(version=version, by=cast.bureau_officer, at=AT).text == version.text


def test_a_second_person_approves_and_the_entry_names_the_text(cast: Cast) -> None:
    version = approved(cast)
    assert (version.state, version.decided_by, version.note) == (State.APPROVED, cast.bureau_leader, NOTE)
    assert Entry.objects.get(action="chains.approve").changes["hash"] == version.text_hash
    assert versions.texts_approved() == {"kites": NEW_CHAIN}


@pytest.mark.parametrize("author", ["submitter", "writer of one step"])
def test_nobody_approves_what_he_wrote(cast: Cast, author: str) -> None:
    if author == "submitter":
        version = actions.submit(version=draft(cast, by="bureau_leader"), note=NOTE, by=cast.bureau_leader, at=AT)
    else:
        version = change(draft(cast), cast, "add_segment", by="bureau_leader", layer="all", name_zh="线轴")
        version = change(version, cast, "add_product", segment="xian-zhou", product="bearing")
        version = actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    with pytest.raises(actions.Refused) as error:
        actions.approve(version=version, by=cast.bureau_leader, at=AT)
    assert refusals(error) == (Refusal.OWN_VERSION,)


def test_an_officer_may_not_approve_and_another_region_may_not_touch_it(cast: Cast) -> None:
    version = submitted(cast)
    for name in ("bureau_officer", "other_leader"):
        with pytest.raises(actions.NotAllowed):
            actions.approve(version=version, by=cast.people[name], at=AT)
    with pytest.raises(actions.NotAllowed):
        actions.withdraw(version=version, by=cast.other_officer, at=AT)


def test_a_draft_with_faults_cannot_be_submitted(cast: Cast) -> None:
    version = change(draft(cast), cast, "add_segment", layer="all", name_zh="线轴")
    with pytest.raises(actions.Refused) as error:
        actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    assert refusals(error) == (Refusal.HAS_FAULTS,)


def test_an_unchanged_draft_cannot_be_submitted(cast: Cast) -> None:
    with pytest.raises(actions.Refused) as error:
        actions.submit(version=draft(cast, chain_id=CHAIN_ID, text=""), note=NOTE, by=cast.bureau_officer, at=AT)
    assert refusals(error) == (Refusal.NOTHING_CHANGED,)


def test_a_chain_has_one_open_version_and_sending_back_frees_it(cast: Cast) -> None:
    version = submitted(cast)
    with pytest.raises(actions.Refused) as error:
        draft(cast)
    assert refusals(error) == (Refusal.OPEN_ALREADY,)
    actions.send_back(version=version, reason="产品未核实", by=cast.bureau_leader, at=AT)
    again = actions.begin(chain_id="kites", from_number=1, by=cast.bureau_officer, at=AT)
    assert (again.number, again.base_number, again.text) == (2, 0, NEW_CHAIN)


def test_a_submitted_text_changes_no_more(cast: Cast) -> None:
    version = submitted(cast)
    with pytest.raises(actions.Refused):
        change(version, cast, "add_layer", name_zh="下游")
    with pytest.raises(actions.Refused):
        actions.rewrite(version=version, text="id: kites\n", by=cast.bureau_officer, at=AT)
    with pytest.raises(actions.Refused):
        actions.undo(version=version, by=cast.bureau_officer, at=AT)


@pytest.mark.parametrize("column, value", [("text", "x"), ("number", 9), ("chain_id", "x"), ("base_number", 0), ("state", "draft")])
def test_the_database_itself_refuses_to_change_a_submitted_version(cast: Cast, column: str, value: object) -> None:
    version = submitted(cast, chain_id="kites")
    if column == "base_number":
        version = actions.approve(version=version, by=cast.bureau_leader, at=AT)
        version = actions.begin(chain_id="kites", text=NEW_CHAIN + "# x\n", by=cast.bureau_officer, at=AT)
        version = actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    connection.check_constraints()
    with pytest.raises(DatabaseError), transaction.atomic():
        ChainVersion.objects.filter(pk=version.pk).update(**{column: value})


def test_the_database_itself_refuses_a_second_open_version_and_an_approval_by_the_submitter(cast: Cast) -> None:
    version = submitted(cast)
    copy = ChainVersion.objects.get(pk=version.pk)
    copy.pk, copy.number = None, 7
    copy.public_id = "11111111-1111-4111-8111-111111111111"  # type: ignore[assignment]
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChainVersion.objects.filter(pk=version.pk).update(state=State.APPROVED, decided_by=cast.bureau_officer)


def test_an_older_version_is_restored_as_a_draft(cast: Cast) -> None:
    approved(cast)
    second = change(actions.begin(chain_id="kites", by=cast.bureau_officer, at=AT), cast, "add_layer", name_zh="下游")
    second = change(second, cast, "move_segment", segment="machines", layer="xia-you")
    second = actions.submit(version=second, note=NOTE, by=cast.bureau_officer, at=AT)
    actions.approve(version=second, by=cast.bureau_leader, at=AT)
    restored = actions.begin(chain_id="kites", from_number=1, by=cast.bureau_officer, at=AT)
    assert (restored.number, restored.base_number, restored.text) == (3, 2, NEW_CHAIN)


def test_other_units_see_what_is_approved_and_no_drafts(cast: Cast) -> None:
    version = draft(cast)
    seen = {name for name in cast.people if ChainVersion.objects.visible_to(cast.people[name]).exists()}
    assert seen == {"bureau_officer", "bureau_leader"}
    version = actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    actions.approve(version=version, by=cast.bureau_leader, at=AT)
    assert ChainVersion.objects.visible_to(cast.other_officer).exists() and not ChainVersion.objects.visible_to(cast.no_role).exists()


def test_one_placing_waits_at_a_time_and_a_dead_one_makes_room(cast: Cast) -> None:
    approved(cast)
    first = actions.ask_for_placing(by=cast.bureau_leader, at=AT)
    assert first is not None
    assert actions.ask_for_placing(by=cast.bureau_leader, at=AT) is None
    later = AT.replace(hour=AT.hour + 1)
    assert actions.ask_for_placing(by=cast.bureau_leader, at=later) is None  # its job waits on, however long
    Job.objects.filter(pk=first.job_id).update(state="failed", ended_at=later, fault_code="worker_lost")
    second = actions.ask_for_placing(by=cast.bureau_leader, at=later)
    assert second is not None and Placing.objects.get(pk=first.pk).state == "failed"


def test_without_anything_approved_nothing_is_placed(cast: Cast) -> None:
    draft(cast)
    assert actions.ask_for_placing(by=cast.bureau_leader, at=AT) is None
