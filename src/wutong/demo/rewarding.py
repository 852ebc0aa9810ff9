"""Rewards of the demo: a document in force, people registered before a signing, claims in every state.

All of it goes through the actions of `assessment`, for projects that the demo has signed, dated relative to today. The document is invented
and stands beside this file; people are invented ones who agreed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from random import Random
from typing import Any

from wutong.demo.assessing import AREAS
from wutong.demo.knocking import working_time
from wutong.demo.people import invented_name

SEED = 20261128
CODE, FILE, TITLE = "demo-rewards", "rule_rewards.yaml", "凤栖市招商引资奖励办法（虚构）"
FIRST_NAME = 130  # partners and their log-ins have the names before
PURPOSE = {"purpose": "introduction", "basis": "consent", "consent_source": "引荐人登记表（含同意条款）"}
ADVISERS = "产业顾问工作室（虚构）"
STAFF_REASON = "引荐人为公职人员，办法未列准许依据，不予奖励"
LATE_REASON = "申报时已超过投产后六十日的期限"
HOSTS = ("zone", "county")
APPROVED_DAYS, DECLINED_DAYS, JOINT_DAYS, PLACE_DAYS = 20, 12, 7, 30
"""So long ago the claim was made that was approved, the one that was not granted, that of joint introducers, those for a place."""
JOINT = (Decimal("0.6"), Decimal("0.4"))
"""What falls to each of two who introduced a project together. Units: 1 = all."""
NOT_SIGNED = ("talks", "appraisal")
HIGH_TECH, ORDINARY, FOLLOWED, TAX = (
    ("是", "高新技术企业证书"),
    ("否", "项目备案材料"),
    ("210", "项目跟进台账"),
    ("860", "税务部门完税证明"),
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """A project with the days that a reward rests on."""

    project: Any
    owner: Any
    signed_on: dt.date
    produced_on: dt.date | None
    arrived: Any


class _Scene:
    """Who takes part, and when."""

    def __init__(self, people: dict[str, Any], at: dt.datetime) -> None:
        self.assessor, self.head, self.at = people["assessor"], people["head"], at
        self.rnd = Random(SEED)  # noqa: S311 - a story, no secret
        self.names = iter(range(FIRST_NAME, FIRST_NAME + 20))

    def before(self, days: int) -> dt.date:
        """The day that is so many days and a weekend before a claim made so many days ago."""
        return self.at.date() - dt.timedelta(days=days + 2)

    def ago(self, days: float) -> dt.datetime:
        """Some working time so many days ago, never to come."""
        return min(working_time(self.at - dt.timedelta(days=days), self.rnd), self.at - dt.timedelta(minutes=20))


def tell(*, at: dt.datetime) -> None:
    """Document, registrations, claims; nothing where the demo has no projects that were signed."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if not {"assessor", "head"} <= set(people):
        return
    with transaction.atomic():
        scene = _Scene(people, at)
        document = _document(scene)
        signed = list(_signed(at.date()))
        _of_introducers(document, [one for one in signed if _may_register(one)], scene)
        _of_units(document, signed, scene)
        _by_place(document, people, scene)


def _document(scene: _Scene) -> Any:
    """The document, approved by a second person before last year's first claims."""
    from wutong.web.assessment.actions import schemes  # noqa: PLC0415
    from wutong.web.assessment.rules.rewards import SchemeKind  # noqa: PLC0415
    from wutong.web.rulebooks.rules import Step  # noqa: PLC0415

    first, by = scene.at.year - 1, scene.assessor
    when = working_time(scene.at.replace(year=first, month=1, day=12), scene.rnd)
    made = schemes.make(code=CODE, title=TITLE, unit=scene.head.unit, kind=SchemeKind.REWARD, by=by, at=when)
    text = (resources.files("wutong.demo") / FILE).read_text("utf-8").replace("FIRST", str(first))
    version = schemes.begin(scheme=made, text=text, by=by, at=when + dt.timedelta(minutes=10))
    schemes.submit(version=version, note="按市政府印发的奖励办法录入", by=by, at=when + dt.timedelta(minutes=40))
    version.refresh_from_db()
    schemes.decide(version=version, step=Step.APPROVE, reason="与印发文本核对一致", by=scene.head, at=when + dt.timedelta(hours=2))
    return made


def _signed(today: dt.date) -> Iterator[_Signed]:
    """Projects of counties and zones that were signed and go on, each with an owner who claims; the last signed first."""
    from wutong.web.accounts.rules.access import Permission  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415
    from wutong.web.projects.queries.held import held  # noqa: PLC0415
    from wutong.web.projects.rules.rates import arrived_yuan  # noqa: PLC0415

    held.read()
    found = (
        Project.objects.get_queryset().filter(status="active", is_confidential=False, unit__kind__in=HOSTS).exclude(stage__in=NOT_SIGNED)
    )
    facts = [(one, held.facts(one.pk)) for one in found.select_related("owner__unit", "unit", "lead").order_by("pk")]
    rows = [
        _Signed(one, one.owner, told.contract_on, told.produced_on, arrived_yuan(told, until=today) or 0)
        for one, told in facts
        if told is not None and told.contract_on is not None and told.contract_on < today and one.owner is not None
    ]
    mine = [one for one in rows if one.owner.unit_id == one.project.unit_id and one.owner.may(Permission.ASSESSMENT_ANSWER)]
    yield from sorted(mine, key=lambda one: one.signed_on, reverse=True)


