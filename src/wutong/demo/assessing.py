"""The assessments of the demo: two schemes with four groups of units, twelve months of runs with objections, and their bulletins.

Everything goes through the actions of `assessment`, dated relative to today; figures by hand come from a fixed seed. The rules stand beside
this file as YAML and are invented. What the records say is as they stand now of each day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from io import BytesIO
from random import Random
from typing import Any

from wutong.demo import progress, ratings
from wutong.demo.knocking import working_time
from wutong.rulebook import load
from wutong.rulebook.calendar import Calendar

SEED = 20261127
MONTHS = 12
"""A whole year of months, so that the last day of a year is always among them."""
NOT_FILED_MONTHS = 2
"""So many months ago and later bulletins are not filed yet."""
AREAS, OFFICES = "demo-areas", "demo-offices"
FROZEN_DAYS = 3
UPHELD_MONTHS_AGO, DISMISSED_MONTHS_AGO = 4, 7
OBJECTOR, ZONE, TOWN = "county-910223", "zone1", "town1"
TAX_MISSING_MONTHS_AGO, APPROVALS_MISSING_MONTHS_AGO = 6, 9
EDITED = {
    3: ("居后的单位要对照差距逐项整改", "居后的单位要于本月底前报送整改措施，对照差距逐项整改"),
    2: ("由责任单位逐个明确完成时限", "由责任单位逐个明确完成时限和责任领导"),
}
"""Months ago → words of the bulletin that the assessor changed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheme: the text of its rule, and which kinds of units stand in which group."""

    code: str
    file: str
    title: str
    groups: tuple[tuple[str, str], ...]


PLANS = (
    Plan(AREAS, "rule_areas.yaml", "县区、开发区招商引资考核", (("county", "counties"), ("zone", "zones"))),
    Plan(OFFICES, "rule_offices.yaml", "市直部门、乡镇街道招商服务考核", (("department", "departments"), ("township", "townships"))),
)
YEARLY = {
    "department": (("messages_target", 24, 36, "1", ""),),
    "township": (("messages_target", 18, 24, "1", ""), ("visits_target", 60, 80, "1", "")),
}
"""Kind of unit → fact; least and most of the year, in steps of so much; unit. Counties and zones: the goals of the year tell them."""


class _Tellers:
    """Who takes part: those that the demo has."""

    def __init__(self, people: dict[str, Any]) -> None:
        self.all = people
        self.assessor, self.head, self.mayor = people["assessor"], people["head"], people["mayor"]


def tell(*, at: dt.datetime) -> None:
    """Rules, targets, then month by month: figures, runs, objections, bulletins; the present month waits for approval."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit", "firm_account")}
    if not {"assessor", "head", "mayor"} <= set(people):
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    rated = Random(SEED)  # noqa: S311 - one of their own, so that the other figures stay as they are
    there = _Tellers(people)
    ends = list(month_ends(at.date()))
    with transaction.atomic():
        schemes = [_scheme(plan, there, ends[0], rnd, at) for plan in PLANS]
        for ago, on in zip(range(len(ends), 0, -1), ends, strict=True):
            if on == next(end for end in ends if end.year == on.year):
                ratings.first_of_year(schemes[0].scheme, people, on, rnd=rated, at=at)
            for scheme in schemes:
                _month(scheme, there, ago, on, rnd=rnd, at=at)
        ratings.last_months(schemes[0].scheme, people, rnd=rated, at=at)
        ratings.this_month(schemes[1].scheme, people, rnd=rated, at=at)
        for scheme in schemes:
            _present(scheme, there, rnd, at)


def month_ends(today: dt.date) -> Iterator[dt.date]:
    """The last days of the months that are over and told of, the first first.

    Why: a month is published once its notice is over; until then the one before it is the last.
    """
    first = today.replace(day=1)
    if today <= _published_on(first - dt.timedelta(days=1)):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    found = []
    for _ in range(MONTHS):
        found.append(first - dt.timedelta(days=1))
        first = found[-1].replace(day=1)
    yield from reversed(found)


