"""Lists of people and units that come in from files: their columns, what a row comes to, and the writing, a piece at a time."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.engine.cleaning import read_date
from wutong.engine.list_files import Field
from wutong.web.accounts.actions import proposals
from wutong.web.accounts.actions import units as unit_actions
from wutong.web.accounts.actions.proposals import Proposal, Proposals
from wutong.web.accounts.actions.refusing import day_of, require
from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.models.units import UNIT_KINDS, within
from wutong.web.accounts.queries import logins
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import postings as posting_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.lib import access
from wutong.web.lib.exchange import Batch, Made, SheetColumn, SheetRow, Verdict, Written

MOST_CHOICES = 300
LONGEST_EMAIL = 254
FEW_PEOPLE = 3000
NEW = Verdict("new")
# As the validators of Django, in a tenth of the time: user names as they are, e-mail addresses of the plain kind before the others.
_USERNAME = re.compile(r"[\w.@+-]{1,150}")
_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30}){0,2}@(?:[A-Za-z0-9]{1,30}\.){1,4}[A-Za-z]{2,20}")


def _username(text: str) -> str:
    if not _USERNAME.fullmatch(text):
        raise ValueError(text)
    return text.lower()


def _email(text: str) -> str:
    if len(text) > LONGEST_EMAIL or not _PLAIN_EMAIL.fullmatch(text):
        try:
            validate_email(text)
        except ValidationError as error:
            raise ValueError(text) from error
    return text


def _adcode(text: str) -> str:
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        raise ValueError(text)
    return text


def _unit_kind(text: str) -> str:
    for kind, label in UNIT_KINDS.items():
        if text.strip().casefold() in {kind.value, str(label).casefold()}:
            return kind.value
    raise ValueError(text)


def _role(text: str) -> str:
    for role in access_rules.roles().values():
        if text.strip().casefold() in {role.code, role.zh.casefold(), role.en.casefold()}:
            return role.code
    raise ValueError(text)


def _day(text: str) -> str:
    day = read_date(text)
    if day is None:
        raise ValueError(text)
    return day.isoformat()


def _within_reach(by: Any, permission: Permission) -> dict[str, list[Unit]]:
    """Open units over which a person holds the permission, by each of their names."""
    found: dict[str, list[Unit]] = {}
    for unit in Unit.objects.open().filter(within(by, permission, unit="")).order_by("path"):
        for name in {unit.name_zh, unit.name_en} - {""}:
            found.setdefault(name, []).append(unit)
    return found


def people_columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of a list of people."""
    length = User._meta.get_field("display_name").max_length or 100
    roles = tuple(name for _code, name in queries.role_choices())
    units = tuple(unit.name_zh for unit in Unit.objects.open().filter(within(user, Permission.USERS_EDIT, unit="")).order_by("path"))
    return (
        SheetColumn(
            Field("username", ("用户名", "登录名", "账号", "user name"), is_needed=True, read=_username,
                  expected=gettext_lazy("a user name of letters, digits and @ . + - _")),
            gettext_lazy("User name"), gettext_lazy("By which the person logs in; small and capital letters are one."), "zhangsan",
        ),
        SheetColumn(
            Field("display_name", ("姓名", "名字", "name"), is_needed=True, read=lambda text: _at_most(text, length),
                  expected=gettext_lazy("a name of at most 100 characters")),
            gettext_lazy("Name"), "", "张三",
        ),
        SheetColumn(
            Field("unit", ("单位", "所在单位", "部门", "unit"), is_needed=True, expected=gettext_lazy("the name of a unit")),
            gettext_lazy("Unit"), gettext_lazy("By its full name; the drop-down shows those you may choose."), units[0] if units else "",
            units[:MOST_CHOICES], 28,
        ),
        SheetColumn(
            Field("email", ("电子邮箱", "邮箱", "email", "e-mail"), read=_email, expected=gettext_lazy("an e-mail address")),
            gettext_lazy("E-mail"), gettext_lazy("May be left empty."), "zhangsan@example.com", (), 28,
        ),
        SheetColumn(
            Field(proposals.ROLE, ("拟任角色", "角色", "role"), read=_role, expected=gettext_lazy("a role from the drop-down")),
            gettext_lazy("Proposed role"),
            gettext_lazy("May be left empty. The security administrator confirms it before it gives any right."), roles[5], roles,
        ),
        SheetColumn(
            Field(proposals.UNIT, ("任职单位", "拟任职单位", "unit of the posting"), expected=gettext_lazy("the name of a unit")),
            gettext_lazy("Unit of the proposed posting"), gettext_lazy("Empty: the person's own unit."), "", units[:MOST_CHOICES], 28,
        ),
        SheetColumn(
            Field(proposals.DAY, ("任职起始日", "起始日", "任职日期", "posting from"), read=_day,
                  expected=gettext_lazy("a day such as 2026-03-05")),
            gettext_lazy("Proposed posting from"), gettext_lazy("Empty: the day of the import."), "2026-03-05",
        ),
    )  # fmt: skip


