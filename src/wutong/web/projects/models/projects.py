"""Projects (招商项目), what was done to their stage and status, gates that two persons decide, sub-nodes, evidence."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.lifecycle import FIGURES, OF_KIND
from wutong.web.accounts.models import EVERYTHING, NOTHING, Confidential, Unit, within_units
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.journal.models import Attachment
from wutong.web.leads.models import Lead
from wutong.web.lib import asking
from wutong.web.projects.rules.agreements import AgreementKind, AgreementState
from wutong.web.projects.rules.stages import (
    ChangeKind,
    Decision,
    Kind,
    Loss,
    Mode,
    NodeFacts,
    NodeState,
    Origin,
    ProjectFacts,
    SiteKind,
    Stage,
    Status,
)

PROJECT_STAGES = {
    Stage.TALKS: pgettext_lazy("project", "in negotiation"),
    Stage.APPRAISAL: pgettext_lazy("project", "appraisal"),
    Stage.SIGNED: pgettext_lazy("project", "signed"),
    Stage.REGISTERED: pgettext_lazy("project", "registered"),
    Stage.LAND_GRANTED: pgettext_lazy("project", "land granted"),
    Stage.STARTED: pgettext_lazy("project", "building started"),
    Stage.COMPLETED: pgettext_lazy("project", "completed"),
    Stage.PRODUCTION: pgettext_lazy("project", "in production"),
    Stage.FULL_CAPACITY: pgettext_lazy("project", "full capacity"),
}
KINDS = {
    Kind.INDUSTRY: pgettext_lazy("kind of project", "industry"),
    Kind.FARMING: pgettext_lazy("kind of project", "farming"),
    Kind.SERVICES: pgettext_lazy("kind of project", "services"),
    Kind.TOURISM: pgettext_lazy("kind of project", "culture and tourism"),
    Kind.HEALTH: pgettext_lazy("kind of project", "health and care"),
    Kind.COMMERCE: pgettext_lazy("kind of project", "commerce and logistics"),
    Kind.HEADQUARTERS: pgettext_lazy("kind of project", "headquarters"),
    Kind.INFRASTRUCTURE: pgettext_lazy("kind of project", "infrastructure"),
}
MODES = {
    Mode.DIRECT: pgettext_lazy("mode of investment", "direct investment"),
    Mode.JOINT_VENTURE: pgettext_lazy("mode of investment", "joint venture"),
    Mode.COOPERATION: pgettext_lazy("mode of investment", "cooperation"),
    Mode.BT: "BT",
    Mode.BOT: "BOT",
    Mode.FUND: pgettext_lazy("mode of investment", "fund"),
    Mode.MERGER: pgettext_lazy("mode of investment", "merger or acquisition"),
}
ORIGIN_KINDS = {
    Origin.FOREIGN: pgettext_lazy("capital", "foreign"),
    Origin.PRIVATE: pgettext_lazy("capital", "private"),
    Origin.STATE: pgettext_lazy("capital", "state-owned"),
}
SITE_KINDS = {
    SiteKind.EXISTING_LAND: pgettext_lazy("kind of site", "land that is there"),
    SiteKind.NEW_LAND: pgettext_lazy("kind of site", "land to be approved"),
    SiteKind.READY_WORKSHOP: pgettext_lazy("kind of site", "ready workshop"),
}
STATUSES = {
    Status.ACTIVE: pgettext_lazy("project", "worked on"),
    Status.PAUSED: pgettext_lazy("project", "paused"),
    Status.DORMANT: pgettext_lazy("project", "dormant"),
    Status.LOST: pgettext_lazy("project", "lost"),
}
LOSSES = {
    Loss.ELSEWHERE: pgettext_lazy("lost project", "settled elsewhere"),
    Loss.GIVEN_UP: pgettext_lazy("lost project", "given up by the investor"),
    Loss.TURNED_DOWN: pgettext_lazy("lost project", "turned down by us"),
    Loss.OTHER: pgettext_lazy("lost project", "other"),
}
CHANGE_KINDS = {
    ChangeKind.OPENED: pgettext_lazy("project", "opened"),
    ChangeKind.TAKEN_OVER: pgettext_lazy("project", "taken over"),
    ChangeKind.ADVANCED: pgettext_lazy("project", "advanced"),
    ChangeKind.WENT_BACK: pgettext_lazy("project", "went back"),
    ChangeKind.PAUSED: pgettext_lazy("project", "put aside"),
    ChangeKind.RESUMED: pgettext_lazy("project", "resumed"),
    ChangeKind.LOST: pgettext_lazy("project", "was lost"),
    ChangeKind.REVIVED: pgettext_lazy("project", "revived"),
}
GATE_DECISIONS = {
    Decision.AGREED: pgettext_lazy("gate", "agreed"),
    Decision.DECLINED: pgettext_lazy("gate", "declined"),
    Decision.WITHDRAWN: pgettext_lazy("gate", "withdrawn"),
    Decision.OVERTAKEN: pgettext_lazy("gate", "overtaken by another change"),
}
NODE_STATES = {
    NodeState.OPEN: pgettext_lazy("node", "open"),
    NodeState.DONE: pgettext_lazy("node", "done"),
    NodeState.NOT_NEEDED: pgettext_lazy("node", "not needed"),
    NodeState.WAITING: pgettext_lazy("node", "waits for its stage"),
}
BY_SECOND = [Decision.AGREED.value, Decision.DECLINED.value]
PLAN = ("planned_start_on", "planned_completion_on", "planned_production_on", "planned_full_on")
"""The days planned, in the order in which they come."""


def choices(words: Any) -> list[tuple[str, Any]]:
    """Codes and their words, as a field takes them."""
    return [(code.value, label) for code, label in words.items()]


def person(label: Any, *, null: bool = False, related_name: str = "+") -> Any:
    """A key to a person: what he did stays, so he is never deleted while it names him."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=null, blank=null, related_name=related_name, verbose_name=label)


