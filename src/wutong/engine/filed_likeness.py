"""Whether two names filed with leads mean one firm: what ties them, and the features by which the tie is weighed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from rapidfuzz.distance import OSA, LCSseq

from wutong.engine import filed_names, name_likeness
from wutong.engine.filed_names import FiledName
from wutong.engine.name_likeness import FEATURES, Reader
from wutong.rulebook.load import Rulebook

_SERIAL = re.compile("[0-9一二三四五六七八九十壹贰叁东南西北中上下前后新老大小甲乙丙丁内外A-Z]")
"""Characters that tell sister firms apart (第一, 第二; 东区, 西区), and no slip."""
_COMPANIES = frozenset({"有限公司", "股份公司"})
_LEAST_SHORT = 2
_LEAST_SLIP = 3
_LEAST_HELD = 0.55
_LEAST_FIT = -7.0
_FIT_SCALE = 4.0


class Kind(StrEnum):
    """What speaks for, or against, two leads being of one firm (or project); `same_leads.weight_<kind>` of the rulebook weighs it."""

    CODE = "code"
    OTHER_CODE = "other_code"
    FIRM = "firm"
    OTHER_FIRM = "other_firm"
    NAME = "name"
    SHORT_NAME_SAME = "short_name_same"
    FORM = "form"
    OTHER_FORM = "other_form"
    GROUP_WORD = "group_word"
    REGION_LEFT_OUT = "region_left_out"
    REGION_WIDER = "region_wider"
    REGION_MOVED = "region_moved"
    SLIP = "slip"
    SLIP_SOUND = "slip_sound"
    SLIP_SWAP = "slip_swap"
    SLIP_MISSING = "slip_missing"
    SLIP_SERIAL = "slip_serial"
    SLIP_KNOWN = "slip_known"
    SLIP_SHORT = "slip_short"
    SOUND = "sound"
    SHORT_NAME = "short_name"
    SHORT_FIT = "short_fit"
    SHORT_BEGINS = "short_begins"
    SHORT_REGION = "short_region"
    SHORT_SLIP = "short_slip"
    RIVALS = "rivals"
    PLACE = "place"
    CITY = "city"
    OTHER_PLACE = "other_place"
    PRODUCT = "product"
    OTHER_PRODUCT = "other_product"
    CONTACT = "contact"
    AMOUNT = "amount"
    OTHER_AMOUNT = "other_amount"
    UNNAMED = "unnamed"
    UNLIKE = "unlike"
    BRANCH = "branch"
    SIBLING = "sibling"
    BRAND = "brand"


RELATIONS = frozenset({Kind.BRANCH, Kind.SIBLING, Kind.BRAND})
"""What makes two firms related and not the same."""


class Corpus(Protocol):
    """What all leads together say about a name; the same whoever of the two asks."""

    @property
    def reader(self) -> Reader: ...

    def known_elsewhere(self, pairs: set[str], ours: FiledName, theirs: FiledName) -> int:
        """How many other names hold the rarest of these bigrams."""

    def others_of_stem(self, ours: FiledName, theirs: FiledName) -> int:
        """How many other firms are called so in another region."""

    def fit(self, short: FiledName, full: FiledName, numbers: NameNumbers) -> tuple[float, str] | None:
        """How well a short name fits a full one: `fit`, remembered."""

    def others_fitting(self, short: FiledName, full: FiledName, fit: float) -> int:
        """How many other firms a short name fits as well."""

    def bearers(self, core: str) -> int:
        """How many firms bear a trade name."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties two names. `values`: features and how strong each is; `relation`: of what is not the same firm; `told`: ours, theirs."""

    values: Mapping[Kind, float] = field(default_factory=dict)
    relation: Kind | None = None
    told: Mapping[Kind, tuple[str, str]] = field(default_factory=dict)


NO_TIE = Tie()


@dataclass(frozen=True, slots=True)
class NameNumbers:
    """The leaves that compare names: `fits` are those of `names.yaml` by which a short name fits a full one."""

    fits: tuple[float, ...]
    nobody_points: float
    brand_bearers_at_most: int

    @classmethod
    def on(cls, rulebook: Rulebook, day: dt.date) -> NameNumbers:
        """Read them."""
        return cls(
            tuple(rulebook.number(f"names.weight_{feature}", day) for feature in FEATURES),
            rulebook.number("names.nobody_points", day),
            int(rulebook.number("same_leads.brand_bearers_at_most", day)),
        )


def tie(ours: FiledName, theirs: FiledName, corpus: Corpus, numbers: NameNumbers) -> Tie:
    """What ties two names; symmetric."""
    if ours.is_nobody or theirs.is_nobody or len(ours.key) < _LEAST_SHORT or len(theirs.key) < _LEAST_SHORT:
        return NO_TIE
    if ours.key == theirs.key:
        if ours.is_full or ours.parent:
            return Tie({Kind.NAME: 1.0})
        return Tie({Kind.SHORT_NAME_SAME: 1.0, **_rivals(corpus.others_fitting(ours, theirs, 0.0))})
    if ours.parent or theirs.parent:
        return _of_branches(ours, theirs, corpus, numbers)
    if ours.is_full and theirs.is_full:
        return _of_full(ours, theirs, corpus, numbers)
    return _of_short(ours, theirs, corpus, numbers)


