"""Pages of firms: search, profile, followed firms, notes of a firm, two firms side by side, lists that give tags."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms import forms, sheets
from wutong.web.firms.actions import adoption, contacts, honours, remarks
from wutong.web.firms.forms import DecisionForm, ListForm, ReviewForm, SearchForm
from wutong.web.firms.models import FirmList, FirmName, Person, Relation, TagDoubt, YearlyFigure
from wutong.web.firms.queries import comparison, hits, mergers, notes, profile, search, standing, tags
from wutong.web.firms.rules import Refusal
from wutong.web.lib import access, hooks, htmx, lists, marks, spreadsheets
from wutong.web.lib.access import require_permission

NAME = lists.Column("name", gettext_lazy("Firm"), ("name",))
CAPITAL = lists.Column("capital", gettext_lazy("Capital (10,000 yuan)"), ("capital",), "number")
PLACE = lists.Column("place", gettext_lazy("Place"), ("place",))
DISTANCE = lists.Column("distance", gettext_lazy("Distance (km)"), ("distance",), "number")
REGISTERED = lists.Column("registered", gettext_lazy("Registered on"), ("registered",), "date")
EVIDENCE = lists.Column("evidence", gettext_lazy("What proves it"))
CODE = lists.Column("code", gettext_lazy("Credit code"))
FOLLOWED = (
    lists.Column("name", gettext_lazy("Firm"), ("firm__name",)),
    lists.Column("code", gettext_lazy("Credit code"), ("firm__uscc",)),
    lists.Column("since", gettext_lazy("Followed since"), ("followed_at",), "date"),
)
BEST = lists.Column("best", "", ("best",))
FIGURES = (
    lists.Column("year", gettext_lazy("Year"), ("year", "measure"), "number"),
    lists.Column("measure", gettext_lazy("Measure"), ("measure", "-year")),
    lists.Column("value", gettext_lazy("Value"), (), "number"),
    lists.Column("source", gettext_lazy("Where it stands"), ("source",)),
    lists.Column("unit", gettext_lazy("Noted by unit"), ("unit__name_zh",)),
    lists.Column("noted", gettext_lazy("Noted at"), ("noted_at",), "date"),
)
REFUSALS = {
    Refusal.NO_SOURCE: gettext_lazy("Say where it stands: without a source nobody can check it."),
    Refusal.CONSENT_IN_FUTURE: gettext_lazy("The day of the consent has not come yet."),
    Refusal.RETENTION_PAST: gettext_lazy("The end of keeping is past: choose a later day, or erase the person."),
    Refusal.RETENTION_TOO_LONG: gettext_lazy("That is longer than the rulebook allows at a time; choose an earlier day and renew it then."),
    Refusal.UNKNOWN_MEASURE: gettext_lazy("The rulebook has no such measure."),
    Refusal.YEAR_OUT_OF_RANGE: gettext_lazy("The year lies in the future or before 1949."),
    Refusal.NEGATIVE: gettext_lazy("The value cannot be below zero."),
    Refusal.TOO_LARGE: gettext_lazy("The value is larger than this measure can be."),
    Refusal.NOT_WHOLE: gettext_lazy("This measure counts: give a whole number."),
    Refusal.SAME_FIRM: gettext_lazy("A firm has no relation to itself: name another firm."),
    Refusal.ENDS_BEFORE_START: gettext_lazy("The end must be later than the beginning."),
}
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
LISTS = (
    lists.Column("list", gettext_lazy("List"), ("name",)),
    lists.Column("tagged", gettext_lazy("Firms tagged"), ("tagged",), "number"),
    lists.Column("tag", gettext_lazy("Tag"), ("tag",)),
    lists.Column("as_of", gettext_lazy("Day of the list"), ("as_of",), "date"),
    lists.Column("ends", gettext_lazy("In force until"), ("ends_on",), "date"),
    lists.Column("rows", gettext_lazy("Rows"), ("rows",), "number"),
    lists.Column("waiting", gettext_lazy("Waiting for review"), ("waiting",), "number"),
    lists.Column("absent", gettext_lazy("Rows not found"), ("absent",), "number"),
    lists.Column("imported", gettext_lazy("Imported"), ("imported_at",), "date"),
)
TAGGED = (
    lists.Column("firm", gettext_lazy("Firm"), ("firm__name",)),
    lists.Column("rank", gettext_lazy("Place on the list"), ("rank",), "number"),
    lists.Column("given", gettext_lazy("As the list writes it"), ("given",)),
    lists.Column("by", gettext_lazy("Recognised by"), ("by",)),
    lists.Column("confidence", gettext_lazy("Confidence (%)"), ("confidence_share",), "number"),
)
DOUBTS = (
    lists.Column("best", gettext_lazy("Confidence (%)"), ("best_share",), "number"),
    lists.Column("row", gettext_lazy("Row"), ("row",)),
)
DOUBTS_A_PAGE = 20
NAMES_OFFERED = 8


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A region that nobody knows becomes a page that offers near ones; a firm that is not in the build, a 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except standing.UnknownRegion as unknown:
            context = {"unknown": unknown, "choices": standing.near_choices(unknown), "target": "results"}
            return htmx.render(request, "firms/no_region.html", "firms/_no_region.html", context, status=400)
        except (standing.UnknownFirm, adoption.UnknownFirm) as unknown:
            raise Http404 from unknown
        except adoption.NotAllowed as refused:
            raise PermissionDenied from refused

    return guarded


def _attempt(form: Form, action: Callable[..., Any], **values: Any) -> Any:
    """Run an action; what the rules refuse becomes an error of the form, and None comes back."""
    try:
        return action(**values)
    except remarks.Refused as refused:
        for refusal in refused.refusals:
            form.add_error(None, REFUSALS[refusal])
    return None


def _posted(request: HttpRequest) -> Any:
    """What was sent; None where nothing was, so that an empty form is told what it lacks."""
    return request.POST if request.method == "POST" else None


def _draw_form(request: HttpRequest, form: Form, title: str, back: str) -> HttpResponse:
    return render(request, "firms/form.html", {"form": form, "title": title, "back": back}, status=422 if form.is_bound else 200)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
@answered
def firm_list(request: HttpRequest) -> HttpResponse:
    """Search: one box and filters; sorts, pages."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return htmx.render(request, "firms/no_region.html", "firms/_no_region.html", {"form": form, "target": "results"}, status=400)
    sort = request.GET.get("sort", "").strip() if request.GET.get("sort", "").removeprefix("-") in search.SORTS else ""
    number = lists.Page.of(request.GET, 10**9, search.PAGE_SIZE).number
    found = search.search(form.asked(), sort=sort, page=number)
    context = {
        "form": form, "list": _listing(request, form, found), "found": found, "registry": standing.registry_here(),
        "role": form.asked().role, "radius_choices": standing.radii_km(), "radius_km": form.asked().radius_km,
        "may_export": request.user.may(Permission.FIRMS_EXPORT),  # type: ignore[union-attr]
        "marks": marks.marks_of(request.user, [row.firm_id for row in found.rows], timezone.now()),
    }  # fmt: skip
    return htmx.render(request, "firms/list.html", "firms/_table.html", context)


