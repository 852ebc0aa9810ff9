"""Information handed in: who takes it in for whom, and what its giver sees of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db.models import Case, Count, IntegerField, Q, Value, When

from wutong.web.accounts.models import Posting, Unit, User, UserQuerySet
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files
from wutong.web.journal.rules import clean_name, numbered
from wutong.web.leads.models import HandIn, HandInQuerySet, Lead
from wutong.web.leads.queries import people
from wutong.web.leads.queries.overview import TO_TRIAGE
from wutong.web.leads.rules import handed_in as rules
from wutong.web.leads.rules.handed_in import SAYS_WHY, Told
from wutong.web.leads.rules.leads import LeadState, Stage
from wutong.web.lib import access
from wutong.web.partners.models import FirmAccount, Partner
from wutong.web.partners.rules import PartnerState

ELSEWHERE = (UnitKind.OFFICE_AWAY, UnitKind.TOWNSHIP, UnitKind.PARK, UnitKind.ZONE)
"""Units that bring information in and are no desk for that of others."""


# --- who takes it in --------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Intake:
    """Who takes a giver's information in, and as what the giver counts: the firm of his log-in, the partner that his unit or firm is."""

    owner: User
    account: FirmAccount | None
    partner: Partner | None


def intake_of(giver: User) -> Intake | None:
    """The officer who takes information in for a person: of the bureau that invited his firm, else of the nearest above his unit.

    Of several whoever has the least to triage; who only shares work out comes last. None: there is no such bureau.
    """
    account = FirmAccount.objects.standing().filter(user=giver).select_related("firm", "unit", "invited_by").first()
    if account is not None and account.invited_by is not None and people.is_of_unit(account.invited_by, account.unit):
        return Intake(account.invited_by, account, _partner(giver, account, account.invited_by.unit))
    unit = account.unit if account is not None else giver.unit
    owner = _at_desk(unit, giver, is_own=account is not None or unit.kind != UnitKind.OFFICE_AWAY)
    return None if owner is None else Intake(owner, account, _partner(giver, account, owner.unit))


def _at_desk(unit: Unit, giver: User, *, is_own: bool) -> User | None:
    """The nearest desk: at the unit itself, else at the units above it, one after the other."""
    steps = [int(step) for step in unit.path.strip("/").split("/")]
    known = {one.pk: one for one in Unit.objects.filter(pk__in=steps, closed_on=None)}
    for pk in reversed(steps if is_own else steps[:-1]):
        if pk in known and (found := _least_busy(_desk(known[pk]).exclude(pk=giver.pk))):
            return found
    return None


def _desk(unit: Unit) -> UserQuerySet:
    """The people of a unit and of its sections in the same region who may work on leads."""
    return people.of_unit(unit).filter(Q(unit__adcode=unit.adcode) & ~Q(unit__kind__in=ELSEWHERE) | Q(unit=unit)).select_related("unit")


def _least_busy(desk: UserQuerySet) -> User | None:
    there = list(desk.order_by("pk"))
    sharing = [role.code for role in access_rules.roles().values() if Permission.LEADS_ASSIGN in role.permissions]
    leading = set(Posting.objects.in_force(access.today()).filter(role__in=sharing, user__in=there).values_list("user", flat=True))
    waiting = Lead.objects.filter(TO_TRIAGE, owner__in=there).order_by().values("owner").annotate(count=Count("pk"))
    busy = dict(waiting.values_list("owner", "count"))
    return min(there, key=lambda one: (one.pk in leading, busy.get(one.pk, 0), one.pk), default=None)


def _partner(giver: User, account: FirmAccount | None, unit: Unit) -> Partner | None:
    """The partner on record that the giver's log-in, firm or unit is: of the bureau that takes it in first, then of the log-in."""
    is_his = Q(firm=account.firm) if account is not None else Q(office=giver.unit) | Q(account=giver)
    found = list(Partner.objects.filter(is_his, state=PartnerState.ACTIVE).select_related("unit").order_by("pk"))
    return min(found, key=lambda one: (not unit.path.startswith(one.unit.path), one.account_id != giver.pk, one.pk), default=None)


def credited_to(giver: User) -> Partner | None:
    """The partner on record that has the credit for what a person hands in; None: it stands by his unit or firm alone."""
    intake = intake_of(giver)
    return intake.partner if intake is not None else None


def papers_on(giver: Any, on: dt.date) -> int:
    """How many files a person added that day to what he handed in; those that were taken away again count too."""
    return Attachment.objects.filter(model=Lead._meta.label, by_id=giver.pk, at__date=on).count()


def handed_in_on(giver: User, on: dt.date) -> int:
    """How many pieces somebody handed in on a day; those withdrawn count too."""
    there = HandIn.objects.filter(giver=giver, handed_in_at__gte=access.begins(on))
    return there.filter(handed_in_at__lt=access.begins(on + dt.timedelta(days=1))).count()


def is_handed_in(lead: Lead) -> bool:
    """Whether somebody handed the lead in himself, and reads on his own page how far it has come and why it ends."""
    return HandIn.objects.filter(lead=lead).exists()


# --- what the giver sees ----------------------------------------------------------------------------------------------------------------
def mine(user: Any) -> HandInQuerySet:
    """What a person handed in."""
    return HandIn.objects.visible_to(user)


