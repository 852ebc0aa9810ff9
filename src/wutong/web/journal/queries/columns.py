"""The one shape in which duties of every room stand in one list, sorted and paged by the database."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import Cast, TruncDate

NAMES = ("d_source", "d_key", "d_title", "d_due", "d_owner", "d_owner_name", "d_unit", "d_unit_name")


def of(rows: Any, *, source: Any, title: Any, due_on: Any, unit: str | int, owner: str | int = "", key: str = "public_id") -> Any:
    """A room's rows as duties. `owner` and `unit` are ways to a person and a unit; a number is the key of whoever it is for.

    `source`, `title` and `due_on` are names of fields or expressions.
    """
    if isinstance(owner, str):
        person: dict[str, Any] = {"d_owner": F(f"{owner}_id"), "d_owner_name": F(f"{owner}__display_name")}
    else:
        person = {"d_owner": Cast(Value(owner), BigIntegerField()), "d_owner_name": Cast(Value(""), CharField())}
    if isinstance(unit, str):
        place: dict[str, Any] = {"d_unit": F(f"{unit}_id"), "d_unit_name": F(f"{unit}__name_zh")}
    else:
        place = {"d_unit": Cast(Value(unit), BigIntegerField()), "d_unit_name": Cast(Value(""), CharField())}
    return (
        rows.order_by()
        .annotate(
            d_source=_expression(source, CharField()), d_key=F(key), d_title=_expression(title, CharField()),
            d_due=_expression(due_on, DateField()), **person, **place,
        )
        .values(*NAMES)
    )  # fmt: skip


def _expression(given: Any, kind: Any) -> Any:
    """A column of the same kind in every part of the union, so that PostgreSQL puts the parts together."""
    return Cast(F(given) if isinstance(given, str) else given, kind)


def read(name: str, value: Any) -> Any:
    """A value of a column as the database gave it; SQLite has no days and no keys of their own, and gives text."""
    if isinstance(value, str):
        return uuid.UUID(value) if name == "d_key" else dt.date.fromisoformat(value) if name == "d_due" else value
    return value


def is_named(code: str) -> Any:
    """A source, or any text, that is the same in every row."""
    return Value(code)


def is_on(day: dt.date) -> Any:
    """A due day that is the same in every row."""
    return Value(day)


def days_after_day(since: str, days: int) -> Any:
    """The day so many days after a day."""
    return Cast(ExpressionWrapper(F(since) + dt.timedelta(days=days), output_field=DateTimeField()), DateField())


def days_after(since: str, days: int) -> Any:
    """The day so many days after a moment."""
    return TruncDate(ExpressionWrapper(F(since) + dt.timedelta(days=days), output_field=DateTimeField()))
