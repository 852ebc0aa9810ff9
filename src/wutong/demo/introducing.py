"""The introductions of the demo's bureau over the last year, through the actions of `leads`: relations, contacts, asks that worked and not.

Everything follows from a fixed seed and is dated relative to today. Only firms of the fictional registry are named; contacts are invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

SEED = 20260319
ASKS = 40
RELATIONS, CONTACTS = 36, 6
KINDS = ("supplies", "supplies", "partner_of", "invested_with", "shareholder_of")
SOURCES = ("企业访谈记录", "企业年度报告", "配套采购合同备案", "商会座谈会记录")
TITLES = ("副总经理", "投资部经理", "董事会秘书", "总经理助理")
FAMILY, GIVEN = "林沈韦骆温邵", ("知远", "以宁", "若水", "怀瑾", "承泽", "予安")
OUTSIDE = ("市电池行业协会秘书处", "异地商会秘书处", "招商顾问")
TEXTS = ("请引荐其负责人，介绍本市配套条件", "请代约登门拜访", "请在行业会议上引见其投资负责人", "请转交投资邀请并回告意向")
COURSES: tuple[tuple[tuple[str, ...], int], ...] = (
    ((), 4), (("agreed",), 4), (("refused",), 5), (("agreed", "given"), 5), (("agreed", "given", "nothing"), 6), (("agreed", "failed"), 4),
    (("agreed", "given", "lead"), 7), (("given", "lead", "project"), 3), (("withdrawn",), 2),
)  # fmt: skip
SAID = {
    "agreed": ("答应帮忙约时间", "愿意出面，建议先寄资料"), "refused": ("与对方近年少有往来，不便出面", "对方主要负责人已换，不熟悉"),
    "given": ("三方见面，对方介绍了扩产计划", "陪同登门，见到分管副总"), "failed": ("两次约定均因对方出差取消",),
    "nothing": ("对方近三年无对外投资安排",), "lead": ("对方提交投资意向，转为线索",), "project": ("签订框架协议，转为项目",),
    "withdrawn": ("已通过其他渠道联系上",),
}  # fmt: skip


def tell(*, at: dt.datetime) -> None:
    """Relations and contacts first, then the asks, each with its course."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.leads.models import ListedFirm  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().filter(username__startswith="officer").select_related("unit")}
    if "officer1" not in people:
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    me = people["officer1"]
    rows = list(ListedFirm.objects.visible_to(me).on_list().select_related("firm", "list").defer("found").order_by("pk"))
    targets = list({row.firm_id: row for row in rows}.values())
    with transaction.atomic():
        local = local_firms(me)
        if local and targets:
            _relate(local, targets, me, at, rnd)
            _meet(targets, me, at, rnd)
            _ask(local, targets, [one for one in people.values() if one.unit_id == me.unit_id], at, rnd)


def local_firms(me: Any) -> list[str]:
    """The larger makers of the home region, by their ids."""
    from wutong.engine import columns, makers  # noqa: PLC0415
    from wutong.web.firms.queries import standing  # noqa: PLC0415
    from wutong.web.lib import access, warehouse  # noqa: PLC0415

    build = warehouse.served()
    here = makers.here(build, standing.home_region(me), access.today())
    frame = columns.of(build).frame[here.firm_no.tolist()]
    makers_here = frame.filter(frame["is_manufacturer"] & ~frame["is_branch"]).sort(
        ["capital_yuan", "firm_id"], descending=[True, False], nulls_last=True
    )
    return list(makers_here["firm_id"].head(24))


def _relate(local: Sequence[str], targets: Sequence[Any], me: Any, at: dt.datetime, rnd: Random) -> None:
    """Who supplies, owns and works with whom: some local firms with targets, some targets with each other."""
    from wutong.web.firms.actions import remarks  # noqa: PLC0415

    middle = [row.firm.firm_id for row in targets[:30]]
    for number in range(RELATIONS):
        one = rnd.choice(local) if number % 3 else rnd.choice(middle[:10])
        other = rnd.choice(middle[:14]) if number % 3 else rnd.choice(middle[10:])
        when = at - dt.timedelta(days=rnd.randrange(60, 900))
        if one != other:
            remarks.note_relation(
                firm_id=one, other_id=other, kind=rnd.choice(KINDS), source=rnd.choice(SOURCES), known_on=when.date(), by=me,
                at=at - dt.timedelta(days=330 - number),
            )  # fmt: skip


