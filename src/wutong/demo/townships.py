"""What a township of the demo does: information from its own villages and firms, one lead filed, one offered to its county, a duty.

Everything goes through the actions of `leads` and `journal` and is dated relative to today.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TOWNSHIP = "town1"


@dataclass(frozen=True, slots=True)
class Piece:
    """A lead of a township: how long ago it came, from whom, and how far it went. `steps`: file, progress, offer."""

    title: str
    firm: str
    product: str
    days_ago: int
    wan: int
    giver: str = ""
    steps: tuple[str, ...] = ()


PIECES = (
    Piece("鹿鸣乡薯条加工厂扩产意向", "鹿鸣砚禾薯业有限公司", "薯条", 1, 1_800, "乡农业服务中心"),
    Piece("在外乡贤拟回乡办包装厂", "澜海榕屿包装制品有限公司", "食品包装", 6, 3_000, "鹿鸣乡商会", ("triage",)),
    Piece("闲置粮站改建冷链仓", "霜泽岫川冷链物流有限公司", "冷链仓储", 34, 2_600, "", ("triage", "file", "progress")),
    Piece("变性淀粉二期需用地三十亩", "云泽鸣谷淀粉科技有限公司", "变性淀粉", 58, 9_500, "", ("triage", "file", "progress", "offer")),
)
DONE = "到企业走访，了解用地、用电和投产时间"
OFFERED = "项目用地超出乡镇承载能力，请县里统筹落地"
DUTY = "核实冷链仓项目用电容量并书面报县"


def tell(*, at: dt.datetime) -> None:
    """All of it, where the demo has the township."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.journal.actions import duties  # noqa: PLC0415

    people = User.objects.get_queryset().select_related("unit__parent")
    owner = people.filter(username=TOWNSHIP).first()
    if owner is None:
        return
    county = people.filter(unit=owner.unit.parent).first()
    with transaction.atomic():
        for piece in PIECES:
            _live(piece, owner, county, at - dt.timedelta(days=piece.days_ago))
        duties.create(owner=owner, title=DUTY, working_days=5, by=county, at=at - dt.timedelta(days=2))


def _live(piece: Piece, owner: Any, county: Any, when: dt.datetime) -> None:
    from wutong.web.leads.actions import claiming, filing, informing, transferring  # noqa: PLC0415
    from wutong.web.leads.models import Claim  # noqa: PLC0415
    from wutong.web.leads.rules.leads import Amount, LeadKind, SourceKind  # noqa: PLC0415

    given = informing.Given(SourceKind.PARTNER, text=piece.giver) if piece.giver else informing.Given()
    lead = informing.log(
        title=piece.title, kind=LeadKind.PROJECT, unit=owner.unit, owner=owner, given=given, amount=Amount(Decimal(piece.wan)),
        about=informing.About("", "", piece.product, owner.unit.adcode), received_on=when.date(), by=owner, at=when,
    )  # fmt: skip
    lead = filing.identify(lead=lead, identity=filing.Identity(piece.firm), by=owner, at=when)
    later = when + dt.timedelta(hours=3)
    if "triage" in piece.steps:
        informing.triage(lead=lead, is_taken=True, reason="", by=owner, at=later)
    if "file" in piece.steps:
        filing.file(lead=lead, by=owner, at=later + dt.timedelta(hours=1))
    if "progress" in piece.steps:
        day = when + dt.timedelta(days=20)
        claiming.progress(lead=lead, text=DONE, done_on=day.date(), by=owner, at=day)
    is_first = Claim.objects.filter(lead=lead, state="open").exists()  # a filing may have been drawn for a look
    if "offer" in piece.steps and county is not None and is_first:
        day = when + dt.timedelta(days=40)
        transferring.offer(
            lead=lead, to=county.unit, terms=transferring.Terms(((day.date(), 3_000),)), reason=OFFERED, by=owner, at=day
        )  # fmt: skip
