"""The text of a rule tried on the facts that old runs kept, one run or several at once: what moves, unit by unit, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.assessment.models import Run, Scheme, SchemeVersion
from wutong.web.assessment.queries import comparisons, pages, versions
from wutong.web.assessment.queries.comparisons import Compared, MovedUnit
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.assessment.rules.runs import KEPT

MOST_OFFERED = 36


@dataclass(frozen=True, slots=True)
class Trial:
    """A run as the text would have it, or why it cannot be told. `address`: the comparison with its Excel; "" of a text not kept."""

    run: Run
    compared: Compared | None
    fault: str
    address: str

    @property
    def up(self) -> int:
        """How many stand higher."""
        return sum((one.places or 0) > 0 for one in self._moved)

    @property
    def down(self) -> int:
        """How many stand lower."""
        return sum((one.places or 0) < 0 for one in self._moved)

    @property
    def _moved(self) -> tuple[MovedUnit, ...]:
        return self.compared.moved if self.compared is not None else ()


@dataclass(frozen=True, slots=True)
class Across:
    """A unit in every run that was tried; None where it is not in it."""

    unit: str
    cells: tuple[MovedUnit | None, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial tells. `fault`: why nothing could be tried; `across`: units by runs, where there is more than one."""

    trials: tuple[Trial, ...] = ()
    fault: str = ""

    @property
    def told(self) -> tuple[Trial, ...]:
        """The runs on which it could be tried."""
        return tuple(one for one in self.trials if one.compared is not None)

    @property
    def across(self) -> tuple[Across, ...]:
        """Units by runs: those that move in the most runs first."""
        by_run = [{one.unit: one for one in (*trial.compared.moved, *trial.compared.stayed)} for trial in self.told if trial.compared]
        if len(by_run) < 2:
            return ()
        names = dict.fromkeys(name for units in by_run for name in units)
        found = [Across(name, tuple(units.get(name) for units in by_run)) for name in names]
        return tuple(sorted(found, key=lambda one: -sum(1 for cell in one.cells if cell is not None and cell.is_moved)))


def may_try(user: Any, version: SchemeVersion) -> bool:
    """Whether a person may try a text: a draft whoever writes it, what was submitted whoever keeps the scheme, as for its runs."""
    scheme: Scheme = version.scheme
    if scheme.kind != SchemeKind.SCORING:
        return False
    return versions.may(user, version)["may_edit"] if version.is_draft else pages.keeps(user, scheme)


def runs_to_try(user: Any, scheme: Scheme) -> tuple[Run, ...]:
    """The newest frozen, approved and published runs of a scheme, then those of schemes of its unit that measure alike.

    Why: a new rule often is a new scheme.
    """
    alike = Q(scheme__unit=scheme.unit_id, scheme__kind=scheme.kind, scheme__measures=scheme.measures)
    found = Run.objects.visible_to(user).filter(Q(scheme=scheme) | alike, state__in=sorted(KEPT)).select_related("scheme__unit", "version")
    own = Case(When(scheme=scheme, then=0), default=1)
    return tuple(
        one for one in found.order_by(own, "-on", "-pk")[:MOST_OFFERED] if one.scheme_id == scheme.pk or pages.keeps(user, one.scheme)
    )


def tried(version: SchemeVersion, runs: Sequence[Run], text: str) -> Tried:
    """Each of some runs as this text would have it, by the facts that were kept with it."""
    rule, faults = versions.read_of(version.scheme, text)
    if not isinstance(rule, ScoringRule) or faults:
        return Tried(fault=_("The rule has faults: mend them first."))
    return Tried(tuple(_trial(version, run, rule, is_kept=text == version.text) for run in runs))


def _trial(version: SchemeVersion, run: Run, rule: ScoringRule, *, is_kept: bool) -> Trial:
    try:
        compared = comparisons.by_text(run, rule, pgettext("trial of a rule", "the text as it stands"))
    except comparisons.NotComparable as error:
        return Trial(run, None, str(error), "")
    may_open = is_kept and version.pk != run.version_id
    address = f"{reverse('assessment:compare', args=[run.public_id])}?version={version.public_id}" if may_open else ""
    return Trial(run, compared, "", address)
