"""How long pages take while fifty people work: gunicorn as shipped, 5,000 lists, 5,000 projects, think times of 3 to 8 s; prints JSON.

    python benchmarks/load.py WAREHOUSE [--seconds 120] [--users 50] [--postgres] [--limit-ms 200]

`WAREHOUSE` is the folder of a build, of 500,000 firms or more. The office is made anew in bulk (`--scale 0.1`: a tenth of it), in SQLite,
in a PostgreSQL server of its own (`--postgres`, tests/postgres.py) or in the empty database of WUTONG_DATABASE_URL. The server is the
command of packaging/systemd/wutong.service. People of seven roles, logged in, load pages by chance (fixed seed) out of a process of its
own, each with the parts that a browser fetches by itself; they enter knocks and follow firms too.

Times on the server are gunicorn's own (`%(D)s`, from the request read to the answer written, waiting for a processor that others hold
included); those of the client also count the wait for a free thread. The generator's processor time is told apart. Peers of the same run:
`/health/live` asked once a second under the same load, and every page of one person alone, before the others come.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import http.client
import json
import os
import random
import re
import resource
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[1]
SEED = 7
THINK_SECONDS = (3.0, 8.0)
ALONE_REPEATS = 3
VOLUMES = {
    "lists": 5_000, "rows": 100_000, "knocks": 50_000, "duties": 20_000, "messages": 20_000, "people": 500, "units": 100, "firms": 20_000,
    "tags": 4_000, "said_by_hand": 300, "contacts": 3_000, "follows": 2_000, "imports": 2_000, "exports": 2_000, "jobs": 2_000,
    "entries": 100_000, "leads": 20_000, "projects": 5_000,
}  # fmt: skip
ROLES = {
    "bureau_officer": 20, "county_officer": 12, "park_officer": 8, "bureau_leader": 4, "government_leader": 2, "system_admin": 2,
    "audit_admin": 2,
}  # fmt: skip
WORDS = ("机械", "新能源电池", "液压缸", "xinnengyuan", "dcqd", "液呀缸", "药业", "电解液", "食品", "清单12", "干部7", "91410",
         "没有这样的名称")  # fmt: skip
SEARCHED = ("机械", "电池", "药业", "铝合金", "科技有限公司", "轴承")
TOKEN = "c" * 32
PART = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="(load|stale)"')
KEPT_SECONDS = 60.0  # as static/js/wutong.js keeps the figure beside an entry of the side bar, until a form is sent
LISTS_AND_SEARCH = frozenset({
    "my duties", "my knocks", "lists", "lists by word", "one list", "one list by place", "board", "all rows", "stale rows", "firm search",
    "search box", "search page", "people", "units", "officers", "messages", "imports", "exports", "jobs", "outbox", "audit",
    "audit by word", "followed", "ranking", "makers", "leads", "my leads", "leads by stage", "projects", "projects late", "my projects",
    "projects by stage", "projects by month", "projects by place", "money", "money to review",
})  # fmt: skip


# --- the office -------------------------------------------------------------------------------------------------------------------------
def set_up(warehouse: Path, folder: Path, url: str) -> dict[str, str]:
    """Point Django, and the server that will be started, at an empty office beside the build."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "wutong.web.settings", "WUTONG_DATA": str(folder), "WUTONG_WAREHOUSE": str(warehouse.resolve()),
        "WUTONG_DATABASE_URL": url, "WUTONG_SECRET_KEY": "only for a measurement", "WUTONG_AUDIT_KEY": "only-for-a-measurement-" * 3,
        "WUTONG_PLAIN_HTTP": "1", "WUTONG_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    os.environ.update(settings)
    import django  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    return settings


