"""How well a short name (简称) fits a full name: readings of both, and the features that tell a good fit from a poor one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from wutong.engine import names

FEATURES = (
    "covered",
    "explained",
    "adjacent",
    "front",
    "last",
    "branch",
    "form",
    "company",
    "shares_said",
    "group_said",
    "region_left",
    "gap",
    "after",
    "whole",
    "length",
    "weight",
    "inner",
)
"""What is asked of each pair; `names.weight_<feature>` of the rulebook is its weight."""

FULL_FORMS = ("公司", "厂", "合作社", "事务所", "研究院", "研究所", "中心", "集团", "(有限合伙)", "(普通合伙)")
_MARKS = re.compile(r"^(?:SST|S\*?ST|\*?ST|PT|XD|XR|DR|S|N)(?=[^A-Z])")
_SHARE_LETTERS = re.compile(r"(?<=[\u4e00-\u9fff])(?:[AB]股?|退|-?[UW]+)$")
_SAID = re.compile(r"(?:股份|集团)$")
_FORM = re.compile(r"(?:集团)?(?:股份|有限|责任|总|集团|实业)*公司$|(?:总|分)?厂$|合作社$")
_SHORT_PROVINCES: Mapping[str, tuple[str, ...]] = {
    "京": ("北京",), "津": ("天津",), "沪": ("上海",), "渝": ("重庆",), "冀": ("河北",), "晋": ("山西",), "蒙": ("内蒙古",),
    "辽": ("辽宁",), "吉": ("吉林",), "黑": ("黑龙江",), "苏": ("江苏", "苏州"), "浙": ("浙江",), "皖": ("安徽",),
    "闽": ("福建",), "赣": ("江西",),
    "鲁": ("山东",), "豫": ("河南",), "鄂": ("湖北",), "湘": ("湖南",), "粤": ("广东",), "桂": ("广西",), "琼": ("海南",), "川": ("四川",),
    "蜀": ("四川",), "黔": ("贵州",), "滇": ("云南",), "藏": ("西藏",), "陕": ("陕西",), "秦": ("陕西",), "陇": ("甘肃",), "甘": ("甘肃",),
    "青": ("青海",), "宁": ("宁夏", "南京", "宁波"), "新": ("新疆",), "深": ("深圳",),
}  # fmt: skip
_NATION = ("中国", "中华", "全国")
_UNITS = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "省", "市", "县", "区", "旗", "盟")
_LONGEST_PLACE = 12
_MOST_PLACES = 3


@dataclass(frozen=True)
class Regions:
    """Names of divisions that may stand in front of a firm's name, with and without their 省 市 县; `fronts`: what they begin with."""

    names: frozenset[str]
    fronts: frozenset[str]

    @classmethod
    def of(cls, divisions: Iterable[str]) -> Regions:
        """From the full names of divisions."""
        found = set(_NATION)
        for name in divisions:
            found.add(name)
            stem = next((name.removesuffix(unit) for unit in _UNITS if name.endswith(unit)), name)
            if len(stem) >= 2:
                found.add(stem)
        return cls(frozenset(found), frozenset(name[:2] for name in found))

    def length_in(self, text: str) -> int:
        """How many characters of a name, from its front, are names of divisions; at least two stay for the name itself."""
        at = 0
        for _ in range(_MOST_PLACES):
            if text[at : at + 2] not in self.fronts:
                break
            longest = min(_LONGEST_PLACE, len(text) - at - 2)
            step = next((size for size in range(longest, 1, -1) if text[at : at + size] in self.names), 0)
            if not step:
                break
            at += step
        if at and text[at : at + 1] in set("省市县区") and len(text) - at > 2:
            at += 1
        return at


@dataclass(frozen=True, slots=True)
class FullName:
    """A registered name as read: `key[:start]` is its region, `key[end:]` its legal form. Shape: `rarities` one entry a character.

    `whole_points`: the rarities of what stands between, together.
    """

    key: str
    start: int
    end: int
    is_branch: bool
    is_inner: bool
    rarities: tuple[float, ...]
    whole_points: float

    @property
    def without_region(self) -> str:
        """The name from its trade name on."""
        return self.key[self.start :]


