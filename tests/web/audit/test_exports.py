"""Every address that gives a file away leaves one entry in the audit chain: by which filter, and exactly how many rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories
import fictional
from architecture.test_access_sweep import ALL
from cast import Cast
from web.chains.editing import submitted
from web.rulebooks.test_documents import AT as DECIDED_AT
from web.rulebooks.test_documents import drafted
from wutong.engine import catalogue_files, list_files
from wutong.engine.catalogue_files import Heading
from wutong.rulebook import load
from wutong.web.accounts.models import ProposedPosting, Unit, User
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import honours, merging, remarks
from wutong.web.firms.queries import tags
from wutong.web.leads.actions import handing_in
from wutong.web.leads.models import LeadPair
from wutong.web.leads.rules.handed_in import Given
from wutong.web.leads.rules.leads import Amount, LeadKind
from wutong.web.lib import spreadsheets, warehouse
from wutong.web.outreach import actions as trips
from wutong.web.outreach.rules import Span
from wutong.web.projects.actions import dispatch, forces, opening, progress
from wutong.web.projects.actions.progress import Said
from wutong.web.projects.rules.dispatch import Series
from wutong.web.projects.rules.stages import Stage
from wutong.web.rulebooks.actions import documents as rules
from wutong.web.rulebooks.rules import Step

AT = factories.AT
CATALOGUE = "t1"

# What is called so and gives nothing of the office away, such as an empty form to be filled in.
NOTHING_INSIDE: set[str] = set()


def exports() -> list[str]:
    """Names of the addresses that give files away."""
    said = ("export", "download")
    return sorted({address.name for address in ALL if any(word in address.name for word in said)} - NOTHING_INSIDE)


def assessed() -> tuple[Any, Any]:
    """A run that measured the bureau and its bulletin; of the bureau an inspection found something too."""
    bureau = Unit.objects.get(name_zh="青桐市招商局")
    factories.inspection_finding(User.objects.get(username="bureau_officer"))
    factories.reward_claim(User.objects.get(username="bureau_officer"))
    factories.registration(User.objects.get(username="bureau_officer"))
    scheme = factories.assessment_scheme(bureau)
    factories.rating_round(scheme)
    run = factories.assessment_run(scheme)
    return run, factories.assessment_bulletin(run)


def progressing(officer: Any) -> tuple[Any, Any]:
    """A project signed long ago and not started, of which a month is reported; one built in silence; papers, a packaged one, a ledger's."""
    factories.papers(factories.project(officer))
    factories.opportunity(officer)
    opening.open_from(lead=factories.lead(officer), taken=opening.Taken(Stage.SIGNED, factories.AT.date()), by=None, at=factories.AT)
    at = timezone.now() - dt.timedelta(days=200)
    signed, built = (factories.whole_project(officer, at=at) for _ in range(2))
    factories.bring_on(signed, Stage.SIGNED, at=at)
    progress.report(project=signed, month=timezone.localdate(), said=Said(visible="基础施工"), by=officer, at=timezone.now())
    return signed, factories.bring_on(built, Stage.STARTED, at=at)


@pytest.fixture
def dispatched(cast: Cast, settings: Any) -> None:
    """A meeting with a decision, a task force, a trip."""
    settings.WAREHOUSE = fictional.made()
    officer, held_on = cast.bureau_officer, AT.date()
    meeting = dispatch.convene(
        unit=officer.unit, series=Series.MONTHLY, title="月调度会", held_on=held_on, chair=cast.bureau_leader, by=None, at=AT
    )
    item = dispatch.add_item(meeting=meeting, title="其他", by=None, at=AT)
    dispatch.decide(item=item, text="办理", owner=officer, due_on=held_on, by=None, at=AT)
    forces.form(project=factories.project(officer), leader=cast.bureau_leader, by=None, at=AT)
    gone_to = trips.Said(Span(held_on, held_on), "拜访企业", (officer,), ("DE",))
    trips.enter(unit=officer.unit, said=gone_to, by=None, at=AT)


