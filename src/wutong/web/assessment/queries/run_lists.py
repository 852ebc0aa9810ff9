"""Lists of runs and objections."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from wutong.web.assessment.models import Objection, Run


def matching(user: Any, *, text: str = "", state: str = "") -> Any:
    """Runs that a person may see, by words of the title and by state."""
    found = Run.objects.visible_to(user).select_related("scheme__unit")
    if state:
        found = found.filter(state=state)
    return found.filter(Q(title__icontains=text) | Q(scheme__title__icontains=text)) if text else found


def objections(user: Any, *, run: Run | None = None) -> Any:
    """Objections that a person may see, of one run or of all; open ones first."""
    found = Objection.objects.visible_to(user).select_related("run__scheme", "unit", "person", "filed_by", "decided_by")
    return found.filter(run=run) if run is not None else found


def item_titles(objection: Objection) -> str:
    """The indicator objected to, in the words of the run."""
    row = objection.run.units.filter(person=objection.person, **({} if objection.person_id else {"unit": objection.unit})).first()
    return (
        next((str(one["title"]) for one in row.result["items"] if one["id"] == objection.item), objection.item) if row else objection.item
    )
