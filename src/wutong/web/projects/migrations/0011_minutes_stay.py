"""Signed minutes stay as they were: the database itself refuses to add to them, change or delete them, whoever asks.

A task force and who was in it is never deleted.
"""

from django.db import migrations

KEPT = "signed minutes are kept; hold another meeting instead"
SIGNED = "SELECT 1 FROM projects_dispatchmeeting m WHERE m.state = 'signed' AND m.id = {row}.meeting_id"
OF_ITEM = (
    "SELECT 1 FROM projects_agendaitem i JOIN projects_dispatchmeeting m ON m.id = i.meeting_id WHERE m.state = 'signed' AND i.id = {row}.item_id"
)
ROWS = [
    *(
        (f"{table}_signed_no_{verb.lower()}", verb, table, f"EXISTS ({way.format(row='NEW' if verb == 'INSERT' else 'OLD')})")
        for table, way in (("invitee", SIGNED), ("agendaitem", SIGNED), ("followup", SIGNED), ("dispatchdecision", OF_ITEM))
        for verb in ("INSERT", "UPDATE", "DELETE")
    ),
    ("meeting_signed_stays", "UPDATE", "dispatchmeeting", "OLD.state = 'signed'"),
    ("meeting_signed_no_delete", "DELETE", "dispatchmeeting", "OLD.state = 'signed'"),
    ("taskforce_no_delete", "DELETE", "taskforce", ""),
    ("forcemember_no_delete", "DELETE", "forcemember", ""),
]


def add(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, verb, table, when in ROWS:
        if is_sqlite:
            condition = f"WHEN {when} " if when else ""
            statements = [
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} {condition}BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            ]
        else:
            raised = f"RAISE EXCEPTION '{KEPT}';"
            given = "OLD" if verb == "DELETE" else "NEW"
            body = f"IF {when} THEN {raised} END IF; RETURN {given};" if when else raised
            statements = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _verb, table, _when in ROWS:
        if is_sqlite:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name} ON projects_{table}", params=None)
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0010_dispatch")]
    operations = [migrations.RunPython(add, remove)]
