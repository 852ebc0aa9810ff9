"""Which projects a rule of the lifecycle is for: key industries (重点产业) and limits (时限), with the reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from wutong.rulebook.lifecycle import KeyRule, Which


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What such rules look at. Units: yuan. "" and None: not known. `industries`: classes of GB/T 4754 of the chain segment."""

    kind: str
    mode: str = ""
    site_kind: str = ""
    chain: str = ""
    industries: frozenset[str] = frozenset()
    total_yuan: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a project. `is_met` None: `lacks` names what is not known, and nothing else speaks against it.

    `held`, `fails`: what the rule asks for and the project has, or has not: kind, mode, site_kind, chain, industry, total_yuan.
    """

    code: str
    held: tuple[str, ...]
    fails: tuple[str, ...]
    lacks: tuple[str, ...]

    @property
    def is_met(self) -> bool | None:
        """Whether the rule is for this project."""
        return False if self.fails else None if self.lacks else True


def judged(rule: Which, facts: KeyFacts, *, code: str = "") -> Verdict:
    """What a rule says of a project, whenever it is in force."""
    told = dict(_told(rule, facts))
    return Verdict(code, *(tuple(name for name, answer in told.items() if answer is wanted) for wanted in (True, False, None)))


def _told(rule: Which, facts: KeyFacts) -> Iterable[tuple[str, bool | None]]:
    """By what is asked for, whether the project has it; None: not known."""
    yield "kind", facts.kind in rule.kinds
    if rule.modes:
        yield "mode", facts.mode in rule.modes if facts.mode else None
    if rule.sites:
        yield "site_kind", facts.site_kind in rule.sites if facts.site_kind else None
    if rule.chains or rule.on_chain:
        yield "chain", bool(facts.chain) and (not rule.chains or facts.chain in rule.chains)
    if rule.industries:
        is_one = any(one.startswith(begin) for one in facts.industries for begin in rule.industries)
        yield "industry", is_one if facts.industries else None
    if rule.from_yuan is not None or rule.below_yuan is not None:
        yield "total_yuan", _is_within(rule, facts.total_yuan)


def _is_within(rule: Which, total_yuan: Decimal | None) -> bool | None:
    if total_yuan is None:
        return None
    return (rule.from_yuan is None or total_yuan >= rule.from_yuan) and (rule.below_yuan is None or total_yuan < rule.below_yuan)


def of_key(rules: Iterable[KeyRule], facts: KeyFacts, *, on: dt.date) -> tuple[Verdict, ...]:
    """What each rule of key industries in force on a day says of a project."""
    return tuple(judged(rule, facts, code=rule.code) for rule in rules if rule.is_in_force(on))
