"""The duplicate check of first claim (首报首谈查重): which leads filed by any unit may be about the firm, or the group, of this one.

Every pair of leads is weighed by the same rules whoever asks: what speaks for one firm (`filed_likeness.Kind`) adds points, the points give
a share, and the share a verdict; the weights are leaves of `same_leads.yaml`. Names decide; place, product, contact and amount support or
contradict them, and stand alone only where an investor is not named. A person decides what is only suspected.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise, takewhile

import numpy as np
import numpy.typing as npt

from wutong.engine import codes, filed_likeness, filed_names
from wutong.engine.filed_likeness import NO_TIE, Kind, NameNumbers, Tie
from wutong.engine.filed_names import FiledName
from wutong.engine.name_likeness import Reader
from wutong.rulebook.load import Rulebook

MOST_COMPARED = 120
MOST_COVERED = 60
MOST_WEAK = 200
LEAST_NAMES = 500
"""Of how many names at least rarity speaks: among a handful every character would be common, and no short name fit."""
MOST_FITS = 20_000
TOP = 20
_RIVAL_MARGIN = 1.0
_MUNICIPALITIES = ("11", "12", "31", "50")
_WEAK = (Kind.UNNAMED, Kind.UNLIKE, Kind.CONTACT, Kind.PRODUCT, Kind.PLACE, Kind.CITY, Kind.AMOUNT)
_OTHER_FIRM = (Kind.OTHER_CODE, Kind.OTHER_FIRM)
_OTHER_PROJECT = (Kind.OTHER_PRODUCT, Kind.OTHER_PLACE)
_SAME_BY_NAME = frozenset({Kind.NAME, Kind.FORM, Kind.OTHER_FORM, Kind.GROUP_WORD, Kind.REGION_WIDER})


class Verdict(StrEnum):
    """What two leads are to each other."""

    SAME = "same"
    SUSPECTED = "suspected"
    RELATED = "related"


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Filed:
    """A lead as filed. `key`: the caller's own id of it; `names`: every way the investor is called, former and short ones too.

    `place_code`: where the investor comes from, not where it is to settle; `products`: ids or words; `contacts`: keyed hashes of telephone
    numbers and the like, opaque here; `firm_id`: of the registry, where the name was recognised. Units: amount in 万元.
    """

    key: str
    names: tuple[str, ...] = ()
    uscc: str = ""
    place_code: str = ""
    products: tuple[str, ...] = ()
    amount_wan: float | None = None
    contacts: tuple[str, ...] = ()
    firm_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for (or against) two leads being one: what stands in ours, what in theirs, and its points."""

    kind: Kind
    ours: str
    theirs: str
    points: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead that may be the same. `firm_share` 0-1: how sure it is that the firm is the same, or, for RELATED, the group."""

    key: str
    verdict: Verdict
    firm_share: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The leaves of `same_leads.yaml` on a day. `weak`: weights where no name, code or firm ties the two."""

    weights: Mapping[Kind, float]
    weak: Mapping[Kind, float]
    names: NameNumbers
    same_from_share: float
    suspected_from_share: float
    weak_from_share: float
    brand_share: float
    contact_bearers_at_most: int
    amount_alike_times: float
    amount_unlike_times: float

    @classmethod
    def on(cls, rulebook: Rulebook, day: dt.date) -> Numbers:
        """Read them all."""
        weighed = [kind for kind in Kind if kind not in filed_likeness.RELATIONS and kind not in (Kind.UNNAMED, Kind.UNLIKE)]

        def leaf(name: str) -> float:
            return rulebook.number(f"same_leads.{name}", day)

        return cls(
            weights={kind: leaf(f"weight_{kind}") for kind in weighed},
            weak={kind: leaf(f"weak_{kind}") for kind in _WEAK},
            names=NameNumbers.on(rulebook, day),
            same_from_share=leaf("same_from_share"),
            suspected_from_share=leaf("suspected_from_share"),
            weak_from_share=leaf("weak_from_share"),
            brand_share=leaf("brand_share"),
            contact_bearers_at_most=int(leaf("contact_bearers_at_most")),
            amount_alike_times=leaf("amount_alike_times"),
            amount_unlike_times=leaf("amount_unlike_times"),
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """A filed lead as read. `named`: its names, but for words that name nobody; `place`: the leading digits of its place."""

    filed: Filed
    uscc: str
    is_code_sound: bool
    named: tuple[FiledName, ...]
    products: tuple[str, ...]
    place: str
    rows: tuple[int, ...] = ()


def _read(filed: Filed) -> _Read:
    code = codes.normalise(filed.uscc) if filed.uscc else ""
    called = dict.fromkeys(filed_names.read(text) for text in filed.names if text.strip())
    products = tuple(dict.fromkeys("".join(word.upper().split()) for word in filed.products if word.strip()))
    place = filed.place_code[:6]
    place = place[:2] if place[2:] in ("", "0000") else place[:4] if place[4:] in ("", "00") else place
    named = tuple(name for name in called if not name.is_nobody)
    return _Read(filed, code, bool(code) and codes.status(code) is codes.Status.VALID, named, products, place)


class _Rarity(Mapping[str, float]):
    """How rare each character is among the names of the index, as it stands now."""

    def __init__(self, marks: Mapping[str, array[int]], size: int) -> None:
        self._marks, self._size = marks, size

    def __getitem__(self, mark: str) -> float:
        return math.log(1 + self._size / len(self._marks[mark]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


class FiledLeads:
    """All leads filed, in memory: 100,000 take seconds to read, one more no time. Safe to ask and change from several threads.

    What it answers depends on the leads it holds alone, and not on the order or the way they came in.
    """

    def __init__(self, leads: Iterable[Filed] = ()) -> None:
        self._lock = threading.RLock()
        self._leads: dict[str, _Read] = {}
        self._rows: list[tuple[str, FiledName] | None] = []
        self._sizes = array("f")
        self._marks: dict[str, array[int]] = {}
        self._by_text: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._unnamed: set[str] = set()
        self._key_rows: dict[str, int] = defaultdict(int)
        self._bigram_rows: dict[str, int] = defaultdict(int)
        self._of_core: dict[str, dict[str, int]] = {}
        self._of_stem: dict[str, dict[str, int]] = {}
        self._name_rows = 0
        self._reader: Reader | None = None
        self._fits: dict[str, list[tuple[float, str, str]]] = {}
        self._fit: dict[tuple[FiledName, FiledName], tuple[float, str] | None] = {}
        self._name_numbers: NameNumbers | None = None
        for filed in leads:
            self.put(filed)

    def __len__(self) -> int:
        return len(self._leads)

    def __contains__(self, key: object) -> bool:
        return key in self._leads

    def put(self, filed: Filed) -> None:
        """Add a lead, or put it in the place of the one with its key."""
        read = _read(filed)
        with self._lock:
            self.remove(filed.key)
            rows = tuple(self._enter(filed.key, name) for name in read.named)
            self._leads[filed.key] = read = replace(read, rows=rows)
            for text in _texts(read):
                self._by_text[text].add(filed.key)
            if not read.named:
                self._unnamed.add(filed.key)
            self._changed()

    def remove(self, key: str) -> None:
        """Take a lead out; nothing happens where it is not there."""
        with self._lock:
            read = self._leads.pop(key, None)
            if read is None:
                return
            for row in read.rows:
                self._leave(row)
            for text in _texts(read):
                self._by_text[text].discard(key)
                if not self._by_text[text]:
                    del self._by_text[text]
            self._unnamed.discard(key)
            self._changed()

    def candidates(self, filed: Filed, numbers: Numbers, *, top: int = TOP) -> list[Candidate]:
        """The leads that may be about the same firm, the surest first; a lead of the same key is left out."""
        ours = _read(filed)
        with self._lock:
            near = self._worth_comparing(ours, numbers) - {filed.key}
            return self._ranked(ours, (self._leads[key] for key in near), numbers)[:top]

    def near(self, filed: Filed, numbers: Numbers) -> set[str]:
        """Keys of the leads that are worth comparing with one, its own left out."""
        with self._lock:
            return self._worth_comparing(_read(filed), numbers) - {filed.key}

    def weighed(self, filed: Filed, keys: Iterable[str], numbers: Numbers) -> list[Candidate]:
        """What some leads, as the index holds them, are to one; keys that it does not hold are passed over."""
        with self._lock:
            return self._ranked(_read(filed), (self._leads[key] for key in keys if key in self._leads), numbers)

    def contact_bearers(self, contact: str) -> int:
        """How many leads give a contact."""
        return len(self._by_text.get(("contact", contact), ()))

    def compared(self, filed: Filed, others: Iterable[Filed], numbers: Numbers) -> list[Candidate]:
        """What leads, as their owner gives them now, are to one: judged by all leads that the index holds, the surest first."""
        with self._lock:
            return self._ranked(_read(filed), map(_read, others), numbers)

    def _ranked(self, ours: _Read, others: Iterable[_Read], numbers: Numbers) -> list[Candidate]:
        if self._name_numbers != numbers.names:
            self._name_numbers = numbers.names
            self._fits.clear()
            self._fit.clear()
        found = (self.judged(ours, theirs, numbers) for theirs in others)
        rows = [candidate for candidate in found if candidate is not None]
        return sorted(rows, key=lambda row: (_RANK[row.verdict], -row.firm_share, row.key))

    def _changed(self) -> None:
        self._reader = None
        self._fits.clear()
        self._fit.clear()

    def _enter(self, key: str, name: FiledName) -> int:
        row = len(self._rows)
        self._rows.append((key, name))
        stem = set(name.home.stem)
        self._sizes.append(len(stem))
        for mark in stem:
            known = self._marks.get(mark)
            if known is None:
                known = self._marks[mark] = array("i")
            known.append(row)
        self._count(name, 1)
        return row

    def _leave(self, row: int) -> None:
        entered = self._rows[row]
        if entered is None:
            return
        name = entered[1]
        self._rows[row] = None
        for mark in set(name.home.stem):
            rows = self._marks[mark]
            del rows[bisect_left(rows, row)]
            if not rows:
                del self._marks[mark]
        self._count(name, -1)

    def _count(self, name: FiledName, by: int) -> None:
        self._name_rows += by
        self._key_rows[name.key] += by
        whole, counts = name.whole, self._bigram_rows
        for first, second in set(pairwise(whole)):
            counts[first + second] += by
        if name.is_full and not name.parent:
            for held, text in ((self._of_core, name.core), (self._of_stem, name.stem)):
                bearers = held.setdefault(text, {})
                bearers[whole] = bearers.get(whole, 0) + by
                if not bearers[whole]:
                    del bearers[whole]

    # What all leads together say of a name (filed_likeness.Corpus).

    @property
    def reader(self) -> Reader:
        """How rare each character is."""
        if self._reader is None:
            size = max(LEAST_NAMES, self._name_rows)
            self._reader = Reader(filed_names.place_names().regions, _Rarity(self._marks, size), math.log(size + 2))
        return self._reader

    def known_elsewhere(self, pairs: set[str], ours: FiledName, theirs: FiledName) -> int:
        """How many other names hold the rarest of these bigrams."""
        own = [(self._key_rows.get(name.key, 0), filed_names.bigrams(name.whole)) for name in (ours, theirs)]
        return min(self._bigram_rows.get(pair, 0) - sum(rows for rows, held in own if pair in held) for pair in pairs)

    def others_of_stem(self, ours: FiledName, theirs: FiledName) -> int:
        """How many other firms are called so in another region."""
        stem = min((ours, theirs), key=lambda name: (len(name.whole), name.whole)).stem
        return sum(whole not in (ours.whole, theirs.whole) for whole in self._of_stem.get(stem, ()))

    def bearers(self, core: str) -> int:
        """How many firms bear a trade name."""
        return len(self._of_core.get(core, ()))

    def fit(self, short: FiledName, full: FiledName, numbers: NameNumbers) -> tuple[float, str] | None:
        """How well a short name fits a full one; remembered until a lead comes or goes."""
        if (short, full) not in self._fit:
            if len(self._fit) > MOST_FITS:
                self._fit.clear()
            self._fit[short, full] = filed_likeness.fit(short, full, self.reader, numbers)
        return self._fit[short, full]

    def others_fitting(self, short: FiledName, full: FiledName, points: float) -> int:
        """How many other firms a short name fits as well, each counted once however it is written."""
        fits = self._fits.get(short.key)
        if fits is None:
            fits = self._fits[short.key] = sorted(self._fitting(short), reverse=True)
        tails = set(full.tails)
        least = points - _RIVAL_MARGIN
        as_well = {stem if stem in tails else whole for _, stem, whole in takewhile(lambda row: row[0] >= least, fits)}
        if short.key == full.key:
            return max(0, len(as_well) - 1)
        return len(as_well - tails)

    def _fitting(self, short: FiledName) -> Iterator[tuple[float, str, str]]:
        numbers = self._name_numbers
        seen: set[str] = set()
        for row in self._alike(short):
            entered = self._rows[row]
            if entered is None or numbers is None:
                continue
            name = entered[1]
            is_other = name.is_full and not name.parent and name.whole not in seen
            if is_other and filed_names.near_of(short.places, name.places) != "other":
                seen.add(name.whole)
                found = self.fit(short, name, numbers)
                if found is not None:
                    yield found[0], name.stem, name.whole

    # Which leads are worth comparing.

    def _worth_comparing(self, ours: _Read, numbers: Numbers) -> set[str]:
        found: set[str] = set()
        for text in _texts(ours):
            if text[0] in ("code", "firm", "name", "sound") or (
                text[0] == "contact" and len(self._by_text.get(text, ())) <= numbers.contact_bearers_at_most
            ):
                found |= self._by_text.get(text, set())
        for name in ours.named:
            for row in self._alike(name):
                entered = self._rows[row]
                if entered is not None:
                    found.add(entered[0])
        return found | self._unnamed_alike(ours)

    def _unnamed_alike(self, ours: _Read) -> set[str]:
        """Leads of a product in the same place: all of them where we do not know whom we speak of, else those that do not know it."""
        place = ours.place
        if not place or not ours.products:
            return set()
        found: set[str] = set()
        for word in ours.products:
            found |= self._by_text.get(("product", word), set())
        if ours.named:
            found &= self._unnamed
        near = [key for key in found if _near(place, self._leads[key].place) in (Kind.PLACE, Kind.CITY)]
        amount = ours.filed.amount_wan or 0.0
        return set(sorted(near, key=lambda key: (abs((self._leads[key].filed.amount_wan or 0.0) - amount), key))[:MOST_WEAK])

    def _alike(self, name: FiledName) -> list[int]:
        """Rows of names that share the rarest characters, and of short ones that this one may be called by."""
        lists = [self._marks[mark] for mark in sorted(set(name.home.stem)) if mark in self._marks]
        if not lists:
            return []
        lengths = np.array([len(rows) for rows in lists])
        weights = np.log(max(2, self._name_rows) / lengths)
        rows = np.concatenate([np.frombuffer(rows, dtype=np.int32) for rows in lists])
        held: npt.NDArray[np.float64] = np.bincount(rows, np.repeat(weights, lengths)).astype(np.float64)
        count = np.bincount(rows)
        found = np.flatnonzero(count)
        sizes = np.frombuffer(self._sizes, dtype=np.float32)[found]
        held, count = held[found], count[found]
        chosen = _highest(held - 0.15 * sizes, MOST_COMPARED)
        covered = np.flatnonzero((count >= 2) & (count >= sizes - (sizes > 3)))
        both = np.union1d(chosen, covered[_highest(held[covered], MOST_COVERED)])
        result: list[int] = found[both].tolist()
        return result

    # How two leads compare.

    def judged(self, ours: _Read, theirs: _Read, numbers: Numbers) -> Candidate | None:
        """What two leads are to each other, with the reasons; None where nothing is worth a look."""
        tie, by_names = self._best_tie(ours, theirs, numbers)
        firm = list(_by_register(ours, theirs, numbers))
        if tie is NO_TIE and not any(reason.kind in (Kind.CODE, Kind.FIRM) for reason in firm):
            may_be = not (ours.named and theirs.named) or not set(ours.filed.contacts).isdisjoint(theirs.filed.contacts)
            return _weak(ours, theirs, list(_by_project(ours, theirs, numbers)), numbers) if may_be and not firm else None
        more = list(_by_project(ours, theirs, numbers))
        reasons = [*firm, *by_names, *more]
        is_proved = any(reason.kind in (Kind.CODE, Kind.FIRM) for reason in firm)
        share = _share(sum(reason.points for reason in reasons))
        if tie.relation is not None and not is_proved:
            return _related(theirs, tie, reasons, share, numbers)
        kinds = {reason.kind for reason in reasons}
        if share < numbers.suspected_from_share:
            is_sister = kinds & set(_OTHER_FIRM) and kinds & _SAME_BY_NAME
            return Candidate(theirs.filed.key, Verdict.RELATED, numbers.brand_share, tuple(reasons)) if is_sister else None
        is_sure = share >= numbers.same_from_share and not kinds & {*_OTHER_FIRM, *_OTHER_PROJECT}
        is_sure = is_sure and not (is_proved and not tie.values and ours.named and theirs.named)
        return Candidate(theirs.filed.key, Verdict.SAME if is_sure else Verdict.SUSPECTED, share, tuple(reasons))

    def _best_tie(self, ours: _Read, theirs: _Read, numbers: Numbers) -> tuple[Tie, list[Reason]]:
        """The strongest tie of their names; where both give full names, short ones do not count, for they say less."""
        mine, yours = ours.named, theirs.named
        full_mine, full_yours = [name for name in mine if name.is_full], [name for name in yours if name.is_full]
        if full_mine and full_yours:
            mine, yours = tuple(full_mine), tuple(full_yours)
        best: tuple[float, Tie, list[Reason]] = (-math.inf, NO_TIE, [])
        for one in mine:
            for other in yours:
                tie = filed_likeness.tie(one, other, self, numbers.names)
                if tie is NO_TIE:
                    continue
                reasons = [
                    Reason(kind, *tie.told.get(kind, (one.key, other.key)), value * numbers.weights[kind])
                    for kind, value in tie.values.items()
                ]
                points = sum(reason.points for reason in reasons) - (100.0 if tie.relation else 0.0)
                if points > best[0]:
                    if tie.relation:
                        reasons.append(Reason(tie.relation, one.key, other.key, 0.0))
                    best = (points, tie, reasons)
        return best[1], best[2]


def _texts(read: _Read) -> Iterator[tuple[str, str]]:
    """What a lead is looked up by besides the characters of its names."""
    if read.uscc:
        yield "code", read.uscc
    if read.filed.firm_id:
        yield "firm", read.filed.firm_id
    for name in read.named:
        yield "name", name.key
        yield "sound", " ".join(map(filed_names.sound, name.stem))
    for contact in read.filed.contacts:
        yield "contact", contact
    for word in read.products:
        yield "product", word


def _highest(values: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.int64]:
    """Where the highest values stand, with all that equal the last of them: which of equals stay must not depend on their order."""
    if len(values) <= most:
        return np.arange(len(values))
    least = np.partition(values, len(values) - most)[len(values) - most]
    found: npt.NDArray[np.int64] = np.flatnonzero(values >= least)[: most * 4]
    return found


def _share(points: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, points))))


