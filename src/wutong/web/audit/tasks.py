"""What is done with the chain in the background: sealing, an anchor a day, and a verification a day."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.audit import actions
from wutong.web.audit.rules import Anchor
from wutong.web.lib.hooks import Running


def seal(job: Running) -> dict[str, Any]:
    """Seal what waits. A batch is a transaction of its own, so a second attempt goes on where the first ended."""
    return {"entries": actions.seal(at=timezone.now())}


def keep_anchor(job: Running) -> dict[str, Any]:
    """Keep the anchor of the day, once."""
    path = actions.keep_anchor_daily(at=timezone.now())
    return {"file": path.name if path else ""}


def verify(job: Running) -> dict[str, Any]:
    """The verification of the day, or the one that somebody asked for. It writes nothing before its end, so it can be begun again."""

    def step(done: int, total: int) -> None:
        job.step(_("Reading audit entries"), done, total)
        job.stop_if_cancelled()

    if job.by is None:
        found = actions.verify_daily(at=timezone.now(), step=step)
    else:
        anchors = [Anchor(**one) for one in job.arguments["anchors"]]
        found = actions.verify_asked(by=job.by, at=timezone.now(), anchors=anchors, is_whole=job.arguments["whole"], step=step)
    return {"entries": found.entries, "fault": found.fault.kind if found.fault else ""}
