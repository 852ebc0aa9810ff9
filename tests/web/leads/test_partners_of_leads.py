"""Partners as the source of leads: chosen, filtered by, credited once; firms that fit a seeking go on a list; introductions as JSON."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import factories
import fictional
from cast import Cast
from wutong.web.firms.models import Firm
from wutong.web.leads.actions import informing, introducing
from wutong.web.leads.models import Lead, ListedFirm, TargetList
from wutong.web.leads.rules.introductions import State
from wutong.web.partners.models import Partner

Browser = Callable[[str], Client]
OURS = "青桐开元挖掘机有限公司"


def text(response: Any) -> str:
    return str(response.content.decode())


def new(cast: Cast, **more: Any) -> dict[str, Any]:
    """What is typed for a new lead."""
    me = cast.bureau_officer
    return {
        "key": str(uuid.uuid4()), "kind": "project", "title": "油缸项目", "name": "白榆华强油缸有限公司", "source_kind": "own", "log": "1",
        "unit": str(me.unit.public_id), "owner": str(me.public_id), **more,
    }  # fmt: skip


# --- whose credit it is -----------------------------------------------------------------------------------------------------------------
def test_a_partner_chosen_as_the_source_has_the_credit_and_is_found_by_the_filter(officer: Client, cast: Cast) -> None:
    body, other = factories.partner(cast.bureau_officer, name="液压件协会"), factories.partner(cast.bureau_officer, name="别的协会")
    assert officer.post("/leads/all/new/", new(cast, source_partner=str(body.public_id))).status_code == 302
    lead = Lead.objects.get()
    assert (lead.source_kind, lead.source_partner, lead.source_text) == ("partner", body, "液压件协会")
    assert lead.answer_due_on is not None, "whoever gave it is to be answered"
    factories.lead(cast.bureau_officer, name="无关企业")
    page = text(officer.get(f"/leads/all/?partner={body.public_id}"))
    assert "油缸项目" in page and "无关企业" not in page
    assert "油缸项目" not in text(officer.get(f"/leads/all/?partner={other.public_id}"))
    assert reverse("partners:partner", args=[body.public_id]) in text(officer.get(f"/leads/all/{lead.public_id}/"))


def test_a_lead_that_a_partner_gave_about_its_own_firm_counts_once(officer: Client, cast: Cast) -> None:
    body = factories.partner(cast.bureau_officer, name="挖掘机公司", firm_id=fictional.firm_id(OURS))
    given = informing.Given(informing.SourceKind.PARTNER, partner=body)
    both = factories.lead(cast.bureau_officer, name=OURS, firm_id=fictional.firm_id(OURS))
    Lead.objects.filter(pk=both.pk).update(source_partner=body)
    informing.log(title="它给的另一条", unit=cast.bureau_officer.unit, owner=cast.bureau_officer, given=given, by=None, at=factories.AT)
    factories.lead(cast.bureau_officer, name=OURS, firm_id=fictional.firm_id(OURS))
    way = reverse("leads:leads-of-partner", args=[body.public_id])
    assert f'<a href="{way}">3</a>' in text(officer.get(reverse("partners:list")))
    assert text(officer.get(way)).count("/leads/all/") >= 3 and "它给的另一条" in text(officer.get(way))


def test_whose_credit_it_is_can_be_set_later_and_stays_where_the_reader_may_not_know_the_partner(client_of: Browser, cast: Cast) -> None:
    body = factories.partner(cast.bureau_officer, name="液压件协会")
    lead = factories.lead(cast.bureau_officer)
    officer, way = client_of("bureau_officer"), f"/leads/all/{lead.public_id}/describe/"
    assert officer.post(way, {"title": lead.title, "source_partner": str(body.public_id)}).status_code == 302
    lead.refresh_from_db()
    assert lead.source_partner == body
    theirs = factories.partner(cast.other_officer, name="白榆协会")
    assert officer.post(way, {"title": lead.title, "source_partner": str(theirs.public_id)}).status_code == 422
    Lead.objects.filter(pk=lead.pk).update(source_partner=theirs)
    assert "白榆协会" not in text(officer.get(way)) and "白榆协会" not in text(officer.get(f"/leads/all/{lead.public_id}/"))
    assert officer.post(way, {"title": "新标题"}).status_code == 302
    lead.refresh_from_db()
    assert (lead.title, lead.source_partner) == ("新标题", theirs)


# --- the form of a partner --------------------------------------------------------------------------------------------------------------
def test_the_form_of_a_partner_names_the_firm_and_the_unit_that_it_is(officer: Client, cast: Cast) -> None:
    me = cast.bureau_officer
    values = {
        "kind": "office_away", "name": "驻外招商办", "unit": str(me.unit.public_id), "owner": str(me.public_id), "firm_id": OURS,
        "office": str(cast.away_officer.unit.public_id),
    }  # fmt: skip
    assert officer.post("/partners/new/", values).status_code == 302
    made = Partner.objects.get()
    assert (made.firm, made.office) == (Firm.objects.get(firm_id=fictional.firm_id(OURS)), cast.away_officer.unit)
    way = f"/partners/{made.public_id}/"
    form, page = text(officer.get(f"{way}edit/")), text(officer.get(way))
    assert f'value="{OURS}"' in form and OURS in page and cast.away_officer.unit.name in page
    assert officer.post(f"{way}edit/", values | {"firm_id": "", "office": ""}).status_code == 302
    made.refresh_from_db()
    assert (made.firm, made.office) == (None, None)
    assert officer.post("/partners/new/", values | {"name": "别名", "firm_id": "没有这家企业"}).status_code == 422
    other = cast.other_officer.unit
    assert other.name not in text(officer.get("/partners/new/")) and cast.away_officer.unit.name in text(officer.get("/partners/new/"))
    assert officer.post("/partners/new/", values | {"name": "别名", "office": str(other.public_id)}).status_code == 422


# --- what fits a seeking goes on a list -------------------------------------------------------------------------------------------------
def test_firms_that_fit_what_a_local_firm_seeks_are_put_on_a_list_from_their_page(officer: Client, cast: Cast) -> None:
    seeking = factories.seeking(cast.bureau_officer, firm_id=fictional.firm_id(OURS))
    way = reverse("partners:seeking-matches", args=[seeking.public_id])
    page = text(officer.get(way))
    (form,) = re.findall(r'<form class="list-actions".*?</form>', page, re.DOTALL)
    assert f'name="found_at" value="{way}"' in form and 'formaction="/leads/lists/put/"' in form
    ticked = re.findall(r'<input[^>]*name="firm"[^>]*value="([^"]+)"', page) or re.findall(r'value="([^"]+)"[^>]*name="firm"', page)
    assert len(ticked) >= 2 and all('form="chosen"' in one for one in re.findall(r'<input[^>]*name="firm"[^>]*>', page))
    chosen = {"found_at": way, "firm": ticked[:2]}
    assert officer.post("/leads/lists/put/", chosen).status_code == 200
    me = cast.bureau_officer
    made = {**chosen, "title": "配套企业", "unit": str(me.unit.public_id), "owner": str(me.public_id), "line": "counted"}
    assert officer.post("/leads/lists/put/new/", made).status_code == 302
    rows = ListedFirm.objects.filter(list=TargetList.objects.get())
    assert {row.firm.firm_id for row in rows} == set(ticked[:2])
    reader = text(officer.get(way))
    assert "配套企业" in reader or TargetList.objects.count() == 1


# --- introductions as JSON --------------------------------------------------------------------------------------------------------------
def test_introductions_are_read_as_json_by_whoever_may_see_them(client_of: Browser, cast: Cast) -> None:
    one, two = (
        factories.introduction(cast.bureau_officer, text="请引荐甲"),
        factories.introduction(cast.bureau_officer, outside="某商会秘书处"),
    )
    introducing.enter(introduction=one, kind=State.GIVEN, done_on=factories.AT.date(), text="见面了", by=None, at=factories.AT)
    officer = client_of("bureau_officer")
    found = officer.get("/api/leads/introductions").json()
    assert found["count"] == 2 and {row["text"] for row in found["items"]} == {"请引荐甲", two.text}
    assert officer.get("/api/leads/introductions?state=given").json()["count"] == 1
    assert officer.get("/api/leads/introductions?kind=outside").json()["items"][0]["introducer"] == "某商会秘书处"
    whole = officer.get(f"/api/leads/introductions/{one.public_id}").json()
    assert [step["step"] for step in whole["steps"]] == ["asked", "given"] and whole["merits"][0]["share_basis_points"] == 10_000
    other = client_of("other_officer")
    assert other.get("/api/leads/introductions").json()["count"] == 0
    assert other.get(f"/api/leads/introductions/{one.public_id}").status_code == 404
    assert client_of("no_role").get("/api/leads/introductions").status_code == 403
    assert officer.get(f"/api/leads/introductions?unit={uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("query", ["state=nonsense", "which=all"])
def test_a_question_that_cannot_be_read_is_refused(officer: Client, query: str) -> None:
    assert officer.get(f"/api/leads/introductions?{query}").status_code in {400, 422}