def _at_most(text: str, length: int) -> str:
    if len(text) > length:
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a row of a list of people comes to: the verdict, the unit it names, the person who is there already, and a posting proposed."""

    verdict: Verdict
    unit: Unit | None = None
    person: User | None = None
    proposed: Proposal | None = None


def _known(names: Sequence[str]) -> dict[str, User]:
    """The people of these user names.

    Why the names first: an office has few people beside a long list, and to name thousands in a question costs more than to read them all.
    """
    people = User.objects.get_queryset()
    there = set(people.order_by().values_list("username", flat=True)[: FEW_PEOPLE + 1])
    wanted = names if len(there) > FEW_PEOPLE else there.intersection(names)
    return {person.username: person for person in people.filter(username__in=wanted)} if wanted else {}


def people_rows(rows: Sequence[SheetRow], by: Any) -> list[PersonRow]:
    """What each row of a list of people comes to, asked in bulk."""
    units = _within_reach(by, Permission.USERS_EDIT)
    reached = {unit.pk for there in units.values() for unit in there}
    known = _known([row.values["username"] for row in rows])
    emails = _Emails([row.text("email") for row in rows], known.values())
    proposing = Proposals(known.values(), units)
    # Nearly all of a long list: somebody new at a unit that is named once, with an e-mail that may be anybody's.
    plain = {} if emails.is_log_in else {name: PersonRow(NEW, there[0]) for name, there in units.items() if len(there) == 1}
    found = []
    for row in rows:
        fitting, person = units.get(row.values["unit"], []), known.get(row.values["username"])
        if person is None and row.values["unit"] in plain and not proposals.FIELDS & row.values.keys():
            found.append(plain[row.values["unit"]])
            continue
        email = row.text("email")
        refused = emails.why_not(email, row.text("username"), person) if email else ""
        proposed, wrong = proposing.of(row, fitting[0] if len(fitting) == 1 else None, person)
        if len(fitting) != 1:
            expected = _("a unit of yours by its full name") if not fitting else _("a name that only one unit bears")
            found.append(PersonRow(Verdict("bad", (("unit", expected),))))
        elif refused:
            found.append(PersonRow(Verdict("bad", (("email", refused),))))
        elif wrong:
            found.append(PersonRow(Verdict("bad", wrong)))
        elif person is None:
            found.append(PersonRow(NEW, fitting[0], None, proposed))
        elif person.unit_id not in reached or not person.is_active:
            found.append(PersonRow(Verdict("bad", (("username", _("a user name that is free; this one is taken")),))))
        else:
            changes = _changes_of(person, row, fitting[0])
            if proposed:
                label = _("Proposed posting")
                changes = (*changes, (f"{person.username} · {label}", "", proposed.words))
            found.append(PersonRow(Verdict("changed" if changes else "same", changes=changes), fitting[0], person, proposed))
    return found


class _Emails:
    """Whether an e-mail may become a person's, by the rule of a single change, asked in bulk."""

    def __init__(self, emails: Iterable[str], known: Iterable[User]) -> None:
        kept = Posting.objects.filter(user__in=known, role__in=access_rules.administrators())
        today = access.today()
        self.administrators = {one.user_id for one in kept if posting_rules.is_to_administrate([one.facts()], on=today)}
        self.is_log_in, self.owners = logins.is_email_log_in(), dict[str, str]()
        if self.is_log_in:
            wanted = {email.lower() for email in emails} - {""}
            there = User.objects.get_queryset().annotate(address=Lower("email")).filter(address__in=wanted)
            self.owners = dict(there.values_list("address", "username"))

    def why_not(self, email: str, username: str, person: User | None) -> str:
        """What would be expected instead; "" where it may."""
        if person is not None and person.email == email:
            return ""
        if person is not None and person.pk in self.administrators:
            return _("the e-mail as it is: nobody changes that of an administrator")
        if email and self.is_log_in and self.owners.setdefault(email.lower(), username) != username:
            return _("an e-mail that no other account has, for people log in by it")
        return ""