@pytest.fixture
def questions(cast: Cast, settings: Any, tmp_path: Path, dispatched: None) -> dict[str, tuple[str, str, dict[str, Any], dict[str, str]]]:
    """Address → who asks, entry that it leaves, record and question: each finds at least one row."""
    settings.WAREHOUSE, settings.DATA = fictional.made(), tmp_path
    (tmp_path / "t.csv").write_text("序号,条目,条件\n1,液压缸制造,须入园\n2,密封件,\n", "utf-8")
    heading = Heading(CATALOGUE, "encouraged", "provincial", "990000", "虚构样例目录", "样例1号", "2003-01-01", fictional=True)
    catalogue_files.add(catalogue_files.edition_of(tmp_path / "t.csv", heading, load.rulebook()), tmp_path / "catalogues")
    officer = cast.bureau_officer
    target = factories.target_list(officer)
    rows = factories.listed(target, *(factories.firm() for _ in range(3)), assignee=officer)
    factories.knock(rows[0], officer)
    factories.introduction(officer)
    of_target = fictional.firm_id(fictional.TARGET)
    factories.acquaintance(officer, firm_id=of_target, partner=factories.partner(officer, name="白榆市青桐商会"), is_home_tie=True)
    factories.seeking(officer, firm_id=fictional.firm_id("青桐开元挖掘机有限公司"))
    factories.firm_account(officer, firm_id=fictional.firm_id("青桐开元挖掘机有限公司"))
    file = tmp_path / "list.csv"
    file.write_text(f"排名,企业名称\n1,{fictional.TARGET}\n2,不存在的远方实业有限公司\n", "utf-8")
    listed = list_files.read(file, tags.LIST_FIELDS, any_of=tags.LIST_NEEDS)
    edition = honours.import_list(
        listed=listed, tag="private-500", as_of=AT.date(), source="某联合会", rulebook=load.rulebook(), by=officer, at=AT
    )  # fmt: skip
    ProposedPosting.objects.create(
        user=cast.no_role, unit=officer.unit, role="adviser", starts_on=AT.date(), proposed_by=cast.system_admin, proposed_at=AT
    )
    gone, kept, twin, other = (factories.firm() for _ in range(4))
    merging.merge(kept=kept, gone=gone, reason="同一地址", by=officer, at=AT)
    remarks.note_name(firm_id=twin.firm_id, kind="former", name=other.name, source="走访", by=officer, at=AT)
    held = factories.lead(officer, name="白榆报备装备有限公司")
    factories.file(held)
    factories.offer(held, cast.units["away"])
    factories.file(factories.lead(cast.county_officer, name="白榆报备装备有限公司"), another_project="另一条产线")
    told = factories.lead(cast.park_officer, name="白榆报备装备有限公司")
    factories.file(told)
    factories.dispute(told)
    LeadPair.objects.create(lead=factories.lead(officer, name="白榆报备装备"), other=held, reasons=["name"], found_at=AT)
    factories.officer(officer)
    factories.token(officer)
    factories.wrong_log_in(officer)
    factories.job(officer)
    factories.import_batch(officer)
    settings.BATCHES = tmp_path
    file = factories.export_batch(officer, kind="firms.list", state="ready", row_count=1, query="q=1")
    file.path.parent.mkdir()
    with file.path.open("wb") as written:
        spreadsheets.write(written, (spreadsheets.Column("企业"),), [("甲",)], title="企业")
    factories.message(officer, channel="email")
    factories.duty(officer, by=cast.bureau_leader)
    handing_in.hand_in(key="", kind=LeadKind.PROJECT, given=Given("隔膜企业找第二基地", "", "", Amount()), by=cast.adviser, at=AT)
    factories.counted_funds(factories.funded_project(officer), cast.bureau_leader)
    signed, built = progressing(officer)
    rule = rules.submit(version=drafted(cast), note="试行", by=officer, at=DECIDED_AT)
    rules.decide(version=rule, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=DECIDED_AT)
    chain, segment = {"chain_id": fictional.CHAIN}, {"segment_id": fictional.GAP}
    version, (run, bulletin) = submitted(cast), assessed()
    site = {"site": "112.0,34.0", "radius": "50"}
    return {
        "accounts:export": ("system_admin", "accounts.export_users", {}, {"role": "adviser"}),
        "accounts:units-export": ("system_admin", "accounts.export_units", {}, {"text": "招商局"}),
        "accounts:proposals-export": ("security_admin", "accounts.export_proposals", {}, {"role": "adviser"}),
        "accounts:officers-export": ("bureau_leader", "accounts.officers.export", {}, {}),
        "accounts:lockouts-export": ("security_admin", "accounts.export_lockouts", {}, {"state": "open"}),
        "accounts:tokens-export": ("bureau_officer", "accounts.export_tokens", {"pk": officer.public_id}, {}),
        "assessment:findings-export": ("bureau_leader", "assessment.findings.export", {}, {"state": "open"}),
        "assessment:registrations-export": ("bureau_leader", "assessment.reward.export", {}, {"staff": "no"}),
        "assessment:rewards-export": ("bureau_leader", "assessment.reward.export", {}, {"state": "computed"}),
        "assessment:goals-export": ("bureau_leader", "assessment.goals.export", {}, {"year": str(factories.goal_set(officer.unit).year)}),
        "assessment:ratings-export": ("bureau_leader", "assessment.rating.export", {}, {"state": "open"}),
        "assessment:figures-sheet": (
            "bureau_leader",
            "assessment.figures.export",
            {"pk": run.scheme.public_id},
            {"on": "2026-10-31", "standing": "verified"},
        ),
        "assessment:goal-set-sheet": (
            "bureau_leader",
            "assessment.goal_set.export",
            {"pk": factories.goal_set(officer.unit, mark="分解").public_id},
            {},
        ),
        "assessment:compare-export": ("bureau_leader", "assessment.run.export", {"pk": run.public_id}, {"run": str(run.public_id)}),
        "assessment:export": ("bureau_leader", "assessment.run.export", {"pk": run.public_id}, {}),
        "assessment:bulletin-file": ("bureau_leader", "assessment.bulletin.export", {"pk": bulletin.public_id, "form": "xlsx"}, {}),
        "audit:export": ("audit_admin", "audit.export", {}, {"action": "accounts.add_unit"}),
        "batches:imports-export": ("bureau_officer", "batches.export_imports", {}, {"kind": "accounts.people"}),
        "batches:registry-export-rejects": ("system_admin", "batches.export_rejects", {"build_id": fictional_build()}, {}),
        "batches:file-download": ("bureau_officer", "batches.download", {"pk": file.public_id}, {}),
        "chains:catalogues-export": ("bureau_officer", "chains.catalogues.export", {}, {"region": "990100"}),
        "chains:catalogue-export": ("bureau_officer", "chains.catalogue.export", {"edition_id": CATALOGUE}, {}),
        "chains:compare-export": ("bureau_officer", "chains.comparison.export", chain, {"a": "990100", "b": "990200"}),
        "chains:download": ("bureau_officer", "chains.version.export", {**chain, "number": 0, "kind": "xlsx"}, {}),
        "chains:effect-export": ("bureau_leader", "chains.effect.export", {"pk": version.public_id}, {}),
        "chains:export": ("bureau_officer", "chains.gaps.export", chain, {}),
        "chains:makers-export": ("bureau_officer", "chains.makers.export", {**chain, **segment}, {"where": "nation"}),
        "chains:sources-export": ("bureau_officer", "chains.sources.export", {**chain, **segment}, {}),
        "chains:supply-export": ("bureau_officer", "chains.supply.export", chain, site),
        "chains:supply-firms-export": ("bureau_officer", "chains.supply.export", chain, {**site, "segment": "seals"}),
        "chains:targets-export": ("bureau_officer", "chains.targets.export", chain, {"segment": fictional.GAP}),
        "firms:export": ("bureau_officer", "firms.list.export", {}, {"q": "液压缸"}),
        "firms:compare-export": ("bureau_officer", "firms.compare.export", {}, {"a": fictional.TARGET, "b": "白榆华强油缸有限公司"}),
        "firms:lists-export": ("bureau_officer", "firms.lists.export", {}, {"tag": "private-500"}),
        "firms:review-export": ("bureau_officer", "firms.review.export", {}, {"state": "absent"}),
        "firms:tags-export": ("bureau_officer", "firms.tag_overview.export", {}, {}),
        "firms:suspects-export": ("bureau_officer", "firms.suspects.export", {}, {}),
        "firms:mergers-export": ("bureau_officer", "firms.mergers.export", {}, {"state": "done"}),
        "firms:tag-list-export": ("bureau_officer", "firms.tags.export", {"pk": edition.public_id}, {}),
        "jobs:export": ("system_admin", "jobs.export", {}, {"whose": "all"}),
        "jobs:outbox-export": ("system_admin", "jobs.export_outbox", {}, {"channel": "email"}),
        "journal:export": ("bureau_officer", "journal.export_duties", {}, {}),
        "partners:export": ("bureau_officer", "partners.list.export", {}, {"kind": "chamber"}),
        "partners:people-export": ("bureau_officer", "partners.people.export", {}, {}),
        "partners:ties-export": ("bureau_officer", "partners.ties.export", {}, {}),
        "partners:seekings-export": ("bureau_officer", "partners.seekings.export", {}, {}),
        "partners:accounts-export": ("bureau_officer", "partners.accounts.export", {}, {}),
        "outreach:export": ("bureau_leader", "outreach.trips.export", {}, {"text": "拜访"}),
        "outreach:days-export": ("bureau_leader", "outreach.days.export", {}, {"since": "2020-01-01"}),
        "projects:export": ("bureau_officer", "projects.projects.export", {}, {"stage": "talks"}),
        "projects:absent-export": ("bureau_leader", "projects.absent.export", {}, {"stage": "signed"}),
        "projects:mine-export": ("bureau_officer", "projects.mine.export", {}, {"text": "项目"}),
        "projects:funds-export": ("bureau_leader", "projects.funds.export", {}, {"state": "counted"}),
        "projects:funds-months-export": ("bureau_leader", "projects.funds_months.export", {}, {"year": "2026"}),
        "projects:agreements-export": ("bureau_leader", "projects.agreements.export", {}, {"kind": "contract"}),
        "projects:offers-export": ("bureau_leader", "projects.offers.export", {}, {"which": "granted"}),
        "projects:promises-export": ("bureau_leader", "projects.promises.export", {}, {"side": "ours"}),
        "projects:progress-export": ("bureau_officer", "projects.reports.export", {}, {"project": str(signed.public_id)}),
        "projects:progress-due-export": ("bureau_officer", "projects.reports_due.export", {}, {"whose": "all"}),
        "projects:alarms-export": ("bureau_officer", "projects.alarms.export", {}, {"alarm": "signed_not_started"}),
        "projects:plan-export": ("bureau_officer", "projects.plan.export", {"pk": built.public_id}, {}),
        "projects:rates-behind-export": (
            "bureau_officer",
            "projects.rates_behind.export",
            {},
            {"definition": "start_signed", "side": "left_out"},
        ),
        "projects:opportunities-export": ("bureau_officer", "projects.opportunities.export", {}, {"kind": "industry"}),
        "projects:rates-export": ("bureau_leader", "projects.rates.export", {}, {"cohort": "2026"}),
        "projects:meetings-export": ("bureau_leader", "projects.meetings.export", {}, {"state": "planned"}),
        "projects:decisions-export": ("bureau_leader", "projects.decisions.export", {}, {"whose": "all"}),
        "projects:forces-export": ("bureau_leader", "projects.forces.export", {}, {"which": "all"}),
        "rulebooks:download": ("bureau_leader", "rules.version.export", {"kind": "parameters", "number": 1, "ending": "xlsx"}, {}),
        "rulebooks:export": ("bureau_leader", "rules.export", {}, {}),
        "leads:leads-export": ("bureau_leader", "leads.leads.export", {}, {"claim": "open"}),
        "leads:my-leads-export": ("bureau_officer", "leads.my_leads.export", {}, {"kind": "project"}),
        "leads:handed-in-export": ("adviser", "leads.handed_in.export", {}, {"told": "logged"}),
        "leads:inbox-export": ("bureau_officer", "leads.inbox.export", {}, {"which": "triage"}),
        "leads:digest-export": ("bureau_officer", "leads.digest.export", {}, {"period": "all"}),
        "leads:waiting-export": ("bureau_leader", "leads.waiting.export", {}, {"text": "报备"}),
        "leads:disputes-export": ("bureau_leader", "leads.disputes.export", {}, {"state": "all"}),
        "leads:offers-export": ("bureau_officer", "leads.offers.export", {}, {"which": "out"}),
        "leads:all-rows-export": ("bureau_officer", "leads.rows.export", {}, {}),
        "leads:export": ("bureau_officer", "leads.lists.export", {}, {}),
        "leads:knocks-export": ("bureau_officer", "leads.knocks.export", {}, {"how": "call"}),
        "leads:introductions-export": ("bureau_officer", "leads.introductions.export", {}, {"which": "open"}),
        "leads:introducers-export": ("bureau_officer", "leads.introducers.export", {}, {"kind": "firm"}),
        "leads:mine-export": ("bureau_officer", "leads.mine.export", {}, {}),
        "leads:pairs-export": ("bureau_officer", "leads.pairs.export", {}, {"state": "all"}),
        "leads:results-export": ("bureau_officer", "leads.results.export", {}, {"by": "list"}),
        "leads:rows-export": ("bureau_officer", "leads.rows.export", {"pk": target.public_id}, {}),
    }


