"""A run as a spreadsheet, one row a unit, one column an indicator; findings of inspections; goals against time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.web.assessment.models import GoalSet, RatingRound, Run, Scheme
from wutong.web.assessment.queries import figure_files, goal_files, inspections, members, pages, rating_files
from wutong.web.assessment.queries.comparisons import Compared
from wutong.web.assessment.queries.goals import YearPage
from wutong.web.assessment.queries.pages import GroupTable
from wutong.web.assessment.queries.rating_pages import UnitResult
from wutong.web.assessment.rules.goals import MONTHS
from wutong.web.assessment.rules.ratings import POINTS, Scale
from wutong.web.assessment.rules.runs import Measures, Standing
from wutong.web.lib import spreadsheets
from wutong.web.lib.access import is_chinese
from wutong.web.lib.spreadsheets import Column

FIXED = (
    Column(pgettext_lazy("scheme", "Group"), 16),
    Column(pgettext_lazy("run", "Rank"), 8, 0),
    Column(gettext_lazy("Unit"), 24),
    Column(pgettext_lazy("run", "Total (points)"), 12, 2),
    Column(pgettext_lazy("run", "Grade"), 10),
    Column(pgettext_lazy("run", "Remarks"), 36),
)

PERSON = Column(pgettext_lazy("assessment", "Person"), 24)


def columns(tables: Sequence[GroupTable], *, is_of_persons: bool = False) -> tuple[Column, ...]:
    """The fixed ones, then every indicator once, in the order of the groups."""
    fixed = (*FIXED[:2], PERSON, *FIXED[3:]) if is_of_persons else FIXED
    return (*fixed, *(Column(title, 12, 2) for _code, title in _heads(tables)))


def _heads(tables: Sequence[GroupTable]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one[0], _head(*one)) for table in tables for one in table.heads))


def _head(code: str, title: str, full: str, is_counted: bool) -> str:
    """An indicator above its column; what is not counted in the total says so."""
    return title if is_counted else _("%(title)s (shown, not counted)") % {"title": title}


def rows(tables: Sequence[GroupTable]) -> Iterator[tuple[Any, ...]]:
    """One row a unit; what is missing or does not apply says so, and is no zero."""
    words = {"missing": _("missing"), "not_applicable": _("not applicable")}
    heads = _heads(tables)
    for table in tables:
        titles = {one[0]: _head(*one) for one in table.heads}
        for line in table.lines:
            cells = {(cell.id, titles[cell.id]): words.get(cell.state, cell.points) for cell in line.cells}
            row = line.row
            remarks = "；".join((*line.flags, *line.lists))
            yield (table.title, row.rank, row.name, row.total_points, row.grade, remarks, *(cells.get(head) for head in heads))


def download(run: Run, tables: Sequence[GroupTable]) -> Any:
    """The file, with what it rests on as notes."""
    notes = (f"{run.scheme.title} · {run.version}", f"{run.starts_on} – {run.on}", f"SHA-256 {run.digest}")
    return spreadsheets.download(
        run.title, columns(tables, is_of_persons=run.scheme.measures == Measures.PERSONS), rows(tables), notes=notes
    )


COMPARED = (
    Column(gettext_lazy("Unit"), 24),
    Column(pgettext_lazy("run", "Total before (points)"), 12),
    Column(pgettext_lazy("run", "Total after (points)"), 12),
    Column(pgettext_lazy("run", "Total moves by (points)"), 12),
    Column(pgettext_lazy("run", "Rank before"), 8, 0),
    Column(pgettext_lazy("run", "Rank after"), 8, 0),
    Column(pgettext_lazy("objection", "Indicator"), 28),
    Column(pgettext_lazy("run", "Indicator moves by (points)"), 12),
    Column(pgettext_lazy("run", "Why"), 80),
)


def comparison(run: Run, compared: Compared) -> Any:
    """A row an indicator that moved, or a unit of which none did; what is to be said of a trial stands first of all."""
    rows = []
    for one in (*compared.moved, *compared.stayed):
        head = (one.unit, one.total_before, one.total_after, one.moved, one.rank_before, one.rank_after)
        rows += [(*head, item.title, item.moved, "；".join(item.why)) for item in one.items] or [(*head, "", "", "")]
    title = f"{run.title} → {compared.with_words}"
    notes = (*((_("Trial only, no result"),) if compared.trial else ()), *compared.trial, f"{run.scheme.title} · {run.version} · {run.on}")
    return spreadsheets.download(title, COMPARED, rows, notes=notes)


FINDINGS = (
    Column(pgettext_lazy("finding", "What was found"), 40),
    Column(pgettext_lazy("finding", "State"), 16),
    Column(pgettext_lazy("finding", "Severity"), 10),
    Column(gettext_lazy("False report"), 10),
    Column(pgettext_lazy("inspection", "Matter"), 24),
    Column(pgettext_lazy("finding", "Reported (yuan, persons, or 1 for yes)"), 18, 2),
    Column(pgettext_lazy("finding", "Verified (yuan, persons, or 1 for yes)"), 18, 2),
    Column(pgettext_lazy("finding", "Project or result"), 28),
    Column(pgettext_lazy("inspection", "Inspected unit"), 24),
    Column(pgettext_lazy("finding", "To be rectified by"), 12),
    Column(pgettext_lazy("finding", "Found on"), 12),
    Column(gettext_lazy("View of the unit"), 36),
    Column(gettext_lazy("How it was rectified"), 36),
    Column(gettext_lazy("What was verified"), 36),
)
AT_ONCE = 500


def finding_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a finding."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        for one in inspections.finding_rows(keys[begin : begin + AT_ONCE]):
            yield (
                one.text, one.get_state_display(), one.get_severity_display(), str(_("yes")) if one.is_false_report else "",
                inspections.title_of(one.matter) if one.matter else "", one.reported_value, one.verified_value,
                one.about, one.unit.name, one.due_on, timezone.localdate(one.at), one.reply,
                one.rectified, one.closing,
            )  # fmt: skip


# --- goals ------------------------------------------------------------------------------------------------------------------------------
GOALS = (
    Column(gettext_lazy("Unit"), 24),
    Column(pgettext_lazy("goal", "What for"), 28),
    Column(pgettext_lazy("goal", "Counted in"), 14),
    Column(pgettext_lazy("goal", "Actual"), 14, 2),
    Column(gettext_lazy("Set of goals"), 32),
    Column(pgettext_lazy("goal", "Goal of the year"), 14, 2),
    Column(pgettext_lazy("goal", "Done (percent)"), 12, 1),
    Column(pgettext_lazy("goal", "Time gone by (percent)"), 12, 1),
    Column(pgettext_lazy("goal", "Ahead of time (percentage points)"), 14, 1),
    Column(pgettext_lazy("goal", "As of"), 12),
)


def goal_rows(page: YearPage) -> Iterator[tuple[Any, ...]]:
    """One row a unit, measure and set; a unit listed without a goal says so, and has no percentage."""
    for row in page.rows:
        for cell in row.cells:
            actual = pgettext("figure", "missing") if cell.actual is None else cell.actual
            for one in cell.goals:
                value = pgettext("goal", "no goal") if one.value is None else one.value
                time = float(one.progress.time_share * 100)
                yield (
                    row.unit.name, cell.line.title, cell.line.unit, actual, one.goal_set.title, value, one.percent, time,
                    one.ahead, page.on,
                )  # fmt: skip


# --- rewards ----------------------------------------------------------------------------------------------------------------------------
REWARDS = (
    Column(pgettext_lazy("reward claim", "Award"), 32),
    Column(pgettext_lazy("reward claim", "Amount approved (yuan)"), 16, 2),
    Column(pgettext_lazy("reward claim", "State"), 20),
    Column(pgettext_lazy("reward claim", "Project or run"), 28),
    Column(pgettext_lazy("reward claim", "Recipient"), 24),
    Column(pgettext_lazy("reward claim", "For"), 12),
    Column(pgettext_lazy("reward claim", "Unit that claims"), 24),
    Column(gettext_lazy("Reward document"), 32),
    Column(pgettext_lazy("reward claim", "Claimed on"), 12),
)


def reward_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a claim; without an amount where none was approved."""
    for one in found:
        yield (
            one.title, one.amount_yuan, one.get_state_display(), one.about, one.recipient, one.get_to_display(),
            one.unit.name, one.scheme.title, timezone.localdate(one.claimed_at),
        )  # fmt: skip