def _meet(targets: Sequence[Any], me: Any, at: dt.datetime, rnd: Random) -> None:
    """Contacts at some firms who agreed to be asked for introductions."""
    from wutong.web.firms.actions import contacts  # noqa: PLC0415

    for number, row in enumerate(targets[:CONTACTS]):
        when = at - dt.timedelta(days=200 - number)
        contacts.note_person(
            firm_id=row.firm.firm_id, title=TITLES[number % len(TITLES)], name=FAMILY[number] + GIVEN[number], purpose="introduction",
            basis="consent", consent_source="面谈时书面同意", consented_on=when.date(), retain_until=at.date() + dt.timedelta(days=500),
            by=me, at=when, on=when.date(),
        )  # fmt: skip


def _ask(local: Sequence[str], targets: Sequence[Any], owners: Sequence[Any], at: dt.datetime, rnd: Random) -> None:
    """Asks on the best paths first, then by hand; how each went on follows from the seed."""
    from wutong.web.leads.actions import introducing  # noqa: PLC0415
    from wutong.web.leads.queries import introductions, paths  # noqa: PLC0415
    from wutong.web.leads.rules.introductions import PartyKind  # noqa: PLC0415

    courses = [course for course, times in COURSES for _ in range(times)]
    rnd.shuffle(courses)
    for number, course in enumerate(courses[:ASKS]):
        owner, row = owners[number % len(owners)], targets[number % len(targets)]
        began = at - dt.timedelta(days=(300 - number * 7) if course else 3 + number % 12)
        found = paths.to_firm(owner, row.firm.firm_id) if number < 14 else None
        given = {"text": rnd.choice(TEXTS), "unit": owner.unit, "owner": owner, "by": owner, "at": began}
        try:
            if found is not None and found.ways:
                way = found.ways[0]
                made = introducing.ask_on_path(
                    key=way.introducer.key, path=introductions.kept(way, found), firm_id=row.firm.firm_id, **given
                )
            elif number % 4 == 3:
                party = introducing.Introducer(PartyKind.OUTSIDE, name=rnd.choice(OUTSIDE))
                made = introducing.ask(introducer=party, firm=row.firm, **given)
            else:
                party = introducing.of_key(key=f"firm:{rnd.choice(local)}", by=owner, at=began)
                made = introducing.ask(introducer=party, firm=row.firm, **given)
        except introducing.NotIntroduced:  # the same firm was asked for the same already
            continue
        _go_on(made, course, owner, began=began, at=at, rnd=rnd)


def _go_on(made: Any, course: Sequence[str], owner: Any, *, began: dt.datetime, at: dt.datetime, rnd: Random) -> None:
    from wutong.demo import chasing  # noqa: PLC0415
    from wutong.web.leads.actions import filing, informing, introducing  # noqa: PLC0415
    from wutong.web.leads.rules.introductions import State  # noqa: PLC0415
    from wutong.web.leads.rules.leads import Stage  # noqa: PLC0415

    when = began
    for kind in course:
        when = min(when + dt.timedelta(days=rnd.randrange(2, 20)), at)
        lead = None
        if kind == "lead":
            lead = informing.log(title=f"{made.firm.name}投资意向", unit=owner.unit, owner=owner, by=owner, at=when)
            place = chasing.places_of([made.firm.firm_id]).get(made.firm.firm_id, "")
            identity = filing.Identity(made.firm.name, firm=made.firm, origin_adcode=place)
            lead = filing.identify(lead=lead, identity=identity, by=owner, at=when)
            if when + dt.timedelta(hours=3) < at:
                informing.triage(lead=lead, is_taken=True, by=owner, at=when + dt.timedelta(hours=2))
                informing.advance(lead=lead, stage=Stage.CONTACT, by=owner, at=when + dt.timedelta(hours=3))
        introducing.enter(
            introduction=made, kind=State(kind), done_on=when.date(), text=rnd.choice(SAID[kind]), lead=lead, by=owner, at=when
        )  # fmt: skip
