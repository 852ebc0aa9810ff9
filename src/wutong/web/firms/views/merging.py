"""Pages of firms that are one: suspected pairs, the preview of a merger, mergers that wait, are done or undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms import forms
from wutong.web.firms.actions import adoption, merging
from wutong.web.firms.models import Firm, Merger
from wutong.web.firms.queries import duplicates, mergers, profile, standing
from wutong.web.firms.rules import MergeRefusal
from wutong.web.firms.views.firms import answered, get_or_post
from wutong.web.lib import htmx, lists
from wutong.web.lib.access import require_permission

MERGERS = (
    lists.Column("gone", gettext_lazy("Firm merged"), ("gone__name",)),
    lists.Column("kept", gettext_lazy("Firm kept"), ("kept__name",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("asked_by", gettext_lazy("Asked by"), ("asked_by__display_name",)),
    lists.Column("asked", gettext_lazy("Asked at"), ("asked_at",), "date"),
)
REFUSALS = {
    MergeRefusal.SAME_FIRM: gettext_lazy("It is one and the same firm already."),
    MergeRefusal.GONE_ALREADY: gettext_lazy("One of the two was merged already: open its page to see into which."),
    MergeRefusal.UNLISTED: gettext_lazy(
        "Records would be lost that no room knows how to carry over: %(named)s. Tell whoever runs the system."
    ),
    MergeRefusal.ASKED_ALREADY: gettext_lazy("Somebody asked for this already, and it waits for a second look."),
    MergeRefusal.NO_REASON: gettext_lazy("Say how it is known: without a reason nobody can check it."),
    MergeRefusal.NOT_WAITING: gettext_lazy("It does not wait for a second look any more."),
    MergeRefusal.NOT_DONE: gettext_lazy("It is not done, or undone already."),
    MergeRefusal.OWN_REQUEST: gettext_lazy("A second person must look: whoever asked cannot approve."),
    MergeRefusal.LATER: gettext_lazy("Something was changed since, so the merger cannot be undone: %(named)s. Take that back first."),
}


def _told(refused: merging.MergeRefused) -> str:
    return " ".join(str(REFUSALS[code]) % {"named": "; ".join(refused.named[:5])} for code in refused.refusals)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def suspect_list(request: HttpRequest) -> HttpResponse:
    """Pairs of firms taken on that may be one, the surest first."""
    columns = (lists.Column("confidence", gettext_lazy("Confidence (%)"), ("confidence_share",), "number"),)
    listing = lists.of_sequence(request.GET, duplicates.suspects(request.user), columns=columns, default="-confidence", size=20)
    context = {
        "list": listing,
        "may_merge": request.user.may(Permission.FIRMS_MERGE),
        "may_export": request.user.may(Permission.FIRMS_EXPORT),
    }  # type: ignore[union-attr]
    return htmx.render(request, "firms/suspects.html", "firms/_suspects.html", context)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def merger_list(request: HttpRequest) -> HttpResponse:
    """Mergers: those that wait for a second look, done and undone."""
    form = forms.MergerFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    listing = lists.of_queryset(request.GET, mergers.all_of(request.user, state=state), columns=MERGERS, default="-asked", form=form)
    context = {"list": listing, "form": form, "may_export": request.user.may(Permission.FIRMS_EXPORT)}  # type: ignore[union-attr]
    return htmx.render(request, "firms/mergers.html", "firms/_mergers.html", context)


@get_or_post
@require_permission(Permission.FIRMS_MERGE)
@answered
def merge(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Choose the other firm, see what changes, and merge."""
    firm = profile.profile(firm_id).firm
    given = request.GET.get("with", "").strip()
    other_id = standing.firm_id_of(given)
    if not other_id or other_id == firm.firm_id:
        is_asked = bool(given)
        context = {"firm": firm, "given": given, "is_same": bool(other_id), "is_unknown": is_asked and not other_id}
        return render(request, "firms/merge_with.html", context, status=422 if is_asked else 200)
    pair = (firm, profile.profile(other_id).firm)
    form = forms.MergeForm(
        request.POST if request.method == "POST" else None, firms=[(one.firm_id, one.name) for one in pair],
        are_codes_other=mergers.are_codes_other(*pair),
        initial={"kept": request.GET.get("kept") if request.GET.get("kept") in {one.firm_id for one in pair} else firm.firm_id},
    )  # fmt: skip
    return _merged(request, form) if form.is_bound and form.is_valid() else _previewed(request, form, pair)


