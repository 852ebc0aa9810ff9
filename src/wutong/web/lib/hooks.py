"""What a room offers to the rooms below it, collected from the `hooks.py` of every installed room.

A room's `hooks.py` may define: NAVIGATION (entries of the side bar), ACTIONS (code of an audited action and its name), OWNED (foreign keys
to a person, and how a leaver's records are handed over), UNIT_OWNED (foreign keys to a unit, and how its records go to another), PANELS
(parts of another room's page), WORKLOAD (how much people carry), PERSONAL (personal data, declared), LIST_ACTIONS (buttons beside lists
of firms), FACTS (words for what audit entries tell), HISTORY (records that show their past in words, and on which things are noted),
DUTIES (what people owe and a room knows by itself: `lib.owed`), MERGE (what to repoint when two firms become one), ACROSS_UNITS (the only
answers about rows that the asker may not see), JOBS and PERIODIC (kinds of background jobs, and when they are due by the clock), CHECKS
(what the doctor looks at), GUARDS (triggers that it looks for: `lib.health`), SEARCH (records that the one search box finds),
RULES_IN_FORCE (what lies over the rulebook shipped), RULE_KINDS (kinds of rule documents), TRIALS (what they would change), IMPORTS and
EXPORTS (what batches can take in and give out), DEPENDS (what stands on imported rows), MARKS (what is told of firms wherever they are
listed), EVENTS (what other systems are told), WARM (read before the first question), TELL and ENQUEUE (how messages and jobs get to the
room that keeps them), OUTSIDE (names of the addresses that are open to people outside the office), COUNTINGS (figures of records below:
`lib.marks`), ERASED (what else goes when a person at a firm is erased), FILE_USES (what rests on files, which are not deleted so long as it
stands). docs/adr/0001-the-house.md says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, Protocol

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import CharField, Q, TextField
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the side bar and, by `phone` (1 first, 0 last), of the bar at the foot of a phone, which keeps most under “More”.

    `badge` names the address of a figure beside it, which a page asks for once it is there; `prefix` is a pattern of the addresses inside.
    """

    url_name: str
    label: Any  # lazy text
    icon: str
    permission: str
    group: Any  # lazy text
    order: int = 100
    phone: int = 0
    prefix: str = ""
    badge: str = ""
    is_here: bool = False

    @property
    def address(self) -> str:
        """Where it leads."""
        return reverse(self.url_name)

    def marked(self, path: str) -> NavItem:
        """The same entry, knowing whether `path` lies inside it."""
        return replace(self, is_here=re.match(self.prefix or self.address, path) is not None)


@dataclass(frozen=True, slots=True)
class Owned:
    """A foreign key to a person: what happens to such rows when the person leaves.

    `hand_over` is an action (`from_user=, to_user=, by=, at=`); None means the row stays as a record of the past, and `why` says so.
    `permission`: what whoever takes over must be permitted.
    """

    model: str
    field: str
    why: str
    hand_over: Callable[..., int] | None = None
    permission: str = ""

    @property
    def kind(self) -> str:
        """What the rows are, in words."""
        return str(apps.get_model(self.model)._meta.verbose_name_plural)

    @property
    def role(self) -> str:
        """What the person is in them, in words."""
        return str(apps.get_model(self.model)._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]

    def count(self, person: Any) -> int:
        """How many rows name the person."""
        return int(apps.get_model(self.model)._default_manager.filter(**{self.field: person}).count())


