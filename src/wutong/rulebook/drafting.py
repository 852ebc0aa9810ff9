"""A chain as a document that people edit: YAML text to plain data, one verb a change, and back to text in one fixed form.

Why: what an editor, a workbook and a file say is the same text, read by the same `load.over`; a fixed form makes a round trip exact and a
comparison show what was changed and nothing else. A draft may have faults: `faults` names them all.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pypinyin import lazy_pinyin

from wutong.rulebook import load, texts
from wutong.rulebook.load import Problem, Rulebook, RulebookError
from wutong.rulebook.shapes import TERM_BREAK

Document = dict[str, Any]

LARGEST_TEXT_BYTES = texts.LARGEST_BYTES
MOST_FAULTS = 500
"""More than anybody reads; the rest is named when these are mended."""
HEAD = ("id", "name_zh", "name_en", "description_zh", "description_en", "version")
LISTS = ("layers", "segments", "links", "products")
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "layers": ("id", "name_zh", "name_en"),
        "segments": ("id", "name_zh", "name_en", "layer", "products", "role", "gbt4754", "name_proofs"),
        "links": ("source", "target"),
        "products": (
            "id", "zh", "en", "kind", "synonyms", "kinds", "en_synonyms", "excludes", "broader", "part_of", "made_with", "machine_for",
            "generic", "note",
        ),
    }
)  # fmt: skip
MANY = frozenset(
    {"products", "gbt4754", "name_proofs", "synonyms", "kinds", "en_synonyms", "excludes", "broader", "part_of", "made_with", "machine_for"}
)
"""Fields that hold a list of words or ids."""
_TERMS = {"name_proofs", "synonyms", "kinds", "excludes"}
_ONE_LINE = {"layers", "links"}
_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff·()\u3001\uff08\uff09 -]*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class EditError(LookupError):
    """The change names something that the chain does not have, or would make what it has already; the message says which."""


def document(text: str, name: str = "chain.yaml") -> Document:
    """The text as plain data, lists of words as lists. Raises: RulebookError where it is no YAML mapping."""
    try:
        raw = texts.handed_in(text)
    except texts.TextError as error:
        raise RulebookError([Problem(name, error.line, error.what, error.remedy)]) from error
    if not isinstance(raw, dict):
        raise RulebookError([Problem(name, 1, "the text is no mapping of fields to values", "begin it with `id: …`")])
    return _normal(raw)


def _normal(raw: Mapping[Any, Any]) -> Document:
    found: Document = {str(key): value for key, value in raw.items()}
    for name in LISTS:
        items = found.get(name)
        if isinstance(items, list):
            found[name] = [_normal_item(item) for item in items]
    if not found.get("products", True):
        del found["products"]
    return found


def _normal_item(item: object) -> object:
    if not isinstance(item, dict):
        return item
    return {str(key): _words(value) if key in _TERMS else value for key, value in item.items()}


def _words(value: object) -> object:
    if isinstance(value, str):
        return [word for word in TERM_BREAK.split(value.strip("、 \n")) if word]
    return value


def text_of(chain: Document) -> str:
    """The document as YAML in the fixed form."""
    lines = [f"{key}: {_scalar(chain[key])}" for key in _ordered(chain, HEAD) if key not in LISTS]
    for name in LISTS:
        if name not in chain:
            continue
        items = chain[name]
        if not isinstance(items, list) or not items:
            lines += ["", f"{name}: {_flow(items)}"]
            continue
        lines += ["", f"{name}:"]
        for item in items:
            lines += _item_lines(item, FIELDS[name], is_flow=name in _ONE_LINE)
    return "\n".join(lines) + "\n"


def _item_lines(item: object, order: tuple[str, ...], *, is_flow: bool) -> list[str]:
    if not isinstance(item, dict) or not item:
        return [f"  - {_flow(item)}"]
    pairs = [f"{key}: {_flow(item[key])}" for key in _ordered(item, order) if item[key] not in (None, [], "")]
    if is_flow or not pairs:
        return ["  - {" + ", ".join(pairs) + "}"]
    return [f"  - {pairs[0]}", *(f"    {pair}" for pair in pairs[1:])]


def _ordered(found: Mapping[str, object], order: Iterable[str]) -> list[str]:
    known = [key for key in order if key in found]
    return [*known, *(key for key in found if key not in known)]


def _flow(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and not text.endswith(" ") and text.casefold() not in _WORDS_OF_YAML
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def shipped_text(chain_id: str) -> str:
    """Version 0: the text shipped, in the fixed form. Raises: EditError where no such chain is shipped."""
    if chain_id not in load.rulebook().chains:
        raise EditError(f"no chain '{chain_id}' is shipped")
    return text_of(document((load.package_folder() / "chains" / f"{chain_id}.yaml").read_text("utf-8"), f"chains/{chain_id}.yaml"))


def faults(chain_id: str, text: str, others: Mapping[str, str]) -> tuple[Problem, ...]:
    """The first 500 faults of the text as a chain over the rulebook shipped and the bureau's `others`; none where it may be submitted."""
    try:
        _checked(chain_id, text, others)
    except RulebookError as error:
        own = tuple(problem for problem in error.problems if problem.file == f"chains/{chain_id}.yaml")
        return (own or error.problems)[:MOST_FAULTS]
    return ()


