"""Figures in a terminal."""

from __future__ import annotations

import pytest

from wutong.engine.plain_text import figure


@pytest.mark.parametrize(
    "value, digits, shown",
    [(67.05, 1, "67.1"), (67.04, 1, "67.0"), (0.5, 0, "1"), (2.5, 0, "3"), (1234567.0, 0, "1,234,567"), (None, 1, "?")],
)
def test_a_half_is_rounded_up_as_on_the_pages(value: float | None, digits: int, shown: str) -> None:
    assert figure(value, digits) == shown
