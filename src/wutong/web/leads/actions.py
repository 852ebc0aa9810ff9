"""Every write about target lists, their rows and knocks, with its audit entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from wutong.engine.list_files import ListError, ListFile
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.firms.queries import mergers
from wutong.web.firms.queries import standing as registry
from wutong.web.leads import rules
from wutong.web.leads.models import Knock, ListedFirm, RowChange, TargetList
from wutong.web.leads.queries import files, people
from wutong.web.leads.queries.chosen import Candidate, PutOn, Source, Taken
from wutong.web.leads.queries.past import Past, past_of
from wutong.web.leads.rules import ChangeKind, How, KnockFacts, Line, ListState, Origin, Refusal, Result, RowState

NotAllowed = refusing.NotAllowed
UnknownFirm = adoption.UnknownFirm
AUDITED_FIRMS = 200
PEOPLE = {"members", "owner"}  # who was let into a confidential list is told; what it is about is not


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _locked(found: TargetList) -> TargetList:
    return TargetList.objects.select_for_update(of=("self",)).select_related("unit").get(pk=found.pk)


def _lock_lists(those: Q) -> None:
    """Lock lists in order, before any row of theirs: who holds a row must not wait for a list whose holder waits for that row."""
    found = TargetList.objects.filter(those).order_by().values("pk")
    list(TargetList.objects.select_for_update(of=("self",)).filter(pk__in=found).order_by("pk").values_list("pk", flat=True))


def _locked_row(row: ListedFirm) -> ListedFirm:
    return ListedFirm.objects.select_for_update(of=("self",)).select_related("list__unit", "firm", "assignee").get(pk=row.pk)


def _require_work(by: Any, found: TargetList) -> None:
    """Stop unless `by` may work on the list; None is the system itself (set-up, the demo, a command)."""
    if by is not None and not by.permits(lambda grants: rules.may_work(grants, found.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_EDIT)


def _require_assign(by: Any, found: TargetList) -> None:
    if by is not None and not by.permits(lambda grants: rules.may_assign(grants, found.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_ASSIGN)


def _check_people(persons: Iterable[User], unit: Unit) -> None:
    for person in persons:
        _refuse(rules.refusals_of_person(is_active=person.is_active, is_of_unit=people.is_of_unit(person, unit)))


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)


def _note(row: ListedFirm, kind: ChangeKind, *, by: Any, at: dt.datetime, old: str = "", new: str = "", note: str = "") -> None:
    RowChange.objects.create(row=row, kind=kind, old=old[:200], new=new[:200], note=note[:500], by=by, at=at)


def _unless_kept(found: TargetList, **told: Any) -> dict[str, Any]:
    """What the audit is told of a list, and not of a confidential one (保密): its code name is of no use where firms stand beside it."""
    return {} if found.is_confidential else told


def _require_its_owner(by: Any, found: TargetList) -> None:
    """Who is let into a confidential list, its owner alone decides. Raises: NotAllowed."""
    if by is not None and found.is_confidential and by.pk != found.owner_id:
        raise NotAllowed(Permission.LEADS_EDIT)


# --- lists ----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def make(
    *, title: str, unit: Unit, owner: User, line: Line = Line.COUNTED, members: Sequence[User] = (), note: str = "",
    source: Source | None = None, by: Any, at: dt.datetime,
) -> TargetList:  # fmt: skip
    """Make an empty target list (目标企业清单) of a unit. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.LEADS_EDIT, unit.target())
    if unit.closed_on is not None:
        raise Refused((Refusal.UNIT_CLOSED,))
    _check_people((owner, *members), unit)
    made = TargetList.objects.create(
        title=title.strip(), unit=unit, owner=owner, line=line, note=note, created_at=at, created_by=by, **asdict(source or Source())
    )
    made.members.set(members)
    changes = {"title": made.title, "unit": str(unit), "owner": str(owner), "line": line, "origin": made.origin, "file": made.file_hash}
    audit.record(action="leads.make_list", by=by, at=at, obj=made, changes=changes)
    return made


