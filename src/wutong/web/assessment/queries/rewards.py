"""Claims of rewards: what they rest on, computed; their lists and pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.rewards import computing
from wutong.rulebook.rewards.computing import Beside, Case, Reckoning
from wutong.rulebook.rewards.shape import Award, RewardRule, To
from wutong.rulebook.scoring.facts import FactsError
from wutong.web.accounts.models import Posting, Unit, User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import RewardClaim, RewardSheet, Run, Scheme, SchemeVersion
from wutong.web.assessment.queries import pages, refusals, registrations, reward_sources, reward_words, versions
from wutong.web.assessment.queries.reward_sources import Drawn
from wutong.web.assessment.rules import rewards as rules
from wutong.web.assessment.rules.rewards import LIVE, ClaimState, ClaimStep, RunStands, SchemeKind
from wutong.web.assessment.rules.runs import ObjectionState, RunState
from wutong.web.assessment.rules.runs import digest as runs_digest
from wutong.web.leads.models import Lead
from wutong.web.lib import access
from wutong.web.lib.access import is_chinese
from wutong.web.partners.models import Acquaintance, Partner
from wutong.web.projects.models import Project

CLAIM = "assessment.RewardClaim"


def rule_on(scheme: Scheme, on: dt.date) -> tuple[SchemeVersion, RewardRule] | None:
    """The version of a reward document that holds on a day, read."""
    if scheme.kind != SchemeKind.REWARD:
        return None
    version = versions.in_force(scheme, on)
    rule = versions.read_reward(version.text)[0] if version else None
    return None if version is None or rule is None else (version, rule)


def documents(user: Any) -> Any:
    """The reward documents that a person may see."""
    return Scheme.objects.visible_to(user).of_kind(SchemeKind.REWARD).select_related("unit")


def awards(user: Any, on: dt.date) -> list[tuple[str, str]]:
    """The awards in force that a person may claim, as `document:award` and words."""
    found = []
    for scheme in documents(user).order_by("title"):
        told = rule_on(scheme, on)
        for code, one in told[1].awards.items() if told else ():
            title = one.zh if is_chinese() else one.en
            found.append((f"{scheme.public_id}:{code}", f"{scheme.title} · {title} · {reward_words.TO[one.to]}"))
    return found


def awards_of(scheme: Scheme, on: dt.date) -> Iterator[tuple[str, Award, tuple[str, ...]]]:
    """The awards in force of a document, each with the names of the facts that somebody enters."""
    told = rule_on(scheme, on)
    for code, one in told[1].awards.items() if told else ():
        yield code, one, tuple(_to_enter(told[1], one))


def _to_enter(rule: RewardRule, award: Award) -> dict[str, Declared]:
    concerned = computing.looked_at(award)
    return {name: one for name, one in rule.facts.items() if one.origin is None and name in concerned}


def known_people(user: Any) -> Any:
    """Whom one may register as a person: those known with a standing consent."""
    return Acquaintance.objects.visible_to(user).select_related("person")


def known_partners(user: Any) -> Any:
    """Advisers and bodies that one may register."""
    return Partner.objects.visible_to(user)


def officers(user: Any) -> Any:
    """Colleagues who are posted to one's unit today, for whom an award may be claimed."""
    posted = Posting.objects.in_force(access.today()).filter(unit=user.unit).values("user")
    return User.objects.filter(is_active=True, pk__in=posted).order_by("display_name", "pk") if user.unit else User.objects.none()