def fictional_build() -> str:
    """The id of the build that serves."""
    return str(warehouse.served_id())


def rows_of(response: Any) -> int:
    """How many rows stand below the head of the first sheet."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return len(CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()) - 1


def test_every_export_leaves_one_entry_with_its_filter_and_exact_rows(
    client_of: Callable[[str], Client], questions: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]]
) -> None:
    """One test for all: what they ask about is made once."""
    unasked = set(exports()) - set(questions)
    assert not unasked, "an address gives files away: say here who asks for what, and see that it leaves its entry"
    clients = {who: client_of(who) for who, *_ in questions.values()}
    for name in exports():
        who, action, record, question = questions[name]
        last = Entry.objects.latest("sequence").sequence
        response = clients[who].get(reverse(name, kwargs=record), question)
        assert response.status_code == 200, (name, response.headers.get("Location", ""))
        rows = rows_of(response)
        (entry,) = Entry.objects.filter(sequence__gt=last)
        assert (entry.action, entry.by.username) == (action, who), name
        for value in question.values():
            assert value in unquote_plus(str(entry.changes["filter"])), name
        if name == "chains:download":  # one document, whatever its sheets
            assert entry.changes["rows"] == 1
        else:
            assert rows > 0, name
            assert entry.changes["rows"] == rows, name


def test_there_are_exports_to_look_at() -> None:
    assert len(exports()) >= 17
