"""Everything that a stranger unit can ask, and all that it reads: nothing of other units' leads but what `ACROSS_UNITS` allows.

临溪县 asks; 青桐高新区 keeps a confidential lead, 白榆市 an ordinary one. Each probe is asked before these are there and afterwards (or
of a record that is there and of one that never was), and has to read the same: status, headers, body, and how many questions it asked the
database. Questions stand for time: a page's time is that of its questions and of drawing what they brought; milliseconds on a machine that
others use would say less, and a bound on them generous enough for it would hide a question more.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import imports
from wutong.web.leads.actions import claiming, filing, informing
from wutong.web.leads.models import Claim, Filing, FilingMatch, Lead
from wutong.web.leads.queries import naming
from wutong.web.leads.rules.claims import Outcome
from wutong.web.leads.rules.leads import Amount, NameKind
from wutong.web.lib import hooks

pytestmark = pytest.mark.once

AT = factories.AT
SECRET, OPEN = "白榆棠岩星垣电池科技有限公司", "白榆青岭液压机械有限公司"
CODES = {SECRET: "91990202MA0000011X", OPEN: "91990202MA0000022X"}
CONTACTS = {SECRET: "13987654321", OPEN: "13912345678"}
MARKS = ("棠岩", "青岭", "甲项目", "密探", "隔膜", "83761", "0000011", "0000022")
UNSTEADY = {"Date", "Content-Security-Policy", "X-Request-Id", "Content-Length"}  # the length of what the body shows is compared with it
ROOMS = ("leads", "cockpit", "journal", "jobs", "api-1")
_TOKENS = r'(csrfmiddlewaretoken" value=|csrf-token=|name="key" value=|X-CSRFToken["&quot;:\s]+|nonce[=-])["\']?[\w+/=-]+'
_CHANGES = re.compile(_TOKENS + r"|\d\d:\d\d(:\d\d)?")


@dataclass(frozen=True)
class Read:
    """All that an answer tells. `questions`: how many it asked of the tables of leads."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    questions: int


def ask(client: Client, path: str, method: str = "get", **data: Any) -> Read:
    """Ask and read everything."""
    from architecture.test_access_sweep import text_of

    with CaptureQueriesContext(connection) as asked:
        response = getattr(client, method)(path, data or None)
        body = _CHANGES.sub("…", text_of(response))
    headers = tuple(sorted((name, value) for name, value in response.headers.items() if name not in UNSTEADY))
    of_leads = sum("leads_" in question["sql"] for question in asked.captured_queries)
    return Read(response.status_code, tuple((name, _CHANGES.sub("…", value)) for name, value in headers), body, of_leads)


@pytest.fixture
def stranger(client_of: Callable[[str], Client]) -> Client:
    return client_of("county_officer")


def grown(owner: Any, name: str) -> tuple[Lead, Claim]:
    """A lead with all that a lead may hold."""
    names = ((NameKind.SHORT, name[2:6]),)
    made = factories.lead(owner, name=name, uscc=CODES[name], names=names, contacts=(CONTACTS[name],), origin_adcode="990200")
    about = informing.About(products=f"{name[4:6]}隔膜", note="密探来电")
    informing.describe(lead=made, title="密探项目", amount=Amount(83761), about=about, by=None, at=AT)
    claim = factories.file(made).claim
    assert claim is not None
    claiming.progress(lead=made, text="密探面谈", done_on=AT.date(), by=None, at=AT)
    return made, claim


def others(cast: Cast) -> dict[str, tuple[Lead, Claim]]:
    secret, claim = grown(cast.park_officer, SECRET)
    informing.keep_lead_confidential(lead=secret, code_name="甲项目", by=cast.park_officer, at=AT)
    return {"confidential": (secret, claim), "ordinary": grown(cast.other_officer, OPEN)}


def addresses() -> Iterator[str]:
    """Every address of these rooms that names no record; the search with each mark."""
    from architecture.test_access_sweep import GUARDED

    for address in GUARDED:
        room = address.name.split(":")[0]
        if room in ROOMS and not address.converters and "q=" not in address.url():
            yield address.url()
    for mark in ("棠岩", "青岭", "tangyan", CODES[SECRET], CODES[OPEN]):
        yield f"/search/?q={mark}"
        yield f"/api/v1/search?q={mark}"
        yield f"/leads/all/?text={mark}"
        yield f"/leads/lists/rows/?text={mark}"


def test_no_page_list_export_search_or_answer_is_another_once_the_leads_are_there(stranger: Client, cast: Cast) -> None:
    factories.file(factories.lead(cast.county_officer, name="临溪自有机械有限公司"))
    probes = list(addresses())
    for path in probes:
        ask(stranger, path)  # what a process reads once
    before = {path: ask(stranger, path) for path in probes}
    others(cast)
    naming.warm()  # names that a process keeps are read on after any lead anywhere, whatever it is about
    for path in probes:
        now = ask(stranger, path)
        told = [mark for mark in MARKS if mark in now.body and mark not in path and mark not in before[path].body]
        assert not told, f"{path} tells {told}"
        assert now == before[path], path
    assert len(probes) >= 50


