"""What gunicorn serves: `gunicorn wutong.web.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wutong.web.settings")
application = get_wsgi_application()

from wutong.web.lib import warehouse  # noqa: E402 - needs settings

warehouse.warm()
