"""What local firms seek: handed in by an officer or by the firm itself, changed, answered, ended, taken up again, handed over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.jobs import actions as jobs
from wutong.web.lib import access
from wutong.web.partners import rules
from wutong.web.partners.actions.guarding import NotAllowed, day_of, refuse, require_work
from wutong.web.partners.models import FirmAccount, Seeking
from wutong.web.partners.queries import people, segments
from wutong.web.partners.rules import SeekingKind, SeekingState


def locked(seeking: Seeking) -> Seeking:
    return Seeking.objects.select_for_update(of=("self",)).select_related("unit", "owner", "firm").get(pk=seeking.pk)


def account_of(user: Any) -> FirmAccount:
    """The log-in by which a person acts for a firm. Raises: NotAllowed where there is none in force."""
    found = FirmAccount.objects.standing().filter(user_id=user.pk).select_related("firm", "unit", "invited_by").first()
    if found is None or not user.may(Permission.PARTNERS_OWN_FIRM):
        raise NotAllowed(Permission.PARTNERS_OWN_FIRM)
    return found


def _require(by: Any, seeking: Seeking) -> bool:
    """Stop unless `by` may change it, as an officer or for the firm itself; whether it is the firm. Raises: NotAllowed."""
    if by is not None and by.may(Permission.PARTNERS_OWN_FIRM):
        own = account_of(by).firm_id
        if not rules.may_act_for_firm(True, own_firm_id=own, firm_id=seeking.firm_id):
            raise NotAllowed(Permission.PARTNERS_OWN_FIRM)
        return True
    require_work(by, seeking)
    return False


def _check(seeking: Seeking, *, on: dt.date, today_count: int = 0, is_of_unit: bool = True) -> None:
    is_known = segments.is_known(seeking.chain, seeking.segment)
    facts = rules.SeekingFacts(seeking.what, seeking.amount_10k_yuan, seeking.valid_until, is_known)
    most = people.number(rules.A_DAY_LEAF, on)
    refuse(rules.refusals_to_seek(facts, on=on, today_count=today_count, most_a_day=most, is_of_unit=is_of_unit))


@transaction.atomic
def seek(
    *, firm_id: str, unit: Unit, owner: User, kind: SeekingKind, what: str, by: Any, at: dt.datetime, valid_until: dt.date | None = None,
    amount_10k_yuan: Decimal | None = None, key: str = "", **values: Any,
) -> Seeking:  # fmt: skip
    """Enter what a local firm seeks (企业需求), as an officer. `key`: of the form; sent twice, it is one.

    Raises: NotAllowed, UnknownFirm, Refused.
    """
    refusing.require(by, Permission.PARTNERS_EDIT, unit.target())
    on = day_of(at)
    if (there := _of_form(by, key)) is not None:
        return there
    made = Seeking(
        firm=adoption.take_on(firm_id=firm_id, by=by or owner, at=at), unit=unit, owner=owner, kind=kind, what=what.strip()[:200],
        valid_until=valid_until or _default_end(on), amount_10k_yuan=amount_10k_yuan, state_since=on, entered_at=at, entered_by=by,
        form_key=key, **values,
    )  # fmt: skip
    _check(made, on=on, is_of_unit=people.is_of_unit(owner, unit))
    made.save(force_insert=True)
    audit.record(action="partners.seek", by=by, at=at, obj=made, changes={"firm": made.firm.name, "kind": kind, "owner": str(owner)})
    return made


def _of_form(by: Any, key: str) -> Seeking | None:
    """What a form made that came before; whoever sends it is locked, so that one that comes twice at one moment finds the first."""
    if by is None or not key:
        return None
    User.objects.get_queryset().select_for_update().get(pk=by.pk)
    return Seeking.objects.filter(entered_by=by, form_key=key).first()


@transaction.atomic
def seek_for_own_firm(
    *, kind: SeekingKind, what: str, by: User, at: dt.datetime, valid_until: dt.date | None = None, amount_10k_yuan: Decimal | None = None,
    key: str = "", **values: Any,
) -> Seeking:  # fmt: skip
    """A person of a firm hands in what his firm seeks; whoever invited him looks after it and is told. Raises: NotAllowed, Refused.

    The same words on one day, because the network broke off and the form came twice, are one and not two.
    """
    User.objects.get_queryset().select_for_update().get(pk=by.pk)  # so that two forms at one moment are counted one after the other
    account, on = account_of(by), day_of(at)
    if (known := _of_form(by, key)) is not None:
        return known
    alike = Seeking.objects.filter(entered_by=by, firm=account.firm, kind=kind, what=what.strip()[:200], amount_10k_yuan=amount_10k_yuan)
    if (there := alike.filter(entered_at__gte=access.begins(on), state=SeekingState.OPEN, **values).first()) is not None:
        return there
    made = Seeking(
        firm=account.firm, unit=account.unit, owner=_looks_after(account), kind=kind, what=what.strip()[:200],
        valid_until=valid_until or _default_end(on), amount_10k_yuan=amount_10k_yuan, state_since=on, is_by_firm=True, entered_at=at,
        entered_by=by, form_key=key, **values,
    )  # fmt: skip
    today_count = Seeking.objects.filter(entered_by=by, entered_at__gte=access.begins(on)).count()
    _check(made, on=on, today_count=today_count)
    made.save(force_insert=True)
    audit.record(action="partners.seek", by=by, at=at, obj=made, changes={"firm": made.firm.name, "kind": kind, "owner": str(made.owner)})
    _tell(made, lambda: _("A local firm says what it seeks"), "new", by=by, at=at)
    return made


def _default_end(on: dt.date) -> dt.date:
    return on + dt.timedelta(days=people.number(rules.VALID_LEAF, on))


def _looks_after(account: FirmAccount) -> User:
    """Whoever invited the firm, else the first of the unit who may."""
    inviter: User | None = account.invited_by
    if inviter is not None and people.is_of_unit(inviter, account.unit):
        return inviter
    found = people.of_unit(account.unit).first()
    if found is None:
        raise NotAllowed(Permission.PARTNERS_EDIT)
    return found


def _tell(seeking: Seeking, title: Any, key: str, *, by: Any, at: dt.datetime) -> None:
    if seeking.owner.is_active and seeking.owner != by:
        words = f"{seeking.firm.name} · {seeking.what}"
        jobs.tell(
            to=seeking.owner, key=f"partners:seeking:{key}:{seeking.public_id}:{at:%Y%m%d%H%M}", words=lambda: (title(), words),
            address=reverse("partners:seeking", args=[seeking.public_id]), by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def change(*, seeking: Seeking, by: Any, at: dt.datetime, **values: Any) -> Seeking:
    """Change what is sought; a person of the firm changes his firm's only. Raises: NotAllowed, Refused."""
    found = locked(seeking)
    is_by_firm = _require(by, found)
    if is_by_firm:
        values = {name: value for name, value in values.items() if name not in {"owner", "unit", "firm", "answer"}}
    refuse((rules.Refusal.NOT_OPEN,) if found.state != SeekingState.OPEN else ())
    changes = refusing.changed(found, values)
    if changes:
        _check(found, on=day_of(at), is_of_unit="owner" not in values or people.is_of_unit(found.owner, found.unit))
        found.save()
        audit.record(action="partners.change_seeking", by=by, at=at, obj=found, changes=changes)
        if is_by_firm:
            _tell(found, lambda: _("A local firm changed what it seeks"), "changed", by=by, at=at)
    return found


