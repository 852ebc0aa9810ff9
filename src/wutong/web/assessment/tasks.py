"""Background entry points of assessment: working a run out, making the files of a bulletin."""

from __future__ import annotations

from django.utils import timezone

from wutong.web.assessment.actions import bulletins, runs
from wutong.web.assessment.models import Bulletin, Run
from wutong.web.assessment.queries import bulletin_papers
from wutong.web.lib.hooks import JobFault, Running


def compute(job: Running) -> dict[str, str]:
    """Gather facts and score; what was kept before serves until it is done."""
    run = Run.objects.get(pk=job.arguments["run"])
    with job.fenced():
        run = runs.compute(run=run, by=job.by, at=timezone.now())
    if run.fault:
        raise JobFault(run.fault)
    return {"run": str(run.public_id)}


def make_bulletin(job: Running) -> dict[str, str]:
    """Set the pages of a bulletin in every form; kept only where its text is still the one they were made of."""
    found = Bulletin.objects.get(pk=job.arguments["bulletin"])
    digest, at = found.digest, timezone.now()
    made = {form: content for form, content in bulletin_papers.files(found, at=found.signed_at or found.drafted_at) if content is not None}
    with job.fenced():
        bulletins.keep_files(bulletin=found, of_digest=digest, made=made, by=job.by, at=at)
    return {"bulletin": str(found.public_id)}
