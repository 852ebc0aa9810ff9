"""Roles as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wutong.web.accounts.models.roles import PERMITTED, ROLE_NAMES, SCOPES
from wutong.web.accounts.rules import access as access_rules


@dataclass(frozen=True, slots=True)
class RoleShown:
    """One role in words: how far it reaches, what it permits, whether it asks for a second factor, whether it is one of the three."""

    code: str
    name: Any
    scope: Any
    permitted: tuple[Any, ...]
    needs_second_factor: bool
    is_administrator: bool


def roles(only: str = "") -> list[RoleShown]:
    """All roles in the order of the rulebook, or `only` the one of that code; permissions in one order for all."""
    return [
        RoleShown(
            role.code, ROLE_NAMES[role.code], SCOPES[role.scope], tuple(text for one, text in PERMITTED.items() if one in role.permissions),
            role.needs_second_factor, role.is_administrator,
        )
        for role in access_rules.roles().values()
        if only in {"", role.code}
    ]  # fmt: skip


def chosen(code: str) -> list[RoleShown]:
    """The role that a form names; none before one is chosen."""
    return roles(code) if code else []
