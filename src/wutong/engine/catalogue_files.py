"""Catalogues that an office brings along (产业目录): a table becomes a checked edition, and an official confirms what each entry covers.

Why: no text of a law stands in this project. The words of an entry are matched to the thesaurus, each match with a confidence, and count
only once somebody has confirmed them.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from wutong.engine import csv_text, workbooks
from wutong.engine.mapping import plain
from wutong.engine.pieces import Role
from wutong.engine.products import DONE, Matcher, levelled
from wutong.engine.scopes import Parser
from wutong.engine.workbooks import WorkbookError
from wutong.rulebook import load
from wutong.rulebook.shapes import Edition, Entry, Proposal, Rulebook

ALIASES = {
    "number": ("编号", "序号", "条目号", "条目编号", "代码"),
    "text_zh": ("条目", "内容", "条目内容", "产业条目", "项目", "text"),
    "products": ("产品", "对应产品"),
    "segments": ("环节", "对应环节", "产业链环节"),
    "conditions_zh": ("条件", "限制条件", "备注", "说明", "conditions"),
}
"""What a column may be called beside its own name."""
_FIELDS = {plain(alias): field for field in ALIASES for alias in (field, *ALIASES[field])}
_LIST = re.compile(r"[、,;|，；\n]+")
_PIECE = re.compile(r"[、,;:。()（），；：\s]+|以及|及其|及|和|与|或")
_MOST_ENTRIES = 20_000
CONFIDENCES = ("exact", "head", "done", "part")


class CatalogueError(Exception):
    """A catalogue file is wrong; the message names file, row, field, value and what was expected."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What is said of an edition as a whole when its table is brought in."""

    id: str
    kind: str
    level: str
    adcode: str
    title: str
    document: str
    in_force_from: str
    in_force_until: str = ""
    issued_on: str = ""
    url: str = ""
    fictional: bool = False


