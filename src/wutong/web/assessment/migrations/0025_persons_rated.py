"""Rounds of ratings rate persons too. What was counted and written stays: SQLite makes tables anew, and their triggers go with the old ones."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

STAYS, WRITTEN = "what ratings came to does not change", "what was written in ratings does not change"
TRIGGERS = {
    "assessment_tally_stays": ("UPDATE", "assessment_ratingtally", STAYS),
    "assessment_tally_kept": ("DELETE", "assessment_ratingtally", STAYS),
    "assessment_rating_comment_stays": ("UPDATE", "assessment_ratingcomment", WRITTEN),
    "assessment_rating_comment_kept": ("DELETE", "assessment_ratingcomment", WRITTEN),
}


def drop(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (_event, table, _said) in TRIGGERS.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


def put(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (event, table, said) in TRIGGERS.items():
        if is_sqlite:
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END", params=None)
            continue
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$", params=None
        )
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()", params=None)


def of_a_person():
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL,
        verbose_name="person measured",
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("assessment", "0024_withdrawals")]
    operations = [
        migrations.RunPython(drop, put),
        *(migrations.AddField(model_name=one, name="person", field=of_a_person()) for one in ("ratedunit", "ratingtally", "ratingcomment")),
        migrations.RemoveConstraint(model_name="ratedunit", name="assessment_rated_unit_once_a_round"),
        migrations.AddConstraint(
            model_name="ratedunit",
            constraint=models.UniqueConstraint(
                condition=Q(person=None), fields=("round", "unit"), name="assessment_rated_unit_once_a_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratedunit",
            constraint=models.UniqueConstraint(
                condition=Q(person__isnull=False), fields=("round", "person"), name="assessment_rated_person_once_a_round"
            ),
        ),
        migrations.RemoveConstraint(model_name="ratingtally", name="assessment_rating_tally_once"),
        migrations.AddConstraint(
            model_name="ratingtally",
            constraint=models.UniqueConstraint(
                condition=Q(person=None), fields=("round", "question", "unit", "rater_class"), name="assessment_rating_tally_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingtally",
            constraint=models.UniqueConstraint(
                condition=Q(person__isnull=False), fields=("round", "question", "person", "rater_class"),
                name="assessment_rating_tally_of_a_person_once",
            ),
        ),
        migrations.AlterModelOptions(
            name="ratedunit",
            options={"ordering": ("pk",), "verbose_name": "rated unit or person", "verbose_name_plural": "rated units and persons"},
        ),
        migrations.RunPython(put, drop),
    ]  # fmt: skip
