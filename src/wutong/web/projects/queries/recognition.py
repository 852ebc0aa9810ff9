"""What the rules in force recognise of an entry now: the facts of its project, the rates that were entered, reasons in words."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.web.journal.queries import calendar
from wutong.web.lib import rulebook
from wutong.web.lib.money import currency_name
from wutong.web.projects.models import PROOFS, ExchangeRate, FundsCounted, FundsEntry, FundsProof, FundsStanding, Project, StageChange
from wutong.web.projects.rules import funds as rules
from wutong.web.projects.rules.funds import (
    DOLLAR,
    MOST_DAYS_BACK,
    YUAN,
    DayRate,
    Doubt,
    Doubted,
    Exclusion,
    ForeignUsed,
    FundedProject,
    Money,
    Numbers,
    ProjectNow,
    Proof,
    Recognised,
    Refusal,
)
from wutong.web.projects.rules.stages import Stage, Status

ANSWERS = ("is_real_estate", "is_inside_move", "pays_local_tax", "is_extraction", "is_monopoly_outlet")
"""What is asked of a project before its money is recognised."""
EXCLUSIONS = {
    Exclusion.LAND_PRICE: pgettext_lazy("not recognised", "land price"),
    Exclusion.REAL_ESTATE: pgettext_lazy("not recognised", "real estate"),
    Exclusion.FISCAL_MONEY: pgettext_lazy("not recognised", "fiscal money"),
    Exclusion.PPP: pgettext_lazy("not recognised", "public-private partnership"),
    Exclusion.INSIDE_MOVE: pgettext_lazy("not recognised", "move inside the region"),
    Exclusion.SECOND_PHASE: pgettext_lazy("not recognised", "second or later phase of a signed contract"),
    Exclusion.NO_LOCAL_TAX: pgettext_lazy("not recognised", "pays no tax here"),
    Exclusion.EXTRACTION: pgettext_lazy("not recognised", "resource extraction"),
    Exclusion.MONOPOLY_OUTLET: pgettext_lazy("not recognised", "outlet of a monopoly network"),
}
DOUBTS = {
    Doubt.IN_TALKS: pgettext_lazy("against money", "the project has not signed yet"),
    Doubt.PAUSED: pgettext_lazy("against money", "the project was put aside when it arrived"),
    Doubt.LOST: pgettext_lazy("against money", "the project was lost when it arrived"),
    Doubt.BEYOND_TOTAL: pgettext_lazy("against money", "with what was accepted it is more than the total investment"),
}
WORDS = {
    Refusal.AMOUNT_NOT_POSITIVE: gettext_lazy("The amount must be above zero; what was wrong is taken back by a reversal."),
    Refusal.DAY_TO_COME: gettext_lazy("The day is in the future: enter it when it has happened."),
    Refusal.CURRENCY_UNKNOWN: gettext_lazy("This currency is not known here: three letters such as USD."),
    Refusal.NUMBER_MISSING: gettext_lazy("The number of the proof is missing: by it the same money is found if it is entered twice."),
    Refusal.NUMBERS_MISSING: gettext_lazy("Each of these papers needs its own number: %(lacking)s."),
    Refusal.PROOF_UNKNOWN: gettext_lazy("The entry does not name such a paper: tick one that it names."),
    Refusal.ORIGIN_MISSING: gettext_lazy("The origin of the capital is missing: foreign, private or state-owned."),
    Refusal.COUNTED_ALREADY: gettext_lazy(
        "The same proof with this sum and day is entered already%(where)s. If it is other money, say why it is."
    ),
    Refusal.FILE_ELSEWHERE: gettext_lazy("The file does not hang on this project: hang it here first."),
    Refusal.DOUBLE_UNEXPLAINED: gettext_lazy(
        "The same number stands in another entry: %(doubles)s. Reject it, or say beside it why they are two payments."
    ),
    Refusal.FILE_MISSING: gettext_lazy(
        "No file shows: %(unfiled)s. Whoever works on the project attaches the scan to the entry, then it can be accepted."
    ),
    Refusal.DOUBT_UNANSWERED: gettext_lazy(
        "Something of the project speaks against it: %(against)s. Reject it, or say beside it why it counts all the same."
    ),
    Refusal.PROJECT_AGAINST: gettext_lazy("By the rules money is not taken in here: %(against)s."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.WRONG_STATE: gettext_lazy("The entry does not stand so that this could be done: open it to see how it stands."),
    Refusal.SAME_PERSON: gettext_lazy("Whoever entered it does not decide about it: let another person do it."),
    Refusal.FACT_MISSING: gettext_lazy("It cannot be recognised yet, missing: %(missing)s."),
    Refusal.RULES_CHANGED: gettext_lazy("What is recognised is no longer what the page showed: look again."),
    Refusal.REVERSED_ALREADY: gettext_lazy("This was reversed already."),
    Refusal.MONTH_NOT_OVER: gettext_lazy("The month is not over yet."),
    Refusal.MONTH_CLOSED: gettext_lazy("The month is closed already."),
    Refusal.STAYS_CLOSED: gettext_lazy("A closed month stays closed: reverse what was wrong, it counts in the present month."),
    Refusal.WAITING_ENTRIES: gettext_lazy("Entries of this month or earlier wait for review (%(waiting)s): decide them first."),
    Refusal.RATE_NOT_POSITIVE: gettext_lazy("The rate must be above zero."),
    Refusal.SOURCE_MISSING: gettext_lazy("The source is missing: where the rate was published."),
    Refusal.RATE_USED: gettext_lazy("Money was converted by this rate: it stays as it is."),
}


@dataclass(frozen=True, slots=True)
class Assessed:
    """What is recognised of an entry now, by which rules and rates.

    `unfiled`: papers that no file shows; `against`: what of the project speaks against it.
    """

    recognised: Recognised
    foreign: ForeignUsed
    rate: ExchangeRate | None
    dollar_rate: ExchangeRate | None
    rulebook: str
    unfiled: tuple[Proof, ...] = ()
    against: tuple[Doubted, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What lacks before it can be accepted."""
        return tuple(dict.fromkeys((*self.recognised.missing, *self.foreign.missing)))


