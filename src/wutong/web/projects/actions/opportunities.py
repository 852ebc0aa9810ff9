"""The opportunity library (招商项目库): written, reviewed by a second person, released, shown, retired, taken up again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import Opportunity, OpportunityVersion, Project
from wutong.web.projects.models.opportunities import OPEN_STATES, SHARED
from wutong.web.projects.queries import people
from wutong.web.projects.rules import opportunities as rules
from wutong.web.projects.rules.opportunities import Origin, Refusal, Release, Retirement, State, VersionState

NotAllowed = refusing.NotAllowed
TOLD = frozenset({*rules.SAID} - {"figures", "kind_facts", "why"})


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, `figures` which figures are open; the web puts it into words."""

    def __init__(self, refusals: tuple[Refusal, ...], figures: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(refusals))
        self.refusals, self.figures = refusals, figures


def refuse(refusals: tuple[Refusal, ...], said: rules.Said | None = None) -> None:
    if refusals:
        raise Refused(refusals, rules.open_figures(said) if said is not None and Refusal.FIGURE_OPEN in refusals else ())


def locked(opportunity: Opportunity) -> Opportunity:
    """A packaged project, locked before its versions."""
    return Opportunity.objects.select_for_update(of=("self",)).select_related("unit", "owner", "project").get(pk=opportunity.pk)


def may_work(by: Any, found: Opportunity) -> bool:
    """Whether somebody writes at it: of its unit by a role, or its contact person; the system itself may."""
    if by is None:
        return True
    is_owner = by.pk == found.owner_id and by.may(Permission.PROJECTS_EDIT)
    return bool(is_owner or by.may(Permission.PROJECTS_EDIT, found.unit.target()))


def require_work(by: Any, found: Opportunity) -> None:
    """Stop unless `by` writes at it. Raises: NotAllowed."""
    if not may_work(by, found):
        raise NotAllowed(Permission.PROJECTS_EDIT)


def open_version(found: Opportunity) -> OpportunityVersion | None:
    """The version that is a draft or in review."""
    return OpportunityVersion.objects.filter(opportunity=found, state__in=OPEN_STATES).first()


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the fields take them. Raises: ValueError for other names."""
    if odd := values.keys() - set(rules.SAID):
        raise ValueError(f"nothing that a packaged project says: {', '.join(sorted(odd))}")
    found = dict(values)
    for name, value in found.items():
        if isinstance(value, str):
            found[name] = value.strip()[: OpportunityVersion._meta.get_field(name).max_length]  # type: ignore[union-attr]
    if "figures" in found:
        found["figures"] = {name: [str(value), str(source).strip()[:200]] for name, (value, source) in found["figures"].items()}
    if "not_provided" in found:
        found["not_provided"] = [name for name in rules.FIGURES if name in found["not_provided"]]
    return found


def share(found: Opportunity, version: OpportunityVersion) -> None:
    """Let it repeat what the version that counts says; whoever calls saves it."""
    for name in SHARED:
        setattr(found, name, version.value_of(name) if name == "total_yuan" else getattr(version, name))
    found.current_number = version.number


@transaction.atomic
def make(
    *, unit: Unit, owner: User, values: Mapping[str, Any], by: Any, at: dt.datetime, origin: Origin = Origin.HAND
) -> Opportunity:  # fmt: skip
    """Begin a packaged project as a draft of a unit. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.PROJECTS_EDIT, unit.target())
    made, version = begun(unit=unit, owner=owner, values=values, origin=origin, by=by, at=at)
    refuse(rules.refusals_to_say(version.said()))
    refuse(
        rules.those(
            (Refusal.UNIT_CLOSED, unit.closed_on is not None), (Refusal.PERSON_NOT_OF_UNIT, not people.is_of_unit(owner, unit))
        )
    )  # fmt: skip
    made.save()
    version.opportunity = made
    version.save()
    audit.record(action="projects.make_opportunity", by=by, at=at, obj=made, changes={"title_zh": made.title_zh, "unit": str(unit)})
    return made


def begun(
    *, unit: Unit, owner: User, values: Mapping[str, Any], origin: Origin, by: Any, at: dt.datetime
) -> tuple[Opportunity, OpportunityVersion]:  # fmt: skip
    """A packaged project and its first version, not kept yet."""
    made = Opportunity(unit=unit, owner=owner, origin=origin, touched_on=day_of(at), at=at, by=by)
    version = OpportunityVersion(opportunity=made, number=1, at=at, by=by, wrote=_wrote([], by), **clean(values))
    share(made, version)
    return made, version