def _may_register(one: _Signed) -> bool:
    """Whether the project stood here some days before it was signed: a registration is never dated back."""
    from django.utils import timezone  # noqa: PLC0415

    return timezone.localdate(one.project.opened_at) + dt.timedelta(days=6) < one.signed_on


# --- introducers and advisers -----------------------------------------------------------------------------------------------------------
def _of_introducers(document: Any, signed: Sequence[_Signed], scene: _Scene) -> None:
    """One is approved, one is a civil servant and gets nothing, an adviser waits to be computed; one more is registered for a lead."""
    from wutong.web.assessment.rules.rewards import ClaimStep  # noqa: PLC0415

    first = next((one for one in signed if one.signed_on < scene.before(APPROVED_DAYS)), None)
    if first is None:
        return
    second = next((one for one in signed if one.signed_on < scene.before(DECLINED_DAYS) and one is not first), None)
    third = next((one for one in signed if one.signed_on < scene.before(JOINT_DAYS) and one not in (first, second)), None)
    when = scene.ago(APPROVED_DAYS)
    claim = _claimed(document, "introducer", first, when, registration=_registered(first, scene, is_staff=False))
    _filled(claim, {"high_tech": HIGH_TECH}, first.owner, when)
    _computed(claim, scene, scene.ago(16))
    _decided(claim, ClaimStep.APPROVE, "同意，列入年度奖励资金", scene, scene.ago(14))
    if second is not None:
        when = scene.ago(DECLINED_DAYS)
        claim = _claimed(document, "introducer", second, when, registration=_registered(second, scene, is_staff=True))
        _filled(claim, {"high_tech": ORDINARY}, second.owner, when)
        _computed(claim, scene, scene.ago(9))
        _decided(claim, ClaimStep.DECLINE, STAFF_REASON, scene, scene.ago(8))
    adviser = _adviser(first, scene)
    if adviser is not None:
        _claimed(document, "adviser", first, scene.ago(3), registration=adviser)
    _for_a_lead(first.owner, scene)
    if third is not None:
        _together(document, third, scene)


def _together(document: Any, one: _Signed, scene: _Scene) -> None:
    """Two introduced a project together and claim by their shares: one is approved, one waits for approval."""
    from wutong.web.assessment.rules.rewards import ClaimStep  # noqa: PLC0415

    registered = [_registered(one, scene, is_staff=False, share=share) for share in JOINT]
    when = scene.ago(JOINT_DAYS)
    for number, registration in enumerate(registered):
        claim = _claimed(document, "introducer", one, when + dt.timedelta(minutes=20 * number), registration=registration)
        _filled(claim, {"high_tech": ORDINARY}, one.owner, when + dt.timedelta(minutes=20 * number))
        _computed(claim, scene, scene.ago(4))
        if not number:
            _decided(claim, ClaimStep.APPROVE, "同意，按份额列入年度奖励资金", scene, scene.ago(2))


def _before_signing(one: _Signed, scene: _Scene) -> dt.datetime:
    return working_time(one.project.opened_at.astimezone(scene.at.tzinfo) + dt.timedelta(days=1), scene.rnd)


def _known(owner: Any, scene: _Scene, when: dt.datetime) -> Any:
    """A person whom the owner comes to know, with consent."""
    from wutong.web.partners.actions import knowing  # noqa: PLC0415

    number = next(scene.names)
    return knowing.know(
        owner=owner, by=owner, at=when, title="商会理事", name=invented_name(number), phone=f"1990000{number:04d}",
        occupation="商贸物流", consented_on=when.date(), retain_until=scene.at.date() + dt.timedelta(days=700), **PURPOSE,
    ).person  # fmt: skip


def _registered(one: _Signed, scene: _Scene, *, is_staff: bool, share: Decimal = Decimal(1)) -> Any:
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415

    when = _before_signing(one, scene)
    person = _known(one.owner, scene, when)
    return rewards.register(
        unit=one.owner.unit, project=one.project, person=person, is_staff=is_staff, has_agreed=True, share=share, by=one.owner,
        at=when + dt.timedelta(minutes=30),
    )  # fmt: skip