def _listing(request: HttpRequest, form: SearchForm, found: search.FirmsFound) -> lists.Listing:
    last = EVIDENCE if found.product else CODE
    columns = [NAME, CAPITAL, PLACE, *([DISTANCE] if found.near and found.product else []), REGISTERED, last, BEST]
    if not found.is_sortable:
        columns = [lists.Column(column.key, column.label, ("best",) if column is BEST else (), column.kind) for column in columns]
    listing = lists.of_rows(request.GET, found.rows, columns=columns, total=found.total, default="best", form=form)
    return lists.Listing(listing.rows, listing.columns[:-1], listing.page, listing.chips, listing.query, listing.has_filters)


def all_found(query: Any) -> search.FirmsFound:
    """Every firm that a query string asks for, however many, for an export in the background. Raises: JobFault."""
    form = SearchForm(query)
    if not form.is_valid():
        raise hooks.JobFault("; ".join(" ".join(errors) for errors in form.errors.values()))
    return search.search(form.asked(), page=None, most=search.EVERY)


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
@answered
def export(request: HttpRequest) -> HttpResponse:
    """The firms found as a spreadsheet; the export is an entry of the audit chain."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "firms/no_region.html", {"form": form}, status=400)
    if later := spreadsheets.later(request, "firms.list", search.search(form.asked(), size=1).total):
        return later
    found = search.search(form.asked(), page=None)
    response: Any = spreadsheets.download(_("Firms"), sheets.COLUMNS, sheets.rows(found), notes=sheets.notes(found))
    adoption.note_export(what="firms.list", by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)  # type: ignore[arg-type]
    return response  # type: ignore[no-any-return]


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def region_options(request: HttpRequest) -> HttpResponse:
    """Regions that fit what somebody is typing, as options of the box."""
    text = next(
        (request.GET[name] for name in ("region", "near", "wanted_place", "origin_place", "site_place") if request.GET.get(name)), ""
    )
    return render(request, "firms/_regions.html", {"choices": standing.regions(text[:60])})


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def name_options(request: HttpRequest) -> HttpResponse:
    """Firms of the registry that fit what somebody is typing, as options of the box; each box calls what is typed by its own name."""
    text = next((request.GET[name] for name in ("with", "a", "b", "other", "name", "firm") if request.GET.get(name)), "")
    return render(request, "firms/_firm_names.html", {"hits": hits.in_registry(request.user, text[:60], 0, NAMES_OFFERED).rows})


@require_GET
@require_permission(Permission.FIRMS_VIEW)
@answered
def detail(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The profile of a firm."""
    page = profile.profile(firm_id)
    panels = [panel for panel in hooks.collect("PANELS") if panel.on == "firms.Firm" and request.user.may(panel.permission)]  # type: ignore[union-attr]
    context = {
        "page": page, "firm": page.firm, "panels": panels, "is_followed": profile.is_followed(request.user, page.firm.firm_id),
        "notes": notes.notes(page.firm, request.user, on=access.today()),
        "may_edit": request.user.may(Permission.FIRMS_EDIT),  # type: ignore[union-attr]
        "may_merge": request.user.may(Permission.FIRMS_MERGE), "mergers": mergers.of_firm(request.user, page.firm.firm_id),  # type: ignore[union-attr]
        "badges": tags.badges(request.user, page.firm.firm_id, access.today()),
    }  # fmt: skip
    return render(request, "firms/detail.html", context)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def followed(request: HttpRequest) -> HttpResponse:
    """The firms that the person follows."""
    listing = lists.of_queryset(request.GET, profile.follows(request.user), columns=FOLLOWED, default="-since")
    return render(request, "firms/followed.html", {"follows": listing.rows, "list": listing})


