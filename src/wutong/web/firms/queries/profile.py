"""The profile of a firm, and who follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wutong.engine import firms as registry
from wutong.engine.firms import FirmProfile, Relative
from wutong.web.firms import rules
from wutong.web.firms.models import Follow, FollowQuerySet
from wutong.web.firms.rules import Piece, Span
from wutong.web.lib import money, warehouse

MOST_RELATIVES = 20


def follows(user: Any) -> FollowQuerySet:
    """The firms a person follows, newest first."""
    return Follow.objects.visible_to(user).select_related("firm")


def is_followed(user: Any, firm_id: str) -> bool:
    """Whether a person follows a firm."""
    return Follow.objects.visible_to(user).filter(firm__firm_id=firm_id).exists()


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a profile; without a value it says why."""

    label: str
    value: str
    why_missing: str = ""
    note: str = ""
    firm_id: str = ""


@dataclass(frozen=True, slots=True)
class Relatives:
    """Firms that belong to the firm in one way: the first of them, and how many there are."""

    code: str
    title: str
    rows: tuple[Relative, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """What the page of a firm shows."""

    firm: FirmProfile
    facts: tuple[Fact, ...]
    pieces: tuple[Piece, ...]
    roles: tuple[str, ...]
    has_dropped: bool
    relations: tuple[Relatives, ...]
    build_id: str
    rulebook_hash: str


def profile(firm_id: str) -> ProfilePage:
    """Everything the registry knows of a firm. Raises: UnknownFirm."""
    build = warehouse.served()
    firm = registry.get(build, firm_id)
    cut = rules.pieces(firm.scope or "", (Span(span.start, span.end, span.role) for span in firm.spans))
    roles = tuple(role for role in rules.ROLES if any(role in piece.roles for piece in cut))
    relations = (
        Relatives("branches", _("Branches"), firm.branches[:MOST_RELATIVES], len(firm.branches)),
        Relatives("group", _("Others of its group"), firm.group_members[:MOST_RELATIVES], len(firm.group_members)),
        Relatives(
            "namesakes", _("Namesakes elsewhere (same trade name, no proven tie)"), firm.namesakes[:MOST_RELATIVES], len(firm.namesakes)
        ),
    )
    return ProfilePage(
        firm, tuple(_facts(firm)), cut, roles, any(piece.is_dropped for piece in cut), tuple(group for group in relations if group.rows),
        build.info.build_id, build.info.rulebook_hash,
    )  # fmt: skip


def _facts(firm: FirmProfile) -> Iterator[Fact]:
    not_given = _("not given in the registry")
    yield Fact(_("Credit code"), firm.uscc or "", not_given, _code_notes().get(firm.uscc_status, ""))
    yield Fact(_("Legal form"), firm.firm_type or "", not_given)
    yield _capital(firm)
    yield Fact(_("Registered on"), firm.registered_on.isoformat() if firm.registered_on else "", _("not given, or not a date"))
    yield Fact(_("Division"), firm.place, _("neither address nor code names a division"))
    yield Fact(_("Address"), firm.address or "", not_given)
    yield Fact(_("Located"), _located().get(firm.located_by, firm.located_by))
    point = "" if firm.lon is None or firm.lat is None else f"{firm.lon:.4f}, {firm.lat:.4f}"
    yield Fact(
        _("Coordinates"), point, _("no place known"), _("of the division's seat") if firm.located_by in {"county", "city", "code"} else ""
    )
    yield Fact(_("Makes anything"), _("yes") if firm.is_manufacturer else _("nothing that its scope or name says"))
    yield Fact(_("Trade name"), firm.trade_name, _("none in its name"))
    yield Fact(_("Parent by name"), firm.parent_name or "", _("its name begins with no other firm's name"), firm_id=firm.parent_id or "")
    if firm.head_id and firm.head_id not in {firm.firm_id, firm.parent_id}:
        yield Fact(_("Head of its group"), firm.head_name or "", firm_id=firm.head_id)


def _code_notes() -> dict[str, str]:
    return {
        "valid": _("check digit holds"),
        "bad_check": _("its check digit does not hold"),
        "short": _("an older code of 15 digits"),
        "malformed": _("not written as a credit code"),
    }


def _capital(firm: FirmProfile) -> Fact:
    text = firm.capital_text or ""
    note = _("as registered: %(text)s") % {"text": text} if text else ""
    if firm.capital_is_estimated:
        note = _("%(note)s; converted from %(currency)s by the rate of the year") % {"note": note, "currency": firm.capital_currency}
    why = _("the registered text could not be read") if text else _("not given in the registry")
    return Fact(_("Registered capital"), "" if firm.capital_yuan is None else money.money(firm.capital_yuan), why, note)


def _located() -> dict[str, str]:
    return {
        "point": _("by a point of its own"),
        "zone": _("by the code or the name of a zone"),
        "county": _("by the county in its address"),
        "city": _("by the city in its address; the county is not known"),
        "code": _("by the district in its credit code"),
        "none": _("not located"),
    }
