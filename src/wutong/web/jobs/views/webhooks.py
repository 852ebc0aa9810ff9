"""Subscriptions of events: which other systems are told, how it went; and the page where a person agrees to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import actions, queries
from wutong.web.jobs.forms import DeliveryFilter, WebhookFilter, WebhookForm
from wutong.web.jobs.models import Message, Webhook
from wutong.web.jobs.rules import Refusal, WebhookStep
from wutong.web.jobs.views.jobs import REFUSALS, attempt
from wutong.web.jobs.views.outbox import get_or_post
from wutong.web.lib import htmx, lists
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("name", pgettext_lazy("subscription", "Receiver"), ("name",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("host", gettext_lazy("Host"), ("host",)),
    lists.Column("person", gettext_lazy("By whose rights"), ("person__display_name",)),
    lists.Column("failures", gettext_lazy("Failures in a row"), ("failures",), "number"),
    lists.Column("made", gettext_lazy("Made"), ("made_at",), "date"),
)
DELIVERIES = (
    lists.Column("event", gettext_lazy("Event"), ("title",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("answer", pgettext_lazy("delivery", "Answer"), ("answer_number",), "number"),
    lists.Column("written", gettext_lazy("Written"), ("written_at",), "date"),
    lists.Column("due", gettext_lazy("Sent, or next try"), ("sent_at", "due_at"), "date"),
    lists.Column("attempts", gettext_lazy("Attempts"), ("attempt_no",), "number"),
    lists.Column("fault", pgettext_lazy("message", "Fault")),
)
FIELDS = {Refusal.UNKNOWN_EVENT: "events", Refusal.PERSON_INACTIVE: "person", Refusal.NOT_NOW: None}
DONE = {
    WebhookStep.AGREE: gettext_lazy("Agreed. The receiver is told from now on."),
    WebhookStep.WITHDRAW: gettext_lazy("Consent is withdrawn. The receiver is told nothing more."),
    WebhookStep.PAUSE: gettext_lazy("Paused. What happens meanwhile is told later."),
    WebhookStep.RESUME: gettext_lazy("It goes on; what was not delivered is tried again."),
    WebhookStep.REMOVE: gettext_lazy("Deleted. It can be brought back on this page."),
    WebhookStep.BRING_BACK: gettext_lazy("Brought back; the person is asked for consent."),
}


def _webhook(request: HttpRequest, pk: object) -> Webhook:
    return get_object_or_404(queries.webhooks(request.user), public_id=pk)


@require_GET
@require_permission(Permission.JOBS_VIEW)
def webhook_list(request: HttpRequest) -> HttpResponse:
    """The subscriptions: filter, sort, page."""
    form = WebhookFilter(request.GET)
    found = form.filtered(queries.webhooks(request.user))
    listing = lists.of_queryset(request.GET, found, columns=COLUMNS, default="name", form=form)
    context = {"form": form, "list": listing, "may_edit": request.user.may(Permission.JOBS_EDIT)}
    return htmx.render(request, "jobs/webhooks.html", "jobs/_webhooks.html", context)


@require_GET
@require_permission(Permission.JOBS_VIEW)
def webhook_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A subscription and how its events went."""
    webhook, form = _webhook(request, pk), DeliveryFilter(request.GET)
    found = form.filtered(queries.outbox(request.user).filter(webhook=webhook))
    listing = lists.of_queryset(request.GET, found, columns=DELIVERIES, default="-written", form=form)
    context = {"webhook": webhook, "form": form, "list": listing, "may_edit": request.user.may(Permission.JOBS_EDIT)}
    return htmx.render(request, "jobs/webhook.html", "jobs/_deliveries.html", context)


def _webhook_form(request: HttpRequest, webhook: Webhook | None) -> HttpResponse:
    form = WebhookForm(request.POST or None, instance=webhook, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved, secret = actions.save_webhook(webhook=webhook, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.Refused as refused:
            for refusal in refused.refusals:
                form.add_error(FIELDS.get(refusal, "address"), REFUSALS[refusal])
        else:
            if secret:
                return render(request, "jobs/webhook_secret.html", {"webhook": saved, "secret": secret}, status=201)
            messages.success(request, _("The subscription %(name)s is saved.") % {"name": saved})
            return redirect("jobs:webhook", saved.public_id)
    context = {"form": form, "webhook": webhook, "title": _("Change subscription") if webhook else _("New subscription")}
    return render(request, "jobs/webhook_form.html", context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.JOBS_EDIT)
def webhook_new(request: HttpRequest) -> HttpResponse:
    """Add a subscription; its secret is shown once."""
    return _webhook_form(request, None)


@get_or_post
@require_permission(Permission.JOBS_EDIT)
def webhook_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a subscription."""
    return _webhook_form(request, _webhook(request, pk))


@require_POST
@require_permission(Permission.JOBS_EDIT)
def webhook_renew(request: HttpRequest, pk: object) -> HttpResponse:
    """Give it another secret, which is shown once."""
    webhook = _webhook(request, pk)
    secret = actions.renew_secret(webhook=webhook, by=request.user, at=timezone.now())
    return render(request, "jobs/webhook_secret.html", {"webhook": webhook, "secret": secret}, status=201)


@require_POST
@require_permission(Permission.JOBS_EDIT)
def webhook_try(request: HttpRequest, pk: object) -> HttpResponse:
    """Have a trial sent."""
    webhook = _webhook(request, pk)
    attempt(request, actions.try_webhook, _("A trial event waits in the outbox."), webhook=webhook)
    return redirect("jobs:webhook", webhook.public_id)


@require_POST
@require_permission(Permission.JOBS_EDIT)
def webhook_step(request: HttpRequest, pk: object, step: str) -> HttpResponse:
    """Pause it, let it go on, delete it, bring it back."""
    webhook = _webhook(request, pk)
    _take(request, webhook, WebhookStep(step))
    return redirect("jobs:webhook", webhook.public_id)


@require_POST
@require_permission(Permission.JOBS_EDIT)
def redeliver(request: HttpRequest, pk: object) -> HttpResponse:
    """Have one event sent once more."""
    message = get_object_or_404(Message.objects.in_the_outbox_of(request.user).exclude(webhook=None), public_id=pk)
    attempt(request, actions.resend, _("The event is sent once more."), message=message)
    return redirect("jobs:webhook", message.webhook.public_id)  # type: ignore[union-attr]


@get_or_post
def webhook_consent(request: HttpRequest, pk: object) -> HttpResponse:
    """Where the person by whose rights a subscription goes reads what it is about, and agrees or withdraws."""
    webhook = get_object_or_404(queries.webhooks(request.user).filter(person_id=request.user.pk), public_id=pk)
    if request.method == "POST":
        step = WebhookStep.WITHDRAW if request.POST.get("step") == "withdraw" else WebhookStep.AGREE
        _take(request, webhook, step, seen=request.POST.get("terms"))
        return redirect("jobs:webhook-consent", webhook.public_id)
    return render(request, "jobs/webhook_consent.html", {"webhook": webhook})


def _take(request: HttpRequest, webhook: Webhook, step: WebhookStep, *, seen: str | None = None) -> Any:
    return attempt(request, actions.step_webhook, str(DONE[step]), webhook=webhook, step=step, seen=seen)
