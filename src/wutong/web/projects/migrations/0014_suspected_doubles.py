"""A proof in use is found by its paper too: number, sum and currency without the day, so that a suspected double is noticed."""

from django.db import migrations, models

from wutong.web.projects.rules.funds import paper_key

AT_ONCE = 1000


def write(apps, schema_editor):
    proofs = apps.get_model("projects", "FundsProof").objects.select_related("entry").order_by("pk")
    some = []
    for proof in proofs.iterator(chunk_size=AT_ONCE):
        proof.paper = paper_key(proof.entry.proof_number, proof.entry.amount, proof.entry.currency)
        some.append(proof)
        if len(some) == AT_ONCE:
            proofs.model.objects.bulk_update(some, ["paper"])
            some = []
    proofs.model.objects.bulk_update(some, ["paper"])


class Migration(migrations.Migration):
    dependencies = [("projects", "0013_counted_sums")]
    operations = [
        migrations.AddField("fundsproof", "paper", models.CharField(db_index=True, default="", max_length=64), preserve_default=False),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
