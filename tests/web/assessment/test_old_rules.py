"""A rule that was approved once and has a fault by the grammar of today: what was kept is shown, what needs the rule anew says why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast
from web.assessment import assessed, test_listed
from wutong.web.assessment.actions import bulletins, runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries import versions

pytestmark = pytest.mark.django_db
SAID = "本版本读不出本次核算的计分规则：rule.yaml:"


@pytest.fixture
def old(scheme: Scheme, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A published run with projects counted one by one, whose rule the reader of today refuses."""
    test_listed.of_zone(cast, 1, 3)
    assessed.approved(scheme, cast, test_listed.RULE)
    run = assessed.published(runs.freeze(run=assessed.drafted(scheme, cast), by=cast.assessor, at=assessed.AT), cast)
    text = run.version.text
    read = versions._Kept._read

    def stricter(self: versions._Kept, key: str, asked: str) -> object:
        return read(self, key, asked.replace("at_least: 2亿元", "at_least: 2亿元, known: no") if asked == text else asked)

    monkeypatch.setattr(versions, "_KEPT", versions._Kept(versions.MOST_CHARACTERS))
    monkeypatch.setattr(versions._Kept, "_read", stricter)
    assert versions.read(text)[0] is None, "a text of before has a fault today"
    return run


def test_pages_exports_and_api_show_what_was_kept_of_a_run_whose_rule_is_no_longer_read(
    old: Run, cast: Cast, client_of: Callable[[str], Client]
) -> None:
    client, zone = client_of("assessor"), cast.units["zone"].public_id
    run, unit = reverse("assessment:run", args=[old.public_id]), reverse("assessment:unit", args=[old.public_id, zone])
    compare = f"?version={old.version.public_id}&run={old.public_id}"
    pages = {
        name: client.get(address)
        for name, address in {
            "run": run, "unit": unit, "version": reverse("assessment:version", args=[old.version.public_id]),
            "next": reverse("assessment:next", args=[old.public_id, zone]),
            "export": reverse("assessment:export", args=[old.public_id]),
            "scheme": reverse("assessment:scheme", args=[old.scheme.public_id]),
            "template": reverse("assessment:bulletin-template", args=[old.scheme.public_id]),
            "api": f"/api/assessment/runs/{old.public_id}", "api-compare": f"/api/assessment/runs/{old.public_id}/compare{compare}",
            "compare": reverse("assessment:compare", args=[old.public_id]) + compare,
        }.items()
    }  # fmt: skip
    assert b"".join(pages["export"].streaming_content), "the file is read to its end, so that it is closed"
    told = {name: one.status_code for name, one in pages.items()}
    assert told == {**dict.fromkeys(told, 200), "next": 302, "compare": 302, "api-compare": 409}
    assert all(SAID in pages[name].content.decode() for name in ("unit", "template"))
    assert SAID in pages["scheme"].content.decode(), "the message of what would move it up"
    assert SAID in pages["api-compare"].json()["detail"]
    assert SAID in client.get(run).content.decode(), "the message of the comparison"


def test_no_bulletin_is_written_by_a_rule_that_is_not_read_and_the_page_says_why(
    old: Run, cast: Cast, client_of: Callable[[str], Client]
) -> None:
    with pytest.raises(versions.Unreadable):
        bulletins.draft(run=old, by=cast.assessor, at=assessed.AT)
    page = client_of("assessor").post(reverse("assessment:bulletin-make", args=[old.public_id]), follow=True)
    assert SAID in page.content.decode()
