"""The fictional registry is served; firms visited are those of it."""

from __future__ import annotations

from typing import Any

import pytest

import fictional


@pytest.fixture(autouse=True)
def _served(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from wutong.web.leads.queries import clocks

    settings.WAREHOUSE = fictional.made()
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)
