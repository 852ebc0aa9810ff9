"""Write entries, seal them into the chain, keep its head outside, and erase what is personal in them."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from wutong.web.audit import queries, rules
from wutong.web.audit.models import FAULT_NAMES, Entry, Head, PersonalKey, Seal, Waiting
from wutong.web.lib import access, hooks

SEALED_AT_ONCE = 1000
ENTRY = "audit.Entry"
PAGE = "audit:verify"


# --- writing --------------------------------------------------------------------------------------------------------------------------
_is_told_by_batch: ContextVar[bool] = ContextVar("is_told_by_batch", default=False)


@contextmanager
def told_by_batch() -> Iterator[None]:
    """What is done in this block to the rows of one file has one entry for all of it, with the file's hash; `record` writes none for each.

    Why: thousands of entries that a list made would bury what people did. Whoever opens the block leaves that one entry (`record_import`).
    """
    token = _is_told_by_batch.set(True)
    try:
        yield
    finally:
        _is_told_by_batch.reset(token)


@transaction.atomic(savepoint=False)
def record(
    *,
    action: str,
    by: Any,
    at: dt.datetime,
    obj: Model | None = None,
    object_type: str = "",
    object_id: str = "",
    object_label: str = "",
    changes: Mapping[str, Any] | None = None,
    by_label: str = "",
    personal: Mapping[str, Any] | None = None,
    personal_of: Model | None = None,
) -> Entry:
    """Write one entry, inside the transaction of what it tells of, so that neither stands without the other. Raises: NoKey.

    `changes` is field → {"old": …, "new": …} or any plain facts (a filter, a count of rows). `personal` is the same for personal data: it
    is encrypted with the key of the record `personal_of`, and `forget` erases it. Writers do not wait for each other: the entry is signed
    at once, and `seal` gives it its place in the chain afterwards. Of rows that `told_by_batch` none is kept.
    """
    if obj is not None:
        object_type = object_type or obj._meta.label
        object_id = object_id or str(getattr(obj, "public_id", obj.pk))
        object_label = object_label or str(obj)
    origin = access.origin()
    person = by if by is not None and by.is_authenticated else None
    ring = queries.ring()
    if behalf := getattr(person, "on_behalf_of", ""):
        changes = {**(changes or {}), "on_behalf_of": behalf}
    if token := getattr(person, "token", None):
        changes = {**(changes or {}), "by_token": str(token)}
    entry = Entry(
        at=at,
        by=person,
        by_label=rules.clean(by_label or (str(person) if person else ""), 200),
        action=action,
        object_type=object_type,
        object_id=rules.clean(object_id, 100),
        object_label=rules.clean(object_label, 300),
        changes=rules.plain(dict(changes or {})),
        ip=origin.ip,
        request_id=origin.request_id,
        algorithm=ring.algorithm,
        key_id=ring.current,
    )
    if _is_told_by_batch.get():
        return entry
    if personal and personal_of is not None:
        entry.personal_of = _name_of(personal_of)
        entry.personal = _encrypted(rules.plain(dict(personal)), entry.personal_of, at)
    entry.mac = rules.signature(entry.facts(), ring) or ""
    entry.save(force_insert=True)
    return entry


def record_import(
    *, action: str, by: Any, at: dt.datetime, file: str, sha256: str, rows: int, obj: Model | None = None, object_type: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """One entry for a whole batch of rows that came from a file: its name, its hash and how many rows it holds."""
    told = {"file": file, "sha256": sha256, "rows": rows, **(changes or {})}
    return record(
        action=action, by=by, at=at, obj=obj, object_type=object_type, object_label="" if obj is not None else file, changes=told
    )  # fmt: skip


def record_export(
    *, action: str, by: Any, at: dt.datetime, filters: Mapping[str, Any] | str, rows: int, obj: Model | None = None, object_type: str = ""
) -> Entry:
    """One entry for what left the house as a file: by which filter, and exactly how many rows."""
    told = {"filter": filters if isinstance(filters, str) else dict(filters), "rows": rows}
    return record(action=action, by=by, at=at, obj=obj, object_type=object_type, changes=told)


def record_look(*, action: str, record_: Model, by: Any, at: dt.datetime) -> None:
    """One entry a person, record and day for the opening of what is sensitive: whoever looks again that day is noted already.

    Why once a day: who saw it and when he began to is what is asked later; a hundred turns of the same page say no more.
    """
    name, day = str(getattr(record_, "public_id", record_.pk)), access.begins(timezone.localdate(at))
    if not Entry.objects.filter(action=action, object_id=name, by=by, at__gte=day).exists():
        record(action=action, by=by, at=at, obj=record_)


# --- personal data --------------------------------------------------------------------------------------------------------------------
def _name_of(record_: Model) -> str:
    return f"{record_._meta.label}:{getattr(record_, 'public_id', record_.pk)}"


def _encrypted(personal: Any, of: str, at: dt.datetime) -> str:
    made = {"secret": Fernet.generate_key().decode(), "made_at": at}
    key, _ = PersonalKey.objects.get_or_create(pk=of, defaults=made)
    if not key.secret:  # Once forgotten, nothing personal is written of the record again.
        return ""
    return Fernet(key.secret.encode()).encrypt(json.dumps(personal, sort_keys=True).encode()).decode()


@transaction.atomic
def forget(*, record_: Model, by: Any, at: dt.datetime) -> None:
    """Delete the key of a record's personal data: every entry stays and the chain stays whole, but nobody reads what was personal in it."""
    PersonalKey.objects.update_or_create(
        pk=_name_of(record_),
        defaults={"secret": "", "erased_at": at},
        create_defaults={"secret": "", "made_at": at, "erased_at": at},
    )
    transaction.on_commit(keep_erased)
    of = str(getattr(record_, "public_id", record_.pk))
    record(action="audit.forget", by=by, at=at, object_type=record_._meta.label, object_id=of)


