"""People: added, changed, closed, opened; and what each page shows to whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry

Browser = Callable[..., Client]
PEOPLE = "/accounts/people/"


def new_person(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "username": "newcomer", "display_name": "新人", "unit": str(cast.units["bureau"].public_id), "email": "", "language": "zh-hans",
    } | changes  # fmt: skip


def test_a_person_is_added_with_a_password_for_one_time(client_of: Browser, cast: Cast) -> None:
    response = client_of("system_admin").post(PEOPLE + "new/", new_person(cast))
    password = re.search(r'class="one-time">([^<]+)<', response.content.decode()).group(1)
    person = User.objects.get(username="newcomer")
    assert (response.status_code, person.must_change_password, person.check_password(password)) == (201, True, True)
    assert password not in str(Entry.objects.latest("sequence").changes)


def test_one_time_passwords_differ(client_of: Browser, cast: Cast) -> None:
    client = client_of("system_admin")
    pages = [client.post(PEOPLE + "new/", new_person(cast, username=f"newcomer{n}")).content.decode() for n in range(2)]
    assert len({re.search(r'class="one-time">([^<]+)<', page).group(1) for page in pages}) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"username": "adviser"},
        {"username": "a b"},
        {"display_name": ""},
        {"unit": ""},
        {"email": "x"},
        {"language": "fr"},
    ],
)
def test_wrong_input_is_told_and_nobody_is_added(client_of: Browser, cast: Cast, wrong: dict[str, str]) -> None:
    before = User.objects.get_queryset().count()
    assert client_of("system_admin").post(PEOPLE + "new/", new_person(cast, **wrong)).status_code == 422
    assert User.objects.get_queryset().count() == before


def test_a_person_is_changed_and_the_old_value_stays_in_the_audit(client_of: Browser, cast: Cast) -> None:
    form = new_person(cast, username="other", display_name="顾问甲", unit=str(cast.units["zone"].public_id))
    form |= {"changed_on": "2026-03-05", "reason": "更名登记", "document": "虚构人〔2026〕3 号"}
    client_of("system_admin").post(f"{PEOPLE}{cast.adviser.public_id}/edit/", form)
    person = User.objects.get(pk=cast.adviser.pk)
    assert (person.username, person.display_name, person.unit) == ("adviser", "顾问甲", cast.units["zone"])
    assert Entry.objects.latest("sequence").changes["display_name"] == {"old": cast.adviser.display_name, "new": "顾问甲"}
    said = client_of("system_admin").get(f"/audit/history/accounts.User/{person.public_id}/").content.decode()
    assert all(word in said for word in ("2026-03-05", "更名登记", "虚构人〔2026〕3 号"))


def test_a_closed_account_is_out_at_once_and_cannot_come_back(client_of: Browser, cast: Cast) -> None:
    browser = client_of("bureau_officer")
    assert browser.get("/accounts/profile/").status_code == 200
    client_of("system_admin").post(f"{PEOPLE}{cast.bureau_officer.public_id}/deactivate/")
    assert browser.get("/accounts/profile/").headers["Location"].startswith("/login/")
    response = Client().post("/login/", {"login": "bureau_officer", "password": factories.PASSWORD})
    assert "_auth_user_id" not in response.client.session


def test_a_closed_account_can_be_opened_again(client_of: Browser, cast: Cast) -> None:
    client = client_of("system_admin")
    client.post(f"{PEOPLE}{cast.adviser.public_id}/deactivate/")
    client.post(f"{PEOPLE}{cast.adviser.public_id}/reactivate/")
    assert User.objects.get(pk=cast.adviser.pk).is_active


@pytest.mark.parametrize(("name", "told"), [("system_admin", "不得对本人账号"), ("audit_admin", "将无人担任该类管理员")])
def test_oneself_and_the_last_administrator_stay(client_of: Browser, cast: Cast, name: str, told: str) -> None:
    response = client_of("system_admin").post(f"{PEOPLE}{cast.people[name].public_id}/deactivate/", follow=True)
    assert told in response.content.decode()
    assert User.objects.get(pk=cast.people[name].pk).is_active


def test_an_administrator_goes_once_there_is_another(client_of: Browser, cast: Cast) -> None:
    factories.posting(factories.person(at_unit=cast.units["province"]), "audit_admin")
    client_of("system_admin").post(f"{PEOPLE}{cast.audit_admin.public_id}/deactivate/")
    assert not User.objects.get(pk=cast.audit_admin.pk).is_active


def test_a_new_one_time_password_replaces_the_old(client_of: Browser, cast: Cast) -> None:
    response = client_of("system_admin").post(f"{PEOPLE}{cast.adviser.public_id}/reset-password/")
    password = re.search(r'class="one-time">([^<]+)<', response.content.decode()).group(1)
    person = User.objects.get(pk=cast.adviser.pk)
    assert (person.check_password(password), person.check_password(factories.PASSWORD), person.must_change_password) == (True, False, True)


def test_nobody_resets_his_own_password_here(client_of: Browser, cast: Cast) -> None:
    response = client_of("system_admin").post(f"{PEOPLE}{cast.system_admin.public_id}/reset-password/", follow=True)
    assert "不得对本人账号" in response.content.decode()


@pytest.mark.parametrize("name", ["security_admin", "audit_admin"])
def test_no_page_gives_another_administrator_a_password(client_of: Browser, cast: Cast, name: str) -> None:
    before = User.objects.get(username=name).password
    response = client_of("system_admin").post(f"{PEOPLE}{cast.people[name].public_id}/reset-password/", follow=True)
    assert "三员分立" in response.content.decode()
    assert User.objects.get(username=name).password == before


def test_the_button_for_a_password_stands_only_where_it_is_given(client_of: Browser, cast: Cast) -> None:
    browser = client_of("system_admin")
    shown = {name: browser.get(f"{PEOPLE}{cast.people[name].public_id}/").content.decode() for name in ("bureau_officer", "security_admin")}
    assert "reset-password" in shown["bureau_officer"]
    assert "reset-password" not in shown["security_admin"]


def test_an_administrator_to_be_is_refused_too_and_a_former_one_is_not(client_of: Browser, cast: Cast) -> None:
    to_be, former = factories.person("to_be", at_unit=cast.units["bureau"]), factories.person("former", at_unit=cast.units["bureau"])
    factories.posting(to_be, "audit_admin", starts_on=dt.date(2099, 1, 1))
    factories.posting(former, "audit_admin", ends_on=dt.date(2025, 1, 1))
    client = client_of("system_admin")
    statuses = [client.post(f"{PEOPLE}{person.public_id}/reset-password/").status_code for person in (to_be, former)]
    assert statuses == [302, 200]


def test_the_operator_of_the_server_gives_an_administrator_a_password_and_the_chain_tells_of_it(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("give_administrator_password", "audit_admin")
    name, password = capsys.readouterr().out.strip().split("\t")
    person = User.objects.get(username="audit_admin")
    assert (name, person.check_password(password), person.must_change_password) == ("audit_admin", True, True)
    assert Entry.objects.latest("sequence").action == "accounts.reset_password"


@pytest.mark.parametrize(("name", "why"), [("adviser", "no administrator"), ("nobody_here", "nobody has")])
def test_the_command_is_for_administrators_only(cast: Cast, name: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("give_administrator_password", name)


@pytest.mark.parametrize("verb", ["edit", "deactivate", "reactivate", "reset-password"])
def test_a_security_administrator_changes_no_people(client_of: Browser, cast: Cast, verb: str) -> None:
    assert client_of("security_admin").post(f"{PEOPLE}{cast.adviser.public_id}/{verb}/").status_code == 403


@pytest.mark.parametrize("verb", ["deactivate", "reactivate", "reset-password"])
def test_actions_are_not_done_by_opening_a_link(client_of: Browser, cast: Cast, verb: str) -> None:
    assert client_of("system_admin").get(f"{PEOPLE}{cast.adviser.public_id}/{verb}/").status_code == 405


def test_somebody_of_another_region_is_not_found(client_of: Browser, cast: Cast) -> None:
    assert client_of("bureau_leader").get(f"{PEOPLE}{cast.other_officer.public_id}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"text": "officer"}, 6),
        ({"role": "bureau_leader"}, 2),
        ({"state": "inactive"}, 0),
        ({"text": "officer", "role": "bureau_officer"}, 2),
    ],
)
def test_people_are_found_by_name_role_and_state(client_of: Browser, query: dict[str, str], count: int) -> None:
    assert f"共 {count} 条" in client_of("system_admin").get(PEOPLE, query).content.decode()


def test_people_of_a_unit_are_those_below_it_too(client_of: Browser, cast: Cast) -> None:
    page = client_of("system_admin").get(PEOPLE, {"unit": cast.units["county"].public_id}).content.decode()
    assert "共 2 条" in page
    assert "临溪县" in page


def test_the_export_holds_what_the_filter_left(client_of: Browser, cast: Cast) -> None:
    response = client_of("bureau_leader").get(PEOPLE + "export/", {"role": "adviser"})
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == ["用户名", "adviser"]
    assert Entry.objects.latest("sequence").changes == {"filter": "role=adviser", "rows": 1}


@pytest.mark.parametrize("more", [0, 40])
def test_a_list_costs_the_same_number_of_queries_however_long(client_of: Browser, cast: Cast, more: int) -> None:
    for _ in range(more):
        factories.posting(factories.person(at_unit=cast.units["bureau"]), "bureau_officer")
    client = client_of("system_admin")
    client.get(PEOPLE)
    with CaptureQueriesContext(connection) as queries:
        client.get(PEOPLE)
    # session, person, own postings, units of the filter, count, page, postings of the page, saved views, unread messages
    assert len(queries) == 9


def test_a_page_of_a_list_neither_skips_nor_repeats_anybody(client_of: Browser, cast: Cast) -> None:
    for _ in range(60):
        factories.person(at_unit=cast.units["bureau"], display_name="同名")
    client = client_of("system_admin")
    found = [re.findall(r'people/([0-9a-f-]{36})/"', client.get(PEOPLE, {"sort": "-name", "page": n}).content.decode()) for n in (1, 2)]
    assert len(found[0]) == 50
    assert len(set(found[0] + found[1])) == 60 + len(cast.people)


@pytest.mark.parametrize(("name", "status"), [("bureau_leader", 200), ("system_admin", 200), ("bureau_officer", 403), ("adviser", 403)])
def test_who_may_export_people_sees_the_button_and_nobody_else_gets_the_file(client_of: Browser, name: str, status: int) -> None:
    client = client_of(name)
    response = client.get(PEOPLE + "export/")
    assert response.status_code == status
    b"".join(response.streaming_content if response.streaming else ())
    button = f'href="{PEOPLE}export/'
    assert (button in client.get(PEOPLE).content.decode()) is (status == 200)


def test_the_filter_by_role_reveals_no_posting_that_may_not_be_seen(client_of: Browser, cast: Cast) -> None:
    person = factories.person("two_places", at_unit=cast.units["bureau"])
    factories.posting(person, "county_officer", unit=cast.units["other_bureau"])
    assert "two_places" in client_of("bureau_officer").get(PEOPLE).content.decode()
    assert "two_places" not in client_of("bureau_officer").get(PEOPLE, {"role": "county_officer"}).content.decode()
    assert "two_places" in client_of("system_admin").get(PEOPLE, {"role": "county_officer"}).content.decode()
