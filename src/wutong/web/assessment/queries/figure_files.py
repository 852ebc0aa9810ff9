"""Figures of a scheme as a sheet (手工填报数据): units × facts, written out as they stand and taken in filled."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.engine.list_files import Field, Unlike
from wutong.engine.mapping import plain
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.scoring import facts
from wutong.web.accounts.models import NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import STANDINGS, FactEntry, Member, Scheme
from wutong.web.assessment.queries import members, pages, refusals
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.runs import Measures, Refusal, Standing, ValueState
from wutong.web.lib.access import is_chinese
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict

LABEL = pgettext_lazy("import", "Figures of assessment entered by hand")
MISSING = ("缺失", "缺报", "missing")
NOT_APPLICABLE = ("不适用", "not applicable", "n/a")
PREFIX = "fact:"
UNIT, SOURCE, REASON = ("单位", "unit", "姓名", "name"), ("数据来源", "source"), ("更正原因", "reason of correction")
_A_UNIT = gettext_lazy("a unit or person that the scheme measures, by name")
_TEXT = gettext_lazy("text of at most 300 characters")


def schemes_to_fill(user: Any) -> Any:
    """The schemes for which a person may enter figures: those that he edits, and those that measure a unit for which he answers."""
    if not user.may(Permission.ASSESSMENT_VIEW):
        return Scheme.objects.filter(NOTHING)
    units = Unit.objects.filter(within(user, Permission.ASSESSMENT_ANSWER, unit=""))
    answered = Member.objects.filter(Q(person=None, unit__in=units) | Q(person=user.pk) | _led(user)).values("scheme")
    found = Scheme.objects.visible_to(user).filter(Q(pk__in=answered) | within(user, Permission.ASSESSMENT_EDIT))
    return found.order_by("-pk").distinct()


def _led(user: Any) -> Q:
    """Persons for whom one answers as who leads them."""
    answers, leads = (within(user, one) for one in (Permission.ASSESSMENT_ANSWER, Permission.ASSESSMENT_VIEW_PERSONS))
    return Q(person__isnull=False) & answers & leads


def head(told: Declared, *, zh: bool) -> str:
    """The title of a fact with its unit of measure, as the head of its column."""
    title = told.zh if zh else told.en
    measure = (told.unit.zh if zh else told.unit.en) if told.unit else ""
    if told.kind == "number" and told.unit and not measure:
        measure = told.unit.code if told.unit.code != "number" else ""
    return title if not measure else f"{title}（{measure}）" if zh else f"{title} ({measure})"


# --- columns ----------------------------------------------------------------------------------------------------------------------------
def _short(text: str) -> str:
    if len(text.strip()) > 300:
        raise ValueError(text)
    return text.strip()


def _fixed() -> tuple[SheetColumn, SheetColumn, SheetColumn]:
    text: dict[str, Any] = {"read": _short, "expected": _TEXT}
    return (
        SheetColumn(Field("unit", UNIT, is_needed=True, read=_short, expected=_A_UNIT), _("Unit"), "", "", (), 24),
        SheetColumn(
            Field("source", SOURCE, **text), pgettext("figure", "Where it comes from"),
            gettext_lazy("The document and its number; where it is empty, what is said beside the file."), "", (), 30,
        ),
        SheetColumn(
            Field("reason", REASON, **text), pgettext("figure", "Why it is corrected"),
            gettext_lazy("Needed where a figure of that day stands already and is another now."), "", (), 30,
        ),
    )  # fmt: skip


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns that every scheme has; each fact of a scheme is one more, in the sheet that the scheme gives."""
    return _fixed()


def columns_for(user: Any, given: Mapping[str, Any]) -> tuple[SheetColumn, ...]:
    """The columns of a scheme's sheet: a fact is known by its title, with its unit of measure or without, and by its name in the rule."""
    unit, source, reason = _fixed()
    found = pages.facts_to_fill(given["scheme"], [given["standing"]])
    titles = Counter(title for one in found.values() for title in (one.zh, one.en))
    made = [_of_fact(one, titles) for one in found.values()]
    return (unit, *made, source, reason)


