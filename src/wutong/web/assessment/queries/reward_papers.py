"""The sheet of a reward as a paper to be filed: amount, steps, what it rests on."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.assessment.models import RewardClaim, RewardSheet
from wutong.web.assessment.queries import rewards
from wutong.web.lib import papers
from wutong.web.lib.access import is_chinese


def paper(user: Any, claim: RewardClaim, sheet: RewardSheet) -> papers.Paper:
    """The newest sheet of a claim, as its page shows it."""
    page = rewards.sheet_page(user, sheet)
    facts = [
        (_("Reward document"), f"{claim.scheme.title} · {_('Version')} {sheet.version.number}"),
        (pgettext("reward claim", "Award"), claim.title), (pgettext("reward claim", "Project or run"), claim.about),
        (pgettext("reward claim", "Recipient"), claim.recipient), (pgettext("reward claim", "State"), str(claim.get_state_display())),
        (pgettext("reward sheet", "Amount (yuan)"), _("missing data") if sheet.amount_yuan is None else f"{sheet.amount_yuan:,.2f}"),
        (pgettext("reward claim", "Claimed on"), str(timezone.localdate(claim.claimed_at))),
        (_("To be claimed by"), page.apply_by or "—"), (_("Legality review"), claim.review or "—"),
    ]  # fmt: skip
    remarks = [f"{words} {said}".strip() for words, said in page.excluded] + [str(one) for one in page.blocked]
    remarks += [_("missing: %(what)s") % {"what": one} for one in page.missing]
    inputs = [(one.title, one.said or "—", one.unit, one.source) for one in page.lines]
    named = (pgettext("figure", "Fact"), pgettext("figure", "Value"), pgettext("bulletin", "Unit of measurement"))
    head = (*named, pgettext("figure", "Where it comes from"))
    blocks = (
        papers.facts(facts), *((papers.heading(pgettext("reward sheet", "Remarks")), papers.listed(remarks)) if remarks else ()),
        papers.heading(pgettext("reward sheet", "Computation")), papers.text(page.formula),
        papers.table((pgettext("reward sheet", "Step"), pgettext("reward sheet", "By"), pgettext("reward sheet", "Amount (yuan)")),
                     [(str(name), by, after) for name, by, after in page.steps], (2,)),
        papers.heading(pgettext("reward sheet", "What it rests on")),
        papers.table(head, inputs, (1,)),
        papers.small(f"SHA-256 {sheet.digest}"),
    )  # fmt: skip
    return papers.Paper(_("Reward sheet"), blocks, str(claim.title), is_chinese=is_chinese())
