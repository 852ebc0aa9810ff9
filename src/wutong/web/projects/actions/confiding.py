"""Confidential projects (保密项目): a code name for the outside, and who needs to know. Their owner decides."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from wutong.web.accounts.actions import knowing
from wutong.web.accounts.models import NeedToKnow, User
from wutong.web.audit import actions as audit
from wutong.web.projects.actions import guarding
from wutong.web.projects.models import Project


@transaction.atomic
def keep_confidential(*, project: Project, code_name: str, by: User, at: dt.datetime) -> Project:
    """Let only those open a project who need to know, under a code name; an empty one opens it again. Raises: NotAllowed."""
    found = guarding.locked(project)
    guarding.require_owner(by, found)
    found.is_confidential, found.code_name = bool(code_name.strip()), code_name.strip()[:60]
    found.save(update_fields=["is_confidential", "code_name"])
    audit.record(action="projects.keep_confidential", by=by, at=at, obj=found, changes={"is_confidential": found.is_confidential})
    return found


def let_know(*, project: Project, user: User, reason: str, by: User, at: dt.datetime) -> NeedToKnow:
    """Let somebody know of a confidential project, such as who is to decide its gates. Raises: NotAllowed, Refused."""
    guarding.require_owner(by, project)
    return knowing.let_know(record=project, user=user, reason=reason, by=by, at=at)


def let_forget(*, project: Project, named: NeedToKnow, by: User, at: dt.datetime) -> None:
    """Take somebody off the list of those who know. Raises: NotAllowed."""
    guarding.require_owner(by, project)
    knowing.let_forget(record=project, named=named, by=by, at=at)
