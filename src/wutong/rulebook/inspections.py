"""Inspections as data: what is looked at on a site (`inspections.yaml`), and the draw of a surprise inspection (随机抽取)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from wutong.rulebook.load import Problem, RulebookError

FILE = "inspections.yaml"
Kind = Literal["yes_no", "yuan", "persons"]
Reported = Literal["", "started", "producing", "invested_yuan", "recognised_yuan", "equipment_yuan", "output_yuan"]


class Check(BaseModel):
    """One matter of the list (督查事项): what is looked at, from which stage on, and what was reported of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    code: str
    zh: str
    en: str
    kind: Kind
    from_stage: str = Field(alias="from")
    reported: Reported = ""


@cache
def checks() -> Mapping[str, Check]:
    """The list shipped, by code, in its order. Raises: RulebookError."""
    return checks_from((resources.files("wutong.rulebook") / FILE).read_text("utf-8"))


def checks_from(text: str) -> Mapping[str, Check]:
    """The list of a YAML text. Raises: RulebookError with every fault found."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookError([Problem(FILE, line, f"not readable as YAML: {error.problem}", "mend the line")]) from error
    if not isinstance(document, CommentedMap):
        raise RulebookError([Problem(FILE, 1, "the file is no mapping of codes to matters", "begin it with `code: {zh, en, kind, from}`")])
    found: dict[str, Check] = {}
    problems: list[Problem] = []
    for code, entry in document.items():
        try:
            found[str(code)] = Check.model_validate({"code": str(code), **entry} if isinstance(entry, Mapping) else entry)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            line = document.lc.key(code)[0] + 1
            problems.append(
                Problem(FILE, line, f"matter {code}: {what}", "a matter has zh, en, kind, from, and reported where there is such")
            )
    if problems:
        raise RulebookError(problems)
    return MappingProxyType(found)


def asked(stage: str, order: Sequence[str]) -> tuple[Check, ...]:
    """What is looked at of a project in a stage; `order`: the stages from the first to the last."""
    place = {name: number for number, name in enumerate(order)}
    return tuple(one for one in checks().values() if place[one.from_stage] <= place[stage])


def short_share(reported: Fraction | None, verified: Fraction | None) -> Fraction | None:
    """How much of what was reported is not there, 0 to 1; None where one of them is not known or nothing was reported."""
    if reported is None or verified is None or reported <= 0:
        return None
    return max(Fraction(0), 1 - verified / reported)


# --- the draw ---------------------------------------------------------------------------------------------------------------------------
def committed(seed: str) -> str:
    """What is made known of a seed before anything is drawn with it: by it everybody sees later that it was not chosen afterwards."""
    return hashlib.sha256(seed.encode()).hexdigest()


def drawn(seed: str, pool: Iterable[str], *, wanted_count: int) -> tuple[str, ...]:
    """So many of a pool, in the order drawn: the same seed and pool give the same, in whatever order the pool comes; none comes twice.

    Each is given the SHA-256 of `seed:key`; those with the smallest are drawn, so that anybody may redo it with a tool of his own.
    """
    ranked = sorted(set(pool), key=lambda key: (hashlib.sha256(f"{seed}:{key}".encode()).hexdigest(), key))
    return tuple(ranked[: max(0, wanted_count)])


def hash_of(keys: Iterable[str]) -> str:
    """The hash of a list as it stands: of the pool sorted, of what was drawn in the order drawn."""
    return hashlib.sha256(json.dumps(list(keys), separators=(",", ":")).encode()).hexdigest()
