"""What no rule needs and what could be used to stop the server: how long a number, how deep a chain of names, how much work a run may be.

Each is told as a fault of the rule, with its line and what to do; so a run ends for every text that can be read, and for all facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction

from wutong.rulebook.formulas.faults import Fault, RuleError

LARGEST_BITS = 65_536
"""Above and below the line of a fraction: the mean of three thousand completion rates with targets of their own is not cut."""
LONGEST_PART_BITS = 768
"""Below the line of what is added as it is, some 230 digits: eighty such parts stay within the bound above."""
DIGITS_OF_PARTS = 60
LARGEST_WHOLE_BITS = 256
"""Of the part before the point: some 77 digits."""
_SHORT_BITS = 256
LONGEST_CHAIN = 80
"""Formulas in one another, also through names of `values` and indicators."""
MOST_READ = 300_000
"""Parts of formulas that a text is read into; `values` of the whole rule are read once a group."""
MOST_STEPS = 50_000_000
"""Work of a run without records, a step being a formula worked out once: a minute or two. 300 units by 80 indicators take a million."""
STEPS_A_RECORD = 80
"""More for each record that an indicator reads: with a condition of three parts, bands and limits it takes a good twenty."""
MOST_POWER = 9
"""Of a measure: cubic metres a square kilometre have three and two."""
MOST_DIGITS = 18
LONGEST_NAME = 200
MOST_POINTS = 10**15
"""A total that is kept; yuan too stay far below it."""


@dataclass(slots=True)
class Work:
    """How much of the work that a run may be is left. Units: steps."""

    left: int = MOST_STEPS
    most: int = field(init=False)

    def __post_init__(self) -> None:
        self.most = self.left

    def spend(self, steps: int, line: int) -> None:
        """Take so many steps. Raises: RuleError where none are left."""
        self.left -= steps
        if self.left < 0:
            raise RuleError([Fault("", line, "too_much_work", expected=f"{self.most // 1_000_000}")])


def sized(value: Fraction, work: Work, line: int) -> Fraction:
    """The number itself; what computes with a long one is paid for. Raises: RuleError where it is longer than any rule needs."""
    above, below = value.numerator.bit_length(), value.denominator.bit_length()
    if above <= _SHORT_BITS and below <= _SHORT_BITS:
        return value
    if above - below > LARGEST_WHOLE_BITS:
        raise RuleError([Fault("", line, "too_large")])
    longest = max(above, below)
    if longest > LARGEST_BITS:
        raise RuleError([Fault("", line, "too_fine")])
    work.spend(longest * longest >> 18, line)
    return value


def summed(values: Iterable[Fraction], work: Work, line: int) -> Fraction:
    """The sum of the parts as they are added, no step of which is longer than a rule needs. Raises: RuleError."""
    made = Fraction(0)
    for one in values:
        made = sized(made + part_of_sum(one), work, line)
    return made


def part_of_sum(value: Fraction) -> Fraction:
    """A number as it is added: exactly; one with a very long denominator rounded at sixty digits behind the point.

    Why not refused: eighty rates, each divided by a mean of three hundred units, have nothing in common below the line.
    """
    if value.denominator.bit_length() <= LONGEST_PART_BITS:
        return value
    return Fraction(round(value * 10**DIGITS_OF_PARTS), 10**DIGITS_OF_PARTS)


@contextmanager
def told_of(file: str) -> Iterator[None]:
    """What stops a computation, told as faults of the rule. Raises: RuleError.

    Why all that Python refuses: a page or a command has to name what is wrong whatever somebody wrote; the bounds above say it better.
    """
    try:
        yield
    except RuleError as error:
        raise RuleError([replace(one, file=one.file or file) for one in error.faults]) from error
    except (ArithmeticError, RecursionError, ValueError) as error:
        raise RuleError([Fault(file, 1, "not_computed", value=str(error)[:90])]) from error
