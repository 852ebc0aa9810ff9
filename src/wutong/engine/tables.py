"""Every table of a warehouse, declared once: column, type, unit, key, grain, source.

The build writes these, the serving side reads these, `docs/data/` is generated from these.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


class TableError(Exception):
    """Data does not fit a table; the message names table, row, column, value and what was expected."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: pa.DataType
    note: str
    unit: str = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a warehouse; each is the file `<name>.parquet` of a build folder."""

    name: str
    grain: str
    key: tuple[str, ...]
    source: str
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema that a file of this table must have."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])


_SOURCE_LINE = Column(
    "source_line", pa.int64(), "where an editor shows it: line of the text file, or row of the sheet; null for Parquet", nullable=True
)

FIRMS = Table(
    "firms",
    grain="one row per accepted firm of the registry",
    key=("firm_no",),
    source="registry files given to `wutong build`",
    sorted_by=("adcode", "firm_no"),
    columns=(
        Column("firm_no", pa.int32(), "row number inside this build, 0 … n-1; never leaves the engine"),
        Column("firm_id", pa.string(), "the same in every build: the credit code if its check digit holds, else x-hash"),
        Column("uscc", pa.string(), "credit code (统一社会信用代码), normalised", nullable=True),
        Column("uscc_status", pa.string(), "valid, bad_check, short, malformed or missing"),
        Column("name", pa.string(), "name as registered, white space and brackets normalised"),
        Column("name_key", pa.string(), "`names.key(name)`: what comparisons and look-ups use"),
        Column("registered_on", pa.date32(), "date of registration", nullable=True),
        Column("firm_type", pa.string(), "legal form as given", nullable=True),
        Column("capital_text", pa.string(), "registered capital as given", nullable=True),
        Column("capital_yuan", pa.float64(), "registered capital in yuan; unknown stays null", "yuan", nullable=True),
        Column("capital_currency", pa.string(), "ISO 4217 code read from the text", nullable=True),
        Column("capital_is_estimated", pa.bool_(), "true where a currency was converted by a yearly rate"),
        Column("scope", pa.string(), "business scope (经营范围) as given", nullable=True),
        Column("province", pa.string(), "province as given", nullable=True),
        Column("city", pa.string(), "city as given", nullable=True),
        Column("address", pa.string(), "address as given", nullable=True),
        Column("adcode", pa.string(), "present six-digit division: county, else city, else province; '' if none"),
        Column("located_by", pa.string(), "how place was found: point, zone, county, city, code or none"),
        Column("lon", pa.float64(), "longitude", "degrees, GCJ-02 as the division table", nullable=True),
        Column("lat", pa.float64(), "latitude", "degrees, GCJ-02 as the division table", nullable=True),
        Column("is_branch", pa.bool_(), "a branch (分公司, 分厂, 办事处 …) by its name, unless type or capital tell of a legal person"),
        Column("is_manufacturer", pa.bool_(), "its scope makes, processes or grows anything, or its name says so"),
        Column("parent_no", pa.int32(), "firm_no of the parent that its name begins with", nullable=True),
        Column("group_no", pa.int32(), "firm_no of the head of its group; itself if alone"),
        Column("source_file", pa.string(), "file it came from; of a workbook also the sheet: firms.xlsx › 登记"),
        Column("source_row", pa.int64(), "record in that file or sheet, header not counted, from 1"),
        _SOURCE_LINE,
    ),
)

PHRASES = Table(
    "phrases",
    grain="one row per distinct product phrase found in scopes",
    key=("phrase_no",),
    source="`engine.scopes` over firms.scope",
    columns=(
        Column("phrase_no", pa.int32(), "0 … n-1"),
        Column("phrase", pa.string(), "the phrase, cleaned"),
        Column("firms", pa.int32(), "mentions in all roles", "mentions"),
    ),
)

MENTIONS = Table(
    "mentions",
    grain="one row per firm, role and phrase",
    key=("firm_no", "role", "phrase_no"),
    source="`engine.scopes` over firms.scope",
    sorted_by=("phrase_no", "firm_no"),
    columns=(
        Column("phrase_no", pa.int32(), "phrases.phrase_no"),
        Column("firm_no", pa.int32(), "firms.firm_no"),
        Column("role", pa.int8(), "`scopes.Role` as a number"),
        Column("start", pa.int16(), "first character of the phrase in firms.scope", "characters"),
        Column("end", pa.int16(), "one past its last character", "characters"),
    ),
)

PHRASE_PRODUCTS = Table(
    "phrase_products",
    grain="one row per phrase and product that it names",
    key=("phrase_no", "product", "relation"),
    source="`engine.products` over phrases, by the thesaurus of the rulebook",
    sorted_by=("product", "phrase_no"),
    columns=(
        Column("product", pa.string(), "product id of the thesaurus"),
        Column("phrase_no", pa.int32(), "phrases.phrase_no"),
        Column(
            "relation",
            pa.string(),
            "is, generic, part_of, machine_for, made_with, waste; or the role that makes the thing this product: repairs, sells …",
        ),
    ),
)

PLACEMENTS = Table(
    "placements",
    grain="one row per chain, segment and firm that makes (or provides) one of its products",
    key=("chain", "segment", "firm_no"),
    source="`engine.placing`",
    sorted_by=("chain", "segment", "firm_no"),
    columns=(
        Column("chain", pa.string(), "chain id"),
        Column("segment", pa.string(), "segment id"),
        Column("firm_no", pa.int32(), "firms.firm_no"),
        Column("product", pa.string(), "the product that placed it (best one)"),
        Column("role", pa.int8(), "`scopes.Role` as a number"),
        Column("phrase_no", pa.int32(), "the evidence; null where the name alone proves it", nullable=True),
        Column("start", pa.int16(), "span of the evidence in firms.scope", "characters", nullable=True),
        Column("end", pa.int16(), "one past its last character", "characters", nullable=True),
        Column("proof", pa.string(), "scope (a making verb), inferred (no verb, a maker otherwise) or name"),
        Column("products", pa.int16(), "how many of the segment's products it makes", "products"),
        Column("registered_on", pa.date32(), "copied from firms", nullable=True),
        Column("adcode", pa.string(), "copied from firms"),
        Column("lon", pa.float64(), "copied from firms", "degrees", nullable=True),
        Column("lat", pa.float64(), "copied from firms", "degrees", nullable=True),
        Column("capital_yuan", pa.float64(), "copied from firms", "yuan", nullable=True),
        Column("group_no", pa.int32(), "copied from firms"),
        Column("is_branch", pa.bool_(), "copied from firms"),
    ),
)

DIVISIONS = Table(
    "divisions",
    grain="one row per present administrative division",
    key=("adcode",),
    source="divisions.csv of the rulebook, plus `--divisions`",
    sorted_by=("adcode",),
    columns=(
        Column("adcode", pa.string(), "six digits"),
        Column("name", pa.string(), "full name, e.g. 获嘉县"),
        Column("level", pa.string(), "province, city or county"),
        Column("parent", pa.string(), "adcode one level up; '' for a province"),
        Column("lon", pa.float64(), "longitude of its seat", "degrees", nullable=True),
        Column("lat", pa.float64(), "latitude of its seat", "degrees", nullable=True),
    ),
)

REJECTS = Table(
    "rejects",
    grain="one row per value that could not be read, and per row left out",
    key=("source_file", "source_row", "column", "reason"),
    source="`wutong build`",
    columns=(
        Column("source_file", pa.string(), "file; of a workbook also the sheet: firms.xlsx › 登记"),
        Column("source_row", pa.int64(), "record in that file or sheet, header not counted, from 1"),
        _SOURCE_LINE,
        Column("column", pa.string(), "column as declared in FIRMS, '' for the row as a whole"),
        Column("value", pa.string(), "the value as given, cut to 200 characters", nullable=True),
        Column("reason", pa.string(), "code: duplicate, no_name, broken_line, bad_date, bad_capital …"),
        Column("expected", pa.string(), "what was expected, in words"),
        Column("is_row_left_out", pa.bool_(), "true: the firm is not in the build; false: only this value is unknown"),
    ),
)

STEPS = Table(
    "steps",
    grain="one row per named build step",
    key=("step",),
    source="`wutong build`",
    columns=(
        Column("step", pa.string(), "name of the step"),
        Column("rows_in", pa.int64(), "rows read", "rows"),
        Column("rows_out", pa.int64(), "rows written", "rows"),
        Column("seconds", pa.float64(), "wall time", "seconds"),
        Column("note", pa.string(), "what it counted on the way"),
    ),
)

HAND_PLACEMENTS = Table(
    "hand_placements",
    grain="one row per firm, chain and segment that somebody looked at",
    key=("firm_id", "chain", "segment"),
    source="the office's database; empty without it",
    columns=(
        Column("firm_id", pa.string(), "firms.firm_id"),
        Column("chain", pa.string(), "chain id"),
        Column("segment", pa.string(), "segment id"),
        Column("is_maker", pa.bool_(), "false: somebody checked that the firm does not make what its scope says"),
    ),
)

TAGS = Table(
    "tags",
    grain="one row per firm, tag and period in which it bears the tag",
    key=("firm_id", "tag", "starts_on"),
    source="dated list files that the office imported; empty without its database",
    columns=(
        Column("firm_id", pa.string(), "firms.firm_id"),
        Column("tag", pa.string(), "tag id of the rulebook, such as private-500"),
        Column("rank", pa.int32(), "its place on the list", nullable=True),
        Column("starts_on", pa.date32(), "first day on which it bears the tag"),
        Column("ends_on", pa.date32(), "first day on which it no longer does; null while nothing later is known", nullable=True),
        Column("source", pa.string(), "the list it stands on, in words"),
    ),
)

FIGURES = Table(
    "figures",
    grain="one row per firm, year and measure",
    key=("firm_id", "year", "measure"),
    source="yearly figures (年度数据) of the office; empty without its database",
    columns=(
        Column("firm_id", pa.string(), "firms.firm_id"),
        Column("year", pa.int16(), "calendar year that the figure speaks of"),
        Column("measure", pa.string(), "a measure of the rulebook: revenue_yuan, patents_count, market_share …"),
        Column("value", pa.float64(), "the figure; a market share as a part of one"),
        Column("unit", pa.string(), "unit of the value, in which the measure's id ends: yuan, count, share …"),
        Column("source", pa.string(), "where the figure comes from, in words"),
    ),
)

NAMES = Table(
    "names",
    grain="one row per firm, kind and further name",
    key=("firm_id", "kind", "name"),
    source="former and short names (曾用名、简称) that the office noted by hand; empty without its database",
    columns=(
        Column("firm_id", pa.string(), "firms.firm_id"),
        Column("kind", pa.string(), "former, short, brand or foreign"),
        Column("name", pa.string(), "the name as noted"),
    ),
)

MERGES = Table(
    "merges",
    grain="one row per firm that turned out to be another",
    key=("firm_id",),
    source="mergers of firms (企业合并) that the office carried out; empty without its database",
    columns=(
        Column("firm_id", pa.string(), "firms.firm_id of the row that no longer stands by itself"),
        Column("kept_id", pa.string(), "firms.firm_id of the firm that it is"),
    ),
)

ALL: tuple[Table, ...] = (FIRMS, PHRASES, MENTIONS, PHRASE_PRODUCTS, PLACEMENTS, DIVISIONS, REJECTS, STEPS)
OWN: tuple[Table, ...] = (HAND_PLACEMENTS, TAGS, FIGURES, NAMES, MERGES)
"""Handed to the engine by the office (`engine.own`); never files of a build."""
BY_NAME: dict[str, Table] = {table.name: table for table in ALL}


def check(table: Table, data: pa.Table, *, source: str = "") -> pa.Table:
    """The data with exactly the columns, types and order that the table declares. Raises: TableError."""
    where = f"{source or table.name}: "
    missing = [column.name for column in table.columns if column.name not in data.column_names]
    if missing:
        raise TableError(f"{where}no column {', '.join(missing)}; expected {', '.join(column.name for column in table.columns)}")
    return pa.Table.from_arrays([_checked(column, data.column(column.name), where) for column in table.columns], schema=table.schema)


def _checked(column: Column, values: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    if values.type != column.type:
        try:
            values = values.cast(column.type)
        except pa.ArrowException as error:
            row, value = next(((row, value) for row, value in enumerate(values.to_pylist()) if not _casts(value, column.type)), (0, None))
            raise TableError(f"{where}row {row + 1}, column {column.name}: {value!r}; expected {column.type}") from error
    if values.null_count and not column.nullable:
        row = next(row for row, value in enumerate(values.is_null().to_pylist()) if value)
        raise TableError(f"{where}row {row + 1}, column {column.name}: nothing; expected {column.type}")
    return values


def _casts(value: object, kind: pa.DataType) -> bool:
    try:
        pa.array([value]).cast(kind)
    except pa.ArrowException:
        return False
    return True
