"""Which rules are in force: the approved versions, read once a process and again when a mark on the disk says that they changed.

Why a mark: every page asks for rules, and none may cost a question to the database. Whoever approves writes the mark after his commit; a
periodic job and the doctor see to it that mark and database agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _

from wutong.rulebook import documents
from wutong.rulebook.documents import Version
from wutong.rulebook.load import Rulebook
from wutong.web.lib import access
from wutong.web.lib.health import Finding, State
from wutong.web.rulebooks.models import RuleVersion

_lock = Lock()
_kept: dict[str, tuple[Version, ...]] = {}


def mark_file() -> Path:
    """Where the mark stands."""
    return Path(settings.DATA) / "rules_in_force"


def mark() -> str:
    """The mark: the digest of the approved versions; "" where there are none."""
    with suppress(OSError):
        return mark_file().read_text("ascii").strip()
    return ""


def approved() -> tuple[Version, ...]:
    """The approved versions, from the database."""
    rows = RuleVersion.objects.approved().order_by("kind", "number").values_list("kind", "number", "begins_on", "text")
    return tuple(Version(kind, number, begins_on, text) for kind, number, begins_on, text in rows if begins_on)


def versions() -> tuple[Version, ...]:
    """The approved versions as this process knows them; the database is asked only where the mark changed."""
    wanted = access.once("rules.mark", mark)
    if not wanted:
        return ()
    with _lock:
        if wanted in _kept:
            return _kept[wanted]
    found = approved()
    if documents.digest(found) == wanted:
        with _lock:
            _kept.clear()
            _kept[wanted] = found
    return found


def lay_over(base: Rulebook, asked_on: dt.date | None) -> Rulebook:
    """A rulebook with the documents in force laid over it."""
    return documents.over(base, versions(), asked_on=asked_on)


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of rule documents: whether every process knows what is in force."""
    found = approved()
    if documents.digest(found) != mark():
        text = _("The mark of the rules in force does not agree with the database: processes go by other rules than those approved.")
        yield Finding("rules", State.FAULT, text, _("See whether `wutong work` runs, which mends it within five minutes."))
    elif found:
        text = _("%(count)s approved versions of rule documents are known to every process.") % {"count": len(found)}
        yield Finding("rules", State.WELL, text)
