"""Plain functions that make rows, with believable defaults. They go through the rooms' actions, as everything does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from wutong.web.accounts.actions import officers, people, postings, units
from wutong.web.accounts.models import Posting, Unit, User

AT = dt.datetime(2026, 3, 5, 9, 30, tzinfo=dt.UTC)
STARTS_ON = dt.date(2024, 1, 1)
PASSWORD = "correct horse 梧桐"
_numbers = count(1)


def log_in(client: Any, user: User) -> None:
    """Log somebody in as the log-in page does, with a second factor, but without asking for anything."""
    from django.utils import timezone

    client.force_login(user, backend="wutong.web.accounts.views.login.Backend")
    store, now = client.session, timezone.now()
    begun = session(user, key=store.session_key, at=now)
    store["login"] = {"session": begun.pk, "started": now.timestamp(), "used": now.timestamp(), "idle": 30}
    store["second_factor"] = True
    store.save()


def session(user: User, *, key: str = "", at: dt.datetime = AT) -> Any:
    """Somebody logged in at some place."""
    from wutong.web.accounts.models import LoginSession

    return LoginSession.objects.create(user=user, key=key or f"key{next(_numbers)}", started_at=at, used_at=at)


def token(user: User, *, name: str = "报表程序") -> Any:
    """A token for the API that does nothing and is long over."""
    from wutong.web.accounts.models import ApiToken

    return ApiToken.objects.create(user=user, name=name, digest=f"digest{next(_numbers)}", begins_with="wutong_", made_at=AT, ends_on=AT)


def wrong_log_in(user: User, **more: Any) -> Any:
    """A wrong password for somebody."""
    from axes.models import AccessAttempt

    return AccessAttempt.objects.create(username=user.username, ip_address="192.0.2.1", failures_since_start=1, **more)


def unit(name_zh: str = "", *, kind: str = "department", parent: Unit | None = None, adcode: str = "", **more: Any) -> Unit:
    """A unit, made by the system itself."""
    return units.add_unit(kind=kind, name_zh=name_zh or f"单位{next(_numbers)}", parent=parent, adcode=adcode, by=None, at=AT, **more)


def person(username: str = "", *, at_unit: Unit, display_name: str = "", password: str = PASSWORD, **more: Any) -> User:
    """Somebody who may log in with PASSWORD and holds no role."""
    username = username or f"person{next(_numbers)}"
    user, _ = people.create_user(
        username=username, display_name=display_name or username, unit=at_unit, password=password, by=None, at=AT, **more
    )
    return user


def posting(user: User, role: str, *, unit: Unit | None = None, starts_on: dt.date = STARTS_ON, ends_on: dt.date | None = None) -> Posting:
    """A posting, at the person's own unit unless told otherwise."""
    return postings.post(user=user, unit=unit or user.unit, role=role, starts_on=starts_on, ends_on=ends_on, by=None, at=AT)


def stand_in(user: User, posting: Posting, *, starts_on: dt.date = STARTS_ON, ends_on: dt.date = dt.date(2024, 3, 1)) -> Any:
    """Somebody stands in for a posting; in the past unless told otherwise."""
    return postings.stand_in(user=user, posting=posting, starts_on=starts_on, ends_on=ends_on, reason="外出培训", by=None, at=AT)


def officer(user: User, *codes: str) -> Any:
    """Somebody on the roster of promotion officers, with a training."""
    found = officers.list_officer(user=user, since_on=STARTS_ON, skills=codes or ("policy-land",), by=None, at=AT)
    officers.note_training(officer=found, title="招商实务", held_on=STARTS_ON, length_days=Decimal(2), by=None, at=AT)
    return found


def firm(number: int | None = None, *, name: str = "", firm_id: str = "") -> Any:
    """A firm that was taken on; it need not stand in any registry."""
    from wutong.web.firms.models import Firm

    known = next(_numbers) if number is None else number
    return Firm.objects.create(
        firm_id=firm_id or f"X-{known:06X}", name=name or f"白榆{known}号机械有限公司", build_id="build", taken_on_at=AT
    )


def target_list(owner: User, *, title: str = "", at: dt.datetime = AT, **more: Any) -> Any:
    """A target list of the owner's unit."""
    from wutong.web.leads.actions import making

    unit = more.pop("unit", owner.unit)
    return making.make(title=title or f"清单{next(_numbers)}", unit=unit, owner=owner, by=None, at=at, **more)


