"""Two regions side by side: other verdicts first, then the greatest difference in makers."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.warehouses import CHAIN, Firm, made, rulebook
from wutong.engine import chains, comparison
from wutong.engine.chains import GapVerdict
from wutong.engine.places import Places


def test_differences_come_first(tmp_path: Path) -> None:
    firms = [Firm(f"w{n}", "990102", ("wood",)) for n in range(2)] + [Firm("w9", "990202", ("wood",))]
    firms += [Firm(f"p{n}", "990102", ("parts",)) for n in range(5)] + [Firm("p9", "990202", ("parts",))]
    firms += [Firm("s1", "990202", ("shops",)), *(Firm(f"i{n}", "990202") for n in range(20))]
    warehouse = made(tmp_path, firms)
    known = Places(warehouse)
    found = comparison.compare(warehouse, rulebook(), CHAIN, known.region("990100"), known.region("990200"))

    rows = {row.segment: row for row in found.rows}
    assert rows["parts"].makers_ahead == 4 and rows["wood"].makers_ahead == 1 and rows["shops"].makers_ahead == -1
    assert [row.is_other for row in found.rows] == sorted([row.is_other for row in found.rows], reverse=True)
    assert rows["shops"].complement == "b" and rows["parts"].complement == "" and rows["toys"].complement == ""
    assert found.differing == sum(row.a.verdict is not row.b.verdict for row in found.rows) > 0
    assert (found.registry_a.firms_here, found.registry_b.firms_here) == (7, 23)


def test_each_side_is_what_the_gaps_of_the_region_say(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("w1", "990102", ("wood",)), *(Firm(f"i{n}", "990202") for n in range(3))])
    known = Places(warehouse)
    a, b = known.region("990100"), known.region("990200")
    found = comparison.compare(warehouse, rulebook(), CHAIN, a, b, radius_km=50)
    for side, region in (("a", a), ("b", b)):
        alone = {row.segment: row for row in chains.gaps(warehouse, rulebook(), region, CHAIN, radius_km=50).rows}
        assert all(getattr(row, side) == alone[row.segment] for row in found.rows)
    assert found.rows[0].a.verdict is GapVerdict.STRENGTHEN


def test_an_unknown_chain_is_named(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("w1")])
    region = Places(warehouse).region("990100")
    with pytest.raises(chains.UnknownChain):
        comparison.compare(warehouse, rulebook(), "games", region, region)
