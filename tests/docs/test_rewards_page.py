"""Every example of the page that teaches reward documents is run."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from wutong.cli.main import main
from wutong.rulebook.rewards.computing import Blocked, Out
from wutong.rulebook.rewards.shape import Basis, To

PAGE = (Path(__file__).parents[2] / "docs/rulebook/rewards.md").read_text("utf-8")
EXAMPLE = re.compile(
    r"^##+ (?P<title>[^\n]+)\n(?:(?!^##).)*?```yaml\n(?P<rule>.*?)```\s*```json\n(?P<facts>.*?)```\s*```text\n(?P<told>.*?)```", re.M | re.S
)
HEAD = "reward: example\nsource: {title: 例, date: 2026-01-01}\nvalid: {from: 2026-01-01}\n"
EXAMPLES = [(found["title"], found["rule"], found["facts"], found["told"]) for found in EXAMPLE.finditer(PAGE)]


def test_the_page_shows_every_reason_and_tells_every_word() -> None:
    told = "".join(told for *_rest, told in EXAMPLES)
    assert [one for one in (*Out, *Blocked) if one not in told] == []
    assert [one for one in (*To, *Basis) if f"{one} " not in PAGE and f"{one}," not in PAGE] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[title for title, *_rest in EXAMPLES])
def test_an_example_gives_what_stands_under_it(example: tuple[str, str, str, str], tmp_path: Path, capsys: Any) -> None:
    _title, rule, facts, told = example
    (tmp_path / "rule.yaml").write_text(HEAD + rule, "utf-8")
    given = json.loads(facts)
    (tmp_path / "facts.json").write_text(json.dumps(given if isinstance(given, dict) else {"on": "2026-06-30", "cases": given}), "utf-8")
    status = main(["reward", str(tmp_path / "rule.yaml"), str(tmp_path / "facts.json"), "--json"])
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert [shown(one) for one in json.loads(printed)["results"]] == told.strip().splitlines()


def shown(result: dict[str, Any]) -> str:
    """A result as the page writes it."""
    said = f"缺数据：{'、'.join(result['missing'])}" if result["amount"] is None else result["amount"]
    if result["excluded"]:
        said = f"不予奖励：{'、'.join(one['code'] for one in result['excluded'])}"
    blocked = f" 暂不兑付：{'、'.join(result['blocked'])}" if result["blocked"] else ""
    return f"{result['recipient']} {result['award']} {said}{blocked}"
