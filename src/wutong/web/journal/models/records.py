"""A record of any room, named by the label of its model and its public id, and who sees what is noted on it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models import within
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import asking, hooks


class OnRecord(models.Model):
    """What stands on a record; `model` and `record` are empty for a duty that stands on none."""

    model = models.CharField(_("kind of record"), max_length=60, blank=True)
    record = models.UUIDField(_("record"), null=True, blank=True)

    class Meta:
        abstract = True


def on_seen(user: Any) -> Q:
    """The condition for what stands on records that a person may see, or on none; each room judges its own records."""
    seen = Q(record=None)
    for label in hooks.noted():
        rows = apps.get_model(label)._default_manager.all()
        ids = asking.judged(label, user, lambda one, rows=rows: rows.visible_to(one).order_by().values("public_id"))  # type: ignore[misc]
        seen |= Q(model=label, record__in=ids)
    return seen


def within_reach(user: Any, *, owner: str) -> Q:
    """What is noted on a record that every unit sees stays within reach of the unit that noted it."""
    shared = [label for label, past in hooks.noted().items() if past.noted and past.noted.is_shared]
    return ~Q(model__in=shared) | within(user, Permission.JOURNAL_VIEW, owner=owner) | Q(**{owner: user.pk})
