"""Reads of the entries and of the chain."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import islice
from operator import or_
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, ValidationError
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from wutong.rulebook import load
from wutong.web.audit import rules
from wutong.web.audit.models import Entry, EntryQuerySet, Head, PersonalKey, Seal, Waiting
from wutong.web.lib import access, hooks
from wutong.web.lib.health import Finding, State, triggers_there
from wutong.web.lib.lists import Page
from wutong.web.lib.spreadsheets import in_pieces

BATCH = 2000
ANCHOR = "wutong audit anchor 1"
ANCHOR_FILE = re.compile(r"wutong-audit-\d{4}-\d{2}-\d{2}-\d+\.json")
LARGEST_ANCHOR = 10_000
EVENTS_A_PAGE = 20
LAST_DAY = dt.date(9000, 1, 1)
OLDEST_ANCHOR = dt.timedelta(days=2)
VERIFY = "audit.verify"
VERIFICATIONS_READ = 50
VERIFICATIONS_SHOWN = 10


# --- keys -----------------------------------------------------------------------------------------------------------------------------
class NoKey(ImproperlyConfigured):
    """The office has no key of the audit chain; the text says how to make one."""


def ring() -> rules.Ring:
    """The office's keys. Raises: NoKey; ImproperlyConfigured for one that is too short."""
    if not settings.AUDIT_KEYS:
        raise NoKey(settings.NO_AUDIT_KEY)
    return _ring(tuple(settings.AUDIT_KEYS))


@cache
def _ring(texts: tuple[str, ...]) -> rules.Ring:
    try:
        return rules.Ring.of(texts)
    except rules.UnusableKey as error:
        raise ImproperlyConfigured(f"WUTONG_AUDIT_KEY: {error}") from error