def _of_fact(told: Declared, titles: Mapping[str, int]) -> SheetColumn:
    clear = [title for title in (told.zh, told.en) if titles[title] == 1 or told.zh == told.en]
    headers = tuple(dict.fromkeys((head(told, zh=True), head(told, zh=False), *clear, told.name)))
    expected = _expected(told)
    one = Field(f"{PREFIX}{told.name}", headers, read=reader(told), expected=expected)
    return SheetColumn(one, told.zh if is_chinese() else told.en)


def _expected(told: Declared) -> Any:
    words = {"missing": MISSING[0], "not_applicable": NOT_APPLICABLE[0]}
    if told.kind == "number":
        words["unit"] = head(told, zh=is_chinese())
        return gettext_lazy("a number such as 12.5 for “%(unit)s”, or “%(missing)s” or “%(not_applicable)s”") % words
    if told.kind == "date":
        return gettext_lazy("a day such as 2026-03-31, or “%(missing)s” or “%(not_applicable)s”") % words
    if told.kind == "yes_no":
        return gettext_lazy("yes or no, or “%(missing)s” or “%(not_applicable)s”") % words
    return gettext_lazy("text of at most 200 characters")


def reader(told: Declared) -> Callable[[str], tuple[ValueState, str]]:
    """Reads a cell of a fact: a value, or that it is missing or does not apply; zero is a value. An empty cell is never read."""

    def read(text: str) -> tuple[ValueState, str]:
        said = text.strip()
        if plain(said) in {plain(one) for one in MISSING}:
            return ValueState.MISSING, ""
        if said.lower() in facts.NOT_APPLICABLE or plain(said) in {plain(one) for one in NOT_APPLICABLE}:
            return ValueState.NOT_APPLICABLE, ""
        if len(said) > 200:
            raise Unlike(gettext_lazy("text of at most 200 characters"))
        facts.read(told, said)
        return ValueState.VALUE, said

    return read


# --- what stands ------------------------------------------------------------------------------------------------------------------------
def standing_on(scheme: Scheme, on: dt.date, standing: Standing, ones: Iterable[One]) -> dict[tuple[int, str], FactEntry]:
    """(unit or person, fact) → the figure that stands for just that day, in the word of the one or the other."""
    way = "person" if scheme.measures == Measures.PERSONS else "unit"
    found = FactEntry.objects.standing().filter(scheme=scheme, on=on, standing=standing, **{f"{way}__in": [one.id for one in ones]})
    return {(one.measured_id, one.fact): one for one in found}


def last_day(user: Any, scheme: Scheme, standing: Standing) -> dt.date | None:
    """The last day for which a person sees figures of a scheme."""
    found = pages.figures(user, scheme).filter(standing=standing).order_by("-on").values_list("on", flat=True).first()
    day: dt.date | None = found
    return day


def cell_of(entry: FactEntry | None, told: Declared) -> Any:
    """What the sheet shows: a number as a number, words for what is missing or does not apply; empty where nobody said anything."""
    if entry is None:
        return None
    if entry.state != ValueState.VALUE:
        return MISSING[0] if entry.state == ValueState.MISSING else NOT_APPLICABLE[0]
    if told.kind == "number":
        try:
            return Decimal(entry.value)
        except InvalidOperation:
            return entry.value
    return entry.value


