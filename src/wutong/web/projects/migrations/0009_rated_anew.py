"""A project bears another number by chance whenever something changes that a rate looks at: the database itself sees to it.

Why not the actions: there are twenty of them, and a rate told from what one of them forgot would be wrong and look right. Why a table
of its own: the wide row of the project is not written again with each sub-node, and SQLite lets no table be made anew that triggers of
others write to. A later migration that makes one of the watched tables anew on SQLite loses its triggers: it calls `add` again.
"""

from django.db import migrations, models
from django.db.models import CASCADE

NUMBER = {"sqlite": "abs(random()) % 2147483647", "postgresql": "floor(random() * 2147483646)::int"}
OWN = (
    "name_zh", "code_name", "is_confidential", "kind", "stage", "status", "status_since", "total_yuan", "planned_start_on",
    "planned_completion_on", "planned_production_on",
)  # fmt: skip
DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
IS_CHANGED = " OR ".join(f"NEW.{name} {{differs}} OLD.{name}" for name in OWN)  # a form writes every column, changed or not
IS_DONE, WAS_DONE, COUNTS = "NEW.state = 'done'", "OLD.state = 'done'", "NEW.step = 'accepted'"
IS_SIGNED, WAS_SIGNED = "NEW.signed_on IS NOT NULL", "OLD.signed_on IS NOT NULL"
OF_ENTRY = "(SELECT project_id FROM projects_fundsentry WHERE id = NEW.entry_id)"
WATCHED = (
    # name, table, what happens, when it counts, whose rates it changes
    ("rated_born", "project", "INSERT", "", "NEW.id"),
    ("rated_own", "project", f"UPDATE OF {', '.join(OWN)}", IS_CHANGED, "NEW.id"),
    ("rated_way", "stagechange", "INSERT", "", "NEW.project_id"),
    ("rated_way_changed", "stagechange", "UPDATE", "", "NEW.project_id"),
    ("rated_way_gone", "stagechange", "DELETE", "", "OLD.project_id"),
    ("rated_node", "node", "INSERT", IS_DONE, "NEW.project_id"),
    ("rated_node_changed", "node", "UPDATE OF key, state, done_on", f"{IS_DONE} OR {WAS_DONE}", "NEW.project_id"),
    ("rated_node_gone", "node", "DELETE", WAS_DONE, "OLD.project_id"),
    ("rated_proof", "evidence", "INSERT", "", "NEW.project_id"),
    ("rated_proof_changed", "evidence", "UPDATE OF kind, is_absent, withdrawn_at", "", "NEW.project_id"),
    ("rated_proof_gone", "evidence", "DELETE", "", "OLD.project_id"),
    ("rated_signing", "agreement", "INSERT", IS_SIGNED, "NEW.project_id"),
    ("rated_signing_changed", "agreement", "UPDATE OF kind, signed_on, amount_yuan, ended_on", f"{IS_SIGNED} OR {WAS_SIGNED}", "NEW.project_id"),
    ("rated_signing_gone", "agreement", "DELETE", WAS_SIGNED, "OLD.project_id"),
    ("rated_money", "fundsreview", "INSERT", COUNTS, OF_ENTRY),
    ("rated_gone", "project", "DELETE", "", None),
)


GONE = "DELETE FROM projects_ratedstamp WHERE project_id = OLD.id"


def _anew(vendor, whose):
    if whose is None:
        return GONE
    return (
        f"INSERT INTO projects_ratedstamp (project_id, number) VALUES ({whose}, {NUMBER[vendor]}) "
        "ON CONFLICT (project_id) DO UPDATE SET number = excluded.number"
    )


def _when(vendor, when):
    return f"WHEN ({when.format(differs=DIFFERS[vendor])}) " if when else ""


SQLITE = [
    f"CREATE TRIGGER projects_{name} AFTER {verb} ON projects_{table} {_when('sqlite', when)}BEGIN {_anew('sqlite', whose)}; END"
    for name, table, verb, when, whose in WATCHED
]
POSTGRESQL = [
    *(
        f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_anew('postgresql', whose)}; RETURN NULL; END $$"
        for name, _table, _verb, _when, whose in WATCHED
    ),
    *(
        f"CREATE TRIGGER projects_{name} AFTER {verb} ON projects_{table} FOR EACH ROW {_when('postgresql', when)}"
        f"EXECUTE FUNCTION projects_{name}()"
        for name, table, verb, when, _whose in WATCHED
    ),
]
UNDO = {
    "sqlite": [f"DROP TRIGGER IF EXISTS projects_{name}" for name, *_rest in WATCHED],
    "postgresql": [
        *(f"DROP TRIGGER IF EXISTS projects_{name} ON projects_{table}" for name, table, *_rest in WATCHED),
        *(f"DROP FUNCTION IF EXISTS projects_{name}()" for name, *_rest in WATCHED),
    ],
}


