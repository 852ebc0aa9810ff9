"""Schemes: the list, one scheme, the units that it measures, figures entered by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment import sheets
from wutong.web.assessment.actions import figure_files
from wutong.web.assessment.actions import figures as figure_actions
from wutong.web.assessment.actions import schemes as actions
from wutong.web.assessment.forms import files as file_forms
from wutong.web.assessment.forms import schemes as forms
from wutong.web.assessment.models import FactEntry
from wutong.web.assessment.queries import first_page, pages, versions
from wutong.web.assessment.views.answering import attempt, bound, form_page, get_or_post, guarded, scheme_of
from wutong.web.lib import access, htmx, lists
from wutong.web.lib.access import require_permission

SCHEMES = (
    lists.Column("title", pgettext_lazy("scheme", "Title"), ("title",)),
    lists.Column("unit", gettext_lazy("Issued by"), ("unit__path",)),
    lists.Column("code", pgettext_lazy("scheme", "Code"), ("code",)),
    lists.Column("made", pgettext_lazy("scheme", "Entered"), ("created_at",), "date"),
)
FIGURES = (
    lists.Column("fact", pgettext_lazy("figure", "Fact"), ("fact",)),
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("on", pgettext_lazy("figure", "Up to"), ("on",), "date"),
    lists.Column("value", pgettext_lazy("figure", "Value"), (), "number"),
    lists.Column("standing", pgettext_lazy("figure", "Whose word"), ("standing",)),
    lists.Column("source", pgettext_lazy("figure", "Where it comes from"), ()),
    lists.Column("by", pgettext_lazy("figure", "Entered by"), ("at",)),
)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def scheme_list(request: HttpRequest) -> HttpResponse:
    """The newest rankings, what waits, the next days; and every scheme that one may see."""
    listing = lists.of_queryset(request.GET, pages.schemes(request.user), columns=SCHEMES, default="-made")
    context = {"list": listing, "may_edit": request.user.may(Permission.ASSESSMENT_EDIT)}  # type: ignore[union-attr]
    if not htmx.wants_part(request):
        context["first"] = first_page.first_page(request.user, access.today())
    return htmx.render(request, "assessment/list.html", "assessment/_schemes.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def scheme_new(request: HttpRequest) -> HttpResponse:
    """A new scheme; its rule is drafted next."""
    form = forms.SchemeForm(bound(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.make, **form.cleaned_data)
        if made is not None:
            return redirect("assessment:scheme", made.public_id)
    return form_page(request, form, title=_("Enter a scheme"), button=_("Save"), back=reverse("assessment:list"))


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def scheme(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A scheme: versions of its rule, units by group, runs."""
    found = scheme_of(request, pk)
    return render(
        request,
        "assessment/scheme.html",
        {"page": pages.scheme_page(request.user, found), "scheme": found, **pages.may(request.user, found)},
    )


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def members(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which units the scheme measures, and in which group."""
    found = scheme_of(request, pk)
    if not pages.may(request.user, found)["may_edit"]:
        raise PermissionDenied
    form = forms.MembersForm(bound(request), scheme=found, groups=versions.groups(found), user=request.user)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.set_members, scheme=found, members=form.chosen()) is not None:
        messages.success(request, _("Saved."))
        return redirect("assessment:scheme", pk)
    back = reverse("assessment:scheme", args=[pk])
    return form_page(request, form, title=_("Whom the scheme measures"), button=_("Save"), back=back, about=found.title)


# --- figures ----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def figures(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The figures that stand entered by hand."""
    found = scheme_of(request, pk)
    listing = lists.of_queryset(request.GET, pages.figures(request.user, found), columns=FIGURES, default="-on")
    able = pages.standings(request.user, found)
    context = {
        "list": listing, "scheme": found, "words": pages.fact_words(found), "may_enter": bool(able),
        "standing": able[0] if able else "", "may_export": request.user.may(Permission.ASSESSMENT_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "assessment/figures.html", "assessment/_figures.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def figure_sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The figures of a day as a sheet, to read or to fill in: for whoever may fill it in, and whoever may export."""
    found = scheme_of(request, pk)
    if not pages.standings(request.user, found) and not request.user.may(Permission.ASSESSMENT_EXPORT):  # type: ignore[union-attr]
        raise PermissionDenied
    asked = file_forms.SheetForm(request.GET, user=request.user, scheme=found).asked()
    response = sheets.figure_sheet(request.user, found, **asked)
    filters = {"scheme": str(found.public_id), **{name: str(value) for name, value in asked.items()}}
    figure_files.note_export(by=request.user, at=timezone.now(), filters=filters, rows=response.row_count)
    return response  # type: ignore[no-any-return]


@get_or_post
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def figure_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a figure, or correct the one that stands."""
    found = scheme_of(request, pk)
    able = pages.standings(request.user, found)
    if not able:
        raise PermissionDenied
    form = forms.FigureForm(bound(request), scheme=found, facts=pages.facts_to_fill(found, able), user=request.user)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, figure_actions.enter, scheme=found, **form.values()) is not None:
        messages.success(request, _("Saved."))
        return redirect("assessment:figures", pk)
    back = reverse("assessment:figures", args=[pk])
    return form_page(request, form, title=_("Enter a figure"), button=pgettext("figure", "Save"), back=back, about=found.title)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def figure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A figure with what it took the place of; files are hung on it here."""
    found = FactEntry.objects.visible_to(request.user).select_related("scheme", "unit", "person", "by", "corrects__by")
    entry = get_object_or_404(found, public_id=pk)
    title, unit = pages.fact_words(entry.scheme).get(entry.fact, (entry.fact, ""))
    context = {"entry": entry, "title": title, "unit": unit}
    return render(request, "assessment/figure.html", context)
