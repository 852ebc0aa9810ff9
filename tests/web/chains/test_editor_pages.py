"""The pages of the editor: they work with and without htmx, refuse in words, and belong to those whose unit it is."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from cast import Cast
from web.chains.editing import AT, CHAIN_ID, NEW_CHAIN, NOTE, approved, draft, submitted, warehouse_of_my_own
from wutong.engine import build, chain_workbook
from wutong.rulebook import drafting, load
from wutong.web.chains import actions, tasks
from wutong.web.chains.models import ChainVersion, DraftStep, Placing
from wutong.web.chains.queries import versions
from wutong.web.chains.rules import State
from wutong.web.jobs.models import Job, Message
from wutong.web.lib import warehouse

pytestmark = [pytest.mark.django_db, pytest.mark.once]
HTMX = {"HX-Request": "true"}


def url(version: ChainVersion, what: str = "") -> str:
    return f"/chains/drafts/{version.public_id}/" + (f"{what}/" if what else "")


def texts(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def leader(client_of: Callable[[str], Client]) -> Client:
    return client_of("bureau_leader")


# --- history ---------------------------------------------------------------------------------------------------------------------------
def test_the_history_shows_the_version_shipped_as_in_force(officer: Client) -> None:
    page = texts(officer.get(f"/chains/{CHAIN_ID}/versions/"))
    assert "现行：第 0 版" in page and "修改产业链" in page


def test_a_chain_that_nobody_knows_is_not_there(officer: Client) -> None:
    assert officer.get("/chains/no-such-chain/versions/").status_code == 404


def test_who_may_not_edit_sees_the_history_and_no_button(client_of: Callable[[str], Client]) -> None:
    page = texts(client_of("adviser").get(f"/chains/{CHAIN_ID}/versions/"))
    assert "现行：第 0 版" in page and "修改产业链" not in page
    assert client_of("adviser").post(f"/chains/{CHAIN_ID}/versions/begin/").status_code == 403


def test_a_draft_begins_and_a_second_one_is_refused_in_words(officer: Client) -> None:
    first = officer.post(f"/chains/{CHAIN_ID}/versions/begin/")
    assert first.status_code == 302 and "/chains/drafts/" in first.headers["Location"]
    again = officer.post(f"/chains/{CHAIN_ID}/versions/begin/", follow=True)
    assert "该产业链已有草稿" in texts(again)
    assert officer.get(f"/chains/{CHAIN_ID}/versions/begin/").status_code == 405


def test_two_versions_are_compared_in_words_and_in_text(cast: Cast, officer: Client) -> None:
    version = approved(cast)
    second = actions.begin(chain_id="kites", by=cast.bureau_officer, at=AT)
    actions.change(version=second, verb="add_product", values={"segment": "seals", "product": "bearing"}, by=cast.bureau_officer, at=AT)

    page = texts(officer.get("/chains/kites/versions/compare/", {"old": version.number, "new": second.number}))
    assert "密封件：增加产品“轴承”" in page
    assert "is-new" in page and "products: [seal, bearing]" in page
    assert officer.get("/chains/kites/versions/compare/", {"old": 1, "new": 9}).status_code == 404
    assert officer.get("/chains/kites/versions/compare/", {"old": "x"}).status_code == 404


# --- the editor ------------------------------------------------------------------------------------------------------------------------
def test_a_draft_shows_its_layers_segments_and_text(cast: Cast, officer: Client) -> None:
    page = texts(officer.get(url(draft(cast))))
    assert "密封件" in page and "挖掘机" in page and "products: [seal]" in page and "没有错误" in page


def test_for_htmx_it_is_the_board_alone(cast: Cast, officer: Client) -> None:
    page = texts(officer.get(url(draft(cast)) + "?segment=seals", headers=HTMX))
    assert "<html" not in page and "增加产品：在词库中查找" in page


def test_another_region_and_a_viewer_do_not_find_it(cast: Cast, client_of: Callable[[str], Client]) -> None:
    version = draft(cast)
    for name in ("other_officer", "other_leader", "adviser", "department_officer"):
        assert client_of(name).get(url(version)).status_code == 404


@pytest.mark.parametrize("headers, status", [({}, 302), (HTMX, 200)])
def test_a_segment_moves_with_and_without_htmx(cast: Cast, officer: Client, headers: dict[str, str], status: int) -> None:
    version = draft(cast)
    data = {"verb": "move_segment", "segment": "machines", "layer": "all", "before": "seals", "selected": "machines"}
    assert officer.post(url(version, "change"), data, headers=headers).status_code == status
    version.refresh_from_db()
    assert version.text.index("id: machines") < version.text.index("id: seals")


def test_a_word_that_the_thesaurus_does_not_know_becomes_a_product_of_the_chain(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    data = {"verb": "add_term", "segment": "seals", "zh": "油封圈", "synonyms": "骨架封圈", "broader": "seal", "selected": "seals"}
    page = texts(officer.post(url(version, "change"), data, headers=HTMX))
    version.refresh_from_db()
    own = drafting.document(version.text)["products"][0]
    assert (own["zh"], own["synonyms"], own["broader"]) == ("油封圈", ["骨架封圈"], ["seal"])
    assert "油封圈" in page and "本局" in page


def test_a_product_is_found_by_any_of_its_words(cast: Cast, officer: Client) -> None:
    page = texts(officer.get(url(draft(cast)), {"segment": "seals", "product": "液压油缸"}, headers=HTMX))
    assert "hydraulic-cylinder" in page


def test_a_fault_stands_beside_the_segment_that_caused_it_in_chinese(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    page = texts(officer.post(url(version, "change"), {"verb": "add_product", "segment": "seals", "product": "no-such"}, headers=HTMX))
    card = page[page.index('data-segment="seals"') : page.index('data-segment="machines"')]
    assert "环节“seals”：没有产品“no-such”" in card


@pytest.mark.parametrize(
    "data, says",
    [
        ({"verb": "add_product", "segment": "gone", "product": "seal"}, "没有环节“gone”"),
        ({"verb": "add_link", "source": "seals", "target": "machines"}, "已有供应关系"),
        ({"verb": "remove_layer", "layer": "all"}, "至少保留一个层级"),
        ({"verb": "add_product", "segment": "seals"}, "不能这样修改"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(cast: Cast, officer: Client, data: dict[str, str], says: str) -> None:
    version = draft(cast)
    response = officer.post(url(version, "change"), data, headers=HTMX)
    assert response.status_code == 409 and says in texts(response)
    assert says in texts(officer.post(url(version, "change"), data, follow=True))
    assert not DraftStep.objects.exists()


def test_an_unknown_verb_is_a_bad_request_and_get_is_no_way_to_change(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    assert officer.post(url(version, "change"), {"verb": "drop_tables"}).status_code == 400
    assert officer.get(url(version, "change")).status_code == 405


def test_the_text_is_checked_while_it_is_written_and_nothing_is_kept(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    page = texts(officer.post(url(version, "check"), {"text": NEW_CHAIN.replace("[seal]", "[no-such]")}))
    assert "第 16 行" in page and "没有产品“no-such”" in page
    assert "没有错误" in texts(officer.post(url(version, "check"), {"text": NEW_CHAIN}))
    version.refresh_from_db()
    assert version.text == NEW_CHAIN


def test_a_text_that_is_no_yaml_is_kept_shown_with_its_line_and_can_be_undone(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    page = texts(officer.post(url(version, "text"), {"text": NEW_CHAIN + "links: [\n"}, headers=HTMX))
    assert "YAML 格式有误" in page
    officer.post(url(version, "undo"))
    version.refresh_from_db()
    assert version.text == NEW_CHAIN
    officer.post(url(version, "redo"))
    version.refresh_from_db()
    assert version.text.endswith("links: [\n")


def test_the_effect_names_firms_that_come_and_go(cast: Cast, officer: Client) -> None:
    version = draft(cast, chain_id=CHAIN_ID, text="")
    officer.post(url(version, "change"), {"verb": "add_product", "segment": "seals", "product": "excavator"})
    for product in ("seal", "sealing-material"):
        officer.post(url(version, "change"), {"verb": "remove_product", "segment": "seals", "product": product})
    without_words = {"verb": "change_segment", "segment": "seals", "name_zh": "密封件", "name_en": "Seals", "name_proofs": ""}
    officer.post(url(version, "change"), without_words)
    page = texts(officer.get(url(version, "effect"), headers=HTMX))
    assert "<html" not in page and "移出" in page
    assert "青桐天合密封件有限公司" in page and "青桐开元挖掘机有限公司" in page
    assert "<html" in texts(officer.get(url(version, "effect")))


def test_the_effect_of_a_faulty_text_says_why_it_is_not_known(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    officer.post(url(version, "change"), {"verb": "add_product", "segment": "seals", "product": "no-such"})
    assert "文本有错误，暂不能测算" in texts(officer.get(url(version, "effect")))


def test_the_board_asks_few_questions_of_the_database(cast: Cast, officer: Client, django_assert_max_num_queries: Any) -> None:
    version = draft(cast, chain_id=CHAIN_ID, text="")
    for name in ("下游甲", "下游乙", "下游丙"):
        officer.post(url(version, "change"), {"verb": "add_layer", "name_zh": name})
    officer.get(url(version))
    with django_assert_max_num_queries(14):
        officer.get(url(version))


# --- approval ----------------------------------------------------------------------------------------------------------------------------
def test_submit_then_a_second_person_approves_and_placing_begins(
    cast: Cast, officer: Client, leader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = draft(cast)
    assert "请填写理由" in texts(officer.post(url(version, "submit"), {"reason": " "}, follow=True))
    officer.post(url(version, "submit"), {"reason": NOTE})
    assert leader.get(url(version)).context["may_decide"] and not officer.get(url(version)).context["may_decide"]
    assert officer.post(url(version, "approve")).status_code == 403
    page = texts(leader.post(url(version, "approve"), {"reason": "同意"}, follow=True))
    version.refresh_from_db()
    assert version.state == State.APPROVED and Job.objects.get().arguments == {"placing": Placing.objects.get().pk}
    assert "企业库空闲后即重新归位企业" in page
    assert "该版本状态已变" in texts(leader.post(url(version, "approve"), follow=True))


def test_the_leader_who_submitted_is_told_that_another_must_approve(cast: Cast, leader: Client) -> None:
    version = actions.submit(version=draft(cast, by="bureau_leader"), note=NOTE, by=cast.bureau_leader, at=AT)
    assert "须由第二人审批" in texts(leader.post(url(version, "approve"), follow=True))
    version.refresh_from_db()
    assert version.state == State.SUBMITTED


def test_sending_back_needs_a_reason(cast: Cast, leader: Client) -> None:
    version = submitted(cast)
    leader.post(url(version, "send-back"), {"reason": ""})
    version.refresh_from_db()
    assert version.state == State.SUBMITTED
    leader.post(url(version, "send-back"), {"reason": "产品未核实"})
    version.refresh_from_db()
    assert (version.state, version.decision) == (State.SENT_BACK, "产品未核实")


def test_withdrawing_frees_the_chain(cast: Cast, officer: Client) -> None:
    version = submitted(cast)
    officer.post(url(version, "withdraw"))
    version.refresh_from_db()
    assert version.state == State.WITHDRAWN


# --- placing -----------------------------------------------------------------------------------------------------------------------------
def placing_of(cast: Cast) -> Placing:
    approved(cast)
    placing = actions.ask_for_placing(by=cast.bureau_leader, at=AT)
    assert placing is not None
    return placing


def test_pages_show_the_version_in_force_until_the_new_build_serves(cast: Cast, officer: Client, settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE = warehouse_of_my_own(tmp_path)
    placing = placing_of(cast)
    assert officer.get("/chains/kites/").status_code == 404
    build_id = tasks.place(placing.pk)
    placing.refresh_from_db()
    assert (placing.state, placing.build_id) == ("done", build_id) and warehouse.served().info.build_id == build_id
    assert "风筝" in texts(officer.get("/chains/kites/"))
    assert "现行：第 1 版" in texts(officer.get("/chains/kites/versions/"))
    assert ChainVersion.objects.get().build_id == build_id


def test_a_placing_that_fails_leaves_the_old_build_serving_and_says_so(
    cast: Cast, leader: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WAREHOUSE = warehouse_of_my_own(tmp_path)
    before, placing = warehouse.served().info.build_id, placing_of(cast)

    def fail(*_args: object, **_more: object) -> None:
        raise build.BuildError("no space left on device")

    monkeypatch.setattr(tasks.build, "run", fail)
    assert tasks.place(placing.pk) == ""
    assert warehouse.served().info.build_id == before
    page = texts(leader.get("/chains/placing/"))
    assert "no space left on device" in page and "原结果继续使用" in page and "重新归位" in page


def test_a_placing_waits_while_another_build_writes(cast: Cast, settings: Any, tmp_path: Path) -> None:
    from wutong.engine import publishing

    settings.WAREHOUSE = warehouse_of_my_own(tmp_path)
    placing, seen = placing_of(cast), []
    lock = publishing.workplace(settings.WAREHOUSE)
    lock.__enter__()

    def wait(seconds: float) -> None:
        seen.append(Placing.objects.get(pk=placing.pk).state)
        lock.__exit__(None, None, None)

    assert tasks.place(placing.pk, wait=wait)
    assert seen == ["waiting"]


def test_an_officer_may_not_start_a_placing(officer: Client) -> None:
    assert officer.post("/chains/placing/start/").status_code == 403


# --- files -------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["yaml", "xlsx"])
def test_a_version_leaves_the_house_and_comes_back_the_same(officer: Client, kind: str) -> None:
    content = officer.get(f"/chains/{CHAIN_ID}/versions/0/download.{kind}").content
    file = SimpleUploadedFile(f"chain.{kind}", content)
    response = officer.post("/chains/import/", {"file": file, "note": NOTE})
    assert response.status_code == 302
    assert ChainVersion.objects.get().text == drafting.shipped_text(CHAIN_ID)


def test_a_workbook_with_faults_names_sheet_and_row_and_makes_no_draft(officer: Client) -> None:
    chain = drafting.document(NEW_CHAIN)
    chain["segments"][1]["products"] = ["no-such"]
    file = SimpleUploadedFile("风筝.xlsx", chain_workbook.write(chain))
    response = officer.post("/chains/import/", {"file": file})
    (fault,) = response.context["read"].faults
    assert response.status_code == 400 and (fault.file, fault.line) == ("风筝.xlsx › 环节", 3)
    assert "没有产品“no-such”" in texts(response) and not ChainVersion.objects.exists()


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("chain.exe", b"MZ", "扩展名为 .yaml 或 .xlsx"),
        ("chain.yaml", b"x" * 2_000_001, "超过 2 MB"),
        ("chain.yaml", b"\xff\xfe", "不是 UTF-8"),
        ("chain.yaml", b"a: [", "YAML 格式有误"),
        ("chain.xlsx", b"no zip at all", "未生成草稿"),
    ],
)
def test_a_file_that_is_no_chain_is_refused_in_words(officer: Client, name: str, content: bytes, says: str) -> None:
    response = officer.post("/chains/import/", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 400 and says in texts(response)


def test_files_are_for_those_whose_role_says_so(client_of: Callable[[str], Client]) -> None:
    assert client_of("adviser").get("/chains/import/").status_code == 403
    assert client_of("adviser").get(f"/chains/{CHAIN_ID}/versions/0/download.yaml").status_code == 403
    assert client_of("county_officer").get(f"/chains/{CHAIN_ID}/versions/7/download.yaml").status_code == 404


def test_the_workbook_given_out_is_read_by_the_engine(officer: Client) -> None:
    content = officer.get(f"/chains/{CHAIN_ID}/versions/0/download.xlsx").content
    assert BytesIO(content).read(2) == b"PK"
    assert load.over(load.rulebook(), {CHAIN_ID: drafting.text_of(chain_workbook.read(content).document)}).chains[CHAIN_ID]


# --- words ---------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("step", "said"), [("products", "比对经营范围与产品（第 1 步，共 2 步）"), ("placing", "将企业归入各环节（第 2 步，共 2 步）")]
)
def test_a_placing_says_in_words_which_step_it_is_at(cast: Cast, officer: Client, step: str, said: str) -> None:
    approved(cast)
    placing = actions.ask_for_placing(by=cast.bureau_leader, at=timezone.now())
    assert placing is not None
    actions.note_progress(placing=placing, step=step, done=0, total=9, by=None, at=timezone.now())
    page = texts(officer.get("/chains/kites/versions/"))
    assert said in page and step not in page.partition('id="placing"')[2].partition("</div>")[0].partition("<p")[2]


def test_the_steps_that_pages_name_are_those_of_the_build(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE = warehouse_of_my_own(tmp_path)
    told: list[str] = []
    build.run(
        [], out=settings.WAREHOUSE, rulebook=load.rulebook(), only=build.PLACING, chains={"kites": NEW_CHAIN},
        progress=lambda step, _done, _total: told.append(step),
    )  # fmt: skip
    assert tuple(dict.fromkeys(told)) == versions.PLACING_STEPS


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "风筝"), ("en", "Kites")])
def test_a_draft_bears_the_name_of_its_chain_in_the_language_of_the_page(cast: Cast, officer: Client, language: str, name: str) -> None:
    cast.bureau_officer.language = language
    cast.bureau_officer.save(update_fields=["language"])
    page = texts(officer.get(url(draft(cast))))
    assert f"<title>{name} ·" in page.replace("\n", "")


def test_one_change_counts_as_one(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    assert not officer.get(url(version)).context["editor"].can_undo
    officer.post(url(version, "change"), {"verb": "add_layer", "name_zh": "配件"})
    editor = officer.get(url(version)).context["editor"]
    assert (editor.changes, editor.can_undo) == (1, True) and "1 步修改" in texts(officer.get(url(version)))


def test_a_draft_is_given_up_and_only_its_author_withdraws_what_was_submitted(cast: Cast, officer: Client, leader: Client) -> None:
    version = draft(cast)
    assert "放弃草稿" in texts(officer.get(url(version)))
    actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    assert officer.get(url(version)).context["may_withdraw"] and "放弃草稿" not in texts(officer.get(url(version)))
    assert not leader.get(url(version)).context["may_withdraw"] and ">撤回</button>" not in texts(leader.get(url(version)))


def test_all_firms_that_come_and_go_are_in_a_file_for_the_approver(cast: Cast, leader: Client) -> None:
    version = submitted(cast)
    page = leader.get(url(version, "effect"))
    assert f'href="{url(version, "effect/export")}"' in texts(page)
    response: Any = leader.get(url(version, "effect/export"))
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    effects = page.context["effect"].effects.segments
    moved = {(row.segment, word): count for row in effects for word, count in (("新增", row.firms_came), ("移出", row.firms_went)) if count}
    assert len(rows) == sum(moved.values()) > 0
    firm = effects[0].first_came[0]
    line = next(row for row in rows if row[head.index("企业")] == firm.name)
    assert line[head.index("依据")] == firm.clause


def told(name: Any) -> list[str]:
    return list(Message.objects.filter(to=name).order_by("pk").values_list("title", flat=True))


def test_who_may_approve_is_told_of_a_submission_and_the_author_of_the_decision(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    assert not Message.objects.exists()
    actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    assert told(cast.bureau_leader) == ["风筝第 1 版待您审批"]
    message = Message.objects.get(to=cast.bureau_leader)
    assert message.address == url(version) and NOTE in message.text and str(cast.bureau_officer) in message.text
    for other in ("bureau_officer", "other_leader", "adviser", "system_admin"):
        assert told(cast.people[other]) == [], other
    actions.send_back(version=version, reason="产品未核实", by=cast.bureau_leader, at=AT)
    assert told(cast.bureau_officer) == ["风筝第 1 版已退回"] and "产品未核实" in Message.objects.get(to=cast.bureau_officer).text
    assert len(told(cast.bureau_leader)) == 1


def test_a_leader_who_submits_himself_is_not_asked_to_approve(cast: Cast) -> None:
    actions.submit(version=draft(cast, by="bureau_leader"), note=NOTE, by=cast.bureau_leader, at=AT)
    assert told(cast.bureau_leader) == []


def test_an_approval_is_told_in_the_language_of_the_author(cast: Cast) -> None:
    cast.bureau_officer.language = "en"
    cast.bureau_officer.save(update_fields=["language"])
    approved(cast)
    assert told(cast.bureau_officer) == ["Kites, version 1 was approved"]
