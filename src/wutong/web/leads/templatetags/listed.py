"""How rows of target lists are written: their segment, how they stand today, the words of an entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.leads.models import INTRODUCTION_STATES, ROW_STATES
from wutong.web.leads.queries import decisions, dossier, places, reasons, rows
from wutong.web.leads.rules import claims
from wutong.web.leads.rules.introductions import CAME_TO_SOMETHING, MET, State
from wutong.web.leads.rules.lists import Attention, ChangeKind, RowState

register = template.Library()

ATTENTION = {
    Attention.OVERDUE: (_("overdue"), "light light-red"),
    Attention.STALE: (_("stale"), "light light-amber"),
    Attention.DUE: (_("due this week"), "light"),
}


CLAIM_ATTENTION = {
    claims.Attention.OVER: (_("protection is over"), "light light-red"),
    claims.Attention.ENDS_SOON: (_("protection ends soon"), "light light-amber"),
    claims.Attention.STALE: (_("no progress for long"), "light light-amber"),
}
LIGHTS = {"red": _("late"), "amber": _("look after it"), "green": _("in order")}


@register.simple_tag
def lead_light(page: Any) -> str:
    """How a lead stands: a shape, a colour and a word."""
    return format_html('<span class="light light-{} nowrap">{}</span>', page.light, LIGHTS[page.light])


@register.simple_tag
def claim_attention(attention: claims.Attention) -> str:
    """How a claim stands today; nothing where all is well."""
    word, css = CLAIM_ATTENTION.get(attention, ("", ""))
    return format_html('<span class="{} nowrap">{}</span>', css, word) if word else ""


@register.simple_tag
def drawn_words() -> str:
    """Why a filing waits that met nothing which its reader may see."""
    return decisions.drawn_words()


@register.simple_tag
def ledger_words() -> str:
    """Why what a ledger brought waits."""
    return decisions.ledger_words()


@register.filter
def met_because(match: Any) -> str:
    """Why a filing met a lead, in words."""
    return reasons.in_a_line(match.reasons)


@register.filter
def points(points: int) -> str:
    """Basis points as per cent: 3,333 is 33.33, 10,000 is 100."""
    return f"{points / 100:.2f}".rstrip("0").rstrip(".")


@register.filter
def place_name(adcode: str) -> str:
    """The name of a division."""
    return places.name_of(adcode)


@register.filter
def told_words(filing: Any) -> str:
    """What a filer was told of other units."""
    return dossier.told_words(filing)


@register.filter
def source_words(lead: Any) -> str:
    """Who gave a lead, in one line."""
    return dossier.source_words(lead)


@register.filter
def segment_of(row: Any) -> str:
    """The segment for which a firm stands on a list, in the language of the page."""
    return rows.segment_name(row.chain, row.segment) if row.segment else ""


@register.filter
def chain_called(chain_id: str) -> str:
    """The name of a chain."""
    return rows.chain_name(chain_id)


@register.filter
def iso(day: dt.date) -> str:
    """A day as 2026-03-05."""
    return day.isoformat()


@register.filter
def source_of(target_list: Any) -> str:
    """Where a list comes from, in one line."""
    return rows.source_of(target_list)


@register.simple_tag
def attention(row: Any) -> str:
    """How a row stands today: a shape, a colour and a word; nothing where all is well."""
    word, css = ATTENTION.get(row.attention, ("", ""))
    if not word:
        return ""
    if row.attention == Attention.STALE:
        days = ngettext("%(n)s day", "%(n)s days", row.quiet_days) % {"n": row.quiet_days}
        word = f"{word} {days}"
    return format_html('<span class="{} nowrap">{}</span>', css, word)


@register.filter
def step(text: str) -> str:
    """A next step, those that the house proposes in the language of the page."""
    return rows.step_words(text)


@register.filter
def of_id(found: dict[str, Any], key: str) -> Any:
    """What is known under a key; nothing where it is not."""
    return found.get(key, ())


@register.filter
def choose_words(name: str) -> str:
    """What a box says that chooses a firm."""
    return gettext("Choose %(name)s") % {"name": name}


@register.filter
def state_word(code: str) -> str:
    """A state of a row in words."""
    return str(ROW_STATES[RowState(code)]) if code in set(RowState) else code


@register.filter
def is_of_states(change: Any) -> bool:
    """Whether before and after of a change are states of a row."""
    return change.kind in {ChangeKind.SETTLED, ChangeKind.REOPENED}


# --- introductions ----------------------------------------------------------------------------------------------------------------------
BADGES = {State.REFUSED: "bg-danger-lt", State.FAILED: "bg-danger-lt", State.GIVEN: "bg-success-lt"}


@register.simple_tag
def introduction_state(introduction: Any) -> str:
    """How far an introduction has come, as a badge."""
    state = State(introduction.state)
    css = "bg-success-lt" if state in CAME_TO_SOMETHING else BADGES.get(state, "bg-secondary-lt")
    return format_html('<span class="badge {}">{}</span>', css, INTRODUCTION_STATES[state])


OWN_STATES = {
    State.ASKED: pgettext_lazy("own answer", "waits for our answer"), State.AGREED: pgettext_lazy("own answer", "we agreed"),
    State.REFUSED: pgettext_lazy("own answer", "we refused"),
}  # fmt: skip


OWN_ANSWERS = {
    State.AGREED: pgettext_lazy("own answer", "we agreed"), State.REFUSED: pgettext_lazy("own answer", "we refused"),
    State.GIVEN: pgettext_lazy("own answer", "we brought both sides together"),
}  # fmt: skip


@register.simple_tag
def own_answer(step: Any) -> str:
    """What a firm answered, as its people read it."""
    return str(OWN_ANSWERS.get(State(step.kind)) or step.get_kind_display())


@register.simple_tag
def own_state(introduction: Any) -> str:
    """The same, as the firm that was asked reads it."""
    state = State(introduction.state)
    css = (
        "light light-amber" if state is State.ASKED else "badge bg-success-lt" if state in {State.AGREED, *MET} else "badge bg-secondary-lt"
    )
    return format_html('<span class="{} nowrap">{}</span>', css, OWN_STATES.get(state) or INTRODUCTION_STATES[state])


@register.simple_tag
def introduced(count: int, figures: Any, query: str) -> str:
    """A figure of an introducer, open to the introductions that it counts; of a person whom the reader may not see, the figure alone."""
    if not count or not figures.party.key:
        return str(count)
    address = f"{reverse('leads:introductions')}?{urlencode({'party': figures.party.key})}" + (f"&{query}" if query else "")
    return format_html('<a href="{}">{}</a>', address, count)


@register.filter
def warmth(share: float) -> str:
    """A share as 62 %; small ones with a digit."""
    return f"{share * 100:.0f} %" if share >= 0.1 or share == 0 else f"{share * 100:.1f} %"


@register.filter
def basis_points(points: int) -> str:
    """A share in 1/10,000 as per cent."""
    return f"{points / 100:g} %"
