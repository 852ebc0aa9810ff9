"""Money in place (到位资金): a ledger that is only added to, its reviews, what recognition asks of a project, rates, closed months."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.models import Attachment
from wutong.web.projects.models.projects import ORIGIN_KINDS, OfProjectQuerySet, Project, choices, of_seen_projects, person
from wutong.web.projects.rules.funds import CENT, EntryFacts, FundsKind, Money, MoneyFrom, Proof, State
from wutong.web.projects.rules.stages import Origin

FUNDS_KINDS = {
    FundsKind.CAPITAL: pgettext_lazy("money", "paid-in capital"),
    FundsKind.CAPITAL_INCREASE: pgettext_lazy("money", "capital increase"),
    FundsKind.TRANSFER: pgettext_lazy("money", "bank transfer"),
    FundsKind.EQUIPMENT: pgettext_lazy("money", "equipment"),
    FundsKind.CONSTRUCTION: pgettext_lazy("money", "construction payment"),
    FundsKind.LAND: pgettext_lazy("money", "land payment"),
    FundsKind.INTANGIBLE: pgettext_lazy("money", "intangible assets"),
    FundsKind.SHAREHOLDER_LOAN: pgettext_lazy("money", "loan of a shareholder"),
    FundsKind.REINVESTED: pgettext_lazy("money", "reinvested profit"),
}
MONEY_FROM = {
    MoneyFrom.INVESTOR: pgettext_lazy("money", "the investor's own"),
    MoneyFrom.LOAN: pgettext_lazy("money", "borrowed"),
    MoneyFrom.FISCAL: pgettext_lazy("money", "fiscal money"),
    MoneyFrom.PPP: pgettext_lazy("money", "public-private partnership"),
}
PROOFS = {
    Proof.CAPITAL_REPORT: pgettext_lazy("proof", "capital verification report"),
    Proof.BANK_RECEIPT: pgettext_lazy("proof", "bank receipt"),
    Proof.INVOICE: pgettext_lazy("proof", "invoice"),
    Proof.EQUIPMENT_LIST: pgettext_lazy("proof", "list of equipment"),
    Proof.CUSTOMS_DECLARATION: pgettext_lazy("proof", "customs declaration"),
    Proof.SETTLEMENT: pgettext_lazy("proof", "settlement of works"),
    Proof.LAND_RECEIPT: pgettext_lazy("proof", "receipt of the land price"),
    Proof.APPRAISAL_REPORT: pgettext_lazy("proof", "appraisal report"),
    Proof.LOAN_CONTRACT: pgettext_lazy("proof", "loan contract"),
    Proof.PROFIT_RESOLUTION: pgettext_lazy("proof", "resolution on profit"),
}
STEPS = {
    State.HANDED_IN: pgettext_lazy("funds entry", "handed in"),
    State.ACCEPTED: pgettext_lazy("funds entry", "accepted"),
    State.REJECTED: pgettext_lazy("funds entry", "rejected"),
}
"""What can be done to an entry, each a row of its own."""
DECIDED = [State.ACCEPTED.value, State.REJECTED.value]


def _said(label: Any) -> Any:
    """A question that is answered yes or no, or not yet."""
    return models.BooleanField(label, null=True, blank=True)


class FundsStanding(models.Model):
    """What recognition asks of a project (认定情形). Grain: one row a project at most; None: not said yet, so nothing is recognised."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="funds_standing", verbose_name=_("project"))
    is_real_estate = _said(_("real estate"))
    is_inside_move = _said(_("a move inside the region"))
    pays_local_tax = _said(_("pays tax here"))
    is_extraction = _said(_("resource extraction"))
    is_monopoly_outlet = _said(_("outlet of a monopoly network"))
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("what recognition asks of a project")
        verbose_name_plural = _("what recognition asks of projects")

    def __str__(self) -> str:
        return str(self.project)


class OfOfficeQuerySet(models.QuerySet[Any]):
    """What belongs to the whole office: rates and closed months."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees projects sees them."""
        return self.filter(EVERYTHING if user.is_authenticated and user.may(Permission.PROJECTS_VIEW) else NOTHING)


