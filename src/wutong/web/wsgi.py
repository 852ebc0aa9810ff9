"""What gunicorn serves: `gunicorn wutong.web.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wutong.web.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from wutong.web.lib import running, warehouse  # noqa: E402 - needs settings
from wutong.web.projects.queries import lifecycles  # noqa: E402

if not settings.AUDIT_KEYS:
    raise ImproperlyConfigured(settings.NO_AUDIT_KEY)
running.hold("web")
get_resolver().url_patterns  # noqa: B018 - every room is imported before the first request comes
if faults := lifecycles.faults():
    raise ImproperlyConfigured("; ".join(f"{name}: {text}" for name, text in faults.items()))
warehouse.warm()