def currencies() -> frozenset[str]:
    """The currencies that an entry may name: the yuan, and those of the rulebook."""
    known = rulebook.in_force().leaves
    return frozenset({YUAN, *(name.removeprefix("currency.").upper() for name in known if name.startswith("currency."))})


def funded(project: Project) -> FundedProject:
    """What recognition asks of a project; what nobody said is not known."""
    said = FundsStanding.objects.filter(project=project).values(*ANSWERS).first() or dict.fromkeys(ANSWERS)
    is_second = (
        project.phase_of_id is not None
        and StageChange.objects.filter(project=project.phase_of_id, to_stage__in=_signed_and_later()).exists()
    )
    return FundedProject(is_second_phase=is_second, **said)


def _signed_and_later() -> list[str]:
    stages = list(Stage)
    return [stage.value for stage in stages[stages.index(Stage.SIGNED) :]]


def rates_near(currencies: Iterable[str], on: dt.date) -> list[ExchangeRate]:
    """The rates that could convert money of a day."""
    since = on - dt.timedelta(days=MOST_DAYS_BACK)
    return list(ExchangeRate.objects.filter(currency__in=set(currencies) - {YUAN}, on__range=(since, _month_end(on))))


def assess(entry: FundsEntry, project: Project | None = None) -> Assessed:
    """What the rules recognise of an entry now."""
    money, of = entry.money(), project or entry.project
    known = rates_near({money.currency, *([DOLLAR] if money.is_foreign else [])}, money.arrived_on)
    return _assessed(entry, funded(of), known, _now({of.pk: of})[of.pk])


def assess_all(entries: Sequence[FundsEntry]) -> dict[int, Assessed]:
    """What the rules recognise of each of many entries now, by its key: five questions, however many."""
    moneys = {entry.pk: entry.money() for entry in entries}
    projects = {entry.project_id: entry.project for entry in entries}
    facts, now = _funded_all(projects), _now(projects)
    days = [money.arrived_on for money in moneys.values()]
    wanted = {money.currency for money in moneys.values()} | {DOLLAR for money in moneys.values() if money.is_foreign}
    since, until = (min(days) - dt.timedelta(days=MOST_DAYS_BACK), _month_end(max(days))) if days else (None, None)
    known = list(ExchangeRate.objects.filter(currency__in=wanted - {YUAN}, on__range=(since, until))) if days else []
    return {entry.pk: _assessed(entry, facts[entry.project_id], _near(known, moneys[entry.pk]), now[entry.project_id]) for entry in entries}


def against(money: Money, project: Project) -> tuple[Doubted, ...]:
    """What of its project speaks against money that is entered now; that it is beyond the total investment is told at the review."""
    return against_of({project.pk: project})[project.pk](money)


def against_of(projects: Mapping[int, Project]) -> dict[int, Callable[[Money], tuple[Doubted, ...]]]:
    """The same for money of many projects, by their keys."""
    now, book = _now(projects), rulebook.in_force()
    return {key: partial(rules.doubts, value_yuan=None, project=one, rulebook=book) for key, one in now.items()}


def _now(projects: Mapping[int, Project]) -> dict[int, ProjectNow]:
    """How projects stand, with the worth of what was accepted of each: one question."""
    counted = FundsCounted.objects.filter(project__in=projects).order_by().values_list("project").annotate(sum=Sum("value_yuan"))
    sums: dict[int, Decimal] = dict(counted)
    return {
        key: ProjectNow(
            one.stage in _signed_and_later(), one.status_since if one.status in (Status.PAUSED, Status.DORMANT) else None,
            one.status_since if one.status == Status.LOST else None, one.total_yuan, sums.get(key, Decimal(0)),
        )
        for key, one in projects.items()
    }  # fmt: skip


def numbers_of(money: Money, number: str, numbers: Mapping[Proof, str]) -> Numbers:
    """The papers of money by their numbers."""
    return rules.numbers_of(money, number, numbers, rulebook.in_force())


