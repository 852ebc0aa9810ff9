"""What a person changes for himself: profile, password, views of lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import sessions
from wutong.web.accounts.actions.refusing import NotAllowed, apart, changed, refusals_to_give_email, refuse
from wutong.web.accounts.models import SavedView, User
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.audit import actions as audit


@transaction.atomic
def change_own_profile(*, by: User, at: dt.datetime, **values: Any) -> User:
    """Change one's own name, e-mail or language. Raises: Refused where people log in by their e-mail."""
    user = User.objects.select_for_update().get(pk=by.pk)
    refuse(refusals_to_give_email(user, values.get("email", user.email), by=by, at=at))
    if changes := changed(user, values):
        user.save()
        plain, personal = apart(changes)
        audit.record(action="accounts.change_own_profile", by=by, at=at, obj=user, changes=plain, personal=personal, personal_of=user)
    return user


@transaction.atomic
def set_own_password(*, user: User, password: str, at: dt.datetime, session: int | None = None) -> None:
    """Change one's own password; a one-time password is thereby used up, and every session but the present one ends."""
    user.set_password(password)
    user.must_change_password, user.one_time_until = False, None
    user.save(update_fields=["password", "must_change_password", "one_time_until"])
    audit.record(action="accounts.set_own_password", by=user, at=at, obj=user)
    sessions.end_all(user=user, why=SessionEnd.PASSWORD, by=user, at=at, but=session)


@transaction.atomic
def save_view(*, page: str, name: str, query: str, by: User, at: dt.datetime) -> SavedView:
    """Keep a list as it is filtered and sorted now (常用视图); the same name on the same page is replaced."""
    view, _ = SavedView.objects.update_or_create(user=by, page=page, name=name, defaults={"query": query, "saved_at": at})
    _record("accounts.save_view", view, by=by, at=at)
    return view


@transaction.atomic
def drop_view(*, view: SavedView, by: User, at: dt.datetime) -> None:
    """Drop one's own saved view. Raises: NotAllowed."""
    if view.user_id != by.pk:
        raise NotAllowed("accounts.drop_view")
    _record("accounts.drop_view", view, by=by, at=at)
    view.delete()


def _record(action: str, view: SavedView, *, by: User, at: dt.datetime) -> None:
    """An entry about a view: of which list in clear, what the person calls it and looks for there erased with him."""
    told = {"name": view.name, "query": view.query}
    audit.record(
        action=action, by=by, at=at, obj=view, object_label=view.page, changes={"page": view.page}, personal=told, personal_of=by
    )  # fmt: skip