REGISTRATIONS = (
    Column(pgettext_lazy("registration", "Introducer or adviser"), 28),
    Column(pgettext_lazy("registration", "Project or lead"), 32),
    Column(pgettext_lazy("registration", "Registered on"), 12),
    Column(gettext_lazy("Civil servant or staff of the unit"), 14),
    Column(pgettext_lazy("registration", "Share of the reward (%)"), 10, 2),
    Column(gettext_lazy("Unit"), 24),
    Column(pgettext_lazy("registration", "registered by"), 14),
    Column(pgettext_lazy("registration", "State"), 14),
)


def registration_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a registration, with the name where the reader may see it."""
    staff = {None: pgettext("registration", "not known"), True: str(_("yes")), False: str(_("no"))}
    for one in found:
        day = timezone.localdate(one.registered_at)
        by = str(one.registered_by or "")
        yield one.who, one.about.outside_name, day, staff[one.is_staff], one.percent, one.unit.name, by, one.state_words


# --- ratings ----------------------------------------------------------------------------------------------------------------------------
RATINGS = (
    Column(pgettext_lazy("rating", "Title"), 36),
    Column(pgettext_lazy("rating", "Answers"), 10, 0),
    Column(pgettext_lazy("rating", "Asked"), 10, 0),
    Column(pgettext_lazy("rating", "State"), 16),
    Column(pgettext_lazy("rating", "First day"), 12),
    Column(pgettext_lazy("rating", "Last day"), 12),
    Column(gettext_lazy("Scheme"), 32),
    Column(pgettext_lazy("rating", "Code of the sheet"), 18),
)
RATING_RESULTS = (
    Column(gettext_lazy("Unit"), 28),
    Column(pgettext_lazy("rating", "Class of raters"), 14),
    Column(pgettext_lazy("rating", "Question"), 32),
    Column(pgettext_lazy("rating", "Mean (points)"), 12, 2),
    Column(pgettext_lazy("rating", "Answers"), 10, 0),
    Column(pgettext_lazy("rating", "Asked"), 10, 0),
    Column(pgettext_lazy("rating", "Cannot judge"), 12, 0),
    Column(pgettext_lazy("rating", "Spread (points: answers)"), 40),
    Column(pgettext_lazy("rating", "Comments"), 60),
)


def rating_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a round."""
    for one in found:
        yield (
            one.title, one.answered_count, one.asked_count, one.get_state_display(), one.starts_on, one.last_on, one.scheme.title, one.sheet
        )  # fmt: skip


