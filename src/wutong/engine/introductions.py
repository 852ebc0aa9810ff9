"""Introductions (以商招商) in a build: the registry's branches and the relations of files as a graph, and the way from a region to a firm.

Relations of files are those that the room `firms` takes in, by the same headers and words: firm, relation, other firm, known since, source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from wutong.engine import answers, cleaning, codes, columns, firms, list_files, makers, names, paths
from wutong.engine.answers import RegistryHere
from wutong.engine.columns import UNDATED
from wutong.engine.firms import Identity
from wutong.engine.graph import Graph, Ground, Places
from wutong.engine.links import LeftOut, LinkKind, Links, NodeKind, Numbers
from wutong.engine.list_files import NAME, USCC, Field, ListFile
from wutong.engine.makers import Here
from wutong.engine.places import Region
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

Words = tuple[str, str]
WORDS: dict[LinkKind, tuple[Words, Words]] = {
    LinkKind.SUPPLIES: (("供货给", "supplies"), ("采购自", "buys from")),
    LinkKind.SHAREHOLDER_OF: (("参股", "holds shares of"), ("股东为", "has as shareholder")),
    LinkKind.CONTROLS: (("控股", "controls"), ("控股方为", "is controlled by")),
    LinkKind.BRANCH_OF: (("总部为", "is a branch of"), ("分支机构有", "has as branch")),
    LinkKind.INVESTED_WITH: (("共同投资", "invested together with"),) * 2,
    LinkKind.PARTNER_OF: (("合作伙伴", "partner of"),) * 2,
    LinkKind.COMPETES_WITH: (("竞争对手", "competes with"),) * 2,
}
"""Kinds of links between firms as they read from the first end and from the second: Chinese, English."""
OFFICE_WORDS: dict[LinkKind, tuple[Words, Words]] = {
    LinkKind.EXECUTIVE_OF: (("任职于", "holds a position at"), ("任职的有", "has in a position")),
    LinkKind.MEMBER_OF: (("是会员，所属", "is a member of"), ("会员有", "has as member")),
    LinkKind.TOWNSPERSON_OF: (("同乡", "comes from the same place as"),) * 2,
    LinkKind.SERVED_BY: (("受其服务", "is served by"), ("服务过", "has served")),
    LinkKind.INVESTED_IN: (("落户于", "has settled with"), ("引进过", "has brought in")),
    LinkKind.MET: (("对接过", "has been in touch with"),) * 2,
}
"""The same for links that people and the office have; a file of relations between firms cannot name them."""
BRANCHES = "firms.parent_no"
"""Where a branch is known from: the column of the build."""


def _kind(text: str) -> tuple[LinkKind, bool]:
    """A relation by its words or its code, and whether it is read from the other firm."""
    for kind, sides in WORDS.items():
        for is_from_other, said in enumerate(sides):
            if text in said or (not is_from_other and text == kind.name.lower()):
                return kind, bool(is_from_other)
    raise ValueError(text)


def _kind_text(text: str) -> str:
    _kind(text)
    return text


def _day(text: str) -> dt.date:
    found = cleaning.read_date(text)
    if found is None:
        raise ValueError(text)
    return found


KINDS_EXPECTED = "one of " + ", ".join(dict.fromkeys(said[0] for sides in WORDS.values() for said in sides))
FIELDS = (
    NAME,
    USCC,
    Field("kind", ("关系", "企业关系", "relation"), is_needed=True, read=_kind_text, expected=KINDS_EXPECTED),
    Field("other", ("对方企业", "对方企业名称", "other firm"), is_needed=True, expected="the other firm's name or credit code"),
    Field("known_on", ("知悉日期", "起始日期", "known since"), read=_day, expected="a day such as 2025-06-30"),
    Field("ended_on", ("终止日期", "ended on"), read=_day, expected="a day such as 2025-06-30"),
    Field("source", ("出处", "来源", "source")),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one knows another. `words`: as it reads from who asks to who is asked; `source`: where it stands, with row."""

    kind: str
    words_zh: str
    words_en: str
    known_on: dt.date | None
    source: str
    warmth_share: float


@dataclass(frozen=True, slots=True)
class Asking:
    """One step: who asks whom, and why they know each other, the warmest reason first. `crowd_share`: left in a crowd, else 1."""

    asker_id: str
    asker_name: str
    asked_id: str
    asked_name: str
    reasons: tuple[Reason, ...]
    crowd_share: float


@dataclass(frozen=True, slots=True)
class Introduction:
    """One path from a firm of the region to the target. Units: warmth as `parameters/paths.yaml` makes it, 0 to 1."""

    warmth_share: float
    steps: tuple[Asking, ...]


@dataclass(frozen=True, slots=True)
class Introductions:
    """The warmest paths to a target on a day, and what they rest on.

    `unknown_rows`: where the files name a firm that the build does not hold; `ended_rows`: how many relations had ended by the day.
    """

    target: Identity
    day: dt.date
    is_inside: bool
    registry: RegistryHere
    paths: tuple[Introduction, ...]
    links: int
    left_out: LeftOut
    unknown_rows: tuple[str, ...]
    ended_rows: int


def read(files: Iterable[Path]) -> tuple[ListFile, ...]:
    """Files of relations, each whole. Raises: ListError with every fault of a file."""
    return tuple(list_files.read(path, FIELDS, any_of=("name", "uscc")) for path in files)


