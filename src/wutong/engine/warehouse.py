"""A served build: Parquet tables of one build folder, opened read-only with DuckDB.

Layout of a warehouse folder: `builds/<build id>/<table>.parquet`, `builds/<build id>/build.json`, and `current`, a text file that holds the
id of the build that serves. Moving `current` is the only step that changes what is served.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from wutong.engine import tables
from wutong.rulebook import load
from wutong.rulebook.load import Problem, Rulebook, RulebookError

POINTER = "current"
BUILDS = "builds"
BUILD_FILE = "build.json"
CHAINS = "chains"
"""Folder of a build with the chains of the bureau's own that it was placed by, as `<chain id>.yaml`; absent where there are none."""
IN_MEMORY = frozenset({"divisions", "placements", "phrase_products"})
"""Small tables, asked all the time: loaded when a build is opened. The others stay files, read where row groups match."""


class WarehouseMissing(Exception):  # noqa: N818  the name says what is missing
    """No build serves in this folder; the message says how to make one."""


class BuildGone(WarehouseMissing):
    """The build that was being read is let go of and its files are deleted; open the warehouse again."""


class StepFailed(Exception):  # noqa: N818  the name says what failed
    """A SQL step failed; names the step and shows its SQL."""


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """What `build.json` of a build folder says.

    `reading_hash`: of the words and numbers by which the registry was read; "" in builds that do not say.
    """

    build_id: str
    rulebook_hash: str
    created_at: str
    first_registered_on: dt.date | None
    last_registered_on: dt.date | None
    firms: int
    files: tuple[str, ...]
    reading_hash: str = ""

    @classmethod
    def read(cls, folder: Path) -> BuildInfo:
        """Read `build.json`. Raises: WarehouseMissing where it is absent."""
        try:
            raw = json.loads((folder / BUILD_FILE).read_text("utf-8"))
        except FileNotFoundError as error:
            raise WarehouseMissing(f"{folder} holds no build.json; run `wutong build`") from error
        return cls(
            build_id=raw["build_id"],
            rulebook_hash=raw["rulebook_hash"],
            created_at=raw["created_at"],
            first_registered_on=_date(raw["first_registered_on"]),
            last_registered_on=_date(raw["last_registered_on"]),
            firms=raw["firms"],
            files=tuple(raw["files"]),
            reading_hash=raw.get("reading_hash", ""),
        )


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@cache
def sql(step: str) -> str:
    """The text of `engine/sql/<step>.sql`."""
    return (resources.files("wutong.engine") / "sql" / f"{step}.sql").read_text("utf-8")


