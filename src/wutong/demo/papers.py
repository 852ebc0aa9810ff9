"""Contracts of the demo's projects: drafted, looked at, decided, signed; offers; promises of both sides, kept, late and broken.

A contract is a life of its own beside that of its project: `contract` takes its steps before the signing, `old_contract` enters one that
the old ledger holds on paper. All through the actions of `projects`, from the project's own dice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wutong.demo.projects import Told

WAN = 10_000
ASKED_EVERY = 3
"""Of every third project a department is asked for its opinion; of the others it came on paper."""
ABOVE = 2
"""The project whose offer goes up to the decision meeting."""
BROKEN = (7, 12)
"""By the last digits of a project's number: investors who break what they promised."""
EVERY = 15
CLAUSE = "虚构样例：招商引资若干措施第%d条"
FISCAL = "finance"
CHANGED = ("明确履约保证金和违约责任", "补充亩均税收约定，删去模糊表述")
Life = Iterator[dt.datetime]


def _text(one: Told, name: str, lines: tuple[str, ...], when: dt.datetime) -> Any:
    """A short text of the demo, hung on the project."""
    from wutong.web.journal.actions import files  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    content = "\n".join(("（演示文本，全属虚构）", *lines)).encode()
    return files.attach(record=one.project, file=BytesIO(content), name=name, by=one.host, at=when).attachment


def proof(one: Told, kind: str, title: str, when: dt.datetime) -> Any:
    """What is handed in as a file: a picture of the site where a photograph is asked for, a short text else."""
    from wutong.demo import progress  # noqa: PLC0415 - it asks for Django
    from wutong.web.journal.actions import files  # noqa: PLC0415

    if not kind.endswith("_photo"):
        return _text(one, f"{title}（演示）.txt", (one.idea.title, title), when)
    picture = BytesIO(progress.picture(Random(one.number), when.date(), None))  # noqa: S311 - no secret; apart from the story's own dice
    return files.attach(record=one.project, file=picture, name=f"{title}（演示）.jpg", by=one.host, at=when).attachment


def _contract_text(one: Told, when: dt.datetime, version: int = 1) -> Any:
    said = (f"项目：{one.idea.title}", f"甲方：{one.host.unit.name_zh}", f"乙方：{one.idea.investor}", f"第{version}稿")
    return _text(one, f"投资合同第{version}稿（演示）.txt", (*said, f"协议投资额：{one.idea.total_wan}万元"), when)


def _draft(one: Told, when: dt.datetime) -> Any:
    from wutong.web.projects.actions import agreements  # noqa: PLC0415
    from wutong.web.projects.rules.agreements import AgreementKind  # noqa: PLC0415

    made = agreements.draft(
        project=one.project, kind=AgreementKind.CONTRACT, title=f"{one.idea.title.removesuffix('项目')}投资合同",
        counterpart=one.idea.investor, amount_yuan=Decimal(one.idea.total_wan * WAN), attachment=_contract_text(one, when), by=one.host,
        at=when,
    )  # fmt: skip
    return agreements.hand_to_review(agreement=made, by=one.host, at=when + dt.timedelta(minutes=5))


def contract(one: Told, when: dt.datetime) -> Life:
    """From the draft to the signing, before the gate that asks for it; one that is in force already is enough."""
    from wutong.web.projects.actions import agreements  # noqa: PLC0415
    from wutong.web.projects.queries import agreements as papers  # noqa: PLC0415

    if papers.in_force(one.project) is not None:
        return
    yield (when := one.after(when, 1))
    made = _draft(one, when)
    if one.number == ABOVE:
        _offer_above(one, made, when)
    for step in _opinions(one, made, when):
        yield step
        when = step
    yield (when := one.after(when, 2 + one.rnd.randrange(3)))
    _decide(one, made, when.date(), when, _text(one, "专题会议纪要（演示）.txt", (one.idea.title, "会议同意签约。"), when))
    if one.number == ABOVE:
        offer = made.offers.get()
        agreements.answer(offer=offer, is_granted=True, words="按会议纪要执行", by=one.head, at=when + dt.timedelta(minutes=30))
    yield (when := one.after(when, 1))
    agreements.sign(agreement=made, signed_on=when.date(), by=one.host, at=when)
    _promise(one, made, when.date(), when)


