"""Lists that give firms a tag: imported, decided row by row, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from wutong.engine import columns
from wutong.engine.list_files import ListFile, Row
from wutong.rulebook.load import Rulebook, Tag
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms import rules
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm, FirmList, FirmTag, TagDoubt
from wutong.web.firms.queries import files, recognition, standing
from wutong.web.lib import warehouse
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written


class ListRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """A list, or a decision about one of its rows, is not taken; `code` is a `rules.ListRefusal` that the web puts into words."""

    def __init__(self, code: rules.ListRefusal, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail


@transaction.atomic
def import_list(
    *, listed: ListFile, tag: str, as_of: dt.date, source: str, rulebook: Rulebook, by: User | None, at: dt.datetime, name: str = "",
    url: str = "", valid_until: dt.date | None = None,
) -> FirmList:  # fmt: skip
    """Take in an edition of a list: sure rows give their firm the tag, doubtful ones wait for a person, the rest is kept as not found.

    Raises: NotAllowed; ListRefused for a tag that the rulebook does not know, a day that cannot be, or a file that is in already.
    """
    refusing.require(by, Permission.FIRMS_TAG)
    known = rulebook.tags.get(tag)
    if known is None:
        raise ListRefused(rules.ListRefusal.UNKNOWN_TAG, f"{tag}; {', '.join(rulebook.tags)}")
    if valid_until is not None and valid_until <= as_of:
        raise ListRefused(rules.ListRefusal.ENDS_BEFORE_IT_BEGINS, f"{as_of} – {valid_until}")
    if FirmList.objects.in_force().filter(tag=tag, file_sha256=listed.sha256).exists():
        raise ListRefused(rules.ListRefusal.SAME_FILE, listed.file)
    build = warehouse.served()
    made = FirmList.objects.create(
        tag=tag, name=(name or known.zh)[:200], as_of=as_of, valid_until=valid_until, source=source[:300],
        url=url, file_name=listed.file[:200], file_sha256=listed.sha256, rows=len(listed.rows), build_id=build.info.build_id,
        imported_at=at, imported_by=by,
    )  # fmt: skip
    tagged, waiting, absent = _counted(*_tag_rows(made, listed, known, rulebook, at)[:2])
    _close_editions(made)
    found = {"tag": tag, "as_of": str(as_of), "source": source, "tagged": tagged, "waiting": waiting, "not_found": absent}
    audit.record_import(
        action="firms.import_list", by=by, at=at, obj=made, file=listed.file, sha256=listed.sha256, rows=len(listed.rows), changes=found
    )
    return made


def _counted(given: Sequence[FirmTag], doubts: Sequence[TagDoubt]) -> tuple[int, int, int]:
    """How many rows were tagged, wait for a person, were not found."""
    waiting = sum(one.outcome == TagDoubt.OPEN for one in doubts)
    return len(given), waiting, len(doubts) - waiting


@transaction.atomic
def import_rows(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Take in a piece of a list that comes in from the pages; its first piece makes the edition. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_TAG)
    if "list" not in batch.notes and (why := files.refused_list(batch)):
        return Written((), tuple((row.row, "", why) for row in rows))
    rulebook = standing.rulebook()
    tag = rulebook.tags[batch.given["tag"]]
    edition, made = _edition_of(batch, tag, rows[0].row, by=by, at=at)
    listed = ListFile(batch.file, batch.sha256, (), tuple(Row(row.row, row.values) for row in rows))
    given, doubts, new = _tag_rows(edition, listed, tag, rulebook, at)
    row_of = {tagged.firm_id: tagged.row for tagged in given}
    made += [Made(row_of[firm.pk], firm) for firm in new]
    made += [*(Made(one.row, one) for one in given), *(Made(one.row, one) for one in doubts)]
    _count_change(edition)
    return Written(tuple(made), notes={"list": str(edition.public_id)})


def _edition_of(batch: Batch, tag: Tag, row: int, *, by: Any, at: dt.datetime) -> tuple[FirmList, list[Made]]:
    """The edition that a file becomes, and what its making made and changed: editions before it end."""
    if "list" in batch.notes:
        return FirmList.objects.get(public_id=batch.notes["list"]), []
    said = batch.given
    made = FirmList.objects.create(
        tag=tag.id, name=(said["name"] or tag.zh)[:200], as_of=said["as_of"], valid_until=said["valid_until"], source=said["source"],
        url=said["url"], file_name=batch.file[:200], file_sha256=batch.sha256, rows=batch.rows, build_id=warehouse.served().info.build_id,
        imported_at=at, imported_by=by,
    )  # fmt: skip
    ended = [Made(row, one, {"ends_on": was and was.isoformat()}) for one, was in _close_editions(made) if one.pk != made.pk]
    told = {"tag": made.tag, "as_of": str(made.as_of), "source": made.source}
    audit.record_import(
        action="firms.import_list", by=by, at=at, obj=made, file=batch.file, sha256=batch.sha256, rows=batch.rows, changes=told
    )
    return made, [Made(row, made), *ended]


def _tag_rows(
    made: FirmList, listed: ListFile, tag: Tag, rulebook: Rulebook, at: dt.datetime
) -> tuple[list[FirmTag], list[TagDoubt], list[Firm]]:
    """Find the firm of each row; a firm that a row before means already is not tagged twice. Returns also the firms taken on for it."""
    taken = frozenset(FirmTag.objects.filter(edition=made).values_list("firm__firm_id", flat=True))
    found = recognition.recognise(listed, tag.form, rulebook, timezone.localdate(at), taken)
    firms, new = _take_on_all(list(found.sure), at)
    tags = [
        FirmTag(
            edition=made, firm=firms[number], rank=_rank(row), row=row.row, given=best.given[:300], by=best.by,
            confidence_share=best.confidence_share,
        )
        for number, (row, best) in found.sure.items()
    ]  # fmt: skip
    doubts = [
        TagDoubt(
            edition=made, row=one.row.row, text=one.text, uscc=one.row.text("uscc")[:40], rank=_rank(one.row), candidates=one.candidates,
            best_share=one.best_share, outcome=TagDoubt.OPEN if one.is_open else TagDoubt.ABSENT,
        )
        for one in found.doubtful
    ]  # fmt: skip
    FirmTag.objects.bulk_create(tags, batch_size=1000)
    TagDoubt.objects.bulk_create(doubts, batch_size=1000)
    return tags, doubts, new


def _rank(row: Row) -> int | None:
    rank = row.values.get("rank")
    return rank if isinstance(rank, int) else None


def _take_on_all(numbers: Sequence[int], at: dt.datetime) -> tuple[dict[int, Firm], list[Firm]]:
    """The rows of many firms; those not taken on yet are, in one go, and returned too. The import's own audit entry tells of them."""
    build = warehouse.served()
    rows = columns.of(build).frame[list(numbers)].select("firm_id", "uscc", "name").to_dicts() if numbers else []
    ids = [row["firm_id"] for row in rows]
    new = [
        Firm(firm_id=row["firm_id"], uscc=row["uscc"], name=row["name"][:300], build_id=build.info.build_id, taken_on_at=at) for row in rows
    ]
    there = _of_ids(ids)
    Firm.objects.bulk_create([firm for firm in new if firm.firm_id not in there], batch_size=1000, ignore_conflicts=True)
    known = _of_ids(ids)
    made = [firm for firm_id, firm in known.items() if firm_id not in there]
    return {number: known[firm_id] for number, firm_id in zip(numbers, ids, strict=True)}, made


