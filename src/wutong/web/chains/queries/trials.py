"""What other numbers of the rulebook would change about a chain: its first target firms, and its verdicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.engine import chains, targets
from wutong.engine.ranked import Ranking, Target
from wutong.rulebook.load import Rulebook
from wutong.web.chains.queries import own as office
from wutong.web.chains.queries.targets import label_of
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.lib.hooks import TriedPart

MOST_ROWS = 20
MOST_REASONS = 3
NOTABLE_POINTS = 0.05
Lay = Callable[[Rulebook], Rulebook]


def tried(before: Lay, after: Lay, user: Any, on: dt.date, choice: str) -> tuple[TriedPart, ...]:
    """The first target firms of a chain and the verdicts on its segments, for the region of whoever asked, before and after."""
    build, region, known = warehouse.served(), firms.home_region(user), office.known()
    old, new = before(build.rulebook), after(build.rulebook)
    ranked = [targets.rank(build, book, region, choice, top=MOST_ROWS * 5, own=known) for book in (old, new)]
    verdicts = [chains.gaps(build, book, region, choice, own=known) for book in (old, new)]
    names = {segment.id: segment.name_zh if is_chinese() else segment.name_en for segment in new.chains[choice].segments}
    note = _("%(region)s, over the registry that serves.") % {"region": region.full_name or region.name}
    return (_of_targets(*ranked, note), _of_verdicts(names, *verdicts, note))


def _of_targets(old: Ranking, new: Ranking, note: str) -> TriedPart:
    """The first firms by the new rules: where each stood before, and which factors moved it; then those that left the first places."""
    was = {row.firm_id: row for row in old.rows}
    now = {row.firm_id: row for row in new.rows}
    rows = [_moved(row, was.get(row.firm_id)) for row in new.rows[:MOST_ROWS]]
    gone = [row for row in old.rows[:MOST_ROWS] if row.firm_id not in {one.firm_id for one in new.rows[:MOST_ROWS]}]
    for row in gone:
        at = now.get(row.firm_id)
        place = str(at.rank) if at else _("below %(count)s") % {"count": len(new.rows)}
        rows.append((row.name, str(row.rank), place, f"{row.score:.1f}", f"{at.score:.1f}" if at else "—", _factors(row, at)))
    columns = (_("Firm"), _("Place before"), _("Place after"), _("Score before"), _("Score after"), _("What moved it (points)"))
    stayed = sum(one.firm_id == two.firm_id for one, two in zip(old.rows[:MOST_ROWS], new.rows[:MOST_ROWS], strict=False))
    said = _("%(same)s of the first %(count)s places are held by the same firm.") % {"same": stayed, "count": min(MOST_ROWS, len(new.rows))}
    return TriedPart(_("First target firms"), columns, tuple(rows), (said, note))


def _moved(row: Target, before: Target | None) -> tuple[str, ...]:
    place = str(before.rank) if before else _("further back")
    return (row.name, place, str(row.rank), f"{before.score:.1f}" if before else "—", f"{row.score:.1f}", _factors(before, row))


def _factors(before: Target | None, after: Target | None) -> str:
    """Which factors bring more or fewer points than before, the greatest first."""
    if before is None or after is None:
        return "—"
    was = {reason.factor: reason.points or 0.0 for reason in before.reasons}
    moves = [(label_of(reason.factor), (reason.points or 0.0) - was.get(reason.factor, 0.0)) for reason in after.reasons]
    notable = sorted((move for move in moves if abs(move[1]) >= NOTABLE_POINTS), key=lambda move: -abs(move[1]))[:MOST_REASONS]
    parts = [f"{label} {points:+.1f}" for label, points in notable]
    return pgettext("between items", ", ").join(parts) or _("nothing")


def _of_verdicts(names: dict[str, str], old: Any, new: Any, note: str) -> TriedPart:
    """The segments that would be judged otherwise."""
    was = {row.segment: row.verdict for row in old.rows}
    rows = tuple(
        (names.get(row.segment, row.segment), str(firms.VERDICTS[was[row.segment]]), str(firms.VERDICTS[row.verdict]))
        for row in new.rows
        if was.get(row.segment) not in (None, row.verdict)
    )
    said = _("%(count)s of %(all)s segments would be judged otherwise.") % {"count": len(rows), "all": len(new.rows)}
    return TriedPart(_("Verdicts on gaps"), (_("Segment"), _("Verdict before"), _("Verdict after")), rows, (said, note))
