"""An old ledger of projects is taken over: its dirt understood or named by row and field, whole, by pieces, and undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import translation

import factories
from cast import Cast
from wutong.demo import old_ledger
from wutong.demo.old_ledger import OldLedger, Place
from wutong.web.accounts.actions import units
from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.batches.actions import imports, undoing
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.queries import checking
from wutong.web.batches.tasks import imports as tasks
from wutong.web.leads.models import LeadContact, LeadPair
from wutong.web.leads.queries import duplicates
from wutong.web.lib import access
from wutong.web.lib.exchange import Batch
from wutong.web.projects.actions import takeover
from wutong.web.projects.models import Evidence, Node, Project, StageChange
from wutong.web.projects.queries import rated

PLACES = (Place(("青桐高新区", "高新区"), "park_officer"), Place(("临溪县",), "county_officer"))


@pytest.fixture
def taken(cast: Cast, settings: Any, tmp_path: Path) -> Callable[..., ImportBatch]:
    """`taken(file)` is a ledger that the leader of the bureau uploaded, and that is checked."""
    settings.BATCHES = tmp_path / "batches"

    def made(file: Path) -> ImportBatch:
        content = file.read_bytes()
        batch = imports.upload(
            kind="projects.ledger", name=file.name, size_bytes=len(content), chunks=[content],
            given={"as_of": access.today().isoformat()}, by=cast.bureau_leader, at=factories.AT,
        )  # fmt: skip
        return tasks.check_now(batch)

    return made


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OldLedger]:
    path = tmp_path_factory.mktemp("old") / "项目台账.xlsx"
    return path, old_ledger.make(path, PLACES)


def faults_of(batch: ImportBatch) -> set[tuple[int, str]]:
    return {(row, column) for row, column, _value, _expected in checking.faults(batch, 0, 10_000)}


def test_the_preview_of_a_ledger_of_600_rows_names_each_planted_fault_and_no_other(taken: Any, old: tuple[Path, OldLedger]) -> None:
    path, wanted = old
    batch = taken(path)
    assert batch.fault == "" and batch.counts["above"].startswith("重点招商项目台账")
    assert faults_of(batch) == {(one.line, one.header) for one in wanted.faults}
    counts = batch.counts
    assert (counts["rows"], counts["new"], counts["bad"]) == (wanted.rows, wanted.good, wanted.rows - wanted.good)


@pytest.mark.once
def test_what_was_passed_over_rounded_or_may_be_double_is_told_and_nothing_else(taken: Any, old: tuple[Path, OldLedger]) -> None:
    path, wanted = old
    counts = taken(path).counts
    assert [row for row, column, _value, _told in counts["remarks"] if not column] == wanted.passed
    assert remarks_of_all(counts) == {(one.line, one.header) for one in wanted.looks}
    assert counts["waits"] == sum(one.sort == "alike" for one in wanted.looks)


def remarks_of_all(counts: dict[str, Any]) -> set[tuple[int, str]]:
    assert counts["remark_count"] == len(counts["remarks"]), "the ledger of the test has fewer than are kept"
    return {(row, column) for row, column, _value, _told in counts["remarks"] if column}


def dump() -> dict[str, list[Any]]:
    """Every table that an import of this kind touches, as it stands."""
    labels = ("leads.Lead", "leads.LeadPair", "leads.LeadContact", "firms.Firm", "projects.Project", "projects.StageChange",
              "projects.Evidence", "projects.Node", "projects.PlanChange")  # fmt: skip
    return {label: list(apps.get_model(label).objects.order_by("pk").values()) for label in labels}


def written(batch: ImportBatch, by: Any) -> ImportBatch:
    imports.start(batch=batch, is_whole=False, by=by, at=factories.AT)
    for number in range(checking.pieces(batch)):
        imports.take_piece(batch=batch, number=number, by=by, at=factories.AT)
    return imports.finish(batch=batch, by=by, at=factories.AT)


def test_a_whole_ledger_comes_in_and_is_undone_without_a_trace(taken: Any, old: tuple[Path, OldLedger], cast: Cast) -> None:
    before = dump()
    path, wanted = old
    batch = written(taken(path), cast.bureau_leader)
    assert Project.objects.count() == wanted.good == Project.objects.filter(is_taken_over=True, lead__state="project").count()
    assert batch.left_out == [] and LeadPair.objects.filter(found_in=path.name).count() == 1
    again = taken(path)
    assert (again.counts["new"], again.counts["same"]) == (0, wanted.good), "a second time nothing is new"
    ImportBatch.objects.filter(pk=batch.pk).update(state="undoing")
    while undoing.undo_piece(batch=batch, by=cast.bureau_leader, at=factories.AT):
        pass
    assert dump() == before and not ImportedRecord.objects.filter(batch=batch).exists()


# --- one row ------------------------------------------------------------------------------------------------------------------------------
HEAD = (
    "项目名称",
    "投资方",
    "落地单位",
    "负责人",
    "项目阶段",
    "总投资",
    "签约日期",
    "开工日期",
    "联系电话",
    "项目代码",
    "推进状态",
    "原因",
    "去向",
)
GOOD = {
    "项目名称": "星澜电池项目", "投资方": "星澜电池科技有限公司", "落地单位": "青桐高新区", "负责人": "park_officer", "项目阶段": "在建",
    "总投资": "3.5亿元（其中固定资产2亿）", "签约日期": "2024.3", "开工日期": "2024年9月1日", "联系电话": "13912345678.0",
}  # fmt: skip


def ledger(tmp_path: Path, *rows: dict[str, str], head: tuple[str, ...] = HEAD) -> Path:
    path = tmp_path / "台账.csv"
    lines = [head, *(tuple({**GOOD, **row}.get(name, "") for name in head) for row in rows)]
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines), "utf-8")
    return path


def test_a_row_becomes_a_project_with_its_past_and_what_is_absent(taken: Any, tmp_path: Path, cast: Cast) -> None:
    written(taken(ledger(tmp_path, {"项目代码": "2403-990121-04-01-123456"})), cast.bureau_leader)
    one = Project.objects.get()
    assert (one.unit, one.owner, one.stage, one.stage_since) == (cast.units["zone"], cast.park_officer, "started", dt.date(2024, 9, 1))
    assert (one.total_yuan, one.fixed_yuan, one.project_code) == (350_000_000, 200_000_000, "2403-990121-04-01-123456")
    assert (one.lead.name, one.lead.state, one.lead.amount_10k_yuan) == ("星澜电池科技有限公司", "project", 35_000)
    changes = list(StageChange.objects.filter(project=one).values_list("kind", "from_stage", "to_stage", "occurred_on"))
    assert changes == [
        ("taken_over", "", "signed", dt.date(2024, 3, 31)), ("taken_over", "signed", "started", dt.date(2024, 9, 1)),
    ]  # fmt: skip
    absent = set(Evidence.objects.filter(project=one, is_absent=True).values_list("kind", flat=True))
    assert {"contract", "construction_permit"} <= absent
    assert set(Node.objects.filter(project=one).values_list("stage", flat=True)) == {"started"}
    assert LeadContact.objects.get(lead=one.lead).digest == duplicates.contact_digest("13912345678")
    (rated_one,) = rated.rated(Project.objects.all())
    assert {"signed", "started"} <= rated_one.unproved, "a rate that asks for proofs leaves it out"


def test_the_kind_of_site_comes_along_and_an_unknown_one_is_named(taken: Any, tmp_path: Path, cast: Cast) -> None:
    head = (*HEAD, "用地方式")
    batch = taken(ledger(tmp_path, {"用地方式": "现成厂房"}, {"项目名称": "云岫电机项目", "用地方式": "挂牌"}, head=head))
    assert [column for _row, column in faults_of(batch)] == ["用地方式"]
    written(batch, cast.bureau_leader)
    assert Project.objects.get().site_kind == "ready_workshop"


@pytest.mark.once
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"项目阶段": "在建（停滞）", "原因": "等资金"}, ("started", "paused", "等资金", "")),
        ({"项目阶段": "停工"}, ("started", "paused", None, "")),
        ({"推进状态": "终止", "去向": "某省某市"}, ("started", "lost", None, "elsewhere")),
        ({"推进状态": "终止"}, ("started", "lost", None, "other")),
        ({"项目阶段": "签约未开工", "开工日期": ""}, ("signed", "active", "", "")),
        ({"项目阶段": "已签约项目", "开工日期": "", "推进状态": "暂缓"}, ("signed", "dormant", None, "")),
    ],
)
def test_words_of_any_bureau_say_stage_and_status(
    taken: Any, tmp_path: Path, cast: Cast, row: dict[str, str], told: tuple[str, str, str | None, str]
) -> None:
    stage, status, reason, loss = told
    written(taken(ledger(tmp_path, row)), cast.bureau_leader)
    one = Project.objects.get()
    assert (one.stage, one.status, one.loss) == (stage, status, loss)
    assert bool(one.status_reason) == (status != "active") and (not reason or one.status_reason == reason)
    last = StageChange.objects.filter(project=one).last()
    assert last is not None and last.to_status == status


@pytest.mark.once
@pytest.mark.parametrize(
    ("row", "header", "says"),
    [
        ({"总投资": "5-8亿"}, "总投资", "范围"),
        ({"总投资": "12000"}, "总投资", "单位"),
        ({"签约日期": "3月15日"}, "签约日期", "年份"),
        ({"签约日期": "2024.1"}, "签约日期", "2024-10"),
        ({"项目名称": "1.星澜电池项目 2.云岫电机项目"}, "项目名称", "云岫电机项目"),
        ({"落地单位": "白榆市招商局"}, "落地单位", "单位"),
        ({"落地单位": "招商局"}, "落地单位", "单位"),
        ({"落地单位": ""}, "落地单位", ""),
        ({"负责人": "county_officer"}, "负责人", "人员："),
        ({"负责人": ""}, "负责人", "人员："),
        ({"项目阶段": "协调推进当中"}, "项目阶段", "在谈"),
        ({"项目阶段": ""}, "项目阶段", "在谈"),
        ({"开工日期": ""}, "开工日期", "开工"),
        ({"开工日期": "2099-01-01"}, "开工日期", "今天"),
        ({"开工日期": "2023-01-01"}, "开工日期", "签约"),
        ({"项目阶段": "签约"}, "开工日期", "签约"),
        ({"项目代码": "2403-990121-04-01-12345"}, "项目代码", "24"),
        ({"联系电话": "1381"}, "联系电话", "电话"),
    ],
)
def test_a_fault_is_told_by_row_field_value_and_what_was_expected(
    taken: Any, tmp_path: Path, row: dict[str, str], header: str, says: str
) -> None:
    batch = taken(ledger(tmp_path, row))
    assert [(at, column) for at, column, _value, _told in checking.faults(batch, 0, 9)] == [(2, header)]
    with translation.override("zh-hans"):
        ((_row, _column, value, told),) = checking.faults(tasks.check_now(batch), 0, 9)
    assert value == {**GOOD, **row}.get(header, "") and says in told


def test_a_unit_is_known_by_a_former_name_and_by_a_short_one_that_fits_no_other(taken: Any, tmp_path: Path, cast: Cast) -> None:
    zone = cast.units["zone"]
    units.change_unit(unit=zone, parent=zone.parent, name_zh="青桐经济技术开发区", changed_on=dt.date(2025, 1, 1), by=None, at=factories.AT)
    rows = [
        {"项目名称": f"{name}配套项目", "投资方": "", "落地单位": name} for name in ("青桐高新区", "青桐经济技术开发区", "经济技术开发区")
    ]
    written(taken(ledger(tmp_path, *rows)), cast.bureau_leader)
    assert set(Project.objects.values_list("unit__name_zh", flat=True)) == {"青桐经济技术开发区"} and Project.objects.count() == 3


@pytest.mark.once
def test_who_may_not_direct_projects_takes_no_ledger_over(taken: Any, tmp_path: Path, cast: Cast, client_of: Any) -> None:
    batch = taken(ledger(tmp_path, {}))
    with pytest.raises(NotAllowed):
        takeover.take_over(rows=[], batch=Batch("台账.csv", "0" * 64, {}, {}, 1), by=cast.park_officer, at=factories.AT)
    client = client_of("park_officer")
    assert client.get("/batches/imports/new/projects.ledger/").status_code == 403
    assert client.get(f"/batches/imports/{batch.public_id}/rows/2/").status_code == 404


# --- mended in the page -------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def client(client_of: Callable[[str], Client]) -> Client:
    return client_of("bureau_leader")


def fields(response: Any) -> dict[str, str]:
    """The names of the form's cells, by their labels; of several rows the first."""
    form = response.context["form"]
    return {form[name].label: name for name in reversed(list(form.fields))}


