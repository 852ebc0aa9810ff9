"""Pages about personal data: what is held where and until when, what is held of oneself, and erasing somebody who left."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import people
from wutong.web.accounts.models import User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.views.answers import attempt, draw_form, get_or_post
from wutong.web.audit import actions as audit
from wutong.web.lib import access, spreadsheets
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.PERSONAL_VIEW)
def personal(request: HttpRequest) -> HttpResponse:
    """Which kinds of personal data are held, for what, how many and until when; no contents."""
    return render(request, "accounts/personal.html", {"kinds": queries.personal_data(on=access.today())})


@require_GET
def my_data(request: HttpRequest) -> HttpResponse:
    """What is held of oneself, as a spreadsheet; the download is written down."""
    person = User.objects.get(pk=request.user.pk)
    response = spreadsheets.download(_("What is held of me"), sheets.PERSONAL_COLUMNS, sheets.personal_rows(queries.own_data(person)))
    changes = {"rows": response.row_count}  # type: ignore[attr-defined]
    audit.record(action="accounts.export_own_data", by=request.user, at=timezone.now(), obj=person, changes=changes)
    return response


@get_or_post
@require_permission(Permission.PERSONAL_VIEW)
def subject_data(request: HttpRequest) -> HttpResponse:
    """What is held of somebody outside the office, for whoever asks what is held of him; the entry names the records, not the person."""
    form = forms.SubjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts, records = queries.data_about(form.cleaned_data["who"])
        changes = {"reason": form.cleaned_data["reason"], "rows": len(facts), "records": records[:200]}
        audit.record(action="accounts.export_subject_data", by=request.user, at=timezone.now(), changes=changes)
        if facts:
            return spreadsheets.download(_("What is held of a person"), sheets.PERSONAL_COLUMNS, sheets.personal_rows(facts))
        form.add_error("who", _("Nothing is held under exactly this name, telephone number or e-mail address."))
    told = {"submit": _("Download"), "text": _("For whoever asks what is held of him. Make sure first that it is him who asks.")}
    return draw_form(request, form, _("What is held of a person"), reverse("accounts:personal"), **told)


@get_or_post
@require_permission(Permission.USERS_EDIT)
def erase(request: HttpRequest, pk: object) -> HttpResponse:
    """Erase what is personal of somebody who left."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt(form, people.erase_user, user=person, **form.cleaned_data, by=request.user, at=timezone.now())
        if not form.errors:
            messages.success(request, _("The personal data of %(name)s is erased.") % {"name": person})
            return redirect("accounts:detail", pk)
    title = _("Erase personal data of %(name)s") % {"name": person}
    files = _(
        "What imports changed in the account goes at once and cannot be undone any more. The files of imports themselves, with what their "
        "checks found, may name the person until %(days)s days after they were uploaded or written; one that was left in the middle stays "
        "until somebody ends or undoes it."
    )
    return draw_form(request, form, title, reverse("accounts:detail", args=[pk]), text=files % {"days": settings.IMPORT_KEPT_DAYS})
