"""A template that people write puts plain data into words; whatever else it tries is refused in words, with its line, and soon."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from wutong.web.lib import wording

GIVEN = {
    "year": 2026, "rows": ({"unit": "甲县", "total": Decimal("96.50"), "change": 2}, {"unit": "乙县", "total": None, "change": -1}),
    "many": tuple({"unit": str(n)} for n in range(300)), "huge": "字" * 10_000,
}  # fmt: skip


def test_words_figures_loops_and_conditions_are_filled_in() -> None:
    source = (
        "{{ year }}年：{% for row in rows %}{{ loop.index }}.{{ row.unit }}{{ row.total }}分"
        "{% if row.change > 0 %}升{{ row.change }}{% endif %}；\n{% endfor %}"
    )
    assert wording.made(source, GIVEN) == "2026年：1.甲县96.50分升2；\n2.乙县—分；\n"


def test_odd_and_even_are_of_whole_numbers() -> None:
    assert wording.made("{% if year is even %}双{% endif %}{% if rows[0].change is odd %}单{% endif %}", GIVEN) == "双"


def test_filters_join_and_sign() -> None:
    source = '{{ rows|join("、", "unit") }} {{ rows[0].change|signed }} {{ rows[1].change|abs }} {{ (rows|first).unit }} {{ rows|length }}'
    assert wording.made(source, GIVEN) == "甲县、乙县 +2 1 甲县 2"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("\n{{ ''.__class__ }}", "not_allowed"),
        ("\n{{ rows['__class__'] }}", "not_allowed"),
        ("\n{{ rows.__class__.__mro__ }}", "not_allowed"),
        ("\n{% for n in range(1000000000) %}{% endfor %}", "not_allowed"),
        ("\n{{ 'a' * 1000000000 }}", "not_allowed"),
        ("\n{{ 9 ** 99999999 }}", "not_allowed"),
        ("\n{{ year + 1 }}", "not_allowed"),
        ("\n{{ huge ~ huge }}", "not_allowed"),
        ("\n{{ rows.index(1) }}", "not_allowed"),
        ("\n{{ [huge, huge] }}", "not_allowed"),
        ("\n{{ {'a': 1} }}", "not_allowed"),
        ("\n{% include 'base.html' %}", "not_allowed"),
        ("\n{% import 'os' as os %}", "not_allowed"),
        ("\n{% extends 'base.html' %}", "not_allowed"),
        ("\n{% macro a() %}{{ a() }}{% endmacro %}", "not_allowed"),
        ("\n{% set b %}{{ huge }}{% endset %}", "not_allowed"),
        ("\n{% for a in rows recursive %}{% endfor %}", "too_deep"),
        ("\n{% for a in rows %}{% for b in rows %}{% for c in rows %}{% for d in rows %}{% for e in rows %}{% endfor %}{% endfor %}"
         "{% endfor %}{% endfor %}{% endfor %}", "too_deep"),
        ("\n{{ year|attr('real') }}", "cannot_read"),
        ("\n{{ rows|_counted }}", "not_allowed"),
        ("\n{{ year", "cannot_read"),
        ("\n{% for row in rows %}", "cannot_read"),
        ("\n{{ year|nothing }}", "cannot_read"),
        ("\n{{ 'a'|center(1000000000) }}", "cannot_read"),
        ("\n{{ '%1000000000d'|format(1) }}", "cannot_read"),
        ("\n{{ huge|indent(1000000000) }}", "cannot_read"),
        ("\n{{ huge|wordwrap(1) }}", "cannot_read"),
        ("\n{{ '%1000000000d' % 1 }}", "not_allowed"),
        ("\n{{ '{:>1000000000}'.format(1) }}", "not_allowed"),
        ("\n{{ lipsum(1000000000) }}", "not_allowed"),
        ("\n{% set a = namespace(b=1) %}", "not_allowed"),
        ("\n{{ cycler('a', 'b') }}", "not_allowed"),
        ("\n{{ year is divisibleby 2 }}", "cannot_read"),
    ],
)  # fmt: skip
def test_what_a_template_may_not_do_is_refused_when_it_is_read_with_its_line(source: str, code: str) -> None:
    found = wording.fault(source)
    assert found is not None
    assert (found.code, found.line) == (code, 2)


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("a\nb\n{{ yaer }}", "unknown_name", 3),
        ("a\n{{ rows[0].nothing }}", "unknown_name", 2),
        ("{{ rows }}", "cannot_fill_in", 1),
        ("\n{% if rows > 1 %}{% endif %}", "cannot_fill_in", 2),
        ("\n{{ huge.upper }}", "cannot_fill_in", 2),
        ("{% for sign in huge %}{{ sign }}{% endfor %}", "cannot_fill_in", 1),
        ("{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}", "too_much", 0),
        ('{% for a in many %}{% if many|join("", "unit") %}{% endif %}{% endfor %}', "too_much", 0),
        ("{% for a in many %}{{ huge }}{% endfor %}", "too_much", 0),
        ('{% if "%2000000000d" is odd %}{% endif %}', "cannot_fill_in", 1),
        ("{% if huge is even %}{% endif %}", "cannot_fill_in", 1),
        ("{% for a in many %}" + "{% if many|length %}{% endif %}" * 100 + "{% endfor %}", "too_much", 0),
        ("{% for a in many %}" + "{% if many[1:] %}{% endif %}" * 100 + "{% endfor %}", "too_much", 0),
        ("{% for a in many %}" + "{% if year in many %}{% endif %}" * 100 + "{% endfor %}", "too_much", 0),
        ("{% for a in many %}{% for b in rows %}{% for c in rows %}" + "{% if year %}{% endif %}" * 700
         + "{% endfor %}{% endfor %}{% endfor %}", "too_much", 0),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_in_says_why_and_where(source: str, code: str, line: int) -> None:
    assert wording.fault(source) is None
    began = time.monotonic()
    with pytest.raises(wording.WordingFault) as caught:
        wording.made(source, GIVEN)
    assert (caught.value.code, caught.value.line) == (code, line)
    assert time.monotonic() - began < 2


def test_a_template_that_is_too_long_or_nests_without_end_is_refused() -> None:
    too_long = wording.fault("字" * (wording.MOST_SOURCE + 1))
    nested = wording.fault("{{ " + "(" * 9000 + "1" + ")" * 9000 + " }}")
    huge_number = wording.fault("{{ " + "9" * 9000 + " }}")
    assert too_long is not None
    assert too_long.code == "too_long"
    assert nested is not None
    assert nested.code == "cannot_read"
    assert huge_number is not None
    assert huge_number.code == "cannot_read"


def test_what_stands_in_the_data_is_never_a_template() -> None:
    assert wording.made("{{ name }}", {"name": "{{ year }}{% include 'a' %}"}) == "{{ year }}{% include 'a' %}"
