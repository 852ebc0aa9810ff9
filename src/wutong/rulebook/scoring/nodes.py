"""The nodes of a rule's text by their place: where each begins and ends in the text."""

from __future__ import annotations

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

Path = tuple[str | int, ...]
IN_LINES = ("|", ">")


def parts(node: YamlNode | None) -> dict[str, YamlNode]:
    """The values of a mapping by their keys."""
    return {str(key.value): value for key, value in node.value} if isinstance(node, MappingNode) else {}


def at(node: YamlNode | None, path: Path) -> YamlNode | None:
    """The node at a path; None where there is none."""
    for step in path:
        if isinstance(node, MappingNode):
            node = parts(node).get(str(step))
        elif isinstance(node, SequenceNode) and str(step).isdecimal() and int(step) < len(node.value):
            node = node.value[int(step)]
        else:
            return None
    return node


def text(node: YamlNode | None) -> str:
    """What a word says; "" where there is none."""
    return str(node.value).strip() if isinstance(node, ScalarNode) else ""


def line(node: YamlNode) -> int:
    """Its line, from 1."""
    return int(node.start_mark.line) + 1


def start(node: YamlNode) -> int:
    """Where it begins."""
    return int(node.start_mark.index)


def tail(node: YamlNode) -> YamlNode:
    """The node with which it ends: of a list or mapping in lines the last value, for its own mark stands behind what follows."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return node


def end(text: str, node: YamlNode) -> int:
    """Behind its last character: the mark of a word in lines (| and >) stands on the line that follows, so step back to its own."""
    last = tail(node)
    end = int(last.end_mark.index)
    if not isinstance(last, ScalarNode) or last.style not in IN_LINES:
        return end
    written = text[start(last) : end].rstrip(" ")
    keeps_breaks = "+" in written.partition("\n")[0].partition("#")[0]
    return start(last) + len(written.removesuffix("\n") if keeps_breaks else written.rstrip())


def last(node: YamlNode) -> int:
    """Its last line."""
    mark = tail(node).end_mark
    return int(mark.line) + (1 if mark.column else 0)
