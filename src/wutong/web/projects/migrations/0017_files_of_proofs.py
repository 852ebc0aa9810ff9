"""Each paper of money in place has its number and its files, and is found by its number alone, so that another sum hides no double.

Files that show papers are only added to: the database itself refuses to change or delete a row. `numbers` may be empty, so that SQLite
need not make the table of entries anew, which would cost its triggers.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from wutong.web.projects.rules.funds import number_key, paper_key

AT_ONCE = 1000
KEPT = "files of entries of money in place are kept"
TRIGGERS = (("fundsfile_no_update", "UPDATE"), ("fundsfile_no_delete", "DELETE"))


def _write(apps, key):
    proofs = apps.get_model("projects", "FundsProof").objects.select_related("entry").order_by("pk")
    some = []
    for proof in proofs.iterator(chunk_size=AT_ONCE):
        proof.paper = key(proof.entry)
        some.append(proof)
        if len(some) == AT_ONCE:
            proofs.model.objects.bulk_update(some, ["paper"])
            some = []
    proofs.model.objects.bulk_update(some, ["paper"])


def by_number(apps, schema_editor):
    _write(apps, lambda entry: number_key(entry.proof_number))


def by_sum(apps, schema_editor):
    """As it was: one paper an entry, found by its number and sum."""
    proofs = apps.get_model("projects", "FundsProof").objects
    first = proofs.values("entry").annotate(first=models.Min("pk")).values("first")
    proofs.exclude(pk__in=list(first.values_list("first", flat=True))).delete()
    _write(apps, lambda entry: paper_key(entry.proof_number, entry.amount, entry.currency))


def keep(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, verb in TRIGGERS:
        if is_sqlite:
            statements = [
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_fundsfile BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            ]
        else:
            statements = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$",
                f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_fundsfile FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def keep_no_more(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _verb in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}{'' if is_sqlite else ' ON projects_fundsfile'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_reminders_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("projects", "0016_undone_stays"),
    ]
    operations = [
        migrations.AddField("fundsentry", "numbers", models.JSONField(blank=True, null=True, verbose_name="numbers of the proofs")),
        migrations.AlterField(
            "fundsproof", "entry",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="held_proofs", to="projects.fundsentry",
                verbose_name="entry of money in place",
            ),
        ),
        migrations.RunPython(by_number, by_sum),
        migrations.CreateModel(
            name="FundsFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("proofs", models.JSONField(default=list, verbose_name="proofs")),
                ("at", models.DateTimeField(verbose_name="attached at")),
                (
                    "attachment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="journal.attachment", verbose_name="file"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL,
                        verbose_name="attached by",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="projects.fundsentry",
                        verbose_name="entry of money in place",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a proof", "verbose_name_plural": "files of proofs", "ordering": ("pk",),
                "constraints": [models.UniqueConstraint(fields=("entry", "attachment"), name="projects_funds_file_once")],
            },
        ),
        migrations.RunPython(keep, keep_no_more),
    ]