@pytest.mark.once
def test_a_row_is_mended_in_the_page_and_the_file_stays_as_it_came(taken: Any, tmp_path: Path, client: Client) -> None:
    batch = taken(ledger(tmp_path, {"总投资": "5-8亿"}))
    address = f"/batches/imports/{batch.public_id}/rows/2/"
    shown = client.get(address)
    names = {name: str(shown.context["form"][name].value()) for name in shown.context["form"].fields}
    assert names[fields(shown)["总投资"]] == "5-8亿" and "一个数" in shown.content.decode()
    assert client.post(address, {**names, fields(shown)["总投资"]: "5亿元", "do": "save"}).status_code == 302
    batch.refresh_from_db()
    assert (batch.counts["bad"], batch.counts["new"]) == (0, 1) and batch.mended["2"][0][5] == "5亿元"
    assert "5-8亿" in (batch.path / "file").read_text("utf-8")
    client.post(address, {"do": "as-file"})
    batch.refresh_from_db()
    assert batch.counts["bad"] == 1 and batch.mended == {}
    client.post(address, {"do": "leave-out"})
    batch.refresh_from_db()
    assert batch.counts["rows"] == 0 and batch.mended == {"2": []}
    assert client.get(address).status_code == 200 and client.get(address.replace("/2/", "/9/")).status_code == 404


