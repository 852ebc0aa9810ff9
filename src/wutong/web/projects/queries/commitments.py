"""The promises of both sides and how each stands; our open ones as duties of the unit that answers; refusals in words."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.accounts.models import User
from wutong.web.journal.queries import columns
from wutong.web.lib import rulebook
from wutong.web.lib.owed import Drawn
from wutong.web.projects.models import Commitment, CommitmentMark, Project
from wutong.web.projects.rules import commitments as rules
from wutong.web.projects.rules.commitments import CommitmentState, Refusal, Side

COMMITMENT = "projects.commitment"
AT_ONCE = 200
WORDS = {
    Refusal.NOT_ACTIVE: gettext_lazy("The project is put aside or lost: take it up again first."),
    Refusal.TEXT_MISSING: gettext_lazy("It is not said what was promised."),
    Refusal.AMOUNT_NOT_POSITIVE: gettext_lazy("An amount must be above zero."),
    Refusal.MEASURE_MISSING: gettext_lazy("It is not said in what the amount is counted."),
    Refusal.AMOUNT_MISSING: gettext_lazy("The amount is missing."),
    Refusal.UNIT_MISSING: gettext_lazy("What we promise needs the unit that answers for it."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed: choose another."),
    Refusal.PERSON_NOT_OF_UNIT: gettext_lazy("The person does not work in this unit: choose somebody else."),
    Refusal.AGREEMENT_ELSEWHERE: gettext_lazy("The agreement belongs to another project."),
    Refusal.REPLACED_ALREADY: gettext_lazy("Another promise took its place already: change that one."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.EASED_ALONE: gettext_lazy(
        "A later day, a smaller amount or another thing than was promised is entered by whoever directs the work: ask for that, or ask for"
        " a waiver, which another person decides."
    ),
    Refusal.PROOF_MISSING: gettext_lazy("The proof is missing: choose a file or evidence of the project."),
    Refusal.FILE_ELSEWHERE: gettext_lazy("The proof does not belong to this project: hang it here first."),
    Refusal.DAY_TO_COME: gettext_lazy("The day is in the future: enter it when it has happened."),
    Refusal.OVER_ALREADY: gettext_lazy("It was kept, waived or replaced already: nothing is owed any more."),
    Refusal.WAIVER_WAITS: gettext_lazy("A waiver was asked for already and waits for its answer."),
    Refusal.NO_WAIVER_ASKED: gettext_lazy("Nobody asked for a waiver, or it was answered."),
    Refusal.SAME_PERSON: gettext_lazy("Whoever asked does not answer: let another person do so."),
    Refusal.TAKEN_BACK_ALREADY: gettext_lazy("This cannot be taken back, or was already."),
}


@dataclass(frozen=True, slots=True)
class CommitmentLine:
    """A promise, how it stands on the day asked, and what was entered about it. `reached_amount`: in its measure; None: nothing entered."""

    commitment: Commitment
    state: CommitmentState
    reached_amount: Decimal | None
    kept_on: dt.date | None
    marks: tuple[CommitmentMark, ...]
    is_waiver_asked: bool


@dataclass(frozen=True, slots=True)
class Promises:
    """The promises of a project that stand, and those whose place others took; counts by state of each side."""

    ours: tuple[CommitmentLine, ...]
    theirs: tuple[CommitmentLine, ...]
    replaced: tuple[CommitmentLine, ...]
    ours_counts: tuple[tuple[CommitmentState, int], ...]
    theirs_counts: tuple[tuple[CommitmentState, int], ...]


def soon_days(on: dt.date) -> int:
    """From how many days before its day on a promise is due soon."""
    return int(rulebook.in_force().number(rules.SOON_LEAF, on))


def lines(found: Any, on: dt.date) -> tuple[CommitmentLine, ...]:
    """Promises of a query with how they stand on a day: a few questions for every two hundred.

    Why: SQLite takes no question about more than some thousand marks at once, and an assessment reads the promises of a whole city.
    """
    days = soon_days(on)
    rows = found.select_related("unit", "owner", "agreement", "replaced_by", "project__unit", "project__owner").prefetch_related(
        "marks__by", "marks__asked_by", "marks__evidence", "marks__attachment"
    )
    return tuple(_line(one, on, days) for one in rows.iterator(chunk_size=AT_ONCE))


def _line(commitment: Commitment, on: dt.date, days: int) -> CommitmentLine:
    facts = commitment.facts()
    return CommitmentLine(
        commitment, rules.state(facts, on=on, soon_days=days), rules.reached(facts, on), facts.kept_on, tuple(commitment.marks.all()),
        facts.waiver is not None,
    )  # fmt: skip


def of_project(user: Any, project: Project, on: dt.date) -> Promises:
    """The promises of a project as a person may see them."""
    found = lines(Commitment.objects.visible_to(user).filter(project=project).order_by("due_on", "pk"), on)
    gone = tuple(one for one in found if one.state is CommitmentState.REPLACED)
    ours, theirs = (
        tuple(one for one in found if one.commitment.side == side and one.state is not CommitmentState.REPLACED)
        for side in (Side.OURS, Side.THEIRS)
    )
    return Promises(ours, theirs, gone, _counts(ours), _counts(theirs))


def _counts(found: Iterable[CommitmentLine]) -> tuple[tuple[CommitmentState, int], ...]:
    counted = Counter(one.state for one in found)
    return tuple((state, counted[state]) for state in CommitmentState if counted[state])


# --- as duties --------------------------------------------------------------------------------------------------------------------------
def _rows(found: Any) -> Any:
    shown = found.open().filter(side=Side.OURS, due_on__isnull=False)
    return columns.of(
        shown, source=columns.is_named(COMMITMENT), title=columns.is_named(""), due_on="due_on", owner="owner", unit="unit"
    )  # fmt: skip


def rows(user: Any, on: dt.date) -> Any:
    """Our open promises with a day, of projects that a person may see; those of nobody are owed by their unit."""
    return _rows(Commitment.objects.visible_to(user))


def all_rows(on: dt.date) -> Any:
    """The same, whoever sees the project."""
    return _rows(Commitment.objects.all())


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: the person it is given to, else the owner of the project where it is the host's."""
    found = Commitment.objects.filter(public_id__in=list(keys)).select_related("owner", "project__owner")
    return {one.public_id: _of(one) for one in found}


