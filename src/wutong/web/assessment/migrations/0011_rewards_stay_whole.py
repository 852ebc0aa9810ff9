"""What was registered or decided stays as it is in every column, an empty one too: `<>` let a change from or to NULL pass."""

from django.db import migrations

REGISTRATION = (
    "public_id", "unit_id", "project_id", "lead_id", "partner_id", "introducer_id", "is_staff", "has_agreed", "registered_by_id",
    "registered_at",
)  # fmt: skip
CLAIM = (
    "public_id", "scheme_id", "award", "award_title", '"to"', "project_id", "unit_id", "officer_id", "registration_id", "recipient_key",
    "entered", "review", "state", "amount_yuan", "claimed_by_id", "claimed_at", "decided_by_id", "decided_at", "decision",
)  # fmt: skip
BEFORE = {
    "assessment_registration_stays": ("assessment_registration", "", ("registered_at",), "the day of a registration does not change"),
    "assessment_reward_stays": (
        "assessment_rewardclaim", "OLD.state IN ('approved', 'declined')",
        ("award", "scheme_id", "project_id", "recipient_key", "amount_yuan", "review", "state"), "a reward that was decided does not change",
    ),
}  # fmt: skip
ENDED = "OLD.state IN ('approved', 'declined', 'withdrawn')"
TRIGGERS = {
    "assessment_registration_stays": ("assessment_registration", "", REGISTRATION, "a registration does not change"),
    "assessment_reward_stays": ("assessment_rewardclaim", ENDED, CLAIM, "a reward that was decided does not change"),
}


def changed(columns, differs):
    """That one of the columns changed, as a database says it."""
    return "(" + " OR ".join(f"NEW.{one} {differs} OLD.{one}" for one in columns) + ")"


def drop(schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, *_rest) in TRIGGERS.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


def put(schema_editor, triggers, *, differs):
    drop(schema_editor)
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, where, columns, said) in triggers.items():
        when = " AND ".join(filter(None, (where, changed(columns, differs))))
        if is_sqlite:
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END", params=None
            )
            continue
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$", params=None
        )
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()", params=None
        )


def add(apps, schema_editor):
    put(schema_editor, TRIGGERS, differs="IS NOT" if schema_editor.connection.vendor == "sqlite" else "IS DISTINCT FROM")


def restore(apps, schema_editor):
    """As it was before."""
    put(schema_editor, BEFORE, differs="<>")


class Migration(migrations.Migration):
    dependencies = [("assessment", "0010_rewards_stay")]
    operations = [migrations.RunPython(add, restore)]
