"""No sequence of actions breaks one claim a lead and firm, the shares, or what was written down. Thousands: benchmarks/any_sequence.py."""

from __future__ import annotations

import pytest

import factories
import leads_walk
from cast import Cast
from wutong.web.leads.models import Claim, ClaimShare
from wutong.web.leads.queries import clocks

SEQUENCES, STEPS = 30, 6


def test_no_sequence_of_actions_breaks_anything(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.1)
    monkeypatch.setattr(clocks, "protection_days", lambda on: 60)
    done, kept = set[str](), leads_walk.written()
    for seed in range(SEQUENCES):
        walk = leads_walk.Walk(seed, cast, factories.AT + seed * leads_walk.DAY)
        for _ in range(STEPS):
            walk.step()
        assert leads_walk.broken(walk) == [], f"seed {seed} after {dict(walk.done)}"
        done |= {name for name, count in walk.done.items() if count}
    now = leads_walk.written()
    assert all(rows <= now[name] for name, rows in kept.items()), "what was written down stays"
    assert len({name for name in done if "refused" not in name}) > 20, "most of what can be done was done"


def test_what_is_broken_is_seen(cast: Cast) -> None:
    walk = leads_walk.Walk(1, cast, factories.AT)
    owner = cast.park_officer
    one, two = (factories.lead(owner, name="白榆双穗装备有限公司") for _ in range(2))
    walk.leads += [one, two]
    claim = factories.file(one).claim
    assert claim is not None and leads_walk.broken(walk) == []
    other = Claim.objects.create(lead=two, unit=two.unit, filed_at=factories.AT, last_progress_on=claim.last_progress_on)
    ClaimShare.objects.create(claim=other, unit=two.unit, share_basis_points=9_999, from_on=claim.last_progress_on, given_at=factories.AT)
    found = " ".join(leads_walk.broken(walk))
    assert "two claims on one firm" in found and "sum to 9999" in found