def _of_branches(ours: FiledName, theirs: FiledName, corpus: Corpus, numbers: NameNumbers) -> Tie:
    if ours.parent and theirs.parent:
        slip = _slip(ours, theirs, corpus)
        if slip and ours.home.whole == theirs.home.whole:
            return slip
    home = tie(ours.home, theirs.home, corpus, numbers)
    if home is NO_TIE or (home.relation is None and not home.values):
        return NO_TIE
    return Tie(home.values, Kind.SIBLING if ours.parent and theirs.parent else Kind.BRANCH)


def _of_full(ours: FiledName, theirs: FiledName, corpus: Corpus, numbers: NameNumbers) -> Tie:
    near = filed_names.near_of(ours.places, theirs.places)
    if ours.seat or theirs.seat:
        return _of_seats(ours, theirs, corpus, numbers)
    values = _but_for_region(ours, theirs, near, corpus)
    if values is not None:
        return Tie({**values, **_forms(ours, theirs)})
    if near == "other":
        return NO_TIE
    return _slip(ours, theirs, corpus) or _brand(ours, theirs, corpus, numbers)


def _of_seats(ours: FiledName, theirs: FiledName, corpus: Corpus, numbers: NameNumbers) -> Tie:
    """棠岩机械(白榆)有限公司: the region in brackets is where the firm is, and that in front where its mother is."""
    if bool(ours.seat) == bool(theirs.seat):
        if filed_names.near_of(ours.seat, theirs.seat) != "same":
            return _brand(ours, theirs, corpus, numbers)
        if ours.stem == theirs.stem and filed_names.near_of(ours.places, theirs.places) != "other":
            return Tie({Kind.REGION_MOVED: 1.0, **_forms(ours, theirs)})
        return _slip(ours, theirs, corpus) or _brand(ours, theirs, corpus, numbers)
    seated, other = (ours, theirs) if ours.seat else (theirs, ours)
    is_moved = not seated.places and filed_names.near_of(seated.seat, other.places) == "same"
    if is_moved and seated.stem == other.stem:
        return Tie({Kind.REGION_MOVED: 1.0, **_forms(ours, theirs)})
    return _brand(ours, theirs, corpus, numbers)


def _but_for_region(ours: FiledName, theirs: FiledName, near: str, corpus: Corpus) -> dict[Kind, float] | None:
    """The features of two names that differ in nothing but region and legal form; None where they differ in more."""
    if ours.whole == theirs.whole:
        return {}
    if not (set(ours.tails) & set(theirs.tails)) or near == "other":
        return None
    if near == "same":
        return {Kind.FORM: 1.0}
    kind = Kind.REGION_WIDER if near == "wider" else Kind.REGION_LEFT_OUT
    return {kind: 1.0, **_rivals(corpus.others_of_stem(ours, theirs))}


def _forms(ours: FiledName, theirs: FiledName) -> dict[Kind, float]:
    """有限 and 股份 are one firm before and after; a works, or a company of the old kind, made into one of them may be another."""
    found = {Kind.GROUP_WORD: 1.0} if ours.is_group != theirs.is_group else {}
    if ours.form != theirs.form and not {ours.form, theirs.form} <= _COMPANIES:
        found[Kind.OTHER_FORM] = 1.0
    return found or {Kind.FORM: 1.0}


def _slip(ours: FiledName, theirs: FiledName, corpus: Corpus) -> Tie | None:
    """One character typed wrong, left out, doubled or swapped with the next; or all of it written by its sound."""
    pairs = [(ours.key, theirs.key), (ours.whole, theirs.whole)]
    if not (ours.places and theirs.places):
        pairs.append((ours.stem, theirs.stem))
    for one, other in pairs:
        if min(len(one), len(other)) < _LEAST_SLIP:
            continue
        if one == other or OSA.distance(one, other, score_cutoff=1) == 1:
            return _read_slip(one, other, ours, theirs, corpus)
        if (
            len(one) == len(other)
            and sum(a != b for a, b in zip(one, other, strict=True)) <= 1 + len(one) // 4
            and _sounds(one) == _sounds(other)
        ):
            return Tie({Kind.SOUND: 1.0, **_known(one, other, ours, theirs, corpus)}, told={Kind.SOUND: (one, other)})
    return None


def _sounds(text: str) -> list[str]:
    return [filed_names.sound(mark) or mark for mark in text]


