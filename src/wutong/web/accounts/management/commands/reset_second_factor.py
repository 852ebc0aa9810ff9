"""Take the lost second factor away from somebody, where no security administrator can."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from wutong.web.accounts.actions import factors
from wutong.web.accounts.actions.refusing import Refused
from wutong.web.accounts.models import User


class Command(BaseCommand):
    """For the operator of the server; the audit names no person, and the owner of the account is told."""

    help = "Take the second factor away from a person who lost it; the next log-in asks for the password alone, or for a new set-up."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and why."""
        parser.add_argument("username")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it, or say why not."""
        user = User.objects.get_queryset().filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"nobody has the user name {options['username']}")
        try:
            factors.reset(user=user, reason=options["reason"], by=None, at=timezone.now())
        except Refused as error:
            raise CommandError(f"{options['username']}: {error}") from error
        self.stdout.write(f"{user}: the second factor is reset; every session has ended")
