"""An indicator that is shown and not counted says so wherever its points stand; what lacks stands by its title."""

from __future__ import annotations

import json
from typing import Any

from cast import Cast
from web.assessment.assessed import AT, TEXT, approved, drafted
from wutong.web.assessment import sheets
from wutong.web.assessment.actions import schemes
from wutong.web.assessment.models import Scheme
from wutong.web.assessment.queries import pages

SHOWN = TEXT.replace("{id: satisfied, title", "{id: satisfied, counted: no, title")
ADDED = {"new:recipe": "threshold", "new:title": "另列", "new:group": "counties", "new:of": "满意度", "new:target": "60%",
         "new:points": "5", "new:else": "0", "new:counted": "no"}  # fmt: skip


def test_an_indicator_that_is_not_counted_says_so_on_pages_in_excel_and_by_api(scheme: Scheme, cast: Cast, client_of: Any) -> None:
    approved(scheme, cast, SHOWN)
    run, client = drafted(scheme, cast), client_of("assessor")
    address = f"/assessment/runs/{run.public_id}/"
    assert client.get(address).content.decode().count("只列不计") == 1
    assert client.get(f"{address}units/{cast.units['county'].public_id}/").content.decode().count("只列不计") == 1
    tables = pages.tables(cast.assessor, run)
    assert [str(one.label) for one in sheets.columns(tables)][-3:] == ["企业满意度（只列不计）", "项目开工", "到位资金"]
    assert next(iter(sheets.rows(tables)))[-3] == 36
    items = client.get(f"/api/assessment/runs/{run.public_id}").json()["units"][0]["result"]["items"]
    assert [one.get("is_counted", True) for one in items] == [False, True, True]


def test_the_form_of_a_rule_says_whether_an_indicator_is_counted_and_remarks_stand_beside_its_faults(
    scheme: Scheme, cast: Cast, client_of: Any
) -> None:
    version, client = schemes.begin(scheme=scheme, by=cast.assessor, at=AT), client_of("assessor")
    base = f"/assessment/versions/{version.public_id}/"
    given = {"text": TEXT, "shown": json.dumps({"groups/counties/items/0/counted": ""}), "at:groups/counties/items/0/counted": "no"}
    page = client.post(f"{base}fill/", given, headers={"HX-Request": "true"}).content.decode()
    assert "counted: no" in page and "只列不计：" in page and "可能不是本意" not in page
    odd = TEXT.replace("points: 60, cap: 100%", "points: 70, cap: 100%")
    assert "可能不是本意" in client.post(f"{base}check/", {"text": odd}, headers={"HX-Request": "true"}).content.decode()
    assert client.post(f"{base}fill/", {"text": TEXT, "op": "new", **ADDED}).status_code == 302
    version.refresh_from_db()
    assert version.text.count("counted: no") == 1 and "只列不计：" in client.get(base).content.decode()


def test_what_a_total_lacks_stands_by_its_title(scheme: Scheme, cast: Cast) -> None:
    approved(scheme, cast, TEXT.replace("  satisfied: {zh: 满意度", "  rated: {zh: 测评分, unit: 分}\n  satisfied: {zh: 满意度").replace(
        "    items:\n", "    items:\n      - {id: rated, formula: rated}\n"))  # fmt: skip
    (table,) = pages.tables(cast.assessor, drafted(scheme, cast))
    assert any("测评分" in flag for flag in table.lines[0].flags) and not any("rated" in flag for flag in table.lines[0].flags)
