"""Tables of the room: imports with the records they made, exports, and registry files."""

from wutong.web.batches.models.exports import ExportBatch, ExportBatchQuerySet
from wutong.web.batches.models.imports import ImportBatch, ImportBatchQuerySet, ImportedRecord, ImportedRecordQuerySet
from wutong.web.batches.models.registry import RegistryFile, RegistryFileQuerySet

__all__ = [
    "ExportBatch",
    "ExportBatchQuerySet",
    "ImportBatch",
    "ImportBatchQuerySet",
    "ImportedRecord",
    "ImportedRecordQuerySet",
    "RegistryFile",
    "RegistryFileQuerySet",
]
