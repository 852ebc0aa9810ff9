"""A rule document from draft to force: written, checked, approved by a second person, known to every process, kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from wutong.rulebook import load
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.lib import access, rulebook
from wutong.web.lib.health import State as Health
from wutong.web.rulebooks.actions import documents as actions
from wutong.web.rulebooks.actions.versions import NotAllowed, Refused
from wutong.web.rulebooks.models import RuleVersion
from wutong.web.rulebooks.queries import documents, in_force
from wutong.web.rulebooks.rules import Refusal, State, Step

if TYPE_CHECKING:
    from cast import Cast

TODAY = dt.date(2026, 12, 1)
AT = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
LEAF = "leads.stale_days"


@pytest.fixture(autouse=True)
def _of_a_day(tmp_path: Path, settings: Any) -> Iterator[None]:
    """The mark of the rules stands in a folder of the test's own."""
    settings.DATA = tmp_path
    with access.on_day(TODAY):
        yield


def drafted(cast: Cast, value: int = 21, *, begins_on: dt.date = TODAY) -> RuleVersion:
    version = actions.begin(kind="parameters", begins_on=begins_on, by=cast.bureau_officer, at=AT)
    return actions.set_value(
        version=version, leaf=LEAF, value=value, starts_on=begins_on, title="招商工作办法", document="虚构发〔2026〕8 号",
        dated=dt.date(2026, 11, 20), url="", by=cast.bureau_officer, at=AT,
    )  # fmt: skip


def approved(cast: Cast, capture: Any, value: int = 21, *, begins_on: dt.date = TODAY) -> RuleVersion:
    version = actions.submit(version=drafted(cast, value, begins_on=begins_on), note="县区意见", by=cast.bureau_officer, at=AT)
    with capture(execute=True):
        return actions.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)


def stale_days(on: dt.date) -> float:
    return rulebook.in_force().number(LEAF, on)


def refused(step: Any) -> set[Refusal]:
    with pytest.raises(Refused) as refused:
        step()
    return set(refused.value.refusals)


def test_what_a_second_person_approves_is_in_force_from_its_day_and_the_bell_tells_of_it(
    cast: Cast, django_capture_on_commit_callbacks: Any, django_assert_num_queries: Any
) -> None:
    assert in_force.mark() == "" and stale_days(TODAY) == 14
    version = drafted(cast, begins_on=dt.date(2026, 12, 15))
    assert stale_days(dt.date(2026, 12, 15)) == 14
    version = actions.submit(version=version, note="县区意见", by=cast.bureau_officer, at=AT)
    assert Message.objects.filter(to=cast.bureau_leader, title__contains="第 1 版").count() == 1
    assert refused(lambda: actions.submit(version=version, note="again", by=cast.bureau_officer, at=AT)) == {Refusal.WRONG_STATE}
    with pytest.raises(NotAllowed):
        actions.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_officer, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        actions.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    assert Message.objects.filter(to=cast.bureau_officer, title__contains="已批准").count() == 1
    assert [stale_days(day) for day in (dt.date(2026, 12, 14), dt.date(2026, 12, 15))] == [14, 21]
    with django_assert_num_queries(0):  # known to the process: no page asks the database again
        assert stale_days(dt.date(2026, 12, 15)) == 21
    hashes = {RuleVersion.objects.get().text_hash, version.text_hash}
    assert len(hashes) == 1 and Entry.objects.filter(action="rules.approve", changes__hash=version.text_hash).exists()
    assert [finding.state for finding in in_force.findings(AT)] == [Health.WELL]


def test_nobody_approves_what_he_wrote_whatever_his_role(cast: Cast) -> None:
    version = actions.begin(kind="parameters", begins_on=TODAY, by=cast.bureau_officer, at=AT)
    version = actions.set_value(
        version=version, leaf=LEAF, value=21, starts_on=TODAY, title="办法", document="", dated=TODAY, url="", by=cast.bureau_leader, at=AT
    )
    version = actions.submit(version=version, note="意见", by=cast.bureau_officer, at=AT)
    step = {"step": Step.APPROVE, "reason": "", "by": cast.bureau_leader, "at": AT}
    assert refused(lambda: actions.decide(version=version, **step)) == {Refusal.OWN_VERSION}  # type: ignore[arg-type]
    assert version.state == State.SUBMITTED


