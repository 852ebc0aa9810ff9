"""Settings of the web application. Every choice of an office comes from the environment (`WUTONG_…`); `docs/guide` explains each."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

WEB = Path(__file__).resolve().parent


def _flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if text and not text.isdigit():
        raise ImproperlyConfigured(f"{name}={text!r} is not a whole number")
    return int(text) if text else default


def _secret_key(data: Path, *, may_make: bool) -> str:
    """The key from the environment; a demo keeps one of its own, readable by its owner only."""
    if key := os.environ.get("WUTONG_SECRET_KEY", ""):
        return key
    if not may_make:
        raise ImproperlyConfigured(
            "WUTONG_SECRET_KEY is not set. Make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'` and keep it "
            "outside the database; only a demo (WUTONG_DEMO=1) makes its own."
        )
    path = data / "secret_key"
    if not path.exists():
        _make_secret(path)
    return path.read_text("utf-8").strip()


NO_AUDIT_KEY = (
    "There is no key of the audit chain, so nothing that is done could be signed. Make one with `wutong audit key` (it writes "
    "audit_key in the data folder, readable by its owner only) or give it by WUTONG_AUDIT_KEY; keep a copy in a safe place, never "
    "beside a copy of the database. Only a demo (WUTONG_DEMO=1) makes its own."
)


def _audit_keys(path: Path, *, may_make: bool) -> tuple[str, ...]:
    """The keys of the audit chain, oldest first: from the environment, else from a file that its owner alone may read. None: empty."""
    if given := os.environ.get("WUTONG_AUDIT_KEY", ""):
        return tuple(given.replace(",", " ").split())
    if not path.exists():
        if not may_make:
            return ()
        _make_secret(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ImproperlyConfigured(f"{path} can be read by others than its owner; run `chmod 600 {path}`, or better make a new key")
    return tuple(path.read_text("utf-8").split())


def _one_of(name: str, *known: str) -> str:
    """One of the words, the first unless another is given."""
    word = os.environ.get(name, "").strip() or known[0]
    if word not in known:
        raise ImproperlyConfigured(f"{name}={word!r}; expected {' or '.join(known)}")
    return word


def _sign_on() -> tuple[str, str, str]:
    """Issuer, client and secret of the office's OpenID Connect provider: all or none."""
    names = ("WUTONG_OIDC_ISSUER", "WUTONG_OIDC_CLIENT_ID", "WUTONG_OIDC_CLIENT_SECRET")
    issuer, client, secret = (os.environ.get(name, "").strip() for name in names)
    if missing := [name for name, value in zip(names, (issuer, client, secret), strict=True) if not value]:
        if len(missing) == len(names):
            return "", "", ""
        raise ImproperlyConfigured(f"{', '.join(missing)} not set; single sign-on needs {', '.join(names)}, as its provider gives them")
    parts = urlsplit(issuer)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ImproperlyConfigured(f"WUTONG_OIDC_ISSUER={issuer!r} is no address such as https://login.example.gov.cn/realms/office")
    if parts.scheme == "http" and parts.hostname not in _words("WUTONG_OIDC_PRIVATE_HOSTS"):
        raise ImproperlyConfigured(
            f"WUTONG_OIDC_ISSUER must begin with https://; without TLS only a host that WUTONG_OIDC_PRIVATE_HOSTS lists ({parts.hostname})"
        )
    return issuer, client, secret


def _provider(issuer: str, client: str, secret: str, name: str) -> dict[str, Any]:
    """The provider as allauth wants it told."""
    app = {"provider_id": "office", "name": name, "client_id": client, "secret": secret}
    return {"OAUTH_PKCE_ENABLED": True, "APPS": [{**app, "settings": {"server_url": issuer}}] if issuer else []}


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass


# PostgreSQL leaves more than eight tables in the order they were written down, and so read every row of every list for one firm. Many
# ask at once: a question that takes several processors, or a compiler, takes them from the others. What an office holds lies in memory or
# on flash: a row by its key costs what the next row costs, and not four times as much, as PostgreSQL reckons with turning discs.
PAGES_OF_POSTGRESQL = (
    "-c join_collapse_limit=14 -c from_collapse_limit=14 -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c jit=off"
)


