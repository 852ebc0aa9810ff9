"""The leaves of the rulebook as an official reads them: what each is, its value on a day, what is shipped, what the office changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.rulebook import load
from wutong.rulebook.load import Rulebook
from wutong.rulebook.shapes import Leaf, Source, Value
from wutong.web.lib import hooks, lists, rulebook
from wutong.web.lib.access import is_chinese
from wutong.web.lib.hooks import RuleKind

PARAMETERS = "parameters"
WUTONG = "Wutong default"
FIRST_DAY = dt.date(1949, 10, 1)
BUILT_BY = ("registry", "currency", "currency_words")
FIXED = ("audit", "personal", "names", *BUILT_BY)
GROUPS = {
    "leads": gettext_lazy("Target lists"),
    "claims": gettext_lazy("Leads and first claims"),
    "projects": pgettext_lazy("part of the rules", "Projects"),
    "agreements": pgettext_lazy("part of the rules", "Agreements"),
    "commitments": pgettext_lazy("part of the rules", "Commitments of projects"),
    "progress": pgettext_lazy("part of the rules", "Progress of projects"),
    "dispatch": pgettext_lazy("part of the rules", "Dispatch meetings and task forces"),
    "opportunities": pgettext_lazy("part of the rules", "Opportunity library"),
    "funds": pgettext_lazy("part of the rules", "Funds in place"),
    "rates": pgettext_lazy("part of the rules", "Rates of projects"),
    "partners": pgettext_lazy("part of the rules", "Partners and acquaintances"),
    "introductions": pgettext_lazy("part of the rules", "Introductions"),
    "paths": pgettext_lazy("part of the rules", "Paths of introduction"),
    "same_leads": pgettext_lazy("part of the rules", "Leads that may be one"),
    "targets": gettext_lazy("Ranking of target firms"),
    "boards": gettext_lazy("Boards of big names and golden sesame firms"),
    "gaps": gettext_lazy("Verdicts on gaps"),
    "sources": gettext_lazy("Where to go"),
    "find": gettext_lazy("Order of the makers of a product"),
    "catalogues": gettext_lazy("Catalogues"),
    "accounts": gettext_lazy("People of the office"),
    "journal": gettext_lazy("Duties, comments and files"),
    "jobs": gettext_lazy("Event subscriptions"),
    "personal": gettext_lazy("Personal data"),
    "audit": gettext_lazy("Audit"),
    "bulletins": gettext_lazy("Bulletins"),
    "ratings": pgettext_lazy("part of the rules", "Ratings by others"),
    "assessment": pgettext_lazy("part of the rules", "Assessment"),
    "names": gettext_lazy("Recognition of names"),
    "registry": gettext_lazy("Reading of the registry"),
    "currency": gettext_lazy("Exchange rates"),
    "currency_words": gettext_lazy("Words for currencies"),
}
UNITS = {
    "10,000 yuan": pgettext_lazy("unit of a rule", "10,000 yuan"),
    "attempts": pgettext_lazy("unit of a rule", "attempts"),
    "characters": pgettext_lazy("unit of a rule", "characters"),
    "cities": pgettext_lazy("unit of a rule", "cities"),
    "count": pgettext_lazy("unit of a rule", "count"),
    "day or month_end": pgettext_lazy("unit of a rule", "day of the month, or its end"),
    "days": pgettext_lazy("unit of a rule", "days"),
    "definition": pgettext_lazy("unit of a rule", "definition"),
    "degrees": pgettext_lazy("unit of a rule", "degrees"),
    "firms": pgettext_lazy("unit of a rule", "firms"),
    "hour of the day": pgettext_lazy("unit of a rule", "hour of the day"),
    "hours": pgettext_lazy("unit of a rule", "hours"),
    "kinds of money": pgettext_lazy("unit of a rule", "kinds of money"),
    "refused, warned or allowed": pgettext_lazy("unit of a rule", "refused, warned or allowed"),
    "kinds of proof": pgettext_lazy("unit of a rule", "kinds of proof"),
    "km": pgettext_lazy("unit of a rule", "km"),
    "links": pgettext_lazy("unit of a rule", "links"),
    "logits": pgettext_lazy("unit of a rule", "logits"),
    "makers": pgettext_lazy("unit of a rule", "makers"),
    "matters": pgettext_lazy("unit of a rule", "matters"),
    "minutes": pgettext_lazy("unit of a rule", "minutes"),
    "patents": pgettext_lazy("unit of a rule", "patents"),
    "paths": pgettext_lazy("unit of a rule", "paths"),
    "points": pgettext_lazy("unit of a rule", "points"),
    "products": pgettext_lazy("unit of a rule", "products"),
    "ratio": pgettext_lazy("unit of a rule", "ratio"),
    "segments": pgettext_lazy("unit of a rule", "segments"),
    "sessions": pgettext_lazy("unit of a rule", "sessions"),
    "share a year": pgettext_lazy("unit of a rule", "share a year (1 = 100 %)"),
    "share": pgettext_lazy("unit of a rule", "share (0-1)"),
    "steps": pgettext_lazy("unit of a rule", "steps"),
    "times": pgettext_lazy("unit of a rule", "times"),
    "tokens": pgettext_lazy("unit of a rule", "tokens"),
    "units of its currency": pgettext_lazy("unit of a rule", "units of its currency"),
    "words": pgettext_lazy("unit of a rule", "words"),
    "working days": pgettext_lazy("unit of a rule", "working days"),
    "year": pgettext_lazy("unit of a rule", "year"),
    "years": pgettext_lazy("unit of a rule", "years"),
    "yes or no": pgettext_lazy("unit of a rule", "yes or no"),
    "yuan per unit": pgettext_lazy("unit of a rule", "yuan per unit"),
    "yuan": pgettext_lazy("unit of a rule", "yuan"),
}
COLUMNS = (
    lists.Column("words", gettext_lazy("Rule"), ("words",)),
    lists.Column("value", gettext_lazy("Value in force"), (), "number"),
    lists.Column("unit", gettext_lazy("Unit"), ("unit",)),
    lists.Column("shipped", gettext_lazy("As shipped"), (), "number"),
    lists.Column("group", gettext_lazy("Part of the rules"), ("group_order", "name")),
    lists.Column("since", gettext_lazy("In force from"), ("since_key",), "date"),
    lists.Column("source", gettext_lazy("Source"), ("source_words",)),
)


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One leaf on a day. `coming`: what changes later, as (day, value in words); `why_not`: why a document may not change it."""

    name: str
    words: str
    group_code: str
    group: str
    unit: str
    leaf: Leaf
    value: str
    shipped: str
    since: dt.date | None
    source: Source
    is_own: bool
    coming: tuple[tuple[dt.date, str], ...]
    why_not: str = ""

    @property
    def group_order(self) -> tuple[int, str]:
        """By which parts are sorted: those that an office changes first."""
        codes = list(GROUPS)
        return (codes.index(self.group_code) if self.group_code in codes else len(codes), self.group)

    @property
    def since_key(self) -> dt.date:
        """By which rows are sorted that have no day."""
        return self.since or dt.date.min

    @property
    def source_words(self) -> str:
        """The document in a line."""
        return source_words(self.source)


