"""What becomes of units: renamed, moved, merged, split, closed, reopened; what they were stays readable for any day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.accounts.actions import refusing, units
from wutong.web.accounts.models import Posting, ProposedPosting, StandIn, Unit, UnitChange, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import units as unit_rules
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.accounts.rules.units import UnitChangeFacts, UnitChangeKind, UnitState
from wutong.web.audit.models import Entry
from wutong.web.firms.models import Relation

Browser = Callable[..., Client]
RENAMED_ON, MOVED_ON, LATER = dt.date(2026, 4, 1), dt.date(2026, 5, 1), dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
NOW = UnitState("现名", "Present", 2)


@pytest.fixture(autouse=True)
def _in_chinese() -> None:
    from django.utils import translation

    translation.activate("zh-hans")


# --- rules ----------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "name"), [(dt.date(2026, 3, 31), "原名"), (RENAMED_ON, "现名"), (dt.date(2026, 4, 2), "现名"), (dt.date(1990, 1, 1), "原名")]
)
def test_a_name_holds_from_its_day_on(day: dt.date, name: str) -> None:
    change = UnitChangeFacts(UnitChangeKind.RENAMED, RENAMED_ON, 1, "原名", "Former")
    assert unit_rules.state_on(NOW, [change], day).name_zh == name


def test_changes_of_one_day_are_taken_back_in_their_order() -> None:
    changes = [
        UnitChangeFacts(UnitChangeKind.RENAMED, RENAMED_ON, 1, "最初", ""),
        UnitChangeFacts(UnitChangeKind.RENAMED, RENAMED_ON, 2, "中间", ""),
        UnitChangeFacts(UnitChangeKind.MOVED, MOVED_ON, 3, old_parent_id=7),
    ]
    before = unit_rules.state_on(NOW, changes, dt.date(2026, 3, 1))
    assert (before.name_zh, before.parent_id) == ("最初", 7)
    assert unit_rules.state_on(NOW, changes, RENAMED_ON).parent_id == 7


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        (UnitChangeKind.CLOSED, (True, True)),
        (UnitChangeKind.MERGED, (True, True)),
        (UnitChangeKind.REOPENED, (False, True)),
        (UnitChangeKind.FOUNDED, (False, False)),
        (UnitChangeKind.SPLIT, (False, True)),
    ],
)
def test_whether_it_was_open_or_there_at_all(kind: UnitChangeKind, before: tuple[bool, bool]) -> None:
    present = UnitState("甲", "", None, is_open=False)
    state = unit_rules.state_on(present, [UnitChangeFacts(kind, RENAMED_ON)], RENAMED_ON - dt.timedelta(days=1))
    assert (state.is_open, state.is_founded) == before


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (MOVED_ON, ()),
        (MOVED_ON - dt.timedelta(days=1), (Refusal.BEFORE_LAST_CHANGE,)),
        (LATER.date(), ()),
        (LATER.date() + dt.timedelta(days=1), (Refusal.CHANGE_TO_COME,)),
    ],
)
def test_a_change_holds_from_its_entry_and_stands_behind_the_last(on: dt.date, expected: tuple[Refusal, ...]) -> None:
    known = [UnitChangeFacts(UnitChangeKind.MOVED, MOVED_ON)]
    assert unit_rules.refusals_to_date(known, changed_on=on, entered_on=LATER.date()) == expected


# --- renamed and moved ----------------------------------------------------------------------------------------------------------------
def rename(unit: Unit, name: str, *, on: dt.date = RENAMED_ON, **more: object) -> Unit:
    values = {"name_zh": name, "changed_on": on, "by": None, "at": LATER, **more}
    return units.change_unit(unit=unit, parent=unit.parent, **values)


def test_the_page_tells_the_former_name_with_date_reason_and_document(client_of: Browser, cast: Cast) -> None:
    form = {
        "kind": "department", "name_zh": "青桐市投资促进局", "parent": str(cast.units["city"].public_id), "adcode": "990100",
        "changed_on": "2026-04-01", "reason": "机构改革", "document": "青编〔2026〕3号",
    }  # fmt: skip
    client, address = client_of("system_admin"), f"/accounts/units/{cast.units['bureau'].public_id}/"
    assert client.post(address + "edit/", form).status_code == 302
    page = client.get(address).content.decode()
    assert "原名青桐市招商局（至2026-04-01）" in page
    assert "机构改革" in page and "青编〔2026〕3号" in page
    unit = Unit.objects.get(pk=cast.units["bureau"].pk)
    assert [unit.name_on(day) for day in (dt.date(2026, 3, 31), RENAMED_ON)] == ["青桐市招商局", "青桐市投资促进局"]


def test_a_correction_leaves_no_former_name(cast: Cast) -> None:
    unit = rename(cast.units["bureau"], "青桐市招商局（本级）", is_correction=True)
    assert not unit.changes.filter(kind="renamed").exists()
    assert unit.name_on(dt.date(2026, 3, 31)) == "青桐市招商局（本级）"


@pytest.mark.parametrize("on", [dt.date(2026, 6, 2), dt.date(2099, 1, 1)])
def test_a_day_to_come_is_refused_and_nothing_changes(cast: Cast, on: dt.date) -> None:
    with pytest.raises(refusing.Refused, match="change_to_come"):
        rename(cast.units["bureau"], "甲", on=on)
    assert Unit.objects.get(pk=cast.units["bureau"].pk).name_zh == "青桐市招商局"


def test_the_tree_is_shown_as_it_was_on_a_day(client_of: Browser, cast: Cast) -> None:
    county = cast.units["county"]
    rename(county, "临溪区")
    units.change_unit(unit=county, parent=cast.units["other_city"], changed_on=MOVED_ON, by=None, at=LATER)
    page = client_of("system_admin").get("/accounts/units/", {"on": "2026-03-31"}).content.decode()
    assert page.index(">青桐市</a>") < page.index(">临溪县</a>") < page.index(">白榆市</a>")
    assert "临溪区" in page  # the name of today, beside it
    shown = {row.unit.pk: row for row in queries.units_on(cast.system_admin, dt.date(2026, 5, 2))}
    assert shown[county.pk].name == "临溪区"
    assert [row.level for row in (shown[county.pk], shown[cast.units["other_city"].pk])] == [2, 1]


def test_a_unit_founded_later_is_not_in_the_tree_of_an_earlier_day(cast: Cast) -> None:
    units.add_unit(kind="team", name_zh="新科", parent=cast.units["bureau"], by=None, at=LATER)
    names = [[row.name for row in queries.units_on(cast.system_admin, day)] for day in (dt.date(2026, 5, 31), dt.date(2026, 6, 1))]
    assert ["新科" in found for found in names] == [False, True]


def test_the_tree_of_a_day_costs_the_same_number_of_queries_however_large(client_of: Browser, cast: Cast) -> None:
    for number in range(20):
        rename(factories.unit(parent=cast.units["zone"]), f"科{number}")
    client = client_of("system_admin")
    with CaptureQueriesContext(connection) as found:
        client.get("/accounts/units/", {"on": "2026-03-31"})
    assert len(found) == 6  # session, person, postings of oneself, units, their changes, messages not read


def test_access_rests_on_the_present_path(client_of: Browser, cast: Cast) -> None:
    county = cast.units["county"]
    address = f"/accounts/units/{county.public_id}/"
    assert [client_of(name).get(address).status_code for name in ("bureau_leader", "other_leader")] == [200, 404]
    values = {"parent": cast.units["other_city"], "adcode": "990221", "changed_on": MOVED_ON}
    units.change_unit(unit=county, by=None, at=LATER, **values)
    assert [client_of(name).get(address).status_code for name in ("bureau_leader", "other_leader")] == [404, 200]


def test_a_past_posting_names_the_unit_as_it_was_called(client_of: Browser, cast: Cast) -> None:
    person = factories.person("former_officer", at_unit=cast.units["bureau"])
    factories.posting(person, "bureau_officer", ends_on=dt.date(2026, 3, 1))
    rename(cast.units["bureau"], "青桐市投资促进局")
    page = client_of("system_admin").get(f"/accounts/people/{person.public_id}/").content.decode()
    assert "青桐市招商局 <span" in page
    assert "（现为青桐市投资促进局）" in page


# --- merged ---------------------------------------------------------------------------------------------------------------------------
def merge(unit: Unit, into: Unit, **more: object) -> object:
    return units.merge_unit(**{"unit": unit, "into": into, "reason": "机构改革", "by": None, "at": LATER, "changed_on": MOVED_ON, **more})


def test_a_merged_unit_gives_everything_away_and_keeps_its_past(client_of: Browser, cast: Cast) -> None:
    zone, bureau = cast.units["zone"], cast.units["bureau"]
    below = factories.unit("招商一组", parent=zone)
    former = factories.posting(factories.person("was_there", at_unit=zone), "park_officer", ends_on=dt.date(2026, 2, 1))
    to_come = factories.posting(factories.person("comes", at_unit=zone), "park_officer", starts_on=dt.date(2026, 9, 1))
    form = {"into": str(bureau.public_id), "reason": "机构改革", "document": "青编〔2026〕5号", "changed_on": "2026-05-01"}

    assert client_of("system_admin").post(f"/accounts/units/{zone.public_id}/merge/", form).status_code == 302

    held = Posting.objects.filter(user=cast.park_officer).order_by("starts_on")
    assert [(p.unit, p.starts_on, p.ends_on) for p in held] == [(zone, factories.STARTS_ON, MOVED_ON), (bureau, MOVED_ON, None)]
    former.refresh_from_db(), to_come.refresh_from_db(), zone.refresh_from_db(), below.refresh_from_db()
    assert (former.unit, to_come.unit, zone.closed_on) == (zone, bureau, MOVED_ON)
    assert below.path == f"{bureau.path}{below.pk:06d}/"
    assert not User.objects.get_queryset().filter(unit=zone).exists()
    entry = Entry.objects.get(action="accounts.merge_unit")
    assert entry.changes["moved"] == {"accounts.User": 3, "accounts.Posting": 2, "accounts.Unit": 1}
    page = client_of("system_admin").get(f"/accounts/units/{bureau.public_id}/").content.decode()
    assert "青桐高新区并入本单位" in page and "青编〔2026〕5号" in page
    assert zone.state_on(dt.date(2026, 4, 30)).is_open and not zone.state_on(MOVED_ON).is_open


def test_the_page_tells_before_what_goes_to_the_other_unit(client_of: Browser, cast: Cast) -> None:
    response = client_of("system_admin").get(f"/accounts/units/{cast.units['bureau'].public_id}/merge/")
    assert {part.kind: part.count for part in response.context["parts"]} == {"人员": 6, "任职": 5, "直属下级单位": 1}


def test_a_posting_that_waits_goes_along_though_one_like_it_was_decided(cast: Cast) -> None:
    zone, bureau = cast.units["zone"], cast.units["bureau"]
    values = {"user": cast.no_role, "role": "bureau_officer", "starts_on": dt.date(2026, 3, 1), "proposed_at": factories.AT}
    ProposedPosting.objects.create(unit=bureau, decided_at=factories.AT, **values)
    waiting = ProposedPosting.objects.create(unit=zone, **values)
    merge(zone, bureau)
    assert ProposedPosting.objects.get(pk=waiting.pk).unit == bureau


def test_notes_of_firms_go_along_but_for_what_the_other_noted_itself(cast: Cast) -> None:
    zone, bureau, one, two = cast.units["zone"], cast.units["bureau"], factories.firm(), factories.firm()
    values = {"firm": one, "other": two, "kind": "supplies", "known_on": dt.date(2026, 1, 1), "source": "走访", "noted_at": factories.AT}
    Relation.objects.create(unit=zone, noted_by=cast.park_officer, **values)
    Relation.objects.create(unit=bureau, noted_by=cast.bureau_officer, **values)
    Relation.objects.create(unit=zone, noted_by=cast.park_officer, **values | {"kind": "partner_of"})
    assert merge(zone, bureau)["firms.Relation"] == 1  # type: ignore[index]
    held = {(row.unit, row.kind) for row in Relation.objects.all()}
    assert held == {(zone, "supplies"), (bureau, "supplies"), (bureau, "partner_of")}


def test_a_stand_in_goes_on_at_the_other_unit(cast: Cast) -> None:
    posting = Posting.objects.get(user=cast.park_officer)
    period = {"starts_on": dt.date(2026, 4, 1), "ends_on": dt.date(2026, 8, 1)}
    StandIn.objects.create(user=cast.bureau_officer, posting=posting, reason="培训", arranged_at=factories.AT, **period)
    merge(cast.units["zone"], cast.units["bureau"])
    found = StandIn.objects.order_by("starts_on")
    assert [(row.posting.unit, row.starts_on, row.ends_on) for row in found] == [
        (cast.units["zone"], dt.date(2026, 4, 1), MOVED_ON),
        (cast.units["bureau"], MOVED_ON, dt.date(2026, 8, 1)),
    ]


@pytest.mark.parametrize(
    ("unit", "into", "why"), [("city", "bureau", "into_its_own"), ("zone", "zone", "into_its_own"), ("zone", "closed", "other_unit_closed")]
)
def test_what_cannot_be_merged_is_refused_and_nothing_moves(cast: Cast, unit: str, into: str, why: str) -> None:
    cast.units["closed"] = units.close_unit(unit=factories.unit(parent=cast.units["city"]), reason="撤销", by=None, at=factories.AT)
    with pytest.raises(refusing.Refused, match=why):
        merge(cast.units[unit], cast.units[into])
    assert not UnitChange.objects.filter(kind="merged").exists()


def test_units_of_one_name_are_not_put_under_one_unit(cast: Cast) -> None:
    factories.unit("综合科", parent=cast.units["zone"]), factories.unit("综合科", parent=cast.units["bureau"])
    with pytest.raises(refusing.Refused, match="name_taken"):
        merge(cast.units["zone"], cast.units["bureau"])


def test_a_merger_that_fails_half_way_leaves_everything_as_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise RuntimeError("a room cannot move its rows")

    monkeypatch.setattr(queries, "movable", fails)
    with pytest.raises(RuntimeError):
        merge(cast.units["zone"], cast.units["bureau"])
    assert User.objects.get(pk=cast.park_officer.pk).unit == cast.units["zone"]
    assert Posting.objects.get(user=cast.park_officer).ends_on is None


# --- split, closed, reopened ----------------------------------------------------------------------------------------------------------
def test_a_part_becomes_a_unit_of_its_own_with_its_people(client_of: Browser, cast: Cast) -> None:
    bureau = cast.units["bureau"]
    form = {
        "name_zh": "青桐市投资服务中心", "people": [str(cast.bureau_officer.public_id)], "reason": "分设", "changed_on": "2026-05-01",
    }  # fmt: skip
    assert client_of("system_admin").post(f"/accounts/units/{bureau.public_id}/split/", form).status_code == 302
    new = Unit.objects.get(name_zh="青桐市投资服务中心")
    assert (new.parent, new.adcode, User.objects.get(pk=cast.bureau_officer.pk).unit) == (cast.units["city"], "990100", new)
    assert Posting.objects.get(user=cast.bureau_officer, ends_on=None).unit == new
    assert Posting.objects.get(user=cast.adviser).unit == bureau
    assert [change.kind for change in queries.history_of(new, cast.system_admin)] == ["split", "founded"]


@pytest.mark.parametrize("change", [{"name_zh": "青桐高新区"}, {"reason": ""}, {"name_zh": ""}, {"people": ["x"]}])
def test_a_split_that_cannot_be_is_told(client_of: Browser, cast: Cast, change: dict[str, object]) -> None:
    form = {"name_zh": "新单位", "people": [], "reason": "分设"} | change
    assert client_of("system_admin").post(f"/accounts/units/{cast.units['bureau'].public_id}/split/", form).status_code == 422


def test_only_an_empty_unit_is_closed_and_it_can_be_reopened(client_of: Browser, cast: Cast) -> None:
    client = client_of("system_admin")
    full = client.post(f"/accounts/units/{cast.units['zone'].public_id}/close/", {"reason": "撤销"})
    assert (full.status_code, "该单位尚有下列内容" in full.content.decode()) == (422, True)
    empty = factories.unit("空科", parent=cast.units["bureau"])
    assert client.post(f"/accounts/units/{empty.public_id}/close/", {"reason": "撤销"}).status_code == 302
    empty.refresh_from_db()
    assert empty.closed_on is not None
    assert "已撤销" in client.get("/accounts/units/").content.decode()
    assert client.post(f"/accounts/units/{empty.public_id}/reopen/", {"reason": "恢复设置"}).status_code == 302
    empty.refresh_from_db()
    assert empty.closed_on is None
    assert [change.kind for change in queries.history_of(empty, cast.system_admin)] == ["reopened", "closed", "founded"]


@pytest.mark.parametrize("verb", ["merge", "split", "close", "reopen"])
@pytest.mark.parametrize(("name", "status"), [("security_admin", 403), ("bureau_leader", 403), ("audit_admin", 403), ("no_role", 403)])
def test_only_the_system_administrator_changes_the_tree(client_of: Browser, cast: Cast, verb: str, name: str, status: int) -> None:
    assert client_of(name).post(f"/accounts/units/{cast.units['bureau'].public_id}/{verb}/", {"reason": "x"}).status_code == status


def test_the_history_is_seen_by_whom_the_unit_is_seen(cast: Cast) -> None:
    rename(cast.units["other_bureau"], "白榆市投资促进局")
    seen = [UnitChange.objects.visible_to(cast.people[n]).filter(kind="renamed").count() for n in ("other_leader", "bureau_leader")]
    assert seen == [1, 0]
