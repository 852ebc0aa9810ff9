"""Every write about chains: drafts and their steps, approval, placing, and what somebody says of one firm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max

from wutong.engine import catalogue_files
from wutong.rulebook import drafting
from wutong.rulebook.drafting import EditError
from wutong.rulebook.load import RulebookError
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.chains import rules
from wutong.web.chains.models import ChainVersion, HandPlacement, Placing
from wutong.web.chains.queries import catalogues, maps, versions
from wutong.web.chains.rules import HandRefusal, PlacingState, Refusal, State, Step
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.firms.queries import standing
from wutong.web.jobs import actions as jobs
from wutong.web.rulebooks.actions import versions as steps
from wutong.web.rulebooks.actions.versions import Procedure

NotAllowed = refusing.NotAllowed
UnknownFirm = adoption.UnknownFirm
BUSY = (PlacingState.WAITING, PlacingState.RUNNING)
PLACE = "chains.place"  # the kind of job
__all__ = ["CatalogueError", "EditError", "NotAllowed", "Refused", "RulebookError", "UnknownFirm"]


Refused = steps.Refused
PROCEDURE = Procedure("chains", Permission.CHAINS_EDIT, Permission.CHAINS_APPROVE, versions.facts, versions.message_of, versions.address_of)


# --- drafts ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def begin(*, chain_id: str, by: User, at: dt.datetime, text: str = "", from_number: int | None = None, note: str = "") -> ChainVersion:
    """A new draft of a chain: of the text given, else of the version named, else of the newest approved one.

    Raises: NotAllowed; Refused where the chain has an open version already; NotThere for an unknown version; RulebookError for a text
    that is no YAML.
    """
    refusing.require(by, Permission.CHAINS_EDIT)
    if ChainVersion.objects.open().filter(chain_id=chain_id).exists():
        raise Refused((Refusal.OPEN_ALREADY,))
    base = versions.latest_number(chain_id)
    base_text = versions.text_of_number(chain_id, base)
    if not text:
        text = base_text if from_number is None else versions.text_of_number(chain_id, from_number)
    if not text:
        raise maps.NotThere(chain_id)
    text = steps.lines_ended(text)
    drafting.document(text, f"chains/{chain_id}.yaml")
    newest = ChainVersion.objects.filter(chain_id=chain_id).aggregate(newest=Max("number"))["newest"] or 0
    version = ChainVersion(
        chain_id=chain_id, number=newest + 1, base_number=base, text=text, text_hash=rules.text_hash(text),
        base_hash=rules.text_hash(base_text) if base_text else "", note=note[:500], state=State.DRAFT, unit=by.unit, created_by=by,
        created_at=at,
    )  # fmt: skip
    _saved_once(version, Refusal.OPEN_ALREADY)
    changes = {"base": base, "from": from_number, "hash": version.text_hash}
    audit.record(action="chains.begin", by=by, at=at, obj=version, changes=changes)
    return version


def _saved_once(row: ChainVersion | HandPlacement, refusal: Refusal | HandRefusal) -> None:
    """Save a new row. Raises: Refused where somebody else saved the like at the same moment, which the database itself allows once."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((refusal,)) from error


@transaction.atomic
def change(*, version: ChainVersion, verb: str, values: Mapping[str, str], by: User, at: dt.datetime) -> ChainVersion:
    """One change of a draft by its verb, such as `move_segment`. Raises: NotAllowed, Refused, EditError, RulebookError."""
    locked = steps.locked(PROCEDURE, version, Step.EDIT, by=by, at=at)
    text = drafting.changed(locked.text, verb, values)
    subject = values.get("segment") or values.get("layer") or values.get("product") or values.get("name_zh") or values.get("source") or ""
    return _written(locked, text, verb, subject, by=by, at=at)


@transaction.atomic
def rewrite(*, version: ChainVersion, text: str, by: User, at: dt.datetime) -> ChainVersion:
    """The whole text of a draft, as somebody wrote it; it may have faults, which the page shows. Raises: NotAllowed, Refused, EditError."""
    locked = steps.locked(PROCEDURE, version, Step.EDIT, by=by, at=at)
    if len(text.encode("utf-8")) > drafting.LARGEST_TEXT_BYTES:
        raise EditError("the text is longer than 500,000 bytes: one chain only")
    return _written(locked, steps.lines_ended(text), "rewrite", "", by=by, at=at)


def _written(version: ChainVersion, text: str, verb: str, subject: str, *, by: User, at: dt.datetime) -> ChainVersion:
    kept: ChainVersion = steps.write(procedure=PROCEDURE, version=version, text=text, verb=verb, subject=subject, by=by, at=at)
    return kept


@transaction.atomic
def undo(*, version: ChainVersion, by: User, at: dt.datetime) -> ChainVersion:
    """Take the last step back; without one nothing changes. Raises: NotAllowed, Refused."""
    done: ChainVersion = steps.undo(procedure=PROCEDURE, version=version, by=by, at=at)
    return done


