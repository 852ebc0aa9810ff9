"""Agreements, offers and promises of a project: their page, one agreement, and the form of each verb."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import files as file_actions
from wutong.web.journal.queries import files
from wutong.web.lib import access, htmx
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import paper_files
from wutong.web.projects.forms import papers as forms
from wutong.web.projects.models import Agreement, Commitment, CommitmentMark, Offer, OpinionAsk, Project
from wutong.web.projects.queries import agreements, offering, paper_may, paper_pages
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.views.answers import answered, attempt, get_or_post, project_of
from wutong.web.projects.views.paper_verbs import (
    AGREEMENT_VERBS,
    NEW_VERBS,
    OFFER_VERBS,
    PROMISE_VERBS,
    TAKE_ASK_BACK,
    TAKE_MARK_BACK,
    PaperVerb,
)


def _papers_of(project: Project) -> str:
    return reverse("projects:papers-of", args=[project.public_id])


def _page_of(agreement: Agreement) -> str:
    return reverse("projects:agreement", args=[agreement.public_id])


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _to(request: HttpRequest, address: str, *, is_new: bool = True) -> HttpResponse:
    """On to a page; the draft that the browser kept is over. Sent twice, it was done once."""
    key = request.POST.get("key", "")[:36]
    said = _("Saved.") if is_new else _("This was done already.")
    messages.success(request, said, extra_tags=f"draft-{key}" if key else "")
    return redirect(address)


# --- pages ------------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def papers_of(request: HttpRequest, pk: object) -> HttpResponse:
    """The agreements, offers and promises of a project; a panel of its page and a page of its own."""
    project = project_of(request, pk)
    context = {"project": project, "page": paper_pages.of_project(request.user, project, access.today())}
    return htmx.render(request, "projects/papers_of.html", "projects/_papers_of.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def agreement(request: HttpRequest, pk: object) -> HttpResponse:
    """One agreement: what comes next, what the signing asks for, versions, opinions, decisions, offers, promises."""
    found = _agreement_of(request, pk)
    page = paper_pages.one_agreement(request.user, found, access.today())
    buttons = [
        (code, AGREEMENT_VERBS[code].button, reverse(f"projects:agreement-{code}", args=[found.public_id])) for code in page.papered.verbs
    ]  # fmt: skip
    first = page.papered.next.verb
    context = {
        "project": found.project, "agreement": found, "page": page, "buttons": sorted(buttons, key=lambda one: one[0] != first),
        "first": first, "today": access.today(),
    }  # fmt: skip
    return render(request, "projects/agreement.html", context)


def _agreement_of(request: HttpRequest, pk: object) -> Agreement:
    rows = Agreement.objects.visible_to(request.user).select_related("project", "replaces").with_papers()
    found: Agreement = get_object_or_404(rows, public_id=pk)
    found.project = project_of(request, found.project.public_id)
    return found


# --- verbs ------------------------------------------------------------------------------------------------------------------------------
def _act(
    request: HttpRequest, project: Project, record: Any, verb: PaperVerb, *, code: str, is_offered: bool, back: str, **more: Any
) -> HttpResponse:
    """A verb's form, and what it does."""
    is_sent = request.method == "POST"
    may_act = request.user.may(Permission.PROJECTS_EDIT) or request.user.may(Permission.PROJECTS_DECIDE)
    if is_sent and may_act and verb.is_done(record):
        return _to(request, back, is_new=False)
    if not is_offered:
        raise PermissionDenied
    form = verb.form(*_sent(request), project=project, user=request.user, on=access.today(), record=record, **more.pop("form", {}))
    if is_sent and form.is_valid():
        made = attempt(request, form, verb.action, **{verb.of: record}, **form.values())
        if made is not None:
            return _to(request, _page_of(made) if isinstance(made, Agreement) else back)
    context = {"project": project, "form": form, "verb": verb, "code": code, "user_key": request.user.public_id, "back": back, **more}  # type: ignore[union-attr]
    return render(request, verb.template, context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def new(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """A new agreement, offer or promise of a project."""
    project = project_of(request, pk)
    works = paper_may.hand(request.user, project).works
    chosen = request.GET.get("agreement", "")[:36]
    more = {"initial": {"agreement": chosen}} if chosen and code != "agreements" else {}
    return _act(
        request, project, project, NEW_VERBS[code], code=f"new-{code}", is_offered=works, back=f"{_papers_of(project)}#{code}", form=more
    )


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def on_agreement(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on an agreement; a signing that the rules refuse says what is missing."""
    found, verb = _agreement_of(request, pk), AGREEMENT_VERBS[code]
    held = paper_may.hand(request.user, found.project)
    facts = found.facts()
    offered = paper_may.agreement_verbs(facts, held, paper_may.opinion_kinds(request.user, found.project, held))
    on, more = access.today(), {}
    if code == "sign" and request.method != "POST":
        more["why_not"] = agreements.refusal_words(agreements.hindrances(found, facts, on))
    kind = request.GET.get("kind", "") if code in {"ask-opinion", "opinion"} else ""
    begun = {"initial": {"kind": kind}} if kind in set(rules.OpinionKind) else {}
    return _act(
        request, found.project, found, verb, code=f"agreement-{code}{kind[:16]}-{found.public_id}",
        is_offered=code in offered, back=_page_of(found), node_name=found.title, form=begun, **more,
    )  # fmt: skip


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def on_offer(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on an offer."""
    rows = Offer.objects.visible_to(request.user).select_related("project", "agreement").prefetch_related("steps")
    found: Offer = get_object_or_404(rows, public_id=pk)
    project = found.project = project_of(request, found.project.public_id)
    held = paper_may.hand(request.user, project)
    notes = offering.before_answering(found, held.authority, access.today()) if code == "answer" else ()
    return _act(
        request, project, found, OFFER_VERBS[code], code=f"offer-{code}-{found.public_id}",
        is_offered=code in paper_may.offer_verbs(found, held), node_name=found.what, offer=found, notes=notes,
        back=f"{_papers_of(project)}#offer-{found.public_id}",
    )  # fmt: skip


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def on_promise(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on a promise."""
    rows = Commitment.objects.visible_to(request.user).select_related("project", "unit", "owner", "agreement", "replaced_by")
    found: Commitment = get_object_or_404(rows.prefetch_related("marks__evidence", "marks__attachment"), public_id=pk)
    project = found.project = project_of(request, found.project.public_id)
    offered = paper_may.promise_verbs(found, found.facts(), paper_may.hand(request.user, project), request.user)
    return _act(
        request, project, found, PROMISE_VERBS[code], code=f"promise-{code}-{found.public_id}",
        is_offered=code in offered, node_name=found.text,
        back=f"{_papers_of(project)}#promise-{found.public_id}",
    )  # fmt: skip


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def take_mark_back(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a mark of a promise back."""
    rows = CommitmentMark.objects.visible_to(request.user).select_related("commitment__project", "taken_back_by")
    mark: CommitmentMark = get_object_or_404(rows, public_id=pk)
    project, promise = project_of(request, mark.commitment.project.public_id), mark.commitment
    back = f"{_papers_of(project)}#promise-{promise.public_id}"
    is_gone = getattr(mark, "taken_back_by", None) is not None
    if is_gone and request.method == "POST":
        return _to(request, back, is_new=False)
    is_offered = paper_may.may_take_back(mark, paper_may.hand(request.user, project), (mark.pk,) if is_gone else ())
    return _act(
        request, project, mark, TAKE_MARK_BACK, code=f"take-mark-back-{mark.public_id}", is_offered=is_offered, back=back,
        node_name=promise.text,
    )  # fmt: skip


# --- opinions that a unit was asked for -------------------------------------------------------------------------------------------------
def _ask_of(request: HttpRequest, pk: object) -> OpinionAsk:
    rows = OpinionAsk.objects.visible_to(request.user).select_related("unit", "by", "agreement__project__unit", "opinion__attachment")
    found: OpinionAsk = get_object_or_404(rows, public_id=pk)
    return found


def _versions(ask: OpinionAsk) -> Any:
    return ask.agreement.versions.select_related("attachment").order_by("-number")


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def opinion(request: HttpRequest, pk: object) -> HttpResponse:
    """What a unit was asked for, with the text, and its answer: all that a department sees of a project of which it owes nothing else."""
    ask = _ask_of(request, pk)
    is_sent, is_his = request.method == "POST", paper_may.may_answer_ask(request.user, ask)
    if is_sent and ask.opinion_id is not None:
        return _to(request, reverse("projects:opinion", args=[ask.public_id]), is_new=False)
    if is_sent and not is_his:
        raise PermissionDenied
    project = ask.agreement.project
    form = forms.GiveOpinionForm(*_sent(request), project=project, user=request.user, on=access.today(), record=ask)
    if is_sent and form.is_valid() and attempt(request, form, paper_files.answer_ask, ask=ask, **form.values()) is not None:
        return _to(request, reverse("projects:opinion", args=[ask.public_id]))
    context = {"ask": ask, "form": form, "is_his": is_his, "versions": _versions(ask)}
    return render(request, "projects/opinion.html", context, status=422 if form.is_bound else 200)


@require_GET
@require_permission(Permission.PROJECTS_EDIT)
def opinion_text(request: HttpRequest, pk: object, number: int) -> HttpResponse:
    """A version of the text about which a unit was asked, to save; that it was handed out is written down where it is sensitive."""
    ask = _ask_of(request, pk)
    if ask.withdrawn_at is not None:
        raise Http404
    file = get_object_or_404(_versions(ask), number=number).attachment
    if file is None or file.hidden_at is not None or not files.path_of(file.stored).is_file():
        raise Http404
    file_actions.note_download(attachment=file, by=request.user, at=timezone.now())
    opened = files.path_of(file.stored).open("rb")
    return FileResponse(opened, as_attachment=True, filename=file.name, content_type="application/octet-stream")


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def take_ask_back(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a question for an opinion back."""
    ask = _ask_of(request, pk)
    project = project_of(request, ask.agreement.project.public_id)
    back = _page_of(ask.agreement)
    if request.method == "POST" and not ask.is_open:
        return _to(request, back, is_new=False)
    is_offered = ask.is_open and paper_may.hand(request.user, project).works
    return _act(request, project, ask, TAKE_ASK_BACK, code="take-ask-back", is_offered=is_offered, back=back, node_name=str(ask.unit))
