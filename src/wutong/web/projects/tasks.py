"""Background entry points of projects: a collection of packaged projects is made; old ones are let go."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import papers
from wutong.web.lib.hooks import JobFault, Running
from wutong.web.projects.actions import collecting
from wutong.web.projects.models import OpportunityCollection
from wutong.web.projects.queries import opportunity_papers


def collect(job: Running) -> dict[str, Any]:
    """Make the file under another name, and give it its own when it is whole: repeated, it is made anew, with the rights of then."""
    found = OpportunityCollection.objects.select_related("by__unit").get(pk=job.arguments["collection"])
    if not found.by.may(Permission.PROJECTS_EXPORT):
        raise JobFault(_("Whoever asked may not do this any more."))
    at = timezone.now()
    chosen = opportunity_papers.chosen(found.by, found.keys)
    if not chosen:
        raise JobFault(_("None of them is released any more."))
    job.step(_("Setting the pages"), 0, len(chosen))
    paper = opportunity_papers.collection(chosen, found.title, found.language, on=timezone.localdate(at))
    try:
        made = papers.made(paper, "pdf" if found.form == "pdf" else "docx", at=at)
    except papers.NoChineseFont as lacking:
        raise JobFault(_("This server has no Chinese font, so that a PDF would show boxes: take Word.")) from lacking
    part = found.path.with_name(f"{found.path.name}.{job.attempt}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(made)
    result = {"collection": str(found.public_id)}
    with job.fenced(result=result):
        part.replace(found.path)
        collecting.note_ready(collection=found, count=len(chosen), by=found.by, at=timezone.now())
    return result


def let_go(job: Running) -> dict[str, Any]:
    """Delete files whose time is over."""
    return {"files": collecting.let_go(by=None, at=timezone.now())}
