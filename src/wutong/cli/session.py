"""What commands share: the folders, the opened warehouse, how answers are printed, and the types of options."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from wutong.engine import answers, wording
from wutong.engine.answers import RegistryHere, plain
from wutong.engine.places import Places, Region
from wutong.engine.plain_text import table
from wutong.engine.warehouse import Warehouse, in_force
from wutong.rulebook.load import Rulebook

NARROWEST = 60
WRONG = 2
Command = Callable[[argparse.Namespace], int]
Add = Callable[..., argparse.ArgumentParser]


def data_folder() -> Path:
    """`WUTONG_DATA`, by default ./var."""
    return Path(os.environ.get("WUTONG_DATA") or "var")


def warehouse_folder() -> Path:
    """`WUTONG_WAREHOUSE`, by default the folder `warehouse` of the data folder."""
    return Path(os.environ.get("WUTONG_WAREHOUSE") or data_folder() / "warehouse")


def rules_in_force() -> Rulebook:
    """The rulebook of the build that serves; the one shipped where none does."""
    return in_force(warehouse_folder())


def with_documents(rulebook: Rulebook, as_of: dt.date | None = None) -> Rulebook:
    """A rulebook with the office's own rule documents over it, as the pages answer. Raises: OSError where they cannot be read.

    Why: the mark says that there are some; without it no command needs the database.
    """
    if not (data_folder() / "rules_in_force").is_file():
        return rulebook
    from wutong.cli.office import office  # noqa: PLC0415  only where the office has rules of its own

    office()
    from django.db import DatabaseError  # noqa: PLC0415

    from wutong.web.lib import access  # noqa: PLC0415
    from wutong.web.lib import rulebook as rules  # noqa: PLC0415

    try:
        return rules.in_force(rulebook, asked_on=None if as_of else access.today())
    except DatabaseError as error:
        raise OSError(f"the office's own rules cannot be read from its database: {error}") from error


class Session:
    """What a command needs, opened when it is first asked for."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.is_english = arguments.lang == "en"
        self.warehouse = Warehouse.open(warehouse_folder())
        self.rulebook: Rulebook = with_documents(self.warehouse.rulebook, getattr(arguments, "as_of", None))
        folder = data_folder() / "places"
        self.places = Places(self.warehouse, folder if folder.is_dir() else None)

    @property
    def as_of(self) -> dt.date | None:
        """The day asked for."""
        day: dt.date | None = self.arguments.as_of
        return day

    def region(self, text: str | None) -> Region | None:
        """The region of an option. Raises: UnknownRegion."""
        return self.places.region(text) if text else None

    def say(self, zh: str, en: str) -> str:
        """One of two texts, by the language asked for."""
        return en if self.is_english else zh

    def show(self, headers: Sequence[wording.Words], rows: Iterable[Sequence[str]], **how: Any) -> None:
        """Print a table as wide as the terminal; into a pipe or a file, uncut."""
        within = max(NARROWEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() or "COLUMNS" in os.environ else None
        print(table([self.say(*header) for header in headers], rows, within=within, **how))

    def envelope(self, registry: RegistryHere, results: Any, **more: Any) -> dict[str, Any]:
        """What every answer carries."""
        head = {
            "build": self.warehouse.info.build_id,
            "rulebook": self.rulebook.hash,
            "as_of": answers.as_of_day(self.warehouse, self.as_of),
            "registry": registry,
        }
        return {**head, **more, "results": results}


def out(value: Any) -> None:
    """Print JSON as people and programs read it."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=1))


def without_numbers(row: Any) -> dict[str, Any]:
    """A row without the row numbers of a build, which mean nothing outside."""
    values: dict[str, Any] = plain(row)
    return {name: value for name, value in values.items() if name != "firm_no"}


def registry_line(session: Session, registry: RegistryHere, region: Region | None) -> str:
    """What the registry holds there, said under every answer."""
    years = f"{registry.first_year or '?'}-{registry.last_year or '?'}"
    day = answers.as_of_day(session.warehouse, session.as_of)
    if region is None:
        return session.say(
            f"企业库：全国 {registry.firms:,} 家（{years}），截至 {day}",
            f"Registry: {registry.firms:,} firms in the nation ({years}), as of {day}",
        )
    name = region.full_name
    return session.say(
        f"企业库：{name} {registry.firms_here:,} 家（{years}），全库 {registry.firms:,} 家，截至 {day}",
        f"Registry: {registry.firms_here:,} firms in {name} ({years}), {registry.firms:,} in all, as of {day}",
    )


def day(text: str) -> dt.date:
    """A date option."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; expected year-month-day such as 2004-12-31") from None


def count(text: str) -> int:
    """A whole number from 0."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no count; expected 0 (all) or more")
    return int(text)


def kilometres(text: str) -> float:
    """A distance above 0, and not beyond half the Earth."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 20_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no distance; expected kilometres above 0")
    return value


def about(made: argparse.ArgumentParser, *, has_segment: bool) -> None:
    """The options of every question about a chain in a region."""
    made.add_argument("--region", required=True, metavar="R", help="division code, or id of a zone, park or township")
    made.add_argument("--chain", required=True, metavar="C", help="see `wutong chains list`")
    if has_segment:
        made.add_argument("--segment", required=True, metavar="S", help="see `wutong chains show C`")
    made.add_argument("--radius-km", type=kilometres, metavar="KM", help="supply radius (default: the rulebook's)")
