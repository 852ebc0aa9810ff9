"""People as a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.accounts.models import ApiToken, UnitQuerySet, User, UserQuerySet
from wutong.web.accounts.models.proposals import ProposedPostingQuerySet
from wutong.web.accounts.queries.logins import Lockout
from wutong.web.accounts.queries.office import OfficerRow, PersonalFact
from wutong.web.lib.spreadsheets import Column, in_pieces

COLUMNS = (
    Column(gettext_lazy("Name"), 16),
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("Unit"), 28),
    Column(gettext_lazy("Postings"), 48),
    Column(gettext_lazy("Account"), 10),
    Column(gettext_lazy("Last log-in"), 20),
)


PERSONAL_COLUMNS = (
    Column(gettext_lazy("Content"), 24),
    Column(gettext_lazy("Field"), 20),
    Column(gettext_lazy("What it says"), 40),
    Column(gettext_lazy("Kept for"), 40),
    Column(gettext_lazy("How long"), 40),
)


def personal_rows(found: Iterable[PersonalFact]) -> Iterator[tuple[Any, ...]]:
    """One row a value."""
    for fact in found:
        yield (fact.kind, fact.field, fact.value, fact.purpose, fact.kept)


TOKEN_COLUMNS = (
    Column(gettext_lazy("What it is for"), 28),
    Column(gettext_lazy("State"), 16),
    Column(gettext_lazy("Begins with"), 14),
    Column(gettext_lazy("What it may do"), 48),
    Column(gettext_lazy("Made at"), 18),
    Column(gettext_lazy("Valid until (not included)"), 16),
    Column(gettext_lazy("Last used"), 18),
    Column(gettext_lazy("Source address"), 18),
)


def token_rows(found: Iterable[ApiToken], today: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a token, those that work first."""
    for token in found:
        state = _("revoked") if token.revoked_at else _("over") if token.ends_on <= today else pgettext("token", "valid")
        rights = " · ".join([_("read and change") if token.may_write else _("read only"), *token.words])  # type: ignore[attr-defined]
        yield (token.name, state, token.begins_with, rights, token.made_at, token.ends_on, token.used_at, token.used_from)


LOCKOUT_COLUMNS = (
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("Name"), 16),
    Column(gettext_lazy("Locked"), 10),
    Column(gettext_lazy("Wrong attempts"), 12, 0),
    Column(gettext_lazy("What was wrong"), 16),
    Column(gettext_lazy("Source address"), 18),
    Column(gettext_lazy("Last attempt"), 18),
    Column(gettext_lazy("Opens by itself"), 18),
)


def lockout_rows(found: Iterable[Lockout]) -> Iterator[tuple[Any, ...]]:
    """One row a name and address."""
    kinds = {"code": pgettext("second factor", "code"), "token": _("API token"), "password": pgettext("log-in", "password")}
    for row in found:
        is_locked = _("locked") if row.is_locked else pgettext("locked", "not yet")
        person, until = str(row.person or ""), row.until if row.is_locked else None
        yield (row.username, person, is_locked, row.count, kinds[row.kind], row.ip, row.last, until)


OFFICER_COLUMNS = (
    Column(gettext_lazy("Name"), 16),
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("Unit"), 28),
    Column(gettext_lazy("Skills"), 48),
    Column(gettext_lazy("Parks"), 28),
    Column(gettext_lazy("Training (days)"), 12, 1),
    Column(gettext_lazy("Open matters"), 12, 0),
    Column(gettext_lazy("Promotion officer since"), 14),
    Column(gettext_lazy("On the roster until"), 14),
)


def officer_rows(found: Sequence[OfficerRow]) -> Iterator[tuple[Any, ...]]:
    """One row an officer, in the order of the list."""
    for row in found:
        person = row.officer.user
        yield (
            person.display_name, person.username, str(person.unit), "; ".join(row.skills), "; ".join(row.parks), row.training_days,
            row.load_count, row.officer.since_on, row.officer.ended_on,
        )  # fmt: skip


def rows(people: UserQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a person, by user name."""
    for person in in_pieces(people.order_by("username"), 500):
        postings = "; ".join(f"{posting.unit} {posting.role_name}" for posting in person.postings_now)  # type: ignore[attr-defined]
        state = _("Active") if person.is_active else _("Inactive")
        yield (person.display_name, person.username, str(person.unit), postings, state, person.last_login)


PROPOSAL_COLUMNS = (
    Column(gettext_lazy("Name"), 16),
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("Proposed role"), 20),
    Column(gettext_lazy("Unit"), 28),
    Column(gettext_lazy("From"), 12),
    Column(gettext_lazy("Proposed by"), 16),
    Column(gettext_lazy("Proposed at"), 18),
)


def proposal_rows(found: ProposedPostingQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a proposal, by unit and user name."""
    for one in in_pieces(found.order_by("unit__path", "user__username"), 500):
        person = one.user
        by = str(one.proposed_by or "")
        yield (person.display_name, person.username, one.role_name, str(one.unit), one.starts_on, by, one.proposed_at)


PASSWORD_COLUMNS = (
    Column(gettext_lazy("Unit"), 28),
    Column(gettext_lazy("Name"), 16),
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("One-time password"), 24),
)


def password_rows(given: Iterable[tuple[User, str]]) -> Iterator[tuple[Any, ...]]:
    """One row a person, by unit."""
    for person, password in sorted(given, key=lambda pair: (pair[0].unit.path, pair[0].username)):
        yield (str(person.unit), person.display_name, person.username, password)


UNIT_COLUMNS = (
    Column(gettext_lazy("Unit"), 32),
    Column(gettext_lazy("English name"), 32),
    Column(gettext_lazy("Above it"), 28),
    Column(gettext_lazy("Kind"), 14),
    Column(gettext_lazy("Division code"), 12),
    Column(gettext_lazy("Place id"), 20),
    Column(gettext_lazy("Active people"), 10, 0),
    Column(gettext_lazy("Closed on"), 12),
)


def unit_rows(found: UnitQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a unit, the tree read from the top."""
    for unit in in_pieces(found.order_by("path"), 500):
        above = str(unit.above or "")  # type: ignore[attr-defined]
        yield (unit.name_zh, unit.name_en, above, unit.get_kind_display(), unit.adcode, unit.place_id, unit.people_count, unit.closed_on)
