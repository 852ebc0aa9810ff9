"""What a rule document would change: what it can be tried on, how it is worked out, and what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.db.models import QuerySet

from wutong.rulebook import documents, load
from wutong.rulebook.documents import Version
from wutong.rulebook.load import Rulebook
from wutong.web.lib import hooks
from wutong.web.lib.hooks import RuleTrial, TriedPart
from wutong.web.rulebooks.models import RuleVersion, Trial
from wutong.web.rulebooks.queries import documents as found
from wutong.web.rulebooks.queries import in_force

Lay = Callable[[Rulebook], Rulebook]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a version can be tried on, with what there is to choose."""

    trial: RuleTrial
    choices: tuple[tuple[str, str], ...]


class NamesOfTrials(Mapping[str, Any]):
    """What can be tried, by code, in words; rooms are asked when an entry is read, for not all are there when this is declared."""

    def __getitem__(self, code: str) -> Any:
        return hooks.rule_trials()[code].label

    def __iter__(self) -> Iterator[str]:
        return iter(hooks.rule_trials())

    def __len__(self) -> int:
        return len(hooks.rule_trials())


def of_version(version: RuleVersion) -> QuerySet[Trial]:
    """The trials of a version, the newest first: that they were made, by whom and when. What one found only its own asker reads."""
    return version.trials.select_related("by", "job")[:10]


def concerned(version: RuleVersion) -> tuple[RuleTrial, ...]:
    """What a version can be tried on: whatever rests on a leaf that it speaks of."""
    names = tuple(found.read_of(version).leaves)
    return tuple(trial for trial in hooks.rule_trials().values() if any(name.startswith(trial.leaves) for name in names))


def offers(version: RuleVersion, user: Any) -> tuple[Offer, ...]:
    """What a person may have tried of an open version."""
    if not version.is_open or version.begins_on is None:
        return ()
    return tuple(Offer(trial, trial.choices(user) if trial.choices else ()) for trial in concerned(version))


def day_of(version: RuleVersion) -> dt.date:
    """The day on which all that a version changes holds."""
    read = found.read_of(version)
    old = found.leaves_of(version.kind, found.text_of_number(version.kind, version.base_number))
    begins_on = version.begins_on or dt.date.min
    changes = documents.between(old, read.leaves, load.rulebook(), begins_on=begins_on)
    return max([begins_on, *(change.on for change in changes if change.on)])


def lays(version: RuleVersion, on: dt.date) -> tuple[Lay, Lay]:
    """The rules without and with a version, as of a day."""
    known = in_force.approved()
    mine = Version(version.kind, version.number, version.begins_on or on, version.text)
    return _lay(known, on), _lay((*known, mine), on)


def _lay(versions: tuple[Version, ...], on: dt.date) -> Lay:
    return partial(documents.over, versions=versions, asked_on=on)


def tried(trial: Trial, user: Any) -> tuple[TriedPart, ...]:
    """Work a trial out, over what the person may see."""
    on = day_of(trial.version)
    before, after = lays(trial.version, on)
    return hooks.rule_trials()[trial.of].run(before, after, user, on, trial.choice)


def plain(parts: tuple[TriedPart, ...]) -> dict[str, Any]:
    """What was found, as it is kept."""
    return {"parts": [asdict(part) for part in parts]}


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One table of a trial. Shape: a column is (label, whether it holds figures); a cell is (text, label, whether it is a figure)."""

    title: str
    notes: tuple[str, ...]
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str, bool], ...], ...]


@dataclass(frozen=True, slots=True)
class TrialPage:
    """A trial as its page shows it. `is_outdated`: the draft was changed since."""

    trial: Trial
    label: str
    parts: tuple[ShownPart, ...]
    is_outdated: bool


def page(trial: Trial) -> TrialPage:
    """What was found, and whether it still speaks of the text as it is."""
    known = hooks.rule_trials().get(trial.of)
    version = trial.version
    is_outdated = trial.text_hash != version.text_hash or trial.begins_on != version.begins_on
    parts = tuple(map(_shown, (trial.result or {}).get("parts", ())))
    return TrialPage(trial, str(known.label) if known else trial.of, parts, is_outdated)


def _shown(part: Mapping[str, Any]) -> ShownPart:
    rows, labels = part["rows"], part["columns"]
    figures = [at > 0 and any(row[at][:1].isdigit() for row in rows) for at in range(len(labels))]
    cells = tuple(tuple(zip(row, labels, figures, strict=True)) for row in rows)
    return ShownPart(part["title"], tuple(part["notes"]), tuple(zip(labels, figures, strict=True)), cells)