def read_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(row number as a spreadsheet counts it, cells by field) of every row that is not blank. Raises: CatalogueError."""
    rows = _rows(path)
    at, header = next(((at, row) for at, row in enumerate(rows) if _is_header(row)), (-1, []))
    if at < 0:
        known = "; ".join(f"{field} ({ALIASES[field][0]})" for field in ALIASES)
        raise CatalogueError(f"{path.name}: no header; expected a row with at least number and text, of: {known}")
    fields = [_FIELDS.get(plain(cell), "") for cell in header]
    twice = next((field for number, field in enumerate(fields) if field and field in fields[:number]), "")
    if twice:
        raise CatalogueError(f"{path.name}: two columns mean {twice}; expected one")
    found = [
        (at + 2 + number, {field: cell.strip() for field, cell in zip(fields, row, strict=False) if field and cell.strip()})
        for number, row in enumerate(rows[at + 1 :])
    ]
    found = [(number, cells) for number, cells in found if cells]
    if not found:
        raise CatalogueError(f"{path.name}: no entries under the header")
    if len(found) > _MOST_ENTRIES:
        raise CatalogueError(f"{path.name}: {len(found):,} rows, more than {_MOST_ENTRIES:,}; is this a catalogue?")
    return found


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise CatalogueError(f"{path}: no such file; expected a table, CSV or XLSX")
    try:
        with path.open("rb") as file:
            is_workbook = file.read(2) == b"PK"
        if is_workbook:
            sheets = workbooks.read(path, workbooks.AT_ONCE)
            return next((sheet.rows for sheet in sheets if any(map(_is_header, sheet.rows))), sheets[0].rows if sheets else [])
        return [[cell or "" for cell in row.cells] for row in csv_text.read(path).head(_MOST_ENTRIES + 50)]
    except WorkbookError as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _is_header(row: Sequence[str]) -> bool:
    fields = {_FIELDS.get(plain(cell), "") for cell in row}
    return {"number", "text_zh"} <= fields


def edition_of(path: Path, heading: Heading, rulebook: Rulebook) -> Edition:
    """The edition of a table, every entry with what its words seem to cover. Raises: CatalogueError."""
    reader = Reader(rulebook)
    entries = [_entry(path.name, number, cells, rulebook, reader) for number, cells in read_table(path)]
    raw: dict[str, Any] = {
        "id": heading.id, "title_zh": heading.title, "kind": heading.kind, "level": heading.level, "adcode": heading.adcode,
        "in_force_from": heading.in_force_from, "in_force_until": heading.in_force_until or None, "fictional": heading.fictional,
        "source": {"title": heading.title, "document": heading.document, "date": heading.issued_on or None, "url": heading.url},
        "entries": entries,
    }  # fmt: skip
    return _edition(raw, path.name)


def _edition(raw: Mapping[str, Any], name: str) -> Edition:
    try:
        return Edition.model_validate(raw)
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'edition'}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()
        )
        raise CatalogueError(f"{name}: {said}") from error


def _entry(name: str, number: int, cells: Mapping[str, str], rulebook: Rulebook, reader: Reader) -> dict[str, Any]:
    where = f"{name} row {number}"
    missing = [field for field in ("number", "text_zh") if field not in cells]
    if missing:
        raise CatalogueError(f"{where}: {missing[0]} is empty; expected the entry's {'number' if missing[0] == 'number' else 'text'}")
    products = tuple(dict.fromkeys(_product(where, word, reader) for word in _LIST.split(cells.get("products", "")) if word.strip()))
    segments = tuple(dict.fromkeys(_segment(where, word, rulebook) for word in _LIST.split(cells.get("segments", "")) if word.strip()))
    proposed = () if products else reader.propose(cells["text_zh"])
    return {
        "number": cells["number"], "text_zh": cells["text_zh"], "products": products, "segments": segments,
        "proposed": [proposal.model_dump() for proposal in proposed], "conditions_zh": cells.get("conditions_zh", ""),
    }  # fmt: skip


def _product(where: str, word: str, reader: Reader) -> str:
    found = reader.matcher.resolve(word)
    if found is None:
        raise CatalogueError(f"{where}: products {word.strip()!r}; expected a product of the thesaurus, by its name or id")
    return found


def _segment(where: str, word: str, rulebook: Rulebook) -> str:
    chain, _, segment = word.strip().partition("/")
    if chain not in rulebook.chains or segment not in {s.id for s in rulebook.chains[chain].segments}:
        raise CatalogueError(f"{where}: segments {word.strip()!r}; expected chain/segment such as power-battery/separators")
    return f"{chain}/{segment}"


class Reader:
    """Reads the words of entries. Not to be shared between threads."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.matcher = Matcher(rulebook.products)
        self._parser = Parser(rulebook.scope_words)
        self._confidences = {name: float(_latest(rulebook, f"catalogues.confidence_{name}_share")) for name in CONFIDENCES}

    def propose(self, text: str) -> tuple[Proposal, ...]:
        """The products that a text seems to name, the surest first. Generic ones are left out: they would cover half of all firms."""
        best: dict[str, float] = {}
        for phrase, role in self._phrases(text):
            for product, relation in self.matcher.match(phrase):
                share = self._share(phrase, role, product, relation)
                if share is not None:
                    best[product] = max(share, best.get(product, 0.0))
        order = sorted(best, key=lambda product: (-best[product], product))
        return tuple(Proposal(product=product, confidence_share=best[product]) for product in order)

    def _phrases(self, text: str) -> Iterator[tuple[str, str]]:
        """What a scope's reader finds in the text, with its role, and its pieces as they stand."""
        for mention in self._parser.parse(text):
            yield mention.phrase, Role(mention.role).name.lower()
        for piece in _PIECE.split(text):
            if piece:
                yield piece, ""

    def _share(self, phrase: str, role: str, product_id: str, relation: str) -> float | None:
        """How sure it is; None where it is none. That something is done to a thing counts only where the entry says so."""
        product = self.matcher.product(product_id)
        if product.generic or relation in ("generic", "waste") or (relation in DONE and relation != role):
            return None
        if relation == "is":
            is_exact = levelled(phrase) in map(levelled, product.terms)
            return self._confidences["exact" if is_exact else "head"]
        return self._confidences["done" if relation in DONE else "part"]


