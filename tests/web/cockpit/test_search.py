"""The one search: everything that rooms offer, by any way of typing it, and nothing that the person may not see."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

import factories
import fictional
from cast import PEOPLE, Cast
from wutong.web.accounts.models import PromotionOfficer, Unit, User
from wutong.web.cockpit.queries import search as queries
from wutong.web.firms.actions import adoption, contacts, remarks
from wutong.web.firms.models import Firm, Person
from wutong.web.firms.rules import Basis, Purpose
from wutong.web.leads.actions import making
from wutong.web.leads.models import TargetList
from wutong.web.lib import hooks

Browser = Callable[..., Client]
NAME, CODE_NAME = "松涛隔膜绝密清单", "寒露"


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()


@pytest.fixture
def records(cast: Cast) -> dict[str, Any]:
    """One of everything, of the bureau; a confidential list beside."""
    me = cast.bureau_officer
    firm = adoption.take_on(firm_id=fictional.firm_id(fictional.TARGET), by=me, at=factories.AT)
    remarks.note_name(firm_id=firm.firm_id, kind="former", name="飞燕机械厂", source="走访", by=me, at=factories.AT)
    on = factories.AT.date()
    person = contacts.note_person(
        firm_id=firm.firm_id, title="董事长", name="欧阳梧", phone="13900001111", purpose=Purpose.PROMOTION, basis=Basis.CONSENT,
        consent_source="名片", consented_on=on, retain_until=on + dt.timedelta(days=300), by=me, at=factories.AT, on=on,
    )  # fmt: skip
    kept = factories.target_list(me, title=NAME)
    making.keep_confidential(target_list=kept, code_name=CODE_NAME, by=me, at=factories.AT)
    return {
        "firm": firm,
        "person": person,
        "open": factories.target_list(me, title="液压缸目标企业"),
        "kept": kept,
        "officer": factories.officer(me),
    }


def found(who: User, text: str) -> dict[str, list[str]]:
    """Names of the hits by kind, for a person as he is now."""
    answer = queries.search(User.objects.get(pk=who.pk), text, most=50)
    return {group.kind.code: [hit.name for hit in group.hits] for group in answer.groups}


TYPED = (
    ("重液", "firms.firm", fictional.TARGET),
    ("飞燕机械", "firms.firm", fictional.TARGET),
    ("白榆重叶机械", "firms.firm", fictional.TARGET),
    ("byzy", "firms.firm", fictional.TARGET),
    ("密", "firms.registry", "青桐天合密封件有限公司"),
    ("tianhemifengjian", "firms.registry", "青桐天合密封件有限公司"),
    ("青桐天和密封", "firms.registry", "青桐天合密封件有限公司"),
    ("青桐天合密封口有限公司", "firms.registry", "青桐天合密封件有限公司"),
    ("yeyagang", "firms.product", "液压缸"),
    ("xjzb", "chains.chain", "先进装备"),
    ("yeyagangmubiao", "leads.list", "液压缸目标企业"),
    ("欧阳", "firms.person", "欧阳梧"),
    ("干部06", "accounts.user", "干部06"),
    ("zhaoshangju", "accounts.unit", "青桐市招商局"),
    ("yongdizhengce", "accounts.officer", "干部06"),
)


def test_each_kind_is_found_as_people_type(cast: Cast, records: dict[str, Any]) -> None:
    for text, kind, name in TYPED:
        hits = found(cast.bureau_officer, text)
        assert any(name in hit for hit in hits.get(kind, [])), (text, hits)


def test_a_credit_code_finds_the_firm_and_says_so(cast: Cast, records: dict[str, Any]) -> None:
    code = records["firm"].uscc
    (group, *_) = queries.search(cast.bureau_officer, code).groups
    assert [(hit.name, hit.other) for hit in group.hits] == [(fictional.TARGET, code)]


def test_what_stands_above_already_is_not_repeated_but_counted(cast: Cast, records: dict[str, Any]) -> None:
    groups = {group.kind.code: group for group in queries.search(cast.bureau_officer, "白榆重液机械有限公司").groups}
    assert groups["firms.registry"].total == 2
    assert [hit.name for hit in groups["firms.registry"].hits] == [fictional.TARGET_BRANCH]


def test_nobody_finds_what_he_may_not_see(cast: Cast, records: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody of the cast searches for everything; each hit must be a row that `visible_to` gives him."""
    rows = {
        "firms.firm": (Firm, "name", "firm_id"), "firms.person": (Person, "name", "public_id"),
        "leads.list": (TargetList, "title", "public_id"),
        "accounts.user": (User, "display_name", "public_id"), "accounts.unit": (Unit, "name_zh", "public_id"),
        "accounts.officer": (PromotionOfficer, "user__display_name", "user__public_id"),
    }  # fmt: skip
    texts = {"干部", "清单", "市", "机械", "欧阳", "目标", "hl", CODE_NAME, NAME, fictional.TARGET}
    tried, seen = 0, set()
    for name, _unit, _role in PEOPLE:
        who = User.objects.get(pk=cast.people[name].pk)
        seen_by = {
            code: {str(key) for key in model.objects.visible_to(who).values_list(key, flat=True)} for code, (model, _, key) in rows.items()
        }
        for kind in queries.kinds_of(who):
            hits = [hit for text in texts for hit in kind.search(who, text, 0, 50).rows] if kind.code in rows else ()
            tried += len(hits)
            seen |= {(name, kind.code)} if hits else set()
            leaks = [hit for hit in hits if hit.address.rstrip("/").rpartition("/")[2] not in seen_by[kind.code]]
            assert not leaks, f"{name} found {leaks}"
    with capsys.disabled():
        print(f"\nsearch: {len(PEOPLE)} people x {len(texts)} texts, {tried:,} hits, 0 leaks")  # noqa: T201
    assert {code for _, code in seen} == set(rows)
    assert not [code for person, code in seen if person == "no_role"]