class ExchangeRate(models.Model):
    """The official rate of a currency on a day (人民币汇率中间价), entered with its source. Grain: one row a currency and day."""

    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(pgettext_lazy("rate", "day"))
    yuan_per_unit = models.DecimalField(_("yuan per unit"), max_digits=14, decimal_places=6)
    source = models.CharField(pgettext_lazy("rate", "source"), max_length=200)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ("-on", "currency")
        constraints = (
            models.UniqueConstraint(fields=("currency", "on"), name="projects_rate_once"),
            models.CheckConstraint(
                condition=Q(yuan_per_unit__gt=0) & ~Q(source="") & ~Q(currency="CNY"), name="projects_rate_has_a_source"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.currency} {self.on}"


class FundsEntryQuerySet(OfProjectQuerySet):
    """Entries of the ledger; row access as everywhere."""

    def with_state(self) -> Self:
        """With `step`: what was last done to each, and `reversed_by`: the key of its reversal."""
        last = FundsReview.objects.filter(entry=models.OuterRef("pk")).order_by("-pk").values("step")[:1]
        reversal = FundsEntry.objects.filter(reverses=models.OuterRef("pk")).values("pk")[:1]
        return self.annotate(step=models.Subquery(last), reversed_by=models.Subquery(reversal))


class FundsEntry(models.Model):
    """Money that arrived for a project (到位资金台账). Grain: one row a sum; never changed, only reversed. Units: `amount` of its currency.

    `reverses`: the entry that this one takes back; then the amount is below zero. `proof_number`: of the paper by which it is known
    again, `numbers`: of each paper (kind → number); `attachment`: a file that shows all of them, where it came in with the entry;
    `another`: why the same paper, sum and day is other money. `origin_…`: whose capital, which in a joint venture differs.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="funds", verbose_name=_("project"))
    kind = models.CharField(_("kind of money"), max_length=20, choices=choices(FUNDS_KINDS))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    arrived_on = models.DateField(_("arrived on"))
    money_from = models.CharField(_("whose money"), max_length=10, choices=choices(MONEY_FROM), default=MoneyFrom.INVESTOR)
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    proofs = models.JSONField(_("proofs"), default=list, blank=True)
    proof_number = models.CharField(_("number of the proof"), max_length=100, blank=True)
    numbers = models.JSONField(_("numbers of the proofs"), null=True, blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=pgettext_lazy("evidence", "file")
    )  # fmt: skip
    origin_kind = models.CharField(_("origin of capital"), max_length=10, choices=choices(ORIGIN_KINDS))
    origin_country = models.CharField(_("country of the capital"), max_length=2, blank=True)
    origin_adcode = models.CharField(_("where the capital comes from (division code)"), max_length=6, blank=True)
    another = models.CharField(_("why it is other money"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("takes back")
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))
    form_key = models.CharField(max_length=40, blank=True, editable=False)

    objects = FundsEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of money in place")
        verbose_name_plural = _("entries of money in place")
        ordering = ("arrived_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0) & ~Q(reason=""),
                name="projects_funds_only_reversals_are_negative",
            ),
            models.CheckConstraint(condition=~Q(proof_number="") | Q(reverses__isnull=False), name="projects_funds_have_a_proof"),
            models.UniqueConstraint(fields=("project", "by", "form_key"), condition=~Q(form_key=""), name="projects_funds_form_once"),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("project", "arrived_on"), name="projects_funds_project"),
            models.Index(fields=("arrived_on",), name="projects_funds_day"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.arrived_on} · {self.amount:,} {self.currency}"

    def money(self) -> Money:
        """The entry as the rules of recognition see it."""
        proofs = frozenset(Proof(proof) for proof in self.proofs)
        return Money(
            FundsKind(self.kind), self.amount.quantize(CENT), self.arrived_on, self.currency, MoneyFrom(self.money_from), proofs,
            is_foreign=self.origin_kind == Origin.FOREIGN,
        )  # fmt: skip

    def facts(self) -> EntryFacts:
        """The entry as the rules of the ledger see it."""
        steps = {step.step: step for step in self.reviews.all()}
        handed = steps.get(State.HANDED_IN)
        attached = frozenset(file.by_id for file in self.files.all())
        return EntryFacts(self.state(), self.arrived_on, self.by_id, handed.by_id if handed else None, attached)

    def shown(self) -> dict[Proof, list[Attachment]]:
        """Each paper that it names, with the files that show it and were not deleted."""
        found: dict[Proof, list[Attachment]] = {Proof(proof): [] for proof in self.proofs}
        files = [(self.attachment, self.proofs), *((file.attachment, file.proofs) for file in self.files.all())]
        for attachment, proofs in files:
            for proof in proofs if attachment is not None and attachment.hidden_at is None else ():
                found[Proof(proof)].append(attachment)
        return found

    def state(self) -> State:
        """How it stands; one question each for its reviews and its reversal where they were not read along."""
        if self.reverses_id is not None:
            return State.REVERSAL
        if getattr(self, "reversal", None) is not None:
            return State.REVERSED
        steps = {step.step for step in self.reviews.all()}
        return next((state for state in (State.ACCEPTED, State.REJECTED, State.HANDED_IN) if state in steps), State.ENTERED)


class OfEntryQuerySet(models.QuerySet[Any]):
    """What stands on entries; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on entries of projects that the person may see."""
        return self.filter(of_seen_projects(user, "entry__project"))


class FundsFile(models.Model):
    """A file that shows papers of an entry (凭证文件). Grain: one row a file and entry, never changed nor deleted.

    Why beside the entry: an entry never changes, and what came from a spreadsheet gets its scans later.
    """

    entry = models.ForeignKey(FundsEntry, models.PROTECT, related_name="files", verbose_name=_("entry of money in place"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("evidence", "file"))
    proofs = models.JSONField(_("proofs"), default=list)
    by = person(_("attached by"), null=True)
    at = models.DateTimeField(_("attached at"))

    objects = OfEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a proof")
        verbose_name_plural = _("files of proofs")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("entry", "attachment"), name="projects_funds_file_once"),)

    def __str__(self) -> str:
        return f"{self.entry} · {self.attachment}"


class FundsUndecided(models.Model):
    """An entry that nobody decided yet, handed in or not. Grain: one row such an entry. Triggers of the database write it, and nobody else.

    Why: what waits is a handful among hundreds of thousands of entries that never change.
    """

    IS_BY_TRIGGERS: ClassVar[bool] = True

    entry = models.OneToOneField(
        FundsEntry, models.CASCADE, primary_key=True, related_name="undecided", db_constraint=False,
        verbose_name=_("entry of money in place"),
    )  # fmt: skip
    is_handed_in = models.BooleanField(pgettext_lazy("funds entry", "handed in"))

    objects = OfEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("undecided entry of money in place")
        verbose_name_plural = _("undecided entries of money in place")

    def __str__(self) -> str:
        return str(self.entry)


class FundsCounted(models.Model):
    """What counts, narrow and beside its project. Grain: one row an accepted entry or reversal of such. Units: yuan, dollars.

    A trigger of the database writes it with the acceptance, which never changes, and nobody else does.
    Why: a year of a city's sums reads tens of thousands of them; from here it is one index, without reviews and entries.
    """

    IS_BY_TRIGGERS: ClassVar[bool] = True

    entry = models.OneToOneField(
        FundsEntry, models.CASCADE, primary_key=True, related_name="counted", db_constraint=False,
        verbose_name=_("entry of money in place"),
    )  # fmt: skip
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="+", db_constraint=False, db_index=False, verbose_name=_("project")
    )  # fmt: skip
    counted_on = models.DateField(_("counts on"))
    recognised_yuan = models.DecimalField(_("recognised (yuan)"), max_digits=18, decimal_places=2)
    value_yuan = models.DecimalField(_("worth (yuan)"), max_digits=18, decimal_places=2)
    foreign_yuan = models.DecimalField(_("foreign capital used (yuan)"), max_digits=18, decimal_places=2, null=True)
    foreign_usd = models.DecimalField(_("foreign capital used (dollars)"), max_digits=18, decimal_places=2, null=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("counted entry of money in place")
        verbose_name_plural = _("counted entries of money in place")
        indexes = (
            models.Index(
                fields=("project", "counted_on", "recognised_yuan", "value_yuan", "foreign_yuan", "foreign_usd"),
                name="projects_counted_of_project",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.entry)


class FundsProof(models.Model):
    """By which papers money is counted now (凭证占用). Grain: one row a paper, sum, currency and day; freed by a reversal or a rejection.

    `paper`: of its number alone, by which suspected doubles are found.
    """

    key = models.CharField(max_length=80, unique=True)
    paper = models.CharField(max_length=64, db_index=True)
    entry = models.ForeignKey(FundsEntry, models.PROTECT, related_name="held_proofs", verbose_name=_("entry of money in place"))

    objects = OfEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof in use")
        verbose_name_plural = _("proofs in use")

    def __str__(self) -> str:
        return str(self.entry)


class FundsReviewQuerySet(OfEntryQuerySet):
    """Reviews; row access as everywhere."""

    def counting(self) -> Self:
        """What counts: accepted entries and reversals of such."""
        return self.filter(step=State.ACCEPTED)


class FundsReview(models.Model):
    """What was done to an entry: handed in, accepted, rejected (审核). Grain: one row a step, never changed. Units: yuan, dollars.

    Of an accepted one: `recognised_yuan` by the rules of `rulebook`, with every reason; `counted_on`: the day on which it counts, in a
    month that was open then; `foreign_yuan`, `foreign_usd`: what counts as foreign capital used.
    """

    entry = models.ForeignKey(FundsEntry, models.PROTECT, related_name="reviews", verbose_name=_("entry of money in place"))
    step = models.CharField(_("step"), max_length=10, choices=choices(STEPS))
    by = person(pgettext_lazy("funds entry", "by"), null=True)
    at = models.DateTimeField(pgettext_lazy("funds entry", "at"))
    words = models.CharField(_("note"), max_length=500, blank=True)
    counted_on = models.DateField(_("counts on"), null=True, blank=True)
    value_yuan = models.DecimalField(_("worth (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    recognised_yuan = models.DecimalField(_("recognised (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    foreign_yuan = models.DecimalField(_("foreign capital used (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    foreign_usd = models.DecimalField(_("foreign capital used (dollars)"), max_digits=18, decimal_places=2, null=True, blank=True)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    rate = models.ForeignKey(
        ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("exchange rate")
    )  # fmt: skip
    dollar_rate = models.ForeignKey(
        ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rate of the dollar")
    )  # fmt: skip
    rulebook = models.CharField(_("rulebook"), max_length=12, blank=True)

    objects = FundsReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of money in place")
        verbose_name_plural = _("reviews of money in place")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("entry", "step"), name="projects_funds_step_once"),
            models.UniqueConstraint(fields=("entry",), condition=Q(step__in=DECIDED), name="projects_funds_decided_once"),
            models.CheckConstraint(
                condition=Q(step=State.ACCEPTED.value, counted_on__isnull=False, recognised_yuan__isnull=False, value_yuan__isnull=False)
                | ~Q(step=State.ACCEPTED.value) & Q(counted_on=None, recognised_yuan=None),
                name="projects_funds_accepted_counts_on_a_day",
            ),
            models.CheckConstraint(condition=~Q(step=State.REJECTED.value) | ~Q(words=""), name="projects_funds_rejected_for_a_reason"),
        )  # fmt: skip
        indexes = (models.Index(fields=("step", "counted_on"), name="projects_funds_counted"),)

    def __str__(self) -> str:
        return f"{self.entry} · {self.get_step_display()}"


class FundsBook(models.Model):
    """The ledger as a whole: one row, locked by whoever counts or closes. `open_from`: the first day that is not closed; None: none is."""

    open_from = models.DateField(_("open from"), null=True, blank=True)

    objects = OfOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("book of money in place")
        verbose_name_plural = _("books of money in place")
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="projects_one_funds_book"),)

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class FundsMonth(models.Model):
    """A closed month of the ledger (月结). Grain: one row a month, never changed, never taken back. Units: yuan, dollars.

    `counted`: how many entries and reversals count in it; `digest`: of all of them, by which a later look finds whether any changed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    month = models.DateField(_("month"), unique=True)
    by = person(pgettext_lazy("funds month", "closed by"), null=True)
    at = models.DateTimeField(pgettext_lazy("funds month", "closed at"))
    counted_entries = models.PositiveIntegerField(_("entries counted"))
    recognised_yuan = models.DecimalField(_("recognised (yuan)"), max_digits=20, decimal_places=2)
    foreign_yuan = models.DecimalField(_("foreign capital used (yuan)"), max_digits=20, decimal_places=2)
    foreign_usd = models.DecimalField(_("foreign capital used (dollars)"), max_digits=20, decimal_places=2)
    digest = models.CharField(max_length=64)

    objects = OfOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed month of money in place")
        verbose_name_plural = _("closed months of money in place")
        ordering = ("-month",)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
