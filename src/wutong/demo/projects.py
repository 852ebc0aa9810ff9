"""The projects of the demo's prefecture over three years: opened from leads, taken over from a ledger, worked on, decided, paused, lost.

All of it goes through the actions of `leads` and `projects`, in the order in which it happened, from a fixed seed, dated relative to today.
Each project is a life: a generator that says when its next step is and takes it when that day has come.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from itertools import count
from random import Random
from typing import Any

from wutong.demo import chasing, geography, ideas, papers, planning, story
from wutong.demo.ideas import Idea
from wutong.demo.knocking import working_time

SEED = 20260903
NEW, FROM_TALKS = 28, 15
LEDGER_DAYS, FIRST_DAYS = 72, 400
"""So long ago the old ledger was taken over; so long ago the first project but one was begun here."""
STORY_DAYS = 1_040
HOSTS = ("zone1", "zone2", "county-910221", "county-910222", "county-910223", "county-910224", "zone1", "zone2")
NEAR = ("910100", "910300")
"""Cities of the own province whose firms invest here; the coast's stand among the leads already."""
STAGE_DAYS = {
    "talks": 45, "appraisal": 28, "signed": 45, "registered": 75, "land_granted": 70, "started": 260, "completed": 140, "production": 230,
    "full_capacity": 15,
}  # fmt: skip
LEDGER = {
    "talks": 5, "appraisal": 7, "signed": 14, "registered": 14, "land_granted": 13, "started": 30, "completed": 14, "production": 12,
    "full_capacity": 8,
}  # fmt: skip
TAKEN_OVER = sum(LEDGER.values())
DEPARTMENT_OF = {
    "policy_opinion": "industry-it", "energy_opinion": "ndrc", "land_opinion": "land", "project_filed": "ndrc",
    "planning_conditions": "land", "site_contracted": "land", "energy_approved": "ndrc", "planning_permitted": "land",
    "planning_accepted": "land", "in_statistics": "industry-it",
}  # fmt: skip
# By the last digits of a project's number: at which stage what goes wrong. The rest goes its way, faster or slower.
TROUBLE = {
    1: ("appraisal", "elsewhere"), 3: ("signed", "resumed"), 4: ("registered", "declined"), 5: ("registered", "paused"),
    6: ("appraisal", "declined"), 8: ("talks", "given_up"), 9: ("registered", "declined"), 10: ("signed", "back"),
    11: ("started", "paused"), 13: ("talks", "dormant"), 14: ("registered", "elsewhere"), 16: ("appraisal", "turned_down"),
    17: ("registered", "declined"),
}  # fmt: skip
EVERY = 19
CONFIDENTIAL = 27
REASONS = {
    "elsewhere": "对方给出标准厂房三年免租，企业改投他地", "given_up": "企业主业下滑，取消本轮投资",
    "turned_down": "单位能耗超出本市准入标准，评审未通过",
    "paused": "企业调整投资节奏，资金到位前暂缓",
    "resumed": "等待林地调规批复，暂缓推进", "dormant": "投资方控股股东变更，近期不再推进",
    "back": "企业要求压缩用地并改变分期，重新评审", "goes_on": "调规批复已下达，恢复推进",
}  # fmt: skip
DECLINED = "投资强度和违约责任约定不清，补充后再报"
AGREED = ("同意签约，注意履约保证金约定", "要件齐全，同意", "同意，请落地单位盯紧时间节点")
REJECTED = ("进账单付款方与投资方不一致，请补充说明", "发票金额与合同不符，退回补正", "验资报告缺页，退回补正")
REVERSED = ("企业撤回注册资本，冲销原记录", "同一笔资金由两家单位申报，冲销本条")
FICTIONAL_RATE = "虚构汇率，仅供演示，非官方中间价"
RATES = {"USD": Decimal("7.15"), "EUR": Decimal("7.78")}
MONEY: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("capital", ("capital_report", "bank_receipt"), 22), ("land", ("land_receipt",), 6), ("construction", ("settlement",), 18),
    ("equipment", ("invoice", "equipment_list"), 20), ("construction", ("invoice", "bank_receipt"), 14),
)  # fmt: skip
"""In the order in which it comes: kind, proofs, hundredths of the total."""
SCAN = "（演示文本，全属虚构）\n凭证扫描件"
CHECKED = "已与企业和银行流水核对"
Life = Iterator[dt.datetime]


