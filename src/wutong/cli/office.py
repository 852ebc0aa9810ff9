"""How commands open the office's database, and the demo."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from wutong.cli.session import WRONG, Add


class UnknownPerson(LookupError):  # noqa: N818
    """Nobody active has that user name."""


def office() -> None:
    """Set Django up for a command that reads or writes the office's database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wutong.web.settings")
    import django  # noqa: PLC0415  only these commands need it

    django.setup()


def is_open() -> bool:
    """Whether Django is set up in this process."""
    from django.apps import apps  # noqa: PLC0415

    return apps.ready


def person(username: str) -> Any:
    """The active person of a user name, as whom a command writes. Raises: UnknownPerson."""
    from wutong.web.accounts.models import User  # noqa: PLC0415  Django is set up only now

    found = User.objects.get_queryset().filter(username=username.lower(), is_active=True).select_related("unit").first()
    if found is None:
        raise UnknownPerson(f"nobody active has the user name {username!r}; expected one that the page People lists")
    return found


def run_demo(arguments: argparse.Namespace) -> int:
    """Make and serve the demo."""
    from wutong.demo import run as demo  # noqa: PLC0415  brings Django along

    try:
        say = partial(print, flush=True)  # at once, into a pipe too
        return demo.run(firms=[Path(name) for name in arguments.firms or ()], serve=arguments.serve, region=arguments.region, say=say)
    except demo.AddressError as error:
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG


def register(commands: Any, add: Add) -> None:
    """Their options."""
    made = add(commands, "demo", run_demo, "make the fictional demo and serve it", has_day=False)
    made.add_argument("--firms", nargs="+", metavar="FILE", help="serve a real registry instead")
    made.add_argument("--serve", metavar="HOST:PORT", help="serve pages there")
    made.add_argument("--region", metavar="R", help="the prefecture of the demo's bureau")
