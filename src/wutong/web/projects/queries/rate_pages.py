"""The three rates as their pages show them: each by a definition that is chosen, by unit, with the projects behind every number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.rates import FAMILIES, Definition, in_use
from wutong.web.accounts.models import Unit
from wutong.web.accounts.models.units import named
from wutong.web.lib import rulebook
from wutong.web.projects.models import Project
from wutong.web.projects.queries.held import held
from wutong.web.projects.queries.lifecycles import rates_known as definitions
from wutong.web.projects.rules import rates as rules
from wutong.web.projects.rules.rates import Cohort, Counted, Funnel, Judged, LeftOut, Missing, Rate, Why

FUNNEL_OF = "signed"
SIDES = ("numerator", "denominator", "left_out", "missing")
SWITCHES = ("lost", "unproved")
"""What a reader may switch of any definition: its fields, and the words that a question bears."""
NONE: Mapping[str, str] = {}


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
    used = {one.family: one.definition for one in in_use(rulebook.in_force(), on, definitions())}
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

    @property
    def source(self) -> str:
        """Where the definition is from: document, and the file where it is the bureau's own."""
        source = self.definition.source
        file = _("our own, file %(file)s") % {"file": self.definition.file} if self.definition.is_own else ""
        return " · ".join(filter(None, (source.document or source.title, file)))

    @property
    def switched(self) -> tuple[str, ...]:
        """Where it departs from what its definition says, in words."""
        said = definitions().definitions.get(self.definition.code, self.definition)
        return tuple(
            switch_words(name, getattr(self.definition, name))
            for name in SWITCHES if getattr(self.definition, name) != getattr(said, name)
        )  # fmt: skip


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
    switched: tuple[str, ...]
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


@dataclass(frozen=True, slots=True)
class Seen:
    """The projects that a person may see, in their order: by key, the host unit of each."""

    hosts: Mapping[int, int]
    as_of: dt.date
    cohort: Cohort

    def judged(self, definition: Definition) -> Mapping[int, Judged]:
        """By key, what each gives to a rate."""
        return held.judged(definition, self.hosts, as_of=self.as_of, cohort=self.cohort)

    def shown(self, definition: Definition, judged: Iterable[Judged]) -> Shown:
        """The rate of some of them."""
        rate = rules.together(definition, judged, as_of=self.as_of, cohort=self.cohort)
        return Shown(definition, title(definition), rate, rules.percent(rate, definition), len(rate.left_out), len(rate.missing))

    def totals(self, chosen: Mapping[str, str]) -> tuple[Shown, ...]:
        """Rates by the definitions chosen (family → code), of all of them."""
        asked = [definitions().definitions[code] for code in chosen.values()]
        return tuple(self.shown(one, self.judged(one).values()) for one in asked)

    def arrived(self, *, since: dt.date, until: dt.date) -> dict[dt.date, Decimal]:
        """Recognised money by day. Units: yuan."""
        return held.arrived(self.hosts, since=since, until=until)

    def funnel(self) -> Funnel:
        """How far those of the cohort came."""
        event = definitions().events[FUNNEL_OF]
        journeys = held.journeys(event, self.hosts, as_of=self.as_of, cohort=self.cohort)
        return rules.funnel_of(journeys.values(), event, as_of=self.as_of, cohort=self.cohort)


def seen(user: Any, *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False) -> Seen:
    """What a person may see of it, and the facts read on: two questions where nothing changed."""
    held.read()
    return Seen(dict(_found(user, unit, is_alone=is_alone).values_list("pk", "unit")), as_of, cohort)


def _as_switched(definition: Definition, switches: Mapping[str, str]) -> Definition:
    """A definition with what the reader switched."""
    return replace(definition, **switches)  # type: ignore[arg-type]


def page(
    user: Any, chosen: Mapping[str, str], *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False,
    switches: Mapping[str, str] = NONE,
) -> Page:  # fmt: skip
    """Rates by the definitions chosen (family → code) in all and by host unit, and the funnel: three questions where nothing changed."""
    there = seen(user, as_of=as_of, cohort=cohort, unit=unit, is_alone=is_alone)
    used = [_as_switched(definitions().definitions[code], switches) for code in chosen.values()]
    asked = [(one, there.judged(one)) for one in used]
    by_unit: dict[int, list[int]] = defaultdict(list)
    for key, host in there.hosts.items():
        by_unit[host].append(key)
    units = Unit.objects.filter(pk__in=by_unit).order_by("path")
    rows = tuple(
        UnitRates(
            one, len(by_unit[one.pk]),
            tuple(there.shown(each, (judged[key] for key in by_unit[one.pk] if key in judged)) for each, judged in asked),
            urlencode({"cohort": cohort.label, "as_of": as_of.isoformat(), "unit": str(one.public_id), "alone": "1", **switches}),
        )
        for one in units
    )  # fmt: skip
    funnel, told = there.funnel(), tuple(there.shown(each, judged.values()) for each, judged in asked)
    lacking = tuple(dict.fromkeys(fact_words(gap.fact) for one in told for gap in one.rate.missing))
    words = tuple(switch_words(name, value) for name, value in switches.items())
    return Page(cohort, as_of, len(there.hosts), words, told, rows, _steps(funnel), len(funnel.lost), lacking)


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


