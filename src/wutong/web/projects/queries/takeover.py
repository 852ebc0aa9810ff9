"""A bureau's ledger of projects (项目台账) that is taken over: what each row says, what is wrong with it, and what only needs a look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.engine import codes
from wutong.engine.ledger_cells import Amount, Day, names_in, pieces, plain
from wutong.rulebook.lifecycle import FIGURES as DESCRIBED
from wutong.web.accounts.models import Unit, User
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import duplicates
from wutong.web.lib import access
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict
from wutong.web.projects.models import PLAN, Project
from wutong.web.projects.queries import lifecycles, refusals, takeover_columns
from wutong.web.projects.queries.takeover_columns import DAYS, FIGURES, Standing, Words, kind_of
from wutong.web.projects.queries.takeover_units import Owners, Units, directed
from wutong.web.projects.rules import opening as rules
from wutong.web.projects.rules.stages import Loss, Stage, Status

LABEL = gettext_lazy("Ledger of projects")
FREE = frozenset({Stage.TALKS, Stage.APPRAISAL})
"""Stages of which no rate asks the day: where a ledger is silent, it is the day of the ledger."""
_AT_ONCE = 500
Faults = list[tuple[str, str]]


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of a ledger, with drop-downs of what a cell may say."""
    return takeover_columns.columns(user, tuple(str(unit) for unit in directed(user)))


def split(cells: list[str], columns: Mapping[str, int]) -> list[list[str]]:
    """The rows that a row naming several projects stands for: texts are told in each, figures only where each has its own."""
    at = columns.get("title")
    names = names_in(cells[at]) if at is not None and at < len(cells) else ()
    if len(names) < 2:
        return []
    figures = {index for name, index in columns.items() if name in {*DESCRIBED, "project_code"}}
    whole = {index for name, index in columns.items() if name in {"section", "note", "content", "reason"}}
    rows = [[*cells] for _name in names]
    for index, text in enumerate(cells):
        own = names if index == at else None if index in whole else pieces(text, len(names))
        for row, told in zip(rows, own or [""] * len(names), strict=True):
            if own or index in figures:
                row[index] = told
    return rows


@dataclass(frozen=True, slots=True)
class LedgerProject:
    """A row that can be taken over. `said`: of the project, by its fields; `days`: of stages that it passed; `told`: what needs a look."""

    row: int
    unit: Unit
    finder: Unit
    owner: User
    stage: Stage
    since_on: dt.date
    days: Mapping[Stage, dt.date]
    status: Status
    status_on: dt.date
    reason: str
    loss: Loss | None
    went_to: str
    investor: str
    uscc: str
    contacts: tuple[str, ...]
    said: Mapping[str, Any]
    told: tuple[tuple[str, str], ...] = field(default=())

    @property
    def title(self) -> str:
        """The name of the project."""
        return str(self.said["name_zh"])

    @property
    def mark(self) -> tuple[str, str]:
        """By which two rows are the same: the name and the investor, or the host where none is named."""
        return _title_key(self.title), duplicates.name_key(self.investor) or self.uscc or f"unit {self.unit.pk}"


def _title_key(text: str) -> str:
    return plain(text).casefold()


