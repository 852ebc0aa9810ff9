"""Single sign-on (统一身份认证) by OpenID Connect: whom the office's provider names, if the office knows that person already.

allauth carries the protocol (discovery, state, PKCE, exchange of the code); here stands what it leaves open: nonce, signature and issuer
are always checked, nobody is made an account, and no request leaves for a private network that is not listed.
Source: OpenID Connect Core 1.0, 3.1.3.7 (ID Token Validation).
"""

from __future__ import annotations

import secrets
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from wutong.web.accounts.actions import login
from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.queries.logins import NoSuchPerson
from wutong.web.lib import access

ALGORITHMS = {f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)}  # a key that only the provider has
PROVIDER = "office"
TIMEOUT_SECONDS = 10
BEGUN_SECONDS, BEGUN_AT_MOST = 60, 120  # by address; an office may have one for all its people
FAULTS = {
    "state": gettext_lazy("The answer does not belong to a log-in that was begun in this browser, or came too late."),
    "too_many": gettext_lazy("Too many log-ins were begun from this address. Try again in a minute."),
    "refused": gettext_lazy("The sign-on service did not confirm the log-in."),
    "unreachable": gettext_lazy("The sign-on service cannot be reached, or its address is not allowed."),
    "token": gettext_lazy("What the sign-on service sent is not valid."),
    NoSuchPerson.NO_CLAIM: gettext_lazy("The sign-on service does not say who this is in the way that the office agreed on."),
    NoSuchPerson.NOT_VERIFIED: gettext_lazy("The sign-on service has not verified the e-mail address."),
    NoSuchPerson.UNKNOWN: gettext_lazy("Nobody here has an account under this name."),
    NoSuchPerson.SEVERAL: gettext_lazy("Several accounts have this name."),
}


