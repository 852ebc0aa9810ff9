"""Somebody with the database in his hands: what the triggers refuse, and what `verify` finds once they are gone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

import factories
from wutong.cli import main as cli
from wutong.web.audit import actions, queries, rules
from wutong.web.audit.models import Entry, Head, Seal, Waiting
from wutong.web.audit.rules import Fault, FaultKind, Ring

NOW = dt.datetime.now(dt.UTC)
OFF = {
    "sqlite": [f"DROP TRIGGER audit_{table}_no_{verb}" for table in ("entry", "seal") for verb in ("update", "delete")],
    "postgresql": [f"ALTER TABLE audit_{table} DISABLE TRIGGER USER" for table in ("entry", "seal")],
}
FORGER = Ring.of(["somebody else has written this other key"])
pytestmark = pytest.mark.django_db
Raw = Callable[..., None]


@pytest.fixture
def raw() -> Raw:
    """Ten sealed entries, and a hand on the raw connection. `{n4}` is the fourth entry's own number: PostgreSQL counts on across tests."""
    for number in range(1, 11):
        actions.record(action="test.act", by=None, at=factories.AT, object_label=f"object {number}")
    actions.seal(at=factories.AT)
    own = dict(enumerate(Seal.objects.values_list("entry_id", flat=True), 1))

    def run(statement: str, *, as_owner: bool = True) -> None:
        connection.check_constraints()  # or PostgreSQL still has checks of foreign keys to do, and refuses to alter the table
        with connection.cursor() as cursor:
            for off in OFF[connection.vendor] if as_owner else ():
                cursor.execute(off.replace("DROP TRIGGER ", "DROP TRIGGER IF EXISTS "))
            cursor.execute(statement.format(**{f"n{place}": number for place, number in own.items()}))

    return run


def verified(*anchors: rules.Anchor) -> queries.Verification:
    return queries.verify(at=NOW, anchors=anchors)


# --- what the database refuses --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'x' WHERE sequence = {n4}",
        "UPDATE audit_entry SET mac = 'x' WHERE sequence = {n4}",
        "DELETE FROM audit_entry WHERE sequence = {n4}",
        "UPDATE audit_seal SET hash = 'x' WHERE number = 4",
        "DELETE FROM audit_seal WHERE number = 4",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry_or_a_seal(raw: Raw, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        raw(statement, as_owner=False)
    assert verified().is_whole


def test_the_database_refuses_to_change_an_entry_that_waits(raw: Raw) -> None:
    actions.record(action="test.act", by=None, at=factories.AT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        raw("UPDATE audit_entry SET action = 'x'", as_owner=False)


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_the_database_refuses_to_empty_the_table(raw: Raw, table: str) -> None:
    statement = f"TRUNCATE {table}" if connection.vendor == "postgresql" else f"DELETE FROM {table}"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        raw(statement, as_owner=False)


# --- what verification names ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_entry SET object_label = 'another' WHERE sequence = {n4}", Fault(FaultKind.CHANGED, 4)),
        ("UPDATE audit_entry SET by_label = 'another' WHERE sequence = {n10}", Fault(FaultKind.CHANGED, 10)),
        ("UPDATE audit_entry SET changes = '[1]' WHERE sequence = {n1}", Fault(FaultKind.CHANGED, 1)),
        ("UPDATE audit_entry SET at = '2001-01-01 00:00:00' WHERE sequence = {n5}", Fault(FaultKind.CHANGED, 5)),
        ("UPDATE audit_seal SET previous_hash = 'x' WHERE number = 6", Fault(FaultKind.CHANGED, 6)),
        ("UPDATE audit_seal SET entry_id = 0 WHERE number = 6", Fault(FaultKind.CHANGED, 6)),
        ("DELETE FROM audit_entry WHERE sequence = {n4}", Fault(FaultKind.MISSING, 4)),
        ("DELETE FROM audit_entry WHERE sequence = {n1}", Fault(FaultKind.MISSING, 1)),
        ("DELETE FROM audit_entry WHERE sequence = {n10}", Fault(FaultKind.MISSING, 10)),
        ("DELETE FROM audit_seal WHERE number = 4", Fault(FaultKind.MISSING, 4)),
        ("DELETE FROM audit_seal WHERE number > 7", Fault(FaultKind.CUT_OFF, 8)),
        ("DELETE FROM audit_seal", Fault(FaultKind.CUT_OFF, 1)),
        ("UPDATE audit_head SET number = 9", Fault(FaultKind.HEAD, 9)),
        ("UPDATE audit_head SET hash = 'x'", Fault(FaultKind.HEAD, 10)),
        ("DELETE FROM audit_head", Fault(FaultKind.INSERTED, 1)),
    ],
)
def test_verify_names_the_first_fault(raw: Raw, statement: str, fault: Fault) -> None:
    raw(statement)
    assert verified().fault == fault