def _by_register(ours: _Read, theirs: _Read, numbers: Numbers) -> Iterator[Reason]:
    if ours.uscc and theirs.uscc:
        is_same = ours.uscc == theirs.uscc
        if is_same or (ours.is_code_sound and theirs.is_code_sound):
            kind = Kind.CODE if is_same else Kind.OTHER_CODE
            yield Reason(kind, ours.uscc, theirs.uscc, numbers.weights[kind])
    mine, yours = ours.filed.firm_id, theirs.filed.firm_id
    if mine and yours:
        kind = Kind.FIRM if mine == yours else Kind.OTHER_FIRM
        yield Reason(kind, mine, yours, numbers.weights[kind])


def _by_project(ours: _Read, theirs: _Read, numbers: Numbers) -> Iterator[Reason]:
    """What place, product, contact and amount say."""
    place = _near(ours.place, theirs.place)
    if place is not None:
        yield Reason(place, ours.filed.place_code, theirs.filed.place_code, numbers.weights[place])
    if ours.products and theirs.products:
        shared = next(((one, other) for one in ours.products for other in theirs.products if one in other or other in one), None)
        kind = Kind.PRODUCT if shared else Kind.OTHER_PRODUCT
        yield Reason(kind, *(shared or ("、".join(ours.products), "、".join(theirs.products))), numbers.weights[kind])
    contact = min(set(ours.filed.contacts) & set(theirs.filed.contacts), default="")
    if contact:
        yield Reason(Kind.CONTACT, contact, contact, numbers.weights[Kind.CONTACT])
    mine, yours = ours.filed.amount_wan, theirs.filed.amount_wan
    if mine and yours and mine > 0 and yours > 0:
        ratio = max(mine, yours) / min(mine, yours)
        if ratio <= numbers.amount_alike_times:
            yield Reason(Kind.AMOUNT, f"{mine:g}", f"{yours:g}", numbers.weights[Kind.AMOUNT])
        elif ratio >= numbers.amount_unlike_times:
            yield Reason(Kind.OTHER_AMOUNT, f"{mine:g}", f"{yours:g}", numbers.weights[Kind.OTHER_AMOUNT])


