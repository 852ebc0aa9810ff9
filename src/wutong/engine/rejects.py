"""What the build could not use: every row left out and every value that could not be read, with the reason."""

from __future__ import annotations

import polars as pl

LONGEST_VALUE = 200
"""Characters of a value that a reject keeps."""

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "source_file": pl.String,
    "source_row": pl.Int64,
    "source_line": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "expected": pl.String,
    "is_row_left_out": pl.Boolean,
}


class Rejects:
    """Collects rejects while a build runs. Grain: one row per value, or per row left out."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []

    def add_rows(self, rows: list[tuple[str, int, int | None, str, str | None, str, str, bool]]) -> None:
        """Add single rejects, in the order of the columns of `tables.REJECTS`."""
        if rows:
            self._add(pl.DataFrame(rows, schema=SCHEMA, orient="row"))

    def add_values(self, firms: pl.DataFrame, column: str, value: str, reason: str | pl.Expr, expected: str) -> None:
        """Add a reject for the value in `column` of every row of `firms`; the firms stay in the build."""
        self._take(firms, column, pl.col(value), reason, expected, is_row_left_out=False)

    def leave_out(self, firms: pl.DataFrame, column: str, value: str, reason: str, expected: str) -> None:
        """Add a reject for every row of `firms` as a row left out of the build."""
        self._take(firms, column, pl.col(value), reason, expected, is_row_left_out=True)

    def _take(
        self, firms: pl.DataFrame, column: str, value: pl.Expr, reason: str | pl.Expr, expected: str, *, is_row_left_out: bool
    ) -> None:
        if firms.height == 0:
            return
        self._add(
            firms.select(
                "source_file",
                "source_row",
                "source_line",
                pl.lit(column).alias("column"),
                value.cast(pl.String).alias("value"),
                (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
                pl.lit(expected).alias("expected"),
                pl.lit(is_row_left_out).alias("is_row_left_out"),
            )
        )

    def _add(self, part: pl.DataFrame) -> None:
        self._parts.append(part.with_columns(pl.col("value").str.slice(0, LONGEST_VALUE)))

    def table(self) -> pl.DataFrame:
        """All rejects, by file and row; one row per file, row, column and reason."""
        if not self._parts:
            return pl.DataFrame(schema=SCHEMA)
        return (
            pl.concat(self._parts)
            .unique(("source_file", "source_row", "column", "reason"), keep="first", maintain_order=True)
            .sort("source_file", "source_row", "column", "reason")
        )
