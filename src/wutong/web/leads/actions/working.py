"""Firms put on a list, and what is done to a row beside knocks; rows of two firms that are one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.firms.queries import mergers
from wutong.web.leads.actions import guarding
from wutong.web.leads.models import Knock, Lead, ListedFirm, RowChange, TargetList
from wutong.web.leads.queries import people
from wutong.web.leads.queries.chosen import Candidate, PutOn
from wutong.web.leads.queries.past import past_of
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import ChangeKind, Refusal, Result, RowState


@transaction.atomic
def put_on(*, target_list: TargetList, candidates: Sequence[Candidate], first_step: str, by: Any, at: dt.datetime) -> PutOn:
    """Put firms on a list, each once; what was taken off comes back. `first_step` is what is to be done first with each.

    Raises: NotAllowed, Refused, UnknownFirm.
    """
    found = guarding.locked(target_list)
    guarding.require_work(by, found)
    guarding.refuse(rules.refusals_to_change(found.facts()))
    now = mergers.merged_ids([one.firm_id for one in candidates])
    candidates = [replace(one, firm_id=now.get(one.firm_id, one.firm_id)) for one in candidates]
    held = found.rows.select_for_update(of=("self",)).filter(firm__firm_id__in=[one.firm_id for one in candidates])
    there = {row.firm_id: row for row in held.order_by("pk")}
    back = sorted((row for row in there.values() if row.removed_at is not None), key=lambda row: (row.position, row.pk))
    for row in back:
        _make_room(row)
        row.removed_at = None
        row.save(update_fields=["removed_at", "position"])
    taken_on = adoption.take_on_all(firm_ids=[one.firm_id for one in candidates], by=by, at=at)
    on = guarding.day_of(at)
    position = _last_position(found)
    new: dict[int, ListedFirm] = {}
    for one in candidates:
        firm = taken_on[one.firm_id]
        if firm.pk not in there and firm.pk not in new:
            position += 1
            new[firm.pk] = _new_row(found, firm, one, position=position, first_step=first_step, on=on, at=at)
    ListedFirm.objects.bulk_create(new.values())
    kinds = [(row, ChangeKind.PUT_ON) for row in new.values()] + [(row, ChangeKind.RESTORED) for row in back]
    RowChange.objects.bulk_create(RowChange(row=row, kind=kind, by=by, at=at) for row, kind in kinds)
    if kinds:
        named = guarding.unless_kept(found, firms=[one.firm_id for one in candidates][: guarding.AUDITED_FIRMS])
        audit.record(action="leads.put_on", by=by, at=at, obj=found, changes={**named, "new": len(new), "restored": len(back)})
    rows = tuple(found.rows.filter(firm__in=taken_on.values()).select_related("firm").order_by("position"))
    return PutOn(rows, len(new), len(back), len(rows) - len(new) - len(back))


def _last_position(found: TargetList) -> int:
    return found.rows.on_list().aggregate(last=Max("position"))["last"] or 0


def _make_room(row: ListedFirm) -> None:
    """Let a row that comes back stand where it stood: those from there on move down."""
    row.position = min(row.position, _last_position(row.list) + 1)
    row.list.rows.on_list().filter(position__gte=row.position).update(position=F("position") + 1)


def _close_up(row: ListedFirm) -> None:
    """Let those behind a row that goes move up, so that the order counts only what stands on the list."""
    row.list.rows.on_list().filter(position__gt=row.position).update(position=F("position") - 1)


def _new_row(found: TargetList, firm: Firm, one: Candidate, *, position: int, first_step: str, on: dt.date, at: dt.datetime) -> ListedFirm:
    return ListedFirm(
        list=found, firm=firm, position=position, chain=one.chain, segment=one.segment, board=one.board, rank=one.rank,
        score=None if one.score is None else Decimal(str(round(one.score, 2))), found=one.found, adcode=one.adcode, place=one.place[:120],
        city=one.city[:60], note=one.note[:500], assignee_id=one.assignee_id, next_step=first_step,
        next_on=on + dt.timedelta(days=people.first_knock_days(on)), quiet_since=on, put_on_at=at,
    )  # fmt: skip


@transaction.atomic
def assign(*, rows: Sequence[ListedFirm], to: User | None, by: Any, at: dt.datetime, note: str = "") -> int:
    """Give rows of one list to a person, or to nobody; who takes one becomes a member. Returns how many changed hands.

    Raises: NotAllowed, Refused.
    """
    if not rows:
        return 0
    found = guarding.locked(rows[0].list)
    guarding.require_assign(by, found)
    guarding.refuse(rules.refusals_to_change(found.facts()))
    if to is not None:
        if to.pk not in found.facts().people:
            guarding.require_its_owner(by, found)
            guarding.check_people((to,), found.unit)
            found.members.add(to)
        elif not to.is_active:
            raise guarding.Refused((Refusal.PERSON_INACTIVE,))
    held = found.rows.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows], removed_at=None).order_by("pk")
    changed = [row for row in held.select_related("assignee", "firm") if row.assignee_id != (to.pk if to else None)]
    for row in changed:
        guarding.note(row=row, kind=ChangeKind.ASSIGNED, by=by, at=at, old=str(row.assignee or ""), new=str(to or ""), note=note)
    ListedFirm.objects.filter(pk__in=[row.pk for row in changed]).update(assignee=to)
    if changed:
        named = guarding.unless_kept(found, firms=[row.firm.firm_id for row in changed][: guarding.AUDITED_FIRMS], note=note)
        audit.record(action="leads.assign", by=by, at=at, obj=found, changes={"to": str(to or ""), "rows": len(changed), **named})
    return len(changed)


@transaction.atomic
def move(*, row: ListedFirm, position: int, by: Any, at: dt.datetime) -> ListedFirm:
    """Give a row another place in the order of what stands on its list; the rows between move up or down. Raises: NotAllowed, Refused."""
    found = guarding.locked(row.list)
    guarding.require_work(by, found)
    guarding.refuse(rules.refusals_to_change(found.facts()))
    row = guarding.locked_row(row)
    guarding.refuse(rules.refusals_to_touch(row.facts()))
    old, new = row.position, min(max(1, position), _last_position(found))
    if old == new:
        return row
    low, high, step = (new, old - 1, 1) if new < old else (old + 1, new, -1)
    found.rows.on_list().filter(position__range=(low, high)).update(position=F("position") + step)
    found.rows.filter(pk=row.pk).update(position=new)
    changes = {**guarding.unless_kept(found, firm=row.firm.firm_id), "position": {"old": old, "new": new}}
    audit.record(action="leads.move_row", by=by, at=at, obj=found, changes=changes)
    row.refresh_from_db()
    return row


@transaction.atomic
def plan(*, row: ListedFirm, next_step: str, next_on: dt.date | None, by: Any, at: dt.datetime) -> ListedFirm:
    """Set the next step of a row and its day. Raises: NotAllowed, Refused."""
    row = guarding.locked_row(row)
    guarding.require_work(by, row.list)
    guarding.refuse(rules.refusals_to_plan(row.facts(), next_step=next_step, next_on=next_on, on=guarding.day_of(at)))
    if (row.next_step, row.next_on) == (next_step.strip(), next_on):
        return row
    old, new = f"{row.next_on} {row.next_step}", f"{next_on} {next_step.strip()}"
    row.next_step, row.next_on = next_step.strip(), next_on
    row.save(update_fields=["next_step", "next_on"])
    guarding.note(row=row, kind=ChangeKind.PLANNED, by=by, at=at, old=old, new=new)
    audit.record(action="leads.plan", by=by, at=at, obj=row, changes=guarding.unless_kept(row.list, next={"old": old, "new": new}))
    return row


@transaction.atomic
def settle(*, row: ListedFirm, state: RowState, reason: str = "", until: dt.date | None = None, next_step: str = "", by: Any,
           at: dt.datetime) -> ListedFirm:  # fmt: skip
    """Enter what came of a firm: no interest, later, or a lead; `reopen_row` undoes it. Raises: NotAllowed, Refused."""
    row = guarding.locked_row(row)
    guarding.require_work(by, row.list)
    guarding.refuse(rules.refusals_to_settle(row.facts(), state=state, reason=reason, until=until, on=guarding.day_of(at)))
    old = row.state
    row.state, row.reason, row.settled_on = state, reason.strip()[:300], guarding.day_of(at)
    if state is RowState.LATER:
        row.next_on, row.next_step = until, next_step.strip()[:200] or row.next_step
        row.quiet_since = until or row.quiet_since
    else:
        row.next_on, row.next_step = None, ""
    row.save()
    guarding.note(row=row, kind=ChangeKind.SETTLED, by=by, at=at, old=old, new=state, note=reason)
    changes = {"state": {"old": old, "new": str(state)}, **guarding.unless_kept(row.list, reason=reason), "until": until}
    audit.record(action="leads.settle", by=by, at=at, obj=row, changes=changes)
    return row


@transaction.atomic
def call_lead(*, row: ListedFirm, by: Any, at: dt.datetime) -> None:
    """A lead was made of a row: that is its outcome, where the row is still worked on and the person works on its list."""
    if row.state in rules.OPEN_STATES and (by is None or by.permits(lambda held: rules.may_work(held, row.list.facts(), person_id=by.pk))):
        try:
            settle(row=row, state=RowState.LEAD, reason=_("A lead was made of it."), by=by, at=at)
        except guarding.Refused:  # taken off, or the list closed: the lead stands all the same
            return


@transaction.atomic
def reopen_row(*, row: ListedFirm, next_step: str, by: Any, at: dt.datetime) -> ListedFirm:
    """Take an outcome back and work on the firm again, from the default day of a first knock on. Raises: NotAllowed, Refused."""
    row = guarding.locked_row(row)
    guarding.require_work(by, row.list)
    guarding.refuse(rules.refusals_to_reopen(row.facts()))
    on, old = guarding.day_of(at), row.state
    row.state = RowState.IN_CONTACT if row.contacted_on else RowState.TO_KNOCK
    row.reason, row.settled_on, row.next_step = "", None, next_step
    row.next_on, row.quiet_since = on + dt.timedelta(days=people.first_knock_days(on)), on
    row.save()
    guarding.note(row=row, kind=ChangeKind.REOPENED, by=by, at=at, old=old, new=row.state)
    audit.record(action="leads.reopen_row", by=by, at=at, obj=row, changes={"state": {"old": old, "new": str(row.state)}})
    return row


@transaction.atomic
def remove(*, row: ListedFirm, reason: str, by: Any, at: dt.datetime) -> ListedFirm:
    """Take a firm off a list; its knocks stay, and `restore` puts it back. Raises: NotAllowed, Refused."""
    guarding.locked(row.list)
    row = guarding.locked_row(row)
    guarding.require_work(by, row.list)
    guarding.refuse(rules.refusals_to_touch(row.facts()))
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    _close_up(row)
    guarding.note(row=row, kind=ChangeKind.REMOVED, by=by, at=at, note=reason)
    audit.record(action="leads.remove", by=by, at=at, obj=row, changes=guarding.unless_kept(row.list, reason=reason))
    return row


@transaction.atomic
def restore(*, row: ListedFirm, by: Any, at: dt.datetime) -> ListedFirm:
    """Put a firm back that was taken off, where it stood in the order. Raises: NotAllowed, Refused."""
    guarding.locked(row.list)
    row = guarding.locked_row(row)
    guarding.require_work(by, row.list)
    guarding.refuse(rules.refusals_to_restore(row.facts()))
    _make_room(row)
    row.removed_at = None
    row.save(update_fields=["removed_at", "position"])
    guarding.note(row=row, kind=ChangeKind.RESTORED, by=by, at=at)
    audit.record(action="leads.restore", by=by, at=at, obj=row)
    return row


@transaction.atomic
def transfer(*, row: ListedFirm, to: TargetList, by: Any, at: dt.datetime, position: int = 0) -> ListedFirm:
    """Move a firm with its knocks and its history to another list, at its end or to a place; moving it back undoes it.

    Why: whoever may look into a confidential list, its owner decides, and so he alone moves firms out of it. Raises: NotAllowed, Refused.
    """
    guarding.lock_lists(Q(pk__in=(row.list_id, to.pk)))
    row, new = guarding.locked_row(row), TargetList.objects.select_related("unit").get(pk=to.pk)
    old = row.list
    for found in (old, new):
        guarding.require_work(by, found)
    guarding.require_its_owner(by, old)
    is_there = old.pk == new.pk or new.rows.filter(firm=row.firm).exists()
    guarding.refuse(rules.refusals_to_transfer(row.facts(), new.facts(), is_there=is_there))
    _close_up(row)
    row.list, row.position = new, position or _last_position(new) + 1
    _make_room(row)
    if row.assignee_id not in new.facts().people:
        row.assignee = None
    row.save(update_fields=["list", "position", "assignee"])
    is_kept = old.is_confidential or new.is_confidential
    names = {"old": "" if is_kept else str(old), "new": "" if is_kept else str(new)}
    guarding.note(row=row, kind=ChangeKind.TRANSFERRED, by=by, at=at, **names)
    audit.record(action="leads.transfer", by=by, at=at, obj=row, changes={} if is_kept else {"list": names})
    return row


# --- what becomes one -------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def repoint_firm(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the rows of a firm be rows of another with which it became one; where both stand on a list, knocks move and one row stays.

    Raises: NotAllowed.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    guarding.lock_lists(Q(rows__firm__in=(from_firm, to_firm)))
    there = {row.list_id: row for row in ListedFirm.objects.filter(firm=to_firm)}
    rows = list(ListedFirm.objects.filter(firm=from_firm))
    for row in rows:
        other = there.get(row.list_id)
        if other is None:
            ListedFirm.objects.filter(pk=row.pk).update(firm=to_firm)
            continue
        if row.removed_at is None and _is_further(row, other):
            if other.removed_at is not None:
                _make_room(other)
            for name in ("state", "reason", "settled_on", "next_step", "next_on", "quiet_since", "assignee_id", "removed_at"):
                setattr(other, name, getattr(row, name))
        Knock.objects.filter(row=row).update(row=other)
        RowChange.objects.filter(row=row).update(row=other)
        Lead.objects.filter(from_row=row).update(from_row=other)
        standing = past_of(other).standing()
        reached = [guarding.day_of(one.made_at) for one in standing if rules.is_contact(Result(one.result))]
        other.knock_count, other.contacted_on = len(standing), min(reached, default=None)
        other.last_knocked_on = guarding.day_of(standing[-1].made_at) if standing else None
        other.save()
        if row.removed_at is None:
            row.refresh_from_db(fields=["position"])
            _close_up(row)
        row.delete()
    if rows:
        audit.record(action="leads.repoint_firm", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": len(rows)})
    return len(rows)


def _is_further(row: ListedFirm, other: ListedFirm) -> bool:
    """Whether a row tells more than the other: that one was taken off, or only this one became a lead or was knocked at."""
    if other.removed_at is not None:
        return True
    return (row.state == RowState.LEAD, row.knock_count > 0) > (other.state == RowState.LEAD, other.knock_count > 0)
