"""The pages of rules: who sees and does what, from search to approval; refusals in words; what is tried."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from wutong.rulebook import load
from wutong.web.audit.models import Entry
from wutong.web.lib import access
from wutong.web.rulebooks.actions import trials as trial_actions
from wutong.web.rulebooks.models import RuleVersion, Trial
from wutong.web.rulebooks.queries import leaves, trials

if TYPE_CHECKING:
    from cast import Cast

VALUE = {
    "leaf": "leads.stale_days", "value": "21", "starts_on": "2199-01-01", "title": "招商工作办法", "document": "虚构发〔2026〕8 号",
    "dated": "2026-11-20", "url": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA = tmp_path
    yield


@pytest.fixture
def draft(cast: Cast, client_of: Any) -> RuleVersion:
    assert client_of("bureau_officer").post("/rules/parameters/versions/begin/").status_code == 302
    return RuleVersion.objects.get()


def test_the_list_finds_a_rule_by_its_words(cast: Cast, client_of: Any, django_assert_max_num_queries: Any) -> None:
    officer = client_of("bureau_officer")
    with django_assert_max_num_queries(9):
        page = officer.get("/rules/?q=连续多少天")
    text = page.content.decode()
    assert page.status_code == 200 and "leads.stale_days" in text and "leads.later_days" not in text
    assert officer.get("/rules/?on=1800-01-01&group=nothing").status_code == 200
    assert "没有符合条件的规则" in officer.get("/rules/?which=own").content.decode()
    detail = officer.get("/rules/leaves/audit.sealed_within_minutes/")
    assert "被审计人员不得变更" in detail.content.decode()
    assert officer.get("/rules/leaves/no.such/").status_code == 404
    for name, status in (("system_admin", 403), ("audit_admin", 403), ("adviser", 403), ("park_officer", 200), ("no_role", 403)):
        assert client_of(name).get("/rules/").status_code == status, name


def test_a_rule_is_changed_in_the_form_and_what_is_wrong_with_it_is_said_in_words(draft: RuleVersion, client_of: Any) -> None:
    officer, address = client_of("bureau_officer"), f"/rules/drafts/{draft.public_id}/"
    assert "连续多少天" in officer.get(f"{address}?q=stale_days").content.decode()
    today = access.today().isoformat()
    wrong = officer.post(f"{address}value/", VALUE | {"value": "很多", "starts_on": today})
    assert wrong.status_code == 400 and "取值不符合本项规则" in wrong.content.decode() and "招商工作办法" in wrong.content.decode()
    broken = officer.post(f"{address}value/", VALUE | {"value": "2.5", "starts_on": today})
    assert broken.status_code == 409 and "须为整数" in broken.content.decode()
    early = officer.post(f"{address}value/", VALUE | {"starts_on": "2020-01-01"})
    assert early.status_code == 409 and "早于本版施行日期" in early.content.decode()
    assert officer.post(f"{address}value/", VALUE | {"starts_on": today}).status_code == 302
    page = officer.get(address).content.decode()
    assert f"14 → 21（天），自 {today} 起，依据：招商工作办法" in page
    assert officer.post(f"{address}undo/").status_code == officer.post(f"{address}redo/").status_code == 302
    text = "leads.stale_days:\n  values: {2199-01-01: 3}\n"
    assert "缺少依据" in officer.post(f"{address}check/", {"text": text}).content.decode()
    assert officer.post(f"{address}text/", {"text": text}).status_code == 302
    assert "第 1 行" in officer.get(address).content.decode()
    assert "文本仍有错误" in officer.post(f"{address}submit/", {"reason": "意见"}).content.decode()
    for name, status in (("park_officer", 403), ("other_officer", 404), ("bureau_leader", 302)):
        assert client_of(name).post(f"{address}undo/").status_code == status, name
    assert officer.get(f"{address}undo/").status_code == 405


def test_a_second_person_approves_on_the_page_and_others_may_only_read(draft: RuleVersion, client_of: Any) -> None:
    officer, leader, address = client_of("bureau_officer"), client_of("bureau_leader"), f"/rules/drafts/{draft.public_id}/"
    officer.post(f"{address}value/", VALUE)
    assert client_of("park_officer").get(address).status_code == 404
    assert officer.post(f"{address}submit/", {"reason": "县区意见"}).status_code == 302
    assert officer.post(f"{address}approve/").status_code == 403
    assert leader.post(f"{address}send-back/", {"reason": ""}).status_code == 409
    assert leader.post(f"{address}approve/", {"reason": "同意"}).status_code == 302
    assert leader.post(f"{address}approve/").status_code == 409
    draft.refresh_from_db()
    assert (draft.state, draft.decision) == ("approved", "同意")
    park = client_of("park_officer")
    assert park.get(address).status_code == park.get(f"{address}print/").status_code == 200
    assert "已批准" in park.get("/rules/parameters/versions/").content.decode()
    assert "14 → 21" in park.get("/rules/parameters/versions/compare/?old=0&new=1").content.decode()
    assert park.get("/rules/parameters/versions/compare/?old=0&new=7").status_code == 404
    assert park.get("/rules/nothing/versions/").status_code == 404
    assert park.get("/rules/parameters/versions/1/download.yaml").status_code == 403
    assert "已施行，留存备查" in leader.post(f"{address}revoke/", {"reason": "错"}).content.decode()


def test_a_file_with_faults_leaves_nothing_behind_and_a_sound_one_becomes_a_draft(cast: Cast, client_of: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    officer, day = client_of("bureau_officer"), access.today().isoformat()
    sound = f"leads.stale_days:\n  source: {{title: 办法, date: 2026-11-20}}\n  values: {{{day}: 21}}\n"

    def sent(text: str, name: str = "own.yaml") -> Any:
        return officer.post(
            "/rules/parameters/import/", {"file": SimpleUploadedFile(name, text.encode()), "begins_on": day, "note": "意见"}
        )

    bad = sent(sound.replace("21", "many").replace("title", "titel"))
    assert bad.status_code == 400 and "own.yaml" in bad.content.decode() and "不是数字" in bad.content.decode()
    assert sent(sound, "own.exe").status_code == 400 and not RuleVersion.objects.exists()
    assert sent(sound).status_code == 302 and RuleVersion.objects.get().note == "意见"
    assert Entry.objects.filter(action="rules.import", changes__rows=1).count() == 1
    assert sent(sound).status_code == 302 and RuleVersion.objects.count() == 1


def test_a_trial_says_what_would_change_and_is_kept_with_the_draft(draft: RuleVersion, client_of: Any, cast: Cast) -> None:
    officer, address = client_of("bureau_officer"), f"/rules/drafts/{draft.public_id}/"
    officer.post(f"{address}value/", VALUE | {"starts_on": access.today().isoformat()})
    assert officer.post(f"{address}trials/start/", {"of": "nothing"}).status_code == 404
    asked = officer.post(f"{address}trials/start/", {"of": "leads"})
    trial = Trial.objects.get()
    assert asked.status_code == 302 and trial.job is not None and "正在试算" in officer.get(asked["Location"]).content.decode()
    parts = trials.tried(trial, cast.bureau_officer)
    assert parts[0].rows[0][1:] == ("14", "21")
    trial_actions.keep(trial=trial, parts=parts, fault="", by=cast.bureau_officer, at=dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    page = officer.get(asked["Location"]).content.decode()
    assert "按草稿" in page and "草稿此后有改动" not in page
    officer.post(f"{address}undo/")
    assert "草稿此后有改动" in officer.get(asked["Location"]).content.decode()
    assert client_of("other_officer").get(asked["Location"]).status_code == 404
    leader = client_of("bureau_leader")  # he sees the version and that it was tried; what it told stays with whoever asked
    assert leader.get(asked["Location"]).status_code == 404
    board = leader.get(address).content.decode()
    assert (
        "试算完成" in board
        and "已办结" not in board
        and asked["Location"] not in board
        and asked["Location"] in officer.get(address).content.decode()
    )


def test_the_page_of_a_rule_says_who_works_on_a_draft_and_leads_there(draft: RuleVersion, client_of: Any, cast: Cast) -> None:
    page, draft_page = "/rules/leaves/leads.stale_days/", f"/rules/drafts/{draft.public_id}/"
    for name in ("bureau_officer", "bureau_leader"):
        said = client_of(name).get(page).content.decode()
        assert f"{draft_page}?q=leads.stale_days#leaf-leads.stale_days" in said and str(cast.bureau_officer) in said, name
        assert 'id="leaf-leads.stale_days"' in client_of(name).get(f"{draft_page}?q=leads.stale_days").content.decode()
    assert draft_page not in client_of("park_officer").get(page).content.decode()  # may not see the draft
    client_of("bureau_officer").post(f"{draft_page}withdraw/")
    begun = client_of("bureau_officer").post("/rules/parameters/versions/begin/", {"leaf": "leads.stale_days"})
    assert begun.headers["Location"].endswith("?q=leads.stale_days#leaf-leads.stale_days")


def test_what_came_with_the_program_has_no_invented_day(cast: Cast, client_of: Any) -> None:
    shipped = client_of("bureau_officer").get("/rules/leaves/leads.stale_days/").content.decode()
    assert "出厂设定" in shipped and "1949" not in shipped
    assert "1981-01-01" in client_of("bureau_officer").get("/rules/leaves/currency.usd/").content.decode()


def test_every_part_and_unit_of_the_rulebook_has_words_in_the_language_of_the_page() -> None:
    names = load.rulebook().leaves
    groups = {name.partition(".")[0] for name in names}
    assert (groups - leaves.GROUPS.keys(), {leaf.unit for leaf in names.values()} - leaves.UNITS.keys()) == (set(), set())
    with translation.override("zh-hans"):
        said = [leaves.group_words(code) for code in groups] + [leaves.unit_words(leaf.unit) for leaf in names.values()]
    assert [words for words in said if re.search("[a-z]{3}", words)] == []
