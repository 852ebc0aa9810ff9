"""What batches offers to others."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.batches import sheets
from wutong.web.batches.actions import imports as writing
from wutong.web.batches.actions import undoing
from wutong.web.batches.actions.exports import EXPORT
from wutong.web.batches.actions.registry import BUILD
from wutong.web.batches.queries import pages, results
from wutong.web.batches.queries import registry as builds
from wutong.web.batches.tasks import exports, imports, registry
from wutong.web.lib.exchange import Exporting
from wutong.web.lib.hooks import Fact, JobKind, NavItem, Owned, Periodic, Personal, UnitOwned


def _import(arguments: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    return reverse("batches:import", args=[result["batch"]]) if len(str(result.get("batch", ""))) == 36 else reverse("batches:imports")


def _import_of(user: Any, query: Any) -> Any:
    return pages.opened(user, query.get("import", ""))


def _export(arguments: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    return reverse("batches:file", args=[result["export"]]) if result.get("export") else reverse("batches:files")


def _registry(arguments: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    return reverse("batches:registry-file", args=[result["file"]]) if result.get("file") else reverse("batches:registry")


class _FormerValues(Personal):
    """What records held before an import changed them; those of a user are named by model and key, for there is no foreign key."""

    def of(self, user: Any) -> Any:
        """Former values of a user's account. Deleted, the undo of the import leaves the account as it is."""
        return super().of(user).filter(label=user._meta.label, was__isnull=False)


NAVIGATION = (NavItem("batches:registry", _("Registry data"), "table", Permission.REGISTRY_EDIT, _("Administration"), order=924),)
JOBS = (
    JobKind(BUILD, _("Building the registry"), registry.make, Permission.REGISTRY_EDIT, attempts=3, address=_registry),
    JobKind(writing.CHECK, _("Checking a file to import"), imports.check, attempts=3, address=_import),
    JobKind(writing.WRITE, _("Importing rows"), imports.write, attempts=5, address=_import),
    JobKind(undoing.UNDO, _("Undoing an import"), imports.undo, attempts=5, address=_import),
    JobKind(EXPORT, _("Preparing an export"), exports.export, attempts=3, address=_export),
    JobKind("batches.let_go", _("Throwing away old files of exports"), exports.let_go, attempts=3),
)
EXPORTS = (
    Exporting(
        "batches.faults", _("Bad rows of an import"), "", lambda user, query: sheets.bad_title(_import_of(user, query)),
        lambda user, query: sheets.bad_columns(_import_of(user, query)), lambda user, query: sheets.bad_rows(_import_of(user, query)),
        "batches.export_faults", "batches.ImportBatch", is_open=lambda user, query: _import_of(user, query) is not None,
    ),
    Exporting(
        "batches.rejects", _("What a build could not use"), Permission.REGISTRY_EDIT,
        lambda user, query: sheets.rejects_title(query.get("build", "")), lambda user, query: sheets.REJECTS,
        lambda user, query: sheets.reject_rows(query.get("build", "")), "batches.export_rejects", "batches.Build",
        is_open=lambda user, query: query.get("build", "") in {build.build_id for build in builds.builds()},
    ),
)  # fmt: skip
PERIODIC = (Periodic("batches.let_go", at_hour=4),)
CHECKS = (results.findings,)
OWNED = (
    Owned("batches.ImportBatch", "by", "who imported stays on record; whoever may do the same for the unit can undo it"),
    Owned("batches.ImportBatch", "checked_by", "by whose rights rows were written stays on record"),
    Owned("batches.RegistryFile", "by", "who uploaded a registry file stays on record"),
    Owned("batches.ExportBatch", "by", "an export is a person's own and goes when its time is over"),
)
PERSONAL = (
    _FormerValues(
        "batches.ImportedRecord",
        ("was",),
        _("to undo an import"),
        _("needed to do the work of the office"),
        _("with the file, for as many days as WUTONG_IMPORT_KEPT_DAYS says"),
        _("erased after the account is closed, by the system administrator; else with the file, when its time is over"),
        of_user="record_id",
        erasure="deleted",
    ),
)
UNIT_OWNED = (
    UnitOwned("batches.ImportBatch", "unit", "an import belongs to the unit that made it"),
    UnitOwned("batches.RegistryFile", "unit", "a registry file belongs to the unit of whoever uploaded it"),
    UnitOwned("batches.ExportBatch", "unit", "an export belongs to the unit of whoever asked"),
)
ACTIONS = (
    ("batches.upload", _("uploaded a file to import")),
    ("batches.import", _("imported a file")),
    ("batches.undo", _("undid an import")),
    ("batches.take_over", _("took an import over")),
    ("batches.take_back", _("took back what an import had written")),
    ("batches.break_off", _("an import was left in the middle")),
    ("batches.keep", _("kept what stands of an import")),
    ("batches.end", _("an import left in the middle came to its end")),
    ("batches.drop", _("threw an import away")),
    ("batches.mend", _("mended a row of an import before it was written")),
    ("batches.upload_registry", _("uploaded a registry file")),
    ("batches.ask_build", _("asked for a build of the registry")),
    ("batches.build", _("built the registry")),
    ("batches.build_failed", _("a build of the registry failed")),
    ("batches.serve", _("let a build of the registry serve")),
    ("batches.export_rejects", _("exported what a build could not use")),
    ("batches.export_imports", _("exported the list of imports")),
    ("batches.export_faults", _("downloaded the bad rows of an import")),
    ("batches.ask_export", _("asked for an export")),
    ("batches.download", _("downloaded an export")),
    ("batches.drop_export", _("deleted an export")),
)
FACTS = (
    Fact("kind", _("kind"), action="batches."),
    Fact("bytes", _("size (bytes)"), action="batches."),
    Fact("made", _("records made"), action="batches."),
    Fact("changed", _("records changed"), action="batches."),
    Fact("undone", _("records undone"), action="batches."),
    Fact("left_out", _("rows left out"), action="batches."),
    Fact("build", _("build"), action="batches."),
    Fact("accepted", _("rows accepted"), action="batches."),
    Fact("format", _("format"), action="batches."),
)
