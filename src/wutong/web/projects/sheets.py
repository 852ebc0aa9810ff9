"""Columns of what projects export: projects, the ledger of money in place, what is recognised by unit and month, papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.leads.queries import rows
from wutong.web.lib.money import WAN
from wutong.web.lib.spreadsheets import Column
from wutong.web.projects.models import PLAN, PROOFS, OpportunityVersion, Project
from wutong.web.projects.queries import absences as lacking
from wutong.web.projects.queries import books, forces, meetings, opportunities, overview, paper_pages, recognition, reports
from wutong.web.projects.rules.funds import Proof
from wutong.web.projects.rules.opportunities import FIGURES

AT_ONCE = 500
PROJECTS = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(_("Project code"), 28),
    Column(pgettext_lazy("project", "Stage"), 12),
    Column(_("In the stage since"), 12),
    Column(pgettext_lazy("project", "State"), 12),
    Column(_("Reason of the state"), 30),
    Column(pgettext_lazy("light", "Light"), 14),
    Column(_("Next due"), 12),
    Column(_("Late sub-nodes (number)"), 10, 0),
    Column(_("Investor"), 36),
    Column(_("Project company"), 36),
    Column(_("Host unit"), 24),
    Column(_("Found by"), 24),
    Column(pgettext_lazy("project", "Owner"), 14),
    Column(_("Kind of project"), 14),
    Column(_("Mode of investment"), 14),
    Column(pgettext_lazy("project", "Size"), 16),
    Column(_("Segment"), 20),
    Column(_("Site"), 30),
    Column(_("Total investment (10,000 yuan)"), 16, 2),
    Column(_("Fixed assets (10,000 yuan)"), 16, 2),
    Column(_("Output a year (10,000 yuan)"), 16, 2),
    Column(_("Tax a year (10,000 yuan)"), 16, 2),
    Column(_("Land (mu)"), 10, 2),
    Column(_("Not provided by the investor"), 30),
    Column(_("Start planned on"), 12),
    Column(_("Completion planned on"), 12),
    Column(_("Production planned on"), 12),
    Column(_("Full capacity planned on"), 12),
    Column(pgettext_lazy("project", "Opened on"), 12),
    Column(_("Key industry"), 12),
    Column(_("Kind of site"), 12),
    Column(_("Past a limit after signing"), 12),
)
FUNDS = (
    Column(_("Project"), 36),
    Column(pgettext_lazy("project", "Host unit"), 24),
    Column(_("Arrived on"), 12),
    Column(_("Kind of money"), 16),
    Column(_("Amount"), 16, 2),
    Column(_("Currency"), 8),
    Column(_("Whose money"), 16),
    Column(_("Origin of capital"), 12),
    Column(_("Payer"), 28),
    Column(_("Proofs"), 30),
    Column(_("Number of the proof"), 20),
    Column(pgettext_lazy("funds entry", "State"), 16),
    Column(_("Worth (yuan)"), 18, 2),
    Column(_("Recognised (yuan)"), 18, 2),
    Column(_("Counts on"), 12),
    Column(_("Foreign capital used (dollars)"), 18, 2),
    Column(_("Why not recognised"), 40),
    Column(_("Reviewed by"), 14),
    Column(_("Note"), 30),
)
MONTHS = (
    Column(_("Unit"), 28),
    Column(_("Month"), 10),
    Column(_("Entries counted"), 10, 0),
    Column(_("Worth (yuan)"), 20, 2),
    Column(_("Recognised (yuan)"), 20, 2),
    Column(_("Foreign capital used (yuan)"), 20, 2),
    Column(_("Foreign capital used (dollars)"), 20, 2),
)

AGREEMENTS = (
    Column(_("Project"), 36),
    Column(_("Title of the agreement"), 36),
    Column(_("Kind of agreement"), 14),
    Column(pgettext_lazy("agreement", "State"), 12),
    Column(_("Counterpart"), 36),
    Column(_("Investment agreed (10,000 yuan)"), 18, 2),
    Column(_("Signed on"), 12),
    Column(pgettext_lazy("agreement", "Ended on"), 12),
    Column(pgettext_lazy("agreement", "What comes next"), 44),
    Column(_("Versions (number)"), 10, 0),
    Column(pgettext_lazy("project", "Host unit"), 24),
)
OFFERS = (
    Column(_("Project"), 36),
    Column(_("What is offered"), 36),
    Column(_("Amount (10,000 yuan)"), 16, 2),
    Column(_("Clause of policy it rests on"), 36),
    Column(pgettext_lazy("offer", "State"), 14),
    Column(_("Authority"), 14),
    Column(pgettext_lazy("papers", "Agreement"), 30),
    Column(pgettext_lazy("papers", "Asked by"), 14),
    Column(pgettext_lazy("papers", "Asked on"), 12),
    Column(pgettext_lazy("project", "Host unit"), 24),
)
PROMISES = (
    Column(_("Project"), 36),
    Column(pgettext_lazy("papers", "Agreement"), 30),
    Column(_("Who promised"), 12),
    Column(_("Kind of promise"), 14),
    Column(_("What was promised"), 44),
    Column(_("Promised"), 20),
    Column(pgettext_lazy("papers", "Reached"), 20),
    Column(_("To be kept by"), 12),
    Column(pgettext_lazy("commitment", "State"), 12),
    Column(pgettext_lazy("commitment", "Kept on"), 12),
    Column(_("Unit that answers for it"), 24),
    Column(pgettext_lazy("commitment", "Person"), 14),
    Column(pgettext_lazy("project", "Host unit"), 24),
)


def _pieces(found: Any) -> Iterator[list[int]]:
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        yield keys[begin : begin + AT_ONCE]


def agreement_rows(found: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row an agreement; of a confidential project neither title nor counterpart."""
    for keys in _pieces(found):
        for row in paper_pages.agreement_rows(keys, on):
            one, is_kept = row.line.agreement, row.line.agreement.project.is_confidential
            yield (
                one.project.outside_name, "" if is_kept else one.title, str(one.get_kind_display()), str(one.get_state_display()),
                "" if is_kept else one.counterpart, None if one.amount_yuan is None else one.amount_yuan / WAN, one.signed_on, one.ended_on,
                "" if is_kept else row.next.words, len(row.line.versions), one.project.unit.name,
            )  # fmt: skip


