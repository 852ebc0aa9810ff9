"""What a single piece of a scope says: the text between two separators, such as “液压缸及配件的制造”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, cast


class Role(IntEnum):
    """What a firm does with a product, as its scope says (作用)."""

    UNSTATED = 0
    MAKES = 1
    PROCESSES = 2
    GROWS = 3
    SELLS = 4
    INSTALLS = 5
    REPAIRS = 6
    RESEARCHES = 7
    DESIGNS = 8
    STORES = 9
    TRANSPORTS = 10
    PROVIDES = 11


ROLES_OF_MASK: tuple[tuple[int, ...], ...] = tuple(
    tuple(int(role) for role in Role if role and mask >> role & 1) or (0,) for mask in range(1 << len(Role))
)
MAKES = 1 << Role.MAKES
SERVICE = 1 << Role.PROVIDES | 1 << Role.STORES | 1 << Role.TRANSPORTS
OWN_PRODUCTS = "自产产品"
LONGEST_PHRASE = 40
LONGEST_PIECE = 400
TAIL = 24

Item = tuple[str, int, int]


class Piece(NamedTuple):
    """What one piece says. Units: start and end of items count characters of the piece."""

    kind: int
    before: int = 0
    after: int = 0
    items: tuple[Item, ...] = ()


ITEMS, VERBS, WEAK_VERBS, SKIP, EXCLUDES, HEADER, ALONE, RESET = range(8)
_SKIP = Piece(SKIP)
_EXCLUDES = Piece(EXCLUDES)
_HEADER = Piece(HEADER)
_RESET = Piece(RESET)
_JUNK = " \t　*＊^〓※#＃$.．·•-—_+=~`'\"“”‘’《》<>〈〉?？!！|\\&＆"
_NARROW = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
_WIDE = re.compile("[！-～]")
_NUMBER = re.compile(r"[0-9０-９]{1,3}[.．](?![0-9])|^[0-9０-９.]+$|^[（(]?[一二三四五六七八九十0-9]+[）)]")
_CJK = re.compile(r"[㐀-鿿A-Za-zＡ-Ｚａ-ｚ]")


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists of `scope_words.yaml`, made ready for the parser."""

    roles: Mapping[str, int]
    standalone: frozenset[str]
    keep_whole: frozenset[str]
    noun_after_verb: frozenset[str]
    noun_like_verbs: frozenset[str]
    headers: frozenset[str]
    not_products: frozenset[str]
    joined_heads: tuple[str, ...]
    unsplit: tuple[str, ...]
    not_exclusions: tuple[str, ...]
    exclusion_starts: tuple[str, ...]
    exclusion_ends: tuple[str, ...]
    own_products: tuple[str, ...]
    ornament_before: re.Pattern[str]
    ornament_after: re.Pattern[str]
    stripped_first: frozenset[str]
    stripped_last: frozenset[str]
    boilerplate: re.Pattern[str]
    neutral: re.Pattern[str]
    prefix: re.Pattern[str]
    suffix: re.Pattern[str]
    excluded_tail: re.Pattern[str]
    last_characters: frozenset[str] = field(default_factory=frozenset)
    first_characters: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> Words:
        """Raises: KeyError, TypeError where a list of `scope_words.yaml` is missing or is none."""

        def words(name: str) -> tuple[str, ...]:
            return tuple(cast(Iterable[str], raw[name]))

        roles: dict[str, int] = {}
        for name, verbs in cast(Mapping[str, Sequence[str]], raw["verbs"]).items():
            for verb in verbs:
                roles.setdefault(verb, 1 << Role[name.upper()])
        roles["产销"] = roles["制售"] = roles["自产自销"] = MAKES | 1 << Role.SELLS
        for verb in ("储运", "物流", "物流服务"):
            roles[verb] = 1 << Role.STORES | 1 << Role.TRANSPORTS
        roles["研产"] = MAKES | 1 << Role.RESEARCHES
        verb = _any(roles)
        run = f"(?:{verb})(?:[及和与或兼并的、/,]{{0,2}}(?:{verb}))" + "{0,8}"
        return cls(
            roles=roles,
            standalone=frozenset(words("standalone")),
            keep_whole=frozenset(words("keep_whole")),
            noun_after_verb=frozenset(words("noun_after_verb")),
            noun_like_verbs=frozenset(words("noun_like_verbs")),
            headers=frozenset(words("headers")),
            not_products=frozenset(words("not_products")),
            joined_heads=_longest_first(words("joined_heads")),
            unsplit=words("unsplit"),
            not_exclusions=words("not_exclusions"),
            exclusion_starts=words("exclusion_starts"),
            exclusion_ends=words("exclusion_ends"),
            own_products=words("own_products"),
            ornament_before=re.compile(f"(?:[{re.escape(_JUNK)}]|{_any(words('strip_before'))})+"),
            ornament_after=re.compile(f"(?:[{re.escape(_JUNK)}]|{_any(words('strip_after'))})+$"),
            stripped_first=frozenset(_JUNK) | frozenset(word[0] for word in words("strip_before")),
            stripped_last=frozenset(_JUNK) | frozenset(word[-1] for word in words("strip_after")),
            boilerplate=re.compile(_any(words("boilerplate"))),
            neutral=re.compile(f"(?:{_any(words('neutral'))})(?![机件器])"),
            prefix=re.compile(f"(?:{run})(?:经营)?"),
            suffix=re.compile(f"的?(?:批量)?({run})(?:经营)?(?:业务|活动|等业务|等服务|等|一体|及服务|及相关业务|为主)?$"),
            excluded_tail=re.compile("|".join(("不含", "不包括", "除外", "以外"))),
            last_characters=frozenset(v[-1] for v in roles) | frozenset("务动等营体主"),
            first_characters=frozenset(v[0] for v in roles),
        )


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=lambda word: (-len(word), word)))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in _longest_first(words))