def _published_on(on: dt.date) -> dt.date:
    """When the run of a month is published: frozen some days after its end, told publicly, approved on the day after."""
    days = int(load.rulebook().number("assessment.notice_working_days", on))
    until = Calendar().add_working_days(_workday(on + dt.timedelta(days=FROZEN_DAYS)), days).date
    return _workday(until + dt.timedelta(days=1))


def _workday(day: dt.date) -> dt.date:
    """The same day, or the next on which people work, and that no Saturday or Sunday, as `working_time` has it."""
    day = Calendar().add_working_days(day, 0).date
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


class _Scheme:
    """A scheme with its units, and what was entered of them in the year."""

    def __init__(self, scheme: Any, units: list[tuple[Any, str]]) -> None:
        self.scheme, self.units = scheme, units
        self.sums: dict[tuple[int, int, str], int] = {}
        self.targets: dict[tuple[int, str], int] = {}


def _scheme(plan: Plan, there: _Tellers, first: dt.date, rnd: Random, at: dt.datetime) -> _Scheme:
    """A scheme with an approved rule that holds from the year of its first run."""
    from wutong.web.accounts.models import Unit  # noqa: PLC0415
    from wutong.web.assessment.actions import schemes as actions  # noqa: PLC0415
    from wutong.web.rulebooks.rules import Step  # noqa: PLC0415

    begun = working_time(at.replace(year=first.year, month=1, day=5), rnd)
    by, city, bureau = there.assessor, there.mayor.unit, there.head.unit
    scheme = actions.make(code=plan.code, title=plan.title, unit=bureau, by=by, at=begun)
    text = (resources.files("wutong.demo") / plan.file).read_text("utf-8").replace("FIRST", str(first.year))
    version = actions.begin(scheme=scheme, text=text, by=by, at=begun + dt.timedelta(minutes=10))
    actions.submit(version=version, note="按年度目标任务制定", by=by, at=begun + dt.timedelta(minutes=30))
    version.refresh_from_db()
    actions.decide(version=version, step=Step.APPROVE, reason="同意，按月核算通报", by=there.head, at=begun + dt.timedelta(hours=2))
    units = [
        (unit, group)
        for kind, group in plan.groups
        for unit in Unit.objects.open().filter(path__startswith=city.path, kind=kind).exclude(pk=bureau.pk).order_by("path")
    ]
    chosen = [(unit, group, 12) for unit, group in units]
    actions.set_members(scheme=scheme, members=chosen, by=by, at=begun + dt.timedelta(hours=3))
    return _Scheme(scheme, units)


# --- figures by hand --------------------------------------------------------------------------------------------------------------------
def _figures(one: _Scheme, there: _Tellers, when: dt.datetime, *, ago: int, on: dt.date, rnd: Random) -> None:
    """Targets of offices with the first run of a year, and what a month brings; one figure each came too late."""
    for unit, _group in one.units:
        for fact, least, most, step, word in YEARLY.get(unit.kind, ()):
            if (on.year, unit.pk, fact) not in one.sums:
                one.sums[on.year, unit.pk, fact] = one.targets.setdefault((unit.pk, fact), rnd.randrange(least, most + 1))
                goal = one.targets[unit.pk, fact] * Decimal(step)
                _enter(one, fact, unit, on, f"{goal}{word}", "年度目标任务分解表", there, when)
        for fact, value, source in _monthly(one, unit, on, rnd):
            is_late = (fact, ago, unit.pk) in {
                ("tax_a_mu", TAX_MISSING_MONTHS_AGO, one.units[-1][0].pk), ("approvals", APPROVALS_MISSING_MONTHS_AGO, one.units[0][0].pk),
            }  # fmt: skip
            _enter(one, fact, unit, on, "" if is_late else value, source, there, when)


