"""Texts by a template that people write (Jinja2): it puts plain data into words and can do nothing else.

Only what stands in `ALLOWED` may be written: names, loops over what is given, conditions. No calls, no sums, no lists of its own, no other
templates: so a figure of the text is a figure that was given, nothing outside is reached, and how long it may run is bounded by counting
what loops, filters, slices and comparisons go through. Filters and tests are the closed lists `FILTERS` and `TESTS`, never those of Jinja.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_SOURCE, MOST_TEXT, MOST_ROUNDS, MOST_WORK = 20_000, 200_000, 50_000, 2_000_000
"""Signs of a template, signs of the text that it makes, how often its loops may go round in all, and how many parts they may work on."""
SIGNS_A_STEP = 64
"""As many signs of a text count as one part: they are copied and compared at once."""
DEEPEST = 4
NAME = "<template>"
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.For,
    nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Filter, nodes.Test,
    nodes.Assign,
)  # fmt: skip
COUNTED, SIZED = "_counted", "_sized"
Plain = str | int | Decimal | bool | None


class WordingFault(Exception):  # noqa: N818 - what is wrong with it
    """A template cannot be read or filled in. `code` is put into words by the web; `line` 0: no line to point at."""

    def __init__(self, code: str, line: int = 0, what: str = "") -> None:
        super().__init__(f"{code} {line} {what}".strip())
        self.code, self.line, self.what = code, line, what


class _Bounded(Exception):  # noqa: N818
    """More than a template may do."""


def _finalize(value: Any) -> Any:
    if isinstance(value, Undefined):
        return value  # says by itself that it is not known
    if value is None:
        return "—"
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError("not a word or a figure")
    return f"{value:f}" if isinstance(value, Decimal) else value


def _joined(values: Iterable[Any], between: str = "、", attribute: str = "") -> str:
    """Several as one text: {{ leaders|join("、", "unit") }}."""
    between, most, parts, length = str(between), MOST_SOURCE, list[str](), 0
    for one in _plain_list(values):
        part = str(_finalize(one[attribute] if attribute else one))
        length += len(part) + len(between)
        if length - len(between) > most:
            raise _Bounded
        parts.append(part)
    return between.join(parts)


def _plain_list(values: Any) -> tuple[Any, ...]:
    if not isinstance(values, (tuple, list)):
        raise TypeError("not a list")
    return tuple(values)


def _first(values: Any, count: int = 1) -> Any:
    return _plain_list(values)[:count] if count != 1 else next(iter(_plain_list(values)), None)


def _last(values: Any) -> Any:
    return next(reversed(_plain_list(values)), None)


def _length(values: Any) -> int:
    return len(_plain_list(values))


def _rest_of_two(value: Any) -> int:
    """A whole number's rest. Why whole numbers only: `%` of a text is its formatting, which makes gigabytes of a few signs."""
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value % 2


def _signed(value: Any) -> str:
    """A figure with its sign: +1.20."""
    if not isinstance(value, (int, Decimal)):
        raise TypeError("not a figure")
    return f"{value:+f}" if isinstance(value, Decimal) else f"{value:+d}"


def _absolute(value: Any) -> Any:
    if not isinstance(value, (int, Decimal)):
        raise TypeError("not a figure")
    return abs(value)


FILTERS = {
    "join": _joined, "length": _length, "first": _first, "last": _last, "signed": _signed, "abs": _absolute,
    "default": lambda value, other="": other if isinstance(value, Undefined) or value in (None, "") else value,
}  # fmt: skip
TESTS = {
    "defined": lambda value: not isinstance(value, Undefined), "none": lambda value: value is None,
    "odd": lambda value: _rest_of_two(value) == 1, "even": lambda value: _rest_of_two(value) == 0,
}  # fmt: skip


