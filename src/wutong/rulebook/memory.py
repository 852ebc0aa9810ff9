"""How Python minds its memory while a rulebook is read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """Python looks for no garbage meanwhile.

    Why: a rulebook is a quarter of a million objects, none of them garbage; looking took a tenth of the time, and more in a large process.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
