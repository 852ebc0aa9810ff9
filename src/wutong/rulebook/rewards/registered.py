"""Shares of those who were registered for one matter: one first introducer, or joint ones whose shares are all together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction

WHOLE = Fraction(1)


def share_of(one: Hashable, registered: Iterable[tuple[Hashable, Fraction]]) -> Fraction | None:
    """The share of one of those registered, the first first; 0 where others fill the whole, None where together they do not.

    Units: 1 = all. Why nothing for some: several may each have been written down with all; the first are those who fill it.
    """
    whole, counted = Fraction(0), {}
    for key, share in registered:
        if whole + share > WHOLE:
            break
        whole += share
        counted[key] = share
    return counted.get(one, Fraction(0)) if whole == WHOLE else None
