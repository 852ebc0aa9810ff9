"""The life of a project as data (项目全生命周期): `lifecycle.yaml` into frozen objects, and a region's own file over it, node by node.

Why apart from the leaves: a stage or a node is a thing with a dozen fields and not a number, and a project remembers its nodes by key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from ruamel.yaml.nodes import Node

from wutong.rulebook import texts
from wutong.rulebook.load import Problem, RulebookError
from wutong.rulebook.shapes import Bilingual, English, Shape, Source, Text

FILE = "lifecycle.yaml"
OWN_FILE = "own lifecycle"
"""What a region's own file is called in messages that have no better name for it."""

StageCode = Literal["talks", "appraisal", "signed", "registered", "land_granted", "started", "completed", "production", "full_capacity"]
KindCode = Literal["industry", "farming", "services", "tourism", "health", "commerce", "headquarters", "infrastructure"]
FigureCode = Literal[
    "total_yuan", "fixed_yuan", "equipment_yuan", "output_yuan_a_year", "tax_yuan_a_year", "jobs", "land_mu", "building_sqm",
    "energy_tce_a_year",
]  # fmt: skip
"""Figures that an investor may not want to give; beside each stands whether he was asked and gave none."""
FactCode = Literal[
    "investor", "landed", "origin", "site", "segment", "project_code", "planned_start_on", "planned_completion_on",
    "planned_production_on", "planned_full_on", "signed_contract",
]  # fmt: skip
STAGES: tuple[str, ...] = get_args(StageCode)
KINDS: tuple[str, ...] = get_args(KindCode)
OF_KIND = "of_kind."
"""What the name of a fact begins with that only projects of a kind have."""
FIGURES: tuple[str, ...] = get_args(FigureCode)
FACTS: tuple[str, ...] = get_args(FactCode)
OF_PAPERS: frozenset[str] = frozenset({"signed_contract"})
"""Facts that the papers of a project say, not its description: nobody types them, and a ledger has none."""
ALL = "all"
"""Where a requirement stands that holds for every kind."""
StatusCode = Literal["active", "paused", "dormant", "lost"]
ModeCode = Literal["direct", "joint_venture", "cooperation", "bt", "bot", "fund", "merger"]
SiteCode = Literal["existing_land", "new_land", "ready_workshop"]
SITES: tuple[str, ...] = get_args(SiteCode)
SECTIONS = ("functions", "evidence", "stages", "nodes", "required", "tiers", "words", "key_projects", "limits")
MOST_MONTHS = 120
MOST_DAYS = 3_660
_REMEDIES = {
    "extra_forbidden": "remove the field or correct its spelling",
    "missing": "add the field",
    "literal_error": "use one of the values named",
    "string_pattern_mismatch": "use small letters, digits and underscores",
}
_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


def _known_fact(name: str) -> str:
    """A fact or figure of every project; one of a kind is looked at with its kind."""
    if name not in FIGURES and name not in FACTS and not name.startswith(OF_KIND):
        expected = ", ".join(f"'{one}'" for one in (*FIGURES, *FACTS, f"{OF_KIND}…"))
        raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
    return name


_Fact = Annotated[str, AfterValidator(_known_fact)]
_Days = Annotated[int, Field(ge=0, le=MOST_DAYS, strict=True)]
_S = TypeVar("_S", bound=Shape)


class Named(Bilingual):
    """A function of a unit: its code and its names."""

    code: _Code


class EvidenceKind(Named):
    """A kind of evidence. `file`: the number of a paper is not enough, for nobody keeps it but who hands it in."""

    file: bool = False


class LifeStage(Shape):
    """A stage (阶段). `next`: its successor, "" at the end; `two_persons`: who asks to enter it does not decide it."""

    code: StageCode
    zh: Text
    en: English
    next: StageCode | Literal[""] = ""
    days: _Days | None = None
    two_persons: bool = False


class NodeRule(Shape):
    """A sub-node (子节点) of a stage: what is to be done, by whom, within how many working days, and how it is proved."""

    key: _Code
    stage: StageCode
    zh: Text
    en: English
    unit: str
    days: _Days | None = None
    after: str = ""
    evidence: tuple[str, ...] = ()
    kinds: tuple[KindCode, ...] = KINDS  # type: ignore[assignment]
    optional: bool = False
    source: Source | None = None


