"""What differs between two versions of a chain, in codes that pages put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wutong.rulebook.drafting import HEAD, Document


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `kind`: what happened (segment_added, product_removed …); `subject` and `within`: ids; before and after: texts."""

    kind: str
    subject: str
    within: str = ""
    before: str = ""
    after: str = ""


def between(old: Document, new: Document) -> tuple[Difference, ...]:
    """Every difference, in the order of the new version; two versions that place and draw the same have none."""
    return (*_head(old, new), *_layers(old, new), *_segments(old, new), *_links(old, new), *_products(old, new))


def _head(old: Document, new: Document) -> Iterator[Difference]:
    for name in HEAD:
        before, after = str(old.get(name, "")), str(new.get(name, ""))
        if before != after:
            yield Difference("field_changed", name, "", before, after)


def _by_id(chain: Document, name: str) -> dict[str, Mapping[str, Any]]:
    return {str(item.get("id")): item for item in _listed(chain.get(name)) if isinstance(item, dict)}


def _listed(value: object) -> list[Any]:
    """A list; nothing where the text of a draft has something else there."""
    return value if isinstance(value, list) else []


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("name_zh") or item.get("zh") or item.get("id"))


def _layers(old: Document, new: Document) -> Iterator[Difference]:
    was, now = _by_id(old, "layers"), _by_id(new, "layers")
    for key, item in now.items():
        if key not in was:
            yield Difference("layer_added", key, after=_name(item))
        elif _names(was[key]) != _names(item):
            yield Difference("layer_renamed", key, "", _names(was[key]), _names(item))
    yield from (Difference("layer_removed", key, before=_name(item)) for key, item in was.items() if key not in now)
    if [key for key in was if key in now] != [key for key in now if key in was]:
        yield Difference("layers_ordered", "", "", " → ".join(map(_name, was.values())), " → ".join(map(_name, now.values())))


def _names(item: Mapping[str, Any]) -> str:
    return f"{item.get('name_zh', '')} {item.get('name_en', '')}".strip()


def _segments(old: Document, new: Document) -> Iterator[Difference]:
    was, now = _by_id(old, "segments"), _by_id(new, "segments")
    for key, item in now.items():
        if key not in was:
            yield Difference("segment_added", key, after=_name(item))
            yield from (Difference("product_added", str(product), key) for product in _listed(item.get("products")))
            continue
        yield from _segment(key, was[key], item)
    yield from (Difference("segment_removed", key, before=_name(item)) for key, item in was.items() if key not in now)
    for layer in _by_id(new, "layers"):
        before = [key for key, item in was.items() if item.get("layer") == layer and now.get(key, {}).get("layer") == layer]
        after = [key for key, item in now.items() if item.get("layer") == layer and was.get(key, {}).get("layer") == layer]
        if before != after:
            names = (" → ".join(_name(which[key]) for key in keys) for which, keys in ((was, before), (now, after)))
            yield Difference("segments_ordered", layer, "", *names)


def _segment(key: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    if _names(was) != _names(now):
        yield Difference("segment_renamed", key, "", _names(was), _names(now))
    if was.get("layer") != now.get("layer"):
        yield Difference("segment_moved", key, "", str(was.get("layer", "")), str(now.get("layer", "")))
    if was.get("role", "makes") != now.get("role", "makes"):
        yield Difference("role_changed", key, "", str(was.get("role", "makes")), str(now.get("role", "makes")))
    for field, kind in (("gbt4754", "classes_changed"), ("name_proofs", "name_words_changed")):
        if (was.get(field) or []) != (now.get(field) or []):
            yield Difference(kind, key, "", _list(was.get(field)), _list(now.get(field)))
    before, after = _listed(was.get("products")), _listed(now.get("products"))
    yield from (Difference("product_added", str(product), key) for product in after if product not in before)
    yield from (Difference("product_removed", str(product), key) for product in before if product not in after)


def _list(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _links(old: Document, new: Document) -> Iterator[Difference]:
    was, now = (
        [(link.get("source"), link.get("target")) for link in _listed(chain.get("links")) if isinstance(link, dict)] for chain in (old, new)
    )
    yield from (Difference("link_added", str(target), str(source)) for source, target in now if (source, target) not in was)
    yield from (Difference("link_removed", str(target), str(source)) for source, target in was if (source, target) not in now)


def _products(old: Document, new: Document) -> Iterator[Difference]:
    was, now = _by_id(old, "products"), _by_id(new, "products")
    for key, item in now.items():
        if key not in was:
            yield Difference("term_added", key, after=_terms(item))
        elif was[key] != item:
            yield Difference("term_changed", key, "", _terms(was[key]), _terms(item))
    yield from (Difference("term_removed", key, before=_terms(item)) for key, item in was.items() if key not in now)


def _terms(item: Mapping[str, Any]) -> str:
    parts = [_name(item), *(f"{field}: {_list(value)}" for field, value in item.items() if field not in ("id", "zh") and value)]
    return "; ".join(parts)