def to_firm(
    warehouse: Warehouse, rulebook: Rulebook, region: Region, target: str, lists: Sequence[ListFile], *,
    k: int | None = None, as_of: dt.date | None = None,
) -> Introductions:  # fmt: skip
    """The warmest paths from the region's firms to a target; `k`: so many, by default the rulebook's.

    Without a day asked for it is the newest that build or files know: relations are younger than many a registry. Raises: UnknownFirm.
    """
    newest = [day for listed in lists for row in listed.rows if isinstance(day := row.values.get("known_on"), dt.date)]
    day = as_of or max([answers.as_of_day(warehouse, None), *newest])
    numbers, firm = Numbers.on(rulebook, day), firms.identify(warehouse, target)
    known, here = columns.of(warehouse), makers.here(warehouse, region, day)
    links, sources, unknown, ended = _links(warehouse, lists, day)
    graph = Graph.of(np.full(len(known.day), NodeKind.FIRM, np.uint8), links, numbers, day)
    reach = paths.Reach.of(graph, _asked(here, links))
    found = paths.warmest(reach, [firm.firm_no], k or numbers.shown_paths, numbers.most_hops)[0]

    def reason(ground: Ground) -> Reason:
        zh, en = WORDS[ground.kind][0 if ground.is_forward else 1]
        return Reason(ground.kind.name.lower(), zh, en, ground.known_on, sources[ground.source_no], round(ground.warmth_share, 4))

    def asking(step: paths.Step) -> Asking:
        asker, asked = (known.frame.row(number, named=True) for number in (step.asker_no, step.asked_no))
        reasons = tuple(map(reason, step.grounds))
        return Asking(asker["firm_id"], asker["name"], asked["firm_id"], asked["name"], reasons, round(step.crowd_share, 4))

    told = tuple(Introduction(round(path.warmth_share, 4), tuple(map(asking, paths.steps(graph, path)))) for path in found)
    is_inside = bool(here.mask[firm.firm_no])
    return Introductions(firm, day, is_inside, here.registry, told, len(links), graph.left_out, unknown, ended)


def _asked(here: Here, links: Links) -> Places:
    """The firms of the region to begin at: all that relations name, and of every other group the one that stands first.

    Why: the fifty branches of one group all know its head office; as five paths they would tell nothing that one does not.
    """
    is_named = np.zeros(len(here.mask), np.bool_)
    for ends in (links.first, links.second):
        is_named[ends[links.kind != LinkKind.BRANCH_OF]] = True
    order = np.lexsort((here.columns.standing[here.firm_no], ~is_named[here.firm_no], here.group))
    firm_no, group = here.firm_no[order], here.group[order]
    is_first = np.diff(group, prepend=columns.NONE) != 0
    asked: Places = firm_no[is_first | is_named[firm_no]]
    return asked


def _links(warehouse: Warehouse, lists: Sequence[ListFile], day: dt.date) -> tuple[Links, list[str], tuple[str, ...], int]:
    """Branches of the build and relations of files; the sources by number; rows of unknown firms; how many relations had ended."""
    known = columns.of(warehouse)
    branches = np.flatnonzero(known.parent != columns.NONE).astype(np.int32)
    sources, unknown, ended = [BRANCHES], [], 0
    rows: list[tuple[int, int, int, int, int]] = []
    by_code, by_name = _firms(warehouse, (row.text(name) for listed in lists for row in listed.rows for name in ("uscc", "name", "other")))
    for listed in lists:
        for row in listed.rows:
            source = f"{listed.file}:{row.row}" + (f" {row.text('source')}" if row.text("source") else "")
            first = by_code.get(row.text("uscc")) if row.text("uscc") else by_name.get(row.text("name"))
            second = by_name.get(row.text("other"), by_code.get(row.text("other")))
            if first is None or second is None:
                unknown.append(source)
                continue
            ended_on, known_on = row.values.get("ended_on"), row.values.get("known_on")
            if isinstance(ended_on, dt.date) and ended_on <= day:
                ended += 1
                continue
            kind, is_from_other = _kind(row.text("kind"))
            since = columns.days(known_on) if isinstance(known_on, dt.date) else UNDATED
            ends = (second, first) if is_from_other else (first, second)
            rows.append((*ends, kind, len(sources), since))
            sources.append(source)
    first_no, second_no, kinds, source_no, days = np.array(rows, np.int64).reshape(-1, 5).T
    links = Links(
        first=np.concatenate([branches, first_no]).astype(np.int32),
        second=np.concatenate([known.parent[branches], second_no]).astype(np.int32),
        kind=np.concatenate([np.full(len(branches), LinkKind.BRANCH_OF), kinds]).astype(np.uint8),
        source_no=np.concatenate([np.zeros(len(branches)), source_no]).astype(np.int32),
        known_day=np.concatenate([known.day[branches], days]).astype(np.int32),
    )
    return links, sources, tuple(unknown), ended


def _firms(warehouse: Warehouse, texts: Iterable[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Text → firm by credit code or id, and by a name that one firm alone bears. Why at once: each look-up reads the whole registry."""
    asked = sorted(set(texts) - {""})
    frame = columns.of(warehouse).frame.select("firm_id", "uscc", "name_key").with_row_index("firm_no")
    by_code: dict[str, int] = {}
    for column, reading in (("firm_id", str), ("uscc", codes.normalise)):
        read = {text: reading(text) or "" for text in asked}
        found = frame.filter(pl.col(column).is_in(sorted({*read.values()} - {""})))
        numbers = dict(zip(found[column].to_list(), found["firm_no"].to_list(), strict=True))
        by_code |= {text: numbers[code] for text, code in read.items() if code in numbers}
    keys = {text: names.key(text) for text in asked}
    named = (
        frame.filter(pl.col("name_key").is_in(sorted({*keys.values()} - {""})))
        .group_by("name_key")
        .agg(pl.len(), pl.col("firm_no").first())
    )
    alone = {key: number for key, count, number in named.rows() if count == 1}
    return by_code, {text: alone[key] for text, key in keys.items() if key in alone}
