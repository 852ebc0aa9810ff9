"""What was registered, computed or approved stays as it is: the database itself refuses."""

from django.db import migrations

SAYS = " OR ".join(f"NEW.{one} <> OLD.{one}" for one in ("award", "scheme_id", "project_id", "recipient_key", "amount_yuan", "review", "state"))
TRIGGERS = {
    "assessment_registration_stays": ("UPDATE", "assessment_registration", "NEW.registered_at <> OLD.registered_at", "the day of a registration does not change"),
    "assessment_registration_kept": ("DELETE", "assessment_registration", "1 = 1", "a registration is kept"),
    "assessment_reward_sheet_stays": ("UPDATE", "assessment_rewardsheet", "1 = 1", "a reward sheet does not change"),
    "assessment_reward_sheet_kept": ("DELETE", "assessment_rewardsheet", "1 = 1", "a reward sheet is kept"),
    "assessment_reward_stays": ("UPDATE", "assessment_rewardclaim", f"OLD.state IN ('approved', 'declined') AND ({SAYS})", "a reward that was decided does not change"),
    "assessment_reward_kept": ("DELETE", "assessment_rewardclaim", "OLD.state = 'approved'", "an approved reward is kept"),
}  # fmt: skip


def sqlite():
    for name, (event, table, when, said) in TRIGGERS.items():
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"


def postgresql():
    for name, (event, table, when, said) in TRIGGERS.items():
        yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"


def add(apps, schema_editor):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (_event, table, _when, _said) in TRIGGERS.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0009_rewards")]
    operations = [migrations.RunPython(add, remove)]
