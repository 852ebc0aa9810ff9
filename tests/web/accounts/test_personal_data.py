"""Personal data: declared by the rooms, listed with figures and no contents, given to the person himself, erased after he left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.accounts.actions import oneself, people, tokens
from wutong.web.accounts.models import ApiToken, LoginSession, PromotionOfficer, SavedView, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.firms.models import Person, Position
from wutong.web.jobs import actions as jobs
from wutong.web.journal.models import Reminding
from wutong.web.lib import hooks

Browser = Callable[..., Client]
PAGE = "/accounts/personal-data/"
TELLING = {"phone", "mobile", "email", "display_name", "id_number", "wechat"}


def telling_fields(found: Iterable[type[models.Model]]) -> set[tuple[str, str]]:
    """Fields of rooms that by their name or type hold something about a person."""
    ours = [model for model in found if model.__module__.startswith("wutong.")]
    return {
        (model._meta.label, field.name)
        for model in ours
        for field in model._meta.local_fields
        if field.name in TELLING or isinstance(field, models.EmailField)
    }


def gettext_in_english(text: Any) -> str:
    with translation.override("en"):
        return str(text)


def declared() -> set[tuple[str, str]]:
    return {(one.model, name) for one in hooks.collect("PERSONAL") for name in one.fields}


def test_every_field_about_a_person_is_declared_with_purpose_basis_and_time() -> None:
    assert telling_fields(apps.get_models()) and telling_fields(apps.get_models()) - declared() == set()
    for one in hooks.collect("PERSONAL"):
        assert one.purpose and one.basis and one.kept and one.erasing and one.labels()
        names = {field.name for field in apps.get_model(one.model)._meta.get_fields()}
        assert set(one.fields) | ({one.until} if one.until else set()) <= names
        assert (one.of_user is None) == (one.erasure is None), one
        is_said = "erased after the account is closed" in gettext_in_english(one.erasing)
        assert is_said == (one.erasure in {"deleted", "emptied"}), one


def test_a_field_that_nobody_declares_would_be_found() -> None:
    class Meta:
        app_label = "audit"
        managed = False

    planted = type(
        "Planted2", (models.Model,), {"__module__": "wutong.web.audit.models", "phone": models.CharField(max_length=9), "Meta": Meta}
    )
    try:
        assert telling_fields([planted]) - declared() == {("audit.Planted2", "phone")}
    finally:
        apps.all_models["audit"].pop("planted2")
        apps.clear_cache()


def contact(cast: Cast, **more: Any) -> Person:
    values = {
        "name": "柳某某", "phone": "13900001234", "purpose": "promotion", "basis": "consent", "consent_source": "名片",
        "consented_on": dt.date(2024, 1, 1), "retain_until": dt.date(2099, 1, 1), "unit": cast.units["bureau"],
        "noted_by": cast.bureau_officer, "noted_at": factories.AT,
    } | more  # fmt: skip
    return Person.objects.create(**values)


def test_the_page_tells_how_many_until_when_and_shows_nobody(client_of: Browser, cast: Cast) -> None:
    contact(cast), contact(cast, retain_until=dt.date(2026, 3, 1))
    contact(cast, name="", phone="", consent_source="", erased_at=factories.AT)
    response = client_of("security_admin").get(PAGE)
    kinds = {kind.declared.model: kind for kind in response.context["kinds"]}
    people = kinds["firms.Person"]
    assert (people.count, people.overdue_count, people.next_end_on) == (2, 1, dt.date(2099, 1, 1))
    assert kinds["accounts.User"].count == len(cast.people)
    page = response.content.decode()
    assert "柳某某" not in page and "13900001234" not in page and "个人信息" in page


@pytest.mark.parametrize("name", ["system_admin", "audit_admin", "bureau_leader", "no_role"])
def test_the_page_is_for_whoever_answers_for_personal_data(client_of: Browser, name: str) -> None:
    assert client_of(name).get(PAGE).status_code == 403


@pytest.mark.parametrize("more", [0, 20])
def test_the_page_costs_the_same_number_of_queries_however_much_is_held(client_of: Browser, cast: Cast, more: int) -> None:
    for _ in range(more):
        contact(cast), factories.officer(factories.person(at_unit=cast.units["zone"]))
    client = client_of("security_admin")
    with CaptureQueriesContext(connection) as found:
        client.get(PAGE)
    kinds = hooks.collect("PERSONAL")
    assert len(found) == 4 + len(kinds) + 2 * sum(bool(kind.until) for kind in kinds)  # log-in, messages; a count each; more with last days


def test_everybody_gets_what_is_held_of_himself_and_of_nobody_else(client_of: Browser, cast: Cast) -> None:
    factories.officer(cast.adviser)
    oneself.save_view(page="/firms/", name="常看", query="q=1", by=cast.adviser, at=factories.AT)
    oneself.save_view(page="/firms/", name="别人的", query="q=2", by=cast.bureau_officer, at=factories.AT)
    response = client_of("adviser").get(PAGE + "mine/")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()[1:]
    said = {row[2] for row in rows}
    assert {"adviser", str(cast.adviser), "常看", "招商实务", "policy-land"} <= said
    assert "别人的" not in said and str(cast.bureau_officer) not in said
    assert Entry.objects.filter(action="accounts.export_own_data", by=cast.adviser).exists()


def cells(response: Any) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()[1:]


def test_whoever_asks_gets_what_rooms_hold_of_a_person_outside_the_office(client_of: Browser, cast: Cast) -> None:
    held, other = contact(cast, email="liu@example.cn"), contact(cast, name="柳某某某", phone="13900009999")
    Position.objects.create(person=held, firm=factories.firm(), title="总经理")
    client, address = client_of("security_admin"), PAGE + "of-a-person/"
    for asked in ("柳某某", "13900001234", " LIU@example.cn "):
        said = {row[2] for row in cells(client.post(address, {"who": asked, "reason": "本人书面申请"}))}
        assert {"柳某某", "13900001234", "liu@example.cn", "总经理", "名片", str(cast.units["bureau"])} <= said and other.phone not in said
    entry = Entry.objects.filter(action="accounts.export_subject_data").latest("pk")
    assert entry.changes["records"][0] == f"firms.Person:{held.public_id}" and entry.changes["reason"] == "本人书面申请"
    assert "柳" not in str(entry.changes) + entry.object_label
    nobody = client.post(address, {"who": "柳", "reason": "x"})
    assert nobody.status_code == 422 and Entry.objects.filter(action="accounts.export_subject_data").count() == 4


def test_an_address_in_ones_profile_opens_nothing_that_a_unit_noted_under_it(client_of: Browser, cast: Cast) -> None:
    contact(cast, name="同事", email="me@example.org")
    User.objects.filter(pk=cast.adviser.pk).update(email="me@example.org")
    assert "同事" not in {row[2] for row in cells(client_of("adviser").get(PAGE + "mine/"))}


@pytest.mark.parametrize("name", ["system_admin", "audit_admin", "bureau_leader", "no_role"])
def test_what_is_held_of_others_is_for_whoever_answers_for_personal_data(client_of: Browser, name: str) -> None:
    assert client_of(name).get(PAGE + "of-a-person/").status_code == 403


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ()),
        ({"is_active": True}, (Refusal.STILL_ACTIVE,)),
        ({"is_self": True}, (Refusal.OWN_ACCOUNT,)),
        ({"reason": " "}, (Refusal.NO_REASON,)),
    ],
)
def test_who_is_erased(facts: dict[str, Any], expected: tuple[Refusal, ...]) -> None:
    assert people_rules.refusals_to_erase(**{"is_active": False, "is_self": False, "reason": "本人要求"} | facts) == expected


def test_who_left_is_erased_and_what_he_did_keeps_its_name(client_of: Browser, cast: Cast) -> None:
    me = cast.adviser
    User.objects.filter(pk=me.pk).update(email="me@example.org")
    factories.officer(me), oneself.save_view(page="/firms/", name="常看", query="", by=me, at=factories.AT)
    User.objects.filter(pk=me.pk).update(last_login=factories.AT), PromotionOfficer.objects.update(note="擅长德语")
    LoginSession.objects.create(user=me, key="k", started_at=factories.AT, used_at=factories.AT, ip="10.1.2.3", device="Firefox")
    ApiToken.objects.create(user=me, name="报表", digest="d", begins_with="wutong_x", made_at=factories.AT, ends_on=dt.date(2027, 1, 1))
    Reminding.objects.create(user=me, digest_hour=9)
    jobs.tell(to=me, key="x", words=lambda: ("您有新待办", "约见柳某某"), by=None, at=factories.AT)
    batch = ImportBatch.objects.create(kind="accounts.people", by=me, unit=me.unit, file_name="x", sha256="x", size_bytes=1,
                                       uploaded_at=factories.AT)  # fmt: skip
    for label, was in (("accounts.User", {"email": "old@example.org"}), ("accounts.User", None), ("accounts.Unit", {"name_zh": "x"})):
        ImportedRecord.objects.create(batch=batch, row=2, label=label, record_id=me.pk, was=was, digest="x")
    assert any("old@example.org" in fact.value for fact in queries.own_data(me))
    to_go = [one for one in hooks.collect("PERSONAL") if one.erasure in {"deleted", "emptied"}]
    assert [one.model for one in to_go if not (one.held() & one.of(me)).exists()] == [], "the test fills every kind that is erased"
    client, address = client_of("system_admin"), f"/accounts/people/{me.public_id}/erase/"
    assert client.post(address, {"reason": "本人要求"}).status_code == 422  # still there
    people.deactivate(user=me, by=None, at=factories.AT, on=dt.date(2026, 3, 5))
    assert "180 天" in client.get(address).content.decode()
    assert client.post(address, {"reason": "本人要求"}).status_code == 302
    assert ImportedRecord.objects.count() == 2
    person = User.objects.get(pk=me.pk)
    assert (person.email, person.display_name) == ("", me.display_name)
    assert not SavedView.objects.filter(user=me).exists()
    officer = PromotionOfficer.objects.get(user=me)
    assert (officer.note, officer.trainings.count(), officer.skills.count()) == ("", 0, 0)
    assert [one.model for one in to_go if (one.held() & one.of(person)).exists()] == []
    left = {fact.kind for fact in queries.own_data(person)}
    assert "常用视图" not in left and "培训" not in left
    erased = Entry.objects.get(action="accounts.erase_user").changes["erased"]
    assert len(erased) == len(to_go) and set(erased.values()) == {1}, erased


@pytest.mark.parametrize("name", ["security_admin", "bureau_leader", "no_role"])
def test_only_the_system_administrator_erases(client_of: Browser, cast: Cast, name: str) -> None:
    assert client_of(name).post(f"/accounts/people/{cast.adviser.public_id}/erase/", {"reason": "x"}).status_code == 403


def test_the_audit_keeps_an_address_and_a_note_encrypted_until_the_person_is_erased(
    cast: Cast, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from wutong.web.accounts.actions import officers
    from wutong.web.audit import queries as chain
    from wutong.web.audit.models import PersonalKey
    from wutong.web.lib import health

    settings.AUDIT_ANCHORS = tmp_path
    on = factories.AT.date()
    user = factories.person("leaver", at_unit=cast.units["bureau"], email="first@example.cn")
    user = people.change_user(user=user, email="second@example.cn", display_name="新名", by=None, at=factories.AT)
    oneself.change_own_profile(by=user, email="third@example.cn", at=factories.AT)
    officers.list_officer(user=user, since_on=on, skills=(), note="擅长德语", by=None, at=factories.AT)
    officer = officers.list_officer(user=user, since_on=on, skills=("policy-land",), note="擅长德语", by=None, at=factories.AT)
    noted = officers.note_training(officer=officer, title="谈判实务", provider="市委党校", held_on=on, length_days=Decimal(1), by=None,
                                   at=factories.AT)  # fmt: skip
    officers.drop_training(training=noted, by=None, at=factories.AT)
    view = oneself.save_view(page="/firms/", name="私下看", query="q=液压", by=user, at=factories.AT)
    oneself.drop_view(view=view, by=user, at=factories.AT)
    factories.posting(user, "bureau_officer")
    user = User.objects.get(pk=user.pk)
    made = tokens.make(user=user, name="家里电脑", permissions=[], may_write=False, ends_on=dt.date(2026, 3, 9), at=factories.AT)[0]
    tokens.revoke(token=made, by=user, at=factories.AT)
    told = ("example.cn", "德语", "policy-land", "谈判", "党校", "私下看", "液压", "家里电脑")
    clear = str(list(Entry.objects.values_list("changes", "object_label", "personal")))
    assert [word for word in told if word in clear] == [] and "新名" in clear
    held = str(chain.personal_changes(list(Entry.objects.all())))
    assert all(word in held for word in ("first@", "second@", "third@", *told))
    people.deactivate(user=user, by=None, at=factories.AT, on=on)
    with django_capture_on_commit_callbacks(execute=True):
        people.erase_user(user=user, reason="本人申请", by=None, at=factories.AT)
    assert chain.personal_changes(list(Entry.objects.all())) == {}
    assert chain.come_back() == []
    PersonalKey.objects.filter(pk=f"accounts.User:{user.public_id}").update(erased_at=None, secret="x")  # as an old backup would
    assert [str(user.public_id) in one and "新名" in one for one in chain.come_back()] == [True]
    found = {one.code: one.text for one in health.findings(factories.AT)}
    assert "新名" in found["audit.erased"]
