"""Many pieces at once: pieces that differ only in words which say nothing to the parser have one form, and a form is read once.

“液压缸的制造” and “齿轮泵的制造” are both “□的制造”. What the parser looks for stays in the form; what stands between is a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

import daachorse
import numpy as np
import numpy.typing as npt

from wutong.engine.pieces import LONGEST_PHRASE, NEXT_TO_WORDS, OWN_PRODUCTS, WIDE, Piece, Words, narrowed
from wutong.engine.ranges import Columns, Ints, any_of, codes_of, numbered, numbers, spread, starts_of, text_of

_BREAK = "\x00"
_GAP = 0x3401
"""The first of the characters that stand for gaps: rare ideographs, one for each gap of a piece."""
_MOST_GAPS = 12
_JOINERS, _SERVICE_ENDS = "及和与兼/", "务询"
_LOOKS_ALONE, _LOOKS_JOINED, _LOOKS_SERVED = 1, 3, 7
"""How long a gap looks in a form: its length tells something only beside a joiner, and up to seven before 服务 and 咨询."""


class Pieces(NamedTuple):
    """What many pieces say. Shape: `form` one a piece; `first` one more, where its items begin; the others one an item.

    Units: `start` and `end` count characters of the piece.
    """

    form: Ints
    first: Ints
    phrases: list[str]
    start: Ints
    end: Ints


_NOTHING = Pieces(np.empty(0, np.int64), np.zeros(1, np.int64), [], np.empty(0, np.int64), np.empty(0, np.int64))


class Forms:
    """Reads forms, and remembers those that it has read: `pieces` has what each of them says."""

    def __init__(self, words: Words, read: Callable[[str], Piece]) -> None:
        self._read = read
        self._finder = daachorse.CharwiseDoubleArrayAhoCorasick(sorted(words.looked_for))
        self._parts = frozenset(
            word[begin:end] for word in words.compared for begin in range(len(word)) for end in range(begin + 1, len(word) + 1)
        )
        self._longest = max(map(len, words.compared))
        self.pieces: list[Piece] = []
        self._number: defaultdict[str, int] = numbers()
        self._first, self._spans = Columns(1), Columns(4)
        self._first.add((0,))

    def read(self, texts: list[str]) -> Pieces:
        """What the texts say, none of which is empty."""
        if not texts:
            return _NOTHING
        joined = _BREAK.join(texts)
        codes = codes_of(joined)
        ends = np.append(np.flatnonzero(codes == 0), len(codes))
        starts = np.concatenate([[0], ends[:-1] + 1])
        owner = np.repeat(np.arange(len(texts)), ends - starts + 1)[: len(codes)]
        begin, end = self._gaps(joined, codes, starts, ends, owner)
        of = owner[begin]
        first = np.searchsorted(of, np.arange(len(texts)))
        ordinal = np.arange(len(of)) - first[of]
        few = ordinal < _MOST_GAPS
        begin, end, of, ordinal = begin[few], end[few], of[few], ordinal[few]
        looks = np.minimum(end - begin, _looks(codes, ends, owner)[of])
        shown = codes.copy()
        gap, place = spread(begin, end - begin)
        shown[place] = _GAP + ordinal[gap]
        kept = np.ones(len(codes), dtype=bool)
        kept[place[place - begin[gap] >= looks[gap]]] = False
        until = np.arange(1, len(codes) + 1)
        until[begin + looks - 1] = end
        forms = text_of(shown[kept]).split(_BREAK)
        number = numbered(forms, self._number)
        for form in list(self._number)[len(self.pieces) :]:
            self._learn(form)
        return self._items(joined, number, np.flatnonzero(kept), until[kept], starts_of(kept)[starts])

    def _gaps(self, joined: str, codes: npt.NDArray[np.uint32], starts: Ints, ends: Ints, owner: Ints) -> tuple[Ints, Ints]:
        """Where the words stand that say nothing."""
        hits = self._finder.find_overlapping(joined)
        found = np.fromiter(chain.from_iterable(hits), np.int64, 3 * len(hits)).reshape(-1, 3)
        size = len(codes) + 1
        depth = np.cumsum(np.bincount(found[:, 0], minlength=size) - np.bincount(found[:, 1], minlength=size))
        free = np.concatenate([[False], (depth[:-1] == 0) & (codes != 0), [False]])
        edges = np.flatnonzero(free[1:] != free[:-1])
        begin, end = edges[::2], edges[1::2]
        begin = begin + (any_of(NEXT_TO_WORDS, codes[begin]) & (begin > starts[owner[begin]]))
        letter = (codes >= 0x3400) & (codes <= 0x9FFF) | ((codes | 32) >= ord("a")) & ((codes | 32) <= ord("z"))
        letters = starts_of(letter)
        telling = letters[end] - letters[begin] > 0
        telling &= (ends - starts)[owner[np.minimum(begin, len(codes) - 1)]] <= LONGEST_PHRASE
        short = np.flatnonzero(telling & (end - begin <= self._longest))
        parts = self._parts
        telling[short] = [joined[b:e] not in parts for b, e in zip(begin[short].tolist(), end[short].tolist(), strict=True)]
        return begin[telling], end[telling]

    def _learn(self, form: str) -> None:
        piece = self._read(form)
        self.pieces.append(piece)
        for phrase, start, end in piece.items:
            head = tail = -1
            if phrase == OWN_PRODUCTS:
                head = tail = start
            elif narrowed(form[start:end]) != phrase:  # 液压缸及配件: 液压缸 and 配件, cut out of a longer span
                size = next((at for at, mark in enumerate(phrase) if narrowed(form[start + at]) != mark), len(phrase))
                head, tail = start + size, end - len(phrase) + size
            self._spans.add((start, end, head, tail))
        self._first.add((len(self._spans),))

    def _items(self, joined: str, number: Ints, since: Ints, until: Ints, begins: Ints) -> Pieces:
        """The items of forms laid over the pieces: `since` and `until` say where each character of a form stood."""
        first = self._first.arrays()[0]
        counts = (first[1:] - first[:-1])[number]
        piece, item = spread(first[number], counts)
        base = begins[piece]
        form_start, form_end, head, tail = (column[item] for column in self._spans.arrays())
        start, end = since[base + form_start], until[base + form_end - 1]
        phrases = [joined[b:e] for b, e in zip(start.tolist(), end.tolist(), strict=True)]
        for at in np.flatnonzero(head >= 0).tolist():
            if tail[at] == form_start[at]:
                phrases[at] = OWN_PRODUCTS
            else:
                phrases[at] = joined[start[at] : until[base[at] + head[at] - 1]] + joined[since[base[at] + tail[at]] : end[at]]
        if WIDE.search(joined):
            phrases = [phrase if phrase.isascii() else narrowed(phrase) for phrase in phrases]
        return Pieces(number, starts_of(counts), phrases, start - since[base], end - since[base])


def _looks(codes: npt.NDArray[np.uint32], ends: Ints, owner: Ints) -> Ints:
    """How long the gaps of each piece may look."""
    is_joined = np.bincount(owner[any_of(_JOINERS, codes)], minlength=len(ends)) > 0
    is_served = any_of(_SERVICE_ENDS, codes[ends - 1])
    return np.where(is_joined, np.where(is_served, _LOOKS_SERVED, _LOOKS_JOINED), _LOOKS_ALONE)
