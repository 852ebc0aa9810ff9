"""The warmest paths from whom we know to a firm (引荐路径): who asks whom, why they know each other, where that stands, how warm it is.

What a path rests on is read once more with `visible_to`: a step of which the person may see no record any more falls away with its path.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.engine import columns, introductions, makers, paths
from wutong.engine.answers import RegistryHere
from wutong.engine.graph import Ground
from wutong.engine.links import DAYS_A_YEAR, LeftOut, LinkKind
from wutong.engine.places import Region
from wutong.engine.warehouse import Warehouse
from wutong.web.accounts.models import Unit, User
from wutong.web.firms.models import Firm, Person, Position, Relation
from wutong.web.firms.queries import standing as registry
from wutong.web.leads.models import Knock, Lead, Progress
from wutong.web.leads.queries import acquaintances
from wutong.web.leads.queries.acquaintances import End, Known, Of
from wutong.web.lib import access, warehouse
from wutong.web.lib.access import is_chinese

FIRMS, COLLEAGUES, CONTACTS, UNITS = "firms", "colleagues", "contacts", "units"
SOURCES = {
    FIRMS: gettext_lazy("firms of the region"),
    COLLEAGUES: gettext_lazy("our own people"),
    CONTACTS: gettext_lazy("contacts who agreed"),
    UNITS: gettext_lazy("units of ours"),
}
"""Whom a path may begin with."""
OF_END = {End.USER: COLLEAGUES, End.PERSON: CONTACTS, End.UNIT: UNITS}
MOST_ASKED = 40  # so many ways are looked at, so that five are left where some rest on what is not to be seen any more


@dataclass(frozen=True, slots=True)
class Node:
    """Who stands on a path. `key`: its kind and public id, as an introduction keeps it; `detail`: what tells it from others."""

    key: str
    end: End
    name: str
    address: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why one knows another, with how its warmth comes about: kind × judged × age. `record`: what it rests on, by label and key."""

    words: str
    since: dt.date | None
    source: str
    address: str
    record: str
    kind_share: float
    judged_share: float
    age_share: float
    warmth_share: float
    kind: str
    is_forward: bool

    @property
    def is_judged(self) -> bool:
        """Whether something else than kind and age lessens it."""
        return self.judged_share < 1


@dataclass(frozen=True, slots=True)
class Step:
    """Who asks whom, and why they know each other, the warmest reason first. `crowd_share`: what is left because so many know the asked."""

    asker: Node
    asked: Node
    whys: tuple[Why, ...]
    crowd_share: float

    @property
    def warmth_share(self) -> float:
        """What the step leaves of the warmth."""
        return self.whys[0].warmth_share * self.crowd_share if self.whys else 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """One path, the warmest first. `key` names it by its nodes."""

    row: int
    key: str
    steps: tuple[Step, ...]
    warmth_share: float

    @property
    def nodes(self) -> tuple[Node, ...]:
        """From whom we ask to the target."""
        return (self.steps[0].asker, *(step.asked for step in self.steps))

    @property
    def introducer(self) -> Node:
        """Whom we ask."""
        return self.steps[0].asker


