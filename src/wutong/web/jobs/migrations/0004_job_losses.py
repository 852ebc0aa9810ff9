from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_messages_and_robots'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='losses',
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
