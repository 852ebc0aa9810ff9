"""What the one search box finds of projects."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wutong.engine import name_search
from wutong.web.lib.hooks import Hit, Hits
from wutong.web.projects.models import Project
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules.stages import Status


def projects(user: Any, text: str, begin: int, size: int) -> Hits:
    """Projects that a person may see, by name, code and firms; a confidential one by its code name alone."""
    seen = Project.objects.visible_to(user).order_by("-opened_at", "-pk")
    columns = seen.values_list(
        "pk", "is_confidential", "code_name", "name_zh", "name_en", "project_code", "landed_name", "firm__name", "lead__name"
    )
    called = tuple((pk, (code,) if is_kept else tuple(filter(None, names))) for pk, is_kept, code, *names in columns)
    found = name_search.find(text, name_search.kept(called))
    page = found.page(begin, size)
    if not page:
        return Hits((), len(found))
    known = Project.objects.visible_to(user).select_related("unit", "owner").in_bulk([one.key for one in page])
    return Hits(tuple(_hit(one, known[one.key]) for one in page if one.key in known), len(found))


def _hit(one: name_search.Found, project: Project) -> Hit:
    status = "" if project.status == Status.ACTIVE else str(project.get_status_display())
    parts = (str(project.unit), str(project.owner), lifecycles.stage_name(project.stage), status)
    return Hit.named(one, project.outside_name, reverse("projects:project", args=[project.public_id]), " · ".join(filter(None, parts)))
