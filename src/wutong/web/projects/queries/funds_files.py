"""A ledger of money in place (到位资金台账) that comes in from a file: its columns, what each row says, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.engine import cleaning
from wutong.engine.list_files import Field
from wutong.web.accounts.models import within
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of
from wutong.web.projects.models import FUNDS_KINDS, MONEY_FROM, ORIGIN_KINDS, PROOFS, FundsProof, Project
from wutong.web.projects.queries import recognition
from wutong.web.projects.rules import funds as rules
from wutong.web.projects.rules.funds import Money, MoneyFrom, Numbers, Proof, Refusal
from wutong.web.projects.rules.stages import Origin

_TIMES = {"": None, "元": 1, "万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000}
_AMOUNT = re.compile(r"([\d.,]+)\s*(元|万元|万|亿元|亿)?")
_CURRENCIES = {"人民币": "CNY", "美元": "USD", "港元": "HKD", "港币": "HKD", "欧元": "EUR", "日元": "JPY"}
_BETWEEN = re.compile(r"[、;；]")
_BREAK = re.compile(r"[、,;+\s]+")
_A_DAY = gettext_lazy("a day such as 2025-06-30")
_AN_AMOUNT = gettext_lazy("one amount with its unit, such as %(examples)s") % {"examples": "1200万元、1.5亿元、5000000元"}
_AT_ONCE = 500


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
    """An amount whose unit stands beside it, for a bare number might be 元 or 万元."""
    found = _AMOUNT.fullmatch(text.replace("，", ",").strip())
    times = _TIMES[found.group(2) or ""] if found else None
    if found is None or times is None:
        raise ValueError(text)
    try:
        amount = (Decimal(found.group(1).replace(",", "")) * times).quantize(rules.CENT)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not 0 < amount < Decimal(10) ** 15:
        raise ValueError(text)
    return amount


def _currency(text: str) -> str:
    plain = {"人民币": "CNY", "美元": "USD", "港元": "HKD", "港币": "HKD", "欧元": "EUR", "日元": "JPY"}.get(
        text.strip(), text.strip().upper()
    )
    if plain not in recognition.currencies():
        raise ValueError(text)
    return plain


def _proofs(text: str) -> tuple[Proof, ...]:
    """Kinds of papers in the order in which the cell names them, for that of their numbers is the same."""
    known = {word: proof for proof, label in PROOFS.items() for word in (proof.value, str(label))}
    found = [known.get(word) for word in _BREAK.split(text.replace("，", ",").replace("；", ";").strip()) if word]
    if not found or None in found:
        raise ValueError(text)
    return tuple(dict.fromkeys(proof for proof in found if proof is not None))


def _words(choices: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(label) for label in choices.values())


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of the ledger, with drop-downs of what a cell may say."""

    def one(
        name: str, headers: tuple[str, ...], label: Any, told: Any = "", *, read: Callable[[str], Any], expected: Any, example: str = "",
        choices: tuple[str, ...] = (), width: int = 16, is_needed: bool = False,
    ) -> SheetColumn:  # fmt: skip
        return SheetColumn(Field(name, headers, is_needed=is_needed, read=read, expected=expected), label, told, example, choices, width)

    short = gettext_lazy("text of at most 200 characters")
    proofs = gettext_lazy("kinds of proof with 、 between them, such as %(example)s") % {"example": str(PROOFS[Proof.BANK_RECEIPT])}
    return (
        one("project_name", ("项目名称", "项目", "project"), _("Project"), gettext_lazy("Its name, or the 24-character project code."),
            read=_text(200), expected=short, width=34, is_needed=True),
        one("arrived_on", ("到位日期", "到位时间", "arrived on"), _("Arrived on"), read=_day, expected=_A_DAY, is_needed=True),
        one("amount", ("到位金额", "金额", "到位资金", "amount"), _("Amount"), gettext_lazy("With its unit in the cell; one sum a row."),
            read=_amount, expected=_AN_AMOUNT, example="1200万元", is_needed=True),
        one("currency", ("币种", "currency"), _("Currency"),
            gettext_lazy("Empty: yuan. A sum in another currency is written with the same units."), read=_currency,
            expected=gettext_lazy("a currency, such as USD")),
        one("kind", ("资金种类", "资金类型", "kind of money"), _("Kind of money"), read=choice_of(FUNDS_KINDS),
            expected=one_of(FUNDS_KINDS), choices=_words(FUNDS_KINDS), is_needed=True),
        one("money_from", ("资金性质", "资金来源", "whose money"), _("Whose money"), gettext_lazy("Empty: the investor's own."),
            read=choice_of(MONEY_FROM), expected=one_of(MONEY_FROM), choices=_words(MONEY_FROM)),
        one("origin_kind", ("三资类别", "资本来源", "origin of capital"), _("Origin of capital"),
            gettext_lazy("Empty: that of the project."), read=choice_of(ORIGIN_KINDS), expected=one_of(ORIGIN_KINDS),
            choices=_words(ORIGIN_KINDS)),
        one("origin_country", ("资金来源国", "country"), _("Country of the capital"), gettext_lazy("Two letters, for foreign capital."),
            read=_text(2), expected=gettext_lazy("two letters of a country, such as DE")),
        one("proofs", ("凭证种类", "到位凭证", "proofs"), _("Proofs"), read=_proofs, expected=proofs, width=26, is_needed=True),
        one("number", ("凭证编号", "凭证号", "number of the proof"), _("Number of the proof"),
            gettext_lazy("Of several papers: the number of each, in their order, with 、 between."), read=_text(400),
            expected=gettext_lazy("text of at most 400 characters"), is_needed=True),
        one("payer", ("付款方", "payer"), _("Payer"), read=_text(200), expected=short, width=28),
        one("note", ("备注", "说明", "note"), _("Note"), read=_text(500), expected=gettext_lazy("text of at most 500 characters"),
            width=30),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FundsRow:
    """A row whose project was found, as money with its papers. `held`: by which it is known again, with the number of each.

    `is_there`: the same stands in the ledger of this project already.
    """

    row: int
    project: Project
    money: Money
    values: Mapping[str, Any]
    papered: Numbers
    held: Mapping[str, str]
    origin: tuple[str, str, str]
    is_there: bool = False

    def text(self, name: str) -> str:
        """A field as text; "" where it is empty."""
        return str(self.values.get(name, ""))


def projects_of(user: Any) -> Any:
    """The projects whose money a person may enter: he works on their host unit, or owns them."""
    mine = Q(owner=user.pk) if user is not None else Q()
    reached = within(user, Permission.PROJECTS_EDIT) & Q(is_confidential=False) if user is not None else Q()
    return Project.objects.filter(reached | mine)


def named_projects(names: Sequence[str], user: Any) -> dict[str, list[Project]]:
    """Projects by name or code: two questions a piece."""
    found: dict[str, list[Project]] = {}
    for begin in range(0, len(names), _AT_ONCE):
        piece = names[begin : begin + _AT_ONCE]
        wanted = projects_of(user).filter(Q(name_zh__in=piece) | Q(project_code__in=piece)).select_related("unit")
        for project in wanted:
            for name in {project.name_zh, project.project_code} & set(piece):
                found.setdefault(name, []).append(project)
    return found


def read(rows: Sequence[SheetRow], by: Any) -> tuple[list[FundsRow], dict[int, list[tuple[str, str]]]]:
    """Rows that can be entered, and of the others what was expected of which field."""
    named = named_projects(sorted({row.text("project_name") for row in rows}), by)
    papered = {row.row: _papered(row) for row in rows}
    keys = {row.row: _keys(row, papered[row.row]) for row in rows}
    held = _held([key for found in keys.values() for key in found])
    seen: dict[str, int] = {}
    good: list[FundsRow] = []
    bad: dict[int, list[tuple[str, str]]] = {}
    today, known = access.today(), recognition.currencies()
    against = recognition.against_of({one.pk: one for found in named.values() for one in found})
    for row in rows:
        found = named.get(row.text("project_name"), [])
        faults = [] if len(found) == 1 else [("project_name", project_expected(found))]
        own = keys[row.row]
        same = next((seen[key] for key in own if key in seen), None)
        if same is not None:
            faults.append(("number", _("another proof, sum or day: row %(row)s says the same") % {"row": same}))
        seen |= {key: row.row for key in own if key not in seen}
        if len(found) == 1 and not faults:
            there = {held[key] for key in own if key in held}
            is_there = bool(own) and all(held.get(key) == found[0].pk for key in own)
            one = _row(row, found[0], papered[row.row], own, is_there=is_there)
            doubted = against[found[0].pk](one.money)
            refused = rules.refusals_to_enter(
                one.money, number=one.papered.first, on=today, is_counted_elsewhere=bool(there) and not is_there, another="",
                has_origin=bool(one.origin[0]), currencies=known, lacking=one.papered.lacking, against=doubted,
            )  # fmt: skip
            told = {"lacking": one.papered.lacking, "against": doubted}
            faults = [(_FIELD.get(code, "amount"), " ".join(recognition.refusal_words([code], **told))) for code in refused]
            if not faults:
                good.append(one)
        if faults:
            bad[row.row] = faults
    return good, bad


_FIELD = {
    Refusal.DAY_TO_COME: "arrived_on", Refusal.CURRENCY_UNKNOWN: "currency", Refusal.NUMBER_MISSING: "number",
    Refusal.NUMBERS_MISSING: "number", Refusal.COUNTED_ALREADY: "number", Refusal.ORIGIN_MISSING: "origin_kind",
    Refusal.PROJECT_AGAINST: "arrived_on",
}  # fmt: skip


def project_expected(found: Sequence[Project]) -> str:
    if found:
        return _("one project: several bear this name, write the project code")
    return _("one project whose ledger you may write, by its full name or code; two projects need two rows")


def _papered(row: SheetRow) -> Numbers:
    """The papers of a row by their numbers: as many as there are papers, in their order; a single one is that of the first."""
    proofs, text = tuple(row.values["proofs"]), row.text("number").strip()
    several = [one for one in _BETWEEN.split(text) if one.strip()]
    is_each = len(several) == len(proofs) > 1
    return recognition.numbers_of(_money(row, ""), "" if is_each else text, dict(zip(proofs, several, strict=True)) if is_each else {})


def _keys(row: SheetRow, papered: Numbers) -> dict[str, str]:
    values = row.values
    amount, currency, on = values["amount"], values.get("currency", rules.YUAN), values["arrived_on"]
    return {rules.proof_key(one, amount, currency, on): one for one in papered.held}


def _money(row: SheetRow, origin_kind: str) -> Money:
    values = row.values
    return Money(
        values["kind"], values["amount"], values["arrived_on"], values.get("currency", rules.YUAN),
        values.get("money_from", MoneyFrom.INVESTOR), frozenset(values["proofs"]), is_foreign=origin_kind == Origin.FOREIGN,
    )  # fmt: skip


def _row(row: SheetRow, project: Project, papered: Numbers, held: Mapping[str, str], *, is_there: bool) -> FundsRow:
    values = row.values
    kind = values.get("origin_kind")
    country = row.text("origin_country").upper()
    origin = (str(kind), country, "") if kind else (project.origin_kind, project.origin_country, project.origin_adcode)
    return FundsRow(row.row, project, _money(row, origin[0]), values, papered, held, origin, is_there)


def _held(keys: Sequence[str]) -> dict[str, int]:
    """Proof → the project whose entry stands on it now."""
    found: dict[str, int] = {}
    wanted = sorted({key for key in keys if key})
    for begin in range(0, len(wanted), _AT_ONCE):
        found |= dict(FundsProof.objects.filter(key__in=wanted[begin : begin + _AT_ONCE]).values_list("key", "entry__project"))
    return found


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row: a new entry; nothing, where the same stands already; or why it is refused."""
    good, bad = read(rows, by)
    there = {row.row for row in good if row.is_there}
    return [Verdict("bad", tuple(bad[row.row])) if row.row in bad else Verdict("same" if row.row in there else "new") for row in rows]


LABEL = pgettext_lazy("import", "Money in place")
