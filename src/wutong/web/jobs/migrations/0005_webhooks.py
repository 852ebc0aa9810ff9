import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import wutong.web.jobs.rules


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0004_job_losses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('host', models.CharField(max_length=255, verbose_name='host')),
                ('sealed_address', models.TextField()),
                ('sealed_secret', models.TextField()),
                ('events', models.JSONField(default=list, verbose_name='events')),
                ('state', models.CharField(choices=[('asked', 'waits for consent'), ('active', 'active'), ('paused', 'paused'), ('removed', 'deleted')], default=wutong.web.jobs.rules.WebhookState['ASKED'], max_length=10, verbose_name='state')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('agreed_at', models.DateTimeField(null=True, verbose_name='agreed at')),
                ('reached_number', models.BigIntegerField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='failures in a row')),
                ('resting_until', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by whose rights')),
            ],
            options={
                'verbose_name': 'event subscription',
                'verbose_name_plural': 'event subscriptions',
                'ordering': ('name',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), _negated=True), models.Q(('agreed_at__isnull', False), ('reached_number__isnull', False)), _connector='OR'), name='webhook_active_by_consent')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_to_one',
        ),
        migrations.AddField(
            model_name='message',
            name='answer_number',
            field=models.PositiveSmallIntegerField(null=True, verbose_name='answer'),
        ),
        migrations.AddField(
            model_name='message',
            name='webhook',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='jobs.webhook', verbose_name='event subscription'),
        ),
        migrations.AlterField(
            model_name='message',
            name='channel',
            field=models.CharField(choices=[('in_app', 'In-app message'), ('email', 'E-mail'), ('dingtalk', 'DingTalk robot'), ('wecom', 'WeCom robot'), ('webhook', 'Event subscription')], max_length=10, verbose_name='channel'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('webhook__isnull', False)), fields=['webhook', '-written_at'], name='message_of_webhook'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('robot', None), ('to__isnull', False), ('webhook', None)), models.Q(('robot__isnull', False), ('to', None), ('webhook', None)), models.Q(('robot', None), ('to', None), ('webhook__isnull', False)), _connector='OR'), name='message_to_one'),
        ),
    ]
