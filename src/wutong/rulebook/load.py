"""Read the rulebook: YAML files in, one frozen `Rulebook` out, or every fault at once with file, line and remedy.

Why: files are read by ruamel's fast safe loader; line numbers are looked up only when there is something to report.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import ValidationError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from wutong.rulebook import memory, texts
from wutong.rulebook.shapes import (
    TERM_BREAK,
    Chain,
    Edition,
    Leaf,
    Measure,
    NoValueError,
    Product,
    Rulebook,
    ScopeWords,
    Shape,
    Tag,
    is_leaf_name,
)

__all__ = [
    "Chain", "Edition", "Leaf", "Measure", "NoValueError", "Problem", "Product", "Rulebook", "RulebookError", "ScopeWords", "Tag",
    "editions_from", "over", "rulebook", "rulebook_from",
]  # fmt: skip

MOST_ITEMS = 1_000
"""Layers, segments, links or products of one chain of a bureau's own."""
_LINKS = ("broader", "part_of", "made_with", "machine_for")
_REMEDIES = {
    "extra_forbidden": "remove the field or correct its spelling",
    "missing": "add the field",
    "literal_error": "use one of the values named",
    "too_short": "give at least one",
}
_S = TypeVar("_S", bound=Shape)
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a rulebook file: where it stands, what it is, and what to do; `where`: the keys and indexes that lead there."""

    file: str
    line: int
    what: str
    remedy: str
    where: tuple[str | int, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} → {self.remedy}"


class RulebookError(Exception):
    """The rulebook cannot be used; `problems` holds every fault found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        super().__init__("\n".join([f"the rulebook has {count} fault{'' if count == 1 else 's'}:", *map(str, self.problems)]))


class _Place(NamedTuple):
    """A spot in a file: the path of keys and indexes that leads there."""

    file: _File
    path: _Path

    def at(self, *more: str | int) -> _Place:
        return _Place(self.file, (*self.path, *more))


@dataclass(eq=False)
class _File:
    """One YAML file: its name in messages, its text, and what the fast loader made of it."""

    name: str
    text: str
    data: Any = None
    _root: Node | None = None
    _fields: dict[int, Mapping[str, tuple[int, Node]]] = field(default_factory=dict)

    def line(self, path: _Path) -> int:
        """The line, from 1, of the deepest part of `path` that exists."""
        if self._root is None:
            self._root = texts.tree(self.text)
        node, line = self._root, 1
        for step in path:
            if isinstance(node, ScalarNode) and isinstance(step, int):
                return self._word_line(node, step)
            child = self._child(node, step)
            if child is None:
                break
            line, node = child
        return line

    def _child(self, node: Node | None, step: str | int) -> tuple[int, Node] | None:
        """A field or an item of a node, with its line. Fields are looked up by name, for a text may have thousands that are unknown."""
        if isinstance(node, MappingNode):
            if id(node) not in self._fields:
                pairs = [(str(key.value), (int(key.start_mark.line) + 1, value)) for key, value in node.value]
                self._fields[id(node)] = dict(pairs)
            return self._fields[id(node)].get(str(step))
        if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            return int(node.value[step].start_mark.line) + 1, node.value[step]
        return None

    def _word_line(self, node: ScalarNode, index: int) -> int:
        """The line of a word in a list that is written as one text."""
        start = node.start_mark
        words = self.text[start.index : node.end_mark.index]
        breaks = [found.end() for found in TERM_BREAK.finditer(words)]
        return int(start.line) + 1 + words.count("\n", 0, breaks[index - 1] if 0 < index <= len(breaks) else 0)