def rulebook_with(chain_id: str, text: str, others: Mapping[str, str]) -> Rulebook:
    """The rulebook as it would stand with the text. Raises: RulebookError."""
    return _checked(chain_id, text, others)


def _checked(chain_id: str, text: str, others: Mapping[str, str]) -> Rulebook:
    return load.over(load.rulebook(), {**others, chain_id: text})


# ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def slug(name: str, taken: Iterable[str]) -> str:
    """An id that is free, made of the sounds of a Chinese name: 电池隔膜 → dian-chi-ge-mo."""
    words = re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(name)).casefold())
    base, known = "-".join(words)[:50].strip("-") or "item", set(taken)
    return next(found for number in range(1, 10_000) if (found := base if number == 1 else f"{base}-{number}") not in known)


def spelt(name: str) -> str:
    """What stands for an English name until somebody translates it: the sounds."""
    return " ".join(re.findall(r"[A-Za-z0-9]+", " ".join(lazy_pinyin(name)))).capitalize() or "Unnamed"


def _items(chain: Document, name: str) -> list[Any]:
    found = chain.setdefault(name, [])
    if not isinstance(found, list):
        raise EditError(f"`{name}` is no list: mend the YAML text first")
    return found


def _ids(chain: Document, name: str) -> list[str]:
    return [str(item.get("id", "")) for item in _items(chain, name) if isinstance(item, dict)]


def _one(chain: Document, name: str, item_id: str) -> Document:
    for item in _items(chain, name):
        if isinstance(item, dict) and str(item.get("id", "")) == item_id:
            return item
    raise EditError(f"the chain has no {name[:-1]} '{item_id}'")


def _set(item: Document, **fields: object) -> None:
    """Set what is given; an empty value takes the field away."""
    for key, value in fields.items():
        if value in (None, "", []):
            item.pop(key, None)
        else:
            item[key] = value


def describe(chain: Document, *, name_zh: str, name_en: str, description_zh: str, description_en: str) -> None:
    """Names and description of the chain."""
    chain.update(
        name_zh=name_zh, name_en=name_en or spelt(name_zh), description_zh=description_zh, description_en=description_en or name_en
    )


def add_layer(chain: Document, *, name_zh: str, name_en: str = "") -> None:
    """A new layer at the end, downstream of all."""
    item = {"id": slug(name_zh, _ids(chain, "layers")), "name_zh": name_zh, "name_en": name_en or spelt(name_zh)}
    _items(chain, "layers").append(item)


def rename_layer(chain: Document, *, layer: str, name_zh: str, name_en: str = "") -> None:
    """Another name for a layer."""
    _set(_one(chain, "layers", layer), name_zh=name_zh, name_en=name_en or spelt(name_zh))


def move_layer(chain: Document, *, layer: str, by: str) -> None:
    """A layer one place up or down the stream; `by` is up or down."""
    item, items = _one(chain, "layers", layer), _items(chain, "layers")
    at = items.index(item)
    to = min(max(at + (-1 if by == "up" else 1), 0), len(items) - 1)
    items.insert(to, items.pop(at))


def remove_layer(chain: Document, *, layer: str) -> None:
    """A layer goes; what stood on it goes to the one before, else to the one after."""
    items, ids = _items(chain, "layers"), _ids(chain, "layers")
    item = _one(chain, "layers", layer)
    if len(ids) == 1:
        raise EditError("a chain has one layer at least")
    at = ids.index(layer)
    heir = ids[at - 1] if at else ids[1]
    for segment in _items(chain, "segments"):
        if isinstance(segment, dict) and segment.get("layer") == layer:
            segment["layer"] = heir
    items.remove(item)


def add_segment(chain: Document, *, layer: str, name_zh: str, name_en: str = "") -> None:
    """A new segment, last on its layer, without products yet."""
    _one(chain, "layers", layer)
    item = {"id": slug(name_zh, _ids(chain, "segments")), "name_zh": name_zh, "name_en": name_en or spelt(name_zh), "layer": layer}
    _items(chain, "segments").append(item | {"products": []})