def test_an_entry_put_in_by_hand_is_named_and_never_sealed(raw: Raw) -> None:
    copied = "at, by_label, action, object_type, object_id, object_label, changes, personal, personal_of, ip, request_id, algorithm, key_id"
    raw(
        f"INSERT INTO audit_entry (public_id, {copied}, mac) "
        f"SELECT 'c0ffee00000040008000000000000000', {copied}, mac FROM audit_entry WHERE sequence = {{n10}}",
        as_owner=False,
    )
    own = Entry.objects.latest("sequence").sequence
    assert verified().fault == Fault(FaultKind.UNSIGNED, own)
    assert actions.seal(at=NOW, is_thorough=True) == 0
    assert actions.verify(by=None, at=NOW).fault == Fault(FaultKind.UNSIGNED, own)


def test_an_entry_put_in_with_a_seal_of_the_forgers_own_is_named(raw: Raw) -> None:
    entry = actions.record(action="test.forged", by=None, at=factories.AT)
    head = Head.objects.get()
    forged = rules.sealed(entry.sequence, entry.mac, head.facts(), FORGER)
    Seal.objects.create(
        number=11, entry=entry, entry_mac=entry.mac, previous_hash=head.hash, algorithm=forged.algorithm, key_id=queries.ring().current,
        hash=forged.hash, sealed_at=NOW,
    )  # fmt: skip
    assert verified().fault == Fault(FaultKind.INSERTED, 11)  # the head does not know it
    Head.objects.update(number=11, hash=forged.hash)
    assert verified().fault == Fault(FaultKind.CHANGED, 11)


def test_a_waiting_entry_that_was_changed_is_named(raw: Raw) -> None:
    entry = actions.record(action="test.act", by=None, at=factories.AT)
    raw("UPDATE audit_entry SET object_label = 'another' WHERE object_label = ''")
    assert verified().fault == Fault(FaultKind.UNSIGNED, entry.sequence)


def test_a_waiting_entry_that_nobody_notes_any_more_is_sealed_all_the_same(raw: Raw) -> None:
    actions.record(action="test.act", by=None, at=factories.AT)
    Waiting.objects.all().delete()
    assert actions.seal(at=NOW) == 0
    assert actions.verify(by=None, at=NOW).entries == 11


def recompute(raw: Raw, ring: Ring, *, key_id: str, since: int) -> None:
    """What somebody does who can write everything in the database, and hides it as well as he can without the key."""
    raw("UPDATE audit_entry SET object_label = 'another' WHERE sequence = {n4}")
    before = Seal.objects.get(number=since - 1).hash if since > 1 else rules.GENESIS
    for seal in Seal.objects.filter(number__gte=since).select_related("entry"):
        entry = seal.entry
        entry.algorithm, entry.key_id = ring.algorithm, ring.current
        mac = rules.signature(entry.facts(), ring)
        made = rules.sealed(entry.sequence, mac or "", rules.Head(seal.number - 1, before), ring)
        Entry.objects.filter(pk=entry.pk).update(mac=mac, key_id=key_id, algorithm=ring.algorithm)
        Seal.objects.filter(pk=seal.pk).update(
            entry_mac=mac, previous_hash=before, hash=made.hash, key_id=key_id, algorithm=ring.algorithm
        )  # fmt: skip
        before = made.hash
    Head.objects.update(hash=before)


