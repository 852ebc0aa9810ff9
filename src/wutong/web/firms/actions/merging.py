"""Two firms that turned out to be one: every row that names the one names the other, and all of it can be put back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Model

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms import rules
from wutong.web.firms.models import Firm, FirmList, FirmName, FirmTag, Follow, Merger, Person, Position, Relation, YearlyFigure
from wutong.web.firms.queries import mergers
from wutong.web.firms.rules import MergeRefusal, MergerState
from wutong.web.jobs import actions as jobs
from wutong.web.lib import hooks

NotAllowed = refusing.NotAllowed
MERGED: Mapping[str, Any] = {one.__name__: one for one in (FirmName, Relation, YearlyFigure, Position, Follow, FirmTag)}


@transaction.atomic
def repoint(*, model: str, field: str, from_firm: Firm, to_firm: Firm, by: User, at: dt.datetime) -> int:
    """Let the rows of a firm be rows of the firm that it turned out to be; of two that say the same the newer stays. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    rows, keys = MERGED[model].objects.select_for_update(of=("self",)), rules.ALIKE[model, field]
    there = {tuple(getattr(row, key) for key in keys): row for row in rows.filter(**{field: to_firm})}
    moved, dropped = [], []
    for row in rows.filter(**{field: from_firm}):
        twin = there.get(tuple(getattr(row, key) for key in keys))
        loses = twin is not None and (getattr(row, "noted_at", None) or at) <= (getattr(twin, "noted_at", None) or at)
        if (model == "Relation" and to_firm.pk in {row.firm_id, row.other_id}) or (twin is not None and loses):
            dropped.append(row)
            row.delete()
        else:
            if twin is not None:
                dropped.append(twin)
                twin.delete()
            rows.filter(pk=row.pk).update(**{field: to_firm})
            moved.append(row.pk)
    if moved or dropped:
        _recount(model, from_firm, to_firm)
        changes = {"model": model, "field": field, "from": from_firm.name, "to": to_firm.name, "moved": len(moved), "dropped": len(dropped)}
        audit.record(action="firms.repoint", by=by, at=at, obj=to_firm, changes=changes)
    return len(moved) + len(dropped)


def _recount(model: str, *firms: Firm) -> None:
    """Let what is kept of tags be read anew."""
    if model == "FirmTag":
        FirmList.objects.filter(tags__firm__in=firms).update(changes=F("changes") + 1)


# --- one step, and back ---------------------------------------------------------------------------------------------------------------
Rows = dict[str, dict[str, dict[str, Any]]]  # model, key of the row, field → value as JSON


class MergeRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """Two firms do not become one, or not two again; `refusals` are codes, `named` what stands in the way."""

    def __init__(self, refusals: tuple[MergeRefusal, ...], named: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join((*refusals, *named)))
        self.refusals = refusals
        self.named = named


def _refuse(*refusals: MergeRefusal, named: Iterable[str] = ()) -> None:
    if refusals:
        raise MergeRefused(refusals, tuple(named))


def _locked(*firms: Firm) -> dict[int, Firm]:
    """The firms, held in one order, so that nobody merges them meanwhile."""
    return {firm.pk: firm for firm in Firm.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in firms]).order_by("pk")}


@transaction.atomic
def merge(*, kept: Firm, gone: Firm, reason: str, by: User, at: dt.datetime) -> Merger:
    """Let two firms be one (企业合并): done at once, or, where what others keep changes too, when a second person has looked.

    Raises: NotAllowed, MergeRefused.
    """
    refusing.require(by, Permission.FIRMS_MERGE)
    now = _locked(kept, gone)
    unlisted = mergers.unlisted(gone)
    is_asked = Merger.objects.filter(gone=gone, state=MergerState.WAITING).exists()
    is_gone = any(firm.merged_into_id for firm in now.values())
    refusals = rules.refusals_to_merge(is_same=kept.pk == gone.pk, is_gone=is_gone, unlisted=unlisted, is_asked=is_asked, reason=reason)
    _refuse(*refusals, named=unlisted)
    made = Merger.objects.create(kept=kept, gone=gone, reason=reason, state=MergerState.WAITING, asked_by=by, asked_at=at)
    if mergers.needs_second_look(gone, by):
        audit.record(action="firms.ask_to_merge", by=by, at=at, obj=gone, changes={"into": kept.name, "reason": reason, **_codes_of(made)})
        _tell(made, mergers.may_check(made), by=by, at=at)
        return made
    return _carry_out(made, by=by, at=at)


