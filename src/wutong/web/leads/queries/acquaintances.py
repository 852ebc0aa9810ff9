"""Who knows whom by the office's own records: relations, knocks, progress, contacts, what settled here, whom we serve; as links of a graph.

Of all of it each process keeps the bare numbers (ends, day, record, and the `gate`: the list, lead or person that decides who may know),
part by part, and reads a part again as soon as its stamp changes: counts and sums over the columns that make it. Whose graph it is says
`of`: the shared numbers without what the person may not see, which is asked of `visible_to` anew for every answer. So nobody waits for a
withdrawn consent to be noticed. What a page says of a record is read once more (`paths`), as the person may see it.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db.models import CharField, Count, F, Max, Q, Sum
from django.db.models.functions import Cast

from wutong.engine import columns
from wutong.engine.columns import UNDATED
from wutong.engine.graph import Graph
from wutong.engine.links import LeftOut, LinkKind, Links, NodeKind, Numbers
from wutong.engine.warehouse import Warehouse
from wutong.web.accounts.models import User
from wutong.web.firms.models import Firm, Person, Position, Relation
from wutong.web.firms.queries import own
from wutong.web.firms.rules import Basis, Purpose
from wutong.web.leads.models import Knock, Lead, Progress, RowChange, TargetList
from wutong.web.leads.rules.leads import LeadState
from wutong.web.leads.rules.lists import ChangeKind, How, Result, is_contact

Ints = npt.NDArray[np.int64]
GRAPHS_KEPT = 6
REACHED = [result.value for result in Result if is_contact(result)]
FACE_TO_FACE = {How.VISIT.value, How.MEETING.value}


class Of(IntEnum):
    """Of what record a link is."""

    BRANCH = 0
    RELATION = 1
    KNOCK = 2
    PROGRESS = 3
    POSITION = 4
    SETTLED = 5
    SERVED = 6


class End(IntEnum):
    """What stands at the end of a link; with its number it makes the code of a node, by which nodes are ordered and ties are broken."""

    FIRM = 0
    FIRM_NOT_BUILT = 1
    UNIT = 2
    USER = 3
    PERSON = 4


SPAN = 1 << 40
GATES = {Of.KNOCK: "list", Of.PROGRESS: "lead", Of.SETTLED: "lead", Of.POSITION: "person", Of.SERVED: "served"}
"""What decides who may know of a link; whoever may read the registry knows the others."""


@dataclass(frozen=True, eq=False)
class Part:
    """The links of one kind of record. Shape: one entry a link in every array; `record` and `gate` are keys, 0 where there is none."""

    of: Of
    first: Ints
    second: Ints
    kind: LinkKind
    day: npt.NDArray[np.int32]
    record: Ints
    gate: Ints
    kinds: npt.NDArray[np.uint8] | None = None
    is_remote: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, eq=False)
class Known:
    """The graph of one person on a day. Shape: `codes` one entry a node, ascending; `of` and `record` one entry a link.

    `left_out`: what no path may use; `own_links`: how many links of the office's records are in it.
    """

    graph: Graph
    numbers: Numbers
    codes: Ints
    of: npt.NDArray[np.uint8]
    record: Ints
    own_links: int

    def node(self, code: int) -> int | None:
        """The number of a node; None where nobody knows it."""
        at = int(np.searchsorted(self.codes, code))
        return at if at < len(self.codes) and int(self.codes[at]) == code else None

    @property
    def left_out(self) -> LeftOut:
        """Links that no path may use, by reason."""
        return self.graph.left_out


_lock = Lock()
_parts: dict[tuple[Any, ...], tuple[Any, Any]] = {}
_graphs: OrderedDict[tuple[Any, ...], Known] = OrderedDict()


def forget() -> None:
    """Read everything again when it is next asked for."""
    with _lock:
        _parts.clear()
        _graphs.clear()
        _met.clear()


def code(end: End, number: Any) -> Any:
    """The code of a node, or of many."""
    return end * SPAN + number


def end_of(node_code: int) -> tuple[End, int]:
    """What a code stands for: kind and number."""
    return End(node_code // SPAN), node_code % SPAN


def _kept(name: str, stamp: tuple[Any, ...], read: Callable[[], Any]) -> Any:
    """What was read under this stamp, or is read now."""
    key = (name, str(settings.DATABASES["default"].get("NAME", "")))
    with _lock:
        held = _parts.get(key)
    if held is not None and held[0] == stamp:
        return held[1]
    found = read()
    with _lock:
        _parts[key] = (stamp, found)
    return found


def _stamp(rows: Any, *figures: Any) -> tuple[Any, ...]:
    told = rows.order_by().aggregate(count=Count("pk"), last=Max("pk"), **{f"f{number}": figure for number, figure in enumerate(figures)})
    return tuple(str(value) for value in told.values())


# --- what is read -----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class _Firms:
    """The node of every firm that was taken on. Shape: both arrays by key of the firm, ascending."""

    keys: Ints
    codes: Ints

    def of(self, keys: Ints) -> Ints:
        """The codes of some firms."""
        return self.codes[np.searchsorted(self.keys, keys)] if len(keys) else keys


def _firms(build: Warehouse) -> tuple[tuple[Any, ...], _Firms]:
    merged = Sum("merged_into_id", default=0)
    stamp = (build.info.build_id, *_stamp(Firm.objects.all(), merged))
    return stamp, _kept("firms", stamp, lambda: _read_firms(build))


def _read_firms(build: Warehouse) -> _Firms:
    rows = list(Firm.objects.order_by("pk").values_list("pk", "firm_id", "merged_into_id"))
    keys = np.array([row[0] for row in rows], np.int64)
    into = {row[0]: row[2] for row in rows if row[2] is not None}
    ids = {row[0]: row[1] for row in rows}
    frame = columns.of(build).frame
    numbers = columns.with_ids(build, tuple(ids.values())).tolist() if ids else []
    known = dict(zip(frame["firm_id"].gather(numbers).to_list(), numbers, strict=True)) if numbers else {}
    found = []
    for key in keys.tolist():
        standing = key
        while standing in into:
            standing = into[standing]
        number = known.get(ids[standing])
        found.append(code(End.FIRM, number) if number is not None else code(End.FIRM_NOT_BUILT, standing))
    return _Firms(keys, np.array(found, np.int64))


def _array(rows: Sequence[tuple[Any, ...]], place: int) -> Ints:
    return np.array([row[place] for row in rows], np.int64)


def _days(texts: Sequence[Any]) -> npt.NDArray[np.int32]:
    """Days since 1970-01-01 of days, or of moments as the database writes them (their day at Greenwich)."""
    told = np.array([str(text)[:10] if text else "NaT" for text in texts], dtype="datetime64[D]")
    numbers = told.astype(np.int64)
    return np.where(np.isnat(told), UNDATED, numbers).astype(np.int32)


def _branches(build: Warehouse) -> Part:
    merged = own.merged()
    return _kept("branches", (build.info.build_id, *sorted(merged.items())), lambda: _read_branches(build, merged))


def _read_branches(build: Warehouse, merged: Mapping[str, str]) -> Part:
    """Branches and their parents, both as the firm that they turned out to be."""
    known = columns.of(build)
    rows = np.flatnonzero(known.parent != columns.NONE)
    standing = np.arange(len(known.parent), dtype=np.int64)
    for gone, kept in columns.pairs(build, merged):
        standing[gone] = kept
    first, second = standing[rows], standing[known.parent[rows]]
    return Part(Of.BRANCH, first, second, LinkKind.BRANCH_OF, known.day[rows], rows.astype(np.int64), np.zeros(len(rows), np.int64))


def _relations(firms: _Firms, day: dt.date) -> Part:
    open_ = Relation.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day)).order_by("pk")
    rows = list(open_.values_list("pk", "firm_id", "other_id", "kind", "known_on"))
    kinds = np.array([LinkKind[row[3].upper()] for row in rows], np.uint8)
    first, second = (firms.of(_array(rows, place)) for place in (1, 2))
    nothing = np.zeros(len(rows), np.int64)
    return Part(Of.RELATION, first, second, LinkKind.SUPPLIES, _days([row[4] for row in rows]), _array(rows, 0), nothing, kinds)


@dataclass(frozen=True, slots=True)
class _Met:
    """The newest contact of each colleague, firm (its key), list and way: its key and moment. Read up to a knock, under a stamp."""

    stamp: tuple[Any, ...]
    count: int
    last: int
    newest: dict[tuple[int, int, int, bool], tuple[int, str]]


_met: dict[str, _Met] = {}


def _moved() -> tuple[Any, ...]:
    """Changes when a row goes to another list."""
    return _stamp(RowChange.objects.filter(kind=ChangeKind.TRANSFERRED))


def _contacts() -> _Met:
    """What is known of knocks; those that came since are read on, all of them where one corrects another or went."""
    merged = _stamp(Firm.objects.filter(merged_into__isnull=False), Sum("merged_into_id", default=0))
    key, stamp = str(settings.DATABASES["default"].get("NAME", "")), (_moved(), merged)
    with _lock:
        held = _met.get(key)
    if held is None or held.stamp != stamp:
        held = _Met(stamp, 0, 0, {})
    newer = Knock.objects.filter(pk__gt=held.last)
    now = Knock.objects.order_by().aggregate(count=Count("pk"), last=Max("pk"))
    text = Cast("made_at", CharField())
    rows = list(newer.order_by("pk").values_list("pk", "row__firm_id", "row__list_id", "by_id", "how", text, "result", "corrects_id"))
    if held.count and (held.count + len(rows) != now["count"] or any(row[7] is not None for row in rows)):
        with _lock:
            _met.pop(key, None)
        return _contacts()
    corrected = {row[7] for row in rows}
    newest = dict(held.newest)
    for pk, firm, of_list, by, how, made, result, _corrects in rows:
        if result in REACHED and pk not in corrected:
            way = (by, firm, of_list, how in FACE_TO_FACE)
            newest[way] = max(newest.get(way, (0, "")), (pk, made), key=lambda one: (one[1], one[0]))
    found = _Met(stamp, held.count + len(rows), rows[-1][0] if rows else held.last, newest)
    with _lock:
        _met[key] = found
    return found


def _knocks(firms: _Firms, day: dt.date) -> Part:
    """Of one colleague, firm and list the newest contact of each way alone: that is what they know each other by."""
    rows = [(*ends, *record) for ends, record in _contacts().newest.items()]
    is_remote = np.array([not row[3] for row in rows], np.bool_)
    return Part(
        Of.KNOCK, code(End.USER, _array(rows, 0)), firms.of(_array(rows, 1)), LinkKind.MET, _days([row[5] for row in rows]),
        _array(rows, 4), _array(rows, 2), is_remote=is_remote,
    )  # fmt: skip


def _progress(firms: _Firms, day: dt.date) -> Part:
    """Of one colleague and lead the newest progress alone."""
    standing = Progress.objects.filter(correction=None, lead__firm__isnull=False, by__isnull=False).order_by("done_on", "pk")
    newest: dict[tuple[int, int, int], tuple[int, Any]] = {}
    for key, by, firm, lead, done in standing.values_list("pk", "by_id", "lead__firm_id", "lead_id", "done_on"):
        newest[by, firm, lead] = (key, done)
    rows = [(*ends, *record) for ends, record in newest.items()]
    return Part(
        Of.PROGRESS, code(End.USER, _array(rows, 0)), firms.of(_array(rows, 1)), LinkKind.MET, _days([row[4] for row in rows]),
        _array(rows, 3), _array(rows, 2),
    )  # fmt: skip


def _positions(firms: _Firms, day: dt.date) -> Part:
    now = Position.objects.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gt=day)).order_by("pk")
    rows = list(now.values_list("pk", "person_id", "firm_id", "person__consented_on"))
    return Part(
        Of.POSITION, code(End.PERSON, _array(rows, 1)), firms.of(_array(rows, 2)), LinkKind.EXECUTIVE_OF, _days([row[3] for row in rows]),
        _array(rows, 0), _array(rows, 1),
    )  # fmt: skip


def _settled(firms: _Firms, day: dt.date) -> Part:
    rows = list(
        Lead.objects.filter(state=LeadState.PROJECT, firm__isnull=False)
        .order_by("pk")
        .values_list("pk", "firm_id", "unit_id", "state_since")
    )
    return Part(
        Of.SETTLED, firms.of(_array(rows, 1)), code(End.UNIT, _array(rows, 2)), LinkKind.INVESTED_IN, _days([row[3] for row in rows]),
        _array(rows, 0), _array(rows, 0),
    )  # fmt: skip


def _served(firms: _Firms, day: dt.date) -> Part:
    """A unit serves a firm where it keeps a contact for that: the link is the unit's, the person does not stand in it."""
    kept = Position.objects.filter(person__purpose=Purpose.SERVICE, person__erased_at=None).order_by("pk")
    rows = list(kept.values_list("pk", "firm_id", "person__unit_id", "person__consented_on", "person_id"))
    return Part(
        Of.SERVED, firms.of(_array(rows, 1)), code(End.UNIT, _array(rows, 2)), LinkKind.SERVED_BY, _days([row[3] for row in rows]),
        _array(rows, 0), _array(rows, 4),
    )  # fmt: skip


