"""Writes about firms: take one on, follow it, note what the office itself knows of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.engine import firms as registry
from wutong.engine.list_files import Fault, ListError, ListFile
from wutong.rulebook import load
from wutong.web.accounts import actions as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms import rules
from wutong.web.firms.models import Firm, FirmName, Follow, Person, Position, Relation, YearlyFigure
from wutong.web.firms.queries import briefs
from wutong.web.lib import warehouse

UnknownFirm = registry.UnknownFirm
NotAllowed = accounts.NotAllowed


@transaction.atomic
def take_on(*, firm_id: str, by: User, at: dt.datetime) -> Firm:
    """The row of a firm, made at the first write about it. Raises: NotAllowed, UnknownFirm."""
    accounts.require(by, Permission.FIRMS_VIEW)
    known = Firm.objects.filter(firm_id=firm_id).first()
    if known:
        return known
    build = warehouse.served()
    found = registry.identify(build, firm_id)
    firm, is_new = Firm.objects.get_or_create(
        firm_id=found.firm_id,
        defaults={"uscc": found.uscc, "name": found.name[:300], "build_id": build.info.build_id, "taken_on_at": at},
    )
    if is_new:
        audit.record(action="firms.take_on", by=by, at=at, obj=firm, changes={"firm_id": firm.firm_id, "build": firm.build_id})
    return firm


@transaction.atomic
def take_on_all(*, firm_ids: Iterable[str], by: Any, at: dt.datetime) -> dict[str, Firm]:
    """The rows of many firms by registry id, those missing made at once; one audit entry. Raises: NotAllowed, UnknownFirm."""
    accounts.require(by, Permission.FIRMS_VIEW)
    wanted = list(dict.fromkeys(firm_ids))
    known = {firm.firm_id: firm for firm in Firm.objects.filter(firm_id__in=wanted)}
    missing = [firm_id for firm_id in wanted if firm_id not in known]
    if not missing:
        return known
    found, build_id = briefs.briefs(missing), warehouse.served().info.build_id
    if gone := [firm_id for firm_id in missing if firm_id not in found]:
        raise UnknownFirm(gone[0])
    new = [Firm(firm_id=key, uscc=found[key].uscc, name=found[key].name[:300], build_id=build_id, taken_on_at=at) for key in missing]
    Firm.objects.bulk_create(new, ignore_conflicts=True)
    changes = {"firm_ids": missing, "build": build_id}
    audit.record(action="firms.take_on", by=by, at=at, object_type="firms.Firm", object_label=found[missing[0]].name, changes=changes)
    return {firm.firm_id: firm for firm in Firm.objects.filter(firm_id__in=wanted)}


@transaction.atomic
def follow(*, firm_id: str, by: User, at: dt.datetime) -> Follow:
    """Put a firm on one's list of followed firms; a repeat changes nothing. Raises: NotAllowed, UnknownFirm."""
    firm = take_on(firm_id=firm_id, by=by, at=at)
    mark, is_new = Follow.objects.get_or_create(user=by, firm=firm, defaults={"followed_at": at})
    if is_new:
        audit.record(action="firms.follow", by=by, at=at, obj=firm)
    return mark


@transaction.atomic
def unfollow(*, firm_id: str, by: User, at: dt.datetime) -> bool:
    """Take a firm off one's list; False where it was not on it. `follow` undoes it. Raises: NotAllowed."""
    accounts.require(by, Permission.FIRMS_VIEW)
    mark = Follow.objects.select_related("firm").filter(user=by, firm__firm_id=firm_id).first()
    if mark is None:
        return False
    firm = mark.firm
    mark.delete()
    audit.record(action="firms.unfollow", by=by, at=at, obj=firm)
    return True


@transaction.atomic
def hand_over_follows(*, from_user: User, to_user: User, by: User, at: dt.datetime) -> int:
    """Give a leaver's followed firms to a colleague; what the colleague follows already is dropped. Returns how many moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    for person in (from_user, to_user):
        accounts.require(by, Permission.USERS_EDIT, person.unit.target())
    known = Follow.objects.filter(user=to_user).values("firm_id")
    moving = Follow.objects.filter(user=from_user).exclude(firm_id__in=known)
    moved = moving.update(user=to_user)
    dropped, _ = Follow.objects.filter(user=from_user).delete()
    if moved or dropped:
        changes = {"from": str(from_user), "moved": moved, "dropped": dropped}
        audit.record(action="firms.hand_over_follows", by=by, at=at, obj=to_user, changes=changes)
    return moved


def note_export(*, what: str, by: User, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Record that a list left the house as a spreadsheet: by which filter and how many rows."""
    audit.record(action=f"{what}.export", by=by, at=at, changes={"filter": dict(filters), "rows": rows})


