"""Pages of partners, people known and what firms seek: they work, wrong role, other unit, bad input, repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.firms.models import Person
from wutong.web.partners.models import Acquaintance, Contact, FirmAccount, Partner, Seeking

Browser = Callable[[str], Client]
LISTS = ("list", "people", "ties", "seekings", "accounts")
PARTNER = {"kind": "chamber", "name": "青桐商会（白榆）", "adcode": "白榆市", "agreement_title": "合作协议", "since_on": "2024-05-01"}
KNOWN = {
    "name": "柳某某", "is_home_tie": "on", "origin_adcode": "临溪县", "present_adcode": "990202", "phone": "13900001234", "title": "董事长",
    "purpose": "introduction", "consent_source": "座谈会签到表", "consented_on": "2026-01-10", "retain_until": "2029-01-10",
}  # fmt: skip


def url(name: str, *args: Any) -> str:
    return reverse(f"partners:{name}", args=args)


def kept(cast: Cast) -> dict[str, str]:
    me = cast.bureau_officer
    return {"unit": str(me.unit.public_id), "owner": str(me.public_id)}


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_shown_empty_filtered_sorted_and_in_parts(officer: Client, name: str, tie: Any, seeking: Any) -> None:
    factories.firm_account(tie.owner, firm_id=fictional.firm_id(fictional.TARGET))
    for query in ("", "?text=没有这个词", "?sort=-name&page=9", "?light=red&place=白榆市&origin=990121&kind=x&unit=y"):
        assert officer.get(url(name) + query).status_code == 200, query
    part = officer.get(url(name), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "listing" in part


def test_a_partner_is_entered_changed_rests_and_wakes(officer: Client, cast: Cast) -> None:
    answer = officer.post(url("new"), PARTNER | kept(cast))
    made = Partner.objects.get()
    assert answer.status_code == 302 and (made.adcode, made.owner) == ("990200", cast.bureau_officer)
    assert officer.post(url("partner-edit", made.public_id), PARTNER | kept(cast) | {"note": "每季联系"}).status_code == 302
    officer.post(url("partner-state", made.public_id), {"state": "ended", "reason": "协议到期"})
    made.refresh_from_db()
    assert (made.note, made.state) == ("每季联系", "ended")
    said = officer.post(url("partner-state", made.public_id), {"state": "dormant", "reason": ""}, follow=True).content.decode()
    assert "缺少原因" in said or "原因" in said
    assert officer.post(url("new"), PARTNER | kept(cast)).status_code == 422


def test_bad_input_is_told_in_words(officer: Client, cast: Cast) -> None:
    said = officer.post(url("new"), PARTNER | kept(cast) | {"adcode": "没有的地方", "since_on": "昨天"})
    assert said.status_code == 422 and "没有该名称或代码的省、市、县" in said.content.decode()
    assert not Partner.objects.exists()


def test_a_person_is_entered_with_consent_linked_with_a_firm_and_forgotten(officer: Client, cast: Cast) -> None:
    values = KNOWN | kept(cast) | {"firm_id": fictional.TARGET}
    assert officer.post(url("known-new"), values).status_code == 302
    made = Acquaintance.objects.get()
    page = officer.get(url("known", made.public_id)).content.decode()
    assert "柳某某" in page and fictional.TARGET in page and "139****1234" in page and "13900001234" not in page
    assert "13900001234" in officer.post(url("known-reveal", made.public_id)).content.decode()
    link = {"firm_id": "青桐开元挖掘机有限公司", "title": "董事", "source": "工商登记"}
    assert officer.post(url("position-new", made.public_id), link).status_code == 302
    assert officer.post(url("known-edit", made.public_id), values | {"occupation": "装备", "basis": "public"}).status_code == 302
    made.refresh_from_db()
    assert made.occupation == "装备" and Person.objects.get().basis == "consent" and Person.objects.get().positions.count() == 2
    position = Person.objects.get().positions.get(title="董事")
    assert officer.post(url("position-drop", made.public_id, position.public_id)).status_code == 302
    assert "柳某某" in officer.get(url("ties") + "?origin=青桐市&present=白榆市").content.decode()
    assert officer.post(url("known-forget", made.public_id), {}).status_code == 422
    assert officer.post(url("known-forget", made.public_id), {"reason": "本人来函"}).status_code == 302
    assert not Acquaintance.objects.exists() and officer.get(url("known", made.public_id)).status_code == 404
    assert "柳某某" not in str(list(Entry.objects.values_list("changes", "object_label")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"consent_source": ""}, "必填"), ({"origin_adcode": ""}, "在外客商须填写籍贯"),
        ({"retain_until": "2026-01-10"}, "留存至须晚于同意日期"), ({"retain_until": "2099-01-10"}, "超过规则"),
        ({"firm_id": "没有这家公司"}, "企业库"),
    ],
)  # fmt: skip
def test_without_consent_or_for_too_long_nobody_is_entered(officer: Client, cast: Cast, change: dict[str, str], said: str) -> None:
    answer = officer.post(url("known-new"), KNOWN | kept(cast) | change)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Person.objects.exists()


def test_contacts_are_noted_and_taken_back(officer: Client, partner: Any, tie: Any) -> None:
    values = {"held_on": "2026-02-01", "how": "visit", "outcome": "愿意牵线"}
    assert officer.post(url("partner-contact", partner.public_id), values).status_code == 302
    assert officer.post(url("known-contact", tie.public_id), values).status_code == 302
    assert "愿意牵线" in officer.get(url("partner", partner.public_id)).content.decode()
    assert officer.post(url("partner-contact", partner.public_id), values | {"held_on": "2099-01-01"}).status_code == 422
    for one in Contact.objects.all():
        assert officer.post(url("contact-drop", one.public_id)).status_code == 302
    assert not Contact.objects.exists() and officer.get(url("contact-drop", partner.public_id)).status_code == 405


def test_what_a_firm_seeks_is_matched_with_makers_elsewhere_and_with_firms_here(officer: Client, cast: Cast, seeking: Any) -> None:
    other = factories.seeking(cast.bureau_officer, firm_id=fictional.firm_id("青桐天合密封件有限公司"), kind="buyer", what="油缸找销路")
    page = officer.get(url("seeking-matches", seeking.public_id)).content.decode()
    assert fictional.TARGET in page and "白榆华强油缸有限公司" in page and "总部或分支机构已在本地" in page
    assert "油缸找销路" in page and "青桐天合密封件有限公司" in page and 'name="firm"' in page
    by_product = factories.seeking(
        cast.bureau_officer, firm_id=fictional.firm_id("青桐大同挖掘机有限公司"), chain="", segment="", product="液压缸"
    )
    assert "白榆华强油缸有限公司" in officer.get(url("seeking-matches", by_product.public_id)).content.decode()
    assert seeking.what in officer.get(url("seeking-matches", other.public_id)).content.decode()


def test_a_thing_sought_is_entered_answered_ended_and_sought_again(officer: Client, cast: Cast) -> None:
    values = {"firm_id": "青桐开元挖掘机有限公司", "kind": "supplier", "what": "液压缸", "meant": "advanced-equipment:cylinders"}
    assert officer.post(url("seeking-new"), values | kept(cast)).status_code == 302
    made = Seeking.objects.get()
    for name, given in (
        ("seeking-answer", {"text": "已列入清单"}), ("seeking-end", {"state": "met", "reason": "已签约"}),
        ("seeking-end", {"state": "met", "reason": "再次"}), ("seeking-reopen", {}),
        ("seeking-edit", values | kept(cast) | {"terms": "月结", "valid_until": "2099-01-01"}),
    ):  # fmt: skip
        assert officer.post(url(name, made.public_id), given).status_code == 302, name
    made.refresh_from_db()
    assert (made.answer, made.state, made.terms) == ("已列入清单", "open", "月结")
    assert officer.post(url("seeking-new"), values | kept(cast) | {"meant": "x:y"}).status_code == 422


def test_a_firm_is_invited_with_a_password_shown_once_and_its_log_in_ends(officer: Client, cast: Cast) -> None:
    values = {"firm_id": "青桐开元挖掘机有限公司", "display_name": "某经理", "username": "kaiyuan", "consent_source": "申请表"} | kept(cast)
    answer = officer.post(url("account-new"), values)
    made = FirmAccount.objects.get()
    assert answer.status_code == 201 and "one-time" in answer.content.decode() and made.user.must_change_password
    assert officer.post(url("account-new"), values).status_code == 422
    assert "one-time" in officer.post(url("account-password", made.public_id)).content.decode()
    assert officer.post(url("account-end", made.public_id), {"reason": "离职"}).status_code == 302
    assert officer.post(url("account-password", made.public_id)).status_code == 302
    assert "one-time" in officer.post(url("account-reopen", made.public_id)).content.decode()


def test_the_panel_of_a_firm_tells_what_is_known(officer: Client, tie: Any, seeking: Any) -> None:
    panel = officer.get(url("of-firm", fictional.firm_id(fictional.TARGET))).content.decode()
    assert tie.person.name in panel
    assert seeking.what in officer.get(url("of-firm", seeking.firm.firm_id)).content.decode()
    assert "of-firm" in officer.get(f"/firms/{seeking.firm.firm_id}/").content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_exported_and_that_is_written_down(officer: Client, tie: Any, seeking: Any, name: str) -> None:
    code = {"list": "export"}.get(name, f"{name}-export")
    answer = officer.get(url(code))
    assert answer.status_code == 200 and b"".join(answer.streaming_content)[:2] == b"PK"
    assert Entry.objects.filter(action=f"partners.{name}.export").exists()


def test_one_search_finds_them(officer: Client, tie: Any, partner: Any, seeking: Any) -> None:
    for text in (tie.person.name, partner.name, seeking.what):
        assert text in officer.get(f"/search/?q={text}").content.decode()


def test_other_units_and_roles_see_and_do_nothing(client_of: Browser, tie: Any, partner: Any, seeking: Any) -> None:
    account = factories.firm_account(tie.owner, firm_id=seeking.firm.firm_id)
    secrets = (tie.person.name, partner.name, seeking.what, account.user.display_name)
    ways = [url(name) for name in LISTS] + [
        url(f"{name}", row.public_id)
        for name, row in (
            ("partner", partner), ("partner-edit", partner), ("known", tie), ("known-edit", tie), ("known-forget", tie),
            ("seeking", seeking), ("seeking-matches", seeking), ("seeking-edit", seeking), ("account-end", account),
        )
    ] + [url("of-firm", seeking.firm.firm_id), url("of-firm", fictional.firm_id(fictional.TARGET))]  # fmt: skip
    for who in ("other_officer", "park_officer", "adviser", "no_role", "system_admin"):
        client = client_of(who)
        for way in ways:
            told = client.get(way).content.decode()
            assert not any(secret in told for secret in secrets), (who, way)
    reader = client_of("vice_mayor")
    assert partner.name in reader.get(url("list")).content.decode()
    assert reader.get(url("new")).status_code == reader.get(url("partner-edit", partner.public_id)).status_code == 403
