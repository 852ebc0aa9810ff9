"""Lines of the log: readable by programs, with the request's id, without personal data."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.test import Client

from wutong.web.lib import logs

Browser = Callable[..., Client]


def line(message: str, *, error: BaseException | None = None, **extra: object) -> dict[str, object]:
    info = None
    if error is not None:
        try:
            raise error
        except type(error):
            info = sys.exc_info()
    record = logging.LogRecord("room", logging.INFO, __file__, 1, message, (), info)
    record.__dict__.update(extra)
    told: dict[str, object] = json.loads(logs.Json().format(record))
    return told


@pytest.mark.parametrize(
    "personal", ["13812345678", "138 1234 5678", "0371-65901234", "110101199003070011", "li.lei@example.cn", "+8613812345678"]
)
def test_numbers_and_addresses_of_people_are_blotted_out(personal: str) -> None:
    assert personal not in str(line(f"called {personal} twice")["message"])


@pytest.mark.parametrize("plain", ["500,000 rows in 12 s", "on 2026-11-25", "2026-11-25 08:30", "410700", "took 123456 ms"])
def test_other_numbers_stay(plain: str) -> None:
    assert line(plain)["message"] == plain


def test_an_error_is_told_with_its_way_through_the_code() -> None:
    told = str(line("failed", error=ValueError("row 7"))["error"])
    assert "test_logs.py" in told
    assert told.endswith("ValueError: row 7")


def test_what_a_database_quotes_of_a_row_is_left_out() -> None:
    told = str(line("failed", error=IntegrityError("duplicate key (name)=(张三)"))["error"])
    assert "张三" not in told
    assert told.endswith("IntegrityError")


@pytest.mark.django_db
def test_a_request_is_logged_by_view_and_number_and_not_by_what_was_searched(client_of: Browser, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "wutong.requests"):
        client_of("system_admin").get("/accounts/people/", {"text": "张三"})
    record = next(record for record in caplog.records if record.name == "wutong.requests")
    told = json.loads(logs.Json().format(record))
    assert (told["view"], told["method"], told["status"]) == ("accounts:list", "GET", 200)
    assert isinstance(told["person"], int)
    assert "张三" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.django_db
def test_a_supervisor_that_asks_every_second_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "wutong.requests"):
        Client().get("/health/ready")
    assert not [record for record in caplog.records if record.name == "wutong.requests"]
