"""Worth of the tests of rules, by a sample: of so many planted changes, how many does a pure test of scoring notice?

    python benchmarks/mutation.py [--sample 200] [--seed 1] [--of formulas] [--workers 1] [--survivors]

`make mutate` plants every change that mutmut knows in rules, formulas and scoring, which takes hours. Here a sample of the same changes is
drawn with a seed. The tests are collected once and run once as they are, to see which of them call which function; for each change a child
of the process takes the changed function and runs the tests that call it, quick ones first. Processor time is limited, not time by the
clock: a machine under load says nothing of a change. What runs out of its time is tried once more with three times as much; if it runs out
again, it is told apart and not counted as killed. Property tests draw the same examples each time. The interval is Wilson's, 95 %.

The figure is of the tests only if nobody looked at the survivors of that seed: write tests, then draw anew.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import random
import resource
import sys
import tempfile
import types
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import hypothesis
import libcst as cst
import pytest
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests/rulebook/scoring"
LEFT_OUT = TESTS / "test_boards.py"
"""Whole boards against workbooks: a third of the time of all tests, for changes that the others have let pass."""
SURVIVED, KILLED, NOT_PLANTED = 0, 1, 90
"""Exit codes of a child. Not planted: the change is in something that cannot be exchanged in a running process; it is left out."""
SECONDS_OF_PROCESSOR, FACTOR_OF_SECOND_TRY = 60, 3


@dataclass(frozen=True)
class Planted:
    """One change: the module, its text, and what stands instead of what."""

    module: str
    tree: cst.Module
    change: Mutation

    def say(self) -> dict[str, str]:
        """Where it is, and what stands instead of what."""
        within = self.change.contained_by_top_level_function
        old, new = (self.tree.code_for_node(node) for node in (self.change.original_node, self.change.mutated_node))
        return {
            "module": self.module.rpartition(".")[2],
            "function": within.name.value if within else "",
            "old": old[:200],
            "new": new[:200],
        }


def pool(package: str) -> list[Planted]:
    """Every change that mutmut plants in the functions of a package of the rulebook."""
    found: list[Planted] = []
    for path in sorted((ROOT / "src/wutong/rulebook" / package).glob("*.py")):
        tree, changes, _classes, _functions = create_mutations(path.name, path.read_text("utf-8"))
        name = f"wutong.rulebook.{package}.{path.stem}"
        found += [Planted(name, tree, one) for one in changes if isinstance(one.contained_by_top_level_function, cst.FunctionDef)]
    return found


def functions(module: types.ModuleType) -> Iterator[tuple[str, types.FunctionType]]:
    """The functions and methods of a module by name."""
    for name, thing in vars(module).items():
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if isinstance(thing, types.FunctionType):
            yield name, thing
        elif isinstance(thing, type):
            for inner, member in vars(thing).items():
                plain = member.__func__ if isinstance(member, staticmethod | classmethod) else member
                if isinstance(plain, types.FunctionType):
                    yield f"{name}.{inner}", plain


def plant(one: Planted) -> set[str]:
    """Exchange the changed function in the running process; its name, none where it could not be done."""
    real = importlib.import_module(one.module)
    whole = deep_replace(one.tree, one.change.original_node, one.change.mutated_node)
    assert isinstance(whole, cst.Module)
    changed = types.ModuleType(real.__name__)
    changed.__dict__["__file__"] = real.__file__
    sys.modules[real.__name__] = changed  # dataclasses look their module up
    try:
        exec(compile(whole.code, str(real.__file__), "exec"), changed.__dict__)
    finally:
        sys.modules[real.__name__] = real
    known, planted = dict(functions(real)), set[str]()
    for name, new in functions(changed):
        old = known.get(name)
        if old is None or (old.__code__, old.__defaults__, old.__kwdefaults__) == (new.__code__, new.__defaults__, new.__kwdefaults__):
            continue
        if old.__code__.co_freevars != new.__code__.co_freevars:
            return set()
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
        planted.add(f"{one.module}:{name}")
    return planted


class Trial:
    """A plugin of pytest: once the tests are collected, each change is tried in a child of its own."""

    def __init__(self, sample: list[Planted], workers: int) -> None:
        self.sample, self.workers = sample, workers
        self.results: dict[int, str] = {}
        self.calls: dict[str, set[str]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests: all of them as they are, then the changes."""
        items = self._as_they_are(session)
        late = self._each(items, range(len(self.sample)), SECONDS_OF_PROCESSOR)
        for place in self._each(items, late, SECONDS_OF_PROCESSOR * FACTOR_OF_SECOND_TRY):
            self.results[place] = "out of time"
        return True

    def _as_they_are(self, session: pytest.Session) -> list[pytest.Item]:
        """The tests, those of quick files first; `calls` is filled: the functions that each of them calls."""
        watched = {
            code.__code__: f"{name}:{inner}"
            for name in {one.module for one in self.sample}
            for inner, code in functions(importlib.import_module(name))
        }
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            told: list[tuple[float, list[str]]] = []
            for item in session.items:
                called, began = set[str](), os.times().user
                sys.setprofile(lambda frame, _event, _of, called=called: called.add(watched.get(frame.f_code, "")))  # type: ignore[misc]
                run([item])
                sys.setprofile(None)
                told.append((os.times().user - began, sorted(called)))
            with os.fdopen(writing, "w") as pipe:
                json.dump([session.testsfailed, told], pipe)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            failed, told = json.loads(pipe.read() or "[-1, []]")
        os.waitpid(child, 0)
        if failed:
            raise pytest.UsageError(f"the tests fail before anything is planted: {failed}")
        spent: Counter[str] = Counter()
        for item, (seconds, names) in zip(session.items, told, strict=True):
            spent[str(item.path)] += int(1000 * seconds)
            self.calls[item.nodeid] = set(names)
        return sorted(session.items, key=lambda item: spent[str(item.path)])

    def _each(self, items: list[pytest.Item], places: Iterator[int] | range | list[int], seconds: int) -> list[int]:
        """Try these; those that ran out of their time come back."""
        running: dict[int, int] = {}
        late: list[int] = []

        def reap() -> None:
            pid, status = os.wait()
            place, code = running.pop(pid), os.waitstatus_to_exitcode(status)
            if code < 0:  # a signal: the limit of its time
                late.append(place)
            else:
                self.results[place] = {SURVIVED: "survived", NOT_PLANTED: "not planted"}.get(code, "killed")
            told = f" {json.dumps(self.sample[place].say(), ensure_ascii=False)}\n" if self.results.get(place) == "survived" else "\r"
            print(f"{len(self.results)} of {len(self.sample)}", end=told, file=sys.__stderr__, flush=True)

        for place in places:
            while len(running) >= self.workers:
                reap()
            pid = os.fork()
            if pid == 0:
                self._child(self.sample[place], items, seconds)
            running[pid] = place
        while running:
            reap()
        return late

    def _child(self, one: Planted, items: list[pytest.Item], seconds: int) -> NoReturn:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        try:
            planted = plant(one)
            if not planted:
                os._exit(NOT_PLANTED)
            os._exit(SURVIVED if run([item for item in items if self.calls[item.nodeid] & planted]) else KILLED)
        except BaseException:  # whatever a changed function does to pytest itself
            os._exit(KILLED)


