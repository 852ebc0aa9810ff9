"""The shapes of the rulebook: frozen objects that `load.py` makes from YAML. A misspelt field fails here, at load."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LEAF_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CLASS = re.compile(r"[A-T]\d{2,4}")
TERM_BREAK = re.compile(r"[、\s]+")
"""What separates the words of a list that is written as one text: 油缸、液压油缸."""
_SEPARATORS = re.compile(r"[\s、,;:。\uff0c\uff1b\uff1a]")

Scalar = bool | int | float | str
Value = Scalar | tuple[Scalar, ...] | None
ScopeWords = Mapping[str, object]
"""`scope_words.yaml` as it stands, read-only: lists are tuples, mappings are read-only mappings."""


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f"'{text}' is no id: use small ASCII letters, digits and single hyphens, such as hydraulic-cylinder")
    return text


def _term(text: str) -> str:
    if not text or _SEPARATORS.search(text):
        raise ValueError(f"'{text}' is no single term: a term is not empty and holds no blank, comma, semicolon, colon or 、")
    return text


def _industry_class(text: str) -> str:
    if not _CLASS.fullmatch(text):
        raise ValueError(f"'{text}' is no class of GB/T 4754: write the section letter and two to four digits, such as C3841")
    return text


def _english(text: str) -> str:
    if not text or not text.isascii() or text != text.strip():
        raise ValueError(f"'{text}' is no English name: ASCII letters only, no blank before or after")
    return text


def _listed(raw: object) -> object:
    return TERM_BREAK.split(raw.strip("、 \n")) if isinstance(raw, str) else raw


def _scalars(raw: object) -> object:
    return tuple(raw) if isinstance(raw, list) else raw


Slug = Annotated[str, AfterValidator(_slug)]
Term = Annotated[str, AfterValidator(_term)]
Terms = Annotated[tuple[Term, ...], BeforeValidator(_listed)]
English = Annotated[str, AfterValidator(_english)]
IndustryClass = Annotated[str, AfterValidator(_industry_class)]
Text = Annotated[str, Field(min_length=1)]


class Shape(BaseModel):
    """What every object of the rulebook is: frozen, and without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Product(Shape):
    """A good or service (产品) of the thesaurus, with the words that business scopes use for it.

    Why: `synonyms` mean the same thing; `kinds` (品种) are narrower things without an entry of their own. They count for the product, but
    who asks for walnuts must not get every fruit, so a question for a kind is answered by that word alone.
    """

    id: Slug
    zh: Term
    en: English
    kind: Literal["good", "service"] = "good"
    synonyms: Terms = ()
    kinds: Terms = ()
    en_synonyms: tuple[English, ...] = ()
    excludes: Terms = ()
    broader: tuple[Slug, ...] = ()
    part_of: tuple[Slug, ...] = ()
    made_with: tuple[Slug, ...] = ()
    machine_for: tuple[Slug, ...] = ()
    generic: bool = False
    note: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """Every Chinese word that names it or a kind of it, the name first."""
        return (self.zh, *self.synonyms, *self.kinds)

    @property
    def en_terms(self) -> tuple[str, ...]:
        """Every English word for it, the name first."""
        return (self.en, *self.en_synonyms)


class Layer(Shape):
    """One layer of a chain (层级); the file lists them from upstream to downstream."""

    id: Slug
    name_zh: Text
    name_en: English


class Link(Shape):
    """One link: `source` supplies `target`; both are segments of the same chain."""

    source: Slug
    target: Slug


class Segment(Shape):
    """One segment (环节) of a chain: what a firm there makes or provides."""

    id: Slug
    name_zh: Text
    name_en: English
    layer: Slug
    products: tuple[Slug, ...] = Field(min_length=1)
    role: Literal["makes", "grows", "processes", "provides"] = "makes"
    gbt4754: tuple[IndustryClass, ...] = ()
    name_proofs: Terms = ()


