"""The end of an agreement changes what rates look at: its trigger watches `ended_on` too.

Why: a definition may leave out projects whose contract ended (`ended`); a database that ran 0009 before it watched the end does not tell of it.
"""

from django.db import migrations

NAME, TABLE = "projects_rated_signing_changed", "projects_agreement"
BEFORE = "kind, signed_on, amount_yuan"
AFTER = f"{BEFORE}, ended_on"
WHEN = "NEW.signed_on IS NOT NULL OR OLD.signed_on IS NOT NULL"
ANEW = (
    "INSERT INTO projects_ratedstamp (project_id, number) VALUES (NEW.project_id, abs(random()) % 2147483647) "
    "ON CONFLICT (project_id) DO UPDATE SET number = excluded.number"
)


def _watch(schema_editor, columns):
    if schema_editor.connection.vendor == "sqlite":
        gone, body = f"DROP TRIGGER IF EXISTS {NAME}", f"BEGIN {ANEW}; END"
        made = f"CREATE TRIGGER {NAME} AFTER UPDATE OF {columns} ON {TABLE} WHEN ({WHEN}) {body}"
    else:  # its function stays: it does the same
        gone = f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}"
        made = (
            f"CREATE TRIGGER {NAME} AFTER UPDATE OF {columns} ON {TABLE} FOR EACH ROW WHEN ({WHEN}) EXECUTE FUNCTION {NAME}()"
        )
    for statement in (gone, made):
        schema_editor.execute(statement, params=None)


def watch(apps, schema_editor):
    _watch(schema_editor, AFTER)


def as_before(apps, schema_editor):
    _watch(schema_editor, BEFORE)


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_minutes_stay")]
    operations = [migrations.RunPython(watch, as_before)]