def _of_ids(ids: Sequence[str]) -> dict[str, Firm]:
    known: dict[str, Firm] = {}
    for start in range(0, len(ids), 500):
        known |= {firm.firm_id: firm for firm in Firm.objects.filter(firm_id__in=ids[start : start + 500])}
    return known


def _close_editions(changed: FirmList) -> list[tuple[FirmList, dt.date | None]]:
    """Let each edition of a list end where the next one begins, or where it says itself that it ends.

    Returns those that end on another day now, with the day before.
    """
    others = []
    editions = list(FirmList.objects.in_force().filter(tag=changed.tag, name=changed.name).order_by("as_of", "pk"))
    ends = rules.ends_of([(edition.as_of, edition.valid_until) for edition in editions])
    for edition, ends_on in zip(editions, ends, strict=True):
        if edition.ends_on != ends_on:
            others.append((edition, edition.ends_on))
            edition.ends_on = ends_on
            edition.changes += 1
            edition.save(update_fields=["ends_on", "changes"])
    changed.refresh_from_db()
    return others


@transaction.atomic
def decide_doubt(*, doubt: TagDoubt, firm_id: str, by: User, at: dt.datetime) -> TagDoubt:
    """Say which firm a doubtful row means; "" says that none is meant. Raises: NotAllowed, UnknownFirm, ListRefused."""
    refusing.require(by, Permission.FIRMS_TAG)
    doubt = TagDoubt.objects.select_for_update(of=("self",)).select_related("edition").get(pk=doubt.pk)
    if doubt.edition.revoked_at is not None:
        raise ListRefused(rules.ListRefusal.TAKEN_BACK, str(doubt.edition))
    if doubt.outcome in {TagDoubt.FIRM, TagDoubt.NONE}:
        raise ListRefused(rules.ListRefusal.DECIDED_ALREADY, doubt.text)
    if firm_id:
        firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
        if FirmTag.objects.filter(edition=doubt.edition, firm=firm).exists():
            raise ListRefused(rules.ListRefusal.ON_THE_LIST_ALREADY, firm.name)
        share = next((row["confidence_share"] for row in doubt.candidates if row["firm_id"] == firm.firm_id), 0.0)
        doubt.tag = FirmTag.objects.create(
            edition=doubt.edition, firm=firm, rank=doubt.rank, row=doubt.row, given=doubt.text, by="person", confidence_share=share
        )
    doubt.outcome = TagDoubt.FIRM if firm_id else TagDoubt.NONE
    doubt.decided_at, doubt.decided_by = at, by
    doubt.save(update_fields=["tag", "outcome", "decided_at", "decided_by"])
    _count_change(doubt.edition)
    changes = {"list": str(doubt.edition), "row": doubt.row, "firm_id": firm_id or None}
    audit.record(action="firms.decide_doubt", by=by, at=at, obj=doubt, changes=changes)
    return doubt