@transaction.atomic
def make_with(
    *, candidates: Sequence[Candidate], first_step: str, source: Source, by: Any, at: dt.datetime, **values: Any
) -> tuple[TargetList, PutOn]:
    """Make a target list and put firms on it, both or neither. Raises: NotAllowed, Refused, UnknownFirm."""
    made = make(source=source, by=by, at=at, **values)
    return made, put_on(target_list=made, candidates=candidates, first_step=first_step, by=by, at=at)


@transaction.atomic
def change(*, target_list: TargetList, by: Any, at: dt.datetime, members: Sequence[User], **values: Any) -> TargetList:
    """Change title, owner, line, note and members of a list. Raises: NotAllowed, Refused."""
    found = _locked(target_list)
    _require_work(by, found)
    _refuse(rules.refusals_to_change(found.facts()))
    before = set(found.members.all())
    if before != set(members) or values.get("owner", found.owner) != found.owner:
        _require_its_owner(by, found)
    newcomers = set(members) - before - {found.owner}
    if values.get("owner", found.owner) != found.owner:
        _require_assign(by, found)
        newcomers.add(values["owner"])
    _check_people(newcomers, found.unit)
    changes = {name: {"old": str(getattr(found, name)), "new": str(new)} for name, new in values.items() if getattr(found, name) != new}
    for name, new in values.items():
        setattr(found, name, new)
    if before != set(members):
        changes["members"] = {"old": ", ".join(sorted(map(str, before))), "new": ", ".join(sorted(map(str, members)))}
        found.members.set(members)
    if changes:
        found.save()
        told = changes if not found.is_confidential else {name: told if name in PEOPLE else None for name, told in changes.items()}
        audit.record(action="leads.change_list", by=by, at=at, obj=found, changes=told)
    return found


@transaction.atomic
def keep_confidential(*, target_list: TargetList, code_name: str, by: User, at: dt.datetime) -> TargetList:
    """Let only those open a list who need to know (保密), under a code name; an empty one opens it again. Raises: NotAllowed."""
    found = _locked(target_list)
    if by.pk != found.owner_id:
        raise NotAllowed(Permission.LEADS_EDIT)
    found.is_confidential, found.code_name = bool(code_name.strip()), code_name.strip()
    found.save()
    audit.record(action="leads.keep_confidential", by=by, at=at, obj=found, changes={"is_confidential": found.is_confidential})
    return found


@transaction.atomic
def close(*, target_list: TargetList, reason: str, by: Any, at: dt.datetime) -> TargetList:
    """Close a list with a reason; `reopen` undoes it. Raises: NotAllowed, Refused."""
    found = _locked(target_list)
    _require_work(by, found)
    _refuse(rules.refusals_to_close(found.facts(), reason=reason))
    found.state, found.closed_on, found.closing_reason = ListState.CLOSED, _day(at), reason.strip()[:300]
    found.save(update_fields=["state", "closed_on", "closing_reason"])
    audit.record(action="leads.close_list", by=by, at=at, obj=found, changes=_unless_kept(found, reason=found.closing_reason))
    return found


@transaction.atomic
def reopen(*, target_list: TargetList, by: Any, at: dt.datetime) -> TargetList:
    """Work on a closed list again. Raises: NotAllowed, Refused."""
    found = _locked(target_list)
    _require_work(by, found)
    if found.state != ListState.CLOSED:
        raise Refused((Refusal.NOT_CLOSED,))
    found.state, found.closed_on, found.closing_reason = ListState.ACTIVE, None, ""
    found.save(update_fields=["state", "closed_on", "closing_reason"])
    audit.record(action="leads.reopen_list", by=by, at=at, obj=found)
    return found


