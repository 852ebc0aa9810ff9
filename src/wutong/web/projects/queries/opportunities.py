"""Packaged projects as lists and cards show them; one as its page shows it; two versions side by side; refusals in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.rulebook.opportunities import kind_facts
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import rows
from wutong.web.lib import rulebook
from wutong.web.lib.access import is_chinese
from wutong.web.lib.money import WAN
from wutong.web.projects.models import (
    KINDS,
    MODES,
    RETIREMENTS,
    Opportunity,
    OpportunityPromotion,
    OpportunityQuerySet,
    OpportunityVersion,
    Project,
)
from wutong.web.projects.models.opportunities import OPEN_STATES
from wutong.web.projects.rules import opportunities as rules
from wutong.web.projects.rules.opportunities import Age, Refusal, Release, Retirement, State, VersionState

FIGURE_LABELS = {
    "total_yuan": gettext_lazy("Total investment (10,000 yuan)"),
    "fixed_yuan": gettext_lazy("Fixed assets (10,000 yuan)"),
    "output_yuan_a_year": gettext_lazy("Output a year (10,000 yuan)"),
    "profit_yuan_a_year": gettext_lazy("Profit a year (10,000 yuan)"),
    "tax_yuan_a_year": gettext_lazy("Tax a year (10,000 yuan)"),
    "payback_years": gettext_lazy("Payback (years)"),
    "return_share": gettext_lazy("Internal rate of return (%)"),
    "jobs": pgettext_lazy("opportunity", "Jobs (persons)"),
    "land_mu": gettext_lazy("Land (mu)"),
}
TEXT_LABELS = {
    "title": pgettext_lazy("opportunity", "Title"),
    "what": pgettext_lazy("opportunity", "What it is"),
    "market": pgettext_lazy("opportunity", "Market"),
    "site": pgettext_lazy("opportunity", "Site"),
    "partner": pgettext_lazy("opportunity", "Partner sought"),
    "policies": pgettext_lazy("opportunity", "Policies"),
}
AGES = {
    Age.FRESH: pgettext_lazy("opportunity", "fresh"),
    Age.SOON: pgettext_lazy("opportunity", "soon aged"),
    Age.AGED: pgettext_lazy("opportunity", "aged"),
    Age.EXPIRED: pgettext_lazy("opportunity", "no longer valid"),
}
WORDS = {
    Refusal.TITLE_MISSING: gettext_lazy("The Chinese title is missing."),
    Refusal.WHAT_MISSING: gettext_lazy("It is not said what the project is."),
    Refusal.PARTNER_MISSING: gettext_lazy("It is not said what partner is sought."),
    Refusal.ENGLISH_MISSING: gettext_lazy("The public reads English too: English title and English text of what it is are missing."),
    Refusal.SEGMENT_WITHOUT_CHAIN: gettext_lazy("A segment belongs to a chain."),
    Refusal.FIGURE_OPEN: gettext_lazy("Figures are open: give each with its source, or say that it is not provided."),
    Refusal.FIGURE_TWICE: gettext_lazy("A figure is given and called not provided: one of the two."),
    Refusal.FIGURE_WITHOUT_SOURCE: gettext_lazy("A figure has no source: write where it comes from."),
    Refusal.FIGURE_NEGATIVE: gettext_lazy("A figure is below zero."),
    Refusal.VALIDITY_OVER: gettext_lazy("Its validity is over: set a later day."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed: choose another."),
    Refusal.PERSON_NOT_OF_UNIT: gettext_lazy("The person does not work in this unit: choose somebody else."),
    Refusal.RETIRED: gettext_lazy("It is retired: take it up again first."),
    Refusal.NOT_RETIRED: gettext_lazy("It is not retired."),
    Refusal.NOT_RELEASED: gettext_lazy("It is not released: only what was reviewed is offered."),
    Refusal.IN_REVIEW: gettext_lazy("It is being reviewed: call the review off first."),
    Refusal.NOT_IN_REVIEW: gettext_lazy("No version waits for a review."),
    Refusal.NO_DRAFT: gettext_lazy("There is no draft: change something first."),
    Refusal.SAME_PERSON: gettext_lazy("Whoever wrote at it does not review it: let another person do so."),
    Refusal.CHANGED_MEANWHILE: gettext_lazy("Somebody else changed it meanwhile: open it again, so that nothing is overwritten."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.PROJECT_MISSING: gettext_lazy("It is not said as which project it landed."),
    Refusal.PROJECT_NOT_ASKED: gettext_lazy("A project is named where nothing landed: choose “landed as a project”, or leave it out."),
    Refusal.NOBODY_NAMED: gettext_lazy("It is not said to whom it was shown: a lead, a firm or an event."),
    Refusal.TWO_NAMED: gettext_lazy("One entry names one: a lead, a firm or an event."),
    Refusal.DAY_TO_COME: gettext_lazy("The day is in the future: enter it when it has happened."),
    Refusal.PUBLIC_ALREADY: gettext_lazy("It is released to the public already."),
    Refusal.NOT_PUBLIC: gettext_lazy("It is not released to the public."),
}


def refusal_words(refusals: Iterable[Refusal], figures: Sequence[str] = ()) -> list[str]:
    """Why something is refused, in words; of open figures which they are."""
    named = _("Open: %(figures)s") % {"figures": pgettext("between items", ", ").join(str(FIGURE_LABELS[name]) for name in figures)}
    return [f"{WORDS[refusal]} {named}" if refusal is Refusal.FIGURE_OPEN and figures else str(WORDS[refusal]) for refusal in refusals]


def ageing_days(on: dt.date) -> int:
    """After how many days without an update or a showing it is aged."""
    return int(rulebook.in_force().number(rules.AGEING_LEAF, on))


def reminded_days(on: dt.date) -> int:
    """How many days before that somebody is reminded."""
    return int(rulebook.in_force().number(rules.REMINDED_LEAF, on))


def due(on: dt.date, *, ahead_days: int = 0) -> Q:
    """Released ones that are aged or no longer valid so many days from a day on."""
    until = on + dt.timedelta(days=ahead_days)
    return Q(state=State.RELEASED) & (Q(touched_on__lte=until - dt.timedelta(days=ageing_days(on))) | Q(valid_until__lte=until))


# --- lists ------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A packaged project as a list shows it. What is not the reader's to know of its drafts and showings is none and 0."""

    one: Opportunity
    age: Age
    due_on: dt.date
    is_in_review: bool
    shown_count: int
    leads_count: int

    @property
    def age_word(self) -> str:
        """How old it is, in words; "" of what is not offered."""
        return str(AGES[self.age]) if self.one.state == State.RELEASED else ""

    @property
    def segment_name(self) -> str:
        """Chain and segment in words."""
        return place_of(self.one.chain, self.one.segment)


