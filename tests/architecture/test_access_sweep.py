"""Every address × every method × everybody who should not get in. The only exceptions stand in settings.PUBLIC_URLS and OWN below."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.web.accounts.actions import officers, oneself, postings, units
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry

pytestmark = pytest.mark.usefixtures("no_log")  # of two thousand refusals: the message of a failure is the list of leaks
PAPERS = (
    "Agreement", "AgreementVersion", "Opinion", "OpinionAsk", "AgreementDecision", "Offer", "OfferStep", "Commitment", "CommitmentMark"
)  # fmt: skip
MONEY = ("FundsEntry", "FundsReview", "FundsStanding", "FundsMonth", "ExchangeRate")
STEPS = ("columns", "faults", "start", "undo", "keep", "drop")  # of an import
WEBHOOK_VERBS = ("", *(f"-{verb}" for verb in ("edit", "renew", "try", "pause", "resume", "remove", "restore", "consent")))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What everybody who is logged in has for himself, whatever his role.
OWN = {
    "home",
    "account_change_password",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "accounts:codes-renew",
    "accounts:factor",
    "accounts:factor-remove",
    "accounts:my-data",
    "accounts:profile",
    "accounts:sessions",
    "accounts:sessions-end-others",
    "accounts:token-new",
    "accounts:tokens",
    "accounts:view-drop",
    "accounts:view-save",
    "api-1:rating_sheets",
    "api-1:search",
    "assessment:ballots",
    "cockpit:guide",
    "cockpit:search",
    "batches:files",
    "batches:imports",
    "batches:imports-export",
    "jobs:export",
    "jobs:list",
    "jobs:messages",
    "jobs:read-all",
    "api-1:api-root",
    "api-1:me",
    "api-1:openapi-json",
    "api-1:openapi-view",
}
REFUSED = {403, 404, 405}
# Addresses that need a question before they ask who asks.
QUESTIONS = {
    "api-1:find": "?product=battery",
    "api-1:reports_of_month": "?month=2026-03",
    "api-1:draft_agreement": "?kind=contract&title=x&counterpart=x",
    "api-1:add_version": "?changed=x",
    "api-1:give_opinion": "?kind=legal&result=favourable&unit=00000000-0000-0000-0000-000000000001",
    "api-1:decide_agreement": "?meeting=x&decision=agreed",
    "api-1:answer_ask": "?result=favourable",
    "api-1:gaps": "?chain=power-battery&region=990100",
    "api-1:target_firms": "?chain=power-battery&region=990100",
    "api-1:supply_round_site": "?chain=power-battery&site=990100",
    "api-1:places_to_go": "?chain=power-battery&segment=cell&region=990100",
    "api-1:cluster": "?chain=power-battery&segment=cell&place=990100",
    "api-1:compare": "?chain=power-battery&b=990100",
    # The sound of the mark, so that the page does not say it by itself.
    "projects:rates-behind": "?definition=start_signed&side=left_out",
    "projects:rates-behind-export": "?definition=start_signed&side=left_out",
    "api-1:behind": "?definition=start_signed&side=left_out",
    "api-1:enter_funds": "?arrived_on=2026-03-01&kind=transfer&amount=1&number=x",
    "cockpit:search": "?q=biaoji",
    "api-1:search": "?q=biaoji",
    "api-1:explain": "?chain=power-battery&segment=cell&firm=x&region=990100",
}
ON_AGREEMENT = (
    "sign_agreement", "end_agreement", "add_version", "review_agreement", "ask_opinion", "give_opinion", "decide_agreement"
)  # fmt: skip
CLAIM = (
    '{"document": "00000000-0000-0000-0000-000000000001", "award": "unit", "project": "00000000-0000-0000-0000-000000000001"}'
)  # fmt: skip
# Addresses that read a body before they ask who asks.
BODIES = {
    "api-1:add_knock": '{"how": "call", "result": "no_interest"}',
    "api-1:make_list": '{"title": "清单"}',
    "api-1:target_lists": '{"title": "清单"}',  # the same address, by the name of its other method
    "api-1:put_firms": '{"firms": ["x"]}',
    "api-1:assign_rows": '{"rows": ["00000000-0000-0000-0000-000000000001"]}',
    "api-1:settle_row": '{"state": "no_interest", "reason": "无意向"}',
    "api-1:remove_row": '{"reason": "重复"}',
    "api-1:report_progress": '{"month": "2026-03"}',
    "api-1:project_progress": '{"month": "2026-03"}',  # the same address, by the name of its other method
    "api-1:set_plan": '{"points": [{"month": "2026-03", "planned_yuan": 1}]}',
    "api-1:rating_sheet": '{"answers": []}',
    "api-1:log_lead": '{"title": "信息"}',
    "api-1:leads": '{"title": "信息"}',  # the same address
    "api-1:file_lead": "{}",
    "api-1:hand_information_in": '{"title": "信息"}',
    "api-1:handed_in_own": '{"title": "信息"}',  # the same address
    "api-1:add_progress": '{"text": "已联系"}',
    "api-1:advance_project": '{"to": "appraisal"}',
    "api-1:finish_node": "{}",
    "api-1:add_promise": '{"side": "theirs", "kind": "jobs", "text": "用工"}',
    "api-1:mark_promise": '{"evidence": "00000000-0000-0000-0000-000000000001"}',
    "api-1:ask_waiver": '{"reason": "市场下行"}',
    "api-1:answer_waiver": '{"is_granted": true}',
    "api-1:add_offer": '{"what": "补贴"}',
    "api-1:answer_offer": '{"is_granted": true}',
    "api-1:withdraw_offer": '{"reason": "重复"}',
    "api-1:sign_agreement": "{}",
    "api-1:end_agreement": '{"reason": "违约"}',
    "api-1:ask_opinion": '{"kind": "legal", "unit": "00000000-0000-0000-0000-000000000001", "due_on": "2026-03-09"}',
    "api-1:answer_showing": '{"response": "interested"}',
    "api-1:lead_progress": '{"text": "已联系"}',  # the same address
    "api-1:package": '{"title_zh": "项目"}',
    "api-1:review_funds": '{"decision": "accept", "seen_yuan": "1000000"}',
    "api-1:reverse_funds": '{"reason": "登错"}',
    "api-1:close_funds_month": '{"month": "2099-01"}',
    "api-1:funds_months": '{"month": "2099-01"}',  # the same address
    "api-1:list_opportunities": '{"title_zh": "项目"}',  # the same address
    "api-1:file_objection": '{"item": "x", "text": "少计"}',
    "api-1:decide_objection": '{"state": "dismissed", "reason": "不符"}',
    "api-1:demand": '{"keys": [], "text": "整改"}',
    "api-1:register_introducer": "{}",
    "api-1:reward_registrations": "{}",  # the same address
    "api-1:claim_reward": CLAIM,
    "api-1:reward_claims": CLAIM,  # the same address
    "api-1:ask_withdrawal": '{"reason": "登错"}',
    "api-1:decide_withdrawal": '{"step": "refuse", "reason": "无误"}',
    "api-1:fill_reward": '{"facts": []}',
    "api-1:compute_reward": "{}",
    "api-1:decide_reward": '{"step": "withdraw", "reason": "重复"}',
    "api-1:note_showing": '{"event": "推介会", "shown_on": "2026-03-01"}',
}


def call(client: Client, method: str, name: str, url: str) -> Any:
    """The answer of an address to a method, with the body that it needs."""
    return client.generic(
        method, url, BODIES.get(name, "").encode(), content_type="application/json" if name in BODIES else "application/octet-stream"
    )


@dataclass(frozen=True)
class Address:
    """One pattern of the URL configuration."""

    name: str
    converters: tuple[tuple[str, str], ...]

    def url(self, values: dict[str, Any] | None = None) -> str:
        """The address with values for its parameters, or with ones that name nothing."""
        nothing = {"UUIDConverter": str(uuid.UUID(int=1)), "IntConverter": "1"}
        path = reverse(self.name, kwargs=values or {key: nothing.get(kind, "nothing") for key, kind in self.converters})
        return path + QUESTIONS.get(self.name, "")


def addresses() -> list[Address]:
    """All of them, with their full names."""

    def walk(patterns: list[URLPattern | URLResolver], space: str, taken: tuple[tuple[str, str], ...]) -> Iterator[Address]:
        for pattern in patterns:
            converters = taken + tuple((key, type(value).__name__) for key, value in pattern.pattern.converters.items())
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space, converters)
            else:
                assert pattern.name, f"{pattern} has no name, so the sweep cannot call it"
                yield Address(space + pattern.name, converters)

    return sorted(set(walk(get_resolver().url_patterns, "", ())), key=lambda address: address.name)


ALL = addresses()
GUARDED = [address for address in ALL if address.name not in settings.PUBLIC_URLS]


def jobs_records(cast: Cast) -> dict[str, dict[str, Any]]:
    """A job, an import, an export, a message, a mail, a robot and a subscription of events of 青桐市招商局."""
    me = cast.bureau_officer
    job = factories.job(me).public_id
    batch, file = factories.import_batch(me).public_id, factories.export_batch(me).public_id
    registry = factories.registry_file(me).public_id
    inside, outside = factories.message(me).public_id, factories.message(me, channel="email").public_id
    robot, webhook = factories.robot().public_id, factories.webhook(me)
    delivery = factories.delivery(webhook).public_id
    return {
        **{f"jobs:{verb}": {"pk": job} for verb in ("detail", "progress", "cancel", "repeat")},
        "api-1:job": {"job_id": job},
        **{f"batches:{verb}": {"pk": batch} for verb in ("import", *(f"import-{step}" for step in STEPS))},
        "batches:import-row": {"pk": batch, "line": 2},
        **{f"batches:{verb}": {"pk": file} for verb in ("file", "file-download", "file-drop")},
        **{f"batches:{verb}": {"code": "accounts.people"} for verb in ("import-new", "template")},
        "batches:file-new": {"code": "audit.entries"},
        **{f"batches:registry-{verb}": {"pk": registry} for verb in ("file", "build")},
        **{f"batches:registry-{verb}": {"build_id": "none"} for verb in ("serve", "export-rejects")},
        "jobs:read": {"pk": inside},
        "jobs:resend": {"pk": outside},
        "jobs:settle": {"pk": outside},
        **{f"jobs:webhook{verb}": {"pk": webhook.public_id} for verb in WEBHOOK_VERBS},
        "jobs:redeliver": {"pk": delivery},
        "api-1:deliveries": {"webhook_id": webhook.public_id},
        "jobs:robot-edit": {"pk": robot},
        "jobs:robot-try": {"pk": robot},
    }


def journal_records(cast: Cast, mark: str = "") -> dict[str, dict[str, Any]]:
    """A duty, a request, a comment and a file on a list of 青桐市招商局, for every address of the journal that shows or changes one."""
    from wutong.web.journal.actions import duties

    me = cast.bureau_officer
    target = factories.target_list(me)
    duty = factories.duty(me, by=me, record=target, title=f"{mark}待办", text=f"{mark}要求")
    wanted_on = factories.AT.date() + dt.timedelta(days=30)
    asked = duties.ask_for_time(duty=duty, wanted_on=wanted_on, reason=f"{mark}延期", by=me, at=factories.AT)
    comment = factories.comment(target, me, text=f"{mark}留言")
    file = factories.attachment(target, me, name=f"{mark}附件.txt", content=f"{mark}内容".encode())
    of_duty = ("duty", "finish", "reopen", "drop", "snooze", "give", "ask-for-time")
    of_file = ("file", "file-small", "file-released", "file-hide", "file-unhide")
    place = {"label": "leads.TargetList", "key": str(target.public_id)}
    return {
        **{f"journal:{verb}": {"pk": duty.public_id} for verb in of_duty},
        **{f"journal:{verb}": {"pk": asked.public_id} for verb in ("decide", "withdraw-request")},
        **{f"journal:{verb}": {"pk": comment.public_id} for verb in ("comment-edit", "comment-withdraw")},
        **{f"journal:{verb}": {"pk": file.public_id} for verb in of_file},
        **{f"journal:{verb}": place for verb in ("of", "comment", "attach")},
        **{f"journal:{verb}": {"year": 2027} for verb in ("year", "year-drop")},
    }


LEADS_LISTS = (
    "detail", "edit", "close", "reopen", "add", "assign", "rows-export", "confidential", "let-know", "off-several", "plan-several",
    "end-several", "transfer", "undo",
)  # fmt: skip
# Verbs on a lead of 青桐市招商局, each a page and a form.
LEAD_VERBS = (
    "lead", *(f"lead-{verb}" for verb in (
        "progress", "file", "identify", "describe", "triage", "answer", "advance", "assign", "put-away", "resume", "share", "offer",
        "release", "take-back", "merge", "dispute", "explain", "withdraw", "admit", "decline", "confidential", "let-know",
    )),
)  # fmt: skip
DISPUTE_VERBS = ("dispute", "dispute-decide", "dispute-withdraw")
PAIR_VERBS = ("pair-same", "pair-apart", "pair-undo")
OFFER_VERBS = ("offer", "offer-accept", "offer-refuse", "offer-withdraw")
INTRODUCTION = ("introduction", "introduction-step", "introduction-correct", "introduction-change", "introduction-credit")
API_LISTS = ("list_rows", "put_firms", "assign_rows")
API_ROWS = ("add_knock", "settle_row", "reopen_row", "remove_row", "restore_row")


def leads_records(cast: Cast) -> dict[str, dict[str, Any]]:
    """A list of 青桐市招商局 with a firm and a knock, for every address of the room leads that shows or changes one."""
    import factories

    me = cast.bureau_officer
    target = factories.target_list(me)
    (row,) = factories.listed(target)
    knock = factories.knock(row, me)
    of_row = ("row", "knock", "plan", "settle", "row-reopen", "remove", "restore", "move", "paths-of-row")
    introduction = factories.introduction(me)
    return {
        **{f"leads:{verb}": {"pk": introduction.public_id} for verb in INTRODUCTION},
        "api-1:introduction": {"introduction_id": introduction.public_id},
        "leads:paths-of-lead": {"pk": factories.lead(me).public_id},
        "leads:let-forget": {"pk": target.public_id, "named": uuid.UUID(int=1)},
        **{f"leads:{verb}": {"pk": target.public_id} for verb in LEADS_LISTS},
        **{f"leads:{verb}": {"pk": row.public_id} for verb in of_row},
        "leads:correct": {"pk": knock.public_id},
        **{f"api-1:{verb}": {"list_id": target.public_id} for verb in API_LISTS},
        **{f"api-1:{verb}": {"row_id": row.public_id} for verb in API_ROWS},
    }


def claims_records(cast: Cast, mark: str = "") -> dict[str, dict[str, Any]]:
    """A lead of 青桐市招商局 that is filed and offered within it, what was done about it, and a dispute between two of its leads."""
    from wutong.web.leads.actions import claiming, transferring
    from wutong.web.leads.models import Dispute, LeadPair
    from wutong.web.leads.rules.claims import Leader

    me, at = cast.bureau_officer, factories.AT
    made = factories.lead(me, name=f"{mark}线索企业")
    done = factories.file(made)
    entry = claiming.progress(lead=made, text=f"{mark}进展", done_on=at.date(), by=None, at=at)
    terms = transferring.Terms(((at.date(), 5000),), Leader.FINDER, Leader.HOST)
    offered = transferring.offer(lead=made, to=cast.units["away"], terms=terms, reason=f"{mark}流转", by=None, at=at)
    second = factories.lead(me, name=f"{mark}争议企业")
    pair = LeadPair.objects.create(lead=second, other=made, verdict="suspected", found_at=at, found_in=f"{mark}台账.xlsx")
    dispute = Dispute.objects.create(claim=done.claim, lead=second, unit=me.unit, text=f"{mark}证据", opened_by=me, opened_at=at)
    return {
        **{f"leads:{verb}": {"pk": made.public_id} for verb in LEAD_VERBS},
        **{f"api-1:{verb}": {"lead_id": made.public_id} for verb in ("lead", "lead_progress", "file_lead", "add_progress")},
        "leads:lead-let-forget": {"pk": made.public_id, "named": uuid.UUID(int=1)},
        "leads:lead-correct": {"pk": made.public_id, "entry": entry.public_id},
        "leads:filing": {"pk": made.public_id, "entry": done.filing.public_id},
        **{f"leads:{verb}": {"pk": dispute.public_id} for verb in DISPUTE_VERBS},
        **{f"leads:{verb}": {"pk": offered.public_id} for verb in OFFER_VERBS},
        **{f"leads:{verb}": {"pk": pair.public_id} for verb in PAIR_VERBS},
    }


def projects_records(cast: Cast, mark: str) -> dict[str, dict[str, Any]]:
    """A project with sub-nodes and evidence, and a lead of which one may begin."""
    from wutong.web.projects.actions import agreements, commitments, evidence, funds, opening, progress
    from wutong.web.projects.actions.progress import Said
    from wutong.web.projects.rules.agreements import AgreementKind, OpinionKind
    from wutong.web.projects.rules.commitments import CommitmentKind, Side
    from wutong.web.projects.rules.stages import Stage
    from wutong.web.projects.views.opportunity_verbs import VERBS as PACKED_VERBS
    from wutong.web.projects.views.paper_verbs import AGREEMENT_VERBS, NEW_VERBS, OFFER_VERBS, PROMISE_VERBS
    from wutong.web.projects.views.verbs import NODE_VERBS, VERBS

    me, at = cast.bureau_officer, factories.AT
    taken = opening.Taken(Stage.TALKS, at.date())
    lead = factories.lead(me, name=f"{mark}项目企业")
    made = opening.open_from(lead=lead, taken=taken, values={"name_zh": f"{mark}项目"}, by=None, at=at)
    node, other = made.nodes.first(), factories.lead(me, name=f"{mark}待立项企业")
    proof = evidence.hand_in(project=made, kind="proposal", number=f"{mark}文号", by=None, at=at)
    entry = funds.enter(project=made, money=factories.money(), number=f"{mark}凭证", origin_kind="private", by=None, at=at)
    contract = agreements.draft(
        project=made, kind=AgreementKind.CONTRACT, title=f"{mark}合同", counterpart=f"{mark}投资方", by=None, at=at,
        attachment=factories.attachment(made, me, name=f"{mark}文本.txt", content=f"{mark}文本".encode()),
    )  # fmt: skip
    agreements.hand_to_review(agreement=contract, by=None, at=at)
    ask = agreements.ask_opinion(
        agreement=contract, kind=OpinionKind.LEGAL, unit=me.unit, due_on=at.date() + dt.timedelta(days=9), words=f"{mark}请审", by=None,
        at=at,
    )  # fmt: skip
    offer = agreements.offer(project=made, what=f"{mark}优惠", agreement=contract, by=None, at=at)
    said = commitments.Promise(Side.OURS, CommitmentKind.SUPPORT, f"{mark}承诺", due_on=at.date(), unit=me.unit)
    promise = commitments.promise(project=made, said=said, by=None, at=at)
    paper = factories.attachment(made, me, name=f"{mark}佐证.txt", content=f"{mark}佐证".encode())
    sign = commitments.mark_done(commitment=promise, done_on=at.date(), attachment=paper, words=f"{mark}兑现", by=None, at=at)
    report = progress.report(project=made, month=at.date(), said=Said(visible=f"{mark}形象", problems=f"{mark}问题"), by=None, at=at)
    packed = factories.opportunity(me, title_zh=f"{mark}推介项目", market_zh=f"{mark}市场")
    shown = packed.promotions.create(version_number=1, event=f"{mark}推介会", shown_on=at.date(), at=at, by=me)
    on_packed = ("opportunity", "opportunity-change", *(f"opportunity-{code}" for code in PACKED_VERBS))
    on_project = (
        "papers-of",
        *(f"new-{code}" for code in NEW_VERBS),
        "project",
        "progress-of",
        "progress-report",
        "progress-ask",
        "plan",
        "plan-export",
        "opportunities-of-project",
        "hand-in",
        "confidential",
        "let-know",
        "funds-of",
        "funds-enter",
        "funds-standing",
        *(f"do-{code}" for code in VERBS),
    )
    return {
        **{f"projects:{name}": {"pk": made.public_id} for name in on_project},
        **{f"projects:node-{code}": {"pk": node.public_id} for code in NODE_VERBS},
        **{f"projects:agreement{code}": {"pk": contract.public_id} for code in ("", *(f"-{one}" for one in AGREEMENT_VERBS))},
        **{f"projects:offer-{code}": {"pk": offer.public_id} for code in OFFER_VERBS},
        **{f"projects:promise-{code}": {"pk": promise.public_id} for code in PROMISE_VERBS},
        "projects:mark-take-back": {"pk": sign.public_id},
        **{f"projects:{name}": {"pk": ask.public_id} for name in ("opinion", "opinion-take-back")},
        "projects:opinion-text": {"pk": ask.public_id, "number": 1},
        "projects:let-forget": {"pk": made.public_id, "named": uuid.UUID(int=1)},
        "projects:withdraw-evidence": {"pk": proof.public_id},
        "projects:open": {"pk": other.public_id},
        **{f"projects:funds-{verb}": {"pk": entry.public_id} for verb in ("hand-in", "reverse")},
        **{f"projects:progress-{verb}": {"pk": report.public_id} for verb in ("correct", "photos", "coordinate")},
        "projects:of-lead": {"pk": lead.public_id},
        **dispatch_records(cast, made, mark),
        **{f"api-1:{name}": {"project_id": made.public_id} for name in ("project", "advance_project", "add_promise", "add_offer")},
        **{f"api-1:{name}": {"promise_id": promise.public_id} for name in ("mark_promise", "ask_waiver", "answer_waiver")},
        **{f"api-1:{name}": {"offer_id": offer.public_id} for name in ("answer_offer", "withdraw_offer")},
        **{f"api-1:{name}": {"agreement_id": contract.public_id} for name in ON_AGREEMENT},
        "api-1:draft_agreement": {"project_id": made.public_id},
        "api-1:answer_ask": {"ask_id": ask.public_id},
        **{f"api-1:{name}": {"entry_id": entry.public_id} for name in ("funds_entry", "hand_in_funds", "review_funds", "reverse_funds")},
        "api-1:attach_funds_file": {"entry_id": entry.public_id},
        **{f"api-1:{name}": {"project_id": made.public_id} for name in ("enter_funds", "project_files")},
        "api-1:project_file": {"file_id": paper.public_id},
        "api-1:opinion_text": {"ask_id": ask.public_id},
        "api-1:answer_showing": {"showing_id": shown.public_id},
        **{f"api-1:{name}": {"project_id": made.public_id} for name in ("project_progress", "report_progress", "set_plan")},
        "api-1:add_photo": {"report_id": report.public_id},
        "projects:opportunities-of-lead": {"pk": lead.public_id},
        **{f"projects:{name}": {"pk": packed.public_id} for name in on_packed},
        "projects:opportunity-answer": {"pk": shown.public_id},
        "projects:opportunity-version": {"pk": packed.public_id, "number": 1},
        "projects:opportunity-sheet": {"pk": packed.public_id, "form": "xlsx"},
        **{f"api-1:{name}": {"opportunity_id": packed.public_id} for name in ("opportunity", "note_showing")},
        "api-1:finish_node": {"node_id": node.public_id},
    }


def dispatch_records(cast: Cast, project: Any, mark: str) -> dict[str, dict[str, Any]]:
    """A dispatch meeting with agenda, decision and an earlier decision; a task force with a member."""
    from wutong.web.projects.actions import dispatch, forces
    from wutong.web.projects.models import FollowUp
    from wutong.web.projects.rules.dispatch import ForceRole, Series
    from wutong.web.projects.views import dispatch as views

    me, at, on = cast.bureau_officer, factories.AT, factories.AT.date()
    given = {"unit": me.unit, "series": Series.NEEDED, "title": f"{mark}调度会", "held_on": on, "chair": cast.bureau_leader}
    earlier, meeting = (dispatch.convene(**given, by=None, at=at) for _n in range(2))
    old = dispatch.add_item(meeting=earlier, title=f"{mark}旧事", by=None, at=at)
    decided = dispatch.decide(item=old, text=f"{mark}旧议定", owner=me, due_on=on, by=None, at=at)
    item = dispatch.add_item(meeting=meeting, project=project, by=None, at=at)
    made = dispatch.decide(item=item, text=f"{mark}议定", owner=me, due_on=on, by=None, at=at)
    followed = FollowUp.objects.create(meeting=meeting, decision=decided)
    force = forces.form(project=project, leader=cast.bureau_leader, task=f"{mark}任务", by=None, at=at)
    member = forces.join(force=force, role=ForceRole.MEMBER, unit=me.unit, person=me, by=None, at=at)
    plain = ("", "-agenda", "-invite-owing", "-hand-out", "-sign", "-word", "-pdf", *(f"-{code}" for code in views.VERBS))
    return {
        **{f"projects:meeting{name}": {"pk": meeting.public_id} for name in plain},
        **{f"projects:{name}": {"pk": item.public_id} for name in ("meeting-item", "item-drop", "item-back", "item-up", "item-down")},
        "projects:decision-drop": {"pk": made.public_id},
        "projects:follow-up": {"pk": followed.public_id},
        "projects:invitee-drop": {"pk": meeting.invitees.get().public_id},
        **{f"projects:{name}": {"pk": project.public_id} for name in ("forces-of", "force-form")},
        **{f"projects:{name}": {"pk": force.public_id} for name in ("force-join", "force-dissolve")},
        "projects:force-leave": {"pk": member.public_id},
        "api-1:meeting": {"meeting_id": meeting.public_id},
    }


PROJECTS = (
    "Project", "Node", "Evidence", "StageChange", "Gate", *MONEY,
    "TaskForce", "ForceMember", "DispatchMeeting", "Invitee", "AgendaItem", "DispatchDecision", "FollowUp",
)  # fmt: skip


def outreach_records(me: Any, mark: str) -> dict[str, dict[str, Any]]:
    """A trip with a lead that was visited."""
    from wutong.web.outreach import actions
    from wutong.web.outreach.rules import Span

    lead = factories.lead(me, name=f"{mark}拜访企业")
    span = Span(factories.AT.date(), factories.AT.date())
    said = actions.Said(span, f"{mark}外出", (me,), ("DE",), f"{mark}成果", (), (lead,))
    trip = actions.enter(unit=me.unit, said=said, by=None, at=factories.AT)
    return {
        **{f"outreach:{verb}": {"pk": trip.public_id} for verb in ("trip", "edit", "withdraw")},
        "outreach:of-lead": {"pk": lead.public_id},
    }


RUN_VERBS = (
    "run",
    "export",
    "compare",
    "compare-export",
    "again",
    "freeze",
    "approve",
    "publish",
    "send-back",
    "withdraw",
    "bulletin-make",
    "remedy",
)
TEMPLATES = ("bulletin-template", "bulletin-template-try")
REWARD_VERBS = tuple(f"reward{verb}" for verb in ("", "-fill", "-compute", "-approve", "-decline", "-send-back", "-withdraw"))
BULLETIN_VERBS = ("bulletin", "bulletin-edit", "bulletin-sign", "bulletin-archive", "bulletin-drop", "bulletin-withdraw")
VERSION_VERBS = (
    "version",
    "rewrite",
    "check",
    "fill",
    "try",
    "undo",
    "redo",
    "submit",
    "version-approve",
    "version-send-back",
    "version-withdraw",
    "text",
)


GOAL_SET_VERBS = ("", "-sheet", "-units", "-line", "-submit", "-approve", "-send-back", "-drop", "-repeal")


def goal_records(unit: Any, mark: str) -> dict[str, dict[str, Any]]:
    """A set of goals in force with a goal, and a change that waits."""
    goals = factories.goal_set(unit, mark=mark)
    goal = goals.goals.get()
    change = goal.changes.get().public_id
    return {
        **{f"assessment:goal-set{verb}": {"pk": goals.public_id} for verb in GOAL_SET_VERBS},
        **{f"assessment:goal-{verb}": {"pk": goals.public_id} for verb in ("breakdown", "propose")},
        **{f"assessment:goal{verb}": {"pk": goal.public_id} for verb in ("", "-months", "-change")},
        **{f"assessment:goal-change-{verb}": {"pk": change} for verb in ("approve", "decline", "withdraw")},
    }


RATING_VERBS = ("", *(f"-{verb}" for verb in ("edit", "prepare", "open", "close", "publish", "drop", "remind", "papers", "results")))


def rating_records(scheme: Any, mark: str) -> dict[str, dict[str, Any]]:
    """An open round of ratings with a rater and a ballot on paper."""
    found = factories.rating_round(scheme, mark=mark)
    rater = found.raters.get().public_id
    return {
        **{f"assessment:rating{verb}": {"pk": found.public_id} for verb in RATING_VERBS},
        **{f"assessment:{name}": {"pk": rater} for name in ("rater-on-paper", "ballot")},
        "api-1:rating": {"round_id": found.public_id},
        "api-1:rating_sheet": {"rater_id": rater},
    }


def reward_records(owner: Any, mark: str) -> dict[str, dict[str, Any]]:
    """A computed claim of the unit of somebody."""
    claim = factories.reward_claim(owner, mark=mark)
    registered = factories.registration(owner, mark=mark).public_id
    return {
        **{f"assessment:registration{verb}": {"pk": registered} for verb in ("", "-withdraw", "-decide")},
        **{f"api-1:{verb}": {"registration_id": registered} for verb in ("reward_registration", "ask_withdrawal", "decide_withdrawal")},
        **{f"assessment:{verb}": {"pk": claim.public_id} for verb in REWARD_VERBS},
        "assessment:reward-paper": {"pk": claim.public_id, "form": "docx"},
        **{f"api-1:{verb}": {"claim_id": claim.public_id} for verb in ("reward_claim", "fill_reward", "compute_reward", "decide_reward")},
    }


def assessment_records(unit: Any, mark: str) -> dict[str, dict[str, Any]]:
    """A scheme that measures its own unit, a version, a figure, a frozen run and an objection."""
    scheme = factories.assessment_scheme(unit, mark=mark)
    run = factories.assessment_run(scheme, mark=mark)
    bulletin = factories.assessment_bulletin(run)
    pk, version, of_unit = run.public_id, scheme.versions.get().public_id, {"pk": run.public_id, "unit": unit.public_id}
    objection = run.objections.get().public_id
    return {
        **{
            f"assessment:{verb}": {"pk": scheme.public_id}
            for verb in ("scheme", "members", "begin", "figures", "figures-sheet", "figure-new", "run-new", *TEMPLATES)
        },
        **{f"assessment:{verb}": {"pk": version} for verb in VERSION_VERBS},
        **{f"assessment:{verb}": {"pk": pk} for verb in RUN_VERBS},
        **{f"assessment:{verb}": of_unit for verb in ("unit", "next", "object")},
        **{f"api-1:{verb}": {"run_id": run.public_id} for verb in ("assessment_run", "compare_run", "below", "demand")},
        "api-1:extract": {"key": unit.public_id},
        "api-1:file_objection": {"run_id": run.public_id, "unit_id": unit.public_id},
        **{f"api-1:{verb}": {"objection_id": objection} for verb in ("decide_objection", "bring_evidence")},
        "api-1:objection_file": {"file_id": run.objections.get().proofs.get().attachment.public_id},
        "api-1:assessment_bulletin": {"bulletin_id": bulletin.public_id},
        "api-1:assessment_bulletin_file": {"bulletin_id": bulletin.public_id, "form": "xlsx"},
        **{f"assessment:{verb}": {"pk": bulletin.public_id} for verb in BULLETIN_VERBS},
        "assessment:extract-paper": {"pk": unit.public_id, "form": "docx"},
        "assessment:bulletin-file": {"pk": bulletin.public_id, "form": "xlsx"},
        "assessment:figure": {"pk": scheme.entries.get().public_id},
        **{f"assessment:{verb}": {"pk": objection} for verb in ("objection", "decide", "objection-bring")},
        **goal_records(unit, mark),
        **rating_records(scheme, mark),
    }


VISIT_VERBS = ("visit", "visit-fill", "visit-hand-in", "visit-leave-out", "finding-new")
FINDING_VERBS = ("finding", "finding-reply", "finding-rectify", "finding-decide", "finding-withdraw")


def inspection_records(owner: Any, mark: str) -> dict[str, dict[str, Any]]:
    """A plan with its list, a visit handed in and a finding."""
    finding = factories.inspection_finding(owner, mark=mark)
    visit = finding.inspection
    return {
        "assessment:inspections-of-project": {"pk": visit.project.public_id},
        **{f"assessment:{verb}": {"pk": visit.plan.public_id} for verb in ("plan", "plan-draw", "plan-close", "plan-drop")},
        "api-1:inspection_plan": {"plan_id": visit.plan.public_id},
        **{f"assessment:{verb}": {"pk": visit.public_id} for verb in VISIT_VERBS},
        **{f"assessment:{verb}": {"pk": finding.public_id} for verb in FINDING_VERBS},
    }


INSPECTIONS = ("InspectionPlan", "Inspection", "InspectionAnswer", "Finding")
BULLETINS = ("Bulletin", "BulletinFile")
REWARDS = ("Registration", "RegistrationWithdrawal", "RewardClaim", "RewardSheet")
GOALS = ("GoalSet", "GoalUnit", "Goal", "GoalValue", "GoalChange")
RATINGS = ("RatingRound", "RatingQuestion", "RatedUnit", "Rater", "Ballot", "PaperBallot", "RatingTally", "RatingComment")
ASSESSMENT = (
    "Scheme", "SchemeVersion", "SchemeStep", "Member", "FactEntry", "Run", "RunUnit", "Objection", *REWARDS, *BULLETINS, *GOALS, *RATINGS
)  # fmt: skip
PARTNERS = ("partner", "partner-edit", "partner-state", "partner-contact")
KNOWN = ("known", "known-reveal", "known-edit", "known-forget", "known-contact", "position-new")
SEEKINGS = (
    *(f"seeking{verb}" for verb in ("", "-matches", "-edit", "-answer", "-end", "-reopen")),
    "mine-edit",
    "mine-withdraw",
    "mine-reopen",
)
ACCOUNTS = ("account-password", "account-end", "account-reopen")


def partners_records(me: User, firm: Any) -> dict[str, dict[str, Any]]:
    """A partner, a person known, a contact, a thing sought and the log-in of a firm, all marked, of 青桐市招商局."""
    from wutong.web.partners.actions import keeping
    from wutong.web.partners.rules import ContactHow

    partner = factories.partner(me, name=f"{MARK}商会", note=f"{MARK}备注")
    known = factories.acquaintance(me, name=f"{MARK}乡贤", firm_id=firm.firm_id, partner=partner, is_home_tie=True)
    contact = keeping.note_contact(
        partner=partner, held_on=factories.STARTS_ON, how=ContactHow.CALL, outcome=f"{MARK}结果", by=me, at=factories.AT
    )  # fmt: skip
    seeking = factories.seeking(me, firm_id=firm.firm_id, what=f"{MARK}需求")
    account = factories.firm_account(me, firm_id=firm.firm_id, username="markfirm")
    position = {"pk": known.public_id, "position": known.person.positions.get().public_id}
    return {
        **{f"partners:{verb}": {"pk": partner.public_id} for verb in PARTNERS},
        **{f"partners:{verb}": {"pk": known.public_id} for verb in KNOWN},
        **{f"partners:{verb}": {"pk": seeking.public_id} for verb in SEEKINGS},
        **{f"partners:{verb}": {"pk": account.public_id} for verb in ACCOUNTS},
        "partners:contact-drop": {"pk": contact.public_id}, "partners:position-drop": position,
        "leads:leads-of-known": {"pk": known.public_id}, "leads:leads-of-partner": {"pk": partner.public_id},
    }  # fmt: skip


def handed_in_records(me: User, account_id: uuid.UUID) -> dict[str, dict[str, Any]]:
    """What a person of a firm handed in, and an introduction that is asked of the firm, both marked."""
    from wutong.web.leads.actions import handing_in, introducing
    from wutong.web.leads.rules.handed_in import Given
    from wutong.web.leads.rules.introductions import PartyKind
    from wutong.web.leads.rules.leads import Amount, LeadKind
    from wutong.web.partners.models import FirmAccount

    account, at = FirmAccount.objects.get(public_id=account_id), factories.AT
    given = Given(f"{MARK}报送", f"{MARK}报送企业", f"{MARK}情况", Amount())
    handed = handing_in.hand_in(key="", kind=LeadKind.PROJECT, given=given, by=User.objects.get(pk=account.user_id), at=at)
    introducer = introducing.Introducer(PartyKind.FIRM, firm=account.firm)
    asked = introducing.ask(
        introducer=introducer, firm=factories.firm(), text=f"{MARK}请本企业引荐", unit=me.unit, owner=me, by=None, at=at
    )
    return {
        "leads:hand-in-withdraw": {"pk": handed.public_id}, "leads:hand-in-attach": {"pk": handed.public_id},
        "leads:hand-in-file": {"pk": handed.public_id, "paper": uuid.UUID(int=1)},
        **{f"api-1:{name}": {"hand_in_id": handed.public_id} for name in ("handed_in_one", "withdraw_handed_in")},
        "leads:asked-of-firm": {"pk": account.public_id},
        "leads:asked-answer": {"pk": asked.public_id},
    }  # fmt: skip


def text_of(response: Any) -> str:
    """What an answer says, a spreadsheet's cells included."""
    if getattr(response, "streaming", False):
        content = b"".join(response.streaming_content)
        if "spreadsheet" in response.headers["Content-Type"]:
            book = CalamineWorkbook.from_filelike(BytesIO(content))
            return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
        return content.decode("utf-8", "replace")
    if response.headers.get("Content-Type", "").startswith("application/json") and response.content:
        return str(json.loads(response.content))  # which writes Chinese as escapes
    return response.content.decode("utf-8", "replace")