def _of(commitment: Commitment) -> tuple[User, ...]:
    is_hosts = commitment.unit_id == commitment.project.unit_id
    owed = (commitment.owner, commitment.project.owner if is_hosts else None)
    return tuple(person for person in owed if person is not None and person.is_active)[:1]


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, by code name where it is confidential, and what was promised."""
    found = Commitment.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("project")
    return {
        one.public_id: Drawn(
            one.project.outside_name, f"{reverse('projects:papers-of', args=[one.project.public_id])}#promise-{one.public_id}", one.text,
            one.project.is_confidential,
        )
        for one in found
    }  # fmt: skip


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def state_words(state: CommitmentState) -> str:
    """How a promise stands, in words."""
    return {
        CommitmentState.OPEN: pgettext("commitment", "open"),
        CommitmentState.DUE_SOON: pgettext("commitment", "due soon"),
        CommitmentState.KEPT: pgettext("commitment", "kept"),
        CommitmentState.KEPT_LATE: pgettext("commitment", "kept late"),
        CommitmentState.BROKEN: pgettext("commitment", "broken"),
        CommitmentState.WAIVED: pgettext("commitment", "waived"),
        CommitmentState.REPLACED: pgettext("commitment", "replaced"),
    }[state]


def refusal_words(refusals: Iterable[Refusal]) -> list[str]:
    """Why something is refused, in words."""
    return [str(WORDS[refusal]) for refusal in refusals]