def test_one_version_after_another_and_which_was_in_force_is_answered_for_ever(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    approved(cast, django_capture_on_commit_callbacks, 21, begins_on=dt.date(2026, 12, 10))
    approved(cast, django_capture_on_commit_callbacks, 28, begins_on=dt.date(2027, 1, 1))
    days = {dt.date(2026, 12, 9): None, dt.date(2026, 12, 10): 1, dt.date(2026, 12, 31): 1, dt.date(2027, 1, 1): 2}
    found = {day: documents.in_force_on("parameters", day) for day in days}
    assert {day: version.number if version else None for day, version in found.items()} == days
    assert [stale_days(day) for day in days] == [14, 21, 21, 28]
    kind = documents.kind_of("parameters")
    compared = documents.compared(kind, 1, 2, visible=RuleVersion.objects.visible_to(cast.bureau_officer))
    assert len(compared.sentences) == 1 and "21 → 28" in compared.sentences[0] and "2027-01-01" in compared.sentences[0]


def test_an_approved_version_is_taken_back_before_its_day_and_not_after(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    version = approved(cast, django_capture_on_commit_callbacks, begins_on=dt.date(2026, 12, 2))
    later = AT + dt.timedelta(days=1)
    asked = {"version": version, "by": cast.bureau_leader}
    assert refused(lambda: actions.revoke(reason="", at=AT, **asked)) == {Refusal.NO_REASON}
    assert refused(lambda: actions.revoke(reason="错", at=later, **asked)) == {Refusal.IN_FORCE_ALREADY}
    with django_capture_on_commit_callbacks(execute=True):
        actions.revoke(reason="文号有误", at=AT, **asked)
    version.refresh_from_db()
    assert (version.state, version.decided_by, version.revoked_by) == (State.WITHDRAWN, cast.bureau_leader, cast.bureau_leader)
    assert stale_days(dt.date(2026, 12, 2)) == 14 and in_force.mark() == ""
    assert RuleVersion.objects.visible_to(cast.county_officer).filter(pk=version.pk).exists()


def test_no_day_of_the_past_no_reason_missing_and_one_draft_at_a_time(cast: Cast) -> None:
    version = drafted(cast)
    assert refused(lambda: actions.begin(kind="parameters", by=cast.bureau_officer, at=AT)) == {Refusal.OPEN_ALREADY}
    late = AT + dt.timedelta(days=1)
    found = refused(lambda: actions.submit(version=version, note=" ", by=cast.bureau_officer, at=late))
    assert found == {Refusal.NO_REASON, Refusal.DAY_PASSED}
    actions.drop_leaf(version=version, leaf=LEAF, by=cast.bureau_officer, at=AT)
    assert Refusal.NOTHING_CHANGED in refused(lambda: actions.submit(version=version, note="意见", by=cast.bureau_officer, at=AT))


def test_a_value_that_breaks_a_rule_is_not_kept(cast: Cast) -> None:
    version = drafted(cast)
    with pytest.raises(actions.Faulty) as faulty:
        actions.set_value(
            version=version, leaf=LEAF, value=2.5, starts_on=TODAY, title="办法", document="", dated=TODAY, url="",
            by=cast.bureau_officer, at=AT,
        )  # fmt: skip
    assert [fault.code for fault in faulty.value.faults] == ["not_whole"]
    version.refresh_from_db()
    assert "2.5" not in version.text


def test_the_database_itself_keeps_what_was_submitted_and_approved(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    version = approved(cast, django_capture_on_commit_callbacks)
    rows = RuleVersion.objects.filter(pk=version.pk)
    for change in ({"text": "x"}, {"begins_on": dt.date(2027, 1, 1)}, {"begins_on": None}, {"state": "draft"}, {"number": 9}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(decided_by=cast.bureau_officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows._raw_delete("default")
    assert rows.get().text == version.text


def test_a_lost_mark_is_told_by_the_doctor_and_written_again(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    approved(cast, django_capture_on_commit_callbacks)
    in_force.mark_file().unlink()
    assert stale_days(TODAY) == 14
    assert [finding.state for finding in in_force.findings(AT)] == [Health.FAULT]
    assert actions.publish(by=None, at=timezone.now()) and not actions.publish(by=None, at=timezone.now())
    assert stale_days(TODAY) == 21


@pytest.mark.parametrize("ending", ["yaml", "xlsx"])
def test_a_version_goes_out_as_a_file_and_comes_in_the_same(cast: Cast, client_of: Any, ending: str) -> None:
    version = drafted(cast)
    page = client_of("bureau_officer").get(f"/rules/parameters/versions/1/download.{ending}")
    assert page.status_code == 200
    content = page.getvalue()
    read = documents.read_file(documents.kind_of("parameters"), f"parameters.{ending}", content)
    assert (read.faults, read.text, read.rows) == ((), version.text, 1)


def test_a_file_of_the_rulebook_shipped_may_be_changed_and_handed_in() -> None:
    text = (load.package_folder() / "parameters" / "leads.yaml").read_text("utf-8").replace("1949-10-01: 14", "2026-12-01: 21")
    text = text.replace("title: Wutong default", "title: 办法")
    read = documents.read_file(documents.kind_of("parameters"), "leads.yaml", text.encode())
    assert read.faults == () and read.rows == 3
    bad = documents.read_file(documents.kind_of("parameters"), "leads.yaml", text.replace("unit: days", "unit: weeks", 1).encode())
    assert [(fault.code, fault.line, fault.value, fault.expected) for fault in bad.faults] == [("other_unit", 5, "weeks", "days")]


def test_a_bad_row_of_a_workbook_is_named(cast: Cast) -> None:
    from io import BytesIO

    from wutong.web.lib import spreadsheets
    from wutong.web.rulebooks.queries import workbook

    file = BytesIO()
    rows = [
        (LEAF, "", "many", "days", "", "2026-12-01", "办法", "", "2026-11-20", ""),
        (LEAF, "", 3, "days", "", "soon", "办法", "", "x", ""),
    ]
    spreadsheets.write(file, workbook.COLUMNS, rows, title="t")
    read = documents.read_file(documents.kind_of("parameters"), "r.xlsx", file.getvalue())
    assert {(fault.line, fault.value) for fault in read.faults} == {(3, "soon"), (3, "x")} and read.text == ""
