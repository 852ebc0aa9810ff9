"""Numbers that the office sets itself: what they would change about the makers found, and the supply radius that every page starts with."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.test import Client

import fictional
from wutong.rulebook import documents
from wutong.rulebook.documents import Version
from wutong.web.firms.queries import standing, trials
from wutong.web.lib import rulebook

if TYPE_CHECKING:
    from cast import Cast

DAY = dt.date(2026, 12, 1)
TEXT = "{leaf}:\n  source: {{title: 办法, date: 2026-11-20}}\n  values: {{2026-12-01: {value}}}\n"


def with_own(leaf: str, value: float) -> partial:
    return partial(documents.over, versions=(Version("parameters", 1, DAY, TEXT.format(leaf=leaf, value=value)),), asked_on=DAY)


def test_a_trial_says_which_makers_would_stand_elsewhere(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST_PRODUCTS", 2)
    assert fictional.CHAIN in dict(trials.choices(cast.bureau_officer))
    whole, *moved = trials.tried(lambda base: base, with_own("find.size", 0), cast.bureau_officer, DAY, fictional.CHAIN)
    assert len(whole.rows) == 2 and moved
    assert any(row[1] != row[2] or row[3] != row[4] for row in moved[0].rows)
    (same,) = trials.tried(lambda base: base, lambda base: base, cast.bureau_officer, DAY, fictional.CHAIN)
    assert {row[1] == row[2] and row[3] == "0" for row in same.rows} == {True}


def test_pages_start_with_the_supply_radius_of_the_office(cast: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert standing.standing(cast.bureau_officer).radius_km == 150
    monkeypatch.setattr(rulebook, "_layers", lambda: (lambda base, asked_on: with_own("gaps.radius_km", 120)(base),))
    assert standing.standing(cast.bureau_officer).radius_km == 120
    page = officer.get(f"/chains/{fictional.CHAIN}/").content.decode()
    assert '<option value="120" selected>' in page and '<option value="150">' in page
    assert officer.get(f"/chains/{fictional.CHAIN}/", {"radius": "200"}).content.decode().count('<option value="200" selected>') == 1
    assert officer.get("/api/gaps", {"chain": fictional.CHAIN}).status_code == 200
