"""What the records of the office say of projects, beside what is found on the site: a few questions, however many projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import Sum

from wutong.web.projects.models import FundsReview, ProgressReport, Project
from wutong.web.projects.rules.funds import FundsKind
from wutong.web.projects.rules.stages import Stage

STAGES = tuple(Stage)
YES, NO = Decimal(1), Decimal(0)


def reported(projects: Sequence[Project]) -> Mapping[int, Mapping[str, Decimal]]:
    """Key of a project → what was reported of it; a figure that nobody reported is not there. Units: yuan; 1 and 0 for yes and no."""
    keys = [project.pk for project in projects]
    found: dict[int, dict[str, Decimal]] = {
        project.pk: {"started": _reached(project, Stage.STARTED), "producing": _reached(project, Stage.PRODUCTION)} for project in projects
    }
    counted = FundsReview.objects.counting().filter(entry__project__in=keys).order_by()
    for key, recognised_yuan in counted.values_list("entry__project").annotate(sum=Sum("recognised_yuan")):
        found[key]["recognised_yuan"] = recognised_yuan
    equipment = counted.filter(entry__kind=FundsKind.EQUIPMENT)
    for key, equipment_yuan in equipment.values_list("entry__project").annotate(sum=Sum("value_yuan")):
        found[key]["equipment_yuan"] = equipment_yuan
    months = ProgressReport.objects.standing().filter(project__in=keys).order_by("month", "pk")
    for key, invested_yuan, output_yuan in months.values_list("project", "invested_yuan", "output_yuan_a_year"):
        said = {"invested_yuan": invested_yuan, "output_yuan": output_yuan}  # of each figure the last month that says it
        found[key] |= {name: value for name, value in said.items() if value is not None}
    return found


def _reached(project: Project, stage: Stage) -> Decimal:
    return YES if STAGES.index(Stage(project.stage)) >= STAGES.index(stage) else NO
