"""Who makes this product? Firms of a build that make (or provide) it, best first, each with the clause that proves it."""

from __future__ import annotations

import datetime as dt
import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from wutong.engine import answers, columns, makers, members, places
from wutong.engine.answers import Reason
from wutong.engine.places import Region
from wutong.engine.placing import (
    CARRYING,
    DEALING,
    DOING,
    MAKING,
    SERVING,
    NameWords,
    SaidOf,
    made_things,
    products_of_name,
    trusted,
    without_goods,
)
from wutong.engine.products import ASKED, DONE, Matcher, done_to, levelled
from wutong.engine.scopes import Role
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Product, Rulebook

Wanted = Literal["makes", "any"]

PROOFS = ("scope", "name", "inferred", "other")
SOURCE = "wutong.engine.find"
KINDS = ("", "weak", "maker", "trader")
NOT_READ = -1


@dataclass(frozen=True, slots=True)
class FoundFirm:
    """One firm that makes the product. Units: capital in yuan, distance in km from the centre asked for; span: characters of the scope.

    Clause and span are of the scope that proves it: its own, or that of a firm that turned out to be it.
    """

    firm_no: int
    firm_id: str
    uscc: str | None
    name: str
    adcode: str
    place: str
    lon: float | None
    lat: float | None
    capital_yuan: float | None
    registered_on: dt.date | None
    role: str
    phrase: str
    clause: str
    start: int | None
    end: int | None
    proof: str
    score: float
    distance_km: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What `find` answers. `product_id` None: the thesaurus does not know the word, so phrases were compared by its letters.

    `is_by_head`: no firm writes the word as asked, so the answer is for the product that it ends with, which is wider.
    """

    product: str
    product_id: str | None
    is_by_head: bool
    rows: tuple[FoundFirm, ...]
    total: int
    role: str
    as_of: dt.date
    counted: tuple[str, ...]


@dataclass(frozen=True)
class _Kept:
    """What is read once per opened build. Shape: `offsets` has one entry per phrase and one more; the rest one per mention, by phrase.

    `kinds`: what each firm's name says of it as a place in KINDS, NOT_READ until somebody asks.
    """

    offsets: npt.NDArray[np.int64]
    mentions: pl.DataFrame
    firms: pl.DataFrame
    phrases: pl.Series
    upper: pl.Series
    first_sale: npt.NDArray[np.int16]
    making: npt.NDArray[np.bool_]
    carrying: npt.NDArray[np.bool_]
    dealing: npt.NDArray[np.bool_]
    software: pl.Series
    matchers: dict[str, Matcher]
    by_name: dict[str, npt.NDArray[np.int32]]
    by_product: dict[tuple[str, tuple[str, ...]], pl.DataFrame]
    kinds: dict[NameWords, npt.NDArray[np.int8]]
    places: places.Places


_KEPT: WeakKeyDictionary[Warehouse, _Kept] = WeakKeyDictionary()
_LOCK = threading.Lock()


def warm(warehouse: Warehouse) -> None:
    """Read what every question needs, so that the first one is as quick as the rest."""
    _kept(warehouse)


def product_of(warehouse: Warehouse, rulebook: Rulebook, word: str) -> str | None:
    """The product that a word names, by the thesaurus."""
    return _matcher(_kept(warehouse), rulebook).resolve(word)


def mentions(warehouse: Warehouse, rulebook: Rulebook, product_id: str) -> pl.DataFrame:
    """Every mention of a product and its narrower kinds: firm_no, role, start, end; `done`: the role that makes it one (叉车, repaired)."""
    kept = _kept(warehouse)
    return _mentions_of(kept, _known_phrases(warehouse, kept, product_id, tuple(sorted(rulebook.narrower(product_id)))))


def find(
    warehouse: Warehouse,
    rulebook: Rulebook,
    product: str,
    *,
    region: Region | None = None,
    near: Region | None = None,
    radius_km: float = 150.0,
    role: Wanted = "makes",
    top: int = 20,
    as_of: dt.date | None = None,
    all_places: places.Places | None = None,
    among: frozenset[str] | None = None,
    merged: Mapping[str, str] | None = None,
) -> Found:
    """Firms that make the product (for a service: provide it), best first; `top` 0: all; `role` any: also who sells, repairs or stores it.

    Narrower kinds count, broader ones do not. A word that the thesaurus does not know is looked for in the heads of phrases; where nobody
    writes it (锂电池隔膜), the product that it ends with (电池隔膜) is answered for. `merged`: firms that are others, by id: a firm stands
    once, as the other and in the other's place, with the other's own proof if it makes the product too.
    """
    kept = _kept(warehouse)
    matcher = _matcher(kept, rulebook)
    day = answers.as_of_day(warehouse, as_of)
    words = NameWords.read(rulebook.scope_words)
    product_id, is_by_head, asked = matcher.resolve(product), False, matcher
    if product_id is None:
        asked = matcher.alone(product)
        hits = _literal_phrases(kept, asked, asked.product(ASKED))
        if not len(hits):
            product_id = matcher.head_of(product)
            is_by_head = product_id is not None
    if product_id is not None:
        counted = tuple(sorted(rulebook.narrower(product_id)))
        asked, wanted, hits = matcher, rulebook.products[product_id], _known_phrases(warehouse, kept, product_id, counted)
    else:
        counted, wanted = (), asked.product(ASKED)
    is_service = wanted.kind == "service"
    every = _all_mentions_of(kept, hits)
    seen = every.filter(pl.col("done").is_null() | (pl.col("done") == pl.col("role")))
    named = _named(kept, asked, rulebook, counted, wanted)
    made = made_things(every, hits["phrase_no"], kept.software) if is_service else every.clear()
    rows = _proven(seen, made, named, kept, words, is_service=is_service, is_any=role == "any")
    rows = _with_names(rows, seen, named, kept, words, wanted)
    where = all_places or kept.places
    rows = _standing(rows, columns.pairs(warehouse, merged) if merged else [])
    rows = _inside(rows, warehouse, region, near, radius_km, kept, day)
    if among is not None:
        rows = rows.filter(pl.col("stands_no").is_in(pl.Series(columns.with_ids(warehouse, among)).implode()))
    ranked = _ranked(rows, kept, named, Points.read(rulebook, day))
    chosen = ranked.head(top) if top else ranked
    found = _filled(chosen, kept, where, near)
    return Found(product, product_id, is_by_head, found, ranked.height, role, day, counted)


def _standing(rows: pl.DataFrame, merged: list[tuple[int, int]]) -> pl.DataFrame:
    """The rows with `stands_no`, the firm as which each firm stands; where that one, or a firm before that is it too, is there, they go."""
    there = set(rows["firm_no"].to_list()) & {number for pair in merged for number in pair} if merged else set()
    seen, dropped, stands = set(there), [], {}
    for gone, kept in merged:
        if gone in there:
            if kept in seen:
                dropped.append(gone)
            else:
                stands[gone] = kept
            seen.add(kept)
    rows = rows.filter(~pl.col("firm_no").is_in(dropped)) if dropped else rows
    number = rows["firm_no"].replace(stands) if stands else rows["firm_no"]
    return rows.with_columns(stands_no=number)


def _kept(warehouse: Warehouse) -> _Kept:
    with _LOCK:
        kept = _KEPT.get(warehouse)
        if kept is None:
            kept = _KEPT[warehouse] = _read(warehouse)
        return kept


def _read(warehouse: Warehouse) -> _Kept:
    known = columns.of(warehouse)
    mentions = columns.mentions(warehouse)
    firms, phrases = known.frame, known.phrases
    offsets = np.searchsorted(mentions["phrase_no"].to_numpy(), np.arange(len(phrases) + 1)).astype(np.int64)
    role, firm = mentions["role"].to_numpy(), mentions["firm_no"].to_numpy()
    said_of = SaidOf.read(phrases, warehouse.rulebook.scope_words)
    phrase = mentions["phrase_no"].to_numpy()
    making, carrying, dealing = (np.zeros(firms.height, dtype=bool) for _ in range(3))
    making[firm[np.isin(role, [int(r) for r in MAKING]) & ~np.isin(phrase, said_of.no_making.to_numpy())]] = True
    dealing[firm[np.isin(role, [int(r) for r in DEALING]) & np.isin(phrase, said_of.licensed.to_numpy())]] = True
    dealing[firm[(role == int(Role.UNSTATED)) & np.isin(phrase, said_of.traded.to_numpy())]] = True
    carrying[firm[np.isin(role, [int(r) for r in CARRYING])]] = True
    first_sale = np.full(firms.height, np.iinfo(np.int16).max, dtype=np.int16)
    sold = role == int(Role.SELLS)
    np.minimum.at(first_sale, firm[sold], mentions["start"].to_numpy()[sold])
    upper = phrases.str.to_uppercase()
    return _Kept(
        offsets,
        mentions,
        firms,
        phrases,
        upper,
        first_sale,
        making,
        carrying,
        dealing,
        said_of.software,
        {},
        {},
        {},
        {},
        places.Places(warehouse),
    )


def _matcher(kept: _Kept, rulebook: Rulebook) -> Matcher:
    matcher = kept.matchers.get(rulebook.hash)
    if matcher is None:
        matcher = kept.matchers[rulebook.hash] = Matcher(rulebook.products)
    return matcher


def _known_phrases(warehouse: Warehouse, kept: _Kept, product_id: str, counted: tuple[str, ...]) -> pl.DataFrame:
    """Phrases that name the product or a narrower kind; `is_direct`: the product itself; `done`: the role that makes it one, else null."""
    known = kept.by_product.get((product_id, counted))
    if known is None:
        known = kept.by_product[product_id, counted] = _ask_phrases(warehouse, product_id, counted)
    return known


def _ask_phrases(warehouse: Warehouse, product_id: str, counted: tuple[str, ...]) -> pl.DataFrame:
    text = """select phrase_no, if(list_contains($done, relation), relation, null) as done, bool_or(product = $product) as is_direct
              from phrase_products
              where list_contains($relations, relation) and list_contains($counted, product) group by all"""
    params = {"product": product_id, "relations": ["is", "generic", *DONE], "done": list(DONE), "counted": list(counted)}
    table = warehouse.ask(text, params, step="find_phrases")
    return pl.DataFrame(pl.from_arrow(table)).with_columns(pl.col("phrase_no").cast(pl.Int32), done=_role_number(pl.col("done")))


def _role_number(name: pl.Expr) -> pl.Expr:
    return name.replace_strict({name: int(role) for role, name in DOING.items()}, default=None, return_dtype=pl.Int8)


def _literal_phrases(kept: _Kept, asked: Matcher, wanted: Product) -> pl.DataFrame:
    """Phrases whose head is the word itself; for a word such as 电梯维修 also the thing that it is done to."""
    words = [wanted.zh, *(thing for thing, _ in done_to(wanted.zh))]
    rows: list[tuple[int, str | None, bool]] = []
    for number in kept.upper.str.contains_any(words).arg_true().to_list() if wanted.zh else []:
        phrase = kept.phrases[number]
        for _, relation in asked.match(phrase):
            if relation in {"is", *DONE}:
                rows.append((number, relation if relation in DONE else None, levelled(phrase) == wanted.zh))
    schema = {"phrase_no": pl.Int32, "done": pl.String, "is_direct": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(done=_role_number(pl.col("done")))


def _mentions_of(kept: _Kept, hits: pl.DataFrame) -> pl.DataFrame:
    """Every mention of the phrases; of what is done to a thing, only mentions of that role."""
    return _all_mentions_of(kept, hits).filter(pl.col("done").is_null() | (pl.col("done") == pl.col("role")))


def _all_mentions_of(kept: _Kept, hits: pl.DataFrame) -> pl.DataFrame:
    """Every mention of the phrases, found by their place in the order."""
    numbers = hits["phrase_no"].to_numpy()
    begin, end = kept.offsets[numbers], kept.offsets[numbers + 1]
    count = end - begin
    at = np.repeat(begin - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    which = np.repeat(np.arange(len(numbers)), count)
    return kept.mentions[at].with_columns(is_direct=hits["is_direct"].gather(which), done=hits["done"].gather(which))


def _proven(
    seen: pl.DataFrame, made: pl.DataFrame, named: npt.NDArray[np.int32], kept: _Kept, words: NameWords, *, is_service: bool, is_any: bool
) -> pl.DataFrame:
    """Mentions that prove the firm, each with its proof."""
    roles = [int(r) for r in (SERVING if is_service else MAKING)]
    verbs = seen.filter(pl.col("role").is_in(roles) | pl.col("done").is_not_null()).with_columns(proof=pl.lit("scope"))
    if is_service:
        verbs = without_goods(verbs, seen, made)
    silent = seen.filter(pl.col("role") == int(Role.UNSTATED))
    if not is_service:
        numbers = silent["firm_no"]
        facts = silent.with_columns(
            makes=pl.Series(kept.making[numbers.to_numpy()]),
            deals=pl.Series(kept.dealing[numbers.to_numpy()]),
            first_sale=pl.Series(kept.first_sale[numbers.to_numpy()]),
            kind=_kinds(kept, words, numbers.to_numpy()),
        )
        about = pl.col("firm_no").is_in(pl.Series(named, dtype=pl.Int32).implode())
        silent = facts.filter(trusted(about)).select(silent.columns)
    inferred = silent.with_columns(proof=pl.lit("inferred"))
    frames = [verbs, inferred]
    if is_any:
        frames.append(seen.with_columns(proof=pl.lit("other")))
    return pl.concat(frames)


def _kinds(kept: _Kept, words: NameWords, numbers: npt.NDArray[np.int32]) -> pl.Series:
    """What the names of these firms say of them (`NameWords.kind`); each name is read once a build, for three patterns are dear."""
    of = kept.kinds.setdefault(words, np.full(kept.firms.height, NOT_READ, dtype=np.int8))
    new = numbers[of[numbers] == NOT_READ]
    if len(new):
        said = pl.DataFrame({"name": kept.firms["name"].gather(new)}).select(kind=words.kind_expression(pl.col("name")))["kind"]
        of[new] = said.replace_strict({kind: at for at, kind in enumerate(KINDS)}, return_dtype=pl.Int8).to_numpy()
    return pl.Series(KINDS, dtype=pl.String).gather(of[numbers])


def _named(kept: _Kept, matcher: Matcher, rulebook: Rulebook, counted: tuple[str, ...], wanted: Product) -> npt.NDArray[np.int32]:
    """Firms whose name is about the product; looked up once per product."""
    key = f"{rulebook.hash} {','.join(counted) or wanted.zh}"
    known = kept.by_name.get(key)
    if known is None:
        terms = {term for product in counted for term in rulebook.products[product].terms} or {wanted.zh}
        shortest = [term for term in terms if not any(other in term for other in terms - {term})]
        names = kept.firms["name"]
        pattern = "|".join(map(re.escape, shortest)) or "^$"
        at = names.str.contains(pattern).arg_true()  # three times as quick here as contains_any
        among = set(counted) or {ASKED}
        about = [not products_of_name(name, matcher).isdisjoint(among) for name in names.gather(at)]
        known = kept.by_name[key] = at.filter(pl.Series(about, dtype=pl.Boolean)).to_numpy().astype(np.int32)
    return known


def _with_names(  # noqa: PLR0917
    rows: pl.DataFrame, seen: pl.DataFrame, named: npt.NDArray[np.int32], kept: _Kept, words: NameWords, wanted: Product
) -> pl.DataFrame:
    """Add firms that only their name proves: the scope is generic and says nothing else about the product.

    Why: a word without an entry may be a brand (青苹果科技), so only a works is believed; a name that says what is done
    (叉车维修) needs no further proof, one that names a thing (冷库) must not be a maker's.
    """
    is_said = makers.marked(kept.firms.height, seen["firm_no"].to_numpy())
    silent = named[~is_said[named]]
    if not len(silent):
        return rows
    frame = pl.DataFrame({"firm_no": pl.Series(silent, dtype=pl.Int32)})
    frame = frame.with_columns(
        kind=_kinds(kept, words, silent),
        makes=pl.Series(kept.making[silent]),
        carries=pl.Series(kept.carrying[silent]),
    )
    is_service = wanted.kind == "service"
    makes = (pl.col("kind") != "trader") & (pl.col("makes") & pl.lit(wanted.id != ASKED) | (pl.col("kind") == "maker"))
    says_deed = any(found for term in wanted.terms for found in done_to(term))
    is_known = pl.lit(wanted.id != ASKED)
    proves = (pl.col("carries") | pl.lit(says_deed) | is_known & ~pl.col("makes")) if is_service else makes
    role = int(Role.PROVIDES if is_service else Role.MAKES)
    added = frame.filter(proves).select("firm_no", role=pl.lit(role, pl.Int8), proof=pl.lit("name"), is_direct=pl.lit(True))
    return pl.concat([rows, added], how="diagonal_relaxed")


def _inside(  # noqa: PLR0917
    rows: pl.DataFrame,
    warehouse: Warehouse,
    region: Region | None,
    near: Region | None,
    radius_km: float,
    kept: _Kept,
    day: dt.date,
) -> pl.DataFrame:
    """Keep firms of the region, within the radius, and registered by the day."""
    if day != dt.date.max:
        late = kept.firms["registered_day"] > (day - dt.date(1970, 1, 1)).days
        rows = rows.filter(~late.fill_null(False).gather(rows["stands_no"]))
    if region is not None and not rows.is_empty():
        rows = rows.filter(pl.col("stands_no").is_in(pl.Series(members.of(warehouse, region)).implode()))
    if near is not None and near.lon is not None and near.lat is not None and not rows.is_empty():
        lon, lat = (kept.firms[name].gather(rows["stands_no"]).to_numpy() for name in ("lon", "lat"))
        rows = rows.filter(pl.Series(makers.within_km(lon, lat, near.lon, near.lat, radius_km)))
    return rows


@dataclass(frozen=True, slots=True)
class Points:
    """What each reason is worth (rulebook `parameters/find.yaml`)."""

    proofs: Mapping[str, float]
    roles: Mapping[int, float]
    direct_points: float
    narrower_points: float
    name_points: float
    early_points: float
    early_characters: float
    size_points: float
    largest_yuan: float

    @classmethod
    def read(cls, rulebook: Rulebook, day: dt.date) -> Points:
        """Raises: NoValueError where one has no value on that day."""

        def number(name: str) -> float:
            return rulebook.number(f"find.{name}", day)

        made = {int(Role.MAKES): number("role_makes"), int(Role.PROCESSES): number("role_processes"), int(Role.GROWS): number("role_grows")}
        carried = dict.fromkeys(map(int, CARRYING), number("role_carries"))
        return cls(
            proofs={proof: number(f"proof_{proof}") for proof in PROOFS},
            roles=made | carried | {int(Role.PROVIDES): number("role_provides")},
            direct_points=number("term_direct"),
            narrower_points=number("term_narrower"),
            name_points=number("name"),
            early_points=number("early"),
            early_characters=number("early_characters"),
            size_points=number("size"),
            largest_yuan=number("largest_yuan"),
        )


def _ranked(rows: pl.DataFrame, kept: _Kept, named: npt.NDArray[np.int32], worth: Points) -> pl.DataFrame:
    """One row per firm: its best mention, and the points that order it."""
    capital = kept.firms["capital_yuan"].gather(rows["stands_no"]) if not rows.is_empty() else pl.Series([], dtype=pl.Float64)
    size = (pl.col("capital_yuan").clip(1e4, worth.largest_yuan).log10() - 4) / (math.log10(worth.largest_yuan) - 4)
    points = rows.with_columns(
        capital_yuan=capital,
        proof_points=pl.col("proof").replace_strict(worth.proofs, return_dtype=pl.Float64),
        role_points=pl.col("role").replace_strict(worth.roles, default=0.0, return_dtype=pl.Float64),
        term_points=pl.when(pl.col("is_direct")).then(worth.direct_points).otherwise(worth.narrower_points),
        name_points=pl.when(pl.col("firm_no").is_in(pl.Series(named, dtype=pl.Int32).implode())).then(worth.name_points).otherwise(0.0),
        place_points=(worth.early_points * (-pl.col("start") / worth.early_characters).exp()).fill_null(0.0),
    ).with_columns(size_points=(worth.size_points * size).fill_null(0.0))
    scored = points.with_columns(
        score=pl.sum_horizontal("proof_points", "role_points", "term_points", "name_points", "place_points", "size_points")
    )
    best_first = scored.sort(["score", "stands_no", "start"], descending=[True, False, False], nulls_last=True)
    return best_first.unique("stands_no", keep="first", maintain_order=True)


def _filled(chosen: pl.DataFrame, kept: _Kept, where: places.Places, near: Region | None) -> tuple[FoundFirm, ...]:
    """The chosen rows with what a reader wants to see of each firm."""
    if chosen.is_empty():
        return ()
    facts, proofs = (kept.firms[chosen[name]].iter_rows(named=True) for name in ("stands_no", "firm_no"))
    found = []
    for row, fact, proving in zip(chosen.iter_rows(named=True), facts, proofs, strict=True):
        start, end = row["start"], row["end"]
        found.append(
            FoundFirm(
                firm_no=row["stands_no"],
                firm_id=fact["firm_id"],
                uscc=fact["uscc"],
                name=fact["name"],
                adcode=fact["adcode"],
                place=where.path(fact["adcode"]) if fact["adcode"] else "",
                lon=fact["lon"],
                lat=fact["lat"],
                capital_yuan=fact["capital_yuan"],
                registered_on=fact["registered_on"],
                role=Role(row["role"]).name.lower(),
                phrase=kept.phrases[row["phrase_no"]] if row["phrase_no"] is not None else "",
                clause=answers.clause(proving["scope"], start, end) if start is not None else proving["name"],
                start=start,
                end=end,
                proof=row["proof"],
                score=round(row["score"], 2),
                distance_km=_distance_km(near, fact["lon"], fact["lat"]),
                reasons=_reasons(row),
            )
        )
    return tuple(found)


def _reasons(row: Mapping[str, Any]) -> tuple[Reason, ...]:
    """What the score is made of."""
    return (
        Reason("proof", row["proof"], "", row["proof_points"], SOURCE),
        Reason("role", Role(row["role"]).name.lower(), "", row["role_points"], SOURCE),
        Reason("term", "direct" if row["is_direct"] else "narrower", "", row["term_points"], SOURCE),
        Reason("name", int(row["name_points"] > 0), "", row["name_points"], SOURCE),
        Reason("place_in_scope", row["start"], "characters", round(row["place_points"], 2) if row["start"] is not None else None, SOURCE),
        Reason("size", row["capital_yuan"], "yuan", round(row["size_points"], 2) if row["capital_yuan"] is not None else None, SOURCE),
    )


def _distance_km(near: Region | None, lon: float | None, lat: float | None) -> float | None:
    if near is None or near.lon is None or near.lat is None or lon is None or lat is None:
        return None
    half_lat, half_lon = math.radians(lat - near.lat) / 2, math.radians(lon - near.lon) / 2
    inner = math.sin(half_lat) ** 2 + math.cos(math.radians(near.lat)) * math.cos(math.radians(lat)) * math.sin(half_lon) ** 2
    return round(2 * places.EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(inner))), 1)
