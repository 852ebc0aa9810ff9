"""Values of goals in force stay as they are: the database itself refuses; a change adds a value from its day on."""

from django.db import migrations

SAID = "a goal in force does not change; its change is a value of its own"
IN_FORCE = (
    "EXISTS (SELECT 1 FROM assessment_goal g JOIN assessment_goalset s ON s.id = g.goal_set_id "
    "WHERE g.id = OLD.goal_id AND s.state = 'in_force')"
)
TRIGGERS = {"assessment_goal_value_stays": "UPDATE", "assessment_goal_value_kept": "DELETE"}


def add(apps, schema_editor):
    for name, event in TRIGGERS.items():
        if schema_editor.connection.vendor == "sqlite":
            raised = f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
            statements = [f"CREATE TRIGGER {name} BEFORE {event} ON assessment_goalvalue WHEN {IN_FORCE} {raised}"]
        else:
            row = "NEW" if event == "UPDATE" else "OLD"
            statements = [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF {IN_FORCE} THEN RAISE EXCEPTION '{SAID}'; END IF; RETURN {row}; END $$",
                f"CREATE TRIGGER {name} BEFORE {event} ON assessment_goalvalue FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else ' ON assessment_goalvalue'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0005_goals")]
    operations = [migrations.RunPython(add, remove)]