@transaction.atomic
def approve(*, merger: Merger, by: User, at: dt.datetime) -> Merger:
    """Carry out what another person asked for. Raises: NotAllowed, MergeRefused."""
    locked = _waiting(merger, by)
    unlisted = mergers.unlisted(locked.gone)
    is_gone = any(firm.merged_into_id for firm in _locked(locked.kept, locked.gone).values())
    refused = rules.refusals_to_merge(is_same=False, is_gone=is_gone, unlisted=unlisted, is_asked=False, reason=locked.reason)
    _refuse(*refused, named=unlisted)
    done = _carry_out(locked, by=by, at=at)
    _tell(done, (done.asked_by,), by=by, at=at)
    return done


@transaction.atomic
def send_back(*, merger: Merger, decision: str, by: User, at: dt.datetime) -> Merger:
    """Do not carry out what another person asked for, and say why. Raises: NotAllowed, MergeRefused."""
    locked = _waiting(merger, by)
    _refuse(*(() if decision.strip() else (MergeRefusal.NO_REASON,)))
    locked.state, locked.decided_by, locked.decided_at, locked.decision = MergerState.SENT_BACK, by, at, decision
    locked.save()
    audit.record(action="firms.send_merger_back", by=by, at=at, obj=locked.gone, changes={"into": locked.kept.name, "reason": decision})
    _tell(locked, (locked.asked_by,), by=by, at=at)
    return locked


def _tell(merger: Merger, people: Iterable[User], *, by: User, at: dt.datetime) -> None:
    """Tell people that a merger waits for them, or what became of it; nobody is told what he did himself."""
    for person in people:
        if person.pk != by.pk and person.is_active:
            key = f"firms.merger.{merger.state}:{merger.public_id}:{person.pk}"
            words = partial(mergers.message, merger)
            jobs.tell(to=person, key=key, words=words, address=mergers.address_of(merger), by=by, at=at)


def _waiting(merger: Merger, by: User) -> Merger:
    refusing.require(by, Permission.FIRMS_MERGE_CHECK)
    locked = Merger.objects.select_for_update(of=("self",)).select_related("kept", "gone", "asked_by").get(pk=merger.pk)
    _refuse(*(() if locked.state == MergerState.WAITING else (MergeRefusal.NOT_WAITING,)))
    _refuse(*((MergeRefusal.OWN_REQUEST,) if locked.asked_by_id == by.pk else ()))
    return locked


def _codes_of(merger: Merger) -> dict[str, Any]:
    """What an entry says of two codes that differ though both are valid: whoever merged saw it."""
    pair = (merger.gone, merger.kept)
    return {"codes": [firm.uscc for firm in pair]} if mergers.are_codes_other(*pair) else {}


def _carry_out(merger: Merger, *, by: User, at: dt.datetime) -> Merger:
    gone, kept = merger.gone, merger.kept
    before = _rows(gone, kept)
    moved = {}
    for relation in hooks.collect("MERGE"):
        if relation.repoint is not None and (count := relation.repoint(from_firm=gone, to_firm=kept, by=by, at=at)):
            moved[f"{relation.model}.{relation.field}"] = count
    merger.undo, merger.moved = _changed(before, _read_again(before)), moved
    merger.state, merger.decided_by, merger.decided_at = MergerState.DONE, by, at
    merger.save()
    Firm.objects.filter(pk=gone.pk).update(merged_into=kept)
    for firm, other in ((gone, kept), (kept, gone)):
        changes = {"with": other.name, "kept": kept.name, "reason": merger.reason, "rows": sum(moved.values()), **_codes_of(merger)}
        audit.record(action="firms.merge", by=by, at=at, obj=firm, changes=changes)
    return merger


