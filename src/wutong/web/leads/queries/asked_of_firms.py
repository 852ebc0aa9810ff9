"""What local firms are asked for, as their own people read it: what waits, what is late, what they answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from wutong.web.leads.models import Introduction, IntroductionStep
from wutong.web.leads.rules import introductions as rules
from wutong.web.leads.rules.introductions import FOLLOWS, State
from wutong.web.partners.models import FirmAccount


def asked_of(user: Any, *, on: dt.date) -> list[Introduction]:
    """What is asked of the firm of a log-in: what waits for its answer first, what is late before that.

    `may_answer`: whether that is open to it now; `answers`: what its own people answered, the newest first.
    """
    found = list(Introduction.objects.visible_to(user).select_related("firm", "lead", "target_list", "unit", "owner")[:200])
    own = own_answers(found)
    for one in found:
        one.may_answer = any(state in FOLLOWS[State(one.state)] for state in rules.BY_THE_FIRM)  # type: ignore[attr-defined]
        one.is_late = one.may_answer and one.due_on is not None and one.due_on < on  # type: ignore[attr-defined]
        one.answers = own.get(one.pk, [])  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (not one.may_answer, not one.is_late))  # type: ignore[attr-defined]


def own_answers(found: Sequence[Introduction]) -> dict[int, list[IntroductionStep]]:
    """By introduction, what people of the firm that is asked answered themselves, the newest first, without what was corrected."""
    firms = {one.pk: one.party_firm_id for one in found}
    people = FirmAccount.objects.filter(firm__in=set(firms.values())).values_list("firm", "user")
    of_firm: dict[int, set[int]] = {}
    for firm, user in people:
        of_firm.setdefault(firm, set()).add(user)
    steps = IntroductionStep.objects.filter(introduction__in=list(firms), kind__in=rules.BY_THE_FIRM, correction=None).order_by("-pk")
    answers: dict[int, list[IntroductionStep]] = {}
    for step in steps.select_related("by"):
        if step.by_id in of_firm.get(firms[step.introduction_id] or 0, ()):
            answers.setdefault(step.introduction_id, []).append(step)
    return answers
