"""The last day of the public notice is kept when a run is frozen, and stays. Runs that are frozen already promised none."""

from django.db import migrations, models

NAME = "assessment_run_notice_stays"
SAID = "a frozen run does not change"


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_run "
            f"WHEN OLD.frozen_at IS NOT NULL AND NEW.notice_until IS NOT OLD.notice_until BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
            params=None,
        )
        return
    schema_editor.execute(
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SAID}'; END $$", params=None
    )
    schema_editor.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_run FOR EACH ROW "
        f"WHEN (OLD.frozen_at IS NOT NULL AND NEW.notice_until IS DISTINCT FROM OLD.notice_until) EXECUTE FUNCTION {NAME}()",
        params=None,
    )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}", params=None)
        return
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON assessment_run", params=None)
    schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0021_whose_rewards")]
    operations = [
        migrations.AddField(
            model_name="run",
            name="notice_until",
            field=models.DateField(null=True, verbose_name="public notice until"),
        ),
        migrations.RunPython(add, remove),
    ]
