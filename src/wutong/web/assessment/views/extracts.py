"""Extracts of results for appointments: of whom and which years, the page, and the paper."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import refusing
from wutong.web.assessment.forms import extracts as forms
from wutong.web.assessment.queries import extracts as queries
from wutong.web.assessment.views.answering import guarded
from wutong.web.lib import access, papers
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.ASSESSMENT_EDIT)
def extract(request: HttpRequest) -> HttpResponse:
    """Choose of whom and which years; the extract stands below."""
    form = forms.ExtractForm(request.GET or None, subjects=queries.subjects(request.user), year=access.today().year)
    asked = form.asked()
    found = queries.extract(request.user, **asked) if asked else None
    may_export = request.user.may(Permission.ASSESSMENT_EXPORT)  # type: ignore[union-attr]
    context = {"form": form, "found": found, "signatures": queries.signatures(), "may_export": may_export}
    return render(request, "assessment/extract.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def paper(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """The extract as Word or PDF; that it left the house is recorded."""
    years = forms.YearsForm(request.GET, year=access.today().year).years()
    found = queries.extract(request.user, pk, **years)
    if found is None or form not in papers.TYPES:
        raise Http404
    filters = {"of": str(pk), "form": form, **years}
    made = queries.paper(found, by=request.user, on=access.today())
    refusing.note_export(what="assessment.extract", by=request.user, at=timezone.now(), filters=filters, rows=len(found.lines))
    try:
        return papers.download(made, form, at=timezone.now())  # type: ignore[arg-type]
    except papers.NoChineseFont:
        messages.error(request, _("This server has no Chinese font, so that a PDF would show boxes: take Word."))
        return redirect("assessment:extract")
