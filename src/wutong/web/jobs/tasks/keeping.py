"""The room's own jobs: throwing away old logs, and a trial of the workers."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.jobs import actions
from wutong.web.lib.hooks import Running

MOST_STEPS = 1000


def forget_old(job: Running) -> dict[str, Any]:
    """Delete jobs older than logs are kept."""
    return {"jobs": actions.forget_old(by=None, at=timezone.now())}


def trial(job: Running) -> dict[str, Any]:
    """Count to `steps`, a line of the log for each, `seconds` apart: shows that workers work, however often they are killed."""
    steps = min(int(job.arguments.get("steps", 10)), MOST_STEPS)
    pause = float(job.arguments.get("seconds", 0.5))
    for number in range(int(job.reached or 0) + 1, steps + 1):
        job.stop_if_cancelled()
        with job.fenced(reached=number):
            job.line(_("Step %(number)s of %(steps)s") % {"number": number, "steps": steps})
        job.step(_("Counting"), number, steps)
        time.sleep(pause)
    return {"steps": steps}
