"""Tables of the journal."""

from wutong.web.journal.models.calendar import CalendarYear
from wutong.web.journal.models.duties import DeadlineRequest, Duty, DutyQuerySet, DutyStep
from wutong.web.journal.models.notes import Attachment, AttachmentQuerySet, Comment, CommentQuerySet
from wutong.web.journal.models.reminding import Reminded, Reminding

__all__ = [
    "Attachment",
    "AttachmentQuerySet",
    "CalendarYear",
    "Comment",
    "CommentQuerySet",
    "DeadlineRequest",
    "Duty",
    "DutyQuerySet",
    "DutyStep",
    "Reminded",
    "Reminding",
]
