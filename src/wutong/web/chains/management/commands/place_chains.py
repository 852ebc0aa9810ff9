"""Place firms by the approved versions of chains: what an approval starts in the background."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from wutong.web.chains import tasks


class Command(BaseCommand):
    """`django-admin place_chains 7`; `wutong chains apply` asks for a placing and does this."""

    help = "Place firms by the approved versions of chains, for a placing that was asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which placing."""
        parser.add_argument("placing", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; the row says how it went."""
        with tasks.beating(options["placing"]):
            tasks.place(options["placing"])
