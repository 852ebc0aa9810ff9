"""Tables of the room: imports with the records they made, and exports."""

from wutong.web.batches.models.exports import ExportBatch, ExportBatchQuerySet
from wutong.web.batches.models.imports import ImportBatch, ImportBatchQuerySet, ImportedRecord, ImportedRecordQuerySet

__all__ = ["ExportBatch", "ExportBatchQuerySet", "ImportBatch", "ImportBatchQuerySet", "ImportedRecord", "ImportedRecordQuerySet"]
