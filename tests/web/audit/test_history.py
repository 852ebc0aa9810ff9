"""What was done to a record, in words, for whoever may see the record and nobody else."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import factories
from cast import Cast
from wutong.web.accounts.actions import units
from wutong.web.audit import actions, queries, rules
from wutong.web.audit.models import Entry, PersonalKey
from wutong.web.firms.actions import contacts, remarks
from wutong.web.firms.models import Person
from wutong.web.leads.actions import making
from wutong.web.lib import hooks

Browser = Callable[..., Client]
AT = factories.AT
NOW = dt.datetime.now(dt.UTC)
ROOMS = Path(rules.__file__).parents[1]


def history_of(client: Client, label: str, key: object, **headers: str) -> str:
    return client.get(f"/audit/history/{label}/{key}/", headers=headers).content.decode()


# --- words ----------------------------------------------------------------------------------------------------------------------------
def test_a_change_is_told_from_what_to_what_in_the_readers_language(client_of: Browser, cast: Cast) -> None:
    unit = cast.units["county_bureau"]
    units.change_unit(unit=unit, parent=unit.parent, name_zh="临溪县投资促进局", by=cast.system_admin, at=AT)
    said = history_of(client_of("system_admin"), "accounts.Unit", unit.public_id)
    assert "变更单位" in said or "单位" in said
    assert "临溪县招商局" in said and "临溪县投资促进局" in said
    assert cast.system_admin.display_name in said
    assert "name_zh" not in said
    english = Client(headers={"Accept-Language": "en"})
    factories.log_in(english, cast.system_admin)
    english.cookies["wutong_language"] = "en"
    cast.system_admin.language = "en"
    cast.system_admin.save(update_fields=["language"])
    assert "changed a unit" in history_of(english, "accounts.Unit", unit.public_id)


WRITERS = ("actions.py", "actions/*.py", "tasks.py", "tasks/*.py", "views.py", "views/*.py", "api.py", "api/*.py")


def told_keys() -> Iterator[tuple[str, str, str]]:
    """(room, action, key) of every plain fact that is written into `changes`; the action is "" where it is not said in place."""
    for path in sorted(path for pattern in WRITERS for path in ROOMS.glob(f"*/{pattern}")):
        tree = ast.parse(path.read_text("utf-8"))
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for function in functions.values():
            for action, key in keys_of(function, functions):
                yield path.relative_to(ROOMS).parts[0], action, key


def keys_of(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[tuple[str, str]]:
    """The keys that a function gives to `changes`: in place, under a name, by a function of the module or to a parameter of one."""
    given = list(given_by(function, functions))
    names = {"changes": ""} | {one.id: action for action, one in given if isinstance(one, ast.Name)}
    for node in ast.walk(function):
        to = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
        for one in to:
            if isinstance(one, ast.Subscript) and isinstance(one.value, ast.Name) and one.value.id in names:
                yield from ((names[one.value.id], str(part.value)) for part in [one.slice] if isinstance(part, ast.Constant))
            elif isinstance(one, ast.Name) and one.id in names:
                given.append((names[one.id], node.value))  # type: ignore[attr-defined]
    for action, one in given:
        yield from ((action, key) for key in literal_keys(one))
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in functions:
            returned = (node.value for node in ast.walk(functions[one.func.id]) if isinstance(node, ast.Return))
            yield from ((action, key) for value in returned for key in literal_keys(value))


def given_by(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[tuple[str, ast.expr]]:
    """(action, expression) of every `changes` of a call in a function."""
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        words = {word.arg: word.value for word in call.keywords}
        called = functions.get(call.func.id) if isinstance(call.func, ast.Name) else None
        parameters = {one.arg: value for one, value in zip(called.args.args, call.args, strict=False)} if called else {}
        action = words.get("action", parameters.get("action"))
        told = words.get("changes", parameters.get("changes"))
        if told is not None:
            yield str(action.value) if isinstance(action, ast.Constant) else "", told


def literal_keys(node: ast.AST | None) -> Iterator[str]:
    """The keys of the dictionaries of which an expression is put together, but not of those that are values in them."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value)
            elif key is None:
                yield from literal_keys(value)
    elif isinstance(node, ast.IfExp | ast.BinOp | ast.BoolOp):
        for part in ast.iter_child_nodes(node):
            yield from literal_keys(part)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        yield from (word.arg for word in node.keywords if word.arg)
        yield from (key for part in node.args for key in literal_keys(part))


