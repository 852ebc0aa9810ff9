"""Lists of leads: what each shows to whom, by which filter, in which order; the board moves forward; confidential ones by code name."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

import factories
from cast import Cast
from wutong.web.journal.queries import duties
from wutong.web.journal.queries.duties import Wanted
from wutong.web.leads.actions import claiming, filing, informing
from wutong.web.leads.models import Claim, Lead
from wutong.web.leads.queries import decisions, dossier, inbox, overview
from wutong.web.leads.rules.claims import Attention
from wutong.web.leads.rules.leads import LeadKind, SourceKind
from wutong.web.lib import access, lists

AT = factories.AT
DAY = dt.timedelta(days=1)
Browser = Callable[[str], Client]


def taken_up(lead: Lead, *, at: dt.datetime = AT) -> Lead:
    return informing.triage(lead=lead, is_taken=True, by=None, at=at)


def given(cast: Cast, *, title: str = "商会来信", at: dt.datetime = AT, kind: LeadKind = LeadKind.CAPITAL) -> Lead:
    """Information from somebody outside."""
    me = cast.bureau_officer
    return informing.log(
        title=title, unit=me.unit, owner=me, kind=kind, given=informing.Given(SourceKind.PARTNER, text="某商会"), by=None, at=at
    )


def titles(user: Any, **asked: Any) -> set[str]:
    found = overview.matching(Lead.objects.visible_to(user), user, on=access.today(), **asked)
    return {lead.title for lead in found}


def test_each_sees_the_leads_that_his_roles_reach(cast: Cast, client_of: Browser) -> None:
    factories.lead(cast.park_officer, name="青桐园区装备有限公司")
    factories.lead(cast.county_officer, name="临溪装备有限公司")
    seen = {
        who: {name for name in ("青桐园区装备", "临溪装备") if name in client_of(who).get("/leads/all/").content.decode()}
        for who in ("park_officer", "county_officer", "bureau_leader", "other_officer")
    }
    assert seen == {
        "park_officer": {"青桐园区装备"}, "county_officer": {"临溪装备"}, "bureau_leader": {"青桐园区装备", "临溪装备"},
        "other_officer": set(),
    }  # fmt: skip
    assert client_of("no_role").get("/leads/all/").status_code == 403
    assert client_of("bureau_officer").get("/leads/waiting/").status_code == 403
    assert client_of("bureau_leader").post("/leads/all/").status_code == 405


def test_a_confidential_lead_stands_under_its_code_name_and_is_found_by_that_alone(cast: Cast, client_of: Browser) -> None:
    me = cast.bureau_officer
    made = factories.lead(me, name="白榆秘密装备有限公司", uscc="91990202MA0000001X")
    informing.keep_lead_confidential(lead=made, code_name="青松", by=me, at=AT)
    client = client_of("bureau_officer")
    pages = ["/leads/all/", "/leads/all/mine/", "/leads/all/board/", "/leads/inbox/", "/search/?q=青松", "/api/leads"]
    said = {page: str(client.get(page).content.decode("unicode_escape" if "api" in page else "utf-8")) for page in pages}
    assert [page for page, text in said.items() if "青松" not in text] == []
    assert [page for page, text in said.items() if "白榆秘密" in text or "91990202" in text] == []
    assert (titles(me, text="秘密"), titles(me, text="9199"), titles(me, text="青松")) == (set(), set(), {made.title})
    assert titles(cast.bureau_leader, text="青松") == set()


def test_filters_find_what_they_name(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    me, today = cast.bureau_officer, access.today()
    old, new = AT, dt.datetime.combine(today, AT.time(), AT.tzinfo)
    stale = taken_up(factories.lead(me, name="久无", origin_adcode="990200"), at=old)
    fresh = taken_up(factories.lead(me, name="刚有"), at=old)
    claiming.progress(lead=fresh, text="通话", done_on=today, by=None, at=new)
    waiting = given(cast, title="待研判的资金信息")
    factories.lead(me, name="新来", at=new)
    assert titles(me, which="stale") == {stale.title}
    assert titles(me, which="triage") == {waiting.title, "新来项目"}
    assert titles(me, which="overdue") == {waiting.title}
    assert titles(me, kind="capital") == titles(me, source="partner") == {waiting.title}
    assert titles(me, place="990200") == {stale.title} and titles(me, place="-") == {fresh.title, waiting.title, "新来项目"}
    assert titles(me, logged_from=today) == {"新来项目"} and "新来项目" not in titles(me, logged_to=today - DAY)
    assert titles(me, unit=cast.units["county"]) == set() and len(titles(me, unit=cast.units["city"])) == 4
    informing.put_away(lead=stale, state=overview.LeadState.LOST, reason="企业另有安排", by=None, at=new)
    assert titles(me, which="stale") == set() and titles(me, state="lost") == {stale.title}


def test_a_claim_shows_how_it_stands_and_that_no_time_is_set(cast: Cast, client_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    me, today = cast.bureau_officer, access.today()
    made = taken_up(factories.lead(me, name="白榆首报装备有限公司"))
    claim = factories.file(made).claim
    page = client_of("bureau_officer").get("/leads/all/").content.decode()
    assert "未设保护期" in page and reverse("rulebooks:leaf", args=["claims.protection_days"]) in page
    states = {today - DAY: ("over", Attention.OVER), today: ("ends_soon", Attention.ENDS_SOON), today + 8 * DAY: ("stale", Attention.STALE)}
    for until, (which, attention) in states.items():
        Claim.objects.filter(pk=claim.pk).update(protected_until=until)
        (row,) = overview.marked(overview.shown([made.pk]), me, on=today)
        assert (row.attention, titles(me, which=which)) == (attention, {made.title})  # type: ignore[attr-defined]
        assert [one for one in ("over", "ends_soon", "stale") if titles(me, which=one)] == [which]


def test_my_leads_begin_with_what_is_due_first(cast: Cast) -> None:
    me, on = cast.bureau_officer, dt.date(2026, 3, 6)
    quiet = taken_up(factories.lead(me, name="甲"))  # progress due 14 days later
    asked = given(cast)  # triage due after three working days
    answered = given(cast, title="已反馈")
    taken_up(answered)
    informing.answer(lead=answered, text="已安排对接", by=None, at=AT)
    rest = factories.lead(me, name="丁")
    informing.put_away(lead=rest, state=overview.LeadState.DORMANT, reason="企业暂缓", by=None, at=AT)
    mine = Lead.objects.visible_to(me).filter(owner=me)
    assert overview.by_due(mine, on=on) == [asked.pk, answered.pk, quiet.pk, rest.pk]
    assert (asked.triage_due_on, Lead.objects.get(pk=answered.pk).answer_due_on) == (dt.date(2026, 3, 10), None)


@pytest.mark.parametrize("sort", ["amount", "-amount", "kind", "-last", "last"])
@pytest.mark.parametrize("read", [None, list])
def test_pages_of_a_list_hold_each_lead_once_in_order_though_the_late_ones_are_read_from_the_end(cast: Cast, sort: str, read: Any) -> None:
    columns = (
        lists.Column("amount", "", ("amount_10k_yuan",)), lists.Column("kind", "", ("kind",)),
        lists.Column("last", "", ("last_progress_on",)),
    )  # fmt: skip
    for number in range(11):
        lead = factories.lead(cast.park_officer)
        days = {} if number % 4 else {"last_progress_on": AT.date() + number * DAY}
        Lead.objects.filter(pk=lead.pk).update(amount_10k_yuan=number % 3 or None, **days)
    name = {column.key: column.sorts_by[0] for column in columns}[sort.removeprefix("-")]
    sign = "-" if sort.startswith("-") else ""
    whole = list(Lead.objects.order_by(f"{sign}{name}", f"{sign}pk").values_list("pk", flat=True))
    found: list[Any] = []
    for page in range(1, 5):
        params = QueryDict(f"sort={sort}&page={page}")
        listing = lists.of_queryset(params, Lead.objects.all(), columns=columns, default="kind", size=3, read=read)
        assert [column.sorted for column in listing.columns if column.sorted] == ["descending" if sign else "ascending"]
        found += [getattr(one, "pk", one) for one in listing.rows]
    assert found == whole


def test_the_page_of_a_lead_says_what_its_lists_say(cast: Cast) -> None:
    """Whether it is calm or stale, and what is due: with a claim and without, information that waits, leads that rest."""
    me, on = cast.bureau_officer, AT.date() + 30 * DAY
    made = {"logged": given(cast), "quiet": taken_up(factories.lead(me)), "rests": taken_up(factories.lead(me))}
    made["filed"], made["answers"] = taken_up(factories.lead(me)), taken_up(given(cast))
    factories.file(made["filed"])
    informing.put_away(lead=made["rests"], state=overview.LeadState.DORMANT, reason="企业暂缓", by=None, at=AT)
    said = {}
    for name, lead in made.items():
        (one,) = overview.marked(overview.shown([lead.pk]), me, on=on)
        whole = dossier.dossier(dossier.whole(Lead.objects.all()).get(pk=lead.pk), me, at=AT, on=on)
        first = whole.owed[0].due.date if whole.owed else None
        assert (whole.attention, first) == (one.attention, one.due.day if one.due else None), name  # type: ignore[attr-defined]
        said[name] = whole.attention
    stale = Attention.STALE
    assert said == {"logged": Attention.CALM, "quiet": stale, "rests": Attention.CALM, "filed": stale, "answers": stale}


def test_the_board_takes_a_lead_forward_and_says_why_not_otherwise(cast: Cast, client_of: Browser) -> None:
    client = client_of("bureau_officer")
    one, two = taken_up(factories.lead(cast.bureau_officer, name="甲")), factories.lead(cast.park_officer, name="乙")

    def move(lead: Lead, stage: str) -> Any:
        return client.post("/leads/all/board/move/", {"lead": str(lead.public_id), "stage": stage, "next": "/leads/all/board/"})

    assert (move(one, "talks").status_code, Lead.objects.get(pk=one.pk).stage) == (302, "talks")
    assert move(one, "contact").status_code == 302 and "线索只能向前推进" in client.get("/leads/all/board/").content.decode()
    assert Lead.objects.get(pk=one.pk).stage == "talks"
    assert [move(one, "nowhere").status_code, client.get("/leads/all/board/move/").status_code] == [404, 405]
    assert client_of("other_officer").post("/leads/all/board/move/", {"lead": str(two.public_id), "stage": "talks"}).status_code == 404


def test_the_inbox_counts_what_came_of_information(cast: Cast) -> None:
    me, on = cast.bureau_officer, AT.date() + DAY
    first, second, third = given(cast, title="甲"), given(cast, title="乙"), given(cast, title="丙")
    own = taken_up(factories.lead(me, name="白榆自行装备有限公司"))
    factories.file(own)
    taken_up(first)
    informing.answer(lead=first, text="已安排", by=None, at=AT)
    informing.triage(lead=second, is_taken=False, reason="不属本市产业", by=None, at=AT)
    waiting = {lead.title for lead in inbox.inbox(me)}
    assert waiting == {"乙", "丙"} and inbox.counts(me, on=on) == {"": 2, "triage": 1, "answer": 1, "overdue": 0}
    assert {lead.title for lead in inbox.narrowed(inbox.inbox(me), "overdue", on=dt.date(2026, 3, 12))} == {third.title}
    found = inbox.digest(me, "", on=on)
    came = {one.source: (one.received, one.triaged, one.to_answer, one.answered, one.taken_up, one.claimed) for one in found.sources}
    assert came == {"own": (1, 1, 0, 0, 1, 1), "partner": (3, 2, 3, 1, 1, 0)}
    assert (found.overall.received, found.overall.claimed, found.overall.projects) == (4, 1, 0)
    assert titles(me, state="all", source="partner", which="taken_up") == {"甲"}
    assert inbox.digest(me, "", on=on + 120 * DAY).overall.received == 0


def test_what_is_due_of_leads_stands_among_the_duties_once(cast: Cast) -> None:
    me = cast.bureau_officer
    taken_up(factories.lead(me, name="甲"))
    given(cast)
    local = dt.datetime.combine(dt.date(2026, 3, 14), AT.time(), AT.tzinfo)
    owed = [(row["d_source"], str(row["d_due"])) for row in duties.wanted_rows(me, Wanted(), local)]
    assert sorted(owed) == [("leads.progress_due", "2026-03-19"), ("leads.triage", "2026-03-10")]
    early = dt.datetime.combine(AT.date(), AT.time(), AT.tzinfo)
    assert [row["d_source"] for row in duties.wanted_rows(me, Wanted(), early)] == ["leads.triage"]


def test_filings_that_wait_are_told_in_the_same_words_whatever_they_met(cast: Cast, client_of: Browser) -> None:
    """To whoever decides, a filing that meets a confidential lead reads like one that says it is another project."""
    secret = factories.lead(cast.park_officer, name="白榆甲装备有限公司")
    informing.keep_lead_confidential(lead=secret, code_name="青松", by=cast.park_officer, at=AT)
    factories.file(Lead.objects.get(pk=secret.pk))
    factories.file(factories.lead(cast.park_officer, name="白榆乙装备有限公司"))
    met = factories.file(factories.lead(cast.county_officer, name="白榆甲装备有限公司"), another_project="另一条产线").claim
    like = factories.file(factories.lead(cast.county_officer, name="白榆乙装备有限公司"), another_project="另一条产线").claim
    there = decisions.shown_waiting([met.pk, like.pk], cast.bureau_leader, on=AT.date() + 2 * DAY)
    told = [(one.state, one.another_project, one.waits_days, one.due_on, one.is_late) for one in there]  # type: ignore[attr-defined]
    assert told == [("waiting", "另一条产线", 2, dt.date(2026, 3, 10), False)] * 2
    assert set(decisions.waiting(cast.bureau_leader)) == {met, like}
    assert not decisions.waiting(cast.county_officer).exclude(unit=cast.county_officer.unit).exists()
    page = client_of("bureau_leader").get("/leads/waiting/").content.decode()
    assert "青松" not in page and page.count("另一条产线") == 2
    filing.decline(claim=met, reason="重复", by=cast.bureau_leader, at=AT)
    assert set(decisions.waiting(cast.bureau_leader)) == {like}


def test_a_dispute_names_to_each_side_only_its_own_lead(cast: Cast, client_of: Browser) -> None:
    first = factories.lead(cast.park_officer, name="白榆先报装备有限公司")
    second = factories.lead(cast.county_officer, name="白榆先报装备有限公司")
    informing.describe(lead=first, title="园区自己的标题", amount=informing.Amount(), about=informing.About(), by=None, at=AT)
    informing.describe(lead=second, title="县里自己的标题", amount=informing.Amount(), about=informing.About(), by=None, at=AT)
    factories.file(first)
    factories.file(second)
    made = factories.dispute(second)
    called = {
        who: decisions.shown_disputes([made.pk], getattr(cast, who), on=AT.date() + DAY)[0].called  # type: ignore[attr-defined]
        for who in ("park_officer", "county_officer", "bureau_leader")
    }
    assert called == {"park_officer": "园区自己的标题", "county_officer": "县里自己的标题", "bureau_leader": "县里自己的标题"}
    assert "县里自己" not in client_of("park_officer").get("/leads/disputes/").content.decode()
    assert "园区自己" not in client_of("county_officer").get("/api/leads/disputes").content.decode("unicode_escape")
    (row,) = decisions.shown_disputes([made.pk], cast.park_officer, on=AT.date() + DAY)
    assert (row.acts, row.age_days) == ("青桐市招商局", 1)  # type: ignore[attr-defined]
    assert titles(cast.park_officer, which="disputed") == {"园区自己的标题"}


def test_places_lead_to_their_leads(cast: Cast, client_of: Browser) -> None:
    me = cast.bureau_officer
    for name in ("甲", "乙"):
        informing.advance(
            lead=taken_up(factories.lead(me, name=name, origin_adcode="990201")), stage=overview.Stage.CONTACT, by=None, at=AT
        )
    factories.lead(me, name="丙", origin_adcode="990100")
    factories.lead(me, name="丁")
    lines = [(one.adcode, one.leads, one.talked_to) for one in overview.by_place(Lead.objects.visible_to(me))]
    assert lines == [("990200", 2, 2), ("990100", 1, 0), ("-", 1, 0)]
    page = client_of("bureau_officer").get("/leads/all/map/").content.decode()
    assert "/leads/all/?place=990200" in page and "<svg" in page


def test_the_api_tells_what_the_pages_tell(cast: Cast, client_of: Browser) -> None:
    made = taken_up(factories.lead(cast.bureau_officer, name="白榆接口装备有限公司"))
    claiming.progress(lead=made, text="通话", done_on=AT.date(), by=None, at=AT)
    client, other = client_of("bureau_officer"), client_of("other_officer")
    found = client.get("/api/leads?text=接口").json()
    assert (found["count"], found["items"][0]["title"], found["items"][0]["stage"]) == (1, made.title, "triaged")
    assert client.get(f"/api/leads/{made.public_id}").json()["last_progress_on"] == "2026-03-05"
    assert [one["text"] for one in client.get(f"/api/leads/{made.public_id}/progress").json()["items"]] == ["通话"]
    assert [other.get(f"/api/leads/{made.public_id}{more}").status_code for more in ("", "/progress")] == [404, 404]
    assert (client.get("/api/leads/waiting").status_code, client_of("no_role").get("/api/leads").status_code) == (403, 403)
    assert client.get("/api/leads?which=nothing").status_code == 422


def test_what_cannot_be_read_is_left_out_of_a_filter(client_of: Browser, cast: Cast) -> None:
    client = client_of("bureau_officer")
    asked = "?unit=x&owner=y&logged_from=32&place=abc&segment=/&which=zz&amount_from=-1&sort=nothing&page=999&text=%00"
    for page in (
        "/leads/all/",
        "/leads/all/mine/",
        "/leads/all/board/",
        "/leads/all/map/",
        "/leads/inbox/",
        "/leads/disputes/",
        "/leads/offers/",
    ):
        assert client.get(page + asked).status_code == 200, page


def test_information_without_a_day_is_due_on_the_day_it_was_logged(cast: Cast) -> None:
    """As the migration does for what was logged before days were kept; what asks for nothing gets none."""
    reckon = importlib.import_module("wutong.web.leads.migrations.0013_days_that_wait").reckon
    old, own, done = taken_up(given(cast)), taken_up(factories.lead(cast.bureau_officer)), taken_up(given(cast))
    informing.answer(lead=done, text="已联系", by=None, at=AT)
    day = AT.date()
    Lead.objects.update(answer_due_on=None)
    assert inbox.counts(cast.bureau_officer, on=AT.date())[""] == 0
    reckon(apps, None)
    assert {pk: Lead.objects.get(pk=pk).answer_due_on for pk in (old.pk, own.pk, done.pk)} == {old.pk: day, own.pk: None, done.pk: None}
    assert Lead.objects.get(pk=old.pk).clock_on == day and [one.pk for one in inbox.inbox(cast.bureau_officer)] == [old.pk]