# --- verification ---------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Verification:
    """What walking the chain found: how many entries hold, how many wait for their seal, with how many anchors the chain was compared,
    and the first fault, if any. It was walked from `first_number` (1: whole) to `last_number`."""

    entries: int
    fault: rules.Fault | None
    unsealed_entries: int = 0
    anchors: int = 0
    first_number: int = 1
    last_number: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether no entry was changed, removed or put in."""
        return self.fault is None


def verify(
    *, at: dt.datetime, anchors: Sequence[rules.Anchor] = (), after: rules.Anchor | None = None,
    step: Callable[[int, int], None] | None = None,
) -> Verification:  # fmt: skip
    """Walk the chain from its first entry, a batch at a time, then look at what waits for its seal.

    `after`: only behind this anchor (`walked_until`), if as many entries stand before it as there were and every anchor agrees; else the
    whole chain, which names what is wrong. `step` is told how many entries were read, and of how many.
    Why: nobody is held up. The chain only grows at its end, so the walk goes without a lock to where it ended when the walk began.
    """
    keys = ring()
    for anchor in anchors:
        if fault := rules.fault_of_anchor(anchor, keys):
            return Verification(0, fault, anchors=len(anchors))
    row = Head.objects.filter(pk=1).first()
    head = row.facts() if row else rules.Head(0, rules.GENESIS)
    begin = rules.Head(after.number, after.hash) if after and _stand_before(after, anchors) else rules.Head(0, rules.GENESIS)
    count, fault = rules.first_fault(_links(begin.number, head.number, step), head, keys, anchors, begin=begin)
    fault = fault or _fault_behind() or _fault_of_waiting(keys, at)
    return Verification(count, fault, Entry.objects.unsealed().count(), len(anchors), begin.number + 1, head.number)


def _stand_before(after: rules.Anchor, anchors: Sequence[rules.Anchor]) -> bool:
    """Whether each place up to an anchor has its seal and entry, and each anchor up to there its hash; not whether entries changed."""
    before = Seal.objects.filter(number__lte=after.number)
    known = {anchor.number: anchor.hash for anchor in (*anchors, after) if anchor.number <= after.number}
    if dict(before.filter(number__in=list(known)).values_list("number", "hash")) != {number: known[number] for number in known if number}:
        return False
    entries = Entry.objects.filter(seal__number__gte=1, seal__number__lte=after.number)
    return before.count() == entries.count() == after.number


def walked_until(at: dt.datetime, anchors: Sequence[rules.Anchor]) -> rules.Anchor | None:
    """The youngest anchor up to which the chain was found whole, so that the next walk may begin behind it; None where it must be whole.

    It must be whole after a fault, and where the last whole walk is older than the rulebook allows.
    Why: both the entries of verifications and the anchors are signed with the key, so that whoever holds the database alone can make no
    walk begin later than it should; he could only take such entries away, and the walk begins earlier then.
    """
    keys, reached = ring(), 0
    limit = at - dt.timedelta(days=int(load.rulebook().number(rules.WHOLE_LEAF, timezone.localdate(at))))
    for entry in Entry.objects.filter(action=VERIFY, at__gte=limit).order_by("-sequence")[:VERIFICATIONS_READ]:
        told = entry.changes
        is_own = rules.fault_of_waiting(entry.sequence, entry.facts(), entry.mac, keys) is None
        if not is_own or "fault" in told or "until" not in told:
            return None
        reached = reached or int(told["until"])
        if told["from"] == 1:
            good = (anchor for anchor in anchors if anchor.number <= reached and not rules.fault_of_anchor(anchor, keys))
            return max(good, key=lambda anchor: anchor.number, default=None)
    return None


def entries_behind(after: rules.Anchor | None) -> int:
    """How many sealed entries a walk has before it."""
    return standing().number - (after.number if after else 0)


def verifications(user: Any) -> Sequence[Entry]:
    """The last verifications, newest first."""
    return entries(user).filter(action=VERIFY).order_by("-sequence")[:VERIFICATIONS_SHOWN]


def allowance(at: dt.datetime) -> int:
    """Minutes within which an entry is to be sealed."""
    return int(load.rulebook().number(rules.LATE_LEAF, timezone.localdate(at)))


def _links(after: int, until: int, step: Callable[[int, int], None] | None) -> Iterator[rules.Link]:
    last = after or None
    while True:
        batch = list(Seal.objects.filter(Q(number__lte=until) & (Q(number__gt=last) if last is not None else Q()))[:BATCH])
        if not batch:
            return
        there = Entry.objects.in_bulk([seal.entry_id for seal in batch])
        for seal in batch:
            yield _link(seal, there.get(seal.entry_id))
        last = batch[-1].number
        if step:
            step(last - after, until - after)


def _link(seal: Seal, entry: Entry | None) -> rules.Link:
    place = rules.Seal(seal.number, seal.entry_id, seal.entry_mac, seal.previous_hash, seal.algorithm, seal.key_id, seal.hash)
    return rules.Link(place, entry.facts() if entry else None, entry.mac if entry else "")


def _fault_behind() -> rules.Fault | None:
    """Whether the head and the last seal agree at one moment: a seal put in by hand stands behind the head."""
    with transaction.atomic():
        head = Head.objects.select_for_update().filter(pk=1).first()
        number = head.number if head else 0
        more = Seal.objects.filter(number__gt=number).exists()
    return rules.Fault(rules.FaultKind.INSERTED, number + 1) if more else None


def _fault_of_waiting(keys: rules.Ring, at: dt.datetime) -> rules.Fault | None:
    """The first waiting entry that the system did not write, else the first that waits for too long."""
    late: rules.Fault | None = None
    limit = at - dt.timedelta(minutes=allowance(at))
    for entry in Entry.objects.unsealed().annotate(since=F("waiting__since")).iterator(chunk_size=BATCH):
        if fault := rules.fault_of_waiting(entry.sequence, entry.facts(), entry.mac, keys):
            return fault
        if late is None and entry.since is not None and entry.since < limit:
            late = rules.Fault(rules.FaultKind.LATE, entry.sequence)
    return late


def readers() -> list[Any]:
    """Who reads the audit: people with an open account and a role that permits it."""
    return [person for person in get_user_model()._default_manager.filter(is_active=True) if person.may(rules.VIEW)]


# --- anchors --------------------------------------------------------------------------------------------------------------------------
class UnreadableAnchor(ValueError):  # noqa: N818
    """A file is no anchor of an audit chain; the text says which and why."""


def anchor_name(anchor: rules.Anchor) -> str:
    """The name of its file: day and number."""
    return f"wutong-audit-{timezone.localdate(dt.datetime.fromisoformat(anchor.at))}-{anchor.number:012d}.json"


def anchor_text(anchor: rules.Anchor) -> str:
    """An anchor as a small file."""
    content = {
        "what": ANCHOR, "number": anchor.number, "hash": anchor.hash, "at": anchor.at, "algorithm": anchor.algorithm,
        "key_id": anchor.key_id, "mac": anchor.mac,
    }  # fmt: skip
    return json.dumps(content, indent=1) + "\n"


def anchor_of(text: str, name: str) -> rules.Anchor:
    """The anchor that a file holds. Raises: UnreadableAnchor."""
    try:
        content = json.loads(text)
        is_anchor = content.pop("what") == ANCHOR
        anchor = rules.Anchor(**content)
        dt.datetime.fromisoformat(anchor.at)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableAnchor(f"{name}: no anchor of an audit chain ({error})") from error
    texts = (anchor.hash, anchor.mac, anchor.key_id, anchor.algorithm)
    are_texts = all(isinstance(part, str) and part.isascii() for part in texts)
    if not is_anchor or type(anchor.number) is not int or not are_texts:
        raise UnreadableAnchor(f"{name}: no anchor of an audit chain (fields of another kind)")
    return anchor


def anchors_of(paths: Sequence[Path]) -> tuple[rules.Anchor, ...]:
    """The anchors of some files. Raises: UnreadableAnchor; OSError."""
    found = []
    for path in paths:
        if path.stat().st_size > LARGEST_ANCHOR:
            raise UnreadableAnchor(f"{path}: no anchor of an audit chain (larger than {LARGEST_ANCHOR:,} bytes)")
        found.append(anchor_of(path.read_text("utf-8", "replace"), str(path)))
    return tuple(found)


def kept_anchors() -> tuple[rules.Anchor, ...]:
    """The anchors in the folder of the settings, oldest first. Raises: UnreadableAnchor; OSError."""
    folder = Path(settings.AUDIT_ANCHORS)
    return anchors_of(sorted(path for path in folder.iterdir() if ANCHOR_FILE.fullmatch(path.name))) if folder.is_dir() else ()


# --- what the list shows --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Standing:
    """How far the chain is sealed: number of the last seal, entries that wait, and since when the first of them."""

    number: int
    unsealed_entries: int
    since: dt.datetime | None


def standing() -> Standing:
    """How far the chain is sealed."""
    head, first = Head.objects.filter(pk=1).first(), Waiting.objects.order_by("since").first()
    return Standing(head.number if head else 0, Waiting.objects.count() if first else 0, first.since if first else None)


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of the chain: its key, what waits too long, whether an anchor is kept."""
    try:
        ring()
    except ImproperlyConfigured as error:
        yield Finding("audit.key", State.FAULT, gettext("The audit chain has no usable key: the server does not start."), str(error))
        return
    found = standing()
    if found.since is not None and found.since < at - dt.timedelta(minutes=allowance(at)):
        text = gettext("%(waiting)s audit entries wait for their seal, the first since %(since)s.")
        text %= {"waiting": f"{found.unsealed_entries:,}", "since": f"{timezone.localtime(found.since):%Y-%m-%d %H:%M}"}
        yield Finding("audit.waiting", State.FAULT, text, gettext("See whether `wutong work` runs; `wutong audit seal` seals them now."))
    if gone := missing_triggers():
        text = gettext("The database no longer guards the audit entries: %(names)s missing or switched off.") % {"names": ", ".join(gone)}
        remedy = gettext(
            "Somebody with rights over the database did this. Run `wutong audit verify`, then bring back a backup or the triggers."
        )
        yield Finding("audit.triggers", State.FAULT, text, remedy)
    anchors = sorted(Path(settings.AUDIT_ANCHORS).glob("wutong-audit-*.json"))
    if found.number and (not anchors or dt.datetime.fromtimestamp(anchors[-1].stat().st_mtime, dt.UTC) < at - OLDEST_ANCHOR):
        text = gettext("No anchor of the audit chain was kept for two days.")
        yield Finding("audit.anchor", State.WARNING, text, gettext("See whether `wutong work` runs; `wutong audit anchor` keeps one now."))
    if back := come_back():
        text = gettext("%(count)s records whose personal data was erased are back, by an old backup: %(names)s.")
        text %= {"count": len(back), "names": ", ".join(back[:10])}
        yield Finding("audit.erased", State.FAULT, text, gettext("Erase them again, each on its page."))
    yield Finding("audit", State.WELL, gettext("The audit chain is sealed up to number %(number)s.") % {"number": f"{found.number:,}"})


