"""The pages of goals: who sees and does what, invalid input, a second try."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from web.assessment.test_goals import goal_set, in_force, write
from wutong.web.assessment.models import Goal, GoalChange, GoalSet, GoalValue

pytestmark = pytest.mark.django_db


def address(name: str, one: Any = None) -> str:
    return reverse(f"assessment:{name}", args=[one.public_id] if one is not None else [])


def values() -> dict[str, Decimal]:
    return {one.goal.unit.name_zh: one.value for one in GoalValue.objects.select_related("goal__unit")}


def test_a_set_goes_from_a_form_to_being_in_force(cast: Cast, client_of: Any) -> None:
    writer, approver = client_of("assessor"), client_of("vice_mayor")
    said = {
        "title": "自定目标", "year": "2024", "origin": "own", "unit": str(cast.units["city"].public_id), "document_number": "",
        "document_on": "",
    }  # fmt: skip

    answer = writer.post(address("goal-set-new"), said)
    made = GoalSet.objects.get()
    assert answer["Location"] == address("goal-set-units", made)
    writer.post(address("goal-set-units", made), {str(cast.units[name].public_id): "on" for name in ("county", "zone")})
    writer.post(address("goal-set-line", made), {"line": "funds", "value": "10.5"})
    county = str(cast.units["county"].public_id)
    answer = writer.post(address("goal-breakdown", made), {f"{county}:funds": "6.25", f"{cast.units['zone'].public_id}:funds": ""})
    assert answer.status_code == 302
    assert values() == {"青桐市": Decimal(1_050_000_000), "临溪县": Decimal(625_000_000)}
    page = writer.get(address("goal-set", made)).content.decode()
    assert "6.25" in page
    assert "4.25" in page  # what the units below lack
    writer.post(address("goal-set-submit", made))
    assert writer.post(address("goal-set-approve", made)).status_code == 403
    approver.post(address("goal-set-approve", made))
    made.refresh_from_db()
    assert made.state == "in_force"
    assert "6.25" in client_of("county_officer").get(address("goals") + "?year=2024").content.decode()


def test_all_empty_fields_are_filled_at_once_as_a_proposal_that_is_saved_or_not(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=5)
    write(cast, goals, "funds", city=100_000_000, zone=40_000_000)
    client, before = client_of("assessor"), GoalValue.objects.count()
    page = client.get(address("goal-breakdown", goals) + "?fill=equal").content.decode()
    county, zone = (str(cast.units[name].public_id) for name in ("county", "zone"))
    proposed = {f"{county}:signed": "3", f"{zone}:signed": "2", f"{county}:funds": "0.6", f"{zone}:funds": "0.4"}
    assert all(f'name="{name}" value="{value}"' in page for name, value in proposed.items())
    assert page.count("◆") == 4 and "占青桐市待分解数的 50.0 %" in page  # three fields and what the sign means
    assert GoalValue.objects.count() == before
    assert client.post(address("goal-breakdown", goals), proposed).status_code == 302
    assert GoalValue.objects.count() == before + 3
    nothing = client.get(address("goal-breakdown", goals) + "?fill=last_year").content.decode()
    assert "没有可建议的" in nothing
    assert client.get(address("goal-breakdown", goals) + "?fill=shares").status_code == 200


def test_what_cannot_be_read_is_named_and_nothing_is_written(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10)
    city = f"{cast.units['city'].public_id}:signed"

    for text in ("ten", "-1", "1e5", "1.5"):
        answer = client_of("assessor").post(address("goal-breakdown", goals), {city: text})
        assert answer.status_code == 422, text
        assert f'value="{text}"' in answer.content.decode()
    assert values() == {"青桐市": Decimal(10)}
    assert client_of("assessor").post(address("goal-set-new"), {"title": ""}).status_code == 422


@pytest.mark.parametrize("name", ["goal-set", "goal-set-units", "goal-set-line", "goal-breakdown", "goal-propose"])
def test_a_draft_is_seen_by_those_who_write_or_approve_it(cast: Cast, client_of: Any, name: str) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10)

    assert client_of("assessor").get(address(name, goals)).status_code == 200
    for other in ("county_officer", "other_leader"):
        assert client_of(other).get(address(name, goals)).status_code in (403, 404), other
    assert client_of("no_role").get(address(name, goals)).status_code == 403


def test_buttons_are_pressed_not_opened(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    for name in ("submit", "approve", "send-back", "drop"):
        assert client_of("bureau_leader").get(address(f"goal-set-{name}", goals)).status_code == 405
    assert client_of("bureau_leader").post(address("goals")).status_code == 405


def test_a_proposal_is_taken_over_by_a_yes(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=7)
    asked = {"line": "signed", "unit": str(cast.units["city"].public_id), "split": "equal"}

    page = client_of("assessor").get(address("goal-propose", goals), asked).content.decode()
    assert "3.5" in page
    assert values() == {"青桐市": Decimal(7)}
    fields = {f"{cast.units['county'].public_id}:signed": "4", f"{cast.units['zone'].public_id}:signed": "3"}
    assert all(f'name="{name}" value="{value}' in page for name, value in fields.items())
    client_of("assessor").post(address("goal-breakdown", goals), fields)
    assert values() == {"青桐市": Decimal(7), "临溪县": Decimal(4), "青桐高新区": Decimal(3)}


def test_months_by_hand(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=12)
    goal = Goal.objects.get()
    by_hand = {f"month_{at}": str(3 * ((at - 1) // 3 + 1)) for at in range(1, 13)}

    assert client_of("assessor").post(address("goal-months", goal), {"curve": "hand", **by_hand, "month_12": "11"}).status_code == 422
    assert client_of("assessor").post(address("goal-months", goal), {"curve": "hand", **by_hand}).status_code == 302
    assert goal.values.get().reached[2] == "3"
    assert client_of("assessor").get(address("goal", goal)).status_code == 200


def test_a_unit_asks_for_a_change_and_another_person_decides(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10, county=6, zone=4)
    in_force(cast, goals)
    goal = Goal.objects.get(unit=cast.units["county"])
    said = {"value": "5", "valid_from": f"{goals.year}-07-01", "reason": "上级调减", "document": "〔2024〕9号", "is_correction": "on"}

    assert client_of("park_officer").get(address("goal-change", goal)).status_code == 404
    assert client_of("county_officer").post(address("goal-change", goal), {**said, "document": ""}).status_code == 422
    assert client_of("county_officer").post(address("goal-change", goal), said).status_code == 302
    assert client_of("county_officer").post(address("goal-change", goal), said).status_code == 422  # one waits already
    change = GoalChange.objects.get()
    assert client_of("county_officer").post(address("goal-change-approve", change)).status_code == 403
    offered = address("goal-change-approve", change)
    assert [offered in client_of(name).get(address("goal", goal)).content.decode() for name in ("vice_mayor", "county_officer")] == [
        True,
        False,
    ]
    client_of("vice_mayor").post(address("goal-change-decline", change))  # no reason: nothing happens
    change.refresh_from_db()
    assert change.state == "waiting"
    client_of("vice_mayor").post(address("goal-change-approve", change))
    change.refresh_from_db()
    assert change.state == "approved"
    assert [str(one.value) for one in goal.values.all()] == ["6.0000", "5.0000"]
    page = client_of("county_officer").get(address("goal", goal)).content.decode()
    assert "〔2024〕9号" in page


def test_the_approver_has_it_among_his_duties(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast, title="待批目标")
    write(cast, goals, city=10)
    client_of("assessor").post(address("goal-set-submit", goals))

    assert "待批目标" in client_of("vice_mayor").get(reverse("journal:list")).content.decode()
    assert "待批目标" not in client_of("assessor").get(reverse("journal:list")).content.decode()


def test_goals_leave_as_a_spreadsheet_cut_to_what_a_person_sees(cast: Cast, client_of: Any) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10, county=6)
    in_force(cast, goals)

    answer = client_of("county_officer").get(address("goals-export") + f"?year={goals.year}")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["临溪县"]
    assert client_of("department_officer").get(address("goals-export")).status_code == 403
    everything = client_of("assessor").get(address("goals-export") + f"?year={goals.year}")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(everything.streaming_content))).get_sheet_by_index(0).to_python()
    assert [(row[0], row[5]) for row in rows[1:]] == [("青桐市", 10), ("临溪县", 6), ("青桐高新区", "没有目标")]


def test_the_page_of_a_year_is_there_without_goals(cast: Cast, client_of: Any) -> None:
    for name in ("goals", "goal-sets"):
        assert client_of("county_officer").get(address(name)).status_code == 200
        assert client_of("adviser").get(address(name)).status_code == 403
    assert client_of("assessor").get(address("goals") + "?year=abc&on=x&unit=1").status_code == 200


def test_the_number_of_questions_does_not_grow_with_the_units(cast: Cast, client_of: Any, django_assert_max_num_queries: Any) -> None:
    goals = goal_set(cast)
    more = [factories.unit(f"乡镇{number}", kind="township", parent=cast.units["county"]) for number in range(12)]
    from wutong.web.assessment.actions import goals as actions

    listed = [cast.units["county"], cast.units["zone"], *more]
    actions.set_units(goal_set=goals, units=listed, by=cast.assessor, at=factories.AT)
    given = {
        (one.pk, measure, "", ""): Decimal(100_000_000) for one in [cast.units["city"], *listed] for measure in ("signed", "funds", "away")
    }
    actions.set_values(goal_set=goals, values=given, by=cast.assessor, at=factories.AT)
    in_force(cast, goals)
    client = client_of("assessor")
    client.get(address("goals"))

    with django_assert_max_num_queries(45):
        client.get(address("goals") + f"?year={goals.year}")


def test_the_summary_shows_each_set_as_a_whole_and_no_unit_below(cast: Cast, client_of: Any) -> None:
    empty = client_of("vice_mayor").get(address("goals-summary")).content.decode()
    assert "本年度尚无生效的目标任务" in empty
    factories.goal_set(cast.units["zone"], mark="园区", year=timezone.localdate().year)
    found = factories.goal_set(cast.units["city"], year=timezone.localdate().year)
    page = client_of("vice_mayor").get(address("goals-summary")).content.decode()
    assert cast.units["city"].name_zh in page
    assert str(found.goals.get().public_id) in page
    assert page.count("全年时间已过") == 2, "a unit below stands there for a set of its own alone"
    assert client_of("no_role").get(address("goals-summary")).status_code == 403