def _yuan(label: Any) -> Any:
    return models.DecimalField(label, max_digits=18, decimal_places=2, null=True, blank=True)


def is_not_said(name: str) -> Any:
    """That a figure does not stand among those not provided; in words that both databases understand."""
    return Exact(StrIndex(Cast("not_provided", TextField()), Value(f'"{name}"')), Value(0))


def reach_of_projects(user: Any) -> Q:
    """What projects a person may see: open ones of which a role reaches host, finder, a unit that owes or a task force; his own; known."""
    if not (user.is_authenticated and user.may(Permission.PROJECTS_VIEW)):
        return NOTHING
    by_role = within_units(user, Permission.PROJECTS_VIEW, owner="owner")
    if by_role != EVERYTHING:
        by_role |= within_units(user, Permission.PROJECTS_VIEW, unit="finder_unit") | _entrusted(Node.objects.all(), user)
        by_role |= _entrusted(apps.get_model("projects", "Commitment").objects.all(), user)
        joined = apps.get_model("projects", "ForceMember").objects.standing()
        by_role |= _entrusted(joined, user, person="person", way="force__project")
    return Project.known_to(user, by_role)


def _entrusted(rows: Any, user: Any, *, person: str = "owner", way: str = "project") -> Q:
    """Projects of which something is in the hands of the person or of a unit that a role reaches.

    Why two questions: asked in one, with "or", a database reads every sub-node of every project, and each by itself has an index.
    """
    of_units, own = rows.filter(within_units(user, Permission.PROJECTS_VIEW)), rows.filter(**{person: user.pk})
    return Q(pk__in=of_units.order_by().values(way)) | Q(pk__in=own.order_by().values(way))


def of_seen_projects(user: Any, way: str = "project", *, is_whole: bool = False) -> Q:
    """What stands on projects that a person may see; `way` leads to the project. `is_whole`: for sums over very many rows."""
    seen = reach_of_projects(user)
    if seen in (NOTHING, EVERYTHING):
        return seen
    found = asking.judged("projects.projects", user, lambda one: Project.objects.visible_to(one).order_by().values("pk"), is_whole=is_whole)
    return Q(**{f"{way}__in": found})


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Projects whose host or finder unit a role reaches, with a node given to such a unit, one's own, and those one must know of."""
        return self.filter(reach_of_projects(user))


