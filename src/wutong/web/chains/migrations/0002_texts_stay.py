"""The text of a version that is no draft stays as it is, and so do its number and its base: the database itself refuses."""

from django.db import migrations

WHEN = "OLD.state <> 'draft' AND (NEW.text <> OLD.text OR NEW.text_hash <> OLD.text_hash OR NEW.chain_id <> OLD.chain_id OR NEW.number <> OLD.number OR NEW.base_number <> OLD.base_number)"
SQLITE = [
    f"CREATE TRIGGER chains_version_text_stays BEFORE UPDATE ON chains_chainversion WHEN {WHEN} "
    "BEGIN SELECT RAISE(ABORT, 'the text of a submitted chain version does not change'); END",
    "CREATE TRIGGER chains_version_no_way_back BEFORE UPDATE ON chains_chainversion WHEN OLD.state <> 'draft' AND NEW.state = 'draft' "
    "BEGIN SELECT RAISE(ABORT, 'a submitted chain version is no draft again'); END",
]
POSTGRESQL = [
    """CREATE FUNCTION chains_version_text_stays() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the text of a submitted chain version does not change'; END $$""",
    f"""CREATE TRIGGER chains_version_text_stays BEFORE UPDATE ON chains_chainversion
        FOR EACH ROW WHEN (({WHEN}) OR (OLD.state <> 'draft' AND NEW.state = 'draft')) EXECUTE FUNCTION chains_version_text_stays()""",
]
UNDO = {
    "sqlite": ["DROP TRIGGER IF EXISTS chains_version_text_stays", "DROP TRIGGER IF EXISTS chains_version_no_way_back"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS chains_version_text_stays ON chains_chainversion",
        "DROP FUNCTION IF EXISTS chains_version_text_stays()",
    ],
}


def add(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("chains", "0001_versions")]
    operations = [migrations.RunPython(add, remove)]
