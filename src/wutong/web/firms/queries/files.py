"""Lists about firms that come in from the pages: their columns, and what each row comes to, for the preview and the writing alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.engine import cleaning
from wutong.engine import firms as registry
from wutong.engine.list_files import NAME, USCC, Field
from wutong.web.firms import rules
from wutong.web.firms.models import BASES, NAME_KINDS, PURPOSES, Firm, FirmList, FirmName, Person, Position, Relation, YearlyFigure
from wutong.web.firms.queries import names, notes, tags
from wutong.web.firms.queries.standing import rulebook
from wutong.web.firms.rules import ListRefusal, Refusal
from wutong.web.lib import access, money, warehouse
from wutong.web.lib.exchange import Batch, SheetColumn, SheetRow, Verdict

NEEDED = (NAME.name, USCC.name)
"""Each row fills one of these."""
AT_ONCE = 500
KEPT_DIGITS = Decimal("0.000001")
EXPECTED = {
    Refusal.NO_SOURCE: gettext_lazy("where it stands"),
    Refusal.CONSENT_IN_FUTURE: gettext_lazy("a day that has come already"),
    Refusal.RETENTION_PAST: gettext_lazy("a day that has not come yet"),
    Refusal.RETENTION_TOO_LONG: gettext_lazy("an earlier day: the rulebook allows no longer keeping at a time"),
    Refusal.UNKNOWN_MEASURE: gettext_lazy("a measure of the rulebook"),
    Refusal.YEAR_OUT_OF_RANGE: gettext_lazy("a year from 1949 up to this one"),
    Refusal.NEGATIVE: gettext_lazy("zero or more"),
    Refusal.TOO_LARGE: gettext_lazy("a smaller value: this measure cannot be so large"),
    Refusal.NOT_WHOLE: gettext_lazy("a whole number"),
    Refusal.SAME_FIRM: gettext_lazy("another firm than the first one"),
    Refusal.ENDS_BEFORE_START: gettext_lazy("a day after the beginning"),
}
"""What a row would have to say instead of what the rules refuse."""
FIRM_EXPECTED = gettext_lazy("a firm of the registry, by its full or former name or its code")
OTHERS_NOTE = gettext_lazy("a note that your unit may change; another unit made this one")
FIELD_OF = {
    Refusal.YEAR_OUT_OF_RANGE: "year", Refusal.NO_SOURCE: "consent_source", Refusal.CONSENT_IN_FUTURE: "consented_on",
    Refusal.RETENTION_PAST: "retain_until", Refusal.RETENTION_TOO_LONG: "retain_until",
}  # fmt: skip


# --- how a cell is read ---------------------------------------------------------------------------------------------------------------
def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest or "\x00" in text:
            raise ValueError(text)
        return text

    return read


def _day(text: str) -> dt.date:
    found = cleaning.read_date(text)
    if found is None:
        raise ValueError(text)
    return found


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError(text) from error
    return _text(254)(text)


def _choice(choices: Callable[[], Iterable[tuple[Any, Any]]]) -> Callable[[str], str]:
    """The code of a choice that a cell names, in whichever language."""

    def read(text: str) -> str:
        wanted = text.strip().casefold()
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                for code, label in choices():
                    if wanted in {str(code), str(label).casefold()}:
                        return str(code)
        raise ValueError(text)

    return read


def _texts(choices: Callable[[], Iterable[tuple[Any, Any]]]) -> tuple[str, ...]:
    return tuple(str(label) for _code, label in choices())


_A_DAY = gettext_lazy("a day such as 2025-06-30")
_FROM_LIST = gettext_lazy("one of the words in the drop-down")
_SOURCE = Field("source", ("出处", "来源", "source"), read=_text(300), expected=gettext_lazy("text of at most 300 characters"))
_SOURCE_TOLD = gettext_lazy("Where it stands; empty: as said beside the file.")


def _firm_columns() -> tuple[SheetColumn, ...]:
    return (
        SheetColumn(
            NAME, gettext_lazy("Firm"), gettext_lazy("Full or former name; this or the credit code."), "梧桐精密机械有限公司", (), 36
        ),
        SheetColumn(USCC, gettext_lazy("Credit code"), gettext_lazy("This or the name of the firm."), "", (), 24),
    )


class _Named:
    """Which firm of the registry a row means; each name is looked up once."""

    def __init__(self) -> None:
        self._build, self._noted, self._found = warehouse.served(), names.further(), dict[tuple[str, str], str]()

    def of(self, row: SheetRow) -> str:
        """The firm of the row's code, else of its name; "" where there is none."""
        return self._ask(row.text("uscc"), row.text("name"))

    def called(self, text: str) -> str:
        """The firm of a code or a name."""
        return self._ask(text, "") or self._ask("", text)

    def _ask(self, uscc: str, name: str) -> str:
        if (uscc, name) not in self._found:
            self._found[uscc, name] = registry.named(self._build, uscc=uscc, name=name, noted=self._noted)
        return self._found[uscc, name]


