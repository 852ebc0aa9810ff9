"""What was issued, found, planned or approved in error is withdrawn with a reason, and stays on record as withdrawn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PLAN, FINDINGS, VALUES = "assessment_inspectionplan", "assessment_finding", "assessment_goalvalue"
SEED = "NEW.seed <> OLD.seed OR NEW.seed_hash <> OLD.seed_hash OR NEW.kind <> OLD.kind"
LIST = "OLD.list_hash <> '' AND (NEW.list_hash <> OLD.list_hash OR NEW.pool_hash <> OLD.pool_hash OR NEW.pool <> OLD.pool OR NEW.state {})"
FINDING = (
    "NEW.text <> OLD.text OR NEW.severity <> OLD.severity OR NEW.is_false_report <> OLD.is_false_report"
    " OR NEW.matter <> OLD.matter OR NEW.inspection_id <> OLD.inspection_id OR NEW.result_id <> OLD.result_id OR {}"
)
GOAL = (
    "EXISTS (SELECT 1 FROM assessment_goal g JOIN assessment_goalset s ON s.id = g.goal_set_id "
    "WHERE g.id = OLD.goal_id AND s.state {})"
)
BULLETIN = " OR ".join(f"NEW.{one} <> OLD.{one}" for one in ("text", "generated", "digest", "year", "number", "run_id", "signed_by_id"))
BULLETIN = f"OLD.signed_at IS NOT NULL AND ({BULLETIN} OR NEW.signed_at IS NULL OR (OLD.state = 'archived' AND NEW.state <> 'archived'))"
ARCHIVED = "EXISTS (SELECT 1 FROM assessment_bulletin WHERE id = OLD.bulletin_id AND state = 'archived')"
SAID_OF_FILES = "a file of an archived bulletin does not change"
SAID_OF_GOALS = "a goal in force does not change; its change is a value of its own"


def triggers(is_after):
    """Name → table, event, when, what it says. Those of bulletins are as they were: making their table anew on SQLite loses them."""
    ended = (
        "(OLD.state = 'closed' AND NEW.state NOT IN ('closed', 'withdrawn')) OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')"
        if is_after
        else "(OLD.state = 'closed' AND NEW.state <> OLD.state)"
    )
    goal = GOAL.format("IN ('in_force', 'repealed')" if is_after else "= 'in_force'")
    return {
        "assessment_seed_stays": (PLAN, "UPDATE", SEED, "a committed seed does not change"),
        "assessment_list_stays": (
            PLAN, "UPDATE", LIST.format("IN ('committed', 'dropped')" if is_after else "= 'committed'"), "a fixed list does not change",
        ),
        "assessment_finding_stays": (FINDINGS, "UPDATE", FINDING.format(ended), "a finding does not change"),
        "assessment_goal_value_stays": (VALUES, "UPDATE", goal, SAID_OF_GOALS),
        "assessment_goal_value_kept": (VALUES, "DELETE", goal, SAID_OF_GOALS),
        "assessment_bulletin_stays": ("assessment_bulletin", "UPDATE", BULLETIN, "a signed bulletin does not change"),
        "assessment_bulletin_kept": ("assessment_bulletin", "DELETE", "OLD.signed_at IS NOT NULL", "a signed bulletin is kept"),
        "assessment_bulletin_file_stays": ("assessment_bulletinfile", "UPDATE", ARCHIVED, SAID_OF_FILES),
        "assessment_bulletin_file_kept": ("assessment_bulletinfile", "DELETE", ARCHIVED, SAID_OF_FILES),
    }  # fmt: skip


def drop(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, *_rest) in triggers(is_after=True).items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


def put(schema_editor, *, is_after):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, event, when, said) in triggers(is_after).items():
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


def put_after(apps, schema_editor):
    put(schema_editor, is_after=True)


def put_before(apps, schema_editor):
    put(schema_editor, is_after=False)


def nothing(apps, schema_editor):
    """What stood before needs no word of its own."""


def take_back(apps, schema_editor):
    """What was withdrawn stands again: the version before knows no such state."""
    for model, state, before in (("Finding", "withdrawn", "open"), ("InspectionPlan", "dropped", "committed"), ("GoalSet", "repealed", "in_force")):
        apps.get_model("assessment", model)._base_manager.filter(state=state).update(state=before)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0023_registrations_withdrawn"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.RunPython(drop, put_before),
        migrations.RemoveConstraint(
            model_name="finding",
            name="assessment_one_open_remedy_of_a_result",
        ),
        migrations.RemoveConstraint(
            model_name="inspectionplan",
            name="assessment_plan_drawn_has_its_hash",
        ),
        migrations.AddField(
            model_name="bulletin",
            name="withdrawn_at",
            field=models.DateTimeField(null=True, verbose_name="withdrawn at"),
        ),
        migrations.AddField(
            model_name="bulletin",
            name="withdrawn_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="withdrawn by"),
        ),
        migrations.AddField(
            model_name="finding",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at"),
        ),
        migrations.AddField(
            model_name="finding",
            name="withdrawn_by",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="withdrawn by"),
        ),
        migrations.AddField(
            model_name="finding",
            name="withdrawn_reason",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="why withdrawn"),
        ),
        migrations.AddField(
            model_name="inspectionplan",
            name="dropped_reason",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="why given up"),
        ),
        migrations.AlterField(
            model_name="bulletin",
            name="dropped_reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="why dropped or withdrawn"),
        ),
        migrations.AlterField(
            model_name="finding",
            name="state",
            field=models.CharField(choices=[("open", "to be rectified"), ("rectified", "rectified, to be verified"), ("closed", "closed"), ("withdrawn", "withdrawn")], default="open", max_length=10, verbose_name="state"),
        ),
        migrations.AlterField(
            model_name="goalset",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="why sent back, dropped or repealed"),
        ),
        migrations.AlterField(
            model_name="goalset",
            name="state",
            field=models.CharField(choices=[("draft", "draft"), ("submitted", "waits for approval"), ("in_force", "in force"), ("dropped", "dropped"), ("repealed", "repealed")], max_length=10, verbose_name="state"),
        ),
        migrations.AlterField(
            model_name="inspectionplan",
            name="state",
            field=models.CharField(choices=[("committed", "seed committed, list not fixed"), ("drawn", "list fixed"), ("closed", "closed"), ("dropped", "given up")], default="committed", max_length=10, verbose_name="state"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(condition=models.Q(("state__in", ["closed", "withdrawn"]), _negated=True), fields=("result",), name="assessment_one_open_remedy_of_a_result"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("state", "withdrawn"), _negated=True), models.Q(("withdrawn_by__isnull", False), models.Q(("withdrawn_by", models.F("by")), _negated=True), models.Q(("withdrawn_reason", ""), _negated=True)), _connector="OR"), name="assessment_finding_withdrawn_by_another"),
        ),
        migrations.AddConstraint(
            model_name="inspectionplan",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("drawn_at", None), ("list_hash", ""), ("state__in", ["committed", "dropped"])), models.Q(models.Q(("state__in", ["committed", "dropped"]), _negated=True), models.Q(("list_hash", ""), _negated=True), ("drawn_at__isnull", False)), _connector="OR"), name="assessment_plan_drawn_has_its_hash"),
        ),
        migrations.RunPython(nothing, take_back),
        migrations.RunPython(put_after, drop),
    ]  # fmt: skip
