"""The opportunity library of the demo's prefecture: about forty packaged projects, from its real gaps and by hand, over fourteen months.

All of it goes through the actions of `projects`, dated relative to today: reviewed, released, shown, aged, retired, one sent back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from random import Random
from typing import Any

from ruamel.yaml import YAML

from wutong.demo.knocking import working_time

SEED = 20261127
FROM_GAPS = 17
OWNERS = ("officer1", "officer2", "zone1", "zone2", "county-910221", "county-910222", "county-910223", "county-910224")
SOURCES = ("可行性研究报告（初稿）", "项目建议书", "行业协会统计年报", "同类项目备案信息", "县区测算")
EVENTS = ("沿海产业转移推介会", "新能源产业链招商恳谈会", "省外商会座谈会", "园区开放日", "农产品加工投资洽谈会", "上门拜访活动")
NOTES = ("要求补充用地和能耗条件", "约定下月来考察", "资料已带回研究", "希望了解厂房代建政策", "暂不扩产，明年再议")
POLICIES = "按市级招商引资政策执行；用地、能耗等要素优先保障；符合条件的享受标准厂房租金减免。"
POLICIES_EN = (
    "City incentive policies apply; land and energy are given first; rent of standard plants is reduced where the conditions are met."
)


@dataclass(frozen=True, slots=True)
class Packed:
    """A packaged project by hand. Units: `total_wan` 10,000 yuan, `land_mu` mu; `facts`: what its kind says of itself."""

    kind: str
    zh: str
    en: str
    what: str
    what_en: str
    partner: str
    total_wan: int
    land_mu: int
    mode: str
    facts: dict[str, str]


def by_hand() -> tuple[Packed, ...]:
    """What the prefecture packaged by hand."""
    text = resources.files("wutong.demo").joinpath("opportunities.yaml").read_text("utf-8")
    return tuple(Packed(**one) for one in YAML(typ="safe").load(text)["packed"])


def tell(*, at: dt.datetime) -> None:
    """Fill the library, in the order of the days."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at, rnd = timezone.localtime(at), Random(SEED)  # noqa: S311 - a story, no secret
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    owners = [people[name] for name in OWNERS if name in people]
    if "head" not in people or not owners:
        return
    with transaction.atomic():
        packed = [*_from_gaps(owners[0], rnd), *(("hand", _values(one, rnd)) for one in by_hand())]
        rnd.shuffle(packed)
        for number, (origin, values) in enumerate(packed):
            owner = owners[number % len(owners)]
            began = at - dt.timedelta(days=20 + int(400 * (1 - number / len(packed))))
            _live(number, origin, values, owner, people["head"], rnd=rnd, began=began, at=at)


def _from_gaps(by: Any, rnd: Random) -> list[tuple[str, dict[str, Any]]]:
    """What the prefecture really lacks, as the chains' own pages tell it, with figures of a feasibility study."""
    from wutong.web.chains.queries import maps  # noqa: PLC0415
    from wutong.web.projects.queries import opportunity_gaps  # noqa: PLC0415

    where = opportunity_gaps.standing(by)
    found = []
    for summary in maps.summaries(where, by_gaps=True):
        lacking = [row.segment for row in summary.gaps.worst() if str(row.verdict) in maps.MISSING][:2]
        found += [opportunity_gaps.draft(where, summary.chain.id, segment) for segment in lacking]
    return [("gap", {**one, **_figures(rnd.randrange(60, 480) * 100, rnd.randrange(30, 180), rnd)}) for one in found[:FROM_GAPS]]


def _values(one: Packed, rnd: Random) -> dict[str, Any]:
    return {
        "title_zh": one.zh, "title_en": one.en, "kind": one.kind, "mode": one.mode, "what_zh": one.what, "what_en": one.what_en,
        "partner_zh": one.partner, "kind_facts": one.facts, **_figures(one.total_wan, one.land_mu, rnd),
    }  # fmt: skip


def _figures(total_wan: int, land_mu: int, rnd: Random) -> dict[str, Any]:
    """Figures in proportion, each with its source; what a study does not say is not provided."""
    total = Decimal(total_wan) * 10_000
    output, source = total * rnd.randrange(70, 160) / 100, rnd.choice(SOURCES)
    given = {
        "total_yuan": total, "fixed_yuan": total * rnd.randrange(70, 86) / 100, "output_yuan_a_year": output,
        "profit_yuan_a_year": output * rnd.randrange(6, 13) / 100, "tax_yuan_a_year": output * rnd.randrange(3, 7) / 100,
        "payback_years": Decimal(rnd.randrange(50, 95)) / 10, "return_share": Decimal(rnd.randrange(90, 180)) / 1000,
        "jobs": Decimal(rnd.randrange(6, 60) * 10),
    }  # fmt: skip
    if land_mu:
        given["land_mu"] = Decimal(land_mu)
    left = {name for name in ("profit_yuan_a_year", "payback_years", "return_share") if rnd.random() < 0.35}
    figures = {name: (f"{value.normalize():f}", source) for name, value in given.items() if name not in left}
    return {
        "figures": figures, "not_provided": sorted({*left, *(() if land_mu else ("land_mu",))}), "policies_zh": POLICIES,
        "policies_en": POLICIES_EN,
    }  # fmt: skip


