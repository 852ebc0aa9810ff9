"""Batches (批量): lists that come in from files (批量导入) and can be undone whole, lists that go out as files (批量导出); both as jobs."""
