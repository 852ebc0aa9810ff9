"""The verbs on a project, its sub-nodes and its evidence: which form each takes, which action it calls, when it was done already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.projects.actions import describing, nodes, opening, stages
from wutong.web.projects.forms import verbs as forms
from wutong.web.projects.forms.describing import ChangeForm
from wutong.web.projects.models import Gate, Node, Project
from wutong.web.projects.queries import may
from wutong.web.projects.rules.stages import NodeState, Status

Sent = Mapping[str, Any]


def _on_project(project: Project) -> dict[str, Any]:
    return {"project": project}


def _on_nothing(project: Project) -> dict[str, Any]:
    return {}


def _on_gate(project: Project) -> dict[str, Any]:
    return {"gate": may.waiting_gate(project)}


def _never(project: Project, sent: Sent, user: Any) -> bool:
    return False


def _is_in_stage(project: Project, sent: Sent, user: Any) -> bool:
    return bool(project.stage == sent.get("to"))


def _is_asked(project: Project, sent: Sent, user: Any) -> bool:
    return Gate.objects.filter(project=project, to=sent.get("to", ""), decision="", asked_by=user).exists()


def _is_decided(project: Project, sent: Sent, user: Any) -> bool:
    mine = Gate.objects.filter(project=project, decided_by=user).exclude(decision="").values_list("public_id", flat=True)
    return sent.get("gate") in set(map(str, mine))


def _has_phase(project: Project, sent: Sent, user: Any) -> bool:
    return Project.objects.filter(phase_of=project, name_zh=sent.get("name_zh", "").strip()).exists()


def _stands(*statuses: Status) -> Callable[[Project, Sent, Any], bool]:
    return lambda project, sent, user: project.status in statuses


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb on a project. `is_short`: pages offer it by its button, else by its title.

    `of`: on what the action works; `is_done`: whether what is sent was done already, so that twice makes one.
    """

    title: Any
    button: Any
    action: Callable[..., Any]
    form: Callable[..., Any]
    of: Callable[[Project], dict[str, Any]] = _on_project
    is_done: Callable[[Project, Sent, Any], bool] = _never
    template: str = "projects/verb.html"
    hint: Any = ""
    warning: Any = ""
    is_short: bool = True

    @property
    def offered(self) -> Any:
        """What the page of the project calls it."""
        return self.button if self.is_short else self.title


VERBS = {
    "advance": Verb(
        pgettext_lazy("project", "Next stage"), pgettext_lazy("project", "Advance"), stages.advance, forms.NextForm, is_done=_is_in_stage,
        hint=_("The day is the one on which it happened, not the one on which it is entered."),
    ),
    "ask": Verb(
        _("Ask a second person"), _("Ask for approval"), stages.ask, forms.AskForm, is_done=_is_asked,
        hint=_("This gate is decided by two persons. Whoever may decide is told, and sees the project with all that the gate asks for."),
    ),
    "decide": Verb(
        _("Decide the gate"), pgettext_lazy("gate", "Decide"), stages.decide, forms.DecideForm, of=_on_nothing, is_done=_is_decided,
        hint=_("Agreed, the project enters the stage; all that the gate asks for is compared anew. Declined, it stays where it is."),
    ),
    "withdraw-gate": Verb(
        _("Take the question back"), pgettext_lazy("gate", "Take back"), stages.withdraw, forms.WithdrawGateForm, of=_on_gate,
    ),
    "change": Verb(_("Change the project"), _("Save"), describing.change, ChangeForm, template="projects/change.html", is_short=False),
    "assign": Verb(
        _("Give it to somebody else"), pgettext_lazy("project", "Give"), describing.assign, forms.AssignForm,
        hint=_("Open sub-nodes of the old host unit go along with the project."),
    ),
    "pause": Verb(
        _("Put the project aside"), pgettext_lazy("project", "Put aside"), stages.pause, forms.PauseForm,
        is_done=_stands(Status.PAUSED, Status.DORMANT),
        hint=_("While it is put aside nothing of it is due. Paused: it will go on. Dormant: nobody expects it to go on soon."),
    ),
    "resume": Verb(
        _("Go on with the project"), pgettext_lazy("project", "Resume"), stages.resume, forms.DatedReasonForm,
        is_done=_stands(Status.ACTIVE),
    ),
    "go-back": Verb(
        _("Back to an earlier stage"), _("Go back"), stages.go_back, forms.GoBackForm, is_done=_is_in_stage,
        warning=_("The gates after that stage have to be passed again. What was done and handed in stays."),
    ),
    "lose": Verb(
        _("Call the project lost"), _("Call it lost"), stages.lose, forms.LoseForm, is_done=_stands(Status.LOST),
        warning=_("The first claim of its lead ends, so that the firm is open to others. It can be taken up again with a reason."),
    ),
    "revive": Verb(
        _("Take the project up again"), pgettext_lazy("project", "Take up again"), stages.revive, forms.DatedReasonForm,
        is_done=_stands(Status.ACTIVE), hint=_("The claim of its lead waits for a decision, as when it was filed."),
    ),
    "add-phase": Verb(
        _("Add a phase"), _("Add"), opening.add_phase, forms.PhaseForm, is_short=False, is_done=_has_phase,
        hint=_("A phase is a project of its own, from talks on. Investor, capital, site and company are taken over and can be changed."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NodeVerb:
    """One verb on a sub-node. `settled`: the states in which it was done already."""

    title: Any
    button: Any
    action: Callable[..., Any]
    form: Callable[..., Any]
    settled: frozenset[str] = frozenset()
    hint: Any = ""
    template: str = "projects/verb.html"

    def is_done(self, node: Node) -> bool:
        """Whether it was done already, so that twice makes one."""
        return node.state in self.settled


def _reason(*args: Any, node: Node, **kwargs: Any) -> Any:
    return forms.ReasonForm(*args, **kwargs)


def _finish(*args: Any, node: Node, **kwargs: Any) -> Any:
    return forms.FinishForm(*args, **kwargs)


NODE_VERBS = {
    "finish": NodeVerb(_("Sub-node done"), pgettext_lazy("node", "Done"), nodes.finish, _finish, frozenset({NodeState.DONE})),
    "not-needed": NodeVerb(
        _("Sub-node not needed"), pgettext_lazy("node", "Not needed"), nodes.not_needed, _reason, frozenset({NodeState.NOT_NEEDED}),
        hint=_("The gate waits for it no more. The reason stays."),
    ),
    "reopen": NodeVerb(
        _("Open the sub-node again"), pgettext_lazy("node", "Open again"), nodes.reopen, _reason, frozenset({NodeState.OPEN})
    ),
    "assign": NodeVerb(
        _("Give the sub-node away"), pgettext_lazy("node", "Give"), nodes.assign, forms.AssignNodeForm,
        hint=_("The unit, and the person where one is named, see the whole project from then on."),
    ),
}  # fmt: skip
