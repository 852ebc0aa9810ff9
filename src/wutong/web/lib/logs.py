"""The log of the server: one JSON object a line, with the request's id, and without personal data.

Why: logs are kept for months, are read by people who may see no record, and are sent to other machines. So a line names the view and not
the address with what was searched, the person by number, and whatever looks like a telephone number, an identity number or an e-mail
address is blotted out. Who did what stands in the audit chain.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import time
import traceback
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from wutong.web.lib import access
from wutong.web.lib.access import GetResponse

requests = logging.getLogger("wutong.requests")
_BLOT = "[…]"
_DAY = r"\d{4}-\d{2}-\d{2}"
_PERSONAL = re.compile(rf"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w-])(?!{_DAY}(?!\d))\+?\d[\d -]{{5,}}\d[\dXx]?(?![\w-])")
_FIELDS = ("view", "method", "status", "took_ms", "person")


def without_personal(text: str) -> str:
    """The text, with e-mail addresses and numbers of seven and more digits blotted out; a day such as 2026-11-25 stays."""
    return _PERSONAL.sub(_BLOT, text)


class Json(logging.Formatter):
    """A record as one line of JSON: at, level, logger, message, request, and what the record brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal(record.getMessage()),
        }
        if request_id := access.origin().request_id:
            line["request"] = request_id
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def told(error: BaseException) -> str:
    """An exception with its way through the code. Why: what a database says of a row it refused quotes the row."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    said = "" if isinstance(error, DatabaseError) else f": {without_personal(str(error))}"
    return f"{frames}{type(error).__qualname__}{said}"


class Requests:
    """Log each request when it is answered: which view, by which person (a number), with what status, in how many milliseconds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        user = getattr(request, "_cached_user", None)  # who was asked for anyway: a line of the log is worth no question to the database
        view = match.view_name if match else ""
        if view in {"live", "ready"}:
            return response
        about = {
            "view": view or "(none)",
            "method": request.method,
            "status": response.status_code,
            "took_ms": round((time.perf_counter() - began) * 1000),
            "person": user.pk if user is not None and user.is_authenticated else None,
        }
        level = logging.ERROR if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
        requests.log(level, "%s %s", about["method"], about["view"], extra=about)
        return response
