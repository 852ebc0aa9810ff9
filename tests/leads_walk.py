"""People of several units do anything to leads in any order, and what must never be broken is looked at: for the suite, and for a long run.

python tests/leads_walk.py --sequences 2000 --steps 20 [--seed 0]        # on a database of its own
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, Q

import factories
from wutong.web.accounts.actions.refusing import Refused as CannotKnow
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import claiming, disputing, filing, guarding, informing, transferring
from wutong.web.leads.models import Claim, ClaimShare, Dispute, Filing, Lead, Progress, Register, Transfer
from wutong.web.leads.queries import duplicates
from wutong.web.leads.rules.claims import STANDING, WHOLE, ClaimState, Decision, Leader, Part, Period, Verdict
from wutong.web.leads.rules.leads import Amount, LeadState, NameKind, Stage

DAY = dt.timedelta(days=1)
PEOPLE = ("park_officer", "county_officer", "bureau_officer", "other_officer", "bureau_leader", "other_leader")
WORKERS = PEOPLE[:4]
_REFUSED = (guarding.Refused, guarding.NotAllowed, CannotKnow)


class Walk:
    """One sequence: some leads of one or two firms, and people who try things. Everything is drawn from the seed."""

    def __init__(self, seed: int, cast: Any, at: dt.datetime) -> None:
        self.dice, self.cast, self.at, self.number = random.Random(seed), cast, at, seed
        self.leads: list[Lead] = []
        self.done: Counter[str] = Counter()
        for name in self.dice.sample(WORKERS, 3):
            self.leads.append(self._new(cast.people[name]))

    def _named(self) -> str:
        firm = f"白榆棠岩{'一二三四五六七八九十'[self.number % 10]}穗{self.number:05d}"
        return self.dice.choice(
            (f"{firm}装备有限公司", f"{firm}装备有限公司", f"{firm}装备股份有限公司", f"青桐双檀{self.number:05d}食品厂")
        )

    def _new(self, owner: Any) -> Lead:
        code: dict[str, Any] = {"uscc": f"91990202MA{self.number:08d}"} if self.dice.random() < 0.2 else {}
        made: Lead = factories.lead(owner, name=self._named(), at=self.at, **code)
        return made

    def step(self) -> str:
        """Somebody tries something, perhaps in vain; what it was."""
        self.at += self.dice.choice((0, 0, 0, 1, 3, 40)) * DAY
        name = self.dice.choice(list(_DONE))
        one = Lead.objects.get(pk=self.dice.choice(self.leads).pk)
        by = self.dice.choice((one.owner, one.owner, self.cast.people[self.dice.choice(PEOPLE)]))
        try:
            with transaction.atomic():
                made = _DONE[name](self, one, by)
        except _REFUSED:
            name += " (refused)"
        else:
            if isinstance(made, Lead) and made not in self.leads:
                self.leads.append(made)
        self.done[name] += 1
        return name

    # What is at hand.

    def other(self) -> Lead:
        return Lead.objects.get(pk=self.dice.choice(self.leads).pk)

    def claim(self, lead: Lead, *states: ClaimState) -> Any:
        return Claim.objects.filter(lead=lead, state__in=states or list(ClaimState)).first()

    def disputes(self) -> Any:
        return Dispute.objects.filter(lead__in=self.leads).order_by("-pk").first()

    def offers(self) -> Any:
        return Transfer.objects.filter(claim__lead__in=self.leads).order_by("-pk").first()

    def parts(self) -> tuple[Part, ...]:
        points = self.dice.choice((0, 1, 3333, 5000, 9999, WHOLE))
        one, two = (self.cast.people[name].unit_id for name in self.dice.sample(WORKERS, 2))
        return (Part(one, points), Part(two, WHOLE - points - self.dice.choice((0, 0, 0, 1))))

    def above(self) -> Any:
        return self.cast.people[self.dice.choice(("bureau_leader", "bureau_leader", "other_leader"))]


def _log(walk: Walk, lead: Lead, by: Any) -> Lead:
    return walk._new(walk.cast.people[walk.dice.choice(WORKERS)])


def _identify(walk: Walk, lead: Lead, by: Any) -> Any:
    further = ((NameKind.FORMER, walk._named()),) if walk.dice.random() < 0.5 else ()
    return filing.identify(lead=lead, identity=filing.Identity(walk._named(), names=further), by=by, at=walk.at)


def _file(walk: Walk, lead: Lead, by: Any) -> Any:
    return filing.file(lead=lead, by=by, at=walk.at, another_project=walk.dice.choice(("", "", "", "二期，另一产品"))) and None


def _of_claim(act: Callable[..., Any], text: str, *states: ClaimState, is_above: bool = False) -> Callable[[Walk, Lead, Any], Any]:
    def work(walk: Walk, lead: Lead, by: Any) -> Any:
        claim = walk.claim(lead, *states)
        return claim and act(claim=claim, **{text: "核实"}, by=walk.above() if is_above else by, at=walk.at) and None

    return work


def _progress(walk: Walk, lead: Lead, by: Any) -> Any:
    old = Progress.objects.filter(lead=lead).order_by("-pk").first() if walk.dice.random() < 0.3 else None
    on = guarding.day_of(walk.at) - walk.dice.choice((0, 1, 30)) * DAY
    return claiming.progress(lead=lead, text="电话", done_on=on, by=by, at=walk.at, corrects=old) and None


def _share(walk: Walk, lead: Lead, by: Any) -> Any:
    on = guarding.day_of(walk.at)
    periods = [Period(on + days * DAY, walk.parts()) for days in walk.dice.choice(((0,), (3,), (0, 30), (30, 0)))]
    return claiming.share(lead=lead, periods=periods, reason="联合", by=by, at=walk.at) and None


def _decide(walk: Walk, lead: Lead, by: Any) -> Any:
    found, decision = walk.disputes(), walk.dice.choice(list(Decision))
    return (
        found
        and disputing.decide(dispute=found, decision=decision, reasons="核实", parts=walk.parts(), by=walk.above(), at=walk.at)
        and None
    )


def _offer(walk: Walk, lead: Lead, by: Any) -> Any:
    on = guarding.day_of(walk.at)
    terms = transferring.Terms(((on, walk.dice.choice((0, 4000, WHOLE))), (on + 60 * DAY, 0)), walk.dice.choice(list(Leader)))
    to = walk.cast.people[walk.dice.choice(WORKERS)].unit
    return transferring.offer(lead=lead, to=to, terms=terms, reason="落地", by=by, at=walk.at) and None


def _accept(walk: Walk, lead: Lead, by: Any) -> Any:
    found = walk.offers()
    if found is None:
        return None
    taker = next(walk.cast.people[name] for name in WORKERS if walk.cast.people[name].unit_id == found.to_unit_id)
    return transferring.accept(transfer=found, owner=taker, by=walk.dice.choice((taker, taker, by)), at=walk.at) and None


def _put_away(walk: Walk, lead: Lead, by: Any) -> Any:
    state = walk.dice.choice((LeadState.DORMANT, LeadState.LOST))
    return informing.put_away(lead=lead, state=state, reason="暂无意向", by=by, at=walk.at) and None


def _describe(walk: Walk, lead: Lead, by: Any) -> Any:
    about = informing.About(products=walk.dice.choice(("", "液压件", "液压件、油缸")))
    return informing.describe(lead=lead, title=lead.title, amount=Amount(), about=about, by=by, at=walk.at) and None


def _keep_confidential(walk: Walk, lead: Lead, by: Any) -> Any:
    return informing.keep_lead_confidential(lead=lead, code_name=walk.dice.choice(("甲项目", "")), by=by, at=walk.at) and None


def _merge(walk: Walk, lead: Lead, by: Any) -> Any:
    return claiming.merge(one=lead, two=walk.other(), reason="同一项目", by=walk.dice.choice((walk.above(), by)), at=walk.at) and None


def _hand_over(walk: Walk, lead: Lead, by: Any) -> Any:
    return transferring.hand_over_leads(from_user=lead.owner, to_user=walk.cast.bureau_leader, by=None, at=walk.at) and None


def _offer_answered(act: Callable[..., Any], text: str) -> Callable[[Walk, Lead, Any], Any]:
    def work(walk: Walk, lead: Lead, by: Any) -> Any:
        found = walk.offers()
        return found and act(transfer=found, **{text: "无用地"}, by=by, at=walk.at) and None

    return work


_DONE: dict[str, Callable[[Walk, Lead, Any], Any]] = {
    "log": _log,
    "identify": _identify,
    "file": _file, "file again": _file, "file once more": _file, "file at last": _file,
    "explain": _of_claim(filing.explain, "another_project", ClaimState.WAITING),
    "withdraw": _of_claim(filing.withdraw, "reason", ClaimState.WAITING),
    "admit": _of_claim(filing.admit, "reason", ClaimState.WAITING, is_above=True),
    "admit at last": _of_claim(filing.admit, "reason", is_above=True),
    "decline": _of_claim(filing.decline, "reason", ClaimState.WAITING, is_above=True),
    "progress": _progress,
    "share": _share,
    "release": lambda walk, lead, by: claiming.release(lead=lead, reason="不做", by=by, at=walk.at) and None,
    "take back": lambda walk, lead, by: claiming.take_back(lead=lead, by=by, at=walk.at) and None,
    "dispute": lambda walk, lead, by: disputing.dispute(lead=lead, text="我先", has_certificate=True, by=by, at=walk.at) and None,
    "withdraw dispute": lambda walk, lead, by: (found := walk.disputes()) and disputing.withdraw_dispute(
        dispute=found, reason="协商", by=by, at=walk.at) and None,
    "decide": _decide,
    "offer": _offer,
    "accept": _accept,
    "refuse offer": _offer_answered(transferring.refuse_lead, "reason"),
    "withdraw offer": _offer_answered(transferring.withdraw_offer, "reason"),
    "merge": _merge,
    "put away": _put_away,
    "resume": lambda walk, lead, by: informing.resume(lead=lead, by=by, at=walk.at) and None,
    "triage": lambda walk, lead, by: informing.triage(lead=lead, is_taken=True, by=by, at=walk.at) and None,
    "advance": lambda walk, lead, by: informing.advance(lead=lead, stage=Stage.TALKS, by=by, at=walk.at) and None,
    "assign": lambda walk, lead, by: informing.assign(
        lead=lead, to=walk.cast.people[walk.dice.choice(WORKERS)], by=by, at=walk.at) and None,
    "describe": _describe,
    "confidential": _keep_confidential,
    "let know": lambda walk, lead, by: informing.let_know_lead(
        lead=lead, user=walk.above(), reason="核定", by=by, at=walk.at) and None,
    "hand over": _hand_over,
    "warn": lambda walk, lead, by: claiming.warn(on=guarding.day_of(walk.at), by=None, at=walk.at) and None,
    "release stale": lambda walk, lead, by: claiming.release_stale(on=guarding.day_of(walk.at), by=None, at=walk.at) and None,
}  # fmt: skip


# --- what must never be broken ----------------------------------------------------------------------------------------------------------
def broken(walk: Walk) -> list[str]:
    """What is wrong now, in words; nothing where all is sound."""
    return [*_claims(walk), *_shares(walk), *_history()]


def _claims(walk: Walk) -> list[str]:
    standing = Claim.objects.filter(lead__in=walk.leads, state__in=STANDING).select_related("lead")
    of_lead = Counter(claim.lead_id for claim in standing)
    found = [f"lead {lead} has {count} standing claims" for lead, count in of_lead.items() if count > 1]
    found += [f"lead {claim.lead_id} is {claim.lead.state} and has a claim" for claim in standing if claim.lead.state != LeadState.OPEN]
    said = {claim.lead_id for claim in standing if claim.another_project or claim.decided_by_id}
    for claim in standing:
        if claim.state == ClaimState.OPEN and claim.lead_id not in said:
            found += [
                f"two claims on one firm: {claim.lead_id} and {met.lead.pk}"
                for met in duplicates.met_by(claim.lead)
                if met.verdict is Verdict.SAME and met.claim.state == ClaimState.OPEN and met.lead.pk not in said
            ]
    return found


def _shares(walk: Walk) -> list[str]:
    found = []
    for claim in Claim.objects.filter(lead__in=walk.leads):
        rows = list(ClaimShare.objects.filter(claim=claim).values_list("from_on", "until_on", "share_basis_points"))
        begun = min(row[0] for row in rows)
        days = {begun, guarding.day_of(walk.at) + 4000 * DAY, *(row[0] for row in rows), *(row[1] for row in rows if row[1])}
        for day in days:
            held = sum(points for from_on, until_on, points in rows if from_on <= day and (until_on is None or until_on > day))
            if held != WHOLE:
                found.append(f"shares of claim {claim.pk} sum to {held} on {day}")
    return found


def _history() -> list[str]:
    numbers = list(Filing.objects.order_by("number").values_list("number", flat=True))
    register = Register.objects.values_list("number", flat=True).first() or 0
    found = [] if numbers == list(range(1, register + 1)) else [f"filings are numbered {numbers[:9]}…, the register stands at {register}"]
    silent = Claim.objects.exclude(state__in=STANDING).filter(Q(reason="") | Q(ended_at=None)).count()
    merged = Lead.objects.filter(state=LeadState.MERGED, merged_into=None).count() + Lead.objects.filter(merged_into=F("pk")).count()
    return [*found, *(["a claim ended without a word"] if silent else []), *(["a lead goes on nowhere"] if merged else [])]


def written() -> dict[str, set[Any]]:
    """What was written down and may never change."""
    return {
        "filings": set(Filing.objects.values_list("pk", "number", "lead", "unit", "outcome", "by", "at")),
        "progress": set(Progress.objects.values_list("pk", "lead", "text", "done_on", "corrects", "by", "at")),
        "decisions": set(Dispute.objects.exclude(decision="").values_list("pk", "decision", "reasons", "decided_by", "decided_at")),
        "entries": set(Entry.objects.values_list("pk", "action", "at", "object_id")),
    }
