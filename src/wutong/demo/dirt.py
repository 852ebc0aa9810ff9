"""A small share of dirt, as real registries have it, so that the reject page of a build has something to show.

Shape: takes clean rows and spoils some; planted firms of the story stay clean.
"""

from __future__ import annotations

import random
from collections.abc import Collection

from wutong.demo import codes, scopes
from wutong.engine.codes import ALPHABET

Row = dict[str, str]


def spoil(rnd: random.Random, rows: list[Row], *, keep: Collection[str]) -> list[Row]:
    """The rows with dirt in about two of a hundred, and a few rows that stand twice."""
    found: list[Row] = []
    for row in rows:
        spoilt = row if row["name"] in keep else _one(rnd, row)
        found.append(spoilt)
        if spoilt is row and row["name"] not in keep and rnd.random() < 0.001:
            found.append(dict(row))
    return found


def _one(rnd: random.Random, row: Row) -> Row:
    dice = int(rnd.random() * 10_000)
    if dice < 240:
        changes = _DIRT[dice // 20](rnd, row)
        return {**row, **changes}
    return row


def _wrong_check(rnd: random.Random, row: Row) -> Row:
    last = row["uscc"][-1]
    return {"uscc": row["uscc"][:-1] + ALPHABET[(ALPHABET.index(last) + 7) % 31]}


def _full_width_name(rnd: random.Random, row: Row) -> Row:
    return {"name": " " + row["name"].replace("有限", " 有限")}


_DIRT = (
    lambda rnd, row: {"uscc": codes.old_number(rnd, division=row["uscc"][2:8])},
    lambda rnd, row: {"uscc": ""},
    lambda rnd, row: {"uscc": row["uscc"].lower()},
    _wrong_check,
    lambda rnd, row: {"uscc": row["uscc"][:8] + "-" + row["uscc"][8:]},
    lambda rnd, row: {"registered_on": rnd.choice(("0000-00-00", "2019-02-30", "N/A", "-"))},
    lambda rnd, row: {"registered_on": row["registered_on"].replace("-", "/")},
    lambda rnd, row: {"capital": rnd.choice(("N/A", "无", "***", "万元", "0万元"))},
    lambda rnd, row: {"city": "N/A"},
    lambda rnd, row: {"scope": scopes.cut_off(row["scope"])},
    lambda rnd, row: {"address": ""},
    _full_width_name,
)
