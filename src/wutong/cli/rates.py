"""`wutong rates`: the three rates (三率) by a chosen definition, with every project behind them."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from wutong.cli import rate_facts
from wutong.cli.office import office
from wutong.cli.session import Add, day, out, with_documents
from wutong.engine.plain_text import table
from wutong.rulebook import load
from wutong.rulebook import rates as rulebook
from wutong.rulebook.rates import Definition, Rates
from wutong.web.projects.rules import rates
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.rates import Cohort, Funnel, LeftOut, Rate, Why

WHYS: Mapping[Why, tuple[str, str]] = {
    Why.WAITS: ("尚未达到，仅计入分母", "not there yet: in the denominator only"),
    Why.REACHED: ("已达到", "reached"),
    Why.IMPLIED: ("后续阶段可证明已达到", "reached, as a later stage shows"),
    Why.EARLY: ("提前达到，仅计入分子", "came early: in the numerator only"),
    Why.TOO_EARLY: ("早于批次日期，按口径不计入分子", "before the cohort's day: not in the numerator"),
    Why.OTHER_PERIOD: ("不在所问时期内，不计入分子", "in another period: not in the numerator"),
    Why.NOT_PROVED: ("接收时无佐证，不计入分子", "taken over without evidence: not in the numerator"),
    Why.MONEY: ("有到位资金", "money arrived"),
    Why.NO_EVENT: ("没有形成批次的事项", "lacks what makes the cohort"),
    Why.OUTSIDE: ("不在所问时期", "outside the period"),
    Why.LATER: ("晚于所问日期", "later than the day asked for"),
    Why.NOT_SO_FAR: ("未达到分母条件", "not so far as the denominator asks"),
    Why.LOST: ("已流失，按口径剔除", "lost: left out"),
    Why.ENDED: ("合同已终止且无接续合同，按口径剔除", "contract ended, none in its place: left out"),
    Why.NOT_KEY: ("不是重点产业项目", "of no key industry"),
    Why.UNPROVED: ("接收时无佐证，按口径剔除", "taken over without evidence: left out"),
    Why.NO_MONEY: ("所问时期无到位资金", "no money in the period"),
}


class RateError(LookupError):
    """The question names what is not there, or lacks something."""


def run_rates(arguments: argparse.Namespace) -> int:
    """One rate or those in use, all definitions, or the funnel of a cohort."""
    known = _definitions(arguments.definitions)
    if arguments.list:
        return _list(arguments, known)
    if arguments.cohort is None:
        raise RateError("--cohort is missing; expected a period such as 2024 or 2022-2024")
    as_of: dt.date = arguments.as_of or dt.datetime.now(dt.UTC).astimezone().date()
    projects = _projects(arguments)
    if arguments.funnel:
        return _funnel(arguments, rates.funnel(projects, _event(known, arguments.funnel), as_of=as_of, cohort=arguments.cohort))
    found = [
        (definition, rates.compute(
            definition, projects, as_of=as_of, cohort=arguments.cohort, target=_target(definition, arguments.target),
            part=_part(arguments.part, projects),
        ))
        for definition in _asked(arguments, known, as_of)
    ]  # fmt: skip
    if arguments.json:
        head = {"as_of": as_of, "cohort": arguments.cohort, "rulebook": known.hash, "projects": len(projects)}
        out({**head, "results": [_told(definition, rate) for definition, rate in found]})
    else:
        for definition, rate in found:
            _print(arguments, known, definition, rate)
    return 0


def _asked(arguments: argparse.Namespace, known: Rates, as_of: dt.date) -> list[Definition]:
    """The definition that was named, else those in use; of definitions of one's own none is. Raises: RateError."""
    if arguments.definition is None and arguments.definitions is None:
        book = with_documents(load.rulebook(), as_of)
        return [_switched(one.definition, arguments) for one in rulebook.in_use(book, as_of, known)]
    definition = known.definitions.get(arguments.definition or "")
    if definition is None:
        said = "--definition is missing" if arguments.definition is None else f"{arguments.definition!r} is no definition"
        raise RateError(f"{said}; expected one of {', '.join(known.definitions)}")
    return [_switched(definition, arguments)]


def _definitions(path: Path | None) -> Rates:
    if path is None:
        return rulebook.with_file(os.environ.get("WUTONG_RATES", ""))
    try:
        return rulebook.rates_from(path.read_text("utf-8"), file=path.name)
    except UnicodeDecodeError as error:
        raise RateError(f"{path.name}: not UTF-8 at byte {error.start}; expected a text in UTF-8") from error


def _switched(definition: Definition, arguments: argparse.Namespace) -> Definition:
    """The definition with the switches that were given."""
    given = {name: getattr(arguments, name) for name in ("lost", "unproved") if getattr(arguments, name)}
    return replace(definition, **given)