@dataclass(slots=True)
class Told:
    """One project as it is told: what it is, who found it, who is its host, how fast it goes."""

    number: int
    idea: Idea
    finder: Any
    host: Any
    rnd: Random
    pace: float
    people: dict[str, Any]
    at: dt.datetime
    pk: int = 0
    papers: Iterator[int] = field(default_factory=lambda: count(1))
    is_story: bool = False

    @property
    def project(self) -> Any:
        """The project as it stands now."""
        from wutong.web.projects.models import Project  # noqa: PLC0415 - Django is loaded only where the demo serves pages

        return Project.objects.select_related("owner", "unit").get(pk=self.pk)

    @property
    def head(self) -> Any:
        return self.people["head"]

    def after(self, when: dt.datetime, days: float) -> dt.datetime:
        """Some time of a working day so many days later, one at least."""
        return working_time(when + dt.timedelta(days=max(1, round(days))), self.rnd)


def tell(*, at: dt.datetime, new: int = NEW, taken_over: int = TAKEN_OVER, from_talks: int = FROM_TALKS) -> None:
    """Live all lives side by side until today."""
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.lib import access  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if "officer1" not in people or "zone1" not in people:
        return
    # Nothing that `reading` keeps (calendar, rules, life of a project) is written here, and to read it at each step takes long.
    with transaction.atomic(), access.reading():
        told = _cast(people, at, new, taken_over)
        lives = [
            _story(told[0]),
            *(
                _begin(one, at - dt.timedelta(days=25 + int(FIRST_DAYS * (1 - number / new) ** 1.35)))
                for number, one in enumerate(told[1:new])
            ),
            *(_taken_over(one, stage) for one, stage in zip(told[new:], _ledger(taken_over), strict=True)),
            *(_from_lead(one, lead) for one, lead in _in_talks(people, at, from_talks, new + taken_over)),
            _close_months(people["head"], at, Random(SEED + 2)),  # noqa: S311
        ]
        _live(lives, at)


def _ago(share: float) -> dt.timedelta:
    """How long ago the project at a share of all was begun: more of them of late."""
    return dt.timedelta(days=25 + int(FIRST_DAYS * (1 - share) ** 1.35))


def _live(lives: Sequence[Life], at: dt.datetime) -> None:
    """Take the steps of all lives in the order of their days; what would come after today does not happen."""
    numbers, waiting = count(), list[tuple[dt.datetime, int, Life]]()

    def go_on(life: Life) -> None:
        when = next(life, at)
        if when < at:
            heapq.heappush(waiting, (when, next(numbers), life))

    for life in lives:
        go_on(life)
    while waiting:
        go_on(heapq.heappop(waiting)[2])


# --- who and what -----------------------------------------------------------------------------------------------------------------------
def _cast(people: dict[str, Any], at: dt.datetime, new: int, taken_over: int) -> list[Told]:
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    firms = _firms(people["officer1"], at)
    trade = next(one for one in chasing.TRADES if one.segment == "cylinders")
    found = [_told(0, ideas.idea(0, rnd, _firm_of_story(people["officer1"], at), trade), people["officer1"], people, rnd=rnd, at=at)]
    owners = [people[name] for name in chasing.OWNERS if name in people]
    for number in range(1, new + taken_over):
        firm_trade = firms.pop() if firms and number % 2 and ideas.KINDS[number % len(ideas.KINDS)] == "industry" else (None, None)
        found.append(_told(number, ideas.idea(number, rnd, *firm_trade), rnd.choice(owners), people, rnd=rnd, at=at))
    return found


