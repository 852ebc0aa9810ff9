"""Writes about firms: take one on, follow it, note what the office itself knows of it, import lists that give tags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from wutong.engine import columns
from wutong.engine import firms as registry
from wutong.engine.list_files import Fault, ListError, ListFile, Row
from wutong.rulebook import load
from wutong.rulebook.load import Rulebook, Tag
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.audit.models import Entry
from wutong.web.firms import rules
from wutong.web.firms.models import Firm, FirmList, FirmName, FirmTag, Follow, Person, Position, Relation, TagDoubt, YearlyFigure
from wutong.web.firms.queries import briefs, names, recognition
from wutong.web.lib import warehouse

UnknownFirm = registry.UnknownFirm
NotAllowed = refusing.NotAllowed


@transaction.atomic
def take_on(*, firm_id: str, by: User, at: dt.datetime) -> Firm:
    """The row of a firm, made at the first write about it. Raises: NotAllowed, UnknownFirm."""
    refusing.require(by, Permission.FIRMS_VIEW)
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
    refusing.require(by, Permission.FIRMS_VIEW)
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
    refusing.require(by, Permission.FIRMS_VIEW)
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
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
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
    refusing.require(by, Permission.FIRMS_EDIT, replace(row.unit.target(), owner_id=row.noted_by_id))


@transaction.atomic
def note_name(*, firm_id: str, kind: str, name: str, source: str, by: User, at: dt.datetime, until_on: dt.date | None = None) -> FirmName:
    """Note a former or short name (曾用名、简称) of a firm; a repeat corrects it, within one's reach.

    Raises: NotAllowed, UnknownFirm, Refused.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    _refuse(() if source.strip() else (rules.Refusal.NO_SOURCE,))
    firm = take_on(firm_id=firm_id, by=by, at=at)
    values = {"until_on": until_on, "source": source, "unit": by.unit, "noted_by": by, "noted_at": at}
    if known := FirmName.objects.select_for_update(of=("self",)).filter(firm=firm, kind=kind, name=name).first():
        _own(known, by)
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
    *, firm_id: str, other_id: str, kind: str, source: str, known_on: dt.date, by: User, at: dt.datetime,
    ended_on: dt.date | None = None, is_from_other: bool = False,
) -> Relation:  # fmt: skip
    """Note how a firm belongs to another (企业关系), or with `is_from_other` the other to it. Raises: NotAllowed, UnknownFirm, Refused."""
    refusing.require(by, Permission.FIRMS_EDIT)
    firm, other = (take_on(firm_id=number, by=by, at=at) for number in ((other_id, firm_id) if is_from_other else (firm_id, other_id)))
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
    *, firm_id: str, year: int, measure: str, value: Decimal, source: str, by: User, at: dt.datetime, on: dt.date,
    is_estimated: bool = False,
) -> YearlyFigure:  # fmt: skip
    """Note a yearly figure (年度数据) in the unit kept; from the same source it corrects. Raises: NotAllowed, UnknownFirm, Refused."""
    refusing.require(by, Permission.FIRMS_EDIT)
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
    refusing.require(by, Permission.FIRMS_EDIT)
    measures, build, noted = load.rulebook().measures, warehouse.served(), names.further()
    faults: list[Fault] = []
    count = 0
    for row in listed.rows:
        year, given = int(str(row.values["year"])), [name for name in row.values if name in measures]
        found = registry.named(build, uscc=row.text("uscc"), name=row.text("name"), noted=noted)
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
    audit.record_import(
        action="firms.import_figures", by=by, at=at, object_type="firms.YearlyFigure", file=listed.file, sha256=listed.sha256,
        rows=len(listed.rows), changes={"figures": count, "source": source},
    )  # fmt: skip
    return count


# --- people ---------------------------------------------------------------------------------------------------------------------------
def _record_person(action: str, person: Person, *, by: User, at: dt.datetime, **told: Any) -> None:
    """An entry that names the row and not the person; what is `personal` stands in it encrypted, until the person is erased."""
    of: dict[str, Any] = {"object_type": "firms.Person", "object_id": str(person.public_id), "personal_of": person}
    audit.record(action=action, by=by, at=at, **of, **told)


