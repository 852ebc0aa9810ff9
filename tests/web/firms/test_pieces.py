"""A business scope is cut into runs by role, and put together again it is the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.web.firms.rules import Piece, Span, pieces


def test_a_mention_stands_alone_and_the_rest_of_its_clause_is_plain() -> None:
    assert pieces("液压缸制造", [Span(0, 3, "makes")]) == (Piece("液压缸", ("makes",)), Piece("制造"))


def test_a_clause_without_any_mention_is_dropped() -> None:
    found = pieces("液压缸制造。凭证经营。", [Span(0, 3, "makes")])

    assert [piece.text for piece in found if piece.is_dropped] == ["凭证经营"]


@pytest.mark.parametrize("opening, closing", [("(", ")"), ("\uff08", "\uff09"), ("\u3010", "\u3011")])
def test_a_bracket_is_a_clause_of_its_own(opening: str, closing: str) -> None:
    found = pieces(f"化工产品{opening}危险品除外{closing}的批发", [Span(0, 4, "sells")])

    assert [piece.text for piece in found if piece.is_dropped] == [f"{opening}危险品除外{closing}"]


@pytest.mark.parametrize("stop", [";", "\uff1b", "\u3002", "\n"])
def test_every_stop_ends_a_clause(stop: str) -> None:
    assert [piece.text for piece in pieces(f"轴承{stop}咨询", [Span(0, 2, "makes")]) if piece.is_dropped] == ["咨询"]


def test_roles_of_one_span_stand_together_with_the_most_telling_first() -> None:
    assert pieces("轴承", [Span(0, 2, "sells"), Span(0, 2, "makes")]) == (Piece("轴承", ("makes", "sells")),)


def test_of_two_spans_that_overlap_the_first_and_longer_one_stays() -> None:
    assert pieces("液压缸", [Span(0, 3, "makes"), Span(1, 3, "sells")]) == (Piece("液压缸", ("makes",)),)


def test_a_span_outside_the_text_is_left_out() -> None:
    assert pieces("轴承", [Span(0, 9, "makes"), Span(2, 2, "makes"), Span(-1, 1, "makes")]) == (Piece("轴承", (), is_dropped=True),)


def test_no_scope_has_no_pieces() -> None:
    assert pieces("", []) == ()


@given(
    st.text(alphabet="液压缸制造;。()\uff08\uff09\uff1b、", max_size=40),
    st.lists(st.tuples(st.integers(-2, 42), st.integers(-2, 42)), max_size=6),
)
def test_put_together_the_pieces_are_the_scope(scope: str, spans: list[tuple[int, int]]) -> None:
    found = pieces(scope, [Span(start, end, "makes") for start, end in spans])

    assert "".join(piece.text for piece in found) == scope
