"""One sentence of a scope: which verb belongs to which products of its lists, and what its brackets add."""

from __future__ import annotations

import re
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
)

DEEPEST = 4
LONGEST_GROUP = 2_000
_SEPARATOR = re.compile(r"([、,:\s]|\.{2,}|…+|--+|/(?=[㐀-鿿]{2}))")
_SENTENCE = re.compile("([;。\n])")
_BRACKET = re.compile(r"[()]")
_GROUP = "\x01"
_GROUP_LEAD = re.compile(r"^\s*(?:其中|主要|具体|仅指|特指|即)?(?:包括|包含|含有|含|如|例如|指|即|详见|主要为|主要有|仅限|限)?[:：]?")
_LIMITED = re.compile(r"^\s*(?:仅?限|只限|限于|不|除|以|凭|按|须|需|在|经|取得|详见|见|有效|涉及|上述|原|国家|证)")


class Said(NamedTuple):
    """What one sentence says: (mask of roles, item) in places of the sentence, and the roles a colon carries over to the next."""

    mentions: tuple[tuple[int, Item], ...]
    carried: int


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
        self._pieces: dict[str, Piece] = {}
        self._groups: dict[str, Group] = {}

    def read(self, sentence: str, carried: int = 0, depth: int = 0) -> Said:
        """What a levelled sentence says. `carried` are the roles of a colon in the sentence before."""
        if "(" not in sentence and ")" not in sentence:
            return _Walk(self, sentence, (), carried, depth).over(sentence, None)
        outer, origin, groups = _unbracketed(sentence)
        return _Walk(self, sentence, groups, carried, depth).over(outer, origin)

    def piece(self, text: str) -> Piece:
        """What a piece says."""
        found = self._pieces.get(text)
        if found is None:
            found = self._reader.read(text)
            if found.kind == COMPOUND:
                items = tuple((p, s + at, e + at) for part, at in found.parts for p, s, e in part.items)
                found = found._replace(items=items)
            self._pieces[text] = found
        return found

    def group(self, text: str, depth: int) -> Group:
        """What a bracket behind a word says; its text stands without the bracket."""
        if depth >= DEEPEST or len(text) > LONGEST_GROUP:
            return _NOTHING
        found = self._groups.get(text)
        if found is None:
            found = self._groups[text] = self._read_group(text, depth)
        return found

    def _read_group(self, text: str, depth: int) -> Group:
        if _LIMITED.match(text):
            return _NOTHING
        lead = _GROUP_LEAD.match(text)
        skipped = lead.end() if lead else 0
        is_kind = text[:skipped].strip() == "含"
        after, shared, own = 0, [], []
        at = skipped
        for part in _SENTENCE.split(text[skipped:])[::2]:
            said = self.read(part, 0, depth + 1)
            verbs = self._only_verbs(part)
            after |= 0 if is_kind else verbs
            for mask, (phrase, start, end) in said.mentions if not verbs else ():
                item = (phrase, at + start, at + end)
                if is_kind and text[at + end : at + end + 1] == "类":  # 片剂(含头孢菌素类): tablets, not the substance
                    continue
                if mask:
                    if not is_kind:  # 食品(含冷冻冷藏): a kind of food, not a service
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


def _group_places(text: str) -> list[int]:
    """Where brackets stood, counted in the text without their marks."""
    places: list[int] = []
    at = -1
    for number in range(text.count(_GROUP)):
        at = text.index(_GROUP, at + 1)
        places.append(at - number)
    return places


def _unbracketed(sentence: str) -> tuple[str, list[int], tuple[tuple[int, int], ...]]:
    """The sentence with one mark for each outer bracket, where each character came from, and the brackets' spans.

    A bracket left open reaches to the end; a closing one without an opening is a separator.
    """
    outer: list[str] = []
    origin: list[int] = []
    groups: list[tuple[int, int]] = []
    at = depth = begin = 0
    for found in _BRACKET.finditer(sentence):
        place = found.start()
        if found.group() == "(":
            if depth == 0:
                outer.append(sentence[at:place])
                origin.extend(range(at, place))
                begin = place
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                outer.append(_GROUP)
                origin.append(begin)
                groups.append((begin + 1, place))
                at = place + 1
        else:
            outer.append(sentence[at:place] + "、")
            origin.extend(range(at, place + 1))
            at = place + 1
    if depth:
        outer.append(_GROUP)
        origin.append(begin)
        groups.append((begin + 1, len(sentence)))
    else:
        outer.append(sentence[at:])
        origin.extend(range(at, len(sentence)))
    return "".join(outer), origin, tuple(groups)


