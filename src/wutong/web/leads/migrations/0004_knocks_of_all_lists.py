from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('firms', '0003_lists_and_tags'),
        ('leads', '0003_confidential'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='knock',
            index=models.Index(fields=['made_at', 'row', 'by', 'how', 'result'], name='leads_knock_day'),
        ),
        migrations.AddIndex(
            model_name='listedfirm',
            index=models.Index(fields=['city', 'list', 'removed_at'], name='leads_row_cities'),
        ),
        migrations.AlterField(
            model_name='rowchange',
            name='kind',
            field=models.CharField(choices=[('put_on', 'put on the list'), ('assigned', 'assigned'), ('planned', 'next step changed'), ('settled', 'outcome entered'), ('reopened', 'outcome taken back'), ('removed', 'taken off the list'), ('restored', 'put back'), ('handed_over', 'handed over'), ('transferred', 'moved from another list')], max_length=12, verbose_name='what was done'),
        ),
    ]
