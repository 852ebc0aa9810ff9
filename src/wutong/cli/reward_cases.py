"""The cases of `wutong reward` out of JSON: with who was registered for which matter, and what was granted or claimed elsewhere."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from wutong.cli import rule_files
from wutong.engine import fact_files
from wutong.engine.list_files import Fault, ListError
from wutong.rulebook import money
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.rewards.computing import Beside, Case
from wutong.rulebook.rewards.registered import WHOLE, share_of
from wutong.rulebook.rewards.shape import NEEDS_REGISTRATION, Award, RewardRule, To
from wutong.rulebook.scoring.facts import DAY, YES, YES_NO

LARGEST_FACTS_BYTES = 20_000_000
_DAYS = ("registered_on", "signed_on", "applied_on")
_FLAGS = ("is_staff", "is_registered")
_TOP = ("on", "cases", "registrations", "granted")
_KNOWN = ("award", "recipient", "matter", "facts", "records", "review", "share", *_DAYS, *_FLAGS)
_OF_REGISTRATION = ("share", "is_staff", "is_registered", "registered_on")
_REGISTRATION = ("recipient", "matter", "to", "share", "is_staff", "registered_on")
_GRANTED = ("recipient", "matter", "document", "title", "word", "amount", "state", "applied_on")
_CASE = Expected(*(2 * ('{"award": …, "recipient": …, "facts": {…}}',)))
_CASES = Expected("奖励事项的列表", "a list of cases")
_LIST = Expected("列表 [{…}]", "a list [{…}]")
_TEXT = Expected("文字", "a text")
_SHARE = Expected("大于 0、不超过 100% 的份额，如 60%", "a share above 0 and at most 100 %, such as 60%")
_YUAN = Expected("金额，如 20万元，不小于 0", "an amount of money such as 20万元, not below 0")
_ELSEWHERE = Expected("登记在 registrations 里写，事项里不再写", "nothing: the matter has registrations, which say it")
STATES = ("granted", "claimed")
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class _Registered:
    """Somebody registered for a matter before the signing, as the file says. Units: `share` 1 = all."""

    place: int
    recipient: str
    matter: str
    to: To
    share: Fraction
    is_staff: bool | None
    registered_on: dt.date | None


@dataclass(frozen=True, slots=True)
class _Granted:
    """An award granted or claimed by another document, as the file says. Units: yuan, None where it is not known yet."""

    recipient: str
    matter: str
    document: str
    zh: str
    en: str
    word: str
    amount_yuan: Fraction | None
    is_granted: bool
    applied_on: dt.date | None


@dataclass(slots=True)
class _File:
    """A file that is being read, with every fault found in it so far."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    registered: list[_Registered] = field(default_factory=list)
    granted: list[_Granted] = field(default_factory=list)

    def fault(self, row: int, name: str, value: object, expected: Expected) -> None:
        """Note that a field of a row is not as expected."""
        self.faults.append(Fault(self.name, row, name, str(value)[:80], expected))

    def known(self, row: int, told: Mapping[str, object], names: Sequence[str], within: str = "") -> None:
        """Fields with another name are a fault: a slip is not passed over."""
        for name in sorted(told.keys() - set(names)):
            self.fault(row, f"{within}{name}", told[name], Expected.one_of("其中一个", "one of", names))

    def text(self, row: int, told: Mapping[str, object], name: str, within: str, *, is_needed: bool = False) -> str:
        """A text; "" where there is none."""
        raw = told.get(name)
        if raw is None and not is_needed:
            return ""
        if not isinstance(raw, str) or (is_needed and not raw.strip()):
            self.fault(row, f"{within}{name}", raw if raw is not None else "", _TEXT)
            return ""
        return raw.strip()

    def chosen(self, row: int, told: Mapping[str, object], name: str, within: str, among: Sequence[str]) -> str:
        """One of some words; the first where none is said."""
        raw = told.get(name) or among[0]
        if raw in among:
            return str(raw)
        self.fault(row, f"{within}{name}", raw, Expected.one_of("其中一个", "one of", among))
        return among[0]

    def day(self, row: int, told: Mapping[str, object], name: str, within: str = "") -> dt.date | None:
        """A day; None where none is said."""
        raw = told.get(name)
        if raw is None or raw == "":
            return None
        try:
            return dt.date.fromisoformat(str(raw))
        except ValueError:
            self.fault(row, f"{within}{name}", raw, DAY)
            return None

    def flag(self, row: int, told: Mapping[str, object], name: str, within: str = "") -> bool | None:
        """Yes or no; None where nothing is said."""
        raw = told.get(name)
        if raw is None or raw == "":
            return None
        found = raw if isinstance(raw, bool) else YES.get(str(raw).lower())
        if found is None:
            self.fault(row, f"{within}{name}", raw, YES_NO)
        return found

    def share(self, row: int, told: Mapping[str, object], within: str = "") -> Fraction:
        """A share, all where none is said. Units: 1 = all."""
        raw = told.get("share")
        if raw is None or raw == "":
            return WHOLE
        found = None if isinstance(raw, bool) else money.quantity(str(raw))
        if found is not None and not found[1].dimensions and 0 < found[0] <= WHOLE:
            return found[0]
        self.fault(row, f"{within}share", raw, _SHARE)
        return WHOLE

    def yuan(self, row: int, told: Mapping[str, object], name: str, within: str) -> Fraction | None:
        """An amount with its unit; None where none is said. Units: yuan."""
        raw = told.get(name)
        if raw is None or raw == "":
            return None
        found = money.quantity(raw) if isinstance(raw, str) else None
        if found is not None and found[1].dimensions == money.UNITS["yuan"].dimensions and found[0] >= 0:
            return found[0]
        self.fault(row, f"{within}{name}", raw, _YUAN)
        return None