def test_a_chain_computed_anew_without_the_key_is_named(raw: Raw) -> None:
    recompute(raw, FORGER, key_id=queries.ring().current, since=4)
    assert verified().fault == Fault(FaultKind.RECOMPUTED, 4)


def test_a_chain_computed_anew_with_a_foreign_key_names_the_key(raw: Raw) -> None:
    recompute(raw, FORGER, key_id=FORGER.current, since=4)
    assert verified().fault == Fault(FaultKind.UNKNOWN_KEY, 4, FORGER.current)


def test_a_wrong_key_at_hand_is_another_message(raw: Raw, settings: Any) -> None:
    office = queries.ring().current
    settings.AUDIT_KEYS = ("this is a key that the office never had",)
    assert verified().fault == Fault(FaultKind.UNKNOWN_KEY, 1, office)


def test_a_chain_computed_anew_even_with_the_key_does_not_agree_with_an_anchor(raw: Raw) -> None:
    anchor = actions.anchor(by=None, at=NOW)
    actions.seal(at=NOW)
    recompute(raw, queries.ring(), key_id=queries.ring().current, since=4)
    assert verified().is_whole
    assert verified(anchor).fault == Fault(FaultKind.REPLACED, 1, "10")


def cut_off(raw: Raw, behind: int) -> None:
    """The last entries removed, with their seals, and the head put back."""
    raw(f"DELETE FROM audit_entry WHERE sequence > {{n{behind}}}")
    raw(f"DELETE FROM audit_seal WHERE number > {behind}")
    Waiting.objects.all().delete()
    Head.objects.update(number=behind, hash=Seal.objects.get(number=behind).hash)


def test_a_tail_cut_off_since_the_last_anchor_is_named(raw: Raw) -> None:
    anchor = actions.anchor(by=None, at=NOW)
    cut_off(raw, 7)
    assert verified() == queries.Verification(7, None, last_number=7)  # nothing in the database tells of it
    assert verified(anchor).fault == Fault(FaultKind.CUT_OFF, 8)


def test_a_tail_cut_off_and_grown_again_is_named(raw: Raw) -> None:
    anchor = actions.anchor(by=None, at=NOW)
    cut_off(raw, 7)
    for _ in range(5):
        actions.record(action="test.after", by=None, at=factories.AT)
    actions.seal(at=NOW, is_thorough=True)  # on PostgreSQL the trigger that notes what waits is off too
    assert verified() == queries.Verification(12, None, last_number=12)
    assert verified(anchor).fault == Fault(FaultKind.REPLACED, 1, "10")


def test_a_changed_anchor_is_named(raw: Raw) -> None:
    anchor = actions.anchor(by=None, at=NOW)
    assert verified(anchor).is_whole
    assert verified(replace(anchor, number=9)).fault == Fault(FaultKind.FALSE_ANCHOR, 9)


# --- time, size ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "is_late"), [(59, False), (60, False), (61, True)])
def test_entries_that_wait_for_too_long_are_named_and_sealed(raw: Raw, minutes: int, is_late: bool) -> None:
    entry = actions.record(action="test.act", by=None, at=factories.AT)
    since = Waiting.objects.get().since
    found = actions.verify(by=None, at=since + dt.timedelta(minutes=minutes))
    assert found.fault == (Fault(FaultKind.LATE, entry.sequence) if is_late else None)
    assert (found.entries, Seal.objects.count()) == (11, 11)


