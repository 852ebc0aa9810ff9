"""Slips of the hand that a text tells of: full-width signs, tabs, a blank that lacks, numbers in characters, a name nearly right."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from wutong.rulebook import money

_CHARACTERS = re.compile(
    r"(?=.*[零〇一二两三四五六七八九十半])(?:百分之|千分之)?[零〇一二两三四五六七八九十百千万亿半]+(?:元|个|家|项|分|天|年|月)?"
)
_COLON = re.compile(r"^\s*(?:-\s*)?[\w\u4e00-\u9fff]+\uff1a")
_COMMA = re.compile(r"\uff0c\s*[a-z_]+\s*:\s")
_NO_BLANK = re.compile(r"[{,]\s*(?P<key>[a-z_]+):(?P<value>[^\s,\]}/][^\s,\]}]*)")
_LONGEST = 200


def full_width(text: str) -> str:
    """A number with full-width signs as it is meant; "" where it is none."""
    meant = unicodedata.normalize("NFKC", text).strip()
    return meant if meant != text.strip() and len(text) < _LONGEST and money.quantity(meant) is not None else ""


def in_characters(text: str) -> bool:
    """Whether a number was written in Chinese characters (十亿、百分之八十)."""
    return len(text) < _LONGEST and _CHARACTERS.fullmatch(text) is not None


def meant(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Which field a word that is none may mean, and what stands behind a full-width colon in it; "" and "" where it means none."""
    fields = list(known)
    name, colon, behind = word.partition("\uff1a")
    if colon and name.strip() in fields:
        return name.strip(), behind.strip() or "\u2026"
    near = difflib.get_close_matches(word[:_LONGEST], fields, 1, 0.75)
    return (near[0], "") if near else ("", "")


def of_lines(lines: Sequence[str], line: int) -> tuple[int, str, str] | None:
    """What is wrong about a line (from 1) that cannot be read, or the one above it: line, code of `faults.WORDS`, and what stands there."""
    for at in (line, line - 1):
        if not 0 < at <= len(lines):
            continue
        text = lines[at - 1].split(" #")[0]
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            return at, "yaml_tab", ""
        for sign in "\uff5b\uff5d\uff3b\uff3d":
            if sign in text:
                return at, "full_width", sign
        if _COLON.match(text) and ": " not in text and not text.rstrip().endswith(":"):
            return at, "full_width", "\uff1a"
        if _COMMA.search(text):
            return at, "full_width", "\uff0c"
        blank = _NO_BLANK.search(text)
        if blank is not None and at == line:
            return at, "yaml_blank", f"{blank['key']}:{blank['value']}"
    return None
