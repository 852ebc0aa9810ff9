"""Rounds of ratings by others: the list, a round with its results, making and preparing one, its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment import sheets
from wutong.web.assessment.actions import ratings as actions
from wutong.web.assessment.actions import refusing
from wutong.web.assessment.forms import ratings as forms
from wutong.web.assessment.models import Rater, RatingRound
from wutong.web.assessment.queries import rating_pages as queries
from wutong.web.assessment.queries import refusals
from wutong.web.assessment.views.answering import attempt, bound, form_page, get_or_post, guarded, reason_of
from wutong.web.lib import exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

ROUNDS = (
    lists.Column("title", pgettext_lazy("rating", "Title"), ("title",)),
    lists.Column("answered", pgettext_lazy("rating", "Answers"), ("answered_count",), "number"),
    lists.Column("state", pgettext_lazy("rating", "State"), ("state",)),
    lists.Column("last", pgettext_lazy("rating", "Last day"), ("last_on",), "date"),
    lists.Column("scheme", gettext_lazy("Scheme"), ("scheme__title",)),
    lists.Column("sheet", pgettext_lazy("rating", "Code of the sheet"), ("sheet",)),
)


def _round_of(request: HttpRequest, pk: UUID) -> RatingRound:
    found = RatingRound.objects.visible_to(request.user).select_related("scheme__unit", "created_by", "closed_by")
    return get_object_or_404(queries.counted(found), public_id=pk)


def found_rounds(user: Any, query: Any) -> Any:
    """The rounds that a filter leaves."""
    return queries.rounds(user, **forms.RoundFilter(query).given())


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def round_list(request: HttpRequest) -> HttpResponse:
    """The rounds that a person may see."""
    form, user = forms.RoundFilter(request.GET), request.user
    listing = lists.of_queryset(request.GET, found_rounds(user, request.GET), columns=ROUNDS, default="-last", form=form)
    context = {
        "form": form, "list": listing, "own_count": queries.own(user).waiting().count(),
        "may_edit": user.may(Permission.ASSESSMENT_EDIT), "may_export": user.may(Permission.ASSESSMENT_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "assessment/ratings.html", "assessment/_ratings.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The filtered rounds as a spreadsheet."""
    later = spreadsheets.later(request, "assessment.ratings", found_rounds(request.user, request.GET).count())
    if later is not None:
        return later
    made = exchange.at_once(request, "assessment.ratings")
    told = {"filters": request.GET.dict(), "rows": made.row_count}
    refusing.note_export(what="assessment.rating", by=request.user, at=timezone.now(), of="assessment.RatingRound", **told)
    return made  # type: ignore[no-any-return]


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def round_new(request: HttpRequest) -> HttpResponse:
    """A new round; who is rated and who rates is next."""
    form = forms.RoundForm(bound(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.make, scheme=form.cleaned_data["scheme"], told=form.told())
        if made is not None:
            return redirect("assessment:rating-prepare", made.public_id)
    more = {"back": reverse("assessment:ratings"), "first": reverse("assessment:list"), "first_label": _("Assessment schemes")}
    if not form.fields["scheme"].queryset.exists():  # type: ignore[attr-defined]
        more["lacking"] = _("A round rates the units of a scheme: enter a scheme and whom it measures first.")
    return form_page(request, form, title=_("Enter a round of ratings"), button=_("Save"), **more)


def _page(request: HttpRequest, found: RatingRound, *, fault: str = "", status: int = 200) -> HttpResponse:
    user = request.user
    offered = queries.may(user, found)
    results = queries.results(user, found) if offered["is_counted"] else ()
    context = {
        "round": found, "fault": fault, "results": results, "table": queries.table(results),
        "asked": queries.asked(user, found) if offered["keeps"] else (), "own": queries.own(user).filter(round=found),
        "papers": queries.papers(user, found), "questions": found.questions.all(), "rated": queries.rated(user, found),
        "lacks": refusals.in_words(queries.lacks(found)) if offered["may_open"] else (),
        "is_early": offered["may_close"] and queries.is_early(found), **offered,
    }  # fmt: skip
    return htmx.render(request, "assessment/rating.html", "assessment/_rating.html", context, status=status)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def round(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A round: what it asks, who has answered, what came of it, and the next step."""
    return _page(request, _round_of(request, pk))


def _draft_of(request: HttpRequest, pk: UUID) -> RatingRound:
    found = _round_of(request, pk)
    if not queries.may(request.user, found)["may_edit"]:
        raise PermissionDenied
    return found


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a round anew while it is prepared."""
    found = _draft_of(request, pk)
    form = forms.RoundForm(bound(request), user=request.user, round=found)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.change, round=found, told=form.told()) is not None:
        messages.success(request, _("Saved."))
        return redirect("assessment:rating", pk)
    return form_page(request, form, title=_("Change a round of ratings"), button=_("Save"), back=reverse("assessment:rating", args=[pk]))


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def prepare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Whom the round rates and who rates."""
    found = _draft_of(request, pk)
    form = forms.RatersForm(bound(request), user=request.user, round=found)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.prepare, round=found, **form.values()) is not None:
        return redirect("assessment:rating", pk)
    title, back = _("Whom the round rates and who rates"), reverse("assessment:rating", args=[pk])
    return form_page(request, form, title=title, button=_("Save"), back=back)


# --- steps ------------------------------------------------------------------------------------------------------------------------------
def _reminded(count: int) -> str:
    said = ngettext("%(n)s rater was reminded, at most once a day.", "%(n)s raters were reminded, at most once a day.", count)
    return said % {"n": count}


VERBS: dict[str, tuple[Callable[..., Any], Callable[[Any], str]]] = {
    "open": (actions.open_round, lambda made: _("Opened. The raters were told.")),
    "close": (actions.close, lambda made: _("Closed and counted.")),
    "publish": (actions.publish, lambda made: _("Published. Each rated unit sees its own result.")),
    "drop": (actions.drop, lambda made: _("Dropped.")),
    "remind": (actions.remind, _reminded),
}
"""What is done to a round by a button → its action, and what is said of what it gave."""


def _done(request: HttpRequest, pk: UUID, action: Callable[..., Any], said: Callable[[Any], str], **given: Any) -> HttpResponse:
    """Do a step; a refusal stands on the page of the round."""
    found = _round_of(request, pk)
    try:
        made = action(round=found, by=request.user, at=timezone.now(), **given)
    except refusing.Refused as refused:
        return _page(request, found, fault=" ".join(refusals.in_words(refused.refusals)), status=409)
    messages.success(request, said(made))
    return redirect("assessment:rating", pk)


def step(verb: str) -> Callable[..., HttpResponse]:
    """The address of a button."""

    @require_POST
    @require_permission(Permission.ASSESSMENT_EDIT)
    @guarded
    def taken(request: HttpRequest, pk: UUID) -> HttpResponse:
        return _done(request, pk, *VERBS[verb], **({"reason": reason_of(request)} if verb == "close" else {}))

    return taken


# --- paper ------------------------------------------------------------------------------------------------------------------------------
@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def on_paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A rater is given a ballot on paper, or answers here again."""
    rater = get_object_or_404(Rater.objects.visible_to(request.user).select_related("round__scheme__unit"), public_id=pk)
    is_on_paper = request.POST.get("paper") == "1"

    def act(*, round: RatingRound, by: Any, at: Any) -> None:
        actions.put_on_paper(rater=rater, is_on_paper=is_on_paper, by=by, at=at)

    said = _("%(rater)s answers on paper.") if is_on_paper else _("%(rater)s answers here.")
    return _done(request, rater.round.public_id, act, lambda made: said % {"rater": rater})


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
@guarded
def paper_sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sheet into which ballots on paper are typed."""
    found = _round_of(request, pk)
    if not queries.may(request.user, found)["may_remind"]:
        raise PermissionDenied
    made = sheets.paper_sheet(request.user, found)
    told = {"filters": {"round": str(found.public_id), "sheet": "paper"}, "rows": 0}
    refusing.note_export(what="assessment.rating", by=request.user, at=timezone.now(), of="assessment.RatingRound", **told)
    return made  # type: ignore[no-any-return]


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
@guarded
def results(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The results that one may see as a spreadsheet."""
    found = _round_of(request, pk)
    made = sheets.rating_results(found, queries.results(request.user, found))
    told = {"filters": {"round": str(found.public_id)}, "rows": made.row_count}
    refusing.note_export(what="assessment.rating", by=request.user, at=timezone.now(), of="assessment.RatingRound", **told)
    return made  # type: ignore[no-any-return]
