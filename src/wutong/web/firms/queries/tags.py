"""Tags of firms (标签), the lists that give them, and the rows of lists that wait for a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from wutong.engine.list_files import NAME, USCC, Field
from wutong.engine.own import TAGS
from wutong.rulebook.load import Tag
from wutong.web.firms.models import Firm, FirmList, FirmListQuerySet, FirmTag, TagDoubt, TagDoubtQuerySet
from wutong.web.firms.queries.standing import rulebook
from wutong.web.firms.rules import ListRefusal
from wutong.web.lib.access import is_chinese

REFUSALS = {
    ListRefusal.UNKNOWN_TAG: _("The rulebook knows no such tag; the page Lists and tags shows all."),
    ListRefusal.SAME_FILE: _("This very file was imported already; take that import back first, or give the new edition."),
    ListRefusal.ENDS_BEFORE_IT_BEGINS: _("The list would end before it begins: give a later day."),
    ListRefusal.TAKEN_BACK: _("The list of this row was taken back; restore it first."),
    ListRefusal.DECIDED_ALREADY: _("Somebody decided this row already; undo that decision first."),
    ListRefusal.ON_THE_LIST_ALREADY: _("Another row of the list means this firm already; choose another firm, or none."),
}
WAYS = {
    "code": _("credit code"),
    "name": _("full name"),
    "noted": _("a name noted by the office"),
    "region_left_out": _("name without its region"),
    "likeness": _("likeness of the names"),
    "person": _("a person"),
}


def _rank(text: str) -> int:
    rank = int(text.removeprefix("第").removesuffix("名").removesuffix("位").replace(",", ""))
    if not 0 < rank < 1_000_000:
        raise ValueError(text)
    return rank


LIST_FIELDS = (
    NAME,
    Field("short_name", ("简称", "企业简称", "公司简称", "证券简称", "股票简称", "short name"), expected=_("a firm's short name")),
    Field("former_name", ("曾用名", "原名称", "原名", "前称", "former name"), expected=_("a former name")),
    USCC,
    Field("rank", ("排名", "名次", "位次", "rank"), read=_rank, expected=_("a whole number from 1 on, such as 12")),
)
"""Columns of a list that gives a tag; each row needs a name, a short name, a former name or a credit code.

