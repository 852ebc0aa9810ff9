"""What a person may see is put into SQL once and kept; whatever it hangs on makes it another question."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import factories
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import duties
from wutong.web.lib import access, asking, rulebook
from wutong.web.projects.models import FundsEntry, Project

ON = factories.AT.date()


def again(user: User) -> User:
    """The person as another request reads him."""
    return User.objects.get(pk=user.pk)


def also(cast: Cast) -> User:
    """A second officer of the bureau."""
    found = factories.person("zs.also", at_unit=cast.bureau_officer.unit)
    factories.posting(found, "bureau_officer")
    return found


def made(user: User, of: str = "x", *, of_a_person: bool = False) -> bool:
    """Whether a question is made anew; `of_a_person`: one that looks at more of the person than key, unit and rights."""
    done: list[int] = []

    def write(one: User) -> Any:
        if of_a_person:
            assert one.username
        done.append(1)
        return User.objects.filter(pk=one.pk).values("pk")

    asking.written(of, again(user), write)
    return bool(done)


def test_a_question_is_made_once_for_all_with_the_same_unit_and_rights(cast: Cast) -> None:
    other = also(cast)
    assert made(cast.bureau_officer) and not made(cast.bureau_officer) and not made(other)
    assert made(cast.bureau_leader) and made(cast.bureau_officer, "y") and not made(cast.bureau_leader)


def test_everybody_asks_it_with_his_own_key(cast: Cast) -> None:
    other = also(cast)
    for one in (cast.bureau_officer, other, cast.bureau_officer):
        found = asking.written("me", again(one), lambda who: User.objects.filter(pk=who.pk).values("pk"))
        assert found is not None and found.params == (one.pk,)


def test_one_that_looks_at_more_of_the_person_is_his_alone(cast: Cast) -> None:
    other = also(cast)
    assert made(cast.bureau_officer, of_a_person=True) and not made(cast.bureau_officer, of_a_person=True)
    assert made(other, of_a_person=True) and not made(cast.bureau_officer, of_a_person=True)


def test_one_that_hides_the_key_within_a_text_is_his_alone(cast: Cast) -> None:
    found = asking.written("hidden", again(cast.bureau_officer), lambda who: User.objects.filter(username=f"u{who.pk}").values("pk"))
    assert found is not None and found.params == (f"u{cast.bureau_officer.pk}",)


@pytest.mark.parametrize("name", [lambda who: who.username, lambda who: f"u{who.pk}"])
def test_one_that_contains_one_of_a_person_is_his_alone(cast: Cast, name: Any) -> None:
    def outer(one: User) -> Any:
        seen = asking.judged("inner", one, lambda who: User.objects.filter(username=name(who)).values("pk"))
        return User.objects.filter(pk__in=seen).values("pk")

    for one in (cast.bureau_officer, cast.bureau_leader, cast.bureau_officer):
        with access.reading():
            found = asking.written("outer", again(one), outer)
        assert found is not None and [mark for _sql, marks in found.parts.values() for mark in marks] == [name(one)]


def test_one_that_could_hide_the_key_is_his_alone(cast: Cast) -> None:
    for mark in ([asking.ANYBODY], {"deep": asking.ANYBODY}, b"x"):
        assert not asking.InParts("SELECT %s", (mark,), {}).is_anybodys
    assert asking.InParts("SELECT %s", (asking.ANYBODY,), {"part": ("SELECT %s", (None, True, ON))}).is_anybodys


def test_what_a_request_read_of_a_person_is_not_put_down_for_anybody(cast: Cast) -> None:
    def write(one: User) -> Any:
        own = access.once("own", lambda: list(User.objects.filter(pk=one.pk).values_list("username", flat=True)))
        return User.objects.filter(username__in=own).values("pk")

    other = also(cast)
    for one in (cast.bureau_officer, other):
        with access.reading():
            found = asking.written("read", again(one), write)
        assert found is not None and found.params == (one.username,)


@pytest.mark.parametrize("whose", ["mine", "asked", "unit", "all"])
def test_what_is_put_down_for_anybody_is_what_each_would_ask_himself(cast: Cast, monkeypatch: pytest.MonkeyPatch, whose: str) -> None:
    local, wanted = duties.now(), duties.Wanted(whose=whose)

    def asked() -> dict[str, Any]:
        found = {}
        for name, one in cast.people.items():
            with access.reading():
                found[name] = asking.written(whose, again(one), lambda who: duties.wanted_rows(who, wanted, local))
        return found

    shared = asked()
    assert any(key == asking.ANYBODY for key, _rights in asking._written)
    asking.forget_written()

    def nobody(*_: object) -> Any:
        raise User.DoesNotExist

    monkeypatch.setattr(User, "anybody", nobody)
    alone = asked()
    assert not any(key == asking.ANYBODY for key, _rights in asking._written)
    for name, own in alone.items():
        assert (own is None) == (shared[name] is None), name
        assert own is None or (own.alone(), own.whole()) == (shared[name].alone(), shared[name].whole()), name


def test_another_role_day_rule_or_language_is_another_question(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    me = cast.bureau_officer
    assert made(me)
    factories.posting(me, "bureau_leader")
    assert made(me) and not made(me)
    with access.on_day(ON + dt.timedelta(days=1)):
        assert made(me)
    with translation.override("en"):
        assert made(me)
    assert not made(me)
    other = type("Rules", (), {"hash": "another"})()
    monkeypatch.setattr(rulebook, "in_force", lambda *_a, **_k: other)
    assert made(me)


def test_a_posting_that_ended_is_not_remembered(cast: Cast) -> None:
    me = cast.bureau_officer
    assert made(me)
    me.postings.update(ends_on=ON - dt.timedelta(days=1))
    assert not again(me).may(Permission.PROJECTS_VIEW) and made(me)


def test_what_asked_the_database_is_not_kept(cast: Cast) -> None:
    me = cast.bureau_officer
    for _ in range(2):
        found = asking.written("rows", again(me), lambda _one: User.objects.filter(pk__lte=User.objects.count()))
        assert found is not None and found.params == (User.objects.count(),)
    assert all(rights[0] != "rows" for _person, rights in asking._written)


def test_only_the_last_questions_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_WRITTEN", 2)
    for of in ("a", "b", "a", "c"):
        made(cast.bureau_officer, of)
    assert made(cast.bureau_officer, "b") and not made(cast.bureau_officer, "c")


@pytest.mark.parametrize("whose", ["mine", "unit"])
def test_the_question_over_all_duties_hangs_on_no_row(cast: Cast, whose: str) -> None:
    local = duties.now()
    for name in ("bureau_officer", "bureau_leader", "county_officer", "park_officer", "vice_mayor"):
        user = User.objects.select_related("unit").get(pk=getattr(cast, name).pk)
        user.grants()
        with access.reading(), CaptureQueriesContext(connection) as asked:
            asking.with_parts(duties.wanted_rows(user, duties.Wanted(whose=whose), local))
        assert not asked.captured_queries, name


def test_a_question_with_its_parts_in_front_finds_what_it_finds_without(cast: Cast) -> None:
    for owner in (cast.park_officer, cast.bureau_officer):
        factories.duty(owner, by=cast.bureau_leader, record=factories.target_list(owner))
    factories.project(cast.park_officer)
    local, found = duties.now(), 0
    for user in (cast.park_officer, cast.bureau_officer, cast.bureau_leader):
        with access.reading():
            rows = duties.wanted_rows(user, duties.Wanted(whose="all"), local)
            parts = asking.with_parts(rows)
            with connection.cursor() as cursor:
                cursor.execute(*parts.whole())
                told = {str(row[1]).replace("-", "") for row in cursor.fetchall()}
            assert told == {row["d_key"].hex for row in rows} and "projects.projects" in parts.parts
            found += len(told)
    assert found


def test_a_sum_over_most_rows_sees_what_a_page_of_them_sees(cast: Cast) -> None:
    for owner in (cast.park_officer, cast.county_officer):
        factories.counted_funds(factories.funded_project(owner), cast.bureau_leader, owner.username)
    kept = factories.project(cast.park_officer)
    Project.objects.filter(pk=kept.pk).update(is_confidential=True, code_name="代号")
    for user in (cast.park_officer, cast.county_officer, cast.bureau_leader, cast.other_officer):
        with access.reading():
            seen: Any = [set(FundsEntry.objects.visible_to(user, is_whole=one).values_list("pk", flat=True)) for one in (False, True)]
        assert seen[0] == seen[1]
    assert seen[1] == set()
