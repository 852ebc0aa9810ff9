"""The ledger of money in place is only added to, and a closed month takes nothing in: the database itself refuses, whoever asks.

An entry that nobody handed in, as an import that is undone leaves it, may go; whatever was reviewed stays.
"""

from django.db import migrations

KEPT = "entries of money in place are kept; reverse them instead"
CLOSED = "the month is closed"
USED = "money was converted by this rate"
ALWAYS = ("fundsreview", "fundsmonth")
REVIEWED = "EXISTS (SELECT 1 FROM projects_fundsreview WHERE entry_id = OLD.id)"
CONVERTED = "EXISTS (SELECT 1 FROM projects_fundsreview WHERE rate_id = OLD.id OR dollar_rate_id = OLD.id)"
IN_CLOSED = "NEW.step = 'accepted' AND EXISTS (SELECT 1 FROM projects_fundsmonth WHERE month = {month})"


def _sqlite(name, verb, table, when, words):
    condition = f"WHEN {when} " if when else ""
    return f"CREATE TRIGGER projects_{name} BEFORE {verb} ON projects_{table} {condition}BEGIN SELECT RAISE(ABORT, '{words}'); END"


SQLITE = [
    *(_sqlite(f"{table}_no_{verb.lower()}", verb, table, "", KEPT) for table in ALWAYS for verb in ("UPDATE", "DELETE")),
    _sqlite("fundsentry_no_update", "UPDATE", "fundsentry", "", KEPT),
    _sqlite("fundsentry_no_delete", "DELETE", "fundsentry", REVIEWED, KEPT),
    _sqlite("exchangerate_no_update", "UPDATE", "exchangerate", CONVERTED, USED),
    _sqlite("exchangerate_no_delete", "DELETE", "exchangerate", CONVERTED, USED),
    _sqlite("fundsreview_not_closed", "INSERT", "fundsreview", IN_CLOSED.format(month="date(NEW.counted_on, 'start of month')"), CLOSED),
]


def _function(name, when, words):
    asked = f"IF {when} THEN RAISE EXCEPTION '{words}'; END IF;" if when else f"RAISE EXCEPTION '{words}';"
    returned = "RETURN COALESCE(NEW, OLD);" if when else ""
    return f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {asked} {returned} END $$"


def _trigger(name, verbs, table, function, each="ROW"):
    return f"CREATE TRIGGER projects_{name} BEFORE {verbs} ON projects_{table} FOR EACH {each} EXECUTE FUNCTION projects_{function}()"


FUNCTIONS = {
    "funds_kept": ("", KEPT),
    "funds_reviewed": (REVIEWED, KEPT),
    "rate_used": (CONVERTED, USED),
    "month_closed": (IN_CLOSED.format(month="date_trunc('month', NEW.counted_on)::date"), CLOSED),
}
TRIGGERS = [
    *((f"{table}_no_change", "UPDATE OR DELETE", table, "funds_kept") for table in ALWAYS),
    *((f"{table}_no_truncate", "TRUNCATE", table, "funds_kept", "STATEMENT") for table in (*ALWAYS, "fundsentry")),
    ("fundsentry_no_update", "UPDATE", "fundsentry", "funds_kept"),
    ("fundsentry_no_delete", "DELETE", "fundsentry", "funds_reviewed"),
    ("exchangerate_no_change", "UPDATE OR DELETE", "exchangerate", "rate_used"),
    ("fundsreview_not_closed", "INSERT", "fundsreview", "month_closed"),
]
POSTGRESQL = [*(_function(name, *how) for name, how in FUNCTIONS.items()), *(_trigger(*one) for one in TRIGGERS)]
UNDO = {
    "sqlite": [f"DROP TRIGGER IF EXISTS {statement.split()[2]}" for statement in SQLITE],
    "postgresql": [
        *(f"DROP TRIGGER IF EXISTS projects_{one[0]} ON projects_{one[2]}" for one in TRIGGERS),
        *(f"DROP FUNCTION IF EXISTS projects_{name}()" for name in FUNCTIONS),
    ],
}


def add(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_money_in_place")]
    operations = [migrations.RunPython(add, remove)]
