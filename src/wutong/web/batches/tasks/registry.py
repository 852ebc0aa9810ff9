"""Background entry point of registry builds."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.engine import build, mapping
from wutong.engine.publishing import AlreadyBuildingError
from wutong.rulebook import load
from wutong.web.batches.actions import registry
from wutong.web.batches.models import RegistryFile
from wutong.web.lib.hooks import JobFault, Running


def make(job: Running) -> dict[str, Any]:
    """Build a registry file to a new folder. Repeated where its worker is killed: a broken-off build leaves nothing that counts."""
    file = RegistryFile.objects.select_related("by").get(pk=job.arguments["file"])
    chosen = file.path / "mapping.yaml"
    mapping.write_file(chosen, file.columns, file.file_name)

    def tell(step: str, done: int, total: int) -> None:
        job.step(step, done, total)
        job.stop_if_cancelled()

    try:
        report = build.run(
            [file.path / file.file_name], out=settings.WAREHOUSE, rulebook=load.rulebook(), mapping=chosen, progress=tell, serve=False
        )
    except AlreadyBuildingError as error:
        registry.note_failed(file=file, fault=str(error), by=file.by, at=timezone.now())
        raise JobFault(_("Another build is being made; try again when it has ended."), is_final=False) from error
    except Exception as error:  # whatever it is, the page must say it, and the old build serves on
        registry.note_failed(file=file, fault=str(error) or type(error).__name__, by=file.by, at=timezone.now())
        raise JobFault(str(error)) from error
    told = {
        "rows": report.rows, "accepted": report.accepted, "left_out": report.left_out, "rejected_values": report.rejected_values,
        "seconds": round(report.seconds, 1),
    }  # fmt: skip
    result = {"file": str(file.public_id), "build": report.build_id}
    with job.fenced(result=result):
        registry.note_built(file=file, build_id=report.build_id, report=told, by=file.by, at=timezone.now())
    return result
