"""A bureau's ledger of leads (线索台账) that comes in from a file: its columns, what each row says, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.engine import cleaning, codes
from wutong.engine.list_files import NAME, USCC, Field
from wutong.web.accounts.models import Unit, User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import LEAD_KINDS, LEAD_STATES, SOURCE_KINDS, STAGES, Lead
from wutong.web.leads.queries import duplicates, people, rows
from wutong.web.leads.rules.leads import LeadKind, LeadState, SourceKind, Stage
from wutong.web.lib import access
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of

STATES = {state: LEAD_STATES[state] for state in (LeadState.OPEN, LeadState.DORMANT, LeadState.LOST)}
_A_DAY = gettext_lazy("a day such as 2025-06-30")
_OWN = {SourceKind.OWN: SOURCE_KINDS[SourceKind.OWN]}
_AN_AMOUNT = gettext_lazy("a number above zero, without a unit")
_SHORT, _LONG = gettext_lazy("text of at most 120 characters"), gettext_lazy("text of at most 2,000 characters")


_BRACKET = re.compile("[（(]")


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


def _amount(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").replace("，", "").strip()).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not 0 < found < Decimal(10) ** 12:
        raise ValueError(text)
    return found


def _currency(text: str) -> str:
    plain = text.strip().upper()
    if len(plain) != 3 or not plain.isascii() or not plain.isalpha():
        raise ValueError(text)
    return "" if plain == "CNY" else plain


def _chain(text: str) -> str:
    """The id of the chain that a text names, by its name without what stands in brackets too."""
    wanted = text.strip().casefold()
    for chain_id, chain in rows.chains().items():
        names = {chain_id, *(name for whole in (chain.name_zh, chain.name_en) for name in (whole, _BRACKET.split(whole)[0].strip()))}
        if wanted in {name.casefold() for name in names}:
            return str(chain_id)
    raise ValueError(text)


def _is_own(source: str) -> bool:
    """Whether a source says that nobody gave the lead."""
    try:
        return not source or bool(choice_of(_OWN)(source))
    except ValueError:
        return False


def _words(choices: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(label) for label in choices.values())


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of a ledger, with drop-downs of what a cell may say."""
    units = tuple(str(unit) for unit in units_of(user)[:200])
    chains = tuple(rows.chain_name(chain_id) for chain_id in sorted(rows.chains()))

    def one(
        name: str, headers: tuple[str, ...], label: Any, told: Any = "", *, read: Callable[[str], Any], expected: Any, example: str = "",
        choices: tuple[str, ...] = (), width: int = 16, is_needed: bool = False,
    ) -> SheetColumn:  # fmt: skip
        return SheetColumn(Field(name, headers, is_needed=is_needed, read=read, expected=expected), label, told, example, choices, width)

    return (
        one("title", ("线索名称", "项目名称", "线索", "title"), pgettext_lazy("lead", "Title"), read=_text(120), expected=_SHORT,
            example="高端液压件生产项目", width=34, is_needed=True),
        SheetColumn(NAME, _("Firm"), gettext_lazy("Full name if it is known; a claim needs this or the credit code."), "", (), 34),
        SheetColumn(USCC, _("Credit code"), "", "", (), 24),
        one("kind", ("线索类型", "信息类型", "类型", "kind"), pgettext_lazy("lead", "Kind"), gettext_lazy("Empty: project."),
            read=choice_of(LEAD_KINDS), expected=one_of(LEAD_KINDS), choices=_words(LEAD_KINDS)),
        one("unit", ("单位", "首报单位", "责任单位", "unit"), _("Unit"), gettext_lazy("A unit whose leads you direct."), read=_text(120),
            expected=_SHORT, choices=units, width=24, is_needed=True),
        one("owner", ("负责人", "承办人", "责任人", "owner"), pgettext_lazy("lead", "Owner"),
            gettext_lazy("Name or user name of somebody of the unit."),
            read=_text(120), expected=_SHORT, is_needed=True),
        one("stage", ("阶段", "进度", "stage"), _("Stage"), gettext_lazy("Empty: logged."), read=choice_of(STAGES), expected=one_of(STAGES),
            choices=_words(STAGES)),
        one("state", ("状态", "state"), _("State"), gettext_lazy("Empty: open."), read=choice_of(STATES), expected=one_of(STATES),
            choices=_words(STATES)),
        one("amount", ("投资额（万元）", "投资额(万元)", "投资额", "amount (10,000 yuan)"), pgettext_lazy("lead", "Amount (10,000 yuan)"),
            read=_amount,
            expected=_AN_AMOUNT, example="12000"),
        one("currency", ("外币币种", "币种", "currency"), _("Foreign currency"), gettext_lazy("Three letters, such as USD."),
            read=_currency, expected=gettext_lazy("three letters of a currency, such as USD")),
        one("foreign", ("外币金额（万）", "外币金额(万)", "外币金额", "amount (10,000 of the currency)"),
            _("Amount (10,000 of the currency)"), read=_amount, expected=_AN_AMOUNT),
        one("chain", ("产业链", "chain"), _("Chain"), gettext_lazy("The name of a chain of the rulebook."), read=_chain,
            expected=one_of(chains), choices=chains),
        one("products", ("产品", "主要产品", "products"), _("Products"), gettext_lazy("Several with 、 between them."), read=_text(300),
            expected=gettext_lazy("text of at most 300 characters"), width=24),
        one("source", ("来源", "信息来源", "线索来源", "source"), pgettext_lazy("lead", "Source"),
            gettext_lazy("A unit, or who outside gave it; no personal name. Empty: own work."), read=_text(200),
            expected=gettext_lazy("text of at most 200 characters"), width=24),
        one("received_on", ("收到日期", "登记日期", "received on"), _("Received on"), read=_day, expected=_A_DAY),
        one("filed_on", ("首报日期", "报备日期", "filed on"), _("Claim since"), gettext_lazy("Only where a first claim is in force."),
            read=_day, expected=_A_DAY),
        one("protected_until", ("保护期至", "保护期限", "protected until"), _("Protected until"), read=_day, expected=_A_DAY),
        one("progress_on", ("最近进展日期", "last progress on"), _("Last progress on"), read=_day, expected=_A_DAY),
        one("progress", ("最近进展", "进展情况", "last progress"), _("Last progress"), read=_text(2000), expected=_LONG, width=36),
        one("note", ("备注", "说明", "note"), _("Note"), read=_text(2000), expected=_LONG, width=30),
    )  # fmt: skip


