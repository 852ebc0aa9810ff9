"""A change of a goal that reaches back is marked as a correction. What was planned, drawn or found stays: the database refuses."""

from django.db import migrations, models

PLAN, VISIT, ANSWER, FINDING = (f"assessment_{name}" for name in ("inspectionplan", "inspection", "inspectionanswer", "finding"))
SCOPE = ("scope_unit_id", "scope_stages", "least_yuan", "wanted_count", "begins_on", "ends_on", "committed_by_id", "committed_at")
FOUND = ("text", "severity", "is_false_report", "matter", "inspection_id", "result_id", "reported_value", "verified_value", "unit_id")
PLACE, SAID = ("plan_id", "project_id", "position_no"), ("visited_on", "summary")
ENDED = "(OLD.state = 'closed' AND NEW.state NOT IN ('closed', 'withdrawn')) OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')"
HANDED_IN = "EXISTS (SELECT 1 FROM assessment_inspection WHERE id = OLD.inspection_id AND state = 'handed_in')"
SAID_OF_VISITS = "a place in a fixed list, and a visit that was handed in, do not change"
SAID_OF_ANSWERS = "what was handed in does not change"


def changed(columns, differs):
    """Whether one of these columns becomes another, with or from nothing too."""
    return " OR ".join(f"NEW.{one} {differs} OLD.{one}" for one in columns)


def before(differs):
    """Triggers that were there before and took nothing for no change."""
    place, said = changed(PLACE, "<>"), changed(("state", *SAID), "<>")
    found = changed(("text", "severity", "is_false_report", "matter", "inspection_id", "result_id"), "<>")
    return {
        "assessment_visit_stays": (VISIT, "UPDATE", f"{place} OR (OLD.state = 'handed_in' AND ({said}))", SAID_OF_VISITS),
        "assessment_finding_stays": (FINDING, "UPDATE", f"{found} OR {ENDED}", "a finding does not change"),
    }


def after(differs):
    """Name → table, event, when, what it says."""
    place, said = changed(PLACE, differs), changed(("state", *SAID), differs)
    return {
        "assessment_visit_stays": (VISIT, "UPDATE", f"{place} OR (OLD.state = 'handed_in' AND ({said}))", SAID_OF_VISITS),
        "assessment_finding_stays": (FINDING, "UPDATE", f"{changed(FOUND, differs)} OR {ENDED}", "a finding does not change"),
        "assessment_scope_stays": (PLAN, "UPDATE", changed(SCOPE, differs), "what a plan committed does not change"),
        "assessment_plan_kept": (PLAN, "DELETE", "1 = 1", "a plan of inspection is kept"),
        "assessment_visit_kept": (VISIT, "DELETE", "1 = 1", "a place in a fixed list is kept"),
        "assessment_answer_kept": (ANSWER, "DELETE", HANDED_IN, SAID_OF_ANSWERS),
        "assessment_finding_kept": (FINDING, "DELETE", "1 = 1", "a finding is kept"),
    }


def drop(schema_editor, names):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, *_rest) in names.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


def put(schema_editor, triggers):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, event, when, said) in triggers("IS NOT" if is_sqlite else "IS DISTINCT FROM").items():
        if is_sqlite:
            body = f"SELECT RAISE(ABORT, '{said}')"
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN {body}; END", params=None)
            continue
        row, inside = "OLD" if event == "DELETE" else "NEW", "EXISTS" in when  # a condition with a query stands in the function
        raised = f"RAISE EXCEPTION '{said}';"
        body = f"BEGIN IF {when} THEN {raised} END IF; RETURN {row}; END" if inside else f"BEGIN {raised} END"
        schema_editor.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$", params=None)
        only = "" if inside else f" WHEN ({when})"
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{only} EXECUTE FUNCTION {name}()", params=None)


def forwards(apps, schema_editor):
    drop(schema_editor, before("<>"))
    put(schema_editor, after)


def backwards(apps, schema_editor):
    drop(schema_editor, after("<>"))
    put(schema_editor, before)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0025_persons_rated")]
    operations = [
        migrations.AddField(
            model_name="goalchange",
            name="is_correction",
            field=models.BooleanField(default=False, verbose_name="corrects an error"),
        ),
        migrations.RunPython(forwards, backwards),
    ]
