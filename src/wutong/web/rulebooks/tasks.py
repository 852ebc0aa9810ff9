"""Background entry points of rule documents: working a trial out, and minding the mark of what is in force."""

from __future__ import annotations

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from wutong.web.lib.hooks import JobFault, Running
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.rulebooks.actions import documents, trials
from wutong.web.rulebooks.models import Trial
from wutong.web.rulebooks.queries import trials as found


def try_out(job: Running) -> dict[str, int]:
    """Work a trial out in the language of whoever asked; the old rules serve on, whatever comes of it."""
    trial = Trial.objects.select_related("version", "by").get(pk=job.arguments["trial"])
    with translation.override(trial.by.language):
        try:
            parts = found.tried(trial, trial.by)
        except (WarehouseMissing, LookupError, ValueError, ZeroDivisionError) as error:
            fault = _("The trial could not be worked out: %(fault)s") % {"fault": error}
            trials.keep(trial=trial, parts=(), fault=fault, by=trial.by, at=timezone.now())
            raise JobFault(fault) from error
        with job.fenced():
            trials.keep(trial=trial, parts=parts, fault="", by=trial.by, at=timezone.now())
    return {"parts": len(parts)}


def publish(job: Running) -> dict[str, bool]:
    """See that the mark of what is in force agrees with the database."""
    return {"written": documents.publish(by=None, at=timezone.now())}
