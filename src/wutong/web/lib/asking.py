"""Questions to the database about what a person may see: put into SQL once, and kept from one request to the next."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from decimal import Decimal
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet, ObjectDoesNotExist
from django.db import connection
from django.db.models import Expression, QuerySet
from django.utils import translation

from wutong.web.lib import access, rulebook

_apart: ContextVar[dict[str, tuple[str, tuple[Any, ...]]] | None] = ContextVar("apart", default=None)
_PART = re.compile(r'\(SELECT \* FROM "([^"]+)"\)')
ANYBODY = -4_611_686_018_427_387_847
"""Stands for the key of the person in a question that is put down for all who have the same unit and rights; it is nobody's key."""


_PLAIN = (str, int, float, Decimal, dt.date, uuid.UUID)


class InParts(NamedTuple):
    """The SQL of a question with its marks, and by name that of the parts which it says more than once; the field that it gives, if one."""

    sql: str
    params: tuple[Any, ...]
    parts: Mapping[str, tuple[str, tuple[Any, ...]]]
    output: Any = None

    def whole(self) -> tuple[str, tuple[Any, ...]]:
        """All of it, the parts in front."""
        front = ", ".join(f'"{name}" AS ({sql})' for name, (sql, _params) in self.parts.items())
        params = (mark for _sql, marks in (*self.parts.values(), ("", self.params)) for mark in marks)
        return f"WITH {front} {self.sql}" if front else self.sql, tuple(params)

    def alone(self) -> tuple[str, tuple[Any, ...]]:
        """All of it, each part in its places."""
        return _in_place(self.sql, self.params, self.parts)

    def of(self, person: int) -> InParts:
        """As this person asks it, where it was put down for anybody."""
        parts = {name: (sql, _named(marks, person)) for name, (sql, marks) in self.parts.items()}
        return self._replace(params=_named(self.params, person), parts=parts)

    @property
    def is_anybodys(self) -> bool:
        """Whether the person stands in it by his key alone: never within a text, nor in anything that could hide it."""
        said = [self.sql, *(sql for sql, _marks in self.parts.values())]
        marks = [mark for _sql, marks in ((self.sql, self.params), *self.parts.values()) for mark in marks]
        said += [mark for mark in marks if isinstance(mark, str)]
        return all(mark is None or isinstance(mark, _PLAIN) for mark in marks) and not any(str(ANYBODY) in text for text in said)


def _in_place(sql: str, params: Iterable[Any], parts: Mapping[str, tuple[str, tuple[Any, ...]]]) -> tuple[str, tuple[Any, ...]]:
    left, text, marks = iter(params), list[str](), list[Any]()
    for at, piece in enumerate(_PART.split(sql)):
        if at % 2:
            inner, more = _in_place(*parts[piece], parts)
            text.append(f"({inner})")
            marks += more
        else:
            text.append(piece)
            marks += islice(left, piece.replace("%%", "").count("%s"))
    return "".join(text), tuple(marks)


def _named(marks: tuple[Any, ...], person: int) -> tuple[Any, ...]:
    return tuple(type(mark)(person) if isinstance(mark, int) and mark == ANYBODY else mark for mark in marks)


class Judged(Expression):
    """The rows that a person may see, as a part of a question to the database, written down before: `field__in=Judged(…)`.

    `is_apart`: a question that says it often may say it once, in front (`with_parts`). `is_whole`: worked out once and not row by row, for
    tables of very many rows; PostgreSQL takes visible rows for few, and looks each of them up again for every row of such a table.
    """

    def __init__(self, of: str, question: InParts, *, is_apart: bool = True, is_whole: bool = False) -> None:
        super().__init__(output_field=question.output)
        self._of, self._question, self._is_apart, self._is_whole = of, question, is_apart, is_whole

    @property
    def identity(self) -> tuple[Any, ...]:
        """By which two are the same."""
        return (Judged, self._is_whole, self._question.sql, self._question.params, tuple(self._question.parts.items()))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """As it was written down, in brackets; within `with_parts` what stands in front is put there."""
        parts = _apart.get()
        if parts is None:
            sql, params = self._question.alone()
            if self._is_whole and connection.vendor == "postgresql":
                sql = f"WITH seen AS MATERIALIZED ({sql}) SELECT * FROM seen"  # noqa: S608 - as Django wrote it
            return f"({sql})", params
        parts |= self._question.parts
        if not self._is_apart:
            return f"({self._question.sql})", self._question.params
        parts.setdefault(self._of, (self._question.sql, self._question.params))
        return f'(SELECT * FROM "{self._of}")', ()  # noqa: S608 - a name of our own


