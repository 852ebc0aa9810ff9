"""三员分立 in this room: the audit administrator reads the audit and does nothing else; the other two do not read it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from architecture.test_access_sweep import GUARDED, OWN, REFUSED, call, jobs_records
from cast import Cast
from web.accounts.test_three_administrators import OWN as TRIED_AS_OWN
from wutong.web.accounts.rules.access import roles
from wutong.web.audit.models import Entry

pytestmark = pytest.mark.usefixtures("no_log")
AUDIT = [address for address in GUARDED if address.name.startswith("audit:") and address.name != "audit:history"]
ELSEWHERE = [address for address in GUARDED if not address.name.startswith("audit:") and address.name not in OWN]


def test_the_rights_of_the_three_do_not_meet_but_in_looking_at_people() -> None:
    held = {name: set(roles()[name].permissions) for name in ("system_admin", "security_admin", "audit_admin")}
    for one, other in (("system_admin", "security_admin"), ("system_admin", "audit_admin"), ("security_admin", "audit_admin")):
        assert {str(permission) for permission in held[one] & held[other]} <= {"accounts.view"}, (one, other)
    assert {str(permission) for permission in held["audit_admin"]} == {"audit.view", "audit.export"}


@pytest.mark.parametrize("name", ["system_admin", "security_admin"])
def test_the_other_two_reach_nothing_of_the_audit(client_of: Callable[..., Client], cast: Cast, name: str) -> None:
    client, records = client_of(name), {"audit:detail": {"pk": Entry.objects.earliest("sequence").public_id}}
    before = Entry.objects.count()
    for address in AUDIT:
        for method in ("GET", "POST"):
            url = address.url(records.get(address.name))
            assert call(client, method, address.name, url).status_code in REFUSED, f"{name}: {method} {url}"
    assert Entry.objects.count() == before


@pytest.mark.once
def test_the_audit_administrator_changes_nothing_of_files_jobs_and_messages(client_of: Callable[..., Client], cast: Cast) -> None:
    """What tests/web/accounts/test_three_administrators.py leaves out, for it is everybody's own, or tries without a record."""
    # A long export of the audit itself is his own work; that of a list of firms is not.
    records = jobs_records(cast) | {"batches:file-new": {"code": "firms.list"}}
    client, faults = client_of("audit_admin"), []
    left = [address for address in ELSEWHERE if address.name in records or address.name in TRIED_AS_OWN]
    assert {"batches:file-new", "jobs:read", "api-1:job"} <= {address.name for address in left}
    for address in left:
        url = address.url(records.get(address.name))
        before = Entry.objects.count()
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status = call(client, method, address.name, url).status_code
            if status not in REFUSED:
                faults.append(f"{method} {url} answers {status}")
        if Entry.objects.count() != before:
            faults.append(f"{url}: something was done")
    assert not faults, "\n".join(faults)
