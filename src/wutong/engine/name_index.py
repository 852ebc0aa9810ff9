"""An index over firm names: which firms a short, former or full name or a code may mean, best first, each with a confidence.

Why characters and not words: a short name picks characters of the full one, in order, and leaves out the rest (太行重机: 新乡太行重型机械);
no word list knows which. Candidates come from lists of the firms that hold the rarest characters; features of each pair (`name_likeness`)
are weighed by the rulebook into a confidence that also counts how near the next candidate comes, and that the firm may not be there at all.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import LCSseq

from wutong.engine import codes, columns, further_names, makers, name_likeness, name_search, names
from wutong.engine.further_names import FurtherNames
from wutong.engine.name_likeness import FEATURES, FullName, Reader, Regions, ShortName
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
MOST_SEEDS = 4
MOST_SEEDED = 20_000
MOST_COMPARED = 400
MOST_WEIGHED = 30
LONGEST_NAME = 60
WORTH_NARROWING = 8
BITS_FROM = 256
"""A character that one firm of so many bears in its name, or more, is frequent."""
TOP = 5
_MARK_SPACE, _RARE_MARK = 0x110000, 0xFFFD


class By(StrEnum):
    """What a firm was recognised by."""

    CODE = "code"
    NAME = "name"
    NOTED = "noted"
    REGION_LEFT_OUT = "region_left_out"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class Asked:
    """A firm as a list writes it. `names`: every way it is called, the full name first; `form`: the legal form that the list implies."""

    names: tuple[str, ...] = ()
    uscc: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A firm that may be meant. `row`: its row in the index; `confidence_share` 0-1; `given`: the name or code it was found by."""

    row: int
    confidence_share: float
    by: By
    given: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """The leaves of `names.yaml` on a day. Shape: `weights` one entry a feature."""

    weights: Floats
    nobody_points: float
    exact_share: float
    without_region_share: float
    other_name_share: float
    inexact_at_most_share: float

    @classmethod
    def on(cls, rulebook: Rulebook, day: dt.date) -> Numbers:
        """Read them all."""
        return cls(
            np.array([rulebook.number(f"names.weight_{feature}", day) for feature in FEATURES]),
            *(
                rulebook.number(f"names.{leaf}", day)
                for leaf in ("nobody_points", "exact_share", "without_region_share", "other_name_share", "inexact_at_most_share")
            ),
        )