def place_of(chain: str, segment: str) -> str:
    """Chain and segment in words."""
    if not chain:
        return ""
    return " · ".join(filter(None, (rows.chain_name(chain), rows.segment_name(chain, segment) if segment else "")))


def matching(
    found: OpportunityQuerySet, user: Any, *, on: dt.date, text: str = "", which: str = "", state: str = "", kind: str = "", mode: str = "",
    chain: str = "", segment: str = "", unit: Unit | None = None, owner: User | None = None, total_from_yuan: Decimal | None = None,
    total_to_yuan: Decimal | None = None,
) -> OpportunityQuerySet:  # fmt: skip
    """Packaged projects by words, attention (`which`), state ("": not retired, "all"), kind, mode, chain, segment, unit, person, amount."""
    if text:
        found = found.filter(Q(title_zh__icontains=text) | Q(title_en__icontains=text) | Q(site_zh__icontains=text))
    if state != "all":
        found = found.filter(state=state) if state else found.exclude(state=State.RETIRED)
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    asked = {
        "kind": kind, "mode": mode, "chain": chain, "segment": segment, "owner": owner, "total_yuan__gte": total_from_yuan,
        "total_yuan__lte": total_to_yuan,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in asked.items() if value not in {None, ""}})
    conditions = {
        "mine": Q(owner=user), "aged": due(on), "soon": due(on, ahead_days=reminded_days(on)), "public": Q(release=Release.PUBLIC),
        "review": _with_review(), "never_shown": Q(state=State.RELEASED) & ~Q(Exists(_showings())), "gap": Q(origin=rules.Origin.GAP),
    }  # fmt: skip
    if which == "review":
        found = found.within_reach(user)
    return found.filter(conditions[which]) if which in conditions else found


def _showings() -> Any:
    return OpportunityPromotion.objects.filter(opportunity=OuterRef("pk"))


def _with_review() -> Q:
    return Q(Exists(OpportunityVersion.objects.filter(opportunity=OuterRef("pk"), state=VersionState.IN_REVIEW)))