class _Walk:
    """The state while one sentence is read from left to right.

    `led` are roles said before a list (`生产:A、B`), `listed` the items of this clause under them, `waiting` items whose verb may come
    after (`A、B的制造`), `open` items that the verbs just read belong to (`A制造、销售`), `verbs` a run of verbs alone that is not settled.
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
        "mentions",
        "next_group",
        "open",
        "open_mask",
        "reader",
        "sentence",
        "verb_items",
        "verbs",
        "waiting",
    )  # fmt: skip

    def __init__(self, reader: SentenceReader, sentence: str, groups: tuple[tuple[int, int], ...], carried: int, depth: int) -> None:
        self.reader, self.sentence, self.groups, self.depth = reader, sentence, groups, depth
        self.mentions: list[tuple[int, Item]] = []
        self.led, self.is_colon, self.led_clause = carried, bool(carried), -1
        self.listed: list[Item] = []
        self.waiting: list[Item] = []
        self.open: list[Item] = []
        self.verb_items: list[tuple[int, Item]] = []
        self.open_mask = self.verbs = self.clause = self.next_group = 0
        self.is_first = self.is_weak = self.is_excluding = False

    def over(self, outer: str, origin: list[int] | None) -> Said:
        """Read the whole sentence; `origin` says where each character of `outer` stands in it."""
        parts = _SEPARATOR.split(outer)
        parts.append("")
        at = 0
        before = ","
        known = self.reader._pieces
        for index in range(0, len(parts), 2):
            text, separator = parts[index], parts[index + 1]
            if text:
                if before == ",":
                    self._next_clause()
                if origin is not None:
                    self._take_mapped(text, origin[at : at + len(text)], before, separator)
                else:
                    piece = known.get(text)
                    if piece is None:
                        piece = self.reader.piece(text)
                    kind, roles_before, roles_after, items, _ = piece
                    if self.is_excluding or kind == SKIP:
                        pass
                    elif kind == ITEMS and not (roles_before or roles_after or self.verbs) and (separator == "、" or separator == ","):
                        listed = self.listed if self.led else self.waiting  # nine pieces in ten
                        for phrase, start, end in items:
                            listed.append((phrase, start + at, end + at))
                    else:
                        self._apply(piece, [(p, s + at, e + at) for p, s, e in items], 0, before, separator)
            elif separator == ":" and self.verbs:
                self._lead_by_colon()
            at += len(text) + len(separator)
            if text or separator == ",":
                before = separator
        self._settle(None, "")
        self._commit()
        self.mentions.extend((0, item) for item in self.waiting)
        return Said(tuple(self.mentions), self.led if self.is_colon else 0)

    def _take_mapped(self, text: str, origin: list[int], before: str, separator: str) -> None:
        """One piece of a sentence with brackets."""
        after = 0
        spans: tuple[tuple[int, int], ...] = ()
        shared: list[Item] = []
        own: list[tuple[int, Item]] = []
        if _GROUP in text:
            places = _group_places(text)
            origin = [place for place, character in zip(origin, text, strict=True) if character != _GROUP]
            text = text.replace(_GROUP, "")
            spans = self.groups[self.next_group : self.next_group + len(places)]
            self.next_group += len(places)
            if not text.strip():
                for begin, end in spans:
                    self._take_bare(begin, end)
                return
            piece = self.reader.piece(text)
            for place, (begin, end) in zip(places, spans, strict=True):
                if any(s < place < e for _, s, e in piece.items):  # 电路板(PCB)用钻头: another word for what stands before it
                    continue
                group = self.reader.group(self.sentence[begin:end], self.depth)
                after |= group.after
                shared.extend((p, s + begin, e + begin) for p, s, e in group.shared)
                own.extend((mask, (p, s + begin, e + begin)) for mask, (p, s, e) in group.own)
        else:
            piece = self.reader.piece(text)
        if self.is_excluding or piece.kind == SKIP:
            return
        if after and piece.after and not piece.after & ~SERVICE:  # 货物专用运输(冷藏保鲜): what the service is about
            shared.extend((self.sentence[begin:end], begin, end) for begin, end in spans if end - begin <= LONGEST_PHRASE)
            after = 0
        items = [(p, origin[s], origin[e - 1] + 1) for p, s, e in piece.items]
        self.mentions.extend(own)
        if piece.kind in (VERBS, WEAK_VERBS):
            self.mentions.extend((piece.before, item) for item in shared)
        else:
            items += shared
        self._apply(piece, items, after, before, separator)

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
            said = self.reader.read(parts[index], carried, self.depth + 1)
            self.mentions.extend((mask, (p, s + offset, e + offset)) for mask, (p, s, e) in said.mentions)
            carried = said.carried
            offset += len(parts[index]) + 1

    def _apply(self, piece: Piece, items: list[Item], group_after: int, before: str, separator: str) -> None:
        kind = piece.kind
        if kind == COMPOUND:
            self._apply_parts(piece, items, group_after, before, separator)
        elif kind == EXCLUDES:
            self.is_excluding = True
        elif kind in (VERBS, WEAK_VERBS):
            if not self.verbs:
                self.is_first, self.is_weak = before == ",", True
            self.is_weak = self.is_weak and kind == WEAK_VERBS
            self.verbs |= piece.before | group_after
            self.verb_items.append((piece.before, items[0]))
            if separator == ":":
                self._lead_by_colon()
        elif kind in (HEADER, RESET):
            self._settle(None, "")
            if separator == ":" or kind == HEADER:
                self._commit()
                self._release()
                self.led, self.open = 0, []
        elif separator[:2] == ".." or separator[:1] == "…":
            self._settle(piece, before)
            if items[:-1]:
                self._list(items[:-1])
        else:
            self._settle(piece, before)
            self._place(piece, items, piece.after | group_after, separator)

    def _apply_parts(self, piece: Piece, items: list[Item], group_after: int, before: str, separator: str) -> None:
        """A piece that is two: `items` are those of all its parts, one after the other, and what brackets add to the last."""
        taken = 0
        for number, (part, _) in enumerate(piece.parts):
            is_last = number == len(piece.parts) - 1
            own = items[taken:] if is_last else items[taken : taken + len(part.items)]
            taken += len(part.items)
            if part.kind != SKIP:
                self._apply(part, own, group_after if is_last else 0, before if number == 0 else "、", separator if is_last else "、")

    def _place(self, piece: Piece, items: list[Item], after: int, separator: str) -> None:
        if piece.before:
            if after:
                self._say(piece.before | after, items)
                self.open, self.open_mask = items, piece.before | after
            else:
                self.listed = items
        elif piece.kind == ALONE and after:
            self._say(after, items)
            if separator == ":":
                self._lead(after, is_colon=True)
        elif after:
            if not self.led:
                items = self.waiting + items
                self.waiting = []
            elif self.led_clause == self.clause:
                self._commit()
            else:
                items = self.listed + items
                self.listed = []
            self._say(after, items)
            self.open, self.open_mask = items, after
            if separator == ":":
                self._lead(after, is_colon=True)
            elif not self.is_colon:
                self.led = 0
        else:
            self._list(items)
        if separator == ":" and self.led:
            self.is_colon = True

    def _list(self, items: list[Item]) -> None:
        """Items without a verb of their own."""
        if self.led:
            self.listed.extend(items)
        else:
            self.waiting.extend(items)

    def _say(self, mask: int, items: list[Item]) -> None:
        self.mentions.extend((mask, item) for item in items)

    def _lead(self, mask: int, *, is_colon: bool) -> None:
        self.led, self.is_colon, self.led_clause = mask, is_colon, self.clause

    def _lead_by_colon(self) -> None:
        """A run of verbs before a colon: `生产、销售:`."""
        self._commit()
        self._release()
        self._lead(self.verbs, is_colon=True)
        self.verbs, self.verb_items, self.open = 0, [], []

    def _commit(self) -> None:
        """The items under a leading verb get its roles; verbs alone that follow still belong to them."""
        if self.listed:
            self._say(self.led, self.listed)
            self.open, self.open_mask, self.listed = self.listed, self.led, []

    def _release(self) -> None:
        """No verb came for the waiting items."""
        self._say(0, self.waiting)
        self.waiting = []

    def _next_clause(self) -> None:
        self._commit()
        self.clause += 1
        self.is_excluding = False

    def _settle(self, piece: Piece | None, before: str) -> None:
        """Decide what the run of verbs before `piece` (None: nothing follows) belongs to, and begin a list where `piece` leads one."""
        verbs, items = self.verbs, self.verb_items
        joined = 0
        if verbs:
            self.verbs, self.verb_items = 0, []
            leads = piece is not None and bool(piece.before) and not piece.after and before != "," and self.is_first
            is_taken = (self.open or self.waiting or self.listed) and not leads
            if is_taken and not (self.is_weak and not self.open and not self.listed):
                self._extend(verbs)
            elif piece is None or self.is_weak or piece.kind == ALONE:
                self.mentions.extend((mask, item) for mask, item in items)
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
            self._say(verbs, self.waiting)
            self.open, self.open_mask, self.waiting = self.waiting, verbs, []
            return
        added = verbs & ~self.open_mask
        if added:
            self._say(added, self.open)
            self.open_mask |= added
