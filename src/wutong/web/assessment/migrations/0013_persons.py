"""Persons are measured beside units: of each row whether it is about the unit, or about a person who stands there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FROZEN = "EXISTS (SELECT 1 FROM assessment_run WHERE id = OLD.run_id AND frozen_at IS NOT NULL)"
SAID = "a frozen run does not change"
TRIGGERS = {"assessment_unit_stays": "UPDATE", "assessment_unit_kept": "DELETE"}
"""As 0002 made them. Why again: SQLite makes a table anew to change a constraint, and its triggers go with the old one."""


def put(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, event in TRIGGERS.items():
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON assessment_rununit WHEN {FROZEN} BEGIN SELECT RAISE(ABORT, '{SAID}'); END", params=None
            )


def person():
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL,
        verbose_name="person measured",
    )  # fmt: skip


def once(model, fields, name, **more):
    return migrations.AddConstraint(model_name=model, constraint=models.UniqueConstraint(fields=fields, name=name, **more))


NONE, SOME = models.Q(("person", None)), models.Q(("person__isnull", False))


class Migration(migrations.Migration):
    dependencies = [("assessment", "0012_ratings"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddField(
            model_name="scheme", name="measures",
            field=models.CharField(
                choices=[("units", "units"), ("persons", "persons")], default="units", max_length=10, verbose_name="measures"
            ),
        ),
        *(migrations.AddField(model_name=one, name="person", field=person()) for one in ("member", "factentry", "rununit", "objection")),
        migrations.RemoveConstraint(model_name="member", name="assessment_member_once"),
        migrations.RemoveConstraint(model_name="rununit", name="assessment_unit_once_a_run"),
        migrations.RemoveConstraint(model_name="objection", name="assessment_one_open_objection"),
        once("member", ("scheme", "unit", "group"), "assessment_unit_in_a_group_once", condition=NONE),
        once("member", ("scheme", "person", "group"), "assessment_person_in_a_group_once", condition=SOME),
        once("rununit", ("run", "unit"), "assessment_unit_once_in_a_run", condition=NONE),
        once("rununit", ("run", "person"), "assessment_person_once_in_a_run", condition=SOME),
        once("objection", ("run", "unit", "item"), "assessment_one_open_objection_of_a_unit",
             condition=models.Q(("person", None), ("state", "open"))),
        once("objection", ("run", "person", "item"), "assessment_one_open_objection_of_a_person",
             condition=models.Q(("person__isnull", False), ("state", "open"))),
        migrations.RunPython(put, put),
    ]  # fmt: skip
