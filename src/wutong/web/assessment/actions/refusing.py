"""What the actions of assessment refuse, and what leaves as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit

NotAllowed = refusing.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words. `about`: the record that is in the way."""

    def __init__(self, refusals: tuple[StrEnum, ...], about: Any = None) -> None:
        super().__init__(", ".join(refusals))
        self.refusals, self.about = refusals, about


def refuse(refusals: tuple[StrEnum, ...], about: Any = None) -> None:
    """Raises: Refused where there is any."""
    if refusals:
        raise Refused(refusals, about)


def note_export(*, what: str, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int, of: str = "assessment.Run") -> None:
    """Something leaves as a file. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_EXPORT)
    audit.record_export(action=f"{what}.export", by=by, at=at, filters=dict(filters), rows=rows, object_type=of)
