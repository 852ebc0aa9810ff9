"""Packaged projects. A released version, and to whom one was shown, stay as they were: the database itself refuses to change them.

Of a showing only the answer may change, and the firm, which may turn out to be another's.
"""

import django.db.models.deletion
import uuid
import wutong.web.projects.rules.opportunities
import wutong.web.projects.rules.stages
from django.conf import settings
from django.db import migrations, models

KEPT = "released versions and showings of packaged projects are kept"
RELEASED = "OLD.state = 'released'"
SHOWN = ("opportunity_id", "version_number", "lead_id", "event", "is_lead_made", "shown_on", "at")
ROWS = [
    ("opportunityversion_stays", "UPDATE", "opportunityversion", RELEASED, ()),
    ("opportunityversion_no_delete", "DELETE", "opportunityversion", RELEASED, ()),
    ("opportunitypromotion_stays", "UPDATE", "opportunitypromotion", "", SHOWN),
    ("opportunitypromotion_no_delete", "DELETE", "opportunitypromotion", "1 = 1", ()),
]


def _when(condition, columns, how):
    return condition or "(" + " OR ".join(f"NEW.{name} {how} OLD.{name}" for name in columns) + ")"


def add(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, verb, table, condition, columns in ROWS:
        if is_sqlite:
            when = _when(condition, columns, "IS NOT")
            statements = [
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            ]
        else:
            when = _when(condition, columns, "IS DISTINCT FROM")
            body = f"IF {when} THEN RAISE EXCEPTION '{KEPT}'; END IF; RETURN COALESCE(NEW, OLD);"
            statements = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _verb, table, _condition, _columns in ROWS:
        if is_sqlite:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name} ON projects_{table}", params=None)
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_one_time_passwords_end'),
        ('firms', '0005_sources_of_positions'),
        ('jobs', '0005_webhooks'),
        ('leads', '0013_days_that_wait'),
        ('projects', '0007_photo_places'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Opportunity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('released', 'released'), ('retired', 'retired')], default=wutong.web.projects.rules.opportunities.State['DRAFT'], max_length=10, verbose_name='state')),
                ('release', models.CharField(blank=True, choices=[('internal', 'for the office'), ('public', 'also for the public')], max_length=10, verbose_name='released for')),
                ('released_on', models.DateField(blank=True, null=True, verbose_name='released on')),
                ('public_on', models.DateField(blank=True, null=True, verbose_name='public since')),
                ('origin', models.CharField(choices=[('gap', 'gap of a chain'), ('hand', 'by hand'), ('file', 'from a file')], default=wutong.web.projects.rules.opportunities.Origin['HAND'], max_length=6, verbose_name='made from')),
                ('touched_on', models.DateField(verbose_name='last updated or shown on')),
                ('retirement', models.CharField(blank=True, choices=[('landed', 'landed as a project'), ('out_of_date', 'out of date'), ('withdrawn', 'withdrawn')], max_length=12, verbose_name='why retired')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='retired on')),
                ('retired_words', models.CharField(blank=True, max_length=300, verbose_name='reason of retirement')),
                ('current_number', models.PositiveIntegerField(default=1, verbose_name='version that counts')),
                ('title_zh', models.CharField(max_length=120, verbose_name='Chinese title')),
                ('title_en', models.CharField(blank=True, max_length=200, verbose_name='English title')),
                ('kind', models.CharField(choices=[('industry', 'industry'), ('farming', 'farming'), ('services', 'services'), ('tourism', 'culture and tourism'), ('health', 'health and care'), ('commerce', 'commerce and logistics'), ('headquarters', 'headquarters'), ('infrastructure', 'infrastructure')], default=wutong.web.projects.rules.stages.Kind['INDUSTRY'], max_length=16, verbose_name='kind of project')),
                ('mode', models.CharField(choices=[('direct', 'direct investment'), ('joint_venture', 'joint venture'), ('cooperation', 'cooperation'), ('bt', 'BT'), ('bot', 'BOT'), ('fund', 'fund'), ('merger', 'merger or acquisition')], default=wutong.web.projects.rules.stages.Mode['DIRECT'], max_length=16, verbose_name='mode of investment')),
                ('chain', models.CharField(blank=True, max_length=60, verbose_name='chain')),
                ('segment', models.CharField(blank=True, max_length=60, verbose_name='segment')),
                ('site_zh', models.CharField(blank=True, max_length=300, verbose_name='site')),
                ('total_yuan', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name='total investment (yuan)')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='valid until (not included)')),
                ('at', models.DateTimeField(verbose_name='made at')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to=settings.AUTH_USER_MODEL, verbose_name='contact person')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='projects.project', verbose_name='landed as')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='accounts.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'packaged project',
                'verbose_name_plural': 'packaged projects',
                'ordering': ('-at', '-pk'),
                'indexes': [
                    models.Index(fields=['state', 'kind'], name='projects_opportunity_shelf'),
                    models.Index(fields=['unit', 'state'], name='projects_opportunity_unit'),
                    models.Index(fields=['state', 'touched_on'], name='projects_opportunity_age'),
                    models.Index(fields=['chain', 'segment'], name='projects_opportunity_chain'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('segment', ''), models.Q(('chain', ''), _negated=True), _connector='OR'), name='projects_opportunity_segment_of_a_chain'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'retired'), models.Q(('retirement', ''), _negated=True), ('retired_on__isnull', False)), models.Q(models.Q(('state', 'retired'), _negated=True), ('project', None), ('retired_on', None), ('retired_words', ''), ('retirement', '')), _connector='OR'), name='projects_opportunity_retired_says_why'),
                    models.CheckConstraint(condition=models.Q(models.Q(('project__isnull', False), ('retirement', 'landed')), models.Q(models.Q(('retirement', 'landed'), _negated=True), ('project', None)), _connector='OR'), name='projects_opportunity_landed_names_its_project'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'released'), models.Q(('release', ''), _negated=True), ('released_on__isnull', False)), models.Q(models.Q(('state', 'released'), _negated=True), ('release', '')), _connector='OR'), name='projects_opportunity_released_for_somebody'),
                    models.CheckConstraint(condition=models.Q(models.Q(('public_on__isnull', False), ('release', 'public')), models.Q(models.Q(('release', 'public'), _negated=True), ('public_on', None)), _connector='OR'), name='projects_opportunity_public_since_a_day'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OpportunityCollection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('file', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('keys', models.JSONField(default=list, verbose_name='packaged projects')),
                ('form', models.CharField(max_length=4, verbose_name='format')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('count', models.PositiveIntegerField(null=True, verbose_name='packaged projects held')),
                ('asked_at', models.DateTimeField(verbose_name='asked for at')),
                ('ready_at', models.DateTimeField(null=True, verbose_name='ready at')),
                ('kept_until', models.DateField(null=True, verbose_name='kept until')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job', verbose_name='background job')),
            ],
            options={
                'verbose_name': 'collection of packaged projects',
                'verbose_name_plural': 'collections of packaged projects',
                'ordering': ('-asked_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='OpportunityPromotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version_number', models.PositiveIntegerField(verbose_name='version shown')),
                ('event', models.CharField(blank=True, max_length=200, verbose_name='event or occasion')),
                ('is_lead_made', models.BooleanField(default=False, verbose_name='the lead came of it')),
                ('shown_on', models.DateField(verbose_name='shown on')),
                ('response', models.CharField(choices=[('none', 'no answer yet'), ('interested', 'interested'), ('visit', 'comes to look'), ('declined', 'declined')], default=wutong.web.projects.rules.opportunities.Response['NONE'], max_length=12, verbose_name='answer')),
                ('words', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='entered at')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='shown by')),
                ('firm', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promotions', to='firms.firm', verbose_name='firm')),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promotions', to='leads.lead', verbose_name='lead')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promotions', to='projects.opportunity', verbose_name='packaged project')),
            ],
            options={
                'verbose_name': 'showing of a packaged project',
                'verbose_name_plural': 'showings of packaged projects',
                'ordering': ('-shown_on', '-pk'),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('event', ''), ('firm', None), ('lead__isnull', False)), models.Q(('event', ''), ('firm__isnull', False), ('lead', None)), models.Q(('firm', None), ('lead', None), models.Q(('event', ''), _negated=True)), _connector='OR'), name='projects_promotion_names_one'),
                    models.CheckConstraint(condition=models.Q(('is_lead_made', False), ('lead__isnull', False), _connector='OR'), name='projects_promotion_made_a_lead'),
                    models.UniqueConstraint(condition=models.Q(('is_lead_made', True)), fields=('lead',), name='projects_lead_of_one_opportunity'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OpportunityVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('in_review', 'in review'), ('released', 'released')], default=wutong.web.projects.rules.opportunities.VersionState['DRAFT'], max_length=10, verbose_name='state of the version')),
                ('title_zh', models.CharField(max_length=120, verbose_name='Chinese title')),
                ('title_en', models.CharField(blank=True, max_length=200, verbose_name='English title')),
                ('kind', models.CharField(choices=[('industry', 'industry'), ('farming', 'farming'), ('services', 'services'), ('tourism', 'culture and tourism'), ('health', 'health and care'), ('commerce', 'commerce and logistics'), ('headquarters', 'headquarters'), ('infrastructure', 'infrastructure')], default=wutong.web.projects.rules.stages.Kind['INDUSTRY'], max_length=16, verbose_name='kind of project')),
                ('mode', models.CharField(choices=[('direct', 'direct investment'), ('joint_venture', 'joint venture'), ('cooperation', 'cooperation'), ('bt', 'BT'), ('bot', 'BOT'), ('fund', 'fund'), ('merger', 'merger or acquisition')], default=wutong.web.projects.rules.stages.Mode['DIRECT'], max_length=16, verbose_name='mode of investment')),
                ('chain', models.CharField(blank=True, max_length=60, verbose_name='chain')),
                ('segment', models.CharField(blank=True, max_length=60, verbose_name='segment')),
                ('what_zh', models.TextField(blank=True, max_length=2000, verbose_name='what it is')),
                ('what_en', models.TextField(blank=True, max_length=4000, verbose_name='what it is (English)')),
                ('market_zh', models.TextField(blank=True, max_length=2000, verbose_name='market')),
                ('market_en', models.TextField(blank=True, max_length=4000, verbose_name='market (English)')),
                ('site_zh', models.CharField(blank=True, max_length=300, verbose_name='site')),
                ('site_en', models.CharField(blank=True, max_length=500, verbose_name='site (English)')),
                ('partner_zh', models.TextField(blank=True, max_length=1000, verbose_name='partner sought')),
                ('partner_en', models.TextField(blank=True, max_length=2000, verbose_name='partner sought (English)')),
                ('policies_zh', models.TextField(blank=True, max_length=2000, verbose_name='policies')),
                ('policies_en', models.TextField(blank=True, max_length=4000, verbose_name='policies (English)')),
                ('contact', models.CharField(blank=True, max_length=60, verbose_name='office telephone')),
                ('figures', models.JSONField(blank=True, default=dict, verbose_name='figures')),
                ('not_provided', models.JSONField(blank=True, default=list, verbose_name='not provided')),
                ('kind_facts', models.JSONField(blank=True, default=dict, verbose_name='facts of its kind')),
                ('why', models.JSONField(blank=True, default=dict, verbose_name='what the registry says')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='valid until (not included)')),
                ('wrote', models.JSONField(blank=True, default=list, editable=False)),
                ('at', models.DateTimeField(verbose_name='begun at')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='handed to review at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('decision', models.CharField(blank=True, max_length=500, verbose_name='words of the review')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='begun by')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='projects.opportunity', verbose_name='packaged project')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed to review by')),
            ],
            options={
                'verbose_name': 'version of a packaged project',
                'verbose_name_plural': 'versions of packaged projects',
                'ordering': ('-number',),
                'constraints': [
                    models.UniqueConstraint(fields=('opportunity', 'number'), name='projects_opportunity_version_once'),
                    models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'in_review'])), fields=('opportunity',), name='projects_opportunity_one_open_version'),
                    models.CheckConstraint(condition=models.Q(('segment', ''), models.Q(('chain', ''), _negated=True), _connector='OR'), name='projects_version_segment_of_a_chain'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'released'), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='projects_version_released_was_reviewed'),
                    models.CheckConstraint(condition=models.Q(('decided_by', None), ('submitted_by', None), models.Q(('decided_by', models.F('submitted_by')), _negated=True), _connector='OR'), name='projects_version_reviewed_by_another'),
                ],
            },
        ),
        migrations.RunPython(add, remove),
    ]