def offer_rows(found: Any, user: Any) -> Iterator[tuple[Any, ...]]:
    """One row an offer; of a confidential project not what and on which clause."""
    for keys in _pieces(found):
        for row in paper_pages.offer_rows(keys, user):
            one, is_kept = row.line.offer, row.line.offer.project.is_confidential
            yield (
                one.project.outside_name, "" if is_kept else one.what, None if one.amount_yuan is None else one.amount_yuan / WAN,
                "" if is_kept else one.clause, str(one.get_state_display()), str(one.get_level_display()),
                "" if is_kept or one.agreement is None else one.agreement.title, str(one.by or ""), one.at.date(), one.project.unit.name,
            )  # fmt: skip


def promise_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a promise; of a confidential project not what and in which agreement."""
    for keys in _pieces(found):
        for row in paper_pages.promise_rows(keys, user, on):
            one, is_kept = row.line.commitment, row.line.commitment.project.is_confidential
            yield (
                one.project.outside_name, "" if is_kept or one.agreement is None else one.agreement.title, str(one.get_side_display()),
                str(one.get_kind_display()), "" if is_kept else one.text, row.amount, row.reached, one.due_on, row.state, row.line.kept_on,
                one.unit.name if one.unit else "", str(one.owner or ""), one.project.unit.name,
            )  # fmt: skip


def funds_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row an entry, reversals too."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        for line in books.lines(found.model.objects.filter(pk__in=keys[begin : begin + AT_ONCE]).order_by("arrived_on", "pk")):
            entry, review = line.entry, line.review
            proofs = "、".join(str(PROOFS[Proof(proof)]) for proof in entry.proofs)
            numbers = "、".join((entry.numbers or {}).values()) or entry.proof_number
            yield (
                entry.project.outside_name, entry.project.unit.name, entry.arrived_on, str(entry.get_kind_display()), entry.amount,
                entry.currency, str(entry.get_money_from_display()), str(entry.get_origin_kind_display()), entry.payer, proofs,
                numbers, books.state_words(line.state), review.value_yuan if review else None, line.recognised_yuan,
                review.counted_on if review else None, line.foreign_usd, recognition.reason_words(line.reasons),
                str(review.by or "") if review else "", entry.note or entry.reason,
            )  # fmt: skip


def month_rows(user: Any, *, since: dt.date, until: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a unit and month in which something counts."""
    table = books.by_month(user, since=since, until=until)
    for unit in table.units:
        for month in table.months:
            cell = table.cells.get((unit.pk, month))
            if cell is not None:
                yield (
                    unit.name, f"{month:%Y-%m}", cell.entries, cell.value_yuan, cell.recognised_yuan, cell.foreign_yuan, cell.foreign_usd,
                )  # fmt: skip


