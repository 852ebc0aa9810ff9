"""Reads of people and units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Prefetch, Q, Sum, UniqueConstraint, Value, When
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from wutong.engine import name_search
from wutong.engine.name_search import Names
from wutong.rulebook import skills as skillbook
from wutong.web.accounts.models import (
    Posting,
    PostingQuerySet,
    PromotionOfficer,
    SavedView,
    StandIn,
    Unit,
    UnitChange,
    UnitQuerySet,
    User,
    UserQuerySet,
)
from wutong.web.accounts.models.units import named
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules import postings as posting_rules
from wutong.web.accounts.rules import units as unit_rules
from wutong.web.lib import hooks, rulebook
from wutong.web.lib.hooks import Hit, Hits, Owned, Personal, UnitOwned

SKILL_KINDS = {
    "chain": gettext_lazy("Industries"),
    "policy": gettext_lazy("Policy"),
    "language": gettext_lazy("Languages"),
    "work": gettext_lazy("Kinds of work"),
}


def units(user: Any) -> UnitQuerySet:
    """The units a person may see, as a tree read from the top, each with its number of active people."""
    return Unit.objects.visible_to(user).annotate(people_count=Count("people", filter=Q(people__is_active=True))).order_by("path")


def units_named(found: UnitQuerySet, text: str) -> UnitQuerySet:
    """Units one of whose names holds a text."""
    return found.filter(Q(name_zh__icontains=text) | Q(name_en__icontains=text)) if text else found


def with_units_above(found: UnitQuerySet, user: Any) -> UnitQuerySet:
    """The units, each with the one above it as `above` where the person may see that one too, else None."""
    return found.prefetch_related(Prefetch("parent", queryset=Unit.objects.visible_to(user), to_attr="above"))


@dataclass(frozen=True, slots=True)
class UnitOn:
    """A unit as it was on a day: its name, how deep it stood (0: at the top), and the unit it is today."""

    unit: Unit
    name: str
    level: int
    is_open: bool

    @property
    def is_renamed(self) -> bool:
        """Whether it bears another name today."""
        return self.name != self.unit.name


def units_on(user: Any, day: dt.date, *, text: str = "") -> list[UnitOn]:
    """The tree as it stood on a day, from the top: units a person may see today, by the names and places they had; later ones left out."""
    found = {unit.pk: unit for unit in Unit.objects.visible_to(user).prefetch_related("changes")}
    states = {pk: state for pk, unit in found.items() if (state := unit.state_on(day)).is_founded}
    below: dict[int | None, list[int]] = {}
    for pk, state in states.items():
        below.setdefault(state.parent_id if state.parent_id in states else None, []).append(pk)

    def walk(above: int | None, depth: int) -> Iterator[UnitOn]:
        for pk in sorted(below.get(above, ())):
            state = states[pk]
            yield UnitOn(found[pk], named(state.name_zh, state.name_en), depth, state.is_open)
            yield from walk(pk, depth + 1)

    return [row for row in walk(None, 0) if text.casefold() in row.name.casefold()]


def history_of(unit: Unit, user: Any) -> list[UnitChange]:
    """What became of a unit, newest first, and of others on its account: merged into it, split off from it."""
    found = UnitChange.objects.visible_to(user).filter(
        Q(unit=unit) | Q(other=unit, kind__in=[unit_rules.UnitChangeKind.MERGED, unit_rules.UnitChangeKind.SPLIT])
    )
    return list(found.select_related("unit", "other", "old_parent", "new_parent", "by"))


def former_names(history: list[UnitChange], unit: Unit) -> list[UnitChange]:
    """The renamings of the unit itself, newest first."""
    return [change for change in history if change.unit_id == unit.pk and change.kind == unit_rules.UnitChangeKind.RENAMED]


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit holds: how many of what, and what becomes of them."""

    kind: str
    count: int
    why: str = ""


def moving_with_a_unit() -> tuple[UnitOwned, ...]:
    """The kinds of records of other rooms that go along when a unit is merged."""
    return tuple(owned for owned in hooks.collect("UNIT_OWNED") if owned.is_moved)


def movable(owned: UnitOwned, unit: Unit, into: Unit) -> Any:
    """A unit's records that can go to another: a record of which the other has a twin, by a constraint of the table, stays."""
    rows = owned.rows(unit)
    for constraint in rows.model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and owned.field in constraint.fields:
            same = {name: OuterRef(name) for name in constraint.fields if name != owned.field}
            twins = rows.model._default_manager.filter(constraint.condition or Q(), **{owned.field: into}, **same)
            rows = rows.exclude(Exists(twins))
    return rows