def _read_slip(one: str, other: str, ours: FiledName, theirs: FiledName, corpus: Corpus) -> Tie:
    values: dict[Kind, float] = {Kind.SLIP: 1.0}
    begin, ends = _difference(one, other)
    mine, yours = one[begin : len(one) - ends], other[begin : len(other) - ends]
    if len(mine) == len(yours) == 1:
        if filed_names.sound(mine) and filed_names.sound(mine) == filed_names.sound(yours):
            values[Kind.SLIP_SOUND] = 1.0
    elif len(mine) == len(yours) == 2:
        values[Kind.SLIP_SWAP] = 1.0
    else:
        values[Kind.SLIP_MISSING] = 1.0
    if any(mark and _SERIAL.fullmatch(mark) for mark in (mine, yours)):
        values[Kind.SLIP_SERIAL] = 1.0
    values |= _known(one, other, ours, theirs, corpus)
    values[Kind.SLIP_SHORT] = 4.0 / min(len(ours.stem), len(theirs.stem))
    return Tie(values, told={Kind.SLIP: (mine, yours)})


def _difference(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts share at their front, and then at their end."""
    begin, most = 0, min(len(one), len(other))
    while begin < most and one[begin] == other[begin]:
        begin += 1
    end = 0
    while end < most - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    return begin, end


def _known(one: str, other: str, ours: FiledName, theirs: FiledName, corpus: Corpus) -> dict[Kind, float]:
    """Whether what differs is also written so in other names: two real firms rather than a slip."""
    mine, yours = filed_names.bigrams(one), filed_names.bigrams(other)
    sides = [corpus.known_elsewhere(found, ours, theirs) for found in (mine - yours, yours - mine) if found]
    fewest = min(sides, default=0)
    return {Kind.SLIP_KNOWN: float(np.log1p(fewest))} if fewest > 0 else {}


def _brand(ours: FiledName, theirs: FiledName, corpus: Corpus, numbers: NameNumbers) -> Tie:
    """Another legal person of one brand: only where few firms bear it, or one says that it is a group or where it sits."""
    if not ours.core or ours.core != theirs.core:
        return NO_TIE
    if corpus.bearers(ours.core) > numbers.brand_bearers_at_most:
        return NO_TIE
    is_near = filed_names.near_of(ours.places, theirs.places) in ("same", "wider")
    says = ours.is_group or theirs.is_group or bool(ours.seat) or bool(theirs.seat)
    return Tie({}, Kind.BRAND, {Kind.BRAND: (ours.core, theirs.core)}) if is_near or says else NO_TIE


def _of_short(ours: FiledName, theirs: FiledName, corpus: Corpus, numbers: NameNumbers) -> Tie:
    short, full = _short_and_full(ours, theirs)
    near = filed_names.near_of(short.places, full.seat or full.places)
    if near == "other" and filed_names.near_of(short.places, full.places) == "other":
        return NO_TIE
    if not theirs.is_full and not ours.is_full and short.whole == full.whole:
        return Tie({Kind.SHORT_NAME_SAME: 1.0})
    found = corpus.fit(short, full, numbers)
    if found is None:
        return NO_TIE
    points, slip = found
    values = {Kind.SHORT_NAME: 1.0, Kind.SHORT_FIT: points / _FIT_SCALE, **_rivals(corpus.others_fitting(short, full, points))}
    if any(tail.startswith(short.stem) for tail in full.tails):
        values[Kind.SHORT_BEGINS] = 1.0
    if short.places and near in ("same", "wider"):
        values[Kind.SHORT_REGION] = 1.0
    told = {}
    if slip:
        values[Kind.SHORT_SLIP] = 1.0
        told[Kind.SHORT_SLIP] = (slip, short.key)
    return Tie(values, told=told)


def _short_and_full(ours: FiledName, theirs: FiledName) -> tuple[FiledName, FiledName]:
    first, second = sorted((ours, theirs), key=lambda name: (name.is_full, len(name.key), name.key))
    return first, second


def fit(short: FiledName, full: FiledName, reader: Reader, numbers: NameNumbers) -> tuple[float, str] | None:
    """How well a short name fits a full one, in points above being nobody's, and the character of it that had to be mended."""
    given = short.short
    core = given.core
    if len(core) < _LEAST_SHORT or LCSseq.similarity(core, full.key) < _LEAST_HELD * len(core):
        return None
    slip = ""
    odd = [mark for mark in core if mark not in full.key]
    if len(odd) == 1 and len(core) > _LEAST_SLIP:
        heard = next((mark for mark in full.whole if mark not in core and filed_names.sound(mark) == filed_names.sound(odd[0]) != ""), "")
        if heard:
            slip, given = odd[0], name_likeness.short(given.key.replace(odd[0], heard))
    points = float(np.dot(reader.features(given, reader.full(full.key)), numbers.fits)) - numbers.nobody_points
    return (points, slip) if points > _LEAST_FIT else None


def _rivals(others: int) -> dict[Kind, float]:
    return {Kind.RIVALS: float(np.log1p(others))} if others else {}
