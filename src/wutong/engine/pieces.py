"""What a single piece of a scope says: the text between two separators, such as “液压缸及配件的制造”."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain
from typing import Any, NamedTuple, cast

import daachorse


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
    """What one piece says. `parts` are pieces inside it with their place (`A制造及B装配`).

    Units: start and end count characters of the piece.
    """

    kind: int
    before: int = 0
    after: int = 0
    items: tuple[Item, ...] = ()
    parts: tuple[tuple[Any, int], ...] = ()


ITEMS, VERBS, WEAK_VERBS, SKIP, EXCLUDES, HEADER, ALONE, RESET, COMPOUND = range(9)
_SKIP = Piece(SKIP)
_EXCLUDES = Piece(EXCLUDES)
_HEADER = Piece(HEADER)
_RESET = Piece(RESET)
_JUNK = " \t　*＊^〓※#＃$.．·•-—_+=~`'\"“”‘’《》<>〈〉?？!！|\\&＆"
_NARROW = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
_JOINERS = ("以及", "及其", "及", "和", "与", "兼", "/")
_CONNECTORS = "及和与或兼并的、/,"
_TAILS = ("等相关业务", "及相关业务", "及服务", "等业务", "等服务", "业务", "活动", "一体", "为主", "等")
_LONGEST_VERB = 8
_VERB, _JOINER, _OWN, _NEUTRAL, _BOILERPLATE, _ORNAMENT, _WHOLE = (1 << bit for bit in range(7))
_HEADING = re.compile("^(?:无?(?:一般|许可|前置许可|后置许可)经营项目)(?=.)")
_SERVICE_TAIL = re.compile(
    "(以及|及其|[及和与并])(?=(?:提供|相关|有关|配套|上述|其)+的?(?:技术|售后|咨询|配套|安装|维修|检测|培训)[^及和与]{0,6}(?:服务|咨询)$)"
)
_HEADINGS = tuple(f"{no}{kind}经营项目" for no in ("", "无") for kind in ("一般", "许可", "前置许可", "后置许可"))
_OTHERS = ("隶属", "所属", "总", "母", "集团", "上级", "关联", "成员")
"""Before 公司生产的: it is another that makes the thing, and this firm only sells it (销售总公司生产的轴承)."""
_AD_VERBS = ("代理", "发布")
"""Nouns before most things, and verbs before advertising: 设计、制作、代理国内外各类广告."""
_LOOKED_FOR = (
    "经营", "项目", "经营项目", "本企业生产", "本公司生产", "本厂生产", "批量", "服务", "业务", "等", "提供", "相关", "有关",
    "配套", "上述", "其", "技术", "售后", "咨询", "安装", "维修", "检测", "培训", "附属", "所有", "广告", *_OTHERS,
)  # fmt: skip
_LISTS_LOOKED_FOR = (
    "own_products", "neutral", "boilerplate", "strip_before", "strip_after", "unsplit",
    "exclusion_starts", "exclusion_ends", "not_exclusions",
)  # fmt: skip
_LISTS_COMPARED = ("noun_after_verb", "joined_heads", "standalone", "keep_whole", "headers", "not_products")
NEXT_TO_WORDS = "的商员部用型类式性业量机件器容0123456789"
"""Characters that the parser looks at where they stand behind a word that it knows."""
_LEADS = ("除", "但", "仅限", "限于", "凡", "以上", "上述", "如需", "涉及", "凭")
WIDE = re.compile("[！-～]")
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
    neutral: re.Pattern[str]
    telling: daachorse.CharwiseDoubleArrayAhoCorasick
    flags: tuple[int, ...]
    looked_for: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
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
        telling: dict[str, int] = defaultdict(int)
        for flag, group in (
            (_VERB, roles),
            (_VERB, ("经营", "项目")),
            (_JOINER, _JOINERS),
            (_OWN, words("own_products")),
            (_NEUTRAL, words("neutral")),
            (_BOILERPLATE, words("boilerplate")),
            (_ORNAMENT, words("strip_before")),
            (_ORNAMENT, words("strip_after")),
            (
                _WHOLE,
                (*words("keep_whole"), *words("headers"), *words("not_products"), *words("exclusion_starts"), *words("exclusion_ends")),
            ),
        ):
            for word in group:
                telling[word] |= flag
        listed = sorted(telling)
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
            neutral=re.compile(f"(?:{_any(words('neutral'))})(?![机件器])"),
            telling=daachorse.CharwiseDoubleArrayAhoCorasick(listed),
            flags=tuple(telling[word] for word in listed),
            looked_for=frozenset(chain(roles, _LOOKED_FOR, _JOINERS, _LEADS, _TAILS, _JUNK, _CONNECTORS, *map(words, _LISTS_LOOKED_FOR))),
            compared=frozenset(chain(_HEADINGS, *map(words, _LISTS_COMPARED))),
            last_characters=frozenset(v[-1] for v in roles) | frozenset("务动等营体主关"),
            first_characters=frozenset(v[0] for v in roles),
        )


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=lambda word: (-len(word), word)))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in _longest_first(words))


def narrowed(text: str) -> str:
    """ＰＣＢ as PCB."""
    return text if text.isascii() or not WIDE.search(text) else text.translate(_NARROW)


class PieceReader:
    """Reads pieces, and remembers those that it has read."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._split = re.compile("以及|及其|[及和与]|兼(?!容)|/")
        self._joined = re.compile(f"^(?:其|相关|配套|附属|所有)*(?:的)?({_any(words.joined_heads)})$")
        self._unsplit = re.compile(_any(words.unsplit))

    def read(self, piece: str) -> Piece:  # noqa: PLR0911, PLR0912 - cases in order, each two lines
        """What `piece` says; it holds no separator and no bracket."""
        words = self.words
        text = piece.strip(_JUNK)
        if not text or len(text) > LONGEST_PIECE or not _CJK.search(text):
            return _SKIP
        flags = 0
        for hit in words.telling.find_overlapping(text):
            flags |= words.flags[hit[2]]
        if not flags and text[0] > "\u3400" and not text.startswith(_LEADS):
            if len(text) > LONGEST_PHRASE:
                return _SKIP
            start = piece.find(text)
            return Piece(ITEMS, items=((narrowed(text), start, start + len(text)),))
        if text in words.headers or text.endswith("经营项目"):
            return _HEADER
        if text.startswith("除") or text.startswith(words.exclusion_starts):
            if not text.startswith(words.not_exclusions):
                return _EXCLUDES
        elif text.startswith(_LEADS[1:]):
            own = self._own(text)
            return own if own is not None else _SKIP
        if text.endswith(words.exclusion_ends) or text.endswith(("本企业生产", "本公司生产", "本厂生产")):
            return _SKIP
        if flags & _BOILERPLATE:
            return self._own(text) or _SKIP
        start = piece.find(text)
        number = _NUMBER.match(text)
        if number:
            start += number.end()
            text = text[number.end() :].lstrip(_JUNK)
        heading = _HEADING.match(text)
        if heading:
            start += heading.end()
            text = text[heading.end() :]
        if flags & _JOINER and flags & _VERB:
            cut = self._cut(text)
            if cut:
                left, right = text[: cut[0]], text[cut[1] :]
                return Piece(COMPOUND, parts=((self._read(left, 0, flags), start), (self._read(right, 0, flags), start + cut[1])))
        return self._read(text, start, flags) if text else _SKIP

    def _cut(self, text: str) -> tuple[int, int] | None:
        """Where a piece is two: `A制造及B装配`, `A以及相关的技术服务`."""
        tail = _SERVICE_TAIL.search(text[-TAIL:])
        base = max(0, len(text) - TAIL)
        if tail and base + tail.start() > 1:
            return base + tail.start(), base + tail.end(1)
        for found in self._split.finditer(text):
            left, right = text[: found.start()], text[found.end() :]
            if found.group() == "/" or len(left) < 3 or len(right) < 3 or self._verb_mask(right) is not None:
                continue
            mask, begin = self._run_at_end(left[-TAIL:])
            if mask and begin > 0 and self._verb_mask(left) is None and (self._trailing(right)[0] or self._leading(right)[0]):
                return found.start(), found.end()
        return None

    def _own(self, text: str) -> Piece | None:
        """“出口本企业自产的轴承” inside boilerplate still says that the firm makes something."""
        if any(word in text for word in self.words.own_products):
            return Piece(ALONE, after=MAKES, items=((OWN_PRODUCTS, 0, len(text)),))
        return None

    def _read(self, text: str, start: int, flags: int) -> Piece:
        words = self.words
        begin, full = start, len(text)
        if text in words.keep_whole:
            return Piece(ALONE, after=1 << Role.PROCESSES, items=((text, start, start + len(text)),))
        is_led = False
        for _ in range(3 if flags & _NEUTRAL else 0):
            led = words.neutral.match(text)
            if led is None or self._verb_mask(text) is not None:
                break
            text = text[led.end() :]
            start += led.end()
            is_led = True
        if not text:
            return _RESET
        before, after, length, own = 0, 0, len(text), 0
        if flags & _VERB:
            mask = self._verb_mask(text)
            if mask is not None:
                kind = WEAK_VERBS if text in words.standalone else VERBS
                return Piece(kind, before=mask, items=((text, start, start + len(text)),))
            before, length = self._leading(text)
            text, start = text[length:], start + length
            after, length = self._trailing(text)
        for word in words.own_products if flags & _OWN else ():
            at = text.find(word)
            if at >= 0:
                own = 0 if text.endswith(_OTHERS, 0, at) else MAKES
                skipped = at + len(word)
                text, start, length = text[skipped:], start + skipped, max(0, length - skipped)
        whole, core = text, text[:length]
        if after and not before and not after & ~SERVICE:
            kind = ALONE if self._is_alone(text[length:]) else ITEMS
            phrase = self._cleaned(whole, start)
            return Piece(kind, after=after | own, items=(phrase,) if phrase else ())
        items = tuple(self._items(core, start)) if flags & _JOINER else self._single(core, start)
        if not items and own:
            items = ((OWN_PRODUCTS, begin, begin + full),)
        if not items:
            return Piece(RESET if is_led else SKIP)
        if own:
            after |= own | before
        return Piece(ALONE if after & SERVICE and self._is_alone(text[length:]) else ITEMS, before=before, after=after, items=items)

    def _is_alone(self, tail: str) -> bool:
        tail = tail.removeprefix("的")
        return (
            tail in self.words.standalone or tail.endswith(("服务", "业务")) or (tail.endswith("等") and tail[:-1] in self.words.standalone)
        )

    def _verb_mask(self, text: str) -> int | None:
        """The roles of a piece that is nothing but verbs; None if it is more."""
        if len(text) > TAIL:
            return None
        known = self.words.roles.get(text)
        if known is not None:
            return known
        body = text.strip("的等").removesuffix("业务")
        mask, length = self._run_at_start(body)
        return mask if mask and length == len(body) else None

    def _run_at_start(self, text: str) -> tuple[int, int]:
        """Roles of the verbs that `text` begins with, and their length: 生产、销售, 研发及生产, 生产经营."""
        roles = self.words.roles
        mask = at = length = 0
        while at < len(text) and at < TAIL:
            for size in range(min(_LONGEST_VERB, len(text) - at), 1, -1):
                found = roles.get(text[at : at + size])
                if found is not None:
                    mask |= found
                    at += size
                    length = at
                    break
            else:
                if mask and text.startswith("经营", at):
                    return mask | 1 << Role.SELLS, at + 2
                if not mask or at > length + 1 or text[at] not in _CONNECTORS:
                    break
                at += 1
        return mask, length

    def _run_at_end(self, text: str) -> tuple[int, int]:
        """Roles of the verbs that `text` ends with, and where they begin."""
        roles = self.words.roles
        mask, end, begin = 0, len(text), len(text)
        while end > 0 and len(text) - end < TAIL:
            for size in range(min(_LONGEST_VERB, end), 1, -1):
                found = roles.get(text[end - size : end])
                if found is not None:
                    mask |= found
                    end -= size
                    begin = end
                    break
            else:
                if not mask and text.endswith("经营", 0, end):
                    mask, end = 1 << Role.SELLS, end - 2
                    begin = end
                    continue
                if not mask or begin - end > 1 or text[end - 1] not in _CONNECTORS:
                    break
                end -= 1
        return mask, begin

    def _leading(self, text: str) -> tuple[int, int]:  # noqa: PLR0911
        """Roles said before the product, and how many characters say it."""
        words = self.words
        if text[0] not in words.first_characters:
            return 0, 0
        mask, length = self._run_at_start(text)
        if not mask:
            return 0, 0
        run, rest = text[:length], text[length:]
        if not rest or rest[0] in "的商员部用型类式性业量" or words.ornament_after.sub("", rest[-TAIL:]) in words.noun_after_verb:
            return self._without_last(run) if rest else (0, 0)
        if run in words.noun_like_verbs:
            return (mask, length) if run in _AD_VERBS and rest.removesuffix("业务").endswith("广告") else (0, 0)
        head, _, _ = rest.partition("及")
        if head in words.noun_after_verb and run not in ("销售", "批发", "零售", "经销", "购销"):
            return self._without_last(run)
        after, size = self._trailing(rest)
        if after and rest[:size].rstrip("的") in words.noun_after_verb:
            return 0, 0
        return mask, length

    def _without_last(self, run: str) -> tuple[int, int]:
        """The verbs of a run whose last one belongs to the product: 批发零售铸造机械 sells 铸造机械."""
        for size in range(min(_LONGEST_VERB, len(run) - 2), 1, -1):
            if run[-size:] in self.words.noun_like_verbs:
                mask = self._verb_mask(run[:-size])
                if mask and run[:-size] not in self.words.noun_like_verbs:
                    return mask, len(run) - size
        return 0, 0

    def _trailing(self, text: str) -> tuple[int, int]:
        """Roles said after the product, and how many characters come before them."""
        words = self.words
        if not text or text[-1] not in words.last_characters:
            return 0, len(text)
        body = text
        for tail in _TAILS:
            if text.endswith(tail) and text not in words.roles:
                shorter = text[: -len(tail)]
                if self._run_at_end(shorter)[0]:
                    body = shorter
                break
        mask, begin = self._run_at_end(body)
        if not mask:
            return 0, len(text)
        return mask, len(body[:begin].removesuffix("批量").removesuffix("的"))

    def _single(self, core: str, start: int) -> tuple[Item, ...]:
        item = self._cleaned(core, start)
        return (item,) if item else ()

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
        return narrowed(text), start, end