def left_at(unit: Unit, *, on: dt.date) -> list[Part]:
    """What people, postings, units and records of other rooms a unit still holds on a day; nothing is left out by row access."""
    held = Posting.objects.filter(unit=unit).filter(Q(ends_on=None) | Q(ends_on__gt=on))
    parts = [
        Part(_("People"), User.objects.get_queryset().filter(unit=unit, is_active=True).count()),
        Part(_("Postings"), held.count()),
        Part(_("Units directly below"), Unit.objects.filter(parent=unit, closed_on=None).count()),
        *(Part(owned.kind, owned.rows(unit).count()) for owned in moving_with_a_unit()),
    ]
    return [part for part in parts if part.count]


def merge_facts(unit: Unit, into: Unit) -> unit_rules.MergeFacts:
    """Two units as the rule about merging sees them."""
    return unit_rules.MergeFacts(
        unit.path, unit.closed_on is None, into.path, into.closed_on is None,
        frozenset(Unit.objects.filter(parent=unit, closed_on=None).values_list("name_zh", flat=True)),
        frozenset(Unit.objects.filter(parent=into).values_list("name_zh", flat=True)),
    )  # fmt: skip


def people(user: Any, *, on: dt.date) -> UserQuerySet:
    """The people a person may see, with their unit and, as far as he may see them, their postings of that day."""
    now = Posting.objects.visible_to(user).in_force(on).select_related("unit")
    return User.objects.visible_to(user).select_related("unit").prefetch_related(Prefetch("postings", queryset=now, to_attr="postings_now"))


def postings_of(person: User, user: Any) -> PostingQuerySet:
    """A person's postings, newest first, as far as `user` may see them."""
    return Posting.objects.visible_to(user).filter(user=person).select_related("unit").prefetch_related("unit__changes")


@dataclass(frozen=True, slots=True)
class StandIns:
    """Who stands in for a person, and for whom he stands in; newest first."""

    for_him: list[StandIn]
    by_him: list[StandIn]

    @property
    def both(self) -> tuple[list[StandIn], list[StandIn]]:
        """First who stands in for him, then for whom he does."""
        return (self.for_him, self.by_him)


def stand_ins_of(person: User, user: Any) -> StandIns:
    """Both sides of a person's stand-ins, as far as `user` may see them."""
    found = StandIn.objects.visible_to(user).filter(Q(user=person) | Q(posting__user=person))
    rows = list(found.select_related("user", "posting__user", "posting__unit"))
    return StandIns([row for row in rows if row.posting.user_id == person.pk], [row for row in rows if row.user_id == person.pk])


@dataclass(frozen=True, slots=True)
class Holding:
    """What a leaver holds, as one action hands it over: kinds and number of records, and who may take over.

    Without an action it is a record of the past.
    """

    key: str
    kinds: str
    count: int
    why: str
    hand_over: Callable[..., int] | None
    permission: str = ""


def held_by(person: User) -> list[Holding]:
    """Everything that names a person, from the hooks of every room; what nobody needs to take over stands last."""
    groups: dict[Any, list[tuple[Owned, int]]] = {}
    for owned in hooks.collect("OWNED"):
        if count := owned.count(person):
            groups.setdefault(owned.hand_over or (owned.model, owned.field), []).append((owned, count))
    found = []
    for group in groups.values():
        first = group[0][0]
        words = (
            pgettext("between the words of a list", ", ").join(f"{owned.kind} {count}" for owned, count in group)
            if len(group) > 1
            else f"{first.kind} · {first.role}"
        )
        key = f"{first.model}.{first.field}".lower().replace(".", "-")
        found.append(Holding(key, words, sum(count for _, count in group), first.why, first.hand_over, first.permission))
    return sorted(found, key=lambda holding: (holding.hand_over is None, holding.key))


def is_named_unlisted(person: User) -> bool:
    """Whether a record of a room names the person of which no hook says what becomes of it."""
    known = {(owned.model.lower(), owned.field) for owned in hooks.collect("OWNED")}
    for relation in User._meta.get_fields(include_hidden=True):
        model, field = getattr(relation, "related_model", None), getattr(relation, "field", None)
        is_key = relation.auto_created and (relation.one_to_many or relation.one_to_one) and model is not None and field is not None
        if is_key and model.__module__.startswith("wutong.") and not model._meta.auto_created:
            is_listed = (model._meta.label_lower, field.name) in known
            if not is_listed and model._default_manager.filter(**{field.name: person}).exists():
                return True
    return False