def _wrote(before: list[int], by: Any) -> list[int]:
    return sorted({*before, by.pk}) if by is not None else before


@transaction.atomic
def change(*, opportunity: Opportunity, values: Mapping[str, Any], by: Any, at: dt.datetime, seen: str = "") -> Opportunity:
    """Change what it says: of a draft the draft, after a release a new version beside the old one. Raises: NotAllowed, Refused.

    `seen`: what the page showed (`OpportunityVersion.stamp`); where somebody else wrote meanwhile, nothing is overwritten.
    """
    found = locked(opportunity)
    require_work(by, found)
    refuse(rules.refusals_to_change(found.facts()))
    version = open_version(found) or _next(found, by=by, at=at)
    if seen and seen != version.stamp:
        refuse((Refusal.CHANGED_MEANWHILE,))
    changes = refusing.changed(version, clean(values))
    refuse(rules.refusals_to_say(version.said()))
    if changes:
        version.wrote = _wrote(version.wrote, by)
        version.save()
        if found.state == State.DRAFT:
            share(found, version)
            found.save()
        told = {name: change if name in TOLD else None for name, change in changes.items()}
        audit.record(action="projects.change_opportunity", by=by, at=at, obj=found, changes={"version": version.number, **told})
    return found


def _next(found: Opportunity, *, by: Any, at: dt.datetime) -> OpportunityVersion:
    """The next version, which says what the released one says."""
    last = OpportunityVersion.objects.get(opportunity=found, number=found.current_number)
    return OpportunityVersion(opportunity=found, number=last.number + 1, at=at, by=by, **{name: getattr(last, name) for name in rules.SAID})


# --- review and release -----------------------------------------------------------------------------------------------------------------
@transaction.atomic
def submit(*, opportunity: Opportunity, by: Any, at: dt.datetime) -> Opportunity:
    """Hand the draft to review by a second person. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    require_work(by, found)
    version = open_version(found)
    facts = found.facts()
    if version is None:
        refuse(rules.refusals_to_change(facts) or (Refusal.NO_DRAFT,))
    assert version is not None
    said = version.said()
    refuse(rules.refusals_to_submit(facts, said, on=day_of(at)), said)
    version.state, version.submitted_by, version.submitted_at = VersionState.IN_REVIEW, by, at
    version.decided_by, version.decided_at, version.decision = None, None, ""
    version.wrote = _wrote(version.wrote, by)
    version.save()
    audit.record(action="projects.submit_opportunity", by=by, at=at, obj=found, changes={"version": version.number})
    return found


@transaction.atomic
def take_back(*, opportunity: Opportunity, by: Any, at: dt.datetime) -> Opportunity:
    """Call the review off: the version is a draft again. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    require_work(by, found)
    refuse(rules.refusals_to_take_back(found.facts()))
    version = open_version(found)
    assert version is not None
    version.state = VersionState.DRAFT
    version.save()
    audit.record(action="projects.take_back_opportunity", by=by, at=at, obj=found, changes={"version": version.number})
    return found


@transaction.atomic
def decide(*, opportunity: Opportunity, is_agreed: bool, by: Any, at: dt.datetime, words: str = "", seen: str = "") -> Opportunity:
    """Answer the review: agreed, the version is released to the office; declined, it is a draft again. Raises: NotAllowed, Refused.

    `seen`: what was read (`OpportunityVersion.stamp`); another text is not released by it. What was public stays public.
    """
    found = locked(opportunity)
    refusing.require(by, Permission.PROJECTS_DECIDE, found.unit.target())
    version, on, facts = open_version(found), day_of(at), found.facts()
    if version is None:
        refuse((Refusal.NOT_IN_REVIEW,))
    assert version is not None
    if seen and seen != version.stamp:
        refuse((Refusal.CHANGED_MEANWHILE,))
    said = version.said()
    person = by.pk if by is not None else None
    refuse(rules.refusals_to_decide(facts, said, is_agreed=is_agreed, person=person, words=words, on=on), said)
    version.state = VersionState.RELEASED if is_agreed else VersionState.DRAFT
    version.decided_by, version.decided_at, version.decision = by, at, words.strip()[:500]
    version.save()
    if is_agreed:
        _release(found, version, on=on)
    action = "projects.release_opportunity" if is_agreed else "projects.decline_opportunity"
    audit.record(action=action, by=by, at=at, obj=found, changes={"version": version.number, "reason": version.decision})
    return found


