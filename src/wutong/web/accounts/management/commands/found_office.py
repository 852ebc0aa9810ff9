"""First set-up of an office: its top unit and the three administrators, each with a one-time password printed once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from wutong.web.accounts.actions import people, postings, units
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import units as unit_rules
from wutong.web.lib import access


class Command(BaseCommand):
    """`django-admin found_office --name 某某市 --kind city --adcode 410700`."""

    help = "Make the top unit and the three administrators of a new office; prints each one-time password once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name, kind and division of the top unit."""
        parser.add_argument("--name", required=True, help="name of the top unit in Chinese")
        parser.add_argument("--kind", default="city", choices=[kind.value for kind in unit_rules.UnitKind])
        parser.add_argument("--adcode", default="", help="its six-digit division code")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, once."""
        if User.objects.exists() or Unit.objects.exists():
            raise CommandError("this database already has units or people; an administrator adds more on the pages")
        now = timezone.now()
        unit = units.add_unit(kind=options["kind"], name_zh=options["name"], adcode=options["adcode"], parent=None, by=None, at=now)
        for role in access_rules.roles().values():
            if role.is_administrator:
                user, password = people.create_user(username=role.code, display_name=role.zh, unit=unit, by=None, at=now)
                postings.post(user=user, unit=unit, role=role.code, starts_on=access.today(), by=None, at=now)
                self.stdout.write(f"{role.code}\t{password}")