@dataclass
class Reader:
    """Reads full names, each once. `weights`: how rare each character is among the names of an index."""

    regions: Regions
    weights: Mapping[str, float]
    rarest: float
    _kept: dict[str, FullName] = field(default_factory=dict)
    _given: dict[str, tuple[list[float], float]] = field(default_factory=dict)

    def full(self, key: str) -> FullName:
        """A registered name, by its key."""
        known = self._kept.get(key)
        if known is None:
            if len(self._kept) > 200_000:
                self._kept.clear()
            form = _FORM.search(key)
            end = form.start() if form else len(key)
            begin = self.regions.length_in(key[:end]) if end > 2 else 0
            is_inner = "公司" in key[:-2] and not key[:-2].endswith("有限")
            rare = tuple(self.rarity(key))
            known = self._kept[key] = FullName(key, begin, end, names.is_branch_name(key), is_inner, rare, sum(rare[begin:end]))
        return known

    def rarity(self, text: str) -> list[float]:
        """The weight of each character."""
        return [self.weights.get(mark, self.rarest) for mark in text]

    def _weighed(self, given: str) -> tuple[list[float], float]:
        """The weights of a short name and their sum, read once for all the names that it is compared with."""
        known = self._given.get(given)
        if known is None:
            if len(self._given) > 20_000:
                self._given.clear()
            weights = self.rarity(given)
            known = self._given[given] = (weights, sum(weights))
        return known

    def features(self, short: ShortName, full: FullName, form: str = "") -> list[float]:
        """The features of one pair, in the order of FEATURES. `form`: the legal form that the list implies, "" where it implies none."""
        given, key = short.core, full.key
        weights, total = self._weighed(given)
        places = aligned(given, key, weights)
        met = {place for place in places if place >= 0}
        matched = sum([weight for weight, place in zip(weights, places, strict=True) if place >= 0])
        is_province = _means_region(given, full, places)
        if is_province and places[0] < 0:
            matched += weights[0]
        rare = full.rarities
        middle = range(full.start, full.end)
        whole = full.whole_points
        inside = sum([rare[place] for place in met if place in middle])
        last = max(met, default=0)
        steps = sum([one >= 0 and other == one + 1 for one, other in pairwise(places)])
        explained = inside / whole if whole else 0.0
        return [
            matched / total,
            explained,
            steps / max(1, len(given) - 1),
            float(full.start in met),
            float(places[-1] >= 0),
            float(full.is_branch),
            float(bool(form) and key.endswith(_form_key(form))),
            float(key.endswith("公司")),
            float(short.says_shares and key.endswith("股份公司")),
            float(short.says_group and "集团" in key),
            float(full.start > 0 and not is_province and not any(place < full.start for place in met)),
            sum([rare[place] for place in range(full.start, min(last, full.end)) if place not in met]) / 10,
            sum(rare[max(full.start, last + 1) : full.end]) / 10,
            float(explained > 0.999),
            min(len(given), 6) / 4,
            min(matched, 30.0) / 20,
            float(full.is_inner),
        ]


@dataclass(frozen=True, slots=True)
class ShortName:
    """A name as somebody wrote it. `core`: without marks of the exchange and without 股份 or 集团 at its end."""

    key: str
    core: str
    says_shares: bool
    says_group: bool
    is_full: bool


@lru_cache(maxsize=100)
def _form_key(form: str) -> str:
    return names.key(form)


@lru_cache(maxsize=20_000)
def short(text: str) -> ShortName:
    """Read what somebody wrote: ST, *ST, PT in front and A, B, 退 behind are marks of an exchange and no part of the name."""
    plain = names.normalise(text).upper()
    bare = _SHARE_LETTERS.sub("", _MARKS.sub("", plain.lstrip("*")))
    key = names.key(bare) or names.key(plain)
    is_full = key.endswith(FULL_FORMS) and len(key) > 4 and bool(_FORM.search(key) or not key.endswith("集团"))
    core = key[: found.start()] if is_full and (found := _FORM.search(key)) and found.start() >= 2 else key
    said = _SAID.search(core)
    shorter = core[: said.start()] if said and said.start() >= 2 else core
    return ShortName(key, shorter, core.endswith("股份"), core.endswith("集团"), is_full)


def _means_region(given: str, full: FullName, places: list[int]) -> bool:
    """Whether the first character is a province's short form (粤, 沪 …) and the full name has that region in front."""
    meant = _SHORT_PROVINCES.get(given[:1])
    return meant is not None and full.key.startswith(meant) and (places[0] < 0 or places[0] < full.start)


def aligned(given: str, key: str, weights: list[float]) -> list[int]:
    """Where each character of `given` stands in `key`, in order, -1 where it does not; rare and adjacent characters count most."""
    spots = [(i, j) for i, mark in enumerate(given) if mark in key for j in _all(key, mark)]
    best: list[float] = []
    back: list[int] = []
    for at, (i, j) in enumerate(spots):
        score, before = 0.0, -1
        for other in range(at):
            i2, j2 = spots[other]
            if i2 < i and j2 < j:
                value = best[other] + (0.5 * weights[i] if i2 == i - 1 and j2 == j - 1 else 0.0)
                if value > score:
                    score, before = value, other
        best.append(score + weights[i])
        back.append(before)
    places = [-1] * len(given)
    at = max(range(len(spots)), key=best.__getitem__, default=-1)
    while at >= 0:
        i, j = spots[at]
        places[i] = j
        at = back[at]
    return places


def _all(text: str, mark: str) -> list[int]:
    found = []
    at = text.find(mark)
    while at >= 0:
        found.append(at)
        at = text.find(mark, at + 1)
    return found