def _database(url: str, data: Path) -> dict[str, Any]:
    """PostgreSQL from `postgresql://user:password@host:port/name`, else a SQLite file in the data directory."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data / "wutong.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("WUTONG_DATABASE_URL must look like postgresql://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query))
    options["options"] = f"{PAGES_OF_POSTGRESQL} {options.get('options', '')}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DEBUG = _flag("WUTONG_DEBUG")
DEMO = _flag("WUTONG_DEMO")
DATA = Path(os.environ.get("WUTONG_DATA", "") or "var").resolve()
WAREHOUSE = Path(os.environ.get("WUTONG_WAREHOUSE", "") or DATA / "warehouse").resolve()
SECRET_KEY = _secret_key(DATA, may_make=DEBUG or DEMO)
AUDIT_KEY_FILE = DATA / "audit_key"
IS_AUDIT_KEY_GIVEN = bool(os.environ.get("WUTONG_AUDIT_KEY", ""))
AUDIT_KEYS = _audit_keys(AUDIT_KEY_FILE, may_make=DEBUG or DEMO)
LIFECYCLE_FILE = os.environ.get("WUTONG_LIFECYCLE", "")
RATES_FILE = os.environ.get("WUTONG_RATES", "")
AUDIT_ANCHORS = Path(os.environ.get("WUTONG_AUDIT_ANCHORS", "") or DATA / "anchors").resolve()
DATABASES = {"default": _database(os.environ.get("WUTONG_DATABASE_URL", ""), DATA)}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATA.mkdir(parents=True, exist_ok=True)

_LOCAL = "localhost,127.0.0.1,[::1]"
ALLOWED_HOSTS = _words("WUTONG_ALLOWED_HOSTS", _LOCAL)
CSRF_TRUSTED_ORIGINS = _words("WUTONG_CSRF_ORIGINS")

ROOT_URLCONF = "wutong.web.urls"
WSGI_APPLICATION = "wutong.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

# Our own rooms, top to bottom as in docs/adr/0001-the-house.md.
_ROOMS = (
    "cockpit", "assessment", "outreach", "projects", "leads",
    "chains", "partners", "firms", "rulebooks", "journal", "batches", "jobs", "accounts", "audit",
)  # fmt: skip
ROOMS = [f"wutong.web.{room}" for room in _ROOMS if (WEB / room / "__init__.py").exists()]
INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_filters",
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "wutong.web.lib.access.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wutong.web.lib.access.RequestOrigin",
    "wutong.web.lib.logs.Requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "wutong.web.lib.uploads.Bounded",  # before whatever reads the form
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wutong.web.accounts.views.login.Sessions",
    "wutong.web.accounts.views.tokens.ByToken",
    "wutong.web.lib.access.Language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "wutong.web.lib.access.LoggedIn",
    "wutong.web.lib.warehouse.NoBuild",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wutong.web.lib.access.page_frame",
            ],
            "libraries": {"wutong": "wutong.web.lib.money"},
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "wutong.web.lib.money", "wutong.web.lib.drawing"],
        },
    },
]

# --- language, time -------------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "wutong_language"
LOCALE_PATHS = [WEB / "locale"]
USE_I18N = True
USE_TZ = True
# Sentences of Django's own forms that our catalogue words anew: plainly, and without addressing anybody.
_SENTENCES_WORDED_ANEW = (
    _("This field is required."),
    _("Enter a valid value."),
    _("Enter a valid date."),
    _("Enter a whole number."),
    _("Enter a number."),
    _("Enter a valid email address."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("Null characters are not allowed."),
    _("“%(value)s” is not a valid UUID."),
    _("Constraint “%(name)s” is violated."),
    _("%(model_name)s with this %(field_label)s already exists."),
    _("%(model_name)s with this %(field_labels)s already exists."),
    _("Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."),
    _("The password is too similar to the %(verbose_name)s."),
    _("This password is too common."),
    _("This password is entirely numeric."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %(min_length)d character.",
        "This password is too short. It must contain at least %(min_length)d characters.",
        "min_length",
    ),
)
TIME_ZONE = os.environ.get("WUTONG_TIME_ZONE", "") or "Asia/Shanghai"

# --- files the browser loads ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [WEB / "static"]
_IS_SERVED_FROM_SOURCE = DEBUG or _flag("WUTONG_STATIC_FROM_SOURCE")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if _IS_SERVED_FROM_SOURCE else "wutong.web.lib.drawing.Assets"
    },
}
WHITENOISE_USE_FINDERS = _IS_SERVED_FROM_SOURCE
WHITENOISE_AUTOREFRESH = _IS_SERVED_FROM_SOURCE
MEDIA_ROOT = DATA / "files"
BATCHES = DATA / "batches"  # files of imports and exports, outside the web root
IMPORT_LARGEST_MB = _number("WUTONG_IMPORT_LARGEST_MB", 50)
REGISTRY_LARGEST_MB = _number("WUTONG_REGISTRY_LARGEST_MB", 4_000)
EXPORT_AT_ONCE_ROWS = _number("WUTONG_EXPORT_AT_ONCE_ROWS", 5_000)  # larger exports are prepared in the background
EXPORT_KEPT_DAYS = _number("WUTONG_EXPORT_KEPT_DAYS", 7)
IMPORT_KEPT_DAYS = _number("WUTONG_IMPORT_KEPT_DAYS", 180)
BACKUPS = Path(os.environ.get("WUTONG_BACKUPS", "") or DATA / "backups").resolve()

# --- cookies, headers -----------------------------------------------------------------------------------------------------------------
# Plain HTTP is for the demo and for the developer; an office that ends TLS elsewhere says so with WUTONG_BEHIND_TLS_PROXY.
_IS_PLAIN_HTTP = DEBUG or DEMO or _flag("WUTONG_PLAIN_HTTP")
IS_BEHIND_PROXY = _flag("WUTONG_BEHIND_TLS_PROXY")
if IS_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not _IS_PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = _number("WUTONG_SESSION_HOURS", 8) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 0 if _IS_PLAIN_HTTP else _number("WUTONG_HSTS_SECONDS", 31_536_000)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "wutong.web.lib.access.csrf_failure"
# Styles set on an element are needed for bars and charts; scripts come from files of ours only.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(self), payment=(), usb=()"

# --- who is there ---------------------------------------------------------------------------------------------------------------------
# The only URLs, by name, that answer somebody who is not logged in; the access sweep tests every other.
PUBLIC_URLS = [
    *("account_login", "account_logout", "account_inactive", "mfa_authenticate", "oidc_login", "oidc_callback"),
    *("language", "live", "ready"),
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "wutong.web.accounts.views.login.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "wutong.web.accounts.views.login.LoginAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PRESERVE_USERNAME_CASING = False
MFA_ADAPTER = "wutong.web.accounts.views.login.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODE_COUNT = 10
MFA_TOTP_ISSUER = "梧桐"
# Single sign-on: on where all three are given. A private network is asked only where it is listed, as by robots.
OIDC_ISSUER, OIDC_CLIENT_ID, _OIDC_SECRET = _sign_on()
OIDC_NAME = os.environ.get("WUTONG_OIDC_NAME", "") or "统一身份认证"
OIDC_CLAIM = os.environ.get("WUTONG_OIDC_CLAIM", "") or "preferred_username"
OIDC_PRIVATE_HOSTS = _words("WUTONG_OIDC_PRIVATE_HOSTS")
IS_PASSWORD_OFF = _one_of("WUTONG_PASSWORD_LOGIN", "everybody", "security") == "security"
if IS_PASSWORD_OFF and not OIDC_ISSUER:
    raise ImproperlyConfigured("WUTONG_PASSWORD_LOGIN=security leaves nobody a way in while WUTONG_OIDC_ISSUER is not set")
SOCIALACCOUNT_ADAPTER = "wutong.web.accounts.views.sign_on.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": _provider(OIDC_ISSUER, OIDC_CLIENT_ID, _OIDC_SECRET, OIDC_NAME)}
# axes counts failures in the database, for all processes together; allauth's own counter would only see one process.
ACCOUNT_RATE_LIMITS = {"login_failed": False, "login": False}
AXES_FAILURE_LIMIT = _number("WUTONG_LOCKOUT_FAILURES", 5)
AXES_COOLOFF_TIME = _number("WUTONG_LOCKOUT_HOURS", 1)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "wutong.web.lib.access.login_name"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "errors/locked.html"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "code", "oldpassword", "password1", "password2"]
AXES_ALLOWED_CORS_ORIGINS = ""

# --- background jobs ------------------------------------------------------------------------------------------------------------------
# A worker that has said nothing for so long is taken for dead; a job that does not listen has so long to end when the worker must stop.
JOB_LEASE_SECONDS = _number("WUTONG_JOB_LEASE_SECONDS", 60)
JOB_PAUSE_SECONDS = _number("WUTONG_JOB_PAUSE_SECONDS", 30)  # before a second attempt; twice as long before each that follows
JOB_GRACE_SECONDS = _number("WUTONG_JOB_GRACE_SECONDS", 20)

# --- messages -------------------------------------------------------------------------------------------------------------------------
# Without a mail server no e-mail is written. Robots post to hosts of the internet only, unless a host or network is listed.
EMAIL_HOST = os.environ.get("WUTONG_EMAIL_HOST", "")
EMAIL_PORT = _number("WUTONG_EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("WUTONG_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("WUTONG_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = _flag("WUTONG_EMAIL_STARTTLS")
EMAIL_USE_SSL = _flag("WUTONG_EMAIL_TLS")
EMAIL_TIMEOUT = _number("WUTONG_EMAIL_TIMEOUT_SECONDS", 20)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("WUTONG_EMAIL_FROM", "") or EMAIL_HOST_USER or "wutong@localhost"
OFFICE_URL = os.environ.get("WUTONG_OFFICE_URL", "").rstrip("/")
ROBOT_PRIVATE_HOSTS = _words("WUTONG_ROBOT_PRIVATE_HOSTS")

# --- attachments ----------------------------------------------------------------------------------------------------------------------
FILE_MOST_BYTES = _number("WUTONG_FILE_MEGABYTES", 50) * 1024**2
RECORD_MOST_BYTES = _number("WUTONG_RECORD_MEGABYTES", 500) * 1024**2
UNIT_MOST_BYTES = _number("WUTONG_UNIT_MEGABYTES", 20_000) * 1024**2

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The editor of a rule sends every field of it beside its text, also without script: 6,800 for four groups of 80 indicators.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # The proxy in front redirects to HTTPS.

_LOG_FORMAT = os.environ.get("WUTONG_LOG_FORMAT", "") or ("line" if DEBUG or DEMO else "json")
if _LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"WUTONG_LOG_FORMAT={_LOG_FORMAT!r}; expected json or line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "wutong.web.lib.logs.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": os.environ.get("WUTONG_LOG_LEVEL", "") or "INFO"},
    # axes would write user names; who failed to log in stands in the audit chain.
    "loggers": {"axes": {"level": "CRITICAL"}},
}