TRIGGERS = {
    "sqlite": (*(f"audit_{table}_no_{verb}" for table in ("entry", "seal") for verb in ("delete", "update")), "audit_entry_waits"),
    "postgresql": (*(f"audit_{table}_no_{verb}" for table in ("entry", "seal") for verb in ("change", "truncate")), "audit_entry_waits"),
}
"""What the migrations put into the database so that entries are only ever added, and each waits for its seal."""


def missing_triggers() -> tuple[str, ...]:
    """Those that somebody took away or switched off."""
    there = triggers_there()
    return tuple(name for name in TRIGGERS[connection.vendor] if name not in there)


def entries(user: Any) -> EntryQuerySet:
    """The entries that a person may read, with who did it and their place in the chain."""
    return Entry.objects.visible_to(user).select_related("by", "seal")


def actions_known() -> list[tuple[str, str]]:
    """Every audited action, code and name, for the filter.

    Why: to ask which of them occur, the database would read every entry there is each time the list is opened.
    """
    return sorted((code, str(name)) for code, name in hooks.action_names().items())


def matching(
    found: EntryQuerySet, *, text: str = "", action: str = "", since: dt.date | None = None, until: dt.date | None = None
) -> EntryQuerySet:
    """Entries by person or object, action and day, both days included."""
    if text:
        kept, called = Q(pk__in=()), Q(pk__in=())
        for label, names in _kept_names().items():
            kept |= Q(object_type=label, object_id__in=list(names))
            called |= Q(object_type=label, object_id__in=[key for key, name in names.items() if text.casefold() in name.casefold()])
        labelled = Q(object_label__icontains=text) & ~kept | called
        found = found.filter(Q(by_label__icontains=text) | labelled | Q(object_id=text))
    if action:
        found = found.filter(action=action)
    if since:
        found = found.filter(at__gte=access.begins(since))
    if until:
        found = found.filter(at__lt=access.begins(min(until, LAST_DAY) + dt.timedelta(days=1)))
    return found


