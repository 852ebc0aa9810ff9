"""Firms that may be one: what merging them changes, whether a second person must look, what stands on a merger since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import codes
from wutong.web.accounts.models import EVERYTHING, Posting, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm, Merger, MergerQuerySet
from wutong.web.firms.rules import MergerState
from wutong.web.lib import access, hooks
from wutong.web.lib.hooks import Merge

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row that will name the firm kept, with its page where it has one."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Change:
    """What merging does to the rows of one relation. `shown` are the first that the person sees, `others` those that he does not.

    `double`: how many say what the firm kept says already, so that one of two stays.
    """

    kind: str
    total: int
    double: int
    shown: tuple[Row, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging a firm into another changes."""

    changes: tuple[Change, ...]
    unlisted: tuple[str, ...]
    needs_second_look: bool

    @property
    def total(self) -> int:
        """How many rows in all."""
        return sum(change.total for change in self.changes)


def values_of(row: Any, fields: tuple[str, ...] | None) -> dict[str, Any]:
    """A row as JSON would keep it, all of it or some fields."""
    names = fields or tuple(field.attname for field in row._meta.local_fields)
    plain: dict[str, Any] = json.loads(json.dumps({name: getattr(row, name) for name in names}, cls=DjangoJSONEncoder))
    return plain


def are_codes_other(one: Any, other: Any) -> bool:
    """Whether two firms (rows, or profiles) bear different credit codes that both are valid: by law two entities."""
    codes_of = [codes.normalise(firm.uscc) for firm in (one, other)]
    return len(set(codes_of)) == 2 and all(codes.status(code) == codes.Status.VALID for code in codes_of)


def unlisted(gone: Firm) -> tuple[str, ...]:
    """Relations to the firm, in words, that no room said how to carry over, and that rows of his have."""
    listed = {(relation.model.lower(), relation.field) for relation in hooks.collect("MERGE")}
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            is_key = field.remote_field is not None and field.remote_field.model is Firm
            if (
                is_key
                and (model._meta.label_lower, field.name) not in listed
                and model._default_manager.filter(**{field.name: gone}).exists()
            ):
                found.append(f"{model._meta.verbose_name_plural} · {field.verbose_name}")
    return tuple(found)


def _carried() -> Iterator[Merge]:
    return (relation for relation in hooks.collect("MERGE") if relation.repoint is not None)


def _spoken(relation: Merge, rows: Any, user: Any) -> Any:
    """The rows of which a person may be told that they are there."""
    if not relation.unspoken:
        return rows
    seen = apps.get_model(relation.model)._default_manager.visible_to(user)  # type: ignore[attr-defined]
    return rows.filter(~Q(**dict(relation.unspoken)) | Q(pk__in=seen.values("pk")))


def needs_second_look(firm: Firm, user: Any, *, among: Mapping[str, Any] | None = None) -> bool:
    """Whether merging the firm (or undoing, `among` what it changed) changes what units keep that the person's roles do not reach."""
    for relation in _carried():
        reach = within(user, Permission.FIRMS_EDIT, unit=relation.unit) if relation.unit else EVERYTHING
        if reach == EVERYTHING:
            continue
        rows = _spoken(relation, relation.rows(firm), user)
        if among is not None:
            rows = rows.filter(pk__in=[int(key) for key in among.get(relation.model, {})])
        if rows.exclude(pk__in=relation.rows(firm).filter(reach).values("pk")).exists():
            return True
    return False


def preview_of(kept: Firm | None, gone: Firm | None, user: Any) -> Preview:
    """What merging changes, relation by relation, before anybody does it; of a firm that nobody took on yet, nothing."""
    if gone is None:
        return Preview((), (), needs_second_look=False)
    changes = tuple(change for relation in _carried() if (change := _change(relation, kept, gone, user)).total)
    return Preview(changes, unlisted(gone), needs_second_look(gone, user))


def _change(relation: Merge, kept: Firm | None, gone: Firm, user: Any) -> Change:
    rows = list(_spoken(relation, relation.rows(gone), user))
    visible = apps.get_model(relation.model)._default_manager.visible_to(user)  # type: ignore[attr-defined]
    seen = set(visible.filter(pk__in=relation.rows(gone).values("pk")).values_list("pk", flat=True))
    there = {_likeness(relation, row) for row in relation.rows(kept)} if relation.alike and kept else set()
    shown = [row for row in rows if row.pk in seen]
    double = sum(_likeness(relation, row) in there for row in rows) if relation.alike else 0
    lines = tuple(Row(str(row), relation.address(row) if relation.address else "") for row in shown[:MOST_SHOWN])
    return Change(relation.kind, len(rows), double, lines, len(rows) - len(shown))


