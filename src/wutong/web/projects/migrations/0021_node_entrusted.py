"""Sub-nodes by unit and project: whoever sees a project because a unit was given one of its nodes is found without reading the nodes."""


from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_one_time_passwords_end'),
        ('projects', '0020_site_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='node',
            index=models.Index(fields=['unit', 'project'], name='projects_node_entrusted'),
        ),
    ]