class _Reader:
    """Reads rows; units, people and words are looked up once."""

    def __init__(self, by: Any, given: Mapping[str, Any]) -> None:
        self._hosts, self._owners = Units(directed(by)), Owners()
        self._finders = Units(Unit.objects.filter(closed_on=None).order_by("path"))
        self._words = Words(lifecycles.in_force())
        self._today = access.today()
        self._as_of: dt.date = given.get("as_of") or self._today
        self._is_director_meant = bool(given.get("is_director_meant"))
        self._order = [Stage(code) for code in lifecycles.in_force().order]

    def read(self, row: SheetRow, *, but: frozenset[str] = frozenset()) -> tuple[LedgerProject | None, Faults]:
        """The row, or what is wrong with it; of the fields in `but` something was told already."""
        faults: Faults = []
        told: Faults = []
        unit, owner, finder = self._who(row, faults, but)
        stage, status = self._standing(row, faults, but)
        days, since = self._days(row, stage, faults, told)
        said = self._said(row, faults)
        if faults or unit is None or owner is None or finder is None or stage is None or since is None:
            return None, faults
        went_to = row.text("went_to")
        return LedgerProject(
            row.row, unit, finder, owner, stage, since, days, status, max(since, self._as_of), _reason(row),
            (Loss.ELSEWHERE if went_to else Loss.OTHER) if status is Status.LOST else None, went_to if status is Status.LOST else "",
            row.text("name"), codes.normalise(row.text("uscc")), tuple(row.text("telephone").split("、")) if row.text("telephone") else (),
            said, tuple(told),
        ), []  # fmt: skip

    def _who(self, row: SheetRow, faults: Faults, but: frozenset[str]) -> tuple[Unit | None, User | None, Unit | None]:
        host = self._unit(row, "unit", self._hosts, faults) if row.text("unit") else None
        finder = self._unit(row, "finder", self._finders, faults) if row.text("finder") else host
        if host is None or "owner" in but:
            return host, None, finder
        owner, wanted = self._owners.of(host, row.text("owner"), is_director_meant=self._is_director_meant)
        if owner is None:
            faults.append(("owner", wanted))
        return host, owner, finder

    def _unit(self, row: SheetRow, name: str, units: Units, faults: Faults) -> Unit | None:
        found = units.named(row.text(name))
        if len(found) == 1:
            return next(iter(found))
        if found and units is self._hosts:
            named = ", ".join(sorted(map(str, found))[:6])
            faults.append((name, _("one unit; this may be any of: %(units)s") % {"units": named}))
        elif units is self._hosts:
            faults.append((name, _("a unit whose projects you direct, by its full, former or short name")))
        else:
            faults.append((name, _("one unit of the organisation, by its full, former or short name")))
        return None

    def _standing(self, row: SheetRow, faults: Faults, but: frozenset[str]) -> tuple[Stage | None, Status]:
        own, beside = row.values.get("stage"), row.values.get("status")
        section = self._words.meaning(_bare_section(row.text("section")))
        stage = (own.stage if own else None) or (beside.stage if beside else None)
        if stage is None and section is not None and section.stage:
            stage = Stage(section.stage)
        if stage is None and not but & {"stage", "status"}:
            stages = ", ".join(lifecycles.stage_name(code) for code in self._order)
            faults.append(("stage", _("a stage: %(stages)s, or a usual word for one") % {"stages": stages}))
        status = next((one.status for one in (beside, own) if isinstance(one, Standing) and one.status), None)
        return stage, status or Status.ACTIVE

    def _day(self, row: SheetRow, name: str) -> dt.date | None:
        """A day of the ledger; the month that has not ended counts until today."""
        found: Day | None = row.values.get(name)
        if found is None:
            return None
        is_this_month = (found.on.year, found.on.month) == (self._today.year, self._today.month)
        return min(found.on, self._today) if found.is_rounded and is_this_month else found.on

    def _days(self, row: SheetRow, stage: Stage | None, faults: Faults, told: Faults) -> tuple[dict[Stage, dt.date], dt.date | None]:
        """The days of the stages that it passed, and since when it is in the present one."""
        known = {one: day for one, name in DAYS.items() if (day := self._day(row, name)) is not None}
        own_since = self._day(row, "since_on")
        wrong = [name for one, name in DAYS.items() if one in known and known[one] > self._today]
        wrong += ["since_on"] if own_since and own_since > self._today else []
        faults.extend((name, _("a day not later than today")) for name in wrong)
        told.extend(
            (name, _("a month or a part of one: its last day is taken, and today where it has not ended"))
            for name in (*DAYS.values(), "since_on") if isinstance(row.values.get(name), Day) and row.values[name].is_rounded
        )  # fmt: skip
        if stage is None or wrong:
            return {}, None
        at = self._order.index(stage)
        early, late = self._order[:at], self._order[at + 1 :]
        faults.extend(
            (DAYS[one], _("no day, for the ledger says “%(stage)s”; or another stage") % {"stage": lifecycles.stage_name(stage)})
            for one in late if one in known
        )  # fmt: skip
        days = {one: known[one] for one in early if one in known}
        last = max(days.values(), default=None)
        since = known.get(stage) or own_since
        if since is None and stage in FREE and (last is None or last <= self._as_of):
            since = self._as_of
            told.append((DAYS[stage], _("not said since when; the day of the ledger stands for it")))
        elif since is None:
            words = {"stage": lifecycles.stage_name(stage)}
            faults.append((DAYS[stage], _("the day on which it came to “%(stage)s”, where the ledger says it stands") % words))
        faults.extend(_out_of_order({**days, **({stage: since} if since else {})}, stage, known))
        return days, since

    def _said(self, row: SheetRow, faults: Faults) -> dict[str, Any]:
        """What the row says of the project, by its fields."""
        values = row.values
        said: dict[str, Any] = {
            "name_zh": row.text("title"), "kind": kind_of(values), "site_text": row.text("site_text"),
            "project_code": row.text("project_code"), "landed_name": row.text("landed_name"),
            "note": "\n".join(filter(None, (row.text("content"), row.text("note"))))[:2000],
        }  # fmt: skip
        said |= {name: values[name] for name in ("mode", "site_kind") if name in values}
        amounts = {name: values[name] for name in FIGURES if isinstance(values.get(name), Amount)}
        said |= {name: one.yuan for name, one in amounts.items()}
        said |= {name: values[name] for name in ("jobs", "land_mu", "building_sqm", "energy_tce_a_year") if name in values}
        said |= {name: values[name].on for name in PLAN if isinstance(values.get(name), Day)}
        within = amounts["total_yuan"].fixed_yuan if "total_yuan" in amounts else None
        if within is not None:
            if said.get("fixed_yuan") not in {None, within}:
                faults.append(("total_yuan", _("the same fixed assets as in their own column")))
            said["fixed_yuan"] = within
        if "fixed_yuan" in said and "total_yuan" in said and said["fixed_yuan"] > said["total_yuan"]:
            faults.append(("fixed_yuan", _("fixed assets that are not more than the total investment")))
        figures: dict[str, Decimal | int] = {name: said[name] for name in DESCRIBED if said.get(name) is not None}
        plan = tuple(said.get(name) for name in PLAN)
        about = rules.Description(said["name_zh"] or "…", figures, (), said["project_code"], plan=plan)
        for refusal in rules.refusals_to_describe(about, is_code_taken=False):
            faults.append((refusal.field or next((name for name in PLAN if said.get(name)), ""), "; ".join(refusals.words((refusal,)))))
        return said