def listed(target: Any, *firms: Any, assignee: User | None = None, at: dt.datetime = AT, **more: Any) -> list[Any]:
    """Firms on a list; new ones unless some are given. `more` is what the ranking knew of them."""
    from wutong.web.leads.actions import working
    from wutong.web.leads.queries.chosen import Candidate

    there = firms or (firm(),)
    candidates = [Candidate(one.firm_id, one.name, assignee_id=assignee.pk if assignee else None, **more) for one in there]
    done = working.put_on(target_list=target, candidates=candidates, first_step="首次对接", by=None, at=at)
    by_firm = {row.firm_id: row for row in done.rows}
    return [by_firm[one.pk] for one in there]


def knock(row: Any, by: User, *, result: str = "contacted", how: str = "call", at: dt.datetime = AT, **more: Any) -> Any:
    """A knock at a firm of a list, with a next step in a week where it stays open."""
    from wutong.web.leads.actions import knocking
    from wutong.web.leads.rules.lists import How, Result

    recorded_at = more.pop("recorded_at", at)
    values = {"next_step": "再次拜访", "next_on": at.date() + dt.timedelta(days=7), "made_at": at, **more}
    return knocking.knock(row=row, how=How(how), result=Result(result), by=by, at=recorded_at, **values)


def job(by: User | None, *, kind: str = "jobs.trial", state: str = "queued", at: dt.datetime = AT, **more: Any) -> Any:
    """A job that somebody asked for, whatever he may; ended an hour later where it has ended."""
    from wutong.web.jobs.models import Job

    ended_at = None if state in {"queued", "running"} else at + dt.timedelta(hours=1)
    values = {"queued_at": at, "due_at": at, "ended_at": ended_at, "unit": by.unit if by else None, "title": "名单一", **more}
    if state == "running":
        values = {"lease_until": at, "attempt_no": 1, **values}
    return Job.objects.create(kind=kind, by=by, state=state, **values)


def import_batch(by: User, **more: Any) -> Any:
    """An import that was checked; its file is not kept."""
    from wutong.web.batches.models import ImportBatch

    values = {"kind": "accounts.people", "file_name": "标记名单.xlsx", "sha256": "0" * 64, "size_bytes": 1, "state": "checked", **more}
    return ImportBatch.objects.create(by=by, unit=by.unit, uploaded_at=AT, **values)


def registry_file(by: User, **more: Any) -> Any:
    """A registry file that was uploaded; it is not kept."""
    from wutong.web.batches.models import RegistryFile

    values = {"file_name": "标记登记.csv", "sha256": "0" * 64, "size_bytes": 1, "headers": ["企业名称"], **more}
    return RegistryFile.objects.create(by=by, unit=by.unit, uploaded_at=AT, **values)


def export_batch(by: User, **more: Any) -> Any:
    """An export that was asked for and never made."""
    from wutong.web.batches.models import ExportBatch

    values = {"kind": "audit.entries", "title": "标记导出", "format": "xlsx", **more}
    return ExportBatch.objects.create(by=by, unit=by.unit, asked_at=AT, **values)


def message(to: User, *, channel: str = "in_app", state: str = "", at: dt.datetime = AT, **more: Any) -> Any:
    """A message to a person: in the app, or a mail that waits."""
    from wutong.web.jobs.models import Message

    known = next(_numbers)
    values = {"title": f"事项{known}", "text": "请办理", "key": f"test:{known}", "written_at": at, "due_at": at, **more}
    return Message.objects.create(to=to, channel=channel, state=state or ("sent" if channel == "in_app" else "waiting"), **values)


def robot(address: str = "https://oapi.dingtalk.com/robot/send?access_token=t0k3n", *, channel: str = "dingtalk", secret: str = "") -> Any:
    """A robot of a group chat, saved as the system administrator saves it."""
    from unittest.mock import Mock

    from wutong.web.jobs import actions as jobs

    by = Mock(is_authenticated=False)
    by.may.return_value = True
    return jobs.save_robot(
        robot=None, name=f"机器人{next(_numbers)}", channel=channel, address=address, secret=secret, language="zh-hans",
        is_active=True, by=by, at=AT,
    )  # fmt: skip


def webhook(person: User, address: str = "https://oa.example.com/events", *, state: str = "active", **more: Any) -> Any:
    """A subscription of events by the rights of a person, who has agreed."""
    from wutong.web.jobs.models import Webhook
    from wutong.web.lib import sealing

    values = {
        "events": ["leads.knock"],
        "agreed_at": AT,
        "reached_number": 0,
        "host": urlsplit(address).hostname,
        "made_by": person,
        **more,
    }
    sealed = {
        "sealed_address": sealing.sealed(address),
        "sealed_secret": sealing.sealed("wutong_hook_test"),
    }
    return Webhook.objects.create(name=f"标记系统{next(_numbers)}", person=person, made_at=AT, state=state, **sealed, **values)