@dataclass(frozen=True, slots=True)
class UnitOwned:
    """A foreign key to a unit: what happens to such rows when the unit goes up in another.

    `is_moved`: they are the other unit's from then on, but for those of which the other has a twin already; otherwise they stay as records
    of the past. `only` narrows what goes: field look-ups and their values.
    """

    model: str
    field: str
    why: str
    is_moved: bool = False
    only: tuple[tuple[str, Any], ...] = ()

    @property
    def kind(self) -> str:
        """What the rows are, in words."""
        return str(apps.get_model(self.model)._meta.verbose_name_plural)

    def rows(self, unit: Any) -> Any:
        """The unit's rows that go."""
        return apps.get_model(self.model)._default_manager.filter(**{self.field: unit}, **dict(self.only))


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data that a model holds: which fields, for what purpose, why they may be kept, and for how long.

    `until`: the field with a row's last day; `unit`: the way to the unit that answers for it. `of_user`: the way from a row to its user
    ("" if the row is he); None for people outside the office, found by the look-ups `finds` and told the fields `more` too. `erasing`: how
    a person is erased, in words; `erasure`: in deed.
    """

    model: str
    fields: tuple[str, ...]
    purpose: Any  # lazy text
    basis: Any  # lazy text
    kept: Any  # lazy text
    erasing: Any  # lazy text
    until: str = ""
    unit: str = ""
    of_user: str | None = None
    erasure: Literal["deleted", "emptied", "stays"] | None = None
    finds: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    told: tuple[tuple[str, Any], ...] = ()  # look-ups that a row meets before its user is told of it

    @property
    def kind(self) -> str:
        """What the rows are, in words."""
        return str(apps.get_model(self.model)._meta.verbose_name_plural)

    def labels(self) -> tuple[str, ...]:
        """The fields in words."""
        return tuple(str(apps.get_model(self.model)._meta.get_field(name).verbose_name) for name in self.fields)  # type: ignore[union-attr]

    def held(self) -> Any:
        """Rows in which one of the fields is filled."""
        filled = Q()
        for name in self.fields:
            is_text = isinstance(apps.get_model(self.model)._meta.get_field(name), (CharField, TextField))
            filled |= ~Q(**{f"{name}__isnull": True}) & ~Q(**{name: ""}) if is_text else Q(**{f"{name}__isnull": False})
        return apps.get_model(self.model)._default_manager.filter(filled)

    def of(self, user: Any) -> Any:
        """The rows that are a user's own, and may be told to him."""
        return apps.get_model(self.model)._default_manager.filter(*self.told, **{self.of_user or "pk": user.pk})


@dataclass(frozen=True, slots=True)
class Workload:
    """How much of something people carry: `count` is a query (`user, people, on`) → person's key → number of open matters.

    It counts only what the asking `user` may see; `address` gives the page of the records behind a person's figure.
    """

    label: Any  # lazy text
    count: Callable[[Any, Any, Any], Mapping[int, int]]
    address: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of another room's page: shown on pages of `on` (a model label) by loading `url_name`."""

    on: str
    url_name: str
    label: Any
    permission: str
    order: int = 100


