"""What the journal offers to others."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import sheets, tasks
from wutong.web.journal.actions import duties, merging
from wutong.web.journal.models import Attachment, Comment, Duty
from wutong.web.journal.models.duties import DUTY_KINDS, DUTY_STATES
from wutong.web.journal.queries import duties as of_people
from wutong.web.journal.queries import files, records, requests
from wutong.web.journal.views import duties as pages
from wutong.web.lib.exchange import Depends, Exporting, about
from wutong.web.lib.hooks import Fact, JobKind, Merge, NavItem, Owned, Periodic, Personal, UnitOwned, Workload
from wutong.web.lib.owed import Computed

NAVIGATION = (
    NavItem(
        "journal:list", _("My duties"), "clipboard-list", Permission.JOURNAL_VIEW, _("Work"), order=10, phone=1,
        prefix="/journal/duties/", badge="journal:badge",
    ),
    NavItem("journal:calendar", _("Working calendar"), "clock", Permission.CALENDAR_EDIT, _("Administration"), order=927),
)  # fmt: skip
EXPORTS = (
    Exporting(
        "journal.duties", _("Duties"), Permission.JOURNAL_EXPORT, lambda user, query: str(_("Duties")), lambda user, query: sheets.DUTIES,
        pages.export_rows, "journal.export_duties", "journal.Duty",
    ),
)  # fmt: skip
DUTIES = (
    Computed(
        requests.SOURCE, _("request for another due day"), Permission.JOURNAL_EDIT, requests.rows, requests.drawn, requests.all_rows,
        requests.people,
    ),
)  # fmt: skip
WORKLOAD = (Workload(_("duties asked for"), of_people.open_counts, of_people.open_page),)
CHECKS = (files.findings,)
JOBS = (
    JobKind("journal.remind", _("Reminders of duties"), tasks.remind, attempts=3),
    JobKind("journal.sweep", _("Erasing deleted attachments"), tasks.sweep, attempts=3),
)
PERIODIC = (Periodic("journal.remind", every_minutes=15), Periodic("journal.sweep", at_hour=2))
ACTIONS = (
    ("journal.create_duty", _("asked for a duty")),
    ("journal.give_duty", _("gave a duty to another person")),
    ("journal.finish_duty", _("called a duty done")),
    ("journal.drop_duty", _("called a duty off")),
    ("journal.reopen_duty", _("opened a duty again")),
    ("journal.snooze_duty", _("put a duty aside")),
    ("journal.ask_for_time", _("asked for another due day")),
    ("journal.decide_time", _("decided on another due day")),
    ("journal.withdraw_request", _("withdrew a request for another due day")),
    ("journal.escalate", _("told a leader of a late duty")),
    ("journal.hand_over_duties", _("handed duties over")),
    ("journal.export_duties", _("exported duties")),
    ("journal.comment", _("wrote a comment")),
    ("journal.edit_comment", _("changed a comment")),
    ("journal.withdraw_comment", _("withdrew a comment")),
    ("journal.attach", _("attached a file")),
    ("journal.download", _("downloaded a sensitive file")),
    ("journal.release_file", _("downloaded a copy for release")),
    ("journal.hide_file", _("deleted a file")),
    ("journal.unhide_file", _("brought a deleted file back")),
    ("journal.erase_file", _("erased a deleted file")),
    ("journal.repoint", _("carried notes over to the firm that another turned out to be")),
    ("journal.choose_reminders", _("changed the own reminders")),
    ("journal.enter_year", _("entered a year of the calendar")),
    ("journal.drop_year", _("took a year of the calendar back")),
)
_WROTE = "who wrote or decided something stays a record of the past"
OWNED = (
    Owned("journal.Duty", "owner", "duties go to whoever takes over", duties.hand_over, Permission.JOURNAL_EDIT),
    *(
        Owned(f"journal.{model}", field, _WROTE)
        for model, field in (
            ("Duty", "asked_by"), ("Duty", "ended_by"), ("DutyStep", "by"), ("DeadlineRequest", "asked_by"),
            ("DeadlineRequest", "decided_by"),
            ("Comment", "by"), ("Attachment", "by"), ("Attachment", "hidden_by"), ("CalendarYear", "noted_by"),
        )
    ),
    Owned("journal.Reminding", "user", "how a person is reminded goes with him"),
)  # fmt: skip
UNIT_OWNED = tuple(
    UnitOwned(f"journal.{model}", "unit", "what a unit owes and noted goes to the unit it is merged into", is_moved=True)
    for model in ("Duty", "Comment", "Attachment")
)
MERGE = tuple(
    Merge(
        f"journal.{model}", "record", "what is noted on a firm goes to the firm that it became",
        partial(merging.repoint, model=f"journal.{model}"), unit="unit", of_label="firms.Firm",
    )
    for model in ("Comment", "Attachment", "Duty")
)  # fmt: skip
_CARRIED = {model._meta.label: model._meta.verbose_name_plural for model in (Comment, Attachment, Duty)}
_WORK = _("needed to do the work of the office")
PERSONAL = (
    Personal(
        "journal.Comment", ("text",), _("to agree about a record"), _WORK, _("with the record"),
        _("withdrawn by the author, or by whoever shares out the unit's work once he left, which erases the text"), of_user="by",
        erasure="stays",
    ),
    Personal(
        "journal.Duty", ("result",), _("to know what came of a duty"), _WORK, _("with the record"), _("with the record"), of_user="owner",
        erasure="stays",
    ),
    Personal(
        "journal.Reminding", ("digest_hour",), _("to remind as the person wishes"), _("kept by the person himself"),
        _("while the account is open"), _("erased after the account is closed, by the system administrator"), of_user="user",
        erasure="deleted",
    ),
)  # fmt: skip
FACTS = (
    Fact("from", _("from the firm"), action="journal.repoint"),
    Fact("to", _("to the firm"), action="journal.repoint"),
    Fact("model", _("kind of row"), _CARRIED, action="journal.repoint"),
    Fact("moved", _("rows taken over"), action="journal.repoint"),
    Fact("due_on", pgettext_lazy("duty", "due on"), action="journal."),
    Fact("kind", pgettext_lazy("duty", "kind"), {kind.value: label for kind, label in DUTY_KINDS.items()}, action="journal.create_duty"),
    Fact("owner", pgettext_lazy("duty", "owed by"), action="journal."),
    Fact("record", _("record"), action="journal."),
    Fact("snoozed_until", _("put aside until"), action="journal."),
    Fact("state", _("state"), {state.value: label for state, label in DUTY_STATES.items()}, action="journal."),
    Fact("told", _("people told"), action="journal."),
    Fact("version", pgettext_lazy("file", "version"), action="journal."),
)
DEPENDS = (Depends(records.standing_on),)
EVENTS = about(
    "journal.Duty", "journal.create_duty", "journal.give_duty", "journal.finish_duty", "journal.drop_duty", "journal.reopen_duty",
    unit="unit", page=lambda duty: reverse("journal:duty", args=[duty.public_id]),
)  # fmt: skip
