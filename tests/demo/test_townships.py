"""The township of the demo has matters of its own, made through the actions that everybody uses."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

import factories
from cast import Cast
from wutong.demo import townships
from wutong.web.accounts.actions import postings, units
from wutong.web.accounts.models import User
from wutong.web.journal.models import Duty
from wutong.web.leads.models import Lead, Transfer
from wutong.web.leads.queries import clocks

AT = dt.datetime(2026, 11, 26, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def town(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> User:
    """The officer of a township below the county of the cast."""
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)
    at = AT - dt.timedelta(days=365)
    unit = units.add_unit(
        kind="township", name_zh="鹿鸣乡", parent=cast.units["county"], adcode=cast.units["county"].adcode, by=None, at=at
    )  # fmt: skip
    officer = factories.person(townships.TOWNSHIP, at_unit=unit)
    postings.post(user=officer, unit=unit, role="county_officer", starts_on=at.date(), by=None, at=at)
    return officer


def test_a_township_has_leads_at_several_stages_an_offer_to_its_county_and_a_duty(town: User, cast: Cast) -> None:
    townships.tell(at=AT)
    leads = Lead.objects.filter(owner=town)
    assert leads.count() == len(townships.PIECES) and set(leads.values_list("stage", flat=True)) == {"logged", "triaged"}
    assert Transfer.objects.get(from_unit=town.unit).to_unit == cast.units["county"]
    duty = Duty.objects.get(owner=town, title=townships.DUTY)
    assert duty.state == "open" and duty.due_on > timezone.localdate(AT)
    assert not leads.filter(logged_at__gt=AT).exists()


def test_where_there_is_no_township_nothing_is_told(cast: Cast) -> None:
    townships.tell(at=AT)
    assert not Lead.objects.exists() and not Duty.objects.exists()