def test_every_record_address_of_these_rooms_has_a_record_to_try(cast: Cast, settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()
    rooms = {"accounts", "assessment", "audit", "batches", "jobs", "journal", "leads", "partners"}
    of_records = {address.name for address in GUARDED if address.converters and address.name.split(":")[0] in rooms}
    panels = {"leads:of-firm", "leads:leads-of-firm", "leads:paths-of-firm", "partners:of-firm"}
    assert of_records - panels <= set(marked_records(cast)[0])


def test_public_addresses_are_named_once_and_exist() -> None:
    names = {address.name for address in ALL}
    assert set(settings.PUBLIC_URLS) <= names
    assert not OWN & set(settings.PUBLIC_URLS)
    assert names >= OWN


def test_an_address_that_nobody_guards_would_be_found(db: None, settings: Any) -> None:
    settings.PUBLIC_URLS = [*settings.PUBLIC_URLS, "audit:list"]
    with pytest.raises((AssertionError, AttributeError)):
        assert not swept(Client(), "anonymous", {}, "", of=[Address("audit:list", ())]).leaks


# --- everybody who should not get in, at every address, with every method, while the registry is served ------------------------------
OUTSIDERS = {
    "anonymous": "nobody logged in",
    "no_role": "no role",
    "adviser": "same unit, a role over what one owns",
    "park_officer": "another unit",
    "department_officer": "another unit",
    "other_officer": "another region",
    "other_leader": "another region, a leader",
    "local_firm": "a person of a local firm",
}
# A step that starts minutes of work beside the pages; who may ask for it is tried in tests/web/chains.
STARTS_WORK = {"chains:place"}
# What the registry and the rulebook say of places is no secret, also where a unit bears the name of one.
PLACES = {line.split(",")[1] for line in fictional.DIVISIONS.splitlines()[1:]}
OF_PLACES = {"chains", "cockpit", "firms", "leads"}
# Whoever may claim by a document reads who issued it, as on paper: that name, on that list, and nothing else.
ISSUED = {("assessment:reward-documents", "青桐市招商局"), ("api-1:reward_documents", "青桐市招商局")}
DIVISION = re.compile(r'<option value="\d{6}"[^>]*>[^<]*</option>')  # a place that a filter offers by its code; units have a UUID
MARK = "标记"


@dataclass
class Swept:
    """What a sweep tried and what got out."""

    combinations: int
    leaks: list[str]


def marked_records(cast: Cast) -> tuple[dict[str, dict[str, Any]], Callable[[], str]]:
    """Records of 青桐市招商局 that all bear the mark, by address; and a function that tells how they stand."""
    from wutong.web.accounts import models
    from wutong.web.chains.models import ChainVersion
    from wutong.web.firms.models import Person
    from wutong.web.journal.models import Attachment, CalendarYear, Comment, DeadlineRequest, Duty
    from wutong.web.leads.models import HandIn, Introduction, Knock, ListedFirm, TargetList
    from wutong.web.rulebooks.models import RuleVersion, Trial

    me, bureau = cast.bureau_officer, cast.units["bureau"]
    registered = factories.firm(firm_id=fictional.firm_id(fictional.TARGET), name=fictional.TARGET)
    section = factories.unit(f"{MARK}科室", parent=bureau, adcode="990100")
    insider = factories.person("insider", at_unit=section, display_name=f"{MARK}干部", email="mark@example.org")
    posting = factories.posting(insider, "bureau_officer")
    stand_in = postings.stand_in(
        user=me, posting=posting, starts_on=factories.STARTS_ON, ends_on=dt.date(2024, 3, 1), reason=f"{MARK}原因", by=None, at=factories.AT
    )
    units.change_unit(unit=section, parent=bureau, name_zh=f"{MARK}二科", reason=f"{MARK}沿革", by=None, at=factories.AT)
    values = {"since_on": factories.STARTS_ON, "skills": ["policy-land"], "note": f"{MARK}专员", "by": None, "at": factories.AT}
    officer = officers.list_officer(user=insider, **values)
    training = officers.note_training(
        officer=officer, title=f"{MARK}培训", held_on=factories.STARTS_ON, length_days=Decimal(1), by=None, at=factories.AT
    )
    target = factories.target_list(me, title=f"{MARK}清单", note=f"{MARK}备注")
    (row,) = factories.listed(target, registered, assignee=me)
    knock = factories.knock(row, me, said=f"{MARK}对接", next_step=f"{MARK}下一步")
    kept = {"purpose": "promotion", "basis": "consent", "consent_source": f"{MARK}依据", "consented_on": factories.STARTS_ON}
    noted = {"unit": bureau, "noted_by": me, "noted_at": factories.AT, "retain_until": dt.date(2099, 1, 1)}
    person = Person.objects.create(name=f"{MARK}联系人", phone="13900001234", **kept, **noted)
    person.positions.create(firm=registered, title=f"{MARK}职务")
    version = {"chain_id": "power-battery", "number": 1, "base_number": 0, "text": f"{MARK}文本", "text_hash": "x", "note": f"{MARK}说明"}
    draft = ChainVersion.objects.create(unit=bureau, created_by=me, created_at=factories.AT, state="draft", **version)
    text = {"kind": "parameters", "number": 1, "base_number": 0, "text": f"# {MARK}文本", "text_hash": "x", "note": f"{MARK}规则"}
    rule = RuleVersion.objects.create(unit=bureau, created_by=me, created_at=factories.AT, state="draft", **text)
    trial = Trial.objects.create(version=rule, of="leads", text_hash="x", begins_on=factories.STARTS_ON, by=me, at=factories.AT, fault=MARK)
    view = oneself.save_view(page="/firms/", name=f"{MARK}视图", query="", by=me, at=factories.AT)
    entry = Entry.objects.filter(by=None).first()
    assert entry is not None
    of_person = (
        "detail", "edit", "leave", "erase", "deactivate", "reactivate", "reset-password", "posting-new", "stand-in-new", "officer-edit",
        "logins-of", "sessions-end-of", "factor-reset", "unlock-person", "tokens-export",
    )  # fmt: skip
    of_unit = ("unit", "unit-edit", "unit-merge", "unit-split", "unit-close", "unit-reopen")
    of_row = ("row", "knock", "plan", "settle", "row-reopen", "remove", "restore", "move", "paths-of-row")
    introduction = factories.introduction(me, outside=f"{MARK}商会", text=f"{MARK}请托")
    lead = factories.lead(me, name=f"{MARK}线索企业")
    of_draft = ("draft", "change", "undo", "redo", "rewrite", "check", "effect", "submit", "approve", "send-back", "withdraw")
    of_rule = (
        "draft", "set-value", "drop-leaf", "set-day", "rewrite", "check", "undo", "redo", "submit", "approve", "send-back", "withdraw",
        "revoke", "print", "try",
    )  # fmt: skip
    session, token, wrong = factories.session(insider), factories.token(insider, name=MARK), factories.wrong_log_in(insider)
    keys = {
        **{f"accounts:{verb}": insider for verb in of_person},
        "accounts:session-end": session, "accounts:token-revoke": token,
        **{f"accounts:{verb}": section for verb in of_unit},
        **{f"leads:{verb}": target for verb in LEADS_LISTS},
        **{f"leads:{verb}": row for verb in of_row},
        **{f"leads:{verb}": introduction for verb in INTRODUCTION},
        "leads:paths-of-lead": lead,
        **{f"chains:{verb}": draft for verb in of_draft},
        **{f"rulebooks:{verb}": rule for verb in of_rule},
        "rulebooks:trial": trial,
        **{f"firms:person{verb}": person for verb in ("", "-edit", "-erase", "-reveal")},
        "accounts:posting-end": posting, "accounts:stand-in-end": stand_in, "accounts:training-new": officer,
        "accounts:training-drop": training, "accounts:view-drop": view, "leads:correct": knock, "audit:detail": entry,
    }  # fmt: skip
    records = {name: {"pk": one.public_id} for name, one in keys.items()}
    records |= jobs_records(cast) | journal_records(cast, MARK) | claims_records(cast, MARK)
    records |= {"accounts:unlock": {"pk": wrong.pk}, "audit:history": {"label": "accounts.User", "key": insider.public_id}}
    records |= (
        assessment_records(me.unit, MARK) | inspection_records(me, MARK) | reward_records(me, MARK) | outreach_records(me, MARK)
        | partners_records(me, registered) | projects_records(cast, MARK)
    )  # fmt: skip
    records |= handed_in_records(me, records["partners:account-end"]["pk"])
    records |= {
        "assessment:ratings-of-firm": records["partners:account-end"],
        "api-1:introduction": {"introduction_id": introduction.public_id},
        "leads:let-forget": {"pk": target.public_id, "named": uuid.UUID(int=1)},
    }
    records |= {f"api-1:{verb}": {"list_id": str(target.public_id)} for verb in API_LISTS}
    records |= {f"api-1:{verb}": {"row_id": str(row.public_id)} for verb in API_ROWS}
    tables = (
        models.User.objects.get_queryset().filter(unit=section).defer("last_login"), models.Unit.objects.filter(pk=section.pk),
        models.Posting.objects.filter(pk=posting.pk), models.StandIn.objects.filter(pk=stand_in.pk), models.UnitChange.objects.all(),
        models.PromotionOfficer.objects.all(), models.Training.objects.all(), models.SavedView.objects.filter(pk=view.pk),
        models.LoginSession.objects.filter(pk=session.pk), models.ApiToken.objects.filter(pk=token.pk),
        type(wrong).objects.filter(pk=wrong.pk),
        Introduction.objects.filter(pk=introduction.pk), introduction.steps.all(),
        TargetList.objects.filter(pk=target.pk), ListedFirm.objects.filter(pk=row.pk), Knock.objects.filter(pk=knock.pk),
        Person.objects.filter(pk=person.pk), ChainVersion.objects.filter(pk=draft.pk), Duty.objects.all(), DeadlineRequest.objects.all(),
        Comment.objects.all(), Attachment.objects.all(), CalendarYear.objects.all(),
        HandIn.objects.filter(giver__username="markfirm"),  # an adviser and a firm may hand in what they know themselves
        apps.get_model("outreach", "Trip").objects.all(), apps.get_model("outreach", "TripPerson").objects.all(),
        *(apps.get_model("assessment", name).objects.all() for name in (*ASSESSMENT, *INSPECTIONS)),
        RuleVersion.objects.filter(pk=rule.pk), Trial.objects.filter(pk=trial.pk),
        *(apps.get_model("projects", name).objects.all() for name in (*PROJECTS, *PAPERS)),
        apps.get_model("projects", "Opportunity").objects.filter(unit=me.unit),
        apps.get_model("projects", "OpportunityVersion").objects.filter(opportunity__unit=me.unit),
    )  # fmt: skip
    return records, lambda: str([list(table.order_by("pk").values()) for table in tables])


def values_of(address: Address, firm_id: str) -> dict[str, Any]:
    """Values for the parameters of an address that is not one of a marked record: a firm, chain and segment that are there."""
    there = {"firm_id": firm_id, "chain_id": "power-battery", "segment_id": "cell", "number": 1, "kind": "yaml", "edition_id": "none"}
    nothing = {"UUIDConverter": uuid.UUID(int=1), "IntConverter": 1}
    return {key: there.get(key, nothing.get(kind, "nothing")) for key, kind in address.converters}


def hidden_from(user: Any) -> set[str]:
    """The names of people and units that somebody may not see."""
    from wutong.web.accounts.models import Unit

    people = User.objects.get_queryset().exclude(pk__in=User.objects.visible_to(user)).values_list("display_name", flat=True)
    return set(people) | {unit.name_zh for unit in Unit.objects.all() if unit not in Unit.objects.visible_to(user)} - {user.unit.name_zh}


def swept(
    client: Client,
    outsider: str,
    records: dict[str, dict[str, Any]],
    firm_id: str,
    of: list[Address] | None = None,
    *,
    hidden: Collection[str] = (),
) -> Swept:
    """Call every address (or those of `of`) with every method as the outsider, and tell what he should not have got.

    Where he is to be refused, nothing may be done either: no action leaves an entry. `hidden`: names that no list, export or answer of the
    API may tell him.
    """
    found = Swept(0, [])
    for address in of or GUARDED:
        is_closed = outsider == "anonymous" or (address.name not in OWN if outsider == "no_role" else address.name in records)
        done = Entry.objects.count() if is_closed else 0
        for method in METHODS:
            if method == "POST" and address.name in STARTS_WORK:
                continue
            url = address.url(records.get(address.name) or values_of(address, firm_id))
            response = call(client, method, address.name, url)
            status, where = response.status_code, f"{outsider}: {method} {url} ({address.name}) answers {response.status_code}"
            found.combinations += 1
            if outsider == "anonymous":
                is_refused = status == 401 or (status == 302 and response.headers["Location"].startswith("/login/"))
            else:
                is_refused = status in REFUSED
            if is_closed and not is_refused:
                found.leaks.append(where)
                continue
            said = text_of(response)
            if address.name != "api-1:openapi-json" and (MARK in (plain := re.sub("</?mark>", "", said)) or "13900001234" in plain):
                found.leaks.append(f"{where} and tells of a record of another unit")
            if method == "GET" and not address.converters:
                said = DIVISION.sub("", said)
                told = sorted(word for word in hidden if any(f"{a}{word}{z}" in said for a, z in ("><", '""', "''")))
                told = [word for word in told if word not in PLACES or address.name.split(":")[0] not in OF_PLACES]
                told = [word for word in told if (address.name, word) not in ISSUED]
                found.leaks += [f"{where} and tells of {told}"] if told else []
        if is_closed and Entry.objects.count() != done:
            found.leaks.append(f"{outsider}: something was done at {address.name}")
    return found


def expected_combinations() -> int:
    """Addresses × methods, but for the steps that start minutes of work."""
    return len(GUARDED) * len(METHODS) - len(STARTS_WORK)


ON_EVERY_DATABASE = {"park_officer", "other_officer"}


@pytest.mark.parametrize(
    "outsider", [pytest.param(name, marks=() if name in ON_EVERY_DATABASE else pytest.mark.once) for name in OUTSIDERS]
)
def test_nothing_gets_out_at_any_address_with_any_method(
    client_of: Callable[..., Client], cast: Cast, settings: Any, outsider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.WAREHOUSE = fictional.made()
    records, state = marked_records(cast)
    before = state()
    hidden = hidden_from(User.objects.get(pk=cast.people[outsider].pk)) if outsider in cast.people else ()
    found = swept(client_of(outsider), outsider, records, fictional.firm_id(fictional.TARGET), hidden=hidden)
    with capsys.disabled():
        print(f"\naccess sweep, {outsider} ({OUTSIDERS[outsider]}): {found.combinations:,} combinations, {len(found.leaks)} leaks")  # noqa: T201
    assert not found.leaks, "\n".join(found.leaks)
    assert found.combinations == expected_combinations() > 800
    assert state() == before, "something of another unit was changed"


def test_the_marks_are_seen_by_whose_they_are(client_of: Callable[..., Client], cast: Cast, settings: Any) -> None:
    """Without this the sweep could look for marks that no page ever shows."""
    settings.WAREHOUSE = fictional.made()
    records, _ = marked_records(cast)
    seen = {}
    for name, who in (
        ("accounts:detail", "vice_mayor"),
        ("accounts:unit", "bureau_leader"),
        ("leads:detail", "bureau_officer"),
        ("rulebooks:draft", "bureau_officer"),
    ):
        seen[name] = MARK in text_of(client_of(who).get(reverse(name, kwargs=records[name])))
    firm = fictional.firm_id(fictional.TARGET)
    for name, who in (("firms:detail", "bureau_officer"), ("leads:of-firm", "bureau_officer")):
        seen[name] = MARK in text_of(client_of(who).get(reverse(name, kwargs={"firm_id": firm})))
    for name, who in (
        ("leads:list", "bureau_officer"),
        ("leads:knocks", "bureau_officer"),
        ("accounts:list", "bureau_leader"),
        ("accounts:officers", "bureau_leader"),
    ):
        seen[name] = MARK in text_of(client_of(who).get(reverse(name)))
    for name in ("cockpit:search", "api-1:search"):
        seen[name] = MARK in text_of(client_of("bureau_officer").get(reverse(name) + "?q=biaoji")).replace("<mark>", "").replace(
            "</mark>", ""
        )
    for name in ("journal:of", "journal:duty", "journal:file"):
        seen[name] = MARK in text_of(client_of("bureau_officer").get(reverse(name, kwargs=records[name])))
    for name in ("journal:list", "journal:export", "journal:week"):
        day = factories.AT.date() + dt.timedelta(days=7)
        seen[name] = MARK in text_of(client_of("bureau_officer").get(reverse(name), {"week": day.isoformat()}))
    for name in ("accounts:officers-export", "leads:export", "leads:all-rows-export", "leads:knocks-export", "accounts:export"):
        seen[name] = MARK in text_of(client_of("bureau_leader").get(reverse(name)))
    assert seen == dict.fromkeys(seen, True)


def test_a_leak_would_be_found(client_of: Callable[..., Client], cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: lists of every unit are shown to everybody who may see lists at all."""
    from wutong.web.leads.models import lists

    settings.WAREHOUSE = fictional.made()
    records, _ = marked_records(cast)
    monkeypatch.setattr(lists, "reach", lambda user, way="": lists.EVERYTHING)
    names = {"leads:list", "leads:detail", "leads:all-rows-export"}
    of = [address for address in GUARDED if address.name in names]
    found = swept(client_of("other_officer"), "other_officer", records, fictional.firm_id(fictional.TARGET), of)
    assert {leak.split("(")[1].split(")")[0] for leak in found.leaks} == names
