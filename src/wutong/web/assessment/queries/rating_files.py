"""Ballots on paper as a sheet (纸质评分表): a row a ballot, a column a rated unit and question; handed out empty, taken in filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext, pgettext_lazy

from wutong.engine.list_files import Field
from wutong.engine.mapping import plain
from wutong.web.accounts.models import within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import RATER_CLASSES, PaperBallot, RatingRound
from wutong.web.assessment.queries import ratings, refusals
from wutong.web.assessment.queries.members import One, by_name
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import POINTS, RaterClass, RoundState, Scale
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict, choice_of, one_of

LABEL = pgettext_lazy("import", "Ballots on paper")
NUMBER, CLASS = ("编号", "number on the paper"), ("评分人类别", "class of raters")
UNABLE = ("无法评价", "cannot judge")
ANSWER, COMMENT = "answer:", "comment:"


def rounds_to_fill(user: Any) -> Any:
    """The open rounds whose ballots on paper a person may enter."""
    found = RatingRound.objects.visible_to(user).filter(within(user, Permission.ASSESSMENT_EDIT, unit="scheme__unit"))
    return found.filter(state=RoundState.OPEN).order_by("-last_on", "-pk")


# --- columns ----------------------------------------------------------------------------------------------------------------------------
def _short(text: str) -> str:
    if not text.strip() or len(text.strip()) > 40:
        raise ValueError(text)
    return text.strip()


def _comment(text: str) -> str:
    if len(text.strip()) > ratings.MOST_COMMENT:
        raise ValueError(text)
    return text.strip()


def _points(text: str) -> str:
    """Whole points, or that somebody cannot judge; kept as text, "" for the latter's points."""
    said = plain(text)
    if said in {plain(one) for one in UNABLE}:
        return UNABLE[0]
    number = said.removesuffix(".0")
    if not number.isdecimal() or len(number) > 3:
        raise ValueError(text)
    return str(int(number))


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns that every round has; each unit and question of a round is one more, in the sheet that the round gives."""
    words = tuple(str(one) for one in RATER_CLASSES.values())
    kinds = Field("rater_class", CLASS, is_needed=True, read=choice_of(RATER_CLASSES), expected=one_of(words))
    number = Field("number", NUMBER, is_needed=True, read=_short, expected=gettext_lazy("the number on the paper, at most 40 signs"))
    return (
        SheetColumn(number, pgettext("rating", "Number on the paper"), gettext_lazy("Each only once within a class."), "", (), 14),
        SheetColumn(kinds, pgettext("rating", "Class of raters"), "", "", words, 14),
    )  # fmt: skip


def columns_for(user: Any, given: Mapping[str, Any]) -> tuple[SheetColumn, ...]:
    """The same with what the round asks."""
    return (*columns(user), *asked_columns(given["round"])) if given.get("round") else columns(user)


def asked_columns(round_: RatingRound) -> tuple[SheetColumn, ...]:
    """A column a rated unit and question, and one a unit for what was written of it."""
    least, most = POINTS[Scale(round_.scale)]
    expected = _("whole points from %(least)s to %(most)s, or “%(unable)s”") % {"least": least, "most": most, "unable": UNABLE[0]}
    questions = list(round_.questions.all())
    found = []
    for name, unit in rated(round_).items():
        for one in questions:
            title = head(name, one.text if len(questions) > 1 else "")
            told = Field(f"{ANSWER}{one.code}:{unit.id}", (title,), read=_points, expected=expected)
            found.append(SheetColumn(told, title, expected if not found else "", "", (), 18))
    for name, unit in rated(round_).items():
        title = comment_head(name)
        told = Field(f"{COMMENT}{unit.id}", (title,), read=_comment, expected=_("text of at most 500 characters"))
        found.append(SheetColumn(told, title, "", "", (), 30))
    return tuple(found)


def rated(round_: RatingRound) -> dict[str, One]:
    """Name → rated unit or person; in Chinese in every language, as the sheet goes from hand to hand."""
    with override("zh-hans"):
        return by_name(ratings.rated(round_))


def head(unit: str, question: str) -> str:
    """The head of a column."""
    return f"{unit} · {question}" if question else unit


def comment_head(unit: str) -> str:
    """The head of the column for what is written of a unit."""
    return f"{unit} · 意见建议"


# --- a file that comes in ---------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PaperRow:
    """What a row comes to."""

    verdict: Verdict
    rater_class: RaterClass | None = None
    number: str = ""
    answers: rules.Answers = field(default_factory=dict)
    comments: Mapping[int, str] = field(default_factory=dict)


def paper_rows(rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[PaperRow]:
    """What each row comes to, for the preview and the writing alike."""
    round_ = given["round"]
    asked, standing = ratings.asked_in(round_), ratings.papers_of(round_)
    found = []
    for row in rows:
        one = _row(row, round_, asked, standing)
        if one.rater_class is not None and one.verdict.kind == "new":
            standing[one.rater_class].numbers.add(one.number)
        found.append(one)
    return found


def _row(row: SheetRow, round_: RatingRound, asked: frozenset[tuple[str, int]], standing: Mapping[str, ratings.Papers]) -> PaperRow:
    of, number = RaterClass(row.text("rater_class")), row.text("number")
    answers: dict[tuple[str, int], int | None] = {}
    comments: dict[int, str] = {}
    for name, value in row.values.items():
        if name.startswith(ANSWER):
            _kind, code, unit = name.split(":")
            answers[code, int(unit)] = None if value == UNABLE[0] else int(value)
        elif name.startswith(COMMENT):
            comments[int(name.removeprefix(COMMENT))] = str(value)
    there = standing[of]
    if number in there.numbers:
        return PaperRow(Verdict("bad", (("number", _("a number that no ballot of this class bears yet")),)))
    refused = rules.refusals_to_paper(
        answers, scale=Scale(round_.scale), asked=asked, others_count=len(there.numbers), on_paper_count=there.on_paper_count
    )  # fmt: skip
    if refused:
        return PaperRow(Verdict("bad", tuple(("rater_class", text) for text in refusals.in_words(refused))))
    return PaperRow(Verdict("new"), of, number, answers, comments)


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row."""
    return [one.verdict for one in paper_rows(rows, given, by)]


def refused(batch: Any) -> str:
    """Why no file comes in any more: the round was closed meanwhile."""
    round_ = batch.given.get("round")
    return "" if round_ is None or round_.state == RoundState.OPEN else str(_("The round is not open any more: its ballots are counted."))


def counted(label: str, keys: Sequence[int]) -> tuple[tuple[int, str], ...]:
    """Ballots on paper of rounds that are closed: what is counted is not taken back."""
    if label != "assessment.PaperBallot":
        return ()
    found = PaperBallot.objects.filter(pk__in=list(keys)).exclude(round__state=RoundState.OPEN).select_related("round")
    return tuple((one.pk, f"{one.round} · {one.round.get_state_display()}") for one in found)