def successors(person: User, user: Any, *, permission: str, on: dt.date) -> UserQuerySet:
    """Who may take over: active people who hold a role with that permission; those of the leaver's own unit first."""
    able = [role.code for role in access_rules.roles().values() if not permission or permission in role.permissions]
    posted = Posting.objects.in_force(on).filter(role__in=able).values("user")
    found = User.objects.visible_to(user).filter(is_active=True, pk__in=posted).exclude(pk=person.pk).select_related("unit")
    near = Case(When(unit=person.unit_id, then=Value(0)), When(unit__path__startswith=person.unit.path, then=Value(1)), default=Value(2))
    return found.annotate(near=near).order_by("near", "unit__path", "username")


# --- personal data --------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PersonalKind:
    """What personal data is held of one kind: how many rows, until when, and how many are past their day."""

    declared: Personal
    fields: tuple[str, ...]
    count: int
    next_end_on: dt.date | None
    overdue_count: int
    overdue_of: tuple[tuple[str, int], ...] = ()  # by unit


def personal_data(*, on: dt.date) -> list[PersonalKind]:
    """Every kind of personal data that a room declares, with figures and no contents."""
    found = []
    for declared in hooks.collect("PERSONAL"):
        held, ends, overdue, units = declared.held(), None, 0, ()
        if declared.until:
            ends = held.filter(**{f"{declared.until}__gt": on}).aggregate(first=Min(declared.until))["first"]
            late = held.filter(**{f"{declared.until}__lte": on})
            units = _by_unit(late, declared.unit) if declared.unit else ()
            overdue = sum(count for _, count in units) if declared.unit else late.count()
        found.append(PersonalKind(declared, declared.labels(), held.count(), ends, overdue, units))
    return found


def _by_unit(rows: Any, unit: str) -> tuple[tuple[str, int], ...]:
    """How many rows each unit answers for, most first: numbers only."""
    names = f"{unit}__name_zh", f"{unit}__name_en"
    counted = rows.order_by().values(unit, *names).annotate(n=Count("pk")).order_by("-n", unit)
    return tuple((named(*(row[name] for name in names)), row["n"]) for row in counted)


@dataclass(frozen=True, slots=True)
class PersonalFact:
    """One value that is held of a person, and for what."""

    kind: str
    field: str
    value: str
    purpose: str
    kept: str


def own_data(user: User) -> Iterator[PersonalFact]:
    """Everything declared as personal that is held of a user, value by value.

    Not what a unit noted of somebody outside under an address: whoever writes it into his profile has not shown that it is his.
    """
    for declared in hooks.collect("PERSONAL"):
        for row in declared.of(user) if declared.of_user is not None else ():
            yield from _told(declared, row)


def data_about(text: str) -> tuple[list[PersonalFact], list[str]]:
    """What is held of somebody outside the office by exactly this name, telephone number or e-mail address; and the records that hold it.

    Why: who answers for personal data owes an answer to whoever asks what is held of him; row access is by that permission, not by unit.
    """
    facts, records = [], []
    for declared in hooks.collect("PERSONAL"):
        for row in _about(declared, text):
            facts += _told(declared, row)
            records.append(f"{row._meta.label}:{getattr(row, 'public_id', row.pk)}")
    return facts, records


def _about(declared: Personal, text: str) -> Iterable[Any]:
    """Rows about somebody outside the office that bear exactly this text."""
    if not (declared.finds and text.strip()):
        return ()
    asked = Q()
    for look_up in declared.finds:
        asked |= Q(**{f"{look_up}__iexact": text.strip()})
    found: Iterable[Any] = declared.held().filter(asked).order_by("pk")
    return found


def _told(declared: Personal, row: Any) -> Iterator[PersonalFact]:
    """What one row holds, value by value."""
    for name in (*declared.fields, *declared.more):
        shown = getattr(row, f"get_{name}_display", None)
        value = shown() if shown else getattr(row, name)
        if value not in (None, ""):
            label = str(row._meta.get_field(name).verbose_name)
            yield PersonalFact(declared.kind, label, str(value), str(declared.purpose), str(declared.kept))


