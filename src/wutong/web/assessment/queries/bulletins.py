"""What a bulletin may say: the ranking of its run, sums over its units, who moved since the run before, which projects are stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

import wutong.rulebook
from wutong.rulebook import money
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Bulletin, BulletinTemplate, Run, RunUnit, Scheme
from wutong.web.assessment.models.bulletins import WITHDRAWN
from wutong.web.assessment.queries import pages, versions
from wutong.web.assessment.rules import bulletins as rules
from wutong.web.assessment.rules.bulletins import BulletinFacts, BulletinState, Figure, Group, Mark, Row, Stuck
from wutong.web.assessment.rules.runs import Measures, RunState
from wutong.web.lib import rulebook, wording
from wutong.web.projects.models import Project
from wutong.web.projects.queries import alarms

SHIPPED = Path(wutong.rulebook.__file__).parent / "bulletin.txt"
HEAD = {"mark": "标志", "title": "标题", "to": "主送", "signer": "署名"}
"""What the page shows of a head → its word in the text."""
SUMMED = ("projects.", "funds.", "trips.", "commitments.", "duties.")
"""Families of computed facts whose records can be counted over units."""
NOT_SUMMED = frozenset({"trips.working_days", "trips.people"})
"""Facts of these families that do not add up: the working days are the same for each, and people are counted once in each unit."""
SUM_DIGITS = 2
"""As many digits a sum has at most: 14.94 亿元."""


@cache
def shipped() -> str:
    """The template that Wutong brings along."""
    return SHIPPED.read_text("utf-8")


def template_of(unit: Unit) -> BulletinTemplate | None:
    """The newest version of a unit's own template; None: the one that Wutong brings along."""
    return BulletinTemplate.objects.filter(unit=unit).order_by("-number").first()


# --- facts ------------------------------------------------------------------------------------------------------------------------------
def facts_of(run: Run, *, by: Any) -> BulletinFacts:
    """All figures that a bulletin of a run may say, in Chinese, as official documents are. Stuck projects: those that `by` may see.

    Raises: Unreadable.
    """
    with translation.override("zh-hans"):
        rule, on, book = versions.rule_of_run(run), run.on, rulebook.in_force()
        rows = list(run.units.order_by("position_no").select_related("unit", "person"))
        leaders, laggards, most = (
            int(book.number(f"bulletins.{name}_count", on) or 0) for name in ("leaders", "laggards", "stuck")
        )  # fmt: skip
        figures, left_out = _figures(rule, rows)
        warned = _alarms(run, by)
        return BulletinFacts(
            run.scheme.unit.name_zh, run.title, run.digest, rule.source.title, rule.source.document, run.starts_on, on,
            tuple(_groups(rule, rows, _before(run))), figures, left_out,
            tuple(_stuck(one) for one in alarms.rows(warned[:most])),
            tuple(Counter(str(alarms.NAMES[one.warned.alarm]) for one in warned).items()), leaders, laggards,
        )  # fmt: skip


def _before(run: Run) -> dict[tuple[int, str], int | None]:
    """The rank of each unit or person by its group in the last run of the scheme that was approved and ends before this one."""
    found = Run.objects.filter(scheme=run.scheme, on__lt=run.on, on__year=run.on.year, state__in=(RunState.APPROVED, RunState.PUBLISHED))
    last = found.exclude(superseded_by__state=RunState.PUBLISHED).order_by("-on", "-pk").first()
    return {(one.measured_id, one.group): one.rank for one in last.units.all()} if last else {}


def _groups(rule: ScoringRule, rows: list[RunUnit], before: dict[tuple[int, str], int | None]) -> Iterator[Group]:
    for code, told in rule.groups.items():
        here = [row for row in rows if row.group == code]
        totals = rules.alike([row.total_points for row in here])
        ranked = [
            Row(row.name, total, row.rank, before.get((row.measured_id, code)), row.grade, str(row.measured_key))
            for row, total in zip(here, totals, strict=True)
        ]
        if ranked:
            yield Group(code, told.zh, tuple(ranked))


