"""Target lists that come as files: the columns, and which firm, segment and person each row means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from wutong.engine import firms as registry
from wutong.engine.list_files import NAME, USCC, Fault, Field, ListFile, Row, Wanted
from wutong.web.accounts.models import Unit, User
from wutong.web.firms.queries import briefs, names
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.queries import people
from wutong.web.leads.queries.chosen import Candidate
from wutong.web.lib import warehouse
from wutong.web.lib.exchange import SheetColumn, SheetRow, Verdict

FIELDS = (
    NAME,
    USCC,
    Field("chain", ("产业链", "chain")),
    Field("segment", ("环节", "产业链环节", "segment")),
    Field("assignee", ("负责人", "对接人", "责任人", "assigned to")),
    Field("note", ("备注", "说明", "note")),
)
NEEDED = (NAME.name, USCC.name)
FIELD_OF = {"企业名称": "name", "环节": "segment", "负责人": "assignee"}


def columns(user: Any) -> tuple[SheetColumn, ...]:
    """The columns of a target list that comes in from the pages, as `wutong lists import` reads them."""
    said = {
        "name": (_("Firm"), _("Full or former name; this or the credit code."), "梧桐精密机械有限公司", 36),
        "uscc": (_("Credit code"), _("This or the name of the firm."), "", 24),
        "chain": (_("Chain"), _("Needed where several chains have the segment."), "", 18),
        "segment": (_("Segment"), _("By its name or id; may be left empty."), "", 20),
        "assignee": (_("Assigned to"), _("User name or name of the owner or of somebody who works on the list."), "", 16),
        "note": (_("Note"), "", "", 30),
    }
    return tuple(
        SheetColumn(field, said[field.name][0], said[field.name][1], said[field.name][2], (), said[field.name][3]) for field in FIELDS
    )


def judge(*, rows: Sequence[SheetRow], given: Mapping[str, Any], by: Any) -> list[Verdict]:
    """What would become of each row of a target list that comes in from the pages."""
    faults = matched(of_rows(rows), given["unit"], able_of(given))[1]
    wrong: dict[int, list[tuple[str, str]]] = {}
    for fault in faults:
        wrong.setdefault(fault.row, []).append((FIELD_OF.get(fault.field, fault.field), fault.told))
    return [Verdict("bad", tuple(wrong[row.row])) if row.row in wrong else Verdict("new") for row in rows]


def able_of(given: Mapping[str, Any]) -> tuple[User, ...]:
    """Who may be assigned rows of a list that comes in: its owner and those who work on it."""
    return (given["owner"], *(person for person in given["members"] if person != given["owner"]))


def of_rows(rows: Sequence[SheetRow], file: str = "", sha256: str = "") -> ListFile:
    """Rows of a batch as a list."""
    return ListFile(file, sha256, (), tuple(Row(row.row, row.values) for row in rows))


def matched(listed: ListFile, unit: Unit, able: Sequence[User] | None = None) -> tuple[tuple[Candidate, ...], tuple[Fault, ...]]:
    """The firms of a file as candidates for a list of a unit, or every row that cannot be taken, with what was expected.

    `able`: who may be assigned rows; everybody of the unit who may work on lists unless given.
    """
    able, noted = tuple(people.of_unit(unit)) if able is None else able, names.further()
    build_id, rulebook_hash = firms.versions()
    found: dict[str, Candidate] = {}
    rows: dict[str, int] = {}
    faults: list[Fault] = []
    for row in listed.rows:
        firm_id = registry.named(warehouse.served(), uscc=row.text("uscc"), name=row.text("name"), noted=noted)
        asked = row.text("name") or row.text("uscc")
        places, person = _segments(row), _person(row, able)
        if not firm_id:
            faults.append(
                Fault(listed.file, row.row, "企业名称", asked, _("a firm of the registry, by its full or former name or its code"))
            )
        elif firm_id in found:
            faults.append(Fault(listed.file, row.row, "企业名称", asked, Wanted.ONCE, {"row": rows[firm_id]}))
        if len(places) != 1 and row.text("segment"):
            hint = _("a segment of a chain, by name or id") if not places else _("its chain too, for several chains have this segment")
            faults.append(Fault(listed.file, row.row, "环节", row.text("segment"), hint))
        if person is None and row.text("assignee"):
            expected = _("user name or name of somebody who may work on this list: %(people)s") % {"people": _some(able)}
            faults.append(Fault(listed.file, row.row, "负责人", row.text("assignee"), expected))
        if firm_id and firm_id not in found:
            chain, segment = places[0] if len(places) == 1 else ("", "")
            kept = {"build": build_id, "rulebook": rulebook_hash, "file": listed.file, "row": row.row}
            rows[firm_id] = row.row
            found[firm_id] = Candidate(
                firm_id, asked, chain=chain, segment=segment, found=kept, note=row.text("note"), assignee_id=person.pk if person else None
            )
    known = briefs.briefs(found)
    return tuple(_placed(one, known) for one in found.values()), tuple(faults)


def _placed(one: Candidate, known: dict[str, briefs.Brief]) -> Candidate:
    brief = known[one.firm_id]
    return Candidate(
        one.firm_id, brief.name, brief.adcode, brief.place, brief.city, one.chain, one.segment, found=one.found, note=one.note,
        assignee_id=one.assignee_id,
    )  # fmt: skip


def _segments(row: Row) -> list[tuple[str, str]]:
    """(chain, segment) of every chain that has a segment of this name or id."""
    wanted, chain_text = row.text("segment"), row.text("chain")
    if not wanted:
        return []
    return [
        (chain.id, segment.id)
        for chain in firms.rulebook().chains.values()
        if not chain_text or chain_text in {chain.id, chain.name_zh, chain.name_en}
        for segment in chain.segments
        if wanted in {segment.id, segment.name_zh, segment.name_en}
    ]


def _person(row: Row, able: Sequence[User]) -> User | None:
    wanted = row.text("assignee")
    fitting = [person for person in able if wanted in {person.username, person.display_name}]
    return fitting[0] if wanted and len(fitting) == 1 else None


def _some(able: Sequence[User]) -> str:
    return ", ".join(person.username for person in able[:6]) or str(_("nobody holds such a role yet"))
