"""All that turned a row until now, so that its state can be told again when an entry is corrected or comes late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from wutong.web.leads.models import Knock, ListedFirm, RowChange
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import ChangeKind, Result, RowState

NOT_YET = 2**62  # the number of a knock that is being entered: after all that are


@dataclass(frozen=True, slots=True)
class Past:
    """Every knock at a row, those corrected too, and the outcomes entered or taken back by hand."""

    knocks: dict[int, Knock]
    by_hand: dict[int, RowChange]

    def standing(self, made: Knock | None = None) -> list[Knock]:
        """The knocks that no other corrects, oldest first; with one that is being entered."""
        every = [*self.knocks.values(), *([made] if made else [])]
        corrected = {one.corrects_id for one in every}
        return sorted((one for one in every if one.pk is None or one.pk not in corrected), key=_order)

    def turns(self, made: Knock | None = None) -> tuple[rules.Turn, ...]:
        """What turned the row, in order."""
        knocks = [
            rules.Turn(_order(one)[1], one.made_at, timezone.localdate(one.made_at), self._entered_at(one), result=Result(one.result))
            for one in self.standing(made)
        ]
        by_hand = [
            rules.Turn(one.pk, one.at, timezone.localdate(one.at), one.at, state=_state(one)) for one in self.by_hand.values()
        ]  # fmt: skip
        return rules.in_order(knocks, by_hand)

    def state_before(self, made: Knock) -> RowState:
        """The state of the row when the knock that is being entered was made."""
        turns = self.turns(made)
        return rules.replayed(turns[: [turn.number for turn in turns].index(NOT_YET)])

    def knock_of(self, turn: rules.Turn, made: Knock) -> Knock | None:
        """The knock that a turn is; None for what was entered by hand."""
        return None if turn.result is None else self.knocks.get(turn.number, made)

    def _entered_at(self, knock: Knock) -> dt.datetime:
        while knock.corrects_id is not None and knock.corrects_id in self.knocks:
            knock = self.knocks[knock.corrects_id]
        return knock.recorded_at


def past_of(row: ListedFirm) -> Past:
    """Read it: two questions."""
    changes = RowChange.objects.filter(row=row, kind__in=(ChangeKind.SETTLED, ChangeKind.REOPENED))
    return Past({one.pk: one for one in Knock.objects.filter(row=row)}, {one.pk: one for one in changes})


def _order(knock: Knock) -> tuple[dt.datetime, int]:
    return knock.made_at, NOT_YET if knock.pk is None else knock.pk


def _state(change: RowChange) -> RowState | None:
    return RowState(change.new) if change.kind == ChangeKind.SETTLED else None
