"""What yearly goals may be set for (目标任务的口径): `goals.yaml`; a misspelt key or unit fails at load."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML

from wutong.rulebook import money

FILE = "goals.yaml"


class Words(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class MeasureSource(BaseModel):
    """Where a measure comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    document: str = Field(min_length=1)


class Measure(BaseModel):
    """What a goal may be set for. `fact` with `params`: the computed fact that is its actual; `unit`: in what it is shown and typed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    how: Words
    unit: str
    digits: int = Field(ge=0, le=4)
    fact: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    source: MeasureSource
    params: Mapping[str, str] = Field(default_factory=dict)
    tiers: bool = False
    chains: bool = False
    places: Literal["all", "parks"] = "all"

    @property
    def shown(self) -> money.Unit:
        """The unit in which it is shown and typed."""
        return money.UNITS[self.unit]

    @property
    def step(self) -> Decimal:
        """The least difference between two goals, in the unit in which figures are kept: a project, a tenth of a day, 0.01 亿元."""
        return Decimal(1).scaleb(-self.digits) * int(self.shown.scale)

    def kept(self, shown: Decimal) -> Decimal:
        """A figure as typed, in the unit in which figures are kept."""
        return shown * int(self.shown.scale)

    def typed(self, kept: Decimal) -> Decimal:
        """A figure as kept, in the unit in which it is shown."""
        return kept / int(self.shown.scale)


@cache
def measures() -> Mapping[str, Measure]:
    """The measures in their order. Raises: ValueError with what is wrong."""
    return parsed(resources.files("wutong.rulebook").joinpath(FILE).read_text("utf-8"))


def parsed(text: str) -> Mapping[str, Measure]:
    """The measures from the text of a file. Raises: ValueError with what is wrong."""
    told = YAML(typ="safe").load(text)
    if not isinstance(told, dict) or set(told) != {"measures"} or not isinstance(told["measures"], dict):
        raise ValueError(f"{FILE}: expected one mapping `measures`")
    found = {}
    for code, raw in told["measures"].items():
        try:
            measure = Measure.model_validate({"code": code, **(raw if isinstance(raw, dict) else {})})
        except ValidationError as error:
            wrong = error.errors()[0]
            raise ValueError(f"{FILE}: {code}: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from error
        if measure.unit not in money.UNITS or money.UNITS[measure.unit].scale.denominator != 1:
            raise ValueError(f"{FILE}: {code}: unit: no unit that a goal may be in: {measure.unit}")
        found[str(code)] = measure
    return MappingProxyType(found)
