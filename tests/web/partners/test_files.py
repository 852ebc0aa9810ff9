"""Partners and people known come in from a file: judged row by row, written once, taken back with the batch."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factories
import fictional
from cast import Cast
from wutong.web.firms.models import Person
from wutong.web.lib.exchange import Batch, SheetRow, importings
from wutong.web.partners.models import Acquaintance, Partner

KEPT = {
    "purpose": "introduction", "consent_source": "座谈会签到表", "consented_on": dt.date(2026, 1, 10), "retain_until": dt.date(2028, 1, 10),
}  # fmt: skip


def take_in(code: str, rows: list[dict[str, Any]], given: dict[str, Any], by: Any) -> tuple[list[str], Any]:
    """The verdicts, and what was written; each cell is read as the column says."""
    kind = importings()[code]
    reads = {one.field.name: one.field.read for one in kind.columns(by)}
    sheet = [SheetRow(number, {name: reads[name](text) for name, text in row.items()}) for number, row in enumerate(rows, 2)]
    verdicts = [one.kind for one in kind.judge(rows=sheet, given=given, by=by)]
    return verdicts, kind.write(rows=sheet, batch=Batch("名单.xlsx", "0" * 64, given, {}), by=by, at=factories.AT)


def test_partners_of_a_file_are_entered_once_and_faults_are_told(cast: Cast, partner: Any) -> None:
    me = cast.bureau_officer
    rows = [
        {"name": partner.name, "kind": "商会"},
        {"name": "白榆装备协会", "kind": "association", "adcode": "白榆市", "since_on": "2024-05-01"},
        {"name": "某中介", "kind": "代理、中介机构", "agreement_signed_on": "2026-01-02", "agreement_until": "2026-01-02"},
    ]  # fmt: skip
    verdicts, written = take_in("partners.partners", rows, {"unit": me.unit, "owner": me}, me)
    assert verdicts == ["same", "new", "bad"] and [one.record.name for one in written.made] == ["白榆装备协会"]
    assert written.left[0][:2] == (4, "agreement_until")
    made = Partner.objects.get(name="白榆装备协会")
    assert (made.kind, made.adcode, made.owner) == ("association", "990200", me)


def test_people_of_a_file_come_in_with_consent_firm_and_partner(cast: Cast, partner: Any) -> None:
    me = cast.bureau_officer
    row = {"name": fictional.TARGET, "person": "柳某某", "title": "董事长", "phone": "13900001234", "partner": partner.name}
    rows = [
        row | {"is_home_tie": "是", "origin_adcode": "临溪县", "present_adcode": "990202"},
        row | {"person": "棠某某", "phone": "13900005678", "is_home_tie": "是"},
        row | {"person": "岚某某", "phone": "13900009999", "partner": "没有的商会"},
        row | {"person": "屿某某", "phone": "13900007777", "name": "没有这家公司"},
    ]
    given = KEPT | {"owner": me}
    verdicts, written = take_in("partners.people", rows, given, me)
    assert verdicts == ["new", "bad", "bad", "bad"]
    assert {(one[0], one[1]) for one in written.left} == {(3, "origin_adcode"), (4, "partner"), (5, "name")}
    made = Acquaintance.objects.get()
    assert (made.person.name, made.is_home_tie, made.origin_adcode, made.partner, made.owner) == ("柳某某", True, "990121", partner, me)
    assert made.person.basis == "consent" and made.person.positions.get().firm.name == fictional.TARGET
    assert {type(one.record).__name__ for one in written.made} >= {"Person", "Position", "Acquaintance"}
    assert take_in("partners.people", rows[:1], given, me)[0] == ["same"] and Acquaintance.objects.count() == 1


def test_a_contact_kept_for_another_reason_does_not_become_known(cast: Cast) -> None:
    me = cast.bureau_officer
    tie = factories.acquaintance(me, name="柳某某", firm_id=fictional.firm_id(fictional.TARGET))
    Acquaintance.objects.all().delete()
    Person.objects.filter(pk=tie.person.pk).update(basis="public")
    row = {"name": fictional.TARGET, "person": "柳某某", "title": "董事长", "phone": "13900001234"}
    verdicts, written = take_in("partners.people", [row], KEPT | {"owner": me}, me)
    assert verdicts == ["bad"] and written.made == () and not Acquaintance.objects.exists()