def _monthly(one: _Scheme, unit: Any, on: dt.date, rnd: Random) -> Iterator[tuple[str, str, str]]:
    """Fact, value and source; sums grow through the year."""

    def grown(fact: str, by: int) -> str:
        key = (on.year, unit.pk, fact)
        # The first run of a year may be that of a late month: it holds the months before too.
        one.sums[key] = one.sums.get(key, by * (on.month - 1)) + by
        return str(one.sums[key])

    if unit.kind in ("county", "zone") and (on.year, unit.pk, "accidents") not in one.sums:
        one.sums[on.year, unit.pk, "accidents"] = 0
        yield "accidents", "0", "应急管理、生态环境部门认定"
    if unit.kind == "zone":
        yield "tax_a_mu", f"{Decimal(rnd.randrange(90, 160)) / 10}", "税务部门提供"
    if unit.kind == "department":
        yield "approvals", f"{Decimal(rnd.randrange(880, 1000)) / 10}%", "政务服务平台统计"
    if unit.kind in ("department", "township"):
        yield "messages", grown("messages", rnd.randrange(1, 4)), "信息报送登记"
        key = (on.year, unit.pk, "complaints")
        more = int(rnd.random() < 0.08)
        if more or key not in one.sums:
            yield "complaints", grown("complaints", more) if key in one.sums else _first(one, key), "企业投诉办理台账"
    if unit.kind == "township":
        yield "visits", grown("visits", rnd.randrange(4, 8)), "走访记录"


def _first(one: _Scheme, key: tuple[int, int, str]) -> str:
    one.sums[key] = 0
    return "0"


def _enter(  # noqa: PLR0917 - a figure is all of these
    one: _Scheme, fact: str, unit: Any, on: dt.date, value: str, source: str, there: _Tellers, when: dt.datetime, reason: str = ""
) -> None:  # fmt: skip
    from wutong.web.assessment.actions import figures  # noqa: PLC0415
    from wutong.web.assessment.rules.runs import Standing, ValueState  # noqa: PLC0415

    said = figures.Said(ValueState.VALUE if value else ValueState.MISSING, value, source)
    figures.enter(
        scheme=one.scheme, fact=fact, unit=unit, on=on, standing=Standing.VERIFIED, said=said, reason=reason, by=there.assessor, at=when
    )


# --- a month ----------------------------------------------------------------------------------------------------------------------------
def clock(on: dt.date, at: dt.datetime, rnd: Random) -> Callable[[int], dt.datetime]:
    """So many days after the end of a month, in working hours; never later than now, and never before what was told last."""
    last = dt.datetime.combine(on, dt.time(9), at.tzinfo)

    def when(days: int) -> dt.datetime:
        nonlocal last
        wanted = working_time(dt.datetime.combine(_workday(on + dt.timedelta(days=days)), dt.time(9), at.tzinfo), rnd)
        last = min(max(wanted, last + dt.timedelta(minutes=20)), at)
        return last

    return when


def _run(one: _Scheme, there: _Tellers, on: dt.date, title: str, when: dt.datetime, *, supersedes: Any = None) -> Any:
    """A run, worked out and frozen."""
    return worked_run(one.scheme, there.assessor, on, when, title=title, supersedes=supersedes)


def worked_run(scheme: Any, by: Any, on: dt.date, when: dt.datetime, *, title: str = "", supersedes: Any = None) -> Any:
    """A run of a scheme up to a day, worked out and frozen by its assessor."""
    from wutong.web.assessment.actions import runs  # noqa: PLC0415

    starts_on = on.replace(month=1, day=1)
    run = runs.draft(scheme=scheme, title=title or _title(on), starts_on=starts_on, on=on, supersedes=supersedes, by=by, at=when)
    _worked(run.job, lambda: runs.compute(run=run, by=by, at=when), {"run": str(run.public_id)}, when)
    return runs.freeze(run=run, by=by, at=when + dt.timedelta(minutes=15))