@dataclass(frozen=True, slots=True)
class ListAction:
    """What a room above offers wherever firms are listed: a button that posts the chosen firms to `url_name`.

    Shape of what is posted: `firm` (id in the registry, repeated); `found_at` (address of the page, with the question that gave the rows);
    `first` (how many from the top, where a ranked list is taken as it stands). The room below knows no more of it than that.
    """

    url_name: str
    label: Any  # lazy text
    icon: str
    permission: str
    order: int = 100

    @property
    def address(self) -> str:
        """Where it posts to."""
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class Fact:
    """What an audit entry tells under `key`, in words: a label and, for codes, their names. `action`: only for codes that begin so.

    Why: a field of the object has its label in the model; this is for all else that actions write down.
    """

    key: str
    label: Any  # lazy text
    values: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Comments, attachments and duties may stand on the records of a model; `address` says where a record's page is.

    `related`: what to read along with a record, so that its name costs no question. `is_shared`: every unit sees the record, so what
    is noted on it stays within reach of the unit that noted it. `kept`: the look-ups any of which makes a record confidential, so that
    messages and audit say its code name and no more; one that leads over an empty key makes none. Where a record is made by the first
    write about it, `take_on` makes it (`key=, by=, at=`) and `name_before` gives its name for a person and a key, "" where there is none.
    """

    address: Callable[[Any], str]
    related: tuple[str, ...] = ()
    is_shared: bool = False
    kept: tuple[str, ...] = ()
    take_on: Callable[..., Any] | None = None
    name_before: Callable[[Any, str], str] | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A model whose records show their history in words to whoever may see them (`visible_to`), found by the field `key`.

    `hidden`: actions that are nobody else's business (log-ins). `told` gives what this reader is told of an entry: from (reader, action,
    changes) the changes without what is confidential, personal data masked as on the record's page; None hides the entry.
    `noted`: what may be noted on the records beside. `also` (user, record) → (label, keys) of records whose past is its past too.
    """

    model: str
    hidden: tuple[str, ...] = ()
    told: Callable[[Any, str, dict[str, Any]], dict[str, Any] | None] | None = None
    also: Callable[[Any, Any], Iterable[tuple[str, Any]]] | None = None
    key: str = "public_id"
    noted: Noted | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """A foreign key to a firm: `repoint` is an action (`from_firm=, to_firm=, by=, at=`) for when two firms are one; None: rows stay.

    `also`: other rows that `repoint` changes, as (queryset, names of the fields or None for all) from (from_firm, to_firm), so that undoing
    finds them. `unit`: the way from a row to the unit that keeps it, "" where none does. `unspoken`: look-ups of rows of which nobody is
    told who may not see them. `alike`: of two rows that agree in these one stays. `address`: the page of a row. `of_label`: of a firm, for
    rows that name their record by label and public id.
    """

    model: str
    field: str
    why: str
    repoint: Callable[..., int] | None = None
    also: Callable[[Any, Any], Iterable[tuple[Any, tuple[str, ...] | None]]] | None = None
    unit: str = ""
    unspoken: tuple[tuple[str, Any], ...] = ()
    alike: tuple[str, ...] = ()
    address: Callable[[Any], str] | None = None
    of_label: str = ""

    @property
    def kind(self) -> str:
        """What the rows are, in words."""
        return str(apps.get_model(self.model)._meta.verbose_name_plural)

    def rows(self, *firms: Any) -> Any:
        """The rows that name one of some firms."""
        named = {"model": self.of_label, f"{self.field}__in": [firm.public_id for firm in firms]} if self.of_label else None
        return apps.get_model(self.model)._default_manager.filter(**(named or {f"{self.field}__in": firms})).order_by("pk")


Spans = tuple[tuple[int, int], ...]


def _cut(text: str, spans: Spans) -> tuple[tuple[str, bool], ...]:
    """A text in pieces, each with whether it fits what somebody looks for."""
    found, at = [], 0
    for begin, end in spans:
        found += [(text[at:begin], False), (text[begin:end], True)]
        at = end
    return tuple(piece for piece in (*found, (text[at:], False)) if piece[0])


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that fits what somebody looks for. `spans`: what of the name fits; `detail`: what tells it from others of that name.

    `other` is the name by which it was found, where that is not the name it bears, and `other_spans` what fits of it.
    """

    name: str
    address: str
    detail: str = ""
    spans: Spans = ()
    other: str = ""
    other_spans: Spans = ()

    @classmethod
    def named(cls, found: Any, name: str, address: str, detail: str = "") -> Hit:
        """From what `engine.name_search` found: where that is not the name that the record bears, it says by which name it was."""
        if found.name == name:
            return cls(name, address, detail, found.spans)
        return cls(name, address, detail, (), found.name, found.spans)

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The name in pieces."""
        return _cut(self.name, self.spans)

    @property
    def other_pieces(self) -> tuple[tuple[str, bool], ...]:
        """The other name in pieces."""
        return _cut(self.other, self.other_spans)


