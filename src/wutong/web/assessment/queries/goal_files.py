"""Goals of a set as a sheet (目标任务分解): a row a unit and measure with its months, written out as they stand and taken in filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext, pgettext_lazy

from wutong.engine.list_files import Field
from wutong.engine.mapping import plain
from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Goal, GoalSet, GoalValue
from wutong.web.assessment.queries import goal_words, goals
from wutong.web.assessment.queries.goal_words import Line
from wutong.web.assessment.queries.members import unit_names
from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import MONTHS, SetState
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict

LABEL = pgettext_lazy("import", "Goals of a set")
_NUMBER = gettext_lazy("a number from zero up")


def sets_to_fill(user: Any) -> Any:
    """The drafts whose goals a person may write."""
    found = GoalSet.objects.visible_to(user).filter(within(user, Permission.ASSESSMENT_EDIT), state=SetState.DRAFT)
    return found.order_by("-year", "-pk")


# --- columns ----------------------------------------------------------------------------------------------------------------------------
def _short(text: str) -> str:
    if len(text.strip()) > 200:
        raise ValueError(text)
    return text.strip()


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not found.is_finite() or found < 0:
        raise ValueError(text)
    return found


def month_field(number: int) -> str:
    """The name of a month's field."""
    return f"month_{number:02}"


def month_heads(number: int) -> tuple[str, str]:
    """What a month's column is called, in Chinese and in English."""
    return f"{number}月累计", f"by month {number}"


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """A row a unit and measure."""
    text: dict[str, Any] = {"read": _short, "is_needed": True}
    free = gettext_lazy("Fill in all twelve, or none: then the months follow the goal of the year.")
    months = tuple(
        SheetColumn(
            Field(month_field(number), (*month_heads(number), f"{number}月"), read=_number, expected=_NUMBER),
            _("To be reached by the end of month %(number)s") % {"number": number}, free if number == 1 else "", "", (), 11,
        )
        for number in range(1, MONTHS + 1)
    )  # fmt: skip
    a_chain = gettext_lazy("an industry chain, by its name")
    no_chain = gettext_lazy("Left empty: a goal of all chains together.")
    chain_names = tuple(name for _code, name in goal_words.chain_choices())
    chain = Field("chain", ("产业链", "chain"), read=_short, expected=a_chain)
    a_unit, a_line = gettext_lazy("a unit that the set lists, by its name"), gettext_lazy("something for which goals are set, by its title")
    counted = gettext_lazy("the unit in which the measure is counted")
    any_unit = gettext_lazy("May be left empty; another unit than that of the measure is refused.")
    titles = tuple(one.title for one in _lines().values())
    value = Field("value", ("全年目标", "goal of the year"), read=_number, expected=_NUMBER)
    line = Field("line", ("目标事项", "指标", "what for"), expected=a_line, **text)
    return (
        SheetColumn(Field("unit", ("单位", "unit"), expected=a_unit, **text), _("Unit"), "", "", (), 24),
        SheetColumn(line, pgettext("goal", "What for"), "", "", titles, 30),
        SheetColumn(chain, pgettext("goal", "Chain"), no_chain, "", chain_names, 18),
        SheetColumn(
            Field("measured_in", ("计量单位", "counted in"), read=_short, expected=counted), pgettext("goal", "Counted in"), any_unit, "",
            (), 12,
        ),
        SheetColumn(
            value, pgettext("goal", "Goal of the year"),
            gettext_lazy("An empty cell changes nothing; no goal and a goal of 0 are not the same."), "", (), 14,
        ),
        *months,
    )  # fmt: skip


def _lines() -> dict[str, Line]:
    """Everything that a goal may be set for, by key; its chain stands in a column of its own."""
    return {one.key: one for key, _label in goal_words.line_choices() if (one := goal_words.line_of(key)) is not None}


def lines_by_name() -> dict[str, Line]:
    """Title in either language, or key, as compared → what a goal may be set for."""
    found: dict[str, Line] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            for key, one in _lines().items():
                found.setdefault(plain(one.title), one)
                found.setdefault(plain(key), one)
    return {name: line for name, one in found.items() if (line := goal_words.line_of(one.key)) is not None}