def test_a_confidential_list_is_found_by_its_code_name_alone_and_by_who_knows_it(cast: Cast, records: dict[str, Any]) -> None:
    (kind,) = (kind for kind in hooks.search_kinds() if kind.code == "leads.list")
    for text in (NAME, "松涛", "sttgm", "绝密"):
        assert [kind.search(person, text, 0, 9).total for person in cast.people.values()] == [0] * len(PEOPLE), text
    assert found(cast.bureau_officer, CODE_NAME)["leads.list"] == [CODE_NAME]
    assert "leads.list" not in found(cast.bureau_leader, CODE_NAME)


def test_the_page_groups_links_and_marks(client_of: Browser, records: dict[str, Any]) -> None:
    page = client_of("bureau_officer").get("/search/", {"q": "重液"}).content.decode()
    assert "白榆<mark>重液</mark>机械有限公司" in page
    assert "/firms/?q=%E9%87%8D%E6%B6%B2" in page
    assert "/search/?q=%E9%87%8D%E6%B6%B2&amp;kind=firms.firm" in page


def test_while_typing_only_the_suggestions_come(client_of: Browser, records: dict[str, Any]) -> None:
    part = client_of("bureau_officer").get("/search/", {"q": "重液"}, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="suggestions"')
    assert "<html" not in part


def test_a_page_of_one_kind_goes_on(client_of: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 10)
    officer = client_of("bureau_officer")
    shown = [officer.get("/search/", {"q": "便民商店", "kind": "firms.registry", "page": number}).context["group"] for number in (1, 4, 99)]
    assert [(group.total, len(group.hits)) for group in shown] == [(40, 10)] * 3
    assert shown[1].hits == shown[2].hits != shown[0].hits


def test_odd_questions_are_answered(client_of: Browser) -> None:
    officer = client_of("bureau_officer")
    for query in ("", "?q=", "?q=%20", "?q=%00%00", "?q=" + "梧" * 300, "?q=[(*", "?kind=leads.list&q=x"):
        assert officer.get(f"/search/{query}").status_code == 200, query


def test_what_is_no_kind_for_this_person_is_not_there(client_of: Browser, cast: Cast) -> None:
    assert client_of("bureau_officer").get("/search/", {"q": "x", "kind": "nothing"}).status_code == 404
    assert client_of("department_officer").get("/search/", {"q": "x", "kind": "firms.person"}).status_code == 404
    assert client_of("no_role").get("/search/", {"q": "重液"}).context["answer"].kinds == ()
    assert client_of("bureau_officer").post("/search/").status_code == 405


def test_the_search_answers_where_no_build_serves(client_of: Browser, records: dict[str, Any], settings: Any, tmp_path: Any) -> None:
    settings.WAREHOUSE = tmp_path
    groups = client_of("bureau_officer").get("/search/", {"q": "重液"}).context["answer"].groups
    assert [group.kind.code for group in groups] == ["firms.firm"]


def test_the_api_tells_the_same(client_of: Browser, records: dict[str, Any]) -> None:
    told = client_of("bureau_officer").get("/api/search", {"q": "yeyagangmubiao"}).json()
    (group,) = [group for group in told["groups"] if group["kind"] == "leads.list"]
    assert (group["total"], group["hits"][0]["name"], group["hits"][0]["spans"]) == (1, "液压缸目标企业", [[0, 5]])
    assert client_of("bureau_officer").get("/api/search", {"q": "液", "kind": "leads.list", "page": 2}).json()["groups"][0]["hits"] == []


def test_logs_do_not_say_what_was_searched(client_of: Browser, records: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client_of("bureau_officer").get("/search/", {"q": "欧阳梧"})
    assert "欧阳" not in "".join(f"{record.getMessage()}{record.__dict__}" for record in caplog.records if record.name.startswith("wutong"))
    assert any(record.name == "wutong.requests" for record in caplog.records)


def test_it_asks_alike_however_many_records_there_are(
    client_of: Browser, cast: Cast, records: dict[str, Any], django_assert_num_queries: Any
) -> None:
    officer = client_of("bureau_officer")
    for _ in range(2):
        for _ in range(3):
            adoption.take_on(firm_id=factories.firm().firm_id, by=cast.bureau_officer, at=factories.AT)
            factories.target_list(cast.bureau_officer, title="机械清单")
            factories.person(at_unit=cast.units["bureau"], display_name="机械干部")
        officer.get("/search/", {"q": "机械"})
        with django_assert_num_queries(QUESTIONS):
            assert len(officer.get("/search/", {"q": "机械"}).context["answer"].groups) == 6


QUESTIONS = 24  # packaged projects are searched too


def test_every_kind_names_a_list_and_a_permission_that_are_there() -> None:
    kinds = hooks.search_kinds()
    assert len({kind.code for kind in kinds}) == len(kinds) >= 9
    for kind in kinds:
        assert apps.get_app_config(kind.code.partition(".")[0])
        assert kind.own_list is None or kind.own_list("液").startswith("/")


def test_who_bears_just_this_name_stands_before_what_only_sounds_like_it(cast: Cast, records: dict[str, Any]) -> None:
    factories.person(at_unit=cast.units["bureau"], display_name="夜鸭缸")  # sounds like the product 液压缸
    order = list(found(cast.bureau_officer, "夜鸭缸"))
    assert order[0] == "accounts.user" and "firms.product" in order[1:]
    assert next(iter(found(cast.bureau_officer, "鸭缸"))) == "accounts.user"  # part of a name as it was typed, before sounds
