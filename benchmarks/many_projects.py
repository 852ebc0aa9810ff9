"""Many projects made in bulk for measurements: leads, changes of stage, sub-nodes, evidence, agreements, promises, months of money."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

NODES, MONTHS = 60, 36
BATCH = 1_000
PLACES = ("410702", "410703", "410721", "410782", "")
NAMES = ("精工", "电子", "新材", "食品", "生物", "储能")


def make(rnd: random.Random, many: int, owners: Mapping[Any, Sequence[Any]], now: dt.datetime, adcodes: Sequence[str] = PLACES) -> None:
    """So many projects of these units and people: 60 sub-nodes, 36 months of money and progress each. `owners`: unit → people."""
    from wutong.web.projects.models import Project  # noqa: PLC0415

    units = list(owners)
    leads = list(_leads(rnd, many, units, owners, now))
    Project.objects.bulk_create((_project(rnd, lead, units, now, adcodes) for lead in leads), batch_size=BATCH)
    projects = list(Project.objects.order_by("pk").select_related("unit"))[-many:]
    for part in (projects[at : at + BATCH] for at in range(0, many, BATCH)):
        _way(rnd, part, now)
        _papers(rnd, part, now)
        _money(rnd, part, owners, now)
        _progress(rnd, part, now)
    _rates(now)


def _months_before(today: dt.date, count: int) -> list[dt.date]:
    """The firsts of so many months up to the present one."""
    number = today.year * 12 + today.month - 1
    return [dt.date(at // 12, at % 12 + 1, 1) for at in range(number - count + 1, number + 1)]


def _create(rows: Iterable[Any]) -> list[Any]:
    """Rows of one model, in bulk."""
    made = list(rows)
    return list(type(made[0]).objects.bulk_create(made, batch_size=BATCH)) if made else []


def _leads(rnd: random.Random, many: int, units: Sequence[Any], owners: Mapping[Any, Sequence[Any]], now: dt.datetime) -> Iterator[Any]:
    from wutong.web.leads.models import Lead  # noqa: PLC0415

    begin = Lead.objects.count()
    rows = []
    for number in range(begin, begin + many):
        unit, on = rnd.choice(units), now.date() - dt.timedelta(days=rnd.randrange(200, 1300))
        rows.append(
            Lead(
                title=f"{rnd.choice(NAMES)}装备{number}项目", name=f"梧栖{number}号装备有限公司", name_key=f"梧栖{number}号装备", unit=unit,
                owner=rnd.choice(owners[unit]), received_on=on, logged_at=now - dt.timedelta(days=(now.date() - on).days), kind="project",
                source_kind="own", stage="talks", state="project", stage_since=on, state_since=on, triaged_at=now, last_progress_on=on,
            )
        )  # fmt: skip
    Lead.objects.bulk_create(rows, batch_size=BATCH)
    yield from Lead.objects.filter(name__startswith="梧栖").order_by("pk").select_related("unit")


def _project(rnd: random.Random, lead: Any, units: Sequence[Any], now: dt.datetime, adcodes: Sequence[str]) -> Any:
    from wutong.rulebook import lifecycle  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415

    order, today = lifecycle.lifecycle().order, now.date()
    at = min(len(order) - 1, int(rnd.triangular(0, len(order), 4)))
    status = rnd.choices(("active", "paused", "dormant", "lost"), (78, 6, 6, 10))[0]
    is_kept, since = rnd.random() < 0.01, today - dt.timedelta(days=rnd.randrange(150))
    planned = lead.received_on + dt.timedelta(days=400)
    return Project(
        name_zh=lead.title, lead=lead, unit=lead.unit, finder_unit=rnd.choice((lead.unit, rnd.choice(units))), owner_id=lead.owner_id,
        kind=rnd.choices(("industry", "services", "commerce", "farming"), (7, 1, 1, 1))[0], chain="power-battery", segment="electrolytes",
        site_text="产业园一路", site_adcode=rnd.choice(adcodes), origin_kind=rnd.choice(("private", "private", "state", "foreign")),
        origin_adcode="310100", stage=order[at], stage_since=since, stage_due_on=since + dt.timedelta(days=rnd.randrange(60, 400)),
        status=status, status_reason="" if status == "active" else "企业另有安排", status_since=since,
        loss="elsewhere" if status == "lost" else "", fixed_yuan=Decimal(10_000_000), jobs=200,
        total_yuan=None if rnd.random() < 0.05 else Decimal(rnd.randrange(5_000, 900_000)) * 10_000,
        planned_start_on=planned, planned_completion_on=planned + dt.timedelta(days=300),
        planned_production_on=planned + dt.timedelta(days=360), planned_full_on=planned + dt.timedelta(days=700),
        is_confidential=is_kept, code_name=f"代号{lead.pk}" if is_kept else "", is_taken_over=rnd.random() < 0.2,
        opened_at=lead.logged_at, opened_by_id=lead.owner_id,
    )  # fmt: skip


def _way(rnd: random.Random, projects: Sequence[Any], now: dt.datetime) -> None:
    """The changes that brought each to its stage, and its sub-nodes: done behind it, open where it stands, waiting ahead."""
    from wutong.rulebook import lifecycle  # noqa: PLC0415
    from wutong.web.projects.models import Evidence, Node, StageChange  # noqa: PLC0415

    life, today = lifecycle.lifecycle(), now.date()
    keys: list[tuple[str, str]] = [(node.key, node.stage) for node in life.nodes.values()]
    keys += [(f"more_{n}", life.order[n % len(life.order)]) for n in range(NODES - len(keys))]
    changes, nodes, proofs = [], [], []
    for one in projects:
        here, begun = life.order.index(one.stage), one.opened_at.date()
        step_days = max(1, (one.stage_since - begun).days // (here + 1))
        days = [begun + dt.timedelta(days=step_days * n) for n in range(here)] + [one.stage_since]
        changes += [
            StageChange(
                project=one, kind="advanced" if n else "taken_over" if one.is_taken_over else "opened",
                from_stage=life.order[n - 1] if n else "", to_stage=life.order[n], to_status="active", occurred_on=days[n], at=now,
                by_id=one.owner_id,
            )
            for n in range(here + 1)
        ]  # fmt: skip
        if one.status != "active":
            kind = "lost" if one.status == "lost" else "paused"
            changes.append(
                StageChange(
                    project=one, kind=kind, from_stage=one.stage, to_stage=one.stage, to_status=one.status, occurred_on=today, at=now,
                    by_id=one.owner_id, reason="企业另有安排",
                )
            )  # fmt: skip
        for key, stage in keys:
            at = life.order.index(stage)
            state = "done" if at < here else "waiting" if at > here else rnd.choice(("done", "open", "open"))
            done_on = days[min(at, here)] if state == "done" else None
            due_on = today + dt.timedelta(days=rnd.randrange(-10, 90)) if state == "open" else done_on
            nodes.append(
                Node(
                    project=one, key=key, stage=stage, state=state, unit_id=one.unit_id, due_on=due_on, done_on=done_on,
                    owner_id=one.owner_id if rnd.random() < 0.2 else None, at=now if done_on else None,
                    by_id=one.owner_id if done_on else None,
                )
            )  # fmt: skip
        asked = [kind for stage in life.order[1 : here + 1] for kind in life.required_for(stage, one.kind).evidence]
        for kind in dict.fromkeys(asked):
            is_absent = one.is_taken_over and rnd.random() < 0.2
            proofs.append(
                Evidence(project=one, kind=kind, number="" if is_absent else "文号1", is_absent=is_absent, by_id=one.owner_id, at=now)
            )
    for rows in (changes, nodes, proofs):
        _create(rows)


def _papers(rnd: random.Random, projects: Sequence[Any], now: dt.datetime) -> None:
    """Agreements, what both sides promised, and the marks of what was kept."""
    from wutong.web.projects.models import Agreement, Commitment, CommitmentMark, Evidence  # noqa: PLC0415

    today = now.date()
    papers = []
    for one in projects:
        is_signed = one.stage not in {"talks", "appraisal"}
        signed_on = one.opened_at.date() + dt.timedelta(days=90)
        papers += [
            Agreement(
                project=one, kind=kind, title="投资协议", counterpart="投资方", amount_yuan=one.total_yuan, by_id=one.owner_id, at=now,
                **({"state": "signed", "signed_on": signed_on} if is_signed or kind == "intent" else {}),
            )
            for kind in ("intent", "contract")
        ]  # fmt: skip
    contracts = {one.project_id: one for one in _create(papers) if one.kind == "contract"}
    promises = _create(
        Commitment(
            project=one, agreement=contracts[one.pk], side=side, kind="investment" if side == "theirs" else "support", text="按约定投入",
            amount=Decimal(1_000_000), measure="yuan", due_on=today + dt.timedelta(days=rnd.randrange(-700, 400)), unit_id=one.unit_id,
            owner_id=one.owner_id, by_id=one.owner_id, at=now,
        )
        for one in projects
        for side in ("ours", "ours", "theirs", "theirs")
    )  # fmt: skip
    proofs = dict(Evidence.objects.filter(project__in=[one.pk for one in projects], is_absent=False).values_list("project", "pk"))
    _create(
        CommitmentMark(
            commitment=one, kind="done", on=one.due_on, amount=one.amount, is_whole=True, evidence_id=proofs[one.project_id],
            by_id=one.owner_id, at=now,
        )
        for one in promises
        if one.due_on < today and one.project_id in proofs and rnd.random() < 0.8
    )  # fmt: skip


def _money(rnd: random.Random, projects: Sequence[Any], owners: Mapping[Any, Sequence[Any]], now: dt.datetime) -> None:
    """An entry a month, accepted by another person but for a few of the last month that wait."""
    from wutong.web.projects.models import FundsEntry, FundsReview, FundsStanding  # noqa: PLC0415

    months, people = _months_before(now.date(), MONTHS), {unit.pk: staff for unit, staff in owners.items()}
    _create(
        FundsStanding(
            project=one, is_real_estate=False, is_inside_move=False, pays_local_tax=True, is_extraction=False, is_monopoly_outlet=False,
            by_id=one.owner_id, at=now,
        )
        for one in projects
    )  # fmt: skip
    entries = _create(
        FundsEntry(
            project=one, kind=rnd.choice(("transfer", "construction", "equipment")), amount=Decimal(rnd.randrange(100_000, 9_000_000)),
            arrived_on=month, payer="投资方", proofs=["bank_receipt"], proof_number=f"凭证{one.pk}-{month:%Y%m}",
            origin_kind=one.origin_kind or "private", origin_adcode="310100", by_id=one.owner_id, at=now,
        )
        for one in projects
        for month in months
    )  # fmt: skip
    steps = []
    for entry in entries:
        steps.append(FundsReview(entry=entry, step="handed_in", by_id=entry.by_id, at=now))
        if entry.arrived_on == months[-1] and rnd.random() < 0.3:
            continue
        steps.append(
            FundsReview(
                entry=entry, step="accepted", by_id=people[entry.project.unit_id][-1].pk, at=now, counted_on=entry.arrived_on,
                value_yuan=entry.amount, recognised_yuan=entry.amount,
                foreign_yuan=entry.amount if entry.origin_kind == "foreign" else None,
                foreign_usd=(entry.amount / 7).quantize(Decimal("0.01")) if entry.origin_kind == "foreign" else None, rulebook="b",
            )
        )  # fmt: skip
    _create(steps)


def _progress(rnd: random.Random, projects: Sequence[Any], now: dt.datetime) -> None:
    """A report a month, and a plan of twelve points."""
    from wutong.web.projects.models import PlanPoint, ProgressReport  # noqa: PLC0415

    months = _months_before(now.date(), MONTHS)
    _create(
        ProgressReport(
            project=one,
            month=month,
            invested_yuan=Decimal(1_000_000) * (n + 1),
            visible="主体施工",
            next_steps="封顶",
            by_id=one.owner_id,
            at=now,
        )
        for one in projects
        for n, month in enumerate(months)
    )
    _create(
        PlanPoint(project=one, edition_no=1, month=month, planned_yuan=Decimal(3_200_000) * (n + 1), by_id=one.owner_id, at=now)
        for one in projects
        for n, month in enumerate(months[::3])
    )


def _rates(now: dt.datetime) -> None:
    """The dollar of each month."""
    from wutong.web.projects.models import ExchangeRate  # noqa: PLC0415

    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency="USD", on=month, yuan_per_unit=Decimal("7.1"), source="量测", at=now)
        for month in _months_before(now.date(), MONTHS)
    )
