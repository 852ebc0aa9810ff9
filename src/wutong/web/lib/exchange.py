"""What rooms take in from files, give out as files and tell other systems: IMPORTS, EXPORTS, DEPENDS and EVENTS of their hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from wutong.web.lib import hooks, spreadsheets


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of an import. `field`: an `engine.list_files.Field` (name, headers, how it is read, whether it is needed).

    `choices`: what a cell may say, for the drop-down of the template; `example`: what the template's example row says.
    """

    field: Any
    label: Any  # lazy text
    explained: Any = ""  # lazy text
    example: str = ""
    choices: tuple[str, ...] = ()
    width: int = 20


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of an imported file. `row`: as an editor numbers it; `values`: what was read of each field that is not empty."""

    row: int
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field as text; "" where it is empty."""
        return str(self.values.get(name, ""))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of a row: "new", "changed", "same" (it stands already as it is) or "bad".

    `found`: of a bad row, what was expected of which field; `changes`: of a changed record (what, old, new).
    `waits`: of what it would make something would wait for a person's decision, as far as that can be told before. `remarks`: what is
    right but needs a look, of which field.
    """

    kind: str
    found: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    waits: bool = False
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a row made, or changed: then `was` holds what the changed fields held before, by attribute, as JSON can say it."""

    row: int
    record: Any
    was: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a piece of rows: records in the order of their making, what was left out (row, field, expected), notes to keep."""

    made: tuple[Made, ...]
    left: tuple[tuple[int, str, str], ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """An import as the room that writes its rows sees it.

    `notes`: what `write` kept of the pieces before; `rows`: how many rows are to be written in all.
    """

    file: str
    sha256: str
    given: Mapping[str, Any]
    notes: Mapping[str, Any]
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Importing:
    """What a room can take in from a file, by pieces.

    `columns` (user) → columns; `any_of`: fields of which each row fills at least one; `key`: fields that name a row, each once in a file;
    `judge` is a query (`rows, given, by`) → a `Verdict` a row, for a piece of rows at once; `write` an action (`rows, batch, by, at`) →
    `Written`, which judges again; `makes`: labels of the models whose rows it makes or changes. `form`: asks what a file does not say,
    made as `form(data, user=…)`. `address` (notes) → where the records stand, "" for nowhere. `is_judged_whole`: a row may name what a
    row far above makes, so that all rows of a file are judged at once. `may_not_return` (label, key → former values) → (key, why) of
    records that an undo may not give back what they held. `faults` (rows, given, by) → what else is wrong, a tuple a row as a verdict has
    it: asked of rows of which a cell cannot be read, which `judge` does not see. `address_for` (notes, user) → in place of `address`, where
    it is not the same for everybody. `refused` (batch) → why a file may not come in at all, "" where it may. `is_grown`: the file is no
    template filled in but a ledger that grew (`engine.ledger_layout`). `split` (cells, columns) → the rows that one row stands for.
    `columns_for` (user, given) → in place of `columns` for a file, where what the form beside it says makes further ones.
    """

    code: str
    label: Any  # lazy text
    about: Any  # lazy text
    permission: str
    columns: Callable[[Any], tuple[SheetColumn, ...]]
    judge: Callable[..., Any]
    write: Callable[..., Written]
    makes: tuple[str, ...]
    address: Callable[[Mapping[str, Any]], str]
    any_of: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    form: Any = None
    icon: str = "table"
    is_judged_whole: bool = False
    may_not_return: Callable[[str, Mapping[int, Mapping[str, Any]]], tuple[tuple[int, str], ...]] | None = None
    refused: Callable[[Batch], str] | None = None
    faults: Callable[..., Any] | None = None
    address_for: Callable[[Mapping[str, Any], Any], str] | None = None
    is_grown: bool = False
    split: Callable[[list[str], Mapping[str, int]], list[list[str]]] | None = None
    columns_for: Callable[[Any, Mapping[str, Any]], tuple[SheetColumn, ...]] | None = None

    def columns_of(self, user: Any, given: Mapping[str, Any]) -> tuple[SheetColumn, ...]:
        """The columns of a file, as far as what the form beside it says makes them."""
        return self.columns_for(user, given) if self.columns_for else self.columns(user)

    def opens(self, notes: Mapping[str, Any], user: Any) -> str:
        """Where the records stand that a person is led to, "" for nowhere."""
        return self.address_for(notes, user) if self.address_for else self.address(notes)


@dataclass(frozen=True, slots=True)
class Depends:
    """What stands on imported rows without a foreign key: `find` (label, keys) → (key, what stands on it in words).

    Foreign keys are found without being named.
    """

    find: Callable[[str, tuple[int, ...]], tuple[tuple[int, str], ...]]


@dataclass(frozen=True, slots=True)
class Exporting:
    """A list that can be exported in the background, as the person who asks may see it.

    `count` and `rows` (user, query string as a QueryDict) → number and rows; `columns` (user) → columns; `notes` as `rows` → lines that
    explain. `action`: the code that the audit entry bears. `title` (user, query) → name of the file. `is_open` as `rows` → whether this
    person may have just this list; None where the permission says it all.
    """

    code: str
    label: Any  # lazy text
    permission: str
    title: Callable[[Any, Any], str]
    columns: Callable[[Any, Any], Any]
    rows: Callable[[Any, Any], Any]
    action: str
    object_type: str = ""
    notes: Callable[[Any, Any], Any] | None = None
    is_open: Callable[[Any, Any], bool] | None = None

    def may_have(self, user: Any, query: Any) -> bool:
        """Whether a person may have the list that a query string asks for. An empty permission is everybody's."""
        return (not self.permission or bool(user.may(self.permission))) and (self.is_open is None or self.is_open(user, query))


