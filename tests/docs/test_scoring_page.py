"""Every example of the page that teaches the scoring language is run, and every formula there is has one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from wutong.cli.main import main
from wutong.rulebook.formulas.reading import FORMULAS

PAGE = (Path(__file__).parents[2] / "docs/rulebook/scoring.md").read_text("utf-8")
EXAMPLE = re.compile(
    r"^##+ (?P<title>[^\n]+)\n(?:(?!^##).)*?```yaml\n(?P<rule>.*?)```\s*```json\n(?P<facts>.*?)```\s*```text\n(?P<told>.*?)```", re.M | re.S
)
HEAD = "rule: example\nsource: {title: 例, date: 2010-01-01}\nvalid: {from: 2010-01-01}\n"
EXAMPLES = [(found["title"], found["rule"], found["facts"], found["told"]) for found in EXAMPLE.finditer(PAGE)]


def test_the_page_has_an_example_of_each_form_and_each_formula() -> None:
    numbered = {title.split()[0] for title, *_rest in EXAMPLES if title[0].isdigit()}
    assert numbered == {str(number) for number in range(1, 23)}
    rules = "".join(rule for _title, rule, _facts, _told in EXAMPLES)
    assert [name for name in FORMULAS if not re.search(rf"\b{name}:", rules)] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[title for title, *_rest in EXAMPLES])
def test_an_example_gives_what_stands_under_it(example: tuple[str, str, str, str], tmp_path: Path, capsys: Any) -> None:
    _title, rule, facts, told = example
    (tmp_path / "rule.yaml").write_text(rule if rule.startswith("rule:") else HEAD + rule, "utf-8")
    given = json.loads(facts)
    whole = given if isinstance(given, dict) else {"on": "2026-06-30", "units": given}
    (tmp_path / "facts.json").write_text(json.dumps(whole), "utf-8")
    status = main(["score", str(tmp_path / "rule.yaml"), str(tmp_path / "facts.json"), "--json"])
    printed = capsys.readouterr().out
    assert status == 0, printed
    results = {one["unit"]: one for one in json.loads(printed)["results"]}
    for line in told.strip().splitlines():
        unit, name, value = line.split(" ", 2)
        assert line == f"{unit} {name} {shown(results[unit], name)}", value


def shown(result: dict[str, Any], name: str) -> str:
    """What a result says of an indicator or the whole, as the page writes it."""
    if name in ("总分", "名次", "等次", "榜单"):
        found = result[{"总分": "total", "名次": "rank", "等次": "grade", "榜单": "lists"}[name]]
        return "、".join(found) if isinstance(found, list) else "-" if found is None else str(found)
    item = next(one for one in result["items"] if one["id"] == name)
    return {"missing": "缺数据", "not_applicable": "不适用"}.get(item["state"]) or str(item["points"])