READ: dict[str, tuple[Callable[[_Firms, dt.date], Part], Callable[[], tuple[Any, ...]]]] = {
    "relations": (
        _relations,
        lambda: _stamp(Relation.objects.all(), Max("noted_at"), Sum("firm_id", default=0), Sum("other_id", default=0)),
    ),
    "knocks": (
        _knocks,
        lambda: (*_stamp(Knock.objects.all()), *_moved()),
    ),
    "progress": (
        _progress,
        lambda: (
            *_stamp(Progress.objects.all(), Sum("lead_id", default=0), Sum("by_id", default=0)),
            *_stamp(Lead.objects.exclude(firm=None), Sum(F("firm_id") * F("id"), default=0)),
        ),
    ),
    "positions": (
        _positions,
        lambda: _stamp(Position.objects.all(), Sum(F("firm_id") * F("person_id"), default=0), Max("starts_on"), Max("ends_on")),
    ),
    "settled": (
        _settled,
        lambda: _stamp(
            Lead.objects.filter(state=LeadState.PROJECT), Sum(F("firm_id") * F("id"), default=0), Sum("unit_id", default=0),
            Max("state_since"),
        ),
    ),
    "served": (
        _served,
        lambda: _stamp(
            Position.objects.filter(person__purpose=Purpose.SERVICE, person__erased_at=None), Sum("firm_id", default=0),
            Sum("person__unit_id", default=0),
        ),
    ),
}  # fmt: skip


