"""What is done with the chain in the background: sealing, and an anchor a day."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from wutong.web.audit import actions
from wutong.web.lib.hooks import Running


def seal(job: Running) -> dict[str, Any]:
    """Seal what waits. A batch is a transaction of its own, so a second attempt goes on where the first ended."""
    return {"entries": actions.seal(at=timezone.now())}


def keep_anchor(job: Running) -> dict[str, Any]:
    """Keep the anchor of the day, once."""
    path = actions.keep_anchor_daily(at=timezone.now())
    return {"file": path.name if path else ""}