@transaction.atomic
def undo(*, merger: Merger, by: User, at: dt.datetime) -> Merger:
    """Let the firm that went stand by itself again: every row as it was, while none of them was changed since (撤销合并).

    Raises: NotAllowed; MergeRefused, which names what stands in the way.
    """
    refusing.require(by, Permission.FIRMS_MERGE)
    locked = Merger.objects.select_for_update(of=("self",)).select_related("kept", "gone").get(pk=merger.pk)
    _refuse(*(() if locked.state == MergerState.DONE else (MergeRefusal.NOT_DONE,)))
    if mergers.needs_second_look(locked.kept, by, among=locked.undo):
        refusing.require(by, Permission.FIRMS_MERGE_CHECK)
    kept = _locked(locked.kept, locked.gone)[locked.kept_id]
    later = (str(kept.merged_into),) if kept.merged_into else mergers.later(locked, by)
    _refuse(*((MergeRefusal.LATER,) if later else ()), named=later)
    _restore(locked.undo)
    _recount("FirmTag", locked.kept, locked.gone)
    Firm.objects.filter(pk=locked.gone_id).update(merged_into=None)
    locked.state, locked.undone_by, locked.undone_at, locked.undo = MergerState.UNDONE, by, at, {}
    locked.save()
    for firm, other in ((locked.gone, locked.kept), (locked.kept, locked.gone)):
        audit.record(action="firms.undo_merger", by=by, at=at, obj=firm, changes={"with": other.name, "rows": sum(locked.moved.values())})
    return locked


@transaction.atomic
def keep_apart(*, one: Firm, other: Firm, reason: str, by: User, at: dt.datetime) -> Merger:
    """Note that two firms which look alike are different ones, so that nobody is asked again. Raises: NotAllowed, MergeRefused."""
    refusing.require(by, Permission.FIRMS_MERGE)
    _refuse(*rules.refusals_to_merge(is_same=one.pk == other.pk, is_gone=False, unlisted=(), is_asked=False, reason=reason))
    made = Merger.objects.create(
        kept=one, gone=other, reason=reason, state=MergerState.APART, asked_by=by, asked_at=at, decided_by=by, decided_at=at
    )
    audit.record(action="firms.keep_apart", by=by, at=at, obj=one, changes={"with": other.name, "reason": reason})
    return made


@transaction.atomic
def forget(*, person: Person, by: Any, at: dt.datetime) -> None:
    """Take what mergers kept of a person's positions out of them, as part of erasing the person: undoing makes them no more.

    Raises: NotAllowed.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    for merger in Merger.objects.select_for_update().filter(state=MergerState.DONE):
        rows = merger.undo.get("firms.Position", {})
        left = {key: row for key, row in rows.items() if row["was"].get("person_id") != person.pk}
        if len(left) < len(rows):
            merger.undo = {**merger.undo, "firms.Position": left}
            merger.save(update_fields=["undo"])


# --- what was, and what is ------------------------------------------------------------------------------------------------------------
def _rows(gone: Firm, kept: Firm) -> Rows:
    """Every row that carrying out may change, as it is."""
    found: Rows = {}
    for relation in hooks.collect("MERGE"):
        if relation.repoint is None:
            continue
        for rows, fields in ((relation.rows(gone, kept), None), *(relation.also(gone, kept) if relation.also else ())):
            known = found.setdefault(rows.model._meta.label, {})
            for row in rows:
                if fields is None or str(row.pk) not in known:
                    known[str(row.pk)] = mergers.values_of(row, fields)
    return found


def _read_again(before: Rows) -> Rows:
    found: Rows = {}
    for label, rows in before.items():
        there = apps.get_model(label)._default_manager.in_bulk([int(key) for key in rows])
        found[label] = {key: mergers.values_of(there[int(key)], tuple(was)) for key, was in rows.items() if int(key) in there}
    return found


def _changed(before: Rows, after: Rows) -> Rows:
    """The rows that are others now: `was` and `is`, the latter None where the row is gone."""
    found: Rows = {}
    for label, rows in before.items():
        others = {key: {"was": was, "is": after[label].get(key)} for key, was in rows.items() if after[label].get(key) != was}
        if others:
            found[label] = others
    plain: Rows = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    return plain


def _restore(changed: Rows) -> None:
    """Rows that moved go back first, so that those which gave way to them find their place."""
    for label, rows in changed.items():
        model = apps.get_model(label)
        moved = [(key, row) for key, row in rows.items() if row["is"] is not None]
        moved.sort(key=lambda item: not _is_repointed(model, item[1]))
        for key, row in moved:
            values = {name: value for name, value in row["was"].items() if row["is"][name] != value}
            model._default_manager.filter(pk=int(key)).update(**_typed(model, values))
        for row in rows.values():
            if row["is"] is None:
                model(**_typed(model, row["was"])).save(force_insert=True)


def _is_repointed(model: type[Model], row: Mapping[str, Any]) -> bool:
    keys = [field.attname for field in model._meta.local_fields if field.remote_field and field.remote_field.model is Firm]
    return any(row["was"].get(name) != row["is"].get(name) for name in keys)


def _typed(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.local_fields}
    return {name: fields[name].to_python(value) for name, value in values.items()}
