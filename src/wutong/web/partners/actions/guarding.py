"""What every change in this room asks first: may the person, and do the rules allow it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import adoption, remarks
from wutong.web.partners import rules
from wutong.web.partners.rules import Refusal

NotAllowed = refusing.NotAllowed
UnknownFirm = adoption.UnknownFirm
RefusedByFirms = remarks.Refused
day_of = timezone.localdate


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def require_work(by: Any, row: Any) -> None:
    """Stop unless `by` may change the row; None is the system itself. Raises: NotAllowed."""
    if by is not None and not by.permits(lambda grants: rules.may_work(grants, row.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.PARTNERS_EDIT)