# --- rows -----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def put_on(*, target_list: TargetList, candidates: Sequence[Candidate], first_step: str, by: Any, at: dt.datetime) -> PutOn:
    """Put firms on a list, each once; what was taken off comes back. `first_step` is what is to be done first with each.

    Raises: NotAllowed, Refused, UnknownFirm.
    """
    found = _locked(target_list)
    _require_work(by, found)
    _refuse(rules.refusals_to_change(found.facts()))
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
    on = _day(at)
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
        named = _unless_kept(found, firms=[one.firm_id for one in candidates][:AUDITED_FIRMS])
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
    found = _locked(rows[0].list)
    _require_assign(by, found)
    _refuse(rules.refusals_to_change(found.facts()))
    if to is not None:
        if to.pk not in found.facts().people:
            _require_its_owner(by, found)
            _check_people((to,), found.unit)
            found.members.add(to)
        elif not to.is_active:
            raise Refused((Refusal.PERSON_INACTIVE,))
    held = found.rows.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows], removed_at=None).order_by("pk")
    changed = [row for row in held.select_related("assignee", "firm") if row.assignee_id != (to.pk if to else None)]
    for row in changed:
        _note(row, ChangeKind.ASSIGNED, by=by, at=at, old=str(row.assignee or ""), new=str(to or ""), note=note)
    ListedFirm.objects.filter(pk__in=[row.pk for row in changed]).update(assignee=to)
    if changed:
        named = _unless_kept(found, firms=[row.firm.firm_id for row in changed][:AUDITED_FIRMS], note=note)
        audit.record(action="leads.assign", by=by, at=at, obj=found, changes={"to": str(to or ""), "rows": len(changed), **named})
    return len(changed)


@transaction.atomic
def move(*, row: ListedFirm, position: int, by: Any, at: dt.datetime) -> ListedFirm:
    """Give a row another place in the order of what stands on its list; the rows between move up or down. Raises: NotAllowed, Refused."""
    found = _locked(row.list)
    _require_work(by, found)
    _refuse(rules.refusals_to_change(found.facts()))
    row = _locked_row(row)
    _refuse(rules.refusals_to_touch(row.facts()))
    old, new = row.position, min(max(1, position), _last_position(found))
    if old == new:
        return row
    low, high, step = (new, old - 1, 1) if new < old else (old + 1, new, -1)
    found.rows.on_list().filter(position__range=(low, high)).update(position=F("position") + step)
    found.rows.filter(pk=row.pk).update(position=new)
    changes = {**_unless_kept(found, firm=row.firm.firm_id), "position": {"old": old, "new": new}}
    audit.record(action="leads.move_row", by=by, at=at, obj=found, changes=changes)
    row.refresh_from_db()
    return row


@transaction.atomic
def plan(*, row: ListedFirm, next_step: str, next_on: dt.date | None, by: Any, at: dt.datetime) -> ListedFirm:
    """Set the next step of a row and its day. Raises: NotAllowed, Refused."""
    row = _locked_row(row)
    _require_work(by, row.list)
    _refuse(rules.refusals_to_plan(row.facts(), next_step=next_step, next_on=next_on, on=_day(at)))
    if (row.next_step, row.next_on) == (next_step.strip(), next_on):
        return row
    old, new = f"{row.next_on} {row.next_step}", f"{next_on} {next_step.strip()}"
    row.next_step, row.next_on = next_step.strip(), next_on
    row.save(update_fields=["next_step", "next_on"])
    _note(row, ChangeKind.PLANNED, by=by, at=at, old=old, new=new)
    audit.record(action="leads.plan", by=by, at=at, obj=row, changes=_unless_kept(row.list, next={"old": old, "new": new}))
    return row


@transaction.atomic
def settle(*, row: ListedFirm, state: RowState, reason: str = "", until: dt.date | None = None, next_step: str = "", by: Any,
           at: dt.datetime) -> ListedFirm:  # fmt: skip
    """Enter what came of a firm: no interest, later, or a lead; `reopen_row` undoes it. Raises: NotAllowed, Refused."""
    row = _locked_row(row)
    _require_work(by, row.list)
    _refuse(rules.refusals_to_settle(row.facts(), state=state, reason=reason, until=until, on=_day(at)))
    old = row.state
    row.state, row.reason, row.settled_on = state, reason.strip()[:300], _day(at)
    if state is RowState.LATER:
        row.next_on, row.next_step = until, next_step.strip()[:200] or row.next_step
        row.quiet_since = until or row.quiet_since
    else:
        row.next_on, row.next_step = None, ""
    row.save()
    _note(row, ChangeKind.SETTLED, by=by, at=at, old=old, new=state, note=reason)
    changes = {"state": {"old": old, "new": str(state)}, **_unless_kept(row.list, reason=reason), "until": until}
    audit.record(action="leads.settle", by=by, at=at, obj=row, changes=changes)
    return row