@require_POST
@require_permission(Permission.FIRMS_VIEW)
@answered
def follow(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Follow a firm."""
    mark = adoption.follow(firm_id=firm_id, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%(firm)s is followed now.") % {"firm": mark.firm.name})
    return redirect(_back(request, mark.firm.firm_id))


@require_POST
@require_permission(Permission.FIRMS_VIEW)
@answered
def unfollow(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Stop following a firm; the list offers to follow it again."""
    if adoption.unfollow(firm_id=firm_id, by=request.user, at=timezone.now()):  # type: ignore[arg-type]
        messages.success(request, _("The firm is no longer followed; Follow on its page undoes this."))
    return redirect(_back(request, firm_id))


def _back(request: HttpRequest, firm_id: str) -> Any:
    return "firms:followed" if request.POST.get("next") == "followed" else standing.address_of(firm_id)


# --- what the office itself knows of a firm -------------------------------------------------------------------------------------------
def _noted(request: HttpRequest, firm_id: str, form: Form, action: Callable[..., Any], title: str, **values: Any) -> HttpResponse:
    """Draw the form of a note about a firm, or write it and go back to the firm's page."""
    firm = profile.profile(firm_id).firm
    back = standing.address_of(firm.firm_id)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name not in values}
        if _attempt(form, action, firm_id=firm.firm_id, by=request.user, at=timezone.now(), **given, **values) is not None:
            messages.success(request, _("Saved."))
            return redirect(back)
    return _draw_form(request, form, f"{title} · {firm.name}", back)


