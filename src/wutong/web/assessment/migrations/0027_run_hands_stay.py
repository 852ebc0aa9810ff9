"""Who approved and who published a kept run, when, and whose place it takes stays as it is: the database itself refuses."""

from django.db import migrations

NAME = "assessment_run_hands_stay"
SAID = "a frozen run does not change"
SET_ONCE = (("approved_at", ("approved_at", "approved_by_id")), ("published_at", ("published_at", "published_by_id")))


def when(differs):
    """Once it is approved by whom and when, once it is published likewise; whose place it takes from the freezing on. Null-safe."""
    changed = [
        f"(OLD.{mark} IS NOT NULL AND ({' OR '.join(f'NEW.{name} {differs} OLD.{name}' for name in names)}))" for mark, names in SET_ONCE
    ]
    return f"OLD.frozen_at IS NOT NULL AND ({' OR '.join([*changed, f'NEW.supersedes_id {differs} OLD.supersedes_id'])})"


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_run WHEN {when('IS NOT')} BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
            params=None,
        )
        return
    schema_editor.execute(
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SAID}'; END $$", params=None
    )
    schema_editor.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_run FOR EACH ROW WHEN ({when('IS DISTINCT FROM')}) EXECUTE FUNCTION {NAME}()",
        params=None,
    )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}", params=None)
        return
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON assessment_run", params=None)
    schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0026_corrections_and_guards")]
    operations = [migrations.RunPython(add, remove)]