@transaction.atomic
def reopen_row(*, row: ListedFirm, next_step: str, by: Any, at: dt.datetime) -> ListedFirm:
    """Take an outcome back and work on the firm again, from the default day of a first knock on. Raises: NotAllowed, Refused."""
    row = _locked_row(row)
    _require_work(by, row.list)
    _refuse(rules.refusals_to_reopen(row.facts()))
    on, old = _day(at), row.state
    row.state = RowState.IN_CONTACT if row.contacted_on else RowState.TO_KNOCK
    row.reason, row.settled_on, row.next_step = "", None, next_step
    row.next_on, row.quiet_since = on + dt.timedelta(days=people.first_knock_days(on)), on
    row.save()
    _note(row, ChangeKind.REOPENED, by=by, at=at, old=old, new=row.state)
    audit.record(action="leads.reopen_row", by=by, at=at, obj=row, changes={"state": {"old": old, "new": str(row.state)}})
    return row


@transaction.atomic
def remove(*, row: ListedFirm, reason: str, by: Any, at: dt.datetime) -> ListedFirm:
    """Take a firm off a list; its knocks stay, and `restore` puts it back. Raises: NotAllowed, Refused."""
    _locked(row.list)
    row = _locked_row(row)
    _require_work(by, row.list)
    _refuse(rules.refusals_to_touch(row.facts()))
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    _close_up(row)
    _note(row, ChangeKind.REMOVED, by=by, at=at, note=reason)
    audit.record(action="leads.remove", by=by, at=at, obj=row, changes=_unless_kept(row.list, reason=reason))
    return row


@transaction.atomic
def restore(*, row: ListedFirm, by: Any, at: dt.datetime) -> ListedFirm:
    """Put a firm back that was taken off, where it stood in the order. Raises: NotAllowed, Refused."""
    _locked(row.list)
    row = _locked_row(row)
    _require_work(by, row.list)
    _refuse(rules.refusals_to_restore(row.facts()))
    _make_room(row)
    row.removed_at = None
    row.save(update_fields=["removed_at", "position"])
    _note(row, ChangeKind.RESTORED, by=by, at=at)
    audit.record(action="leads.restore", by=by, at=at, obj=row)
    return row


# --- knocks ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def knock(
    *, row: ListedFirm, how: How, result: Result, made_at: dt.datetime, by: User, at: dt.datetime, person: User | None = None,
    through: str = "", with_whom: str = "", said: str = "", next_step: str = "", next_on: dt.date | None = None,
    corrects: Knock | None = None,
) -> Knock:  # fmt: skip
    """Enter a knock (对接) at a firm; state and next step of the row follow. `corrects`: an entry that this one takes the place of.

    Why: an entry is never changed, so that who reads the row sees what was known when. Raises: NotAllowed, Refused.
    """
    row = _locked_row(row)
    _require_work(by, row.list)
    person = person or by
    if person != by and person.pk not in row.list.facts().people:
        raise Refused((Refusal.PERSON_NOT_OF_LIST,))
    if corrects is not None and Knock.objects.filter(corrects=corrects).exists():
        raise Refused((Refusal.CORRECTED_ALREADY,))
    if corrects is not None and corrects.row_id != row.pk:
        raise ValueError("a correction stands at the row of what it corrects")
    facts = KnockFacts(how, result, _day(made_at), through, next_step, next_on, with_whom)
    past = past_of(row)
    made = Knock(
        row=row, how=how, through=through.strip(), by=person, made_at=made_at, with_whom=with_whom.strip(), result=result,
        said=said.strip(), next_step=next_step.strip(), next_on=next_on, corrects=corrects, recorded_by=by, recorded_at=at,
    )  # fmt: skip
    before = row.facts()
    if before.state is not RowState.LEAD:
        before = replace(before, state=past.state_before(made))
    _refuse(rules.refusals_to_knock(before, facts, on=_day(at), last=rules.replayed(past.turns(made))))
    made.save(force_insert=True)
    _follow(row, made, past)
    replaced = str(corrects.public_id) if corrects else ""
    changes = {"how": how, "result": result, "next_on": next_on, "person": str(person), "corrects": replaced}
    audit.record(action="leads.correct_knock" if corrects else "leads.knock", by=by, at=at, obj=row, changes=changes)
    return made