def delivery(webhook: Any, *, state: str = "failed", **more: Any) -> Any:
    """A trial event to a subscription."""
    from wutong.web.jobs import queries
    from wutong.web.jobs.models import Message

    return Message.objects.create(**{**queries.told_of_trial(webhook, AT), "state": state, **more})


def duty(owner: User, *, by: User | None = None, title: str = "", days: int = 7, at: dt.datetime = AT, **more: Any) -> Any:
    """Something that somebody owes in so many days."""
    from wutong.web.journal.actions import duties

    due_on = more.pop("due_on", at.date() + dt.timedelta(days=days))
    return duties.create(owner=owner, title=title or f"事项{next(_numbers)}", due_on=due_on, by=by, at=at, **more)


def comment(record: Any, by: User, *, text: str = "", at: dt.datetime = AT) -> Any:
    """Something that somebody says about a record."""
    from wutong.web.journal.actions import comments

    return comments.write(record=record, text=text or f"意见{next(_numbers)}", by=by, at=at).comment


def attachment(record: Any, by: User, *, name: str = "", content: bytes = b"", at: dt.datetime = AT, **more: Any) -> Any:
    """A text file on a record."""
    from io import BytesIO

    from wutong.web.journal.actions import files

    known = next(_numbers)
    given = {"file": BytesIO(content or f"文件{known}".encode()), "name": name or f"材料{known}.txt", **more}
    return files.attach(record=record, by=by, at=at, **given).attachment


_BRANDS = "澄岚棣垣璟曜翊琛瑾皓峻岐屿芷蔚霖泽砺骁驰沐颐舜禾锦朔渊麒栎鹭桐"


def brand(number: int) -> str:
    """Three characters, all others for each of thirty numbers in turn: to the duplicate check no two of them are alike."""
    size, turn = len(_BRANDS), number // len(_BRANDS)
    return "".join(_BRANDS[place % size] for place in (7 * number, 11 * number + turn, 5 * number + 3 * turn))


def lead(owner: User, *, name: str = "", at: dt.datetime = AT, by: User | None = None, **identity: Any) -> Any:
    """A lead of the owner's unit that names a firm and is not filed yet."""
    from wutong.web.leads.actions import filing, informing

    named = name or f"白榆{brand(next(_numbers))}装备有限公司"
    made = informing.log(title=f"{named}项目", unit=owner.unit, owner=owner, by=by, at=at)
    return filing.identify(lead=made, identity=filing.Identity(named, **identity), by=by, at=at)


def assessment_scheme(unit: Unit, *, mark: str = "县区", code: str = "marked") -> Any:
    """A scheme of a unit that measures the unit itself, its rule approved by a second person; one figure is entered."""
    from wutong.web.assessment.actions import figures, schemes
    from wutong.web.assessment.queries import versions
    from wutong.web.assessment.rules.runs import Standing, ValueState
    from wutong.web.rulebooks.rules import State, Step

    writer, reader = person(at_unit=unit), person(at_unit=unit)
    posting(writer, "assessor")
    posting(reader, "bureau_leader")
    scheme = schemes.make(code=code, title=f"{mark}考核", unit=unit, by=None, at=AT)
    text = versions.template(scheme, AT.date()).replace("on started", "on what was started")
    version = schemes.rewrite(version=schemes.begin(scheme=scheme, by=writer, at=AT), text=text + "\n# \n", by=writer, at=AT)
    version = schemes.submit(version=version, note=f"{mark}试行", by=writer, at=AT)
    assert schemes.decide(version=version, step=Step.APPROVE, reason="", by=reader, at=AT).state == State.APPROVED
    schemes.set_members(scheme=scheme, members=[(unit, "counties", 12)], by=None, at=AT)
    said = figures.Said(ValueState.VALUE, "4", f"{mark}月报")
    figures.enter(scheme=scheme, fact="target", unit=unit, on=AT.date(), standing=Standing.VERIFIED, said=said, by=writer, at=AT)
    return scheme


def assessment_run(scheme: Any, *, mark: str = "县区") -> Any:
    """A frozen run of a scheme, with an objection."""
    from io import BytesIO

    from wutong.web.assessment.actions import objections, runs

    on = AT.date()
    run = runs.draft(scheme=scheme, title=f"{mark}核算", starts_on=on.replace(month=1, day=1), on=on, by=None, at=AT)
    run = runs.freeze(run=runs.compute(run=run, by=None, at=AT), by=None, at=AT)
    officer = person(at_unit=scheme.unit)
    posting(officer, "department_officer")
    row = run.units.get()
    proofs = [(BytesIO(f"{mark}开工令".encode()), f"{mark}开工令.txt")]
    objections.file(row=row, item="started", text=f"{mark}有误", evidence="", proofs=proofs, by=officer, at=AT)
    return run


