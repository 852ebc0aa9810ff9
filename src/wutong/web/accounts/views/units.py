"""Pages of the organisation tree: units, what becomes of them, and the tree as it was on a day."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import units
from wutong.web.accounts.models import Unit
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.views.answers import PEOPLE_COLUMNS, attempt, draw_form, get_or_post
from wutong.web.audit import actions as audit
from wutong.web.lib import access, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("unit", gettext_lazy("Unit"), ("path",)),  # the tree, read from the top
    lists.Column("kind", gettext_lazy("Kind"), ("kind", "path")),
    lists.Column("adcode", gettext_lazy("Division code"), ("adcode", "path")),
    lists.Column("place", gettext_lazy("Place id"), ("place_id", "path")),
    lists.Column("people", gettext_lazy("Active people"), ("people_count", "path"), "number"),
)


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def unit_list(request: HttpRequest) -> HttpResponse:
    """The organisation tree: search, sort, page; with a day in the address, as it was on that day."""
    form = forms.TreeFilter(request.GET)
    may_edit = request.user.may(Permission.UNITS_EDIT)
    if (day := form.day()) and day != access.today():
        text = form.cleaned_data["text"]
        context = {"units": queries.units_on(request.user, day, text=text), "day": day, "text": text, "form": form}
        return htmx.render(request, "accounts/units_on.html", "accounts/_units_on.html", context)
    found = form.filtered(queries.units(request.user))
    if is_flat := request.GET.get("sort", "unit") != "unit" or bool(form.cleaned_data.get("text")):
        found = queries.with_units_above(found, request.user)
    listing = lists.of_queryset(request.GET, found, columns=COLUMNS, default="unit", form=form)
    context = {
        "list": listing, "may_edit": may_edit, "form": form, "may_export": request.user.may(Permission.ACCOUNTS_EXPORT),
        "flat": is_flat, "top": min((unit.depth for unit in listing.rows), default=0),
    }  # fmt: skip
    return htmx.render(request, "accounts/units.html", "accounts/_unit_list.html", context)


@require_GET
@require_permission(Permission.ACCOUNTS_EXPORT)
def unit_export(request: HttpRequest) -> HttpResponse:
    """The units that match as a spreadsheet; the export is written down."""
    found = forms.TreeFilter(request.GET).filtered(queries.units(request.user))
    response: Any = spreadsheets.download(_("Units"), sheets.UNIT_COLUMNS, sheets.unit_rows(queries.with_units_above(found, request.user)))
    told = {"filters": request.GET.urlencode(), "rows": response.row_count, "object_type": "accounts.Unit"}
    audit.record_export(action="accounts.export_units", by=request.user, at=timezone.now(), **told)
    return response


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def unit_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A unit, what stands below it, its people, and what became of it."""
    unit = _unit(request, pk)
    people = queries.people(request.user, on=access.today()).filter(unit=unit)
    listing = lists.of_queryset(request.GET, people, columns=PEOPLE_COLUMNS, default="username")
    history = queries.history_of(unit, request.user)
    context = {
        "unit": unit, "people": listing.rows, "list": listing, "children": queries.units(request.user).filter(parent=unit),
        "may_edit": request.user.may(Permission.UNITS_EDIT, unit.target()), "history": history,
        "former": queries.former_names(history, unit),
        "is_parent_visible": Unit.objects.visible_to(request.user).filter(pk=unit.parent_id).exists(),
    }  # fmt: skip
    return render(request, "accounts/unit.html", context)


def _unit(request: HttpRequest, pk: object) -> Unit:
    return get_object_or_404(Unit.objects.visible_to(request.user).select_related("parent"), public_id=pk)


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_new(request: HttpRequest) -> HttpResponse:
    """Add a unit."""
    form = forms.UnitForm(request.POST or None, user=request.user, initial={"parent": request.GET.get("parent")})
    if request.method == "POST" and form.is_valid():
        unit = attempt(form, units.add_unit, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("Unit “%(name)s” added.") % {"name": unit})
        return redirect("accounts:unit", unit.public_id)
    return draw_form(request, form, _("New unit"), reverse("accounts:units"))


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Rename or move a unit."""
    unit = _unit(request, pk)
    form = forms.ChangeUnitForm(request.POST or None, instance=unit, user=request.user)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, units.change_unit, unit=unit, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Saved."))
        return redirect("accounts:unit", pk)
    return draw_form(request, form, _("Change unit"), reverse("accounts:unit", args=[pk]))


def _step(request: HttpRequest, unit: Unit, form: Any, action: Any, **words: str) -> HttpResponse:
    """Something becomes of a unit: the form and what the unit holds; done, back to its page."""
    if request.method == "POST" and form.is_valid():
        done = attempt(form, action, unit=unit, **form.cleaned_data, by=request.user, at=timezone.now())
        if done is not None:
            messages.success(request, words["done"] % {"name": unit})
            return redirect("accounts:unit", unit.public_id)
    context = words | {"form": form, "title": words["title"] % {"name": unit}, "unit": unit}
    context["parts"] = queries.left_at(unit, on=access.today())  # type: ignore[assignment]
    return render(request, "accounts/unit_step.html", context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_merge(request: HttpRequest, pk: object) -> HttpResponse:
    """Merge a unit into another; what goes there is listed before."""
    unit = _unit(request, pk)
    words = {
        "title": _("Merge %(name)s into another unit"), "verb": _("Merge"), "done": _("%(name)s is merged."),
        "say": _("All of this goes to the other unit at once. The unit is closed; its name, its past postings and its history stay."),
    }  # fmt: skip
    return _step(request, unit, forms.MergeForm(request.POST or None, user=request.user, unit=unit), units.merge_unit, **words)


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_split(request: HttpRequest, pk: object) -> HttpResponse:
    """Make a part of a unit a unit of its own."""
    unit = _unit(request, pk)
    words = {
        "title": _("Split %(name)s"), "verb": _("Split"), "done": _("%(name)s is split."),
        "say": _("The new unit stands beside this one. The people marked go there with their present postings; records stay here."),
    }  # fmt: skip
    return _step(request, unit, forms.SplitForm(request.POST or None, user=request.user, unit=unit), units.split_unit, **words)


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_close(request: HttpRequest, pk: object) -> HttpResponse:
    """Close a unit that holds nothing any more."""
    words = {
        "title": _("Close %(name)s"), "verb": _("Close unit"), "done": _("%(name)s is closed."),
        "say": _("Only a unit that holds nothing any more can be closed. Its past stays readable."),
    }  # fmt: skip
    return _step(request, _unit(request, pk), forms.UnitStepForm(request.POST or None), units.close_unit, **words)


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Open a closed unit again."""
    words = {
        "title": _("Reopen %(name)s"), "verb": _("Reopen"), "done": _("%(name)s is open again."),
        "say": _("The unit can take people and postings again."),
    }  # fmt: skip
    return _step(request, _unit(request, pk), forms.UnitStepForm(request.POST or None), units.reopen_unit, **words)
