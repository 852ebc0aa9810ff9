"""With what the form for new information begins: a row of a target list, or a firm of the registry, from whose page it was asked for."""

from __future__ import annotations

from typing import Any

from wutong.web.firms.queries import briefs
from wutong.web.leads.models import ListedFirm
from wutong.web.leads.queries import results
from wutong.web.leads.rules.leads import SourceKind
from wutong.web.lib import warehouse


def row_of(user: Any, public_id: str) -> ListedFirm | None:
    """The row of a target list, if the person may see it."""
    if not results.is_uuid(public_id):
        return None
    found = ListedFirm.objects.visible_to(user).select_related("firm", "list__unit", "list__owner")
    return found.filter(public_id=public_id).first()


def begun(user: Any, row: ListedFirm | None, firm_id: str) -> dict[str, Any]:
    """What the form shows before anybody typed."""
    if row is not None:
        segment = f"{row.chain}/{row.segment}" if row.segment else ""
        return {
            "title": row.firm.name, "name": row.firm.name, "firm_id": row.firm.firm_id, "segment": segment,
            "source_kind": SourceKind.ROW.value,
        }  # fmt: skip
    try:
        name = briefs.name_of(user, firm_id[:40]) if firm_id else ""
    except warehouse.WarehouseMissing:
        name = ""
    return {"title": name, "name": name, "firm_id": firm_id[:40]} if name else {}
