"""A scheme of the city's bureau that measures the county and the zone, its rule approved."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cast import Cast
from wutong.web.assessment.actions import figures, runs, schemes
from wutong.web.assessment.actions.figures import Said
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.rules.runs import Standing, ValueState
from wutong.web.rulebooks.rules import Step

AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
STARTS_ON, ON = dt.date(2026, 1, 1), dt.date(2026, 10, 31)
TEXT = """rule: counties_2026
title: 2026 年县区考核
source: {title: 招商引资工作考核办法, document: 青招发〔2026〕3 号, date: 2026-01-20}
valid: {from: 2026-01-01, to: 2027-01-01}
facts:
  funds: {zh: 到位资金, en: funds, unit: 亿元, from: funds.recognised}
  started: {zh: 开工项目, en: projects started, unit: 个, from: projects.started}
  target: {zh: 开工目标, en: target, unit: 个}
  satisfied: {zh: 满意度, en: satisfaction, unit: percent}
groups:
  counties:
    title: {zh: 县区, en: counties}
    total: {round: 2}
    items:
      - {id: satisfied, title: {zh: 企业满意度, en: satisfaction}, points: 40, formula: {product: [satisfied, 40]}}
      - id: started
        title: {zh: 项目开工, en: projects started}
        points: 60
        formula: {completion: {actual: started, target: target, points: 60, cap: 100%}}
      - {id: funds, title: {zh: 到位资金, en: funds}, points: 0, formula: {product: [{ratio: {of: funds, to: 100亿}}, 0]}}
"""


def approved(scheme: Scheme, cast: Cast, text: str = TEXT) -> Any:
    """A version of the rule, written by the assessor and approved by the leader."""
    version = schemes.begin(scheme=scheme, by=cast.assessor, at=AT)
    version = schemes.rewrite(version=version, text=text, by=cast.assessor, at=AT)
    version = schemes.submit(version=version, note="按 2026 年办法", by=cast.assessor, at=AT)
    return schemes.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)


def figure(scheme: Scheme, cast: Cast, fact: str, unit: str, value: str, **more: Any) -> Any:
    """A figure checked by the assessor."""
    values = {"on": ON, "standing": Standing.VERIFIED, "said": Said(ValueState.VALUE, value, "统计局月报"), **more}
    return figures.enter(scheme=scheme, fact=fact, unit=cast.units[unit], by=values.pop("by", cast.assessor), at=AT, **values)


def after_notice(run: Run) -> dt.datetime:
    """A moment of the first day on which a frozen run may be approved."""
    assert run.notice is not None
    return dt.datetime.combine(run.notice.approvable_on, dt.time(9), dt.UTC)


def published(run: Run, cast: Cast, *, by: Any = None) -> Run:
    """A frozen run approved by the leader, or by another, once its notice is over, and published."""
    at = after_notice(run)
    return runs.publish(run=runs.approve(run=run, by=by or cast.bureau_leader, at=at), by=cast.assessor, at=at)


def drafted(scheme: Scheme, cast: Cast, **more: Any) -> Run:
    """A run worked out as the job does it."""
    values = {"title": "1—10 月考核", "starts_on": STARTS_ON, "on": ON, "by": cast.assessor, "at": AT, **more}
    run = runs.draft(scheme=scheme, **values)
    return runs.compute(run=run, by=cast.assessor, at=AT)
