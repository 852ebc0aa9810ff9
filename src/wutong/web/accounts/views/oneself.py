"""What belongs to oneself: profile, language, views of lists."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wutong.web.accounts import forms
from wutong.web.accounts.actions import oneself
from wutong.web.accounts.models import SavedView, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.views.answers import attempt, get_or_post
from wutong.web.lib import access


@get_or_post
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, language and postings."""
    form = forms.ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    is_filled = request.method == "POST" and form.is_valid()
    if is_filled and (person := attempt(form, oneself.change_own_profile, **form.cleaned_data, by=request.user, at=timezone.now())):
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    context = {
        "form": form, "person": request.user, "today": access.today(),
        "postings": queries.postings_of(request.user, request.user), "stand_ins": queries.stand_ins_of(request.user, request.user),
    }  # fmt: skip
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept in a cookie, and for somebody logged in as his own setting."""
    form = forms.LanguageForm(request.POST)
    wanted = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(wanted if is_safe else reverse("home"))
    if not form.is_valid():
        return response
    language = form.cleaned_data["language"]
    if request.user.is_authenticated:
        oneself.change_own_profile(by=request.user, at=timezone.now(), language=language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


# --- saved views ----------------------------------------------------------------------------------------------------------------------
@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep a list as it is filtered and sorted now."""
    form = forms.SaveViewForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, errors[0])
        return redirect("home")
    page, _mark, query = form.cleaned_data["address"].partition("?")
    view = oneself.save_view(page=page, name=form.cleaned_data["name"], query=query, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return HttpResponseRedirect(view.address)


@require_POST
def view_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Drop one's own saved view; the list stays as it is."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), public_id=pk)
    oneself.drop_view(view=view, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The view “%(name)s” is dropped.") % {"name": view.name})
    return HttpResponseRedirect(view.page)
