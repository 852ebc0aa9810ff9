"""A database with a chain of before there was a key is taken over: what the old chain said is written down, and everything is signed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TAKE_OVER = """
import datetime as dt, json, sys, django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from importlib import import_module

def migrate(*words): call_command("migrate", *words, verbosity=0)
migrate("audit", "0002")
apps = MigrationExecutor(connection).loader.project_state([("audit", "0002_append_only")]).apps
Entry, Head = apps.get_model("audit", "Entry"), apps.get_model("audit", "Head")
digest = import_module("wutong.web.audit.migrations.0003_seals").keyless_digest
before = "0" * 64
for number in range(1, 6):
    entry = Entry(sequence=number, at=dt.datetime(2026, 3, 5, number, tzinfo=dt.UTC), action="test.act", object_label=f"object {number}",
                  changes={"row": number}, previous_hash=before)
    entry.hash = before = digest(entry)
    if sys.argv[1] == "changed" and number == 3:
        entry.object_label = "another"
    entry.save(force_insert=True)
Head.objects.create(pk=1, sequence=5, hash=before)
migrate("audit")

from django.db import DatabaseError, transaction
from wutong.web.audit import actions, models, queries
now = dt.datetime.now(dt.UTC)
told = models.Entry.objects.latest("sequence")
refused = 0
for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "INSERT INTO audit_entry SELECT * FROM audit_entry"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        refused += 1
actions.record(action="test.after", by=None, at=now)
sealed = actions.seal(at=now)
found = queries.verify(at=now)
print(json.dumps({"told": told.changes, "hash": before, "sealed": sealed, "whole": found.is_whole, "entries": found.entries,
                  "refused": refused, "numbers": list(models.Entry.objects.order_by("sequence").values_list("sequence", flat=True))}))
"""


@pytest.mark.parametrize(("done", "fault"), [("nothing", ""), ("changed", "broken at 3")])
def test_an_old_chain_is_checked_signed_and_sealed(tmp_path: Path, done: str, fault: str) -> None:
    script = tmp_path / "take_over.py"
    script.write_text(TAKE_OVER)
    env = {**os.environ, "WUTONG_DATA": str(tmp_path), "WUTONG_DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "wutong.web.settings"}
    ran = subprocess.run([sys.executable, str(script), done], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout)
    assert found["told"] == {"entries": 5, "hash": found["hash"], "fault": fault}
    assert (found["sealed"], found["whole"], found["entries"], found["refused"]) == (7, True, 7, 3)
    assert found["numbers"] == [1, 2, 3, 4, 5, 6, 7]


def test_an_old_chain_is_not_taken_over_without_a_key(tmp_path: Path) -> None:
    script = tmp_path / "take_over.py"
    script.write_text(TAKE_OVER)
    env = {**os.environ, "WUTONG_DATA": str(tmp_path), "WUTONG_DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "wutong.web.settings"}
    env.pop("WUTONG_AUDIT_KEY")
    ran = subprocess.run([sys.executable, str(script), "nothing"], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "wutong audit key" in ran.stderr
