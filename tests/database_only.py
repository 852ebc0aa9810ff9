"""pytest plugin (`-p database_only`): keep only tests that touch Django's database, but for those marked `once`.

`once` marks what takes long and asks the database nothing that a quicker neighbour does not ask: further outsiders of the access sweep,
pages looked at for accessibility or on a phone, journeys in a second language.
"""

from __future__ import annotations

import pytest

FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup", "client", "admin_client"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the rest."""
    kept = [item for item in items if _touches_database(item)]
    dropped = [item for item in items if not _touches_database(item)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def _touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("once") is not None:
        return False
    return item.get_closest_marker("django_db") is not None or bool(FIXTURES & set(getattr(item, "fixturenames", ())))
