"""A project begins (立项): from a lead at formal talks, as a phase of another project, or as a ledger says that it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from wutong.rulebook.lifecycle import Lifecycle
from wutong.web.accounts.actions import knowing, refusing
from wutong.web.accounts.models import NeedToKnow, Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads.actions import becoming
from wutong.web.leads.actions import standing as leads
from wutong.web.leads.models import ClaimShare, Lead
from wutong.web.leads.rules.claims import ShareRole
from wutong.web.leads.rules.leads import LeadState
from wutong.web.leads.rules.leads import Stage as LeadStage
from wutong.web.projects.actions import describing, entering, guarding, ledger_rows, planning
from wutong.web.projects.actions.guarding import day_of, refuse
from wutong.web.projects.actions.ledger_rows import Taken
from wutong.web.projects.models import Evidence, Node, Project, StageChange
from wutong.web.projects.queries import lifecycles, people
from wutong.web.projects.rules import opening as starting
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import ChangeKind, Code, Stage, Status

TEN_THOUSAND = 10_000


@transaction.atomic
def open_from(
    *, lead: Lead, by: Any, at: dt.datetime, unit: Unit | None = None, owner: User | None = None, values: Mapping[str, Any] | None = None,
    occurred_on: dt.date | None = None, taken: Taken | None = None,
) -> Project:  # fmt: skip
    """Begin a project with the formal talks of a lead: one project a lead; the claim and its shares stay. Raises: NotAllowed, Refused.

    `unit`, `owner`: the host and who answers for it, default: those of the lead. `values`: what is said of the project; what the lead says
    is taken where they are silent. `taken`: it stands further on already, in a ledger that is taken over.
    """
    found = leads.locked(lead)
    leads.require_work(by, found)
    host, keeper, on = unit or found.unit, owner or found.owner, day_of(at)
    claim = leads.open_claim(found)
    shares = _shares(claim, on) if claim else ()
    if host.pk not in {found.unit_id, *(share.unit_id for share in shares)}:
        refusing.require(by, Permission.PROJECTS_ASSIGN, host.target())
    refusing.require(by, Permission.PROJECTS_EDIT)
    said = describing.clean({**_as_lead_says(found), **(values or {})})
    begun = taken.since_on if taken else occurred_on or on
    refuse(
        starting.refusals_to_open(
            name=said["name_zh"], is_in_talks=found.stage == LeadStage.TALKS, has_claim=claim is not None,
            is_open=found.state == LeadState.OPEN, is_there=Project.objects.filter(lead=found).exists(), is_taken_over=taken is not None,
            is_unit_open=host.closed_on is None, is_active=keeper.is_active, is_of_unit=people.is_of_unit(keeper, host),
        )
    )  # fmt: skip
    refuse(_refusals_of_days(taken, begun, on))
    project = Project(
        lead=found, unit=host, finder_unit=_finder(found, shares), owner=keeper, opened_at=at, opened_by=by, stage_since=begun,
        status_since=begun, is_confidential=found.is_confidential, code_name=found.code_name, is_taken_over=taken is not None, **said,
    )  # fmt: skip
    refuse(describing.refusals_of(project))
    becoming.become_project(lead=found, by=by, at=at)
    project.save()
    _tell_whoever_knows(project, found, by=by, at=at)
    life = lifecycles.in_force()
    if taken:
        _take_over(project=project, how=taken, lifecycle=life, by=by, at=at)
    else:
        _begin(project=project, occurred_on=begun, lifecycle=life, by=by, at=at)
    planning.begin(project=project, since_on=ledger_rows.begun_on(taken) if taken else begun, is_taken_over=bool(taken), by=by, at=at)
    changes = {"stage": project.stage, "unit": str(host), "owner": str(keeper), **guarding.told(project, lead=str(found))}
    audit.record(action="projects.take_over" if taken else "projects.open", by=by, at=at, obj=project, changes=changes)
    return project


@transaction.atomic
def add_phase(
    *, project: Project, values: Mapping[str, Any], by: Any, at: dt.datetime, owner: User | None = None, occurred_on: dt.date | None = None
) -> Project:
    """Begin a further phase (分期) of a project, a project of its own from talks on; it has no lead but that of the first.

    Raises: NotAllowed, Refused.
    """
    first = guarding.locked(project)
    guarding.require_work(by, first)
    keeper, on = owner or first.owner, day_of(at)
    begun = occurred_on or on
    inherited = {
        "firm": first.firm, "kind": first.kind, "mode": first.mode, "chain": first.chain, "segment": first.segment,
        "is_chain_project": first.is_chain_project, "site_kind": first.site_kind, "kind_facts": first.kind_facts,
        "origin_kind": first.origin_kind, "origin_country": first.origin_country,
        "origin_adcode": first.origin_adcode, "site_text": first.site_text, "site_adcode": first.site_adcode,
        "landed_firm": first.landed_firm, "landed_name": first.landed_name, "landed_uscc": first.landed_uscc,
    }  # fmt: skip
    said = describing.clean({"name_zh": "", **inherited, **values})
    refuse(
        rules.those(
            (Code.PHASE_OF_PHASE, first.phase_of_id is not None), (Code.NOT_ACTIVE, first.status == Status.LOST),
            (Code.PERSON_INACTIVE, not keeper.is_active), (Code.PERSON_NOT_OF_UNIT, not people.is_of_unit(keeper, first.unit)),
            (Code.DAY_TO_COME, begun > on),
        )
    )  # fmt: skip
    last = Project.objects.filter(phase_of=first).aggregate(last=Max("phase_number"))["last"] or 1
    made = Project(
        phase_of=first, phase_number=last + 1, unit=first.unit, finder_unit=first.finder_unit, owner=keeper, opened_at=at, opened_by=by,
        stage_since=begun, status_since=begun, is_confidential=first.is_confidential, code_name=first.code_name, **said,
    )  # fmt: skip
    refuse(describing.refusals_of(made))
    made.save()
    _tell_whoever_knows(made, first, by=by, at=at)
    _begin(project=made, occurred_on=begun, lifecycle=lifecycles.in_force(), by=by, at=at)
    planning.begin(project=made, since_on=begun, by=by, at=at)
    changes = {"phase_of": str(first), "phase_number": made.phase_number, "owner": str(keeper)}
    audit.record(action="projects.add_phase", by=by, at=at, obj=made, changes=changes)
    return made


def _as_lead_says(lead: Lead) -> dict[str, Any]:
    """What the lead says already, so that nobody types it twice."""
    amount = lead.amount_10k_yuan
    return {
        "name_zh": lead.title, "firm": lead.firm, "chain": lead.chain, "segment": lead.segment,
        "total_yuan": amount * Decimal(TEN_THOUSAND) if amount is not None else None,
        "not_provided": ["total_yuan"] if lead.is_amount_not_provided else [],
    }  # fmt: skip


def _shares(claim: Any, on: dt.date) -> tuple[ClaimShare, ...]:
    """Who has what of the claim on a day, the largest share first."""
    held = ClaimShare.objects.filter(claim=claim, from_on__lte=on).exclude(until_on__lte=on).select_related("unit")
    return tuple(held.order_by("-share_basis_points", "pk"))


def _finder(lead: Lead, shares: Sequence[ClaimShare]) -> Unit:
    """Who found the investor: as the claim says, else the unit of the lead."""
    return next((share.unit for share in shares if share.role == ShareRole.FINDER), lead.unit)


def _refusals_of_days(taken: Taken | None, begun: dt.date, on: dt.date) -> rules.Refusals:
    """No day lies in the future, and the stages of a ledger follow each other."""
    order = tuple(Stage)
    days = [day for _stage, day in sorted(taken.passed.items(), key=lambda one: order.index(one[0]))] if taken else []
    is_behind = taken is not None and any(order.index(stage) >= order.index(taken.stage) for stage in taken.passed)
    return rules.those((Code.DAY_TO_COME, begun > on), (Code.DAY_BEFORE_LAST, is_behind or [*days, begun] != sorted([*days, begun])))


def _tell_whoever_knows(project: Project, known: Lead | Project, *, by: Any, at: dt.datetime) -> None:
    """Whoever needs to know of a confidential lead, or of the first phase, needs to know of what comes of it."""
    if not project.is_confidential:
        return
    for named in NeedToKnow.objects.of(known).select_related("user"):
        if named.user.is_active and named.user_id != project.owner_id:
            knowing.let_know(record=project, user=named.user, reason=named.reason, by=by, at=at)


def _begin(*, project: Project, occurred_on: dt.date, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """In talks since a day."""
    entering.note(
        project=project, kind=ChangeKind.OPENED, to=Stage.TALKS, status=Status.ACTIVE, occurred_on=occurred_on, is_first=True, by=by, at=at
    )
    _stand(project=project, lifecycle=lifecycle, by=by, at=at)


def _take_over(*, project: Project, how: Taken, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """As the ledger says: a row for each stage whose day is known, and what each gate would have asked for and nobody has."""
    ledger_rows.put(project, how, lifecycle)
    project.save()
    StageChange.objects.bulk_create(ledger_rows.changes(project, how, lifecycle, by=by, at=at))
    Evidence.objects.bulk_create(ledger_rows.evidence(project, lifecycle, by=by, at=at))
    Node.objects.bulk_create(ledger_rows.nodes(project, lifecycle))


def _stand(*, project: Project, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """Its stage, with the day by which it is to be left and with its nodes."""
    entering.note_due(project, lifecycles.due(lifecycle.stages[project.stage].days, project.stage_since))
    project.save(update_fields=["stage", "stage_since", "stage_due_on", "unknown_years"])
    entering.make_nodes(project=project, lifecycle=lifecycle, by=by, at=at)
