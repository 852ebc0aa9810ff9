"""Settings of the demo: those of the web application, and passwords that work nowhere else.

Why: the demo's password is printed for everybody to read. Its hash carries an algorithm that only these settings know, so that an office
which by mistake serves a demo's database refuses every demo log-in.
"""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from wutong.web.settings import *  # noqa: F403


class DemoPasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2 under a name of its own, with few rounds: the password is public."""

    algorithm = "wutong_demo"
    iterations = 10_000


PASSWORD_HASHERS = ["wutong.demo.settings.DemoPasswordHasher"]
