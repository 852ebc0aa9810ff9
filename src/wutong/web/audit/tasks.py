"""What is done with the chain in the background: sealing, an anchor a day, and a verification a day."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.audit import actions
from wutong.web.lib.hooks import Running


def seal(job: Running) -> dict[str, Any]:
    """Seal what waits. A batch is a transaction of its own, so a second attempt goes on where the first ended."""
    return {"entries": actions.seal(at=timezone.now())}


def keep_anchor(job: Running) -> dict[str, Any]:
    """Keep the anchor of the day, once."""
    path = actions.keep_anchor_daily(at=timezone.now())
    return {"file": path.name if path else ""}


def verify(job: Running) -> dict[str, Any]:
    """Verify the whole chain once a day, and tell the audit administrators of a fault."""
    name = _("Reading audit entries")
    found = actions.verify_daily(at=timezone.now(), step=lambda done, total: job.step(name, done, total))
    return {"entries": found.entries, "fault": found.fault.kind if found.fault else ""}
