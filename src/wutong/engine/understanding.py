"""The build's reading of scopes: mentions and phrases, the products that phrases name, and the segments that firms stand on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from wutong.engine import placing, tables, worker
from wutong.engine.products import Matcher
from wutong.engine.scopes import Role
from wutong.engine.steps import Steps
from wutong.rulebook.load import Rulebook

PART_ROWS = 61_000
ALONE_BELOW_ROWS = 20_000
"""Smaller registries are read in this process: starting others would take longer."""
_ONLY_SHOWN = ("scope", "address", "capital_text", "source_file", "source_row", "source_line")
FIRM_COLUMNS = [column.name for column in tables.FIRMS.columns if column.name not in _ONLY_SHOWN]
READING_LEAVES = ("currency.", "currency_words.", "registry.")
"""Leaves of the rulebook that the build reads firms by; all others are asked later."""
MAKER_ROLES = (Role.MAKES, Role.PROCESSES, Role.GROWS)


def reading_hash(rulebook: Rulebook) -> str:
    """The hash of all in the rulebook that what is kept of firms, mentions and phrases was read by."""
    leaves = {name: str(dict(leaf.values)) for name, leaf in rulebook.leaves.items() if name.startswith(READING_LEAVES)}
    text = json.dumps([rulebook.scope_words, leaves], ensure_ascii=False, default=worker.plain)
    return hashlib.blake2b(text.encode("utf-8"), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """Scopes being read; `mentions` waits for the end."""

    folder: Path
    starts: tuple[int, ...]
    finish: Iterator[None]
    steps: Steps
    rows: int

    def mentions(self) -> tuple[pa.Table, pa.Table]:
        """Mentions in the order of phrase_no and firm_no, and phrases, most mentioned first."""
        with self.steps.step("scopes", self.rows) as step:
            next(self.finish, None)
            mentions, phrases = _merged(self.folder, self.starts)
            step.rows_out = mentions.num_rows
            step.note = f"phrases {phrases.num_rows}"
        return mentions, phrases


def own_scopes(firms: pl.DataFrame, rulebook: Rulebook) -> pl.Series:
    """The scopes to read. Why: a trade union or party committee is registered with the scope of the firm whose it is, and makes nothing."""
    no_firm = placing.NameWords.read(rulebook.scope_words).no_firm
    return firms.select(scope=pl.when(~pl.col("name").fill_null("").str.contains(no_firm)).then("scope"))["scope"]


@contextmanager
def reading(folder: Path, scopes: pl.Series, rulebook: Rulebook, processes: int, steps: Steps) -> Iterator[Reading]:
    """Read scopes in other processes while the caller goes on with something else."""
    rows = len(scopes)
    starts = tuple(range(0, max(rows, 1), PART_ROWS))
    parts = [(start, min(start + PART_ROWS, rows)) for start in starts]
    worker.prepare(folder, scopes.to_arrow(compat_level=pl.CompatLevel.oldest()), rulebook.scope_words)
    if rows < ALONE_BELOW_ROWS or processes < 2:
        yield Reading(folder, starts, _alone(folder, parts, steps, rows), steps, rows)
        return
    with worker.started(folder, processes) as workers:
        running = worker.begin(workers, parts)
        yield Reading(folder, starts, _together(running, steps, rows), steps, rows)


def _alone(folder: Path, parts: list[tuple[int, int]], steps: Steps, rows: int) -> Iterator[None]:
    parser = worker.parser_of(folder)
    for start, stop in parts:
        worker.parse_part(parser, folder, start, stop)
        steps.tell("scopes", stop, rows)
    yield None


def _together(running: Iterator[int], steps: Steps, rows: int) -> Iterator[None]:
    done = 0
    for count in running:
        done += count
        steps.tell("scopes", done, rows)
    yield None


def _merged(folder: Path, starts: tuple[int, ...]) -> tuple[pa.Table, pa.Table]:
    """One numbering of phrases over all parts."""
    parts = [worker.read_arrow(worker.part_path(folder, "mentions", start)) for start in starts]
    lists = [worker.read_arrow(worker.part_path(folder, "phrases", start)) for start in starts]
    local = pl.concat([_numbered(part, table, number) for number, (part, table) in enumerate(zip(parts, lists, strict=True))])
    phrases = (
        local.group_by("phrase").agg(pl.col("firms").sum()).sort("firms", "phrase", descending=[True, False]).with_row_index("phrase_no")
    ).with_columns(pl.col("phrase_no", "firms").cast(pl.Int32))
    numbers = local.join(phrases.select("phrase", "phrase_no"), on="phrase", how="left", maintain_order="left").select("part", "phrase_no")
    renumbered = [_renumbered(part, numbers.filter(pl.col("part") == number).get_column("phrase_no")) for number, part in enumerate(parts)]
    mentions = pl.concat(renumbered).sort("phrase_no", "firm_no", "role")
    return mentions.to_arrow(), phrases.select("phrase_no", "phrase", "firms").to_arrow()


def _numbered(part: pa.Table, phrases: pa.Table, number: int) -> pl.DataFrame:
    counts = pl.from_arrow(part.select(["local_no"])).group_by("local_no").agg(pl.len().alias("firms"))  # type: ignore[union-attr]
    table = pl.DataFrame(pl.from_arrow(phrases)).with_row_index("local_no").with_columns(pl.col("local_no").cast(pl.Int32))
    return table.join(counts, on="local_no", how="left", maintain_order="left").select(
        pl.lit(number, pl.Int32).alias("part"), "phrase", pl.col("firms").fill_null(0).cast(pl.Int64)
    )


def _renumbered(part: pa.Table, numbers: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame(pl.from_arrow(part))
    return frame.select(numbers.gather(frame["local_no"]).alias("phrase_no"), "firm_no", "role", "start", "end")


def with_makers(firms: pl.DataFrame, mentions: pa.Table, rulebook: Rulebook) -> pl.DataFrame:
    """Add `is_manufacturer`: the scope makes, processes or grows anything, or the name says so."""
    roles = pl.DataFrame(pl.from_arrow(mentions.select(["firm_no", "role"])))
    makers = roles.filter(pl.col("role").is_in([int(role) for role in MAKER_ROLES]))["firm_no"].unique()
    says = placing.NameWords.read(rulebook.scope_words).kind_expression(pl.col("name")) == "maker"
    return firms.with_columns((pl.col("firm_no").is_in(makers.implode()) | says).fill_null(False).alias("is_manufacturer"))


def phrase_products(phrases: pa.Table, rulebook: Rulebook) -> pa.Table:
    """Which products each phrase names, by the thesaurus of the rulebook."""
    return Matcher(rulebook.products).match_column(phrases.column("phrase"))


def placements(firms: pa.Table, phrases: pa.Table, mentions: pa.Table, products: pa.Table, rulebook: Rulebook) -> pa.Table:
    """Firms on segments of chains."""
    return placing.place(firms, phrases, mentions, products, rulebook)