def _told(number: int, idea: Idea, finder: Any, people: dict[str, Any], *, rnd: Random, at: dt.datetime) -> Told:
    """With its host: the finder's own unit, or where a finder of the bureau lets it land."""
    is_bureau = finder.username.startswith(("officer", "away"))
    stays = idea.values["kind"] in {"services", "headquarters"} and not finder.username.startswith("away")
    hosts = [people[name] for name in HOSTS if name in people]
    host = hosts[number % len(hosts)] if is_bureau and not stays else finder
    return Told(number, idea, finder, host, Random(rnd.random()), 0.9 + rnd.random() * 1.2, people, at)  # noqa: S311


def _firms(by: Any, at: dt.datetime) -> list[tuple[Any, chasing.Trade]]:
    """Firms of the own province that make what is wanted, each once."""
    from wutong.web.firms.actions import adoption  # noqa: PLC0415
    from wutong.web.firms.queries import search  # noqa: PLC0415

    found: dict[str, chasing.Trade] = {}
    for region in NEAR:
        for trade in chasing.TRADES:
            rows, _ = search.find(search.Asked(text=trade.product, region=region), top=4)
            for row in rows:
                found.setdefault(row.firm_id, trade)
    taken = adoption.take_on_all(firm_ids=found, by=by, at=by.created_at)
    planted = {one.name for one in story.PLANTED}
    pairs = [(taken[key], trade) for key, trade in found.items() if taken[key].name not in planted]
    Random(SEED + 1).shuffle(pairs)  # noqa: S311
    return pairs


def _firm_of_story(by: Any, at: dt.datetime) -> Any:
    from wutong.web.firms.actions import adoption  # noqa: PLC0415
    from wutong.web.lib import warehouse  # noqa: PLC0415

    rows = warehouse.served().ask("select firm_id from firms where name = $name", {"name": story.CYLINDER_MAKER.name}).to_pylist()
    return adoption.take_on(firm_id=rows[0]["firm_id"], by=by, at=by.created_at)


def _ledger(wanted: int) -> list[str]:
    """How the projects of the ledger stand, mixed."""
    stages = [stage for stage, number in LEDGER.items() for _ in range(number)]
    Random(SEED + 3).shuffle(stages)  # noqa: S311
    return stages[:wanted]


def _in_talks(people: dict[str, Any], at: dt.datetime, wanted: int, first: int) -> list[tuple[Told, Any]]:
    """Leads of the story that came to formal talks and hold their claim: every second of them becomes a project of late."""
    from wutong.web.leads.models import Lead  # noqa: PLC0415

    rnd = Random(SEED + 4)  # noqa: S311
    leads = Lead.objects.get_queryset().filter(state="open", stage="talks", claims__state="open", is_confidential=False, kind="project")
    rows = list(leads.select_related("owner__unit", "firm").order_by("pk"))[::-2][:wanted]
    found = []
    for number, lead in enumerate(rows, start=first):
        trade = next((one for one in chasing.TRADES if one.segment == lead.segment), chasing.TRADES[0])
        idea = ideas.idea(
            number, rnd, lead.firm, trade, investor=lead.name, title=lead.title, total=int(lead.amount_10k_yuan or 0)
        )  # fmt: skip
        found.append((_told(number, idea, people[lead.owner.username], people, rnd=rnd, at=at), lead))
    return found