def add(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def begin(apps, schema_editor):
    number = NUMBER[schema_editor.connection.vendor]
    schema_editor.execute(f"INSERT INTO projects_ratedstamp (project_id, number) SELECT id, {number} FROM projects_project", params=None)


# --- entries of money that nobody decided yet -------------------------------------------------------------------------------------------
UNDECIDED = (
    # name, table, what happens, when, what is written
    ("undecided_entered", "fundsentry", "INSERT", "NEW.reverses_id IS NULL",
     "INSERT INTO projects_fundsundecided (entry_id, is_handed_in) VALUES (NEW.id, FALSE)"),
    ("undecided_reversed", "fundsentry", "INSERT", "NEW.reverses_id IS NOT NULL",
     "DELETE FROM projects_fundsundecided WHERE entry_id = NEW.reverses_id"),
    ("undecided_gone", "fundsentry", "DELETE", "", "DELETE FROM projects_fundsundecided WHERE entry_id = OLD.id"),
    ("undecided_handed_in", "fundsreview", "INSERT", "NEW.step = 'handed_in'",
     "UPDATE projects_fundsundecided SET is_handed_in = TRUE WHERE entry_id = NEW.entry_id"),
    ("undecided_decided", "fundsreview", "INSERT", "NEW.step IN ('accepted', 'rejected')",
     "DELETE FROM projects_fundsundecided WHERE entry_id = NEW.entry_id"),
)  # fmt: skip
FOUND = """INSERT INTO projects_fundsundecided (entry_id, is_handed_in)
SELECT e.id, EXISTS (SELECT 1 FROM projects_fundsreview r WHERE r.entry_id = e.id AND r.step = 'handed_in') FROM projects_fundsentry e
WHERE e.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM projects_fundsentry b WHERE b.reverses_id = e.id)
AND NOT EXISTS (SELECT 1 FROM projects_fundsreview r WHERE r.entry_id = e.id AND r.step IN ('accepted', 'rejected'))"""


def watch(apps, schema_editor):
    schema_editor.execute(FOUND, params=None)
    for name, table, verb, when, written in UNDECIDED:
        if schema_editor.connection.vendor == "sqlite":
            condition = f"WHEN {when} " if when else ""
            statements = [f"CREATE TRIGGER projects_{name} AFTER {verb} ON projects_{table} {condition}BEGIN {written}; END"]
        else:
            statements = [
                f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {written}; RETURN NULL; END $$",
                f"CREATE TRIGGER projects_{name} AFTER {verb} ON projects_{table} FOR EACH ROW {f'WHEN ({when}) ' if when else ''}"
                f"EXECUTE FUNCTION projects_{name}()",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


def watch_no_more(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, table, *_rest in UNDECIDED:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS projects_{name}{'' if is_sqlite else f' ON projects_{table}'}", params=None)
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS projects_{name}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_opportunities")]
    operations = [
        migrations.CreateModel(
            name="RatedStamp",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        db_constraint=False, on_delete=CASCADE, primary_key=True, related_name="rated_stamp", serialize=False,
                        to="projects.project", verbose_name="project",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
            ],
            options={"verbose_name": "stamp of the rates", "verbose_name_plural": "stamps of the rates"},
        ),
        migrations.AddIndex("node", models.Index(fields=["project", "state", "due_on"], name="projects_node_of_project")),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RunPython(add, remove),
        migrations.CreateModel(
            name="FundsUndecided",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=CASCADE, primary_key=True, related_name="undecided", serialize=False,
                        to="projects.fundsentry", verbose_name="entry of money in place",
                    ),
                ),
                ("is_handed_in", models.BooleanField(verbose_name="handed in")),
            ],
            options={
                "verbose_name": "undecided entry of money in place", "verbose_name_plural": "undecided entries of money in place",
            },
        ),
        migrations.RunPython(watch, watch_no_more),
    ]
