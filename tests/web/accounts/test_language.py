"""Chinese unless somebody chose English."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from cast import Cast
from wutong.web.accounts.models import User

Browser = Callable[..., Client]


@pytest.mark.parametrize("accepted", ["", "en-US,en;q=0.9", "fr"])
def test_chinese_is_the_default_whatever_the_browser_prefers(db: None, accepted: str) -> None:
    response = Client(headers={"Accept-Language": accepted}).get("/login/")
    assert response.headers["Content-Language"] == "zh-hans"
    assert '<html lang="zh-hans">' in response.content.decode()
    assert "本系统为非涉密系统" in response.content.decode()


def test_the_switch_works_before_anybody_logged_in(db: None) -> None:
    client = Client()
    response = client.post("/language/", {"language": "en", "next": "/login/"}, follow=True)
    assert "This system is not for state secrets." in response.content.decode()


def test_the_choice_of_somebody_logged_in_is_kept(client_of: Browser, cast: Cast) -> None:
    client_of("bureau_leader").post("/language/", {"language": "en"})
    assert User.objects.get(pk=cast.bureau_leader.pk).language == "en"
    page = client_of("bureau_leader").get("/accounts/people/").content.decode()
    assert "Qingtong Promotion Bureau" in page
    assert "Bureau leader" in page


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_the_switch_never_leads_to_another_host(db: None, wanted: str) -> None:
    assert Client().post("/language/", {"language": "en", "next": wanted}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(client_of: Browser, cast: Cast) -> None:
    client_of("adviser").post("/language/", {"language": "tlh"})
    assert User.objects.get(pk=cast.adviser.pk).language == "zh-hans"


def test_one_changes_ones_own_profile(client_of: Browser, cast: Cast) -> None:
    client = client_of("adviser")
    client.post("/accounts/profile/", {"display_name": "顾问", "email": "a@example.org", "language": "en"})
    person = User.objects.get(pk=cast.adviser.pk)
    assert (person.display_name, person.email, person.language) == ("顾问", "a@example.org", "en")
    assert client.post("/accounts/profile/", {"display_name": "", "email": "", "language": "en"}).status_code == 422
