"""Returning projects: leads about a person's firms are counted, the figure opens them, and nobody counts what he may not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

import factories
import fictional
from cast import Cast


def test_leads_about_a_persons_firms_are_counted_and_opened(client_of: Callable[[str], Client], cast: Cast, tie: Any, partner: Any) -> None:
    officer, firm = client_of("bureau_officer"), fictional.firm_id(fictional.TARGET)
    way, of_partner = reverse("leads:leads-of-known", args=[tie.public_id]), reverse("leads:leads-of-partner", args=[partner.public_id])
    assert way not in officer.get(reverse("partners:ties")).content.decode()
    lead = factories.lead(cast.bureau_officer, name=fictional.TARGET, by=cast.bureau_officer, firm_id=firm)
    for page, link in ((reverse("partners:ties"), way), (reverse("partners:list"), of_partner)):
        assert f'<a href="{link}">1</a>' in officer.get(page).content.decode()
    for link in (way, of_partner):
        assert lead.title in officer.get(link).content.decode()
    assert way in officer.get(reverse("partners:known", args=[tie.public_id])).content.decode()
    for who in ("other_officer", "park_officer", "department_officer", "no_role"):
        told = client_of(who).get(way)
        assert told.status_code in {403, 404} and lead.title not in told.content.decode()


def test_a_lead_of_another_unit_is_neither_counted_nor_told(client_of: Callable[[str], Client], cast: Cast, tie: Any) -> None:
    factories.lead(cast.other_officer, name=fictional.TARGET, by=cast.other_officer, firm_id=fictional.firm_id(fictional.TARGET))
    way = reverse("leads:leads-of-known", args=[tie.public_id])
    officer = client_of("bureau_officer")
    assert way not in officer.get(reverse("partners:ties")).content.decode()
    assert "白榆市招商局" not in officer.get(way).content.decode()
