"""The editor of a rule: a form beside the text, each change in one seen in the other, faults at their field, a trial on kept facts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from web.assessment.assessed import AT, ON, TEXT, approved, drafted
from wutong.rulebook.scoring import editing
from wutong.rulebook.scoring import fields as parts
from wutong.web.assessment.actions import runs, schemes
from wutong.web.assessment.forms import schemes as forms
from wutong.web.assessment.models import Run, Scheme, SchemeVersion
from wutong.web.assessment.queries import rule_forms, source_words, sources

ClientOf = Callable[[str], Client]
PART = {"HX-Request": "true"}
STARTED = "groups/counties/items/1"
CAP = f"{STARTED}/formula/completion/cap"


def draft(scheme: Scheme, cast: Cast) -> SchemeVersion:
    return schemes.begin(scheme=scheme, by=cast.assessor, at=AT)


def fill(client: Client, version: SchemeVersion, *, base: str = TEXT, headers: Any = None, **fields: Any) -> Any:
    shown = {card.key: card.code for card in parts.cards(base)}
    shown |= {slot.key: slot.value for card in parts.cards(base) for slot in card.slots}
    given = {"shown": json.dumps(shown), **fields}
    return client.post(f"/assessment/versions/{version.public_id}/fill/", given, headers=headers)


def body(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_draft_shows_its_indicators_as_fields_and_a_reader_the_outline(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version = draft(scheme, cast)
    address = f"/assessment/versions/{version.public_id}/"
    page = body(client_of("assessor").get(address))
    assert f'name="at:{CAP}" value="100%"' in page and "企业满意度" in page and "没有错误" in page
    read = client_of("vice_mayor").get(address)
    assert read.status_code == 200 and "at:groups" not in body(read) and "企业满意度" in body(read)


def test_a_field_is_written_beside_the_text_and_kept_only_without_script(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    newer = TEXT.replace("企业满意度", "服务满意度")
    live = body(fill(client, version, base=newer, headers=PART, **{"text": newer, f"at:{CAP}": "110%"}))
    assert "cap: 110%" in live and "服务满意度" in live and "hx-swap-oob" in live and "尚未保存" in live
    version.refresh_from_db()
    assert version.text == TEXT
    assert fill(client, version, **{f"at:{CAP}": "120%"}).status_code == 302
    version.refresh_from_db()
    assert version.text == TEXT.replace("cap: 100%", "cap: 120%")
    client.post(f"/assessment/versions/{version.public_id}/undo/")
    version.refresh_from_db()
    assert version.text == TEXT


def test_a_fault_stands_at_its_field_with_line_and_remedy(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version = draft(scheme, cast)
    live = body(fill(client_of("assessor"), version, headers=PART, **{f"at:{CAP}": "abc"}))
    field = live.partition(f'name="at:{CAP}"')[2].partition("</div></div>")[0]
    assert 'aria-invalid="true"' in field and "第 19 行" in field and "应写成" in field
    broken = client_of("assessor").post(f"/assessment/versions/{version.public_id}/check/", {"text": "groups: ["})
    assert "表单即恢复" in body(broken)


def test_a_field_that_is_not_as_it_was_shown_is_refused_in_words(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    newer = TEXT.replace("cap: 100%", "cap: 105%")
    assert "核对后再改" in body(fill(client, version, headers=PART, **{"text": newer, f"at:{CAP}": "110%"}))
    refused = client.post(f"/assessment/versions/{version.public_id}/fill/", {"drop": f"{STARTED}/formula", "shown": "no json"})
    assert refused.status_code == 409 and "核对后再改" in body(refused)
    version.refresh_from_db()
    assert version.text == TEXT
    assert fill(client_of("park_officer"), version, **{f"at:{CAP}": "1"}).status_code == 403
    assert client.get(f"/assessment/versions/{version.public_id}/fill/").status_code == 405


def test_a_page_that_does_not_say_what_its_fields_showed_is_refused_as_such(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    for step in ("fill", "undo", "submit"):
        refused = client.post(f"/assessment/versions/{version.public_id}/{step}/", {f"at:{CAP}": "110%", "reason": "x"})
        assert refused.status_code == 409 and "没有提交各栏原来的内容" in body(refused), step
    version.refresh_from_db()
    assert version.text == TEXT and version.is_draft


def test_who_may_not_edit_is_refused_before_the_work_of_reading_fields(
    client_of: ClientOf, scheme: Scheme, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = draft(scheme, cast)
    monkeypatch.setattr(rule_forms, "rewritten", lambda *_given: pytest.fail("read"))
    for step in ("fill", "undo", "submit"):
        assert client_of("park_officer").post(f"/assessment/versions/{version.public_id}/{step}/", {f"at:{CAP}": "1"}).status_code == 403


def test_a_rule_of_four_groups_of_eighty_indicators_is_kept_with_every_field_sent(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    item = (
        "      - {{id: i{0}, title: 指标{0}, points: 10, round: 2, formula: {{bands: {{of: {{ratio: {{of: started, to: target}}}}, "
        "bands: [{{to: 50%, gives: 0}}, {{from: 50%, to: 80%, gives: 5}}, {{from: 80%, to: 100%, gives: 8}}, "
        "{{from: 100%, gives: 10}}]}}}}}}\n"
    )
    group = "    items:\n" + "".join(item.format(place) for place in range(80))
    text = TEXT.partition("groups:\n")[0] + "groups:\n" + "".join(f"  g{place}:\n{group}" for place in range(4))
    version, client = draft(scheme, cast), client_of("assessor")
    found = parts.cards(text)
    given = {f"at:{slot.key}": slot.value for card in found for slot in card.slots}
    shown = [json.dumps({card.key: card.code, **{slot.key: slot.value for slot in card.slots}}) for card in found]
    given |= {f"at:groups/g3/items/{place}/points": "12" for place in range(40)}
    assert len(given) + len(shown) > 6_000
    address = f"/assessment/versions/{version.public_id}/fill/"
    assert client.post(address, {**given, "shown": shown, "text": text}).status_code == 302
    version.refresh_from_db()
    assert version.text.count("points: 12,") == 40 and len(version.text) == len(text)


def test_a_text_is_tried_on_the_facts_of_a_run_whenever_it_is_valid_and_nothing_is_kept(
    client_of: ClientOf, scheme: Scheme, cast: Cast
) -> None:
    run = drafted(scheme, cast)
    runs.freeze(run=run, by=cast.assessor, at=AT)
    version = draft(scheme, cast)
    address = f"/assessment/versions/{version.public_id}/try/"
    later = TEXT.replace("from: 2026-01-01, to: 2027-01-01", "from: 2027-01-01").replace("[satisfied, 40]", "[satisfied, 20]")
    given = {"run": str(run.public_id), "text": later}
    tried = client_of("assessor").post(address, given, headers=PART)
    assert "试算，不计有效期" in body(tried) and "→" in body(tried)
    whole = client_of("assessor").post(address, given)
    assert "试算，不计有效期" in body(whole) and "规则文本" in body(whole)
    assert "没有该次核算" in body(client_of("assessor").post(address, {"run": "x"}, headers=PART))
    assert "先改正" in body(client_of("assessor").post(address, {**given, "text": later.replace("completion", "x")}, headers=PART))
    assert client_of("vice_mayor").post(address, given).status_code == 403
    assert client_of("other_leader").post(address, given).status_code == 404
    version.refresh_from_db()
    assert version.text == TEXT


def test_several_old_runs_are_tried_at_once_and_the_units_stand_across_them(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    made = [
        runs.freeze(run=drafted(scheme, cast, title=title, on=on), by=cast.assessor, at=AT)
        for title, on in (("1—10 月", ON), ("1—11 月", dt.date(2026, 11, 15)))
    ]
    drafted(scheme, cast, title="草稿", on=dt.date(2026, 11, 16))
    version = draft(scheme, cast)
    client, address = client_of("assessor"), f"/assessment/versions/{version.public_id}/try/"
    page = body(client.get(f"/assessment/versions/{version.public_id}/"))
    assert page.count('name="run"') == 2 and page.partition('id="trial"')[2].count(" checked") == 1 and "草稿 ·" not in page, (
        "frozen and published ones are offered"
    )
    given = {
        "run": [str(one.public_id) for one in made],
        "text": TEXT.replace("{product: [satisfied, 40]}", "{difference: [40, {product: [satisfied, 40]}]}"),
    }
    tried = body(client.post(address, given, headers=PART))
    assert "试算 2 次核算" in tried and "各次核算的名次和得分变化" in tried and tried.count('class="trial-run"') == 2
    assert tried.count("1 → 2") == tried.count("2 → 1") == 4 and "名次上升的 1 个，下降的 1 个" in tried, "across and one by one"
    assert "至少选择一次" in body(client.post(address, {"text": TEXT}, headers=PART))
    many = forms.TrialForm({"run": [str(number) for number in range(7)]}, runs=[Run(public_id=number, title="x") for number in range(7)])
    assert not many.is_valid() and "最多选 6 次" in many.fault()


def test_an_approved_version_is_tried_on_old_runs_by_whoever_keeps_the_scheme(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    run = runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=AT)
    later = TEXT.replace("[satisfied, 40]", "[satisfied, 20]").replace("from: 2026-01-01, to: 2027", "from: 2027-01-01, to: 2028")
    version = approved(scheme, cast, later)
    address, given = f"/assessment/versions/{version.public_id}/try/", {"run": str(run.public_id)}
    for name in ("assessor", "vice_mayor"):
        tried = body(client_of(name).post(address, given))
        assert "2 个单位有变化" in tried and f"/assessment/runs/{run.public_id}/compare/?version={version.public_id}" in tried
    assert client_of("vice_mayor").get(f"/assessment/runs/{run.public_id}/compare/?version={version.public_id}").status_code == 200
    assert client_of("park_officer").post(address, given).status_code in (403, 404)
    assert 'name="run"' not in body(client_of("park_officer").get(f"/assessment/versions/{version.public_id}/"))


def test_without_script_a_card_takes_the_text_as_it_stands_in_the_same_form(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    typed = TEXT.replace("企业满意度", "服务满意度")
    assert fill(client, version, card=STARTED, **{"text": typed, f"at:{CAP}": "不封顶"}).status_code == 302
    version.refresh_from_db()
    assert version.text == typed.replace("cap: 100%", "cap: none")
    broken = typed.replace("cap: 100%", "cap: 90%")
    refused = fill(client, version, **{"text": broken, f"at:{CAP}": "80%"})
    assert refused.status_code == 409 and "cap: 90%" in body(refused)  # what was typed stands there still
    page = body(client.get(f"/assessment/versions/{version.public_id}/"))
    assert page.count("<form") == page.count("</form>") and page.index('<form id="rule"') < page.index('id="id_text"')


def test_what_is_typed_is_kept_by_undo_and_by_handing_in(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    address = f"/assessment/versions/{version.public_id}"
    typed = TEXT.replace("企业满意度", "服务满意度")
    client.post(f"{address}/undo/", {"text": typed})
    version.refresh_from_db()
    assert version.text == TEXT
    client.post(f"{address}/redo/")
    version.refresh_from_db()
    assert version.text == typed
    newest = typed.replace("服务满意度", "满意度")
    client.post(f"{address}/submit/", {"text": newest, "reason": "名称"})
    version.refresh_from_db()
    assert (version.text, version.state) == (newest, "submitted")


def test_an_indicator_moves_and_goes_and_undo_brings_it_back_but_not_what_was_typed(
    client_of: ClientOf, scheme: Scheme, cast: Cast
) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    typed = TEXT.replace("企业满意度", "服务满意度")
    fill(client, version, base=typed, text=typed, rise=STARTED)
    version.refresh_from_db()
    assert version.text == editing.moved(typed, STARTED, -1) != typed
    fill(client, version, base=version.text, out=STARTED)
    version.refresh_from_db()
    assert version.text == editing.without_part(editing.moved(typed, STARTED, -1), STARTED)
    for _step in range(2):
        client.post(f"/assessment/versions/{version.public_id}/undo/")
    version.refresh_from_db()
    assert version.text == typed


def test_an_indicator_is_added_by_form_or_told_why_not_and_undo_takes_it_back(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version, client = draft(scheme, cast), client_of("assessor")
    address = f"/assessment/versions/{version.public_id}"
    typed = TEXT.replace("企业满意度", "服务满意度")
    chosen = body(client.post(f"{address}/fill/", {"op": "choose", "text": typed, "new:recipe": "completion"}))
    assert "服务满意度" in chosen and 'name="new:actual.unit"' in chosen and "完成率封顶" in chosen
    given = {"op": "new", "text": typed, "new:recipe": "completion", "new:group": "counties", "new:title": "供地", "new:points": "5",
             "new:actual": "实际供地", "new:actual.unit": "亩", "new:target": "供地计划", "new:cap": "110%"}  # fmt: skip
    refused = client.post(f"{address}/fill/", given)
    assert refused.status_code == 400 and "供地计划" in body(refused) and "服务满意度" in body(refused) and 'value="110%"' in body(refused)
    version.refresh_from_db()
    assert version.text == TEXT
    assert client.post(f"{address}/fill/", {**given, "new:target.unit": "亩"}).status_code == 302
    version.refresh_from_db()
    assert "completion: {actual: 实际供地, target: 供地计划, points: 5, cap: 110%}" in version.text
    client.post(f"{address}/undo/")
    version.refresh_from_db()
    assert version.text == typed


def test_every_source_of_facts_and_every_parameter_is_told_in_words() -> None:
    assert set(source_words.SOURCES_TOLD) == set(sources.SOURCES)
    assert {name for one in sources.SOURCES.values() for name in one.params} == set(source_words.PARAMS_TOLD)
