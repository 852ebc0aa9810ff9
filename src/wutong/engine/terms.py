"""How often the words of the thesaurus are met in a build: what `wutong check` says of each term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from daachorse import CharwiseDoubleArrayAhoCorasick

from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook


@dataclass(frozen=True, slots=True)
class TermHits:
    """Grain: one term of one product. `phrases`: distinct phrases that hold it; `mentions`: mentions of those phrases in scopes."""

    product: str
    term: str
    phrases: int
    mentions: int


def hits(warehouse: Warehouse, rulebook: Rulebook) -> tuple[TermHits, ...]:
    """Every Chinese term with its hits, fewest first: a term nobody writes is listed before the rest."""
    terms = sorted({term for product in rulebook.products.values() for term in product.terms})
    if not terms:
        return ()
    table = warehouse.ask("select phrase, firms from phrases order by phrase_no", step="phrases")
    phrases, mentions = np.zeros(len(terms), dtype=np.int64), np.zeros(len(terms), dtype=np.int64)
    automaton = CharwiseDoubleArrayAhoCorasick(terms)
    for phrase, number in zip(table.column("phrase").to_pylist(), table.column("firms").to_pylist(), strict=True):
        for index in {found[2] for found in automaton.find_overlapping(phrase)}:
            phrases[index] += 1
            mentions[index] += number
    at = {term: index for index, term in enumerate(terms)}
    rows = [
        TermHits(product.id, term, int(phrases[at[term]]), int(mentions[at[term]]))
        for product in rulebook.products.values()
        for term in product.terms
    ]
    return tuple(sorted(rows, key=lambda row: (row.mentions, row.product, row.term)))
