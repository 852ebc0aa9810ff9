"""Papers on which something about a project rests: files that hang on it."""

from __future__ import annotations

from wutong.web.journal.models import Attachment
from wutong.web.projects.models import Project


def is_file_here(attachment: Attachment | None, project: Project) -> bool:
    """Whether a file, where there is one, hangs on the project and was not deleted."""
    if attachment is None:
        return True
    return (attachment.model, attachment.record) == (Project._meta.label, project.public_id) and attachment.hidden_at is None