def project_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a project; a confidential one by its code name, without who and what it is."""
    keys = list(found.values_list("pk", flat=True))
    for first in range(0, len(keys), AT_ONCE):
        for row in overview.in_their_order(keys[first : first + AT_ONCE], user, on=on):
            one, is_kept = row.project, row.project.is_confidential
            yield (
                row.name, "" if is_kept else one.project_code, row.stage_name, one.stage_since, str(one.get_status_display()),
                "" if is_kept else one.status_reason, overview.light_word(row.light), row.next_due_on, row.late_nodes,
                "" if is_kept else one.investor_name, "" if is_kept else one.landed, one.unit.name, one.finder_unit.name, str(one.owner),
                str(one.get_kind_display()), str(one.get_mode_display()), row.tier_name,
                rows.segment_name(one.chain, one.segment) if one.segment else "", "" if is_kept else one.site_text,
                *(_wan(one, name) for name in ("total_yuan", "fixed_yuan", "output_yuan_a_year", "tax_yuan_a_year")), one.land_mu,
                "、".join(overview.figure_word(name) for name in one.not_provided), *(getattr(one, name) for name in PLAN),
                overview.day_of(one.opened_at), _yes(row.is_key), str(one.get_site_kind_display() or ""), _yes(row.is_past_limit),
            )  # fmt: skip


def _yes(is_so: bool | None) -> str:
    return str(_("not known")) if is_so is None else str(_("yes")) if is_so else ""


ABSENT = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(_("Lacking (number)"), 12, 0),
    Column(_("What lacks"), 60),
    Column(pgettext_lazy("project", "Stage"), 12),
    Column(_("Stages not proved"), 30),
    Column(_("Host unit"), 24),
    Column(pgettext_lazy("project", "Owner"), 14),
    Column(_("Taken over on"), 12),
)


def absent_rows(found: Any, user: Any) -> Iterator[tuple[Any, ...]]:
    """One row a project with what it lacks since it was taken over."""
    keys = list(found.values_list("pk", flat=True))
    for first in range(0, len(keys), AT_ONCE):
        for row in lacking.shown(keys[first : first + AT_ONCE], user):
            one = row.project
            what, unproved = "、".join(lack.name for lack in row.lacks), "、".join(row.unproved)
            yield (
                row.name, len(row.lacks), what, row.stage_name, unproved, one.unit.name, str(one.owner), overview.day_of(one.opened_at),
            )  # fmt: skip


def _wan(one: Project, name: str) -> Any:
    yuan = getattr(one, name)
    return None if yuan is None else yuan / WAN


RATES = (
    Column(_("Unit"), 28),
    Column(_("Rate"), 40),
    Column(_("Definition"), 24),
    Column(_("Period of the cohort"), 14),
    Column(_("As of"), 12),
    Column(_("Rate (percent)"), 10, 2),
    Column(_("Numerator"), 18, 2),
    Column(_("Denominator"), 18, 2),
    Column(_("In projects or yuan"), 10),
    Column(pgettext_lazy("rates", "Left out"), 10, 0),
    Column(_("Lacking a fact"), 10, 0),
    Column(_("Switched by the reader"), 30),
    Column(_("Source of the definition"), 40),
)


def rate_rows(page: Any) -> Iterator[tuple[Any, ...]]:
    """One row a rate: of all units, then of each; then the funnel of the cohort."""
    for name, told in ((str(_("All units")), page.rates), *((row.unit.name, row.rates) for row in page.units)):
        for one in told:
            measured = _("yuan") if one.is_money else _("projects")
            yield (
                name, one.title, one.definition.code, page.cohort.label, page.as_of, one.percent, one.rate.numerator,
                one.rate.denominator, str(measured), one.left_out, one.missing, "、".join(one.switched), one.source,
            )  # fmt: skip
    first = page.steps[0].n if page.steps else 0
    for step in page.steps:
        percent = step.share_of_all * 100 if step.share_of_all is not None else None
        yield (
            str(_("Funnel of the cohort")), step.name, step.code, page.cohort.label, page.as_of, percent, step.n, first,
            str(_("projects")), None, None, "", "",
        )  # fmt: skip


# --- progress ---------------------------------------------------------------------------------------------------------------------------
PLAN_POINTS = (Column("月份", 12), Column("累计计划投资(万元)", 24, 2))
"""As the file that comes back is read: the same words in both languages."""
REPORTS = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(_("Host unit"), 24),
    Column(_("Month"), 10),
    Column(_("Invested to date (10,000 yuan)"), 16, 2),
    Column(_("Planned to date (10,000 yuan)"), 16, 2),
    Column(_("Of the plan (percent)"), 10, 1),
    Column(_("Produced in the last twelve months (10,000 yuan)"), 16, 2),
    Column(_("What is to be seen on the site"), 40),
    Column(_("Problems that others have to settle"), 40),
    Column(pgettext_lazy("progress", "Next steps"), 40),
    Column(_("Photographs"), 10, 0),
    Column(_("Reported late"), 10),
    Column(_("Reason"), 24),
    Column(_("Entered by"), 14),
    Column(_("Reported"), 18),
)
REPORTS_DUE = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(_("Host unit"), 24),
    Column(pgettext_lazy("project", "Owner"), 14),
    Column(_("Month"), 10),
    Column(pgettext_lazy("reports", "State"), 14),
    Column(_("To be reported by"), 12),
    Column(_("Last report"), 10),
    Column(_("Invested to date (10,000 yuan)"), 16, 2),
    Column(_("Asked for by"), 14),
)
ALARMS = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(pgettext_lazy("progress", "Alarm"), 18),
    Column(_("What is wrong"), 48),
    Column(_("Host unit"), 24),
    Column(pgettext_lazy("project", "Owner"), 14),
)


def plan_rows(months: Any, planned: Any) -> Iterator[tuple[Any, ...]]:
    """One row a month; empty where nothing is planned yet."""
    for month in months:
        yuan = planned.get(month)
        yield f"{month:%Y-%m}", None if yuan is None else yuan / WAN


def _in_wan(yuan: Any) -> Any:
    return None if yuan is None else yuan / WAN


def report_rows(found: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a report; of a confidential project no words."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        for row in reports.shown(keys[begin : begin + AT_ONCE], on):
            one, is_kept = row.report, row.project.is_confidential
            share = row.point.share
            words = ("", "", "") if is_kept else (one.visible, one.problems, one.next_steps)
            yield (
                row.project.outside_name, row.project.unit.name, f"{one.month:%Y-%m}", _in_wan(one.invested_yuan),
                _in_wan(row.planned_yuan),
                None if share is None else share * 100, _in_wan(one.output_yuan_a_year), *words, row.photos,
                str(_("yes") if row.is_late else _("no")), "" if is_kept else one.reason, str(one.by or ""), timezone.localtime(one.at),
            )  # fmt: skip


def due_rows(found: Any, month: dt.date, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a project whose report of the month is wanted."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        for row in reports.due(keys[begin : begin + AT_ONCE], user, month, on):
            yield (
                row.project.outside_name, row.project.unit.name, str(row.project.owner), f"{month:%Y-%m}", str(reports.state_words(row)),
                row.due_on, f"{row.last.month:%Y-%m}" if row.last else "", _in_wan(row.last.invested_yuan) if row.last else None,
                str(row.asked.asked_by or "") if row.asked else "",
            )  # fmt: skip


def alarm_rows(lines: Any) -> Iterator[tuple[Any, ...]]:
    """One row an alarm."""
    for line in lines:
        yield line.project.outside_name, line.name, line.words, line.project.unit.name, str(line.project.owner)


# --- behind a rate ----------------------------------------------------------------------------------------------------------------------
BEHIND = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(_("Host unit"), 24),
    Column(pgettext_lazy("rates", "Why"), 40),
    Column(pgettext_lazy("rates", "Day"), 12),
    Column(_("Numerator"), 18, 2),
    Column(_("Denominator"), 18, 2),
)


def behind_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a project behind a number."""
    for one in found:
        yield one.name, one.unit, one.why, one.on, one.numerator, one.denominator


