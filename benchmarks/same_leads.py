"""How well the duplicate check of first claim finds leads of one firm among 100,000, and how long it takes. Prints JSON, without names.

    python benchmarks/same_leads.py ../shared/data            # measure
    python benchmarks/same_leads.py ../shared/data --fit      # weights and thresholds that the even half gives
    python benchmarks/same_leads.py ../shared/data --errors   # also print what went wrong, with names (to the terminal only)

How the labelled set is made (seed 5, nothing by hand): 100,000 leads, each of one real firm by one name, with place, products and
amount as often as leads give them, never a credit code, a contact or a registry id: names carry the answer. To these are put questions
whose answer is known. Of firms in the index: short and full names of listed companies either way, the same with a slip, firms given a
new name beside the former one, other legal forms, slips of typing in full names, traditional and full-width characters, regions left
out or moved, what people say (trade name and trade), the trade name alone. Of firms not in the index, of which it holds the one most
like them: the same name in another region; another trade of the same trade name and region; one real character apart in the same
region; the same name but for the legal form, with another code; branches of a parent or of a sister; short names of absent listed
companies; any firm. Renamed, mistyped and colloquial names are made by rule from real ones; hard non-duplicates are pairs of real firms
with different codes. Firms fall into halves by a hash of their name: weights and thresholds come from the even half, and the odd one is
measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import lzma
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz, process

from wutong.engine import divisions, filed_names, names, traditional
from wutong.engine.filed_likeness import RELATIONS, Kind
from wutong.engine.filed_names import FiledName
from wutong.engine.same_leads import Filed, FiledLeads, Numbers, Verdict
from wutong.rulebook import load

ON = dt.date(2026, 11, 26)
SEED = 5
LEADS = 100_000
EACH = 300
READ = 180_000
PEER_QUESTIONS = 400
PRECISION = 0.98
BY_HAND = {
    Kind.SHORT_NAME_SAME,
    Kind.CODE,
    Kind.OTHER_CODE,
    Kind.FIRM,
    Kind.OTHER_FIRM,
    Kind.CONTACT,
    Kind.AMOUNT,
    Kind.OTHER_AMOUNT,
    Kind.UNNAMED,
    Kind.UNLIKE,
}
FITTED = [kind for kind in Kind if kind not in RELATIONS and kind not in BY_HAND]
FORMS = ("有限公司", "有限责任公司", "股份有限公司")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Firm:
    """A real firm: what its leads are drawn from."""

    name: str
    uscc: str
    scope: str
    read: FiledName


@dataclass(frozen=True)
class Question:
    """A lead to be asked for. `wanted`: key of the lead that is of the same firm, "" where there is none; `group`: of the related one."""

    kind: str
    filed: Filed
    wanted: str = ""
    group: str = ""

    @property
    def is_even(self) -> bool:
        return zlib.crc32((self.wanted or self.group or self.filed.names[0]).encode()) % 2 == 0


class Makers:
    """Draws leads and questions. Every draw comes from one generator, so the set is the same each time."""

    def __init__(self, folder: Path, size: int, each: int) -> None:
        self.rng = np.random.default_rng(SEED)
        self.size, self.each = size, each
        self.atlas = divisions.atlas()
        self.firms = list(self._registry(folder))
        self.by_key = {firm.read.key: firm for firm in self.firms}
        self.listed = list(self._listed(folder))
        with lzma.open(folder / "branches.csv.xz") as file:
            self.branches = pl.read_csv(io.BytesIO(file.read()), columns=["parent", "branch"])
        self.leads: dict[str, Filed] = {}
        self.barred: set[str] = set()
        self.questions: list[Question] = []
        self.sounds: dict[str, list[str]] = defaultdict(list)
        marks = Counter(mark for firm in self.firms for mark in firm.read.stem)
        for mark, count in marks.most_common():
            if count > 20 and filed_names.sound(mark):
                self.sounds[filed_names.sound(mark)].append(mark)
        self.marks = [mark for mark, _ in marks.most_common(1500)]

    def _registry(self, folder: Path) -> Iterator[Firm]:
        frame = pl.read_parquet(folder / "firms.parquet", columns=["uscc", "name", "scope"]).drop_nulls(["uscc", "name"])
        frame = frame.filter(pl.col("uscc").str.len_chars() == 18).unique("name", keep="none", maintain_order=True)
        frame = frame.filter(pl.col("name").str.contains("(?:公司|厂)$")).sample(min(READ, len(frame)), seed=SEED)
        seen: set[str] = set()
        for uscc, name, scope in frame.rows():
            read = filed_names.read(name)
            if len(read.stem) >= 2 and not read.parent and read.key not in seen and not read.is_nobody:
                seen.add(read.key)
                yield Firm(name, uscc.upper(), scope or "", read)

    def _listed(self, folder: Path) -> Iterator[tuple[str, Firm]]:
        products: dict[str, list[str]] = defaultdict(list)
        for code, word in pl.read_csv(folder / "listed/company_product.csv", columns=["code", "product"]).rows():
            products[code].append(word)
        for code, short, name in pl.read_csv(folder / "listed/companies.csv", columns=["code", "short_name", "name"]).rows():
            known = self.by_key.get(filed_names.read(name).key)
            yield short, Firm(name, known.uscc if known else "", "、".join(products.get(code, ())), filed_names.read(name))

    def place(self, firm: Firm) -> str:
        """Where a firm is: by its code, else by the region in its name."""
        found = self.atlas.present(firm.uscc[2:8]) if firm.uscc else None
        if found:
            return found.adcode
        code = firm.read.places[0] if len(firm.read.places) == 1 else ""
        return code.ljust(6, "0") if code else ""

    def lead(self, firm: Firm, *called: str, always: bool = False) -> Filed:
        """A lead of a firm: place in 80 of 100 (8 of them wrong), two of its products in 70, an amount in 60."""
        place = self.place(firm) if always or self.rng.random() < 0.8 else ""
        if place and self.rng.random() < 0.1:
            place = self.place(self.firms[int(self.rng.integers(len(self.firms)))])
        words = [word for word in _phrases(firm.scope) if 2 <= len(word) <= 10][:6]
        drawn = self.rng.choice(len(words), min(2, len(words)), replace=False).tolist() if words else []
        said = tuple(words[at] for at in drawn) if always or self.rng.random() < 0.7 else ()
        amount = float(np.exp(self.rng.normal(9, 1.2))) if self.rng.random() < 0.6 else None
        key = f"q{len(self.questions)}" if not called else called[0]
        return Filed(key, called or (firm.name,), place_code=place, products=said, amount_wan=amount)

    def hold(self, firm: Firm, *called: str) -> str:
        """Put a lead of a firm into the index."""
        key = firm.name
        if key not in self.leads:
            self.leads[key] = replace(self.lead(firm, *(called or (firm.name,))), key=key)
        self.barred.add(firm.read.key)
        return key

    def ask(self, kind: str, firm: Firm, *called: str, wanted: str = "", group: str = "", always: bool = False) -> None:
        """Note a question."""
        filed = replace(self.lead(firm, *called, always=always), key=f"q{len(self.questions)}")
        self.barred.add(firm.read.key)
        self.questions.append(Question(kind, filed, wanted, group))

    def drawn(self, fits: Callable[[Firm], bool], most: int) -> Iterator[Firm]:
        """Firms not drawn before."""
        found = 0
        for at in self.rng.permutation(len(self.firms)).tolist():
            firm = self.firms[at]
            if found < most and firm.read.key not in self.barred and fits(firm):
                found += 1
                yield firm
            if found >= most:
                return

    # What is of one firm.

    def of_listed(self) -> None:
        order = self.rng.permutation(len(self.listed)).tolist()
        for turn, at in enumerate(order):
            short, firm = self.listed[at]
            if names.key(short) == firm.read.key or firm.read.key in self.barred:
                continue
            if turn < self.each * 2:
                self.ask("short for a full name", firm, short, wanted=self.hold(firm))
            elif turn < self.each * 4:
                self.ask("full for a short name", firm, firm.name, wanted=self.hold(firm, short))
            elif turn < self.each * 5:
                wrong = self.sounding(short)
                if wrong:
                    self.ask("short name with a slip", firm, wrong, wanted=self.hold(firm))
            elif turn < self.each * 6:
                self.ask("short name of an absent firm", firm, short)
            elif turn < self.each * 12:
                self.hold(firm)

    def of_registry(self) -> None:
        made: dict[str, Callable[[Firm], str]] = {
            "legal form": self.other_form,
            "slip": self.slip,
            "script": self.script,
            "region": self.other_region,
            "what people say": lambda firm: firm.read.stem[: len(firm.read.core) + 2] if len(firm.read.stem) > len(firm.read.core) else "",
            "trade name alone": lambda firm: firm.read.core if len(firm.read.core) < len(firm.read.stem) else "",
        }
        for kind, make in made.items():
            for firm in self.drawn(lambda firm: 2 <= len(firm.read.core) <= 4 and firm.read.is_full, self.each):
                said = make(firm)
                if said and said != firm.name:
                    self.ask(kind, firm, said, wanted=self.hold(firm), always=kind == "trade name alone")
        lent = [firm.read.core for firm in self.drawn(lambda firm: len(firm.read.core) == 2, self.each)]
        for turn, (firm, core) in enumerate(zip(self.drawn(lambda firm: len(firm.read.core) == 2, self.each), lent, strict=True)):
            new = firm.name.replace(firm.read.core, core, 1)
            if turn % 2:
                self.ask("renamed", firm, firm.name, wanted=self.hold(firm, new, firm.name))
            else:
                self.ask("renamed", firm, new, firm.name, wanted=self.hold(firm))

    def other_form(self, firm: Firm) -> str:
        given = next((form for form in sorted(FORMS, key=len, reverse=True) if firm.name.endswith(form)), "")
        if not given:
            return ""
        front = firm.name.removesuffix(given)
        if self.rng.random() < 0.2:
            return front.removesuffix("集团") + given if front.endswith("集团") else f"{front}(集团){given}"
        return front + str(self.rng.choice([form for form in FORMS if form != given]))

    def sounding(self, text: str) -> str:
        spots = [at for at, mark in enumerate(text) if len(self.sounds.get(filed_names.sound(mark), ())) > 1]
        if not spots or len(text) < 3:
            return ""
        at = int(self.rng.choice(spots))
        others = [mark for mark in self.sounds[filed_names.sound(text[at])][:8] if mark != text[at]]
        return text[:at] + str(self.rng.choice(others)) + text[at + 1 :] if others else ""

    def slip(self, firm: Firm) -> str:
        begin = firm.name.find(firm.read.stem)
        if begin < 0 or len(firm.read.stem) < 3:
            return ""
        stem, drawn = firm.read.stem, self.rng.random()
        at = int(self.rng.integers(len(stem) - 1))
        if drawn < 0.5:
            wrong = self.sounding(stem)
        elif drawn < 0.65:
            wrong = stem[:at] + stem[at + 1] + stem[at] + stem[at + 2 :]
        elif drawn < 0.8:
            wrong = stem[:at] + stem[at + 1 :]
        elif drawn < 0.9:
            wrong = stem[:at] + stem[at] + stem[at:]
        else:
            wrong = stem[:at] + str(self.rng.choice(self.marks)) + stem[at + 1 :]
        return firm.name[:begin] + wrong + firm.name[begin + len(stem) :] if wrong and wrong != stem else ""

    def script(self, firm: Firm) -> str:
        back = {pair[1]: pair[0] for pair in traditional.PAIRS.split()}
        drawn = self.rng.random()
        if drawn < 0.6:
            return "".join(back.get(mark, mark) for mark in firm.name)
        wide = firm.name.replace("(", "（").replace(")", "）")
        return " ".join(wide) if drawn < 0.8 else f"\u3000{wide}．"

    def other_region(self, firm: Firm) -> str:
        read, drawn = firm.read, self.rng.random()
        if len(read.tails) < 2 or len(read.stem) < 3:
            return ""
        front = read.whole[: len(read.whole) - len(read.stem)]
        rest = firm.name[firm.name.find(read.stem) :] if read.stem in firm.name else ""
        if not rest:
            return ""
        if drawn < 0.6:
            return rest
        form = next((form for form in sorted(FORMS, key=len, reverse=True) if rest.endswith(form)), "")
        if drawn < 0.8 and form:
            return f"{rest.removesuffix(form)}（{front}）{form}"
        division = self.atlas.divisions.get(self.place(firm))
        path = self.atlas.path(division.adcode) if division and division.adcode.startswith(read.places) else ""
        return path + rest if path and path != front else rest

    # What is not, however like it.

    def unlike(self) -> None:
        by_stem: dict[str, list[Firm]] = defaultdict(list)
        by_core: dict[tuple[object, str], list[Firm]] = defaultdict(list)
        by_hole: dict[tuple[object, str], list[Firm]] = defaultdict(list)
        by_whole: dict[str, list[Firm]] = defaultdict(list)
        for firm in self.firms:
            read = firm.read
            by_stem[read.stem].append(firm)
            by_whole[read.whole].append(firm)
            if read.places and len(read.core) >= 2:
                by_core[read.places, read.core].append(firm)
                for at in range(len(read.stem)):
                    by_hole[read.places, f"{read.stem[:at]}*{read.stem[at + 1 :]}"].append(firm)
        kinds: dict[str, tuple[Iterable[list[Firm]], Callable[[FiledName, FiledName], bool]]] = {
            "same name, other region": (by_stem.values(), lambda a, b: filed_names.near_of(a.places, b.places) == "other"),
            "same trade name and region, other trade": (by_core.values(), lambda a, b: a.stem != b.stem and a.whole != b.whole),
            "one real character apart": (by_hole.values(), lambda a, b: a.stem != b.stem and a.form == b.form),
            "same but for the legal form, other code": (by_whole.values(), lambda a, b: a.key != b.key),
        }
        for kind, (groups, fits) in kinds.items():
            self.pairs(kind, [group for group in groups if len(group) > 1], fits)
        for firm in self.drawn(lambda _: True, self.each * 2):
            self.ask("any firm", firm, firm.name)

    def pairs(self, kind: str, groups: list[list[Firm]], fits: Callable[[FiledName, FiledName], bool]) -> None:
        found = 0
        for at in self.rng.permutation(len(groups)).tolist():
            free = [firm for firm in groups[at] if firm.read.key not in self.barred]
            pair = next(((a, b) for a in free for b in free if a.uscc != b.uscc and fits(a.read, b.read)), None)
            if pair is None:
                continue
            group = "" if kind == "same name, other region" else pair[0].name
            self.ask(kind, pair[1], pair[1].name, group=group)
            self.hold(pair[0])
            found += 1
            if found == self.each:
                return

    def of_branches(self) -> None:
        rows = self.branches.unique("parent", maintain_order=True, keep="first").sort("parent")
        for turn, at in enumerate(self.rng.permutation(len(rows)).tolist()[: self.each * 2]):
            parent, branch = rows.row(at)
            home = Firm(parent, "", "", filed_names.read(parent))
            if home.read.key in self.barred:
                continue
            arm = Firm(branch, "", "", filed_names.read(branch))
            if turn % 2:
                self.ask("branch of a parent", arm, branch, group=self.hold(home))
            else:
                self.ask("parent of a branch", home, parent, group=self.hold(arm))

    def filled(self) -> None:
        """The rest of the index: any firms that no question is about."""
        for firm in self.drawn(lambda _: True, self.size - len(self.leads)):
            self.leads[firm.name] = replace(self.lead(firm, firm.name), key=firm.name)


def _phrases(scope: str) -> list[str]:
    text = scope
    for mark in "，,；;。：:（）()":
        text = text.replace(mark, "、")
    return [word for word in text.split("、") if word]


def made(folder: Path, size: int = LEADS, each: int = EACH) -> Makers:
    """The labelled set."""
    makers = Makers(folder, size, each)
    makers.unlike()
    makers.of_branches()
    makers.of_listed()
    makers.of_registry()
    makers.filled()
    return makers


@dataclass(frozen=True)
class Answer:
    """What a question found. Shape: `flagged` (share, is right, verdict) of the same and suspected."""

    question: Question
    flagged: tuple[tuple[float, bool, Verdict, str], ...]
    related: frozenset[str]


def answered(index: FiledLeads, questions: list[Question], numbers: Numbers) -> tuple[list[Answer], dict[str, float]]:
    """Ask all, with the time each took."""
    answers, clock, cpu = [], [], []
    for question in questions:
        began, worked = time.perf_counter(), time.process_time()
        found = index.candidates(question.filed, numbers)
        clock.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        flagged = [row for row in found if row.verdict is not Verdict.RELATED]
        answers.append(
            Answer(
                question,
                tuple((row.firm_share, row.key == question.wanted, row.verdict, row.key) for row in flagged),
                frozenset(row.key for row in found if row.verdict is Verdict.RELATED),
            )
        )
    return answers, {**_times("ms_by_clock", clock), **_times("ms_of_processor", cpu)}


def _times(name: str, seconds: list[float]) -> dict[str, float]:
    found = np.array(seconds) * 1000
    return {
        f"{name}_{label}": round(float(value), 1)
        for label, value in zip(("median", "p95", "worst"), [*np.percentile(found, [50, 95]), found.max()], strict=True)
    }


def rates(answers: list[Answer], least: float, verdicts: tuple[Verdict, ...] = (Verdict.SAME, Verdict.SUSPECTED)) -> dict[str, float]:
    """Precision over everything flagged, recall over the questions that have an answer."""
    said = [(right, answer) for answer in answers for share, right, verdict, _ in answer.flagged if share >= least and verdict in verdicts]
    right = sum(is_right for is_right, _ in said)
    wanted = sum(bool(answer.question.wanted) for answer in answers)
    return {
        "precision": round(right / max(1, len(said)), 4), "recall": round(right / max(1, wanted), 4), "flagged": len(said),
        "wrong": len(said) - right, "missed": wanted - right, "with_an_answer": wanted, "without": len(answers) - wanted,
    }  # fmt: skip


def by_kind(answers: list[Answer], least: float) -> dict[str, dict[str, int]]:
    """For each kind of question: how many, how many right ones were missed, how many leads wrongly flagged, how many found related."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        question, row = answer.question, rows[answer.question.kind]
        flagged = [item for item in answer.flagged if item[0] >= least]
        row["questions"] += 1
        row["wrongly_flagged"] += sum(not right for _, right, _, _ in flagged)
        if question.wanted:
            row["missed"] += not any(right for _, right, _, _ in flagged)
        if question.group:
            row["related_found"] += question.group in answer.related
            row["said_to_be_same"] += any(key == question.group and verdict is Verdict.SAME for _, _, verdict, key in flagged)
    return {kind: dict(row) for kind, row in rows.items()}


