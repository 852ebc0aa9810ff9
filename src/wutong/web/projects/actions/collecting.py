"""Several packaged projects as one file (项目册): asked for, made in the background, let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.projects.models import OpportunityCollection

COLLECT = "projects.collect"


@transaction.atomic
def ask(*, title: str, keys: Sequence[str], form: str, language: str, by: Any, at: dt.datetime) -> OpportunityCollection:
    """Have several packaged projects made into one file. Raises: NotAllowed."""
    refusing.require(by, Permission.PROJECTS_EXPORT)
    made: OpportunityCollection = OpportunityCollection.objects.create(
        title=title.strip()[:120], keys=list(keys), form=form, language=language, asked_at=at, by=by
    )
    made.job = jobs.enqueue(kind=COLLECT, arguments={"collection": made.pk}, title=made.title, by=by, at=at)
    made.save(update_fields=["job"])
    audit.record(action="projects.ask_collection", by=by, at=at, obj=made, changes={"rows": len(made.keys), "format": form})
    return made


@transaction.atomic
def note_ready(*, collection: OpportunityCollection, count: int, by: Any, at: dt.datetime) -> OpportunityCollection:
    """The file is there: whoever asked is told."""
    found: OpportunityCollection = OpportunityCollection.objects.select_for_update(of=("self",)).get(pk=collection.pk)
    found.count, found.ready_at = count, at
    found.kept_until = timezone.localdate(at) + dt.timedelta(days=settings.EXPORT_KEPT_DAYS)
    found.save(update_fields=["count", "ready_at", "kept_until"])
    audit.record_export(action="projects.collection.export", by=found.by, at=at, filters="", rows=count, object_type="projects.Opportunity")
    told = {"title": found.title, "day": found.kept_until}
    jobs.tell(
        to=found.by, key=f"projects.collection:{found.public_id}", by=by, at=at,
        address=reverse("projects:opportunity-collection", args=[found.public_id]),
        words=lambda: (_("Collection ready: %(title)s") % told, _("It is kept until %(day)s.") % told),
    )  # fmt: skip
    return found


@transaction.atomic
def let_go(*, by: None, at: dt.datetime) -> int:
    """Delete the files of collections whose time is over; returns how many."""
    over = list(OpportunityCollection.objects.filter(kept_until__lt=timezone.localdate(at), ready_at__isnull=False))
    OpportunityCollection.objects.filter(pk__in=[one.pk for one in over]).update(ready_at=None)
    transaction.on_commit(lambda: _remove([one.path for one in over]))
    return len(over)


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