def _previewed(request: HttpRequest, form: forms.MergeForm, pair: tuple[Any, Any], status: int = 200) -> HttpResponse:
    rows = Firm.objects.visible_to(request.user).in_bulk([one.firm_id for one in pair], field_name="firm_id")
    chosen = form.data.get("kept") if form.is_bound else form.initial["kept"]
    kept, gone = pair if chosen == pair[0].firm_id else pair[::-1]
    preview = mergers.preview_of(rows.get(kept.firm_id), rows.get(gone.firm_id), request.user)
    context = {"form": form, "kept": kept, "gone": gone, "pair": (kept, gone), "preview": preview, "firm": pair[0], "other": pair[1]}
    context["are_codes_other"] = mergers.are_codes_other(kept, gone)
    return render(request, "firms/merge.html", context, status=422 if form.is_bound else status)


def _merged(request: HttpRequest, form: forms.MergeForm) -> HttpResponse:
    now = timezone.now()
    kept_id = form.cleaned_data["kept"]
    gone_id = next(number for number, _name in form.fields["kept"].choices if number != kept_id)  # type: ignore[attr-defined]
    kept, gone = (adoption.take_on(firm_id=number, by=request.user, at=now) for number in (kept_id, gone_id))  # type: ignore[arg-type]
    try:
        made = merging.merge(kept=kept, gone=gone, reason=form.cleaned_data["reason"], by=request.user, at=now)  # type: ignore[arg-type]
    except merging.MergeRefused as refused:
        messages.error(request, _told(refused))
        return redirect(f"{reverse('firms:merge', args=[kept_id])}?with={gone_id}")
    messages.success(request, _("The two are one now.") if made.state == "done" else _("Asked for: it waits for a second look."))
    return redirect("firms:merger", made.public_id)


def _merger(request: HttpRequest, pk: object) -> Merger:
    return get_object_or_404(mergers.all_of(request.user), public_id=pk)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def merger_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """One merger: what it changed or would change, who asked and who looked; approve, send back, undo."""
    found = _merger(request, pk)
    preview = mergers.preview_of(found.kept, found.gone, request.user) if found.state == "waiting" else None
    context = {
        "merger": found, "preview": preview, "moved": mergers.moved(found), "form": forms.DecisionOfMergerForm(),
        "are_codes_other": mergers.are_codes_other(found.kept, found.gone),
        "may_merge": request.user.may(Permission.FIRMS_MERGE),  # type: ignore[union-attr]
        "may_check": request.user.may(Permission.FIRMS_MERGE_CHECK) and found.asked_by_id != request.user.pk,  # type: ignore[union-attr]
    }  # fmt: skip
    return render(request, "firms/merger.html", context)


def _step(request: HttpRequest, pk: object, action: Callable[..., Merger], done: str, **values: Any) -> HttpResponse:
    """Take a step and say what became of it; what the rules refuse is said on the page."""
    found = _merger(request, pk)
    try:
        action(merger=found, by=request.user, at=timezone.now(), **values)
    except merging.MergeRefused as refused:
        messages.error(request, _told(refused))
    else:
        messages.success(request, done)
    return redirect("firms:merger", found.public_id)


@require_POST
@require_permission(Permission.FIRMS_MERGE_CHECK)
@answered
def merger_approve(request: HttpRequest, pk: object) -> HttpResponse:
    """Carry out what another person asked for."""
    return _step(request, pk, merging.approve, _("The two are one now."))


@require_POST
@require_permission(Permission.FIRMS_MERGE_CHECK)
@answered
def merger_send_back(request: HttpRequest, pk: object) -> HttpResponse:
    """Do not carry it out, and say why."""
    return _step(request, pk, merging.send_back, _("Sent back."), decision=request.POST.get("decision", "")[:300])


@require_POST
@require_permission(Permission.FIRMS_MERGE)
@answered
def merger_undo(request: HttpRequest, pk: object) -> HttpResponse:
    """Let the two be two again."""
    return _step(request, pk, merging.undo, _("Undone: every row is as it was."))


@require_POST
@require_permission(Permission.FIRMS_MERGE)
@answered
def keep_apart(request: HttpRequest) -> HttpResponse:
    """Note that two firms that look alike are different ones."""
    rows = Firm.objects.visible_to(request.user)
    known = {str(firm.public_id): firm for firm in rows.filter(public_id__in=forms.uuids(request.POST, "one", "other"))}
    pair = [known.get(request.POST.get(name, "")) for name in ("one", "other")]
    if None in pair:
        raise Http404
    try:
        merging.keep_apart(one=pair[0], other=pair[1], reason=request.POST.get("reason", "")[:300], by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except merging.MergeRefused as refused:
        messages.error(request, _told(refused))
    else:
        messages.success(request, _("Noted: the two are different firms."))
    return redirect("firms:suspects")