def fitted(index: FiledLeads, questions: list[Question], numbers: Numbers) -> dict[str, float]:
    """Weights by logistic regression (L2 0.3, Newton) over all pairs of the even half that a name ties."""
    plain = replace(numbers, suspected_from_share=0.0, weak_from_share=2.0)
    table, labels = [], []
    for question in questions:
        for row in index.candidates(question.filed, plain, top=10_000):
            if row.verdict is not Verdict.RELATED:
                values = {reason.kind: reason.points / numbers.weights[reason.kind] for reason in row.reasons}
                table.append([values.get(kind, 0.0) for kind in FITTED])
                labels.append(row.key == question.wanted)
    x, y = np.array(table), np.array(labels, dtype=float)
    weights = np.zeros(len(FITTED))
    for _ in range(60):
        share = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (y - share) - 0.3 * weights
        bend = (x * (share * (1 - share))[:, None]).T @ x + 0.3 * np.eye(len(FITTED))
        step = np.linalg.solve(bend, slope)
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-5:
            break
    return {kind.value: round(float(weight), 2) for kind, weight in zip(FITTED, weights, strict=True)}


def threshold(answers: list[Answer], least_precision: float) -> float:
    """The lowest share, in steps of a hundredth, from which precision is kept."""
    return next((at / 100 for at in range(20, 100) if rates(answers, at / 100)["precision"] >= least_precision), 0.99)


