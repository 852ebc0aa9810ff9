"""Pages of background jobs: one's own, progress that stops asking, cancel and try again, and what others see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from factories import AT
from wutong.web.audit.models import Entry
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job, JobLine

Clients = Callable[..., Client]


def url(name: str, job: Job) -> str:
    return reverse(f"jobs:{name}", args=[job.public_id])


def said(response: Any) -> str:
    return str(response.content.decode())


def test_one_sees_ones_own_jobs_and_no_others(cast: Cast, client_of: Clients) -> None:
    mine = factories.job(cast.bureau_officer, title="我的清单")
    factories.job(cast.bureau_leader, title="别人的清单")
    page = said(client_of("bureau_officer").get("/jobs/?whose=all"))
    assert "我的清单" in page
    assert "别人的清单" not in page
    assert str(mine.public_id) in page


def test_an_administrator_sees_that_jobs_exist_and_not_what_they_are_about(cast: Cast, client_of: Clients) -> None:
    job = factories.job(
        cast.bureau_officer, title="保密清单", state="failed", fault="第 3 行:保密企业", fault_code="error", step="读保密表"
    )
    JobLine.objects.create(job=job, attempt_no=1, at=AT, text="保密行")
    client = client_of("system_admin")
    for address in ("/jobs/?whose=all", url("detail", job), f"/api/jobs/{job.public_id}"):
        text = said(client.get(address))
        assert "保密" not in text, address
    page = said(client.get(url("detail", job)))
    assert "任务因出错而停止" in page
    assert "任务内容只对发起人显示" in page
    assert "重做" not in page, "only who asked may have it tried again"
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get("/jobs/export/?whose=all").streaming_content)))  # type: ignore[attr-defined]
    assert "保密" not in str(sheet.get_sheet_by_index(0).to_python())


def test_an_administrator_reads_what_the_system_does_by_itself(cast: Cast, client_of: Clients) -> None:
    job = factories.job(None, kind="jobs.forget_old", state="failed", fault="磁盘已满", fault_code="error", title="")
    page = said(client_of("system_admin").get(url("detail", job)))
    assert "磁盘已满" in page
    assert "重做" in page


def test_a_running_job_asks_again_and_an_ended_one_does_not(cast: Cast, client_of: Clients) -> None:
    client = client_of("bureau_officer")
    values = {"step": "读取", "pieces_done": 30, "pieces_total": 120, "step_at": AT, "heartbeat_at": AT + dt.timedelta(seconds=10)}
    job = factories.job(cast.bureau_officer, state="running", **values)
    for name in ("detail", "progress"):
        part = said(client.get(url(name, job), headers={"HX-Request": "true"}))
        assert "every 2s" in part
        assert 'aria-valuenow="30"' in part
        assert "width: 25.0%" in part
        assert "每秒 3.0" in part
        assert "约剩 30 秒" in part
    page = said(client.get(url("detail", job)))
    assert '<noscript><meta http-equiv="refresh"' in page
    Job.objects.update(state="done", ended_at=AT)
    for name in ("detail", "progress"):
        assert "every 2s" not in said(client.get(url(name, job), headers={"HX-Request": "true"}))
    assert "http-equiv" not in said(client.get(url("detail", job)))


def test_the_part_leads_to_the_page_where_no_script_runs(cast: Cast, client_of: Clients) -> None:
    job = factories.job(cast.bureau_officer)
    response = client_of("bureau_officer").get(url("progress", job))
    assert (response.status_code, response["Location"]) == (302, url("detail", job))


def test_the_log_and_the_fault_are_read_by_whoever_asked(cast: Cast, client_of: Clients) -> None:
    job = factories.job(cast.bureau_officer, state="failed", fault="第 3 行读不懂", fault_code="error")
    JobLine.objects.create(job=job, attempt_no=1, at=AT, text="读到第 2 行")
    page = said(client_of("bureau_officer").get(url("detail", job)))
    assert "第 3 行读不懂" in page
    assert "读到第 2 行" in page


def test_a_waiting_job_is_cancelled_and_tried_again(cast: Cast, client_of: Clients, kind: Callable[..., Any]) -> None:
    kind(attempts=2)
    client = client_of("bureau_officer")
    job = factories.job(cast.bureau_officer, kind="tests.job")
    assert client.post(url("cancel", job))["Location"] == url("detail", job)
    job.refresh_from_db()
    assert job.state == "cancelled"
    client.post(url("repeat", job))
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 2)
    assert list(Entry.objects.values_list("action", flat=True)[:2]) == ["jobs.repeat", "jobs.cancel"]


def test_what_cannot_be_done_is_said_in_words(cast: Cast, client_of: Clients, kind: Callable[..., Any]) -> None:
    kind()
    client = client_of("bureau_officer")
    job = factories.job(cast.bureau_officer, kind="tests.job", state="done")
    assert "任务已经结束，无需取消" in said(client.post(url("cancel", job), follow=True))
    assert "任务已经完成，无需重做" in said(client.post(url("repeat", job), follow=True))


def test_an_administrator_cancels_what_blocks_the_queue(cast: Cast, client_of: Clients) -> None:
    job = factories.job(cast.bureau_officer, state="running")
    client_of("system_admin").post(url("cancel", job))
    job.refresh_from_db()
    assert (job.state, job.is_cancel_asked) == ("running", True)
    assert "将在当前步骤结束后停止" in said(client_of("bureau_officer").get(url("detail", job)))
    assert client_of("system_admin").post(url("repeat", job)).status_code == 403


@pytest.mark.parametrize("name", ["bureau_leader", "security_admin", "audit_admin", "other_officer"])
def test_somebody_elses_job_is_not_there(cast: Cast, client_of: Clients, name: str) -> None:
    job = factories.job(cast.bureau_officer)
    client = client_of(name)
    answers = [
        client.get(url("detail", job)),
        client.get(url("progress", job)),
        client.post(url("cancel", job)),
        client.post(url("repeat", job)),
    ]
    assert [answer.status_code for answer in [*answers, client.get(f"/api/jobs/{job.public_id}")]] == [404] * 5


def test_the_administrator_tries_the_workers_and_others_do_not(cast: Cast, client_of: Clients) -> None:
    response = client_of("system_admin").post("/jobs/trial/")
    job = Job.objects.get()
    assert (response["Location"], job.kind, job.by) == (url("detail", job), "jobs.trial", cast.system_admin)
    assert client_of("bureau_officer").post("/jobs/trial/").status_code == 403


def test_the_filters_find_by_state_and_kind(cast: Cast, client_of: Clients) -> None:
    client = client_of("bureau_officer")
    factories.job(cast.bureau_officer, title="等候的")
    factories.job(cast.bureau_officer, title="失败的", state="failed", kind="jobs.forget_old")
    assert "等候的" not in said(client.get("/jobs/?state=failed"))
    assert "失败的" not in said(client.get("/jobs/?kind=jobs.trial"))
    assert "没有符合条件的任务" in said(client.get("/jobs/?state=done"))


def test_an_empty_list_says_what_will_stand_here(client_of: Clients) -> None:
    assert "暂无后台任务" in said(client_of("bureau_officer").get("/jobs/"))


def test_an_export_is_written_down(cast: Cast, client_of: Clients) -> None:
    factories.job(cast.bureau_officer, title="我的清单", state="done")
    response = client_of("bureau_officer").get("/jobs/export/?state=done")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()  # type: ignore[attr-defined]
    assert rows[1][:3] == ["后台试运行", "我的清单", "已完成"]
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.action, entry.changes) == ("jobs.export", {"filter": "state=done", "rows": 1})


def test_the_api_tells_how_far_a_job_is(cast: Cast, client_of: Clients) -> None:
    job = factories.job(cast.bureau_officer, state="running", step="读取", pieces_done=1, pieces_total=4)
    answer = client_of("bureau_officer").get(f"/api/jobs/{job.public_id}").json()
    assert (answer["state"], answer["title"], answer["share"], answer["seconds_left"]) == ("running", "名单一", 0.25, None)


def test_the_result_is_offered_to_whoever_asked(cast: Cast, client_of: Clients, kind: Callable[..., Any]) -> None:
    kind(address=lambda arguments, result: f"/leads/{result['list']}/")
    job = factories.job(cast.bureau_officer, kind="tests.job", state="done", result={"list": 7})
    assert 'href="/leads/7/"' in said(client_of("bureau_officer").get(url("detail", job)))
    assert 'href="/leads/7/"' not in said(client_of("system_admin").get(url("detail", job)))


@pytest.mark.parametrize("many", [1, 40])
def test_pages_ask_the_same_few_questions_for_one_job_and_forty(cast: Cast, client_of: Clients, many: int) -> None:
    for _ in range(many):
        job = factories.job(cast.bureau_officer, state="running", pieces_done=1, pieces_total=3)
        JobLine.objects.create(job=job, attempt_no=1, at=AT, text="行")
    client = client_of("bureau_officer")
    counts = []
    for address in ("/jobs/", url("detail", job)):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    with CaptureQueriesContext(connection) as asked:
        client.get(url("progress", job), headers={"HX-Request": "true"})
    assert [*counts, len(asked)] == [7, 6, 4]


def test_a_job_of_the_queue_is_done_and_its_page_says_so(cast: Cast, client_of: Clients) -> None:
    from threading import Event

    from wutong.web.jobs.tasks import working

    jobs.enqueue(kind="jobs.trial", arguments={"steps": 3, "seconds": 0}, by=cast.system_admin, at=AT)
    assert working.take(worker="a", stopping=Event())
    job = Job.objects.get()
    page = said(client_of("system_admin").get(url("detail", job)))
    assert "已完成" in page
    assert "第 3 步，共 3 步" in page
