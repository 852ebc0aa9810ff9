"""Shares of joint introducers, awards that rest on a published run, English titles. What stays, stays in the new columns too."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

REGISTRATION = (
    "public_id", "unit_id", "project_id", "lead_id", "partner_id", "introducer_id", "is_staff", "has_agreed", "registered_by_id",
    "registered_at",
)  # fmt: skip
CLAIM = (
    "public_id", "scheme_id", "award", "award_title", '"to"', "project_id", "unit_id", "officer_id", "registration_id", "recipient_key",
    "entered", "review", "state", "amount_yuan", "claimed_by_id", "claimed_at", "decided_by_id", "decided_at", "decision",
)  # fmt: skip
ENDED = "OLD.state IN ('approved', 'declined', 'withdrawn')"


def changed(columns, differs):
    return "(" + " OR ".join(f"NEW.{one} {differs} OLD.{one}" for one in columns) + ")"


def triggers(registration, claim, differs):
    return {
        "assessment_registration_stays": ("UPDATE", "assessment_registration", changed(registration, differs), "a registration does not change"),
        "assessment_registration_kept": ("DELETE", "assessment_registration", "1 = 1", "a registration is kept"),
        "assessment_reward_stays": ("UPDATE", "assessment_rewardclaim", f"{ENDED} AND {changed(claim, differs)}", "a reward that was decided does not change"),
        "assessment_reward_kept": ("DELETE", "assessment_rewardclaim", "OLD.state = 'approved'", "an approved reward is kept"),
    }  # fmt: skip


def drop(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (_event, table, *_rest) in triggers((), (), "").items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


def put(schema_editor, registration, claim):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (event, table, when, said) in triggers(registration, claim, "IS NOT" if is_sqlite else "IS DISTINCT FROM").items():
        if is_sqlite:
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END", params=None
            )
            continue
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$", params=None
        )
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()", params=None
        )


def before(apps, schema_editor):
    put(schema_editor, REGISTRATION, CLAIM)


def after(apps, schema_editor):
    put(schema_editor, (*REGISTRATION, "share"), (*CLAIM, "award_title_en", "run_id"))


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0020_facts_gathered'),
    ]

    operations = [
        migrations.RunPython(drop, before),
        migrations.AddField(
            model_name='registration',
            name='share',
            field=models.DecimalField(decimal_places=4, default=Decimal(1), max_digits=5, verbose_name='share'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name='assessment_registered_share'),
        ),
        migrations.AddField(
            model_name='rewardclaim',
            name='award_title_en',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='English title of the award'),
        ),
        migrations.AddField(
            model_name='rewardclaim',
            name='run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reward_claims', to='assessment.run', verbose_name='assessment run'),
        ),
        migrations.AlterField(
            model_name='rewardclaim',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reward_claims', to='projects.project', verbose_name='project'),
        ),
        migrations.AddConstraint(
            model_name='rewardclaim',
            constraint=models.UniqueConstraint(condition=Q(state__in=['claimed', 'computed', 'approved'], run__isnull=False), fields=('scheme', 'award', 'run', 'recipient_key'), name='assessment_reward_claimed_once_a_run'),
        ),
        migrations.AddConstraint(
            model_name='rewardclaim',
            constraint=models.CheckConstraint(condition=Q(Q(project__isnull=False, run=None), Q(project=None, run__isnull=False), _connector='OR'), name='assessment_reward_of_one_matter'),
        ),
        migrations.RunPython(after, drop),
    ]
