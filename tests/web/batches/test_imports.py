"""A file is checked, its rows are written in the background, and the whole import is undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.apps import apps
from django.test import TestCase
from django.utils import translation

import factories
from cast import Cast
from web.batches.filling import work, workbook
from wutong.web.accounts.actions import oneself, people
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import imports, keeping, undoing
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.queries import checking, pages
from wutong.web.batches.rules import Refusal
from wutong.web.batches.tasks import imports as tasks
from wutong.web.jobs.models import Job, Message
from wutong.web.jobs.tasks import running, working
from wutong.web.journal.models import Comment

AT = factories.AT
Made = Callable[..., ImportBatch]
BUREAU = "青桐市招商局"
ROWS = [
    ("示例：zhangsan", "张三", BUREAU, ""),
    ("officer.a", "干部甲", BUREAU, "a@example.com"),
    ("Officer.B", "干部乙", BUREAU, ""),
    ("bureau_officer", "干部六改名", BUREAU, ""),
    ("no_role", "干部12", BUREAU, ""),
    ("坏 名", "干部丙", BUREAU, ""),
    ("officer.c", "", "没有的单位", ""),
    ("officer.d", "干部丁", "没有的单位", "不是邮箱"),
    ("officer.e", "干部戊", "没有的单位", ""),
    ("OFFICER.A", "干部甲二", BUREAU, ""),
]


def dump() -> dict[str, list[Any]]:
    """Every row of every table but audit, jobs and batches."""
    models = [model for model in apps.get_models() if model._meta.app_label not in {"audit", "jobs", "batches"}]
    through = [many.remote_field.through for model in models for many in model._meta.local_many_to_many]
    tables = [model for model in [*models, *through] if model._meta.managed]
    return {model._meta.db_table: sorted(map(repr, model._base_manager.values_list())) for model in tables}


def started(batch: ImportBatch, by: Any, *, is_whole: bool = False) -> ImportBatch:
    """The import once its rows are written."""
    imports.start(batch=batch, is_whole=is_whole, by=by, at=AT)
    work()
    batch.refresh_from_db()
    return batch


def test_a_check_counts_rows_and_names_every_fault_in_the_readers_words(uploaded: Made) -> None:
    batch = uploaded(workbook(ROWS))
    assert {name: batch.counts[name] for name in ("rows", "examples", "new", "changed", "same", "bad", "twice")} == {
        "rows": 9, "examples": 1, "new": 2, "changed": 1, "same": 1, "bad": 5, "twice": 1,
    }  # fmt: skip
    assert checking.faults(batch, 0, 50) == [
        (7, "用户名", "坏 名", "由字母、数字及 @ . + - _ 组成的用户名"),
        (8, "姓名", "", "不超过 100 个字的名称"),
        (9, "电子邮箱", "不是邮箱", "电子邮箱地址"),
        (10, "单位", "没有的单位", "有权管理的单位全称"),
        (11, "用户名", "OFFICER.A", "各行不得重复；第 3 行已有"),
    ]
    assert next((row, cells[0]) for row, cells, _reasons in checking.bad_rows(batch)) == (7, "坏 名")
    assert batch.counts["changes"] == [["5", "bureau_officer · 姓名", "干部06", "干部六改名"]]
    with translation.override("en"):
        again = uploaded(workbook(ROWS))
    assert checking.faults(again, 4, 1)[0][3] == "each only once; row 3 names it too"


def test_good_rows_are_written_and_an_undo_restores_every_table(cast: Cast, uploaded: Made) -> None:
    batch = uploaded(workbook(ROWS))
    before = dump()
    with pytest.raises(imports.Refused) as refused:
        imports.start(batch=batch, is_whole=True, by=cast.system_admin, at=AT)
    assert refused.value.refusals == (Refusal.NOT_ALL_GOOD,)
    assert started(batch, cast.system_admin).state == "done"
    assert User.objects.get(username="officer.b").has_usable_password() is False
    assert User.objects.get(username="bureau_officer").display_name == "干部六改名"
    entry = Entry.objects.get(action="batches.import")
    assert (entry.changes["sha256"], entry.changes["made"], entry.changes["changed"]) == (batch.sha256, 2, 1)
    assert not Entry.objects.filter(action="accounts.create_user", object_label__startswith="干部甲").exists()
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert (batch.state, ImportedRecord.objects.count(), batch.standing) == ("undone", 0, [])
    assert dump() == before
    assert Entry.objects.filter(action="batches.undo", changes__sha256=batch.sha256).count() == 1
    assert [message.title for message in Message.objects.order_by("pk")] == ["已导入：人员.xlsx", "已撤销：人员.xlsx"]


def test_file_and_former_values_go_when_their_time_is_over_and_what_was_written_stays(cast: Cast, uploaded: Made, settings: Any) -> None:
    done, unwritten = started(uploaded(workbook(ROWS)), cast.system_admin), uploaded(workbook(ROWS))
    assert done.path.exists() and ImportedRecord.objects.filter(was__isnull=False).exists() and unwritten.counts["same"]
    over = AT + dt.timedelta(days=settings.IMPORT_KEPT_DAYS)
    ImportBatch.objects.filter(pk=done.pk).update(written_at=AT)
    assert keeping.close_old(by=None, at=over) == 0
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert keeping.close_old(by=None, at=over + dt.timedelta(days=1)) == 2
    done.refresh_from_db(), unwritten.refresh_from_db()
    assert (done.state, unwritten.state, ImportedRecord.objects.count()) == ("closed", "dropped", 0)
    assert not done.path.exists() and not unwritten.path.exists() and "changes" not in done.counts
    assert User.objects.get(username="bureau_officer").display_name == "干部六改名"
    page = pages.import_page(done, cast.system_admin)
    assert not page.may_undo and page.faults == () and list(checking.bad_rows(done)) == []
    with pytest.raises(imports.Refused):
        undoing.ask_undo(batch=done, by=cast.system_admin, at=over)
    assert keeping.close_old(by=None, at=over + dt.timedelta(days=2)) == 0


def test_kept_days_are_counted_from_the_writing_where_that_is_later(cast: Cast, uploaded: Made, settings: Any) -> None:
    done, days = started(uploaded(workbook(ROWS)), cast.system_admin), dt.timedelta(days=settings.IMPORT_KEPT_DAYS)
    ImportBatch.objects.filter(pk=done.pk).update(written_at=done.uploaded_at + days - dt.timedelta(days=1))
    assert keeping.close_old(by=None, at=done.uploaded_at + days + dt.timedelta(days=1)) == 0
    assert ImportedRecord.objects.filter(was__isnull=False).exists()
    assert keeping.close_old(by=None, at=done.uploaded_at + 2 * days) == 1


@pytest.mark.parametrize("case", ["administrator", "taken"])
def test_an_undo_gives_no_e_mail_back_that_a_single_change_could_not_give(
    cast: Cast, uploaded: Made, settings: Any, case: str
) -> None:  # fmt: skip
    settings.OIDC_ISSUER, settings.OIDC_CLAIM = "https://login.example.gov.cn", "email"
    User.objects.filter(username="no_role").update(email="x@example.cn")
    batch = started(uploaded(workbook([("no_role", cast.no_role.display_name, BUREAU, "p@example.cn")])), cast.system_admin)
    if case == "administrator":
        factories.posting(cast.no_role, "security_admin")
    else:
        User.objects.filter(username="adviser").update(email="X@example.cn")
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert (batch.state, User.objects.get(username="no_role").email) == ("done", "p@example.cn")
    assert [one["row"] for one in batch.standing] == [2] and "邮箱" in batch.standing[0]["what"]


def test_what_an_erased_person_was_before_an_import_goes_and_the_undo_leaves_the_account_alone(cast: Cast, uploaded: Made) -> None:
    User.objects.filter(username__in=["no_role", "adviser"]).update(email="x@example.cn")
    name = cast.adviser.display_name
    batch = started(uploaded(workbook([("no_role", "改名", BUREAU, "p@example.cn"), ("adviser", "改名二", BUREAU, "")])), cast.system_admin)
    people.deactivate(user=cast.no_role, by=None, at=AT, on=AT.date())
    people.erase_user(user=cast.no_role, reason="本人申请", by=None, at=AT)
    assert list(ImportedRecord.objects.values_list("record_id", flat=True)) == [cast.adviser.pk]
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    left = User.objects.get(username="no_role")
    assert (batch.state, left.display_name, left.email) == ("undone", "改名", "")
    assert User.objects.get(username="adviser").display_name == name


def test_what_stands_on_a_record_refuses_the_undo_and_is_named(cast: Cast, uploaded: Made) -> None:
    batch = started(uploaded(workbook(ROWS)), cast.system_admin)
    first, second = User.objects.get(username="officer.a"), User.objects.get(username="officer.b")
    posting = factories.posting(first, "bureau_officer", unit=cast.units["bureau"])
    people.reset_password(user=second, by=cast.system_admin, at=AT, on=AT.date())
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert batch.state == "done"
    assert {(one["row"], one["record"]) for one in batch.standing} == {(3, "干部甲"), (4, "干部乙")}
    assert any(str(posting) in one["what"] for one in batch.standing)
    assert User.objects.filter(username__in=["officer.a", "officer.b"]).count() == 2


def test_a_comment_on_an_imported_record_stands_on_it_though_no_foreign_key_says_so(cast: Cast, uploaded: Made) -> None:
    batch = started(uploaded(workbook(ROWS)), cast.system_admin)
    person = User.objects.get(username="officer.a")
    values = {"unit": cast.units["bureau"], "by": cast.bureau_officer, "at": AT, "text": "先别动"}
    Comment.objects.create(model="accounts.User", record=person.public_id, **values)
    with pytest.raises(undoing.StandsOn) as refused:
        undoing.undo_piece(batch=batch, by=cast.system_admin, at=AT)
    assert [(one.record, one.what.partition(":")[0]) for one in refused.value.found] == [("干部甲", "留言")]


def test_a_view_kept_by_an_imported_person_is_not_deleted_with_him(cast: Cast, uploaded: Made) -> None:
    batch = started(uploaded(workbook(ROWS)), cast.system_admin)
    oneself.save_view(page="/firms/", name="液压", query="q=1", by=User.objects.get(username="officer.a"), at=AT)
    with pytest.raises(undoing.StandsOn):
        undoing.undo_piece(batch=batch, by=cast.system_admin, at=AT)


def test_all_or_none_takes_back_what_was_written_before_a_row_proved_bad(
    cast: Cast, uploaded: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wutong.engine.list_batches.PIECE_ROWS", 2)
    batch = uploaded(workbook([(f"officer.{n}", f"干部{n}", BUREAU, "") for n in range(6)]))
    imports.start(batch=batch, is_whole=True, by=cast.system_admin, at=AT)
    factories.person("officer.5", at_unit=cast.units["other_bureau"])
    cast.system_admin.refresh_from_db()
    before = dump()
    User.objects.filter(username="officer.5").update(is_active=False)
    before = dump()
    work()
    batch.refresh_from_db()
    assert dump() == before
    assert (batch.state, batch.made_count, ImportedRecord.objects.count()) == ("checking", 0, 0)
    assert "第 " not in Job.objects.get(pk=batch.job_id).fault
    assert Job.objects.get(pk=batch.job_id).state == "failed"


def test_a_worker_that_dies_between_pieces_loses_and_doubles_nothing(cast: Cast, uploaded: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wutong.engine.list_batches.PIECE_ROWS", 100)
    batch = uploaded(workbook([(f"officer.{n}", f"干部{n}", BUREAU, "") for n in range(450)]))
    imports.start(batch=batch, is_whole=True, by=cast.system_admin, at=AT)
    whole = imports.take_piece
    died = []

    def dying(**values: Any) -> Any:
        done = whole(**values)
        if values["number"] == 2 and not died:
            died.append(values["number"])
            raise running.Stopped
        return done

    monkeypatch.setattr(imports, "take_piece", dying)
    work()
    batch.refresh_from_db()
    assert died == [2]
    assert (batch.state, batch.made_count) == ("done", 450)
    assert User.objects.filter(username__startswith="officer.").count() == 450
    assert ImportedRecord.objects.values("record_id").distinct().count() == 450


def test_columns_are_remembered_per_person(cast: Cast, uploaded: Made) -> None:
    head = ("代号", "姓名", "单位", "电子邮箱")
    content = workbook([("officer.x", "干部甲", BUREAU, "")], head)
    batch = uploaded(content)
    assert batch.counts["new"] == 0
    from wutong.web.batches.tasks import imports as tasks

    batch = tasks.check_now(batch, {"username": 0, "display_name": 1, "unit": 2})
    assert started(batch, cast.system_admin).made_count == 1
    assert uploaded(workbook([("officer.y", "干部甲", BUREAU, "")], head)).counts["new"] == 1


def test_a_tree_of_units_comes_in_and_goes_again(cast: Cast, uploaded: Made) -> None:
    rows = [("投资促进中心", "部门", BUREAU, ""), ("驻沪小组", "招商小分队", "投资促进中心", "990101"), ("孤儿", "部门", "没有", "")]
    head = ("单位名称", "单位类型", "上级单位", "行政区划代码")
    batch = uploaded(workbook(rows, head), kind="accounts.units")
    before = dump()
    assert (batch.counts["new"], batch.counts["bad"]) == (2, 1)
    own = Entry.objects.filter(action__startswith="accounts.").count()
    assert started(batch, cast.system_admin).made_count == 4
    assert [entry.changes["sha256"] for entry in Entry.objects.filter(action="batches.import")] == [batch.sha256]
    assert Entry.objects.filter(action__startswith="accounts.").count() == own, "the batch has one entry, its units none"
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert batch.standing == []
    assert dump() == before


def test_a_check_that_is_wanted_no_more_neither_counts_nor_changes_what_is_written(cast: Cast, uploaded: Made) -> None:
    batch = uploaded(workbook([("officer.a", "甲", BUREAU, ""), ("officer.b", "乙", BUREAU, "")]))
    old = imports.ask_check(batch=batch, columns={"username": 1, "display_name": 0, "unit": 2}, by=cast.system_admin, at=AT).job
    Job.objects.filter(pk=old.pk).update(state="cancelled", ended_at=AT)
    batch = tasks.check_now(ImportBatch.objects.get(pk=batch.pk))
    imports.start(batch=batch, is_whole=True, by=cast.system_admin, at=AT)
    Job.objects.filter(pk=old.pk).update(state="queued", ended_at=None)
    work()
    batch.refresh_from_db()
    assert (batch.state, sorted(User.objects.filter(username__startswith="officer.").values_list("username", flat=True))) == (
        "done", ["officer.a", "officer.b"],
    )  # fmt: skip
    checking.forget_others(batch)
    assert len(list(batch.path.glob("rows*.parquet"))) == 1
    with pytest.raises(imports.Refused):
        imports.take_piece(batch=batch, number=0, check="another", by=cast.system_admin, at=AT)


def test_whoever_imports_has_the_file_checked_himself_and_it_is_put_down_to_him(cast: Cast, uploaded: Made) -> None:
    batch = uploaded(workbook(ROWS))
    other = factories.posting(factories.person("second_admin", at_unit=cast.system_admin.unit), "system_admin").user
    assert pages.import_page(batch, cast.system_admin).faults and not pages.import_page(batch, other).faults
    with pytest.raises(imports.Refused) as refused:
        imports.start(batch=batch, is_whole=False, by=other, at=AT)
    assert refused.value.refusals == (Refusal.NOT_CHECKED_BY_YOU,)
    batch = started(tasks.check_now(batch, by=other), other)
    assert batch.state == "done" and pages.import_page(batch, other).faults and not pages.import_page(batch, cast.system_admin).faults
    assert Entry.objects.get(action="batches.import").by == Entry.objects.get(action="batches.take_over").by == other


def test_taking_back_goes_on_taking_back_when_its_worker_dies_though_the_row_is_good_by_then(
    cast: Cast, uploaded: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wutong.engine.list_batches.PIECE_ROWS", 2)
    monkeypatch.setattr(undoing, "PIECE_RECORDS", 2)
    batch = uploaded(workbook([(f"officer.{n}", f"干部{n}", BUREAU, "") for n in range(6)]))
    imports.start(batch=batch, is_whole=True, by=cast.system_admin, at=AT)
    taken = factories.person("officer.5", at_unit=cast.units["other_bureau"])
    User.objects.filter(pk=taken.pk).update(is_active=False)
    whole, died = undoing.undo_piece, list[bool]()

    def dying(**values: Any) -> int:
        if User.objects.filter(username="officer.0").exists() and not User.objects.filter(username="officer.2").exists() and not died:
            died.append(True)
            raise running.Stopped
        return whole(**values)

    monkeypatch.setattr(undoing, "undo_piece", dying)
    working.take(worker="a", stopping=Event())
    User.objects.filter(pk=taken.pk).delete()
    work()
    batch.refresh_from_db()
    assert died and (batch.state, batch.made_count, batch.undone_count) == ("checking", 0, 0)
    assert not User.objects.filter(username__startswith="officer.").exists()
    assert Entry.objects.get(action="batches.take_back").changes["made"] == 4


def test_an_undo_that_stops_in_the_middle_says_how_much_is_undone_and_can_go_on(
    cast: Cast, uploaded: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "PIECE_RECORDS", 2)
    batch = started(uploaded(workbook([(f"officer.{n}", f"干部{n}", BUREAU, "") for n in range(6)])), cast.system_admin)
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    whole = undoing.undo_piece

    def meanwhile(**values: Any) -> int:
        if not User.objects.filter(username="officer.5").exists():
            User.objects.filter(username="officer.0").update(display_name="改名")
        return whole(**values)

    monkeypatch.setattr(undoing, "undo_piece", meanwhile)
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.undone_count, [one["row"] for one in batch.standing]) == ("partly_undone", 4, [2])
    assert Entry.objects.get(action="batches.break_off").changes["undone"] == 4
    page = pages.import_page(batch, cast.system_admin)
    assert page.may_undo and page.standing_count == 2
    User.objects.filter(username="officer.0").update(display_name="干部0")
    monkeypatch.setattr(undoing, "undo_piece", whole)
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert batch.state == "undone" and Entry.objects.get(action="batches.undo").changes["undone"] == 6


def test_a_cancelled_or_lost_import_leaves_an_entry_about_what_stands(cast: Cast, uploaded: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wutong.engine.list_batches.PIECE_ROWS", 2)
    monkeypatch.setattr(running, "TELL_SECONDS", 0.0)
    batch = uploaded(workbook([(f"officer.{n}", f"干部{n}", BUREAU, "") for n in range(6)]))
    imports.start(batch=batch, is_whole=False, by=cast.system_admin, at=AT)
    whole = imports.take_piece

    def cancelling(**values: Any) -> Any:
        done = whole(**values)
        Job.objects.filter(kind="batches.write").update(is_cancel_asked=True)
        return done

    monkeypatch.setattr(imports, "take_piece", cancelling)
    work()
    entry = Entry.objects.get(action="batches.break_off")
    assert (entry.by, entry.changes["made"], entry.changes["sha256"]) == (cast.system_admin, 2, batch.sha256)
    assert imports.note_lost(by=None, at=AT) == 0
    ImportBatch.objects.update(noted="")
    assert imports.note_lost(by=None, at=AT) == 1


def test_a_person_who_was_changed_and_logs_in_does_not_keep_the_import_from_being_undone(cast: Cast, uploaded: Made) -> None:
    before = cast.no_role.display_name
    batch = started(uploaded(workbook([("no_role", "改名", BUREAU, "")])), cast.system_admin)
    User.objects.filter(username="no_role").update(last_login=AT, password="anew")
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert (batch.state, User.objects.get(username="no_role").display_name) == ("undone", before)


def test_a_unit_may_stand_below_one_that_is_named_far_above(uploaded: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "JUDGED_AT_ONCE", 1)
    rows = [("投资促进中心", "部门", BUREAU), ("项目一科", "部门", "投资促进中心")]
    batch = uploaded(workbook(rows, ("单位名称", "单位类型", "上级单位")), kind="accounts.units")
    assert (batch.counts["new"], batch.counts["bad"]) == (2, 0)