def at_once(request: HttpRequest, code: str) -> Any:
    """The file of an export of this kind, with the query of the page; `row_count` is for the audit entry that whoever calls leaves."""
    one, given = exportings()[code], (request.user, request.GET)
    notes = tuple(one.notes(*given)) if one.notes else ()
    return spreadsheets.download(one.title(*given), one.columns(*given), one.rows(*given), notes=notes)


@cache
def importings() -> dict[str, Importing]:
    """What can be taken in from files, by code."""
    return {one.code: one for one in hooks.collect("IMPORTS")}


@cache
def exportings() -> dict[str, Exporting]:
    """What can be exported in the background, by code."""
    return {one.code: one for one in hooks.collect("EXPORTS")}


@cache
def depends() -> tuple[Depends, ...]:
    """What stands on imported rows without a foreign key."""
    return hooks.collect("DEPENDS")


# --- what other systems are told --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Event:
    """Something that other systems may be told of (事件): the code of an audited action, and the model of the record that it is about.

    A receiver is told only where the person of its subscription may see the record (`visible_to`). `page` (record) → where a person opens
    it; `details` (record) → where the API gives its details, "" where it does not; `unit`: the way from the record to its unit, "" where
    it has none.
    """

    action: str
    model: str
    page: Callable[[Any], str]
    details: Callable[[Any], str] = lambda record: ""
    unit: str = ""

    @property
    def name(self) -> Any:
        """The action in words."""
        return hooks.action_names()[self.action]


def about(
    model: str, *actions: str, page: Callable[[Any], str], details: Callable[[Any], str] = lambda record: "", unit: str = ""
) -> tuple[Event, ...]:
    """The events of several actions about records of one model."""
    return tuple(Event(action, model, page, details, unit) for action in actions)


@cache
def events() -> dict[str, Event]:
    """All that other systems may be told of, by the code of the action."""
    return {event.action: event for event in hooks.collect("EVENTS")}


MOST_CHOICES = 10


def _one_of(choices: Mapping[Any, Any] | Sequence[Any]) -> str:
    words = tuple(choices.values()) if isinstance(choices, Mapping) else choices
    named = _(", ").join(map(str, words[:MOST_CHOICES]))
    return (_("one of: %(choices)s and others") if len(words) > MOST_CHOICES else _("one of: %(choices)s")) % {"choices": named}


one_of = lazy(_one_of, str)
"""What a cell may say, in the reader's language: some of these words."""


def choice_of(words: Mapping[Any, Any]) -> Callable[[str], str]:
    """Reads the code of a choice that a cell names, by its code or its label in any language. Raises: ValueError where it names none."""

    def read(text: str) -> str:
        wanted = text.strip().casefold()
        for language, _called in settings.LANGUAGES:
            with translation.override(language):
                for code, label in words.items():
                    if wanted in {str(code), str(label).casefold()}:
                        return str(code)
        raise ValueError(text)

    return read
