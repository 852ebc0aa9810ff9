"""What a formula gives in full (满额): where the target is just met and nothing is deducted. Told only where the rule itself writes it."""

from __future__ import annotations

from fractions import Fraction

from wutong.rulebook.formulas.arithmetic import Cap, Difference, Product, Ratio, Rounded
from wutong.rulebook.formulas.base import Constant, Node
from wutong.rulebook.formulas.forms import Completion, Deductions, Quota
from wutong.rulebook.formulas.groupwise import MinMax


def in_full(node: Node | None) -> Fraction | None:
    """The figure; None where it hangs on more than is written."""
    found: Fraction | None = None
    match node:
        case Constant():
            found = node.amount if not node.dimensions else None
        case Completion():
            found = in_full(node.points)
        case Product():
            found = _multiplied(node)
        case Deductions() | Quota():
            found = in_full(node.base)
        case MinMax():
            base, span = in_full(node.base), in_full(node.span)
            found = base + span if base is not None and span is not None else None
        case Rounded():
            found = in_full(node.of)
        case Cap() if node.sign == "min":
            of, limit = in_full(node.of), in_full(node.at)
            found = min(of, limit) if of is not None and limit is not None else None
        case _:
            pass
    return found


def at_most(node: Node | None) -> Fraction | None:
    """What it cannot exceed; None where it can, or where that hangs on more than is written."""
    match node:
        case Completion():
            points = in_full(node.points)
            return points * node.cap if points is not None and isinstance(node.cap, Fraction) else None
        case Deductions() | Quota() | MinMax():
            return in_full(node)
        case _:
            return None


def _multiplied(node: Product) -> Fraction | None:
    """Rates of completion by what is written: at 100 % the product of the numbers. A growth is no such rate, for nobody doubles."""
    made, has_rate = Fraction(1), False
    for one in node.of:
        if isinstance(one, Constant) and not one.dimensions:
            made *= one.amount
        elif not _is_rate(one):
            return None
        else:
            has_rate = True
    return made if has_rate else None


def _is_rate(node: Node) -> bool:
    if isinstance(node, Completion):
        return node.points is None
    return isinstance(node, Ratio) and node.is_share() and not any(isinstance(part, Difference) for part in node.all())