def keep_erased() -> int:
    """Note outside the database whose personal data was erased, so that no old backup brings it back unseen; returns how many are new.

    Why no exception: the data is erased already. The daily anchor tries again what could not be written.
    """
    path, known = queries.erased_file(), queries.erased_known()
    new = [key for key in PersonalKey.objects.exclude(erased_at=None).order_by("erased_at") if key.pk not in known]
    try:
        if new:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.writelines(f"{key.pk}\t{key.erased_at:%Y-%m-%d}\n" for key in new)
    except OSError:
        logging.getLogger(__name__).exception("whose data was erased could not be noted in %s", path)
        return 0
    return len(new)


# --- sealing --------------------------------------------------------------------------------------------------------------------------
def seal(*, at: dt.datetime, is_thorough: bool = False) -> int:
    """Give every waiting entry its place in the chain, in the order in which they were written; returns how many. Raises: NoKey.

    What the system did not sign is left waiting, and `verify` names it. `is_thorough` looks through all entries for some without a seal,
    not only where the database noted them. A batch is one transaction, so that a crash loses or doubles nothing.
    """
    done, _ = 0, queries.ring()
    # Where nothing waits no lock is taken, for on SQLite everybody who writes would have to wait for it.
    while (is_thorough or Waiting.objects.exists()) and (more := _seal_batch(at=at, is_thorough=is_thorough)):
        done += more
    return done


@transaction.atomic
def _seal_batch(*, at: dt.datetime, is_thorough: bool) -> int:
    """Seal a batch of what is committed. Why the lock: an entry gets one seal, however many seal at the same time."""
    head_row, _ = Head.objects.get_or_create(pk=1)
    head_row = Head.objects.select_for_update().get(pk=1)
    ring = queries.ring()
    head, seals = head_row.facts(), []
    for entry in islice(_signed(is_thorough, ring), SEALED_AT_ONCE):
        made = rules.sealed(entry.sequence, entry.mac, head, ring)
        head = rules.Head(made.number, made.hash)
        seals.append(
            Seal(
                number=made.number, entry=entry, entry_mac=made.entry_mac, previous_hash=made.previous_hash, algorithm=made.algorithm,
                key_id=made.key_id, hash=made.hash, sealed_at=at,
            )
        )  # fmt: skip
    Seal.objects.bulk_create(seals)
    Waiting.objects.filter(pk__in=[one.entry_id for one in seals]).delete()
    Head.objects.filter(pk=1).update(number=head.number, hash=head.hash)
    return len(seals)


