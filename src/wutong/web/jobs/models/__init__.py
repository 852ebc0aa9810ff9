"""Tables of the room: jobs with their logs; messages and robots."""

from wutong.web.jobs.models.job import Job, JobLine, JobLineQuerySet, JobQuerySet
from wutong.web.jobs.models.message import Message, MessageQuerySet, Robot, RobotQuerySet

__all__ = ["Job", "JobLine", "JobLineQuerySet", "JobQuerySet", "Message", "MessageQuerySet", "Robot", "RobotQuerySet"]
