"""Pages of people known and home ties: lists, one of them, entered, changed, linked with firms, forgotten."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import contacts
from wutong.web.firms.models import Position
from wutong.web.firms.queries import notes
from wutong.web.lib import access, htmx
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.partners import forms
from wutong.web.partners.actions import knowing
from wutong.web.partners.models import Acquaintance
from wutong.web.partners.queries import lists
from wutong.web.partners.views.answers import answered, attempt, draw_form, exported, get_or_post, posted, row_of
from wutong.web.partners.views.partners import panels_of

COLUMNS = (
    listings.Column("name", pgettext_lazy("person", "Name"), ("person__name",)),
    listings.Column("firms", gettext_lazy("Firms")),
    listings.Column("origin", gettext_lazy("Where from"), ("origin_adcode",)),
    listings.Column("present", gettext_lazy("Where now"), ("present_adcode",)),
    listings.Column("last", gettext_lazy("Last contact"), ("last_contact_on",), "date"),
    listings.Column("fruit", gettext_lazy("Returning projects"), (), "number"),
    listings.Column("owner", gettext_lazy("Keeps in touch"), ("owner__display_name",)),
    listings.Column("partner", gettext_lazy("Partner"), ("partner__name",)),
    listings.Column("until", gettext_lazy("Kept until"), ("person__retain_until",), "date"),
)
OF_KNOWN = ("is_home_tie", "origin_adcode", "present_adcode", "occupation", "partner_role")
OF_PERSON = ("name", "phone", "email", "note", "purpose", "consent_source", "consented_on", "retain_until")


def found_people(user: Any, query: Any, *, is_home_tie: bool = False) -> Any:
    """The people whom a query string asks for, by name."""
    found = forms.KnownFilter(query, user=user).filtered(lists.known(user, is_home_tie=is_home_tie))
    return found.order_by("person__name", "pk")


def _listed(request: HttpRequest, *, is_home_tie: bool) -> HttpResponse:
    form, user = forms.KnownFilter(request.GET, user=request.user), request.user
    found = form.filtered(lists.known(user, is_home_tie=is_home_tie))
    listing = listings.of_queryset(
        request.GET, found, columns=COLUMNS, default="name", form=form, read=lambda pks: lists.shown_known(pks, user, access.today())
    )
    context = {
        "form": form, "list": listing, "is_home_tie": is_home_tie, "may_edit": user.may(Permission.PARTNERS_EDIT),  # type: ignore[union-attr]
        "may_export": user.may(Permission.PARTNERS_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "partners/people.html", "partners/_people.html", context)


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def people(request: HttpRequest) -> HttpResponse:
    """People known: filter, sort, page."""
    return _listed(request, is_home_tie=False)


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def ties(request: HttpRequest) -> HttpResponse:
    """Home ties: those from here who are in business elsewhere."""
    return _listed(request, is_home_tie=True)


@require_GET
@require_permission(Permission.PARTNERS_EXPORT)
def people_export(request: HttpRequest, code: str) -> HttpResponse:
    """The filtered people, or home ties, as a spreadsheet; contact data stays masked."""
    found = found_people(request.user, request.GET, is_home_tie=code == "partners.ties")
    return exported(request, code, found.count())


def _known(request: HttpRequest, pk: object, *, must_work: bool = False) -> Acquaintance:
    found: Acquaintance = row_of(request, Acquaintance, pk, "person__unit", "owner", "partner", must_work=must_work)
    return found


def _draw(request: HttpRequest, row: Acquaintance, *, is_revealed: bool = False) -> HttpResponse:
    (shown,) = lists.shown_known([row.pk], request.user, access.today())
    context = {
        "known": shown, "page": notes.person_page(shown.person, on=access.today(), is_revealed=is_revealed),
        "may": lists.may(request.user, shown), "contacts": lists.contacts_of(shown, request.user),
        "panels": panels_of(request, "partners.Acquaintance"), "position_form": forms.PositionForm(),
    }  # fmt: skip
    return render(request, "partners/known.html", context)


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def known(request: HttpRequest, pk: object) -> HttpResponse:
    """A person known: masked contact data, consent, firms, contacts, what came of it."""
    return _draw(request, _known(request, pk))


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def known_reveal(request: HttpRequest, pk: object) -> HttpResponse:
    """Contact data in full: a sensitive view that leaves an entry."""
    row = _known(request, pk, must_work=True)
    contacts.reveal_person(person=row.person, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return _draw(request, row, is_revealed=True)


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def known_new(request: HttpRequest) -> HttpResponse:
    """Enter a person who agreed."""
    initial = {"is_home_tie": request.GET.get("tie") == "1", "partner": request.GET.get("partner", "")}
    form = forms.NewKnownForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid() and (made := attempt(request, form, knowing.know, **form.cleaned_data)):
        messages.success(request, _("The person is entered."))
        return redirect("partners:known", made.public_id)
    return draw_form(request, form, _("New person known"), reverse("partners:people"))


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def known_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a person known, or renew the consent; the form shows contact data in full, so that opening it leaves an entry too."""
    row = _known(request, pk, must_work=True)
    if request.method != "POST":
        contacts.reveal_person(person=row.person, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    initial = {name: getattr(row, name) for name in OF_KNOWN} | {name: getattr(row.person, name) for name in OF_PERSON}
    initial |= {"owner": row.owner.public_id, "partner": row.partner.public_id if row.partner else ""}
    form = forms.KnownForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid() and attempt(request, form, knowing.change, known=row, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("partners:known", pk)
    return draw_form(request, form, _("Change or renew"), reverse("partners:known", args=[pk]))


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def known_forget(request: HttpRequest, pk: object) -> HttpResponse:
    """The person takes the consent back: erased for good, at once."""
    row, form = _known(request, pk, must_work=True), forms.ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid() and attempt(request, form, knowing.withdraw_consent, known=row, **form.cleaned_data):
        messages.success(request, _("The person is erased for good."))
        return redirect("partners:people")
    title = _("Consent taken back: erase %(name)s for good") % {"name": row.person.name}
    return draw_form(request, form, title, reverse("partners:known", args=[pk]), is_final=True)


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def position_new(request: HttpRequest, pk: object) -> HttpResponse:
    """Link a person with a firm that he leads or works for."""
    row, form = _known(request, pk, must_work=True), forms.PositionForm(posted(request))
    given = {"person": row.person, **form.cleaned_data} if request.method == "POST" and form.is_valid() else {}
    if given and attempt(request, form, contacts.note_position, **given):
        messages.success(request, _("The firm is noted."))
        return redirect("partners:known", pk)
    return draw_form(request, form, _("Firm of %(name)s") % {"name": row.person.name}, reverse("partners:known", args=[pk]))


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def position_drop(request: HttpRequest, pk: object, position: object) -> HttpResponse:
    """Take back that a person works for a firm."""
    row = _known(request, pk, must_work=True)
    found = get_object_or_404(Position.objects.select_related("firm").filter(person=row.person), public_id=position)
    contacts.drop_position(position=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The firm is taken back."))
    return redirect("partners:known", pk)
