"""People as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.accounts.models import UserQuerySet
from wutong.web.lib.spreadsheets import Column

COLUMNS = (
    Column(gettext_lazy("Name"), 16),
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("Unit"), 28),
    Column(gettext_lazy("Postings"), 48),
    Column(gettext_lazy("Account"), 10),
    Column(gettext_lazy("Last log-in"), 20),
)


def rows(people: UserQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a person, by user name."""
    for person in people.order_by("username").iterator(chunk_size=500):
        postings = "; ".join(f"{posting.unit} {posting.role_name}" for posting in person.postings_now)  # type: ignore[attr-defined]
        state = _("Active") if person.is_active else _("Inactive")
        yield (person.display_name, person.username, str(person.unit), postings, state, person.last_login)