def run(items: list[pytest.Item]) -> bool:
    """Run tests until one fails."""
    for item, following in zip(items, [*items[1:], None], strict=False):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return False
    return True


def interval(killed: int, of: int) -> tuple[float, float]:
    """Wilson's, 95 %."""
    z, share = 1.959964, killed / of
    middle, half = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def main() -> None:
    """Draw, try, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", default="formulas", choices=("formulas", "scoring"))
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--survivors", action="store_true", help="tell each change that nothing noticed")
    asked, _firms = parser.parse_known_args()
    everything = pool(asked.of)
    trial = Trial(random.Random(asked.seed).sample(everything, min(asked.sample, len(everything))), asked.workers)
    hypothesis.settings.register_profile("planted", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("planted")
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        bare = Path(folder) / "pytest.ini"
        bare.write_text("[pytest]\n")
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            code = pytest.main(
                ["-c", str(bare), "--rootdir", str(ROOT), "--import-mode=importlib", "--noconftest", "-W", "ignore", "--tb=no",
                 "-s", "-p", "no:cacheprovider", "-p", "no:django", "-p", "no:logging",
                 f"--ignore={LEFT_OUT}", str(TESTS)], plugins=[trial],
            )  # fmt: skip
    if code != pytest.ExitCode.OK:
        sys.exit(f"nothing measured: pytest ended with {code}")
    counted = Counter(trial.results.values())
    tried = counted["killed"] + counted["survived"] + counted["out of time"]
    lower, upper = interval(counted["killed"], tried) if tried else (0.0, 1.0)
    by_file = Counter((one.module.rpartition(".")[2], trial.results[place]) for place, one in enumerate(trial.sample))
    told = {
        "of": asked.of, "planted_in_all": len(everything), "sample": len(trial.sample), "seed": asked.seed, **counted, "tried": tried,
        "killed_share": round(counted["killed"] / tried, 4) if tried else None, "interval_95": [round(lower, 4), round(upper, 4)],
        "by_file": {name: {kind: by_file[name, kind] for kind in counted} for name in sorted({name for name, _kind in by_file})},
    }  # fmt: skip
    if asked.survivors:
        told["survivors"] = [one.say() for place, one in enumerate(trial.sample) if trial.results[place] in ("survived", "out of time")]
        told["left_out"] = [one.say() for place, one in enumerate(trial.sample) if trial.results[place] == "not planted"]
    print(json.dumps(told, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
