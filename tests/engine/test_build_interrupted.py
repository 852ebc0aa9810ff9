"""Builds that end badly: killed, failed, run twice at once. The build that served goes on serving."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import registry
from wutong.engine import build, publishing, worker
from wutong.engine.publishing import AlreadyBuildingError
from wutong.engine.readers import ReadError
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import rulebook

_BUILD = """
import sys
import time
from wutong.engine import build
from wutong.rulebook.load import rulebook

def progress(step, done, total):
    if step == sys.argv[3]:
        print("there", flush=True)
        for _ in range(600):
            time.sleep(0.1)

build.run([sys.argv[1]], out=sys.argv[2], rulebook=rulebook(), progress=progress)
"""


def served(tmp_path: Path) -> str:
    warehouse = Warehouse.open(tmp_path / "warehouse")
    warehouse.close()
    return warehouse.info.build_id


def first_build(tmp_path: Path) -> str:
    path = registry.write(tmp_path / "firms.csv", *registry.THREE)
    return build.run([path], out=tmp_path / "warehouse", rulebook=rulebook()).build_id


def stopped_at(tmp_path: Path, step: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _BUILD, str(tmp_path / "firms.csv"), str(tmp_path / "warehouse"), step]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "there"
    return process


def end(process: subprocess.Popen[str], how: signal.Signals) -> None:
    process.send_signal(how)
    process.communicate(timeout=20)


@pytest.mark.parametrize("step", ["names", "placing"])
def test_a_killed_build_leaves_the_old_one_serving_and_the_next_one_clears_up(tmp_path: Path, step: str) -> None:
    old = first_build(tmp_path)
    end(stopped_at(tmp_path, step), signal.SIGKILL)
    assert served(tmp_path) == old
    assert list((tmp_path / "warehouse" / "builds").glob("*.tmp"))
    new = first_build(tmp_path)
    assert served(tmp_path) == new
    assert not list((tmp_path / "warehouse" / "builds").glob("*.tmp"))


def test_ctrl_c_leaves_the_old_build_serving_and_nothing_behind(tmp_path: Path) -> None:
    old = first_build(tmp_path)
    end(stopped_at(tmp_path, "names"), signal.SIGINT)
    assert served(tmp_path) == old
    assert not list((tmp_path / "warehouse" / "builds").glob("*.tmp"))


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    first_build(tmp_path)
    process = stopped_at(tmp_path, "names")
    try:
        with pytest.raises(AlreadyBuildingError, match="another build is writing"):
            first_build(tmp_path)
    finally:
        end(process, signal.SIGKILL)


def test_a_failed_build_leaves_the_old_one_serving_and_nothing_behind(tmp_path: Path) -> None:
    old = first_build(tmp_path)
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"")
    with pytest.raises(ReadError):
        build.run([bad], out=tmp_path / "warehouse", rulebook=rulebook())
    assert served(tmp_path) == old
    assert [path.name for path in (tmp_path / "warehouse" / "builds").iterdir()] == [old]


def test_bad_bytes_cost_the_value_or_where_it_is_the_name_the_row(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    good = "企业名称,经营范围,住所\n太行机械厂,制造,获嘉县\n".encode("gb18030")
    path.write_bytes(good + "丰收农场,种植".encode("gb18030") + b"\xff\xff,x\n" + b"\xff\xff" + "坏名厂,种植,x\n".encode("gb18030"))
    report = build.run([path], out=tmp_path / "warehouse", rulebook=rulebook())
    assert (report.rows, report.accepted, report.left_out, report.rejected_values) == (3, 2, 1, 1)


def test_scopes_are_read_alike_in_one_process_and_in_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [registry.row(f"第{number}液压厂", scope=f"液压泵{number}、油缸的制造;钢材销售。") for number in range(50)]
    path = registry.write(tmp_path / "firms.csv", *rows)
    alone = build.run([path], out=tmp_path / "one", rulebook=rulebook())
    monkeypatch.setattr("wutong.engine.understanding.ALONE_BELOW_ROWS", 10)
    monkeypatch.setattr("wutong.engine.understanding.PART_ROWS", 15)
    together = build.run([path], out=tmp_path / "two", rulebook=rulebook(), processes=2)
    for name in ("mentions.parquet", "phrases.parquet"):
        assert (alone.folder / name).read_bytes() == (together.folder / name).read_bytes()


def test_a_worker_that_dies_is_told_with_what_it_said(tmp_path: Path) -> None:
    with worker.started(tmp_path, 1) as workers, pytest.raises(worker.WorkerError, match=r"FileNotFoundError|No such file"):
        list(worker.begin(workers, [(0, 1)]))  # nothing was prepared in this folder


def test_workers_end_when_the_build_ends(tmp_path: Path) -> None:
    with worker.started(tmp_path, 1) as workers:
        process = workers[0]
    assert process.poll() is not None


def test_the_temporary_folder_of_a_dead_build_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "builds" / "999999.tmp"
    left.mkdir(parents=True)
    with publishing.workplace(tmp_path) as work:
        assert not left.exists()
        assert work.folder.exists()
    assert not work.folder.exists()