def _event(known: Rates, code: str) -> rulebook.Event:
    if code not in known.events:
        raise RateError(f"{code!r} is no event; expected one of {', '.join(known.events)}")
    return known.events[code]


def _projects(arguments: argparse.Namespace) -> list[RatedProject]:
    found = rate_facts.read(arguments.facts) if arguments.facts is not None else _of_office()
    for name in ("unit", "kind"):
        wanted = getattr(arguments, name)
        if wanted and not any(getattr(one, name) == wanted for one in found):
            there = ", ".join(sorted({getattr(one, name) for one in found if getattr(one, name)})) or "none"
            raise RateError(f"--{name}: no project has {wanted!r}; expected one of: {there}")
        found = [one for one in found if not wanted or getattr(one, name) == wanted]
    return found


def _of_office() -> list[RatedProject]:
    """The projects of the office's database. Raises: RateError where it cannot be read."""
    office()
    from django.db import DatabaseError  # noqa: PLC0415  Django is set up only now

    from wutong.web.projects.models import Project  # noqa: PLC0415
    from wutong.web.projects.queries import rated  # noqa: PLC0415

    try:
        return rated.rated(Project.objects.order_by("pk"))
    except DatabaseError as error:
        raise RateError(f"the office's projects cannot be read from its database: {error}; expected --facts FILE or a database") from error


def _target(definition: Definition, given: Decimal | None) -> Decimal | None:
    if definition.over == "target" and given is None:
        unit = "yuan" if definition.by == "money" else "projects"
        raise RateError(f"--target is missing; {definition.code} divides by a number of {unit}")
    return given


def _part(given: str | None, projects: Sequence[RatedProject]) -> frozenset[str] | None:
    """Ids of the projects of `unit=U` or `kind=K`."""
    if given is None:
        return None
    name, is_named, value = given.partition("=")
    if name not in ("unit", "kind") or not is_named:
        raise RateError(f"--part: {given!r}; expected unit=U or kind=K")
    return frozenset(one.id for one in projects if getattr(one, name) == value)


