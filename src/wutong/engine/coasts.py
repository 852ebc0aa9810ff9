"""Which divisions lie on the coast (沿海): a table of the rulebook, a fact of geography and no policy."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def seas() -> Mapping[str, str]:
    """Adcode of each coastal prefecture (or municipality, or county without a prefecture) → the sea it lies on."""
    text = (resources.files("wutong.rulebook") / "coastal.csv").read_text("utf-8")
    return MappingProxyType({row["adcode"]: row["sea"] for row in csv.DictReader(text.splitlines())})


def is_coastal(adcode: str) -> bool:
    """Whether a division, or the prefecture that holds it, lies on the coast."""
    known = seas()
    return any(code in known for code in (adcode, adcode[:4] + "00", adcode[:2] + "0000"))
