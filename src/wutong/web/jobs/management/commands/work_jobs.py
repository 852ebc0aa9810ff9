"""One worker: what `wutong work` starts several of and looks after."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from wutong.web.jobs.tasks import working
from wutong.web.lib import running


class Command(BaseCommand):
    """`django-admin work_jobs`; started by `wutong work`, which starts another one when this one dies."""

    help = "Work on background jobs until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose end is the end of this one; or one job only."""
        parser.add_argument("--parent", type=int, default=None, help="stop when this process is gone")
        parser.add_argument("--job", type=int, default=None, help="work on this job only, and end with it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work; SIGTERM and Ctrl-C finish the step and give the job back."""
        stopping = Event()
        running.hold(running.WORKER)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        if options["job"]:
            working.work_off(options["job"], worker=working.name_of_worker(), stopping=stopping)
            return
        working.work(worker=working.name_of_worker(), stopping=stopping, parent=options["parent"])