# --- how a project begins ---------------------------------------------------------------------------------------------------------------
def _begin(one: Told, when: dt.datetime) -> Life:
    """From information by way of a lead and a first claim into formal talks, and on."""
    from wutong.web.leads.actions import filing, informing  # noqa: PLC0415
    from wutong.web.leads.rules.leads import Stage  # noqa: PLC0415

    when = working_time(when, one.rnd)
    yield when
    by = one.finder
    lead = _log(one, when)
    yield (when := one.after(when, 1 + one.rnd.randrange(2)))
    informing.triage(lead=lead, is_taken=True, by=by, at=when)
    filing.file(lead=lead, by=by, at=when + dt.timedelta(minutes=20))
    yield (when := one.after(when, 2))
    lead.refresh_from_db()
    claim = lead.standing_claim
    if claim is not None and claim.state == "waiting":
        filing.admit(claim=claim, reason="核对无重复，准予首谈", by=one.head, at=when)
    informing.advance(lead=lead, stage=Stage.TALKS, by=by, at=when + dt.timedelta(minutes=30))
    yield (when := one.after(when, 8 + one.rnd.randrange(20)))
    _open(one, lead, when)
    yield from _go(one, when)


def _log(one: Told, when: dt.datetime, received_days: int = 0) -> Any:
    from wutong.web.leads.actions import filing, informing  # noqa: PLC0415
    from wutong.web.leads.rules.leads import Amount  # noqa: PLC0415

    trade, note = one.idea.trade, ""
    if one.is_story:
        note = "缺口分析：液压缸环节本市仅三家，判定为强链；该企业列目标企业前列，已在本市设办事处。"
    about = informing.About(trade.chain, trade.segment, trade.product, chasing.HOME, note) if trade else informing.About(note=note)
    lead = informing.log(
        title=one.idea.title, unit=one.finder.unit, owner=one.finder, amount=Amount(Decimal(one.idea.total_wan)), about=about,
        received_on=when.date() - dt.timedelta(days=received_days), by=one.finder, at=when,
    )  # fmt: skip
    county = chasing.places_of([one.idea.firm.firm_id]).get(one.idea.firm.firm_id, "") if one.idea.firm is not None else ""
    place = county or str(one.idea.values.get("origin_adcode", ""))
    identity = filing.Identity(one.idea.investor, firm=one.idea.firm, origin_adcode=place)
    return filing.identify(lead=lead, identity=identity, by=one.finder, at=when)


def _open(one: Told, lead: Any, when: dt.datetime, **how: Any) -> None:
    """Whoever found it opens it at home; the head lets it land with another unit."""
    from wutong.web.projects.actions import opening  # noqa: PLC0415

    by = one.finder if one.host.unit_id == one.finder.unit_id else one.head
    values = {
        "not_provided": [],
        **one.idea.values,
        "name_zh": one.idea.title,
        "is_chain_project": bool(lead.chain),
        **how.pop("values", {}),
    }
    one.pk = opening.open_from(lead=lead, unit=one.host.unit, owner=one.host, values=values, by=by, at=when, **how).pk


def _from_lead(one: Told, lead: Any) -> Life:
    """A lead that was told elsewhere becomes a project in the last weeks."""
    when = one.after(one.at - dt.timedelta(days=3 + one.number * 5 % 38), 1)
    yield when
    lead.refresh_from_db()
    if lead.state != "open" or lead.stage_since > when.date():
        return
    _open(one, lead, when)
    yield from _go(one, when)


def _taken_over(one: Told, stage: str) -> Life:
    """As the old ledger says: stage and days, and none of the evidence."""
    from wutong.web.projects.actions.opening import Taken  # noqa: PLC0415
    from wutong.web.projects.rules.stages import Stage  # noqa: PLC0415

    when = one.after(one.at - dt.timedelta(days=LEDGER_DAYS), one.number % 9)
    yield when
    order, day = list(STAGE_DAYS), when.date() - dt.timedelta(days=5 + one.rnd.randrange(70))
    since, passed = day, dict[Stage, dt.date]()
    for earlier in reversed(order[: order.index(stage)]):
        day -= dt.timedelta(days=int(STAGE_DAYS[earlier] * (0.6 + one.rnd.random() * 0.7)))
        passed[Stage(earlier)] = day
    values: dict[str, Any] = {}
    if order.index(stage) >= order.index("signed"):
        values = planning.site(one, passed.get(Stage.SIGNED, since))
    if order.index(stage) >= order.index("registered"):
        values |= planning.company(one, passed.get(Stage.REGISTERED, since))
    lead = _log(one, when, received_days=(when.date() - day).days)
    _open(one, lead, when, values=values, taken=Taken(Stage(stage), since, passed))
    if order.index(stage) >= order.index("signed"):
        papers.old_contract(one, when + dt.timedelta(minutes=10), passed.get(Stage.SIGNED, since))
    if order.index(stage) >= order.index("registered") and one.number % 5:
        yield from _side_by_side(_go(one, when), _money(one, when))
    else:
        yield from _go(one, when)


