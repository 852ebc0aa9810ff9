"""Skills of promotion officers as data: `skills.yaml`, and every chain of the rulebook as knowledge of an industry."""

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

from wutong.rulebook import load
from wutong.rulebook.load import Problem, RulebookError

FILE = "skills.yaml"
CHAIN = "chain"
Kind = Literal["chain", "policy", "language", "work"]
KINDS: tuple[str, ...] = get_args(Kind)


class Skill(BaseModel):
    """One skill (专长): its names and what kind it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    code: str
    zh: str
    en: str
    kind: Kind


@cache
def skills() -> Mapping[str, Skill]:
    """All skills by code: chains first, then those of the file. Raises: RulebookError."""
    chains = {
        f"{CHAIN}-{chain.id}": Skill(code=f"{CHAIN}-{chain.id}", zh=chain.name_zh, en=chain.name_en, kind="chain")
        for chain in load.rulebook().chains.values()
    }
    return MappingProxyType({**chains, **skills_from((resources.files("wutong.rulebook") / FILE).read_text("utf-8"))})


def skills_from(text: str) -> Mapping[str, Skill]:
    """Skills of a YAML text. Raises: RulebookError with every fault found."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookError([Problem(FILE, line, f"not readable as YAML: {error.problem}", "mend the line")]) from error
    if not isinstance(document, CommentedMap):
        raise RulebookError([Problem(FILE, 1, "the file is no mapping of codes to skills", "begin it with `code: {zh, en, kind}`")])
    found: dict[str, Skill] = {}
    problems: list[Problem] = []
    for code, entry in document.items():
        line = document.lc.key(code)[0] + 1
        try:
            found[str(code)] = Skill.model_validate({"code": str(code), **entry} if isinstance(entry, Mapping) else entry)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            problems.append(Problem(FILE, line, f"skill {code}: {what}", f"a skill has zh, en, kind ({', '.join(KINDS)})"))
    if problems:
        raise RulebookError(problems)
    return MappingProxyType(found)
