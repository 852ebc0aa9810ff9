"""What tests of the editor share: a chain small enough to read, placed in a copy of the fictional registry."""

from __future__ import annotations

import shutil
from pathlib import Path

import factories
import fictional
from cast import Cast
from wutong.web.chains import actions
from wutong.web.chains.models import ChainVersion

AT = factories.AT
CHAIN_ID = fictional.CHAIN
NEW_CHAIN = """id: kites
name_zh: 风筝
name_en: Kites
description_zh: 风筝。
description_en: Kites.
version: "1"

layers:
  - {id: all, name_zh: 全部, name_en: All}

segments:
  - id: seals
    name_zh: 密封件
    name_en: Seals
    layer: all
    products: [seal]
  - id: machines
    name_zh: 挖掘机
    name_en: Excavators
    layer: all
    products: [excavator]

links:
  - {source: seals, target: machines}
"""
NOTE = "本地企业写法不同"


def draft(cast: Cast, *, chain_id: str = "kites", text: str = NEW_CHAIN, by: str = "bureau_officer") -> ChainVersion:
    """A draft of a new chain, or of one shipped (`text` "")."""
    return actions.begin(chain_id=chain_id, text=text, by=cast.people[by], at=AT)


def submitted(cast: Cast, **more: str) -> ChainVersion:
    """A version that waits for approval."""
    return actions.submit(version=draft(cast, **more), note=NOTE, by=cast.bureau_officer, at=AT)


def approved(cast: Cast, **more: str) -> ChainVersion:
    """A version that a second person approved; firms are not placed by it yet."""
    return actions.approve(version=submitted(cast, **more), by=cast.bureau_leader, at=AT)


def warehouse_of_my_own(folder: Path) -> Path:
    """A copy of the fictional warehouse that a test may build in."""
    shutil.copytree(fictional.made(), folder / "warehouse")
    return folder / "warehouse"
