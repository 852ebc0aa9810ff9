"""Target lists that come as files: the columns, and which firm, segment and person each row means."""

from __future__ import annotations

from collections.abc import Sequence

from wutong.engine import firms as registry
from wutong.engine.list_files import NAME, USCC, Fault, Field, ListFile, Row
from wutong.web.accounts.models import Unit, User
from wutong.web.firms.queries import briefs, names
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.queries import people
from wutong.web.leads.queries.chosen import Candidate
from wutong.web.lib import warehouse

FIELDS = (
    NAME,
    USCC,
    Field("chain", ("产业链", "chain")),
    Field("segment", ("环节", "产业链环节", "segment")),
    Field("assignee", ("负责人", "对接人", "责任人", "assigned to")),
    Field("note", ("备注", "说明", "note")),
)
NEEDED = (NAME.name, USCC.name)


def matched(listed: ListFile, unit: Unit) -> tuple[tuple[Candidate, ...], tuple[Fault, ...]]:
    """The firms of a file as candidates for a list of a unit, or every row that cannot be taken, with what was expected."""
    able, noted = tuple(people.of_unit(unit)), names.further()
    build_id, rulebook_hash = firms.versions()
    found: dict[str, Candidate] = {}
    rows: dict[str, int] = {}
    faults: list[Fault] = []
    for row in listed.rows:
        firm_id = registry.named(warehouse.served(), uscc=row.text("uscc"), name=row.text("name"), noted=noted)
        asked = row.text("name") or row.text("uscc")
        places, person = _segments(row), _person(row, able)
        if not firm_id:
            faults.append(Fault(listed.file, row.row, "企业名称", asked, "a firm of the registry, by its full or former name or its code"))
        elif firm_id in found:
            faults.append(Fault(listed.file, row.row, "企业名称", asked, f"each firm once; row {rows[firm_id]} names it too"))
        if len(places) != 1 and row.text("segment"):
            hint = "a segment of a chain, by name or id" if not places else "a column 产业链 too, for several chains have this segment"
            faults.append(Fault(listed.file, row.row, "环节", row.text("segment"), hint))
        if person is None and row.text("assignee"):
            expected = f"user name or name of somebody of {unit.name_zh} who may work on lists: {_some(able)}"
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
    return ", ".join(person.username for person in able[:6]) or "nobody holds such a role yet"
