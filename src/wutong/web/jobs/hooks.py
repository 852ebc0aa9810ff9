"""What jobs offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import actions, queries, sheets
from wutong.web.jobs.tasks import keeping, webhooks
from wutong.web.jobs.views import jobs, outbox
from wutong.web.lib.exchange import Exporting
from wutong.web.lib.health import Guard
from wutong.web.lib.hooks import Fact, JobKind, NavItem, Owned, Periodic, Personal, UnitOwned

NAVIGATION = (
    NavItem(
        "jobs:list", _("Background jobs"), "hourglass", Permission.JOBS_VIEW, _("Administration"), order=925,
        prefix="/jobs/(?!outbox|robots|webhooks|messages)",
    ),
    NavItem("jobs:outbox", _("Outbox"), "mail", Permission.JOBS_VIEW, _("Administration"), order=926, prefix="/jobs/(outbox|robots)/"),
    NavItem(
        "jobs:webhooks", _("Event subscriptions"), "link", Permission.JOBS_VIEW, _("Administration"), order=928,
    ),
)  # fmt: skip
JOBS = (
    JobKind("jobs.trial", _("Trial of the workers"), keeping.trial, Permission.JOBS_EDIT, attempts=5),
    JobKind("jobs.forget_old", _("Throwing away old logs of jobs"), keeping.forget_old, attempts=3),
    JobKind("jobs.gather", _("Telling other systems of events"), webhooks.gather, attempts=3),
)
EXPORTS = (
    Exporting(
        "jobs.list", _("Background jobs"), Permission.JOBS_VIEW, lambda user, query: str(_("Background jobs")),
        lambda user, query: sheets.JOBS, lambda user, query: sheets.job_rows(jobs.found_by(user, query), user), "jobs.export", "jobs.Job",
    ),
    Exporting(
        "jobs.outbox", _("Outbox"), Permission.JOBS_VIEW, lambda user, query: str(_("Outbox")), lambda user, query: sheets.OUTBOX,
        lambda user, query: sheets.outbox_rows(outbox.found_by(user, query)), "jobs.export_outbox", "jobs.Message",
    ),
)  # fmt: skip
PERIODIC = (Periodic("jobs.forget_old", at_hour=3), Periodic("jobs.gather", every_minutes=1, when=queries.has_events_to_gather))
CHECKS = (queries.findings,)
GUARDS = (Guard("jobs", _("logs of jobs"), dict.fromkeys(("sqlite", "postgresql"), ("jobs_jobline_no_update",))),)
TELL = (actions.tell,)
ENQUEUE = (actions.enqueue,)
PERSONAL = (
    Personal(
        "jobs.Message", ("title", "text"), _("to tell a person what he has to know for the work"),
        _("needed to do the work of the office"), _("as long as logs are kept"),
        _("erased after the account is closed, by the system administrator"), of_user="to", erasure="deleted",
    ),
)  # fmt: skip
OWNED = (
    Owned("jobs.Job", "by", "a job belongs to whoever asked for it and is kept as long as logs are"),
    Owned("jobs.Message", "to", "what was told to a person was told to him"),
    Owned("jobs.Webhook", "person", "a subscription goes by the rights of a person, and tells nothing once the account is closed"),
    Owned("jobs.Webhook", "made_by", "who set a subscription up stays a record of the past"),
)
UNIT_OWNED = (UnitOwned("jobs.Job", "unit", "a job belongs to the unit that asked for it and is kept as long as logs are"),)
ACTIONS = (
    ("jobs.enqueue", _("asked for a background job")),
    ("jobs.export", _("exported background jobs")),
    ("jobs.export_outbox", _("exported the outbox")),
    ("jobs.resend", _("had a message sent once more")),
    ("jobs.drop", _("let a message rest")),
    ("jobs.save_robot", _("saved a robot")),
    ("jobs.save_webhook", _("saved an event subscription")),
    ("jobs.renew_secret", _("gave an event subscription another secret")),
    ("jobs.step_webhook", _("let an event subscription go on or rest")),
    ("jobs.try_webhook", _("had a trial event sent")),
    ("jobs.cancel", _("cancelled a background job")),
    ("jobs.repeat", _("had a background job tried again")),
)
FACTS = (
    Fact("arguments", _("asked for"), action="jobs."),
    Fact("attempt", _("attempt"), action="jobs."),
    Fact("address", _("receiver's address"), action="jobs."),
    Fact("failures", _("failures in a row"), action="jobs."),
    Fact("kind", _("kind of job"), action="jobs."),
    Fact("secret", _("secret"), action="jobs."),
)
