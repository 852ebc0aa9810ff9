"""Who tells the day and the place of a photograph, and the place in words.

Why the triggers are taken off and put on again: SQLite makes the table anew where a column is added, and forgets them.
"""

from django.db import migrations, models

KEPT = "papers, promises and reports are kept; add a later row instead"
VERBS = ("UPDATE", "DELETE")


def free(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in VERBS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_progressphoto_no_{verb.lower()}", params=None)


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in VERBS:
            name = f"projects_progressphoto_no_{verb.lower()}"
            told = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON projects_progressphoto {told}", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0006_opinions_asked'),
    ]

    operations = [
        migrations.RunPython(free, keep),
        migrations.AddField(
            model_name='progressphoto',
            name='day_by',
            field=models.CharField(blank=True, choices=[('camera', 'the camera'), ('phone', "the phone's position"), ('person', 'whoever reported')], max_length=8, verbose_name='who tells the day'),
        ),
        migrations.AddField(
            model_name='progressphoto',
            name='place',
            field=models.CharField(blank=True, max_length=120, verbose_name='place'),
        ),
        migrations.AddField(
            model_name='progressphoto',
            name='place_by',
            field=models.CharField(blank=True, choices=[('camera', 'the camera'), ('phone', "the phone's position"), ('person', 'whoever reported')], max_length=8, verbose_name='who tells the place'),
        ),
        migrations.RunPython(keep, free),
    ]
