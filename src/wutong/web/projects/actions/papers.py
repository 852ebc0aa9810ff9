"""Papers on which something about a project rests: files that hang on it."""

from __future__ import annotations

from django.db.models import Q

from wutong.web.journal.models import Attachment
from wutong.web.projects.models import Agreement, AgreementDecision, AgreementVersion, Opinion, OpinionAsk, Project


def is_file_here(attachment: Attachment | None, project: Project, ask: OpinionAsk | None = None) -> bool:
    """Whether a file, where there is one, hangs on the project, or on the question that its opinion answers, and was not deleted."""
    if attachment is None:
        return True
    places = [(Project._meta.label, project.public_id), *([(OpinionAsk._meta.label, ask.public_id)] if ask is not None else [])]
    return (attachment.model, attachment.record) in places and attachment.hidden_at is None


def lock_files(agreement: Agreement) -> None:
    """Lock the files on which an agreement rests, after its project: whoever deletes one meanwhile waits, and then finds it signed."""
    versions = AgreementVersion.objects.filter(agreement=agreement).values("attachment")
    opinions = Opinion.objects.filter(agreement=agreement).values("attachment")
    minutes = AgreementDecision.objects.filter(agreement=agreement).values("minutes")
    found = Attachment.objects.select_for_update(of=("self",)).filter(Q(pk__in=versions) | Q(pk__in=opinions) | Q(pk__in=minutes))
    list(found.order_by("pk").values_list("pk"))
