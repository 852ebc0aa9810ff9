"""Packaged projects taken in from a file: each row a draft of the unit of whoever imports; undone, it leaves nothing behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.projects.actions import opportunities
from wutong.web.projects.models import Opportunity, OpportunityVersion
from wutong.web.projects.queries import opportunity_files
from wutong.web.projects.rules.opportunities import Origin


@transaction.atomic
def take_in(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Make drafts of a piece of rows; none is offered before it was reviewed. Raises: NotAllowed."""
    refusing.require(by, Permission.PROJECTS_EDIT)
    new, _same, bad = opportunity_files.read(rows, by, by.unit)
    begun = [
        opportunities.begun(unit=by.unit, owner=by, values=opportunity_files.values_of(row), origin=Origin.FILE, by=by, at=at)
        for row in new
    ]
    Opportunity.objects.bulk_create(one for one, _version in begun)
    for one, version in begun:
        version.opportunity = one
    OpportunityVersion.objects.bulk_create(version for _one, version in begun)
    made = [Made(row.row, one) for row, (one, _version) in zip(new, begun, strict=True)]
    made += [Made(row.row, version) for row, (_one, version) in zip(new, begun, strict=True)]
    wrong = tuple((row, field, told) for row, faults in bad.items() for field, told in faults)
    return Written(tuple(made), wrong, {"file": batch.file})
