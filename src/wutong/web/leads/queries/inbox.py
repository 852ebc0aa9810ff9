"""Information on its way (信息收件箱): what is to be triaged and answered, by the clock; and what came of what was received."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.leads.models import SOURCE_KINDS, TO_ANSWER, TO_TRIAGE, Claim, Lead, LeadQuerySet
from wutong.web.leads.queries import overview
from wutong.web.leads.queries.overview import TAKEN_UP, WAITING
from wutong.web.leads.rules.claims import ClaimState
from wutong.web.leads.rules.leads import LeadState, SourceKind
from wutong.web.lib import access

WHICH = {
    "": pgettext_lazy("information", "All that waits"),
    "triage": pgettext_lazy("information", "To triage"),
    "answer": pgettext_lazy("information", "To answer"),
    "overdue": _("Overdue"),
}
PERIODS = {
    "": pgettext_lazy("period of information", "last 90 days"),
    "year": pgettext_lazy("period of information", "this year"),
    "all": pgettext_lazy("period of information", "all"),
}
RECENT_DAYS = 90


def inbox(user: Any) -> LeadQuerySet:
    """Information that waits for triage or an answer, each with the day by which."""
    return Lead.objects.visible_to(user).filter(WAITING)


def narrowed(found: LeadQuerySet, which: str, *, on: dt.date) -> LeadQuerySet:
    """What of it a tab shows."""
    part = {"triage": TO_TRIAGE, "answer": TO_ANSWER, "overdue": overview.overdue(on)}.get(which)
    return found if part is None else found.filter(part)


def counts(user: Any, *, on: dt.date) -> dict[str, int]:
    """How much waits, by tab."""
    seen = Lead.objects.visible_to(user).filter(WAITING).order_by()
    found: dict[str, int] = seen.aggregate(
        all=Count("pk"), triage=Count("pk", filter=TO_TRIAGE), answer=Count("pk", filter=TO_ANSWER),
        overdue=Count("pk", filter=overview.overdue(on)),
    )  # fmt: skip
    return {"": found.pop("all"), **found}


# --- the digest -------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Came:
    """What came of information, in numbers of leads: of one source, or of all. `query`: the filter of the list that shows these leads."""

    source: str
    label: Any
    received: int
    triaged: int
    to_answer: int
    answered: int
    taken_up: int
    claimed: int
    projects: int
    query: str

    @property
    def projects_query(self) -> str:
        """The filter of those that became projects."""
        return self.query.replace("state=all", f"state={LeadState.PROJECT}", 1)


@dataclass(frozen=True, slots=True)
class Digest:
    """What came of the information of a period, altogether and by source."""

    overall: Came
    sources: tuple[Came, ...]
    since: dt.date | None


def since(period: str, *, on: dt.date) -> dt.date | None:
    """The first day of a period; None: from the beginning."""
    match period:
        case "all":
            return None
        case "year":
            return on.replace(month=1, day=1)
    return on - dt.timedelta(days=RECENT_DAYS)


FIGURES = {
    "received": Count("pk"),
    "triaged": Count("pk", filter=Q(triaged_at__isnull=False)),
    "to_answer": Count("pk", filter=~Q(source_kind=SourceKind.OWN)),
    "answered": Count("pk", filter=Q(answered_at__isnull=False)),
    "taken_up": Count("pk", filter=TAKEN_UP),
    "projects": Count("pk", filter=Q(state=LeadState.PROJECT)),
}


def digest(user: Any, period: str, *, on: dt.date) -> Digest:
    """What came of the information that was logged in a period, as far as a person may see it: one question."""
    begin = since(period, on=on)
    seen = Lead.objects.visible_to(user).order_by()
    if begin:
        seen = seen.filter(logged_at__gte=access.begins(begin))
    came = Claim.objects.exclude(state__in=(ClaimState.WITHDRAWN, ClaimState.DECLINED)).order_by().values("lead")
    figures = {**FIGURES, "claimed": Count("pk", filter=Q(pk__in=came))}
    counted = {row["source_kind"]: row for row in seen.values("source_kind").annotate(**figures)}
    query = "state=all" + (f"&logged_from={begin}" if begin else "")
    found = tuple(
        _came(kind, SOURCE_KINDS[SourceKind(kind)], counted[kind], counted[kind]["claimed"], f"{query}&source={kind}")
        for kind in SOURCE_KINDS
        if kind in counted
    )
    names = (*FIGURES, "claimed")
    total = {name: sum(getattr(one, name) for one in found) for name in names}
    return Digest(_came("", _("All sources"), total, total["claimed"], query), found, begin)


def _came(source: str, label: Any, row: Mapping[str, int], claimed: int, query: str) -> Came:
    return Came(source, label, **{name: row[name] for name in FIGURES}, claimed=claimed, query=query)