def _kept_names(of: Mapping[str, set[str]] | None = None) -> dict[str, dict[str, str]]:
    """The records that are confidential now, by label and id, with the name that may stand outside; `of`: only of these ids by label."""
    found: dict[str, dict[str, str]] = {}
    for label, past in hooks.noted().items():
        if past.noted is None or not past.noted.kept or (of is not None and label not in of):
            continue
        model = apps.get_model(label)
        is_kept = reduce(or_, (Q(**{way: True}) for way in past.noted.kept))
        rows = model._default_manager.filter(is_kept).select_related(*past.noted.related)
        if of is not None:
            rows = rows.filter(**{f"{past.key}__in": [one for one in of[label] if _can_be(model._meta.get_field(past.key), one)]})
        found[label] = {str(getattr(row, past.key)): str(row) for row in rows}
    return found


def _can_be(field: Any, text: str) -> bool:
    """Whether a text can be the key of a record: an entry that somebody forged must not close the list in which it would be seen."""
    try:
        field.to_python(text)
    except ValidationError:
        return False
    return True


def covered(found: Sequence[Entry]) -> Sequence[Entry]:
    """The entries as they may be told today: of a record that became confidential since, its code name and nothing of what was said before.

    Why: an entry cannot be changed, and when it was written nobody knew that its title would have to be kept.
    """
    ids: dict[str, set[str]] = {}
    for entry in found:
        ids.setdefault(entry.object_type, set()).add(entry.object_id)
    kept = _kept_names(ids)
    for entry in found:
        name = kept.get(entry.object_type, {}).get(entry.object_id)
        if name is not None and entry.object_label.split(" · ")[0] != name.split(" · ")[0]:
            entry.object_label, entry.changes = name, {}
    return found


