"""The investment plan of a project: which months are offered, what is planned, and a plan that comes in from a file."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.engine import list_files
from wutong.engine.list_files import Field
from wutong.web.lib.money import WAN
from wutong.web.projects.models import PlanPoint, Project
from wutong.web.projects.queries import progress
from wutong.web.projects.rules import progress as rules

FEWEST_MONTHS, MOST_MONTHS = 24, 60
FILE_MOST_BYTES = 2 * 1024**2


def planned(project: Project) -> dict[dt.date, Decimal]:
    """Month → planned to date, of the plan that was set last. Units: yuan."""
    points: Sequence[PlanPoint] = progress.plans([project.pk])[project.pk]
    return {point.month: point.planned_yuan for point in points}


def months(project: Project, there: dict[dt.date, Decimal], on: dt.date) -> list[dt.date]:
    """The months that a plan may name: from its own first, or the start of building, to the last day planned; some years at most."""
    begins = min(there) if there else rules.month_of(project.planned_start_on or on)
    days = (project.planned_completion_on, project.planned_production_on, project.planned_full_on, *there)
    last = max((rules.month_of(day) for day in days if day is not None), default=begins)
    count = (last.year - begins.year) * 12 + last.month - begins.month + 1
    return [rules.month_before(begins, -n) for n in range(min(max(count, FEWEST_MONTHS), MOST_MONTHS))]


# --- from a file ------------------------------------------------------------------------------------------------------------------------
def _month(text: str) -> dt.date:
    plain = text.strip().replace("/", "-").replace(".", "-").replace("年", "-").rstrip("月")
    year, _dash, rest = plain.partition("-")
    return dt.date(int(year), int(rest.partition("-")[0]), 1)


def _wan(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not (found.is_finite() and 0 <= found < 10**12):
        raise ValueError(text)
    return found


FIELDS = (
    Field("month", ("月份", "月", "年月", "month"), is_needed=True, read=_month, expected=gettext_lazy("a month such as 2026-03")),
    Field(
        "planned", ("累计计划投资(万元)", "累计计划投资（万元）", "累计计划投资", "计划投资(万元)", "计划投资（万元）",
                    "planned to date (10,000 yuan)"),
        read=_wan, expected=gettext_lazy("a number from 0 up, in 10,000 yuan"),
    ),
)  # fmt: skip


class UnreadablePlan(Exception):  # noqa: N818 - what it is
    """A file is no plan; `faults` says what is wrong, in words."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def read(file: IO[bytes], name: str, size_bytes: int) -> dict[dt.date, Decimal]:
    """Month → planned to date, as an Excel or CSV file says it, which may be the one that was exported. Units: yuan.

    Raises: UnreadablePlan.
    """
    suffix = Path(name.casefold()).suffix
    if suffix not in {".xlsx", ".csv"} or size_bytes > FILE_MOST_BYTES:
        raise UnreadablePlan([_("This is no plan: choose an Excel (.xlsx) or CSV file of at most %(most)s MB.") % {"most": 2}])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        file.seek(0)
        path.write_bytes(file.read())
        try:
            rows = list_files.read(path, FIELDS).rows
        except list_files.ListError as error:
            raise UnreadablePlan([_told(one) for one in error.faults[:10]]) from error
    found: dict[dt.date, Decimal] = {}
    seen: set[dt.date] = set()
    for row in rows:
        month = row.values["month"]
        if month in seen:
            raise UnreadablePlan([_("Row %(row)s: %(month)s stands twice.") % {"row": row.row, "month": f"{month:%Y-%m}"}])
        seen.add(month)
        if (wan := row.values.get("planned")) is not None:  # a month may stay empty
            found[month] = wan * WAN
    return found


def _told(fault: list_files.Fault) -> str:
    if not fault.row:
        columns = "、".join(field.headers[0] for field in FIELDS)
        return _("The file cannot be read as a plan: it needs a header row with %(columns)s.") % {"columns": columns}
    values = {"row": fault.row, "field": fault.field, "value": fault.value[:40], "expected": fault.told}
    return _("Row %(row)s, %(field)s: “%(value)s”; expected %(expected)s.") % values
