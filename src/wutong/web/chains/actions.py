"""Writes about chains: what an official decides of a catalogue's entries."""

from __future__ import annotations

import datetime as dt

from wutong.engine import catalogue_files
from wutong.web.accounts import actions as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.chains.queries import catalogues
from wutong.web.firms.queries import standing as firms

CatalogueError = catalogue_files.CatalogueError
DECISIONS = {True: "covers", False: "refuses", None: "undecided"}


def decide_entry(*, edition_id: str, number: str, product: str, covers: bool | None, by: User, at: dt.datetime) -> None:
    """Confirm that an entry covers a product, refuse it, or (None) take the decision back. Raises: NotAllowed, CatalogueError.

    Why: catalogues are files of the office, read by pages and commands alike; the audit chain keeps who decided.
    """
    accounts.require(by, Permission.CHAINS_EDIT)
    if covers is not None and product not in firms.rulebook().products:
        raise CatalogueError(f"no product {product!r} in the thesaurus")
    catalogue_files.decide(catalogues.folder(), edition_id, number, product, covers=covers)
    changes = {"edition": edition_id, "entry": number, "product": product, "decision": DECISIONS[covers]}
    audit.record(action="chains.decide_entry", by=by, at=at, changes=changes)