class _Environment(ImmutableSandboxedEnvironment):
    """Of Jinja what is allowed, with what is worked on counted over the whole text. Nothing is worked out when it is only read."""

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, finalize=_finalize, trim_blocks=True, lstrip_blocks=True, cache_size=0, optimized=False
        )  # fmt: skip
        over_lists = {"length": self.over_list(_length), "first": self.over_list(_first), "last": self.over_list(_last)}
        self.globals, self.tests = {}, dict(TESTS)
        self.filters = {**FILTERS, **over_lists, "join": self.joined, COUNTED: self.counted, SIZED: self.sized}
        self.rounds = self.work = 0

    def add(self, parts: int) -> None:
        """Count what is worked on. Raises: _Bounded."""
        self.work += parts
        if self.work > MOST_WORK:
            raise _Bounded

    def counted(self, values: Any, weight: int = 1) -> Iterator[Any]:
        """What a loop goes through. `weight`: how many parts of the template a round works on."""
        for one in _plain_list(values):
            self.rounds += 1
            if self.rounds > MOST_ROUNDS:
                raise _Bounded
            self.add(weight)
            yield one

    def sized(self, value: Any) -> Any:
        """What is compared or sliced, counted by its size."""
        if isinstance(value, (str, tuple, list, dict)):
            self.add(len(value) // SIGNS_A_STEP if isinstance(value, str) else len(value))
        return value

    def joined(self, values: Any, between: str = "、", attribute: str = "") -> str:
        """What a list is put together from, counted as what loops go through is: a `join` in a loop is a loop in a loop."""
        return _joined(tuple(self.counted(values)), between, attribute)

    def over_list(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """A filter over a list, counted by its elements."""
        return lambda values, *given, **named: work(self.sized(values), *given, **named)


def fault(source: str) -> WordingFault | None:
    """What is wrong with a template as far as reading it tells."""
    try:
        _read(_Environment(), source)
    except WordingFault as found:
        return found
    return None


def made(source: str, given: Mapping[str, Any]) -> str:
    """The text that a template makes of plain data: dicts, tuples, words, whole and decimal numbers. Raises: WordingFault."""
    environment = _Environment()
    template = environment.template_class.from_code(environment, _read(environment, source), {})
    try:
        return "".join(_bounded(template.generate(**given)))
    except _Bounded:
        raise WordingFault("too_much") from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError, AttributeError) as found:
        raise WordingFault(_code(found), _line(found), str(found)[:200]) from None


def _bounded(parts: Iterable[str]) -> Iterator[str]:
    length = 0
    for part in parts:
        length += len(part)
        if length > MOST_TEXT:
            raise _Bounded
        yield part


def _code(found: Exception) -> str:
    return "unknown_name" if type(found).__name__ == "UndefinedError" else "cannot_fill_in"


def _line(found: Exception) -> int:
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(found.__traceback__) if frame.filename == NAME]
    return lines[-1] if lines else 0


def _read(environment: _Environment, source: str) -> Any:
    """The template ready to run. Raises: WordingFault."""
    if len(source) > MOST_SOURCE:
        raise WordingFault("too_long")
    try:
        tree = environment.parse(source)
        _judge(tree, 0)
        _count(tree)
        tree.set_environment(environment)
        return environment.compile(tree, NAME, NAME)
    except TemplateSyntaxError as found:
        raise WordingFault("cannot_read", found.lineno, (found.message or "")[:200]) from None
    except (RecursionError, ValueError, MemoryError, OverflowError, SyntaxError) as found:
        raise WordingFault("cannot_read", 0, type(found).__name__) from None


def _count(tree: nodes.Template) -> None:
    """Puts the counters of an environment where a template goes through lists or takes texts apart."""
    for loop in list(tree.find_all(nodes.For)):
        weight = nodes.Const(sum(1 for _part in loop.find_all(nodes.Node)), lineno=loop.lineno)
        loop.iter = nodes.Filter(loop.iter, COUNTED, [weight], [], None, None, lineno=loop.lineno)
    for one in list(tree.find_all(nodes.Getitem)):
        if isinstance(one.arg, nodes.Slice):
            one.node = _sized(one.node)
    for compared in list(tree.find_all(nodes.Compare)):
        compared.expr = _sized(compared.expr)
        for operand in compared.ops:
            operand.expr = _sized(operand.expr)


def _sized(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else nodes.Filter(node, SIZED, [], [], None, None, lineno=node.lineno)


def _judge(node: nodes.Node, depth: int) -> None:
    """Raises: WordingFault at the first thing that a template may not do."""
    line = getattr(node, "lineno", 0) or 0
    if not isinstance(node, ALLOWED) and not (isinstance(node, nodes.Tuple) and node.ctx == "store"):
        raise WordingFault("not_allowed", line, type(node).__name__)
    name = getattr(node, "attr", None) or (node.name if isinstance(node, (nodes.Name, nodes.Filter)) else "")
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        name = str(node.arg.value)
    if isinstance(name, str) and name.startswith("_"):
        raise WordingFault("not_allowed", line, name)
    if isinstance(node, nodes.For):
        depth += 1
        if node.recursive or depth > DEEPEST:
            raise WordingFault("too_deep", line)
    for child in node.iter_child_nodes():
        _judge(child, depth)