def chains_by_name() -> dict[str, str]:
    """Name in either language, or id, as compared → chain."""
    found: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            for code, name in goal_words.chain_choices():
                found.setdefault(plain(name), code)
                found.setdefault(plain(code), code)
    return found


def _unit_words(line: Line) -> set[str]:
    found = {plain(line.unit), plain(line.told.shown.code)}
    for language in ("zh-hans", "en"):
        with override(language):
            found.add(plain(goal_words.line(line.measure, line.tier).unit))
    return found


# --- what stands ------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row of the sheet. Units: as shown; months to date, empty where there is no goal."""

    unit: str
    line: Line
    value: Decimal | None
    months: tuple[Decimal | None, ...]


def said(line: Line) -> tuple[str, str]:
    """What a goal is for and of which chain, as the two columns of the sheet say it."""
    return goal_words.line(line.measure, line.tier).title, goal_words.chain_name(line.chain)


def sheet(user: Any, goal_set: GoalSet) -> list[SheetLine]:
    """The goals of a set that a person may see, units × measures, with rows for those that are still to be filled."""
    page = goals.set_page(user, goal_set)
    names = {one.pk: name for name, one in unit_names([row.unit for row in page.rows]).items()}
    stand = goals.values_on([cell.goal for row in page.rows for cell in row.cells if cell.goal])
    found = []
    for row in page.rows:
        for cell in row.cells:
            value = stand.get(cell.goal.pk) if cell.goal else None
            months = [cell.line.shown(one) for one in value.months] if value else [None] * MONTHS
            found.append(SheetLine(names[row.unit.pk], cell.line, cell.value, tuple(months)))
    return found


# --- a file that comes in -----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class GoalRow:
    """What a row comes to. Units: as kept. `months`: what shall be reached by each, () where they follow the goal of the year."""

    verdict: Verdict
    unit: Unit | None = None
    line: Line | None = None
    value: Decimal | None = None
    months: tuple[Decimal, ...] = ()

    @property
    def key(self) -> tuple[int, str, str, str]:
        """Unit, measure, tier and chain."""
        assert self.unit is not None and self.line is not None
        return (self.unit.pk, *self.line.of)


def goal_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[GoalRow]:
    """What each row comes to, for the preview and the writing alike."""
    goal_set = given["set"]
    chains = chains_by_name()
    units = unit_names(Unit.objects.filter(pk__in=goal_set.units.values("unit")).select_related("parent").order_by("path"))
    there = {(one.unit_id, *one.line): one for one in goal_set.goals.all()}
    stand, known = goals.values_on(there.values()), lines_by_name()
    first: dict[tuple[int, str, str, str], int] = {}
    found = []
    for row in rows:
        one = _row(row, units, _line_said(row, known, chains), there, stand)
        if one.line is not None and first.setdefault(one.key, row.row) != row.row:
            one = GoalRow(Verdict("bad", (("line", _("each only once; row %(row)s names it too") % {"row": first[one.key]}),)))
        found.append(one)
    return found


def _line_said(row: SheetRow, known: Mapping[str, Line], chains: Mapping[str, str]) -> Line | Verdict:
    """What the goal of a row is for, or what is wrong with how it is said."""
    line, said = known.get(plain(row.text("line"))), row.text("chain")
    if line is None:
        titles = _(", ").join(one.title for one in list(_lines().values())[:12])
        return Verdict("bad", (("line", _("something for which goals are set: %(titles)s") % {"titles": titles}),))
    if not said:
        return line
    chain = chains.get(plain(said))
    of_chain = goal_words.line_of(f"{line.key}@{chain}") if chain else None
    if of_chain is None:
        names = _(", ").join(name for _code, name in goal_words.chain_choices()) if chain is None else ""
        unfit = str(goal_words.WORDS[rules.Refusal.NO_CHAIN])
        return Verdict("bad", (("chain", _("an industry chain: %(names)s") % {"names": names} if names else unfit),))
    return of_chain


