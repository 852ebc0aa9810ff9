"""The three rates as their pages show them: each by a definition that is chosen, by unit, with the projects behind every number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.rates import FAMILIES, Definition, in_use
from wutong.rulebook.rates import rates as definitions
from wutong.web.accounts.models import Unit
from wutong.web.accounts.models.units import named
from wutong.web.lib import rulebook
from wutong.web.projects.models import Project
from wutong.web.projects.queries import rated
from wutong.web.projects.rules import rates as rules
from wutong.web.projects.rules.rates import Cohort, Counted, Funnel, LeftOut, Missing, Rate, RatedProject, Why

FUNNEL_OF = "signed"
SIDES = ("numerator", "denominator", "left_out", "missing")


def asks_more(definition: Definition) -> bool:
    """Whether it needs what a page does not ask for: whose share. One over a target is told with "missing: target"."""
    return definition.over == "all_arrived"


def choices(family: str) -> list[tuple[str, str]]:
    """The definitions of a rate that a page can tell."""
    return [(one.code, title(one)) for one in definitions().definitions.values() if one.family == family and not asks_more(one)]


def title(definition: Definition) -> str:
    """What a definition is called."""
    return named(definition.title_zh, definition.title_en)


def defaults(on: dt.date) -> dict[str, str]:
    """The definition of each rate that the rules have in use; where a page cannot tell it, the first that it can."""
    used = {one.family: one.definition for one in in_use(rulebook.in_force(), on)}
    return {family: choices(family)[0][0] if asks_more(used[family]) else used[family].code for family in FAMILIES}


@dataclass(frozen=True, slots=True)
class Shown:
    """A rate of some projects by a definition. `percent`: at its digits and rounding; None: nothing to divide by, or not to be told."""

    definition: Definition
    title: str
    rate: Rate
    percent: Decimal | None
    left_out: int
    missing: int

    @property
    def is_money(self) -> bool:
        """Whether both sides are sums in yuan."""
        return self.definition.by == "money"


@dataclass(frozen=True, slots=True)
class UnitRates:
    """The rates of a host unit."""

    unit: Unit
    projects: int
    rates: tuple[Shown, ...]
    query: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the funnel in words. Units: shares 1 = the whole cohort."""

    name: str
    code: str
    n: int
    share_of_all: Decimal | None
    share_of_before: Decimal | None
    total_yuan: Decimal | None
    unknown_amounts: int


@dataclass(frozen=True, slots=True)
class Page:
    """The page of the three rates."""

    cohort: Cohort
    as_of: dt.date
    projects: int
    rates: tuple[Shown, ...]
    units: tuple[UnitRates, ...]
    steps: tuple[StepRow, ...]
    lost: int
    missing: tuple[str, ...]


def _found(user: Any, unit: Unit | None, *, is_alone: bool = False) -> Any:
    """The projects of a unit and those under it, or of it alone."""
    found = Project.objects.visible_to(user)
    if unit is None:
        return found
    return found.filter(unit=unit) if is_alone else found.filter(unit__path__startswith=unit.path)


def _shown(definition: Definition, projects: Sequence[RatedProject], *, as_of: dt.date, cohort: Cohort) -> Shown:
    rate = rules.compute(definition, projects, as_of=as_of, cohort=cohort)
    return Shown(definition, title(definition), rate, rules.percent(rate, definition), len(rate.left_out), len(rate.missing))


def page(user: Any, chosen: Mapping[str, str], *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False) -> Page:
    """Rates by the definitions chosen (family → code), of all projects that a person may see, and of each host unit: seven questions."""
    found = _found(user, unit, is_alone=is_alone)
    projects = rated.rated(found)
    asked = [definitions().definitions[code] for code in chosen.values()]
    host = {str(key): of for key, of in found.values_list("public_id", "unit")}
    by_unit: dict[int, list[RatedProject]] = defaultdict(list)
    for one in projects:
        by_unit[host[one.id]].append(one)
    units = Unit.objects.filter(pk__in=by_unit).order_by("path")
    rows = tuple(
        UnitRates(
            one, len(by_unit[one.pk]), tuple(_shown(each, by_unit[one.pk], as_of=as_of, cohort=cohort) for each in asked),
            urlencode({"cohort": cohort.label, "as_of": as_of.isoformat(), "unit": str(one.public_id), "alone": "1"}),
        )
        for one in units
    )  # fmt: skip
    funnel = rules.funnel(projects, definitions().events[FUNNEL_OF], as_of=as_of, cohort=cohort)
    told = tuple(_shown(each, projects, as_of=as_of, cohort=cohort) for each in asked)
    lacking = tuple(dict.fromkeys(fact_words(gap.fact) for one in told for gap in one.rate.missing))
    return Page(cohort, as_of, len(projects), told, rows, _steps(funnel), len(funnel.lost), lacking)


