"""Lists of runs and objections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from wutong.web.assessment.models import Objection, ObjectionFile, Run, RunUnit
from wutong.web.assessment.queries.pages import title_of
from wutong.web.assessment.rules.runs import RunState


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


def taking_the_place_of(user: Any, run: Run) -> list[Run]:
    """The runs that take the place of one, as far as a person may see them, but for withdrawn ones."""
    return list(Run.objects.visible_to(user).filter(supersedes=run).exclude(state=RunState.WITHDRAWN).order_by("pk"))


def shown_proofs(objection: Objection) -> list[ObjectionFile]:
    """The files of an objection that nobody deleted, in the order in which they came."""
    return list(objection.proofs.filter(attachment__hidden_at=None).select_related("attachment__by"))


def titled(found: Iterable[Objection]) -> list[Objection]:
    """Objections, each with the title of its indicator in the words of the run (`item_title`): one question for all."""
    rows = list(found)
    about = Q(pk__in=[])
    for one in rows:
        about |= Q(run=one.run_id, person=one.person_id) if one.person_id else Q(run=one.run_id, unit=one.unit_id, person=None)
    results = {
        (row.run_id, row.measured_id): row.result["items"] for row in RunUnit.objects.filter(about).only("run", "unit", "person", "result")
    }
    for one in rows:
        items = results.get((one.run_id, one.measured_id), [])
        one.item_title = next((title_of(item) for item in items if item["id"] == one.item), one.item)  # type: ignore[attr-defined]
    return rows


def objection_rows(keys: Sequence[int]) -> list[Objection]:
    """The objections of these keys in their order, as the list shows them."""
    related = ("run__scheme", "unit", "person", "filed_by", "decided_by")
    found = {one.pk: one for one in titled(Objection.objects.filter(pk__in=keys).select_related(*related))}
    return [found[key] for key in keys]


def item_titles(objection: Objection) -> str:
    """The indicator objected to, in the words of the run."""
    (found,) = titled([objection])
    return str(found.item_title)  # type: ignore[attr-defined]