def best(answers: list[Answer]) -> float:
    """The share from which the harmonic mean of precision and recall is highest: a person decides what is suspected."""
    return max((at / 100 for at in range(20, 100)), key=lambda at: _f1(rates(answers, at)))


def peer(makers: Makers, questions: list[Question]) -> dict[str, Any]:
    """rapidfuzz's best of all names, with its own threshold from the even half."""
    keys = [names.key(filed.names[0]) for filed in makers.leads.values()]
    owners = list(makers.leads)
    drawn = np.random.default_rng(SEED).permutation(len(questions))[:PEER_QUESTIONS].tolist()
    answers, spent = [], []
    for at in drawn:
        began = time.process_time()
        _, score, row = process.extractOne(names.key(questions[at].filed.names[0]), keys, scorer=fuzz.ratio)
        spent.append(time.process_time() - began)
        answers.append(Answer(questions[at], ((score / 100, owners[row] == questions[at].wanted, Verdict.SAME, owners[row]),), frozenset()))
    even, odd = _halves(answers)
    least = threshold(even, PRECISION)
    highest = best(even)
    return {
        "how": "rapidfuzz fuzz.ratio, best of all names", "questions": len(drawn),
        "threshold_for_precision": least, "odd": rates(odd, least),
        "threshold_of_best_f1": highest, "odd_at_best_f1": rates(odd, highest),
        **_times("ms_of_processor", spent),
    }  # fmt: skip


