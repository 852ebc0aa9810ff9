"""What a sheet of a reward says, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.rewards.computing import Blocked, Out
from wutong.web.assessment.models.rewards import RECIPIENTS

TO: Mapping[Any, Any] = RECIPIENTS
OUT: Mapping[str, Any] = {
    Out.CONDITION: _("The condition of the award is not met"),
    Out.STAFF: _("Civil servants and staff get nothing: the document cites no rule that lets them"),
    Out.NOT_REGISTERED: _("Not registered before the signing"),
    Out.REGISTERED_LATE: _("Registered on the day of signing or later"),
    Out.NO_SHARE: _("No share of the reward: those who were registered before fill the whole"),
    Out.LAPSED: _("Lapsed: claimed after the last day"),
    Out.NOT_STACKED: _("Not given beside another award that is as high or higher"),
}
BLOCKED: Mapping[str, Any] = {
    Blocked.TAX_REVIEW: _("Tied to tax: it may not be paid before a fair-competition and legality review that is named"),
}
STEPS: Mapping[str, Any] = {
    "computed": pgettext_lazy("reward sheet", "Computed"),
    "raised": pgettext_lazy("reward sheet", "Raised"),
    "capped": pgettext_lazy("reward sheet", "Capped"),
    "shared": pgettext_lazy("reward sheet", "Share of a joint introducer"),
    "rounded": pgettext_lazy("reward sheet", "Rounded"),
}
SOURCES: Mapping[str, Any] = {
    "project.arrived": pgettext_lazy("reward source", "records: recognised funds in place"),
    "project.investment": pgettext_lazy("reward source", "records: investment of the contract"),
    "project.total": pgettext_lazy("reward source", "records: total investment"),
    "project.fixed": pgettext_lazy("reward source", "records: investment in fixed assets"),
    "project.signed_on": pgettext_lazy("reward source", "records: day of signing"),
    "project.registered_on": pgettext_lazy("reward source", "records: day of the company’s registration"),
    "project.started_on": pgettext_lazy("reward source", "records: day on which building started"),
    "project.completed_on": pgettext_lazy("reward source", "records: day of completion"),
    "project.produced_on": pgettext_lazy("reward source", "records: day of production"),
    "result.rank": pgettext_lazy("reward source", "published run: rank"),
    "result.points": pgettext_lazy("reward source", "published run: total"),
    "result.grade": pgettext_lazy("reward source", "published run: grade"),
    "beside": pgettext_lazy("reward source", "another claim for the same"),
}
"""Out of which records a fact was drawn, instead of its code."""
_YES_NO: Mapping[str, Any] = {"是": _("yes"), "否": _("no")}
NAMES: Mapping[str, Any] = {
    "is_staff": _("whether civil servant or staff"),
    "registered_on": _("day of the registration"),
    "signed_on": _("day of the signing"),
    "shares": _("shares of the joint introducers: together they are not 100 %"),
    "beside": _("what the other award for the same comes to: data of that claim lack"),
}
"""What a sheet may lack beside the facts of its document."""


def source(code: str) -> str:
    """Where a fact comes from: the records in words, or what somebody wrote."""
    return str(SOURCES.get(code, code))


def said(value: str | None) -> str:
    """A value of a sheet as a person reads it: a number with its thousands apart, yes or no in his language; "" where there is none."""
    if value is None or value in _YES_NO:
        return str(_YES_NO.get(value or "", ""))
    whole, point, part = value.partition(".")
    return f"{int(whole):,}{point}{part}" if whole.lstrip("-").isdecimal() and (not point or part.isdecimal()) else value