def _release(found: Opportunity, version: OpportunityVersion, *, on: dt.date) -> None:
    """Let a version count. One that lost its English words is no longer for the public."""
    share(found, version)
    found.state, found.touched_on, found.released_on = State.RELEASED, on, found.released_on or on
    is_public = found.release == Release.PUBLIC and version.title_en.strip() and version.what_en.strip()
    if not is_public:
        found.release, found.public_on = Release.INTERNAL, None
    found.save()


@transaction.atomic
def publish(*, opportunity: Opportunity, by: Any, at: dt.datetime) -> Opportunity:
    """Release it to the public too: whoever decides for the unit. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    refusing.require(by, Permission.PROJECTS_DECIDE, found.unit.target())
    version = OpportunityVersion.objects.get(opportunity=found, number=found.current_number)
    refuse(rules.refusals_to_publish(found.facts(), version.said(), on=day_of(at)))
    found.release, found.public_on = Release.PUBLIC, day_of(at)
    found.save()
    audit.record(action="projects.publish_opportunity", by=by, at=at, obj=found, changes={"version": version.number})
    return found


@transaction.atomic
def unpublish(*, opportunity: Opportunity, reason: str, by: Any, at: dt.datetime) -> Opportunity:
    """Take it back from the public; for the office it stays released. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    refusing.require(by, Permission.PROJECTS_DECIDE, found.unit.target())
    refuse(rules.refusals_to_unpublish(found.facts(), reason=reason))
    found.release, found.public_on = Release.INTERNAL, None
    found.save()
    audit.record(action="projects.unpublish_opportunity", by=by, at=at, obj=found, changes={"reason": reason.strip()[:300]})
    return found


# --- retired, taken up again, given away ------------------------------------------------------------------------------------------------
@transaction.atomic
def retire(
    *, opportunity: Opportunity, why: Retirement, by: Any, at: dt.datetime, words: str = "", project: Project | None = None
) -> Opportunity:  # fmt: skip
    """Offer it no longer: it landed as a project, is out of date, or is withdrawn. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    require_work(by, found)
    if project is not None and by is not None and not Project.objects.visible_to(by).filter(pk=project.pk).exists():
        raise NotAllowed(Permission.PROJECTS_VIEW)
    refuse(rules.refusals_to_retire(found.facts(), why=why, has_project=project is not None, words=words))
    found.state, found.release, found.public_on = State.RETIRED, Release.NONE, None
    found.retirement, found.retired_on, found.retired_words, found.project = why, day_of(at), words.strip()[:300], project
    found.save()
    changes = {"retirement": why, "reason": found.retired_words, "project": str(project) if project is not None else None}
    audit.record(action="projects.retire_opportunity", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic
def revive(*, opportunity: Opportunity, reason: str, by: Any, at: dt.datetime) -> Opportunity:
    """Take it up again as a draft: it is offered once it was reviewed anew. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    require_work(by, found)
    refuse(rules.refusals_to_revive(found.facts(), reason=reason))
    found.state, found.touched_on, found.released_on = State.DRAFT, day_of(at), None
    found.retirement, found.retired_on, found.retired_words, found.project = "", None, "", None
    found.save()
    if open_version(found) is None:
        version = _next(found, by=by, at=at)
        version.save()
    audit.record(action="projects.revive_opportunity", by=by, at=at, obj=found, changes={"reason": reason.strip()[:300]})
    return found


@transaction.atomic
def assign(*, opportunity: Opportunity, owner: User, by: Any, at: dt.datetime, unit: Unit | None = None) -> Opportunity:
    """Give it to another contact person and, with `unit`, another unit. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    require_work(by, found)
    to = unit or found.unit
    if to.pk != found.unit_id:
        refusing.require(by, Permission.PROJECTS_ASSIGN, to.target())
    refuse(rules.those((Refusal.UNIT_CLOSED, to.closed_on is not None), (Refusal.PERSON_NOT_OF_UNIT, not people.is_of_unit(owner, to))))
    changes = refusing.changed(found, {"unit": to, "owner": owner})
    if changes:
        found.save(update_fields=["unit", "owner"])
        audit.record(action="projects.assign_opportunity", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic
def hand_over(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's packaged projects to a colleague. Returns how many moved. Raises: NotAllowed."""
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    moved = Opportunity.objects.filter(owner=from_user).update(owner=to_user)
    if moved:
        audit.record(action="projects.hand_over_opportunities", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return moved
