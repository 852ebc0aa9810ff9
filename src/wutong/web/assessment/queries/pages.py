"""What the pages of assessment show and offer: schemes, figures, runs with their table, a unit with everything behind its points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring import remarks
from wutong.rulebook.scoring.facts import FactsError
from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import FactEntry, Goal, Member, Objection, Run, RunUnit, Scheme, SchemeVersion
from wutong.web.assessment.queries import goal_facts, goal_words, listed, members, notices, ratings, results, versions
from wutong.web.assessment.queries.firm_figures import FIGURE, NO_FIGURES
from wutong.web.assessment.queries.records import UNKNOWN_YEAR
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.assessment.rules.runs import KEPT, Measures, RunState, Standing
from wutong.web.lib import access
from wutong.web.lib.access import is_chinese

MOST_BEHIND = 200
ADDRESSES = {
    "projects.Project": ("projects:project", "public_id"),
    "projects.FundsEntry": ("projects:funds-of", "project.public_id"),
    "projects.Commitment": ("projects:papers-of", "project.public_id"),
    "outreach.Trip": ("outreach:trip", "public_id"),
    FIGURE: ("firms:detail", "firm.standing.firm_id"),
    "leads.Lead": ("leads:lead", "public_id"),
    "leads.Knock": ("leads:row", "row.public_id"),
    "journal.Duty": ("journal:duty", "public_id"),
    "assessment.FactEntry": ("assessment:figure", "public_id"),
    "assessment.Goal": ("assessment:goal", "public_id"),
    "assessment.RatingRound": ("assessment:rating", "public_id"),
    "assessment.Finding": ("assessment:finding", "public_id"),
    "assessment.Inspection": ("assessment:visit", "public_id"),
    "assessment.Run": ("assessment:run", "public_id"),
    "assessment.RewardClaim": ("assessment:reward", "public_id"),
}
"""Kind of a record behind a fact → the page that shows it, and the way from the record to what that page is about."""
WHY = {
    goal_facts.NO_GOAL: gettext_lazy("no goal set"),
    goal_facts.NOT_LISTED: gettext_lazy("no set of goals lists the unit"),
    goal_facts.SEVERAL: gettext_lazy("more than one set has this goal, so that none can be taken"),
    NO_FIGURES: gettext_lazy("no figure of the year is noted of the firms that count"),
    UNKNOWN_YEAR: gettext_lazy("the days off of the year are not known yet: enter its calendar"),
    ratings.NO_ROUND: gettext_lazy("no closed round of ratings in the period tells it"),
    ratings.TOO_FEW: gettext_lazy("too few answers for a mean"),
}
"""Why a computed fact has no figure."""
NOT_APPLICABLE = {
    "denominator is zero": gettext_lazy("the denominator is zero"), "target is zero": gettext_lazy("the target is zero"),
    "none applies": gettext_lazy("none of it applies"), "no records": gettext_lazy("no records"),
    "not yet in force": gettext_lazy("not yet in force"), "all are alike": gettext_lazy("all units are alike"),
    "outside all bands": gettext_lazy("outside all bands"), "not ranked": gettext_lazy("not in the ranking"),
    "no total": gettext_lazy("no total"),
}  # fmt: skip
"""Why an indicator does not apply, as the rules say it; what else stands there is the words of a rule or of whoever entered the fact."""


def keeps(user: Any, scheme: Scheme) -> bool:
    """Whether a person edits or approves a scheme, and so sees all of it."""
    return any(user.may(one, scheme.unit.target()) for one in (Permission.ASSESSMENT_EDIT, Permission.ASSESSMENT_APPROVE))


def may(user: Any, scheme: Scheme) -> dict[str, bool]:
    """What a person is offered about a scheme."""
    target = scheme.unit.target()
    return {
        "may_edit": user.may(Permission.ASSESSMENT_EDIT, target),
        "may_approve": user.may(Permission.ASSESSMENT_APPROVE, target),
        "may_export": user.may(Permission.ASSESSMENT_EXPORT),
        "may_answer": user.may(Permission.ASSESSMENT_ANSWER),
        "keeps": keeps(user, scheme),
    }


# --- what is offered --------------------------------------------------------------------------------------------------------------------
def units_to_issue(user: Any) -> Any:
    """The open units for which a person may issue a scheme."""
    return Unit.objects.filter(within(user, Permission.ASSESSMENT_EDIT, unit=""), closed_on=None).order_by("path")


def standings(user: Any, scheme: Scheme) -> tuple[Standing, ...]:
    """As whose word a person may enter figures."""
    found = [Standing.VERIFIED] if user.may(Permission.ASSESSMENT_EDIT, scheme.unit.target()) else []
    if scheme.measures == Measures.PERSONS:
        speaks = bool(members.answered(user, members.measured(scheme)))
    else:
        speaks = user.may(Permission.ASSESSMENT_ANSWER)
    return (*found, *([Standing.OWN] if speaks else []))


def facts_to_fill(scheme: Scheme, able: Sequence[Standing]) -> dict[str, Declared]:
    """The facts that may be entered: those that nothing computes; what a unit says itself, of all."""
    version = versions.newest(scheme)
    rule = versions.read(version.text)[0] if version else None
    if rule is None:
        return {}
    return {name: one for name, one in rule.facts.items() if one.origin is None or Standing.OWN in able}


def runs_to_supersede(scheme: Scheme) -> Any:
    """The runs whose place another may take."""
    found = scheme.runs.filter(state__in=sorted(KEPT)).exclude(superseded_by__state=RunState.PUBLISHED)
    return found.order_by("-number")


# --- a scheme ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SchemePage:
    """A scheme with its versions, the names of whom it measures by group, and its runs, as far as a reader may see."""

    scheme: Scheme
    versions: tuple[SchemeVersion, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    runs: tuple[Run, ...]
    open: SchemeVersion | None
    fault: str


def scheme_page(user: Any, scheme: Scheme) -> SchemePage:
    """Everything of a scheme that a person may see."""
    found = tuple(SchemeVersion.objects.visible_to(user).filter(scheme=scheme).select_related("created_by", "decided_by"))
    titles = versions.groups(scheme)
    by_group: dict[str, list[str]] = {}
    for member in Member.objects.visible_to(user).filter(scheme=scheme).select_related("unit", "person").order_by("unit__path", "pk"):
        by_group.setdefault(member.group, []).append(member.measured_name)
    groups = tuple((titles.get(code, code), tuple(names)) for code, names in by_group.items())
    runs = tuple(Run.objects.visible_to(user).filter(scheme=scheme).select_related("version").prefetch_related("superseded_by")[:50])
    faulty = versions.unreadable(scheme, access.today())
    fault = versions.fault_words(faulty) if faulty is not None else ""
    return SchemePage(scheme, found, groups, runs, next((one for one in found if one.is_open), None), fault)


def figures(user: Any, scheme: Scheme) -> Any:
    """The figures of a scheme that a person may see and that no correction took the place of."""
    return FactEntry.objects.visible_to(user).standing().filter(scheme=scheme).select_related("unit", "person", "by", "corrects")


def fact_words(scheme: Scheme) -> dict[str, tuple[str, str]]:
    """Name of a fact → its title and its unit in the language of the page; the unit is "" where it has none."""
    version = versions.newest(scheme)
    rule, zh = versions.read(version.text)[0] if version else None, is_chinese()
    facts = {} if rule is None else rule.facts
    return {name: (one.zh if zh else one.en, "" if one.unit is None else one.unit.zh if zh else one.unit.en) for name, one in facts.items()}


# --- a run ------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """The points of an indicator of a unit in the table. `state`: known, missing, not_applicable."""

    id: str
    points: Decimal | None
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """A unit in the table of a run."""

    row: RunUnit
    cells: tuple[Cell, ...]
    flags: tuple[str, ...]
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupTable:
    """A group of a run: heads of its indicators (code, title, full points, whether it is counted), and its units by rank."""

    code: str
    title: str
    heads: tuple[tuple[str, str, str, bool], ...]
    lines: tuple[Line, ...]


def title_of(item: Mapping[str, Any]) -> str:
    """An indicator in the language of the page."""
    return str(item["title"] if is_chinese() else item["title_en"])


def tables(user: Any, run: Run) -> tuple[GroupTable, ...]:
    """The units of a run that a person may see, by group, with the points of every indicator of the first level."""
    rule = versions.read(run.version.text)[0]
    titles = {code: (one.zh if is_chinese() else one.en) for code, one in rule.groups.items()} if rule else {}
    by_group: dict[str, list[RunUnit]] = {}
    for row in (
        RunUnit.objects.visible_to(user).filter(run=run).select_related("unit", "person").defer("facts", "evidence").order_by("position_no")
    ):
        by_group.setdefault(row.group, []).append(row)
    known = _known(rule)
    return tuple(_table(code, titles.get(code, code), rows, known) for code, rows in by_group.items())


def _table(code: str, title: str, rows: list[RunUnit], known: Mapping[str, str]) -> GroupTable:
    items = [one for one in rows[0].result["items"] if one["depth"] == 0] if rows else []
    heads = tuple((one["id"], title_of(one), _figure(one["full_points"]), one.get("is_counted", True)) for one in items)
    return GroupTable(code, title, heads, tuple(_line(row, known) for row in rows))


def _figure(text: str | None) -> str:
    return text or ""


def _flags(row: RunUnit, known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(remarks.said(flag, "zh" if is_chinese() else "en", known) for flag in row.result["flags"])


def _known(rule: remarks.Declares | None) -> Mapping[str, str]:
    """The titles of what may lack, by its name."""
    return remarks.titles(rule, "zh" if is_chinese() else "en") if rule is not None else {}


def _line(row: RunUnit, known: Mapping[str, str]) -> Line:
    cells = tuple(
        Cell(one["id"], None if one["points"] is None else Decimal(one["points"]), one["state"])
        for one in row.result["items"]
        if one["depth"] == 0
    )
    return Line(row, cells, _flags(row, known), tuple(row.result["lists"]))


@dataclass(frozen=True, slots=True)
class Behind:
    """A record behind a fact. `address` "" where the reader may not open it; `note`: what it gives, or why it does not count."""

    name: str
    address: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class InputLine:
    """A fact that an indicator rests on, with what the unit says itself and the records behind it.

    `passed`: records that were looked at and do not count, each with why; `more_passed` as `more`: how many are not listed.
    """

    title: str
    said: str
    unit: str
    state: str
    own: str
    source: str
    why: str
    behind: tuple[Behind, ...]
    more: int
    lacking: tuple[Behind, ...]
    passed: tuple[Behind, ...] = ()
    more_passed: int = 0


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An indicator of a unit with everything behind its points."""

    item: Mapping[str, Any]
    title: str
    formula: str
    rounding: str
    points: Decimal | None
    inputs: tuple[InputLine, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What a run found of a unit. `unlisted`: why the records that are counted one by one cannot be listed; the points stand as kept."""

    row: RunUnit
    items: tuple[ItemLine, ...]
    flags: tuple[str, ...]
    objections: tuple[Objection, ...]
    unlisted: str = ""


def unit_page(user: Any, row: RunUnit) -> UnitPage:
    """A unit of a run: every point with formula, inputs and records."""
    wanted = {tuple(one) for told in row.evidence.values() for one in (*told["behind"], *told["lacking"])}
    lists, unlisted = _listed(row)
    names = named(user, wanted | listed.records_of(lists))
    items = tuple(_item_line(row, one, names, lists.get((one["id"], one["line"]), ())) for one in row.result["items"])
    of_it = {"person": row.person} if row.person_id else {"unit": row.unit, "person": None}
    found = Objection.objects.visible_to(user).filter(run=row.run, **of_it).select_related("filed_by", "decided_by")
    return UnitPage(row, items, _flags(row, _known(versions.read(row.run.version.text)[0])), tuple(found), unlisted)


def _listed(row: RunUnit) -> tuple[Mapping[tuple[str, int], tuple[listed.Listed, ...]], str]:
    """The lists behind each indicator, or why they cannot be made anew."""
    try:
        return listed.of_row(row), ""
    except (RuleError, FactsError) as error:
        return {}, versions.why_not(error)


def _item_line(row: RunUnit, item: Mapping[str, Any], names: Mapping[tuple[str, ...], Behind], lists: Sequence[listed.Listed]) -> ItemLine:
    zh = is_chinese()
    by_name = {one.name: one for one in lists}
    inputs = [_input_line(row, one, names, by_name.pop(one["name"], None)) for one in item["inputs"]]
    inputs += [_list_line(one, names) for one in by_name.values()]  # looked at behind a name of the rule
    points = None if item["points"] is None else Decimal(item["points"])
    return ItemLine(
        item, title_of(item), item["formula" if zh else "formula_en"], item["rounding" if zh else "rounding_en"], points, tuple(inputs),
        str(NOT_APPLICABLE.get(item["why"], item["why"])),
    )  # fmt: skip


def _input_line(row: RunUnit, one: Mapping[str, Any], names: Mapping[tuple[str, ...], Behind], of_list: listed.Listed | None) -> InputLine:
    if of_list is not None:
        return _list_line(of_list, names)
    told = row.evidence.get(one["name"], {"behind": [], "lacking": []})
    behind = [names.get(tuple(record), hidden()) for record in told["behind"]]
    lacking = tuple(names.get(tuple(record), hidden()) for record in told["lacking"])
    own = str(row.facts.get("own", {}).get(one["name"], ""))
    return InputLine(
        title_of(one), one["said"], one["unit"], one["state"], own, told.get("source", ""), str(WHY.get(told.get("why", ""), "")),
        tuple(behind[:MOST_BEHIND]), max(len(behind) - MOST_BEHIND, 0), lacking,
    )  # fmt: skip


def _list_line(one: listed.Listed, names: Mapping[tuple[str, ...], Behind]) -> InputLine:
    """Records that are counted one by one: which count and for how much, which do not and why."""
    counted, passed = ([_noted(names.get(record), note) for record, note in those] for those in (one.counted, one.passed))
    return InputLine(
        one.title, str(len(counted) + len(passed)), one.unit, "known", "", "", "", tuple(counted[:MOST_BEHIND]),
        max(len(counted) - MOST_BEHIND, 0), (), tuple(passed[:MOST_BEHIND]), max(len(passed) - MOST_BEHIND, 0),
    )  # fmt: skip


def _noted(record: Behind | None, note: str) -> Behind:
    """A record with what is said of it; of one that a reader may not open nothing is: the words tell its figures."""
    return hidden() if record is None else replace(record, note=note)


def hidden() -> Behind:
    """A record that stands behind a fact and that the reader may not open."""
    return Behind(_("a record that you may not open"), "")


def named(user: Any, wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], Behind]:
    """Records by kind and public id that a person may open, with their names: one question a kind."""
    by_kind: dict[str, list[str]] = {}
    for kind, key in wanted:
        by_kind.setdefault(kind, []).append(key)
    found: dict[tuple[str, ...], Behind] = {}
    for kind, keys in by_kind.items():
        model = apps.get_model(kind)
        rows = model._default_manager.visible_to(user).filter(public_id__in=keys)  # type: ignore[attr-defined]
        about, dot, _rest = ADDRESSES.get(kind, ("", ""))[1].partition(".")
        for one in rows.select_related(about) if dot else rows:
            found[kind, str(one.public_id)] = Behind(_title_of(one), _address(kind, one))
    return found


def _title_of(one: Any) -> str:
    return goal_words.name_of(one) if isinstance(one, Goal) else str(one)


def _address(kind: str, one: Any) -> str:
    if kind not in ADDRESSES:
        return ""
    name, way = ADDRESSES[kind]
    return reverse(name, args=[attrgetter(way)(one)])


def is_sound(run: Run) -> bool:
    """Whether what is kept is still what was frozen."""
    return run.digest == results.digest(run)


def may_step(user: Any, run: Run, on: dt.date) -> dict[str, Any]:
    """Which steps of a run a person is offered on a day, and the notice before it is approved."""
    allowed = may(user, run.scheme)
    state, hands = RunState(run.state), run.facts().hands
    edits, approves = allowed["may_edit"], allowed["may_approve"]
    notice = notices.shown(run, on)
    decides = approves and state is RunState.FROZEN and user.pk not in hands
    return {
        **allowed, "notice": notice, "may_freeze": edits and state is RunState.DRAFT,
        "may_again": edits and state in (RunState.DRAFT, RunState.FAILED),
        "may_decide": decides and (notice is None or notice.is_over), "may_publish": edits and state is RunState.APPROVED,
        "may_send_back": approves and state in (RunState.FROZEN, RunState.APPROVED),
        "may_withdraw": edits and state in (RunState.WAITING, RunState.DRAFT, RunState.FAILED, RunState.FROZEN),
    }  # fmt: skip


def schemes(user: Any) -> Any:
    """The schemes that a person may see, the last first."""
    return Scheme.objects.visible_to(user).of_kind(SchemeKind.SCORING).select_related("unit")
