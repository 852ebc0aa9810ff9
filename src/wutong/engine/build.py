"""From registry files to a warehouse: cleaned, located, understood firms, laid out for serving, published in one move.

Every step is named and counted; accepted rows and rows left out add up to the rows read; until the last step nothing that
serves has changed.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from wutong.engine import capital, cleaning, divisions, kinship, locating, mapping, publishing, readers, tables, understanding, warehouse
from wutong.engine.place_files import PlaceFiles
from wutong.engine.publishing import Workplace
from wutong.engine.rejects import Rejects
from wutong.engine.steps import Progress, Steps
from wutong.engine.warehouse import BuildInfo, Warehouse
from wutong.rulebook import load
from wutong.rulebook.load import NoValueError, Rulebook

ROW_GROUP = 65_536
PLACING = "placing"


class BuildError(Exception):
    """The build cannot be made; the message says why. The previous build serves on."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `accepted` + `left_out` = `rows`; `rejected_values` are values unknown in accepted rows."""

    build_id: str
    rulebook_hash: str
    folder: Path
    rows: int
    accepted: int
    left_out: int
    rejected_values: int
    seconds: float
    steps: tuple[Mapping[str, object], ...]


def run(
    files: Sequence[Path | str],
    *,
    out: Path | str,
    rulebook: Rulebook,
    mapping: Path | str | None = None,
    divisions: Path | str | None = None,
    places: Path | str | None = None,
    only: str | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
    chains: Mapping[str, str] | None = None,
    serve: bool = True,
) -> BuildReport:
    """Build a warehouse in `out` from registry files and, with `serve`, let it serve; otherwise it stands beside the one that does.

    `only="placing"` keeps everything understood so far and matches products and segments anew, after a change of the rulebook.
    Refused where the rulebook would now read the registry otherwise.
    `chains`: chains of the bureau's own as YAML texts by id, which stand over those of the rulebook; not given: those of the serving
    build stay.
    Raises: RulebookError where such a chain does not fit the rulebook, BuildError, readers.ReadError, mapping.MappingError,
    divisions.DivisionError, place_files.PlaceError, publishing.AlreadyBuildingError.
    """
    steps = Steps(progress)
    root = Path(out)
    if only not in (None, PLACING):
        raise BuildError(f"only={only!r}; expected {PLACING!r} or nothing")
    if only is None and not files:
        raise BuildError("no registry file given; expected at least one Parquet, CSV or XLSX file")
    _check_out(root)
    with publishing.workplace(root) as work:
        rulebook = _with_chains(work, rulebook, warehouse.served_chains(root) if chains is None else chains)
        if only == PLACING:
            return _place_again(work, rulebook, steps, serve=serve)
        job = _Job(
            files=[Path(file) for file in files],
            mapping=Path(mapping) if mapping else None,
            divisions=Path(divisions) if divisions else None,
            places=Path(places) if places else None,
            processes=processes or min(4, os.cpu_count() or 1),
        )
        return _build(work, job, rulebook, steps, serve=serve)


@dataclass(frozen=True, slots=True)
class _Job:
    files: list[Path]
    mapping: Path | None
    divisions: Path | None
    places: Path | None
    processes: int


def _with_chains(work: Workplace, rulebook: Rulebook, chains: Mapping[str, str]) -> Rulebook:
    """The rulebook with these chains, which are kept in the build. Raises: RulebookError."""
    placed_by = load.over(rulebook, chains)
    if chains:
        folder = work.folder / warehouse.CHAINS
        folder.mkdir()
        for chain_id, text in chains.items():
            (folder / f"{chain_id}.yaml").write_text(text, "utf-8")
    return placed_by


