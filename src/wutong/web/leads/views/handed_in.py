"""Information handed in, for those who hand it in: the form, the list with what became of each piece, withdrawing, the spreadsheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import duties as journal
from wutong.web.journal.actions import files as file_actions
from wutong.web.journal.queries import files
from wutong.web.journal.queries.refusals import words as file_words
from wutong.web.leads.actions import handing_in
from wutong.web.leads.forms import handed_in as forms
from wutong.web.leads.models import HandIn
from wutong.web.leads.queries import handed_in
from wutong.web.leads.views.answers import answered, attempt, get_or_post, noted
from wutong.web.lib import exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

COLUMNS = (
    listings.Column("title", pgettext_lazy("column", "Information"), ("title",)),
    listings.Column("told", pgettext_lazy("handed in", "Where it stands"), ("told_rank",)),
    listings.Column("answer", gettext_lazy("Answer of the bureau"), ("lead__answered_at",)),
    listings.Column("kind", pgettext_lazy("lead", "Kind"), ("kind",)),
    listings.Column("amount", pgettext_lazy("lead", "Amount (10,000 yuan)"), ("amount_10k_yuan",), "number"),
    listings.Column("day", pgettext_lazy("handed in", "Handed in"), ("handed_in_at",), "date"),
)


def found(user: Any, query: Any) -> Any:
    """What a query string asks for of one's own, the newest first."""
    return forms.HandedInFilter(query).filtered(handed_in.mine(user)).order_by("-handed_in_at", "-pk")


@require_GET
@require_permission(Permission.LEADS_HAND_IN)
def handed_in_list(request: HttpRequest) -> HttpResponse:
    """What one handed in, and what became of it."""
    form = forms.HandedInFilter(request.GET)
    listing = listings.of_queryset(
        request.GET, form.filtered(handed_in.ranked(handed_in.mine(request.user))), columns=COLUMNS, default="-day", form=form,
        read=lambda pks: handed_in.shown(request.user, pks),
    )  # fmt: skip
    own = {"counts": handed_in.counts(request.user), "credited": handed_in.credited_to(request.user)}
    context = {"form": form, "list": listing, **own}
    return htmx.render(request, "leads/handed_in.html", "leads/_handed_in.html", context)


@require_GET
@require_permission(Permission.LEADS_HAND_IN)
def handed_in_export(request: HttpRequest) -> HttpResponse:
    """One's own information as a spreadsheet."""
    later = spreadsheets.later(request, "leads.handed_in", found(request.user, request.GET).count())
    return later or noted(request, "handed_in", exchange.at_once(request, "leads.handed_in"))


@get_or_post
@require_permission(Permission.LEADS_HAND_IN)
@answered
def hand_in(request: HttpRequest) -> HttpResponse:
    """The form, on a phone as at a desk; what is typed stays in the browser until it was sent."""
    form = forms.HandInForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, handing_in.hand_in, **form.values())
        if made:
            _attach(request, made, form.cleaned_data["files"], is_later=False)
            said = _("Handed in. What becomes of it and the answer of the bureau stand here.")
            messages.success(request, said, extra_tags=f"draft-{made.form_key}")
            return redirect("leads:handed-in")
    status = 422 if form.is_bound else 200
    return render(request, "leads/hand_in.html", {"form": form, "user_key": request.user.public_id}, status=status)  # type: ignore[union-attr]


def _attach(request: HttpRequest, handed: HandIn, given: list[Any], *, is_later: bool) -> int:
    """Hang files on what was handed in; one that cannot be kept hinders nothing and is named. How many hang now."""
    kept = 0
    for one in given:
        if handed_in.is_kept(request.user, handed, one.name, one):  # the form came twice
            messages.info(request, _("“%(name)s” is there already.") % {"name": one.name})
            continue
        try:
            kept += bool(attempt(request, None, handing_in.attach, handed=handed, file=one, name=one.name, is_later=is_later))
        except journal.Refused as refused:
            messages.warning(request, f"{one.name}: {' '.join(file_words(refused.refusals))}")
    return kept


@require_POST
@require_permission(Permission.LEADS_HAND_IN)
@answered
def hand_in_attach(request: HttpRequest, pk: object) -> HttpResponse:
    """Add photographs or papers to what one handed in."""
    one = _own(request, pk)
    form = forms.PapersForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    elif kept := _attach(request, one, form.cleaned_data["files"], is_later=True):
        said = ngettext("%(count)s file is added to “%(title)s”.", "%(count)s files are added to “%(title)s”.", kept)
        messages.success(request, said % {"count": kept, "title": one.title})
    return redirect("leads:handed-in")


@require_GET
@require_permission(Permission.LEADS_HAND_IN)
def hand_in_file(request: HttpRequest, pk: object, paper: object) -> HttpResponse:
    """One of the files that one added oneself."""
    found = handed_in.paper(request.user, _own(request, pk), paper)
    if found is None:
        raise Http404
    file_actions.note_download(attachment=found, by=request.user, at=timezone.now())
    response = FileResponse(files.path_of(found.stored).open("rb"), as_attachment=True, filename=found.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _own(request: HttpRequest, pk: object) -> HandIn:
    return get_object_or_404(HandIn.objects.visible_to(request.user).select_related("lead"), public_id=pk)


@get_or_post
@require_permission(Permission.LEADS_HAND_IN)
@answered
def hand_in_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Take back what one handed in; asked once more, for it cannot be undone."""
    one = _own(request, pk)
    if request.method == "POST":
        if attempt(request, None, handing_in.withdraw, handed=one):
            messages.success(request, _("Withdrawn: “%(title)s”.") % {"title": one.title})
        return redirect("leads:handed-in")
    return render(request, "leads/hand_in_withdraw.html", {"handed": handed_in.marked(one)})
