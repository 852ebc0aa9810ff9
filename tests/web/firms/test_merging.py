"""Two firms that turned out to be one: every row that names the one names the other, nothing twice, and all of it can be put back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.engine import codes
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import queries as audit
from wutong.web.audit.models import Entry
from wutong.web.chains.models import HandPlacement
from wutong.web.firms import hooks
from wutong.web.firms.actions import adoption, contacts, merging, remarks
from wutong.web.firms.models import Firm, FirmList, FirmName, FirmTag, Merger, Person, Position, Relation, TagDoubt, YearlyFigure
from wutong.web.firms.queries import duplicates, mergers, names, own, tags
from wutong.web.firms.rules import Basis, Purpose
from wutong.web.jobs.models import Message
from wutong.web.leads.actions import making, working
from wutong.web.leads.models import Knock, ListedFirm, RowChange
from wutong.web.leads.queries.chosen import Candidate
from wutong.web.lib.hooks import collect

OLD, NEW, THIRD = "白榆瑞丰油缸有限公司", fictional.TARGET, "青桐天合密封件有限公司"
FIRST, LATER = factories.AT, factories.AT + dt.timedelta(days=1)
ON = FIRST.date()


@pytest.fixture
def firms(cast: Cast) -> tuple[Firm, Firm, Firm]:
    """The firm that is another, that other, and a third; each noted of, the first two alike."""
    me = cast.bureau_officer
    old, new, third = (adoption.take_on(firm_id=fictional.firm_id(name), by=me, at=FIRST) for name in (OLD, NEW, THIRD))
    edition = FirmList.objects.create(tag="listed", name="名单", as_of=ON, source="公布", file_name="a.csv", file_sha256="0", rows=3,
                                      build_id="b", imported_at=FIRST)  # fmt: skip
    for firm, at in ((old, LATER), (new, FIRST)):
        note: dict[str, Any] = {"firm_id": firm.firm_id, "source": f"走访{at:%d}", "by": me, "at": at}
        remarks.note_name(kind="former", name="飞燕厂", **note)
        remarks.note_name(kind="short", name=f"{firm.name[:4]}简称", **note)
        remarks.note_relation(other_id=third.firm_id, kind="supplies", known_on=at.date(), **note)
        remarks.note_figure(year=2024, measure="patents_count", value=Decimal(at.day), on=LATER.date(), **(note | {"source": "年报"}))
        adoption.follow(firm_id=firm.firm_id, by=me, at=at)
        tag = FirmTag.objects.create(edition=edition, firm=firm, row=firm.pk, given=firm.name, by="person", confidence_share=0.25)
        TagDoubt.objects.create(edition=edition, row=firm.pk, text=firm.name, outcome=TagDoubt.FIRM, tag=tag)
    adoption.follow(firm_id=old.firm_id, by=cast.bureau_leader, at=FIRST)
    remarks.note_relation(firm_id=third.firm_id, other_id=old.firm_id, kind="controls", source="s", known_on=ON, by=me, at=FIRST)
    remarks.note_relation(firm_id=old.firm_id, other_id=new.firm_id, kind="partner_of", source="s", known_on=ON, by=me, at=FIRST)
    person = noted_person(cast, old)
    Position.objects.create(person=person, firm=new, title="董事长")
    Position.objects.create(person=person, firm=old, title="法定代表人")
    return old, new, third


def noted_person(cast: Cast, firm: Firm) -> Person:
    values = {
        "name": "梧某", "phone": "13900001111", "purpose": Purpose.PROMOTION, "basis": Basis.CONSENT, "consent_source": "名片",
        "consented_on": ON, "retain_until": ON + dt.timedelta(days=300),
    }  # fmt: skip
    return contacts.note_person(firm_id=firm.firm_id, title="董事长", by=cast.bureau_officer, at=FIRST, on=ON, **values)


def merge(old: Firm, new: Firm, by: Any) -> Merger:
    return merging.merge(kept=new, gone=old, reason="同一地址、同一法人", by=by, at=LATER)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that merging touches, keys and all."""
    models = {apps.get_model(one.model) for one in collect("MERGE") if one.repoint} | {TagDoubt, Knock, RowChange, Firm}
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in sorted(models, key=str)}


