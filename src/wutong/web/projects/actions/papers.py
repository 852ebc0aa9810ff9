"""Papers on which something about a project rests: files that hang on it."""

from __future__ import annotations

from wutong.web.journal.models import Attachment
from wutong.web.projects.models import OpinionAsk, Project


def is_file_here(attachment: Attachment | None, project: Project, ask: OpinionAsk | None = None) -> bool:
    """Whether a file, where there is one, hangs on the project, or on the question that its opinion answers, and was not deleted."""
    if attachment is None:
        return True
    places = [(Project._meta.label, project.public_id), *([(OpinionAsk._meta.label, ask.public_id)] if ask is not None else [])]
    return (attachment.model, attachment.record) in places and attachment.hidden_at is None
