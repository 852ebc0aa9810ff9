"""A file on which something rests is not deleted: what rests on it is named, and taken back first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

import factories
from cast import Cast
from wutong.web.journal.actions import files
from wutong.web.journal.actions.duties import Refused
from wutong.web.journal.models import Attachment
from wutong.web.journal.rules import Refusal
from wutong.web.lib import hooks
from wutong.web.projects.actions import agreements, commitments, evidence, funds, progress, stages
from wutong.web.projects.models import Agreement, Project
from wutong.web.projects.rules.agreements import AgreementKind, MeetingDecision, OpinionKind, Result
from wutong.web.projects.rules.commitments import CommitmentKind, Side
from wutong.web.projects.rules.stages import Stage

AT = factories.AT
DAY = AT.date()


def paper(project: Project) -> Attachment:
    found: Attachment = factories.attachment(project, project.owner)
    return found


def is_kept(file: Attachment, words: str) -> bool:
    """Whether the file may not be deleted, for something that these words name."""
    with pytest.raises(Refused) as caught:
        files.hide(attachment=file, reason="传错", by=file.by, at=AT)
    file.refresh_from_db()
    return caught.value.refusals == (Refusal.FILE_IN_USE,) and words in "".join(caught.value.uses) and file.hidden_at is None


def is_deleted(file: Attachment) -> bool:
    return files.hide(attachment=file, reason="传错", by=file.by, at=AT).hidden_at == AT


def contract(project: Project, *, is_signed: bool = True, **more: Any) -> tuple[Agreement, tuple[Attachment, ...]]:
    """A contract with its text, opinions and minutes."""
    text, opinion, minutes, by = paper(project), paper(project), paper(project), project.owner
    kind = AgreementKind.CONTRACT
    made = agreements.draft(project=project, kind=kind, title="投资合同", counterpart="青桐装备", attachment=text, by=by, at=AT, **more)
    agreements.hand_to_review(agreement=made, by=by, at=AT)
    for one in OpinionKind:
        agreements.opine(
            agreement=made, kind=one, result=Result.FAVOURABLE, unit=project.unit, dated_on=DAY, words="", attachment=opinion, by=by, at=AT
        )
    agreements.decide(
        agreement=made, met_on=DAY, meeting="专题会", decision=MeetingDecision.AGREED, words="", minutes=minutes, by=by, at=AT
    )
    if is_signed:
        made = agreements.sign(agreement=made, signed_on=DAY, by=by, at=AT)
    return made, (text, opinion, minutes)


def money(project: Project, file: Attachment) -> Any:
    return funds.enter(project=project, money=factories.money(), number="R-1", attachment=file, by=project.owner, at=AT)


def test_every_key_to_a_file_says_what_rests_on_it() -> None:
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is Attachment
    }
    assert found == {(use.model, use.field) for use in hooks.collect("FILE_USES") if "__" not in use.field}


def test_a_file_on_which_nothing_rests_is_deleted(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    handed = paper(project)
    evidence.hand_in(project=project, kind="proposal", attachment=handed, by=cast.park_officer, at=AT)
    assert is_deleted(paper(project)) and is_deleted(handed)
    _made, papers = contract(project, is_signed=False)
    assert all(is_deleted(file) for file in papers)


def test_text_opinions_and_minutes_of_a_signed_contract_stay_until_it_ends(cast: Cast) -> None:
    made, (text, opinion, minutes) = contract(factories.appraised_project(cast.park_officer))
    assert is_kept(text, "第1版") and is_kept(opinion, "投资合同") and is_kept(minutes, "会议纪要")
    agreements.end(agreement=made, ended_on=DAY, reason="登错", by=cast.bureau_leader, at=AT)
    assert all(is_deleted(file) for file in (text, opinion, minutes))


def test_a_contract_that_another_took_the_place_of_keeps_its_text(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    first, (text, *_rest) = contract(project)
    contract(project, replaces=first)
    first.refresh_from_db()
    assert first.ended_on == DAY and is_kept(text, "投资合同")


def test_a_text_that_was_deleted_is_not_signed(cast: Cast) -> None:
    made, (text, *_rest) = contract(factories.appraised_project(cast.park_officer), is_signed=False)
    assert is_deleted(text)
    with pytest.raises(agreements.Refused):
        agreements.sign(agreement=made, signed_on=DAY, by=cast.park_officer, at=AT)


def test_a_signing_locks_its_files_so_that_none_is_deleted_between(cast: Cast) -> None:
    made, papers = contract(factories.appraised_project(cast.park_officer), is_signed=False)
    with CaptureQueriesContext(connection) as asked:
        agreements.sign(agreement=made, signed_on=DAY, by=cast.park_officer, at=AT)
    orders = [one["sql"] for one in asked.captured_queries]
    (of_files,) = [place for place, sql in enumerate(orders) if sql.startswith('SELECT "journal_attachment"') and "minutes_id" in sql]
    is_locked = "FOR UPDATE" in orders[of_files]
    assert is_locked is connection.features.has_select_for_update, "SQLite writes one after the other anyway"
    looks = [place for place, sql in enumerate(orders) if "journal_attachment" in sql and "hidden_at" in sql]
    assert looks and of_files < min(looks), "what stands in the files is read once they are locked"
    assert all(is_kept(file, "投资合同") for file in papers)


def test_the_proof_of_money_stays_until_it_is_rejected_or_reversed(cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    file, later = paper(project), paper(project)
    made = money(project, file)
    funds.attach(entry=made, attachment=later, by=cast.park_officer, at=AT)
    assert is_kept(later, "到位资金凭证")
    assert is_kept(file, "到位资金凭证")
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert is_kept(file, f"{made.amount:,.2f} CNY")
    funds.reverse(entry=made, reason="登错", by=cast.bureau_leader, at=AT)
    assert is_deleted(file)
    other = paper(project)
    entry = money(project, other)
    funds.hand_in_review(entry=entry, by=cast.park_officer, at=AT)
    funds.review(entry=entry, is_accepted=False, words="不符", by=cast.bureau_leader, at=AT)
    assert is_deleted(other)


def test_evidence_of_a_passed_gate_stays_until_it_is_withdrawn_for_another(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    file = paper(project)
    handed = evidence.hand_in(project=project, kind="proposal", attachment=file, by=cast.park_officer, at=AT)
    factories.deal_with_nodes(project)
    stages.advance(project=project, to=Stage.APPRAISAL, by=cast.park_officer, at=AT)
    assert is_kept(file, "佐证材料")
    evidence.hand_in(project=project, kind="proposal", number="2", by=cast.park_officer, at=AT)
    assert is_kept(file, "佐证材料")
    evidence.withdraw(evidence=handed, reason="换新", by=cast.park_officer, at=AT)
    assert is_deleted(file)


@pytest.mark.parametrize("is_evidence", [False, True])
def test_the_proof_of_a_promise_stays_until_the_mark_is_taken_back(cast: Cast, is_evidence: bool) -> None:
    project = factories.project(cast.park_officer)
    file, by = paper(project), cast.park_officer
    said = commitments.Promise(Side.OURS, CommitmentKind.SUPPORT, "年内通双回路供电", due_on=DAY + dt.timedelta(days=60), unit=project.unit)
    made = commitments.promise(project=project, said=said, by=by, at=AT)
    proof: dict[str, Any] = {"attachment": file}
    if is_evidence:
        proof = {"evidence": evidence.hand_in(project=project, kind="contract", attachment=file, by=by, at=AT)}
    mark = commitments.mark_done(commitment=made, done_on=DAY, by=by, at=AT, **proof)
    assert is_kept(file, "双回路供电")
    commitments.take_mark_back(mark=mark, reason="登错", by=by, at=AT)
    assert is_deleted(file)


def test_a_photograph_of_a_report_stays_until_the_report_is_corrected(cast: Cast) -> None:
    project, by = factories.project(cast.park_officer), cast.park_officer
    drawn = BytesIO()
    Image.new("RGB", (8, 8), "green").save(drawn, "PNG")
    file = factories.attachment(project, by, name="现场.png", content=drawn.getvalue())
    report = progress.report(project=project, month=DAY, said=progress.Said(Decimal(1)), by=by, at=AT)
    progress.add_photo(report=report, attachment=file, taken_on=DAY, by=by, at=AT)
    assert is_kept(file, "进度报告的照片")
    progress.correct(report=report, said=progress.Said(Decimal(1)), reason="照片有误", by=by, at=AT)
    assert is_deleted(file)


def test_the_page_says_what_rests_on_the_file(cast: Cast, client_of: Any) -> None:
    project = factories.funded_project(cast.park_officer)
    file = paper(project)
    money(project, file)
    client: Client = client_of("park_officer")
    said = client.post(f"/journal/files/{file.public_id}/delete/", {"reason": "传错"}, follow=True).content.decode()
    assert "该文件不能删除" in said and "须先冲销该笔资金" in said
    assert Attachment.objects.get(pk=file.pk).hidden_at is None
