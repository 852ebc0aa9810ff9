import wutong.web.batches.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0004_checks_by_name'),
    ]

    operations = [
        migrations.AlterField(
            model_name='importbatch',
            name='state',
            field=models.CharField(choices=[('checking', 'being checked'), ('unreadable', 'cannot be read'), ('checked', 'checked, not yet written'), ('writing', 'being written'), ('done', 'written'), ('closed', 'written, no longer to be undone'), ('undoing', 'being undone'), ('undone', 'undone'), ('taking_back', 'being taken back'), ('partly_undone', 'partly undone'), ('ended_in_part', 'written in part, no longer to be undone'), ('dropped', 'thrown away')], default=wutong.web.batches.rules.BatchState['CHECKING'], max_length=16, verbose_name='state'),
        ),
    ]
