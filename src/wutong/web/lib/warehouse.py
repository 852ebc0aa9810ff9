"""The served build, opened once in each process and again when its pointer moves."""

from __future__ import annotations

import atexit
import gc
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wutong.engine import warehouse as builds
from wutong.engine import warming
from wutong.engine.warehouse import POINTER, BuildGone, Warehouse, WarehouseMissing
from wutong.web.lib import hooks, running
from wutong.web.lib.access import GetResponse, once, problem

__all__ = [
    "WARMING",
    "NoBuild",
    "Warehouse",
    "WarehouseMissing",
    "folder_of",
    "forget",
    "is_warming",
    "serve",
    "served",
    "served_id",
    "warm",
]

WARMING = "warming"
"""What a process notes of itself while it reads the registry."""
COLLECTED_FROM = 20_000  # new objects: a page makes some ten thousand, of which the collector finds next to nothing
_lock = Lock()
_warming = Event()
_open: dict[Path, tuple[str, Warehouse]] = {}


def served() -> Warehouse:
    """The build that serves now; while a page is answered, the one that served when it was first asked. Raises: WarehouseMissing.

    Why: a build that stops serving is not closed here, because another thread may still be reading it; it goes when its last reader does.
    """
    found: Warehouse = once(f"served {settings.WAREHOUSE}", _served)
    return found


def _served() -> Warehouse:
    folder = Path(settings.WAREHOUSE)
    try:
        build_id = (folder / POINTER).read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise WarehouseMissing(f"no build serves in {folder}") from error
    with _lock:
        held = _open.get(folder)
        if held is None or held[0] != build_id:
            held = _open[folder] = (build_id, Warehouse.open(folder))
        return held[1]


def served_id() -> str:
    """The id of the build that serves; empty where none does."""
    with suppress(FileNotFoundError):
        return (Path(settings.WAREHOUSE) / POINTER).read_text("utf-8").strip()
    return ""


def folder_of(build_id: str) -> Path:
    """Where a build stands, or would."""
    return Path(settings.WAREHOUSE) / builds.BUILDS / build_id


def serve(build_id: str) -> None:
    """Let a build that is there serve."""
    builds.serve(Path(settings.WAREHOUSE), build_id)


def forget() -> None:
    """Let go of the build that is held, so that the next question opens the one that serves."""
    with _lock:
        _open.pop(Path(settings.WAREHOUSE), None)


def warm() -> None:
    """Read what questions need, beside the first requests, so that none of them waits long; nothing where no build serves.

    Why beside, and in each process by itself: the threads of DuckDB and polars do not outlive a fork, and a process that reads before it
    listens would be taken for dead on a slow machine. `is_warming` tells a supervisor when the wait is over.
    """

    def read() -> None:
        try:
            with suppress(WarehouseMissing):
                build = served()
                warming.warm(build, build.rulebook)
            for more in hooks.collect("WARM"):
                more()
            gc.collect()
            gc.freeze()  # millions of objects stay to the end: the collector must not walk them again beside the requests
            gc.set_threshold(COLLECTED_FROM)
            atexit.register(gc.unfreeze)  # the bindings of DuckDB count what is left at the end, and would call it lost
        finally:
            connections.close_all()
            _warming.clear()
            running.note("web", "")

    _warming.set()
    running.note("web", WARMING)
    Thread(target=read, name="warm", daemon=True).start()


def is_warming() -> bool:
    """Whether this process still reads what the first questions need."""
    return _warming.is_set()


class NoBuild:
    """Where a page needs the registry and no build serves, say so, and how to make one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A clear page (or JSON) with status 503 for a missing build, or one that went while it was read; other exceptions go their way."""
        if not isinstance(exception, WarehouseMissing):
            return None
        if isinstance(exception, BuildGone):
            forget()
            if request.path.startswith("/api/"):
                return problem(503, "the build went", "the registry was built anew while it was read; ask again")
            return render(request, "errors/build_gone.html", status=503)
        if request.path.startswith("/api/"):
            return problem(503, "no build serves", "run `wutong build`")
        return render(request, "errors/no_build.html", status=503)
