"""The names of leads that a process keeps for the search are those of the database, and show nobody more than he may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import factories
import leads_walk
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.leads.actions import filing, informing
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import clocks, hits, naming
from wutong.web.leads.rules.leads import NameKind

AT = factories.AT


def told(held: naming.Held) -> list[tuple[Any, str]]:
    names, _keys = held.names()
    return [(names.keys[record], called) for record, called in zip(names.record.tolist(), names.called, strict=True)]


def found(who: User, text: str) -> list[str]:
    """What a person finds, as he is now."""
    return [hit.name for hit in hits.leads(User.objects.get(pk=who.pk), text, 0, 9).rows]


def test_what_is_changed_is_found_by_its_new_name_and_not_by_the_old(cast: Cast) -> None:
    me = cast.park_officer
    lead = factories.lead(me, name="白榆双穗装备有限公司")
    factories.lead(me, name="青桐远山食品有限公司")
    assert found(me, "双穗") == found(me, "shuangsui") == found(me, "双碎装备") == ["白榆双穗装备有限公司项目"]
    informing.describe(lead=lead, title="暖泉项目", amount=informing.Amount(), about=informing.About(), by=None, at=AT)
    assert found(me, "暖泉") == found(me, "双穗") == ["暖泉项目"]
    names = ((NameKind.FORMER, "白榆旧时机械厂"),)
    filing.identify(lead=lead, identity=filing.Identity("白榆新岭装备有限公司", "91990202MA0000001X", names=names), by=None, at=AT)
    assert found(me, "旧时机械") == found(me, "新岭") == found(me, "9199") == ["暖泉项目"] and found(me, "双穗") == []
    informing.keep_lead_confidential(lead=lead, code_name="寒露", by=me, at=AT)
    assert found(me, "寒露") == ["寒露"] and found(me, "新岭") == found(me, "旧时机械") == found(me, "9199") == []
    informing.keep_lead_confidential(lead=lead, code_name="", by=me, at=AT)
    assert found(me, "新岭") == ["暖泉项目"]
    Lead.objects.filter(pk=lead.pk).delete()
    assert found(me, "新岭") == []


def test_a_lead_that_one_may_not_see_is_as_if_it_were_not(cast: Cast) -> None:
    """Not by what is found nor by what is not: a slip finds the lead one may see though another bears just this name."""
    factories.lead(cast.county_officer, name="白榆霜叶装备有限公司")
    mine = factories.lead(cast.park_officer, name="白榆双穗装备有限公司")
    assert found(cast.park_officer, "霜叶装备有限公司项目") == found(cast.park_officer, "双夜装备有限公司项目") == [mine.title]
    assert len(found(cast.bureau_leader, "装备")) == 2 and found(cast.other_officer, "装备") == []
    assert hits.leads(cast.park_officer, "装备", 0, 9).total == 1
    assert found(cast.bureau_leader, "霜叶装备有限公司项目") == ["白榆霜叶装备有限公司项目"]


def test_the_process_keeps_what_the_database_holds_whatever_is_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.1)
    monkeypatch.setattr(naming, "PIECE", 3)
    held, sizes = naming.Held(), set()
    for seed in range(12):
        walk = leads_walk.Walk(seed, cast, AT + seed * leads_walk.DAY)
        for _ in range(6):
            walk.step()
            fresh = told(naming.Held())
            assert told(held) == fresh
            sizes.add(len(fresh))
    assert len(sizes) > 10


def test_what_is_taken_back_is_forgotten(cast: Cast) -> None:
    held = naming.Held()
    lead = factories.lead(cast.park_officer, name="白榆双穗装备有限公司")
    before = told(held)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        informing.describe(lead=lead, title="暖泉项目", amount=informing.Amount(), about=informing.About(), by=None, at=AT)
        factories.lead(cast.park_officer)
        assert len(told(held)) == len(before) + 2
        raise ZeroDivisionError
    assert told(held) == before


def test_a_search_asks_two_questions_more_than_its_hits_and_reads_only_the_piece_that_changed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "PIECE", 1)
    leads = [factories.lead(cast.park_officer) for _ in range(5)]
    held = naming.Held()
    monkeypatch.setattr(naming, "held", held)
    counts = []
    for change in (lambda: None, lambda: None, lambda: informing.keep_lead_confidential(lead=leads[2], code_name="寒露", by=None, at=AT)):
        change()
        user = User.objects.select_related("unit").get(pk=cast.park_officer.pk)
        user.grants()
        with CaptureQueriesContext(connection) as asked:
            hits.leads(user, "装备", 0, 9)
        counts.append(len(asked))
    assert counts == [3 + 1 + 2 * 5, 3, 3 + 1 + 2], "the stamp, what one may see, the page; the pieces; two a piece"
