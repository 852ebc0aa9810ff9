"""The facts of the rates as this process has read them: kept in memory, and read on where something of a project changed.

Whatever a rate looks at leaves another `RatedStamp` to its project, by triggers of the database, so that no action can forget it. These are
numbers by chance: so long as their count and sum are what they were, so are the facts. Where they are not, those projects are read anew
whose number differs. Beside the facts lies what each project gives to a rate by a definition, for a day and a cohort: none looks at
another, so a rate of any projects is put together from it. Which projects a person may see is asked of `visible_to` at every page.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from threading import RLock
from typing import Any

from django.db.models import Count, Sum

from wutong.rulebook.lifecycle import Lifecycle
from wutong.rulebook.rates import Definition, Event
from wutong.web.projects.models import Project, RatedStamp
from wutong.web.projects.queries import lifecycles, rated
from wutong.web.projects.rules import rates as rules
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.rates import Cohort, Journey, Judged, Missing

ZERO = Decimal(0)
AT_ONCE = 500
MOST_KEPT = 24
"""How many questions (a definition, a day, a cohort) keep their answers."""


_day = itemgetter(0)


@dataclass(eq=False)
class Held:
    """The facts of the database as far as this process has read them. Safe to use from several threads."""

    lock: Any = field(default_factory=RLock)
    _told: tuple[int, int] | None = None
    _life: Lifecycle | None = None
    _stamps: dict[int, int] = field(default_factory=dict)
    _facts: dict[int, RatedProject] = field(default_factory=dict)
    _answers: OrderedDict[Any, dict[int, Any]] = field(default_factory=OrderedDict)
    _by_day: dict[dt.date, Decimal] = field(default_factory=dict)

    def facts(self, key: int) -> RatedProject | None:
        """What is held of a project. Why locked: while what changed is read on, it is not held."""
        with self.lock:
            return self._facts.get(key)

    def arrived(self, keys: Iterable[int], *, since: dt.date, until: dt.date) -> dict[dt.date, Decimal]:
        """Recognised money of these projects by the day on which it counts, from one day to another. Units: yuan.

        Where these are most of them, it is that of all less that of the others: a leader sees thousands, and all but some.
        """
        with self.lock:
            asked = self._facts.keys() & set(keys)
            others = self._facts.keys() - asked
            sums = {day: yuan for day, yuan in self._by_day.items() if since <= day <= until} if len(others) < len(asked) else {}
            less = bool(sums)
            for key in others if less else asked:
                money = self._facts[key].arrived
                for day, yuan in money[bisect_left(money, since, key=_day) :]:
                    if day > until:
                        break
                    sums[day] = sums.get(day, ZERO) + (-yuan if less else yuan)
            return sums

    def judged(self, definition: Definition, keys: Iterable[int], *, as_of: dt.date, cohort: Cohort) -> Mapping[int, Judged]:
        """By key of the project, what each of these gives to a rate."""
        asked = (definition.code, as_of, cohort.starts_on, cohort.ends_on)
        return self._answered(asked, definition, keys, lambda one: rules.judge(definition, one, as_of=as_of, cohort=cohort))

    def journeys(self, event: Event, keys: Iterable[int], *, as_of: dt.date, cohort: Cohort) -> Mapping[int, Journey | Missing | None]:
        """By key of the project, how far each of these came."""
        asked = ("funnel", event.code, as_of, cohort.starts_on, cohort.ends_on)
        return self._answered(asked, event, keys, lambda one: rules.journey(one, event, as_of=as_of, cohort=cohort))

    def _answered(self, asked: Any, rule: Any, keys: Iterable[int], answer: Callable[[RatedProject], Any]) -> dict[int, Any]:
        """The answers to a question, those that are not known yet worked out. A rule that changed is another question."""
        with self.lock:
            known = self._answers.setdefault((asked, rule), {})
            self._answers.move_to_end((asked, rule))
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)
            found = {}
            for key in keys:
                if key not in known and key in self._facts:
                    known[key] = answer(self._facts[key])
                if key in known:
                    found[key] = known[key]
            return found

    def read(self) -> None:
        """Read on what changed; one question where nothing did. Why the numbers first: what changes between is read the next time."""
        with self.lock:
            counted = RatedStamp.objects.aggregate(n=Count("pk"), sum=Sum("number", default=0))
            told, life = (counted["n"], counted["sum"]), lifecycles.in_force()
            if life != self._life:
                self._stamps, self._told = {}, None
            if told == self._told:
                return
            now = dict(RatedStamp.objects.values_list("project_id", "number"))
            changed = [key for key, number in now.items() if self._stamps.get(key) != number]
            gone = [key for key in self._facts if key not in now]
            for key in (*changed, *gone):
                self._count(self._facts.pop(key, None), -1)
                for answers in self._answers.values():
                    answers.pop(key, None)
            for at in range(0, len(changed), AT_ONCE):
                read = rated.by_key(Project.objects.filter(pk__in=changed[at : at + AT_ONCE]))
                for one in read.values():
                    self._count(one, 1)
                self._facts |= read
            self._stamps, self._told, self._life = now, told, life

    def _count(self, one: RatedProject | None, times: int) -> None:
        """Put the money of a project to that of all, or take it away."""
        for day, yuan in one.arrived if one else ():
            self._by_day[day] = self._by_day.get(day, ZERO) + times * yuan


held = Held()


def warm() -> None:
    """Read all facts before the first page of rates."""
    held.read()
