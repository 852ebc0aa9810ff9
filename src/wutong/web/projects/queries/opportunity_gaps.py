"""A gap of a chain as the first draft of a packaged project: what the registry says of it, kept with build, day and rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import translation

from wutong.web.chains.queries import maps
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import warehouse
from wutong.web.projects.models import Opportunity
from wutong.web.projects.rules.opportunities import State
from wutong.web.projects.rules.stages import Kind, Mode

ROLE_KINDS = {"grows": Kind.FARMING, "provides": Kind.SERVICES}
CANNOT = (maps.NotThere, firms.UnknownRegion, warehouse.WarehouseMissing)
"""Why a gap cannot be packaged: no such segment or region, or nothing is served."""


def standing(user: Any, *, region: str = "", radius_km: int | None = None) -> firms.Standing:
    """From where the gap is looked at. Raises: UnknownRegion, WarehouseMissing."""
    return firms.standing(user, region=region, radius_km=radius_km)


def draft(where: firms.Standing, chain_id: str, segment_id: str) -> dict[str, Any]:
    """What a packaged project of a gap says at first; what nobody knows yet is left empty. Raises: NotThere."""
    page = maps.segment_of(where, chain_id, segment_id)
    segment, region = page.segment, where.region.name
    zh = "、".join(product.zh for product in page.products[:6])
    en = ", ".join(product.en for product in page.products[:6])
    return {
        "title_zh": f"{region}{segment.name_zh}项目", "title_en": f"{segment.name_en}: project in {region}",
        "kind": ROLE_KINDS.get(segment.role, Kind.INDUSTRY), "mode": Mode.DIRECT, "chain": page.chain.id, "segment": segment.id,
        "what_zh": f"面向{page.chain.name_zh}产业链“{segment.name_zh}”环节，建设{zh}生产或服务能力。",
        "what_en": f"Capacity for {en}, the segment “{segment.name_en}” of the chain {page.chain.name_en}.", "site_zh": region,
        "partner_zh": f"{segment.name_zh}环节的生产或服务企业。", "partner_en": f"A firm that makes or provides: {segment.name_en}.",
        "why": why(where, page),
    }  # fmt: skip


def why(where: firms.Standing, page: maps.SegmentPage) -> dict[str, Any]:
    """What the registry says of a gap: makers here, within the radius and nation-wide, neighbours; with what it was computed from."""
    gap, chain, gaps = page.gap, page.chain, page.gaps
    with translation.override("zh-hans"):
        verdict_zh, sentence_zh = str(firms.VERDICTS[str(gap.verdict)]), maps.sentence_of(gap.rule)
    with translation.override("en"):
        verdict_en, sentence_en = str(firms.VERDICTS[str(gap.verdict)]), maps.sentence_of(gap.rule)
    return {
        "region": where.region.name, "region_id": where.region.id, "radius_km": where.radius_km, "verdict": str(gap.verdict),
        "verdict_zh": f"{verdict_zh}：{sentence_zh}", "verdict_en": f"{verdict_en}: {sentence_en}", "local_makers": gap.local_makers,
        "within_radius": gap.supply_within_radius, "national_makers": gap.national_makers,
        "upstream_zh": _named(chain, gap.upstream_present, "name_zh", "、"),
        "upstream_en": _named(chain, gap.upstream_present, "name_en", ", "),
        "downstream_zh": _named(chain, gap.downstream_present, "name_zh", "、"),
        "downstream_en": _named(chain, gap.downstream_present, "name_en", ", "), "build_id": gaps.build_id,
        "as_of": gaps.as_of.isoformat(), "rulebook_hash": gaps.rulebook_hash,
    }  # fmt: skip


def _named(chain: Any, segments: Sequence[str], name: str, between: str) -> str:
    return between.join(getattr(chain.segment(one), name) for one in segments)


def packaged(user: Any, unit: Any, values: dict[str, Any]) -> Opportunity | None:
    """What the unit packaged of the same gap already, so that a second click opens it."""
    found = Opportunity.objects.visible_to(user).filter(unit=unit, chain=values["chain"], segment=values["segment"])
    return found.filter(title_zh=values["title_zh"]).exclude(state=State.RETIRED).first()
