"""What may be noted: consent and retention, figures, masks; below, at and above each border."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from wutong.rulebook import load
from wutong.web.firms import rules
from wutong.web.firms.rules import Consent, Refusal

ON = dt.date(2026, 3, 5)
GOOD = Consent("名片", dt.date(2026, 1, 1), dt.date(2028, 1, 1))


def keep(consent: Consent) -> tuple[Refusal, ...]:
    return rules.refusals_to_keep(consent, on=ON, rulebook=load.rulebook())


@pytest.mark.parametrize(
    ("consent", "refused"),
    [
        (GOOD, ()),
        (Consent(" ", *(dt.date(2026, 1, 1), dt.date(2028, 1, 1))), (Refusal.NO_SOURCE,)),
        (Consent("名片", ON, dt.date(2028, 1, 1)), ()),
        (Consent("名片", ON + dt.timedelta(1), dt.date(2028, 1, 1)), (Refusal.CONSENT_IN_FUTURE,)),
        (Consent("名片", dt.date(2026, 1, 1), ON + dt.timedelta(1)), ()),
        (Consent("名片", dt.date(2026, 1, 1), ON), (Refusal.RETENTION_PAST,)),
        (Consent("名片", dt.date(2026, 1, 1), dt.date(2031, 3, 5)), ()),
        (Consent("名片", dt.date(2026, 1, 1), dt.date(2031, 3, 6)), (Refusal.RETENTION_TOO_LONG,)),
    ],
)
def test_a_person_is_kept_for_a_reason_and_a_time(consent: Consent, refused: tuple[Refusal, ...]) -> None:
    assert keep(consent) == refused


def test_a_leap_day_has_a_day_after_so_many_years() -> None:
    assert rules.years_later(dt.date(2024, 2, 29), 3) == dt.date(2027, 3, 1)
    assert rules.years_later(dt.date(2024, 2, 29), 4) == dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("measure", "year", "value", "refused"),
    [
        ("revenue_yuan", 2026, "0", ()),
        ("revenue_yuan", 2027, "0", (Refusal.YEAR_OUT_OF_RANGE,)),
        ("revenue_yuan", 1949, "0", ()),
        ("revenue_yuan", 1948, "0", (Refusal.YEAR_OUT_OF_RANGE,)),
        ("revenue_yuan", 2025, "-0.01", (Refusal.NEGATIVE,)),
        ("profit_yuan", 2025, "-0.01", ()),
        ("market_share", 2025, "1", ()),
        ("market_share", 2025, "1.0001", (Refusal.TOO_LARGE,)),
        ("employees_count", 2025, "12.0", ()),
        ("employees_count", 2025, "12.5", (Refusal.NOT_WHOLE,)),
        ("happiness", 2025, "1", (Refusal.UNKNOWN_MEASURE,)),
    ],
)
def test_a_figure_can_be_true(measure: str, year: int, value: str, refused: tuple[Refusal, ...]) -> None:
    known = load.rulebook().measures.get(measure)
    assert rules.refusals_to_note_figure(known, year=year, value=Decimal(value), on=ON) == refused


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""), ("123", "***"), ("12345", "****5"), ("87654321", "****4321"), ("13812345678", "138****5678"),
        ("someone@example.com", "s***@example.com"), ("@", "***@"),
    ],
)  # fmt: skip
def test_contact_data_is_masked(text: str, shown: str) -> None:
    assert rules.masked(text) == shown


def test_what_is_confidential_is_not_open_to_all() -> None:
    assert "tax_yuan" not in rules.open_measures() and "revenue_yuan" in rules.open_measures()
