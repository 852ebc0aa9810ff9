"""A packaged project as a paper (项目册页), in either language; several as one paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.lib import papers
from wutong.web.lib.access import is_chinese
from wutong.web.projects.models import KINDS, MODES, Opportunity, OpportunityVersion
from wutong.web.projects.queries import opportunities
from wutong.web.projects.rules.opportunities import State

MOST = 100
LANGUAGES = {"zh-hans": "中文", "en": "English"}


def current(one: Opportunity) -> OpportunityVersion:
    """The version that counts."""
    return OpportunityVersion.objects.get(opportunity=one, number=one.current_number)


def sheet(one: Opportunity, version: OpportunityVersion, language: str) -> papers.Paper:
    """One packaged project as a paper in a language; what nobody wrote in English stands in Chinese, and says so."""
    with translation.override(language):
        return papers.Paper(version.name, tuple(_parts(one, version)), _below(one, version), _foot(), is_chinese())


def collection(found: Sequence[tuple[Opportunity, OpportunityVersion]], title: str, language: str, *, on: dt.date) -> papers.Paper:
    """Several as one paper: a list of them, then each on a page of its own."""
    with translation.override(language):
        head = (
            _("No."),
            pgettext("opportunity", "Title"),
            _("Kind of project"),
            _("Total investment (10,000 yuan)"),
            pgettext("opportunity", "Contact"),
        )
        rows = [
            (
                str(number), version.name, str(KINDS[version.kind]), _figure(opportunities.page_of_version(version).figures[0]),
                f"{one.unit.name} {version.contact}".strip(),
            )
            for number, (one, version) in enumerate(found, start=1)
        ]  # fmt: skip
        blocks: list[papers.Block] = [papers.table(head, rows, (3,))]
        for number, (one, version) in enumerate(found, start=1):
            blocks += [papers.PAGE_BREAK, papers.heading(f"{number}. {version.name}"), papers.small(_below(one, version))]
            blocks += _parts(one, version)
        below = _("%(n)s packaged projects · %(day)s") % {"n": len(found), "day": on.isoformat()}
        return papers.Paper(title, tuple(blocks), below, _foot(), is_chinese())


def _foot() -> str:
    return _("This system is not for state secrets.")


def _below(one: Opportunity, version: OpportunityVersion) -> str:
    day = version.decided_at.date().isoformat() if version.decided_at else _("draft, not released")
    return pgettext("opportunity", "Version %(number)s · %(day)s · %(unit)s") % {
        "number": version.number,
        "day": day,
        "unit": one.unit.name,
    }


def _parts(one: Opportunity, version: OpportunityVersion) -> list[papers.Block]:
    drawn = opportunities.page_of_version(version)
    said = {text.label: text for text in drawn.texts}
    labels = opportunities.TEXT_LABELS
    facts = [(_("Kind of project"), str(KINDS[version.kind])), (_("Mode of investment"), str(MODES[version.mode]))]
    facts += [(_("Chain and segment"), drawn.place)] if drawn.place else []
    facts += [(str(labels["site"]), said[labels["site"]].text)] if version.site_zh else []
    facts += list(drawn.kind_facts)
    blocks = [papers.facts(facts), *_text(labels["what"], said[labels["what"]])]
    if drawn.why:
        blocks += [papers.heading(_("Why here")), papers.facts([(line.label, line.value) for line in drawn.why])]
        blocks.append(papers.small(drawn.why_source))
    blocks += _text(labels["market"], said[labels["market"]])
    head = (_("Figure"), pgettext("figure", "Value"), pgettext("figure", "Source"))
    rows = [(str(figure.label), _figure(figure), figure.source) for figure in drawn.figures]
    blocks += [papers.heading(_("Investment and returns")), papers.table(head, rows, (1,))]
    blocks += [*_text(labels["partner"], said[labels["partner"]]), *_text(labels["policies"], said[labels["policies"]])]
    contact = [(_("Unit"), one.unit.name), (_("Contact person"), str(one.owner))]
    contact += [(_("Office telephone"), version.contact)] if version.contact else []
    contact += [(_("Valid until (not included)"), version.valid_until.isoformat())] if version.valid_until else []
    return [*blocks, papers.heading(pgettext("opportunity", "Contact")), papers.facts(contact)]


def _text(label: Any, said: opportunities.Said) -> list[papers.Block]:
    if not said.zh and not said.en:
        return []
    blocks = [papers.heading(str(label)), papers.text(said.text)]
    return blocks if is_chinese() or said.en else [*blocks, papers.small(_("Written in Chinese only."))]


def _figure(figure: opportunities.Figure) -> str:
    if figure.is_not_provided or figure.number is None:
        return pgettext("figure", "not provided") if figure.is_not_provided else "—"
    return f"{figure.number:,.{figure.digits}f}"


def chosen(user: Any, keys: Sequence[str]) -> list[tuple[Opportunity, OpportunityVersion]]:
    """Those of the keys that are released and that the person may see, in the order of the keys."""
    wanted = list(dict.fromkeys(keys))[:MOST]
    found = {
        str(one.public_id): one
        for one in Opportunity.objects.visible_to(user).filter(public_id__in=wanted, state=State.RELEASED).select_related("unit", "owner")
    }
    versions = {
        (version.opportunity_id, version.number): version
        for version in OpportunityVersion.objects.filter(opportunity__in=[one.pk for one in found.values()])
    }
    return [(one, versions[one.pk, one.current_number]) for one in (found[key] for key in wanted if key in found)]