def published_run(run: Any, by: Any, head: Any, when: Callable[[int], dt.datetime]) -> Any:
    """A frozen run approved and published once its notice is over; where a false report was found meanwhile, sent back and worked out anew.

    One whose notice is not over today stays frozen.
    """
    from wutong.web.assessment.actions import runs  # noqa: PLC0415
    from wutong.web.assessment.queries import touched  # noqa: PLC0415
    from wutong.web.assessment.rules.runs import RunStep  # noqa: PLC0415

    decided, published = when(_days_told(run)), when(_days_told(run))
    false = touched.since_gathered(run, until=published)
    if false:
        last = max(one.at for one in false)
        runs.withdraw(
            run=run, step=RunStep.SEND_BACK, reason="督查查出虚报，更正台账后重新核算", by=head, at=last + dt.timedelta(minutes=5)
        )
        again = last + dt.timedelta(minutes=10)
        run = worked_run(run.scheme, by, run.on, again, title=run.title, supersedes=run.supersedes)
        decided = published = when(_days_told(run))
    if run.notice is not None and not run.notice.is_over(decided.date()):
        return run
    runs.approve(run=run, by=head, at=decided)
    return runs.publish(run=run, by=by, at=published)


def _days_told(run: Any) -> int:
    """How many days after the end of its month a run may be approved."""
    return (run.notice.approvable_on - run.on).days if run.notice is not None else FROZEN_DAYS


def _worked(job: Any, work: Callable[[], Any], result: dict[str, str], when: dt.datetime) -> None:
    """A job is done here and now, as the worker of the demo would have done it then."""
    from wutong.web.jobs import actions as jobs  # noqa: PLC0415

    claimed = jobs.claim(worker="演示服务器:1", only=job.pk, by=None, at=when)
    work()
    if claimed is not None:
        jobs.finish(job=claimed, result=result, by=None, at=when + dt.timedelta(seconds=3))


def _title(on: dt.date) -> str:
    return f"{on.year}年1月考核" if on.month == 1 else f"{on.year}年1—{on.month}月考核"


def _month(one: _Scheme, there: _Tellers, ago: int, on: dt.date, *, rnd: Random, at: dt.datetime) -> None:
    """Figures, a run, objections, approval by the leader, publication, and the bulletin."""
    when = clock(on, at, rnd)
    _figures(one, there, when(1), ago=ago, on=on, rnd=rnd)
    run = _run(one, there, on, _title(on), when(FROZEN_DAYS))
    is_upheld = _objections(one, run, there, ago, when)
    if is_upheld:  # the wrong run stays frozen; the corrected one is published
        run = _run(one, there, on, f"{_title(on)}（更正）", when(7), supersedes=run)
    run = published_run(run, there.assessor, there.head, when)
    if run.published_at is not None:
        _bulletin(one, run, there, ago, when)


def _objections(one: _Scheme, run: Any, there: _Tellers, ago: int, when: Callable[[int], dt.datetime]) -> bool:
    """A zone objects to its tax, which is corrected; a county objects to its rate of starts, which stands. Tells whether one was upheld."""
    if one.scheme.code != AREAS:
        return False
    if ago == UPHELD_MONTHS_AGO and ZONE in there.all:
        zone = there.all[ZONE]
        _object(run, zone, when(5), item="tax", text="亩均税收未计入季度缓缴入库部分", evidence="税务部门入库证明")
        _decide(run, there, when(6), is_upheld=True, reason="核对入库凭证，情况属实", correction="亩均税收按入库数更正，重新核算")
        _enter(one, "tax_a_mu", zone.unit, run.on, "14.8", "税务部门入库证明", there, when(6), reason="申诉成立，按入库数更正")
        return True
    if ago == DISMISSED_MONTHS_AGO and OBJECTOR in there.all:
        _object(run, there.all[OBJECTOR], when(5), item="start", text="一个项目已进场平整土地，应计开工", evidence="现场照片")
        _decide(run, there, when(6), is_upheld=False, reason="场地平整不算主体工程开工，按口径不计")
    return False


