"""One thing has one name on every page: whose a lead is, how much is invested, currencies and regions by name; messages lead to pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

import factories
from cast import Cast
from wutong.web.jobs.models import Message
from wutong.web.leads.actions import informing
from wutong.web.leads.models import Claim, Dispute, Lead
from wutong.web.leads.rules.leads import Amount, SourceKind
from wutong.web.lib import hooks, money


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_form_of_a_lead_asks_for_its_owner_and_its_investment(officer: Client) -> None:
    page = text(officer.get("/leads/all/new/"))
    assert "清单负责人" not in page and "投资额（万元）" in page and ">金额（万元）" not in page and "美元" in page


def test_a_dispute_and_the_end_of_protection_have_one_name() -> None:
    with translation.override("zh-hans"):
        assert str(Dispute._meta.verbose_name) == str(Dispute._meta.verbose_name_plural) == "首报争议"
        assert str(Claim._meta.get_field("protected_until").verbose_name) == "保护期至"
        assert str(Lead._meta.get_field("kind").verbose_name) == "线索类别"
        assert {str(kind.label) for kind in hooks.collect("SEARCH") if kind.code == "leads.lead"} == {"线索"}


def test_history_names_regions_and_currencies(officer: Client, cast: Cast) -> None:
    made = factories.lead(cast.bureau_officer)
    informing.describe(
        lead=made, title=made.title, amount=Amount(currency="USD", amount_foreign_wan=Decimal(500)),
        about=informing.About(wanted_adcode="990100"), by=cast.bureau_officer, at=timezone.now(),
    )  # fmt: skip
    page = text(officer.get(f"/audit/history/leads.Lead/{made.public_id}/"))
    assert "青桐市" in page and "990100" not in page and "美元" in page and "USD" not in page
    assert "投资额（万美元）" in text(officer.get(f"/leads/all/{made.public_id}/"))


@pytest.mark.parametrize(("code", "name"), [("USD", "美元"), ("CNY", "人民币"), ("XYZ", "XYZ"), ("", "")])
def test_a_currency_that_nobody_named_stays_its_code(code: str, name: str) -> None:
    with translation.override("zh-hans"):
        assert money.currency_name(code) == name


@pytest.mark.parametrize(("giver", "leads_on"), [("bureau_leader", True), ("department_officer", False)])
def test_the_answer_under_the_bell_leads_to_the_lead_where_its_giver_may_see_it(cast: Cast, giver: str, leads_on: bool) -> None:
    person = getattr(cast, giver)
    given = informing.Given(SourceKind.PERSON, person=person)
    made = informing.log(title="来信", unit=cast.bureau_officer.unit, owner=cast.bureau_officer, given=given, by=None, at=timezone.now())
    informing.triage(lead=made, is_taken=True, by=cast.bureau_officer, at=timezone.now())
    informing.answer(lead=made, text="已安排专人对接", by=cast.bureau_officer, at=timezone.now())
    told = Message.objects.get(to=person, key__startswith="leads:answer:")
    assert told.address == (f"/leads/all/{made.public_id}/" if leads_on else "")


def test_the_board_says_what_is_overdue_and_stands_in_the_order_of_what_is_due(client_of: Callable[[str], Client], cast: Cast) -> None:
    early, late = (factories.lead(cast.bureau_officer, at=factories.AT - dt.timedelta(days=days)) for days in (40, 60))
    page = text(client_of("bureau_officer").get("/leads/all/board/"))
    assert "逾期" in page and page.index(late.title) < page.index(early.title)