def _likeness(relation: Merge, row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in relation.alike)


def later(merger: Merger, user: Any) -> tuple[str, ...]:
    """What was changed since of the rows that a merger changed, in words; rows that the person may not see are not named."""
    found = []
    for label, rows in merger.undo.items():
        model = apps.get_model(label)
        there = model._default_manager.in_bulk([int(key) for key, row in rows.items() if row["is"] is not None])
        seen = set(model._default_manager.visible_to(user).filter(pk__in=there).values_list("pk", flat=True))  # type: ignore[attr-defined]
        for key, row in rows.items():
            if row["is"] is not None and not _is_unchanged(model, there.get(int(key)), row):
                kind = str(model._meta.verbose_name)
                is_named = int(key) in seen
                found.append(f"{kind}: {there[int(key)]}" if is_named else _("%(kind)s that is gone, or of another unit") % {"kind": kind})
    return tuple(found)


def _is_unchanged(model: Any, now: Any, row: Mapping[str, Any]) -> bool:
    """A row that names the other firm since must be as the merger left it; of others only what the merger changed."""
    if now is None:
        return False
    keys = [field.attname for field in model._meta.local_fields if field.remote_field and field.remote_field.model is Firm]
    is_moved = any(row["was"].get(name) != row["is"].get(name) for name in keys)
    watched = tuple(name for name in row["is"] if is_moved or row["was"][name] != row["is"][name])
    return values_of(now, watched) == {name: row["is"][name] for name in watched}


def moved(merger: Merger) -> tuple[tuple[str, int], ...]:
    """What a merger carried over, in words: kind of rows and how many."""
    kinds = {f"{relation.model}.{relation.field}": relation.kind for relation in hooks.collect("MERGE")}
    return tuple((kinds.get(name, name), count) for name, count in merger.moved.items())


def all_of(user: Any, *, state: str = "") -> MergerQuerySet:
    """Mergers, the newest first."""
    found = Merger.objects.visible_to(user).select_related("kept", "gone", "asked_by", "decided_by", "undone_by")
    return found.filter(state=state) if state else found


def of_firm(user: Any, firm_id: str) -> MergerQuerySet:
    """The mergers that a firm took part in and that stand or wait."""
    return all_of(user).filter(Q(kept__firm_id=firm_id) | Q(gone__firm_id=firm_id), state__in=(MergerState.WAITING, MergerState.DONE))


def may_check(merger: Merger) -> list[User]:
    """Who may look at a merger a second time: holders of the permission in the units above whoever asked, or all where there is none."""
    able = [role.code for role in access_rules.roles().values() if Permission.FIRMS_MERGE_CHECK in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able)
    parts = merger.asked_by.unit.path.split("/")
    above = ["/".join(parts[:length]) + "/" for length in range(1, len(parts))]
    is_near = Q(pk__in=posted.filter(unit__path__in=above).values("user")) | Q(unit__path__in=above, pk__in=posted.values("user"))
    holders = User.objects.get_queryset().filter(is_active=True).exclude(pk=merger.asked_by_id).order_by("pk")
    near = [person for person in holders.filter(is_near) if person.may(Permission.FIRMS_MERGE_CHECK)]
    everybody = holders.filter(pk__in=posted.values("user"))
    return near or [person for person in everybody if person.may(Permission.FIRMS_MERGE_CHECK)]


def message(merger: Merger) -> tuple[str, str]:
    """What is said of a merger that waits for a second look or was decided: subject and text."""
    names = {"gone": merger.gone.name, "kept": merger.kept.name, "who": merger.asked_by, "reason": merger.reason}
    if merger.state == MergerState.WAITING:
        return _("To be checked: %(gone)s is one with %(kept)s") % names, _("%(who)s asks for the merger: %(reason)s") % names
    told = {"who": merger.decided_by, "reason": merger.decision}
    if merger.state == MergerState.SENT_BACK:
        return _("Merger sent back: %(gone)s and %(kept)s") % names, _("%(who)s: %(reason)s") % told
    return _("Merged: %(gone)s is one with %(kept)s") % names, _("Checked by %(who)s.") % told


def address_of(merger: Merger) -> str:
    """The page of a merger."""
    return reverse("firms:merger", args=[merger.public_id])


def merged_ids(firm_ids: Iterable[str]) -> dict[str, str]:
    """Of some registry ids those of firms that turned out to be others, with the id of that other."""
    gone = Firm.objects.filter(firm_id__in=firm_ids, merged_into__isnull=False).select_related("merged_into")
    return {firm.firm_id: firm.standing.firm_id for firm in gone}