def each(found: EntryQuerySet) -> Iterator[Entry]:
    """Every entry, oldest first, as it may be told today."""
    rows = in_pieces(found.order_by("sequence"), BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from covered(batch)


# --- the history of a record ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Event:
    """One thing done to a record, in words: when, by whom, what, field by field. Never from where."""

    at: dt.datetime
    by: str
    action: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A page of what was done to a record, newest first."""

    record: Any
    label: str
    events: tuple[Event, ...]
    page: Page


class NoHistory(LookupError):  # noqa: N818
    """There is no such record, it shows no history, or this person may not see it."""


def history(user: Any, label: str, key: str, asked: Mapping[str, str]) -> History:
    """What was done to a record, for somebody who may see the record. Raises: NoHistory."""
    past = hooks.pasts().get(label)
    if past is None:
        raise NoHistory(label)
    record = hooks.record_of(user, past, key)
    if record is None:
        raise NoHistory(f"{label} {key}")
    about = Q(object_type=label, object_id=str(record.public_id))
    for other, keys in past.also(user, record) if past.also else ():
        about |= Q(object_type=other, object_id__in=keys)
    found = Entry.objects.filter(about).exclude(action__in=past.hidden)
    page = Page.of(asked, found.count(), EVENTS_A_PAGE)
    shown = list(found[page.offset : page.offset + page.size])
    opened = personal_changes(shown)
    events = (_event(user, past, entry, opened.get(entry.sequence)) for entry in shown)
    return History(record, label, tuple(event for event in events if event), page)


def _event(user: Any, past: hooks.Past, entry: Entry, personal: Mapping[str, Any] | None) -> Event | None:
    told: dict[str, Any] | None = {**entry.changes, **(personal or {})}
    told = past.told(user, entry.action, told) if past.told else told
    return None if told is None else Event(entry.at, entry.by_label, entry.action_name, lines_of(entry, told))


# --- an entry in words ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One field of an entry in the reader's language: from what to what, or plainly what (`is_change` false)."""

    label: str
    old: str
    new: str
    is_change: bool


def lines_of(entry: Entry, told: Mapping[str, Any] | None = None) -> tuple[Line, ...]:
    """What an entry tells, field by field; `told`: what this reader is told of it, where that is not all that stands in `changes`."""
    return tuple(_line(entry, key, value) for key, value in (entry.changes if told is None else told).items())


def _line(entry: Entry, key: str, told: Any) -> Line:
    words = _words(entry, key)
    if isinstance(told, dict) and "new" in told and set(told) <= {"old", "new"}:
        return Line(words.label, _text(told.get("old"), words), _text(told["new"], words), True)
    return Line(words.label, "", _text(told, words), False)


def _words(entry: Entry, key: str) -> hooks.Fact:
    """Label and names of codes: those that a room gives, else those of the object's model, else the bare key."""
    if known := hooks.fact(key, entry.action):
        return hooks.Fact(key, str(known.label), known.values)
    try:
        found = apps.get_model(entry.object_type)._meta.get_field(key)
    except (LookupError, ValueError, FieldDoesNotExist):
        return hooks.Fact(key, key)
    return hooks.Fact(key, str(getattr(found, "verbose_name", key)), dict(getattr(found, "flatchoices", ())))


def _text(value: Any, words: hooks.Fact) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or value in ("True", "False"):
        return gettext("yes") if value in (True, "True") else gettext("no")
    if isinstance(value, list):
        return gettext(", ").join(_text(item, words) for item in value)
    if isinstance(value, dict):
        return gettext("; ").join(f"{key}: {_text(item, words)}" for key, item in value.items())
    return str(words.values.get(str(value), value))


# --- what was erased ------------------------------------------------------------------------------------------------------------------
def erased_file() -> Path:
    """The list of whose personal data was erased: public ids and days, beside the anchors, in no backup."""
    return Path(settings.AUDIT_ANCHORS) / "erased.tsv"


def erased_known() -> set[str]:
    """What stands in that list."""
    path = erased_file()
    return {line.partition("\t")[0] for line in path.read_text("utf-8").splitlines()} if path.exists() else set()


def come_back() -> list[str]:
    """Records that the list calls erased and this database does not: what an old backup brought back, by kind, name and public id."""
    known = erased_known()
    still = set(PersonalKey.objects.filter(pk__in=known).exclude(erased_at=None).values_list("pk", flat=True))
    found = []
    for name in sorted(known - still):
        label, _, key = name.partition(":")
        try:
            model = apps.get_model(label)
            field = "public_id" if any(one.name == "public_id" for one in model._meta.get_fields()) else "pk"
            record = model._default_manager.filter(**{field: key}).first()
        except (LookupError, ValueError, ValidationError):
            continue
        if record is not None:
            found.append(f"{model._meta.verbose_name} {record} ({key})")
    return found


# --- personal data --------------------------------------------------------------------------------------------------------------------
def personal_changes(found: Sequence[Entry]) -> dict[int, dict[str, Any]]:
    """What entries hold encrypted, by their number; nothing for those whose key was deleted."""
    secrets = dict(PersonalKey.objects.filter(pk__in={entry.personal_of for entry in found if entry.personal}).values_list("of", "secret"))
    opened = {}
    for entry in found:
        if entry.personal and (secret := secrets.get(entry.personal_of)):
            try:
                opened[entry.sequence] = json.loads(Fernet(secret.encode()).decrypt(entry.personal.encode()))
            except (InvalidToken, ValueError):
                continue
    return opened
