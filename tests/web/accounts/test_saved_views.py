"""A list is kept as somebody filtered it: his own, once per name, and only lists of this site."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from wutong.web.accounts.models import SavedView
from wutong.web.audit.models import Entry

LIST = "/accounts/people/"


def save(client: Client, address: str = LIST + "?text=干部&page=3", name: str = "我的人员") -> object:
    return client.post("/accounts/views/save/", {"name": name, "address": address})


def test_a_view_leads_back_to_the_list_without_its_page_number(client_of: Callable[[str], Client]) -> None:
    client = client_of("bureau_leader")

    answer = save(client)

    view = SavedView.objects.get()
    assert answer.headers["Location"] == view.address  # type: ignore[attr-defined]
    assert "page=" not in view.address
    said = client.get(view.address).content.decode()
    assert "我的人员" in said and "保存当前视图" not in said
    assert Entry.objects.filter(action="accounts.save_view").count() == 1


def test_a_filtered_list_offers_to_be_kept_and_an_unfiltered_one_does_not(client_of: Callable[[str], Client]) -> None:
    client = client_of("bureau_leader")

    assert "保存当前视图" in client.get(LIST, {"text": "干部"}).content.decode()
    assert "保存当前视图" not in client.get(LIST).content.decode()


def test_the_same_name_is_replaced(client_of: Callable[[str], Client]) -> None:
    client = client_of("bureau_leader")
    save(client)
    save(client, LIST + "?text=01")

    assert SavedView.objects.get().query == "text=01"


@pytest.mark.parametrize(
    "address", ["https://example.com/", "//example.com/accounts/people/", "/nowhere/at/all/", "javascript:alert(1)", ""]
)
def test_only_lists_of_this_site_are_kept(client_of: Callable[[str], Client], address: str) -> None:
    answer = save(client_of("bureau_leader"), address)

    assert answer.headers["Location"] == "/"  # type: ignore[attr-defined]
    assert not SavedView.objects.exists()


def test_nobody_sees_or_drops_anothers_view(client_of: Callable[[str], Client]) -> None:
    save(client_of("bureau_leader"))
    view, other = SavedView.objects.get(), client_of("vice_mayor")

    assert "我的人员" not in other.get(LIST).content.decode()
    assert other.post(f"/accounts/views/{view.public_id}/drop/").status_code == 404
    assert SavedView.objects.exists()


def test_dropping_one_goes_back_to_the_list(client_of: Callable[[str], Client]) -> None:
    client = client_of("bureau_leader")
    save(client)
    address = f"/accounts/views/{SavedView.objects.get().public_id}/drop/"

    assert client.get(address).status_code == 405
    assert client.post(address).headers["Location"] == LIST
    assert not SavedView.objects.exists()
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("address", ["//[", LIST + "?text=" + "干" * 300])
def test_an_address_that_cannot_be_kept_is_refused(client_of: Callable[[str], Client], address: str) -> None:
    assert save(client_of("bureau_leader"), address).status_code == 302  # type: ignore[attr-defined]
    assert SavedView.objects.count() == 0
