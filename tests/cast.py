"""The fixed cast: one small province with two cities, and somebody in every role. Names and codes are invented.

青梧省 990000 ─┬─ 青桐市 990100 ─┬─ 青桐市招商局 990100 ── 驻外办
               │                ├─ 临溪县 990121 ── 临溪县招商局
               │                └─ 青桐高新区 990111
               └─ 白榆市 990200 ─── 白榆市招商局 990200
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model

import factories
from wutong.web.accounts.models import Unit, User


@dataclass
class Cast:
    """Units and people by a short name."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        people: dict[str, User] = self.__dict__.get("people", {})
        try:
            return people[name]
        except KeyError:
            raise AttributeError(name) from None


# name, unit, role (None: nothing); every role of roles.yaml has somebody (a test says so).
PEOPLE: tuple[tuple[str, str, str | None], ...] = (
    ("system_admin", "province", "system_admin"),
    ("security_admin", "province", "security_admin"),
    ("audit_admin", "province", "audit_admin"),
    ("vice_mayor", "city", "government_leader"),
    ("bureau_leader", "bureau", "bureau_leader"),
    ("bureau_officer", "bureau", "bureau_officer"),
    ("county_officer", "county", "county_officer"),
    ("park_officer", "zone", "park_officer"),
    ("department_officer", "county_bureau", "department_officer"),
    ("away_officer", "away", "away_officer"),
    ("adviser", "bureau", "adviser"),
    ("no_role", "bureau", None),
    ("other_leader", "other_bureau", "bureau_leader"),
    ("other_officer", "other_bureau", "bureau_officer"),
    ("local_firm", "bureau", "local_firm"),
    ("assessor", "bureau", "assessor"),
)


_kept: dict[str, bytes] = {}
"""By the key that signs audit entries: the cast, and every row that its actions wrote, as they were the first time in this process."""


def assemble() -> Cast:
    """The whole cast in an empty database.

    Why: its forty actions take as long as the rest of a test, and nearly every test wants them. So they run once a process; later the rows
    they wrote are written again as they were. Where something stands in the database already, the actions run.
    """
    key = " ".join(settings.AUDIT_KEYS)
    is_empty = not User.objects.exists() and not Unit.objects.exists()
    if is_empty and key in _kept:
        cast, rows = pickle.loads(_kept[key])
        return _again(cast, rows)
    before = {model: model._base_manager.order_by("-pk").values_list("pk", flat=True).first() for model in _tables()} if is_empty else {}
    cast = _made()
    if before:
        _kept[key] = pickle.dumps((cast, _written(before)))
    return cast


def _tables() -> list[type[Model]]:
    """Every table but those that the database itself fills when others are written."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and model._meta.label != "audit.Waiting"]


def _written(before: dict[type[Model], Any]) -> list[tuple[type[Model], list[Model]]]:
    """What was written since, table by table."""
    found = []
    for model, last in before.items():
        rows = model._base_manager.order_by("pk")
        if new := list(rows if last is None else rows.filter(pk__gt=last)):
            found.append((model, new))
    return found


@transaction.atomic
def _again(cast: Cast, rows: list[tuple[type[Model], list[Model]]]) -> Cast:
    for model, written in rows:
        model._base_manager.bulk_create(written)
    return cast


def _made() -> Cast:
    """Make it by actions."""
    cast = Cast()
    units = cast.units
    units["province"] = factories.unit("青梧省", kind="province", adcode="990000", name_en="Qingwu Province")
    units["city"] = factories.unit("青桐市", kind="city", parent=units["province"], adcode="990100", name_en="Qingtong City")
    units["bureau"] = factories.unit("青桐市招商局", parent=units["city"], adcode="990100", name_en="Qingtong Promotion Bureau")
    units["away"] = factories.unit("青桐市驻外招商办", kind="office_away", parent=units["bureau"], adcode="990100")
    units["county"] = factories.unit("临溪县", kind="county", parent=units["city"], adcode="990121", name_en="Linxi County")
    units["county_bureau"] = factories.unit("临溪县招商局", parent=units["county"], adcode="990121")
    units["zone"] = factories.unit("青桐高新区", kind="zone", parent=units["city"], adcode="990111", place_id="qingtong-hi-tech")
    units["other_city"] = factories.unit("白榆市", kind="city", parent=units["province"], adcode="990200", name_en="Baiyu City")
    units["other_bureau"] = factories.unit("白榆市招商局", parent=units["other_city"], adcode="990200")
    for number, (name, at_unit, role) in enumerate(PEOPLE, 1):
        cast.people[name] = factories.person(name, at_unit=units[at_unit], display_name=f"干部{number:02d}")
        if role:
            factories.posting(cast.people[name], role)
    return cast
