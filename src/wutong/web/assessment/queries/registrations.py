"""Who was registered for a project or lead before the signing: the first one or joint ones, names, withdrawals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.rulebook import money
from wutong.rulebook.rewards.registered import share_of
from wutong.web.accounts.models import Posting
from wutong.web.accounts.rules.access import Permission, outside
from wutong.web.assessment.models import Registration, RegistrationWithdrawal
from wutong.web.assessment.queries import refusals
from wutong.web.assessment.rules import rewards as rules
from wutong.web.assessment.rules.rewards import LIVE, Registered, WithdrawalState
from wutong.web.firms.models import Person
from wutong.web.leads.models import Lead
from wutong.web.partners.models import Acquaintance, Partner
from wutong.web.partners.rules import ADVISER_ROLE, PartnerKind
from wutong.web.projects.models import Project
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules.stages import Stage


def registered_before(project: Project | None, lead: Lead | None, *, is_adviser: bool) -> list[Registration]:
    """Who was registered for a project or its lead, the first first: introducers, or advisers. Locks the matter till the end."""
    if project is not None:
        Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    lead_key = lead.pk if lead is not None else project.lead_id if project is not None else None
    list(Lead.objects.select_for_update(of=("self",)).filter(pk__in=merged_with(lead_key)).order_by("pk"))
    found = _registered(project.pk if project is not None else None, lead_key, is_adviser=is_adviser)
    return list(found.select_related("unit", "partner", "introducer", "project__lead", "lead"))


def _registered(project_key: int | None, lead_key: int | None, *, is_adviser: bool) -> Any:
    """Registrations that stand for a project, its lead, and what was merged with it, the first first."""
    leads = merged_with(lead_key)
    about = Q(lead__in=leads) | Q(project__lead__in=leads) | Q(project=project_key, project__isnull=False)
    advisers = Q(partner__kind=PartnerKind.ADVISER)
    found = Registration.objects.standing().filter(about).filter(advisers if is_adviser else ~advisers | Q(partner=None))
    return found.order_by("registered_at", "pk")


def _of_the_same(one: Registration) -> Any:
    """Registrations that stand for the same as one, of introducers or of advisers as it is, itself among them."""
    is_adviser = one.partner is not None and one.partner.kind == PartnerKind.ADVISER
    return _registered(one.project_id, _lead_of(one), is_adviser=is_adviser)


def _lead_of(one: Registration) -> int | None:
    return one.lead_id or (one.project.lead_id if one.project else None)


def merged_with(lead_key: int | None) -> list[int]:
    """A lead with all that turned out to be one with it, by key: whoever was registered for one of them was for the project."""
    if lead_key is None:
        return []
    top, above = lead_key, Lead.objects.filter(pk=lead_key).values_list("merged_into", flat=True).get()
    while above is not None:
        top, above = above, Lead.objects.filter(pk=above).values_list("merged_into", flat=True).get()
    found = last = [top]
    while last:
        last = list(Lead.objects.filter(merged_into__in=last).order_by("pk").values_list("pk", flat=True))
        found = [*found, *last]
    return found


def share(registered: Registration) -> Fraction | None:
    """The share of a registration; None where those of one matter are not all together. Units: 1 = all."""
    there = _of_the_same(registered).values_list("pk", "share")
    return share_of(registered.pk, ((key, Fraction(share)) for key, share in there))


def first_there(user: Any, registration: Registration) -> str:
    """Who was registered first, by the name that a person may see, as the message of a refusal."""
    one = (
        Registration.objects.annotate(is_who_seen=names_seen(user)).select_related("unit", "partner", "introducer").get(pk=registration.pk)
    )
    said = {
        "who": one.who, "day": timezone.localdate(one.registered_at), "unit": one.unit.name,
        "share": money.written(Fraction(one.share) * 100, 2),
    }  # fmt: skip
    return (
        _(
            "First registered is %(who)s, on %(day)s by %(unit)s, with a share of %(share)s %%. A project has one first introducer; joint"
            " ones each have a share, together no more than 100 %%."
        )
        % said
    )


def is_staff(one: Registration) -> bool | None:
    """Whether who was registered is a civil servant or staff, as was said; not known where he was said to be none and has a posting here.

    Why not as said: whoever registers says it himself. Two of one name are one person unless both have an e-mail and these differ, for an
    account has no telephone; the log-in that an adviser has as such is no posting of the office.
    """
    if one.is_staff is not False:
        return one.is_staff
    name, email = (one.introducer.name, one.introducer.email) if one.introducer else (one.partner.name, "") if one.partner else ("", "")
    since = timezone.localdate(one.registered_at)
    posted = Posting.objects.exclude(role__in=(*outside(), ADVISER_ROLE)).filter(Q(ends_on=None) | Q(ends_on__gt=since))
    by_email = Q(user__email__iexact=email) if email else Q(pk__in=())
    is_another = ~Q(user__email="") & ~Q(user__email__iexact=email) if email else Q(pk__in=())
    by_account = Q(user=one.partner.account_id) if one.partner and one.partner.account_id else Q(pk__in=())
    same = posted.filter((Q(user__display_name=name) & ~is_another) | by_email | by_account) if name else posted.none()
    return None if same.exists() else False


# --- lists ------------------------------------------------------------------------------------------------------------------------------
def names_seen(user: Any, way: str = "") -> Any:
    """Whether a person may see the introducer or adviser of a row; `way` leads from the row to its registration."""
    seen = (
        Q(**{f"{way}introducer__in": Person.objects.visible_to(user).order_by().values("pk")})
        | Q(**{f"{way}introducer__in": Acquaintance.objects.visible_to(user).order_by().values("person")})
        | Q(**{f"{way}partner__in": Partner.objects.visible_to(user).order_by().values("pk")})
    )
    return ExpressionWrapper(seen, output_field=BooleanField())


def of_unit(text: str) -> Q:
    """The unit of a row by words of its name."""
    return Q(unit__name_zh__icontains=text) | Q(unit__name_en__icontains=text)


STAFF: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}
IN_FORCE: Mapping[str, Q] = {
    "in_force": Q(withdrawal_state=None) | Q(withdrawal_state=WithdrawalState.REFUSED),
    "waiting": Q(withdrawal_state=WithdrawalState.WAITING),
    "withdrawn": Q(withdrawal_state=WithdrawalState.WITHDRAWN),
}


def registrations(user: Any, *, text: str = "", staff: str = "", state: str = "") -> Any:
    """Registrations that a person may see, by words of the unit, by whether the registered is staff and by whether it counts.

    Why not by names: of whom one may not see the name, nobody shall find it by guessing.
    """
    found = Registration.objects.visible_to(user).with_state().annotate(is_who_seen=names_seen(user))
    if staff in STAFF:
        found = found.filter(is_staff=STAFF[staff]) if STAFF[staff] is not None else found.filter(is_staff__isnull=True)
    if state in IN_FORCE:
        found = found.filter(IN_FORCE[state])
    found = found.filter(of_unit(text)) if text else found
    return found.select_related("unit", "project__lead", "lead", "partner", "introducer", "registered_by")


# --- withdrawing ------------------------------------------------------------------------------------------------------------------------
def projects_of(one: Registration) -> Q:
    """The project of a registration, or those of its lead and of what was merged with it."""
    return Q(pk=one.project_id) | Q(lead__in=merged_with(_lead_of(one)))


def facts(one: Registration) -> Registered:
    """A registration as its withdrawal looks at it: whether a contract is signed for its project, or a project of its lead."""
    held.read()
    projects = [held.facts(key) for key in Project.objects.filter(projects_of(one)).order_by("pk").values_list("pk", flat=True)]
    days = [each.contract_on for each in projects if each is not None and each.contract_on is not None]
    is_sometime = any(each is not None and each.contract_on is None and Stage.SIGNED in each.unproved for each in projects)
    return Registered(min(days, default=None), is_sometime, one.claims.filter(state__in=LIVE).exists())


def hands(one: RegistrationWithdrawal) -> frozenset[int]:
    """Who may not decide a request: who registered, who asked, and whoever registered another for the same and would gain by it."""
    return registrars(one.registration) | ({one.asked_by_id} if one.asked_by_id else frozenset())


def registrars(one: Registration) -> frozenset[int]:
    """Who registered somebody, and who registered the others for the same, on whose shares his depends."""
    keys = (one.registered_by_id, *_of_the_same(one).values_list("registered_by", flat=True))
    return frozenset(key for key in keys if key)


def may_ask(user: Any, one: Registration) -> bool:
    """Who may ask for a withdrawal: whoever registered, and those who keep the assessment of the unit."""
    return one.registered_by_id == user.pk or bool(user.may(Permission.ASSESSMENT_EDIT, one.unit.target()))


@dataclass(frozen=True, slots=True)
class RegistrationPage:
    """A registration with the requests to withdraw it, and what a person may do; what stands in the way is said in sentences.

    `is_by_hand`: the reader had a hand in it, so that another decides.
    """

    registration: Registration
    requests: tuple[RegistrationWithdrawal, ...]
    waiting: RegistrationWithdrawal | None
    may_ask: bool
    ask_obstacles: tuple[str, ...]
    may_decide: bool
    decide_obstacles: tuple[str, ...]
    is_by_hand: bool


def page(user: Any, one: Registration, on: dt.date) -> RegistrationPage:
    """What the page of a registration shows."""
    requests = tuple(one.withdrawals.select_related("asked_by", "decided_by"))
    last, stands = (requests[0] if requests else None), facts(one)
    state = WithdrawalState(last.state) if last else None
    waiting = last if state is WithdrawalState.WAITING else None
    to_ask = rules.refusals_to_ask_withdrawal(stands, last=state, on=on)
    to_decide: tuple[rules.RewardRefusal, ...] = ()
    if waiting is not None:
        to_decide = rules.refusals_to_decide_withdrawal(
            stands, state=WithdrawalState.WAITING, hands=hands(waiting), actor_id=user.pk, is_granted=True, on=on, reason=""
        )
    return RegistrationPage(
        one, requests, waiting, may_ask(user, one), tuple(refusals.in_words(to_ask)),
        waiting is not None and bool(user.may(Permission.ASSESSMENT_APPROVE, one.unit.target())), tuple(refusals.in_words(to_decide)),
        rules.RewardRefusal.WITHDRAWAL_BY_ONE in to_decide,
    )  # fmt: skip
