"""Introductions as the pages show them: lists, one with its path and its steps, who is asked how often, what came of whom."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import introductions as engine
from wutong.engine.links import LinkKind
from wutong.web.accounts.models import Unit, User
from wutong.web.firms.models import Firm, Person, Position
from wutong.web.journal.queries import columns
from wutong.web.leads.models import (
    Introduction,
    IntroductionQuerySet,
    IntroductionStep,
    Knock,
    Lead,
    Merit,
    Party,
    Progress,
)
from wutong.web.leads.queries import clocks, results
from wutong.web.leads.queries.acquaintances import End
from wutong.web.leads.queries.paths import Found, Node, Step, Way, Why, page
from wutong.web.leads.rules import introductions as rules
from wutong.web.leads.rules.introductions import AGREED_OR_MET, CAME_TO_SOMETHING, FOLLOWS, MET, OPEN, TAKEN_BACK, PartyKind, State
from wutong.web.lib import access
from wutong.web.lib.access import is_chinese
from wutong.web.lib.owed import Drawn

SOURCE = "leads.introduction"
WHOLE_ROWS = ("firm", "lead", "target_list", "unit", "owner", "party_firm", "party_person", "party_user__unit", "party_unit", "result_lead")
CAME_TO = {
    "agreed": AGREED_OR_MET, "met": MET, "leads": CAME_TO_SOMETHING, "projects": (State.PROJECT,),
    "refused": (State.REFUSED, State.FAILED),
}  # fmt: skip
HIDDEN = "hidden"


# --- the list ---------------------------------------------------------------------------------------------------------------------------
def introductions(user: Any) -> IntroductionQuerySet:
    """Every introduction that a person may see."""
    return Introduction.objects.visible_to(user)


def matching(
    found: IntroductionQuerySet, user: Any, *, text: str = "", which: str = "", state: str = "", unit: Unit | None = None, kind: str = "",
    party: str = "", came_to: str = "",
) -> IntroductionQuerySet:  # fmt: skip
    """Introductions by target or introducer, open or mine or overdue, state, unit (and those below it), introducer and what came of it.

    A confidential one is found by its code name alone.
    """
    if text:
        open_ = Q(lead=None) | Q(lead__is_confidential=False)
        open_ &= Q(target_list=None) | Q(target_list__is_confidential=False)
        named = Q(firm__name__icontains=text) | Q(lead__title__icontains=text) | Q(party_firm__name__icontains=text)
        code = Q(lead__is_confidential=True, lead__code_name__icontains=text)
        code |= Q(target_list__is_confidential=True, target_list__code_name__icontains=text)
        found = found.filter((open_ & (named | Q(party_name__icontains=text))) | code)
    if state:
        found = found.filter(state=state)
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if kind:
        found = found.filter(party_kind=kind)
    if party:
        found = found.filter(of_party(party))
    if came_to in CAME_TO:
        found = found.filter(state__in=CAME_TO[came_to])
    return _which(found, user, which)


def _which(found: IntroductionQuerySet, user: Any, which: str) -> IntroductionQuerySet:
    match which:
        case "open":
            return found.open()
        case "mine":
            return found.open().filter(owner=user)
        case "overdue":
            return found.open().filter(due_on__lt=access.today())
    return found


def of_party(key: str) -> Q:
    """Introductions of one introducer: its kind and public id, or the name of somebody outside."""
    kind, _colon, name = key.partition(":")
    if kind == PartyKind.OUTSIDE:
        return Q(party_kind=kind, party_name=name)
    field_of = {PartyKind.FIRM: "party_firm", PartyKind.PERSON: "party_person", PartyKind.STAFF: "party_user", PartyKind.UNIT: "party_unit"}
    if kind not in set(PartyKind) or not results.is_uuid(name):
        return Q(pk__in=[])
    return Q(**{"party_kind": kind, f"{field_of[PartyKind(kind)]}__public_id": name})


def party_name(user: Any, key: str) -> str:
    """The introducer of a key in words, as the reader may see him; "" where there is none."""
    one = Introduction.objects.visible_to(user).filter(of_party(key)).select_related(*WHOLE_ROWS).first()
    if one is None:
        return ""
    with_parties(user, [one])
    return str(one.party.name)  # type: ignore[attr-defined]


def shown(user: Any, pks: Sequence[int]) -> list[Introduction]:
    """The introductions of a page, each with its introducer as the reader may see him."""
    known = Introduction.objects.visible_to(user).select_related(*WHOLE_ROWS).in_bulk(pks)
    rows = [known[pk] for pk in pks if pk in known]
    with_parties(user, rows)
    return rows


@dataclass(frozen=True, slots=True)
class Introducer:
    """Who introduces, in words; of a person at a firm whom the reader may not see, only the firm."""

    name: str
    address: str
    key: str
    detail: str = ""


def with_parties(user: Any, rows: Iterable[Party]) -> None:
    """Give rows their introducer in words (`party`)."""
    known = list(rows)
    people = {row.party_person_id for row in known if row.party_person_id}
    seen = set(Person.objects.visible_to(user).filter(pk__in=people).values_list("pk", flat=True)) if people else set()
    for row in known:
        row.party = introducer_of(row, seen)  # type: ignore[attr-defined]


def introducer_of(row: Party, seen: set[int]) -> Introducer:
    """The introducer of a row; `seen`: the people at firms whom the reader may see."""
    match PartyKind(row.party_kind):
        case PartyKind.FIRM if row.party_firm is not None:
            firm = row.party_firm
            return Introducer(firm.name, reverse("firms:detail", args=[firm.firm_id]), f"firm:{firm.public_id}")
        case PartyKind.PERSON:
            firm_name = row.party_firm.name if row.party_firm is not None else ""
            one = row.party_person
            if one is None or one.pk not in seen:
                return Introducer(_("a contact"), "", "", firm_name)
            return Introducer(one.name, reverse("firms:person", args=[one.public_id]), f"person:{one.public_id}", firm_name)
        case PartyKind.STAFF if row.party_user is not None:
            return Introducer(str(row.party_user), "", f"staff:{row.party_user.public_id}", row.party_user.unit.name)
        case PartyKind.UNIT if row.party_unit is not None:
            return Introducer(row.party_unit.name, "", f"unit:{row.party_unit.public_id}")
    return Introducer(row.party_name, "", f"outside:{row.party_name}")


# --- how often somebody is asked --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Load:
    """How often somebody is asked, as far as the reader may see: open asks, all asks, when last; and whether that is too often."""

    open_asks: int
    asks: int
    last_on: dt.date | None
    is_often: bool


def load_of(user: Any, condition: Q) -> Load:
    """The load of one introducer."""
    found = Introduction.objects.visible_to(user).filter(condition).order_by()
    told = found.aggregate(open=Count("pk", filter=Q(state__in=OPEN)), asks=Count("pk"), last=Max("asked_on"))
    often = clocks.number(rules.OFTEN_LEAF, access.today())
    return Load(told["open"], told["asks"], told["last"], rules.is_often(told["open"], often_from_asks=often))


def same_party(row: Party) -> Q:
    """Introductions of the same introducer as a row's."""
    names = {
        PartyKind.FIRM: ("party_firm_id",), PartyKind.PERSON: ("party_person_id",), PartyKind.STAFF: ("party_user_id",),
        PartyKind.UNIT: ("party_unit_id",), PartyKind.OUTSIDE: ("party_name",),
    }[PartyKind(row.party_kind)]  # fmt: skip
    return Q(party_kind=row.party_kind, **{name: getattr(row, name) for name in names})


