"""What the one search box finds of chains and their segments."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from wutong.engine import name_search
from wutong.engine.name_search import Names
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.hooks import Hit, Hits
from wutong.web.lib.warehouse import WarehouseMissing


def chains_page(text: str) -> str:
    """The list of chains."""
    return reverse("chains:list")


def chains(user: Any, text: str, begin: int, size: int) -> Hits:
    """Chains in force and their segments, by their names in both languages."""
    try:
        book = firms.rulebook()
    except WarehouseMissing:
        return Hits()
    is_english = (get_language() or "").startswith("en")
    found = name_search.find(text, _names(book.hash, is_english=is_english))
    rows = []
    for one in found.page(begin, size):
        chain_id, _, segment_id = str(one.key).partition("/")
        chain = book.chains[chain_id]
        part = chain.segment(segment_id) if segment_id else chain
        name = part.name_en if is_english else part.name_zh
        address = reverse("chains:segment", args=[chain_id, segment_id]) if segment_id else reverse("chains:detail", args=[chain_id])
        detail = (chain.name_en if is_english else chain.name_zh) if segment_id else ""
        rows.append(Hit.named(one, name, address, detail))
    return Hits(tuple(rows), len(found))


@lru_cache(maxsize=4)
def _names(rulebook_hash: str, *, is_english: bool) -> Names:
    """Chains before segments; of the two languages that of the page first."""
    known = firms.rulebook().chains.values()
    parts = [(chain.id, chain) for chain in known] + [(f"{chain.id}/{part.id}", part) for chain in known for part in chain.segments]
    return Names.over([(key, (part.name_en, part.name_zh) if is_english else (part.name_zh, part.name_en)) for key, part in parts])
