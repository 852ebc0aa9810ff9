from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0002_log_ins_and_form_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='partner', name='partners_log_in_of_one_partner'),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.UniqueConstraint(
                condition=models.Q(('account__isnull', False), ('state', 'active')), fields=('account',), name='partners_log_in_of_one_partner'
            ),
        ),
    ]
