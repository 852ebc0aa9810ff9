"""Units are asked for opinions; a promise about which nothing was entered yet may go, so that an import of promises can be undone."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

KEPT = "papers, promises and reports are kept; add a later row instead"
MARKED = "EXISTS (SELECT 1 FROM projects_commitmentmark WHERE commitment_id = OLD.id)"
NAME = "projects_commitment_no_delete"


def _keep(schema_editor, when):
    """Refuse to delete promises: all, or those about which something was entered."""
    if schema_editor.connection.vendor == "sqlite":
        condition = f"WHEN {when} " if when else ""
        statements = [
            f"DROP TRIGGER {NAME}",
            f"CREATE TRIGGER {NAME} BEFORE DELETE ON projects_commitment {condition}BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        ]
    else:
        raised = f"RAISE EXCEPTION '{KEPT}';"
        body = f"IF {when} THEN {raised} END IF; RETURN OLD;" if when else raised
        statements = [f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def keep_marked(apps, schema_editor):
    _keep(schema_editor, MARKED)


def keep_all(apps, schema_editor):
    _keep(schema_editor, "")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_one_time_passwords_end'),
        ('projects', '0005_papers_stay'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OpinionAsk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('legal', 'legality'), ('fiscal', 'fiscal capacity'), ('fair_competition', 'fair competition')], max_length=20, verbose_name='kind of opinion')),
                ('due_on', models.DateField(verbose_name='wanted by')),
                ('words', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back at')),
                ('withdrawn_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was taken back')),
                ('at', models.DateTimeField(verbose_name='entered at')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asks', to='projects.agreement', verbose_name='agreement')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('opinion', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ask', to='projects.opinion', verbose_name='opinion on an agreement')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='unit asked')),
            ],
            options={
                'verbose_name': 'question for an opinion',
                'verbose_name_plural': 'questions for opinions',
                'ordering': ('pk',),
                'indexes': [models.Index(fields=['unit', 'due_on'], name='projects_opinion_ask_unit')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('opinion', None), ('withdrawn_at', None)), fields=('agreement', 'kind'), name='projects_opinion_asked_once'), models.CheckConstraint(condition=models.Q(('withdrawn_at', None), models.Q(('opinion', None), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='projects_opinion_ask_taken_back')],
            },
        ),
        migrations.RunPython(keep_marked, keep_all),
    ]
