"""Which frozen runs a false report touches is kept when it is found, so that it can stand among the duties."""

from django.db import migrations, models

KEPT = ("frozen", "approved", "published")
PROJECT, FUNDS = "projects.Project", "projects.FundsEntry"


def known(apps, schema_editor):
    """Of findings that are there: the kept runs frozen before whose points rest on the project or its money."""
    findings, runs = (apps.get_model("assessment", name)._base_manager for name in ("Finding", "Run"))
    entries = apps.get_model("projects", "FundsEntry")._base_manager
    for finding in findings.filter(is_false_report=True).select_related("inspection__project"):
        project = finding.inspection.project
        keys = {(FUNDS, str(key)) for key in entries.filter(project=project).values_list("public_id", flat=True)}
        keys.add((PROJECT, str(project.public_id)))
        for run in runs.filter(state__in=KEPT, frozen_at__lt=finding.at).prefetch_related("units"):
            behind = {(kind, key) for unit in run.units.all() for one in unit.evidence.values() for kind, key in one["behind"]}
            if behind & keys:
                finding.touched_runs.add(run)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0015_reward_hands")]
    operations = [
        migrations.AddField(
            model_name="finding",
            name="touched_runs",
            field=models.ManyToManyField(
                blank=True, related_name="false_reports", to="assessment.run", verbose_name="runs that rest on it"
            ),
        ),
        migrations.RunPython(known, migrations.RunPython.noop),
    ]
