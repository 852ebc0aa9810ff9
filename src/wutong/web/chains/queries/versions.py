"""Versions of chains: which is in force, what a draft says and lacks, what it does to firms, and what differs between two."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.engine import chain_workbook, effects
from wutong.engine.effects import Effects
from wutong.engine.workbooks import WorkbookError
from wutong.rulebook import differences, drafting, load
from wutong.rulebook.differences import Difference
from wutong.rulebook.drafting import Document, EditError
from wutong.rulebook.load import Problem, Rulebook, RulebookError
from wutong.rulebook.shapes import Product
from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import rules
from wutong.web.chains.models import ChainVersion, DraftStep, Placing
from wutong.web.chains.queries.faults import told
from wutong.web.chains.queries.maps import NotThere
from wutong.web.chains.rules import PlacingState, State, VersionFacts
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import spreadsheets, warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.rulebooks.queries import versions as approval

MOST_PRODUCTS = 20
SHIPPED = 0


def _newest_approved() -> QuerySet[ChainVersion]:
    """The newest approved version of every chain; older ones stay in the database."""
    approved = ChainVersion.objects.filter(state=State.APPROVED)
    newest = approved.filter(chain_id=OuterRef("chain_id")).order_by("-number").values("number")[:1]
    return approved.filter(number=Subquery(newest))


def texts_approved() -> dict[str, str]:
    """The newest approved text of every chain: what the next placing places by."""
    return dict(_newest_approved().values_list("chain_id", "text"))


def hashes_approved() -> dict[str, str]:
    """By which the newest approved texts are known again, without reading them."""
    return dict(_newest_approved().values_list("chain_id", "text_hash"))


def latest_number(chain_id: str) -> int:
    """Number of the newest approved version; 0 where the file shipped is the newest."""
    found = ChainVersion.objects.filter(chain_id=chain_id, state=State.APPROVED).order_by("-number").first()
    return found.number if found else SHIPPED


def text_of_number(chain_id: str, number: int) -> str:
    """The text of a version; of version 0 the file shipped, "" for a chain that is not shipped. Raises: NotThere."""
    if number == SHIPPED:
        return drafting.shipped_text(chain_id) if chain_id in load.rulebook().chains else ""
    version = ChainVersion.objects.filter(chain_id=chain_id, number=number).first()
    if version is None:
        raise NotThere(f"{chain_id} v{number}")
    return version.text


def number_in_force(chain_id: str) -> int:
    """Which version the pages show: the newest approved one whose text the serving build was placed by."""
    served = warehouse.served().chains.get(chain_id)
    if served is None:
        return SHIPPED
    digest = rules.text_hash(served)
    found = ChainVersion.objects.filter(chain_id=chain_id, state=State.APPROVED, text_hash=digest).order_by("-number").first()
    return found.number if found else SHIPPED


def others(chain_id: str) -> dict[str, str]:
    """The bureau's approved texts of all chains but one."""
    return dict(_newest_approved().exclude(chain_id=chain_id).values_list("chain_id", "text"))


def faults(chain_id: str, text: str) -> tuple[Problem, ...]:
    """Every fault of a text as that chain; empty where it may be submitted."""
    return drafting.faults(chain_id, text, others(chain_id))


def facts(version: ChainVersion) -> VersionFacts:
    """A version as the rules see it."""
    return VersionFacts(
        State(version.state), version.text_hash, version.base_hash, version.base_number, latest_number(version.chain_id), version.note,
        approval.authors(version), bool(faults(version.chain_id, version.text)) if version.is_open else False, version.number,
    )  # fmt: skip


def is_his_to_withdraw(version: ChainVersion, user: Any, *, may_decide: bool) -> bool:
    """Whether a person is offered to give a version up: whoever reads another's version decides on it instead."""
    return approval.is_his_to_withdraw(version, user, Permission.CHAINS_EDIT, may_decide=may_decide)


# --- who is told ----------------------------------------------------------------------------------------------------------------------
def message_of(version: ChainVersion) -> tuple[str, str]:
    """What is told of a version in its present state: title and text, in the active language."""
    titles = {
        State.SUBMITTED: _("%(chain)s, version %(number)s waits for your decision"),
        State.APPROVED: _("%(chain)s, version %(number)s was approved"),
        State.SENT_BACK: _("%(chain)s, version %(number)s was sent back"),
        State.WITHDRAWN: _("%(chain)s, version %(number)s was withdrawn"),
    }
    is_new = version.state == State.SUBMITTED
    person, said = (version.submitted_by, version.note) if is_new else (version.decided_by, version.decision)
    title = titles[State(version.state)] % {"chain": name_of(version), "number": version.number}
    return title, _("%(person)s: %(said)s") % {"person": person, "said": said} if said else str(person)