@transaction.atomic
def redo(*, version: ChainVersion, by: User, at: dt.datetime) -> ChainVersion:
    """Do again what was last taken back; without it nothing changes. Raises: NotAllowed, Refused."""
    done: ChainVersion = steps.redo(procedure=PROCEDURE, version=version, by=by, at=at)
    return done


# --- approval -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def submit(*, version: ChainVersion, note: str, by: User, at: dt.datetime) -> ChainVersion:
    """Hand a draft to a second person, with the reason for the change. Raises: NotAllowed, Refused."""
    done: ChainVersion = steps.submit(procedure=PROCEDURE, version=version, note=note, by=by, at=at)
    return done


@transaction.atomic
def approve(*, version: ChainVersion, by: User, at: dt.datetime, reason: str = "") -> ChainVersion:
    """A second person approves; firms are placed by it at the next placing (`ask_for_placing`). Raises: NotAllowed, Refused."""
    return _decide(version, Step.APPROVE, reason=reason, by=by, at=at)


@transaction.atomic
def send_back(*, version: ChainVersion, reason: str, by: User, at: dt.datetime) -> ChainVersion:
    """A second person refuses, with a reason; the text stays as it was, and a new draft may begin from it. Raises: NotAllowed, Refused."""
    return _decide(version, Step.SEND_BACK, reason=reason, by=by, at=at)


@transaction.atomic
def withdraw(*, version: ChainVersion, by: User, at: dt.datetime, reason: str = "") -> ChainVersion:
    """Give an open version up; a new draft may begin from it. Raises: NotAllowed, Refused."""
    return _decide(version, Step.WITHDRAW, reason=reason, by=by, at=at)


def _decide(version: ChainVersion, step: Step, *, reason: str, by: User, at: dt.datetime) -> ChainVersion:
    done: ChainVersion = steps.decide(procedure=PROCEDURE, version=version, step=step, reason=reason, by=by, at=at)
    return done


# --- placing --------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask_for_placing(*, by: User | None, at: dt.datetime) -> Placing | None:
    """A placing that waits for its turn, with the job that does it; None where one waits already, or all that is approved serves.

    Raises: NotAllowed.
    """
    refusing.require(by, Permission.CHAINS_APPROVE)
    for busy in Placing.objects.select_for_update(of=("self",)).select_related("job").filter(state__in=BUSY):
        if busy.state_at(at) is not PlacingState.STOPPED:
            return None
        _finish(busy, PlacingState.FAILED, at, fault="stopped before it was done")
    if not versions.waits_for_placing():
        return None
    placing = Placing.objects.create(state=PlacingState.WAITING, by=by, asked_at=at, beat_at=at)
    placing.job = jobs.enqueue(kind=PLACE, arguments={"placing": placing.pk}, by=by, at=at)
    placing.save(update_fields=["job"])
    audit.record(action="chains.ask_for_placing", by=by, at=at, obj=placing)
    return placing


@transaction.atomic
def note_progress(*, placing: Placing, step: str, done: int, total: int, by: User | None, at: dt.datetime) -> None:
    """How far a placing is; one that is over stays over. No entry in the audit chain: it says nothing that the end does not."""
    busy = Placing.objects.filter(pk=placing.pk, finished_at=None)
    busy.update(state=PlacingState.RUNNING, step=step[:40], rows_done=done, rows_total=total, beat_at=at)


@transaction.atomic
def note_waiting(*, placing: Placing, by: User | None, at: dt.datetime) -> None:
    """A placing still waits, because another build writes to the warehouse."""
    Placing.objects.filter(pk=placing.pk, finished_at=None).update(state=PlacingState.WAITING, step="", beat_at=at)


@transaction.atomic
def note_placed(*, placing: Placing, texts: Mapping[str, str], build_id: str, by: User | None, at: dt.datetime) -> bool:
    """A build by `texts` serves: these versions are in force. False where more was approved meanwhile: place again.

    Why: whoever approves while a placing runs starts none of his own (`ask_for_placing`), so this one must not end without his version.
    Both lock the row: an approval is seen here, or finds the placing over.
    """
    locked = Placing.objects.select_for_update().get(pk=placing.pk)
    hashes = {chain_id: rules.text_hash(text) for chain_id, text in texts.items()}
    for chain_id, digest in hashes.items():
        rows = ChainVersion.objects.filter(chain_id=chain_id, state=State.APPROVED, text_hash=digest, build_id="")
        rows.update(build_id=build_id)
    is_all = versions.hashes_approved() == hashes
    is_over = locked.finished_at is not None  # it was taken for dead, and another one was asked for
    if is_all:
        _finish(locked, PlacingState.DONE, at, build_id=build_id)
    elif not is_over:
        Placing.objects.filter(pk=locked.pk).update(step="", rows_done=0, rows_total=0, beat_at=at, build_id=build_id)
    changes = {"build": build_id, "chains": sorted(texts), "texts": hashes, "is_all": is_all}
    audit.record(action="chains.placed", by=by, at=at, obj=placing, changes=changes)
    return is_all or is_over