class PieceReader:
    """Reads pieces, and remembers those that it has read."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._verb = re.compile(_any(words.roles))
        self._split = re.compile("以及|及其|[及和与]|兼(?!容)|/")
        self._joined = re.compile(f"^(?:其|相关|配套|附属|所有)*(?:的)?({_any(words.joined_heads)})$")
        self._unsplit = re.compile(_any(words.unsplit))

    def read(self, piece: str) -> Piece:
        """What `piece` says; it holds no separator and no bracket."""
        words = self.words
        text = piece.strip(_JUNK)
        if not text or len(text) > LONGEST_PIECE or not _CJK.search(text):
            return _SKIP
        if text in words.headers or text.endswith("经营项目"):
            return _HEADER
        if text.startswith("除") or text.startswith(words.exclusion_starts):
            if not text.startswith(words.not_exclusions):
                return _EXCLUDES
        elif text.startswith(("但", "仅限", "限于", "凡", "以上", "上述", "如需", "涉及", "凭")):
            own = self._own(text)
            return own if own is not None else _SKIP
        if text.endswith(words.exclusion_ends):
            return _SKIP
        if words.boilerplate.search(text):
            return self._own(text) or _SKIP
        start = piece.find(text)
        number = _NUMBER.match(text)
        if number:
            start += number.end()
            text = text[number.end() :].lstrip(_JUNK)
        return self._read(text, start) if text else _SKIP

    def _own(self, text: str) -> Piece | None:
        """“出口本企业自产的轴承” inside boilerplate still says that the firm makes something."""
        if any(word in text for word in self.words.own_products):
            return Piece(ALONE, after=MAKES, items=((OWN_PRODUCTS, 0, len(text)),))
        return None

    def _read(self, text: str, start: int) -> Piece:
        words = self.words
        begin, full = start, len(text)
        if text in words.keep_whole:
            return Piece(ALONE, after=1 << Role.PROCESSES, items=((text, start, start + len(text)),))
        is_led = False
        for _ in range(3):
            led = words.neutral.match(text)
            if led is None or self._verb_mask(text) is not None:
                break
            text = text[led.end() :]
            start += led.end()
            is_led = True
        if not text:
            return _RESET
        mask = self._verb_mask(text)
        if mask is not None:
            kind = WEAK_VERBS if text in words.standalone else VERBS
            return Piece(kind, before=mask, items=((text, start, start + len(text)),))
        before, length = self._leading(text)
        text, start = text[length:], start + length
        after, length = self._trailing(text)
        own = 0
        for word in words.own_products:
            at = text.find(word)
            if at >= 0:
                own = MAKES
                skipped = at + len(word)
                text, start, length = text[skipped:], start + skipped, max(0, length - skipped)
        whole, core = text, text[:length]
        if after and not before and not after & ~SERVICE:
            kind = ALONE if words.suffix.search(text[-TAIL:]) and self._is_alone(text[length:]) else ITEMS
            phrase = self._cleaned(whole, start)
            return Piece(kind, after=after | own, items=(phrase,) if phrase else ())
        items = tuple(self._items(core, start))
        if not items and own:
            items = ((OWN_PRODUCTS, begin, begin + full),)
        if not items:
            return Piece(RESET if is_led else SKIP)
        if own:
            after |= own | before
        return Piece(ALONE if after and self._is_alone(text[length:]) else ITEMS, before=before, after=after, items=items)

    def _is_alone(self, tail: str) -> bool:
        tail = tail.removeprefix("的")
        return (
            tail in self.words.standalone or tail.endswith(("服务", "业务")) or (tail.endswith("等") and tail[:-1] in self.words.standalone)
        )

    def _verb_mask(self, text: str) -> int | None:
        """The roles of a piece that is nothing but verbs; None if it is more."""
        if len(text) > TAIL:
            return None
        if text in self.words.roles:
            return self.words.roles[text]
        body = text.strip("的等").removesuffix("业务") if text[0] not in self.words.roles else text
        for ending in ("经营", ""):
            trial = body.removesuffix(ending) if ending else body
            found = self.words.prefix.fullmatch(trial) if trial else None
            if found:
                mask = self._mask(trial)
                return mask | (1 << Role.SELLS if ending and trial != body else 0)
        return None

    def _mask(self, run: str) -> int:
        mask = 0
        for verb in self._verb.findall(run):
            mask |= self.words.roles[verb]
        return mask | (1 << Role.SELLS if run.endswith("经营") else 0)

    def _leading(self, text: str) -> tuple[int, int]:
        """Roles said before the product, and how many characters say it."""
        words = self.words
        if text[0] not in words.first_characters:
            return 0, 0
        found = words.prefix.match(text)
        if found is None:
            return 0, 0
        run, rest = found.group(), text[found.end() :]
        if not rest or rest[0] in "的商员部用型类式性业量" or rest in words.noun_after_verb:
            return 0, 0
        if run in words.noun_like_verbs:
            return 0, 0
        head, _, _ = rest.partition("及")
        if head in words.noun_after_verb and run not in ("销售", "批发", "零售", "经销", "购销"):
            return 0, 0
        after, length = self._trailing(rest)
        if after and rest[:length].rstrip("的") in words.noun_after_verb:
            return 0, 0
        return self._mask(run), found.end()

    def _trailing(self, text: str) -> tuple[int, int]:
        """Roles said after the product, and how many characters come before them."""
        words = self.words
        if not text or text[-1] not in words.last_characters:
            if text.endswith("经营") and len(text) > 2:
                return 1 << Role.SELLS, len(text) - 2
            return 0, len(text)
        tail = text[-TAIL:]
        found = words.suffix.search(tail)
        if found is None:
            if text.endswith("经营") and len(text) > 2:
                return 1 << Role.SELLS, len(text.removesuffix("经营").rstrip("的"))
            return 0, len(text)
        length = len(text) - len(tail) + found.start()
        return self._mask(found.group(1)) | (
            1 << Role.SELLS if "经营" in found.group()[-6:] and found.group().rstrip("业务等").endswith("经营") else 0
        ), length

    def _items(self, core: str, start: int) -> Iterable[Item]:
        """The product phrases of the core: split at 及, 和, 与; “甲及配件” gives 甲 and 甲配件."""
        parts: list[tuple[int, int]] = []
        at = 0
        for found in self._split.finditer(core):
            left, right = found.start() - at, len(core) - found.end()
            if left < 1 or right < 1 or (found.group() in "和与兼/" and (left < 2 or right < 2)):
                continue
            if self._unsplit.search(core, max(0, found.start() - 1), found.end() + 1):
                continue
            parts.append((at, found.start()))
            at = found.end()
        parts.append((at, len(core)))
        last: Item | None = None
        for begin, end in parts:
            joined = self._joined.match(core[begin:end]) if last else None
            if joined and last:
                phrase = last[0] + joined.group(1)
                if len(phrase) <= LONGEST_PHRASE:
                    yield phrase, last[1], start + end
                continue
            item = self._cleaned(core[begin:end], start + begin)
            if item:
                yield item
                last = item

    def _cleaned(self, text: str, start: int) -> Item | None:
        """The phrase without ornaments, or None if nothing is left that names a product."""
        words = self.words
        end = start + len(text)
        if text and (text[0] in words.stripped_first or text[-1] in words.stripped_last):
            led = words.ornament_before.match(text)
            if led and led.end() < len(text):
                start += led.end()
                text = text[led.end() :]
            tail = text[1:][-TAIL:]
            trailed = words.ornament_after.search(tail)
            if trailed:
                end -= len(tail) - trailed.start()
                text = text[: end - start]
        if not text or len(text) > LONGEST_PHRASE or text in words.not_products or not _CJK.search(text):
            return None
        return (text if text.isascii() or not _WIDE.search(text) else text.translate(_NARROW)), start, end
