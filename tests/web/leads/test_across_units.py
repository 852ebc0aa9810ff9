"""A firm on another unit's list shows as taken and no more; whoever asks leaves an entry."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import guarding, making, telling
from wutong.web.leads.queries.chosen import Taken
from wutong.web.lib import hooks

TITLE = "邻市秘密清单"


@pytest.fixture
def taken(cast: Cast) -> str:
    """A firm of the registry that stands on a list of 白榆市招商局."""
    firm = factories.firm(name=fictional.TARGET, firm_id=fictional.firm_id(fictional.TARGET))
    factories.listed(factories.target_list(cast.other_officer, title=TITLE), firm)
    return firm.firm_id


def test_it_is_told_that_a_firm_is_taken_and_nothing_else(officer: Client, taken: str) -> None:
    panel = officer.get(f"/leads/of-firm/{taken}/").content.decode()
    preview = officer.post("/leads/lists/put/", {"firm": [taken], "found_at": "/firms/"}).content.decode()
    for text in (panel, preview):
        assert "已在其他单位清单中" in text
        assert TITLE not in text and "白榆市招商局" not in text


def test_a_firm_on_ones_own_list_is_not_told_as_taken(officer: Client, cast: Cast) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer))
    assert "已在其他单位清单中" not in officer.get(f"/leads/of-firm/{row.firm.firm_id}/").content.decode()


def test_a_closed_list_takes_no_firm(officer: Client, cast: Cast, taken: str) -> None:
    from wutong.web.leads.models import TargetList

    making.close(target_list=TargetList.objects.get(title=TITLE), reason="x", by=None, at=factories.AT)
    assert "已在其他单位清单中" not in officer.get(f"/leads/of-firm/{taken}/").content.decode()


def test_a_county_is_told_whom_to_ask_and_no_details(client_of: Callable[[str], Client], cast: Cast) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer, title=TITLE))
    panel = client_of("county_officer").get(f"/leads/of-firm/{row.firm.firm_id}/").content.decode()
    assert "已在其他单位清单中" in panel and "可请青桐市招商局协调" in panel
    assert TITLE not in panel and str(cast.bureau_officer) not in panel


def test_each_answer_is_an_entry_that_names_who_asked_and_no_list(cast: Cast, taken: str) -> None:
    assert telling.taken_elsewhere(firm_ids=["X-0"], by=cast.bureau_officer, at=factories.AT) == ()
    found = telling.taken_elsewhere(firm_ids=[taken, "X-0"], by=cast.bureau_officer, at=factories.AT)
    entry = Entry.objects.get(action="leads.ask_across_units")
    assert found == (Taken(taken, "青梧省"),)
    assert entry.by == cast.bureau_officer and entry.changes == {"asked": 2, "taken": 1}


@pytest.mark.parametrize("name", ["no_role", "department_officer", "adviser"])
def test_who_may_not_see_lists_may_not_ask(cast: Cast, taken: str, name: str) -> None:
    with pytest.raises(guarding.NotAllowed):
        telling.taken_elsewhere(firm_ids=[taken], by=cast.people[name], at=factories.AT)
    assert not Entry.objects.filter(action="leads.ask_across_units").exists()


def test_no_page_list_export_or_answer_tells_of_another_units_list(client_of: Callable[[str], Client], cast: Cast, taken: str) -> None:
    from architecture.test_access_sweep import GUARDED, text_of

    client = client_of("bureau_officer")
    for address in GUARDED:
        if not address.converters:
            assert TITLE not in text_of(client.get(address.url())), address.name
    for path in (
        f"/firms/{taken}/",
        f"/leads/of-firm/{taken}/",
        "/leads/lists/?text=秘密",
        "/leads/lists/?state=all",
        "/leads/lists/rows/?text=白榆",
    ):
        assert TITLE not in text_of(client.get(path)), path


def test_what_rooms_answer_across_units_is_declared_whole() -> None:
    """Purpose, permission, fields and entry; the dataclass that comes back has these fields and no other."""
    declared = hooks.collect("ACROSS_UNITS")
    assert declared
    for one in declared:
        (given,) = one.answer.__annotations__["return"].removeprefix("tuple[").removesuffix(", ...]").split(",")
        kind = inspect.unwrap(one.answer).__globals__[given]
        assert tuple(field.name for field in fields(kind)) == one.fields
        assert str(one.purpose) and one.permission and one.action in hooks.action_names()
