"""How far an offer goes with all that was granted of its project already: whose authority it takes, in figures and in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from wutong.web.lib.money import money_exact
from wutong.web.projects.models import Offer, Project
from wutong.web.projects.queries import agreements
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules.agreements import Authority, OfferState


@dataclass(frozen=True, slots=True)
class Weighed:
    """Whose authority an offer takes. Units: yuan; `granted_yuan`: granted of the project before it, by whomever."""

    granted_yuan: Decimal
    needed: Authority


def weighed(*, project: Project, amount_yuan: Decimal | None, clause: str, on: dt.date) -> Weighed:
    """Weigh an offer with what was granted of its project: one question. The limits are those of the day."""
    granted = Offer.objects.filter(project=project, state=OfferState.GRANTED)
    there = granted.aggregate(sum=Sum("amount_yuan", default=Decimal(0)))["sum"]
    return Weighed(there, rules.needed(amount_yuan, clause, agreements.limits(on), there))


def before_answering(offer: Offer, held: Authority | None, on: dt.date) -> tuple[str, ...]:
    """What whoever answers an offer should know: what was granted of the project, and where his "yes" goes if it goes on."""
    now = weighed(project=offer.project, amount_yuan=offer.amount_yuan, clause=offer.clause, on=on)
    found = [_("Granted of this project already: %(sum)s.") % {"sum": money_exact(now.granted_yuan)}]
    if offer.amount_yuan is not None:
        found += [_("Together with this offer: %(sum)s.") % {"sum": money_exact(now.granted_yuan + offer.amount_yuan)}]
    if held is not None and offer.level != Authority.MEETING and not rules.is_within(held, now.needed):
        after = agreements.authority_words(rules.next_up(held))
        found += [_("That is above your authority: whoever grants it passes it on; asked next: %(who)s.") % {"who": after}]
    return tuple(found)
