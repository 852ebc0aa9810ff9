"""The opportunity library: list, cards by kind, review and ageing, one packaged project, versions side by side, sheets, collections."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import queries as jobs
from wutong.web.leads.models import Lead
from wutong.web.lib import access, exchange, htmx, papers, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import collecting, telling
from wutong.web.projects.forms import opportunities as forms
from wutong.web.projects.models import Opportunity, OpportunityCollection, OpportunityVersion, Project
from wutong.web.projects.queries import opportunities, opportunity_papers
from wutong.web.projects.views.answers import get_or_post, noted
from wutong.web.projects.views.opportunity_verbs import VERBS

COLUMNS = (
    listings.Column("title", pgettext_lazy("column", "Packaged project"), ("title_zh",)),
    listings.Column("total", gettext_lazy("Total investment (10,000 yuan)"), ("total_yuan",), "number"),
    listings.Column("kind", gettext_lazy("Kind of project"), ("kind",)),
    listings.Column("place", gettext_lazy("Chain and segment"), ("chain", "segment")),
    listings.Column("state", pgettext_lazy("opportunity", "State"), ("state",)),
    listings.Column("touched", gettext_lazy("Last updated or shown"), ("touched_on",), "date"),
    listings.Column("shown", gettext_lazy("Shown (times)"), (), "number"),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    listings.Column("valid", gettext_lazy("Valid until"), ("valid_until",), "date"),
)
ON_A_SHELF = 6
FIXED = {"": {}, "review": {"which": "review", "state": "all"}, "ageing": {"which": "soon"}}


def opportunity_of(request: HttpRequest, pk: object) -> Opportunity:
    """A packaged project that the person may see."""
    found = Opportunity.objects.visible_to(request.user).select_related("unit", "owner", "project", "by")
    one: Opportunity = get_object_or_404(found, public_id=pk)
    return one


def _found(user: Any, query: Any, tab: str = "") -> tuple[Any, Any]:
    """The filter of a query string, and the packaged projects that match, as a person may see them."""
    form = forms.OpportunityFilter(query, user=user, is_fixed=bool(tab))
    return form, form.filtered(Opportunity.objects.visible_to(user), on=access.today(), **FIXED[tab])


def found_of(user: Any, query: Any) -> Any:
    """The packaged projects that a query string asks for, the newest first."""
    return _found(user, query)[1].order_by("-touched_on", "-pk")


def _frame(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    may, on = request.user.may, access.today()
    return {
        "here": here, "may_edit": may(Permission.PROJECTS_EDIT), "may_export": may(Permission.PROJECTS_EXPORT),
        "ageing_days": opportunities.ageing_days(on), **more,
    }  # fmt: skip


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunity_list(request: HttpRequest, tab: str = "") -> HttpResponse:
    """The library as a list; `tab`: what waits for a review, or what grows old."""
    on, user, default = access.today(), request.user, "touched" if tab else "-touched"
    form, found = _found(user, request.GET, tab)
    listing = listings.of_queryset(
        request.GET, found, columns=COLUMNS, default=default, form=form, read=lambda keys: opportunities.shown(keys, user, on=on)
    )
    context = _frame(request, tab or "list", form=form, list=listing)
    return htmx.render(request, "projects/opportunities.html", "projects/_opportunities.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunity_cards(request: HttpRequest) -> HttpResponse:
    """The library as cards, kind by kind."""
    on, user = access.today(), request.user
    form, found = _found(user, request.GET)
    context = _frame(
        request, "cards", form=form, shelves=opportunities.shelves(found, user, on=on, size=ON_A_SHELF),
        chips=listings.chips(form, request.GET), query=listings.query_with(request.GET, kind=None),
    )  # fmt: skip
    return htmx.render(request, "projects/opportunity_cards.html", "projects/_opportunity_cards.html", context)


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def opportunity_export(request: HttpRequest) -> HttpResponse:
    """The filtered packaged projects as a spreadsheet."""
    later = spreadsheets.later(request, "projects.opportunities", found_of(request.user, request.GET).count())
    return later or noted(request, "opportunities", exchange.at_once(request, "projects.opportunities"))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunity(request: HttpRequest, pk: object) -> HttpResponse:
    """One packaged project: what it says, what lacks, who reviewed it, to whom it was shown."""
    one = opportunity_of(request, pk)
    page = opportunities.page(one, request.user, on=access.today())
    steps = [(VERBS[code], code) for code in page.verbs]
    context = _frame(
        request, "", one=one, page=page, steps=steps[:2], further=steps[2:], languages=opportunity_papers.LANGUAGES.items(),
        retirement=opportunities.retirement_word(one),
    )  # fmt: skip
    return render(request, "projects/opportunity.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunity_version(request: HttpRequest, pk: object, number: int) -> HttpResponse:
    """A version as it stands or stood, beside what differs from the one before."""
    one = opportunity_of(request, pk)
    seen = OpportunityVersion.objects.visible_to(request.user).filter(opportunity=one)
    version = get_object_or_404(seen.select_related("by", "submitted_by", "decided_by"), number=number)
    before = request.GET.get("with", "")
    wanted = int(before) if before.isascii() and before.isdigit() and len(before) < 6 else number - 1
    other = seen.filter(number=wanted).first()
    context = {
        "one": one, "version": version, "other": other, "numbers": seen.exclude(pk=version.pk).values_list("number", flat=True),
        "rows": opportunities.differences(other, version) if other else opportunities.differences(version, version),
    }  # fmt: skip
    return render(request, "projects/opportunity_version.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunity_sheet(request: HttpRequest, pk: object, form: str) -> HttpResponse:
    """The sheet as Word or PDF, of the version that counts; that it left the house is written down."""
    one, language, at = opportunity_of(request, pk), request.GET.get("lang", "zh-hans"), timezone.now()
    if form not in papers.TYPES or language not in opportunity_papers.LANGUAGES:
        raise Http404(form)
    paper = opportunity_papers.sheet(one, opportunity_papers.current(one), language)
    try:
        response = papers.download(paper, "pdf" if form == "pdf" else "docx", at=at)
    except papers.NoChineseFont:
        messages.error(request, _("This server has no Chinese font, so that a PDF would show boxes: take Word."))
        return redirect("projects:opportunity", one.public_id)
    telling.note_sheet(opportunity=one, form=form, language=language, by=request.user, at=at)
    return response


# --- panels -----------------------------------------------------------------------------------------------------------------------------
def _panel(request: HttpRequest, title: str, empty: str, **rows: Any) -> HttpResponse:
    context = {"title": title, "empty": empty, "may_edit": request.user.may(Permission.PROJECTS_EDIT), **rows}
    return htmx.render(request, "projects/opportunities_of.html", "projects/_opportunities_of.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunities_of_segment(request: HttpRequest, chain: str, segment: str) -> HttpResponse:
    """What is packaged of a segment, and the button that packages its gap: a panel of the segment's page."""
    rows = opportunities.of_segment(request.user, chain[:60], segment[:60])
    empty = _("Nothing is packaged of this segment yet.")
    return _panel(request, _("Packaged projects of this segment"), empty, rows=rows, chain=chain, segment=segment, asked=request.GET)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunities_of_lead(request: HttpRequest, pk: object) -> HttpResponse:
    """Which packaged project a lead came of, and which it was shown: a panel of its page."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=pk)
    return _panel(request, _("Packaged projects"), _("It was shown none yet."), showings=opportunities.of_lead(request.user, lead))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunities_of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Which packaged projects a firm was shown: a panel of its page."""
    if "\x00" in firm_id:
        raise Http404
    return _panel(request, _("Packaged projects shown"), _("It was shown none yet."), showings=opportunities.of_firm(request.user, firm_id))


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def opportunities_of_project(request: HttpRequest, pk: object) -> HttpResponse:
    """As what a project was packaged before it landed: a panel of its page."""
    project = get_object_or_404(Project.objects.visible_to(request.user), public_id=pk)
    rows = opportunities.of_project(request.user, project)
    return _panel(request, _("Packaged before as"), _("It does not come from the opportunity library."), rows=rows)