OPPORTUNITIES = (
    Column(_("Chinese title"), 36),
    Column(_("English title"), 36),
    Column(_("Kind of project"), 14),
    Column(_("Mode of investment"), 14),
    Column(_("Chain and segment"), 26),
    Column(pgettext_lazy("opportunity", "State"), 12),
    Column(pgettext_lazy("opportunity", "Age"), 14),
    Column(_("Unit"), 24),
    Column(_("Contact person"), 14),
    Column(pgettext_lazy("opportunity", "Site"), 30),
    *(Column(opportunities.FIGURE_LABELS[name], 16, 2) for name in FIGURES),
    Column(_("Not provided"), 30),
    Column(_("Last updated or shown"), 14),
    Column(_("Valid until (not included)"), 14),
    Column(_("Shown (times)"), 10, 0),
    Column(_("Leads that came of it"), 10, 0),
    Column(pgettext_lazy("opportunity", "Why retired"), 20),
)


def opportunity_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a packaged project, as its version that counts says it."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        piece = keys[begin : begin + AT_ONCE]
        versions = {(one.opportunity_id, one.number): one for one in OpportunityVersion.objects.filter(opportunity__in=piece)}
        for row in opportunities.shown(piece, user, on=on):
            one = row.one
            version = versions[one.pk, one.current_number]
            figures = (opportunities.figure_number(name, version.value_of(name)) for name in FIGURES)
            yield (
                one.title_zh, one.title_en, str(one.get_kind_display()), str(one.get_mode_display()), row.segment_name,
                str(one.get_state_display()), row.age_word, one.unit.name, str(one.owner), one.site_zh, *figures,
                "、".join(str(opportunities.FIGURE_LABELS[name]) for name in version.not_provided), one.touched_on, one.valid_until,
                row.shown_count, row.leads_count, opportunities.retirement_word(one),
            )  # fmt: skip