def shown(keys: Sequence[int], user: Any, *, on: dt.date) -> list[Row]:
    """Packaged projects in the order of their keys: four questions however many."""
    there = Opportunity.objects.filter(pk__in=keys).select_related("unit", "owner", "project").in_bulk()
    reached = set(Opportunity.objects.within_reach(user).filter(pk__in=keys).order_by().values_list("pk", flat=True))
    waits = set(
        OpportunityVersion.objects.filter(opportunity__in=reached, state=VersionState.IN_REVIEW).values_list("opportunity", flat=True)
    )
    counted = {
        key: (n, leads)
        for key, n, leads in OpportunityPromotion.objects.filter(opportunity__in=reached)
        .order_by()
        .values_list("opportunity")
        .annotate(n=Count("pk"), leads=Count("pk", filter=Q(is_lead_made=True)))
    }
    days = {"ageing_days": ageing_days(on), "reminded_days": reminded_days(on)}
    return [_row(there[key], key in waits, counted.get(key, (0, 0)), on=on, **days) for key in keys if key in there]


def _row(one: Opportunity, waits: bool, counted: tuple[int, int], *, on: dt.date, ageing_days: int, reminded_days: int) -> Row:
    age = rules.age(one.touched_on, one.valid_until, on=on, ageing_days=ageing_days, reminded_days=reminded_days)
    return Row(one, age, rules.due_on(one.touched_on, one.valid_until, ageing_days=ageing_days), waits, *counted)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packaged projects of a kind: how many, of them released to the public, and the newest."""

    kind: str
    name: Any
    count: int
    rows: tuple[Row, ...]


def shelves(found: OpportunityQuerySet, user: Any, *, on: dt.date, size: int) -> tuple[Shelf, ...]:
    """By kind, the newest first; kinds of which there is none are left out."""
    counted = dict(found.order_by().values_list("kind").annotate(n=Count("pk")).values_list("kind", "n"))
    kinds = [code for code in KINDS if counted.get(code)]
    keys = {code: list(found.filter(kind=code).order_by("-touched_on", "-pk").values_list("pk", flat=True)[:size]) for code in kinds}
    drawn = {row.one.pk: row for row in shown([key for some in keys.values() for key in some], user, on=on)}
    return tuple(Shelf(code, KINDS[code], counted[code], tuple(drawn[key] for key in keys[code])) for code in kinds)


# --- one --------------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a version with its unit in the label; `number` is None where it is open or not provided."""

    name: str
    label: Any
    number: Decimal | None
    digits: int
    source: str
    is_not_provided: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Something said in words: its label, Chinese, English."""

    label: Any
    zh: str
    en: str

    @property
    def text(self) -> str:
        """In the reader's language, where there is one."""
        return self.zh if is_chinese() else self.en or self.zh


@dataclass(frozen=True, slots=True)
class WhyLine:
    """A computed fact of the gap."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version with all that it says."""

    version: OpportunityVersion
    texts: tuple[Said, ...]
    figures: tuple[Figure, ...]
    kind_facts: tuple[tuple[str, str], ...]
    why: tuple[WhyLine, ...]
    why_source: str
    place: str


