"""The kind of site of a project, and rates told anew where what a rule of key industries or a limit looks at changes.

SQLite makes the table anew for the field, and its triggers go with the old one: they come back, as in 0018.
"""

from django.db import migrations, models

FOUND = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'projects_project' ORDER BY name"
NAME, TABLE = "projects_rated_which", "projects_project"
OWN = ("chain", "segment", "mode", "site_kind")
DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
NUMBER = {"sqlite": "abs(random()) % 2147483647", "postgresql": "floor(random() * 2147483646)::int"}
_aside = []


def set_aside(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FOUND)
        _aside[:] = [sql for (sql,) in cursor.fetchall()]


def bring_back(apps, schema_editor):
    for statement in _aside:
        schema_editor.execute(statement, params=None)
    _aside.clear()


def watch(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    when = " OR ".join(f"NEW.{name} {DIFFERS[vendor]} OLD.{name}" for name in OWN)
    anew = (
        f"INSERT INTO projects_ratedstamp (project_id, number) VALUES (NEW.id, {NUMBER[vendor]}) "
        "ON CONFLICT (project_id) DO UPDATE SET number = excluded.number"
    )
    head = f"CREATE TRIGGER {NAME} AFTER UPDATE OF {', '.join(OWN)} ON {TABLE}"
    if vendor == "sqlite":
        schema_editor.execute(f"{head} WHEN ({when}) BEGIN {anew}; END", params=None)
        return
    body = f"BEGIN {anew}; RETURN NULL; END"
    schema_editor.execute(f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$", params=None)
    schema_editor.execute(f"{head} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {NAME}()", params=None)


def unwatch(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}", params=None)
        return
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}", params=None)
    schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0019_plan_changes'),
    ]

    operations = [
        migrations.RunPython(set_aside, bring_back),
        migrations.AddField(
            model_name='project',
            name='site_kind',
            field=models.CharField(blank=True, choices=[('existing_land', 'land that is there'), ('new_land', 'land to be approved'), ('ready_workshop', 'ready workshop')], max_length=16, verbose_name='kind of site'),
        ),
        migrations.RunPython(bring_back, set_aside),
        migrations.RunPython(watch, unwatch),
    ]
