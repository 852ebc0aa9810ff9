"""The house as the source shows it: every check of `source.py` on the project itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from architecture.source import CHECKS, SRC


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_project_keeps_its_own_rules(check: Callable[[Path], list[str]]) -> None:
    assert check(SRC) == [], check.__doc__


def test_no_trigger_listens_at_a_place_named_with_a_blank() -> None:
    """htmx ends the place behind `from:` at the first blank and then hears nothing; what is typed bubbles to the element around anyway."""
    deaf = re.compile(r'hx-trigger="[^"]*from:(find|closest|next|previous) ')
    assert [path for path in SRC.rglob("*.html") if deaf.search(path.read_text("utf-8"))] == []


def test_every_icon_that_a_page_draws_is_in_the_sprite() -> None:
    """A name that `assets.mjs` does not list draws nothing, and nobody is told."""
    drawn = re.compile(r"""\{% icon "([a-z0-9-]+)"|(?:with|and|\s)icon="([a-z0-9-]+)\"""")
    text = (SRC / "wutong/web/assets.mjs").read_text("utf-8")
    kept = set(re.findall(r'"([a-z0-9-]+)"', text[text.index("const icons") : text.index("];")]))
    files = [*SRC.rglob("*.html"), *SRC.glob("wutong/web/*/hooks.py")]
    used = {one or other for path in files for one, other in drawn.findall(path.read_text("utf-8"))}
    assert len(used) > 30 and used <= kept
