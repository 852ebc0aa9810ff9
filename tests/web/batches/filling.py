"""A file to import, and a worker that works off what is queued."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from threading import Event
from typing import Any

import xlsxwriter

from wutong.web.jobs.tasks import working

HEAD = ("用户名", "姓名", "单位", "电子邮箱")


def workbook(rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> bytes:
    """An XLSX file with one sheet."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("人员")
    for number, row in enumerate([head, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def work() -> None:
    """Work off whatever waits."""
    while working.take(worker="a", stopping=Event()):
        pass