def _check_out(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(f"{root} cannot be made a folder: {error}") from error
    if not os.access(root, os.W_OK):
        raise BuildError(f"{root} cannot be written to")


def _build(work: Workplace, job: _Job, rulebook: Rulebook, steps: Steps, *, serve: bool) -> BuildReport:
    atlas = divisions.atlas(job.divisions)
    place_files = PlaceFiles.read(job.places, atlas) if job.places else PlaceFiles(())
    rejects = Rejects()
    firms, rows = _read(work, job, rejects, steps)
    today = work.started_at.date()
    firms = _clean(firms, rejects, steps, today, cleaning.Limits.read(rulebook, today))
    if firms.is_empty():
        raise BuildError(_nothing_kept(rows, rejects))
    with steps.step("places", firms.height) as step:
        firms = firms.drop("lon", "lat").hstack(place_files.locate(locating.locate(firms, atlas), firms["address"], atlas))
        step.note = ", ".join(f"{method} {count}" for method, count in firms["located_by"].value_counts(sort=True).iter_rows())
    firms = firms.sort("adcode", "firm_id").with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("firm_no"))
    scopes = understanding.own_scopes(firms, rulebook)
    with understanding.reading(work.scratch, scopes, rulebook, job.processes, steps) as reading:
        with steps.step("capital", firms.height) as step:
            firms = cleaning.with_capital(firms, rejects, _rate(rulebook), capital.Terms.read(rulebook, today))
            step.note = f"known {firms['capital_yuan'].count()}"
        with steps.step("parents", firms.height) as step:
            firms = kinship.with_kin(firms)
            step.note = f"branches {firms['is_branch'].sum()}, with a parent here {firms['parent_no'].count()}"
        mentions, phrases = reading.mentions()
    with steps.step("makers", firms.height) as step:
        firms = understanding.with_makers(firms, mentions, rulebook)
        step.note = f"manufacturers {firms['is_manufacturer'].sum()}"
    with steps.step("write", firms.height):
        _write(work.folder, tables.DIVISIONS, _division_rows(atlas))
        firms_table = _write(work.folder, tables.FIRMS, firms.select(column.name for column in tables.FIRMS.columns).to_arrow())
        _write(work.folder, tables.PHRASES, phrases)
        _write(work.folder, tables.MENTIONS, mentions)
    totals = _Totals(
        tuple(file.name for file in job.files),
        firms.height,
        rejects.table(),
        _day(firms["registered_on"].min()),
        _day(firms["registered_on"].max()),
    )
    del firms
    if totals.rows != rows:
        raise BuildError(f"rows do not add up: {totals.accepted} accepted and {totals.left_out} left out of {rows} read")
    _understand(work, rulebook, steps, firms=firms_table, phrases=phrases, mentions=mentions)
    _write(work.folder, tables.REJECTS, totals.rejects.to_arrow())
    return _finish(work, rulebook, steps, totals, serve=serve)


def _read(work: Workplace, job: _Job, rejects: Rejects, steps: Steps) -> tuple[pl.DataFrame, int]:
    given = mapping.read_file(job.mapping) if job.mapping else None
    labels = _labels(job.files)
    frames: list[pl.DataFrame] = []
    rows = 0
    with steps.step("read", 0) as step:
        notes: list[str] = []
        for number, (path, label) in enumerate(zip(job.files, labels, strict=True)):
            steps.tell("read", number, len(job.files))
            source = readers.read(path, label, given, rejects)
            rows += source.rows
            frames.append(source.frame)
            notes.append(f"{label}: {source.note}")
            mapping.write_file(work.folder / ("mapping.yaml" if number == 0 else f"mapping-{number + 1}.yaml"), source.columns, label)
        firms = pl.concat(frames)
        step.rows_in, step.rows_out, step.note = rows, firms.height, "; ".join(notes)
    if not rows:
        raise BuildError(f"{', '.join(labels)}: a header but no rows; expected at least one firm")
    return firms, rows


def _labels(files: Sequence[Path]) -> list[str]:
    """A file's name, or as much of its path as tells it from the others."""
    if len({file.name for file in files}) == len(files):
        return [file.name for file in files]
    labels = [str(file) for file in files]
    if len(set(labels)) != len(labels):
        raise BuildError(f"the same file is given twice: {', '.join(sorted({label for label in labels if labels.count(label) > 1}))}")
    return labels


def _clean(firms: pl.DataFrame, rejects: Rejects, steps: Steps, today: dt.date, limits: cleaning.Limits) -> pl.DataFrame:
    with steps.step("bytes", firms.height) as step:
        firms = cleaning.drop_undecodable(firms, rejects, mapping.COLUMNS)
        step.rows_out = firms.height
    with steps.step("codes", firms.height) as step:
        firms = cleaning.with_codes(firms, rejects)
        step.note = ", ".join(f"{status} {count}" for status, count in firms["uscc_status"].value_counts(sort=True).iter_rows())
    with steps.step("dates", firms.height) as step:
        firms = cleaning.with_dates(firms, rejects, today, limits)
        step.note = f"known {firms['registered_on'].count()}"
    with steps.step("names", firms.height) as step:
        firms = cleaning.with_names(firms, rejects)
        step.rows_out = firms.height
    with steps.step("ids", firms.height) as step:
        firms = cleaning.with_ids(firms, rejects)
        step.rows_out = firms.height
    return cleaning.with_points(firms, rejects, limits)


def _nothing_kept(rows: int, rejects: Rejects) -> str:
    reasons = rejects.table().filter("is_row_left_out")["reason"].value_counts(sort=True, name="rows")
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.iter_rows())
    return f"none of the {rows} rows read can be kept ({told}), so nothing is published and what serves goes on; check files and mapping"


