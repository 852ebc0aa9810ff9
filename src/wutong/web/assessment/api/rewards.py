"""Rewards as JSON: documents with their awards, registrations before the signing, claims with their sheet and steps."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import registrations as withdrawing
from wutong.web.assessment.actions import rewards as actions
from wutong.web.assessment.api.runs import FAILURES, done, named, plain, require, typed
from wutong.web.assessment.models import RewardClaim
from wutong.web.assessment.queries import registrations as registered
from wutong.web.assessment.queries import rewards as queries
from wutong.web.assessment.rules.rewards import ClaimStep, WithdrawalState
from wutong.web.lib import access
from wutong.web.lib.access import Problem, is_chinese
from wutong.web.lib.lists import Pages

router = Router(tags=["assessment"])
To = Literal["", "units", "officers", "introducers", "advisers"]
State = Literal["", "claimed", "computed", "approved", "declined", "withdrawn"]


class AwardOut(Schema):
    """An award in force. `to`: units, officers, introducers, advisers; `enters`: names of the facts that no record tells."""

    code: str
    title: str
    to: str
    is_tied_to_tax: bool
    enters: list[str]


class DocumentOut(Schema):
    """A reward document with the awards of the version in force today; none where no version is."""

    public_id: uuid.UUID
    code: str
    title: str
    unit: str = Field(alias="unit.name")
    awards: list[AwardOut]

    @staticmethod
    def resolve_awards(row: Any) -> list[dict[str, Any]]:
        """Those that may be claimed today."""
        return [
            {
                "code": code, "title": one.zh if is_chinese() else one.en, "to": str(one.to), "is_tied_to_tax": one.is_tied_to_tax,
                "enters": list(enters),
            }
            for code, one, enters in queries.awards_of(row, access.today())
        ]  # fmt: skip


class RegistrationOut(Schema):
    """Who was registered for a project or a lead. `who`: the name, for those who may see its bearer; `is_staff` None: not known.

    `state`: in_force, waiting (in force, its withdrawal asked for) or withdrawn.

    Units: `share` 1 = all.
    """

    public_id: uuid.UUID
    who: str
    about: str = Field(alias="about.outside_name")
    project: uuid.UUID | None
    lead: uuid.UUID | None
    is_staff: bool | None
    share: Decimal
    unit: str = Field(alias="unit.name")
    registered_at: dt.datetime
    state: str

    @staticmethod
    def resolve_state(row: Any) -> str:
        """in_force, waiting (in force, its withdrawal asked for) or withdrawn."""
        return "in_force" if row.withdrawal_state in (None, WithdrawalState.REFUSED) else str(row.withdrawal_state)

    @staticmethod
    def resolve_project(row: Any) -> uuid.UUID | None:
        """The project, where there is one."""
        return row.project.public_id if row.project else None

    @staticmethod
    def resolve_lead(row: Any) -> uuid.UUID | None:
        """The lead, while there is no project."""
        return row.lead.public_id if row.lead else None


class WithdrawalOut(Schema):
    """A request to withdraw a registration. `state`: waiting, withdrawn or refused; `decision`: the reason of whoever decided."""

    reason: str
    state: str
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    decision: str


class OneRegistrationOut(RegistrationOut):
    """A registration with the requests to withdraw it, the last first; `obstacles`: why none can be asked for now."""

    withdrawals: list[WithdrawalOut]
    obstacles: list[str]


class ClaimOut(Schema):
    """A claim. `project_name`: of its project, or its run.

    Money in yuan: `amount_yuan` as approved, `computed_yuan` while it waits for approval.
    """

    public_id: uuid.UUID
    document: uuid.UUID = Field(alias="scheme.public_id")
    award: str
    award_title: str
    to: str
    recipient: str
    project: uuid.UUID | None
    run: uuid.UUID | None
    project_name: str = Field(alias="about")
    unit: str = Field(alias="unit.name")
    state: str
    amount_yuan: Decimal | None
    computed_yuan: Decimal | None
    claimed_at: dt.datetime
    decided_at: dt.datetime | None
    decision: str

    @staticmethod
    def resolve_award_title(row: Any) -> str:
        """In the language asked for."""
        return str(row.title)

    @staticmethod
    def resolve_project(row: Any) -> uuid.UUID | None:
        """The project; None where it rests on a run."""
        return row.project.public_id if row.project else None

    @staticmethod
    def resolve_run(row: Any) -> uuid.UUID | None:
        """The published run that it rests on, if any."""
        return row.run.public_id if row.run else None


class EnteredOut(Schema):
    """A fact that somebody enters; `value` empty where nobody did."""

    name: str
    title: str
    value: str
    source: str


class InputOut(Schema):
    """A fact of a sheet. `records`: names of what is behind it, of what one may open."""

    name: str
    title: str
    value: str
    unit: str
    is_missing: bool
    source: str
    records: list[str]


class SheetOut(Schema):
    """A claim as it was computed. Money in yuan as texts of full precision; `is_sound`: what is kept is what was computed."""

    number: int
    on: dt.date
    rule_version: int
    amount_yuan: Decimal | None
    formula: str
    bands: list[dict[str, str | None]]
    steps: list[dict[str, str | None]]
    inputs: list[InputOut]
    missing: list[str]
    excluded: list[str]
    blocked: list[str]
    apply_by: str
    digest: str
    is_sound: bool


class OneClaimOut(ClaimOut):
    """A claim with the facts entered, its newest sheet, and the last day to claim as far as it is known."""

    review: str
    apply_by: dt.date | None
    entered: list[EnteredOut]
    sheet: SheetOut | None


class RegistrationIn(Schema):
    """Who brings a project: one of `project` and `lead`, one of `person` (of the people known) and `partner`. The day is today.

    Units: `share` 1 = all; joint introducers each have one, together no more than all.
    """

    project: uuid.UUID | None = None
    lead: uuid.UUID | None = None
    person: uuid.UUID | None = None
    partner: uuid.UUID | None = None
    is_staff: bool | None = None
    has_agreed: bool = False
    share: Decimal = Field(Decimal(1), gt=0, le=1)


class WithdrawalIn(Schema):
    """Why a registration was made by mistake."""

    reason: str = Field(max_length=500)


class WithdrawalStepIn(Schema):
    """The decision on the request that waits; a refusal needs a reason."""

    step: Literal["withdraw", "refuse"]
    reason: str = Field("", max_length=500)


class ClaimIn(Schema):
    """A claim for a project, or by a published `run` where the award rests on one.

    `unit` in whose name (default one's own), `officer` or `registration` where the award is for one.
    """

    document: uuid.UUID
    award: str = Field(max_length=60)
    project: uuid.UUID | None = None
    run: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    officer: uuid.UUID | None = None
    registration: uuid.UUID | None = None


class FactIn(Schema):
    """A fact of the claim with its source; an empty value takes it back."""

    name: str = Field(max_length=60)
    value: str = Field("", max_length=200)
    source: str = Field("", max_length=300)


class FactsIn(Schema):
    """All facts that no record tells; what is left out is taken back."""

    facts: list[FactIn] = Field(max_length=200)


class ComputeIn(Schema):
    """`review`: the legality review by name and number, where the award is tied to tax."""

    review: str = Field("", max_length=200)


class StepIn(Schema):
    """A decision; all but an approval need a reason."""

    step: Literal["approve", "decline", "send_back", "withdraw"]
    reason: str = Field("", max_length=500)


def _whole(request: HttpRequest, public_id: uuid.UUID) -> SimpleNamespace:
    found: RewardClaim = named(queries.claims(request.user), public_id)
    names = (
        "public_id", "scheme", "award", "title", "to", "recipient", "project", "run", "about", "unit", "state", "amount_yuan",
        "computed_yuan",
        "claimed_at", "decided_at", "decision", "review",
    )  # fmt: skip
    today, there = access.today(), found.entered
    return SimpleNamespace(  # of a dictionary ninja follows no aliases
        **{name: getattr(found, name) for name in names}, apply_by=queries.apply_by(found, today), sheet=_sheet(request, found),
        entered=[
            {
                "name": name, "title": one.zh if is_chinese() else one.en, "value": there.get(name, {}).get("value", ""),
                "source": there.get(name, {}).get("source", ""),
            }
            for name, one in queries.to_fill(found, today).items()
        ],
    )  # fmt: skip


def _sheet(request: HttpRequest, claim: RewardClaim) -> dict[str, Any] | None:
    sheet = claim.sheets.select_related("version", "by").first()
    if sheet is None:
        return None
    page, result, zh = queries.sheet_page(request.user, sheet), sheet.result, is_chinese()
    return {
        "number": sheet.number, "on": sheet.on, "rule_version": sheet.version.number, "amount_yuan": sheet.amount_yuan,
        "formula": page.formula, "missing": [str(one) for one in page.missing], "blocked": [str(one) for one in page.blocked],
        "excluded": [f"{words} {said}".strip() for words, said in page.excluded], "apply_by": page.apply_by, "digest": sheet.digest,
        "is_sound": page.is_sound, "bands": result["bands"],
        "steps": [
            {"code": one["code"], "by": one["title" if zh else "title_en"], "after_yuan": one["after"]} for one in result["steps"]
        ],
        "inputs": [
            {
                "name": one["name"], "title": line.title, "value": one["said"], "unit": line.unit, "is_missing": line.is_missing,
                "source": line.source, "records": [str(record.name) for record in line.behind],
            }
            for one, line in zip(result["inputs"], page.lines, strict=True)
        ],
    }  # fmt: skip


@router.get("/documents", response={200: list[DocumentOut], FAILURES: Problem}, summary="Reward documents", url_name="reward_documents")
@paginate(Pages)
@typed
def documents(request: HttpRequest) -> Any:
    """The reward documents that one may see, with the awards that may be claimed today."""
    require(request)
    return queries.documents(request.user).order_by("-pk")


@router.get(
    "/registrations", response={200: list[RegistrationOut], FAILURES: Problem}, summary="Registrations", url_name="reward_registrations"
)
@paginate(Pages)
@typed
def registrations(request: HttpRequest, state: Literal["", "in_force", "waiting", "withdrawn"] = "") -> Any:
    """Who was registered before a signing, the last first; `state`: whether it counts."""
    require(request)
    return registered.registrations(request.user, state=state).order_by("-registered_at", "-pk")


@router.post("/registrations", response={201: RegistrationOut, FAILURES: Problem, 409: Problem}, summary="Register an introducer")
def register_introducer(request: HttpRequest, given: RegistrationIn) -> Any:
    """Register who brings a project or a lead, as of today: nobody sends a day."""
    require(request, Permission.ASSESSMENT_ANSWER)
    user: Any = request.user
    known = named(queries.known_people(user), given.person)
    made = done(
        actions.register, unit=user.unit, project=named(queries.projects(user), given.project), lead=named(queries.leads(user), given.lead),
        person=known.person if known else None, partner=named(queries.known_partners(user), given.partner), is_staff=given.is_staff,
        has_agreed=given.has_agreed, share=given.share, by=user,
    )  # fmt: skip
    return Status(201, registered.registrations(user).get(pk=made.pk))


def _registration(request: HttpRequest, public_id: uuid.UUID) -> SimpleNamespace:
    found = named(registered.registrations(request.user), public_id)
    page = registered.page(request.user, found, access.today())
    names = ("public_id", "who", "about", "project", "lead", "is_staff", "share", "unit", "registered_at", "withdrawal_state")
    told = {name: getattr(found, name) for name in names}
    return SimpleNamespace(**told, withdrawals=page.requests, obstacles=page.ask_obstacles)


ONE = "/registrations/{uuid:registration_id}"


@router.get(ONE, response={200: OneRegistrationOut, FAILURES: Problem}, summary="One registration", url_name="reward_registration")
def reward_registration(request: HttpRequest, registration_id: uuid.UUID) -> Any:
    """A registration with the requests to withdraw it."""
    require(request)
    return _registration(request, registration_id)


@router.post(f"{ONE}/withdraw", response={201: OneRegistrationOut, FAILURES: Problem, 409: Problem}, summary="Ask for a withdrawal")
def ask_withdrawal(request: HttpRequest, registration_id: uuid.UUID, given: WithdrawalIn) -> Any:
    """Ask that a registration made by mistake be withdrawn, before the contract is signed."""
    require(request)
    found = named(registered.registrations(request.user), registration_id)
    done(withdrawing.ask_withdrawal, registration=found, reason=plain(given.reason), by=request.user)
    return Status(201, _registration(request, registration_id))


@router.post(f"{ONE}/decide", response={200: OneRegistrationOut, FAILURES: Problem, 409: Problem}, summary="Decide a withdrawal")
def decide_withdrawal(request: HttpRequest, registration_id: uuid.UUID, given: WithdrawalStepIn) -> Any:
    """Withdraw a registration or refuse it, as a second person."""
    require(request, Permission.ASSESSMENT_APPROVE)
    found = named(registered.registrations(request.user), registration_id)
    asked = found.withdrawals.first()
    if asked is None:
        raise Http404
    is_granted = given.step == "withdraw"
    done(withdrawing.decide_withdrawal, withdrawal=asked, is_granted=is_granted, reason=plain(given.reason), by=request.user)
    return _registration(request, registration_id)


@router.get("", response={200: list[ClaimOut], FAILURES: Problem}, summary="Reward claims one may see", url_name="reward_claims")
@paginate(Pages)
@typed
def claims(request: HttpRequest, text: str = Query("", max_length=100), state: State = "", to: To = "") -> Any:
    """Claims of rewards, the last first."""
    require(request)
    return queries.claims(request.user, text=plain(text), state=state, to=to).order_by("-claimed_at", "-pk")


@router.post("", response={201: OneClaimOut, FAILURES: Problem, 409: Problem}, summary="Claim a reward")
def claim_reward(request: HttpRequest, given: ClaimIn) -> Any:
    """Claim an award for a project or a place in a run; where the same stands already it is a 409."""
    require(request, Permission.ASSESSMENT_ANSWER)
    user: Any = request.user
    made = done(
        actions.claim, scheme=named(queries.documents(user), given.document), award=plain(given.award),
        project=named(queries.projects(user), given.project), run=named(queries.runs_to_claim(user), given.run),
        unit=named(queries.units_to_claim(user), given.unit) or user.unit,
        officer=named(queries.officers(user), given.officer),
        registration=named(registered.registrations(user), given.registration), by=user,
    )  # fmt: skip
    return Status(201, _whole(request, made.public_id))


@router.get("/{uuid:claim_id}", response={200: OneClaimOut, FAILURES: Problem}, summary="One reward claim", url_name="reward_claim")
def reward_claim(request: HttpRequest, claim_id: uuid.UUID) -> Any:
    """A claim with its newest sheet and what it rests on."""
    require(request)
    return _whole(request, claim_id)


@router.post("/{uuid:claim_id}/facts", response={200: OneClaimOut, FAILURES: Problem, 409: Problem}, summary="Enter facts of a claim")
def fill_reward(request: HttpRequest, claim_id: uuid.UUID, given: FactsIn) -> Any:
    """Enter the facts that no record tells, each with its source."""
    require(request)
    found = named(queries.claims(request.user), claim_id)
    values = {plain(one.name): (plain(one.value), plain(one.source)) for one in given.facts}
    done(actions.fill, claim=found, values=values, by=request.user)
    return _whole(request, claim_id)


@router.post("/{uuid:claim_id}/compute", response={200: OneClaimOut, FAILURES: Problem, 409: Problem}, summary="Compute a claim")
def compute_reward(request: HttpRequest, claim_id: uuid.UUID, given: ComputeIn) -> Any:
    """Compute a claim as of today; the sheet is kept."""
    require(request, Permission.ASSESSMENT_EDIT)
    found = named(queries.claims(request.user), claim_id)
    done(actions.compute, claim=found, review=plain(given.review), by=request.user)
    return _whole(request, claim_id)


@router.post("/{uuid:claim_id}/decide", response={200: OneClaimOut, FAILURES: Problem, 409: Problem}, summary="Decide a claim")
def decide_reward(request: HttpRequest, claim_id: uuid.UUID, given: StepIn) -> Any:
    """Approve, grant nothing or send back as a second person, or withdraw. What is approved stands as to be paid; nothing is paid here."""
    require(request)
    found = named(queries.claims(request.user), claim_id)
    done(actions.decide, claim=found, step=ClaimStep(given.step), reason=plain(given.reason), by=request.user)
    return _whole(request, claim_id)
