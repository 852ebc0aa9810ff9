"""Where a project is found, and what audit entries call nodes and evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.urls import reverse

from wutong.web.projects.models import Project
from wutong.web.projects.queries import lifecycles


def address_of(project: Project) -> str:
    """The page of a project."""
    return reverse("projects:project", args=[project.public_id])


class Names(Mapping[str, str]):
    """Codes of the lifecycle and their names in the language of the reader, asked when they are read: the region's file may add some."""

    def __init__(self, codes: Callable[[], Mapping[str, Any]], name: Callable[[str], str]) -> None:
        self._codes, self._name = codes, name

    def __getitem__(self, code: str) -> str:
        if code not in self._codes():
            raise KeyError(code)
        return self._name(code)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes())

    def __len__(self) -> int:
        return len(self._codes())


OF_NODES = Names(lambda: lifecycles.in_force().nodes, lifecycles.node_name)
OF_EVIDENCE = Names(lambda: lifecycles.in_force().evidence, lifecycles.evidence_name)


def of_owner_page(person: Any) -> str:
    """The page of the projects that a person answers for or owes something of."""
    return reverse("projects:of-person", args=[person.public_id])


def details_of(project: Project) -> str:
    """Where the API tells of a project."""
    return reverse("api-1:project", args=[project.public_id])
