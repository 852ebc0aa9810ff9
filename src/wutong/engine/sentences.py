"""One sentence of a scope: which verb belongs to which products of its lists, and what its brackets add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wutong.engine.pieces import (
    ALONE,
    COMPOUND,
    EXCLUDES,
    HEADER,
    ITEMS,
    LONGEST_PHRASE,
    RESET,
    SERVICE,
    SKIP,
    VERBS,
    WEAK_VERBS,
    Item,
    Piece,
    PieceReader,
    Role,
)

DEEPEST = 4
LONGEST_GROUP = 2_000
_SEPARATOR = re.compile(r"([、,:\s]|\.{2,}|…+|--+|/(?=[㐀-鿿]{2}))")
_SENTENCE = re.compile("([;。\n])")
_BRACKET = re.compile(r"[()]")
_GROUP = "\x01"
_GROUP_LEAD = re.compile(r"^\s*(?:其中|主要|具体|仅指|特指|即)?(?:包括|包含|含有|含|如|例如|指|即|详见|主要为|主要有|仅限|限)?[:：]?")
_LIMITED = re.compile(r"^\s*(?:另|仅?限|只限|限于|不|除|以|凭|按|须|需|在|经|取得|详见|见|有效|涉及|上述|原|国家|证)")
ADVERTISING = 1 << Role.MAKES | 1 << Role.DESIGNS | 1 << Role.PROVIDES
"""设计、制作、代理、发布各类广告,办公用品: such verbs lead to the end of their clause only."""
_WORK = 1 << Role.MAKES | 1 << Role.PROCESSES
_PLAIN = frozenset(("、", ",", "", " "))

Chunk = tuple[tuple[Item, ...], int]
"""Items of a piece, and what to add to their places: a piece is read once and stands in many sentences."""


class Said(NamedTuple):
    """What one sentence says: (mask of roles, chunks of items) in places of the sentence, and the roles a colon carries on."""

    said: list[tuple[int, list[Chunk]]]
    carried: int

    def mentions(self) -> Iterator[tuple[int, Item]]:
        """(mask of roles, item), one by one."""
        for mask, chunks in self.said:
            for items, at in chunks:
                for phrase, start, end in items:
                    yield mask, (phrase, start + at, end + at)


class Group(NamedTuple):
    """What one bracket says: roles for the word before it, items that share its role, items with a role of their own."""

    after: int
    shared: tuple[Item, ...]
    own: tuple[tuple[int, Item], ...]


_NOTHING = Group(0, (), ())


class SentenceReader:
    """Reads sentences; pieces and brackets are remembered."""

    def __init__(self, reader: PieceReader) -> None:
        self._reader = reader
        self.words = reader.words
        self.pieces: dict[str, Piece] = {}
        self.groups: dict[str, Group] = {}

    def read(self, sentence: str, carried: int = 0, depth: int = 0) -> Said:
        """What a levelled sentence says. `carried` are the roles of a colon in the sentence before."""
        if "(" not in sentence and ")" not in sentence:
            return _Walk(self, sentence, (), carried, depth).over(sentence)
        outer, groups = _unbracketed(sentence)
        return _Walk(self, sentence, groups, carried, depth).over(outer)

    def piece(self, text: str) -> Piece:
        """What a piece says."""
        found = self.pieces.get(text)
        if found is None:
            found = self._reader.read(text)
            if found.kind == COMPOUND:
                items = tuple((p, s + at, e + at) for part, at in found.parts for p, s, e in part.items)
                found = found._replace(items=items)
            self.pieces[text] = found
        return found

    def group(self, text: str, depth: int) -> Group:
        """What a bracket behind a word says; its text stands without the bracket."""
        if depth >= DEEPEST or len(text) > LONGEST_GROUP:
            return _NOTHING
        found = self.groups.get(text)
        if found is None:
            found = self.groups[text] = self._read_group(text, depth)
        return found

    def _read_group(self, text: str, depth: int) -> Group:
        if _LIMITED.match(text) or text.endswith(self.words.exclusion_ends):  # 日用杂品(烟花、爆竹除外)
            return _NOTHING
        lead = _GROUP_LEAD.match(text)
        skipped = lead.end() if lead else 0
        is_kind = text[:skipped].strip() == "含"
        after, shared, own = 0, [], []
        at = skipped
        for part in _SENTENCE.split(text[skipped:])[::2]:
            verbs = self._only_verbs(part)
            after |= 0 if is_kind else verbs
            for mask, (phrase, start, end) in self.read(part, 0, depth + 1).mentions() if not verbs else ():
                if is_kind and mask and not mask & ~_WORK:  # 合剂(含中药前处理和提取): work on the way to the product
                    shared.append((text[at + start : at + len(part)], at + start, at + len(part)))
                    continue
                if is_kind and (mask or text[at + end : at + end + 1] == "类"):
                    continue  # 片剂(含头孢菌素类) are tablets, not the substance; 食品(含冷冻冷藏) is food, not a service
                item = (phrase, at + start, at + end)
                if mask:
                    own.append((mask, item))
                else:
                    shared.append(item)
            at += len(part) + 1
        return Group(after, tuple(shared), tuple(own))

    def _only_verbs(self, text: str) -> int:
        mask = 0
        for part in _SEPARATOR.split(text)[::2]:
            if part:
                piece = self.piece(part)
                if piece.kind not in (VERBS, WEAK_VERBS):
                    return 0
                mask |= piece.before
        return mask


def _unbracketed(sentence: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The sentence with one mark for each outer bracket, and the spans of what stood inside.

    A bracket left open reaches to the end; a closing one without an opening is a separator.
    """
    outer: list[str] = []
    groups: list[tuple[int, int]] = []
    at = depth = begin = 0
    for found in _BRACKET.finditer(sentence):
        place = found.start()
        if found.group() == "(":
            if depth == 0:
                outer.append(sentence[at:place])
                begin = place
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                outer.append(_GROUP)
                groups.append((begin + 1, place))
                at = place + 1
        else:
            outer.append(sentence[at:place] + "、")
            at = place + 1
    if depth:
        cut = sentence.find("...", begin)  # 乳制品(含婴...集邮品销售: what a crawler left out held the closing bracket
        end = cut if cut > begin else len(sentence)
        outer.append(_GROUP + sentence[end:])
        groups.append((begin + 1, end))
    else:
        outer.append(sentence[at:])
    return "".join(outer), tuple(groups)


