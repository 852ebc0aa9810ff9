"""One action on several rows of a list at once: what the rules allow is done, what they refuse is told row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from wutong.web.leads.actions import guarding
from wutong.web.leads.models import ListedFirm
from wutong.web.leads.rules import leads
from wutong.web.leads.rules.lists import Refusal


@dataclass(frozen=True, slots=True)
class Done:
    """What became of several rows: those done, as they were before, and those refused, each with why."""

    rows: tuple[ListedFirm, ...]
    refused: tuple[tuple[ListedFirm, tuple[Refusal | leads.Refusal, ...]], ...]


@transaction.atomic
def each(
    *,
    rows: Iterable[ListedFirm],
    work: Callable[..., Any],
    values_of: Callable[[ListedFirm], Mapping[str, Any]],
    by: Any,
    at: dt.datetime,
    is_backwards: bool = False,
) -> Done:
    """Do the same to each row, with its own entry in the audit chain; nothing where one may not be done.

    `is_backwards`: the last first, so that what was taken off one after another comes back to its place. Raises: NotAllowed.
    """
    done, refused = [], []
    for row in sorted(rows, key=lambda one: one.pk, reverse=is_backwards):
        try:
            work(row=row, by=by, at=at, **values_of(row))
        except guarding.Refused as why:
            refused.append((row, why.refusals))
        else:
            done.append(row)
    return Done(tuple(done), tuple(refused))
