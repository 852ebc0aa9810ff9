"""What stands in a scope's lists and is no product of the firm: media of advertising, fields of investment, what a medicine comes in.

Why here, before any sentence is read: such words are told by what stands behind the whole list (报纸、印刷品、礼品广告), and a text in
which they are blank is read like any other, by forms and shapes. Blanks keep every place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, pairwise
from typing import cast

Edit = tuple[int, str]
"""Where a text is overwritten, and with what."""

_CLAUSE_ENDS = ",;。\n\x00():"
_SENTENCE_ENDS = ";。\n\x00"
_FARTHEST = 400
_NEAR = 60
_ITEM = r"(?:(?<=[、,;:。()\n\x00\s产售造工])|^)%s(?=$|[、,;。()\n\x00\s等的及和]|生产|制造|加工|销售|采|开)"
_BETWEEN = re.compile(r"[、/\s]|以及|及其|[及和与]")
_ADVERTISED = re.compile(r"广告(?=$|[、,;。\n\x00()/\s及和与的等]|设计|制作|代理|发布|业务|服务|策划|经营|媒体|宣传|位)")
_AD_VERBS = re.compile(r"(?:(?:设计|制作|制做|代理|发布|承办|承接|承揽|经营|代办|绘制|策划)[及和与]?)+")
_MAKING_VERBS = re.compile(r"(?:(?:研发|研制|开发|设计|生产|制造|制作|加工|销售|经营)[及和与]?)+")
_ORNAMENTS = re.compile(r"^(?:国内外|国内|境内外|境内|国外|外商来华|各类|各种|其他|自有|自办|的)+")
_CASING = re.compile(r"等[^、,;。\n\x00()]{0,8}外壳(?=$|[、,;。\n\x00()\s及和与的]|生产|制造|加工)")
_INVESTS = re.compile(r"进行(?:股权投资|投资|控股|参股)")
_INVESTMENTS = re.compile(r"的投资(?=$|[、,;。\n\x00()\s]|管理|开发|与|及|和)")
_FIELD_BEGINS = re.compile(r"(?:^|[,:)])(?=[在对])")
_FIELD_ENDS = ("产业", "行业", "领域", "项目", "企业")
_WORKED_ON = re.compile(r"(?:漂染|染整|印染|染色)\(([^()\x00]*)\)")
_MEDICINE = re.compile(r"剂\(([^()\x00]*)\)")
_CONTAINERS = ("输液袋", "输液瓶", "软袋", "塑料瓶", "玻璃瓶", "安瓿", "膜袋", "聚丙烯瓶", "西林瓶", "软瓶")
_ROLLING_STOCK = re.compile(r"机车、车辆(.?)", re.DOTALL)


class Asides:
    """Blanks them."""

    def __init__(self, scope_words: Mapping[str, object]) -> None:
        """Raises: KeyError where a list of `scope_words.yaml` is missing."""
        self._media = frozenset(cast(Iterable[str], scope_words["advertising_media"]))
        told = cast(Mapping[str, Iterable[str]], scope_words["other_things"])
        self._others = {word: (re.compile(_ITEM % re.escape(word)), tuple(beside)) for word, beside in told.items()}

    def blanked(self, text: str) -> str:
        """The levelled text, as long as it was."""
        read = (self._advertising, self._other_things, _casings, _investments, _fields, _brackets, _rolling_stock)
        edits = sorted(chain.from_iterable(find(text) for find in read))
        parts, at = [], 0
        for begin, new in edits:
            if begin >= at:
                parts += [text[at:begin], new]
                at = begin + len(new)
        parts.append(text[at:])
        return "".join(parts) if edits else text

    def _advertising(self, text: str) -> Iterator[Edit]:
        """`制作报纸、印刷品、礼品广告` advertises in newspapers and on printed matter, and prints nothing."""
        for found in _found(text, "广告", _ADVERTISED):
            begin = _after_last(text, _CLAUSE_ENDS, found.start())
            said = text[begin : found.end()]
            cuts = [(0, 0), *((cut.start(), cut.end()) for cut in _BETWEEN.finditer(said))]
            if len(cuts) > 1 and cuts[-1][1] < len(said) - 2:
                yield from _without(begin, said, cuts, _AD_VERBS, self._media)

    def _other_things(self, text: str) -> Iterator[Edit]:
        """The plate of a rock bolt (锚杆、托盘) is no pallet."""
        for word, (pattern, beside) in self._others.items():
            for found in _found(text, word, pattern):
                begin = max(_after_last(text, _SENTENCE_ENDS, found.start()), found.start() - _NEAR)
                ends = (text.find(mark, found.end(), found.end() + _NEAR) for mark in _SENTENCE_ENDS)
                end = min((at for at in ends if at >= 0), default=found.end() + _NEAR)
                if any(other in text[begin:end] for other in beside):
                    yield found.start(), " " * len(word)


def _without(begin: int, said: str, cuts: list[tuple[int, int]], verbs: re.Pattern[str], words: frozenset[str] | None) -> Iterator[Edit]:
    """Blanks for items of a list before its last one, all or those of `words`; a verb before them goes to the last."""
    last = cuts[-1][1]
    for (_, at), (end, _) in pairwise(cuts):
        led = verbs.match(said, at, end)
        core = led.end() if led else at
        if core == end or (words is not None and _ORNAMENTS.sub("", said[core:end]) not in words):
            continue
        if led and all(_is_blank(said, cut, cuts, words) for cut in range(len(cuts) - 1) if cuts[cut][1] > end):
            yield begin + at, (led.group() + said[last:]).rjust(len(said) - at)
            return
        yield begin + core, " " * (end - core)


def _is_blank(said: str, cut: int, cuts: list[tuple[int, int]], words: frozenset[str] | None) -> bool:
    return words is None or _ORNAMENTS.sub("", said[cuts[cut][1] : cuts[cut + 1][0]]) in words


def _casings(text: str) -> Iterator[Edit]:
    """`生产手机、汽车音响等电子产品外壳` makes housings only."""
    for found in _found(text, "外壳", _CASING, back=12):
        begin = _after_last(text, _CLAUSE_ENDS, found.start())
        said = text[begin : found.end()]
        cuts = [(0, 0), *((cut.start(), cut.end()) for cut in re.finditer("、", said[: found.start() - begin]))]
        if len(cuts) > 1:
            yield from _without(begin, said, cuts, _MAKING_VERBS, None)


def _investments(text: str) -> Iterator[Edit]:
    """`在化工、化纤等领域进行投资` makes nothing of that."""
    for found in _found(text, "进行", _INVESTS):
        begin = _after_last(text, _SENTENCE_ENDS, found.start())
        said = text[begin : found.start()]
        fields = [field.end() for field in _FIELD_BEGINS.finditer(said)]
        if fields:
            yield from _all_but_last(begin, said, fields[-1])
        elif said.removesuffix("依法").endswith(_FIELD_ENDS):
            yield from _all_but_last(begin, said, _after_last(text, _CLAUSE_ENDS, found.start()) - begin)


def _fields(text: str) -> Iterator[Edit]:
    """`对乳制品、净化设备的投资` makes none of them."""
    for found in _found(text, "的投资", _INVESTMENTS):
        begin = _after_last(text, _SENTENCE_ENDS, found.start())
        said = text[begin : found.start()]
        fields = [field.end() for field in _FIELD_BEGINS.finditer(said)]
        if fields and said[fields[-1] :].startswith("对"):
            yield from _all_but_last(begin, said, fields[-1])


def _all_but_last(begin: int, said: str, since: int) -> Iterator[Edit]:
    """Blanks for a list but its last item, which goes with the verb behind it."""
    until = max(said.rfind(mark, since) for mark in "、,)") + 1
    if until > since:
        yield begin + since, " " * (until - since)


def _brackets(text: str) -> Iterator[Edit]:
    """What a dyer dyes, 漂染(棉纱、羊毛), and what an injection is filled into, 注射剂(含输液袋)."""
    for found in _found(text, "染", _WORKED_ON, back=1):
        yield found.start(1), " " * len(found[1])
    for found in _found(text, "剂(", _MEDICINE):
        if any(word in found[1] for word in _CONTAINERS):
            items = (" " * len(item) if item.endswith(_CONTAINERS) else item for item in re.split("([、,])", found[1]))
            yield found.start(1), "".join(items)


def _rolling_stock(text: str) -> Iterator[Edit]:
    """`机车、车辆修理` repairs rolling stock, one thing, and no cars."""
    for found in _found(text, "机车、车", _ROLLING_STOCK):
        yield found.start(), "机车车辆 " if not found[1] or found[1] in f"、{_CLAUSE_ENDS}" else " 机车车辆"


def _found(text: str, word: str, pattern: re.Pattern[str], back: int = 0) -> Iterator[re.Match[str]]:
    """Matches of a pattern that begins at the word, or up to `back` characters before it. Why: a plain search is many times faster."""
    at = text.find(word)
    while at >= 0:
        found = next(filter(None, (pattern.match(text, begin) for begin in range(at, max(-1, at - back - 1), -1))), None)
        if found:
            yield found
        at = text.find(word, found.end() if found else at + len(word))


def _after_last(text: str, marks: str, at: int) -> int:
    """Where the clause or sentence begins in which a place stands; not looked for farther than some hundred characters."""
    lowest = max(0, at - _FARTHEST)
    return max(lowest, max(text.rfind(mark, lowest, at) for mark in marks) + 1)
