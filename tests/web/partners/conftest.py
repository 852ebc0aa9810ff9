"""The fictional registry is served; partners, people known and things sought of 青桐市招商局."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

import fictional

if TYPE_CHECKING:
    from cast import Cast


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()


@pytest.fixture
def officer(client_of: Callable[[str], Client]) -> Client:
    """A bureau officer of 青桐市."""
    return client_of("bureau_officer")


@pytest.fixture
def partner(cast: Cast) -> Any:
    """The chamber of 青桐市 in another city."""
    import factories

    return factories.partner(cast.bureau_officer, name="白榆市青桐商会")


@pytest.fixture
def tie(cast: Cast, partner: Any) -> Any:
    """Somebody from here who leads a firm elsewhere and belongs to the chamber."""
    import factories

    return factories.acquaintance(cast.bureau_officer, firm_id=fictional.firm_id(fictional.TARGET), partner=partner, is_home_tie=True)


@pytest.fixture
def seeking(cast: Cast) -> Any:
    """What a firm here seeks."""
    import factories

    return factories.seeking(cast.bureau_officer, firm_id=fictional.firm_id("青桐开元挖掘机有限公司"))