def change_segment(
    chain: Document, *, segment: str, name_zh: str, name_en: str = "", role: str = "makes", gbt4754: str = "", name_proofs: str = ""
) -> None:
    """Names of a segment, what firms on it do, its classes, and the words in firms' names that prove it."""
    item = _one(chain, "segments", segment)
    _set(item, name_zh=name_zh, name_en=name_en or spelt(name_zh), role="" if role == "makes" else role)
    _set(item, gbt4754=_words(gbt4754.replace(",", " ").replace("\uff0c", " ")), name_proofs=_words(name_proofs.replace("\uff0c", "、")))


def move_segment(chain: Document, *, segment: str, layer: str, before: str = "") -> None:
    """A segment to a layer, in front of another one; without one, last on the layer."""
    item, items = _one(chain, "segments", segment), _items(chain, "segments")
    _one(chain, "layers", layer)
    if before == segment:
        return
    to = _one(chain, "segments", before) if before else None
    items.remove(item)
    item["layer"] = layer
    items.insert(items.index(to) if to is not None else len(items), item)


def remove_segment(chain: Document, *, segment: str) -> None:
    """A segment goes with its links."""
    _items(chain, "segments").remove(_one(chain, "segments", segment))
    links = [link for link in _items(chain, "links") if isinstance(link, dict)]
    chain["links"] = [link for link in links if segment not in (link.get("source"), link.get("target"))]


def add_product(chain: Document, *, segment: str, product: str) -> None:
    """A product of the thesaurus, or of the chain's own, comes to a segment."""
    item = _one(chain, "segments", segment)
    products = item.setdefault("products", [])
    if product in products:
        raise EditError(f"'{product}' stands there already")
    products.append(product)


def remove_product(chain: Document, *, segment: str, product: str) -> None:
    """A product goes from a segment; one of the chain's own that no segment has any more goes altogether."""
    products = _one(chain, "segments", segment).get("products", [])
    if product not in products:
        raise EditError(f"segment '{segment}' has no product '{product}'")
    products.remove(product)
    has_it = any(product in item.get("products", []) for item in _items(chain, "segments") if isinstance(item, dict))
    if not has_it and product in _ids(chain, "products"):
        _items(chain, "products").remove(_one(chain, "products", product))


def add_term(
    chain: Document,
    *,
    segment: str,
    zh: str,
    synonyms: str = "",
    kinds: str = "",
    excludes: str = "",
    broader: str = "",
    kind: str = "good",
) -> None:
    """A word that the thesaurus does not know becomes a product of the chain's own, on a segment.

    With `broader` it is a kind of that product and counts wherever that one does.
    """
    item = _one(chain, "segments", segment)
    product = {"id": slug(f"{chain.get('id', '')} {zh}", [*_ids(chain, "products"), *load.rulebook().products]), "zh": zh}
    _set(product, synonyms=_words(synonyms), kinds=_words(kinds), excludes=_words(excludes), broader=_words(broader))
    _set(product, kind="" if kind == "good" else kind)
    _items(chain, "products").append(product)
    item.setdefault("products", []).append(product["id"])


def change_term(
    chain: Document, *, product: str, zh: str, synonyms: str = "", kinds: str = "", excludes: str = "", broader: str = ""
) -> None:
    """Words of a product of the chain's own."""
    item = _one(chain, "products", product)
    _set(item, zh=zh, synonyms=_words(synonyms), kinds=_words(kinds), excludes=_words(excludes), broader=_words(broader))


def add_link(chain: Document, *, source: str, target: str) -> None:
    """One segment supplies another."""
    _one(chain, "segments", source), _one(chain, "segments", target)
    links, link = _items(chain, "links"), {"source": source, "target": target}
    if link in links:
        raise EditError(f"the link {source} → {target} is there already")
    links.append(link)


def remove_link(chain: Document, *, source: str, target: str) -> None:
    """A link goes."""
    links, link = _items(chain, "links"), {"source": source, "target": target}
    if link not in links:
        raise EditError(f"there is no link {source} → {target}")
    links.remove(link)


VERBS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {
        verb.__name__: verb
        for verb in (
            describe, add_layer, rename_layer, move_layer, remove_layer, add_segment, change_segment, move_segment, remove_segment,
            add_product, remove_product, add_term, change_term, add_link, remove_link,
        )
    }
)  # fmt: skip


def changed(text: str, verb: str, values: Mapping[str, str]) -> str:
    """The text after one verb. Raises: EditError, RulebookError where the text is no YAML."""
    if verb not in VERBS:
        raise EditError(f"no change is called '{verb}'")
    chain = copy.deepcopy(document(text))
    try:
        VERBS[verb](chain, **values)
    except (TypeError, AttributeError) as error:
        raise EditError(f"{verb} does not take these values, or the text has a fault there: {error}") from error
    return text_of(chain)
