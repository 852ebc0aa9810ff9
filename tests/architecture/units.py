"""A number's unit is in its name: which names say it, and which need none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

# Last word of a name. Money, area, distance, time, energy, parts of one; and words that are a number by themselves.
UNITS = {
    "yuan", "wan", "yi", "usd", "mu", "sqm", "km", "m", "kwh", "share", "seconds", "ms", "hours", "days", "months", "year", "years",
    "bytes", "mb", "points", "degrees", "characters", "percentile",
}  # fmt: skip
# A plural noun is a count of it: firms, makers, rows_in. A number that names a thing or a place in a row carries no unit.
ORDINALS = {"no", "id", "row", "rank", "place", "page", "line", "position", "sequence", "level", "order"}
NO_UNIT = {
    "amount": "its currency stands beside it",
    "score": "sum of points, 0-100, by the weights of the rulebook",
    "total": "how many rows there are without the cut to `top`; the word is the count",
    "size": "rows a page",
    "top": "rows asked for",
    "start": "first character of a span",
    "end": "one past the last character of a span",
    "lon": "degrees east, everywhere",
    "lat": "degrees north, everywhere",
    "quotient": "location quotient: a ratio of two shares",
    "layer": "position of a layer in its chain",
    "version": "number of an edition",
    "count": "the word is the count",
    "input": "its unit stands beside it in `Reason.unit`",
    "value": "its unit stands beside it in the leaf",
    "accepted": "firms accepted: a count",
    "left_out": "rows left out: a count",
    "number": "number of a row: a place in a sequence",
    "threshold": "has the unit of the input beside it",
    "national": "makers in the nation: a count",
    "supply": "makers within the radius: a count",
    "supply_within_radius": "makers within the radius: a count",
    "present": "segments with makers: a count",
    "width": "of a drawing, in its own grid",
    "height": "of a drawing, in its own grid",
    "local": "local makers: a count",
    "undated_here": "firms here without a date: a count",
    "expected": "makers expected by the region's share of all firms: a count",
}
NUMBERS = {"int", "float", "Decimal"}


def says_its_unit(name: str) -> bool:
    """Whether a number's name says what it counts or measures."""
    words = name.lower().strip("_").split("_")
    if name in NO_UNIT or words[-1] in NO_UNIT or UNITS & set(words) or words[-1] in ORDINALS:
        return True
    return any(_is_plural(word) for word in words)


def _is_plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


def numbers_of_frozen_dataclasses(src: Path) -> list[tuple[str, str]]:
    """(where, name) of every number field in a frozen dataclass of the engine, and of the rooms' queries and rules."""
    web = src / "wutong/web"
    files = [*sorted((src / "wutong/engine").rglob("*.py")), *sorted(web.glob("*/queries.py")), *sorted(web.glob("*/rules.py"))]
    found = []
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list):
                found += [
                    (f"{path.relative_to(src)}:{field.lineno} {node.name}", field.target.id)
                    for field in node.body
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_number(field.annotation)
                ]
    return found


def _is_number(annotation: ast.expr) -> bool:
    text = ast.unparse(annotation).strip("'\"")
    parts = [part.strip() for part in text.split("|")]
    return any(re.fullmatch(r"(\w+\.)?(int|float|Decimal)", part) for part in parts) and all(
        part == "None" or part.split(".")[-1] in NUMBERS for part in parts
    )
