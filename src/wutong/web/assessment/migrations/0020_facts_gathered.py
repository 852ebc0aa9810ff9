"""When the facts of a run were gathered is kept: a false report found after that touches it, whenever it was frozen."""

from django.db import migrations, models
from django.db.models import F

KEPT = ("frozen", "approved", "published")
PROJECT, FUNDS = "projects.Project", "projects.FundsEntry"
NAME = "assessment_run_gathered_stays"
SAID = "a frozen run does not change"


def known(apps, schema_editor):
    """Of runs that are there: when the last job that worked them out began, else when they were drafted; and what is known since then."""
    runs, findings = (apps.get_model("assessment", name)._base_manager for name in ("Run", "Finding"))
    entries = apps.get_model("projects", "FundsEntry")._base_manager
    runs.filter(gathered_at=None).exclude(digest="").update(gathered_at=F("drafted_at"))
    for run in runs.exclude(digest="").filter(job__started_at__isnull=False).select_related("job"):
        runs.filter(pk=run.pk).update(gathered_at=run.job.started_at)
    for finding in findings.filter(is_false_report=True, inspection__project__isnull=False).select_related("inspection__project"):
        project = finding.inspection.project
        keys = {(FUNDS, str(key)) for key in entries.filter(project=project).values_list("public_id", flat=True)}
        keys.add((PROJECT, str(project.public_id)))
        between = runs.filter(state__in=KEPT, gathered_at__lt=finding.at, frozen_at__gte=finding.at)
        for run in between.prefetch_related("units"):
            behind = {(kind, key) for unit in run.units.all() for one in unit.evidence.values() for kind, key in one["behind"]}
            if behind & keys:
                finding.touched_runs.add(run)


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_run "
            f"WHEN OLD.frozen_at IS NOT NULL AND NEW.gathered_at IS NOT OLD.gathered_at BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
            params=None,
        )
        return
    schema_editor.execute(
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SAID}'; END $$", params=None
    )
    schema_editor.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON assessment_run FOR EACH ROW "
        f"WHEN (OLD.frozen_at IS NOT NULL AND NEW.gathered_at IS DISTINCT FROM OLD.gathered_at) EXECUTE FUNCTION {NAME}()",
        params=None,
    )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}", params=None)
        return
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON assessment_run", params=None)
    schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0019_objection_files")]
    operations = [
        migrations.AddField(
            model_name="run",
            name="gathered_at",
            field=models.DateTimeField(null=True, verbose_name="facts gathered at"),
        ),
        migrations.RunPython(known, migrations.RunPython.noop),
        migrations.RunPython(add, remove),
    ]