def parts(build: Warehouse, day: dt.date) -> tuple[tuple[Any, ...], tuple[Part, ...]]:
    """All links of the build and of the office's records, whoever may see them, with the stamp under which they were read."""
    of_firms, firms = _firms(build)
    stamps: list[Any] = [build.info.build_id]
    found = [_branches(build)]
    for name, (read, stamp_of) in READ.items():
        stamp = (day, of_firms, *stamp_of())
        stamps.append(stamp)
        found.append(_kept(name, stamp, lambda read=read: read(firms, day)))
    return tuple(stamps), tuple(found)


# --- whose it is ------------------------------------------------------------------------------------------------------------------------
def consenting(day: dt.date) -> Any:
    """People who agreed to be kept for introductions or promotion, as long as they may be."""
    purposes = (Purpose.INTRODUCTION, Purpose.PROMOTION)
    return Person.objects.filter(basis=Basis.CONSENT, purpose__in=purposes, retain_until__gt=day, erased_at=None)


def _open_gates(user: Any, found: Sequence[Part], day: dt.date) -> dict[str, Ints]:
    """The keys of lists, leads and people behind links that the person may know of, asked anew."""
    has = {part.of for part in found if len(part)}
    people = Person.objects.visible_to(user)
    asked = {
        "list": (Of.KNOCK in has, TargetList.objects.visible_to(user)),
        "lead": (bool({Of.PROGRESS, Of.SETTLED} & has), Lead.objects.visible_to(user).exclude(firm=None)),
        "person": (Of.POSITION in has, people & consenting(day)),
        "served": (Of.SERVED in has, people.filter(purpose=Purpose.SERVICE, retain_until__gt=day)),
    }
    nobody = np.zeros(0, np.int64)
    return {
        name: np.array(rows.order_by().values_list("pk", flat=True), np.int64) if is_asked else nobody
        for name, (is_asked, rows) in asked.items()
    }


