"""Rule documents as their pages show them: versions, what a draft says and lacks, what differs between two, files."""

from __future__ import annotations

import datetime as dt
import difflib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.engine import list_files
from wutong.engine.list_files import Field, ListError
from wutong.rulebook import documents, load
from wutong.rulebook.documents import Change, Fault, Held, Read
from wutong.rulebook.shapes import Leaf, Value
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import hooks, lists
from wutong.web.lib.hooks import RuleKind
from wutong.web.rulebooks.models import RuleStep, RuleVersion
from wutong.web.rulebooks.queries import leaves, versions
from wutong.web.rulebooks.queries.leaves import LeafRow
from wutong.web.rulebooks.rules import State, VersionFacts

SHIPPED = 0
PAGE_SIZE = 20
SHEET_FIELDS = (
    Field("leaf", ("规则代码", "leaf", "rule"), is_needed=True, expected="leads.stale_days"),
    Field("unit", ("计量单位代码", "unit")),
    Field("value", ("取值", "value"), is_needed=True, expected="21"),
    Field("from", ("起始日期", "from"), is_needed=True, read=dt.date.fromisoformat, expected="2026-12-01"),
    Field("title", ("依据文件", "source"), is_needed=True, expected="《…办法》"),
    Field("document", ("文号", "number")),
    Field("date", ("成文日期", "date"), is_needed=True, read=dt.date.fromisoformat, expected="2026-11-20"),
    Field("url", ("网址", "url")),
)
COLUMNS = (
    lists.Column("number", gettext_lazy("Version"), ("number",), "number"),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("begins", gettext_lazy("In force from"), ("begins_on",), "date"),
    lists.Column("note", gettext_lazy("Reason for the change")),
    lists.Column("created", gettext_lazy("Begun"), ("created_at",), "date"),
    lists.Column("decided", gettext_lazy("Decided"), ("decided_at",), "date"),
)


class NotThere(LookupError):  # noqa: N818
    """There is no such kind of document, or no such version."""


def kind_of(code: str) -> RuleKind:
    """A kind of document. Raises: NotThere."""
    try:
        return hooks.rule_kinds()[code]
    except KeyError:
        raise NotThere(code) from None


def held(kind: RuleKind) -> Held:
    """What documents of a kind may hold."""
    return Held(kind.holds, kind.may_add)


# --- versions -------------------------------------------------------------------------------------------------------------------------
def latest(kind: str) -> RuleVersion | None:
    """The newest approved version: what a new draft is made from."""
    return RuleVersion.objects.approved().filter(kind=kind).order_by("-number").first()


def text_of_number(kind: str, number: int) -> str:
    """The text of a version; of version 0, the rulebook shipped, "". Raises: NotThere."""
    if number == SHIPPED:
        return ""
    found = RuleVersion.objects.filter(kind=kind, number=number).first()
    if found is None:
        raise NotThere(f"{kind} v{number}")
    return found.text


def leaves_of(kind: str, text: str) -> Mapping[str, Leaf]:
    """The sound leaves of a text that was approved once."""
    return documents.read(text, shipped=load.rulebook(), held=Held(lambda _name: True, may_add=True)).leaves


def checked(kind: RuleKind, text: str, *, base_number: int, begins_on: dt.date | None, file: str = "") -> Read:
    """The leaves of a text as a version of a kind, and every fault."""
    before = leaves_of(kind.code, text_of_number(kind.code, base_number))
    return documents.read(
        text, shipped=load.rulebook(), held=held(kind), begins_on=begins_on, before=before, file=file or f"{kind.code}.yaml"
    )


def read_of(version: RuleVersion) -> Read:
    """A version as it reads, and its faults."""
    return checked(kind_of(version.kind), version.text, base_number=version.base_number, begins_on=version.begins_on)


def facts(version: RuleVersion) -> VersionFacts:
    """A version as the rules see it."""
    newest = latest(version.kind)
    return VersionFacts(
        State(version.state), version.text_hash, version.base_hash, version.base_number, newest.number if newest else SHIPPED, version.note,
        versions.authors(version), bool(read_of(version).faults) if version.is_open else False, version.number, is_dated=True,
        begins_on=version.begins_on,
    )  # fmt: skip


def name_of(version: RuleVersion) -> str:
    """A version in words: its kind and number."""
    return _("%(kind)s, version %(number)s") % {"kind": kind_of(version.kind).label, "number": version.number}


