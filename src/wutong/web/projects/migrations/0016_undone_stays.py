"""That a sub-node was done and opened again is kept by the database itself, and a closed month has a public id to be told of by.

On SQLite the table of months is made anew for its column: what guards it is taken off before and brought back after, as 0003 made it.
"""

import uuid

from django.db import migrations, models

KEPT = "that a node was done and opened again is kept"
MONTHS_KEPT = "entries of money in place are kept; reverse them instead"
CLOSED = "the month is closed"
IN_CLOSED = "NEW.step = 'accepted' AND EXISTS (SELECT 1 FROM projects_fundsmonth WHERE month = date(NEW.counted_on, 'start of month'))"
NODES = (("undonenode_no_update", "UPDATE"), ("undonenode_no_delete", "DELETE"))
MONTHS = (
    # name, what happens, to which table, when, what is said: SQLite
    ("fundsmonth_no_update", "UPDATE", "fundsmonth", "", MONTHS_KEPT),
    ("fundsmonth_no_delete", "DELETE", "fundsmonth", "", MONTHS_KEPT),
    ("fundsreview_not_closed", "INSERT", "fundsreview", f"WHEN {IN_CLOSED} ", CLOSED),
)


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


def keep_nodes(apps, schema_editor):
    for name, verb in NODES:
        if schema_editor.connection.vendor == "sqlite":
            made = [f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_undonenode BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"]
        else:
            made = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$",
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_undonenode FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        _run(schema_editor, made)


def let_nodes_go(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _verb in NODES:
        _run(schema_editor, [f"DROP TRIGGER IF EXISTS projects_{name}{'' if is_sqlite else ' ON projects_undonenode'}"])
        if not is_sqlite:
            _run(schema_editor, [f"DROP FUNCTION IF EXISTS projects_{name}()"])


def open_months(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _run(schema_editor, [f"DROP TRIGGER IF EXISTS projects_{name}" for name, *_rest in MONTHS])
    else:
        _run(schema_editor, ["ALTER TABLE projects_fundsmonth DISABLE TRIGGER projects_fundsmonth_no_change"])


def close_months(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, verb, table, when, words in MONTHS:
            body = f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            _run(schema_editor, [f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} {when}{body}"])
    else:
        _run(schema_editor, ["ALTER TABLE projects_fundsmonth ENABLE TRIGGER projects_fundsmonth_no_change"])


def name_months(apps, schema_editor):
    months = apps.get_model("projects", "FundsMonth").objects
    for month in months.order_by("pk"):
        months.filter(pk=month.pk).update(public_id=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [("projects", "0015_nodes_undone")]
    operations = [
        migrations.RunPython(keep_nodes, let_nodes_go),
        migrations.RunPython(open_months, close_months),
        migrations.AddField("fundsmonth", "public_id", models.UUIDField(editable=False, null=True)),
        migrations.RunPython(name_months, migrations.RunPython.noop),
        migrations.AlterField("fundsmonth", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.RunPython(close_months, open_months),
    ]
