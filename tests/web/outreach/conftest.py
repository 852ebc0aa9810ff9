"""The fictional registry is served; firms visited are those of it."""

from __future__ import annotations

from typing import Any

import pytest

import fictional


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()
