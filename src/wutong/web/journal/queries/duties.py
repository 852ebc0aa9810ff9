"""What people owe: lists over the duties of every room, the page of one, and who answers for a unit."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import rules
from wutong.web.journal.models import DeadlineRequest, Duty, DutyStep
from wutong.web.journal.models.duties import DUTY_KINDS
from wutong.web.journal.queries import calendar, columns, records
from wutong.web.journal.queries.records import Named
from wutong.web.journal.rules import DutyState, Light
from wutong.web.lib import access, asking, lists, owed, rulebook

MOST_COUNTED = 100
MOST_AT_HAND = 500
LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN)
READ_AT_ONCE = 1000
ORDER = ("d_due", "d_key", "d_source")


def hours(leaf: str, on: dt.date) -> int:
    """A whole number of the rulebook on a day."""
    return int(rulebook.in_force().number(leaf, on))


def now() -> dt.datetime:
    """The present moment in the office's time, on the day that row access reads."""
    local = timezone.localtime()
    return dt.datetime.combine(access.today(), local.time(), local.tzinfo)


def yellow_until(local: dt.datetime) -> dt.date:
    """The last due day that shows yellow now."""
    return rules.yellow_until(local, yellow_hours=hours(rules.YELLOW_LEAF, local.date()))


# --- the list ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Wanted:
    """Which duties are asked for: whose, in which state and light, of which kind, by words; between two days, both included.

    `owner`: only what was asked of this person; what rooms know by themselves is counted by these rooms.
    """

    whose: str = "mine"
    state: str = "open"
    light: str = ""
    kind: str = ""
    text: str = ""
    with_snoozed: bool = False
    since: dt.date | None = None
    until: dt.date | None = None
    owner: User | None = None


def _of_people(rows: Any, user: Any, whose: str) -> Any:
    match whose:
        case "mine":
            return rows.filter(owner_id=user.pk)
        case "asked":
            return rows.filter(asked_by_id=user.pk).exclude(owner_id=user.pk)
        case "unit":
            return rows.filter(unit__path__startswith=user.unit.path)
    return rows


def _written(user: Any, wanted: Wanted, local: dt.datetime) -> Any:
    """Duties that were asked for, as rows of the one shape."""
    rows = _of_people(Duty.objects.visible_to(user), user, wanted.whose)
    if wanted.owner:
        rows = rows.filter(owner=wanted.owner)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if not wanted.with_snoozed:
        rows = rows.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=local.date()) | ~Q(state=DutyState.OPEN))
    if wanted.light and wanted.state != DutyState.OPEN:
        rows = rows.filter(state=DutyState.OPEN)
    return columns.of(rows, source="kind", title="title", due_on="due_on", owner="owner", unit="unit")


def _computed(user: Any, wanted: Wanted, local: dt.datetime) -> list[Any]:
    """What rooms know by themselves: all of it is open, and nobody asked for it."""
    if wanted.state not in {"", DutyState.OPEN} or wanted.whose == "asked" or wanted.owner:
        return []
    found = []
    for one in owed.computed().values():
        if wanted.kind in {"", one.code} and user.may(one.permission):
            rows = one.rows(user, local.date())
            if wanted.whose == "mine":
                rows = rows.filter(d_owner=user.pk)
            elif wanted.whose == "unit":
                rows = rows.filter(d_unit__in=Unit.objects.filter(path__startswith=user.unit.path).order_by().values("pk"))
            found.append(rows)
    return found


def wanted_rows(user: Any, wanted: Wanted, local: dt.datetime) -> Any:
    """Every duty that is asked for, of all rooms, as one question to the database."""
    return _united(_parts(user, wanted, local))


def _parts(user: Any, wanted: Wanted, local: dt.datetime) -> list[Any]:
    """The rows of each room, built once for the list and its figures."""
    asked = ("journal.duties", user.pk, user.grants(), wanted, local)
    rooms: list[Any] = access.once(asked, lambda: [_written(user, wanted, local), *_computed(user, wanted, local)])
    return [_cut(part, wanted, local) for part in rooms]


