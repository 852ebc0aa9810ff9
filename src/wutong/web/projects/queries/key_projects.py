"""Projects of key industries (重点产业项目), by the rules of the lifecycle: what each rule says of one, and which match."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.lifecycle import KeyRule
from wutong.web.accounts.models.units import named
from wutong.web.lib import access, rulebook
from wutong.web.projects.models import Project
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules import keys as rules
from wutong.web.projects.rules.histories import KeySpell
from wutong.web.projects.rules.keys import KeyFacts, Verdict

ANY, NONE, UNKNOWN = "any", "none", "unknown"


Classes = Mapping[tuple[str, str], frozenset[str]]


def classes() -> Classes:
    """Chain and segment → classes of GB/T 4754; nothing where no rule asks for any."""
    life = lifecycles.in_force()
    if not any(one.industries for one in (*life.key_projects.values(), *life.limits.values())):
        return {}
    found: dict[tuple[str, str], frozenset[str]] = access.once(
        "projects.industries", lambda: {
            (chain.id, one.id): frozenset(one.gbt4754) for chain in rulebook.in_force().chains.values() for one in chain.segments
        },
    )  # fmt: skip
    return found


def facts_of(project: Project, known: Classes) -> KeyFacts:
    """A project as these rules look at it."""
    industries = known.get((project.chain, project.segment), frozenset())
    return KeyFacts(project.kind, project.mode, project.site_kind, project.chain, industries, project.total_yuan)


def spells(facts: KeyFacts) -> tuple[KeySpell, ...]:
    """What every rule says of a project, for the rates; what it asks of the total investment they ask as of their day."""
    return tuple(
        KeySpell(
            rules.judged(rule.model_copy(update={"from_yuan": None, "below_yuan": None}), facts).is_met, rule.from_on, rule.until_on,
            rule.from_yuan, rule.below_yuan,
        )
        for rule in lifecycles.in_force().key_projects.values()
    )  # fmt: skip


def verdicts(project: Project, *, on: dt.date) -> tuple[Verdict, ...]:
    """What each rule in force on a day says of a project."""
    return rules.of_key(lifecycles.in_force().key_projects.values(), facts_of(project, classes()), on=on)


def is_key(project: Project, *, on: dt.date) -> bool | None:
    """Whether it is of a key industry; None: what the rules ask is not known."""
    told = {one.is_met for one in verdicts(project, on=on)}
    return True if True in told else None if None in told else False


def choices(on: dt.date) -> list[tuple[str, str]]:
    """What a list may be asked for: any rule, each of those in force, none, not known."""
    there = [one for one in lifecycles.in_force().key_projects.values() if one.is_in_force(on)]
    return [
        (ANY, _("of a key industry")), *((one.code, named(one.zh, one.en)) for one in there), (NONE, _("of no key industry")),
        (UNKNOWN, _("not known")),
    ]  # fmt: skip


def asked(code: str, on: dt.date) -> Q:
    """The projects that match: what `is_key` says of one, asked of the database."""
    there = {one.code: one for one in lifecycles.in_force().key_projects.values() if one.is_in_force(on)}
    if code in there:
        return _met(there[code])
    met, open_ones = _one_of(_met(one) for one in there.values()), _one_of(_may_be(one) for one in there.values())
    return {ANY: met, NONE: ~open_ones, UNKNOWN: open_ones & ~met}.get(code, Q(pk__in=()))


def _one_of(conditions: Iterable[Q]) -> Q:
    found = Q(pk__in=())
    for one in conditions:
        found |= one
    return found


def _parts(rule: KeyRule) -> Iterable[tuple[Q, Q]]:
    """What the rule asks for, and where that is not known."""
    never = Q(pk__in=())
    yield Q(kind__in=rule.kinds), never
    if rule.modes:
        yield Q(mode__in=rule.modes), Q(mode="")
    if rule.sites:
        yield Q(site_kind__in=rule.sites), Q(site_kind="")
    if rule.chains or rule.on_chain:
        yield (Q(chain__in=rule.chains) if rule.chains else ~Q(chain="")), never
    if rule.industries:
        there = classes()
        fitting = [where for where, codes in there.items() if any(one.startswith(rule.industries) for one in codes)]
        known = [where for where, codes in there.items() if codes]
        yield _in_segments(fitting), ~_in_segments(known)
    total = Q(total_yuan__gte=rule.from_yuan) if rule.from_yuan is not None else Q()
    total &= Q(total_yuan__lt=rule.below_yuan) if rule.below_yuan is not None else Q()
    if total:
        yield total, Q(total_yuan=None)


def _in_segments(places: Iterable[tuple[str, str]]) -> Q:
    by_chain: dict[str, list[str]] = {}
    for chain, segment in places:
        by_chain.setdefault(chain, []).append(segment)
    return _one_of(Q(chain=chain, segment__in=segments) for chain, segments in by_chain.items())


def _met(rule: KeyRule) -> Q:
    found = Q()
    for holds, _unknown in _parts(rule):
        found &= holds
    return found


def _may_be(rule: KeyRule) -> Q:
    """Where the rule is met, or would be if what is not known were so."""
    found = Q()
    for holds, unknown in _parts(rule):
        found &= holds | unknown
    return found


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def words_of(part: str) -> str:
    """What a rule asks for, in words."""
    return {
        "kind": _("kind of project"), "mode": _("mode of investment"), "site_kind": _("kind of site"), "chain": _("chain"),
        "industry": pgettext("key industry", "industry of the segment"), "total_yuan": _("total investment"),
        "contract_yuan": _("amount of the contract"),
    }[part]  # fmt: skip


def told(project: Project, *, on: dt.date) -> list[tuple[str, str, str, str]]:
    """For the page: each rule with its answer, the reason, and its source."""
    there = lifecycles.in_force().key_projects
    return [
        (named(there[one.code].zh, there[one.code].en), *_answer(one), lifecycles.source_of(there[one.code]))
        for one in verdicts(project, on=on)
    ]


def _answer(one: Verdict) -> tuple[str, str]:
    if one.is_met:
        return _("yes"), _("meets: %(what)s") % {"what": _list(one.held)}
    if one.is_met is None:
        return _("cannot be told"), _("missing: %(fact)s") % {"fact": _list(one.lacks)}
    return _("no"), _("does not meet: %(what)s") % {"what": _list(one.fails)}


def _list(parts: Iterable[str]) -> str:
    return _(", ").join(map(words_of, parts))