def of(user: Any, build: Warehouse, rulebook: Any, day: dt.date) -> Known:
    """The graph of what a person may know on a day. The graphs of the last few are kept; people who may see the same share one."""
    stamps, found = parts(build, day)
    gates = _open_gates(user, found, day)
    active = np.array(User.objects.get_queryset().filter(is_active=True).order_by().values_list("pk", flat=True), np.int64)
    masks = [_mask(part, gates, active) for part in found]
    key = (*stamps, day, rulebook.hash, *(hash(mask.tobytes()) for mask in masks[1:]))
    with _lock:
        if (known := _graphs.pop(key, None)) is not None:
            _graphs[key] = known
            return known
    known = _graph(found, masks, rulebook, day)
    with _lock:
        _graphs[key] = known
        while len(_graphs) > GRAPHS_KEPT:
            _graphs.popitem(last=False)
    return known


def _mask(part: Part, gates: dict[str, Ints], active: Ints) -> npt.NDArray[np.bool_]:
    """Which links of a part a person may know of; who left cannot be asked any more."""
    gate = GATES.get(part.of)
    mask = np.isin(part.gate, gates[gate]) if gate else np.ones(len(part), np.bool_)
    if part.of in {Of.KNOCK, Of.PROGRESS}:
        mask &= np.isin(part.first, code(End.USER, active))
    return mask