def loads_of_ways(user: Any, ways: Sequence[Way]) -> dict[str, Load]:
    """By key of whom a path begins with, how often he is asked."""
    wanted = {way.introducer.key: way.introducer for way in ways}
    by_field: dict[str, dict[str, str]] = {}
    for key in wanted:
        kind, _colon, name = key.partition(":")
        way_to = {"firm": "party_firm__firm_id", "user": "party_user__public_id", "person": "party_person__public_id"}.get(
            kind, "party_unit__public_id"
        )
        by_field.setdefault(way_to, {})[name] = key
    condition = Q(pk__in=[])
    for way_to, names in by_field.items():
        condition |= Q(**{f"{way_to}__in": list(names), "party_kind__in": list(PartyKind)})
    rows = Introduction.objects.visible_to(user).filter(condition).order_by()
    told: dict[str, list[tuple[str, dt.date]]] = {key: [] for key in wanted}
    for state, asked_on, kind, *names in rows.values_list(
        "state",
        "asked_on",
        "party_kind",
        "party_firm__firm_id",
        "party_user__public_id",
        "party_person__public_id",
        "party_unit__public_id",
    ):
        at = {PartyKind.FIRM: 0, PartyKind.STAFF: 1, PartyKind.PERSON: 2, PartyKind.UNIT: 3}.get(PartyKind(kind))
        prefix = {0: "firm", 1: "user", 2: "person", 3: "unit"}.get(-1 if at is None else at, "")
        key = f"{prefix}:{names[at]}" if at is not None else ""
        if key in told:
            told[key].append((state, asked_on))
    often = clocks.number(rules.OFTEN_LEAF, access.today())
    return {key: _load(rows_, often) for key, rows_ in told.items()}