def _steps(funnel: Funnel) -> tuple[StepRow, ...]:
    return tuple(
        StepRow(event_words(one.code), one.code, len(one.ids), one.share_of_all, one.share_of_before, one.total_yuan, one.unknown_amounts)
        for one in funnel.steps
    )


# --- behind a number --------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Behind:
    """A project behind a number: why it is there, and what it gives. Units: projects or yuan."""

    id: str
    name: str
    unit: str
    why: str
    on: dt.date | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


def behind(
    user: Any, definition: Definition, side: str, *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False
) -> tuple[Shown, tuple[Behind, ...]]:  # fmt: skip
    """A rate, and the projects of one of its sides: counted above, counted below, left out, or lacking a fact."""
    projects = rated.rated(_found(user, unit, is_alone=is_alone))
    shown = _shown(definition, projects, as_of=as_of, cohort=cohort)
    host = {one.id: one.unit for one in projects}
    return shown, tuple(_behind(one, host) for one in _of_side(shown.rate, side))


def _of_side(rate: Rate, side: str) -> tuple[Counted | LeftOut | Missing, ...]:
    if side == "left_out":
        return rate.left_out
    if side == "missing":
        return rate.missing
    return tuple(one for one in rate.counted if getattr(one, side))


def _behind(one: Counted | LeftOut | Missing, host: Mapping[str, str]) -> Behind:
    if isinstance(one, Missing):
        return Behind(one.id, one.name, host.get(one.id, ""), _("missing: %(fact)s") % {"fact": fact_words(one.fact)})
    if isinstance(one, LeftOut):
        return Behind(one.id, one.name, host[one.id], why_words(one.why, one.what))
    return Behind(one.id, one.name, host[one.id], why_words(one.why), one.on, one.numerator, one.denominator)


def behind_step(
    user: Any, code: str, *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False
) -> tuple[Behind, ...]:  # fmt: skip
    """The projects of a step of the funnel."""
    projects = rated.rated(_found(user, unit, is_alone=is_alone))
    funnel = rules.funnel(projects, definitions().events[FUNNEL_OF], as_of=as_of, cohort=cohort)
    ids = {key for step in funnel.steps if step.code == code for key in step.ids} if code != "lost" else set(funnel.lost)
    return tuple(Behind(one.id, one.name, one.unit, "") for one in projects if one.id in ids)


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def family_words(family: str) -> str:
    """What a rate is called."""
    return {
        "fulfilment": pgettext("rate", "Fulfilment"), "start": pgettext("rate", "Start"), "funds": pgettext("rate", "Funds in place"),
        "completion": pgettext("rate", "Completion"), "production": pgettext("rate", "Production"),
    }[family]  # fmt: skip


def event_words(code: str) -> str:
    """What an event, or a fact, is called."""
    event = definitions().events.get(code)
    if event is not None:
        return named(event.zh, event.en)
    return {"land": pgettext("funnel", "land granted"), "full": pgettext("funnel", "at full capacity")}.get(code, code)


def fact_words(fact: str) -> str:
    """What a fact that lacks is called."""
    own = {"contract_yuan": _("amount of the contract"), "total_yuan": _("total investment"), "target": _("target"), "part": _("part")}
    return own.get(fact) or _("day of: %(event)s") % {"event": event_words(fact)}


def why_words(why: Why, what: str = "") -> str:
    """Why a project counts or does not."""
    told = {
        Why.WAITS: _("not there yet: in the denominator only"), Why.REACHED: pgettext("rates", "reached"),
        Why.IMPLIED: _("reached, as a later stage shows"), Why.EARLY: _("early: added to the numerator only"),
        Why.TOO_EARLY: _("before the cohort's day: in the denominator only"),
        Why.OTHER_PERIOD: _("in another period: in the denominator only"),
        Why.NOT_PROVED: _("without evidence: in the denominator only"), Why.MONEY: _("its money"),
        Why.NO_EVENT: _("not in the cohort: %(what)s has not happened"), Why.OUTSIDE: _("outside the period"),
        Why.LATER: _("later than the day asked for"), Why.NOT_SO_FAR: _("not so far: %(what)s has not happened"), Why.LOST: _("lost"),
        Why.ENDED: _("its contract ended, and no other is in force"),
        Why.UNPROVED: _("taken over without evidence: %(what)s"), Why.NO_MONEY: _("without money in the period"),
    }[why]  # fmt: skip
    return told % {"what": event_words(what)} if "%(what)s" in told else told


def step_words(code: str) -> str:
    """What a step of the funnel is called."""
    return _("lost") if code == "lost" else event_words(code)
