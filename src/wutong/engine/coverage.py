"""How well the thesaurus covers what a registry writes (词库覆盖): what is never met, what is met and not known, what each chain holds.

Why: a build keeps what the rulebook of its day found in its phrases. Where the rulebook has changed since, the phrases are matched anew, so
that whoever grows the thesaurus sees the effect before he builds.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from wutong.engine import columns, terms
from wutong.engine.pieces import Role
from wutong.engine.products import Matcher
from wutong.engine.terms import TermHits
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

UNKNOWN_SHOWN = 100
AROUND = 14
MAKING = tuple(int(role) for role in (Role.MAKES, Role.PROCESSES, Role.GROWS, Role.PROVIDES))


@dataclass(frozen=True, slots=True)
class UnknownPhrase:
    """Grain: one phrase that names no product. `before`, `after`: the words round about in the scope of one firm.

    Units: `mentions` in all roles; `made_mentions`: those where the firm makes, processes, grows or provides it.
    """

    phrase: str
    mentions: int
    made_mentions: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RoleCoverage:
    """Grain: one role. `named_mentions`: their phrase names a product; `special_mentions`: one that is not generic."""

    role: str
    mentions: int
    named_mentions: int
    special_mentions: int

    @property
    def named_share(self) -> float | None:
        """The share of mentions that name a product (0-1)."""
        return self.named_mentions / self.mentions if self.mentions else None


@dataclass(frozen=True, slots=True)
class ChainCoverage:
    """Grain: one chain. `firms`: firms placed on it, each once; `empty`: segments where the registry has nobody."""

    chain: str
    name_zh: str
    name_en: str
    segments: int
    firms: int
    placements: int
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The thesaurus against one build. `is_of_build`: the build was made with this rulebook, so the chains show what it places."""

    build_id: str
    rulebook_hash: str
    is_of_build: bool
    phrases: int
    terms: tuple[TermHits, ...]
    unknown: tuple[UnknownPhrase, ...]
    roles: tuple[RoleCoverage, ...]
    chains: tuple[ChainCoverage, ...]

    @property
    def never_met(self) -> tuple[TermHits, ...]:
        """Terms that no phrase of the registry holds."""
        return tuple(row for row in self.terms if not row.phrases)


def of(warehouse: Warehouse, rulebook: Rulebook, *, top: int = UNKNOWN_SHOWN, only_made: bool = False) -> Coverage:
    """Measure it. `top`: so many unknown phrases, 0 for all; `only_made`: ordered by how often they are made, not only mentioned."""
    phrases = columns.table(warehouse, "phrases", ("phrase_no", "phrase", "firms"), "phrase_no")
    is_of_build = warehouse.info.rulebook_hash == rulebook.hash
    named = _named(warehouse, rulebook, phrases, is_of_build=is_of_build)
    generic = [product.id for product in rulebook.products.values() if product.generic]
    mentions = pl.read_parquet(warehouse.folder / "mentions.parquet", columns=["phrase_no", "role"])
    made = mentions.filter(pl.col("role").is_in(MAKING)).group_by("phrase_no").agg(pl.len().alias("made"))
    phrases = phrases.with_columns(
        is_named=pl.col("phrase_no").is_in(named["phrase_no"].unique().implode()),
        is_special=pl.col("phrase_no").is_in(named.filter(~pl.col("product").is_in(generic))["phrase_no"].unique().implode()),
    ).join(made, on="phrase_no", how="left", maintain_order="left")
    phrases = phrases.with_columns(pl.col("made").fill_null(0))
    return Coverage(
        warehouse.info.build_id, rulebook.hash, is_of_build, phrases.height, terms.hits(warehouse, rulebook),
        _unknown(warehouse, phrases, top, "made" if only_made else "firms"), _roles(mentions, phrases), _chains(warehouse, rulebook),
    )  # fmt: skip


def _named(warehouse: Warehouse, rulebook: Rulebook, phrases: pl.DataFrame, *, is_of_build: bool) -> pl.DataFrame:
    """Which phrases name which product."""
    if is_of_build:
        return columns.table(warehouse, "phrase_products", ("phrase_no", "product"), "phrase_no")
    found = pl.from_arrow(Matcher(rulebook.products).match_column(phrases["phrase"].to_list()).select(["phrase_no", "product"]))
    assert isinstance(found, pl.DataFrame)
    return found


def _unknown(warehouse: Warehouse, phrases: pl.DataFrame, top: int, by: str) -> tuple[UnknownPhrase, ...]:
    """The phrases met most that name no product, each with the words round one place where it stands."""
    most = phrases.filter(~pl.col("is_named") & (pl.col(by) > 0)).sort([by, "phrase"], descending=[True, False])
    most = most.head(top) if top else most
    places = (
        pl.scan_parquet(warehouse.folder / "mentions.parquet")
        .filter(pl.col("phrase_no").is_in(most["phrase_no"].implode()))
        .select("phrase_no", "firm_no", "start", "end")
        .group_by("phrase_no")
        .agg(pl.all().sort_by("firm_no", "start").first())
        .collect()
    )
    scopes = dict(columns.table(warehouse, "firms", ("firm_no", "scope"), "firm_no").filter(
        pl.col("firm_no").is_in(places["firm_no"].implode())
    ).iter_rows())  # fmt: skip
    around = {
        number: ((scopes[firm] or "")[max(0, start - AROUND) : start], (scopes[firm] or "")[end : end + AROUND])
        for number, firm, start, end in places.select("phrase_no", "firm_no", "start", "end").iter_rows()
    }
    return tuple(
        UnknownPhrase(phrase, mentions, made, *around.get(number, ("", "")))
        for number, phrase, mentions, made in most.select("phrase_no", "phrase", "firms", "made").iter_rows()
    )


def _roles(mentions: pl.DataFrame, phrases: pl.DataFrame) -> tuple[RoleCoverage, ...]:
    """Per role, how many mentions name a product."""
    is_named, is_special = phrases["is_named"], phrases["is_special"]
    counted = (
        mentions.with_columns(named=is_named.gather(mentions["phrase_no"]), special=is_special.gather(mentions["phrase_no"]))
        .group_by("role")
        .agg(pl.len().alias("mentions"), pl.col("named").sum(), pl.col("special").sum())
        .sort("mentions", descending=True)
    )
    return tuple(RoleCoverage(Role(role).name.lower(), total, named, special) for role, total, named, special in counted.iter_rows())


def _chains(warehouse: Warehouse, rulebook: Rulebook) -> tuple[ChainCoverage, ...]:
    """Per chain, how many firms stand on it and where nobody does."""
    placed = pl.read_parquet(warehouse.folder / "placements.parquet", columns=["chain", "segment", "firm_no"])
    counts = {
        chain: (firms, total, set(segments))
        for chain, firms, total, segments in placed.group_by("chain")
        .agg(pl.col("firm_no").n_unique().alias("firms"), pl.len().alias("total"), pl.col("segment").unique())
        .iter_rows()
    }
    result = []
    for chain in rulebook.chains.values():
        firms, total, there = counts.get(chain.id, (0, 0, set()))
        empty = tuple(segment.id for segment in chain.segments if segment.id not in there)
        result.append(ChainCoverage(chain.id, chain.name_zh, chain.name_en, len(chain.segments), firms, total, empty))
    return tuple(result)
