"""Which column of a registry file is which: headers in Chinese or English, or a mapping file that says so."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from ruamel.yaml import YAML

from wutong.rulebook import texts

COLUMNS = ("uscc", "name", "registered_on", "firm_type", "capital_text", "scope", "province", "city", "address", "lon", "lat")
"""Columns that a registry file may hold."""
MANDATORY = ("name",)
ROWS_SEARCHED = 30
"""How many rows from the top are searched for the header."""


class MappingError(Exception):
    """Columns cannot be told apart; the message names the file, the headers found and what was expected."""


@cache
def synonyms() -> Mapping[str, str]:
    """Plain header → column, from `registry_headers.csv` of the rulebook."""
    text = (resources.files("wutong.rulebook") / "registry_headers.csv").read_text("utf-8")
    return {plain(row["header"]): row["column"] for row in csv.DictReader(text.splitlines())}


def plain(header: str) -> str:
    """A header as compared: half-width, small letters, without spaces, marks of duty and brackets' contents kept."""
    text = unicodedata.normalize("NFKC", header).strip().strip("\ufeff*").lower()
    return re.sub(r"[\s_\-]+", "", text)


def guess(headers: Sequence[str]) -> dict[str, str]:
    """Column → header for every header that is known; the first header of two that mean the same wins."""
    known = _known()
    found: dict[str, str] = {}
    for header in headers:
        column = known.get(plain(header))
        if column and column not in found:
            found[column] = header
    return found


def passed_over(headers: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Headers, with their place in the row, that say the same as one that is read, and are not read."""
    known, taken = _known(), {headers.index(header) for header in columns.values()}
    return [
        f"{header} (column {at})"
        for at, header in enumerate(headers, start=1)
        if at - 1 not in taken and (header in columns.values() or known.get(plain(header)) in columns)
    ]


def _known() -> dict[str, str]:
    return {plain(header): column for header, column in synonyms().items()} | {column.replace("_", ""): column for column in COLUMNS}


def read_file(path: Path) -> dict[str, str]:
    """Read a mapping file: YAML with `columns:` naming, for each column of the build, the header of the file. Raises: MappingError."""
    try:
        raw = texts.handed_in(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise MappingError(f"mapping file {path} does not exist") from error
    except (texts.TextError, UnicodeDecodeError) as error:
        raise MappingError(f"mapping file {path} is not readable YAML: {error}") from error
    columns = raw.get("columns") if isinstance(raw, dict) else None
    if not isinstance(columns, dict) or not columns:
        raise MappingError(f"mapping file {path}: expected `columns:` with lines such as `name: 企业名称`")
    for column, header in columns.items():
        if column not in COLUMNS:
            raise MappingError(f"mapping file {path}: unknown column {column!r}; expected one of {', '.join(COLUMNS)}")
        if not isinstance(header, str) or not header.strip():
            raise MappingError(f"mapping file {path}: column {column} has {header!r}; expected the header of the file as text")
    return dict(columns)


def write_file(path: Path, columns: Mapping[str, str], source: str) -> None:
    """Save the mapping in force beside a build, ready for `--mapping`."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"# the mapping of {source}; give it to `wutong build --mapping` to use it again\n")
        YAML(typ="safe", pure=True).dump({"columns": dict(columns)}, file)


def resolve(headers: Sequence[str], given: Mapping[str, str] | None, source: str) -> dict[str, str]:
    """Column → header of this file: what the mapping file says, and for the rest what the headers say. Raises: MappingError."""
    found = guess(headers)
    for column, header in (given or {}).items():
        actual = next((candidate for candidate in headers if plain(candidate) == plain(header)), None)
        if actual is None:
            raise MappingError(f"{source}: the mapping wants the header {header!r} for {column}; found: {_list(headers)}")
        found = {known: taken for known, taken in found.items() if taken != actual}
        found[column] = actual
    missing = [column for column in MANDATORY if column not in found]
    if missing:
        wanted = [header for header, column in synonyms().items() if column in missing]
        raise MappingError(
            f"{source}: no column for {', '.join(missing)}; headers found: {_list(headers)}; expected one of {', '.join(wanted[:8])} … "
            "or a mapping file (--mapping)"
        )
    return found


def find_header(rows: Sequence[Sequence[str]], given: Mapping[str, str] | None) -> tuple[int, list[str]] | None:
    """The header of a sheet: (rows it takes up from the top, its cells). Two rows count as one header where a cell was merged downwards.

    None where no row of the first 30 names a mandatory column.
    """
    best: tuple[int, int, list[str]] | None = None
    for at in range(min(len(rows), ROWS_SEARCHED)):
        single = list(rows[at])
        candidates = [(at + 1, single)]
        if at + 1 < len(rows) and "" in single:
            candidates.append((at + 2, _joined(single, rows[at + 1])))
        for ends, cells in candidates:
            score = _score(cells, given)
            if score and (best is None or score > best[0]):
                best = (score, ends, cells)
    return (best[1], best[2]) if best else None


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    pairs = zip([*upper, *[""] * (width - len(upper))], [*lower, *[""] * (width - len(lower))], strict=True)
    return [below or above for above, below in pairs]


def _score(cells: Sequence[str], given: Mapping[str, str] | None) -> int:
    wanted = {plain(header): column for column, header in (given or {}).items()}
    found = set(guess(cells)) | {wanted[plain(cell)] for cell in cells if plain(cell) in wanted}
    return len(found) if all(column in found for column in MANDATORY) else 0


def _list(headers: Iterable[str]) -> str:
    shown = [header for header in headers if header]
    return ", ".join(repr(header) for header in shown[:40]) or "none"