def _side_by_side(*lives: Life) -> Life:
    """Several lives of one project as one, in the order of their days."""
    waiting: list[tuple[dt.datetime, int, Life]] = []
    for number, life in enumerate(lives):
        if (when := next(life, None)) is not None:
            heapq.heappush(waiting, (when, number, life))
    while waiting:
        when, number, life = heapq.heappop(waiting)
        yield when
        if (later := next(life, None)) is not None:
            heapq.heappush(waiting, (later, number, life))


def _story(one: Told) -> Life:
    """One firm from the gap to full capacity, without haste and without harm; then its second phase is talked of."""
    from wutong.web.projects.actions import opening  # noqa: PLC0415

    one.is_story, one.pace = True, 0.92
    one.host = one.people.get("county-910223", one.host)
    total = 42_000
    values = {
        "kind": "industry", "mode": "direct", "origin_kind": "private", "origin_country": "", "origin_adcode": "920000",
        **ideas.figures("industry", total, Random(SEED)),  # noqa: S311
    }  # fmt: skip
    title = "砺达液压工程机械油缸生产基地项目"
    one.idea = Idea(one.idea.investor, title, one.idea.firm, one.idea.trade, total, values)
    yield from _begin(one, one.at - dt.timedelta(days=STORY_DAYS))
    when = one.after(one.at - dt.timedelta(days=45), 1)
    yield when
    more = {"name_zh": title.replace("项目", "二期项目"), **ideas.figures("industry", 18_000, Random(SEED + 5))}  # noqa: S311
    one.pk = opening.add_phase(project=one.project, values=more, by=one.host, at=when).pk
    yield from _work(one, when)


# --- from stage to stage ----------------------------------------------------------------------------------------------------------------
def _go(one: Told, when: dt.datetime) -> Life:
    """Stage after stage, until the last, today, or its end. Promises, agreements and monthly progress get their place in `_work`."""
    from wutong.web.projects.actions import stages  # noqa: PLC0415
    from wutong.web.projects.queries import lifecycles  # noqa: PLC0415
    from wutong.web.projects.rules.stages import Stage  # noqa: PLC0415

    life = lifecycles.in_force()
    if one.number == CONFIDENTIAL and not one.project.is_confidential:
        _keep_confidential(one, when)
    where, what = TROUBLE.get(one.number % EVERY, ("", "")) if not one.is_story else ("", "")
    while True:
        stage = one.project.stage
        if stage == where and what in {"elsewhere", "given_up", "turned_down", "paused", "resumed", "dormant"}:
            yield (when := one.after(when, STAGE_DAYS[stage] * 0.5))
            if _goes_wrong(one, what, when):
                return
            if what == "resumed":
                yield (when := one.after(when, 40 + one.rnd.randrange(30)))
                stages.resume(project=one.project, reason=REASONS["goes_on"], by=one.host, at=when)
            where = ""
        for step in _work(one, when):
            yield step
            when = step
        to = life.following(stage)
        if not to:
            return
        for step in _pass(one, to, when, is_declined=stage == where and what == "declined"):
            yield step
            when = step
        if to == where == "signed" and what == "back":
            yield (when := one.after(when, 12))
            stages.go_back(project=one.project, to=Stage.APPRAISAL, reason=REASONS["back"], by=one.host, at=when)
            where = ""
        if to == "registered" and one.number % 5:
            yield from _side_by_side(_go(one, when), _money(one, when))
            return