class _Reader:
    """Collects what the files say, and every fault on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.products: dict[str, tuple[Product, _Place]] = {}
        self.own_products: list[tuple[Product, _Place]] = []
        self.chains: dict[str, tuple[Chain, _Place]] = {}
        self.leaves: dict[str, tuple[Leaf, _Place]] = {}
        self.editions: dict[str, tuple[Edition, _Place]] = {}
        self.scope_words: dict[str, object] = {}
        self.measures: dict[str, Measure] = {}
        self.tags: dict[str, Tag] = {}

    def fault(self, place: _Place, what: str, remedy: str) -> None:
        self.problems.append(Problem(place.file.name, place.file.line(place.path), what, remedy, place.path))

    def read(self, folder: Path, *, is_override: bool) -> None:
        """Take in one folder; in an override what has the same name replaces what is there."""
        taken: set[str] = set()
        for kind, take in (
            ("products", self._take_products),
            ("chains", self._take_chain),
            ("parameters", self._take_leaves),
            ("catalogues", self._take_edition),
        ):
            for path in sorted((folder / kind).glob("*.yaml")):
                file = self._open(path, f"{kind}/{path.name}")
                if file is not None:
                    take(file, taken, is_override)
        words = folder / "scope_words.yaml"
        file = self._open(words, words.name) if words.is_file() else None
        if file is not None:
            self.scope_words.update(file.data)
        self._take_named(folder / "measures.yaml", Measure, self.measures)
        self._take_named(folder / "tags.yaml", Tag, self.tags)

    def _take_named(self, path: Path, shape: type[_S], into: dict[str, _S]) -> None:
        """A file of objects by their ids, where there is one."""
        file = self._open(path, path.name) if path.is_file() else None
        if file is None:
            return
        for key, raw in file.data.items():
            made = self._make(shape, {"id": key, **raw} if isinstance(raw, dict) else raw, _Place(file, (str(key),)))
            if made is not None:
                into[str(key)] = made

    def read_own(self, chain_id: str, text: str) -> None:
        """Read one chain of a bureau's own, with the products it adds, by itself."""
        file = self._parsed(f"chains/{chain_id}.yaml", text, is_handed_in=True)
        if file is None:
            return
        long = [key for key, value in file.data.items() if isinstance(value, list) and len(value) > MOST_ITEMS]
        if long:
            self.fault(_Place(file, (str(long[0]),)), f"`{long[0]}` has more than {MOST_ITEMS:,} items", "give one chain only")
            return
        items = file.data.pop("products", None) or []
        if not isinstance(items, list):
            self.fault(_Place(file, ("products",)), "`products:` is no list", "list the products under it, or remove it")
            items = []
        self._take_chain(file, set(), is_override=True)
        for index, raw in enumerate(items):
            is_named = isinstance(raw, dict) and isinstance(raw.get("id"), str)
            place = _Place(file, ("products", index))
            # Without an English name it is called by its id, so that an official need not translate.
            product = self._make(Product, {"en": raw["id"].replace("-", " "), **raw} if is_named else raw, place)
            if product is not None:
                self.own_products.append((product, place))

    def take_own(self, own: _Reader) -> None:
        """Put a chain that was read by itself over what is there."""
        self.problems += own.problems
        self.chains |= own.chains
        for product, place in own.own_products:
            if product.id in self.products:
                first = self.products[product.id][1].file.name
                remedy = "give it another id, and write the other one behind `broader` where yours is a kind of it"
                self.fault(place.at("id"), f"product '{product.id}' is there already, in {first}", remedy)
            else:
                self.products[product.id] = (product, place)

    def _open(self, path: Path, name: str) -> _File | None:
        """The file as a mapping, or None with the fault noted."""
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            self.problems.append(Problem(name, 1, f"not UTF-8 at byte {error.start}", "save the file as UTF-8"))
            return None
        return self._parsed(name, text)

    def _parsed(self, name: str, text: str, *, is_handed_in: bool = False) -> _File | None:
        """The text as a mapping, or None with the fault noted."""
        file = _File(name, text)
        try:
            file.data = texts.handed_in(text) if is_handed_in else texts.data_of(text)
        except texts.TextError as error:
            self.problems.append(Problem(name, error.line, error.what, error.remedy))
            return None
        if not isinstance(file.data, dict):
            self.problems.append(Problem(name, 1, "the file is no mapping of fields to values", "begin it with `name: value` lines"))
            return None
        return file

    def _make(self, shape: type[_S], raw: object, place: _Place) -> _S | None:
        """One object, or None with its faults noted."""
        try:
            return shape.model_validate(raw)
        except ValidationError as error:
            for found in error.errors():
                where = tuple(step for step in found["loc"] if isinstance(step, int | str))
                label = ".".join(map(str, where)) or shape.__name__
                message = found["msg"].removeprefix("Value error, ")
                self.fault(place.at(*where), f"{label}: {message}", _REMEDIES.get(found["type"], "correct the value"))
            return None

    def _take_products(self, file: _File, taken: set[str], is_override: bool) -> None:
        for name in file.data.keys() - {"products"}:
            self.fault(_Place(file, (name,)), f"unknown field '{name}'", "a product file holds one list, `products:`")
        items = file.data.get("products")
        if not isinstance(items, list):
            self.fault(_Place(file, ()), "no list `products:`", "begin the file with `products:` and list the products under it")
            return
        for index, raw in enumerate(items):
            place = _Place(file, ("products", index))
            product = self._make(Product, raw, place)
            if product is not None and self._is_new(f"product '{product.id}'", product.id, self.products, taken, place.at("id")):
                self.products[product.id] = (product, place)

    def _take_chain(self, file: _File, taken: set[str], is_override: bool) -> None:
        place = _Place(file, ())
        chain = self._make(Chain, file.data, place)
        if chain is None:
            return
        if f"chains/{chain.id}.yaml" != file.name:
            self.fault(place.at("id"), f"chain '{chain.id}' stands in {file.name}", f"name the file {chain.id}.yaml")
        self.chains[chain.id] = (chain, place)

    def _take_edition(self, file: _File, taken: set[str], is_override: bool) -> None:
        place = _Place(file, ())
        edition = self._make(Edition, file.data, place)
        if edition is None:
            return
        if not file.name.endswith(f"/{edition.id}.yaml"):
            self.fault(place.at("id"), f"edition '{edition.id}' stands in {file.name}", f"name the file {edition.id}.yaml")
        self.editions[edition.id] = (edition, place)

    def read_editions(self, folder: Path) -> None:
        """Take in the catalogues that an office brought along."""
        for path in sorted(folder.glob("*.yaml")):
            file = self._open(path, f"catalogues/{path.name}")
            if file is not None:
                self._take_edition(file, set(), is_override=False)

    def _take_leaves(self, file: _File, taken: set[str], is_override: bool) -> None:
        stem = file.name.removeprefix("parameters/").removesuffix(".yaml")
        for key, raw in file.data.items():
            place, name = _Place(file, (str(key),)), f"{stem}.{key}"
            if not (is_leaf_name(stem) and is_leaf_name(str(key))):
                self.fault(place, f"'{name}' is no name of a leaf", "use small letters, digits and underscores")
                continue
            if is_override and name not in self.leaves:
                self.fault(place, f"'{name}' overrides nothing", "correct the name: an override may only replace a leaf that exists")
                continue
            leaf = self._make(Leaf, raw, place)
            if leaf is not None:
                self.leaves[name] = (leaf, place)

    def _is_new(self, label: str, key: str, known: Mapping[str, tuple[Shape, _Place]], taken: set[str], place: _Place) -> bool:
        """Whether the id is free in this folder; a fault is noted if not."""
        if key not in taken:
            taken.add(key)
            return True
        first = known[key][1].at("id")
        self.fault(place, f"{label} is there twice, first at {first.file.name}:{first.file.line(first.path)}", "rename or remove one")
        return False

    def check_products(self) -> None:
        """Relations lead to known products, `broader` has no cycle, and a word belongs to one product."""
        for product, place in self.products.values():
            for relation in _LINKS:
                for index, other in enumerate(getattr(product, relation)):
                    spot = place.at(relation, index)
                    if other not in self.products:
                        self.fault(spot, f"{relation}: unknown product '{other}'", "correct the id or add the product")
                    elif other == product.id:
                        self.fault(spot, f"{relation}: '{other}' points to itself", "remove it")
            for words in ("synonyms", "kinds"):
                for index, term in enumerate(getattr(product, words)):
                    hit = next((word for word in product.excludes if word in term), None)
                    if hit:
                        self.fault(place.at(words, index), f"'{term}' holds the excluded word '{hit}'", "drop the word or the exclusion")
        cyclic = self._check_cycles()
        if not cyclic:
            for terms in ("terms", "en_terms"):
                self._check_words(terms)

    def _check_cycles(self) -> bool:
        above = {key: [p for p in product.broader if p in self.products and p != key] for key, (product, _) in self.products.items()}
        on_cycle = sorted(key for key in above if any(key in _reach(above, parent) for parent in above[key]))
        for key in on_cycle:
            self.fault(self.products[key][1].at("broader"), f"'{key}' is broader than itself over others", "cut the circle of `broader`")
        return bool(on_cycle)

    def _check_words(self, terms: str) -> None:
        above = {key: [p for p in product.broader if p in self.products] for key, (product, _) in self.products.items()}
        owners: dict[str, list[str]] = defaultdict(list)
        for key, (product, place) in self.products.items():
            for index, term in enumerate(getattr(product, terms)):
                word = term.casefold()
                for other in owners[word]:
                    spot = _spot_of_term(product, place, terms, index)
                    if other == key:
                        self.fault(spot, f"'{term}' stands twice in '{key}'", "remove one")
                    elif other not in _reach(above, key) and key not in _reach(above, other):
                        self.fault(spot, f"'{term}' is claimed by '{other}' too", "keep it in one, or make one broader than the other")
                owners[word].append(key)

    def check_chains(self) -> None:
        """Layers, segments, links and products that a chain names exist, once each."""
        for chain, place in self.chains.values():
            layers = self._names([layer.id for layer in chain.layers], place.at("layers"), "layer")
            segments = self._names([segment.id for segment in chain.segments], place.at("segments"), "segment")
            for index, segment in enumerate(chain.segments):
                spot = place.at("segments", index)
                if segment.layer not in layers:
                    self.fault(
                        spot.at("layer"), f"segment '{segment.id}': unknown layer '{segment.layer}'", "use one of " + ", ".join(layers)
                    )
                for position, product_id in enumerate(segment.products):
                    self._check_segment_product(segment.id, product_id, spot.at("products", position))
            seen: set[tuple[str, str]] = set()
            for index, link in enumerate(chain.links):
                spot = place.at("links", index)
                for end in ("source", "target"):
                    name = getattr(link, end)
                    if name not in segments:
                        self.fault(spot.at(end), f"link {end}: unknown segment '{name}'", "correct the id or add the segment")
                if link.source == link.target:
                    self.fault(spot, f"'{link.source}' supplies itself", "remove the link")
                if (link.source, link.target) in seen:
                    self.fault(spot, f"the link {link.source} → {link.target} is there twice", "remove one")
                seen.add((link.source, link.target))
            for layer in layers.keys() - {segment.layer for segment in chain.segments}:
                self.fault(place.at("layers", layers[layer]), f"layer '{layer}' has no segment", "remove it or give it a segment")

    def _check_segment_product(self, segment_id: str, product_id: str, spot: _Place) -> None:
        if product_id not in self.products:
            self.fault(spot, f"segment '{segment_id}': unknown product '{product_id}'", "correct the id or add the product under products/")
        elif self.products[product_id][0].generic:
            self.fault(spot, f"segment '{segment_id}': '{product_id}' is generic and proves nothing", "name special products")

    def check_editions(self) -> None:
        """Products and segments that a catalogue names exist; no two editions of one catalogue begin on the same day."""
        begun: dict[tuple[str, str, str, object], str] = {}
        for edition, place in self.editions.values():
            first = begun.setdefault((*edition.series, edition.in_force_from), edition.id)
            if first != edition.id:
                self.fault(
                    place.at("in_force_from"),
                    f"'{edition.id}' begins on the same day as '{first}' of the same catalogue",
                    "correct the day",
                )
            for index, entry in enumerate(edition.entries):
                spot = place.at("entries", index)
                named = {"products": entry.products, "refused": entry.refused, "proposed": tuple(p.product for p in entry.proposed)}
                for label, products in named.items():
                    for at, product in enumerate(products):
                        if product not in self.products:
                            self.fault(
                                spot.at(label, at),
                                f"entry '{entry.number}': unknown product '{product}'",
                                "correct the id or add the product",
                            )
                for at, name in enumerate(entry.segments):
                    chain_id, _, segment = name.partition("/")
                    known = {s.id for s in self.chains[chain_id][0].segments} if chain_id in self.chains else set()
                    if segment not in known:
                        self.fault(
                            spot.at("segments", at), f"entry '{entry.number}': unknown segment '{name}'", "correct it: chain/segment"
                        )

    def _names(self, ids: Sequence[str], place: _Place, label: str) -> dict[str, int]:
        first: dict[str, int] = {}
        for index, name in enumerate(ids):
            if name in first:
                self.fault(place.at(index, "id"), f"{label} '{name}' is there twice", "rename or remove one")
            first.setdefault(name, index)
        return first


def _spot_of_term(product: Product, place: _Place, terms: str, index: int) -> _Place:
    """Where the word number `index` of `product.terms` or `product.en_terms` stands in its file."""
    if index == 0:
        return place.at("zh" if terms == "terms" else "en")
    if terms == "en_terms":
        return place.at("en_synonyms", index - 1)
    synonyms = len(product.synonyms)
    return place.at("synonyms", index - 1) if index <= synonyms else place.at("kinds", index - 1 - synonyms)


def _reach(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Everything reached from `start` over any number of steps, `start` itself included."""
    seen, todo = {start}, [start]
    while todo:
        for step in edges.get(todo.pop(), ()):
            if step not in seen:
                seen.add(step)
                todo.append(step)
    return seen


def _frozen(raw: object) -> object:
    if isinstance(raw, dict):
        return MappingProxyType({key: _frozen(value) for key, value in raw.items()})
    return tuple(map(_frozen, raw)) if isinstance(raw, list) else raw


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix in {".yaml", ".csv"} and path.is_file())


def _hash(folders: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for number, folder in enumerate(folders):
        for path in _files(folder):
            content = path.read_bytes()
            digest.update(f"{number} {path.relative_to(folder).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:12]


def _read(folders: Sequence[Path]) -> Rulebook:
    reader = _Reader()
    for number, folder in enumerate(folders):
        if not folder.is_dir():
            reader.problems.append(Problem(str(folder), 0, "no such folder", "give a folder with products/, chains/ or parameters/"))
            continue
        reader.read(folder, is_override=number > 0)
    if not reader.problems:  # references are judged only when every object could be read: else one slip shows up as many
        reader.check_products()
        reader.check_chains()
        reader.check_editions()
    if reader.problems:
        raise RulebookError(reader.problems)
    products = {key: product for key, (product, _) in sorted(reader.products.items())}
    return Rulebook(
        hash=_hash(folders),
        products=MappingProxyType(products),
        chains=MappingProxyType({key: chain for key, (chain, _) in sorted(reader.chains.items())}),
        leaves=MappingProxyType({key: leaf for key, (leaf, _) in sorted(reader.leaves.items())}),
        scope_words=cast(ScopeWords, _frozen(reader.scope_words)),
        measures=MappingProxyType(dict(reader.measures)),
        catalogues=MappingProxyType({key: edition for key, (edition, _) in sorted(reader.editions.items())}),
        tags=MappingProxyType(dict(reader.tags)),
        _narrower=_narrower(products),
    )


def _narrower(products: Mapping[str, Product]) -> Mapping[str, frozenset[str]]:
    """Each product with everything narrower, over all steps."""
    below: dict[str, list[str]] = defaultdict(list)
    for key, product in products.items():
        for parent in product.broader:
            below[parent].append(key)
    return MappingProxyType({key: frozenset(_reach(below, key)) for key in products})


def rulebook_from(folder: Path, *, base: Path | None = None) -> Rulebook:
    """The rulebook of a folder; with `base`, that of `base` where `folder` replaces leaves, products and chains of the same name.

    Raises: RulebookError with every fault found.
    """
    with memory.kept():
        return _read([folder] if base is None else [base, folder])


def editions_from(folder: Path) -> Mapping[str, Edition]:
    """The catalogues that an office keeps in a folder, by id. A product or segment that a later rulebook no longer has speaks of nothing.

    Raises: RulebookError with every fault of their files.
    """
    reader = _Reader()
    reader.read_editions(folder)
    if reader.problems:
        raise RulebookError(reader.problems)
    return MappingProxyType({key: edition for key, (edition, _) in sorted(reader.editions.items())})


def package_folder() -> Path:
    """The folder of the rulebook that ships with Wutong."""
    return Path(str(resources.files("wutong.rulebook")))


def over(base: Rulebook, chains: Mapping[str, str]) -> Rulebook:
    """The rulebook `base` where YAML texts replace chains of the same id or add new ones; a text may add products of its own.

    Composed once for the same texts, and each text read once; the hash tells one set of texts from another.
    Raises: RulebookError with every fault found.
    """
    if not chains:
        return base
    made = _over(base.hash, _Base(base), tuple(sorted(chains.items())))
    if isinstance(made, Rulebook):
        return made
    raise RulebookError(made)


class _Base:
    """A rulebook as an argument that a cache may keep: the hash beside it tells which it is."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Base) and self.rulebook.hash == other.rulebook.hash

    def __hash__(self) -> int:
        return hash(self.rulebook.hash)


@lru_cache(maxsize=64)
def _own_chain(chain_id: str, text: str) -> _Reader:
    """A chain of a bureau's own, read by itself. Why: while one is edited, the others need not be read anew at every change."""
    reader = _Reader()
    reader.read_own(chain_id, text)
    return reader


@lru_cache(maxsize=16)
def _over(base_hash: str, base: _Base, own: tuple[tuple[str, str], ...]) -> Rulebook | tuple[Problem, ...]:
    """The rulebook, or why there is none: a draft with faults is asked about as often as one without."""
    known = base.rulebook
    shipped = _Place(_File("the thesaurus shipped", ""), ())
    reader = _Reader()
    reader.products = {key: (product, shipped) for key, product in known.products.items()}
    for chain_id, text in own:
        reader.take_own(_own_chain(chain_id, text))
    has_products = len(reader.products) > len(known.products)
    if not reader.problems:
        if has_products:
            reader.check_products()
        reader.check_chains()
    if reader.problems:
        return tuple(reader.problems)
    read = {key: chain for key, (chain, _) in reader.chains.items()}
    products = {key: product for key, (product, _) in sorted(reader.products.items())}
    digest = hashlib.sha256(base_hash.encode())
    for chain_id, text in own:
        digest.update(f"{chain_id} {len(text)}\n{text}".encode())
    return replace(
        known,
        hash=digest.hexdigest()[:12],
        products=MappingProxyType(products),
        chains=MappingProxyType(dict(sorted({**known.chains, **read}.items()))),
        _narrower=_narrower(products) if has_products else known._narrower,
    )


@cache
def rulebook() -> Rulebook:
    """The rulebook that ships with Wutong, read once a process.

    Raises: RulebookError with every fault found.
    """
    return rulebook_from(package_folder())