@dataclass(frozen=True, slots=True)
class Target:
    """The firm to reach. `is_inside`: it stands in the region itself; `is_built`: the build holds it."""

    firm_id: str
    name: str
    is_inside: bool
    is_built: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The warmest paths to a target on a day, for one person, and what they rest on; without any, `why_none` says why."""

    target: Target
    region: Region
    day: dt.date
    ways: tuple[Way, ...]
    why_none: str
    sources: tuple[str, ...]
    registry: RegistryHere
    own_links: int
    left_out: LeftOut
    contacts_without_consent: int

    def way(self, key: str) -> Way | None:
        """The path of a key, as it is now."""
        return next((way for way in self.ways if way.key == key), None)


def sources_of(chosen: Iterable[str]) -> tuple[str, ...]:
    """The sources that were chosen; all, where none was."""
    known = set(chosen)
    return tuple(source for source in SOURCES if source in known) or tuple(SOURCES)


def to_firm(
    user: Any, firm_id: str, *, region: str = "", sources: Collection[str] = (), k: int | None = None, as_of: dt.date | None = None
) -> Found:
    """The warmest paths to a firm that a person may know of. Raises: UnknownFirm, UnknownRegion, WarehouseMissing."""
    build, day = warehouse.served(), as_of or access.today()
    stands = registry.standing(user, region=region)
    chosen, rulebook = sources_of(sources), registry.rulebook()
    known = acquaintances.of(user, build, rulebook, day)
    here = makers.here(build, stands.region, day)
    code, name, is_built = _target(build, firm_id)
    target = Target(firm_id, name, is_built and bool(here.mask[code]), is_built)
    node, own = known.node(code), known.node(acquaintances.code(End.USER, user.pk or 0))
    begins = np.setdiff1d(_sources(known, here, chosen), [] if own is None else [own])  # nobody asks himself
    ways: list[Way] = []
    if node is not None and len(begins):
        reach = paths.Reach.of(known.graph, begins)
        most = k or known.numbers.shown_paths
        found = paths.warmest(reach, [node], max(most, MOST_ASKED), known.numbers.most_hops)[0]
        ways = _told(user, build, known, found, most)
    without = _without_consent(user, firm_id, day)
    is_own = not ways and own is not None and node is not None and bool(paths.warmest(paths.Reach.of(known.graph, [own]), [node], 1, 1)[0])
    why = "" if ways else str(_OWN) if is_own else _why_none(target, has_links=node is not None, has_sources=bool(len(begins)))
    return Found(
        target, stands.region, day, tuple(ways), why, chosen, here.registry, known.own_links, known.left_out, without
    )  # fmt: skip


def name_of(firm_id: str) -> str:
    """The name of a firm, where a build serves; else that by which it was taken on. Raises: UnknownFirm."""
    try:
        return _target(warehouse.served(), firm_id)[1]
    except warehouse.WarehouseMissing:
        firm = Firm.objects.filter(firm_id=firm_id).first()
        if firm is None:
            raise registry.UnknownFirm(firm_id) from None
        return firm.name


def _target(build: Warehouse, firm_id: str) -> tuple[int, str, bool]:
    """The code and name of a firm: of the build, as the firm that it turned out to be, or of one that was taken on before."""
    firm = Firm.objects.filter(firm_id=firm_id).select_related("merged_into").first()
    standing = firm.standing if firm is not None else None
    numbers = columns.with_ids(build, (standing.firm_id if standing else firm_id,)).tolist()
    if numbers:
        return acquaintances.code(End.FIRM, numbers[0]), str(columns.of(build).frame["name"][numbers[0]]), True
    if standing is None:
        raise registry.UnknownFirm(firm_id)
    return acquaintances.code(End.FIRM_NOT_BUILT, standing.pk), standing.name, False


def _sources(known: Known, here: makers.Here, chosen: Collection[str]) -> Any:
    """The nodes to begin at. Of a group of firms the one that stands first, and whoever a link other than of kin names.

    Why: the fifty branches of one group all know its head office; as five paths they would tell nothing that one does not.
    """
    ends = known.codes // acquaintances.SPAN
    begins = [np.flatnonzero(ends == end) for end, source in OF_END.items() if source in chosen]
    if FIRMS in chosen:
        firms = np.flatnonzero(ends == End.FIRM)
        local = firms[here.mask[known.codes[firms]]]
        is_named = np.zeros(len(known.codes), np.bool_)
        of_kin = known.graph.links.kind == LinkKind.BRANCH_OF
        for side in (known.graph.links.first, known.graph.links.second):
            is_named[side[~of_kin]] = True
        firm_no = known.codes[local]
        group = here.columns.group[firm_no]
        order = np.lexsort((here.columns.standing[firm_no], ~is_named[local], group))
        is_first = np.diff(group[order], prepend=columns.NONE) != 0
        begins.append(local[order][is_first | is_named[local[order]]])
    return np.concatenate(begins) if begins else np.zeros(0, np.int64)


_OWN = gettext_lazy("You are in touch with the firm yourself: nobody needs to introduce you.")


def _why_none(target: Target, *, has_links: bool, has_sources: bool) -> str:
    if target.is_inside:
        return _("The firm stands in the region itself: nobody needs to introduce us.")
    if not has_links:
        return _("Neither the registry nor the records that you may see know a firm or person who is linked with it.")
    if not has_sources:
        return _("Nobody of the sources chosen is linked with anybody.")
    return _("It has links, but none of them leads within three steps to whom we know.")


def _without_consent(user: Any, firm_id: str, day: dt.date) -> int:
    """Contacts at the firm, as the person may see them, who did not agree to be asked."""
    there = Person.objects.visible_to(user).filter(positions__firm__firm_id=firm_id)
    return there.exclude(pk__in=acquaintances.consenting(day).values("pk")).distinct().count()


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def _told(user: Any, build: Warehouse, known: Known, found: Iterable[paths.Path], most: int) -> list[Way]:
    """Paths in words; those fall away of which a step rests on nothing that the person may see."""
    stepped = [(path, paths.steps(known.graph, path)) for path in found]
    grounds = [ground for _path, steps in stepped for step in steps for ground in step.grounds]
    records = _Records.read(user, build, {(int(known.of[one.link_no]), int(known.record[one.link_no])) for one in grounds})
    nodes = _Nodes.read(user, build, {int(known.codes[number]) for path, _steps in stepped for number in path.nodes})
    ways: list[Way] = []
    for path, steps in stepped:
        said = [_step(known, step, nodes, records) for step in steps]
        if len(ways) < most and all(said):
            told = tuple(step for step in said if step is not None)
            ways.append(Way(len(ways) + 1, _key(told), told, path.warmth_share))
    return ways


def _key(steps: tuple[Step, ...]) -> str:
    keys = [steps[0].asker.key, *(step.asked.key for step in steps)]
    return sha256("\n".join(keys).encode()).hexdigest()[:16]


def _step(known: Known, step: paths.Step, nodes: _Nodes, records: _Records) -> Step | None:
    asker, asked = (nodes.of(int(known.codes[number])) for number in (step.asker_no, step.asked_no))
    whys = tuple(why for ground in step.grounds if (why := _why(known, ground, records)) is not None)
    return Step(asker, asked, whys, step.crowd_share) if asker and asked and whys else None


def _why(known: Known, ground: Ground, records: _Records) -> Why | None:
    """A reason with the shares that make its warmth: multiplied they are it."""
    record = records.of(int(known.of[ground.link_no]), int(known.record[ground.link_no]))
    if record is None:
        return None
    words, since, source, address, label = record
    sides = introductions.WORDS.get(ground.kind) or introductions.OFFICE_WORDS[ground.kind]
    said = words or sides[0 if ground.is_forward else 1][0 if is_chinese() else 1]
    kind = ground.kind.name
    numbers = known.numbers
    kind_share = float((numbers.forward if ground.is_forward else numbers.backward)[ground.kind])
    judged = known.graph.links.strength
    judged_share = 1.0 if judged is None or np.isnan(judged[ground.link_no]) else float(judged[ground.link_no])
    years = numbers.undated_years if ground.known_on is None else (known.graph.day - ground.known_on).days / DAYS_A_YEAR
    age_share = max(0.5 ** (max(years, 0) / float(numbers.half_life[ground.kind])), numbers.least_age_share)
    return Why(
        said, since or ground.known_on, source, address, label, kind_share, judged_share, age_share, ground.warmth_share, kind,
        ground.is_forward,
    )  # fmt: skip


def page(name: str, *args: Any) -> str:
    """An address, "" where no page of that name stands."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