def _f1(found: dict[str, float]) -> float:
    return 2 * found["precision"] * found["recall"] / max(1e-9, found["precision"] + found["recall"])


def _halves(answers: list[Answer]) -> tuple[list[Answer], list[Answer]]:
    return [row for row in answers if row.question.is_even], [row for row in answers if not row.question.is_even]


def with_registry(makers: Makers, filed: Filed) -> Filed:
    """As if each full name that the registry bears exactly had been recognised."""
    known = next((firm for text in filed.names if (firm := makers.by_key.get(filed_names.read(text).key))), None)
    return replace(filed, firm_id=known.uscc) if known else filed


def main() -> None:
    """Measure, or fit."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="shared data: firms.parquet, branches.csv.xz, listed/")
    arguments.add_argument("--leads", type=int, default=LEADS)
    arguments.add_argument("--each", type=int, default=EACH, help="questions of each kind")
    arguments.add_argument("--fit", action="store_true")
    arguments.add_argument("--errors", action="store_true", help="print names of what went wrong on the even half")
    options = arguments.parse_args()
    if not (options.folder / "firms.parquet").exists():
        print(json.dumps({"measured": False, "why": f"needs {options.folder}/firms.parquet, listed/ and branches.csv.xz"}))
        return
    makers = made(options.folder, options.leads, options.each)
    numbers = Numbers.on(load.rulebook(), ON)
    began, worked = time.perf_counter(), time.process_time()
    index = FiledLeads(makers.leads.values())
    built = {"seconds_by_clock": round(time.perf_counter() - began, 1), "seconds_of_processor": round(time.process_time() - worked, 1)}
    even = [question for question in makers.questions if question.is_even]
    if options.fit:
        weights = fitted(index, even, numbers)
        numbers = replace(
            numbers, weights={**numbers.weights, **{Kind(kind): value for kind, value in weights.items()}}, suspected_from_share=0.2
        )
        answers, _ = answered(index, even, numbers)
        found = {**weights, "suspected_from_share": best(answers), "same_from_share": threshold(answers, PRECISION)}
        print(json.dumps(found, indent=1))
        return
    answers, times = answered(index, makers.questions, numbers)
    least = numbers.suspected_from_share
    halves = dict(zip(("even", "odd"), _halves(answers), strict=True))
    if options.errors:
        _print_errors(makers, halves["even"])
        return
    known = FiledLeads(with_registry(makers, filed) for filed in makers.leads.values())
    recognised = [replace(row, filed=with_registry(makers, row.filed)) for row in makers.questions if not row.is_even]
    report = {
        "set": {
            "seed": SEED,
            "leads": len(index),
            "questions": len(makers.questions),
            "how": " ".join((__doc__ or "").split("\n\n")[-1].split()),
        },
        "build": built,
        "question": times,
        "threshold": {"suspected_from_share": least, "same_from_share": numbers.same_from_share},
        **{
            half: {"same_or_suspected": rates(rows, least), "same": rates(rows, least, (Verdict.SAME,)), "by_kind": by_kind(rows, least)}
            for half, rows in halves.items()
        },
        "odd, full names recognised by the registry": rates(answered(known, recognised, numbers)[0], least),
        "peer": peer(makers, makers.questions),
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))


def _print_errors(makers: Makers, answers: list[Answer]) -> None:
    for answer in answers:
        wrong = [(round(share, 2), makers.leads[key].names) for share, right, _, key in answer.flagged if not right]
        is_missed = answer.question.wanted and not any(right for _, right, _, _ in answer.flagged)
        if wrong or is_missed:
            missed = makers.leads[answer.question.wanted].names if is_missed else ""
            print(answer.question.kind, "|", answer.question.filed.names, "| missed", missed, "| wrong", wrong)


if __name__ == "__main__":
    main()
