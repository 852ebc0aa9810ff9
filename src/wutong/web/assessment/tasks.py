"""Background entry points of assessment: working a run out."""

from __future__ import annotations

from django.utils import timezone

from wutong.web.assessment.actions import runs
from wutong.web.assessment.models import Run
from wutong.web.lib.hooks import JobFault, Running


def compute(job: Running) -> dict[str, str]:
    """Gather facts and score; what was kept before serves until it is done."""
    run = Run.objects.get(pk=job.arguments["run"])
    with job.fenced():
        run = runs.compute(run=run, by=job.by, at=timezone.now())
    if run.fault:
        raise JobFault(run.fault)
    return {"run": str(run.public_id)}
