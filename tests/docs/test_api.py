"""Every path of the API is documented, in both languages, and no page names a path that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import django
import pytest

django.setup()

ROOT = Path(__file__).resolve().parents[2]


def operations() -> set[tuple[str, str]]:
    from wutong.web.urls import api

    return {(method.upper(), path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_operation_has_a_row(language: str) -> None:
    text = (ROOT / f"docs/guide/{language}/api.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/api/[^`]*)` \|", text, re.MULTILINE))
    assert operations() - rows == set()
    assert rows - operations() == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_event_that_other_systems_are_told_has_a_row_with_its_kind_of_record(language: str) -> None:
    from wutong.web.lib import exchange

    text = (ROOT / f"docs/guide/{language}/api.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([a-z]+\.[a-z_.]+)` \| `([a-z]+\.[A-Za-z]+)` \|", text, re.MULTILINE))
    assert rows == {(event.action, event.model) for event in exchange.events().values()}
