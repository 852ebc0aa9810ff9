"""Who makes this product? Firms of a build that make (or provide) it, best first, each with the clause that proves it."""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from wutong.engine import answers, columns, makers, members, places
from wutong.engine.answers import Reason
from wutong.engine.places import Region
from wutong.engine.placing import CARRYING, MAKING, SERVING, NameWords, products_of_name, without_goods
from wutong.engine.products import Matcher, levelled, relation_of
from wutong.engine.scopes import Role
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

Wanted = Literal["makes", "any"]

PROOF_POINTS = {"scope": 60.0, "name": 45.0, "inferred": 30.0, "other": 10.0}
ROLE_POINTS = {Role.MAKES: 5.0, Role.PROVIDES: 5.0, Role.PROCESSES: 4.0, Role.GROWS: 4.0, Role.STORES: 4.0, Role.TRANSPORTS: 4.0}
TERM_POINTS, NAME_POINTS, PLACE_POINTS, SIZE_POINTS = 10.0, 10.0, 10.0, 5.0
EARLY_CHARACTERS = 60
LARGEST_YUAN = 1e10
SOURCE = "wutong.engine.find"


@dataclass(frozen=True, slots=True)
class FoundFirm:
    """One firm that makes the product. Units: capital in yuan, distance in km from the centre asked for; span: characters of the scope."""

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
    """What `find` answers. `product_id` None: the thesaurus does not know the word, so phrases were compared by its letters."""

    product: str
    product_id: str | None
    rows: tuple[FoundFirm, ...]
    total: int
    role: str
    as_of: dt.date
    counted: tuple[str, ...]


@dataclass(frozen=True)
class _Kept:
    """What is read once per opened build. Shape: `offsets` has one entry per phrase and one more; the rest one per mention, by phrase."""

    offsets: npt.NDArray[np.int64]
    mentions: pl.DataFrame
    firms: pl.DataFrame
    phrases: pl.Series
    making: npt.NDArray[np.bool_]
    carrying: npt.NDArray[np.bool_]
    matchers: dict[str, Matcher]
    by_name: dict[str, npt.NDArray[np.int32]]
    places: places.Places


_KEPT: WeakKeyDictionary[Warehouse, _Kept] = WeakKeyDictionary()
_LOCK = threading.Lock()


def warm(warehouse: Warehouse) -> None:
    """Read what every question needs, so that the first one is as quick as the rest."""
    _kept(warehouse)


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
) -> Found:
    """Firms that make the product (for a service: provide it), best first; `top` 0: all; `role` any: also who sells, repairs or stores it.

    Narrower kinds count, broader ones do not. A word that the thesaurus does not know is looked for in the heads of phrases.
    """
    kept = _kept(warehouse)
    matcher = _matcher(kept, rulebook)
    product_id = matcher.resolve(product)
    day = answers.as_of_day(warehouse, as_of)
    counted = tuple(sorted(rulebook.narrower(product_id))) if product_id else ()
    is_service = bool(product_id) and rulebook.products[cast(str, product_id)].kind == "service"
    words = NameWords.read(rulebook.scope_words)
    hits = _known_phrases(warehouse, product_id, counted) if product_id else _literal_phrases(kept, product)
    seen = _mentions_of(kept, hits)
    named = _named(kept, matcher, rulebook, counted, product)
    rows = _proven(seen, named, kept, words, is_service=is_service, is_any=role == "any")
    rows = _with_names(rows, seen, named, kept, words, is_service=is_service)
    where = all_places or kept.places
    rows = _inside(rows, warehouse, region, near, radius_km, kept, day)
    ranked = _ranked(rows, kept, named)
    chosen = ranked.head(top) if top else ranked
    found = _filled(chosen, kept, where, near)
    return Found(product, product_id, found, ranked.height, role, day, counted)


def _kept(warehouse: Warehouse) -> _Kept:
    with _LOCK:
        kept = _KEPT.get(warehouse)
        if kept is None:
            kept = _KEPT[warehouse] = _read(warehouse)
        return kept