@dataclass(frozen=True, slots=True)
class Hits:
    """Some of the records of one kind that fit, best first, and how many there are. `note`: what to know of how they were found."""

    rows: tuple[Hit, ...] = ()
    total: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class SearchKind:
    """Records that the one search box finds. `search` is a query (`user, text, begin, size`) that applies `visible_to`.

    `own_list`: the room's own list, from the text, for whoever wants filters and columns; "" where there is none.
    """

    code: str
    label: Any  # lazy text
    icon: str
    permission: str
    search: Callable[[Any, str, int, int], Hits]
    own_list: Callable[[str], str] | None = None
    order: int = 100


@dataclass(frozen=True, slots=True)
class AcrossUnits:
    """A function that answers about rows which the asker may not see, and with these fields only.

    `answer` is an action (keyword-only, `by=, at=`): it asks for `permission`, leaves the entry `action` in the audit chain at each call,
    and returns a tuple of a frozen dataclass that has exactly `fields`.
    """

    answer: Callable[..., tuple[Any, ...]]
    purpose: Any  # lazy text
    permission: str
    fields: tuple[str, ...]
    action: str


class Running(Protocol):
    """What a background job knows of itself and tells of itself while it runs."""

    @property
    def job_id(self) -> int:
        """The job's key."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What was asked for: ids and plain values."""

    @property
    def by(self) -> Any:
        """Who asked; None where the system did."""

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""

    @property
    def reached(self) -> Any:
        """How far an earlier attempt got, as `fenced(reached=…)` left it; None at the beginning."""

    def step(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say how far it is; cheap, so call it often. Ends the function where the worker has to stop."""

    def line(self, text: str) -> None:
        """Write a line into the job's log."""

    def is_cancelled(self) -> bool:
        """Whether somebody wants the job to stop; cheap."""

    def stop_if_cancelled(self) -> None:
        """End the function here if somebody wants it."""

    def fenced(self, *, reached: Any = None, result: Mapping[str, Any] | None = None) -> AbstractContextManager[None]:
        """A transaction for what the job writes, committed with `reached` (or the end, with `result`) by the attempt that counts only."""


class JobFault(Exception):  # noqa: N818
    """A job failed for a reason that the person who asked can read; `is_final`: another attempt would fail alike."""

    def __init__(self, text: str, *, is_final: bool = True) -> None:
        super().__init__(text)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of background job. `run` stands in the room's tasks.py and gets a `Running`; what it returns is kept as the result (JSON).

    `attempts`: how often it may be begun; more than once only where a broken-off attempt does no harm, which `Running.fenced` makes so.
    `permission`: what whoever asks must hold, when asking and still when it begins. `address`: where the result lies, from the arguments
    and the result; "" for nowhere.
    """

    code: str
    label: Any  # lazy text
    run: Callable[[Running], Mapping[str, Any] | None]
    permission: str = ""
    attempts: int = 1
    address: Callable[[Mapping[str, Any], Mapping[str, Any]], str] | None = None


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that is due by the clock: every so many minutes, or once a day from an hour of the office's time on.

    `when`: whether there is anything to do; where it says no, no job is written, and it is asked again until the time is over.
    """

    kind: str
    every_minutes: int | None = None
    at_hour: int | None = None
    when: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A kind of rule document (规则文件种类) that a bureau writes itself, and who may do what with it.

    `holds`: whether it may hold a leaf of that name; `may_add`: also leaves that the rulebook shipped lacks. `why_not` says in words why a
    leaf that it does not hold changes by another way; "" where it is none of its business.
    """

    code: str
    label: Any  # lazy text
    holds: Callable[[str], bool]
    edit: str
    approve: str
    may_add: bool = False
    why_not: Callable[[str], Any] | None = None


@dataclass(frozen=True, slots=True)
class TriedPart:
    """One table of what a rule document would change. Shape of a row: one text a column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """What a room works out before and after a rule document (试算): `run(before, after, user, on, choice)`.

    `before` and `after` give the rulebook to ask, laid over the one that the room goes by; `on` is the day on which all changes hold.
    `leaves`: beginnings of the names of the leaves that it rests on. `choices`: (value, label) pairs to choose from for a user; None where
    there is nothing to choose. It counts only what the user may see.
    """

    code: str
    label: Any  # lazy text
    leaves: tuple[str, ...]
    run: Callable[..., tuple[TriedPart, ...]]
    choices: Callable[[Any], tuple[tuple[str, str], ...]] | None = None


def collect(name: str) -> tuple[Any, ...]:
    """Everything that installed rooms list under `name`, in the order of INSTALLED_APPS."""
    found: list[Any] = []
    for app in apps.get_app_configs():
        if app.name.startswith("wutong.") and find_spec(f"{app.name}.hooks"):
            found.extend(getattr(import_module(f"{app.name}.hooks"), name, ()))
    return tuple(found)


def enqueue(**job: Any) -> Any:
    """Ask for a background job (`kind arguments by at`) through the room that keeps them, which stands above who asks; returns the job."""
    (ask,) = collect("ENQUEUE")
    return ask(**job)


def tell(**message: Any) -> None:
    """Write a message to a person (`to key words by at address`) through the room that carries messages, which stands above who tells."""
    for carry in collect("TELL"):
        carry(**message)


@cache
def navigation() -> tuple[NavItem, ...]:
    """All entries of the side bar, in order, grouped."""
    return tuple(sorted(collect("NAVIGATION"), key=lambda item: item.order))


@cache
def open_outside() -> frozenset[str]:
    """Names of all addresses that somebody outside the office may open; whatever is not named here stays closed to him."""
    return frozenset(collect("OUTSIDE"))


@cache
def list_actions() -> tuple[ListAction, ...]:
    """All buttons beside lists of firms, in order."""
    return tuple(sorted(collect("LIST_ACTIONS"), key=lambda item: item.order))


@cache
def search_kinds() -> tuple[SearchKind, ...]:
    """Everything that the search box looks through, in order."""
    return tuple(sorted(collect("SEARCH"), key=lambda kind: kind.order))


@cache
def action_names() -> dict[str, Any]:
    """Audited actions by code, each with its name as lazy text."""
    return dict(collect("ACTIONS"))


@cache
def job_kinds() -> dict[str, JobKind]:
    """Kinds of background jobs by code."""
    return {kind.code: kind for kind in collect("JOBS")}


@cache
def periodic() -> tuple[Periodic, ...]:
    """What is due by the clock."""
    return collect("PERIODIC")


@cache
def rule_kinds() -> dict[str, RuleKind]:
    """Kinds of rule documents by code."""
    return {kind.code: kind for kind in collect("RULE_KINDS")}


@cache
def rule_trials() -> dict[str, RuleTrial]:
    """What a rule document can be tried on, by code."""
    return {trial.code: trial for trial in collect("TRIALS")}


@cache
def _facts() -> tuple[Fact, ...]:
    return tuple(sorted(collect("FACTS"), key=lambda fact: len(fact.action), reverse=True))


def fact(key: str, action: str) -> Fact | None:
    """The words for what an entry of an action tells under a key; those for the longest beginning of the action's code first."""
    return next((one for one in _facts() if one.key == key and action.startswith(one.action)), None)


@cache
def pasts() -> dict[str, Past]:
    """Models whose records show their history, by label."""
    return {past.model: past for past in collect("HISTORY")}


def noted() -> dict[str, Past]:
    """Models on whose records something may be noted, by label."""
    return {label: past for label, past in pasts().items() if past.noted is not None}


def record_of(user: Any, past: Past, key: str) -> Any:
    """The record of a key, for somebody who may see it; None where there is none, or it is not his to see."""
    if not user.is_authenticated or "\x00" in key:  # PostgreSQL takes no NUL
        return None
    rows = apps.get_model(past.model)._default_manager.all().visible_to(user)  # type: ignore[attr-defined]
    try:
        return rows.filter(**{past.key: key}).first()
    except ValidationError:  # the key is no UUID
        return None