def rating_round(scheme: Any, *, mark: str = "县区") -> Any:
    """An open round of ratings of a scheme's unit, asked of a park below it, with a ballot on paper."""
    from wutong.web.assessment.actions import rating_papers, ratings
    from wutong.web.assessment.actions.rating_papers import Paper
    from wutong.web.assessment.rules.ratings import RaterClass, Scale

    writer, on = person(at_unit=scheme.unit), AT.date()
    posting(writer, "assessor")
    park = unit(f"{mark}测评园区", kind="park", parent=scheme.unit, adcode=scheme.unit.adcode)
    told = ratings.Sheet("service", f"{mark}测评", on, on, Scale.FIVE, True, (("speed", f"{mark}效率"),))
    made = ratings.make(scheme=scheme, told=told, by=writer, at=AT)
    asked = [ratings.Asked(RaterClass.PARKS, park)]
    ratings.prepare(round=made, units=[scheme.unit], raters=asked, by=writer, at=AT)
    made = ratings.open_round(round=made, by=writer, at=AT)
    rater = ratings.put_on_paper(rater=made.raters.get(), is_on_paper=True, by=writer, at=AT)
    paper = Paper(RaterClass(rater.rater_class), f"{mark}1", {("speed", scheme.unit_id): 3}, {scheme.unit_id: f"{mark}意见"})
    rating_papers.enter(round=made, papers=[paper], by=writer, at=AT)
    return made


def inspection_finding(owner: User, *, mark: str = "突击") -> Any:
    """A finding of a visit to a project of the owner, by an assessor of his unit; the plan has drawn nothing else."""
    from wutong.web.assessment.actions import inspections
    from wutong.web.assessment.models import Inspection
    from wutong.web.assessment.queries import inspections as queries
    from wutong.web.assessment.rules.inspections import PlanKind, Severity
    from wutong.web.projects.models import Project

    inspector, on = person(at_unit=owner.unit), AT.date()
    posting(inspector, "assessor")
    found = project(owner, name_zh=f"{mark}督查项目")
    Project.objects.filter(pk=found.pk).update(stage="signed", total_yuan=Decimal(987_654_321_000))
    plan = inspections.commit(
        unit=owner.unit, title=f"{mark}督查", kind=PlanKind.SURPRISE, begins_on=on, ends_on=on, wanted_count=1, by=inspector, at=AT,
        scope=inspections.Scope(least_yuan=Decimal(987_654_321_000)),
    )  # fmt: skip
    inspections.draw(plan=plan, by=None, at=AT)
    visit = Inspection.objects.select_related("project").get(plan=plan)
    answers = {one.code: inspections.Answer(words=f"{mark}未见") for one in queries.asked_of(visit.project)}
    inspections.keep(inspection=visit, answers=answers, visited_on=on, summary=f"{mark}所见", by=inspector, at=AT)
    visit = inspections.hand_in(inspection=visit, by=inspector, at=AT)
    due_on = on + dt.timedelta(days=10)
    return inspections.find(inspection=visit, text=f"{mark}问题", severity=Severity.MINOR, due_on=due_on, by=inspector, at=AT)


def goal_set(unit: Unit, *, mark: str = "年度", year: int = AT.year) -> Any:
    """A set of goals in force for a unit, with one goal; its change is asked for."""
    from wutong.web.assessment.actions import goals
    from wutong.web.assessment.rules.goals import Origin, SetStep

    writer, reader = person(at_unit=unit), person(at_unit=unit)
    posting(writer, "assessor")
    posting(reader, "bureau_leader")
    made = goals.make_set(
        title=f"{mark}目标", year=year, origin=Origin.OWN, unit=unit, document_number=f"{mark}文号", document_on=None, must_add_up=False,
        by=writer, at=AT,
    )  # fmt: skip
    goals.set_values(goal_set=made, values={(unit.pk, "signed", "", ""): Decimal(12)}, by=writer, at=AT)
    goals.take_step(goal_set=made, step=SetStep.SUBMIT, by=writer, at=AT)
    made = goals.take_step(goal_set=made, step=SetStep.APPROVE, by=reader, at=AT)
    goals.ask_change(
        goal=made.goals.get(), value=Decimal(10), valid_from=AT.date(), reason=f"{mark}调减", document=f"{mark}通知", by=writer, at=AT
    )
    return made