def adds_up(source: str) -> bool:
    """Whether the sum of a computed fact over units says something."""
    return source.startswith(SUMMED) and source not in NOT_SUMMED


def _figures(rule: ScoringRule, rows: list[RunUnit]) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """Computed facts over all units; apart those of which a record counts for several units, for their sum would count it twice."""
    summed: list[Figure] = []
    twice: list[Figure] = []
    for name, told in rule.facts.items():
        if told.origin is None or told.unit is None or not adds_up(told.origin.code):
            continue
        values = [row.facts["facts"].get(name) for row in rows]
        behind = [tuple(record) for row in rows for record in row.evidence.get(name, {}).get("behind", ())]
        if any(value is None for value in values):
            continue
        total = sum((Fraction(value) for value in values), Fraction(0))
        made = Figure(name, told.zh, money.written(total, SUM_DIGITS), told.unit.zh, len(set(behind)))
        (summed if len(set(behind)) == len(behind) else twice).append(made)
    return tuple(summed), tuple(twice)


def _alarms(run: Run, by: Any) -> list[alarms.Line]:
    """Alarms of the projects of the measured units and below them; none for persons. Confidential projects stand in no bulletin."""
    paths = list(run.units.filter(person=None).values_list("unit__path", flat=True))
    below = Q()
    for path in paths:
        below |= Q(unit__path__startswith=path)
    if not paths:
        return []
    return alarms.lines(Project.objects.visible_to(by).filter(below, is_confidential=False), run.on)


def _stuck(row: alarms.Row) -> Stuck:
    project = row.project
    return Stuck(row.name, project.outside_name, project.unit.name_zh, row.words, str(project.public_id))


# --- templates --------------------------------------------------------------------------------------------------------------------------
def fault_words(fault: wording.WordingFault) -> str:
    """What is wrong with a template, in words with its line."""
    told = {"line": fault.line, "what": fault.what}
    words = {
        "too_long": _("The template is too long: 20,000 signs at most."),
        "too_much": _("The template makes more than it may: its loops go round too often, or the text grows too long."),
        "not_allowed": _(
            "“%(what)s” may not stand in a template: only names of the data, loops, conditions and filters; no calls, sums or inclusions."
        ),
        "too_deep": _("Loops stand too deep in each other: four levels at most."),
        "unknown_name": _("The data know no such name (%(what)s)."),
        "cannot_read": _("It cannot be read as a template (%(what)s)."),
        "cannot_fill_in": _("It cannot be filled in (%(what)s)."),
    }[fault.code] % told
    return _("Line %(line)s: %(words)s") % {"line": fault.line, "words": words} if fault.line else words


def written(template: BulletinTemplate | None, facts: BulletinFacts) -> str:
    """The text that a template makes of the facts. Raises: WordingFault."""
    return wording.made(template.text if template else shipped(), rules.given(facts))


