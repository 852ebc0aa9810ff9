"""No page of the office shuts anybody out (journal, batches, rules, search, log-in, mergers), and none is wider than a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

import fictional

pytestmark = pytest.mark.django_db(transaction=True)
RULE = "leads.stale_days:\n  source: {title: 办法, date: 2026-11-20}\n  values: {2026-12-01: 21}\n"


def addresses(people: Any) -> dict[str, tuple[str, ...]]:
    """Who looks at what, each page with something on it."""
    import factories
    from wutong.web.audit.models import Entry
    from wutong.web.rulebooks.actions import documents

    me, other = people.bureau_officer, people.adviser.public_id
    target = factories.target_list(me)
    factories.comment(target, me, text="已电话沟通"), factories.attachment(target, me)
    duty = factories.duty(me, by=people.bureau_leader, record=target)
    batch, file, job = factories.import_batch(me), factories.export_batch(me), factories.job(me)
    factories.token(me), factories.wrong_log_in(me), factories.message(me), factories.robot(), factories.officer(me)
    version = documents.begin(kind="parameters", text=RULE, begins_on=dt.date(2026, 12, 1), by=me, at=factories.AT)
    entry, firm = Entry.objects.filter(by=None).first(), fictional.firm_id(fictional.TARGET)
    assert entry is not None
    return {
        "security_admin": (
            "/accounts/lock-outs/", "/accounts/personal-data/", "/accounts/personal-data/of-a-person/", f"/accounts/people/{other}/log-in/",
            f"/accounts/people/{other}/postings/new/", "/accounts/profile/sessions/", "/accounts/profile/second-factor/",
        ),
        "system_admin": (
            "/accounts/units/", f"/accounts/people/{me.public_id}/leave/", "/jobs/", "/jobs/outbox/", "/jobs/robots/",
            "/batches/registry/", "/journal/calendar/",
        ),
        "audit_admin": ("/audit/", f"/audit/{entry.public_id}/"),
        "bureau_leader": (
            "/rules/", "/rules/leaves/leads.stale_days/", "/rules/parameters/versions/", "/accounts/officers/", "/search/?q=液压",
        ),
        "bureau_officer": (
            "/journal/duties/", "/journal/duties/week/", f"/journal/duties/{duty.public_id}/", "/journal/duties/new/",
            "/journal/reminders/", f"/journal/of/leads.TargetList/{target.public_id}/", "/batches/imports/",
            f"/batches/imports/{batch.public_id}/",
            f"/batches/exports/{file.public_id}/", f"/jobs/{job.public_id}/", "/jobs/messages/", "/accounts/profile/tokens/",
            f"/rules/drafts/{version.public_id}/", f"/firms/{firm}/merge/", "/firms/merging/", "/accounts/profile/",
        ),
    }  # fmt: skip


@pytest.mark.once
def test_no_page_of_the_office_shuts_anybody_out(log_in: Callable[..., Any], people: Any, axe: str) -> None:
    found: list[Any] = []
    for who, pages in addresses(people).items():
        page = log_in(who, start="about:blank")
        for address in pages:
            answer = page.goto(address, wait_until="load")
            assert answer.status == 200, address
            page.evaluate(axe)
            tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'cat.tables']"
            result = page.evaluate(f"axe.run('main', {{runOnly: {tags}, resultTypes: ['violations']}})")
            found += [(address, fault["id"], fault["nodes"][0]["target"]) for fault in result["violations"]]
            page.set_viewport_size({"width": 390, "height": 800})
            if not page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
                found.append((address, "wider than a phone"))
            page.set_viewport_size({"width": 1440, "height": 900})
    assert found == []
