"""The rewards of the demo: an invented document without faults, approved by a second person; without signed projects nothing is claimed."""

from __future__ import annotations

import datetime as dt
from importlib import resources

import pytest
from django.test import override_settings

from wutong.demo import people, rewarding
from wutong.rulebook.rewards import reading
from wutong.rulebook.rewards.shape import To
from wutong.web.assessment.models import Registration, RewardClaim, Scheme
from wutong.web.assessment.queries import reward_sources, rewards

HOME = people.Home("910200", "凤栖市", (people.Area("910221", "双鹭县"),), (people.Area("910202", "凤栖高新区", "fengqi-hitech"),), "澜海")


def test_the_document_is_fictional_has_no_fault_and_rewards_everybody_who_may_be() -> None:
    text = (resources.files("wutong.demo") / rewarding.FILE).read_text("utf-8").replace("FIRST", "2025")
    rule = reading.rule_from(text, file=rewarding.FILE)
    assert "虚构" in rule.source.title and not rule.unused and reward_sources.faults(rule, rewarding.FILE) == ()
    assert {one.to for one in rule.awards.values()} == set(To)
    assert {one.to for one in rule.awards.values() if one.is_own} == {To.UNITS, To.OFFICERS}
    assert [code for code, one in rule.awards.items() if one.is_tied_to_tax] == ["tax"]
    assert [code for code, one in rule.awards.items() if one.is_of_run] == ["place"] and sum(rewarding.JOINT) == 1


@pytest.mark.django_db
def test_an_office_without_signed_projects_has_the_document_alone() -> None:
    at = dt.datetime.now(dt.UTC).astimezone()
    with override_settings(DEMO=True):
        people.make_once(HOME, at=at - dt.timedelta(days=1_150))
        rewarding.tell(at=at)
    document = Scheme.objects.get(code=rewarding.CODE)
    told = rewards.rule_on(document, at.date())
    assert told is not None and told[0].decided_by != told[0].created_by
    assert not Registration.objects.exists() and not RewardClaim.objects.exists()