def taken_on(firm_ids: Iterable[str]) -> dict[str, Firm]:
    """The rows of the firms that were taken on, by registry id; of one that turned out to be another, that other's."""
    ids, found = list(dict.fromkeys(firm_ids)), dict[str, Firm]()
    for start in range(0, len(ids), AT_ONCE):
        there = Firm.objects.filter(firm_id__in=ids[start : start + AT_ONCE]).select_related("merged_into")
        found |= {firm.firm_id: firm.standing for firm in there}
    return found


def _once(row: int) -> str:
    return _("each only once; row %(row)s names it too") % {"row": row}


def _bad(*found: tuple[str, Any]) -> Verdict:
    return Verdict("bad", tuple((name, str(expected)) for name, expected in found))


# --- yearly figures -------------------------------------------------------------------------------------------------------------------
def figure_columns(user: Any) -> tuple[SheetColumn, ...]:
    """Who, which year, and one column a measure in the unit shown, as `wutong figures import` reads them."""
    year, *measures = notes.figure_fields()[2:]
    known = rulebook().measures
    told = gettext_lazy("An empty cell says nothing; a figure noted before from the same source is corrected.")
    return (
        *_firm_columns(),
        SheetColumn(year, gettext_lazy("Year"), "", "2025", (), 10),
        *(SheetColumn(one, "{} ({})".format(*notes.measure_words(known[one.name])), told, "", (), 18) for one in measures),
    )


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What a row of a list of figures comes to. `figures`: measure, value in the unit kept, and the figure that is there already."""

    verdict: Verdict
    firm_id: str = ""
    year: int = 0
    figures: tuple[tuple[str, Decimal, YearlyFigure | None], ...] = ()


def figure_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any, on: dt.date) -> list[FigureRow]:
    """What each row comes to: its figures, those that are there from the same source beside them."""
    measures, named = rulebook().measures, _Named()
    ids = [named.of(row) for row in rows]
    firms = taken_on(filter(None, ids))
    there = YearlyFigure.objects.filter(source=given["source"], year__in={row.values["year"] for row in rows}).select_related("unit")
    known = {(one.firm_id, one.year, one.measure): one for one in there}
    seen: dict[tuple[str, int], int] = {}
    found = []
    for row, firm_id in zip(rows, ids, strict=True):
        year, said = int(row.values["year"]), [name for name in row.values if name in measures]
        firm = firms.get(firm_id)
        figures = [(name, _kept(row, name), known.get((firm.pk, year, name)) if firm else None) for name in said]
        wrong: list[tuple[str, Any]] = [] if firm_id else [("name", FIRM_EXPECTED)]
        if firm_id and (first := seen.setdefault((firm.firm_id if firm else firm_id, year), row.row)) != row.row:
            wrong.append(("name", _once(first)))
        wrong += [] if said else [("", _("at least one figure in the row"))]
        for name, value, old in figures:
            refused = rules.refusals_to_note_figure(measures[name], year=year, value=value, on=on)
            wrong += [(FIELD_OF.get(code, name), EXPECTED[code]) for code in refused]
            wrong += [(name, OTHERS_NOTE)] if old is not None and not notes.is_ours(old, by) else []
        told = row.text("name") or row.text("uscc")
        verdict = _bad(*dict.fromkeys(wrong)) if wrong else _verdict_of_figures(told, year, figures, given)
        found.append(FigureRow(verdict, firm_id, year, tuple(figures)))
    return found


def _kept(row: SheetRow, measure: str) -> Decimal:
    value = Decimal(row.text(measure)) * Decimal(str(rulebook().measures[measure].factor))
    return value.quantize(KEPT_DIGITS)


def is_same_figure(old: YearlyFigure, value: Decimal, given: Mapping[str, Any]) -> bool:
    """Whether a figure says already what a list says."""
    return old.value == value and old.is_estimated == given["is_estimated"]


def _verdict_of_figures(
    firm: str, year: int, figures: Sequence[tuple[str, Decimal, YearlyFigure | None]], given: Mapping[str, Any]
) -> Verdict:
    changes = []
    for name, value, old in figures:
        if old is not None and not is_same_figure(old, value, given):
            measure = rulebook().measures[name]
            word, unit = notes.measure_words(measure)
            was, new = (money.number(notes.shown(measure, one), measure.digits) for one in (old.value, value))
            changes.append((f"{firm} {year} · {word} ({unit})", was, new))
    if changes:
        return Verdict("changed", changes=tuple(changes))
    return Verdict("same" if all(old is not None for _name, _value, old in figures) else "new")


def judge_figures(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row of a list of yearly figures."""
    return [one.verdict for one in figure_rows(rows, given, by, access.today())]


