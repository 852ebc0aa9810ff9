"""What a room offers to the rooms below it, collected from the `hooks.py` of every installed room.

A room's `hooks.py` may define: NAVIGATION (entries of the side bar), ACTIONS (code of an audited action and its name), OWNED (foreign keys
to a person, and how a leaver's records are handed over), PANELS (parts of another room's page), LIST_ACTIONS (buttons beside lists of
firms), MERGE (what to repoint when two firms become one), ACROSS_UNITS (the only answers about rows that the asker may not see), SEARCH,
DEPENDS: lists of what stands below. docs/adr/0001-the-house.md says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the side bar and, where `phone` is set, of the bar at the foot of a phone."""

    url_name: str
    label: Any  # lazy text
    icon: str
    permission: str
    group: Any  # lazy text
    order: int = 100
    phone: bool = False
    prefix: str = ""
    is_here: bool = False

    @property
    def address(self) -> str:
        """Where it leads."""
        return reverse(self.url_name)

    def marked(self, path: str) -> NavItem:
        """The same entry, knowing whether `path` lies inside it."""
        return replace(self, is_here=path.startswith(self.prefix or self.address))


@dataclass(frozen=True, slots=True)
class Owned:
    """A foreign key to a person: what happens to such rows when the person leaves.

    `hand_over` is an action (`from_user=, to_user=, by=, at=`); None means the row stays as a record of the past, and `why` says so.
    """

    model: str
    field: str
    why: str
    hand_over: Callable[..., int] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of another room's page: shown on pages of `on` (a model label) by loading `url_name`."""

    on: str
    url_name: str
    label: Any
    permission: str
    order: int = 100


@dataclass(frozen=True, slots=True)
class ListAction:
    """What a room above offers wherever firms are listed: a button that posts the chosen firms to `url_name`.

    Shape of what is posted: `firm` (id in the registry, repeated); `found_at` (address of the page, with the question that gave the rows);
    `first` (how many from the top, where a ranked list is taken as it stands). The room below knows no more of it than that.
    """

    url_name: str
    label: Any  # lazy text
    icon: str
    permission: str
    order: int = 100

    @property
    def address(self) -> str:
        """Where it posts to."""
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class Merge:
    """A foreign key to a firm: `repoint` is an action (`from_firm=, to_firm=, by=, at=`) for when two firms become one."""

    model: str
    field: str
    why: str
    repoint: Callable[..., int]


@dataclass(frozen=True, slots=True)
class AcrossUnits:
    """A function that answers about rows which the asker may not see, and with these fields only.

    `answer` is an action (keyword-only, `by=, at=`): it asks for `permission`, leaves the entry `action` in the audit chain at each call,
    and returns a tuple of a frozen dataclass that has exactly `fields`.
    """

    answer: Callable[..., tuple[Any, ...]]
    purpose: Any  # lazy text
    permission: str
    fields: tuple[str, ...]
    action: str


def collect(name: str) -> tuple[Any, ...]:
    """Everything that installed rooms list under `name`, in the order of INSTALLED_APPS."""
    found: list[Any] = []
    for app in apps.get_app_configs():
        if app.name.startswith("wutong.") and find_spec(f"{app.name}.hooks"):
            found.extend(getattr(import_module(f"{app.name}.hooks"), name, ()))
    return tuple(found)


@cache
def navigation() -> tuple[NavItem, ...]:
    """All entries of the side bar, in order, grouped."""
    return tuple(sorted(collect("NAVIGATION"), key=lambda item: item.order))


@cache
def list_actions() -> tuple[ListAction, ...]:
    """All buttons beside lists of firms, in order."""
    return tuple(sorted(collect("LIST_ACTIONS"), key=lambda item: item.order))


@cache
def action_names() -> dict[str, Any]:
    """Audited actions by code, each with its name as lazy text."""
    return dict(collect("ACTIONS"))
