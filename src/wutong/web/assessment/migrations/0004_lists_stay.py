"""What a plan committed and what was drawn by it stays as it is: the database itself refuses."""

from django.db import migrations

TRIGGERS = {
    "assessment_seed_stays": (
        "assessment_inspectionplan", "NEW.seed <> OLD.seed OR NEW.seed_hash <> OLD.seed_hash OR NEW.kind <> OLD.kind",
        "a committed seed does not change",
    ),
    "assessment_list_stays": (
        "assessment_inspectionplan",
        "OLD.list_hash <> '' AND (NEW.list_hash <> OLD.list_hash OR NEW.pool_hash <> OLD.pool_hash OR NEW.pool <> OLD.pool OR NEW.state = 'committed')",
        "a fixed list does not change",
    ),
    "assessment_visit_stays": (
        "assessment_inspection",
        "NEW.plan_id <> OLD.plan_id OR NEW.project_id <> OLD.project_id OR NEW.position_no <> OLD.position_no"
        " OR (OLD.state = 'handed_in' AND (NEW.state <> OLD.state OR NEW.visited_on <> OLD.visited_on OR NEW.summary <> OLD.summary))",
        "a place in a fixed list, and a visit that was handed in, do not change",
    ),
    "assessment_finding_stays": (
        "assessment_finding",
        "NEW.text <> OLD.text OR NEW.severity <> OLD.severity OR NEW.is_false_report <> OLD.is_false_report"
        " OR NEW.matter <> OLD.matter OR NEW.inspection_id <> OLD.inspection_id OR (OLD.state = 'closed' AND NEW.state <> OLD.state)",
        "a finding does not change",
    ),
}  # fmt: skip
HANDED_IN = "EXISTS (SELECT 1 FROM assessment_inspection WHERE id = OLD.inspection_id AND state = 'handed_in')"
ANSWER, ANSWERS, ANSWER_SAID = "assessment_answer_stays", "assessment_inspectionanswer", "what was handed in does not change"


def sqlite():
    for name, (table, when, said) in {**TRIGGERS, ANSWER: (ANSWERS, HANDED_IN, ANSWER_SAID)}.items():
        yield f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"


def postgresql():
    for name, (table, when, said) in TRIGGERS.items():
        yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
        yield f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    body = f"BEGIN IF {HANDED_IN} THEN RAISE EXCEPTION '{ANSWER_SAID}'; END IF; RETURN NEW; END"
    yield f"CREATE FUNCTION {ANSWER}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
    yield f"CREATE TRIGGER {ANSWER} BEFORE UPDATE ON {ANSWERS} FOR EACH ROW EXECUTE FUNCTION {ANSWER}()"


def add(apps, schema_editor):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, table in {**{name: one[0] for name, one in TRIGGERS.items()}, ANSWER: ANSWERS}.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0003_inspections")]
    operations = [migrations.RunPython(add, remove)]
