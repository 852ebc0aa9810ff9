"""Total investment and planned days are kept with their days, so that a rate as of a past day stays what it was.

What projects say today is taken over as what they said first, from the day on which they begin: nobody kept what stood before. The database
itself refuses to change a row, and lets it go only when its project is gone, of which the stamp of the rates (0009) tells: no trigger of
this table names the table of projects, which SQLite could not make anew otherwise. It tells of each row that rates are to be reckoned anew.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Min
from django.utils import timezone

AT_ONCE = 1000
DATED = ("total_yuan", "planned_start_on", "planned_completion_on", "planned_production_on", "planned_full_on")
TABLE, KEPT = "projects_planchange", "what was said of total investment and planned days is kept"
NUMBER = {"sqlite": "abs(random()) % 2147483647", "postgresql": "floor(random() * 2147483646)::int"}
STANDS = "EXISTS (SELECT 1 FROM projects_ratedstamp WHERE project_id = OLD.project_id)"
GONE = "DELETE FROM projects_ratedstamp WHERE project_id = OLD.id; DELETE FROM projects_planchange WHERE project_id = OLD.id;"
ANEW = (
    "INSERT INTO projects_ratedstamp (project_id, number) VALUES (NEW.project_id, {number}) "
    "ON CONFLICT (project_id) DO UPDATE SET number = excluded.number;"
)
TRIGGERS = (
    # name, when, on which table, what is asked, what is done
    ("planchange_no_update", "BEFORE UPDATE", TABLE, "", "{refuse}"),
    ("planchange_no_delete", "BEFORE DELETE", TABLE, STANDS, "{refuse}"),
    ("planchange_gone", "AFTER DELETE", "projects_project", "", GONE),
    ("rated_plan", "AFTER INSERT", TABLE, "", ANEW),
)


def take_over(apps, schema_editor):
    project, change = apps.get_model("projects", "Project"), apps.get_model("projects", "PlanChange")
    began = dict(
        apps.get_model("projects", "StageChange").objects.order_by().values_list("project").annotate(on=Min("occurred_on"))
    )  # fmt: skip
    at, some = timezone.now(), []
    for one in project.objects.order_by("pk").only("opened_at", *DATED).iterator(chunk_size=AT_ONCE):
        since = began.get(one.pk) or timezone.localdate(one.opened_at)
        said = {name: getattr(one, name) for name in DATED}
        some.append(change(project=one, since_on=since, is_first=True, is_taken_over=True, at=at, **said))
        if len(some) == AT_ONCE:
            change.objects.bulk_create(some)
            some = []
    change.objects.bulk_create(some)


def keep(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    refuse = f"SELECT RAISE(ABORT, '{KEPT}');" if vendor == "sqlite" else f"RAISE EXCEPTION '{KEPT}';"
    for name, when, table, asked, done in TRIGGERS:
        body = done.format(refuse=refuse, number=NUMBER[vendor])
        if vendor == "sqlite":
            condition = f"WHEN {asked} " if asked else ""
            made = [f"CREATE TRIGGER projects_{name} {when} ON {table} {condition}BEGIN {body} END"]
        else:
            body = f"IF {asked} THEN {body} END IF;" if asked else body
            made = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN COALESCE(NEW, OLD); END $$",
                f"CREATE TRIGGER projects_{name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in made:
            schema_editor.execute(statement, params=None)


def let_go(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _when, table, *_rest in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}{'' if is_sqlite else f' ON {table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0018_kind_facts"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="PlanChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since_on", models.DateField(verbose_name="holds from")),
                ("is_first", models.BooleanField(default=False, verbose_name="given first")),
                ("is_taken_over", models.BooleanField(default=False, verbose_name="taken over as it stood")),
                (
                    "total_yuan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="total investment (yuan)"
                    ),
                ),
                ("planned_start_on", models.DateField(blank=True, null=True, verbose_name="start planned on")),
                ("planned_completion_on", models.DateField(blank=True, null=True, verbose_name="completion planned on")),
                ("planned_production_on", models.DateField(blank=True, null=True, verbose_name="production planned on")),
                ("planned_full_on", models.DateField(blank=True, null=True, verbose_name="full capacity planned on")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="entered at")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL, verbose_name="entered by",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plan_changes", to="projects.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of total investment or planned days",
                "verbose_name_plural": "changes of total investment or planned days",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_first", True)), fields=("project",), name="projects_planned_first_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_first", True), ("is_taken_over", False), _connector="OR"),
                        name="projects_plan_taken_over_first",
                    ),
                ],
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.RunPython(keep, let_go),
    ]