Told = tuple[str, dt.date | None, str, str, str]
"""Words in place of those of the kind, since when, where it stands, its page, and label and key of the record."""


class _Records:
    """The records behind links, as the person may see them."""

    def __init__(self, found: Mapping[tuple[int, int], Told]) -> None:
        self.found = found

    def of(self, of: int, key: int) -> Told | None:
        """What a record tells; None where it is not to be seen."""
        return self.found.get((of, key))

    @classmethod
    def read(cls, user: Any, build: Warehouse, wanted: Collection[tuple[int, int]]) -> _Records:
        """One question a kind of record that is wanted."""
        found: dict[tuple[int, int], Told] = {}
        keys = {of: [key for kind, key in wanted if kind == of] for of in Of}
        frame = columns.of(build).frame
        for key in keys[Of.BRANCH]:
            row = frame.row(key, named=True)
            where = _("registry, %(file)s row %(row)s") % {"file": row["source_file"], "row": row["source_row"]}
            found[Of.BRANCH, key] = ("", row["registered_on"], where, reverse("firms:detail", args=[row["firm_id"]]), "")
        for of, read in ((Of.RELATION, _relations), (Of.KNOCK, _knocks), (Of.PROGRESS, _progress), (Of.POSITION, _positions),
                         (Of.SETTLED, _settled), (Of.SERVED, _served)):  # fmt: skip
            if keys[of]:
                found |= {(int(of), key): told for key, told in read(user, keys[of])}
        return cls(found)


def _relations(user: Any, keys: list[int]) -> Iterable[tuple[int, Told]]:
    for one in Relation.objects.all().visible_to(user).filter(pk__in=keys).select_related("firm", "unit"):
        source = _("%(source)s (noted by %(unit)s)") % {"source": one.source, "unit": one.unit.name}
        yield (
            one.pk,
            ("", one.known_on, source, reverse("firms:detail", args=[one.firm.firm_id]) + "#relations", f"firms.Relation:{one.public_id}"),
        )


