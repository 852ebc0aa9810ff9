"""What a packaged project of each kind says of itself (招商项目库): `opportunities.yaml`; a misspelt kind fails at load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from ruamel.yaml import YAML

from wutong.rulebook.lifecycle import KINDS

FILE = "opportunities.yaml"


@dataclass(frozen=True, slots=True)
class KindFact:
    """Something that packaged projects of a kind say of themselves. `is_number`: a figure, its unit in key and label."""

    key: str
    zh: str
    en: str
    is_number: bool = False


@cache
def kind_facts() -> Mapping[str, tuple[KindFact, ...]]:
    """The facts of each kind, in their order. Raises: ValueError where the file names no kind, or a fact twice."""
    return parsed(resources.files("wutong.rulebook").joinpath(FILE).read_text("utf-8"))


def parsed(text: str) -> Mapping[str, tuple[KindFact, ...]]:
    """The facts of each kind from the text of a file. Raises: ValueError."""
    told = YAML(typ="safe").load(text)["facts"]
    if odd := set(told) ^ set(KINDS):
        raise ValueError(f"{FILE}: not just the kinds of projects: {', '.join(sorted(odd))}")
    found = {}
    for kind in KINDS:
        facts = tuple(KindFact(one["key"], one["zh"], one["en"], bool(one.get("number"))) for one in told[kind])
        if len({fact.key for fact in facts}) != len(facts):
            raise ValueError(f"{FILE}: {kind} names a fact twice")
        found[kind] = facts
    return MappingProxyType(found)
