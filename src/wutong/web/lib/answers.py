"""What answers of the API share: the envelope, and problems in place of what nobody knows."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple

from django.http import HttpRequest
from ninja import Schema

from wutong.web.lib.access import problem


class RegistryOut(Schema):
    """The registry's years and number of firms, in the region asked about and in all."""

    first_year: int | None
    last_year: int | None
    firms_here: int
    firms: int


class Envelope(Schema):
    """What every answer states: build, rulebook, day, registry."""

    build: str
    rulebook: str
    as_of: dt.date | None
    registry: RegistryOut


class Unknown(NamedTuple):
    """How an exception becomes a problem: its status and title, and what to do."""

    status: int
    title: str
    advice: str = ""


def answering(permission: str, unknowns: Mapping[type[Exception], Unknown]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Check the permission of a view, and put what nobody knows into a problem, with what comes near it."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.may(permission):  # type: ignore[union-attr]
                return problem(403, "not allowed", f"the permission {permission} is needed")
            try:
                return view(request, *args, **kwargs)
            except tuple(unknowns) as error:
                unknown = next(found for kind, found in unknowns.items() if isinstance(error, kind))
                detail = f"{error}; {unknown.advice}" if unknown.advice else str(error)
                return problem(unknown.status, unknown.title, detail, getattr(error, "near", ()))

        # ninja reads the parameters by their annotations, and would look the names up in this module, not in that of the view.
        guarded.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        return guarded

    return decorate
