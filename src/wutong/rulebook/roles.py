"""Roles as data: `roles.yaml` into frozen objects; a misspelt permission, scope or key fails at load with its line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from wutong.rulebook.load import Problem, RulebookError

FILE = "roles.yaml"
Scope = Literal["own", "unit", "subtree", "region", "all"]
SCOPES: tuple[str, ...] = get_args(Scope)


class Role(BaseModel):
    """One role: its names, what it permits, how far that reaches, whether it asks for a second factor, whether it is for outsiders."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    code: str
    zh: str
    en: str
    scope: Scope
    permissions: frozenset[str]
    administrator: bool = False
    second_factor: bool = False
    outside: bool = False


@cache
def checked(known: frozenset[str]) -> Mapping[str, Role]:
    """All roles by code, in the order of the file, each permission one of `known`. Raises: RulebookError."""
    return roles_from((resources.files("wutong.rulebook") / FILE).read_text("utf-8"), known=known)


def roles_from(text: str, *, known: frozenset[str] | None = None) -> Mapping[str, Role]:
    """Roles of a YAML text; with `known`, every permission must be one of it. Raises: RulebookError with every fault found."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookError([Problem(FILE, line, f"not readable as YAML: {error.problem}", "mend the line")]) from error
    if not isinstance(document, CommentedMap) or not isinstance(document.get("roles"), CommentedMap):
        raise RulebookError([Problem(FILE, 1, "there is no mapping `roles`", "list the roles under `roles:`")])
    entries = document["roles"]
    found: dict[str, Role] = {}
    problems: list[Problem] = []
    for code, entry in entries.items():
        line = entries.lc.key(code)[0] + 1
        try:
            role = Role.model_validate({"code": code, **entry} if isinstance(entry, Mapping) else entry)
        except ValidationError as error:
            problems.extend(_problem(entries, str(code), line, fault["loc"], fault["msg"]) for fault in error.errors())
            continue
        found[role.code] = role
        unknown = sorted(role.permissions - known) if known is not None else []
        remedy = f"use one of {', '.join(sorted(known or ()))}"
        problems.extend(Problem(FILE, line, f"role {code}: unknown permission {permission!r}", remedy) for permission in unknown)
    if problems:
        raise RulebookError(problems)
    return MappingProxyType(found)


def _problem(entries: CommentedMap, code: str, line: int, where: tuple[int | str, ...], what: str) -> Problem:
    entry = entries[code]
    key = where[0] if where else ""
    if isinstance(entry, CommentedMap) and key in entry:
        line = entry.lc.key(key)[0] + 1
    return Problem(FILE, line, f"role {code}: {key}: {what}", f"a role has zh, en, scope ({', '.join(SCOPES)}), permissions")