def _live(
    number: int, origin: str, values: dict[str, Any], owner: Any, head: Any, *, rnd: Random, began: dt.datetime, at: dt.datetime
) -> None:  # fmt: skip
    """One packaged project from its draft to where it stands today."""
    from wutong.web.projects.actions import opportunities  # noqa: PLC0415
    from wutong.web.projects.rules.opportunities import Origin  # noqa: PLC0415

    place = f"{owner.unit.name_zh}产业园区" if owner.username.startswith(("zone", "county")) else "市域内各园区均可"
    said = {"site_zh": place, **values, "contact": "0910-8000000"}
    days = Days(began, rnd, at)
    one = opportunities.make(unit=owner.unit, owner=owner, values=said, origin=Origin(origin), by=owner, at=days.later())
    if number % 13 == 12:
        return  # still a draft
    opportunities.submit(opportunity=one, by=owner, at=days.later())
    if number == 37:
        return  # waits for its review
    if number % 11 == 5:
        opportunities.decide(opportunity=one, is_agreed=False, words="市场分析缺依据，请补充后再报", by=head, at=days.later())
        market = {"market_zh": "据行业协会统计，周边三市年需求约为本项目产能的三倍。"}
        opportunities.change(opportunity=one, values=market, by=owner, at=days.later())
        opportunities.submit(opportunity=one, by=owner, at=days.later())
    opportunities.decide(opportunity=one, is_agreed=True, by=head, at=days.later())
    if number % 4 == 0:
        opportunities.publish(opportunity=one, by=head, at=days.later())
    if number % 7 == 3 and number < 30:
        return  # released, and nobody touched it again: it ages
    _shown(one, number, owner, days, rnd=rnd, at=at)
    if number % 9 == 4:
        opportunities.change(opportunity=one, values={"valid_until": (at + dt.timedelta(days=300)).date()}, by=owner, at=days.later())
        opportunities.submit(opportunity=one, by=owner, at=days.later())
        if number != 31:
            opportunities.decide(opportunity=one, is_agreed=True, by=head, at=days.later())
    elif number % 6 == 2:
        _retire(one, number, owner, days.later())


@dataclass(slots=True)
class Days:
    """Moments of working days, one after the other and none of them to come."""

    now: dt.datetime
    rnd: Random
    at: dt.datetime

    def later(self, most_days: int = 12) -> dt.datetime:
        """The next of them."""
        after = self.now + dt.timedelta(days=self.rnd.randrange(1, max(2, most_days)))
        self.now = min(working_time(after, self.rnd), self.at - dt.timedelta(minutes=1))
        return self.now

    def far(self) -> dt.datetime:
        """One somewhere between the last and today."""
        return self.later((self.at - self.now).days)


def _shown(one: Any, number: int, owner: Any, days: Days, *, rnd: Random, at: dt.datetime) -> None:
    """To whom it was shown: events of late, a lead of the contact person, the lead that came of it."""
    from wutong.web.leads.models import Lead  # noqa: PLC0415
    from wutong.web.projects.actions import showing  # noqa: PLC0415
    from wutong.web.projects.rules.opportunities import Response  # noqa: PLC0415

    answers = (Response.NONE, Response.INTERESTED, Response.VISIT, Response.DECLINED)
    for _ in range(rnd.randrange(1, 4)):
        when = days.far()
        given = {"event": rnd.choice(EVENTS), "response": rnd.choice(answers), "words": rnd.choice(NOTES)}
        showing.show(opportunity=one, shown_on=when.date(), by=owner, at=when, **given)
    lead = Lead.objects.get_queryset().filter(owner=owner, state="open", is_confidential=False).order_by("pk")[number % 5 :].first()
    if lead is not None and number % 3 == 0:
        when = max(days.later(), lead.logged_at + dt.timedelta(days=1))
        if when < at:
            showing.show(opportunity=one, shown_on=when.date(), lead=lead, response=Response.INTERESTED, by=owner, at=when)
    if number in {20, 33}:
        when = days.later()
        showing.to_lead(opportunity=one, title=f"{one.title_zh}意向洽谈", unit=owner.unit, owner=owner, by=owner, at=when)


def _retire(one: Any, number: int, owner: Any, when: dt.datetime) -> None:
    """Landed where a project of the kind stands, else out of date or withdrawn."""
    from wutong.web.projects.actions import opportunities  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415
    from wutong.web.projects.rules.opportunities import Retirement  # noqa: PLC0415

    seen = Project.objects.visible_to(owner).filter(kind=one.kind, is_confidential=False, stage__in=("signed", "registered", "started"))
    project = seen.exclude(opportunities__isnull=False).order_by("-opened_at").first()
    if project is not None and number % 12 == 2:
        opportunities.retire(opportunity=one, why=Retirement.LANDED, project=project, by=owner, at=when)
    elif number % 12 == 8:
        opportunities.retire(opportunity=one, why=Retirement.OUT_OF_DATE, words="上位规划调整，原选址不再适用", by=owner, at=when)
    else:
        opportunities.retire(opportunity=one, why=Retirement.WITHDRAWN, words="与在谈项目重复，并入该项目推进", by=owner, at=when)