# --- pages ------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table of the page. `url`: where what stands behind it opens."""

    text: str
    is_figure: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of the text as the page shows it."""

    kind: str
    text: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """A bulletin for its page: head, text with links, marks, figures with their sources, and what may be done."""

    bulletin: Bulletin
    facts: BulletinFacts
    head: dict[str, str]
    number: str
    parts: tuple[Shown, ...]
    marks: tuple[Mark, ...]
    files: tuple[Any, ...]
    are_files_new: bool
    is_run_replaced: bool
    may_edit: bool
    may_sign: bool
    may_archive: bool
    may_withdraw: bool
    keeps: bool


def matching(user: Any, *, text: str = "", state: str = "") -> Any:
    """Bulletins that a person may see."""
    found = Bulletin.objects.visible_to(user).select_related("run__scheme", "unit", "drafted_by")
    if state == WITHDRAWN[0]:
        found = found.filter(withdrawn_at__isnull=False)
    else:
        found = found.filter(state=state, withdrawn_at=None) if state else found.exclude(state=BulletinState.DROPPED)
    return found.filter(Q(title__icontains=text) | Q(text__icontains=text)) if text else found


def _head(bulletin: Bulletin, head: Mapping[str, str]) -> dict[str, str]:
    """What stands above and below the text, with the day on which it was signed in words."""
    day = rules.in_words(timezone.localdate(bulletin.signed_at)) if bulletin.signed_at else ""
    return {"day": day, **{name: head.get(word, "") for name, word in HEAD.items()}}


def page(user: Any, bulletin: Bulletin) -> BulletinPage:
    """A bulletin as a person sees it."""
    facts, text, scheme = rules.restored(bulletin.facts), rules.read(bulletin.text), bulletin.run.scheme
    standing, allowed = bulletin.standing(), pages.may(user, scheme)
    files = tuple(bulletin.files.defer("content").order_by("form"))
    is_draft = bulletin.state == BulletinState.DRAFT
    return BulletinPage(
        bulletin, facts, _head(bulletin, text.head), rules.numbered(text.head.get("字号", ""), bulletin.number, bulletin.year),
        tuple(_shown(text.pieces, _links(user, bulletin, facts))),
        rules.unlike(bulletin.text, bulletin.generated, facts) if allowed["keeps"] else (), files,
        bool(files) and all(one.of_digest == digest_of(bulletin) for one in files), standing.is_run_replaced,
        allowed["may_edit"] and is_draft, allowed["may_approve"] and is_draft and user.pk not in standing.hands,
        allowed["may_edit"] and bulletin.state == BulletinState.SIGNED,
        allowed["may_approve"] and bulletin.is_out and bulletin.withdrawn_at is None, allowed["keeps"],
    )  # fmt: skip


def digest_of(bulletin: Bulletin) -> str:
    """By which text, facts and number of a bulletin are known again."""
    return rules.digest_of(bulletin.text, bulletin.generated, bulletin.facts, bulletin.year, bulletin.number)


def _links(user: Any, bulletin: Bulletin, facts: BulletinFacts) -> dict[str, str]:
    """Words of tables → where what stands behind them opens, as far as the person may see it."""
    rows = RunUnit.objects.visible_to(user).filter(run=bulletin.run).select_related("unit", "person")
    seen = {str(one.measured_key) for one in rows}
    found = {
        row.unit: reverse("assessment:unit", args=[bulletin.run.public_id, row.key])
        for group in facts.groups for row in group.rows if row.key in seen
    }  # fmt: skip
    keys = [one.key for one in facts.stuck]
    there = {str(key) for key in Project.objects.visible_to(user).filter(public_id__in=keys).values_list("public_id", flat=True)}
    return found | {one.project: reverse("projects:project", args=[one.key]) for one in facts.stuck if one.key in there}


def _shown(pieces: Iterable[rules.Piece], links: dict[str, str]) -> Iterator[Shown]:
    for piece in pieces:
        if piece.kind == "table":
            body = tuple(tuple(_cell(cell, row, links) for cell in row) for row in piece.rows[1:])
            yield Shown("table", "", piece.rows[0], body)
        else:
            yield Shown(piece.kind, piece.text)


def _cell(cell: str, row: tuple[str, ...], links: dict[str, str]) -> Cell:
    """A name opens its page; a figure opens that of the first name of its row."""
    url = links.get(cell) or (next((links[one] for one in row if one in links), "") if any(sign.isdigit() for sign in cell) else "")
    return Cell(cell, rules.is_figure(cell), url)


def may_make(user: Any, run: Run) -> bool:
    """Whether a person is offered a bulletin of a run; none is made of persons."""
    is_ready = run.state in (RunState.APPROVED, RunState.PUBLISHED) and run.scheme.measures == Measures.UNITS
    return is_ready and bool(user.may(Permission.ASSESSMENT_EDIT, run.scheme.unit.target()))


def runs_for_preview(user: Any, unit: Unit) -> Run | None:
    """The newest run of a unit's schemes that a template may be tried on."""
    mine = Scheme.objects.visible_to(user).filter(unit=unit, measures=Measures.UNITS)
    found = Run.objects.visible_to(user).filter(scheme__in=mine, state__in=(RunState.APPROVED, RunState.PUBLISHED))
    return found.select_related("scheme__unit", "version").order_by("-on", "-pk").first()