class Requirement(Shape):
    """What must be known and proved. `facts`: given; `said`: given, or said that the investor gives none; `evidence`: handed in.

    A fact `of_kind.…` is one that projects of the kind say of themselves (`opportunities.yaml`).
    """

    facts: tuple[_Fact, ...] = ()
    said: tuple[FigureCode, ...] = ()
    evidence: tuple[str, ...] = ()

    def and_also(self, other: Requirement) -> Requirement:
        """Both together; what must be given need not also be said."""
        facts = tuple(dict.fromkeys((*self.facts, *other.facts)))
        said = tuple(name for name in dict.fromkeys((*self.said, *other.said)) if name not in facts)
        return Requirement(facts=facts, said=said, evidence=tuple(dict.fromkeys((*self.evidence, *other.evidence))))


class Tier(Shape):
    """A size tier (规模档次): from its lower bound, included, to the next one's."""

    code: _Code
    zh: Text
    en: English
    from_yuan: Annotated[int, Field(ge=0, strict=True)]


class Which(Shape):
    """Which projects a rule is for: all that it says must hold, and what it does not say does not matter.

    Units: yuan, the lower bound included, the upper one not. `chains`: codes; `on_chain`: of any chain; `industries`: classes of GB/T 4754
    of the chain segment, or what they begin with. `from_on`, `until_on`: from when it is in force, and from when no longer.
    """

    source: Source
    kinds: tuple[KindCode, ...] = KINDS  # type: ignore[assignment]
    modes: tuple[ModeCode, ...] = ()
    sites: tuple[SiteCode, ...] = ()
    chains: tuple[Text, ...] = ()
    on_chain: bool = False
    industries: tuple[Annotated[str, Field(pattern=r"^[A-T][0-9]{0,4}$")], ...] = ()
    from_yuan: Annotated[int, Field(ge=0, strict=True)] | None = None
    below_yuan: Annotated[int, Field(gt=0, strict=True)] | None = None
    from_on: dt.date | None = None
    until_on: dt.date | None = None

    def is_in_force(self, on: dt.date) -> bool:
        """Whether it is in force on a day."""
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on < self.until_on)

    @model_validator(mode="after")
    def _bounds_rise(self) -> Which:
        if self.from_yuan is not None and self.below_yuan is not None and self.from_yuan >= self.below_yuan:
            raise ValueError("from_yuan is not below below_yuan")
        if self.from_on is not None and self.until_on is not None and self.from_on >= self.until_on:
            raise ValueError("from_on is not before until_on")
        return self


class KeyRule(Which):
    """What makes a project one of a key industry (重点产业项目)."""

    code: _Code
    zh: Text
    en: English