def _graph(found: Sequence[Part], masks: Sequence[npt.NDArray[np.bool_]], rulebook: Any, day: dt.date) -> Known:
    """A graph of these links over the nodes that they name, and no others: of most firms of a registry nobody knows a thing."""
    numbers = Numbers.on(rulebook, day)
    remote = rulebook.number("introductions.remote_contact_share", day)
    ends = [np.concatenate([getattr(part, name)[mask] for part, mask in zip(found, masks, strict=True)]) for name in ("first", "second")]
    codes, places = np.unique(np.concatenate(ends), return_inverse=True)
    of_link = np.concatenate([np.full(int(mask.sum()), part.of, np.uint8) for part, mask in zip(found, masks, strict=True)])
    kinds = [
        (part.kinds[mask] if part.kinds is not None else np.full(int(mask.sum()), part.kind, np.uint8))
        for part, mask in zip(found, masks, strict=True)
    ]
    strengths = [
        np.where(part.is_remote[mask], remote, np.nan) if part.is_remote is not None else np.full(int(mask.sum()), np.nan)
        for part, mask in zip(found, masks, strict=True)
    ]
    links = Links(
        first=places[: len(ends[0])].astype(np.int32), second=places[len(ends[0]) :].astype(np.int32), kind=np.concatenate(kinds),
        source_no=np.arange(len(of_link), dtype=np.int32),
        known_day=np.concatenate([part.day[mask] for part, mask in zip(found, masks, strict=True)]),
        strength=np.concatenate(strengths).astype(np.float32), has_consent=np.ones(len(of_link), np.bool_),
    )  # fmt: skip
    node_kinds = np.array([NodeKind.FIRM, NodeKind.FIRM, NodeKind.ORGANISATION, NodeKind.PERSON, NodeKind.PERSON], np.uint8)
    graph = Graph.of(node_kinds[codes // SPAN], links, numbers, day)
    record = np.concatenate([part.record[mask] for part, mask in zip(found, masks, strict=True)])
    return Known(graph, numbers, codes, of_link, record, int((of_link != Of.BRANCH).sum()))