def _follow(row: ListedFirm, made: Knock, past: Past) -> None:
    """Bring a row in step with all that turned it. What is last says the next step, unless it was last before and a plan was made since."""
    known, turns, standing = past.turns(), past.turns(made), past.standing(made)
    reached = [_day(one.made_at) for one in standing if rules.is_contact(Result(one.result))]
    row.knock_count, row.last_knocked_on = len(standing), _day(standing[-1].made_at)
    row.contacted_on = min(reached, default=None)
    old_state, row.state = row.state, rules.replayed(turns)
    is_last_new = not known or known[-1] != turns[-1]
    last = past.knock_of(turns[-1], made)
    if is_last_new or row.state != old_state:
        _take_next_step(row, made, last)
        if last is not None:
            row.settled_on, said = None, row.reason if last.result == Result.NO_ANSWER else last.said[:300]
            row.reason = "" if row.state in rules.OPEN_STATES else said
        else:
            entered = past.by_hand[turns[-1].number]
            row.settled_on, row.reason = (turns[-1].on, entered.note[:300]) if turns[-1].state else (None, "")
        day = turns[-1].on
        row.quiet_since = row.next_on if row.state == RowState.LATER and row.next_on else day
    row.save()


def _take_next_step(row: ListedFirm, made: Knock, last: Knock | None) -> None:
    """The next step of whatever turned the row last; a correction that leaves it as it was does not undo a plan made since."""
    if row.state not in rules.OPEN_STATES:
        row.next_step, row.next_on = "", None
        return
    corrected = made.corrects if last is not None and last.pk == made.pk else None
    is_as_it_was = corrected is not None and (corrected.next_step, corrected.next_on) == (made.next_step, made.next_on)
    if row.next_on is not None and (last is None or is_as_it_was or last.next_on is None):
        return
    source = last if last is not None and last.next_on is not None else made
    row.next_step, row.next_on = source.next_step or row.next_step, source.next_on


# --- who leaves, what becomes one -----------------------------------------------------------------------------------------------------
def _require_people(by: Any, *persons: User) -> None:
    for person in persons:
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())


