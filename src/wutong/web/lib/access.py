"""Who asks, from where, and what the frame of a page shows him: log-in, permissions, language, safety headers, errors."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache, wraps
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from ninja import Field, Schema

from wutong.web.lib import hooks

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from; the audit entry of an action keeps it."""

    ip: str = ""
    request_id: str = ""


_EARLIEST, _LATEST = dt.date(1900, 1, 1), dt.date(9000, 1, 1)  # what lies beyond fits into no time zone
_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - frozen, so it may be shared
_read_once: ContextVar[dict[Hashable, Any] | None] = ContextVar("read_once", default=None)
_today: ContextVar[dt.date | None] = ContextVar("today", default=None)


def origin() -> Origin:
    """The origin of the request that is being answered; empty in a command."""
    return _origin.get()


def once(name: Hashable, read: Callable[[], Any]) -> Any:
    """What `read` gives, read once while a request is answered; in a command it is read each time.

    Why: a page asks several questions about makers, and all of them take what the office knows. Only for what the request does not write.
    """
    kept = _read_once.get()
    if kept is None:
        return read()
    if name not in kept:
        kept[name] = read()
    return kept[name]


@contextmanager
def reading() -> Iterator[None]:
    """A part of a request that writes nothing, though the whole may: within it `once` reads once."""
    kept = _read_once.get()
    token = _read_once.set({} if kept is None else kept)
    try:
        yield
    finally:
        _read_once.reset(token)


@contextmanager
def afresh() -> Iterator[None]:
    """A part of a request in which `once` knows nothing of what the request has read."""
    token = _read_once.set({})
    try:
        yield
    finally:
        _read_once.reset(token)


def is_reading() -> bool:
    """Whether `once` keeps what it reads: a request that writes nothing, or a part of one."""
    return _read_once.get() is not None


def today() -> dt.date:
    """The present day in the office's time zone: the one clock that row access reads, so that a test can set it."""
    return _today.get() or timezone.localdate()


def begins(day: dt.date) -> dt.datetime:
    """The first moment of a day in the office's time zone.

    Why: to compare moments with it, the database can use an index; to ask each moment for its day, SQLite calls back for every row.
    """
    return timezone.make_aware(dt.datetime.combine(min(max(day, _EARLIEST), _LATEST), dt.time.min))


class on_day:  # noqa: N801 - used as a statement: `with on_day(...):`
    """Let `today()` answer another day inside a block."""

    def __init__(self, day: dt.date) -> None:
        self._day = day

    def __enter__(self) -> None:
        self._token = _today.set(self._day)

    def __exit__(self, *_: object) -> None:
        _today.reset(self._token)


class Problem(Schema):
    """What the API says went wrong (RFC 9457), and what comes near, where something does."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    near: list[str] = Field(default_factory=list)


TOKEN_LOGIN = "(API)"  # the name under which wrong tokens are counted; no user name has brackets  # noqa: S105
PROBLEM_TYPE = "application/problem+json"
PROBLEMS = {
    400: ("bad request", "the request could not be read"),
    403: ("not allowed", "no role of yours permits it"),
    404: ("not found", "it is not there, or not for you to see"),
}


def problem(status: int, title: str, detail: str, near: tuple[str, ...] = ()) -> HttpResponse:
    """The answer that holds a `Problem`."""
    body = Problem(title=title, status=status, detail=detail, near=list(near)).dict()
    return JsonResponse(body, status=status, content_type=PROBLEM_TYPE, json_dumps_params={"ensure_ascii": False})


class RegistryOut(Schema):
    """The registry's years and number of firms, in the region asked about and in all."""

    first_year: int | None
    last_year: int | None
    firms_here: int
    firms: int


class Envelope(Schema):
    """What every answer states: build, rulebook, day, registry."""

    build: str
    rulebook: str
    as_of: dt.date | None
    registry: RegistryOut


class Unknown(NamedTuple):
    """How an exception becomes a problem: its status and title, and what to do."""

    status: int
    title: str
    advice: str = ""


def answering(permission: str, unknowns: Mapping[type[Exception], Unknown]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Check the permission of a view, and put what nobody knows into a problem, with what comes near it."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.may(permission):  # type: ignore[union-attr]
                return problem(403, "not allowed", f"the permission {permission} is needed")
            try:
                return view(request, *args, **kwargs)
            except tuple(unknowns) as error:
                unknown = next(found for kind, found in unknowns.items() if isinstance(error, kind))
                detail = f"{error}; {unknown.advice}" if unknown.advice else str(error)
                return problem(unknown.status, unknown.title, detail, getattr(error, "near", ()))

        # ninja reads the parameters by their annotations, and would look the names up in this module, not in that of the view.
        guarded.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        return guarded

    return decorate


def require_permission(permission: str) -> Callable[[View], View]:
    """Answer 403 to a person none of whose roles grants `permission`. Objects he may not see are a 404, by `visible_to`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.may(permission):  # type: ignore[union-attr]
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


# --- middleware -----------------------------------------------------------------------------------------------------------------------
class RequestOrigin:
    """Give each request an id and remember its address while it is answered."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["REMOTE_ADDR"] = _caller(request)
        token = _origin.set(Origin(ip=request.META["REMOTE_ADDR"], request_id=request_id))
        kept = _read_once.set({} if request.method in {"GET", "HEAD"} else None)
        try:
            response = self.get_response(request)
        finally:
            _read_once.reset(kept)
            _origin.reset(token)
        response.headers["X-Request-Id"] = request_id
        return response


def _caller(request: HttpRequest) -> str:
    """The address of whoever calls: what the proxy noted, if the office has one, else that of the connection.

    Why: the proxy adds its entry at the end of X-Forwarded-For; the caller himself may have sent what stands before it.
    """
    noted = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.IS_BEHIND_PROXY else ""
    try:
        return str(ip_address(noted))
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))