def _object(run: Any, person: Any, when: dt.datetime, *, item: str, text: str, evidence: str) -> None:
    """An objection with a photograph, or with its paper as an invented text."""
    from wutong.web.assessment.actions import objections  # noqa: PLC0415

    is_photo = evidence.endswith("照片")
    drawn = progress.picture(Random(run.pk), run.on, None) if is_photo else f"（演示文本，全属虚构）\n{evidence}\n{text}".encode()  # noqa: S311
    proofs = [(BytesIO(drawn), f"{evidence}（演示）.{'jpg' if is_photo else 'txt'}")]
    row = run.units.get(unit=person.unit)
    objections.file(row=row, item=item, text=text, evidence=evidence, proofs=proofs, by=person, at=when)


def _decide(run: Any, there: _Tellers, when: dt.datetime, *, is_upheld: bool, reason: str, correction: str = "") -> None:
    from wutong.web.assessment.actions import objections  # noqa: PLC0415
    from wutong.web.assessment.rules.runs import ObjectionState  # noqa: PLC0415

    state = ObjectionState.UPHELD if is_upheld else ObjectionState.DISMISSED
    for found in run.objections.filter(state=ObjectionState.OPEN):
        objections.decide(objection=found, state=state, reason=reason, correction=correction, by=there.assessor, at=when)


def _bulletin(one: _Scheme, run: Any, there: _Tellers, ago: int, when: Callable[[int], dt.datetime]) -> None:
    """Every month for counties and zones, every quarter for the others; the last waits for its signature."""
    from wutong.web.assessment.actions import bulletins  # noqa: PLC0415

    if one.scheme.code != AREAS and (run.on.month % 3 or ago == 1):
        return
    made = bulletins.draft(run=run, by=there.assessor, at=when(9))
    jobs = [made.job]
    if one.scheme.code == AREAS and ago in EDITED:
        old, new = EDITED[ago]
        made = bulletins.edit(bulletin=made, text=made.text.replace(old, new), by=there.assessor, at=when(9))
        jobs.append(made.job)
    if ago > 1:
        signed = when(10)
        made = bulletins.sign(bulletin=made, reason="补充整改要求，数据未改", by=there.head, at=signed)
        jobs.append(made.job)
    filed = when(12)
    for job in jobs:  # one set of files, of the text as it stands
        is_last = job is jobs[-1]
        _worked(job, (lambda: _files(made, there, filed)) if is_last else lambda: None, {"bulletin": str(made.public_id)}, filed)
    if ago > NOT_FILED_MONTHS:
        bulletins.archive(bulletin=made, by=there.assessor, at=filed)


def _files(bulletin: Any, there: _Tellers, when: dt.datetime) -> None:
    from wutong.web.assessment.actions import bulletins  # noqa: PLC0415
    from wutong.web.assessment.queries import bulletin_papers  # noqa: PLC0415

    found = bulletin_papers.files(bulletin, at=bulletin.signed_at or bulletin.drafted_at)
    made = {form: content for form, content in found if content is not None}
    bulletins.keep_files(bulletin=bulletin, of_digest=bulletin.digest, made=made, by=there.assessor, at=when)


def _present(one: _Scheme, there: _Tellers, rnd: Random, at: dt.datetime) -> None:
    """The month that runs, up to yesterday: frozen, so that the measured see their own; one objection is open."""
    on = max(at.date() - dt.timedelta(days=1), at.date().replace(day=1))
    began = at - dt.timedelta(hours=4)
    _figures(one, there, began, ago=0, on=on, rnd=rnd)
    run = _run(one, there, on, f"{_title(on)}（截至{on.day}日）", began + dt.timedelta(minutes=30))
    if one.scheme.code == AREAS and OBJECTOR in there.all:
        text, filed = "两次外出由驻外人员代为登记，未计入本县", at - dt.timedelta(hours=1)
        _object(run, there.all[OBJECTOR], filed, item="away", text=text, evidence="出差审批单")
