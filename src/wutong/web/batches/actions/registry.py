"""A registry file comes in, is built beside the build that serves, and serves when somebody says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from wutong.engine.readers import ReadError
from wutong.web.accounts.actions.refusing import require
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.batches import rules
from wutong.web.batches.actions.imports import refuse
from wutong.web.batches.models import RegistryFile
from wutong.web.batches.queries import registry
from wutong.web.batches.rules import RegistryState
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job
from wutong.web.lib import uploads, warehouse

BUILD = "batches.build"


class Unreadable(Exception):  # noqa: N818 - a refusal, not a fault
    """The file is no registry; `fault` says what it is, in the words of the reader."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def _held(file: RegistryFile) -> RegistryFile:
    return RegistryFile.objects.select_for_update(of=("self",)).select_related("by", "job").get(pk=file.pk)


def upload(*, name: str, size_bytes: int, chunks: Iterable[bytes], by: Any, at: dt.datetime) -> RegistryFile:
    """Keep a registry file and read its headers, both before the transaction. Raises: NotAllowed, Refused, Unreadable."""
    require(by, Permission.REGISTRY_EDIT)
    refuse(rules.refusals_of_file(size_bytes=size_bytes, largest_mb=settings.REGISTRY_LARGEST_MB))
    made = RegistryFile(by=by, unit=by.unit, file_name=Path(name).name[-200:], size_bytes=size_bytes, uploaded_at=at)
    with uploads.folder_of(made.path):
        try:
            made.sha256 = uploads.keep(made.path / made.file_name, chunks)
            made.headers, made.columns = registry.headers_of(made.path / made.file_name, made.file_name)
        except ReadError as error:
            raise Unreadable(str(error).replace(f"{made.path}/", "")) from error
        _take_in(file=made, by=by, at=at)
    return made


@transaction.atomic
def _take_in(*, file: RegistryFile, by: Any, at: dt.datetime) -> None:
    file.save(force_insert=True)
    changes = {"file": file.file_name, "sha256": file.sha256, "bytes": file.size_bytes}
    audit.record(action="batches.upload_registry", by=by, at=at, obj=file, changes=changes)


@transaction.atomic
def ask_build(*, file: RegistryFile, columns: Mapping[str, str], by: Any, at: dt.datetime) -> RegistryFile:
    """Have the file built in the background, beside the build that serves. Raises: NotAllowed, Refused."""
    require(by, Permission.REGISTRY_EDIT)
    found = _held(file)
    others = Job.objects.filter(kind=BUILD, state__in=["queued", "running"])
    is_running = found.is_running
    has_name, is_there = bool(columns.get("name")), found.is_there
    refuse(rules.refusals_to_build(is_running=is_running, is_other_running=others.exists(), has_name=has_name, is_there=is_there))
    found.job = jobs.enqueue(kind=BUILD, arguments={"file": found.pk}, title=found.file_name, by=by, at=at)
    found.state, found.columns, found.fault = RegistryState.BUILDING, dict(columns), ""
    found.save(update_fields=["job", "state", "columns", "fault"])
    audit.record(action="batches.ask_build", by=by, at=at, obj=found, changes={"file": found.file_name, "sha256": found.sha256})
    return found


@transaction.atomic
def note_built(*, file: RegistryFile, build_id: str, report: Mapping[str, Any], by: Any, at: dt.datetime) -> RegistryFile:
    """The build stands and does not serve yet: one entry with the file's hash, and whoever asked is told."""
    found = _held(file)
    found.state, found.build_id, found.report, found.built_at = RegistryState.BUILT, build_id, dict(report), at
    found.save(update_fields=["state", "build_id", "report", "built_at"])
    audit.record_import(
        action="batches.build", by=by, at=at, obj=found, file=found.file_name, sha256=found.sha256, rows=int(report["rows"]),
        changes={"build": build_id, "accepted": report["accepted"], "left_out": report["left_out"]},
    )  # fmt: skip
    jobs.tell(
        to=found.by, key=f"batches.build:{build_id}", by=by, at=at, address=f"/batches/registry/{found.public_id}/",
        words=lambda: (_("Registry built: %(file)s") % {"file": found.file_name}, _("It does not serve yet.")),
    )  # fmt: skip
    return found


@transaction.atomic
def note_failed(*, file: RegistryFile, fault: str, by: Any, at: dt.datetime) -> RegistryFile:
    """The build could not be made; what serves goes on."""
    found = _held(file)
    found.state, found.fault = RegistryState.FAILED, fault[:2000]
    found.save(update_fields=["state", "fault"])
    audit.record(action="batches.build_failed", by=by, at=at, obj=found, changes={"fault": found.fault})
    return found


@transaction.atomic
def serve(*, build_id: str, by: Any, at: dt.datetime) -> None:
    """Let a build that stands serve, a new one or an older one. Raises: NotAllowed, Refused."""
    require(by, Permission.REGISTRY_EDIT)
    there = tuple(build.build_id for build in registry.builds())
    was = warehouse.served_id()
    refuse(rules.refusals_to_serve(build_id, there=there, served_id=was))
    audit.record(
        action="batches.serve", by=by, at=at, object_type="batches.Build", object_id=build_id, object_label=build_id,
        changes={"build": {"old": was, "new": build_id}},
    )  # fmt: skip
    warehouse.serve(build_id)