def _opinions(one: Told, made: Any, when: dt.datetime) -> Life:
    """Three opinions; of every third project finance is asked, and once in a while it wants changes first."""
    from wutong.web.projects.actions import agreements  # noqa: PLC0415
    from wutong.web.projects.rules.agreements import OpinionKind, Result  # noqa: PLC0415

    finance = one.people.get(FISCAL)
    is_asked = finance is not None and one.number % ASKED_EVERY == 0 and not one.project.is_confidential
    if is_asked:
        due_on = when.date() + dt.timedelta(days=10)
        agreements.ask_opinion(
            agreement=made, kind=OpinionKind.FISCAL, unit=finance.unit, due_on=due_on, words="请重点审查奖补兑现方式", by=one.host, at=when
        )  # fmt: skip
    yield (when := one.after(when, 2 + one.rnd.randrange(3)))
    paper = _text(one, "合法性和公平竞争审查意见（演示）.txt", (one.idea.title, "经审查，原则同意。"), when)
    for kind, unit in ((OpinionKind.LEGAL, one.head.unit), (OpinionKind.FAIR_COMPETITION, one.host.unit)):
        _opine(made, kind, unit, when.date(), paper, by=one.host, at=when)
    yield (when := one.after(when, 2 + one.rnd.randrange(6) + (45 if is_asked and (one.at - when).days < 12 else 0)))
    if not is_asked:
        unit = finance.unit if finance is not None else one.head.unit
        _opine(made, OpinionKind.FISCAL, unit, when.date(), paper, by=one.host, at=when)
        return
    if one.number % 2:
        _answer(one, made, Result.WITH_CHANGES, "奖补应与税收贡献挂钩，请修改第六条", when)
        yield (when := one.after(when, 2))
        text = _contract_text(one, when, 2)
        agreements.add_version(agreement=made, attachment=text, changed=one.rnd.choice(CHANGED), by=one.host, at=when)
        agreements.ask_opinion(
            agreement=made, kind=OpinionKind.FISCAL, unit=finance.unit, due_on=when.date() + dt.timedelta(days=5), by=one.host, at=when
        )
        yield (when := one.after(when, 2))
    _answer(one, made, Result.FAVOURABLE, "", when)


def _answer(one: Told, made: Any, result: Any, words: str, when: dt.datetime) -> None:
    """What finance says to what it was asked."""
    from wutong.web.projects.actions import paper_files  # noqa: PLC0415
    from wutong.web.projects.models import OpinionAsk  # noqa: PLC0415

    ask = OpinionAsk.objects.waiting().select_related("unit", "agreement__project").get(agreement=made)
    file = BytesIO(f"（演示文本，全属虚构）\n{one.idea.title}\n{words or '财政承受能力范围内，同意。'}".encode())
    file.name = f"财政承受能力审查意见（演示）{ask.pk}.txt"
    paper_files.answer_ask(ask=ask, result=result, dated_on=when.date(), file=file, words=words, by=one.people[FISCAL], at=when)


def _opine(made: Any, kind: Any, unit: Any, on: dt.date, paper: Any, *, by: Any, at: dt.datetime) -> None:
    from wutong.web.projects.actions import agreements  # noqa: PLC0415
    from wutong.web.projects.rules.agreements import Result  # noqa: PLC0415

    agreements.opine(agreement=made, kind=kind, result=Result.FAVOURABLE, unit=unit, dated_on=on, attachment=paper, by=by, at=at)


def _decide(one: Told, made: Any, on: dt.date, when: dt.datetime, minutes: Any) -> None:
    from wutong.web.projects.actions import agreements  # noqa: PLC0415
    from wutong.web.projects.rules.agreements import MeetingDecision  # noqa: PLC0415

    agreements.decide(
        agreement=made, met_on=on, meeting=f"招商引资专题会（{on:%Y}年第{on.month}次）", decision=MeetingDecision.AGREED, minutes=minutes,
        by=one.host, at=when,
    )  # fmt: skip


def _offer_above(one: Told, made: Any, when: dt.datetime) -> None:
    """What is above everybody's authority: the handler asks, the head finds it good and passes it on to the meeting."""
    from wutong.web.projects.actions import agreements  # noqa: PLC0415

    offer = agreements.offer(
        project=one.project, what="代建厂房三年租金减免和设备投资奖补", amount_yuan=Decimal(36_000_000), clause=CLAUSE % 8, agreement=made,
        words="企业同步比选外地方案", by=one.host, at=when + dt.timedelta(minutes=10),
    )  # fmt: skip
    agreements.answer(offer=offer, is_granted=True, words="同意上会研究", by=one.head, at=when + dt.timedelta(minutes=90))