def keys_to_firms() -> Iterator[tuple[str, str]]:
    for model in apps.get_app_config("firms").get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.remote_field.model is Firm:
                yield model._meta.label, field.name


def test_every_key_to_a_firm_is_repointed_by_a_hook() -> None:
    assert {(one.model, one.field) for one in hooks.MERGE} == set(keys_to_firms())
    assert {one.model for one in hooks.MERGE if one.repoint is None} == {"firms.Firm", "firms.Merger"}


def test_nothing_names_the_old_firm_and_nothing_stands_twice(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, third = firms
    merge(old, new, cast.bureau_officer)

    assert not any(one.rows(old).exists() for one in collect("MERGE") if one.repoint)
    assert sorted(new.names.values_list("kind", "name")) == sorted(
        [("former", "飞燕厂"), *(("short", f"{name[:4]}简称") for name in (OLD, NEW))]
    )
    assert {(row.firm, row.kind, row.other) for row in Relation.objects.all()} == {(new, "supplies", third), (third, "controls", new)}
    assert {row.user for row in new.follows.all()} == {cast.bureau_officer, cast.bureau_leader}
    assert sorted(new.positions.values_list("title", flat=True)) == ["法定代表人", "董事长"]
    assert new.tags.count() == 1


def test_of_two_notes_the_newer_stays(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    merge(old, new, cast.bureau_officer)

    assert YearlyFigure.objects.get().value == LATER.day
    assert {row.source for row in FirmName.objects.filter(kind="former")} == {f"走访{LATER:%d}"}
    assert Relation.objects.get(kind="supplies").known_on == LATER.date()


def test_undoing_restores_every_row_of_every_room(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    """Lists where both stand, with knocks, an order to close up and a statement that gave way, among them."""
    old, new, third = firms
    me = cast.bureau_officer
    both, one = factories.target_list(me), factories.target_list(me)
    row, _, other = factories.listed(both, old, third, new)
    factories.listed(one, old)
    factories.knock(row, me, at=LATER)
    factories.knock(other, me, at=FIRST)
    for firm, at in ((old, FIRST), (new, LATER)):
        HandPlacement.objects.create(firm=firm, chain_id="power-battery", segment_id="cell", is_maker=True, reason="走访", by=me, at=at)
    before = everything()
    made = merge(old, new, me)
    assert ListedFirm.objects.filter(firm=new).count() == 2
    assert everything() != before

    merging.undo(merger=made, by=me, at=LATER)

    assert everything() == before
    assert (made.pk, Merger.objects.get().state, Merger.objects.get().undo) == (made.pk, "undone", {})
    assert merge(old, new, me).state == "done", "it can be done again"


def test_a_merged_firm_stands_for_the_one_that_was_kept(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, third = firms
    merge(old, new, cast.bureau_officer)
    note = {"firm_id": old.firm_id, "kind": "brand", "name": "飞燕牌", "source": "走访", "by": cast.bureau_officer, "at": LATER}
    assert remarks.note_name(**note).firm == new
    assert adoption.take_on_all(firm_ids=[old.firm_id, third.firm_id], by=cast.bureau_officer, at=LATER) == {
        old.firm_id: new,
        third.firm_id: third,
    }
    target, candidate = factories.target_list(cast.bureau_officer), Candidate(old.firm_id, old.name)
    done = working.put_on(target_list=target, candidates=[candidate], first_step="首次对接", by=cast.bureau_officer, at=LATER)
    assert [row.firm for row in done.rows] == [new]
    with pytest.raises(merging.MergeRefused, match="gone_already"):
        merge(old, third, cast.bureau_officer)


def test_what_was_changed_since_is_named_and_stands_in_the_way(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, third = firms
    me = cast.bureau_officer
    (row,) = factories.listed(factories.target_list(me, title="油缸企业"), old)
    made = merge(old, new, me)
    row.refresh_from_db()
    factories.knock(row, me, at=LATER)
    with pytest.raises(merging.MergeRefused, match="later") as refused:
        merging.undo(merger=made, by=me, at=LATER)
    assert any("油缸企业" in name for name in refused.value.named)
    other = merge(third, new, me)
    further = merge(new, adoption.take_on(firm_id=fictional.firm_id("青桐正和轴承有限公司"), by=me, at=LATER), me)
    with pytest.raises(merging.MergeRefused, match="青桐正和轴承"):
        merging.undo(merger=other, by=me, at=LATER)
    merging.undo(merger=further, by=me, at=LATER)
    assert merging.undo(merger=other, by=me, at=LATER).state == "undone"


def test_a_relation_that_no_room_lists_is_named_and_refuses(
    firms: tuple[Firm, Firm, Firm], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, _ = firms
    before = everything()
    known = [one for one in collect("MERGE") if one.model != "firms.Follow"]
    monkeypatch.setattr("wutong.web.lib.hooks.collect", lambda name: tuple(known))
    with pytest.raises(merging.MergeRefused, match="unlisted") as refused:
        merge(old, new, cast.bureau_officer)
    assert len(refused.value.named) == 1
    assert everything() == before


def test_what_other_units_keep_needs_a_second_person(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    factories.listed(factories.target_list(cast.county_officer), old)
    made = merge(old, new, cast.bureau_officer)
    assert (made.state, Firm.objects.get(pk=old.pk).merged_into) == ("waiting", None)
    with pytest.raises(merging.MergeRefused, match="asked_already"):
        merge(old, new, cast.bureau_leader)
    with pytest.raises(merging.NotAllowed):
        merging.approve(merger=made, by=cast.bureau_officer, at=LATER)
    done = merging.approve(merger=made, by=cast.bureau_leader, at=LATER)
    assert (done.state, done.decided_by) == ("done", cast.bureau_leader)
    with pytest.raises(merging.NotAllowed):
        merging.undo(merger=done, by=cast.bureau_officer, at=LATER)
    merging.undo(merger=done, by=cast.bureau_leader, at=LATER)
    again = merging.merge(kept=new, gone=old, reason="同址", by=cast.county_officer, at=LATER)
    assert again.state == "waiting"
    assert merging.send_back(merger=again, decision="法人不同", by=cast.bureau_leader, at=LATER).state == "sent_back"


def test_a_confidential_list_of_others_is_carried_over_without_a_word(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    kept = factories.target_list(cast.county_officer)
    (row,) = factories.listed(kept, old)
    making.keep_confidential(target_list=kept, code_name="寒露", by=cast.county_officer, at=FIRST)
    preview = mergers.preview_of(new, old, cast.bureau_officer)
    assert not preview.needs_second_look
    assert "清单企业" not in str(preview) and row._meta.verbose_name_plural not in {change.kind for change in preview.changes}
    merge(old, new, cast.bureau_officer)
    row.refresh_from_db()
    assert row.firm == new


def test_the_preview_counts_what_merging_moves(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    (row,) = factories.listed(factories.target_list(cast.bureau_officer), old)
    preview = mergers.preview_of(new, old, cast.bureau_officer)
    (listed,) = [change for change in preview.changes if change.kind == row._meta.verbose_name_plural]
    assert (listed.total, listed.double, listed.others, [one.address for one in listed.shown]) == (
        1,
        0,
        0,
        [f"/leads/rows/{row.public_id}/"],
    )
    moved = merge(old, new, cast.bureau_officer).moved
    assert {change.kind for change in preview.changes} == {one.kind for one in collect("MERGE") if f"{one.model}.{one.field}" in moved}
    # A row that replaces its older twin is one row carried over, and two that change.
    assert preview.total <= sum(moved.values()) <= preview.total + sum(change.double for change in preview.changes)


def test_suspects_are_found_with_reasons_and_go_when_somebody_settled_them(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    me = cast.bureau_officer
    a, b = (adoption.take_on(firm_id=fictional.firm_id(name), by=me, at=FIRST) for name in ("白榆华强油缸有限公司", "白榆长顺油缸有限公司"))
    assert not [pair for pair in duplicates.suspects(me) if {a, b} == {pair.kept, pair.gone}]
    remarks.note_name(firm_id=b.firm_id, kind="former", name=a.name, source="走访", by=me, at=FIRST)
    Firm.objects.filter(pk=a.pk).update(uscc="91990200MA0000000X")
    Firm.objects.create(firm_id="X-OTHER", name="白榆某油缸厂", uscc="91990200ma0000000x ", build_id="b", taken_on_at=FIRST)
    found = duplicates.suspects(me)
    assert [(pair.confidence_share, pair.reasons[0].code) for pair in found] == [(0.98, "code"), (0.9, "former")]
    merging.keep_apart(one=found[1].kept, other=found[1].gone, reason="两家不同", by=me, at=LATER)
    assert [pair.reasons[0].code for pair in duplicates.suspects(me)] == ["code"]


def test_the_pages_lead_from_the_suspicion_to_the_merger_and_back(client_of: Any, firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    officer = client_of("bureau_officer")
    assert officer.get("/firms/merging/").status_code == 200
    asked = officer.get(f"/firms/{new.firm_id}/merge/", {"with": "无此企业名称"})
    assert (asked.status_code, asked.context["is_unknown"]) == (422, True)
    address = f"/firms/{new.firm_id}/merge/?with={old.firm_id}"
    assert old.name in officer.get(address).content.decode()
    assert officer.post(address, {"kept": new.firm_id, "reason": ""}).status_code == 422
    done = officer.post(address, {"kept": new.firm_id, "reason": "同一地址"}, follow=True)
    made = Merger.objects.get()
    assert (done.request["PATH_INFO"], made.kept) == (f"/firms/mergers/{made.public_id}/", new)
    assert new.name in officer.get(f"/firms/{old.firm_id}/").content.decode()
    again = officer.post(address, {"kept": new.firm_id, "reason": "同一地址"}, follow=True)
    assert "两者本来就是同一家企业" in again.content.decode()
    assert officer.get("/firms/mergers/?state=done").context["list"].total == 1
    history = {entry.action for entry in Entry.objects.filter(object_id=str(new.firm_id)) | Entry.objects.filter(object_label=new.name)}
    assert "firms.merge" in history
    for name in ("park_officer", "adviser", "department_officer"):
        assert client_of(name).post(f"/firms/mergers/{made.public_id}/undo/").status_code == 403
    assert client_of("bureau_officer").post(f"/firms/mergers/{made.public_id}/approve/").status_code == 403
    officer.post(f"/firms/mergers/{made.public_id}/undo/")
    made.refresh_from_db()
    assert (made.state, Firm.objects.get(pk=old.pk).merged_into) == ("undone", None)
    apart = {"one": old.public_id, "other": new.public_id, "reason": "两家不同"}
    assert officer.post("/firms/merging/apart/", {**apart, "one": "x"}).status_code == 404
    assert officer.post("/firms/merging/apart/", apart).status_code == 302
    assert officer.get("/firms/names/", {"other": "重液"}).content.decode().count("<option") == 2


def test_what_is_kept_in_memory_follows(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    seen = [set(table.column("firm_id").to_pylist()) for table in (tags.table(), own.figures())]
    assert seen == [{old.firm_id, new.firm_id}] * 2
    called = names.further().called
    merge(old, new, cast.bureau_officer)

    assert [set(table.column("firm_id").to_pylist()) for table in (tags.table(), own.figures())] == [{new.firm_id}] * 2
    assert names.further().called != called


def test_an_entry_names_nobody_and_who_was_erased_is_not_made_again(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    made = merge(old, new, cast.bureau_officer)
    assert "董事长" in str(Merger.objects.get().undo)
    contacts.erase_person(person=Person.objects.get(), reason="本人要求", by=cast.bureau_officer, at=LATER)
    assert "董事长" not in str(Merger.objects.get().undo)

    merging.undo(merger=made, by=cast.bureau_officer, at=LATER)

    assert not Position.objects.exists()
    told = "".join(str(entry.changes) + entry.object_label for entry in Entry.objects.all())
    assert not any(word in told for word in ("梧某", "13900001111", "董事长", "法定代表人", "名片"))


def test_whoever_may_check_is_told_and_whoever_asked_is_told_what_became_of_it(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    factories.listed(factories.target_list(cast.county_officer), old)
    made = merge(old, new, cast.bureau_officer)
    told = Message.objects.filter(address=f"/firms/mergers/{made.public_id}/")
    assert cast.bureau_leader in {one.to for one in told} and cast.bureau_officer not in {one.to for one in told}
    assert all(one.to.may(Permission.FIRMS_MERGE_CHECK) for one in told)
    assert all(old.name in one.title and "同一地址" in one.text for one in told)
    merging.send_back(merger=made, decision="法人不同", by=cast.bureau_leader, at=LATER)
    assert [(one.title, one.text) for one in told.filter(to=cast.bureau_officer)] == [
        (f"合并申请被退回：{old.name}与{new.name}", f"{cast.bureau_leader}：法人不同")
    ]
    again = merge(old, new, cast.bureau_officer)
    merging.approve(merger=again, by=cast.bureau_leader, at=LATER)
    (done,) = Message.objects.filter(to=cast.bureau_officer, address=f"/firms/mergers/{again.public_id}/")
    assert done.title == f"已合并：{old.name}并入{new.name}"


def test_a_merger_that_needs_nobody_else_tells_nobody(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    merge(firms[0], firms[1], cast.bureau_officer)
    assert not Message.objects.exists()


def test_rankings_maps_searches_and_sheets_name_the_firm_that_was_kept_alone(
    client_of: Any, firms: tuple[Firm, Firm, Firm], cast: Cast
) -> None:
    """Both make cylinders; so does what a product search, a name search, the makers' page and its sheet show."""
    old, new, _ = firms
    officer = client_of("bureau_officer")
    chain = f"/chains/{fictional.CHAIN}"
    makers, ranking = f"{chain}/segments/{fictional.GAP}/makers/?where=nation", f"{chain}/targets/?segment={fictional.GAP}"
    pages = (ranking, makers, "/firms/?q=液压缸", f"/firms/?q={old.name}&by=name", f"/search/?q={old.name}")

    def seen() -> tuple[int, int, int, int]:
        drawn = officer.get(f"{chain}/segments/{fictional.GAP}/").context["gap"].national_makers
        sold = officer.get("/firms/?q=液压缸").context["found"].total
        return officer.get(ranking).context["targets"].total, officer.get(makers).context["group"].total, drawn, sold

    before = seen()
    assert all(old.name in officer.get(page).content.decode() for page in pages)
    made = merge(old, new, cast.bureau_officer)
    assert seen() == tuple(number - 1 for number in before)
    for page in pages[:3]:
        text = officer.get(page).content.decode()
        assert new.firm_id in text and old.firm_id not in text, page
    assert [row.firm_id for row in officer.get(pages[3]).context["found"].rows] == [new.firm_id]
    assert officer.get(f"{chain}/segments/{fictional.GAP}/explain/{old.firm_id}/").context["found"].firm_id == new.firm_id
    for address in (f"{chain}/targets/export/?segment={fictional.GAP}", makers.replace("/?", "/export/?"), "/firms/export/?q=液压缸"):
        sheet = b"".join(officer.get(address).streaming_content)
        names = [row[0] for row in CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()]
        names += [row[1] for row in CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()]
        assert new.name in names and old.name not in names, address
    merging.undo(merger=made, by=cast.bureau_officer, at=LATER)
    assert seen() == before


def test_what_only_the_firm_that_went_made_the_firm_kept_makes(client_of: Any, cast: Cast) -> None:
    """密封件 is made by the one that goes alone: the other stands for it on the makers' page and is found by the product."""
    officer, me = client_of("bureau_officer"), cast.bureau_officer
    third, kept = (adoption.take_on(firm_id=fictional.firm_id(name), by=me, at=FIRST) for name in (THIRD, "白榆1号便民商店"))
    merge(third, kept, me)
    page = f"/chains/{fictional.CHAIN}/segments/{fictional.NEIGHBOUR}/makers/?where=nation"
    assert {third.firm_id, kept.firm_id} & {row.firm_id for row in officer.get(page).context["group"].rows} == {kept.firm_id}
    found = [row for row in officer.get("/firms/?q=密封件").context["found"].rows if row.firm_id == kept.firm_id]
    assert [(row.name, "密封件" in row.clause) for row in found] == [(kept.name, True)]


def test_who_may_not_merge_moves_and_puts_back_nothing(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    made = merge(old, new, cast.bureau_officer)
    before = everything()
    with pytest.raises(merging.NotAllowed):
        merging.repoint(model="Follow", field="firm", from_firm=new, to_firm=old, by=cast.system_admin, at=LATER)
    for person in (cast.system_admin, cast.park_officer, cast.adviser):
        with pytest.raises(merging.NotAllowed):
            merging.undo(merger=made, by=person, at=LATER)
        with pytest.raises(merging.NotAllowed):
            merging.merge(kept=old, gone=new, reason="同址", by=person, at=LATER)
    assert everything() == before


def test_what_is_noted_on_a_firm_goes_with_it_and_comes_back(
    cast: Cast, firms: tuple[Firm, Firm, Firm], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    old, new, _ = firms
    me = cast.bureau_officer
    comment, duty = factories.comment(old, me), factories.duty(me, record=old, by=me)
    files = [factories.attachment(firm, me, name="营业执照.txt") for firm in (new, old)]
    before = everything()
    done = merge(old, new, cast.bureau_leader)
    for row in (comment, duty, *files):
        row.refresh_from_db()
        assert row.record == new.public_id
    assert [file.version_no for file in files] == [1, 2], "of one name, so a later version"
    merging.undo(merger=done, by=cast.bureau_leader, at=LATER)
    assert everything() == before


@pytest.mark.parametrize(("language", "label", "kind"), [("zh-hans", "来自企业", "其他名称"), ("en", "from the firm", "further names")])
def test_the_history_of_a_merger_says_from_which_firm_what_came(
    firms: tuple[Firm, Firm, Firm], cast: Cast, language: str, label: str, kind: str
) -> None:
    old, new, _ = firms
    factories.comment(old, cast.bureau_officer)
    factories.listed(factories.target_list(cast.bureau_officer), old)
    values = {"chain_id": "power-battery", "segment_id": "cell", "is_maker": True, "reason": "走访"}
    HandPlacement.objects.create(firm=old, by=cast.bureau_officer, at=FIRST, **values)
    merge(old, new, cast.bureau_officer)
    moved = Entry.objects.filter(action__contains="repoint")
    with translation.override(language):
        assert {(line.label, line.new) for entry in moved for line in audit.lines_of(entry) if line.label == label} == {(label, old.name)}
        told = audit.history(cast.bureau_officer, "firms.Firm", new.firm_id, {})
        lines = [line for event in told.events for line in event.lines]
        labels = {line.label for line in lines}
    assert {"firms.repoint", "journal.repoint", "leads.repoint_firm", "chains.repoint_statements"} == {entry.action for entry in moved}
    assert label in labels and not labels & {"移交人", "from whom", "接收人", "移交", "handed over"}
    assert kind in {line.new for line in lines} and not {"FirmName", "journal.Comment"} & {line.new for line in lines}


KEPT_ELSEWHERE = "白榆1号便民商店"


def test_a_merged_firm_stands_once_as_the_firm_kept_and_in_its_place_whoever_is_asked(client_of: Any, cast: Cast) -> None:
    """密封件 is made in 青桐市 by the firm that goes; the one kept lies in 白榆市. Searches, makers, gap figures and rankings agree."""
    officer, me = client_of("bureau_officer"), cast.bureau_officer
    gone, kept = (adoption.take_on(firm_id=fictional.firm_id(name), by=me, at=FIRST) for name in (THIRD, KEPT_ELSEWHERE))
    segment = f"/chains/{fictional.CHAIN}/segments/{fictional.NEIGHBOUR}"

    def where(region: str) -> tuple[set[str], list[bool]]:
        """Who of the two stands there, and whether each question finds one."""
        searches = ("q=密封件", f"q={THIRD}&by=name", f"q=密封件&near={region}&radius=50")
        of_search = [officer.get(f"/firms/?{ask}{'' if 'near' in ask else f'&region={region}'}").context["found"].rows for ask in searches]
        found = [{row.firm_id for row in rows} for rows in of_search]
        found.append({row.firm_id for row in officer.get(f"{segment}/makers/?where=local&region={region}").context["group"].rows})
        found = [{gone.firm_id, kept.firm_id} & ids for ids in found]
        return set().union(*found), [bool(ids) for ids in found]

    def local_makers() -> tuple[int, ...]:
        return tuple(officer.get(f"{segment}/?region={region}").context["gap"].local_makers for region in ("990100", "990200"))

    assert (where("990100"), where("990200")) == (({gone.firm_id}, [True] * 4), (set(), [False] * 4))
    assert local_makers() == (3, 0)
    merge(gone, kept, me)
    assert (where("990100"), where("990200")) == ((set(), [False] * 4), ({kept.firm_id}, [True] * 4))
    assert local_makers() == (2, 1)
    (row,) = [row for row in officer.get("/firms/?q=密封件&region=990200").context["found"].rows if row.firm_id == kept.firm_id]
    assert (row.name, row.capital_yuan, "白榆市" in row.place, "密封件" in row.clause) == (KEPT_ELSEWHERE, 100_000, True, True)
    names = [one.name for one in officer.get(f"/firms/?q=青桐市 {THIRD}").context["found"].rows]
    assert names == [], "of words all must fit: the name finds it, the place where it stands no more does not"
    ranked = officer.get(f"/chains/{fictional.CHAIN}/targets/?segment={fictional.NEIGHBOUR}&region=990100").context["targets"].rows
    assert kept.firm_id in {row.firm_id for row in ranked} and gone.firm_id not in {row.firm_id for row in ranked}


CODE, OTHER_CODE = (first + codes.check_character(first) for first in ("91990102000000012", "91990202000000013"))
WRONG = OTHER_CODE[:-1] + ("1" if OTHER_CODE[-1] == "0" else "0")


@pytest.mark.parametrize("pair", [(CODE, CODE.lower()), (CODE, None), (CODE, ""), (CODE, WRONG), ("410100000000000", CODE)])
def test_codes_that_are_alike_missing_or_wrong_are_no_reason_to_doubt(pair: tuple[str, str]) -> None:
    assert not mergers.are_codes_other(*(Firm(uscc=code) for code in pair))


def test_two_valid_codes_are_warned_of_and_the_reason_is_asked_for_them(client_of: Any, firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    officer, address = client_of("bureau_officer"), f"/firms/{new.firm_id}/merge/?with={old.firm_id}"
    said = officer.get(address).content.decode()
    assert "两家企业的信用代码不同，且均为有效代码" in said and "为何两个信用代码实为同一企业" in said
    assert officer.post(address, {"kept": new.firm_id, "reason": " "}).status_code == 422
    Firm.objects.filter(pk=old.pk).update(uscc=None)
    assert Merger.objects.count() == 0
    Firm.objects.filter(pk=old.pk).update(uscc=old.uscc)
    officer.post(address, {"kept": new.firm_id, "reason": "迁址换发代码"})
    assert [entry.changes["codes"] for entry in Entry.objects.filter(action="firms.merge")] == [[old.uscc, new.uscc]] * 2
    remarks.note_name(firm_id=new.firm_id, kind="former", name=THIRD, source="走访", by=cast.bureau_officer, at=LATER)
    assert "信用代码不同，且均为有效代码" in officer.get("/firms/merging/").content.decode()


def test_pairs_and_mergers_are_given_as_spreadsheets(client_of: Any, cast: Cast) -> None:
    first, second, twin, other = (factories.firm() for _ in range(4))
    merge(first, second, cast.bureau_officer)
    remarks.note_name(firm_id=twin.firm_id, kind="former", name=other.name, source="走访", by=cast.bureau_officer, at=FIRST)
    client, sheets = client_of("bureau_officer"), {}
    for name, query in (("merging", {}), ("mergers", {"state": "done"}), ("mergers", {"state": "waiting"})):
        content = b"".join(client.get(f"/firms/{name}/export/", query).streaming_content)
        sheets[name, *query.values()] = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    (pair,) = sheets[("merging",)]
    assert {pair[0], pair[2]} == {twin.name, other.name} and pair[4] == 90 and other.name in pair[5]
    (merged,) = sheets["mergers", "done"]
    assert merged[:4] == [first.name, second.name, "已合并", "同一地址、同一法人"] and sheets["mergers", "waiting"] == []
    assert "/firms/merging/export/" in client.get("/firms/merging/").content.decode()
    assert client_of("adviser").get("/firms/mergers/export/").status_code == 403