def may_not_return(label: str, was: Mapping[int, Mapping[str, Any]]) -> tuple[tuple[int, str], ...]:
    """People whose former e-mail an undo may not give back, and what would be expected instead.

    Why: whoever was changed by a list may be an administrator since, and the address somebody else's, who would log in by it.
    """
    former = {key: str(values["email"]) for key, values in was.items() if "email" in values} if label == User._meta.label else {}
    if not former:
        return ()
    people = User.objects.get_queryset().in_bulk(list(former))
    emails = _Emails([former[key] for key in people], people.values())
    asked = ((key, emails.why_not(former[key], person.username, person)) for key, person in people.items())
    return tuple((key, why) for key, why in asked if why)


def _changes_of(person: User, row: SheetRow, unit: Unit) -> tuple[tuple[str, str, str], ...]:
    compared = [(gettext_lazy("Name"), person.display_name, row.text("display_name"))]
    if row.text("email"):
        compared.append((gettext_lazy("E-mail"), person.email, row.text("email")))
    if person.unit_id != unit.pk:
        compared.append((gettext_lazy("Unit"), person.unit.name, unit.name))
    return tuple((f"{person.username} · {label}", old, new) for label, old, new in compared if old != new)


def judge_people(*, rows: Sequence[SheetRow], given: Any, by: Any) -> list[Verdict]:
    """What would become of each row of a list of people."""
    return [one.verdict for one in people_rows(rows, by)]


