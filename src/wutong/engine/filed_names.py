"""A name as somebody filed it with a lead, read into its parts: region, trade name, legal form, parent; or that it names nobody."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from pypinyin.pinyin_dict import pinyin_dict

from wutong.engine import divisions, name_likeness, names, traditional
from wutong.engine.name_likeness import Regions, ShortName

_BRACKET = re.compile(r"\(([^()]{1,12})\)")
_FORM = re.compile(r"(?:集团|股份|有限|责任|总)*公司$|(?:总|分)?厂$|合作社$")
_GROUP = re.compile(r"集团$")
_WITHIN = re.compile(r"^(.{4,}公司)(?=[^()]{2,}$)")
"""A company's whole name and more after it: a branch, or a works of its own, whatever it calls itself (某公司第二百货店)."""
_NATION = ("中国", "中华", "全国")
_NAMES_NOBODY = re.compile(
    "某|^(?:一|1|两|2|几|多)(?:家|名|位|个)|^(?:未具名|匿名|保密|不便透露)"
    "|^.{0,8}(?:客商|投资人|投资者|投资方|老板|商人|乡贤)(?:先生|女士)?$"
)
_UNITS = frozenset("省市县区")
_ANY = "某某"
_LONGEST_PLACE = 12
_MOST_PLACES = 3
_NEAR_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@dataclass(frozen=True)
class PlaceNames:
    """Names of divisions in front of firms' names. `codes`: name, with or without 省 市 县 → leading digits of all divisions called so."""

    codes: dict[str, tuple[str, ...]]
    fronts: frozenset[str] = field(init=False)
    regions: Regions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fronts", frozenset(name[:2] for name in self.codes))
        object.__setattr__(self, "regions", Regions(frozenset(self.codes), self.fronts))

    @classmethod
    def of(cls, rows: Iterable[divisions.Division]) -> PlaceNames:
        """From divisions; 中国 stands for every place."""
        codes: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for name in {row.name, divisions.stem(row.name)}:
                codes[name].add(row.prefix)
        for name in _NATION:
            codes[name].add("")
        return cls({name: tuple(sorted(found)) for name, found in codes.items()})

    def pieces(self, text: str) -> list[tuple[int, tuple[str, ...]]]:
        """(where it ends, its codes) of each region in front of a name, the widest first.

        Why a piece must lie within the one before: 长安 is a district, and none of 重庆, so 重庆长安 is 重庆 and a trade name.
        """
        found: list[tuple[int, tuple[str, ...]]] = []
        at = 0
        around: tuple[str, ...] = ("",)
        while len(found) < _MOST_PLACES and text[at : at + 2] in self.fronts:
            for size in range(min(_LONGEST_PLACE, len(text) - at - 2), 1, -1):
                known = self.codes.get(text[at : at + size], ())
                inside = tuple(code for code in known if code.startswith(around) and (code not in around or code == ""))
                if inside:
                    break
            else:
                break
            at, around = at + size, inside
            found.append((at, inside))
        while found and names.begins_with_trade(text[found[-1][0] :]):
            found.pop()
        return found


@cache
def place_names() -> PlaceNames:
    """Of the rulebook's divisions."""
    return PlaceNames.of(divisions.atlas().divisions.values())


@dataclass(frozen=True, slots=True)
class FiledName:
    """A name as read.

    `whole`: without brackets, legal form and 集团; `tails`: that, and what stays after each region in front; `stem`: the shortest of them;
    `core`: the trade name (字号). `places`: codes of the region in front; `seat`: of a region in brackets. `parent`: of a branch.
    """

    key: str
    whole: str
    tails: tuple[str, ...]
    core: str
    places: tuple[str, ...]
    seat: tuple[str, ...]
    form: str
    is_group: bool
    is_full: bool
    is_nobody: bool
    parent: str

    @property
    def stem(self) -> str:
        """The name without its region."""
        return self.tails[-1]

    @property
    def home(self) -> FiledName:
        """The enterprise that a branch belongs to; itself where it is none."""
        return read(self.parent) if self.parent else self

    @property
    def short(self) -> ShortName:
        """As a short name."""
        return name_likeness.short(self.key)


@lru_cache(maxsize=300_000)
def read(text: str) -> FiledName:
    """Read a name."""
    plain = traditional.simplified(names.normalise(text)).upper()
    key = names.key(plain)
    known = place_names()
    parent = _parent(plain)
    seat: tuple[str, ...] = ()
    is_group = False
    bare = plain
    if "(" in plain:
        for inner in _BRACKET.findall(plain):
            if inner == "集团" or inner in _NATION:
                bare = bare.replace(f"({inner})", "", 1)
                is_group = is_group or inner == "集团"
            elif (place := known.pieces(inner + _ANY)) and place[-1][0] == len(inner):
                bare = bare.replace(f"({inner})", "", 1)
                seat = place[-1][1]
    bare = names.key(bare) if len(bare) < len(plain) else key
    found = _FORM.search(bare)
    is_form = found is not None and found.start() >= 2
    form = found.group() if found and is_form else ""
    whole = bare[: found.start()] if found and is_form else bare
    is_group = is_group or "集团" in form
    if (said := _GROUP.search(whole)) and said.start() >= 2:
        whole, is_group = whole[: said.start()], True
    if not form:
        core = name_likeness.short(whole).core
        whole = core if len(core) >= 2 else whole
    pieces = known.pieces(whole)
    ends = [0, *(end for end, _ in pieces)]
    tails = tuple(whole[end:] for end in ends)
    stem = tails[-1]
    if len(stem) > 2 and pieces and stem[0] in _UNITS:
        tails = (*tails, stem[1:])
        stem = tails[-1]
    return FiledName(
        key, whole, tails, stem[: names.trade_at(stem)],
        pieces[-1][1] if pieces else (), seat,
        form.replace("集团", "").replace("总", ""), is_group,
        is_form and len(key) > 4, bool(_NAMES_NOBODY.search(plain)), parent,
    )  # fmt: skip


def _parent(plain: str) -> str:
    if plain.endswith("有限公司") and plain.count("公司") == 1:
        return ""
    branch = names.branch_of(plain)
    within = None if branch else _WITHIN.match(plain[: names.LONGEST_READ])
    return branch.parent if branch else within[1] if within else ""


def near_of(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    """How two regions stand: "same", "wider" (one holds the other), "other", or "" where one of them is unknown."""
    if not ours or not theirs:
        return ""
    if set(ours) & set(theirs):
        return "same"
    return "wider" if any(a.startswith(b) or b.startswith(a) for a in ours for b in theirs) else "other"


@lru_cache(maxsize=30_000)
def sound(mark: str) -> str:
    """The syllable of a character, without its tone and with what many typists do not tell apart (zh and z, ing and in) made one."""
    reading = pinyin_dict.get(ord(mark), "").partition(",")[0]
    plain = "".join(letter for letter in unicodedata.normalize("NFD", reading) if letter.isascii())
    for given, meant in _NEAR_SOUNDS:
        plain = plain.replace(given, meant)
    return plain.removesuffix("g") if plain.endswith("ng") else plain


def bigrams(text: str) -> set[str]:
    """Every two characters that stand together."""
    return {first + second for first, second in pairwise(text)}
