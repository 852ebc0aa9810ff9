"""Tables of the room: jobs with their logs; messages and robots."""

from wutong.web.jobs.models.job import Job, JobLine, JobLineQuerySet, JobQuerySet

__all__ = ["Job", "JobLine", "JobLineQuerySet", "JobQuerySet"]
