"""What of projects rests on a file, so that it is not deleted: signed papers, proofs of gates, money, promises and reports; in words."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from wutong.web.projects.models import (
    Agreement,
    AgreementDecision,
    AgreementVersion,
    CommitmentMark,
    Evidence,
    FundsEntry,
    FundsFile,
    FundsReview,
    Opinion,
    ProgressPhoto,
    ProgressReport,
)
from wutong.web.projects.queries import lifecycles, named
from wutong.web.projects.rules import nodes
from wutong.web.projects.rules.funds import State


def of_agreements(rows: Any) -> Any:
    """What stands on agreements that were signed."""
    return rows.filter(agreement__in=Agreement.objects.kept()).select_related("agreement")


def version_words(row: AgreementVersion) -> str:
    """A signed text."""
    given = {"title": row.agreement.title, "number": row.number}
    return _("the agreement “%(title)s” was signed, this is its version %(number)s (end the agreement first)") % given


def opinion_words(row: Opinion) -> str:
    """An opinion on a signed text."""
    given = {"title": row.agreement.title, "kind": row.get_kind_display()}
    return _("the agreement “%(title)s” was signed with this opinion (%(kind)s; end the agreement first)") % given


def minutes_words(row: AgreementDecision) -> str:
    """Minutes of a meeting that decided about a signed agreement."""
    return _("the agreement “%(title)s” was signed by these minutes (end the agreement first)") % {"title": row.agreement.title}


def evidence(rows: Any) -> list[Evidence]:
    """Proofs that stand, of a kind on which a passed gate or a done sub-node rests."""
    found, life = rows.standing().filter(is_absent=False).select_related("project"), lifecycles.in_force()
    return [row for row in found if nodes.rests_on(row.project.facts(), row.kind, life)]


def evidence_words(row: Evidence) -> str:
    """A proof of what the project passed."""
    kind = named.OF_EVIDENCE.get(row.kind, row.kind)
    return _("it is evidence (%(kind)s) of a gate or sub-node that was passed (hand in another, then withdraw this)") % {"kind": kind}


def funds(rows: Any) -> Any:
    """Money that was neither rejected nor reversed."""
    rejected = FundsReview.objects.filter(step=State.REJECTED).values("entry")
    return rows.filter(reverses=None, reversal=None).exclude(pk__in=rejected)


def funds_words(row: FundsEntry) -> str:
    """Money that it proves."""
    given = {"amount": f"{row.amount:,.2f} {row.currency}", "day": date_format(row.arrived_on, "DATE_FORMAT")}
    return _("it proves money in place, %(amount)s of %(day)s (reverse the entry first)") % given


def funds_files(rows: Any) -> Any:
    """Files of money that was neither rejected nor reversed."""
    return rows.filter(entry__in=funds(FundsEntry.objects.all())).select_related("entry")


def funds_file_words(row: FundsFile) -> str:
    """Money one of whose papers it shows."""
    return funds_words(row.entry)


def marks(rows: Any) -> Any:
    """Marks of promises that count."""
    return rows.counting().select_related("commitment")


def mark_words(row: CommitmentMark) -> str:
    """What it proves of a promise."""
    return _("it proves what was done of the promise “%(text)s” (take the mark back first)") % {"text": row.commitment.text[:60]}


def photos(rows: Any) -> Any:
    """Photographs of reports that no later one corrects."""
    return rows.filter(report__in=ProgressReport.objects.standing()).select_related("report")


def photo_words(row: ProgressPhoto) -> str:
    """A photograph of a report."""
    month = date_format(row.report.month, "YEAR_MONTH_FORMAT")
    return _("it is a photograph of the report of %(month)s (correct the report first)") % {"month": month}
