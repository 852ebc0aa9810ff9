"""People at firms: kept for a reason and a time, seen by the unit that noted them, contact data masked, erased for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.firms.models import Person, Position

PAGE = f"/firms/{fictional.firm_id(fictional.TARGET)}/"
PHONE, EMAIL = "13900001234", "someone@example.com"


def note(client: Client, **more: str) -> Client:
    values = {
        "name": "柳某某", "title": "总经理", "phone": PHONE, "email": EMAIL, "purpose": "promotion", "basis": "consent",
        "consent_source": "推介会交换名片", "consented_on": "2026-01-10", "retain_until": "2029-01-10",
    } | more  # fmt: skip
    return client.post(PAGE + "people/new/", values)


@pytest.fixture
def person(officer: Client) -> Person:
    assert note(officer).status_code == 302  # type: ignore[attr-defined]
    return Person.objects.get()


def test_the_page_shows_position_and_basis_and_masks_the_rest(officer: Client, person: Person) -> None:
    for address in (PAGE, f"/firms/people/{person.public_id}/"):
        said = officer.get(address).content.decode()
        assert "柳某某" in said and "总经理" in said and "本人同意" in said
        assert "139****1234" in said and PHONE not in said and EMAIL not in said


def test_contact_data_in_full_leaves_an_entry(officer: Client, person: Person) -> None:
    said = officer.post(f"/firms/people/{person.public_id}/reveal/").content.decode()

    assert PHONE in said and EMAIL in said
    assert Entry.objects.get(action="firms.reveal_person").object_id == str(person.public_id)


@pytest.mark.parametrize("name", ["other_officer", "other_leader", "park_officer", "department_officer", "adviser"])
def test_nobody_else_sees_the_person(client_of: Callable[[str], Client], person: Person, name: str) -> None:
    client = client_of(name)
    for verb in ("", "reveal/", "edit/", "erase/"):
        assert client.get(f"/firms/people/{person.public_id}/{verb}").status_code in {403, 404, 405}
        assert client.post(f"/firms/people/{person.public_id}/{verb}", {}).status_code in {403, 404, 405}
    assert "柳某某" not in client.get(PAGE).content.decode()


def test_a_leader_above_sees_the_person(client_of: Callable[[str], Client], person: Person) -> None:
    assert "柳某某" in client_of("bureau_leader").get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"consented_on": "2090-01-01", "retain_until": "2090-02-01"}, "依据日期尚未到来"),
        ({"retain_until": "2026-02-01"}, "留存期限已过"),
        ({"retain_until": "2060-01-01"}, "超过规则允许的一次最长留存期限"),
        ({"consent_source": ""}, "必填"),
        ({"consented_on": "2026-01-10", "retain_until": "2026-01-10"}, "留存至须晚于依据日期"),
    ],
)
def test_without_a_reason_or_for_too_long_nobody_is_kept(officer: Client, values: dict[str, str], told: str) -> None:
    answer = note(officer, **values)

    assert answer.status_code == 422 and told in answer.content.decode()  # type: ignore[attr-defined]
    assert not Person.objects.exists()
    assert "person_kept_after_consent" not in answer.content.decode()  # type: ignore[attr-defined]


def test_a_correction_names_the_fields_and_not_what_stands_in_them(officer: Client, person: Person) -> None:
    values = {
        "name": "柳某某", "title": "董事长", "phone": "13900009999", "purpose": "service", "basis": "consent", "consent_source": "来函",
        "consented_on": "2026-01-10", "retain_until": "2030-01-10",
    }  # fmt: skip

    assert officer.post(f"/firms/people/{person.public_id}/edit/", values).status_code == 302

    person.refresh_from_db()
    assert person.phone == "13900009999" and person.positions.get().title == "董事长"
    entry = Entry.objects.get(action="firms.change_person")
    assert set(entry.changes["fields"]) == {"phone", "email", "purpose", "consent_source", "retain_until", "title"}


def test_erasing_leaves_nothing_personal_anywhere(officer: Client, person: Person) -> None:
    assert officer.post(f"/firms/people/{person.public_id}/erase/", {"reason": "本人要求"}).status_code == 302

    person.refresh_from_db()
    assert all(getattr(person, name) == "" for name in Person.PERSONAL) and person.erased_at
    assert not Position.objects.exists()
    assert officer.get(f"/firms/people/{person.public_id}/").status_code == 404
    trail = str(list(Entry.objects.values_list("changes", "object_label")))
    assert not any(word in trail for word in ("柳某某", PHONE, EMAIL))


def test_erasing_wants_a_reason(officer: Client, person: Person) -> None:
    assert officer.post(f"/firms/people/{person.public_id}/erase/", {}).status_code == 422
    person.refresh_from_db()
    assert person.name == "柳某某"


def test_the_personal_fields_are_declared(cast: Cast) -> None:
    fields = {field.name for field in Person._meta.get_fields()}
    assert set(Person.PERSONAL) <= fields and {"purpose", "basis", "consent_source", "retain_until"} <= fields


def test_opening_the_form_shows_contact_data_in_full_and_leaves_an_entry(officer: Client, person: Person) -> None:
    assert PHONE in officer.get(f"/firms/people/{person.public_id}/edit/").content.decode()

    assert Entry.objects.get(action="firms.reveal_person").object_id == str(person.public_id)


def test_a_reason_that_names_the_person_keeps_nothing_of_him(officer: Client, person: Person) -> None:
    officer.post(f"/firms/people/{person.public_id}/erase/", {"reason": f"柳某某来电{PHONE}要求删除"})

    assert Entry.objects.get(action="firms.erase_person").changes["reason"] == "***来电***要求删除"
    told = "".join(str(entry.changes) + entry.object_label for entry in Entry.objects.all())
    assert not any(word in told for word in ("柳某某", PHONE, EMAIL, "总经理"))


def test_of_several_positions_the_one_shown_is_changed_and_two_alike_become_one(officer: Client, person: Person) -> None:
    Position.objects.create(person=person, firm=person.positions.get().firm, title="董事")
    values = {"name": "柳某某", "purpose": "promotion", "basis": "consent", "consent_source": "名片", "consented_on": "2026-01-10",
              "retain_until": "2029-01-10"}  # fmt: skip
    shown = person.positions.first()
    assert shown is not None
    (kept,) = {"董事", "总经理"} - {shown.title}
    assert officer.post(f"/firms/people/{person.public_id}/edit/", values | {"title": "顾问"}).status_code == 302
    assert set(person.positions.values_list("title", flat=True)) == {"顾问", kept}
    shown = person.positions.first()
    (kept,) = {"顾问", kept} - {shown.title if shown else ""}
    assert officer.post(f"/firms/people/{person.public_id}/edit/", values | {"title": kept}).status_code == 302
    assert list(person.positions.values_list("title", flat=True)) == [kept]


@pytest.mark.parametrize("name", ["other_officer", "other_leader", "park_officer", "department_officer", "adviser"])
def test_no_way_leads_another_unit_to_the_person(client_of: Callable[[str], Client], officer: Client, person: Person, name: str) -> None:
    client, firm_id = client_of(name), fictional.firm_id(fictional.TARGET)
    compare = "/firms/compare/?a=" + firm_id + "&b=" + fictional.firm_id(fictional.TARGET_BRANCH)
    for address in (
        PAGE, compare, f"/api/firms/{firm_id}", "/firms/?q=柳某某", f"/firms/?q={PHONE}", f"/firms/export/?q={fictional.TARGET}",
        f"/chains/of-firm/{firm_id}/", f"/leads/of-firm/{firm_id}/", f"{PAGE}figures/",
    ):  # fmt: skip
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        told = body.decode("utf-8", "ignore").replace(address, "")
        assert "139****1234" not in told and "总经理" not in told and EMAIL not in told
        assert "柳某某" not in told or "q=柳某某" in address
