"""What was signed, said and reported stays as it was: the database itself refuses to change or delete it, whoever asks.

A signed agreement may only end; a promise may only go to another unit or person.
"""

from django.db import migrations

KEPT = "papers, promises and reports are kept; add a later row instead"
ALWAYS = (
    "agreementversion", "opinion", "agreementdecision", "offerstep", "commitmentmark", "progressreport", "progressphoto", "planpoint"
)  # fmt: skip


def _differs(*columns):
    return " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)


def _differs_sqlite(*columns):
    return " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)


AGREED = ("project_id", "kind", "title", "counterpart", "amount_yuan", "signed_on", "replaces_id")
PROMISED = ("project_id", "agreement_id", "side", "kind", "text", "amount", "measure", "due_on", "replaces_id", "reason")
SIGNED = "OLD.signed_on IS NOT NULL"
CHANGED = SIGNED + " AND (OLD.state = 'ended' OR NEW.state NOT IN ('signed', 'ended') OR {differs})"
ROWS = [
    *((f"{table}_no_{verb.lower()}", verb, table, None) for table in ALWAYS for verb in ("UPDATE", "DELETE")),
    ("agreement_signed_stays", "UPDATE", "agreement", (CHANGED, AGREED)),
    ("agreement_signed_no_delete", "DELETE", "agreement", (SIGNED, ())),
    ("commitment_stays", "UPDATE", "commitment", ("({differs})", PROMISED)),
    ("commitment_no_delete", "DELETE", "commitment", None),
]


def _when(how, differs):
    return how[0].format(differs=differs(*how[1])) if how else ""


def add(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, verb, table, how in ROWS:
        if is_sqlite:
            condition = f"WHEN {_when(how, _differs_sqlite)} " if how else ""
            statements = [
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} {condition}BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            ]
        else:
            raised = f"RAISE EXCEPTION '{KEPT}';"
            body = f"IF {_when(how, _differs)} THEN {raised} END IF; RETURN COALESCE(NEW, OLD);" if how else raised
            statements = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _verb, table, _how in ROWS:
        if is_sqlite:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name} ON projects_{table}", params=None)
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0004_papers_and_progress")]
    operations = [migrations.RunPython(add, remove)]
