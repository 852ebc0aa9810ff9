"""The fictional registry is served; the lists of tests stand on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import fictional


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()


@pytest.fixture
def officer(client_of: Callable[[str], Client]) -> Client:
    """A bureau officer of 青桐市."""
    return client_of("bureau_officer")
