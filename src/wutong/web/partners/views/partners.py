"""Pages of partners: the list, one of them, entered, changed, laid to rest; contacts; what is known of a firm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, hooks, htmx
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.partners import forms
from wutong.web.partners.actions import keeping
from wutong.web.partners.models import Acquaintance, Contact, Partner
from wutong.web.partners.queries import lists, places
from wutong.web.partners.views.answers import answered, attempt, draw_form, exported, get_or_post, posted, row_of

COLUMNS = (
    listings.Column("name", pgettext_lazy("partner", "Name"), ("name",)),
    listings.Column("kind", pgettext_lazy("partner", "Kind"), ("kind", "name")),
    listings.Column("place", pgettext_lazy("partner", "Place"), ("adcode",)),
    listings.Column("last", gettext_lazy("Last contact"), ("last_contact_on",), "date"),
    listings.Column("agreement", gettext_lazy("Agreement until"), ("agreement_until",), "date"),
    listings.Column("people", gettext_lazy("People known"), (), "number"),
    listings.Column("fruit", gettext_lazy("What came of it"), (), "number"),
    listings.Column("owner", gettext_lazy("Looked after by"), ("owner__display_name",)),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
)
FIELDS = ("kind", "name", "adcode", "since_on", "agreement_title", "agreement_signed_on", "agreement_until", "note")


def found_partners(user: Any, query: Any) -> Any:
    """The partners that a query string asks for, by name."""
    return forms.PartnerFilter(query, user=user).filtered(lists.partners(user)).order_by("name", "pk")


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def partner_list(request: HttpRequest) -> HttpResponse:
    """Partners: filter, sort, page."""
    form = forms.PartnerFilter(request.GET, user=request.user)
    listing = listings.of_queryset(request.GET, form.filtered(lists.partners(request.user)), columns=COLUMNS, default="name", form=form)
    lists.shown_partners(listing.rows, request.user, access.today())  # type: ignore[arg-type]
    context = {"form": form, "list": listing, **_may(request)}
    return htmx.render(request, "partners/list.html", "partners/_partners.html", context)


def _may(request: HttpRequest) -> dict[str, bool]:
    user: Any = request.user
    return {"may_edit": user.may(Permission.PARTNERS_EDIT), "may_export": user.may(Permission.PARTNERS_EXPORT)}


@require_GET
@require_permission(Permission.PARTNERS_EXPORT)
def partner_export(request: HttpRequest) -> HttpResponse:
    """The filtered partners as a spreadsheet."""
    return exported(request, "partners.list", found_partners(request.user, request.GET).count())


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def partner(request: HttpRequest, pk: object) -> HttpResponse:
    """One partner: what it is, its people, contacts with it, what came of it."""
    found = row_of(request, Partner, pk, "unit", "owner", "firm", "office", "account__unit")
    lists.shown_partners([found], request.user, access.today())
    members = lists.known(request.user).filter(partner=found).values_list("pk", flat=True).order_by("person__name")[:100]
    context = {
        "partner": found, "may": lists.may(request.user, found), "contacts": lists.contacts_of(found, request.user),
        "members": lists.shown_known(list(members), request.user, access.today()), "state_form": forms.StateForm(),
        "panels": panels_of(request, "partners.Partner"),
    }  # fmt: skip
    return render_page(request, "partners/partner.html", context)


def panels_of(request: HttpRequest, label: str) -> list[hooks.Panel]:
    """What rooms above show on pages of a record."""
    found = [one for one in hooks.collect("PANELS") if one.on == label and request.user.may(one.permission)]  # type: ignore[union-attr]
    return sorted(found, key=lambda one: one.order)


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def partner_new(request: HttpRequest) -> HttpResponse:
    """Enter a partner."""
    form = forms.PartnerForm(posted(request), user=request.user)
    if request.method == "POST" and form.is_valid() and (made := attempt(request, form, keeping.make, **form.cleaned_data)):
        messages.success(request, _("The partner is entered."))
        return redirect("partners:partner", made.public_id)
    return draw_form(request, form, _("New partner"), reverse("partners:list"))


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def partner_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a partner; its unit stays."""
    found = row_of(request, Partner, pk, "unit", "owner", "firm", "office", "account", must_work=True)
    initial = {name: getattr(found, name) for name in FIELDS} | {"owner": found.owner.public_id}
    initial |= {"firm_id": lists.named_firm(found.firm), "office": found.office.public_id if found.office else None}
    initial |= {"account": found.account.public_id if found.account else None}
    form = forms.PartnerForm(posted(request), user=request.user, office=found.office, account=found.account, initial=initial)
    del form.fields["unit"]
    if request.method == "POST" and form.is_valid() and attempt(request, form, keeping.change, partner=found, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("partners:partner", pk)
    return draw_form(request, form, _("Change the partner"), reverse("partners:partner", args=[pk]))


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def partner_state(request: HttpRequest, pk: object) -> HttpResponse:
    """Call a partner active, dormant or ended."""
    found, form = row_of(request, Partner, pk, "unit", must_work=True), forms.StateForm(request.POST)
    if form.is_valid() and attempt(request, None, keeping.set_state, partner=found, **form.cleaned_data):
        messages.success(request, _("Saved."))
    elif not form.is_valid():
        messages.error(request, _("Choose a state and write the reason in at most 300 characters."))
    return redirect("partners:partner", pk)


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def contact_new(request: HttpRequest, pk: object, on: str = "partner") -> HttpResponse:
    """Note a contact with a partner, or with a person known."""
    is_partner = on == "partner"
    model, way = (Partner, "partners:partner") if is_partner else (Acquaintance, "partners:known")
    found: Any = row_of(request, model, pk, "unit" if is_partner else "person__unit", must_work=True)
    form, back = forms.ContactForm(posted(request)), reverse(way, args=[pk])
    if request.method == "POST" and form.is_valid():
        whom = {"partner" if is_partner else "acquaintance": found}
        if attempt(request, form, keeping.note_contact, **whom, **form.cleaned_data):
            messages.success(request, _("The contact is noted."))
            return redirect(back)
    return draw_form(request, form, _("Contact with %(whom)s") % {"whom": found}, back)


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def contact_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take back a contact that was noted by mistake."""
    seen = Contact.objects.visible_to(request.user).select_related("partner__unit", "acquaintance__person__unit")
    found = get_object_or_404(seen, public_id=pk)
    if attempt(request, None, keeping.drop_contact, contact=found):
        messages.success(request, _("The contact is taken back."))
    if found.partner is not None:
        return redirect("partners:partner", found.partner.public_id)
    return redirect("partners:known", found.acquaintance.public_id)  # type: ignore[union-attr]


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """What this room knows of a firm: a panel of its page, and a page of its own."""
    if "\x00" in firm_id:
        raise Http404
    user: Any = request.user
    context = {"found": lists.of_firm(user, firm_id), "firm_id": firm_id, "may_edit": user.may(Permission.PARTNERS_EDIT)}
    return htmx.render(request, "partners/of_firm.html", "partners/_of_firm.html", context)


def place_name(adcode: str) -> str:
    """A place in words, for the sheets."""
    return places.name_of(adcode)