@dataclass(frozen=True, slots=True)
class Side:
    """The projects behind a number, put into words only as far as a page shows them."""

    all: tuple[Counted | LeftOut | Missing | str, ...]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Behind]:
        return iter(self[:])

    def __getitem__(self, cut: slice) -> tuple[Behind, ...]:
        rows = self.all[cut]
        keys = [one if isinstance(one, str) else one.id for one in rows]
        found = Project.objects.filter(public_id__in=filter(None, keys)).select_related("unit")
        there = {str(one.public_id): (one.outside_name, one.unit.name_zh) for one in found}
        return tuple(_behind(one, *there.get(key, ("", ""))) for one, key in zip(rows, keys, strict=True))


def behind(
    user: Any, definition: Definition, side: str, *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False,
    switches: Mapping[str, str] = NONE,
) -> tuple[Shown, Side]:  # fmt: skip
    """A rate, and the projects of one of its sides: counted above, counted below, left out, or lacking a fact."""
    there = seen(user, as_of=as_of, cohort=cohort, unit=unit, is_alone=is_alone)
    definition = _as_switched(definition, switches)
    shown = there.shown(definition, there.judged(definition).values())
    return shown, Side(_of_side(shown.rate, side))


def _of_side(rate: Rate, side: str) -> tuple[Counted | LeftOut | Missing, ...]:
    if side == "left_out":
        return rate.left_out
    if side == "missing":
        return rate.missing
    return tuple(one for one in rate.counted if getattr(one, side))


def _behind(one: Counted | LeftOut | Missing | str, name: str, unit: str) -> Behind:
    if isinstance(one, str):
        return Behind(one, name, unit, "")
    if isinstance(one, Missing):
        return Behind(one.id, name, unit, _("missing: %(fact)s") % {"fact": fact_words(one.fact)})
    if isinstance(one, LeftOut):
        return Behind(one.id, name, unit, why_words(one.why, one.what))
    return Behind(one.id, name, unit, why_words(one.why), one.on, one.numerator, one.denominator)


def behind_step(
    user: Any, code: str, *, as_of: dt.date, cohort: Cohort, unit: Unit | None = None, is_alone: bool = False,
    switches: Mapping[str, str] = NONE,
) -> Side:  # fmt: skip
    """The projects of a step of the funnel; all that were looked at. No switch touches the funnel."""
    if code == "all":
        return Side(tuple(str(key) for key in _found(user, unit, is_alone=is_alone).order_by("pk").values_list("public_id", flat=True)))
    funnel = seen(user, as_of=as_of, cohort=cohort, unit=unit, is_alone=is_alone).funnel()
    if code == "lost":
        return Side(funnel.lost)
    return Side(next((step.ids for step in funnel.steps if step.code == code), ()))


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def family_words(family: str) -> str:
    """What a rate is called."""
    return {
        "fulfilment": pgettext("rate", "Fulfilment"), "start": pgettext("rate", "Start"), "funds": pgettext("rate", "Funds in place"),
        "completion": pgettext("rate", "Completion"), "production": pgettext("rate", "Production"),
    }[family]  # fmt: skip


def switch_words(name: str, value: str) -> str:
    """What a switch of the reader does."""
    return {
        ("lost", "counted"): _("lost projects counted"), ("lost", "left_out"): _("lost projects left out"),
        ("unproved", "counted"): _("taken over without evidence counted"),
        ("unproved", "not_counted"): _("taken over without evidence not counted as reached"),
        ("unproved", "left_out"): _("taken over without evidence left out"),
    }[name, value]  # fmt: skip


def event_words(code: str) -> str:
    """What an event, or a fact, is called."""
    event = definitions().events.get(code)
    if event is not None:
        return named(event.zh, event.en)
    return {"land": pgettext("funnel", "land granted"), "full": pgettext("funnel", "at full capacity")}.get(code, code)


def fact_words(fact: str) -> str:
    """What a fact that lacks is called."""
    own = {
        "contract_yuan": _("amount of the contract"), "total_yuan": _("total investment"), "target": _("target"), "part": _("part"),
        "key": _("what the rules of key industries ask"),
    }  # fmt: skip
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
        Why.NOT_KEY: _("of no key industry"),
        Why.UNPROVED: _("taken over without evidence: %(what)s"), Why.NO_MONEY: _("without money in the period"),
    }[why]  # fmt: skip
    return told % {"what": event_words(what)} if "%(what)s" in told else told


def step_words(code: str) -> str:
    """What a step of the funnel is called."""
    own = {"lost": _("lost"), "all": _("all that were looked at")}
    return own.get(code) or event_words(code)