def _rate(rulebook: Rulebook) -> Callable[[str, dt.date | None], float | None]:
    def rate(currency: str, on: dt.date | None) -> float | None:
        if on is None:
            return None
        try:
            return rulebook.number(f"currency.{currency.lower()}", on)
        except NoValueError:
            return None

    return rate


def _division_rows(atlas: divisions.Atlas) -> pa.Table:
    rows = list(atlas.divisions.values())
    return pa.table(
        {column.name: pa.array([getattr(row, column.name) for row in rows], column.type) for column in tables.DIVISIONS.columns}
    )


def _understand(work: Workplace, rulebook: Rulebook, steps: Steps, *, firms: pa.Table, phrases: pa.Table, mentions: pa.Table) -> None:
    with steps.step("products", phrases.num_rows) as step:
        phrase_products = understanding.phrase_products(phrases, rulebook)
        step.rows_out = phrase_products.num_rows
        _write(work.folder, tables.PHRASE_PRODUCTS, phrase_products)
    with steps.step("placing", firms.num_rows) as step:
        placements = understanding.placements(firms, phrases, mentions, phrase_products, rulebook)
        step.rows_out = placements.num_rows
        step.note = f"chains {len(rulebook.chains)}"
        _write(work.folder, tables.PLACEMENTS, placements)


def _write(folder: Path, table: tables.Table, data: pa.Table) -> pa.Table:
    """Check a table and write it as the build's file, in row groups small enough to be skipped."""
    checked = tables.check(table, data)
    pq.write_table(checked, folder / f"{table.name}.parquet", compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
    return checked


def _day(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


@dataclass(frozen=True, slots=True)
class _Totals:
    files: tuple[str, ...]
    accepted: int
    rejects: pl.DataFrame
    first: dt.date | None
    last: dt.date | None

    @property
    def _rows_left_out(self) -> pl.DataFrame:
        return self.rejects.filter("is_row_left_out").select("source_file", "source_row").unique()

    @property
    def left_out(self) -> int:
        return self._rows_left_out.height

    @property
    def rejected_values(self) -> int:
        return self.rejects.join(self._rows_left_out, on=("source_file", "source_row"), how="anti").height

    @property
    def rows(self) -> int:
        return self.accepted + self.left_out


def _finish(work: Workplace, rulebook: Rulebook, steps: Steps, totals: _Totals, *, serve: bool) -> BuildReport:
    _write(work.folder, tables.STEPS, steps.table())
    info = BuildInfo(
        build_id=publishing.build_id(work, [rulebook.hash, *totals.files, str(totals.rows)]),
        rulebook_hash=rulebook.hash,
        reading_hash=understanding.reading_hash(rulebook),
        created_at=work.started_at.isoformat(timespec="seconds"),
        first_registered_on=totals.first,
        last_registered_on=totals.last,
        firms=totals.accepted,
        files=totals.files,
    )
    folder = publishing.publish(work, info, serve=serve)
    return BuildReport(
        build_id=info.build_id,
        rulebook_hash=info.rulebook_hash,
        folder=folder,
        rows=totals.rows,
        accepted=totals.accepted,
        left_out=totals.left_out,
        rejected_values=totals.rejected_values,
        seconds=steps.seconds(),
        steps=tuple(steps.table().to_pylist()),
    )


def _place_again(work: Workplace, rulebook: Rulebook, steps: Steps, *, serve: bool) -> BuildReport:
    served = Warehouse.open(work.root)
    served.close()
    if served.info.reading_hash != understanding.reading_hash(rulebook):
        raise BuildError(
            f"scope words, currencies or limits of the rulebook changed since build {served.info.build_id} was read; run the whole build"
        )
    try:
        old = served.folder
        for path in sorted(old.iterdir()):
            if path.name not in (
                warehouse.BUILD_FILE,
                warehouse.CHAINS,
                *(f"{table.name}.parquet" for table in (tables.PHRASE_PRODUCTS, tables.PLACEMENTS, tables.STEPS)),
            ):
                os.link(path, work.folder / path.name)
    except OSError as error:
        raise BuildError(f"the serving build in {work.root} cannot be linked: {error}") from error
    firms = pq.read_table(old / "firms.parquet", columns=understanding.FIRM_COLUMNS)
    phrases, mentions = pq.read_table(old / "phrases.parquet"), pq.read_table(old / "mentions.parquet")
    steps.carry_over(pq.read_table(old / "steps.parquet"))
    _understand(work, rulebook, steps, firms=firms, phrases=phrases, mentions=mentions)
    info, rejects = served.info, pl.read_parquet(old / "rejects.parquet")
    return _finish(
        work, rulebook, steps, _Totals(info.files, info.firms, rejects, info.first_registered_on, info.last_registered_on), serve=serve
    )
