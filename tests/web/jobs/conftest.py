"""Kinds of jobs that only tests have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wutong.web.lib import hooks
from wutong.web.lib.hooks import JobKind, Running

Run = Callable[[Running], Any]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., JobKind]:
    """`kind(run, attempts=3)` makes the kind `tests.job` known; others stay."""
    known = dict(hooks.job_kinds())

    def make(run: Run = lambda job: None, **more: Any) -> JobKind:
        made = JobKind(more.pop("code", "tests.job"), "试算", run, **more)
        known[made.code] = made
        return made

    monkeypatch.setattr(hooks, "job_kinds", lambda: known)
    return make