def connect(*, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that never reaches for an extension from outside."""
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    if threads:
        config["threads"] = str(threads)
    return duckdb.connect(":memory:", config=config)


class Warehouse:
    """A build, opened for questions. Safe to share between threads: each question takes a cursor of its own."""

    def __init__(self, folder: Path, info: BuildInfo, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.info = info
        self._connection = connection

    @classmethod
    def open(cls, directory: Path | str, *, threads: int | None = None) -> Warehouse:
        """Open the build that serves in `directory`. Raises: WarehouseMissing."""
        root = Path(directory)
        try:
            build_id = (root / POINTER).read_text("utf-8").strip()
        except FileNotFoundError as error:
            raise WarehouseMissing(f"no build serves in {root}; run `wutong build --firms FILE --out {root}`") from error
        folder = root / BUILDS / build_id
        info = BuildInfo.read(folder)
        connection = connect(threads=threads)
        for table in tables.ALL:
            path = folder / f"{table.name}.parquet"
            if not path.exists():
                raise WarehouseMissing(f"{path} is missing; run `wutong build` again")
            relation = connection.read_parquet(str(path))
            if table.name in IN_MEMORY:
                relation.create(table.name)
            else:
                relation.create_view(table.name)
        return cls(folder, info, connection)

    @cached_property
    def chains(self) -> Mapping[str, str]:
        """The chains of the bureau's own that this build was placed by: chain id → YAML text."""
        return chain_texts(self.folder)

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook in force for this build: the one shipped, with the chains that the build was placed by.

        Why: pages and commands both ask here, so they cannot disagree; a chain that no longer fits the rulebook shipped (after an
        upgrade) is left out, the one shipped stands in its place, and `chain_faults` says why.
        """
        return self._in_force[0]

    @property
    def chain_faults(self) -> tuple[Problem, ...]:
        """Why chains of the bureau's own are left out; empty where all fit."""
        return self._in_force[1]

    @cached_property
    def _in_force(self) -> tuple[Rulebook, tuple[Problem, ...]]:
        return fitting(load.rulebook(), self.chains)

    def rows(self, step: str, params: Mapping[str, Any] | None = None, /, **arrow: pa.Table) -> list[dict[str, Any]]:
        """Run `sql/<step>.sql` and return its rows. Values bind as `$name`; Arrow tables are registered by keyword. Raises: StepFailed."""
        rows: list[dict[str, Any]] = self.arrow(step, params, **arrow).to_pylist()
        return rows

    def arrow(self, step: str, params: Mapping[str, Any] | None = None, /, **arrow: pa.Table) -> pa.Table:
        """As `rows`, as one Arrow table."""
        return self.ask(sql(step), params, step=step, **arrow)

    def ask(self, text: str, params: Mapping[str, Any] | None = None, /, *, step: str = "ask", **arrow: pa.Table) -> pa.Table:
        """Run SQL text and return one Arrow table. Raises: StepFailed with the step's name and its SQL; BuildGone."""
        cursor = self._connection.cursor()
        try:
            for name, table in arrow.items():
                cursor.register(name, table)
            return cursor.sql(text, params=dict(params) if params else None).to_arrow_table()
        except duckdb.Error as error:
            if not (self.folder / BUILD_FILE).exists():
                raise BuildGone(f"build {self.info.build_id} was removed while it was read, for newer ones; ask again") from error
            raise StepFailed(f"step {step} failed: {error}\n{text}") from error
        finally:
            cursor.close()

    def close(self) -> None:
        """Close the connection; the files stay."""
        self._connection.close()


def chain_texts(folder: Path) -> dict[str, str]:
    """The chains that stand in a build folder: chain id → YAML text."""
    return {path.stem: path.read_text("utf-8") for path in sorted((folder / CHAINS).glob("*.yaml"))}


def in_force(directory: Path | str) -> Rulebook:
    """The rulebook of the build that serves in `directory`, without opening it; the one shipped where none serves."""
    return fitting(load.rulebook(), served_chains(Path(directory)))[0]


def served_chains(directory: Path) -> dict[str, str]:
    """The chains of the bureau's own that the serving build was placed by; none where none serves."""
    try:
        build_id = (directory / POINTER).read_text("utf-8").strip()
    except FileNotFoundError:
        return {}
    return chain_texts(directory / BUILDS / build_id)


def fitting(shipped: Rulebook, chains: Mapping[str, str]) -> tuple[Rulebook, tuple[Problem, ...]]:
    """The rulebook with those of the chains that fit it, and the faults of the others."""
    left = dict(chains)
    faults: list[Problem] = []
    while True:
        try:
            return load.over(shipped, left), tuple(faults)
        except RulebookError as error:
            faults.extend(error.problems)
            named = {Path(problem.file).stem for problem in error.problems}
            fit = {key: text for key, text in left.items() if key not in named}
            if len(fit) == len(left):  # the faults stand in no chain of the bureau's: without them all the rulebook shipped holds
                return shipped, tuple(faults)
            left = fit


def served_id(directory: Path) -> str:
    """The id of the build that the pointer names; "" where it names none."""
    try:
        return (directory / POINTER).read_text("utf-8").strip()
    except FileNotFoundError:
        return ""


def standing(directory: Path) -> list[BuildInfo]:
    """Every whole build that stands in a warehouse, the newest first."""
    folders = sorted((path for path in (directory / BUILDS).glob("*") if (path / BUILD_FILE).exists()), reverse=True)
    return [BuildInfo.read(folder) for folder in folders]


def serve(directory: Path, build_id: str) -> None:
    """Move the pointer of `directory` to `build_id`, in one step that neither a crash nor a loss of power can split."""
    temporary = directory / f"{POINTER}.{os.getpid()}.tmp"
    temporary.write_text(build_id + "\n", "utf-8")
    flush(temporary)
    temporary.replace(directory / POINTER)
    flush(directory)


def flush(path: Path) -> None:
    """Put a file, or the list of a folder's files, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
