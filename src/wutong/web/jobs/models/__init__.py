"""Tables of the room: jobs with their logs; messages, robots and subscriptions of events."""

from wutong.web.jobs.models.job import Job, JobLine, JobLineQuerySet, JobQuerySet
from wutong.web.jobs.models.message import Message, MessageQuerySet, Robot, RobotQuerySet
from wutong.web.jobs.models.webhook import Webhook, WebhookQuerySet

__all__ = [
    "Job",
    "JobLine",
    "JobLineQuerySet",
    "JobQuerySet",
    "Message",
    "MessageQuerySet",
    "Robot",
    "RobotQuerySet",
    "Webhook",
    "WebhookQuerySet",
]
