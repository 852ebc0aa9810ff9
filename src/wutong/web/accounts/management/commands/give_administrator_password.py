"""A new one-time password for an administrator who cannot log in: given on the server, because no page may give it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from wutong.web.accounts.actions import people
from wutong.web.accounts.actions.refusing import Refused
from wutong.web.accounts.models import User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.lib import access


class Command(BaseCommand):
    """`django-admin give_administrator_password security_admin`."""

    help = "Give a system, security or audit administrator a new one-time password, printed once; the audit chain tells of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose password."""
        parser.add_argument("username", help="user name of the administrator")
        parser.add_argument("--email", help="another e-mail for him too, which no page may give him where people log in by it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give and print it."""
        user = User.objects.get_queryset().filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"nobody has the user name {options['username']}")
        roles = access_rules.roles()
        held = user.postings.in_force(access.today()).values_list("role", flat=True)
        if not any(code in roles and roles[code].is_administrator for code in held):
            raise CommandError(f"{user.username} is no administrator; a system administrator gives him a password on the pages")
        if options.get("email") is not None:
            self._give_email(user, options["email"])
        password = people.reset_password(user=user, by=None, at=timezone.now(), on=access.today())
        self.stdout.write(f"{user.username}\t{password}")

    def _give_email(self, user: User, email: str) -> None:
        try:
            validate_email(email)
            people.change_user(user=user, email=email, by=None, at=timezone.now())
        except (ValidationError, Refused) as error:
            raise CommandError(f"{email!r} cannot be his e-mail; expected an address that no other account has") from error
