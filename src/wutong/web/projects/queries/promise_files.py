"""Promises of contracts (合同承诺) that come in from a file: its columns, what each row says, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.engine import cleaning
from wutong.engine.list_files import Field
from wutong.web.accounts.models import Unit
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of
from wutong.web.projects.models import COMMITMENT_KINDS, SIDES, Agreement, Commitment, Project
from wutong.web.projects.queries import commitments
from wutong.web.projects.queries.funds_files import named_projects, project_expected
from wutong.web.projects.rules import commitments as rules
from wutong.web.projects.rules.agreements import AgreementState
from wutong.web.projects.rules.commitments import CommitmentKind, Measure, Refusal, Side
from wutong.web.projects.rules.stages import Status

LABEL = pgettext_lazy("import", "Promises of contracts")
_UNITS: Mapping[str, tuple[Measure, int]] = {
    "元": (Measure.YUAN, 1), "万元": (Measure.YUAN, 10_000), "亿元": (Measure.YUAN, 100_000_000),
    "元/年": (Measure.YUAN_A_YEAR, 1), "万元/年": (Measure.YUAN_A_YEAR, 10_000), "亿元/年": (Measure.YUAN_A_YEAR, 100_000_000),
    "人": (Measure.PERSONS, 1), "亩": (Measure.MU, 1), "平方米": (Measure.SQM, 1), "㎡": (Measure.SQM, 1), "千瓦时": (Measure.KWH, 1),
    "度": (Measure.KWH, 1),
}  # fmt: skip
_AMOUNT = re.compile(r"([\d.,]+)\s*(\S+)")
_CENT = Decimal("0.01")
_EXAMPLES = "3000万元、1.2亿元/年、200人、80亩"


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text.strip()) > most:
            raise ValueError(text)
        return text.strip()

    return read


def _day(text: str) -> dt.date:
    found = cleaning.read_date(text)
    if found is None:
        raise ValueError(text)
    return found


def _amount(text: str) -> tuple[Decimal, Measure]:
    """An amount with the unit beside it, for a bare number says nothing."""
    found = _AMOUNT.fullmatch(text.replace("，", ",").replace("每年", "/年").strip())
    measure = _UNITS.get(found.group(2)) if found else None
    if found is None or measure is None:
        raise ValueError(text)
    try:
        return (Decimal(found.group(1).replace(",", "")) * measure[1]).quantize(_CENT), measure[0]
    except InvalidOperation as error:
        raise ValueError(text) from error


def _words(table: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(label) for label in table.values())


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of the file, under the names by which bureaus keep such lists."""
    short = gettext_lazy("text of at most 200 characters")
    amount = gettext_lazy("one amount with its unit, such as %(examples)s") % {"examples": _EXAMPLES}

    def one(name: str, headers: tuple[str, ...], label: Any, explained: Any = "", *, read: Any, expected: Any, **more: Any) -> SheetColumn:
        field = Field(name, headers, read=read, expected=expected, is_needed=more.pop("is_needed", False))
        return SheetColumn(field, label, explained, **more)

    return (
        one("project_name", ("项目名称", "项目", "project"), _("Project"), gettext_lazy("Its name, or the 24-character project code."),
            read=_text(200), expected=short, width=34, is_needed=True),
        one("agreement", ("协议名称", "合同名称", "agreement"), pgettext_lazy("papers", "Agreement"),
            gettext_lazy("Its title; empty: none."), read=_text(200), expected=short, width=30),
        one("side", ("承诺方", "who promised"), _("Who promised"), read=choice_of(SIDES), expected=one_of(SIDES), choices=_words(SIDES),
            is_needed=True),
        one("kind", ("承诺事项", "承诺类别", "kind of promise"), _("Kind of promise"), read=choice_of(COMMITMENT_KINDS),
            expected=one_of(COMMITMENT_KINDS), choices=_words(COMMITMENT_KINDS), is_needed=True),
        one("text", ("承诺内容", "what was promised"), _("What was promised"), read=_text(500),
            expected=gettext_lazy("text of at most 500 characters"), width=44, is_needed=True),
        one("amount", ("承诺数量", "数量", "amount"), _("Amount"), gettext_lazy("With its unit in the cell; empty: not counted."),
            read=_amount, expected=amount, example="3000万元"),
        one("due_on", ("兑现期限", "完成期限", "to be kept by"), _("To be kept by"), read=_day,
            expected=gettext_lazy("a day such as 2025-06-30")),
        one("unit", ("责任单位", "unit that answers"), _("Unit that answers for it"), gettext_lazy("Needed for what we promise."),
            read=_text(200), expected=short, width=26),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A row whose project was found. `is_there`: the same promise stands already."""

    row: int
    project: Project
    side: Side
    kind: CommitmentKind
    text: str
    amount: Decimal | None
    measure: Measure | None
    due_on: dt.date | None
    unit: Unit | None
    agreement: Agreement | None
    is_there: bool = False

    @property
    def same(self) -> tuple[Any, ...]:
        """By what it is the same promise as another."""
        return (self.project.pk, self.side, self.kind, self.text, self.amount, self.due_on)


def read(rows: Sequence[SheetRow], by: Any) -> tuple[list[PromiseRow], dict[int, list[tuple[str, str]]]]:
    """Rows that can be entered, and of the others what was expected of which field."""
    named = named_projects(sorted({row.text("project_name") for row in rows}), by)
    units = _units({row.text("unit") for row in rows})
    papers = _papers({project.pk for found in named.values() for project in found})
    there, seen = _there({project.pk for found in named.values() for project in found}), dict[tuple[Any, ...], int]()
    good: list[PromiseRow] = []
    bad: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        found = named.get(row.text("project_name"), [])
        faults = [] if len(found) == 1 else [("project_name", project_expected(found))]
        one, more = _row(row, found[0], units, papers) if len(found) == 1 else (None, [])
        faults += more
        if one is not None and not faults:
            if one.same in seen:
                faults.append(("text", _("another promise: row %(row)s says the same") % {"row": seen[one.same]}))
            else:
                seen[one.same] = row.row
                good.append(PromiseRow(**{**_fields(one), "is_there": one.same in there}))
        if faults:
            bad[row.row] = faults
    return good, bad


def _fields(one: PromiseRow) -> dict[str, Any]:
    return {name: getattr(one, name) for name in PromiseRow.__slots__}


_FIELD = {
    Refusal.UNIT_MISSING: "unit", Refusal.UNIT_CLOSED: "unit", Refusal.AMOUNT_NOT_POSITIVE: "amount", Refusal.NOT_ACTIVE: "project_name"
}  # fmt: skip


def _row(
    row: SheetRow, project: Project, units: Mapping[str, list[Unit]], papers: Mapping[tuple[int, str], list[Agreement]]
) -> tuple[PromiseRow, list[tuple[str, str]]]:
    values = row.values
    amount, measure = values.get("amount", (None, None))
    called, titled = row.text("unit"), row.text("agreement")
    found, agreements = units.get(called, []), papers.get((project.pk, titled), [])
    faults = []
    if called and len(found) != 1:
        faults.append(("unit", _("one open unit by its full name")))
    if titled and len(agreements) != 1:
        faults.append(("agreement", _("an agreement of this project by its title")))
    unit = found[0] if len(found) == 1 else None
    one = PromiseRow(
        row.row, project, values["side"], values["kind"], row.text("text"), amount, measure, values.get("due_on"), unit,
        agreements[0] if len(agreements) == 1 else None,
    )  # fmt: skip
    refused = rules.refusals_to_promise(
        text=one.text, side=one.side, amount=amount, measure=measure or "", has_unit=unit is not None or bool(faults), is_unit_open=True,
        is_person_of_unit=True, is_agreement_here=True, is_active=project.status == Status.ACTIVE,
    )  # fmt: skip
    faults += [(_FIELD.get(code, "text"), " ".join(commitments.refusal_words([code]))) for code in refused]
    return one, faults


def _units(names: set[str]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for unit in Unit.objects.filter(name_zh__in=names - {""}, closed_on=None):
        found.setdefault(unit.name_zh, []).append(unit)
    return found


def _papers(projects: set[int]) -> dict[tuple[int, str], list[Agreement]]:
    found: dict[tuple[int, str], list[Agreement]] = {}
    for one in Agreement.objects.filter(project__in=projects).exclude(state=AgreementState.ENDED):
        found.setdefault((one.project_id, one.title), []).append(one)
    return found


def _there(projects: set[int]) -> set[tuple[Any, ...]]:
    rows = Commitment.objects.standing().filter(project__in=projects)
    return set(rows.values_list("project", "side", "kind", "text", "amount", "due_on"))


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row: a new promise; nothing, where the same stands already; or why it is refused."""
    good, bad = read(rows, by)
    there = {row.row for row in good if row.is_there}
    return [Verdict("bad", tuple(bad[row.row])) if row.row in bad else Verdict("same" if row.row in there else "new") for row in rows]
