"""Refusals about projects in words: what is wrong, and what to do. The one place for them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.rulebook.lifecycle import OF_KIND
from wutong.rulebook.opportunities import kind_facts
from wutong.web.accounts.models.units import named
from wutong.web.projects.models import Project
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules.stages import Code, Refusal

FACTS = {
    "investor": pgettext_lazy("fact of a project", "investor"),
    "landed": pgettext_lazy("fact of a project", "project company"),
    "origin": pgettext_lazy("fact of a project", "origin of the capital, with country or place"),
    "site": pgettext_lazy("fact of a project", "site"),
    "segment": pgettext_lazy("fact of a project", "segment of a chain"),
    "project_code": pgettext_lazy("fact of a project", "project code"),
    "signed_contract": pgettext_lazy("fact of a project", "contract signed under “Agreements and promises”"),
}
FIGURE_LABELS = {
    "total_yuan": gettext_lazy("Total investment (10,000 yuan)"),
    "fixed_yuan": gettext_lazy("Fixed assets (10,000 yuan)"),
    "equipment_yuan": gettext_lazy("Equipment (10,000 yuan)"),
    "output_yuan_a_year": gettext_lazy("Output a year (10,000 yuan)"),
    "tax_yuan_a_year": gettext_lazy("Tax a year (10,000 yuan)"),
    "jobs": gettext_lazy("Jobs (persons)"),
    "land_mu": gettext_lazy("Land (mu)"),
    "building_sqm": gettext_lazy("Floor space (m²)"),
    "energy_tce_a_year": gettext_lazy("Energy a year (tce)"),
}
WORDS = {
    Code.WRONG_STAGE: gettext_lazy("A project cannot come from here to “%(stage)s”: stages follow each other one by one."),
    Code.MISSING_FACT: gettext_lazy("Missing: %(fact)s."),
    Code.MISSING_EVIDENCE: gettext_lazy("Evidence is missing: %(evidence)s."),
    Code.OPEN_NODE: gettext_lazy("Not done yet: %(node)s."),
    Code.NEEDS_SECOND_PERSON: gettext_lazy("“%(stage)s” is decided by two persons: ask for it, and another person decides."),
    Code.NOT_ACTIVE: gettext_lazy("The project is put aside or lost: take it up again first."),
    Code.ONE_PERSON_DECIDES: gettext_lazy("“%(stage)s” needs no second person: let the project enter it directly."),
    Code.GATE_ASKED: gettext_lazy("A decision was asked for already and waits for its answer."),
    Code.GATE_ANSWERED: gettext_lazy("It was answered already, or taken back. Open the project to see how it stands."),
    Code.SAME_PERSON: gettext_lazy("Whoever asked does not decide: let another person decide."),
    Code.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Code.WHERE_TO_MISSING: gettext_lazy("It is not said where the project went: name the city or region."),
    Code.DAY_TO_COME: gettext_lazy("The day is in the future: enter it when it has happened."),
    Code.DAY_BEFORE_LAST: gettext_lazy("The day lies before the last change of the project: choose that day or a later one."),
    Code.IS_ACTIVE: gettext_lazy("The project is worked on already."),
    Code.IS_LOST: gettext_lazy("The project is lost: it can be taken up again with a reason."),
    Code.NOT_LOST: gettext_lazy("The project is not lost."),
    Code.NAME_MISSING: gettext_lazy("A name is missing."),
    Code.UNIT_CLOSED: gettext_lazy("The unit is closed: choose another."),
    Code.PERSON_INACTIVE: gettext_lazy("The account of the person is closed: choose somebody else."),
    Code.PERSON_NOT_OF_UNIT: gettext_lazy("The person holds no role in this unit that may work on its projects: choose somebody else."),
    Code.LEAD_NOT_IN_TALKS: gettext_lazy("A project begins with formal talks: take the lead to “in talks” first."),
    Code.LEAD_NO_CLAIM: gettext_lazy("The lead holds no first claim in force: file it first, or wait until its filing is decided."),
    Code.PROJECT_THERE: gettext_lazy("There is a project of this lead already: go on there, or add a phase."),
    Code.PHASE_OF_PHASE: gettext_lazy("This is a phase itself: add the new phase to the first project."),
    Code.FIGURE_AND_NOT_PROVIDED: gettext_lazy("A figure is given and also called not provided: keep one of them (%(fact)s)."),
    Code.FIGURE_NEGATIVE: gettext_lazy("A figure cannot be negative (%(fact)s)."),
    Code.CODE_ODD: gettext_lazy("A project code has 24 characters, such as 2601-990121-04-01-123456."),
    Code.CODE_TAKEN: gettext_lazy("Another project bears this project code: check it."),
    Code.ORIGIN_HALF: gettext_lazy("Foreign capital names its country and no place in China; other capital names no country."),
    Code.PLAN_OUT_OF_ORDER: gettext_lazy("The planned days are out of order: start, completion, production, full capacity."),
    Code.REASON_OF_PLAN: gettext_lazy("Given before, so a change needs its reason: %(fact)s. Write why below the planned days."),
    Code.CHAIN_UNNAMED: gettext_lazy("A chain project names its chain: choose the chain, and the segment where it is known."),
    Code.FACT_OF_OTHER_KIND: gettext_lazy("Projects of this kind do not say this of themselves (%(fact)s)."),
    Code.NO_FIGURE: gettext_lazy("A figure of 0 or more is expected (%(fact)s)."),
    Code.FACT_NEEDED: gettext_lazy("A gate that was passed rests on it, so it cannot be emptied (%(fact)s)."),
    Code.NODE_NOT_OPEN: gettext_lazy("This was dealt with already: open it again first."),
    Code.NODE_OPEN: gettext_lazy("This is open already."),
    Code.NODE_WAITS: gettext_lazy("The project went back to an earlier stage: this waits until it comes here again."),
    Code.EVIDENCE_EMPTY: gettext_lazy("Nothing is handed in: choose a file, or write the number of the paper."),
    Code.EVIDENCE_UNKNOWN: gettext_lazy("This kind of evidence is not known here: choose one of the list."),
    Code.EVIDENCE_WITHDRAWN: gettext_lazy("This was withdrawn already."),
    Code.EVIDENCE_NEEDED: gettext_lazy("A gate or node that was passed rests on it: hand the right one in first, or go back."),
    Code.FILE_NEEDED: gettext_lazy("This is proved by a file, the number of a paper is not enough: choose one (%(evidence)s)."),
    Code.FILE_ELSEWHERE: gettext_lazy("The file does not hang on this project: hang it here first."),
}  # fmt: skip


def fact_name(name: str) -> str:
    """A fact or figure in the language of the page."""
    if name.startswith(OF_KIND):
        return _of_kind(name.removeprefix(OF_KIND))
    if name in FACTS or name in FIGURE_LABELS:
        return str(FACTS.get(name) or FIGURE_LABELS[name])
    return str(Project._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _of_kind(key: str) -> str:
    """A fact of a kind, by the first kind that has it; as it is called where none has."""
    found = next((fact for facts in kind_facts().values() for fact in facts if fact.key == key), None)
    return key if found is None else named(found.zh, found.en)


def word(refusal: Refusal) -> str:
    """One refusal in the language of the page."""
    said = str(WORDS[refusal.code])
    if "%(" not in said:
        return said
    names = {"stage": "", "fact": "", "evidence": "", "node": ""}
    if "%(evidence)s" in said:
        names["evidence"] = lifecycles.evidence_name(refusal.field)
    elif "%(stage)s" in said:
        names["stage"] = lifecycles.stage_name(refusal.field)
    elif "%(fact)s" in said:
        names["fact"] = fact_name(refusal.field)
    names["node"] = lifecycles.node_name(refusal.node) if refusal.node else _("the node")
    return said % names


def words(refusals: Iterable[Refusal]) -> tuple[str, ...]:
    """Refusals in the language of the page."""
    return tuple(map(word, refusals))
