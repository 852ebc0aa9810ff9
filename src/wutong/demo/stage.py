"""Where the demo keeps its things, and what is outdated: registry, build, place files; each made only when it has to be.

Shape: `$WUTONG_DATA/demo/` holds `registry/`, `warehouse/`, `places/` and the demo's own database, apart from those of an office.
`registries/<key>/` holds the same for a real registry that was given instead.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from wutong.demo import geography, registry
from wutong.engine import build, warehouse
from wutong.rulebook.shapes import Rulebook

Say = Callable[[str], None]
EVERY_SECONDS = 5.0
"""So often a long step says how far it is."""
STEPS = {
    "read": "读取企业名录 reading the registry",
    "bytes": "检查编码 checking encodings",
    "codes": "核对代码 checking credit codes",
    "dates": "核对日期 checking dates",
    "names": "整理名称 cleaning names",
    "ids": "去重 finding rows that stand twice",
    "places": "确定所在地 placing firms on the map",
    "capital": "折算注册资本 converting capital",
    "parents": "识别分支机构 finding branches",
    "scopes": "读取经营范围 reading business scopes",
    "makers": "识别生产企业 finding makers",
    "write": "写入企业库 writing the warehouse",
    "products": "识别产品 recognising products",
    "placing": "归入产业链环节 placing firms on chains",
}
"""The steps of a build in their order, in words."""
_CODE = (("wutong.engine", (".py", ".sql")), ("wutong.demo", (".py", ".csv", ".yaml")))


@dataclass(frozen=True, slots=True)
class Stage:
    """The folders of one demo: the invented registry, or a real one (`firms` given)."""

    root: Path
    firms: tuple[Path, ...] = ()

    @property
    def is_real(self) -> bool:
        """Whether a real registry is served instead of the invented one."""
        return bool(self.firms)

    @property
    def warehouse(self) -> Path:
        """The warehouse folder."""
        return self.root / "warehouse"

    @property
    def stamp(self) -> Path:
        """What the build that stands was made from."""
        return self.root / "made_from.json"


def data_folder() -> Path:
    """`$WUTONG_DATA`, by default `./var`."""
    return Path(os.environ.get("WUTONG_DATA", "") or "var").resolve()


def stage_for(firms: Sequence[Path], data: Path) -> Stage:
    """The folder for these files; a changed file gets a folder of its own.

    Raises: FileNotFoundError for a file that is not there.
    """
    if not firms:
        return Stage(data / "demo")
    paths = tuple(path.resolve() for path in firms)
    marks = [f"{path}\0{path.stat().st_mtime_ns}\0{path.stat().st_size}" for path in paths]
    key = hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]
    return Stage(data / "demo" / "registries" / key, paths)


def office(stage: Stage, adcode: str) -> Path:
    """Where a bureau's database and place files lie: the stage's own folder, or one of its own for a prefecture that was asked for."""
    if not adcode:
        return stage.root
    folder = stage.root / "offices" / adcode
    folder.mkdir(parents=True, exist_ok=True)
    if (stage.root / "places").is_dir():
        shutil.copytree(stage.root / "places", folder / "places", dirs_exist_ok=True)
    return folder


def prepare(stage: Stage, *, rulebook: Rulebook, today: dt.date, say: Say) -> None:
    """Make the registry, the place files and the build where they are missing or outdated."""
    stage.root.mkdir(parents=True, exist_ok=True)
    wanted = {"rulebook": rulebook.hash, "code": code_hash(), "registry": [str(path) for path in stage.firms]}
    if not stage.is_real:
        wanted["month"] = today.strftime("%Y-%m")
    if _read(stage.stamp) == wanted and (stage.warehouse / warehouse.POINTER).exists():
        return
    files = list(stage.firms)
    if not stage.is_real:
        _copy_places(stage)
        say("生成虚构企业 inventing the firms of the demo …")
        made = registry.write(stage.root / "registry" / "firms.csv", rulebook=rulebook, today=today.replace(day=1))
        files = [made.path]
    say("构建企业库 building the warehouse …")
    report = build.run(
        files,
        out=stage.warehouse,
        rulebook=rulebook,
        divisions=None if stage.is_real else geography.divisions_file(),
        places=None if stage.is_real else stage.root / "places",
        progress=told(say),
    )
    say(f"企业库完成 built: {report.accepted:,} 家企业 firms, {report.left_out:,} 行未收 rows left out")
    stage.stamp.write_text(json.dumps(wanted, indent=1), "utf-8")


def told(say: Say, *, clock: Callable[[], float] = time.monotonic) -> Callable[[str, int, int], None]:
    """Tell each step of a build with its number, and of a long one how far it is."""
    last: dict[str, float] = {}

    def progress(step: str, done: int, total: int) -> None:
        now, words = clock(), STEPS.get(step, step)
        number = f"{list(STEPS).index(step) + 1}/{len(STEPS)}" if step in STEPS else "-"
        if step not in last:
            say(f"  {number} {words} …")
        elif done < total and now - last[step] >= EVERY_SECONDS:
            say(f"  {number} {words}: {done:,} / {total:,} ({done / total:.0%})")
        else:
            return
        last[step] = now

    return progress


def _copy_places(stage: Stage) -> None:
    folder = stage.root / "places"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(geography.places_file(), folder / "demo.yaml")


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def code_hash() -> str:
    """A hash of what makes registry and build; a changed program builds again."""
    digest = hashlib.sha256()
    for package, endings in _CODE:
        root = Path(str(resources.files(package)))
        for path in sorted(
            p
            for p in root.rglob("*")
            if p.suffix in endings
            and p.name
            not in {
                "doubles.py",
                "errands.py",
                "handing.py",
                "honours.py",
                "introducing.py",
                "knocking.py",
                "partners.py",
                "people.py",
                "run.py",
                "townships.py",
            }
        ):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