# --- lists that give a tag ------------------------------------------------------------------------------------------------------------
def tag_columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of a list that gives a tag, as `wutong tags import` reads them."""
    said = {
        "name": (gettext_lazy("Firm"), gettext_lazy("Full name; any of the first four columns is enough."), "梧桐精密机械有限公司", 36),
        "short_name": (gettext_lazy("Short name"), gettext_lazy("What is not sure waits in the review queue."), "", 20),
        "former_name": (gettext_lazy("Former name"), gettext_lazy("Several with ; between them."), "", 28),
        "uscc": (gettext_lazy("Credit code"), "", "", 24),
        "rank": (gettext_lazy("Place on the list"), gettext_lazy("May be left empty."), "1", 10),
    }
    return tuple(
        SheetColumn(one, said[one.name][0], said[one.name][1], said[one.name][2], (), said[one.name][3]) for one in tags.LIST_FIELDS
    )


def judge_tags(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """Every row of a list is kept: sure ones give the tag, doubtful ones wait for a person, the rest is kept as not found."""
    return [Verdict("new") for _row in rows]


def refused_list(batch: Batch) -> str:
    """Why a file is not taken as a list of a tag: this very file is in already; "" where it may."""
    there = FirmList.objects.in_force().filter(tag=batch.given["tag"], file_sha256=batch.sha256)
    return str(tags.REFUSALS[ListRefusal.SAME_FILE]) if there.exists() else ""


# --- further names --------------------------------------------------------------------------------------------------------------------
def _name_kinds() -> Iterable[tuple[Any, Any]]:
    return ((kind.value, label) for kind, label in NAME_KINDS.items())


def name_columns(user: Any) -> tuple[SheetColumn, ...]:
    """Whose, of which kind, what, until when, and where it stands."""
    kind = Field("kind", ("名称类别", "类别", "kind of name"), is_needed=True, read=_choice(_name_kinds), expected=_FROM_LIST)
    other = Field("other_name", ("其他名称", "曾用名或简称", "other name"), is_needed=True, read=_text(300), expected=_SOURCE.expected)
    until = Field("until_on", ("停用日期", "in use until"), read=_day, expected=_A_DAY)
    kinds = _texts(_name_kinds)
    return (
        *_firm_columns(),
        SheetColumn(kind, gettext_lazy("Kind of name"), "", kinds[0], kinds, 16),
        SheetColumn(other, gettext_lazy("Other name"), "", "梧桐精密机械厂", (), 36),
        SheetColumn(until, gettext_lazy("In use until"), gettext_lazy("May be left empty."), "2001-06-01", (), 14),
        SheetColumn(_SOURCE, gettext_lazy("Where it stands"), _SOURCE_TOLD, "", (), 30),
    )


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What a row of a list of names or relations comes to. `values`: of the note; `known`: the note that is there already."""

    verdict: Verdict
    firm_id: str = ""
    other_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    known: Any = None