@pytest.mark.once
def test_a_row_with_two_projects_is_split_by_a_button(taken: Any, tmp_path: Path, client: Client, cast: Cast) -> None:
    row = {"项目名称": "1.星澜电池项目 2.云岫电机项目", "投资方": "星澜电池公司、云岫电机公司", "总投资": "6亿元"}
    batch = taken(ledger(tmp_path, row))
    address = f"/batches/imports/{batch.public_id}/rows/2/"
    assert "?parts=2" in client.get(address).content.decode()
    form = client.get(f"{address}?parts=2").context["form"]
    names = {name: str(form[name].value()) for name in form.fields}
    by_label = [{form[name].label: name for name in form.fields if name.startswith(f"r{part}-")} for part in (0, 1)]
    assert [names[part["总投资"]] for part in by_label] == ["", ""], "one amount for both is nobody's"
    assert [names[part["投资方"]] for part in by_label] == ["星澜电池公司", "云岫电机公司"]
    names |= {by_label[0]["总投资"]: "2亿元", by_label[1]["总投资"]: "4亿元", "do": "save"}
    assert client.post(f"{address}?parts=2", names).status_code == 302
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["bad"]) == (2, 0)
    written(batch, cast.bureau_leader)
    assert set(Project.objects.values_list("name_zh", "total_yuan")) == {("星澜电池项目", 200_000_000), ("云岫电机项目", 400_000_000)}