def _funded_all(projects: Mapping[int, Project]) -> dict[int, FundedProject]:
    said = {row["project"]: row for row in FundsStanding.objects.filter(project__in=projects).values("project", *ANSWERS)}
    first = {one.phase_of_id for one in projects.values()} - {None}
    changes = StageChange.objects.filter(project__in=first, to_stage__in=_signed_and_later())
    signed = set(changes.order_by().values_list("project", flat=True).distinct())
    nothing = dict.fromkeys(ANSWERS)
    return {
        key: FundedProject(is_second_phase=one.phase_of_id in signed, **{name: said.get(key, nothing)[name] for name in ANSWERS})
        for key, one in projects.items()
    }  # fmt: skip


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def _near(known: Iterable[ExchangeRate], money: Money) -> list[ExchangeRate]:
    since, until = money.arrived_on - dt.timedelta(days=MOST_DAYS_BACK), _month_end(money.arrived_on)
    return [one for one in known if since <= one.on <= until]


def _assessed(entry: FundsEntry, project: FundedProject, known: list[ExchangeRate], now: ProjectNow) -> Assessed:
    money, book, days = entry.money(), rulebook.in_force(), calendar.calendar()
    facts = [DayRate(one.currency, one.on, one.yuan_per_unit, one.source) for one in known]
    recognised = rules.recognise(money, project, book, rates=facts, calendar=days)
    foreign = rules.foreign_used(money, book, rates=facts, calendar=days)
    how = str(book.value(rules.RATE_DAY_LEAF, money.arrived_on))
    dollar = rules.rate_for(DOLLAR, money.arrived_on, facts, how=how, calendar=days) if foreign.is_counted else None
    shown = {proof for proof, files in entry.shown().items() if files}
    unfiled = () if recognised.reasons and not foreign.is_counted else rules.missing_files(money, shown, book)
    doubts = rules.doubts(money, recognised.value_yuan, now, book)
    return Assessed(recognised, foreign, _row(known, recognised.rate), _row(known, dollar), book.hash, unfiled, doubts)


def _row(known: Iterable[ExchangeRate], fact: DayRate | None) -> ExchangeRate | None:
    return next((one for one in known if fact is not None and (one.currency, one.on) == (fact.currency, fact.on)), None)


def elsewhere(keys: Iterable[str]) -> dict[str, FundsEntry]:
    """The entries that stand on papers already, whosever they are, by key of the paper."""
    held = FundsProof.objects.filter(key__in=[key for key in keys if key]).select_related("entry__project").order_by("pk")
    return {one.key: one.entry for one in held}


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def missing_words(missing: Iterable[str]) -> str:
    """What lacks, in words."""
    answers = {
        "real_estate": _("whether it is real estate"), "inside_moves": _("whether it is a move inside the region"),
        "no_local_tax": _("whether it pays tax here"), "extraction": _("whether it is resource extraction"),
        "monopoly_outlets": _("whether it is an outlet of a monopoly network"), "second_phase": _("whether it is a second phase"),
    }  # fmt: skip
    proofs = {proof.value: str(label) for proof, label in PROOFS.items()}
    found = []
    for what in missing:
        currency = what.removeprefix("rate:")
        rate = _("official rate of %(currency)s for the day") % {"currency": currency_name(currency)} if currency != what else ""
        found.append(rate or answers.get(what) or proofs.get(what) or what)
    return _(", ").join(found)


def proof_words(proofs: Iterable[str]) -> str:
    """Kinds of papers in words."""
    return _(", ").join(str(PROOFS[Proof(proof)]) for proof in proofs)


def against_words(found: Iterable[Doubted]) -> str:
    """What of the project speaks against money, in words with sources."""
    said = _("%(why)s (%(source)s)")
    return pgettext("between entries", "; ").join(said % {"why": DOUBTS[one.code], "source": source_title(one.source)} for one in found)


def refusal_words(refusals: Iterable[Refusal], **params: Any) -> list[str]:
    """Why something is refused, in words. `missing`: what lacks; `waiting`: how many; `other`: the project found, if it may be told."""
    other = params.get("other")
    told = {
        "unfiled": proof_words(params.get("unfiled", ())), "lacking": proof_words(params.get("lacking", ())),
        "against": against_words(params.get("against", ())),
        "missing": missing_words(params.get("missing", ())), "waiting": params.get("waiting", 0),
        "doubles": pgettext("between entries", "; ").join(params.get("doubles", ())),
        "where": _(" (%(project)s)") % {"project": other} if other else "",
    }  # fmt: skip
    return [str(WORDS[refusal]) % told for refusal in refusals]


def reason_words(reasons: Iterable[dict[str, str]]) -> str:
    """Why nothing was recognised, in words, with the source of each."""
    said = _("%(why)s (%(source)s)")
    return _(", ").join(said % {"why": EXCLUSIONS[Exclusion(one["code"])], "source": source_title(one["source"])} for one in reasons)


def source_title(title: str) -> str:
    """Where a rule comes from; what no law says, in the reader's language."""
    return _("Wutong default") if title == "Wutong default" else title
