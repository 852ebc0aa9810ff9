"""A registration made by mistake can be withdrawn: by a row of its own, for the registration stays. What was decided stays, too."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ASKED = ("public_id", "registration_id", "reason", "asked_by_id", "asked_at")
DECIDED = (*ASKED, "state", "decided_by_id", "decided_at", "decision")


def changed(columns, differs):
    return "(" + " OR ".join(f"NEW.{one} {differs} OLD.{one}" for one in columns) + ")"


def triggers(differs):
    when = f"{changed(ASKED, differs)} OR OLD.state <> 'waiting' AND {changed(DECIDED, differs)}"
    return {
        "assessment_withdrawal_stays": ("UPDATE", "assessment_registrationwithdrawal", when, "a withdrawal does not change"),
        "assessment_withdrawal_kept": ("DELETE", "assessment_registrationwithdrawal", "1 = 1", "a withdrawal is kept"),
    }


def add(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (event, table, when, said) in triggers("IS NOT" if is_sqlite else "IS DISTINCT FROM").items():
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


def drop(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (_event, table, *_rest) in triggers("").items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0022_notice_of_runs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RegistrationWithdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reason', models.CharField(max_length=500, verbose_name='reason of the withdrawal')),
                ('state', models.CharField(choices=[('waiting', 'withdrawal asked for'), ('withdrawn', 'withdrawn'), ('refused', 'withdrawal refused')], max_length=10, verbose_name='state')),
                ('asked_at', models.DateTimeField(verbose_name='withdrawal asked for at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='withdrawal decided at')),
                ('decision', models.CharField(blank=True, max_length=500, verbose_name='reason of the decision')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawal asked for by')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawal decided by')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='assessment.registration', verbose_name='registration of an introducer')),
            ],
            options={
                'verbose_name': 'withdrawal of a registration',
                'verbose_name_plural': 'withdrawals of registrations',
                'ordering': ('-pk',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'withdrawn'])), fields=('registration',), name='assessment_registration_withdrawn_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='assessment_withdrawal_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('asked_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR')), _connector='OR'), name='assessment_withdrawal_by_a_second_person')],
            },
        ),
        migrations.RunPython(add, drop),
    ]
