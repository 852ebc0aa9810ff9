"""Entries are signed with a key outside the database and sealed afterwards, so that writers do not wait for each other.

What the chain without a key held is checked, signed as it stands, and an entry tells what the check found. docs/adr/0010-audit-seals.md
"""

import datetime as dt
import hashlib
import json

import django.db.models.deletion
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import migrations, models
from django.utils import timezone

from wutong.web.audit import rules

TABLES = ("entry", "seal")
SQLITE = [
    *(
        f"CREATE TRIGGER audit_{table}_no_{verb.lower()} BEFORE {verb} ON audit_{table} "
        f"BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"
        for table in TABLES
        for verb in ("UPDATE", "DELETE")
    ),
    """CREATE TRIGGER audit_entry_waits AFTER INSERT ON audit_entry BEGIN
       INSERT INTO audit_waiting (entry_id, since) VALUES (NEW.sequence, strftime('%Y-%m-%d %H:%M:%f', 'now')); END""",
]
SQLITE_UNDO = [
    *(f"DROP TRIGGER IF EXISTS audit_{table}_no_{verb}" for table in TABLES for verb in ("update", "delete")),
    "DROP TRIGGER IF EXISTS audit_entry_waits",
]
POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$""",
    """CREATE OR REPLACE FUNCTION audit_entry_waits() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO audit_waiting (entry_id, since) VALUES (NEW.sequence, clock_timestamp()); RETURN NULL; END $$""",
    *(
        f"CREATE TRIGGER audit_{table}_no_{name} BEFORE {verbs} ON audit_{table} "
        f"FOR EACH {each} EXECUTE FUNCTION audit_entry_append_only()"
        for table in TABLES
        for name, verbs, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"))
    ),
    "CREATE TRIGGER audit_entry_waits AFTER INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_waits()",
]
POSTGRESQL_UNDO = [
    *(f"DROP TRIGGER IF EXISTS audit_{table}_no_{name} ON audit_{table}" for table in TABLES for name in ("change", "truncate")),
    "DROP TRIGGER IF EXISTS audit_entry_waits ON audit_entry",
]


def _run(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def triggers_off(apps, schema_editor):
    """Only those of the entries: no seals are there yet."""
    statements = {"sqlite": SQLITE_UNDO, "postgresql": POSTGRESQL_UNDO}[schema_editor.connection.vendor]
    for statement in statements:
        if "audit_entry_no" in statement:
            schema_editor.execute(statement, params=None)


def triggers_on(apps, schema_editor):
    _run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def keyless_digest(entry):
    """The hash as the chain without a key computed it."""
    content = [
        entry.sequence, entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), str(entry.by_id or ""), entry.by_label,
        entry.action, entry.object_type, entry.object_id, entry.object_label, entry.changes, entry.ip, entry.request_id,
        entry.previous_hash,
    ]
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def facts(entry):
    return rules.Facts(
        public_id=str(entry.public_id), at=entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), by=str(entry.by_id or ""),
        by_label=entry.by_label, action=entry.action, object_type=entry.object_type, object_id=entry.object_id,
        object_label=entry.object_label, changes=entry.changes, personal=entry.personal, personal_of=entry.personal_of, ip=entry.ip,
        request_id=entry.request_id, algorithm=entry.algorithm, key_id=entry.key_id,
    )


def sign(apps, schema_editor):
    """Sign every entry there is, and write down what the chain without a key said of them."""
    Entry, Head = apps.get_model("audit", "Entry"), apps.get_model("audit", "Head")
    if not Entry.objects.exists():
        return
    if not settings.AUDIT_KEYS:
        raise ImproperlyConfigured(settings.NO_AUDIT_KEY)
    ring = rules.Ring.of(settings.AUDIT_KEYS)
    before, count, broken_at = rules.GENESIS, 0, None
    last = 0
    while batch := list(Entry.objects.filter(pk__gt=last).order_by("pk")[:2000]):
        for entry in batch:
            count += 1
            is_whole = entry.sequence == count and entry.previous_hash == before and keyless_digest(entry) == entry.hash
            broken_at = broken_at or (None if is_whole else count)
            before = entry.hash
            entry.algorithm, entry.key_id = ring.algorithm, ring.current
            entry.mac = rules.signature(facts(entry), ring)
        Entry.objects.bulk_update(batch, ["algorithm", "key_id", "mac"], batch_size=500)
        last = batch[-1].pk
    head = Head.objects.filter(pk=1).first()
    if broken_at is None and (head is None or (head.sequence, head.hash) != (count, before)):
        broken_at = count + 1
    told = Entry(
        sequence=count + 1 if not Entry.objects.filter(sequence=count + 1).exists() else max(Entry.objects.values_list("sequence", flat=True)) + 1,
        at=timezone.now(), action="audit.take_over", object_type="audit.Entry",
        changes={"entries": count, "hash": before, "fault": f"broken at {broken_at}" if broken_at else ""},
        algorithm=ring.algorithm, key_id=ring.current, previous_hash=before, hash="",
    )
    told.mac = rules.signature(facts(told), ring)
    told.save(force_insert=True)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)


def let_wait(apps, schema_editor):
    """Every entry waits for its seal; the chain begins anew."""
    apps.get_model("audit", "Head").objects.update(number=0, hash=rules.GENESIS)
    schema_editor.execute("INSERT INTO audit_waiting (entry_id, since) SELECT sequence, at FROM audit_entry", params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.RunPython(triggers_off, migrations.RunPython.noop),
        migrations.AddField("entry", "personal", models.TextField(blank=True, default="", verbose_name="personal data, encrypted")),
        migrations.AddField("entry", "personal_of", models.CharField(blank=True, default="", max_length=140, verbose_name="whose personal data")),
        migrations.AddField("entry", "algorithm", models.CharField(default="", max_length=10, verbose_name="algorithm")),
        migrations.AddField("entry", "key_id", models.CharField(default="", max_length=12, verbose_name="key")),
        migrations.AddField("entry", "mac", models.CharField(default="", max_length=64, verbose_name="signature")),
        migrations.RunPython(sign, migrations.RunPython.noop),
        migrations.AlterModelOptions("entry", {"verbose_name": "audit entry", "verbose_name_plural": "audit entries"}),
        migrations.RemoveField("entry", "sequence"),
        migrations.RemoveField("entry", "previous_hash"),
        migrations.RemoveField("entry", "hash"),
        migrations.RenameField("entry", "id", "sequence"),
        migrations.AlterField("entry", "sequence", models.BigAutoField(primary_key=True, serialize=False, verbose_name="number")),
        migrations.AlterModelOptions(
            "entry", {"ordering": ("-sequence",), "verbose_name": "audit entry", "verbose_name_plural": "audit entries"}
        ),
        migrations.RenameField("head", "sequence", "number"),
        migrations.CreateModel(
            name="PersonalKey",
            fields=[
                ("of", models.CharField(max_length=140, primary_key=True, serialize=False, verbose_name="whose personal data")),
                ("secret", models.CharField(blank=True, max_length=64)),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("erased_at", models.DateTimeField(blank=True, null=True, verbose_name="erased at")),
            ],
            options={"verbose_name": "key of personal data", "verbose_name_plural": "keys of personal data"},
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="waiting",
                        serialize=False, to="audit.entry",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="written at")),
            ],
            options={"verbose_name": "entry that waits for its seal", "verbose_name_plural": "entries that wait for their seals"},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number in the chain")),
                ("entry_mac", models.CharField(max_length=64, verbose_name="signature")),
                ("previous_hash", models.CharField(max_length=64, verbose_name="hash before")),
                ("algorithm", models.CharField(max_length=10, verbose_name="algorithm")),
                ("key_id", models.CharField(max_length=12, verbose_name="key")),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="seal", to="audit.entry",
                        verbose_name="audit entry",
                    ),
                ),
            ],
            options={"verbose_name": "seal", "verbose_name_plural": "seals", "ordering": ("number",)},
        ),
        migrations.RunPython(let_wait, migrations.RunPython.noop),
        migrations.RunPython(triggers_on, migrations.RunPython.noop),
    ]