def old_contract(one: Told, when: dt.datetime, signed_on: dt.date) -> None:
    """A contract that the old ledger holds on paper, entered with the days that stand on it."""
    from wutong.web.projects.actions import agreements  # noqa: PLC0415
    from wutong.web.projects.rules.agreements import OpinionKind  # noqa: PLC0415

    made = _draft(one, when)
    on = signed_on - dt.timedelta(days=9)
    paper = _text(one, "审查意见和会议纪要（补录，演示）.txt", (one.idea.title, "按纸质档案补录。"), when)
    for kind in OpinionKind:
        _opine(made, kind, one.head.unit, on, paper, by=one.host, at=when)
    _decide(one, made, on, when, paper)
    agreements.sign(agreement=made, signed_on=signed_on, by=one.host, at=when)
    _promise(one, made, signed_on, when)


# --- promises ---------------------------------------------------------------------------------------------------------------------------
def _promise(one: Told, made: Any, signed_on: dt.date, when: dt.datetime) -> None:
    """What both sides promised, each with its day; what is due by then and was done is entered with its proof."""
    from wutong.web.projects.actions import commitments  # noqa: PLC0415
    from wutong.web.projects.actions.commitments import Promise  # noqa: PLC0415
    from wutong.web.projects.rules.commitments import CommitmentKind, Measure, Side  # noqa: PLC0415

    values, total = one.idea.values, Decimal(one.idea.total_wan * WAN)
    jobs = values.get("jobs")
    theirs = [
        (CommitmentKind.DATE, "首期注册资本到位", None, None, 90),
        (CommitmentKind.DATE, "主体工程开工建设", None, None, 240),
        (CommitmentKind.INVESTMENT, "完成全部固定资产投资", total, Measure.YUAN, 900),
        *([(CommitmentKind.JOBS, "带动本地就业", Decimal(jobs), Measure.PERSONS, 1_000)] if jobs else []),
    ]
    ours = [
        (CommitmentKind.SUPPORT, "确定专班和服务专员", None, None, 30),
        (CommitmentKind.SUPPORT, "施工用水用电接至红线", None, None, 150),
    ]  # fmt: skip
    for side, rows in ((Side.THEIRS, theirs), (Side.OURS, ours)):
        for kind, text, amount, measure, days in rows:
            due_on = signed_on + dt.timedelta(days=days)
            unit = one.host.unit if side is Side.OURS else None
            said = Promise(side, kind, text, amount, measure, due_on, unit, None, made)
            commitments.promise(project=one.project, said=said, by=one.host, at=when)


def look_after(*, at: dt.datetime) -> None:
    """What was done of the promises by now: most kept, some late, some broken; a waiver asked for, one granted, one promise replaced."""
    from django.db import transaction  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.lib import access  # noqa: PLC0415
    from wutong.web.projects.models import Commitment  # noqa: PLC0415

    head = User.objects.get_queryset().filter(username="head").first()
    found = Commitment.objects.get_queryset().filter(due_on__lt=at.date(), project__status="active")
    with transaction.atomic(), access.reading():
        for number, one in enumerate(found.select_related("project__owner", "agreement").order_by("pk")):
            _look_after(one, number, at, head)


def _look_after(one: Any, number: int, at: dt.datetime, head: Any) -> None:
    from wutong.web.projects.actions import commitments  # noqa: PLC0415
    from wutong.web.projects.models import Evidence  # noqa: PLC0415

    breaks = one.project_id % EVERY in BROKEN and one.side == "theirs"
    late_days = {3: 40, 8: 25}.get(number % 11, -6 if number % 2 else -20)
    done_on = one.due_on + dt.timedelta(days=late_days)
    proof = Evidence.objects.standing().filter(project=one.project_id, is_absent=False).order_by("pk").last()
    entered = at - dt.timedelta(days=number % 5, hours=number % 3)
    if number % 41 == 7 and head is not None:
        commitments.ask_waiver(commitment=one, reason="市场变化，双方同意放宽", by=one.project.owner, at=entered)
        if number % 2:
            commitments.answer_waiver(
                commitment=one, is_granted=True, words="同意，签补充协议", by=head, at=entered + dt.timedelta(hours=1)
            )
        return
    if breaks or proof is None or done_on > entered.date() or number % 13 == 5:
        return
    commitments.mark_done(
        commitment=one, done_on=done_on, amount=one.amount, evidence=proof, words="现场核实", by=one.project.owner, at=entered
    )
