"""What somebody checked of one firm on one segment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import actions, forms
from wutong.web.chains.models import HandPlacement
from wutong.web.chains.queries import maps
from wutong.web.chains.views.editing import in_words
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import require_permission


@require_POST
@require_permission(Permission.CHAINS_EDIT)
def say(request: HttpRequest, chain_id: str, segment_id: str) -> HttpResponse:
    """A firm makes what the segment is about, or does not."""
    form = forms.HandForm(request.POST)
    firm_id = firms.firm_id_of(form.cleaned_data["firm"]) if form.is_valid() else ""
    if not firm_id:
        messages.error(request, _("Give a credit code or a full name that the registry holds, and how it is known."))
        return redirect("chains:makers", chain_id, segment_id)
    said = form.cleaned_data
    try:
        actions.say_of_firm(
            firm_id=firm_id, chain_id=chain_id, segment_id=segment_id, is_maker=said["is_maker"], reason=said["reason"],
            by=request.user, at=timezone.now(),
        )  # type: ignore[arg-type]  # fmt: skip
    except maps.NotThere as unknown:
        raise Http404 from unknown
    except actions.Refused as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _("Noted. It counts at once on every page; it can be taken back below."))
    return redirect("chains:makers", chain_id, segment_id)


@require_POST
@require_permission(Permission.CHAINS_EDIT)
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what was said."""
    placement = get_object_or_404(HandPlacement.objects.visible_to(request.user), public_id=pk)
    actions.take_back(placement=placement, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Taken back. The registry's own words count again."))
    return redirect("chains:makers", placement.chain_id, placement.segment_id)