# --- promotion officers ---------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Carried:
    """How much of one kind a person carries, and the page of those records."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """A promotion officer as the roster shows one: skills in words, parks where he is posted, days of training, what he carries."""

    officer: PromotionOfficer
    skills: tuple[str, ...]
    parks: tuple[str, ...]
    training_days: Decimal
    loads: tuple[Carried, ...]
    is_free: bool

    @property
    def load_count(self) -> int:
        """Everything together."""
        return sum(one.count for one in self.loads)


PARKS = (unit_rules.UnitKind.ZONE, unit_rules.UnitKind.PARK, unit_rules.UnitKind.TOWNSHIP)


def officers(
    user: Any,
    *,
    on: dt.date,
    text: str = "",
    skill: str = "",
    park: Unit | None = None,
    unit: Unit | None = None,
    free: str = "",
    state: str = "",
) -> list[OfficerRow]:
    """The promotion officers whom a person may see, by name, skill, park of a present posting, unit, and whether they are free.

    `state`: "former" for those who serve no more, else those who serve.
    """
    seen = PromotionOfficer.objects.visible_to(user)
    found = seen.former() if state == "former" else seen.serving()
    held = Posting.objects.in_force(on).filter(unit__kind__in=PARKS).select_related("unit")
    if text:
        found = found.filter(Q(user__username__icontains=text) | Q(user__display_name__icontains=text))
    if skill:
        found = found.filter(skills__code=skill)
    if park:
        found = found.filter(user__in=held.filter(unit__path__startswith=park.path).values("user"))
    if unit:
        found = found.filter(user__unit__path__startswith=unit.path)
    there = Prefetch("user__postings", queryset=held, to_attr="parks_now")
    rows = list(found.select_related("user__unit").prefetch_related("skills", there).annotate(days=Sum("trainings__length_days")))
    carried, bound = loads_of(user, [row.user for row in rows], on=on), free_at_most(on)
    shown = [
        OfficerRow(
            row, tuple(one.name for one in row.skills.all()), tuple(sorted({str(one.unit) for one in row.user.parks_now})),  # type: ignore[attr-defined]
            row.days or Decimal(0), carried[row.user_id],
            people_rules.is_free(sum(one.count for one in carried[row.user_id]), free_at_most=bound),
        )
        for row in rows
    ]  # fmt: skip
    return [row for row in shown if not free or row.is_free == (free == "free")]


def free_at_most(on: dt.date) -> int:
    """The most open matters with which an officer counts as free."""
    return int(rulebook.in_force().number(people_rules.FREE_LEAF, on))


def loads_of(user: Any, people: Sequence[User], *, on: dt.date) -> dict[int, tuple[Carried, ...]]:
    """What these people carry by all rooms that count, as far as `user` may see it."""
    counted = [(workload, workload.count(user, people, on)) for workload in hooks.collect("WORKLOAD")]
    return {
        person.pk: tuple(
            Carried(str(workload.label), counts[person.pk], workload.address(person))
            for workload, counts in counted
            if counts.get(person.pk)
        )
        for person in people
    }


def skill_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Skills by kind, in the language of the page."""
    known = skillbook.skills().values()
    return [(str(label), [(one.code, named(one.zh, one.en)) for one in known if one.kind == kind]) for kind, label in SKILL_KINDS.items()]


def officer_of(person: User, user: Any) -> PromotionOfficer | None:
    """What the roster holds of a person, with skills and trainings, as far as `user` may see it."""
    found = PromotionOfficer.objects.visible_to(user).filter(user=person).select_related("user__unit")
    return found.prefetch_related("skills", "trainings").first()


def matching(
    found: UserQuerySet, user: Any, *, on: dt.date, text: str = "", unit: Unit | None = None, role: str = "", state: str = ""
) -> UserQuerySet:
    """People by name, unit (and those below it), role as far as `user` may see their postings, and whether they are active."""
    if text:
        found = found.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if role:
        found = found.filter(pk__in=Posting.objects.visible_to(user).in_force(on).filter(role=role).values("user"))
    if state:
        found = found.filter(is_active=state == "active")
    return found


def role_choices() -> list[tuple[str, str]]:
    """Role codes with their names in the language of the page."""
    is_english = (get_language() or "").startswith("en")
    return [(role.code, role.en if is_english else role.zh) for role in access_rules.roles().values()]