def message_of(version: RuleVersion) -> tuple[str, str]:
    """What is told of a version in its present state: title and text, in the active language."""
    titles = {
        State.SUBMITTED: _("%(name)s waits for your decision"),
        State.APPROVED: _("%(name)s was approved"),
        State.SENT_BACK: _("%(name)s was sent back"),
        State.WITHDRAWN: _("%(name)s was withdrawn"),
    }
    if version.revoked_at:
        title, person, said = _("%(name)s was taken back before its day"), version.revoked_by, version.revoke_reason
    else:
        is_new = version.state == State.SUBMITTED
        title = titles[State(version.state)]
        person, said = (version.submitted_by, version.note) if is_new else (version.decided_by, version.decision)
    text = _("%(person)s: %(said)s") % {"person": person, "said": said} if said else str(person)
    if version.state in (State.SUBMITTED, State.APPROVED) and version.begins_on:
        text = _("In force from %(day)s. %(text)s") % {"day": f"{version.begins_on:%Y-%m-%d}", "text": text}
    return title % {"name": name_of(version)}, text


def address_of(version: RuleVersion) -> str:
    """The page of a version."""
    return reverse("rulebooks:draft", args=[version.public_id])


# --- the page of a version --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DraftRow:
    """A leaf in the form: what holds before the version, what the version says of it, and where it comes from."""

    row: LeafRow
    before: str
    own: Leaf | None
    values: tuple[tuple[dt.date, str], ...]
    is_changed: bool
    typed: str
    faults: tuple[Fault, ...] = ()

    @property
    def source(self) -> Any:
        """The document that the version names for it."""
        return self.own.source if self.own else None


@dataclass(frozen=True, slots=True)
class Editor:
    """A version as its page shows it. `is_readable`: the form can be used; otherwise only the text can be mended."""

    version: RuleVersion
    kind: RuleKind
    changes: tuple[str, ...]
    rows: tuple[DraftRow, ...]
    faults: tuple[Fault, ...]
    lines: tuple[tuple[int, str, bool], ...]
    steps: tuple[RuleStep, ...]
    can_undo: bool
    can_redo: bool
    is_readable: bool


def editor(version: RuleVersion, on: dt.date) -> Editor:
    """Everything that the page of a version shows but for the rules that may still be added to it."""
    kind, read = kind_of(version.kind), read_of(version)
    faults = read.faults if version.is_open else ()
    old = leaves_of(version.kind, text_of_number(version.kind, version.base_number))
    found = documents.between(old, read.leaves, load.rulebook(), begins_on=version.begins_on)
    steps = tuple(version.steps.select_related("by"))
    changed = {change.leaf for change in found}
    faulty = {fault.field.partition(" › ")[0] for fault in faults}
    rows = tuple(_draft_row(name, leaf, old.get(name), name in changed, on) for name, leaf in read.leaves.items() if name not in faulty)
    bad = {fault.line for fault in faults}
    lines = tuple((number, line, number in bad) for number, line in enumerate(version.text.splitlines(), 1))
    return Editor(
        version, kind, tuple(map(sentence, found)), rows, faults, lines, steps,
        any(not step.is_undone and step.number > 0 for step in steps), any(step.is_undone for step in steps), not faulty,
    )  # fmt: skip


def _draft_row(name: str, leaf: Leaf, old: Leaf | None, is_changed: bool, on: dt.date) -> DraftRow:
    row = _row(name, leaf, on)
    values = tuple((start, leaves.value_words(value)) for start, value in leaf.values.items())
    before = (old.value(on) if old else None) or (row.leaf.value(on) if old is None else None)
    newest = list(leaf.values.values())[-1]
    return DraftRow(row, leaves.value_words(before), leaf, values, is_changed, leaves.typed(newest))


def _row(name: str, leaf: Leaf, on: dt.date) -> LeafRow:
    """A leaf on the present rules; one that only the document has, from the document."""
    shipped = load.rulebook()
    known = shipped if name in shipped.leaves else replace(shipped, leaves={name: leaf})
    return leaves.row_of(name, known, on)


def offered(version: RuleVersion, on: dt.date, *, text: str = "", group: str = "") -> tuple[DraftRow, ...]:
    """Rules that a version does not speak of yet and may: those that a text is found in, or of one part."""
    kind, held_already = kind_of(version.kind), read_of(version).leaves
    found = [row for row in leaves.rows(on, text=text, group=group) if kind.holds(row.name) and row.name not in held_already]
    return tuple(DraftRow(row, row.value, None, (), False, leaves.typed(row.leaf.value(on))) for row in found)


