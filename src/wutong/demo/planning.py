"""What is known of a project of the demo from its signing on: site, plan and company, and a plan that is put off."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from wutong.demo import chasing, ideas

if TYPE_CHECKING:
    from wutong.demo.projects import Told


def site(one: Told, on: dt.date) -> dict[str, Any]:
    """Where it is to stand and when what is to be done."""
    unit = one.host.unit
    adcode = unit.adcode if unit.adcode and unit.adcode != chasing.HOME else "910202"
    return {"site_text": one.rnd.choice(ideas.SITES), "site_adcode": adcode, **ideas.plan(on, one.number)}


def put_off(one: Told, project: Any, when: dt.datetime) -> Any:
    """Production is planned two months later, for a reason that the page of the project tells."""
    from wutong.web.projects.actions import describing  # noqa: PLC0415

    days = {name: getattr(project, name) for name in ("planned_production_on", "planned_full_on")}
    values = {name: day + dt.timedelta(days=61) for name, day in days.items() if day is not None}
    reason = "主要设备交货期延后，投产、达产计划顺延两个月"
    return describing.change(project=project, values=values, reason=reason, by=one.host, at=when)


def company(one: Told, on: dt.date) -> dict[str, Any]:
    """The project company and the code of the project."""
    name = f"凤栖{ideas.brand(one.idea.investor)[-6:]}有限公司"
    return {"landed_name": name, "project_code": ideas.code(on, one.host.unit.adcode or chasing.HOME, one.number)}