class Chain(Shape):
    """One industry chain (产业链): layers, segments and who supplies whom."""

    id: Slug
    name_zh: Text
    name_en: English
    description_zh: Text
    description_en: Text
    version: Annotated[str, BeforeValidator(str), Field(min_length=1)]
    layers: tuple[Layer, ...] = Field(min_length=1)
    segments: tuple[Segment, ...] = Field(min_length=1)
    links: tuple[Link, ...] = ()

    def segment(self, segment_id: str) -> Segment:
        """The segment of that id.

        Raises: KeyError if the chain has none.
        """
        for segment in self.segments:
            if segment.id == segment_id:
                return segment
        raise KeyError(segment_id)

    def upstream(self, segment_id: str) -> tuple[str, ...]:
        """Ids of the segments that directly supply it, in the order of the file."""
        return self._neighbours.get(segment_id, ((), ()))[0]

    def downstream(self, segment_id: str) -> tuple[str, ...]:
        """Ids of the segments that it directly supplies, in the order of the file."""
        return self._neighbours.get(segment_id, ((), ()))[1]

    @cached_property
    def _neighbours(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Who supplies each segment, and whom it supplies. Why: a question asks for all of them several times."""
        found: dict[str, tuple[set[str], set[str]]] = {end: (set(), set()) for link in self.links for end in (link.source, link.target)}
        for link in self.links:
            found[link.target][0].add(link.source)
            found[link.source][1].add(link.target)
        order = [segment.id for segment in self.segments]
        return {end: tuple(tuple(s for s in order if s in ids) for ids in both) for end, both in found.items()}  # type: ignore[misc]


class Bilingual(Shape):
    """One text in both languages."""

    zh: Text
    en: Text


class Measure(Shape):
    """One yearly figure (年度数据) that is kept of a firm. `factor`: how many of the unit kept make one of the unit shown."""

    id: Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$")]
    name: Bilingual
    shown: Bilingual
    factor: Annotated[float, Field(gt=0)] = 1
    digits: Annotated[int, Field(ge=0, le=4)] = 0
    largest: float | None = None
    negative: bool = False
    confidential: bool = False

    @property
    def unit(self) -> str:
        """The unit kept: the last word of the id, such as yuan, count or share."""
        return self.id.rpartition("_")[2]


class Source(Shape):
    """Where a number comes from (依据); the title is "Wutong default" where no law or table says."""

    title: Text
    document: str = ""
    date: datetime.date | None = None
    url: str = ""


class Tag(Shape):
    """One tag (标签) that a firm bears because it stands on a published list. `form`: the legal form that all firms of the list have."""

    id: Slug
    zh: Text
    en: English
    kind: Literal["big_name", "golden_sesame_evidence"]
    form: str = ""
    source: Source
    publisher: Bilingual

    @property
    def name_zh(self) -> str:
        """Its name in Chinese."""
        return self.zh

    @property
    def name_en(self) -> str:
        """Its name in English."""
        return self.en


class Leaf(Shape):
    """One dated number of the rulebook (规则参数): values by start date, null from the day it was repealed."""

    description: Bilingual
    unit: Text
    source: Source
    values: Mapping[date, Annotated[Value, BeforeValidator(_scalars)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _freeze(self) -> Leaf:
        object.__setattr__(self, "values", MappingProxyType(dict(sorted(self.values.items()))))
        return self

    @property
    def description_zh(self) -> str:
        """What it is, in Chinese."""
        return self.description.zh

    @property
    def description_en(self) -> str:
        """What it is, in English."""
        return self.description.en

    def source_on(self, on: date) -> Source:
        """Where the value of that day comes from."""
        return self.source

    def value(self, on: date) -> Value:
        """The value of the newest start date not after `on`; None before the first and after repeal."""
        found: Value = None
        for start, value in self.values.items():
            if start > on:
                break
            found = value
        return found


class OwnLeaf(Leaf):
    """A leaf that a bureau changed: the values shipped and its own on one line of dates. `sources`: where each value comes from."""

    sources: Mapping[date, Source]

    def source_on(self, on: date) -> Source:
        """Where the value of that day comes from."""
        begun = [start for start in self.sources if start <= on]
        return self.sources[max(begun)] if begun else self.source


CatalogueKind = Literal["encouraged", "restricted", "eliminated", "transfer"]
CatalogueLevel = Literal["national", "provincial"]
_PROVINCE = re.compile(r"\d{2}0000")
_CHAIN_SEGMENT = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")


def _chain_segment(text: str) -> str:
    if not _CHAIN_SEGMENT.fullmatch(text):
        raise ValueError(f"'{text}' names no segment: write chain and segment as power-battery/separators")
    return text


ChainSegment = Annotated[str, AfterValidator(_chain_segment)]


class Proposal(Shape):
    """A product that the words of an entry seem to name; an official confirms or refuses it. `confidence_share`: 0-1."""

    product: Slug
    confidence_share: float = Field(ge=0, le=1)


class Entry(Shape):
    """One entry of a catalogue (目录条目): its text and what it covers.

    `proposed`: what its words seem to name, until an official puts it among `products` or `refused`.
    """

    number: Annotated[str, BeforeValidator(str), Field(min_length=1)]
    text_zh: Text
    products: tuple[Slug, ...] = ()
    segments: tuple[ChainSegment, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    refused: tuple[Slug, ...] = ()
    conditions_zh: str = ""

    @property
    def open_proposals(self) -> tuple[Proposal, ...]:
        """What waits for an official."""
        return tuple(p for p in self.proposed if p.product not in (*self.products, *self.refused))

    @property
    def is_unmatched(self) -> bool:
        """Whether nothing of the thesaurus and no segment stands for it yet."""
        return not (self.products or self.segments or self.open_proposals)


class Edition(Shape):
    """One edition of a catalogue (目录版本), in force on [in_force_from, in_force_until).

    The next edition of the same kind, level and province ends it as well.
    """

    id: Slug
    title_zh: Text
    title_en: str = ""
    kind: CatalogueKind
    level: CatalogueLevel
    adcode: str = ""
    in_force_from: date
    in_force_until: date | None = None
    fictional: bool = False
    source: Source
    entries: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_sound(self) -> Edition:
        if self.level == "provincial" and not _PROVINCE.fullmatch(self.adcode):
            raise ValueError(f"adcode '{self.adcode}': a provincial catalogue names its province, such as 410000")
        if self.level == "national" and self.adcode:
            raise ValueError(f"adcode '{self.adcode}': a national catalogue has none")
        if self.in_force_until is not None and self.in_force_until <= self.in_force_from:
            raise ValueError(f"in force until {self.in_force_until}, which is not after {self.in_force_from}")
        numbers = [entry.number for entry in self.entries]
        twice = next((number for at, number in enumerate(numbers) if number in numbers[:at]), None)
        if twice is not None:
            raise ValueError(f"entry '{twice}' is there twice")
        return self

    @property
    def series(self) -> tuple[str, str, str]:
        """What it is an edition of: kind, level, province."""
        return self.kind, self.level, self.adcode

    def is_in_force(self, on: date) -> bool:
        """Whether the day lies inside its own period."""
        return self.in_force_from <= on and (self.in_force_until is None or on < self.in_force_until)

    def entry(self, number: str) -> Entry:
        """The entry of that number.

        Raises: KeyError if there is none.
        """
        for entry in self.entries:
            if entry.number == number:
                return entry
        raise KeyError(number)


class NoValueError(LookupError):
    """The rulebook holds no such number on that day: unknown leaf, not yet in force, repealed, or no number."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules as data, read-only, with the hash of the files they came from.

    `own`: names of the leaves that documents of the bureau changed; `asked_on`: the day from which those answer at the earliest, so that
    what a bureau decided holds for whatever is asked since, however old the registry is that the question is about.
    """

    hash: str
    products: Mapping[str, Product]
    chains: Mapping[str, Chain]
    leaves: Mapping[str, Leaf]
    scope_words: ScopeWords = field(default_factory=lambda: MappingProxyType({}))
    measures: Mapping[str, Measure] = field(default_factory=lambda: MappingProxyType({}))
    catalogues: Mapping[str, Edition] = field(default_factory=lambda: MappingProxyType({}))
    tags: Mapping[str, Tag] = field(default_factory=lambda: MappingProxyType({}))
    own: frozenset[str] = frozenset()
    asked_on: date | None = None
    _narrower: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def _day(self, name: str, on: date) -> date:
        return max(on, self.asked_on) if self.asked_on and name in self.own else on

    def narrower(self, product_id: str) -> frozenset[str]:
        """The product and everything narrower, over all steps.

        Raises: KeyError for an unknown product.
        """
        return self._narrower[product_id]

    def leaf(self, name: str) -> Leaf:
        """The leaf called "file.leaf".

        Raises: NoValueError if there is none.
        """
        try:
            return self.leaves[name]
        except KeyError:
            raise NoValueError(f"the rulebook has no leaf '{name}'; leaves of that file: {_near(name, self.leaves)}") from None

    def value(self, name: str, on: date) -> Value:
        """The value of a leaf on a day; None where it is not yet in force or repealed.

        Raises: NoValueError for an unknown leaf.
        """
        return self.leaf(name).value(self._day(name, on))

    def source(self, name: str, on: date) -> Source:
        """Where the value of a leaf on a day comes from.

        Raises: NoValueError for an unknown leaf.
        """
        return self.leaf(name).source_on(self._day(name, on))

    def number(self, name: str, on: date) -> float:
        """The value of a leaf on a day, as a number.

        Raises: NoValueError where the leaf is unknown, not in force on that day, or holds no number.
        """
        leaf, on = self.leaf(name), self._day(name, on)
        value = leaf.value(on)
        if value is None:
            first = next(iter(leaf.values))
            raise NoValueError(f"'{name}' has no value on {on}: " + (f"the first begins on {first}" if on < first else "it is repealed"))
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NoValueError(f"'{name}' on {on} is {value!r}, which is no number")
        return float(value)


def _near(name: str, leaves: Iterable[str]) -> str:
    file = name.partition(".")[0] + "."
    return ", ".join(sorted(leaf for leaf in leaves if leaf.startswith(file))) or "none"


def is_leaf_name(text: str) -> bool:
    """Whether a leaf (or its file) may be called so: small letters, digits, underscores."""
    return bool(_LEAF_NAME.fullmatch(text))