def test_an_address_of_a_lead_is_as_one_of_no_lead(stranger: Client, cast: Cast) -> None:
    """Every verb of leads, claims and panels, by GET and POST, with the key of a lead that is there and of one that never was."""
    from django.urls import reverse

    from architecture.test_access_sweep import GUARDED

    there, probes = others(cast), 0
    for address in GUARDED:
        if address.name.split(":")[0] not in {"leads", "api-1"} or not any(kind == "UUIDConverter" for _key, kind in address.converters):
            continue
        for kind, (lead, claim) in there.items():
            for key in (lead.public_id, claim.public_id):
                for method in ("get", "post"):
                    real = dict.fromkeys((name for name, _kind in address.converters), key)
                    none = dict.fromkeys(real, uuid.UUID(int=key.int ^ 1))
                    answers = [ask(stranger, reverse(address.name, kwargs=values), method) for values in (real, none)]
                    bodies = [one.body.replace(str(values.popitem()[1]), "") for one, values in zip(answers, (real, none), strict=True)]
                    assert bodies[0] == bodies[1] and answers[0].status == answers[1].status in {403, 404, 405, 422}, (
                        address,
                        kind,
                        method,
                    )
                    assert answers[0].questions == answers[1].questions, (address, kind, method)
                    probes += 1
        if probes > 160:
            break
    assert probes >= 50


def test_a_firm_reads_the_same_whether_or_not_somebody_works_on_it(stranger: Client, cast: Cast) -> None:
    firm = factories.firm(firm_id=fictional.firm_id(fictional.TARGET), name=fictional.TARGET)
    probes = [f"/leads/of-firm/{firm.firm_id}/", f"/firms/{firm.firm_id}/", *panels(firm.firm_id)]
    other = factories.firm()
    for path in probes:
        ask(stranger, path)
    # What a process keeps of all records is read anew after any lead anywhere, so this is compared with a lead about another firm.
    factories.file(factories.lead(cast.park_officer, name=other.name, firm=other))
    before = [ask(stranger, path) for path in probes]
    factories.file(factories.lead(cast.park_officer, name=fictional.TARGET, firm=firm))
    assert [ask(stranger, path) for path in probes] == before


def panels(firm_id: str) -> list[str]:
    """The addresses of the panels that this room draws on the page of a firm."""
    from django.urls import reverse

    drawn = [panel for panel in hooks.collect("PANELS") if panel.on == "firms.Firm" and panel.url_name.startswith("leads:")]
    return [reverse(panel.url_name, args=[firm_id]) for panel in drawn]


def variants(name: str) -> list[dict[str, Any]]:
    """Ways to file a firm: as it is, another form, short, mistyped, by code, by contact, by a former name."""
    stem = name.removesuffix("有限公司")
    return [
        {"name": name},
        {"name": f"{stem}有限责任公司"},
        {"name": stem[2:8]},
        {"name": name[:5] + name[6:]},
        {"name": "临溪新名装备有限公司", "uscc": CODES[name]},
        {"name": "临溪无关食品有限公司", "contacts": (CONTACTS[name],)},
        {"name": "临溪另一化工有限公司", "names": ((NameKind.FORMER, name),)},
    ]


def filed(cast: Cast, identity: dict[str, Any], day: int) -> tuple[Any, int]:
    """What comes of filing, and how many questions it asked."""
    at = AT + dt.timedelta(days=day)
    made = factories.lead(cast.county_officer, at=at, **identity)
    with CaptureQueriesContext(connection) as asked:
        found = filing.file(lead=made, by=cast.county_officer, at=at)
    if found.outcome is Outcome.WAITS:
        filing.withdraw(claim=found.claim, reason="试探", by=cast.county_officer, at=at)
    elif found.claim is not None:
        claiming.release(lead=made, reason="试探", by=cast.county_officer, at=at)
    return found, len(asked)


def test_filing_tells_unit_day_and_whom_to_ask_of_ordinary_leads_and_nothing_of_confidential_ones(stranger: Client, cast: Cast) -> None:
    others(cast)
    (allowed,) = (one.fields for one in hooks.collect("ACROSS_UNITS") if one.action == "leads.tell_first_claim")
    outcomes: dict[str, list[str]] = {SECRET: [], OPEN: []}
    for name in (SECRET, OPEN):
        for day, identity in enumerate(variants(name), 1):
            found, _questions = filed(cast, identity, day)
            outcomes[name].append(str(found.outcome))
            assert found.known == ()
            assert all(set(told) == set(allowed) for told in found.filing.told)
            assert name == OPEN or (found.told == () and found.outcome in {Outcome.WAITS, Outcome.FILED})
            page = ask(stranger, f"/leads/all/{found.filing.lead.public_id}/")
            told = [mark for mark in MARKS if mark in page.body and mark not in str(identity) and mark not in found.filing.lead.title]
            assert page.status == 200 and not told, told
    assert outcomes[OPEN][0] == "taken" and outcomes[SECRET][0] == "waits"
    assert not FilingMatch.objects.all().visible_to(cast.county_officer).exists()
    entries = str(list(Entry.objects.filter(by=cast.county_officer).values_list("changes", flat=True)))
    assert "密探" not in entries and "甲项目" not in entries


