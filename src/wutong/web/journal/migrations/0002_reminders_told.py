"""Which duties that rooms know by themselves people were told of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Reminded",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                ("key", models.UUIDField()),
                ("due_on", models.DateField()),
                ("occasion", models.CharField(choices=[("soon", "soon"), ("late", "late"), ("leader", "leader")], max_length=10)),
                ("at", models.DateTimeField()),
            ],
            options={"verbose_name": "reminder told", "verbose_name_plural": "reminders told",
                'constraints': [
                    models.UniqueConstraint(fields=("source", "key", "due_on", "occasion"), name="journal_reminded_once"),
                ],
            },
        ),
    ]
