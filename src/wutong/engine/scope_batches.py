"""Many sentences at once: a sentence is read once, and so is its shape; numpy lays what was said over all that share it.

A shape is what the walk over a sentence looks at: of each piece its kind and verbs, of each bracket whether it adds roles or
products, and the separators. “生产:轴承、齿轮” and “销售:钢材” differ in it, “生产:轴承、齿轮” and “生产:泵、阀、管” do not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from wutong.engine.piece_forms import Forms
from wutong.engine.pieces import COMPOUND, ITEMS, ROLES_OF_MASK, SERVICE, SKIP, Item, Piece, Role
from wutong.engine.ranges import Columns, Flags, Ints, any_of, codes_of, numbered, numbers, spread, starts_of, text_of
from wutong.engine.sentences import Group, SentenceReader

Codes = npt.NDArray[np.uint32]

_BREAK = "\x00"
_TEXT, _SOFT, _COMMA, _COLON, _HARD, _CUT, _END = range(7)
_ALL, _RANGE, _SHARED, _OWN, _TOLD = range(5)
"""How an entry says what it says: all items of a run, some of a piece, those of its bracket, or those told once for all."""
_OTHER, _PLAIN, _SKIPPED, _SERVES, _COMPOUNDS = range(5)
_BRACKET_LABELS = {"shared": _SHARED, "own": _OWN}
_STAND_IN, _BRACKET_STAND_IN = 0xF0000, 0x100000
_SHOWN = {_SOFT: "、", _COMMA: ",", _COLON: ":", _HARD: "\xa0", _CUT: "…"}
_SHARES, _OWNS = len(Role), len(Role) + 1
_BEFORE_BRACKET = "./-…—"
"""Characters that a bracket behind them may keep from being a separator: such sentences are read alone."""

_FIRST_ROLE = starts_of(np.array([len(roles) for roles in ROLES_OF_MASK]))
_ROLES = np.array([role for roles in ROLES_OF_MASK for role in roles])


def _classes() -> npt.NDArray[np.uint8]:
    table = np.zeros(0x110000, dtype=np.uint8)
    for code in range(0x3001):
        if re.match(r"\s", chr(code)):
            table[code] = _HARD
    for mark, kind in (("、", _SOFT), (" ", _SOFT), (",", _COMMA), (":", _COLON), ("…", _CUT), (_BREAK, _END)):
        table[ord(mark)] = kind
    return table


_CLASSES = _classes()


class Said(NamedTuple):
    """What many sentences say. Shape: `first` has one entry more than there are sentences; the others one a mention."""

    first: Ints
    mask: Ints
    phrase: Ints
    start: Ints
    end: Ints


class Batches:
    """Reads many sentences; what it has read of forms, shapes and brackets it remembers."""

    def __init__(self, reader: SentenceReader, walker: SentenceReader) -> None:
        """`reader` reads texts; `walker`, which must be another, sees stand-ins only, so that no text can be taken for one."""
        self._reader, self._walker = reader, walker
        self.forms = Forms(reader.words, reader.piece)
        self.phrases: defaultdict[str, int] = numbers()
        self.told = Columns(4)
        """mask, phrase, start, end of what brackets, and sentences read alone, say."""
        self._kinds: defaultdict[tuple[object, ...], int] = numbers()
        self._stand_ins: list[str] = []
        self._shown: dict[int, str] = {}
        self._forms_seen = Columns(2)
        self._groups: defaultdict[str, int] = numbers()
        self._group_rows = Columns(4)
        self._shapes: defaultdict[bytes | str, int] = numbers()
        self._readings: dict[int, int] = {}
        self._entries = Columns(5)
        self._first, self._carried = Columns(1), Columns(1)
        self._first.add((0,))

    def kinds(self, form: Ints) -> tuple[Ints, Ints]:
        """A number for what the walk sees of each piece, and its trait."""
        for piece in self.forms.pieces[len(self._forms_seen) :]:
            trait = _trait(piece)
            parts = tuple((part.kind, part.before, part.after, len(part.items)) for part, _ in piece.parts)
            items = len(piece.items) if trait == _COMPOUNDS else min(1, len(piece.items))
            kind = self._kinds[piece.kind, piece.before, piece.after, items, parts]
            self._forms_seen.add((kind, trait))
            if kind == len(self._stand_ins):
                labels = tuple((str(number) if trait == _COMPOUNDS else "", number, number + 1) for number in range(items))
                text = chr(_STAND_IN + kind) * max(1, items)
                self._stand_ins.append(text)
                self._walker.pieces[text] = piece._replace(items=labels)
        kinds, traits = self._forms_seen.arrays()
        return kinds[form], traits[form]

    def groups(self, texts: list[str]) -> tuple[Ints, Ints, Ints, Ints]:
        """Of each bracket what the walk sees of it (0: nothing), and where in `told` its shared and its own items begin and end."""
        number = numbered(texts, self._groups)
        for text in list(self._groups)[len(self._group_rows) :]:
            group = self._reader.group(text, 0)
            begin = len(self.told)
            for item in group.shared:
                self.tell(0, item)
            middle = len(self.told)
            for mask, item in group.own:
                self.tell(mask, item)
            end = len(self.told)
            self._group_rows.add((group.after | (middle > begin) << _SHARES | (end > middle) << _OWNS, begin, middle, end))
        sight, begin_, middle_, end_ = self._group_rows.arrays()
        return sight[number], begin_[number], middle_[number], end_[number]

    def tell(self, mask: int, item: Item) -> None:
        """Keep one item with a mask of its own."""
        phrase, start, end = item
        self.told.add((mask, self.phrases[phrase], start, end))

    def shapes(self, keys: Sequence[bytes | str]) -> Ints:
        """A number for each shape: the symbols of its runs, or the text of a sentence that is read alone."""
        return numbered(keys, self._shapes)

    def readings(self, block: Block, sentence: Ints, carried: Ints) -> Ints:
        """The number of what is read from each sentence with the roles carried into it."""
        keys, first, inverse = np.unique(block.shape[sentence] << len(Role) | carried, return_index=True, return_inverse=True)
        for key, at in zip(keys.tolist(), first.tolist(), strict=True):
            if key not in self._readings:
                shape = block.keys[int(sentence[at])]
                roles = key & ((1 << len(Role)) - 1)
                self._carried.add((self._read_alone(shape, roles) if isinstance(shape, str) else self._read_shape(shape, roles),))
                self._first.add((len(self._entries),))
                self._readings[key] = len(self._first) - 2
        return np.array([self._readings[key] for key in keys.tolist()], dtype=np.int64)[inverse]

    def _read_alone(self, sentence: str, carried: int) -> int:
        """Keep what one sentence says; gives the roles that it carries over."""
        said = self._reader.read(sentence, carried)
        begin = len(self.told)
        for mask, item in said.mentions():
            self.tell(mask, item)
        self._entries.add((_TOLD, 0, 0, begin, len(self.told)))
        return said.carried

    def _read_shape(self, shape: bytes, carried: int) -> int:
        """Keep what a sentence of this shape says of its runs and brackets; gives the roles that it carries over.

        The walker sees one stand-in for each run; the labels and places of what it finds tell which item is meant.
        """
        runs: list[int] = []
        shown: list[str] = []
        for run, symbol in enumerate(memoryview(shape).cast("q")):
            text = self._shown.get(symbol) or self._show(symbol)
            shown.append(text)
            runs += [run] * len(text)
        said = self._walker.read("".join(shown), carried)
        for mask, run, label in dict.fromkeys((mask, runs[start], label) for mask, (label, start, _) in said.mentions()):
            if label in _BRACKET_LABELS:
                self._entries.add((_BRACKET_LABELS[label], mask, run, 0, 0))
            elif label:
                self._entries.add((_RANGE, mask, run, int(label), int(label) + 1))
            else:
                self._entries.add((_ALL, mask, run, 0, 0))
        return said.carried

    def _show(self, symbol: int) -> str:
        """What stands in for a run: its kind, its bracket, its separators."""
        sight = symbol >> 8 & 0xFFFFFF
        text = self._stand_ins[symbol >> 32]
        if sight:
            mark = chr(_BRACKET_STAND_IN + sight)
            shared = (("shared", 0, 1),) if sight >> _SHARES & 1 else ()
            own = ((1, ("own", 0, 1)),) if sight >> _OWNS & 1 else ()
            self._walker.groups[mark] = Group(sight & ((1 << len(Role)) - 1), shared, own)
            text += f"({mark})"
        text += _SHOWN[symbol >> 2 & 0x3F] + "," * (symbol & 1) + ":" * (symbol >> 1 & 1)
        self._shown[symbol] = text
        return text

    def carried(self, reading: Ints) -> Ints:
        """The roles that each reading carries over to the next sentence."""
        carried: Ints = self._carried.arrays()[0]
        return carried[reading]

    def entries(self, reading: Ints) -> tuple[Ints, list[Ints]]:
        """Which reading, and its entries (how, mask, run, from, to), one behind the other."""
        first = self._first.arrays()[0]
        which, entry = spread(first[reading], first[reading + 1] - first[reading])
        return which, [column[entry] for column in self._entries.arrays()]


class Block:
    """Some sentences, cut and read: pieces, runs of pieces, brackets, shapes. Units: places count characters of all sentences joined."""

    def __init__(self, batches: Batches, sentences: list[str]) -> None:
        self._batches, self._sentences = batches, sentences
        text = _BREAK.join(sentences)
        codes = codes_of(text)
        ends = np.append(np.flatnonzero(codes == 0), len(codes))
        self._starts = np.concatenate([[0], ends[:-1] + 1])
        owner = np.repeat(np.arange(len(sentences)), ends - self._starts + 1)[: len(codes)]
        kept, is_alone, begin, end = _brackets(codes, self._starts, owner)
        self._alone = is_alone
        self._origin = np.flatnonzero(kept)
        self._cut(codes[kept], owner[kept])
        self._attach(text, owner, starts_of(kept), begin, end)
        self._form_runs()
        self.keys = self._keys()
        self.shape = batches.shapes(self.keys)

    def _cut(self, codes: Codes, owner: Ints) -> None:
        """Tokens of the text without brackets, and the items of each."""
        kinds = _separators(codes)
        edges = np.flatnonzero(np.diff(np.concatenate([[True], kinds != _TEXT, [True]]).astype(np.int8)))
        self._begin, self._end = edges[::2], edges[1::2]
        self._of = owner[self._begin]
        closed = np.append(kinds, _END)
        self._separator = closed[self._end].astype(np.int64)
        breaks = np.append(np.flatnonzero(kinds == _END), len(kinds))
        until = np.minimum(np.append(self._begin[1:], len(kinds)), breaks[np.searchsorted(breaks, self._end)])
        commas, colons = starts_of(kinds == _COMMA), starts_of(kinds == _COLON)
        after = np.minimum(self._end + 1, until)
        self._later = (commas[until] > commas[after]) + 2 * (colons[until] > colons[after])
        text = text_of(codes)
        known: defaultdict[str, int] = numbers()
        piece = numbered([text[b:e] for b, e in zip(self._begin.tolist(), self._end.tolist(), strict=True)], known)
        pieces = self._batches.forms.read(list(known))
        self._texts, self._piece, self._pieces = list(known), piece.tolist(), pieces
        self._kind, self._trait = (values[piece] for values in self._batches.kinds(pieces.form))
        phrase = numbered(pieces.phrases, self._batches.phrases)
        counts = (pieces.first[1:] - pieces.first[:-1])[piece]
        token, item = spread(pieces.first[piece], counts)
        self._first_item = starts_of(counts)
        self._item_phrase = phrase[item]
        self._item_start, self._item_end = self._begin[token] + pieces.start[item], self._begin[token] + pieces.end[item]
        self._stood_from, self._stood_to = self._origin[self._item_start], self._origin[self._item_end - 1] + 1

    def _attach(self, text: str, owner: Ints, before: Ints, begin: Ints, end: Ints) -> None:
        """Brackets that say something, each to the token that it stands in; a sentence with harder ones is read alone."""
        tokens = len(self._begin)
        self._sight = np.zeros(tokens, dtype=np.int64)
        self._bracket = np.zeros((4, tokens + 1), dtype=np.int64)
        if not len(begin):
            return
        sight, *told = self._batches.groups([text[b + 1 : e - 1] for b, e in zip(begin.tolist(), end.tolist(), strict=True)])
        place = before[begin]
        token = np.searchsorted(self._begin, place, side="right") - 1
        held = (token >= 0) & (self._of[token] == owner[begin]) & (place <= self._end[token]) if tokens else token >= 0
        self._alone[owner[begin[~held]]] = True
        held &= sight > 0
        where, item = spread(self._first_item[token[held]], self._first_item[token[held] + 1] - self._first_item[token[held]])
        inside = (self._item_start[item] < place[held][where]) & (place[held][where] < self._item_end[item])
        held[np.flatnonzero(held)[where[inside]]] = False  # 电路板(PCB)用钻头: another word for what stands before it
        token, sight = token[held], sight[held]
        taken, count = np.unique(token, return_counts=True)
        self._alone[self._of[taken[count > 1]]] = True
        verbs = sight & ((1 << len(Role)) - 1)
        self._alone[self._of[token[(verbs > 0) & (self._trait[token] == _SERVES)]]] = True
        self._sight[token] = sight
        self._bracket[:, token] = [begin[held] + 1, *(values[held] for values in told)]

    def _form_runs(self) -> None:
        """Plain pieces that the walk treats alike are one run: `轴承、齿轮、泵`."""
        separator, of = self._separator, self._of
        goes_on = np.append(of[1:] == of[:-1], False) if len(of) else np.empty(0, dtype=bool)
        soft = (separator == _SOFT) & (self._later == 0) & goes_on
        plain = (self._trait == _PLAIN) & (self._sight == 0) & np.isin(separator, (_SOFT, _COMMA, _END))
        skipped = (self._trait == _SKIPPED) & (self._sight == 0) & soft
        follows = _shifted(soft & plain)
        joined = skipped & follows
        joined |= plain & (follows | _shifted(joined))
        self._first_token = np.append(np.flatnonzero(~joined), len(of))
        self._first_run = np.searchsorted(of[self._first_token[:-1]], np.arange(len(self._sentences) + 1))

    def _keys(self) -> list[bytes | str]:
        first, last = self._first_token[:-1], self._first_token[1:] - 1
        separator = np.where(self._separator == _END, _SOFT, self._separator)[last]
        symbols = self._kind[first] << 32 | self._sight[first] << 8 | separator << 2 | self._later[last]
        raw = symbols.tobytes()
        bounds = (self._first_run * 8).tolist()
        alone = self._alone.tolist()
        return [
            sentence if is_alone else raw[begin:end]
            for sentence, is_alone, begin, end in zip(self._sentences, alone, bounds, bounds[1:], strict=False)
        ]

    def said(self, sentence: Ints, reading: Ints) -> Said:
        """What each sentence says when it is read so."""
        which, (how, mask, run, begin, end) = self._batches.entries(reading)
        of = sentence[which]
        run = run + self._first_run[of]
        first = self._first_token[np.minimum(run, len(self._first_token) - 1)]
        last = self._first_token[np.minimum(run + 1, len(self._first_token) - 1)]
        base = self._first_item[first]
        from_items = how <= _RANGE
        own = np.where(how == _ALL, base, base + begin)[from_items]
        until = np.where(how == _ALL, self._first_item[last], base + end)[from_items]
        entry, item = spread(own, until - own)
        entry = np.flatnonzero(from_items)[entry]
        origin = self._starts[of[entry]]
        parts = [
            (
                which[entry], mask[entry], self._item_phrase[item],
                self._stood_from[item] - origin, self._stood_to[item] - origin,
            )
        ]  # fmt: skip
        rows = np.flatnonzero(~from_items)
        if len(rows):
            told_mask, told_phrase, told_start, told_end = self._batches.told.arrays()
            how, of = how[rows], of[rows]
            at, shared, middle, stop = self._bracket[:, first[rows]]
            start_row = np.where(how == _SHARED, shared, np.where(how == _OWN, middle, begin[rows]))
            end_row = np.where(how == _SHARED, middle, np.where(how == _OWN, stop, end[rows]))
            shift = np.where(how == _TOLD, 0, at - self._starts[of])
            entry, row = spread(start_row, end_row - start_row)
            parts.append(
                (
                    which[rows][entry], np.where(how[entry] == _SHARED, mask[rows][entry], told_mask[row]), told_phrase[row],
                    told_start[row] + shift[entry], told_end[row] + shift[entry],
                )
            )  # fmt: skip
        which, mask, phrase, start, stop = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.argsort(which, kind="stable")
        first = starts_of(np.bincount(which, minlength=len(sentence)))
        return Said(first, mask[order], phrase[order], start[order], stop[order])


def _shifted(flags: Flags) -> Flags:
    """Each flag moved to the next place."""
    return np.concatenate([[False], flags[:-1]]) if len(flags) else flags


def _trait(piece: Piece) -> int:
    if piece.kind == COMPOUND:
        return _COMPOUNDS
    if piece.kind == SKIP:
        return _SKIPPED
    if piece.kind == ITEMS and not piece.before | piece.after:
        return _PLAIN
    return _SERVES if piece.after and not piece.after & ~SERVICE else _OTHER


def _brackets(codes: Codes, starts: Ints, owner: Ints) -> tuple[Flags, Flags, Ints, Ints]:
    """Which characters stand outside of brackets, which sentences must be read alone, and the outer brackets of the others."""
    opening, closing = codes == ord("("), codes == ord(")")
    depth = np.cumsum(opening.astype(np.int64) - closing)
    depth -= np.concatenate([[0], depth])[starts][owner]
    lowest = np.minimum.reduceat(depth, starts)
    last = depth[np.append(starts[1:], len(codes) + 1) - 2]
    is_alone = (lowest < 0) | (last != 0)
    begin = np.flatnonzero(opening & (depth == 1))
    two_before = codes[np.maximum(begin - 2, 0)] == ord("/")
    is_alone[owner[begin[any_of(_BEFORE_BRACKET, codes[np.maximum(begin - 1, 0)]) | two_before]]] = True
    is_break = codes == 0
    kept = is_break | ~((depth > 0) | closing | is_alone[owner])
    begin = begin[~is_alone[owner[begin]]]
    end = np.flatnonzero(closing & (depth == 0) & ~is_alone[owner]) + 1
    return kept, is_alone, begin, end


def _separators(codes: Codes) -> npt.NDArray[np.uint8]:
    """What each character is: text, or which separator (a run of dots or dashes is one)."""
    kinds = _CLASSES[codes]
    following = np.append(codes[1:], 0)
    for mark, kind in ((".", _CUT), ("-", _HARD)):
        double = (codes == ord(mark)) & (following == codes)
        kinds[double | _shifted(double)] = kind
    cjk = (codes >= 0x3400) & (codes <= 0x9FFF)
    one, two = np.append(cjk[1:], False), np.append(cjk[2:], [False, False])[: len(codes)]
    kinds[(codes == ord("/")) & one & two] = _HARD
    return kinds


def roles_of(mask: Ints) -> tuple[Ints, Ints]:
    """Index of the mention and the role, one row for each role of each mask."""
    which, entry = spread(_FIRST_ROLE[mask], _FIRST_ROLE[mask + 1] - _FIRST_ROLE[mask])
    return which, _ROLES[entry]
