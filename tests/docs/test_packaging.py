"""What installs and runs the program names programs, settings and files that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from wutong.cli import main as cli

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = set(re.findall(r"WUTONG_[A-Z0-9_]+", (ROOT / "docs/settings.md").read_text("utf-8")))
SCRIPTS = sorted((ROOT / "packaging").glob("*.sh"))
UNITS = sorted((ROOT / "packaging/systemd").iterdir())


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_and_stops_at_its_first_fault(path: Path) -> None:
    subprocess.run(["bash", "-n", path], check=True)
    assert "set -euo pipefail" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o100


@pytest.mark.parametrize("path", [ROOT / "compose.yaml", ROOT / "Dockerfile", *UNITS], ids=lambda path: path.name)
def test_only_settings_that_exist_are_named(path: Path) -> None:
    assert set(re.findall(r"WUTONG_[A-Z0-9_]+", path.read_text("utf-8"))) <= SETTINGS


@pytest.mark.parametrize("path", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_a_service_starts_a_command_that_exists(path: Path) -> None:
    program, *arguments = re.findall(r"^ExecStart=(.+)$", path.read_text("utf-8"), re.MULTILINE)[0].split()
    assert program.startswith("/opt/wutong/current/bin/")
    if program.endswith("/wutong"):
        cli.parser().parse_args(arguments)
    else:
        assert arguments[0] == "wutong.web.wsgi:application"


def test_every_service_waits_for_what_it_needs_and_no_secret_is_written_down() -> None:
    services = compose()["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for key, value in service.get("environment", {}).items():
            if "KEY" in key or "PASSWORD" in key:
                assert str(value).startswith("${"), key
    assert "C.UTF-8" in services["database"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_the_pages_are_open_to_this_machine_only() -> None:
    assert all(port.startswith("127.0.0.1:") for port in compose()["services"]["pages"]["ports"])


def test_the_image_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER wutong$", text, re.MULTILINE)
    assert text.index("USER wutong") < text.index('CMD ["gunicorn"')