def _signed(is_thorough: bool, ring: rules.Ring) -> Iterator[Entry]:
    """Entries without a seal that the system did write, in order."""
    if is_thorough:
        found: Iterator[Entry] = Entry.objects.unsealed().iterator(chunk_size=SEALED_AT_ONCE)
    else:
        noted = Waiting.objects.filter(entry__seal=None).select_related("entry").order_by("pk")
        found = (row.entry for row in noted.iterator(chunk_size=SEALED_AT_ONCE))
    return (entry for entry in found if rules.fault_of_waiting(entry.sequence, entry.facts(), entry.mac, ring) is None)


def verify(
    *, by: Any, at: dt.datetime, anchors: Sequence[rules.Anchor] = (), after: rules.Anchor | None = None,
    step: Callable[[int, int], None] | None = None,
) -> queries.Verification:  # fmt: skip
    """Walk the chain, seal what waits if it is whole, and write down what was found. Raises: NoKey.

    `after`: only what stands behind this anchor, as `queries.walked_until` gives it.
    """
    found = queries.verify(at=at, anchors=anchors, after=after, step=step)
    if found.fault is None or found.fault.kind == rules.FaultKind.LATE:
        done = seal(at=at, is_thorough=True)
        found = replace(found, entries=found.entries + done, unsealed_entries=max(found.unsealed_entries - done, 0))
    told: dict[str, Any] = {"from": found.first_number, "until": found.last_number}
    told |= {"entries": found.entries, "anchors": found.anchors, "waiting": found.unsealed_entries}
    if found.fault:
        told |= {"fault": found.fault.kind, "at": found.fault.number}
    record(action=queries.VERIFY, by=by, at=at, object_type=ENTRY, changes=told)
    return found


def verify_daily(*, at: dt.datetime, step: Callable[[int, int], None] | None = None) -> queries.Verification:
    """What was added, and every few days the whole chain, against each anchor kept; of a fault whoever reads the audit is told by the bell.

    Raises: NoKey; UnreadableAnchor; OSError, these two after telling.
    """
    try:
        anchors = queries.kept_anchors()
    except (queries.UnreadableAnchor, OSError) as error:
        said = str(error)
        _alert(said, lambda: said, at=at)
        raise
    found = verify(by=None, at=at, anchors=anchors, after=queries.walked_until(at, anchors), step=step)
    _alert_of(found, at=at)
    return found


def verify_asked(
    *, by: Any, at: dt.datetime, anchors: Sequence[rules.Anchor], is_whole: bool, step: Callable[[int, int], None] | None = None
) -> queries.Verification:  # fmt: skip
    """What somebody asked the background for, against the anchors kept too; he is told what was found, of a fault everybody who reads.

    Raises: NoKey; UnreadableAnchor; OSError.
    """
    known = (*queries.kept_anchors(), *anchors)
    found = verify(by=by, at=at, anchors=known, after=None if is_whole else queries.walked_until(at, known), step=step)
    _alert_of(found, at=at)
    if not found.fault:
        hooks.tell(to=by, key=f"audit.whole:{by.pk}:{at.isoformat()}", words=lambda: _whole(found), by=None, at=at, address=reverse(PAGE))
    return found


def _alert_of(found: queries.Verification, *, at: dt.datetime) -> None:
    if fault := found.fault:
        _alert(f"{fault.kind}:{fault.number}", lambda: f"{FAULT_NAMES[fault.kind]} ({fault.number})", at=at)


def _alert(fault: str, said: Callable[[], str], *, at: dt.datetime) -> None:
    """Tell the audit administrators, once a day and fault, each in his language."""
    for person in queries.readers():
        key = f"audit.fault:{timezone.localdate(at)}:{fault[:60]}:{person.pk}"
        hooks.tell(to=person, key=key, words=lambda: _words(said()), by=None, at=at, address=reverse(PAGE))


