"""What the one search box finds of firms: those taken on, those of the registry, products, people at firms."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import columns, makers, name_index, name_search
from wutong.engine import firms as registry
from wutong.engine.name_index import Asked, Numbers
from wutong.engine.name_search import Names
from wutong.web.firms.models import Firm, FirmName, Person
from wutong.web.firms.queries import names, own, standing
from wutong.web.lib import access, warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.lib.hooks import Hit, Hits
from wutong.web.lib.warehouse import WarehouseMissing

SHORTEST_LIKE = 3
MOST_LIKE = 5


def search_list(text: str) -> str:
    """The search of the registry."""
    return f"{reverse('firms:list')}?{urlencode({'q': text})}"


def followed_list(text: str) -> str:
    """The firms that one follows."""
    return reverse("firms:followed")


# --- firms taken on -------------------------------------------------------------------------------------------------------------------
def taken_on(user: Any, text: str, begin: int, size: int) -> Hits:
    """Firms that somebody of the office wrote about, by name, former or short name, and credit code."""
    found = name_search.find(text, _names_of_firms())
    page = found.page(begin, size)
    firms = Firm.objects.visible_to(user).in_bulk([one.key for one in page])
    rows = tuple(
        Hit.named(one, firms[one.key].name, standing.address_of(firms[one.key].firm_id), firms[one.key].uscc or "")
        for one in page
        if one.key in firms
    )
    return Hits(rows, len(found)) if rows or not page else Hits()


def _names_of_firms() -> Names:
    """Their names, kept until a firm is taken on or a further name comes, changes or goes: the copy in a row never changes."""
    firms = Firm.objects.aggregate(rows=Count("pk"), newest=Max("pk"), merged=Sum("merged_into_id"), gone=Count("merged_into"))
    noted = FirmName.objects.aggregate(rows=Count("pk"), newest=Max("pk"), last=Max("noted_at"), firms=Sum("firm_id"))
    return _kept((*firms.values(), *noted.values()))


@lru_cache(maxsize=2)
def _kept(stamp: tuple[Any, ...]) -> Names:
    called: dict[int, list[str]] = {}
    for pk, name, uscc, into in Firm.objects.order_by("merged_into_id", "pk").values_list("pk", "name", "uscc", "merged_into_id"):
        called.setdefault(into or pk, []).extend((name, uscc or ""))
    for pk, name in FirmName.objects.order_by("pk").values_list("firm_id", "name"):
        called.get(pk, []).append(name)
    return Names.over(list(called.items()))


# --- the registry ---------------------------------------------------------------------------------------------------------------------
def in_registry(user: Any, text: str, begin: int, size: int) -> Hits:
    """Firms of the registry by name, code and place, as its own search finds them; where that finds none, by pinyin, else by likeness."""
    try:
        build = warehouse.served()
    except WarehouseMissing:
        return Hits()
    if not name_search.words(text):
        return Hits()
    page = registry.search(build, text, page=begin // size + 1, size=size, noted=names.further(), merged=own.merged())
    if page.total:
        rows = tuple(
            Hit(row.name, standing.address_of(row.firm_id), _told(row.place, row.uscc), name_search.marked_words(text, row.name))
            for row in page.rows
        )
        return Hits(rows, page.total)
    index = name_index.of(build)
    numbers = index.sounding(text)
    if len(numbers):
        return Hits(_rows(build, numbers[begin : begin + size].tolist(), text), len(numbers))
    near = _near(index, text)
    return (
        Hits(_rows(build, near[begin : begin + size], text), len(near), _("No firm bears this name; these come near.")) if near else Hits()
    )


def _near(index: name_index.NameIndex, text: str) -> list[int]:
    """Firms whose names come near, the most likely first; those alone that a person would be asked about."""
    if len(text.strip()) < SHORTEST_LIKE or text.isascii():
        return []
    rulebook, day = standing.rulebook(), access.today()
    asked_from = rulebook.number("names.asked_from_share", day)
    found = index.look_up(Asked((text,)), Numbers.on(rulebook, day), top=MOST_LIKE, noted=names.further())
    return [one.row for one in found if one.confidence_share >= asked_from]


def _rows(build: warehouse.Warehouse, numbers: list[int], text: str) -> tuple[Hit, ...]:
    frame, places = columns.of(build).frame, makers.places(build)
    rows = frame[numbers].select("firm_id", "uscc", "name", "adcode").to_dicts()
    return tuple(
        Hit(
            row["name"], standing.address_of(row["firm_id"]), _told(places.path(row["adcode"] or ""), row["uscc"]),
            name_search.marked(text, row["name"]),
        )
        for row in rows
    )  # fmt: skip


def _told(place: str, uscc: str | None) -> str:
    return " · ".join(filter(None, (place, uscc)))


# --- products -------------------------------------------------------------------------------------------------------------------------
def products(user: Any, text: str, begin: int, size: int) -> Hits:
    """Products of the thesaurus; each leads to the firms that make or provide it."""
    try:
        book = standing.rulebook()
    except WarehouseMissing:
        return Hits()
    found = name_search.find(text, _products(book.hash))
    rows = []
    for one in found.page(begin, size):
        product = book.products[str(one.key)]
        name = product.zh if is_chinese() else product.en
        rows.append(Hit.named(one, name, search_list(product.zh), ""))
    return Hits(tuple(rows), len(found))


def warm() -> None:
    """Read the names that the search box looks through, where a build serves."""
    with suppress(WarehouseMissing):
        _products(standing.rulebook().hash)
        standing.places()
        names.further()
    _names_of_firms()


@lru_cache(maxsize=2)
def _products(rulebook_hash: str) -> Names:
    known = standing.rulebook().products
    return Names.over([(key, (*product.terms, *product.en_terms)) for key, product in known.items() if not product.generic])


# --- people at firms ------------------------------------------------------------------------------------------------------------------
def people(user: Any, text: str, begin: int, size: int) -> Hits:
    """People at firms, by name alone and only for whoever keeps in touch with them; contact data stays on the person's page."""
    seen = Person.objects.visible_to(user).values_list("pk", "name")
    found = name_search.find(text, name_search.kept(tuple((pk, (name,)) for pk, name in seen)))
    page = found.page(begin, size)
    if not page:
        return Hits((), len(found))
    known = Person.objects.visible_to(user).prefetch_related("positions__firm").in_bulk([one.key for one in page])
    rows = [
        Hit.named(one, known[one.key].name, reverse("firms:person", args=[known[one.key].public_id]), _positions(known[one.key]))
        for one in page
        if one.key in known
    ]
    return Hits(tuple(rows), len(found))


def _positions(person: Person) -> str:
    return "; ".join(f"{position.firm.name} {position.title}" for position in person.positions.all())