def _keep_confidential(one: Told, when: dt.datetime) -> None:
    """One large investor asks for silence: a code name, and the head of the bureau knows."""
    from wutong.web.projects.actions import confiding  # noqa: PLC0415

    confiding.keep_confidential(project=one.project, code_name="青椴一号", by=one.host, at=when)
    for name in ("head", "mayor"):
        confiding.let_know(project=one.project, user=one.people[name], reason="决定阶段关口", by=one.host, at=when)


def _goes_wrong(one: Told, what: str, when: dt.datetime) -> bool:
    """Put aside or lost; tells whether it ends here."""
    from wutong.web.projects.actions import stages  # noqa: PLC0415
    from wutong.web.projects.rules.stages import Loss, Status  # noqa: PLC0415

    given: dict[str, Any] = {"project": one.project, "reason": REASONS[what], "by": one.host, "at": when}
    if what in {"elsewhere", "given_up", "turned_down"}:
        cities = [city.name for city in geography.cities() if city.adcode != chasing.HOME]
        stages.lose(loss=Loss(what), went_to=one.rnd.choice(cities) if what == "elsewhere" else "", **given)
    else:
        stages.pause(status=Status.DORMANT if what == "dormant" else Status.PAUSED, **given)
    return what != "resumed"


def _work(one: Told, when: dt.datetime) -> Life:
    """The nodes of the stage in their order, spread over its days; every third project gives some to departments."""
    from wutong.web.projects.actions import nodes  # noqa: PLC0415
    from wutong.web.projects.models import Node  # noqa: PLC0415
    from wutong.web.projects.queries import lifecycles  # noqa: PLC0415

    life, project = lifecycles.in_force(), one.project
    open_nodes = list(Node.objects.get_queryset().filter(project=project, stage=project.stage, state="open").order_by("pk"))
    given = {} if project.is_confidential or one.number % 3 else {key: one.people[name] for key, name in DEPARTMENT_OF.items()}
    for place, node in enumerate(open_nodes):
        if node.key in given:
            to = given[node.key]
            open_nodes[place] = nodes.assign(node=node, unit=to.unit, owner=to, by=one.host, at=when)
    gap = STAGE_DAYS[project.stage] * one.pace / (len(open_nodes) + 1)
    for node in open_nodes:
        rule, chance = life.nodes[node.key], one.rnd.random()
        if rule.optional and chance < 0.7:
            continue
        yield (when := one.after(when, gap * (0.6 + one.rnd.random() * 0.8)))
        by = given.get(node.key, one.host)
        if rule.optional and chance < 0.8:
            nodes.not_needed(node=node, reason="本项目不涉及", by=by, at=when)
            continue
        for kind in rule.evidence:
            _hand_in(one, kind, when, node=node, by=by)
        nodes.finish(node=node, by=by, at=when)


def _hand_in(one: Told, kind: str, when: dt.datetime, *, by: Any, node: Any = None) -> None:
    from wutong.web.projects.actions import evidence  # noqa: PLC0415
    from wutong.web.projects.queries import lifecycles  # noqa: PLC0415

    rule = lifecycles.in_force().evidence[kind]
    file = papers.proof(one, kind, rule.zh, when) if rule.file else None
    evidence.hand_in(
        project=one.project, kind=kind, node=node, title=rule.zh, attachment=file,
        number=f"演示〔{when.year}〕{one.number:03d}-{next(one.papers):02d}号", dated_on=when.date() - dt.timedelta(days=1), by=by, at=when,
    )  # fmt: skip


