"""Dispatch meetings: the list, one to be run from a projector or a phone, and the form of every verb on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import dispatch
from wutong.web.projects.forms import dispatch as forms
from wutong.web.projects.models import AgendaItem, DispatchDecision, DispatchMeeting, FollowUp, Invitee
from wutong.web.projects.queries import agenda, forces, meetings
from wutong.web.projects.views.answers import answered, get_or_post


@dataclass(frozen=True, slots=True)
class Verb:
    """What the page of a verb says, its form and the action that it calls."""

    title: Any
    button: Any
    form: Callable[..., Any] | None = None
    action: Callable[..., Any] | None = None
    hint: Any = ""
    warning: Any = ""
    template: str = "projects/dispatch_verb.html"


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except dispatch.Refused as refused:
        for text in forces.refusal_words(refused.refusals, refused.about):
            form.add_error(None, text)
    return None


def draw(request: HttpRequest, form: Any, verb: Verb, back: Any, **more: Any) -> HttpResponse:
    """The page of a verb."""
    context = {"form": form, "verb": verb, "back": back, **more}
    return render(request, verb.template, context, status=422 if form.is_bound else 200)


def meeting_of(request: HttpRequest, pk: object) -> DispatchMeeting:
    """A meeting that the person may see."""
    found: DispatchMeeting = get_object_or_404(meetings.whole(DispatchMeeting.objects.visible_to(request.user)), public_id=pk)
    return found


def _prepared(request: HttpRequest, meeting: DispatchMeeting) -> None:
    if not meetings.may_prepare(request.user, meeting):
        raise PermissionDenied


def _to(meeting: DispatchMeeting, at: str = "") -> HttpResponse:
    return redirect(f"{_address(meeting)}{at}")


def _address(meeting: DispatchMeeting) -> str:
    return redirect("projects:meeting", meeting.public_id).url


def _plain(
    request: HttpRequest, about: DispatchMeeting, action: Callable[..., Any], said: Callable[[Any], str], /, **values: Any
) -> HttpResponse:
    """A verb without a form; why it is refused stands above the meeting."""
    try:
        made = action(**values, by=request.user, at=timezone.now())
    except dispatch.Refused as refused:
        for text in forces.refusal_words(refused.refusals, refused.about):
            messages.error(request, text)
    else:
        messages.success(request, said(made))
    return _to(about)


# --- one meeting ------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def meeting(request: HttpRequest, pk: object) -> HttpResponse:
    """A meeting as agenda, to be run from it; signed, as its minutes."""
    found = meeting_of(request, pk)
    page = meetings.page(found, request.user, access.today())
    return render(request, "projects/meeting.html", {"meeting": found, "page": page, "most": agenda.MOST})


CONVENE = Verb(
    gettext_lazy("Convene a dispatch meeting"), pgettext_lazy("dispatch meeting", "Convene"), forms.ConveneForm,
    hint=gettext_lazy("It begins with the decisions of the last meeting of its series. The agenda is made on its page, of what is stuck."),
)  # fmt: skip


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def meeting_new(request: HttpRequest) -> HttpResponse:
    """Convene a meeting."""
    form = forms.ConveneForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, dispatch.convene, **form.values())
        if made is not None:
            messages.success(request, _("Saved."))
            return _to(made)
    return draw(request, form, CONVENE, redirect("projects:meetings").url)


def _change_form(data: Any, *, meeting: DispatchMeeting, user: Any) -> Any:
    begun = {"title": meeting.title, "held_on": meeting.held_on, "place": meeting.place, "chair": meeting.chair.public_id}
    return forms.MeetingForm(data, user=user, initial=begun)


def _summary_form(data: Any, *, meeting: DispatchMeeting, user: Any) -> Any:
    return forms.SummaryForm(data, initial={"summary": meeting.summary})


def _reason_form(data: Any, *, meeting: DispatchMeeting, user: Any) -> Any:
    return forms.ReasonForm(data)


VERBS = {
    "change": Verb(
        gettext_lazy("Change the meeting"), gettext_lazy("Save"), _change_form, dispatch.change,
        hint=gettext_lazy("Who is invited is told of another day or place."),
    ),
    "add": Verb(gettext_lazy("Put something on the agenda"), pgettext_lazy("agenda", "Add"), forms.AddItemForm, dispatch.add_item),
    "invite": Verb(
        gettext_lazy("Invite a unit or a person"), pgettext_lazy("dispatch meeting", "Invite"), forms.InviteForm, dispatch.invite,
        hint=gettext_lazy("They are told, see the meeting, and of its items those about projects that they may see."),
    ),
    "attendance": Verb(
        gettext_lazy("Who was there"), gettext_lazy("Save"), forms.AttendanceForm, dispatch.note_attendance,
        template="projects/attendance.html",
    ),
    "summary": Verb(pgettext_lazy("dispatch meeting", "Summary"), gettext_lazy("Save"), _summary_form, dispatch.summarise),
    "call-off": Verb(
        gettext_lazy("Call the meeting off"), pgettext_lazy("dispatch meeting", "Call off"), _reason_form, dispatch.call_off,
        warning=gettext_lazy("Everybody invited is told. Its agenda is gone; the next meeting begins with the same decisions."),
    ),
}  # fmt: skip


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def verb(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """One verb on a meeting: its form, and what it does."""
    found, one = meeting_of(request, pk), VERBS[code]
    _prepared(request, found)
    form = one.form(request.POST if request.method == "POST" else None, meeting=found, user=request.user)  # type: ignore[misc]
    if request.method == "POST" and form.is_valid() and attempt(request, form, one.action, meeting=found, **form.values()) is not None:  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return _to(found)
    return draw(request, form, one, _address(found), meeting=found)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def make_agenda(request: HttpRequest, pk: object) -> HttpResponse:
    """Make the agenda of what is stuck by the records that the person sees."""

    def said(new: int) -> str:
        return ngettext("%(n)s project was put on the agenda.", "%(n)s projects were put on the agenda.", new) % {"n": new}

    found = meeting_of(request, pk)
    return _plain(request, found, dispatch.make_agenda, said, meeting=found)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def invite_owing(request: HttpRequest, pk: object) -> HttpResponse:
    """Invite every unit that owes something of what stands on the agenda."""

    def said(new: int) -> str:
        return ngettext("%(n)s unit was invited.", "%(n)s units were invited.", new) % {"n": new}

    found = meeting_of(request, pk)
    return _plain(request, found, dispatch.invite_owing, said, meeting=found)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def hand_out(request: HttpRequest, pk: object) -> HttpResponse:
    """Make every decision that waits a duty."""

    def said(new: int) -> str:
        return ngettext("%(n)s duty was handed out.", "%(n)s duties were handed out.", new) % {"n": new}

    found = meeting_of(request, pk)
    return _plain(request, found, dispatch.hand_out, said, meeting=found)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def sign(request: HttpRequest, pk: object) -> HttpResponse:
    """Sign the minutes; signed already, nothing is done again."""
    found = meeting_of(request, pk)
    if found.state == "signed" and found.signed_by_id == request.user.pk:
        return _to(found)
    return _plain(request, found, dispatch.sign, lambda made: _("The minutes are signed."), meeting=found)


# --- its items, people, decisions -------------------------------------------------------------------------------------------------------
def _item_of(request: HttpRequest, pk: object) -> AgendaItem:
    found: AgendaItem = get_object_or_404(
        AgendaItem.objects.visible_to(request.user).select_related("project__unit", "project__owner"), public_id=pk
    )
    found.meeting = meeting_of(request, found.meeting.public_id)
    return found


def _keep(form: Any, item: AgendaItem) -> Callable[..., Any]:
    """What was said and decided, both or neither."""

    def keep(*, by: Any, at: Any) -> AgendaItem:
        with transaction.atomic():
            dispatch.keep_words(item=item, words=form.cleaned_data["words"], by=by, at=at)
            if form.decision:
                dispatch.decide(item=item, **form.decision, by=by, at=at)
        return item

    return keep


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def item(request: HttpRequest, pk: object) -> HttpResponse:
    """One item on the wall: why it stands here, what was said, what was decided; the one before and after it."""
    found = _item_of(request, pk)
    page = meetings.page(found.meeting, request.user, access.today())
    form = forms.KeepForm(request.POST if request.method == "POST" else None, item=found, user=request.user)
    if request.method == "POST":
        _prepared(request, found.meeting)
        if form.is_valid() and attempt(request, form, _keep(form, found)) is not None:
            messages.success(request, _("Saved."))
            return redirect("projects:meeting-item", pk)
    line, before, after = page.around(found)
    context = {"meeting": found.meeting, "page": page, "line": line, "item": found, "before": before, "after": after, "form": form}
    return render(request, "projects/meeting_item.html", context, status=422 if form.is_bound else 200)


DROP = Verb(gettext_lazy("Take off the agenda"), pgettext_lazy("agenda", "Take off"))
FOLLOW = Verb(gettext_lazy("A decision of an earlier meeting"), gettext_lazy("Save"))


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def item_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take an item off the agenda with its reason."""
    found = _item_of(request, pk)
    _prepared(request, found.meeting)
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and attempt(request, form, dispatch.drop_item, item=found, **form.values()) is not None:
        return _to(found.meeting)
    return draw(request, form, DROP, _address(found.meeting), meeting=found.meeting, about=found.shown_name)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def item_back(request: HttpRequest, pk: object) -> HttpResponse:
    """Put an item on the agenda again."""
    found = _item_of(request, pk)
    return _plain(request, found.meeting, dispatch.put_back, lambda made: _("Saved."), item=found)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def item_move(request: HttpRequest, pk: object, is_up: bool) -> HttpResponse:
    """Move an item one place up or down."""
    found = _item_of(request, pk)
    try:
        dispatch.move_item(item=found, is_up=is_up, by=request.user, at=timezone.now())
    except dispatch.Refused as refused:
        for text in forces.refusal_words(refused.refusals):
            messages.error(request, text)
    return _to(found.meeting, f"#item-{found.public_id}")


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def decision_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a decision out that was entered wrongly."""
    found = get_object_or_404(DispatchDecision.objects.visible_to(request.user).select_related("item__meeting"), public_id=pk)
    about = meeting_of(request, found.item.meeting.public_id)
    return _plain(request, about, dispatch.take_decision_back, lambda made: _("Taken back."), decision=found)


@require_POST
@require_permission(Permission.PROJECTS_VIEW)
@answered
def invitee_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Take an invitation back."""
    found = get_object_or_404(Invitee.objects.visible_to(request.user).select_related("meeting", "unit"), public_id=pk)
    about = meeting_of(request, found.meeting.public_id)
    return _plain(request, about, dispatch.uninvite, lambda made: _("Taken back."), invitee=found)


@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def follow_up(request: HttpRequest, pk: object) -> HttpResponse:
    """What was said of a decision of an earlier meeting."""
    rows = FollowUp.objects.visible_to(request.user).select_related("meeting", "decision")
    found = get_object_or_404(rows, public_id=pk)
    about = meeting_of(request, found.meeting.public_id)
    _prepared(request, about)
    form = forms.WordsForm(request.POST if request.method == "POST" else None, initial={"words": found.words})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(request, form, dispatch.keep_follow_up, follow_up=found, **form.values()) is not None
    ):
        return _to(about)
    return draw(request, form, FOLLOW, _address(about), meeting=about, about=found.decision.text)
