"""What is told of firms wherever others list them: on which target lists they stand already, and what came of it there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.leads.actions import telling
from wutong.web.leads.queries import rows
from wutong.web.lib.marks import Mark, Marks


def of_firms(user: Any, firm_ids: Sequence[str], at: dt.datetime) -> Marks:
    """The lists that a person may see, closed ones too; of any other list only that there is one, which is asked across units."""
    found = rows.marks_of(user, firm_ids)
    for one in telling.taken_elsewhere(firm_ids=firm_ids, by=user, at=at):
        found[one.firm_id] = (*found.get(one.firm_id, ()), Mark(_("on a list of another unit already")))
    return found
