"""The boards of big names and golden sesame firms: who is on them, what counts there, and that neither crowds out the other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engine.warehouses import CHAIN, Firm, made, rulebook
from wutong.engine import boards, targets
from wutong.engine.boards import Board
from wutong.engine.own import Own
from wutong.engine.places import Places
from wutong.engine.ranked import Exclusion
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

DAY = dt.date(2005, 6, 1)
FIRMS = [
    Firm("wood1", "990102", ("wood",)),
    Firm("part1", "990102", ("parts",)),
    Firm("shop1", "990102", ("shops",)),
    *(Firm(f"idle{n}", "990102") for n in range(9)),
    *(Firm(name, "980102", ("toys",)) for name in ("big", "fine", "both", "plain", "tiny")),
]
RULES = rulebook()


def tag(firm_id: str, code: str, starts_on: dt.date = dt.date(2004, 1, 1), ends_on: dt.date | None = None) -> dict[str, Any]:
    return {"firm_id": firm_id, "tag": code, "rank": None, "starts_on": starts_on, "ends_on": ends_on, "source": f"list of {code}"}


def figure(firm_id: str, year: int, measure: str, value: float) -> dict[str, Any]:
    return {"firm_id": firm_id, "year": year, "measure": measure, "value": value, "unit": "", "source": "report"}


def office(tags: list[dict[str, Any]], figures: list[dict[str, Any]] | None = None) -> Own:
    empty = Own()
    return Own(
        tags=pa.Table.from_pylist(tags, schema=empty.tags.schema), figures=pa.Table.from_pylist(figures or [], schema=empty.figures.schema)
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return made(tmp_path_factory.mktemp("boards"), FIRMS)


def ranked(warehouse: Warehouse, board: Board, own: Own, **more: Any) -> targets.Ranking:
    region = Places(warehouse).region("990100")
    return targets.rank(warehouse, RULES, region, CHAIN, **{"segment": "toys", "as_of": DAY, "own": own, "board": board, **more})


def ids(ranking: targets.Ranking) -> list[str]:
    return [row.firm_id for row in ranking.rows]


TAGGED = [tag("big", "private-500"), tag("both", "listed"), tag("both", "little-giant"), tag("fine", "high-tech")]


def test_each_board_holds_the_firms_with_its_tags_and_a_big_name_is_no_golden_sesame(warehouse: Warehouse) -> None:
    own = office(TAGGED)
    assert sorted(ids(ranked(warehouse, Board.BIG_NAMES, own))) == ["big", "both"]
    assert ids(ranked(warehouse, Board.GOLDEN_SESAME, own)) == ["fine"]
    assert len(ids(ranked(warehouse, Board.OVERALL, own))) == 5


def test_without_evidence_nobody_is_on_a_board_however_small_his_capital(warehouse: Warehouse) -> None:
    found = ranked(warehouse, Board.GOLDEN_SESAME, Own())
    assert (found.rows, found.total, found.candidates) == ((), 0, 5)
    assert ranked(warehouse, Board.BIG_NAMES, Own()).rows == ()


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_there"),
    [
        (DAY, None, True),
        (DAY + dt.timedelta(days=1), None, False),
        (dt.date(2004, 1, 1), DAY, False),
        (dt.date(2004, 1, 1), DAY + dt.timedelta(days=1), True),
    ],
)
def test_a_tag_counts_in_its_period_only(warehouse: Warehouse, starts_on: dt.date, ends_on: dt.date | None, is_there: bool) -> None:
    own = office([tag("big", "private-500", starts_on, ends_on)])
    assert bool(ids(ranked(warehouse, Board.BIG_NAMES, own))) is is_there


@pytest.mark.parametrize("board", list(Board))
def test_the_points_of_all_reasons_add_up_to_the_score(warehouse: Warehouse, board: Board) -> None:
    own = office(
        TAGGED,
        [figure("fine", 2004, "patents_count", 20), figure("fine", 2003, "revenue_yuan", 1e6), figure("fine", 2004, "revenue_yuan", 1.3e6)],
    )
    for row in ranked(warehouse, board, own).rows:
        assert round(sum(reason.points or 0.0 for reason in row.reasons), 2) == row.score


def test_figures_alone_are_evidence_and_say_where_they_stand(warehouse: Warehouse) -> None:
    own = office([], [figure("tiny", 2004, "patents_count", 20), figure("plain", 2004, "employees_count", 90)])
    (row,) = ranked(warehouse, Board.GOLDEN_SESAME, own).rows
    assert row.firm_id == "tiny"
    reasons = {reason.factor: reason for reason in row.reasons}
    assert set(reasons) == set(boards.GOLDEN_FACTORS)
    assert (reasons["patents"].input, reasons["patents"].points, reasons["patents"].source) == (20, 12.5, "report 2004")  # 25 × half
    assert reasons["growth"].points is None


@pytest.mark.parametrize(
    ("figures", "points"),
    [
        ([("revenue_yuan", 2003, 100.0), ("revenue_yuan", 2004, 130.0)], 20.0),  # 30 % a year: full, of weight 20
        ([("revenue_yuan", 2003, 100.0), ("revenue_yuan", 2004, 115.0)], 10.0),
        ([("revenue_yuan", 2002, 100.0), ("revenue_yuan", 2004, 169.0)], 20.0),  # over two years
    ],
)
def test_growth_is_the_yearly_rate_over_the_years_known(warehouse: Warehouse, figures: list[Any], points: float) -> None:
    own = office([], [figure("fine", year, measure, value) for measure, year, value in figures])
    (row,) = ranked(warehouse, Board.GOLDEN_SESAME, own).rows
    assert next(reason.points for reason in row.reasons if reason.factor == "growth") == pytest.approx(points)


@pytest.mark.parametrize(
    "figures",
    [
        [("revenue_yuan", 2004, 100.0)],  # one year is no growth
        [("revenue_yuan", 2003, 100.0), ("revenue_yuan", 2004, 90.0)],  # less is none
        [("revenue_yuan", 2003, 0.0), ("revenue_yuan", 2004, 90.0)],  # from nothing there is no rate
        [("patents_count", 2004, 0.0)],
        [("patents_count", 1999, 50.0)],  # too old
        [("patents_count", 2006, 50.0)],  # after the day
    ],
)
def test_what_shows_nothing_good_is_no_evidence(warehouse: Warehouse, figures: list[Any]) -> None:
    own = office([], [figure("fine", year, measure, value) for measure, year, value in figures])
    assert ranked(warehouse, Board.GOLDEN_SESAME, own).rows == ()


def test_the_stronger_list_and_further_lists_count_more(warehouse: Warehouse) -> None:
    own = office([tag("fine", "high-tech"), tag("plain", "little-giant"), tag("tiny", "high-tech"), tag("tiny", "specialised-new")])
    assert ids(ranked(warehouse, Board.GOLDEN_SESAME, own)) == ["plain", "tiny", "fine"]


def test_a_tag_lifts_a_big_name_beside_what_counts_for_all(warehouse: Warehouse) -> None:
    own = office([tag("big", "fortune-500"), tag("both", "listed")])
    rows = ranked(warehouse, Board.BIG_NAMES, own).rows
    assert [row.firm_id for row in rows] == ["big", "both"]
    reason = next(reason for reason in rows[0].reasons if reason.factor == boards.BIG_NAME_TAGS)
    assert (reason.input, reason.unit, reason.params["names"], reason.leaf) == (1, "tags", ("世界500强",), "boards.weight_big_name_tags")


def test_a_branch_counts_as_its_head_does(tmp_path: Path) -> None:
    firms = [*FIRMS[:12], Firm("head", "980102"), Firm("arm", "980102", ("toys",), parent="head")]
    own = office([tag("head", "central-soe")])
    assert ids(ranked(made(tmp_path, firms), Board.BIG_NAMES, own)) == ["arm"]


def test_a_portfolio_gives_each_board_as_it_is_alone(warehouse: Warehouse) -> None:
    own = office(TAGGED)
    found = targets.portfolio(warehouse, RULES, Places(warehouse).region("990100"), CHAIN, segment="toys", as_of=DAY, own=own)
    assert list(found) == list(Board)
    assert {board: ranking.rows for board, ranking in found.items()} == {board: ranked(warehouse, board, own).rows for board in Board}


def test_every_tag_that_ships_has_its_points() -> None:
    shipped = load.rulebook()
    assert [code for code in shipped.tags if f"boards.points_{code.replace('-', '_')}" not in shipped.leaves] == []


def explained(warehouse: Warehouse, firm: str, board: Board, own: Own) -> targets.Explanation:
    region = Places(warehouse).region("990100")
    return targets.explain(warehouse, RULES, region, CHAIN, "toys", firm, as_of=DAY, own=own, board=board)


@pytest.mark.parametrize("board", list(Board))
def test_an_explanation_gives_each_board_to_the_digit_as_its_ranking_does(warehouse: Warehouse, board: Board) -> None:
    own = office(TAGGED, [figure("fine", 2004, "patents_count", 12.0)])
    ranking = ranked(warehouse, board, own)
    assert ranking.rows
    for row in ranking.rows:
        told = explained(warehouse, row.firm_id, board, own)
        assert (told.target, told.rank, told.total, told.exclusion, told.board) == (row, row.rank, ranking.total, None, board)


def test_an_explanation_names_the_list_and_the_report_that_put_a_firm_on_a_board(warehouse: Warehouse) -> None:
    own = office(TAGGED, [figure("fine", 2004, "patents_count", 12.0)])
    big, fine = explained(warehouse, "big", Board.BIG_NAMES, own).target, explained(warehouse, "fine", Board.GOLDEN_SESAME, own).target
    assert big is not None and fine is not None
    assert {reason.factor: reason.source for reason in big.reasons}["big_name_tags"] == "list of private-500"
    assert {r.factor: r.source for r in fine.reasons if r.points is not None} == {
        "evidence_tags": "list of high-tech",
        "patents": "report 2004",
    }


@pytest.mark.parametrize(
    "firm, board", [("plain", Board.GOLDEN_SESAME), ("plain", Board.BIG_NAMES), ("both", Board.GOLDEN_SESAME), ("fine", Board.BIG_NAMES)]
)
def test_who_is_not_on_a_board_is_told_so(warehouse: Warehouse, firm: str, board: Board) -> None:
    told = explained(warehouse, firm, board, office(TAGGED))
    assert (told.rank, told.exclusion, told.stands_for_it) == (None, Exclusion.NOT_ON_BOARD, None)