def with_parts(rows: QuerySet[Any]) -> InParts:
    """A question put so that each judgement in it is said once. Why: PostgreSQL plans it for 0.3 s where it says the same twelve times."""
    token = _apart.set({})
    try:
        sql, params = rows.query.sql_with_params()
        return InParts(sql, tuple(params), _apart.get() or {}, rows.query.output_field)
    finally:
        _apart.reset(token)


MOST_WRITTEN = 1_000
"""How many questions a process keeps written down, those asked last."""
_written: OrderedDict[Hashable, InParts | None] = OrderedDict()
_writing = Lock()


class _OfAPersonError(Exception):
    """A question for anybody contains one that cannot be put down for anybody."""


def written(of: Hashable, user: Any, write: Callable[[Any], QuerySet[Any]]) -> InParts | None:
    """What a person asks about what he may see, put into SQL and kept from one request to the next; None if it finds nothing for certain.

    Why: Django takes ten times longer to build some questions than the database to answer them. A question names people, units and days,
    never rows, so it is kept by all that it is made of: what is asked (`of`), the unit, what his roles give (a token narrows them), the
    day, the rules in force and the language. Most name the person by his key alone: they are put down once for anybody with this unit and
    these rights (`User.anybody`), and his key is filled in. What asked the database, or for anything else of the person, while it was made
    may hang on it: then it is put down for him alone, and where that too asks the database, it is not kept.
    """
    rights = (of, user.unit_id, user.grants(), access.today(), rulebook.in_force().hash, translation.get_language())
    for person in (ANYBODY, user.pk):
        with _writing:
            if (person, rights) in _written:
                _written.move_to_end((person, rights))
                found = _written[person, rights]
                return found.of(user.pk) if found else None
    if user.pk == ANYBODY:
        found, asks = _put_down(user, write)
        if asks or not (found is None or found.is_anybodys):
            raise _OfAPersonError
        return _kept((ANYBODY, rights), found)
    with suppress(_OfAPersonError, ObjectDoesNotExist), access.afresh():  # the latter: it asked for more of a person who is nobody
        found, asks = _put_down(user.anybody(ANYBODY), write)
        if not asks and (found is None or found.is_anybodys):
            _kept((ANYBODY, rights), found)
            return found.of(user.pk) if found else None
    found, asks = _put_down(user, write)
    return found if asks else _kept((user.pk, rights), found)


def _put_down(user: Any, write: Callable[[Any], QuerySet[Any]]) -> tuple[InParts | None, bool]:
    """The question, and whether the database was asked while it was made."""
    questions = 0

    def count(execute: Callable[..., Any], *given: Any) -> Any:
        nonlocal questions
        questions += 1
        return execute(*given)

    with connection.execute_wrapper(count):
        try:
            found = with_parts(write(user))
        except EmptyResultSet:
            found = None
    return found, questions > 0


def _kept(name: Hashable, found: InParts | None) -> InParts | None:
    with _writing:
        _written[name] = found
        while len(_written) > MOST_WRITTEN:
            _written.popitem(last=False)
    return found


def forget_written() -> None:
    """Forget what is written down: for tests, which change rules without a new hash."""
    with _writing:
        _written.clear()


def judged(of: str, user: Any, rows: Callable[[Any], QuerySet[Any]], *, is_apart: bool = True, is_whole: bool = False) -> Any:
    """What a person may see of something (`of`): one column, to be asked for with `__in`. See `Judged` for the rest.

    Why: a page asks for it ten times, and to build such a question takes longer than to answer it. It is as fresh as the question it
    stands in, for it names no rows (`written`).
    """
    if not access.is_reading():
        return rows(user)

    def put_down() -> Any:
        found = written(("judged", of), user, rows)
        return Judged(of, found, is_apart=is_apart, is_whole=is_whole) if found else ()

    return access.once((("judged", of, is_whole), user.pk, user.grants(), access.today()), put_down)