# --- what the office itself knows of a firm -------------------------------------------------------------------------------------------
class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[rules.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def _refuse(refusals: tuple[rules.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _own(row: Any, by: User) -> None:
    """Stop unless the row's unit is within reach of the person."""
    accounts.require(by, Permission.FIRMS_EDIT, replace(row.unit.target(), owner_id=row.noted_by_id))


@transaction.atomic
def note_name(*, firm_id: str, kind: str, name: str, source: str, by: User, at: dt.datetime, until_on: dt.date | None = None) -> FirmName:
    """Note a former or short name (曾用名、简称) of a firm; a repeat corrects it. Raises: NotAllowed, UnknownFirm, Refused."""
    accounts.require(by, Permission.FIRMS_EDIT)
    _refuse(() if source.strip() else (rules.Refusal.NO_SOURCE,))
    firm = take_on(firm_id=firm_id, by=by, at=at)
    values = {"until_on": until_on, "source": source, "unit": by.unit, "noted_by": by, "noted_at": at}
    row, _ = FirmName.objects.update_or_create(firm=firm, kind=kind, name=name, defaults=values)
    audit.record(action="firms.note_name", by=by, at=at, obj=firm, changes={"kind": kind, "name": name, "source": source})
    return row


@transaction.atomic
def drop_name(*, name: FirmName, by: User, at: dt.datetime) -> None:
    """Take a further name off a firm. Raises: NotAllowed."""
    _own(name, by)
    name.delete()
    audit.record(action="firms.drop_name", by=by, at=at, obj=name.firm, changes={"kind": name.kind, "name": name.name})


@transaction.atomic
def note_relation(
    *, firm_id: str, other_id: str, kind: str, source: str, known_on: dt.date, by: User, at: dt.datetime, ended_on: dt.date | None = None
) -> Relation:
    """Note how a firm belongs to another (企业关系). Raises: NotAllowed, UnknownFirm, Refused."""
    accounts.require(by, Permission.FIRMS_EDIT)
    firm, other = (take_on(firm_id=number, by=by, at=at) for number in (firm_id, other_id))
    _refuse(rules.refusals_to_relate(is_same=firm == other, source=source, known_on=known_on, ended_on=ended_on))
    values = {"known_on": known_on, "ended_on": ended_on, "source": source, "noted_by": by, "noted_at": at}
    row, _ = Relation.objects.update_or_create(firm=firm, other=other, kind=kind, unit=by.unit, defaults=values)
    audit.record(action="firms.note_relation", by=by, at=at, obj=firm, changes={"kind": kind, "other": other.name, "source": source})
    return row


@transaction.atomic
def drop_relation(*, relation: Relation, by: User, at: dt.datetime) -> None:
    """Take back a relation that was noted. Raises: NotAllowed."""
    _own(relation, by)
    relation.delete()
    changes = {"kind": relation.kind, "other": relation.other.name}
    audit.record(action="firms.drop_relation", by=by, at=at, obj=relation.firm, changes=changes)


@transaction.atomic
def note_figure(
    *,
    firm_id: str,
    year: int,
    measure: str,
    value: Decimal,
    source: str,
    by: User,
    at: dt.datetime,
    on: dt.date,
    is_estimated: bool = False,
) -> YearlyFigure:
    """Note a yearly figure (年度数据) in the unit kept; from the same source it corrects. Raises: NotAllowed, UnknownFirm, Refused."""
    accounts.require(by, Permission.FIRMS_EDIT)
    known = load.rulebook().measures.get(measure)
    _refuse(rules.refusals_to_note_figure(known, year=year, value=value, on=on) + (() if source.strip() else (rules.Refusal.NO_SOURCE,)))
    firm = take_on(firm_id=firm_id, by=by, at=at)
    row, old = _put_figure(firm, year, measure, value, source, is_estimated=is_estimated, by=by, at=at)
    new = {"year": year, "measure": measure, "value": {"old": old, "new": value}, "source": source}
    audit.record(action="firms.note_figure", by=by, at=at, obj=firm, changes=new)
    return row


def _put_figure(
    firm: Firm, year: int, measure: str, value: Decimal, source: str, *, is_estimated: bool, by: User, at: dt.datetime
) -> tuple[YearlyFigure, Decimal | None]:
    """The row with its new value, and the old one. What another unit noted stays that unit's: the row is refused."""
    row = YearlyFigure.objects.select_for_update(of=("self",)).filter(firm=firm, year=year, measure=measure, source=source).first()
    old = row.value if row else None
    if row:
        _own(row, by)
    row = row or YearlyFigure(firm=firm, year=year, measure=measure, source=source)
    row.value, row.is_estimated, row.unit, row.noted_by, row.noted_at = value, is_estimated, by.unit, by, at
    row.save()
    return row, old


@transaction.atomic
def drop_figure(*, figure: YearlyFigure, by: User, at: dt.datetime) -> None:
    """Take back a yearly figure; the audit entry keeps it. Raises: NotAllowed."""
    _own(figure, by)
    figure.delete()
    old = {"year": figure.year, "measure": figure.measure, "value": figure.value, "source": figure.source}
    audit.record(action="firms.drop_figure", by=by, at=at, obj=figure.firm, changes=old)


@transaction.atomic
def import_figures(*, listed: ListFile, source: str, by: User, at: dt.datetime, on: dt.date) -> int:
    """Take in a list of yearly figures, whole or not at all: one audit entry with the file's hash. Returns how many figures.

    Raises: NotAllowed; ListError with every row that cannot be taken.
    """
    accounts.require(by, Permission.FIRMS_EDIT)
    measures, build = load.rulebook().measures, warehouse.served()
    faults: list[Fault] = []
    count = 0
    for row in listed.rows:
        year, given = int(str(row.values["year"])), [name for name in row.values if name in measures]
        found = registry.named(build, uscc=row.text("uscc"), name=row.text("name"))
        if not found:
            asked = row.text("name") or row.text("uscc")
            faults.append(Fault(listed.file, row.row, "", asked, "a firm of the registry, by its full name or code"))
        for name in given if found else ():
            value = Decimal(str(row.values[name])) * Decimal(str(measures[name].factor))
            refused = rules.refusals_to_note_figure(measures[name], year=year, value=value, on=on)
            faults += [Fault(listed.file, row.row, measures[name].name.zh, row.text(name), code.value) for code in refused]
            if not refused:
                _put_figure(take_on(firm_id=found, by=by, at=at), year, name, value, source, is_estimated=False, by=by, at=at)
                count += 1
    if faults:
        raise ListError(faults)
    changes = {"file": listed.file, "sha256": listed.sha256, "rows": len(listed.rows), "figures": count, "source": source}
    audit.record(action="firms.import_figures", by=by, at=at, object_type="firms.YearlyFigure", object_label=listed.file, changes=changes)
    return count


# --- people ---------------------------------------------------------------------------------------------------------------------------
def _record_person(action: str, person: Person, *, by: User, at: dt.datetime, changes: Mapping[str, Any] | None = None) -> None:
    """An entry that names the row and not the person."""
    audit.record(action=action, by=by, at=at, object_type="firms.Person", object_id=str(person.public_id), changes=changes)


@transaction.atomic
def note_person(*, firm_id: str, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Note a person at a firm (企业联系人), with why and until when that may be kept. Raises: NotAllowed, UnknownFirm, Refused.

    Why: the audit entry names the fields, not what stands in them, so that erasing the row erases the person.
    """
    accounts.require(by, Permission.FIRMS_EDIT)
    firm = take_on(firm_id=firm_id, by=by, at=at)
    person = Person(**values, unit=by.unit, noted_by=by, noted_at=at)
    _refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    person.save()
    Position.objects.create(person=person, firm=firm, title=title)
    filled = [name for name in Person.PERSONAL if getattr(person, name)]
    audit.record(action="firms.note_person", by=by, at=at, obj=firm, changes={"person": str(person.public_id), "fields": filled})
    return person


@transaction.atomic
def change_person(*, person: Person, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Correct a person's data, or keep it for longer. Raises: NotAllowed, Refused."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    _own(person, by)
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, values[name])
    _refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    person.save()
    retitled = person.positions.exclude(title=title).update(title=title)
    if changed or retitled:
        changes = {"person": str(person.public_id), "fields": changed + (["title"] if retitled else [])}
        _record_person("firms.change_person", person, by=by, at=at, changes=changes)
    return person


@transaction.atomic
def erase_person(*, person: Person, reason: str, by: User, at: dt.datetime) -> None:
    """Erase a person for good (删除个人信息): every personal field is emptied, only that there was a row remains. Raises: NotAllowed."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    _own(person, by)
    for name in Person.PERSONAL:
        setattr(person, name, "")
    person.consent_source, person.erased_at = "", at
    person.save()
    person.positions.all().delete()
    _record_person("firms.erase_person", person, by=by, at=at, changes={"reason": reason})


@transaction.atomic
def reveal_person(*, person: Person, by: User, at: dt.datetime) -> Person:
    """Show a person's telephone and e-mail in full; that is a sensitive view and leaves an entry. Raises: NotAllowed."""
    _own(person, by)
    _record_person("firms.reveal_person", person, by=by, at=at)
    return person


@transaction.atomic
def hand_over_notes(*, from_user: User, to_user: User, by: User, at: dt.datetime) -> int:
    """Give what a leaver noted of firms and people to a colleague. Returns how many rows moved. Raises: NotAllowed."""
    for person in (from_user, to_user):
        accounts.require(by, Permission.USERS_EDIT, person.unit.target())
    moved = {
        model._meta.label: model.objects.filter(noted_by=from_user).update(noted_by=to_user)
        for model in (FirmName, Relation, YearlyFigure, Person)
    }
    if any(moved.values()):
        audit.record(action="firms.hand_over_notes", by=by, at=at, obj=to_user, changes={"from": str(from_user), "moved": moved})
    return sum(moved.values())
