"""Until when a sub-node was done that was opened again is kept, so that a rate as of a past day stays what it was.

The database itself tells of each such row that the rates of its project are to be reckoned anew, as 0009 does of all else.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "projects_undonenode"
NUMBER = {"sqlite": "abs(random()) % 2147483647", "postgresql": "floor(random() * 2147483646)::int"}
WATCHED = (
    # name, what happens, whose rates it changes
    ("rated_undone", "INSERT", "NEW"),
    ("rated_undone_changed", "UPDATE", "NEW"),
    ("rated_undone_gone", "DELETE", "OLD"),
)


def watch(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, verb, row in WATCHED:
        anew = (
            f"INSERT INTO projects_ratedstamp (project_id, number) VALUES ({row}.project_id, {NUMBER[vendor]}) "
            "ON CONFLICT (project_id) DO UPDATE SET number = excluded.number"
        )
        if vendor == "sqlite":
            statements = [f"CREATE TRIGGER projects_{name} AFTER {verb} ON {TABLE} BEGIN {anew}; END"]
        else:
            statements = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {anew}; RETURN NULL; END $$",
                f"CREATE TRIGGER projects_{name} AFTER {verb} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def watch_no_more(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, *_rest in WATCHED:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}{'' if is_sqlite else f' ON {TABLE}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_suspected_doubles")]
    operations = [
        migrations.CreateModel(
            name="UndoneNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, verbose_name="node")),
                ("on", models.DateField(verbose_name="done on")),
                ("until", models.DateField(verbose_name="opened again on")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="undone_nodes", to="projects.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={"verbose_name": "node opened again", "verbose_name_plural": "nodes opened again", "ordering": ("pk",),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(until__gt=models.F("on")), name="projects_undone_node_for_a_day"),
                ],
            },
        ),
        migrations.RunPython(watch, watch_no_more),
    ]