def _latest(rulebook: Rulebook, name: str) -> float:
    """The newest value of a leaf: what is proposed today is proposed by today's numbers."""
    values = rulebook.leaf(name).values
    value = rulebook.value(name, rulebook.asked_on) if rulebook.asked_on else list(values.values())[-1]
    return float(value) if isinstance(value, int | float) else 0.0


# --- the folder -----------------------------------------------------------------------------------------------------------------------
def editions(folder: Path) -> dict[str, Edition]:
    """The office's own editions, by id. Raises: RulebookError."""
    stamp = (
        tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.glob("*.yaml")))
        if folder.is_dir()
        else ()
    )
    return dict(_editions(folder, stamp))


@lru_cache(maxsize=4)
def _editions(folder: Path, stamp: object) -> Mapping[str, Edition]:
    return load.editions_from(folder) if stamp else {}


def in_use(rulebook: Rulebook, folder: Path) -> dict[str, Edition]:
    """Every edition there is: those shipped, and the office's own over them."""
    return {**rulebook.catalogues, **editions(folder)}


def add(edition: Edition, folder: Path, *, replace: bool = False) -> Path:
    """Keep an edition. Raises: CatalogueError where one of its id, or one of the same catalogue from the same day, is kept already."""
    with _locked(folder):
        kept = editions(folder)
        if edition.id in kept and not replace:
            raise CatalogueError(f"edition {edition.id!r} is kept already; give another --id, or --replace")
        same = [
            e.id for e in kept.values() if e.id != edition.id and e.series == edition.series and e.in_force_from == edition.in_force_from
        ]
        if same:
            raise CatalogueError(
                f"edition {same[0]!r} of the same kind and place is in force from {edition.in_force_from} too; expected another day"
            )
        return _write(edition, folder)


def decide(folder: Path, edition_id: str, number: str, product: str, *, covers: bool | None) -> Edition:
    """Confirm (True) or refuse (False) that an entry covers a product, or take the decision back (None). Raises: CatalogueError."""
    with _locked(folder):
        edition = editions(folder).get(edition_id)
        if edition is None:
            raise CatalogueError(f"no edition {edition_id!r} of this office; editions that ship with Wutong stay as they are")
        try:
            entry = edition.entry(number)
        except KeyError:
            raise CatalogueError(f"edition {edition_id!r} has no entry {number!r}") from None
        changed = edition.model_copy(
            update={"entries": tuple(decided(e, product, covers=covers) if e is entry else e for e in edition.entries)}
        )
        _edition(changed.model_dump(), f"{edition_id} entry {number}")  # what could not be read again is not written
        _write(changed, folder)
        return changed


def decided(entry: Entry, product: str, *, covers: bool | None) -> Entry:
    """The entry after a decision; what was proposed stays, so that a decision can be taken back."""
    products = tuple(p for p in entry.products if p != product)
    refused = tuple(p for p in entry.refused if p != product)
    if covers is None and product in entry.products and product not in {p.product for p in entry.proposed}:
        waiting = (*entry.proposed, Proposal(product=product, confidence_share=1.0))  # the table itself named it
        return entry.model_copy(update={"products": products, "refused": refused, "proposed": waiting})
    if covers is not None:
        products, refused = ((*products, product), refused) if covers else (products, (*refused, product))
    return entry.model_copy(update={"products": products, "refused": refused})


def _write(edition: Edition, folder: Path) -> Path:
    target = folder / f"{edition.id}.yaml"
    waiting = folder / f".{target.name}.{os.getpid()}.tmp"
    with waiting.open("w", encoding="utf-8") as file:
        writer = YAML(typ="safe", pure=True)
        writer.default_flow_style = False
        writer.allow_unicode = True
        writer.dump(_plain(edition), file)
    waiting.replace(target)
    return target


def _plain(edition: Edition) -> dict[str, Any]:
    raw: dict[str, Any] = _lists(edition.model_dump(exclude_defaults=True))
    return raw


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, (list, tuple)) else value


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time, so that two officials who confirm at once both count."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
