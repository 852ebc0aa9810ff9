"""The result that the READMEs show is what the demo gives today, and their commands answer on it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from wutong.demo import geography

ROOT = Path(__file__).resolve().parents[2]


def test_the_readmes_show_the_result_of_the_demo() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    for readme, result in zip(made.READMES, made.results(), strict=True):
        text = (ROOT / readme).read_text("utf-8")
        assert text == made.with_result(text, result), f"the result in {readme} is stale: `make fix` makes it again"


def test_the_readmes_ask_about_the_prefecture_of_the_demo() -> None:

    for readme in ("README.md", "README.zh.md"):
        commands = re.findall(r"^wutong (?:find|gaps|targets|explain) .*", (ROOT / readme).read_text("utf-8"), re.MULTILINE)
        assert len(commands) == 4
        assert [command for command in commands if geography.HOME_CITY not in command] == []
