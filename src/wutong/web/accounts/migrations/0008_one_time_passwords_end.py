"""A one-time password ends on a day; those given before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("accounts", "0007_proposed_postings"),)

    operations = (
        migrations.AddField(
            model_name="user",
            name="one_time_until",
            field=models.DateField(blank=True, null=True, verbose_name="one-time password until"),
        ),
    )