def cases_of(path: Path, rule: RewardRule) -> tuple[list[Case], dt.date | None]:
    """The cases of a JSON file, and the day it speaks of where it says one. Raises: ListError with every fault; RuleFileError."""
    if not path.is_file() or path.stat().st_size > LARGEST_FACTS_BYTES:
        zh = f"{path.name}：没有这个文件，或者超过 {LARGEST_FACTS_BYTES} 字节 → 写事项（JSON）的文件名"
        en = f"{path.name}: no such file, or more than {LARGEST_FACTS_BYTES} bytes; expected cases in JSON"
        raise rule_files.RuleFileError(Expected(zh, en))
    try:
        raw = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise rule_files.RuleFileError(_no_json(path, error)) from error
    file = _File(path.name)
    top: Mapping[str, Any] = raw if isinstance(raw, dict) else {"cases": raw}
    rows = top.get("cases")
    if not isinstance(rows, list) or not rows:
        raise ListError([Fault(path.name, 0, "cases", str(rows)[:80], _CASES)])
    file.known(0, top, _TOP)
    on = file.day(0, top, "on")
    file.registered = _rows(file, top, "registrations", _registration)
    file.granted = _rows(file, top, "granted", _granted)
    cases = [_case(file, number, row, rule) for number, row in enumerate(rows, 1)]
    if file.faults:
        raise ListError(file.faults)
    return cases, on


def _no_json(path: Path, error: Exception) -> Expected:
    if path.suffix.lower() in (".xlsx", ".xls", ".csv"):
        return Expected(
            f"{path.name}：事项要写成 JSON，不能是表格 → 写法见 docs/rulebook/rewards.md",
            f"{path.name}: expected cases in JSON, not a table",
        )
    if isinstance(error, UnicodeDecodeError):
        return rule_files.no_utf8(path, error)
    told = fact_files.json_expected(error)
    return Expected(
        f"{path.name}{f' 第 {error.lineno} 行' if isinstance(error, json.JSONDecodeError) else ''} → 应为{told.zh}",
        f"{path.name}: expected {told.en}",
    )


