"""Answers that leave an entry in the audit chain: what is told across units, and what leaves the house as a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads.actions import guarding
from wutong.web.leads.models import Filing, Lead, ListedFirm, TargetList
from wutong.web.leads.queries import people
from wutong.web.leads.queries.chosen import Taken
from wutong.web.leads.queries.filed import FirstClaim
from wutong.web.leads.rules import lists
from wutong.web.leads.rules.claims import ClaimState, Outcome, Verdict
from wutong.web.leads.rules.lists import ListState


def taken_elsewhere(*, firm_ids: Sequence[str], by: User, at: dt.datetime) -> tuple[Taken, ...]:
    """Which of these firms stand on an active list that the asker may not see: the room's one answer across units; telling leaves an entry.

    Why: two units of one city that call on the same firm spoil it for both. Raises: NotAllowed.
    """
    refusing.require(by, Permission.LEADS_VIEW)
    told = TargetList.objects.filter(state=ListState.ACTIVE, is_confidential=False)
    # The lists are judged by themselves: judged with the rows, PostgreSQL reads every row of every list.
    others = told.exclude(pk__in=TargetList.objects.visible_to(by).order_by().values("pk"))
    hidden = ListedFirm.objects.on_list().filter(firm__firm_id__in=firm_ids, list__in=others.order_by().values("pk"))
    paths: dict[str, str] = {}
    for firm_id, path in hidden.order_by("firm__firm_id", "list__unit__path").values_list("firm__firm_id", "list__unit__path").distinct():
        above = lists.path_above(by.unit.path, path)
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


def first_claims(*, filing: Filing, by: Any, at: dt.datetime) -> tuple[FirstClaim, ...]:
    """Who is first, to whoever has just filed the same firm: of claims in force that he may not see, and of no confidential lead.

    Why: whoever files learns with whom to speak, and only by filing, which counts against a limit a day. Each telling leaves an entry.
    Raises: NotAllowed.
    """
    refusing.require(by, Permission.LEADS_EDIT)
    if filing.by != by or filing.at != at:
        raise refusing.NotAllowed(Permission.LEADS_EDIT)
    met = filing.matches.filter(other__is_confidential=False, claim__state=ClaimState.OPEN).exclude(verdict=Verdict.SUSPECTED)
    hidden = met if by is None else met.exclude(other__in=Lead.objects.visible_to(by).order_by().values("pk"))
    hidden = hidden if filing.outcome == Outcome.TAKEN else hidden.filter(verdict=Verdict.RELATED)
    if filing.outcome not in {Outcome.TAKEN, Outcome.FILED}:
        return ()
    claims = [match.claim for match in hidden.select_related("claim__unit").order_by("claim__filed_at", "pk")]
    above = {claim.pk: lists.path_above(filing.unit.path, claim.unit.path) for claim in claims}
    named = people.coordinators({path for path in above.values() if path})
    officers = people.officers_of({claim.unit_id for claim in claims})
    found = tuple(
        FirstClaim(str(claim.unit), guarding.day_of(claim.filed_at), named.get(above[claim.pk], ""), officers.get(claim.unit_id, ""))
        for claim in claims
    )
    _note_told(hidden)
    if found:
        audit.record(action="leads.tell_first_claim", by=by, at=at, obj=filing, changes={"taken": len(found)})
    return found


def _note_told(matches: Any) -> None:
    """Which matches the filer knows of now: only these can be disputed. In the transaction of the filing."""
    matches.update(is_told=True)