def units_of(user: Any) -> list[Unit]:
    """The units whose leads a person directs: what a ledger of his may name."""
    return list(Unit.objects.filter(within(user, Permission.LEADS_ASSIGN, unit=""), closed_on=None).order_by("path"))


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row whose unit, owner and source were found. `claim_on`: since when a first claim is in force; None: none is taken over."""

    row: int
    values: Mapping[str, Any]
    unit: Unit
    owner: User
    source_kind: SourceKind
    source_unit: Unit | None

    def text(self, name: str) -> str:
        """A field as text; "" where it is empty."""
        return str(self.values.get(name, ""))

    @property
    def source_text(self) -> str:
        return self.text("source") if self.source_kind is SourceKind.PARTNER else ""

    @property
    def state(self) -> LeadState:
        return LeadState(self.values.get("state", LeadState.OPEN))

    @property
    def stage(self) -> Stage:
        return Stage(self.values.get("stage", Stage.LOGGED))

    @property
    def kind(self) -> LeadKind:
        return LeadKind(self.values.get("kind", LeadKind.PROJECT))

    @property
    def claim_on(self) -> dt.date | None:
        found: dt.date | None = self.values.get("filed_on") if self.state is LeadState.OPEN else None
        return found

    @property
    def received_on(self) -> dt.date | None:
        found: dt.date | None = self.values.get("received_on")
        return found


class _Reader:
    """Finds units and people; each unit's people are read once."""

    def __init__(self, by: Any) -> None:
        self._units: dict[str, list[Unit]] = {}
        for unit in units_of(by):
            for name in {unit.name_zh, unit.name_en, str(unit)} - {""}:
                self._units.setdefault(name.casefold(), []).append(unit)
        self._all = {unit.name_zh: unit for unit in Unit.objects.filter(closed_on=None).order_by("-path")}
        self._people: dict[int, list[User]] = {}
        self._today = access.today()

    def read(self, row: SheetRow) -> tuple[LedgerRow | None, list[tuple[str, str]]]:
        faults: list[tuple[str, str]] = []
        units = self._units.get(row.text("unit").casefold(), [])
        if len(units) != 1:
            faults.append(("unit", _("a unit whose leads you direct, by its full name")))
        owner = self._owner(row.text("owner"), units[0]) if len(units) == 1 else None
        if len(units) == 1 and owner is None:
            known = ", ".join(str(person) for person in self._of(units[0])[:6]) or _("nobody holds such a role yet")
            faults.append(("owner", _("one person of the unit who may work on its leads: %(people)s") % {"people": known}))
        faults += self._of_values(row)
        if faults or owner is None:
            return None, faults
        source = row.text("source")
        unit = self._all.get(source)
        kind = SourceKind.OWN if _is_own(source) else SourceKind.UNIT if unit else SourceKind.PARTNER
        return LedgerRow(row.row, row.values, units[0], owner, kind, unit), []

    def _of(self, unit: Unit) -> list[User]:
        if unit.pk not in self._people:
            self._people[unit.pk] = list(people.of_unit(unit))
        return self._people[unit.pk]

    def _owner(self, text: str, unit: Unit) -> User | None:
        fitting = [person for person in self._of(unit) if text in {person.username, person.display_name}]
        return fitting[0] if len(fitting) == 1 else None

    def _of_values(self, row: SheetRow) -> Iterable[tuple[str, str]]:
        values = row.values
        if bool(values.get("currency")) != ("foreign" in values):
            yield "currency", _("the currency and its amount, both or neither")
        if "filed_on" in values and not (row.text("name") or row.text("uscc")):
            yield "name", _("the firm by name or credit code, for a first claim stands on a firm")
        for name in ("received_on", "filed_on", "progress_on"):
            if values.get(name) is not None and values[name] > self._today:
                yield name, _("a day not later than today")
        if "protected_until" in values and "filed_on" not in values:
            yield "filed_on", _("since when the claim is in force, for it is protected")
        elif "protected_until" in values and values["protected_until"] < values["filed_on"]:
            yield "protected_until", _("a day not before that of the claim")
        if "progress_on" in values and not row.text("progress"):
            yield "progress", _("what was done on that day")


