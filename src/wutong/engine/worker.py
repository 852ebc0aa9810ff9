"""A process that reads scopes for a build: `python -m wutong.engine.worker FOLDER`, one job a line on stdin, one answer a line on stdout.

Why a process of its own and not a fork: DuckDB and polars keep threads that a fork would break, and when the build dies its pipe closes and
the worker ends with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from wutong.engine.scopes import Parser

SCOPES, WORDS = "scopes.arrow", "scope_words.json"


class WorkerError(Exception):
    """A worker ended before its jobs were done; the message holds what it wrote."""


def part_path(folder: Path, kind: str, start: int) -> Path:
    """Where the part that begins at row `start` is written."""
    return folder / f"{kind}-{start:09d}.arrow"


def write_arrow(path: Path, table: pa.Table) -> None:
    """One table as an Arrow file that another process can map into memory."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_arrow(path: Path) -> pa.Table:
    """A table mapped from an Arrow file."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def prepare(folder: Path, scopes: pa.Array | pa.ChunkedArray, scope_words: Mapping[str, object]) -> None:
    """Lay out what workers read."""
    write_arrow(folder / SCOPES, pa.table({"scope": scopes}))
    (folder / WORDS).write_text(json.dumps(scope_words, ensure_ascii=False, default=plain), "utf-8")


def plain(value: object) -> object:
    """What `json` does not know of a rulebook as what it knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be handed to a worker")


def parse_part(parser: Parser, folder: Path, start: int, stop: int) -> None:
    """Read the scopes of rows [start, stop) and write their mentions and phrases."""
    parsed = parser.parse_column(read_arrow(folder / SCOPES).column("scope").slice(start, stop - start))
    mentions = pa.table(
        {
            "firm_no": pa.array(parsed.row + np.int32(start), pa.int32()),
            "role": pa.array(parsed.role, pa.int8()),
            "local_no": pa.array(parsed.phrase_no, pa.int32()),
            "start": pa.array(parsed.start, pa.int16()),
            "end": pa.array(parsed.end, pa.int16()),
        }
    )
    write_arrow(part_path(folder, "phrases", start), pa.table({"phrase": pa.array(parsed.phrases, pa.string())}))
    write_arrow(part_path(folder, "mentions", start), mentions)


def parser_of(folder: Path) -> Parser:
    """The parser that the build's words make."""
    return Parser(json.loads((folder / WORDS).read_text("utf-8")))


@contextmanager
def started(folder: Path, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Worker processes, ended whatever happens."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-m", "wutong.engine.worker", str(folder)]
    workers: list[subprocess.Popen[str]] = []
    try:
        for _ in range(count):
            worker = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
            )
            workers.append(worker)
        yield workers
    finally:
        for worker in workers:
            for pipe in (worker.stdin, worker.stdout, worker.stderr):
                if pipe is not None and not pipe.closed and pipe is not worker.stdout:
                    pipe.close()
            worker.kill()
            worker.wait()
            if worker.stdout is not None:
                worker.stdout.close()


def begin(workers: Sequence[subprocess.Popen[str]], parts: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Give every part to whichever worker is free, from now on; the iterator gives the rows of each part when it is done.

    Raises: WorkerError.
    """
    jobs: SimpleQueue[tuple[int, int]] = SimpleQueue()
    for part in parts:
        jobs.put(part)
    answers: SimpleQueue[int | str] = SimpleQueue()
    for worker in workers:
        threading.Thread(target=_feed, args=(worker, jobs, answers), daemon=True).start()
    return _answered(answers, len(parts))


def _answered(answers: SimpleQueue[int | str], count: int) -> Iterator[int]:
    for _ in range(count):
        answer = answers.get()
        if isinstance(answer, str):
            raise WorkerError(f"reading scopes failed in a worker process:\n{answer}")
        yield answer


def _feed(worker: subprocess.Popen[str], jobs: SimpleQueue[tuple[int, int]], answers: SimpleQueue[int | str]) -> None:
    stdin, stdout = _pipes(worker)
    while True:
        try:
            start, stop = jobs.get_nowait()
        except Empty:
            return
        try:
            stdin.write(f"{start} {stop}\n")
            stdin.flush()
            is_done = stdout.readline().strip() == "done"
        except (OSError, ValueError):
            is_done = False
        if not is_done:
            said = worker.stderr.read() if worker.stderr and not worker.stderr.closed else ""
            answers.put(said.strip()[-2000:] or f"it ended with code {worker.poll()}")
            return
        answers.put(stop - start)


def _pipes(worker: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if worker.stdin is None or worker.stdout is None:
        raise WorkerError("a worker has no pipes")
    return worker.stdin, worker.stdout


def main(folder: Path) -> None:
    """Read jobs until the pipe closes."""
    parser: Parser | None = None
    for line in sys.stdin:
        parser = parser or parser_of(folder)
        start, stop = (int(number) for number in line.split())
        parse_part(parser, folder, start, stop)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
