"""Lists: columns that sort, filters that show as chips, pages that neither skip nor repeat a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import QueryDict
from ninja import Field
from ninja.pagination import LimitOffsetPagination

PAGE_SIZE = 50
MOST_ROWS = 1_000_000_000  # more than any table holds, and a number that every database takes as the end of a page


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. `sorts_by`: the fields (or keys) it sorts by, none if it does not; `kind`: text, number or date."""

    key: str
    label: Any
    sorts_by: tuple[str, ...] = ()
    kind: str = "text"
    sorted: str = ""  # "", "ascending" or "descending": the state, set by `Listing`
    link: str = ""  # the query string that sorts by it, set by `Listing`


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: what it says, and the query string without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of how many. Numbers run from 1; a number past the end is the last page."""

    number: int
    total: int
    size: int = PAGE_SIZE

    @classmethod
    def of(cls, params: Mapping[str, Any], total: int, size: int = PAGE_SIZE) -> Page:
        """Read `page` from a query string."""
        text = str(params.get("page", "1"))
        wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
        last = max(1, -(-total // size))
        return cls(min(max(wanted, 1), last), total, size)

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first_row(self) -> int:
        return self.offset + 1 if self.total else 0

    @property
    def last_row(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.last else None

    @property
    def window(self) -> list[int | None]:
        """Page numbers to offer; None stands for a gap."""
        near = {1, self.last, *range(self.number - 2, self.number + 3)}
        shown = sorted(number for number in near if 1 <= number <= self.last)
        window: list[int | None] = []
        for number in shown:
            if window and window[-1] is not None and number - window[-1] > 1:
                window.append(None)
            window.append(number)
        return window


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page shows: rows, columns with their sort state, chips and the page."""

    rows: Sequence[Any]
    columns: tuple[Column, ...]
    page: Page
    chips: tuple[Chip, ...] = ()
    query: str = ""  # the query string without `page`, for export links
    has_filters: bool = field(default=False)

    @property
    def total(self) -> int:
        return self.page.total

    @property
    def phone_sorts(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.sorts_by)


def order_of(params: QueryDict, columns: Iterable[Column], default: str) -> tuple[Column, bool]:
    """The column to sort by and whether downwards, from `sort=key` or `sort=-key`; an unknown key is the default."""
    by_key = {column.key: column for column in columns if column.sorts_by}
    wanted = params.get("sort", default)
    if wanted.removeprefix("-") not in by_key:
        wanted = default
    return by_key[wanted.removeprefix("-")], wanted.startswith("-")


def marked(columns: Iterable[Column], params: QueryDict, by: Column, *, down: bool) -> tuple[Column, ...]:
    """The columns, each knowing its state and its link."""
    found = []
    for column in columns:
        is_by = column.key == by.key
        target = f"-{column.key}" if is_by and not down else column.key
        state = ("descending" if down else "ascending") if is_by else ""
        found.append(
            Column(
                column.key, column.label, column.sorts_by, column.kind, state, query_with(params, sort=target) if column.sorts_by else ""
            )
        )
    return tuple(found)


def query_with(params: QueryDict, **changes: str | None) -> str:
    """The query string with some values set, or left out where None; always back to page one."""
    query = params.copy()
    query.pop("page", None)
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = value
    return "?" + query.urlencode()


def chips(form: Form | None, params: QueryDict) -> tuple[Chip, ...]:
    """A chip for each filter that has a value."""
    if form is None or not form.is_bound:
        return ()
    found = []
    for name, form_field in form.fields.items():
        value = params.get(name, "").strip()
        if value and name not in form.errors:
            choices = dict(_flat(getattr(form_field, "choices", ())))
            found.append(Chip(str(form_field.label or name), str(choices.get(value, value)), query_with(params, **{name: None})))
    return tuple(found)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _flat(label)
        else:
            yield str(value), label


def of_queryset(
    params: QueryDict, queryset: QuerySet[Any], *, columns: Sequence[Column], default: str, form: Form | None = None, size: int = PAGE_SIZE,
    read: Callable[[list[Any]], Sequence[Any]] | None = None, counted: QuerySet[Any] | None = None,
) -> Listing:  # fmt: skip
    """Sort and page a queryset; the primary key breaks ties, so no row is skipped or shown twice.

    `read` gives the rows of the page from their primary keys: where rows are wide, only the keys are sorted. `counted`: the same rows, put
    so that all of them are counted quickest, where that is not how a page of them is found.
    """
    by, down = order_of(params, columns, default)
    page = Page.of(params, (queryset if counted is None else counted).order_by().count(), size)
    cut, is_late = slice(page.offset, page.last_row), page.offset > page.total // 2
    if is_late:  # a database counts its way to a page row by row, so a late one is nearer from the end
        cut, down = slice(page.total - page.last_row, page.total - page.offset), not down
    ordered = queryset.order_by(*(f"-{name}" if down else name for name in by.sorts_by), "-pk" if down else "pk")
    there = list(ordered.values_list("pk", flat=True)[cut]) if read else list(ordered[cut])
    there, down = (there[::-1], not down) if is_late else (there, down)
    rows, found = read(there) if read else there, chips(form, params)
    return Listing(rows, marked(columns, params, by, down=down), page, found, query_with(params), bool(found))


def of_sequence(
    params: QueryDict, found: Sequence[Any], *, columns: Sequence[Column], default: str, form: Form | None = None, size: int = PAGE_SIZE,
    read: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Listing:  # fmt: skip
    """Sort and page rows that are all at hand; `sorts_by` names attributes, with dots on the way. Rows of one value keep their order.

    `read` makes of the rows of the page what is shown: where that costs, only they are read.
    """
    by, down = order_of(params, columns, default)
    ordered = sorted(found, key=attrgetter(*by.sorts_by), reverse=down)
    page = Page.of(params, len(ordered), size)
    shown = chips(form, params)
    rows = ordered[page.offset : page.offset + page.size]
    return Listing(read(rows) if read else rows, marked(columns, params, by, down=down), page, shown, query_with(params), bool(shown))


def of_rows(params: QueryDict, rows: Sequence[Any], *, columns: Sequence[Column], total: int, default: str, form: Form | None = None,
            size: int = PAGE_SIZE) -> Listing:  # fmt: skip
    """A list whose rows of this page were already read elsewhere (from a served build, say) in the order that `order_of` gave."""
    by, down = order_of(params, columns, default)
    found = chips(form, params)
    return Listing(rows, marked(columns, params, by, down=down), Page.of(params, total, size), found, query_with(params), bool(found))


class Pages(LimitOffsetPagination):
    """Pages of the API by `limit` and `offset`; a number that no database could count to is refused with 422."""

    class Input(LimitOffsetPagination.Input):
        """What is asked for."""

        limit: int = Field(100, ge=1, le=MOST_ROWS)
        offset: int = Field(0, ge=0, le=MOST_ROWS)


class DrawnPages(Pages):
    """Pages of rows that are read whole only once they are cut: `drawn` turns their keys into what the answer tells."""

    def paginate_queryset(self, queryset: Any, pagination: Any, **params: Any) -> Any:
        """A page. Shape: `items` and `count`, as everywhere."""
        found, drawn = queryset
        begin = pagination.offset
        keys = list(found.values_list("pk", flat=True)[begin : begin + pagination.limit])
        return {"items": drawn(keys), "count": found.count()}