# --- collections ------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.PROJECTS_EXPORT)
def collections(request: HttpRequest) -> HttpResponse:
    """One's own collections; ticked packaged projects become one."""
    is_asked = request.method == "POST" and "title" in request.POST
    data = request.POST if request.method == "POST" else None
    form = forms.CollectionForm(data if is_asked else None, user=request.user)
    if is_asked and form.is_valid():
        made = collecting.ask(**form.values(), by=request.user, at=timezone.now())
        return redirect("projects:opportunity-collection", made.public_id)
    keys = data.getlist("one") if data is not None else []
    chosen = opportunity_papers.chosen(request.user, [key for key in keys if _is_key(key)])
    rows = OpportunityCollection.objects.visible_to(request.user).select_related("job")[:50]
    context = _frame(request, "collections", form=form, chosen=[one for one, _version in chosen], rows=rows, on=access.today())
    return render(request, "projects/opportunity_collections.html", context, status=422 if is_asked else 200)


def _is_key(text: str) -> bool:
    return len(text) == 36 and all(sign in "0123456789abcdef-" for sign in text.lower())


def _collection(request: HttpRequest, pk: object) -> OpportunityCollection:
    return get_object_or_404(OpportunityCollection.objects.visible_to(request.user).select_related("job"), public_id=pk)


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def collection(request: HttpRequest, pk: object) -> HttpResponse:
    """How far a collection is, or its file."""
    found = _collection(request, pk)
    progress = jobs.progress(found.job, request.user) if found.job else None
    is_running = found.ready_at is None and progress is not None and not progress.has_ended
    context = {"collection": found, "progress": progress, "is_running": is_running}
    return htmx.render(request, "projects/opportunity_collection.html", "projects/_opportunity_collection.html", context)


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def collection_file(request: HttpRequest, pk: object) -> FileResponse:
    """The file; the download is written down."""
    found = _collection(request, pk)
    if found.ready_at is None or not found.path.exists():
        raise Http404(pk)
    telling.note_collection(collection=found, by=request.user, at=timezone.now())
    name = f"{papers.file_name(found.title)}.{found.form}"
    return FileResponse(found.path.open("rb"), as_attachment=True, filename=name, content_type=papers.TYPES[found.form])