@dataclass(frozen=True, eq=False)
class NameIndex:
    """Shape: `keys`, `codes` one entry a firm; postings[starts[m]:starts[m+1]] are the rows whose key holds character m, ascending."""

    keys: pl.Series
    codes: pl.Series
    order: Ints
    number_of: Ints
    starts: npt.NDArray[np.int64]
    postings: Ints
    lengths: npt.NDArray[np.float32]
    reader: Reader
    hashes: npt.NDArray[np.uint64] = field(repr=False)
    by_hash: Ints = field(repr=False)
    _bits: dict[str, npt.NDArray[np.uint8]] = field(default_factory=dict, repr=False)

    @classmethod
    def over(cls, keys: pl.Series, codes_: pl.Series, order: Ints, regions: Regions) -> NameIndex:
        """An index over `names.key_column` keys and credit codes; `order` ranks firms of equal confidence, the lowest first."""
        keys = keys.fill_null("")
        marks, rows = _marks(keys)
        seen = np.zeros(_MARK_SPACE, dtype=np.bool_)
        seen[marks] = True
        number_of = np.where(seen, np.cumsum(seen) - 1, -1).astype(np.int32)
        known = np.flatnonzero(seen)
        numbers = number_of[marks]
        by_mark = np.argsort(numbers.astype(np.uint16) if len(known) < 2**16 else numbers, kind="stable")
        numbers, rows = numbers[by_mark], rows[by_mark]
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = (rows[1:] != rows[:-1]) | (numbers[1:] != numbers[:-1])
        numbers, rows = numbers[is_first], rows[is_first]
        starts = np.searchsorted(numbers, np.arange(len(known) + 1))
        held = np.log(max(1, len(keys)) / np.maximum(np.diff(starts), 1))
        weights = {chr(mark): float(held[at]) for at, mark in enumerate(known.tolist())}
        hashes = keys.hash().to_numpy()
        by_hash = np.argsort(hashes, kind="stable").astype(np.int32)
        reader = Reader(regions, weights, float(np.log(len(keys) + 1)))
        lengths = keys.str.len_chars().to_numpy().astype(np.float32)
        return cls(keys, codes_, order, number_of, starts, rows, lengths, reader, hashes[by_hash], by_hash)

    @cached_property
    def _text(self) -> tuple[str, list[int]]:
        """All keys end to end, and where each begins: a few hundred of a million are cut out of it in no time."""
        keys = self.keys.to_list()
        return "".join(keys), list(accumulate(map(len, keys), initial=0))

    @cached_property
    def _marks(self) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
        """The characters of all keys end to end, and where each key begins, for questions about sounds."""
        text, begins = self._text
        marks = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        return np.minimum(marks, _RARE_MARK).astype(np.uint16), np.array(begins, dtype=np.int64)

    def sounding(self, question: str) -> Ints:
        """The firms whose names are spelt so in pinyin, or begin with these initials; the largest first."""
        found = name_search.sounding(question, *self._marks, self._narrow)
        rows = np.zeros(0, dtype=np.int32) if found is None else found.astype(np.int32)
        result: Ints = rows[np.argsort(self.order[rows], kind="stable")]
        return result

    def bearing(self, key: str) -> Ints:
        """The firms whose keys hold a text, ascending: of those that bear its rarest characters, the ones that hold it whole."""
        (_, rows), *others = sorted(((mark, self._holding(mark)) for mark in set(key)), key=lambda item: len(item[1]))
        if len(key) == 1 or not len(rows):
            return rows
        for mark, bearers in others[:2]:
            rows = rows[self._is_in(mark, rows, bearers)]
        result: Ints = rows[self.keys.gather(rows).str.contains(key, literal=True).to_numpy()]
        return result

    def warm(self) -> None:
        """Make what questions about parts, sounds and codes need."""
        _ = self._marks, self._by_code

    def _narrow(self, tables: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[np.int64] | None:
        """The firms that bear a character of the table whose characters the fewest bear; None where those are too many to be worth it."""
        if any(table[_RARE_MARK] for table in tables):  # it stands for every character beyond the tables
            return None
        numbers = [known[known >= 0] for known in (self.number_of[np.flatnonzero(table)] for table in tables)]
        borne = [int((self.starts[known + 1] - self.starts[known]).sum()) for known in numbers]
        fewest = int(np.argmin(borne))
        if borne[fewest] * WORTH_NARROWING > len(self.keys):
            return None
        lists = [self.postings[self.starts[at] : self.starts[at + 1]] for at in numbers[fewest].tolist()]
        return np.unique(np.concatenate(lists)).astype(np.int64) if lists else np.zeros(0, dtype=np.int64)

    def _keys_at(self, rows: Ints) -> list[str]:
        text, begins = self._text
        return [text[begins[row] : begins[row + 1]] for row in rows.tolist()]

    @cached_property
    def _by_code(self) -> tuple[npt.NDArray[np.uint64], Ints]:
        """Hashes of the credit codes in order, and whose they are."""
        rows = self.codes.is_not_null().arg_true().to_numpy().astype(np.int32)
        hashes = self.codes.gather(rows).hash().to_numpy()
        order = np.argsort(hashes, kind="stable")
        return hashes[order], rows[order]

    def look_up(self, asked: Asked, numbers: Numbers, *, top: int = TOP, noted: FurtherNames = further_names.NONE) -> tuple[Candidate, ...]:
        """The firms that may be meant, the most likely first. `noted`: what the office calls them besides."""
        found: dict[int, Candidate] = {}
        for candidate in self._all(asked, numbers, noted):
            known = found.get(candidate.row)
            if known is None or candidate.confidence_share > known.confidence_share:
                found[candidate.row] = candidate
        ranked = sorted(found.values(), key=lambda item: (-item.confidence_share, self.order[item.row]))
        return tuple(ranked[:top])

    def match(
        self, rows: Iterable[Asked], numbers: Numbers, *, top: int = TOP, noted: FurtherNames = further_names.NONE
    ) -> list[tuple[Candidate, ...]]:
        """`look_up` over many rows."""
        return [self.look_up(asked, numbers, top=top, noted=noted) for asked in rows]

    def _all(self, asked: Asked, numbers: Numbers, noted: FurtherNames) -> Iterable[Candidate]:
        called = [text for text in asked.names if text.strip()]
        by_code = self._with_code(asked.uscc)
        if by_code:
            yield from self._of_code(by_code, asked.uscc, called, numbers)
            return
        for at, text in enumerate(called):
            share = 1.0 if at == 0 else numbers.other_name_share
            found = list(self._named(text, asked.form, numbers, noted))
            yield from (Candidate(row, confidence * share, by, text) for row, confidence, by in found)

    def _of_code(self, rows: list[int], code: str, called: list[str], numbers: Numbers) -> Iterable[Candidate]:
        """A code is proof, unless the name beside it is plainly another firm's: then a person looks."""
        for row in rows:
            key = self.keys[row]
            is_like = not called or any(_is_like(name_likeness.short(text), key) for text in called)
            share = numbers.exact_share / len(rows)
            yield Candidate(row, share if is_like else min(share, numbers.inexact_at_most_share), By.CODE, code)

    def _with_code(self, text: str) -> list[int]:
        code = codes.normalise(text) if text.strip() else ""
        return _at_hash(*self._by_code, self.codes, code) if code else []

    def exact(self, key: str) -> list[int]:
        """The rows with this very key."""
        return _at_hash(self.hashes, self.by_hash, self.keys, key)

    def _named(self, text: str, form: str, numbers: Numbers, noted: FurtherNames) -> Iterable[tuple[int, float, By]]:
        """Who is called just so, by the registry or by the office, sharing one certainty; else who is called nearly so."""
        given = name_likeness.short(text[: LONGEST_NAME * 2])
        if not given.key or len(given.key) > LONGEST_NAME:
            return
        whole = names.key(text)
        same = self.exact(given.key) or (self.exact(whole) if whole != given.key else [])
        also = {row for key in (given.key, whole) for row in noted.proving.get(key, ())} - set(same)
        if same or also:
            share = numbers.exact_share / (len(same) + len(also))
            yield from ((row, share, By.NAME) for row in same)
            yield from ((row, share, By.NOTED) for row in sorted(also))
            return
        rows = self.near(given)
        if not rows:
            return
        read = [self.reader.full(key) for key in self._keys_at(np.array(rows))]
        alike = self._but_for_region(given, read)
        if alike:
            yield from ((rows[at], numbers.without_region_share / len(alike), By.REGION_LEFT_OUT) for at in alike)
        at_most = numbers.inexact_at_most_share if given.is_full or alike else 1.0
        for row, confidence in zip(rows, self.confidences(given, read, form, numbers), strict=True):
            yield row, min(float(confidence), at_most), By.LIKENESS

    def _but_for_region(self, given: ShortName, read: Sequence[FullName]) -> list[int]:
        """Which names are the same as a full name given, but that one of the two has no region in front."""
        if not given.is_full:
            return []
        mine = self.reader.full(given.key)
        return [
            at
            for at, full in enumerate(read)
            if not full.is_branch
            and (full.without_region == given.key or (full.start == 0 and mine.start > 0 and full.key == mine.without_region))
        ]

    def confidences(self, given: ShortName, read: Sequence[FullName], form: str, numbers: Numbers) -> Floats:
        """How likely each is meant. Shape: one entry a name. They add up to less than one: what is left is that nobody of them is."""
        features = np.array([self.reader.features(given, full, form) for full in read])
        points = features @ numbers.weights
        highest = max(float(points.max()), numbers.nobody_points)
        odds = np.exp(points - highest)
        result: Floats = odds / (odds.sum() + np.exp(numbers.nobody_points - highest))
        return result

    def near(self, given: ShortName) -> list[int]:
        """Rows worth comparing: those that hold the rarest characters, the most of the name, in order."""
        core = given.core
        holding = ((mark, self._holding(mark)) for mark in sorted(set(core)))
        lists = sorted(((mark, rows) for mark, rows in holding if len(rows)), key=lambda item: len(item[1]))
        if not lists:
            return []
        found, held = self._held(lists)
        if len(found) > MOST_COMPARED:
            best = np.argpartition(0.15 * self.lengths[found] - held, MOST_COMPARED)[:MOST_COMPARED]
            found, held = found[best], held[best]
        texts = self._keys_at(found)
        in_order = process.cdist([core], texts, scorer=LCSseq.similarity, dtype=np.uint8)[0]
        order = 2 * held / max(1e-9, float(held.max())) + 2 * in_order / len(core) - 0.03 * self.lengths[found]
        best = np.argsort(-order, kind="stable")[:MOST_WEIGHED]
        rows: list[int] = found[best].tolist()
        return rows

    def _holding(self, mark: str) -> Ints:
        number = int(self.number_of[ord(mark)])
        return self.postings[self.starts[number] : self.starts[number + 1]] if number >= 0 else self.postings[:0]

    def _held(self, lists: list[tuple[str, Ints]]) -> tuple[Ints, npt.NDArray[np.float32]]:
        """The rows of the rarest characters, and how much of the name each holds."""
        seeds = [lists[0][1]]
        for _, rows in lists[1:MOST_SEEDS]:
            if sum(map(len, seeds)) + len(rows) > MOST_SEEDED:
                break
            seeds.append(rows)
        size = len(self.keys)
        found = seeds[0] if len(seeds) == 1 else np.sort(np.concatenate(seeds))
        if len(seeds) > 1:
            found = found[np.append(True, found[1:] != found[:-1])]
        held = np.zeros(len(found), dtype=np.float32)
        for mark, rows in lists:
            weight = np.float32(np.log(max(1, size) / len(rows)))
            held += self._is_in(mark, found, rows) * weight
        return found, held

    def _is_in(self, mark: str, found: Ints, rows: Ints) -> npt.NDArray[np.bool_]:
        """Which of the rows found hold a character; of a frequent one by one bit a firm, kept for the names to come."""
        if len(rows) * BITS_FROM < len(self.keys):
            at = np.minimum(np.searchsorted(rows, found), len(rows) - 1)
            is_in: npt.NDArray[np.bool_] = rows[at] == found
            return is_in
        bits = self._bits.get(mark)
        if bits is None:
            held = np.zeros(len(self.keys), dtype=np.bool_)
            held[rows] = True
            bits = self._bits[mark] = np.packbits(held, bitorder="little")
        result: npt.NDArray[np.bool_] = (bits[found >> 3] >> (found & 7).astype(np.uint8)) & 1 > 0
        return result


def _at_hash(hashes: npt.NDArray[np.uint64], rows: Ints, texts: pl.Series, wanted: str) -> list[int]:
    """The rows that hold this very text, by hashes in order."""
    asked = pl.Series([wanted], dtype=pl.String).hash().to_numpy()[0]
    begin, end = np.searchsorted(hashes, asked, "left"), np.searchsorted(hashes, asked, "right")
    return [row for row in rows[begin:end].tolist() if texts[row] == wanted]


def _is_like(given: ShortName, key: str) -> bool:
    """Whether a name may be that of the firm whose code stands beside it: half of its characters, in order."""
    return LCSseq.normalized_similarity(given.core, key[: max(len(given.core), 1) * 6]) > 0 and (
        LCSseq.similarity(given.core, key) * 2 >= len(given.core)
    )


def _marks(keys: pl.Series) -> tuple[npt.NDArray[np.uint32], Ints]:
    """Every character of every key, and the row it stands in."""
    marks = np.frombuffer("".join(keys.to_list()).encode("utf-32-le"), dtype=np.uint32)
    return marks, np.repeat(np.arange(len(keys), dtype=np.int32), keys.str.len_chars().to_numpy())


def kept(warehouse: Warehouse) -> NameIndex | None:
    """The index over all firms of a build, where it is there already."""
    return _kept.get(warehouse)


_kept: WeakKeyDictionary[Warehouse, NameIndex] = WeakKeyDictionary()
_lock = threading.Lock()


def of(warehouse: Warehouse) -> NameIndex:
    """The index over all firms of a build, made at the first question and kept for as long as the build is open."""
    known, places = columns.of(warehouse), makers.places(warehouse)
    with _lock:
        index = _kept.get(warehouse)
        if index is None:
            regions = Regions.of(row.name for row in places.atlas.divisions.values())
            index = _kept[warehouse] = NameIndex.over(known.frame["name_key"], known.frame["uscc"], known.standing, regions)
        return index
