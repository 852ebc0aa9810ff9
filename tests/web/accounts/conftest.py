"""What one test tried counts for no other."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_rate_limit_is_inherited() -> None:
    """Why: allauth counts changes of a password by user id, which returns in every test; a refusal could be the limit's, not the rule's."""
    cache.clear()
