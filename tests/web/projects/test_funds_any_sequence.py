"""No sequence of entering, reviewing, reversing and closing breaks the sums: what is recognised is what stands, closed months stay."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import factories
from cast import Cast
from wutong.web.projects.actions import funds
from wutong.web.projects.models import FundsBook, FundsCounted, FundsEntry, FundsMonth, FundsProof, FundsReview, Project
from wutong.web.projects.queries import books, recognition
from wutong.web.projects.rules.funds import FundsKind, Money, Proof, State

SEQUENCES, STEPS, PROJECTS = 15, 30, 3
MONTHS = 4
CHANCES = ("enter", "enter", "hand_in", "hand_in", "accept", "accept", "accept", "reject", "reverse", "close", "close", "wait")
TRANSFER = frozenset({Proof.BANK_RECEIPT})


@dataclass
class Walk:
    """A random walk over the ledger beside a book kept by hand: entry → what counts of it, and month → what was closed."""

    seed: int
    cast: Cast
    projects: list[Project]
    now: dt.datetime
    by_hand: dict[int, Decimal] = field(default_factory=dict)
    closed: dict[dt.date, tuple[Decimal, int]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.scans = {project.pk: factories.scan(project) for project in self.projects}

    def step(self) -> None:
        """One action by chance; what is refused changes nothing."""
        name = self.random.choice(
            ["enter", "enter", "hand_in", "hand_in", "accept", "accept", "accept", "reject", "reverse", "close", "wait"]
        )
        try:
            self.done[name] += 1 if getattr(self, name)() else 0
        except funds.Refused:
            self.done[f"{name} refused"] += 1

    def _any(self, state: State) -> FundsEntry | None:
        """Mostly an entry that stands so, sometimes any."""
        there = FundsEntry.objects.filter(project__in=self.projects).select_related("reversal").prefetch_related("reviews")
        found = list(there.order_by("pk"))
        fitting = [entry for entry in found if entry.state() is state]
        return self.random.choice(fitting if fitting and self.random.random() < 0.7 else found) if found else None

    def wait(self) -> bool:
        self.now += dt.timedelta(days=self.random.randint(5, 25))
        return True

    def enter(self) -> bool:
        day = self.now.date() - dt.timedelta(days=self.random.randint(0, 50))
        kind = self.random.choice([FundsKind.TRANSFER, FundsKind.TRANSFER, FundsKind.LAND])
        proofs = frozenset({Proof.LAND_RECEIPT}) if kind is FundsKind.LAND else TRANSFER
        money = Money(kind, Decimal(self.random.choice([100, 200, 300])), day, proofs=proofs)
        number = f"{self.seed}-{self.random.randint(1, 12)}"
        project = self.random.choice(self.projects)
        file = self.scans[project.pk] if self.random.random() < 0.8 else None
        funds.enter(project=project, money=money, number=number, attachment=file, by=self.cast.park_officer, at=self.now)
        return True

    def hand_in(self) -> bool:
        entry = self._any(State.ENTERED)
        return entry is not None and bool(funds.hand_in_review(entry=entry, by=self.cast.park_officer, at=self.now))

    def accept(self) -> bool:
        entry = self._any(State.HANDED_IN)
        if entry is None:
            return False
        funds.review(entry=entry, is_accepted=True, by=self.cast.bureau_leader, at=self.now, apart=self.random.choice(["", "两笔"]))
        self.by_hand[entry.pk] = Decimal(0) if entry.kind == "land" else entry.amount
        return True

    def reject(self) -> bool:
        entry = self._any(State.HANDED_IN)
        return entry is not None and bool(funds.review(entry=entry, is_accepted=False, words="x", by=self.cast.bureau_leader, at=self.now))

    def reverse(self) -> bool:
        entry = self._any(State.ACCEPTED)
        if entry is None:
            return False
        funds.reverse(entry=entry, reason="x", by=self.cast.bureau_leader, at=self.now)
        self.by_hand.pop(entry.pk, None)
        return True

    def close(self) -> bool:
        month = self.now.date().replace(day=1) - dt.timedelta(days=1)
        funds.close_month(month=month, by=self.cast.bureau_leader, at=self.now)
        return True

    def broken(self) -> list[str]:
        """What does not hold."""
        found = []
        recognised = sum((line.recognised_yuan or Decimal(0) for line in self._lines()), Decimal(0))
        if recognised != sum(self.by_hand.values()):
            found.append(f"recognised {recognised}, by hand {sum(self.by_hand.values())}")
        for one in FundsMonth.objects.all():
            now = (books.sums_of(one.month)["recognised_yuan"], books.sums_of(one.month)["counted_entries"])
            if self.closed.setdefault(one.month, now) != now or (one.recognised_yuan, one.counted_entries) != now:
                found.append(f"{one} changed: {now}")
        found += [f"{month} changed" for month in books.changed_months()]
        book = FundsBook.objects.filter(pk=1).first()
        if book is not None and book.open_from and any(month >= book.open_from for month in self.closed):
            found.append("a closed month is open")
        held = Counter(FundsProof.objects.values_list("key", flat=True))
        if any(number > 1 for number in held.values()):
            found.append("a proof is used twice")
        table = books.by_month(self.cast.bureau_leader, since=dt.date(2025, 1, 1), until=dt.date(2028, 1, 1))
        counting = FundsReview.objects.counting().filter(entry__held_proofs__isnull=False)
        papers = Counter(counting.exclude(words="两笔").values_list("entry__held_proofs__paper", flat=True))
        if any(number > 1 for number in papers.values()):
            found.append("two entries of one number and sum count without a word why")
        if table.recognised_yuan() != recognised:
            found.append(f"months come to {table.recognised_yuan()}, entries to {recognised}")
        sums = ("counted_on", "recognised_yuan", "value_yuan", "foreign_yuan", "foreign_usd")
        reviewed = set(FundsReview.objects.counting().values_list("entry", "entry__project", *sums))
        if set(FundsCounted.objects.values_list("entry", "project", *sums)) != reviewed:
            found.append("what the database wrote down as counted is not what was accepted")
        return found

    def _lines(self) -> list[Any]:
        return [line for project in self.projects for line in books.of_project(self.cast.bureau_leader, project).lines]


def test_no_sequence_of_actions_breaks_the_sums(cast: Cast) -> None:
    answers = dict.fromkeys(recognition.ANSWERS, False) | {"pays_local_tax": True}
    done: Counter[str] = Counter()
    projects: list[Project] = []
    by_hand: dict[int, Decimal] = {}
    closed: dict[dt.date, tuple[Decimal, int]] = {}
    now = factories.AT
    for seed in range(SEQUENCES):  # the office goes on: each walk begins where the last one ended
        if len(projects) < PROJECTS:
            projects.append(factories.project(cast.park_officer, origin_kind="private", origin_adcode="990200"))
            funds.describe(project=projects[-1], answers=answers, by=None, at=factories.AT)
        walk = Walk(seed, cast, projects, now, by_hand, closed)
        for _ in range(STEPS):
            walk.step()
        assert walk.broken() == [], f"seed {seed} after {dict(walk.done)}"
        now = walk.now
        done += walk.done
    wanted = {"enter", "hand_in", "accept", "reject", "reverse", "close", "wait", "accept refused", "reverse refused", "close refused"}
    assert wanted <= set(done)
    assert FundsMonth.objects.count() >= MONTHS and sum(by_hand.values()) > 0
    assert FundsReview.objects.counting().filter(recognised_yuan__lt=0).exists()