def sentence(change: Change) -> str:
    """A difference in words: 跟进中企业…：14 天 → 21 天，自 2026-12-01 起，依据…"""
    leaf = load.rulebook().leaves.get(change.leaf)
    name = leaves.words_of(leaf) if leaf else change.leaf
    unit = leaves.unit_words(change.unit)
    values = {
        "name": name, "before": leaves.value_words(change.before), "after": leaves.value_words(change.after), "unit": unit,
        "day": f"{change.on:%Y-%m-%d}" if change.on else "—", "source": leaves.source_words(change.source),
    }  # fmt: skip
    patterns = {
        "value": _("%(name)s: %(before)s → %(after)s (%(unit)s), from %(day)s; source: %(source)s"),
        "returned": _("%(name)s: %(before)s → %(after)s (%(unit)s), from %(day)s; as shipped again"),
        "source": _("%(name)s: the source is now %(source)s"),
        "words": _("%(name)s: described anew"),
    }
    return patterns[change.kind] % values


def value_of(text: str, sample: Value) -> Value:
    """What somebody typed as a value of a leaf, of the kind that the sample is; it may still break a rule. Raises: ValueError."""
    wanted = text.strip()
    if isinstance(sample, bool):
        return {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}[wanted.casefold()] if wanted else None
    if isinstance(sample, tuple):
        return tuple(word.strip() for word in wanted.replace("，", "、").replace(",", "、").split("、") if word.strip())
    if isinstance(sample, str):
        return wanted
    plain = wanted.replace(",", "").replace("，", "")
    number = float(plain.removesuffix("%").removesuffix("％")) / (100 if plain.endswith(("%", "％")) else 1)
    number = round(number, 12)
    return int(number) if number == int(number) and abs(number) < 10**15 else number


# --- comparison, history ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions: what differs, in words and in the text."""

    kind: RuleKind
    old_number: int
    new_number: int
    sentences: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]


def compared(kind: RuleKind, old_number: int, new_number: int, *, visible: Any) -> Compared:
    """What differs between two versions that the person may see; 0 is the rulebook shipped. Raises: NotThere."""
    found = {row.number: row for row in visible.filter(kind=kind.code, number__in=(old_number, new_number))}
    for number in (old_number, new_number):
        if number != SHIPPED and number not in found:
            raise NotThere(f"{kind.code} v{number}")
    texts = [found[number].text if number else "" for number in (old_number, new_number)]
    read = [leaves_of(kind.code, text) for text in texts]
    begins_on = found[new_number].begins_on if new_number else None
    changes = documents.between(read[0], read[1], load.rulebook(), begins_on=begins_on)
    return Compared(kind, old_number, new_number, tuple(map(sentence, changes)), _lines(*texts))


