"""Minutes of a dispatch meeting (会议纪要) as a paper: with the items that its reader may see, and no others."""

from __future__ import annotations

import datetime as dt

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.lib import access, papers
from wutong.web.projects.models import ATTENDANCES, Invitee
from wutong.web.projects.queries.meetings import DecisionLine, ItemLine, MeetingPage
from wutong.web.projects.rules.dispatch import THERE, Attendance


def paper(page: MeetingPage) -> papers.Paper:
    """The minutes of a meeting; before they are signed a draft, and they say so."""
    meeting = page.meeting
    number = (
        _("[%(year)s] No. %(number)s") % {"year": meeting.year, "number": meeting.number_no}
        if meeting.number_no
        else _("draft, not signed")
    )
    blocks = [_head(page)]
    if page.followed:
        blocks += [papers.heading(_("What became of earlier decisions")), _followed(page.followed)]
    for line in page.items:
        blocks += _item(line)
    if meeting.summary:
        blocks += [papers.heading(pgettext("dispatch meeting", "Summary")), papers.text(meeting.summary)]
    if meeting.signed_at:
        signed = _("Signed by %(person)s on %(day)s.") % {"person": meeting.signed_by or "", "day": meeting.signed_at.date()}
        blocks.append(papers.text(signed))
    blocks.append(papers.small(_("It lists the items that its reader may see. This system is not for state secrets.")))
    return papers.Paper(
        _("Minutes: %(title)s") % {"title": meeting.title}, tuple(blocks), f"{meeting.unit.name} · {number}", meeting.unit.name,
        access.is_chinese(),
    )  # fmt: skip


def _day(day: dt.date) -> str:
    """A day as official papers write it."""
    return date_format(day, "Y年n月j日") if access.is_chinese() else day.isoformat()


def _head(page: MeetingPage) -> papers.Block:
    meeting = page.meeting
    came = [_called(one) for one in page.invitees if one.attendance and Attendance(one.attendance) in THERE]
    away = [_called(one) for one in page.invitees if one.attendance and Attendance(one.attendance) not in THERE]
    comma = pgettext("between names", ", ")
    rows = [
        (pgettext("dispatch meeting", "Held on"), _day(meeting.held_on)),
        (pgettext("dispatch meeting", "Place"), meeting.place or "—"),
        (pgettext("dispatch meeting", "Chair"), str(meeting.chair)),
        (_("Present"), comma.join(came) or "—"),
        (_("Not present"), comma.join(away) or "—"),
        (_("Kept by"), str(meeting.convened_by or "—")),
    ]
    return papers.facts(rows)


def _called(one: Invitee) -> str:
    name = f"{one.unit.name} {one.person}" if one.person else one.unit.name
    if one.attendance == Attendance.DEPUTY:
        return _("%(who)s (deputy: %(deputy)s)") % {"who": name, "deputy": one.deputy or "—"}
    is_here = one.attendance == Attendance.PRESENT
    return name if is_here else f"{name} ({ATTENDANCES[Attendance(one.attendance)]})"


def _followed(lines: tuple[DecisionLine, ...]) -> papers.Block:
    head = (
        pgettext("dispatch meeting", "Decision"), pgettext("dispatch meeting", "Due on"), pgettext("decision of a meeting", "State"),
        pgettext("dispatch meeting", "Who carries it out"),
    )  # fmt: skip
    rows = [
        (
            one.decision.text + (f" ({one.follow_up.words})" if one.follow_up and one.follow_up.words else ""), one.due_on.isoformat(),
            one.state_name, f"{one.decision.owner} {one.decision.unit.name}",
        )
        for one in lines
    ]  # fmt: skip
    return papers.table(head, rows)


def _item(line: ItemLine) -> list[papers.Block]:
    blocks = [papers.heading(f"{line.number}. {line.item.shown_name}")]
    if line.why:
        blocks.append(papers.small(pgettext("between entries", "; ").join(words for words, _owed in line.why)))
    if line.item.words:
        blocks.append(papers.text(line.item.words))
    if line.decisions:
        head = (
            pgettext("dispatch meeting", "Decision"), pgettext("dispatch meeting", "Due on"),
            pgettext("dispatch meeting", "Who carries it out"),
        )  # fmt: skip
        rows = [(one.decision.text, one.due_on.isoformat(), f"{one.decision.owner} {one.decision.unit.name}") for one in line.decisions]
        blocks.append(papers.table(head, rows))
    return blocks
