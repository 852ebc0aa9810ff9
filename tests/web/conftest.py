"""No filing is drawn for a look but where a test asks for it: which are drawn hangs on names, and names here on which tests ran before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    from wutong.web.leads.queries import clocks

    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)


@pytest.fixture(autouse=True)
def _questions_forgotten() -> Iterator[None]:
    """Questions put into SQL are kept by the hash of the rules, and a test changes rules without one."""
    from wutong.web.lib import asking

    yield
    asking.forget_written()
