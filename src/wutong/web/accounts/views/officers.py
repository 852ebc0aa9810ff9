"""Pages of promotion officers: the roster with filter and export, what it holds of one, trainings."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import officers, refusing
from wutong.web.accounts.models import PromotionOfficer, Training, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.views.answers import attempt, draw_form, get_or_post
from wutong.web.audit import actions as audit
from wutong.web.lib import access, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("name", gettext_lazy("Name"), ("officer.user.display_name",)),
    lists.Column("load", gettext_lazy("Open matters"), ("load_count",), "number"),
    lists.Column("unit", gettext_lazy("Unit"), ("officer.user.unit.path",)),
    lists.Column("skills", gettext_lazy("Skills")),
    lists.Column("parks", gettext_lazy("Parks"), ("parks",)),
    lists.Column("training", gettext_lazy("Training (days)"), ("training_days",), "number"),
    lists.Column("since", gettext_lazy("Since"), ("officer.since_on",), "date"),
)


@require_GET
@require_permission(Permission.OFFICERS_VIEW)
def officer_list(request: HttpRequest) -> HttpResponse:
    """The roster: filter, sort, page."""
    form = forms.OfficerFilter(request.GET, user=request.user)
    rows = queries.officers(request.user, on=access.today(), **form.wanted())
    listing = lists.of_sequence(request.GET, rows, columns=COLUMNS, default="name", form=form)
    context = {
        "form": form, "list": listing, "may_export": request.user.may(Permission.ACCOUNTS_EXPORT),
        "may_edit": request.user.may(Permission.OFFICERS_EDIT), "bound": queries.free_at_most(access.today()),
    }  # fmt: skip
    return htmx.render(request, "accounts/officers.html", "accounts/_officers.html", context)


@require_GET
@require_permission(Permission.OFFICERS_VIEW)
@require_permission(Permission.ACCOUNTS_EXPORT)
def officer_export(request: HttpRequest) -> HttpResponse:
    """The filtered roster as a spreadsheet; the export is written down."""
    form = forms.OfficerFilter(request.GET, user=request.user)
    rows = queries.officers(request.user, on=access.today(), **form.wanted())
    response = spreadsheets.download(_("Promotion officers"), sheets.OFFICER_COLUMNS, sheets.officer_rows(rows))
    changes = {"filter": request.GET.urlencode(), "rows": response.row_count}  # type: ignore[attr-defined]
    values = {"object_type": "accounts.PromotionOfficer", "changes": changes}
    audit.record(action="accounts.officers.export", by=request.user, at=timezone.now(), **values)
    return response


@get_or_post
@require_permission(Permission.OFFICERS_EDIT)
def officer_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Put a person on the roster, or change what stands there."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    if not request.user.may(Permission.OFFICERS_EDIT, person.unit.target()):
        raise PermissionDenied
    known = queries.officer_of(person, request.user)
    initial = {"since_on": access.today()}
    if known:
        codes = [skill.code for skill in known.skills.all()]
        initial = {"since_on": known.since_on, "ended_on": known.ended_on, "note": known.note, "skills": codes}
    form = forms.OfficerForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, officers.list_officer, user=person, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Saved."))
        return redirect("accounts:detail", pk)
    return draw_form(request, form, _("Promotion officer: %(name)s") % {"name": person}, reverse("accounts:detail", args=[pk]))


@get_or_post
@require_permission(Permission.OFFICERS_EDIT)
def training_new(request: HttpRequest, pk: object) -> HttpResponse:
    """Note a training that an officer attended."""
    officer = get_object_or_404(PromotionOfficer.objects.visible_to(request.user).select_related("user__unit"), public_id=pk)
    form, person = forms.TrainingForm(request.POST or None, initial={"held_on": access.today()}), officer.user.public_id
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, officers.note_training, officer=officer, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Saved."))
        return redirect("accounts:detail", person)
    return draw_form(request, form, _("Training of %(name)s") % {"name": officer}, reverse("accounts:detail", args=[person]))


@require_POST
@require_permission(Permission.OFFICERS_EDIT)
def training_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a training back that was noted by mistake."""
    training = get_object_or_404(Training.objects.visible_to(request.user).select_related("officer__user__unit"), public_id=pk)
    person = training.officer.user.public_id
    try:
        officers.drop_training(training=training, by=request.user, at=timezone.now())
    except refusing.NotAllowed as error:
        raise PermissionDenied from error
    messages.success(request, _("The training is taken back."))
    return redirect("accounts:detail", person)
