"""Pages of progress: a month reported with photographs, sent again, corrected; the plan; what is asked of others; lists, alarms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

import factories
from cast import Cast
from wutong.web.journal.models import Attachment, Duty
from wutong.web.projects.actions import progress
from wutong.web.projects.actions.progress import Said
from wutong.web.projects.models import PlanPoint, ProgressPhoto, ProgressReport, Project
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.stages import Stage

pytestmark = pytest.mark.once


@pytest.fixture
def park(client_of: Callable[[str], Client]) -> Client:
    """An officer of the park, who answers for the projects here."""
    return client_of("park_officer")


def text(response: Any) -> str:
    return str(response.content.decode())


def last_month() -> dt.date:
    return rules.month_before(timezone.localdate())


def photo(colour: str = "green", *, taken: str = "", lat: float | None = None, lon: float | None = None, form: str = "JPEG") -> bytes:
    image, file = Image.new("RGB", (32, 24), colour), BytesIO()
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if lat is not None and lon is not None:
        exif.get_ifd(0x8825).update({1: "N", 2: degrees(lat), 3: "E", 4: degrees(lon)})
    image.save(file, form, **({"exif": exif} if form == "JPEG" else {}))
    return file.getvalue()


def degrees(value: float) -> tuple[IFDRational, ...]:
    return (IFDRational(int(value), 1), IFDRational(int(value * 60) % 60, 1), IFDRational(0, 1))


def upload(content: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def given(**more: Any) -> dict[str, Any]:
    return {
        "month": f"{last_month():%Y-%m}", "invested_wan": "1200", "visible": "基础施工", "problems": "临时用电未接通",
        "next_steps": "主体施工", "taken_on": timezone.localdate().isoformat(), **more,
    }  # fmt: skip


def building(owner: Any, days: int = 70, **values: Any) -> Project:
    """A project that began to be built so many days ago."""
    at = timezone.now() - dt.timedelta(days=days)
    made: Project = factories.bring_on(factories.whole_project(owner, at=at, **values), Stage.STARTED, by=None, at=at)
    return made


def address(project: Project, verb: str = "progress/report") -> str:
    return f"/projects/{project.public_id}/{verb}/"


# --- a month
def test_a_month_is_reported_with_photographs_that_tell_day_and_place_themselves(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    page = text(park.get(address(project)))
    assert f'value="{last_month():%Y-%m}" selected' in page and 'capture="environment"' in page
    wrote = photo(taken=f"{last_month():%Y:%m}:09 10:11:12", lat=31.5, lon=120.25)
    sent = given(photos=[upload(wrote), upload(photo("red"), "IMG_0002.jpg")], place="北门", caption="现场")
    assert park.post(address(project), sent).status_code == 302
    (report,) = ProgressReport.objects.all()
    assert (report.month, report.invested_yuan, report.problems) == (last_month(), Decimal(12_000_000), "临时用电未接通")
    first, second = ProgressPhoto.objects.order_by("pk")
    assert (first.taken_on, first.day_by, first.lat, first.lon, first.place_by) == (
        last_month().replace(day=9), "camera", Decimal("31.500000"), Decimal("120.250000"), "camera",
    )  # fmt: skip
    assert (second.taken_on, second.day_by, second.lat, second.place, second.place_by) == (
        timezone.localdate(), "person", None, "北门", "person",
    )  # fmt: skip
    assert [one.attachment.name for one in (first, second)] == [f"{last_month():%Y-%m}-01.jpg", f"{last_month():%Y-%m}-02.jpg"]
    shown = text(park.get(f"/projects/{project.public_id}/progress/"))
    assert "31.5000, 120.2500" in shown and "北门" in shown and "基础施工" in shown and "1,200" in shown
    kept = b"".join(park.get(f"/journal/files/{first.attachment.public_id}/").streaming_content)
    released = b"".join(park.get(f"/journal/files/{first.attachment.public_id}/released/").streaming_content)
    assert kept == wrote and not dict(Image.open(BytesIO(released)).getexif())


def test_the_position_of_the_phone_stands_where_the_camera_wrote_none(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    park.post(address(project), given(photos=[upload(photo())], lat="31.123456", lon="120.654321"))
    (made,) = ProgressPhoto.objects.all()
    assert (made.lat, made.lon, made.place_by) == (Decimal("31.123456"), Decimal("120.654321"), "phone")


def test_a_day_to_come_that_a_camera_wrote_is_not_believed(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    park.post(address(project), given(photos=[upload(photo(taken="2099:01:01 00:00:00"))]))
    (made,) = ProgressPhoto.objects.all()
    assert (made.taken_on, made.day_by) == (timezone.localdate(), "person")


def test_what_a_weak_network_sends_again_is_there_once(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    one, two = photo("green"), photo("blue")
    part = {"headers": {"X-Part": "1"}}
    assert park.post(address(project), given(), **part).status_code == 204
    assert park.post(address(project), given(photos=[upload(one)]), **part).status_code == 204
    assert park.post(address(project), given(photos=[upload(one)]), **part).status_code == 204
    assert park.post(address(project), given(photos=[upload(two)])).status_code == 302
    assert (ProgressReport.objects.count(), ProgressPhoto.objects.count(), Attachment.objects.count()) == (1, 2, 2)
    page = park.post(address(project), given(invested_wan="1300"))
    assert page.status_code == 422 and "已填报" in text(page)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"month": "2999-01"}, "2999-01"),
        ({"invested_wan": "-1"}, "0"),
        ({"invested_wan": "", "visible": " "}, "内容为空"),
        ({"photos": [SimpleUploadedFile("a.jpg", b"no image")]}, "a.jpg"),
    ],
)
def test_what_cannot_be_is_refused_in_words(cast: Cast, park: Client, more: dict[str, Any], said: str) -> None:
    project = factories.project(cast.park_officer)
    page = park.post(address(project), given(**more))
    assert page.status_code == 422 and said in text(page) and not ProgressReport.objects.exists()


def test_less_than_before_needs_its_reason_and_a_correction_too(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    before = rules.month_before(last_month())
    progress.report(
        project=project, month=before, said=Said(Decimal(20_000_000), next_steps="吊装"), by=cast.park_officer, at=timezone.now()
    )  # fmt: skip
    page = text(park.get(address(project)))
    assert "2,000" in page and "吊装" in page
    assert park.post(address(project), given()).status_code == 422
    assert park.post(address(project), given(reason="设备退货")).status_code == 302
    report = ProgressReport.objects.get(month=last_month())
    correct = f"/projects/progress/{report.public_id}/correct/"
    assert park.post(correct, given(invested_wan="1500", reason="")).status_code == 422
    for _again in range(2):
        assert park.post(correct, given(invested_wan="1500", reason="漏报设备款")).status_code == 302
    assert [one.invested_yuan for one in ProgressReport.objects.filter(month=last_month())] == [12_000_000, 15_000_000]
    assert "漏报设备款" in text(park.get(f"/projects/{project.public_id}/progress/"))
    photos = f"/projects/progress/{ProgressReport.objects.latest('pk').public_id}/photos/"
    assert park.post(photos, {"photos": [upload(photo())], "taken_on": timezone.localdate().isoformat()}).status_code == 302
    assert ProgressPhoto.objects.count() == 1


def test_others_neither_report_nor_see(cast: Cast, client_of: Any) -> None:
    project = factories.project(cast.park_officer)
    leader = client_of("bureau_leader")
    assert client_of("other_officer").get(address(project)).status_code == 404
    assert client_of("vice_mayor").get(address(project)).status_code == 403
    assert leader.get(f"/projects/{project.public_id}/progress/").status_code == 200
    assert leader.delete(address(project)).status_code == 405


# --- the plan
def test_a_plan_is_typed_changed_for_a_reason_and_comes_in_as_a_file(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    month, following = rules.month_of(timezone.localdate()), rules.month_after(timezone.localdate())
    boxes = {f"m-{month:%Y-%m}": "100", f"m-{following:%Y-%m}": "300"}
    assert park.post(address(project, "plan"), boxes).status_code == 302
    assert park.post(address(project, "plan"), {**boxes, f"m-{following:%Y-%m}": "50", "reason": "x"}).status_code == 422
    assert park.post(address(project, "plan"), {**boxes, f"m-{following:%Y-%m}": "400"}).status_code == 422
    assert park.post(address(project, "plan"), {**boxes, "reason": "一样"}).status_code == 302  # nothing changed
    assert PlanPoint.objects.count() == 2
    sheet = b"".join(park.get(address(project, "plan/export")).streaming_content)
    assert park.post(address(project, "plan"), {"file": upload(sheet, "计划.xlsx"), "reason": "导入"}).status_code == 302
    assert PlanPoint.objects.count() == 2  # the same plan
    rows = f"月份,累计计划投资(万元)\n{month:%Y-%m},200\n{following:%Y年%m月},500\n".encode()
    assert park.post(address(project, "plan"), {"file": upload(rows, "plan.csv"), "reason": "提前"}).status_code == 302
    last = PlanPoint.objects.filter(edition_no=2).values_list("month", "planned_yuan")
    assert list(last) == [(month, 2_000_000), (following, 5_000_000)]
    page = park.post(address(project, "plan"), {"file": upload("月份,累计计划投资(万元)\n三月,多\n".encode(), "plan.csv"), "reason": "x"})
    assert page.status_code == 422 and "第 2 行" in text(page) and "三月" in text(page)


def test_the_panel_draws_planned_against_actual(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    month = last_month()
    points = {rules.month_before(month): Decimal(10_000_000), month: Decimal(20_000_000)}
    progress.set_plan(project=project, points=points, by=cast.park_officer, at=timezone.now())
    progress.report(project=project, month=month, said=Said(Decimal(12_000_000)), by=cast.park_officer, at=timezone.now())
    panel = text(park.get(f"/projects/{project.public_id}/progress/", headers={"HX-Request": "true"}))
    assert "curve-planned" in panel and "60" in panel and "<html" not in panel and "export/?project=" in panel
    assert f"/projects/{project.public_id}/progress/" in text(park.get(f"/projects/{project.public_id}/"))


# --- what is asked of others
def test_the_bureau_asks_for_a_report_once_and_the_report_closes_the_duty(cast: Cast, client_of: Any, park: Client) -> None:
    project = building(cast.park_officer)
    leader = client_of("bureau_leader")
    assert "催报" in text(leader.get("/projects/progress/due/?whose=all"))
    for _again in range(2):
        assert leader.post(address(project, "progress/ask"), {"words": "请说明用电问题"}).status_code == 302
    (duty,) = Duty.objects.all()
    assert (duty.owner, duty.asked_by, duty.state) == (cast.park_officer, cast.bureau_leader, "open")
    assert park.post(address(project), given()).status_code == 302
    duty.refresh_from_db()
    assert duty.state == "done"
    assert park.get(address(project, "progress/ask")).status_code == 403


def test_a_problem_becomes_a_duty_of_somebody_who_sees_the_project(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    park.post(address(project), given())
    ask = f"/projects/progress/{ProgressReport.objects.get().public_id}/coordinate/"
    page = text(park.get(ask))
    assert "临时用电未接通" in page and str(cast.bureau_leader) in page and str(cast.other_officer) not in page
    until = timezone.localdate() + dt.timedelta(days=7)
    sent = {"owner": cast.bureau_leader.public_id, "title": "协调临时用电", "text": "配电房未移交", "due_on": until.isoformat()}
    for _again in range(2):
        assert park.post(ask, sent).status_code == 302
    (duty,) = Duty.objects.all()
    assert (duty.owner, duty.asked_by, duty.title, duty.due_on) == (cast.bureau_leader, cast.park_officer, "协调临时用电", until)
    assert park.post(ask, {**sent, "due_on": "2020-01-01"}).status_code == 422


# --- over many projects
def test_reports_to_be_written_are_ones_own_and_units_tell_how_many_lack(cast: Cast, client_of: Any, park: Client) -> None:
    project = building(cast.park_officer, name_zh="青桐未报项目")
    theirs = building(cast.county_officer, name_zh="青桐他人项目")
    page = text(park.get("/projects/progress/due/"))
    assert "青桐未报项目" in page and "青桐他人项目" not in page and f"{address(project)}?month=" in page
    leader = text(client_of("bureau_leader").get("/projects/progress/due/?whose=all"))
    assert "青桐未报项目" in leader and "青桐他人项目" in leader
    assert "青桐未报项目" in text(park.get("/duties/")) or "青桐未报项目" in text(park.get("/journal/duties/"))
    progress.report(project=project, month=last_month(), said=Said(Decimal(1)), by=cast.park_officer, at=timezone.now())
    assert "青桐未报项目" not in text(park.get("/projects/progress/due/"))
    assert "青桐未报项目" in text(park.get("/projects/progress/due/?state=all"))
    assert theirs.status == "active"


def test_reports_of_a_month_are_listed_and_found(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer, name_zh="青桐在建项目")
    park.post(address(project), given(photos=[upload(photo())]))
    listed = "/projects/progress/"
    assert "青桐在建项目" in text(park.get(listed))
    for query, is_there in (
        ("which=problems", True), ("which=photos", True), ("which=corrected", False), ("text=临时用电", True), ("text=无此", False),
        (f"month={rules.month_before(last_month()):%Y-%m}", False), (f"project={project.public_id}", True),
        ("which=late", timezone.localdate().day > 10),
    ):  # fmt: skip
        assert ("青桐在建项目" in text(park.get(f"{listed}?{query}"))) is is_there, query


def test_alarms_say_rule_threshold_and_source_and_open_into_the_project(cast: Cast, client_of: Any, park: Client) -> None:
    project = building(cast.park_officer, name_zh="青桐缓慢项目")
    month = last_month()
    progress.set_plan(project=project, points={month: Decimal(1_000_000)}, by=cast.park_officer, at=timezone.now())
    progress.report(project=project, month=month, said=Said(Decimal(600_000)), by=cast.park_officer, at=timezone.now())
    page = text(park.get("/projects/alarms/"))
    assert "青桐缓慢项目" in page and "70 %" in page and "梧桐默认值" in page and f"{project.public_id}/progress/" in page
    assert "青桐缓慢项目" not in text(park.get("/projects/alarms/?alarm=not_reported"))
    assert "青桐缓慢项目" not in text(client_of("other_officer").get("/projects/alarms/"))
