"""What the office itself knows of a firm: further names, relations, yearly figures, people, and its history in words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.engine.firms import FirmProfile
from wutong.engine.list_files import NAME, USCC, Field
from wutong.rulebook import load
from wutong.rulebook.load import Measure
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms import rules
from wutong.web.firms.models import RELATION_KINDS, FirmName, Person, Position, Relation, YearlyFigure, YearlyFigureQuerySet
from wutong.web.firms.queries.standing import address_of, rulebook
from wutong.web.firms.rules import BOTH_WAYS, RelationKind
from wutong.web.lib import money
from wutong.web.lib.access import is_chinese

MOST_YEARS = 5
MOST_EVENTS = 40
LARGEST_FIGURE = 1e14
"""What a list may say, in the unit shown; a typed figure has as many digits."""
FIGURE_NEEDS = (NAME.name, USCC.name)
"""A row of a list of figures needs one of these."""
FROM_THE_OTHER = {
    RelationKind.SUPPLIES: gettext_lazy("buys from"),
    RelationKind.SHAREHOLDER_OF: gettext_lazy("has as shareholder"),
    RelationKind.CONTROLS: gettext_lazy("is controlled by"),
}


def figure_fields() -> tuple[Field, ...]:
    """The columns of a list of figures: who, which year, and one column a measure in the unit shown."""
    year = Field("year", ("年度", "年份", "数据年度"), is_needed=True, read=int, expected=_("a year such as 2025"))
    measures = tuple(
        Field(
            row.id,
            (row.name.zh, f"{row.name.zh}({row.shown.zh})", row.name.en),
            read=_percent if row.shown.zh == "%" else _number,
            expected=_("a number in %(unit)s") % {"unit": row.shown.zh},
        )
        for row in rulebook().measures.values()
    )
    return (NAME, USCC, year, *measures)


def _percent(text: str) -> str:
    """A number of per cent, with the sign or without."""
    return _number(text.strip().removesuffix("%").removesuffix("％"))


def _number(text: str) -> str:
    said = text.replace(",", "").strip()
    if not math.isfinite(float(said)) or abs(float(said)) >= LARGEST_FIGURE:
        raise ValueError(text)
    return said


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation as it reads from this firm. `is_ours`: the reader may take it back."""

    public_id: Any
    word: str
    other: str
    address: str
    known_on: dt.date
    ended_on: dt.date | None
    source: str
    unit: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a year in the unit shown; `others`: the same year and measure from other sources."""

    public_id: Any
    value: Decimal
    is_estimated: bool
    source: str
    unit: str
    is_ours: bool
    others: int


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One measure over the years. Shape: `cells` one entry a year of the table, None where nobody noted one."""

    name: str
    unit: str
    digits: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at the firm; telephone and e-mail masked. `days_left`: until the row must be renewed or erased."""

    public_id: Any
    name: str
    title: str
    phone: str
    email: str
    purpose: str
    basis: str
    retain_until: dt.date
    days_left: int
    unit: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the firm on a day, in words."""

    on: dt.date
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """All that stands on a firm's page beside the registry."""

    names: tuple[FirmName, ...]
    ties: tuple[Tie, ...]
    years: tuple[int, ...]
    figures: tuple[FigureRow, ...]
    figures_total: int
    contacts: tuple[Contact, ...]
    events: tuple[Event, ...]


def notes(firm: FirmProfile, user: Any, *, on: dt.date) -> Notes:
    """What the person may see of it."""
    names = tuple(FirmName.objects.visible_to(user).filter(firm__firm_id=firm.firm_id).select_related("unit"))
    relations = relations_of(firm.firm_id, user)
    ties = tuple(_tie(row, firm.firm_id, user) for row in relations)
    found = figures_of(firm.firm_id, user)
    years = tuple(sorted({row.year for row in found}, reverse=True)[:MOST_YEARS])
    events = sorted([*_registry_events(firm), *_office_events(names, ties)], key=lambda event: event.on, reverse=True)
    contacts = contacts_of(firm.firm_id, user, on=on)
    return Notes(names, ties, years, tuple(_figure_rows(found, years, user)), len(found), contacts, tuple(events[:MOST_EVENTS]))


def relations_of(firm_id: str, user: Any) -> Sequence[Relation]:
    """Relations of a firm, both ways."""
    rows = Relation.objects.visible_to(user).filter(Q(firm__firm_id=firm_id) | Q(other__firm_id=firm_id))
    return list(rows.select_related("firm", "other", "unit"))