def _load(rows: list[tuple[str, dt.date]], often: int) -> Load:
    open_asks = sum(state in OPEN for state, _asked in rows)
    return Load(
        open_asks, len(rows), max((asked for _state, asked in rows), default=None), rules.is_often(open_asks, often_from_asks=often)
    )


# --- one of them ------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Entry:
    """One step on the timeline. `is_gone`: a later entry corrects it."""

    step: IntroductionStep
    word: str
    is_gone: bool
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of an introduction shows. `nexts`: what may be entered now; `last`: the step that may be corrected."""

    introduction: Introduction
    entries: tuple[Entry, ...]
    merits: tuple[Merit, ...]
    way: Way | None
    load: Load
    nexts: tuple[State, ...]
    last: IntroductionStep | None
    may_work: bool
    is_overdue: bool


def may_work(user: Any, found: Introduction) -> bool:
    """By the rule that the actions obey."""
    return rules.may_work(user.grants(), found.facts(), person_id=user.pk)


def page_of(found: Introduction, user: Any) -> Page:
    """One introduction with its steps, merit and path, as the reader may see them."""
    steps = list(found.steps.select_related("by"))
    gone = {step.corrects_id for step in steps}
    entries = tuple(Entry(step, str(step.get_kind_display()), step.pk in gone, step.corrects_id is not None) for step in steps)
    merits = tuple(found.merits.select_related("party_firm", "party_person", "party_user__unit", "party_unit"))
    with_parties(user, [found, *merits])
    may = may_work(user, found)
    is_overdue = found.due_on is not None and found.due_on < access.today()
    return Page(
        found, entries, merits, kept_way(user, found), load_of(user, same_party(found)), FOLLOWS[State(found.state)] if may else (),
        left_standing(steps)[-1] if may else None, may, is_overdue,
    )  # fmt: skip


def result_of(found: Introduction, user: Any) -> Lead | None:
    """The lead that came of it, to whoever may see that lead: it may be another unit's, or confidential."""
    return Lead.objects.visible_to(user).filter(pk=found.result_lead_id).first() if found.result_lead_id else None


def last_two(found: Introduction) -> tuple[IntroductionStep, IntroductionStep | None]:
    """The last step that stands, and the one before it."""
    left = left_standing(list(found.steps.all()))
    return left[-1], left[-2] if len(left) > 1 else None


def left_standing(steps: Sequence[IntroductionStep]) -> list[IntroductionStep]:
    """Of steps as they were entered those that stand, each correction where what it corrects stood; what was taken back is left out."""
    standing: list[IntroductionStep] = []
    for step in steps:
        if step.corrects_id is None:
            standing.append(step)
        else:
            place = next(at for at, one in enumerate(standing) if one.pk == step.corrects_id)
            standing[place : place + 1] = [] if step.kind == TAKEN_BACK else [step]
    return standing


