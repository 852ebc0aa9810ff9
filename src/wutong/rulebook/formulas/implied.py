"""Whether one condition holds wherever another does: told only where both are plain comparisons, so that no other answer is possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from wutong.rulebook.formulas.base import Constant, Node, signature
from wutong.rulebook.formulas.conditions import AllOf, AnyOf, Compared

_LOWER, _UPPER = ("at_least", "above"), ("at_most", "below")
Limit = tuple[str, str, Fraction | str]
"""What is compared, how, and with what."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a condition asks: plain limits that have to hold, and whether they are all of it."""

    whole: str
    limits: tuple[Limit, ...]
    is_plain: bool

    @staticmethod
    def of(condition: Node) -> Asked:
        """Of a condition."""
        limits, is_plain = _limits(condition)
        return Asked(signature(condition), tuple(limits), is_plain)

    def implies(self, other: Asked) -> bool:
        """Whether the other holds for certain where this does."""
        if self.whole == other.whole:
            return True
        return other.is_plain and all(any(_covers(wide, narrow) for narrow in self.limits) for wide in other.limits)


def _limits(condition: Node) -> tuple[list[Limit], bool]:
    """Comparisons with what is written that have to hold, and whether they are all that is asked."""
    if isinstance(condition, AllOf) and not isinstance(condition, AnyOf):
        found = [_limits(one) for one in condition.of]
        return [limit for limits, _is_whole in found for limit in limits], all(is_whole for _limits, is_whole in found)
    is_plain = isinstance(condition, Compared) and _is_plain(condition)
    return (list(_of_one(condition)) if isinstance(condition, Compared) and is_plain else []), is_plain


def _is_plain(condition: Compared) -> bool:
    return condition.known is None and all(isinstance(node, Constant) for _name, node in condition.limits)


def _of_one(condition: Compared) -> Iterator[Limit]:
    what = signature(condition.of)
    for name, node in condition.limits:
        assert isinstance(node, Constant)
        yield what, name, node.amount
    if condition.is_word is not None:
        yield what, "is", str(condition.is_word)
    if condition.one_of_words is not None:
        yield what, "one_of", "、".join(sorted(condition.one_of_words))


def _covers(wide: Limit, narrow: Limit) -> bool:
    """Whether whatever meets the narrow limit meets the wide one."""
    (what, how, limit), (other, sharp, bound) = wide, narrow
    if what != other:
        return False
    if not isinstance(limit, Fraction) or not isinstance(bound, Fraction):
        return how == sharp and limit == bound
    match how:
        case "at_least" | "above":
            meets = bound > limit or (bound == limit and (how == "at_least" or sharp == "above"))
            return sharp in (*_LOWER, "equals") and meets
        case "at_most" | "below":
            meets = bound < limit or (bound == limit and (how == "at_most" or sharp == "below"))
            return sharp in (*_UPPER, "equals") and meets
        case _:
            return how == sharp and limit == bound
