"""What came of the lists (清单成效): how many firms were knocked at, reached, and became leads; by list, by source, by person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.accounts.models import User
from wutong.web.leads.models import ORIGINS, ListedFirm, ListedFirmQuerySet, TargetList
from wutong.web.leads.queries import people
from wutong.web.leads.queries.rows import board_name, chain_name, segment_name
from wutong.web.leads.rules import OPEN_STATES, ListState, RowState


@dataclass(frozen=True, slots=True)
class Hits:
    """What came of some rows. `query` opens them; `key` tells them apart."""

    label: str
    query: str
    firms: int
    knocked_firms: int
    contacted_firms: int
    lead_firms: int
    refused_firms: int
    open_firms: int
    overdue_firms: int
    stale_firms: int
    address: str = ""

    @property
    def lead_share(self) -> float:
        """Leads by firms."""
        return self.lead_firms / self.firms if self.firms else 0.0


def _counts(on: dt.date) -> dict[str, Count]:
    is_open = Q(state__in=OPEN_STATES, list__state=ListState.ACTIVE)
    quiet = on - dt.timedelta(days=people.stale_days(on))
    return {
        "firms": Count("pk"),
        "knocked": Count("pk", filter=Q(knock_count__gt=0)),
        "contacted": Count("pk", filter=Q(contacted_on__isnull=False)),
        "leads": Count("pk", filter=Q(state=RowState.LEAD)),
        "refused": Count("pk", filter=Q(state=RowState.NO_INTEREST)),
        "open": Count("pk", filter=is_open),
        "overdue": Count("pk", filter=is_open & Q(next_on__lt=on)),
        "stale": Count("pk", filter=is_open & Q(quiet_since__lte=quiet)),
    }


def _hits(row: dict[str, Any], label: str, query: dict[str, str], address: str = "") -> Hits:
    return Hits(
        label, urlencode(query), row["firms"], row["knocked"], row["contacted"], row["leads"], row["refused"], row["open"], row["overdue"],
        row["stale"], address,
    )  # fmt: skip


def rows_since(user: Any, since: dt.date | None) -> ListedFirmQuerySet:
    """Rows that the person may see, put on lists from a day on."""
    found = ListedFirm.objects.visible_to(user).on_list()
    return found.filter(put_on_at__date__gte=since) if since else found


def overall(found: ListedFirmQuerySet, *, on: dt.date) -> Hits:
    """All of them together."""
    return _hits(found.aggregate(**_counts(on)), _("All lists"), {})


def by_list(found: ListedFirmQuerySet, *, on: dt.date) -> tuple[Hits, ...]:
    """One row a list, the most leads first."""
    rows = found.order_by().values("list__public_id", "list__title", "list__unit__name_zh").annotate(**_counts(on))
    hits = [
        _hits(row, row["list__title"], {"list": str(row["list__public_id"])}, reverse("leads:detail", args=[row["list__public_id"]]))
        for row in rows
    ]
    return _sorted(hits)


def by_source(found: ListedFirmQuerySet, *, on: dt.date) -> tuple[Hits, ...]:
    """One row a source: segment of a chain and board of the ranking, else the way in which the list was made."""
    rows = found.order_by().values("chain", "segment", "board", "list__origin").annotate(**_counts(on))
    hits = []
    for row in rows:
        words = [str(ORIGINS.get(row["list__origin"], row["list__origin"]))]
        words += [f"{chain_name(row['chain'])} › {segment_name(row['chain'], row['segment'])}"] if row["segment"] else []
        words += [board_name(row["board"])] if row["board"] else []
        query = {"chain": row["chain"], "segment": row["segment"] or "-", "origin": row["list__origin"], "board": row["board"]}
        hits.append(_hits(row, " · ".join(words), query))
    return _sorted(hits)


def by_person(found: ListedFirmQuerySet, *, on: dt.date) -> tuple[Hits, ...]:
    """One row a person to whom firms are assigned, and one for what nobody has."""
    rows = list(found.order_by().values("assignee").annotate(**_counts(on)))
    names = {person.pk: person for person in User.objects.get_queryset().filter(pk__in=[row["assignee"] for row in rows])}
    hits = []
    for row in rows:
        person = names.get(row["assignee"])
        label, key = (str(person), str(person.public_id)) if person else (_("nobody yet"), "-")
        hits.append(_hits(row, label, {"assignee": key}))
    return _sorted(hits)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of results."""

    code: str
    title: str
    what: str
    rows: tuple[Hits, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The page of results."""

    overall: Hits
    tables: tuple[Table, ...]


def tables(user: Any, since: dt.date | None, *, on: dt.date) -> Results:
    """What came of all rows put on since a day, cut in three ways."""
    found = rows_since(user, since)
    return Results(
        overall(found, on=on),
        (
            Table("list", _("By list"), _("Target list"), by_list(found, on=on)),
            Table("source", _("By source"), pgettext("target list", "Source"), by_source(found, on=on)),
            Table("person", _("By person"), pgettext("who knocks", "Person"), by_person(found, on=on)),
        ),
    )


PERIODS = {"": gettext_lazy("since the beginning"), "year": gettext_lazy("this year"), "quarter": gettext_lazy("last three months")}


def since(params: Mapping[str, Any], *, on: dt.date) -> dt.date | None:
    """The first day of the period asked for; None for all."""
    match params.get("period", ""):
        case "year":
            return on.replace(month=1, day=1)
        case "quarter":
            return on - dt.timedelta(days=91)
    return None


def cut(found: ListedFirmQuerySet, params: Mapping[str, Any]) -> ListedFirmQuerySet:
    """Rows cut to what a figure of a result counts: list, segment, board, way in which the list was made, nobody's, since a day."""
    if is_uuid(params.get("list", "")):
        found = found.filter(list__public_id=params["list"])
    asked = {name: params[name].replace("\x00", "") for name in ("segment", "chain", "board", "origin") if name in params}
    if "segment" in asked:
        found = found.filter(segment="" if asked["segment"] == "-" else asked["segment"])
    if "chain" in asked:
        found = found.filter(chain=asked["chain"])
    if "board" in asked:
        found = found.filter(board=asked["board"])
    if asked.get("origin"):
        found = found.filter(list__origin=asked["origin"])
    if params.get("assignee") == "-":
        found = found.filter(assignee=None)
    if day := _day(params.get("since", "")):
        found = found.filter(put_on_at__date__gte=day)
    return found


def narrowed(params: Mapping[str, Any], user: Any) -> str:
    """What rows are cut to, in words; "" where they are not."""
    words = []
    if is_uuid(params.get("list", "")):
        found = TargetList.objects.visible_to(user).filter(public_id=params["list"]).first()
        words += [found.title] if found else []
    if params.get("segment") and params["segment"] != "-":
        words.append(segment_name(params.get("chain", ""), params["segment"]))
    if params.get("origin"):
        words.append(str(ORIGINS.get(params["origin"], params["origin"])))
    if params.get("board"):
        words.append(board_name(params["board"]))
    if params.get("assignee") == "-":
        words.append(_("nobody yet"))
    if day := _day(params.get("since", "")):
        words.append(_("put on since %(day)s") % {"day": day})
    return " · ".join(words)


def is_uuid(text: str) -> bool:
    """Whether a text is the public id of something."""
    try:
        return bool(text) and bool(uuid.UUID(text))
    except ValueError:
        return False


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _sorted(hits: Iterable[Hits]) -> tuple[Hits, ...]:
    return tuple(sorted(hits, key=lambda one: (-one.lead_firms, -one.contacted_firms, -one.firms, one.label)))