@transaction.atomic
def note_failed(*, placing: Placing, fault: str, by: User | None, at: dt.datetime) -> None:
    """A placing failed; what served serves on. One that is over already keeps its end."""
    if not Placing.objects.select_for_update().filter(pk=placing.pk, finished_at=None).exists():
        return
    _finish(placing, PlacingState.FAILED, at, fault=fault)
    audit.record(action="chains.placing_failed", by=by, at=at, obj=placing, changes={"fault": fault[:500]})


def _finish(placing: Placing, state: PlacingState, at: dt.datetime, *, build_id: str = "", fault: str = "") -> None:
    Placing.objects.filter(pk=placing.pk).update(state=state, finished_at=at, beat_at=at, build_id=build_id, fault=fault[:2000])


# --- one firm on one segment ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def say_of_firm(*, firm_id: str, chain_id: str, segment_id: str, is_maker: bool, reason: str, by: User, at: dt.datetime) -> HandPlacement:
    """Somebody checked that a firm makes, or does not make, what a segment is about; a new statement takes the place of the old one.

    Raises: NotAllowed; Refused without a reason, or where the like is said at the same moment; NotThere for a segment; UnknownFirm.
    """
    refusing.require(by, Permission.CHAINS_EDIT)
    if not reason.strip():
        raise Refused((Refusal.NO_REASON,))
    if segment_id not in {segment.id for segment in maps.chain_of(chain_id).segments}:
        raise maps.NotThere(segment_id)
    firm = Firm.objects.select_for_update().get(pk=adoption.take_on(firm_id=firm_id, by=by, at=at).pk)  # one after the other
    statements = HandPlacement.objects.select_for_update().in_force().filter(firm=firm, chain_id=chain_id, segment_id=segment_id)
    known = statements.first()
    if known and known.is_maker == is_maker and known.reason == reason.strip()[:500]:
        return known
    statements.update(undone_by=by, undone_at=at)
    said = {"chain_id": chain_id, "segment_id": segment_id, "is_maker": is_maker, "reason": reason.strip()[:500]}
    placed = HandPlacement(firm=firm, **said, by=by, at=at)
    _saved_once(placed, HandRefusal.SAID_MEANWHILE)
    changes = {"segment": f"{chain_id}/{segment_id}", "is_maker": is_maker, "reason": placed.reason}
    audit.record(action="chains.say_of_firm", by=by, at=at, obj=firm, changes=changes)
    return placed


@transaction.atomic
def take_back(*, placement: HandPlacement, by: User, at: dt.datetime) -> bool:
    """Take back what somebody said of a firm; False where it was taken back already. Raises: NotAllowed."""
    refusing.require(by, Permission.CHAINS_EDIT)
    is_new = bool(HandPlacement.objects.filter(pk=placement.pk, undone_at=None).update(undone_by=by, undone_at=at))
    if is_new:
        changes = {"segment": f"{placement.chain_id}/{placement.segment_id}", "is_maker": placement.is_maker}
        audit.record(action="chains.take_back", by=by, at=at, obj=placement.firm, changes=changes)
    return is_new


@transaction.atomic
def repoint_statements(*, from_firm: Firm, to_firm: Firm, by: User, at: dt.datetime) -> int:
    """Move what was said of one firm to the firm that it turned out to be; what stands of both, the newer wins. Returns how many moved."""
    refusing.require(by, Permission.FIRMS_EDIT)
    list(Firm.objects.select_for_update().filter(pk__in=(from_firm.pk, to_firm.pk)).order_by("pk"))  # nobody speaks of them meanwhile
    moving = HandPlacement.objects.filter(firm=from_firm)
    for row in moving.in_force():
        same = HandPlacement.objects.in_force().filter(firm=to_firm, chain_id=row.chain_id, segment_id=row.segment_id).first()
        older = row if same is not None and same.at >= row.at else same
        if older is not None:
            HandPlacement.objects.filter(pk=older.pk).update(undone_by=by, undone_at=at)
    moved = moving.update(firm=to_firm)
    if moved:
        audit.record(action="chains.repoint_statements", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "moved": moved})
    return moved


# --- catalogues ----------------------------------------------------------------------------------------------------------------------
CatalogueError = catalogue_files.CatalogueError
DECISIONS = {True: "covers", False: "refuses", None: "undecided"}


def decide_entry(*, edition_id: str, number: str, product: str, covers: bool | None, by: User, at: dt.datetime) -> None:
    """Confirm that an entry covers a product, refuse it, or (None) take the decision back. Raises: NotAllowed, CatalogueError.

    Why: catalogues are files of the office, read by pages and commands alike; the audit chain keeps who decided.
    """
    refusing.require(by, Permission.CHAINS_EDIT)
    if covers is not None and product not in standing.rulebook().products:
        raise CatalogueError(f"no product {product!r} in the thesaurus")
    catalogue_files.decide(catalogues.folder(), edition_id, number, product, covers=covers)
    changes = {"edition": edition_id, "entry": number, "product": product, "decision": DECISIONS[covers]}
    audit.record(action="chains.decide_entry", by=by, at=at, changes=changes)