def figures_of(firm_id: str, user: Any) -> Sequence[YearlyFigure]:
    """Yearly figures of a firm, the newest year first; in a year the newest note first."""
    return list(YearlyFigure.objects.visible_to(user).filter(firm__firm_id=firm_id).select_related("unit"))


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One line of the list of figures, in the unit shown."""

    public_id: Any
    year: int
    name: str
    shown_in: str
    digits: int
    value: Decimal
    is_estimated: bool
    source: str
    unit: str
    noted_at: dt.datetime
    is_ours: bool


def figures_list(firm_id: str, user: Any) -> YearlyFigureQuerySet:
    """The figures of a firm as a list that sorts and pages."""
    return YearlyFigure.objects.visible_to(user).filter(firm__firm_id=firm_id).select_related("unit")


def line_of(row: YearlyFigure, user: Any) -> FigureLine:
    """A figure as the list shows it; a measure that the rulebook knows no more stands under its id."""
    measure = rulebook().measures.get(row.measure) or _unknown(row.measure)
    name, unit = measure_words(measure)
    return FigureLine(
        row.public_id, row.year, name, unit, measure.digits, shown(measure, row.value), row.is_estimated, row.source, str(row.unit),
        row.noted_at, is_ours(row, user),
    )  # fmt: skip


def _unknown(measure: str) -> Measure:
    return Measure.model_validate({"id": measure, "name": {"zh": measure, "en": measure}, "shown": {"zh": "—", "en": "—"}})


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person's page: contact data, masked unless revealed, and the positions."""

    phone: str
    email: str
    is_revealed: bool
    days_left: int
    positions: tuple[Position, ...]


def person_page(person: Person, *, on: dt.date, is_revealed: bool = False) -> PersonPage:
    """What the page of a person shows."""
    phone, email = (person.phone, person.email) if is_revealed else (rules.masked(person.phone), rules.masked(person.email))
    return PersonPage(phone, email, is_revealed, (person.retain_until - on).days, tuple(person.positions.select_related("firm")))


def retained_until(day: dt.date) -> dt.date:
    """Until when somebody noted on that day is kept unless a shorter time is set."""
    return rules.years_later(day, rulebook().number("personal.retention_years", day))


def people_of(firm_id: str, user: Any) -> Sequence[Position]:
    """Who is known there, those in office first."""
    rows = Position.objects.visible_to(user).filter(firm__firm_id=firm_id)
    return list(rows.select_related("person", "person__unit").order_by("ends_on", "person__name", "pk"))


def contacts_of(firm_id: str, user: Any, *, on: dt.date) -> tuple[Contact, ...]:
    """The same as contacts: telephone and e-mail masked."""
    return tuple(_contact(row, on) for row in people_of(firm_id, user))


def told_of_firm(user: Any, action: str, changes: dict[str, Any]) -> dict[str, Any] | None:
    """What a reader is told of an entry in a firm's history: of a confidential figure that there is one, not how much."""
    if action in ("firms.repoint", "journal.repoint"):  # entries of earlier versions name firms by numbers that say nothing
        told = {key: changes.get(key) for key in ("model", "from", "moved", "dropped")}
        return {key: value for key, value in told.items() if value and (key != "from" or isinstance(value, str))}
    if changes.get("measure") and changes["measure"] not in rules.open_measures():
        changes = {key: value for key, value in changes.items() if key in ("year", "measure")}
    if "measure" in changes:
        known = load.rulebook().measures.get(str(changes["measure"])) or _unknown(str(changes["measure"]))
        name, unit = measure_words(known)
        changes = {**changes, "measure": f"{name} ({unit})"}
        if isinstance(value := changes.get("value"), dict):
            changes["value"] = {key: _amount(known, text) for key, text in value.items()}
        elif value is not None:
            changes["value"] = _amount(known, value)
    return changes


def _amount(measure: Measure, value: Any) -> str | None:
    return None if value is None else money.number(shown(measure, Decimal(str(value))), 2)


def told_of_person(user: Any, action: str, changes: dict[str, Any]) -> dict[str, Any] | None:
    """What a reader is told of an entry in a person's history: telephone and e-mail masked as on the person's page."""
    told = dict(changes)
    for name in ("phone", "email"):
        if isinstance(value := told.get(name), dict):
            told[name] = {key: rules.masked(text) if text else text for key, text in value.items()}
    if any(key not in ("firm", "fields", "reason") for key in told):
        told.pop("fields", None)  # the fields speak for themselves
    return told


