"""Whether the newest kept runs are still what was frozen: a hash over all facts and results, which no page computes unasked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext

from wutong.web.assessment.models import Run, SchemeVersion
from wutong.web.assessment.queries import pages, versions
from wutong.web.assessment.rules.runs import KEPT
from wutong.web.lib.health import Finding, State

NEWEST = 5
"""A run of 300 units takes a second and a half; older ones are verified on their page."""

MOST_RULES = 50
"""Those approved last; reading one takes half a second at most."""


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of kept runs."""
    yield from _rules()
    newest = list(Run.objects.filter(state__in=sorted(KEPT)).order_by("-frozen_at", "-pk")[:NEWEST])
    unlike = [one for one in newest if not pages.is_sound(one)]
    if unlike:
        text = gettext("Kept runs of assessment are not what was frozen, the newest is %(run)s.") % {"run": unlike[0].title}
        remedy = gettext("Tell the audit administrator, and compare with a backup of the day of its freezing.")
        yield Finding("assessment.runs", State.FAULT, text, remedy)
    elif newest:
        text = gettext("The newest kept runs of assessment are what was frozen (%(count)s verified).") % {"count": len(newest)}
        yield Finding("assessment.runs", State.WELL, text)


def _rules() -> Iterator[Finding]:
    """Approved versions whose texts have faults by the checks of this release: runs of their days are refused."""
    found = SchemeVersion.objects.approved().select_related("scheme").order_by("-decided_at", "-pk")[:MOST_RULES]
    faulty = [(one, words) for one in found if (words := versions.fault_words(one))]
    for one, words in faulty:
        told = gettext("The approved rule %(version)s has a fault by the checks of this release; no run is worked out by it.")
        yield Finding("assessment.rules", State.FAULT, told % {"version": one}, words)
    if found and not faulty:
        yield Finding("assessment.rules", State.WELL, gettext("The approved rules of assessment have no fault."))
