"""Two firms that turned out to be one: every row that names the one names the other, nothing twice, and all of it can be put back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import models

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.firms import actions, hooks
from wutong.web.firms.models import Firm, FirmList, FirmName, FirmTag, Person, Position, Relation, TagDoubt, YearlyFigure
from wutong.web.firms.queries import names, own, tags
from wutong.web.firms.rules import Basis, Purpose

OLD, NEW, THIRD = "白榆瑞丰油缸有限公司", fictional.TARGET, "青桐天合密封件有限公司"
FIRST, LATER = factories.AT, factories.AT + dt.timedelta(days=1)
ON = FIRST.date()


@pytest.fixture
def firms(cast: Cast) -> tuple[Firm, Firm, Firm]:
    """The firm that is another, that other, and a third; each noted of, the first two alike."""
    me = cast.bureau_officer
    old, new, third = (actions.take_on(firm_id=fictional.firm_id(name), by=me, at=FIRST) for name in (OLD, NEW, THIRD))
    edition = FirmList.objects.create(tag="listed", name="名单", as_of=ON, source="公布", file_name="a.csv", file_sha256="0", rows=3,
                                      build_id="b", imported_at=FIRST)  # fmt: skip
    for firm, at in ((old, LATER), (new, FIRST)):
        note: dict[str, Any] = {"firm_id": firm.firm_id, "source": f"走访{at:%d}", "by": me, "at": at}
        actions.note_name(kind="former", name="飞燕厂", **note)
        actions.note_name(kind="short", name=f"{firm.name[:4]}简称", **note)
        actions.note_relation(other_id=third.firm_id, kind="supplies", known_on=at.date(), **note)
        actions.note_figure(year=2024, measure="patents_count", value=Decimal(at.day), on=LATER.date(), **(note | {"source": "年报"}))
        actions.follow(firm_id=firm.firm_id, by=me, at=at)
        tag = FirmTag.objects.create(edition=edition, firm=firm, row=firm.pk, given=firm.name, by="person", confidence_share=0.25)
        TagDoubt.objects.create(edition=edition, row=firm.pk, text=firm.name, outcome=TagDoubt.FIRM, tag=tag)
    actions.follow(firm_id=old.firm_id, by=cast.bureau_leader, at=FIRST)
    actions.note_relation(firm_id=third.firm_id, other_id=old.firm_id, kind="controls", source="s", known_on=ON, by=me, at=FIRST)
    actions.note_relation(firm_id=old.firm_id, other_id=new.firm_id, kind="partner_of", source="s", known_on=ON, by=me, at=FIRST)
    person = noted_person(cast, old)
    Position.objects.create(person=person, firm=new, title="董事长")
    Position.objects.create(person=person, firm=old, title="法定代表人")
    return old, new, third


def noted_person(cast: Cast, firm: Firm) -> Person:
    values = {
        "name": "梧某", "phone": "13900001111", "purpose": Purpose.PROMOTION, "basis": Basis.CONSENT, "consent_source": "名片",
        "consented_on": ON, "retain_until": ON + dt.timedelta(days=300),
    }  # fmt: skip
    return actions.note_person(firm_id=firm.firm_id, title="董事长", by=cast.bureau_officer, at=FIRST, on=ON, **values)


def merge(old: Firm, new: Firm, by: Any) -> list[Entry]:
    for one in hooks.MERGE:
        one.repoint(from_firm=old, to_firm=new, by=by, at=LATER)
    return list(Entry.objects.filter(action="firms.repoint").order_by("-sequence"))


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of what is merged, without the keys that a row made again does not keep."""
    found = {name: list(model.objects.order_by("pk").values()) for name, model in actions.MERGED.items()}
    doubts = [{"row": row.row, "tag": row.tag and row.tag.row} for row in TagDoubt.objects.order_by("row")]
    plain = {name: sorted(({k: v for k, v in row.items() if k != "id"} for row in rows), key=str) for name, rows in found.items()}
    return plain | {"doubts": doubts}


def keys_to_firms() -> Iterator[tuple[str, str]]:
    for model in apps.get_app_config("firms").get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.remote_field.model is Firm:
                yield model._meta.label, field.name


def test_every_key_to_a_firm_is_repointed_by_a_hook() -> None:
    assert {(one.model, one.field) for one in hooks.MERGE} == set(keys_to_firms())


def test_nothing_names_the_old_firm_and_nothing_stands_twice(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, third = firms
    merge(old, new, cast.bureau_officer)

    assert not any(apps.get_model(label).objects.filter(**{field: old}).exists() for label, field in keys_to_firms())
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


def test_putting_back_makes_every_row_again(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    before = everything()
    entries = merge(old, new, cast.bureau_officer)
    assert everything() != before

    for entry in entries:
        actions.put_back(entry=entry, by=cast.bureau_officer, at=LATER)

    assert everything() == before


def test_a_repeat_moves_nothing_and_leaves_no_entry(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    entries = merge(old, new, cast.bureau_officer)

    assert merge(old, new, cast.bureau_officer) == entries
    assert [one.repoint(from_firm=old, to_firm=new, by=cast.bureau_officer, at=LATER) for one in hooks.MERGE] == [0] * len(hooks.MERGE)


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
    entries = merge(old, new, cast.bureau_officer)
    person = Person.objects.get()
    actions.erase_person(person=person, reason="本人要求", by=cast.bureau_officer, at=LATER)

    for entry in entries:
        actions.put_back(entry=entry, by=cast.bureau_officer, at=LATER)

    assert not Position.objects.exists()
    told = "".join(str(entry.changes) + entry.object_label for entry in Entry.objects.all())
    assert not any(word in told for word in ("梧某", "13900001111", "董事长", "法定代表人", "名片"))


def test_who_may_not_edit_moves_and_puts_back_nothing(firms: tuple[Firm, Firm, Firm], cast: Cast) -> None:
    old, new, _ = firms
    entries = merge(old, new, cast.bureau_officer)
    before = everything()
    with pytest.raises(actions.NotAllowed):
        actions.repoint(model="Follow", field="firm", from_firm=new, to_firm=old, by=cast.system_admin, at=LATER)
    with pytest.raises(actions.NotAllowed):
        actions.put_back(entry=entries[0], by=cast.system_admin, at=LATER)
    assert everything() == before