def unit_columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of a list of units."""
    units = tuple(unit.name_zh for unit in Unit.objects.open().filter(within(user, Permission.UNITS_EDIT, unit="")).order_by("path"))
    kinds = tuple(str(label) for label in UNIT_KINDS.values())
    return (
        SheetColumn(
            Field("name_zh", ("单位名称", "名称", "单位", "name"), is_needed=True, read=lambda text: _at_most(text, 100),
                  expected=gettext_lazy("a name of at most 100 characters")),
            gettext_lazy("Name"), "", "青桐市投资促进中心", (), 28,
        ),
        SheetColumn(
            Field("kind", ("单位类型", "类型", "kind"), is_needed=True, read=_unit_kind,
                  expected=gettext_lazy("a kind of unit from the drop-down")),
            gettext_lazy("Kind of unit"), "", kinds[6], kinds,
        ),
        SheetColumn(
            Field("parent", ("上级单位", "所属单位", "上级", "parent"), is_needed=True, expected=gettext_lazy("the name of a unit")),
            gettext_lazy("Unit above"), gettext_lazy("One that exists, or one that stands in a row above."), units[0] if units else "",
            units[:MOST_CHOICES], 28,
        ),
        SheetColumn(Field("name_en", ("英文名称", "英文名", "english name"), expected=gettext_lazy("text")), gettext_lazy("English name"),
                    gettext_lazy("May be left empty."), "", (), 28),
        SheetColumn(Field("adcode", ("行政区划代码", "区划代码", "division code"), read=_adcode, expected=gettext_lazy("six digits")),
                    gettext_lazy("Division code"), gettext_lazy("May be left empty."), "990100"),
    )  # fmt: skip


def judge_units(*, rows: Sequence[SheetRow], given: Any, by: Any) -> list[Verdict]:
    """What would become of each row of a list of units; a unit may stand below one that a row above names."""
    units = _within_reach(by, Permission.UNITS_EDIT)
    above = {name: len(there) for name, there in units.items()}
    below = {(unit.parent_id, unit.name_zh) for there in units.values() for unit in there}
    found = []
    for row in rows:
        name, parent = row.text("name_zh"), row.text("parent")
        if above.get(parent, 0) != 1:
            missing, several = _("a unit of yours by its full name, or one of a row above"), _("a name that only one unit bears")
            expected = several if above.get(parent) else missing
            found.append(Verdict("bad", (("parent", expected),)))
        elif parent in units and (units[parent][0].pk, name) in below:
            found.append(Verdict("same"))
        else:
            for one in {name, row.text("name_en")} - {""}:
                above[one] = above.get(one, 0) + 1
            found.append(Verdict("new"))
    return found


def unit_named(name: str, by: Any) -> Unit | None:
    """The one open unit of this name over which a person may change units; None where it names none, or several."""
    found = _within_reach(by, Permission.UNITS_EDIT).get(name, [])
    return found[0] if len(found) == 1 else None


# --- writing -----------------------------------------------------------------------------------------------------------------------
def _left(row: SheetRow, verdict: Any) -> tuple[tuple[int, str, str], ...]:
    return tuple((row.row, field, expected) for field, expected in verdict.found)


@transaction.atomic
def import_people(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Add people, and change name, unit and e-mail of those who are there; the batch has one audit entry. Raises: NotAllowed.

    Nobody gets a password or a right: one-time passwords are given by `passwords.give`, and postings are proposed to the security
    administrator.
    """
    require(by, Permission.USERS_EDIT)
    new: list[tuple[int, User]] = []
    changed: list[Made] = []
    wanted: list[tuple[int, User, Proposal]] = []
    left: list[tuple[int, str, str]] = []
    for row, found in zip(rows, people_rows(rows, by), strict=True):
        if found.verdict.kind == "new" and found.unit is not None:
            person = User(
                username=row.text("username"), display_name=row.text("display_name"), unit_id=found.unit.pk, email=row.text("email"),
                created_at=at, must_change_password=True, password=f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_hex(20)}",
            )  # fmt: skip
            new.append((row.row, person))
        elif found.verdict.kind == "changed" and found.person is not None and found.unit is not None:
            person = found.person
            was = {"display_name": person.display_name, "unit_id": person.unit_id, "email": person.email}
            person.display_name, person.unit, person.email = row.text("display_name"), found.unit, row.text("email") or person.email
            if was != {name: getattr(person, name) for name in was}:
                changed.append(Made(row.row, person, was))
        if found.proposed and found.verdict.kind != "bad":
            wanted.append((row.row, person, found.proposed))
        left += _left(row, found.verdict)
    User.objects.bulk_create(person for _row, person in new)
    User.objects.get_queryset().bulk_update([one.record for one in changed], ["display_name", "unit", "email"], batch_size=200)
    made = proposals.propose(wanted=wanted, file=batch.file, sha256=batch.sha256, on=day_of(at), by=by, at=at)
    return Written((*(Made(row, person) for row, person in new), *changed, *made), tuple(left))


@transaction.atomic
def import_units(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Add units, each below one that is there or that a row above made; the batch has one audit entry. Raises: NotAllowed."""
    require(by, Permission.UNITS_EDIT)
    made: list[Made] = []
    left: list[tuple[int, str, str]] = []
    unit_actions.lock_tree()
    units = _within_reach(by, Permission.UNITS_EDIT)
    for row, verdict in zip(rows, judge_units(rows=rows, given={}, by=by), strict=True):
        left += _left(row, verdict)
        if verdict.kind == "new":
            (parent,) = units[row.text("parent")]
            with audit.told_by_batch():
                unit = unit_actions.add_unit(
                    kind=row.text("kind"), name_zh=row.text("name_zh"), name_en=row.text("name_en"), adcode=row.text("adcode"),
                    parent=parent, by=by, at=at, is_locked=True,
                )  # fmt: skip
            for name in {unit.name_zh, unit.name_en} - {""}:
                units.setdefault(name, []).append(unit)
            made += [Made(row.row, unit), *(Made(row.row, change) for change in unit.changes.all())]
    return Written(tuple(made), tuple(left))
