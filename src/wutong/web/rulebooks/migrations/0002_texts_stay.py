"""Text, day, number and base of a version that is no draft stay as they are, and what was approved stays: the database itself refuses."""

from django.db import migrations

TABLE = "rulebooks_ruleversion"
CHANGED = "OLD.state <> 'draft' AND (NEW.text <> OLD.text OR NEW.text_hash <> OLD.text_hash OR NEW.kind <> OLD.kind OR NEW.number <> OLD.number OR NEW.base_number <> OLD.base_number OR NEW.state = 'draft' OR NEW.begins_on {differs} OLD.begins_on)"
DELETED = "OLD.state = 'approved' OR OLD.revoked_at IS NOT NULL"
SQLITE = [
    f"CREATE TRIGGER rulebooks_version_stays BEFORE UPDATE ON {TABLE} WHEN {CHANGED.format(differs='IS NOT')} "
    "BEGIN SELECT RAISE(ABORT, 'a submitted version of a rule document does not change'); END",
    f"CREATE TRIGGER rulebooks_version_kept BEFORE DELETE ON {TABLE} WHEN {DELETED} "
    "BEGIN SELECT RAISE(ABORT, 'an approved version of a rule document is kept for ever'); END",
]
POSTGRESQL = [
    """CREATE FUNCTION rulebooks_version_stays() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'a submitted version of a rule document does not change'; END $$""",
    """CREATE FUNCTION rulebooks_version_kept() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'an approved version of a rule document is kept for ever'; END $$""",
    f"""CREATE TRIGGER rulebooks_version_stays BEFORE UPDATE ON {TABLE}
        FOR EACH ROW WHEN ({CHANGED.format(differs="IS DISTINCT FROM")}) EXECUTE FUNCTION rulebooks_version_stays()""",
    f"""CREATE TRIGGER rulebooks_version_kept BEFORE DELETE ON {TABLE}
        FOR EACH ROW WHEN ({DELETED}) EXECUTE FUNCTION rulebooks_version_kept()""",
]
UNDO = {
    "sqlite": ["DROP TRIGGER IF EXISTS rulebooks_version_stays", "DROP TRIGGER IF EXISTS rulebooks_version_kept"],
    "postgresql": [
        f"DROP TRIGGER IF EXISTS rulebooks_version_stays ON {TABLE}",
        f"DROP TRIGGER IF EXISTS rulebooks_version_kept ON {TABLE}",
        "DROP FUNCTION IF EXISTS rulebooks_version_stays()",
        "DROP FUNCTION IF EXISTS rulebooks_version_kept()",
    ],
}


def add(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("rulebooks", "0001_versions")]
    operations = [migrations.RunPython(add, remove)]
