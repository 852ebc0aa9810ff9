"""Where the demo keeps its things, and when it makes them again."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from wutong.demo import registry, run, stage
from wutong.rulebook import load

TODAY = dt.date(2026, 11, 22)


class Calls:
    """Stands in for registry and build, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written: list[dt.date] = []
        self.built: list[list[Path]] = []
        monkeypatch.setattr(stage.registry, "write", self._write)
        monkeypatch.setattr(stage.build, "run", self._build)

    def _write(self, path: Path, *, today: dt.date, **_: object) -> registry.Generated:
        self.written.append(today)
        return registry.Generated(path, 3, "0" * 64, today)

    def _build(self, files: list[Path], *, out: Path, **_: object) -> SimpleNamespace:
        self.built.append(list(files))
        out.mkdir(parents=True, exist_ok=True)
        (out / "current").write_text("1\n", "utf-8")
        return SimpleNamespace(accepted=3, left_out=0, seconds=0.1)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    return Calls(monkeypatch)


def prepare(there: stage.Stage, today: dt.date = TODAY) -> None:
    stage.prepare(there, rulebook=load.rulebook(), today=today, say=lambda _: None)


def test_the_first_run_invents_and_builds_and_the_second_does_neither(tmp_path: Path, calls: Calls) -> None:
    there = stage.stage_for((), tmp_path)
    prepare(there)
    prepare(there)
    assert calls.written == [dt.date(2026, 11, 1)]
    assert calls.built == [[tmp_path / "demo" / "registry" / "firms.csv"]]


def test_another_day_of_the_month_changes_nothing_but_another_month_builds_again(tmp_path: Path, calls: Calls) -> None:
    there = stage.stage_for((), tmp_path)
    prepare(there, dt.date(2026, 11, 1))
    prepare(there, dt.date(2026, 11, 30))
    prepare(there, dt.date(2026, 12, 1))
    assert calls.written == [dt.date(2026, 11, 1), dt.date(2026, 12, 1)]


def test_a_lost_build_is_made_again(tmp_path: Path, calls: Calls) -> None:
    there = stage.stage_for((), tmp_path)
    prepare(there)
    (there.warehouse / "current").unlink()
    prepare(there)
    assert len(calls.built) == 2


def test_a_build_that_stopped_half_way_is_begun_again(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    there = stage.stage_for((), tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(stage.build, "run", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prepare(there)
    prepare(there)
    assert len(calls.built) == 1


def test_the_zones_of_the_demo_lie_where_places_are_looked_for(tmp_path: Path, calls: Calls) -> None:
    there = stage.stage_for((), tmp_path)
    prepare(there)
    assert (there.root / "places" / "demo.yaml").exists()


def test_a_real_registry_is_built_in_a_folder_of_its_own_without_inventing(tmp_path: Path, calls: Calls) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("name\n", "utf-8")
    there = stage.stage_for([file], tmp_path)
    prepare(there)
    assert there.root.parent == tmp_path / "demo" / "registries"
    assert calls.written == []
    assert calls.built == [[file]]


def test_a_changed_registry_gets_another_folder(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("name\n", "utf-8")
    before = stage.stage_for([file], tmp_path).root
    os.utime(file, ns=(1, 1))
    assert stage.stage_for([file], tmp_path).root != before


def test_a_registry_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stage.stage_for([tmp_path / "none.csv"], tmp_path)


def test_a_prefecture_that_is_asked_for_gets_a_bureau_of_its_own_beside_the_same_build(tmp_path: Path, calls: Calls) -> None:
    there = stage.stage_for((), tmp_path)
    prepare(there)
    assert stage.office(there, "") == there.root
    own = stage.office(there, "920200")
    assert own == there.root / "offices" / "920200"
    assert (own / "places" / "demo.yaml").exists()


def test_the_demo_leaves_the_office_database_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUTONG_DATABASE_URL", "postgresql://office")
    for name in (
        "WUTONG_DATA",
        "WUTONG_WAREHOUSE",
        "WUTONG_DEMO",
        "WUTONG_STATIC_FROM_SOURCE",
        "DJANGO_SETTINGS_MODULE",
        "WUTONG_LOG_LEVEL",
    ):
        monkeypatch.setenv(name, "")
    environment = run.settle(stage.stage_for((), tmp_path), tmp_path / "demo")
    assert "WUTONG_DATABASE_URL" not in environment
    assert environment["WUTONG_DATA"] == str(tmp_path / "demo")
    assert environment["WUTONG_DEMO"] == "1"


@pytest.mark.parametrize(
    "environment, address",
    [
        ({}, "127.0.0.1:8000"),
        ({"WUTONG_PORT": "8123"}, "127.0.0.1:8123"),
        ({"WUTONG_HOST": "0.0.0.0", "WUTONG_PORT": ""}, "0.0.0.0:8000"),
    ],
)
def test_the_address_comes_from_the_environment(environment: dict[str, str], address: str) -> None:
    assert run.address_from(environment) == address


@pytest.mark.parametrize("address", ["8000", "localhost:", "localhost:http"])
def test_an_address_without_host_or_port_is_refused(address: str) -> None:
    with pytest.raises(run.AddressError, match="host:port"):
        run.run(serve=address, say=lambda _: None)


class Begun(Exception):  # noqa: N818 - a signal
    """Stands for the moment at which the demo would begin."""


def begin(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise Begun

    monkeypatch.setattr(run, "_free", stop)
    run.run(serve=address, say=lambda _: None)


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "127.9.9.9:8000", "localhost:8000", "[::1]:8000"])
def test_the_demo_is_served_to_this_machine(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WUTONG_DEMO_PUBLIC", raising=False)
    with pytest.raises(Begun):
        begin(address, monkeypatch)


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "[::]:8000", "192.0.2.7:8000", "demo.example:8000"])
def test_others_reach_the_demo_only_where_that_was_asked_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUTONG_DEMO_PUBLIC", "")
    with pytest.raises(run.AddressError, match="WUTONG_DEMO_PUBLIC=1"):
        begin(address, monkeypatch)
    monkeypatch.setenv("WUTONG_DEMO_PUBLIC", "1")
    with pytest.raises(Begun):
        begin(address, monkeypatch)


def test_a_build_tells_each_step_once_and_of_a_long_one_how_far_it_is() -> None:
    now, said = [0.0], []
    progress = stage.told(said.append, clock=lambda: now[0])
    for second, (step, done) in enumerate(
        [("scopes", 0), ("scopes", 10), ("scopes", 60), ("scopes", 100), ("placing", 0), ("placing", 100)]
    ):
        now[0] = second * 3.0
        progress(step, done, 100)
    assert [line.split()[0] for line in said] == ["10/14", "10/14", "14/14"] and "60 / 100 (60%)" in said[1]