@transaction.atomic
def end(*, seeking: Seeking, state: SeekingState, reason: str, by: Any, at: dt.datetime) -> Seeking:
    """Call what is sought found or withdrawn, with a reason; `reopen` undoes it. Raises: NotAllowed, Refused."""
    found = locked(seeking)
    is_by_firm = _require(by, found)
    refuse(rules.refusals_to_end_seeking(SeekingState(found.state), reason=reason))
    found.state, found.state_reason, found.state_since = state, reason.strip()[:300], day_of(at)
    found.save(update_fields=["state", "state_reason", "state_since"])
    audit.record(action="partners.end_seeking", by=by, at=at, obj=found, changes={"state": str(state), "reason": found.state_reason})
    if is_by_firm:
        _tell(found, lambda: _("A local firm took back what it seeks"), "ended", by=by, at=at)
    return found


@transaction.atomic
def reopen(*, seeking: Seeking, by: Any, at: dt.datetime) -> Seeking:
    """Seek it again. Raises: NotAllowed, Refused."""
    found = locked(seeking)
    _require(by, found)
    refuse(rules.refusals_to_reopen_seeking(SeekingState(found.state), valid_until=found.valid_until, on=day_of(at)))
    found.state, found.state_reason, found.state_since = SeekingState.OPEN, "", day_of(at)
    found.save(update_fields=["state", "state_reason", "state_since"])
    audit.record(action="partners.reopen_seeking", by=by, at=at, obj=found)
    return found


@transaction.atomic
def answer(*, seeking: Seeking, text: str, by: User, at: dt.datetime) -> Seeking:
    """Answer a firm (反馈): it reads the answer on its own page. Raises: NotAllowed, Refused."""
    found = locked(seeking)
    require_work(by, found)
    refuse((rules.Refusal.ANSWER_MISSING,) if not text.strip() else ())
    found.answer, found.answered_at, found.answered_by = text.strip()[:1000], at, by
    found.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record(action="partners.answer_seeking", by=by, at=at, obj=found)
    return found


@transaction.atomic
def hand_over_seekings(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Let a colleague look after what firms seek. Returns how many moved. Raises: NotAllowed unless `by` may change both people."""
    for one in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, one.unit.target())
    moved = Seeking.objects.filter(owner=from_user).update(owner=to_user)
    if moved:
        audit.record(action="partners.hand_over_seekings", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return moved


@transaction.atomic
def repoint_seekings(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let what a firm seeks be sought by the firm that it became. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = Seeking.objects.filter(firm=from_firm).update(firm=to_firm)
    if moved:
        audit.record(action="partners.repoint", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved
