"""What a change of chains does: which firms come onto each segment and which go, before anything is built.

Why: a build places every firm on every chain anew, which takes the better part of a minute; here only what a change can touch is placed
again: phrases and names that hold a word that was added or taken away, and segments whose products, words or role changed. The answer is
the same (`tests/engine/test_effects.py` and `benchmarks/chain_edit.py` compare it with a whole placing).
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from wutong.engine import answers, columns, members, placing
from wutong.engine.places import Region
from wutong.engine.placing import Ground, products_of_name
from wutong.engine.products import Matcher, done_to, levelled
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Product, Rulebook
from wutong.rulebook.shapes import Segment

TOP = 10
MATCHERS_KEPT = 8
Key = tuple[str, str]
"""Chain id and segment id."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A firm that comes onto a segment or goes from it. `clause`: what proves it, of the new placement or the one that served."""

    firm_id: str
    name: str
    adcode: str
    is_local: bool
    capital_yuan: float | None
    proof: str
    phrase: str
    clause: str


@dataclass(frozen=True, slots=True)
class SegmentEffect:
    """Grain: one segment that a change touches. Firms are counted before and after, those of the region apart."""

    chain: str
    segment: str
    firms_before: int
    firms_after: int
    firms_before_here: int
    firms_after_here: int
    firms_came: int
    firms_went: int
    firms_came_here: int
    firms_went_here: int
    first_came: tuple[Moved, ...]
    first_went: tuple[Moved, ...]

    @property
    def is_still(self) -> bool:
        """Whether nobody comes or goes."""
        return not self.firms_came and not self.firms_went


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change of chains does; segments that it cannot touch are left out. `phrases`: how many were read again."""

    segments: tuple[SegmentEffect, ...]
    phrases: int
    placements_came: int
    placements_went: int


@dataclass(frozen=True)
class _Kept:
    """What is read once per opened build."""

    ground: Ground
    offsets: npt.NDArray[np.int64]
    proving: pl.DataFrame
    phrases: pl.Series
    levelled: pl.Series
    bare_names: pl.Series
    matchers: OrderedDict[str, tuple[frozenset[str], Matcher]] = field(default_factory=OrderedDict)


_KEPT: WeakKeyDictionary[Warehouse, _Kept] = WeakKeyDictionary()
_LOCK = threading.Lock()


def warm(warehouse: Warehouse) -> None:
    """Read what every question needs, so that the first one is as quick as the rest."""
    _kept(warehouse)


def of(warehouse: Warehouse, old: Rulebook, new: Rulebook, *, region: Region | None = None, top: int = TOP) -> Effects:
    """What comes and goes on every segment that differs when `new` takes the place of `old`, by which the build was placed.

    `top`: how many firms each segment names, those of the region first, then the largest known capital.
    """
    kept = _kept(warehouse)
    changed = _changed_products(old, new)
    numbers = _phrases_with(kept, changed)
    proving, renamed = _proving(kept, new, numbers)
    touched = _touched(old, new, renamed.union(changed))
    _by_names(kept, old, new, changed, touched)
    placed = _placed(kept, new, touched, proving)
    here = columns.of(warehouse).marked(members.of(warehouse, region)) if region is not None else None
    show = _Show(warehouse, kept, here, top)
    rows = [_effect(show, key, placed) for key in _in_order(old, new, touched)]
    return Effects(tuple(rows), len(numbers), sum(row.firms_came for row in rows), sum(row.firms_went for row in rows))


def _kept(warehouse: Warehouse) -> _Kept:
    with _LOCK:
        kept = _KEPT.get(warehouse)
        if kept is None:
            kept = _KEPT[warehouse] = _read(warehouse)
        return kept


def _read(warehouse: Warehouse) -> _Kept:
    known = columns.of(warehouse)
    said = columns.mentions(warehouse)
    ground = Ground.of(known.frame.select("firm_no", "name"), said, known.phrases, warehouse.rulebook.scope_words)
    _ = ground.usable, ground.growers
    offsets = np.searchsorted(said["phrase_no"].to_numpy(), np.arange(len(known.phrases) + 1)).astype(np.int64)
    proving = pl.read_parquet(warehouse.folder / "phrase_products.parquet").filter(pl.col("relation").is_in(placing.PROVING))
    level = known.phrases.str.to_uppercase().str.replace_all(r"\s+", "")
    bare = ground.usable["name"].str.replace_all(r"\([^()]*\)", "").str.to_uppercase().str.replace_all(r"\s+", "")
    return _Kept(ground, offsets, proving, known.phrases, level, bare)


def _changed_products(old: Rulebook, new: Rulebook) -> dict[str, tuple[Product | None, Product | None]]:
    """Products that one has and the other has not, or has otherwise."""
    if old.products is new.products:
        return {}
    ids = old.products.keys() | new.products.keys()
    pairs = {key: (old.products.get(key), new.products.get(key)) for key in ids}
    return {key: pair for key, pair in pairs.items() if pair[0] is not pair[1] and pair[0] != pair[1]}


def _words(products: Iterable[Product | None]) -> set[str]:
    """Every word by which a phrase could come to name one of the products or cease to."""
    terms = {term for product in products if product is not None for term in product.terms}
    return {levelled(term) for term in terms} | {thing for term in terms for thing, _ in done_to(term)}


def _pattern(words: set[str]) -> str:
    """A pattern that holds where any of the words stands; words that hold another one add nothing."""
    shortest = [word for word in words if word and not any(other in word for other in words - {word} if other)]
    return "|".join(map(re.escape, sorted(shortest)))


def _phrases_with(kept: _Kept, changed: Mapping[str, tuple[Product | None, Product | None]]) -> list[int]:
    words = _words(product for pair in changed.values() for product in pair)
    if not words:
        return []
    found: list[int] = kept.levelled.str.contains(_pattern(words)).arg_true().to_list()
    return found


def _proving(kept: _Kept, new: Rulebook, numbers: list[int]) -> tuple[pl.DataFrame, set[str]]:
    """Phrases and the products they prove by the new thesaurus, and the products for which they changed."""
    if not numbers:
        return kept.proving, set()
    matcher = _matcher(kept, new, frozenset(new.products))
    rows = [
        (product, number, relation)
        for number in numbers
        for product, relation in matcher.match(kept.phrases[number])
        if relation in placing.PROVING
    ]
    schema = {"product": pl.String, "phrase_no": pl.Int32, "relation": pl.String}
    now = pl.DataFrame(rows, schema=schema, orient="row")
    asked = pl.Series(numbers, dtype=pl.Int32).implode()
    before = kept.proving.filter(pl.col("phrase_no").is_in(asked)).select(list(schema))
    renamed = pl.concat([now.join(before, on=list(schema), how="anti"), before.join(now, on=list(schema), how="anti")])
    rest = kept.proving.filter(~pl.col("phrase_no").is_in(asked)).select(list(schema))
    return pl.concat([rest, now]), set(renamed["product"])


def _matcher(kept: _Kept, rulebook: Rulebook, among: frozenset[str]) -> Matcher:
    """The matcher of some products, kept for those asked for last."""
    key = f"{rulebook.hash} {len(among)}"
    with _LOCK:
        held = kept.matchers.get(key)
        if held is not None and held[0] == among:
            kept.matchers.move_to_end(key)
            return held[1]
    made = Matcher({product_id: product for product_id, product in rulebook.products.items() if product_id in among})
    with _LOCK:
        kept.matchers[key] = (among, made)
        while len(kept.matchers) > MATCHERS_KEPT:
            kept.matchers.popitem(last=False)
    return made


def _segments(rulebook: Rulebook) -> dict[Key, Segment]:
    return {(chain.id, segment.id): segment for chain in rulebook.chains.values() for segment in chain.segments}


def _counted(rulebook: Rulebook, segment: Segment | None) -> frozenset[str]:
    """The products that count for a segment, narrower ones included."""
    products = segment.products if segment is not None else ()
    return frozenset[str]().union(*(rulebook.narrower(product) for product in products))


def _touched(old: Rulebook, new: Rulebook, products: Iterable[str]) -> set[Key]:
    """Segments that one rulebook has and the other has not, that place firms otherwise, or that count one of the products."""
    before, after, among = _segments(old), _segments(new), frozenset(products)
    found = set()
    for key in before.keys() | after.keys():
        was, now = before.get(key), after.get(key)
        is_other = was is None or now is None or _placing_of(was) != _placing_of(now)
        if is_other or (among and among & (_counted(old, was) | _counted(new, now))):
            found.add(key)
    return found


def _placing_of(segment: Segment) -> tuple[object, ...]:
    """All of a segment that decides who stands on it; its name and its layer do not."""
    return segment.products, segment.role, segment.name_proofs


def _by_names(
    kept: _Kept, old: Rulebook, new: Rulebook, changed: Mapping[str, tuple[Product | None, Product | None]], touched: set[Key]
) -> None:
    """Add segments that a name proves otherwise: a longer word that now counts hides a shorter one in the same name."""
    before, after = _all_counted(old), _all_counted(new)
    differing = (before ^ after) | (changed.keys() & (before | after))
    if not differing:
        return
    words = _words(book.products.get(key) for key in differing for book in (old, new))
    was, now = _matcher(kept, old, before), _matcher(kept, new, after)
    moved: set[str] = set()
    for name in kept.ground.usable["name"].gather(kept.bare_names.str.contains(_pattern(words)).arg_true()):
        moved |= products_of_name(name, was) ^ products_of_name(name, now)
    touched |= {
        key for book in (old, new) for key, segment in _segments(book).items() if key not in touched and moved & _counted(book, segment)
    }


def _all_counted(rulebook: Rulebook) -> frozenset[str]:
    products = {product for chain in rulebook.chains.values() for segment in chain.segments for product in segment.products}
    return frozenset[str]().union(*(rulebook.narrower(product) for product in products))


def _placed(kept: _Kept, new: Rulebook, touched: set[Key], proving: pl.DataFrame) -> pl.DataFrame:
    """The best proofs of every firm on the touched segments, by the new rulebook."""
    segments = [(chain, segment) for (chain, _), segment in _segments(new).items() if (chain, segment.id) in touched]
    wanted = placing.wanted_of(new, segments)
    among = set(wanted["product"])
    counting = proving.filter(pl.col("product").is_in(pl.Series(sorted(among), dtype=pl.String).implode()))
    said = _mentions(kept, counting["phrase_no"].unique().to_numpy())
    named = _named(kept, new, among)
    return placing.best_proofs(kept.ground, wanted, counting, said, named, placing.proofs_of(segments))


def _mentions(kept: _Kept, numbers: npt.NDArray[np.int32]) -> pl.DataFrame:
    """The mentions of some phrases, found by their place in the order."""
    begin, end = kept.offsets[numbers], kept.offsets[numbers + 1]
    count = end - begin
    at = np.repeat(begin - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    return kept.ground.said[at]


def _named(kept: _Kept, new: Rulebook, among: set[str]) -> pl.DataFrame:
    """Grain: one row per usable firm and product of `among` that its name is about, as a whole placing finds it."""
    schema = {"firm_no": pl.Int32, "product": pl.String}
    words = {levelled(term) for product in among for term in new.products[product].terms}
    if not words:
        return pl.DataFrame(schema=schema)
    matcher = _matcher(kept, new, _all_counted(new))
    some = kept.ground.usable[kept.bare_names.str.contains(_pattern(words)).arg_true()]
    names, numbers = some["name"].to_list(), some["firm_no"].to_list()
    rows = [(numbers[at], product) for at in matcher.holding(names) for product in products_of_name(names[at], matcher) & among]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _in_order(old: Rulebook, new: Rulebook, touched: set[Key]) -> list[Key]:
    """Touched segments in the order of the new chains; those that are gone come last."""
    return [key for key in dict.fromkeys([*_segments(new), *_segments(old)]) if key in touched]


@dataclass(frozen=True)
class _Show:
    """How effects are told: `here` marks the firms of the region asked about, None for no region."""

    warehouse: Warehouse
    kept: _Kept
    here: columns.Bools | None
    top: int

    def count_here(self, frame: pl.DataFrame) -> int:
        """How many of the firms stand in the region."""
        return 0 if self.here is None else int(np.count_nonzero(self.here[frame["firm_no"].to_numpy()]))

    def first(self, frame: pl.DataFrame) -> tuple[Moved, ...]:
        """The firms to name: those of the region first, then the largest known capital."""
        if frame.is_empty():
            return ()
        firms = columns.of(self.warehouse).frame
        numbers = frame["firm_no"].to_numpy()
        local = self.here[numbers] if self.here is not None else np.zeros(len(numbers), dtype=np.bool_)
        rows = (
            frame.with_columns(is_local=pl.Series(local), capital_yuan=firms["capital_yuan"].gather(frame["firm_no"]))
            .sort(["is_local", "capital_yuan", "firm_no"], descending=[True, True, False], nulls_last=True)
            .head(self.top)
        )
        facts = firms.select("firm_id", "name", "adcode", "scope")[rows["firm_no"]]
        return tuple(_moved(self.kept, row | fact) for row, fact in zip(rows.to_dicts(), facts.to_dicts(), strict=True))


def _effect(show: _Show, key: Key, placed: pl.DataFrame) -> SegmentEffect:
    chain, segment = key
    fields = ("firm_no", "phrase_no", "start", "end", "proof")
    text = 'select firm_no, phrase_no, "start", "end", proof from placements where chain = $chain and segment = $segment'
    served = pl.DataFrame(pl.from_arrow(show.warehouse.ask(text, {"chain": chain, "segment": segment}, step="effects_served")))
    now = placed.filter((pl.col("chain") == chain) & (pl.col("segment") == segment)).select(fields)
    came, went = now.join(served, on="firm_no", how="anti"), served.join(now, on="firm_no", how="anti")
    return SegmentEffect(
        chain, segment, served.height, now.height, show.count_here(served), show.count_here(now), came.height, went.height,
        show.count_here(came), show.count_here(went), show.first(came), show.first(went),
    )  # fmt: skip


def _moved(kept: _Kept, row: Mapping[str, Any]) -> Moved:
    phrase = row["phrase_no"]
    return Moved(
        row["firm_id"], row["name"], row["adcode"], row["is_local"], row["capital_yuan"], row["proof"],
        "" if phrase is None else kept.phrases[phrase], answers.clause(row["scope"], row["start"], row["end"]) or row["name"],
    )  # fmt: skip