@dataclass(frozen=True, slots=True)
class Showing:
    """An entry of the promotion record. `whom`: as the reader may know it; `address`: of the lead or firm, "" where there is none."""

    promotion: OpportunityPromotion
    whom: str
    lead: Lead | None
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a packaged project shows. `why_not`: why the draft may not go to review."""

    row: Row
    current: VersionPage
    draft: OpportunityVersion | None
    versions: tuple[OpportunityVersion, ...]
    showings: tuple[Showing, ...]
    verbs: tuple[str, ...]
    lacking: tuple[str, ...]
    landed: Project | None
    is_within_reach: bool


def figure_number(name: str, value: Decimal | None) -> Decimal | None:
    """A figure in the unit of its label."""
    if value is None:
        return None
    return value / WAN if "_yuan" in name else value * 100 if name.endswith("_share") else value


DIGITS = {"payback_years": 1, "return_share": 1, "land_mu": 1}


def page_of_version(version: OpportunityVersion) -> VersionPage:
    """A version with all that it says."""
    figures = tuple(
        Figure(
            name, FIGURE_LABELS[name], figure_number(name, version.value_of(name)), DIGITS.get(name, 0),
            str(version.figures[name][1]) if name in version.figures else "", name in version.not_provided,
        )
        for name in rules.FIGURES
    )  # fmt: skip
    texts = tuple(Said(TEXT_LABELS[name], getattr(version, f"{name}_zh"), getattr(version, f"{name}_en")) for name in rules.PAIRS[1:])
    facts = tuple(
        (fact.zh if is_chinese() else fact.en, _fact(str(version.kind_facts[fact.key]), is_number=fact.is_number))
        for fact in kind_facts()[version.kind]
        if version.kind_facts.get(fact.key)
    )
    place = place_of(version.chain, version.segment)
    return VersionPage(version, texts, figures, facts, why_lines(version.why), why_source(version.why), place)


def _fact(text: str, *, is_number: bool) -> str:
    """A fact of the kind as people read it: a figure with its thousands."""
    return f"{Decimal(text):,f}" if is_number and text.replace(".", "", 1).isdigit() else text


def why_lines(why: dict[str, Any]) -> tuple[WhyLine, ...]:
    """The computed facts of a gap in the reader's language."""
    if not why:
        return ()
    counted = (
        (_("Region"), why.get("region")), (_("Verdict"), why.get("verdict_zh" if is_chinese() else "verdict_en")),
        (_("Makers here (firms)"), why.get("local_makers")),
        (_("Makers within %(km)s km, outside the region (firms)") % {"km": why.get("radius_km")}, why.get("within_radius")),
        (_("Makers nation-wide (firms)"), why.get("national_makers")),
        (_("Neighbours upstream with makers here"), why.get("upstream_zh" if is_chinese() else "upstream_en")),
        (_("Neighbours downstream with makers here"), why.get("downstream_zh" if is_chinese() else "downstream_en")),
    )  # fmt: skip
    return tuple(WhyLine(str(label), str(value)) for label, value in counted if value not in {None, ""})


def why_source(why: dict[str, Any]) -> str:
    """Where the computed facts come from: build, day and rules."""
    if not why:
        return ""
    return _("Computed from the registry: build %(build)s, as of %(day)s, rules %(rules)s.") % {
        "build": why.get("build_id"), "day": why.get("as_of"), "rules": str(why.get("rulebook_hash", ""))[:12],
    }  # fmt: skip


def page(one: Opportunity, user: Any, *, on: dt.date) -> Page:
    """One packaged project as a person may see it."""
    versions = tuple(OpportunityVersion.objects.visible_to(user).filter(opportunity=one).select_related("by", "submitted_by", "decided_by"))
    reached = Opportunity.objects.within_reach(user).filter(pk=one.pk).exists()
    draft = next((version for version in versions if version.state in OPEN_STATES), None)
    current = next(version for version in versions if version.number == one.current_number)
    facts = one.facts()
    lacking = refusal_words(rules.refusals_of_content(draft.said(), on=on), rules.open_figures(draft.said())) if draft else []
    landed = Project.objects.visible_to(user).filter(pk=one.project_id).first() if one.project_id else None
    return Page(
        shown([one.pk], user, on=on)[0], page_of_version(current), draft, versions, showings(one, user), verbs(one, user, facts, draft, on),
        tuple(lacking), landed, reached,
    )  # fmt: skip


def may_work(one: Opportunity, user: Any) -> bool:
    """Whether a person writes at it."""
    is_owner = user.pk == one.owner_id and user.may(Permission.PROJECTS_EDIT)
    return bool(is_owner or user.may(Permission.PROJECTS_EDIT, one.unit.target()))


def verbs(one: Opportunity, user: Any, facts: rules.Facts, draft: OpportunityVersion | None, on: dt.date) -> tuple[str, ...]:
    """What may be done with it now, what brings it on first."""
    works, decides = may_work(one, user), user.may(Permission.PROJECTS_DECIDE, one.unit.target())
    is_second = decides and user.pk not in facts.wrote
    is_open, is_released = facts.state is not State.RETIRED, facts.state is State.RELEASED
    in_review = facts.open_state is VersionState.IN_REVIEW
    ready = draft is not None and not rules.refusals_to_submit(facts, draft.said(), on=on)
    offers = is_released and user.may(Permission.PROJECTS_EDIT)
    found = {
        "review": in_review and is_second, "submit": works and ready, "lead": offers and user.may(Permission.LEADS_EDIT), "show": offers,
        "change": works and is_open and not in_review, "take-back": works and in_review,
        "publish": decides and is_released and facts.release is Release.INTERNAL,
        "unpublish": decides and facts.release is Release.PUBLIC, "assign": works and is_open,
        "retire": works and is_open and not in_review, "revive": works and not is_open,
    }  # fmt: skip
    return tuple(code for code, may in found.items() if may)