def name_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[NoteRow]:
    """What each row comes to."""
    named = _Named()
    ids = [named.of(row) for row in rows]
    firms = taken_on(filter(None, ids))
    there = FirmName.objects.filter(name__in={row.values["other_name"] for row in rows}).select_related("unit")
    known = {(one.firm_id, one.kind, one.name): one for one in there}
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for row, firm_id in zip(rows, ids, strict=True):
        kind, name = row.text("kind"), row.text("other_name")
        firm = firms.get(firm_id)
        old = known.get((firm.pk, kind, name)) if firm else None
        values = {"until_on": row.values.get("until_on"), "source": row.text("source") or given["source"]}
        first = seen.setdefault((firm.firm_id if firm else firm_id, kind, name), row.row)
        if not firm_id:
            verdict = _bad(("name", FIRM_EXPECTED))
        elif first != row.row:
            verdict = _bad(("other_name", _once(first)))
        elif old is not None and not notes.is_ours(old, by):
            verdict = _bad(("other_name", OTHERS_NOTE))
        else:
            verdict = _verdict_of_note(f"{firm.name} · {name}" if firm else name, old, values)
        found.append(NoteRow(verdict, firm_id, "", values | {"kind": kind, "name": name}, old))
    return found


def _verdict_of_note(told: str, old: Any, values: Mapping[str, Any]) -> Verdict:
    if old is None:
        return Verdict("new")
    changes = tuple(
        (f"{told} · {old._meta.get_field(name).verbose_name}", str(getattr(old, name) or "—"), str(value or "—"))
        for name, value in values.items()
        if getattr(old, name) != value
    )
    return Verdict("changed", changes=changes) if changes else Verdict("same")


