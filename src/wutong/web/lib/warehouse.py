"""The served build, opened once in each process and again when its pointer moves."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wutong.engine import warehouse as builds
from wutong.engine import warming
from wutong.engine.warehouse import POINTER, BuildGone, Warehouse, WarehouseMissing
from wutong.web.lib.access import GetResponse, problem

__all__ = ["NoBuild", "Warehouse", "WarehouseMissing", "folder_of", "forget", "serve", "served", "served_id", "warm"]

_lock = Lock()
_open: dict[Path, tuple[str, Warehouse]] = {}


def served() -> Warehouse:
    """The build that serves now. Raises: WarehouseMissing.

    Why: a build that stops serving is not closed here, because another thread may still be reading it; it goes when its last reader does.
    """
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
    """Read what questions need, beside the first requests, so that none of them waits long; nothing where no build serves."""

    def read() -> None:
        with suppress(WarehouseMissing):
            build = served()
            warming.warm(build, build.rulebook)

    Thread(target=read, name="warm", daemon=True).start()


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
