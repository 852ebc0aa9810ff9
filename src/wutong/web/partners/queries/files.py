"""Partners and people known that come in from a file: the columns, and what each row comes to, for the preview and the writing alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.engine import cleaning
from wutong.engine.list_files import Field
from wutong.web.firms.queries import files as firms_files
from wutong.web.firms.rules import Basis
from wutong.web.lib import access
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of
from wutong.web.partners.models import PARTNER_KINDS, Acquaintance, Partner
from wutong.web.partners.queries import places
from wutong.web.partners.rules import PartnerKind, PartnerState

BOTH = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")}
_A_DAY = gettext_lazy("a day such as 2025-06-30")
_A_PLACE = gettext_lazy("a province, city or county, by its name or code")
_TEXT = gettext_lazy("text of at most 200 characters")
OF_PERSON = {
    *("name", "uscc", "person", "title", "phone", "email", "note"),
    *("purpose", "consent_source", "consented_on", "retain_until"),
}


def _short(text: str) -> str:
    if len(text) > 200 or "\x00" in text:
        raise ValueError(text)
    return text.strip()


def _day(text: str) -> dt.date:
    found = cleaning.read_date(text)
    if found is None:
        raise ValueError(text)
    return found


def _place(text: str) -> str:
    found = places.code_of(text)
    if not found:
        raise ValueError(text)
    return found


def _texts(words: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(label) for label in words.values())


def _bad(*found: tuple[str, Any]) -> Verdict:
    return Verdict("bad", tuple((name, str(expected)) for name, expected in found))


# --- partners -------------------------------------------------------------------------------------------------------------------------
def _column(
    name: str, headers: tuple[str, ...], label: Any, width: int, *, read: Callable[[str], Any] = _short, expected: Any = _TEXT,
    words: Mapping[Any, Any] | None = None, example: str = "", about: Any = None,
) -> SheetColumn:  # fmt: skip
    """A column; with an example it is needed unless `about` says otherwise."""
    is_needed = bool(example) and about is None
    told = about or ("" if is_needed else gettext_lazy("May be left empty."))
    known = Field(
        name,
        headers,
        is_needed=is_needed,
        read=choice_of(words) if words else read,
        expected=one_of(words) if words else expected,
    )
    return SheetColumn(known, label, told, example, _texts(words) if words else (), width)


def partner_columns(user: Any) -> tuple[SheetColumn, ...]:
    """A partner a row."""
    day: dict[str, Any] = {"read": _day, "expected": _A_DAY}
    kind = str(PARTNER_KINDS[PartnerKind.CHAMBER])
    return (
        _column("name", ("名称", "合作伙伴", "partner"), pgettext_lazy("partner", "Name"), 30, example="某市商会"),
        _column("kind", ("类别", "kind"), pgettext_lazy("partner", "Kind"), 16, words=PARTNER_KINDS, example=kind),
        _column("adcode", ("所在地", "place"), pgettext_lazy("partner", "Place"), 20, read=_place, expected=_A_PLACE),
        _column("since_on", ("合作起始", "since"), gettext_lazy("Partner since"), 14, **day),
        _column("agreement_title", ("合作协议", "agreement"), gettext_lazy("Agreement"), 26),
        _column("agreement_signed_on", ("签订日期", "signed"), gettext_lazy("Signed on"), 14, **day),
        _column("agreement_until", ("有效期至", "until"), gettext_lazy("In force until"), 14, **day),
        _column("note", ("备注", "note"), gettext_lazy("Note"), 30),
    )


def judge_partners(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row: a partner of that kind and name is there already, or new."""
    unit, on = given["unit"], access.today()
    there = set(Partner.objects.filter(unit=unit, name__in=[row.text("name") for row in rows]).values_list("kind", "name"))
    found = []
    for row in rows:
        signed, until, since = (row.values.get(name) for name in ("agreement_signed_on", "agreement_until", "since_on"))
        if signed and until and until <= signed:
            found.append(_bad(("agreement_until", _("a day after the beginning"))))
        elif since and since > on:
            found.append(_bad(("since_on", _("a day that has come already"))))
        else:
            found.append(Verdict("same" if (row.text("kind"), row.text("name")) in there else "new"))
    return found


# --- people known ---------------------------------------------------------------------------------------------------------------------
def people_columns(user: Any) -> tuple[SheetColumn, ...]:
    """A person and firm a row: who, at which firm, why and until when kept, where from and where now, of which partner."""
    of_person = tuple(one for one in firms_files.person_columns(user) if one.field.name in OF_PERSON)
    place: dict[str, Any] = {"read": _place, "expected": _A_PLACE}
    free = gettext_lazy("May be left empty.")
    tie, named = gettext_lazy("From here, in business elsewhere"), gettext_lazy("Its name as entered; may be left empty.")
    return (
        *of_person,
        _column("is_home_tie", ("在外客商", "乡贤", "home tie"), tie, 14, words=BOTH, example=str(BOTH["yes"]), about=free),
        _column("origin_adcode", ("籍贯", "where from"), gettext_lazy("Where from"), 20, **place),
        _column("present_adcode", ("现居地", "where now"), gettext_lazy("Where now"), 20, **place),
        _column("occupation", ("现从事", "in what now"), gettext_lazy("In what now"), 18),
        _column("partner", ("所属合作伙伴", "所属商会", "partner"), gettext_lazy("Partner"), 24, about=named),
        _column("partner_role", ("在其中担任", "role there"), gettext_lazy("What the person is there"), 16),
    )


@dataclass(frozen=True, slots=True)
class KnownRow:
    """What a row comes to: the verdict, and what it says of the person beside the contact itself."""

    verdict: Verdict
    values: Mapping[str, Any] = field(default_factory=dict)


def known_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any, on: dt.date) -> list[KnownRow]:
    """What each row comes to. The contact is judged as in a list of contacts, but for the basis, which is consent alone."""
    given = {**given, "basis": Basis.CONSENT.value}
    people = firms_files.person_rows(rows, given, by, on)
    partners = {one.name: one for one in Partner.objects.visible_to(by).exclude(state=PartnerState.ENDED)}
    there = Acquaintance.objects.filter(person__in=[one.person.pk for one in people if _is_noted(one)])
    known = set(there.values_list("person_id", flat=True))
    found = []
    for row, one in zip(rows, people, strict=True):
        wrong = [*one.verdict.found]
        is_tie, partner = row.text("is_home_tie") == "yes", row.text("partner")
        if is_tie and not row.text("origin_adcode"):
            wrong.append(("origin_adcode", str(_A_PLACE)))
        if partner and partner not in partners:
            wrong.append(("partner", _("a partner that is entered and not ended, by its name")))
        if _is_noted(one) and one.person.basis != Basis.CONSENT:
            wrong.append(("person", _("somebody who agreed; this contact is kept for another reason")))
        if wrong:
            found.append(KnownRow(Verdict("bad", tuple(wrong))))
            continue
        is_same = one.verdict.kind == "same" and one.person is not None and one.person.pk in known
        values = {name: row.text(name) for name in ("origin_adcode", "present_adcode", "occupation", "partner_role")}
        found.append(KnownRow(Verdict("same" if is_same else "new"), values | {"is_home_tie": is_tie, "partner": partners.get(partner)}))
    return found


def _is_noted(one: firms_files.PersonRow) -> bool:
    return one.person is not None and one.person.pk is not None


def judge_people(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row of a list of people known."""
    return [one.verdict for one in known_rows(rows, given, by, access.today())]
