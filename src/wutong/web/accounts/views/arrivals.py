"""Pages for a bureau that arrives by a list: proposed postings to be confirmed, and one-time passwords for many people at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import passwords, proposals, refusing
from wutong.web.accounts.queries import arrivals as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.views.answers import PEOPLE_COLUMNS, REFUSALS
from wutong.web.audit import actions as audit
from wutong.web.lib import access, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

MOST_AT_ONCE = 500
MOST_SAID = 10
COLUMNS = (
    lists.Column("name", gettext_lazy("Name"), ("user__display_name",)),
    lists.Column("role", gettext_lazy("Proposed role"), ("role",)),
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("starts", gettext_lazy("From"), ("starts_on",), "date"),
    lists.Column("by", gettext_lazy("Proposed by"), ("proposed_by__display_name",)),
    lists.Column("at", gettext_lazy("Proposed at"), ("proposed_at",), "date"),
)


# --- proposed postings ------------------------------------------------------------------------------------------------------------------
def _proposals(request: HttpRequest) -> tuple[forms.ProposalFilter, Any]:
    form = forms.ProposalFilter(request.GET, user=request.user)
    return form, form.filtered(queries.proposals(request.user))


@require_GET
@require_permission(Permission.POSTINGS_EDIT)
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Postings that lists of people proposed and nobody decided about: filter, sort, tick, confirm or decline."""
    form, found = _proposals(request)
    listing = lists.of_queryset(request.GET, found, columns=COLUMNS, default="name", form=form)
    context = {"form": form, "list": listing, "most": MOST_AT_ONCE}
    return htmx.render(request, "accounts/proposals.html", "accounts/_proposals.html", context)


@require_GET
@require_permission(Permission.POSTINGS_EDIT)
def proposal_export(request: HttpRequest) -> HttpResponse:
    """The filtered proposals as a spreadsheet; the export is written down."""
    _form, found = _proposals(request)
    response: Any = spreadsheets.download(_("Proposed postings"), sheets.PROPOSAL_COLUMNS, sheets.proposal_rows(found))
    told = {"filters": request.GET.urlencode(), "rows": response.row_count, "object_type": "accounts.ProposedPosting"}
    audit.record_export(action="accounts.export_proposals", by=request.user, at=timezone.now(), **told)
    return response


@require_POST
@require_permission(Permission.POSTINGS_EDIT)
def proposal_decide(request: HttpRequest) -> HttpResponse:
    """Confirm or decline those that are ticked, or all that match the filter."""
    chosen = _chosen(request, _proposals(request)[1], "proposal")
    try:
        if request.POST.get("decision") == "decline":
            count = proposals.decline(proposals=chosen, by=request.user, at=timezone.now())
            done, refused = ngettext("%(count)s proposal declined.", "%(count)s proposals declined.", count) % {"count": count}, ()
        else:
            decided = proposals.confirm(proposals=chosen, by=request.user, at=timezone.now())
            count, refused = decided.count, decided.refused
            done = ngettext("%(count)s posting confirmed.", "%(count)s postings confirmed.", count) % {"count": count}
    except refusing.NotAllowed as error:
        raise PermissionDenied from error
    _say(request, done if count else "", [(str(one), why) for one, why in refused])
    return _back(request, "accounts:proposals")


def _chosen(request: HttpRequest, found: Any, name: str) -> list[Any]:
    """What is ticked, or everything that matches, as far as one step takes it; nothing where nothing is ticked."""
    if not request.POST.get("all"):
        found = found.filter(public_id__in=[key for key in request.POST.getlist(name) if forms.is_key(key)])
    chosen = list(found.order_by("pk")[:MOST_AT_ONCE])
    if not chosen:
        messages.warning(request, _("Nothing is ticked."))
    return chosen


def _say(request: HttpRequest, done: str, refused: list[tuple[str, Any]]) -> None:
    if done:
        messages.success(request, done)
    for name, why in refused[:MOST_SAID]:
        messages.error(request, _("%(name)s: %(why)s") % {"name": name, "why": " ".join(str(REFUSALS[one]) for one in why)})
    if len(refused) > MOST_SAID:
        messages.error(request, _("… and %(count)s more") % {"count": len(refused) - MOST_SAID})


def _back(request: HttpRequest, name: str) -> HttpResponse:
    return redirect(reverse(name) + lists.query_with(request.GET))


# --- one-time passwords -----------------------------------------------------------------------------------------------------------------
def _arriving(request: HttpRequest) -> tuple[forms.ArrivalFilter, Any]:
    form = forms.ArrivalFilter(request.GET, user=request.user)
    return form, form.filtered(queries.without_password(request.user, on=access.today()))


@require_GET
@require_permission(Permission.USERS_EDIT)
def password_list(request: HttpRequest) -> HttpResponse:
    """People who never had a password, or others to whom one may be given: tick, give."""
    form, found = _arriving(request)
    listing = lists.of_queryset(request.GET, found, columns=PEOPLE_COLUMNS, default="username", form=form)
    context = {"form": form, "list": listing, "most": MOST_AT_ONCE}
    return htmx.render(request, "accounts/passwords.html", "accounts/_passwords.html", context)


@require_POST
@require_permission(Permission.USERS_EDIT)
def password_give(request: HttpRequest) -> HttpResponse:
    """Give those who are ticked a one-time password each; the list of them is shown this once, to be printed or as a spreadsheet."""
    chosen = _chosen(request, _arriving(request)[1], "person")
    if not chosen:
        return _back(request, "accounts:passwords")
    given = passwords.give(users=chosen, by=request.user, at=timezone.now(), on=access.today())
    _say(request, "", [(str(one), why) for one, why in given.refused])
    if request.POST.get("as") == "sheet":
        notes = (_("Hand each person the own row only. Delete this file once the passwords are handed over."),)
        return spreadsheets.download(_("One-time passwords"), sheets.PASSWORD_COLUMNS, sheets.password_rows(given.passwords), notes=notes)
    return render(request, "accounts/passwords_given.html", {"given": given, "at": timezone.now()})
