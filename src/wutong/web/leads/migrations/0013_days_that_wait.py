"""What waits for triage or an answer has its day, always; which day that is the database keeps. A stamp says when names of leads changed."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Case, F, Q, When
from django.db.models.functions import TruncDate

import wutong.web.leads.models.leads

WAITS_FOR_TRIAGE = Q(stage="logged", state="open")
WAITS_FOR_ANSWER = Q(answer_due_on__isnull=False) & ~Q(state__in=("merged", "withdrawn")) & (~Q(stage="logged") | Q(state="lost"))


def reckon(apps: Any, schema_editor: Any) -> None:
    """Leads that were logged before days were kept are due on the day on which each was logged: they stand first until somebody looks."""
    leads = apps.get_model("leads", "Lead").objects.order_by()
    logged_on = TruncDate("logged_at")
    leads.filter(stage="logged", triage_due_on=None).exclude(state="withdrawn").update(triage_due_on=logged_on)
    unanswered = leads.filter(answered_at=None, answer_due_on=None).exclude(source_kind="own")
    unanswered.exclude(state__in=("merged", "withdrawn")).update(answer_due_on=logged_on)


class Migration(migrations.Migration):
    """Days for all that waits, the one that counts beside them, the stamp of names, their indexes."""

    dependencies = (("leads", "0012_handed_in"),)
    operations = (
        migrations.RunPython(reckon, migrations.RunPython.noop),
        migrations.RemoveIndex("lead", "leads_lead_triage"),
        migrations.RemoveIndex("lead", "leads_lead_answer"),
        migrations.AddField(
            "lead", "clock_on",
            models.GeneratedField(
                expression=Case(
                    When(WAITS_FOR_TRIAGE, then=F("triage_due_on")), When(WAITS_FOR_ANSWER, then=F("answer_due_on")),
                ),
                output_field=models.DateField("to be triaged or answered by", null=True, blank=True), db_persist=True,
            ),
        ),
        migrations.AddField(
            "lead", "naming_no", models.PositiveIntegerField(default=wutong.web.leads.models.leads.new_stamp, editable=False),
        ),
        migrations.AddIndex(
            "lead", models.Index(fields=["clock_on", "logged_at"], name="leads_lead_clock", condition=Q(clock_on__isnull=False)),
        ),
        migrations.RemoveIndex("lead", "leads_lead_board"),
        migrations.AddIndex(
            "lead",
            models.Index(
                fields=["state", "stage", "last_progress_on", "id", "unit", "owner", "is_confidential", "public_id"],
                name="leads_lead_board",
            ),
        ),
        migrations.AddIndex("lead", models.Index(fields=["logged_at"], name="leads_lead_of_time")),
        migrations.AddIndex("lead", models.Index(fields=["naming_no"], name="leads_lead_names")),
        migrations.AddConstraint(
            "lead",
            models.CheckConstraint(
                condition=~WAITS_FOR_TRIAGE | Q(triage_due_on__isnull=False), name="leads_logged_lead_has_a_day_of_triage",
            ),
        ),
    )  # fmt: skip