def _bare_section(text: str) -> str:
    """A section's title without its number and count: “一、在谈项目（35个）” → 在谈项目."""
    bare = plain(text).split("(")[0] if not plain(text).startswith("(") else plain(text).partition(")")[2].split("(")[0]
    return bare.lstrip("一二三四五六七八九十、.: ")


def _reason(row: SheetRow) -> str:
    return row.text("reason")[:300] or row.text("note")[:300] or _("as the ledger says")


def _out_of_order(days: Mapping[Stage, dt.date], stage: Stage, known: Mapping[Stage, dt.date]) -> Iterable[tuple[str, str]]:
    """Days that lie before the day of an earlier stage."""
    before: tuple[Stage, dt.date] | None = None
    for one in sorted(days, key=list(Stage).index):
        if before is not None and days[one] < before[1]:
            words = {"stage": lifecycles.stage_name(before[0]), "day": before[1]}
            name = DAYS[one] if one in known or one is not stage else "since_on"
            yield name, _("a day not before that of “%(stage)s”, %(day)s") % words
        before = (one, days[one])


def read(rows: Sequence[SheetRow], by: Any, given: Mapping[str, Any]) -> tuple[list[LedgerProject], dict[int, Faults]]:
    """Rows that can be taken over, and of the others what was expected of which field; of two that are the same the first."""
    good, bad = list[LedgerProject](), dict[int, Faults]()
    for row, (one, faults) in zip(rows, _each(rows, by, given), strict=True):
        if one is not None:
            good.append(one)
        else:
            bad.setdefault(row.row, []).extend(faults)
    return good, bad


def _each(rows: Sequence[SheetRow], by: Any, given: Mapping[str, Any]) -> list[tuple[LedgerProject | None, Faults]]:
    """For each row, in their order, what it says, or what is wrong with it. A line that was split stands for several rows."""
    reader, found = _Reader(by, given), list[tuple[LedgerProject | None, Faults]]()
    there = [reader.read(row) for row in rows]
    known_codes = _codes_there([one.said["project_code"] for one, _faults in there if one])
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    seen_codes: dict[str, int] = {}
    for at, (one, faults) in enumerate(there):
        wrong = _twice(one, at, seen, seen_codes, known_codes) if one else faults
        found.append((None if wrong else one, wrong))
    return found