class Office:
    """The bureau of a city with its counties and parks, filled in bulk, for it is reading that is measured."""

    def __init__(self, volumes: Mapping[str, int]) -> None:
        from django.utils import timezone  # noqa: PLC0415

        self.many, self.rnd, self.now = volumes, random.Random(SEED), timezone.now()
        self.today = timezone.localdate(self.now)
        self.units = self._units()
        self.people: list[Any] = []
        self.users: list[tuple[str, Any]] = []
        self._staff()
        self._firms()
        self._lists()
        self._leads_and_projects()
        self._desks()
        self._audit()

    def _day(self, earliest: int, latest: int) -> dt.date:
        return self.today + dt.timedelta(days=self.rnd.randrange(earliest, latest))

    def _units(self) -> list[Any]:
        """A city, its bureau, counties with parks below them; the city is the one with the most firms."""
        from wutong.web.accounts.actions import units  # noqa: PLC0415
        from wutong.web.lib import warehouse  # noqa: PLC0415

        asked = "select left(adcode, 4) || '00' as city, count(*) as n from firms where adcode is not null group by 1 order by n desc"
        city = warehouse.served().ask(asked).to_pylist()[0]["city"]
        asked = "select distinct adcode from firms where left(adcode, 4) = $city and not ends_with(adcode, '00') order by 1"
        counties = [row["adcode"] for row in warehouse.served().ask(asked, {"city": city[:4]}).to_pylist()][:12] or [city]
        top = units.add_unit(kind="city", name_zh="量测市", parent=None, adcode=city, by=None, at=self.now)
        found = [units.add_unit(kind="department", name_zh="量测招商局", parent=top, adcode=city, by=None, at=self.now)]
        found += [units.add_unit(kind="county", name_zh=f"{code}县", parent=top, adcode=code, by=None, at=self.now) for code in counties]
        above = found[1:]
        while len(found) < self.many["units"] - 1:
            county = above[len(found) % len(above)]
            name = f"第{len(found)}园区"
            found.append(units.add_unit(kind="park", name_zh=name, parent=county, adcode=county.adcode, by=None, at=self.now))
        return found

    def _staff(self) -> None:
        from wutong.web.accounts.models import Posting, User  # noqa: PLC0415

        parks, counties = [u for u in self.units if u.kind == "park"], [u for u in self.units if u.kind == "county"]
        at = {"county_officer": counties, "park_officer": parks or counties}
        roles = [role for role, count in ROLES.items() for _ in range(count)]
        roles += self.rnd.choices(("bureau_officer", "county_officer", "park_officer"), (2, 3, 5), k=self.many["people"] - len(roles))
        made = [
            User(username=f"u{n}", display_name=f"干部{n}", unit=self.rnd.choice(at.get(role, self.units[:1])), password="!",
                 created_at=self.now)
            for n, role in enumerate(roles)
        ]  # fmt: skip
        self.people = list(User.objects.bulk_create(made))
        since = self.today - dt.timedelta(days=400)
        Posting.objects.bulk_create(
            Posting(user=one, unit=one.unit, role=role, starts_on=since) for one, role in zip(self.people, roles, strict=True)
        )
        self.users = list(zip(roles, self.people, strict=True))[: sum(ROLES.values())]
        self.knockers = [one for role, one in zip(roles, self.people, strict=True) if role.endswith("officer")]

    def _firms(self) -> None:
        from wutong.web.firms.models import Firm, FirmList, FirmTag, Follow, Person, Position  # noqa: PLC0415
        from wutong.web.lib import warehouse  # noqa: PLC0415

        build, many = warehouse.served(), self.many
        asked = "select firm_id, uscc, name from firms where hash(firm_id) % $every = 0 order by firm_id limit $many"
        rows = build.ask(asked, {"every": max(1, build.info.firms // (2 * many["firms"])), "many": many["firms"]}).to_pylist()
        Firm.objects.bulk_create(
            (Firm(**row | {"name": row["name"][:300]}, build_id="b", taken_on_at=self.now) for row in rows), batch_size=2_000
        )
        self.firms = list(Firm.objects.all())
        edition = FirmList.objects.create(
            tag="private_500", name="量测名单", as_of=self._day(-300, -200), source="量测", file_name="名单.xlsx", file_sha256="0" * 64,
            rows=many["tags"], build_id="b", imported_at=self.now,
        )  # fmt: skip
        FirmTag.objects.bulk_create(
            FirmTag(edition=edition, firm=firm, row=n, given=firm.name, by="name", confidence_share=1.0)
            for n, firm in enumerate(self.rnd.sample(self.firms, min(many["tags"], len(self.firms))))
        )
        pairs = {(self.rnd.choice(self.users)[1], self.rnd.choice(self.firms)) for _ in range(many["follows"])}
        Follow.objects.bulk_create(Follow(user=user, firm=firm, followed_at=self.now) for user, firm in pairs)
        contacts = Person.objects.bulk_create(
            Person(name=f"联系人{n}", purpose="promotion", basis="public", consent_source="官网", consented_on=self.today,
                   retain_until=self._day(300, 600), unit=one.unit, noted_by=one, noted_at=self.now)
            for n, one in enumerate(self.rnd.choices(self.knockers, k=many["contacts"]))
        )  # fmt: skip
        Position.objects.bulk_create(Position(person=one, firm=self.rnd.choice(self.firms), title="总经理") for one in contacts)

    def _lists(self) -> None:
        from wutong.web.chains.models import HandPlacement  # noqa: PLC0415
        from wutong.web.firms.queries import standing  # noqa: PLC0415
        from wutong.web.leads.models import Knock, ListedFirm, TargetList  # noqa: PLC0415
        from wutong.web.leads.queries import chosen  # noqa: PLC0415

        rnd, many = self.rnd, self.many
        words = ("新能源电池", "液压缸", "机器人", "生物医药", "电子电路", "食品加工", "重点", "外出招商", "补链")
        self.chains = {chain.id: [part.id for part in chain.segments] for chain in standing.rulebook().chains.values()}
        lists = []
        for n in range(many["lists"]):
            owner, is_closed = rnd.choice(self.knockers), rnd.random() < 0.3
            lists.append(
                TargetList(
                    title=f"{rnd.choice(words)}清单{n}", unit=owner.unit, owner=owner, created_at=self.now - dt.timedelta(hours=n),
                    origin=rnd.choice(("ranking", "search", "hand")), state="closed" if is_closed else "active",
                    closed_on=self.today if is_closed else None,
                )
            )  # fmt: skip
        lists = list(TargetList.objects.bulk_create(lists, batch_size=1_000))
        members = rnd.choices(self.knockers, k=len(lists))
        TargetList.members.through.objects.bulk_create(
            TargetList.members.through(targetlist_id=one.pk, user_id=member.pk) for one, member in zip(lists, members, strict=True)
        )
        leader = next(person for role, person in self.users if role == "bureau_leader")
        found = [
            candidate.found
            for chain in ("power-battery", next(iter(self.chains)))
            for candidate in chosen.chosen(leader, found_at=f"/chains/{chain}/targets/", firm_ids=(), first=50).candidates
        ]
        held = [(chain, rnd.choice(parts)) for chain, parts in self.chains.items() for _ in range(3) if parts]
        each, rows = max(1, many["rows"] // len(lists)), []
        for target, member in zip(lists, members, strict=True):
            chain, segment = rnd.choice(held)
            for position, firm in enumerate(rnd.sample(self.firms, each), 1):
                state = rnd.choices(("to_knock", "in_contact", "later", "no_interest", "lead"), (3, 4, 1, 3, 1))[0]
                is_open = state in {"to_knock", "in_contact", "later"}
                rows.append(
                    ListedFirm(
                        list=target, firm=firm, position=position, chain=chain, segment=segment, score=rnd.randrange(100),
                        found=rnd.choice(found), city=f"城市{rnd.randrange(30)}", place="某省某市", state=state, next_step="回访",
                        assignee=rnd.choice((target.owner, member, None)), next_on=self._day(-20, 30) if is_open else None,
                        quiet_since=self._day(-60, 0), knock_count=1, put_on_at=self.now - dt.timedelta(days=rnd.randrange(300)),
                        last_knocked_on=self._day(-60, 0), contacted_on=self._day(-60, 0) if rnd.random() < 0.6 else None,
                    )
                )  # fmt: skip
        rows = list(ListedFirm.objects.bulk_create(rows, batch_size=1_000))
        Knock.objects.bulk_create(
            (
                Knock(row=row, how="call", result="contacted", by=row.list.owner, made_at=self.now - dt.timedelta(days=rnd.randrange(60)),
                      said="介绍情况", recorded_by=row.list.owner, recorded_at=self.now)
                for row in rnd.choices(rows, k=many["knocks"])
            ),
            batch_size=2_000,
        )  # fmt: skip
        largest = max(self.chains, key=lambda chain: len(self.chains[chain]))
        HandPlacement.objects.bulk_create(
            HandPlacement(firm=firm, chain_id=largest, segment_id=rnd.choice(self.chains[largest]), is_maker=rnd.random() < 0.6,
                          reason="现场核实", by=leader, at=self.now)
            for firm in rnd.sample(self.firms, min(many["said_by_hand"], len(self.firms)))
        )  # fmt: skip

    def _leads_and_projects(self) -> None:
        """Leads, and projects with 60 sub-nodes and 36 months of money and progress each, of the units that have people."""
        import leads_pages  # noqa: PLC0415
        import many_projects  # noqa: PLC0415

        from wutong.web.leads.models import Lead  # noqa: PLC0415

        owners: dict[Any, list[Any]] = defaultdict(list)
        for person in self.knockers:
            owners[person.unit].append(person)
        by_key = {unit.pk: people for unit, people in owners.items()}
        leads = leads_pages.leads_of(self.rnd, self.many["leads"], list(owners), by_key, self.now)
        Lead.objects.bulk_create(leads, batch_size=2_000)
        sites = sorted({unit.adcode for unit in self.units if unit.kind == "county"})
        many_projects.make(self.rnd, self.many["projects"], owners, self.now, [*sites, ""])

    def _desks(self) -> None:
        from wutong.web.batches.models import ExportBatch, ImportBatch  # noqa: PLC0415
        from wutong.web.jobs.models import Job, Message  # noqa: PLC0415
        from wutong.web.journal.models import Duty  # noqa: PLC0415

        rnd, many, now = self.rnd, self.many, self.now
        everybody = [person for _, person in self.users] * 5 + self.people
        duties = []
        for n in range(many["duties"]):
            owner, is_open, due_on = rnd.choice(everybody), rnd.random() < 0.4, self._day(-30, 40)
            ended = {} if is_open else {"state": "done", "ended_at": now, "ended_on": self.today, "ended_by": owner}
            duties.append(
                Duty(title=f"事项{n}", owner=owner, unit=owner.unit, asked_by=rnd.choice(self.people), asked_at=now, due_on=due_on,
                     first_due_on=due_on, **ended)
            )  # fmt: skip
        Duty.objects.bulk_create(duties, batch_size=2_000)
        Message.objects.bulk_create(
            (
                Message(channel="in_app", to=rnd.choice(everybody), title=f"消息{n}", key=f"load:{n}", state="sent", written_at=now,
                        due_at=now, read_at=None if rnd.random() < 0.1 else now)
                for n in range(many["messages"])
            ),
            batch_size=2_000,
        )  # fmt: skip
        askers = rnd.choices(everybody, k=max(many["imports"], many["exports"], many["jobs"]))
        ImportBatch.objects.bulk_create(
            ImportBatch(kind="leads.rows", by=one, unit=one.unit, file_name="名单.xlsx", sha256="0" * 64, size_bytes=1, state="done",
                        uploaded_at=now)
            for one in askers[: many["imports"]]
        )  # fmt: skip
        ExportBatch.objects.bulk_create(
            ExportBatch(kind="leads.rows", title="目标企业", format="xlsx", by=one, unit=one.unit, asked_at=now)
            for one in askers[: many["exports"]]
        )
        Job.objects.bulk_create(
            Job(kind="jobs.trial", by=one, unit=one.unit, state="done", title="试运行", queued_at=now, due_at=now, ended_at=now)
            for one in askers[: many["jobs"]]
        )

    def _audit(self) -> None:
        import audit_chain  # noqa: PLC0415

        from wutong.web.audit import actions  # noqa: PLC0415

        audit_chain.fill(self.many["entries"])
        actions.seal(at=self.now)


# --- what people open -------------------------------------------------------------------------------------------------------------------
def sessions(office: Office) -> list[dict[str, Any]]:
    """Everybody logged in, each with the pages of his role: name, how often, and the addresses to choose from."""
    return [{"role": role, "cookie": cookie(person, office.now), "pages": list(_pages(office, person))} for role, person in office.users]


def cookie(person: Any, at: dt.datetime) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from wutong.web.accounts.models import LoginSession  # noqa: PLC0415

    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), "wutong.web.accounts.views.login.Backend"
    store[HASH_SESSION_KEY], store["second_factor"] = person.get_session_auth_hash(), True
    store.save()
    begun = LoginSession.objects.create(user=person, key=store.session_key, started_at=at, used_at=at)
    store["login"] = {"session": begun.pk, "started": at.timestamp(), "used": at.timestamp(), "idle": 60}
    store.save()
    return f"sessionid={store.session_key}; csrftoken={TOKEN}"


def _pages(office: Office, person: Any) -> Iterator[dict[str, Any]]:
    from wutong.web.leads.models import Lead, ListedFirm, TargetList  # noqa: PLC0415
    from wutong.web.leads.queries import lists as leads  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415

    rnd = office.rnd
    seen = list(TargetList.objects.visible_to(person).order_by("pk").values_list("public_id", flat=True))
    chosen = rnd.sample(seen, min(20, len(seen)))
    rows = list(ListedFirm.objects.filter(list__public_id__in=chosen).values_list("public_id", flat=True)[:100])
    workable = leads.workable(person).filter(public_id__in=chosen)
    open_rows = list(ListedFirm.objects.open().filter(list__in=workable.order_by().values("pk")).values_list("public_id", flat=True)[:50])
    firms = [firm.firm_id for firm in rnd.sample(office.firms, 30)]
    chains = list(office.chains)
    segments = [(chain, rnd.choice(parts)) for chain, parts in office.chains.items() if parts]
    year = office.today.year
    leads_seen = list(Lead.objects.visible_to(person).filter(state="open").order_by("-pk").values_list("public_id", flat=True)[:20])
    built = list(Project.objects.visible_to(person).filter(status="active").order_by("-pk").values_list("public_id", flat=True)[:20])
    found = (
        ("leads.view", "leads", 4, ["/leads/all/", "/leads/all/?sort=last", f"/leads/all/?text={quote('精工')}"]),
        ("leads.edit", "my leads", 3, ["/leads/all/mine/"]), ("leads.view", "leads by stage", 1, ["/leads/all/board/"]),
        ("leads.view", "one lead", 4, [f"/leads/all/{one}/" for one in leads_seen]),
        ("projects.view", "projects", 6, ["/projects/", "/projects/?sort=due", "/projects/?page=3", f"/projects/?text={quote('精工')}"]),
        ("projects.view", "projects late", 2, ["/projects/?which=late", "/projects/?which=soon"]),
        ("projects.edit", "my projects", 5, ["/projects/mine/"]), ("projects.view", "projects by stage", 2, ["/projects/board/"]),
        ("projects.view", "projects by month", 1, ["/projects/calendar/"]), ("projects.view", "projects by place", 1, ["/projects/map/"]),
        ("projects.view", "one project", 8, [f"/projects/{one}/" for one in built]),
        ("projects.view", "money", 2, ["/projects/funds/", f"/projects/funds/?state=counted&since={year}-01-01"]),
        ("projects.review_funds", "money to review", 1, ["/projects/funds/review/"]),
        ("projects.view", "money by month", 1, ["/projects/funds/months/"]),
        ("projects.view", "rates", 2, ["/projects/rates/", f"/projects/rates/?cohort={year - 1}"]),
        ("projects.view", "behind a rate", 1, [f"/projects/rates/projects/?definition=start_signed&side=denominator&cohort={year - 1}"]),
        ("projects.view", "home", 6, ["/cockpit/"]), ("projects.decide", "leaders", 4, ["/cockpit/leaders/", "/cockpit/leaders/?wall=1"]),
        ("journal.view", "my duties", 10, ["/journal/duties/"]), ("leads.edit", "my knocks", 8, ["/leads/mine/"]),
        ("leads.view", "lists", 8, ["/leads/lists/", "/leads/lists/?sort=-hits", "/leads/lists/?page=2"]),
        ("leads.view", "lists by word", 2, [f"/leads/lists/?text={quote(word)}" for word in ("电池", "液压", "清单12")]),
        ("leads.view", "one list", 8, [f"/leads/lists/{one}/" for one in chosen]),
        ("leads.view", "one list by place", 2, [f"/leads/lists/{one}/?group=city" for one in chosen]),
        ("leads.view", "board", 2, [f"/leads/lists/{one}/?as=board" for one in chosen]),
        ("leads.view", "all rows", 3, ["/leads/lists/rows/"]), ("leads.view", "stale rows", 1, ["/leads/lists/rows/?which=stale"]),
        ("leads.view", "one row", 8, [f"/leads/rows/{one}/" for one in rows]),
        ("leads.edit", "form of a knock", 3, [f"/leads/rows/{one}/knock/" for one in open_rows]),
        ("leads.edit", "knock entered", 2, [f"/leads/rows/{one}/knock/" for one in open_rows]),
        ("leads.view", "results", 1, ["/leads/results/", "/leads/results/?period=year"]),
        ("leads.export", "rows as Excel", 1, [f"/leads/lists/{one}/export/" for one in chosen]),
        ("chains.view", "chains", 2, ["/chains/"]), ("chains.view", "chain map", 4, [f"/chains/{one}/" for one in chains]),
        ("chains.view", "segment", 2, [f"/chains/{chain}/segments/{part}/" for chain, part in segments]),
        ("chains.view", "makers", 1, [f"/chains/{chain}/segments/{part}/makers/" for chain, part in segments]),
        ("chains.view", "ranking", 4, [f"/chains/{chain}/targets/?segment={part}" for chain, part in segments]),
        ("chains.view", "ranking of a chain", 1, [f"/chains/{one}/targets/" for one in chains]),
        ("firms.view", "firm search", 6, [f"/firms/?q={quote(word)}" for word in SEARCHED]),
        ("firms.view", "firm", 6, [f"/firms/{one}/" for one in firms]), ("firms.view", "followed", 1, ["/firms/followed/"]),
        ("firms.view", "firm followed", 1, [f"/firms/{one}/follow/" for one in firms]),
        ("firms.view", "search box", 8, [f"/search/?q={quote(word)}" for word in WORDS]),
        ("firms.view", "search page", 2, [f"/search/?q={quote(word)}" for word in WORDS]),
        ("rules.view", "rules", 1, ["/rules/"]), ("accounts.view", "people", 1, ["/accounts/people/"]),
        ("accounts.view", "units", 1, ["/accounts/units/"]), ("accounts.view_officers", "officers", 1, ["/accounts/officers/"]),
        ("", "profile", 1, ["/accounts/profile/"]), ("", "messages", 2, ["/jobs/messages/"]), ("", "imports", 1, ["/batches/imports/"]),
        ("", "exports", 1, ["/batches/exports/"]), ("jobs.view", "jobs", 2, ["/jobs/"]), ("jobs.view", "outbox", 1, ["/jobs/outbox/"]),
        ("audit.view", "audit", 6, ["/audit/", "/audit/?page=7"]), ("audit.view", "audit by word", 2, ["/audit/?text=object+77"]),
    )  # fmt: skip
    for permission, name, weight, addresses in found:
        if addresses and (not permission or person.may(permission)):
            yield {"name": name, "weight": weight, "addresses": addresses}


# --- the load generator: a process of its own -------------------------------------------------------------------------------------------
class Visitor:
    """One person with a browser that keeps its connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.there: http.client.HTTPConnection | None = None
        self.told_at = -KEPT_SECONDS

    def ask(self, name: str, address: str, *, is_part: bool = False, form: Mapping[str, str] | None = None) -> tuple[float, int, str]:
        """Seconds until the whole answer is there, its status, its text. A connection that the server let go of is opened again."""
        headers = {"Cookie": self.cookie, "X-Load": quote(name), "Accept-Encoding": "identity"}
        headers |= {"HX-Request": "true"} if is_part else {}
        body = urlencode({**form, "csrfmiddlewaretoken": TOKEN}) if form is not None else None
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        began = time.perf_counter()
        for attempt in (1, 2):
            if self.there is None:
                self.there = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.there.request("POST" if body else "GET", address, body=body, headers=headers)
                answer = self.there.getresponse()
                text = answer.read()
                return time.perf_counter() - began, answer.status, text.decode("utf-8", "replace")
            except (http.client.HTTPException, OSError):
                self.there.close()
                self.there = None
                if attempt == 2:
                    return time.perf_counter() - began, 0, ""
        raise AssertionError

    def open(self, page: Mapping[str, Any], rnd: random.Random, told: Any) -> None:
        """A page as a browser opens it: with the parts that it fetches by itself."""
        name, address = page["name"], rnd.choice(page["addresses"])
        form = _filled(name)
        seconds, status, text = self.ask(name, address, is_part=name == "search box", form=form)
        told(name, seconds, status if form is None or status != 302 else 200)
        self.told_at = self.told_at if form is None else -KEPT_SECONDS
        if name != "search box" and status == 200 and form is None:
            for part, trigger in PART.findall(text):
                if trigger == "stale" and time.monotonic() - self.told_at < KEPT_SECONDS:
                    continue
                self.told_at = time.monotonic() if trigger == "stale" else self.told_at
                label = (
                    f"part of {name}"
                    if name in {"firm", "one row", "one list", "one lead", "one project"} and "badge" not in part
                    else "badge of the frame"
                )
                told(label, *self.ask(label, part.replace("&amp;", "&"), is_part=True)[:2])


def _filled(name: str) -> dict[str, str] | None:
    now = dt.datetime.now()  # noqa: DTZ005 - as a browser's form would
    if name == "firm followed":
        return {"next": "/firms/followed/"}
    if name != "knock entered":
        return None
    return {
        "how": "call", "result": "contacted", "said": "量测", "next_step": "回访", "next_on": f"{now + dt.timedelta(days=9):%Y-%m-%d}",
        "made_at": f"{now - dt.timedelta(minutes=1):%Y-%m-%dT%H:%M}",
    }  # fmt: skip


def generate(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Let everybody work for so many seconds, after a time to warm up that does not count. Shape: seconds and status a request, by page."""
    asked: dict[str, list[tuple[float, int]]] = defaultdict(list)
    lock, began = threading.Lock(), time.monotonic()
    counts_from, ends = began + plan["warm_up"], began + plan["warm_up"] + plan["seconds"]

    def work(number: int, user: Mapping[str, Any]) -> None:
        rnd, visitor = random.Random(f"{SEED} {number}"), Visitor(plan["port"], user["cookie"])
        weights = [page["weight"] for page in user["pages"]]
        time.sleep(rnd.uniform(0, THINK_SECONDS[1]))
        while (now := time.monotonic()) < ends:
            is_counted = now >= counts_from

            def told(name: str, seconds: float, status: int, is_counted: bool = is_counted) -> None:
                with lock:
                    if is_counted:
                        asked[name].append((seconds, status))

            visitor.open(rnd.choices(user["pages"], weights)[0], rnd, told)
            time.sleep(max(0.0, min(rnd.uniform(*THINK_SECONDS), ends - time.monotonic())))

    def probe() -> None:
        visitor = Visitor(plan["port"], "")
        while time.monotonic() < ends:
            seconds, status, _ = visitor.ask("health", "/health/live")
            if time.monotonic() >= counts_from:
                asked["health"].append((seconds, status))
            time.sleep(1)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(plan["users"])] + [threading.Thread(target=probe)]
    for thread in threads:
        thread.start()
    time.sleep(max(0.0, counts_from - time.monotonic()))
    print("counting", flush=True)
    used = resource.getrusage(resource.RUSAGE_SELF)
    for thread in threads:
        thread.join()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {"asked": asked, "cpu_seconds": after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime}


# --- the server -------------------------------------------------------------------------------------------------------------------------
class Server:
    """gunicorn as `packaging/systemd/wutong.service` starts it, at a free port, with a line for each answer."""

    def __init__(self, settings: Mapping[str, str], folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        unit = (ROOT / "packaging/systemd/wutong.service").read_text("utf-8")
        line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
        self.shipped = shlex.split(line.partition("=")[2])[1:]
        self.log = folder / "answers.tsv"
        pairs = zip(["", *self.shipped], self.shipped, strict=False)
        bound = [f"127.0.0.1:{self.port}" if before == "--bind" else word for before, word in pairs]
        command = [sys.executable, "-m", "gunicorn", *bound, "--no-control-socket", "--access-logfile", str(self.log)]
        command += ["--access-logformat", "%({x-load}i)s\t%(s)s\t%(D)s", "--log-level", "warning"]
        self._began = time.monotonic()
        self._process = subprocess.Popen(command, env={**os.environ, **settings}, start_new_session=True)

    def until_ready(self) -> dict[str, float]:
        """Seconds until the first answer, and until the server calls itself ready."""
        took: dict[str, float] = {}
        for word in ("live", "ready"):
            while Visitor(self.port, "").ask("start", f"/health/{word}")[1] != 200:
                if self._process.poll() is not None:
                    raise SystemExit("the server ended")
                time.sleep(0.1)
            took[word] = round(time.monotonic() - self._began, 1)
        return took

    @property
    def pid(self) -> int:
        """The master process, whose children are the workers."""
        return self._process.pid

    def memory_mb(self) -> float:
        """Memory of all of them, pages that they share counted once."""
        found = (Path(f"/proc/{pid}/smaps_rollup").read_text("ascii") for pid in family(self.pid))
        return sum(int(line.split()[1]) for text in found for line in text.splitlines() if line.startswith("Pss:")) / 1024

    def stop(self) -> None:
        """End it, and wait."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


def cpu_seconds(parent: int | None) -> float:
    """Processor time of a process and its children, those that ended included."""
    if parent is None:
        return 0.0
    used = 0
    for pid, fields in ((pid, (11, 15)) if pid == parent else (pid, (11, 13)) for pid in family(parent)):
        with contextlib.suppress(OSError):
            used += sum(map(int, Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[slice(*fields)]))
    return used / os.sysconf("SC_CLK_TCK")


def family(parent: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    return [parent, *map(int, children)]


def database_process() -> int | None:
    """The first process of the PostgreSQL server that we ask, where it runs on this machine."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/status")
    return next((int(line.split()[1]) for line in status.read_text("ascii").splitlines() if line.startswith("PPid:")), None)


# --- the figures ------------------------------------------------------------------------------------------------------------------------
def spread(milliseconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and worst. Units: ms."""
    known = sorted(milliseconds)
    at = max(0, -(-95 * len(known) // 100) - 1)
    return {"median_ms": round(statistics.median(known), 1), "p95_ms": round(known[at], 1), "worst_ms": round(known[-1], 1)}


def answers(log: Path, begin: int) -> dict[str, list[float]]:
    """What the server wrote down from a line on: milliseconds of each answer, by page."""
    from urllib.parse import unquote  # noqa: PLC0415

    found: dict[str, list[float]] = defaultdict(list)
    for line in log.read_text("utf-8").splitlines()[begin:]:
        name, _, took = line.split("\t")
        found[unquote(name)].append(int(took) / 1000)
    return found


def lines_in(log: Path) -> int:
    """How many answers stand there."""
    return len(log.read_text("utf-8").splitlines()) if log.exists() else 0


def alone(server: Server, users: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every page of a leader and of an officer, one at a time, some times over; first of all the very first page after the start."""
    chosen = [next(user for user in users if user["role"] == role) for role in ("bureau_leader", "bureau_officer", "audit_admin")]
    visitor = Visitor(server.port, chosen[0]["cookie"])
    first = [round(visitor.ask("first", address)[0] * 1000, 1) for address in ("/leads/lists/", "/search/?q=" + quote("液压"), "/chains/")]
    began = lines_in(server.log)
    used = cpu_seconds(server.pid)
    for user in chosen:
        rnd, visitor = random.Random(SEED), Visitor(server.port, user["cookie"])
        for page in user["pages"]:
            for _ in range(ALONE_REPEATS):
                visitor.open(page, rnd, lambda *_: None)
    found = {name: spread(took) for name, took in answers(server.log, began).items()}
    count = lines_in(server.log) - began
    used = cpu_seconds(server.pid) - used
    return {"first_pages_ms": first, "pages": found, "cpu_ms_a_request": round(used * 1000 / max(1, count), 1)}


def measure(settings: Mapping[str, str], folder: Path, office: Office, arguments: argparse.Namespace) -> dict[str, Any]:
    """One run: start, one person alone, everybody."""
    from django.db import connections  # noqa: PLC0415

    users = sessions(office)
    users = [users[at % len(users)] for at in range(arguments.users)]
    database = database_process()
    connections.close_all()
    server = Server(settings, folder)
    try:
        took = server.until_ready()
        memory = [server.memory_mb()]
        single = alone(server, users)
        plan = {"port": server.port, "users": users, "seconds": arguments.seconds, "warm_up": arguments.warm_up}
        (folder / "plan.json").write_text(json.dumps(plan), "utf-8")
        command = [sys.executable, __file__, "--generate", str(folder / "plan.json"), str(folder)]
        generator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert generator.stdout is not None
        generator.stdout.readline()
        begin, load = lines_in(server.log), []
        used, used_there, began = cpu_seconds(server.pid), cpu_seconds(database), time.monotonic()
        while generator.poll() is None:
            time.sleep(1)
            memory.append(server.memory_mb())
            load.append(os.getloadavg()[0])
        seconds = time.monotonic() - began
        used, used_there = cpu_seconds(server.pid) - used, cpu_seconds(database) - used_there
        if generator.returncode:
            raise SystemExit("the load generator failed")
        asked = json.loads((folder / "asked.json").read_text("utf-8"))
        return {
            "shipped": shlex.join(server.shipped), "ready_after_seconds": took, "alone": single,
            **told(answers(server.log, begin), asked["asked"]),
            "cpu_seconds": {"server": round(used, 1), "database": round(used_there, 1), "generator": round(asked["cpu_seconds"], 1)},
            "cpu_ms_a_request": round(used * 1000 / max(1, sum(map(len, asked["asked"].values()))), 1),
            "seconds": round(seconds), "server_memory_mb": {"at_start": round(memory[0]), "peak": round(max(memory))},
            "load_average": round(statistics.mean(load), 1),
        }  # fmt: skip
    finally:
        server.stop()


def told(server: Mapping[str, list[float]], asked: Mapping[str, list[tuple[float, int]]]) -> dict[str, Any]:
    """The figures of everybody's run: by page, all together, lists and search together."""
    pages = {
        name: {"requests": len(asked[name]), "server": spread(server[name]), "client": spread([s * 1000 for s, _ in asked[name]])}
        for name in sorted(asked)
        if asked[name] and server.get(name)
    }
    wrong = {name: [status for _, status in rows if status != 200] for name, rows in asked.items()}
    every = [took for name, rows in server.items() if name != "health" for took in rows]
    listed = [took for name, rows in server.items() if name in LISTS_AND_SEARCH for took in rows]
    clients = [seconds * 1000 for name, rows in asked.items() if name != "health" for seconds, _ in rows]
    return {
        "requests": len(clients), "errors": {name: found for name, found in wrong.items() if found}, "all_pages": spread(every),
        "lists_and_search": spread(listed), "all_pages_as_clients_saw_them": spread(clients), "pages": pages,
    }  # fmt: skip


def main() -> int:
    """Measure, print, and say by the exit code whether lists and search stayed below the limit and nothing failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--generate", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--warm-up", type=float, default=15)
    parser.add_argument("--users", type=int, default=sum(ROLES.values()))
    parser.add_argument("--scale", type=float, default=1.0, help="part of the volumes")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL server of its own")
    parser.add_argument("--limit-ms", type=float, default=200)
    if "--generate" in sys.argv:
        found = generate(json.loads(Path(sys.argv[2]).read_text("utf-8")))
        (Path(sys.argv[3]) / "asked.json").write_text(json.dumps(found), "utf-8")
        return 0
    arguments = parser.parse_args()
    small = {"people", "units"}
    volumes = {name: count if name in small else max(20, round(count * arguments.scale)) for name, count in VOLUMES.items()}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wutong-load-")))
        url = os.environ.get("WUTONG_DATABASE_URL", "")
        if arguments.postgres:
            sys.path.insert(0, str(ROOT / "tests"))
            from postgres import Cluster  # noqa: PLC0415 - of the tests

            url = stack.enter_context(Cluster()).url
        settings = set_up(arguments.warehouse, folder, url)
        began = time.monotonic()
        office = Office(volumes)
        took = round(time.monotonic() - began, 1)
        analyse()
        from wutong.web.lib import warehouse  # noqa: PLC0415

        found = {
            "benchmark": "load", "database": "PostgreSQL" if url else "SQLite", "processors": len(os.sched_getaffinity(0)),
            "firms": warehouse.served().info.firms, "volumes": volumes, "furnished_in_seconds": took, "users": arguments.users,
            "think_seconds": THINK_SECONDS, **measure(settings, folder, office, arguments),
        }  # fmt: skip
        print(json.dumps(found, ensure_ascii=False, indent=1))
    return int(found["lists_and_search"]["p95_ms"] > arguments.limit_ms or bool(found["errors"]))


def analyse() -> None:
    """Let PostgreSQL learn what it holds, as it does by itself in an office; SQLite never does."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "benchmarks"))
    sys.exit(main())
