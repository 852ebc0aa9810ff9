"""One's own messages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.jobs import actions, queries
from wutong.web.jobs.forms import MessageFilter
from wutong.web.lib import htmx, lists

COLUMNS = (
    lists.Column("title", gettext_lazy("Message"), ("title",)),
    lists.Column("written", gettext_lazy("Received"), ("written_at",), "date"),
    lists.Column("read", gettext_lazy("State"), ("read_at",)),
)


@require_GET
def message_list(request: HttpRequest) -> HttpResponse:
    """One's messages: filter, sort, page."""
    form = MessageFilter(request.GET)
    found = form.filtered(queries.messages(request.user))
    listing = lists.of_queryset(request.GET, found, columns=COLUMNS, default="-written", form=form)
    return htmx.render(request, "jobs/messages.html", "jobs/_messages.html", {"form": form, "list": listing})


@require_POST
def message_read(request: HttpRequest, pk: object) -> HttpResponse:
    """Note that a message is read, and go where it leads."""
    message = get_object_or_404(queries.messages(request.user), public_id=pk)
    actions.read(messages=queries.messages(request.user).filter(pk=message.pk), user=request.user, at=timezone.now())
    is_ours = message.address.startswith("/") and url_has_allowed_host_and_scheme(message.address, allowed_hosts=None)
    return redirect(message.address if is_ours else "jobs:messages")


@require_POST
def message_read_all(request: HttpRequest) -> HttpResponse:
    """Note that all are read."""
    actions.read(messages=queries.messages(request.user), user=request.user, at=timezone.now())
    return redirect("jobs:messages")
