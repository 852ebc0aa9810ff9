"""The leads of the demo's prefecture over three years: handed in, triaged, filed, worked on, disputed, passed on.

All of it goes through the actions of `leads`, follows from a fixed seed and is dated relative to today. Most leads are about firms of the
invented registry; some firms are not in it, as in an office. Only the fictional prefecture gets leads: of real firms nothing is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from wutong.demo import rulings, story
from wutong.demo.knocking import working_time

SEED = 20260417
LEADS, YEARS_DAYS = 400, 1_090
HOME = "910200"
Event = tuple[dt.datetime, Callable[[dt.datetime], object]]


@dataclass(frozen=True, slots=True)
class Trade:
    """What a firm makes, the place in a chain that it would fill, and what projects of the trade are called."""

    product: str
    chain: str
    segment: str
    projects: tuple[str, ...]


TRADES = (
    Trade("电解液", "power-battery", "electrolytes", ("电解液生产基地", "锂电材料扩产", "电解液区域配送中心")),
    Trade("电池隔膜", "power-battery", "separators", ("湿法隔膜生产线", "隔膜涂覆基地")),
    Trade("锂离子电池", "power-battery", "li-ion-cells", ("储能电池生产基地", "动力电池电芯扩产", "电池模组装配")),
    Trade("液压缸", "advanced-equipment", "cylinders", ("工程机械油缸生产基地", "液压件智能工厂")),
    Trade("轴承", "advanced-equipment", "bearings", ("精密轴承生产线", "风电轴承配套")),
    Trade("马铃薯淀粉", "potato-food", "starch-making", ("马铃薯精深加工", "变性淀粉生产线", "薯条薯饼加工")),
)
COAST = ("940000", "930000", "920000", "950000")
ELSEWHERE = ("940100", "940200", "940300", "940500", "930100", "930400", "920100", "950100", "950200", "910100")
"""Where firms are that the registry does not hold."""
QUIET_DAYS = 120
"""What nobody touched for so long was put away; what stands still as it is told is younger."""
UNKNOWN_EACH = 17
"""Of every so many leads one does not say where its firm is."""
OWNERS = {
    "officer1": 15, "officer3": 13, "officer4": 12, "officer2": 7, "away": 12, "county-910221": 7, "county-910222": 5, "county-910223": 8,
    "county-910224": 7, "zone1": 9, "zone2": 8, "county-910202": 6, "county-910203": 6,
}  # fmt: skip
GIVERS = {"own": 40, "unit": 18, "person": 14, "partner": 20}
OUTSIDE = ("市电池行业协会", "异地商会秘书处", "招商顾问团", "本市配套企业采购部", "市外贸代理机构", "产业基金投资部")
DEPARTMENTS = ("ndrc", "industry-it", "land")
OTHER_KINDS = (
    ("capital", "{0}产业基金合作意向"), ("technology", "{0}工艺技术转化"), ("talent", "{0}研发团队引进"),
)  # fmt: skip
NOT_TAKEN = ("产业方向与本市规划不符", "能耗超出本市承载能力", "属正常经营信息，无投资意向", "与在谈项目重复，转原承办单位参考")
ANSWERS = ("已登记并安排专人对接，进展另行反馈", "经研判暂不跟进，感谢提供信息", "已与企业取得联系，对方愿来考察", "已转落地园区承办")
DONE = (
    "电话联系企业负责人，了解扩产计划和用地需求", "发送投资指南、要素价格表和上下游企业名单", "登门拜访，企业介绍产能布局和选址时间表",
    "陪同企业考察标准厂房和配套企业", "会同园区测算水电气成本，书面回复企业", "视频会议沟通环评和能评要求", "企业技术负责人来市踏勘地块",
    "与企业商谈投资强度、设备投资和分期安排", "邀请本地配套企业与对方座谈", "提交投资意向书初稿，等待企业董事会意见",
)  # fmt: skip
DORMANT = ("企业总部推迟投资计划，半年后再联系", "等待原料价格回稳", "对方负责人调整，暂停接触")
LOST = ("企业已在沿海续建，放弃外迁", "用电价格高于对方预期，选择他地", "企业融资未到位，项目取消", "与另一地签约")
RELEASED = ("长期无进展，主动释放", "企业明确近期无投资安排，释放首谈", "转由落地园区重新报备")
DISPUTES = (
    "企业法定代表人出具说明，最早由我单位接洽，附委托函",
    "我单位在对方报备前已两次登门，有考察接待记录",
    "企业属我区存量企业的关联公司，由我区持续服务",
    "项目信息由我单位驻外人员取得，报备因登记不全被退回",
)  # fmt: skip
DECIDED = (
    ("kept", "原报备在先且有连续进展，维持首谈"),
    ("moved", "企业书面确认由申诉单位首先接洽，首谈调整"),
    ("shared", "两家均有实质工作，按共同承办计分"),
)  # fmt: skip
OFFERED = ("项目选址在贵区，由贵单位落地承办", "企业看中贵区标准厂房，建议流转", "贵区有成熟配套，申请流转承办")


@dataclass(slots=True)
class Told:
    """One lead as it is told: who has it, what it is about, and what was made of it."""

    owner: Any
    firm: Any
    name: str
    trade: Trade
    made: dict[str, Any] = field(default_factory=dict)
    county: str = ""

    @property
    def lead(self) -> Any:
        """The lead as it stands now."""
        from wutong.web.leads.models import Lead  # noqa: PLC0415 - Django is loaded only where the demo serves pages

        return Lead.objects.get(pk=self.made["pk"])

    @property
    def is_open(self) -> bool:
        """Whether it is worked on."""
        return "pk" in self.made and self.lead.state == "open"

    @property
    def claim(self) -> Any:
        """Its claim, in force or waiting; None where there is none."""
        return self.lead.standing_claim if "pk" in self.made else None


def tell(*, at: dt.datetime, leads: int = LEADS) -> None:
    """Make the leads and all that happened to them, in the order in which it happened."""
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at, rnd = timezone.localtime(at), Random(SEED)  # noqa: S311 - a story, no secret
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if "officer1" not in people:
        return
    told = _cast(people, rnd, leads)
    with transaction.atomic():
        events = [event for number, one in enumerate(told) for event in _life(number, one, people, rnd=rnd, at=at, leads=leads)]
        events += _matters(told, people, rnd, at)
        events += [(at - dt.timedelta(days=days, hours=at.hour - 6), _rounds) for days in range(rulings.IN_FORCE_DAYS, 0, -7)]
        for when, happens in sorted(events, key=lambda event: event[0]):
            if when < at:
                happens(when)
        _ledger(told, people, at)


def _cast(people: dict[str, Any], rnd: Random, leads: int) -> list[Told]:
    """Who has which firm: each firm once, so that what meets is planted."""
    owners = [people[name] for name in OWNERS if name in people]
    weights = [OWNERS[name] for name in OWNERS if name in people]
    firms = _firms(people["officer1"], leads)
    told = [
        Told(rnd.choices(owners, weights)[0], firm, name, trade)
        for trade, firm, name in (firms[number % len(firms)] if number < len(firms) else _stranger(rnd, number) for number in range(leads))
    ]
    counties = places_of([one.firm.firm_id for one in told if one.firm is not None])
    dice = Random(SEED + 2)  # noqa: S311
    for number, one in enumerate(told):
        known = counties.get(one.firm.firm_id, "") if one.firm is not None else dice.choice(ELSEWHERE)
        one.county = "" if number % UNKNOWN_EACH == 0 else known
    return told


def places_of(firm_ids: Sequence[str]) -> dict[str, str]:
    """The county of each firm, as the registry says."""
    from wutong.web.firms.queries import briefs  # noqa: PLC0415

    return {key: brief.adcode for key, brief in briefs.briefs(firm_ids).items() if brief.adcode}


def _firms(by: Any, leads: int) -> list[tuple[Trade, Any, str]]:
    """Firms of the registry away from home that make what is wanted, taken on; by turns of trade, so that every year has of each."""
    from wutong.web.firms.actions import adoption  # noqa: PLC0415
    from wutong.web.firms.queries import search  # noqa: PLC0415

    found: dict[str, Trade] = {}
    for region in COAST:
        for trade in TRADES:
            rows, _ = search.find(search.Asked(text=trade.product, region=region), top=leads // 16)
            for row in rows:
                found.setdefault(row.firm_id, trade)
    taken = adoption.take_on_all(firm_ids=found, by=by, at=by.created_at)
    rows = [(trade, taken[key], taken[key].name) for key, trade in found.items()]
    Random(SEED + 1).shuffle(rows)  # noqa: S311
    return [row for row in rows if row[2] != story.CYLINDER_MAKER.name][: leads * 4 // 5]


def _stranger(rnd: Random, number: int) -> tuple[Trade, Any, str]:
    """A firm that the registry does not hold: newly founded, or abroad."""
    from wutong.demo import words  # noqa: PLC0415

    trade = TRADES[number % len(TRADES)]
    brand = rnd.choice(words.FIRST) + rnd.choice(words.SECOND) + rnd.choice(words.SECOND)
    return trade, None, f"{brand}{rnd.choice(('新材料', '智能装备', '食品科技', '能源科技', '精密制造'))}有限公司"


# --- one lead ---------------------------------------------------------------------------------------------------------------------------
def _life(number: int, one: Told, people: dict[str, Any], *, rnd: Random, at: dt.datetime, leads: int) -> Iterator[Event]:
    """What happens to one lead until it ends or today; later steps look at what earlier ones came to."""
    days_ago = 1 + int(YEARS_DAYS * ((leads - number) / leads) ** 1.8)
    began = working_time(at - dt.timedelta(days=days_ago), rnd)
    yield began, _log(number, one, people, rnd.random())
    if began + dt.timedelta(days=2) > at:
        return
    triaged = _after(began, rnd.choice((0, 1, 1, 2, 3)), rnd)
    is_taken = number % 9 != 4
    yield triaged, _triage(one, is_taken=is_taken, seed=rnd.random())
    yield _after(triaged, rnd.choice((1, 2, 4)), rnd), _answer(one, is_taken=is_taken, is_recent=days_ago < 60, seed=rnd.random())
    if not is_taken or number % 11 == 7:
        if is_taken and days_ago > QUIET_DAYS:
            yield _after(triaged, 30, rnd), _put_away(one, "dormant", rnd.choice(DORMANT))
        return
    filed = triaged + dt.timedelta(hours=1 + rnd.randrange(4))
    yield filed, _file(one)
    yield working_time(filed + dt.timedelta(days=2), rnd), _admit(one, people["head"])
    yield from _work(number, one, rnd, filed, at)


def _after(when: dt.datetime, days: int, rnd: Random) -> dt.datetime:
    """Some time of a working day so many days later, and later than what came before."""
    return max(when + dt.timedelta(hours=1), working_time(when + dt.timedelta(days=days), rnd))


def _work(number: int, one: Told, rnd: Random, filed: dt.datetime, at: dt.datetime) -> Iterator[Event]:
    """Progress, and how it ends: half of the older ones are given up, some sleep, some stand still although they are open."""
    when, steps = filed, 2 + rnd.randrange(4)
    for step in range(steps):
        when = working_time(when + dt.timedelta(days=3 + rnd.randrange(12)), rnd)
        yield when, _progress(one, DONE[(number + step * 3) % len(DONE)])
        if step in {0, 2}:
            yield when + dt.timedelta(minutes=5), _advance(one, "contact" if step == 0 else "talks")
    age_days, end = (at - when).days, rnd.random()
    if age_days > 25 and end < 0.55:
        yield when + dt.timedelta(days=12), _put_away(one, "lost", rnd.choice(LOST))
    elif age_days > 25 and end < 0.70:
        yield when + dt.timedelta(days=10), _put_away(one, "dormant", rnd.choice(DORMANT))
    elif age_days > 40 and end < 0.78:
        yield when + dt.timedelta(days=35), _release(one, rnd.choice(RELEASED))
    elif end < 0.9:  # the rest stands still: nobody entered anything for long
        while (later := working_time(when + dt.timedelta(days=30 + rnd.randrange(40)), rnd)) < at - dt.timedelta(days=14):
            when = later
            yield when, _progress(one, rnd.choice(DONE))
        yield max(when, working_time(at - dt.timedelta(days=2 + rnd.randrange(11)), rnd)), _progress(one, rnd.choice(DONE))
    elif age_days > QUIET_DAYS:
        yield when + dt.timedelta(days=40), _put_away(one, "lost", rnd.choice(LOST))


def _log(number: int, one: Told, people: dict[str, Any], seed: float) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import filing, informing  # noqa: PLC0415
    from wutong.web.leads.rules.leads import LeadKind  # noqa: PLC0415

    rnd = Random(seed)  # noqa: S311

    def happens(when: dt.datetime) -> object:
        kind, title = "project", f"{_short(one.name)}{rnd.choice(one.trade.projects)}项目"
        if number % 13 == 5:
            kind, words = OTHER_KINDS[number // 13 % len(OTHER_KINDS)]
            title = words.format(one.trade.product)
        made = informing.log(
            title=title, kind=LeadKind(kind), unit=one.owner.unit, owner=one.owner, given=_given(people, one.owner, rnd),
            amount=_amount(rnd),
            about=informing.About(one.trade.chain, one.trade.segment, one.trade.product, rnd.choice((HOME, "910221", "910223", ""))),
            received_on=when.date() - dt.timedelta(days=rnd.choice((0, 0, 1))), by=one.owner, at=when,
        )  # fmt: skip
        one.made["pk"] = made.pk
        return filing.identify(
            lead=made, identity=filing.Identity(one.name, firm=one.firm, origin_adcode=one.county), by=one.owner, at=when
        )

    return happens


def _given(people: dict[str, Any], owner: Any, rnd: Random) -> Any:
    from wutong.web.leads.actions.informing import Given  # noqa: PLC0415
    from wutong.web.leads.rules.leads import SourceKind  # noqa: PLC0415

    kind = rnd.choices(list(GIVERS), list(GIVERS.values()))[0]
    if kind == "unit":
        return Given(SourceKind.UNIT, unit=people[rnd.choice(DEPARTMENTS)].unit)
    if kind == "person" and owner.username not in {"adviser", "away"}:
        return Given(SourceKind.PERSON, person=people[rnd.choice(("adviser", "away", "mayor"))])
    if kind == "partner":
        return Given(SourceKind.PARTNER, text=rnd.choice(OUTSIDE))
    return Given()


def _amount(rnd: Random) -> Any:
    from wutong.web.leads.rules.leads import Amount  # noqa: PLC0415

    chance = rnd.random()
    if chance < 0.2:
        return Amount(is_not_provided=True)
    if chance < 0.28:
        return Amount(currency="USD", amount_foreign_wan=Decimal(rnd.choice((500, 1_200, 3_000))))
    return Amount(Decimal(rnd.choice((3_000, 5_000, 8_000, 12_000, 20_000, 35_000, 60_000, 120_000))))


def _short(name: str) -> str:
    for ending in ("股份有限公司", "有限责任公司", "有限公司"):
        name = name.removesuffix(ending)
    return name


def _triage(one: Told, *, is_taken: bool, seed: float) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import informing  # noqa: PLC0415

    reason = "" if is_taken else Random(seed).choice(NOT_TAKEN)  # noqa: S311
    return lambda when: informing.triage(lead=one.lead, is_taken=is_taken, reason=reason, by=one.owner, at=when)


def _answer(one: Told, *, is_taken: bool, is_recent: bool, seed: float) -> Callable[[dt.datetime], object]:
    """Whoever gave it is answered; only of late some wait too long."""
    from wutong.web.leads.actions import informing  # noqa: PLC0415

    rnd = Random(seed)  # noqa: S311

    def happens(when: dt.datetime) -> object:
        if one.lead.source_kind == "own" or (rnd.random() < 0.15 and is_recent):
            return None
        text = rnd.choice((ANSWERS[0], *ANSWERS[2:])) if is_taken else ANSWERS[1]
        return informing.answer(lead=one.lead, text=text, by=one.owner, at=when)

    return happens


def _file(one: Told) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import filing  # noqa: PLC0415

    return lambda when: filing.file(lead=one.lead, by=one.owner, at=when) if one.is_open else None


def _admit(one: Told, head: Any) -> Callable[[dt.datetime], object]:
    """What the lot drew for a look is let in force by the head of the bureau; nobody decides in his own cause."""
    from wutong.web.leads.actions import filing  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        waits = one.claim is not None and one.claim.state == "waiting" and one.owner.unit_id != head.unit_id
        return filing.admit(claim=one.claim, reason="核对无重复，准予首谈", by=head, at=when) if waits else None

    return happens


def _progress(one: Told, text: str) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import claiming  # noqa: PLC0415

    return lambda when: claiming.progress(lead=one.lead, text=text, done_on=when.date(), by=_who(one), at=when) if one.is_open else None


def _who(one: Told) -> Any:
    """Who has the lead now: it may have been passed on."""
    return one.lead.owner


def _advance(one: Told, stage: str) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import informing  # noqa: PLC0415
    from wutong.web.leads.rules.leads import Stage  # noqa: PLC0415

    order = list(Stage)

    def happens(when: dt.datetime) -> object:
        is_later = one.is_open and order.index(Stage(one.lead.stage)) < order.index(Stage(stage))
        return informing.advance(lead=one.lead, stage=Stage(stage), by=_who(one), at=when) if is_later else None

    return happens


def _put_away(one: Told, state: str, reason: str) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import informing  # noqa: PLC0415
    from wutong.web.leads.rules.leads import LeadState  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        is_busy = not one.is_open or "kept" in one.made
        return None if is_busy else informing.put_away(lead=one.lead, state=LeadState(state), reason=reason, by=_who(one), at=when)

    return happens


def _release(one: Told, reason: str) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import claiming  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        is_held = one.is_open and one.claim is not None and one.claim.state == "open" and "kept" not in one.made
        return claiming.release(lead=one.lead, reason=reason, by=_who(one), at=when) if is_held else None

    return happens


def _rounds(when: dt.datetime) -> None:
    """The daily round, as the worker goes it: since the bureau set a time of protection claims have an end, and stale ones are released."""
    from wutong.web.leads.actions import claiming  # noqa: PLC0415

    on = when.date()
    for step in (claiming.protect, claiming.release_stale, claiming.warn):
        while step(on=on, by=None, at=when):
            pass


# --- matters between leads and units ----------------------------------------------------------------------------------------------------
def _matters(told: Sequence[Told], people: dict[str, Any], rnd: Random, at: dt.datetime) -> Iterator[Event]:
    """Second filings of a firm, disputes over them, offers, joint claims, leads that are one, confidential ones."""
    recent = list(told[-max(20, len(told) // 3) : -8])
    local = [one for one in recent if one.owner.username.startswith(("county", "zone"))]
    for number in range(24):
        yield from _second(number, local, people, rnd, at)
    ours = [one for one in recent if one.owner.username.startswith("officer")]
    hosts = [people[name] for name in ("zone1", "zone2", "county-910223", "county-910221", "county-910224") if name in people]
    for number, one in enumerate(ours[24:27]):
        one.made["kept"] = True
        yield at - dt.timedelta(days=25, hours=number), _keep_confidential(one, f"凤鸣{number + 1}号")
    for number in range(14):
        yield at - dt.timedelta(days=20 - number, hours=2), _offer(ours, hosts[number % len(hosts)], number)
    for number in range(10):
        yield at - dt.timedelta(days=9, hours=number), _together(ours, hosts[number % len(hosts)], people["head"], number)
    for one, two in zip(ours[27:33:2], ours[28:33:2], strict=False):
        yield at - dt.timedelta(days=6), _one_of_two(one, two)


def _free(pool: Sequence[Told]) -> Told | None:
    """The first of these that holds a claim in force and that nothing else happens to; it is kept for what asks."""
    for one in pool:
        if "kept" not in one.made and one.is_open and one.claim is not None and one.claim.state == "open":
            one.made["kept"] = True
            return one
    return None


def _second(number: int, pool: Sequence[Told], people: dict[str, Any], rnd: Random, at: dt.datetime) -> Iterator[Event]:
    """Another unit files the same firm, written otherwise, and learns who was first; some dispute it."""
    again = Told(None, None, "", TRADES[0])
    when, seed = working_time(at - dt.timedelta(days=3 + number), rnd), rnd.random()
    yield when, _log_again(number, pool, again, people, seed)
    yield when + dt.timedelta(minutes=30), _file(again)
    if number < 8:
        yield when + dt.timedelta(hours=3), _dispute(again, number)
        yield when + dt.timedelta(days=2), _settle(again, number, people)


def _log_again(number: int, pool: Sequence[Told], again: Told, people: dict[str, Any], seed: float) -> Callable[[dt.datetime], object]:
    """Some other unit logs a firm on which somebody's claim is in force that day."""
    others = [people[name] for name in ("zone1", "zone2", "county-910222", "county-910224", "away") if name in people]

    def happens(when: dt.datetime) -> object:
        first = _free(pool)
        if first is None:
            return None
        again.owner = next(one for one in others[number % len(others) :] + others if one.unit_id != first.owner.unit_id)
        again.name, again.trade, again.county = _short(first.name) if number % 3 == 0 else first.name, first.trade, first.county
        again.firm = first.firm if number % 3 == 1 else None
        return _log(1, again, people, seed)(when)

    return happens