class _Walk:
    """The state while one sentence is read from left to right.

    `led` are roles said before a list (`生产:A、B`), `listed` the items of this clause under them, `waiting` items whose verb may
    come after (`A、B的制造`), `open` the mention that verbs alone still belong to (`A制造、销售`), `verbs` a run of verbs alone that is
    not settled, `shift` how many characters brackets have hidden so far.
    """

    __slots__ = (
        "clause",
        "depth",
        "groups",
        "is_colon",
        "is_excluding",
        "is_first",
        "is_weak",
        "led",
        "led_clause",
        "listed",
        "next_group",
        "open",
        "reader",
        "said",
        "sentence",
        "shift",
        "verb_items",
        "verbs",
        "waiting",
    )

    def __init__(self, reader: SentenceReader, sentence: str, groups: tuple[tuple[int, int], ...], carried: int, depth: int) -> None:
        self.reader, self.sentence, self.groups, self.depth = reader, sentence, groups, depth
        self.said: list[tuple[int, list[Chunk]]] = []
        self.led, self.is_colon, self.led_clause = carried, bool(carried), -1
        self.listed: list[Chunk] = []
        self.waiting: list[Chunk] = []
        self.verb_items: list[tuple[int, Chunk]] = []
        self.open = -1
        self.verbs = self.clause = self.next_group = self.shift = 0
        self.is_first = self.is_weak = self.is_excluding = False

    def over(self, outer: str) -> Said:  # noqa: PLR0912 - the inner loop, run twelve million times a build
        """Read the whole sentence, which shows a mark where a bracket stood."""
        parts = _SEPARATOR.split(outer)
        parts.append("")
        at = 0
        before = ","
        known = self.reader.pieces
        has_groups = bool(self.groups)
        for index in range(0, len(parts), 2):
            text, separator = parts[index], parts[index + 1]
            if text:
                if before == ",":
                    self._next_clause()
                if has_groups and _GROUP in text:
                    self._take_bracketed(text, at, before, separator)
                else:
                    piece = known.get(text)
                    if piece is None:
                        piece = self.reader.piece(text)
                    if self.is_excluding or piece[0] == SKIP:
                        pass
                    elif piece[0] == ITEMS and not (piece[1] or self.verbs) and separator in _PLAIN and not (piece[2] and self.led):
                        chunk = (piece[3], at + self.shift)  # nine pieces in ten
                        if self.led:
                            self.listed.append(chunk)
                        else:
                            self.waiting.append(chunk)
                            if piece[2]:
                                self._close(piece[2])
                    else:
                        self._apply(piece, [(piece[3], at + self.shift)], 0, before, separator)
            elif separator == ":" and self.verbs:
                self._lead_by_colon()
            at += len(text) + len(separator)
            if text or separator == ",":
                before = separator
        if self.verbs:
            self._settle(None, "")
        self._commit()
        self._release()
        return Said(self.said, self.led if self.is_colon else 0)

    def _take_bracketed(self, text: str, at: int, before: str, separator: str) -> None:
        """One piece with brackets in it."""
        origin: list[int] = []
        places: list[int] = []
        spans: list[tuple[int, int]] = []
        for place, character in enumerate(text, at):
            if character == _GROUP:
                span = self.groups[self.next_group]
                self.next_group += 1
                places.append(len(origin))
                spans.append(span)
                self.shift = span[1] - place - (self.sentence[span[1] : span[1] + 1] != ")")
            else:
                origin.append(place + self.shift)
        text = text.replace(_GROUP, "")
        if not text.strip():
            for begin, end in spans:
                self._take_bare(begin, end)
            return
        piece = self.reader.piece(text)
        if self.is_excluding or piece.kind == SKIP:
            return
        after, shared = self._read_brackets(piece, places, spans)
        if not (after or shared) and places[0] == len(text):
            self._apply(piece, [(piece.items, origin[0])], 0, before, separator)
            return
        items = tuple((p, origin[s], origin[e - 1] + 1) for p, s, e in piece.items)
        if piece.kind in (VERBS, WEAK_VERBS):
            if shared:
                self._say(piece.before, [(shared, 0)])
            self._apply(piece, [(items, 0)], after, before, separator)
        elif piece.kind == COMPOUND:
            self._apply(piece, [(items, 0), (shared, 0)] if shared else [(items, 0)], after, before, separator)
        else:
            self._apply(piece, [(items + shared, 0)], after, before, separator)

    def _read_brackets(self, piece: Piece, places: list[int], spans: list[tuple[int, int]]) -> tuple[int, tuple[Item, ...]]:
        """Roles and items that the brackets of a piece add to it."""
        after = 0
        shared: list[Item] = []
        for place, (begin, end) in zip(places, spans, strict=True):
            if any(s < place < e for _, s, e in piece.items):  # 电路板(PCB)用钻头: another word for what stands before it
                continue
            group = self.reader.group(self.sentence[begin:end], self.depth)
            after |= group.after
            shared.extend((p, s + begin, e + begin) for p, s, e in group.shared)
            self.said.extend((mask, [((item,), begin)]) for mask, item in group.own)
        if after and piece.after and not piece.after & ~SERVICE:  # 货物专用运输(冷藏保鲜): what the service is about
            shared.extend((self.sentence[begin:end], begin, end) for begin, end in spans if 0 < end - begin <= LONGEST_PHRASE)
            after = 0
        return after, tuple(shared)

    def _take_bare(self, begin: int, end: int) -> None:
        """A bracket that stands alone: verbs for what came before, else sentences of its own."""
        content = self.sentence[begin:end]
        if self.depth >= DEEPEST or len(content) > LONGEST_GROUP:
            return
        group = self.reader.group(content, self.depth)
        if group.after:
            self.verbs |= group.after
            return
        self._settle(None, "")
        offset = begin
        carried = 0
        parts = _SENTENCE.split(content)
        for index in range(0, len(parts), 2):
            found = self.reader.read(parts[index], carried, self.depth + 1)
            self.said.extend((mask, [(items, at + offset) for items, at in chunks]) for mask, chunks in found.said)
            carried = found.carried
            offset += len(parts[index]) + 1

    def _apply(self, piece: Piece, chunks: list[Chunk], group_after: int, before: str, separator: str) -> None:
        kind = piece.kind
        if kind in (VERBS, WEAK_VERBS):
            if not self.verbs:
                self.is_first, self.is_weak = before == ",", True
            self.is_weak = self.is_weak and kind == WEAK_VERBS
            self.verbs |= piece.before | group_after
            self.verb_items.append((piece.before, chunks[0]))
            if separator == ":":
                self._lead_by_colon()
        elif kind == COMPOUND:
            self._apply_parts(piece, chunks, group_after, before, separator)
        elif kind == EXCLUDES:
            self.is_excluding = True
        elif kind in (HEADER, RESET):
            self._settle(None, "")
            if separator == ":" or kind == HEADER:
                self._commit()
                self._release()
                self.led, self.open = 0, -1
        elif separator[:2] == ".." or separator[:1] == "…":  # cut off: the last word may be half a word
            self._settle(piece, before)
        else:
            if self.verbs or piece.before:
                self._settle(piece, before)
            self._place(piece, chunks, piece.after | group_after, separator)

    def _apply_parts(self, piece: Piece, chunks: list[Chunk], group_after: int, before: str, separator: str) -> None:
        """A piece that is two: the first chunk holds the items of all its parts, one after the other, a second what brackets add."""
        items, at = chunks[0]
        taken = 0
        for number, (part, _) in enumerate(piece.parts):
            is_last = number == len(piece.parts) - 1
            own: list[Chunk] = [(items[taken : taken + len(part.items)], at)]
            taken += len(part.items)
            if part.kind != SKIP:
                more = chunks[1:] if is_last else []
                self._apply(
                    part, own + more, group_after if is_last else 0, before if number == 0 else "、", separator if is_last else "、"
                )

    def _place(self, piece: Piece, chunks: list[Chunk], after: int, separator: str) -> None:
        if piece.before:
            if after:
                self._say(piece.before | after, chunks)
            else:
                self.listed.extend(chunks)
        elif piece.kind == ALONE and after:
            still_open = self.open
            self._say(after, chunks)
            self.open = still_open
        elif after:
            self._place_before_verb(chunks, after)
        elif self.led:
            self.listed.extend(chunks)
        else:
            self.waiting.extend(chunks)
        if separator == ":":
            if after and not piece.before:
                self._lead(after, is_colon=True)
            elif self.led:
                self.is_colon = True

    def _place_before_verb(self, chunks: list[Chunk], after: int) -> None:
        """`A、B的制造`: the verb takes what waits for one, and what an earlier verb leads in this clause only (`生产A,B销售`)."""
        if not self.led:
            self.waiting.extend(chunks)
            self._close(after)
            return
        if self.led_clause == self.clause:
            self._commit()
        self.listed.extend(chunks)
        self._say(after, self.listed)
        self.listed = []
        if not self.is_colon:
            self.led = 0

    def _say(self, mask: int, chunks: list[Chunk]) -> None:
        self.open = len(self.said)
        self.said.append((mask, chunks))

    def _close(self, mask: int) -> None:
        """The waiting items get their verb."""
        self.open = len(self.said)
        self.said.append((mask, self.waiting))
        self.waiting = []

    def _lead(self, mask: int, *, is_colon: bool) -> None:
        self.led, self.is_colon, self.led_clause = mask, is_colon, self.clause

    def _lead_by_colon(self) -> None:
        """A run of verbs before a colon: `生产、销售:`."""
        self._commit()
        self._release()
        self._lead(self.verbs, is_colon=True)
        self.verbs, self.verb_items, self.open = 0, [], -1

    def _commit(self) -> None:
        """The items under a leading verb get its roles; verbs alone that follow still belong to them."""
        if self.listed:
            self._say(self.led, self.listed)
            self.listed = []

    def _release(self) -> None:
        """No verb came for the waiting items."""
        if self.waiting:
            self.said.append((0, self.waiting))
            self.waiting = []

    def _next_clause(self) -> None:
        if self.listed:
            self._commit()
        self.clause += 1
        if not ADVERTISING & ~self.led and not self.is_colon:
            self.led = 0
        self.is_excluding = False

    def _settle(self, piece: Piece | None, before: str) -> None:
        """Decide what the run of verbs before `piece` (None: nothing follows) belongs to, and begin a list where `piece` leads one."""
        verbs, items = self.verbs, self.verb_items
        joined = 0
        if verbs:
            self.verbs, self.verb_items = 0, []
            leads = piece is not None and bool(piece.before) and not piece.after and before != "," and self.is_first
            is_taken = (self.open >= 0 or self.waiting or self.listed) and not leads
            if is_taken and not (self.is_weak and self.open < 0 and not self.listed):
                self._extend(verbs)
            elif piece is None or self.is_weak or piece.kind == ALONE:
                self.said.extend((mask, [chunk]) for mask, chunk in items)
            else:
                joined = verbs
        if piece is not None and (piece.before or joined):
            self._commit()
            self._release()
            self._lead(piece.before | joined, is_colon=False)

    def _extend(self, verbs: int) -> None:
        """Verbs after their list: `A、B、生产、销售`, `A制造，加工`."""
        if self.listed:
            self._commit()
        elif self.waiting:
            self._close(verbs)
            return
        mask, chunks = self.said[self.open]
        self.said[self.open] = (mask | verbs, chunks)