def read(rows: Sequence[SheetRow], by: Any) -> tuple[list[LedgerRow], dict[int, list[tuple[str, str]]]]:
    """Rows that can be taken over, and of the others what was expected of which field."""
    reader, good, bad = _Reader(by), [], {}
    for row in rows:
        found, faults = reader.read(row)
        if found is None:
            bad[row.row] = faults
        else:
            good.append(found)
    return good, bad


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row: a new lead; nothing, where the unit has it already under this title and firm; or why it is refused.

    Leads that may be the same are not told here: an answer about other leads is given to whoever may see them, when the leads are there.
    """
    good, bad = read(rows, by)
    there = standing_already(good)
    of_row = {row.row: row for row in good}
    alike = _alike(good, by)
    return [
        Verdict("bad", tuple(bad[row.row])) if row.row in bad
        else Verdict("same") if _mark(of_row[row.row]) in there
        else Verdict("new", waits=row.row in alike)
        for row in rows
    ]  # fmt: skip


def faults(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[tuple[tuple[str, str], ...]]:
    """What is wrong with each row beside cells that cannot be read."""
    _good, bad = read(rows, by)
    return [tuple(bad.get(row.row, ())) for row in rows]


def _alike(rows: Sequence[LedgerRow], by: Any) -> set[int]:
    """Rows whose firm another row before them names too, or a lead that the person may see: each becomes a pair at least.

    Why no more: what leads of others say is told to nobody before, and names written otherwise are compared when the leads are there.
    """
    keys = {key for row in rows for key in _firm_keys(row)}
    known: set[str] = set()
    seen = Lead.objects.visible_to(by).filter(is_confidential=False).order_by()
    for begin in range(0, len(keys), 500):
        some = sorted(keys)[begin : begin + 500]
        for pair in seen.filter(Q(name_key__in=some) | Q(uscc__in=some)).values_list("name_key", "uscc"):
            known |= set(pair)
    found: set[int] = set()
    for row in rows:
        mine = _firm_keys(row)
        if mine & known:
            found.add(row.row)
        known |= mine
    return found


def _firm_keys(row: LedgerRow) -> set[str]:
    return {duplicates.name_key(row.text("name")), codes.normalise(row.text("uscc"))} - {""}


def standing_already(rows: Sequence[LedgerRow]) -> set[tuple[int, str, str]]:
    """Marks of rows that the unit has as a lead: the same title and firm."""
    units, titles = {row.unit.pk for row in rows}, {row.text("title") for row in rows}
    found: set[tuple[int, str, str]] = set()
    wanted = sorted(titles)
    for begin in range(0, len(wanted), 500):
        leads = Lead.objects.filter(unit__in=units, title__in=wanted[begin : begin + 500]).order_by()
        for unit, title, key, uscc in leads.values_list("unit_id", "title", "name_key", "uscc"):
            found |= {(unit, title, key), *([(unit, title, uscc)] if uscc else [])}
    return found


def _mark(row: LedgerRow) -> tuple[int, str, str]:
    """Of a row without a name the code stands for the firm: the lead may have got its name of the registry."""
    return row.unit.pk, row.text("title"), duplicates.name_key(row.text("name")) or codes.normalise(row.text("uscc"))


def new_rows(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """Those that the unit has not yet; of rows that say the same within a file the first."""
    there, found = standing_already(rows), []
    for row in rows:
        if _mark(row) not in there:
            there.add(_mark(row))
            found.append(row)
    return found
