"""Lines of a log can be added, never changed; they go with their job when logs are thrown away."""

from django.db import migrations

SQLITE = ["CREATE TRIGGER jobs_jobline_no_update BEFORE UPDATE ON jobs_jobline BEGIN SELECT RAISE(ABORT, 'lines of a log are append-only'); END"]
SQLITE_UNDO = ["DROP TRIGGER IF EXISTS jobs_jobline_no_update"]
POSTGRESQL = [
    """CREATE FUNCTION jobs_jobline_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'lines of a log are append-only'; END $$""",
    """CREATE TRIGGER jobs_jobline_no_update BEFORE UPDATE ON jobs_jobline
       FOR EACH ROW EXECUTE FUNCTION jobs_jobline_append_only()""",
]
POSTGRESQL_UNDO = [
    "DROP TRIGGER IF EXISTS jobs_jobline_no_update ON jobs_jobline",
    "DROP FUNCTION IF EXISTS jobs_jobline_append_only()",
]


def add(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for statement in {"sqlite": SQLITE_UNDO, "postgresql": POSTGRESQL_UNDO}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