# --- the path that was kept -------------------------------------------------------------------------------------------------------------
OPEN_RECORDS = ("", "firms.Relation")
"""Records that whoever sees an introduction may know of: the registry, and relations between firms."""


def kept(way: Way, found: Found) -> dict[str, Any]:
    """A path as an introduction keeps it: keys and shares; no name of a person, and no word of a record that not everybody may see."""
    return {
        "warmth_share": round(way.warmth_share, 4), "on": found.day.isoformat(), "region": found.region.id,
        "steps": [
            {
                "asker": _kept_node(step.asker), "asked": _kept_node(step.asked), "crowd_share": round(step.crowd_share, 4),
                "whys": [_kept_why(why) for why in step.whys],
            }
            for step in way.steps
        ],
    }  # fmt: skip


def _kept_node(node: Node) -> dict[str, str]:
    is_person = node.end in {End.USER, End.PERSON}
    return {"key": node.key, "name": "" if is_person else node.name}


def _kept_why(why: Why) -> dict[str, Any]:
    is_open = why.record.partition(":")[0] in OPEN_RECORDS
    shares = {name: round(getattr(why, name), 4) for name in ("kind_share", "judged_share", "age_share", "warmth_share")}
    return {
        "kind": why.kind, "is_forward": why.is_forward, "since": why.since.isoformat() if why.since else None, "record": why.record,
        "source": why.source if is_open else "", "address": why.address if is_open else "", **shares,
    }  # fmt: skip


def kept_way(user: Any, found: Introduction) -> Way | None:
    """The path that an introduction kept. Who stands between, and rests on nothing that the reader may see, is not named."""
    steps = found.path.get("steps", []) if isinstance(found.path, Mapping) else []
    if not steps:
        return None
    sources = _sources_seen(user, [why["record"] for step in steps for why in step["whys"]])
    names = _names_seen(user, [step[side]["key"] for step in steps for side in ("asker", "asked")])
    whys = [
        [_said(why, sources) for why in step["whys"] if why["record"].partition(":")[0] in OPEN_RECORDS or why["record"] in sources]
        for step in steps
    ]
    told = []
    for number, step in enumerate(steps):
        is_known = bool(whys[number])
        asker = _node(step["asker"], names, is_named=number == 0 or is_known or bool(whys[number - 1]))
        after = number + 1 < len(steps) and bool(whys[number + 1])
        asked = _node(step["asked"], names, is_named=number == len(steps) - 1 or is_known or after)
        told.append(Step(asker, asked, tuple(whys[number]), step["crowd_share"]))
    return Way(1, "", tuple(told), found.path["warmth_share"])


def _said(why: Mapping[str, Any], sources: Mapping[str, tuple[str, str]]) -> Why:
    kind = LinkKind[why["kind"]]
    sides = engine.WORDS.get(kind) or engine.OFFICE_WORDS[kind]
    words = sides[0 if why["is_forward"] else 1][0 if is_chinese() else 1]
    source, address = (why["source"], why["address"]) if why["record"].partition(":")[0] in OPEN_RECORDS else sources[why["record"]]
    since = dt.date.fromisoformat(why["since"]) if why["since"] else None
    return Why(
        words, since, source, address, why["record"], why["kind_share"], why["judged_share"], why["age_share"], why["warmth_share"],
        why["kind"], why["is_forward"],
    )  # fmt: skip


RECORDS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], tuple[str, str]]]] = {
    "leads.Knock": (
        lambda user: Knock.objects.visible_to(user).select_related("row__list").defer("row__found"),
        lambda one: (_("knock, list “%(list)s”") % {"list": one.row.list.outside_name}, reverse("leads:row", args=[one.row.public_id])),
    ),
    "leads.Progress": (
        lambda user: Progress.objects.all().visible_to(user).select_related("lead"),
        lambda one: (_("progress of the lead “%(lead)s”") % {"lead": one.lead.outside_name}, page("leads:lead", one.lead.public_id)),
    ),
    "leads.Lead": (
        lambda user: Lead.objects.all().visible_to(user),
        lambda one: (_("lead “%(lead)s” that became a project") % {"lead": one.outside_name}, page("leads:lead", one.public_id)),
    ),
    "firms.Position": (
        lambda user: Position.objects.all().visible_to(user).select_related("person__unit"),
        lambda one: (_("contact of %(unit)s") % {"unit": one.person.unit.name}, reverse("firms:person", args=[one.person.public_id])),
    ),
}