def _words(fault: str) -> tuple[str, str]:
    text = gettext("A verification found: %(fault)s. Verify on this page, and keep the database as it is.")
    return gettext("The audit chain has a fault"), text % {"fault": fault}


def _whole(found: queries.Verification) -> tuple[str, str]:
    text = gettext("Numbers %(first)s to %(last)s were walked: none changed, missing or inserted.")
    return gettext("The audit chain is whole"), text % {"first": f"{found.first_number:,}", "last": f"{found.last_number:,}"}


# --- outside the database -------------------------------------------------------------------------------------------------------------
def anchor(*, by: Any, at: dt.datetime) -> rules.Anchor:
    """Seal what waits, and give the head of the chain to be kept outside; an entry tells of it. Raises: NoKey.

    Why thorough: where somebody took the trigger away that notes what waits, entries would stay without a seal, and nothing would tell.
    """
    seal(at=at, is_thorough=True)
    head = Head.objects.get(pk=1).facts()
    made = rules.anchored(head, at.astimezone(dt.UTC).isoformat(timespec="seconds"), queries.ring())
    record(action="audit.anchor", by=by, at=at, object_type=ENTRY, changes={"number": made.number, "hash": made.hash})
    return made


def keep_anchor(*, by: Any, at: dt.datetime, folder: Path | None = None) -> Path:
    """Write an anchor into a folder, that of the settings unless another is given. Raises: NoKey; OSError where it cannot be written."""
    folder = folder or Path(settings.AUDIT_ANCHORS)
    folder.mkdir(parents=True, exist_ok=True)
    made = anchor(by=by, at=at)
    path = folder / queries.anchor_name(made)
    path.write_text(queries.anchor_text(made), "utf-8")
    return path


def keep_anchor_daily(*, at: dt.datetime) -> Path | None:
    """The anchor of a day, once; None where the day has one. Raises: NoKey; OSError."""
    folder, day = Path(settings.AUDIT_ANCHORS), timezone.localdate(at)
    keep_erased()
    return None if any(folder.glob(f"wutong-audit-{day}-*.json")) else keep_anchor(by=None, at=at)


def set_anchors_aside(*, since: dt.datetime, folder: Path, by: Any, at: dt.datetime) -> int:
    """After a restore: anchors of what came after the backup go into a folder, for the chain no longer reaches to them; returns how many.

    Why: they are kept, not thrown away, and an entry names them; else every verification to come would find the chain cut off.
    Raises: UnreadableAnchor; OSError.
    """
    there = Path(settings.AUDIT_ANCHORS)
    paths = sorted(path for path in there.iterdir() if queries.ANCHOR_FILE.fullmatch(path.name)) if there.is_dir() else []
    later = [path for path, kept in zip(paths, queries.anchors_of(paths), strict=True) if dt.datetime.fromisoformat(kept.at) > since]
    folder.mkdir(parents=True, exist_ok=True)
    for path in later:
        shutil.move(path, folder / path.name)
    if later:
        record(action="audit.set_anchors_aside", by=by, at=at, object_type=ENTRY, changes={"files": [path.name for path in later]})
    return len(later)


class KeyIsElsewhere(Exception):  # noqa: N818 - a refusal, not a fault
    """The keys are given by the environment, so no file is written."""


def new_key(*, at: dt.datetime, by: Any = None) -> str:
    """Add a key to the key file, which makes it if there is none; the ones before still verify. Returns its id.

    Servers sign with it once they are started again. Raises: KeyIsElsewhere; OSError.
    """
    path = Path(settings.AUDIT_KEY_FILE)
    if settings.IS_AUDIT_KEY_GIVEN:
        raise KeyIsElsewhere
    path.parent.mkdir(parents=True, exist_ok=True)
    text = secrets.token_urlsafe(48)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, stat.S_IRUSR | stat.S_IWUSR), "w", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    made = rules.Ring.of([text]).current
    if settings.AUDIT_KEYS:
        record(action="audit.new_key", by=by, at=at, object_type=ENTRY, changes={"key_id": {"old": queries.ring().current, "new": made}})
    return made
