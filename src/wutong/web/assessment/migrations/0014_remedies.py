"""A finding stands on a visit or on a low result of a run; the unit that answers for it stands in the row itself."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery

NAME, SAID = "assessment_finding_stays", "a finding does not change"
BEFORE = (
    "NEW.text <> OLD.text OR NEW.severity <> OLD.severity OR NEW.is_false_report <> OLD.is_false_report"
    " OR NEW.matter <> OLD.matter OR NEW.inspection_id <> OLD.inspection_id OR (OLD.state = 'closed' AND NEW.state <> OLD.state)"
)
"""As 0004 made it."""
AFTER = BEFORE + " OR NEW.result_id <> OLD.result_id"


def drop(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}{'' if is_sqlite else ' ON assessment_finding'}", params=None)
    if not is_sqlite:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)


def put(schema_editor, when):
    if schema_editor.connection.vendor == "sqlite":
        body = f"SELECT RAISE(ABORT, '{SAID}')"
        schema_editor.execute(f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_finding WHEN {when} BEGIN {body}; END", params=None)
        return
    body = f"BEGIN RAISE EXCEPTION '{SAID}'; END"
    schema_editor.execute(f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$", params=None)
    schema_editor.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_finding FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {NAME}()", params=None
    )


def put_after(apps, schema_editor):
    put(schema_editor, AFTER)


def put_before(apps, schema_editor):
    put(schema_editor, BEFORE)


def fill(apps, schema_editor):
    finding, inspection = (apps.get_model("assessment", name) for name in ("Finding", "Inspection"))
    of = inspection.objects.filter(pk=OuterRef("inspection")).values("unit")[:1]
    finding.objects.filter(unit=None).update(unit=Subquery(of))
    if schema_editor.connection.vendor == "postgresql":  # else the next change of the table finds checks of keys still waiting
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED", params=None)


def leave(apps, schema_editor):
    """Nothing to take back: the column goes."""


class Migration(migrations.Migration):
    atomic = True
    dependencies = [("assessment", "0013_persons")]
    operations = [
        migrations.RunPython(drop, put_before),
        migrations.AlterField(
            model_name="finding", name="inspection",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="assessment.inspection",
                verbose_name="inspection",
            ),
        ),
        migrations.AddField(
            model_name="finding", name="result",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="assessment.rununit",
                verbose_name="result of a unit",
            ),
        ),
        migrations.AddField(
            model_name="finding", name="unit",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit", verbose_name="unit"
            ),
        ),
        migrations.RunPython(fill, leave),
        migrations.AlterField(
            model_name="finding", name="unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit", verbose_name="unit"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=Q(("inspection__isnull", False), ("result", None))
                | Q(("inspection", None), ("is_false_report", False), ("result__isnull", False)),
                name="assessment_finding_of_a_visit_or_a_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=Q(("state", "closed"), _negated=True), fields=("result",), name="assessment_one_open_remedy_of_a_result"
            ),
        ),
        migrations.RunPython(put_after, drop),
    ]  # fmt: skip
