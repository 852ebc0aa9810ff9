"""What came of the lists (清单成效): how many firms were knocked at, reached, and became leads; by line, unit, list, source and person."""

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
from wutong.web.accounts.models.units import named
from wutong.web.leads.models import LINES, ORIGINS, ListedFirm, ListedFirmQuerySet, TargetList
from wutong.web.leads.queries import lists
from wutong.web.leads.queries.rows import board_name, chain_name, in_segment, segment_name
from wutong.web.leads.rules.lists import Line
from wutong.web.lib import access


@dataclass(frozen=True, slots=True)
class Hits:
    """What came of some rows. `query` opens them; `line`: whose they are, in words. `knock_times`: knocks at them."""

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
    knock_times: int
    address: str = ""
    line: str = ""

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
    "overdue_firms", "stale_firms", "knock_times",
)  # fmt: skip


class Known(NamedTuple):
    """What the tables tell of a list."""

    public_id: uuid.UUID
    title: str
    origin: str
    state: str
    line: str
    unit: uuid.UUID
    unit_zh: str
    unit_en: str

    @property
    def line_words(self) -> str:
        """Which of the two lines it serves."""
        return str(LINES[Line(self.line)])


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


def by_line(rows: Counted, known: Mapping[int, Known]) -> tuple[Hits, ...]:
    """One row a line: a share over both would compare what the assessment counts with what it does not."""
    sums = rows.summed(lambda target, *_: known[target].line)
    return tuple(Hits(str(words), f"line={line}", *sums[line], line=str(words)) for line, words in LINES.items() if line in sums)


def by_unit(rows: Counted, known: Mapping[int, Known], scope: str) -> tuple[Hits, ...]:
    """One row a unit whose lists the person may see, by its own lists alone: those of units below it stand in rows of their own."""
    names = {one.unit: named(one.unit_zh, one.unit_en) for one in known.values()}
    units = rows.summed(lambda target, *_: known[target].unit)
    return _sorted(Hits(names[unit], f"own_unit={unit}", *sums, line=scope) for unit, sums in units.items())


def by_list(rows: Counted, known: Mapping[int, Known]) -> tuple[Hits, ...]:
    """One row a list, the most leads first."""
    hits, lists_page = [], reverse("leads:list")
    for pk, sums in rows.summed(lambda target, *_: target).items():
        one = known[pk]
        hits.append(Hits(one.title, f"list={one.public_id}", *sums, address=f"{lists_page}{one.public_id}/", line=one.line_words))
    return _sorted(hits)


def by_source(rows: Counted, known: Mapping[int, Known], scope: str) -> tuple[Hits, ...]:
    """One row a source: segment of a chain and board of the ranking, else the way in which the list was made."""
    hits = []
    sources = rows.summed(lambda target, chain, segment, board, _: (chain, segment, board, known[target].origin))
    for (chain, segment, board, origin), sums in sources.items():
        words = [str(ORIGINS.get(origin, origin))]
        words += [f"{chain_name(chain)} › {segment_name(chain, segment)}"] if segment else []
        words += [board_name(board)] if board else []
        of_chain = {"segment": f"{chain}/{segment}"} if segment else {"chain": chain, "segment": "-"}
        query = {**of_chain, "origin": origin, "board": board}
        hits.append(Hits(" · ".join(words), urlencode(query), *sums, line=scope))
    return _sorted(hits)


def by_person(rows: Counted, scope: str) -> tuple[Hits, ...]:
    """One row a person to whom firms are assigned, and one for what nobody has."""
    held = rows.summed(lambda *cut: cut[-1])
    names = {person.pk: person for person in User.objects.get_queryset().filter(pk__in=[pk for pk in held if pk])}
    hits = []
    for pk, sums in held.items():
        person = names.get(pk)
        label, key = (str(person), str(person.public_id)) if person else (_("nobody yet"), "-")
        hits.append(Hits(label, f"assignee={key}", *sums, line=scope))
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
    """The page of results. `scope`: which lines are counted, in words."""

    overall: Hits
    scope: str
    tables: tuple[Table, ...]


def tables(user: Any, since: dt.date | None, *, on: dt.date, line: str = "") -> Results:
    """What came of all rows put on since a day, of one line or of both, cut in five ways."""
    seen = TargetList.objects.visible_to(user).order_by()
    columns = ("pk", "public_id", "title", "origin", "state", "line", "unit__public_id", "unit__name_zh", "unit__name_en")
    known = {pk: Known(*rest) for pk, *rest in (seen.filter(line=line) if line else seen).values_list(*columns)}
    rows, scope = counted(rows_since(user, since), known, on=on), line_words(line)
    return Results(
        overall(rows),
        scope,
        (
            Table("line", _("By line"), _("Line"), by_line(rows, known)),
            Table("unit", _("By unit"), _("Unit"), by_unit(rows, known, scope)),
            Table("list", _("By list"), _("Target list"), by_list(rows, known)),
            Table("source", _("By source"), pgettext("target list", "Source"), by_source(rows, known, scope)),
            Table("person", _("By person"), pgettext("who knocks", "Person"), by_person(rows, scope)),
        ),
    )


def line_of(params: Mapping[str, Any]) -> str:
    """The line asked for; "" for both."""
    return params["line"] if params.get("line") in set(Line) else ""


def line_words(line: str) -> str:
    """Which lines are counted."""
    return str(LINES[Line(line)]) if line else _("both lines together")


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
    """Rows cut to what a figure of a result counts: line, unit, list, segment, board, origin of the list, nobody's, since a day."""
    for name, way in (("list", "public_id"), ("own_unit", "unit__public_id")):
        if is_uuid(params.get(name, "")):
            found = found.filter(list__in=TargetList.objects.filter(**{way: params[name]}).order_by().values("pk"))
    asked = {name: params[name].replace("\x00", "") for name in ("segment", "chain", "board", "origin") if name in params}
    if asked.get("segment"):
        found = in_segment(found, asked["segment"])
    if "chain" in asked:
        found = found.filter(chain=asked["chain"])
    if "board" in asked:
        found = found.filter(board=asked["board"])
    if asked.get("origin"):
        found = found.filter(list__origin=asked["origin"])
    if line := line_of(params):
        found = found.filter(list__in=TargetList.objects.filter(line=line).order_by().values("pk"))
    if params.get("assignee") == "-":
        found = found.filter(assignee=None)
    if day := _day(params.get("since", "")):
        found = found.filter(put_on_at__gte=access.begins(day))
    return found


CUTS = {
    "list": gettext_lazy("Target list"), "own_unit": gettext_lazy("Unit"), "chain": gettext_lazy("Chain"), "board": gettext_lazy("Board"),
    "origin": gettext_lazy("Made from"), "since": gettext_lazy("Put on since"),
}  # fmt: skip


def cut_words(name: str, value: str, user: Any) -> str:
    """What a figure of a result cuts rows to beside what a filter offers, in words; "" where it says nothing."""
    match name:
        case "list" | "own_unit" if is_uuid(value):
            seen = TargetList.objects.visible_to(user).select_related("unit")
            one = seen.filter(**{"public_id" if name == "list" else "unit__public_id": value}).first()
            return "" if one is None else one.title if name == "list" else one.unit.name
        case "chain":
            return chain_name(value) if value else ""
        case "board":
            return board_name(value)
        case "origin":
            return str(ORIGINS.get(value, value))
    return value


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