def judge_names(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row of a list of further names."""
    return [one.verdict for one in name_rows(rows, given, by)]


# --- relations ------------------------------------------------------------------------------------------------------------------------
def relation_columns(user: Any) -> tuple[SheetColumn, ...]:
    """Which firm belongs to which other one and how, since when, and where it stands."""
    kind = Field("kind", ("关系", "企业关系", "relation"), is_needed=True, read=_choice(notes.relation_choices), expected=_FROM_LIST)
    other = Field("other", ("对方企业", "对方企业名称", "other firm"), is_needed=True, read=_text(300), expected=FIRM_EXPECTED)
    known = Field("known_on", ("知悉日期", "起始日期", "known since"), is_needed=True, read=_day, expected=_A_DAY)
    ended = Field("ended_on", ("终止日期", "ended on"), read=_day, expected=_A_DAY)
    kinds = _texts(notes.relation_choices)
    return (
        *_firm_columns(),
        SheetColumn(kind, gettext_lazy("Relation"), gettext_lazy("Read from the firm to the other one."), kinds[0], kinds, 16),
        SheetColumn(other, gettext_lazy("Other firm"), gettext_lazy("By its full name or its credit code."), "梧桐电机有限公司", (), 36),
        SheetColumn(known, gettext_lazy("Known since"), "", "2025-06-30", (), 14),
        SheetColumn(ended, gettext_lazy("Ended on"), gettext_lazy("May be left empty."), "", (), 14),
        SheetColumn(_SOURCE, gettext_lazy("Where it stands"), _SOURCE_TOLD, "", (), 30),
    )


def relation_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[NoteRow]:
    """What each row comes to; a relation stands once a unit."""
    named = _Named()
    pairs = [(named.of(row), named.called(row.text("other"))) for row in rows]
    firms = taken_on(firm_id for pair in pairs for firm_id in pair if firm_id)
    there = Relation.objects.filter(unit=by.unit, firm__in=list({firm.pk for firm in firms.values()})).select_related("other")
    known = {(one.firm_id, one.other_id, one.kind): one for one in there}
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for row, pair in zip(rows, pairs, strict=True):
        kind, is_from_other = notes.relation_choice(row.text("kind"))
        first_id, other_id = pair[::-1] if is_from_other else pair
        keys = [firms[one].firm_id if one in firms else one for one in (first_id, other_id)]
        old = known.get((firms[first_id].pk, firms[other_id].pk, kind)) if {first_id, other_id} <= firms.keys() else None
        values = {
            "known_on": row.values["known_on"],
            "ended_on": row.values.get("ended_on"),
            "source": row.text("source") or given["source"],
        }
        refused = rules.refusals_to_relate(is_same=keys[0] == keys[1], **values)
        wrong: list[tuple[str, Any]] = [] if pair[0] else [("name", FIRM_EXPECTED)]
        wrong += [] if pair[1] else [("other", FIRM_EXPECTED)]
        if all(pair):
            wrong += [("ended_on" if code == Refusal.ENDS_BEFORE_START else "other", EXPECTED[code]) for code in refused]
            first = seen.setdefault((*keys, kind), row.row)  # type: ignore[arg-type]
            wrong += [("other", _once(first))] if first != row.row else []
        told = f"{row.text('name') or row.text('uscc')} · {row.text('other')}"
        verdict = _bad(*wrong) if wrong else _verdict_of_note(told, old, values)
        found.append(NoteRow(verdict, first_id, other_id, values | {"kind": kind}, old))
    return found


def judge_relations(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row of a list of relations."""
    return [one.verdict for one in relation_rows(rows, given, by)]


# --- people at firms ------------------------------------------------------------------------------------------------------------------
def _purposes() -> Iterable[tuple[Any, Any]]:
    return ((code.value, label) for code, label in PURPOSES.items())


def _bases() -> Iterable[tuple[Any, Any]]:
    return ((code.value, label) for code, label in BASES.items())


KEPT = ("purpose", "basis", "consent_source", "consented_on", "retain_until")
"""Why and until when a person is kept: said in the row, or else beside the file."""
CONTACT = ("phone", "email", "note")


def person_columns(user: Any) -> tuple[SheetColumn, ...]:
    """Who is what where, how to reach the person, and why and until when that may be kept."""
    beside = gettext_lazy("Empty: as said beside the file.")
    free = gettext_lazy("May be left empty.")
    purposes, bases = _texts(_purposes), _texts(_bases)

    def one(name: str, headers: tuple[str, ...], read: Callable[[str], Any], expected: Any, *, is_needed: bool = False) -> Field:
        return Field(name, headers, is_needed=is_needed, read=read, expected=expected)

    short, long = gettext_lazy("text of at most 100 characters"), gettext_lazy("text of at most 300 characters")
    return (
        *_firm_columns(),
        SheetColumn(one("person", ("姓名", "联系人", "person"), _text(100), short, is_needed=True),
                    gettext_lazy("Contact"), "", "张三", (), 14),
        SheetColumn(one("title", ("职务", "position"), _text(100), short, is_needed=True), gettext_lazy("Position"), "", "总经理", (), 14),
        SheetColumn(one("phone", ("电话", "手机", "联系电话", "telephone"), _text(40), gettext_lazy("text of at most 40 characters")),
                    gettext_lazy("Telephone"), free, "", (), 18),
        SheetColumn(one("email", ("电子邮箱", "邮箱", "email", "e-mail"), _email, gettext_lazy("an e-mail address")),
                    gettext_lazy("E-mail"), free, "", (), 26),
        SheetColumn(one("note", ("备注", "note"), _text(300), long), gettext_lazy("Note"), free, "", (), 26),
        SheetColumn(one("purpose", ("用途", "kept for"), _choice(_purposes), _FROM_LIST),
                    gettext_lazy("Kept for"), beside, "", purposes, 16),
        SheetColumn(one("basis", ("留存依据", "basis"), _choice(_bases), _FROM_LIST),
                    gettext_lazy("May be kept because"), beside, "", bases, 18),
        SheetColumn(one("consent_source", ("依据出处", "on record"), _text(300), long),
                    gettext_lazy("Where that is on record"), beside, "", (), 28),
        SheetColumn(one("consented_on", ("依据日期", "on record since"), _day, _A_DAY),
                    gettext_lazy("On record since"), beside, "", (), 14),
        SheetColumn(one("retain_until", ("留存至", "kept until"), _day, _A_DAY), gettext_lazy("Kept until"), beside, "", (), 14),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a row of a list of contacts comes to. `person`: the one to note, or who is noted already and gets a further position."""

    verdict: Verdict
    firm_id: str = ""
    title: str = ""
    person: Person | None = None


def person_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any, on: dt.date) -> list[PersonRow]:
    """What each row comes to. A name with the same telephone or e-mail is one person, who may stand at several firms."""
    named = _Named()
    ids = [named.of(row) for row in rows]
    firms = taken_on(filter(None, ids))
    there = Person.objects.visible_to(by).filter(unit=by.unit, name__in={row.text("person") for row in rows})
    people = _People(there)
    held = set(Position.objects.filter(person__in=there).values_list("person_id", "firm__firm_id", "title"))
    seen: dict[tuple[int, str, str], int] = {}
    found = []
    for row, firm_id in zip(rows, ids, strict=True):
        title = row.text("title")
        key = firms[firm_id].firm_id if firm_id in firms else firm_id
        person = people.of(row) or people.at(row, key, held)
        wrong: list[tuple[str, Any]] = [] if firm_id else [("name", FIRM_EXPECTED)]
        if person is None:
            person = _person(row, given)
            refused = rules.refusals_to_keep(person.facts(), on=on, rulebook=rulebook())
            wrong += [(FIELD_OF[code], EXPECTED[code]) for code in refused]
            if not wrong:
                people.add(person)
        elif others := [name for name in CONTACT if row.text(name) and row.text(name) != getattr(person, name)]:
            wrong += [(name, _("what is noted of this contact already; correct it on the contact's page")) for name in others]
        first = seen.setdefault((id(person), key, title), row.row)
        if not wrong and first != row.row:
            wrong.append(("person", _once(first)))
        is_there = person.pk is not None and (person.pk, key, title) in held
        found.append(PersonRow(_bad(*wrong) if wrong else Verdict("same" if is_there else "new"), firm_id, title, person))
    return found


def _person(row: SheetRow, given: Mapping[str, Any]) -> Person:
    why = {name: row.values.get(name) or given[name] for name in KEPT}
    return Person(name=row.text("person"), **{name: row.text(name) for name in CONTACT}, **why)


class _People:
    """People noted already, and those of rows above."""

    def __init__(self, there: Iterable[Person]) -> None:
        self._by_name: dict[str, list[Person]] = {}
        for person in there:
            self.add(person)

    def add(self, person: Person) -> None:
        """One more."""
        self._by_name.setdefault(person.name, []).append(person)

    def of(self, row: SheetRow) -> Person | None:
        """Who bears the row's name and its telephone or e-mail."""
        alike = self._by_name.get(row.text("person"), [])
        return next((one for one in alike if any(row.text(name) and row.text(name) == getattr(one, name) for name in CONTACT[:2])), None)

    def at(self, row: SheetRow, firm_id: str, held: set[tuple[int, str, str]]) -> Person | None:
        """Who bears the row's name and its title at its firm already."""
        alike = self._by_name.get(row.text("person"), [])
        return next((one for one in alike if (one.pk, firm_id, row.text("title")) in held), None)


def judge_people(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row of a list of contacts."""
    return [one.verdict for one in person_rows(rows, given, by, access.today())]