def _dispute(one: Told, number: int) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import disputing  # noqa: PLC0415
    from wutong.web.leads.queries import filed  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        if not one.is_open or filed.told_of(one.lead) is None:
            return None
        one.made["dispute"] = disputing.dispute(
            lead=one.lead, text=DISPUTES[number % len(DISPUTES)], has_certificate=number % 2 == 0, by=one.owner, at=when
        )
        return one.made["dispute"]

    return happens


def _settle(one: Told, number: int, people: dict[str, Any]) -> Callable[[dt.datetime], object]:
    """The first disputes are decided by the head, one is withdrawn, the newest wait."""
    from wutong.web.leads.actions import disputing  # noqa: PLC0415
    from wutong.web.leads.rules.claims import WHOLE, Decision, Part  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        dispute = one.made.get("dispute")
        if dispute is None or number < 3:
            return None
        if number == 7:
            return disputing.withdraw_dispute(dispute=dispute, reason="两家协商一致，由原单位继续承办", by=one.owner, at=when)
        decision, reasons = DECIDED[number % len(DECIDED)]
        parts = (Part(dispute.claim.unit_id, WHOLE * 6 // 10), Part(dispute.unit_id, WHOLE * 4 // 10)) if decision == "shared" else ()
        return disputing.decide(dispute=dispute, decision=Decision(decision), reasons=reasons, parts=parts, by=people["head"], at=when)

    return happens


def _offer(pool: Sequence[Told], host: Any, number: int) -> Callable[[dt.datetime], object]:
    """A lead of the bureau is offered to where it is to land: most are accepted, some refused, the newest wait."""
    from wutong.web.leads.actions import transferring  # noqa: PLC0415
    from wutong.web.leads.rules.claims import WHOLE  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        one = _free(pool)
        if one is None:
            return None
        terms = transferring.Terms(((when.date(), WHOLE * 6 // 10), (when.date() + dt.timedelta(days=365), WHOLE * 3 // 10)))
        reason = OFFERED[number % len(OFFERED)]
        asked = transferring.offer(lead=one.lead, to=host.unit, terms=terms, reason=reason, by=one.owner, at=when)
        later = when + dt.timedelta(hours=1)
        if number < 7:
            return transferring.accept(transfer=asked, owner=host, by=host, at=later)
        if number < 10:
            return transferring.refuse_lead(transfer=asked, reason="近期用地指标不足，暂不承接", by=host, at=later)
        return asked

    return happens


def _together(pool: Sequence[Told], host: Any, head: Any, number: int) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import claiming  # noqa: PLC0415
    from wutong.web.leads.rules.claims import WHOLE, Part, Period, ShareRole  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        one = _free(pool)
        if one is None:
            return None
        ours = WHOLE * (4 + number % 4) // 10
        parts = (Part(one.lead.unit_id, ours, ShareRole.FINDER), Part(host.unit_id, WHOLE - ours, ShareRole.HOST))
        return claiming.share(lead=one.lead, periods=(Period(when.date(), parts),), reason="两家共同承办，按约定分成", by=head, at=when)

    return happens


def _keep_confidential(one: Told, code_name: str) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import informing  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        return informing.keep_lead_confidential(lead=one.lead, code_name=code_name, by=one.owner, at=when) if one.is_open else None

    return happens


def _one_of_two(one: Told, two: Told) -> Callable[[dt.datetime], object]:
    from wutong.web.leads.actions import claiming  # noqa: PLC0415

    def happens(when: dt.datetime) -> object:
        is_possible = one.is_open and two.is_open and one.lead.owner_id == two.lead.owner_id
        return claiming.merge(one=one.lead, two=two.lead, reason="同一集团的同一投资项目", by=one.owner, at=when) if is_possible else None

    return happens


# --- the ledger of before ---------------------------------------------------------------------------------------------------------------
LEDGER = (
    # whose ledger, which lead of another unit it is like (counted from the newest that holds a claim), how its firm is written there
    ("county-910221", 0, "short"), ("county-910223", 3, "full"), ("county-910222", 6, "short"), ("zone1", 9, "full"),
    ("county-910224", 12, "short"), ("zone2", 15, "full"),
)  # fmt: skip
LEDGER_OWN = (
    ("county-910221", "帆川恒穗食品有限公司", "薯片生产线"), ("county-910222", "菱湖谷丰农业科技有限公司", "马铃薯种薯基地"),
    ("county-910223", "锻原铸峰机械有限公司", "工程机械铸件"), ("county-910224", "榕汀岚木家居有限公司", "竹木家居"),
)  # fmt: skip


def _ledger(told: Sequence[Told], people: dict[str, Any], at: dt.datetime) -> None:
    """The counties' old ledger, taken over by the head: some of its rows may be leads that others have, and wait for a person's word."""
    from wutong.web.leads.actions import ledger  # noqa: PLC0415
    from wutong.web.lib.exchange import Batch, SheetRow  # noqa: PLC0415

    held = [one for one in told[::-1] if one.is_open and one.claim is not None and one.claim.state == "open" and "kept" not in one.made]
    rows, when = [], at - dt.timedelta(days=2)
    for username, place, how in LEDGER:
        known = next((one for one in held[place:] if username in people and one.owner.unit_id != people[username].unit_id), None)
        if known is not None:
            rows.append((people[username], _short(known.name) if how == "short" else known.name, known.trade.projects[0], 40 + place))
    rows += [(people[username], name, what, 200) for username, name, what in LEDGER_OWN if username in people]
    sheet = [
        SheetRow(number, {
            "title": f"{_short(name)}{what}项目", "name": name, "unit": owner.unit.name, "owner": owner.username,
            "filed_on": when.date() - dt.timedelta(days=days), "progress": "已电话联系，等待来访", "stage": "contact",
        })
        for number, (owner, name, what, days) in enumerate(rows, 2)
    ]  # fmt: skip
    if sheet:
        ledger.take_over(rows=sheet, batch=Batch("县区线索台账.xlsx", "0" * 64, {}, {}, len(sheet)), by=people["head"], at=when)