def _read(warehouse: Warehouse) -> _Kept:
    known = columns.of(warehouse)
    mentions = columns.table(warehouse, "mentions", ("phrase_no", "firm_no", "role", "start", "end"), "phrase_no")
    firms, phrases = known.frame, known.phrases
    offsets = np.searchsorted(mentions["phrase_no"].to_numpy(), np.arange(len(phrases) + 1)).astype(np.int64)
    role, firm = mentions["role"].to_numpy(), mentions["firm_no"].to_numpy()
    making, carrying = np.zeros(firms.height, dtype=bool), np.zeros(firms.height, dtype=bool)
    making[firm[np.isin(role, [int(r) for r in MAKING])]] = True
    carrying[firm[np.isin(role, [int(r) for r in CARRYING])]] = True
    return _Kept(offsets, mentions, firms, phrases, making, carrying, {}, {}, places.Places(warehouse))


def _matcher(kept: _Kept, rulebook: Rulebook) -> Matcher:
    matcher = kept.matchers.get(rulebook.hash)
    if matcher is None:
        matcher = kept.matchers[rulebook.hash] = Matcher(rulebook.products)
    return matcher


def _known_phrases(warehouse: Warehouse, product_id: str, counted: tuple[str, ...]) -> pl.DataFrame:
    """Phrases that name the product or a narrower kind; `is_direct`: the product itself."""
    text = """select phrase_no, bool_or(product = $product) as is_direct from phrase_products
              where relation in ('is', $own) and list_contains($counted, product) group by phrase_no"""
    params = {"product": product_id, "own": "generic", "counted": list(counted)}
    table = warehouse.ask(text, params, step="find_phrases")
    return pl.DataFrame(pl.from_arrow(table)).with_columns(pl.col("phrase_no").cast(pl.Int32))


def _literal_phrases(kept: _Kept, word: str) -> pl.DataFrame:
    """Phrases whose head is the word itself."""
    wanted = levelled(word)
    holding = kept.phrases.str.to_uppercase().str.contains(wanted, literal=True).arg_true().to_list() if wanted else []
    rows: list[tuple[int, bool]] = []
    for number in holding:
        text = levelled(kept.phrases[number])
        start = text.rfind(wanted)
        if start >= 0 and relation_of(text, start, start + len(wanted)) == "is":
            rows.append((number, text == wanted))
    return pl.DataFrame(rows, schema={"phrase_no": pl.Int32, "is_direct": pl.Boolean}, orient="row")