SECRET = Q(lead__is_confidential=True) | Q(lead__state=LeadState.MERGED)
IS_TOLD = {
    Told.WITHDRAWN: Q(lead__state=LeadState.WITHDRAWN),
    Told.LOGGED: Q(lead__state=LeadState.OPEN, lead__stage=Stage.LOGGED),
    Told.TAKEN_UP: ~Q(lead__state=LeadState.WITHDRAWN) & (
        (SECRET & ~Q(lead__state=LeadState.OPEN, lead__stage=Stage.LOGGED)) | Q(lead__state=LeadState.OPEN, lead__stage=Stage.TRIAGED)
    ),
    Told.CONTACT: Q(lead__state=LeadState.OPEN, lead__stage=Stage.CONTACT) & ~SECRET,
    Told.TALKS: Q(lead__state=LeadState.OPEN, lead__stage=Stage.TALKS) & ~SECRET,
    Told.PROJECT: Q(lead__state=LeadState.PROJECT) & ~SECRET,
    Told.RESTS: Q(lead__state=LeadState.DORMANT) & ~SECRET,
    Told.CLOSED: Q(lead__state=LeadState.LOST) & ~SECRET,
}  # fmt: skip
"""The same as `rules.told`, for lists to filter by."""
RANK = Case(*(When(IS_TOLD[one], then=Value(place)) for place, one in enumerate(Told)), output_field=IntegerField())
"""In the order of what is told: sorted by the stage of the lead, a confidential one would tell by its place how far it is."""
ON_THE_WAY = IS_TOLD[Told.TALKS] | IS_TOLD[Told.PROJECT]


def ranked(found: HandInQuerySet) -> HandInQuerySet:
    """With what a list is sorted by where it sorts by how far information has come."""
    return found.annotate(told_rank=RANK)


def matching(found: HandInQuerySet, *, text: str = "", kind: str = "", told: str = "") -> HandInQuerySet:
    """Information by words, kind and how far it has come; `on_the_way`: in talks or a project already."""
    if text:
        found = found.filter(Q(title__icontains=text) | Q(name__icontains=text) | Q(text__icontains=text))
    if kind:
        found = found.filter(kind=kind)
    if told == "answered":
        return found.filter(lead__answered_at__isnull=False)
    if told == "on_the_way":
        return found.filter(ON_THE_WAY)
    return found.filter(IS_TOLD[Told(told)]) if told in set(Told) else found


def shown(user: Any, pks: Sequence[int]) -> list[HandIn]:
    """The pieces of a page as their giver sees them, in order."""
    known = mine(user).select_related("lead__merged_into").in_bulk(list(pks))
    there = [marked(known[pk]) for pk in pks if pk in known]
    papers = papers_of(user, there)
    for one in there:
        one.papers = papers.get(one.lead.public_id, [])  # type: ignore[attr-defined]
    return there


def goes_on(lead: Lead) -> Lead:
    """The lead as which it goes on where it is one with another; else itself."""
    while lead.state == LeadState.MERGED and lead.merged_into is not None:
        lead = lead.merged_into
    return lead


def papers_of(giver: Any, pieces: Sequence[HandIn]) -> dict[Any, list[Attachment]]:
    """By lead the files that a person himself added to what he handed in; what others hang on the lead he does not see."""
    records = {piece.lead.public_id: {piece.lead.public_id, goes_on(piece.lead).public_id} for piece in pieces}
    found: dict[Any, list[Attachment]] = defaultdict(list)
    for one in _papers(giver).filter(record__in=set().union(*records.values())).order_by("at", "pk"):
        for lead, hangs_on in records.items():
            if one.record in hangs_on:
                found[lead].append(one)
    return found


def is_kept(giver: Any, handed: HandIn, name: str, file: IO[bytes]) -> bool:
    """Whether the person added the same file under the same name already, as when a form comes twice; numbered names are the same."""
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    clean, own = clean_name(name), papers_of(giver, [handed]).get(handed.lead.public_id, [])
    names = {numbered(clean, number) for number in range(1, len(own) + 2)} | {clean}
    return any(one.sha256 == sha256 and one.name in names for one in own)


def _papers(giver: Any) -> Any:
    return Attachment.objects.shown().stored().filter(model=Lead._meta.label, by_id=giver.pk)


def paper(giver: Any, handed: HandIn, public_id: Any) -> Attachment | None:
    """One of the files that a person added to a piece of his."""
    found: Attachment | None = (
        _papers(giver).filter(record__in=[handed.lead.public_id, goes_on(handed.lead).public_id], public_id=public_id).first()
    )
    return found if found is not None and files.path_of(found.stored).is_file() else None


def told(lead: Lead) -> Told:
    """How far it has come, as the giver is told."""
    return rules.told(LeadState(lead.state), Stage(lead.stage), is_confidential=lead.is_confidential)


def marked(one: HandIn) -> HandIn:
    """One piece, told how far it has come (`told`), why it ended, what was answered, and whether it may be withdrawn."""
    lead = one.lead
    one.told = is_told = told(lead)  # type: ignore[attr-defined]
    one.why = lead.state_reason if is_told in SAYS_WHY else ""  # type: ignore[attr-defined]
    one.answer, one.answered_at = lead.answer, lead.answered_at  # type: ignore[attr-defined]
    one.due_on = lead.answer_due_on if lead.answered_at is None and is_told is not Told.WITHDRAWN else None  # type: ignore[attr-defined]
    one.may_withdraw = is_told is Told.LOGGED and not rules.refusals_to_withdraw(lead.facts())  # type: ignore[attr-defined]
    return one


def counts(user: Any) -> dict[str, int]:
    """How many a person handed in, how many of them were answered, and how many are in talks or became a project."""
    found: dict[str, int] = mine(user).order_by().aggregate(
        all=Count("pk"), waiting=Count("pk", filter=IS_TOLD[Told.LOGGED]), answered=Count("pk", filter=Q(lead__answered_at__isnull=False)),
        talks=Count("pk", filter=ON_THE_WAY),
    )  # fmt: skip
    return found