def _rows(file: _File, top: Mapping[str, Any], name: str, read: Callable[[_File, int, Mapping[str, object]], One]) -> list[One]:
    rows = top.get(name, [])
    if not isinstance(rows, list):
        file.fault(0, name, rows, _LIST)
        return []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            file.fault(number, name, row, _LIST)
    return [read(file, number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]


def _registration(file: _File, row: int, told: Mapping[str, object]) -> _Registered:
    within = "registrations."
    file.known(row, told, _REGISTRATION, within)
    to = To(file.chosen(row, told, "to", within, NEEDS_REGISTRATION))
    return _Registered(
        row, file.text(row, told, "recipient", within, is_needed=True), file.text(row, told, "matter", within, is_needed=True), to,
        file.share(row, told, within), file.flag(row, told, "is_staff", within), file.day(row, told, "registered_on", within),
    )  # fmt: skip


def _granted(file: _File, row: int, told: Mapping[str, object]) -> _Granted:
    within = "granted."
    file.known(row, told, _GRANTED, within)
    zh = en = ""
    title = told.get("title")
    if isinstance(title, dict):
        zh, en = (file.text(row, title, lang, f"{within}title.") for lang in ("zh", "en"))
    else:
        zh = file.text(row, told, "title", within)
    document = file.text(row, told, "document", within, is_needed=True)
    is_granted = file.chosen(row, told, "state", within, STATES) == STATES[0]
    return _Granted(
        file.text(row, told, "recipient", within, is_needed=True), file.text(row, told, "matter", within), document,
        f"《{document}》{zh}", f"{document}: {en or zh}" if en or zh else document, file.text(row, told, "word", within, is_needed=True),
        file.yuan(row, told, "amount", within), is_granted, file.day(row, told, "applied_on", within),
    )  # fmt: skip


def _case(file: _File, row: int, told: object, rule: RewardRule) -> Case:
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) and told[name].strip() for name in ("award", "recipient")):
        file.fault(row, "case", told, _CASE)
        return Case("", "")
    file.known(row, told, _KNOWN)
    for name, kind, expected in (("facts", dict, "{name: value}"), ("records", dict, "{name: [{…}]}")):
        if not isinstance(told.get(name, {}), kind):
            file.fault(row, name, told[name], Expected(expected, expected))
            return Case("", "")
    days, flags = {name: file.day(row, told, name) for name in _DAYS}, {name: file.flag(row, told, name) for name in _FLAGS}
    facts, records, matter = told.get("facts", {}), told.get("records", {}), file.text(row, told, "matter", "")
    case = Case(
        told["award"], told["recipient"], facts, records, review=str(told.get("review") or ""), place=row, share=file.share(row, told),
        **days, **flags,  # type: ignore[arg-type]
    )  # fmt: skip
    award = rule.awards.get(case.award)
    if award is None:  # told with the facts
        return case
    there = [one for one in file.registered if matter and (one.matter, one.to) == (matter, award.to)]
    if award.to in NEEDS_REGISTRATION and there:
        for name in _OF_REGISTRATION:
            if name in told:
                file.fault(row, name, told[name], _ELSEWHERE)
        case = _of_registration(case, there)
    return replace(case, beside=tuple(_beside(case, award, rule, matter, file.granted)))


def _of_registration(case: Case, there: Sequence[_Registered]) -> Case:
    """A case as those registered for its matter say it, the first first; who is none of them was not registered."""
    order = sorted(there, key=lambda one: (one.registered_on or dt.date.max, one.place))
    mine = next((one for one in order if one.recipient == case.recipient), None)
    if mine is None:
        return replace(case, is_registered=False)
    share = share_of(mine.place, ((one.place, one.share) for one in order))
    return replace(case, is_registered=True, registered_on=mine.registered_on, is_staff=mine.is_staff, share=share)


def _beside(case: Case, award: Award, rule: RewardRule, matter: str, granted: Sequence[_Granted]) -> Iterator[Beside]:
    """What was granted or claimed elsewhere for the same matter and recipient, of awards with the word of this one."""
    for one in granted:
        is_same = (one.recipient, one.matter, one.word) == (case.recipient, matter, award.one_of)
        if award.one_of and is_same and (award.is_across or one.document in (rule.code, rule.zh)):
            is_before = one.applied_on is not None and (case.applied_on is None or one.applied_on <= case.applied_on)
            yield Beside(one.zh, one.en, one.amount_yuan, is_before, one.is_granted)