def kind_holding(name: str) -> RuleKind | None:
    """The kind of document that may hold a leaf."""
    return next((kind for kind in hooks.rule_kinds().values() if kind.holds(name)), None)


def is_parameter(name: str) -> bool:
    """Whether a document of parameters may hold a leaf."""
    return name.partition(".")[0] not in FIXED and name in load.rulebook().leaves


def why_fixed(name: str) -> str:
    """Why a parameter changes by another way; "" where it is no parameter of ours."""
    group = name.partition(".")[0]
    if group in BUILT_BY:
        return str(_("Every build of the registry reads by the value shipped, whatever the office decides: it changes with a release."))
    reasons = {
        "audit": _("The audit chain goes by it: nobody who is audited changes it."),
        "personal": _("The law on personal data stands behind it: it changes with a release of the program."),
        "names": _("It was measured on known pairs of names: it changes with a release of the program."),
    }
    return str(reasons.get(group, ""))


def words_of(leaf: Leaf) -> str:
    """What a leaf is, in the language of the page."""
    return leaf.description_zh if is_chinese() else leaf.description_en


def group_words(code: str) -> str:
    """A part of the rules in words; its file name where nobody named it."""
    return str(GROUPS.get(code, code))


def unit_words(unit: str) -> str:
    """A unit in words."""
    return str(UNITS.get(unit, unit))


