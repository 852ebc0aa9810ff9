"""Tokens with which a program asks the API in a person's name: made, used, revoked."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q

from wutong.web.accounts.actions.refusing import NotAllowed, day_of, refuse, require
from wutong.web.accounts.models import ApiToken, User
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.lib import access, rulebook

SIGN = "wutong_"  # what a token begins with, so that one left lying in a file is found
USED_EVERY = dt.timedelta(minutes=1)


@transaction.atomic
def make(
    *, user: User, name: str, permissions: Collection[Permission], may_write: bool, ends_on: dt.date, at: dt.datetime
) -> tuple[ApiToken, str]:
    """Make a token for oneself; returns its secret too, which is shown only now and kept nowhere. Raises: NotAllowed, Refused."""
    if user.token is not None:  # or a token that leaked could make others that outlive it
        raise NotAllowed("accounts.make_token")
    user = User.objects.get_queryset().select_for_update().get(pk=user.pk)
    book, day = rulebook.in_force(), day_of(at)
    longest, most = (int(book.number(f"accounts.{leaf}", day)) for leaf in ("token_longest_days", "tokens_at_most_count"))
    held = ApiToken.objects.filter(user=user).valid(day).count()
    refuse(
        login_rules.refusals_to_make_token(permissions, user.grants(), on=day, ends_on=ends_on, longest_days=longest, held=held, most=most)
    )
    secret = SIGN + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, digest=ApiToken.digest_of(secret), begins_with=secret[:12], permissions=sorted(permissions),
        may_write=may_write, made_at=at, ends_on=ends_on,
    )  # fmt: skip
    changes = {"permissions": sorted(permissions), "may_write": may_write, "ends_on": ends_on}
    audit.record(action="accounts.make_token", by=user, at=at, obj=token, changes=changes, personal={"name": name}, personal_of=user)
    return token, secret


@transaction.atomic
def revoke(*, token: ApiToken, by: Any, at: dt.datetime) -> None:
    """Let a token work no more: one's own, or as security administrator another person's. Raises: NotAllowed."""
    if by.pk != token.user_id:
        require(by, Permission.LOGINS_EDIT, token.user.unit.target())
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at, revoked_by=by):
        audit.record(action="accounts.revoke_token", by=by, at=at, obj=token, changes={"person": str(token.user)})


@transaction.atomic
def revoke_all(*, user: User, by: Any, at: dt.datetime) -> int:
    """With the account, and with a password or second factor that another gave, its tokens end. Returns how many."""
    count = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at, revoked_by=by)
    if count:
        audit.record(action="accounts.revoke_token", by=by, at=at, obj=user, changes={"tokens": count})
    return count


@transaction.atomic
def revoke_everybodys(*, by: None, at: dt.datetime) -> int:
    """After a restore: tokens that were revoked since the backup would work again, so all end. Returns how many."""
    return ApiToken.objects.filter(revoked_at=None).update(revoked_at=at)


@transaction.atomic
def use(*, secret: str, by: None, at: dt.datetime) -> ApiToken | None:
    """The valid token with that secret, its use noted at most once a minute; None where there is none."""
    found: ApiToken | None = (
        ApiToken.objects.valid(day_of(at)).filter(digest=ApiToken.digest_of(secret)).select_related("user__unit").first()
    )
    if found is None or not found.user.may_log_in:
        return None
    stale = Q(used_at=None) | Q(used_at__lt=at - USED_EVERY)
    ApiToken.objects.filter(stale, pk=found.pk).update(used_at=at, used_from=access.origin().ip)
    return found


def record_wrong(*, secret: str, by: None, at: dt.datetime) -> None:
    """Somebody came with a token that is wrong, revoked or over; the owner is named where it is known."""
    known = ApiToken.objects.filter(digest=ApiToken.digest_of(secret)).select_related("user").first()
    label = str(known) if known else ""
    audit.record(action="accounts.wrong_token", by=None, at=at, obj=known, object_type="accounts.ApiToken", object_label=label)
