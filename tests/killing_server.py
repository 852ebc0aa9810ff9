"""Kill the server in the middle of a request, again and again, and do then what a person would do: look what is there, and go on.

What is counted afterwards is what stands: each import once with each of its records once, each export once with each of its rows once.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Event
from typing import Any
from urllib.parse import urlencode

from killing import Tally, administrator, count_export, count_import, entries_to_export, people_file
from nursery import Nursery, Server

MOMENTS = ("upload", "preview", "confirm", "ask", "download")
ROWS = 40
ENTRIES, ACTION = 400, "accounts.merge_unit"
TOKEN, MARK = "c" * 32, "wutongboundary"


class Person:
    """Somebody with a browser: one session, whichever server answers."""

    def __init__(self, user: Any) -> None:
        from django.test import Client

        import factories

        client = Client()
        factories.log_in(client, user)
        self.user, self.port = user, 0
        self._cookie = f"sessionid={client.session.session_key}; csrftoken={TOKEN}"

    def begin(self, address: str, body: bytes | None, kind: str = "", share: float = 1.0) -> HTTPConnection:
        """Send a request, or a share of it, without waiting for the answer."""
        asking = HTTPConnection("127.0.0.1", self.port, timeout=60)
        asking.putrequest("GET" if body is None else "POST", address)
        asking.putheader("Cookie", self._cookie)
        if body is not None:
            asking.putheader("Content-Type", kind)
            asking.putheader("Content-Length", str(len(body)))
        asking.endheaders()
        if body:
            asking.send(body[: int(len(body) * share)])
        return asking

    def get(self, address: str) -> bytes:
        """An answer, whole."""
        return self._answered(self.begin(address, None), 200)

    def post(self, address: str, **values: str) -> None:
        """Send a form; the answer leads to another page."""
        self._answered(self.begin(address, *form(**values)), 302)

    def upload(self, content: bytes) -> None:
        """Send a file; the answer leads to its page."""
        self._answered(self.begin(upload_address(), *file_form(content)), 302)

    @staticmethod
    def _answered(asking: HTTPConnection, status: int) -> bytes:
        answer = asking.getresponse()
        content, address = answer.read(), answer.headers.get("Location", "/batches/")
        asking.close()
        assert (answer.status, address.startswith("/batches/")) == (status, True), (answer.status, address, content[:2000])
        return content


def form(**values: str) -> tuple[bytes, str]:
    """A form as a browser sends it."""
    return urlencode({"csrfmiddlewaretoken": TOKEN, **values}).encode(), "application/x-www-form-urlencoded"


def file_form(content: bytes, name: str = "上传.csv") -> tuple[bytes, str]:
    """A form with a file as a browser sends it."""
    fields = f'--{MARK}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n'
    file = f'--{MARK}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    return fields.encode() + file.encode() + content + f"\r\n--{MARK}--\r\n".encode(), f"multipart/form-data; boundary={MARK}"


def upload_address() -> str:
    """Where a list of people is sent."""
    from django.urls import reverse

    return str(reverse("batches:import-new", args=["accounts.people"]))


def server_rounds(environment: Mapping[str, str], number: int, *, seed: int = 17) -> Tally:
    """So many kills of the server: while half of a file is sent, while it is checked, while its writing is asked for, while an export is
    asked for, while a file is fetched.
    """
    chance, tally = random.Random(seed), Tally()
    importer, exporter = Person(administrator()), Person(entries_to_export(ENTRIES, ACTION))
    nursery, servers = Nursery(environment), list[Server]()
    try:
        servers.append(Server(nursery))

        def kill(asking: HTTPConnection, seconds: float) -> None:
            time.sleep(chance.uniform(0, seconds))
            servers[0].kill()
            tally.kills += 1
            asking.close()
            servers[0] = Server(nursery)
            importer.port = exporter.port = servers[0].port

        importer.port = exporter.port = servers[0].port
        for turn in range(number):
            moment = MOMENTS[turn % len(MOMENTS)]
            if moment in {"ask", "download"}:
                _export_round(exporter, moment, turn, kill, tally)
            else:
                _import_round(importer, moment, turn, kill, tally)
            tally.rounds, tally.jobs = tally.rounds + 1, tally.jobs + 1
    finally:
        for server in servers:
            server.kill()
        nursery.end()
    return tally


def _work() -> None:
    from wutong.web.jobs.tasks import working

    while working.take(worker="killing", stopping=Event()):
        pass


def _import_round(person: Person, moment: str, turn: int, kill: Any, tally: Tally) -> None:
    from django.urls import reverse

    from wutong.web.audit.models import Entry
    from wutong.web.batches.models import ImportBatch

    prefix = f"up{turn:03d}x"
    content = people_file(prefix, person.user.unit.name_zh, ROWS)
    found = ImportBatch.objects.filter(sha256=hashlib.sha256(content).hexdigest())
    if moment == "confirm":
        person.upload(content)
        page = reverse("batches:import-start", args=[found.get().public_id])
        kill(person.begin(page, *form(mode="whole")), 0.06)
    else:
        share = (turn % 17 + 1) / 18 if moment == "upload" else 1.0
        kill(person.begin(upload_address(), *file_form(content), share), 0.15)
    if not found.exists():
        person.upload(content)
    batch = found.latest("pk")
    if batch.state == "checking":
        person.post(reverse("batches:import-columns", args=[batch.public_id]))
        batch.refresh_from_db()
    if batch.state == "checked":
        person.post(reverse("batches:import-start", args=[batch.public_id]), mode="whole")
    _work()
    count_import(tally, batch, prefix, ROWS)
    there = found.count()
    entries = Entry.objects.filter(action="batches.upload", object_id__in=[str(one.public_id) for one in found]).count()
    whole = sum(hashlib.sha256((one.path / "file").read_bytes()).hexdigest() == one.sha256 for one in found)
    tally.lost += (there - whole) + max(0, there - entries)
    tally.doubled += (there - 1) + max(0, entries - there)
    tally.done += batch.state == "done"


def _export_round(person: Person, moment: str, turn: int, kill: Any, tally: Tally) -> None:
    from django.urls import reverse

    from wutong.web.batches.models import ExportBatch

    query = urlencode({"action": ACTION, "n": turn})
    address = f"{reverse('batches:file-new', args=['audit.entries'])}?{query}"
    found = ExportBatch.objects.filter(query=query)
    if moment == "ask":
        kill(person.begin(address, *form(format="csv")), 0.06)
    if not found.exists():
        person.post(address, format="csv")
    batch = found.latest("pk")
    _work()
    page = reverse("batches:file-download", args=[batch.public_id])
    if moment == "download":
        asking = person.begin(page, None)
        with suppress(OSError, HTTPException):
            asking.getresponse().read(1000)
        kill(asking, 0.02)
    count_export(tally, batch, ENTRIES, person.get(page).decode("utf-8-sig"))
    tally.doubled += found.count() - 1
    tally.done += batch.state == "ready"