def _pass(one: Told, to: str, when: dt.datetime, *, is_declined: bool) -> Life:
    """What the gate wants is said and handed in; one person lets the project pass, or a second one decides."""
    from wutong.web.projects.actions import describing, stages  # noqa: PLC0415
    from wutong.web.projects.queries import lifecycles  # noqa: PLC0415
    from wutong.web.projects.rules.stages import Stage  # noqa: PLC0415

    life = lifecycles.in_force()
    yield (when := one.after(when, 2 + one.rnd.randrange(5)))
    if to == "signed":
        for step in papers.contract(one, when):
            yield step
            when = step
    project = one.project
    values = planning.site(one, when.date()) if to == "signed" else planning.company(one, when.date()) if to == "registered" else {}
    if values and not (project.landed_name if to == "registered" else project.site_text):
        project = describing.change(project=project, values=values, by=one.host, at=when)
    if to == "land_granted" and one.number % 5 == 2:
        project = planning.put_off(one, project, when)
    proved = project.facts().proved
    for kind in life.required_for(to, project.kind).evidence:
        if kind not in proved:
            _hand_in(one, kind, when, by=one.host)
    if not life.stages[to].two_persons:
        stages.advance(project=project, to=Stage(to), by=one.host, at=when + dt.timedelta(minutes=15))
        return
    decider = one.people["mayor"] if project.total_yuan and project.total_yuan >= 10**9 else one.head
    for is_agreed in (False, True) if is_declined else (True,):
        gate = stages.ask(project=project, to=Stage(to), words="要件已齐，请审定", by=one.host, at=when + dt.timedelta(minutes=15))
        yield (when := one.after(when, 2 + one.rnd.randrange(6) + (30 if (one.at - when).days < 15 else 0)))
        words = one.rnd.choice(AGREED) if is_agreed else DECLINED
        stages.decide(gate=gate, is_agreed=is_agreed, words=words, by=decider, at=when)
        if not is_agreed:
            yield (when := one.after(when, 14 + one.rnd.randrange(12)))


# --- money in place ---------------------------------------------------------------------------------------------------------------------
def _money(one: Told, when: dt.datetime) -> Life:
    """Money in its order until the project is put aside or lost; each sum is entered, handed in and reviewed by the head."""
    from wutong.web.projects.actions import funds  # noqa: PLC0415

    yield (when := one.after(when, 10 + one.rnd.randrange(25)))
    answers = {"is_real_estate": False, "is_inside_move": one.number % 23 == 9, "pays_local_tax": True, "is_extraction": False}
    funds.describe(project=one.project, answers={**answers, "is_monopoly_outlet": False}, by=one.host, at=when)
    for kind, proofs, hundredths in MONEY:
        if (kind == "land" and not one.idea.values.get("land_mu")) or one.rnd.random() < 0.35:
            continue
        yield (when := one.after(when, 1))
        if one.project.status != "active":
            return
        share = hundredths * (0.6 + one.rnd.random() * 0.6) / 100
        since = 30 + one.rnd.randrange(700) if one.project.is_taken_over and kind in {"capital", "land"} else 1 + one.rnd.randrange(9)
        for step in _sum(one, kind, proofs, round(one.idea.total_wan * share) + 1, when, since_days=since):
            yield step
            when = step
        yield (when := one.after(when, (45 + one.rnd.randrange(50)) * one.pace))


def _sum(one: Told, kind: str, proofs: tuple[str, ...], wan: int, when: dt.datetime, *, since_days: int) -> Life:
    """One sum of money: most are accepted, some go back for a reason and come again, some are reversed later; the newest wait.

    `since_days`: so long before it is entered it arrived; what the ledger held is entered late.
    """
    from wutong.web.projects.actions import funds  # noqa: PLC0415

    entry = _enter(one, kind, proofs, wan, when, since_days=since_days)
    funds.hand_in_review(entry=entry, by=one.host, at=when + dt.timedelta(minutes=10))
    wait = 2 + one.rnd.randrange(5) + (30 if (one.at - when).days < 20 else 0)
    yield (when := one.after(when, wait))
    if one.rnd.random() < 0.09:
        funds.review(entry=entry, is_accepted=False, words=one.rnd.choice(REJECTED), by=one.head, at=when)
        yield (when := one.after(when, 6 + one.rnd.randrange(8)))
        entry = _enter(one, kind, proofs, wan, when, since_days=(when.date() - entry.arrived_on).days)
        funds.hand_in_review(entry=entry, words="已补正", by=one.host, at=when + dt.timedelta(minutes=10))
        yield (when := one.after(when, 3))
    funds.review(entry=entry, is_accepted=True, by=one.head, at=when, apart=CHECKED)
    if one.rnd.random() < 0.1:
        yield (when := one.after(when, 6 + one.rnd.randrange(16)))
        funds.reverse(entry=entry, reason=one.rnd.choice(REVERSED), by=one.head, at=when)


