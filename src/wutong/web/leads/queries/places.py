"""Chains, segments and regions as forms about leads offer and read them."""

from __future__ import annotations

from wutong.web.firms.queries import standing as firms
from wutong.web.leads.queries import rows
from wutong.web.lib import warehouse
from wutong.web.lib.access import is_chinese


def segments() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every segment as chain/segment with its name, chain by chain."""
    return [
        (
            str(chain.name_zh if is_chinese() else chain.name_en),
            [(f"{chain_id}/{item.id}", str(item.name_zh if is_chinese() else item.name_en)) for item in chain.segments],
        )
        for chain_id, chain in sorted(rows.chains().items())
    ]


def adcode_of(text: str) -> str | None:
    """The division code of the region that a text means, of a zone that of its county; None where there is none."""
    try:
        region = firms.region_of(text.strip())
    except firms.UnknownRegion:
        return None
    except warehouse.WarehouseMissing:
        return text.strip() if text.strip().isdecimal() and len(text.strip()) == 6 else None
    code = region.id if region.is_division and region.id.isdecimal() else region.county
    return code if len(code) == 6 else None


def name_of(adcode: str) -> str:
    """The name of a division; its code where no build knows it; "" for none."""
    if not adcode:
        return ""
    try:
        return firms.region_of(adcode).name
    except (firms.UnknownRegion, warehouse.WarehouseMissing):
        return adcode