def source_words(source: Source) -> str:
    """Where a value comes from, in a line."""
    title = _("shipped with Wutong") if source.title == WUTONG else source.title
    parts = [title, source.document, f"{source.date:%Y-%m-%d}" if source.date and source.title != WUTONG else ""]
    return " · ".join(part for part in parts if part)


def begun_words(day: dt.date, *, is_own: bool) -> str:
    """From which day a value holds, in words.

    Why: what is shipped without a day holds from the first day that the rulebook knows, which no document ever named.
    """
    return str(_("factory value")) if day == FIRST_DAY and not is_own else f"{day:%Y-%m-%d}"


def value_words(value: Value) -> str:
    """A value as people read it; a number without needless zeros, a list of words with 、 between them."""
    if value is None:
        return str(pgettext("no value", "none"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, int | float):
        return f"{value:,.10g}" if abs(value) < 10**10 else f"{value:,.0f}"
    return pgettext("between items", ", ").join(map(str, value)) if isinstance(value, tuple) else value


def typed(value: Value) -> str:
    """A value as it is typed into a field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def row_of(name: str, book: Rulebook, on: dt.date) -> LeafRow:
    """One leaf on a day. Raises: KeyError."""
    leaf, shipped = book.leaves[name], load.rulebook().leaves.get(name)
    begun = [start for start in leaf.values if start <= on]
    since = max(begun) if begun else None
    kind = kind_holding(name)
    why_not = "" if kind else next((str(kind.why_not(name)) for kind in hooks.rule_kinds().values() if kind.why_not), "")
    value = leaf.value(on)
    return LeafRow(
        name, words_of(leaf), name.partition(".")[0], group_words(name.partition(".")[0]), unit_words(leaf.unit), leaf, value_words(value),
        value_words(shipped.value(on)) if shipped else value_words(None), since, leaf.source_on(on),
        shipped is None or leaf.source_on(on) != shipped.source,
        tuple((start, value_words(later)) for start, later in leaf.values.items() if start > on), why_not,
    )  # fmt: skip


def rows(on: dt.date, *, text: str = "", group: str = "", which: str = "") -> tuple[LeafRow, ...]:
    """Leaves on a day: those whose words or name hold a text, of one part, or what the office changed (`own`) or will (`coming`)."""
    book = rulebook.in_force()
    found = [row_of(name, book, on) for name in book.leaves if not group or name.startswith(f"{group}.")]
    wanted = text.strip().casefold()
    if wanted:
        found = [row for row in found if wanted in f"{row.words} {row.name} {row.leaf.description_en} {row.group}".casefold()]
    if which == "own":
        found = [row for row in found if row.is_own]
    elif which == "coming":
        found = [row for row in found if row.name in book.own and row.coming]
    elif which == "open":
        found = [row for row in found if not row.why_not]
    return tuple(found)


def groups(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The parts of the rules that these leaves belong to, code and words."""
    codes = {name.partition(".")[0] for name in names}
    found = [*(code for code in GROUPS if code in codes), *sorted(codes - GROUPS.keys())]
    return tuple((code, group_words(code)) for code in found)


def timeline(row: LeafRow) -> tuple[tuple[dt.date, str, Source, bool], ...]:
    """Every value that a leaf had or will have: from which day, what, where from, whether it is the office's own; the newest first."""
    shipped = load.rulebook().leaves.get(row.name)
    found = []
    for start, value in row.leaf.values.items():
        source = row.leaf.source_on(start)
        found.append((start, value_words(value), source, shipped is None or source != shipped.source))
    return tuple(reversed(found))


def facts_of(row: LeafRow, on: dt.date) -> Mapping[str, Any]:
    """A leaf on a day, for programs."""
    shipped = load.rulebook().leaves.get(row.name)
    values = {start.isoformat(): _plain(value) for start, value in row.leaf.values.items()}
    return {
        "name": row.name, "words": row.words, "unit": row.leaf.unit, "value": _plain(row.leaf.value(on)),
        "shipped": _plain(shipped.value(on)) if shipped else None, "is_own": row.is_own, "source": row.source_words, "values": values,
    }  # fmt: skip


def _plain(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value