def reward_claim(owner: User, *, mark: str = "单位") -> Any:
    """A claim of the owner's unit for a project of his, computed; its document is one of the unit, approved by a second person.

    The document bears no mark: every unit of the region may read what it can claim by.
    """
    from wutong.web.assessment.actions import rewards, schemes
    from wutong.web.assessment.rules.rewards import SchemeKind
    from wutong.web.rulebooks.rules import Step

    writer, reader = person(at_unit=owner.unit), person(at_unit=owner.unit)
    posting(writer, "assessor")
    posting(reader, "bureau_leader")
    made = schemes.make(code="marked_rewards", title="项目引进奖励办法", unit=owner.unit, kind=SchemeKind.REWARD, by=None, at=AT)
    version = schemes.begin(scheme=made, by=writer, at=AT)
    version = schemes.rewrite(version=version, text=f"{version.text}\n# 试行\n", by=writer, at=AT)
    version = schemes.submit(version=version, note="试行", by=writer, at=AT)
    schemes.decide(version=version, step=Step.APPROVE, reason="", by=reader, at=AT)
    claim = rewards.claim(
        scheme=made, award="unit", project=project(owner, name_zh=f"{mark}奖励项目"), unit=owner.unit, by=None, at=AT
    )  # fmt: skip
    rewards.compute(claim=claim, by=writer, at=AT)
    return claim


def registration(owner: User, *, mark: str = "单位") -> Any:
    """A partner of the owner's unit registered for a project of his, no civil servant; its withdrawal waits."""
    from wutong.web.assessment.actions import registrations, rewards

    about = project(owner, name_zh=f"{mark}登记项目")
    made = rewards.register(
        unit=owner.unit, project=about, partner=partner(owner, name=f"{mark}引荐商会"), is_staff=False, by=None, at=AT
    )  # fmt: skip
    registrations.ask_withdrawal(registration=made, reason=f"{mark}登记有误", by=None, at=AT)
    return made


def assessment_bulletin(run: Any) -> Any:
    """A signed bulletin of a run, which is published for it, with its spreadsheet."""
    from wutong.web.assessment.actions import bulletins
    from wutong.web.assessment.models import Run
    from wutong.web.assessment.queries import bulletin_papers

    writer, reader = person(at_unit=run.scheme.unit), person(at_unit=run.scheme.unit)
    posting(writer, "assessor")
    posting(reader, "bureau_leader")
    Run.objects.filter(pk=run.pk).update(state="published")
    signed = bulletins.sign(bulletin=bulletins.draft(run=run, by=writer, at=AT), by=reader, at=AT)
    Run.objects.filter(pk=run.pk).update(state=run.state)
    bulletins.keep_files(bulletin=signed, of_digest=signed.digest, made={"xlsx": bulletin_papers.sheet(signed)}, by=None, at=AT)
    return signed


def introduction(owner: User, *, text: str = "请引荐", outside: str = "", at: dt.datetime = AT) -> Any:
    """Another firm, or somebody outside, was asked to introduce the owner's unit to a firm."""
    from wutong.web.leads.actions import introducing
    from wutong.web.leads.rules.introductions import PartyKind

    kind = PartyKind.OUTSIDE if outside else PartyKind.FIRM
    party = introducing.Introducer(kind, firm=None if outside else firm(), name=outside)
    return introducing.ask(introducer=party, firm=firm(), text=text, unit=owner.unit, owner=owner, by=None, at=at)


def file(lead: Any, *, by: User | None = None, at: dt.datetime = AT, another_project: str = "") -> Any:
    """What comes of filing a lead."""
    from wutong.web.leads.actions import filing

    return filing.file(lead=lead, by=by or lead.owner, at=at, another_project=another_project)


def partner(owner: User, *, name: str = "", kind: str = "chamber", at: dt.datetime = AT, **more: Any) -> Any:
    """A chamber that the owner's unit works with."""
    from wutong.web.partners.actions import keeping

    return keeping.make(unit=owner.unit, owner=owner, kind=kind, name=name or f"商会{next(_numbers)}", by=None, at=at, **more)


def acquaintance(owner: User, *, name: str = "", at: dt.datetime = AT, **more: Any) -> Any:
    """Somebody outside whom the owner knows and who agreed to that."""
    from wutong.web.partners.actions import knowing

    values = {
        "name": name or f"乡贤{next(_numbers)}", "phone": "13900001234", "purpose": "introduction", "basis": "consent",
        "consent_source": "座谈会签到表", "consented_on": at.date(), "retain_until": dt.date(at.year + 2, 1, 1), "title": "董事长",
        "origin_adcode": "990121", "present_adcode": "990202", "occupation": "装备制造", **more,
    }  # fmt: skip
    return knowing.know(owner=owner, by=owner, at=at, **values)


