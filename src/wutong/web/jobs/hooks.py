"""What jobs offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission
from wutong.web.jobs.tasks import keeping
from wutong.web.lib.hooks import JobKind, Owned, Periodic

JOBS = (
    JobKind("jobs.trial", _("Trial of the workers"), keeping.trial, Permission.JOBS_EDIT, attempts=5),
    JobKind("jobs.forget_old", _("Throwing away old logs of jobs"), keeping.forget_old, attempts=3),
)
PERIODIC = (Periodic("jobs.forget_old", at_hour=3),)
OWNED = (Owned("jobs.Job", "by", "a job belongs to whoever asked for it and is kept as long as logs are"),)
ACTIONS = (
    ("jobs.enqueue", _("asked for a background job")),
    ("jobs.cancel", _("cancelled a background job")),
    ("jobs.repeat", _("had a background job tried again")),
)