@get_or_post
@require_permission(Permission.FIRMS_EDIT)
@answered
def name_new(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Note a former or short name."""
    return _noted(request, firm_id, forms.NameForm(_posted(request)), remarks.note_name, _("Further name"))


@get_or_post
@require_permission(Permission.FIRMS_EDIT)
@answered
def relation_new(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Note how the firm belongs to another."""
    form = forms.RelationForm(_posted(request), initial={"known_on": access.today()})
    values = {"other_id": form.cleaned_data.pop("other")} if form.is_bound and form.is_valid() else {}
    return _noted(request, firm_id, form, remarks.note_relation, _("Relation"), **values)


@get_or_post
@require_permission(Permission.FIRMS_EDIT)
@answered
def figure_new(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Note a yearly figure."""
    form = forms.FigureForm(_posted(request), initial={"year": access.today().year - 1})
    values = {"value": form.kept()} if form.is_bound and form.is_valid() else {}
    return _noted(request, firm_id, form, remarks.note_figure, _("Yearly figure"), on=access.today(), **values)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
@answered
def figures(request: HttpRequest, firm_id: str) -> HttpResponse:
    """All yearly figures of a firm, with their sources."""
    firm = profile.profile(firm_id).firm
    listing = lists.of_queryset(request.GET, notes.figures_list(firm.firm_id, request.user), columns=FIGURES, default="-year")
    rows = [notes.line_of(row, request.user) for row in listing.rows]
    context = {"firm": firm, "list": listing, "rows": rows, "may_edit": request.user.may(Permission.FIRMS_EDIT)}  # type: ignore[union-attr]
    return render(request, "firms/figures.html", context)


def _dropped(request: HttpRequest, row: Any, firm_id: str, action: Callable[..., Any], name: str) -> HttpResponse:
    """Take a note back and say so."""
    action(**{name: row}, by=request.user, at=timezone.now())
    messages.success(request, _("Taken back. The audit trail keeps what it said."))
    return redirect(standing.address_of(firm_id))


@require_POST
@require_permission(Permission.FIRMS_EDIT)
@answered
def name_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a further name back."""
    row = get_object_or_404(FirmName.objects.visible_to(request.user).select_related("firm", "unit"), public_id=pk)
    return _dropped(request, row, row.firm.firm_id, remarks.drop_name, "name")


@require_POST
@require_permission(Permission.FIRMS_EDIT)
@answered
def relation_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a relation back."""
    row = get_object_or_404(Relation.objects.visible_to(request.user).select_related("firm", "other", "unit"), public_id=pk)
    return _dropped(request, row, row.firm.firm_id, remarks.drop_relation, "relation")


@require_POST
@require_permission(Permission.FIRMS_EDIT)
@answered
def figure_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a yearly figure back."""
    row = get_object_or_404(YearlyFigure.objects.visible_to(request.user).select_related("firm", "unit"), public_id=pk)
    return _dropped(request, row, row.firm.firm_id, remarks.drop_figure, "figure")


# --- people ---------------------------------------------------------------------------------------------------------------------------
def _person(request: HttpRequest, pk: object) -> Person:
    return get_object_or_404(Person.objects.visible_to(request.user).select_related("unit", "noted_by"), public_id=pk)


@get_or_post
@require_permission(Permission.FIRMS_EDIT)
@answered
def person_new(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Note a person at the firm."""
    today = access.today()
    initial = {"consented_on": today, "retain_until": notes.retained_until(today)}
    form = forms.PersonForm(_posted(request), initial=initial)
    return _noted(request, firm_id, form, contacts.note_person, _("Person at the firm"), on=today)


@require_GET
@require_permission(Permission.FIRMS_EDIT)
def person(request: HttpRequest, pk: object) -> HttpResponse:
    """A person: masked contact data, why and until when it is kept, the firms."""
    row = _person(request, pk)
    return render(request, "firms/person.html", {"person": row, "page": notes.person_page(row, on=access.today())})


@require_POST
@require_permission(Permission.FIRMS_EDIT)
@answered
def person_reveal(request: HttpRequest, pk: object) -> HttpResponse:
    """Show telephone and e-mail in full; leaves an entry."""
    row = contacts.reveal_person(person=_person(request, pk), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return render(request, "firms/person.html", {"person": row, "page": notes.person_page(row, on=access.today(), is_revealed=True)})


@get_or_post
@require_permission(Permission.FIRMS_EDIT)
@answered
def person_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Correct a person's data, or keep it for longer; the form shows contact data in full, so that opening it leaves an entry too."""
    row = _person(request, pk)
    if request.method != "POST":
        contacts.reveal_person(person=row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    position = row.positions.first()
    form = forms.PersonForm(_posted(request), instance=row, initial={"title": position.title if position else ""})
    if request.method == "POST" and form.is_valid():
        stored = _person(request, pk)
        if _attempt(
            form, contacts.change_person, person=stored, by=request.user, at=timezone.now(), on=access.today(), **form.cleaned_data
        ):
            messages.success(request, _("Saved."))
            return redirect("firms:person", pk)
    return _draw_form(request, form, _("Change the contact"), reverse("firms:person", args=[pk]))


@get_or_post
@require_permission(Permission.FIRMS_EDIT)
@answered
def person_erase(request: HttpRequest, pk: object) -> HttpResponse:
    """Erase a person for good."""
    row = _person(request, pk)
    form = forms.EraseForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        contacts.erase_person(person=row, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Erased. Only that there was a row remains."))
        return redirect("firms:list")
    return _draw_form(request, form, _("Erase %(name)s for good") % {"name": row.name}, reverse("firms:person", args=[pk]))


# --- two firms ------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.FIRMS_VIEW)
def compare(request: HttpRequest) -> HttpResponse:
    """Two firms side by side; each by id, code or full name."""
    form = forms.CompareForm(request.GET)
    form.is_valid()
    asked = [form.cleaned_data.get(name, "") for name in ("a", "b")]
    ids = [standing.firm_id_of(text) for text in asked]
    found = comparison.compare(ids[0], ids[1], request.user) if all(ids) else None
    unknown = [text for text, firm_id in zip(asked, ids, strict=True) if text and not firm_id]
    context = {"asked": asked, "found": found, "unknown": unknown, "may_export": request.user.may(Permission.FIRMS_EXPORT)}  # type: ignore[union-attr]
    return render(request, "firms/compare.html", context, status=404 if unknown else 200)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def tag_list(request: HttpRequest) -> HttpResponse:
    """Every tag with its count, and the lists that were imported; filters by tag."""
    form = ListForm(request.GET)
    chosen = form.cleaned_data["tag"] if form.is_valid() else ""
    found = tags.lists_of(request.user, chosen)
    listing = lists.of_queryset(request.GET, found, columns=LISTS, default="-as_of", form=form)
    context = {
        "form": form, "list": listing, "overview": tags.overview(request.user, access.today()),
        "may_tag": request.user.may(Permission.FIRMS_TAG), "waiting": tags.waiting_rows(request.user),  # type: ignore[union-attr]
        "may_export": request.user.may(Permission.FIRMS_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "firms/tags.html", "firms/_lists.html", context)


def _list(request: HttpRequest, pk: object) -> FirmList:
    return get_object_or_404(tags.lists_of(request.user), public_id=pk)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def list_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """One list: where it comes from, the firms that bear its tag, what waits and what was not found."""
    edition = _list(request, pk)
    listing = lists.of_queryset(request.GET, tags.tagged(request.user, edition), columns=TAGGED, default="rank")
    may = request.user.may  # type: ignore[union-attr]
    context = {
        "edition": edition, "list": listing, "ways": tags.WAYS, "tag_name": tags.tag_name(edition.tag),
        "may_tag": may(Permission.FIRMS_TAG), "may_export": may(Permission.FIRMS_EXPORT),
    }  # fmt: skip
    return htmx.render(request, "firms/tag_list.html", "firms/_tagged.html", context)


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
def list_export(request: HttpRequest, pk: object) -> HttpResponse:
    """Every row of a list with what became of it, as a spreadsheet."""
    edition = _list(request, pk)
    rows = sheets.list_rows(tags.tagged(request.user, edition), edition.doubts.order_by("row"))
    notes = (f"{edition.name} {edition.as_of}", edition.source, f"{edition.file_name} {edition.file_sha256}")
    response: Any = spreadsheets.download(edition.name, sheets.LIST_COLUMNS, rows, notes=notes)
    adoption.note_export(what="firms.tags", by=request.user, at=timezone.now(), filters={"list": str(pk)}, rows=response.row_count)  # type: ignore[arg-type]
    return response  # type: ignore[no-any-return]


def _changed(request: HttpRequest, pk: object, action: Callable[..., Any], word: Any) -> HttpResponse:
    """Take a list back or restore it, and say so; a refusal is said too."""
    edition = _list(request, pk)
    try:
        action(firm_list=edition, by=request.user, at=timezone.now())
        messages.success(request, word % {"list": edition})
    except honours.ListRefused as refused:
        messages.error(request, tags.REFUSALS[refused.code])
    return redirect("firms:tag-list", pk=pk)


@require_POST
@require_permission(Permission.FIRMS_TAG)
def list_revoke(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a whole import back."""
    return _changed(request, pk, honours.revoke_list, _("%(list)s was taken back: its firms no longer bear the tag. Restore undoes this."))


@require_POST
@require_permission(Permission.FIRMS_TAG)
def list_restore(request: HttpRequest, pk: object) -> HttpResponse:
    """Undo taking an import back."""
    return _changed(request, pk, honours.restore_list, _("%(list)s counts again."))


@require_GET
@require_permission(Permission.FIRMS_TAG)
def review(request: HttpRequest) -> HttpResponse:
    """Doubtful rows of lists, each with its candidates side by side."""
    form = ReviewForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    state = asked.get("state") or "open"
    found = tags.doubts(request.user, tag=asked.get("tag", ""), list_id=str(asked.get("list") or ""), state=state)
    listing = lists.of_queryset(request.GET, found, columns=DOUBTS, default="-best", form=form, size=DOUBTS_A_PAGE)
    context = {
        "form": form, "list": listing, "state": state, "query": request.GET.urlencode(), "ways": tags.WAYS,
        "may_export": request.user.may(Permission.FIRMS_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "firms/review.html", "firms/_doubts.html", context)


def _doubt(request: HttpRequest, pk: object) -> TagDoubt:
    return get_object_or_404(TagDoubt.objects.visible_to(request.user), public_id=pk)


def _to_review(request: HttpRequest) -> HttpResponse:
    query = request.POST.get("query", "")
    return redirect(f"{reverse('firms:review')}{'?' + query if query else ''}")


@require_POST
@require_permission(Permission.FIRMS_TAG)
@answered
def decide(request: HttpRequest, pk: object) -> HttpResponse:
    """Say which firm a doubtful row means, or that none is."""
    doubt, form = _doubt(request, pk), DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        return _to_review(request)
    try:
        honours.decide_doubt(doubt=doubt, firm_id=form.cleaned_data["firm_id"], by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("%(row)s is decided; “decided” shows it, and undoes it.") % {"row": doubt.text})
    except honours.ListRefused as refused:
        messages.error(request, tags.REFUSALS[refused.code])
    return _to_review(request)


@require_POST
@require_permission(Permission.FIRMS_TAG)
@answered
def reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Undo a decision about a doubtful row."""
    doubt = honours.reopen_doubt(doubt=_doubt(request, pk), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%(row)s waits for a decision again.") % {"row": doubt.text})
    return _to_review(request)