def rating_results(round_: RatingRound, found: Sequence[UnitResult]) -> Any:
    """One row a unit, class and question; of too few answers neither mean nor spread, and it says so."""
    few = pgettext("rating", "too few answers")
    rows = []
    for unit in found:
        for of in unit.classes:
            for place, cell in enumerate(of.cells):
                spread = "；".join(f"{band}: {count}" for band, count in cell.bands)
                comments = "\n".join(of.comments) if not place else ""
                rows.append(
                    (
                        unit.unit.full_name, str(of.label), cell.question, few if cell.mean is None else cell.mean, cell.answers_count,
                        cell.asked_count, cell.unable_count, spread, comments,
                    )
                )  # fmt: skip
    notes = (
        f"{round_.title} · {round_.starts_on} – {round_.last_on} · {round_.get_scale_display()}",
        _("A mean needs %(n)s answers at least.") % {"n": round_.least_answers_count or 0},
    )
    who = (Column(pgettext_lazy("assessment", "Person"), 28),) if round_.scheme.measures == Measures.PERSONS else RATING_RESULTS[:1]
    return spreadsheets.download(round_.title, (*who, *RATING_RESULTS[1:]), rows, notes=notes)


def paper_sheet(user: Any, round_: RatingRound) -> Any:
    """The sheet into which ballots on paper are typed: a row a ballot, and nothing in it yet."""
    at = 0 if is_chinese() else 1
    cols = [Column(rating_files.NUMBER[at], 14), Column(rating_files.CLASS[at], 14)]
    cols += [Column(str(one.label), one.width) for one in rating_files.asked_columns(round_)]
    least, most = POINTS[Scale(round_.scale)]
    notes = (
        f"{round_.title} · {round_.starts_on} – {round_.last_on}",
        _("One row a ballot. Points from %(least)s to %(most)s; “%(unable)s” where that is ticked; an empty cell is no answer.")
        % {"least": least, "most": most, "unable": rating_files.UNABLE[0]},
    )
    return spreadsheets.download(_("%(title)s – ballots on paper") % {"title": round_.title}, cols, (), notes=notes)