MEETINGS = (
    Column(pgettext_lazy("dispatch meeting", "Title"), 36),
    Column(pgettext_lazy("dispatch meeting", "Series"), 12),
    Column(pgettext_lazy("dispatch meeting", "Held on"), 12),
    Column(pgettext_lazy("dispatch meeting", "Place"), 20),
    Column(pgettext_lazy("dispatch meeting", "Unit"), 24),
    Column(pgettext_lazy("dispatch meeting", "Chair"), 14),
    Column(pgettext_lazy("dispatch meeting", "State"), 14),
    Column(_("Number of the minutes"), 14),
    Column(_("Items"), 8, 0),
    Column(_("Decisions"), 8, 0),
    Column(_("Decisions done"), 8, 0),
    Column(_("Decisions late"), 8, 0),
)
DECISIONS = (
    Column(pgettext_lazy("dispatch meeting", "Decision"), 40),
    Column(pgettext_lazy("decision of a meeting", "State"), 12),
    Column(pgettext_lazy("dispatch meeting", "Due on"), 12),
    Column(pgettext_lazy("dispatch meeting", "Who carries it out"), 14),
    Column(_("Unit"), 24),
    Column(_("About"), 36),
    Column(pgettext_lazy("column", "Meeting"), 36),
    Column(pgettext_lazy("dispatch meeting", "Held on"), 12),
)
FORCES = (
    Column(pgettext_lazy("column", "Project"), 36),
    Column(_("Host unit"), 24),
    Column(_("Total investment (10,000 yuan)"), 16, 2),
    Column(pgettext_lazy("task force", "Formed on"), 12),
    Column(pgettext_lazy("task force", "Dissolved on"), 12),
    Column(pgettext_lazy("task force", "Role"), 12),
    Column(pgettext_lazy("task force", "Person"), 14),
    Column(_("Unit"), 24),
    Column(pgettext_lazy("task force", "Is asked to"), 36),
    Column(pgettext_lazy("task force", "Joined on"), 12),
    Column(pgettext_lazy("task force", "Left on"), 12),
)


def meeting_rows(found: Any, user: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a meeting, with the items and decisions that its reader may see."""
    keys = list(found.values_list("pk", flat=True))
    for first in range(0, len(keys), AT_ONCE):
        for row in meetings.rows(keys[first : first + AT_ONCE], user, on):
            one = row.meeting
            yield (
                one.title, str(one.get_series_display()), one.held_on, one.place, one.unit.name, str(one.chair),
                str(one.get_state_display()), f"{one.year}-{one.number_no}" if one.number_no else "", row.items, row.decisions, row.done,
                row.late,
            )  # fmt: skip


def decision_rows(found: Any, *, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a decision."""
    for line in meetings.decision_lines(found, on):
        one = line.decision
        yield (
            one.text, line.state_name, line.due_on, str(one.owner), one.unit.name, one.item.shown_name, one.item.meeting.title,
            one.item.meeting.held_on,
        )  # fmt: skip


def force_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row a member of a task force, those who left too."""
    for row in forces.shown(found):
        project = row.force.project
        for one in (*row.standing, *row.gone):
            yield (
                project.outside_name, project.unit.name, _wan(project, "total_yuan"), row.force.since_on, row.force.until_on,
                str(one.get_role_display()), str(one.person or ""), one.unit.name, one.task, one.since_on, one.until_on,
            )  # fmt: skip