def _sources_seen(user: Any, records: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Where the records stand that the reader may see, by label and key."""
    wanted: dict[str, list[str]] = {}
    for record in records:
        label, _colon, key = record.partition(":")
        if label in RECORDS:
            wanted.setdefault(label, []).append(key)
    found = {}
    for label, keys in wanted.items():
        rows, tell = RECORDS[label]
        found |= {f"{label}:{one.public_id}": tell(one) for one in rows(user).filter(public_id__in=keys)}
    return found


def _names_seen(user: Any, keys: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Name, page and detail of the people on a path whom the reader may see."""
    wanted: dict[str, list[str]] = {"user": [], "person": []}
    for key in keys:
        kind, _colon, name = key.partition(":")
        if kind in wanted:
            wanted[kind].append(name)
    found = {}
    if wanted["user"]:
        for one in User.objects.get_queryset().filter(public_id__in=wanted["user"]).select_related("unit"):
            found[f"user:{one.public_id}"] = (str(one), "", one.unit.name)
    if wanted["person"]:
        for person in Person.objects.visible_to(user).filter(public_id__in=wanted["person"]):
            found[f"person:{person.public_id}"] = (person.name, reverse("firms:person", args=[person.public_id]), "")
    return found


ENDS = {"firm": End.FIRM, "user": End.USER, "person": End.PERSON, "unit": End.UNIT}


def _node(told: Mapping[str, str], names: Mapping[str, tuple[str, str, str]], *, is_named: bool) -> Node:
    kind, _colon, key = told["key"].partition(":")
    if not is_named:
        return Node(HIDDEN, ENDS[kind], _("somebody whom you may not see"))
    if kind in {"user", "person"}:
        name, address, detail = names.get(told["key"], (_("a contact"), "", ""))
        return Node(told["key"], ENDS[kind], name, address, detail)
    return Node(told["key"], ENDS[kind], told["name"], reverse("firms:detail", args=[key]) if kind == "firm" else "")


# --- what came of whom ------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one introducer's introductions, in numbers of them; `merit_points`: hundredths of results that are his."""

    party: Introducer
    kind: str
    asked: int
    open_asks: int
    agreed: int
    met: int
    leads: int
    projects: int
    refused: int
    merit_points: int
    last_on: dt.date | None

    @property
    def merit(self) -> float:
        """Results that are his, as a number of results."""
        return self.merit_points / 100


def by_introducer(user: Any, found: IntroductionQuerySet) -> tuple[Figures, ...]:
    """The figures of every introducer, who brought most first."""
    counted: dict[str, Counter[str]] = {}
    sample: dict[str, Party] = {}
    last: dict[str, dt.date] = {}
    keys: dict[int, None] = {}
    for one in found.select_related("party_firm", "party_person", "party_user__unit", "party_unit").defer("path", "text").order_by("pk"):
        key = one.party_key
        sample.setdefault(key, one)
        keys[one.pk] = None
        figures = counted.setdefault(key, Counter())
        figures["asked"] += 1
        figures["open"] += one.state in OPEN
        for name, states in CAME_TO.items():
            figures[name] += one.state in states
        last[key] = max(last.get(key, one.asked_on), one.asked_on)
    results_ = found.filter(state__in=CAME_TO_SOMETHING).order_by().values("pk")
    for merit in Merit.objects.filter(introduction__in=results_).select_related(
        "party_firm", "party_person", "party_user__unit", "party_unit"
    ):
        sample.setdefault(merit.party_key, merit)
        counted.setdefault(merit.party_key, Counter())["merit"] += merit.share_basis_points
    with_parties(user, sample.values())
    rows = [
        Figures(
            sample[key].party, str(sample[key].get_party_kind_display()), n["asked"], n["open"], n["agreed"], n["met"], n["leads"],  # type: ignore[attr-defined]
            n["projects"], n["refused"], round(n["merit"] / 100), last.get(key),
        )
        for key, n in counted.items()
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.merit_points, -row.met, -row.asked, row.party.name)))


