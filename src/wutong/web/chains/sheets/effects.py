"""Which firms a draft moves, as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.chains.queries.versions import DraftEffect
from wutong.web.chains.sheets.notes import WAN
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.spreadsheets import Column


def columns() -> tuple[Column, ...]:
    """One row a firm and segment."""
    return (
        Column(_("Segment"), 22),
        Column(_("Comes or goes"), 10),
        Column(_("Firm"), 36),
        Column(_("Place"), 28),
        Column(_("In the region"), 10),
        Column(_("Capital (10,000 yuan)"), 16, 2),
        Column(_("Phrase"), 20),
        Column(_("Evidence"), 60),
    )


def rows(found: DraftEffect) -> Iterator[tuple[Any, ...]]:
    """Every firm that comes, then every one that goes, segment by segment; none while the text has faults."""
    for row in found.effects.segments if found.effects else ():
        segment = found.names.get(f"{row.chain}/{row.segment}", row.segment)
        for word, moved in ((_("comes"), row.first_came), (_("goes"), row.first_went)):
            for firm in moved:
                capital_wan = None if firm.capital_yuan is None else firm.capital_yuan / WAN
                said = (_("its name"), "") if firm.proof == "name" else (firm.phrase, firm.clause)
                place = found.places.get(firm.adcode, "")
                yield (segment, word, firm.name, place, _("yes") if firm.is_local else _("no"), capital_wan, *said)


def notes_of(found: DraftEffect) -> tuple[str, ...]:
    """What the rows stand against; where the text has faults, that nothing can be said."""
    build_id, rulebook_hash = firms.versions()
    faulty = (_("It cannot be worked out while the text has faults:"),) if found.faults else ()
    return (*faulty, _("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash})
