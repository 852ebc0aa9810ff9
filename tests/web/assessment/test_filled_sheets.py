"""Figures and goals as sheets: given out as they stand, taken in filled, with faults by row and column, nothing half-written, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from web.assessment.assessed import AT, ON, drafted, figure
from web.batches.filling import work, workbook
from wutong.web.assessment.actions import goals, runs
from wutong.web.assessment.actions.figures import Said
from wutong.web.assessment.models import FactEntry, Scheme
from wutong.web.assessment.rules.goals import Curve, Origin, SetStep
from wutong.web.assessment.rules.runs import ValueState
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import checking

if TYPE_CHECKING:
    from cast import Cast

ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _kept_apart(settings: Any, tmp_path: Path) -> None:
    settings.BATCHES = tmp_path


def sheet(client: Client, address: str) -> list[list[Any]]:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()


def posted(client: Client, code: str, rows: list[list[Any]], given: dict[str, str]) -> Any:
    file = BytesIO(workbook(rows[1:], head=rows[0]))
    file.name = "填报.xlsx"
    return client.post(reverse("batches:import-new", args=[code]), {**given, "file": file})


def send(client: Client, code: str, rows: list[list[Any]], **given: str) -> ImportBatch:
    assert posted(client, code, rows, given).status_code == 302
    return ImportBatch.objects.latest("pk")


def start(client: Client, batch: ImportBatch) -> ImportBatch:
    client.post(reverse("batches:import-start", args=[batch.public_id]), {"mode": "whole"})
    work()
    batch.refresh_from_db()
    return batch


def undo(client: Client, batch: ImportBatch) -> str:
    client.post(reverse("batches:import-undo", args=[batch.public_id]))
    work()
    batch.refresh_from_db()
    return batch.state


def places(batch: ImportBatch) -> list[tuple[int, str]]:
    """Row and column of each fault."""
    return [fault[:2] for fault in checking.faults(batch, 0, 50)]


# --- figures ----------------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def of(scheme: Scheme) -> dict[str, str]:
    """What is said beside the sheet."""
    return {"scheme": str(scheme.public_id), "on": ON.isoformat(), "standing": "verified", "source": "统计局年报"}


def figures_of(client: Client, scheme: Scheme) -> list[list[Any]]:
    return sheet(client, reverse("assessment:figures-sheet", args=[scheme.public_id]))


def test_the_sheet_tells_missing_not_applicable_zero_and_nothing_said_apart(scheme: Scheme, cast: Cast, client_of: ClientOf) -> None:
    figure(scheme, cast, "target", "county", "", said=Said(ValueState.MISSING), reason="未报")
    figure(scheme, cast, "target", "zone", "", said=Said(ValueState.NOT_APPLICABLE), reason="不考核")
    figure(scheme, cast, "satisfied", "county", "0", reason="核实为零")
    head, *rows = figures_of(client_of("assessor"), scheme)
    at = [next(number for number, title in enumerate(head) if title.startswith(name)) for name in ("开工目标", "满意度")]
    by_unit = {row[0]: [row[number] for number in at] for row in rows}
    assert by_unit == {cast.units["county"].name: ["缺失", 0], cast.units["zone"].name: ["不适用", 80]}
    assert head[at[0]] == "开工目标（个）"


def test_a_sheet_that_comes_back_as_it_was_changes_nothing(scheme: Scheme, of: dict[str, str], client_of: ClientOf) -> None:
    client = client_of("assessor")
    batch = send(client, "assessment.figures", figures_of(client, scheme), **of)
    assert (batch.counts["same"], batch.counts["new"], batch.counts["changed"], batch.counts["bad"]) == (2, 0, 0, 0)


def test_a_correction_needs_its_reason_and_undone_what_stood_stands_again(scheme: Scheme, of: dict[str, str], client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = [["单位", "开工目标", "更正原因"], [figures_of(client, scheme)[1][0], 5, ""]]
    assert places(send(client, "assessment.figures", rows, **of)) == [(2, "更正原因")]
    rows[1][2] = "原数有误"
    batch = send(client, "assessment.figures", rows, **of)
    assert batch.counts["changed"] == 1
    start(client, batch)
    standing = FactEntry.objects.standing().filter(fact="target", unit__name_zh=rows[1][0])
    now = standing.get()
    assert (now.value, now.reason, now.corrects.value if now.corrects else "") == ("5", "原数有误", "2")
    assert (undo(client, batch), standing.get().value) == ("undone", "2")


def test_what_is_wrong_is_told_by_row_column_value_and_what_was_expected(scheme: Scheme, of: dict[str, str], client_of: ClientOf) -> None:
    client, before = client_of("assessor"), FactEntry.objects.count()
    named = figures_of(client, scheme)[1][0]
    batch = send(client, "assessment.figures", [["单位", "开工目标"], [named, "很多"], ["没有这个单位", "3"]], **of)
    found = checking.faults(batch, 0, 50)
    assert [fault[:3] for fault in found] == [(2, "开工目标", "很多"), (3, "单位", "没有这个单位")]
    assert "缺失" in found[0][3]
    assert named in found[1][3]
    start(client, batch)
    assert FactEntry.objects.count() == before


def test_a_value_says_where_it_comes_from_in_the_row_or_beside_the_file(scheme: Scheme, of: dict[str, str], client_of: ClientOf) -> None:
    client, day = client_of("assessor"), {**of, "on": "2026-09-30"}
    rows = [["单位", "开工目标", "数据来源"], [figures_of(client, scheme)[1][0], 3, ""]]
    assert places(send(client, "assessment.figures", rows, **{**day, "source": ""})) == [(2, "数据来源")]
    start(client, send(client, "assessment.figures", rows, **day))
    assert FactEntry.objects.latest("pk").source == "统计局年报"


def test_a_frozen_run_keeps_the_figures_that_it_stands_on(scheme: Scheme, cast: Cast, of: dict[str, str], client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = [["单位", "target"], [figures_of(client, scheme)[1][0], 3]]
    batch = start(client, send(client, "assessment.figures", rows, **{**of, "on": "2026-09-30"}))
    later = FactEntry.objects.latest("pk").at + dt.timedelta(hours=1)
    runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=later)
    assert undo(client, batch) == "done"
    assert FactEntry.objects.filter(on="2026-09-30").exists()


def test_a_unit_fills_in_its_own_only(scheme: Scheme, cast: Cast, of: dict[str, str], client_of: ClientOf) -> None:
    client = client_of("county_officer")
    assert [row[0] for row in figures_of(client, scheme)[1:]] == [cast.units["county"].name]
    rows = [["单位", "target"], [cast.units["zone"].name, 3], [cast.units["county"].name, 3]]
    batch = send(client, "assessment.figures", rows, **{**of, "standing": "own"})
    assert (places(batch), batch.counts["new"]) == ([(2, "单位")], 1)
    assert posted(client, "assessment.figures", rows, of).status_code == 422


# --- goals ------------------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def draft(cast: Cast) -> Any:
    """A draft of the bureau with a goal of the whole."""
    unit = cast.units["bureau"]
    made = goals.make_set(
        title="2026 年目标", year=2026, origin=Origin.OWN, unit=unit, document_number="〔2026〕1 号", document_on=None, must_add_up=False,
        by=cast.assessor, at=AT,
    )  # fmt: skip
    goals.set_values(goal_set=made, values={(unit.pk, "signed", "", ""): Decimal(12)}, by=cast.assessor, at=AT)
    return made


def goals_of(client: Client, draft: Any) -> list[list[Any]]:
    return sheet(client, reverse("assessment:goal-set-sheet", args=[draft.public_id]))


def sent(client: Client, draft: Any, rows: list[list[Any]]) -> ImportBatch:
    return send(client, "assessment.goals", rows, set=str(draft.public_id))


def test_the_sheet_of_goals_comes_back_as_it_was(draft: Any, client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = goals_of(client, draft)
    assert rows[0][:6] == ["单位", "目标事项", "产业链", "计量单位", "全年目标", "1月累计"]
    assert (rows[1][4], rows[1][16]) == (12, 12)
    assert sent(client, draft, rows).counts["same"] == 1


def test_a_new_year_takes_its_months_along_and_undone_the_old_ones_stand(draft: Any, client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = goals_of(client, draft)
    rows[1][4] = 24
    batch = start(client, sent(client, draft, rows))
    value = draft.goals.get().values.get()
    assert (value.value, value.months[0], value.months[11]) == (24, 2, 24)
    assert undo(client, batch) == "undone"
    value.refresh_from_db()
    assert (value.value, value.months[11]) == (12, 12)


def test_months_by_hand_and_a_new_measure_come_in_and_go_again(draft: Any, client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = goals_of(client, draft)
    rows[1][5:] = [0] * 11 + [12]
    rows.append([rows[1][0], "started", "", "", 6, *[""] * 12])
    rows.append([rows[1][0], "签约项目", "光伏", "个", 3, *[""] * 12])
    batch = start(client, sent(client, draft, rows))
    assert draft.goals.get(measure="signed", chain="").curve == Curve.HAND
    assert draft.goals.get(chain="photovoltaics").values.get().value == 3
    assert [row[:5] for row in goals_of(client, draft)[1:3]] == [rows[1][:5], rows[3][:5]]
    assert draft.goals.get(measure="started").values.get().months[11] == 6
    assert undo(client, batch) == "undone"
    assert draft.goals.get().curve == Curve.EQUAL


def test_what_is_wrong_with_goals_is_told_by_row_and_column(draft: Any, client_of: ClientOf) -> None:
    client = client_of("assessor")
    head, first = goals_of(client, draft)[:2]
    blank = [""] * 12
    rows = [
        head, ["没有这个单位", *first[1:]], [first[0], "没有这个指标", *first[2:]], [*first[:3], "亿元", 3, *blank],
        [*first[:4], 2.5, *blank],
        [first[0], "started", "", "", "", 1, *blank[1:]], [first[0], "completed", "", "", 12, 1, *blank[1:]],
        [first[0], "produced", "", "", 12, *[1] * 12], [*first[:2], "香料", "", 3, *blank], [first[0], "away", "光伏", "", 3, *blank],
    ]  # fmt: skip
    batch = sent(client, draft, rows)
    assert places(batch) == [
        (2, "单位"), (3, "目标事项"), (4, "计量单位"), (5, "全年目标"), (6, "全年目标"), (7, "2月累计"), (8, "12月累计"),
        (9, "产业链"), (10, "产业链"),
    ]  # fmt: skip
    start(client, batch)
    assert draft.goals.get().values.get().value == 12


def test_a_unit_and_measure_stand_once_in_a_sheet(draft: Any, client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = goals_of(client, draft)
    assert places(sent(client, draft, [*rows, rows[1]])) == [(3, "目标事项")]


def test_goals_go_only_into_a_draft_and_stay_once_it_is_submitted(draft: Any, cast: Cast, client_of: ClientOf) -> None:
    client = client_of("assessor")
    rows = goals_of(client, draft)
    rows[1][4] = 24
    batch = start(client, sent(client, draft, rows))
    goals.take_step(goal_set=draft, step=SetStep.SUBMIT, by=cast.assessor, at=AT)
    assert undo(client, batch) == "done"
    assert posted(client, "assessment.goals", rows, {"set": str(draft.public_id)}).status_code == 422