def has_words(room: str, action: str, key: str) -> bool:
    """Whether an entry can name a key: by a fact of its action (of one of the room's where that is not known), or by a field of a model."""
    known = [action] if action else [code for code, _ in import_module(f"wutong.web.{room}.hooks").ACTIONS]
    if any(hooks.fact(key, code) for code in known):
        return True
    for model in apps.get_app_config(room).get_models():
        try:
            model._meta.get_field(key)
        except FieldDoesNotExist:
            continue
        return True
    return False


def test_everything_that_is_written_down_has_words() -> None:
    found = set(told_keys())
    assert len(found) > 200
    assert {room for room, _, _ in found} >= {"accounts", "audit", "batches", "chains", "firms", "jobs", "journal", "leads", "rulebooks"}
    assert {f"{room}: {action} {key}" for room, action, key in found if not has_words(room, action, key)} == set()


def test_a_key_without_words_would_be_found() -> None:
    written = ast.parse(
        """
def act(note):
    told = {"one": 1} | ({"two": 2} if note else {})
    told["three"] = {"old": "", "new": "x"}
    record(action="firms.act", changes={**told, "four": 4})
    _record("firms.other", None, {"five": {"six": 6}})
    record(action="firms.act", changes=_told())
    record(action="firms.act", changes=told)

def _record(action, obj, changes):
    pass

def _told():
    return dict(seven=7)
"""
    )
    functions = {node.name: node for node in written.body if isinstance(node, ast.FunctionDef)}
    assert set(keys_of(functions["act"], functions)) == {
        *(("firms.act", key) for key in ("one", "two", "three", "four", "seven")),
        ("firms.other", "five"),
    }
    assert not has_words("firms", "", "no_such_key") and not has_words("firms", "firms.follow", "no_such_key")
    assert has_words("journal", "journal.repoint", "moved") and not has_words("jobs", "jobs.cancel", "due_on")


def test_every_word_is_chinese_where_the_reader_is() -> None:
    with translation.override("zh-hans"):
        assert [fact.key for fact in hooks.collect("FACTS") if str(fact.label).isascii()] == []


def test_codes_are_told_by_their_names(cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    (row,) = factories.listed(target)
    factories.knock(row, cast.bureau_officer)
    with translation.override("zh-hans"):
        lines = {line.label: line.new for line in queries.lines_of(Entry.objects.get(action="leads.knock"))}
    assert not any(text in {"call", "contacted"} for text in lines.values())


# --- who may see it -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "status"), [("bureau_officer", 200), ("bureau_leader", 200), ("other_officer", 404), ("park_officer", 404), ("no_role", 404)]
)
def test_whoever_sees_a_list_sees_its_history_and_nobody_else(client_of: Browser, cast: Cast, name: str, status: int) -> None:
    target = factories.target_list(cast.bureau_officer)
    assert client_of(name).get(f"/audit/history/leads.TargetList/{target.public_id}/").status_code == status


@pytest.mark.parametrize("label", ["audit.Entry", "audit.PersonalKey", "sessions.Session", "nothing", "accounts.SavedView"])
def test_what_no_room_names_shows_no_history(client_of: Browser, cast: Cast, label: str) -> None:
    entry = Entry.objects.first()
    assert entry is not None
    assert client_of("audit_admin").get(f"/audit/history/{label}/{entry.public_id}/").status_code == 404


@pytest.mark.parametrize("key", ["nothing", "00000000-0000-0000-0000-000000000001", "%00"])
def test_a_record_that_is_not_there_shows_no_history(client_of: Browser, key: str) -> None:
    client = client_of("bureau_officer")
    assert client.get(f"/audit/history/leads.TargetList/{key}/").status_code == 404
    assert client.get(f"/audit/history/firms.Firm/{key}/").status_code == 404
    part = client.get(f"/audit/history/leads.TargetList/{key}/", headers={"HX-Request": "true"})
    assert (part.status_code, "尚无变更" in part.content.decode()) == (404, True)


def test_a_history_never_tells_from_where_nor_who_logged_in(client_of: Browser, cast: Cast) -> None:
    Client(REMOTE_ADDR="192.0.2.7").post("/login/", {"login": "bureau_officer", "password": factories.PASSWORD})
    said = history_of(client_of("system_admin"), "accounts.User", cast.bureau_officer.public_id)
    assert "新增人员" in said
    assert "192.0.2.7" not in said and "登录系统" not in said
    assert Entry.objects.filter(action="accounts.login").exists()