class SecurityHeaders:
    """Content-Security-Policy and Permissions-Policy on every answer; no page stays behind on a machine that several people use."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class Language:
    """Chinese unless somebody chose otherwise: a person's own setting, else the cookie of the switch.

    Why: office machines often run an English browser, so Accept-Language says nothing about who reads.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.user.language if request.user.is_authenticated else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response


class LoggedIn:
    """Every address but the PUBLIC_URLS asks for a log-in; before anything else a one-time password must be changed, and who needs a
    second factor must set it up. Somebody outside the office opens what rooms name in OUTSIDE of their hooks, and nothing else.
    """

    WHILE_PASSWORD_IS_ONE_TIME = frozenset({"account_change_password", "account_logout", "language"})
    WHILE_FACTOR_IS_MISSING = WHILE_PASSWORD_IS_ONE_TIME | {"accounts:factor", "account_reauthenticate"}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content and not request.path.startswith("/api/"):
            page = render(request, "errors/405.html", status=response.status_code)
            page.headers["Allow"] = response.headers.get("Allow", "")
            return page
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse before the view runs; None lets it run."""
        match = request.resolver_match
        name = match.view_name if match else ""
        is_api = request.path.startswith("/api/")
        if name in settings.PUBLIC_URLS:
            return None
        user: Any = request.user
        if not user.is_authenticated:
            if is_api:
                return problem(401, *LOG_IN_FIRST)
            back = urlencode(_back(request))
            return _sent(request, f"{reverse(settings.LOGIN_URL)}?{back}" if back else reverse(settings.LOGIN_URL))
        if user.must_change_password and not request.session.get("signed_on") and name not in self.WHILE_PASSWORD_IS_ONE_TIME:
            step = problem(403, "change the one-time password first", "it is changed on the pages")
            return step if is_api else _sent(request, reverse("account_change_password"))
        return self._without_factor(request, name) or (
            _error(request, 403) if user.is_outside and name not in hooks.open_outside() else None
        )

    def _without_factor(self, request: HttpRequest, name: str) -> HttpResponse | None:
        """Where a role asks for a second factor that is not there."""
        user: Any = request.user
        has_factor = user.has_second_factor if user.token else request.session.get("second_factor", False)
        if name not in self.WHILE_FACTOR_IS_MISSING and user.must_set_up_second_factor(has_factor=has_factor):
            step = problem(403, "set up the second factor first", "a role of yours asks for it; it is set up on the pages")
            return step if request.path.startswith("/api/") else _sent(request, reverse("accounts:factor"))
        return None


LOG_IN_FIRST = ("log in first", "log in on the pages, or send a token: Authorization: Bearer …")


def _back(request: HttpRequest) -> dict[str, str]:
    """What the log-in page should know: where to go on, and why the session that was there ended."""
    why = str(getattr(request, "why_ended", str)())
    is_part = bool(request.headers.get("HX-Request"))  # a part of a page is nothing to go on with
    return {**({} if is_part else {"next": request.get_full_path()}), **({"ended": why} if why else {})}


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    """To another page; htmx, which asks for a part of one, is told to leave the page."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address)


def is_chinese() -> bool:
    """Whether the page is written in Chinese."""
    return (translation.get_language() or "").startswith("zh")


def login_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name under which failed log-ins are counted: what allauth passes on, else what the form sent; capitals make no other name.

    Why: axes looks for one key in both, and allauth calls it `username` in the one and `login` in the other; a count under no name locks
    nobody.
    """
    return str((credentials or {}).get("username") or request.POST.get("login", "")).strip().lower()[:255]


# --- the frame ------------------------------------------------------------------------------------------------------------------------
def page_frame(request: HttpRequest) -> dict[str, Any]:
    """What `base.html` needs on every page: navigation by permission and the languages."""
    return {
        "navigation": navigation(request),
        "is_oneself": request.resolver_match is not None and request.resolver_match.view_name == "accounts:profile",
        "languages": settings.LANGUAGES,
        "is_demo": settings.DEMO,
        "sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "password_is_off": settings.IS_PASSWORD_OFF,
    }


def navigation(request: HttpRequest) -> tuple[hooks.NavItem, ...]:
    """The entries this person may open, in order; the one he stands in is marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ()
    inside, may_open = _inside(get_script_prefix()), (item for item in hooks.navigation() if user.may(item.permission))
    return tuple(replace(item, is_here=inside[item.url_name].match(request.path) is not None) for item in may_open)


@cache
def _inside(_prefix: str) -> dict[str, re.Pattern[str]]:
    """A pattern of the addresses inside each entry, by the name of the entry's own address."""
    return {item.url_name: re.compile(item.prefix or item.address) for item in hooks.navigation()}


def home(request: HttpRequest) -> HttpResponse:
    """The first page a person may open; somebody without a role is told whom to ask."""
    items = navigation(request)
    return redirect(items[0].address) if items else render(request, "no_role.html")


# --- errors ---------------------------------------------------------------------------------------------------------------------------
def _error(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status, *PROBLEMS.get(status, ("server error", f"the log of the server tells more, at {origin().request_id}")))
    return render(request, f"errors/{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request could not be read."""
    return _error(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: visible, but not allowed."""
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not to be seen."""
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; drawn without the frame, which asks the database, and that may be the cause."""
    if request.path.startswith("/api/"):
        return _error(request, 500)
    return HttpResponse(render_to_string("errors/500.html", {"request_id": origin().request_id}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is older than the session."""
    return render(request, "errors/form_expired.html", status=403)
