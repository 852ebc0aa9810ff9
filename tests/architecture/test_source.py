"""The house as the source shows it: every check of `source.py` on the project itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from architecture.source import CHECKS, SRC


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_project_keeps_its_own_rules(check: Callable[[Path], list[str]]) -> None:
    assert check(SRC) == [], check.__doc__