def address_of(version: ChainVersion) -> str:
    """The page of a version."""
    return reverse("chains:draft", args=[version.public_id])


def name_of(version: ChainVersion) -> str:
    """The name of a version's chain in the active language; its id where the text has none."""
    chain = _document(version.text)
    name_zh = str(chain.get("name_zh") or version.chain_id)
    return name_zh if is_chinese() else str(chain.get("name_en") or name_zh)


# --- the editor ---------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Chip:
    """A product on a segment. `product` None: neither the thesaurus nor the draft knows it; `own`: the draft adds it."""

    id: str
    product: Product | None
    own: Mapping[str, Any] | None
    faults: tuple[Problem, ...]

    @property
    def name_zh(self) -> str:
        """Its Chinese name; its id where nobody knows it."""
        return str(self.own.get("zh")) if self.own else self.product.zh if self.product else self.id

    @property
    def name_en(self) -> str:
        """Its English name."""
        return str(self.own.get("en") or self.own.get("zh")) if self.own else self.product.en if self.product else self.id


@dataclass(frozen=True, slots=True)
class Card:
    """A segment in the editor, with its faults and how many firms come and go."""

    id: str
    name_zh: str
    name_en: str
    item: Mapping[str, Any]
    chips: tuple[Chip, ...]
    faults: tuple[Problem, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def gbt4754(self) -> str:
        """Its classes as one text."""
        return "、".join(map(str, self.item.get("gbt4754") or []))

    @property
    def name_proofs(self) -> str:
        """Its words in names as one text."""
        return "、".join(map(str, self.item.get("name_proofs") or []))


@dataclass(frozen=True, slots=True)
class LayerColumn:
    """A layer in the editor."""

    id: str
    name_zh: str
    name_en: str
    faults: tuple[Problem, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Editor:
    """A draft as the editor shows it. `document` None: the text is no YAML, and only the text can be mended."""

    version: ChainVersion
    document: Document | None
    columns: tuple[LayerColumn, ...]
    faults: tuple[Problem, ...]
    loose: tuple[Problem, ...]
    steps: tuple[DraftStep, ...]
    can_undo: bool
    can_redo: bool

    @property
    def segments(self) -> tuple[Card, ...]:
        """Every segment, in the order of the layers."""
        return tuple(card for column in self.columns for card in column.cards)

    @property
    def changes(self) -> int:
        """How many changes stand; the step that a draft begins with is none."""
        return sum(not step.is_undone and step.number > 0 for step in self.steps)

    @property
    def name_zh(self) -> str:
        """The chain's Chinese name; its id where the text has none."""
        return str((self.document or {}).get("name_zh") or self.version.chain_id)

    @property
    def name_en(self) -> str:
        """The chain's English name; the Chinese one where the text has none."""
        return str((self.document or {}).get("name_en") or self.name_zh)


def editor(version: ChainVersion) -> Editor:
    """Everything that the page of a draft shows, with its faults where they stand."""
    found = faults(version.chain_id, version.text)
    steps = tuple(version.steps.select_related("by"))
    can_undo, can_redo = any(not step.is_undone and step.number > 0 for step in steps), any(step.is_undone for step in steps)
    try:
        chain = drafting.document(version.text)
    except RulebookError:
        return Editor(version, None, (), found, found, steps, can_undo, can_redo)
    columns = _columns(chain, found)
    shown = {id(fault) for column in columns for fault in column.faults}
    shown |= {id(fault) for column in columns for card in column.cards for fault in card.faults}
    loose = tuple(fault for fault in found if id(fault) not in shown)
    return Editor(version, chain, columns, found, loose, steps, can_undo, can_redo)


def _dicts(chain: Document, name: str) -> list[tuple[int, Mapping[str, Any]]]:
    items = chain.get(name)
    return [(number, item) for number, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []


def _at(found: Sequence[Problem], *where: str | int) -> tuple[Problem, ...]:
    return tuple(fault for fault in found if fault.where[: len(where)] == where)


def _columns(chain: Document, found: Sequence[Problem]) -> tuple[LayerColumn, ...]:
    own = {str(item.get("id")): (number, item) for number, item in _dicts(chain, "products")}
    cards: dict[str, list[Card]] = {}
    for number, item in _dicts(chain, "segments"):
        cards.setdefault(str(item.get("layer", "")), []).append(_card(chain, number, item, own, found))
    columns = [
        LayerColumn(
            str(item.get("id", "")), str(item.get("name_zh", "")), str(item.get("name_en", "")), _at(found, "layers", number),
            tuple(cards.pop(str(item.get("id", "")), ())),
        )
        for number, item in _dicts(chain, "layers")
    ]  # fmt: skip
    columns += [LayerColumn("", _("Without a layer"), _("Without a layer"), (), tuple(rest)) for rest in cards.values()]
    return tuple(columns)


def _card(
    chain: Document, number: int, item: Mapping[str, Any], own: Mapping[str, tuple[int, Mapping[str, Any]]], found: Sequence[Problem]
) -> Card:
    known, segment_id = load.rulebook().products, str(item.get("id", ""))
    products = item.get("products")
    chips = []
    for position, product in enumerate(products if isinstance(products, list) else ()):
        at, mine = own.get(str(product), (-1, None))
        here = _at(found, "segments", number, "products", position) + (_at(found, "products", at) if mine else ())
        chips.append(Chip(str(product), known.get(str(product)), mine, here))
    links = [link for _number, link in _dicts(chain, "links")]
    bad = tuple(
        fault
        for position, link in _dicts(chain, "links")
        if segment_id in (link.get("source"), link.get("target"))
        for fault in _at(found, "links", position)
    )
    own_faults = _at(found, "segments", number) + bad + tuple(fault for chip in chips if chip.own for fault in chip.faults)
    return Card(
        segment_id, str(item.get("name_zh", "")), str(item.get("name_en", "")), item, tuple(chips),
        tuple(dict.fromkeys(own_faults)),
        tuple(str(link.get("source")) for link in links if link.get("target") == segment_id),
        tuple(str(link.get("target")) for link in links if link.get("source") == segment_id),
    )  # fmt: skip


def roles() -> tuple[tuple[str, str], ...]:
    """What firms of a segment do with its products, in words."""
    return (
        ("makes", pgettext("role of a segment", "makes")),
        ("grows", pgettext("role of a segment", "grows")),
        ("processes", pgettext("role of a segment", "processes")),
        ("provides", pgettext("role of a segment", "provides a service")),
    )


def products_like(text: str) -> tuple[Product, ...]:
    """Products of the thesaurus whose words hold the text, the best fitting first."""
    wanted = text.strip().casefold()
    if not wanted:
        return ()
    found = [
        (wanted not in terms, wanted not in product.zh.casefold(), min(map(len, terms)), product.id, product)
        for product in firms.rulebook().products.values()
        if not product.generic
        and (terms := [term for term in (*map(str.casefold, (*product.terms, *product.en_terms)), product.id) if wanted in term])
    ]
    return tuple(row[-1] for row in sorted(found, key=lambda row: row[:4])[:MOST_PRODUCTS])


# --- what a draft does ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DraftEffect:
    """What a draft does to firms, against the version in force; `faults`: why it cannot be said."""

    effects: Effects | None
    faults: tuple[Problem, ...]
    names: Mapping[str, str]
    places: Mapping[str, str]


def moved_of(version: ChainVersion, region: firms.Region | None) -> DraftEffect:
    """Every firm that comes and goes, not the first ones only."""
    return effect_of(version, region, top=spreadsheets.MAX_ROWS)


def effect_of(version: ChainVersion, region: firms.Region | None, *, top: int = effects.TOP) -> DraftEffect:
    """Which firms come and go on each segment if this version comes into force."""
    build = warehouse.served()
    try:
        chains = {**texts_approved(), version.chain_id: version.text}
        new = load.over(load.rulebook(), chains)
    except RulebookError as error:
        return DraftEffect(None, error.problems, {}, {})
    found = effects.of(build, build.rulebook, new, region=region, top=top)
    known = firms.places()
    places = {
        moved.adcode: known.path(moved.adcode) for row in found.segments for moved in (*row.first_came, *row.first_went) if moved.adcode
    }
    return DraftEffect(found, (), _segment_names(build.rulebook) | _segment_names(new), places)


def _segment_names(book: Rulebook) -> dict[str, str]:
    in_chinese = is_chinese()
    return {
        f"{chain.id}/{segment.id}": segment.name_zh if in_chinese else segment.name_en
        for chain in book.chains.values()
        for segment in chain.segments
    }


# --- history and comparison -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of a chain: what differs in words and in text."""

    chain_id: str
    old_number: int
    new_number: int
    differences: tuple[Difference, ...]
    lines: tuple[tuple[str, str], ...]
    names: Mapping[str, str]


def compared(chain_id: str, old_number: int, new_number: int, *, visible: Any) -> Compared:
    """What differs between two versions that the person may see. Raises: NotThere."""
    for number in (old_number, new_number):
        if number != SHIPPED and not visible.filter(chain_id=chain_id, number=number).exists():
            raise NotThere(f"{chain_id} v{number}")
    texts = [text_of_number(chain_id, number) for number in (old_number, new_number)]
    documents = [_document(text) for text in texts]
    names = {key: name for chain in documents for key, name in _names(chain).items()}
    return Compared(chain_id, old_number, new_number, differences.between(*documents), _lines(*texts), names)


def _document(text: str) -> Document:
    try:
        return drafting.document(text) if text else {}
    except RulebookError:
        return {}


def _names(chain: Document) -> dict[str, str]:
    """Names of layers, segments and own products by id, and those of the thesaurus."""
    found = {product.id: product.zh if is_chinese() else product.en for product in load.rulebook().products.values()}
    for name in ("products", "layers", "segments"):
        for _number, item in _dicts(chain, name):
            zh = str(item.get("name_zh") or item.get("zh") or item.get("id"))
            found[str(item.get("id"))] = zh if is_chinese() else str(item.get("name_en") or item.get("en") or zh)
    return found


def _lines(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """The text as a comparison: (sign, line), three lines round each change; sign "…" stands for what is left out."""
    rows = []
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3):
        if line.startswith(("---", "+++")):
            continue
        rows.append(("…", "") if line.startswith("@@") else (line[:1], line[1:]))
    return tuple(rows)


PLACING_STEPS = ("products", "placing")
"""Steps of a build that places firms anew, in their order. Why no share of a step: the build tells of each its beginning and end only."""


# --- placing ------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PlacingNow:
    """How far the build is by which approved versions come into force."""

    row: Placing
    state: PlacingState

    @property
    def is_busy(self) -> bool:
        """Whether it is worth asking again."""
        return self.state in (PlacingState.WAITING, PlacingState.RUNNING)

    @property
    def step_number(self) -> int:
        """Which step it is at, from 1; 0 where it has not begun."""
        return PLACING_STEPS.index(self.row.step) + 1 if self.row.step in PLACING_STEPS else 0

    @property
    def step_count(self) -> int:
        """How many steps there are."""
        return len(PLACING_STEPS)

    @property
    def step_words(self) -> str:
        """What the step does."""
        words = {"products": _("matching phrases of business scopes with products"), "placing": _("placing firms on the segments")}
        return words.get(self.row.step, _("preparing"))


def placing_now(at: dt.datetime) -> PlacingNow | None:
    """The last placing; None where there never was one."""
    row = Placing.objects.select_related("job").order_by("-pk").first()
    return PlacingNow(row, row.state_at(at)) if row else None


def waits_for_placing() -> bool:
    """Whether approved texts differ from those that the serving build was placed by."""
    return hashes_approved() != {chain_id: rules.text_hash(text) for chain_id, text in warehouse.served().chains.items()}


# --- files ------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FileRead:
    """A chain that came as a file: its id and text, and every fault with the row it stands in."""

    chain_id: str
    text: str
    faults: tuple[Problem, ...]


def read_file(name: str, content: bytes) -> FileRead:
    """A YAML or XLSX file as a text to be drafted; faults of a workbook name sheet and row."""
    if name.casefold().endswith(".xlsx"):
        return _read_workbook(name, content)
    if not name.casefold().endswith((".yaml", ".yml")):
        return FileRead("", "", (Problem(name, 0, "neither YAML nor XLSX", "give a file that ends with .yaml or .xlsx"),))
    try:
        chain = drafting.document(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        return FileRead("", "", (Problem(name, 1, f"not UTF-8 at byte {error.start}", "save the file as UTF-8"),))
    except RulebookError as error:
        return FileRead("", "", error.problems)
    chain_id, text = str(chain.get("id", "")), drafting.text_of(chain)
    found = faults(chain_id, content.decode("utf-8-sig"))
    return FileRead(chain_id, text, tuple(Problem(name, fault.line, fault.what, fault.remedy, fault.where) for fault in found))


def _read_workbook(name: str, content: bytes) -> FileRead:
    try:
        read = chain_workbook.read(content, name)
    except WorkbookError as error:
        return FileRead("", "", (Problem(name, 0, str(error), "export a chain and change that file"),))
    chain_id, text = str(read.document.get("id", "")), drafting.text_of(read.document)
    found = list(read.problems)
    for fault in faults(chain_id, text) if not read.problems else ():
        list_name, index = (*fault.where, "", -1)[:2]
        sheet, row = read.rows.get((str(list_name), index if isinstance(index, int) else -1), (chain_workbook.SHEETS["chain"], 0))
        found.append(Problem(f"{name} › {sheet}", row, fault.what, fault.remedy, fault.where))
    return FileRead(chain_id, text, tuple(found))


def workbook_of(text: str) -> bytes:
    """A version as a workbook."""
    return chain_workbook.write(drafting.document(text))


def draft_problem(error: EditError | RulebookError) -> str:
    """What stopped a change, in a line."""
    if isinstance(error, RulebookError):
        return pgettext("between faults", "; ").join(told(problem.what) for problem in error.problems)
    return told(str(error))