@transaction.atomic
def hand_over_lists(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's lists to a colleague, who also takes the leaver's place as a member elsewhere. Returns how many lists moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    _require_people(by, from_user, to_user)
    _lock_lists(Q(owner=from_user) | Q(members=from_user))
    moved = TargetList.objects.filter(owner=from_user).update(owner=to_user)
    worked = list(TargetList.objects.filter(members=from_user))
    for found in worked:
        found.members.remove(from_user)
        if not found.is_closed_to(to_user):
            found.members.add(to_user)
    if moved or worked:
        changes = {"from": str(from_user), "lists": moved, "memberships": len(worked)}
        audit.record(action="leads.hand_over_lists", by=by, at=at, obj=to_user, changes=changes)
    return moved


@transaction.atomic
def hand_over_rows(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give the firms that a leaver was to knock at to a colleague, who becomes a member of their lists. Returns how many rows moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    _require_people(by, from_user, to_user)
    _lock_lists(Q(rows__assignee=from_user))
    rows = list(ListedFirm.objects.select_for_update(of=("self",)).select_related("list").filter(assignee=from_user).order_by("pk"))
    closed = {found.pk for found in {row.list for row in rows} if found.is_closed_to(to_user)}
    for row in rows:
        taker = None if row.list_id in closed else to_user
        _note(row, ChangeKind.HANDED_OVER, by=by, at=at, old=str(from_user), new=str(taker or ""))
    moved = ListedFirm.objects.filter(pk__in=[row.pk for row in rows])
    moved.filter(list__in=closed).update(assignee=None)
    moved.exclude(list__in=closed).update(assignee=to_user)
    for found in {row.list for row in rows}:
        if found.owner_id != to_user.pk and found.pk not in closed:
            found.members.add(to_user)
    if rows:
        audit.record(action="leads.hand_over_rows", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": len(rows)})
    return len(rows)


@transaction.atomic
def repoint_firm(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the rows of a firm be rows of another with which it became one; where both stand on a list, knocks move and one row stays.

    Raises: NotAllowed.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    _lock_lists(Q(rows__firm__in=(from_firm, to_firm)))
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
        standing = past_of(other).standing()
        reached = [_day(one.made_at) for one in standing if rules.is_contact(Result(one.result))]
        other.knock_count, other.contacted_on = len(standing), min(reached, default=None)
        other.last_knocked_on = _day(standing[-1].made_at) if standing else None
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


# --- answers that leave an entry ------------------------------------------------------------------------------------------------------
def taken_elsewhere(*, firm_ids: Sequence[str], by: User, at: dt.datetime) -> tuple[Taken, ...]:
    """Which of these firms stand on an active list that the asker may not see: the room's one answer across units; telling leaves an entry.

    Why: two units of one city that call on the same firm spoil it for both. Raises: NotAllowed.
    """
    refusing.require(by, Permission.LEADS_VIEW)
    listed = ListedFirm.objects.on_list().filter(firm__firm_id__in=firm_ids, list__state=ListState.ACTIVE, list__is_confidential=False)
    hidden = listed.exclude(list__in=TargetList.objects.visible_to(by).order_by().values("pk"))
    paths: dict[str, str] = {}
    for firm_id, path in hidden.order_by("firm__firm_id", "list__unit__path").values_list("firm__firm_id", "list__unit__path").distinct():
        above = rules.path_above(by.unit.path, path)
        paths[firm_id] = above if firm_id not in paths else min(above, paths[firm_id], key=len)
    named = people.coordinators({path for path in paths.values() if path})
    found = tuple(Taken(firm_id, named.get(path, "")) for firm_id, path in paths.items())
    if found:
        audit.record(action="leads.ask_across_units", by=by, at=at, changes={"asked": len(firm_ids), "taken": len(found)})
    return found


def note_export(
    *, what: str, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int, target_list: TargetList | None = None
) -> None:
    """Record that lists or rows left the house as a spreadsheet: by which filter and how many rows."""
    audit.record(action=f"leads.{what}.export", by=by, at=at, obj=target_list, changes={"filter": dict(filters), "rows": rows})


@transaction.atomic
def import_list(
    *, listed: ListFile, unit: Unit, title: str, owner: User, by: Any, at: dt.datetime, line: Line = Line.COUNTED, first_step: str
) -> TargetList:
    """Make a list of a file, whole or not at all; the audit entry holds the file's hash. Raises: NotAllowed, Refused, ListError."""
    candidates, faults = files.matched(listed, unit)
    if faults:
        raise ListError(faults)
    build_id, rulebook_hash = registry.versions()
    source = Source(
        Origin.FILE, as_of=registry.last_day(), build_id=build_id, rulebook_hash=rulebook_hash, file_name=listed.file[:200],
        file_hash=listed.sha256,
    )  # fmt: skip
    holders = User.objects.get_queryset().filter(pk__in=[one.assignee_id for one in candidates if one.assignee_id])
    made, _put = make_with(
        candidates=candidates, first_step=first_step, source=source, by=by, at=at, title=title, unit=unit, owner=owner, line=line,
        members=list(holders),
    )  # fmt: skip
    audit.record_import(
        action="leads.import_list", by=by, at=at, obj=made, file=listed.file, sha256=listed.sha256, rows=len(candidates)
    )  # fmt: skip
    return made