# --- a file that comes in -----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """A figure that a cell says and that does not stand yet. `old`: what it takes the place of."""

    fact: str
    state: ValueState
    value: str
    old: FactEntry | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What a row comes to: the unit, what its cells say that does not stand yet, and the verdict."""

    verdict: Verdict
    one: One | None = None
    source: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = field(default=())


def _words(state: str, value: str) -> str:
    return value if state == ValueState.VALUE else MISSING[0] if state == ValueState.MISSING else NOT_APPLICABLE[0]


def _is_same(told: Declared, one: tuple[ValueState, str], there: FactEntry) -> bool:
    if one[0] != there.state:
        return False
    return one[0] is not ValueState.VALUE or one[1] == there.value or bool(facts.read(told, one[1]) == facts.read(told, there.value))


def figure_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any, today: dt.date) -> list[FigureRow]:
    """What each row comes to, for the preview and the writing alike."""
    scheme, on, standing = given["scheme"], given["on"], Standing(given["standing"])
    declared = pages.facts_to_fill(scheme, [standing])
    units = members.by_name(ones_for(by, scheme, standing))
    there = standing_on(scheme, on, standing, units.values())
    return [_row(row, {**given, "today": today}, units, declared, there) for row in rows]


def ones_for(by: Any, scheme: Scheme, standing: Standing) -> list[One]:
    """Of whose figures a person speaks in this word: of all in that of whoever assesses, of his own in that of the unit or person."""
    found = members.to_fill(by, scheme)
    return found if standing is Standing.VERIFIED else members.answered(by, found)


def _row(
    row: SheetRow,
    given: Mapping[str, Any],
    units: Mapping[str, One],
    declared: Mapping[str, Declared],
    there: Mapping[tuple[int, str], FactEntry],
) -> FigureRow:
    mine = units.get(row.text("unit"))
    if mine is None:
        named = _(", ").join(list(units)[:12])
        return FigureRow(Verdict("bad", (("unit", _("one that the scheme measures and you may fill: %(units)s") % {"units": named}),)))
    source, reason = row.text("source") or given["source"], row.text("reason")
    wrong: list[tuple[str, str]] = []
    changes = []
    for name, told in declared.items():
        said = row.values.get(f"{PREFIX}{name}")
        old = there.get((mine.id, name))
        if said is None or (old is not None and _is_same(told, said, old)):
            continue
        refused = rules.refusals_to_enter(state=said[0], source=source, on=given["on"], today=given["today"], is_member=True)
        wrong += [(_FIELDS.get(code, f"{PREFIX}{name}"), text) for code in refused for text in refusals.in_words([code])]
        if old is not None and not reason:
            wrong.append(("reason", _("why “%(fact)s” is corrected: %(value)s stands already") % {
                "fact": head(told, zh=is_chinese()), "value": _words(old.state, old.value)}))  # fmt: skip
        changes.append(Change(name, *said, old))
    if wrong:
        return FigureRow(Verdict("bad", tuple(dict.fromkeys(wrong))), mine)
    told_changes = tuple(
        (f"{mine.name} · {head(declared[one.fact], zh=is_chinese())}", _words(one.old.state, one.old.value), _words(one.state, one.value))
        for one in changes if one.old is not None
    )  # fmt: skip
    kind = "changed" if told_changes else "new" if changes else "same"
    return FigureRow(Verdict(kind, (), told_changes), mine, source, reason, tuple(changes))


_FIELDS = {Refusal.SOURCE_MISSING: "source"}


def judge_on(today: Callable[[], dt.date]) -> Callable[..., list[Verdict]]:
    """What would become of each row, as of the day on which it is asked."""

    def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
        return [one.verdict for one in figure_rows(rows, given, by, today())]

    return judge


def standing_words(standing: Standing) -> str:
    """Whose word, in words."""
    return str(STANDINGS[standing])


# --- undoing ----------------------------------------------------------------------------------------------------------------------------
def used_by_runs(label: str, keys: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    """Figures on which a run stands that was frozen: it keeps their evidence, so they are not taken away under it."""
    if label != "assessment.FactEntry":
        return ()
    found = []
    for one in FactEntry.objects.filter(pk__in=keys, standing=Standing.VERIFIED).select_related("scheme"):
        run = one.scheme.runs.filter(frozen_at__isnull=False, frozen_at__gte=one.at, starts_on__lte=one.on, on__gte=one.on).first()
        if run is not None:
            found.append((one.pk, str(run)))
    return tuple(found)
