"""What was frozen, approved or entered stays as it is: the database itself refuses."""

from django.db import migrations

TRIGGERS = {
    "assessment_version_stays": (
        "UPDATE", "assessment_schemeversion",
        "OLD.state <> 'draft' AND (NEW.text <> OLD.text OR NEW.text_hash <> OLD.text_hash OR NEW.number <> OLD.number OR NEW.scheme_id <> OLD.scheme_id OR NEW.state = 'draft')",
        "a submitted version of a scheme does not change",
    ),
    "assessment_version_kept": ("DELETE", "assessment_schemeversion", "OLD.state = 'approved'", "an approved version of a scheme is kept for ever"),
    "assessment_run_stays": (
        "UPDATE", "assessment_run",
        "OLD.frozen_at IS NOT NULL AND (NEW.rule_hash <> OLD.rule_hash OR NEW.digest <> OLD.digest OR NEW.version_id <> OLD.version_id OR NEW.scheme_id <> OLD.scheme_id OR NEW.starts_on <> OLD.starts_on OR NEW.\"on\" <> OLD.\"on\" OR NEW.frozen_at IS NULL OR NEW.state IN ('waiting', 'draft', 'failed'))",
        "a frozen run does not change",
    ),
    "assessment_run_kept": ("DELETE", "assessment_run", "OLD.frozen_at IS NOT NULL", "a frozen run is kept"),
    "assessment_figure_stays": ("UPDATE", "assessment_factentry", "1 = 1", "a figure that was entered does not change"),
}  # fmt: skip
OF_RUN = {"assessment_unit_stays": "UPDATE", "assessment_unit_kept": "DELETE"}
FROZEN = "EXISTS (SELECT 1 FROM assessment_run WHERE id = OLD.run_id AND frozen_at IS NOT NULL)"


def sqlite():
    for name, (event, table, when, said) in TRIGGERS.items():
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"
    for name, event in OF_RUN.items():
        yield f"CREATE TRIGGER {name} BEFORE {event} ON assessment_rununit WHEN {FROZEN} BEGIN SELECT RAISE(ABORT, 'a frozen run does not change'); END"


def postgresql():
    for name, (event, table, when, said) in TRIGGERS.items():
        yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    for name, event in OF_RUN.items():
        row = "NEW" if event == "UPDATE" else "OLD"
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {FROZEN} THEN RAISE EXCEPTION 'a frozen run does not change'; END IF; RETURN {row}; END $$"
        )
        yield f"CREATE TRIGGER {name} BEFORE {event} ON assessment_rununit FOR EACH ROW EXECUTE FUNCTION {name}()"


def add(apps, schema_editor):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    tables = {**{name: one[1] for name, one in TRIGGERS.items()}, **dict.fromkeys(OF_RUN, "assessment_rununit")}
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, table in tables.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_schemes")]
    operations = [migrations.RunPython(add, remove)]
