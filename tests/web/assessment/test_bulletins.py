"""A bulletin is made of a run in one step, edited with its figures checked, signed by a second person, filed; nobody changes it then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from threading import Event

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from docx import Document
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, drafted
from wutong.web.assessment.actions import bulletins as actions
from wutong.web.assessment.actions import objections, runs
from wutong.web.assessment.models import Bulletin, BulletinFile, BulletinTemplate, Run, Scheme
from wutong.web.assessment.queries import bulletins as queries
from wutong.web.assessment.rules import bulletins as rules
from wutong.web.assessment.rules.bulletins import BulletinRefusal
from wutong.web.assessment.rules.runs import ObjectionState
from wutong.web.audit.models import Entry
from wutong.web.jobs.tasks import working
from wutong.web.projects.actions import opening
from wutong.web.projects.models import Project
from wutong.web.projects.rules.stages import Stage

ClientOf = Callable[[str], Client]


@pytest.fixture
def bulletin(published: Run, cast: Cast) -> Bulletin:
    """A draft of the published run."""
    return actions.draft(run=published, by=cast.assessor, at=AT)


def made(bulletin: Bulletin, form: str) -> bytes:
    """A file of a bulletin as the job makes it."""
    return bytes(bulletin.files.get(form=form).content)


def run_jobs() -> None:
    while working.take(worker="a", stopping=Event()):
        pass


def test_one_step_makes_text_word_and_excel_with_the_figures_of_the_run(published: Run, client_of: ClientOf, cast: Cast) -> None:
    client = client_of("assessor")
    response = client.post(f"/assessment/runs/{published.public_id}/bulletin/")
    bulletin = Bulletin.objects.get()
    assert response.headers["Location"] == f"/assessment/bulletins/{bulletin.public_id}/"
    run_jobs()
    ranked = [(str(row.rank), row.name, f"{row.total_points.normalize():f}") for row in published.units.order_by("position_no")]
    tables = [[tuple(cell.text for cell in row.cells) for row in one.rows] for one in Document(BytesIO(made(bulletin, "docx"))).tables]
    assert [row[:3] for row in tables[0][1:]] == ranked
    sheet = CalamineWorkbook.from_filelike(BytesIO(made(bulletin, "xlsx"))).get_sheet_by_index(0).to_python()
    assert [(f"{row[1]:.0f}", row[2], f"{row[3]:g}") for row in sheet[1:]] == ranked
    page = client.get(f"/assessment/bulletins/{bulletin.public_id}/").content.decode()
    for rank, name, total in ranked:
        assert f">{name}</a>" in page and f">{total}</a>" in page and rank in page
    again = client.post(f"/assessment/runs/{published.public_id}/bulletin/")
    assert again.headers["Location"] == response.headers["Location"] and Bulletin.objects.count() == 1


def test_no_bulletin_of_a_run_that_nobody_approved(run: Run, client_of: ClientOf, cast: Cast) -> None:
    with pytest.raises(actions.Refused) as caught:
        actions.draft(run=run, by=cast.assessor, at=AT)
    assert caught.value.refusals == (BulletinRefusal.RUN_NOT_APPROVED,)
    answer = client_of("assessor").post(f"/assessment/runs/{run.public_id}/bulletin/", follow=True).content.decode()
    assert "核算尚未批准" in answer


def test_no_bulletin_of_a_run_that_is_known_to_be_wrong(bulletin: Bulletin, published: Run, cast: Cast) -> None:
    row = published.units.get(unit=cast.units["zone"])
    objection = objections.file(row=row, item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT)
    objections.decide(objection=objection, state=ObjectionState.UPHELD, reason="属实", correction="改 95", by=cast.assessor, at=AT)
    with pytest.raises(actions.Refused) as caught:
        actions.sign(bulletin=bulletin, by=cast.bureau_leader, at=AT)
    assert caught.value.refusals == (BulletinRefusal.RUN_WRONG,)
    actions.drop(bulletin=bulletin, reason="核算有误", by=cast.assessor, at=AT)
    with pytest.raises(actions.Refused) as caught:
        actions.draft(run=published, by=cast.assessor, at=AT)
    assert caught.value.refusals == (BulletinRefusal.RUN_WRONG,)


def test_ranks_of_different_groups_are_not_compared(scheme: Scheme, cast: Cast) -> None:
    before = drafted(scheme, cast)
    before.units.filter(unit=cast.units["zone"]).update(group="parks")
    assessed.published(runs.freeze(run=before, by=cast.assessor, at=AT), cast)
    facts = queries.facts_of(drafted(scheme, cast, on=dt.date(2026, 11, 15)), by=cast.assessor)
    ranks = {row.unit: (row.rank_before is None, row.change is None) for row in facts.groups[0].rows}
    assert ranks == {cast.units["county"].name_zh: (False, False), cast.units["zone"].name_zh: (True, True)}


@pytest.mark.parametrize(
    ("source", "is_told"),
    [("trips.days", True), ("projects.started", True), ("trips.working_days", False), ("trips.people", False), ("rates.started", False)],
)
def test_sums_are_told_of_facts_that_add_up(source: str, is_told: bool) -> None:
    assert queries.adds_up(source) is is_told


def test_an_edit_is_kept_and_a_figure_that_is_not_the_runs_is_marked(bulletin: Bulletin, client_of: ClientOf, cast: Cast) -> None:
    client, address = client_of("assessor"), f"/assessment/bulletins/{bulletin.public_id}/"
    first = rules.restored(bulletin.facts).groups[0].rows[0]
    other = bulletin.text.replace(f"| {first.total} |", "| 99.99 |")
    assert client.post(f"{address}edit/", {"text": other}).status_code == 302
    page = client.get(address).content.decode()
    assert "与核算结果不一致的数据" in page and "99.99" in page and str(first.total) in page
    assert [edit.text for edit in bulletin.edits.all()] == [other] and Bulletin.objects.get().generated == bulletin.text
    faulty = client.post(f"{address}edit/", {"text": other.replace("№", "11")})
    assert faulty.status_code == 422 and "字号中须有一个“№”" in faulty.content.decode()
    bulletin.refresh_from_db()
    with pytest.raises(actions.Refused) as caught:
        actions.sign(bulletin=bulletin, by=cast.bureau_leader, at=AT)
    assert caught.value.refusals == (BulletinRefusal.FIGURES_UNLIKE,)
    signed = actions.sign(bulletin=bulletin, reason="按复核口径", by=cast.bureau_leader, at=AT)
    assert signed.sign_note == "按复核口径"


def test_whoever_wrote_it_does_not_sign_it(bulletin: Bulletin, client_of: ClientOf, cast: Cast) -> None:
    address = f"/assessment/bulletins/{bulletin.public_id}/sign/"
    assert client_of("assessor").post(address).status_code == 403
    assert client_of("bureau_leader").get(address).status_code == 405
    assert client_of("bureau_leader").post(address).status_code == 302
    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.year, bulletin.number, bulletin.signed_by) == ("signed", bulletin.year, 1, cast.bureau_leader)
    again = client_of("bureau_leader").post(address, follow=True).content.decode()
    assert "当前状态不能这样操作" in again


def test_numbers_run_through_the_year_of_a_unit(bulletin: Bulletin, published: Run, cast: Cast) -> None:
    def next_one(before: Bulletin, at: dt.datetime) -> Bulletin:
        actions.withdraw(bulletin=before, reason="附表有误", by=cast.bureau_leader, at=at)
        return actions.sign(bulletin=actions.draft(run=published, by=cast.assessor, at=at), by=cast.bureau_leader, at=at)

    first = actions.sign(bulletin=bulletin, by=cast.bureau_leader, at=AT)
    second = next_one(first, AT)
    third = next_one(second, dt.datetime(2027, 1, 5, 9, 0, tzinfo=dt.UTC))
    assert [(one.year, one.number) for one in (first, second, third)] == [(2026, 1), (2026, 2), (2027, 1)]
    run_jobs()
    said = [line.text for line in Document(BytesIO(made(second, "docx"))).paragraphs]
    assert "招通〔2026〕2号" in said and "送审稿" not in said
    assert queries.page(cast.assessor, third).number == "招通〔2027〕1号"


def test_a_filed_bulletin_changes_no_more_whoever_tries(bulletin: Bulletin, client_of: ClientOf, cast: Cast) -> None:
    signed = actions.sign(bulletin=bulletin, by=cast.bureau_leader, at=AT)
    with pytest.raises(actions.Refused) as caught:
        actions.archive(bulletin=signed, by=cast.assessor, at=AT)
    assert caught.value.refusals == (BulletinRefusal.FILES_NOT_READY,)
    run_jobs()
    filed = actions.archive(bulletin=signed, by=cast.assessor, at=AT)
    hashes = {one.form: one.sha256 for one in filed.files.all()}
    assert Entry.objects.get(action="assessment.bulletin.archive").changes["files"] == hashes
    for change in (
        lambda: Bulletin.objects.filter(pk=filed.pk).update(text="x"),
        lambda: Bulletin.objects.filter(pk=filed.pk).update(state="signed", archived_by=None),
        lambda: BulletinFile.objects.filter(bulletin=filed, form="docx").update(content=b"x"),
        lambda: BulletinFile.objects.filter(bulletin=filed).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert queries.digest_of(Bulletin.objects.get()) == filed.digest


def test_units_read_what_is_signed_and_nobody_else_does(bulletin: Bulletin, client_of: ClientOf, cast: Cast) -> None:
    address = f"/assessment/bulletins/{bulletin.public_id}/"
    assert client_of("park_officer").get(address).status_code == 404
    actions.sign(bulletin=bulletin, by=cast.bureau_leader, at=AT)
    run_jobs()
    assert client_of("park_officer").get(address).status_code == 200
    file = client_of("park_officer").get(f"{address}files/docx/")
    assert file.status_code == 200 and Entry.objects.filter(action="assessment.bulletin.export").count() == 1
    assert client_of("park_officer").get(f"{address}files/html/").status_code == 404
    assert client_of("park_officer").post(f"{address}edit/", {"text": "x"}).status_code == 403
    assert client_of("other_leader").get(address).status_code == 404
    assert bulletin.title in client_of("park_officer").get("/assessment/bulletins/").content.decode()


def test_stuck_projects_are_named_with_what_is_late_and_open_but_for_confidential_ones(
    published: Run, client_of: ClientOf, cast: Cast
) -> None:
    day = dt.date(2026, 1, 10)
    for name, is_confidential in (("明泉膜材项目", False), ("密字甲项目", True)):
        lead = factories.lead(cast.park_officer)
        found = opening.open_from(lead=lead, taken=opening.Taken(Stage.SIGNED, day), by=None, at=AT)
        Project.objects.filter(pk=found.pk).update(name_zh=name, is_confidential=is_confidential, code_name="甲" if is_confidential else "")
    bulletin = actions.draft(run=published, by=cast.assessor, at=AT)
    facts = rules.restored(bulletin.facts)
    assert {one.project for one in facts.stuck} == {"明泉膜材项目"} and facts.stuck_total == len(facts.stuck)
    assert "| 明泉膜材项目 | 青桐高新区 |" in bulletin.text and "密字甲" not in bulletin.text
    page = client_of("assessor").get(f"/assessment/bulletins/{bulletin.public_id}/").content.decode()
    assert f'<a href="/projects/{facts.stuck[0].key}/">明泉膜材项目</a>' in page


def test_a_file_of_an_older_text_is_not_kept(bulletin: Bulletin, cast: Cast) -> None:
    older = bulletin.digest
    actions.edit(bulletin=bulletin, text=bulletin.text + "另行通知。\n", by=cast.assessor, at=AT)
    assert not actions.keep_files(bulletin=bulletin, of_digest=older, made={"docx": b"x"}, by=cast.assessor, at=AT)
    assert bulletin.files.count() == 0


def test_a_draft_is_dropped_with_a_reason_and_another_begins(bulletin: Bulletin, published: Run, client_of: ClientOf, cast: Cast) -> None:
    address = f"/assessment/bulletins/{bulletin.public_id}/drop/"
    assert "缺少理由" in client_of("assessor").post(address, follow=True).content.decode() or Bulletin.objects.get().state == "draft"
    client_of("assessor").post(address, {"reason": "重拟"})
    assert Bulletin.objects.get().state == "dropped"
    assert actions.draft(run=published, by=cast.assessor, at=AT).pk != bulletin.pk


def test_a_template_of_ones_own_is_tried_kept_and_followed(published: Run, client_of: ClientOf, cast: Cast) -> None:
    client, address = client_of("assessor"), f"/assessment/schemes/{published.scheme.public_id}/template/"
    assert "标志: {{ issuer }}文件" in client.get(address).content.decode()
    head = "标志: 青桐招商简报\n字号: 第№期\n标题: {{ period }}通报\n---\n"
    own = head + "{% for group in groups %}{{ group.rows[0].unit }}居首。{% endfor %}\n"
    tried = client.post(f"{address}try/", {"text": own}).content.decode()
    assert "居首。" in tried and BulletinTemplate.objects.count() == 0
    attack = client.post(f"{address}try/", {"text": "\n{{ ''.__class__.__mro__ }}"}).content.decode()
    assert "第 2 行" in attack and "不能写" in attack
    assert client.post(address, {"text": "{% include 'x' %}"}).status_code == 422
    assert client.post(address, {"text": own, "note": "改为简报"}).status_code == 302
    assert client.post(address, {"text": own}).status_code == 422
    bulletin = actions.draft(run=published, by=cast.assessor, at=AT)
    assert bulletin.title == "2026年1—10月通报" and bulletin.template is not None and bulletin.template.number == 1
    assert client_of("park_officer").get(address).status_code == 403


def test_the_job_makes_what_stands_now(bulletin: Bulletin) -> None:
    run_jobs()
    assert set(bulletin.files.values_list("of_digest", flat=True)) == {bulletin.digest}
