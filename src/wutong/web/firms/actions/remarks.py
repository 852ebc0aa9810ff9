"""What the office itself knows of a firm: further names, relations, yearly figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.engine import firms as registry
from wutong.engine.list_files import Fault, ListError, ListFile
from wutong.rulebook import load
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms import rules
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm, FirmName, Person, Relation, YearlyFigure
from wutong.web.firms.queries import files, names
from wutong.web.lib import warehouse


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[rules.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def refuse(refusals: tuple[rules.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def require_own(row: Any, by: User) -> None:
    """Stop unless the row's unit is within reach of the person."""
    refusing.require(by, Permission.FIRMS_EDIT, replace(row.unit.target(), owner_id=row.noted_by_id))


@transaction.atomic
def note_name(
    *, firm_id: str, kind: str, name: str, source: str, by: User, at: dt.datetime, until_on: dt.date | None = None, reason: str = ""
) -> FirmName:
    """Note a former or short name (曾用名、简称) of a firm; a repeat corrects it, within one's reach. `reason` stands in its history.

    Raises: NotAllowed, UnknownFirm, Refused.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    refuse(() if source.strip() else (rules.Refusal.NO_SOURCE,))
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
    values = {"until_on": until_on, "source": source, "unit": by.unit, "noted_by": by, "noted_at": at}
    if known := FirmName.objects.select_for_update(of=("self",)).filter(firm=firm, kind=kind, name=name).first():
        require_own(known, by)
    row, _ = FirmName.objects.update_or_create(firm=firm, kind=kind, name=name, defaults=values)
    changes: dict[str, Any] = {"kind": kind, "name": name, "source": source}
    changes |= {"until_on": until_on} if until_on else {}
    changes |= {"reason": reason.strip()} if reason.strip() else {}
    audit.record(action="firms.note_name", by=by, at=at, obj=firm, changes=changes)
    return row


@transaction.atomic
def drop_name(*, name: FirmName, by: User, at: dt.datetime) -> None:
    """Take a further name off a firm. Raises: NotAllowed."""
    require_own(name, by)
    name.delete()
    audit.record(action="firms.drop_name", by=by, at=at, obj=name.firm, changes={"kind": name.kind, "name": name.name})


@transaction.atomic
def note_relation(
    *, firm_id: str, other_id: str, kind: str, source: str, known_on: dt.date, by: User, at: dt.datetime,
    ended_on: dt.date | None = None, is_from_other: bool = False,
) -> Relation:  # fmt: skip
    """Note how a firm belongs to another (企业关系), or with `is_from_other` the other to it. Raises: NotAllowed, UnknownFirm, Refused."""
    refusing.require(by, Permission.FIRMS_EDIT)
    firm, other = (
        adoption.take_on(firm_id=number, by=by, at=at) for number in ((other_id, firm_id) if is_from_other else (firm_id, other_id))
    )
    refuse(rules.refusals_to_relate(is_same=firm == other, source=source, known_on=known_on, ended_on=ended_on))
    values = {"known_on": known_on, "ended_on": ended_on, "source": source, "noted_by": by, "noted_at": at}
    row, _ = Relation.objects.update_or_create(firm=firm, other=other, kind=kind, unit=by.unit, defaults=values)
    audit.record(action="firms.note_relation", by=by, at=at, obj=firm, changes={"kind": kind, "other": other.name, "source": source})
    return row


@transaction.atomic
def drop_relation(*, relation: Relation, by: User, at: dt.datetime) -> None:
    """Take back a relation that was noted. Raises: NotAllowed."""
    require_own(relation, by)
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
    refuse(rules.refusals_to_note_figure(known, year=year, value=value, on=on) + (() if source.strip() else (rules.Refusal.NO_SOURCE,)))
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
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
        require_own(row, by)
    row = row or YearlyFigure(firm=firm, year=year, measure=measure, source=source)
    row.value, row.is_estimated, row.unit, row.noted_by, row.noted_at = value, is_estimated, by.unit, by, at
    row.save()
    return row, old


@transaction.atomic
def drop_figure(*, figure: YearlyFigure, by: User, at: dt.datetime) -> None:
    """Take back a yearly figure; the audit entry keeps it. Raises: NotAllowed."""
    require_own(figure, by)
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
            faults.append(Fault(listed.file, row.row, "", asked, files.FIRM_EXPECTED))
        for name in given if found else ():
            value = Decimal(str(row.values[name])) * Decimal(str(measures[name].factor))
            refused = rules.refusals_to_note_figure(measures[name], year=year, value=value, on=on)
            faults += [Fault(listed.file, row.row, measures[name].name.zh, row.text(name), files.EXPECTED[code]) for code in refused]
            if not refused:
                with audit.told_by_batch():
                    firm = adoption.take_on(firm_id=found, by=by, at=at)
                _put_figure(firm, year, name, value, source, is_estimated=False, by=by, at=at)
                count += 1
    if faults:
        raise ListError(faults)
    audit.record_import(
        action="firms.import_figures", by=by, at=at, object_type="firms.YearlyFigure", file=listed.file, sha256=listed.sha256,
        rows=len(listed.rows), changes={"figures": count, "source": source},
    )  # fmt: skip
    return count


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
