"""The history of a chain as a list, and differences between versions in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.rulebook import load
from wutong.rulebook.differences import Difference
from wutong.web.chains.models import ChainVersion
from wutong.web.chains.queries.maps import NotThere
from wutong.web.chains.queries.versions import SHIPPED, Compared, number_in_force, text_of_number
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import lists, warehouse
from wutong.web.lib.access import is_chinese

PAGE_SIZE = 20
COLUMNS = (
    lists.Column("number", gettext_lazy("Version"), ("number",), "number"),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("note", gettext_lazy("Reason for the change")),
    lists.Column("created", gettext_lazy("Begun"), ("created_at",), "date"),
    lists.Column("submitted", gettext_lazy("Submitted"), ("submitted_at",), "date"),
    lists.Column("decided", gettext_lazy("Decided"), ("decided_at",), "date"),
)


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a chain that a person may see. `faults`: why the bureau's own text was left out of the rulebook in force."""

    chain_id: str
    name: str
    is_shipped: bool
    in_force: int
    open: ChainVersion | None
    listing: lists.Listing
    faults: tuple[load.Problem, ...]


def history(chain_id: str, params: QueryDict, *, visible: Any) -> History:
    """Every version of a chain, the newest first. Raises: NotThere where there is neither a file shipped nor a version."""
    is_shipped = chain_id in load.rulebook().chains
    rows = visible.filter(chain_id=chain_id).select_related("created_by", "submitted_by", "decided_by")
    if not is_shipped and not rows.exists():
        raise NotThere(chain_id)
    listing = lists.of_queryset(params, rows, columns=COLUMNS, default="-number", size=PAGE_SIZE)
    chain = firms.rulebook().chains.get(chain_id)
    name = chain_id if chain is None else chain.name_zh if is_chinese() else chain.name_en
    faults = tuple(fault for fault in warehouse.served().chain_faults if fault.file == f"chains/{chain_id}.yaml")
    return History(chain_id, name, is_shipped, number_in_force(chain_id), rows.open().first(), listing, faults)


def visible_text(chain_id: str, number: int, *, visible: Any) -> str:
    """The text of a version that the person may see. Raises: NotThere."""
    if number != SHIPPED and not visible.filter(chain_id=chain_id, number=number).exists():
        raise NotThere(f"{chain_id} v{number}")
    text = text_of_number(chain_id, number)
    if not text:
        raise NotThere(f"{chain_id} v{number}")
    return text


def _kinds() -> Mapping[str, str]:
    return {
        "field_changed": _("“%(subject)s” of the chain: “%(before)s” became “%(after)s”"),
        "layer_added": _("Layer added: %(after)s"),
        "layer_removed": _("Layer removed: %(before)s"),
        "layer_renamed": _("Layer renamed: %(before)s became %(after)s"),
        "layers_ordered": _("Layers in another order: %(after)s"),
        "segment_added": _("Segment added: %(after)s"),
        "segment_removed": _("Segment removed: %(before)s"),
        "segment_renamed": _("Segment renamed: %(before)s became %(after)s"),
        "segment_moved": _("Segment moved: %(subject)s, from %(before)s to %(after)s"),
        "segments_ordered": _("Segments of %(subject)s in another order: %(after)s"),
        "role_changed": _("%(subject)s: what firms do there was %(before)s and is %(after)s"),
        "classes_changed": _("%(subject)s: classes were %(before)s and are %(after)s"),
        "name_words_changed": _("%(subject)s: words in names were %(before)s and are %(after)s"),
        "product_added": _("%(within)s: product added, %(subject)s"),
        "product_removed": _("%(within)s: product removed, %(subject)s"),
        "link_added": _("Link added: %(within)s supplies %(subject)s"),
        "link_removed": _("Link removed: %(within)s supplied %(subject)s"),
        "term_added": _("Product of the bureau's own added: %(after)s"),
        "term_changed": _("Product of the bureau's own changed: %(before)s became %(after)s"),
        "term_removed": _("Product of the bureau's own removed: %(before)s"),
    }


def sentences(compared: Compared) -> tuple[str, ...]:
    """Every difference in a sentence."""
    kinds = _kinds()

    def name(key: str) -> str:
        return compared.names.get(key, key)

    return tuple(_sentence(difference, kinds[difference.kind], name) for difference in compared.differences)


def _sentence(difference: Difference, pattern: str, name: Callable[[str], str]) -> str:
    nothing = pgettext("no value", "none")
    is_id = difference.kind == "segment_moved"
    values = {
        "subject": name(difference.subject), "within": name(difference.within),
        "before": (name(difference.before) if is_id else difference.before) or nothing,
        "after": (name(difference.after) if is_id else difference.after) or nothing,
    }  # fmt: skip
    return pattern % values
