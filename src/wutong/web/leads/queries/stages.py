"""The stages of a lead in the words of its kind: each kind of information has its own short life."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

from wutong.web.leads.models import STAGES, Lead
from wutong.web.leads.rules.leads import LeadKind, Stage

OF_KIND = {
    LeadKind.CAPITAL: {
        Stage.CONTACT: pgettext_lazy("stage of capital", "projects shown to it"),
        Stage.TALKS: pgettext_lazy("stage of capital", "terms talked over"),
    },
    LeadKind.TECHNOLOGY: {
        Stage.CONTACT: pgettext_lazy("stage of a technology", "in touch with its owner"),
        Stage.TALKS: pgettext_lazy("stage of a technology", "use talked over"),
    },
    LeadKind.TALENT: {
        Stage.CONTACT: pgettext_lazy("stage of talent", "in touch with the person or team"),
        Stage.TALKS: pgettext_lazy("stage of talent", "conditions talked over"),
    },
}


def word(kind: str, stage: str) -> Any:
    """A stage in the words of a kind of lead."""
    return OF_KIND.get(LeadKind(kind), {}).get(Stage(stage), STAGES[Stage(stage)])


def later(lead: Lead) -> tuple[tuple[Stage, Any], ...]:
    """The stages to which a lead may still go; triage is a decision of its own."""
    order = tuple(Stage)
    return tuple((stage, word(lead.kind, stage)) for stage in order[max(order.index(Stage(lead.stage)), 1) + 1 :])


def way(lead: Lead) -> tuple[tuple[Any, str], ...]:
    """All stages of a lead with how it stands to each: done, here, ahead."""
    order = tuple(Stage)
    here = order.index(Stage(lead.stage))
    return tuple(
        (word(lead.kind, stage), "done" if number < here else "here" if number == here else "ahead") for number, stage in enumerate(order)
    )
