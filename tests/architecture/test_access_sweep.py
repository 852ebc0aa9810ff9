"""Every address × every method × everybody who should not get in. The only exceptions stand in settings.PUBLIC_URLS and OWN below."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.accounts import actions as accounts
from wutong.web.accounts.models import Posting
from wutong.web.audit.models import Entry

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What everybody who is logged in has for himself, whatever his role.
OWN = {
    "home",
    "account_change_password",
    "account_reauthenticate",
    "accounts:profile",
    "accounts:view-drop",
    "accounts:view-save",
    "jobs:export",
    "jobs:list",
    "jobs:messages",
    "jobs:read-all",
    "api-1:api-root",
    "api-1:me",
    "api-1:openapi-json",
    "api-1:openapi-view",
}
REFUSED = {403, 404, 405}
# Addresses that need a question before they ask who asks.
QUESTIONS = {
    "api-1:find": "?product=battery",
    "api-1:gaps": "?chain=power-battery&region=990100",
    "api-1:target_firms": "?chain=power-battery&region=990100",
    "api-1:supply_round_site": "?chain=power-battery&site=990100",
    "api-1:places_to_go": "?chain=power-battery&segment=cell&region=990100",
    "api-1:cluster": "?chain=power-battery&segment=cell&place=990100",
    "api-1:compare": "?chain=power-battery&b=990100",
    "api-1:explain": "?chain=power-battery&segment=cell&firm=x&region=990100",
}
# Addresses that read a body before they ask who asks.
BODIES = {"api-1:add_knock": '{"how": "call", "result": "no_interest"}'}


def call(client: Client, method: str, name: str, url: str) -> Any:
    """The answer of an address to a method, with the body that it needs."""
    return client.generic(
        method, url, BODIES.get(name, ""), content_type="application/json" if name in BODIES else "application/octet-stream"
    )


@dataclass(frozen=True)
class Address:
    """One pattern of the URL configuration."""

    name: str
    converters: tuple[tuple[str, str], ...]

    def url(self, values: dict[str, Any] | None = None) -> str:
        """The address with values for its parameters, or with ones that name nothing."""
        nothing = {"UUIDConverter": str(uuid.UUID(int=1)), "IntConverter": "1"}
        path = reverse(self.name, kwargs=values or {key: nothing.get(kind, "nothing") for key, kind in self.converters})
        return path + QUESTIONS.get(self.name, "")


def addresses() -> list[Address]:
    """All of them, with their full names."""

    def walk(patterns: list[URLPattern | URLResolver], space: str, taken: tuple[tuple[str, str], ...]) -> Iterator[Address]:
        for pattern in patterns:
            converters = taken + tuple((key, type(value).__name__) for key, value in pattern.pattern.converters.items())
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space, converters)
            else:
                assert pattern.name, f"{pattern} has no name, so the sweep cannot call it"
                yield Address(space + pattern.name, converters)

    return sorted(set(walk(get_resolver().url_patterns, "", ())), key=lambda address: address.name)


ALL = addresses()
GUARDED = [address for address in ALL if address.name not in settings.PUBLIC_URLS]


def home_records(cast: Cast) -> dict[str, dict[str, Any]]:
    """For each address of one record: one that belongs to 青桐市招商局, so that nobody of 白榆市 may open it."""
    person, unit = cast.bureau_officer.public_id, cast.units["bureau"].public_id
    posting = Posting.objects.get(user=cast.bureau_officer).public_id
    entry = Entry.objects.filter(by=None).first()
    assert entry is not None
    view = accounts.save_view(page="/firms/", name="液压", query="q=液压缸", by=cast.bureau_officer, at=factories.AT).public_id
    of_person = ("detail", "edit", "deactivate", "reactivate", "reset-password", "posting-new")
    return {
        **{f"accounts:{verb}": {"pk": person} for verb in of_person},
        "accounts:unit": {"pk": unit},
        "accounts:unit-edit": {"pk": unit},
        "accounts:posting-end": {"pk": posting},
        "accounts:view-drop": {"pk": view},
        "audit:detail": {"pk": entry.public_id},
        "audit:history": {"label": "accounts.User", "key": person},
        **leads_records(cast),
        **jobs_records(cast),
    }


def jobs_records(cast: Cast) -> dict[str, dict[str, Any]]:
    """A job of 青桐市招商局, a message to somebody there, a mail in the outbox and a robot."""
    me = cast.bureau_officer
    job = factories.job(me).public_id
    inside, outside = factories.message(me).public_id, factories.message(me, channel="email").public_id
    robot = factories.robot().public_id
    return {
        **{f"jobs:{verb}": {"pk": job} for verb in ("detail", "progress", "cancel", "repeat")},
        "api-1:job": {"job_id": job},
        "jobs:read": {"pk": inside},
        "jobs:resend": {"pk": outside},
        "jobs:settle": {"pk": outside},
        "jobs:robot-edit": {"pk": robot},
        "jobs:robot-try": {"pk": robot},
    }


def leads_records(cast: Cast) -> dict[str, dict[str, Any]]:
    """A list of 青桐市招商局 with a firm and a knock, for every address of the room leads that shows or changes one."""
    import factories

    me = cast.bureau_officer
    target = factories.target_list(me)
    (row,) = factories.listed(target)
    knock = factories.knock(row, me)
    of_list = ("detail", "edit", "close", "reopen", "add", "assign", "rows-export")
    of_row = ("row", "knock", "plan", "settle", "row-reopen", "remove", "restore", "move")
    return {
        **{f"leads:{verb}": {"pk": target.public_id} for verb in of_list},
        **{f"leads:{verb}": {"pk": row.public_id} for verb in of_row},
        "leads:correct": {"pk": knock.public_id},
        "api-1:list_rows": {"list_id": target.public_id},
        "api-1:add_knock": {"row_id": row.public_id},
    }


def text_of(response: Any) -> str:
    """What an answer says, a spreadsheet's cells included."""
    if getattr(response, "streaming", False):
        content = b"".join(response.streaming_content)
        if "spreadsheet" in response.headers["Content-Type"]:
            book = CalamineWorkbook.from_filelike(BytesIO(content))
            return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
        return content.decode("utf-8", "replace")
    return response.content.decode("utf-8", "replace")