def _twice(
    one: LedgerProject, at: int, seen: dict[tuple[str, str], tuple[int, int]], seen_codes: dict[str, int],
    known_codes: Mapping[str, tuple[str, int]],
) -> Faults:  # fmt: skip
    """Why a row may not stand beside those before it, or beside projects that are there."""
    faults: Faults = []
    first = seen.setdefault(one.mark, (at, one.row))
    if first[0] != at:
        faults.append(("title", _("each project once; row %(row)s names it too") % {"row": first[1]}))
    code = one.said["project_code"]
    if code and not faults and code in seen_codes:
        faults.append(("project_code", _("a code of its own; row %(row)s has it too") % {"row": seen_codes[code]}))
    if code and not faults:
        seen_codes[code] = one.row
    if code in known_codes and known_codes[code] != (one.title, one.unit.pk):
        faults.append(("project_code", _("a code that no other project has")))
    return faults


def _codes_there(wanted: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Codes that projects have already: whose they are."""
    some, found = sorted(set(wanted) - {""}), dict[str, tuple[str, int]]()
    for begin in range(0, len(some), _AT_ONCE):
        rows = Project.objects.filter(project_code__in=some[begin : begin + _AT_ONCE]).order_by()
        found |= {code: (name, unit) for code, name, unit in rows.values_list("project_code", "name_zh", "unit_id")}
    return found


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row: a new project; nothing, where the unit has it already; why it is refused; what needs a look."""
    each = _each(rows, by, given)
    good = [one for one, _faults in each if one is not None]
    there, alike = standing_already(good), _alike(good, by)
    return [
        Verdict("bad", tuple(wrong)) if one is None
        else Verdict("same") if _standing_mark(one) in there
        else Verdict("new", waits=id(one) in alike, remarks=(*one.told, *([("name", alike[id(one)])] if id(one) in alike else [])))
        for one, wrong in each
    ]  # fmt: skip


def faults(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[tuple[tuple[str, str], ...]]:
    """What is wrong with each row beside cells that cannot be read."""
    reader, names = _Reader(by, given), {column.field.name for column in columns(by)}
    return [tuple(reader.read(row, but=frozenset(names - row.values.keys()))[1]) for row in rows]


def _standing_mark(one: LedgerProject) -> tuple[int, str]:
    return one.unit.pk, one.title


def standing_already(rows: Sequence[LedgerProject]) -> set[tuple[int, str]]:
    """Host and name of rows that the host has as a project."""
    titles, found = sorted({row.title for row in rows}), set[tuple[int, str]]()
    units = {row.unit.pk for row in rows}
    for begin in range(0, len(titles), _AT_ONCE):
        some = Project.objects.filter(unit__in=units, name_zh__in=titles[begin : begin + _AT_ONCE]).order_by()
        found |= set(some.values_list("unit_id", "name_zh"))
    return found


def _alike(rows: Sequence[LedgerProject], by: Any) -> dict[int, str]:
    """Rows whose investor a row before them names too, or a lead that the person may see, by their identity: each becomes a pair."""
    keys = {key for row in rows for key in _firm_keys(row)}
    known: set[str] = set()
    seen = Lead.objects.visible_to(by).filter(is_confidential=False).order_by()
    some = sorted(keys)
    for begin in range(0, len(some), _AT_ONCE):
        part = some[begin : begin + _AT_ONCE]
        for pair in seen.filter(Q(name_key__in=part) | Q(uscc__in=part)).values_list("name_key", "uscc"):
            known |= set(pair)
    found: dict[int, str] = {}
    first: dict[str, LedgerProject] = {}
    for row in rows:
        mine = _firm_keys(row)
        other = next((first[key] for key in mine if key in first), None)
        if other is not None:
            words = {"row": other.row, "title": other.title}
            found[id(row)] = _("may be one with row %(row)s, “%(title)s”: the same investor; both come in and wait as a pair") % words
        elif mine & known:
            found[id(row)] = _("a lead of this firm is there already; both wait as a pair until somebody decides")
        for key in mine:
            first.setdefault(key, row)
    return found


def _firm_keys(row: LedgerProject) -> set[str]:
    return {duplicates.name_key(row.investor), row.uscc} - {""}