def is_last_administrator(person: User, *, on: dt.date) -> bool:
    """Whether an administrator role would be left with nobody active on some day, that one or a later one, if this person went."""
    return posting_rules.leaves_nobody([posting.facts() for posting in person.postings.all()], _administrators_but(user=person), on=on)


def is_last_posting_of_administrators(posting: Posting, *, on: dt.date) -> bool:
    """Whether an administrator role would be left with nobody active on some day, that one or a later one, if this posting ended then."""
    return posting.user.is_active and posting_rules.leaves_nobody([posting.facts()], _administrators_but(pk=posting.pk), on=on)


def _administrators_but(**left_out: Any) -> list[posting_rules.PostingFacts]:
    """The postings of administrators with an open account, some left out."""
    found = Posting.objects.filter(role__in=access_rules.administrators(), user__is_active=True).exclude(**left_out)
    return [posting.facts() for posting in found]


def may_reset_password(user: User, *, on: dt.date) -> bool:
    """Whether a page may give this person a new one-time password, by the rule that the action obeys."""
    held = [posting.facts() for posting in Posting.objects.filter(user=user)]
    return not login_rules.refusals_to_reset_password(held, on=on, is_self=False, is_operator=False)


def saved_views(user: Any, page: str) -> list[SavedView]:
    """The views of one list that a person keeps."""
    return list(SavedView.objects.visible_to(user).filter(page=page))


# --- what the one search box finds ----------------------------------------------------------------------------------------------------
def people_page(text: str) -> str:
    """The list of people."""
    return f"{reverse('accounts:list')}?{urlencode({'text': text})}"


def officers_page(text: str) -> str:
    """The roster of promotion officers."""
    return f"{reverse('accounts:officers')}?{urlencode({'text': text})}"


def units_page(text: str) -> str:
    """The tree of units."""
    return f"{reverse('accounts:units')}?{urlencode({'text': text})}"


def people_found(user: Any, text: str, begin: int, size: int) -> Hits:
    """People of the office by name and user name, those with an open account first."""
    seen = User.objects.visible_to(user).order_by("-is_active", "username").values_list("pk", "display_name", "username")
    found = name_search.find(text, Names.over([(pk, names) for pk, *names in seen]))
    page = found.page(begin, size)
    if not page:
        return Hits((), len(found))
    known = User.objects.visible_to(user).select_related("unit").in_bulk([one.key for one in page])
    rows = [(one, known[one.key]) for one in page if one.key in known]
    return Hits(
        tuple(Hit.named(one, str(who), reverse("accounts:detail", args=[who.public_id]), str(who.unit)) for one, who in rows), len(found)
    )


def officers_found(user: Any, text: str, begin: int, size: int) -> Hits:
    """Promotion officers by name, user name and what they know."""
    seen = PromotionOfficer.objects.visible_to(user).serving().select_related("user__unit").prefetch_related("skills")
    known = {one.pk: one for one in seen}
    called = dict(pair for _, choices in skill_choices() for pair in choices)
    words = {one.pk: [called[skill.code] for skill in one.skills.all() if skill.code in called] for one in known.values()}
    found = name_search.find(text, Names.over([(pk, (str(one.user), one.user.username, *words[pk])) for pk, one in known.items()]))
    rows = [(one, known[one.key]) for one in found.page(begin, size)]
    return Hits(
        tuple(
            Hit.named(one, str(officer.user), reverse("accounts:detail", args=[officer.user.public_id]), str(officer.user.unit))
            for one, officer in rows
        ),
        len(found),
    )


def units_found(user: Any, text: str, begin: int, size: int) -> Hits:
    """Units by both names, the open ones first."""
    known = {unit.pk: unit for unit in Unit.objects.visible_to(user).order_by(F("closed_on").asc(nulls_first=True), "path")}
    found = name_search.find(text, Names.over([(pk, (unit.name, unit.name_zh, unit.name_en)) for pk, unit in known.items()]))
    rows = [(one, known[one.key]) for one in found.page(begin, size)]
    return Hits(
        tuple(Hit.named(one, unit.name, reverse("accounts:unit", args=[unit.public_id]), _above(unit, known)) for one, unit in rows),
        len(found),
    )


def _above(unit: Unit, known: Mapping[int, Unit]) -> str:
    """The unit above, where the person may see that too."""
    above = known.get(unit.parent_id or 0)
    return above.name if above else ""