# --- computing --------------------------------------------------------------------------------------------------------------------------
def _case(claim: RewardClaim, told: Mapping[str, Drawn], signed_on: dt.date | None, place: int) -> Case:
    """`signed_on` of a run: the day on which it was published."""
    registered = claim.registration
    facts = {
        **{name: one["value"] for name, one in claim.entered.items() if name not in told},  # what the records tell is never typed
        **{name: one.value for name, one in told.items() if one.value},
    }
    return Case(
        claim.award, claim.recipient_key, facts, is_staff=registrations.is_staff(registered) if registered else None,
        is_registered=True if registered else None, registered_on=timezone.localdate(registered.registered_at) if registered else None,
        signed_on=signed_on, applied_on=timezone.localdate(claim.claimed_at), review=claim.review, place=place,
        share=registrations.share(registered) if registered else Fraction(1),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A claim computed: the result and the facts with what is behind them."""

    version: SchemeVersion
    rule: RewardRule
    found: Reckoning
    facts: Mapping[str, Any]
    evidence: Mapping[str, Any]


def reckoned(claim: RewardClaim, on: dt.date) -> Reckoned | None:
    """A claim computed as of a day by the version that holds then; other claims of the recipient for the project are looked at too."""
    told = rule_on(claim.scheme, on)
    if told is None or claim.award not in told[1].awards:
        return None
    version, rule = told
    drawn = reward_sources.drawn(rule, claim, on=on)
    signed_on = _begins_on(claim, on)
    rivals = for_the_same(claim).exclude(pk=claim.pk).select_related("registration", "scheme").order_by("pk")
    here = rivals.filter(scheme=claim.scheme, run=claim.run, award__in=list(rule.awards))
    others = list(here.exclude(state=ClaimState.APPROVED))
    beside = list(_beside(claim, rule.awards[claim.award], rivals.exclude(pk__in=[one.pk for one in others]), on))
    cases = [_fitted(_case(one, drawn, signed_on, one.pk), rule) for one in (claim, *others)]
    cases[0] = replace(cases[0], beside=tuple(told_of for _one, told_of in beside))
    found = computing.reckon(rule, cases, on=on)[0]
    facts = {
        "facts": dict(cases[0].facts), "is_staff": cases[0].is_staff, "signed_on": str(signed_on or ""),
        "registered_on": str(cases[0].registered_on or ""), "claimed_on": str(cases[0].applied_on), "review": claim.review,
        "registration": str(claim.registration.public_id) if claim.registration else "",
        "beside": [str(one.public_id) for one in (*others, *(each for each, _told in beside))],
        "share": _written(cases[0].share), "run": str(claim.run.public_id) if claim.run else "",
    }  # fmt: skip
    evidence = {name: {"source": one.source, "behind": [list(record) for record in one.behind]} for name, one in drawn.items()}
    evidence |= {name: {"source": one["source"], "behind": []} for name, one in claim.entered.items() if name not in drawn}
    evidence |= {
        f"beside_{number}": {"source": "beside", "behind": [[CLAIM, str(one.public_id)]]} for number, (one, _told) in enumerate(beside, 1)
    }
    return Reckoned(version, rule, found, facts, evidence)


def for_the_same(claim: RewardClaim) -> Any:
    """The live claims of a recipient for the same project, or by runs of the same time; the claim itself among them."""
    matter = Q(project=claim.project, run=None) if claim.run is None else Q(run__in=of_the_same_time(claim.run))
    return RewardClaim.objects.filter(matter, recipient_key=claim.recipient_key, state__in=LIVE)


def of_the_same_time(run: Run) -> Any:
    """The runs of a scheme whose time meets that of one, itself among them, and those of which it took the place."""
    keys, one = [run.pk], run
    while one.supersedes is not None:
        one = one.supersedes
        keys.append(one.pk)
    meets = Q(starts_on__lte=run.on, on__gte=run.starts_on)
    return Run.objects.filter(Q(pk__in=keys) | meets, scheme=run.scheme_id).order_by().values("pk")


def by_other_runs(run: Run, scheme: Scheme, award: str, recipient_key: str) -> Any:
    """Live claims of an award by other runs of the same time: a place is rewarded once, however often the standing is published."""
    same = RewardClaim.objects.filter(scheme=scheme, award=award, recipient_key=recipient_key, state__in=LIVE)
    return same.filter(run__in=of_the_same_time(run)).exclude(run=run)


def by_other_recipients(scheme: Scheme, award: str, project: Project, recipient_key: str) -> Any:
    """Live claims of an award for a project by others than a recipient."""
    return RewardClaim.objects.filter(scheme=scheme, award=award, project=project, state__in=LIVE).exclude(recipient_key=recipient_key)


def to_lock(claim: RewardClaim) -> Any:
    """The live claims that the approval of one looks at: those of its recipient for the same, and of others for the same award."""
    others = RewardClaim.objects.none()
    if claim.project is not None:
        others = by_other_recipients(claim.scheme, claim.award, claim.project, claim.recipient_key).order_by()
    return RewardClaim.objects.filter(Q(pk__in=for_the_same(claim).order_by().values("pk")) | Q(pk__in=others.values("pk")))


def _is_paid_to_another(claim: RewardClaim, rule: RewardRule | None) -> bool:
    award = rule.awards.get(claim.award) if rule else None
    if claim.project is None or award is None or not award.is_once_a_project:
        return False
    others = by_other_recipients(claim.scheme, claim.award, claim.project, claim.recipient_key)
    return bool(others.filter(state=ClaimState.APPROVED).exists())


def refusals_to_grant(claim: RewardClaim, sheet: RewardSheet, on: dt.date) -> tuple[rules.RewardRefusal, ...]:
    """Why a claim is not approved on a day by its newest sheet, whatever the sheet says."""
    rule = _granted_by(claim)
    is_told = rule is not None and claim.award in rule.awards
    run = stands(claim.run, rule, rule.awards[claim.award], unit=claim.unit, officer=claim.officer) if rule and is_told else None
    paid = by_other_runs(claim.run, claim.scheme, claim.award, claim.recipient_key) if claim.run else RewardClaim.objects.none()
    return rules.refusals_to_grant(
        run=run,
        is_period_paid=paid.filter(state=ClaimState.APPROVED).exists(),
        is_sheet_old=not _is_still(claim, sheet, on),
        is_paid_to_another=_is_paid_to_another(claim, rule),
    )


def _is_still(claim: RewardClaim, sheet: RewardSheet, on: dt.date) -> bool:
    """Whether a claim comes to what its sheet says; by the version of the sheet's day where none holds any more."""
    try:
        told = reckoned(claim, on) or reckoned(claim, sheet.on)
    except (RuleError, FactsError):
        return False
    if told is None or fen(told.found.amount_yuan) != sheet.amount_yuan:
        return False
    now = plain(told.found, told.rule)
    return all(now[name] == sheet.result[name] for name in ("excluded", "blocked"))


def fen(yuan: Fraction | None) -> Decimal | None:
    """An amount as a sheet keeps it. Units: yuan, two digits."""
    return None if yuan is None else Decimal(money.written(yuan, 2))


def _granted_by(claim: RewardClaim) -> RewardRule | None:
    """The document as the newest sheet of a claim read it, whether or not that version still holds."""
    sheet = claim.sheets.select_related("version").order_by("-number").first()
    return versions.read_reward(sheet.version.text)[0] if sheet else None


def _written(share: Fraction | None) -> str:
    return "" if share is None else money.written(share, 4)


def _begins_on(claim: RewardClaim, on: dt.date) -> dt.date | None:
    """The day from which terms run, as it stood on a day: that of the contract, or on which the run was published."""
    if claim.project is None:
        return timezone.localdate(claim.run.published_at) if claim.run and claim.run.published_at else None
    return reward_sources.reached_on(reward_sources.rated(claim.project, on), reward_sources.SIGNED, on)


def _beside(claim: RewardClaim, award: Award, rivals: Any, on: dt.date) -> Iterator[tuple[RewardClaim, Beside]]:
    """Claims for the same matter and recipient, of awards with the word of this one, with what they come to: by other documents, and
    approved ones by this one. What was approved stands by the version of its sheet, though the document no longer holds.
    """
    if not award.one_of:
        return
    for one in rivals:
        is_granted, is_before = one.state == ClaimState.APPROVED, (one.claimed_at, one.pk) < (claim.claimed_at, claim.pk)
        told = None if is_granted else rule_on(one.scheme, on)
        rule = _granted_by(one) if is_granted else told[1] if told else None
        other = rule.awards.get(one.award) if rule else None
        if rule is None or other is None or other.one_of != award.one_of:
            continue
        if one.scheme_id != claim.scheme_id and not (award.is_across and other.is_across):
            continue
        yuan = Fraction(one.amount_yuan) if one.amount_yuan is not None else _by_itself(one, rule, on)
        yield one, Beside(f"《{one.scheme.title}》{other.zh}", f"{one.scheme.title}: {other.en}", yuan, is_before, is_granted)


def _by_itself(claim: RewardClaim, rule: RewardRule, on: dt.date) -> Fraction | None:
    """What a claim would come to if nothing stood beside it; None where data lack. Units: yuan."""
    case = _fitted(_case(claim, reward_sources.drawn(rule, claim, on=on), _begins_on(claim, on), claim.pk), rule)
    try:
        return computing.reckon(rule, [case], on=on)[0].amount_yuan
    except (RuleError, FactsError, computing.NotInForce):
        return None


# --- whose it is --------------------------------------------------------------------------------------------------------------------------
def stands(run: Run | None, rule: RewardRule, award: Award, *, unit: Unit, officer: User | None) -> RunStands | None:
    """A run as a claim rests on it; None where none was chosen."""
    if run is None:
        return None
    trial = RewardClaim(run=run, unit=unit, officer=officer if award.to is To.OFFICERS else None)
    is_replaced = run.superseded_by.filter(state=RunState.PUBLISHED).exists()
    is_measured = award.to in (To.UNITS, To.OFFICERS) and reward_sources.result_of(trial) is not None
    facts = run.facts()
    return RunStands(
        facts.state is RunState.PUBLISHED, is_replaced, run.scheme.code, reward_sources.schemes(rule), is_measured,
        is_wrong=bool(facts.upheld_objections) or run.false_reports.exists(), is_disputed=bool(facts.open_objections),
    )  # fmt: skip


def stands_in(officer: User, unit: Unit, on: dt.date) -> bool:
    """Whether an officer is posted to a unit on a day."""
    return bool(Posting.objects.in_force(on).filter(unit=unit, user=officer).exists())


def runs_to_claim(user: Any) -> Any:
    """Published runs that nothing replaced and that are not known to be wrong, which a person may see."""
    published = Run.objects.filter(state=RunState.PUBLISHED).order_by()
    replaced = published.filter(supersedes__isnull=False).values("supersedes")
    wrong = published.filter(Q(objections__state=ObjectionState.UPHELD) | Q(false_reports__isnull=False)).values("pk")
    found = Run.objects.visible_to(user).filter(state=RunState.PUBLISHED)
    return found.exclude(pk__in=replaced).exclude(pk__in=wrong).order_by("-on", "-pk")


def _fitted(case: Case, rule: RewardRule) -> Case:
    """What the version no longer declares is left out."""
    known = {name: value for name, value in case.facts.items() if name in rule.facts}
    return replace(case, facts=known, records={})


def plain(found: Reckoning, rule: RewardRule) -> dict[str, Any]:
    """A result as it is kept. Units: yuan."""

    def yuan(value: Fraction | None) -> str | None:
        return None if value is None else money.written(value, 8)

    titles = {name: (one.zh, one.en) for name, one in rule.facts.items()}
    return {
        "amount": yuan(found.amount_yuan), "missing": [{"name": name, "title": titles.get(name, ("", ""))} for name in found.missing],
        "excluded": [{"code": str(one.code), "said": one.said, "said_en": one.said_en or one.said} for one in found.excluded],
        "blocked": [str(one) for one in found.blocked],
        "apply_by": str(found.apply_by_on or ""), "formula": found.formula_zh, "formula_en": found.formula_en,
        "bands": [
            {"low": yuan(one.low_yuan), "high": yuan(one.high_yuan), "rate": money.written(one.rate_share * 1000, 6),
             "part": yuan(one.part_yuan), "gives": yuan(one.gives_yuan)}
            for one in found.bands
        ],
        "steps": [{"code": one.code, "title": one.zh, "title_en": one.en, "after": yuan(one.after_yuan)} for one in found.steps],
        "inputs": [
            {
                "name": one.name, "title": one.zh, "title_en": one.en, "said": one.said, "unit": one.unit,
                "unit_en": one.unit_en, "missing": one.is_missing,
            }
            for one in found.inputs
        ],
        "cited": f"{found.eligible_by.title} {found.eligible_by.document} {found.eligible_by.date}" if found.eligible_by else "",
    }  # fmt: skip


# --- lists ------------------------------------------------------------------------------------------------------------------------------
def claims(user: Any, *, text: str = "", state: str = "", to: str = "") -> Any:
    """Claims that a person may see."""
    found = RewardClaim.objects.visible_to(user).select_related(
        "scheme__unit", "project__lead", "run", "unit", "officer", "registration__partner", "registration__introducer", "claimed_by"
    )
    last = RewardSheet.objects.filter(claim=OuterRef("pk"), claim__state=ClaimState.COMPUTED).order_by("-number").values("amount_yuan")
    found = found.annotate(is_who_seen=registrations.names_seen(user, "registration__"), computed_yuan=Subquery(last[:1]))
    found = found.annotate(counts_yuan=Coalesce("amount_yuan", "computed_yuan"))
    if state:
        found = found.filter(state=state)
    if to:
        found = found.filter(to=to)
    by_title = Q(award_title__icontains=text) | Q(award_title_en__icontains=text) | Q(scheme__title__icontains=text)
    return found.filter(by_title | registrations.of_unit(text)) if text else found


# --- a page -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SheetLine:
    """A fact of a sheet with what is behind it."""

    title: str
    said: str
    unit: str
    is_missing: bool
    source: str
    behind: tuple[pages.Behind, ...]


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A sheet in words. Units: yuan."""

    sheet: RewardSheet
    formula: str
    lines: tuple[SheetLine, ...]
    steps: tuple[tuple[Any, str, str], ...]
    bands: tuple[Mapping[str, Any], ...]
    missing: tuple[Any, ...]
    excluded: tuple[tuple[Any, str], ...]
    blocked: tuple[Any, ...]
    apply_by: str
    cited: str
    is_sound: bool


def digest(sheet: RewardSheet) -> str:
    """By which a sheet is known again."""
    return str(
        runs_digest(
            {"rule": sheet.rule_hash, "on": str(sheet.on), "facts": sheet.facts, "evidence": sheet.evidence, "result": sheet.result}
        )
    )


def sheet_page(user: Any, sheet: RewardSheet) -> SheetPage:
    """A sheet with formula, inputs and the records that a person may open."""
    zh, result = is_chinese(), sheet.result
    wanted = {tuple(one) for told in sheet.evidence.values() for one in told["behind"]}
    names = pages.named(user, wanted)
    lines, title = [], "title" if zh else "title_en"
    for one in result["inputs"]:
        told = sheet.evidence.get(one["name"], {"source": "", "behind": []})
        behind = tuple(names.get(tuple(record), pages.hidden()) for record in told["behind"])
        unit, source = one["unit"] if zh else one.get("unit_en", one["unit"]), reward_words.source(told["source"])
        lines.append(SheetLine(one["title" if zh else "title_en"], reward_words.said(one["said"]), unit, one["missing"], source, behind))
    missing = tuple(reward_words.NAMES.get(one["name"]) or (one["title"][0 if zh else 1] or one["name"]) for one in result["missing"])
    return SheetPage(
        sheet, result["formula" if zh else "formula_en"], tuple(lines),
        tuple((reward_words.STEPS[one["code"]], one[title], reward_words.said(one["after"])) for one in result["steps"]),
        tuple({name: reward_words.said(value) for name, value in one.items()} for one in result["bands"]), missing,
        tuple((reward_words.OUT[one["code"]], one["said"] if zh else one.get("said_en", one["said"])) for one in result["excluded"]),
        tuple(reward_words.BLOCKED[one] for one in result["blocked"]), result["apply_by"], result["cited"], sheet.digest == digest(sheet),
    )  # fmt: skip


def to_fill(claim: RewardClaim, on: dt.date) -> dict[str, Declared]:
    """The facts that the award of a claim looks at and no record tells, so that somebody enters them."""
    told = rule_on(claim.scheme, on)
    award = told[1].awards.get(claim.award) if told else None
    return {} if told is None or award is None else _to_enter(told[1], award)


def is_tied_to_tax(claim: RewardClaim, on: dt.date) -> bool:
    """Whether a legality review is asked for by name."""
    told = rule_on(claim.scheme, on)
    award = told[1].awards.get(claim.award) if told else None
    return award is not None and award.is_tied_to_tax


def hands(claim: RewardClaim) -> frozenset[int]:
    """Who may not decide: who claimed, who ever entered facts of it, who computed any of its sheets, and whom it is for.

    Of an introducer or adviser also who registered him, and said that he is no civil servant, or registered the joint ones.
    """
    filled = claim.filled_by.order_by().values_list("pk", flat=True)
    keys = (claim.claimed_by_id, claim.officer_id, *filled, *claim.sheets.order_by().values_list("by_id", flat=True))
    keys = (*keys, *(registrations.registrars(claim.registration) if claim.registration else ()))
    return frozenset(key for key in keys if key)


def may(user: Any, claim: RewardClaim) -> dict[str, bool]:
    """Which steps of a claim a person is offered."""
    target, state = claim.scheme.unit.target(), ClaimState(claim.state)
    edits = user.may(Permission.ASSESSMENT_EDIT, target)
    is_his = claim.claimed_by_id == user.pk
    is_second = user.may(Permission.ASSESSMENT_APPROVE, target) and user.pk not in hands(claim)

    def opens(step: ClaimStep) -> bool:
        return state in rules.STEPS[step][0]

    return {
        "may_fill": opens(ClaimStep.FILL) and (edits or is_his), "may_compute": opens(ClaimStep.COMPUTE) and edits,
        "may_decide": opens(ClaimStep.APPROVE) and is_second,
        "may_withdraw": opens(ClaimStep.WITHDRAW) and (edits or is_his),
        "keeps": pages.keeps(user, claim.scheme),
    }  # fmt: skip


def obstacles(user: Any, claim: RewardClaim, on: dt.date) -> tuple[str, ...]:
    """Why a computed claim would not be approved by somebody who may approve, each in a sentence; empty where nothing stands in the way."""
    if claim.state != ClaimState.COMPUTED or not user.may(Permission.ASSESSMENT_APPROVE, claim.scheme.unit.target()):
        return ()
    sheet = claim.sheets.order_by("-number").first()
    facts = sheet.sheet_facts() if sheet else None
    found = rules.refusals_to_step(ClaimState.COMPUTED, ClaimStep.APPROVE, hands=hands(claim), actor_id=user.pk, sheet=facts)
    return tuple(refusals.in_words(found or refusals_to_grant(claim, sheet, on)))


def projects(user: Any) -> Any:
    """Projects that a person may see, by name."""
    return Project.objects.visible_to(user).order_by("name_zh")


def leads(user: Any) -> Any:
    """Leads that a person may see."""
    return Lead.objects.visible_to(user)


def units_to_claim(user: Any) -> Any:
    """Units in whose name a person may claim."""
    return Unit.objects.filter(within(user, Permission.ASSESSMENT_ANSWER, unit=""), closed_on=None).order_by("path")


def entered(claim: RewardClaim, on: dt.date) -> tuple[tuple[str, str, str, str], ...]:
    """The facts to be entered: title, unit in words, value as it is read, source; empty where nothing was said."""
    there, zh = claim.entered, is_chinese()
    return tuple(
        (
            one.zh if zh else one.en, (one.unit.zh if zh else one.unit.en) if one.unit else "",
            reward_words.said(there.get(name, {}).get("value")), there.get(name, {}).get("source", ""),
        )
        for name, one in to_fill(claim, on).items()
    )  # fmt: skip


def apply_by(claim: RewardClaim, on: dt.date) -> dt.date | None:
    """The last day to claim, as far as the records and what was entered tell."""
    try:
        found = reckoned(claim, on)
    except (RuleError, FactsError):
        return None
    return found.found.apply_by_on if found else None
