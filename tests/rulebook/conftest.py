"""A rulebook folder that a test writes itself, and a small valid one to start from."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

PRODUCTS = """\
products:
  - id: machine-part
    zh: 机械零部件
    en: machine part
    generic: true
  - id: hydraulic-cylinder
    zh: 液压缸
    en: hydraulic cylinder
    synonyms: [油缸, 液压油缸]
    broader: [machine-part]
  - id: hydraulic-pump
    zh: 液压泵
    en: hydraulic pump
"""

CHAIN = """\
id: hydraulics
name_zh: 液压
name_en: Hydraulics
description_zh: 液压件与主机。
description_en: Hydraulic parts and machines.
version: 1
layers:
  - {id: parts, name_zh: 零件, name_en: Parts}
  - {id: machines, name_zh: 主机, name_en: Machines}
segments:
  - id: cylinders
    name_zh: 液压缸
    name_en: Cylinders
    layer: parts
    products: [hydraulic-cylinder]
    gbt4754: [C3444]
  - id: pumps
    name_zh: 液压泵
    name_en: Pumps
    layer: machines
    products: [hydraulic-pump]
links:
  - {source: cylinders, target: pumps}
"""

LEAVES = """\
share:
  description: {zh: 比例, en: share}
  unit: share
  source: {title: Wutong default}
  values: {2024-01-01: 0.3, 2026-01-01: null}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(name=text …)`: a rulebook folder of these files, "__" for the slash; the valid ones above fill up what is not named."""

    def _write(folder: str = "rules", *, only: bool = False, **files: str) -> Path:
        root = tmp_path / folder
        valid = {} if only else {"products__base": PRODUCTS, "chains__hydraulics": CHAIN, "parameters__sizes": LEAVES}
        for name, text in (valid | files).items():
            path = root / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return root

    return _write
