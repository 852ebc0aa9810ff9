"""The assessment of promotion officers in the demo, some months of it, and the remedies that the last runs of units ask for.

Everything goes through the actions of `assessment`, dated relative to today; ratings come from a fixed seed. The rule stands beside this
file as YAML and is invented.
"""

from __future__ import annotations

import datetime as dt
from importlib import resources
from random import Random
from typing import Any

from wutong.demo import assessing
from wutong.demo.knocking import working_time

SEED = 20261128
MONTHS = 4
CODE, FILE, TITLE = "demo-officers", "rule_officers.yaml", "招商干部考核"
GROUPS = (("bureau", ("officer", "away")), ("areas", ("county-", "zone")))
"""Group → how the user names of its people begin."""
REMEDY = "对照考核差距，逐项制定整改措施，明确责任人和完成时限，限期见效"


def tell(*, at: dt.datetime) -> None:
    """The scheme with its people, a run at the end of each of some months, and the remedies of the areas."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if not {"assessor", "head", "mayor"} <= set(people):
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    with transaction.atomic():
        measured = {
            group: [one for name, one in sorted(people.items()) if one.is_active and name.startswith(starts)] for group, starts in GROUPS
        }
        ends = list(assessing.month_ends(at.date()))[-MONTHS:]
        scheme = _scheme(people, measured, ends[0], rnd, at)
        for on in ends:
            _month(scheme, people, [one for those in measured.values() for one in those], on, rnd=rnd, at=at)
        _remedies(people, at)


def _scheme(people: dict[str, Any], measured: dict[str, list[Any]], first: dt.date, rnd: Random, at: dt.datetime) -> Any:
    """The scheme with an approved rule that holds from the year of its first run."""
    from wutong.web.assessment.actions import schemes as actions  # noqa: PLC0415
    from wutong.web.assessment.rules.runs import Measures  # noqa: PLC0415
    from wutong.web.rulebooks.rules import Step  # noqa: PLC0415

    by, head = people["assessor"], people["head"]
    begun = min(working_time(at.replace(year=first.year, month=first.month, day=3), rnd), at - dt.timedelta(days=1))
    scheme = actions.make(code=CODE, title=TITLE, unit=head.unit, by=by, at=begun, measures=Measures.PERSONS)
    text = (resources.files("wutong.demo") / FILE).read_text("utf-8").replace("FIRST", str(first.year))
    version = actions.begin(scheme=scheme, text=text, by=by, at=begun + dt.timedelta(minutes=10))
    actions.submit(version=version, note="按干部考核要求制定", by=by, at=begun + dt.timedelta(minutes=30))
    version.refresh_from_db()
    actions.decide(version=version, step=Step.APPROVE, reason="同意，结果作选人用人参考", by=head, at=begun + dt.timedelta(hours=2))
    chosen = [(one, group, 12) for group, those in measured.items() for one in those]
    actions.set_members(scheme=scheme, members=chosen, by=by, at=begun + dt.timedelta(hours=3))
    return scheme


def _month(scheme: Any, people: dict[str, Any], measured: list[Any], on: dt.date, *, rnd: Random, at: dt.datetime) -> None:
    """What colleagues say, a run, its notice, approval by the leader, publication."""
    from wutong.web.assessment.actions import figures  # noqa: PLC0415
    from wutong.web.assessment.rules.runs import Standing, ValueState  # noqa: PLC0415

    when = assessing.clock(on, at, rnd)
    for one in measured:
        said = figures.Said(ValueState.VALUE, f"{rnd.randrange(820, 990) / 10}%", "民主测评汇总表")
        figures.enter(
            scheme=scheme, fact="conduct", unit=one.unit, person=one, on=on, standing=Standing.VERIFIED, said=said, by=people["assessor"],
            at=when(1),
        )  # fmt: skip
    run = assessing.worked_run(scheme, people["assessor"], on, when(assessing.FROZEN_DAYS))
    assessing.published_run(run, people["assessor"], people["head"], when)


def _remedies(people: dict[str, Any], at: dt.datetime) -> None:
    """The last of each group of areas: asked a month ago, answered and closed; asked after the last run, open or answered."""
    from wutong.web.assessment.actions import inspections, remedies  # noqa: PLC0415
    from wutong.web.assessment.models import Run  # noqa: PLC0415
    from wutong.web.assessment.queries import remedies as queries  # noqa: PLC0415
    from wutong.web.assessment.rules.runs import RunState  # noqa: PLC0415

    by = people["assessor"]
    out = Run.objects.filter(scheme__code=assessing.AREAS, state=RunState.PUBLISHED).exclude(superseded_by__state=RunState.PUBLISHED)
    for ago, run in enumerate(out.order_by("-on")[:2]):
        asked_at = min(run.published_at + dt.timedelta(days=2), at - dt.timedelta(hours=3))
        due_on = max((asked_at + dt.timedelta(days=25)).date(), at.date()) if not ago else (asked_at + dt.timedelta(days=20)).date()
        for number, row in enumerate(queries.below(run, last_count=1, under_points=None)):
            (made,) = remedies.demand(run=run, rows=[row], text=REMEDY, due_on=due_on, by=by, at=asked_at)
            if not ago and not number:
                continue
            answered_at = min(asked_at + dt.timedelta(days=12), at - dt.timedelta(hours=2))
            inspections.rectify(finding=made, words="已召开专题会，重排项目清单，明确到人", by=made.duty.owner, at=answered_at)
            if ago:
                closed_at = min(answered_at + dt.timedelta(days=3), at - dt.timedelta(hours=1))
                inspections.decide(finding=made, is_closed=True, words="查阅会议纪要和清单，措施已落实", by=by, at=closed_at)