class Project(Confidential):
    """A project (招商项目). Grain: one row a project, or a phase of one; a lead has one at most, a phase has none of its own.

    `unit`: the host, which answers for it (落地单位); `finder_unit`: which found the investor. `not_provided`: figures that the investor
    was asked for and does not give; `kind_facts`: what its kind says of itself, by key of `opportunities.yaml`. `stage_due_on`:
    by when it is to leave its stage; None where that has no time. `unknown_years`: years on the way there whose days off nobody knows yet.
    """

    OPEN_NAME: ClassVar[str] = "name_zh"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    lead = models.OneToOneField(Lead, models.PROTECT, null=True, blank=True, related_name="project", verbose_name=_("lead"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="projects", verbose_name=pgettext_lazy("project", "host unit"))
    finder_unit = models.ForeignKey(Unit, models.PROTECT, related_name="found_projects", verbose_name=pgettext_lazy("project", "finder"))
    owner = person(pgettext_lazy("project", "owner"), related_name="projects")
    firm = models.ForeignKey(
        Firm, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=pgettext_lazy("project", "investor")
    )  # fmt: skip
    landed_firm = models.ForeignKey(
        Firm, models.PROTECT, null=True, blank=True, related_name="landed_projects", verbose_name=_("project company (of the registry)")
    )  # fmt: skip
    landed_name = models.CharField(_("project company"), max_length=300, blank=True)
    landed_uscc = models.CharField(_("credit code of the project company"), max_length=18, blank=True)
    kind = models.CharField(_("kind of project"), max_length=16, choices=choices(KINDS), default=Kind.INDUSTRY)
    mode = models.CharField(_("mode of investment"), max_length=16, choices=choices(MODES), default=Mode.DIRECT)
    phase_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="phases", verbose_name=_("phase of"))
    phase_number = models.PositiveSmallIntegerField(_("phase"), default=1)
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    is_chain_project = models.BooleanField(_("chain project"), default=False)
    site_text = models.CharField(_("site"), max_length=200, blank=True)
    site_adcode = models.CharField(_("site (division code)"), max_length=6, blank=True)
    site_kind = models.CharField(_("kind of site"), max_length=16, choices=choices(SITE_KINDS), blank=True)
    origin_kind = models.CharField(_("origin of capital"), max_length=10, choices=choices(ORIGIN_KINDS), blank=True)
    origin_country = models.CharField(_("country of the capital"), max_length=2, blank=True)
    origin_adcode = models.CharField(_("where the capital comes from (division code)"), max_length=6, blank=True)
    project_code = models.CharField(_("project code"), max_length=24, blank=True)
    stage = models.CharField(pgettext_lazy("project", "stage"), max_length=16, choices=choices(PROJECT_STAGES), default=Stage.TALKS)
    stage_since = models.DateField(pgettext_lazy("project", "in this stage since"))
    stage_due_on = models.DateField(pgettext_lazy("project", "to leave this stage by"), null=True, blank=True)
    unknown_years = models.JSONField(_("years without a calendar"), default=list, blank=True)
    status = models.CharField(pgettext_lazy("project", "status"), max_length=10, choices=choices(STATUSES), default=Status.ACTIVE)
    status_reason = models.CharField(pgettext_lazy("project", "reason of the status"), max_length=300, blank=True)
    status_since = models.DateField(pgettext_lazy("project", "in this status since"))
    loss = models.CharField(pgettext_lazy("lost project", "what became of it"), max_length=12, choices=choices(LOSSES), blank=True)
    went_to = models.CharField(_("where it went"), max_length=120, blank=True)
    is_taken_over = models.BooleanField(_("taken over from a ledger"), default=False)
    total_yuan = _yuan(_("total investment (yuan)"))
    fixed_yuan = _yuan(_("fixed assets (yuan)"))
    equipment_yuan = _yuan(_("equipment (yuan)"))
    output_yuan_a_year = _yuan(_("output a year (yuan)"))
    tax_yuan_a_year = _yuan(_("tax a year (yuan)"))
    jobs = models.PositiveIntegerField(pgettext_lazy("project", "jobs"), null=True, blank=True)
    land_mu = models.DecimalField(_("land (mu)"), max_digits=12, decimal_places=2, null=True, blank=True)
    building_sqm = models.DecimalField(_("floor space (m²)"), max_digits=14, decimal_places=2, null=True, blank=True)
    energy_tce_a_year = models.DecimalField(_("energy a year (tce)"), max_digits=14, decimal_places=2, null=True, blank=True)
    not_provided = models.JSONField(_("not provided"), default=list, blank=True)
    kind_facts = models.JSONField(_("facts of its kind"), default=dict, blank=True)
    planned_start_on = models.DateField(_("start planned on"), null=True, blank=True)
    planned_completion_on = models.DateField(_("completion planned on"), null=True, blank=True)
    planned_production_on = models.DateField(_("production planned on"), null=True, blank=True)
    planned_full_on = models.DateField(_("full capacity planned on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    opened_at = models.DateTimeField(pgettext_lazy("project", "opened at"))
    opened_by = person(pgettext_lazy("project", "opened by"), null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ("-opened_at", "-pk")
        constraints = (
            *Confidential.Meta.constraints,
            models.CheckConstraint(
                condition=Q(lead__isnull=False, phase_of=None) | Q(lead=None, phase_of__isnull=False), name="projects_lead_or_phase"
            ),
            models.UniqueConstraint(
                fields=("phase_of", "phase_number"), condition=Q(phase_of__isnull=False), name="projects_phase_number_once"
            ),
            models.CheckConstraint(condition=Q(phase_of=None) | Q(phase_number__gte=2), name="projects_phases_count_from_two"),
            models.UniqueConstraint(fields=("project_code",), condition=~Q(project_code=""), name="projects_code_once"),
            models.CheckConstraint(
                condition=Q(status=Status.ACTIVE.value) | ~Q(status_reason=""), name="projects_put_aside_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.LOST.value) & ~Q(loss="") | ~Q(status=Status.LOST.value) & Q(loss="", went_to=""),
                name="projects_lost_says_what_became_of_it",
            ),
            *(
                models.CheckConstraint(condition=Q(**{f"{name}__isnull": True}) | Q(is_not_said(name)), name=f"projects_{name}_not_both")
                for name in FIGURES
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("unit", "status", "stage"), name="projects_project_board"),
            models.Index(fields=("finder_unit",), name="projects_project_finder"),
            models.Index(fields=("owner", "status"), name="projects_project_owner"),
            models.Index(fields=("status", "stage_due_on"), name="projects_project_due"),
        )

    def __str__(self) -> str:
        return self.outside_name

    @property
    def root(self) -> Project:
        """The project that a phase is a phase of; the project itself else."""
        return self.phase_of or self

    @property
    def investor_name(self) -> str:
        """Who invests: the firm of the registry, else as the lead names it."""
        lead = self.root.lead
        return self.firm.name if self.firm else (lead.name if lead else "")

    @property
    def landed(self) -> str:
        """The project company; "" before it is registered."""
        return self.landed_name or (self.landed_firm.name if self.landed_firm else "")

    def target(self) -> Any:
        """The project as something to act on: its host unit."""
        return self.unit.target()

    @staticmethod
    def lacks(name: str) -> Q:
        """Which projects have no value of a fact or figure: what `given` says of one, asked of the database."""
        if name in (*FIGURES, *PLAN):
            return Q(**{name: None})
        if name.startswith(OF_KIND):
            return ~Q(kind_facts__has_key=name.removeprefix(OF_KIND))
        return {
            "investor": Q(firm=None) & (Q(lead=None) | Q(lead__name="")) & (Q(phase_of=None) | Q(phase_of__lead__name="")),
            "landed": Q(landed_firm=None, landed_name=""), "origin": Q(origin_kind="") | Q(origin_country="", origin_adcode=""),
        }.get(name) or Q(**{"site_text" if name == "site" else name: ""})  # fmt: skip

    def given(self) -> frozenset[str]:
        """The facts and figures that have a value, by the names that the lifecycle calls them."""
        values = {
            **{name: getattr(self, name) is not None for name in (*FIGURES, *PLAN)}, "investor": self.investor_name,
            "landed": self.landed, "origin": self.origin_kind and (self.origin_country or self.origin_adcode), "site": self.site_text,
            "segment": self.segment, "project_code": self.project_code,
        }  # fmt: skip
        return frozenset(name for name, value in values.items() if value) | {OF_KIND + key for key in self.kind_facts}

    def facts(self) -> ProjectFacts:
        """The project as the rules see it: a few questions."""
        proofs = Evidence.objects.standing().filter(project=self).values_list("kind", "is_absent")
        proved = frozenset(kind for kind, is_absent in proofs if not is_absent)
        asked = Gate.objects.filter(project=self, decision="").values_list("to", flat=True).first()
        last = StageChange.objects.filter(project=self).order_by("-pk").values_list("occurred_on", flat=True).first()
        given = self.given() | ({"signed_contract"} if self.has_signed_contract() else frozenset())
        return ProjectFacts(
            self.target(), self.owner_id, Kind(self.kind), Stage(self.stage), Status(self.status), last or self.stage_since, given,
            frozenset(self.not_provided), proved, frozenset(kind for kind, is_absent in proofs if is_absent) - proved,
            tuple(node.facts() for node in Node.objects.filter(project=self).order_by("pk")), Stage(asked) if asked else None,
            self.is_confidential, self.is_taken_over,
        )  # fmt: skip

    def has_signed_contract(self) -> bool:
        """Whether a contract was signed here that has not ended."""
        found = apps.get_model("projects", "Agreement").objects.filter(project=self, kind=AgreementKind.CONTRACT)
        return bool(found.filter(state=AgreementState.SIGNED).exists())


class OfProjectQuerySet(models.QuerySet[Any]):
    """What stands on a project; row access as everywhere."""

    def visible_to(self, user: Any, *, is_whole: bool = False) -> Self:
        """What stands on projects that the person may see. `is_whole`: for a count or a sum over most of them."""
        return self.filter(of_seen_projects(user, is_whole=is_whole))


class Gate(models.Model):
    """A gate that two persons decide (双人核准): asked by one, answered by another. Grain: one row an asking; one is open at most."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="gates", verbose_name=_("project"))
    to = models.CharField(pgettext_lazy("gate", "to enter"), max_length=16, choices=choices(PROJECT_STAGES))
    occurred_on = models.DateField(pgettext_lazy("project", "happened on"))
    asked_by = person(pgettext_lazy("gate", "asked by"), null=True)
    asked_at = models.DateTimeField(pgettext_lazy("gate", "asked at"))
    words = models.CharField(_("note"), max_length=500, blank=True)
    decision = models.CharField(pgettext_lazy("gate", "decision"), max_length=10, choices=choices(GATE_DECISIONS), blank=True)
    decided_by = person(pgettext_lazy("gate", "decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("gate", "decided at"), null=True, blank=True)
    answer = models.CharField(pgettext_lazy("gate", "words of the decision"), max_length=500, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("project", "gate")
        verbose_name_plural = pgettext_lazy("project", "gates")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("project",), condition=Q(decision=""), name="projects_one_gate_asked"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | ~Q(decision="") & Q(decided_at__isnull=False), name="projects_gate_decided_once"
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=BY_SECOND) | Q(asked_by=None) | ~Q(decided_by=F("asked_by")),
                name="projects_gate_two_persons",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.project} → {self.get_to_display()}"


class StageChange(models.Model):
    """What was done to stage or status of a project. Grain: one row a change, never changed itself; each begins where the last one ended.

    `occurred_on`: when it happened in the world; `at`: when it was entered. `absent`: evidence and facts that lacked when it was taken over
    from a ledger. `gate`: the gate by which two persons let it pass.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="changes", verbose_name=_("project"))
    kind = models.CharField(pgettext_lazy("project", "what was done"), max_length=12, choices=choices(CHANGE_KINDS))
    from_stage = models.CharField(pgettext_lazy("project", "from stage"), max_length=16, choices=choices(PROJECT_STAGES), blank=True)
    to_stage = models.CharField(pgettext_lazy("project", "to stage"), max_length=16, choices=choices(PROJECT_STAGES))
    to_status = models.CharField(pgettext_lazy("project", "to status"), max_length=10, choices=choices(STATUSES))
    occurred_on = models.DateField(pgettext_lazy("project", "happened on"))
    at = models.DateTimeField(_("entered at"))
    by = person(_("entered by"), null=True)
    second_by = person(pgettext_lazy("gate", "decided by"), null=True)
    gate = models.OneToOneField(
        Gate, models.PROTECT, null=True, blank=True, related_name="change", verbose_name=pgettext_lazy("project", "gate")
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    absent = models.JSONField(pgettext_lazy("project", "absent when taken over"), default=list, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a project")
        verbose_name_plural = _("changes of projects")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("project",), condition=Q(from_stage=""), name="projects_begun_once"
            ),
            models.CheckConstraint(
                condition=~Q(from_stage="") | Q(kind__in=[ChangeKind.OPENED.value, ChangeKind.TAKEN_OVER.value]), name="projects_begun_so"
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | Q(by=None) | ~Q(second_by=F("by")), name="projects_change_two_persons"
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("to_stage", "occurred_on"), name="projects_change_stage"),
            models.Index(fields=("project", "to_stage", "occurred_on"), name="projects_change_of_project"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.get_kind_display()} · {self.occurred_on}"


class NodeQuerySet(OfProjectQuerySet):
    """Nodes; row access as everywhere."""

    def due(self) -> Self:
        """Open nodes of projects that are worked on."""
        return self.filter(state=NodeState.OPEN, project__status=Status.ACTIVE)


class Node(models.Model):
    """A sub-node (子节点) of a project's stage, by the key of the lifecycle. Grain: one row a project and key, made on entering the stage.

    `unit` and `owner`: who owes it. `due_on`: None where it has no time, or counts from a node not done yet. `unknown_years`: years
    on the way to that day whose days off nobody knows yet.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="nodes", verbose_name=_("project"))
    key = models.CharField(pgettext_lazy("project", "node"), max_length=40)
    stage = models.CharField(pgettext_lazy("project", "stage"), max_length=16, choices=choices(PROJECT_STAGES))
    state = models.CharField(pgettext_lazy("node", "state"), max_length=10, choices=choices(NODE_STATES), default=NodeState.OPEN)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="project_nodes", verbose_name=_("unit"))
    owner = person(pgettext_lazy("node", "person"), null=True, related_name="project_nodes")
    due_on = models.DateField(pgettext_lazy("node", "due on"), null=True, blank=True)
    unknown_years = models.JSONField(_("years without a calendar"), default=list, blank=True)
    done_on = models.DateField(pgettext_lazy("node", "done on"), null=True, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = NodeQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("project", "node")
        verbose_name_plural = pgettext_lazy("project", "nodes")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("project", "key"), name="projects_node_once"),
            models.CheckConstraint(
                condition=Q(state=NodeState.DONE.value, done_on__isnull=False) | ~Q(state=NodeState.DONE.value) & Q(done_on=None),
                name="projects_node_done_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=NodeState.NOT_NEEDED.value) | ~Q(note=""), name="projects_node_dropped_for_a_reason"
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("state", "due_on"), name="projects_node_due"),
            models.Index(fields=("project", "state", "due_on"), name="projects_node_of_project"),
            models.Index(fields=("unit", "state"), name="projects_node_unit"),
            models.Index(fields=("unit", "project"), name="projects_node_entrusted"),
            models.Index(fields=("owner", "state"), name="projects_node_owner"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.key}"

    def facts(self) -> NodeFacts:
        """The node as the rules see it."""
        return NodeFacts(self.key, Stage(self.stage), NodeState(self.state), self.due_on, self.done_on)


class UndoneNode(models.Model):
    """A sub-node that was done and opened again. Grain: one row each time, never changed. `on`: done on; `until`: the day from which it
    no longer was.

    Why: a rate as of a day between is what it was then.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="undone_nodes", verbose_name=_("project"))
    key = models.CharField(pgettext_lazy("project", "node"), max_length=40)
    on = models.DateField(pgettext_lazy("node", "done on"))
    until = models.DateField(pgettext_lazy("node", "opened again on"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("project", "node opened again")
        verbose_name_plural = pgettext_lazy("project", "nodes opened again")
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=Q(until__gt=F("on")), name="projects_undone_node_for_a_day"),)

    def __str__(self) -> str:
        return f"{self.project} · {self.key}"


class EvidenceQuerySet(OfProjectQuerySet):
    """Evidence; row access as everywhere."""

    def standing(self) -> Self:
        """What was not withdrawn, and whose file, where there is one, was not deleted."""
        return self.filter(Q(attachment=None) | Q(attachment__hidden_at=None), withdrawn_at=None)


class Evidence(models.Model):
    """A proof on a project or one of its nodes (佐证材料). Grain: one row a proof; withdrawn, it stays.

    `is_absent`: none was there when the project was taken over from a ledger; listed until one is handed in.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="evidence", verbose_name=_("project"))
    node = models.CharField(pgettext_lazy("project", "node"), max_length=40, blank=True)
    kind = models.CharField(_("kind of evidence"), max_length=40)
    title = models.CharField(_("title of the evidence"), max_length=200, blank=True)
    number = models.CharField(_("number of the document"), max_length=100, blank=True)
    dated_on = models.DateField(_("dated"), null=True, blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=pgettext_lazy("evidence", "file")
    )  # fmt: skip
    is_absent = models.BooleanField(_("absent when taken over"), default=False)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))
    withdrawn_by = person(pgettext_lazy("evidence", "withdrawn by"), null=True)
    withdrawn_at = models.DateTimeField(pgettext_lazy("evidence", "withdrawn at"), null=True, blank=True)
    withdrawn_reason = models.CharField(pgettext_lazy("evidence", "why withdrawn"), max_length=300, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = pgettext_lazy("plural", "evidence")
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(is_absent=True, attachment=None, number="")
                | Q(is_absent=False) & (Q(attachment__isnull=False) | ~Q(number="")),
                name="projects_evidence_is_there_or_absent",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="") | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="projects_evidence_withdrawn_for_a_reason",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=("project", "kind"), name="projects_evidence_kind"),)

    def __str__(self) -> str:
        return f"{self.project} · {self.kind}"
