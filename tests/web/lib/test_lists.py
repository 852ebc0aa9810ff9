"""Lists: pages, sorting, chips."""

from __future__ import annotations

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from wutong.web.lib import lists
from wutong.web.lib.lists import Column, Page

COLUMNS = (Column("name", "Name", ("name",)), Column("size", "Size", ("size",), "number"), Column("note", "Note"))


@given(st.text(), st.integers(0, 10_000), st.integers(1, 200))
def test_any_page_asked_for_is_one_that_is_there(asked: str, total: int, size: int) -> None:
    page = Page.of({"page": asked}, total, size)
    assert 1 <= page.number <= page.last
    assert 0 <= page.offset <= max(total - 1, 0)
    assert page.last_row <= total


@given(st.integers(0, 500), st.integers(1, 60))
def test_the_pages_together_hold_every_row_once(total: int, size: int) -> None:
    first = Page.of({}, total, size)
    rows = [row for n in range(1, first.last + 1) for p in [Page(n, total, size)] for row in range(p.first_row, p.last_row + 1) if total]
    assert rows == list(range(1, total + 1))


@pytest.mark.parametrize(
    ("number", "last", "window"),
    [(1, 1, [1]), (1, 3, [1, 2, 3]), (5, 9, [1, None, 3, 4, 5, 6, 7, None, 9]), (1, 9, [1, 2, 3, None, 9]), (9, 9, [1, None, 7, 8, 9])],
)
def test_the_window_shows_both_ends_and_the_neighbours(number: int, last: int, window: list[int | None]) -> None:
    assert Page(number, last * 10, 10).window == window


@pytest.mark.parametrize(
    ("query", "key", "down"),
    [
        ("", "name", False),
        ("sort=size", "size", False),
        ("sort=-size", "size", True),
        ("sort=note", "name", False),
        ("sort=-x", "name", False),
    ],
)
def test_an_unknown_order_is_the_usual_one(query: str, key: str, *, down: bool) -> None:
    by, is_down = lists.order_of(QueryDict(query), COLUMNS, "name")
    assert (by.key, is_down) == (key, down)


def test_the_sorted_column_turns_round_and_goes_back_to_page_one() -> None:
    params = QueryDict("sort=name&page=7&text=电池")
    by, down = lists.order_of(params, COLUMNS, "name")
    name, size, note = lists.marked(COLUMNS, params, by, down=down)
    assert (name.sorted, size.sorted, note.sorted) == ("ascending", "", "")
    assert name.link == "?text=%E7%94%B5%E6%B1%A0&sort=-name"
    assert size.link == "?text=%E7%94%B5%E6%B1%A0&sort=size"
    assert note.link == ""


class Filter(forms.Form):
    """Two filters."""

    text = forms.CharField(label="Text", required=False)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All"), ("Group", [("a", "First"), ("b", "Second")])])
    day = forms.DateField(label="Day", required=False)


def test_each_filter_in_force_has_a_chip_that_takes_it_away() -> None:
    params = QueryDict("text=x&kind=b&day=&sort=name&page=3")
    found = lists.chips(Filter(params), params)
    assert [(chip.label, chip.value, chip.without) for chip in found] == [
        ("Text", "x", "?kind=b&day=&sort=name"),
        ("Kind", "Second", "?text=x&day=&sort=name"),
    ]


def test_a_filter_that_cannot_be_read_has_no_chip() -> None:
    params = QueryDict("day=tomorrow")
    assert lists.chips(Filter(params), params) == ()


def test_rows_read_elsewhere_make_a_list_too() -> None:
    listing = lists.of_rows(QueryDict("page=2"), ["c"], columns=COLUMNS, total=3, default="-size", size=2)
    assert (listing.total, listing.page.first_row, listing.page.last_row, listing.columns[1].sorted) == (3, 3, 3, "descending")