@pytest.mark.parametrize("address", GUARDED, ids=lambda address: address.name)
def test_nobody_gets_in_without_logging_in(db: None, address: Address) -> None:
    for method in METHODS:
        response = Client().generic(method, address.url())
        is_refused = response.status_code == 401 or (response.status_code == 302 and response.headers["Location"].startswith("/login/"))
        assert is_refused, f"{method} {address.url()} answers {response.status_code}"


@pytest.mark.parametrize("address", [a for a in GUARDED if a.name not in OWN], ids=lambda address: address.name)
def test_somebody_without_a_role_gets_in_nowhere(client_of: Callable[..., Client], cast: Cast, address: Address) -> None:
    client = client_of("no_role")
    values = home_records(cast).get(address.name)
    before = Entry.objects.count()
    for method in METHODS:
        assert call(client, method, address.name, address.url(values)).status_code in REFUSED, f"{method} {address.url(values)}"
    assert Entry.objects.count() == before, "something was done"


@pytest.mark.parametrize("name", ["park_officer", "department_officer", "other_officer", "other_leader"])
def test_a_record_of_another_unit_or_region_is_not_found(client_of: Callable[..., Client], cast: Cast, name: str) -> None:
    client = client_of(name)
    records = home_records(cast)
    before = Entry.objects.count()
    for address_name, values in records.items():
        for method in METHODS:
            response = call(client, method, address_name, reverse(address_name, kwargs=values))
            assert response.status_code in REFUSED, f"{method} {address_name} answers {name} with {response.status_code}"
    assert Entry.objects.count() == before, "something was done"


@pytest.mark.parametrize("name", ["park_officer", "other_officer", "other_leader", "adviser", "no_role"])
def test_no_list_export_or_api_answer_tells_of_people_one_may_not_see(client_of: Callable[..., Client], cast: Cast, name: str) -> None:
    from wutong.web.accounts.models import Unit, User

    me = User.objects.get(pk=cast.people[name].pk)
    hidden = set(User.objects.get_queryset().exclude(pk__in=User.objects.visible_to(me)).values_list("display_name", flat=True))
    hidden |= {unit.name_zh for unit in Unit.objects.all() if unit not in Unit.objects.visible_to(me)} - {me.unit.name_zh}
    client = client_of(name)
    for address in GUARDED:
        if not address.converters:
            said = text_of(client.get(address.url()))
            told = {word for word in hidden if f">{word}<" in said or f'"{word}"' in said or f"'{word}'" in said}
            assert not told, f"{address.name} tells {name} of {told}"


def test_every_record_address_of_these_rooms_has_a_record_to_try(cast: Cast) -> None:
    rooms = {"accounts", "audit", "jobs", "leads"}
    of_records = {address.name for address in GUARDED if address.converters and address.name.split(":")[0] in rooms}
    assert of_records - {"leads:of-firm"} <= set(home_records(cast))


def test_public_addresses_are_named_once_and_exist() -> None:
    names = {address.name for address in ALL}
    assert set(settings.PUBLIC_URLS) <= names
    assert not OWN & set(settings.PUBLIC_URLS)
    assert names >= OWN


def test_an_address_that_nobody_guards_would_be_found(db: None, settings: Any) -> None:
    settings.PUBLIC_URLS = [*settings.PUBLIC_URLS, "audit:list"]
    with pytest.raises((AssertionError, AttributeError)):
        test_nobody_gets_in_without_logging_in(None, Address("audit:list", ()))
