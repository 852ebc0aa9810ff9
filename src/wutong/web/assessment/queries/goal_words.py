"""Goals in words: what they are for, in which unit, why something is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.rulebook.goals import Measure, measures
from wutong.rulebook.lifecycle import Tier
from wutong.web.accounts.models import Unit
from wutong.web.accounts.models.units import named
from wutong.web.assessment.models import Goal
from wutong.web.assessment.rules.goals import Refusal
from wutong.web.leads.queries import rows as chains
from wutong.web.projects.queries import lifecycles

WORDS = {
    Refusal.WRONG_STATE: gettext_lazy("The goals do not stand so that this could be done: open them to see how they stand."),
    Refusal.TITLE_MISSING: gettext_lazy("The title is missing."),
    Refusal.DOCUMENT_MISSING: gettext_lazy("The document is missing: its number, so that everybody finds it."),
    Refusal.NO_UNITS: gettext_lazy("No unit is listed."),
    Refusal.OUTSIDE_UNIT: gettext_lazy("A unit is listed that does not stand below the one whose goals these are."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed."),
    Refusal.NO_GOALS: gettext_lazy("There is no goal yet."),
    Refusal.SAME_PERSON: gettext_lazy("Whoever wrote it does not approve it: let another person do it."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.DOES_NOT_ADD_UP: gettext_lazy("The goals of the units below do not reach that above, and in this set they must."),
    Refusal.NOT_A_VALUE: gettext_lazy("A goal is a number from zero up, with no more digits than its measure has."),
    Refusal.NOT_TWELVE: gettext_lazy("A year has twelve months: fill in each."),
    Refusal.MONTHS_FALL: gettext_lazy("What is reached by a month is never less than by the month before."),
    Refusal.MONTHS_NOT_YEAR: gettext_lazy("By December the goal of the year must be reached, no more and no less."),
    Refusal.NOTHING_TO_GO_BY: gettext_lazy("There is nothing to go by: last year’s actual, or the shares given, are all zero."),
    Refusal.NO_TIER: gettext_lazy("This measure is not counted by size tier."),
    Refusal.NO_CHAIN: gettext_lazy("This measure is not counted by chain, or there is no such chain."),
    Refusal.OUTSIDE_YEAR: gettext_lazy("A change is valid from a day of the year of the goals."),
    Refusal.NOTHING_CHANGED: gettext_lazy("The new goal is the one that stands."),
    Refusal.WAITING_ALREADY: gettext_lazy("A change of this goal waits for a decision already."),
    Refusal.DECIDED_ALREADY: gettext_lazy("This was decided already."),
    Refusal.BEFORE_LAST: gettext_lazy("A change is valid from a day after that of the change before."),
    Refusal.REACHES_BACK: gettext_lazy("A change is valid from today at the earliest; one that corrects an error is marked as such."),
    Refusal.BEFORE_RUN: gettext_lazy(
        "A frozen run counted by this goal up to a later day: a change is valid from that day at the earliest."
    ),
    Refusal.UNITS_WITH_GOALS: gettext_lazy("A unit that is no longer listed has goals: empty them first."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A measure, size tier and chain for which a set has goals, in words. `unit`: in which figures are shown and typed."""

    measure: str
    tier: str
    title: str
    unit: str
    digits: int
    how: str
    chain: str = ""

    @property
    def key(self) -> str:
        """For addresses and names of fields."""
        return "".join((self.measure, f".{self.tier}" if self.tier else "", f"@{self.chain}" if self.chain else ""))

    @property
    def of(self) -> tuple[str, str, str]:
        """Measure, tier and chain."""
        return self.measure, self.tier, self.chain

    @property
    def told(self) -> Measure:
        """As the rulebook tells it."""
        return measures()[self.measure]

    def shown(self, kept: Decimal | None) -> Decimal | None:
        """A figure in the unit shown."""
        return None if kept is None else self.told.typed(kept)


def tiers() -> Sequence[Tier]:
    """The size tiers in their order."""
    return lifecycles.in_force().tiers


def line(measure: str, tier: str = "", chain: str = "") -> Line:
    """A measure, tier and chain in words; a tier or chain that is no longer in the rulebook by its code."""
    told = measures()[measure]
    title = named(told.zh, told.en)
    unit = named("个", told.shown.en) if told.unit == "projects" else named(told.shown.zh, told.shown.en)
    if tier:
        size = next((named(one.zh, one.en) for one in tiers() if one.code == tier), tier)
        title = pgettext("goal of a size tier", "%(measure)s, %(tier)s") % {"measure": title, "tier": size}
    if chain:
        title = pgettext("goal of a chain", "%(measure)s, chain %(chain)s") % {"measure": title, "chain": chains.chain_name(chain)}
    return Line(measure, tier, title, unit, told.digits, named(told.how.zh, told.how.en), chain)


def lines(goals: Iterable[Goal]) -> list[Line]:
    """What goals are for, each once, in the order of the rulebook."""
    order = {code: at for at, code in enumerate(measures())}
    sizes = {"": -1, **{one.code: at for at, one in enumerate(tiers())}}
    keys = {one.line for one in goals if one.measure in order}
    return [line(*key) for key in sorted(keys, key=lambda key: (order[key[0]], sizes.get(key[1], len(sizes)), *key[1:]))]


def line_of(key: str) -> Line | None:
    """The line of an address; None where it names none."""
    before, _at, chain = key.partition("@")
    measure, _dot, tier = before.partition(".")
    return line(measure, tier, chain) if unfit(measure, tier, chain) is None else None


def unfit(measure: str, tier: str, chain: str) -> Refusal | None:
    """Why no goal may be set for this; None where one may."""
    told = measures().get(measure)
    if told is None or (tier and (not told.tiers or tier not in {one.code for one in tiers()})):
        return Refusal.NO_TIER
    return Refusal.NO_CHAIN if chain and (not told.chains or chain not in chains.chains()) else None


def chain_name(chain: str) -> str:
    """A chain in words; "" for none."""
    return chains.chain_name(chain) if chain else ""


def chain_choices() -> list[tuple[str, str]]:
    """The chains for which a goal may be set, by id and name."""
    return [(one, chains.chain_name(one)) for one in chains.chains()]


def line_choices() -> list[tuple[str, str]]:
    """Everything that a goal may be set for, by key; of one chain only too, where the measure is counted by chain."""
    found = []
    for code, told in measures().items():
        for tier in ("", *(one.code for one in tiers())) if told.tiers else ("",):
            one = line(code, tier)
            found.append((one.key, pgettext("label and unit", "%(label)s (%(unit)s)") % {"label": one.title, "unit": one.unit}))
    return found


def refusal_words(refusals: Iterable[Refusal]) -> list[str]:
    """Why something is refused, in words."""
    return [str(WORDS[one]) for one in refusals]


def name_of(goal: Goal) -> str:
    """A goal in words."""
    return _("%(unit)s: %(goal)s") % {"unit": goal.unit.name, "goal": line(*goal.line).title}


def above(unit: Unit, listed: Iterable[Unit]) -> Unit | None:
    """The nearest listed unit above one."""
    over = [one for one in listed if one.pk != unit.pk and unit.path.startswith(one.path)]
    return max(over, key=lambda one: len(one.path), default=None)
