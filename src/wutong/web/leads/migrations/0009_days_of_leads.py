"""By when leads are to be triaged and answered, and when somebody last did something: beside each lead, for lists to sort by."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Leads that stand already: the last progress of their latest claim."""
    claims = apps.get_model("leads.Claim").objects.filter(lead=OuterRef("pk")).order_by("-filed_at", "-pk")
    apps.get_model("leads.Lead").objects.update(last_progress_on=Subquery(claims.values("last_progress_on")[:1]))


class Migration(migrations.Migration):
    """Three days and the indexes over them."""

    dependencies = (("leads", "0008_compared"),)
    operations = (
        migrations.AddField("lead", "triage_due_on", models.DateField("to be triaged by", null=True, blank=True)),
        migrations.AddField("lead", "answer_due_on", models.DateField("to be answered by", null=True, blank=True)),
        migrations.AddField("lead", "last_progress_on", models.DateField("last progress", null=True, blank=True)),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.AddIndex("lead", models.Index(fields=["state", "logged_at"], name="leads_lead_logged")),
        migrations.AddIndex("lead", models.Index(fields=["state", "last_progress_on"], name="leads_lead_quiet")),
        migrations.AddIndex("lead", models.Index(fields=["triage_due_on"], name="leads_lead_triage")),
        migrations.AddIndex("lead", models.Index(fields=["answer_due_on"], name="leads_lead_answer")),
    )
