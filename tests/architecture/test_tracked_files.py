"""What may not stand in any file of the repository: addresses of registries, paths of one machine, locks without hashes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from architecture.source import ROOT

REGISTRY = re.compile(r"https?://[^\s\"'<>)]*(registry|pypi|npmjs|pythonhosted|mirror|simple/)[^\s\"'<>)]*", re.IGNORECASE)
HOME_FOLDER = re.compile(r"(?<![\w.])/(root|home/\w+|Users/\w+)/")
ADDRESS = re.compile(r"https?://")
LOCKS = ("base.txt", "dev.txt", "lock.txt")


def tracked() -> list[Path]:
    """Files that git knows, or, in an unpacked archive, all that are none of set-up's."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name]
    if names:
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    skipped = {".git", ".venv", "node_modules", "var", "mutants", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts)]


def lines_with(pattern: re.Pattern[str] | str, files: list[Path]) -> list[str]:
    found = []
    for path in files:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if (pattern in line) if isinstance(pattern, str) else pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:120]}")
    return found


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert lines_with(REGISTRY, tracked()) == []


def test_no_file_names_a_folder_of_this_machine() -> None:
    around = f"{ROOT.parent}/"
    mine = lines_with(around, tracked()) if len(around) > 2 else []
    assert mine + lines_with(HOME_FOLDER, tracked()) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_of_python_packages_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    assert not ADDRESS.search(text)
    assert "--index-url" not in text and "--find-links" not in text
    for block in re.split(r"\n(?=[a-z])", text):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_lock_of_browser_packages_has_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package or package.get("link"), name
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text("utf-8").splitlines()


def test_there_is_one_lock_for_each_kind_of_package() -> None:
    names = {path.name for path in tracked()}
    assert names.isdisjoint({"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"})


def test_the_locks_name_every_dependency_of_the_project() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {"base.txt": project["dependencies"], "dev.txt": project["dependencies"] + project["optional-dependencies"]["dev"]}
    for lock, requirements in wanted.items():
        locked = set(re.findall(r"^([a-z0-9-]+)(?:\[[\w,-]+\])?==", (ROOT / "requirements" / lock).read_text("utf-8"), re.MULTILINE))
        names = {re.split(r"[\[<>=~ ]", requirement)[0].lower().replace("_", "-").replace(".", "-") for requirement in requirements}
        assert names - locked == set(), lock
