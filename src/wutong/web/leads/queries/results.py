"""What came of the lists (清单成效): how many firms were knocked at, reached, and became leads; by list, by source, by person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.accounts.models import User
from wutong.web.leads.models import ORIGINS, ListedFirm, ListedFirmQuerySet, TargetList
from wutong.web.leads.queries import lists
from wutong.web.leads.queries.rows import board_name, chain_name, segment_name
from wutong.web.lib import access


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
    left_firms: int
    overdue_firms: int
    stale_firms: int
    address: str = ""

    @property
    def lead_share(self) -> float:
        """Leads by firms."""
        return self.lead_firms / self.firms if self.firms else 0.0


def rows_since(user: Any, since: dt.date | None) -> ListedFirmQuerySet:
    """Rows that the person may see, put on lists from a day on."""
    found = ListedFirm.objects.visible_to(user).on_list()
    return found.filter(put_on_at__gte=access.begins(since)) if since else found


FIGURES = (
    "firms", "knocked_firms", "contacted_firms", "lead_firms", "refused_firms", "open_firms", "left_firms",
    "overdue_firms", "stale_firms",
)  # fmt: skip


class Known(NamedTuple):
    """What the tables tell of a list."""

    public_id: uuid.UUID
    title: str
    origin: str
    state: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of one list, chain, segment, board and person, counted. Shape: one entry and one line of `figures` for these together;
    `figures` has a column for each of FIGURES.
    """

    cuts: list[tuple[int, str, str, str, int | None]]
    figures: npt.NDArray[np.int64]

    def summed(self, key: Callable[..., Any]) -> dict[Any, tuple[int, ...]]:
        """The figures of those that are one by a key."""
        number: dict[Any, int] = {}
        at = np.fromiter((number.setdefault(key(*cut), len(number)) for cut in self.cuts), dtype=np.int64, count=len(self.cuts))
        sums = np.zeros((len(number), len(FIGURES)), dtype=np.int64)
        np.add.at(sums, at, self.figures)
        return dict(zip(number, map(tuple, sums.tolist()), strict=True))


def counted(found: ListedFirmQuerySet, known: Mapping[int, Known], *, on: dt.date) -> Counted:
    """The rows counted once, by all by which the page cuts them; every table is summed from these.

    On closed lists nothing is worked on, on others nothing is left.
    """
    cuts = ("list", "chain", "segment", "board", "assignee")
    there = found.order_by().values(*cuts).annotate(**lists.row_counts(on)).values_list(*cuts, *FIGURES)
    rows = [row for row in there if row[0] in known]
    keep = {pk: [0 if name in lists.not_of(one.state) else 1 for name in FIGURES] for pk, one in known.items()}
    shape = (len(rows), len(FIGURES))
    figures = np.array([row[len(cuts) :] for row in rows], dtype=np.int64).reshape(shape)
    kept = np.array([keep[row[0]] for row in rows], dtype=np.int64).reshape(shape)
    return Counted([row[: len(cuts)] for row in rows], figures * kept)


def overall(rows: Counted) -> Hits:
    """All of them together."""
    return Hits(_("All lists"), "", *rows.figures.sum(axis=0).tolist())


def by_list(rows: Counted, known: Mapping[int, Known]) -> tuple[Hits, ...]:
    """One row a list, the most leads first."""
    hits, lists_page = [], reverse("leads:list")
    for pk, sums in rows.summed(lambda target, *_: target).items():
        one = known[pk]
        hits.append(Hits(one.title, f"list={one.public_id}", *sums, address=f"{lists_page}{one.public_id}/"))
    return _sorted(hits)


def by_source(rows: Counted, known: Mapping[int, Known]) -> tuple[Hits, ...]:
    """One row a source: segment of a chain and board of the ranking, else the way in which the list was made."""
    hits = []
    sources = rows.summed(lambda target, chain, segment, board, _: (chain, segment, board, known[target].origin))
    for (chain, segment, board, origin), sums in sources.items():
        words = [str(ORIGINS.get(origin, origin))]
        words += [f"{chain_name(chain)} › {segment_name(chain, segment)}"] if segment else []
        words += [board_name(board)] if board else []
        query = {"chain": chain, "segment": segment or "-", "origin": origin, "board": board}
        hits.append(Hits(" · ".join(words), urlencode(query), *sums))
    return _sorted(hits)


def by_person(rows: Counted) -> tuple[Hits, ...]:
    """One row a person to whom firms are assigned, and one for what nobody has."""
    held = rows.summed(lambda *cut: cut[-1])
    names = {person.pk: person for person in User.objects.get_queryset().filter(pk__in=[pk for pk in held if pk])}
    hits = []
    for pk, sums in held.items():
        person = names.get(pk)
        label, key = (str(person), str(person.public_id)) if person else (_("nobody yet"), "-")
        hits.append(Hits(label, f"assignee={key}", *sums))
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
    seen = TargetList.objects.visible_to(user).order_by().values_list("pk", *Known._fields)
    known = {pk: Known(*rest) for pk, *rest in seen}
    rows = counted(rows_since(user, since), known, on=on)
    return Results(
        overall(rows),
        (
            Table("list", _("By list"), _("Target list"), by_list(rows, known)),
            Table("source", _("By source"), pgettext("target list", "Source"), by_source(rows, known)),
            Table("person", _("By person"), pgettext("who knocks", "Person"), by_person(rows)),
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
        found = found.filter(put_on_at__gte=access.begins(day))
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
