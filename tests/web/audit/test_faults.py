"""`first_fault` names the first break of a chain, whatever was done to it. No database."""

from __future__ import annotations

import hashlib
import hmac
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from chains import FORGER, GENESIS_HEAD, RING, as_if_keyed, chain, facts, link, renumbered

from wutong.web.audit import rules
from wutong.web.audit.rules import (
    Algorithm,
    Fault,
    FaultKind,
    Head,
    Ring,
    UnusableKey,
    anchored,
    clean,
    fault_of_anchor,
    fault_of_waiting,
    first_fault,
    plain,
    seal_hash,
    signature,
)

FIELDS = ["at", "by", "by_label", "action", "object_type", "object_id", "object_label", "personal", "personal_of", "ip", "request_id"]


def test_a_whole_chain_has_no_fault() -> None:
    links, head = chain(5)
    assert first_fault(links, head, RING) == (5, None)


def test_an_empty_chain_has_no_fault() -> None:
    assert first_fault([], GENESIS_HEAD, RING) == (0, None)


# --- one entry ------------------------------------------------------------------------------------------------------------------------
@given(st.integers(1, 12), st.data())
def test_any_changed_field_is_named_at_its_entry(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 1))
    told, field = links[at].facts, data.draw(st.sampled_from([*FIELDS, "public_id"]))
    links[at] = replace(links[at], facts=replace(told, **{field: getattr(told, field) + "x"}))
    assert first_fault(links, head, RING) == (at, Fault(FaultKind.CHANGED, at + 1))


@given(st.integers(1, 12), st.data())
def test_changed_values_are_named_even_with_a_signature_of_the_forgers_own(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 1))
    told = replace(links[at].facts, changes={"amount": "1"})
    mac = signature(replace(told, key_id=FORGER.current), FORGER)
    links[at] = replace(links[at], facts=told, mac=mac, seal=replace(links[at].seal, entry_mac=mac))
    assert first_fault(links, head, RING) == (at, Fault(FaultKind.CHANGED, at + 1))


def test_an_entry_that_stands_in_the_row_of_another_is_named() -> None:
    links, head = chain(5)
    links[2], links[3] = (
        replace(links[2], facts=links[3].facts, mac=links[3].mac),
        replace(links[3], facts=links[2].facts, mac=links[2].mac),
    )
    assert first_fault(links, head, RING) == (2, Fault(FaultKind.CHANGED, 3))


def test_an_entry_whose_row_is_gone_is_missing() -> None:
    links, head = chain(5)
    links[2] = replace(links[2], facts=None, mac="")
    assert first_fault(links, head, RING) == (2, Fault(FaultKind.MISSING, 3))


@given(st.integers(2, 12), st.data())
def test_an_entry_removed_with_its_seal_is_named(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 2))
    del links[at]
    assert first_fault(links, head, RING) == (at, Fault(FaultKind.MISSING, at + 1))


@given(st.integers(3, 12), st.data())
def test_a_removed_entry_is_named_though_the_later_ones_were_numbered_anew(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(0, length - 2))
    forged = [*links[:at], *renumbered(links[at + 1 :], -1)]
    assert first_fault(forged, head, RING) == (at, Fault(FaultKind.MISSING, at + 1))