@pytest.mark.once
def test_a_written_import_is_mended_no_more(taken: Any, tmp_path: Path, client: Client, cast: Cast) -> None:
    batch = taken(ledger(tmp_path, {}))
    written(batch, cast.bureau_leader)
    assert client.get(f"/batches/imports/{batch.public_id}/rows/2/").status_code == 404
    with pytest.raises(imports.Refused):
        imports.mend(batch=batch, line=2, rows=[], by=cast.bureau_leader, at=factories.AT)


# --- what is absent -----------------------------------------------------------------------------------------------------------------------
def test_what_is_absent_is_listed_by_unit_and_project_until_it_is_handed_in(
    taken: Any, tmp_path: Path, client_of: Any, client: Client, cast: Cast
) -> None:  # fmt: skip
    written(taken(ledger(tmp_path, {})), cast.bureau_leader)
    one = Project.objects.get()
    page = client.get("/projects/absent/")
    (unit,), (row,) = page.context["units"], page.context["list"].rows
    assert (unit.unit, unit.projects, unit.proofs + unit.facts) == (cast.units["zone"], 1, len(row.lacks)) and row.project == one
    assert f"/projects/{one.public_id}/hand-in/?kind=contract" in page.content.decode()
    factories.proof(one, "contract", by=cast.park_officer)
    (after,) = client.get("/projects/absent/").context["list"].rows
    assert {lack.kind for lack in row.lacks} - {lack.kind for lack in after.lacks} == {"contract"}
    seen = client.get(f"/projects/{one.public_id}/").content.decode()
    assert f"接管时缺失 {unit.proofs} 项" in seen and seen.count("已补交") == 1, "folded away, and which one came since"
    assert client.get(f"/projects/absent/?unit={cast.units['zone'].public_id}").context["list"].total == 1
    export = client.get("/projects/absent/export/")
    assert export.status_code == 200 and b"".join(export.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    other = client_of("other_officer")
    assert not other.get("/projects/absent/").context["list"].rows and other.post("/projects/absent/").status_code == 405


@pytest.mark.once
def test_the_demo_has_a_ledger_to_try_whose_preview_names_what_was_planted(taken: Any, tmp_path: Path, cast: Cast) -> None:
    path = old_ledger.tell(tmp_path)
    assert path is not None
    wanted = old_ledger.make(tmp_path / "again.xlsx", PLACES)
    batch = taken(path)
    assert batch.counts["bad"] == wanted.rows - wanted.good
