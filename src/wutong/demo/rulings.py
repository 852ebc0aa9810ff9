"""Two rule documents of the demo's bureau: one approved and in force, with its (invented) source, and a draft with a trial.

The approved one leaves rankings and reminders as they are, so that what the demo prints is what its pages show.
Both go through the actions of `rulebooks`, as in an office: an officer drafts, the leader approves.
"""

from __future__ import annotations

import datetime as dt

DRAFTER, SECOND = "officer1", "head"
TITLE = "凤栖市招商引资工作办法（虚构）"
IN_FORCE_DAYS = 60
"""So long ago the approved document came into force."""
COMING_DAYS = 30
APPROVED = (("leads.first_knock_days", 5), ("leads.later_days", 60), ("claims.protection_days", 45))
DRAFTED = (("leads.stale_days", 10), ("targets.weight_capital", 15), ("targets.weight_distance", 12))


def tell(*, at: dt.datetime) -> None:
    """Draft, approve, and draft again; the trial waits for a worker."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.rulebooks.actions import documents, trials  # noqa: PLC0415
    from wutong.web.rulebooks.models import RuleVersion  # noqa: PLC0415
    from wutong.web.rulebooks.rules import Step  # noqa: PLC0415

    def draft(values: tuple[tuple[str, float], ...], *, begins_on: dt.date, number: str, dated: dt.date, when: dt.datetime) -> RuleVersion:
        version = documents.begin(kind="parameters", begins_on=begins_on, by=drafter, at=when)
        for leaf, value in values:
            version = documents.set_value(
                version=version, leaf=leaf, value=value, starts_on=begins_on, title=TITLE, document=number, dated=dated, url="",
                by=drafter, at=when,
            )  # fmt: skip
        return version

    now = timezone.localtime(at)
    drafter, second = (User.objects.get_queryset().get(username=name) for name in (DRAFTER, SECOND))
    begun = now - dt.timedelta(days=IN_FORCE_DAYS)
    with transaction.atomic():
        version = draft(
            APPROVED, begins_on=begun.date(), number="凤招发〔虚构〕8 号", dated=begun.date() - dt.timedelta(days=12),
            when=begun - dt.timedelta(days=3),
        )  # fmt: skip
        documents.submit(
            version=version,
            note="对接节奏偏慢，缩短首次对接和再联系的期限；首谈保护期定为 45 天",
            by=drafter,
            at=begun - dt.timedelta(days=2),
        )
        documents.decide(version=version, step=Step.APPROVE, reason="同意，自下月起执行", by=second, at=begun - dt.timedelta(days=1))
    coming = now + dt.timedelta(days=COMING_DAYS)
    with transaction.atomic():
        version = draft(DRAFTED, begins_on=coming.date(), number="凤招发〔虚构〕21 号", dated=now.date() - dt.timedelta(days=4), when=now)
        trials.ask(version=version, of="leads", choice="", by=drafter, at=now)
