"""What was signed, edited or filed stays as it is: the database itself refuses."""

from django.db import migrations

SAYS = " OR ".join(f"NEW.{one} <> OLD.{one}" for one in ("text", "generated", "digest", "year", "number", "run_id", "signed_by_id"))
ARCHIVED = "EXISTS (SELECT 1 FROM assessment_bulletin WHERE id = OLD.bulletin_id AND state = 'archived')"
TRIGGERS = {
    "assessment_bulletin_stays": (
        "UPDATE", "assessment_bulletin",
        f"OLD.signed_at IS NOT NULL AND ({SAYS} OR NEW.signed_at IS NULL OR (OLD.state = 'archived' AND NEW.state <> 'archived'))",
        "a signed bulletin does not change",
    ),
    "assessment_bulletin_kept": ("DELETE", "assessment_bulletin", "OLD.signed_at IS NOT NULL", "a signed bulletin is kept"),
    "assessment_bulletin_edit_stays": ("UPDATE", "assessment_bulletinedit", "1 = 1", "an edit of a bulletin does not change"),
    "assessment_template_stays": ("UPDATE", "assessment_bulletintemplate", "NEW.text <> OLD.text OR NEW.text_hash <> OLD.text_hash OR NEW.number <> OLD.number", "a version of a template does not change"),
}  # fmt: skip
OF_FILES = {"assessment_bulletin_file_stays": "UPDATE", "assessment_bulletin_file_kept": "DELETE"}
SAID = "a file of an archived bulletin does not change"


def sqlite():
    for name, (event, table, when, said) in TRIGGERS.items():
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"
    for name, event in OF_FILES.items():
        yield f"CREATE TRIGGER {name} BEFORE {event} ON assessment_bulletinfile WHEN {ARCHIVED} BEGIN SELECT RAISE(ABORT, '{SAID}'); END"


def postgresql():
    for name, (event, table, when, said) in TRIGGERS.items():
        yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    for name, event in OF_FILES.items():
        row = "NEW" if event == "UPDATE" else "OLD"
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {ARCHIVED} THEN RAISE EXCEPTION '{SAID}'; END IF; RETURN {row}; END $$"
        )
        yield f"CREATE TRIGGER {name} BEFORE {event} ON assessment_bulletinfile FOR EACH ROW EXECUTE FUNCTION {name}()"


def add(apps, schema_editor):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    tables = {**{name: one[1] for name, one in TRIGGERS.items()}, **dict.fromkeys(OF_FILES, "assessment_bulletinfile")}
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, table in tables.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0007_bulletins")]
    operations = [migrations.RunPython(add, remove)]
