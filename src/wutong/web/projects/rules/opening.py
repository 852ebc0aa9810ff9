"""Decisions about how a project begins and what is said of it: lead, name, figures and which are not provided, capital, code, plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from wutong.rulebook.lifecycle import FIGURES, OF_KIND, OF_PAPERS, Lifecycle
from wutong.rulebook.opportunities import kind_facts
from wutong.web.projects.rules.stages import Code, Kind, Origin, ProjectFacts, Refusal, Refusals, passed, those

CODE_LENGTH = 24


def refusals_to_open(
    *, name: str, is_in_talks: bool, has_claim: bool, is_open: bool, is_there: bool, is_taken_over: bool, is_unit_open: bool,
    is_active: bool, is_of_unit: bool,
) -> Refusals:  # fmt: skip
    """Why a lead may not become a project: worked on, in formal talks, with a claim in force, or taken over; one project a lead."""
    return those(
        (Code.NAME_MISSING, not name.strip()),
        (Code.PROJECT_THERE, is_there),
        (Code.LEAD_NOT_IN_TALKS, not is_there and not (is_open and (is_in_talks or is_taken_over))),
        (Code.LEAD_NO_CLAIM, not is_there and not has_claim and not is_taken_over),
        (Code.UNIT_CLOSED, not is_unit_open),
        (Code.PERSON_INACTIVE, not is_active),
        (Code.PERSON_NOT_OF_UNIT, not is_of_unit),
    )


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a project beside its stage. `figures`: those that have a value."""

    name_zh: str
    figures: Mapping[str, Decimal | int] = field(default_factory=dict)
    not_provided: Collection[str] = ()
    project_code: str = ""
    origin: Origin | None = None
    origin_country: str = ""
    origin_adcode: str = ""
    plan: tuple[dt.date | None, ...] = ()
    chain: str = ""
    is_chain_project: bool = False
    kind: Kind = Kind.INDUSTRY
    kind_facts: Mapping[str, str] = field(default_factory=dict)


def refusals_to_describe(said: Description, *, is_code_taken: bool) -> Refusals:
    """Why a project may not be described so."""
    both = [name for name in said.not_provided if name in said.figures]
    planned = [day for day in said.plan if day is not None]
    is_odd = bool(said.project_code) and not is_project_code(said.project_code)
    return (
        *those((Code.NAME_MISSING, not said.name_zh.strip())),
        *(Refusal(Code.FIGURE_AND_NOT_PROVIDED, field=name) for name in both),
        *(Refusal(Code.FIGURE_AND_NOT_PROVIDED, field=name) for name in said.not_provided if name not in FIGURES),
        *(Refusal(Code.FIGURE_NEGATIVE, field=name) for name, number in said.figures.items() if number < 0),
        *those(
            (Code.CODE_ODD, is_odd),
            (Code.CODE_TAKEN, is_code_taken),
            (Code.ORIGIN_HALF, _is_origin_half(said)),
            (Code.PLAN_OUT_OF_ORDER, planned != sorted(planned)),
            (Code.CHAIN_UNNAMED, said.is_chain_project and not said.chain),
        ),
        *_refusals_of_kind_facts(said),
    )


def refusals_to_replan(was: Mapping[str, Any], now: Mapping[str, Any], *, reason: str) -> Refusals:
    """Why total or planned days may not change: what was given before changes for a reason only, what is given first needs none."""
    changed = [name for name, value in was.items() if value is not None and now[name] != value]
    return tuple(Refusal(Code.REASON_OF_PLAN, field=name) for name in changed) if not reason.strip() else ()


def _refusals_of_kind_facts(said: Description) -> Refusals:
    """Facts that the kind does not have, and figures among them that are none."""
    known = {fact.key: fact for fact in kind_facts()[said.kind]}
    odd = tuple(Refusal(Code.FACT_OF_OTHER_KIND, field=OF_KIND + key) for key in said.kind_facts if key not in known)
    figures = {key: text for key, text in said.kind_facts.items() if key in known and known[key].is_number}
    return (*odd, *(Refusal(Code.NO_FIGURE, field=OF_KIND + key) for key, text in figures.items() if not _is_figure(text)))


def _is_figure(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def _is_origin_half(said: Description) -> bool:
    """Foreign capital names its country and no province; other capital no country; no place without saying whose capital it is."""
    if said.origin is Origin.FOREIGN:
        return not said.origin_country or bool(said.origin_adcode)
    return bool(said.origin_country) or (said.origin is None and bool(said.origin_adcode))


def is_project_code(code: str) -> bool:
    """Whether a text is a national project code (项目代码): 24 characters, YYMM-division-kind-kind-number, twenty of them digits.

    Source: GB/T 40058; as the national platform for approval of investment projects gives it out, such as 2601-990121-04-01-123456.
    """
    parts = code.split("-")
    return len(code) == CODE_LENGTH and [len(part) for part in parts] == [4, 6, 2, 2, 6] and all(
        part.isascii() and part.isdigit() for part in parts
    )  # fmt: skip


def refusals_of_vanishing(
    before: ProjectFacts, *, given: Collection[str], not_provided: Collection[str], lifecycle: Lifecycle
) -> Refusals:  # fmt: skip
    """Why facts may not go: what a gate that was passed rests on stays there, or is replaced. What was absent all along may stay absent."""
    tables = [lifecycle.required_for(code, before.kind) for code in passed(before.stage, lifecycle)]
    must = {name for table in tables for name in table.facts} - OF_PAPERS
    said = {name for table in tables for name in table.said} - must
    gone = {name for name in must if name in before.given and name not in given}
    gone |= {
        name for name in said
        if name in before.given | before.not_provided and name not in given and name not in not_provided
    }  # fmt: skip
    return tuple(Refusal(Code.FACT_NEEDED, field=name) for name in sorted(gone))


def refusals_of_kind(facts: ProjectFacts, *, was: Kind, lifecycle: Lifecycle) -> Refusals:
    """Why a project may not be of another kind: what passed gates ask of that kind, and not of the one before, must be there."""
    found: list[Refusal] = []
    said = facts.given | facts.not_provided
    for stage in passed(facts.stage, lifecycle):
        now, before = lifecycle.required_for(stage, facts.kind), lifecycle.required_for(stage, was)
        found += [Refusal(Code.MISSING_FACT, field=name) for name in now.facts if name not in {*before.facts, *facts.given}]
        found += [Refusal(Code.MISSING_FACT, field=name) for name in now.said if name not in {*before.said, *before.facts, *said}]
        proofs = {*before.evidence, *facts.proved, *facts.absent}
        found += [Refusal(Code.MISSING_EVIDENCE, field=kind) for kind in now.evidence if kind not in proofs]
    return tuple(dict.fromkeys(found))