def showings(one: Opportunity, user: Any) -> tuple[Showing, ...]:
    """The promotion record as far as a person may read it; a lead that he may not see has no name."""
    seen = OpportunityPromotion.objects.visible_to(user).filter(opportunity=one)
    found = list(seen.select_related("lead", "firm", "by").order_by("-shown_on", "-pk"))
    known = set(Lead.objects.visible_to(user).filter(pk__in=[row.lead_id for row in found if row.lead_id]).values_list("pk", flat=True))
    works = may_work(one, user)
    return tuple(
        Showing(
            row, row.to_whom if row.lead_id is None or row.lead_id in known else _("a lead of another unit"),
            row.lead if row.lead_id in known else None, works or row.by_id == user.pk,
        )
        for row in found
    )  # fmt: skip


def of_lead(user: Any, lead: Lead) -> list[OpportunityPromotion]:
    """The packaged projects shown to a lead, that of which it came first; those that the person may see."""
    seen = Opportunity.objects.visible_to(user).order_by().values("pk")
    found = OpportunityPromotion.objects.filter(lead=lead, opportunity__in=seen).select_related("opportunity")
    return list(found.order_by("-is_lead_made", "-shown_on", "-pk"))


def of_firm(user: Any, firm_id: str) -> list[OpportunityPromotion]:
    """The packaged projects shown to a firm, by whom the person may read the promotion record of."""
    found = OpportunityPromotion.objects.visible_to(user).filter(firm__firm_id=firm_id).select_related("opportunity", "by")
    return list(found.order_by("-shown_on", "-pk")[:50])


def of_segment(user: Any, chain: str, segment: str) -> list[Opportunity]:
    """The packaged projects of a segment that are not retired, those offered first."""
    found = Opportunity.objects.visible_to(user).filter(chain=chain, segment=segment).exclude(state=State.RETIRED)
    return list(found.select_related("unit").order_by("-state", "-touched_on", "-pk")[:20])


def of_project(user: Any, project: Project) -> list[Opportunity]:
    """What a project was packaged as before it landed."""
    return list(Opportunity.objects.visible_to(user).filter(project=project).select_related("unit"))


# --- versions side by side --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say, and whether they differ in it."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether they say something else."""
        return self.before != self.after


def differences(before: OpportunityVersion, after: OpportunityVersion) -> tuple[Difference, ...]:
    """All that two versions say, side by side; what they say otherwise first."""
    one, other = _as_lines(before), _as_lines(after)
    labels = dict.fromkeys((*one, *other))
    found = [Difference(label, one.get(label, ""), other.get(label, "")) for label in labels]
    return tuple(sorted(found, key=lambda row: not row.is_changed))


def _as_lines(version: OpportunityVersion) -> dict[str, str]:
    drawn, english = page_of_version(version), pgettext("language", "English")
    found = {str(TEXT_LABELS["title"]): version.title_zh, f"{TEXT_LABELS['title']} · {english}": version.title_en}
    found |= {str(_("Kind of project")): str(KINDS[version.kind]), str(_("Mode of investment")): str(MODES[version.mode])}
    found[str(_("Chain and segment"))] = drawn.place
    for said in drawn.texts:
        found[str(said.label)], found[f"{said.label} · {english}"] = said.zh, said.en
    for figure in drawn.figures:
        found[str(figure.label)] = figure_words(figure)
    found |= dict(drawn.kind_facts)
    found[str(_("Office telephone"))] = version.contact
    found[str(_("Valid until (not included)"))] = version.valid_until.isoformat() if version.valid_until else ""
    return found


def figure_words(figure: Figure) -> str:
    """A figure with its source, or that it is not provided, or that it is open."""
    if figure.is_not_provided:
        return pgettext("figure", "not provided")
    if figure.number is None:
        return pgettext("figure", "open")
    shown_number = f"{figure.number:,.{figure.digits}f}"
    return f"{shown_number} · {figure.source}" if figure.source else shown_number


def retirement_word(one: Opportunity) -> str:
    """Why it is retired, in words."""
    return str(RETIREMENTS[Retirement(one.retirement)]) if one.retirement else ""
