"""Goals of one chain. SQLite makes the table of goals anew, and what names it meanwhile breaks: triggers go before and come back."""

from django.db import migrations, models

FOUND = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%assessment_goal %' ORDER BY name"
_aside = []


def set_aside(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FOUND)
        _aside[:] = cursor.fetchall()
    for name, _sql in _aside:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


def bring_back(apps, schema_editor):
    for _name, sql in _aside:
        schema_editor.execute(sql, params=None)
    _aside.clear()


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0017_rating_papers'),
    ]

    operations = [
        migrations.RunPython(set_aside, bring_back),
        migrations.AddField(
            model_name='goal',
            name='chain',
            field=models.CharField(blank=True, default='', max_length=60, verbose_name='chain'),
        ),
        migrations.RemoveConstraint(model_name='goal', name='assessment_goal_once'),
        migrations.AddConstraint(
            model_name='goal',
            constraint=models.UniqueConstraint(fields=('goal_set', 'unit', 'measure', 'tier', 'chain'), name='assessment_goal_once'),
        ),
        migrations.RunPython(bring_back, set_aside),
    ]
