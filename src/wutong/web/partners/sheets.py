"""Partners, people known, things sought and log-ins of firms as spreadsheets. Contact data is masked as on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.web.firms.rules import masked
from wutong.web.lib.spreadsheets import Column, in_pieces
from wutong.web.partners.queries import places, segments

PARTNERS = (
    Column(pgettext_lazy("partner", "Name"), 30),
    Column(pgettext_lazy("partner", "Kind"), 16),
    Column(pgettext_lazy("partner", "Place"), 24),
    Column(pgettext_lazy("partner", "State"), 10),
    Column(gettext_lazy("Reason"), 24),
    Column(gettext_lazy("Partner since"), 14),
    Column(gettext_lazy("Agreement"), 30),
    Column(gettext_lazy("Signed on"), 14),
    Column(gettext_lazy("In force until"), 14),
    Column(gettext_lazy("Last contact"), 14),
    Column(gettext_lazy("Looked after by"), 14),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Note"), 40),
)
PEOPLE = (
    Column(pgettext_lazy("person", "Name"), 14),
    Column(gettext_lazy("Firms"), 40),
    Column(gettext_lazy("From here, in business elsewhere"), 14),
    Column(gettext_lazy("Where from"), 24),
    Column(gettext_lazy("Where now"), 24),
    Column(gettext_lazy("In what now"), 20),
    Column(gettext_lazy("Telephone"), 16),
    Column(gettext_lazy("E-mail"), 20),
    Column(gettext_lazy("Partner"), 24),
    Column(gettext_lazy("What the person is there"), 16),
    Column(gettext_lazy("Last contact"), 14),
    Column(gettext_lazy("Keeps in touch"), 14),
    Column(gettext_lazy("Kept for"), 16),
    Column(gettext_lazy("Where the consent is on record"), 30),
    Column(gettext_lazy("Consent given on"), 14),
    Column(gettext_lazy("Kept until"), 14),
)
SEEKINGS = (
    Column(gettext_lazy("Firm"), 32),
    Column(gettext_lazy("Seeks"), 18),
    Column(pgettext_lazy("seeking", "What"), 40),
    Column(gettext_lazy("Segment of a chain"), 24),
    Column(gettext_lazy("Product"), 16),
    Column(gettext_lazy("Amount (10,000 yuan)"), 14, 2),
    Column(pgettext_lazy("seeking", "Terms"), 40),
    Column(gettext_lazy("Valid until"), 14),
    Column(pgettext_lazy("seeking", "State"), 12),
    Column(gettext_lazy("Reason"), 24),
    Column(gettext_lazy("Answer"), 40),
    Column(gettext_lazy("Looked after by"), 14),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Handed in"), 14),
)
ACCOUNTS = (
    Column(gettext_lazy("Person of the firm"), 16),
    Column(gettext_lazy("User name"), 18),
    Column(gettext_lazy("Firm"), 32),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Invited"), 14),
    Column(gettext_lazy("Invited by"), 14),
    Column(gettext_lazy("Ended"), 14),
    Column(gettext_lazy("Reason"), 24),
)


def partner_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a partner."""
    for one in in_pieces(found):
        yield (
            one.name, str(one.get_kind_display()), places.name_of(one.adcode), str(one.get_state_display()), one.state_reason, one.since_on,
            one.agreement_title, one.agreement_signed_on, one.agreement_until, one.last_contact_on, str(one.owner), one.unit.name, one.note,
        )  # fmt: skip


def people_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a person."""
    for one in in_pieces(found.select_related("person", "owner", "partner").prefetch_related("person__positions__firm")):
        person = one.person
        firms = "; ".join(f"{position.firm.name} {position.title}" for position in person.positions.all())
        yield (
            person.name, firms, one.is_home_tie, places.name_of(one.origin_adcode), places.name_of(one.present_adcode), one.occupation,
            masked(person.phone), masked(person.email), str(one.partner or ""), one.partner_role, one.last_contact_on, str(one.owner),
            str(person.get_purpose_display()), person.consent_source, person.consented_on, person.retain_until,
        )  # fmt: skip


def seeking_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a thing sought."""
    for one in in_pieces(found):
        yield (
            one.firm.name, str(one.get_kind_display()), one.what, segments.words(one.chain, one.segment) if one.chain else "", one.product,
            one.amount_10k_yuan, one.terms, one.valid_until, str(one.get_state_display()), one.state_reason, one.answer, str(one.owner),
            one.unit.name, timezone.localdate(one.entered_at),
        )  # fmt: skip


def account_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a log-in."""
    for one in in_pieces(found):
        ended_on = timezone.localdate(one.ended_at) if one.ended_at else None
        yield (
            str(one.user), one.user.username, one.firm.name, one.unit.name, timezone.localdate(one.invited_at), str(one.invited_by or ""),
            ended_on, one.end_reason,
        )  # fmt: skip