# --- what is printed --------------------------------------------------------------------------------------------------------------------
def _figure(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(round(value, 8))


def _told(definition: Definition, found: Rate) -> dict[str, Any]:
    shown = rates.percent(found, definition)
    return {
        "definition": definition.code,
        "rate": definition.family,
        "title_zh": definition.title_zh,
        "title_en": definition.title_en,
        "source": definition.source.title,
        "unit": "yuan" if definition.by == "money" else "projects",
        "share": _figure(found.share),
        "percent": None if shown is None else str(shown),
        "numerator": _figure(found.numerator),
        "denominator": _figure(found.denominator),
        "counted": [
            {
                "id": row.id, "name": row.name, "numerator": _figure(row.numerator), "denominator": _figure(row.denominator),
                "on": row.on, "why": row.why, "words_zh": WHYS[row.why][0], "words_en": WHYS[row.why][1],
            }
            for row in found.counted
        ],
        "left_out": [
            {"id": row.id, "name": row.name, "why": row.why, "what": row.what, "words_zh": WHYS[row.why][0], "words_en": WHYS[row.why][1]}
            for row in found.left_out
        ],
        "missing": [{"id": gap.id, "name": gap.name, "fact": gap.fact, "text": str(gap)} for gap in found.missing],
    }  # fmt: skip


def _say(arguments: argparse.Namespace, zh: str, en: str) -> str:
    return en if arguments.lang == "en" else zh


def _print(arguments: argparse.Namespace, known: Rates, definition: Definition, found: Rate) -> None:
    shown = rates.percent(found, definition)
    unit = _say(arguments, "元", "yuan") if definition.by == "money" else _say(arguments, "个项目", "projects")
    title = _say(arguments, definition.title_zh, definition.title_en)
    period = _say(
        arguments, f"批次 {found.cohort.label}，截至 {found.as_of}", f"cohort {found.cohort.label}, as of {found.as_of}"
    )  # fmt: skip
    value = _say(arguments, "无法计算", "cannot be told") if shown is None else f"{shown} %"
    print(f"{title}: {value} ({found.numerator:,f}/{found.denominator:,f} {unit}) · {period}")
    rows = [(row.id, row.name, f"{row.numerator:,f}", f"{row.denominator:,f}", _why(arguments, row.why)) for row in found.counted]
    rows += [(row.id, row.name, "", "", _left_out(arguments, known, row)) for row in found.left_out]
    rows += [(gap.id, gap.name, "", "", _say(arguments, f"缺少：{gap.fact}", str(gap))) for gap in found.missing]
    if rows:
        heads = (("编号", "项目", "分子", "分母", "说明"), ("id", "project", "numerator", "denominator", "why"))
        print(table(_say_all(arguments, heads), rows))


def _why(arguments: argparse.Namespace, why: Why) -> str:
    return _say(arguments, *WHYS[why])


def _left_out(arguments: argparse.Namespace, known: Rates, row: LeftOut) -> str:
    """Why a project does not count, with the event or stage in words; a day stays a day."""
    event = known.events.get(row.what)
    what = row.what if event is None else _say(arguments, event.zh, event.en)
    colon = _say(arguments, "：", ": ")
    return colon.join(filter(None, (_why(arguments, row.why), what)))


def _say_all(arguments: argparse.Namespace, heads: tuple[Sequence[str], Sequence[str]]) -> Sequence[str]:
    return heads[1] if arguments.lang == "en" else heads[0]


def _list(arguments: argparse.Namespace, known: Rates) -> int:
    if arguments.json:
        found = [
            {
                "definition": one.code, "rate": one.family, "title_zh": one.title_zh, "title_en": one.title_en, "by": one.by,
                "over": one.over, "cohort": one.cohort and one.cohort.code, "denominator": one.denominator and one.denominator.code,
                "numerator": one.numerator and one.numerator.code, "early": one.early, "lost": one.lost, "ended": one.ended,
                "unproved": one.unproved, "of": one.of, "source": one.source.title,
            }
            for one in known.definitions.values()
        ]  # fmt: skip
        out({"rulebook": known.hash, "results": found})
        return 0
    heads = (("口径", "名称", "依据"), ("definition", "title", "source"))
    rows = [(one.code, _say(arguments, one.title_zh, one.title_en), one.source.title) for one in known.definitions.values()]
    print(table(_say_all(arguments, heads), rows))
    return 0


def _funnel(arguments: argparse.Namespace, found: Funnel) -> int:
    if arguments.json:
        steps = [
            {
                "stage": step.code, "projects": len(step.ids), "ids": step.ids, "share_of_all": _figure(step.share_of_all),
                "share_of_before": _figure(step.share_of_before), "total_yuan": _figure(step.total_yuan),
                "unknown_amounts": step.unknown_amounts,
            }
            for step in found.steps
        ]  # fmt: skip
        missing = [{"id": gap.id, "name": gap.name, "fact": gap.fact, "text": str(gap)} for gap in found.missing]
        out({"as_of": found.as_of, "cohort": found.cohort, "lost": found.lost, "missing": missing, "results": steps})
        return 0
    heads = (("阶段", "项目数", "占批次", "占上一步"), ("stage", "projects", "of all", "of the step before"))
    rows = [(step.code, str(len(step.ids)), _percent(step.share_of_all), _percent(step.share_of_before)) for step in found.steps]
    print(table(_say_all(arguments, heads), rows))
    return 0


def _percent(share: Decimal | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"


# --- options ----------------------------------------------------------------------------------------------------------------------------
def _cohort(text: str) -> Cohort:
    try:
        return rates.cohort_from(text)
    except rates.NoCohort as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no target; expected a number above 0: projects, or yuan where the rate is by money")
    return found


def register(commands: Any, add: Add) -> None:
    """Its options."""
    made = add(commands, "rates", run_rates, "fulfilment, start, funds in place, production (三率) of a cohort", has_day=False)
    made.add_argument("--as-of", type=day, metavar="D", help="what happened later is not seen (default: today)")
    made.add_argument("--cohort", type=_cohort, metavar="P", help="period: 2024, 2022-2024, 2024Q1, 2024-03, 2024-01..2024-06")
    made.add_argument("--definition", metavar="X", help="see `wutong rates --list` (default: those in use)")
    made.add_argument(
        "--facts", type=Path, metavar="FILE", help="plain facts of projects: JSON, CSV or XLSX (default: the office's projects)"
    )
    made.add_argument("--definitions", type=Path, metavar="FILE", help="definitions of one's own, in the form of rulebook/rates.yaml")
    made.add_argument("--unit", metavar="U", help="only the projects of this unit")
    made.add_argument("--kind", metavar="K", help="only projects of this kind")
    made.add_argument("--target", type=_number, metavar="N", help="what a definition over a target divides by")
    made.add_argument("--part", metavar="WHICH", help="for a share of funds: unit=U or kind=K")
    made.add_argument("--lost", choices=("counted", "left_out"), help="lost projects (default: as the definition says)")
    made.add_argument("--unproved", choices=("counted", "not_counted", "left_out"), help="stages taken over without evidence")
    made.add_argument("--funnel", metavar="EVENT", help="the funnel of the cohort of an event instead, such as signed")
    made.add_argument("--list", action="store_true", help="all definitions")