_REVERSED = ":reversed"


def relation_choices() -> list[tuple[str, str]]:
    """Every kind of relation as it reads from a firm: what is not alike both ways is there twice, once from either side."""
    found = []
    for kind in RelationKind:
        found.append((kind.value, relation_word(kind)))
        if kind not in BOTH_WAYS:
            found.append((kind.value + _REVERSED, relation_word(kind, is_from_other=True)))
    return found


def relation_choice(text: str) -> tuple[str, bool]:
    """The kind of a choice, and whether the other firm is the one that it is read from."""
    return text.removesuffix(_REVERSED), text.endswith(_REVERSED)


def relation_word(kind: str, *, is_from_other: bool = False) -> str:
    """How a relation reads from the one firm, or from the other."""
    code = RelationKind(kind)
    return str(FROM_THE_OTHER[code] if is_from_other and code not in BOTH_WAYS else RELATION_KINDS[code])


def measure_words(measure: Measure) -> tuple[str, str]:
    """A measure's name and the unit shown, in the language of the page."""
    return (measure.name.zh, measure.shown.zh) if is_chinese() else (measure.name.en, measure.shown.en)


def shown(measure: Measure, value: Decimal) -> Decimal:
    """A value kept, in the unit shown."""
    return value / Decimal(str(measure.factor))


def is_ours(row: Any, user: Any) -> bool:
    """Whether a person may change a note: his unit, or one that he reaches, made it."""
    return bool(user.may(Permission.FIRMS_EDIT, replace(row.unit.target(), owner_id=row.noted_by_id)))


def _tie(row: Relation, firm_id: str, user: Any) -> Tie:
    is_from_other = row.other.firm_id == firm_id
    other = row.firm if is_from_other else row.other
    word = relation_word(row.kind, is_from_other=is_from_other)
    return Tie(
        row.public_id, word, other.name, address_of(other.firm_id), row.known_on, row.ended_on, row.source, str(row.unit),
        is_ours(row, user),
    )  # fmt: skip


def _figure_rows(found: Sequence[YearlyFigure], years: Sequence[int], user: Any) -> Iterator[FigureRow]:
    for measure in rulebook().measures.values():
        mine = [row for row in found if row.measure == measure.id]
        if not mine:
            continue
        name, unit = measure_words(measure)
        cells = (_cell([row for row in mine if row.year == year], measure, user) for year in years)
        yield FigureRow(name, unit, measure.digits, tuple(cells))


def _cell(rows: Sequence[YearlyFigure], measure: Measure, user: Any) -> Cell | None:
    """The newest note; a figure that is measured stands before one that is estimated."""
    if not rows:
        return None
    row = min(rows, key=lambda item: item.is_estimated)
    value = shown(measure, row.value)
    return Cell(row.public_id, value, row.is_estimated, row.source, str(row.unit), is_ours(row, user), len(rows) - 1)


def _contact(row: Position, on: dt.date) -> Contact:
    person = row.person
    return Contact(
        person.public_id, person.name, row.title, rules.masked(person.phone), rules.masked(person.email), person.get_purpose_display(),
        person.get_basis_display(), person.retain_until, (person.retain_until - on).days, str(person.unit),
    )  # fmt: skip


def _registry_events(firm: FirmProfile) -> Iterable[Event]:
    if firm.registered_on:
        yield Event(firm.registered_on, _("Registered in %(place)s") % {"place": firm.place or "—"})
    for branch in firm.branches:
        if branch.registered_on:
            yield Event(branch.registered_on, _("Branch registered: %(name)s") % {"name": branch.name}, address_of(branch.firm_id))


def _office_events(names: Iterable[FirmName], ties: Iterable[Tie]) -> Iterable[Event]:
    for name in names:
        if name.until_on:
            yield Event(name.until_on, _("Gave up the name “%(name)s” (%(source)s)") % {"name": name.name, "source": name.source})
    for tie in ties:
        values = {"relation": tie.word, "other": tie.other, "source": tie.source}
        yield Event(tie.known_on, _("Known: %(relation)s %(other)s (%(source)s)") % values, tie.address)
        if tie.ended_on:
            yield Event(tie.ended_on, _("Ended: %(relation)s %(other)s") % values, tie.address)