def _lines(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """The text as a comparison: (sign, line); sign "…" stands for what is left out."""
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    return tuple(("…", "") if line.startswith("@@") else (line[:1], line[1:]) for line in found if not line.startswith(("---", "+++")))


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a kind that a person may see. `in_force`: the number on the day asked about."""

    kind: RuleKind
    on: dt.date
    in_force: int
    open: RuleVersion | None
    listing: lists.Listing


def in_force_on(kind: str, on: dt.date) -> RuleVersion | None:
    """The version that was, is or will be in force on a day; None for the rulebook shipped."""
    return RuleVersion.objects.approved().filter(kind=kind, begins_on__lte=on).order_by("-number").first()


def history(kind: RuleKind, params: QueryDict, *, visible: Any, on: dt.date) -> History:
    """Every version of a kind, the newest first."""
    rows = visible.filter(kind=kind.code).select_related("created_by", "submitted_by", "decided_by", "revoked_by")
    listing = lists.of_queryset(params, rows, columns=COLUMNS, default="-number", size=PAGE_SIZE)
    standing = in_force_on(kind.code, on)
    return History(kind, on, standing.number if standing else SHIPPED, rows.open().first(), listing)


def may(user: Any, version: RuleVersion) -> dict[str, bool]:
    """What a person may do with a version, by role; the rules may still refuse."""
    kind, unit = kind_of(version.kind), version.unit.target()
    may_decide = version.state == State.SUBMITTED and user.may(Permission(kind.approve), unit)
    return {
        "may_edit": version.is_draft and user.may(Permission(kind.edit), unit), "may_decide": may_decide,
        "may_withdraw": versions.is_his_to_withdraw(version, user, Permission(kind.edit), may_decide=may_decide),
        "may_revoke": version.state == State.APPROVED and user.may(Permission(kind.approve), unit),
    }  # fmt: skip


# --- files ------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FileRead:
    """A document that came as a file: its text in the fixed form, and every fault with the line or row it stands in."""

    text: str
    faults: tuple[Fault, ...]
    rows: int = 0


def read_file(kind: RuleKind, name: str, content: bytes) -> FileRead:
    """A YAML or XLSX file as the text of a draft.

    A file of the rulebook shipped may be changed and handed in as it is: the names in it have no full stop, and its own name is their part.
    """
    ending = Path(name.casefold()).suffix
    if ending == ".xlsx":
        return _read_workbook(kind, name, content)
    if ending not in (".yaml", ".yml"):
        return FileRead("", (Fault(name, 0, "no_such_file"),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return FileRead("", (Fault(name, 1, "no_utf8"),))
    found = documents.read(with_part(text, Path(name).stem), shipped=load.rulebook(), held=held(kind), file=name)
    return FileRead("" if found.faults else documents.text_of(found.leaves), found.faults, len(found.leaves))


def with_part(text: str, part: str) -> str:
    """The text with full names of leaves, where it has the short ones of a file of the rulebook shipped; lines stay where they are."""
    known = {name.partition(".")[2] for name in load.rulebook().leaves if name.startswith(f"{part}.")}
    lines = [f"{part}.{line}" if line.partition(":")[0] in known else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def _read_workbook(kind: RuleKind, name: str, content: bytes) -> FileRead:
    """A workbook with one row a value. Raises nothing: what cannot be read is a fault."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.xlsx"
        path.write_bytes(content)
        try:
            rows = list_files.read(path, SHEET_FIELDS).rows
        except ListError as error:
            return FileRead("", tuple(Fault(name, one.row, "row", one.field, one.value, _expected(one)) for one in error.faults))
    found: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    shipped = load.rulebook()
    for row in rows:
        leaf_name, day = row.text("leaf"), row.values["from"]
        known = shipped.leaves.get(leaf_name)
        sample = next(iter(known.values.values())) if known else None
        try:
            value = value_of(row.text("value"), sample)
        except (ValueError, KeyError):
            faults.append(Fault(name, row.row, "no_number", leaf_name, row.text("value")))
            continue
        made = found.setdefault(leaf_name, {"values": {}, "row": row.row})
        if day in made["values"]:
            faults.append(Fault(name, row.row, "twice", leaf_name, leaf_name))
        made["values"][day] = value
        made["source"] = {key: row.values[key] for key in ("title", "document", "date", "url") if row.values.get(key)}
        made |= {"unit": row.text("unit")} if row.text("unit") else {}
    if faults:
        return FileRead("", tuple(faults))
    return _written(kind, name, found)


def _written(kind: RuleKind, name: str, found: Mapping[str, Mapping[str, Any]]) -> FileRead:
    """Rows as a text, checked as any text is; a fault names the row of the workbook."""
    text = "".join(
        f"{leaf}:\n" + "".join(documents.plain_lines({key: value for key, value in item.items() if key != "row"}))
        for leaf, item in found.items()
    )
    read = documents.read(text, shipped=load.rulebook(), held=held(kind), file=name)
    faults = tuple(replace(fault, line=found.get(fault.field.partition(" › ")[0], {}).get("row", 0)) for fault in read.faults)
    return FileRead("" if faults else documents.text_of(read.leaves), faults, len(read.leaves))


def _expected(fault: list_files.Fault) -> str:
    return _("such as %(example)s") % {"example": fault.expected} if fault.field else fault.expected


def visible_text(kind: RuleKind, number: int, *, visible: Any) -> tuple[str, RuleVersion]:
    """The text of a version that the person may see, to be saved as a file. Raises: NotThere."""
    found = visible.filter(kind=kind.code, number=number).first()
    if found is None:
        raise NotThere(f"{kind.code} v{number}")
    head = [name_of(found), found.state_words]
    if found.begins_on:
        head.append(_("in force from %(day)s") % {"day": f"{found.begins_on:%Y-%m-%d}"})
    head += [f"SHA-256 {found.text_hash}"]
    return f"# {pgettext('between facts', ' · ').join(head)}\n{found.text}", found
