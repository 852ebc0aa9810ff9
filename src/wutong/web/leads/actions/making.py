"""Target lists made, changed, kept confidential, closed and opened again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from wutong.engine.list_files import ListError, ListFile
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.queries import standing as registry
from wutong.web.leads.actions import guarding, working
from wutong.web.leads.models import TargetList
from wutong.web.leads.queries import files
from wutong.web.leads.queries.chosen import Candidate, PutOn, Source
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import Line, ListState, Origin, Refusal

PEOPLE = {"members", "owner"}  # who was let into a confidential list is told; what it is about is not


@transaction.atomic
def make(
    *, title: str, unit: Unit, owner: User, line: Line = Line.COUNTED, members: Sequence[User] = (), note: str = "",
    source: Source | None = None, by: Any, at: dt.datetime,
) -> TargetList:  # fmt: skip
    """Make an empty target list (目标企业清单) of a unit. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.LEADS_EDIT, unit.target())
    if unit.closed_on is not None:
        raise guarding.Refused((Refusal.UNIT_CLOSED,))
    guarding.check_people((owner, *members), unit)
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
    return made, working.put_on(target_list=made, candidates=candidates, first_step=first_step, by=by, at=at)


@transaction.atomic
def change(*, target_list: TargetList, by: Any, at: dt.datetime, members: Sequence[User], **values: Any) -> TargetList:
    """Change title, owner, line, note and members of a list. Raises: NotAllowed, Refused."""
    found = guarding.locked(target_list)
    guarding.require_work(by, found)
    guarding.refuse(rules.refusals_to_change(found.facts()))
    before = set(found.members.all())
    if before != set(members) or values.get("owner", found.owner) != found.owner:
        guarding.require_its_owner(by, found)
    newcomers = set(members) - before - {found.owner}
    if values.get("owner", found.owner) != found.owner:
        guarding.require_assign(by, found)
        newcomers.add(values["owner"])
    guarding.check_people(newcomers, found.unit)
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
    found = guarding.locked(target_list)
    if by.pk != found.owner_id:
        raise guarding.NotAllowed(Permission.LEADS_EDIT)
    found.is_confidential, found.code_name = bool(code_name.strip()), code_name.strip()
    found.save()
    audit.record(action="leads.keep_confidential", by=by, at=at, obj=found, changes={"is_confidential": found.is_confidential})
    return found


@transaction.atomic
def close(*, target_list: TargetList, reason: str, by: Any, at: dt.datetime) -> TargetList:
    """Close a list with a reason; `reopen` undoes it. Raises: NotAllowed, Refused."""
    found = guarding.locked(target_list)
    guarding.require_work(by, found)
    guarding.refuse(rules.refusals_to_close(found.facts(), reason=reason))
    found.state, found.closed_on, found.closing_reason = ListState.CLOSED, guarding.day_of(at), reason.strip()[:300]
    found.save(update_fields=["state", "closed_on", "closing_reason"])
    audit.record(action="leads.close_list", by=by, at=at, obj=found, changes=guarding.unless_kept(found, reason=found.closing_reason))
    return found


@transaction.atomic
def reopen(*, target_list: TargetList, by: Any, at: dt.datetime) -> TargetList:
    """Work on a closed list again. Raises: NotAllowed, Refused."""
    found = guarding.locked(target_list)
    guarding.require_work(by, found)
    if found.state != ListState.CLOSED:
        raise guarding.Refused((Refusal.NOT_CLOSED,))
    found.state, found.closed_on, found.closing_reason = ListState.ACTIVE, None, ""
    found.save(update_fields=["state", "closed_on", "closing_reason"])
    audit.record(action="leads.reopen_list", by=by, at=at, obj=found)
    return found


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
