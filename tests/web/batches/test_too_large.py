"""What is larger than an address takes is refused before it is read, in words that name the limit."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from wutong.web.batches.models import ImportBatch

Clients = Callable[[str], Client]
PAGE = reverse("batches:import-new", args=["accounts.people"])
BOUNDARY = "b0"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Unreadable(BytesIO):
    """A body that nobody may read."""

    def read(self, *args: Any) -> bytes:
        """Too early."""
        raise AssertionError("the body was read")


def sent(client: Client, body: BytesIO, address: str = PAGE, **environ: Any) -> Any:
    """A request as a server hands it over."""
    return client.generic(
        "POST", address, b"", FORM, **{"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_TYPE": FORM, **environ}
    )


def form(content: bytes) -> BytesIO:
    """A form with a file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    return BytesIO(head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode())


def test_a_length_over_the_limit_is_refused_unread(client_of: Clients, batches: Any, settings: Any) -> None:
    settings.IMPORT_LARGEST_MB = 70
    answer = sent(client_of("system_admin"), Unreadable(), CONTENT_LENGTH="300000000")
    assert answer.status_code == 413
    assert "最多接收 70 MB" in answer.content.decode()
    assert "300 MB" in answer.content.decode()
    assert not ImportBatch.objects.exists() and not list(batches.iterdir())


@pytest.mark.parametrize(("megabytes", "is_refused"), [(70, False), (71, False), (72, True)])
def test_the_limit_is_that_of_the_file_and_a_little_for_its_form(
    client_of: Clients, settings: Any, megabytes: int, is_refused: bool
) -> None:
    settings.IMPORT_LARGEST_MB = 70
    answer = sent(client_of("system_admin"), form(b""), CONTENT_LENGTH=str(megabytes * 1_000_000))
    assert (answer.status_code == 413) is is_refused


def test_what_comes_in_chunks_is_read_no_further_than_the_limit(client_of: Clients, batches: Any, settings: Any) -> None:
    settings.IMPORT_LARGEST_MB = 1
    client = client_of("system_admin")
    small = sent(client, form("用户名,姓名,单位\na,甲,青桐市招商局".encode()), HTTP_TRANSFER_ENCODING="chunked")
    assert (small.status_code, ImportBatch.objects.get().counts["rows"]) == (302, 1)
    body = form(b"x" * 9_000_000)
    large = sent(client, body, HTTP_TRANSFER_ENCODING="chunked")
    assert large.status_code == 413
    assert "最多接收 1 MB" in large.content.decode()
    assert body.tell() < 2_200_000
    assert ImportBatch.objects.count() == 1


def test_who_may_not_import_sends_no_more_than_anybody(client_of: Clients, settings: Any) -> None:
    settings.REGISTRY_LARGEST_MB = 4_000
    address, length = reverse("batches:registry"), {"CONTENT_LENGTH": "3000000000"}
    assert sent(client_of("bureau_officer"), Unreadable(), address, **length).status_code == 413
    assert sent(Client(), Unreadable(), address, **length).status_code == 413
    with pytest.raises(AssertionError, match="was read"):
        sent(client_of("system_admin"), Unreadable(), address, **length)


def test_the_api_says_it_as_a_problem(client_of: Clients) -> None:
    answer = sent(client_of("system_admin"), Unreadable(), "/api/search", CONTENT_LENGTH="300000000")
    assert (answer.status_code, answer.headers["Content-Type"], answer.json()["status"]) == (413, "application/problem+json", 413)
