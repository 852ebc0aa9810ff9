"""What counts of money in place stands narrow and beside its project, and stages and months of a project have an index of their own.

The database itself writes what counts with each acceptance. A later migration that makes the table of reviews anew on SQLite loses
that trigger, as it loses those before it: it calls `watch` again.
"""

from django.db import migrations, models
from django.db.models import CASCADE

NAME, TABLE = "counted_accepted", "projects_fundsreview"
COLUMNS = "entry_id, project_id, counted_on, recognised_yuan, value_yuan, foreign_yuan, foreign_usd"
WRITTEN = f"""INSERT INTO projects_fundscounted ({COLUMNS}) SELECT NEW.entry_id, e.project_id, NEW.counted_on, NEW.recognised_yuan,
NEW.value_yuan, NEW.foreign_yuan, NEW.foreign_usd FROM projects_fundsentry e WHERE e.id = NEW.entry_id"""
WHEN = "NEW.step = 'accepted'"
THERE = f"""INSERT INTO projects_fundscounted ({COLUMNS}) SELECT r.entry_id, e.project_id, r.counted_on, r.recognised_yuan, r.value_yuan,
r.foreign_yuan, r.foreign_usd FROM projects_fundsreview r JOIN projects_fundsentry e ON e.id = r.entry_id WHERE r.step = 'accepted'
ORDER BY r.entry_id"""


def watch(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = [f"CREATE TRIGGER projects_{NAME} AFTER INSERT ON {TABLE} WHEN {WHEN} BEGIN {WRITTEN}; END"]
    else:
        statements = [
            f"CREATE FUNCTION projects_{NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {WRITTEN}; RETURN NULL; END $$",
            f"CREATE TRIGGER projects_{NAME} AFTER INSERT ON {TABLE} FOR EACH ROW WHEN ({WHEN}) EXECUTE FUNCTION projects_{NAME}()",
        ]
    for statement in (THERE, *statements):
        schema_editor.execute(statement, params=None)


def watch_no_more(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{NAME}{'' if is_sqlite else f' ON {TABLE}'}", params=None)
    if not is_sqlite:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{NAME}()", params=None)


def yuan(label, *, null=False):
    return models.DecimalField(decimal_places=2, max_digits=18, null=null, verbose_name=label)


class Migration(migrations.Migration):
    dependencies = [("projects", "0012_ended_rated_anew")]
    operations = [
        migrations.AddIndex(
            "stagechange", models.Index(fields=["project", "to_stage", "occurred_on"], name="projects_change_of_project")
        ),
        migrations.AddIndex("progressreport", models.Index(fields=["project", "month"], name="projects_progress_of_project")),
        migrations.CreateModel(
            name="FundsCounted",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=CASCADE, primary_key=True, related_name="counted", serialize=False,
                        to="projects.fundsentry", verbose_name="entry of money in place",
                    ),
                ),
                ("counted_on", models.DateField(verbose_name="counts on")),
                ("recognised_yuan", yuan("recognised (yuan)")),
                ("value_yuan", yuan("worth (yuan)")),
                ("foreign_yuan", yuan("foreign capital used (yuan)", null=True)),
                ("foreign_usd", yuan("foreign capital used (dollars)", null=True)),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=CASCADE, related_name="+", to="projects.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "counted entry of money in place", "verbose_name_plural": "counted entries of money in place",
                "indexes": [
                    models.Index(
                        fields=["project", "counted_on", "recognised_yuan", "value_yuan", "foreign_yuan", "foreign_usd"],
                        name="projects_counted_of_project",
                    )
                ],
            },
        ),
        migrations.RunPython(watch, watch_no_more),
    ]