# --- sheets that come back filled ---------------------------------------------------------------------------------------------------------
def figure_sheet(user: Any, scheme: Scheme, *, on: dt.date, standing: Standing) -> Any:
    """The figures of a day, units × facts, as the import takes them: empty where nobody said anything, which is neither missing nor 0."""
    zh = is_chinese()
    facts = pages.facts_to_fill(scheme, [standing])
    ones = members.by_name(members.seen(user, scheme))
    stand = figure_files.standing_on(scheme, on, standing, ones.values())
    named = figure_files.UNIT[2:] if scheme.measures == Measures.PERSONS else figure_files.UNIT
    heads = [names[0 if zh else 1] for names in (named, figure_files.SOURCE, figure_files.REASON)]
    titles = [figure_files.head(one, zh=zh) for one in facts.values()]
    cols = [Column(heads[0], 24), *(Column(title, 16) for title in titles), Column(heads[1], 30), Column(heads[2], 30)]
    rows = []
    for name, one in ones.items():
        there = [stand.get((one.id, fact)) for fact in facts]
        sources = "；".join(dict.fromkeys(entry.source for entry in there if entry is not None and entry.source))
        rows.append((name, *(figure_files.cell_of(entry, told) for entry, told in zip(there, facts.values(), strict=True)), sources, None))
    notes = (
        f"{scheme.title} · {on:%Y-%m-%d} · {figure_files.standing_words(standing)}",
        _("An empty cell says nothing; “%(missing)s”, “%(not_applicable)s” and 0 are three different things.")
        % {"missing": figure_files.MISSING[0], "not_applicable": figure_files.NOT_APPLICABLE[0]},
        _("A figure that stands already is corrected only with a reason in the last column."),
    )
    return spreadsheets.download(f"{scheme.title} {on:%Y-%m-%d}", cols, rows, notes=notes)


def goal_sheet(user: Any, goal_set: GoalSet) -> Any:
    """The goals of a set, a row a unit and measure with its months, as the import takes them."""
    at = 0 if is_chinese() else 1
    heads = ("单位", "目标事项", "产业链", "计量单位", "全年目标"), ("unit", "what for", "chain", "counted in", "goal of the year")
    fixed = heads[at]
    widths = (24, 30, 18, 12, 14)
    cols = [Column(title, width) for title, width in zip(fixed, widths, strict=True)]
    cols += [Column(goal_files.month_heads(number)[at], 11) for number in range(1, MONTHS + 1)]
    rows = ((one.unit, *goal_files.said(one.line), one.line.unit, one.value, *one.months) for one in goal_files.sheet(user, goal_set))
    notes = (
        _("Months say what is to be reached by their end. Fill in all twelve, or none: then they follow the goal of the year."),
        _("An empty goal changes nothing; no goal and a goal of 0 are not the same."),
    )
    return spreadsheets.download(goal_set.title, cols, rows, notes=notes)
