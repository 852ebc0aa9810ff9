"""The files of a project as a person may open them: what hangs on it, and of what each is the text, the paper or the proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files
from wutong.web.projects.models import (
    AgreementDecision,
    AgreementVersion,
    CommitmentMark,
    Evidence,
    FundsEntry,
    FundsFile,
    Opinion,
    OpinionAsk,
    ProgressPhoto,
    Project,
)

PLACES = (Project._meta.label, OpinionAsk._meta.label)
"""On which records the files of projects hang."""
USES = (
    # what it is, by which model, the way to the project, to the file, and to the public id of what it belongs to
    ("text", AgreementVersion, "agreement__project", "attachment", "agreement__public_id"),
    ("opinion", Opinion, "agreement__project", "attachment", "agreement__public_id"),
    ("minutes", AgreementDecision, "agreement__project", "minutes", "agreement__public_id"),
    ("evidence", Evidence, "project", "attachment", "public_id"),
    ("money", FundsEntry, "project", "attachment", "public_id"),
    ("money", FundsFile, "entry__project", "attachment", "entry__public_id"),
    ("promise", CommitmentMark, "commitment__project", "attachment", "commitment__public_id"),
    ("photograph", ProgressPhoto, "report__project", "attachment", "report__public_id"),
)


@dataclass(frozen=True, slots=True)
class Use:
    """Of what a file is a paper: text, opinion or minutes of an agreement, evidence, money, promise, photograph of a report."""

    what: str
    of: UUID


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a project and what it is used for."""

    file: Attachment
    uses: tuple[Use, ...]


def opened(user: Any) -> Any:
    """The files of projects that a person may open: as on the pages, by the record on which each hangs; none that was deleted."""
    return Attachment.objects.visible_to(user).shown().stored().filter(model__in=PLACES)


def of_project(user: Any, project: Project) -> tuple[KeptFile, ...]:
    """The files of a project that a person may open, the oldest first: one question for each kind of use."""
    uses = _uses(user, project)
    hangs = Q(model=Project._meta.label, record=project.public_id)
    found = opened(user).filter(hangs | Q(pk__in=uses)).select_related("by").order_by("at", "pk")
    return tuple(KeptFile(one, uses.get(one.pk, ())) for one in found)


def _uses(user: Any, project: Project) -> Mapping[int, tuple[Use, ...]]:
    found: dict[int, list[Use]] = defaultdict(list)
    for what, model, way, file, key in USES:
        rows = model.objects.visible_to(user).filter(**{way: project, f"{file}__isnull": False}).order_by("pk")
        for held, of in rows.values_list(file, key):
            found[held].append(Use(what, of))
    return {held: tuple(dict.fromkeys(uses)) for held, uses in found.items()}


def is_there(file: Attachment | None) -> bool:
    """Whether a file can be handed out: nobody deleted it, and it lies in the data folder."""
    return file is not None and file.hidden_at is None and files.path_of(file.stored).is_file()
