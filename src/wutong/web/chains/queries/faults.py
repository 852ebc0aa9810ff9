"""Faults of a chain in the language of the page: the rulebook names them in English, with ids and words in between."""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext as in_words
from django.utils.translation import gettext_noop

SENTENCES = (
    gettext_noop("segment '%(a)s': unknown layer '%(b)s'"),
    gettext_noop("segment '%(a)s': unknown product '%(b)s'"),
    gettext_noop("segment '%(a)s': '%(b)s' is generic and proves nothing"),
    gettext_noop("link source: unknown segment '%(a)s'"),
    gettext_noop("link target: unknown segment '%(a)s'"),
    gettext_noop("'%(a)s' supplies itself"),
    gettext_noop("the link %(a)s → %(b)s is there twice"),
    gettext_noop("layer '%(a)s' has no segment"),
    gettext_noop("layer '%(a)s' is there twice"),
    gettext_noop("segment '%(a)s' is there twice"),
    gettext_noop("product '%(a)s' is there already, in %(b)s"),
    gettext_noop("'%(a)s' is claimed by '%(b)s' too"),
    gettext_noop("'%(a)s' stands twice in '%(b)s'"),
    gettext_noop("'%(a)s' holds the excluded word '%(b)s'"),
    gettext_noop("'%(a)s' is broader than itself over others"),
    gettext_noop("%(a)s: unknown product '%(b)s'"),
    gettext_noop("%(a)s: '%(b)s' points to itself"),
    gettext_noop("chain '%(a)s' stands in %(b)s"),
    gettext_noop("no valid YAML: half a character"),
    gettext_noop("no valid YAML: %(a)s"),
    gettext_noop("the text is no mapping of fields to values"),
    gettext_noop("the file is no mapping of fields to values"),
    gettext_noop("the text is longer than 500,000 bytes"),
    gettext_noop("the text has more than 20,000 values"),
    gettext_noop("lists and mappings stand more than 12 deep in one another"),
    gettext_noop("`%(a)s` has more than 1,000 items"),
    gettext_noop("an anchor (%(a)s)"),
    gettext_noop("an alias (%(a)s)"),
    gettext_noop("a tag (%(a)s)"),
    gettext_noop("a list or a mapping stands where a key belongs"),
    gettext_noop("no number and no date: %(a)s"),
    gettext_noop("`products:` is no list"),
    gettext_noop("unknown field '%(a)s'"),
    gettext_noop("unknown column '%(a)s'"),
    gettext_noop("no sheet %(a)s"),
    gettext_noop("neither YAML nor XLSX"),
    gettext_noop("not UTF-8 at byte %(a)s"),
    gettext_noop("%(a)s: Tuple should have at least 1 item after validation, not 0"),
    gettext_noop("%(a)s: String should have at least 1 character"),
    gettext_noop("%(a)s: Field required"),
    gettext_noop("%(a)s: Extra inputs are not permitted"),
    gettext_noop("%(a)s: Input should be a valid %(b)s"),
    gettext_noop("%(a)s: Input should be %(b)s"),
    gettext_noop("%(a)s: '%(b)s' is no id: use small ASCII letters, digits and single hyphens, such as hydraulic-cylinder"),
    gettext_noop("%(a)s: '%(b)s' is no single term: a term is not empty and holds no blank, comma, semicolon, colon or 、"),
    gettext_noop("%(a)s: '%(b)s' is no class of GB/T 4754: write the section letter and two to four digits, such as C3841"),
    gettext_noop("%(a)s: '%(b)s' is no English name: ASCII letters only, no blank before or after"),
    gettext_noop("the chain has no layer '%(a)s'"),
    gettext_noop("the chain has no segment '%(a)s'"),
    gettext_noop("the chain has no product '%(a)s'"),
    gettext_noop("segment '%(a)s' has no product '%(b)s'"),
    gettext_noop("'%(a)s' stands there already"),
    gettext_noop("the link %(a)s → %(b)s is there already"),
    gettext_noop("there is no link %(a)s → %(b)s"),
    gettext_noop("a chain has one layer at least"),
    gettext_noop("use one of %(a)s"),
    gettext_noop("correct the id or add the product under products/"),
    gettext_noop("correct the id or add the product"),
    gettext_noop("correct the id or add the segment"),
    gettext_noop("name special products"),
    gettext_noop("remove the link"),
    gettext_noop("remove one"),
    gettext_noop("remove it or give it a segment"),
    gettext_noop("rename or remove one"),
    gettext_noop("remove it"),
    gettext_noop("keep it in one, or make one broader than the other"),
    gettext_noop("give it another id, and write the other one behind `broader` where yours is a kind of it"),
    gettext_noop("drop the word or the exclusion"),
    gettext_noop("cut the circle of `broader`"),
    gettext_noop("name the file %(a)s"),
    gettext_noop("mend the indentation, bracket, quote or double key"),
    gettext_noop("remove the character"),
    gettext_noop("close the brackets"),
    gettext_noop("write the value out where it is needed"),
    gettext_noop("write the key as a word"),
    gettext_noop("write it in quotes, as a text"),
    gettext_noop("remove it, and write the value in quotes"),
    gettext_noop("begin it with `name: value` lines"),
    gettext_noop("begin it with `id: …`"),
    gettext_noop("list the products under it, or remove it"),
    gettext_noop("remove the field or correct its spelling"),
    gettext_noop("add the field"),
    gettext_noop("use one of the values named"),
    gettext_noop("give at least one"),
    gettext_noop("correct the value"),
    gettext_noop("save the file as UTF-8"),
    gettext_noop("give one chain only"),
    gettext_noop("give a file that ends with .yaml or .xlsx"),
    gettext_noop("keep the five sheets of an exported chain"),
    gettext_noop("export a chain and change that file"),
    gettext_noop("the thesaurus shipped"),
)
_VALUE = re.compile(r"%\\\((\w)\\\)s|%\((\w)\)s")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each sentence as a pattern that finds the ids and words in it."""
    return tuple((re.compile(_VALUE.sub(lambda found: f"(?P<{found[1] or found[2]}>.+?)", re.escape(text))), text) for text in SENTENCES)


def told(text: str) -> str:
    """A fault or a remedy in the language of the page; what is not known here stays as it is."""
    for pattern, sentence in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return in_words(sentence) % {key: told(value) if value in SENTENCES else value for key, value in found.groupdict().items()}
    return text
