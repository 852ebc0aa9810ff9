"""Trips that come in from a file: the columns, and what each row comes to, for the preview and the writing alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.engine import cleaning
from wutong.engine.list_files import Field
from wutong.web.accounts.models import User
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of
from wutong.web.outreach import rules
from wutong.web.outreach.models import Trip
from wutong.web.outreach.queries import places, trips
from wutong.web.outreach.rules import Span

LABEL = pgettext_lazy("import", "Trips")
BOTH = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")}
_A_DAY = gettext_lazy("a day such as 2025-06-30")
_TEXT = gettext_lazy("text of at most 200 characters")
_FREE = gettext_lazy("May be left empty.")


def _short(text: str) -> str:
    if len(text) > 200 or "\x00" in text:
        raise ValueError(text)
    return text.strip()


def _long(text: str) -> str:
    if len(text) > 2000 or "\x00" in text:
        raise ValueError(text)
    return text.strip()


def _day(text: str) -> dt.date:
    found = cleaning.read_date(text)
    if found is None:
        raise ValueError(text)
    return found


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """A trip a row."""
    day: dict[str, Any] = {"is_needed": True, "read": _day, "expected": _A_DAY}
    text: dict[str, Any] = {"read": _short, "expected": _TEXT}
    both: dict[str, Any] = {"read": choice_of(BOTH), "expected": one_of(BOTH)}
    words = tuple(str(word) for word in BOTH.values())
    several = gettext_lazy("Several are parted by “、”.")
    return (
        SheetColumn(Field("people", ("人员", "外出人员", "people"), is_needed=True, **text), _("People"), several, "张三、李四", (), 24),
        SheetColumn(Field("first_on", ("出发日期", "开始日期", "from"), **day), pgettext_lazy("trip", "First day"), "", "2026-03-02"),
        SheetColumn(
            Field("is_from_noon", ("下午出发", "left at noon"), **both), pgettext_lazy("trip", "Left at noon"), _FREE, "", words, 10
        ),
        SheetColumn(Field("last_on", ("返回日期", "结束日期", "to"), **day), pgettext_lazy("trip", "Last day"), "", "2026-03-04"),
        SheetColumn(
            Field("is_until_noon", ("上午返回", "back at noon"), **both), pgettext_lazy("trip", "Back at noon"), _FREE, "", words, 10
        ),
        SheetColumn(Field("places", ("地点", "目的地", "where"), is_needed=True, **text), _("Where"), several, "440300、德国", (), 24),
        SheetColumn(
            Field("purpose", ("事由", "任务", "purpose"), is_needed=True, **text), pgettext_lazy("trip", "Purpose"), "", "拜访隔膜企业"
        ),
        SheetColumn(Field("firms", ("拜访企业", "firms"), **text), _("Firms visited"), _FREE, "", (), 30),
        SheetColumn(
            Field("result", ("成果", "result"), read=_long, expected=gettext_lazy("text of at most 2,000 characters")),
            pgettext_lazy("trip", "Result"), _FREE, "", (), 30,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TripFileRow:
    """What a row comes to: the verdict, and what is said of the trip."""

    verdict: Verdict
    values: Mapping[str, Any] = field(default_factory=dict)


def _people(text: str, known: Mapping[str, list[User]], unit: Any) -> tuple[tuple[User, ...], tuple[str, ...]]:
    """The people of these names: of several of one name the one of the unit; and the names that mean nobody, or more than one."""
    found, odd = [], []
    for name in places.split(text):
        those = known.get(name, [])
        mine = [one for one in those if one.unit_id == unit.pk] or those
        if len(mine) == 1:
            found.append(mine[0])
        else:
            odd.append(name)
    return tuple(dict.fromkeys(found)), tuple(odd)


def trip_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[TripFileRow]:
    """What each row comes to."""
    known: dict[str, list[User]] = {}
    for person in trips.people_to_go(by):
        known.setdefault(str(person), []).append(person)
    unit = given["unit"]
    there = {
        (one.first_on, one.last_on, one.purpose)
        for one in Trip.objects.standing().filter(unit=unit, first_on__in=[row.values["first_on"] for row in rows])
    }
    return [_judged(row, known, unit, there) for row in rows]


def _judged(row: SheetRow, known: Mapping[str, list[User]], unit: Any, there: set[Any]) -> TripFileRow:
    people, odd = _people(row.text("people"), known, unit)
    codes, unknown = places.codes_of(row.text("places"))
    firm_ids = {name: firms.firm_id_of(name) for name in places.split(row.text("firms"))}
    span = Span(
        row.values["first_on"], row.values["last_on"], row.text("is_from_noon") == "yes", row.text("is_until_noon") == "yes"
    )  # fmt: skip
    wrong = []
    if odd:
        wrong.append(("people", _("one person of the office by each name; not found, or several: %(names)s") % {"names": "、".join(odd)}))
    if unknown:
        wrong.append(("places", _("provinces, cities, counties or countries; not known: %(names)s") % {"names": "、".join(unknown)}))
    if lost := [name for name, key in firm_ids.items() if not key]:
        wrong.append(("firms", _("firms of the registry; not found: %(names)s") % {"names": "、".join(lost)}))
    refused = rules.refusals_to_enter(
        span, purpose=row.text("purpose"), people=1, places=1, is_unit_open=True, are_active=True, are_leads_seen=True
    )
    wrong += [("last_on", words) for words in trips.refusal_words(refused)]
    if wrong:
        return TripFileRow(Verdict("bad", tuple(wrong)))
    is_same = (span.first_on, span.last_on, row.text("purpose")) in there
    said = {
        "span": span, "purpose": row.text("purpose"), "people": people, "places": codes, "result": row.text("result"),
        "firms": tuple(key for key in firm_ids.values() if key),
    }  # fmt: skip
    return TripFileRow(Verdict("same" if is_same else "new"), said)


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row."""
    return [one.verdict for one in trip_rows(rows, given, by)]