def seeking(owner: User, *, firm_id: str, what: str = "", kind: str = "supplier", at: dt.datetime = AT, **more: Any) -> Any:
    """What a local firm seeks, as an officer entered it: makers of cylinders, valid for a century."""
    from wutong.web.partners.actions import seeking as acting
    from wutong.web.partners.rules import SeekingKind

    values = {"chain": "advanced-equipment", "segment": "cylinders", "valid_until": dt.date(2099, 1, 1), **more}
    said = what or f"液压缸配套{next(_numbers)}"
    return acting.seek(firm_id=firm_id, unit=owner.unit, owner=owner, kind=SeekingKind(kind), what=said, by=owner, at=at, **values)


def firm_account(inviter: User, *, firm_id: str, username: str = "", at: dt.datetime = AT) -> Any:
    """The log-in of a person of a local firm, with PASSWORD."""
    from wutong.web.partners.actions import inviting

    name = username or f"firm{next(_numbers)}"
    made, _ = inviting.invite(
        firm_id=firm_id, unit=inviter.unit, username=name, display_name=f"企业人员{name}", consent_source="开通申请表", password=PASSWORD,
        by=inviter, at=at,
    )  # fmt: skip
    return made


def dispute(lead: Any, *, text: str = "首次接洽记录", at: dt.datetime = AT) -> Any:
    """A dispute of a unit that was told, when it filed this lead, that another is first."""
    from wutong.web.leads.actions import disputing

    return disputing.dispute(lead=lead, text=text, has_certificate=False, by=lead.owner, at=at)


def offer(lead: Any, to: Unit, *, at: dt.datetime = AT) -> Any:
    """A lead offered to another unit, which is to have seven tenths."""
    from wutong.web.leads.actions import transferring

    return transferring.offer(lead=lead, to=to, terms=transferring.Terms(((at.date(), 3000),)), reason="落地需要", by=lead.owner, at=at)


def lead_in_talks(owner: User, *, at: dt.datetime = AT, is_filed: bool = True, **more: Any) -> Any:
    """A lead at formal talks, with its claim in force: where the lot drew it, or it meets one of a like name, it is admitted."""
    from wutong.web.leads.actions import filing, informing
    from wutong.web.leads.models import Lead
    from wutong.web.leads.rules.leads import Stage

    made = lead(owner, at=at, **more)
    claim = file(made, by=None, at=at).claim if is_filed else None
    if claim is not None and claim.state == "waiting":
        filing.admit(claim=claim, reason="核实", by=None, at=at)
    informing.triage(lead=made, is_taken=True, by=None, at=at)
    informing.advance(lead=made, stage=Stage.TALKS, by=None, at=at)
    return Lead.objects.get(pk=made.pk)


def project(owner: User, *, at: dt.datetime = AT, **values: Any) -> Any:
    """A project of the owner's unit, begun by formal talks."""
    from wutong.web.projects.actions import opening

    return opening.open_from(lead=lead_in_talks(owner, at=at), values=values, by=None, at=at)


PROJECT_FIGURES = {
    "total_yuan": Decimal(300_000_000), "fixed_yuan": Decimal(200_000_000), "equipment_yuan": Decimal(80_000_000), "jobs": 260,
    "output_yuan_a_year": Decimal(500_000_000), "tax_yuan_a_year": Decimal(20_000_000), "land_mu": Decimal(86),
    "building_sqm": Decimal(42_000), "energy_tce_a_year": Decimal(3_000),
}  # fmt: skip


def all_said(**values: Any) -> dict[str, Any]:
    """What is said of a project where all is that the gates ask for."""
    return {
        **PROJECT_FIGURES, "origin_kind": "private", "origin_adcode": "990200", "site_text": "高新区 3 号地块", "site_adcode": "990111",
        "landed_name": f"青桐{next(_numbers)}号装备有限公司", "project_code": f"2603-990111-04-01-{next(_numbers):06d}",
        "planned_start_on": dt.date(2026, 9, 1), "planned_completion_on": dt.date(2027, 9, 1),
        "planned_production_on": dt.date(2027, 12, 1), "kind_facts": facts_of_kind(values.get("kind", "industry")), **values,
    }  # fmt: skip


