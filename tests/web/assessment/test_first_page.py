"""The first page of assessment: the newest ranking, own place and what changed, what waits, the next days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.test import Client

from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, drafted, figure
from wutong.web.assessment.actions import objections, remedies, runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries.first_page import first_page

ClientOf = Callable[[str], Client]
ON = dt.date(2026, 11, 20)


def test_whoever_is_measured_sees_his_own_place_alone_and_what_changed(published: Run, scheme: Scheme, cast: Cast) -> None:
    (card,) = first_page(cast.park_officer, ON).cards
    assert [(one.row.unit, one.row.rank, one.of_count, one.moved) for one in card.lines] == [(cast.units["zone"], 2, 2, None)]
    figure(scheme, cast, "satisfied", "zone", "100", on=dt.date(2026, 11, 10))
    later = runs.freeze(run=drafted(scheme, cast, on=dt.date(2026, 11, 15)), by=cast.assessor, at=AT)
    assessed.published(later, cast)
    (card,) = first_page(cast.park_officer, ON).cards
    (line,) = card.lines
    assert (card.run, line.row.rank, line.moved, line.points_moved) == (later, 1, 1, Decimal(8))


def test_whoever_keeps_a_scheme_sees_the_first_of_each_group(published: Run, cast: Cast) -> None:
    (card,) = first_page(cast.assessor, ON).cards
    assert (card.keeps, [one.row.rank for one in card.lines]) == (True, [1, 2])


def test_a_run_not_published_shows_no_ranking(run: Run, cast: Cast) -> None:
    (card,) = first_page(cast.park_officer, ON).cards
    assert (card.run, card.lines) == (None, ())


def test_what_waits_is_counted_for_whoever_is_to_do_it(run: Run, cast: Cast) -> None:
    row = run.units.get(unit=cast.units["zone"])
    objections.file(row=row, item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT)
    waiting = {one.address.rpartition("/assessment/")[2]: one.count for one in first_page(cast.assessor, ON).waiting}
    assert waiting == {"objections/": 1}
    assert first_page(cast.bureau_leader, ON).waiting[0].count == 1, "he may decide it too; nothing to approve before"
    assert first_page(cast.park_officer, ON).waiting == ()


def test_remedies_wait_for_the_unit_and_their_day_stands_on_the_page(client_of: ClientOf, published: Run, cast: Cast) -> None:
    row = published.units.get(unit=cast.units["zone"])
    remedies.demand(run=published, rows=[row], text="对照差距限期整改", due_on=dt.date(2026, 12, 1), by=cast.assessor, at=AT)
    found = first_page(cast.park_officer, dt.date(2026, 12, 2))
    assert [(one.count, one.address) for one in found.waiting] == [(1, "/assessment/findings/?state=open")]
    assert [(one.on, one.is_late) for one in found.days] == [(dt.date(2026, 12, 1), True)]
    assert not first_page(cast.park_officer, dt.date(2026, 12, 1)).days[0].is_late
    page = client_of("park_officer").get("/assessment/").content.decode()
    assert "青桐高新区" in page and "对照差距限期整改" in page and "临溪县" not in page.split("<main")[1]


def test_the_page_is_there_for_who_is_measured_by_nothing(client_of: ClientOf, cast: Cast) -> None:
    page = client_of("park_officer").get("/assessment/").content.decode()
    assert "尚未列入任何考核办法" in page and "没有待办理的事项" in page