def _knocks(user: Any, keys: list[int]) -> Iterable[tuple[int, Told]]:
    for one in Knock.objects.visible_to(user).filter(pk__in=keys).select_related("row__list").defer("row__found"):
        words = _("called on it (%(how)s)") % {"how": one.get_how_display()}
        source = _("knock, list “%(list)s”") % {"list": one.row.list.outside_name}
        yield (
            one.pk,
            (
                words,
                timezone.localdate(one.made_at),
                source,
                reverse("leads:row", args=[one.row.public_id]),
                f"leads.Knock:{one.public_id}",
            ),
        )


def _progress(user: Any, keys: list[int]) -> Iterable[tuple[int, Told]]:
    for one in Progress.objects.all().visible_to(user).filter(pk__in=keys).select_related("lead"):
        source = _("progress of the lead “%(lead)s”") % {"lead": one.lead.outside_name}
        yield (
            one.pk,
            (_("works on a lead with it"), one.done_on, source, page("leads:lead", one.lead.public_id), f"leads.Progress:{one.public_id}"),
        )


def _positions(user: Any, keys: list[int]) -> Iterable[tuple[int, Told]]:
    for one in Position.objects.all().visible_to(user).filter(pk__in=keys).select_related("person__unit"):
        source = _("contact of %(unit)s; consent: %(consent)s") % {"unit": one.person.unit.name, "consent": one.person.consent_source}
        address = reverse("firms:person", args=[one.person.public_id])
        yield (
            one.pk,
            (_("is %(title)s there") % {"title": one.title}, one.person.consented_on, source, address, f"firms.Position:{one.public_id}"),
        )


def _settled(user: Any, keys: list[int]) -> Iterable[tuple[int, Told]]:
    for one in Lead.objects.visible_to(user).filter(pk__in=keys):
        source = _("lead “%(lead)s” that became a project") % {"lead": one.outside_name}
        yield one.pk, ("", one.state_since, source, page("leads:lead", one.public_id), f"leads.Lead:{one.public_id}")


def _served(user: Any, keys: list[int]) -> Iterable[tuple[int, Told]]:
    for one in Position.objects.all().visible_to(user).filter(pk__in=keys).select_related("person__unit", "firm"):
        source = _("%(unit)s keeps a contact there to serve the firm") % {"unit": one.person.unit.name}
        address = reverse("firms:detail", args=[one.firm.firm_id]) + "#people"
        yield one.pk, ("", one.person.consented_on, source, address, f"firms.Position:{one.public_id}")


class _Nodes:
    """Who stands at the nodes, as the person may see them."""

    def __init__(self, found: Mapping[int, Node]) -> None:
        self.found = found

    def of(self, node_code: int) -> Node | None:
        """Who it is; None where that is not to be seen."""
        return self.found.get(node_code)

    @classmethod
    def read(cls, user: Any, build: Warehouse, codes: Collection[int]) -> _Nodes:
        """One question a kind of node."""
        found: dict[int, Node] = {}
        keys: dict[End, list[int]] = {end: [] for end in End}
        for node_code in codes:
            end, number = acquaintances.end_of(node_code)
            keys[end].append(number)
        frame = columns.of(build).frame
        for number in keys[End.FIRM]:
            row = frame.row(number, named=True)
            found[acquaintances.code(End.FIRM, number)] = _firm(End.FIRM, row["firm_id"], row["name"])
        for end, rows, tell in (
            (End.FIRM_NOT_BUILT, Firm.objects.visible_to(user), lambda one: _firm(End.FIRM_NOT_BUILT, one.firm_id, one.name)),
            (End.UNIT, Unit.objects.all(), lambda one: Node(f"unit:{one.public_id}", End.UNIT, one.name)),
            (End.USER, User.objects.get_queryset().select_related("unit"), _colleague),
            (End.PERSON, Person.objects.visible_to(user).prefetch_related("positions__firm"), _contact),
        ):
            if keys[end]:
                found |= {acquaintances.code(end, one.pk): tell(one) for one in rows.filter(pk__in=keys[end])}  # type: ignore[no-untyped-call]
        return cls(found)


def _firm(end: End, firm_id: str, name: str) -> Node:
    return Node(f"firm:{firm_id}", end, name, reverse("firms:detail", args=[firm_id]))


def _colleague(one: User) -> Node:
    return Node(f"user:{one.public_id}", End.USER, str(one), "", one.unit.name)


def _contact(one: Person) -> Node:
    position = next(iter(one.positions.all()), None)
    detail = f"{position.firm.name} {position.title}" if position else ""
    return Node(f"person:{one.public_id}", End.PERSON, one.name, reverse("firms:person", args=[one.public_id]), detail)
