"""Background entry points: the daily round over people known whose time of keeping is over."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from wutong.web.lib.hooks import Running
from wutong.web.partners.actions import knowing


def erase_due(job: Running) -> dict[str, Any]:
    """Once a day: erase people known whom nobody renewed in time."""
    on, done = timezone.localdate(), 0
    while True:
        with job.fenced():
            count = knowing.erase_due(on=on, by=None, at=timezone.now())
        done += count
        if count < knowing.AT_ONCE:
            return {"erased": done}