def _enter(one: Told, kind: str, proofs: tuple[str, ...], wan: int, when: dt.datetime, *, since_days: int) -> Any:
    from wutong.web.journal.actions import files  # noqa: PLC0415
    from wutong.web.projects.actions import funds  # noqa: PLC0415
    from wutong.web.projects.rules.funds import FundsKind, Money, MoneyFrom, Proof  # noqa: PLC0415

    arrived = when.date() - dt.timedelta(days=since_days)
    project = one.project
    is_foreign, amount, currency = project.origin_kind == "foreign", Decimal(wan * ideas.WAN), "CNY"
    if is_foreign and kind == "capital":
        currency = "EUR" if project.origin_country == "DE" else "USD"
        amount = Decimal(int(amount / RATES[currency] / 1_000) * 1_000)
    if is_foreign:
        _rates(("USD", currency), arrived, one.head, when)
    source = MoneyFrom.FISCAL if project.kind == "infrastructure" and kind == "construction" else MoneyFrom.INVESTOR
    numbers = {Proof(proof): f"演示凭证-{one.number:03d}-{next(one.papers):02d}" for proof in proofs}
    scan = files.attach(
        record=project, file=BytesIO(SCAN.encode()), name=f"凭证扫描件（演示）{next(iter(numbers.values()))[-6:]}.txt", by=one.host, at=when
    )  # fmt: skip
    return funds.enter(
        project=project, money=Money(FundsKind(kind), amount, arrived, currency, source, frozenset(numbers)), number="", numbers=numbers,
        payer=one.idea.investor, attachment=scan.attachment, by=one.host, at=when,
    )  # fmt: skip


def _rates(currencies: Sequence[str], on: dt.date, by: Any, when: dt.datetime) -> None:
    """The rates of a day, invented and marked so."""
    from wutong.web.projects.actions import funds  # noqa: PLC0415
    from wutong.web.projects.models import ExchangeRate  # noqa: PLC0415

    for currency in dict.fromkeys(currencies):
        if currency in RATES and not ExchangeRate.objects.get_queryset().filter(currency=currency, on=on).exists():
            rate = RATES[currency] + Decimal(on.toordinal() % 21 - 10) / 100
            funds.enter_rate(currency=currency, on=on, yuan_per_unit=rate, source=FICTIONAL_RATE, by=by, at=when)


def _close_months(head: Any, at: dt.datetime, rnd: Random) -> Life:
    """Month after month is closed once nothing of it waits; the last ones stand open."""
    from wutong.web.projects.actions import funds  # noqa: PLC0415
    from wutong.web.projects.queries import books  # noqa: PLC0415

    month = (at - dt.timedelta(days=110)).date().replace(day=1)
    when = at - dt.timedelta(days=29)
    while True:
        following = (month + dt.timedelta(days=32)).replace(day=1)
        when = max(when + dt.timedelta(days=1), at - (at.date() - following - dt.timedelta(days=9)))
        yield (when := working_time(when, rnd))
        while books.waiting_entries(before=following):
            yield (when := working_time(when + dt.timedelta(days=1), rnd))
        funds.close_month(month=month, by=head, at=when)
        month = following
