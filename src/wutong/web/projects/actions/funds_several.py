"""Several entries of money in place decided at once: each for itself, so that what one is refused for stops no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.web.projects.actions import funds
from wutong.web.projects.models import FundsEntry
from wutong.web.projects.rules.funds import Refusal, State


@dataclass(frozen=True, slots=True)
class NotDone:
    """An entry that was not decided, or not handed in, and why; `params`: with what. Without refusals it is another's to decide."""

    entry: FundsEntry
    refusals: tuple[Refusal, ...]
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Several:
    """What became of several entries. `before`: those that stood so already, because it was sent twice."""

    done: tuple[FundsEntry, ...]
    before: tuple[FundsEntry, ...]
    refused: tuple[NotDone, ...]


def review_several(
    *, entries: Sequence[FundsEntry], is_accepted: bool, seen_yuan: Mapping[int, Decimal | None], by: Any, at: dt.datetime, words: str = "",
    apart: Mapping[int, str] | None = None,
) -> Several:  # fmt: skip
    """Accept or reject each of several entries. `seen_yuan`: what the page showed as recognised of each, by its key.

    `apart`: of those that another bears number and sum of, why they are two payments, by their keys: no word speaks for all.
    """

    def seen(entry: FundsEntry) -> dict[str, Any]:
        return {"seen_yuan": seen_yuan.get(entry.pk), "apart": (apart or {}).get(entry.pk, "")}

    def one(entry: FundsEntry) -> None:
        funds.review(entry=entry, is_accepted=is_accepted, by=by, at=at, words=words, **seen(entry))

    return _each(entries, one, State.ACCEPTED if is_accepted else State.REJECTED, by)


def hand_in_several(*, entries: Sequence[FundsEntry], by: Any, at: dt.datetime) -> Several:
    """Hand several entries in for review, as after an import."""
    return _each(entries, lambda entry: funds.hand_in_review(entry=entry, by=by, at=at), State.HANDED_IN, by)


def _each(entries: Sequence[FundsEntry], one: Any, wanted: State, by: Any) -> Several:
    done, before, refused = [], [], []
    for entry in entries:
        if any(step.step == wanted and step.by_id == by.pk for step in entry.reviews.all()):
            before.append(entry)
            continue
        try:
            with transaction.atomic():
                one(entry)
            done.append(entry)
        except funds.Refused as error:
            refused.append(NotDone(entry, error.refusals, error.params))
        except funds.NotAllowed:
            refused.append(NotDone(entry, (), {}))
    return Several(tuple(done), tuple(before), tuple(refused))