@given(st.integers(2, 12), st.data())
def test_an_inserted_entry_is_named_though_the_later_ones_were_numbered_anew(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    at = data.draw(st.integers(1, length - 1))
    (inserted,) = as_if_keyed([link(at + 1, Head(at, links[at - 1].seal.hash), FORGER, own=99)])
    forged = [*links[:at], inserted, *renumbered(links[at:], 1)]
    assert first_fault(forged, head, RING) == (at, Fault(FaultKind.INSERTED, at + 1))


def test_an_entry_put_at_the_end_is_named() -> None:
    links, head = chain(3)
    assert first_fault([*links, *as_if_keyed([link(4, head, FORGER)])], head, RING)[1] == Fault(FaultKind.INSERTED, 4)


def test_an_entry_put_before_the_first_is_named() -> None:
    links, head = chain(3)
    before = replace(links[0], seal=replace(links[0].seal, number=0))
    assert first_fault([before, *links], head, RING) == (0, Fault(FaultKind.INSERTED, 0))


def test_a_true_seal_of_another_time_in_the_place_of_one_is_named() -> None:
    links, head = chain(4)
    other, _ = chain(1)
    old = link(2, Head(1, "f" * 64), own=2)  # sealed by the office, in a chain that was cut off since
    assert first_fault([*other, old, *links[2:]], head, RING)[1] == Fault(FaultKind.REPLACED, 2, "2")


# --- the end, and the whole -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kept", [0, 1, 4])
def test_a_cut_off_end_is_named(kept: int) -> None:
    links, head = chain(5)
    assert first_fault(links[:kept], head, RING) == (kept, Fault(FaultKind.CUT_OFF, kept + 1))


def test_a_head_with_another_hash_is_named() -> None:
    links, head = chain(5)
    assert first_fault(links, replace(head, hash="f" * 64), RING) == (5, Fault(FaultKind.HEAD, 5))


@given(st.integers(2, 12), st.data())
def test_a_chain_computed_anew_without_the_key_is_named_where_that_begins(length: int, data: st.DataObject) -> None:
    links, _ = chain(length)
    at = data.draw(st.integers(0, length - 2))
    forged, head = chain(length, FORGER, behind=links[:at])
    forged = [*links[:at], *as_if_keyed(forged[at:])]
    assert first_fault(forged, head, RING) == (at, Fault(FaultKind.RECOMPUTED, at + 1))


def test_a_wrong_key_is_told_from_a_wrong_chain() -> None:
    links, head = chain(5)
    assert first_fault(links, head, FORGER) == (0, Fault(FaultKind.UNKNOWN_KEY, 1, RING.current))


def test_a_chain_computed_anew_with_a_foreign_key_names_that_key() -> None:
    links, _ = chain(5)
    forged, head = chain(5, FORGER, behind=links[:3])
    assert first_fault(forged, head, RING) == (3, Fault(FaultKind.UNKNOWN_KEY, 4, FORGER.current))


def test_a_new_key_goes_on_where_the_old_one_ended() -> None:
    texts = ["the office keeps this key in a safe place", "and this is the key that came after it"]
    both = Ring.of(texts)
    links, head = chain(6, both, behind=chain(3)[0])
    assert {one.seal.key_id for one in links} == {RING.current, both.current}
    assert first_fault(links, head, both) == (6, None)
    assert first_fault(links, head, Ring.of(texts[1:])) == (0, Fault(FaultKind.UNKNOWN_KEY, 1, RING.current))


def test_an_entry_signed_with_a_lost_key_and_sealed_with_the_new_one_names_the_lost_key() -> None:
    both = Ring.of(["the office keeps this key in a safe place", "and this is the key that came after it"])
    told = facts(1)
    made = rules.sealed(1, signature(told, RING) or "", GENESIS_HEAD, both)
    links = [rules.Link(made, told, signature(told, RING) or "")]
    assert first_fault(links, Head(1, made.hash), replace(both, keys={both.current: both.keys[both.current]}))[1] == Fault(
        FaultKind.UNKNOWN_KEY, 1, RING.current
    )


def test_an_algorithm_that_this_machine_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    links, head = chain(2)
    algorithm = links[0].seal.algorithm
    monkeypatch.setattr(rules, "_USABLE", frozenset())
    assert first_fault(links, head, RING) == (0, Fault(FaultKind.UNKNOWN_ALGORITHM, 1, algorithm))


# --- anchors --------------------------------------------------------------------------------------------------------------------------
def test_a_tail_cut_off_together_with_its_head_is_seen_by_an_anchor() -> None:
    links, head = chain(8)
    anchor = anchored(head, "2026-03-05T10:00:00+00:00", RING)
    short = Head(5, links[4].seal.hash)
    assert first_fault(links[:5], short, RING) == (5, None)  # nothing inside the database tells of it
    assert first_fault(links[:5], short, RING, [anchor]) == (5, Fault(FaultKind.CUT_OFF, 6))


def test_a_tail_cut_off_and_grown_again_is_seen_by_an_anchor() -> None:
    links, head = chain(8)
    early, late = (anchored(Head(n, links[n - 1].seal.hash), "2026-03-05T10:00:00+00:00", RING) for n in (3, 8))
    grown = [*links[:5]]
    for number in range(6, 10):
        grown.append(link(number, Head(number - 1, grown[-1].seal.hash), own=number + 100))
    head = Head(9, grown[-1].seal.hash)
    assert first_fault(grown, head, RING, [early]) == (9, None)
    assert first_fault(grown, head, RING, [late, early]) == (3, Fault(FaultKind.REPLACED, 4, "8"))


@pytest.mark.parametrize("more", [{"number": 3}, {"hash": "f" * 64}, {"at": "2026-03-06T10:00:00+00:00"}, {"mac": "f" * 64}])
def test_a_changed_anchor_is_named(more: dict[str, object]) -> None:
    _, head = chain(8)
    anchor = anchored(head, "2026-03-05T10:00:00+00:00", RING)
    assert fault_of_anchor(anchor, RING) is None
    changed = replace(anchor, **more)  # type: ignore[arg-type]
    assert fault_of_anchor(changed, RING) == Fault(FaultKind.FALSE_ANCHOR, changed.number)


def test_an_anchor_made_with_a_key_that_is_not_at_hand_says_so() -> None:
    anchor = anchored(chain(2)[1], "2026-03-05T10:00:00+00:00", FORGER)
    assert fault_of_anchor(anchor, RING) == Fault(FaultKind.UNKNOWN_KEY, 2, FORGER.current)


# --- waiting entries ------------------------------------------------------------------------------------------------------------------
def test_a_waiting_entry_is_one_that_the_system_signed() -> None:
    told = facts(7)
    mac = signature(told, RING) or ""
    assert fault_of_waiting(7, told, mac, RING) is None
    assert fault_of_waiting(7, replace(told, action="test.other"), mac, RING) == Fault(FaultKind.UNSIGNED, 7)
    assert fault_of_waiting(7, told, "", RING) == Fault(FaultKind.UNSIGNED, 7)


def test_a_waiting_entry_without_any_signature_was_put_in() -> None:
    assert fault_of_waiting(7, replace(facts(7), algorithm="", key_id=""), "", RING) == Fault(FaultKind.UNSIGNED, 7)


def test_a_waiting_entry_of_another_key_says_so() -> None:
    assert fault_of_waiting(7, facts(7, FORGER), "", RING) == Fault(FaultKind.UNKNOWN_KEY, 7, FORGER.current)


# --- keys and digests -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("signs", "is_enough"), [(31, False), (32, True), (33, True)])
def test_a_key_has_a_least_length(signs: int, is_enough: bool) -> None:
    if is_enough:
        assert Ring.of(["k" * signs]).current
        return
    with pytest.raises(UnusableKey, match="at least 32"):
        Ring.of(["k" * signs])


def test_the_last_key_signs_and_a_ring_without_keys_signs_nothing() -> None:
    first, second = "a" * 32, "b" * 32
    assert Ring.of([first, second]).current == Ring.of([second]).current
    assert Ring.of([]).current == ""
    assert signature(facts(1, Ring()), Ring()) is None


def test_the_algorithm_and_the_key_are_covered_by_the_digest() -> None:
    (one,), _ = chain(1)
    both = Ring.of(["the office keeps this key in a safe place", "and this is the key that came after it"])
    for other in (replace(one.seal, algorithm=Algorithm.SHA256), replace(one.seal, algorithm=Algorithm.SM3)):
        assert (seal_hash(other, both) == one.seal.hash) is (other.algorithm == one.seal.algorithm)
    assert seal_hash(replace(one.seal, key_id=both.current), both) != one.seal.hash


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this machine's OpenSSL has no SM3")
def test_sm3_is_used_where_the_machine_has_it_and_is_that_of_the_standard() -> None:
    assert rules.best_algorithm() == Algorithm.SM3
    # GB/T 32905-2016, appendix A.1: the digest of "abc"
    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_sha_256_is_used_where_sm3_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hmac.digest

    def without_sm3(key: bytes, message: bytes, name: str) -> bytes:
        if name == "sm3":
            raise ValueError("unsupported hash type sm3")
        return digest(key, message, name)

    monkeypatch.setattr(hmac, "digest", without_sm3)
    assert rules.best_algorithm() == Algorithm.SHA256


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


def test_a_walk_that_begins_behind_a_seal_checks_that_what_follows_follows_it() -> None:
    links, head = chain(6)
    begin = Head(4, links[3].seal.hash)
    assert first_fault(links[4:], head, RING, begin=begin) == (2, None)
    assert first_fault([], begin, RING, begin=begin) == (0, None)
    assert first_fault(links[4:], head, RING, begin=Head(4, links[2].seal.hash)) == (0, Fault(FaultKind.REPLACED, 5, "5"))
    assert first_fault(links[5:], head, RING, begin=begin) == (0, Fault(FaultKind.MISSING, 5))
    assert first_fault(links[4:5], head, RING, begin=begin) == (1, Fault(FaultKind.CUT_OFF, 6))