# --- requests that look where they go ---------------------------------------------------------------------------------------------------
def _is_listed(host: str, resolved: str) -> bool:
    found = ip_address(resolved.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    networks = [entry for entry in settings.OIDC_PRIVATE_HOSTS if entry[:1].isdigit() or ":" in entry]
    return host in settings.OIDC_PRIVATE_HOSTS or any(found in ip_network(one, strict=False) for one in networks)


class _Looking:
    """Looks at the machine that it is connected to before a byte is sent: a name may stand for another one by then."""

    def _new_conn(self) -> Any:
        line = super()._new_conn()  # type: ignore[misc]
        resolved = line.getpeername()[0]
        if not ip_address(resolved.partition("%")[0]).is_global and not _is_listed(self.host, resolved):  # type: ignore[attr-defined]
            line.close()
            raise requests.ConnectionError(f"{self.host} stands for {resolved}; list it in WUTONG_OIDC_PRIVATE_HOSTS")  # type: ignore[attr-defined]
        return line


class _Plain(_Looking, HTTPConnection):
    pass


class _Secure(_Looking, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Careful(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}  # type: ignore[attr-defined]

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(request.url)
        if parts.scheme != "https" and parts.hostname not in settings.OIDC_PRIVATE_HOSTS:
            raise requests.ConnectionError(f"{parts.hostname} is asked without TLS; list it in WUTONG_OIDC_PRIVATE_HOSTS")
        kwargs["timeout"] = TIMEOUT_SECONDS
        response = super().send(request, *args, **kwargs)
        if response.is_redirect:
            raise requests.ConnectionError("redirections are not followed")
        return response


class SocialAdapter(DefaultSocialAccountAdapter):
    """Gives allauth requests that look where they go, through no proxy of the environment."""

    def get_requests_session(self) -> requests.Session:
        """A session for the provider's addresses."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Careful())
        return session


# --- the protocol -----------------------------------------------------------------------------------------------------------------------
class Adapter(OpenIDConnectOAuth2Adapter):
    """The office's provider; what it says of itself must be what the settings say."""

    @property
    def openid_config(self) -> Any:
        """Discovery. Raises: OAuth2Error."""
        config = super().openid_config
        if config.get("issuer") != settings.OIDC_ISSUER:
            raise OAuth2Error("the provider names another issuer")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Where the provider sends the browser back to."""
        return str(request.build_absolute_uri(reverse("oidc_callback")))

    def claims(self, answer: dict[str, Any], nonce: str) -> dict[str, Any]:
        """What the provider says of the person, once the ID token is proved. Raises: OAuth2Error, PyJWTError, KeyError."""
        token, client_id = str(answer["id_token"]), settings.OIDC_CLIENT_ID
        if jwt.get_unverified_header(token).get("alg") not in ALGORITHMS:
            raise OAuth2Error("the ID token is signed in a way that proves nothing")
        said: dict[str, Any] = jwtkit.verify_and_decode(
            credential=token, keys_url=self.openid_config["jwks_uri"], issuer=settings.OIDC_ISSUER, audience=client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )  # fmt: skip
        if not secrets.compare_digest(str(said.get("nonce", "")), nonce) or said.get("azp", client_id) != client_id or not said["exp"]:
            raise OAuth2Error("the ID token was made for something else")
        if settings.OIDC_CLAIM not in said and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(answer["access_token"])
            if more.get("sub") != said["sub"]:
                raise OAuth2Error("the provider speaks of another person")
            said = {**more, **said}
        return said


class Provider(OpenIDConnectProvider):
    """allauth's provider with our adapter."""

    oauth2_adapter_class = Adapter


def _provider(request: HttpRequest) -> Provider:
    if not settings.OIDC_ISSUER:
        raise Http404
    app = SocialAdapter(request).get_app(request, provider=PROVIDER)
    return Provider(request, app=app)


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """To the provider's log-in page."""
    provider, wanted = _provider(request), request.GET.get("next", "")
    if _is_one_too_many(access.origin().ip):
        return _said(request, "too_many", status=429)
    is_safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    nonce = secrets.token_urlsafe(24)
    try:
        response: HttpResponse = provider.redirect(
            request, process="login", next_url=wanted if is_safe else None, data={"nonce": nonce}, auth_params={"nonce": nonce}
        )
    except (requests.RequestException, OAuth2Error, KeyError):
        return _failed(request, "unreachable")
    return response


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider: log in whom it names, if the office knows that person."""
    provider = _provider(request)
    state = statekit.unstash_state(request, provider_id=provider.sub_id, state_id=request.GET.get("state", ""))
    if state is None:  # anybody may come like this, as often as he likes: nothing is written down
        return _said(request, "state")
    if "code" not in request.GET:
        return _failed(request, "refused")
    try:
        said = _asked(request, provider, state)
    except requests.RequestException:
        return _failed(request, "unreachable")
    except (OAuth2Error, jwt.PyJWTError, KeyError, TypeError, ValueError):
        return _failed(request, "token")
    return _let_in(request, said, state.get("next"))


def _asked(request: HttpRequest, provider: Provider, state: dict[str, Any]) -> dict[str, Any]:
    adapter = provider.get_oauth2_adapter(request)
    client = adapter.get_client(request, provider.app)
    answer = adapter.get_access_token_data(request, provider.app, client, pkce_code_verifier=state.get("pkce_code_verifier"))
    said: dict[str, Any] = adapter.claims(answer, str(state["data"]["nonce"]))
    return said


def _let_in(request: HttpRequest, said: dict[str, Any], wanted: str | None) -> HttpResponse:
    person = queries.person_of_claims(said)
    if isinstance(person, NoSuchPerson):
        return _failed(request, person, name=str(said.get(settings.OIDC_CLAIM, "")))
    record_authentication(request, person, "socialaccount", provider=PROVIDER)
    return perform_login(request, Login(user=person, redirect_url=wanted))


def _failed(request: HttpRequest, why: str, *, name: str = "") -> HttpResponse:
    """Say and write down why nobody was let in."""
    login.record_failed_sign_on(username=name, why=str(why), at=timezone.now())
    return _said(request, why, name=name)


def _said(request: HttpRequest, why: str, *, name: str = "", status: int = 403) -> HttpResponse:
    return render(request, "account/sign_on_failed.html", {"why": FAULTS[why], "name": name}, status=status)


def _is_one_too_many(address: str) -> bool:
    """Whether too many log-ins were begun from an address within a minute: each makes a session and asks the provider."""
    key = f"accounts.sign_on:{address}"
    cache.add(key, 0, BEGUN_SECONDS)
    try:
        return cache.incr(key) > BEGUN_AT_MOST
    except ValueError:  # the minute ended between the two
        return False
