"""Each form of rule at each edge: the table of `edges.py` is whole, and every case gives what the words of the rule say."""

import re
from pathlib import Path

import pytest

from rulebook.scoring import test_properties
from rulebook.scoring.edges import EDGES, FORMS, Case
from wutong.rulebook.formulas.reading import FORMULAS
from wutong.rulebook.scoring import reading

PAGE = (Path(__file__).parents[3] / "docs/rulebook/scoring.md").read_text("utf-8")
HEAD = "rule: example\nsource: {title: 例, date: 2010-01-01}\nvalid: {from: 2010-01-01}\n"
RULES = {found[1]: found[2] for found in re.finditer(r"^### (\d+) [^\n]*\n(?:(?!^##).)*?```yaml\n(.*?)```", PAGE, re.M | re.S)}
CASES = [
    pytest.param(case, id=f"{form} {edge} {place}")
    for form, told in FORMS.items()
    for edge, cell in zip(EDGES, told.cells, strict=True)
    if not isinstance(cell, str)
    for place, case in enumerate(cell, 1)
]


@pytest.mark.parametrize("case", CASES)
def test_a_form_at_an_edge_gives_what_its_words_say(case: Case) -> None:
    assert case.found() == case.expected


def test_every_form_has_a_rule_file_a_cell_for_each_edge_and_a_property_test() -> None:
    assert set(FORMS) >= {str(number) for number in range(1, 23)}
    assert {name for name in FORMS if name.isdigit()} == set(RULES), "the page that teaches the language has a rule of each form"
    for name, text in RULES.items():
        assert reading.rule_from(HEAD + text).groups, name
    for name, told in FORMS.items():
        assert len(told.cells) == len(EDGES), name
        assert all(cell for cell in told.cells), name
        assert told.properties and all(callable(getattr(test_properties, one, None)) for one in told.properties), name


def test_of_every_form_something_is_tried_that_is_missing_does_not_apply_or_is_below_nothing() -> None:
    for name, told in FORMS.items():
        cells = dict(zip(EDGES, told.cells, strict=True))
        assert not [edge for edge in ("missing", "not applicable", "negative") if isinstance(cells[edge], str)], name


def test_every_formula_is_tried_at_an_edge_or_elsewhere_by_name() -> None:
    written = (Path(__file__).parent / "edges.py").read_text("utf-8") + (Path(__file__).parent / "test_forms.py").read_text("utf-8")
    assert [name for name in FORMULAS if f"{{{name}:" not in written and f"{{{name}" not in written] == []
