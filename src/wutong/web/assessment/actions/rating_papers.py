"""Ballots on paper: entered from a sheet while the round is open, taken back as long as it is; each says who entered it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import refuse
from wutong.web.assessment.models import PaperBallot, RatingRound
from wutong.web.assessment.queries import rating_files
from wutong.web.assessment.queries import ratings as queries
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import RaterClass, Refusal, RoundState, RoundStep, Scale
from wutong.web.audit import actions as audit
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a paper. `number`: that of the paper; `answers`: as of a ballot; `comments`: unit → what was written of it."""

    rater_class: RaterClass
    number: str
    answers: rules.Answers
    comments: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def enter(*, round: RatingRound, papers: Sequence[Paper], by: Any, at: dt.datetime) -> list[PaperBallot]:
    """Enter ballots that came on paper. Raises: NotAllowed, Refused."""
    found: RatingRound = RatingRound.objects.select_for_update(of=("self",)).select_related("scheme__unit").get(pk=round.pk)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.scheme.unit.target())
    refuse(rules.refusals_to_step(RoundState(found.state), RoundStep.ANSWER))
    asked, standing = queries.asked_in(found), queries.papers_of(found)
    units = {unit for _code, unit in asked}
    made = []
    for paper in papers:
        there = standing[paper.rater_class]
        if paper.number in there.numbers:
            refuse((Refusal.NUMBER_TWICE,))
        refuse(
            rules.refusals_to_paper(
                paper.answers, scale=Scale(found.scale), asked=asked, others_count=len(there.numbers), on_paper_count=there.on_paper_count
            )
        )
        there.numbers.add(paper.number)
        made.append(
            PaperBallot(
                round=found, rater_class=paper.rater_class, number=paper.number, entered_by=by, entered_at=at,
                answers={queries.field_of(code, unit): points for (code, unit), points in sorted(paper.answers.items())},
                comments=queries.comments_kept(paper.comments, units),
            )
        )  # fmt: skip
    PaperBallot.objects.bulk_create(made)
    audit.record(action="assessment.rating.enter_papers", by=by, at=at, obj=found, changes={"papers": len(made)})
    return made


@transaction.atomic
def take_in(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Enter the ballots of a piece of a sheet. Raises: NotAllowed, Refused."""
    round_ = batch.given["round"]
    judged = list(zip(rows, rating_files.paper_rows(rows, batch.given, by), strict=True))
    left = tuple((row.row, name, expected) for row, one in judged for name, expected in one.verdict.found)
    new = [(row, one) for row, one in judged if one.verdict.kind == "new"]
    papers = [Paper(one.rater_class, one.number, one.answers, one.comments) for _row, one in new if one.rater_class is not None]
    with audit.told_by_batch():
        made = enter(round=round_, papers=papers, by=by, at=at) if papers else []
    return Written(tuple(Made(row.row, one) for (row, _judged), one in zip(new, made, strict=True)), left, {"round": str(round_.public_id)})
