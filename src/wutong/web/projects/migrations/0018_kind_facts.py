"""What projects of a kind say of themselves. SQLite makes the table anew for it, and its triggers go with the old one: they come back."""

from django.db import migrations, models

FOUND = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'projects_project' ORDER BY name"
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


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0017_files_of_proofs'),
    ]

    operations = [
        migrations.RunPython(set_aside, bring_back),
        migrations.AddField(
            model_name='project',
            name='kind_facts',
            field=models.JSONField(blank=True, default=dict, verbose_name='facts of its kind'),
        ),
        migrations.RunPython(bring_back, set_aside),
    ]
