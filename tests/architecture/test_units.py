"""No number without a unit in its name: model fields, results of the engine, tables of a warehouse."""

from __future__ import annotations

import pyarrow as pa
import pytest
from django.apps import apps
from django.db import models

from architecture.source import SRC
from architecture.units import numbers_of_frozen_dataclasses, says_its_unit
from wutong.engine import tables


@pytest.mark.parametrize(
    "name", ["capital_yuan", "tax_per_mu_wan", "radius_km", "firms_here", "first_year", "firm_no", "lon", "rows_in", "source_row"]
)
def test_a_name_that_says_its_unit_passes(name: str) -> None:
    assert says_its_unit(name)


@pytest.mark.parametrize("name", ["capital", "area", "distance", "price", "tax", "weight", "radius", "age", "status"])
def test_a_name_without_a_unit_is_found(name: str) -> None:
    assert not says_its_unit(name)


def test_fields_of_results_say_their_unit() -> None:
    bare = [f"{where}.{name}" for where, name in numbers_of_frozen_dataclasses(SRC) if not says_its_unit(name)]
    assert bare == []


def test_number_columns_of_a_warehouse_say_their_unit() -> None:
    bare = [
        f"{table.name}.{column.name}"
        for table in (*tables.ALL, *tables.OWN)
        for column in table.columns
        if (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)) and not column.unit and not says_its_unit(column.name)
    ]
    # A role is the number of `scopes.Role`, an enumeration.
    assert [name for name in bare if not name.endswith(".role")] == []


def test_number_fields_of_models_say_their_unit() -> None:
    bare = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("wutong.")
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.IntegerField | models.DecimalField | models.FloatField) and not field.primary_key
        if not field.choices and not says_its_unit(field.name)
    ]
    assert bare == []