class Limit(Which):
    """By when what must have come about (时限): so many months after a stage, another stage, a sub-node done, or a share of the money."""

    code: _Code
    zh: Text
    en: English
    after: StageCode = "signed"
    months: Annotated[int, Field(ge=1, le=MOST_MONTHS, strict=True)]
    stage: StageCode | Literal[""] = ""
    node: str = ""
    money_share: Annotated[Decimal, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Limit:
        if sum((bool(self.stage), bool(self.node), self.money_share is not None)) != 1:
            raise ValueError("say one of stage, node or money_share: what must have come about")
        return self


class LedgerWord(Shape):
    """What a ledger of some bureau calls a stage, a status, or a kind of project (台账用语): its meaning here."""

    word: Text
    stage: StageCode | Literal[""] = ""
    status: StatusCode | Literal[""] = ""
    kind: KindCode | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of a project: stages in order, nodes, what gates ask for, size tiers, and what ledgers call them.

    `hash`: tells one set of rules from another.
    """

    source: Source
    functions: Mapping[str, Named]
    evidence: Mapping[str, EvidenceKind]
    stages: Mapping[str, LifeStage]
    nodes: Mapping[str, NodeRule]
    required: Mapping[str, Mapping[str, Requirement]]
    tiers: tuple[Tier, ...]
    words: Mapping[str, LedgerWord]
    key_projects: Mapping[str, KeyRule]
    limits: Mapping[str, Limit]
    hash: str

    @property
    def order(self) -> tuple[str, ...]:
        """The codes of the stages from the first on, each the named successor of the one before."""
        found, code = list[str](), STAGES[0]
        while code:
            found.append(code)
            code = self.stages[code].next
        return tuple(found)

    def following(self, stage: str) -> str:
        """The stage that comes after; "" at the end."""
        return self.stages[stage].next

    def nodes_of(self, stage: str, kind: str) -> tuple[NodeRule, ...]:
        """The nodes of a stage for a kind of project, in the order of the file."""
        return tuple(node for node in self.nodes.values() if node.stage == stage and kind in node.kinds)

    def limits_for(self, kind: str) -> tuple[Limit, ...]:
        """The limits for a kind of project; one on a sub-node that such projects do not have could never end."""
        return tuple(one for one in self.limits.values() if not one.node or kind in self.nodes[one.node].kinds)

    def required_for(self, stage: str, kind: str) -> Requirement:
        """What a project of a kind needs to enter a stage."""
        table = self.required.get(stage, {})
        return table.get(ALL, Requirement()).and_also(table.get(kind, Requirement()))

    def tier_of(self, total_yuan: Decimal | None) -> Tier | None:
        """The size tier of an investment; None where it is not known or below all."""
        reached = [tier for tier in self.tiers if total_yuan is not None and total_yuan >= tier.from_yuan]
        return reached[-1] if reached else None


class _File:
    """A text with its lines."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.data: Any = {}
        self._root: Node | None = None
        self.problems: list[Problem] = []
        try:
            self.data = texts.handed_in(text)
        except texts.TextError as error:
            self.problems.append(Problem(name, error.line, error.what, error.remedy))
            return
        self.data = {} if self.data is None else self.data
        if not isinstance(self.data, dict):
            self.problems.append(Problem(name, 1, "the file is no mapping of sections", f"begin it with one of {', '.join(SECTIONS)}"))
            self.data = {}

    def line(self, path: Iterable[str | int]) -> int:
        """The line of the deepest part of a path that is there."""
        if self._root is None:
            self._root = texts.tree(self.text)
        return texts.line_of(self._root, tuple(path))

    def holds(self, path: Iterable[str | int]) -> bool:
        """Whether something stands at a path."""
        at: Any = self.data
        for step in path:
            items = dict(enumerate(at)) if isinstance(at, list) else at
            if not isinstance(items, dict) or step not in items:
                return False
            at = items[step]
        return True


class _Reader:
    """Collects what a file and a region's own say together, and every fault on the way."""

    def __init__(self, base: _File, own: _File | None) -> None:
        self.base, self.own = base, own
        self.problems = [*base.problems, *(own.problems if own else [])]

    def fault(self, path: tuple[str | int, ...], what: str, remedy: str) -> None:
        """A fault at a place: of the region's file where that says it, else of the file shipped."""
        own_says = self.own is not None and any(self.own.holds(path[:length]) for length in range(len(path), 1, -1))
        file = self.own if self.own is not None and own_says else self.base
        self.problems.append(Problem(file.name, file.line(path), what, remedy, path))

    def section(self, name: str) -> dict[str, Any]:
        """A section with the region's words over it: field by field where both are mappings; null takes an entry away."""
        found = dict(self._mapping(self.base, name))
        for key, entry in self._mapping(self.own, name).items() if self.own else ():
            if entry is None:
                if key not in found or name == "stages":
                    what = "a stage cannot be taken away" if name == "stages" else f"'{key}' takes nothing away"
                    self.fault((name, key), what, "let another stage name the successor" if name == "stages" else "correct the name")
                found.pop(key, None)
            elif isinstance(entry, dict) and isinstance(found.get(key), dict):
                found[key] = {**found[key], **entry}
            else:
                found[key] = entry
        return found

    def _mapping(self, file: _File | None, name: str) -> dict[str, Any]:
        raw = file.data.get(name) if file else None
        if raw is not None and not isinstance(raw, dict):
            self.problems.append(Problem(file.name, file.line((name,)), f"`{name}:` is no mapping", "write `name: {…}` lines"))  # type: ignore[union-attr]
            return {}
        return {str(key): value for key, value in (raw or {}).items()}

    def unknown_sections(self) -> None:
        for file in (self.base, self.own):
            for name in (file.data.keys() if file else set()) - {*SECTIONS, "source"}:
                remedy = f"use one of {', '.join(SECTIONS)}"
                self.problems.append(Problem(file.name, file.line((str(name),)), f"unknown section '{name}'", remedy))  # type: ignore[union-attr]

    def make(self, shape: type[_S], path: tuple[str | int, ...], raw: object, **more: str) -> _S | None:
        """One object, or None with its faults noted."""
        try:
            return shape.model_validate({**raw, **more} if isinstance(raw, dict) else raw)
        except ValidationError as error:
            for found in error.errors():
                where = tuple(step for step in found["loc"] if isinstance(step, int | str))
                label = ".".join(map(str, where)) or str(path[-1])
                message = found["msg"].removeprefix("Value error, ")
                self.fault((*path, *where), f"{path[-1]}: {label}: {message}", _REMEDIES.get(found["type"], "correct the value"))
            return None

    def named(self, section: str, shape: type[_S], key: str) -> dict[str, _S]:
        """The objects of a section by their names."""
        made = {name: self.make(shape, (section, name), raw, **{key: name}) for name, raw in self.section(section).items()}
        return {name: one for name, one in made.items() if one is not None}

    def required(self) -> dict[str, dict[str, Requirement]]:
        """What gates ask for, by stage and kind; a region replaces the line of a stage and kind."""
        found: dict[str, dict[str, Requirement]] = {}
        for stage, kinds in self.section("required").items():
            path = ("required", stage)
            if stage not in STAGES:
                self.fault(path, f"unknown stage '{stage}'", f"use one of {', '.join(STAGES)}")
            elif not isinstance(kinds, dict):
                self.fault(path, f"'{stage}' is no mapping of kinds", "write `all: {facts: [], said: [], evidence: []}`")
            else:
                found[stage] = {}
                for kind, raw in kinds.items():
                    if kind not in (ALL, *KINDS):
                        self.fault((*path, kind), f"unknown kind '{kind}'", f"use {ALL} or one of {', '.join(KINDS)}")
                    made = self.make(Requirement, (*path, kind), raw or {})
                    if made is not None:
                        found[stage][kind] = made
        return found

    def _check_of_kind(self, path: tuple[str, ...], kind: str, names: tuple[str, ...]) -> None:
        from wutong.rulebook.opportunities import kind_facts  # noqa: PLC0415 - it reads the kinds from here

        known = [OF_KIND + fact.key for fact in kind_facts().get(kind, ())]
        for name in names:
            if name.startswith(OF_KIND) and name not in known:
                self.fault(path, f"'{name}' is no fact of {kind}", f"use one of {', '.join(known)}" if known else "write it at a kind")

    def check(self, found: Lifecycle) -> None:
        """What one entry says of another."""
        self._check_stages(found)
        for key, node in found.nodes.items():
            self._check_node(found, key, node)
        for word, meaning in found.words.items():
            if not (meaning.stage or meaning.status or meaning.kind):
                self.fault(("words", word), f"{word}: means nothing", "give it a stage, a status or a kind")
        for stage, kinds in found.required.items():
            for kind, needed in kinds.items():
                self._check_known(found, ("required", stage, kind, "evidence"), needed.evidence)
                self._check_of_kind(("required", stage, kind, "facts"), kind, needed.facts)
        for code, limit in found.limits.items():
            self._check_limit(found, code, limit)
        bounds = [tier.from_yuan for tier in found.tiers]
        if bounds != sorted(set(bounds)):
            self.fault(("tiers",), "tiers do not rise from one to the next", "give each a higher `from_yuan` than the one before")

    def _check_limit(self, found: Lifecycle, code: str, limit: Limit) -> None:
        path = ("limits", code)
        if STAGES.index(limit.after) < STAGES.index("signed"):
            self.fault((*path, "after"), f"{code}: '{limit.after}' comes before the signing", "count from signed or a later stage")
        if limit.stage and STAGES.index(limit.stage) <= STAGES.index(limit.after):
            self.fault((*path, "stage"), f"{code}: '{limit.stage}' does not come after '{limit.after}'", "name a later stage")
        if limit.node and limit.node not in found.nodes:
            self.fault((*path, "node"), f"{code}: unknown sub-node '{limit.node}'", "name one under `nodes:`")
        elif limit.node and not set(limit.kinds) & set(found.nodes[limit.node].kinds):
            self.fault((*path, "node"), f"{code}: no project of its kinds has '{limit.node}'", "name a sub-node that they have")

    def _check_stages(self, found: Lifecycle) -> None:
        seen, code = set[str](), STAGES[0]
        while code:
            if code in seen:
                self.fault(("stages", code, "next"), f"the way comes back to '{code}'", "let each stage lead on to a later one")
                return
            seen.add(code)
            code = found.stages[code].next

    def _check_node(self, found: Lifecycle, key: str, node: NodeRule) -> None:
        if node.unit not in found.functions:
            self.fault(("nodes", key, "unit"), f"{key}: unknown function '{node.unit}'", f"use one of {', '.join(found.functions)}")
        self._check_known(found, ("nodes", key, "evidence"), node.evidence)
        if not node.after:
            return
        before = found.nodes.get(node.after)
        if before is None or before.stage != node.stage:
            self.fault(("nodes", key, "after"), f"{key}: '{node.after}' is no node of {node.stage}", "name a node of the same stage")
            return
        if missing := set(node.kinds) - set(before.kinds):
            remedy = "give both the same kinds, or count from the entry of the stage"
            self.fault(("nodes", key, "after"), f"{key}: '{node.after}' is not for {', '.join(sorted(missing))}", remedy)
        seen, at = {key}, node.after
        while at and at in found.nodes:
            if at in seen:
                self.fault(("nodes", key, "after"), f"{key}: waits for itself", "let one of them count from the entry of the stage")
                return
            seen.add(at)
            at = found.nodes[at].after

    def _check_known(self, found: Lifecycle, path: tuple[str | int, ...], kinds: tuple[str, ...]) -> None:
        for index, kind in enumerate(kinds):
            if kind not in found.evidence:
                self.fault((*path, index), f"unknown evidence '{kind}'", "correct it, or add it under `evidence:`")


def lifecycle_from(text: str, *, own: str = "", own_name: str = OWN_FILE) -> Lifecycle:
    """The life of a project from a YAML text, with a region's own text over it. Raises: RulebookError with every fault found."""
    reader = _Reader(_File(FILE, text), _File(own_name, own) if own.strip() else None)
    reader.unknown_sections()
    source = reader.make(Source, ("source",), (reader.own.data.get("source") if reader.own else None) or reader.base.data.get("source"))
    stages = reader.named("stages", LifeStage, "code")
    tiers = sorted(reader.named("tiers", Tier, "code").values(), key=lambda tier: tier.from_yuan)
    found = Lifecycle(
        source or Source(title="Wutong default"), MappingProxyType(reader.named("functions", Named, "code")),
        MappingProxyType(reader.named("evidence", EvidenceKind, "code")), MappingProxyType(stages),
        MappingProxyType(reader.named("nodes", NodeRule, "key")), MappingProxyType(reader.required()), tuple(tiers),
        MappingProxyType(reader.named("words", LedgerWord, "word")), MappingProxyType(reader.named("key_projects", KeyRule, "code")),
        MappingProxyType(reader.named("limits", Limit, "code")),
        hashlib.sha256(f"{len(text)}\n{text}\n{own}".encode()).hexdigest()[:12],
    )  # fmt: skip
    missing = [code for code in STAGES if code not in stages]
    if missing and not reader.problems:
        reader.fault(("stages",), f"no stage {', '.join(missing)}", "give every stage; what is not wanted need not be a successor")
    if not reader.problems:  # one entry speaks of another only when each could be read: else one slip shows up as many
        reader.check(found)
    if reader.problems:
        raise RulebookError(reader.problems)
    return found


def shipped_text() -> str:
    """The file that ships with Wutong."""
    return (resources.files("wutong.rulebook") / FILE).read_text("utf-8")


@cache
def lifecycle() -> Lifecycle:
    """The life of a project as it ships, read once a process. Raises: RulebookError with every fault found."""
    return lifecycle_from(shipped_text())


@lru_cache(maxsize=4)
def over(own: str, own_name: str = OWN_FILE) -> Lifecycle:
    """The life of a project as it ships, with a region's own text over it, read once for the same text. Raises: RulebookError."""
    return lifecycle_from(shipped_text(), own=own, own_name=own_name)


def with_file(path: str) -> Lifecycle:
    """The life of a project as it ships, with the file of a region over it where one is named. Raises: RulebookError, OSError."""
    return over(Path(path).read_text("utf-8"), Path(path).name) if path else lifecycle()