def _near(ours: str, theirs: str) -> Kind | None:
    """How two places stand; None where one is unknown, or is a province that holds the other."""
    if not ours or not theirs:
        return None
    short, long = sorted((ours, theirs), key=len)
    city = 2 if short[:2] in _MUNICIPALITIES else 4
    if ours == theirs and len(ours) > city:
        return Kind.PLACE
    if long.startswith(short):
        return Kind.CITY if len(short) >= city else None
    return Kind.CITY if ours[:city] == theirs[:city] else Kind.OTHER_PLACE


def _weak(ours: _Read, theirs: _Read, more: list[Reason], numbers: Numbers) -> Candidate | None:
    """Two leads that no name ties: at most suspected, and by what agrees alone."""
    kind = Kind.UNLIKE if ours.named and theirs.named else Kind.UNNAMED
    told = ["、".join(read.filed.names) for read in (ours, theirs)]
    agreeing = [Reason(row.kind, row.ours, row.theirs, numbers.weak[row.kind]) for row in more if row.kind in numbers.weak]
    reasons = [Reason(kind, told[0], told[1], numbers.weak[kind]), *agreeing]
    share = _share(sum(reason.points for reason in reasons))
    return Candidate(theirs.filed.key, Verdict.SUSPECTED, share, tuple(reasons)) if share >= numbers.weak_from_share else None


def _related(theirs: _Read, tie: Tie, reasons: list[Reason], share: float, numbers: Numbers) -> Candidate | None:
    """A branch is as sure to be of the group as its parent's name is; of a brand alone little is sure."""
    certain = numbers.brand_share if tie.relation is Kind.BRAND else share
    if tie.relation is not Kind.BRAND and share < numbers.suspected_from_share:
        return None
    return Candidate(theirs.filed.key, Verdict.RELATED, certain, tuple(reasons))
