"""All commands and options; errors in words, with exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from wutong.cli import audit, comparison, figures, lists, office, operations, rates, registry, reward, rule_files, rules, score, tags, work
from wutong.cli import catalogues as catalogue_commands
from wutong.cli import chains as chain_commands
from wutong.cli import introductions as introduction_commands
from wutong.cli import sources as source_commands
from wutong.cli import supply as supply_commands
from wutong.cli.session import WRONG, Command, day
from wutong.engine import build, catalogue_files, chains, divisions, firms, list_files, mapping, places, publishing, readers, supply
from wutong.engine.warehouse import StepFailed, WarehouseMissing
from wutong.rulebook.load import NoValueError, RulebookError

STOPPED = 130
GROUPS = (
    registry,
    chain_commands,
    supply_commands,
    source_commands,
    comparison,
    introduction_commands,
    catalogue_commands,
    tags,
    figures,
    lists,
    rates,
    score,
    reward,
    rules,
    audit,
    office,
    operations,
    work,
)
EXPECTED = (
    RulebookError,
    NoValueError,
    WarehouseMissing,
    StepFailed,
    places.UnknownRegion,
    places.PlaceError,
    chains.UnknownChain,
    chains.UnknownSegment,
    supply.NoSite,
    catalogue_files.CatalogueError,
    firms.UnknownFirm,
    build.BuildError,
    readers.ReadError,
    mapping.MappingError,
    divisions.DivisionError,
    publishing.AlreadyBuildingError,
    list_files.ListError,
    office.UnknownPerson,
    rates.RateError,
    rule_files.RuleFileError,
    OSError,
)


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    top = argparse.ArgumentParser(
        prog="wutong", description="梧桐 Wutong: which firms would fill the gaps of a region's industry chains (招商引资)"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(within: Any, name: str, run: Command, text: str, *, has_day: bool = True) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = within.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print JSON")
        lang = "en" if os.environ.get("WUTONG_LANG", "").lower().startswith("en") else "zh"
        made.add_argument("--lang", choices=("zh", "en"), default=lang, help="language of tables (default: WUTONG_LANG, else zh)")
        if has_day:
            made.add_argument("--as-of", type=day, metavar="D", help="what came later is not seen (default: last registration date)")
        return made

    for group in GROUPS:
        group.register(commands, add)
    return top


def _told(error: BaseException, lang: str) -> str:
    """What is wrong; of a list that cannot be taken every fault: in the language asked for, or in both where Django is set up."""
    if isinstance(error, rule_files.RuleFileError):
        return error.say(lang)
    if isinstance(error, list_files.ListError) and error.is_bilingual:
        return error.say(lang)
    if not (isinstance(error, list_files.ListError) and office.is_open()):
        return str(error)
    from django.utils import translation  # noqa: PLC0415

    from wutong.web.batches.queries import words  # noqa: PLC0415

    with translation.override("zh-hans"):
        chinese = words.of_list(error)
    with translation.override("en"):
        return f"{chinese}\n{error}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 a check failed, 2 wrong input, 130 stopped."""
    arguments = parser().parse_args(argv)
    try:
        run: Command = arguments.run
        return run(arguments)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except EXPECTED as error:
        print(f"wutong: {_told(error, getattr(arguments, 'lang', 'en'))}", file=sys.stderr)
        return WRONG
    except Exception as error:
        if not _is_about_settings(error):
            raise
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("\nwutong: stopped; what served before serves on", file=sys.stderr)
        return STOPPED


def _is_about_settings(error: Exception) -> bool:
    """Whether Django, if a command has set it up, says that the environment lacks something."""
    django = sys.modules.get("django.core.exceptions")
    return django is not None and isinstance(error, django.ImproperlyConfigured)