@transaction.atomic
def note_person(*, firm_id: str, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Note a person at a firm (企业联系人), with why and until when that may be kept. Raises: NotAllowed, UnknownFirm, Refused.

    Why: what is personal stands in the audit entry encrypted only, so that erasing the row erases the person.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    firm = take_on(firm_id=firm_id, by=by, at=at)
    person = Person(**values, unit=by.unit, noted_by=by, noted_at=at)
    _refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    person.save()
    Position.objects.create(person=person, firm=firm, title=title)
    filled = [name for name in Person.PERSONAL if getattr(person, name)]
    personal = {name: {"old": None, "new": getattr(person, name)} for name in filled} | {"title": {"old": None, "new": title}}
    _record_person("firms.note_person", person, by=by, at=at, changes={"firm": firm.name, "fields": filled}, personal=personal)
    return person


@transaction.atomic
def change_person(*, person: Person, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Correct a person's data, or keep it for longer. Raises: NotAllowed, Refused."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    _own(person, by)
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    personal = {name: {"old": str(getattr(person, name)), "new": str(values[name])} for name in changed}
    for name in changed:
        setattr(person, name, values[name])
    _refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    person.save()
    was_title = _retitle(person, title)
    if was_title:
        personal["title"] = {"old": was_title, "new": title}
    if personal:
        _record_person("firms.change_person", person, by=by, at=at, changes={"fields": list(personal)}, personal=personal)
    return person


def _retitle(person: Person, title: str) -> str:
    """Give the position that a form shows another title; where the person bears that title at the firm already, the two become one.

    Returns the title it had, empty where it keeps it.
    """
    position = person.positions.first()
    if position is None or position.title == title:
        return ""
    was = position.title
    if person.positions.filter(firm=position.firm, title=title).exists():
        position.delete()
    else:
        person.positions.filter(pk=position.pk).update(title=title)
    return was


@transaction.atomic
def erase_person(*, person: Person, reason: str, by: User, at: dt.datetime) -> None:
    """Erase a person for good (删除个人信息): every personal field is emptied, only that there was a row remains. Raises: NotAllowed."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    _own(person, by)
    for name in Person.PERSONAL:
        reason = reason.replace(getattr(person, name), "***") if getattr(person, name) else reason
        setattr(person, name, "")
    person.consent_source, person.erased_at = "", at
    person.save()
    person.positions.all().delete()
    audit.forget(record_=person, by=by, at=at)
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
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    moved = {
        model._meta.label: model.objects.filter(noted_by=from_user).update(noted_by=to_user)
        for model in (FirmName, Relation, YearlyFigure, Person)
    }
    if any(moved.values()):
        audit.record(action="firms.hand_over_notes", by=by, at=at, obj=to_user, changes={"from": str(from_user), "moved": moved})
    return sum(moved.values())


class ListRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """A list, or a decision about one of its rows, is not taken; `code` is a `rules.ListRefusal` that the web puts into words."""

    def __init__(self, code: rules.ListRefusal, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail


@transaction.atomic
def import_list(
    *, listed: ListFile, tag: str, as_of: dt.date, source: str, rulebook: Rulebook, by: User | None, at: dt.datetime, name: str = "",
    url: str = "", valid_until: dt.date | None = None,
) -> FirmList:  # fmt: skip
    """Take in an edition of a list: sure rows give their firm the tag, doubtful ones wait for a person, the rest is kept as not found.

    Raises: NotAllowed; ListRefused for a tag that the rulebook does not know, a day that cannot be, or a file that is in already.
    """
    refusing.require(by, Permission.FIRMS_TAG)
    known = rulebook.tags.get(tag)
    if known is None:
        raise ListRefused(rules.ListRefusal.UNKNOWN_TAG, f"{tag}; {', '.join(rulebook.tags)}")
    if valid_until is not None and valid_until <= as_of:
        raise ListRefused(rules.ListRefusal.ENDS_BEFORE_IT_BEGINS, f"{as_of} – {valid_until}")
    if FirmList.objects.in_force().filter(tag=tag, file_sha256=listed.sha256).exists():
        raise ListRefused(rules.ListRefusal.SAME_FILE, listed.file)
    build = warehouse.served()
    made = FirmList.objects.create(
        tag=tag, name=(name or known.zh)[:200], as_of=as_of, valid_until=valid_until, source=source[:300],
        url=url, file_name=listed.file[:200], file_sha256=listed.sha256, rows=len(listed.rows), build_id=build.info.build_id,
        imported_at=at, imported_by=by,
    )  # fmt: skip
    tagged, waiting, absent = _tag_rows(made, listed, known, rulebook, at)
    _close_editions(made)
    found = {"tag": tag, "as_of": str(as_of), "source": source, "tagged": tagged, "waiting": waiting, "not_found": absent}
    audit.record_import(
        action="firms.import_list", by=by, at=at, obj=made, file=listed.file, sha256=listed.sha256, rows=len(listed.rows), changes=found
    )
    return made


def _tag_rows(made: FirmList, listed: ListFile, tag: Tag, rulebook: Rulebook, at: dt.datetime) -> tuple[int, int, int]:
    """Find the firm of each row; how many were tagged, wait for a person, were not found."""
    found = recognition.recognise(listed, tag.form, rulebook, timezone.localdate(at))
    firms = _take_on_all(list(found.sure), at)
    tags = [
        FirmTag(
            edition=made, firm=firms[number], rank=_rank(row), row=row.row, given=best.given[:300], by=best.by,
            confidence_share=best.confidence_share,
        )
        for number, (row, best) in found.sure.items()
    ]  # fmt: skip
    doubts = [
        TagDoubt(
            edition=made, row=one.row.row, text=one.text, uscc=one.row.text("uscc")[:40], rank=_rank(one.row), candidates=one.candidates,
            best_share=one.best_share, outcome=TagDoubt.OPEN if one.is_open else TagDoubt.ABSENT,
        )
        for one in found.doubtful
    ]  # fmt: skip
    FirmTag.objects.bulk_create(tags, batch_size=1000)
    TagDoubt.objects.bulk_create(doubts, batch_size=1000)
    waiting = sum(one.is_open for one in found.doubtful)
    return len(tags), waiting, len(doubts) - waiting


def _rank(row: Row) -> int | None:
    rank = row.values.get("rank")
    return rank if isinstance(rank, int) else None


def _take_on_all(numbers: Sequence[int], at: dt.datetime) -> dict[int, Firm]:
    """The rows of many firms; those not taken on yet are, in one go. The import's own audit entry tells of them."""
    build = warehouse.served()
    rows = columns.of(build).frame[list(numbers)].select("firm_id", "uscc", "name").to_dicts() if numbers else []
    ids = [row["firm_id"] for row in rows]
    new = [
        Firm(firm_id=row["firm_id"], uscc=row["uscc"], name=row["name"][:300], build_id=build.info.build_id, taken_on_at=at) for row in rows
    ]
    Firm.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    known: dict[str, Firm] = {}
    for start in range(0, len(ids), 500):
        known |= {firm.firm_id: firm for firm in Firm.objects.filter(firm_id__in=ids[start : start + 500])}
    return {number: known[firm_id] for number, firm_id in zip(numbers, ids, strict=True)}


def _close_editions(changed: FirmList) -> None:
    """Let each edition of a list end where the next one begins, or where it says itself that it ends."""
    editions = list(FirmList.objects.in_force().filter(tag=changed.tag, name=changed.name).order_by("as_of", "pk"))
    ends = rules.ends_of([(edition.as_of, edition.valid_until) for edition in editions])
    for edition, ends_on in zip(editions, ends, strict=True):
        if edition.ends_on != ends_on:
            edition.ends_on = ends_on
            edition.changes += 1
            edition.save(update_fields=["ends_on", "changes"])
    changed.refresh_from_db()


@transaction.atomic
def decide_doubt(*, doubt: TagDoubt, firm_id: str, by: User, at: dt.datetime) -> TagDoubt:
    """Say which firm a doubtful row means; "" says that none is meant. Raises: NotAllowed, UnknownFirm, ListRefused."""
    refusing.require(by, Permission.FIRMS_TAG)
    doubt = TagDoubt.objects.select_for_update(of=("self",)).select_related("edition").get(pk=doubt.pk)
    if doubt.edition.revoked_at is not None:
        raise ListRefused(rules.ListRefusal.TAKEN_BACK, str(doubt.edition))
    if doubt.outcome in {TagDoubt.FIRM, TagDoubt.NONE}:
        raise ListRefused(rules.ListRefusal.DECIDED_ALREADY, doubt.text)
    if firm_id:
        firm = take_on(firm_id=firm_id, by=by, at=at)
        if FirmTag.objects.filter(edition=doubt.edition, firm=firm).exists():
            raise ListRefused(rules.ListRefusal.ON_THE_LIST_ALREADY, firm.name)
        share = next((row["confidence_share"] for row in doubt.candidates if row["firm_id"] == firm.firm_id), 0.0)
        doubt.tag = FirmTag.objects.create(
            edition=doubt.edition, firm=firm, rank=doubt.rank, row=doubt.row, given=doubt.text, by="person", confidence_share=share
        )
    doubt.outcome = TagDoubt.FIRM if firm_id else TagDoubt.NONE
    doubt.decided_at, doubt.decided_by = at, by
    doubt.save(update_fields=["tag", "outcome", "decided_at", "decided_by"])
    _count_change(doubt.edition)
    changes = {"list": str(doubt.edition), "row": doubt.row, "firm_id": firm_id or None}
    audit.record(action="firms.decide_doubt", by=by, at=at, obj=doubt, changes=changes)
    return doubt


@transaction.atomic
def reopen_doubt(*, doubt: TagDoubt, by: User, at: dt.datetime) -> TagDoubt:
    """Undo a decision: the row waits again, and the firm that it gave the tag loses it. A repeat changes nothing. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_TAG)
    doubt = TagDoubt.objects.select_for_update(of=("self",)).select_related("edition", "tag__firm").get(pk=doubt.pk)
    if doubt.outcome == TagDoubt.OPEN:
        return doubt
    firm_id = doubt.tag.firm.firm_id if doubt.tag else None
    changes = {"list": str(doubt.edition), "row": doubt.row, "outcome": doubt.outcome, "firm_id": firm_id}
    given, doubt.tag = doubt.tag, None
    doubt.outcome, doubt.decided_at, doubt.decided_by = TagDoubt.OPEN, None, None
    doubt.save(update_fields=["tag", "outcome", "decided_at", "decided_by"])
    if given is not None:
        given.delete()
    _count_change(doubt.edition)
    audit.record(action="firms.reopen_doubt", by=by, at=at, obj=doubt, changes=changes)
    return doubt


def _count_change(changed: FirmList) -> None:
    """Note that the tags of a list are others now, so that what was kept of them is read anew."""
    FirmList.objects.filter(pk=changed.pk).update(changes=F("changes") + 1)


@transaction.atomic
def revoke_list(*, firm_list: FirmList, by: User, at: dt.datetime) -> FirmList:
    """Take a whole import back: its firms lose the tag, the edition before it counts again. Harmless to repeat. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_TAG)
    firm_list = FirmList.objects.select_for_update(of=("self",)).get(pk=firm_list.pk)
    if firm_list.revoked_at is None:
        firm_list.revoked_at, firm_list.revoked_by, firm_list.changes = at, by, firm_list.changes + 1
        firm_list.save(update_fields=["revoked_at", "revoked_by", "changes"])
        _close_editions(firm_list)
        audit.record(action="firms.revoke_list", by=by, at=at, obj=firm_list, changes={"sha256": firm_list.file_sha256})
    return firm_list


@transaction.atomic
def restore_list(*, firm_list: FirmList, by: User, at: dt.datetime) -> FirmList:
    """Undo taking a list back. A repeat changes nothing. Raises: NotAllowed; ListRefused where the same file was imported again since."""
    refusing.require(by, Permission.FIRMS_TAG)
    firm_list = FirmList.objects.select_for_update(of=("self",)).get(pk=firm_list.pk)
    if firm_list.revoked_at is not None:
        if FirmList.objects.in_force().filter(tag=firm_list.tag, file_sha256=firm_list.file_sha256).exists():
            raise ListRefused(rules.ListRefusal.SAME_FILE, firm_list.file_name)
        firm_list.revoked_at, firm_list.revoked_by, firm_list.changes = None, None, firm_list.changes + 1
        firm_list.save(update_fields=["revoked_at", "revoked_by", "changes"])
        _close_editions(firm_list)
        audit.record(action="firms.restore_list", by=by, at=at, obj=firm_list, changes={"sha256": firm_list.file_sha256})
    return firm_list


# --- two firms that turned out to be one ----------------------------------------------------------------------------------------------
MERGED: Mapping[str, Any] = {one.__name__: one for one in (FirmName, Relation, YearlyFigure, Position, Follow, FirmTag)}


@transaction.atomic
def repoint(*, model: str, field: str, from_firm: Firm, to_firm: Firm, by: User, at: dt.datetime) -> int:
    """Let the rows of a firm be rows of the firm that it turned out to be; `put_back` undoes it by the audit entry. Raises: NotAllowed.

    Why: the entry keeps of a dropped row only what its twin does not say, so that it names no person whom somebody erases later.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    rows, keys = MERGED[model].objects.select_for_update(of=("self",)), rules.ALIKE[model, field]
    there = {tuple(getattr(row, key) for key in keys): row for row in rows.filter(**{field: to_firm})}
    moved, dropped = [], []
    for row in rows.filter(**{field: from_firm}):
        twin = there.get(tuple(getattr(row, key) for key in keys))
        loses = twin is not None and (getattr(row, "noted_at", None) or at) <= (getattr(twin, "noted_at", None) or at)
        if model == "Relation" and to_firm.pk in {row.firm_id, row.other_id}:
            dropped.append(_dropped(row, (), None))
        elif twin is not None and loses:
            dropped.append(_dropped(row, keys, twin))
        else:
            if twin is not None:
                dropped.append(_dropped(twin, keys, row))
            rows.filter(pk=row.pk).update(**{field: to_firm})
            moved.append(row.pk)
    if moved or dropped:
        _recount(model, from_firm, to_firm)
        changes = {"model": model, "field": field, "from": from_firm.pk, "to": to_firm.pk, "moved": moved, "dropped": dropped}
        audit.record(action="firms.repoint", by=by, at=at, obj=to_firm, changes=changes)
    return len(moved) + len(dropped)


def _dropped(row: Any, keys: Iterable[str], twin: Any) -> dict[str, Any]:
    """Delete a row; what is kept to make it again: what its twin does not say."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.local_fields if field.attname not in {"id", *keys}}
    doubts = list(TagDoubt.objects.filter(tag=row).values_list("pk", flat=True)) if isinstance(row, FirmTag) else []
    row.delete()
    return {"twin": twin and twin.pk, "values": values, "doubts": doubts}


def _recount(model: str, *firms: Firm) -> None:
    """Let what is kept of tags be read anew."""
    if model == "FirmTag":
        FirmList.objects.filter(tags__firm__in=firms).update(changes=F("changes") + 1)


@transaction.atomic
def put_back(*, entry: Entry, by: User, at: dt.datetime) -> int:
    """Undo a `repoint` by its audit entry; what was taken back or erased since stays gone. Returns how many rows. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    told = entry.changes
    model, keys = MERGED[told["model"]], rules.ALIKE[told["model"], told["field"]]
    count: int = model.objects.filter(pk__in=told["moved"], **{f"{told['field']}_id": told["to"]}).update(
        **{f"{told['field']}_id": told["from"]}
    )
    for one in told["dropped"]:
        twin = model.objects.filter(pk=one["twin"]).first()
        if one["twin"] is None or twin is not None:
            values = {name: model._meta.get_field(name).to_python(value) for name, value in one["values"].items()}
            made = model.objects.create(**values, **{key: getattr(twin, key) for key in (keys if twin else ())})
            TagDoubt.objects.filter(pk__in=one["doubts"], tag=None).update(tag=made if one["doubts"] else None)
            count += 1
    _recount(told["model"], *Firm.objects.filter(pk__in=(told["from"], told["to"])))
    audit.record(action="firms.put_back", by=by, at=at, object_type="firms.Firm", changes={"entry": entry.sequence, "rows": count})
    return count