def test_a_secret_and_a_likeness_are_waited_for_alike(stranger: Client, cast: Cast) -> None:
    """The page after filing what a secret is about reads as after filing what is merely like an ordinary lead, and costs nearly as much.

    Why nearly: the owner of the confidential lead is told besides, two dozen short questions, some milliseconds; the queue at the register
    and a network take more than that either way, and filings are limited to some a day, so that no mean can be taken.
    """
    others(cast)
    pages, questions = [], []
    like = {"name": "临溪无关食品有限公司", "contacts": (CONTACTS[OPEN],)}
    secret = {"name": SECRET, "contacts": ("13000000000",)}
    for day, identity in enumerate((secret, like, secret, like), 1):
        found, asked = filed(cast, identity, day)
        assert found.outcome is Outcome.WAITS
        lead = found.filing.lead
        body = ask(stranger, f"/leads/all/{lead.public_id}/").body
        for own in (str(lead.public_id), str(found.filing.public_id), str(found.claim.public_id), lead.title, identity["name"]):
            body = body.replace(own, "…")
        pages.append(re.sub(r"\d+", "0", body))
        questions.append(asked)
    assert pages[0] == pages[1]
    assert abs(questions[2] - questions[3]) <= 24


def test_the_preview_of_an_import_says_nothing_of_leads(stranger: Client, cast: Cast) -> None:
    """A list that names the firms of others is previewed as one that names firms of nobody; a ledger is not for whoever directs no unit."""
    from wutong.web.lib import exchange

    judged = exchange.importings()["leads.rows"].judge
    rows = [exchange.SheetRow(number, {"name": name}) for number, name in enumerate((SECRET, OPEN, "临溪无人有限公司"), 2)]
    given = {"unit": cast.units["county"], "owner": cast.county_officer, "members": []}
    before = judged(rows=rows, given=given, by=cast.county_officer)
    others(cast)
    assert judged(rows=rows, given=given, by=cast.county_officer) == before
    assert {verdict.kind for verdict in before} == {"bad"} and len({str(verdict.found) for verdict in before}) == 1
    with pytest.raises(imports.NotAllowed):
        imports.upload(kind="leads.ledger", name="x.xlsx", size_bytes=1, chunks=[b"x"], given={}, by=cast.park_officer, at=AT)


def test_no_count_moves_with_what_others_do(cast: Cast) -> None:
    def counts() -> list[int]:
        return [model.objects.all().visible_to(cast.county_officer).count() for model in (Lead, Claim, Filing, FilingMatch)]  # type: ignore[attr-defined]

    before = counts()
    others(cast)
    assert counts() == before


def test_whoever_was_first_once_reads_in_fifty_probes_nothing_of_what_came_since(cast: Cast) -> None:
    """Of 26 firms that a unit filed and released, others keep half in secret since: 52 filings and every word taken back read alike.

    Nothing is claimed of the very first filing of a firm: that it waits some filings in a hundred do, by lot.
    """
    me, told = cast.county_officer, {True: set(), False: set()}
    firms = [factories.lead(me, name=f"临溪{factories.brand(number)}装备有限公司") for number in range(26)]
    for number, lead in enumerate(firms):
        at = AT + dt.timedelta(days=number)
        assert factories.file(lead, at=at).outcome is Outcome.FILED
        claiming.release(lead=lead, reason="先放一放", by=me, at=at)
    for lead in firms[::2]:
        theirs = factories.lead(cast.park_officer, name=lead.name)
        informing.keep_lead_confidential(lead=theirs, code_name="甲项目", by=cast.park_officer, at=AT)
        assert factories.file(theirs, at=AT + dt.timedelta(days=40)).outcome is Outcome.FILED
    for number, lead in enumerate(firms):
        at = AT + dt.timedelta(days=60 + number)
        variant = factories.lead(me, name=lead.name.replace("有限公司", "有限责任公司"), at=at)
        for one in (lead, variant):
            found = factories.file(one, at=at)
            told[number % 2 == 0].add((found.outcome, found.told, found.claim.state if found.claim else None))
            filing.withdraw(claim=found.claim, reason="试探", by=me, at=at)
    assert told[True] == told[False] == {(Outcome.WAITS, (), "waiting")}


def test_a_release_is_taken_back_alike_whatever_others_filed_meanwhile(cast: Cast) -> None:
    me = cast.county_officer
    leads = [factories.lead(me, name=f"临溪{factories.brand(40 + number)}装备有限公司") for number in range(2)]
    for lead in leads:
        factories.file(lead)
        claiming.release(lead=lead, reason="误点", by=me, at=AT)
    theirs = factories.lead(cast.park_officer, name=leads[0].name)
    informing.keep_lead_confidential(lead=theirs, code_name="甲项目", by=cast.park_officer, at=AT)
    assert factories.file(theirs, at=AT + dt.timedelta(hours=2)).outcome is Outcome.WAITS
    states = [claiming.take_back(lead=lead, by=me, at=AT + dt.timedelta(hours=3)).state for lead in leads]
    assert states == ["open", "open"]