# --- whose merit ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may have a share of the merit: by the key of a node, or as a row names him. `share_basis_points`: has now."""

    name: str
    key: str
    row: Party | None
    share_basis_points: int


def candidates(user: Any, found: Introduction) -> list[Candidate]:
    """Whoever was asked, whoever has a share, whoever stands on the path, who is in charge, and the unit; each once."""
    merits = list(found.merits.select_related("party_firm", "party_person", "party_user__unit", "party_unit"))
    with_parties(user, [found, *merits])
    held = {merit.party_key: merit.share_basis_points for merit in merits}
    told: dict[str, Candidate] = {}
    for row in (found, *merits):
        told.setdefault(row.party.key or row.party_key, Candidate(row.party.name, "", row, held.get(row.party_key, 0)))
    way = kept_way(user, found)
    for node in way.nodes[:-1] if way else ():
        if node.key != HIDDEN:
            told.setdefault(_party_like(node.key), Candidate(node.name, node.key, None, 0))
    told.setdefault(f"staff:{found.owner.public_id}", Candidate(str(found.owner), f"user:{found.owner.public_id}", None, 0))
    told.setdefault(f"unit:{found.unit.public_id}", Candidate(found.unit.name, f"unit:{found.unit.public_id}", None, 0))
    return list(told.values())


def _party_like(key: str) -> str:
    """The key of an introducer for that of a node."""
    kind, _colon, name = key.partition(":")
    if kind == "firm":
        firm = Firm.objects.filter(firm_id=name).only("public_id").first()
        return f"firm:{firm.public_id}" if firm else key
    return key.replace("user:", "staff:", 1)


# --- for a firm or a lead ---------------------------------------------------------------------------------------------------------------
def of_firm(user: Any, firm_id: str) -> list[Introduction]:
    """Introductions to a firm, the newest first."""
    pks = introductions(user).filter(firm__firm_id=firm_id).order_by("-asked_on", "-pk").values_list("pk", flat=True)[:10]
    return shown(user, list(pks))


def of_lead(user: Any, lead: Lead) -> list[Introduction]:
    """Introductions for a lead, the newest first."""
    pks = introductions(user).filter(lead=lead).order_by("-asked_on", "-pk").values_list("pk", flat=True)[:10]
    return shown(user, list(pks))


# --- duties -----------------------------------------------------------------------------------------------------------------------------
def duty_rows(user: Any, on: dt.date) -> Any:
    """The next steps of open introductions that a person may see."""
    return _shaped(Introduction.objects.visible_to(user).open())


def all_duty_rows(on: dt.date) -> Any:
    """The same, whoever sees them."""
    return _shaped(Introduction.objects.open())


def _shaped(found: Any) -> Any:
    return columns.of(found, source=columns.is_named(SOURCE), title="state", due_on="due_on", owner="owner", unit="unit")


def duty_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: whoever is in charge."""
    found = Introduction.objects.filter(public_id__in=list(keys)).select_related("owner")
    return {one.public_id: (one.owner,) if one.owner.is_active else () for one in found}


NEXT_WORDS: dict[str, Callable[[], str]] = {
    State.ASKED: lambda: _("get an answer to the request for an introduction"),
    State.AGREED: lambda: _("bring the meeting about"),
    State.GIVEN: lambda: _("enter what came of the introduction"),
}


def duty_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """Target and what is owed."""
    found = Introduction.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("firm", "lead", "target_list")
    return {
        one.public_id: Drawn(
            one.target_name, reverse("leads:introduction", args=[one.public_id]), NEXT_WORDS[one.state](), one.is_confidential
        )
        for one in found
    }
