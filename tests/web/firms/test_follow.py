"""A firm is followed, stands on one's list, and is let go again; each is an entry of the audit chain."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm, Follow


def follow(client: Client, name: str = fictional.TARGET) -> object:
    return client.post(f"/firms/{fictional.firm_id(name)}/follow/")


def test_following_makes_a_row_for_the_firm_and_one_for_the_person(officer: Client) -> None:
    assert follow(officer).status_code == 302

    assert Firm.objects.get().name == fictional.TARGET
    assert Follow.objects.get().user.username == "bureau_officer"


def test_it_is_recorded_once_even_when_repeated(officer: Client) -> None:
    follow(officer)
    follow(officer)

    assert Follow.objects.count() == 1
    assert list(Entry.objects.filter(action__startswith="firms.").order_by("sequence").values_list("action", flat=True)) == [
        "firms.take_on",
        "firms.follow",
    ]


def test_the_list_holds_ones_own_firms_only(officer: Client, client_of: Callable[[str], Client]) -> None:
    follow(officer)

    assert fictional.TARGET in officer.get("/firms/followed/").content.decode()
    assert fictional.TARGET not in client_of("bureau_leader").get("/firms/followed/").content.decode()


def test_an_empty_list_offers_the_first_step(officer: Client) -> None:
    assert "尚未关注企业" in officer.get("/firms/followed/").content.decode()


def test_letting_go_keeps_the_firm_and_drops_the_mark(officer: Client) -> None:
    follow(officer)

    officer.post(f"/firms/{fictional.firm_id(fictional.TARGET)}/unfollow/", {"next": "followed"})

    assert Firm.objects.count() == 1 and Follow.objects.count() == 0
    assert Entry.objects.filter(action="firms.unfollow").count() == 1


def test_letting_go_of_what_is_not_followed_changes_nothing(officer: Client) -> None:
    officer.post(f"/firms/{fictional.firm_id(fictional.TARGET)}/unfollow/")

    assert not Entry.objects.filter(action__startswith="firms.").exists()


def test_an_unknown_firm_cannot_be_followed(officer: Client) -> None:
    assert officer.post("/firms/nobody/follow/").status_code == 404
    assert Firm.objects.count() == 0


def test_reading_does_not_follow(officer: Client) -> None:
    assert officer.get(f"/firms/{fictional.firm_id(fictional.TARGET)}/follow/").status_code == 405


@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_firms_cannot_follow_one(client_of: Callable[[str], Client], name: str, status: int) -> None:
    assert client_of(name).post(f"/firms/{fictional.firm_id(fictional.TARGET)}/follow/").status_code == status
    assert Follow.objects.count() == 0


def test_a_leavers_firms_go_to_a_colleague_who_keeps_each_once(cast: Cast) -> None:
    leaver, colleague, by = cast.bureau_officer, cast.bureau_leader, cast.system_admin
    for name in (fictional.TARGET, fictional.FORMULA):
        adoption.follow(firm_id=fictional.firm_id(name), by=leaver, at=factories.AT)
    adoption.follow(firm_id=fictional.firm_id(fictional.TARGET), by=colleague, at=factories.AT)

    assert adoption.hand_over_follows(from_user=leaver, to_user=colleague, by=by, at=factories.AT) == 1
    assert set(Follow.objects.filter(user=colleague).values_list("firm__name", flat=True)) == {fictional.TARGET, fictional.FORMULA}
    assert not Follow.objects.filter(user=leaver).exists()


def test_firms_that_the_colleague_follows_already_are_dropped_and_that_is_recorded(cast: Cast) -> None:
    leaver, colleague = cast.bureau_officer, cast.bureau_leader
    for person in (leaver, colleague):
        adoption.follow(firm_id=fictional.firm_id(fictional.TARGET), by=person, at=factories.AT)

    assert adoption.hand_over_follows(from_user=leaver, to_user=colleague, by=cast.system_admin, at=factories.AT) == 0
    assert not Follow.objects.filter(user=leaver).exists()
    assert Entry.objects.get(action="firms.hand_over_follows").changes == {"from": str(leaver), "moved": 0, "dropped": 1}


def test_who_may_not_see_firms_follows_none_whatever_the_way_in(cast: Cast) -> None:
    firm_id = fictional.firm_id(fictional.TARGET)
    for act in (adoption.follow, adoption.unfollow, adoption.take_on):
        with pytest.raises(adoption.NotAllowed):
            act(firm_id=firm_id, by=cast.no_role, at=factories.AT)
    assert not Entry.objects.filter(action__startswith="firms.").exists()


def test_who_may_not_change_people_hands_nothing_over(cast: Cast) -> None:
    with pytest.raises(adoption.NotAllowed):
        adoption.hand_over_follows(from_user=cast.other_officer, to_user=cast.bureau_officer, by=cast.bureau_officer, at=factories.AT)


def test_a_long_list_of_followed_firms_sorts_and_comes_in_pages(officer: Client, cast: Cast) -> None:
    for number in range(60):
        firm = Firm.objects.create(firm_id=f"X-{number:06X}", name=f"企业{number:02d}", build_id="b", taken_on_at=factories.AT)
        Follow.objects.create(user=cast.bureau_officer, firm=firm, followed_at=factories.AT)

    pages = [officer.get("/firms/followed/", {"sort": "name", "page": number}).context["follows"] for number in (1, 2)]
    assert [len(page) for page in pages] == [50, 10]
    assert [mark.firm.name for page in pages for mark in page] == [f"企业{number:02d}" for number in range(60)]