@pytest.mark.parametrize("batch", [1, 3, 10, 11])
def test_a_chain_walked_in_batches_is_whole(raw: Raw, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(queries, "BATCH", batch)
    assert verified() == queries.Verification(10, None, last_number=10)


@pytest.mark.django_db(transaction=True)
def test_others_write_and_seal_while_the_chain_is_walked(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    own_hash, walked = rules.seal_hash, []

    def write(seal: rules.Seal, ring: Ring) -> str | None:
        if seal.number == 4 and not walked:
            walked.append(1)
            actions.record(action="test.act", by=None, at=factories.AT, object_label="meanwhile")
            actions.seal(at=NOW)
        return own_hash(seal, ring)

    monkeypatch.setattr(queries, "BATCH", 3)
    monkeypatch.setattr(rules, "seal_hash", write)
    assert verified() == queries.Verification(10, None, last_number=10)
    assert Seal.objects.count() == 11


# --- the command --------------------------------------------------------------------------------------------------------------------
def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = cli.main(["audit", *words, "--json"])
    return code, json.loads(capsys.readouterr().out or "null")


def test_the_command_compares_with_anchor_files_and_says_so_in_its_exit_code(
    raw: Raw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = command(capsys, "anchor", "--to", str(tmp_path))
    file = told["file"]
    assert (code, Path(file).parent) == (0, tmp_path)
    code, told = command(capsys, "verify", "--anchor", file)
    assert (code, told["is_whole"], told["anchors"]) == (0, True, 1)
    cut_off(raw, 7)
    code, told = command(capsys, "verify", "--anchor", file)
    assert (code, told["fault"]) == (1, {"kind": "cut_off", "number": 8, "detail": ""})
    assert cli.main(["audit", "verify", "--anchor", file]) == 1
    assert "自第 8 条起末尾被截去" in capsys.readouterr().out


def test_the_command_refuses_a_file_that_is_no_anchor(raw: Raw, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.json"
    file.write_text('{"what": "something else"}')
    assert cli.main(["audit", "verify", "--anchor", str(file)]) == 2
    assert "list.json: no anchor of an audit chain" in capsys.readouterr().err
    assert cli.main(["audit", "verify", "--anchor", str(tmp_path / "nothing.json")]) == 2


def test_the_command_tells_a_wrong_key_by_another_exit_code(raw: Raw, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.AUDIT_KEYS = ("this is a key that the office never had",)
    assert command(capsys, "verify")[0] == 2


def test_without_a_key_the_commands_say_what_to_do(raw: Raw, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.AUDIT_KEYS = ()
    assert [cli.main(["audit", what]) for what in ("verify", "seal", "anchor")] == [2, 2, 2]
    assert capsys.readouterr().err.count("wutong audit key") == 3


def test_the_command_seals_what_waits(raw: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    actions.record(action="test.act", by=None, at=factories.AT)
    assert command(capsys, "seal") == (0, {"sealed": 1, "number": 11, "waiting": 0})


def test_anchors_are_kept_once_a_day_and_compared_by_themselves(raw: Raw, tmp_path: Path, settings: Any) -> None:
    settings.AUDIT_ANCHORS = tmp_path / "anchors"
    first = actions.keep_anchor_daily(at=factories.AT)
    assert first is not None
    assert first.name == "wutong-audit-2026-03-05-000000000010.json"
    assert actions.keep_anchor_daily(at=factories.AT) is None
    assert actions.keep_anchor_daily(at=factories.AT + dt.timedelta(days=1)) is not None
    assert [anchor.number for anchor in queries.kept_anchors()] == [10, 11]


# --- keys -----------------------------------------------------------------------------------------------------------------------------
def test_a_new_key_signs_from_then_on_and_the_old_one_still_verifies(raw: Raw, tmp_path: Path, settings: Any) -> None:
    settings.AUDIT_KEY_FILE, settings.IS_AUDIT_KEY_GIVEN = tmp_path / "audit_key", False
    settings.AUDIT_KEY_FILE.write_text(" ".join(settings.AUDIT_KEYS))
    old = queries.ring().current
    made = actions.new_key(at=NOW)
    assert Entry.objects.latest("sequence").changes == {"key_id": {"old": old, "new": made}}
    settings.AUDIT_KEYS = tuple(settings.AUDIT_KEY_FILE.read_text().split())  # as the settings do when a server starts
    actions.record(action="test.act", by=None, at=factories.AT)
    assert actions.verify(by=None, at=NOW).is_whole
    assert Entry.objects.get(action="test.act", object_label="").key_id == made


def test_the_first_key_is_readable_by_its_owner_only(tmp_path: Path, settings: Any) -> None:
    settings.AUDIT_KEYS, settings.IS_AUDIT_KEY_GIVEN, settings.AUDIT_KEY_FILE = (), False, tmp_path / "data" / "audit_key"
    made = actions.new_key(at=NOW)
    assert settings.AUDIT_KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert Ring.of(settings.AUDIT_KEY_FILE.read_text().split()).current == made


def test_a_key_that_the_environment_gives_is_not_put_into_a_file(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert settings.IS_AUDIT_KEY_GIVEN
    assert cli.main(["audit", "key"]) == 2
    assert "WUTONG_AUDIT_KEY" in capsys.readouterr().err


# --- walks behind an anchor -----------------------------------------------------------------------------------------------------------
def test_the_next_walk_begins_behind_the_last_anchor_verified_until_the_whole_chain_is_due(raw: Raw) -> None:
    kept = actions.anchor(by=None, at=NOW)
    assert queries.walked_until(NOW, [kept]) is None, "nothing was walked yet"
    actions.verify(by=None, at=NOW, anchors=[kept])
    week = dt.timedelta(days=7)
    found = [queries.walked_until(at, [kept]) for at in (NOW, NOW + week, NOW + week + dt.timedelta(seconds=1))]
    assert found == [kept, kept, None]
    assert queries.walked_until(NOW, [replace(kept, mac="0" * 64), replace(kept, number=99)]) is None
    walked = actions.verify(by=None, at=NOW, anchors=[kept], after=kept)
    assert (walked.is_whole, walked.first_number, walked.entries) == (True, 11, 2)
    assert queries.walked_until(NOW, [kept]) == kept, "what was walked in part counts, the whole walk before it decides"


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE audit_entry SET action = 'x' WHERE sequence = {n4}"], None),
        (["DELETE FROM audit_entry WHERE sequence = {n4}"], Fault(FaultKind.MISSING, 4)),
        (["DELETE FROM audit_seal WHERE number = 4"], Fault(FaultKind.MISSING, 4)),
        (["UPDATE audit_seal SET hash = 'x' WHERE number = 10"], Fault(FaultKind.CHANGED, 10)),
        (["UPDATE audit_entry SET action = 'x' WHERE sequence = {n10}"], None),
        (["DELETE FROM audit_seal WHERE number > 8", "UPDATE audit_head SET number = 8"], Fault(FaultKind.CUT_OFF, 9)),
    ],
)
def test_behind_an_anchor_what_is_gone_before_it_is_named_and_what_was_changed_before_it_waits_for_the_whole_walk(
    raw: Raw, statements: list[str], fault: Fault | None
) -> None:
    kept = actions.anchor(by=None, at=NOW)
    actions.verify(by=None, at=NOW, anchors=[kept])
    for statement in statements:
        raw(statement)
    assert queries.verify(at=NOW, anchors=[kept], after=kept).fault == fault
    assert verified(kept).fault is not None


@pytest.mark.parametrize("place", [11, 12])
def test_behind_an_anchor_what_was_changed_behind_it_is_named(raw: Raw, place: int) -> None:
    kept = actions.anchor(by=None, at=NOW)
    actions.verify(by=None, at=NOW, anchors=[kept])
    actions.seal(at=NOW)
    raw(f"UPDATE audit_entry SET action = 'x' WHERE sequence = (SELECT entry_id FROM audit_seal WHERE number = {place})")
    assert queries.verify(at=NOW, anchors=[kept], after=kept).fault == Fault(FaultKind.CHANGED, place)


def test_after_a_fault_or_with_an_altered_verification_the_whole_chain_is_walked(raw: Raw) -> None:
    kept = actions.anchor(by=None, at=NOW)
    actions.verify(by=None, at=NOW, anchors=[kept])
    actions.verify(by=None, at=NOW, anchors=[replace(kept, mac="0" * 64)])
    assert queries.walked_until(NOW, [kept]) is None
    actions.verify(by=None, at=NOW, anchors=[kept])
    assert queries.walked_until(NOW, [kept]) == kept
    raw("UPDATE audit_entry SET by_label = 'x' WHERE sequence = (SELECT max(sequence) FROM audit_entry)")
    assert queries.walked_until(NOW, [kept]) is None
