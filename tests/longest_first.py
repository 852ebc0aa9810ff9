"""pytest plugin (`-p longest_first`): files that take long come first, so that no worker ends alone with one of them.

Why: a file stays with one worker (`--dist loadfile`), and xdist by itself begins with the files of most tests, which are quick ones. A file
that is not named here comes after those that are, the one of most tests first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
# About half a minute and more. The first two start together: one needs the database, the other reads the source.
LONGEST = (
    "architecture/test_access_sweep.py",
    "architecture/test_contracts.py",
    "journeys/test_gap_to_target.py",
    "journeys/test_gap_to_knock.py",
    "web/accounts/test_three_administrators.py",
    "web/jobs/test_killed.py",
    "web/chains/test_placing.py",
    "web/chains/test_editor_pages.py",
    "journeys/test_office_pages.py",
    "journeys/test_chain_editing.py",
    "engine/test_build.py",
    "engine/test_build_interrupted.py",
    "engine/test_effects.py",
    "web/audit/test_taking_over.py",
    "demo/test_registry.py",
    "demo/test_accounts.py",
    "demo/test_story.py",
    "docs/test_result.py",
    "web/test_openapi.py",
    "web/leads/test_across_units.py",
    "web/batches/test_registry.py",
    "web/firms/test_tags.py",
    "engine/test_targets.py",
    "engine/test_build_chains.py",
)


def order(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """What to sort the tests of each file by; `files` names the file of each test."""
    tests = Counter(files)
    named = {name: number for number, name in enumerate(LONGEST)}
    return {file: (named.get(file, len(LONGEST)), -count) for file, count in tests.items()}


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else item.path.as_posix()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort; the tests of one file stay together and in their order."""
    keys = order(_file(item) for item in items)
    items.sort(key=lambda item: (*keys[_file(item)], _file(item)))