def _adviser(one: _Signed, scene: _Scene) -> Any:
    """An adviser whom the host keeps, registered for the project."""
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415
    from wutong.web.partners.actions import keeping  # noqa: PLC0415

    owner, when = one.owner, _before_signing(one, scene) + dt.timedelta(hours=1)
    name = f"{owner.unit.name}{ADVISERS}"
    partner = keeping.make(unit=owner.unit, owner=owner, kind="adviser", name=name, since_on=when.date(), by=owner, at=when)
    return rewards.register(
        unit=owner.unit, project=one.project, partner=partner, is_staff=False, by=owner, at=when + dt.timedelta(minutes=20)
    )


def _for_a_lead(owner: Any, scene: _Scene) -> None:
    """Somebody registered while there is a lead only; whether he is staff was not said."""
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415
    from wutong.web.leads.models import Lead  # noqa: PLC0415

    lead = Lead.objects.visible_to(owner).filter(unit=owner.unit, project=None, is_confidential=False).order_by("-pk").first()
    if lead is not None:
        when = scene.ago(5)
        person = _known(owner, scene, when)
        rewards.register(unit=owner.unit, lead=lead, person=person, has_agreed=True, by=owner, at=when + dt.timedelta(minutes=20))


# --- units and officers -----------------------------------------------------------------------------------------------------------------
def _of_units(document: Any, signed: Sequence[_Signed], scene: _Scene) -> None:
    """The most money waits for approval, tax waits for its review, an officer's claim came after its last day."""
    from wutong.web.assessment.rules.rewards import ClaimStep  # noqa: PLC0415

    richest = max(signed, key=lambda one: one.arrived, default=None)
    if richest is not None and richest.arrived:
        claim = _claimed(document, "unit", richest, scene.ago(6))
        _computed(claim, scene, scene.ago(2))
        claim = _claimed(document, "tax", richest, scene.ago(6))
        _filled(claim, {"tax": TAX}, richest.owner, scene.ago(6))
        _computed(claim, scene, scene.ago(2))
    late = next((one for one in signed if one.produced_on and one.produced_on < scene.ago(90).date()), None)
    if late is not None:
        claim = _claimed(document, "officer", late, scene.ago(11), officer=late.owner)
        _filled(claim, {"by_officer": FOLLOWED}, late.owner, scene.ago(11))
        _computed(claim, scene, scene.ago(9))
        _decided(claim, ClaimStep.DECLINE, LATE_REASON, scene, scene.ago(8))


# --- places in the assessment of a year -------------------------------------------------------------------------------------------------
def _by_place(document: Any, people: dict[str, Any], scene: _Scene) -> None:
    """The first of each group in the last whole year's published run: one is approved, one waits for approval."""
    from wutong.web.accounts.rules.access import Permission  # noqa: PLC0415
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415
    from wutong.web.assessment.queries import rewards as queries  # noqa: PLC0415
    from wutong.web.assessment.rules.rewards import ClaimStep  # noqa: PLC0415

    run = queries.runs_to_claim(scene.assessor).filter(scheme__code=AREAS, on__month=12, on__day=31).first()
    if run is None:  # nobody was measured, or the run is known to be wrong
        return
    out = run.published_at.astimezone(scene.at.tzinfo)
    firsts = run.units.filter(rank=1).select_related("unit").order_by("-group")
    for number, row in enumerate(firsts):
        by = next((one for one in people.values() if one.unit_id == row.unit_id and one.may(Permission.ASSESSMENT_ANSWER)), None)
        if by is None:
            continue
        when = min(max(scene.ago(PLACE_DAYS), out + dt.timedelta(days=2)), scene.at - dt.timedelta(hours=3))
        claim = rewards.claim(scheme=document, award="place", run=run, unit=row.unit, by=by, at=when)
        _computed(claim, scene, max(scene.ago(PLACE_DAYS - 4), when + dt.timedelta(hours=1)))
        if not number:
            decided = max(scene.ago(PLACE_DAYS - 6), when + dt.timedelta(hours=2))
            _decided(claim, ClaimStep.APPROVE, "同意，列入年度奖励资金", scene, decided)


# --- claims -----------------------------------------------------------------------------------------------------------------------------
def _claimed(document: Any, award: str, one: _Signed, when: dt.datetime, **whom: Any) -> Any:
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415

    return rewards.claim(scheme=document, award=award, project=one.project, unit=one.owner.unit, by=one.owner, at=when, **whom)


def _filled(claim: Any, values: dict[str, tuple[str, str]], by: Any, when: dt.datetime) -> None:
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415

    rewards.fill(claim=claim, values=values, by=by, at=when + dt.timedelta(minutes=15))


def _computed(claim: Any, scene: _Scene, when: dt.datetime) -> None:
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415

    rewards.compute(claim=claim, by=scene.assessor, at=when)


def _decided(claim: Any, step: Any, reason: str, scene: _Scene, when: dt.datetime) -> None:
    from wutong.web.assessment.actions import rewards  # noqa: PLC0415

    rewards.decide(claim=claim, step=step, reason=reason, by=scene.head, at=when)
