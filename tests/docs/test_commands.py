"""Every command and option is documented, in both languages, and nothing is documented that is not there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wutong.cli import main as cli
from wutong.rulebook import load

ROOT = Path(__file__).resolve().parents[2]
SHARED = {"--json", "--lang", "--as-of", "--help"}


def commands(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """(name, parser) of every command that can be given."""
    within = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not within:
        yield name, parser
    for action in within:
        for word, child in action.choices.items():
            yield from commands(child, f"{name} {word}".strip())


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {text for action in parser._actions for text in action.option_strings if text.startswith("--")} - SHARED


def sections(language: str) -> dict[str, str]:
    """Command → its section of the page."""
    text = (ROOT / f"docs/guide/{language}/cli.md").read_text("utf-8")
    return dict(re.findall(r"^## `wutong ([a-z ]+?)(?: [A-Z]+)?`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_has_its_section(language: str) -> None:
    assert {name for name, _ in commands(cli.parser())} == set(sections(language))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_option_stands_in_the_section_of_its_command(language: str) -> None:
    there = sections(language)
    missing = [(name, option) for name, parser in commands(cli.parser()) for option in options(parser) if f"`{option}" not in there[name]]
    assert missing == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_section_names_an_option_that_is_gone(language: str) -> None:
    there = sections(language)
    gone = [
        (name, option)
        for name, parser in commands(cli.parser())
        if name in there
        for option in set(re.findall(r"^\|[^|]*`(--[a-z-]+)", there[name], re.MULTILINE)) - options(parser) - SHARED
    ]
    assert gone == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_all_commands_share_is_said_once(language: str) -> None:
    head = (ROOT / f"docs/guide/{language}/cli.md").read_text("utf-8").split("\n## `wutong")[0]
    assert all(f"`{option}" in head for option in SHARED - {"--help"})


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "docs/guide/zh/officer.md", "docs/guide/en/officer.md"])
def test_commands_in_examples_can_be_parsed(page: str) -> None:
    lines = re.findall(r"^wutong (.+?)(?:\s+#.*)?$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert lines
    for line in lines:
        given = cli.parser().parse_args(line.replace("<企业代码>", "x").replace("<code of the firm>", "x").split())
        if getattr(given, "segment", None):
            assert load.rulebook().chains[given.chain].segment(given.segment)