def _mentions_of(kept: _Kept, hits: pl.DataFrame) -> pl.DataFrame:
    """Every mention of the phrases, found by their place in the order."""
    numbers = hits["phrase_no"].to_numpy()
    begin, end = kept.offsets[numbers], kept.offsets[numbers + 1]
    count = end - begin
    at = np.repeat(begin - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    return kept.mentions[at].with_columns(is_direct=pl.Series(np.repeat(hits["is_direct"].to_numpy(), count), dtype=pl.Boolean))


def _proven(
    seen: pl.DataFrame, named: npt.NDArray[np.int32], kept: _Kept, words: NameWords, *, is_service: bool, is_any: bool
) -> pl.DataFrame:
    """Mentions that prove the firm, each with its proof."""
    roles = [int(r) for r in (SERVING if is_service else MAKING)]
    verbs = seen.filter(pl.col("role").is_in(roles)).with_columns(proof=pl.lit("scope"))
    if is_service:
        verbs = without_goods(verbs, seen)
    silent = seen.filter(pl.col("role") == int(Role.UNSTATED))
    numbers = silent["firm_no"].unique()
    kinds = pl.DataFrame({"firm_no": numbers, "name": kept.firms["name"].gather(numbers), "makes": kept.making[numbers.to_numpy()]})
    kinds = kinds.with_columns(kind=words.kind_expression(pl.col("name")))
    about = pl.col("firm_no").is_in(pl.Series(named, dtype=pl.Int32).implode())
    trusted = pl.lit(is_service) | (pl.col("kind") != "trader") & (pl.col("makes") | (pl.col("kind") != "") | about)
    keep = kinds.filter(trusted)["firm_no"]
    inferred = silent.filter(pl.col("firm_no").is_in(keep.implode())).with_columns(proof=pl.lit("inferred"))
    frames = [verbs, inferred]
    if is_any:
        frames.append(seen.with_columns(proof=pl.lit("other")))
    return pl.concat(frames)


def _named(kept: _Kept, matcher: Matcher, rulebook: Rulebook, counted: tuple[str, ...], word: str) -> npt.NDArray[np.int32]:
    """Firms whose name is about the product; looked up once per product."""
    key = f"{rulebook.hash} {','.join(counted) or word}"
    known = kept.by_name.get(key)
    if known is None:
        terms = [term for product in counted for term in rulebook.products[product].terms] or [word]
        names = kept.firms["name"]
        at = names.str.contains_any(terms).arg_true().to_list()
        if counted:
            at = [
                number for number, name in zip(at, names.gather(at), strict=True) if not products_of_name(name, matcher).isdisjoint(counted)
            ]
        known = kept.by_name[key] = np.array(at, dtype=np.int32)
    return known


def _with_names(
    rows: pl.DataFrame, seen: pl.DataFrame, named: npt.NDArray[np.int32], kept: _Kept, words: NameWords, *, is_service: bool
) -> pl.DataFrame:
    """Add firms that only their name proves: the scope is generic and says nothing else about the product."""
    silent = np.setdiff1d(named, seen["firm_no"].to_numpy())
    if not len(silent):
        return rows
    frame = pl.DataFrame({"firm_no": pl.Series(silent, dtype=pl.Int32)})
    frame = frame.with_columns(
        kind=pl.DataFrame({"name": kept.firms["name"].gather(frame["firm_no"])}).select(k=words.kind_expression(pl.col("name")))["k"],
        makes=pl.Series(kept.making[silent]),
        carries=pl.Series(kept.carrying[silent]),
    )
    makes = (pl.col("kind") != "trader") & (pl.col("makes") | (pl.col("kind") == "maker"))
    proves = pl.col("carries") if is_service else makes
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
        rows = rows.filter(~late.fill_null(False).gather(rows["firm_no"]))
    if region is not None and not rows.is_empty():
        rows = rows.filter(pl.col("firm_no").is_in(pl.Series(members.of(warehouse, region)).implode()))
    if near is not None and near.lon is not None and near.lat is not None and not rows.is_empty():
        lon, lat = (kept.firms[name].gather(rows["firm_no"]).to_numpy() for name in ("lon", "lat"))
        rows = rows.filter(pl.Series(makers.within_km(lon, lat, near.lon, near.lat, radius_km)))
    return rows


def _ranked(rows: pl.DataFrame, kept: _Kept, named: npt.NDArray[np.int32]) -> pl.DataFrame:
    """One row per firm: its best mention, and the points that order it."""
    capital = kept.firms["capital_yuan"].gather(rows["firm_no"]) if not rows.is_empty() else pl.Series([], dtype=pl.Float64)
    points = rows.with_columns(
        capital_yuan=capital,
        proof_points=pl.col("proof").replace_strict(PROOF_POINTS, return_dtype=pl.Float64),
        role_points=pl.col("role").replace_strict({int(k): v for k, v in ROLE_POINTS.items()}, default=0.0, return_dtype=pl.Float64),
        term_points=pl.when(pl.col("is_direct")).then(TERM_POINTS).otherwise(TERM_POINTS / 2),
        name_points=pl.when(pl.col("firm_no").is_in(pl.Series(named, dtype=pl.Int32).implode())).then(NAME_POINTS).otherwise(0.0),
        place_points=(PLACE_POINTS * (-pl.col("start") / EARLY_CHARACTERS).exp()).fill_null(0.0),
    ).with_columns(
        size_points=(SIZE_POINTS * (pl.col("capital_yuan").clip(1e4, LARGEST_YUAN).log10() - 4) / (math.log10(LARGEST_YUAN) - 4)).fill_null(
            0.0
        )
    )
    scored = points.with_columns(
        score=pl.sum_horizontal("proof_points", "role_points", "term_points", "name_points", "place_points", "size_points")
    )
    return (
        scored.sort(["firm_no", "score", "start"], descending=[False, True, False], nulls_last=True)
        .unique("firm_no", keep="first", maintain_order=True)
        .sort(["score", "firm_no"], descending=[True, False])
    )


def _filled(chosen: pl.DataFrame, kept: _Kept, where: places.Places, near: Region | None) -> tuple[FoundFirm, ...]:
    """The chosen rows with what a reader wants to see of each firm."""
    if chosen.is_empty():
        return ()
    facts = kept.firms[chosen["firm_no"]]
    found = []
    for row, fact in zip(chosen.iter_rows(named=True), facts.iter_rows(named=True), strict=True):
        start, end = row["start"], row["end"]
        found.append(
            FoundFirm(
                firm_no=row["firm_no"],
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
                clause=answers.clause(fact["scope"], start, end) if start is not None else fact["name"],
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