def facts_of_kind(kind: str) -> dict[str, str]:
    """What a project of a kind says of itself, all of it."""
    from wutong.rulebook.opportunities import kind_facts

    return {fact.key: "120" if fact.is_number else "见方案" for fact in kind_facts()[kind]}


def whole_project(owner: User, *, at: dt.datetime = AT, **values: Any) -> Any:
    """A project of which all is said that the gates ask for."""
    return project(owner, at=at, **all_said(**values))


def proof(project: Any, kind: str, *, node: Any = None, number: str = "", by: User | None = None, at: dt.datetime = AT) -> Any:
    """Evidence that was handed in: the number of a paper, with a file where the number is not enough."""
    from wutong.web.projects.actions import evidence
    from wutong.web.projects.queries import lifecycles

    file = attachment(project, project.owner, at=at) if lifecycles.in_force().evidence[kind].file else None
    number = number or f"文〔2026〕{next(_numbers)}号"
    return evidence.hand_in(project=project, kind=kind, node=node, number=number, attachment=file, by=by, at=at)


def appraised_project(owner: User, *, at: dt.datetime = AT, **values: Any) -> Any:
    """A project that has come to its appraisal, where a contract may be signed."""
    return bring_on(whole_project(owner, at=at, **values), "appraisal", at=at)


def deal_with_nodes(project: Any, *, at: dt.datetime = AT) -> None:
    """All that the present stage asks for is done and proved by the number of a paper, evidence of the next gate too."""
    from wutong.web.projects.actions import nodes
    from wutong.web.projects.models import Node
    from wutong.web.projects.queries import lifecycles, may
    from wutong.web.projects.rules import stages as rules

    life = lifecycles.in_force()
    to = rules.next_stage(rules.Stage(project.stage), life)
    if to == rules.Stage.SIGNED and not project.has_signed_contract():
        signed_contract(project, at=at)
    for node in Node.objects.filter(project=project, state="open"):
        for kind in may.lacking_kinds(project, node):
            proof(project, kind, node=node, at=at)
        nodes.finish(node=node, by=None, at=at)
    project.refresh_from_db()
    for one in rules.missing(project.facts(), to=to, lifecycle=life) if to else ():
        if one.code is rules.Code.MISSING_EVIDENCE:
            proof(project, one.field, at=at)


def signed_contract(project: Any, *, at: dt.datetime = AT, amount_yuan: Decimal | None = None, title: str = "投资合同") -> Any:
    """A contract of a project that has come to its appraisal: drafted, three opinions, decided, signed."""
    from wutong.web.projects.actions import agreements
    from wutong.web.projects.rules.agreements import AgreementKind, MeetingDecision, OpinionKind, Result

    paper, day = attachment(project, project.owner, at=at), at.date()
    made = agreements.draft(
        project=project, kind=AgreementKind.CONTRACT, title=title, counterpart="青桐控股", amount_yuan=amount_yuan, attachment=paper,
        by=None, at=at,
    )  # fmt: skip
    agreements.hand_to_review(agreement=made, by=None, at=at)
    for kind in OpinionKind:
        agreements.opine(
            agreement=made, kind=kind, result=Result.FAVOURABLE, unit=project.unit, dated_on=day, attachment=paper, by=None, at=at
        )
    agreements.decide(agreement=made, met_on=day, meeting="专题会", decision=MeetingDecision.AGREED, minutes=paper, by=None, at=at)
    return agreements.sign(agreement=made, signed_on=day, by=None, at=at)


def bring_on(project: Any, to: str, *, by: User | None = None, second: User | None = None, at: dt.datetime = AT) -> Any:
    """Bring a project to a stage through every gate on the way."""
    from wutong.web.projects.actions import stages
    from wutong.web.projects.models import Project
    from wutong.web.projects.queries import lifecycles
    from wutong.web.projects.rules import stages as rules

    life = lifecycles.in_force()
    while project.stage != to:
        deal_with_nodes(project, at=at)
        following = rules.next_stage(rules.Stage(project.stage), life)
        assert following is not None
        if life.stages[following].two_persons:
            stages.decide(gate=stages.ask(project=project, to=following, by=by, at=at), is_agreed=True, by=second, at=at)
        else:
            stages.advance(project=project, to=following, by=by, at=at)
        project = Project.objects.get(pk=project.pk)
    return project


