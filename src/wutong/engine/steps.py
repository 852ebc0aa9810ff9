"""The named steps of a build: rows in and out, seconds, and word of progress while they run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from wutong.engine import tables

Progress = Callable[[str, int, int], None]
"""Called as (step, rows done, rows in all) while a build runs."""


@dataclass(slots=True)
class Step:
    """One step while it runs; what it counted is written into it."""

    name: str
    rows_in: int
    rows_out: int
    seconds: float = 0.0
    note: str = ""


class Steps:
    """Counts and times steps, and tells how far they are."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._steps: list[Step] = []
        self._began = time.perf_counter()

    @contextmanager
    def step(self, name: str, rows_in: int) -> Iterator[Step]:
        """Run one step; rows out are rows in unless the step says otherwise."""
        self.tell(name, 0, rows_in)
        began = time.perf_counter()
        step = Step(name, rows_in, rows_in)
        yield step
        step.seconds = round(time.perf_counter() - began, 3)
        self._steps = [known for known in self._steps if known.name != name]
        self._steps.append(step)
        self.tell(name, max(rows_in, step.rows_in), max(rows_in, step.rows_in))

    def tell(self, name: str, done: int, total: int) -> None:
        """Tell how far a step is."""
        if self._progress is not None:
            self._progress(name, done, total)

    def carry_over(self, table: pa.Table) -> None:
        """Take over the steps of the build that this one goes on from."""
        self._steps = [Step(row["step"], row["rows_in"], row["rows_out"], row["seconds"], row["note"]) for row in table.to_pylist()]

    def seconds(self) -> float:
        """Seconds since the build began."""
        return round(time.perf_counter() - self._began, 3)

    def table(self) -> pa.Table:
        """The steps as the table of a build."""
        rows = [
            {"step": step.name, "rows_in": step.rows_in, "rows_out": step.rows_out, "seconds": step.seconds, "note": step.note}
            for step in self._steps
        ]
        return pa.Table.from_pylist(rows, schema=tables.STEPS.schema)
