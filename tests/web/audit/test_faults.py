"""`first_fault` names the first break of a chain, whatever was done to it. No database."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from chains import chain, link

from wutong.web.audit.rules import GENESIS, Fault, FaultKind, Head, clean, digest, first_fault, plain


def test_a_whole_chain_has_no_fault() -> None:
    links, head = chain(5)
    assert first_fault(links, head) == (5, None)


def test_an_empty_chain_has_no_fault() -> None:
    assert first_fault([], Head(0, GENESIS)) == (0, None)


@given(st.integers(1, 12), st.data())
def test_any_changed_field_is_named_at_its_entry(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 1))
    field = data.draw(st.sampled_from(["at", "by", "by_label", "action", "object_type", "object_id", "object_label", "ip", "request_id"]))
    links[at] = replace(links[at], **{field: getattr(links[at], field) + "x"})
    assert first_fault(links, head) == (at, Fault(FaultKind.CHANGED, at + 1))


@given(st.integers(1, 12), st.data())
def test_changed_values_are_named_even_with_a_new_hash_of_their_own(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 1))
    forged = replace(links[at], changes={"amount": "1"})
    links[at] = replace(forged, hash=digest(forged))
    _, fault = first_fault(links, head)
    assert fault == Fault(FaultKind.CHANGED, at + 1)


@given(st.integers(2, 12), st.data())
def test_a_removed_entry_is_named(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 2))
    del links[at]
    assert first_fault(links, head) == (at, Fault(FaultKind.MISSING, at + 1))


@given(st.integers(3, 12), st.data())
def test_a_removed_entry_is_named_though_the_later_ones_were_numbered_anew(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 2))
    later = [replace(entry, sequence=entry.sequence - 1) for entry in links[at + 1 :]]
    assert first_fault([*links[:at], *later], head) == (at, Fault(FaultKind.MISSING, at + 1))


@given(st.integers(2, 12), st.data())
def test_an_inserted_entry_is_named_though_the_later_ones_were_numbered_anew(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(1, length - 1))
    inserted = link(at + 1, links[at - 1].hash, action="test.forged")
    later = [replace(entry, sequence=entry.sequence + 1) for entry in links[at:]]
    _, fault = first_fault([*links[:at], inserted, *later], head)
    assert fault == Fault(FaultKind.INSERTED, at + 1)


def test_an_entry_put_at_the_end_is_named() -> None:
    links, head = chain(3)
    assert first_fault([*links, link(4, links[-1].hash)], head)[1] == Fault(FaultKind.INSERTED, 4)


def test_an_entry_put_before_the_first_is_named() -> None:
    links, head = chain(3)
    assert first_fault([link(0, GENESIS), *links], head) == (0, Fault(FaultKind.INSERTED, 0))


def test_an_entry_in_place_of_another_is_named() -> None:
    links, head = chain(4)
    links[2] = link(3, "f" * 64, action="test.forged")
    assert first_fault(links, head)[1] == Fault(FaultKind.INSERTED, 3)


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_a_cut_off_end_is_named(kept: int) -> None:
    links, head = chain(5)
    assert first_fault(links[:kept], head) == (kept, Fault(FaultKind.CUT_OFF, kept + 1))


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda leaf: st.lists(leaf) | st.dictionaries(st.text(), leaf)
    )
)
def test_plain_values_hash_and_hold_nothing_a_database_refuses(value: object) -> None:
    import json

    text = json.dumps(plain(value))
    assert "\\u0000" not in text or "\\\\u0000" in text
    assert plain(json.loads(text)) == plain(value)


def test_text_is_cleaned_and_cut() -> None:
    assert clean("a\x00b\ud800c") == "ab?c"
    assert clean("青桐市", 2) == "青桐"