def _united(parts: list[Any]) -> Any:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def read_all(user: Any, wanted: Wanted, local: dt.datetime, at_once: int = READ_AT_ONCE) -> Iterator[Row]:
    """Every duty that is asked for, by due day, in pieces that begin behind the last row of the piece before."""
    last: Mapping[str, Any] | None = None
    while True:
        parts = [_behind(part, last) for part in _parts(user, wanted, local)]
        piece = list(_united(parts).order_by(*ORDER)[:at_once])
        yield from drawn(user, piece, local)
        if len(piece) < at_once:
            return
        last = piece[-1]


def _behind(rows: Any, last: Mapping[str, Any] | None) -> Any:
    if last is None:
        return rows
    due, key, source = (last[name] for name in ORDER)
    same_day = Q(d_due=due) & (Q(d_key__gt=key) | Q(d_key=key, d_source__gt=source))
    return rows.filter(Q(d_due__gt=due) | same_day)


def _cut(rows: Any, wanted: Wanted, local: dt.datetime) -> Any:
    if wanted.kind:
        rows = rows.filter(d_source=wanted.kind)
    if wanted.text:
        rows = rows.filter(Q(d_title__icontains=wanted.text) | Q(d_owner_name__icontains=wanted.text))
    if wanted.since:
        rows = rows.filter(d_due__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(d_due__lte=wanted.until)
    yellow = yellow_until(local)
    match wanted.light:
        case Light.RED:
            return rows.filter(d_due__lt=local.date())
        case Light.YELLOW:
            return rows.filter(d_due__gte=local.date(), d_due__lte=yellow)
        case Light.GREEN:
            return rows.filter(d_due__gt=max(yellow, local.date() - dt.timedelta(days=1)))
        case "pressing":
            return rows.filter(d_due__lte=max(yellow, local.date() - dt.timedelta(days=1)))
    return rows


@dataclass(frozen=True, slots=True)
class Row:
    """A duty in a list; `duty` is None where a room knows it by itself, and its record's page is where it is done."""

    key: uuid.UUID
    kind: str
    kind_name: Any
    title: str
    due_on: dt.date
    light: Light
    owner: str
    unit: str
    record: Named | None
    duty: Duty | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.duty is None or self.duty.state == DutyState.OPEN

    @property
    def is_to_decide(self) -> bool:
        """Whether it waits for a decision on its record, which alone closes it."""
        return self.duty is not None and self.is_open and bool(rules.refusals_by_hand(self.duty.facts()))


def kind_names() -> dict[str, Any]:
    """Kinds of duties, those that rooms know by themselves behind."""
    return {**{kind.value: label for kind, label in DUTY_KINDS.items()}, **{code: one.label for code, one in owed.computed().items()}}


def drawn(user: Any, found: Sequence[Mapping[str, Any]], local: dt.datetime) -> tuple[Row, ...]:
    """Rows of the one shape with all that a list shows: some questions for the page, none a row."""
    names, computed = kind_names(), owed.computed()
    written = Duty.objects.visible_to(user).filter(public_id__in=[row["d_key"] for row in found if row["d_source"] not in computed])
    duties = {duty.public_id: duty for duty in written.select_related("owner", "unit", "asked_by")}
    of_record = records.named(user, [(duty.model, duty.record) for duty in duties.values()])
    places = {
        code: one.drawn(user, [row["d_key"] for row in found if row["d_source"] == code])
        for code, one in computed.items()
        if any(row["d_source"] == code for row in found)
    }
    units = Unit.objects.in_bulk({row["d_unit"] for row in found})
    yellow = hours(rules.YELLOW_LEAF, local.date())
    made = []
    for row in found:
        duty, place = duties.get(row["d_key"]), places.get(row["d_source"], {}).get(row["d_key"])
        facts = duty.facts() if duty else rules.DutyFacts(DutyState.OPEN, row["d_due"])
        record = _record_of(place, duty, of_record)
        made.append(
            Row(
                row["d_key"], row["d_source"], names.get(row["d_source"], row["d_source"]),
                place.title if place and place.title else row["d_title"], row["d_due"],
                rules.light(facts, local, yellow_hours=yellow), row["d_owner_name"] or str(user if row["d_owner"] == user.pk else ""),
                units[row["d_unit"]].name if row["d_unit"] in units else row["d_unit_name"], record, duty,
            )
        )  # fmt: skip
    return tuple(made)


def _record_of(place: owed.Drawn | None, duty: Duty | None, known: Mapping[Any, Named]) -> Named | None:
    """The record of a row: as its room draws it, or as the duty names it."""
    if place is not None:
        return Named(place.name, place.address, place.is_kept)
    return known.get((duty.model, duty.record)) if duty and duty.record else None


def listing(
    params: QueryDict,
    user: Any,
    wanted: Wanted,
    *,
    shown: Sequence[lists.Column],
    local: dt.datetime,
    form: Any,
    lights: Mapping[str, int],
    size: int = lists.PAGE_SIZE,
) -> lists.Listing:
    """A page of the list, sorted and cut by the database over all rooms. `lights`: `counts` of the same, which hold the total mostly."""
    by, down = lists.order_of(params, shown, "due")
    if (known := _at_hand(user, wanted, local)) is not None:
        ordered = _sorted([row for row in known if wanted.light in {"", _light(row, local)}], by.sorts_by, down=down)
        page = lists.Page.of(params, len(ordered), size)
        found = ordered[page.offset : page.offset + page.size]
        return lists.of_rows(params, drawn(user, found, local), columns=shown, total=len(ordered), default="due", form=form, size=size)
    rows = wanted_rows(user, wanted, local)
    is_counted = wanted.state == DutyState.OPEN and not wanted.with_snoozed and wanted.light in {"", *lights}
    total = (lights[wanted.light] if wanted.light else sum(lights.values())) if is_counted else rows.count()
    page = lists.Page.of(params, total, size)
    cut = slice(page.offset, page.offset + page.size)
    found = list(rows.order_by(*(f"-{name}" if down else name for name in by.sorts_by), "d_key")[cut])
    return lists.of_rows(params, drawn(user, found, local), columns=shown, total=total, default="due", form=form, size=size)


def first(user: Any, wanted: Wanted, local: dt.datetime, most: int) -> list[dict[str, Any]]:
    """The first of what is asked for, by due day: out of what is read for `counts` anyhow, where that is at hand."""
    if (known := _at_hand(user, wanted, local)) is not None:
        meant = (row for row in known if wanted.light in {"", _light(row, local)})
        return _sorted(meant, ("d_due",), down=False)[:most]
    return list(wanted_rows(user, wanted, local).order_by("d_due", "d_key")[:most])


def counts(user: Any, wanted: Wanted, local: dt.datetime) -> dict[str, int]:
    """How many of what is asked for shows which light; one question to the database, each room counts in a part of it."""
    if (known := _at_hand(user, wanted, local)) is not None:
        told = Counter(_light(row, local) for row in known)
        return {light.value: told[light] for light in LIGHTS}
    plain = replace(wanted, light="", state=DutyState.OPEN, with_snoozed=False)
    today, yellow = local.date(), yellow_until(local)
    is_yellow = Q(d_due__gte=today, d_due__lte=yellow)
    shown = {Light.RED: Q(d_due__lt=today), Light.YELLOW: is_yellow, Light.GREEN: Q(d_due__gte=today) & ~is_yellow}
    each = {f"n_{light.value}": Count("pk", filter=condition) for light, condition in shown.items()}

    def counted(one: Any) -> Any:
        return _united([part.order_by().annotate(n_all=Value(1)).values("n_all").annotate(**each) for part in _parts(one, plain, local)])

    rows = _asked(("journal.counts", plain, yellow), user, local, counted)
    return {light.value: sum(row[f"n_{light.value}"] for row in rows) for light in shown}


def _at_hand(user: Any, wanted: Wanted, local: dt.datetime) -> list[dict[str, Any]] | None:
    """One's own open duties whatever their light, read in one go for the list and its figures; None where other or too many are asked for.

    Why: the question over all rooms takes longer to build than to answer, and one person owes some dozens of things.
    """
    if wanted.whose != "mine" or wanted.state != DutyState.OPEN or wanted.with_snoozed or wanted.light not in {"", *LIGHTS}:
        return None
    plain = replace(wanted, light="")
    asked = ("journal.at_hand", plain, MOST_AT_HAND)
    found: list[dict[str, Any]] = access.once(
        (asked, user.pk, user.grants(), local),
        lambda: _asked(asked, user, local, lambda one: wanted_rows(one, plain, local)[: MOST_AT_HAND + 1]),
    )
    return found if len(found) <= MOST_AT_HAND else None


def _asked(of: Hashable, user: Any, local: dt.datetime, rows: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """The rows of a question over all rooms; it is built once for as long as person, rights, rules and day are the same."""

    question = asking.written((of, local.date()), user, rows)
    if question is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*question.whole())
        names = [column[0] for column in cursor.description]
        return [{name: columns.read(name, value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]


def _light(row: Mapping[str, Any], local: dt.datetime) -> Light:
    """The light of an open duty, as `_cut` asks for it."""
    if row["d_due"] < local.date():
        return Light.RED
    return Light.YELLOW if row["d_due"] <= yellow_until(local) else Light.GREEN


def _sorted(found: Iterable[dict[str, Any]], names: Sequence[str], *, down: bool) -> list[dict[str, Any]]:
    """As the database sorts: by these columns, the key breaks ties."""
    by_key = sorted(found, key=lambda row: row["d_key"])
    return sorted(by_key, key=lambda row: tuple((row[name] is not None, row[name]) for name in names), reverse=down)


def pressing(user: Any, local: dt.datetime) -> int:
    """How many of one's duties are overdue or due within the yellow hours, a hundred at most: the figure at the entry of the side bar."""
    if (known := _at_hand(user, Wanted(), local)) is not None:
        return min(MOST_COUNTED, sum(_light(row, local) is not Light.GREEN for row in known))
    return int(wanted_rows(user, Wanted(light="pressing"), local)[:MOST_COUNTED].count())


# --- one duty ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class May:
    """What a person may do to a duty."""

    finish: bool
    reopen: bool
    snooze: bool
    ask_for_time: bool
    decide: bool
    withdraw: bool
    drop: bool
    give: bool


@dataclass(frozen=True, slots=True)
class DutyPage:
    """A duty with what was done to it, and what the person may do."""

    duty: Duty
    light: Light
    record: Named | None
    steps: tuple[DutyStep, ...]
    request: DeadlineRequest | None
    may: May

    @property
    def is_to_decide(self) -> bool:
        """Whether it waits for a decision on its record, which alone closes it."""
        return self.duty.state == DutyState.OPEN and bool(rules.refusals_by_hand(self.duty.facts()))


def is_answerable(user: Any, duty: Duty) -> bool:
    """Whether somebody answers for a duty: he asked for it, or directs the work of the unit. What nobody asked for is the owner's own."""
    if user is None:
        return True
    is_asker = duty.asked_by_id == user.pk or (duty.asked_by_id is None and duty.owner_id == user.pk)
    return is_asker or user.may(Permission.JOURNAL_ASSIGN, duty.unit.target())


def page(duty: Duty, user: Any, local: dt.datetime) -> DutyPage:
    """All that the page of a duty shows."""
    waiting = duty.requests.filter(state=rules.RequestState.WAITING).select_related("asked_by").first()
    named = records.named(user, [(duty.model, duty.record)])
    yellow = hours(rules.YELLOW_LEAF, local.date())
    steps = tuple(duty.steps.select_related("by"))
    record = named.get((duty.model, duty.record)) if duty.record else None
    return DutyPage(duty, rules.light(duty.facts(), local, yellow_hours=yellow), record, steps, waiting, _may(duty, user, waiting, local))


def _may(duty: Duty, user: Any, waiting: DeadlineRequest | None, local: dt.datetime) -> May:
    is_open, is_own = duty.state == DutyState.OPEN, duty.owner_id == user.pk
    is_by_hand = not rules.refusals_by_hand(duty.facts())
    answers = is_answerable(user, duty)
    undo_hours = hours(rules.UNDO_LEAF, local.date())
    is_ender = is_own or duty.ended_by_id == user.pk
    refusals = rules.refusals_to_reopen(duty.facts(), ended_at=duty.ended_at, at=local, undo_hours=undo_hours, is_answerable=answers)
    may_edit = user.may(Permission.JOURNAL_EDIT)
    is_others = waiting is not None and waiting.asked_by_id != user.pk
    return May(
        finish=may_edit and is_open and is_by_hand and (is_own or answers),
        reopen=may_edit and is_by_hand and (is_ender or answers) and not refusals,
        snooze=may_edit and is_open and is_own, ask_for_time=may_edit and is_open and is_own and waiting is None,
        decide=may_edit and is_others and answers, withdraw=may_edit and waiting is not None and waiting.asked_by_id == user.pk,
        drop=may_edit and is_open and is_by_hand and answers, give=may_edit and is_open and answers,
    )  # fmt: skip


# --- who answers for a unit -------------------------------------------------------------------------------------------------------------
def leaders_of(unit: Unit, on: dt.date) -> tuple[User, ...]:
    """Who directs the work of a unit and stands nearest to it: at the unit itself, else above it, else over its region."""
    roles = [code for code, role in access_rules.roles().items() if Permission.JOURNAL_ASSIGN in role.permissions]
    posted = Posting.objects.in_force(on).filter(role__in=roles, user__is_active=True).select_related("unit", "user")
    nearness: dict[int, list[User]] = {}
    for posting in posted:
        grant = access_rules.Grant(access_rules.roles()[posting.role], posting.unit_id, posting.unit.path, posting.unit.adcode)
        if access_rules.reaches(grant, unit.target(), person_id=posting.user_id):
            near = len(posting.unit.path) if unit.path.startswith(posting.unit.path) else 0
            nearness.setdefault(near, []).append(posting.user)
    return tuple(dict.fromkeys(nearness[max(nearness)])) if nearness else ()


def person_named(user: Any, key: str) -> Any:
    """The person of a public id, if this one may see him."""
    try:
        return User.objects.get_queryset().visible_to(user).filter(public_id=uuid.UUID(key)).select_related("unit")
    except ValueError:
        return User.objects.none()


def people_to_ask(user: Any) -> Any:
    """Who may be asked for something by a person: active people of the units that his roles reach, and he himself."""
    from_reach = User.objects.get_queryset().visible_to(user).filter(is_active=True)
    able = [code for code, role in access_rules.roles().items() if Permission.JOURNAL_EDIT in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able).values("user")
    return from_reach.filter(pk__in=posted).select_related("unit").order_by("unit__path", "display_name")


def of_record(user: Any, label: str, record: uuid.UUID) -> Iterable[Duty]:
    """The duties on a record, open ones first."""
    found = Duty.objects.visible_to(user).filter(model=label, record=record).select_related("owner", "unit", "asked_by")
    return sorted(found, key=lambda duty: (duty.state != DutyState.OPEN, duty.due_on))


def open_counts(user: Any, people: Sequence[User], on: dt.date) -> dict[int, int]:
    """How many open duties were asked of each of these people, as far as the asker sees them; for the roster of promotion officers."""
    found = Duty.objects.visible_to(user).filter(owner__in=[person.pk for person in people], state=DutyState.OPEN).order_by()
    return dict(found.values("owner").annotate(count=Count("pk")).values_list("owner", "count"))


def open_page(person: User) -> str:
    """The page of the open duties that were asked of a person, those put aside included."""
    return f"{reverse('journal:list')}?whose=all&aside=1&owner={person.public_id}"


# --- a week -----------------------------------------------------------------------------------------------------------------------------
MOST_OF_A_WEEK = 300


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week, whether it is worked, and what is due on it."""

    day: dt.date
    is_working: bool
    is_known: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday on, with the weeks before and after; `left_out`: duties too many to draw."""

    days: tuple[Day, ...]
    before: dt.date
    after: dt.date
    left_out: int


def week(user: Any, wanted: Wanted, day: dt.date, local: dt.datetime) -> Week:
    """What is due in the week of a day."""
    day = min(max(day, dt.date(2000, 1, 10)), dt.date(2100, 1, 1))
    monday = day - dt.timedelta(days=day.weekday())
    sunday = monday + dt.timedelta(days=6)
    found = wanted_rows(user, replace(wanted, since=monday, until=sunday), local).order_by("d_due", "d_key")
    rows = drawn(user, list(found[:MOST_OF_A_WEEK]), local)
    days = [monday + dt.timedelta(days=number) for number in range(7)]
    worked = calendar.calendar()
    return Week(
        tuple(Day(one, worked.is_working(one), worked.is_known(one.year), tuple(row for row in rows if row.due_on == one)) for one in days),
        monday - dt.timedelta(days=7), monday + dt.timedelta(days=7), max(0, found.count() - MOST_OF_A_WEEK),
    )  # fmt: skip
