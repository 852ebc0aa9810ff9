"""Units as old ledgers call them: by full, former and short names; and who answers for a project there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from wutong.engine.ledger_cells import plain
from wutong.web.accounts.models import Posting, Unit, UnitChange, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitChangeKind
from wutong.web.lib import access
from wutong.web.projects.queries import people

MOST_NAMED = 6
LEAST_SHORT = 2
_OFFICE = re.compile("(?:管理委员会|管委会|人民政府|办事处|招商局|招商中心|招商和投资促进局|投资促进局|投资促进中心)$")


def directed(user: Any) -> list[Unit]:
    """The units whose projects a person directs: what a ledger of his may name as hosts."""
    return list(Unit.objects.filter(within(user, Permission.PROJECTS_ASSIGN, unit=""), closed_on=None).order_by("path"))


class Units:
    """Finds a unit by what a ledger calls it: its name, a former one or that of a unit merged into it, or a short one."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = list(units)
        here = {unit.pk: unit for unit in self.units}
        self._by_name: dict[str, set[Unit]] = {}
        for unit in self.units:
            self._know(unit, unit.name_zh, unit.name_en)
        former = UnitChange.objects.filter(kind__in=(UnitChangeKind.RENAMED, UnitChangeKind.MERGED)).order_by("pk")
        for change in former.select_related("unit"):
            unit_id = change.other_id if change.kind == UnitChangeKind.MERGED else change.unit_id
            if unit_id in here:
                self._know(here[unit_id], change.old_name_zh, change.old_name_en, change.unit.name_zh, change.unit.name_en)

    def _know(self, unit: Unit, *names: str) -> None:
        for name in names:
            if name:
                self._by_name.setdefault(_key(name), set()).add(unit)

    def named(self, text: str) -> set[Unit]:
        """The units that a text may mean: one where it is clear."""
        key = _key(text)
        if found := self._by_name.get(key):
            return found
        short = _OFFICE.sub("", key)
        if len(short) < LEAST_SHORT:
            return set()
        return {unit for name, units in self._by_name.items() if short in name for unit in units}


def _key(name: str) -> str:
    return plain(name).casefold()


class Owners:
    """Finds who answers for projects of a unit; each unit's people are read once."""

    def __init__(self) -> None:
        self._people: dict[int, list[User]] = {}
        self._directors: dict[int, list[User]] = {}

    def of(self, unit: Unit, text: str, *, is_director_meant: bool) -> tuple[User | None, str]:
        """Whom a ledger names, or where it names nobody the one who directs the unit's work, if he is meant; else, in words, who could."""
        able = self._able(unit)
        fitting = [one for one in able if text in {one.username, one.display_name}] if text else []
        if not text and is_director_meant:
            fitting = self._of_director(unit)
        if len(fitting) == 1:
            return fitting[0], ""
        known = ", ".join(map(str, able[:MOST_NAMED])) or _("nobody holds such a role yet")
        return None, _("one person of the unit who may work on its projects: %(people)s") % {"people": known}

    def _able(self, unit: Unit) -> list[User]:
        if unit.pk not in self._people:
            self._people[unit.pk] = list(people.of_unit(unit))
        return self._people[unit.pk]

    def _of_director(self, unit: Unit) -> list[User]:
        if unit.pk not in self._directors:
            roles = [role.code for role in access_rules.roles().values() if Permission.PROJECTS_ASSIGN in role.permissions]
            posted = Posting.objects.in_force(access.today()).filter(role__in=roles, unit=unit).values("user")
            able: Mapping[int, User] = {one.pk: one for one in self._able(unit)}
            found = User.objects.get_queryset().filter(pk__in=posted, is_active=True).order_by("pk")
            self._directors[unit.pk] = [one for one in found if one.pk in able]
        return self._directors[unit.pk]
