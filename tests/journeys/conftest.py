"""A browser, a server on the fictional registry, and somebody logged in. Skipped where Chromium is absent; in CI it must be there."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import fictional

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread; nothing here is asynchronous.


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium of this machine."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        reason = "no Chromium; install the package chromium (make system-deps)"
        if os.environ.get("WUTONG_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Any:
    """The cast, seen by the server too."""
    from cast import assemble

    settings.WAREHOUSE = fictional.made()
    return assemble()


@pytest.fixture
def log_in(browser: Any, live_server: Any, people: Any) -> Iterator[Callable[..., Any]]:
    """`log_in("bureau_officer", language="en", width=390)` is a page in which that person is logged in."""
    from django.test import Client

    import factories

    contexts: list[Any] = []

    def begin(name: str, *, language: str = "zh-hans", width: int = 1440, start: str = "/chains/", **options: Any) -> Any:
        people.people[name].language = language
        people.people[name].save(update_fields=["language"])
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url, accept_downloads=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        browsing = Client()
        factories.log_in(browsing, people.people[name])
        context.add_cookies([{"name": "sessionid", "value": browsing.cookies["sessionid"].value, "url": live_server.url}])
        page.goto(start)
        return page

    yield begin
    for context in contexts:
        context.close()
    _wait_for_the_server()


def _wait_for_the_server() -> None:
    """Let the server finish what pages still asked for when they were closed, before the database is emptied under it."""
    until = time.monotonic() + 20
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(max(until - time.monotonic(), 0))
            assert not thread.is_alive(), f"{thread.name} still answers a page that is closed"


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's source."""
    path = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
    if not path.exists():
        reason = "axe-core is not installed; run make setup"
        if os.environ.get("WUTONG_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path.read_text("utf-8")