def test_a_history_is_paged_and_costs_the_same_however_long(client_of: Browser, cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    client = client_of("bureau_officer")
    asked = []
    for number in range(2):
        for _ in range(30 * number):
            making.close(target_list=target, reason="完成", by=cast.bureau_officer, at=AT)
            making.reopen(target_list=target, by=cast.bureau_officer, at=AT)
        with CaptureQueriesContext(connection) as captured:
            said = history_of(client, "leads.TargetList", target.public_id, **{"HX-Request": "true"})
        asked.append(len(captured))
    assert asked == [6, 6]  # session, person, postings, record, count, entries
    assert "61" in said and f"/audit/history/leads.TargetList/{target.public_id}/?page=2" in said
    assert "新建招商清单" not in said
    assert client.get(f"/audit/history/leads.TargetList/{target.public_id}/?page=4").status_code == 200


# --- personal data --------------------------------------------------------------------------------------------------------------------
PHONE, EMAIL = "13900001234", "someone@example.com"


@pytest.fixture
def person(cast: Cast, settings: Any) -> Person:
    import fictional

    settings.WAREHOUSE = fictional.made()
    on = AT.date()
    return contacts.note_person(
        firm_id=fictional.firm_id(fictional.TARGET), title="总经理", by=cast.bureau_officer, at=AT, on=on, name="柳某某",
        phone=PHONE, email=EMAIL,
        note="", purpose="promotion", basis="consent", consent_source="登记表", consented_on=on, retain_until=on + dt.timedelta(days=300),
    )  # fmt: skip


def test_personal_data_stands_in_entries_encrypted_only(person: Person) -> None:
    entry = Entry.objects.get(action="firms.note_person")
    assert entry.personal and entry.personal_of == f"firms.Person:{person.public_id}"
    stored = str(list(Entry.objects.values()))
    assert not any(word in stored for word in ("柳某某", PHONE, EMAIL))
    assert queries.personal_changes([entry])[entry.sequence]["phone"] == {"old": None, "new": PHONE}


def test_the_history_of_a_person_masks_contact_data(client_of: Browser, cast: Cast, person: Person) -> None:
    contacts.change_person(person=person, title="董事长", by=cast.bureau_officer, at=AT, on=AT.date(), phone="13900005678")
    said = history_of(client_of("bureau_officer"), "firms.Person", person.public_id)
    assert "139****1234" in said and "139****5678" in said and "总经理" in said and "董事长" in said
    assert PHONE not in said and EMAIL not in said
    assert client_of("other_officer").get(f"/audit/history/firms.Person/{person.public_id}/").status_code == 404


def test_erasing_a_person_erases_him_from_the_trail_and_leaves_the_chain_whole(cast: Cast, person: Person) -> None:
    actions.seal(at=NOW)
    contacts.erase_person(person=person, reason="本人要求", by=cast.bureau_officer, at=AT)
    entry = Entry.objects.get(action="firms.note_person")
    assert queries.personal_changes([entry]) == {}
    assert PersonalKey.objects.get(pk=entry.personal_of).secret == ""
    actions.seal(at=NOW)
    assert queries.verify(at=NOW).is_whole
    late = actions.record(action="firms.change_person", by=None, at=AT, personal={"phone": PHONE}, personal_of=person)
    assert late.personal == ""  # nothing personal is written of him again


def test_what_is_confidential_of_a_firm_is_not_told(client_of: Browser, cast: Cast, settings: Any) -> None:
    import fictional

    settings.WAREHOUSE = fictional.made()
    firm_id = fictional.firm_id(fictional.TARGET)
    from wutong.rulebook import load

    measures = load.rulebook().measures
    secret = next(measure for measure in measures.values() if measure.confidential)
    plain = next(measure for measure in measures.values() if not measure.confidential)
    for measure, value in ((secret.id, "81234567"), (plain.id, "76540000")):
        remarks.note_figure(
            firm_id=firm_id, year=2024, measure=measure, value=Decimal(value), source="年报", by=cast.bureau_officer,
            at=AT, on=AT.date(),
        )  # fmt: skip
    said = history_of(client_of("other_officer"), "firms.Firm", firm_id)
    assert "7,654.00" in said and plain.shown.zh in said and secret.name.zh in said
    assert "8123" not in said and "8,123" not in said
