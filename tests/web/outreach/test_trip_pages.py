"""Pages of trips: works, wrong method, wrong role, other region, invalid input, sent twice; file in, API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from cast import Cast
from wutong.web.lib.exchange import SheetRow
from wutong.web.outreach import actions
from wutong.web.outreach.actions import Said
from wutong.web.outreach.models import Trip
from wutong.web.outreach.queries import files
from wutong.web.outreach.rules import Span

pytestmark = pytest.mark.once


def text(response: Any) -> str:
    return str(response.content.decode())


def given(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "unit": cast.units["bureau"].public_id, "people": [cast.bureau_officer.public_id, cast.bureau_leader.public_id],
        "first_on": "2025-03-03", "last_on": "2025-03-04", "is_until_noon": "on", "places": "990200、德国",
        "purpose": "拜访隔膜企业", **more,
    }  # fmt: skip


def entered(cast: Cast) -> Trip:
    said = Said(Span(dt.date(2025, 3, 3), dt.date(2025, 3, 4)), "拜访隔膜企业", (cast.bureau_officer,), ("DE",))
    return actions.enter(unit=cast.units["bureau"], said=said, by=cast.bureau_officer, at=timezone.now())


def test_a_trip_is_entered_once_however_often_it_is_sent_and_read_in_the_list(cast: Cast, client_of: Any) -> None:
    officer = client_of("bureau_officer")
    assert 'value="' in text(officer.get("/trips/new/"))
    for _time in range(2):
        assert officer.post("/trips/new/", given(cast)).status_code == 302
    trip = Trip.objects.get()
    page = text(officer.get("/trips/"))
    assert "拜访隔膜企业" in page and "1.5" in page and "德国" in page and str(cast.bureau_leader) in page
    assert "上午返回" in text(officer.get(f"/trips/{trip.public_id}/"))
    assert "没有符合条件的外出" in text(officer.get("/trips/?place=法国"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"places": "月球"}, "月球"),
        ({"people": []}, "必填"),
        ({"last_on": "2025-03-01"}, "早于"),
        ({"last_on": "2025-03-03", "is_from_noon": "on"}, "不足半天"),
        ({"firms": "无此企业有限公司"}, "无此企业有限公司"),
        ({"first_on": "0025-03-03"}, "年份"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_entered(cast: Cast, client_of: Any, changes: dict[str, Any], words: str) -> None:
    response = client_of("bureau_officer").post("/trips/new/", given(cast, **changes))
    assert response.status_code == 422 and words in text(response) and not Trip.objects.exists()


def test_a_trip_is_corrected_and_withdrawn_with_reasons(cast: Cast, client_of: Any) -> None:
    trip, officer = entered(cast), client_of("bureau_officer")
    address = f"/trips/{trip.public_id}/"
    assert "德国" in text(officer.get(f"{address}edit/"))
    assert officer.post(f"{address}edit/", given(cast, purpose="拜访电芯企业")).status_code == 422
    assert officer.post(f"{address}edit/", given(cast, purpose="拜访电芯企业", reason="笔误")).status_code == 302
    trip.refresh_from_db()
    assert trip.purpose == "拜访电芯企业" and trip.is_until_noon
    assert officer.post(f"{address}withdraw/", {"reason": ""}).status_code == 422
    assert officer.post(f"{address}withdraw/", {"reason": "未成行"}).status_code == 302
    assert "未成行" in text(officer.get(address)) and officer.get(f"{address}edit/").status_code == 403


def test_pages_are_closed_to_other_regions_to_onlookers_and_to_other_methods(cast: Cast, client_of: Any) -> None:
    trip = entered(cast)
    for verb in ("", "edit/", "withdraw/"):
        address = f"/trips/{trip.public_id}/{verb}"
        assert client_of("other_officer").get(address).status_code == 404
        assert client_of("bureau_officer").put(address).status_code == 405
        assert client_of("adviser").get(address).status_code == 403
    assert client_of("vice_mayor").post(f"/trips/{trip.public_id}/edit/", given(cast, reason="x")).status_code == 403
    assert client_of("vice_mayor").get("/trips/new/").status_code == 403
    wrong = client_of("park_officer").post("/trips/new/", given(cast))
    assert wrong.status_code == 422 and Trip.objects.count() == 1


def test_days_away_by_unit_lead_to_their_trips_and_units_without_any_are_named(cast: Cast, client_of: Any) -> None:
    entered(cast)
    leader = client_of("bureau_leader")
    page = text(leader.get("/trips/days/?since=2025-03-01&until=2025-03-31"))
    assert "青桐市招商局" in page and "2.0" in page and "无外出" in page and "青桐高新区" in page
    assert f"?unit={cast.units['bureau'].public_id}&amp;since=2025-03-01" in page
    told = leader.get("/api/trips/days?since=2025-03-01&until=2025-03-31").json()
    assert told["units"][0]["working_days"] in {"2.0", "2"} and "青桐高新区" in told["without"]
    (one,) = leader.get("/api/trips?place=DE").json()["items"]
    assert one["purpose"] == "拜访隔膜企业" and one["places"] == ["德国"]
    assert leader.get("/api/trips?place=月球").status_code == 400
    assert client_of("other_leader").get("/api/trips").json()["count"] == 0


def row(number: int, **values: Any) -> SheetRow:
    day = dt.date(2025, 3, 3)
    return SheetRow(number, {"people": "干部06", "first_on": day, "last_on": day, "places": "德国", "purpose": "拜访", **values})


def test_a_file_says_row_by_row_what_is_wrong(cast: Cast) -> None:
    entered(cast)
    rows = [
        row(2), row(3, people="某某"), row(4, places="月球"), row(5, last_on=dt.date(2025, 3, 1)), row(6, firms="无此企业有限公司"),
        row(7, purpose="拜访隔膜企业", last_on=dt.date(2025, 3, 4)),
    ]  # fmt: skip
    found = files.judge(rows=rows, given={"unit": cast.units["bureau"]}, by=cast.bureau_officer)
    assert [one.kind for one in found] == ["new", "bad", "bad", "bad", "bad", "same"]
    assert [one.found[0][0] for one in found[1:5]] == ["people", "places", "last_on", "firms"]
