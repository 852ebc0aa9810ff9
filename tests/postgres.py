"""A PostgreSQL server of our own for one test run: a temporary folder, a free port of the loopback address, a password made for it."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self


def server_folder() -> Path | None:
    """Where `initdb` and `pg_ctl` stand, newest version first; None where no server is installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent] if (found := shutil.which("pg_ctl")) else []
    for folder in [*debian, *on_path]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def _someone_else() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: be `postgres`, or `nobody`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            person = pwd.getpwnam(name)
            return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise RuntimeError("running as root, and neither a user postgres nor nobody exists to run the server")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Cluster:
    """`with Cluster() as cluster:` starts a server, `cluster.url` is its address; the server and its folder are gone afterwards."""

    def __init__(self) -> None:
        binaries = server_folder()
        if binaries is None:
            raise RuntimeError("no PostgreSQL server is installed")
        self._binaries = binaries
        self._as = _someone_else()
        self._folder = Path(tempfile.mkdtemp(prefix="wutong-pg-"))
        self._password = secrets.token_hex(16)
        self._port = _free_port()

    @property
    def url(self) -> str:
        """Address of the maintenance database; Django makes its test databases beside it."""
        return f"postgresql://wutong:{self._password}@127.0.0.1:{self._port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        log = self._folder / "control.log"
        env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        with log.open("ab") as sink:
            done = subprocess.run(
                [self._binaries / program, *arguments], cwd=self._folder, env=env, stdout=sink, stderr=sink, check=False, **self._as
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{log.read_text('utf-8', 'replace')}")

    def __enter__(self) -> Self:
        if self._as:
            os.chown(self._folder, self._as["user"], self._as["group"])
        password_file = self._folder / "password"
        password_file.write_text(self._password, "ascii")
        password_file.chmod(0o600)
        if self._as:
            os.chown(password_file, self._as["user"], self._as["group"])
        data = self._folder / "data"
        # C.UTF-8, for with LC_CTYPE=C pg_trgm finds nothing in Chinese.
        self._run(
            "initdb", "--pgdata", str(data), "--username=wutong", f"--pwfile={password_file}", "--auth=scram-sha-256",
            "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync",
        )  # fmt: skip
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self._port} -c unix_socket_directories={self._folder} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
        )
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(data), "--log", str(self._folder / "server.log"), "--options", options)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._run("pg_ctl", "stop", "--wait", "--mode=immediate", "--pgdata", str(self._folder / "data"))
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
