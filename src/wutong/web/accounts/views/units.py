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

from wutong.web.accounts import forms
from wutong.web.accounts.actions import units
from wutong.web.accounts.models import Unit
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import Permission
from wutong.web.accounts.views.answers import PEOPLE_COLUMNS, attempt, draw_form, get_or_post
from wutong.web.lib import access, lists
from wutong.web.lib.access import require_permission

TREE = (lists.Column("unit", gettext_lazy("Unit"), ("path",)),)  # a tree has one order


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def unit_list(request: HttpRequest) -> HttpResponse:
    """The organisation tree, page by page; with a day in the address, as it was on that day."""
    form = forms.TreeFilter(request.GET)
    may_edit = request.user.may(Permission.UNITS_EDIT)
    if (day := form.day()) and day != access.today():
        return render(request, "accounts/units_on.html", {"units": queries.units_on(request.user, day), "day": day, "form": form})
    listing = lists.of_queryset(request.GET, queries.units(request.user), columns=TREE, default="unit")
    context = {"units": listing.rows, "page": listing.page, "may_edit": may_edit, "form": form, "today": access.today()}
    return render(request, "accounts/units.html", context)


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
