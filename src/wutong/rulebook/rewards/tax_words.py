"""Words that tie an award to tax by whatever name (`tax_words.yaml`): in groups, each with why and the document behind it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from wutong.rulebook.load import Problem, RulebookError

FILE = "tax_words.yaml"
_LATIN = re.compile(r"[A-Za-z][A-Za-z -]*")


class Why(BaseModel):
    """Why words count."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Cited(BaseModel):
    """The document behind them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    document: str = Field(min_length=1)
    date: dt.date


class Group(BaseModel):
    """Words that count for one reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...] = Field(min_length=1)
    why: Why
    source: Cited


@cache
def groups() -> Mapping[str, Group]:
    """The words shipped. Raises: RulebookError."""
    return groups_from((resources.files("wutong.rulebook") / FILE).read_text("utf-8"))


def groups_from(text: str) -> Mapping[str, Group]:
    """The words of a YAML text. Raises: RulebookError with every fault found."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookError([Problem(FILE, line, f"not readable as YAML: {error.problem}", "mend the line")]) from error
    if not isinstance(document, CommentedMap) or not document:
        raise RulebookError([Problem(FILE, 1, "the file is no mapping of groups", "begin it with `tax: {words, why, source}`")])
    found: dict[str, Group] = {}
    problems: list[Problem] = []
    for code, entry in document.items():
        try:
            found[str(code)] = Group.model_validate(entry)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            remedy = "a group has words, why with zh and en, and source with title, document and date"
            problems.append(Problem(FILE, document.lc.key(code)[0] + 1, f"group {code}: {what}", remedy))
    if problems:
        raise RulebookError(problems)
    return MappingProxyType(found)


@cache
def _pattern() -> re.Pattern[str]:
    """All of them: Chinese anywhere, Latin letters as whole words, parted by anything that is no letter."""
    words = [word for group in groups().values() for word in group.words]
    latin = [r"[\s_-]+".join(map(re.escape, word.split())) for word in words if _LATIN.fullmatch(word)]
    others = [re.escape(word) for word in words if not _LATIN.fullmatch(word)]
    return re.compile("|".join((*others, rf"(?<![A-Za-z])(?:{'|'.join(latin)})(?![A-Za-z])")), re.IGNORECASE)


def word_in(text: str) -> str:
    """The first word of a text that ties to tax; "" where there is none."""
    found = _pattern().search(text)
    return found.group() if found else ""