@transaction.atomic
def reopen_doubt(*, doubt: TagDoubt, by: User, at: dt.datetime) -> TagDoubt:
    """Undo a decision: the row waits again, and the firm that it gave the tag loses it. A repeat changes nothing. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_TAG)
    doubt = TagDoubt.objects.select_for_update(of=("self",)).select_related("edition", "tag__firm").get(pk=doubt.pk)
    if doubt.outcome == TagDoubt.OPEN:
        return doubt
    firm_id = doubt.tag.firm.firm_id if doubt.tag else None
    changes = {"list": str(doubt.edition), "row": doubt.row, "outcome": doubt.outcome, "firm_id": firm_id}
    given, doubt.tag = doubt.tag, None
    doubt.outcome, doubt.decided_at, doubt.decided_by = TagDoubt.OPEN, None, None
    doubt.save(update_fields=["tag", "outcome", "decided_at", "decided_by"])
    if given is not None:
        given.delete()
    _count_change(doubt.edition)
    audit.record(action="firms.reopen_doubt", by=by, at=at, obj=doubt, changes=changes)
    return doubt


def _count_change(changed: FirmList) -> None:
    """Note that the tags of a list are others now, so that what was kept of them is read anew."""
    FirmList.objects.filter(pk=changed.pk).update(changes=F("changes") + 1)


@transaction.atomic
def revoke_list(*, firm_list: FirmList, by: User, at: dt.datetime) -> FirmList:
    """Take a whole import back: its firms lose the tag, the edition before it counts again. Harmless to repeat. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_TAG)
    firm_list = FirmList.objects.select_for_update(of=("self",)).get(pk=firm_list.pk)
    if firm_list.revoked_at is None:
        firm_list.revoked_at, firm_list.revoked_by, firm_list.changes = at, by, firm_list.changes + 1
        firm_list.save(update_fields=["revoked_at", "revoked_by", "changes"])
        _close_editions(firm_list)
        audit.record(action="firms.revoke_list", by=by, at=at, obj=firm_list, changes={"sha256": firm_list.file_sha256})
    return firm_list


@transaction.atomic
def restore_list(*, firm_list: FirmList, by: User, at: dt.datetime) -> FirmList:
    """Undo taking a list back. A repeat changes nothing. Raises: NotAllowed; ListRefused where the same file was imported again since."""
    refusing.require(by, Permission.FIRMS_TAG)
    firm_list = FirmList.objects.select_for_update(of=("self",)).get(pk=firm_list.pk)
    if firm_list.revoked_at is not None:
        if FirmList.objects.in_force().filter(tag=firm_list.tag, file_sha256=firm_list.file_sha256).exists():
            raise ListRefused(rules.ListRefusal.SAME_FILE, firm_list.file_name)
        firm_list.revoked_at, firm_list.revoked_by, firm_list.changes = None, None, firm_list.changes + 1
        firm_list.save(update_fields=["revoked_at", "revoked_by", "changes"])
        _close_editions(firm_list)
        audit.record(action="firms.restore_list", by=by, at=at, obj=firm_list, changes={"sha256": firm_list.file_sha256})
    return firm_list
