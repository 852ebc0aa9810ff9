"""What belongs to a person's past and has entries of its own: postings, proposals, stand-ins, the roster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from wutong.web.accounts.models import Posting, PromotionOfficer, ProposedPosting, StandIn, Training, User


def beside_a_person(user: Any, person: User) -> Iterator[tuple[str, list[str]]]:
    """The records whose entries tell of a person too, by label and key, as far as `user` may see them."""
    found = (
        Posting.objects.visible_to(user).filter(user=person),
        ProposedPosting.objects.visible_to(user).filter(user=person),
        StandIn.objects.visible_to(user).filter(Q(user=person) | Q(posting__user=person)),
        PromotionOfficer.objects.visible_to(user).filter(user=person),
        Training.objects.visible_to(user).filter(officer__user=person),
    )
    for rows in found:
        if keys := [str(key) for key in rows.order_by().values_list("public_id", flat=True)]:
            yield rows.model._meta.label, keys
