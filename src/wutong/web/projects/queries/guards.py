"""What the database itself guards of projects, and what of it somebody took away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext

from wutong.web.lib.health import Finding, State, triggers_there

UNDECIDED = (*(f"undecided_{name}" for name in ("entered", "reversed", "gone", "handed_in", "decided")), "counted_accepted")
MONEY = {
    "sqlite": (
        *(f"{table}_no_{verb}" for table in ("fundsreview", "fundsmonth", "fundsentry", "exchangerate")
          for verb in ("update", "delete")),
        "fundsreview_not_closed", "fundsfile_no_update", "fundsfile_no_delete",
    ),
    "postgresql": (
        *(f"{table}_no_{verb}" for table in ("fundsreview", "fundsmonth") for verb in ("change", "truncate")),
        *(f"fundsentry_no_{verb}" for verb in ("update", "delete", "truncate")), "exchangerate_no_change", "fundsreview_not_closed",
        "fundsfile_no_update", "fundsfile_no_delete",
    ),
}  # fmt: skip
_ADDED = (
    "agreementversion", "opinion", "agreementdecision", "offerstep", "commitmentmark", "progressreport", "progressphoto", "planpoint"
)  # fmt: skip
PAPERS = (
    *(f"{table}_no_{verb}" for table in _ADDED for verb in ("update", "delete")),
    "agreement_signed_stays", "agreement_signed_no_delete", "commitment_stays", "commitment_no_delete", "undonenode_no_update",
    "undonenode_no_delete", "planchange_no_update", "planchange_no_delete", "planchange_gone",
)  # fmt: skip
LIBRARY = tuple(f"opportunity{table}_{what}" for table in ("version", "promotion") for what in ("stays", "no_delete"))
MINUTES = (
    *(f"{table}_signed_no_{verb}" for table in ("invitee", "agendaitem", "followup", "dispatchdecision")
      for verb in ("insert", "update", "delete")),
    "meeting_signed_stays", "meeting_signed_no_delete", "taskforce_no_delete", "forcemember_no_delete",
)  # fmt: skip
STAMPS = tuple(
    f"rated_{name}"
    for name in (
        "born", "own", "which", "gone", "way", "way_changed", "way_gone", "node", "node_changed", "node_gone", "undone",
        "undone_changed", "undone_gone", "proof", "proof_changed", "plan",
        "proof_gone", "signing", "signing_changed", "signing_gone", "money",
    )
)  # fmt: skip
"""By which it is known that the rates of a project are to be reckoned anew."""


def missing() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Triggers that are not there or switched off: those that keep what was written, and those that tell of changes to rates."""
    there = triggers_there()
    kept, stamps = (tuple(name for name in names if name not in there) for names in wanted())
    return kept, stamps


def wanted() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All that the migrations put there: those that keep what was written, and those that tell of changes to rates."""
    kept = (*MONEY[connection.vendor], *UNDECIDED, *PAPERS, *LIBRARY, *MINUTES)
    return tuple(f"projects_{name}" for name in kept), tuple(f"projects_{name}" for name in STAMPS)


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of projects: whether the database still keeps what was written."""
    kept, stamps = missing()
    if kept:
        text = gettext("The database no longer guards what was written of projects: %(names)s missing or switched off.")
        text %= {"names": ", ".join(kept)}
        remedy = gettext("Somebody with rights over the database did this. Bring back a backup or the triggers, and compare the audit.")
        yield Finding("projects.triggers", State.FAULT, text, remedy)
    if stamps:
        text = gettext("Rates may be told from what was before: %(names)s missing or switched off.") % {"names": ", ".join(stamps)}
        remedy = gettext("Somebody with rights over the database did this. Bring the triggers back and restart the server.")
        yield Finding("projects.rates", State.FAULT, text, remedy)
