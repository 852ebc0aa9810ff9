"""Chains and segments of the thesaurus, as what a firm seeks can be said by them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import is_chinese

BETWEEN = ":"


def choices() -> list[tuple[str, object]]:
    """Every segment under its chain; the first means none."""
    found: list[tuple[str, object]] = [("", _("none fits, or unknown"))]
    for chain in firms.rulebook().chains.values():
        rows = [(f"{chain.id}{BETWEEN}{one.id}", one.name_zh if is_chinese() else one.name_en) for one in chain.segments]
        found.append((chain.name_zh if is_chinese() else chain.name_en, rows))
    return found


def parts(choice: str) -> tuple[str, str]:
    """Chain and segment of a choice."""
    chain, _between, segment = choice.partition(BETWEEN)
    return chain, segment


def is_known(chain: str, segment: str) -> bool:
    """Whether the rules in force have the chain and the segment; nothing named is nothing unknown."""
    found = firms.rulebook().chains.get(chain)
    return not chain if found is None else not segment or any(one.id == segment for one in found.segments)


def words(chain: str, segment: str) -> str:
    """Chain and segment in the language of the page; what the rules have no more, by its code."""
    found = firms.rulebook().chains.get(chain)
    if found is None:
        return " · ".join(filter(None, (chain, segment)))
    name = found.name_zh if is_chinese() else found.name_en
    one = next((row for row in found.segments if row.id == segment), None)
    called = (one.name_zh if is_chinese() else one.name_en) if one else segment
    return " · ".join(filter(None, (name, called)))
