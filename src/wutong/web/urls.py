"""Every address of the application. The NinjaAPI is made here; each room adds its router."""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain
from typing import Any

from allauth.account import views as login_views
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import SessionAuth

from wutong.web.accounts.api import router as accounts_router
from wutong.web.accounts.views import login, oneself, sign_on
from wutong.web.accounts.views.tokens import TokenAuth
from wutong.web.assessment.api.bulletins import router as bulletins_router
from wutong.web.assessment.api.goals import router as goals_router
from wutong.web.assessment.api.inspections import router as inspections_router
from wutong.web.assessment.api.ratings import router as ratings_router
from wutong.web.assessment.api.remedies import router as remedies_router
from wutong.web.assessment.api.rewards import router as rewards_router
from wutong.web.assessment.api.runs import router as assessment_router
from wutong.web.chains.api import catalogues as catalogues_api
from wutong.web.chains.api import chains as chains_api
from wutong.web.chains.api import supply as supply_api
from wutong.web.chains.api import targets as targets_api
from wutong.web.cockpit.api import router as search_router
from wutong.web.firms.api import router as firms_router
from wutong.web.jobs.api import router as jobs_router
from wutong.web.leads.api.handed_in import router as leads_router
from wutong.web.leads.api.introductions import router as introductions_router
from wutong.web.leads.api.lists import router as target_lists_router
from wutong.web.lib import access, health
from wutong.web.outreach.api import router as outreach_router
from wutong.web.partners.api import router as partners_router
from wutong.web.projects.api.dispatch import router as dispatch_router
from wutong.web.projects.api.files import router as project_files_router
from wutong.web.projects.api.funds import router as funds_router
from wutong.web.projects.api.opportunities import router as opportunities_router
from wutong.web.projects.api.papers import router as projects_router
from wutong.web.projects.api.rates import router as rates_router
from wutong.web.rulebooks.api import router as rules_router

EVERYWHERE = (401, 403, 404, 422, 503)  # what any address may answer
JSON = "application/json"


class Api(NinjaAPI):
    """The API, whose description says that problems come as `application/problem+json`."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        problem = {"$ref": f"#/components/schemas/{access.Problem.__name__}"}
        for operation in chain.from_iterable(methods.values() for methods in schema["paths"].values()):
            for status in EVERYWHERE:
                operation["responses"].setdefault(
                    status, {"description": HTTPStatus(status).phrase, "content": {JSON: {"schema": problem}}}
                )
            for answer in operation["responses"].values():
                if answer.get("content", {}).get(JSON, {}).get("schema") == problem:
                    answer["content"] = {access.PROBLEM_TYPE: {"schema": problem}}
        return schema


api = Api(
    title="Wutong 梧桐",
    version="1",
    description="The same queries and actions as the pages, as JSON. Log in on the pages first, or send a token; every answer obeys the "
    "same access rules.",
    auth=[TokenAuth(), SessionAuth()],
)


@api.exception_handler(AuthenticationError)
def _not_logged_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return access.problem(401, *access.LOG_IN_FIRST)


@api.exception_handler(ValidationError)
def _not_readable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    found = "; ".join(f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors)
    return access.problem(422, "cannot be read", found)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return access.problem(error.status_code, HTTPStatus(error.status_code).phrase.lower(), str(error))


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    title, detail = access.PROBLEMS[403]
    return access.problem(403, title, str(error) or detail)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return access.problem(404, *access.PROBLEMS[404])


api.add_router("/accounts", accounts_router)
api.add_router("", jobs_router)
api.add_router("", rules_router)
api.add_router("", firms_router)
api.add_router("/leads", target_lists_router)
api.add_router("", partners_router)
api.add_router("", outreach_router)
api.add_router("/assessment/rewards", rewards_router)
api.add_router("/assessment/goals", goals_router)
api.add_router("/assessment/inspections", inspections_router)
api.add_router("/assessment/bulletins", bulletins_router)
api.add_router("/assessment", ratings_router)
api.add_router("/assessment", remedies_router)
api.add_router("/assessment", assessment_router)
api.add_router("/leads", leads_router)
api.add_router("/projects/opportunities", opportunities_router)
api.add_router("/projects/rates", rates_router)
api.add_router("/projects", projects_router)
api.add_router("/projects", dispatch_router)
api.add_router("/projects", funds_router)
api.add_router("/projects", project_files_router)
api.add_router("/leads/introductions", introductions_router)
api.add_router("", search_router)
for router in (chains_api.router, targets_api.router, supply_api.router, catalogues_api.router):
    api.add_router("", router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", access.home, name="home"),
    path("login/", login_views.login, name="account_login"),
    path("logout/", login_views.logout, name="account_logout"),
    path("inactive/", login_views.account_inactive, name="account_inactive"),
    path("password/", login.change_password, name="account_change_password"),
    path("login/sign-on/", sign_on.begin, name="oidc_login"),
    path("login/sign-on/callback/", sign_on.callback, name="oidc_callback"),
    path("login/code/", login.code, name="mfa_authenticate"),
    path("reauthenticate/code/", login.confirm_by_code, name="mfa_reauthenticate"),
    path("reauthenticate/", login_views.reauthenticate, name="account_reauthenticate"),
    path("language/", oneself.choose_language, name="language"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("accounts/", include("wutong.web.accounts.urls")),
    path("audit/", include("wutong.web.audit.urls")),
    path("jobs/", include("wutong.web.jobs.urls")),
    path("", include("wutong.web.cockpit.urls")),
    path("batches/", include("wutong.web.batches.urls")),
    path("journal/", include("wutong.web.journal.urls")),
    path("api/", api.urls),
]
if "wutong.web.rulebooks" in settings.ROOMS:
    urlpatterns.append(path("rules/", include("wutong.web.rulebooks.urls")))
if "wutong.web.firms" in settings.ROOMS:
    urlpatterns.append(path("firms/", include("wutong.web.firms.urls")))
if "wutong.web.partners" in settings.ROOMS:
    urlpatterns.append(path("partners/", include("wutong.web.partners.urls")))
if "wutong.web.chains" in settings.ROOMS:
    urlpatterns.append(path("chains/", include("wutong.web.chains.urls")))
if "wutong.web.leads" in settings.ROOMS:
    urlpatterns.append(path("leads/", include("wutong.web.leads.urls")))
if "wutong.web.assessment" in settings.ROOMS:
    urlpatterns.append(path("assessment/", include("wutong.web.assessment.urls")))
if "wutong.web.outreach" in settings.ROOMS:
    urlpatterns.append(path("trips/", include("wutong.web.outreach.urls")))
if "wutong.web.projects" in settings.ROOMS:
    urlpatterns.append(path("projects/", include("wutong.web.projects.urls")))

handler400 = "wutong.web.lib.access.bad_request"
handler403 = "wutong.web.lib.access.forbidden"
handler404 = "wutong.web.lib.access.not_found"
handler500 = "wutong.web.lib.access.server_error"
