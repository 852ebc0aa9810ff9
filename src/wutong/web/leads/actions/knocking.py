"""Knocks entered and corrected, and the row brought in step with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db import transaction

from wutong.web.accounts.models import User
from wutong.web.audit import actions as audit
from wutong.web.leads.actions import guarding
from wutong.web.leads.models import Knock, ListedFirm
from wutong.web.leads.queries.past import Past, past_of
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import How, KnockFacts, Refusal, Result, RowState


@transaction.atomic
def knock(
    *, row: ListedFirm, how: How, result: Result, made_at: dt.datetime, by: User, at: dt.datetime, person: User | None = None,
    through: str = "", with_whom: str = "", said: str = "", next_step: str = "", next_on: dt.date | None = None,
    corrects: Knock | None = None,
) -> Knock:  # fmt: skip
    """Enter a knock (对接) at a firm; state and next step of the row follow. `corrects`: an entry that this one takes the place of.

    Why: an entry is never changed, so that who reads the row sees what was known when. Raises: NotAllowed, Refused.
    """
    row = guarding.locked_row(row)
    guarding.require_work(by, row.list)
    person = person or by
    if person != by and person.pk not in row.list.facts().people:
        raise guarding.Refused((Refusal.PERSON_NOT_OF_LIST,))
    if corrects is not None and Knock.objects.filter(corrects=corrects).exists():
        raise guarding.Refused((Refusal.CORRECTED_ALREADY,))
    if corrects is not None and corrects.row_id != row.pk:
        raise ValueError("a correction stands at the row of what it corrects")
    facts = KnockFacts(how, result, guarding.day_of(made_at), through, next_step, next_on, with_whom)
    past = past_of(row)
    made = Knock(
        row=row, how=how, through=through.strip(), by=person, made_at=made_at, with_whom=with_whom.strip(), result=result,
        said=said.strip(), next_step=next_step.strip(), next_on=next_on, corrects=corrects, recorded_by=by, recorded_at=at,
    )  # fmt: skip
    before = row.facts()
    if before.state is not RowState.LEAD:
        before = replace(before, state=past.state_before(made))
    guarding.refuse(rules.refusals_to_knock(before, facts, on=guarding.day_of(at), last=rules.replayed(past.turns(made))))
    made.save(force_insert=True)
    _follow(row, made, past)
    replaced = str(corrects.public_id) if corrects else ""
    changes = {"how": how, "result": result, "next_on": next_on, "person": str(person), "corrects": replaced}
    audit.record(action="leads.correct_knock" if corrects else "leads.knock", by=by, at=at, obj=row, changes=changes)
    return made


def _follow(row: ListedFirm, made: Knock, past: Past) -> None:
    """Bring a row in step with all that turned it. What is last says the next step, unless it was last before and a plan was made since."""
    known, turns, standing = past.turns(), past.turns(made), past.standing(made)
    reached = [guarding.day_of(one.made_at) for one in standing if rules.is_contact(Result(one.result))]
    row.knock_count, row.last_knocked_on = len(standing), guarding.day_of(standing[-1].made_at)
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
