"""Whoever ever entered facts of a claim does not decide on it: so far only the last hand of each fact was kept."""

from django.conf import settings
from django.db import migrations, models


def known(apps, schema_editor):
    """Of claims that are there: those whose values stand."""
    claims, people = apps.get_model("assessment", "RewardClaim"), apps.get_model("accounts", "User")
    there = set(people._base_manager.values_list("pk", flat=True))
    for claim in claims._base_manager.exclude(entered={}).iterator():
        claim.filled_by.add(*({one.get("by") for one in claim.entered.values()} & there))


class Migration(migrations.Migration):
    dependencies = [("assessment", "0014_remedies"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddField(
            model_name="rewardclaim",
            name="filled_by",
            field=models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="facts entered by"),
        ),
        migrations.RunPython(known, migrations.RunPython.noop),
    ]