def _row(
    row: SheetRow,
    units: Mapping[str, Unit],
    line: Line | Verdict,
    there: Mapping[tuple[int, str, str, str], Goal],
    stand: Mapping[int, GoalValue],
) -> GoalRow:
    unit = units.get(row.text("unit"))
    wrong: list[tuple[str, str]] = []
    if unit is None:
        wrong.append(("unit", _("a unit that the set lists: %(units)s") % {"units": _(", ").join(list(units)[:12])}))
    if isinstance(line, Verdict):
        wrong += line.found
    elif row.text("measured_in") and plain(row.text("measured_in")) not in _unit_words(line):
        wrong.append(("measured_in", line.unit))
    if unit is None or isinstance(line, Verdict) or wrong:
        return GoalRow(Verdict("bad", tuple(wrong)))
    key = (unit.pk, *line.of)
    return _filled(row, unit, line, there.get(key), stand)


def _filled(row: SheetRow, unit: Unit, line: Line, goal: Goal | None, stand: Mapping[int, GoalValue]) -> GoalRow:
    """A row whose unit and measure are known."""
    old = stand.get(goal.pk) if goal else None
    said = [row.values.get(month_field(number)) for number in range(1, MONTHS + 1)]
    typed = row.values.get("value")
    if typed is None:
        is_blank = not any(one is not None for one in said) or (old is not None and _kept(said, line) == old.months)
        missing = Verdict("bad", (("value", _("the goal of the year, where months are filled in")),))
        return GoalRow(Verdict("same") if is_blank else missing, unit, line)
    value = line.told.kept(typed)
    if refused := rules.refusals_of_value(value, step=line.told.step):
        return GoalRow(Verdict("bad", tuple(("value", text) for text in goal_words.refusal_words(refused))))
    months = _kept(said, line) if any(one is not None for one in said) else ()
    if old is not None and months == old.months:
        months = ()  # as they stand: where the year is another now, they follow it
    if months and len(months) != MONTHS:
        blank = next(number for number, one in enumerate(said, 1) if one is None)
        return GoalRow(Verdict("bad", ((month_field(blank), _("a number: all twelve months are filled in, or none")),)))
    if months and (wrong := rules.refusals_of_months(months, value)):
        return GoalRow(Verdict("bad", tuple((month_field(MONTHS), text) for text in goal_words.refusal_words(wrong))))
    return GoalRow(_verdict(unit, line, value, months, old), unit, line, value, months)


def _kept(said: Sequence[Any], line: Line) -> tuple[Decimal, ...]:
    return tuple(line.told.kept(one) for one in said if one is not None)


def _verdict(unit: Unit, line: Line, value: Decimal, months: Sequence[Decimal], old: GoalValue | None) -> Verdict:
    if old is None:
        return Verdict("new")
    if old.value == value and not months:
        return Verdict("same")
    name = _("%(unit)s: %(goal)s") % {"unit": unit.name, "goal": line.title}
    changes = []
    if old.value != value:
        changes.append((name, _told(line, old.value), _told(line, value)))
    if months:
        before, now = ([_told(line, one) for one in some] for some in (old.months, months))
        changes.append((f"{name} · {pgettext('goal', 'by month')}", "、".join(before), "、".join(now)))
    return Verdict("changed", (), tuple(changes))


def _told(line: Line, kept: Decimal) -> str:
    return f"{line.told.typed(kept).normalize():f}"


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row."""
    return [one.verdict for one in goal_rows(rows, given, by)]


# --- undoing ----------------------------------------------------------------------------------------------------------------------------
_WAYS: Mapping[str, tuple[Any, str]] = {"assessment.Goal": (Goal, "goal_set"), "assessment.GoalValue": (GoalValue, "goal__goal_set")}


def not_drafts(label: str, keys: Sequence[int]) -> tuple[tuple[int, str], ...]:
    """Goals and their values whose set is no draft any more: what was submitted or approved is not taken back under it."""
    if label not in _WAYS:
        return ()
    model, way = _WAYS[label]
    found = model.objects.filter(pk__in=list(keys)).exclude(**{f"{way}__state": SetState.DRAFT}).select_related(way)
    sets: Callable[[Any], GoalSet] = (lambda one: one.goal_set) if model is Goal else (lambda one: one.goal.goal_set)
    return tuple((one.pk, f"{sets(one)} · {sets(one).get_state_display()}") for one in found)


def may_not_return(label: str, was: Mapping[int, Mapping[str, Any]]) -> tuple[tuple[int, str], ...]:
    """The same of goals that an import changed."""
    return not_drafts(label, list(was))
