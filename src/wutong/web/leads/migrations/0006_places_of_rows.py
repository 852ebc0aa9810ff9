"""Places of rows are read list by list: with the place first SQLite read every row whole instead."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("leads", "0005_first_claims"),)

    operations = (
        migrations.RemoveIndex(model_name="listedfirm", name="leads_row_cities"),
        migrations.AddIndex(
            model_name="listedfirm", index=models.Index(fields=["list", "removed_at", "city"], name="leads_row_places")
        ),
    )