def papers(project: Any, *, at: dt.datetime = AT) -> Any:
    """A contract that was drafted, an offer that was granted and a promise of ours. Returns the contract."""
    from wutong.web.projects.actions import agreements, commitments
    from wutong.web.projects.rules.agreements import AgreementKind
    from wutong.web.projects.rules.commitments import CommitmentKind, Side

    made = agreements.draft(
        project=project, kind=AgreementKind.CONTRACT, title="投资合同", counterpart="青桐控股", by=None, at=at,
        attachment=attachment(project, project.owner, at=at),
    )  # fmt: skip
    agreements.offer(project=project, what="设备补贴", amount_yuan=Decimal(1), clause="第三条", agreement=made, by=None, at=at)
    said = commitments.Promise(Side.OURS, CommitmentKind.SUPPORT, "双回路供电", due_on=at.date(), unit=project.unit, agreement=made)
    commitments.promise(project=project, said=said, by=None, at=at)
    return made


def funded_project(owner: User, *, at: dt.datetime = AT, **values: Any) -> Any:
    """A project of which all is said that recognition of its money asks."""
    from wutong.web.projects.actions import funds
    from wutong.web.projects.queries import recognition

    made = project(owner, at=at, **{"origin_kind": "private", "origin_adcode": "990200", **values})
    answers = dict.fromkeys(recognition.ANSWERS, False) | {"pays_local_tax": True}
    funds.describe(project=made, answers=answers, by=None, at=at)
    return made


def contracted(owner: User, **values: Any) -> Any:
    """The same, signed: nothing of it speaks against its money."""
    from wutong.web.projects.models import Project

    made = funded_project(owner, **values)
    Project.objects.filter(pk=made.pk).update(stage="signed")
    made.refresh_from_db()
    return made


def money(amount: int = 1_000_000, *, at: dt.datetime = AT, **more: Any) -> Any:
    """A bank transfer of that day."""
    from wutong.web.projects.rules.funds import FundsKind, Money, Proof

    given = {"kind": FundsKind.TRANSFER, "arrived_on": at.date(), "proofs": frozenset({Proof.BANK_RECEIPT}), **more}
    return Money(amount=Decimal(amount), **given)


def scan(project: Any, *, at: dt.datetime = AT, by: Any = None, name: str = "回单.txt") -> Any:
    """The file of a receipt, hung on a project."""
    from wutong.web.journal.actions import files

    return files.attach(record=project, file=BytesIO(name.encode()), name=name, by=by or project.owner, at=at).attachment


def counted_funds(project: Any, reviewer: User | None, number: str = "R-1", *, at: dt.datetime = AT, **more: Any) -> Any:
    """Money that the owner of a project entered and another person accepted, whatever speaks against it."""
    from wutong.web.projects.actions import funds
    from wutong.web.projects.models import FundsEntry

    given = {"money": money(at=at), **more}
    made = funds.enter(project=project, number=number, by=project.owner, at=at, attachment=scan(project, at=at), **given)
    funds.hand_in_review(entry=made, by=project.owner, at=at)
    funds.review(entry=made, is_accepted=True, by=reviewer, at=at, apart="已核对")
    return FundsEntry.objects.get(pk=made.pk)


FIGURES_OF_OPPORTUNITY = {
    "total_yuan": ("300000000", "可行性研究"), "fixed_yuan": ("240000000", "可行性研究"), "output_yuan_a_year": ("500000000", "可行性研究"),
    "return_share": ("0.125", "可行性研究"), "land_mu": ("120", "规划条件"),
}  # fmt: skip
NOT_PROVIDED_OF_OPPORTUNITY = ["profit_yuan_a_year", "tax_yuan_a_year", "payback_years", "jobs"]


def opportunity(owner: User, *, at: dt.datetime = AT, **values: Any) -> Any:
    """A packaged project of a unit, a draft that lacks nothing."""
    from wutong.web.projects.actions import opportunities

    said = {
        "title_zh": "隔膜项目", "title_en": "Separator project", "what_zh": "建设隔膜生产线", "what_en": "A separator line",
        "partner_zh": "隔膜企业", "chain": "power-battery", "segment": "separators", "figures": FIGURES_OF_OPPORTUNITY,
        "not_provided": NOT_PROVIDED_OF_OPPORTUNITY, "contact": "0990-8888888", **values,
    }  # fmt: skip
    return opportunities.make(unit=owner.unit, owner=owner, values=said, by=owner, at=at)


def released_opportunity(owner: User, reviewer: User, *, at: dt.datetime = AT, **values: Any) -> Any:
    """The same, reviewed and released for the office."""
    from wutong.web.projects.actions import opportunities

    made = opportunity(owner, at=at, **values)
    opportunities.submit(opportunity=made, by=owner, at=at)
    return opportunities.decide(opportunity=made, is_agreed=True, by=reviewer, at=at)