Why no stock code: neither the registry nor a note of the office bears one, so there is nothing to match it by.
"""
LIST_NEEDS = ("name", "short_name", "former_name", "uscc")


def tag_name(code: str) -> str:
    """A tag in the language of the page; its code where the rulebook no longer knows it."""
    tag = rulebook().tags.get(code)
    return code if tag is None else tag.zh if is_chinese() else tag.en


def code_of(text: str) -> str | None:
    """The tag of an id or of a name, Chinese or English; None where there is none."""
    wanted = text.strip().casefold()
    return next((code for code, tag in rulebook().tags.items() if wanted in (code, tag.zh.casefold(), tag.en.casefold())), None)


def choices() -> list[tuple[str, str]]:
    """Every tag with its name, in the order of the rulebook."""
    return [(code, tag_name(code)) for code in rulebook().tags]


@dataclass(frozen=True, slots=True)
class TagRow:
    """One tag with how many lists give it, how many firms bear it today, and how many rows wait for a person."""

    tag: Tag
    name: str
    publisher: str
    lists: int
    firms: int
    waiting: int

    @property
    def is_big_name(self) -> bool:
        """Whether it makes a firm a big name (大西瓜)."""
        return self.tag.kind == "big_name"


def overview(user: Any, day: dt.date) -> tuple[TagRow, ...]:
    """Every tag of the rulebook, in its order."""
    lists = dict(FirmList.objects.visible_to(user).in_force().values_list("tag").annotate(Count("pk")).order_by())
    bearing = FirmTag.objects.visible_to(user).on(day).values_list("edition__tag").annotate(Count("firm", distinct=True)).order_by()
    waiting = TagDoubt.objects.visible_to(user).waiting().values_list("edition__tag").annotate(Count("pk")).order_by()
    firms, doubts = dict(bearing), dict(waiting)
    return tuple(
        TagRow(tag, tag_name(code), _publisher(tag), lists.get(code, 0), firms.get(code, 0), doubts.get(code, 0))
        for code, tag in rulebook().tags.items()
    )


def _publisher(tag: Tag) -> str:
    return tag.publisher.zh if is_chinese() else tag.publisher.en


def lists_of(user: Any, tag: str = "") -> FirmListQuerySet:
    """Imported lists with the rows tagged, waiting and not found, those taken back included."""
    found = FirmList.objects.visible_to(user).select_related("imported_by", "revoked_by")
    if tag:
        found = found.filter(tag=tag)
    doubts = TagDoubt.objects.filter(edition=OuterRef("pk"))
    return found.annotate(
        tagged=_count(FirmTag.objects.filter(edition=OuterRef("pk"))),
        waiting=_count(doubts.filter(outcome=TagDoubt.OPEN)),
        absent=_count(doubts.filter(outcome__in=(TagDoubt.ABSENT, TagDoubt.NONE))),
    )


def _count(rows: QuerySet[Any]) -> Any:
    """How many rows a list has, counted by themselves: two joins would pair every tag with every doubtful row."""
    return Coalesce(Subquery(rows.order_by().values("edition").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def counts(edition: FirmList) -> dict[str, int]:
    """What became of the rows of a list: tagged, waiting for a person, not found."""
    outcomes = dict(edition.doubts.values_list("outcome").annotate(Count("pk")).order_by())
    absent = outcomes.get(TagDoubt.ABSENT, 0) + outcomes.get(TagDoubt.NONE, 0)
    return {"tagged": edition.tags.count(), "waiting": outcomes.get(TagDoubt.OPEN, 0), "absent": absent}


def lists_in_force() -> FirmListQuerySet:
    """Every list that was not taken back, for the command."""
    return FirmList.objects.in_force().order_by("tag", "name", "as_of")


def tagged(user: Any, edition: FirmList) -> Any:
    """The firms of a list, in its order."""
    return FirmTag.objects.visible_to(user).filter(edition=edition).select_related("firm", "doubt")


def doubts(user: Any, *, tag: str = "", list_id: str = "", state: str = "open") -> TagDoubtQuerySet:
    """Doubtful rows that a person may decide: open ones, decided ones or those not found, the surest first."""
    found = TagDoubt.objects.visible_to(user).select_related("edition", "tag__firm", "decided_by").filter(edition__revoked_at__isnull=True)
    if tag:
        found = found.filter(edition__tag=tag)
    if list_id:
        found = found.filter(edition__public_id=list_id)
    states = {"open": (TagDoubt.OPEN,), "decided": (TagDoubt.FIRM, TagDoubt.NONE), "absent": (TagDoubt.ABSENT,)}
    return found.filter(outcome__in=states.get(state, (TagDoubt.OPEN,)))


def waiting_rows(user: Any) -> int:
    """How many rows wait for a decision of this person."""
    return TagDoubt.objects.visible_to(user).waiting().count()


@dataclass(frozen=True, slots=True)
class Badge:
    """A tag on a firm: what it is called, from when to when, and the list that says so."""

    code: str
    name: str
    kind: str
    rank: int | None
    starts_on: dt.date
    ends_on: dt.date | None
    list_name: str
    list_id: str
    source: str
    url: str
    is_in_force: bool


def badges(user: Any, firm_id: str, day: dt.date) -> tuple[Badge, ...]:
    """The tags of a firm, those in force first, then the past ones, the newest first."""
    rows = FirmTag.objects.visible_to(user).standing().filter(firm__firm_id=firm_id).select_related("edition").order_by("-edition__as_of")
    known = rulebook().tags
    found = [
        Badge(
            row.edition.tag, tag_name(row.edition.tag), known[row.edition.tag].kind if row.edition.tag in known else "", row.rank,
            row.edition.as_of, row.edition.ends_on, row.edition.name, str(row.edition.public_id), row.edition.source, row.edition.url,
            row.edition.as_of <= day and (row.edition.ends_on is None or row.edition.ends_on > day),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda badge: not badge.is_in_force))


def _state() -> tuple[tuple[int, str, int], ...]:
    """What changes whenever any tag does."""
    return tuple(
        (pk, str(public_id), changes)
        for pk, public_id, changes in FirmList.objects.in_force().order_by("pk").values_list("pk", "public_id", "changes")
    )


def table() -> pa.Table:
    """Every tag of every firm with its period, as `tables.TAGS`; read anew only after a list or a decision changed."""
    return _tags(_state())


@lru_cache(maxsize=4)
def _tags(state: tuple[tuple[int, str, int], ...]) -> pa.Table:
    rows = FirmTag.objects.standing().values_list(
        "firm__firm_id", "edition__tag", "rank", "edition__as_of", "edition__ends_on", "edition__name", "edition__as_of"
    )
    found: dict[tuple[str, str, dt.date], tuple[Any, ...]] = {}
    for firm_id, tag, rank, starts_on, ends_on, name, as_of in rows:
        found.setdefault((firm_id, tag, starts_on), (firm_id, tag, rank, starts_on, ends_on, f"{name} {as_of}"))
    return pa.table(dict(zip(TAGS.names, zip(*found.values(), strict=True) if found else [()] * len(TAGS.names), strict=True)), schema=TAGS)


def firms_with(code: str, day: dt.date) -> frozenset[str]:
    """Ids of the firms that bear a tag on a day."""
    return _firms_with(_state(), code, day)


@lru_cache(maxsize=64)
def _firms_with(state: tuple[tuple[int, str, int], ...], code: str, day: dt.date) -> frozenset[str]:
    return frozenset(FirmTag.objects.on(day).filter(edition__tag=code).values_list("firm__firm_id", flat=True))


def names_by_firm(firm_ids: Iterable[str], day: dt.date) -> dict[str, tuple[str, ...]]:
    """The names of the tags that each of some firms bears on a day, each once."""
    found: dict[str, dict[str, None]] = {}
    rows = FirmTag.objects.on(day).filter(firm__firm_id__in=list(firm_ids)).values_list("firm__firm_id", "edition__tag")
    for firm_id, code in rows:
        found.setdefault(firm_id, {})[tag_name(code)] = None
    return {firm_id: tuple(names) for firm_id, names in found.items()}


def doubts_of_tags(gone: Firm, kept: Firm) -> tuple[tuple[Any, tuple[str, ...]], ...]:
    """The rows of lists by which two firms got their tags: they change with a tag that goes."""
    return ((TagDoubt.objects.filter(tag__firm__in=(gone, kept)), ("tag_id",)),)
