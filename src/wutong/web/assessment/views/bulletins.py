"""Bulletins: the list, one with its text and files, made of a run in one step, edited, signed, filed; the template with its preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import bulletins as actions
from wutong.web.assessment.forms import bulletins as forms
from wutong.web.assessment.models import Bulletin, BulletinTemplate
from wutong.web.assessment.queries import bulletin_papers, pages, refusals, versions
from wutong.web.assessment.queries import bulletins as queries
from wutong.web.assessment.rules import bulletins as rules
from wutong.web.assessment.views.answering import attempt, bound, get_or_post, guarded, reason_of, run_of, scheme_of
from wutong.web.lib import htmx, lists, papers, wording
from wutong.web.lib.access import require_permission

BULLETINS = (
    lists.Column("title", pgettext_lazy("bulletin", "Title"), ("title",)),
    lists.Column("number", pgettext_lazy("bulletin", "No."), ("year", "number"), "number"),
    lists.Column("on", pgettext_lazy("run", "Up to and with"), ("run__on",), "date"),
    lists.Column("state", pgettext_lazy("bulletin", "State"), ("state",)),
)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """The bulletins that a person may see."""
    form = forms.BulletinFilter(request.GET)
    found = queries.matching(request.user, **form.given())
    listing = lists.of_queryset(request.GET, found, columns=BULLETINS, default="-on", form=form)
    may_edit = request.user.may(Permission.ASSESSMENT_EDIT)  # type: ignore[union-attr]
    context = {"form": form, "list": listing, "may_edit": may_edit}
    return htmx.render(request, "assessment/bulletins.html", "assessment/_bulletins.html", context)


def _bulletin_of(request: HttpRequest, pk: UUID) -> Bulletin:
    found = Bulletin.objects.visible_to(request.user).select_related("run__scheme__unit", "unit", "template", "drafted_by", "signed_by")
    return get_object_or_404(found, public_id=pk)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Text, Word, PDF and Excel of a run, in one step."""
    found = run_of(request, pk)
    try:
        made = actions.draft(run=found, by=request.user, at=timezone.now())
    except actions.Refused as refused:
        messages.error(request, " ".join(refusals.in_words(refused.refusals)))
        return redirect("assessment:run", pk)
    except versions.Unreadable as error:
        messages.error(request, str(error))
        return redirect("assessment:run", pk)
    except wording.WordingFault as fault:
        messages.error(request, queries.fault_words(fault))
        return redirect("assessment:bulletin-template", found.scheme.public_id)
    return redirect("assessment:bulletin", made.public_id)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def bulletin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A bulletin: its text with every figure opening what stands behind it, its files, and the next step."""
    context = {"page": queries.page(request.user, _bulletin_of(request, pk))}
    return htmx.render(request, "assessment/bulletin.html", "assessment/_bulletin.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the text of a draft."""
    found = _bulletin_of(request, pk)
    if not queries.page(request.user, found).may_edit:
        raise PermissionDenied
    form = forms.BulletinTextForm(bound(request), initial={"text": found.text})
    if request.method == "POST" and form.is_valid() and attempt(request, form, actions.edit, bulletin=found, **form.cleaned_data):
        messages.success(request, _("Kept. The files are made anew."))
        return redirect("assessment:bulletin", pk)
    context = {"form": form, "bulletin": found}
    return render(request, "assessment/bulletin_edit.html", context, status=422 if form.is_bound else 200)


def _step(request: HttpRequest, pk: UUID, action: Callable[..., Any], said: str, **values: Any) -> HttpResponse:
    found = _bulletin_of(request, pk)
    try:
        action(bulletin=found, by=request.user, at=timezone.now(), **values)
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    except actions.Refused as refused:
        messages.error(request, " ".join(refusals.in_words(refused.refusals)))
    else:
        messages.success(request, said)
    return redirect("assessment:bulletin", pk)


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign it as a second person."""
    return _step(request, pk, actions.sign, _("Signed. It has its number, and its files are made anew."), reason=reason_of(request))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """File it for ever."""
    return _step(request, pk, actions.archive, _("Filed. Neither its text nor its files change any more."))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a draft up."""
    return _step(request, pk, actions.drop, _("Dropped."), reason=reason_of(request))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw one that is signed."""
    done = _("Withdrawn. Its readers see why; its number is not given again.")
    return _step(request, pk, actions.withdraw, done, reason=reason_of(request))


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def file(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """A file of a bulletin."""
    found = _bulletin_of(request, pk)
    kept = found.files.filter(form=form).first()
    if kept is None:
        raise Http404
    actions.note_download(file=kept, by=request.user, at=timezone.now())
    response = HttpResponse(bytes(kept.content), content_type=bulletin_papers.media_type(form))
    response["Content-Disposition"] = content_disposition_header(True, f"{papers.file_name(found.title)}.{form}")
    return response


# --- the template -----------------------------------------------------------------------------------------------------------------------
def _tried(request: HttpRequest, unit: Any, text: str) -> dict[str, Any]:
    """What a template would make of the newest run, or what is wrong with it."""
    run = queries.runs_for_preview(request.user, unit)
    fault = wording.fault(text)
    if fault is None and run is not None:
        try:
            made = wording.made(text, rules.given(queries.facts_of(run, by=request.user)))
        except versions.Unreadable as error:
            return {"run": run, "made": "", "faults": [str(error)]}
        except wording.WordingFault as found:
            fault = found
        else:
            return {"run": run, "made": made, "faults": refusals.in_words(rules.refusals_of_text(made))}
    return {"run": run, "made": "", "faults": [queries.fault_words(fault)] if fault else []}


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def template(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The template of a unit's bulletins, with what it makes of the newest run."""
    scheme = scheme_of(request, pk)
    if not pages.may(request.user, scheme)["may_edit"]:
        raise PermissionDenied
    last = queries.template_of(scheme.unit)
    text = last.text if last else queries.shipped()
    form = forms.BulletinTemplateForm(bound(request), initial={"text": text})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(request, form, actions.save_template, unit=scheme.unit, **form.cleaned_data)
    ):
        messages.success(request, _("Kept as a new version. Bulletins made from now on follow it."))
        return redirect("assessment:bulletin-template", pk)
    shown = form["text"].value() or ""
    older = BulletinTemplate.objects.visible_to(request.user).filter(unit=scheme.unit).select_related("by")
    context = {"form": form, "scheme": scheme, "last": last, "older": older, **_tried(request, scheme.unit, str(shown))}
    return render(request, "assessment/bulletin_template.html", context, status=422 if form.is_bound else 200)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def try_template(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the text that stands in the editor would make, without keeping it."""
    scheme = scheme_of(request, pk)
    if not pages.may(request.user, scheme)["may_edit"]:
        raise PermissionDenied
    text = str(request.POST.get("text", "")).replace("\r\n", "\n")[: wording.MOST_SOURCE + 1]
    return render(request, "assessment/_bulletin_try.html", _tried(request, scheme.unit, text))
