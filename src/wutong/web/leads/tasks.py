"""Background entry points: a target list that comes in from a file, a piece at a time; the daily round over first claims."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.audit import actions as audit
from wutong.web.firms.models import Firm
from wutong.web.firms.queries import standing as registry
from wutong.web.leads.actions import claiming, informing, making, working
from wutong.web.leads.models import ListedFirm, RowChange, TargetList
from wutong.web.leads.queries import files
from wutong.web.leads.queries.chosen import Candidate, Source
from wutong.web.leads.rules.lists import Origin
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.lib.hooks import Running


def import_rows(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Put a piece of rows on the list, which the first piece makes; the batch has one audit entry. Raises: NotAllowed, Refused."""
    given = batch.given
    candidates, faults = files.matched(files.of_rows(rows, batch.file, batch.sha256), given["unit"], files.able_of(given))
    found, made = _target(batch, rows[0].row, by=by, at=at)
    known = set(Firm.objects.filter(firm_id__in=[one.firm_id for one in candidates]).values_list("pk", flat=True))
    there = set(found.rows.values_list("pk", flat=True))
    with audit.told_by_batch():
        put = working.put_on(target_list=found, candidates=candidates, first_step=_("First knock"), by=by, at=at)
    made += _made([row for row in put.rows if row.pk not in there], candidates, known)
    wrong = tuple((fault.row, files.FIELD_OF.get(fault.field, fault.field), fault.told) for fault in faults)
    return Written(tuple(made), wrong, {"list": str(found.public_id)})


def _target(batch: Batch, row: int, *, by: Any, at: dt.datetime) -> tuple[TargetList, list[Made]]:
    if "list" in batch.notes:
        return TargetList.objects.get(public_id=batch.notes["list"]), []
    build_id, rulebook_hash = registry.versions()
    source = Source(
        Origin.FILE, as_of=registry.last_day(), build_id=build_id, rulebook_hash=rulebook_hash, file_name=batch.file[:200],
        file_hash=batch.sha256,
    )  # fmt: skip
    values = {name: batch.given[name] for name in ("title", "unit", "owner", "line", "members", "note")}
    made = making.make(source=source, by=by, at=at, **values)
    return made, [Made(row, made)]


def _made(new: Sequence[ListedFirm], candidates: Sequence[Candidate], known: set[int]) -> list[Made]:
    """Everything that putting firms on made: firms that were not taken on before, rows of the list, and what their histories say."""
    row_of = {one.firm_id: int(one.found["row"]) for one in candidates}
    firms = [Made(row_of[row.firm.firm_id], row.firm) for row in new if row.firm_id not in known]
    listed = [Made(row_of[row.firm.firm_id], row) for row in new]
    changes = RowChange.objects.filter(row__in=[row.pk for row in new]).select_related("row__firm")
    return [*firms, *listed, *(Made(row_of[change.row.firm.firm_id], change) for change in changes)]


def keep_claims(job: Running) -> dict[str, Any]:
    """Once a day: protect claims that had no end, warn of those that end soon, release those over, drop old digests of contacts."""
    on = timezone.localdate()
    done = {}
    for name, act in (("protected", claiming.protect), ("released", claiming.release_stale), ("warned", claiming.warn)):
        done[name] = 0
        while True:
            with job.fenced():
                count = act(on=on, by=None, at=timezone.now())
            done[name] += count
            if count < claiming.AT_ONCE:
                break
        job.step(_("First claims"), len(done), 3)
    with job.fenced():
        done["contacts"] = informing.drop_old_contacts(on=on, by=None, at=timezone.now())
    return done
