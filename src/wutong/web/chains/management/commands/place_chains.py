"""Place firms by the approved versions of chains: what an approval starts in the background."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wutong.web.chains import tasks


class Command(BaseCommand):
    """`django-admin place_chains 7`; `wutong chains apply` asks for a placing and does this."""

    help = "Place firms by the approved versions of chains, for a placing that was asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which placing, and in which database it stands."""
        parser.add_argument("placing", type=int)
        parser.add_argument("--database", default="", help="refuse to do anything in another database than this one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; the row says how it went."""
        if options["database"] and options["database"] != tasks.database():
            raise CommandError(f"asked to place for {options['database']}, but this process would write to {tasks.database()}")
        with tasks.beating(options["placing"]):
            tasks.place(options["placing"])
